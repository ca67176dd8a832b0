"""Reading the register, and the certificates that were there before it.

Belongs here: which file is the latest, which grants still want one, what a certificate
set holds today. Does not: what a grant changes (`effects`), or writing (`issue`).

A certificate known from its channel (`base_enterprise__certificate`) that Miaoban has
never issued is version 0; once the register has a version of the number, the register is
what was printed. A qualification that its channel says has ended by decision (withdrawn,
revoked, struck, cancelled) since it was granted is not printed again, nor a level that was lowered.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from assets.calendar import legal_day
from assets.lake.declaration import Table
from assets.lake.store import Store, Turn
from assets.tables import certificate, check, decision, enterprise
from certificates.issuing.effects import CertificateSet, Grant, Held, Holder, alive, lasts
from certificates.issuing.numbers import Numbers
from certificates.issuing.shipped import shipped
from decisions.filing.screening import BY_A_DAY, standing
from decisions.holdings.ours import ENDED, LINE, last_verified
from decisions.rulebook.extensions import Extension

Row = dict[str, Any]
_Line = tuple[str, str, str, str]
"""Certificate, category, sub-category, level."""


def final_decisions(store: Store) -> pl.LazyFrame:
    """The closing decision of every closed case: its first final outcome."""
    return (
        store.scan(decision.DECISION)
        .filter(pl.col("is_final"))
        .sort("application_id", "evaluation_no")
        .unique("application_id", keep="first", maintain_order=True)
    )


def pending(
    store: Store,
    registered: pl.LazyFrame,
    application_ids: Collection[str] | None,
    limit: int | None,
) -> pl.DataFrame:
    """Closing grants that the register has no row for, in the order they were decided."""
    grants = final_decisions(store).filter(
        pl.col("outcome") == "granted", pl.col("effect") != "none"
    )
    if application_ids is not None:
        grants = grants.filter(pl.col("application_id").is_in(list(application_ids)))
    waiting = grants.join(registered.select("application_id"), on="application_id", how="anti")
    ordered = waiting.collect().sort("decided_at", "application_id")
    return ordered if limit is None else ordered.head(limit)


def latest(registered: pl.LazyFrame) -> pl.LazyFrame:
    """The newest version of every number: the only one in force."""
    return registered.sort("version").unique("certificate_no", keep="last", maintain_order=True)


def listed(store: Store, registered: pl.LazyFrame) -> pl.LazyFrame:
    """The qualifications on the files that `registered` names; a file never issued has none."""
    rows = store.scan(certificate.QUALIFICATION)
    return rows.join(registered.select("file_sha256"), on="file_sha256", how="semi")


def in_force(store: Store, on: date) -> pl.DataFrame:
    """Qualifications held by certificates of the register on a day, one row each."""
    newest = latest(store.scan(certificate.CERTIFICATE)).filter(pl.col("valid_until") >= on)
    return listed(store, newest).filter(pl.col("valid_until") >= on).collect()


def extensions() -> tuple[Extension, ...]:
    """The notices that extended certificates as a whole, by the rulebook at hand (F9)."""
    return shipped().extensions


def last_days(store: Store, row: Row, on: date) -> tuple[date, date]:
    """The last valid day of a registered certificate: certainly, and at most, as known on a day.

    Args:
        store: the lakehouse.
        row: of the register.
        on: the day.
    """
    printed: date = row["valid_until"]
    if printed >= on:
        return printed, printed
    lines = listed(store, pl.LazyFrame({"file_sha256": [row["file_sha256"]]})).collect()
    terms = [lasts(_held(line), extensions(), on) for line in lines.iter_rows(named=True)]
    surely = max((one for one, _ in terms), default=printed)
    return max(printed, surely), max((most for _, most in terms), default=printed)


def numbers(store: Store, registered: pl.LazyFrame) -> Numbers:
    """Every certificate number known, of whatever authority, with its owner."""
    columns = ("certificate_no", "usc_code")
    known = (
        pl.concat([store.scan(enterprise.CERTIFICATE).select(columns), registered.select(columns)])
        .unique()
        .collect()
    )
    return Numbers(list(known.iter_rows()))


def grant_of(row: Row) -> Grant:
    """The part of a decision row that acts on certificates."""
    return Grant(
        application_id=row["application_id"],
        usc_code=row["usc_code"],
        effect=row["effect"],
        category_code=row["category_code"],
        subcategory=row["subcategory"],
        level=row["level"],
        certificate_no=row["certificate_no"],
        valid_until=row["valid_until"],
        decided_on=legal_day(row["decided_at"]),
    )


@dataclass
class Shelf:
    """The certificate sets of some enterprises, kept up as grants are applied to them."""

    sets: dict[str, CertificateSet]
    """By number; provincial certificates only."""
    numbers_of: dict[str, list[str]]
    """Numbers by enterprise, most recently issued last."""
    registered: dict[tuple[str, str], Holder]
    """Business registration by (release, enterprise)."""
    releases: set[str] = field(default_factory=set)
    """Releases that were read; a decision on any other cannot be issued."""
    awaited: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    """By enterprise, category and sub-category of which a renewal or the like is not decided."""
    _cancelled: set[str] = field(default_factory=set)
    """Numbers of certificates that an authority has ended as a whole."""
    _ended: dict[_Line, date] = field(default_factory=dict)
    _lowered: dict[_Line, date] = field(default_factory=dict)

    @classmethod
    def load(cls, store: Store, turn: Turn, grants: pl.DataFrame) -> Shelf:
        """Everything that issuing `grants` reads, in a handful of scans.

        What the channels know is read at the release each decision was made on (B0.6);
        of several releases for one certificate the latest counts.
        """
        shelf = cls({}, {}, {})
        wanted = grants["release_id"].unique().to_list()
        releases = store.scan(check.RELEASE).filter(pl.col("release_id").is_in(wanted)).collect()
        for release in releases.sort("released_at").iter_rows(named=True):
            of_release = grants.filter(pl.col("release_id") == release["release_id"])
            codes = of_release["usc_code"].unique().to_list()
            shelf._add_release(
                store, release["release_id"], json.loads(release["versions_json"]), codes
            )
        codes = grants["usc_code"].unique().to_list()
        shelf._add_register(store, turn, codes)
        for code, *item in _undecided(store, codes).iter_rows():
            shelf.awaited.setdefault(code, set()).add((item[0], item[1]))
        return shelf

    def current(self, grant: Grant) -> CertificateSet | None:
        """The set a grant acts on: the one it names, else the newest on which anything stands."""
        if grant.certificate_no is not None:
            found = self.sets.get(grant.certificate_no)
            return found if found is None or found.usc_code == grant.usc_code else None
        for number in reversed(self.numbers_of.get(grant.usc_code, [])):
            if alive(self.sets[number].held, extensions(), grant.decided_on):
                return self.sets[number]
        return None

    def put(self, changed: CertificateSet) -> None:
        """Keep a set as the next grant will find it."""
        self.sets[changed.certificate_no] = changed
        owned = self.numbers_of.setdefault(changed.usc_code, [])
        if changed.certificate_no in owned:
            owned.remove(changed.certificate_no)
        owned.append(changed.certificate_no)

    def _add_release(
        self, store: Store, release_id: str, versions: dict[str, int], codes: list[str]
    ) -> None:
        holders = {
            row["usc_code"]: row
            for row in _of(store, enterprise.REGISTRY, versions, codes).iter_rows(named=True)
        }
        for code, row in holders.items():
            self.registered[release_id, code] = Holder(
                row["name"],
                row["address"],
                row["legal_representative"],
                row["registered_capital_yuan"],
                row["economic_type"],
            )
        held = _of(store, enterprise.QUALIFICATION, versions, codes)
        certificates = _of(store, enterprise.CERTIFICATE, versions, codes)
        is_ended = pl.col("status_code").is_in(ENDED)
        self._cancelled |= set(certificates.filter(is_ended)["certificate_no"])
        rows = certificates.filter(
            pl.col("authority_code") == "province", pl.col("status_code") == "valid"
        )
        for row in rows.sort("issued_on", "certificate_no").iter_rows(named=True):
            own = held.filter(pl.col("certificate_no") == row["certificate_no"])
            self.put(_from_channel(row, own, holders.get(row["usc_code"], {})))
        self._ended |= _last_days(held, ENDED)
        self._lowered |= _last_days(held, ["replaced"])
        self.releases.add(release_id)

    def _add_register(self, store: Store, turn: Turn, codes: list[str]) -> None:
        versions = turn.scan().filter(pl.col("usc_code").is_in(codes))
        newest = latest(versions).join(last_verified(versions), on="certificate_no")
        lines = listed(store, newest).collect().partition_by("file_sha256", as_dict=True)
        for row in newest.collect().sort("issued_at", "certificate_no").iter_rows(named=True):
            own = lines.get((row["file_sha256"],), certificate.QUALIFICATION.empty())
            alive = (one for one in map(_held, own.to_dicts()) if not self._is_over(row, one))
            printed = _from_register(row, tuple(sorted(alive)))
            self.put(_with_later(printed, self.sets.get(printed.certificate_no)))

    def _is_over(self, row: Row, entry: Held) -> bool:
        """Whether what the register has of it has surely ended (`decisions.holdings.ours`)."""
        if row["certificate_no"] in self._cancelled:
            return True
        line = (row["certificate_no"], *entry.key, entry.level)
        since = max(entry.held_from, row["verified_on"] or entry.held_from)
        return (
            self._ended.get(line, date.min) >= since
            or self._lowered.get(line, date.min) > row["issued_on"]
        )


def _undecided(store: Store, codes: list[str]) -> pl.DataFrame:
    """Of which items a renewal or re-verification is open: `usc_code`, category, sub-category."""
    closed = final_decisions(store).select("application_id")
    return (
        standing(store)
        .filter(pl.col("usc_code").is_in(codes), pl.col("kind").is_in(BY_A_DAY))
        .join(closed, on="application_id", how="anti")
        .select("usc_code", "category_code", "subcategory")
        .unique()
        .collect()
    )


def _from_channel(row: Row, held: pl.DataFrame, holder: Row) -> CertificateSet:
    valid = held.filter(pl.col("status_code") == "valid", pl.col("valid_to").is_null())
    entries = {
        (entry["category_code"], entry["subcategory"]): Held(
            entry["category_code"],
            entry["subcategory"],
            entry["level"],
            entry["valid_from"],
            row["valid_until"],
        )
        for entry in valid.sort("valid_from", "qualification_no").iter_rows(named=True)
    }
    return CertificateSet(
        row["certificate_no"],
        0,
        row["usc_code"],
        Holder(
            row["printed_name"] or holder.get("name", ""),
            row["printed_address"] or holder.get("address"),
            row["printed_legal_representative"] or holder.get("legal_representative"),
            row["printed_capital_yuan"]
            if row["printed_capital_yuan"] is not None
            else holder.get("registered_capital_yuan"),
            holder.get("economic_type"),
        ),
        row["valid_until"],
        tuple(sorted(entries.values())),
    )


def _held(line: Row) -> Held:
    return Held(
        line["category_code"],
        line["subcategory"],
        line["level"],
        line["held_from"],
        line["valid_until"],
    )


def _from_register(row: Row, held: tuple[Held, ...]) -> CertificateSet:
    return CertificateSet(
        row["certificate_no"],
        row["version"],
        row["usc_code"],
        Holder(
            row["enterprise_name"],
            row["address"],
            row["legal_representative"],
            row["registered_capital_yuan"],
            row["economic_type"],
        ),
        row["valid_until"],
        held,
    )


def _with_later(printed: CertificateSet, known: CertificateSet | None) -> CertificateSet:
    """The register's version, and what its channel has entered on the number beside it."""
    if known is None:
        return printed
    listed_keys = {entry.key for entry in printed.held}
    beside = (entry for entry in known.held if entry.key not in listed_keys)
    return replace(printed, held=tuple(sorted((*printed.held, *beside))))


def _last_days(held: pl.DataFrame, states: Collection[str]) -> dict[_Line, date]:
    """The last day of what ended in one of some ways, and was not told again from that day on."""
    over = held.filter(pl.col("status_code").is_in(states) & pl.col("valid_to").is_not_null())
    goes_on = held.filter(status_code="valid").group_by(LINE).agg(begun=pl.col("valid_from").max())
    ended = (
        over.join(goes_on, on=LINE, how="left")
        .filter(~(pl.col("begun") >= pl.col("valid_to")).fill_null(False))
        .group_by(LINE)
        .agg(pl.col("valid_to").max())
    )
    return {(number, code, sub, level): day for number, code, sub, level, day in ended.iter_rows()}


def _of(store: Store, table: Table, versions: dict[str, int], codes: list[str]) -> pl.DataFrame:
    return (
        store.scan(table, versions.get(table.name))
        .filter(pl.col("usc_code").is_in(codes))
        .collect()
    )
