"""技术装备 and 厂房: owned machines and workshops that the text asks for (regulations E26).

Belongs here: which machines count, how many items they meet, and other assets measured in the
equipment base. Does not: conditions (`decisions.performance.measures`), net assets.
"""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import QUANTITY
from assets.tables import enterprise
from assets.wording import worded
from decisions import kleene
from decisions.facts.bodies import OF, all_closed, is_its_own, not_its_own, under_their_codes
from decisions.facts.model import Facts
from decisions.performance.measures import as_listed, line_truths, of_kind, plain
from decisions.plans import as_written
from decisions.rulebook.codes import UNLISTED_KIND, Codes
from decisions.rulebook.frames import RuleTables
from decisions.verdicts import Verdicts


def judge_equipment(
    stated: pl.DataFrame,
    cases: pl.DataFrame,
    bodies: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    codes: Codes,
) -> Verdicts:
    """The equipment part, with one criterion per item; an item is met by any of its machines.

    Of machines under the code of a branch, or of what may be one (`bodies`), it is not known
    whether they are the applicant's (E26, reading 66). One whose name no list has may be any
    machine (reading 92).
    """
    if stated.is_empty():
        return Verdicts.none()
    asked = (
        stated.lazy()
        .join(rules.equipment.lazy(), on="digest")
        .join(cases.lazy().select("application_id", *OF), on="application_id")
        .join(all_closed(bodies, facts, enterprise.EQUIPMENT), on=OF, how="left")
        .pipe(as_written)
    )
    if asked.is_empty():
        return Verdicts.none()
    machines = _machines(asked, bodies, facts)
    listed = as_listed(machines, "equipment_kind", codes.machines)
    fits = _fits(asked, listed, rules)
    demands = (
        asked.select("application_id", "digest", "is_closed")
        .join(rules.demands.filter(pl.col("class_n") < 0), on="digest")
        .join(_totals(fits), on=["application_id", "class_n", "option_n"], how="left")
        .join(_of_either(fits), on=["application_id", "class_n"], how="left")
        .join(_doubtful(machines), on="application_id", how="left")
        .with_columns(
            pl.col("certain", "possible", "doubtful", "of_either").fill_null(0),
            pl.col("is_measured").fill_null(True),
        )
        .with_columns(
            truth=kleene.at_least(
                pl.col("certain"),
                pl.col("possible") + pl.col("doubtful"),
                pl.col("asked"),
                pl.col("is_closed")
                & pl.col("is_measured")
                & (pl.col("metric").is_null() | (pl.col("doubtful") == 0)),
            )
        )
    )
    items = (
        demands.sort("option_n")
        .group_by("application_id", "class_n", maintain_order=True)
        .agg(
            truth=kleene.some(pl.col("truth") | pl.when(~_MAKE_IT_UP_TOGETHER).then(False)),
            actual=(plain("certain") + pl.col("unit")).str.join(" / "),
            # Of alternatives nobody can say which one is to be made up.
            short_by=pl.when(pl.len() == 1).then(
                kleene.short_by(pl.col("certain"), pl.col("asked")).first()
            ),
        )
    )
    parts = (
        items.group_by("application_id")
        .agg(certain=kleene.certain(pl.col("truth")), possible=kleene.possible(pl.col("truth")))
        .join(asked.select("application_id", "need"), on="application_id")
        .select(
            "application_id",
            criterion=pl.lit("equipment"),
            truth=kleene.at_least(
                pl.col("certain"), pl.col("possible"), pl.col("need"), pl.lit(True)
            ),
            actual=worded("{}项", "certain"),
            note=pl.lit(None, pl.String()),
            short_by=kleene.short_by(pl.col("certain"), pl.col("need")),
        )
    )
    shown = items.select(
        "application_id",
        criterion=worded("equipment.{}", -pl.col("class_n")),
        truth="truth",
        actual="actual",
        note=pl.lit(None, pl.String()),
        short_by="short_by",
    )
    is_strange = pl.col("is_strange")
    told = machines.with_columns(is_strange=listed["equipment_kind"] == UNLISTED_KIND).with_columns(
        # Of what it is not known whether it is such a machine, it is not known whether it counts.
        is_countable=pl.when(~is_strange | ~pl.col("is_countable")).then("is_countable"),
        whose=pl.coalesce(
            "whose",
            pl.when(is_strange).then(
                pl.lit(
                    "设备名称不在规则库名录内，可能是任何设备 "
                    "in no list of the rulebook by its name: it may be any machine"
                )
            ),
        ),
    )
    reason = pl.when(~pl.col("counted")).then(pl.lit("非自有或已处置 not owned")).otherwise("whose")
    return Verdicts.of(pl.concat([parts, shown]), _evidence(told, "equipment", reason))


