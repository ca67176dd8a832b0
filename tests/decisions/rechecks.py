"""Runs of the re-check over two enterprises, with what each found.

Belongs here: runs that are opened, evaluated or done without an evaluation. Does not: what the
answer should be.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from assets.lake.store import Store
from assets.tables import supervision as tables
from decisions.buckets import BUCKETS, bucket_of
from decisions.supervision.recheck import Rechecked
from decisions.supervision.runs import Evaluation, Run, Scope, commit

NOW = datetime(2017, 3, 1, 2, tzinfo=UTC)
ANNA, BELLA = "91330106MA27XXXX11", "91330106MA27XXXX2Y"
KEY = {"category_code": "S11", "subcategory": "", "level": "二级", "certificate_no": "D233000010"}


def a_run(
    store: Store, number: int, *, release_id: str = "R000001", day: int = 0, **scope: Any
) -> Run:
    """A run opened on the `number`-th of March, or on the `day`-th."""
    as_of = date(2017, 3, day or number)
    run = Run(f"FC{number}", as_of, Scope(**scope), release_id, None, True)
    row = {
        "run_id": run.run_id,
        "opened_at": NOW + timedelta(days=day or number),
        "as_of": run.as_of,
        **scope,
        "release_id": release_id,
        "rulebook_digest": "d",
        "recalled_may_grant": True,
        "engine_version": "1",
    }
    store.append(
        tables.RECHECK, tables.RECHECK.conform(pl.DataFrame([row], infer_schema_length=None))
    )
    return run


def evaluated(**found: dict[str, str]) -> list[Evaluation]:
    """Enterprises by name, each with its findings: criterion to result."""
    codes = {"anna": ANNA, "bella": BELLA}
    results, findings = [], []
    for name, of_it in found.items():
        worst = "not_met" if "not_met" in of_it.values() else "no_data" if of_it else "met"
        place = {"bucket": bucket_of(codes[name]), "usc_code": codes[name], **KEY}
        results.append(place | {"region_code": "330106", "result": worst, "rule_digest": "d"})
        findings += [
            place
            | {"criterion": criterion, "parent": None, "result": result, "zh": "z", "en": "e"}
            | {"required": "r", "actual": "a", "short_by": 1.0, "note": None, "clause": "c"}
            | {"basis": "seen", "evidence_json": "[]"}
            for criterion, result in of_it.items()
        ]
    frames = [
        pl.DataFrame(rows, schema={k: v for k, v in table.schema.items() if k != "run_id"})
        for table, rows in ((tables.RECHECK_RESULT, results), (tables.RECHECK_FINDING, findings))
    ]
    lost = pl.DataFrame(schema={"bucket": pl.String(), "rows": pl.UInt32()})
    return [
        Evaluation(bucket, Rechecked(*(f.filter(bucket=bucket) for f in (*frames, lost))), 0.1)
        for bucket in BUCKETS
    ]


def done(store: Store, number: int, scope: dict[str, Any] | None = None, **found: Any) -> Run:
    run = a_run(store, number, **(scope or {}))
    for one in evaluated(**found):
        commit(store, run, one, NOW)
    return run
