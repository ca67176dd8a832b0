"""S11 建筑装修装饰工程专业承包: every figure of its sheet decides, to the last unit."""

from __future__ import annotations

from figure_tests import test_the_figure_decides

CODE = "S11"
__all__ = ["test_the_figure_decides"]
