"""Every figure of G01, G10, S04, S11: one below fails, the figure itself is enough, one above too.

A figure that is missing is no data, never a failure. Levels whose matter is not the province's are
decided as the authority that has them: who is competent is not the question here. The figures come
from tests/facts, the cases are decided together, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest
from judge import MET, NO_DATA, NOT_MET, Verdict, judge
from portfolio import CHOSEN_CLASSES, CHOSEN_LINES, LEAD_WORKS, MONTHLY, Portfolio
from sheets import (
    AMOUNT,
    CODES,
    Line,
    figures,
    levels,
    line,
    lines,
    lowest_level,
    next_lower,
    related_majors,
    threshold_of,
)

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


def people_day(code: str, level: str) -> date:
    """A day whose text asks for people of the level."""
    return DAY if level == lowest_level(code) else TEXT_OF_2014


def nothing(_: Portfolio) -> None:
    """Leave the portfolio as it is."""


# -- assets --------------------------------------------------------------------------


def net_assets(code: str, level: str) -> Iterator[Case]:
    figure = Decimal(figures(code, level, DAY)["net_assets_wan"])
    is_first = level == lowest_level(code)

    def state(wan: Decimal) -> Spoil:
        return lambda p: p.capital(wan) if is_first else p.state_net_assets(wan)

    def missing(p: Portfolio) -> None:
        if is_first:
            p.capital(None)
        else:
            p.remove("base_enterprise__statement")

    cent = Decimal("0.000001")
    yield case(
        "net assets one below", code, level, DAY, state(figure - 1), "refused", net_assets=NOT_MET
    )
    yield case(
        "net assets one cent below",
        code,
        level,
        DAY,
        state(figure - cent),
        "refused",
        net_assets=NOT_MET,
    )
    yield case(
        "net assets one above", code, level, DAY, state(figure + 1), "granted", net_assets=MET
    )
    yield case("net assets missing", code, level, DAY, missing, "awaiting_data", net_assets=NO_DATA)


# -- constructors --------------------------------------------------------------------


def constructors(code: str, level: str) -> Iterator[Case]:
    day = people_day(code, level)
    rows = figures(code, level, day)["constructors"]

    def fits(registration: dict[str, object], row: dict[str, object]) -> bool:
        grade = str(registration["registration"])[:2]
        return registration["specialty"] in row["specialties"] and row["grade"] in ("any", grade)  # type: ignore[operator]

    def short(index: int) -> Spoil:
        def spoil(p: Portfolio) -> None:
            held = [r for r in p.of("base_personnel__registration") if fits(r, rows[index])]
            others = [row for number, row in enumerate(rows) if number != index]
            only_here = [r for r in held if not any(fits(r, row) for row in others)]
            last = (only_here or held)[-1]
            if only_here or not others:
                p.remove("base_personnel__registration", registration_no=last["registration_no"])
            elif set(others[0]["specialties"]) - set(rows[index]["specialties"]):
                last["specialty"] = next(
                    s for s in others[0]["specialties"] if s not in rows[index]["specialties"]
                )
            else:
                last["registration"] = "二级注册建造师"

        return spoil

    def unreadable(p: Portfolio) -> None:
        last = p.of("base_personnel__registration")[-1]
        p.quarantine("base_personnel__registration", registration_no=last["registration_no"])

    for index, row in enumerate(rows):
        expected = {
            f"constructors__{number}": NOT_MET if number == index + 1 else MET
            for number in range(1, len(rows) + 1)
        }
        yield case(
            f"constructors row {index + 1} one below",
            code,
            level,
            day,
            short(index),
            "refused",
            constructors=NOT_MET,
            **expected,
        )
        grade = "一级" if row["grade"] == "一级" else "二级"
        for specialty in row["specialties"]:
            yield case(
                f"constructors row {index + 1} one {specialty} above",
                code,
                level,
                day,
                lambda p, g=grade, s=specialty: p.add_constructor(f"{g}注册建造师", s),
                "granted",
                constructors=MET,
            )  # type: ignore[misc]
    yield case(
        "one registration set apart",
        code,
        level,
        day,
        unreadable,
        "awaiting_data",
        constructors=NO_DATA,
    )


# -- the technical leader ------------------------------------------------------------


def technical_lead(code: str, level: str) -> Iterator[Case]:
    lead = figures(code, level, DAY)["technical_lead"]
    exact = date(DAY.year - lead["years"], DAY.month, DAY.day)
    titles = ["初级", "中级", "高级", "正高级"]
    asked = titles.index(lead["any_of"][0]["title"])

    def title(name: str | None) -> Spoil:
        return lambda p: p.change(
            "base_personnel__title", {"person_key": p.people["lead"]}, title_level=name
        )

    yield case(
        "leader a day short of the years",
        code,
        level,
        DAY,
        lambda p: p.practised_since(exact + timedelta(days=1)),
        "refused",
        technical_lead=NOT_MET,
        technical_lead__years=NOT_MET,
        technical_lead__qualification=MET,
    )
    yield case(
        "leader a day over the years",
        code,
        level,
        DAY,
        lambda p: p.practised_since(exact - timedelta(days=1)),
        "granted",
        technical_lead=MET,
    )
    yield case(
        "leader's practice missing",
        code,
        level,
        DAY,
        lambda p: p.practised_since(None),
        "awaiting_data",
        technical_lead=NO_DATA,
        technical_lead__years=NO_DATA,
    )
    yield case(
        "leader a title below",
        code,
        level,
        DAY,
        title(titles[asked - 1]),
        "refused",
        technical_lead=NOT_MET,
        technical_lead__qualification=NOT_MET,
        technical_lead__years=MET,
    )
    yield case(
        "leader a title above",
        code,
        level,
        DAY,
        title(titles[asked + 1]),
        "granted",
        technical_lead=MET,
    )
    yield case(
        "leader's title empty",
        code,
        level,
        DAY,
        title(None),
        "awaiting_data",
        technical_lead=NO_DATA,
    )
    yield case(
        "leader sixty-one",
        code,
        level,
        DAY,
        lambda p: p.born("lead", date(1956, 3, 1)),
        "refused",
        technical_lead=NOT_MET,
    )
    yield case(
        "leader insured elsewhere",
        code,
        level,
        DAY,
        lambda p: p.insured_by("lead", p.company(1)),
        "refused",
        technical_lead=NOT_MET,
    )
    yield case(
        "no leader named, as the channel says",
        code,
        level,
        DAY,
        lambda p: p.remove("base_personnel__technical_lead"),
        None,
        technical_lead=(NOT_MET, NO_DATA),
    )
    for way in lead["any_of"]:
        if "registration" not in way:
            continue
        name = way["registration"]
        holding = name if name[:2] in ("一级", "二级") else f"二级{name}"
        for specialty in way.get("specialties", [""]):

            def instead(p: Portfolio, holding: str = holding, specialty: str = specialty) -> None:
                p.change(
                    "base_personnel__title", {"person_key": p.people["lead"]}, title_level="初级"
                )
                p.register("lead", holding, specialty)

            yield case(
                f"leader by {holding} {specialty}",
                code,
                level,
                DAY,
                instead,
                None,
                technical_lead=MET,
            )
            if name == "一级注册建造师":

                def lower(p: Portfolio, specialty: str = specialty) -> None:
                    p.change(
                        "base_personnel__title",
                        {"person_key": p.people["lead"]},
                        title_level="初级",
                    )
                    p.register("lead", "二级注册建造师", specialty)

                yield case(
                    f"leader by 二级注册建造师 {specialty}",
                    code,
                    level,
                    DAY,
                    lower,
                    None,
                    technical_lead=NOT_MET,
                )


# -- titled staff, site managers, workers ---------------------------------------------


def titled_staff(code: str, level: str) -> Iterator[Case]:
    day = people_day(code, level)
    row = figures(code, level, day)["titled_staff"][0]
    counted = related_majors(code, row["majors"])

    def spare(p: Portfolio) -> dict[str, object]:
        """A title whose major another one has too, not the leader's; else any but the leader's."""
        titles = [t for t in p.of("base_personnel__title") if t["person_key"] != p.people["lead"]]
        majors = [t["major"] for t in p.of("base_personnel__title")]
        return next((t for t in titles if majors.count(t["major"]) > 1), titles[-1])

    def change(**values: object) -> Spoil:
        return lambda p: spare(p).update(values)

    def without(p: Portfolio) -> None:
        p.remove("base_personnel__title", title_no=spare(p)["title_no"])

    staff = {"titled_staff": NOT_MET, "titled_staff__1": NOT_MET}
    yield case("titled staff one below", code, level, day, without, "refused", **staff)
    yield case(
        "one title of a lower level",
        code,
        level,
        day,
        change(title_level="初级"),
        "refused",
        **staff,
    )
    yield case(
        "one title of another major", code, level, day, change(major="采矿"), "refused", **staff
    )
    yield case(
        "one title of a higher level",
        code,
        level,
        day,
        change(title_level="正高级"),
        "granted",
        titled_staff=MET,
    )
    yield case(
        "one title's level empty",
        code,
        level,
        day,
        change(title_level=None),
        "awaiting_data",
        titled_staff=NO_DATA,
    )
    yield case(
        "titled staff one above",
        code,
        level,
        day,
        lambda p: p.add_titled("中级", counted[0]),
        "granted",
        titled_staff=MET,
    )
    for major in row["majors_detail"] if row["all_majors_present"] else []:

        def gone(p: Portfolio, major: str = major) -> None:
            # The leader keeps his major: it is his qualification. Everybody else of it changes.
            other = next(m for m in row["majors_detail"] if m != major)
            for title in p.of("base_personnel__title", major=major):
                if title["person_key"] == p.people["lead"]:
                    p.add(
                        "base_personnel__title", **{**title, "title_no": "T-other", "major": other}
                    )
                    p.remove("base_personnel__title", title_no=title["title_no"], major=major)
                else:
                    title["major"] = other

        yield case(
            f"nobody of {major}",
            code,
            level,
            day,
            gone,
            "refused" if major != _lead_major(code, level) else None,
            titled_staff=NOT_MET,
            **{f"titled_staff__1__{major}": NOT_MET},
        )


def _lead_major(code: str, level: str) -> str:
    majors: list[str] = figures(code, level, DAY)["technical_lead"]["any_of"][0]["majors"]
    return related_majors(code, majors)[0]


def site_managers(code: str, level: str) -> Iterator[Case]:
    day = people_day(code, level)
    asked = figures(code, level, day)["site_managers"]
    table = "base_personnel__post_certificate"

    def role(old: str, new: str) -> Spoil:
        return lambda p: p.change(table, {"role": old}, role=new)

    def last(p: Portfolio) -> str:
        return p.people_in("site_manager")[-1]

    yield case(
        "site managers one below",
        code,
        level,
        day,
        lambda p: p.dismiss(last(p)),
        "refused",
        site_managers=NOT_MET,
        site_managers__count=NOT_MET,
        **{f"site_managers__{name}": MET for name in asked["roles"]},
    )
    yield case(
        "site managers one above",
        code,
        level,
        day,
        lambda p: p.add_site_manager("标准员"),
        "granted",
        site_managers=MET,
    )
    yield case(
        "one post certificate set apart",
        code,
        level,
        day,
        lambda p: p.quarantine(table, person_key=p.people[last(p)]),
        "awaiting_data",
        site_managers=NO_DATA,
    )
    yield case(
        "one post certificate run out",
        code,
        level,
        day,
        lambda p: p.change(
            table, {"person_key": p.people[last(p)]}, valid_until=day - timedelta(days=1)
        ),
        "refused",
        site_managers=NOT_MET,
    )
    for name in asked["roles"][1:]:
        yield case(
            f"no {name}",
            code,
            level,
            day,
            role(name, "标准员"),
            "refused",
            site_managers=NOT_MET,
            site_managers__count=MET,
            **{f"site_managers__{name}": NOT_MET},
        )
    yield case(
        "two posts of one person cover two roles",
        code,
        level,
        day,
        lambda p: (
            role(asked["roles"][1], "标准员")(p),
            p.certify_post(last(p), asked["roles"][1]),
        ),
        "granted",
        site_managers=MET,
    )


def skilled_workers(code: str, level: str) -> Iterator[Case]:
    day = people_day(code, level)
    asked = figures(code, level, day)["skilled_workers"]
    table = "base_personnel__skill_certificate"

    def last(p: Portfolio) -> str:
        return p.people_in("worker")[-1]

    def grade(name: str | None) -> Spoil:
        return lambda p: p.change(table, {"person_key": p.people[last(p)]}, grade=name)

    yield case(
        "workers one below",
        code,
        level,
        day,
        lambda p: p.dismiss(last(p)),
        "refused",
        skilled_workers=NOT_MET,
        skilled_workers__count=NOT_MET,
    )
    yield case(
        "workers one above",
        code,
        level,
        day,
        lambda p: p.add_worker("电工", "高级技师"),
        "granted",
        skilled_workers=MET,
    )
    yield case(
        "one skill certificate set apart",
        code,
        level,
        day,
        lambda p: p.quarantine(table, person_key=p.people[last(p)]),
        "awaiting_data",
        skilled_workers=NO_DATA,
    )
    for name in ("高级工", "技师", "高级技师"):
        yield case(
            f"one worker a {name}", code, level, day, grade(name), "granted", skilled_workers=MET
        )
    if asked["grade"] != "any":
        yield case(
            "one worker a grade below",
            code,
            level,
            day,
            grade("初级工"),
            "refused",
            skilled_workers=NOT_MET,
        )
        yield case(
            "one worker's grade empty",
            code,
            level,
            day,
            grade(None),
            "awaiting_data",
            skilled_workers=NO_DATA,
        )
    for name in asked["trades"][1:]:
        yield case(
            f"no {name}",
            code,
            level,
            day,
            lambda p, n=name: p.change(table, {"trade": n}, trade="电工"),
            "refused",  # type: ignore[misc]
            skilled_workers=NOT_MET,
            skilled_workers__count=MET,
            **{f"skilled_workers__{name}": NOT_MET},
        )


# -- performance ---------------------------------------------------------------------


def lead_performance(code: str, level: str) -> Iterator[Case]:
    asked = figures(code, level, DAY).get("lead_performance")
    if asked is None:
        return

    def of(p: Portfolio) -> dict[str, object]:
        return {"contract_no": p.contract_no("lead_work.1")}

    def change(table: str, **values: object) -> Spoil:
        return lambda p: p.change(table, of(p), **values)

    failed = {"lead_performance": NOT_MET}
    yield case(
        "one work of the leader less",
        code,
        level,
        DAY,
        lambda p: p.remove("base_project__party", **of(p)),
        "refused",
        **failed,
    )
    yield case(
        "one work led by another",
        code,
        level,
        DAY,
        lambda p: p.change("base_project__party", of(p), person_key=p.people["worker.1"]),
        "refused",
        **failed,
    )
    yield case(
        "one work not sound",
        code,
        level,
        DAY,
        change("base_project__acceptance", quality="不合格"),
        "refused",
        **failed,
    )
    yield case(
        "one work of another kind",
        code,
        level,
        DAY,
        lambda p: (
            p.change("base_project__unit", of(p), works_type="机场场道工程"),
            [
                r.update(works_type="机场场道工程")
                for r in p.of("base_project__measure", unit_code=p.unit_code("lead_work.1"))
            ],
        ),
        "refused",
        **failed,
    )
    yield case(
        "both works as technical leader",
        code,
        level,
        DAY,
        change("base_project__party", duty="技术负责人"),
        "granted",
        lead_performance=MET,
    )
    if code in LEAD_WORKS:
        which = line(code, asked["level"], DAY, *LEAD_WORKS[code])
        kind, metric, value = threshold_of(which)
        assert isinstance(value, Decimal)
        step = Decimal(1) if metric in (AMOUNT, "地上层数") else STEP

        def figure(to: Decimal | None) -> Spoil:
            return lambda p: p.set_figure("lead_work.1", kind, metric, to)

        low = _least(code, asked["level"], which)
        # Below every line of the class: a project of the smaller size is of that level too.
        yield case(
            "a work of the leader below the figure",
            code,
            level,
            DAY,
            figure(low - step),
            None,
            lead_performance=(NOT_MET, NO_DATA),
        )
        yield case(
            "a work of the leader above the figure",
            code,
            level,
            DAY,
            figure(value + step),
            "granted",
            lead_performance=MET,
        )
        yield case(
            "a work of the leader without the figure",
            code,
            level,
            DAY,
            figure(None),
            None,
            lead_performance=NO_DATA,
        )


def _least(code: str, level: str, which: Line) -> Decimal:
    values = [threshold_of(other) for other in lines(code, level, DAY) if other.n == which.n]
    metric = threshold_of(which)[1]
    return min(value for _, name, value in values if name == metric and isinstance(value, Decimal))


NOT_IN_THE_SCOPE_BELOW = {("G10", "二级", "城市隧道")}
"""Works that the lower level may not take at all: its scope names no tunnels."""


def performance(code: str, level: str) -> Iterator[Case]:
    if level == lowest_level(code):
        return
    days = [(LATER, None)] if code != "G01" else [(LATER, None), (TEXT_OF_2014, 3)]
    for day, only in days:
        for which in lines(code, level, day):
            in_scope = (code, level, which.match["project"]) not in NOT_IN_THE_SCOPE_BELOW
            if in_scope and only in (None, which.n):
                yield from _performance_line(code, level, day, which)
    yield from _performance_need(code, level)


def _chosen(code: str, level: str, day: date, n: int) -> Line:
    return line(code, level, day, n, CHOSEN_LINES.get((code, n), 0))


def _filled(code: str, level: str, day: date, which: Line) -> list[Line]:
    need = figures(code, level, day)["performance"]["need"]
    others = [_chosen(code, level, day, n) for n in CHOSEN_CLASSES[code] if n != which.n]
    return [which, *others[: need - 1]]


def _performance_line(code: str, level: str, day: date, which: Line) -> Iterator[Case]:
    kind, metric, value = threshold_of(which)
    assert isinstance(value, Decimal), which
    step = Decimal(1) if metric in (AMOUNT, "地上层数") else STEP
    served = _filled(code, level, day, which)
    name = f"class__{which.n}"

    def figure(to: Decimal | None) -> Spoil:
        return lambda p: p.set_figure("project.1", kind, metric, to)

    def empty(p: Portfolio) -> None:
        p.change(
            "base_project__measure",
            {"unit_code": p.unit_code("project.1"), "works_type": kind, "metric": metric},
            value=None,
        )

    def each(
        outcome: str | None,
        label: str,
        spoil: Spoil,
        result: str | tuple[str, ...],
        measured: bool = False,
    ) -> Case:
        return case(
            f"{which.name} {label}",
            code,
            level,
            day,
            spoil,
            outcome,
            served,
            measured,
            **{f"performance__{name}": result},
        )

    yield each("granted", "at the figure", nothing, MET)
    yield each("granted", "above the figure", figure(value + step), MET)
    yield each(None, "one project below the figure", figure(value - step), NOT_MET, measured=True)
    if metric != AMOUNT:
        yield each(None, "one project's figure empty", empty, NO_DATA, measured=True)
        # A row left out altogether may also mean works of another build: that is not met.
        yield each(
            None, "one project without the figure", figure(None), (NOT_MET, NO_DATA), measured=True
        )
    else:
        yield each(None, "one contract without a price", figure(None), NO_DATA, measured=True)


def _performance_need(code: str, level: str) -> Iterator[Case]:
    chosen = [_chosen(code, level, LATER, n) for n in CHOSEN_CLASSES[code]]
    asked = figures(code, level, LATER)["performance"]
    yield case(
        "one class less",
        code,
        level,
        LATER,
        nothing,
        "refused",
        chosen[:-1],
        measured=True,
        performance=NOT_MET,
    )
    if "mandatory" in asked:
        five = [line(code, level, LATER, 5), *chosen[1:]]
        yield case(
            "enough classes without the mandatory one",
            code,
            level,
            LATER,
            nothing,
            "refused",
            five,
            performance=NOT_MET,
        )
    window = asked["window_years"]
    opens = date(LATER.year - window, 1, 1)
    for accepted, outcome, result in (
        (opens, "granted", MET),
        (opens - timedelta(days=1), "refused", NOT_MET),
    ):

        def old(p: Portfolio, accepted: date = accepted) -> None:
            p.change("base_enterprise__qualification", {}, valid_from=date(2000, 1, 1))
            p.change(
                "base_project__contract",
                {"contract_no": p.contract_no("project.1")},
                signed_on=date(accepted.year - 2, 2, 1),
            )
            p.change(
                "base_project__acceptance",
                {"contract_no": p.contract_no("project.1")},
                started_on=date(accepted.year - 2, 3, 1),
                accepted_on=accepted,
            )
            p.change(
                "base_personnel__registration",
                {"person_key": p.people["project_manager.1"]},
                valid_from=date(2000, 1, 1),
            )

        yield case(
            f"one project accepted {accepted}",
            code,
            level,
            LATER,
            old,
            outcome,
            measured=True,
            performance=result,
        )
    yield case(
        "one project not accepted",
        code,
        level,
        LATER,
        lambda p: p.change(
            "base_project__acceptance",
            {"contract_no": p.contract_no("project.1")},
            accepted_on=None,
        ),
        None,
        performance=(NOT_MET, NO_DATA),
    )
    if asked.get("contracting") == ["独立承担"]:
        yield case(
            "one project with others",
            code,
            level,
            LATER,
            lambda p: p.change(
                "base_project__contract",
                {"contract_no": p.contract_no("project.1")},
                is_consortium=True,
            ),
            "refused",
            measured=True,
            performance=NOT_MET,
        )
        yield case(
            "whether alone or with others not known",
            code,
            level,
            LATER,
            lambda p: p.change(
                "base_project__contract",
                {"contract_no": p.contract_no("project.1")},
                is_consortium=None,
            ),
            "awaiting_data",
            performance=NO_DATA,
        )
    if "施工总承包" in asked.get("contracting", []):
        for form, result in (("主体工程承包", MET), ("专业承包", NOT_MET)):
            yield case(
                f"one project as {form}",
                code,
                level,
                LATER,
                lambda p, f=form: p.change(
                    "base_project__contract",
                    {"contract_no": p.contract_no("project.1")},
                    contract_type=f,
                ),  # type: ignore[misc]
                "granted" if result == MET else "refused",
                measured=True,
                performance=result,
            )
        yield case(
            "one project of unknown form",
            code,
            level,
            LATER,
            lambda p: p.change(
                "base_project__contract",
                {"contract_no": p.contract_no("project.1")},
                contract_type=None,
            ),
            "awaiting_data",
            performance=NO_DATA,
        )


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


# -- equipment -----------------------------------------------------------------------


def equipment() -> Iterator[Case]:
    code, level, table = "G10", "一级", "base_enterprise__equipment"

    def first(p: Portfolio, **values: object) -> None:
        p.rows[table][0].update(values)

    yield case(
        "a machine less",
        code,
        level,
        DAY,
        lambda p: p.remove_at(table, 0),
        "refused",
        equipment=NOT_MET,
        equipment__1=NOT_MET,
        equipment__2=MET,
        equipment__3=NOT_MET,
    )
    yield case(
        "a machine below the measure",
        code,
        level,
        DAY,
        lambda p: first(p, value=8 - STEP),
        "refused",
        equipment=NOT_MET,
        equipment__1=NOT_MET,
    )
    yield case(
        "a machine above the measure",
        code,
        level,
        DAY,
        lambda p: first(p, value=8 + STEP),
        "granted",
        equipment=MET,
    )
    yield case(
        "a machine without the measure",
        code,
        level,
        DAY,
        lambda p: first(p, value=None),
        "awaiting_data",
        equipment=NO_DATA,
        equipment__1=NO_DATA,
    )
    yield case(
        "a leased machine",
        code,
        level,
        DAY,
        lambda p: first(p, is_owned=False),
        "refused",
        equipment=NOT_MET,
    )
    yield case(
        "a machine nobody says is owned",
        code,
        level,
        DAY,
        lambda p: first(p, is_owned=None),
        "awaiting_data",
        equipment=NO_DATA,
    )
    yield case(
        "a machine sold",
        code,
        level,
        DAY,
        lambda p: first(p, disposed_on=date(2017, 2, 1)),
        "refused",
        equipment=NOT_MET,
    )
    yield case(
        "a machine set apart",
        code,
        level,
        DAY,
        lambda p: p.quarantine(table, equipment_no=p.rows[table][0]["equipment_no"]),
        "awaiting_data",
        equipment=NO_DATA,
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
    made: list[Case] = []
    for code in CODES:
        for level in levels(code):
            made.append(case("at every figure", code, level, DAY, nothing, "granted"))
            if level != lowest_level(code):
                made.append(case("at every figure", code, level, TEXT_OF_2014, nothing, "granted"))
            for part in (
                net_assets,
                constructors,
                technical_lead,
                titled_staff,
                site_managers,
                skilled_workers,
                lead_performance,
                performance,
            ):
                made.extend(part(code, level))
    made.extend(scope())
    made.extend(equipment())
    made.extend(effective_days())
    return made


@cache
def decided() -> list[Verdict]:
    return judge(one.make(number) for number, one in enumerate(all_cases(), start=1))


@pytest.mark.parametrize("number", range(len(all_cases())), ids=[one.name for one in all_cases()])
def test_the_figure_decides(number: int) -> None:
    expected, verdict = all_cases()[number], decided()[number]
    for criterion, allowed in expected.results.items():
        assert verdict.results.get(criterion) in allowed, f"{criterion}: {verdict.summary()}"
    if expected.outcome is not None:
        assert verdict.outcome == expected.outcome, verdict.summary()
    elif MET not in {result for allowed in expected.results.values() for result in allowed}:
        assert verdict.outcome != "granted", verdict.summary()


@pytest.mark.parametrize(("code", "level"), [(c, v) for c in CODES for v in levels(c)])
def test_no_part_is_assessed_that_the_level_does_not_have(code: str, level: str) -> None:
    names = f"{code} {level} {DAY} at every figure"
    verdict = next(v for one, v in zip(all_cases(), decided(), strict=True) if one.name == names)
    asked = figures(code, level, DAY)
    parts = (
        "constructors",
        "titled_staff",
        "site_managers",
        "skilled_workers",
        "lead_performance",
        "performance",
        "equipment",
    )
    assert {part for part in parts if part in verdict.results} == {
        part for part in parts if part in asked
    }
    assert {"net_assets", "technical_lead"} <= set(verdict.results)


def test_case_names_are_unique() -> None:
    names = [one.name for one in all_cases()]
    assert len(names) == len(set(names))
    assert MONTHLY
