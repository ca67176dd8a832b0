"""Bad data never refuses and never grants: neither by what it shows nor by what it hides."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from exact import Exact
from judge import MET, NO_DATA, NOT_MET, Verdict, judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import MONTHLY, Portfolio, applications_of, frames_of, instant
from sheets import Rank, ranks
from unit_plans import served_lines
from ways import BOOK, WAYS

from assets.tables import BY_NAME
from decisions.engine import decide
from decisions.facts import Facts

DAY = date(2017, 3, 1)
CONTRACT, ACCEPTANCE = "base_project__contract", "base_project__acceptance"
MEASURE, EQUIPMENT = "base_project__measure", "base_enterprise__equipment"
REGISTRATION = "base_personnel__registration"
SKILL = "base_personnel__skill_certificate"
TITLE, LEAD = "base_personnel__title", "base_personnel__technical_lead"
POST, STATEMENT = "base_personnel__post_certificate", "base_enterprise__statement"


def verdict(portfolio: Portfolio) -> Verdict:
    return judge([portfolio], with_evidence=False)[0]


def first() -> Portfolio:
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY)


def upgrade() -> Portfolio:
    return Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)


# -- what a row that is not trusted says, refuses nobody -----------------------------------


def test_a_day_of_contract_that_is_not_trusted_puts_no_work_beyond_the_scope() -> None:
    portfolio = upgrade()
    number = portfolio.contract_no("project.1")
    portfolio.change(CONTRACT, {"contract_no": number}, signed_on=date(1999, 1, 1))
    portfolio.quarantine(CONTRACT, contract_no=number)
    assert verdict(portfolio).results["performance"] == NO_DATA


def test_a_form_of_contract_that_is_not_trusted_rules_no_work_out() -> None:
    portfolio = upgrade()
    number = portfolio.contract_no("project.1")
    portfolio.change(CONTRACT, {"contract_no": number}, contract_type="劳务分包")
    portfolio.quarantine(CONTRACT, contract_no=number)
    assert verdict(portfolio).results["performance"] == NO_DATA


def test_a_day_of_acceptance_that_is_not_trusted_is_after_nobodys_registration() -> None:
    portfolio = upgrade()
    number = portfolio.contract_no("project.1")
    portfolio.change(ACCEPTANCE, {"contract_no": number}, accepted_on=date(2117, 2, 1))
    portfolio.quarantine(ACCEPTANCE, contract_no=number)
    assert verdict(portfolio).results["performance"] == NO_DATA


def test_a_unit_that_is_not_trusted_may_be_of_another_contract() -> None:
    portfolio = upgrade()
    number = portfolio.contract_no("project.1")
    portfolio.change(ACCEPTANCE, {"contract_no": number}, quality="不合格")
    portfolio.quarantine("base_project__unit", contract_no=number)
    assert verdict(portfolio).results["performance"] == NO_DATA


@pytest.mark.parametrize(
    ("table", "part", "said"),
    [
        (TITLE, "titled_staff", {"title_level": "初级"}),
        (TITLE, "titled_staff", {"major": "测量"}),
        (SKILL, "skilled_workers", {"trade": "测量工"}),
        (POST, "site_managers", {"role": "测量员"}),
        (REGISTRATION, "constructors", {"specialty": "铁路工程"}),
        (REGISTRATION, "constructors", {"registration": "一级注册造价工程师"}),
    ],
)
def test_a_certificate_that_is_not_trusted_may_be_of_any_kind_and_grade(
    table: str, part: str, said: dict[str, str]
) -> None:
    """The only one of its kind: what it says would leave the part one short (reading 31)."""
    portfolio = first()
    (column,) = said
    told = [row[column] for row in portfolio.of(table)]
    one = next(
        (row for row in portfolio.of(table) if told.count(row[column]) == 1),
        portfolio.of(table)[-1],
    )
    key = {name: one[name] for name in BY_NAME[table].key}
    portfolio.change(table, key, **said)
    assert verdict(portfolio).results[part] == NOT_MET
    portfolio.quarantine(table, **{**key, **{n: v for n, v in said.items() if n in key}})
    assert verdict(portfolio).results[part] == NO_DATA


@pytest.mark.parametrize("said", [{"title_level": "初级"}, {"series": "教学"}])
def test_a_title_of_the_leader_that_is_not_trusted_may_be_any(said: dict[str, str]) -> None:
    portfolio = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    leader = {"person_key": portfolio.of(LEAD)[0]["person_key"]}
    portfolio.change(TITLE, leader, **said)
    assert verdict(portfolio).results["technical_lead.qualification"] == NOT_MET
    assert verdict(portfolio.quarantine(TITLE, **leader)).results["technical_lead"] == NO_DATA


def test_a_statement_that_is_not_trusted_may_be_of_any_year() -> None:
    portfolio = upgrade()
    statement = dict(portfolio.of(STATEMENT)[0])
    portfolio.state_net_assets(1)
    assert verdict(portfolio).results["net_assets"] == NOT_MET
    portfolio.add(STATEMENT, **statement | {"year": 2012, "period_end_on": date(2012, 12, 31)})
    assert verdict(portfolio).results["net_assets"] == NOT_MET
    assert verdict(portfolio.quarantine(STATEMENT, year=2012)).results["net_assets"] == NO_DATA


def test_who_leads_is_not_known_by_a_row_that_is_not_trusted() -> None:
    portfolio = first().name_person("stranger")
    portfolio.change(LEAD, {}, person_key=portfolio.people["stranger"])
    decided = verdict(portfolio.quarantine(LEAD))
    assert decided.results["technical_lead"] == NO_DATA, decided.summary()


@pytest.mark.parametrize(
    ("code", "part"), [("S03", "equipment"), ("S13", "assets_other")], ids=["machine", "workshop"]
)
def test_a_machine_in_doubt_may_be_any_machine(code: str, part: str) -> None:
    """Whatever the row set apart says of kind, measure and owner: it may be what is short."""
    rank = next(r for r in ranks(code) if part in r.asked(DAY))
    portfolio = Exact(rank, DAY, 1).build()
    row = portfolio.of(EQUIPMENT)[0]
    row.update(equipment_kind="办公家具", metric="台数", is_owned=False)
    assert verdict(portfolio).results[part] == NOT_MET
    portfolio.quarantine(EQUIPMENT, equipment_no=row["equipment_no"])
    assert verdict(portfolio).results[part] == NO_DATA


@pytest.mark.parametrize("column", ["specialty", "registration"])
def test_a_managers_registration_in_doubt_may_be_of_any_discipline(column: str) -> None:
    portfolio = upgrade()
    manager = portfolio.of("base_project__party", duty="项目经理")[-1]["person_key"]
    other = {"specialty": "公路工程", "registration": "一级注册结构工程师"}[column]
    portfolio.change(REGISTRATION, {"person_key": manager}, **{column: other})
    assert verdict(portfolio).results["performance"] == NOT_MET
    portfolio.quarantine(REGISTRATION, person_key=manager)
    assert verdict(portfolio).results["performance"] == NO_DATA


def test_the_evidence_shows_all_measures_of_a_machine_in_whatever_order_they_came() -> None:
    shown = []
    for is_turned in (False, True):
        portfolio = Exact(ranks("S03")[0], DAY, 1).build()
        rows = portfolio.rows[EQUIPMENT]
        rows.append({**rows[0], "metric": "斗容", "value": Decimal(3)})
        if is_turned:
            rows.reverse()
        shown.append(judge([portfolio])[0].evidence_of("equipment"))
    assert shown[0] == shown[1]
    measures = json.loads(shown[0][0]["content_json"])["measures"]
    assert len(measures) == 2 and {"斗容", rows[-1]["metric"]} == {m["metric"] for m in measures}


def test_a_machine_is_not_owned_if_one_of_its_rows_says_so() -> None:
    """One row a measure: that another row names the enterprise as owner proves nothing."""
    portfolio = Exact(ranks("S03")[0], DAY, 1).build()
    row = portfolio.of(EQUIPMENT)[0]
    portfolio.rows[EQUIPMENT].append({**row, "metric": "斗容", "is_owned": False})
    assert verdict(portfolio).results["equipment"] == NOT_MET


def test_a_label_that_is_no_grade_of_its_measure_is_no_lower_grade() -> None:
    """工程规模 = 内河: nobody knows how large the works are."""
    rank = next(r for r in ranks("S35") if r.level == "二级")
    portfolio = Exact(rank, DAY, 1).build()
    graded = portfolio.of(MEASURE, metric="工程规模", usc_code=portfolio.usc_code)
    met = [name for name, result in verdict(portfolio).results.items() if result == MET]
    (by_grade,) = [name for name in met if name.startswith("performance.class.")]
    for label, result in (("小(2)型", NOT_MET), ("内河", NO_DATA)):
        for row in graded:
            row.update(label=label)
        assert verdict(portfolio).results[by_grade] == result


def test_works_accepted_on_a_day_in_doubt_may_belong_to_any_year() -> None:
    """S31 一级, class 5: 650 万立方米 within one year."""
    rank = next(r for r in ranks("S31") if r.level == "一级")
    served = next(s for s in served_lines(rank, DAY) if s.n == 5)
    portfolio = Exact(rank, DAY, 1, served=served).build()
    assert verdict(portfolio).results["performance.class.5"] == MET
    dredged = portfolio.of(MEASURE, works_type="疏浚或水下土方挖方工程", metric="工程量")
    unit = portfolio.of("base_project__unit", unit_code=dredged[0]["unit_code"])[0]
    portfolio.quarantine(ACCEPTANCE, contract_no=unit["contract_no"])
    assert verdict(portfolio).results["performance.class.5"] == NO_DATA


def test_whose_insurance_is_not_delivered_may_be_titled_staff_whomever_his_title_names() -> None:
    """He is tied to the applicant by his registration; the employer on a title is never updated."""
    portfolio = first()
    key = portfolio.people["titled.2"]
    portfolio.change(TITLE, {"person_key": key}, usc_code=portfolio.company(1))
    portfolio.not_insured("titled.2")
    assert verdict(portfolio).results["titled_staff"] == NOT_MET
    portfolio.uncover(MONTHLY)
    decided = verdict(portfolio)
    assert decided.results["titled_staff"] == NO_DATA, decided.summary()


# -- what it hides, grants nobody anything -------------------------------------------------


def test_a_registration_elsewhere_is_no_less_doubtful_for_having_ended_as_it_reads() -> None:
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
    assert verdict(portfolio).results["constructors"] == NO_DATA


@pytest.mark.parametrize("act", ["转包或违法分包", "其他"])
def test_an_act_is_no_less_doubtful_for_being_old_or_other_as_it_reads(act: str) -> None:
    portfolio = upgrade().act(date(2009, 6, 1), act).quarantine("base_credit__finding")
    assert verdict(portfolio).results["art23"] == NO_DATA


# -- what the law does not count -----------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "result"), [("sound", MET), ("set apart", NO_DATA), ("excluded", NOT_MET)]
)
def test_only_a_branch_that_is_certain_pays_for_the_applicant(what: str, result: str) -> None:
    portfolio = first()
    branch = portfolio.company(1, branch=True)
    portfolio.insured_by("worker.15", branch)
    if what == "set apart":
        portfolio.quarantine("base_enterprise__registry", usc_code=branch)
    if what == "excluded":
        portfolio.doubt("base_enterprise__registry", branch, "LAW", usc_code=branch)
    assert verdict(portfolio).results["skilled_workers"] == result


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("whose", "unread", "result"),
    [
        ("its own", [], NO_DATA),
        ("its own", ["parent_usc_code"], NO_DATA),
        ("its own", ["entity_code", "parent_usc_code", "name", "region_code"], NO_DATA),
        ("another's", [], NO_DATA),
        ("another's, not in doubt", [], NOT_MET),
        ("in doubt, and insures nobody of its", ["parent_usc_code"], NOT_MET),
    ],
)
def test_a_payer_newly_set_apart_may_be_anybodys_branch(
    way: str, whose: str, unread: list[str], result: str
) -> None:
    """Nobody knows whose it is, so that its people are not surely insured elsewhere (reading 53)."""
    portfolio = first()
    body = portfolio.company(1, branch=whose == "its own")
    payer = portfolio.company(2) if whose == "in doubt, and insures nobody of its" else body
    portfolio.insured_by("worker.15", payer)
    if whose != "another's, not in doubt":
        portfolio.quarantine("base_enterprise__registry", unread=unread, usc_code=body)
    other = Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY, nth=2)
    facts = WAYS[way](Facts.of(frames_of([portfolio, other])), portfolio)
    decided = decide(applications_of([portfolio]), facts, BOOK, instant(DAY))
    results = dict(decided.criteria.select("criterion", "result").iter_rows())
    assert results["skilled_workers"] == result
    assert decided.decisions["outcome"].item() == (
        "refused" if result == NOT_MET else "awaiting_data"
    )


@pytest.mark.parametrize(
    ("months", "result"), [([date(2017, 2, 1)], NO_DATA), ([date(2017, 1, 1)], NOT_MET)]
)
def test_who_insured_somebody_before_the_months_asked_does_not_matter(
    months: list[date], result: str
) -> None:
    """A first application asks for the last full month."""
    portfolio = first().not_insured("worker.15")
    body = portfolio.company(1)
    for month in months:
        portfolio.add(
            MONTHLY,
            person_key=portfolio.people["worker.15"],
            usc_code=body,
            month=month,
            is_paid=True,
        )
    portfolio.quarantine("base_enterprise__registry", usc_code=body)
    assert verdict(portfolio).results["skilled_workers"] == result


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("last", "by", "result"),
    [
        (date(2017, 1, 1), "itself", NO_DATA),
        (date(2016, 12, 1), "itself", NO_DATA),
        (date(2016, 11, 1), "itself", NOT_MET),
        (date(2016, 12, 1), "its branch", NO_DATA),
        (date(2016, 12, 1), "another", NOT_MET),
    ],
)
def test_whom_it_insured_not_long_ago_the_payer_in_doubt_may_have_for_it(
    way: str, last: date, by: str, result: str
) -> None:
    """Nothing else ties him to it: his certificate names another, and no registration does."""
    portfolio = first().not_insured("worker.15")
    body, other = portfolio.company(1, branch=True), portfolio.company(2)
    branch = portfolio.company(3, branch=True)
    portfolio.change(SKILL, {"person_key": portfolio.people["worker.15"]}, usc_code=other)
    payers = {"itself": portfolio.usc_code, "its branch": branch, "another": other}
    portfolio.insure("worker.15", payers[by], [last])
    portfolio.insure("worker.15", body, [date(2017, 2, 1)])
    portfolio.quarantine("base_enterprise__registry", unread=["parent_usc_code"], usc_code=body)
    facts = WAYS[way](Facts.of(frames_of([portfolio])), portfolio)
    decided = decide(applications_of([portfolio]), facts, BOOK, instant(DAY))
    results = dict(decided.criteria.select("criterion", "result").iter_rows())
    assert results["skilled_workers"] == result
    assert not disagreements(verdict(portfolio), plainly(portfolio))


def test_the_people_of_a_payer_in_doubt_may_all_be_the_applicants() -> None:
    """Of the second nothing but his insurance tells where he works: his certificate is older."""
    portfolio = first()
    body = portfolio.company(1, branch=True)
    for label in ("worker.14", "worker.15"):
        portfolio.insured_by(label, body)
    last = {"person_key": portfolio.people["worker.15"]}
    portfolio.change(SKILL, last, usc_code=portfolio.company(2))
    portfolio.quarantine(
        "base_enterprise__registry", unread=["parent_usc_code"], usc_code=body
    ).dismiss("worker.13").add_worker("木工", "初级工")
    decided = verdict(portfolio)
    assert decided.results["skilled_workers"] == NO_DATA, decided.summary()
    assert "至多15人" in decided.criterion("skilled_workers.count")["actual"], decided.summary()


@pytest.mark.parametrize(
    ("said_by", "age", "result"),
    [
        ("330000", 0, NOT_MET),
        ("330100", 0, NO_DATA),
        ("330000", 3, NOT_MET),
        ("330000", 4, NO_DATA),
    ],
)
def test_only_a_complete_register_shows_that_a_payer_is_no_branch(
    said_by: str, age: int, result: str
) -> None:
    """Whatever it registers or insures: a branch that is not on record yet may be the applicant's."""
    portfolio = first()
    portfolio.insured_by("worker.15", portfolio.company(1))
    portfolio.register("titled.1", "二级注册建造师", "机电工程", usc_code=portfolio.company(2))
    stated = {"target": "base_enterprise__registry"}
    as_of = DAY - timedelta(days=age)
    portfolio.change("base_channel__coverage", stated, region_code=said_by, as_of=as_of)
    results = verdict(portfolio).results
    assert (results["skilled_workers"], results["titled_staff"]) == (result, result)


