"""What the summary tells of deliveries that failed: how things stand, not every attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assets.lake.store import Store
from assets.tables import intake
from pipelines.terminal.summary import no_release, summarise

FIRST = "20170131T160000Z--20170302T000000Z"
SECOND = "20170131T160000Z--20170303T000000Z"
AGAIN = f"{FIRST}--20170310T000000Z.jsonl", f"{FIRST}--20170311T000000Z.jsonl"


def logged(folder: Path, *told: dict[str, object]) -> Store:
    """A lake whose log has these deliveries of findings."""
    same = {
        "feed": "finding",
        "file_version": "1",
        "file_sha256": "0" * 64,
        "row_count": 0,
        "repeated_count": 0,
        "quarantined_count": 0,
    }
    store = Store(folder / "lake")
    rows = pl.DataFrame([same | one for one in told], schema=intake.DELIVERY.schema)
    store.turn(intake.DELIVERY, "test").append(rows)
    return store


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ([(f"{FIRST}.jsonl", "failed")], [f"{FIRST}.jsonl"]),
        ([(f"{FIRST}.jsonl", "failed"), (f"{SECOND}.jsonl", "failed")], [f"{SECOND}.jsonl"]),
        ([(f"{FIRST}.jsonl", "failed"), (f"{SECOND}.jsonl", "accepted")], []),
        # A later portion fails before an earlier one, that came, is taken in.
        ([(f"{SECOND}.jsonl", "failed"), (f"{FIRST}.jsonl", "accepted")], [f"{SECOND}.jsonl"]),
        ([("whole--20170302T000000Z.jsonl", "failed"), (f"{SECOND}.jsonl", "accepted")], []),
        ([(AGAIN[0], "failed"), (f"{SECOND}.jsonl", "accepted")], [AGAIN[0]]),
        ([(AGAIN[0], "failed"), (AGAIN[1], "accepted")], []),
        ([("a.csv", "failed"), ("b.csv", "accepted")], ["a.csv"]),
        ([("a.csv", "failed"), ("b.csv", "failed")], ["b.csv", "a.csv"]),
        ([("a.csv", "failed"), ("a.csv", "accepted")], []),
    ],
)
def test_a_failure_is_told_until_what_it_was_an_attempt_at_has_come(
    log: list[tuple[str, str]], told: list[str], tmp_path: Path
) -> None:
    begin = datetime(2017, 3, 5, tzinfo=UTC)
    store = logged(
        tmp_path,
        *(
            {
                "delivery_id": f"{n}",
                "channel": "credit",
                "file_name": name,
                "received_at": begin + timedelta(minutes=n),
                "status": status,
            }
            for n, (name, status) in enumerate(log)
        ),
    )
    assert [one.file_name for one in summarise(store).failed_deliveries] == told


def test_files_that_failed_in_one_turn_are_told_in_the_order_of_their_names(tmp_path: Path) -> None:
    turn = datetime(2017, 3, 5, tzinfo=UTC)
    came = [("titles", "b.csv"), ("credit", "b.csv"), ("titles", "a.csv"), ("credit", "a.csv")]
    store = logged(
        tmp_path,
        *(
            {
                "delivery_id": f"{channel}.{name}",
                "channel": channel,
                "file_name": name,
                "received_at": turn + timedelta(microseconds=n),
                "status": "failed",
            }
            for n, (channel, name) in enumerate(came)
        ),
    )
    told = [(one.feed, one.file_name) for one in summarise(store).failed_deliveries]
    assert told == [(f"{channel}.finding", name) for channel, name in sorted(came)]


def test_without_a_release_it_is_told_whether_data_did_not_pass_or_none_ever_came(
    tmp_path: Path,
) -> None:
    nothing = summarise(Store(tmp_path / "lake"))
    assert "nothing was ever taken in" in no_release(nothing)
    assert "did not pass the checks" in no_release(replace(nothing, deliveries_accepted=1))
