"""企业工程业绩: works of enough different classes, each unit project for one measure.

Belongs here: from countable unit projects to the classes and the part (E16-E18). Does not:
whether a unit project counts at all (`decisions.works`).

Simple counts settle most cases: too few even if units could serve twice is not met; enough
of units that nobody else wants is met. What is left is a matching problem
(`decisions.matching`).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import polars as pl

from assets.declaration import QUANTITY
from assets.tables import project
from decisions import kleene
from decisions.coverage import closed
from decisions.facts import Facts
from decisions.matching import CountDemand, Plan, assign_units
from decisions.measures import CONTRACT, by_contract, line_truths, of_kind, plain
from decisions.rulebook.codes import Codes
from decisions.rulebook.frames import RuleTables
from decisions.verdicts import Verdicts
from decisions.works import Works, countable, works_of

MACHINES = ("台", "套")
"""What is counted where one unit project may have several of it."""
PIECES = "数量"
"""Metric of how many machines a unit project has, where these are counted."""
_DEMAND = ["application_id", "class_n", "option_n", "demand_n"]


def judge_performance(
    assessed: pl.DataFrame,
    cases: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    codes: Codes,
    recalled_may_grant: bool,
) -> Verdicts:
    """The performance part, with one criterion per class."""
    asked = assessed.filter(pl.col("part") == "performance").join(rules.performances, on="digest")
    if asked.is_empty():
        return Verdicts.none()
    mine = cases.join(
        asked.select(
            "application_id",
            "digest",
            "window_years",
            "need",
            "one_class_count",
            "sums_share_works",
        ),
        on=["application_id", "digest"],
    ).with_columns(window_from=pl.date(pl.col("filed_on").dt.year() - pl.col("window_years"), 1, 1))
    mine = _tracked(mine, rules)
    contracts = (
        facts.table(project.UNIT)
        .join(mine.lazy().select("usc_code").unique(), on="usc_code", how="semi")
        .select("contract_no")
        .unique()
    )
    works = works_of(contracts, facts, codes)
    candidates = _candidates(mine, works, rules)
    counted = countable(_on_tracks(candidates, mine, works), works, facts, rules, codes)
    fits = _fits(candidates, counted, works, rules, codes)
    complete = closed(
        mine, facts, project.CONTRACT, project.UNIT, project.MEASURE, project.ACCEPTANCE
    )
    demands = _demands(mine, fits, works, rules, complete)
    classes = _classes(demands, rules, recalled_may_grant)
    parts = _parts(mine, classes, demands, fits, rules, complete)
    return Verdicts.of(
        pl.concat([_class_criteria(classes, demands), parts]), _evidence(fits, counted)
    )


_TRACK = [
    "usc_code",
    "category_code",
    "subcategory",
    "filed_on",
    "window_from",
    "authority",
    "platform_digest",
]
"""What decides whether a unit project counts; cases that agree in it share a `track`."""


def _tracked(mine: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """The cases with their track; `platform_digest` where the text asks for the platform."""
    bound = rules.platform.select("digest", platform_digest="digest").unique()
    asked = mine.join(bound, on="digest", how="left")
    tracks = asked.select(_TRACK).unique(maintain_order=True).with_row_index("track")
    return asked.join(tracks, on=_TRACK, nulls_equal=True)


def _candidates(mine: pl.DataFrame, works: Works, rules: RuleTables) -> pl.DataFrame:
    """The applicant's own units that are, or may be, of a kind some class of the case names."""
    digests = mine.select("digest").unique()
    lines = rules.lines.filter(pl.col("purpose") == "performance")
    names = works.units.select("thing", "usc_code").join(works.names, on="thing")
    return of_kind(lines.join(digests, on="digest", how="semi"), names, rules).join(
        mine.select("application_id", "track", "digest", "usc_code"), on=["digest", "usc_code"]
    )


def _on_tracks(candidates: pl.DataFrame, mine: pl.DataFrame, works: Works) -> pl.DataFrame:
    """Each candidate once on each track it matters to, with all that is known of it."""
    return (
        candidates.select("track", "thing")
        .unique()
        .join(mine.select("track", *_TRACK).unique("track"), on="track")
        .join(works.units, on=["thing", "usc_code"])
    )


