"""Which classes hold, and whether they are enough, in number and in kind (E18).

Belongs here: from demands to classes, groups of classes, and one class instead of several. Does
not: who serves where when two classes want the same works (`assignment`).
"""

from __future__ import annotations

import polars as pl

from assets.wording import worded
from decisions import kleene
from decisions.performance.measures import plain
from decisions.rulebook.frames import RuleTables


def classes_of(demands: pl.DataFrame, rules: RuleTables, recalled_may_grant: bool) -> pl.DataFrame:
    """Every class: `truth` if units may serve twice, `is_alone_enough` if they need not.

    A class whose text was only recalled, where that may not decide, is neither surely met nor
    surely not (`is_usable`).
    """
    options = demands.group_by("application_id", "digest", "class_n", "option_n").agg(
        truth=kleene.every(pl.col("truth")), is_alone_enough=pl.col("is_alone_enough").all()
    )
    return (
        options.group_by("application_id", "digest", "class_n")
        .agg(truth=kleene.some(pl.col("truth")), is_alone_enough=pl.col("is_alone_enough").any())
        .join(
            rules.classes.select("digest", "class_n", "is_mandatory", "basis"),
            on=["digest", "class_n"],
        )
        .with_columns(
            is_usable=(pl.col("basis") == "seen")
            | ((pl.col("basis") == "recalled") & recalled_may_grant)
        )
        .with_columns(
            truth=pl.when("is_usable").then("truth"),
            is_alone_enough=pl.col("is_alone_enough") & pl.col("is_usable"),
        )
    )


def are_enough(
    mine: pl.DataFrame, classes: pl.DataFrame, rules: RuleTables, truth: pl.Expr
) -> pl.DataFrame:
    """Whether the classes that hold are enough, in number and in kind."""
    joined = (
        mine.select("application_id", "digest", "need")
        .join(classes, on=["application_id", "digest"], how="left")
        .with_columns(holds=truth)
    )
    number = joined.group_by("application_id").agg(
        enough=kleene.at_least(
            kleene.certain(pl.col("holds")),
            kleene.possible(pl.col("holds")),
            pl.col("need").first(),
            pl.lit(True),
        ),
        mandatory=kleene.every(pl.col("holds").filter(pl.col("is_mandatory"))),
    )
    groups = (
        joined.join(rules.class_groups, on=["digest", "class_n"])
        .group_by("application_id", "group_n")
        .agg(
            truth=kleene.at_least(
                kleene.certain(pl.col("holds")),
                kleene.possible(pl.col("holds")),
                pl.col("asked").first(),
                pl.lit(True),
            )
        )
        .group_by("application_id")
        .agg(groups=kleene.every(pl.col("truth")))
    )
    has_groups = groups.select("application_id", has_groups=pl.lit(True))
    return (
        number.join(groups, on="application_id", how="left")
        .join(has_groups, on="application_id", how="left")
        .select(
            "application_id",
            truth=kleene.all_of(
                pl.col("enough"),
                pl.col("mandatory"),
                pl.when(pl.col("has_groups")).then(pl.col("groups")).otherwise(True),
            ),
        )
    )


def one_class(mine: pl.DataFrame, fits: pl.DataFrame, classes: pl.DataFrame) -> pl.DataFrame:
    """Whether one class alone has as many works as the text allows instead (G07: 某1类的3项).

    Args:
        mine: cases whose text names it.
        fits: from `fits.fits_of`.
        classes: from `classes_of`.

    Returns:
        `application_id`, `has_other_way` (true), `one_class`.
    """
    asked = mine.select("application_id", "one_class_count", "is_closed")
    units = (
        fits.filter(pl.col("metric").is_null() & pl.col("is_counted"))
        .group_by("application_id", "class_n", "thing")
        .agg(truth=kleene.some(pl.col("truth")))
        .join(
            classes.select("application_id", "class_n", "is_usable"),
            on=["application_id", "class_n"],
        )
        .with_columns(truth=pl.when("is_usable").then("truth"))
    )
    best = (
        units.group_by("application_id", "class_n")
        .agg(certain=kleene.certain(pl.col("truth")), possible=kleene.possible(pl.col("truth")))
        .group_by("application_id")
        .agg(pl.col("certain", "possible").max())
    )
    return (
        asked.join(best, on="application_id", how="left")
        .with_columns(pl.col("certain", "possible").fill_null(0))
        .select(
            "application_id",
            has_other_way=pl.lit(True),
            one_class=kleene.at_least(
                pl.col("certain"),
                pl.col("possible"),
                pl.col("one_class_count"),
                pl.col("is_closed"),
            ),
        )
    )


def class_criteria(classes: pl.DataFrame, demands: pl.DataFrame) -> pl.DataFrame:
    """One criterion per class, in the columns of `decisions.verdicts.CRITERIA`."""
    shown = (
        demands.sort("class_n", "option_n", "demand_n")
        .group_by("application_id", "class_n", maintain_order=True)
        .agg(
            actual=pl.when(pl.col("certain") == pl.col("possible"))
            .then(plain("certain") + pl.col("unit"))
            .otherwise(
                worded(
                    "{}{}（至多{}{} possibly {}）",
                    plain("certain"),
                    "unit",
                    plain("possible"),
                    "unit",
                    plain("possible"),
                )
            )
            .str.join(" / "),
            # Of alternatives nobody can say which one is to be made up.
            short_by=pl.when(pl.len() == 1).then(
                kleene.short_by(pl.col("certain"), pl.col("asked")).first()
            ),
        )
    )
    return classes.join(shown, on=["application_id", "class_n"]).select(
        "application_id",
        criterion=worded("performance.class.{}", "class_n"),
        truth="truth",
        actual="actual",
        note=pl.lit(None, pl.String()),
        short_by="short_by",
    )
