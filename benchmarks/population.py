"""The whole question, every level for every enterprise, beside two peers on the same rules.

The peers are what an office would otherwise write: the rules as expressions that a rule engine
evaluates case by case (`benchmarks.rule_engine`), and as masks over whole columns
(`benchmarks.masks`). Both are asked the criteria that each level has for the kind of application,
as far as they can be told (`benchmarks.plain_rules`): people, the leader, net assets, equipment,
works. Both are given the facts in memory with nothing to find out (`benchmarks.prepared`): which
people and works count for whom is settled before, and not in their time.

The engine is timed for the whole of it, from the base tables in memory to every criterion with what
was found and what is short, with admission and outcome, in the portions and on the cores that
`decisions.precheck` takes. It does more for its time: it finds out who counts, is three-valued,
says by how much something is short, and settles who serves where when one person or unit project
could serve twice. What reading from Delta adds is measured by `benchmarks.supervision`.

Rates are by the clock, as people wait for them, with the engine on all cores and each peer on the
one it can use; beside them what a second of the processor gives. The masks are at their best here:
one goes over all columns for every sheet, so that the more cases ask the same, the less each costs.
So masks and engine are asked the rule engine's sample, too, where few ask the same; the engine then
for the standard alone, as the masks always are. They answer yes or no; of the engine's rows, with
what was found, what is short and why, they make none. What it takes them to answer with three
values and such rows, too, stands beside it (`benchmarks.mask_rows` tells what they leave out even
then), and what it took to settle the facts for them once, in no rate.

Answers are compared, so that all three are asked the same: what the engine finds met both peers
find met, and the peers agree. What they find met and the engine does not is told, by part.

    python -m benchmarks.population [HOME]     # a collected home; the demo's sample if not given
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from assets.calendar import legal_day
from assets.tables import enterprise
from benchmarks.machine import BENCH, Spent, peak_gib, say, spent
from benchmarks.mask_rows import rows_by_masks
from benchmarks.masks import Sheets, arrays, by_masks
from benchmarks.plain_rules import PlainRules
from benchmarks.prepared import Prepared
from benchmarks.rule_engine import Decisions, Inputs, by_rule_engine, compiled, inputs
from benchmarks.supervision import collected
from checks import release
from decisions.asked import asked_of
from decisions.buckets import BUCKETS, portions, side_by_side
from decisions.cases import cases_of_applications
from decisions.engine import evaluate, rule_tables
from decisions.facts.bodies import bodies_of
from decisions.facts.model import Facts
from decisions.people.workforce import workforce
from decisions.precheck import ITEM, TOGETHER, every_level, natural_kinds, precheck
from pipelines.office import Office
from pipelines.settings import load

ENTERPRISES = 700
"""Full portions of `decisions.precheck`, one for each of two cores."""
ZEN_CASES = 2_000
"""The rule engine is asked a sample: the whole would take it minutes."""


ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Rate:
    """Cases per second, by the clock and of the processor."""

    wall: float
    processor: float

    @classmethod
    def of(cls, cases: int, taken: Spent) -> Rate:
        """What was done in the time it took."""
        return cls(cases / taken.wall, cases / taken.processor)


@dataclass(frozen=True)
class Question:
    """What all three are asked, with the data in memory.

    Attributes:
        prepared: the facts, and the cases: one per enterprise and level.
        placed: the cases that the peers are asked: `application_id`, `sheet`, `staff`,
            `usc_code`.
        sheets: what each sheet asks of them.
        stated: how many criteria the sheets have, told to the peers or not.
    """

    prepared: Prepared
    placed: pl.DataFrame
    sheets: Sheets
    stated: int


def question(office: Office, enterprises: int) -> Question:
    """Every level for the first enterprises of the register."""
    latest = release.latest(office.store)
    assert latest is not None, "nothing is released"
    at, book = office.now(), office.rulebook
    everyone = Facts.at(office.store, latest.release_id, latest.versions)
    registry = everyone.table(enterprise.REGISTRY).filter(pl.col("entity_code") == "enterprise")
    codes = registry.select(pl.col("usc_code").unique().sort()).head(enterprises).collect()
    facts = everyone.of_enterprises(
        codes["usc_code"].to_list(), book.kinds.insured_from(legal_day(at))
    )
    levels = every_level(book, legal_day(at)).select(ITEM)
    asked = natural_kinds(
        codes.join(levels, how="cross").with_columns(kind=pl.lit(None, pl.String())),
        facts,
        book,
        legal_day(at),
    )
    cases = cases_of_applications(
        asked.with_row_index("application_id").select(
            "usc_code",
            *ITEM,
            "kind",
            "application_id",
            filed_at=pl.lit(at).cast(pl.Datetime("us", "UTC")),
        ),
        facts,
        book,
        at,
    )
    rules = rule_tables(book)
    people = workforce(cases, bodies_of(cases, facts), facts, book.codes.people)
    laid_out = asked_of(cases, rules)
    plain = PlainRules(rules)
    of_cases = laid_out.of.join(cases.select("application_id", "digest"), on="application_id")
    parts_of = (
        laid_out.parts.join(of_cases.select("application_id", "sheet"), on="application_id")
        .group_by("sheet", "digest")
        .agg(pl.col("part").unique())
    )
    return Question(
        prepared=Prepared(facts, book, rules, cases, people),
        placed=of_cases.join(people.of, on="application_id")
        .join(cases.select("application_id", "usc_code"), on="application_id")
        .sort("sheet", "application_id"),
        sheets={
            sheet: plain.of(digest, parts)
            for sheet, digest, parts in parts_of.sort("sheet").iter_rows()
        },
        stated=laid_out.places.height,
    )


# -- the whole question --------------------------------------------------------------


def whole(asked: Question, office: Office, enterprises: int) -> tuple[int, int]:
    """Every criterion of every level for the first enterprises: how many cases and criteria."""
    at = office.now()
    levels = every_level(office.rulebook, legal_day(at)).select(ITEM)

    def ask(portion: tuple[list[str], list[str]]) -> tuple[int, int]:
        _, mine = portion
        found = precheck(
            pl.DataFrame({"usc_code": mine})
            .join(levels, how="cross")
            .with_columns(kind=pl.lit(None, pl.String())),
            asked.prepared.facts.of_enterprises(mine),
            office.rulebook,
            at,
            with_words=False,
        )
        return found.levels.height, found.criteria.height

    codes = asked.prepared.cases.select(pl.col("usc_code").unique().sort()).head(enterprises)
    some = portions(codes["usc_code"], BUCKETS, TOGETHER)
    counts = [count for _, count in side_by_side(ask, some)]
    return sum(cases for cases, _ in counts), sum(criteria for _, criteria in counts)


def with_evidence(asked: Question, office: Office, *, is_wanted: bool) -> int:
    """The standard alone for one portion, with or without the rows it rests on: how many rows."""
    some = asked.prepared.cases.select(pl.col("usc_code").unique().sort()).head(TOGETHER)
    cases = asked.prepared.cases.join(some, on="usc_code", how="semi")
    facts = asked.prepared.facts
    found = evaluate(cases, bodies_of(cases, facts), facts, office.rulebook)
    return facts.collect(found.evidence).height if is_wanted else 0


def tell_whole(asked: Question, office: Office) -> Rate:
    """Measure the whole question."""
    whole(asked, office, TOGETHER)  # compiles the rules
    rounds = [spent(partial(whole, asked, office, ENTERPRISES)) for _ in range(ROUNDS)]
    (cases, criteria), all_of_it = min(rounds, key=lambda one: one[1].wall)
    (some, _), a_tenth = spent(partial(whole, asked, office, ENTERPRISES // 10))
    say(
        "whole question",
        f"{cases / all_of_it.wall:,.0f} cases/s",
        f"{cases:,} cases, {criteria:,} criteria, {all_of_it.told}",
    )
    say(
        "a tenth of it, per case",
        f"{a_tenth.processor / some * 1e6:,.0f} µs of cpu",
        f"of all {all_of_it.processor / cases * 1e6:,.0f} µs",
    )
    bare = best(partial(with_evidence, asked, office, is_wanted=False)).processor
    full = best(partial(with_evidence, asked, office, is_wanted=True)).processor
    rows = with_evidence(asked, office, is_wanted=True)
    say(
        "the standard alone with evidence",
        f"{full / bare:.1f} x without",
        f"cpu {full:.1f} s and {bare:.1f} s, {rows:,} rows of evidence",
    )
    return Rate.of(cases, all_of_it)


# -- the comparison ------------------------------------------------------------------


def compare(asked: Question, office: Office, rows: pl.DataFrame) -> None:
    """Say how far the answers agree; `rows` are those of the masks with three values.

    Raises:
        AssertionError: the engine finds met what a peer does not, or the peers differ.
    """
    key = ["application_id", "criterion"]
    met = by_masks(asked.sheets, arrays(asked.prepared, asked.placed))
    members = asked.placed.partition_by("sheet", as_dict=True)
    masks = pl.concat(
        pl.DataFrame({"application_id": members[sheet,]["application_id"], "met": truth}).select(
            "application_id", pl.lit(criterion).alias("criterion"), "met"
        )
        for (sheet, criterion), truth in met.items()
    )
    cases, facts = asked.prepared.cases, asked.prepared.facts
    engine = evaluate(cases, bodies_of(cases, facts), facts, office.rulebook)
    beside = engine.criteria.select(*key, "parent", "truth", "note").join(masks, on=key)
    wrong = beside.filter(pl.col("truth") & ~pl.col("met"))
    assert wrong.is_empty(), f"the engine finds met what the masks do not: {wrong}"
    sample = sample_of(asked)
    ruled = by_rule_engine(sample, *rule_engine(asked, sample))
    peers = masks.join(
        pl.DataFrame(ruled, schema={**masks.schema, "met": pl.Boolean()}, orient="row"), on=key
    )
    wrong = peers.filter(pl.col("met") != pl.col("met_right"))
    assert peers.height == len(ruled) and wrong.is_empty(), f"the peers differ: {wrong}"
    say(
        "answers compared",
        f"{beside.height + peers.height:,}",
        f"{len(met):,} of {asked.stated:,} criteria of {len(asked.sheets)} sheets are told",
    )
    more = beside.filter(~pl.col("truth") & pl.col("met"))
    parts = more.group_by(pl.col("criterion").str.split(".").list.first()).len("rows")
    told = ", ".join(f"{part} {rows:,}" for part, rows in parts.sort("criterion").iter_rows())
    say("met for the masks, not for the engine", f"{more.height:,}", told)
    both = engine.criteria.select(*key, "truth").join(rows.select(*key, of_masks="truth"), on=key)
    alike = both.select(pl.col("truth").eq_missing(pl.col("of_masks")).mean()).item()
    say(
        "results of the masks with three values", f"{alike:.1%} the engine's", f"of {both.height:,}"
    )


def tell_few(asked: Question, sample: pl.DataFrame) -> None:
    """Measure engine and masks where few cases ask the same."""
    some = asked.prepared.cases.join(sample, on="application_id", how="semi")
    columns = arrays(asked.prepared, sample)
    facts, book = asked.prepared.facts, asked.prepared.book
    engine = best(lambda: evaluate(some, bodies_of(some, facts), facts, book, with_words=False))
    masks = best(partial(by_masks, asked.sheets, columns))
    say(
        f"{sample.height:,} of the cases, on {sample['sheet'].n_unique()} sheets",
        f"masks {sample.height / masks.processor:,.0f} cases/s",
        f"engine {sample.height / engine.processor:,.0f} cases/s, per second of the processor",
    )


def sample_of(asked: Question) -> pl.DataFrame:
    """The cases that the rule engine is asked."""
    return asked.placed.sample(min(ZEN_CASES, asked.placed.height), seed=1)


def rule_engine(asked: Question, sample: pl.DataFrame) -> tuple[Decisions, Inputs]:
    """What the rule engine has in memory for a sample: decisions by sheet, inputs by case."""
    decisions = {sheet: compiled(asked.sheets[sheet]) for sheet in sample["sheet"].unique()}
    return decisions, inputs(asked.prepared, sample)


def best(work: Callable[[], object]) -> Spent:
    """The quickest of some runs."""
    return min((spent(work)[1] for _ in range(ROUNDS)), key=lambda one: one.wall)


def main() -> None:
    """Measure the three, and say how far apart they are."""
    made = BENCH / "supervision"
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else made if made.exists() else collected()
    office = Office(load(home))
    asked = question(office, ENTERPRISES)
    columns, settling = spent(partial(arrays, asked.prepared, asked.placed))
    say(
        "data",
        f"{asked.placed.height:,} cases",
        f"{asked.placed['usc_code'].n_unique():,} enterprises, "
        f"{asked.prepared.certificates.height:,} certificates and "
        f"{asked.prepared.works.counts.height:,} times a unit project that count, in memory",
    )
    say("settled for the peers but for who counts", settling.told, "in no rate")
    engine = tell_whole(asked, office)
    perhaps = arrays(replace(asked.prepared, is_sure=False), asked.placed)
    items = asked.prepared.cases.select("usc_code", *ITEM)
    with_rows = partial(rows_by_masks, asked.sheets, columns, perhaps, items)
    sample = sample_of(asked)
    decisions, given = rule_engine(asked, sample)
    cases = asked.placed.height
    rates = {
        "numpy masks": Rate.of(cases, best(partial(by_masks, asked.sheets, columns))),
        "numpy masks, three values and rows": Rate.of(cases, best(with_rows)),
        "zen-engine, one by one": Rate.of(
            sample.height, best(partial(by_rule_engine, sample, decisions, given))
        ),
    }
    for name, rate in rates.items():
        say(
            f"the same by {name}",
            f"{rate.wall:,.0f} cases/s",
            f"engine: {engine.wall / rate.wall:.2f} x, "
            f"{engine.processor / rate.processor:.2f} x per second of the processor",
        )
    tell_few(asked, sample)
    compare(asked, office, with_rows())
    say("peak memory", f"{peak_gib():.2f} GiB")


if __name__ == "__main__":
    main()
