"""G11 通信工程施工总承包: every figure of its sheet decides, to the last unit."""

from __future__ import annotations

from figure_tests import test_the_figure_decides

CODE = "G11"
__all__ = ["test_the_figure_decides"]
