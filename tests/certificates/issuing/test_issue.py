"""Grants become certificates exactly once, whatever kills the run."""

from __future__ import annotations

import json
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from killing import FORKS
from town import ANNA, BELLA, CARLA, Town

from assets.lake.store import Store
from assets.tables import certificate
from certificates.issuing import issue, register
from certificates.issuing.issue import issue_pending
from certificates.issuing.numbers import number_of
from certificates.seal import Seal, development_seal

OLD = "D233012345"


def listed(store: Store, version: int) -> list[tuple[str, str, date]]:
    rows = register.listed(store, store.scan(certificate.CERTIFICATE)).filter(
        pl.col("version") == version
    )
    return (
        rows.sort("category_code").select("category_code", "level", "valid_until").collect().rows()
    )


def only_row(store: Store, version: int = 1) -> dict[str, object]:
    return store.read(certificate.CERTIFICATE).row(
        by_predicate=pl.col("version") == version, named=True
    )


@pytest.fixture
def held(town: Town) -> Town:
    """Anna holds a paper certificate with S11 二级 and G01 二级, under an older name."""
    town.registered(ANNA)
    town.certificate(ANNA, OLD)
    town.qualification(ANNA, OLD, "S11", "二级")
    town.qualification(ANNA, OLD, "G01", "二级")
    town.qualification(ANNA, OLD, "G01", "三级", status_code="replaced", valid_to=date(2016, 1, 1))
    town.release()
    return town


