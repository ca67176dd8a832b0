"""The works that planned upgrades, renewals and technical leaders rest on.

What belongs here: each set of works by name, with measures exactly at, just below or
beyond a figure of the standard. What does not: the many ordinary works (`works`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from assets import calendar
from assets.sample.scenarios import Scenario

Measures = dict[tuple[str, str], float | str]
"""(kind of works, metric) to a number in the metric's unit or a label."""

_CIVIL, _RC, _STEEL, _TALL = (
    "民用建筑工程",
    "钢筋混凝土结构建筑工程",
    "钢结构建筑工程",
    "构筑物工程",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One planned contract with one unit project.

    Attributes:
        amount_wan: price of the contract in 万元.
        accepted_on: None = not accepted.
        contractor: own or donor (the technical leader's earlier employer).
        leads: the technical leader led it.
        plan: a fault planned for the acceptance row.
    """

    works_type: str
    amount_wan: float
    signed_on: date
    accepted_on: date | None
    measures: Measures = field(default_factory=dict)
    contract_type: str = "施工总承包"
    is_consortium: bool = False
    contractor: str = "own"
    leads: bool = False
    plan: str = ""


def planned_works(scenario: Scenario, filed_on: date) -> list[Work]:
    """All planned works of a case: the set it names and those of its technical leader."""
    works = list(_SETS[scenario.works](filed_on)) if scenario.works else []
    if scenario.spoilt == "acceptance":
        works[-1] = replace(works[-1], plan="before_start")
    lowest_specialty = scenario.item in (("S11", "二级"), ("S04", "二级"))
    if lowest_specialty and scenario.kind in ("first", "addition"):
        works += _leader_works(scenario, filed_on)
    return works


def _leader_works(scenario: Scenario, filed_on: date) -> list[Work]:
    """Works the technical leader led at an earlier employer (no window applies, E11)."""
    kind, amount = (
        ("建筑装修装饰工程", 260.0) if scenario.item[0] == "S11" else ("建筑智能化工程", 1000.0)
    )
    return [
        replace(_specialty(kind, amount, filed_on, 8.0 - turn), contractor="donor", leads=True)
        for turn in range(scenario.lead_projects)
    ]


def _span(filed_on: date, years: float) -> tuple[date, date]:
    signed = filed_on - timedelta(days=round(years * 365.25))
    return signed, signed + timedelta(days=400)


def _specialty(
    kind: str, amount: float, filed_on: date, years: float, *, is_consortium: bool = False
) -> Work:
    signed, accepted = _span(filed_on, years)
    return Work(
        works_type=kind,
        amount_wan=amount,
        signed_on=signed,
        accepted_on=accepted,
        contract_type="专业承包",
        is_consortium=is_consortium,
    )


def _building(
    filed_on: date,
    years: float,
    *,
    storeys: int = 6,
    height: float = 0.0,
    area: float = 5_600.0,
    span: float = 9.0,
    steel: bool = False,
) -> Work:
    """A civil building with every measure the scope of a level names."""
    signed, accepted = _span(filed_on, years)
    measures: Measures = {
        (_CIVIL, "地上层数"): storeys,
        (_CIVIL, "建筑高度"): height or storeys * 3.1,
        (_CIVIL, "单体建筑面积"): area,
        (_CIVIL, "建筑面积"): area,
        (_STEEL if steel else _RC, "单跨跨度"): span,
    }
    return Work(
        works_type=_CIVIL,
        amount_wan=round(area * 0.26),
        signed_on=signed,
        accepted_on=accepted,
        measures=measures,
    )


def _structure(filed_on: date, years: float, height: float) -> Work:
    signed, accepted = _span(filed_on, years)
    measures: Measures = {
        (_TALL, "建筑高度"): height,
        (_TALL, "单体建筑面积"): 600.0,
        (_TALL, "建筑面积"): 600.0,
        (_RC, "单跨跨度"): 6.0,
    }
    return Work(
        works_type=_TALL,
        amount_wan=700.0,
        signed_on=signed,
        accepted_on=accepted,
        measures=measures,
    )


def _municipal(
    filed_on: date, years: float, kind: str, amount: float = 1_500.0, **metrics: float | str
) -> Work:
    signed, accepted = _span(filed_on, years)
    return Work(
        works_type=kind,
        amount_wan=amount,
        signed_on=signed,
        accepted_on=accepted,
        measures={(kind, metric): value for metric, value in metrics.items()},
    )


# -- G01 三级 to 二级: two of four classes within five years -----------------------------


def _g01_two_classes(day: date) -> list[Work]:
    """The first fits classes 1 and 4, the second class 1: an assignment exists (W16)."""
    return [
        _building(day, 4.0, storeys=13, height=41.0, area=9_000.0, span=22.0),
        _building(day, 2.6, storeys=12),
    ]


def _g01_one_unit(day: date) -> list[Work]:
    return [_building(day, 4.0, storeys=13, height=41.0, area=9_000.0, span=22.0)]


def _g01_same_class(day: date) -> list[Work]:
    return [_building(day, 4.0, storeys=13, height=41.0), _building(day, 2.6, storeys=12)]


def _g01_beyond_scope(day: date) -> list[Work]:
    """51 m is beyond what 三级 may build (50 m), so it does not count (W18)."""
    return [
        _building(day, 4.0, storeys=13, height=41.0),
        _building(day, 2.6, storeys=12, height=51.0, span=22.0),
    ]


def _g01_structures(day: date) -> list[Work]:
    return [_structure(day, 4.0, 50.0), _building(day, 2.6, span=21.0)]


def _g01_pairs(day: date) -> list[Work]:
    """Class 1 by two of 8 to 11 storeys, class 4 by two spans just below a single one."""
    return [
        _building(day, 4.2, storeys=8),
        _building(day, 3.6, storeys=11),
        _building(day, 3.0, span=18.0),
        _building(day, 2.4, span=21.0, steel=True),
    ]


def _on(work: Work, accepted_on: date | None) -> Work:
    signed = work.signed_on if accepted_on is None else accepted_on - timedelta(days=400)
    return replace(work, signed_on=signed, accepted_on=accepted_on)


def _g01_first_day(day: date) -> list[Work]:
    first, second = _g01_two_classes(day)
    return [_on(first, calendar.performance_window_start(day, 5)), second]


def _g01_day_before(day: date) -> list[Work]:
    first, second = _g01_two_classes(day)
    return [_on(first, calendar.performance_window_start(day, 5) - timedelta(days=1)), second]


def _g01_unaccepted(day: date) -> list[Work]:
    first, second = _g01_two_classes(day)
    return [first, _on(second, None)]


# -- G10 三级 to 二级: four of seven classes, roads among them, within ten years ----------


def _roads(day: date, last_metres: float) -> list[Work]:
    return [
        _municipal(day, 9.0, "城市道路", 长度=4_000.0, 面积=96_000.0, 道路等级="次干道"),
        _municipal(day, 8.4, "城市道路", 长度=3_500.0, 面积=84_000.0, 道路等级="主干道"),
        _municipal(day, 7.8, "城市道路", 长度=last_metres, 面积=60_000.0, 道路等级="支路"),
    ]


def _bridges(day: date) -> list[Work]:
    return [
        _municipal(day, 7.2, "城市桥梁", 面积=1_800.0, 单跨跨度=20.0),
        _municipal(day, 6.6, "城市桥梁", 面积=2_100.0, 单跨跨度=25.0),
    ]


def _pipes(day: date) -> list[Work]:
    return [
        _municipal(day, 6.0, "排水管道", 长度=6_000.0, 直径=1.2),
        _municipal(day, 5.4, "排水管道", 长度=4_000.0, 直径=0.8),
    ]


def _mixed(day: date) -> list[Work]:
    return [
        _municipal(day, 4.8, "市政综合工程", 2_000.0),
        _municipal(day, 4.2, "市政综合工程", 2_500.0),
    ]


def _g10_exact(day: date) -> list[Work]:
    return [*_roads(day, 2_500.0), *_bridges(day), *_pipes(day), *_mixed(day)]


def _g10_one_metre_short(day: date) -> list[Work]:
    return [*_roads(day, 2_499.0), *_bridges(day), *_pipes(day), *_mixed(day)]


def _g10_three_classes(day: date) -> list[Work]:
    return [*_roads(day, 2_500.0), *_bridges(day), *_pipes(day)]


def _g10_no_roads(day: date) -> list[Work]:
    waste = [
        _municipal(day, years, "城市生活垃圾处理工程", 2_400.0, 处理能力=200.0)
        for years in (3.6, 3.0)
    ]
    return [*_bridges(day), *_pipes(day), *_mixed(day), *waste]


# -- specialties ------------------------------------------------------------------------


def _decoration(*amounts: float) -> Callable[[date], list[Work]]:
    return lambda day: [
        _specialty("建筑装修装饰工程", amount, day, 4.0 - 1.3 * n)
        for n, amount in enumerate(amounts)
    ]


def _intelligent(*amounts: float, consortium_last: bool = False) -> Callable[[date], list[Work]]:
    last = len(amounts) - 1
    return lambda day: [
        _specialty(
            "建筑智能化工程",
            amount,
            day,
            4.2 - 1.2 * n,
            is_consortium=consortium_last and n == last,
        )
        for n, amount in enumerate(amounts)
    ]


def _own_lead_works(day: date) -> list[Work]:
    return [
        replace(_specialty("建筑装修装饰工程", 260.0, day, years), leads=True)
        for years in (4.0, 2.7)
    ]


_SETS: dict[str, Callable[[date], list[Work]]] = {
    "g01_two_classes": _g01_two_classes,
    "g01_one_unit": _g01_one_unit,
    "g01_same_class": _g01_same_class,
    "g01_beyond_scope": _g01_beyond_scope,
    "g01_structures": _g01_structures,
    "g01_pairs": _g01_pairs,
    "g01_first_day": _g01_first_day,
    "g01_day_before": _g01_day_before,
    "g01_unaccepted": _g01_unaccepted,
    "g10_exact": _g10_exact,
    "g10_one_metre_short": _g10_one_metre_short,
    "g10_three_classes": _g10_three_classes,
    "g10_no_roads": _g10_no_roads,
    "s11_exact": _decoration(1_500.0, 1_500.0),
    "s11_above": _decoration(1_800.0, 2_000.0, 1_650.0),
    "s11_short": _decoration(1_500.0, 1_499.99),
    "s11_beyond_scope": _decoration(1_500.0, 2_001.0),
    "s04_exact": _intelligent(1_000.0, 1_200.0, 1_500.0),
    "s04_consortium": _intelligent(1_000.0, 1_200.0, 1_500.0, consortium_last=True),
    "own_lead_works": _own_lead_works,
}
