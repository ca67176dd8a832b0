"""One row per application: where it stands, brought up from the logs, changes told one by one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from shipped import BOOK
from town import ANNA, BELLA, Town

from assets.lake.declaration import Table
from assets.lake.store import SnapshotConflict, Store
from assets.tables import decision, intake
from assets.tables.office import CURRENT
from certificates.archiving.archive import archive_pending
from certificates.current import bring_up
from certificates.issuing.issue import issue_pending
from certificates.seal import Seal
from decisions.filing.rejections import Asked, record
from decisions.filing.screening import item_open


def of(store: Store, case: str) -> dict[str, object]:
    return store.read(CURRENT).filter(application_id=case).row(0, named=True)


def test_a_granted_case_tells_its_times_of_filing_decision_certificate_and_archive(
    town: Town, store: Store, seal: Seal, folder: Path, tmp_path: Path, now: datetime
) -> None:
    case = town.newcomer()
    bring_up(store)
    row = of(store, case)
    assert (row["outcome"], row["certified_at"], row["archived_at"]) == ("granted", None, None)
    issue_pending(store, seal, folder, now)
    archive_pending(store, BOOK, folder, tmp_path / "archive", now)
    bring_up(store)
    row = of(store, case)
    assert row["filed_at"] < row["decided_at"] < row["certified_at"] == row["archived_at"] == now
    assert row["certificate_version"] == 1
    assert (folder / str(row["certificate_file"])).is_file()
    assert (tmp_path / "archive" / str(row["archive_file"])).is_file()
    for named in ("rule_digest", "release_id", "engine_version", "way"):
        assert row[named]


def test_the_closing_decision_counts_and_not_a_later_evaluation(town: Town, store: Store) -> None:
    case = town.newcomer()
    first = store.read(decision.DECISION)
    store.append(
        decision.DECISION,
        first.with_columns(evaluation_no=pl.lit(2, pl.Int32), outcome=pl.lit("refused")),
    )
    bring_up(store)
    assert of(store, case)["outcome"] == "granted"


def test_of_a_case_that_waits_the_newest_evaluation_counts(town: Town, store: Store) -> None:
    town.registered(ANNA)
    case = town.decide(ANNA, "none", outcome="awaiting_data", is_final=False)
    row = store.read(decision.DECISION)
    store.append(
        decision.DECISION,
        row.with_columns(evaluation_no=pl.lit(2, pl.Int32), reason_zh=pl.lit("仍缺数据")),
    )
    bring_up(store)
    assert (of(store, case)["evaluation_no"], of(store, case)["reason_zh"]) == (2, "仍缺数据")


def test_an_application_turned_away_as_no_case_tells_its_answer_and_has_no_outcome(
    town: Town, store: Store, now: datetime
) -> None:
    case = town.newcomer()
    one = store.read(intake.APPLICATION)
    again = one.with_columns(application_id=pl.lit("A000009"), received_at=pl.lit(now))
    store.append(intake.APPLICATION, again)
    bring_up(store)
    assert of(store, "A000009")["rejection_no"] is None, "nobody has looked at it yet"
    fault = item_open(case, "first", "first", ANNA)
    asked = Asked(ANNA, "S11-二级", "first", now, "portal", application_id="A000009")
    (number,) = record(store, [(asked, fault)], now)
    bring_up(store)
    row = of(store, "A000009")
    assert (row["rejection_no"], row["outcome"], row["is_final"]) == (number, None, None)
    assert row["reason_zh"] == f"{fault.zh}；{fault.remedy_zh}"
    assert row["reason_en"] == f"{fault.en}; {fault.remedy_en}"
    assert (of(store, case)["rejection_no"], of(store, case)["outcome"]) == (None, "granted")


def test_the_change_feed_tells_the_rows_that_changed_and_no_others(
    town: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    town.registered(BELLA)
    other = town.decide(BELLA, "none", outcome="refused")
    case = town.newcomer()
    bring_up(store)
    before = store.version(CURRENT)
    assert before is not None
    issue_pending(store, seal, folder, now)
    bring_up(store)
    feed = pl.DataFrame(
        DeltaTable(store.path(CURRENT)).load_cdf(starting_version=before + 1).read_all()
    )
    assert feed.sort("_change_type").select("application_id", "_change_type").rows() == [
        (case, "update_postimage"),
        (case, "update_preimage"),
    ]
    assert of(store, other)["outcome"] == "refused"


def test_nothing_new_makes_no_version(town: Town, store: Store) -> None:
    town.newcomer()
    version = bring_up(store)
    assert bring_up(store) == bring_up(store, ["A000001"]) == version


def test_of_two_writers_one_is_told_to_read_again_and_no_row_is_doubled(
    town: Town, store: Store, tmp_path: Path
) -> None:
    town.newcomer()
    bring_up(store)
    town.registered(BELLA)
    town.decide(BELLA, "none", outcome="refused")

    class Overtaken(Store):
        """Another writer merges after this one has opened the view."""

        def _ordered(self, table: Table, rows: pl.DataFrame) -> pl.DataFrame:
            store.merge(table, rows)
            return super()._ordered(table, rows)

    with pytest.raises(SnapshotConflict):
        bring_up(Overtaken(tmp_path / "lake"))
    rows = store.read(CURRENT)
    assert rows["application_id"].n_unique() == rows.height == 2
