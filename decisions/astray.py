"""Rows set apart of which the enterprise could not be read, and whose each may be (reading 56).

Belongs here: what else such a row names, and so which enterprises it may be of. Does not: reading
the rows (`decisions.facts`), what follows for who is insured (`decisions.insurance`), registered
(`decisions.personal_certificates`) or appointed (`decisions.leaders`).

A row is of the enterprise that other rows of its number name; one of somebody may be of any
enterprise that anything else ties to him. What names nobody at all is nobody's: the list of rows
set apart has it (`decisions.worklist`), no case does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from assets.declaration import Table
from assets.quarantine import uncleared
from assets.tables import credit, enterprise, intake, personnel, project
from checks.common import COUNTED_MONTHS
from decisions.doubtful import LINKED
from decisions.unread import STRANGER

if TYPE_CHECKING:
    from decisions.facts import Facts

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


def with_bearers(apart: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Rows set apart, those astray as rows of whoever's rows bear their number.

    Args:
        apart: uncleared rows of `intake__quarantine`, of one table.
        facts: the release.

    Returns:
        The rows, one astray once for each enterprise; where there is none `usc_code` stays null.
    """
    lost = apart.filter(pl.col("usc_code").is_null())
    if lost.is_empty():
        return apart
    bearers = facts.collect(borne_by(lost, facts.tables, facts.raw(intake.QUARANTINE), "usc_code"))
    named = lost.drop("usc_code").join(
        bearers.sort("usc_code"), on=list(ROW), how="left", maintain_order="left"
    )
    return pl.concat([apart.filter(pl.col("usc_code").is_not_null()), named.select(apart.columns)])


def with_rows(apart: pl.DataFrame, lost: pl.DataFrame) -> pl.DataFrame:
    """Rows set apart, and those of `lost` that are not among them."""
    return pl.concat([apart, lost.join(apart, on=list(ROW), how="anti", maintain_order="left")])


def astray(facts: Facts, table: Table) -> pl.DataFrame | None:
    """Rows of a table set apart of which nobody knows of which enterprise they are.

    None if there are none. Whose person cannot be read either, they tell nothing of anybody.
    """
    apart = facts.set_apart(table)
    if apart is None:
        return None
    lost = apart.filter(pl.col("usc_code").is_null())
    if "person_key" in table.schema:
        lost = lost.filter(~pl.col("person_key").str.starts_with(STRANGER))
    return None if lost.is_empty() else lost


def are_registrations_lost(facts: Facts) -> bool:
    """Whether somebody is registered of whom not even the code can be read.

    A row that names a parent is a branch's.
    """
    lost = astray(facts, enterprise.REGISTRY)
    return lost is not None and lost["parent_usc_code"].has_nulls()


def with_astray(facts: Facts, table: Table, people: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of a table, those astray also as rows of every enterprise that may be theirs.

    Args:
        facts: the release.
        table: a personnel table that names the employer.
        people: `usc_code`, `person_key`: who is tied to which enterprise.
    """
    rows, lost = facts.table(table), astray(facts, table)
    if lost is None:
        return rows
    theirs = people.select("usc_code", "person_key").unique()
    perhaps = lost.lazy().drop("usc_code").join(theirs, on="person_key")
    return pl.concat([rows, perhaps.select(lost.columns)])


def tied(
    people: pl.Series, staffs: pl.DataFrame, payers: pl.DataFrame, facts: Facts
) -> pl.DataFrame:
    """Which of the people anything ties to which staff: `staff`, `person_key`.

    A registration, certificate or post with one of its payers, or a month of insurance by one of
    them, of the last that any kind of application asks for.

    Args:
        people: their keys.
        staffs: `staff`, `filed_on`.
        payers: from `decisions.payers.payers_of`.
        facts: the release.
    """
    if staffs.is_empty():
        return staffs.select("staff", person_key=pl.lit(None, pl.String()))
    theirs = pl.col("person_key").is_in(people.unique().implode())
    mine = payers.lazy().select("staff", usc_code="payer").unique()
    filed = staffs.select(
        "staff",
        until=pl.col("filed_on").dt.month_start(),
        since=pl.col("filed_on").dt.month_start().dt.offset_by(f"-{COUNTED_MONTHS}mo"),
    )
    named = [facts.table(table).filter(theirs).select("usc_code", "person_key") for table in LINKED]
    insured = (
        facts.table(personnel.INSURANCE)
        .filter(theirs, pl.col("month") >= filed["since"].min())
        .select("usc_code", "person_key", "month")
        .join(mine, on="usc_code")
        .join(filed.lazy(), on="staff")
        .filter(pl.col("month").is_between("since", "until", closed="left"))
    )
    known = [*(one.join(mine, on="usc_code") for one in named), insured]
    found = pl.concat(one.select("staff", "person_key") for one in known).unique()
    return facts.collect(found)
