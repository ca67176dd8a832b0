"""Who pays the insurance: whoever may be a branch of the applicant may pay for it (reading 53)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from judge import MET, NO_DATA, NOT_MET, Verdict
from portfolio import MONTHLY, Portfolio
from together import verdict_on
from ways import TOGETHER, WAYS, results

pytestmark = pytest.mark.provision("E3")

DAY = date(2017, 3, 1)
SKILL = "base_personnel__skill_certificate"


async def verdict(portfolio: Portfolio) -> Verdict:
    return await verdict_on(portfolio, with_evidence=False)


def first() -> Portfolio:
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY)


@pytest.mark.parametrize(
    ("what", "result"), [("sound", MET), ("set apart", NO_DATA), ("excluded", NOT_MET)]
)
async def test_only_a_branch_that_is_certain_pays_for_the_applicant(what: str, result: str) -> None:
    portfolio = first()
    branch = portfolio.company(1, branch=True)
    portfolio.insured_by("worker.15", branch)
    if what == "set apart":
        portfolio.quarantine("base_enterprise__registry", usc_code=branch)
    if what == "excluded":
        portfolio.doubt("base_enterprise__registry", branch, "LAW", usc_code=branch)
    assert (await verdict(portfolio)).results["skilled_workers"] == result


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
async def test_a_payer_newly_set_apart_may_be_anybodys_branch(
    way: str, whose: str, unread: list[str], result: str
) -> None:
    """Nobody knows whose it is, so that its people are not surely insured elsewhere (reading 53).

    Beside it others apply, whose branch it may be, too.
    """
    portfolio = first()
    body = portfolio.company(1, branch=whose == "its own")
    payer = portfolio.company(2) if whose == "in doubt, and insures nobody of its" else body
    portfolio.insured_by("worker.15", payer)
    if whose != "another's, not in doubt":
        portfolio.quarantine("base_enterprise__registry", unread=unread, usc_code=body)
    found = await verdict_on(portfolio, with_evidence=False, known=TOGETHER[way])
    assert found.results["skilled_workers"] == result
    assert found.outcome == ("refused" if result == NOT_MET else "awaiting_data")


@pytest.mark.provision("B0.5")
@pytest.mark.parametrize(
    ("months", "result"), [([date(2017, 2, 1)], NO_DATA), ([date(2017, 1, 1)], NOT_MET)]
)
async def test_who_insured_somebody_before_the_months_asked_does_not_matter(
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
    assert (await verdict(portfolio)).results["skilled_workers"] == result


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
async def test_whom_it_insured_not_long_ago_the_payer_in_doubt_may_have_for_it(
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
    assert (await results(portfolio, way))["skilled_workers"] == result


async def test_the_people_of_a_payer_in_doubt_may_all_be_the_applicants() -> None:
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
    decided = await verdict(portfolio)
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
async def test_only_a_complete_register_shows_that_a_payer_is_no_branch(
    said_by: str, age: int, result: str
) -> None:
    """Whatever it registers or insures: a branch that is not on record yet may be the applicant's."""
    portfolio = first()
    portfolio.insured_by("worker.15", portfolio.company(1))
    portfolio.register("titled.1", "二级注册建造师", "机电工程", usc_code=portfolio.company(2))
    stated = {"target": "base_enterprise__registry"}
    as_of = DAY - timedelta(days=age)
    portfolio.change("base_channel__coverage", stated, region_code=said_by, as_of=as_of)
    found = (await verdict(portfolio)).results
    assert (found["skilled_workers"], found["titled_staff"]) == (result, result)


@pytest.mark.provision("E4")
async def test_whom_what_may_be_a_branch_has_registered_may_be_registered_elsewhere() -> None:
    portfolio = first()
    branch = portfolio.company(1, branch=True)
    portfolio.register("worker.15", "二级注册建造师", "机电工程", usc_code=branch)
    assert (await verdict(portfolio)).results["skilled_workers"] == MET
    portfolio.quarantine("base_enterprise__registry", usc_code=branch)
    assert (await verdict(portfolio)).results["skilled_workers"] == NO_DATA