def test_whom_what_may_be_a_branch_has_registered_may_be_registered_elsewhere() -> None:
    portfolio = first()
    branch = portfolio.company(1, branch=True)
    portfolio.register("worker.15", "二级注册建造师", "机电工程", usc_code=branch)
    assert verdict(portfolio).results["skilled_workers"] == MET
    portfolio.quarantine("base_enterprise__registry", usc_code=branch)
    assert verdict(portfolio).results["skilled_workers"] == NO_DATA


def test_a_leaders_title_that_a_check_excludes_does_not_qualify_him() -> None:
    portfolio = upgrade()
    portfolio.doubt(TITLE, portfolio.people["lead"], "LAW")
    assert verdict(portfolio).results["technical_lead.qualification"] == NOT_MET


def test_a_leader_whom_a_check_excludes_does_not_lead() -> None:
    portfolio = upgrade()
    portfolio.doubt(LEAD, portfolio.people["lead"], "LAW")
    assert verdict(portfolio).results["technical_lead"] == NOT_MET


@pytest.mark.parametrize(("awarded", "result"), [(DAY, MET), (date(2017, 3, 2), NOT_MET)])
def test_a_title_awarded_after_the_filing_does_not_count(awarded: date, result: str) -> None:
    portfolio = first()
    for row in portfolio.rows[TITLE]:
        row["awarded_on"] = awarded
    decided = verdict(portfolio)
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
def test_works_led_that_a_check_excludes_do_not_count(table: str, key: str) -> None:
    portfolio = first()
    row = portfolio.rows[table][0]
    portfolio.doubt(table, row[key], "LAW", usc_code=row["usc_code"])
    assert verdict(portfolio).results["lead_performance"] == NOT_MET


