"""The re-check: assets, people and equipment of what is live, by 令22 Art. 28 (D1)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from portfolio import Portfolio, frames_of
from sheets import figures
from shipped import BOOK

from decisions.facts.model import Facts
from decisions.supervision.recheck import Rechecked, holders, recheck

pytestmark = pytest.mark.provision("D1", "D17")

DAY = date(2017, 3, 1)
SKILL = "base_personnel__skill_certificate"
MONTHLY = "base_personnel__insurance_month"


def holder(code: str = "S11", level: str = "二级", **given: Any) -> Portfolio:
    """An enterprise that holds a level and meets it with nothing to spare."""
    return Portfolio.meeting(code, level, kind="renewal", filed_on=DAY, **given)


def found(*cases: Portfolio, as_of: date = DAY, category_code: str | None = None) -> Rechecked:
    facts = Facts.of(frames_of(list(cases)))
    return recheck(facts, BOOK, as_of, holders(facts), category_code=category_code)


def results(one: Rechecked) -> dict[tuple[str, str], str]:
    rows = one.results.select("category_code", "level", "result").iter_rows()
    return {(code, level): result for code, level, result in rows}


def failing(one: Rechecked) -> set[str]:
    return set(one.findings.filter(pl.col("parent").is_null(), result="not_met")["criterion"])


def unknown(one: Rechecked) -> set[str]:
    return set(one.findings.filter(pl.col("parent").is_null(), result="no_data")["criterion"])


def test_what_meets_its_level_is_looked_at_and_has_no_finding() -> None:
    one = found(holder())
    assert results(one) == {("S11", "二级"): "met"}
    assert one.findings.is_empty()


def test_one_worker_too_few_is_a_finding_with_clause_shortfall_and_evidence() -> None:
    case = holder()
    one = found(case.dismiss(case.people_in("worker")[-1]))
    assert results(one) == {("S11", "二级"): "not_met"}
    part = one.findings.row(by_predicate=pl.col("criterion") == "skilled_workers.count", named=True)
    assert (part["result"], part["short_by"], part["parent"]) == ("not_met", 1.0, "skilled_workers")
    assert "建市[2014]159号" in part["clause"]
    whole = one.findings.row(by_predicate=pl.col("criterion") == "skilled_workers", named=True)
    evidence = json.loads(whole["evidence_json"])
    assert {row["target"] for row in evidence} == {SKILL}
    keys = {row["content"]["person_key"] for row in evidence if row["counted"] == "yes"}
    assert keys == {case.people[label] for label in case.people_in("worker")}


def test_works_are_no_matter_of_a_recheck() -> None:
    """The lowest level asks the leader for works; a renewal's portfolio has none that count."""
    case = holder()
    for label in [row["unit_code"] for row in case.of("base_project__unit")]:
        case.remove("base_project__unit", unit_code=label)
    assert results(found(case)) == {("S11", "二级"): "met"}


@pytest.mark.parametrize("sold", [False, True])
def test_equipment_is_looked_at(sold: bool) -> None:
    case = holder("G10", "一级")
    asked = figures("G10", "一级", DAY)["equipment"]
    for item in asked["items"][: asked["need"]]:
        metric, _, value, *_ = item["where"].split(" ")
        for _ in range(item["count"] - (1 if sold else 0)):
            case.own_machine(item["what"], metric, Decimal(value))
    assert failing(found(case)) == ({"equipment"} if sold else set())


@pytest.mark.provision("B0.5")
def test_the_last_full_month_of_insurance_is_asked_and_no_earlier_one() -> None:
    case = holder()
    worker = case.people_in("worker")[-1]
    months = sorted(case.insurance_months)
    for month in months[:-1]:
        case.not_insured(worker, month=month)
    assert results(found(case)) == {("S11", "二级"): "met"}
    case.not_insured(worker, month=months[-1])
    assert failing(found(case)) == {"skilled_workers"}


def test_each_qualification_is_asked_for_its_own_net_assets() -> None:
    case = holder().hold("G01", "三级").state_net_assets(799)
    one = found(case)
    assets = one.findings.filter(criterion="net_assets")
    assert assets.select("category_code", "short_by").rows() == [("G01", 1.0)]
    assert results(one)["S11", "二级"] == "met"


def test_what_a_source_has_not_declared_complete_is_unknown_and_no_failure() -> None:
    case = holder()
    case.dismiss(case.people_in("worker")[-1]).uncover(SKILL)
    one = found(case)
    assert results(one) == {("S11", "二级"): "no_data"}
    assert (failing(one), unknown(one)) == (set(), {"skilled_workers"})


def test_of_a_qualification_that_is_in_doubt_only_that_is_told() -> None:
    case = holder()
    case.dismiss(case.people_in("worker")[-1])
    case.quarantine("base_enterprise__qualification")
    one = found(case)
    assert results(one) == {("S11", "二级"): "no_data"}
    assert one.findings["criterion"].to_list() == ["validity"]


def test_a_row_whose_category_cannot_be_read_is_counted_and_not_dropped_in_silence() -> None:
    case = holder()
    case.quarantine("base_enterprise__qualification", unread=["category_code"])
    one = found(case)
    assert one.results.is_empty()
    assert one.unreadable["rows"].to_list() == [1]


@pytest.mark.provision("D11")
@pytest.mark.parametrize(("ends", "is_live"), [(DAY, True), (DAY - timedelta(days=1), False)])
def test_the_last_day_of_validity_is_a_live_day(ends: date, is_live: bool) -> None:
    one = found(holder(expires_on=ends))
    assert one.results.height == int(is_live)


@pytest.mark.provision("F2")
@pytest.mark.parametrize(
    ("day", "expected"), [(date(2016, 10, 31), {"skilled_workers"}), (date(2016, 11, 1), set())]
)
def test_people_of_a_higher_level_are_asked_up_to_the_day_before_226(
    day: date, expected: set[str]
) -> None:
    """226号, in force from 2016-11-01, leaves a higher level only its leader."""
    case = Portfolio.meeting(
        "S11", "一级", kind="renewal", filed_on=day, people_of=date(2016, 10, 31)
    )
    case.dismiss(case.people_in("worker")[-1])
    assert failing(found(case, as_of=day)) == expected


def test_a_level_outside_the_standard_is_unknown() -> None:
    case = holder()
    case.change("base_enterprise__qualification", {}, category_code="G01", level="特级")
    one = found(case)
    assert results(one) == {("G01", "特级"): "no_data"}
    assert one.findings["criterion"].to_list() == ["rule_set"]


def test_a_category_or_a_region_narrows_what_is_looked_at() -> None:
    cases = [holder(nth=1).hold("G01", "三级"), holder(nth=2)]
    assert set(results(found(*cases, category_code="G01"))) == {("G01", "三级")}
    facts = Facts.of(frames_of(cases))
    everyone = sorted(case.usc_code for case in cases)
    assert holders(facts) == holders(facts, "330100") == holders(facts, "330000") == everyone
    assert holders(facts, "330200") == []
