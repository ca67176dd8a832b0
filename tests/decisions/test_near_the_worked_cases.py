"""Near the worked cases: who may apply, who and what counts, what a grant does to the set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from judge import judge
from portfolio import MONTHLY, Portfolio
from worked import (
    DAY,
    assert_granted,
    assert_not_accepted,
    assert_refused,
    base,
    decorator,
    verdict,
)


def test_two_enterprises_of_one_name_are_decided_each_by_its_own_rows() -> None:
    good, poor = base(nth=1), base(nth=2).dismiss("worker.15")
    poor.change("base_enterprise__registry", {"usc_code": poor.usc_code}, name=good.name)
    first, second = judge([good, poor])
    assert_granted(first)
    assert_refused(second, "skilled_workers")


@pytest.mark.provision("C3")
async def test_an_order_to_correct_does_not_stop_a_first_application() -> None:
    assert_granted(await verdict(base().rectify("G01", date(2017, 2, 1))))


@pytest.mark.provision("C5")
@pytest.mark.parametrize(
    ("starts_on", "ends_on", "outcome"),
    [
        (date(2016, 4, 1), date(2017, 3, 31), "not_accepted"),
        (date(2016, 3, 2), date(2017, 3, 1), "not_accepted"),
        (date(2016, 3, 1), date(2017, 2, 28), "granted"),
        (date(2017, 3, 1), None, "not_accepted"),
    ],
)
async def test_a_running_bar_is_not_accepted_to_its_last_day(
    starts_on: date, ends_on: date | None, outcome: str
) -> None:
    decided = await verdict(base().bar(starts_on, ends_on))
    assert decided.outcome == outcome, decided.summary()
    assert ("bar" in decided.failed) == (outcome == "not_accepted")


@pytest.mark.provision("C6")
async def test_a_bar_on_another_category_is_no_bar() -> None:
    assert_granted(await verdict(base().bar(date(2016, 4, 1), date(2017, 3, 31), "G01")))


@pytest.mark.provision("A5")
async def test_an_enterprise_registered_outside_zhejiang_is_not_accepted() -> None:
    portfolio = base()
    portfolio.change(
        "base_enterprise__registry", {"usc_code": portfolio.usc_code}, region_code="310104"
    )
    assert_not_accepted(await verdict(portfolio), "jurisdiction")


@pytest.mark.provision("C8", "B2.1")
@pytest.mark.parametrize(
    ("valid_until", "outcome"), [(DAY, "granted"), (date(2017, 2, 28), "not_accepted")]
)
async def test_a_certificate_status_is_not_believed_without_its_date(
    valid_until: date, outcome: str
) -> None:
    decided = await verdict(
        decorator(DAY).change("base_enterprise__certificate", {}, valid_until=valid_until)
    )
    assert decided.outcome == outcome, decided.summary()


@pytest.mark.provision("B0.1")
async def test_a_branch_is_no_applicant() -> None:
    portfolio = base()
    portfolio.change(
        "base_enterprise__registry", {"usc_code": portfolio.usc_code}, entity_code="branch"
    )
    assert (await verdict(portfolio)).outcome == "not_accepted"


@pytest.mark.provision("B1.4")
async def test_an_addition_of_a_category_already_held_is_not_accepted() -> None:
    assert_not_accepted(await verdict(base("addition").hold("S11", "二级")), "held")


async def test_evidence_holds_no_name_and_no_identity_number() -> None:
    portfolio = base()
    evidence = (await verdict(portfolio)).evidence
    told = " ".join(f"{e['row_key']} {e['content_json']} {e['reason']}" for e in evidence)
    for person in portfolio.of("base_personnel__person"):
        assert person["id_number"] not in told
        assert person["name"] not in told


@pytest.mark.provision("B2.1")
async def test_an_upgrade_without_the_next_lower_level_is_not_accepted() -> None:
    portfolio = (
        decorator(DAY)
        .remove("base_enterprise__qualification")
        .remove("base_enterprise__certificate")
    )
    assert_not_accepted(await verdict(portfolio), "held")


@pytest.mark.provision("B1.4")
async def test_a_first_application_of_one_who_holds_a_qualification_is_not_accepted() -> None:
    assert_not_accepted(await verdict(base().hold("S04", "二级")), "held")


@pytest.mark.provision("E2")
async def test_a_man_retired_before_sixty_does_not_count() -> None:
    portfolio = base()
    portfolio.change(
        "base_personnel__person",
        {"person_key": portfolio.people["worker.15"]},
        retired_on=date(2016, 12, 31),
    )
    assert_refused(await verdict(portfolio), "skilled_workers")


@pytest.mark.provision("E2")
async def test_a_dead_man_does_not_count() -> None:
    portfolio = base()
    portfolio.change(
        "base_personnel__person",
        {"person_key": portfolio.people["worker.15"]},
        deceased_on=date(2017, 2, 20),
    )
    assert_refused(await verdict(portfolio), "skilled_workers")


@pytest.mark.provision("E1")
async def test_a_registration_that_has_run_out_does_not_count() -> None:
    portfolio = base()
    where = {"person_key": portfolio.people["constructor.1"]}
    assert_refused(
        await verdict(
            portfolio.change("base_personnel__registration", where, valid_until=date(2017, 2, 28))
        ),
        "constructors",
    )


@pytest.mark.provision("E1")
async def test_a_registration_on_its_last_day_counts() -> None:
    portfolio = base()
    where = {"person_key": portfolio.people["constructor.1"]}
    assert_granted(
        await verdict(portfolio.change("base_personnel__registration", where, valid_until=DAY))
    )


@pytest.mark.parametrize(
    ("severity", "outcome"), [("LAW", "refused"), ("DATA", "awaiting_data"), ("WARN", "granted")]
)
async def test_what_a_cross_check_found_counts_by_its_severity(severity: str, outcome: str) -> None:
    portfolio = base()
    decided = await verdict(
        portfolio.doubt(
            "base_personnel__skill_certificate", portfolio.people["worker.15"], severity
        )
    )
    assert decided.outcome == outcome, decided.summary()


@pytest.mark.provision("E8")
async def test_a_title_of_another_series_does_not_count() -> None:
    portfolio = base()
    where = {"person_key": portfolio.people["titled.5"]}
    assert_refused(
        await verdict(portfolio.change("base_personnel__title", where, series="经济")),
        "titled_staff",
    )


async def test_a_constructor_of_a_temporary_grade_does_not_count() -> None:
    portfolio = base()
    where = {"person_key": portfolio.people["constructor.1"]}
    assert_refused(
        await verdict(
            portfolio.change("base_personnel__registration", where, registration="二级临时建造师")
        ),
        "constructors",
    )


@pytest.mark.provision("E3")
async def test_an_unpaid_month_does_not_count_for_certain() -> None:
    portfolio = base()
    where = {"person_key": portfolio.people["worker.15"]}
    decided = await verdict(portfolio.change(MONTHLY, where, is_paid=False))
    assert decided.outcome != "granted", decided.summary()


BEYOND: list[tuple[str, Callable[[Portfolio], Portfolio]]] = [
    (
        "not accepted as sound",
        lambda p: p.change(
            "base_project__acceptance",
            {"contract_no": p.contract_no("project.1")},
            quality="不合格",
        ),
    ),
    (
        "led by a man registered elsewhere",
        lambda p: p.change(
            "base_personnel__registration",
            {"person_key": p.people["project_manager.1"]},
            usc_code=p.company(1),
        ),
    ),
    (
        "led by a man whose registration ended before acceptance",
        lambda p: p.change(
            "base_personnel__registration",
            {"person_key": p.people["project_manager.1"]},
            valid_until=date(2016, 11, 30),
        ),
    ),
    (
        "led by a man registered only after the start",
        lambda p: p.change(
            "base_personnel__registration",
            {"person_key": p.people["project_manager.1"]},
            valid_from=date(2016, 1, 2),
        ),
    ),
    (
        "led by a man registered for another discipline",
        lambda p: p.change(
            "base_personnel__registration",
            {"person_key": p.people["project_manager.1"]},
            specialty="公路工程",
        ),
    ),
    (
        "contracted before any level was held",
        lambda p: p.change("base_enterprise__qualification", {}, valid_from=date(2015, 12, 2)),
    ),
    (
        "accepted after filing",
        lambda p: p.change(
            "base_project__acceptance",
            {"contract_no": p.contract_no("project.1")},
            accepted_on=date(2017, 3, 2),
        ),
    ),
]


@pytest.mark.provision("E14")
@pytest.mark.parametrize(("why", "spoil"), BEYOND, ids=[why for why, _ in BEYOND])
async def test_a_project_does_not_count_if(
    why: str, spoil: Callable[[Portfolio], Portfolio]
) -> None:
    portfolio = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    decided = await verdict(spoil(portfolio))
    assert_refused(decided, "performance")
    assert decided.failed == {"performance"}, decided.summary()


@pytest.mark.provision("E20")
async def test_settlement_stands_in_where_the_contract_names_no_price() -> None:
    portfolio = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    where = {"contract_no": portfolio.contract_no("project.1")}
    portfolio.change(
        "base_project__contract", where, amount_yuan=None, settlement_yuan=Decimal(15_000_000)
    )
    assert_granted(await verdict(portfolio))


@pytest.mark.provision("E11")
async def test_the_leaders_own_works_need_no_window_and_no_former_scope() -> None:
    portfolio = base()
    for row in portfolio.rows["base_project__acceptance"]:
        row.update(started_on=date(1999, 5, 1), accepted_on=date(2000, 6, 1))
    for row in portfolio.rows["base_project__contract"]:
        row.update(signed_on=date(1999, 3, 1))
    assert_granted(await verdict(portfolio))


@pytest.mark.provision("B2.5", "G4")
async def test_an_upgrade_keeps_the_expiry_of_its_set() -> None:
    portfolio = Portfolio.meeting(
        "S11", "一级", kind="upgrade", filed_on=DAY, expires_on=date(2018, 6, 15)
    )
    decided = await verdict(portfolio)
    assert_granted(decided)
    assert decided.decision["effect"] == "replace_level"
    assert decided.decision["valid_until"] == date(2018, 6, 15)


@pytest.mark.provision("B1.5", "G4")
async def test_an_addition_keeps_the_expiry_of_its_set() -> None:
    decided = await verdict(base("addition", expires_on=date(2018, 6, 15)))
    assert_granted(decided)
    assert decided.decision["effect"] == "add_to_certificate"
    assert decided.decision["valid_until"] == date(2018, 6, 15)


async def test_deciding_twice_gives_the_same_answer() -> None:
    once, again = (
        await verdict(base().dismiss("worker.15")),
        await verdict(base().dismiss("worker.15")),
    )
    same = [{k: v for k, v in d.decision.items() if k != "elapsed_ms"} for d in (once, again)]
    assert same[0] == same[1]
    assert once.criteria == again.criteria
    assert once.evidence == again.evidence
