"""A criterion without data says which row is missing or not believed, whose it is, and since when.

Rows are asked for by table and key, never by text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from exact import Exact
from offices import Office, at
from portfolio import CITY, MONTHLY, PROVINCE, Portfolio, applications_of, frames_of
from sheets import Rank
from shipped import BOOK

from assets.channels import load_channels
from assets.tables import BASE_TABLES, FACT_TABLES, decision
from decisions.admission import switch_words
from decisions.engine import Decided, decide
from decisions.facts.model import Facts
from decisions.replay import replay
from decisions.waiting.missing import trace
from decisions.waiting.missing_texts import TEXT
from decisions.waiting.remedies import remedied
from decisions.waiting.sources import SOURCES

DAY = date(2017, 3, 1)
FEBRUARY = date(2017, 2, 1)
REGISTRY, STATEMENT = "base_enterprise__registry", "base_enterprise__statement"
REGISTRATION, PERSON = "base_personnel__registration", "base_personnel__person"
TITLE, SKILL = "base_personnel__title", "base_personnel__skill_certificate"
CONTRACT, ACCEPTANCE = "base_project__contract", "base_project__acceptance"
PARTY, MEASURE = "base_project__party", "base_project__measure"
UNIT, EQUIPMENT = "base_project__unit", "base_enterprise__equipment"
FINDING = "base_credit__finding"
Lost = set[tuple[str, str, str, str, str]]
"""Criterion, table, key, fault, cause."""


def case(kind: str = "first", code: str = "S11", level: str = "二级", nth: int = 1) -> Portfolio:
    return Portfolio.meeting(code, level, kind=kind, filed_on=DAY, nth=nth)


def evaluated(*portfolios: Portfolio) -> tuple[Decided, Facts]:
    facts = Facts.of(frames_of(portfolios))
    return decide(applications_of(portfolios), facts, BOOK, at(DAY)), facts


def rows(*portfolios: Portfolio) -> pl.DataFrame:
    return trace(*evaluated(*portfolios), BOOK)


def lost(*portfolios: Portfolio) -> Lost:
    names = ("criterion", "target", "row_key", "fault", "cause")
    return set(rows(*portfolios).select(names).iter_rows())


def test_nothing_is_missing_where_nothing_is_open() -> None:
    assert rows(case()).is_empty()


@pytest.mark.provision("W9")
def test_w9_insurance_that_was_not_delivered_names_the_people_the_month_and_the_channel() -> None:
    one = case().uncover(MONTHLY)
    workers = [one.people["worker.1"], one.people["worker.2"]]
    one.not_insured("worker.1").not_insured("worker.2")
    assert lost(one) == {
        ("skilled_workers", MONTHLY, f"{CITY}|2017-02-01", "undeclared", ""),
        *(
            ("skilled_workers", MONTHLY, f"{key}|2017-02-01|{one.usc_code}", "missing", "")
            for key in workers
        ),
    }
    found = rows(one).filter(pl.col("fault") == "missing")
    assert sorted(found["person_key"]) == sorted(workers)
    assert set(found["period"]) == {FEBRUARY}
    assert set(found.select("channel", "feed").iter_rows()) == {("social_security", "insurance")}


@pytest.mark.provision("B0.5", "W9")
@pytest.mark.parametrize(("event", "months"), [("split", [2, 1, 12]), ("merger_absorption", [2])])
def test_b0_5_of_who_was_divided_the_insurance_of_three_months_is_named(
    event: str, months: list[int]
) -> None:
    one = case("reverification").event(event, FEBRUARY).uncover(MONTHLY)
    key = one.people["worker.1"]
    asked = [date(2016 if month == 12 else 2017, month, 1) for month in months]
    found = lost(one.not_insured("worker.1"))
    assert {row[1:4] for row in found if row[2].startswith(key)} == {
        (MONTHLY, f"{key}|{month}|{one.usc_code}", "missing") for month in asked
    }
    assert {row[2] for row in found if row[3] == "undeclared"} == {
        f"{CITY}|{month}" for month in asked
    }


@pytest.mark.provision("W28")
def test_w28_a_statement_that_is_not_there_names_the_year_and_the_source() -> None:
    one = case("upgrade", level="一级").remove(STATEMENT).uncover(STATEMENT)
    assert lost(one) == {
        ("net_assets", STATEMENT, f"{one.usc_code}|2016|annual", "missing", ""),
        ("net_assets", STATEMENT, CITY, "undeclared", ""),
    }
    assert set(rows(one)["channel"]) == {"finance"}


@pytest.mark.provision("W29")
def test_w29_a_row_set_apart_names_the_rules_it_broke_and_the_feed_that_sent_it() -> None:
    one = case()
    key = one.people["constructor.1"]
    (row,) = one.of(REGISTRATION, person_key=key)
    row["delivery_id"] = "constructor_registry.registration.0123456789abcdef"
    one.quarantine(REGISTRATION, unread=["valid_until"], person_key=key)
    (found,) = rows(one).iter_rows(named=True)
    assert (found["criterion"], found["target"]) == ("constructors", REGISTRATION)
    assert (found["fault"], found["cause"]) == ("quarantined", "valid_until:unreadable")
    assert (found["channel"], found["feed"]) == ("constructor_registry", "registration")
    assert found["person_key"] == key
    assert found["last_delivered_at"] is not None


def test_a_person_whose_number_could_not_be_read_is_the_row_of_its_delivery() -> None:
    one = case()
    key = one.people["constructor.1"]
    (row,) = one.of(REGISTRATION, person_key=key)
    one.quarantine(REGISTRATION, unread=["person_key", "registration_no"], person_key=key)
    one.rows["intake__quarantine"][-1]["person_key"] = None
    (found,) = rows(one).iter_rows(named=True)
    assert found["row_key"] == f"{row['delivery_id']}:{row['row_no']}"
    assert found["cause"] == "person_key:unreadable;registration_no:unreadable"


def test_a_doubt_names_the_check_and_what_it_found() -> None:
    one = case("upgrade", level="一级")
    contract = one.of(CONTRACT)[-1]["contract_no"]
    one.doubt(CONTRACT, contract, "DATA")
    assert lost(one) == {("performance", CONTRACT, contract, "doubted", "P-18")}
    assert rows(one)["detail"].to_list() == [one.of("check__finding")[0]["detail"]]


@pytest.mark.parametrize(("kind", "asked"), [("first", [2]), ("addition", [2, 1, 12])])
def test_of_doubts_about_insurance_those_of_the_months_asked_are_named(
    kind: str, asked: list[int]
) -> None:
    one = case(kind)
    key = one.people["constructor.1"]
    months = {11: "2016-11-01", 12: "2016-12-01", 1: "2017-01-01", 2: "2017-02-01", 3: "2017-03-01"}
    for month in months.values():
        one.doubt(MONTHLY, f"{key}|{month}", "DATA")
    found = {row_key for _, target, row_key, *_ in lost(one) if target == MONTHLY}
    assert found == {f"{key}|{months[month]}" for month in asked}


@pytest.mark.parametrize(("kind", "asked"), [("first", [2]), ("addition", [12, 1, 2])])
def test_of_months_paid_for_nobody_knows_whom_those_asked_are_named(
    kind: str, asked: list[int]
) -> None:
    one = case(kind)
    key = one.people["worker.1"]
    one.remove(MONTHLY, person_key=key)
    days = [date(2016, 11, 1), date(2016, 12, 1), *(date(2017, month, 1) for month in (1, 2, 3))]
    one.insure("worker.1", one.usc_code, days)
    came = {
        f"{row['delivery_id']}:{row['row_no']}": row["month"].month
        for row in one.of(MONTHLY, person_key=key)
    }
    one.quarantine(MONTHLY, unread=["person_key"], person_key=key)
    found = {row_key for _, target, row_key, *_ in lost(one) if target == MONTHLY}
    assert sorted(came[row_key] for row_key in found) == sorted(asked)


def test_what_the_law_does_not_count_is_no_doubt() -> None:
    one = case("upgrade", level="一级")
    one.doubt(CONTRACT, one.of(CONTRACT)[-1]["contract_no"], "LAW")
    assert rows(one).is_empty()


def test_a_source_that_is_too_old_says_the_last_day_it_spoke_of() -> None:
    one = case("upgrade", level="一级")
    old = DAY - timedelta(days=40)
    one.change("base_channel__coverage", {"target": FINDING}, as_of=old)
    assert lost(one) == {("art23", FINDING, CITY, "stale", old.isoformat())}


def test_a_register_that_is_asked_about_the_whole_province_is_named_as_such() -> None:
    one = case()
    one.uncover(REGISTRATION).cover(REGISTRATION, CITY, date(1, 1, 1))
    found = lost(one)
    assert ("constructors", REGISTRATION, PROVINCE, "undeclared", "") in found
    assert {(target, key) for _, target, key, _, _ in found} == {(REGISTRATION, PROVINCE)}


def test_a_payer_that_may_be_a_branch_is_named_and_not_the_insured() -> None:
    one = case()
    body = one.company(1, branch=True)
    one.insured_by("worker.1", body).quarantine(REGISTRY, unread=["parent_usc_code"], usc_code=body)
    assert lost(one) == {
        ("skilled_workers", REGISTRY, body, "quarantined", "parent_usc_code:unreadable")
    }


def test_a_register_in_which_a_branch_may_be_missing_is_named_for_the_province() -> None:
    one = case()
    one.insured_by("worker.1", one.company(1))
    one.change("base_channel__coverage", {"target": REGISTRY}, region_code=CITY)
    assert lost(one) == {
        (criterion, REGISTRY, PROVINCE, "undeclared", "")
        for criterion in ("bar", "skilled_workers")
    }


def without_birth(one: Portfolio) -> Portfolio:
    return one.born("constructor.1", None)


def without_grade(one: Portfolio) -> Portfolio:
    return one.change(SKILL, {"person_key": one.people["worker.1"]}, grade=None)


def without_act(one: Portfolio) -> Portfolio:
    return one.act(date(2017, 1, 10), act=None)  # type: ignore[arg-type]


def without_quality(one: Portfolio) -> Portfolio:
    return one.change(
        ACCEPTANCE, {"contract_no": one.of(CONTRACT)[-1]["contract_no"]}, quality=None
    )


@pytest.mark.parametrize(
    ("kind", "level", "change", "criterion", "target", "column"),
    [
        ("first", "二级", without_birth, "constructors", PERSON, "born_on"),
        ("upgrade", "一级", without_act, "art23", FINDING, "act"),
        ("upgrade", "一级", without_quality, "performance", ACCEPTANCE, "quality"),
    ],
)
def test_a_sound_row_without_the_value_that_decides_names_the_column(
    kind: str,
    level: str,
    change: Callable[[Portfolio], Portfolio],
    criterion: str,
    target: str,
    column: str,
) -> None:
    found = lost(change(case(kind, level=level)))
    assert (criterion, target, "empty", column) in {(c, t, f, x) for c, t, _, f, x in found}
    assert {fault for *_, fault, _ in found} == {"empty"}


def test_works_without_acceptance_manager_or_contract_name_the_row_that_is_not_there() -> None:
    for number, table in enumerate((ACCEPTANCE, PARTY, CONTRACT), 1):
        one = case("upgrade", level="一级", nth=number)
        contract = one.of(CONTRACT)[-1]["contract_no"]
        one.remove(table, contract_no=contract).uncover(table)
        assert ("performance", table, contract, "missing", "") in lost(one), table


def test_a_measure_that_is_not_there_names_its_unit() -> None:
    one = case("upgrade", "G01", "二级")
    unit = one.of(MEASURE)[-1]["unit_code"]
    one.remove(MEASURE, unit_code=unit).uncover(MEASURE).cover(MEASURE, PROVINCE, date(1, 1, 1))
    assert ("performance", MEASURE, unit, "missing", "") in lost(one)


def test_works_and_machines_of_a_name_that_no_list_has_are_named_with_it() -> None:
    works, means = case("upgrade", level="一级"), Exact(Rank("S07", "二级"), DAY, 2).build()
    unit = works.of(UNIT)[0]
    works.change(UNIT, {"unit_code": unit["unit_code"]}, works_type="室内装饰工程")
    machine = means.of(EQUIPMENT)[0]
    means.change(EQUIPMENT, {"equipment_no": machine["equipment_no"]}, equipment_kind="塔吊")
    named = rows(works, means)
    assert set(named.select("criterion", "target", "row_key", "fault", "cause").iter_rows()) == {
        ("performance", UNIT, unit["unit_code"], "unlisted", "室内装饰工程"),
        *(
            ("equipment", EQUIPMENT, f"{one['equipment_no']}|{one['metric']}", "unlisted", "塔吊")
            for one in means.of(EQUIPMENT, equipment_kind="塔吊")
        ),
    }
    # It is for whoever sent the row.
    assert set(named["channel"]) == {"test"}
    told = remedied(named).filter(pl.col("target") == UNIT).row(0, named=True)
    assert "补入名录：室内装饰工程" in told["remedy_zh"]
    assert "mapped in the channel file" in told["remedy_en"]


def test_so_is_a_label_that_no_list_has() -> None:
    one = Exact(Rank("S05", "一级"), DAY, 3).build()
    systems = one.of(MEASURE, metric="包含系统")[0]
    systems["label"] = "火灾自动报警系统、自动灭火系统、防排烟系统"
    keys = ("unit_code", "works_type", "metric")
    row = ("performance", MEASURE, "|".join(systems[key] for key in keys), "unlisted")
    assert (*row, systems["label"]) in lost(one)


def test_so_is_a_design_qualification_of_a_series_that_no_list_has() -> None:
    one = case("first", "G01", "二级")
    one.designs("建筑行业（建筑工程）").designs("公路行业")
    number = one.of("base_enterprise__design_qualification")[0]["design_no"]
    row = ("first_level", "base_enterprise__design_qualification", number, "unlisted")
    assert (*row, "建筑行业（建筑工程）") in lost(one)


def test_a_manager_whose_registration_is_in_doubt_is_named() -> None:
    one = case("upgrade", level="一级")
    contract = one.of(CONTRACT)[-1]["contract_no"]
    (party,) = one.of(PARTY, contract_no=contract)
    one.doubt(REGISTRATION, party["person_key"], "DATA")
    assert ("performance", REGISTRATION, party["person_key"], "doubted", "P-18") in lost(one)


@pytest.mark.provision("W20")
def test_w20_a_text_that_nobody_found_is_the_offices_to_supply() -> None:
    one = case("upgrade", level="一级")
    one.code, one.level = "S17", "二级"
    one.change("base_enterprise__qualification", {}, category_code="S17", level="三级")
    found = rows(one)
    texts = found.filter(pl.col("target") == TEXT)
    assert texts.height > 0 and set(texts["fault"]) == {"text"}
    assert set(texts["cause"]) == {"unknown"}
    assert texts["channel"].null_count() == texts.height


# -- for every table and every criterion -------------------------------------------------

KINDS = (("first", "S11", "二级"), ("upgrade", "G01", "二级"), ("renewal", "S11", "二级"))


@pytest.mark.parametrize("table", [table.name for table in FACT_TABLES])
def test_whatever_source_falls_silent_every_criterion_it_opens_names_it(table: str) -> None:
    """Its rows set apart, or gone, and nobody says it is complete: for every kind."""
    cases = []
    for number, what in enumerate(KINDS):
        whole, gone, apart = (case(*what, 3 * number + nth) for nth in (1, 2, 3))
        if gone.of(table):
            gone.remove(table)
            apart.quarantine(table)
        cases += [whole, gone, apart]
    for one in cases:
        one.uncover(table)
    decided, facts = evaluated(*cases)
    told = trace(decided, facts, BOOK)
    key = ["application_id", "criterion"]
    open_ = decided.criteria.filter(pl.col("result") == "no_data", pl.col("parent").is_null())
    assert open_.join(told, on=key, how="anti").select(key).rows() == []
    blamed = open_.join(told.filter(pl.col("target") == table), on=key, how="anti").select(key)
    assert blamed.rows() == []
    assert told.filter(pl.col("fault") == "unsettled").is_empty()


@pytest.mark.provision("B0.3")
def test_every_base_table_has_an_owner_and_every_switch_its_sources() -> None:
    one = case("upgrade", level="一级")
    for table in BASE_TABLES:
        one.uncover(table.name) if one.of("base_channel__coverage", target=table.name) else None
    told = rows(one).filter(pl.col("target") != TEXT)
    assert told["channel"].null_count() == 0
    assert set(told["channel"]) <= set(load_channels())
    known = {name.partition(":")[0] for name in SOURCES}
    assert set(switch_words()["criterion"]) <= known


# -- one and many --------------------------------------------------------------------------


def doubtful(nth: int) -> Portfolio:
    kind, code, level = KINDS[nth % 3]
    one = case(kind, code, level, nth)
    one.doubt(
        REGISTRATION, one.people["constructor.1"], "DATA"
    ) if "constructor.1" in one.people else one
    if nth % 2:
        one.quarantine(TITLE, person_key=one.people["lead"])
    return one


def test_one_case_read_alone_lacks_what_it_lacks_among_all() -> None:
    cases = [doubtful(nth) for nth in range(1, 10)]
    decided, facts = evaluated(*cases)
    together = trace(decided, facts, BOOK)
    assert together.height > 0
    for one in cases:
        few = facts.of_enterprises([one.usc_code])
        alone = trace(decide(applications_of([one]), few, BOOK, at(DAY)), few, BOOK)
        mine = together.filter(pl.col("application_id") == one.application_id)
        assert alone.equals(mine), one.application_id


def test_what_is_missing_is_logged_with_the_decision_and_replayed(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.file(case().uncover(MONTHLY).not_insured("worker.1"), case(nth=2).uncover(MONTHLY))
    office.release(at(DAY))
    office.decide(at(DAY))
    logged = office.store.read(decision.MISSING)
    assert set(logged["application_id"]) == {"T000001"} and set(logged["evaluation_no"]) == {1}
    assert all(one.is_same for one in replay(office.store, BOOK))


def test_what_the_other_side_of_a_merger_held_is_missing_where_that_side_is() -> None:
    """What is not declared or cannot be believed of it is named, not only that nothing is known."""
    qualification, certificate = "base_enterprise__qualification", "base_enterprise__certificate"
    found = []
    for nth, doubt in ((1, "elsewhere"), (2, "set apart")):
        portfolio = case("reverification", nth=nth).capital(200)
        other = portfolio.company(1)
        portfolio.event("split", FEBRUARY, counterpart=other)
        portfolio.change(qualification, {}, usc_code=other, status_code="cancelled")
        portfolio.change(certificate, {}, usc_code=other, status_code="cancelled")
        if doubt == "set apart":
            portfolio.quarantine(qualification)
        else:
            portfolio.change(REGISTRY, {"usc_code": other}, region_code="330203")
            portfolio.remove(qualification)
            portfolio.uncover(qualification).cover(qualification, CITY, date(1, 1, 1))
        found.append(lost(portfolio))
    assert ("held", qualification, "330200", "undeclared", "") in found[0]
    assert any(row[:2] + row[3:4] == ("held", qualification, "quarantined") for row in found[1])
