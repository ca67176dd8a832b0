"""A base table holds what its sender told last, in whatever order the files came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from deliveries import FIRM, KEY, NOW, OTHER_FIRM, Province, Row, certificate, deleting
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets.bases.base import build_base
from assets.intake.repeats import repeat_table
from assets.intake.taking import take_in
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import enterprise


class Killed(BaseException):
    """The process dies here."""


CHANNEL, FEED = "construction", "certificate"
FILES = 4
TOLD = {
    f"D2330{nth:05}": told for nth, told in enumerate(product((None, "甲路", "乙路"), repeat=FILES))
}
"""What each file says of a certificate, in order of sending: everything that may be said."""


def come(province: Province, files: Sequence[tuple[int, list[Row]]], **more: object) -> None:
    """Files come one by one, each sent on its day of February."""
    channel = province.channels[CHANNEL]
    for nth, (day, rows) in enumerate(files):
        sent = {"sent_at": f"2017-02-{day:02}T18:00:00+08:00", "as_of": f"2017-02-{day:02}"}
        province.deliver(CHANNEL, FEED, rows, name=str(day), manifest=sent | more)
        at = NOW + timedelta(minutes=nth)
        reports = take_in(province.store, channel, FEED, province.inbox, at)
        assert [one.status for one in reports] == ["accepted"]
        build_base(province.store, enterprise.CERTIFICATE, KEY, at, {CHANNEL: channel})


def sent_on(day: int) -> list[Row]:
    """The rows of a day's file."""
    return [
        certificate(CertID=number, Address=address)
        for number, told in TOLD.items()
        if (address := told[day - 1]) is not None
    ]


@settings(max_examples=1, deadline=None)
@given(st.permutations(range(1, FILES + 1)))
@example([1, 3, 2, 4])
def test_what_was_told_last_stands_in_whatever_order_it_came(order: list[int]) -> None:
    with TemporaryDirectory() as folder:
        province = Province(Path(folder), Store(Path(folder) / "lake"))
        come(province, [(day, sent_on(day)) for day in order])
        held = province.read(enterprise.CERTIFICATE).select("certificate_no", "printed_address")
    last = {number: [one for one in told if one is not None] for number, told in TOLD.items()}
    assert dict(held.iter_rows()) == {number: told[-1] for number, told in last.items() if told}


def test_a_process_killed_once_it_has_noted_what_is_repeated_notes_it_once(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    come(province, [(1, [certificate()])])
    repeats = repeat_table(province.channels[CHANNEL], FEED)
    write = Store._write

    def killed(self: Store, table: Table, *arguments: Any) -> int:
        version = write(self, table, *arguments)
        if table.name == repeats.name:
            raise Killed
        return version

    again = [(2, [certificate(), certificate(), certificate(CertID="D233099999")])]
    with monkeypatch.context() as patched:
        patched.setattr(Store, "_write", killed)
        with pytest.raises(Killed):
            come(province, again)
    come(province, again)
    assert province.read(repeats).height == 1
    assert province.read(enterprise.CERTIFICATE).height == 2


def test_a_refresh_ends_nothing_that_was_told_again_since_it_was_sent(province: Province) -> None:
    province.channels = deleting(CHANNEL, FEED, "absence")
    other = [certificate(CertID="D233099999")]
    come(province, [(1, [certificate()]), (3, [certificate(), *other])])
    come(province, [(2, [])], is_refresh=True)
    held = province.read(enterprise.CERTIFICATE)["certificate_no"]
    assert sorted(held) == ["D233012345", "D233099999"]


@pytest.mark.parametrize(
    ("scope", "stands"),
    [({}, False), ({"usc_code": FIRM}, False), ({"usc_code": OTHER_FIRM}, True)],
    ids=["of all", "of its enterprise", "of another"],
)
def test_what_a_refresh_did_not_have_does_not_come_by_a_file_sent_before(
    province: Province, scope: dict[str, str], stands: bool
) -> None:
    province.channels = deleting(CHANNEL, FEED, "absence")
    come(province, [(3, [])], is_refresh=True, **scope)
    come(province, [(2, [certificate()])])
    assert province.read(enterprise.CERTIFICATE).is_empty() is not stands