@pytest.mark.provision("B1.5", "G4", "G5", "G10")
def test_a_first_grant_draws_a_number_and_writes_one_file(
    town: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    case = town.newcomer()
    report = issue_pending(store, seal, folder, now)
    number = number_of("3300001")
    assert [(one.application_id, one.certificate_no, one.version) for one in report.issued] == [
        (case, number, 1)
    ]
    assert report.issued[0].path == folder / number / f"{number}-v1.pdf"
    assert report.issued[0].path.read_bytes().startswith(b"%PDF-")
    row = only_row(store)
    assert row["enterprise_name"] == "杭州新安江建设有限公司"
    assert (row["issued_on"], row["valid_until"], row["effect"]) == (
        date(2017, 3, 1),
        date(2022, 2, 28),
        "new_certificate",
    )
    assert listed(store, 1) == [("S11", "二级", date(2022, 2, 28))]


def test_a_second_run_issues_nothing(
    town: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    town.newcomer()
    issue_pending(store, seal, folder, now)
    before = store.version(certificate.CERTIFICATE), store.version(certificate.QUALIFICATION)
    assert issue_pending(store, seal, folder, now).issued == []
    assert (
        store.version(certificate.CERTIFICATE),
        store.version(certificate.QUALIFICATION),
    ) == before


@pytest.mark.parametrize(
    ("outcome", "effect", "is_final"),
    [
        ("refused", "none", True),
        ("granted", "none", True),
        ("awaiting_data", "none", False),
    ],
)
def test_what_is_not_a_closing_grant_with_an_effect_gets_no_certificate(
    town: Town,
    store: Store,
    seal: Seal,
    folder: Path,
    now: datetime,
    outcome: str,
    effect: str,
    is_final: bool,
) -> None:
    town.registered(ANNA)
    town.decide(ANNA, effect, outcome=outcome, is_final=is_final)
    assert issue_pending(store, seal, folder, now).issued == []


@pytest.mark.provision("B1.5", "G1", "G4")
def test_an_addition_stands_on_the_paper_certificate_and_leaves_its_expiry(
    held: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    held.decide(ANNA, "add_to_certificate", "S04", "二级", number=OLD, kind="addition")
    issue_pending(store, seal, folder, now)
    row = only_row(store)
    assert (row["certificate_no"], row["version"], row["valid_until"]) == (
        OLD,
        1,
        date(2020, 5, 31),
    )
    assert (row["enterprise_name"], row["registered_capital_yuan"]) == (
        "杭州旧名建设有限公司",
        Decimal("1000000.00"),
    )
    assert listed(store, 1) == [
        ("G01", "二级", date(2020, 5, 31)),
        ("S04", "二级", date(2020, 5, 31)),
        ("S11", "二级", date(2020, 5, 31)),
    ]


@pytest.mark.provision("B2.5")
def test_an_upgrade_replaces_the_level(
    held: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    held.decide(ANNA, "replace_level", "S11", "一级", number=OLD, kind="upgrade")
    issue_pending(store, seal, folder, now)
    assert [(category, level) for category, level, _ in listed(store, 1)] == [
        ("G01", "二级"),
        ("S11", "一级"),
    ]


@pytest.mark.provision("B3.3", "G4")
def test_a_renewal_moves_the_expiry_of_what_was_renewed_only(
    held: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    held.decide(
        ANNA, "renew", "S11", "二级", number=OLD, valid_until=date(2022, 2, 28), kind="renewal"
    )
    issue_pending(store, seal, folder, now)
    assert only_row(store)["valid_until"] == date(2022, 2, 28)
    assert listed(store, 1) == [
        ("G01", "二级", date(2020, 5, 31)),
        ("S11", "二级", date(2022, 2, 28)),
    ]


@pytest.mark.provision("B2.5", "G4")
def test_an_upgrade_ends_when_the_level_it_replaces_would_have_ended_whatever_else_was_renewed(
    held: Town, store: Store, seal: Seal, folder: Path, now: datetime, later: datetime
) -> None:
    renewed_to = date(2022, 2, 28)
    held.decide(ANNA, "renew", "G01", "二级", number=OLD, valid_until=renewed_to, kind="renewal")
    issue_pending(store, seal, folder, now)
    held.decide(ANNA, "replace_level", "S11", "一级", number=OLD, kind="upgrade")
    held.decide(ANNA, "add_to_certificate", "S04", "二级", number=OLD, kind="addition")
    issue_pending(store, seal, folder, later)
    assert listed(store, 3) == [
        ("G01", "二级", renewed_to),
        ("S04", "二级", renewed_to),
        ("S11", "一级", date(2020, 5, 31)),
    ]


@pytest.mark.provision("B4.4")
def test_a_change_prints_the_registration_of_the_decisions_release(
    held: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    held.registered(ANNA, name="杭州新名建设有限公司", legal_representative="丙某")
    release_id = held.release()
    held.decide(
        ANNA, "change_content", "S11", "二级", number=OLD, kind="change", release_id=release_id
    )
    held.registered(ANNA, name="杭州更新名建设有限公司")
    held.release()
    issue_pending(store, seal, folder, now)
    row = only_row(store)
    assert (row["certificate_no"], row["valid_until"]) == (OLD, date(2020, 5, 31))
    assert (row["enterprise_name"], row["legal_representative"]) == ("杭州新名建设有限公司", "丙某")


@pytest.mark.provision("B5.2", "B5.3")
def test_a_replacement_prints_the_same_content_as_a_new_version(
    held: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    for _ in range(2):
        held.decide(ANNA, "reissue", "S11", "二级", number=OLD, kind="replacement")
    issue_pending(store, seal, folder, now)
    first, second = only_row(store, 1), only_row(store, 2)
    same = ("certificate_no", "enterprise_name", "address", "valid_until")
    assert [first[name] for name in same] == [second[name] for name in same]
    assert listed(store, 1) == listed(store, 2)


@pytest.mark.provision("B6.5")
def test_a_reverification_of_an_enterprise_without_a_set_draws_a_number(
    town: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    town.registered(ANNA)
    town.decide(ANNA, "reverify", valid_until=date(2022, 2, 28), kind="reverification")
    issue_pending(store, seal, folder, now)
    assert only_row(store)["certificate_no"] == number_of("3300001")


@pytest.mark.provision("G1", "G4")
def test_two_grants_of_one_enterprise_in_one_run_chain(
    town: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    town.newcomer()
    town.decide(ANNA, "new_certificate", "S04", "二级", valid_until=date(2022, 3, 1))
    issue_pending(store, seal, folder, now)
    first, second = only_row(store, 1), only_row(store, 2)
    assert first["certificate_no"] == second["certificate_no"]
    assert (second["effect"], second["valid_until"]) == ("add_to_certificate", date(2022, 2, 28))
    assert [category for category, _, _ in listed(store, 2)] == ["S04", "S11"]


def test_a_later_run_goes_on_from_the_register(
    town: Town, store: Store, seal: Seal, folder: Path, now: datetime, later: datetime
) -> None:
    town.newcomer()
    issue_pending(store, seal, folder, now)
    town.decide(ANNA, "replace_level", "S11", "一级", kind="upgrade")
    issue_pending(store, seal, folder, later)
    assert [(category, level) for category, level, _ in listed(store, 2)] == [("S11", "一级")]


@pytest.mark.provision("D5", "D9")
def test_what_an_authority_ended_since_the_last_version_is_not_printed_again(
    held: Town, store: Store, seal: Seal, folder: Path, now: datetime, later: datetime
) -> None:
    held.decide(ANNA, "reissue", number=OLD, kind="replacement")
    issue_pending(store, seal, folder, now)
    held.qualification(
        ANNA, OLD, "G01", "二级", status_code="withdrawn", valid_to=date(2017, 3, 15)
    )
    held.decide(ANNA, "reissue", number=OLD, kind="replacement", release_id=held.release())
    issue_pending(store, seal, folder, later)
    assert [category for category, _, _ in listed(store, 2)] == ["S11"]


@pytest.mark.provision("B1.5", "D9")
@pytest.mark.parametrize("ended", ["the qualification", "the certificate"])
def test_a_first_grant_after_all_has_ended_goes_on_no_certificate_of_before(
    ended: str,
    town: Town,
    store: Store,
    seal: Seal,
    folder: Path,
    now: datetime,
    later: datetime,
) -> None:
    """Its five years are its own (B1.5), and nothing stands on what an authority has ended."""
    town.newcomer()
    issue_pending(store, seal, folder, now)
    first = only_row(store)
    number, until = str(first["certificate_no"]), date(2025, 1, 9)
    if ended == "the qualification":
        town.qualification(
            ANNA, number, "S11", "二级", status_code="withdrawn", valid_to=date(2017, 3, 15)
        )
    else:
        town.certificate(ANNA, number, status_code="cancelled")
    town.decide(ANNA, "new_certificate", "S11", valid_until=until, release_id=town.release())
    issue_pending(store, seal, folder, later)
    second = store.read(certificate.CERTIFICATE).sort("issued_at").row(-1, named=True)
    assert second["certificate_no"] != number
    assert (second["version"], second["effect"]) == (1, "new_certificate")
    assert second["valid_until"] == until


@pytest.mark.provision("G4")
def test_a_set_ends_with_the_last_of_what_still_stands_on_it(
    held: Town, store: Store, seal: Seal, folder: Path, now: datetime, later: datetime
) -> None:
    renewed_to = date(2022, 2, 28)
    held.decide(ANNA, "renew", "G01", "二级", number=OLD, valid_until=renewed_to, kind="renewal")
    issue_pending(store, seal, folder, now)
    held.qualification(
        ANNA, OLD, "G01", "二级", status_code="withdrawn", valid_to=date(2017, 3, 15)
    )
    held.decide(
        ANNA, "add_to_certificate", "S04", number=OLD, kind="addition", release_id=held.release()
    )
    issue_pending(store, seal, folder, later)
    assert only_row(store, 2)["valid_until"] == date(2020, 5, 31)
    assert listed(store, 2) == [
        ("S04", "二级", date(2020, 5, 31)),
        ("S11", "二级", date(2020, 5, 31)),
    ]


@pytest.mark.provision("G1", "G6")
def test_a_certificate_of_the_ministry_is_not_touched_but_gives_its_code(
    town: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    town.certificate(ANNA, "D133054321", "ministry")
    town.newcomer()
    issue_pending(store, seal, folder, now)
    assert only_row(store)["certificate_no"] == number_of("3305432")


def test_a_grant_that_does_not_fit_stays_pending_and_the_rest_goes_on(
    town: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    stray = town.decide(BELLA, "replace_level", number="D233099999", kind="upgrade")
    unregistered = town.decide(CARLA, "new_certificate", valid_until=date(2022, 2, 28))
    unreleased = town.decide(
        CARLA, "new_certificate", valid_until=date(2022, 2, 28), release_id="R404"
    )
    sound = town.newcomer()
    report = issue_pending(store, seal, folder, now)
    assert [one.application_id for one in report.issued] == [sound]
    reasons = {one.application_id: one.reason for one in report.not_issued}
    assert "has none in force" in reasons[stray]
    assert "not in the business registration" in reasons[unregistered]
    assert "R404" in reasons[unreleased]


def test_only_the_cases_asked_for_are_issued(
    town: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    town.newcomer(ANNA)
    wanted = town.newcomer(BELLA)
    report = issue_pending(store, seal, folder, now, application_ids=[wanted])
    assert [one.application_id for one in report.issued] == [wanted]
    assert len(issue_pending(store, seal, folder, now, limit=5).issued) == 1


class Killed(BaseException):
    """Stands for SIGKILL: nothing below may catch it."""


@pytest.mark.parametrize("point", ["file", "qualifications", "register"])
def test_a_run_killed_at_any_point_and_run_again_gives_what_one_run_gives(
    town: Town,
    store: Store,
    seal: Seal,
    folder: Path,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    point: str,
) -> None:
    town.newcomer(ANNA)
    town.newcomer(BELLA)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        if point == "file":
            patched.setattr(issue, "write_whole", die)
        elif point == "qualifications":
            patched.setattr(Store, "append", die)
        else:
            patched.setattr("assets.lake.store.Turn.append", die)
        with pytest.raises(Killed):
            issue_pending(store, seal, folder, now)
    assert store.read(certificate.CERTIFICATE).is_empty()
    assert register.in_force(store, date(2017, 3, 1)).is_empty()
    # a grant decided earlier comes in meanwhile, so that numbers fall otherwise
    early = town.newcomer(CARLA, decided_at=datetime.fromisoformat("2017-02-01T00:00:00+00:00"))
    issue_pending(store, seal, folder, now)
    rows = store.read(certificate.CERTIFICATE)
    assert (
        rows["application_id"].n_unique() == rows["certificate_no"].n_unique() == rows.height == 3
    )
    assert rows.row(by_predicate=pl.col("application_id") == early, named=True)[
        "certificate_no"
    ] == number_of("3300001")
    seen = register.in_force(store, date(2017, 3, 1))
    assert seen.height == 3
    assert seen.join(rows, on=["certificate_no", "usc_code"]).height == 3
    for row in rows.iter_rows(named=True):
        assert issue.sha256((folder / row["file_name"]).read_bytes()) == row["file_sha256"]


PATIENCE = 600
"""Seconds; a racer spends one or two, and many more where the cores are shared."""


def run_once(lake: str, keys: Path, folder: Path, now: datetime) -> None:
    report = issue_pending(Store(lake), development_seal(keys), folder, now)
    assert not report.not_issued, report.not_issued


@pytest.mark.slow
def test_two_processes_at_once_issue_every_grant_once(
    town: Town, store: Store, folder: Path, now: datetime, tmp_path: Path
) -> None:
    for usc_code in (ANNA, BELLA, CARLA):
        town.newcomer(usc_code)
    arguments = (store.root, tmp_path / "keys", folder, now)
    racers = [FORKS.Process(target=run_once, args=arguments) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(PATIENCE)
        assert racer.exitcode is not None, "still at work"
        assert racer.exitcode == 0, "it raised or was killed; standard error says which"
    rows = store.read(certificate.CERTIFICATE)
    assert (
        rows.height == rows["application_id"].n_unique() == rows["certificate_no"].n_unique() == 3
    )
    for row in rows.iter_rows(named=True):
        assert issue.sha256((folder / row["file_name"]).read_bytes()) == row["file_sha256"]


@pytest.mark.slow
def test_a_process_killed_at_any_moment_leaves_nothing_half_issued(
    town: Town, store: Store, folder: Path, now: datetime, tmp_path: Path
) -> None:
    for usc_code in (ANNA, BELLA, CARLA):
        town.newcomer(usc_code)
    arguments = (store.root, tmp_path / "keys", folder, now)
    for files_to_wait_for in (1, 2):
        victim = FORKS.Process(target=run_once, args=arguments)
        victim.start()
        while victim.is_alive() and len(list(folder.glob("*/*.pdf"))) < files_to_wait_for:
            time.sleep(0.001)
        victim.kill()
        victim.join(PATIENCE)
    run_once(*arguments)
    rows = store.read(certificate.CERTIFICATE)
    assert rows.height == rows["application_id"].n_unique() == 3
    assert register.in_force(store, date(2017, 3, 1)).height == 3
    for row in rows.iter_rows(named=True):
        assert issue.sha256((folder / row["file_name"]).read_bytes()) == row["file_sha256"]


def test_batches_are_one_commit_each_and_report_progress(
    town: Town,
    store: Store,
    seal: Seal,
    folder: Path,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for usc_code in (ANNA, BELLA, CARLA):
        town.newcomer(usc_code)
    monkeypatch.setattr(issue, "BATCH", 2)
    seen: list[tuple[int, int]] = []
    report = issue_pending(
        store, seal, folder, now, progress=lambda done, of: seen.append((done, of))
    )
    assert seen == [(2, 3), (3, 3)]
    assert len(report.issued) == 3
    assert (
        store.scan(certificate.CERTIFICATE).select(pl.col("issued_at").n_unique()).collect().item()
        == 1
    )


def test_the_attached_decision_names_criteria_but_not_the_enterprises_figures(
    town: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    from io import BytesIO

    from pyhanko.pdf_utils.reader import PdfFileReader

    from certificates.verifying.verify import attached_decision

    case = town.newcomer()
    path = issue_pending(store, seal, folder, now).issued[0].path
    content = attached_decision(PdfFileReader(BytesIO(path.read_bytes())))
    assert content is not None
    attached = json.loads(content)
    assert attached["decision"]["application_id"] == case
    assert attached["certificate"]["qualifications"][0]["category_code"] == "S11"
    assert attached["criteria"][0]["result"] == "met"
    assert "231.7" not in content.decode()
