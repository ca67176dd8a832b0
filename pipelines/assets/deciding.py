"""Decisions: what is pending, decided at the newest release.

Belongs here: the sweep's asset and the pictures of outcomes. Does not: deciding
(`decisions.stage`), or the express way (`pipelines.express`), which writes the same tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dagster as dg
import polars as pl

from assets.tables import check, decision, intake
from decisions.stage import decide_pending
from pipelines import pictures
from pipelines.assets.described import POOLS, made, spec
from pipelines.office import Office


def deciding_assets() -> list[dg.AssetsDefinition]:
    """Decisions with their criteria and evidence: three tables, one turn."""

    @dg.multi_asset(
        name="decide",
        specs=[
            spec(
                table,
                group="decisions",
                deps=[intake.APPLICATION.name, check.RELEASE.name],
            )
            for table in decision.TABLES
        ],
        pool=POOLS[decision.DECISION.layer],
    )
    def decide(office: dg.ResourceParam[Office]) -> Iterable[dg.MaterializeResult[Any]]:
        office.tell("decide")
        store = office.store
        decided = decide_pending(
            store,
            office.rulebook,
            office.now(),
            way="sweep",
            recalled_may_grant=office.settings.may_grant_on_recalled_rules,
        )
        decisions = store.read(decision.DECISION)
        criteria = store.read(decision.CRITERION)
        told = {
            decision.DECISION: {
                "decided_now": decided.decisions.height,
                **outcomes(decided.decisions),
                "outcomes": _picture(pictures.outcomes_by_kind(decisions), "结论 Outcomes"),
            },
            decision.CRITERION: {
                "reasons": _picture(
                    pictures.reasons_for_refusal(decisions, criteria), "原因 Reasons for refusal"
                )
            },
            decision.EVIDENCE: {},
        }
        for table, extra in told.items():
            yield dg.MaterializeResult(asset_key=table.name, metadata=made(store, table, extra))

    return [decide]


def outcomes(decisions: pl.DataFrame) -> dict[str, int]:
    """Decisions of a turn by outcome, every outcome named: plots over time in the UI."""
    counts = dict(decisions.group_by("outcome").len().iter_rows())
    return {f"outcome_{name}": counts.get(name, 0) for name in pictures.OUTCOME_NAMES}


def _picture(png: bytes, alt: str) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md(pictures.as_markdown(png, alt))
