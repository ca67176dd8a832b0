"""Single changes written by hand for four categories, beside the cases made from the fact sheets.

Belongs here: limits of scope and days a text takes effect as numbers a reader can look up, and
changes no figure tells of (a person counted in two posts, a machine sold, a leader insured
elsewhere). Does not: the figures themselves, of all categories (`figures`).

The cases are decided together, once. Levels whose matter is not the province's are decided as the
authority that has them: who is competent is not the question here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from judge import MET, NOT_MET, Verdict, judge
from portfolio import CHOSEN_CLASSES, CHOSEN_LINES, Portfolio
from sheets import AMOUNT, CODES, Line, figures, levels, line, lowest_level, next_lower

TEXT_OF_2014 = date(2016, 10, 31)
DAY = date(2017, 3, 1)
LATER = date(2018, 3, 1)
"""Contracts of two years back are signed under 226号 then (2016-12-01)."""
STEP = Decimal("0.0001")
"""The finest difference a measure can have."""

Spoil = Callable[[Portfolio], object]


@dataclass(frozen=True)
class Case:
    """One enterprise, and what the law says of it."""

    name: str
    make: Callable[[int], Portfolio]
    outcome: str | None
    """None: more than one part changes; only the results are looked at."""
    results: dict[str, tuple[str, ...]]


def authority_of(code: str, level: str) -> str:
    """Who decides (Table A)."""
    return (
        {"一级": "ministry", "三级": "city"}.get(level, "province")
        if code[0] == "G"
        else "province"
    )


def meeting(
    code: str, level: str, filed_on: date, nth: int, served: list[Line] | None = None
) -> Portfolio:
    kind = "first" if level == lowest_level(code) else "upgrade"
    return Portfolio.meeting(
        code,
        level,
        kind=kind,
        filed_on=filed_on,
        nth=nth,
        served=served,
        authority=authority_of(code, level),
    )


def case(
    name: str,
    code: str,
    level: str,
    filed_on: date,
    spoil: Spoil,
    outcome: str | None,
    served: list[Line] | None = None,
    measured: bool = False,
    **results: str | tuple[str, ...],
) -> Case:
    """A portfolio exactly at the figures, changed by `spoil`; dots of criterion ids are written `__`.

    `measured`: every project also shows the measures it is too small in, so that a shortfall is
    certain and not merely unknown.
    """

    def make(nth: int) -> Portfolio:
        portfolio = meeting(code, level, filed_on, nth, served)
        if measured:
            measure_fully(portfolio)
        spoil(portfolio)
        return portfolio

    expected = {k.replace("__", "."): (v,) if isinstance(v, str) else v for k, v in results.items()}
    return Case(f"{code} {level} {filed_on} {name}", make, outcome, expected)


TOO_SMALL = {
    "民用建筑工程": {"地上层数": 3, "建筑面积": 5000, "单体建筑面积": 5000},
    "城市道路": {"长度": 100, "面积": 1000},
    "城市桥梁": {"面积": 100},
}


def measure_fully(p: Portfolio) -> None:
    """Add the measures of TOO_SMALL that the enterprise's projects do not show yet."""
    for unit in p.of("base_project__unit", usc_code=p.usc_code):
        for metric, value in TOO_SMALL.get(unit["works_type"], {}).items():
            if not p.of("base_project__measure", unit_code=unit["unit_code"], metric=metric):
                p.add(
                    "base_project__measure",
                    unit_code=unit["unit_code"],
                    usc_code=p.usc_code,
                    works_type=unit["works_type"],
                    metric=metric,
                    value=Decimal(value),
                    label=None,
                )


def nothing(_: Portfolio) -> None:
    """Leave the portfolio as it is."""


# -- people and machines that no figure tells of ---------------------------------------


