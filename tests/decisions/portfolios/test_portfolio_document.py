"""A portfolio as a document: it decides as its rows do, and a faulty one says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from portfolio import Portfolio as Built
from portfolio import applications_of, frames_of, instant
from shipped import BOOK

from assets.tables import personnel
from decisions.engine import Decided, decide
from decisions.facts.model import Facts
from decisions.portfolios.document import Portfolio, PortfolioError, read

DAY = date(2017, 3, 1)
CASES = {
    "a first application": ("S11", "二级", "first"),
    "an upgrade": ("S11", "一级", "upgrade"),
    "a renewal": ("S11", "二级", "renewal"),
}


def built(name: str) -> Built:
    code, level, kind = CASES[name]
    return Built.meeting(code, level, kind=kind, filed_on=DAY)


def document_of(case: Built) -> str:
    return Portfolio.of(Facts.of(frames_of([case])), case.usc_code).to_json()


def decided(case: Built, facts: Facts) -> Decided:
    return decide(applications_of([case]), facts, BOOK, instant(DAY, 10))


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_decided_from_the_document_as_from_the_tables(name: str) -> None:
    case = built(name)
    from_tables = decided(case, Facts.of(frames_of([case])))
    from_document = decided(case, read(document_of(case)).facts)
    assert from_tables.decisions["outcome"].to_list() == ["granted"]
    assert from_document.decisions.drop("elapsed_ms").equals(
        from_tables.decisions.drop("elapsed_ms")
    )
    assert from_document.criteria.equals(from_tables.criteria)
    assert from_document.evidence.equals(from_tables.evidence)


@pytest.mark.parametrize("name", CASES)
def test_what_was_set_apart_or_doubted_travels_with_it(name: str) -> None:
    case = built(name)
    case.quarantine("base_personnel__technical_lead")
    case.doubt("base_enterprise__registry", case.usc_code, "DATA", usc_code=case.usc_code)
    verdict = decided(case, read(document_of(case)).facts)
    assert verdict.decisions["outcome"].to_list() == ["awaiting_data"]


def test_reading_and_writing_again_gives_the_same_bytes() -> None:
    document = document_of(built("an upgrade"))
    assert read(document).to_json() == document


def test_names_and_identity_numbers_stay_behind() -> None:
    case = built("a first application")
    person = frames_of([case])[personnel.PERSON.name].row(0, named=True)
    document = document_of(case)
    assert person["person_key"] in document
    assert person["id_number"] not in document
    assert json.loads(document)["tables"][personnel.PERSON.name][0].keys() == {
        "person_key",
        "born_on",
        "delivery_id",
        "row_no",
        "received_at",
    }


def spoilt(change: Callable[[dict[str, Any]], object]) -> str:
    document = json.loads(document_of(built("a first application")))
    change(document)
    return json.dumps(document, ensure_ascii=False)


@pytest.mark.parametrize("text", ["{", "", "[" * 100_000], ids=["cut", "empty", "too deep"])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(PortfolioError, match="not JSON"):
        read(text)


def test_a_value_that_cannot_be_read_is_told_in_one_line_without_advice_to_programmers() -> None:
    text = spoilt(lambda d: d["tables"]["base_personnel__person"][0].update(born_on="1980-02-30"))
    with pytest.raises(PortfolioError, match=r"born_on.*1980-02-30") as told:
        read(text)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("other", [{}, {"valid_until": "2030-01-01"}], ids=["alike", "unlike"])
def test_a_row_that_stands_twice_is_refused_for_it_would_count_twice(other: dict[str, str]) -> None:
    def doubled(document: dict[str, Any]) -> None:
        rows = document["tables"]["base_personnel__registration"]
        rows.append(rows[0] | other)

    number = json.loads(document_of(built("a first application")))["tables"][
        "base_personnel__registration"
    ][0]["registration_no"]
    with pytest.raises(PortfolioError, match=f"two rows of one key.*registration_no.*{number}"):
        read(spoilt(doubled))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda d: d.pop("usc_code"), r"\$: 'usc_code' is a required property"),
        (lambda d: d.update(schema="miaoban.portfolio/9"), r"\$\.schema"),
        (lambda d: d["tables"].update(people=[]), r"\$\.tables: .*people"),
        (
            lambda d: d["tables"]["base_enterprise__registry"][0].pop("usc_code"),
            r"base_enterprise__registry\[0\]",
        ),
        (
            lambda d: d["tables"]["base_personnel__title"][0].update(title_level="高高级"),
            r"base_personnel__title\[0\]",
        ),
        (
            lambda d: d["tables"]["base_enterprise__registry"][0].update(
                registered_capital_yuan=1.5
            ),
            r"base_enterprise__registry\[0\]\.registered_capital_yuan",
        ),
        (
            lambda d: d["tables"]["base_personnel__person"][0].update(born_on="1980-02-30"),
            r"base_personnel__person",
        ),
    ],
    ids=[
        "no enterprise",
        "another version",
        "an unknown table",
        "a column missing",
        "a code not listed",
        "a number where text keeps every digit",
        "a day that does not exist",
    ],
)
def test_a_fault_is_named_with_its_place(
    change: Callable[[dict[str, Any]], object], where: str
) -> None:
    with pytest.raises(PortfolioError, match=where):
        read(spoilt(change))
