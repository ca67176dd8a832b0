"""Numbers never repeat, and enterprises keep their code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.identifiers import ALPHANUMERIC, mod_37_36
from certificates.issuing.numbers import (
    Numbers,
    NumbersExhausted,
    enterprise_code,
    number_of,
)


@pytest.mark.provision("G6")
@given(
    st.text(ALPHANUMERIC, min_size=9, max_size=9), st.integers(0, 8), st.sampled_from(ALPHANUMERIC)
)
def test_one_wrong_character_is_always_found(body: str, at: int, other: str) -> None:
    wrong = body[:at] + other + body[at + 1 :]
    assert wrong == body or mod_37_36(wrong) != mod_37_36(body)


@pytest.mark.provision("G5")
def test_a_number_has_ten_characters_and_begins_with_the_province() -> None:
    number = Numbers([]).draw("E1")
    assert number[:9] == "D23300001"
    assert number == number_of("3300001")


def test_no_number_is_drawn_twice() -> None:
    numbers = Numbers([])
    drawn = [numbers.draw(f"E{index}") for index in range(500)]
    assert len(set(drawn)) == 500


def test_a_serial_someone_else_holds_under_any_authority_is_passed_over() -> None:
    numbers = Numbers([("D133000015", "OTHER"), ("D333000027", "THIRD")])
    assert enterprise_code(numbers.draw("E1")) == "3300003"


@pytest.mark.provision("G6")
def test_an_enterprise_keeps_its_code_of_another_authority() -> None:
    assert Numbers([("D133054321", "E1")]).draw("E1")[:9] == "D23305432"


@pytest.mark.provision("G5")
def test_the_letter_of_foreign_invested_enterprises_is_no_part_of_the_code() -> None:
    assert enterprise_code("DW133054321") == "3305432"


def test_a_code_shared_with_another_enterprise_is_not_kept() -> None:
    assert Numbers([("D133054321", "E1"), ("D333054328", "E2")]).draw("E1")[:9] == "D23300001"


def test_a_code_of_another_province_is_not_kept() -> None:
    assert Numbers([("D144054321", "E1")]).draw("E1")[:9] == "D23300001"


def test_a_number_that_was_ever_used_is_not_used_again_even_by_its_own_enterprise() -> None:
    used = number_of("3305432")
    drawn = Numbers([(used, "E1")]).draw("E1")
    assert drawn != used
    assert drawn[:9] == "D23300001"


def test_when_every_serial_is_used_the_error_says_so() -> None:
    numbers = Numbers([])
    numbers._last = 99_999
    with pytest.raises(NumbersExhausted, match="99999 serials"):
        numbers.draw("E1")
