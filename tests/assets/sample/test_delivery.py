"""The deliveries: bytes that repeat, forms that open, faults at their rates, truth beside them."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from lxml import etree
from provinces import AS_OF, ENTERPRISES, SEED, Made

from assets.adapters import LIMITS, packed
from assets.channels import load_channels
from assets.sample import SIZES, connections, generate
from assets.sample.clean import FEED_OF, LATER_FEED_OF
from assets.sample.people import RATES as PEOPLE_RATES
from assets.sources.database import read_view
from assets.sources.windows import Window


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_equal_arguments_give_equal_bytes(tmp_path: Path) -> None:
    for turn in ("a", "b"):
        generate(tmp_path / turn / "inbox", 30, SEED, AS_OF, tmp_path / turn / "truth")
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_another_seed_gives_another_province(tmp_path: Path) -> None:
    generate(tmp_path / "a" / "inbox", 5, 1, AS_OF, tmp_path / "a" / "truth")
    generate(tmp_path / "b" / "inbox", 5, 2, AS_OF, tmp_path / "b" / "truth")
    assert digests(tmp_path / "a") != digests(tmp_path / "b")


def test_an_inbox_that_holds_deliveries_is_refused(made: Made) -> None:
    with pytest.raises(FileExistsError, match="already holds"):
        generate(made.inbox, 5, SEED, AS_OF, made.truth)


def test_every_feed_of_files_is_delivered_with_a_manifest_that_counts_its_rows(made: Made) -> None:
    senders = load_channels()
    for channel, feed in FEED_OF.values():
        if senders[channel].feeds[feed].is_fetched:
            continue
        files = [
            path
            for path in (made.inbox / channel / feed).iterdir()
            if not path.name.endswith(".manifest.json")
        ]
        assert files, (channel, feed)
        for path in files:
            told = json.loads(path.with_name(f"{path.name}.manifest.json").read_text("utf-8"))
            assert told["rows"] >= 0
            assert told["as_of"] <= AS_OF.isoformat()


def test_what_is_read_from_a_view_comes_from_it_and_in_no_file(
    made: Made, frames: dict[str, pl.DataFrame]
) -> None:
    channel, name = load_channels()["permits"], "permit"
    feed = channel.feeds[name]
    assert feed.view is not None
    reached = connections(made.inbox.with_name("databases"), {"permits": channel})["permits"]
    now = Window(None, datetime(2017, 3, 1, 2, tzinfo=UTC))
    content, rows = read_view("permits", feed, feed.view, reached, now)
    told = pl.read_parquet(io.BytesIO(content))
    assert rows == frames["permit"].height > 100
    assert set(told["BuilderLicenceNum"]) == set(frames["permit"]["permit_no"])
    assert set(told["UpdateFlag"]) == {"U"}
    assert not (made.inbox / "permits").exists()


def test_the_files_have_the_columns_their_channel_declares(made: Made) -> None:
    for channel in load_channels().values():
        for name, feed in channel.feeds.items():
            if feed.is_fetched or (channel.channel, name) in LATER_FEED_OF.values():
                continue
            path = next(
                p
                for p in (made.inbox / channel.channel / name).iterdir()
                if p.stem.startswith(("20170228-full", "201702-330100")) and p.suffix != ".json"
            )
            if feed.adapter == "csv":
                content = packed.unwrap(path.read_bytes(), "csv", LIMITS)
                header = content.split(b"\n")[0].decode(feed.encoding or "utf-8")
                assert header == ",".join(feed.columns)
            elif feed.adapter == "xml":
                tags = {cell.tag for row in etree.parse(path).getroot() for cell in row}
                assert tags <= set(feed.columns)
            elif feed.adapter == "xlsx":
                sheet = fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_polars()
                assert tuple(sheet.columns) == feed.columns
            elif feed.adapter == "parquet":
                assert tuple(pl.read_parquet_schema(path)) == feed.columns
            else:
                lines = path.read_text("utf-8").splitlines()
                assert all(tuple(json.loads(line)) == feed.columns for line in lines)


def test_the_latest_month_of_one_city_is_declared_incomplete(made: Made) -> None:
    folder = made.inbox / "social_security" / "insurance"
    complete = {
        path.name: json.loads(path.read_text("utf-8"))["is_complete"]
        for path in folder.glob("*.manifest.json")
        if "_again" not in path.name
    }
    assert complete.pop("201702-330900.csv.manifest.json") is False
    assert all(complete.values())
    assert len(complete) == 21


def test_the_four_broken_files_are_broken_and_the_good_ones_follow(made: Made) -> None:
    faults = pl.read_ndjson(made.truth / "faults.jsonl")
    failed = faults.filter(pl.col("expected") == "failed_delivery")
    assert set(failed["fault"]) == {"wrong_encoding", "truncated", "wrong_count", "broken_xlsx"}
    for channel, feed, name in failed.select("channel", "feed", "file").iter_rows():
        later = [
            p.name
            for p in (made.inbox / channel / feed).iterdir()
            if "-full" in p.name and p.name > name
        ]
        assert later


def test_no_row_a_planned_case_rests_on_goes_to_quarantine_but_the_planned(
    made: Made, frames: dict[str, pl.DataFrame]
) -> None:
    faults = pl.read_ndjson(made.truth / "faults.jsonl").filter(pl.col("expected") == "quarantined")
    applicants = frames["application"]["owner"].to_list()
    spoilt = []
    for name, (channel, feed) in FEED_OF.items():
        if name == "insurance":
            continue
        rows = faults.filter(pl.col("channel") == channel, pl.col("feed") == feed)
        owners = frames[name]["owner"][(rows["row_no"] - 1).to_list()]
        spoilt += [(name, owner) for owner in owners if owner in applicants]
    planned = (
        frames["application"].filter(pl.col("scenario").str.contains("spoilt"))["owner"].to_list()
    )
    assert {owner for _, owner in spoilt} == set(planned)
    assert {name for name, _ in spoilt} == {"registration", "acceptance"}


def test_faults_come_at_their_rates(made: Made, frames: dict[str, pl.DataFrame]) -> None:
    """Within a third of the documented share of the rows of enterprises without a case."""
    free = ~pl.col("owner").is_in(frames["application"]["owner"].to_list())
    counts = pl.read_ndjson(made.truth / "faults.jsonl")

    def share(fault: str, frame: str, *, everyone: bool = False) -> float:
        channel, feed = FEED_OF[frame]
        hits = counts.filter(
            pl.col("fault") == fault, pl.col("channel") == channel, pl.col("feed") == feed
        ).height
        rows = frames[frame].height if everyone else frames[frame].filter(free).height
        return hits / rows

    assert share("id_15", "registration", everyone=True) == pytest.approx(0.18, rel=1 / 3)
    assert share("id_15", "skill", everyone=True) == pytest.approx(0.01, rel=1 / 3)
    assert share("code_blank", "insurance") == pytest.approx(0.0065, rel=1 / 3)
    assert share("id_check", "insurance") == pytest.approx(0.0014, rel=1 / 3)
    assert share("name_blanks", "insurance", everyone=True) == pytest.approx(0.008, rel=1 / 3)
    assert share("past_date", "registration") == pytest.approx(PEOPLE_RATES["past_date"], rel=1 / 3)


def test_the_truth_names_every_application_and_counts_every_table(made: Made) -> None:
    truth = pl.read_ndjson(made.truth / "applications.jsonl")
    sent = pl.read_ndjson(made.inbox / "portal" / "application" / "20170228-full.jsonl")
    assert truth["application_id"].to_list() == sent["application_id"].to_list()
    counts = json.loads((made.truth / "counts.json").read_text("utf-8"))
    assert (
        counts["base_personnel__insurance_month"] == made.report.rows["social_security.insurance"]
    )
    assert counts["intake__application"] == made.report.applications == ENTERPRISES * 3 // 5


def test_fewer_applications_leave_everything_else_alone(tmp_path: Path) -> None:
    generate(tmp_path / "a" / "inbox", 20, SEED, AS_OF, tmp_path / "a" / "truth")
    report = generate(
        tmp_path / "b" / "inbox", 20, SEED, AS_OF, tmp_path / "b" / "truth", applications=3
    )
    assert report.applications == 3
    differing = {
        name
        for name, digest in digests(tmp_path / "a" / "inbox").items()
        if digests(tmp_path / "b" / "inbox")[name] != digest
    }
    assert {name.split("/")[0] for name in differing} == {"portal"}


def test_the_sizes_rise() -> None:
    assert list(SIZES) == ["unit", "city", "province", "nation"]
    assert list(SIZES.values()) == sorted(SIZES.values())
