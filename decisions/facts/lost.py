"""Rows set apart of which the enterprise could not be read, and whose rows bear their numbers.

Belongs here: which rows these are, what else such a row tells, and whose other rows of its number
are. Does not: what follows for an applicant, nor rows known by a person (`decisions.facts.astray`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from assets.bases.quarantine import uncleared
from assets.lake.declaration import Table
from assets.tables import credit, enterprise, intake, project
from decisions.plans import as_written

_OF_CONTRACT = (project.CONTRACT, project.UNIT, project.ACCEPTANCE, project.PARTY)
_OF_UNIT = (project.UNIT, project.MEASURE)
_OF_CERTIFICATE = (enterprise.CERTIFICATE, enterprise.QUALIFICATION)
_NUMBERED = (
    enterprise.EVENT,
    enterprise.CERTIFICATE,
    enterprise.QUALIFICATION,
    enterprise.DESIGN,
    enterprise.EQUIPMENT,
    credit.FINDING,
    credit.BAR,
    credit.RECTIFICATION,
)
NUMBERS: Mapping[str, Mapping[str, tuple[Table, ...]]] = {
    **{table.name: {table.key[0]: (table,)} for table in _NUMBERED},
    enterprise.CERTIFICATE.name: {"certificate_no": _OF_CERTIFICATE},
    enterprise.QUALIFICATION.name: {
        "qualification_no": (enterprise.QUALIFICATION,),
        "certificate_no": _OF_CERTIFICATE,
    },
    project.CONTRACT.name: {"contract_no": _OF_CONTRACT},
    project.UNIT.name: {"unit_code": _OF_UNIT, "contract_no": _OF_CONTRACT},
    project.MEASURE.name: {"unit_code": _OF_UNIT},
    project.ACCEPTANCE.name: {"contract_no": _OF_CONTRACT},
    project.PARTY.name: {"contract_no": _OF_CONTRACT},
}
"""The numbers by which a row is known, and the tables of which rows bear the same."""
ROW = ("delivery_id", "row_no", "target")
"""What tells one row set apart from all others."""


_Kind = tuple[str, tuple[str, ...]]
"""A number, by the name of its column, and the tables of which rows bear it."""


@dataclass(frozen=True)
class Lost:
    """The rows of a release set apart without an enterprise that may be somebody's by a number.

    Attributes:
        rows: of `intake__quarantine`, none of them cleared.
        numbers: the number and the `place` among the rows, by its kind.
        parents: of registrations the `place` and the `usc_code` of the parent, null if none.
    """

    rows: pl.DataFrame
    numbers: Mapping[_Kind, pl.DataFrame]
    parents: pl.DataFrame

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Lost:
        """With what the rows tell read once."""
        numbers = {kind: read for kind in _KINDS if (read := _read(rows, *kind)).height}
        is_registration = pl.col("target") == enterprise.REGISTRY.name
        parents = rows.with_row_index("place").filter(is_registration)
        return cls(rows, numbers, parents.select("place", usc_code=told("parent_usc_code")))

    def is_empty(self) -> bool:
        """Whether there are none."""
        return self.rows.is_empty()

    def of_works(self) -> dict[str, dict[str, pl.Series]]:
        """The numbers of contracts and units that rows of works bear: by table, and by column.

        Other rows of these tables with such a number say whose works they are.
        """
        found: dict[str, dict[str, pl.Series]] = {}
        for (column, names), numbered in self.numbers.items():
            if column in ("contract_no", "unit_code"):
                for name in names:
                    found.setdefault(name, {})[column] = numbered["number"]
        return found

    def borne(self, found: Mapping[str, pl.DataFrame], apart: pl.DataFrame) -> pl.Series:
        """The places of the rows that bear a number of the rows found, or of those set apart."""
        places = [pl.Series(dtype=pl.UInt32())]
        for (column, names), numbered in self.numbers.items():
            named = apart.filter(
                pl.col("target").is_in(names), pl.col("usc_code").is_not_null()
            ).select(told(column).alias(column))
            bearing = pl.concat([*(found[name][column] for name in names), named[column]])
            places.append(numbered["place"].filter(numbered["number"].is_in(bearing.implode())))
        return pl.concat(places)


_KINDS: tuple[_Kind, ...] = tuple(
    dict.fromkeys(
        (column, tuple(table.name for table in tables))
        for numbers in NUMBERS.values()
        for column, tables in numbers.items()
    )
)


def _read(rows: pl.DataFrame, column: str, names: tuple[str, ...]) -> pl.DataFrame:
    told_by = [
        target
        for target, numbers in NUMBERS.items()
        if tuple(one.name for one in numbers.get(column, ())) == names
    ]
    mine = rows.with_row_index("place").filter(pl.col("target").is_in(told_by))
    return mine.select("place", number=told(column)).drop_nulls()


def lost_of(quarantine: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of `Lost`; registrations among them: one that names a parent is its branch's."""
    targets = [*NUMBERS, enterprise.REGISTRY.name]
    return uncleared(quarantine.filter(pl.col("usc_code").is_null())).filter(
        pl.col("target").is_in(targets)
    )