# -- what is not delivered ------------------------------------------------------------------


@pytest.mark.parametrize(("said_by", "result"), [("330000", NOT_MET), ("330100", NO_DATA)])
def test_works_led_may_lie_in_another_city(said_by: str, result: str) -> None:
    portfolio = first().tear_down("lead_work.1")
    target = {"target": "base_project__party"}
    portfolio.change("base_channel__coverage", target, region_code=said_by)
    assert verdict(portfolio).results["lead_performance"] == result


def test_an_unknown_constructor_may_have_led_works() -> None:
    portfolio = first().tear_down("lead_work.1").uncover("base_personnel__registration")
    assert verdict(portfolio).results["lead_performance"] == NO_DATA


@pytest.mark.parametrize(
    ("undelivered", "result"),
    [("base_personnel__registration", NOT_MET), ("base_personnel__title", NO_DATA)],
)
def test_a_major_that_must_be_there_waits_for_titles_not_for_registrations(
    undelivered: str, result: str
) -> None:
    """S06: titled staff and constructors count together, 结构 and 材料 are majors of titles."""
    portfolio = Exact(Rank("S06", "二级"), date(2017, 3, 1), 1).build()
    portfolio.remove("base_personnel__title", major="结构").uncover(undelivered)
    assert verdict(portfolio).results["other_staff.1.结构"] == result


