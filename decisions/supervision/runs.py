"""Runs of the re-check: opened once, done bucket by bucket, each bucket exactly once.

Belongs here: the logs of `decisions.supervision.recheck`, in the order that survives a kill. Does
not: the evaluation, what of it is current (`decisions.supervision.current_findings`), schedules.

Everything a run rests on (release, our own grants, rulebook, engine, day, scope) is written when
it is opened, and its number follows from that: the same question again is the same run. A bucket
that was killed is evaluated again from the same and adds only what is missing; the row of
`supervision__recheck_bucket` is written last and says that it is done.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from assets.calendar import legal_day
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.regions import load_regions
from assets.tables import certificate
from assets.tables import supervision as tables
from checks import release
from decisions.buckets import PROVINCE, batches, side_by_side
from decisions.engine import ENGINE_VERSION
from decisions.facts.model import Facts
from decisions.rulebook.book import Rulebook
from decisions.rulebook.rule_set import canonical_json
from decisions.supervision.recheck import Rechecked, holders, recheck

STAGE = "recheck"
TOGETHER = 1_300
"""Enterprises evaluated at once for each core: an eighth of a province."""


class SupervisionError(ValueError):
    """A re-check cannot be run as asked; says what is wrong and what to give."""


class WrongDay(SupervisionError):
    """Its day is none, or has not come yet."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run looks at; None = all.

    Attributes:
        usc_code: one enterprise.
        category_code: one category.
        region_code: enterprises registered in a county, city (`330100`) or province.
    """

    usc_code: str | None = None
    category_code: str | None = None
    region_code: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is opened: a row of `supervision__recheck`."""

    run_id: str
    as_of: date
    scope: Scope
    release_id: str
    certificates_version: int | None
    recalled_may_grant: bool


@dataclass(frozen=True, slots=True)
class BucketDone:
    """A bucket after its turn; `is_new` = done now, not before."""

    bucket: str
    qualifications: int
    not_met: int
    no_data: int
    unreadable: int
    seconds: float
    is_new: bool


# -- runs ------------------------------------------------------------------------------


def open_run(
    store: Store,
    rulebook: Rulebook,
    now: datetime,
    scope: Scope | None = None,
    as_of: date | None = None,
    *,
    recalled_may_grant: bool = True,
) -> Run:
    """The run that answers a question at the latest release; opened if it is not yet.

    Args:
        store: the lakehouse.
        rulebook: the standard.
        now: the instant, UTC.
        scope: what to look at.
        as_of: the day the standard is asked on; None = today.
        recalled_may_grant: see `decisions.engine.decide`.

    Raises:
        SupervisionError: nothing is released, or there is no such category, region or day.
        SnapshotConflict: another run was opened meanwhile; call again.
    """
    wanted = scope or Scope()
    day = as_of or legal_day(now)
    _check(wanted, day, legal_day(now), rulebook)
    latest = release.latest(store)
    if latest is None:
        raise SupervisionError("尚无已发布数据 no data has been released yet; run the collection")
    told = {
        "as_of": day.isoformat(),
        "usc_code": wanted.usc_code,
        "category_code": wanted.category_code,
        "region_code": wanted.region_code,
        "release_id": latest.release_id,
        "rulebook_digest": rulebook_digest(rulebook),
        "recalled_may_grant": recalled_may_grant,
        "engine_version": ENGINE_VERSION,
    }
    number = hashlib.sha256(canonical_json(told).encode()).hexdigest()[:8]
    run_id = f"FC{day:%Y%m%d}-{number}"
    turn = store.turn(tables.RECHECK, STAGE)
    opened = turn.scan().filter(run_id=run_id).collect()
    if opened.is_empty():
        row = told | {
            "run_id": run_id,
            "as_of": day,
            "opened_at": now,
            "certificates_version": store.version(certificate.CERTIFICATE),
        }
        opened = tables.RECHECK.conform(pl.DataFrame([row], schema=tables.RECHECK.schema))
        turn.append(opened)
    first = opened.row(0, named=True)
    return Run(
        run_id, day, wanted, latest.release_id, first["certificates_version"], recalled_may_grant
    )


def _regions() -> frozenset[str]:
    """Codes of the province, its cities and its counties, those of former years too."""
    regions = load_regions()
    cities = {f"{city}00" for city in regions.in_force}
    return regions.known | cities | {f"{city[:2]}0000" for city in regions.in_force}


def _check(scope: Scope, day: date, today: date, rulebook: Rulebook) -> None:
    if scope.category_code is not None and scope.category_code not in rulebook.categories:
        raise SupervisionError(
            f"没有此资质类别“{scope.category_code}” no category {scope.category_code}；"
            "全部类别见 `miaoban rules` lists them"
        )
    if scope.region_code is not None and scope.region_code not in _regions():
        raise SupervisionError(
            f"本省没有此行政区划“{scope.region_code}” the province has no region "
            f"{scope.region_code}；请填写设区市或县（市、区）的六位代码，如 330100 "
            "give the six digits of a city or county, e.g. 330100"
        )
    if day > today:
        # Nothing is known of that day, and what is newest would stay so until it has come.
        raise WrongDay(
            f"核查日 {day} 尚未到来，请填写不晚于 {today} 的日期 that day is yet to come: give one "
            f"until {today}"
        )
    if day < rulebook.kinds.in_force_from:
        first = rulebook.kinds.in_force_from
        raise SupervisionError(
            f"核查日 {day} 尚无标准，请填写不早于 {first} 的日期 "
            f"there was no standard on that day: give one from {first}"
        )


