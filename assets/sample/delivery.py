"""The sample province as deliveries in an inbox and a database, with the truth beside them.

What belongs here: which file carries which rows, and files that are bad as a whole. What
does not: the rows. Nothing is written anywhere but `out`, `truth` and the databases of senders
whose views are read: the sample takes the same road into the lakehouse as real data.
"""

from __future__ import annotations

import json
import shutil
import time as clock
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from assets.calendar import SHANGHAI
from assets.channels import Channel, Feed, load_channels
from assets.sample import databases
from assets.sample.clean import FEED_OF, blocks
from assets.sample.draws import Draws
from assets.sample.faults import Spoilt, spoil
from assets.sample.geography import CITIES, INCOMPLETE_CITY
from assets.sample.insurance import months_of
from assets.sample.rendering import render
from assets.sample.writing import SHEET_ROWS, DeliveryFile, Manifest

SIZES = {"unit": 50, "city": 1_500, "province": 10_000, "nation": 160_000}
"""Enterprises of each named size; each is a prefix of the next."""
PROVINCE = "330000"
OVERLAP_SHARE = 0.02
RESENT_SHARE = 0.05
ZIPPED = ("skill",)
"""Senders that pack their files."""
_NO_OVERLAP = ("application", "insurance")
_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What was written.

    Attributes:
        rows: rows by `<channel>.<feed>`, good files only.
        faults: number of faults by name.
    """

    enterprises: int
    applications: int
    files: int
    rows: dict[str, int]
    faults: dict[str, int]
    seconds: float


def generate(
    out: Path,
    enterprises: int,
    seed: int,
    as_of: date,
    truth: Path,
    applications: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    channels: Mapping[str, Channel] | None = None,
    database_folder: Path | None = None,
) -> SampleReport:
    """Write the deliveries of a sample province; equal arguments give equal bytes.

    Args:
        out: the inbox; `<channel>/<feed>/` folders are made below it.
        enterprises: how many; see `SIZES`.
        seed: of all draws.
        as_of: the day the province is seen on, e.g. 2017-03-01; the last complete
            insurance month is the month before it.
        truth: folder for `faults.jsonl`, `applications.jsonl`, `counts.json`; for tests only.
        applications: at most so many, in the order of the enterprises; None = all
            (0.6 per enterprise).
        progress: called with (enterprises done, enterprises) after each block.
        channels: the senders (default: those declared).
        database_folder: where the databases are made that senders' views are in (default:
            `databases` beside `out`); `databases.connections` says how they are reached.

    Raises:
        FileExistsError: `out` already holds deliveries; a sample is never mixed with others.
    """
    started = clock.perf_counter()
    channels = load_channels() if channels is None else channels
    feeds = {key: channels[channel].feeds[name] for key, (channel, name) in FEED_OF.items()}
    held = [path for channel in channels for path in (out / channel).glob("*/*")]
    if held:
        raise FileExistsError(
            f"inbox {out} already holds {len(held)} files; name an empty folder or remove them"
        )
    truth.mkdir(parents=True, exist_ok=True)
    at = out.with_name("databases") if database_folder is None else database_folder
    for channel in channels:
        databases.database_file(at, channel).unlink(missing_ok=True)
    writer = _Writer(out, feeds, seed, as_of, truth, at)
    names = pl.DataFrame(schema={"usc_code": pl.String, "enterprise_name": pl.String})
    filed = 0
    for block in blocks(enterprises, seed, as_of):
        protected = set(block["application"]["owner"].to_list())
        if applications is not None:
            block["application"] = block["application"].head(max(0, applications - filed))
        filed += block["application"].height
        names = pl.concat([names, block["registry"].select("usc_code", enterprise_name="name")])
        for key, frame in block.items():
            writer.take(key, frame, names, protected)
        writer.applied(block["application"])
        if progress is not None:
            progress(int(block["identity"]["owner"].max() or 0) + 1, enterprises)  # type: ignore[arg-type]
    writer.close()
    return SampleReport(
        enterprises=enterprises,
        applications=filed,
        files=writer.files,
        rows=dict(writer.rows),
        faults=dict(writer.faults),
        seconds=clock.perf_counter() - started,
    )


@dataclass
class _Writer:
    """All files of the inbox while the blocks go by."""

    out: Path
    feeds: dict[str, Feed]
    seed: int
    as_of: date
    truth: Path
    database_folder: Path
    files: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    _open: dict[tuple[str, str], DeliveryFile] = field(default_factory=dict)
    _parts: Counter[str] = field(default_factory=Counter)
    _counts: Counter[str] = field(default_factory=Counter)
    _registered: set[str] = field(default_factory=set)
    """Credit codes that the registry delivers soundly."""
    _excerpts: dict[str, pl.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._draws = Draws(self.seed)
        self._faults = (self.truth / "faults.jsonl").open("wb")
        self._applied = (self.truth / "applications.jsonl").open("wb")
        self._day = self.as_of - timedelta(days=1)
        for key in self.feeds:
            if key == "insurance":
                for city in CITIES:
                    self._city_files(city.code)
            elif self.feeds[key].view is None:
                self._file(key, f"{self._day:%Y%m%d}-full")

    # -- rows ---------------------------------------------------------------------------

    def take(self, key: str, clean: pl.DataFrame, names: pl.DataFrame, protected: set[int]) -> None:
        """Write a block's rows of one table."""
        feed = self.feeds[key]
        channel, name = FEED_OF[key]
        if key != "pension":  # tells more of persons that public security has told of
            self._counts[feed.target] += clean.height
        if feed.measures_target is not None:
            self._counts[feed.measures_target] += sum(
                clean[c].count() for c in clean.columns if "|" in c
            )
        rendered = render(clean, feed, names)
        if feed.view is not None:
            self.rows[f"{channel}.{name}"] += clean.height
            database = databases.database_file(self.database_folder, channel)
            databases.write(database, feed, rendered, self._day)
            return
        spoilt = spoil(
            rendered, clean, channel, name, feed, protected, self._draws, self._registered
        )
        if key == "registry":
            lost = spoilt.faults.filter(pl.col("expected") == "quarantined")["position"]
            sound = clean.with_row_index("position").join(
                lost.cast(pl.UInt32).to_frame(), on="position", how="anti"
            )
            self._registered |= set(sound["usc_code"])
        self.rows[f"{channel}.{name}"] += clean.height
        if key == "insurance":
            self._insurance(spoilt, clean)
            return
        if key not in self._excerpts:
            self._excerpts[key] = spoilt.rows.head(_EXCERPT)
        file = self._part(key)
        self._note(key, file, file.append(spoilt.rows), spoilt.faults)
        if key not in _NO_OVERLAP:
            self._overlap(key, clean, spoilt)

    def _insurance(self, spoilt: Spoilt, clean: pl.DataFrame) -> None:
        """By city of the payer; the latest month in a delivery of its own."""
        faults = spoilt.faults
        placed = (
            clean.select("city", is_latest=pl.col("back") == 0)
            .with_row_index("position")
            .with_columns(pl.col("position").cast(pl.Int64))
        )
        for (city, is_latest), part in placed.partition_by(
            "city", "is_latest", as_dict=True, maintain_order=True
        ).items():
            before, latest = self._city_files(str(city))
            file = latest if is_latest else before
            offset = file.append(spoilt.rows[part["position"].to_numpy()])
            local = part.select("position", local=pl.int_range(pl.len(), dtype=pl.Int64))
            here = faults.join(local, on="position", how="inner", maintain_order="left").select(
                position="local", fault="fault", expected="expected"
            )
            self._note("insurance", file, offset, here)

    def _overlap(self, key: str, clean: pl.DataFrame, spoilt: Spoilt) -> None:
        """Rows that an earlier delivery had already brought, byte for byte."""
        ordinals = clean.select(n=pl.int_range(pl.len(), dtype=pl.Int64).over("owner"))[
            "n"
        ].to_numpy()
        hit = self._draws.chance(
            f"overlap/{key}", OVERLAP_SHARE, clean["owner"].to_numpy(), ordinals
        )
        hit[spoilt.faults["position"].to_numpy()] = False
        self._file(key, f"{self._day - timedelta(days=1):%Y%m%d}-changes").append(
            spoilt.rows.filter(pl.Series(hit))
        )

    def applied(self, frame: pl.DataFrame) -> None:
        """The truth about applications."""
        frame.select(
            "application_id",
            "usc_code",
            "kind",
            "category_code",
            "level",
            "scenario",
            "outcome",
            "because",
            "clause",
        ).write_ndjson(self._applied)

    def _note(self, key: str, file: DeliveryFile, offset: int, faults: pl.DataFrame) -> None:
        if not faults.height:
            return
        channel, name = FEED_OF[key]
        for fault, count in faults["fault"].value_counts().iter_rows():
            self.faults[fault] += count
        faults.select(
            channel=pl.lit(channel),
            feed=pl.lit(name),
            file=pl.lit(file.path.name),
            row_no=pl.col("position") + offset + 1,
            fault="fault",
            expected="expected",
        ).write_ndjson(self._faults)

    # -- files --------------------------------------------------------------------------

    def _file(self, key: str, stem: str) -> DeliveryFile:
        if (key, stem) not in self._open:
            channel, name = FEED_OF[key]
            self._open[key, stem] = DeliveryFile(
                self.out / channel / name, stem, self.feeds[key], is_zipped=key in ZIPPED
            )
        return self._open[key, stem]

    def _part(self, key: str) -> DeliveryFile:
        """The file now written; a sheet that is full is followed by another."""
        stem = f"{self._day:%Y%m%d}-full"
        part = self._parts[key]
        file = self._file(key, stem if not part else f"{stem}_{part + 1:02d}")
        if self.feeds[key].adapter == "xlsx" and file.rows > SHEET_ROWS - 200_000:
            self._parts[key] += 1
            return self._part(key)
        return file

    def _city_files(self, city: str) -> tuple[DeliveryFile, DeliveryFile]:
        latest, previous = months_of(self.as_of)[:2]
        return self._file("insurance", f"{previous:%Y%m}-{city}"), self._file(
            "insurance", f"{latest:%Y%m}-{city}"
        )

    def close(self) -> None:
        """End all files, then send some again and some broken."""
        for (key, stem), file in self._open.items():
            file.close(self._manifest(key, stem))
            self.files += 1
        for (key, stem), file in list(self._open.items()):
            self._resend(key, stem, file)
        self._failures()
        self._faults.close()
        self._applied.close()
        counts = dict(sorted(self._counts.items()))
        (self.truth / "counts.json").write_text(json.dumps(counts, indent=1) + "\n", "utf-8")

    def _manifest(self, key: str, stem: str) -> Manifest:
        if key == "insurance":
            month, _, city = stem.partition("-")
            latest = months_of(self.as_of)[0]
            is_latest = month == f"{latest:%Y%m}"
            periods = months_of(self.as_of)
            return Manifest(
                sent_at=self._at(self.as_of if is_latest else self._day, 2),
                region_code=city,
                is_complete=not (is_latest and city == INCOMPLETE_CITY),
                as_of=self._day,
                periods=tuple(periods[:1] if is_latest else periods[1:]),
            )
        is_changes = stem.endswith("-changes")
        last = f"{self._day:%Y%m%d}-full" + (
            f"_{self._parts[key] + 1:02d}" if self._parts[key] else ""
        )
        as_of = self._day - timedelta(days=1) if is_changes else self._day
        return Manifest(
            sent_at=datetime.combine(self.as_of, time(9, 55), SHANGHAI)
            if key == "application"
            else self._at(as_of, 22),
            region_code=PROVINCE,
            is_complete=stem == last,
            as_of=self.as_of if key == "application" else as_of,
        )

    def _at(self, day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour), SHANGHAI)

    def _resend(self, key: str, stem: str, file: DeliveryFile) -> None:
        """The whole file once more; its name sorts after the first one's."""
        drawn = float(self._draws.uniform(f"resent/{key}/{stem}", np.int64(0)))
        if drawn >= RESENT_SHARE and key != "registry":
            return
        if stem.endswith("-changes") or key in ("application",):
            return
        again = file.path.with_name(f"{stem}_again{file.path.suffix}")
        shutil.copyfile(file.path, again)
        self._manifest(key, stem).write(again, file.rows)
        self._failed(key, again, "resent", "repeated")

    def _failures(self) -> None:
        """Four files that fail as a whole; the good ones came the day after."""
        stem = f"{self._day - timedelta(days=2):%Y%m%d}-full"
        day = self._day - timedelta(days=2)
        told = Manifest(
            sent_at=self._at(day, 22), region_code=PROVINCE, is_complete=False, as_of=day
        )
        for key, fault in (
            ("statement", "wrong_encoding"),
            ("registration", "truncated"),
            ("skill", "wrong_count"),
            ("title", "broken_xlsx"),
        ):
            rows = self._excerpts.get(key)
            if rows is None or rows.is_empty():
                continue
            channel, name = FEED_OF[key]
            file = DeliveryFile(self.out / channel / name, stem, self.feeds[key])
            file.append(rows)
            file.close(told, rows=rows.height + 7 if fault == "wrong_count" else None)
            content = file.path.read_bytes()
            if fault == "wrong_encoding":
                content = content.decode("utf-8").encode("gbk")
            elif fault in ("truncated", "broken_xlsx"):
                content = content[: len(content) * 2 // 3]
            file.path.write_bytes(content)
            self._failed(key, file.path, fault, "failed_delivery")

    def _failed(self, key: str, path: Path, fault: str, expected: str) -> None:
        channel, name = FEED_OF[key]
        self.files += 1
        self.faults[fault] += 1
        line = {
            "channel": channel,
            "feed": name,
            "file": path.name,
            "row_no": None,
            "fault": fault,
            "expected": expected,
        }
        self._faults.write((json.dumps(line, ensure_ascii=False) + "\n").encode())
