"""Whether every closed case came to its end exactly once.

Belongs here: comparing the logs of decisions, certificates and records with each other. Does
not: mending anything; what is missing, the next sweep does.
"""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import archive, certificate, decision

COMPLETE = "complete"
"""Name of the asset check."""
PROBLEMS = {
    "decided_twice": "重复决定 closed more than once",
    "certificates": "证书数不符 not one certificate for a grant, or one without a grant",
    "records": "档案数不符 not one archive record",
}


def loose_ends(store: Store) -> pl.DataFrame:
    """Closed cases that are not whole: `application_id`, `problem` (see `PROBLEMS`).

    A case is whole when it was closed once, has one certificate if its grant acts on the
    certificates and none if not, and one archive record.
    """
    closed = (
        store.scan(decision.DECISION)
        .filter(pl.col("is_final"))
        .group_by("application_id")
        .agg(
            pl.len().alias("closings"),
            ((pl.col("outcome") == "granted") & (pl.col("effect") != "none")).any().alias("acts"),
        )
    )
    counted = (
        closed.join(
            _counts(store, certificate.CERTIFICATE), on="application_id", how="full", coalesce=True
        )
        .join(_counts(store, archive.RECORD), on="application_id", how="full", coalesce=True)
        .with_columns(pl.col("closings", "n_register", "n_record").fill_null(0))
    )
    problems = {
        "decided_twice": pl.col("closings") > 1,
        "certificates": pl.col("n_register") != pl.col("acts").fill_null(False).cast(pl.UInt32),
        "records": pl.col("n_record") != 1,
    }
    return pl.concat(
        [
            counted.filter(holds).select("application_id", pl.lit(name).alias("problem")).collect()
            for name, holds in problems.items()
        ]
    ).sort("application_id", "problem")


def _counts(store: Store, table: Table) -> pl.LazyFrame:
    name = f"n_{table.name.partition('__')[2]}"
    return store.scan(table).group_by("application_id").agg(pl.len().alias(name))