def told(name: str) -> pl.Expr:
    """A column of a row set apart, as text."""
    return pl.col("typed_json").str.json_path_match(f"$.{name}")


def borne_by(
    lost: pl.DataFrame, rows: Mapping[str, pl.LazyFrame], apart: pl.LazyFrame, by: str
) -> pl.LazyFrame:
    """Whose rows bear a number of a row astray, by `ROW` of that and the column `by` of these.

    Args:
        lost: rows set apart that name no enterprise.
        rows: the tables of `NUMBERS`, by name.
        apart: rows set apart, of which those that name an enterprise are looked at.
        by: a column of all of them, such as `usc_code`.
    """
    found = [pl.LazyFrame(schema={**{name: lost.schema[name] for name in ROW}, by: pl.String()})]
    named = apart.filter(pl.col("usc_code").is_not_null())
    for target in lost["target"].unique().sort():
        for column, tables in NUMBERS.get(target, {}).items():
            numbered = lost.filter(target=target).select(*ROW, number=told(column)).drop_nulls()
            is_wanted = pl.col("number").is_in(numbered["number"].implode())
            names = [table.name for table in tables]
            bearers = [
                *(rows[name].select(by, number=column).filter(is_wanted) for name in names),
                named.filter(pl.col("target").is_in(names))
                .select(by, number=told(column))
                .filter(is_wanted),
            ]
            borne = numbered.lazy().join(pl.concat(bearers).drop_nulls(), on="number")
            found.append(borne.select(*ROW, by))
    return pl.concat(found).unique()


def with_bearers(
    apart: pl.DataFrame,
    tables: Mapping[str, pl.LazyFrame],
    collect: Callable[[pl.LazyFrame], pl.DataFrame],
) -> pl.DataFrame:
    """Rows set apart, those astray as rows of whoever's rows bear their number.

    Args:
        apart: uncleared rows of `intake__quarantine`, of one table.
        tables: of the release, by name.
        collect: how plans over them are collected.

    Returns:
        The rows, one astray once for each enterprise; where there is none `usc_code` stays null.
    """
    if not apart["usc_code"].has_nulls():
        return apart
    lost = apart.filter(pl.col("usc_code").is_null())
    bearers = collect(borne_by(lost, tables, tables[intake.QUARANTINE.name], "usc_code"))
    named = (
        lost.lazy()
        .drop("usc_code")
        .join(bearers.lazy().sort("usc_code"), on=list(ROW), how="left", maintain_order="left")
    )
    told = apart.lazy().filter(pl.col("usc_code").is_not_null())
    return as_written(pl.concat([told, named.select(apart.columns)]))


def with_rows(apart: pl.DataFrame, lost: pl.DataFrame) -> pl.DataFrame:
    """Rows set apart, and those of `lost` that are not among them."""
    return pl.concat([apart, lost.join(apart, on=list(ROW), how="anti", maintain_order="left")])
