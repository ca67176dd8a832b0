"""The technical leader: one of the titled staff (E1), who counts once (E5); who led on the day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from exact import Exact
from judge import MET, NO_DATA, NOT_MET, Verdict
from portfolio import Portfolio
from sheets import ranks
from together import verdict_on

DAY = date(2017, 3, 1)
POST, SKILL = "base_personnel__post_certificate", "base_personnel__skill_certificate"
LEAD = "base_personnel__technical_lead"
MEASURE = "base_project__measure"
PARTS = [(POST, "site_managers"), (SKILL, "skilled_workers")]
IDS = ["as site manager", "as worker"]


def led_by_one_of(table: str, *, also: bool = False) -> Portfolio:
    """Meets S11 二级 exactly, but one post or worker's certificate is the leader's (too)."""
    portfolio = Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY)
    row = portfolio.of(table)[-1]
    if also:
        portfolio.add(table, **{**row, "certificate_no": "L1"})
    portfolio.rows[table][-1]["person_key"] = portfolio.people["lead"]
    return portfolio


async def verdict(portfolio: Portfolio) -> Verdict:
    return await verdict_on(portfolio)


@pytest.mark.provision("E1", "E5")
@pytest.mark.parametrize(("table", "part"), PARTS, ids=IDS)
async def test_the_leader_is_no_site_manager_and_no_worker_beside(table: str, part: str) -> None:
    answer = await verdict(led_by_one_of(table))
    assert answer.outcome == "refused"
    assert answer.failed == {part}, answer.summary()
    count = answer.criterion(f"{part}.count")
    assert count["note"].startswith("缺1人 short by 1"), count["note"]
    assert "the technical leader counts among the titled staff" in count["note"]
    his = [
        row["counted"]
        for row in answer.evidence_of(part)
        if led_by_one_of(table).people["lead"] in row["content_json"]
    ]
    assert his == ["no"]


@pytest.mark.provision("E5")
@pytest.mark.parametrize(("table", "part"), PARTS, ids=IDS)
async def test_with_one_more_beside_him_nobody_is_short(table: str, part: str) -> None:
    answer = await verdict(led_by_one_of(table, also=True))
    assert answer.outcome == "granted", answer.summary()
    assert answer.results[part] == MET


@pytest.mark.provision("E6")
async def test_who_leads_another_category_may_be_a_site_manager_of_this_one() -> None:
    """E6: each category's numbers are met separately; the same people may serve two."""
    portfolio = led_by_one_of(POST)
    portfolio.change(LEAD, {}, category_code="S04")
    portfolio.appoint("titled.2", date(2000, 1, 1))
    assert (await verdict(portfolio)).results["site_managers"] == MET


@pytest.mark.provision("J4", "E11")
async def test_who_leads_another_category_of_the_same_enterprise_may_lead_this_one() -> None:
    portfolio = Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY)
    (led,) = portfolio.of(LEAD)
    portfolio.add(LEAD, **{**led, "category_code": "S04"})
    assert (await verdict(portfolio)).outcome == "granted"


@pytest.mark.provision("E13")
async def test_the_legal_representative_may_lead() -> None:
    portfolio = Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY)
    (leader,) = portfolio.of("base_personnel__person", person_key=portfolio.people["lead"])
    portfolio.change("base_enterprise__registry", {}, legal_representative=leader["name"])
    assert (await verdict(portfolio)).outcome == "granted"


@pytest.mark.provision("E5", "E11")
async def test_an_appointment_in_doubt_leaves_open_where_he_counts() -> None:
    """If he leads, a site manager is lacking; if not, one more with a title is there."""
    answer = await verdict(led_by_one_of(POST).add_titled("中级", "结构").quarantine(LEAD))
    assert answer.outcome == "awaiting_data"
    assert answer.results["site_managers"] == NO_DATA


async def test_whoever_may_lead_by_one_of_several_appointments_is_surely_neither_manager_nor_worker() -> (
    None
):
    """A newer copy that was set apart names another: the one on record may lead still."""
    portfolio = Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY)
    (led,) = portfolio.of(LEAD)
    portfolio.quarantine(LEAD).add(
        LEAD,
        **{
            **led,
            "person_key": portfolio.people["worker.1"],
            "received_at": led["received_at"] - timedelta(hours=1),
        },
    )
    assert (await verdict(portfolio)).results["skilled_workers"] == NO_DATA
    portfolio.add_worker("木工", "中级工")
    assert (await verdict(portfolio)).results["skilled_workers"] == MET, (
        await verdict(portfolio)
    ).summary()