def people() -> Iterator[Case]:
    for code in CODES:
        for level in levels(code):
            yield case(
                "leader insured elsewhere",
                code,
                level,
                DAY,
                lambda p: p.insured_by("lead", p.company(1)),
                "refused",
                technical_lead=NOT_MET,
            )
            day = DAY if level == lowest_level(code) else TEXT_OF_2014
            role = figures(code, level, day)["site_managers"]["roles"][1]
            yield case(
                "two posts of one person cover two roles",
                code,
                level,
                day,
                lambda p, r=role: (  # type: ignore[misc]
                    p.change("base_personnel__post_certificate", {"role": r}, role="标准员"),
                    p.certify_post(p.people_in("site_manager")[-1], r),
                ),
                "granted",
                site_managers=MET,
            )


def machines() -> Iterator[Case]:
    code, level, table = "G10", "一级", "base_enterprise__equipment"
    yield case(
        "a machine sold",
        code,
        level,
        DAY,
        lambda p: p.rows[table][0].update(disposed_on=date(2017, 2, 1)),
        "refused",
        equipment=NOT_MET,
    )
    yield case(
        "the third item instead of the first",
        code,
        level,
        DAY,
        lambda p: [
            r.update(equipment_kind="顶管设备", metric="直径", value=Decimal("1.2"))
            for r in p.rows[table][:2]
        ],
        "granted",
        equipment=MET,
        equipment__1=NOT_MET,
        equipment__3=MET,
    )


# -- limits of scope ------------------------------------------------------------------


def _chosen(code: str, level: str, day: date, n: int) -> Line:
    return line(code, level, day, n, CHOSEN_LINES.get((code, n), 0))


def _filled(code: str, level: str, day: date, which: Line) -> list[Line]:
    need = figures(code, level, day)["performance"]["need"]
    others = [_chosen(code, level, day, n) for n in CHOSEN_CLASSES[code] if n != which.n]
    return [which, *others[: need - 1]]


SCOPE_EDGES = [
    # code, level applied for, day of filing, class, kind, metric, limit of the level held
    ("G01", "二级", DAY, 1, "民用建筑工程", "建筑高度", 50),
    ("G01", "二级", DAY, 1, "民用建筑工程", "单体建筑面积", 12_000),
    ("G01", "二级", LATER, 1, "民用建筑工程", "建筑面积", 80_000),
    ("G01", "二级", DAY, 4, "钢筋混凝土结构建筑工程", "单跨跨度", 27),
    ("G01", "一级", DAY, 1, "民用建筑工程", "建筑高度", 100),
    ("G01", "一级", DAY, 1, "民用建筑工程", "单体建筑面积", 40_000),
    ("G01", "一级", LATER, 1, "民用建筑工程", "建筑面积", 150_000),
    ("G01", "一级", DAY, 4, "钢筋混凝土结构建筑工程", "单跨跨度", 39),
    ("G10", "二级", DAY, 2, "城市桥梁", "单跨跨度", 25),
    ("G10", "二级", DAY, 4, "污水处理厂工程", "处理能力", 60_000),
    ("G10", "二级", DAY, 7, "市政综合工程", AMOUNT, 2500),
    ("G10", "一级", DAY, 2, "城市桥梁", "单跨跨度", 45),
    ("G10", "一级", DAY, 4, "污水处理厂工程", "处理能力", 100_000),
    ("G10", "一级", DAY, 7, "市政综合工程", AMOUNT, 4000),
    ("S04", "一级", DAY, 3, "建筑智能化工程", AMOUNT, 1500),
    ("S11", "一级", DAY, 1, "建筑装修装饰工程", AMOUNT, 2000),
]


