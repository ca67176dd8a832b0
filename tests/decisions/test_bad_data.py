"""Bad data never refuses and never grants: neither by what it shows nor by what it hides."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from exact import Exact
from judge import MET, NO_DATA, NOT_MET, Verdict
from portfolio import MONTHLY, Portfolio
from sheets import Rank, ranks
from together import verdict_on
from unit_plans import served_lines

from assets.tables import BY_NAME

DAY = date(2017, 3, 1)
CONTRACT, ACCEPTANCE = "base_project__contract", "base_project__acceptance"
MEASURE, EQUIPMENT = "base_project__measure", "base_enterprise__equipment"
REGISTRATION = "base_personnel__registration"
SKILL = "base_personnel__skill_certificate"
TITLE, LEAD = "base_personnel__title", "base_personnel__technical_lead"
UNIT = "base_project__unit"
POST, STATEMENT = "base_personnel__post_certificate", "base_enterprise__statement"


async def verdict(portfolio: Portfolio) -> Verdict:
    return await verdict_on(portfolio, with_evidence=False)


def first() -> Portfolio:
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY)


def upgrade() -> Portfolio:
    return Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)


# -- what a row that is not trusted says, refuses nobody -----------------------------------


async def test_a_day_of_contract_that_is_not_trusted_puts_no_work_beyond_the_scope() -> None:
    portfolio = upgrade()
    number = portfolio.contract_no("project.1")
    portfolio.change(CONTRACT, {"contract_no": number}, signed_on=date(1999, 1, 1))
    portfolio.quarantine(CONTRACT, contract_no=number)
    assert (await verdict(portfolio)).results["performance"] == NO_DATA


async def test_a_form_of_contract_that_is_not_trusted_rules_no_work_out() -> None:
    portfolio = upgrade()
    number = portfolio.contract_no("project.1")
    portfolio.change(CONTRACT, {"contract_no": number}, contract_type="劳务分包")
    portfolio.quarantine(CONTRACT, contract_no=number)
    assert (await verdict(portfolio)).results["performance"] == NO_DATA


async def test_a_day_of_acceptance_that_is_not_trusted_is_after_nobodys_registration() -> None:
    portfolio = upgrade()
    number = portfolio.contract_no("project.1")
    portfolio.change(ACCEPTANCE, {"contract_no": number}, accepted_on=date(2117, 2, 1))
    portfolio.quarantine(ACCEPTANCE, contract_no=number)
    assert (await verdict(portfolio)).results["performance"] == NO_DATA


async def test_a_unit_that_is_not_trusted_may_be_of_another_contract() -> None:
    portfolio = upgrade()
    number = portfolio.contract_no("project.1")
    portfolio.change(ACCEPTANCE, {"contract_no": number}, quality="不合格")
    portfolio.quarantine("base_project__unit", contract_no=number)
    assert (await verdict(portfolio)).results["performance"] == NO_DATA


async def assert_open(portfolio: Portfolio, table: str, part: str, said: dict[str, str]) -> None:
    """The only one of its kind: what it says would leave the part one short (reading 31)."""
    column = next(iter(said))
    told = [row[column] for row in portfolio.of(table)]
    one = next(
        (row for row in portfolio.of(table) if told.count(row[column]) == 1),
        portfolio.of(table)[-1],
    )
    key = {name: one[name] for name in BY_NAME[table].key}
    portfolio.change(table, key, **said)
    assert (await verdict(portfolio)).results[part] == NOT_MET
    portfolio.quarantine(table, **{**key, **{n: v for n, v in said.items() if n in key}})
    assert (await verdict(portfolio)).results[part] == NO_DATA


@pytest.mark.parametrize(
    ("table", "part", "said"),
    [
        (TITLE, "titled_staff", {"title_level": "初级"}),
        (TITLE, "titled_staff", {"major": "测量", "studied_major": "测量"}),
        (POST, "site_managers", {"role": "测量员"}),
        (REGISTRATION, "constructors", {"specialty": "铁路工程"}),
        (REGISTRATION, "constructors", {"registration": "一级注册造价工程师"}),
    ],
)
async def test_a_certificate_that_is_not_trusted_may_be_of_any_kind_and_grade(
    table: str, part: str, said: dict[str, str]
) -> None:
    await assert_open(first(), table, part, said)


async def test_a_workers_certificate_that_is_not_trusted_may_be_of_any_trade() -> None:
    lighting = Exact(Rank("S15", "三级"), DAY).build()
    await assert_open(lighting, SKILL, "skilled_workers", {"trade": "测量工"})


@pytest.mark.parametrize("said", [{"title_level": "初级"}, {"series": "教学"}])
async def test_a_title_of_the_leader_that_is_not_trusted_may_be_any(said: dict[str, str]) -> None:
    portfolio = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    leader = {"person_key": portfolio.of(LEAD)[0]["person_key"]}
    portfolio.change(TITLE, leader, **said)
    assert (await verdict(portfolio)).results["technical_lead.qualification"] == NOT_MET
    assert (await verdict(portfolio.quarantine(TITLE, **leader))).results[
        "technical_lead"
    ] == NO_DATA


async def test_a_statement_that_is_not_trusted_may_be_of_any_year() -> None:
    portfolio = upgrade()
    statement = dict(portfolio.of(STATEMENT)[0])
    portfolio.state_net_assets(1)
    assert (await verdict(portfolio)).results["net_assets"] == NOT_MET
    portfolio.add(STATEMENT, **statement | {"year": 2012, "period_end_on": date(2012, 12, 31)})
    assert (await verdict(portfolio)).results["net_assets"] == NOT_MET
    assert (await verdict(portfolio.quarantine(STATEMENT, year=2012))).results[
        "net_assets"
    ] == NO_DATA


async def test_a_statement_in_doubt_may_reach_the_highest_figure_of_what_is_held() -> None:
    """E25: a sound one reaches what is applied for; that it falls short of the rest is not sure."""
    portfolio = Portfolio.meeting("S11", "二级", kind="addition", filed_on=DAY).hold("G01", "二级")
    portfolio.state_net_assets(3999)
    assert (await verdict(portfolio)).results["net_assets"] == NOT_MET
    current = dict(portfolio.of(STATEMENT)[0])
    current.update(year=2017, report_code="current", period_end_on=date(2017, 1, 31))
    portfolio.add(STATEMENT, **current)
    assert (await verdict(portfolio)).results["net_assets"] == NOT_MET
    answer = await verdict(portfolio.quarantine(STATEMENT, report_code="current"))
    assert answer.results["net_assets"] == NO_DATA


async def test_who_leads_is_not_known_by_a_row_that_is_not_trusted() -> None:
    portfolio = first().name_person("stranger")
    portfolio.change(LEAD, {}, person_key=portfolio.people["stranger"])
    decided = await verdict(portfolio.quarantine(LEAD))
    assert decided.results["technical_lead"] == NO_DATA, decided.summary()


@pytest.mark.parametrize(
    ("code", "part"), [("S03", "equipment"), ("S13", "assets_other")], ids=["machine", "workshop"]
)
async def test_a_machine_in_doubt_may_be_any_machine(code: str, part: str) -> None:
    """Whatever the row set apart says of kind, measure and owner: it may be what is short."""
    rank = next(r for r in ranks(code) if part in r.asked(DAY))
    portfolio = Exact(rank, DAY).build()
    row = portfolio.of(EQUIPMENT)[0]
    row.update(equipment_kind="办公家具", metric="台数", is_owned=False)
    assert (await verdict(portfolio)).results[part] == NOT_MET
    portfolio.quarantine(EQUIPMENT, equipment_no=row["equipment_no"])
    assert (await verdict(portfolio)).results[part] == NO_DATA


@pytest.mark.parametrize("column", ["specialty", "registration"])
async def test_a_managers_registration_in_doubt_may_be_of_any_discipline(column: str) -> None:
    portfolio = upgrade()
    manager = portfolio.of("base_project__party", duty="项目经理")[-1]["person_key"]
    other = {"specialty": "公路工程", "registration": "一级注册结构工程师"}[column]
    portfolio.change(REGISTRATION, {"person_key": manager}, **{column: other})
    assert (await verdict(portfolio)).results["performance"] == NOT_MET
    portfolio.quarantine(REGISTRATION, person_key=manager)
    assert (await verdict(portfolio)).results["performance"] == NO_DATA


async def test_the_evidence_shows_all_measures_of_a_machine_in_whatever_order_they_came() -> None:
    shown = []
    for is_turned in (False, True):
        portfolio = Exact(ranks("S03")[0], DAY).build()
        rows = portfolio.rows[EQUIPMENT]
        rows.append({**rows[0], "metric": "斗容", "value": Decimal(3)})
        if is_turned:
            rows.reverse()
        shown.append((await verdict_on(portfolio)).evidence_of("equipment"))
    assert shown[0] == shown[1]
    measures = json.loads(shown[0][0]["content_json"])["measures"]
    assert len(measures) == 2 and {"斗容", rows[-1]["metric"]} == {m["metric"] for m in measures}


async def test_a_machine_that_is_not_delivered_is_not_refused() -> None:
    """None is short for certain before the source is declared complete (W9; E26)."""
    portfolio = Exact(ranks("S03")[0], DAY).build().remove(EQUIPMENT)
    assert (await verdict(portfolio)).results["equipment"] == NOT_MET
    portfolio.uncover(EQUIPMENT)
    assert (await verdict(portfolio)).results["equipment"] == NO_DATA


async def test_a_machine_is_not_owned_if_one_of_its_rows_says_so() -> None:
    """One row a measure: that another row names the enterprise as owner proves nothing."""
    portfolio = Exact(ranks("S03")[0], DAY).build()
    row = portfolio.of(EQUIPMENT)[0]
    portfolio.rows[EQUIPMENT].append({**row, "metric": "斗容", "is_owned": False})
    assert (await verdict(portfolio)).results["equipment"] == NOT_MET


async def test_a_label_that_is_no_grade_of_its_measure_is_no_lower_grade() -> None:
    """工程规模 = 内河: nobody knows how large the works are."""
    rank = next(r for r in ranks("S35") if r.level == "二级")
    portfolio = Exact(rank, DAY).build()
    graded = portfolio.of(MEASURE, metric="工程规模", usc_code=portfolio.usc_code)
    met = [name for name, result in (await verdict(portfolio)).results.items() if result == MET]
    (by_grade,) = [name for name in met if name.startswith("performance.class.")]
    for label, result in (("小(2)型", NOT_MET), ("内河", NO_DATA)):
        for row in graded:
            row.update(label=label)
        assert (await verdict(portfolio)).results[by_grade] == result


async def test_works_accepted_on_a_day_in_doubt_may_belong_to_any_year() -> None:
    """S31 一级, class 5: 650 万立方米 within one year."""
    rank = next(r for r in ranks("S31") if r.level == "一级")
    served = next(s for s in served_lines(rank, DAY) if s.n == 5)
    portfolio = Exact(rank, DAY, 1, served=served).build()
    assert (await verdict(portfolio)).results["performance.class.5"] == MET
    dredged = portfolio.of(MEASURE, works_type="疏浚或水下土方挖方工程", metric="工程量")
    unit = portfolio.of("base_project__unit", unit_code=dredged[0]["unit_code"])[0]
    portfolio.quarantine(ACCEPTANCE, contract_no=unit["contract_no"])
    assert (await verdict(portfolio)).results["performance.class.5"] == NO_DATA


async def test_whose_insurance_is_not_delivered_may_be_titled_staff_whomever_his_title_names() -> (
    None
):
    """He is tied to the applicant by his registration; the employer on a title is never updated."""
    portfolio = first()
    key = portfolio.people["titled.2"]
    portfolio.change(TITLE, {"person_key": key}, usc_code=portfolio.company(1))
    portfolio.not_insured("titled.2")
    assert (await verdict(portfolio)).results["titled_staff"] == NOT_MET
    portfolio.uncover(MONTHLY)
    decided = await verdict(portfolio)
    assert decided.results["titled_staff"] == NO_DATA, decided.summary()


# -- what it hides, grants nobody anything -------------------------------------------------


async def test_a_registration_elsewhere_is_no_less_doubtful_for_having_ended_as_it_reads() -> None:
    portfolio = first()
    portfolio.register(
        "constructor.1",
        "二级注册建造师",
        "建筑工程",
        usc_code=portfolio.company(1),
        valid_until=date(2010, 1, 1),
    )
    last = portfolio.rows["base_personnel__registration"][-1]
    portfolio.quarantine("base_personnel__registration", registration_no=last["registration_no"])
    assert (await verdict(portfolio)).results["constructors"] == NO_DATA


@pytest.mark.parametrize("act", ["转包或违法分包", "其他"])
async def test_an_act_is_no_less_doubtful_for_being_old_or_other_as_it_reads(act: str) -> None:
    portfolio = upgrade().act(date(2009, 6, 1), act).quarantine("base_credit__finding")
    assert (await verdict(portfolio)).results["art23"] == NO_DATA


# -- what the law does not count -----------------------------------------------------------


async def test_a_leaders_title_that_a_check_excludes_does_not_qualify_him() -> None:
    portfolio = upgrade()
    portfolio.doubt(TITLE, portfolio.people["lead"], "LAW")
    assert (await verdict(portfolio)).results["technical_lead.qualification"] == NOT_MET


async def test_a_leader_whom_a_check_excludes_does_not_lead() -> None:
    portfolio = upgrade()
    portfolio.doubt(LEAD, portfolio.people["lead"], "LAW")
    assert (await verdict(portfolio)).results["technical_lead"] == NOT_MET


@pytest.mark.parametrize(("awarded", "result"), [(DAY, MET), (date(2017, 3, 2), NOT_MET)])
async def test_a_title_awarded_after_the_filing_does_not_count(awarded: date, result: str) -> None:
    portfolio = first()
    for row in portfolio.rows[TITLE]:
        row["awarded_on"] = awarded
    decided = await verdict(portfolio)
    assert decided.results["titled_staff"] == result
    assert decided.results["technical_lead.qualification"] == result


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("base_project__unit", "unit_code"),
        (CONTRACT, "contract_no"),
        (ACCEPTANCE, "contract_no"),
        ("base_project__party", "contract_no"),
    ],
)
async def test_works_led_that_a_check_excludes_do_not_count(table: str, key: str) -> None:
    portfolio = first()
    row = portfolio.rows[table][0]
    portfolio.doubt(table, row[key], "LAW", usc_code=row["usc_code"])
    assert (await verdict(portfolio)).results["lead_performance"] == NOT_MET


@pytest.mark.parametrize("table", [CONTRACT, ACCEPTANCE])
@pytest.mark.parametrize(("is_trusted", "result"), [(True, NOT_MET), (False, NO_DATA)])
async def test_a_unit_that_is_not_trusted_may_be_of_another_contract_than_the_one_excluded(
    table: str, is_trusted: bool, result: str
) -> None:
    for portfolio, part, works in (
        (first(), "lead_performance", "lead_work.1"),
        (upgrade(), "performance", "project.1"),
    ):
        number = portfolio.contract_no(works)
        (unit,) = (one for one in portfolio.of(UNIT) if one["contract_no"] == number)
        portfolio.doubt(table, number, "LAW", usc_code=unit["usc_code"])
        if not is_trusted:
            portfolio.doubt(UNIT, unit["unit_code"], "DATA", usc_code=unit["usc_code"])
        decided = await verdict_on(portfolio)
        assert decided.results[part] == result
        if part == "performance":
            told = {e["row_key"]: e["reason"] for e in decided.evidence_of(part)}
            why = "excluded by a cross-check" if is_trusted else "not trusted"
            assert why in told[unit["unit_code"]]


# -- what is not delivered ------------------------------------------------------------------


@pytest.mark.parametrize(("said_by", "result"), [("330000", NOT_MET), ("330100", NO_DATA)])
async def test_works_led_may_lie_in_another_city(said_by: str, result: str) -> None:
    portfolio = first().tear_down("lead_work.1")
    target = {"target": "base_project__party"}
    portfolio.change("base_channel__coverage", target, region_code=said_by)
    assert (await verdict(portfolio)).results["lead_performance"] == result


async def test_an_unknown_constructor_may_have_led_works() -> None:
    portfolio = first().tear_down("lead_work.1").uncover("base_personnel__registration")
    assert (await verdict(portfolio)).results["lead_performance"] == NO_DATA


@pytest.mark.parametrize(
    ("undelivered", "result"),
    [("base_personnel__registration", NOT_MET), ("base_personnel__title", NO_DATA)],
)
async def test_a_major_that_must_be_there_waits_for_titles_not_for_registrations(
    undelivered: str, result: str
) -> None:
    """S06: titled staff and constructors count together, 结构 and 材料 are majors of titles."""
    portfolio = Exact(Rank("S06", "二级"), date(2017, 3, 1)).build()
    portfolio.remove("base_personnel__title", major="结构").uncover(undelivered)
    assert (await verdict(portfolio)).results["other_staff.1.结构"] == result


# -- what the text does not tell ------------------------------------------------------------


async def test_where_the_list_of_majors_is_missing_nobody_is_short_of_one() -> None:
    results = (await verdict(Exact(Rank("G05", "二级"), date(2016, 10, 31)).build())).results
    assert results["technical_lead.qualification"] == NO_DATA
    assert results["titled_staff.1"] == NO_DATA


async def test_who_is_wanted_twice_is_spared_by_the_part_whose_text_is_not_fully_known() -> None:
    """G08 三级: whether the titled staff must have all majors is not known, so they refuse nobody."""
    portfolio = Exact(Rank("G08", "三级"), DAY).build()
    worker = portfolio.of(SKILL)[0]["person_key"]
    registered = {row["person_key"] for row in portfolio.of(REGISTRATION)}
    titled = [r["person_key"] for r in portfolio.of(TITLE) if r["person_key"] not in registered]
    portfolio.change(SKILL, {"person_key": worker}, person_key=titled[0])
    decided = await verdict(portfolio)
    assert decided.results["titled_staff"] == NO_DATA
    assert decided.results["skilled_workers"] == MET, decided.summary()
    assert decided.outcome == "awaiting_data"
