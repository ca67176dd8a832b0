"""The clean province, a block of enterprises at a time: rows as the base tables want them.

What belongs here: one entry that gathers every table of a block, and the applications.
What does not: how a channel writes them (`rendering`) or spoils them (`faults`). Rows that
contradict each other on purpose (a finding, not a fault of writing) are in here already
and named in `plan`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import polars as pl

from assets.calendar import SHANGHAI
from assets.sample import people as persons
from assets.sample.draws import Draws
from assets.sample.enterprises import enterprise_frames
from assets.sample.insurance import insurance
from assets.sample.portraits import Portrait, portrait
from assets.sample.works import works

BLOCK = 500
"""Enterprises made at a time; what is made does not depend on it."""

FEED_OF = {
    "registry": ("market_registry", "registration"),
    "event": ("market_registry", "event"),
    "statement": ("finance", "statement"),
    "insurance": ("social_security", "insurance"),
    "pension": ("social_security", "pension"),
    "registration": ("constructor_registry", "registration"),
    "title": ("titles", "title"),
    "post": ("post_certificates", "certificate"),
    "skill": ("skills", "certificate"),
    "certificate": ("construction", "certificate"),
    "qualification": ("construction", "qualification"),
    "design": ("construction", "design"),
    "technical_lead": ("construction", "technical_lead"),
    "equipment": ("construction", "equipment"),
    "project": ("project_platform", "project"),
    "contract": ("project_platform", "contract"),
    "permit": ("permits", "permit"),
    "unit": ("project_platform", "unit"),
    "acceptance": ("project_platform", "acceptance"),
    "party": ("project_platform", "party"),
    "finding": ("credit", "finding"),
    "bar": ("credit", "bar"),
    "rectification": ("credit", "rectification"),
    "identity": ("public_security", "identity"),
    "application": ("portal", "application"),
}
"""Clean frame to (channel, feed)."""
LATER_FEED_OF = {
    "annual_report": ("market_registry", "annual_report"),
    "safety_licence": ("construction", "safety_licence"),
    "tender": ("project_platform", "tender"),
    "quality_record": ("project_platform", "quality_record"),
    "qualification_use": ("project_platform", "qualification_use"),
    "listing": ("credit", "listing"),
    "person_record": ("credit", "person_record"),
    "identity_statement": ("public_security", "identity_statement"),
}
"""Feeds by which only newcomers are told of (`witnessed`): they complete nothing."""
EVERY_FEED_OF = FEED_OF | LATER_FEED_OF


def blocks(
    enterprises: int, seed: int, as_of: date, size: int = BLOCK, first: int = 0
) -> Iterator[dict[str, pl.DataFrame]]:
    """The clean frames of one block after another, by the keys of `FEED_OF`.

    Every frame has `owner`, the index of the enterprise a row was made for: the frames of
    a smaller province are those of a larger one with the higher owners left out. `first` leaves
    out the lower ones.
    """
    draws = Draws(seed)
    for start in range(first, enterprises, size):
        portraits = [
            portrait(index, draws, as_of) for index in range(start, min(start + size, enterprises))
        ]
        yield _block(portraits, draws, as_of)


def _block(portraits: list[Portrait], draws: Draws, as_of: date) -> dict[str, pl.DataFrame]:
    people = persons.persons(portraits, draws, as_of)
    registrations = persons.registrations(people, portraits, draws, as_of)
    return {
        **enterprise_frames(portraits, draws, as_of),
        "insurance": insurance(people, portraits, draws, as_of),
        "registration": registrations,
        "title": persons.titles(people, draws, as_of),
        "post": persons.posts(people, draws, as_of),
        "skill": persons.skills(people, draws, as_of),
        "technical_lead": persons.technical_leads(people, portraits),
        "identity": people.select(
            "owner",
            "slot",
            "id_number",
            "deceased_on",
            name="person_name",
            plan=pl.when(pl.col("deceased_on").is_not_null())
            .then(pl.lit("deceased"))
            .when("is_over_60")
            .then(pl.lit("over_60"))
            .otherwise(pl.lit("")),
        ),
        "pension": people.filter(pl.col("retired_on").is_not_null()).select(
            "owner", "slot", "id_number", "person_name", "retired_on"
        ),
        **works(portraits, people, registrations, draws, as_of),
        "application": _applications(portraits),
    }


def filing_instant(p: Portrait) -> datetime:
    """Between 08:30 and 09:49 China time of the day of filing."""
    assert p.filed_on is not None
    opening = datetime.combine(p.filed_on, time(8, 30), SHANGHAI)
    return opening + timedelta(seconds=p.index * 97 % 4_740)


def _applications(portraits: list[Portrait]) -> pl.DataFrame:
    rows = []
    for p in portraits:
        if p.scenario is None or p.filed_on is None:
            continue
        s = p.scenario
        rows.append(
            (
                p.index,
                f"SB{p.filed_on:%Y%m%d}-{p.index + 1:05d}",
                p.usc_code,
                s.kind,
                s.item[0],
                "",
                s.item[1],
                filing_instant(p).isoformat(),
                s.key,
                s.outcome,
                list(s.because),
                s.clause,
            )
        )
    schema: dict[str, pl.DataType] = {
        "owner": pl.Int64(),
        "application_id": pl.String(),
        "usc_code": pl.String(),
        "kind": pl.String(),
        "category_code": pl.String(),
        "subcategory": pl.String(),
        "level": pl.String(),
        "filed_at": pl.String(),
        "scenario": pl.String(),
        "outcome": pl.String(),
        "because": pl.List(pl.String()),
        "clause": pl.String(),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
