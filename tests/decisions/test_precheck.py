"""What-if: the criteria that an application would meet, what is short, and by how much."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from portfolio import Portfolio, applications_of, frames_of, instant
from shipped import BOOK

from decisions.engine import decide
from decisions.facts.model import Facts
from decisions.precheck import ITEM, Prechecked, every_level, natural_kinds, precheck
from decisions.rulebook.errors import RulebookError

DAY = date(2017, 3, 1)
CRITERION = ["criterion", "parent", "stage", "required", "actual", "result", "note", "clause"]


def first(nth: int = 1) -> Portfolio:
    """An enterprise that holds nothing and meets S11 二级 with nothing to spare."""
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY, nth=nth)


def asked_of(*cases: Portfolio, kind: str | None = None) -> pl.DataFrame:
    rows = [(one.usc_code, one.code, one.subcategory, one.level, kind) for one in cases]
    return pl.DataFrame(
        rows, schema=dict.fromkeys(["usc_code", *ITEM, "kind"], pl.String()), orient="row"
    )


def answers(*cases: Portfolio, kind: str | None = None) -> Prechecked:
    facts = Facts.of(frames_of(list(cases)))
    return precheck(asked_of(*cases, kind=kind), facts, BOOK, instant(DAY, 10))


def criterion(found: Prechecked, name: str) -> dict[str, Any]:
    return found.criteria.row(by_predicate=pl.col("criterion") == name, named=True)


def test_an_enterprise_at_every_figure_would_get_the_level_and_is_short_of_nothing() -> None:
    found = answers(first())
    level = found.levels.row(0, named=True)
    assert (level["outcome"], level["kind"], level["authority"]) == ("granted", "first", "province")
    assert (level["may_apply"], level["meets_standard"]) == ("met", "met")
    assert level["not_met"] == level["no_data"] == []
    assert found.criteria["short_by"].null_count() == found.criteria.height


def test_one_worker_too_few_is_short_by_one() -> None:
    case = first()
    found = answers(case.dismiss(case.people_in("worker")[-1]))
    assert found.levels.row(0, named=True)["not_met"] == ["skilled_workers"]
    short = found.criteria.filter(pl.col("short_by").is_not_null())
    assert short["short_by"].to_list() == [1.0] * short.height
    assert "skilled_workers.count" in short["criterion"].to_list()


def test_net_assets_are_short_in_the_unit_of_the_standard() -> None:
    found = answers(first().capital(150))
    assert criterion(found, "net_assets")["short_by"] == 50.0
    assert criterion(found, "net_assets")["required"] == "≥ 200 万元"


def test_a_leader_a_year_too_young_in_the_trade_is_short_by_a_year() -> None:
    found = answers(first().practised_since(date(2010, 3, 1)))
    years = criterion(found, "technical_lead.years")
    assert (years["result"], years["short_by"]) == ("not_met", 1.0)


def test_missing_data_are_told_as_missing_and_not_as_a_shortfall_of_the_enterprise() -> None:
    found = answers(first().uncover("base_enterprise__registry"))
    level = found.levels.row(0, named=True)
    assert level["outcome"] == "awaiting_data"
    assert "registration_state" in level["no_data"]
    assert level["not_met"] == []


def test_what_a_switch_shuts_out_is_assessed_all_the_same() -> None:
    case = first().bar(date(2017, 1, 1), date(2017, 12, 31))
    level = answers(case).levels.row(0, named=True)
    assert (level["outcome"], level["may_apply"]) == ("not_accepted", "not_met")
    assert level["meets_standard"] == "met"


@pytest.mark.parametrize(
    ("code", "level", "kind"),
    [("S11", "二级", "first"), ("S11", "一级", "upgrade"), ("S11", "二级", "renewal")],
)
def test_an_item_gives_the_criteria_of_an_application_for_it(
    code: str, level: str, kind: str
) -> None:
    cases = [Portfolio.meeting(code, level, kind=kind, filed_on=DAY, nth=n) for n in (1, 2, 3)]
    cases[1].state_net_assets(1).capital(1)
    cases[2].quarantine("base_personnel__technical_lead")
    facts = Facts.of(frames_of(cases))
    at = instant(DAY, 10)
    filed = decide(applications_of(cases), facts, BOOK, at)
    found = precheck(asked_of(*cases, kind=kind), facts, BOOK, at, as_authority="province")
    codes = pl.DataFrame(
        {
            "application_id": [c.application_id for c in cases],
            "usc_code": [c.usc_code for c in cases],
        }
    )
    of_filed = filed.criteria.join(codes, on="application_id").select("usc_code", *CRITERION)
    of_asked = found.criteria.select("usc_code", *CRITERION)
    order = ["usc_code", "criterion"]
    assert of_asked.sort(order).equals(of_filed.sort(order))
    outcomes = filed.decisions.sort("usc_code")["outcome"].to_list()
    assert found.levels.sort("usc_code")["outcome"].to_list() == outcomes
    assert len(set(outcomes)) == 3


def test_every_level_of_the_standard_is_asked_once() -> None:
    levels = every_level(BOOK, DAY)
    assert levels.height == levels.select(ITEM).n_unique() == 127
    assert levels["category_code"].n_unique() == 48


def test_before_the_standard_there_was_nothing_to_apply_for() -> None:
    with pytest.raises(RulebookError, match="no standard on that day"):
        every_level(BOOK, date(2014, 12, 31))


def test_each_level_is_got_by_its_own_kind_of_application() -> None:
    holder = Portfolio.meeting("S11", "二级", kind="renewal", filed_on=DAY, nth=1)
    newcomer = first(2)
    items = [("S11", "", "二级"), ("S11", "", "一级"), ("S04", "", "二级"), ("S36", "", "不分等级")]
    asked = pl.DataFrame(
        [(one.usc_code, *item, None) for one in (holder, newcomer) for item in items],
        schema=dict.fromkeys(["usc_code", *ITEM, "kind"], pl.String()),
        orient="row",
    )
    found = natural_kinds(asked, Facts.of(frames_of([holder, newcomer])), BOOK, DAY)
    assert found.filter(usc_code=holder.usc_code)["kind"].to_list() == [
        *("renewal", "upgrade", "addition", "addition"),
    ]
    assert found.filter(usc_code=newcomer.usc_code)["kind"].to_list() == [
        *("first", "upgrade", "first", "first"),
    ]


def test_a_level_of_another_authority_is_asked_before_that_one() -> None:
    case = first()
    asked = asked_of(case).with_columns(category_code=pl.lit("G01"), level=pl.lit("一级"))
    found = precheck(asked, Facts.of(frames_of([case])), BOOK, instant(DAY, 10))
    level = found.levels.row(0, named=True)
    assert level["authority"] == "ministry"
    assert "jurisdiction" not in level["not_met"]
