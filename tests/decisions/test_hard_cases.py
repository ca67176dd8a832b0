"""Cases in which several rules meet, decided by hand from the law; the clause stands in each name.

Belongs here: what an examiner of long practice would try first, each a change or two of an
enterprise that is granted. Does not: single figures (`figures`), cases of one rule (its own module).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from portfolio import MONTHLY, Portfolio, applications_of, frames_of, instant
from sheets import UnitPlan, figures
from shipped import BOOK
from worked import DAY, builder, building, verdict

from assets.channels import load_channels
from decisions.engine import decide
from decisions.facts.model import Facts

LATER = date(2017, 4, 20)
PERSON, TITLE = "base_personnel__person", "base_personnel__title"
REGISTRATION, SKILL = "base_personnel__registration", "base_personnel__skill_certificate"
QUALIFICATION, CERTIFICATE = "base_enterprise__qualification", "base_enterprise__certificate"
REGISTRY, STATEMENT = "base_enterprise__registry", "base_enterprise__statement"
CONTRACT, ACCEPTANCE, PARTY = (f"base_project__{t}" for t in ("contract", "acceptance", "party"))
UNIT, MEASURE = "base_project__unit", "base_project__measure"

Make = Callable[[], Portfolio]


def first(filed_on: date = DAY, decided_on: date | None = None) -> Portfolio:
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=filed_on, decided_on=decided_on)


def upgrade(filed_on: date = DAY, **more: object) -> Portfolio:
    return Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=filed_on, **more)  # type: ignore[arg-type]


def of(p: Portfolio, label: str) -> dict[str, str]:
    return {"person_key": p.people[label]}


def works(p: Portfolio, label: str = "project.1") -> dict[str, str]:
    return {"contract_no": p.contract_no(label)}


def copied(p: Portfolio, table: str, **other: object) -> Portfolio:
    """The first row of a table once more, with other values."""
    return p.add(table, **{**p.of(table)[0], **other})


# -- people ------------------------------------------------------------------------------


def lapsed_when_the_supplement_ended() -> Portfolio:
    """The leader is one of the three constructors; nothing is paid for him in March."""
    p = first(decided_on=LATER).dismiss("constructor.3").add_titled("中级", "结构")
    p.register("lead", "二级注册建造师", "建筑工程")
    return p.cover(MONTHLY, "330100", date(2017, 3, 1))


def four_heads() -> Portfolio:
    """Five registrations of which two are one man's: the row of both disciplines asks five heads."""
    p = Portfolio.meeting(
        "G01", "三级", kind="renewal", filed_on=DAY, authority="city", expires_on=date(2017, 9, 1)
    )
    (mechanic,) = p.of(REGISTRATION, specialty="机电工程")
    builder_ = p.of(REGISTRATION, specialty="建筑工程")[0]["person_key"]
    return p.change(
        REGISTRATION, {"registration_no": mechanic["registration_no"]}, person_key=builder_
    )


def a_titled_economist() -> Portfolio:
    """Senior as an economist, of the middle rank as an engineer: 一级 asks a senior engineer."""
    p = upgrade()
    p.change(TITLE, of(p, "lead"), title_level="中级").entitle("lead", "高级", "结构")
    p.rows[TITLE][-1]["series"] = "经济"
    return p


def a_constructor_among_the_workers(*, is_titled: bool) -> Portfolio:
    p = first()
    trade, grade = (p.of(SKILL, **of(p, "worker.15"))[0][name] for name in ("trade", "grade"))
    p.dismiss("worker.15")
    if not is_titled:
        p.add_constructor("二级注册建造师", "建筑工程")
    return p.certify_skill(p.people_in("constructor")[0 if is_titled else -1], trade, grade)


def of_series(series: str) -> Portfolio:
    p = first()
    return p.change(TITLE, of(p, "titled.5"), series=series)


def registered_elsewhere(*, since: date = date(2008, 1, 1), until: date | None = None) -> Portfolio:
    p = first(decided_on=LATER)
    return p.register(
        "constructor.1", "二级注册建造师", "建筑工程", usc_code=p.company(1),
        valid_from=since, valid_until=until,
    )  # fmt: skip


