"""What an enterprise is told before it files is what it is told after: for all that the sample files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from assets.tables import common, intake
from checks import release
from decisions.engine import decide
from decisions.facts.model import Facts
from decisions.precheck import ITEM, precheck
from pipelines.chain import ChainReport
from pipelines.office import Office
from pipelines.settings import load

pytestmark = pytest.mark.slow
MATTER = ["usc_code", *ITEM, "kind"]
SAID = ["criterion", "parent", "stage", "required", "actual", "result", "note", "clause", "basis"]


def test_precheck_says_of_every_item_applied_for_what_the_decision_says_afterwards(
    town: tuple[Path, ChainReport],
) -> None:
    office = Office(load(town[0]))
    store, now = office.store, office.now()
    latest = release.latest(store)
    assert latest is not None
    # As before the town's own grants, by which most of these matters are settled.
    facts = Facts.at(store, latest.release_id, latest.versions, certificates_version=None)
    filed = (
        store.read(intake.APPLICATION)
        .unique(MATTER, keep="first", maintain_order=True)
        .with_columns(filed_at=pl.lit(now).cast(pl.Datetime("us", "UTC")))
    )
    asked = precheck(filed.select(MATTER), facts, office.rulebook, now, as_authority="province")
    decided = decide(filed, facts, office.rulebook, now)

    assert set(filed["kind"]) == set(common.KINDS)
    outcomes = decided.decisions.select(*MATTER, "outcome").sort(MATTER)
    assert outcomes["outcome"].n_unique() == 4
    assert asked.levels.select(*MATTER, "outcome").sort(MATTER).equals(outcomes)

    matters = decided.decisions.select("application_id", "outcome", *MATTER)
    after = decided.criteria.join(matters, on="application_id")
    before = asked.criteria.join(asked.levels.select(*MATTER), on=["usc_code", *ITEM])
    assert before.height == asked.criteria.height, "one kind for one item of one enterprise"
    # A filed case that a switch shuts out is not assessed.
    shut = pl.col("outcome") == "not_accepted"
    seen = before.join(matters.drop("application_id"), on=MATTER).filter(
        ~shut | (pl.col("stage") == "admission")
    )
    order = [*MATTER, "criterion"]
    told = after.filter(~shut | (pl.col("stage") == "admission")).select(*MATTER, *SAID).sort(order)
    assert told.height > 0
    assert seen.select(*MATTER, *SAID).sort(order).equals(told)
