"""Rows set apart, as the cross-channel checks read them.

Belongs here: those of a table beside its sound rows, and those that bear on the people whom a
night touches. Does not: when a doubt is cleared (`assets.bases.quarantine`), or any check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from assets.bases.quarantine import STRANGER, keys_of, open_quarantine, read_as
from assets.lake.declaration import Table
from assets.tables import enterprise, intake, personnel
from assets.wording import worded
from checks.across.common import Tables, with_head

PLACE = ["delivery_id", "row_no", "target"]
"""Which row was set apart: the log may tell of it again, when it is cleared."""
READ = [*PLACE, "received_at", "usc_code", "person_key", "typed_json", "key_json", "cleared_at"]
"""Columns of the log that are read: what came in raw form is by far the most of it."""
_BY_OTHER_KEYS = tuple(table for table in personnel.TABLES if "person_key" not in table.key)
"""Tables of which a row of another person may have the same key."""


def quarantined(tables: Tables, target: Table, *columns: str) -> pl.LazyFrame:
    """Rows of a target set apart and still in doubt, with `columns` of their readable content.

    The content is text; what could not be read is null, and so is a person of whom nobody knows
    who he is: his number is no other's and not his alone.
    """
    rows = open_quarantine(tables[intake.QUARANTINE.name], tables[target.name], target)
    return rows.with_columns(
        pl.col("typed_json").str.json_path_match(f"$.{name}").alias(name) for name in columns
    ).with_columns(
        pl.when(~pl.col("person_key").str.starts_with(STRANGER))
        .then("person_key")
        .alias("person_key")
    )


def with_set_apart(tables: Tables, table: Table, sound: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of a table, and those set apart and still in doubt: `is_trusted`, and `place` if apart.

    What such a row would show is neither there nor absent. So is a sound row of the same key as
    one that was set apart after it (`decisions.facts.trust` reads them so, too).

    Args:
        tables: the tables.
        table: the target.
        sound: rows of it, with its key and `received_at` at least; of those set apart the same
            columns are read, null where they could not be.
    """
    known = sound.with_columns(place=pl.lit(None, pl.String()))
    is_asked = pl.col("target") == table.name
    log = tables[intake.QUARANTINE.name].filter(is_asked).select(READ).collect()
    if log.is_empty():
        return known.with_columns(is_trusted=pl.lit(True))
    key, schema = list(table.key), sound.collect_schema()
    keys = keys_of(log, table).select(key).drop_nulls().unique()
    met = sound.filter(_near(keys, key)).join(keys.lazy(), on=key, how="semi")
    wanted = [name for name in schema.names() if name not in ("usc_code", "received_at")]
    apart = (
        quarantined({intake.QUARANTINE.name: log.lazy(), table.name: met}, table, *wanted)
        .select(
            *(read_as(pl.col(name), schema[name]) for name in wanted),
            *(name for name in ("usc_code", "received_at") if name in schema),
            is_trusted=pl.lit(False),
            place=worded("{}:{}", "delivery_id", "row_no"),
        )
        .collect()
    )
    newer = apart.select(key).drop_nulls().unique()
    overtaken = newer.with_columns(is_trusted=pl.lit(False)).lazy()
    near = _near(newer, key)
    rows = [
        known.filter(~near).with_columns(is_trusted=pl.lit(True)),
        known.filter(near)
        .join(overtaken, on=key, how="left")
        .with_columns(pl.col("is_trusted").fill_null(True)),
    ]
    names = rows[0].collect_schema().names()
    return pl.concat([*rows, apart.lazy().select(names)])


