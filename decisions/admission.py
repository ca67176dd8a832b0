"""The switches before any assessment, in their order (regulations A, B, C3-C8).

Belongs here: which switches bear on which case, their order, and the evidence they share. Does
not: any switch (`decisions.switches`), any kind (`decisions.kinds`).
"""

from __future__ import annotations

from functools import cache

import polars as pl

from assets.tables import enterprise
from assets.wording import worded
from decisions import words
from decisions.facts.model import Facts
from decisions.holdings.validity import may_run_longer
from decisions.kinds.every import KINDS
from decisions.lookup import looked_up
from decisions.plans import as_written
from decisions.rulebook.book import Rulebook
from decisions.switches.change import differences
from decisions.switches.model import Desk, Switch
from decisions.verdicts import Verdicts

ORDER = (
    "jurisdiction",
    "registration_state",
    "level_open",
    "first_level",
    "held",
    "validity",
    "filing_window",
    "exchange_due",
    "bar",
    "rectification",
    "reverification_due",
    "change_ground",
    "reverification_ground",
    "lower_level_ground",
)
"""The order in which an answer names what stands against it."""

_BELOW_THE_LEVEL = looked_up(
    pl.col("assessment"),
    {code: {"none": None, "next_lower": 1, "same": 0}[kind.about] for code, kind in KINDS.items()},
    pl.Int64(),
)
"""How far below the level applied for the holding lies that a kind is about."""
_ADDED = [
    pl.col("assessment").alias("procedure"),
    (pl.col("rank") - _BELOW_THE_LEVEL).alias("held_rank"),
]
_LOOKED_AT = (
    "application_id",
    "usc_code",
    "kind",
    "assessment",
    "is_lower",
    "category_code",
    "subcategory",
    "level",
    "filed_at",
    "filed_on",
    "decided_at",
    "decided_on",
    "rank",
    "is_lowest",
    "is_direct",
    "levels",
    "authority",
)
"""The columns of cases that any switch looks at (`decisions.switches.model.Desk`)."""


def judge_admission(
    cases: pl.DataFrame,
    bodies: pl.DataFrame,
    facts: Facts,
    book: Rulebook,
    as_authority: str | None,
    recalled_may_grant: bool,
) -> Verdicts:
    """The switches that bear on each case, each asked once of all cases it bears on.

    Args:
        cases: the columns of `decisions.switches.model.Desk`; `assessment` names the kind.
        bodies: theirs, from `decisions.facts.bodies.bodies_of`.
        facts: the release.
        book: the rulebook.
        as_authority: see `decisions.switches.model.Desk`.
        recalled_may_grant: see `decisions.engine.decide`.
    """
    desk = Desk(
        cases.select(*_LOOKED_AT, *_ADDED),
        bodies,
        facts,
        book,
        as_authority,
        recalled_may_grant,
    )
    answers = []
    kinds = set(desk.cases["assessment"].to_list())
    for switch, codes in _bearing():
        if kinds.isdisjoint(codes):
            continue
        asked = desk.cases
        if not kinds.issubset(codes):
            asked = asked.filter(pl.col("assessment").is_in(codes))
        answers.append(switch.judge(desk, asked).select(_answer(switch.name)))
    if not answers:
        return Verdicts.none(cases.schema["application_id"])
    return Verdicts.of(as_written(pl.concat(answers)), _evidence(desk))


@cache
def _answer(switch: str) -> list[pl.Expr]:
    criterion, no_figure = pl.lit(switch).alias("criterion"), pl.lit(None, pl.Float64())
    told = [pl.col(name) for name in ("truth", "actual", "note")]
    return [pl.col("application_id"), criterion, *told, no_figure.alias("short_by")]


@cache
def _bearing() -> list[tuple[Switch, list[str]]]:
    """Every switch, in order, with the kinds it bears on."""
    found: dict[int, tuple[Switch, list[str]]] = {}
    for code, kind in KINDS.items():
        for switch in kind.switches:
            found.setdefault(id(switch), (switch, []))[1].append(code)
    return sorted(found.values(), key=lambda one: ORDER.index(one[0].name))


