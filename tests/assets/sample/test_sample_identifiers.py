"""Identifiers: the published test vectors, and every number of the sample by an own checker."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import polars as pl
import pytest

from assets.sample import identifiers

_USC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_usc(code: str) -> bool:
    """GB 32100 written out anew: the weighted sum with the check is a multiple of 31."""
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", code):
        return False
    total = sum(_USC.index(c) * pow(3, place, 31) for place, c in enumerate(code[:17]))
    return (total + _USC.index(code[17])) % 31 == 0


def is_id(number: str) -> bool:
    """ISO 7064 MOD 11-2 written out anew, and a real date."""
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return False
    date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    total = sum(int(c) * w for c, w in zip(number[:17], _ID_WEIGHTS, strict=True))
    return (total + (10 if number[17] == "X" else int(number[17]))) % 11 == 1


@pytest.mark.parametrize(
    "code", ["91330100MA2800A1X1", "91330199MA2A00018R", "91330299MACC000182", "91110000600037341L"]
)
def test_the_check_characters_agree_with_published_codes(code: str) -> None:
    assert is_usc(code)
    assert identifiers.usc_check(code[:17]) == code[17]


@pytest.mark.parametrize(
    ("body", "check"), [("MA2800A1", "X"), ("14304000", "X"), ("72000001", "7"), ("60003734", "1")]
)
def test_the_organisation_code_inside_agrees_with_published_codes(body: str, check: str) -> None:
    assert identifiers.organisation_check(body) == check


@pytest.mark.parametrize("number", ["330199198503120013", "33029919910101002X"])
def test_identity_numbers_are_made_as_the_standard_says(number: str) -> None:
    made = identifiers.id_numbers(
        np.array([int(number[:6])]),
        np.array([f"{number[6:10]}-{number[10:12]}-{number[12:14]}"], "datetime64[D]"),
        np.array([int(number[14:17])]),
    )[0]
    assert made[:17] == number[:17]
    assert is_id(made)


def test_every_enterprise_has_a_valid_code_in_a_region_that_never_existed(
    frames: dict[str, pl.DataFrame],
) -> None:
    codes = frames["registry"]["usc_code"].to_list()
    assert len(set(codes)) == len(codes)
    assert all(is_usc(code) for code in codes)
    assert all(
        code[6:8] == "99" and identifiers.organisation_check(code[8:16]) == code[16]
        for code in codes
    )


def test_every_person_has_a_valid_number_of_its_own_in_a_region_that_never_existed(
    frames: dict[str, pl.DataFrame],
) -> None:
    numbers = frames["identity"]["id_number"].to_list()
    assert len(set(numbers)) == len(numbers)
    assert all(is_id(number) and number[:2] == "33" and number[4:6] == "99" for number in numbers)


def test_the_certificates_of_one_enterprise_share_its_number(
    frames: dict[str, pl.DataFrame],
) -> None:
    shared = (
        frames["certificate"]
        .group_by("owner")
        .agg(pl.col("certificate_no").str.slice(2, 7).n_unique())
    )
    assert shared["certificate_no"].max() == 1
    assert frames["certificate"]["certificate_no"].str.contains(r"^D[123]\d{7}[0-9A-Z]$").all()
