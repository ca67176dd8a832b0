"""One penalty told by several sources counts once."""

from __future__ import annotations

from datetime import date

import polars as pl
from builders import A_BRANCH, A, B, findings_in, registered, rows_of

from assets.lake.declaration import Table
from assets.tables import credit

Frames = dict[Table, pl.DataFrame]


def found(*rows: dict, registry: Frames | None = None) -> list[tuple[str, str, str]]:
    sound = {
        "authority": "杭州市城乡建设委员会",
        "document_no": "杭建罚〔2016〕12号",
        "act": "转包或违法分包",
    }
    frame = rows_of(credit.FINDING, *({**sound, "revoked_on": None, **row} for row in rows))
    frames = {credit.FINDING: frame, **(registered() if registry is None else registry)}
    of_check = findings_in(frames).filter(check_id="C-08")
    return list(of_check.select("usc_code", "row_key", "severity").sort(pl.all()).iter_rows())


def test_brackets_do_not_make_another_document() -> None:
    assert found({"finding_no": "1"}, {"finding_no": "2", "document_no": "杭建罚[2016]12号"}) == [
        (A, "2", "LAW")
    ]


def test_another_document_is_another_penalty() -> None:
    assert (
        found({"finding_no": "1"}, {"finding_no": "2", "document_no": "杭建罚〔2016〕13号"}) == []
    )


def test_one_document_may_punish_two_enterprises_or_two_acts() -> None:
    rows = (
        {"finding_no": "1"},
        {"finding_no": "2", "usc_code": B},
        {"finding_no": "3", "act": "串通投标或行贿中标"},
    )
    assert found(*rows) == []


def test_a_decision_set_aside_in_one_source_is_doubted_in_the_other() -> None:
    rows = {"finding_no": "1"}, {"finding_no": "2", "revoked_on": date(2016, 12, 1)}
    assert found(*rows) == [(A, "1", "DATA")]


def test_a_decision_told_of_an_enterprise_and_of_its_branch_is_one() -> None:
    assert found({"finding_no": "1"}, {"finding_no": "2", "usc_code": A_BRANCH}) == [
        (A_BRANCH, "2", "LAW")
    ]
    assert found({"finding_no": "2"}, {"finding_no": "1", "usc_code": A_BRANCH}) == [
        (A, "2", "LAW")
    ]


def test_one_decision_told_twice_of_who_is_not_registered_is_one() -> None:
    stranger = {"usc_code": A_BRANCH}
    rows = {"finding_no": "1", **stranger}, {"finding_no": "2", **stranger}
    assert found(*rows, registry={}) == [(A_BRANCH, "2", "LAW")]


def test_one_document_about_two_projects_is_two_and_of_none_a_copy() -> None:
    one, other = {"project_no": "3301061601010101"}, {"project_no": "3301061601010202"}
    assert found({"finding_no": "1", **one}, {"finding_no": "2", **other}) == []
    rows = {"finding_no": "0"}, {"finding_no": "1", **one}, {"finding_no": "2", **other}
    assert found(*rows) == [(A, "0", "LAW")]
    assert found({"finding_no": "0"}, {"finding_no": "1", **one}) == [(A, "0", "LAW")]


def test_of_two_days_of_one_decision_the_earlier_stands_and_the_later_is_doubted() -> None:
    early, late = {"decided_on": date(2016, 2, 1)}, {"decided_on": date(2016, 6, 1)}
    assert found({"finding_no": "1", **early}, {"finding_no": "2", **late}) == [(A, "2", "DATA")]
    assert found({"finding_no": "1", **late}, {"finding_no": "2", **early}) == [(A, "1", "DATA")]
