"""The re-check of live qualifications, and what every enterprise would get today.

Belongs here: their assets, by bucket of enterprises, the configuration that a supervisor fills
in, tables and pictures of what came out. Does not: evaluating (`decisions.supervision.recheck`,
`decisions.precheck`) or the logs of a run (`decisions.supervision.runs`).

Several buckets in one run share what they read; each is written for itself, so that a run that
is killed goes on where it was.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

import dagster as dg
import polars as pl
from pydantic import Field

from assets.lake.declaration import Table
from assets.regions import load_regions
from assets.tables import certificate, check, supervision, whatif
from decisions.buckets import BUCKETS
from decisions.filing.applicants import resolve
from decisions.filing.rejections import IntakeError
from decisions.precheck import ask_everyone
from decisions.rulebook import Rulebook
from decisions.supervision import runs
from decisions.supervision.current_findings import current_findings, newest_results
from decisions.supervision.runs import Run, Scope, SupervisionError, WrongDay
from pipelines.assets.described import POOLS, made, records, spec
from pipelines.assets.drawn import Picture, drawn
from pipelines.office import Office
from pipelines.turns import in_turn
from pipelines.views import pictures

PARTITIONS = dg.StaticPartitionsDefinition(list(BUCKETS))
RUN_LOGS = (
    supervision.RECHECK,
    supervision.RECHECK_RESULT,
    supervision.RECHECK_FINDING,
    supervision.RECHECK_BUCKET,
)
SHOWN = 50
TOLD_OF_CHANGES = (
    *("usc_code", "category_code", "level", "zh", "change", "result_before", "result"),
    *("required", "actual", "note", "clause", "certificate_no", "subcategory", "region_code"),
    *("as_of", "run_id", "run_before"),
)
"""Columns of a change, what a supervisor looks for first: the page shows some six at once."""
STEP = "recheck_buckets"
"""Name of the step that the configuration is of."""


class RecheckConfig(dg.Config):
    """What a supervisor asks for; nothing = every live qualification, today."""

    # Empty text, not null: only then does the launchpad write the fields out to be filled in.
    enterprise: str = Field(
        "",
        description="企业：统一社会信用代码或登记名称；不填为全部 "
        "Code or registered name of one; all if not given.",
    )
    category: str = Field(
        "", description="资质类别代码，如S11；不填为全部 Category, e.g. S11; all if not given."
    )
    region: str = Field(
        "",
        description="登记地：设区市或县（市、区）的六位代码，如330100；不填为全部 "
        "Registered in this city or county, e.g. 330100; all if not given.",
    )
    as_of: str = Field(
        "",
        description="核查日：按该日的标准核查，写作YYYY-MM-DD；不填为当天 "
        "Day the standard is asked on, YYYY-MM-DD; today if not given.",
    )


class WhatIfConfig(dg.Config):
    """What is kept of the answers."""

    with_criteria: bool = Field(
        False,
        description="是否连同每项指标保存（whatif__criterion）；否则删去所选分桶以前保存的 "
        "Keep every criterion too, in codes (whatif__criterion); else those kept before of these "
        "buckets go.",
    )


def supervising_assets() -> list[dg.AssetsDefinition]:
    """Runs of the re-check by bucket, what is current, and the what-if of every enterprise."""

    @dg.multi_asset(
        name=STEP,
        specs=[
            spec(
                table,
                group="supervision",
                deps=[check.RELEASE.name, certificate.CERTIFICATE.name],
                follows=False,
            )
            for table in RUN_LOGS
        ],
        partitions_def=PARTITIONS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOLS[supervision.RECHECK.layer],
    )
    def recheck_buckets(
        context: dg.AssetExecutionContext, office: dg.ResourceParam[Office], config: RecheckConfig
    ) -> Iterable[dg.MaterializeResult[Any]]:
        office.tell("recheck")
        try:
            run = opened(office, config)
        except (IntakeError, SupervisionError) as error:
            raise dg.Failure(f"动态核查无法进行 {error}", allow_retries=False) from error
        facts = runs.facts_of(office.store, run)
        due = [one for one in _asked(context) if not runs.is_done(office.store, run, one)]
        for one in runs.evaluations(facts, office.rulebook, run, due):
            context.log.info(f"{run.run_id} {_written(office, run, one)}")
        told = {"run_id": run.run_id, "as_of": run.as_of.isoformat(), "release": run.release_id}
        for table in RUN_LOGS:
            yield dg.MaterializeResult(
                asset_key=table.name, metadata=made(office.store, table, told)
            )

    @dg.multi_asset(
        name="recheck_current",
        specs=[
            spec(
                supervision.RECHECK_CURRENT,
                group="supervision",
                deps=[table.name for table in RUN_LOGS],
                follows=False,
            )
        ],
        pool=POOLS[supervision.RECHECK_CURRENT.layer],
    )
    def recheck_current(
        context: dg.AssetExecutionContext, office: dg.ResourceParam[Office]
    ) -> Iterable[dg.MaterializeResult[Any]]:
        office.tell("recheck_current")
        rows = current_findings(office.store)
        office.store.replace(supervision.RECHECK_CURRENT, rows)
        yield dg.MaterializeResult(
            asset_key=supervision.RECHECK_CURRENT.name,
            metadata=made(
                office.store, supervision.RECHECK_CURRENT, shown(office, rows, context.instance)
            ),
        )

    @dg.multi_asset(
        name="ask_every_enterprise",
        specs=[
            spec(table, group="supervision", deps=[check.RELEASE.name], follows=False)
            for table in whatif.TABLES
        ],
        partitions_def=PARTITIONS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOLS[whatif.LEVEL.layer],
    )
    def ask_every_enterprise(
        context: dg.AssetExecutionContext, office: dg.ResourceParam[Office], config: WhatIfConfig
    ) -> Iterable[dg.MaterializeResult[Any]]:
        office.tell("whatif")
        answered = ask_everyone(
            office.store,
            office.rulebook,
            _asked(context),
            office.now(),
            recalled_may_grant=office.settings.may_grant_on_recalled_rules,
            with_criteria=config.with_criteria,
        )
        for bucket, levels, criteria in answered:
            # The levels last: where they are of this release, so are their criteria.
            office.store.replace_part(whatif.CRITERION, criteria, "bucket", bucket)
            office.store.replace_part(whatif.LEVEL, levels, "bucket", bucket)
            context.log.info(f"{bucket}: {levels.height} questions, {criteria.height} criteria")
        yield dg.MaterializeResult(
            asset_key=whatif.LEVEL.name,
            metadata=made(office.store, whatif.LEVEL, _would_get(office)),
        )
        yield dg.MaterializeResult(
            asset_key=whatif.CRITERION.name, metadata=made(office.store, whatif.CRITERION)
        )

    return [recheck_buckets, recheck_current, ask_every_enterprise]


def _asked(context: dg.AssetExecutionContext) -> Sequence[str]:
    """The buckets of the run; all, where the launchpad was left without one."""
    asked: Sequence[str] = BUCKETS
    if context.has_partition_key or context.has_partition_key_range:
        asked = context.partition_keys
    return asked


def opened(office: Office, config: RecheckConfig) -> Run:
    """The run that the configuration asks for.

    Raises:
        IntakeError: there is no such enterprise.
        SupervisionError: it cannot be run as asked.
    """
    usc_code = resolve(office.store, config.enterprise) if config.enterprise else None
    try:
        as_of = date.fromisoformat(config.as_of) if config.as_of else None
    except ValueError as error:
        raise WrongDay(
            f"核查日“{config.as_of}”不是日期，请写作 YYYY-MM-DD no day: write it as YYYY-MM-DD"
        ) from error
    return in_turn(
        lambda: runs.open_run(
            office.store,
            office.rulebook,
            office.now(),
            Scope(usc_code, config.category or None, config.region or None),
            as_of,
            recalled_may_grant=office.settings.may_grant_on_recalled_rules,
        )
    )


def _written(office: Office, run: Run, one: runs.Evaluation) -> runs.BucketDone:
    return in_turn(lambda: runs.commit(office.store, run, one, office.now()))


def shown(office: Office, rows: pl.DataFrame, instance: dg.DagsterInstance) -> dict[str, Any]:
    """What the UI tells of the current findings: changes, by category, criterion, region."""
    results = newest_results(office.store).collect()
    named = _named(results, office.rulebook)
    whole = rows.filter(pl.col("parent").is_null())
    changed = whole.filter(~pl.col("change").is_in(["same", "first"]))
    categories, cities = (pictures.counted_standing(named, by) for by in ("category", "city"))
    found, changes = pictures.ranked_findings(whole), pictures.counted_changes(whole)
    wanted = {
        "by_category": Picture(
            "按类别 By category",
            (categories,),
            partial(pictures.standing_by, categories, "category", "按类别 By category"),
        ),
        "by_region": Picture(
            "按设区市 By city",
            (cities,),
            partial(pictures.standing_by, cities, "city", "按设区市 By city"),
        ),
        "by_criterion": Picture(
            "按指标 By criterion", (found,), partial(pictures.findings_by_criterion, found)
        ),
        "changes": Picture(
            "变化 Changes", (changes,), partial(pictures.changes_of_findings, changes)
        ),
    }
    return {
        "qualifications": results.height,
        **{name: results.filter(result=name).height for name in ("met", "not_met", "no_data")},
        "changed": records(changed.select(TOLD_OF_CHANGES), SHOWN),
        **drawn(instance, supervision.RECHECK_CURRENT, wanted),
        "table_by_category": records(categories.drop("met"), SHOWN),
        "table_by_city": records(cities.drop("met"), SHOWN),
        "table_by_region": records(
            pictures.counted_standing(results, "region_code").drop("met"), SHOWN
        ),
    }


def _named(results: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """The results with `category` and `city`, as people call them."""
    titles = {code: f"{code} {one.name_zh}" for code, one in rulebook.categories.items()}
    cities = {code: " ".join(names) for code, names in load_regions().cities.items()}
    return results.with_columns(
        category=pl.col("category_code").replace(titles),
        city=pl.col("region_code").str.slice(0, 4).replace(cities).fill_null("?"),
    )


def _would_get(office: Office) -> dict[str, Any]:
    levels: Table = whatif.LEVEL
    counts = (
        office.store.scan(levels)
        .group_by("category_code", "subcategory", "level")
        .agg(
            would_get=(pl.col("outcome") == "granted").sum(),
            meet_the_standard=(pl.col("meets_standard") == "met").sum(),
            unknown=(pl.col("meets_standard") == "no_data").sum(),
            enterprises=pl.len(),
        )
        .sort("would_get", "category_code", "level", descending=[True, False, False])
        .collect()
    )
    return {"by_level": records(counts, counts.height)}
