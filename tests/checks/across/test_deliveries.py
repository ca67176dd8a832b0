"""What the log of deliveries and whole batches show, at the figure and just below."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

from builders import NOW, rows_of

from assets.lake.store import Store
from assets.tables import intake, personnel
from checks.across.deliveries import dated_on_receipt, grades_upside_down, sent_before


def deliver(store: Store, name: str, sent_at: datetime, received_at: datetime) -> None:
    store.append(
        intake.DELIVERY,
        rows_of(
            intake.DELIVERY,
            {
                "delivery_id": name,
                "status": "accepted",
                "received_at": received_at,
                "manifest_json": json.dumps({"sent_at": sent_at.isoformat()}),
                "file_sha256": "0" * 64,
            },
        ),
    )


def test_a_delivery_sent_before_one_that_came_earlier_is_noted(store: Store) -> None:
    deliver(store, "d1", NOW, NOW)
    deliver(store, "d2", NOW, NOW + timedelta(hours=1))
    assert sent_before(store).status == "passed"
    deliver(store, "d3", NOW - timedelta(seconds=1), NOW + timedelta(hours=2))
    told = sent_before(store)
    assert (told.status, told.failed_count, told.blocks) == ("failed", 1, False)
    assert told.keys[0]["delivery_id"] == "d3"


def titles(filled: int, rows: int) -> list[dict]:
    return [
        {
            "title_no": f"T{n}",
            "delivery_id": "d1",
            "received_at": datetime(2017, 2, 28, 16, tzinfo=UTC),
            "awarded_on": date(2017, 3, 1) if n < filled else date(2010, 1, 1),
        }
        for n in range(rows)
    ]


def test_over_a_hundredth_dated_on_the_day_of_receipt_is_noted(store: Store) -> None:
    store.upsert(personnel.TITLE, rows_of(personnel.TITLE, *titles(3, 200)))
    told = dated_on_receipt(store, personnel.TITLE)
    assert (told.status, told.blocks) == ("failed", False)
    assert told.keys == ({"delivery_id": "d1", "rows": 200, "column": "awarded_on", "value": 3},)


def test_a_hundredth_or_a_small_delivery_is_not(store: Store) -> None:
    store.upsert(personnel.TITLE, rows_of(personnel.TITLE, *titles(2, 200)))
    store.upsert(personnel.POST, rows_of(personnel.POST, {"issued_on": date(2017, 3, 1)}))
    assert dated_on_receipt(store, personnel.TITLE).success
    assert dated_on_receipt(store, personnel.POST).success


def test_a_date_on_which_only_another_delivery_came_is_not(store: Store) -> None:
    later = {"delivery_id": "d2", "received_at": datetime(2017, 5, 1, tzinfo=UTC)}
    rows = [
        *titles(2, 200),
        *({**row, **later, "title_no": f"U{n}"} for n, row in enumerate(titles(9, 100))),
    ]
    store.upsert(personnel.TITLE, rows_of(personnel.TITLE, *rows))
    told = dated_on_receipt(store, personnel.TITLE)
    assert told.success and told.row_count == 300


def test_grades_read_upside_down_block_the_release(store: Store) -> None:
    def skills(masters: int, middle: int) -> list[dict]:
        names = ["高级技师"] * masters + ["中级工"] * middle
        return [{"certificate_no": f"S{n}", "grade": grade} for n, grade in enumerate(names)]

    store.upsert(personnel.SKILL, rows_of(personnel.SKILL, *skills(20, 19)))
    assert grades_upside_down(store).blocks
    store.upsert(personnel.SKILL, rows_of(personnel.SKILL, *skills(20, 20)))
    assert grades_upside_down(store).success
