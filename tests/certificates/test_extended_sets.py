"""A set of ours whose printed day has passed while notices may have extended it (F9)."""

from __future__ import annotations

from datetime import date

import pytest

from certificates.effects import CertificateSet, Grant, Held, Holder, apply
from certificates.register import extensions

OURS = "D233000010"


@pytest.mark.parametrize(
    ("decided_on", "kept"),
    [
        (date(2022, 6, 1), {"G10", "S11"}),
        (date(2022, 6, 2), {"G10", "S11"}),
        (date(2023, 12, 31), {"G10", "S11"}),
        (date(2024, 1, 1), {"S11"}),
    ],
)
def test_what_has_not_surely_ended_stays_on_the_set(decided_on: date, kept: set[str]) -> None:
    lines = (
        Held("G10", "", "二级", date(2017, 6, 2), date(2022, 6, 1)),
        Held("S11", "", "二级", date(2017, 6, 2), date(2025, 6, 1)),
    )
    holder = Holder("浙江某某建设有限公司", None, None, None, None)
    current = CertificateSet(OURS, 1, "91330000000000000X", holder, date(2025, 6, 1), lines)
    grant = Grant(
        "SB1", current.usc_code, "replace_level", "S11", "", "一级", OURS, None, decided_on
    )
    changed, _ = apply(grant, current, holder, lambda code: OURS, extensions())
    assert {line.category_code for line in changed.held} == kept
    assert all(line.valid_until == date(2022, 6, 1) for line in changed.held if "G10" in line.key)