def a_statement_of_after_the_filing() -> Portfolio:
    p = upgrade(decided_on=LATER).state_net_assets(100)
    return copied(
        p, STATEMENT, report_code="current", year=2017, period_end_on=date(2017, 3, 31),
        net_assets_yuan=Decimal(99_000_000),
    )  # fmt: skip


PEOPLE: list[tuple[str, str, set[str], Make]] = [
    ("B0.6 E2 insured when it was asked, not when the supplement ended", "granted", set(),
     lapsed_when_the_supplement_ended),
    ("E2 born on 29 February: 61 on the 28th of a common year", "refused", {"skilled_workers"},
     lambda: first(date(2017, 2, 28)).born("worker.15", date(1956, 2, 29))),
    ("E2 and 60 on the day before", "granted", set(),
     lambda: first(date(2017, 2, 27)).born("worker.15", date(1956, 2, 29))),
    ("E11 ten years from 29 February 2008", "granted", set(),
     lambda: upgrade(date(2018, 2, 28)).practised_since(date(2008, 2, 29))),
    ("E11 ten years from 1 March 2008 less a day", "refused", {"technical_lead"},
     lambda: upgrade(date(2018, 2, 28)).practised_since(date(2008, 3, 1))),
    ("E7 two disciplines of one man are one head", "refused", {"constructors"}, four_heads),
    ("E8 a senior title of another series beside a middle one", "refused", {"technical_lead"},
     a_titled_economist),
    ("E8 工程系列 is 工程", "granted", set(), lambda: of_series("工程系列")),
    ("E8 军队工程技术 may be 工程", "awaiting_data", {"titled_staff"},
     lambda: of_series("军队工程技术")),
    ("E8 高校教师 is not", "refused", {"titled_staff"}, lambda: of_series("高校教师")),
    ("E5 a spare constructor may be the fifteenth worker", "granted", set(),
     lambda: a_constructor_among_the_workers(is_titled=False)),
    ("E4 B0.6 registered elsewhere from the day after the filing", "granted", set(),
     lambda: registered_elsewhere(since=DAY + timedelta(1))),
    ("E4 registered elsewhere up to the day of filing", "refused",
     {"constructors", "titled_staff"}, lambda: registered_elsewhere(until=DAY)),
    ("E24 B0.6 a statement of a period that ended after the filing", "refused", {"net_assets"},
     a_statement_of_after_the_filing),
]  # fmt: skip

# -- works -------------------------------------------------------------------------------


def priced(price: int | None, settlement: int) -> Portfolio:
    p = upgrade()
    yuan = None if price is None else Decimal(price) * 10_000
    return p.change(
        CONTRACT, works(p), amount_yuan=yuan, settlement_yuan=Decimal(settlement) * 10_000
    )


def in_two_units(p: Portfolio, label: str, plan: UnitPlan | None = None) -> Portfolio:
    """A second unit under the contract, like the first or as planned."""
    code = p.unit_code(label)[:-3] + "002"
    (unit,) = p.of(UNIT, unit_code=p.unit_code(label))
    p.add(UNIT, **{**unit, "unit_code": code})
    measures = plan.measures if plan else ()
    for works_type, metric, value in measures:
        p.add(
            MEASURE, unit_code=code, usc_code=p.usc_code, works_type=works_type, metric=metric,
            value=value, label=None,
        )  # fmt: skip
    return p


def held_in_two_spells(level: str, first_until: date, since: date, wan: int = 1500) -> Portfolio:
    """`level` up to a day, and 二级 from another; the works were taken on 2015-12-01."""
    p = upgrade()
    told = {"valid_to": first_until, "status_code": "replaced", "level": level}
    copied(p, QUALIFICATION, qualification_no="BEFORE", **told)
    p.change(QUALIFICATION, {"qualification_no": p.of(QUALIFICATION)[0]["qualification_no"]},
             valid_from=since)  # fmt: skip
    return p.change(CONTRACT, {"usc_code": p.usc_code}, amount_yuan=Decimal(wan) * 10_000)