_MAKE_IT_UP_TOGETHER = (
    pl.col("metric").is_null()
    & (pl.col("asked").n_unique() == 1)
    & (pl.col("of_either") + pl.col("doubtful") >= pl.col("asked"))
)
"""Whether machines of an item's alternatives, asked for in one number, are as many (reading 98)."""


def judge_other_assets(
    stated: pl.DataFrame,
    cases: pl.DataFrame,
    bodies: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
) -> Verdicts:
    """Other assets, such as 厂房面积: the metric added up over what the enterprise has of it.

    The text does not say that a workshop must be owned: a leased one is neither counted nor
    held against anybody.
    """
    if stated.is_empty():
        return Verdicts.none()
    asked = (
        stated.lazy()
        .join(rules.other_assets.lazy(), on="digest")
        .join(cases.lazy().select("application_id", *OF), on="application_id")
        .join(all_closed(bodies, facts, enterprise.EQUIPMENT), on=OF, how="left")
        .pipe(as_written)
    )
    if asked.is_empty():
        return Verdicts.none()
    machines = _machines(asked.unique("application_id"), bodies, facts)
    held = machines.with_columns(
        is_countable=pl.when(pl.col("is_owned") | ~pl.col("is_lawful")).then("is_countable"),
    ).select(
        "application_id", "thing", "equipment_kind", "metric", "value", "is_countable", "whose"
    )
    totals = held.group_by("application_id", "metric").agg(
        certain=pl.col("value").filter(pl.col("is_countable").fill_null(False)).sum(),
        possible=pl.col("value").filter(pl.col("is_countable").fill_null(True)).sum(),
        is_measured=pl.col("value").is_not_null().all(),
    )
    rows = (
        asked.join(totals, on=["application_id", "metric"], how="left")
        .join(_doubtful(machines), on="application_id", how="left")
        .with_columns(pl.col("certain", "possible", "doubtful").fill_null(0))
        .with_columns(
            truth=kleene.at_least(
                pl.col("certain"),
                pl.col("possible"),
                pl.col("asked"),
                pl.col("is_closed")
                & (pl.col("doubtful") == 0)
                & pl.col("is_measured").fill_null(True),
            )
        )
    )
    shown = rows.select(
        "application_id",
        "criterion",
        "truth",
        actual=plain("certain"),
        note=pl.lit(None, pl.String()),
        short_by=kleene.short_by(pl.col("certain"), pl.col("asked")),
    )
    parts = rows.group_by("application_id").agg(
        criterion=pl.lit("assets_other").first(),
        truth=kleene.every(pl.col("truth")),
        actual=worded("{} {}", "what", plain("certain")).str.join("、"),
        note=pl.lit(None, pl.String()).first(),
        short_by=pl.lit(None, pl.Float64()).first(),
    )
    of_these = pl.col("metric").is_in(rules.other_assets["metric"].implode())
    reason = pl.when(pl.col("counted").is_null()).then(
        pl.coalesce("whose", pl.lit("非自有或数据存疑 not owned, or not trusted"))
    )
    return Verdicts.of(
        pl.concat([parts, shown]), _evidence(held.filter(of_these), "assets_other", reason)
    )


def _evidence(machines: pl.DataFrame, criterion: str, reason: pl.Expr) -> pl.LazyFrame:
    """Each machine once, with all its measures, in whatever order its rows came."""
    told = ("equipment_kind", "metric", "value")
    return (
        machines.lazy()
        .with_columns(pl.col("value").cast(pl.String))
        .sort(told)
        .group_by("application_id", row_key="thing", maintain_order=True)
        .agg(
            pl.col("whose").drop_nulls().first(),
            counted=kleene.every(pl.col("is_countable")),
            measures=pl.struct(told),
        )
        .select(
            "application_id",
            "row_key",
            "counted",
            criterion=pl.lit(criterion),
            target=pl.lit(enterprise.EQUIPMENT.name),
            reason=reason,
            content_json=pl.struct("measures").struct.json_encode(),
        )
    )