# -- what the text does not tell ------------------------------------------------------------


def test_where_the_list_of_majors_is_missing_nobody_is_short_of_one() -> None:
    results = verdict(Exact(Rank("G05", "二级"), date(2016, 10, 31), 1).build()).results
    assert results["technical_lead.qualification"] == NO_DATA
    assert results["titled_staff.1"] == NO_DATA


# -- the national platform ------------------------------------------------------------------


@pytest.mark.parametrize(("grade", "result"), [("A", MET), ("B", NOT_MET), (None, NO_DATA)])
def test_the_ministry_counts_works_of_grade_a_since_2023_09_15(
    grade: str | None, result: str
) -> None:
    portfolio = Exact(Rank("G01", "一级"), date(2023, 9, 15), 1).build()
    for row in portfolio.rows["base_project__project"]:
        row["data_level"] = grade
    assert verdict(portfolio).results["performance"] == result


@pytest.mark.parametrize(
    ("filed_on", "result"), [(date(2023, 12, 31), MET), (date(2024, 1, 1), NOT_MET)]
)
def test_works_led_must_be_on_the_platform_since_2024(filed_on: date, result: str) -> None:
    portfolio = Exact(Rank("S06", "二级"), filed_on, 1).build()
    portfolio.rows["base_project__project"] = []
    assert verdict(portfolio).results["lead_performance"] == result


