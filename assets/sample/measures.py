"""What ordinary works of the sample are, how large, and at what price.

What belongs here: kinds, measures and prices by category and by the level held on the day of
signing. What does not: who signed what and when (`works`), planned works (`planned_works`).

All arguments are arrays of one value per contract; what is found is written into `columns` (one
column `<kind of works>|<metric>` each, NaN for other works), `works_type` and `amount` (万元).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

_CIVIL, _FACTORY = "民用建筑工程", "工业建筑工程"
_STOREYS = {"三级": 15, "二级": 30, "一级": 60, "特级": 80}
_AREAS = {"三级": 12_000, "二级": 40_000, "一级": 120_000, "特级": 200_000}
_SPANS = {"三级": 27, "二级": 39, "一级": 60, "特级": 90}
MUNICIPAL = (
    "城市道路",
    "城市桥梁",
    "排水管道",
    "供水、中水管道",
    "给水泵站",
    "城市生活垃圾处理工程",
    "市政综合工程",
)
ELECTRONIC = ("建筑智能化工程", "电子系统工程", "电子工业环境工程", "电子工业制造设备安装工程")
_LIMITS_WAN = {"S11": {"二级": 2_000, "一级": 6_000}, "S04": {"二级": 1_500, "一级": 5_000}}


def least_days(columns: dict[str, Any]) -> Any:
    """Days below which no building is finished (cross-check J-06); 0 for other works."""
    least = [
        columns[f"{kind}|{metric}"] * days
        for kind in (_CIVIL, _FACTORY)
        for metric, days in (("建筑面积", 30 / 5_000), ("地上层数", 5))
    ]
    return np.nan_to_num(np.fmax.reduce(least))


def _by_level(table: dict[str, int], levels: Any) -> Any:
    return np.array([table.get(level, 15) if level else 15 for level in levels], np.float64)


def buildings(
    columns: dict[str, Any],
    works_type: Any,
    amount: Any,
    mine: Any,
    levels: Any,
    size: Any,
    kind: Any,
    small: Any,
    is_over: Any,
) -> None:
    """G01: every measure that a scope limit names; small ones below any figure of performance."""
    most = np.where(small, 7, _by_level(_STOREYS, levels))
    storeys = np.floor(np.where(small, 3 + size * 5, 3 + size * (most - 3)))
    height = np.where(
        is_over & mine,
        _by_level({"三级": 52, "二级": 104, "一级": 206, "特级": 300}, levels),
        np.round(storeys * 3.2, 1),
    )
    storeys = np.where(is_over & mine, np.floor(height / 3.3), storeys)
    area = np.where(
        small,
        1_200 + np.floor(size * 4_300),
        1_500 + np.floor(size * (_by_level(_AREAS, levels) - 1_500)),
    )
    span = np.round(np.where(small, 8 + size * 7, 8 + size * (_by_level(_SPANS, levels) - 8)), 1)
    factory = mine & (kind > 0.8)
    named = np.where(factory, _FACTORY, _CIVIL)
    works_type[mine] = named[mine]
    amount[mine] = np.round(area * (0.22 + 0.08 * kind))[mine]
    for metric, values in (
        ("地上层数", storeys),
        ("建筑高度", height),
        ("单体建筑面积", area),
        ("建筑面积", area),
    ):
        columns[f"{_CIVIL}|{metric}"] = np.where(mine & ~factory, values, np.nan)
        columns[f"{_FACTORY}|{metric}"] = np.where(factory, values, np.nan)
    columns["钢筋混凝土结构建筑工程|单跨跨度"] = np.where(mine & ~factory, span, np.nan)
    columns["钢结构建筑工程|单跨跨度"] = np.where(factory, span, np.nan)


def municipal(
    columns: dict[str, Any],
    works_type: Any,
    amount: Any,
    mine: Any,
    size: Any,
    kind: Any,
    small: Any,
) -> None:
    """G10: kinds within 三级; small ones are pumping stations below any figure."""
    named = np.array(MUNICIPAL, dtype=object)[
        np.minimum((kind * len(MUNICIPAL)).astype(np.int64), len(MUNICIPAL) - 1)
    ]
    named = np.where(small, "给水泵站", named)
    works_type[mine] = named[mine]
    amount[mine] = np.round(200 + size * 1_700)[mine]

    def measure(works: str, metric: str, values: Any) -> None:
        columns[f"{works}|{metric}"] = np.where(
            mine & (named == works), np.round(values, 2), np.nan
        )

    measure("城市道路", "长度", 300 + np.floor(size * 4_000))
    measure("城市道路", "面积", 6_000 + np.floor(size * 90_000))
    measure("城市桥梁", "单跨跨度", 8 + size * 17)
    measure("城市桥梁", "面积", 300 + np.floor(size * 3_000))
    measure("排水管道", "长度", 200 + np.floor(size * 5_000))
    measure("排水管道", "直径", 0.4 + size)
    measure("供水、中水管道", "长度", 200 + np.floor(size * 5_000))
    measure("供水、中水管道", "直径", 0.2 + 0.8 * size)
    measure(
        "给水泵站",
        "处理能力",
        np.where(small, 5_000 + np.floor(size * 20_000), 5_000 + np.floor(size * 90_000)),
    )
    measure("城市生活垃圾处理工程", "处理能力", 50 + np.floor(size * 350))
    roads = np.array(["支路", "次干道", "主干道"], dtype=object)[
        np.minimum((size * 3).astype(np.int64), 2)
    ]
    columns["城市道路|道路等级"] = pl.Series(
        [r if m else None for r, m in zip(roads, mine & (named == "城市道路"), strict=True)],
        dtype=pl.String,
    )


def specialties(
    works_type: Any,
    amount: Any,
    categories: Any,
    levels: Any,
    size: Any,
    kind: Any,
    small: Any,
    is_over: Any,
) -> None:
    """S11 and S04: kinds, and prices within the limit of the level but for those over it."""
    kinds = np.array(ELECTRONIC, dtype=object)[np.minimum((kind * 6).astype(np.int64), 3)]
    for category, limits in _LIMITS_WAN.items():
        mine = categories == category
        works_type[mine] = kinds[mine] if category == "S04" else "建筑装修装饰工程"
        most = _by_level(limits, levels)
        price = np.where(small, 90 + size * 700, 90 + size * (most - 90))
        price = np.where(is_over, most * 1.04, price)
        amount[mine] = np.round(price, 2)[mine]
