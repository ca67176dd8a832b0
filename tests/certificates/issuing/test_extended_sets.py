"""A set of ours whose printed day has passed while notices may have extended it (F9)."""

from __future__ import annotations

from datetime import date

import pytest

from certificates.issuing.effects import CertificateSet, Grant, Held, Holder, apply
from certificates.issuing.register import extensions

OURS = "D233000010"


@pytest.mark.provision("F9")
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


@pytest.mark.provision("B3.1", "B3.5", "D11")
@pytest.mark.parametrize(
    ("awaited", "kept"),
    [({("S04", "")}, {"S04", "S11"}), ({("G10", "")}, {"G10", "S11"}), ((), {"S11"})],
)
def test_what_has_run_out_stays_only_while_its_renewal_is_not_decided(
    awaited: set[tuple[str, str]], kept: set[str]
) -> None:
    lines = (
        Held("G10", "", "二级", date(2012, 6, 2), date(2017, 6, 1)),
        Held("S04", "", "二级", date(2012, 6, 2), date(2017, 6, 1)),
        Held("S11", "", "二级", date(2012, 6, 2), date(2017, 6, 1)),
    )
    holder = Holder("浙江某某建设有限公司", None, None, None, None)
    current = CertificateSet(OURS, 1, "91330000000000000X", holder, date(2017, 6, 1), lines)
    until, day = date(2022, 6, 4), date(2017, 6, 5)
    grant = Grant("SB1", current.usc_code, "renew", "S11", "", "二级", OURS, until, day)
    changed, _ = apply(grant, current, holder, lambda code: OURS, extensions(), awaited)
    assert {line.category_code for line in changed.held} == kept
    assert changed.valid_until == until
