"""The watch over open cases: which terms run, and whether any is over.

Belongs here: the assets of the views that stewards and the office look at, and their checks. Does
not: counting a term (`decisions.waiting.deadlines`), ending a case (`decisions.waiting.terms`),
what a case lacks (`decisions.waiting.worklist`).
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from assets.tables import certificate, check, decision, intake
from decisions.waiting.deadlines import watch
from decisions.waiting.worklist import worklist
from pipelines.assets.described import POOLS, made, records, spec
from pipelines.assets.drawn import Picture, drawn
from pipelines.office import Office
from pipelines.views import pictures

IN_TIME = "in_time"
"""Name of the asset check."""
SHOWN = 50


def watching_assets() -> list[dg.AssetsDefinition]:
    """The terms of open cases, and what they wait for."""

    @dg.multi_asset(
        name="list_work",
        specs=[
            spec(
                decision.WORKLIST,
                group="decisions",
                deps=[decision.DECISION.name, decision.MISSING.name],
            )
        ],
        pool=POOLS[decision.WORKLIST.layer],
    )
    def list_work(
        context: dg.AssetExecutionContext, office: dg.ResourceParam[Office]
    ) -> dg.MaterializeResult[Any]:
        office.tell("worklist")
        rows = worklist(office.store, office.channels)
        office.store.replace(decision.WORKLIST, rows)
        counts = pictures.counted_work(rows)
        picture = Picture(
            "补正清单 What is missing, by channel",
            (counts,),
            partial(pictures.work_by_channel, counts),
        )
        told = {
            "worklist": records(rows.drop("criteria", "person_key", "usc_code"), SHOWN),
            **drawn(context.instance, decision.WORKLIST, {"by_channel": picture}),
        }
        return dg.MaterializeResult(
            asset_key=decision.WORKLIST.name, metadata=made(office.store, decision.WORKLIST, told)
        )

    @dg.multi_asset(
        name="watch",
        specs=[
            spec(
                decision.DEADLINE,
                group="decisions",
                deps=[
                    intake.APPLICATION.name,
                    check.RELEASE.name,
                    decision.DECISION.name,
                    certificate.CERTIFICATE.name,
                ],
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                IN_TIME,
                asset=decision.DEADLINE.name,
                description="期限 No term is over, and no pending renewal's expiry is in doubt. An "
                "error where a renewal has expired undecided: it is deemed granted and must be "
                "put on record; else a warning.",
            )
        ],
        pool=POOLS[decision.DEADLINE.layer],
    )
    def watch_terms(
        context: dg.AssetExecutionContext, office: dg.ResourceParam[Office]
    ) -> Iterable[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        office.tell("watch")
        rows = watch(office.store, office.rulebook, office.now(), office.settings.supplement_days)
        office.store.replace(decision.DEADLINE, rows)
        renewals = rows.filter(pl.col("limit") == "expiry")
        over = rows.filter("is_overdue")
        lapsed = renewals.filter("is_overdue", "lapses")
        doubtful = renewals.filter(pl.col("last_day").is_null())
        for case in lapsed["application_id"]:
            context.log.error(f"{case}: expired undecided; run the job decide")
        yield dg.MaterializeResult(
            asset_key=decision.DEADLINE.name,
            metadata=made(
                office.store,
                decision.DEADLINE,
                {
                    "pending_renewals": _told(renewals),
                    "next": _told(rows.drop_nulls("last_day")),
                    "overdue": over.height,
                },
            ),
        )
        yield dg.AssetCheckResult(
            asset_key=decision.DEADLINE.name,
            check_name=IN_TIME,
            passed=over.is_empty() and doubtful.is_empty(),
            severity=dg.AssetCheckSeverity.WARN
            if lapsed.is_empty()
            else dg.AssetCheckSeverity.ERROR,
            metadata={
                "overdue": _told(over),
                "expired_undecided": lapsed.height,
                "expiry_in_doubt": _told(doubtful),
            },
        )

    return [list_work, watch_terms]


def _told(terms: pl.DataFrame) -> dg.TableMetadataValue:
    """The terms that end first, with what one looks for in them in front."""
    first = ("application_id", "kind", "limit", "last_day", "days_left", "unit", "lapses")
    ordered = terms.sort("last_day").select(*first, pl.all().exclude(first))
    return records(ordered, SHOWN)