def _fits(
    candidates: pl.DataFrame, counted: pl.DataFrame, works: Works, rules: RuleTables, codes: Codes
) -> pl.DataFrame:
    """Every unit that fits, or may fit, a demand, with what it adds to a sum (`value`).

    Where the price of the contract decides, the units of one contract are one work (E20):
    the first of them is it (`is_counted`).
    """
    candidates = candidates.join(
        counted.select(
            "track",
            "thing",
            "is_countable",
            "contract_no",
            "contract_type",
            "is_consortium",
            "accepted_on",
        ),
        on=["track", "thing"],
    )
    truths = line_truths(candidates, works.measures, rules, "any")
    metrics = _counted_alike(rules.demands).select(
        "digest", "class_n", "option_n", "demand_n", "metric", "counted_in"
    )
    judged = (
        candidates.join(truths, on=["line_id", "thing"])
        .join(
            rules.classes.select("digest", "class_n", "contract_types", "is_alone"),
            on=["digest", "class_n"],
        )
        .join(metrics, on=["digest", "class_n", "option_n", "demand_n"])
        .with_columns(
            is_contracted=kleene.all_of(
                pl.col("contract_type").is_in(pl.col("contract_types")),
                ~pl.col("is_alone") | ~pl.col("is_consortium"),
            )
        )
        .with_columns(
            truth=kleene.all_of(pl.col("truth"), pl.col("is_countable"), pl.col("is_contracted")),
            added=pl.coalesce(
                "metric", pl.when(pl.col("counted_in").is_not_null()).then(pl.lit(PIECES))
            ),
        )
    )
    values = _values(judged, works, rules)
    priced = by_contract(rules, codes)
    return (
        judged.join(values, on=["line_id", "thing", "added"], how="left")
        .join(priced, on="line_id", how="left")
        # A sure unit stands for its contract before a doubtful one, that before one that fails.
        .sort(pl.col("truth").cast(pl.Float64).fill_null(0.5), "thing", descending=[True, False])
        .with_columns(
            is_counted=pl.col("is_priced").is_null()
            | (pl.col("thing") == pl.col("thing").first().over(*_DEMAND, "contract_no"))
        )
        .select(
            *_DEMAND,
            "digest",
            "track",
            "thing",
            "truth",
            "accepted_on",
            "metric",
            "counted_in",
            "value",
            "is_counted",
        )
    )


def _counted_alike(demands: pl.DataFrame) -> pl.DataFrame:
    """Demands, where a bridge, a station or a road is the unit project that it is."""
    machines = pl.col("counted_in").is_in(MACHINES)
    return demands.with_columns(counted_in=pl.when(machines).then("counted_in"))


def _values(judged: pl.DataFrame, works: Works, rules: RuleTables) -> pl.DataFrame:
    """What each unit adds to a sum, or to a count of pieces."""
    summed = (
        judged.filter(pl.col("added").is_not_null()).select("line_id", "thing", "added").unique()
    )
    measures = works.measures.rename({"metric": "added"})
    own = summed.join(rules.line_names, on="line_id").join(measures, on=["thing", "name", "added"])
    contracted = summed.join(measures.filter(pl.col("name") == CONTRACT), on=["thing", "added"])
    columns = ["line_id", "thing", "added", "value"]
    return (
        pl.concat([own.select(columns), contracted.select(columns)])
        .group_by("line_id", "thing", "added")
        .agg(value=pl.when(pl.col("value").is_not_null().all()).then(pl.col("value").sum()))
    )