def scope() -> Iterator[Case]:
    for code, level, day, n, kind, metric, limit in SCOPE_EDGES:
        which = _chosen(code, level, day, n)
        served = _filled(code, level, day, which)
        step = Decimal("0.000001") if metric == AMOUNT else STEP
        held = next_lower(code, level)
        for value, outcome, result in (
            (Decimal(limit), "granted", MET),
            (Decimal(limit) + step, "refused", NOT_MET),
        ):
            yield case(
                f"{metric} {value} while {held} was held",
                code,
                level,
                day,
                lambda p, k=kind, m=metric, v=value: p.set_figure("project.1", k, m, v),
                outcome,
                served,
                measured=True,
                performance=result,
            )  # type: ignore[misc]
    for signed, outcome in ((date(2016, 10, 31), "refused"), (date(2016, 11, 1), "granted")):

        def on_the_day(p: Portfolio, signed: date = signed) -> None:
            contract, unit = p.contract_no("project.1"), p.unit_code("project.1")
            p.change("base_project__contract", {"contract_no": contract}, signed_on=signed)
            p.rows["base_project__measure"] = [
                r
                for r in p.of("base_project__measure")
                if (r["unit_code"], r["metric"]) not in ((unit, "建筑面积"), (unit, "单体建筑面积"))
            ]
            for metric in ("建筑面积", "单体建筑面积"):
                p.add(
                    "base_project__measure",
                    unit_code=unit,
                    usc_code=p.usc_code,
                    works_type="民用建筑工程",
                    metric=metric,
                    value=Decimal(13_000),
                    label=None,
                )

        yield case(
            f"13,000 m² contracted on {signed} while 三级 was held",
            "G01",
            "二级",
            LATER,
            on_the_day,
            outcome,
            measured=True,
        )
    yield case(
        "an expressway while 三级 was held",
        "G10",
        "二级",
        DAY,
        lambda p: p.change(
            "base_project__measure",
            {"unit_code": p.unit_code("project.1"), "metric": "道路等级"},
            label="快速路",
        ),
        "refused",
        measured=True,
        performance=NOT_MET,
    )


# -- days a text takes effect --------------------------------------------------------


def effective_days() -> Iterator[Case]:
    for code in CODES:
        lowest = lowest_level(code)
        for day, outcome in ((date(2018, 11, 4), "refused"), (date(2018, 11, 5), "granted")):

            def unmanaged(p: Portfolio) -> None:
                for label in p.people_in("site_manager"):
                    p.dismiss(label)

            yield case("without site managers", code, lowest, day, unmanaged, outcome)
        for level in levels(code)[:-1]:
            for day, outcome in ((date(2016, 10, 31), "refused"), (date(2016, 11, 1), "granted")):

                def unstaffed(p: Portfolio) -> None:
                    for group in ("worker", "site_manager"):
                        for label in p.people_in(group):
                            p.dismiss(label)

                yield case(
                    "without workers and site managers", code, level, day, unstaffed, outcome
                )
    old, new = date(2016, 10, 31), date(2016, 11, 1)
    single = [line("G01", "二级", old, 3), line("G01", "二级", old, 1)]
    yield case(
        "a single building of 10,000 m² before 226",
        "G01",
        "二级",
        old,
        nothing,
        "granted",
        single,
        performance__class__3=MET,
    )
    yield case(
        "a single building of 10,000 m² from 226",
        "G01",
        "二级",
        new,
        lambda p: [
            r.update(metric="建筑面积")
            or p.add("base_project__measure", **{**r, "metric": "单体建筑面积"})
            for r in p.of("base_project__measure", metric="单体建筑面积")
        ],
        None,
        single,
        performance__class__3=(NOT_MET,),
    )


@cache
def all_cases() -> list[Case]:
    return [*people(), *machines(), *scope(), *effective_days()]


@cache
def decided() -> list[Verdict]:
    return judge(one.make(number) for number, one in enumerate(all_cases(), start=1))


@pytest.mark.provision("E3", "E5", "E14", "E26", "F2", "F3", "J7")
@pytest.mark.parametrize("number", range(len(all_cases())), ids=[one.name for one in all_cases()])
def test_the_figure_decides(number: int) -> None:
    expected, verdict = all_cases()[number], decided()[number]
    for criterion, allowed in expected.results.items():
        assert verdict.results.get(criterion) in allowed, f"{criterion}: {verdict.summary()}"
    if expected.outcome is not None:
        assert verdict.outcome == expected.outcome, verdict.summary()
    elif MET not in {result for allowed in expected.results.values() for result in allowed}:
        assert verdict.outcome != "granted", verdict.summary()