@pytest.mark.provision("E5")
@pytest.mark.parametrize(("table", "part"), PARTS, ids=IDS)
async def test_who_is_wanted_twice_leaves_one_part_short_whether_he_leads_or_not(
    table: str, part: str
) -> None:
    """E5: that it is in doubt who leads changes nothing for what can never be met."""
    portfolio = led_by_one_of(table)
    leader = portfolio.of(LEAD)[0]["person_key"]
    answer = await verdict(portfolio.quarantine(LEAD))
    assert answer.outcome == "refused", answer.summary()
    assert answer.failed == {part}
    note = answer.criterion(f"{part}.count")["note"]
    assert note == f"一人只计一次，缺1人（{leader}） one person counts once, short by 1"


@pytest.mark.provision("E5")
async def test_of_whom_there_are_too_few_nobody_elses_place_is_the_cause() -> None:
    portfolio = led_by_one_of(POST).quarantine(LEAD).remove("base_personnel__registration")
    answer = await verdict(portfolio)
    assert answer.failed == {"constructors", "site_managers"}, answer.summary()
    assert "一人只计一次" in answer.criterion("site_managers.count")["note"]
    assert answer.criterion("constructors.1")["note"] == "缺3人 short by 3"


@pytest.mark.provision("E11")
async def test_whom_a_check_excludes_as_leader_counts_as_what_he_is() -> None:
    portfolio = led_by_one_of(POST)
    answer = await verdict(portfolio.doubt(LEAD, portfolio.people["lead"], "LAW"))
    assert answer.results["technical_lead"] == NOT_MET
    assert answer.results["site_managers"] == MET


@pytest.mark.provision("E1", "E5")
async def test_where_somebody_else_is_torn_the_leader_still_has_his_place() -> None:
    """A titled man with a post certificate, one spare titled man: the leader cannot fill the gap."""
    portfolio = led_by_one_of(POST)
    portfolio.certify_post("titled.5", "劳务员")
    assert (await verdict(portfolio)).failed & {"site_managers", "titled_staff"}
    portfolio.add_titled("中级", "结构")
    assert (await verdict(portfolio)).outcome == "granted", (await verdict(portfolio)).summary()


@pytest.mark.provision("E11")
@pytest.mark.parametrize(
    ("appointed_on", "result"), [(None, NO_DATA), (DAY, MET), (date(2017, 3, 2), NO_DATA)]
)
async def test_who_was_appointed_after_the_filing_or_nobody_knows_when_does_not_show_who_led_then(
    appointed_on: date | None, result: str
) -> None:
    portfolio = Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY)
    answer = await verdict(portfolio.change(LEAD, {}, appointed_on=appointed_on))
    assert answer.results["technical_lead"] == result, answer.summary()
    assert answer.results["lead_performance"] == result


def who_led_bridges(*, pier_height: int, nth: int | None = None) -> Portfolio:
    """S07 三级: the leader's bridges are short, of narrow spans, on piers of that height."""
    rank = next(r for r in ranks("S07") if r.level == "三级")
    portfolio = Exact(rank, DAY, nth).build()
    party = portfolio.of("base_project__party", person_key=portfolio.people["lead"])
    led = [row["contract_no"] for row in party]
    for unit in portfolio.of("base_project__unit"):
        if unit["contract_no"] not in led:
            continue
        code = unit["unit_code"]
        portfolio.rows[MEASURE] = [r for r in portfolio.rows[MEASURE] if r["unit_code"] != code]
        for metric, value in (("单座桥长", 50), ("单跨跨度", 20), ("桥墩高度", pier_height)):
            portfolio.add(
                MEASURE,
                unit_code=code,
                usc_code=unit["usc_code"],
                works_type="桥梁工程",
                metric=metric,
                value=Decimal(value),
                label=None,
            )
    return portfolio


@pytest.mark.provision("E11")
@pytest.mark.parametrize(("pier_height", "result"), [(60, MET), (59, NOT_MET)])
async def test_works_by_a_figure_of_a_higher_level_than_the_one_cited_do_as_well(
    pier_height: int, result: str
) -> None:
    """二级 is "二级 or higher": only 一级 knows bridges by the height of their piers (60 m)."""
    assert (await verdict(who_led_bridges(pier_height=pier_height))).results[
        "lead_performance"
    ] == result
