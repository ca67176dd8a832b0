"""What the cross-channel checks share: the shape of a finding, and who is one with whom.

Belongs here: helpers that two or more databases' checks use. Does not: any check.

All checks see all enterprises at once: what is found at one enterprise is a finding at the
other too (cross-checks, How the checks should run, 5), and a case only reads its own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from assets.bases.claims import claim_table
from assets.calendar import add_months, full_months_before
from assets.lake.declaration import Table
from assets.lake.keys import digest, repeated
from assets.persons import Numbers, numbers_of
from assets.tables import enterprise, personnel
from checks.catalogue import BY_ID

Tables = Mapping[str, pl.LazyFrame]
"""Tables by name, those of `checks.cross.READ`; a check reads what it needs."""


class Shared(Mapping[str, pl.LazyFrame]):
    """Tables that keep, for one run, what several checks work out of them alike."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._made: dict[tuple[str, date], pl.LazyFrame] = {}

    def __getitem__(self, name: str) -> pl.LazyFrame:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def has(self, name: str, as_of: date) -> bool:
        """Whether the rows of a plan are worked out."""
        return (name, as_of) in self._made

    def once(self, name: str, as_of: date, plan: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of a plan, worked out when it is first asked for by its name and day."""
        if not self.has(name, as_of):
            self._made[name, as_of] = plan.collect(engine="streaming").lazy()
        return self._made[name, as_of]


def once(tables: Tables, name: str, as_of: date, plan: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of a plan, worked out once where the tables keep it for the run."""
    return tables.once(name, as_of, plan) if isinstance(tables, Shared) else plan


COUNTED_MONTHS = 3
"""The longest evidence period of insurance (regulations B0.5)."""
WAITED_MONTHS = 4
"""The most firsts of a month within the 60 working days that a case may wait for data: by so many
the months that it is asked for may be older than the counted ones of a release."""

LATE_MONTHS = 2
"""Months from the one that is owed to the one in which it was collected: over 60 days."""

CLAIMS = claim_table(personnel.PERSON)
"""What each feed last told of a person: whoever believes none of two names still has both."""

FINDING_COLUMNS = ("target", "usc_code", "row_key", "severity", "detail")
SEVERITIES = ("LAW", "DATA", "WARN")
"""Strongest first: what is certain outranks what is doubtful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheck:
    """How one check of the catalogue is carried out across tables.

    `find` is pure: tables and the day in, findings out (`FINDING_COLUMNS`). `targets` are the
    base tables whose rows it looks at. `id` is the catalogue's, with a suffix after a colon
    where another part of the check is carried out elsewhere. A finding weakens to DATA where
    the law would bite but a fact it rests on is not certain.

    `by` says what a finding follows from, and so what of it a night may change: rows of the same
    `person`, of the insurance of the same `payer`, of the same `works` or of the `duty` of those
    who manage them, as `checks.nights.neighbourhood` puts them together, or the whole `table`.
    `asks_day` says whether it also follows from the day; a check that is about a `person` asks it
    for the counted months of insurance, for 18 and 66 years of age, and whether a date of a row is
    before, on or after it, and for nothing else; one that is about a `payer` for the months before
    it; one about a `duty` whether a date of an acceptance or a registration is before, on or after
    it.
    """

    id: str
    targets: tuple[Table, ...]
    find: Callable[[Tables, date], pl.LazyFrame]
    is_blocking: bool = False
    by: Literal["person", "payer", "works", "duty", "table"] = "table"
    asks_day: bool = True

    @property
    def zh(self) -> str:
        """What it says in Chinese: the catalogue's words."""
        return BY_ID[self.id.partition(":")[0]].zh

    @property
    def en(self) -> str:
        """What it says in English."""
        return BY_ID[self.id.partition(":")[0]].en


def findings(
    rows: pl.LazyFrame, target: Table, row_key: str, severity: str | pl.Expr, detail: pl.Expr
) -> pl.LazyFrame:
    """Rows with a `usc_code` as findings about `target`, keyed by the column `row_key`."""
    return rows.select(
        target=pl.lit(target.name),
        usc_code="usc_code",
        row_key=row_key,
        severity=pl.lit(severity) if isinstance(severity, str) else severity,
        detail=detail,
    )


def law_if(is_sure: str) -> pl.Expr:
    """LAW where a column is true; else a fact that the finding rests on is not certain: DATA."""
    return pl.when(is_sure).then(pl.lit("LAW")).otherwise(pl.lit("DATA"))


def stated(tables: Tables) -> Numbers:
    """Whose numbers are whose, as the statements among the tables say."""
    return numbers_of(tables[personnel.IDENTITY.name].collect())


def with_head(tables: Tables, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `head`, the legal person that `usc_code` is or is a branch of, and `is_known`.

    A branch and its parent are one (regulations E3). A code that the registry does not have
    stands for itself, but might be a branch of anybody: `is_known` is false.
    """
    registry = tables[enterprise.REGISTRY.name].select(
        "usc_code",
        head=pl.when(entity_code="branch").then("parent_usc_code").otherwise("usc_code"),
    )
    return rows.join(registry, on="usc_code", how="left").with_columns(
        is_known=pl.col("head").is_not_null(), head=pl.coalesce("head", "usc_code")
    )


def counted_months(as_of: date) -> list[date]:
    """First days of the months whose insurance a case filed on `as_of` may rest on."""
    return full_months_before(as_of, COUNTED_MONTHS)


def asked_months(as_of: date) -> list[date]:
    """First days of the months that some case decided on `as_of` may rest on, waiting or new."""
    return full_months_before(as_of, COUNTED_MONTHS + WAITED_MONTHS)


def insured_since(as_of: date) -> date:
    """First day of the month before the asked ones: what tells of an open case begins here."""
    return add_months(min(asked_months(as_of)), -1)


def recent_insurance(
    tables: Tables, as_of: date, people: pl.LazyFrame | None = None
) -> pl.LazyFrame:
    """The insurance months that tell of open cases: the asked ones, the one before, all later.

    `person_key`, `usc_code`, `month`, `is_paid`, `paid_month`, `received_at`, of all or of
    `people`. The table is by far the largest, so that all checks read this part of it once; where
    only one that asks for some people is run, it reads theirs.
    """
    rows = (
        tables[personnel.INSURANCE.name]
        .filter(pl.col("month") >= pl.lit(insured_since(as_of)))
        .select("person_key", "usc_code", "month", "is_paid", "paid_month", "received_at")
    )
    if people is None:
        return once(tables, "recent_insurance", as_of, rows)
    if isinstance(tables, Shared) and tables.has("recent_insurance", as_of):
        rows = tables.once("recent_insurance", as_of, rows)
    return rows.join(people, on="person_key", how="semi")


def is_insured() -> pl.Expr:
    """Whether an insurance month counts as insured: assessed but unpaid ones do not (P-13)."""
    return pl.col("is_paid").fill_null(True)


def was_collected_late() -> pl.Expr:
    """Whether an insurance month was collected afterwards (P-14); null where that is not told."""
    return pl.col("paid_month") >= pl.col("month").dt.offset_by(f"{LATE_MONTHS}mo")


def live_registrations(tables: Tables, as_of: date) -> pl.LazyFrame:
    """Registrations in force on a day, by their dates alone (P-21: a status is not believed)."""
    day = pl.lit(as_of)
    return tables[personnel.REGISTRATION.name].filter(
        pl.col("valid_from") <= day, pl.col("valid_until") >= day
    )


def employers(tables: Tables, as_of: date, people: pl.LazyFrame | None = None) -> pl.LazyFrame:
    """Who may claim a person on a day, any or one of `people`: `person_key`, `usc_code`, each once.

    The payer of the counted months or later, the enterprise of a live registration, and the
    one whose technical leader he is. Certificates of other kinds are no proof of employment.
    """
    pair = ("person_key", "usc_code")
    since = min(counted_months(as_of))
    named = pl.concat(
        [
            recent_insurance(tables, as_of, people)
            .filter(pl.col("month") >= pl.lit(since))
            .select(pair),
            live_registrations(tables, as_of).select(pair),
            tables[personnel.TECHNICAL_LEAD.name].select(pair),
        ]
    )
    if people is not None:
        return named.join(people, on="person_key", how="semi").unique()
    return once(tables, "employers", as_of, named.unique())


def at_employers(
    tables: Tables, rows: pl.LazyFrame, as_of: date, target: Table, number: str, severity: str
) -> pl.LazyFrame:
    """Certificates as findings, keyed by their number, wherever they may be claimed.

    A certificate names the employer of its day; whoever may claim the person now reads the
    finding too.

    Args:
        tables: the tables.
        rows: `person_key`, `usc_code`, the number and `detail`.
        as_of: the day.
        target: the table of certificates.
        number: its column with the number.
        severity: of the findings.
    """
    columns = ("usc_code", number, "detail")
    here = rows.drop_nulls("usc_code").select(columns)
    now = rows.drop("usc_code").join(employers(tables, as_of), on="person_key").select(columns)
    every = pl.concat([here, now]).group_by("usc_code", number).agg(detail=listed("detail"))
    return findings(every, target, number, severity, pl.col("detail"))


def alike(rows: pl.LazyFrame, *columns: str) -> pl.LazyFrame:
    """Rows that have the values of some columns in common with another row, or seem to.

    What is asked of such rows need not be asked of all the others, which numbers tell apart.
    """
    return rows.filter(digest(columns).map_batches(repeated, return_dtype=pl.Boolean))


def folded_name(column: str) -> pl.Expr:
    """A name as it is compared: full-width forms narrowed, spaces and case set aside."""
    return (
        pl.col(column)
        .str.normalize("NFKC")
        .str.replace_all(r"\s", "")
        .str.replace_all("[〔【［\\[]", "(")
        .str.replace_all("[〕】］\\]]", ")")
        .str.to_uppercase()
    )


def listed(column: str) -> pl.Expr:
    """The distinct values of a column within a group, as one ordered text."""
    return pl.col(column).cast(pl.String).unique().sort().str.join("、")
