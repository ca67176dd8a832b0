"""A row set apart that may show that another enterprise has somebody too leaves open whether he counts.

What the checks across channels find in the same rows is laid beside them first, as a release has it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest
from found import with_findings
from judge import Verdict, judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import MONTHLY, Portfolio, applications_of, frames_of, instant
from sheets import UnitPlan
from shipped import BOOK
from ways import WAYS

from assets.calendar import full_months_before, working_day_after
from checks.across.common import asked_months
from decisions.engine import decide
from decisions.facts.model import Facts
from decisions.waiting.missing import trace
from pipelines.settings import Settings

DAY = date(2017, 3, 1)
REGISTRATION, LEAD = "base_personnel__registration", "base_personnel__technical_lead"
PARTY, ACCEPTANCE = "base_project__party", "base_project__acceptance"


def meeting(nth: int = 1, level: str = "二级", kind: str = "first") -> Portfolio:
    return Portfolio.meeting("S11", level, kind=kind, filed_on=DAY, nth=nth)


def insured(nth: int) -> Portfolio:
    one = meeting(nth)
    return one.insure("worker.1", one.company(1), one.insurance_months)


def registered(nth: int) -> Portfolio:
    one = meeting(nth)
    return one.register("constructor.1", "二级注册建造师", "建筑工程", usc_code=one.company(1))


def leading(nth: int) -> Portfolio:
    one = meeting(nth)
    of = {"usc_code": one.company(1), "person_key": one.people["lead"], "category_code": "S04"}
    return one.add(LEAD, **of, practice_from=date(2000, 1, 1), appointed_on=date(2010, 1, 1))


def in_charge(nth: int) -> Portfolio:
    one = meeting(nth)
    other = one.company(1)
    _build(one, other, "constructor.1")
    one.change(ACCEPTANCE, {"usc_code": other}, accepted_on=None)
    return one


def at_once(nth: int) -> Portfolio:
    """The works that the upgrade rests on were begun while their manager led others."""
    one = meeting(nth, "一级", "upgrade")
    key = one.of(PARTY, usc_code=one.usc_code)[0]["person_key"]
    one.people["manager"] = key
    _build(one, one.company(1), "manager")
    return one


def _build(one: Portfolio, builder: str, manager: str) -> None:
    one.build(
        UnitPlan("建筑装修装饰工程", ()),
        "others",
        contractor=builder,
        duty="项目经理",
        leader=manager,
        signed_on=date(2014, 1, 1),
        started_on=date(2014, 2, 1),
        accepted_on=date(2016, 2, 1),
    )


Build = Callable[[int], Portfolio]
SCENES: dict[str, tuple[Build, str, str]] = {
    "insured": (insured, MONTHLY, "skilled_workers"),
    "registered": (registered, REGISTRATION, "constructors"),
    "leading": (leading, LEAD, "technical_lead"),
    "in charge by his duty": (in_charge, PARTY, "constructors"),
    "in charge of works begun": (in_charge, ACCEPTANCE, "constructors"),
    "at once by his duty": (at_once, PARTY, "performance"),
    "at once by an acceptance": (at_once, ACCEPTANCE, "performance"),
}


def other_of(one: Portfolio, table: str) -> dict[str, object]:
    return one.of(table)[-1]


def apart(build: Build, table: str, nth: int, *unread: str) -> Portfolio:
    """With only the row of the other enterprise set apart."""
    one = build(nth)
    rows = one.rows[table]
    one.rows[table] = [rows[-1]]
    one.quarantine(table, unread=unread)
    one.rows[table] = rows[:-1]
    return one


def verdicts(*cases: Portfolio) -> list[Verdict]:
    decided = judge(with_findings(list(cases)))
    for case, one in zip(cases, decided, strict=True):
        assert not disagreements(one, plainly(case)), one.summary()
    return decided


@pytest.mark.provision("E4", "E14")
@pytest.mark.parametrize("scene", SCENES)
def test_what_would_take_somebody_away_leaves_him_open(scene: str) -> None:
    build, table, part = SCENES[scene]
    there, gone = build(1), build(2)
    gone.rows[table] = gone.rows[table][:-1]
    columns = [*other_of(there, table).keys() - {"person_key", "usc_code", "delivery_id"}]
    perhaps = [apart(build, table, 3), apart(build, table, 4, *columns)]
    told, untold, *open_ = verdicts(there, gone, *perhaps)
    assert (told.outcome, untold.outcome) == ("refused", "granted"), told.summary()
    assert part in told.failed
    for one in open_:
        assert one.outcome == "awaiting_data", one.summary()
        assert part in one.unknown


@pytest.mark.provision("E4")
@pytest.mark.parametrize(
    ("since", "until", "outcome"),
    [
        (DAY, date(2019, 1, 1), "refused"),
        (DAY + timedelta(1), date(2019, 1, 1), "granted"),
        (date(2016, 1, 1), DAY, "refused"),
        (date(2016, 1, 1), DAY - timedelta(1), "granted"),
    ],
)
def test_who_is_registered_with_another_on_the_day_of_filing_counts_for_none_whenever_it_is_decided(
    since: date, until: date, outcome: str
) -> None:
    """The release of the decision finds him twice, or no more: it is no matter (reading 1)."""
    one = Portfolio.meeting(
        "S11", "二级", kind="first", filed_on=DAY, decided_on=DAY + timedelta(10)
    )
    one.register(
        "constructor.1", "二级注册建造师", "建筑工程",
        usc_code=one.company(1), valid_from=since, valid_until=until,
    )  # fmt: skip
    (found,) = verdicts(one)
    assert found.outcome == outcome, found.summary()


@pytest.mark.provision("E4", "E11")
@pytest.mark.parametrize(
    ("appointed", "outcome"),
    [(DAY, "refused"), (DAY + timedelta(1), "granted"), (None, "awaiting_data")],
)
def test_who_leads_another_on_the_day_of_filing_counts_for_none_whenever_it_is_decided(
    appointed: date | None, outcome: str
) -> None:
    one = leading(1)
    one.decided_on = DAY + timedelta(10)
    one.cover_everything()
    one.change(LEAD, {"category_code": "S04"}, appointed_on=appointed)
    (found,) = verdicts(one)
    assert found.outcome == outcome, found.summary()


DECEMBER = date(2016, 12, 1)
JANUARY, FEBRUARY, MARCH, APRIL = (date(2017, month, 1) for month in (1, 2, 3, 4))


@pytest.mark.provision("E4", "B0.5")
@pytest.mark.parametrize(
    ("kind", "twice", "decided_on", "outcome"),
    [
        ("first", FEBRUARY, DAY, "refused"),
        ("first", JANUARY, DAY, "granted"),
        ("renewal", JANUARY, DAY, "refused"),
        ("renewal", MARCH, date(2017, 5, 2), "granted"),
        ("renewal", FEBRUARY, date(2017, 5, 2), "refused"),
        ("renewal", DECEMBER, date(2017, 5, 25), "refused"),
    ],
)
def test_who_is_insured_by_two_counts_for_none_by_the_months_that_the_kind_asks_for(
    kind: str, twice: date, decided_on: date, outcome: str
) -> None:
    """What the release of the decision finds in other months is no matter (B0.5, reading 80)."""
    one = Portfolio.meeting("S11", "二级", kind=kind, filed_on=DAY, decided_on=decided_on)
    every = [DECEMBER, JANUARY, FEBRUARY, MARCH, APRIL]
    one.insure("worker.1", one.usc_code, [m for m in every if m not in one.insurance_months])
    one.insure("worker.1", one.company(1), [twice])
    (found,) = verdicts(one)
    assert found.outcome == outcome, found.summary()


@pytest.mark.provision("E2", "B0.6")
@pytest.mark.parametrize(
    ("died", "outcome"), [(DAY, "refused"), (DAY + timedelta(1), "granted"), (None, "granted")]
)
def test_who_was_alive_on_the_day_of_filing_counts_whenever_it_is_decided(
    died: date | None, outcome: str
) -> None:
    """The release of the decision finds him dead: it is no matter (reading 1)."""
    one = Portfolio.meeting(
        "S11", "二级", kind="first", filed_on=DAY, decided_on=DAY + timedelta(10)
    )
    of = {"person_key": one.people["worker.1"]}
    one.change("base_personnel__person", of, deceased_on=died)
    (found,) = verdicts(one)
    assert found.outcome == outcome, found.summary()


@pytest.mark.provision("B0.5")
def test_a_release_looks_back_as_far_as_a_case_asks_that_waits_for_its_whole_term() -> None:
    (term,) = (
        at.le for at in Settings.model_fields["supplement_days"].metadata if hasattr(at, "le")
    )
    for filed_on in pl.date_range(date(2015, 1, 1), date(2024, 12, 31), eager=True):
        last_day = working_day_after(filed_on, term)
        assert {*full_months_before(filed_on, 3)} <= {*asked_months(last_day)}, filed_on


@pytest.mark.parametrize("scene", SCENES)
def test_the_worklist_names_the_row_that_may_take_him_away(scene: str) -> None:
    build, table, _ = SCENES[scene]
    (one,) = with_findings([apart(build, table, 1)])
    row = one.of("intake__quarantine")[-1]
    facts = Facts.of(frames_of([one]))
    decided = decide(applications_of([one]), facts, BOOK, instant(DAY))
    told = trace(decided, facts, BOOK)
    place = f"{row['delivery_id']}:{row['row_no']}"
    assert told["detail"].str.contains(place, literal=True).any(), told.to_dicts()


def test_where_there_are_enough_others_nobody_waits_for_him() -> None:
    def with_a_spare(nth: int) -> Portfolio:
        one = insured(nth)
        one.rows[MONTHLY].insert(0, one.rows[MONTHLY].pop())
        one.add_worker("木工", "初级工")
        one.rows[MONTHLY].append(one.rows[MONTHLY].pop(0))
        return one

    assert verdicts(apart(with_a_spare, MONTHLY, 1))[0].outcome == "granted"


@cache
def all_scenes() -> tuple[list[Portfolio], Facts, pl.DataFrame]:
    """A case of each scene, all that is known of them, and their criteria, decided together."""
    cases = [
        apart(build, table, nth) for nth, (build, table, _) in enumerate(SCENES.values(), start=1)
    ]
    everything = Facts.of(frames_of(with_findings(cases)))
    return (
        cases,
        everything,
        decide(applications_of(cases), everything, BOOK, instant(DAY)).criteria,
    )


@pytest.mark.parametrize("way", WAYS)
def test_whatever_way_the_rows_are_read_the_answer_is_the_same(way: str) -> None:
    cases, everything, together = all_scenes()
    for case in cases:
        alone = decide(applications_of([case]), WAYS[way](everything, case), BOOK, instant(DAY))
        mine = together.filter(application_id=case.application_id).sort("criterion")
        assert alone.criteria.sort("criterion").equals(mine), case.nth


@pytest.mark.provision("E4", "B0.6")
@pytest.mark.parametrize(
    ("collected_in", "outcome"),
    [(None, "refused"), (MARCH, "refused"), (APRIL, "awaiting_data")],
)
def test_what_another_collected_afterwards_neither_takes_him_away_nor_leaves_him_counted(
    collected_in: date | None, outcome: str
) -> None:
    """It was not surely paid by the filing on 1 March (reading 93)."""
    one = Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY, decided_on=date(2017, 5, 2))
    one.insure("worker.1", one.company(1), [FEBRUARY])
    one.rows[MONTHLY][-1]["paid_month"] = collected_in
    (found,) = verdicts(one)
    assert found.outcome == outcome, found.summary()
