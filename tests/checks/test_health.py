"""The health of sources: on time, late, stale, never; how much, how bad, how late."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import polars as pl
import pytest
from builders import rows_of

from assets.channels import load_channels
from assets.tables import check, intake
from checks.health import deliveries_told, missing, source_health

CHANNELS = load_channels()


def delivery(as_of: date, received_at: datetime, **values: object) -> dict:
    return {
        "delivery_id": f"d{as_of}",
        "channel": "skills",
        "feed": "certificate",
        "received_at": received_at,
        "status": "accepted",
        "row_count": 200,
        "quarantined_count": 2,
        "manifest_json": json.dumps({"as_of": as_of.isoformat()}),
        "file_sha256": "0" * 64,
        **values,
    }


def digest(of: dict, apart: int) -> dict:
    return {
        "delivery_id": of["delivery_id"],
        "received_at": of["received_at"],
        "quarantined_count": apart,
        "target": f"t{apart}",
    }


def health(today: date, *rows: dict, digests: tuple[dict, ...] = ()) -> dict:
    table = source_health(
        rows_of(intake.DELIVERY, *rows), rows_of(intake.DIGEST, *digests), CHANNELS, today
    )
    assert table.schema == check.HEALTH.schema
    return table.filter(channel="skills", feed="certificate").row(0, named=True)


def test_every_feed_of_every_channel_is_told_of_also_one_that_never_came() -> None:
    table = source_health(
        intake.DELIVERY.empty(), intake.DIGEST.empty(), CHANNELS, date(2017, 3, 1)
    )
    assert table.height == sum(len(channel.feeds) for channel in CHANNELS.values())
    assert set(table["status"]) == {"never"}


def test_the_last_delivery_is_counted_with_what_was_set_apart_and_how_late_it_came() -> None:
    first = delivery(date(2017, 1, 15), datetime(2017, 1, 16, tzinfo=UTC))
    last = delivery(date(2017, 2, 15), datetime(2017, 2, 17, 16, tzinfo=UTC))
    failed = delivery(
        date(2017, 2, 16), datetime(2017, 2, 17, tzinfo=UTC), status="failed", manifest_json=None
    )
    told = health(date(2017, 3, 1), first, last, failed, digests=(digest(last, 8), digest(last, 3)))
    assert (told["accepted_count"], told["failed_count"], told["row_count"]) == (2, 1, 200)
    assert told["bad_share"] == pytest.approx(10 / 200)
    assert told["delay_days"] == 3, "received on the 18th by the clock of China"
    assert told["due_on"] == date(2017, 3, 18)


@pytest.mark.parametrize(
    ("today", "status"),
    [
        (date(2017, 3, 19), "on_time"),
        (date(2017, 3, 20), "late"),
        (date(2017, 4, 2), "late"),
        (date(2017, 4, 3), "stale"),
    ],
)
def test_a_monthly_feed_is_late_after_a_month_and_stale_after_its_limit(
    today: date, status: str
) -> None:
    assert CHANNELS["skills"].cadence == "monthly" and CHANNELS["skills"].freshness_days == 45
    told = health(today, delivery(date(2017, 2, 15), datetime(2017, 2, 16, tzinfo=UTC)))
    assert told["status"] == status


def test_an_older_delivery_that_comes_later_makes_nothing_staler() -> None:
    new = delivery(date(2017, 2, 15), datetime(2017, 2, 16, tzinfo=UTC))
    old = delivery(date(2016, 12, 15), datetime(2017, 2, 20, tzinfo=UTC))
    assert health(date(2017, 3, 1), new, old)["as_of"] == date(2017, 2, 15)


def test_an_empty_delivery_has_no_share() -> None:
    rows = rows_of(
        intake.DELIVERY,
        delivery(
            date(2017, 2, 15), datetime(2017, 2, 16, tzinfo=UTC), row_count=0, quarantined_count=0
        ),
    )
    told = deliveries_told(rows, intake.DIGEST.empty())
    assert told["bad_share"].to_list() == [None]
    assert isinstance(told, pl.DataFrame)


def test_what_only_checks_would_read_may_never_have_come_and_is_missed_once_it_has() -> None:
    rows = source_health(intake.DELIVERY.empty(), intake.DIGEST.empty(), CHANNELS, date(2017, 3, 1))
    missed = missing(rows, CHANNELS).select("channel", "feed").rows()
    assert ("market_registry", "registration") in missed
    assert ("credit", "listing") not in missed and ("permits", "permit") not in missed
    stale = rows.with_columns(status=pl.lit("stale"))
    assert missing(stale, CHANNELS).height == rows.height
