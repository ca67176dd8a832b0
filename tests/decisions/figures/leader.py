"""The technical leader's years, title and registrations.

Belongs here: which change crosses which of these figures, and the answer. Does not: the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from exact import COMMON_SPECIALTY, DAY
from portfolio import Portfolio, Row
from sheets import related_majors

from assets.calendar import add_years
from figures.level import (
    GRANTED,
    MET,
    NO_DATA,
    NOT_MET,
    REFUSED,
    TITLE,
    TITLES,
    WAITS,
    Case,
    Figures,
    Spoil,
    _other_major,
    of_major,
)

ANY_FIELD = ("工程施工技术管理", "施工技术管理")
"""What the text calls the field of the years where it means none in particular."""


def technical_lead(figures: Figures) -> Iterator[Case]:
    lead = figures.rank.asked(DAY).get("technical_lead")
    if lead is None:
        return
    part = "technical_lead"
    exact = add_years(DAY, -lead["years"])
    way = lead["any_of"][0]
    asked = TITLES.index(way["title"])
    majors = related_majors(figures.rank.code, way["majors"])

    def one(label: str, spoil: Spoil, outcome: str | None, result: str, **more: str) -> Case:
        children = {f"{part}.{name}": answer for name, answer in more.items()}
        return figures.case(
            label,
            DAY,
            spoil,
            outcome,
            {part: result, **children},
            alone="" if outcome == REFUSED else "nobody",
        )

    def title(**values: object) -> Spoil:
        return lambda p: p.change(TITLE, {"person_key": p.people["lead"]}, **values)

    day = timedelta(days=1)
    since = exact + day
    yield one(
        "the leader is a day short of the years",
        lambda p: p.practised_since(since),
        REFUSED,
        NOT_MET,
        years=NOT_MET,
        qualification=MET,
    )
    yield one("the leader is a day over", lambda p: p.practised_since(exact - day), GRANTED, MET)
    yield one(
        "the leader's practice is not known",
        lambda p: p.practised_since(None),
        WAITS,
        NO_DATA,
        years=NO_DATA,
    )
    yield from _fields(lead, since, one)
    yield one(
        "the leader's title is one level lower",
        title(title_level=TITLES[asked - 1]),
        None,
        NOT_MET,
        years=MET,
        qualification=NOT_MET,
    )
    yield one(
        "the leader's title is one level higher",
        title(title_level=TITLES[asked + 1]),
        GRANTED,
        MET,
    )
    yield one("the leader's title is not known", title(title_level=None), WAITS, NO_DATA)
    if majors != ["工程序列"]:
        yield one(
            "the leader's title is in another major",
            title(**of_major(_other_major(majors))),
            None,
            NOT_MET,
            qualification=NOT_MET,
        )
        for major in majors:
            yield one(f"the leader's major is {major}", title(**of_major(major)), None, MET)
    else:
        yield one("the leader's title is of another series", title(series="教学"), None, NOT_MET)
    yield one(
        "the leader is sixty-one",
        lambda p: p.born("lead", date(DAY.year - 61, DAY.month, DAY.day)),
        None,
        NOT_MET,
    )
    for other in lead["any_of"][1:]:
        yield from _lead_registrations(figures, other)


def _lead_registrations(figures: Figures, way: Row) -> Iterator[Case]:
    """Another way to be qualified: a registration instead of the title."""
    name = way["registration"]
    if not name.endswith("建造师"):
        fitting = [name if name.startswith(("一级", "注册岩土")) else f"二级{name}"]
    else:
        fitting = (
            ["一级注册建造师"]
            if name.startswith("一级")
            else [f"{g}{name}" for g in ("一级", "二级")]
        )

    def instead(registration: str, specialty: str) -> Spoil:
        def spoil(p: Portfolio) -> None:
            p.change(TITLE, {"person_key": p.people["lead"]}, title_level="初级")
            p.register("lead", registration, specialty)

        return spoil

    for asked in way.get("specialties", ["不限专业"]):
        specialty = COMMON_SPECIALTY if asked == "不限专业" else asked
        for registration in fitting:
            yield figures.case(
                f"the leader is {registration} in {specialty} instead of titled",
                DAY,
                instead(registration, specialty),
                None,
                {"technical_lead": MET},
                # One alternative is enough, whatever is unknown beside it (W10).
                despite="technical_lead",
                alone="nobody",
            )
        if fitting == ["一级注册建造师"]:
            yield figures.case(
                f"the leader is only 二级注册建造师 in {specialty}",
                DAY,
                instead("二级注册建造师", specialty),
                None,
                {"technical_lead": NOT_MET},
                alone="nobody",
            )
    if way.get("specialties", ["不限专业"]) != ["不限专业"]:
        other = next(
            s for s in ("民航机场工程", "矿业工程", "铁路工程") if s not in way["specialties"]
        )
        yield figures.case(
            f"the leader is {fitting[0]} in {other}, which is not asked, under {name}",
            DAY,
            instead(fitting[0], other),
            None,
            {"technical_lead": NOT_MET},
            alone="nobody",
        )


def _fields(lead: Row, since: date, one: Callable[..., Case]) -> Iterator[Case]:
    """What the years are in: a field that the text names takes part in management of any works."""

    def told(field: str | None, since: date | None = None) -> Spoil:
        def spoil(p: Portfolio) -> Portfolio:
            p.practised_in(field)
            return p if since is None else p.practised_since(since)

        return spoil

    if lead["field"] in ANY_FIELD:
        for field in (*ANY_FIELD, None, "装修管理"):
            yield one(f"the leader's years are in {field}", told(field), GRANTED, MET, years=MET)
        short = told("装修管理", since)
        yield one(
            "the leader is a day short in a field within", short, WAITS, NO_DATA, years=NO_DATA
        )
        return
    for field in (*ANY_FIELD, None):
        yield one(f"the leader's years are in {field}", told(field), WAITS, NO_DATA, years=NO_DATA)
        short = told(field, since)
        yield one(f"the leader is a day short in {field}", short, REFUSED, NOT_MET, years=NOT_MET)
    for label, day in (("years", None), ("day short", since)):
        another = told("装修管理", day)
        yield one(f"the leader's {label} in another", another, WAITS, NO_DATA, years=NO_DATA)