def of_the_ancestor() -> Portfolio:
    """Works that the absorbed enterprise contracted are its own, merger or not."""
    p = upgrade()
    other = p.company(1)
    for table in (CONTRACT, ACCEPTANCE, PARTY, UNIT):
        p.change(table, works(p), usc_code=other)
    return p


def verified_in_full(event: str) -> Portfolio:
    """A holder of 一级 without works; whom it merged with, or was divided from, may have some."""
    p = Portfolio.meeting("S11", "一级", kind="reverification", filed_on=DAY)
    p.change(REGISTRY, {}, paid_in_capital_yuan=Decimal(15_000_000))
    day = DAY - timedelta(days=28)
    return p.change(REGISTRY, {}, established_on=day).event(event, day)


def registered_anew(on: date) -> Portfolio:
    """The manager's registration ran out on 2016-05-31, during the works, and began anew on a day."""
    p = upgrade()
    (told,) = p.of(REGISTRATION, **of(p, "project_manager.1"))
    told["valid_until"] = date(2016, 5, 31)
    later = {"registration_no": "浙RNEXT", "valid_from": on, "valid_until": date(2019, 1, 1)}
    return p.add(REGISTRATION, **{**told, **later})


def spanning(metres: str) -> UnitPlan:
    return building(2, height=15, span=0).with_measure(
        "钢筋混凝土结构建筑工程", "单跨跨度", Decimal(metres)
    )


def large(signed_on: date) -> Portfolio:
    """60,000 m² with a single building of 20,000, taken under G01 三级."""
    p = Portfolio.meeting("G01", "二级", kind="upgrade", filed_on=date(2018, 3, 1), served=[])
    p.add_project(building(12), contracting=["施工总承包"])
    area = (("单体建筑面积", 20_000), ("建筑面积", 60_000), ("地上层数", 3), ("建筑高度", 20))
    plan = UnitPlan("民用建筑工程", tuple(("民用建筑工程", n, Decimal(v)) for n, v in area))
    p.add_project(plan, contracting=["施工总承包"], signed_on=signed_on)
    return p


SHORT = {"performance"}
WORKS: list[tuple[str, str, set[str], Make]] = [
    ("E14 E20 a price within the scope, a settlement above it", "granted", set(),
     lambda: priced(2000, 2600)),
    ("E20 a price too small, a settlement that would do", "refused", SHORT,
     lambda: priced(1499, 1600)),
    ("E14 E20 no price, a settlement above the scope", "refused", SHORT,
     lambda: priced(None, 2001)),
    ("E20 two units under one contract are one contract", "refused", SHORT,
     lambda: in_two_units(upgrade().tear_down("project.2"), "project.1")),
    ("E16 two units under one contract, each of a class", "granted", set(),
     lambda: in_two_units(builder(building(13)), "project.1", spanning("22"))),
    ("E16 two of 8 storeys of which one has the span", "refused", SHORT,
     lambda: builder(building(9, height=30, span=22), building(11, height=36))),
    ("E16 one of 12 storeys beside that with the span", "granted", set(),
     lambda: builder(building(12), building(9, height=30, span=22))),
    ("E14 a span of 27 m under 三级", "granted", set(),
     lambda: builder(building(12), spanning("27"))),
    ("E14 and above it", "refused", SHORT, lambda: builder(building(12), spanning("27.1"))),
    ("E14 D10 taken under 一级, lowered since", "granted", set(),
     lambda: held_in_two_spells("一级", date(2016, 5, 31), date(2016, 6, 1), 3000)),
    ("B3.2 E14 taken between expiry and renewal", "refused", SHORT,
     lambda: held_in_two_spells("二级", date(2015, 11, 30), date(2015, 12, 10))),
    ("B6.1 E14 contracted by the enterprise that was absorbed", "refused", SHORT, of_the_ancestor),
    ("B6.2 in full after a conversion, without works", "refused", SHORT,
     lambda: verified_in_full("conversion")),
    ("B6.2 B6.3 in full after a split: works of the other side may count", "awaiting_data", SHORT,
     lambda: verified_in_full("split")),
    ("E14 a manager registered anew on the next day", "granted", set(),
     lambda: registered_anew(date(2016, 6, 1))),
    ("E14 a manager not registered for a month", "refused", SHORT,
     lambda: registered_anew(date(2016, 7, 1))),
    ("E14 F2 a single building of 20,000 m² before 226号", "refused", SHORT,
     lambda: large(date(2016, 10, 31))),
    ("E14 F2 and on its first day", "granted", set(), lambda: large(date(2016, 11, 1))),
]  # fmt: skip