def _demands(
    mine: pl.DataFrame, fits: pl.DataFrame, works: Works, rules: RuleTables, complete: pl.DataFrame
) -> pl.DataFrame:
    """Every demand of every case: `certain`, `possible`, `alone`, `truth`.

    `alone` counts units that no other class wants.

    Counts and sums alike; `alone` equals `certain` for sums, which share units freely (E17)
    everywhere but in railways. Where pieces are counted and nobody says how many a unit has,
    it has one at least.
    """
    units = fits.filter(pl.col("truth").fill_null(True) & pl.col("is_counted"))
    best = units.group_by(*_DEMAND, "digest", "thing", "metric", "counted_in", "accepted_on").agg(
        truth=kleene.some(pl.col("truth")),
        value=pl.col("value").max(),
        is_unmeasured=pl.col("value").is_null().any(),
    )
    best = best.join(mine.select("application_id", "sums_share_works"), on="application_id")
    best = best.with_columns(
        shares=pl.col("metric").is_not_null() & pl.col("sums_share_works"),
        is_unmeasured=pl.col("is_unmeasured")
        & (pl.col("metric").is_not_null() | pl.col("counted_in").is_not_null()),
    )
    rivals = _rivals(best)
    best = best.join(rivals, on=["application_id", "thing"], how="left").with_columns(
        pl.col("is_wanted_twice").fill_null(False)
    )
    is_sum = pl.col("metric").is_not_null()
    # As decimals, so that a sum is exact in whatever order; a count adds one per unit.
    weighed = best.with_columns(
        weight=pl.when(is_sum)
        .then(pl.col("value").fill_null(0))
        .when(pl.col("counted_in").is_not_null())
        .then(pl.col("value").fill_null(1))
        .otherwise(pl.lit(1))
        .cast(QUANTITY),
        year=pl.col("accepted_on").dt.year(),
    )
    amounts = _amounts(weighed, rules)
    asked = (
        mine.select("application_id", "digest")
        .join(_counted_alike(rules.demands).filter(pl.col("class_n") > 0), on="digest")
        .join(amounts, on=_DEMAND, how="left")
        .with_columns(
            pl.col("certain", "possible", "alone").fill_null(0),
            pl.col("is_open").fill_null(False),
        )
        .join(complete, on="application_id", how="left")
    )
    closed_here = pl.col("is_closed") & ~pl.col("is_open")
    return asked.with_columns(
        truth=kleene.at_least(pl.col("certain"), pl.col("possible"), pl.col("asked"), closed_here),
        is_alone_enough=pl.col("alone") >= pl.col("asked"),
        is_closed=closed_here,
    )


