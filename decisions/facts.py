"""What the engine may know: the tables of one release, and the rows set apart beside them.

Belongs here: reading a release, and joining to every table the quarantined rows meant for
it, marked untrusted. Does not: judging anything.

A row we do not trust proves nothing, neither presence nor absence: it takes part in every
count as an unknown (worked case W29).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from assets.declaration import Table
from assets.store import Store
from assets.tables import RELEASED_TABLES, certificate, intake
from decisions.narrow import narrow

OWN_TABLES = (certificate.QUALIFICATION, certificate.CERTIFICATE)
"""Miaoban's own grants: known at once, without waiting for a channel to hand them back."""


@dataclass(frozen=True)
class Facts:
    """Tables by name, as lazy frames of their declared schemas.

    Attributes:
        tables: every table of `RELEASED_TABLES`, plus `certificate__qualification` and
            `certificate__register`, Miaoban's own grants.
        release_id: the release they were read at.
    """

    tables: Mapping[str, pl.LazyFrame]
    release_id: str
    _trusted: dict[str, pl.LazyFrame] = field(default_factory=dict, repr=False)

    @classmethod
    def at(
        cls,
        store: Store,
        release_id: str,
        versions: Mapping[str, int],
        usc_codes: Collection[str] | None = None,
    ) -> Facts:
        """The tables at a release's versions.

        Args:
            store: the lakehouse.
            release_id: name of the release.
            versions: Delta version of every released table.
            usc_codes: the applicants, if only their rows are wanted: tables sorted by
                enterprise are then read by enterprise.
        """
        tables = {
            table.name: store.scan(table, versions[table.name])
            for table in RELEASED_TABLES
            if table.name in versions
        }
        for own in OWN_TABLES:
            tables[own.name] = store.scan(own)
        facts = cls(_complete(tables), release_id)
        return facts if usc_codes is None else facts.of_enterprises(usc_codes)

    @classmethod
    def of(cls, frames: Mapping[str, pl.DataFrame], release_id: str = "R0") -> Facts:
        """Facts from frames in memory; tables that are not given have no rows."""
        return cls(_complete({name: frame.lazy() for name, frame in frames.items()}), release_id)

    def of_enterprises(self, usc_codes: Collection[str]) -> Facts:
        """Only what concerns these enterprises, and their branches, read into memory.

        Tables that know a person or a leader's own projects under other enterprises keep
        the rows of the persons concerned.
        """
        return Facts(narrow(self.tables, usc_codes), self.release_id)

    def table(self, table: Table) -> pl.LazyFrame:
        """The rows of a base table with `is_trusted`, quarantined ones among them as false."""
        if table.name not in self._trusted:
            self._trusted[table.name] = _with_doubtful(self.tables, table)
        return self._trusted[table.name]

    def raw(self, table: Table) -> pl.LazyFrame:
        """The rows of a table that nothing is set apart from."""
        return self.tables[table.name]


def _complete(tables: dict[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    """Every table the engine asks for; absent ones empty."""
    return {
        table.name: tables.get(table.name, pl.LazyFrame(schema=table.schema))
        for table in (*RELEASED_TABLES, *OWN_TABLES)
    }


def _with_doubtful(tables: Mapping[str, pl.LazyFrame], table: Table) -> pl.LazyFrame:
    sound = tables[table.name].with_columns(is_trusted=pl.lit(True))
    doubtful = _doubtful(tables[intake.QUARANTINE.name], tables[table.name], table)
    return sound if doubtful is None else pl.concat([sound, doubtful.lazy()], how="vertical")


def _doubtful(quarantine: pl.LazyFrame, sound: pl.LazyFrame, table: Table) -> pl.DataFrame | None:
    """Quarantined rows in the table's columns, without those that a sound row has cleared."""
    rows = (
        quarantine.filter((pl.col("target") == table.name) & pl.col("usc_code").is_not_null())
        .select("delivery_id", "row_no", "received_at", "usc_code", "typed_json")
        .collect()
    )
    if rows.is_empty():
        return None
    decoded = rows.select(
        *(
            pl.col("typed_json").str.json_path_match(f"$.{name}").alias(name)
            for name in table.schema
        ),
        pl.col("delivery_id").alias("_delivery_id"),
        pl.col("row_no").alias("_row_no"),
        pl.col("received_at").alias("_received_at"),
        pl.col("usc_code").alias("_usc_code"),
    )
    typed = decoded.with_columns(
        *(
            _typed(column.name, column.dtype)
            for column in table.columns
            if column.name not in ("delivery_id", "row_no", "received_at")
        )
    ).with_columns(
        delivery_id="_delivery_id",
        row_no="_row_no",
        received_at="_received_at",
        usc_code=pl.coalesce("usc_code", "_usc_code")
        if "usc_code" in table.schema
        else pl.col("_usc_code"),
        is_trusted=pl.lit(False),
    )
    if "person_key" in table.schema:
        # A person whose number cannot be read is still a person: one nobody else is.
        stranger = pl.format("?{}:{}", "_delivery_id", "_row_no")
        typed = typed.with_columns(person_key=pl.coalesce("person_key", stranger))
    key = list(table.key)
    cleared = sound.select(*key, pl.col("received_at").alias("cleared_at")).collect()
    return (
        typed.join(cleared, on=key, how="left")
        .filter(pl.col("cleared_at").is_null() | (pl.col("cleared_at") < pl.col("received_at")))
        .select(*table.schema, "is_trusted")
    )


def _typed(name: str, dtype: pl.DataType) -> pl.Expr:
    text = pl.col(name)
    if dtype == pl.Date:
        return text.str.to_date("%Y-%m-%d", strict=False).alias(name)
    if dtype == pl.Boolean:
        return (text == "true").alias(name)
    return text.cast(dtype, strict=False).alias(name)
