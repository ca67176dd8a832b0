"""A country in shares: all that concerns each share of its enterprises, set down in one reading.

Belongs here: which rows of a release go to which share, and the files they wait in. Does not: which
rows one enterprise's case can touch (`decisions.facts.narrow`), which enterprises make a share
(`decisions.buckets`).

To read the whole country anew for each of its shares would take the square of its size. So every
table is read twice, streamed, and each row goes to the files of the shares that may ask for it:
those of its enterprise, and those of other shares that know its person, contract, project or
counterpart. A share may get rows it has no use for, never too few: of its files `narrow` finds what
it finds of the whole tables, in their order (a test compares them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from assets.lake.declaration import Table
from assets.tables import check, enterprise, intake, personnel, project
from decisions.facts.doubtful import EMPLOYING, LINKED, perhaps_theirs
from decisions.facts.lost import Lost, told
from decisions.facts.touched import (
    BY_CONTRACT,
    BY_PERSON,
    CARRIED_ON,
    NAMING_ENTERPRISES,
    NAMING_PEOPLE,
)
from decisions.facts.unread import IS_NOBODYS_DUTY
from decisions.plans import among

SHARE = "_share"
ROW = "_row"
"""The place of a row in its table, so that each share has them in the same order."""
ELSEWHERE = -1
"""The share of enterprises that nobody asks about."""
_OWN, _OTHERS = "own", "others"

Tables = Mapping[str, pl.LazyFrame]


@dataclass(frozen=True)
class Spread:
    """The tables of every share, in files.

    Attributes:
        folder: where they are; whoever made it removes it.
        schemas: of those that are spread; of all others every share sees the whole.
    """

    folder: Path
    schemas: Mapping[str, pl.Schema]

    def of(self, share: int) -> dict[str, pl.DataFrame]:
        """The tables of one share, one after the other: to be put in order each is there twice."""
        return {name: self._rows(name, share).collect() for name in self.schemas}

    def _rows(self, name: str, share: int) -> pl.LazyFrame:
        own, others = (
            sorted(self.folder.glob(f"{name}/{whose}/*/{SHARE}={share}/*"))
            for whose in (_OWN, _OTHERS)
        )
        parts = [pl.scan_ipc(own)] if own else []
        if others:
            parts.append(pl.scan_ipc(others).unique(ROW))
        if not parts:
            return pl.LazyFrame(schema=self.schemas[name])
        return pl.concat(parts).sort(ROW).select(self.schemas[name].names())


def spread(
    tables: Tables,
    shares: Sequence[Sequence[str]],
    in_doubt: pl.DataFrame,
    lost: Lost,
    insured_from: date,
    folder: Path,
) -> Spread:
    """Set down what concerns each share of the enterprises.

    Args:
        tables: every table of `decisions.facts.model`.
        shares: the enterprises of each.
        in_doubt: the bodies of which nobody knows to whom they belong (`Facts.in_doubt`).
        lost: rows set apart of which nobody knows whose they are (`Facts.lost`).
        insured_from: the first month whose insurance is of interest.
        folder: an empty one, for the files.
    """
    recent = tables[personnel.INSURANCE.name].filter(pl.col("month") >= insured_from)
    given = {**tables, personnel.INSURANCE.name: recent}
    numbered = {name: rows.with_row_index(ROW) for name, rows in given.items()}
    codes = _codes(given, shares, in_doubt)
    made = _Making(numbered, folder, codes)
    for table in NAMING_ENTERPRISES:
        made.own(table, "usc_code", codes)
    people, shared = _people(given, codes)
    made.own(personnel.PERSON, "person_key", people)
    for table in BY_PERSON:
        made.others(table, {"person_key": shared})
    events = numbered[enterprise.EVENT.name]
    counterparts = _pairs(events, "usc_code", codes, "counterpart_usc_code")
    for table in CARRIED_ON:
        made.others(table, {"usc_code": counterparts})
    apart = numbered[intake.QUARANTINE.name].with_columns(
        project_no=pl.when(target=project.PROJECT.name).then(
            pl.col("key_json").str.json_path_match("$.project_no")
        ),
        contract_no=pl.when(target=project.PARTY.name).then(told("contract_no")),
    )
    led = [numbered[project.PARTY.name], apart.filter(target=project.PARTY.name)]
    contracts = _together(*(_pairs(one, "person_key", shared, "contract_no") for one in led))
    builders = _together(
        *(_pairs(one, "person_key", shared, "usc_code") for one in led),
        _pairs(numbered[project.CONTRACT.name], "contract_no", contracts, "usc_code"),
    )
    perhaps_led = _astray(numbered, lost, builders, "contract_no")
    made.others(project.PARTY, {"contract_no": perhaps_led})
    contracts = _together(contracts, perhaps_led)
    for table in BY_CONTRACT:
        made.others(table, {"contract_no": contracts})
    built = numbered[project.UNIT.name]
    perhaps_built = _astray(numbered, lost, builders, "unit_code")
    made.others(project.UNIT, {"unit_code": perhaps_built})
    units = _together(_pairs(built, "contract_no", contracts, "unit_code"), perhaps_built)
    made.others(project.MEASURE, {"unit_code": units})
    projects = _together(
        _pairs(built, "usc_code", codes, "project_no"),
        _pairs(built, "contract_no", contracts, "project_no"),
        _pairs(built, "unit_code", perhaps_built, "project_no"),
    )
    made.own(project.PROJECT, "project_no", projects)
    known = _together(counterparts, builders)
    employers = (
        _pairs(numbered[one.name], "person_key", shared, "usc_code") for one in personnel.NUMBERS
    )
    keys = {"usc_code": known, "person_key": people, "project_no": projects}
    keys["former"] = _together(*employers)
    made.others(
        intake.QUARANTINE,
        keys,
        apart.with_columns(former=pl.when(IS_NOBODYS_DUTY).then("usc_code")),
    )
    doubted = _together(people, _doubted(numbered, codes, shared))
    made.others(check.FINDING, {"row_key": doubted, "usc_code": known})
    return Spread(folder, made.schemas)


class _Making:
    """Files in the making."""

    def __init__(self, numbered: Tables, folder: Path, codes: pl.DataFrame) -> None:
        self.numbered = numbered
        self.folder = folder
        self.codes = codes
        self.schemas: dict[str, pl.Schema] = {}

    def own(self, table: Table, column: str, pairs: pl.DataFrame) -> None:
        """Each row goes to the shares of its key in `column`."""
        self._set_down(table, _OWN, column, _with_share(self.numbered[table.name], column, pairs))

    def others(
        self, table: Table, keys: Mapping[str, pl.DataFrame], rows: pl.LazyFrame | None = None
    ) -> None:
        """Rows of enterprises go to the shares of their keys, too, where they are not yet."""
        own = self.codes.lazy().rename({"key": "code"})
        given = self.numbered[table.name] if rows is None else rows
        for column, pairs in keys.items():
            found = _with_share(given, column, pairs).with_columns(code=_key("usc_code"))
            fresh = found.join(own, on=["code", SHARE], how="anti")
            self._set_down(table, _OTHERS, column, fresh)

    def _set_down(self, table: Table, whose: str, column: str, rows: pl.LazyFrame) -> None:
        self.schemas[table.name] = table.schema
        rows.select(ROW, *table.schema, SHARE).sink_ipc(
            pl.PartitionBy(self.folder / table.name / whose / column, key=SHARE, include_key=False),
            compression="lz4",
            mkdir=True,
            engine="streaming",
        )


def _codes(tables: Tables, shares: Sequence[Sequence[str]], in_doubt: pl.DataFrame) -> pl.DataFrame:
    """Every enterprise that is asked about, its branches, and what may be one."""
    asked = pl.concat(
        pl.DataFrame({"usc_code": codes}, schema={"usc_code": pl.String()}).with_columns(
            pl.lit(number, pl.Int16()).alias(SHARE)
        )
        for number, codes in enumerate(shares)
    )
    own = asked.select(SHARE, key=_key("usc_code"))
    branches = _with_share(tables[enterprise.REGISTRY.name], "parent_usc_code", own)
    theirs = [branches.select(SHARE, key=_key("usc_code"))]
    if not in_doubt.is_empty():
        members = pl.concat([one.lazy().select("usc_code", SHARE) for one in (asked, branches)])
        theirs.append(_perhaps_branches(tables, members, in_doubt))
    every = pl.concat([own.lazy(), *theirs]).unique()
    return every.select("key", SHARE).collect(engine="streaming")


def _perhaps_branches(
    tables: Tables, members: pl.LazyFrame, in_doubt: pl.DataFrame
) -> pl.LazyFrame:
    bodies = in_doubt.lazy().select("usc_code").unique()
    tied = pl.concat(
        tables[table.name].join(bodies, on="usc_code", how="semi").select("person_key")
        for table in (*EMPLOYING, personnel.INSURANCE)
    )
    people = tied.unique().collect(engine="streaming").lazy()
    of_these = {
        table.name: tables[table.name].join(people, on="person_key", how="semi")
        for table in (*LINKED, personnel.INSURANCE)
    }
    ever = pl.lit(None, pl.Date())
    cases = members.rename({SHARE: "of"}).with_columns(since=ever, until=ever)
    found = perhaps_theirs(cases, of_these, in_doubt)
    return found.select(pl.col("of").alias(SHARE), key=_key("usc_code"))


def _people(tables: Tables, codes: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The people of each share; and of them those whom another enterprise knows, too."""
    named = [
        tables[table.name]
        .filter(pl.col("person_key").is_not_null())
        .select(key=_key("person_key"), code=_key("usc_code"))
        .join(codes.lazy().rename({"key": "code"}), on="code", how="left")
        .select("key", pl.col(SHARE).fill_null(ELSEWHERE))
        .unique()
        for table in NAMING_PEOPLE
    ]
    known = pl.concat(named).unique().collect(engine="streaming")
    of_shares = known.filter(pl.col(SHARE) != ELSEWHERE)
    several = known.group_by("key").len().filter(pl.col("len") > 1)
    return of_shares, of_shares.join(several, on="key", how="semi")


