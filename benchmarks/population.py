"""Every level for every enterprise: the whole question, and its head counts beside two peers.

The peers are what an office would otherwise write: rules as expressions that a rule engine
(zen-engine) evaluates case by case, and rules as masks over whole columns (numpy, the style of
tax-benefit microsimulation). Both are given what they need and nothing to find out: which
person counts for whom is settled before, in `decisions.people`. The engine does more for its
time: it is three-valued, and settles who serves where when one person could serve twice.

The peers are asked the head counts only. Beside these stands what the engine takes for the whole
question, every criterion of every part with its words, admission and outcome: with the evidence and
without, and for a tenth of the enterprises. All from memory, in the portions and on the cores that
`decisions.precheck` takes; what reading adds is measured by `benchmarks.supervision`.

Rates are per second of the processor: the peers run on one core, the engine on all.

Answers are compared, so that the three measure the same question: what the engine grants both
peers grant, and what it does not grant they grant only where one person would serve twice.

    python -m benchmarks.population [HOME]     # a collected home; the demo's sample if not given
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import zen

from assets.calendar import legal_day
from assets.tables import enterprise
from benchmarks.machine import BENCH, peak_gib, say, spent
from benchmarks.supervision import collected
from checks import release
from decisions import kleene
from decisions.buckets import side_by_side
from decisions.cases import cases_of_applications
from decisions.engine import evaluate, rule_tables
from decisions.facts import Facts
from decisions.headcount import count_heads
from decisions.people import Workforce, workforce
from decisions.precheck import ITEM, TOGETHER, every_level, natural_kinds, precheck
from decisions.rulebook.frames import RuleTables
from pipelines.office import Office
from pipelines.settings import load

ENTERPRISES = 700
"""More than two portions of `decisions.precheck`: one for each of two cores, and some."""
ZEN_CASES = 2_000
"""The rule engine is asked a sample: the whole would take it minutes."""

Met = dict[tuple[str, str], bool]
"""By case and criterion, whether the heads suffice."""


@dataclass(frozen=True)
class Question:
    """What all three are asked, with the data in memory.

    Attributes:
        facts: the release, of these enterprises.
        rules: the compiled rulebook.
        cases: one per enterprise and level.
        people: who counts for each case.
        assessed: `application_id`, `digest`, `part`: the head counts of each case's level.
        certificates: `staff`, `person`, `use`, `value`, `rank` of everybody who surely counts.
    """

    facts: Facts
    rules: RuleTables
    cases: pl.DataFrame
    people: Workforce
    assessed: pl.DataFrame
    certificates: pl.DataFrame


def question(office: Office, enterprises: int) -> Question:
    """Every level for the first enterprises of the register."""
    latest = release.latest(office.store)
    assert latest is not None, "nothing is released"
    at = office.now()
    everyone = Facts.at(office.store, latest.release_id, latest.versions)
    registry = everyone.table(enterprise.REGISTRY).filter(pl.col("entity_code") == "enterprise")
    codes = registry.select(pl.col("usc_code").unique().sort()).head(enterprises).collect()
    facts = everyone.of_enterprises(codes["usc_code"].to_list())
    levels = every_level(office.rulebook, legal_day(at)).select(ITEM)
    asked = natural_kinds(
        codes.join(levels, how="cross").with_columns(kind=pl.lit(None, pl.String())),
        facts,
        office.rulebook,
        legal_day(at),
    )
    cases = cases_of_applications(
        asked.with_row_index("n").select(
            "usc_code",
            *ITEM,
            "kind",
            application_id=pl.col("n").cast(pl.String),
            filed_at=pl.lit(at).cast(pl.Datetime("us", "UTC")),
        ),
        facts,
        office.rulebook,
        at,
    )
    people = workforce(cases, facts, office.rulebook.codes.people)
    rules = rule_tables(office.rulebook)
    parts = rules.head_counts.select("digest", "part").unique(maintain_order=True)
    return Question(
        facts=facts,
        rules=rules,
        cases=cases,
        people=people,
        assessed=cases.select("application_id", "digest").join(parts, on="digest"),
        certificates=people.uses.join(people.persons, on=["staff", "person_key"])
        .filter(kleene.all_of(pl.col("holds"), pl.col("is_counted")).fill_null(False))
        .select("staff", "use", "value", "rank", person="person_key")
        .unique(maintain_order=True),
    )


# -- the engine ----------------------------------------------------------------------


def by_engine(asked: Question) -> pl.DataFrame:
    """`application_id`, `criterion`, `truth`: the stage of the engine that counts heads."""
    return count_heads(
        asked.assessed,
        asked.cases,
        asked.people,
        asked.facts,
        asked.rules,
    ).criteria


# -- a rule engine, case by case -----------------------------------------------------


def expression(cell: Iterable[dict[str, Any]], at_least: int) -> str:
    """So many of `people` with a certificate that fits the cell."""
    kinds = " or ".join(
        f"(#.use == '{kind['use']}' and #.rank >= {kind['rank']}"
        + ("" if kind["value"] == "*" else f" and #.value == '{kind['value']}'")
        + ")"
        for kind in cell
    )
    return f"count(people, some(#.certificates, {kinds})) >= {at_least}"


def decisions_of(asked: Question) -> dict[str, zen.ZenDecision]:
    """One decision per rule set: an expression for each of its head counts."""
    cells = cells_of(asked.rules)
    engine = zen.ZenEngine()
    return {
        str(digest): engine.create_decision(
            json.dumps(
                {
                    "nodes": [
                        {"id": "in", "name": "in", "type": "inputNode"},
                        {
                            "id": "rules",
                            "name": "rules",
                            "type": "expressionNode",
                            "content": {
                                "expressions": [
                                    {
                                        "id": str(n),
                                        "key": f"c{n}",
                                        "value": expression(cells[row["cell"]], row["asked"]),
                                    }
                                    for n, row in enumerate(rows.iter_rows(named=True))
                                ]
                            },
                        },
                        {"id": "out", "name": "out", "type": "outputNode"},
                    ],
                    "edges": [
                        {"id": "a", "sourceId": "in", "targetId": "rules"},
                        {"id": "b", "sourceId": "rules", "targetId": "out"},
                    ],
                }
            )
        )
        for (digest,), rows in asked.rules.head_counts.group_by("digest", maintain_order=True)
        if digest in set(asked.assessed["digest"])
    }


def cells_of(rules: RuleTables) -> dict[int, list[dict[str, Any]]]:
    """Whom each cell counts: any of these uses, ranks and values."""
    return {
        int(str(cell)): rows.select("use", "rank", "value").to_dicts()
        for (cell,), rows in rules.cells.group_by("cell", maintain_order=True)
    }


def portfolios(asked: Question) -> dict[int, dict[str, Any]]:
    """Per staff the input of a decision; what is not readable fits nothing."""
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for row in asked.certificates.iter_rows(named=True):
        people = found.setdefault(row["staff"], {})
        one = people.setdefault(row["person"], {"certificates": []})
        rank = -1 if row["rank"] is None else row["rank"]
        one["certificates"].append({"use": row["use"], "value": row["value"] or "", "rank": rank})
    return {staff: {"people": list(people.values())} for staff, people in found.items()}


def by_rule_engine(
    asked: Question,
    cases: pl.DataFrame,
    decisions: dict[str, zen.ZenDecision],
    given: dict[int, dict[str, Any]],
) -> Met:
    """Evaluate `cases` (`application_id`, `digest`, `staff`) one after another."""
    names = {
        str(digest): rows["criterion"].to_list()
        for (digest,), rows in asked.rules.head_counts.group_by("digest", maintain_order=True)
    }
    nobody: dict[str, Any] = {"people": []}
    met: Met = {}
    for case, digest, staff in cases.iter_rows():
        answer = decisions[digest].evaluate(given.get(staff, nobody))["result"]
        for n, criterion in enumerate(names[digest]):
            met[case, criterion] = answer[f"c{n}"]
    return met


# -- masks over columns --------------------------------------------------------------


@dataclass(frozen=True)
class Columns:
    """The certificates as arrays, texts as numbers; `staff_of` by person."""

    person: npt.NDArray[np.int64]
    use: npt.NDArray[np.int64]
    value: npt.NDArray[np.int64]
    rank: npt.NDArray[np.int64]
    staff_of: npt.NDArray[np.int64]
    staffs: int
    codes: dict[str, int]


def columns_of(asked: Question) -> Columns:
    """The arrays, in memory as the masks want them."""
    rows = asked.certificates.with_columns(
        pl.struct("staff", "person").rank("dense").cast(pl.Int64).alias("n") - 1
    )
    texts = pl.concat([rows["use"], rows["value"].drop_nulls()]).unique(maintain_order=True)
    codes = {text: n for n, text in enumerate(texts)}
    as_code = pl.col("use", "value").replace_strict(codes, default=-1, return_dtype=pl.Int64)
    coded = rows.with_columns(as_code, pl.col("rank").fill_null(-1))
    people = rows.unique("n").sort("n")
    return Columns(
        person=coded["n"].to_numpy(),
        use=coded["use"].to_numpy(),
        value=coded["value"].to_numpy(),
        rank=coded["rank"].to_numpy(),
        staff_of=people["staff"].cast(pl.Int64).to_numpy(),
        staffs=int(asked.people.of["staff"].n_unique()),
        codes=codes,
    )


def by_masks(asked: Question, held: Columns, cases: pl.DataFrame) -> pl.DataFrame:
    """Per case and criterion `count` and `truth`: a mask and a count for each, over everybody.

    Args:
        asked: the rules.
        held: the certificates.
        cases: `application_id`, `digest`, `staff`, ordered by `digest`.
    """
    cells = cells_of(asked.rules)
    rows_of = asked.rules.head_counts.partition_by("digest", as_dict=True)
    parts = []
    for (digest,), mine in cases.group_by("digest", maintain_order=True):
        staffs = mine["staff"].to_numpy()
        for row in rows_of[digest,].iter_rows(named=True):
            fits = np.zeros(held.person.size, dtype=np.bool_)
            for kind in cells[row["cell"]]:
                one = (held.use == held.codes.get(kind["use"], -2)) & (held.rank >= kind["rank"])
                if kind["value"] != "*":
                    one &= held.value == held.codes.get(kind["value"], -2)
                fits |= one
            serves = np.zeros(held.staff_of.size, dtype=np.bool_)
            serves[held.person[fits]] = True
            counts = np.bincount(held.staff_of[serves], minlength=held.staffs)[staffs]
            parts.append(
                pl.DataFrame(
                    {
                        "application_id": mine["application_id"],
                        "count": counts,
                        "truth": counts >= row["asked"],
                    }
                ).with_columns(criterion=pl.lit(row["criterion"]))
            )
    return pl.concat(parts)


# -- the whole question --------------------------------------------------------------


def whole(asked: Question, office: Office, enterprises: int) -> tuple[int, int]:
    """Every criterion of every level for the first enterprises: how many cases and criteria."""
    at = office.now()
    levels = every_level(office.rulebook, legal_day(at)).select(ITEM)

    def ask(codes: pl.DataFrame) -> tuple[int, int]:
        found = precheck(
            codes.join(levels, how="cross").with_columns(kind=pl.lit(None, pl.String())),
            asked.facts.of_enterprises(codes["usc_code"].to_list()),
            office.rulebook,
            at,
        )
        return found.levels.height, found.criteria.height

    codes = asked.cases.select(pl.col("usc_code").unique().sort()).head(enterprises)
    counts = [count for _, count in side_by_side(ask, codes.iter_slices(TOGETHER))]
    return sum(cases for cases, _ in counts), sum(criteria for _, criteria in counts)


def with_evidence(asked: Question, office: Office, *, is_wanted: bool) -> int:
    """The standard alone for one portion, with or without the rows it rests on: how many rows."""
    some = asked.cases.select(pl.col("usc_code").unique().sort()).head(TOGETHER)
    cases = asked.cases.join(some, on="usc_code", how="semi")
    found = evaluate(cases, asked.facts, office.rulebook, with_evidence=is_wanted)
    return found.evidence.height


def tell_whole(asked: Question, office: Office) -> float:
    """Measure the whole question; returns cases per second of the processor."""
    whole(asked, office, TOGETHER)  # compiles the rules
    (cases, criteria), all_of_it = spent(partial(whole, asked, office, ENTERPRISES))
    (some, _), a_tenth = spent(partial(whole, asked, office, ENTERPRISES // 10))
    say(
        "whole question",
        f"{cases / all_of_it.processor:,.0f} cases/s",
        f"{cases:,} cases, {criteria:,} criteria, {all_of_it.told}",
    )
    say(
        "a tenth of it, per case",
        f"{a_tenth.processor / some * 1e6:,.0f} µs of cpu",
        f"of all {all_of_it.processor / cases * 1e6:,.0f} µs",
    )
    bare = best(partial(with_evidence, asked, office, is_wanted=False))
    full = best(partial(with_evidence, asked, office, is_wanted=True))
    rows = with_evidence(asked, office, is_wanted=True)
    say(
        "the standard alone with evidence",
        f"{full / bare:.1f} x without",
        f"cpu {full:.1f} s and {bare:.1f} s, {rows:,} rows of evidence",
    )
    return cases / all_of_it.processor


# -- the comparison ------------------------------------------------------------------


def compare(engine: pl.DataFrame, masks: pl.DataFrame, rules: Met) -> tuple[int, int]:
    """How many answers were compared: engine and masks, masks and rule engine.

    Raises:
        AssertionError: the engine grants what a peer does not, or the peers differ.
    """
    key = ["application_id", "criterion"]
    beside = masks.join(engine.select(*key, engine="truth"), on=key)
    wrong = beside.filter(pl.col("engine") & ~pl.col("truth"))
    assert wrong.is_empty(), f"the engine grants what the masks do not: {wrong}"
    asked_one_by_one = pl.DataFrame(
        [(case, criterion, met) for (case, criterion), met in rules.items()],
        schema={"application_id": pl.String(), "criterion": pl.String(), "met": pl.Boolean()},
        orient="row",
    )
    peers = masks.join(asked_one_by_one, on=key)
    wrong = peers.filter(pl.col("met") != pl.col("truth"))
    assert peers.height == len(rules) and wrong.is_empty(), f"the peers differ: {wrong}"
    return beside.height, peers.height


def best(work: Callable[[], object], rounds: int = 3) -> float:
    """The least of some runs, in seconds of the processor."""
    return min(spent(work)[1].processor for _ in range(rounds))


def main() -> None:
    """Measure the three, and say how far apart they are."""
    made = BENCH / "supervision"
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else made if made.exists() else collected()
    office = Office(load(home))
    asked = question(office, ENTERPRISES)
    of = asked.cases.select("application_id", "digest").join(asked.people.of, on="application_id")
    cases = of.filter(pl.col("digest").is_in(asked.assessed["digest"].implode()))
    cases = cases.sort("digest", maintain_order=True)
    say(
        "data",
        f"{cases.height:,} cases",
        f"{asked.cases['usc_code'].n_unique():,} enterprises, "
        f"{asked.certificates.height:,} certificates that count, in memory",
    )
    engine = best(partial(by_engine, asked))
    arrays = columns_of(asked)
    masked = best(partial(by_masks, asked, arrays, cases))
    sample = cases.sample(min(ZEN_CASES, cases.height), seed=1)
    compiled, given = decisions_of(asked), portfolios(asked)
    ruled = best(partial(by_rule_engine, asked, sample, compiled, given), 1)
    compared = compare(
        by_engine(asked),
        by_masks(asked, arrays, cases),
        by_rule_engine(asked, sample, compiled, given),
    )
    rates = {"engine": cases.height / engine, "numpy": cases.height / masked}
    rates["zen"] = sample.height / ruled
    say("head counts by the engine", f"{rates['engine']:,.0f} cases/s")
    for name, what in (("numpy", "numpy masks"), ("zen", "zen-engine, one by one")):
        say(
            f"the same by {what}",
            f"{rates[name]:,.0f} cases/s",
            f"engine: {rates['engine'] / rates[name]:.1f} x",
        )
    everything = tell_whole(asked, office)
    say(
        "whole question beside head counts alone",
        f"{everything / rates['zen']:.1f} x zen-engine",
        f"{everything / rates['numpy']:.2f} x numpy masks, which answer part of it",
    )
    say("answers compared", f"{sum(compared):,}", "none granted by the engine alone")
    say("peak memory", f"{peak_gib():.2f} GiB")


if __name__ == "__main__":
    main()
