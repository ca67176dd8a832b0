"""Whether works are shown on the national platform, where a notice asks it (regulations E23).

Belongs here: the grade of a project's data there. Does not: what else makes works count
(`decisions.performance.countable`), which notice asks it (the rulebook).
"""

from __future__ import annotations

import polars as pl

from assets.tables import project
from decisions import kleene
from decisions.facts.coverage import with_closed
from decisions.facts.model import Facts
from decisions.plans import as_written
from decisions.rulebook.frames import RuleTables


def shown(
    rows: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    grades: str = "enterprise_grades",
) -> pl.DataFrame:
    """Shown on the national platform, where a notice asks it (226号 item 4, 3号/2023; E23).

    Args:
        rows: `track`, `usc_code`, `filed_on`, `thing`, `project_no`, `authority`,
            `platform_digest`.
        facts: the release.
        rules: the compiled rulebook.
        grades: which grades of the platform's data count: `enterprise_grades` of the works of
            the enterprise, `personal_grades` of those a person led.

    Returns:
        `track`, `thing`, `is_shown` (three-valued).
    """
    asked = as_written(
        rows.lazy()
        .pipe(with_closed, facts, project.PROJECT)
        .select("track", "thing", "project_no", "authority", "platform_digest", "is_closed")
    )
    binding = (
        asked.join(rules.platform, left_on="platform_digest", right_on="digest")
        .filter(pl.col("before").is_null() | (pl.col("before") == pl.col("authority")))
        .select("track", "thing", "must_be_on_platform", grades=grades)
    )
    asked = asked.join(binding, on=["track", "thing"], how="left")
    on_platform = (
        facts.table(project.PROJECT)
        .join(asked.lazy().select("project_no").unique(), on="project_no", how="semi")
        .group_by("project_no")
        .agg(
            is_there=kleene.some(
                pl.when(~pl.col("is_lawful")).then(False).when("is_trusted").then(True)
            ),
            grade=pl.when("is_trusted").then("data_level").first(),
            is_on_record=pl.lit(True).first(),
        )
        .pipe(facts.collect)
    )
    is_there = pl.when(pl.col("is_on_record")).then("is_there").when("is_closed").then(False)
    is_graded = (pl.col("grades").list.len() == 0) | pl.col("grade").is_in(pl.col("grades"))
    return (
        asked.join(on_platform, on="project_no", how="left")
        .with_columns(
            truth=pl.when(pl.col("must_be_on_platform").is_null())
            .then(True)
            .otherwise(
                kleene.all_of(
                    pl.when("must_be_on_platform").then(is_there).otherwise(True), is_graded
                )
            )
        )
        .group_by("track", "thing")
        .agg(is_shown=kleene.every(pl.col("truth")))
    )
