"""Sound and unsound numbers of organisations and persons."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets import identifiers as ids

TODAY = date(2017, 3, 1)

SOUND_CODES = [
    "91330100MA2800A1X1",
    "91330100MA28TX903L",
    "9133010014304000X8",
    "91330100720000017K",
    "91330100100000008D",
    "9133000014304000X3",
    "91330000MA2800A1XU",
    "9133020014304000XD",
    "91330200MA2800A1X6",
    "9133030014304000XJ",
    "91330300MA2800A1XB",
    "9133048314304000XY",
    "91330483MA2800A1XP",
    "9133078214304000X0",
    "91330782MA2800A1XQ",
    "9133068314304000X9",
    "91330683MA2800A1X2",
    "91330199MA2A00018R",
    "91330199MA2A00026L",
    "91330199MA2A00034F",
    "91330199MACC00018W",
    "91330299MA2A00018Y",
    "91330299MA2A00026R",
    "91330299MA2A00034L",
    "91330299MACC000182",
    "11330000002900870L",
    "12330000470000013F",
    "52330000500000015E",
    "A1330100500000015H",
    "N23301005000000152",
    "Y1330100500000015W",
    "91110000600037341L",
    "91340000711771143J",
]
UNSOUND_CODES = {
    "91330100MA2800A1X2": "check_digit",
    "91330100MA2800A1IX": "alphabet",
    "91330100MA28OOA1X1": "alphabet",
    "91330100MA2800A1X": "length",
    "MA2800A1X": "organisation_code",
    "MA2800A1-X": "organisation_code",
    "MA2800A1-1": "length",
}
SOUND_NUMBERS = [
    "330199198503120013",
    "330199198503120021",
    "330199196307010037",
    "330799195812310055",
    "330199197006150049",
    "330699199009090084",
    "331019199912310991",
    "330102198001010018",
    "330102198001010026",
    "330106197512311235",
    "330203198802290453",
    "330381200510153187",
    "330783195506309979",
    "33010219850615018X",
    "33010219850615026X",
    "330621197008171107",
]
UNSOUND_NUMBERS = {
    "330482199002290018": "impossible_date",
    "33029919910229002X": "impossible_date",
    "330199203001010010": "impossible_date",
    "330199189001010012": "age",
    "330102198001010019": "check_digit",
    "33010219800101001": "length",
    "3.30102E+17": "length",
    "33010219800101001A": "alphabet",
}
ORGANISATIONS = [
    "MA2800A1-X",
    "MA28TX90-3",
    "14304000-X",
    "72000001-7",
    "10000000-8",
    "MAC0AAAA-6",
    "60003734-1",
    "71177114-3",
    "MA2A0001-8",
]

code_bodies = st.tuples(
    st.text(ids.USC_ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ids.USC_ALPHABET, min_size=9, max_size=9),
).map("".join)
number_bodies = st.tuples(
    st.text("0123456789", min_size=6, max_size=6),
    st.dates(date(1930, 1, 1), date(2016, 12, 31)),
    st.text("0123456789", min_size=3, max_size=3),
).map(lambda parts: f"{parts[0]}{parts[1]:%Y%m%d}{parts[2]}")


def usc_faults(codes: list[str]) -> list[str | None]:
    return pl.DataFrame({"c": codes}).select(ids.usc_fault(pl.col("c"))).to_series().to_list()


def id_faults(numbers: list[str], on: date = TODAY) -> list[str | None]:
    return pl.DataFrame({"c": numbers}).select(ids.id_fault(pl.col("c"), on)).to_series().to_list()


def test_every_sound_credit_code_is_found_sound_whoever_registered_it() -> None:
    assert usc_faults(SOUND_CODES) == [None] * len(SOUND_CODES)


def test_every_unsound_credit_code_is_told_what_is_wrong() -> None:
    assert usc_faults(list(UNSOUND_CODES)) == list(UNSOUND_CODES.values())


def test_a_code_whose_embedded_organisation_code_fails_is_still_sound() -> None:
    assert usc_faults(["9133010014304001X9"]) == [None]
    assert not ids.is_organisation_code("14304001X")


@settings(deadline=None)
@given(code_bodies, st.integers(0, 17), st.sampled_from(ids.USC_ALPHABET))
def test_every_single_wrong_character_of_a_credit_code_is_found(
    body: str, place: int, other: str
) -> None:
    code = body + ids.usc_check_character(body)
    assert usc_faults([code]) == [None]
    if code[place] != other:
        assert usc_faults([code[:place] + other + code[place + 1 :]]) != [None]


def test_every_sound_identity_number_is_found_sound_wherever_its_region_is() -> None:
    assert id_faults(SOUND_NUMBERS) == [None] * len(SOUND_NUMBERS)


def test_every_unsound_identity_number_is_told_what_is_wrong() -> None:
    assert id_faults(list(UNSOUND_NUMBERS)) == list(UNSOUND_NUMBERS.values())


def test_nobody_is_born_after_the_day_the_number_came() -> None:
    number = "330199198503120013"
    assert id_faults([number], date(1985, 3, 12)) == [None]
    assert id_faults([number], date(1985, 3, 11)) == ["impossible_date"]


@settings(deadline=None)
@given(number_bodies, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_single_wrong_digit_of_an_identity_number_is_found(
    body: str, place: int, other: str
) -> None:
    number = body + ids.id_check_character(body)
    assert id_faults([number]) == [None]
    if number[place] != other:
        assert id_faults([number[:place] + other + number[place + 1 :]]) != [None]


@settings(deadline=None)
@given(number_bodies, st.integers(0, 16))
def test_every_swap_of_neighbours_is_found(body: str, place: int) -> None:
    number = body + ids.id_check_character(body)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert id_faults([swapped]) != [None]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("330102800101001", "330102198001010018"),
        ("330203550630997", "33020319550630997X"),
        ("330102198001010018", "330102198001010018"),
        ("abc", "abc"),
    ],
)
def test_an_old_number_gets_its_century_and_check(old: str, new: str) -> None:
    assert ids.id18(old) == new


@pytest.mark.parametrize("code", ORGANISATIONS)
def test_an_organisation_code_is_sound_with_and_without_its_hyphen(code: str) -> None:
    assert ids.is_organisation_code(code)
    assert ids.is_organisation_code(code.replace("-", ""))


def test_the_key_of_a_person_depends_on_number_and_secret_only() -> None:
    key = ids.person_key("33010219850615018x", b"secret")
    assert key == ids.person_key("33010219850615018X", b"secret")
    assert key != ids.person_key("33010219850615018X", b"other")
    assert len(key) == 20
    assert "8506" not in key
