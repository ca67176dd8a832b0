"""Aliases: by what else an enterprise or a project is known, and whom an identifier means.

Belongs here: the alias tables as they follow from the registry, its events and the contracts,
and looking an identifier up in them. Does not: when a feed asks (`assets.rows`), reading rows
again once an alias is there (`assets.bases.rereading`).

Nothing is guessed: an identifier that nobody bears, or more than one, means nobody.
The organisation code and the old tax number are within the social credit code (GB 32100); the
number of the business licence comes with the registry; names with the registry, its former
versions and its renamings. A project is known by its contracts, both by their permits.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import polars as pl

from assets.channels import PROVENANCE
from assets.lake.declaration import Layer, Table
from assets.lake.history import history_table
from assets.lake.store import Store
from assets.normalise import folded_enterprise_name
from assets.numbers import permit_number
from assets.tables import enterprise, project

UNKNOWN, AMBIGUOUS = "unknown_alias", "ambiguous_alias"
"""Faults of a value: nobody is known by it, or several are."""
SOURCES = {
    enterprise.ALIAS: (enterprise.REGISTRY, enterprise.EVENT),
    project.ALIAS: (project.CONTRACT,),
}
"""The tables that aliases follow from."""
NAME = "name"


@dataclass(frozen=True)
class Aliases:
    """The aliases of the base as they are now, read when one is first asked for."""

    store: Store

    def of(self, column: str) -> pl.DataFrame:
        """`scheme`, `value` and the `key` meant, for a column that is known by aliases."""
        if column in ("project_no", "contract_no"):
            rows = self._projects.select("scheme", "value", pl.col(column).alias("key"))
            return rows.unique()
        return self._enterprises

    @functools.cached_property
    def _enterprises(self) -> pl.DataFrame:
        rows = self.store.scan(enterprise.ALIAS)
        return rows.select("scheme", "value", pl.col("usc_code").alias("key")).collect()

    @functools.cached_property
    def _projects(self) -> pl.DataFrame:
        rows = self.store.scan(project.ALIAS)
        return rows.select("scheme", "value", "project_no", "contract_no").collect()


def meant(told: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """Whom identifiers mean: `_i`, `key`, `fault` for every `_i` told.

    Args:
        told: `_i`, `scheme` (null: of any code, but no name) and `value`; several for one `_i`
            are ways to say the same.
        aliases: of `Aliases.of`.
    """
    by_scheme = told.drop_nulls("scheme").join(aliases, on=["scheme", "value"], how="left")
    codes = aliases.filter(pl.col("scheme") != NAME).drop("scheme")
    by_code = told.filter(pl.col("scheme").is_null()).join(codes, on="value", how="left")
    keys = pl.col("key").drop_nulls()
    return (
        pl.concat([by_scheme.select("_i", "key"), by_code.select("_i", "key")])
        .group_by("_i")
        .agg(_n=keys.n_unique(), key=keys.first())
        .select(
            "_i",
            pl.when(pl.col("_n") == 1).then("key").alias("key"),
            pl.when(pl.col("_n") == 0)
            .then(pl.lit(UNKNOWN))
            .when(pl.col("_n") > 1)
            .then(pl.lit(AMBIGUOUS))
            .alias("fault"),
        )
    )


def build_aliases(store: Store, table: Table) -> None:
    """Sets an alias table to what follows from its sources now."""
    if table is project.ALIAS:
        store.replace(table, numbered_aliases(store.scan(project.CONTRACT).collect()))
        return
    former = store.scan(history_table(enterprise.REGISTRY))
    registry = pl.concat(
        [store.scan(enterprise.REGISTRY), former.select(enterprise.REGISTRY.schema.names())]
    )
    store.replace(
        enterprise.ALIAS,
        known_aliases(registry.collect(), store.scan(enterprise.EVENT).collect()),
    )


def numbered_aliases(contracts: pl.DataFrame) -> pl.DataFrame:
    """Rows of the alias table of projects.

    Args:
        contracts: rows of the base table.
    """
    numbers = {
        "contract_no": pl.col("contract_no"),
        "permit_no": permit_number(pl.col("permit_no")),
    }
    rows = [
        contracts.select(
            pl.lit(scheme).alias("scheme"),
            value.alias("value"),
            "contract_no",
            "project_no",
            *PROVENANCE,
        )
        for scheme, value in numbers.items()
    ]
    return project.ALIAS.conform(pl.concat(rows).drop_nulls("value"))


def known_aliases(registry: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Rows of the alias table.

    Args:
        registry: rows of the registry, those no longer held among them.
        events: rows of its events.
    """
    code = pl.col("usc_code")
    named = [
        _known(registry, "organisation_code", code.str.slice(8, 9)),
        _known(registry, "tax_no", code.str.slice(2, 15)),
        _known(registry, "registration_no", pl.col("registration_no")),
        _known(registry, NAME, folded_enterprise_name(pl.col("name"))),
    ]
    renamed = events.filter(pl.col("event_code") == "rename")
    day = pl.col("happened_on")
    named += [
        _known(renamed, NAME, folded_enterprise_name(pl.col("before")), valid_to=day),
        _known(renamed, NAME, folded_enterprise_name(pl.col("after")), valid_from=day),
    ]
    rows = pl.concat(named).drop_nulls("value").sort("received_at", "delivery_id", "row_no")
    first = [pl.col(name).first() for name in PROVENANCE]
    begun, ended = pl.col("valid_from"), pl.col("valid_to")
    # A name taken up again is borne still.
    is_again = (begun.max() >= ended.max()).fill_null(False)
    told = rows.group_by(enterprise.ALIAS.key, maintain_order=True).agg(
        begun.min(), pl.when(is_again).then(None).otherwise(ended.max()).alias("valid_to"), *first
    )
    return enterprise.ALIAS.conform(told.select(enterprise.ALIAS.schema.names()))


def _known(
    rows: pl.DataFrame,
    scheme: str,
    value: pl.Expr,
    valid_from: pl.Expr | None = None,
    valid_to: pl.Expr | None = None,
) -> pl.DataFrame:
    unknown = pl.lit(None, pl.Date)
    return rows.select(
        pl.lit(scheme).alias("scheme"),
        value.alias("value"),
        "usc_code",
        (unknown if valid_from is None else valid_from).alias("valid_from"),
        (unknown if valid_to is None else valid_to).alias("valid_to"),
        *PROVENANCE,
    )


def may_use_aliases(table: Table) -> bool:
    """Whether rows of a table may be known by aliases of enterprises.

    What aliases follow from cannot lean on them; an application names its code itself.
    """
    leans = (*SOURCES, *SOURCES[enterprise.ALIAS])
    return table.layer is Layer.BASE and table not in leans


def joined_by(table: Table) -> tuple[Table, ...]:
    """The base tables that must be made before a table can be."""
    if table in SOURCES:
        return SOURCES[table]
    if not may_use_aliases(table):
        return ()
    asked = [enterprise.ALIAS] if "usc_code" in table.schema else []
    if "contract_no" in table.schema and table is not project.CONTRACT:
        asked.append(project.ALIAS)
    return tuple(asked)
