"""One person, one count (E5); one unit project, one measure (E16)."""

from __future__ import annotations

import pytest
from worked import assert_awaiting, assert_granted, assert_refused, base, builder, building, verdict


@pytest.mark.provision("E5")
async def test_a_site_manager_who_is_also_a_worker_fills_the_group_that_is_short() -> None:
    portfolio = base().dismiss("worker.15").add_site_manager("施工员")
    assert_granted(await verdict(portfolio.certify_skill("site_manager.11", "木工", "初级工")))


@pytest.mark.provision("E5")
async def test_he_fills_one_group_and_not_both() -> None:
    portfolio = base().dismiss("worker.15").dismiss("site_manager.10").add_site_manager("施工员")
    decided = await verdict(portfolio.certify_skill("site_manager.10", "木工", "初级工"))
    assert decided.outcome == "refused", decided.summary()
    assert decided.failed <= {"site_managers", "skilled_workers"}, decided.summary()


@pytest.mark.provision("E5")
@pytest.mark.parametrize("which", ["post", "skill"])
async def test_he_leaves_short_the_group_of_which_more_may_be_known_so_that_nobody_is_refused(
    which: str,
) -> None:
    portfolio = base().dismiss("worker.15").dismiss("site_manager.10").add_site_manager("施工员")
    portfolio.certify_skill("site_manager.10", "木工", "初级工")
    portfolio.uncover(f"base_personnel__{which}_certificate")
    assert_awaiting(
        await verdict(portfolio), {"post": "site_managers", "skill": "skilled_workers"}[which]
    )


@pytest.mark.provision("E5")
async def test_a_chain_of_people_with_two_certificates_is_assigned_if_any_way_does_it() -> None:
    portfolio = base().dismiss("worker.15").dismiss("titled.5")
    portfolio.certify_skill("site_manager.9", "木工", "初级工").entitle(
        "site_manager.10", "中级", "结构"
    )
    assert_granted(await verdict(portfolio.add_site_manager("施工员").add_site_manager("施工员")))


@pytest.mark.provision("E5")
async def test_a_constructor_who_is_also_the_only_labour_officer_counts_once() -> None:
    portfolio = base()
    officer = next(
        r["person_key"] for r in portfolio.of("base_personnel__post_certificate", role="劳务员")
    )
    portfolio.dismiss(next(k for k, v in portfolio.people.items() if v == officer))
    decided = await verdict(portfolio.certify_post("constructor.1", "劳务员"))
    assert decided.outcome == "refused", decided.summary()


@pytest.mark.provision("E5")
async def test_an_unsure_certificate_of_whoever_counts_elsewhere_fills_no_gap_for_sure() -> None:
    portfolio = (
        base()
        .dismiss("worker.15")
        .add_site_manager("施工员")
        .certify_skill("site_manager.11", "木工", "初级工")
    )
    portfolio.quarantine(
        "base_personnel__skill_certificate", person_key=portfolio.people["site_manager.11"]
    )
    assert_awaiting(await verdict(portfolio), "skilled_workers")


@pytest.mark.provision("E5", "E7")
async def test_a_title_of_two_majors_counts_once_as_a_head() -> None:
    portfolio = base().dismiss("titled.5")
    number = portfolio.of("base_personnel__title", person_key=portfolio.people["titled.4"])[0][
        "title_no"
    ]
    portfolio.entitle("titled.4", "中级", "电气")
    portfolio.rows["base_personnel__title"][-1]["title_no"] = number
    assert_refused(await verdict(portfolio), "titled_staff")


@pytest.mark.provision("E16")
async def test_two_smaller_projects_serve_one_class_and_a_third_the_other() -> None:
    assert_granted(
        await verdict(builder(building(13, span=22), building(9, span=9), building(9, span=9)))
    )


@pytest.mark.provision("E16")
async def test_one_smaller_project_beside_one_of_two_classes_is_not_enough() -> None:
    assert_refused(
        await verdict(builder(building(13, span=22), building(9, span=9))), "performance"
    )


@pytest.mark.provision("E16")
async def test_one_project_of_two_classes_is_one_too_where_nobody_knows_whether_it_counts() -> None:
    """E16: each class may be met by it, both never, so that nothing is left to wait for."""
    portfolio = builder(building(13, span=22))
    decided = await verdict(portfolio.quarantine("base_project__acceptance"))
    assert_refused(decided, "performance")
    note = decided.criterion("performance")["note"]
    assert "one unit project serves one measure" in str(note)


@pytest.mark.provision("E16")
async def test_where_nobody_knows_whether_either_of_two_projects_counts_both_may() -> None:
    portfolio = builder(building(13, span=22), building(12, span=9))
    portfolio.quarantine("base_project__acceptance")
    assert_awaiting(await verdict(portfolio), "performance")
