"""Replay: a decision derived again from what it says it rests on, and compared with the log.

Belongs here: reading the facts of a past decision, and the comparison, row by row and value by
value. Does not: the archive's packages (`certificates.archiving.replay`), deciding anything new.

A decision names its release, the version of the certificate register, the rule set, the
engine, whether recalled figures could grant, and how long a case may wait. The same inputs
give the same tables; only the time the evaluation took may differ.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from assets.lake.damage import UNREADABLE, said
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import decision, intake
from checks import release
from decisions.engine import ENGINE_VERSION, Decided
from decisions.facts.model import Facts
from decisions.rulebook.book import Rulebook
from decisions.rulebook.kept import RulebookLost, finder
from decisions.stage import settle

_CASE = ["application_id", "evaluation_no"]
TOGETHER = [
    "release_id",
    "certificates_version",
    "rulebook_digest",
    "decided_at",
    "way",
    "recalled_may_grant",
    "supplement_days",
]
"""Decisions that agree in these were made, or can be made again, in one evaluation."""


_NOT_COMPARED = ("elapsed_ms", "engine_version", "channel", "feed")
"""How long it took; the version, which is told apart; and who owns a table now."""
_BESIDE = (decision.CRITERION, decision.EVIDENCE, decision.MISSING)


@dataclass(frozen=True, slots=True)
class Replayed:
    """One evaluation made again.

    Attributes:
        evaluation_no: None where a package could not even be read.
        differences: what came out otherwise, with both values; empty = the same bit for bit.
        engine_version: the one it was made by; None where that could not be read.
    """

    application_id: str
    evaluation_no: int | None
    differences: tuple[str, ...]
    engine_version: str | None = None

    @property
    def is_same(self) -> bool:
        """Nothing differs."""
        return not self.differences

    @property
    def may_differ(self) -> bool:
        """Another version of the engine made it, which may come to something else."""
        return self.engine_version not in (None, ENGINE_VERSION)


def replay(
    store: Store,
    rulebook: Rulebook,
    application_ids: Collection[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Replayed]:
    """Make decisions again from the lakehouse and compare them with the log.

    Args:
        store: the lakehouse.
        rulebook: the standard as it is now; for decisions by another, that one is read from
            the lakehouse.
        application_ids: only these cases; None = every case.
        progress: called with (done, all) after every batch.

    Returns:
        One row per evaluation, in the order of the log's key.
    """
    made = store.scan(decision.DECISION)
    if application_ids is not None:
        made = made.filter(pl.col("application_id").is_in(list(application_ids)))
    decisions = made.collect().sort(_CASE)
    found: list[Replayed] = []
    find = finder(store, rulebook)
    for group in decisions.partition_by(TOGETHER, maintain_order=True):
        before = Decided(group, *(_of(store, table, group) for table in _BESIDE))
        try:
            again = _again(store, find(group["rulebook_digest"][0]), group)
        except RulebookLost as lost:
            found.extend(_not_made_again(group, str(lost)))
        except (release.NoSuchRelease, *UNREADABLE) as gone:
            found.extend(_not_made_again(group, _lost(group["release_id"][0], gone)))
        else:
            found.extend(compare(before, again))
        if progress is not None:
            progress(len(found), decisions.height)
    return sorted(found, key=lambda one: (one.application_id, one.evaluation_no or 0))


def _not_made_again(group: pl.DataFrame, why: str) -> Iterator[Replayed]:
    """That a group cannot be made again is a difference of each in it, and the rest goes on."""
    for application_id, evaluation_no in group.select(_CASE).iter_rows():
        yield Replayed(application_id, evaluation_no, (why,))


def _lost(release_id: str, error: BaseException) -> str:
    return (
        f"发布 {release_id} 的数据读不到，请以 --from-archive 自档案包重演 the data of release "
        f"{release_id} cannot be read: replay the case from its archive package, with "
        f"--from-archive（{said(error)}）"
    )


def _of(store: Store, table: Table, group: pl.DataFrame) -> pl.DataFrame:
    return store.scan(table).join(group.lazy().select(_CASE), on=_CASE, how="semi").collect()


def _again(store: Store, rulebook: Rulebook, group: pl.DataFrame) -> Decided:
    """The evaluations of a group, from the release they name."""
    first = group.row(0, named=True)
    facts = Facts.at(
        store,
        first["release_id"],
        release.by_id(store, first["release_id"]).versions,
        group["usc_code"].unique().to_list(),
        certificates_version=first["certificates_version"],
    )
    applications = (
        store.scan(intake.APPLICATION)
        .join(group.lazy().select(_CASE), on="application_id")
        .collect()
    )
    return made_again(first, applications, facts, rulebook)


def made_again(
    decided: Mapping[str, Any], applications: pl.DataFrame, facts: Facts, rulebook: Rulebook
) -> Decided:
    """Evaluate as a decision says it was evaluated.

    Args:
        decided: its row of the log, or that of one made together with it.
        applications: rows of `intake__application` with their `evaluation_no`.
        facts: what the decision says it was made on.
        rulebook: the one it says it was made by.
    """
    return settle(
        applications,
        facts,
        rulebook,
        decided["decided_at"],
        decided["way"],
        decided["recalled_may_grant"],
        decided["supplement_days"],
    )


def compare(before: Decided, again: Decided) -> Iterator[Replayed]:
    """What came out otherwise, case by case.

    Args:
        before: rows of the log.
        again: the same cases evaluated again.
    """
    compared = [
        (table, _by_case(old), _by_case(new))
        for table, old, new in (
            (decision.DECISION, before.decisions, again.decisions),
            (decision.CRITERION, before.criteria, again.criteria),
            (decision.EVIDENCE, before.evidence, again.evidence),
            (decision.MISSING, before.missing, again.missing),
        )
    ]
    for row in before.decisions.iter_rows(named=True):
        case = {name: row[name] for name in _CASE}
        key = tuple(case.values())
        differences = [
            difference
            for table, old, new in compared
            for difference in _differences(
                table, old.get(key, table.empty()), new.get(key, table.empty())
            )
        ]
        yield Replayed(**case, differences=tuple(differences), engine_version=row["engine_version"])


def _by_case(rows: pl.DataFrame) -> dict[tuple[Any, ...], pl.DataFrame]:
    return rows.partition_by(_CASE, as_dict=True)


def _differences(table: Table, old: pl.DataFrame, new: pl.DataFrame) -> Iterator[str]:
    if old.drop(_NOT_COMPARED, strict=False).equals(new.drop(_NOT_COMPARED, strict=False)):
        return
    key = list(table.key)
    values = [name for name in table.schema if name not in (*key, *_NOT_COMPARED)]
    paired = old.with_columns(is_old=pl.lit(True)).join(
        new.with_columns(is_new=pl.lit(True)), on=key, how="full", coalesce=True, suffix="_again"
    )
    for row in paired.sort(key).iter_rows(named=True):
        name = "|".join(str(row[one]) for one in key[2:]) or table.zh
        if not row["is_new"]:
            yield f"{table.name} {name}: 重演后没有 not there again"
        elif not row["is_old"]:
            yield f"{table.name} {name}: 原来没有 was not there"
        else:
            for value in values:
                if row[value] != row[f"{value}_again"]:
                    changed = f"{row[value]!r} -> {row[f'{value}_again']!r}"
                    yield f"{table.name} {name}.{value}: {changed}"