# -- what is held ------------------------------------------------------------------------


def about(kind: str, **certificate: object) -> Portfolio:
    """One that would be granted, on a certificate of which something else is told."""
    level = "一级" if kind == "upgrade" else "二级"
    p = Portfolio.meeting("S11", level, kind=kind, filed_on=DAY, expires_on=date(2017, 9, 1))
    if kind == "change":
        p.change(REGISTRY, {}, address="新址")
    return p.change(CERTIFICATE, {}, **certificate)


def of_another_enterprise(kind: str) -> Portfolio:
    p = about(kind)
    return p.change(CERTIFICATE, {}, usc_code=p.company(1))


def under_a_certificate_of_another() -> Portfolio:
    """二级 is held since 2016; what the works were taken under stands on somebody else's."""
    p = upgrade()
    copied(p, CERTIFICATE, certificate_no="D233077770", usc_code=p.company(1))
    copied(p, QUALIFICATION, qualification_no="BEFORE", certificate_no="D233077770")
    number = p.of(QUALIFICATION)[0]["qualification_no"]
    return p.change(QUALIFICATION, {"qualification_no": number}, valid_from=date(2016, 6, 1))


def replaced_beside_an_old_one() -> Portfolio:
    p = about("replacement")
    old = {"certificate_no": "D233000551", "valid_until": date(2013, 1, 1)}
    copied(p, CERTIFICATE, **old, status_code="superseded")
    was = {"qualification_no": "OLD", "valid_to": date(2013, 1, 1), "status_code": "replaced"}
    return copied(p, QUALIFICATION, certificate_no="D233000551", **was)


def withdrawn_in_the_week_of_the_order(filed_on: date) -> Portfolio:
    """Ordered to correct on 28 November, withdrawn from December on; now the level below."""
    p = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=filed_on)
    ended = date(2016, 11, 30)
    p.change(QUALIFICATION, {}, level="一级", status_code="withdrawn", valid_to=ended)
    return p.rectify("S11", ended - timedelta(2), ended)


HELD: list[tuple[str, str, set[str], Make]] = [
    *((f"B3.1 B5.1 {kind} on a certificate of the ministry", "awaiting_data", {"held"},
       lambda kind=kind: about(kind, authority_code="ministry"))
      for kind in ("renewal", "change", "replacement")),
    ("G1 an upgrade from a level on a certificate of the city", "granted", set(),
     lambda: about("upgrade", authority_code="city")),
    *((f"B5.3 {kind} on a certificate of another enterprise", "awaiting_data", set(),
       lambda kind=kind: of_another_enterprise(kind))
      for kind in ("renewal", "change", "replacement", "upgrade", "addition")),
    ("B5.3 E14 works under a level on a certificate of another", "awaiting_data", SHORT,
     under_a_certificate_of_another),
    ("B5.3 a lost certificate beside an old one that has run out", "granted", set(),
     replaced_beside_an_old_one),
    ("D3 D6 withdrawn in the week of the order, on the last day", "granted", set(),
     lambda: withdrawn_in_the_week_of_the_order(DAY)),
    ("D6 and a day later", "not_accepted", {"lower_level_ground"},
     lambda: withdrawn_in_the_week_of_the_order(date(2017, 3, 2))),
    ("C1 filed on 28 February of a common year, found on that of a leap year", "refused",
     {"art23"}, lambda: upgrade(date(2017, 2, 28)).act(date(2016, 2, 28))),
    ("C1 filed on 29 February, found on 27 February", "granted", set(),
     lambda: upgrade(date(2020, 2, 29)).act(date(2019, 2, 27))),
    ("C1 set aside on the day of the decision", "granted", set(),
     lambda: upgrade(decided_on=LATER).act(date(2016, 10, 1), revoked_on=LATER)),
]  # fmt: skip


