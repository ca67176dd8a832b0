"""Raw rows of a feed into typed rows of a target, each with what could not be read.

Belongs here: applying the readings of a channel file. Does not: judging a typed row
(`assets.row_checks`) or writing it (`assets.bases.base`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets import identifiers
from assets.aliases import Aliases, may_use_aliases, meant
from assets.calendar import legal_day
from assets.channels import PROVENANCE, TARGETS, Deletion, Feed, Field, Measure, Trial
from assets.lake.declaration import Table
from assets.lake.keys import is_as_before, together
from assets.normalise import folded_code, interpret
from assets.numbers import permit_number
from assets.tables.personnel import PERSON

FAULTS = "reading_faults"
"""Column of typed rows: `<column>:<fault>` joined by `;`, null for a row read in full."""
TEST_ROW = "test_row"
"""Fault of a row that its sender marks as a test of his system."""
_ID = "id_number"
_OTHER = "other"
_PLACE = "_i"
_SPELLINGS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "organisation_code": folded_code,
    "permit_no": permit_number,
}
"""How identifiers of a scheme are spelt to compare equal, beyond the reading of their field."""
_OTHER_CODE = "^([0-9]{13}|[0-9A-Z]{15}|[0-9A-Z]{20})$"
"""Business licences of 13 or 15 digits, tax numbers of 15 or 20 characters."""


def typed_rows(
    raw: pl.DataFrame,
    feed: Feed,
    target: Table,
    pseudonym_key: bytes,
    aliases: Aliases | None = None,
) -> pl.DataFrame:
    """The rows a delivery gives a target: its columns in their types, and `reading_faults`.

    Args:
        raw: rows of the feed's raw table.
        feed: how to read them.
        target: the feed's target, the target of its measures, or a table it tells of besides.
        pseudonym_key: secret from which the keys of persons are made.
        aliases: who else is meant where a row gives no social credit code (default: nobody).

    Returns:
        One row per raw row that is of the target (`about_the_target`); for measures one per
        measure given; where the feed is about something else, one per key soundly named and thing
        told of it. Always with the columns of `PROVENANCE`, also where the target has none.
    """
    if raw.is_empty():
        empty = raw.select(PROVENANCE).with_columns(pl.lit(None, pl.String).alias(FAULTS))
        return _in_columns(empty, target)
    last: date = legal_day(raw["received_at"].max())  # type: ignore[arg-type]
    is_heard = target.name not in (feed.target, feed.measures_target)
    # What is only heard is about somebody named in full, or about nobody.
    asked = aliases if may_use_aliases(target) and not is_heard else None
    reader = _Reader(feed, last, pseudonym_key, asked)
    if not is_heard:
        raw = about_the_target(raw, feed)
    if target.name == feed.target:
        read = reader.read(raw, (*feed.fields, *_mark(feed)), target)
        return _in_columns(read, target, feed.constants)
    if target.name == feed.measures_target:
        return _measures(raw, feed, target, reader)
    return _heard(raw, feed, target, reader)


def _heard(raw: pl.DataFrame, feed: Feed, target: Table, reader: _Reader) -> pl.DataFrame:
    """What a feed about something else tells of a table: that a key is there, and some values.

    Rows whose key cannot be read tell nothing; of rows of a key that say the same, the first.
    """
    about, told = _keyed(feed, target), feed.heard_of(target)
    if not told:  # a key is made known by the first row that names it; the others tell nothing
        named_by = [*(field.source for field in about), *_trial_sources(feed)]
        raw = raw.unique(named_by, keep="first", maintain_order=True)
    named = reader.read(raw, about, target)
    for field, column in told:
        meanings = interpret(raw[field.source], field, target[column].dtype, reader.on)
        named = named.with_columns(_looked_up(raw[field.source], meanings)["value"].alias(column))
    sound = _in_columns(named, target).filter(
        pl.col(FAULTS).is_null(), *(pl.col(name).is_not_null() for name in target.key)
    )
    key = list(target.key)
    if not told:
        return sound.unique(key, keep="first", maintain_order=True)
    says = [*key, *(column for _, column in told)]
    beside = together(sound.select(says).with_row_index(_PLACE), key, [_PLACE])
    repeats = beside.filter(is_as_before(says))[_PLACE]
    return sound.filter(pl.repeat(True, sound.height, eager=True).scatter(repeats, False))


def _keyed(feed: Feed, target: Table) -> list[Field]:
    """The fields by which a feed about something else names a key of a table."""
    return [
        field
        for field in feed.fields
        if (field.source == feed.person_source if target is PERSON else field.to in target.key)
    ]


def sources_heard(feed: Feed, target: Table) -> list[str]:
    """The source columns in which a feed about something else speaks of a table."""
    told = [field for field, _ in feed.heard_of(target)]
    return [*(field.source for field in (*_keyed(feed, target), *told)), *_trial_sources(feed)]


def _trial_sources(feed: Feed) -> list[str]:
    return [] if feed.trial is None else [feed.trial.source]


def _mark(feed: Feed) -> list[Field]:
    """The column of deletion marks, read like any other."""
    if not isinstance(feed.deletion, Deletion):
        return []
    codes: dict[str, str | None] = {**feed.deletion.codes}
    return [Field(source=feed.deletion.source, read="code", codes=codes)]


def deleted_rows(raw: pl.DataFrame, feed: Feed) -> pl.DataFrame:
    """`delivery_id` and `row_no` of the raw rows whose mark says that they are no more."""
    for mark in _mark(feed):
        if raw.height:
            last: date = legal_day(raw["received_at"].max())  # type: ignore[arg-type]
            meaning = interpret(raw[mark.source], mark, pl.String(), last)
            told = _looked_up(raw[mark.source], meaning)["value"]
            return raw.filter(told == "deleted").select("delivery_id", "row_no")
    return raw.clear().select("delivery_id", "row_no")


def about_the_target(raw: pl.DataFrame, feed: Feed) -> pl.DataFrame:
    """The raw rows without those that a code of theirs says to be none of the feed's target."""
    for field in feed.fields:
        if field.others:
            known = Field(
                source=field.source, read="code", codes=dict.fromkeys(field.others, _OTHER)
            )
            told = interpret(raw[field.source], known, pl.String(), date.max)
            raw = raw.filter(_looked_up(raw[field.source], told)["value"].ne_missing(_OTHER))
    return raw