def _machines(asked: pl.DataFrame, bodies: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The applicant's machines; leased, sold or claimed twice do not count (E26, Q-01, Q-04).

    `whose`: why it is not known whether one is the applicant's at all.
    """
    filed = pl.col("filed_on")
    mine = asked.lazy().select("application_id", *OF)
    return (
        under_their_codes(mine, bodies, facts.table(enterprise.EQUIPMENT))
        .with_columns(
            is_countable=pl.when(~pl.col("is_lawful"))
            .then(False)
            .when("is_trusted")
            .then(
                kleene.all_of(
                    is_its_own(),
                    pl.col("is_owned"),
                    pl.col("purchased_on") <= filed,
                    (pl.col("disposed_on") > filed).fill_null(True),
                )
            ),
            whose=not_its_own(),
        )
        # One row a measure: what one of them says of the owner holds of the machine.
        .with_columns(kleene.every(pl.col("is_countable")).over("application_id", "equipment_no"))
        .rename({"equipment_no": "thing"})
        .pipe(facts.collect)
    )


def _doubtful(machines: pl.DataFrame) -> pl.DataFrame:
    """How many machines in doubt may be any machine at all: `application_id`, `doubtful`.

    What a row that is not trusted says is not known, the kind included (reading 31).
    """
    things = machines.group_by("application_id", "thing").agg(
        is_doubtful=(~pl.col("is_trusted")).any(), is_out=(~pl.col("is_countable")).any()
    )
    return (
        things.filter(pl.col("is_doubtful") & ~pl.col("is_out"))
        .group_by("application_id")
        .agg(doubtful=pl.len().cast(QUANTITY))
    )


def _fits(asked: pl.DataFrame, machines: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """Machines that are, or may be, what an alternative of an item asks for.

    Returns:
        `application_id`, `class_n`, `option_n`, `thing`, `truth`, and `weight`: what it adds, one
        or its measure; null where it does not tell that.
    """
    lines = rules.lines.filter(pl.col("purpose") == "equipment")
    # They are counted apart, whatever they say (`_doubtful`).
    doubtful = machines.filter(~pl.col("is_trusted")).select("application_id", "thing").unique()
    names = machines.select("thing", name="equipment_kind").unique()
    judged_by = (
        asked.lazy()
        .select("application_id", "digest")
        .join(machines.lazy().select("application_id", "thing"), on="application_id")
        .select("digest", "thing")
    )
    pairs = of_kind(
        lines.join(asked.select("digest").unique(), on="digest", how="semi"),
        names,
        judged_by,
        rules,
    )
    measures = machines.select(
        "thing", "metric", "value", name="equipment_kind", label=pl.lit(None, pl.String())
    ).unique()
    truths = line_truths(pairs, measures, rules, "any")
    summed = rules.demands.filter(pl.col("class_n") < 0).select(
        "digest", "class_n", "option_n", summed="metric"
    )
    fits = (
        asked.select("application_id", "digest")
        .join(
            machines.select("application_id", "thing", "metric", "value", "is_countable"),
            on="application_id",
        )
        .join(pairs, on=["digest", "thing"])
        .join(truths, on=["line_id", "thing"])
        .join(summed, on=["digest", "class_n", "option_n"])
        .with_columns(
            truth=kleene.all_of(pl.col("truth"), pl.col("is_countable")),
            weight=pl.when(pl.col("summed").is_null())
            .then(pl.lit(1))
            .when(pl.col("metric") == pl.col("summed"))
            .then(pl.col("value"))
            .cast(QUANTITY),
        )
    )
    return (
        fits.join(doubtful, on=["application_id", "thing"], how="anti")
        .group_by("application_id", "class_n", "option_n", "thing")
        .agg(truth=kleene.some(pl.col("truth")), weight=pl.col("weight").max())
    )


def _totals(fits: pl.DataFrame) -> pl.DataFrame:
    """Machines, or their measure added up, per item and option.

    `is_measured`: whether every machine that may count tells what is added up; of one that does
    not it is not known, and not nothing.
    """
    return fits.group_by("application_id", "class_n", "option_n").agg(
        certain=pl.col("weight").filter(pl.col("truth").fill_null(False)).sum(),
        possible=pl.col("weight").filter(pl.col("truth").fill_null(True)).sum(),
        is_measured=pl.col("weight").is_not_null().filter(pl.col("truth").fill_null(True)).all(),
    )


def _of_either(fits: pl.DataFrame) -> pl.DataFrame:
    """How many machines are, or may be, of any alternative of an item: `of_either`."""
    perhaps = fits.filter(pl.col("truth").fill_null(True))
    return perhaps.group_by("application_id", "class_n").agg(
        of_either=pl.col("thing").n_unique().cast(QUANTITY)
    )
