"""S36 特种工程专业承包: every figure of its sheet decides, to the last unit."""

from __future__ import annotations

from figure_tests import test_the_figure_decides

CODE = "S36"
__all__ = ["test_the_figure_decides"]