@cache
def switch_words() -> pl.DataFrame:
    """What each switch asks, by `assessment`, `criterion` and day of filing.

    The columns of a `Switch`, with `valid_from` and `valid_to` of clause and basis.
    """
    return pl.DataFrame(
        [
            (code, one.name, one.zh, one.en, one.required, *rests_on)
            for code, kind in KINDS.items()
            for one in kind.switches
            for rests_on in one.rests_on()
        ],
        schema=[
            *("assessment", "criterion", "zh", "en", "required"),
            *("valid_from", "valid_to", "clause", "basis"),
        ],
        orient="row",
    )


def _evidence(desk: Desk) -> pl.LazyFrame:
    """The registration, the qualifications held and what a change would change."""
    frames = [_registered(desk), _holdings(desk)]
    if "change" in desk.cases["kind"].to_list():
        frames.append(_changed(desk, desk.cases.filter(pl.col("kind") == "change")))
    return pl.concat(frames).unique(
        ["application_id", "criterion", "row_key"], keep="first", maintain_order=True
    )


def _registered(desk: Desk) -> pl.LazyFrame:
    return (
        desk.cases.lazy()
        .select("application_id", "usc_code")
        .join(desk.registry.lazy(), on="usc_code")
        .select("application_id", *_REGISTRATION)
    )


_IS_ACTIVE = pl.col("state_code") == "active"
_REGISTRATION = [
    pl.lit("registration_state").alias("criterion"),
    pl.lit(enterprise.REGISTRY.name).alias("target"),
    pl.col("usc_code").alias("row_key"),
    _IS_ACTIVE.alias("counted"),
    pl.when(~_IS_ACTIVE)
    .then(words.told(pl.col("state_code"), words.REGISTRY_STATES))
    .alias("reason"),
    pl.struct(
        "name",
        "entity_code",
        "region_code",
        "state_code",
        pl.col("registered_capital_yuan").cast(pl.String),
    )
    .struct.json_encode()
    .alias("content_json"),
]


def _holdings(desk: Desk) -> pl.LazyFrame:
    return desk.held.lazy().select("application_id", *_HOLDING)


_HOLDING = [
    pl.lit("held").alias("criterion"),
    pl.lit(enterprise.QUALIFICATION.name).alias("target"),
    worded(
        "{}|{}|{}|{}",  # what could not be read of a row set apart has no name
        *(
            pl.col(name).fill_null("?")
            for name in ("certificate_no", "category_code", "subcategory", "level")
        ),
    ).alias("row_key"),
    pl.col("is_valid").alias("counted"),
    pl.when(~pl.col("is_valid")).then(pl.lit("已失效 not valid")).alias("reason"),
    pl.struct(
        "status_code",
        pl.col("held_from").cast(pl.String),
        pl.col("valid_until").cast(pl.String),
        valid_at_most=pl.when(may_run_longer()).then(pl.col("valid_at_most").cast(pl.String)),
    )
    .struct.json_encode()
    .alias("content_json"),
]


def _changed(desk: Desk, changes: pl.DataFrame) -> pl.LazyFrame:
    """What the certificate shows, beside what the registration says now (B4.3)."""
    return (
        differences(desk, changes)
        .lazy()
        .select(
            "application_id",
            criterion=pl.lit("change_ground"),
            target=pl.lit(enterprise.REGISTRY.name),
            row_key="usc_code",
            counted=pl.lit(True),
            reason=pl.lit(None, pl.String()),
            content_json=pl.struct(
                "name",
                "printed_name",
                "address",
                "printed_address",
                "legal_representative",
                "printed_legal_representative",
                pl.col("registered_capital_yuan", "printed_capital_yuan").cast(pl.String),
            ).struct.json_encode(),
        )
    )