def _amounts(weighed: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """Totals per demand; of sums within one year, the best year (per: year)."""
    yearly = rules.demands.filter(pl.col("is_per_year")).select(
        "digest", "class_n", "option_n", "demand_n", is_yearly=pl.lit(True)
    )
    marked = weighed.join(
        yearly, on=["digest", "class_n", "option_n", "demand_n"], how="left"
    ).with_columns(period=pl.when(pl.col("is_yearly")).then(pl.col("year")))
    sure = pl.col("truth").fill_null(False)
    return (
        marked.group_by(*_DEMAND, "period")
        .agg(
            certain=pl.col("weight").filter(sure).sum(),
            possible=pl.col("weight").sum(),
            alone=pl.col("weight")
            .filter(sure & (~pl.col("is_wanted_twice") | pl.col("shares")))
            .sum(),
            # What was accepted on a day that nobody knows may be of any year.
            is_open=(
                pl.col("is_unmeasured")
                | (pl.col("is_yearly").fill_null(False) & pl.col("year").is_null())
            ).any(),
        )
        .group_by(_DEMAND)
        .agg(pl.col("certain", "possible", "alone").max(), pl.col("is_open").any())
    )


def _rivals(best: pl.DataFrame) -> pl.DataFrame:
    """Units that more than one class, or two demands of one option, want to count."""
    counts = best.filter(~pl.col("shares"))
    classes = counts.group_by("application_id", "thing").agg(
        pl.col("class_n").n_unique().alias("classes")
    )
    within = (
        counts.group_by("application_id", "thing", "class_n", "option_n")
        .agg(pl.col("demand_n").n_unique().alias("demands"))
        .group_by("application_id", "thing")
        .agg(pl.col("demands").max())
    )
    return classes.join(within, on=["application_id", "thing"]).select(
        "application_id", "thing", is_wanted_twice=(pl.col("classes") > 1) | (pl.col("demands") > 1)
    )


def _classes(demands: pl.DataFrame, rules: RuleTables, recalled_may_grant: bool) -> pl.DataFrame:
    """Every class: `truth` if units may serve twice, `is_alone_enough` if they need not.

    A class whose text was only recalled, where that may not grant, is never surely met.
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
            truth=pl.when(pl.col("is_usable") | ~pl.col("truth")).then("truth"),
            is_alone_enough=pl.col("is_alone_enough") & pl.col("is_usable"),
        )
    )


def _parts(
    mine: pl.DataFrame,
    classes: pl.DataFrame,
    demands: pl.DataFrame,
    fits: pl.DataFrame,
    rules: RuleTables,
    complete: pl.DataFrame,
) -> pl.DataFrame:
    """The part: enough different classes, by counts where they settle it, else by assignment."""
    free = _enough(mine, classes, rules, pl.col("truth"))
    alone = _enough(mine, classes, rules, pl.col("is_alone_enough")).rename(
        {"truth": "is_alone_enough"}
    )
    merged = (
        free.join(alone.select("application_id", "is_alone_enough"), on="application_id")
        .join(complete, on="application_id")
        .join(
            mine.select("application_id", "digest", "need", "sums_share_works"),
            on="application_id",
        )
    )
    is_open = pl.col("truth").fill_null(True) & ~pl.col("is_alone_enough").fill_null(False)
    open_cases = merged.filter(is_open)
    demands_of, fits_of, classes_of = (
        frame.join(open_cases, on="application_id", how="semi").partition_by(
            "application_id", as_dict=True
        )
        for frame in (demands, fits, classes.filter("is_usable"))
    )
    rows = [
        _settled(
            row,
            demands_of[(row["application_id"],)],
            fits_of.get((row["application_id"],), fits.clear()),
            classes_of.get((row["application_id"],), classes.clear())["class_n"].to_list(),
            rules,
        )
        for row in open_cases.iter_rows(named=True)
    ]
    settled = pl.DataFrame(
        rows,
        schema={
            "application_id": mine.schema["application_id"],
            "truth": pl.Boolean(),
            "note": pl.String(),
        },
        orient="row",
    )
    by_counts = merged.filter(~is_open).select(
        "application_id", "truth", note=pl.lit(None, pl.String())
    )
    settled = (
        pl.concat([settled, by_counts])
        .join(_one_class(mine, fits, classes, complete), on="application_id", how="left")
        .with_columns(
            # Another way to meet the part, where the text names one: so many of one class.
            truth=pl.when("has_other_way")
            .then(kleene.any_of(pl.col("truth"), pl.col("one_class")))
            .otherwise("truth")
        )
        .drop("has_other_way", "one_class")
    )
    reached = classes.group_by("application_id").agg(
        met=kleene.certain(pl.col("truth")), may=kleene.possible(pl.col("truth"))
    )
    told = settled.join(reached, on="application_id", how="left").join(
        mine.select("application_id", "need"), on="application_id"
    )
    return told.select(
        "application_id",
        criterion=pl.lit("performance"),
        truth="truth",
        actual=pl.when(pl.col("met") == pl.col("may"))
        .then(pl.format("{}类 classes", "met"))
        .otherwise(pl.format("{}类（至多{}类 possibly {}）", "met", "may", "may")),
        note=pl.coalesce(
            "note",
            pl.when(pl.col("truth").is_null()).then(
                pl.lit("工程业绩数据未到或存疑 some works are not known")
            ),
        ),
        short_by=kleene.short_by(pl.col("met"), pl.col("need")),
    )


def _one_class(
    mine: pl.DataFrame, fits: pl.DataFrame, classes: pl.DataFrame, complete: pl.DataFrame
) -> pl.DataFrame:
    """Whether one class alone has as many works as the text allows instead (G07: 某1类的3项).

    Returns `application_id`, `has_other_way`, `one_class`, only of cases whose text names it.
    """
    asked = mine.select("application_id", "one_class_count").drop_nulls()
    units = (
        fits.filter(pl.col("metric").is_null() & pl.col("is_counted"))
        .group_by("application_id", "class_n", "thing")
        .agg(truth=kleene.some(pl.col("truth")))
        .join(
            classes.select("application_id", "class_n", "is_usable"),
            on=["application_id", "class_n"],
        )
        .with_columns(truth=pl.when(pl.col("is_usable") | ~pl.col("truth")).then("truth"))
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
        .join(complete, on="application_id")
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


def _enough(
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


def _settled(
    row: dict[str, object],
    demands: pl.DataFrame,
    fits: pl.DataFrame,
    usable: list[int],
    rules: RuleTables,
) -> tuple[object, bool | None, str | None]:
    """One case by assignment: with the certain units, then with all that may count.

    Where sums may not share works with counts (railways), an assignment of the counts alone
    does not prove the part, so it stays open.
    """
    digest = row["digest"]
    mandatory = rules.classes.filter((pl.col("digest") == digest) & pl.col("is_mandatory"))[
        "class_n"
    ]
    groups = (
        rules.class_groups.filter(pl.col("digest") == digest)
        .group_by("group_n")
        .agg("class_n", pl.col("asked").first())
    )
    need = row["need"]
    assert isinstance(need, int)
    plan = Plan(
        need,
        frozenset(mandatory),
        tuple((asked, frozenset(class_n)) for _, class_n, asked in groups.iter_rows()),
    )
    sure = {
        name: counts
        for name, counts in _options(demands, fits, is_sure=True).items()
        if name[0] in usable
    }
    if row["sums_share_works"] and assign_units(plan, sure) is not None:
        return row["application_id"], True, None
    if assign_units(plan, _options(demands, fits, is_sure=False)) is not None:
        return row["application_id"], None, None
    truth = False if row["is_closed"] else None
    return (
        row["application_id"],
        truth,
        "一个单位工程只能用于一项指标 one unit project serves one measure",
    )


def _options(
    demands: pl.DataFrame, fits: pl.DataFrame, *, is_sure: bool
) -> dict[tuple[int, int], list[CountDemand]]:
    """Options whose sums hold (surely, or possibly), with the units for their counts."""
    units = (
        fits.filter(
            pl.col("truth").fill_null(not is_sure)
            & pl.col("metric").is_null()
            # Which unit stands for its contract is open until an assignment is proven.
            & (pl.col("is_counted") | pl.lit(not is_sure))
        )
        .group_by("class_n", "option_n", "demand_n", "thing")
        .agg(
            pieces=pl.when(pl.col("counted_in").first().is_null())
            .then(1)
            # Of a unit that does not say how many it has, surely one counts, possibly all.
            .when(pl.col("value").is_not_null().all() | pl.lit(is_sure))
            .then(pl.col("value").max().fill_null(1))
            .cast(QUANTITY)
        )
    )
    pieces_of: dict[tuple[int, int, int], dict[str, Decimal | None]] = defaultdict(dict)
    for class_n, option_n, demand_n, thing, pieces in units.iter_rows():
        pieces_of[class_n, option_n, demand_n][thing] = pieces
    found: dict[tuple[int, int], list[CountDemand]] = {}
    dropped: set[tuple[int, int]] = set()
    for one in demands.iter_rows(named=True):
        name = (one["class_n"], one["option_n"])
        found.setdefault(name, [])
        if one["metric"] is None:
            asked = int(one["asked"])
            serving = {
                thing: Decimal(asked) if pieces is None else pieces
                for thing, pieces in pieces_of[(*name, one["demand_n"])].items()
            }
            found[name].append(CountDemand(*name, asked, serving))
        elif one["truth"] is False or (is_sure and one["truth"] is None):
            dropped.add(name)
    return {name: counts for name, counts in found.items() if name not in dropped}


def _class_criteria(classes: pl.DataFrame, demands: pl.DataFrame) -> pl.DataFrame:
    shown = (
        demands.sort("class_n", "option_n", "demand_n")
        .group_by("application_id", "class_n", maintain_order=True)
        .agg(
            actual=pl.when(pl.col("certain") == pl.col("possible"))
            .then(plain("certain"))
            .otherwise(pl.format("{}（至多 possibly {}）", plain("certain"), plain("possible")))
            .str.join(" / "),
            # Of alternatives nobody can say which one is to be made up.
            short_by=pl.when(pl.len() == 1).then(
                kleene.short_by(pl.col("certain"), pl.col("asked")).first()
            ),
        )
    )
    return classes.join(shown, on=["application_id", "class_n"]).select(
        "application_id",
        criterion=pl.format("performance.class.{}", "class_n"),
        truth="truth",
        actual="actual",
        note=pl.lit(None, pl.String()),
        short_by="short_by",
    )


def _evidence(fits: pl.DataFrame, counted: pl.DataFrame) -> pl.LazyFrame:
    used = (
        fits.lazy()
        .group_by("application_id", "track", "class_n", "thing")
        .agg(truth=kleene.some(pl.col("truth")))
    )
    return used.join(counted.lazy(), on=["track", "thing"]).select(
        "application_id",
        criterion=pl.format("performance.class.{}", "class_n"),
        target=pl.lit(project.UNIT.name),
        row_key="thing",
        counted="truth",
        reason=pl.coalesce(
            "why",
            pl.when(~pl.col("truth")).then(
                pl.lit("指标或承包方式不符 figure or form of contract does not fit")
            ),
        ),
        content_json=pl.struct(
            "contract_no",
            "contract_type",
            "is_consortium",
            pl.col("signed_on").cast(pl.String),
            pl.col("accepted_on").cast(pl.String),
            "quality",
        ).struct.json_encode(),
    )
