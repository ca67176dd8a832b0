"""Decisions and the certificates of grants: what is pending, at the newest release.

Belongs here: the sweep's assets and the pictures of outcomes. Does not: deciding
(`decisions.stage`), issuing (`certificates.issuing.issue`), or the express way
(`pipelines.express`), which writes the same tables.

Both are one step, because they take turns: of an enterprise with several applications the
next is decided only when the grant before it is on the certificate.
"""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from assets.lake.declaration import Table
from assets.tables import certificate, check, decision, intake
from certificates.documents import paper
from certificates.issuing.issue import Issued, NotIssued, issue_pending
from decisions.stage import decide_pending
from pipelines.assets.described import POOLS, made, records, spec
from pipelines.assets.drawn import Picture, drawn
from pipelines.office import Office
from pipelines.turns import in_turn
from pipelines.views import pictures
from pipelines.views.documents import document_of


@dataclass(slots=True)
class Swept:
    """What a sweep did, with the seconds of each half."""

    decisions: pl.DataFrame = field(default_factory=decision.DECISION.empty)
    issued: list[Issued] = field(default_factory=list)
    not_issued: list[NotIssued] = field(default_factory=list)
    rounds: int = 0
    seconds_deciding: float = 0.0
    seconds_issuing: float = 0.0


def deciding_assets() -> list[dg.AssetsDefinition]:
    """Decisions with criteria and evidence; the register with its qualifications."""

    @dg.multi_asset(
        name="decide_and_issue",
        specs=[
            spec(intake.REJECTED_FILING, group="applications", deps=[intake.APPLICATION.name]),
            *(
                spec(table, group="decisions", deps=[intake.APPLICATION.name, check.RELEASE.name])
                for table in decision.TABLES
            ),
            *(
                spec(
                    table,
                    group="certificates",
                    deps=[decision.DECISION.name],
                    kinds=("deltalake", "pdf"),
                )
                for table in certificate.TABLES
            ),
        ],
        pool=POOLS[decision.DECISION.layer],
    )
    def decide(
        context: dg.AssetExecutionContext, office: dg.ResourceParam[Office]
    ) -> Iterable[dg.MaterializeResult[Any]]:
        office.tell("decide")
        swept = sweep(office)
        for missing in swept.not_issued:
            context.log.error(f"{missing.application_id} not issued: {missing.reason}")
        told = _told(office, swept, context.instance)
        for table in (intake.REJECTED_FILING, *decision.TABLES, *certificate.TABLES):
            yield dg.MaterializeResult(
                asset_key=table.name, metadata=made(office.store, table, told.get(table))
            )

    return [decide]


def sweep(office: Office) -> Swept:
    """Decide and issue, in turns, until nothing is due."""
    swept = Swept()
    while True:
        began = time.perf_counter()
        decided = in_turn(
            lambda: decide_pending(
                office.store,
                office.rulebook,
                office.now(),
                way="sweep",
                recalled_may_grant=office.settings.may_grant_on_recalled_rules,
                supplement_days=office.settings.supplement_days,
            )
        )
        swept.seconds_deciding += time.perf_counter() - began
        swept.decisions = pl.concat([swept.decisions, decided.decisions])
        began = time.perf_counter()
        office.tell("issue")
        report = in_turn(
            lambda: issue_pending(
                office.store,
                office.seal,
                office.settings.certificates,
                office.now(),
                authority=office.authority,
            )
        )
        swept.seconds_issuing += time.perf_counter() - began
        swept.issued += report.issued
        swept.not_issued = report.not_issued
        if decided.decisions.is_empty():
            return swept
        swept.rounds += 1


def _told(
    office: Office, swept: Swept, instance: dg.DagsterInstance
) -> dict[Table, dict[str, Any]]:
    decisions = office.store.read(decision.DECISION)
    counts = pictures.counted_outcomes(decisions)
    ranking = pictures.ranked_reasons(decisions, office.store.read(decision.CRITERION))
    outcomes_drawn = Picture("结论 Outcomes", (counts,), partial(pictures.outcomes_by_kind, counts))
    reasons_drawn = Picture(
        "原因 Reasons for refusal",
        (ranking, counts),
        partial(pictures.reasons_for_refusal, ranking, counts),
    )
    left = pl.DataFrame(
        [asdict(one) for one in swept.not_issued],
        schema={"application_id": pl.String(), "reason": pl.String()},
    )
    return {
        decision.DECISION: {
            "decided_now": swept.decisions.height,
            "rounds": swept.rounds,
            "seconds": swept.seconds_deciding,
            **outcomes(swept.decisions),
            **drawn(instance, decision.DECISION, {"outcomes": outcomes_drawn}),
            **_sample_document(office, swept.decisions),
        },
        decision.CRITERION: drawn(instance, decision.CRITERION, {"reasons": reasons_drawn}),
        certificate.CERTIFICATE: {
            "issued_now": len(swept.issued),
            "seconds": swept.seconds_issuing,
            "not_issued": records(left, left.height),
            "folder": dg.MetadataValue.path(str(office.settings.certificates)),
        },
    }


def _sample_document(office: Office, decided: pl.DataFrame) -> dict[str, Any]:
    """The first page of one document of this turn, a refusal if there is any."""
    if decided.is_empty():
        return {}
    row = decided.sort(pl.col("outcome") != "refused", "application_id").row(0, named=True)
    first_page = paper.picture(document_of(office, row))
    title = f"决定书 Document {row['application_id']}"
    return {"sample_document": dg.MetadataValue.md(pictures.as_markdown(first_page, title))}


def outcomes(decisions: pl.DataFrame) -> dict[str, int]:
    """Decisions of a turn by outcome, every outcome named: plots over time in the UI."""
    counts = dict(decisions.group_by("outcome").len().iter_rows())
    return {f"outcome_{name}": counts.get(name, 0) for name in pictures.OUTCOME_NAMES}
