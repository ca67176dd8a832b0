"""What every kind of application states holds together with the law's data and with the engine."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from typing import get_args

import polars as pl
import pytest
from judge import Verdict, judge
from portfolio import Portfolio
from shipped import BOOK
from together import verdict_on

from assets.tables import common
from assets.tables.decision import EFFECTS
from decisions.admission import ORDER, switch_words
from decisions.kinds.every import KINDS
from decisions.kinds.model import Term
from decisions.rulebook.codes import Assessment
from decisions.switches.closed_level import LEVEL_OPEN

DAY = date(2017, 3, 1)
EXPIRY = date(2017, 6, 15)
FIVE_YEARS = date(2022, 2, 28)
EVENT_DAY = date(2017, 2, 1)
WHAT = {"first": ("S11", "二级"), "addition": ("S11", "二级"), "upgrade": ("S11", "一级")}
REVERIFIED = {"reverification_full": None, "reverification_simplified": "absorbed_cancelled"}


def portfolio_of(code: str, nth: int | None = None) -> Portfolio:
    """One that meets everything its kind asks."""
    item = WHAT.get(code, ("S11", "二级"))
    kind = KINDS[code].filed_as
    portfolio = Portfolio.meeting(
        *item, kind=kind, filed_on=DAY, nth=nth, expires_on=None if code in WHAT else EXPIRY
    )
    if code == "change":
        portfolio.change(
            "base_enterprise__registry", {"usc_code": portfolio.usc_code}, address="新址"
        )
        portfolio.event("address", EVENT_DAY)
    elif code in REVERIFIED:
        portfolio.capital(200).event("merger_absorption", EVENT_DAY, case=REVERIFIED[code])
    elif code == "reverification_lower":
        portfolio.remove("base_enterprise__qualification").remove("base_enterprise__certificate")
        portfolio.hold("S11", "一级", expires_on=EXPIRY)
        portfolio.decided("renewal", "refused", DAY - timedelta(days=30), level="一级")
    return portfolio


@cache
def decided() -> dict[str, Verdict]:
    """All kinds together, one verdict each."""
    cases = [portfolio_of(code, nth) for nth, code in enumerate(KINDS, 1)]
    return dict(zip(KINDS, judge(cases), strict=True))


@pytest.mark.provision("A8")
def test_every_kind_that_can_be_filed_has_its_modules_and_no_other_does() -> None:
    assert {kind.filed_as for kind in KINDS.values()} == set(common.KINDS)
    assert set(KINDS) == set(get_args(Assessment)) - {"recheck"}, "nobody applies for a re-check"
    law = BOOK.kinds
    assert set(KINDS) == {row.assessment for row in law.assessed} - {"recheck"}
    assert set(law.article_23) <= set(KINDS)


@pytest.mark.parametrize("code", KINDS)
def test_a_kind_states_clause_and_basis_of_itself_of_its_switches_and_of_its_grant(
    code: str,
) -> None:
    kind = KINDS[code]
    for stated in (kind, kind.grant, *kind.switches):
        assert stated.clause
        assert stated.basis in ("seen", "recalled")
    assert kind.grant.effect in EFFECTS
    names = [switch.name for switch in kind.switches]
    assert len(set(names)) == len(names), "one answer to one question"
    assert names == sorted(names, key=ORDER.index), "in the order they are reported"


def test_the_words_of_a_switch_may_differ_by_kind_and_are_there_once_for_each() -> None:
    on_the_day = switch_words().filter(pl.lit(DAY).is_between("valid_from", "valid_to"))
    assert not on_the_day.select("assessment", "criterion").is_duplicated().any()
    assert on_the_day.height == sum(len(kind.switches) for kind in KINDS.values())


@pytest.mark.parametrize("code", KINDS)
def test_nobody_is_judged_by_a_text_that_was_not_there_on_the_day_of_filing(code: str) -> None:
    years = {
        int(year)
        for one in decided()[code].criteria
        for year in re.findall(r"[\[〔](\d{4})[\]〕]", one["clause"])
    }
    assert all(year <= DAY.year for year in years)


def test_a_closed_level_is_cited_from_the_day_the_rulebook_closes_it() -> None:
    closings = {(one.valid_from, one.clause, one.basis) for one in BOOK.kinds.closed}
    assert {(one.filed_from, one.clause, one.basis) for one in LEVEL_OPEN.later} == closings


def test_clause_and_basis_of_a_switch_follow_one_another_without_a_gap() -> None:
    words = switch_words().sort("assessment", "criterion", "valid_from")
    follows = pl.col("valid_to").shift().dt.offset_by("1d").over("assessment", "criterion")
    later = words.filter(pl.col("valid_from") != date.min)
    assert later.height > 0
    assert words.filter(
        (pl.col("valid_from") != date.min) & (pl.col("valid_from") != follows)
    ).is_empty()


@pytest.mark.provision("C8")
@pytest.mark.parametrize("code", KINDS)
def test_one_that_meets_everything_is_granted_after_every_switch_of_its_kind(code: str) -> None:
    answer = decided()[code]
    assert answer.outcome == "granted", answer.summary()
    asked = {c["criterion"] for c in answer.criteria if c["stage"] == "admission"}
    assert asked == {switch.name for switch in KINDS[code].switches}


@pytest.mark.parametrize("code", KINDS)
def test_the_parts_assessed_are_those_the_law_lists_for_the_kind(code: str) -> None:
    listed = {part for row in BOOK.kinds.assessed if row.assessment == code for part in row.parts}
    assessed = {
        c["criterion"]
        for c in decided()[code].criteria
        if c["stage"] == "assessment" and c["parent"] is None
    }
    assert assessed - {"art23"} <= listed
    assert ("art23" in assessed) == (code in BOOK.kinds.article_23)


@pytest.mark.provision("B1.5", "B2.5", "B3.3", "B4.4", "B5.2", "B6.5", "G4")
@pytest.mark.parametrize(
    ("code", "effect", "keeps_number", "valid_until"),
    [
        ("first", "new_certificate", False, FIVE_YEARS),
        ("addition", "add_to_certificate", True, date(2020, 3, 1)),
        ("upgrade", "replace_level", True, date(2020, 3, 1)),
        ("renewal", "renew", True, FIVE_YEARS),
        ("change", "change_content", True, EXPIRY),
        ("replacement", "reissue", True, EXPIRY),
        ("reverification_simplified", "reverify", True, EXPIRY),
        ("reverification_full", "reverify", True, FIVE_YEARS),
        ("reverification_lower", "reverify", True, FIVE_YEARS),
    ],
)
def test_the_grant_does_to_the_certificate_what_the_kind_states(
    code: str, effect: str, keeps_number: bool, valid_until: date
) -> None:
    made = decided()[code].decision
    held = portfolio_of(code, list(KINDS).index(code) + 1).of("base_enterprise__certificate")
    assert made["effect"] == effect
    assert made["valid_until"] == valid_until
    assert made["certificate_no"] == (held[0]["certificate_no"] if keeps_number else None)
    stated = KINDS[code].grant
    assert stated.effect == effect
    assert (stated.term is Term.RESTARTED) == (valid_until == FIVE_YEARS)


@pytest.mark.provision("B1.5", "G1", "G4")
async def test_an_addition_goes_on_the_set_that_this_authority_has_issued_and_keeps_its_expiry() -> (
    None
):
    portfolio = Portfolio.meeting("S11", "二级", kind="addition", filed_on=DAY)
    portfolio.remove("base_enterprise__qualification").remove("base_enterprise__certificate")
    portfolio.hold("S04", "二级", expires_on=EXPIRY).state_net_assets(10_000)
    made = (await verdict_on(portfolio)).decision
    number = portfolio.of("base_enterprise__certificate")[0]["certificate_no"]
    assert (made["effect"], made["certificate_no"]) == ("add_to_certificate", number)
    assert made["valid_until"] == EXPIRY


@pytest.mark.provision("B2.5", "G1")
async def test_an_upgrade_from_a_level_of_the_city_begins_a_set_of_this_authority() -> None:
    portfolio = Portfolio.meeting("G01", "二级", kind="upgrade", filed_on=DAY, expires_on=EXPIRY)
    made = (await verdict_on(portfolio)).decision
    assert made["outcome"] == "granted"
    assert (made["effect"], made["certificate_no"]) == ("new_certificate", None)
    assert made["valid_until"] == FIVE_YEARS
