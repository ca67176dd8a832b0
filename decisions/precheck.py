"""What-if: the same evaluation without filing. What is met, what is short, and by how much.

Belongs here: the questions one may ask of the standard for an enterprise, and their answers.
Does not: evaluating (`decisions.engine`), writing anything. An application for the same item on
the same day and release finds the same criteria (a test compares them); only that a filed case
which a switch shuts out is not assessed, while here everybody sees how far the way is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import polars as pl

from assets.calendar import legal_day
from assets.lake.store import Store
from assets.tables import enterprise, whatif
from checks import release
from decisions import kleene
from decisions.admission import judge_admission
from decisions.buckets import PROVINCE, batches, portions, side_by_side, with_bucket
from decisions.cases import cases_of_applications
from decisions.criteria import admission_criteria, outcomes_of
from decisions.engine import evaluate
from decisions.facts.bodies import bodies_of
from decisions.facts.model import Facts
from decisions.filing.applicants import resolve
from decisions.filing.items import read_item
from decisions.holdings.held import held_now
from decisions.plans import as_written
from decisions.rulebook.book import Rulebook
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.tables import compile_tables

TOGETHER = 350
"""Enterprises asked about in one evaluation, each about every level: some 44,000 cases."""
ITEM = ("category_code", "subcategory", "level")
_KEY = ("usc_code", *ITEM)


@dataclass(frozen=True)
class Prechecked:
    """Answers.

    Attributes:
        levels: `whatif__level`: one row per question.
        criteria: every criterion: `usc_code` and the item, then the columns of
            `decision__criterion` without those of an application, and `short_by`
            (`decisions.verdicts.CRITERIA`); of a question about everybody without what the
            standard says (`decisions.criteria.WORDS`), which `rules` tell of each criterion.
    """

    levels: pl.DataFrame
    criteria: pl.DataFrame


def every_level(rulebook: Rulebook, on: date) -> pl.DataFrame:
    """All that may be applied for on a day: `category_code`, `subcategory`, `level`, `is_lowest`.

    Raises:
        RulebookError: there was no standard on that day.
    """
    found = [
        (rules.code, rules.subcategory, rules.level.level, rules.is_lowest)
        for rules in rulebook.rule_sets
        if rules.valid_from <= on and (rules.valid_to is None or on <= rules.valid_to)
    ]
    if not found:
        raise RulebookError(f"{on}: 该日尚无标准 there was no standard on that day")
    return pl.DataFrame(found, schema=[*ITEM, "is_lowest"], orient="row")


def natural_kinds(asked: pl.DataFrame, facts: Facts, rulebook: Rulebook, on: date) -> pl.DataFrame:
    """The kind of application by which each level is got, where none is given.

    What is surely held is renewed. A lowest level, and 二级 where it may be applied for at once
    and nothing of the category is held (B1.6), is a first application, or an addition where
    anything else is held; every other one an upgrade (B1, B2).

    Args:
        asked: `usc_code`, the item, and `kind`, null where it is to be found.
        facts: the release.
        rulebook: the standard.
        on: the day of the question.
    """
    enterprises = asked.select(
        pl.col("usc_code").unique(maintain_order=True), filed_on=pl.lit(on), decided_on=pl.lit(on)
    ).with_columns(application_id="usc_code")
    held = held_now(enterprises, facts, rulebook.extensions).filter("is_valid")
    any_held = held.select("usc_code", holds_any=pl.lit(True)).unique()
    same_held = held.select("usc_code", *ITEM, holds_it=pl.lit(True)).unique()
    category_held = held.select("usc_code", *ITEM[:2], holds_category=pl.lit(True)).unique()
    direct = compile_tables(rulebook).direct_sets.filter(
        pl.lit(on).is_between("valid_from", "valid_to")
    )
    lowest = every_level(rulebook, on)
    return (
        asked.join(lowest, on=ITEM, how="left")
        .join(direct.select(*ITEM, is_direct=pl.lit(True)), on=ITEM, how="left")
        .join(category_held, on=["usc_code", *ITEM[:2]], how="left")
        .join(any_held, on="usc_code", how="left")
        .join(same_held, on=["usc_code", *ITEM], how="left")
        .with_columns(
            kind=pl.coalesce(
                "kind",
                pl.when("holds_it")
                .then(pl.lit("renewal"))
                .when(
                    ~pl.col("is_lowest")
                    & (pl.col("is_direct").is_null() | pl.col("holds_category").is_not_null())
                )
                .then(pl.lit("upgrade"))
                .when("holds_any")
                .then(pl.lit("addition"))
                .otherwise(pl.lit("first")),
            )
        )
        .select(asked.columns)
    )


def precheck(
    asked: pl.DataFrame,
    facts: Facts,
    rulebook: Rulebook,
    at: datetime,
    *,
    as_authority: str | None = None,
    recalled_may_grant: bool = True,
    with_words: bool = True,
) -> Prechecked:
    """Evaluate as if each question were filed, and decided, at an instant.

    Args:
        asked: `usc_code`, `category_code`, `subcategory`, `level` and `kind` (null: see
            `natural_kinds`), each question once.
        facts: one release, with Miaoban's own grants.
        rulebook: the standard.
        at: the instant, UTC.
        as_authority: whose office is asked; None = for each level the one that decides it.
        recalled_may_grant: see `decisions.engine.decide`.
        with_words: see `decisions.engine.evaluate`.

    Raises:
        RulebookError: there was no standard on that day.
    """
    questions = natural_kinds(asked, facts, rulebook, legal_day(at)).with_row_index("n")
    cases = cases_of_applications(
        questions.select(
            "usc_code",
            *ITEM,
            "kind",
            application_id="n",
            filed_at=pl.lit(at).cast(pl.Datetime("us", "UTC")),
        ),
        facts,
        rulebook,
        at,
    )
    bodies = bodies_of(cases, facts)
    admission = judge_admission(cases, bodies, facts, rulebook, as_authority, recalled_may_grant)
    # Not with the evidence: until it goes, all that it could be worked out from stays in memory.
    assessed = evaluate(
        cases,
        bodies,
        facts,
        rulebook,
        recalled_may_grant=recalled_may_grant,
        with_words=with_words,
    ).criteria
    of_switches = admission_criteria(admission, cases, with_words=with_words)
    criteria = as_written(
        pl.concat([of_switches, assessed.lazy()]).with_columns(
            result=kleene.result(pl.col("truth"))
        )
    )
    levels = (
        outcomes_of(cases, criteria)
        .join(_deciding(criteria), on="application_id", how="left")
        .with_columns(
            pl.col("not_met", "no_data").fill_null([]),
            asked_on=pl.lit(legal_day(at)),
            may_apply=kleene.result(pl.col("admitted")),
            meets_standard=kleene.result(pl.col("assessed")),
            rule_digest=pl.col("digest").fill_null(""),
            release_id=pl.lit(facts.release_id),
        )
        .pipe(with_bucket)
    )
    named = (pl.lit(questions[name]).gather("application_id").alias(name) for name in _KEY)
    return Prechecked(
        levels=whatif.LEVEL.conform(levels.select(whatif.LEVEL.schema.names())),
        criteria=criteria.select(*named, pl.all().exclude("application_id", "truth")),
    )


def of_enterprise(
    store: Store,
    rulebook: Rulebook,
    name: str,
    item: str | None,
    kind: str | None,
    at: datetime,
    *,
    recalled_may_grant: bool = True,
) -> Prechecked:
    """`precheck` of one enterprise at the latest release; nothing is written.

    Args:
        store: the lakehouse.
        rulebook: the standard.
        name: code or registered name.
        item: what is asked for (`decisions.filing.items.read_item`), before this authority as an
            application would be; None = every level, each before the authority that decides it.
        kind: see `natural_kinds`.
        at: the instant, UTC.
        recalled_may_grant: see `decisions.engine.decide`.

    Raises:
        IntakeError: nobody of this name, or no such item.
        RulebookError: the standard has no such level, or there was none on that day.
    """
    usc_code = resolve(store, name)
    latest = release.latest(store)
    assert latest is not None, "resolve has already refused"
    on = legal_day(at)
    if item is None:
        levels = every_level(rulebook, on).select(ITEM)
    else:
        asked = read_item(item, rulebook)
        rulebook.rule_set(asked.category_code, asked.subcategory, asked.level, on)
        levels = pl.DataFrame([asdict(asked)], schema=dict.fromkeys(ITEM, pl.String()))
    return precheck(
        levels.with_columns(usc_code=pl.lit(usc_code), kind=pl.lit(kind, pl.String())),
        Facts.at(
            store,
            latest.release_id,
            latest.versions,
            [usc_code],
            insured_from=rulebook.kinds.insured_from(on),
        ),
        rulebook,
        at,
        as_authority=None if item is None else "province",
        recalled_may_grant=recalled_may_grant,
    )


def ask_everyone(
    store: Store,
    rulebook: Rulebook,
    buckets: Sequence[str],
    at: datetime,
    *,
    recalled_may_grant: bool = True,
    with_criteria: bool = False,
) -> Iterator[tuple[str, pl.DataFrame, pl.DataFrame]]:
    """Each bucket with `whatif__level` of its enterprises and every level, at one release.

    Beside it `whatif__criterion`, empty unless `with_criteria`. Without a release there is nothing
    to ask.
    """
    latest = release.latest(store)
    if latest is None:
        return
    facts = Facts.at(store, latest.release_id, latest.versions)
    open_, behind = whatif.LEVEL.empty(), whatif.CRITERION.empty()
    for ended, found in whole_question(
        facts, rulebook, buckets, at, recalled_may_grant=recalled_may_grant
    ):
        open_ = pl.concat([open_, found.levels])
        if with_criteria:
            behind = pl.concat([behind, _in_codes(found, latest.release_id)])
        for bucket in ended:
            yield bucket, open_.filter(bucket=bucket), behind.filter(bucket=bucket)
        open_, behind = (one.filter(~pl.col("bucket").is_in(ended)) for one in (open_, behind))


def _in_codes(found: Prechecked, release_id: str) -> pl.DataFrame:
    """`whatif__criterion` of answers: a thirtieth of the room that the texts take."""
    rows = found.criteria.pipe(with_bucket).with_columns(release_id=pl.lit(release_id))
    return whatif.CRITERION.conform(rows.select(whatif.CRITERION.schema.names()))


def whole_question(
    facts: Facts,
    rulebook: Rulebook,
    buckets: Sequence[str],
    at: datetime,
    *,
    recalled_may_grant: bool = True,
) -> Iterator[tuple[list[str], Prechecked]]:
    """What would every enterprise get today: portion by portion, every level, every criterion.

    What is in memory at once is bounded: the facts of `PROVINCE` enterprises, and the cases of
    `TOGETHER` for each core. Of more enterprises the time grows as their number does: what each
    share of them needs is set down in one reading (`decisions.facts.shares`).

    Args:
        facts: one release, of all enterprises.
        rulebook: the standard.
        buckets: whose enterprises are asked about (`decisions.buckets`).
        at: the instant, UTC.
        recalled_may_grant: see `decisions.engine.decide`.

    Yields:
        The buckets that end with a portion, and the answers about its enterprises.

    Raises:
        RulebookError: there was no standard on that day.
    """
    registered = (
        facts.table(enterprise.REGISTRY)
        .filter(pl.col("entity_code") == "enterprise")
        .select(pl.col("usc_code").unique().sort())
        .collect()["usc_code"]
    )
    levels = every_level(rulebook, legal_day(at)).select(ITEM)

    def answers(
        together: list[str], codes: list[str], held: Facts
    ) -> Iterator[tuple[list[str], Prechecked]]:

        def ask(portion: tuple[list[str], list[str]]) -> Prechecked:
            _, some = portion
            everyone = pl.DataFrame({"usc_code": some}, schema={"usc_code": pl.String()})
            return precheck(
                everyone.join(levels, how="cross").with_columns(kind=pl.lit(None, pl.String())),
                held.of_enterprises(some),
                rulebook,
                at,
                recalled_may_grant=recalled_may_grant,
                with_words=False,
            )

        for (ended, _), found in side_by_side(ask, portions(codes, together, TOGETHER)):
            yield ended, found

    shares = list(batches(registered, buckets, PROVINCE))
    holds = facts.in_shares(
        rulebook.kinds.insured_from(legal_day(at)), [codes for _, codes in shares]
    )
    for (together, codes), hold in zip(shares, holds, strict=True):
        yield from answers(together, codes, hold())


def _deciding(criteria: pl.DataFrame) -> pl.DataFrame:
    """The criteria that decide by themselves: those `not_met`, and with `no_data`, of each case."""
    is_met, name = pl.col("truth"), pl.col("criterion")
    # Of many rows: a filter takes along what it is given.
    told = criteria.lazy().select("application_id", "criterion", "truth", "parent")
    against = as_written(told.filter(pl.col("parent").is_null() & ~is_met.fill_null(False)))
    # All in order once, by number, not the texts of each case anew.
    names = pl.Enum(against["criterion"].unique().sort())
    return (
        against.lazy()
        .sort(name.cast(names))
        .group_by("application_id")
        .agg(not_met=name.filter(is_met.is_not_null()), no_data=name.filter(is_met.is_null()))
        .pipe(as_written)
    )
