"""The worked cases, decided by hand from the law before any code did: W1 to W32.

P is the base portfolio of S11 二级: exactly what the level asks. W25, the watch over deadlines, is
in `test_waiting_terms`; what stands near them in `test_near_the_worked_cases`.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from exact import Exact
from judge import MET, NOT_MET
from portfolio import MONTHLY, Portfolio
from sheets import Rank
from together import verdict_on
from worked import (
    DAY,
    FEBRUARY,
    assert_awaiting,
    assert_granted,
    assert_not_accepted,
    assert_refused,
    base,
    builder,
    building,
    decorator,
    verdict,
)


@pytest.mark.provision("W1", "B1.5", "E5", "G4")
async def test_w1_a_first_application_exactly_at_every_figure_is_granted_a_new_set_of_five_years() -> (
    None
):
    decided = await verdict(base())
    assert_granted(decided)
    assert decided.decision["effect"] == "new_certificate"
    assert decided.decision["valid_until"] == date(2022, 2, 28)
    assert decided.decision["is_final"]


@pytest.mark.provision("W2", "E5")
async def test_w2_a_titled_person_who_is_also_the_only_labour_officer_counts_once() -> None:
    portfolio = base()
    officer = next(
        r["person_key"] for r in portfolio.of("base_personnel__post_certificate", role="劳务员")
    )
    label = next(k for k, v in portfolio.people.items() if v == officer)
    portfolio.dismiss(label).certify_post("titled.5", "劳务员")
    assert len(portfolio.of("base_personnel__person")) == 29
    decided = await verdict(portfolio)
    assert decided.outcome == "refused", decided.summary()
    assert decided.failed & {"titled_staff", "site_managers"}, decided.summary()
    told = " ".join(
        str(c["note"]) + str(c["actual"]) for c in decided.criteria if c["result"] == NOT_MET
    )
    assert "1" in told, "the shortfall of 1 is named"
    seen = [e for n in ("titled_staff", "site_managers") for e in decided.evidence_of(n)]
    assert any(
        portfolio.people["titled.5"] in e["row_key"]
        or portfolio.people["titled.5"] in e["content_json"]
        for e in seen
    )


@pytest.mark.provision("W3", "E2", "J3")
@pytest.mark.parametrize(
    ("born", "outcome"), [(date(1956, 3, 1), "refused"), (date(1956, 3, 2), "granted")]
)
async def test_w3_a_worker_counts_to_sixty_full_years_on_the_day_of_filing(
    born: date, outcome: str
) -> None:
    decided = await verdict(base().born("worker.15", born))
    assert decided.outcome == outcome, decided.summary()
    assert decided.failed == ({"skilled_workers"} if outcome == "refused" else set()), (
        decided.summary()
    )


@pytest.mark.provision("W4", "E3")
async def test_w4_a_constructor_insured_by_a_subsidiary_does_not_count() -> None:
    portfolio = base()
    decided = await verdict(portfolio.insured_by("constructor.1", portfolio.company(1)))
    assert_refused(decided, "constructors")


@pytest.mark.provision("W4", "E3")
async def test_w4_a_constructor_insured_by_a_branch_counts() -> None:
    portfolio = base()
    assert_granted(
        await verdict(portfolio.insured_by("constructor.1", portfolio.company(1, branch=True)))
    )


@pytest.mark.provision("W5", "B0.5")
async def test_w5_one_month_of_insurance_is_enough_for_a_first_application() -> None:
    portfolio = base()
    assert {row["month"] for row in portfolio.of(MONTHLY)} == {FEBRUARY}
    assert_granted(await verdict(portfolio))


@pytest.mark.provision("W5", "B0.5")
async def test_w5_one_month_of_insurance_is_not_enough_for_an_addition() -> None:
    portfolio = base("addition")
    portfolio.remove(MONTHLY, month=date(2017, 1, 1)).remove(MONTHLY, month=date(2016, 12, 1))
    decided = await verdict(portfolio)
    assert_refused(
        decided,
        "constructors",
        "titled_staff",
        "site_managers",
        "skilled_workers",
        "technical_lead",
    )


@pytest.mark.provision("W6", "E24")
async def test_w6_a_first_application_goes_by_registered_capital_and_not_by_the_statement() -> None:
    assert_granted(await verdict(base().state_net_assets(150)))


@pytest.mark.provision("W7", "E25")
@pytest.mark.parametrize(("net_assets", "outcome"), [(3999, "refused"), (4000, "granted")])
async def test_w7_an_addition_is_tested_at_the_highest_figure_among_applied_and_held(
    net_assets: int, outcome: str
) -> None:
    portfolio = base("addition")
    portfolio.remove("base_enterprise__qualification").remove("base_enterprise__certificate")
    decided = await verdict(portfolio.hold("G01", "二级").state_net_assets(net_assets))
    assert decided.outcome == outcome, decided.summary()
    assert decided.failed == ({"net_assets"} if outcome == "refused" else set()), decided.summary()


@pytest.mark.provision("W8", "E4")
async def test_w8_a_constructor_registered_with_two_enterprises_counts_for_neither() -> None:
    portfolio = base()
    portfolio.register("constructor.1", "二级注册建造师", "建筑工程", usc_code=portfolio.company(1))
    assert_refused(await verdict(portfolio), "constructors")


@pytest.mark.provision("W9")
async def test_w9_no_delivery_is_not_no_insurance() -> None:
    portfolio = base()
    portfolio.not_insured("worker.14").not_insured("worker.15").uncover(MONTHLY, period=FEBRUARY)
    decided = await verdict(portfolio)
    assert_awaiting(decided, "skilled_workers")
    assert not decided.decision["is_final"]
    assert "社" in decided.reason or "social" in decided.reason.lower(), decided.reason
    unknown = json.dumps(
        [e for e in decided.evidence_of("skilled_workers") if e["counted"] == "unknown"]
    )
    assert portfolio.people["worker.14"] in unknown
    assert portfolio.people["worker.15"] in unknown
    assert portfolio.people["worker.13"] not in unknown


@pytest.mark.provision("W9")
async def test_w9_with_the_delivery_it_is_decided() -> None:
    portfolio = base()
    portfolio.not_insured("worker.14").not_insured("worker.15")
    assert_refused(await verdict(portfolio), "skilled_workers")


@pytest.mark.provision("W10", "E11")
async def test_w10_one_way_to_qualify_is_enough_whatever_is_unknown_beside_it() -> None:
    portfolio = base().add_titled("中级", "结构")
    portfolio.change(
        "base_personnel__title", {"person_key": portfolio.people["lead"]}, title_level=None
    )
    portfolio.register("lead", "二级注册建造师", "建筑工程")
    assert_granted(await verdict(portfolio))


@pytest.mark.provision("W11", "F2")
async def test_w11_the_day_before_226_the_text_of_2014_still_asks_thirty_workers() -> None:
    decided = await verdict(decorator(date(2016, 10, 31)))
    assert_refused(decided, "skilled_workers")
    assert decided.failed == {"skilled_workers"}, decided.summary()


@pytest.mark.provision("W12", "F2", "B2.2")
async def test_w12_from_2016_11_01_workers_are_no_longer_assessed_above_the_lowest_level() -> None:
    decided = await verdict(decorator(date(2016, 11, 1)))
    assert_granted(decided)
    assert not {"constructors", "titled_staff", "site_managers", "skilled_workers"} & set(
        decided.results
    )


@pytest.mark.parametrize(
    ("filed_on", "hour", "outcome"),
    [(date(2016, 10, 31), 23, "refused"), (date(2016, 11, 1), 0, "granted")],
)
async def test_the_day_of_filing_is_the_day_in_china_and_not_in_utc(
    filed_on: date, hour: int, outcome: str
) -> None:
    portfolio = decorator(filed_on, decided_on=date(2016, 11, 1))
    portfolio.hour = hour
    decided = await verdict(portfolio)
    assert decided.outcome == outcome, decided.summary()


@pytest.mark.provision("W13", "E15")
@pytest.mark.parametrize(
    ("accepted", "outcome"), [(date(2011, 1, 1), "granted"), (date(2010, 12, 31), "refused")]
)
async def test_w13_the_window_opens_on_the_first_of_january(accepted: date, outcome: str) -> None:
    portfolio = decorator(date(2016, 11, 1))
    contract = portfolio.contract_no("project.1")
    portfolio.change(
        "base_project__contract", {"contract_no": contract}, signed_on=date(2009, 6, 1)
    )
    portfolio.change(
        "base_project__acceptance",
        {"contract_no": contract},
        started_on=date(2009, 7, 1),
        accepted_on=accepted,
    )
    decided = await verdict(portfolio)
    assert decided.outcome == outcome, decided.summary()
    assert decided.failed == ({"performance"} if outcome == "refused" else set()), decided.summary()


@pytest.mark.provision("W14", "E14")
@pytest.mark.parametrize(("amount", "outcome"), [(2000, "granted"), (2001, "refused")])
async def test_w14_a_project_beyond_the_scope_of_the_level_held_does_not_count(
    amount: int, outcome: str
) -> None:
    decided = await verdict(
        decorator(date(2016, 11, 1)).set_figure("project.1", "", "单项合同额", Decimal(amount))
    )
    assert decided.outcome == outcome, decided.summary()
    assert decided.failed == ({"performance"} if outcome == "refused" else set()), decided.summary()


@pytest.mark.provision("W15", "E16")
async def test_w15_one_unit_project_serves_one_measure() -> None:
    decided = await verdict(builder(building(13, span=22)))
    assert_refused(decided, "performance")
    assert decided.failed == {"performance"}, decided.summary()


@pytest.mark.provision("W16", "E16")
async def test_w16_two_projects_are_assigned_to_two_classes_if_any_assignment_does_it() -> None:
    assert_granted(await verdict(builder(building(13, span=22), building(12, span=9))))
    assert_granted(await verdict(builder(building(12, span=9), building(13, span=22))))


@pytest.mark.provision("W17", "E18")
async def test_w17_two_projects_of_one_class_are_one_class() -> None:
    assert_refused(
        await verdict(builder(building(13, span=9), building(12, span=9))), "performance"
    )


@pytest.mark.provision("W18", "E14")
@pytest.mark.parametrize(("height", "outcome"), [(50, "granted"), (51, "refused")])
async def test_w18_a_building_higher_than_the_level_held_allowed_does_not_count(
    height: int, outcome: str
) -> None:
    decided = await verdict(builder(building(13, span=22), building(12, height=height, span=9)))
    assert decided.outcome == outcome, decided.summary()
    assert decided.failed == ({"performance"} if outcome == "refused" else set()), decided.summary()


@pytest.mark.provision("W18", "E14")
@pytest.mark.parametrize("height", [0, None])
async def test_w18_a_building_whose_height_is_not_told_may_be_any(height: int | None) -> None:
    """0 marks that there is no figure, it is no height within every scope (reading 85)."""
    portfolio = builder(building(13, span=22), building(12, span=9))
    label = "project.2"
    portfolio.show(label, "建筑高度", None if height is None else Decimal(height))
    assert_awaiting(await verdict(portfolio), "performance")


@pytest.mark.provision("W18", "E14")
async def test_w18_while_what_was_held_is_not_all_told_no_building_is_too_high_for_it() -> None:
    portfolio = builder(building(13, span=22), building(12, height=51, span=9))
    decided = await verdict(portfolio.uncover("base_enterprise__qualification"))
    assert "performance" in decided.unknown, decided.summary()
    assert decided.outcome == "awaiting_data"


@pytest.mark.provision("W19", "B1.1")
async def test_w19_a_first_application_starts_at_the_lowest_level() -> None:
    decided = await verdict(Portfolio.meeting("G01", "二级", kind="first", filed_on=DAY))
    assert_not_accepted(decided, "first_level")


@pytest.mark.provision("W19", "A3", "A5")
async def test_w19_the_third_level_of_building_works_is_the_citys() -> None:
    decided = await verdict(Portfolio.meeting("G01", "三级", kind="first", filed_on=DAY))
    assert_not_accepted(decided, "jurisdiction")
    assert "市" in decided.reason


@pytest.mark.provision("W19", "A1", "A5")
async def test_w19_the_first_level_of_building_works_is_the_ministrys() -> None:
    decided = await verdict(Portfolio.meeting("G01", "一级", kind="upgrade", filed_on=DAY))
    assert_not_accepted(decided, "jurisdiction")
    assert "部" in decided.reason


@pytest.mark.provision("W20")
async def test_w20_a_rule_that_is_not_fully_known_never_grants() -> None:
    decided = await verdict(Exact(Rank("S17", "二级"), DAY).build())
    assert_awaiting(decided, "net_assets", "performance", "equipment")
    assert "标准文本缺失" in str(decided.criterion("net_assets")["note"])


def upgrade_with_finding(found_on: date, decided_on: date = DAY) -> Portfolio:
    return decorator(DAY, decided_on=decided_on).act(found_on)


@pytest.mark.provision("W21", "C1", "J2")
async def test_w21_a_finding_of_more_than_a_year_before_filing_no_longer_bars() -> None:
    assert_granted(await verdict(upgrade_with_finding(date(2016, 2, 29))))


@pytest.mark.provision("W21", "C1", "J2")
async def test_w21_a_finding_of_a_year_before_filing_to_the_day_refuses_an_upgrade() -> None:
    decided = await verdict(upgrade_with_finding(date(2016, 3, 1)))
    assert_refused(decided, "art23")
    assert decided.failed == {"art23"}, decided.summary()


@pytest.mark.provision("W21", "C1", "B2.3")
async def test_w21_a_finding_between_filing_and_decision_refuses_an_upgrade() -> None:
    assert_refused(
        await verdict(upgrade_with_finding(date(2017, 3, 6), decided_on=date(2017, 3, 10))), "art23"
    )


@pytest.mark.provision("W21", "C1")
async def test_w21_a_finding_that_was_set_aside_does_not_refuse() -> None:
    assert_granted(
        await verdict(decorator(DAY).act(date(2016, 6, 1), revoked_on=date(2016, 12, 1)))
    )


ONE_SITE, ANOTHER = "3301061501010101", "3301061501010201"


def lesser_accidents(*sites: str | None) -> Portfolio:
    """W12 with a decision on an accident of class 一般 for each of these projects."""
    portfolio = decorator(DAY)
    for month, site in enumerate(sites, start=6):
        portfolio.act(date(2016, month, 1), "一般事故", project_no=site)
    return portfolio


@pytest.mark.provision("W21", "C1")
async def test_w21_one_lesser_accident_does_not_refuse_and_two_do() -> None:
    assert_granted(await verdict(lesser_accidents(ONE_SITE)))
    assert_refused(await verdict(lesser_accidents(ONE_SITE, ANOTHER)), "art23")
    assert_refused(await verdict(decorator(DAY).act(date(2016, 6, 1), "较大以上事故")), "art23")


@pytest.mark.provision("W21", "C1")
@pytest.mark.parametrize("sites", [(ONE_SITE, ONE_SITE), (None, None), (ONE_SITE, None)])
async def test_w21_two_decisions_that_may_be_on_one_accident_refuse_nobody(
    sites: tuple[str | None, ...],
) -> None:
    """Reading 84: of one accident several authorities decide."""
    assert_awaiting(await verdict(lesser_accidents(*sites)), "art23")
    assert_refused(await verdict(lesser_accidents(*sites, ANOTHER, "3301061501010301")), "art23")


@pytest.mark.provision("W21", "C1")
async def test_w21_a_finding_not_yet_classified_awaits_data() -> None:
    decided = await verdict(decorator(DAY).act(date(2016, 6, 1), act=None))
    assert_awaiting(decided, "art23")


@pytest.mark.provision("W22", "C1")
async def test_w22_article_23_does_not_touch_a_first_application() -> None:
    assert_granted(await verdict(base().act(date(2016, 3, 1))))


@pytest.mark.provision("C1", "B1.4")
async def test_article_23_touches_an_addition() -> None:
    assert_refused(await verdict(base("addition").act(date(2016, 3, 1))), "art23")


def renewal(filed_on: date) -> Portfolio:
    return Portfolio.meeting(
        "S11", "二级", kind="renewal", filed_on=filed_on, expires_on=date(2017, 6, 15)
    )


@pytest.mark.provision("W23", "B3.3")
@pytest.mark.parametrize("filed_on", [date(2017, 3, 15), date(2017, 4, 1), date(2017, 6, 15)])
async def test_w23_a_renewal_filed_before_expiry_is_assessed_and_runs_five_years_from_approval(
    filed_on: date,
) -> None:
    decided = await verdict(renewal(filed_on))
    assert_granted(decided)
    assert decided.decision["effect"] == "renew"
    assert decided.decision["valid_until"] == date(
        filed_on.year + 5, filed_on.month, filed_on.day
    ) - timedelta(days=1)


@pytest.mark.provision("W23", "B3.2")
async def test_w23_late_filing_is_noted() -> None:
    in_time, late = (
        await verdict_on(renewal(date(2017, 3, 15))),
        await verdict_on(renewal(date(2017, 3, 16))),
    )
    assert (
        in_time.criterion("filing_window")["result"]
        == late.criterion("filing_window")["result"]
        == MET
    )
    assert late.criterion("filing_window")["note"]
    assert in_time.criterion("filing_window")["note"] != late.criterion("filing_window")["note"]


@pytest.mark.provision("W23", "B3.5")
async def test_w23_the_day_after_expiry_the_certificate_is_void_by_itself() -> None:
    decided = await verdict(renewal(date(2017, 6, 16)))
    assert decided.outcome == "not_accepted", decided.summary()
    assert decided.failed & {"validity", "filing_window"}, decided.summary()


@pytest.mark.provision("W24", "B3.3")
async def test_w24_a_renewal_above_the_lowest_level_looks_at_net_assets_and_the_leader_only() -> (
    None
):
    portfolio = Portfolio.meeting(
        "G01", "二级", kind="renewal", filed_on=DAY, expires_on=date(2017, 6, 15)
    )
    assert len(portfolio.of("base_personnel__person")) == 1
    assert_granted(await verdict(portfolio))
    poor = Portfolio.meeting(
        "G01", "二级", kind="renewal", filed_on=DAY, expires_on=date(2017, 6, 15)
    )
    assert_refused(await verdict(poor.state_net_assets(3999)), "net_assets")
    leaderless = Portfolio.meeting(
        "G01", "二级", kind="renewal", filed_on=DAY, expires_on=date(2017, 6, 15)
    )
    assert_refused(await verdict(leaderless.practised_since(date(2009, 3, 2))), "technical_lead")


def changed(event: str) -> Portfolio:
    portfolio = Portfolio.meeting(
        "S11", "二级", kind="change", filed_on=DAY, expires_on=date(2018, 6, 15)
    )
    portfolio.change(
        "base_enterprise__registry", {"usc_code": portfolio.usc_code}, name="浙江新名建设有限公司"
    )
    return portfolio.event(
        event, date(2017, 2, 20), before=portfolio.name, after="浙江新名建设有限公司"
    )


@pytest.mark.provision("W26", "B4.3", "B4.4")
async def test_w26_a_new_name_is_entered_under_the_same_number_and_expiry() -> None:
    portfolio = changed("rename")
    decided = await verdict(portfolio)
    assert_granted(decided)
    assert decided.decision["effect"] == "change_content"
    assert (
        decided.decision["certificate_no"]
        == portfolio.of("base_enterprise__certificate")[0]["certificate_no"]
    )
    assert decided.decision["valid_until"] == date(2018, 6, 15)


@pytest.mark.provision("W26", "B4.3", "B6.1")
async def test_w26_a_new_name_because_of_a_merger_is_a_matter_of_re_verification() -> None:
    decided = await verdict(changed("merger_absorption"))
    assert_not_accepted(decided, "change_ground")
    assert "重新核定" in decided.reason


def replacement(status: str) -> Portfolio:
    portfolio = Portfolio.meeting(
        "S11", "二级", kind="replacement", filed_on=DAY, expires_on=date(2018, 6, 15)
    )
    return portfolio.change("base_enterprise__certificate", {}, status_code=status)


@pytest.mark.provision("W27", "B5.2")
async def test_w27_a_valid_certificate_is_reissued_with_the_same_content_and_expiry() -> None:
    portfolio = replacement("valid")
    decided = await verdict(portfolio)
    assert_granted(decided)
    assert decided.decision["effect"] == "reissue"
    assert (
        decided.decision["certificate_no"]
        == portfolio.of("base_enterprise__certificate")[0]["certificate_no"]
    )
    assert decided.decision["valid_until"] == date(2018, 6, 15)


@pytest.mark.provision("W27", "B5.3")
@pytest.mark.parametrize("status", ["superseded", "withdrawn"])
async def test_w27_a_certificate_no_longer_in_force_is_not_replaced(status: str) -> None:
    assert (await verdict(replacement(status))).outcome == "not_accepted"


@pytest.mark.provision("W28", "E24")
@pytest.mark.parametrize("declared_complete", [False, True])
async def test_w28_no_statement_is_not_a_net_worth_of_zero(declared_complete: bool) -> None:
    portfolio = decorator(DAY).remove("base_enterprise__statement")
    if not declared_complete:
        portfolio.uncover("base_enterprise__statement")
    assert_awaiting(await verdict(portfolio), "net_assets")


@pytest.mark.provision("W29")
async def test_w29_a_row_set_apart_proves_nothing() -> None:
    portfolio = base()
    key = portfolio.people["constructor.1"]
    for table in ("base_personnel__registration", "base_personnel__title", MONTHLY):
        portfolio.quarantine(table, unread=("person_key",), person_key=key)
    portfolio.remove("base_personnel__person", person_key=key)
    assert_awaiting(await verdict(portfolio), "constructors")


@pytest.mark.provision("W29")
async def test_w29_bad_data_never_refuses_even_if_only_the_registration_is_set_apart() -> None:
    portfolio = base()
    key = portfolio.people["constructor.1"]
    portfolio.quarantine("base_personnel__registration", unread=("person_key",), person_key=key)
    assert_awaiting(await verdict(portfolio), "constructors")


@pytest.mark.provision("W30", "C3")
async def test_w30_no_upgrade_while_any_category_is_under_rectification() -> None:
    assert_not_accepted(
        await verdict(decorator(DAY).rectify("G01", date(2017, 2, 1))), "rectification"
    )


@pytest.mark.provision("W30", "C3")
async def test_w30_a_closed_rectification_is_no_bar() -> None:
    assert_granted(
        await verdict(decorator(DAY).rectify("G01", date(2016, 11, 1), date(2017, 1, 15)))
    )


@pytest.mark.provision("W31")
async def test_w31_one_certain_failure_is_enough_and_the_unknown_is_listed_beside_it() -> None:
    portfolio = base().dismiss("site_manager.10")
    portfolio.not_insured("constructor.1").uncover(MONTHLY, period=FEBRUARY)
    decided = await verdict(portfolio)
    assert_refused(decided, "site_managers")
    assert "constructors" in decided.unknown, decided.summary()
    assert decided.results["site_managers.count"] == NOT_MET


@pytest.mark.provision("W32")
async def test_w32_what_is_unknown_cannot_change_the_answer() -> None:
    portfolio = (
        base()
        .add_worker("木工", "初级工")
        .not_insured("worker.16")
        .uncover(MONTHLY, period=FEBRUARY)
    )
    assert_granted(await verdict(portfolio))