def rulebook_digest(rulebook: Rulebook) -> str:
    """SHA-256 over every rule set, and what each assessment looks at."""
    told = [
        sorted(one.digest for one in rulebook.rule_sets),
        rulebook.kinds.model_dump(mode="json"),
    ]
    return hashlib.sha256(canonical_json(told).encode()).hexdigest()


# -- buckets ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A bucket evaluated, not yet written."""

    bucket: str
    found: Rechecked
    seconds: float


def is_done(store: Store, run: Run, bucket: str) -> bool:
    """Whether the bucket is done."""
    rows = store.scan(tables.RECHECK_BUCKET).filter(run_id=run.run_id, bucket=bucket)
    return not rows.collect().is_empty()


def facts_of(store: Store, run: Run) -> Facts:
    """What the run may know, to be read lazily."""
    return Facts.at(
        store,
        run.release_id,
        release.by_id(store, run.release_id).versions,
        certificates_version=run.certificates_version,
    )


def evaluate_buckets(
    facts: Facts, rulebook: Rulebook, run: Run, buckets: list[str], codes: list[str]
) -> list[Evaluation]:
    """Evaluate buckets together; nothing is written.

    Args:
        facts: `facts_of` the run.
        rulebook: the standard.
        run: the run.
        buckets: the buckets.
        codes: the enterprises in them (`decisions.buckets.batches`).
    """
    began = time.perf_counter()
    found = recheck(
        facts.of_enterprises(codes, rulebook.kinds.insured_from(run.as_of)),
        rulebook,
        run.as_of,
        codes,
        category_code=run.scope.category_code,
        recalled_may_grant=run.recalled_may_grant,
    )
    share = (time.perf_counter() - began) / len(buckets)
    return [
        Evaluation(
            bucket,
            Rechecked(*(rows.filter(bucket=bucket) for rows in vars(found).values())),
            share,
        )
        for bucket in buckets
    ]


def evaluations(facts: Facts, rulebook: Rulebook, run: Run, due: list[str]) -> Iterator[Evaluation]:
    """The buckets that are due, evaluated one after another on all cores.

    Args:
        facts: `facts_of` the run.
        rulebook: the standard.
        run: the run.
        due: the buckets.
    """

    def of_share(together: list[str], codes: list[str], held: Facts) -> Iterator[Evaluation]:
        def evaluate(batch: tuple[list[str], list[str]]) -> list[Evaluation]:
            return evaluate_buckets(held, rulebook, run, *batch)

        for _, found in side_by_side(evaluate, batches(codes, together, TOGETHER)):
            yield from found

    shares = list(batches(in_scope(facts, run), due, PROVINCE))
    if run.scope.usc_code is not None:
        for share in shares:
            yield from of_share(*share, facts)
        return
    holds = facts.in_shares(rulebook.kinds.insured_from(run.as_of), [codes for _, codes in shares])
    for share, hold in zip(shares, holds, strict=True):
        yield from of_share(*share, hold())


def in_scope(facts: Facts, run: Run) -> list[str]:
    """The enterprises that the run looks at, in order."""
    codes = holders(facts, run.scope.region_code)
    only = run.scope.usc_code
    return codes if only is None else [code for code in codes if code == only]


def commit(store: Store, run: Run, one: Evaluation, now: datetime) -> BucketDone:
    """Write an evaluated bucket, once; of a killed turn only what is missing.

    Raises:
        SnapshotConflict: another bucket was written meanwhile; call again.
    """
    turn = store.turn(tables.RECHECK_BUCKET, STAGE)
    before = turn.scan().filter(run_id=run.run_id, bucket=one.bucket).collect()
    if not before.is_empty():
        return _told(before, is_new=False)
    results, findings = one.found.results, one.found.findings
    _append_missing(store, tables.RECHECK_FINDING, run, one.bucket, findings)
    _append_missing(store, tables.RECHECK_RESULT, run, one.bucket, results)
    row = pl.DataFrame(
        [
            {
                "run_id": run.run_id,
                "bucket": one.bucket,
                "done_at": now,
                "qualifications": results.height,
                "not_met": results.filter(result="not_met").height,
                "no_data": results.filter(result="no_data").height,
                "unreadable": int(one.found.unreadable["rows"].sum()),
                "seconds": one.seconds,
            }
        ],
        schema=tables.RECHECK_BUCKET.schema,
    )
    turn.append(row)
    return _told(row, is_new=True)


def _append_missing(store: Store, table: Table, run: Run, bucket: str, rows: pl.DataFrame) -> None:
    turn = store.turn(table, STAGE)
    known = turn.scan().filter(run_id=run.run_id, bucket=bucket).select(table.key).collect()
    whole = table.conform(rows.with_columns(run_id=pl.lit(run.run_id)))
    turn.append(whole.join(known, on=list(table.key), how="anti"))


def _told(rows: pl.DataFrame, *, is_new: bool) -> BucketDone:
    row = rows.row(0, named=True)
    names = ("bucket", "qualifications", "not_met", "no_data", "unreadable", "seconds")
    return BucketDone(**{name: row[name] for name in names}, is_new=is_new)