@pytest.mark.provision("B0.6", "B3.1", "B3.2", "B5.1", "B5.3", "B6.1", "B6.2", "B6.3", "C1")
@pytest.mark.provision(
    "D3", "D6", "D10", "E2", "E4", "E5", "E7", "E8", "E11", "E14", "E16", "E20", "E24", "F2", "G1"
)
@pytest.mark.parametrize(
    ("outcome", "parts", "make"),
    [one[1:] for one in (*PEOPLE, *WORKS, *HELD)],
    ids=[one[0] for one in (*PEOPLE, *WORKS, *HELD)],
)
async def test_where_rules_meet(outcome: str, parts: set[str], make: Make) -> None:
    answer = await verdict(make())
    assert answer.outcome == outcome, answer.summary()
    told = answer.unknown if outcome == "awaiting_data" else answer.failed
    assert parts <= told and (parts == told or outcome == "awaiting_data"), answer.summary()


# -- what building authorities report (C2, D2) ---------------------------------------------

UNCLASSED = ("D1-2-03", "D1-3-01", "D1-3-02", "D1-3-03", "D1-3-04")
"""Codes of bad behaviour that do not say which item of Art. 23 they are."""
NO_ITEM = ("D1-1-02", "D1-1-04", "D1-2-04", "Z-99")
"""Other acts, which a machine does not take for item 12 (reading 11)."""
ONE_LESSER_ACCIDENT = "Z-11-2"


def _codes() -> dict[str, str | None]:
    feed = next(f for f in load_channels()["credit"].feeds.values() if "CreditCode" in f.columns)
    (field,) = (one for one in feed.fields if one.source == "CreditCode")
    return dict(field.codes or {})


@pytest.mark.provision("C1", "C2", "D2")
@pytest.mark.parametrize("code", sorted(_codes()))
async def test_what_an_authority_of_a_county_reports_counts_by_its_code(code: str) -> None:
    """An accident of class 较大 or above refuses by itself, one of class 一般 does not (item 11)."""
    found = upgrade().act(DAY, _codes()[code], authority="余杭区住房和城乡建设局")  # type: ignore[arg-type]
    answer = await verdict(found)
    harmless = code in NO_ITEM or code == ONE_LESSER_ACCIDENT
    expected = "granted" if harmless else "awaiting_data" if code in UNCLASSED else "refused"
    assert answer.outcome == expected, answer.summary()


# -- two applications filed at once (E22) ---------------------------------------------------


@pytest.mark.provision("E6", "E22", "E25")
@pytest.mark.parametrize("lacks", ["nothing", "S11", "S04"])
def test_of_two_upgrades_filed_at_once_each_needs_works_of_its_own(lacks: str) -> None:
    p = upgrade()
    if lacks == "S11":
        p.tear_down("project.1")
    p.code = "S04"
    p.hold("S04", "二级").hire("lead.2").entitle("lead.2", "高级", "电子")
    p.appoint("lead.2", date(2000, 1, 1))
    asked = figures("S04", "一级", DAY)
    if lacks != "S04":
        p._performance(asked, None, None)
    p.state_net_assets(max(asked["net_assets_wan"], 1500)).cover_everything()
    both = [p.application() | {"application_id": c, "category_code": c} for c in ("S04", "S11")]
    decided = decide(
        pl.DataFrame(both, schema=applications_of([p]).schema),
        Facts.of(frames_of([p])),
        BOOK,
        instant(DAY, 11),
    ).decisions
    outcomes = dict(decided.select("application_id", "outcome").iter_rows())
    assert outcomes == {code: "refused" if code == lacks else "granted" for code in ("S04", "S11")}
