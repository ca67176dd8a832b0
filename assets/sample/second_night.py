"""The night after: contradictions, late corrections and deletions, as later deliveries.

What belongs here: which rows change or go, and the files that say so. What does not: the
contradictions themselves, and comparing what was found with what was meant (`benchmarks.drill`).
Rows that planned cases rest on are left as they are.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from assets.calendar import SHANGHAI
from assets.channels import Channel, Feed
from assets.intake.refresh import DELETED_ROWS, DELETED_SHARE
from assets.sample import databases
from assets.sample.broken import broken
from assets.sample.clean import EVERY_FEED_OF, LATER_FEED_OF
from assets.sample.contradictions import contradictions
from assets.sample.draws import Draws
from assets.sample.newcomers import Expected
from assets.sample.rendering import mark, render
from assets.sample.writing import DeliveryFile, Manifest
from assets.wording import worded

CORRECTED = 0.005
"""Of rows, within 90 days."""
DELETED = 0.003
"""Of rows, in a month."""
LEAST = 10
_SPARE = 5
"""Drawn besides: of what was set apart on the first night nothing can be told."""
_PROVINCE = "330000"
_FILE = ("channel", "feed", "file")
CORRECTIONS: dict[str, tuple[str, pl.Expr]] = {
    "statement": ("total_assets_yuan", pl.col("total_assets_yuan") + 1_000),
    "equipment": ("value", pl.col("value") + 1),
    "title": ("awarded_on", pl.col("awarded_on").dt.offset_by("1d")),
    "registration": ("valid_until", pl.col("valid_until").dt.offset_by("1d")),
    "contract": ("amount_yuan", pl.col("amount_yuan") + 10_000),
    "acceptance": ("accepted_on", pl.col("accepted_on").dt.offset_by("1d")),
    "permit": ("area_m2", pl.col("area_m2").fill_null(1_000) + 10),
}
"""Table to the counted column that is corrected, and how."""
_MARKED = {
    "party": "flag_d",
    "unit": "flag_d_of_units",
    "permit": "flag_d_in_a_view",
    "title": "i_u_d",
    "registration": "delflag",
}
"""Table to the shape of its deletions, which a mark in the row tells."""
_ABSENT = {"technical_lead": "missing_from_list"}
_OF_ONE = "missing_from_refresh_of_one_enterprise"
_TOTAL, _NOUGHTS, _EQUITY, _TEST, _BREAK = (
    *("total_line", "noughts_lost", "equity_mismatch", "test_row", "line_break"),
)


@dataclass(frozen=True, slots=True)
class SecondNight:
    """What it brought: clean rows by the keys of `EVERY_FEED_OF`.

    Attributes:
        added: of newcomers.
        corrected: as they are now; `before` has the column that changed as it was.
        deleted: by shape, table and rows.
        expected: findings of the newcomers.
        broken: files that fail as a whole (`assets.sample.broken`).
        again: files that are there twice: `channel`, `feed`, `file`.
        late: files sent before what came first: `channel`, `feed`, `file`.
        spoilt: rows of sound files: `channel`, `feed`, `file`, `row_no`, `fault`, `expected`.
    """

    added: dict[str, pl.DataFrame]
    expected: list[Expected]
    corrected: dict[str, pl.DataFrame] = field(default_factory=dict)
    deleted: dict[str, tuple[str, pl.DataFrame]] = field(default_factory=dict)
    broken: pl.DataFrame = field(default_factory=pl.DataFrame)
    again: pl.DataFrame = field(default_factory=pl.DataFrame)
    late: pl.DataFrame = field(default_factory=pl.DataFrame)
    spoilt: pl.DataFrame = field(default_factory=pl.DataFrame)


def second_night(
    out: Path,
    clean: Mapping[str, pl.DataFrame],
    channels: Mapping[str, Channel],
    seed: int,
    as_of: date,
    database_folder: Path,
    counted: pl.DataFrame,
) -> SecondNight:
    """Writes the deliveries of the night after the first, and tells what they hold.

    Args:
        out: the inbox.
        clean: all rows of the first night.
        channels: the senders.
        seed: of the draws.
        as_of: the day the province is seen on.
        database_folder: where the senders' databases of the first night are.
        counted: titles that grants of the first night counted: `usc_code` of the grant, `title_no`.
    """
    rested = _rested(clean, counted)
    made = contradictions(clean, as_of, rested=rested)
    told_names = pl.concat(
        rows["registry"].select("usc_code", enterprise_name="name") for rows in (clean, made.rows)
    )
    writer = _Writer(out, channels, told_names, as_of, database_folder)
    night = SecondNight(
        made.rows,
        made.expected,
        broken=broken(out, _rows_of(clean, writer), channels, as_of, LEAST, _many(clean)),
        late=writer.late(clean["finding"]),
    )
    draws, free = Draws(seed), _Free(clean)
    for key, (column, value) in CORRECTIONS.items():
        rows = free.draw(draws, key, CORRECTED)
        night.corrected[key] = rows.with_columns(value, before=pl.col(column))
    for key, shape in _MARKED.items():
        night.deleted[shape] = key, free.draw(draws, key, DELETED, night.corrected.get(key))
    for key, shape in _ABSENT.items():
        night.deleted[shape] = key, free.draw(draws, key, DELETED)
    lent = clean["title"].join(rested.select("title_no"), on="title_no", how="semi")
    again = lent.with_columns(pl.col("awarded_on").dt.offset_by("-1d"), before=pl.col("awarded_on"))
    night.corrected["title"] = pl.concat([night.corrected["title"], again])
    for key in EVERY_FEED_OF:
        told = [night.added[key]] if key in night.added else []
        if key in night.corrected:
            told.append(night.corrected[key].drop("before"))
        gone = next((rows for name, rows in night.deleted.values() if name == key), None)
        if key in _ABSENT:
            assert gone is not None
            writer.write(key, told, as_sent=writer.without(key, clean[key], gone))
        else:
            writer.write(key, told, gone=gone)
    for key, shape in _ABSENT.items():
        night.deleted[_OF_ONE] = (
            key,
            writer.refresh_each(key, free.each(key, night.deleted[shape][1])),
        )
    return replace(night, again=writer.send_again(), spoilt=pl.concat(writer.spoilt))


def _rested(clean: Mapping[str, pl.DataFrame], counted: pl.DataFrame) -> pl.DataFrame:
    """Of counted titles some, of a person each who leads nobody: with their `id_number`."""
    leaders = clean["technical_lead"].select("id_number")
    theirs = clean["title"].select("title_no", "id_number").unique("title_no")
    rows = counted.unique("title_no").join(theirs, on="title_no")
    alone = rows.join(leaders, on="id_number", how="anti").unique("id_number")
    return alone.sort("title_no").head(LEAST)


def _many(clean: Mapping[str, pl.DataFrame]) -> int:
    """Party rows that are too many to be deleted at once."""
    return max(2 * DELETED_ROWS, round(clean["party"].height * 2 * DELETED_SHARE))


def _rows_of(
    clean: Mapping[str, pl.DataFrame], writer: _Writer
) -> Callable[[str, int, int, str], pl.DataFrame]:
    def rendered(key: str, first: int, many: int, meaning: str) -> pl.DataFrame:
        feed = writer.feed(key)
        rows = render(clean[key].slice(first, many), feed, writer.names)
        return rows.with_columns(mark(feed, meaning))

    return rendered


class _Free:
    """Rows that no planned case rests on, each drawn once."""

    def __init__(self, clean: Mapping[str, pl.DataFrame]) -> None:
        self._clean = clean
        self._protected = clean["application"]["owner"].unique().implode()

    def draw(
        self, draws: Draws, key: str, share: float, besides: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        """At least `LEAST` rows, those drawn first; rows with a plan of their own are left.

        As many as were drawn before, `besides`, are passed over.
        """
        rows = self._clean[key].with_columns(
            draw=pl.lit(draws.uniform(f"later/{key}", range(self._clean[key].height)))
        )
        rows = rows.filter(~pl.col("owner").is_in(self._protected))
        if "plan" in rows.columns:
            rows = rows.filter(pl.col("plan") == "")
        if key == "equipment":
            rows = rows.drop_nulls("value")
        if key == "contract":
            rows = rows.drop_nulls("amount_yuan")
        many = max(LEAST + _SPARE, round(rows.height * share))
        rows = rows.sort("draw").drop("draw")
        if besides is not None:
            rows = rows.slice(besides.height)
            if key == "registration":  # who managed works would be missed there
                rows = rows.join(
                    self._clean["party"], on="id_number", how="anti", maintain_order="left"
                )
        return rows.head(many)

    def each(self, key: str, besides: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
        """Some enterprises with all their rows, other ones than those of `besides`."""
        rows = self._clean[key].filter(~pl.col("owner").is_in(self._protected))
        rows = rows.join(besides, on="usc_code", how="anti").sort("usc_code")
        parts = rows.partition_by("usc_code", as_dict=True, maintain_order=True)
        some = list(parts.items())[: LEAST + _SPARE]
        return [(str(code), mine) for (code,), mine in some]


@dataclass
class _Writer:
    out: Path
    channels: Mapping[str, Channel]
    names: pl.DataFrame
    as_of: date
    database_folder: Path
    spoilt: list[pl.DataFrame] = field(default_factory=list)
    _files: list[tuple[str, str, DeliveryFile, Manifest]] = field(default_factory=list)

    def feed(self, key: str) -> Feed:
        """The feed of a table."""
        channel, name = EVERY_FEED_OF[key]
        return self.channels[channel].feeds[name]

    def write(
        self,
        key: str,
        told: list[pl.DataFrame],
        *,
        gone: pl.DataFrame | None = None,
        as_sent: pl.DataFrame | None = None,
    ) -> None:
        """One file of a feed, if there is anything to say; with `as_sent` it is a refresh."""
        channel, name = EVERY_FEED_OF[key]
        feed = self.feed(key)
        parts = [*self._rendered(feed, told, gone)]
        if as_sent is not None:
            parts.append(as_sent)
        if not parts:
            return
        if feed.view is not None:
            database = databases.database_file(self.database_folder, channel)
            databases.write(database, feed, pl.concat(parts), self.as_of)
            return
        file = DeliveryFile(self.out / channel / name, f"{self.as_of:%Y%m%d}-later", feed)
        if key == "registry":
            first, parts[0] = parts[0].head(LEAST), parts[0].slice(LEAST)
            self._spoil(file, key, _broken_name(first), _BREAK, "normalised")
        for part in parts:
            file.append(part)
        for fault, rows in _odd(key, parts[0]):
            self._spoil(file, key, rows, fault, "quarantined")
        months = [rows["month"] for rows in told] if feed.is_monthly else []
        stated = Manifest(
            sent_at=datetime.combine(self.as_of, time(9, 58), SHANGHAI),
            region_code=_PROVINCE,
            is_complete=not feed.is_monthly and key not in LATER_FEED_OF,
            as_of=self.as_of,
            periods=tuple(pl.concat(months).unique().sort()) if months else (),
            is_refresh=as_sent is not None,
        )
        file.close(stated)
        self._files.append((channel, name, file, stated))

    def without(self, key: str, clean: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
        """The rows of a table as the first night had them, letter by letter, but for some."""
        channel, name = EVERY_FEED_OF[key]
        feed, day = self.feed(key), self.as_of - timedelta(days=1)
        file = self.out / channel / name / f"{day:%Y%m%d}-full.{feed.adapter}"
        sent = pl.read_ndjson(file, schema=dict.fromkeys(feed.columns, pl.String))
        at = clean.with_row_index("at").join(gone, on=gone.columns, how="semi", nulls_equal=True)
        is_gone = pl.int_range(pl.len()).is_in(at["at"].cast(pl.Int64).implode())
        return sent.filter(~is_gone)

    def send_again(self) -> pl.DataFrame:
        """The same files once more, under names that sort after the first ones'."""
        told = []
        for channel, name, file, stated in self._files[:LEAST]:
            again = file.path.with_name(f"{self.as_of:%Y%m%d}-later_again{file.path.suffix}")
            shutil.copyfile(file.path, again)
            stated.write(again, file.rows)
            told.append((channel, name, again.name))
        return pl.DataFrame(told, schema=_FILE, orient="row")

    def late(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Files of old rows, sent days ago and come only now."""
        channel, name = EVERY_FEED_OF["finding"]
        told = []
        for number in range(LEAST):
            day = self.as_of - timedelta(days=20 + number)
            file = DeliveryFile(
                self.out / channel / name, f"{day:%Y%m%d}-changes", self.feed("finding")
            )
            file.append(render(rows.slice(number, 1), self.feed("finding"), self.names))
            file.close(
                Manifest(
                    sent_at=datetime.combine(day, time(22), SHANGHAI),
                    region_code=_PROVINCE,
                    is_complete=False,
                    as_of=day,
                )
            )
            told.append((channel, name, file.path.name))
        return pl.DataFrame(told, schema=_FILE, orient="row")

    def _rendered(
        self, feed: Feed, told: list[pl.DataFrame], gone: pl.DataFrame | None
    ) -> Iterator[pl.DataFrame]:
        for rows in told:
            yield render(rows, feed, self.names)
        if gone is not None:
            yield render(gone, feed, self.names).with_columns(mark(feed, "deleted"))

    def refresh_each(self, key: str, parts: list[tuple[str, pl.DataFrame]]) -> pl.DataFrame:
        """A refresh of each enterprise alone, without its first row; the rows left out."""
        channel, name = EVERY_FEED_OF[key]
        for number, (code, rows) in enumerate(parts):
            stem = f"{self.as_of:%Y%m%d}-one-{number:02d}"
            file = DeliveryFile(self.out / channel / name, stem, self.feed(key))
            file.append(render(rows.slice(1), self.feed(key), self.names))
            file.close(
                Manifest(
                    sent_at=datetime.combine(self.as_of, time(9, 59), SHANGHAI),
                    region_code=_PROVINCE,
                    is_complete=False,
                    as_of=self.as_of,
                    is_refresh=True,
                    usc_code=code,
                )
            )
        return pl.concat([rows.head(1) for _, rows in parts])

    def _spoil(
        self, file: DeliveryFile, key: str, rows: pl.DataFrame, fault: str, expected: str
    ) -> None:
        """Writes rows with a fault, and notes where they are."""
        channel, name = EVERY_FEED_OF[key]
        before = file.append(rows)
        self.spoilt.append(
            pl.DataFrame({"row_no": range(before + 1, before + rows.height + 1)}).select(
                channel=pl.lit(channel),
                feed=pl.lit(name),
                file=pl.lit(file.path.name),
                row_no=pl.col("row_no"),
                fault=pl.lit(fault),
                expected=pl.lit(expected),
            )
        )


def _broken_name(rows: pl.DataFrame) -> pl.DataFrame:
    """Enterprises with a line break within their name."""
    name = pl.col("comp_nm")
    return rows.with_columns(comp_nm=name.str.slice(0, 2) + "\n" + name.str.slice(2))


def _odd(key: str, like: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Rows that are none or cannot be: totals, codes without their noughts, tests, wrong sums."""
    if key == "equipment":
        first, *others = like.columns
        totals = pl.DataFrame({first: [f"合计{n}" for n in range(LEAST)]})
        yield _TOTAL, totals.with_columns(pl.lit(None, pl.String).alias(name) for name in others)
    elif key == "finding":
        yield (
            _NOUGHTS,
            like.head(LEAST).with_columns(
                CreditNum=worded("CF8{}", pl.int_range(pl.len())),
                CorpCode=pl.lit(None, pl.String),
                OrganCode=worded("16161{}", 50 + pl.int_range(pl.len())),
            ),
        )
    elif key == "statement":
        year = pl.col("annual_year").cast(pl.Int32)
        yield (
            _EQUITY,
            like.head(LEAST).with_columns(
                annual_year=(year - 6).cast(pl.String), owner_equity_toatal=pl.lit("1")
            ),
        )
        yield (
            _TEST,
            like.head(LEAST).with_columns(
                annual_year=(year - 8).cast(pl.String), env_flag=pl.lit("0")
            ),
        )
