"""Special works (S36): certificates tell a kind, the standard one set of figures for all kinds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from portfolio import Portfolio, frames_of
from portfolio.rows import NTH
from sheets import figures
from shipped import BOOK
from together import verdict_on

from decisions.facts.model import Facts
from decisions.supervision.recheck import holders, recheck

DAY = date(2017, 3, 1)
ASKED = Decimal(figures("S36", "不分等级", DAY)["net_assets_wan"])


@pytest.mark.provision("E25")
@pytest.mark.parametrize(
    ("more", "result"), [(Decimal("-0.0001"), "not_met"), (0, "met"), (1, "met")]
)
async def test_whoever_holds_a_kind_of_special_works_has_the_net_assets_of_it_to_show_as_well(
    more: Decimal, result: str
) -> None:
    """E25: the highest figure among what is applied for and what is held."""
    portfolio = Portfolio.meeting("S11", "二级", kind="addition", filed_on=DAY)
    assert Decimal(figures("S11", "二级", DAY)["net_assets_wan"]) < ASKED, "S36 decides"
    portfolio.remove("base_enterprise__qualification").remove("base_enterprise__certificate")
    portfolio.hold("S36", "不分等级", subcategory="结构补强").state_net_assets(ASKED + more)
    assert (await verdict_on(portfolio)).results["net_assets"] == result


@pytest.mark.provision("D1", "D17")
def test_what_is_held_of_special_works_is_re_checked_by_their_figures() -> None:
    portfolio = Portfolio("S36", "不分等级", "renewal", DAY, DAY, "province", NTH.get())
    portfolio.register_enterprise(ASKED).state_net_assets(ASKED - 1)
    portfolio.hold("S36", "不分等级", subcategory="结构补强").cover_everything()
    facts = Facts.of(frames_of([portfolio]))
    found = recheck(facts, BOOK, DAY, holders(facts)).findings
    results = dict(found.select("criterion", "result").iter_rows())
    assert results["net_assets"] == "not_met" and "rulebook" not in results