@pytest.mark.parametrize("narrowed", [False, True])
def test_a_project_set_apart_may_be_on_the_platform(narrowed: bool) -> None:
    portfolio = Exact(Rank("G01", "一级"), date(2023, 9, 15), 1).build()
    portfolio.quarantine("base_project__project")
    facts = Facts.of(frames_of([portfolio]))
    if narrowed:
        facts = facts.of_enterprises([portfolio.usc_code])
    decided = decide(
        applications_of([portfolio]),
        facts,
        BOOK,
        instant(portfolio.decided_on),
        as_authority="ministry",
    )
    results = dict(decided.criteria.select("criterion", "result").iter_rows())
    assert results["performance"] == NO_DATA


@pytest.mark.parametrize(
    ("pieces", "result"),
    [("0.9999", NO_DATA), ("1", MET), ("1.0001", MET), (None, MET)],
)
def test_part_of_a_machine_is_no_machine_where_works_are_assigned(
    pieces: str | None, result: str
) -> None:
    """G06 二级, classes 1 and 2: 4 台, one of them in a work that says how many it has.

    Which further works there are is not known, so that classes are not settled by counts.
    """
    portfolio, label = four_generators()
    portfolio.uncover("base_project__unit")
    portfolio.show(label, "数量", None if pieces is None else Decimal(pieces))
    decided = verdict(portfolio)
    assert decided.results["performance.class.2"] == result, decided.summary()
    assert decided.results["performance"] == result, decided.summary()