def _astray(numbered: Tables, lost: Lost, builders: pl.DataFrame, column: str) -> pl.DataFrame:
    """Of works of these builders the numbers that rows astray bear, by share."""
    found = [
        _pairs(numbered[name].filter(among(column, numbers[column])), "usc_code", builders, column)
        for name, numbers in lost.of_works().items()
        if column in numbers
    ]
    return _together(builders.clear(), *found)


def _together(*pairs: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(pairs).unique()


def _pairs(rows: pl.LazyFrame, column: str, pairs: pl.DataFrame, wanted: str) -> pl.DataFrame:
    """Of the rows that have one of the keys in `column`, the keys in `wanted`, by share."""
    found = (
        _with_share(rows, column, pairs)
        .filter(pl.col(wanted).is_not_null())
        .select(SHARE, key=_key(wanted))
        .unique()
    )
    return found.select("key", SHARE).collect(engine="streaming")


def _doubted(numbered: Tables, codes: pl.DataFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """Certificates that a finding names, by the shares that know their rows."""
    findings = numbered[check.FINDING.name].select(doubted="row_key").unique()
    found = [
        _with_share(
            numbered[table.name].join(findings, left_on=number, right_on="doubted", how="semi"),
            column,
            pairs,
        ).select(SHARE, key=_key(number))
        for table, number in personnel.NUMBERS.items()
        for column, pairs in (("usc_code", codes), ("person_key", shared))
    ]
    return pl.concat(found).unique().select("key", SHARE).collect(engine="streaming")


def _with_share(rows: pl.LazyFrame, column: str, pairs: pl.DataFrame) -> pl.LazyFrame:
    """The rows that have one of the keys, once for each share of it."""
    keyed = rows.filter(pl.col(column).is_not_null()).with_columns(key=_key(column))
    return keyed.join(pairs.lazy(), on="key").drop("key")


def _key(column: str) -> pl.Expr:
    """A text as a number: another one that has the same only gets a share more than it needs."""
    return pl.col(column).hash()
