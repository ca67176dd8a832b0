"""What only a whole table shows, each just hit and just missed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import polars as pl
import pytest
from builders import NOW, A, B, fill, rows_of
from deltalake import write_deltalake

from assets.bases.quarantine import clearing_rows
from assets.channels import load_channels
from assets.lake.store import Store
from assets.tables import enterprise, intake, personnel
from checks.outcome import Outcome
from checks.quality import whole


def failed(store: Store) -> list[tuple[str, str]]:
    return [(o.check_id, o.target) for o in whole.examine(store) if o.blocks]


def test_an_empty_lakehouse_fails_nothing(store: Store) -> None:
    assert failed(store) == []


def test_a_key_that_occurs_twice_blocks(store: Store) -> None:
    fill(store, A)
    rows = store.read(enterprise.REGISTRY)
    write_deltalake(store.path(enterprise.REGISTRY), rows, mode="append")
    assert failed(store) == [("key", enterprise.REGISTRY.name)]


def test_a_column_that_is_not_declared_blocks(store: Store) -> None:
    fill(store, A)
    rows = store.read(enterprise.REGISTRY).with_columns(extra=pl.lit("x"))
    write_deltalake(
        store.path(enterprise.REGISTRY), rows, mode="overwrite", schema_mode="overwrite"
    )
    assert ("schema", enterprise.REGISTRY.name) in failed(store)


def test_certificates_without_a_registry_block(store: Store) -> None:
    store.upsert(enterprise.CERTIFICATE, rows_of(enterprise.CERTIFICATE, {}))
    assert failed(store) == [("F-07:usc_code", enterprise.CERTIFICATE.name)]


def test_half_of_them_without_one_do_not(store: Store) -> None:
    fill(store, A)
    two = rows_of(enterprise.CERTIFICATE, {}, {"usc_code": B, "certificate_no": "D233000002"})
    store.upsert(enterprise.CERTIFICATE, two)
    assert failed(store) == []


def deliver(
    store: Store,
    name: str,
    rows: int,
    apart: int,
    at: datetime = NOW,
    manifest_json: str | None = None,
    repeated: int = 0,
) -> None:
    store.append(
        intake.DELIVERY,
        rows_of(
            intake.DELIVERY,
            {
                "delivery_id": name,
                "channel": "skills",
                "feed": "certificate",
                "received_at": at,
                "status": "accepted",
                "row_count": rows,
                "repeated_count": repeated,
                "manifest_json": manifest_json,
                "file_sha256": "0" * 64,
            },
        ),
    )
    store.append(
        intake.QUARANTINE,
        rows_of(
            intake.QUARANTINE,
            *(
                {
                    "delivery_id": name,
                    "row_no": n + 1,
                    "target": personnel.SKILL.name,
                    "reasons": ["trade:required"],
                }
                for n in range(apart)
            ),
        ),
    )


def test_a_delivery_with_more_than_a_fifth_set_apart_blocks(store: Store) -> None:
    deliver(store, "d1", 100, 21)
    assert failed(store) == [("F-05", intake.DELIVERY.name)]


def test_a_fifth_does_not(store: Store) -> None:
    deliver(store, "d1", 100, 20)
    assert failed(store) == []


def test_nor_do_a_handful_of_bad_rows_in_a_small_delivery(store: Store) -> None:
    deliver(store, "d1", 25, 19)
    assert failed(store) == []


def test_a_sound_delivery_after_it_heals_it(store: Store) -> None:
    deliver(store, "d1", 100, 90)
    deliver(store, "d2", 100, 0, at=datetime(2017, 3, 2, tzinfo=UTC))
    assert failed(store) == []


def test_a_portion_after_it_heals_nothing(store: Store) -> None:
    deliver(store, "d1", 100, 90)
    deliver(store, "d2", 79, 0, at=datetime(2017, 3, 2, tzinfo=UTC))
    assert failed(store) == [("F-05", intake.DELIVERY.name)]
    deliver(store, "d3", 80, 0, at=datetime(2017, 3, 3, tzinfo=UTC))
    assert failed(store) == []


def test_nor_does_one_that_sends_the_bad_rows_again_as_they_were(store: Store) -> None:
    """They are known: nothing of it is set apart, and nothing is mended."""
    deliver(store, "d1", 100, 90)
    at = datetime(2017, 3, 2, tzinfo=UTC)
    deliver(store, "d2", 101, 0, at=at, repeated=100)
    assert failed(store) == [("F-05", intake.DELIVERY.name)]
    deliver(store, "d3", 100, 0, at=at, repeated=10)
    assert failed(store) == []


def test_nor_does_a_sound_one_of_another_region_or_month(store: Store) -> None:
    def of(region: str, month: str) -> str:
        return json.dumps({"region_code": region, "periods": [month]})

    deliver(store, "d1", 100, 90, manifest_json=of("330100", "2017-02-01"))
    for day, (region, month) in enumerate((("330200", "2017-02-01"), ("330100", "2017-01-01"))):
        at = datetime(2017, 3, 2 + day, tzinfo=UTC)
        deliver(store, f"other{day}", 100, 0, at=at, manifest_json=of(region, month))
    assert failed(store) == [("F-05", intake.DELIVERY.name)]
    at = datetime(2017, 3, 5, tzinfo=UTC)
    deliver(store, "d2", 100, 0, at=at, manifest_json=of("330100", "2017-02-01"))
    assert failed(store) == []


def test_rows_whose_doubt_is_cleared_spoil_no_delivery(store: Store) -> None:
    deliver(store, "d1", 100, 21)
    apart = store.read(intake.QUARANTINE)
    store.append(intake.QUARANTINE, clearing_rows(apart.head(1), NOW, "steward", "mended"))
    assert failed(store) == []


def test_a_feed_has_its_own_limit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = load_channels()["skills"]
    strict = declared.feeds["certificate"].model_copy(update={"max_bad_share": 0.1999})
    changed = declared.model_copy(update={"feeds": {"certificate": strict}})
    monkeypatch.setattr(whole, "load_channels", lambda: {"skills": changed})
    deliver(store, "d1", 100, 20)
    assert failed(store) == [("F-05", intake.DELIVERY.name)]


@pytest.mark.parametrize("code", ["F-03", "F-11"])
def test_a_delivery_refused_for_its_size_is_told_and_blocks_nothing_else(
    store: Store, code: str
) -> None:
    refused = {
        "delivery_id": "d2",
        "channel": "skills",
        "feed": "certificate",
        "received_at": datetime(2017, 3, 2, tzinfo=UTC),
        "status": "failed",
        "reason_code": code,
        "error": "行数 / rows",
        "file_sha256": "0" * 64,
    }
    deliver(store, "d1", 100, 0)
    store.append(intake.DELIVERY, rows_of(intake.DELIVERY, refused))
    assert failed(store) == []
    [told] = [one for one in whole.examine(store) if one.check_id == code]
    assert (told.status, told.failed_count) == ("failed", 1)


def test_a_check_that_breaks_is_an_error_that_blocks(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(store: Store, table: object) -> Outcome:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(whole, "_schema", broken)
    outcomes = [o for o in whole.examine(store) if o.status == "error"]
    assert outcomes and all(o.blocks and o.note == "RuntimeError: disk on fire" for o in outcomes)