def _trial_faults(marks: pl.Series, trial: Trial, on: date) -> pl.Series:
    """What is wrong with the marks of trial rows: that they are tests, or say nothing known."""
    codes: dict[str, str | None] = {**trial.codes}
    field = Field(source=trial.source, read="code", codes=codes)
    read = _looked_up(marks, interpret(marks, field, pl.String(), on))
    fault = pl.when(pl.col("value") == "test").then(pl.lit(TEST_ROW)).otherwise("fault")
    return read.select(pl.lit(f"{trial.source}:") + fault).to_series()


@dataclass(frozen=True, slots=True)
class _Reader:
    """How the rows of a delivery are read."""

    feed: Feed
    on: date
    """The day they were received."""
    pseudonym_key: bytes
    aliases: Aliases | None

    def read(self, raw: pl.DataFrame, fields: Sequence[Field], target: Table) -> pl.DataFrame:
        """The raw rows with the target's columns added, and `reading_faults`."""
        frame = raw.select(PROVENANCE)
        faults: list[pl.Series] = []
        for field in fields:
            name = field.to or field.source
            dtype = pl.String() if field.to is None or field.read == _ID else target[field.to].dtype
            meanings = interpret(raw[field.source], field, dtype, self.on)
            if field.read == _ID:
                meanings = _with_person(meanings, self.pseudonym_key)
            elif field.read == "usc_code" and self.aliases is not None:
                meanings = _with_enterprise(meanings, self.aliases)
            read = _looked_up(raw[field.source], meanings)
            if field.known_by and self.aliases is not None:
                read = self._known_by(read, raw, field, self.aliases)
            if read["fault"].null_count() < read.height:
                faults.append((name + ":" + read["fault"]).alias(str(len(faults))))
            if field.to is not None:
                frame = frame.with_columns(read["value"].alias(name))
            if field.read == _ID and target is PERSON:
                frame = frame.with_columns(read["id_number"], read["born_on"])
        if (trial := self.feed.trial) is not None:
            faults.append(_trial_faults(raw[trial.source], trial, self.on).alias("trial"))
        return frame.with_columns(_joined(faults, frame.height))

    def _known_by(
        self, read: pl.DataFrame, raw: pl.DataFrame, field: Field, aliases: Aliases
    ) -> pl.DataFrame:
        """The rows in which the field is empty, known by other fields of the feed."""
        assert field.to is not None
        is_empty = read["value"].is_null() & read["fault"].is_null()
        if not is_empty.any():
            return read
        empty = is_empty.arg_true()
        others = {one.source: one for one in self.feed.fields}
        told = []
        for source, scheme in field.known_by.items():
            texts = raw[source].gather(empty)
            meanings = interpret(texts, others[source], pl.String(), self.on)
            value = _looked_up(texts, meanings)["value"]
            if scheme in _SPELLINGS:
                value = value.to_frame("v").select(_SPELLINGS[scheme](pl.col("v"))).to_series()
            told.append(
                pl.DataFrame({_PLACE: empty, "value": value}).with_columns(scheme=pl.lit(scheme))
            )
        found = meant(pl.concat(told).drop_nulls("value"), aliases.of(field.to))
        at = found[_PLACE]
        return read.with_columns(
            read["value"].scatter(at, found["key"]), read["fault"].scatter(at, found["fault"])
        )


