"""The unit projects of an applicant, and what they measure (regulations E14, E16, E20, E21).

Belongs here: from the project base to units, the names of what they are, and their figures. Does
not: which of them count (`decisions.performance.countable`), what is asked for
(`decisions.performance.demands`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from assets.lake.declaration import QUANTITY
from assets.tables import project
from decisions.facts.model import Facts
from decisions.performance.measures import CONTRACT, as_listed, listed_label
from decisions.plans import among, as_written
from decisions.rulebook.codes import SEVERAL_MUNICIPAL, UNLISTED_KIND, Codes


@dataclass(frozen=True)
class Works:
    """The unit projects of the applicants and what is known of them.

    Attributes:
        units: `thing` (0, 1, 2 ... by unit code), `unit_code`, `usc_code`, `contract_no`,
            `project_no`, `contract_type`, `is_consortium`, `signed_on`, `started_on`,
            `accepted_on`, `quality`; of the unit, its contract and its acceptance whether the row
            is trusted and lawful: `is_trusted`, `is_contract_trusted`, `is_acceptance_trusted`
            (null = no such row), `is_lawful` and so on.
        names: `thing`, `name`: the kinds of works a unit is of; `UNLISTED_KIND` for a name that no
            list has, here and in the measures.
        measures: `thing`, `name`, `metric`, `value`, `label`; the contract's price under
            the name `*`.
    """

    units: pl.DataFrame
    names: pl.DataFrame
    measures: pl.DataFrame


def works_of(contracts: pl.LazyFrame, facts: Facts, codes: Codes) -> Works:
    """Everything about the unit projects built under the contracts (`contract_no`, unique).

    What a contract or an acceptance says that is not trusted is not known.
    """
    contract = facts.table(project.CONTRACT).select(
        "contract_no",
        _told("contract_type", "is_consortium", "signed_on"),
        price=pl.coalesce(_figure("amount_yuan"), _figure("settlement_yuan")),
        is_contract_trusted="is_trusted",
        is_contract_lawful="is_lawful",
    )
    acceptance = facts.table(project.ACCEPTANCE).select(
        "contract_no",
        _told("started_on", "accepted_on", "quality"),
        is_acceptance_trusted="is_trusted",
        is_acceptance_lawful="is_lawful",
    )
    units = (
        facts.table(project.UNIT)
        .select(
            "unit_code",
            "usc_code",
            "contract_no",
            "project_no",
            "works_type",
            "is_trusted",
            "is_lawful",
        )
        .join(contracts, on="contract_no", how="semi")
        .join(contract, on="contract_no", how="left")
        .join(acceptance, on="contract_no", how="left")
    )
    measured = facts.table(project.MEASURE).select(
        "is_trusted", "value", "label", "metric", "unit_code", name="works_type"
    )
    found, measures = facts.collect_all(
        [units, measured.join(units.select("unit_code"), on="unit_code", how="semi")]
    )
    found, measures = _by_lists(found, measures, codes)
    built = as_written(
        found.lazy()
        .unique("unit_code", keep="first", maintain_order=True)
        .sort("unit_code")
        .with_row_index("thing")
    )
    things = built.lazy()
    lines = measures.lazy().join(things.select("unit_code", "thing"), on="unit_code")
    names = pl.concat([things.select("thing", name="works_type"), lines.select("thing", "name")])
    names = pl.concat([names, _of_several_kinds(things, names, codes)])
    own = lines.select(
        "thing",
        "name",
        "metric",
        value=pl.when("is_trusted").then(_figure("value")),
        label=pl.when("is_trusted").then(listed_label(codes)),
    )
    priced = [
        things.select("thing", *_as_measure(metric.name))
        for metric in codes.metrics.values()
        if metric.from_contract
    ]
    return Works(
        units=built.drop("works_type", "price"),
        names=as_written(names.unique().drop_nulls("name")),
        measures=as_written(pl.concat([own, *priced])),
    )


def _by_lists(
    units: pl.DataFrame, measures: pl.DataFrame, codes: Codes
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Unit projects and measures by the names of the list (`as_listed`).

    Of a unit with several names that no list has, no figure under these is known: nobody can say
    for which of them, and so for which kind of works, it was told.
    """
    listed = as_listed(units, "works_type", codes.works), as_listed(measures, "name", codes.works)
    if listed[0] is units and listed[1] is measures:
        return listed
    told = pl.concat(
        [units.select("unit_code", name="works_type"), measures.select("unit_code", "name")]
    )
    several = (
        told.filter(~pl.col("name").is_in(list(codes.works)))
        .unique()
        .filter(pl.len().over("unit_code") > 1)
    )
    is_open = (pl.col("name") == UNLISTED_KIND) & among("unit_code", several["unit_code"])
    return listed[0], listed[1].with_columns(pl.when(~is_open).then(pl.col("value", "label")))


def _of_several_kinds(things: pl.LazyFrame, names: pl.LazyFrame, codes: Codes) -> pl.LazyFrame:
    """The units of contracts for municipal works of several kinds, named as such (reading 100).

    What no list has may be another kind.
    """
    kinds = codes.municipal | {UNLISTED_KIND: UNLISTED_KIND}
    kind = pl.col("name").replace_strict(kinds, default=None, return_dtype=pl.String())
    of_contract = names.join(things.select("thing", "contract_no"), on="thing")
    several = (
        of_contract.select("contract_no", kind=kind)
        .drop_nulls()
        .unique()
        .group_by("contract_no")
        .agg(pl.len() > 1)
        .filter("len")
    )
    mixed = things.join(several, on="contract_no", how="semi")
    return mixed.select("thing", name=pl.lit(SEVERAL_MUNICIPAL))


@cache
def _as_measure(metric: str) -> list[pl.Expr]:
    """The price of its contract as a measure of a unit."""
    price = pl.when("is_contract_trusted").then(pl.col("price").cast(QUANTITY))
    return [
        pl.lit(CONTRACT).alias("name"),
        pl.lit(metric).alias("metric"),
        price.alias("value"),
        pl.lit(None, pl.String()).alias("label"),
    ]


def _figure(name: str) -> pl.Expr:
    """A price or measure as told; 0 stands where there is none, as senders have it (reading 85)."""
    return pl.when(pl.col(name) != 0).then(name)


def _told(*names: str) -> pl.Expr:
    """What a row says, if it is trusted: bad data never refuses."""
    return pl.when("is_trusted").then(pl.col(*names))
