"""Laws of the numbers of organisations and persons; their vectors are in the module beside."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assets import identifiers as ids

TODAY = date(2017, 3, 1)

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


@given(code_bodies, st.integers(0, 17), st.sampled_from(ids.USC_ALPHABET))
def test_every_single_wrong_character_of_a_credit_code_is_found(
    body: str, place: int, other: str
) -> None:
    code = body + ids.usc_check_character(body)
    assert usc_faults([code]) == [None]
    if code[place] != other:
        assert usc_faults([code[:place] + other + code[place + 1 :]]) != [None]


def test_nobody_is_born_after_the_day_the_number_came() -> None:
    number = "330199198503120013"
    assert id_faults([number], date(1985, 3, 12)) == [None]
    assert id_faults([number], date(1985, 3, 11)) == ["impossible_date"]


@given(number_bodies, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_single_wrong_digit_of_an_identity_number_is_found(
    body: str, place: int, other: str
) -> None:
    number = body + ids.id_check_character(body)
    assert id_faults([number]) == [None]
    if number[place] != other:
        assert id_faults([number[:place] + other + number[place + 1 :]]) != [None]


@given(number_bodies, st.integers(0, 16))
def test_every_swap_of_neighbours_is_found(body: str, place: int) -> None:
    number = body + ids.id_check_character(body)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert id_faults([swapped]) != [None]


def test_the_key_of_a_person_depends_on_number_and_secret_only() -> None:
    key = ids.person_key("33010219850615018x", b"secret")
    assert key == ids.person_key("33010219850615018X", b"secret")
    assert key != ids.person_key("33010219850615018X", b"other")
    assert len(key) == 20
    assert "8506" not in key
