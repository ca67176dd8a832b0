"""What the engine may know: the tables of one release, whole or of some enterprises.

Belongs here: reading a release, in memory or not, and what is derived from it for all who ask.
Does not: how far a row is to be believed (`decisions.facts.trust`), judging anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.persons import ONE_EACH, Numbers, numbers_at
from assets.tables import (
    KNOWN_TABLES,
    certificate,
    check,
    decision,
    enterprise,
    intake,
    personnel,
)
from decisions.buckets import PROVINCE
from decisions.facts.declared import Declared
from decisions.facts.doubtful import in_doubt
from decisions.facts.lost import Lost, lost_of, with_rows
from decisions.facts.narrow import narrow
from decisions.facts.resident import Resident
from decisions.facts.shares import Spread, spread
from decisions.facts.trust import believed, set_apart
from decisions.plans import Answer, all_at_once, at_once, by_a_worker

OWN_TABLES = (certificate.QUALIFICATION, certificate.CERTIFICATE, decision.DECISION)
"""Miaoban's own grants: known at once, without waiting for a channel to hand them back. Of its
decisions only the closing ones on `OWN_KINDS`: what was refused or verified before (B6.7)."""
OWN_KINDS = ("renewal", "reverification")

FEW = 32
"""Enterprises of which reading from memory is many plans over few rows."""

LATEST = -1
"""Stands for the newest version of the register."""


@dataclass(frozen=True)
class Facts:
    """Tables by name, as lazy frames of their declared schemas.

    Attributes:
        tables: every table of `KNOWN_TABLES`, plus `OWN_TABLES`. Decisions are not pinned:
            a reader takes those made before the filing of its case.
        release_id: the release they were read at.
        certificates_version: the Delta version of `certificate__register` they were read at;
            None while it has never been written.
        is_in_memory: whether the tables are few rows, read already.
        residents: the tables that are held in memory whole (`held`).
        numbers: who has several identity numbers, where the tables are read by number; each
            table is then by person. Rows under numbers in doubt are among those set apart.
    """

    tables: Mapping[str, pl.LazyFrame]
    release_id: str
    certificates_version: int | None = None
    is_in_memory: bool = False
    residents: Mapping[str, Resident] = field(default_factory=dict, repr=False)
    numbers: Numbers = field(default=ONE_EACH, repr=False)
    _stored: Mapping[str, pl.LazyFrame] = field(default_factory=dict, repr=False)
    _judged: dict[str, pl.LazyFrame] = field(default_factory=dict, repr=False)
    _derived: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    _apart: dict[str, pl.DataFrame | None] = field(default_factory=dict, repr=False)
    _declared: Declared | None = field(default=None, repr=False)
    _in_doubt: pl.DataFrame | None = field(default=None, repr=False)
    _lost: Lost | None = field(default=None, repr=False)
    _without_rows: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def at(
        cls,
        store: Store,
        release_id: str,
        versions: Mapping[str, int],
        usc_codes: Collection[str] | None = None,
        *,
        certificates_version: int | None = LATEST,
        insured_from: date | None = None,
    ) -> Facts:
        """The tables at a release's versions.

        Args:
            store: the lakehouse.
            release_id: name of the release.
            versions: Delta version of every released table.
            usc_codes: the applicants, if only their rows are wanted: tables sorted by
                enterprise are then read by enterprise.
            certificates_version: our own grants as of this version of the register; None =
                before the first.
            insured_from: see `of_enterprises`.
        """
        if certificates_version == LATEST:
            certificates_version = store.version(certificate.CERTIFICATE)
        tables = {
            table.name: store.scan(table, versions[table.name])
            for table in KNOWN_TABLES
            if table.name in versions
        }
        if certificates_version is not None:
            tables[certificate.CERTIFICATE.name] = store.scan(
                certificate.CERTIFICATE, certificates_version
            )
            # Its rows count by the register's: those of later certificates fall away.
            tables[certificate.QUALIFICATION.name] = store.scan(certificate.QUALIFICATION)
        tables[decision.DECISION.name] = store.scan(decision.DECISION).filter(
            pl.col("is_final") & pl.col("kind").is_in(OWN_KINDS)
        )
        numbers = ONE_EACH
        if personnel.IDENTITY.name in versions:
            numbers = numbers_at(store, versions[personnel.IDENTITY.name])
        stored = numbers.set_apart(_complete(tables))
        facts = cls(
            numbers.read_all(stored),
            release_id,
            certificates_version,
            numbers=numbers,
            _stored=stored,
        )
        return facts if usc_codes is None else facts.of_enterprises(usc_codes, insured_from)

    @classmethod
    def of(
        cls,
        frames: Mapping[str, pl.DataFrame],
        release_id: str = "R0",
        numbers: Numbers = ONE_EACH,
    ) -> Facts:
        """Facts from frames in memory, by number; tables that are not given have no rows."""
        stored = numbers.set_apart(_complete({name: rows.lazy() for name, rows in frames.items()}))
        return cls(numbers.read_all(stored), release_id, numbers=numbers, _stored=stored)

    @property
    def _sought(self) -> Mapping[str, pl.LazyFrame]:
        """The tables in which few rows are looked for: by number, where they are stored so."""
        return self.tables if self.numbers.are_each_of_one else self._stored

    def held(self, insured_from: date, usc_codes: Collection[str] | None = None) -> Facts:
        """The same in memory, without the older months of insurance.

        For who asks of one release again and again, enterprise by enterprise: of a province
        about 1 GiB.

        Args:
            insured_from: the first month whose insurance is of interest.
            usc_codes: who will be asked about; None = anybody. Of more enterprises than a province
                has, only what concerns these is held.
        """
        tables = self.tables
        if usc_codes is not None and self._enterprises > PROVINCE:
            tables, _ = narrow(
                self._sought,
                usc_codes,
                self.in_doubt,
                self.lost,
                insured_from=insured_from,
                numbers=self.numbers,
            )
        insured = personnel.INSURANCE.name
        recent = tables[insured].filter(pl.col("month") >= insured_from)
        # Few cases ask what was decided before.
        wanted = {**tables, insured: recent}
        del wanted[decision.DECISION.name]
        # In one piece, and one after another, so that never all are in memory twice: of pieces,
        # as they are read, the rows of an enterprise are put together a tenth more slowly.
        return self._in_memory({name: rows.collect().rechunk() for name, rows in wanted.items()})

    def in_shares(
        self, insured_from: date, shares: Sequence[Sequence[str]]
    ) -> Iterator[Callable[[], Facts]]:
        """What concerns each share of the enterprises, one after another, to be held in memory.

        Of several shares all is read once, into files in the folder for temporary ones (`TMPDIR`;
        some 400 MiB for each 10,000 enterprises), which go when the last share is done.

        Args:
            insured_from: see `held`.
            shares: the enterprises of each.

        Yields:
            What holds a share: called when its turn comes, so that only one is in memory.
        """
        if len(shares) <= 1:
            yield from (partial(self.held, insured_from, codes) for codes in shares)
            return
        with TemporaryDirectory(prefix="miaoban-shares-") as folder:
            files = spread(
                self.tables, shares, self.in_doubt, self.lost, insured_from, Path(folder)
            )
            for number in range(len(shares)):
                yield partial(self._of_files, files, number)

    def _of_files(self, files: Spread, share: int) -> Facts:
        declared = self.raw(intake.COVERAGE).collect()
        tables = files.of(share)
        apart = with_rows(tables[intake.QUARANTINE.name], self.lost.rows)
        known = {intake.COVERAGE.name: declared, intake.QUARANTINE.name: apart}
        return self._in_memory({**tables, **known})

    def _in_memory(self, frames: Mapping[str, pl.DataFrame]) -> Facts:
        residents = {name: Resident(rows) for name, rows in frames.items()}
        lazy = {name: one.rows.lazy() for name, one in residents.items()}
        return Facts(
            {**self.tables, **lazy},
            self.release_id,
            self.certificates_version,
            residents=residents,
            _declared=self.declared,
            _in_doubt=self.in_doubt,
            _lost=self.lost,
        )

    def of_enterprises(self, usc_codes: Collection[str], insured_from: date | None = None) -> Facts:
        """Only what concerns these enterprises, and their branches, read into memory.

        Tables that know a person or a leader's own projects under other enterprises keep
        the rows of the persons concerned.

        Args:
            usc_codes: the enterprises.
            insured_from: the first month whose insurance is of interest; None = all.
        """
        read = partial(
            narrow,
            self._sought,
            usc_codes,
            self.in_doubt,
            self.lost,
            self.residents,
            insured_from,
            self.numbers,
        )
        is_little = self.residents and len(usc_codes) <= FEW
        tables, without_rows = by_a_worker(read) if is_little else read()
        return Facts(
            tables,
            self.release_id,
            self.certificates_version,
            is_in_memory=True,
            _declared=self.declared,
            _in_doubt=self.in_doubt,
            _without_rows=without_rows,
        )

    def table(self, table: Table) -> pl.LazyFrame:
        """The rows of a base table, those set apart among them, with `is_trusted`, `is_lawful`.

        Both are never null. What is not trusted is unknown; what is not lawful does not count.
        """
        if table.name not in self._judged:
            findings = self.raw(check.FINDING) if table.name in self.with_findings else None
            rows = believed(table, self.raw(table), self.set_apart(table), findings, self.collect)
            # In memory doubts are marked once, not anew for everybody who asks.
            is_worth_it = self.is_in_memory and table.name in self.doubts
            self._judged[table.name] = at_once(rows).lazy() if is_worth_it else rows
        return self._judged[table.name]

    def set_apart(self, table: Table) -> pl.DataFrame | None:
        """Of these the rows set apart that no sound row has cleared; None if there are none."""
        if table.name not in self.with_rows_apart:
            return None
        if table.name not in self._apart:
            self._apart[table.name] = set_apart(table, self.tables, self.collect)
        return self._apart[table.name]

    def is_sound(self, table: Table) -> bool:
        """Whether no row of the table is doubted or set apart: all are trusted, and lawful."""
        return table.name not in self.doubts

    def has_none(self, table: Table) -> bool:
        """Whether the table has no row, nor one set apart; never said of the lakehouse, unread."""
        return table.name in self._without_rows and self.is_sound(table)

    def collect(self, plan: pl.LazyFrame) -> pl.DataFrame:
        """The rows of a plan over these tables."""
        return at_once(plan) if self.is_in_memory else plan.collect()

    def read(self, plan: pl.LazyFrame) -> pl.LazyFrame:
        """The same rows for a plan that goes on: of the lakehouse they are read, once."""
        return plan if self.is_in_memory else plan.collect().lazy()

    def collect_all(self, plans: Iterable[pl.LazyFrame]) -> list[pl.DataFrame]:
        """The rows of several plans over these tables."""
        return all_at_once(plans) if self.is_in_memory else pl.collect_all(plans)

    def work(self, work: Callable[[], Answer]) -> Answer:
        """What some work on these tables returns, done the way that is quickest for them."""
        return by_a_worker(work) if self.is_in_memory else work()

    def once(self, name: str, derive: Callable[[Facts], pl.LazyFrame]) -> pl.DataFrame:
        """What is derived from these tables alone, under its name, for all who ask."""
        if name not in self._derived:
            self._derived[name] = self.collect(derive(self))
        return self._derived[name]

    @cached_property
    def doubts(self) -> frozenset[str]:
        """The tables with rows set apart or doubted; all others are as they stand."""
        return self.with_rows_apart | self.with_findings

    @cached_property
    def with_rows_apart(self) -> frozenset[str]:
        """The tables that rows are set apart of."""
        return self._targets(intake.QUARANTINE)

    @cached_property
    def with_findings(self) -> frozenset[str]:
        """The tables with rows that a cross-check doubts, or says the law does not count."""
        return self._targets(check.FINDING, pl.col("severity") != "WARN")

    def _targets(self, of: Table, *wanted: pl.Expr) -> frozenset[str]:
        """The tables that rows of this one are about."""
        if of.name in self._without_rows:
            return frozenset()
        rows = self.raw(of).filter(*wanted)
        return frozenset(self.collect(rows.select("target").unique())["target"])

    @cached_property
    def _enterprises(self) -> int:
        registered = self.raw(enterprise.REGISTRY).filter(pl.col("entity_code") == "enterprise")
        return int(registered.select(pl.len()).collect().item())

    @cached_property
    def cities(self) -> pl.DataFrame:
        """The city of every enterprise: `usc_code`, `region_code` (null if not known).

        Nor is it known where rows told before and rows set apart differ: it may have moved.
        """
        city = pl.col("region_code").str.slice(0, 4) + "00"
        return (
            self.table(enterprise.REGISTRY)
            .group_by("usc_code")
            .agg(region_code=pl.when(city.n_unique() == 1).then(city.first()))
            .pipe(self.collect)
        )

    @cached_property
    def declared(self) -> Declared:
        """What was declared complete: of the whole release, whoever's rows these are."""
        return self._declared or Declared(self.raw(intake.COVERAGE))

    @cached_property
    def in_doubt(self) -> pl.DataFrame:
        """Bodies that may be anybody's branch (`decisions.facts.doubtful`), of the release."""
        if self._in_doubt is not None:
            return self._in_doubt
        return self.collect(in_doubt(self.table(enterprise.REGISTRY)))

    @cached_property
    def lost(self) -> Lost:
        """Rows set apart that may be somebody's although they name none: of the whole release."""
        if self._lost is not None:
            return self._lost
        return Lost.of(self.collect(lost_of(self.raw(intake.QUARANTINE))))

    def raw(self, table: Table) -> pl.LazyFrame:
        """The rows of a table that nothing is set apart from."""
        return self.tables[table.name]


def _complete(tables: dict[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    """Every table the engine asks for; absent ones empty."""
    return {
        table.name: tables[table.name] if table.name in tables else table.empty().lazy()
        for table in (*KNOWN_TABLES, *OWN_TABLES)
    }