@pytest.mark.parametrize(
    ("pieces", "result"), [("0.9999", NOT_MET), ("1", MET), ("1.0001", MET), (None, MET)]
)
def test_part_of_a_machine_is_no_machine_where_all_works_are_known(
    pieces: str | None, result: str
) -> None:
    portfolio, label = four_generators()
    portfolio.show(label, "数量", None if pieces is None else Decimal(pieces))
    assert verdict(portfolio).results["performance"] == result


def test_parts_of_machines_in_several_works_make_no_machine_together() -> None:
    """1.5 and 1.5 and 1 台 are three whole ones, not four."""
    portfolio, label = four_generators()
    rows = portfolio.of(MEASURE, works_type="发电机组", metric="数量")
    portfolio.tear_down(label)
    for row in rows[1:3]:
        row["value"] = Decimal("1.5")
    assert verdict(portfolio).results["performance.class.2"] == NOT_MET


def four_generators() -> tuple[Portfolio, str]:
    """G06 二级 met by a sum (class 1) and by 4 台 (class 2), and one of the works with a machine."""
    rank = Rank("G06", "二级")
    served = next(one for one in served_lines(rank, DAY) if one.n == 2)
    portfolio = Exact(rank, DAY, 1, served=served).build()
    machines = portfolio.of(MEASURE, works_type="发电机组", metric="数量")
    assert [row["value"] for row in machines] == [1] * 4
    unit = machines[0]["unit_code"]
    return portfolio, str(unit).removeprefix(f"{portfolio.nth:06d}-").removesuffix("-001")


def test_who_is_wanted_twice_is_spared_by_the_part_whose_text_is_not_fully_known() -> None:
    """G08 三级: whether the titled staff must have all majors is not known, so they refuse nobody."""
    portfolio = Exact(Rank("G08", "三级"), DAY, 1).build()
    worker = portfolio.of(SKILL)[0]["person_key"]
    registered = {row["person_key"] for row in portfolio.of(REGISTRATION)}
    titled = [r["person_key"] for r in portfolio.of(TITLE) if r["person_key"] not in registered]
    portfolio.change(SKILL, {"person_key": worker}, person_key=titled[0])
    decided = verdict(portfolio)
    assert decided.results["titled_staff"] == NO_DATA
    assert decided.results["skilled_workers"] == MET, decided.summary()
    assert decided.outcome == "awaiting_data"