def _with_enterprise(meanings: pl.DataFrame, aliases: Aliases) -> pl.DataFrame:
    """Codes of other schemes into the social credit codes of those who bear them."""
    is_other = pl.col("fault").is_in(["organisation_code", "length"])
    told = (
        meanings.with_row_index("_i")
        .filter(is_other)
        .with_columns(value=folded_code(pl.col("raw")), scheme=pl.lit(None, pl.String))
    )
    told = told.filter((pl.col("fault") != "length") | pl.col("value").str.contains(_OTHER_CODE))
    if told.is_empty():
        return meanings
    found = meant(told.select("_i", "scheme", "value"), aliases.of("usc_code"))
    joined = meanings.with_row_index("_i").join(
        found.rename({"fault": "_fault"}), on="_i", how="left", maintain_order="left"
    )
    is_found = pl.col("key").is_not_null()
    return joined.select(
        "raw",
        pl.coalesce("value", "key").alias("value"),
        pl.when(~is_found).then(pl.coalesce("_fault", "fault")).alias("fault"),
    )


def _with_person(meanings: pl.DataFrame, pseudonym_key: bytes) -> pl.DataFrame:
    """Identity numbers into pseudonyms: each number is hashed once."""
    return meanings.select(
        "raw",
        identifiers.person_keys(meanings["value"], pseudonym_key).alias("value"),
        "fault",
        pl.col("value").alias("id_number"),
        identifiers.born_on(pl.col("value")).alias("born_on"),
    )


def _looked_up(texts: pl.Series, meanings: pl.DataFrame) -> pl.DataFrame:
    if meanings.height == 1:  # as of a column that the delivery lacks: one meaning for all rows
        return pl.DataFrame(column.new_from_index(0, texts.len()) for column in meanings)
    return (
        texts.alias("raw")
        .to_frame()
        .join(meanings, on="raw", how="left", nulls_equal=True, maintain_order="left")
    )


def _joined(faults: Iterable[pl.Series], height: int) -> pl.Series:
    listed = list(faults)
    if not listed:
        return pl.Series(FAULTS, [None], pl.String).new_from_index(0, height)
    frame = pl.DataFrame(listed).select(
        pl.concat_str(pl.all(), separator=";", ignore_nulls=True).alias(FAULTS)
    )
    return frame.select(pl.when(pl.col(FAULTS) != "").then(FAULTS)).to_series()


def _in_columns(
    frame: pl.DataFrame, target: Table, constants: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """The target's columns, absent ones null; where the row came from; `reading_faults`."""
    return frame.select(
        *(
            pl.lit((constants or {})[c.name]).cast(c.dtype).alias(c.name)
            if c.name in (constants or {})
            else pl.col(c.name).cast(c.dtype)
            if c.name in frame.columns
            else pl.lit(None, c.dtype).alias(c.name)
            for c in target
        ),
        *(name for name in PROVENANCE if name not in target.schema),
        FAULTS,
    )


def _measures(raw: pl.DataFrame, feed: Feed, target: Table, reader: _Reader) -> pl.DataFrame:
    """The wide columns of a unit as rows, one per measure that is given."""
    shared = [*(field for field in feed.fields if field.to in target.schema), *_mark(feed)]
    common = reader.read(raw, shared, TARGETS[feed.target])
    long = [_measure(raw, common, measure, target, reader.on) for measure in feed.measures]
    return pl.concat(long).sort("received_at", "row_no", maintain_order=True)


def _measure(
    raw: pl.DataFrame, common: pl.DataFrame, measure: Measure, target: Table, on: date
) -> pl.DataFrame:
    is_given = raw[measure.source].is_not_null()
    texts = raw[measure.source].filter(is_given)
    column = "value" if measure.read == "number" else "label"
    read = _looked_up(texts, interpret(texts, measure, target[column].dtype, on))
    fault = (column + ":" + read["fault"]).alias(column)
    rows = common.filter(is_given).with_columns(
        read["value"].alias(column),
        pl.lit(measure.metric).alias("metric"),
        fault.alias("_fault"),
    )
    if measure.works_type is not None:
        rows = rows.with_columns(pl.lit(measure.works_type).alias("works_type"))
    given = rows.filter(pl.col(column).is_not_null() | pl.col("_fault").is_not_null())
    return _in_columns(
        given.with_columns(_joined([given[FAULTS], given["_fault"]], given.height)), target
    )