def with_trust(tables: Tables, table: Table, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows with the key of a table, with `is_trusted`: no row set apart came after theirs.

    What it says may have changed since: what rests on it alone is DATA, never LAW.
    """
    newer = overtaken(tables, table)
    if newer.is_empty():
        return rows.with_columns(is_trusted=pl.lit(True))
    doubted = newer.with_columns(is_trusted=pl.lit(False)).lazy()
    return rows.join(doubted, on=list(table.key), how="left").with_columns(
        pl.col("is_trusted").fill_null(True)
    )


def overtaken(tables: Tables, table: Table) -> pl.DataFrame:
    """The keys of a table of which a row was set apart after the sound one, or there is none."""
    is_asked = pl.col("target") == table.name
    key = list(table.key)
    log = tables[intake.QUARANTINE.name].filter(is_asked).select(READ).collect()
    keys = keys_of(log, table).select(key).drop_nulls().unique()
    if keys.is_empty():
        return keys
    met = tables[table.name].select(*key, "received_at").join(keys.lazy(), on=key, how="semi")
    open_ = quarantined({intake.QUARANTINE.name: log.lazy(), table.name: met}, table).collect()
    return keys_of(open_, table).select(key).drop_nulls().unique()


def with_sure_head(tables: Tables, rows: pl.LazyFrame) -> pl.LazyFrame:
    """As `with_head`; whose branch one is, is not known, either, by a registration overtaken."""
    doubted = overtaken(tables, enterprise.REGISTRY)["usc_code"]
    is_doubted = pl.col("usc_code").is_in(doubted.implode()).fill_null(False)
    return with_head(tables, rows).with_columns(pl.col("is_known") & ~is_doubted)


def _near(keys: pl.DataFrame, key: list[str]) -> pl.Expr:
    """Whether the first column of a key is one of these: few rows are, and only they are joined."""
    return pl.col(key[0]).is_in(keys[key[0]].unique().implode())


def if_apart(places: str) -> pl.Expr:
    """What a finding's detail says of the rows set apart that it rests on; nothing if on none."""
    said = worded("；隔离行 set apart: {}", pl.col(places))
    return pl.when(pl.col(places) != "").then(said).otherwise(pl.lit(""))


@dataclass(frozen=True, slots=True)
class Apart:
    """Rows set apart of people: all, those of the night, and whose rows bear the key of which."""

    rows: pl.DataFrame
    fresh: pl.DataFrame
    borne: pl.DataFrame
    """The place of a row set apart, its person as `apart`, and the `person_key` of the base's."""

    @classmethod
    def of_people(
        cls, tables: Tables, fresh: pl.DataFrame, changed: Mapping[Table, pl.DataFrame]
    ) -> Apart:
        """Those of the personnel tables.

        Args:
            tables: the tables as they are now.
            fresh: the rows of the log that the night brought.
            changed: of each personnel table the rows that are gone or fresh.
        """
        is_of_people = pl.col("target").is_in([table.name for table in personnel.TABLES])
        rows = tables[intake.QUARANTINE.name].filter(is_of_people).select(READ).collect()
        borne: list[pl.DataFrame] = []
        for table in _BY_OTHER_KEYS:
            key = list(table.key)
            log = rows.filter(pl.col("target") == table.name, pl.col("key_json").is_not_null())
            keys = keys_of(log.rename({"person_key": "apart"}), table)
            keys = keys.select(*PLACE, "apart", *key)
            base = tables[table.name].select(*key, "person_key")
            told = changed[table].select(*key, "person_key")
            known = (base.join(keys.lazy(), on=key).collect(), told.join(keys, on=key))
            borne += [found.select(*PLACE, "apart", "person_key") for found in known]
        return cls(rows, fresh.filter(is_of_people).select(READ), pl.concat(borne).unique())

    def bearing(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Of some of the rows, the persons whose rows in the base bear their key."""
        return self.borne.join(rows, on=PLACE, how="semi").select("person_key")

    def partners(self, people: pl.DataFrame) -> pl.DataFrame:
        """Whose row bears the key of one of theirs, in the base or set apart."""
        apart = self.borne.join(people, left_on="apart", right_on="person_key", how="semi")
        base = self.borne.join(people, on="person_key", how="semi").drop_nulls("apart")
        return pl.concat([apart.select("person_key"), base.select(person_key="apart")])

    def about(self, people: pl.DataFrame) -> pl.DataFrame:
        """The rows of some persons, or that bear the key of one of theirs."""
        borne = self.borne.join(people, on="person_key", how="semi")
        places = pl.concat(
            [
                self.rows.join(people, on="person_key", how="semi").select(PLACE),
                borne.select(PLACE),
            ]
        )
        return self.rows.join(places.unique(), on=PLACE, how="semi")
