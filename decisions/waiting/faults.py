"""Why a row proves nothing: set apart, doubted, without what decides, or of a name nobody knows.

Belongs here: finding such rows in a table, with what ties them to a case, and the form in which
anything missing is told. Does not: rows that are not there (`decisions.waiting.absences`), which
case they hold up (`decisions.waiting.missing`), or what follows from doubt
(`decisions.facts.trust`).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from assets.bases.quarantine import open_quarantine
from assets.lake.declaration import Table
from assets.persons import NUMBER
from assets.tables import check, credit, enterprise, intake, personnel, project
from assets.tables import decision as tables
from assets.wording import worded
from decisions.facts.lost import NUMBERS, told, with_bearers
from decisions.facts.model import Facts
from decisions.facts.unread import ABOUT
from decisions.performance.measures import listed_label
from decisions.rulebook.book import Rulebook
from decisions.rulebook.codes import UNLISTED_KIND

EVALUATION = ["application_id", "evaluation_no"]
CRITERION = [*EVALUATION, "criterion"]
"""What something is missing of."""
LACKS = pl.Schema(
    {
        **{name: tables.MISSING.schema[name] for name in CRITERION},
        "target": pl.String(),
        "row_key": pl.String(),
        "usc_code": pl.String(),
        "person_key": pl.String(),
        "period": pl.Date(),
        "fault": pl.String(),
        "cause": pl.String(),
        "detail": pl.String(),
        "delivery_id": pl.String(),
        "value": pl.String(),
    }
)
"""Something a criterion lacks; `value`: the thing it looks at that lacks it."""
_TOLD = ("row_key", "usc_code", "person_key", "cause", "detail", "delivery_id")

IS_DOUBT = "^(?:shared|contradicted):"
"""How the reason begins of a row set apart because nobody knows whose its number is."""

WORKS = (
    project.PROJECT,
    project.CONTRACT,
    project.UNIT,
    project.MEASURE,
    project.ACCEPTANCE,
    project.PARTY,
)
PEOPLE = (
    personnel.PERSON,
    personnel.REGISTRATION,
    personnel.TITLE,
    personnel.POST,
    personnel.SKILL,
    personnel.INSURANCE,
)
DECIDING: dict[Table, tuple[str, ...]] = {
    enterprise.REGISTRY: ("region_code", "state_code", "registered_capital_yuan"),
    enterprise.EQUIPMENT: ("is_owned", "purchased_on"),
    personnel.PERSON: ("born_on",),
    personnel.REGISTRATION: ("registration", "specialty", "valid_from", "valid_until"),
    personnel.TITLE: ("title_level", "series", "studied_major", "awarded_on"),
    personnel.POST: ("issued_on",),
    personnel.SKILL: ("grade", "issued_on"),
    personnel.INSURANCE: ("is_paid",),
    personnel.TECHNICAL_LEAD: ("practice_from", "practice_field", "appointed_on"),
    project.CONTRACT: ("contract_type", "signed_on", "is_consortium"),
    project.ACCEPTANCE: ("started_on", "accepted_on", "quality"),
    credit.FINDING: ("act",),
}
"""Columns that may be empty in a sound row, and without which it decides nothing."""


NAMED: dict[Table, tuple[str, ...]] = {
    project.UNIT: ("unit_code", "works_type"),
    project.MEASURE: ("unit_code", "works_type"),
    enterprise.EQUIPMENT: ("usc_code", "equipment_kind"),
    enterprise.DESIGN: ("usc_code", "industry"),
    personnel.TITLE: ("person_key", "major", "studied_major"),
}
"""By what a row belongs to a criterion, and its names in free text of a list of the rulebook."""


def lacks(rows: pl.DataFrame) -> pl.DataFrame:
    """Exactly the columns of `LACKS`; those not given are null."""
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in LACKS.items()
    )


def links(table: Table) -> tuple[str, ...]:
    """The columns by which a row of a table belongs to what a criterion looks at."""
    if table in WORKS:
        return tuple(n for n in ("unit_code", "contract_no", "project_no") if n in table.schema)
    return ("person_key",) if table in PEOPLE else ("usc_code",)


def faults(facts: Facts, targets: Iterable[Table], things: pl.DataFrame) -> list[pl.LazyFrame]:
    """The rows that prove nothing, among those tied to the things.

    Args:
        facts: the release.
        targets: base tables to look in.
        things: `link` (a column of `links`), `value`.

    Returns:
        Frames of `link`, `value`, `target`, `fault` and the columns of `LACKS` about the row.
    """
    doubts = facts.raw(check.FINDING).filter(pl.col("severity") == "DATA")
    sources = (facts.raw(intake.QUARANTINE), doubts)
    apart, doubted = (
        set(found["target"])
        for found in facts.collect_all([rows.select("target").unique() for rows in sources])
    )
    found = []
    for table in targets:
        for link in links(table):
            wanted = things.filter(pl.col("link") == link)["value"].unique().implode()
            if table.name in apart:
                found.append(_apart(facts, table, link, wanted))
            if table.name in doubted:
                found.append(_doubted(doubts, table, link, wanted))
            if table in DECIDING:
                found.append(_empty(facts, table, link, wanted))
    return found


def unlisted(
    facts: Facts, targets: Iterable[Table], things: pl.DataFrame, rulebook: Rulebook
) -> list[pl.LazyFrame]:
    """The rows whose name no list of the rulebook has, as `faults` gives those in doubt."""
    found = []
    for table in targets:
        if table not in NAMED:
            continue
        link, *names = NAMED[table]
        listed = _listed(table, rulebook)
        wanted = things.filter(pl.col("link") == link)["value"].unique().implode()
        keys = joined(pl.col(key) for key in table.key)
        for name in names:
            rows = facts.table(table).filter(
                "is_trusted", pl.col(link).is_in(wanted), ~pl.col(name).is_in(listed)
            )
            told = rows.with_columns(value=pl.col(link), row_key=keys, cause=pl.col(name))
            found.append(_told(told, table, link, "unlisted"))
        if table == project.MEASURE:
            label = listed_label(rulebook.codes)
            is_strange = label.is_null() | label.str.contains(UNLISTED_KIND, literal=True)
            rows = facts.table(table).filter(
                "is_trusted",
                pl.col(link).is_in(wanted),
                pl.col("label").is_not_null() & is_strange,
            )
            told = rows.with_columns(value=pl.col(link), row_key=keys, cause=pl.col("label"))
            found.append(_told(told, table, link, "unlisted"))
    return found


def _listed(table: Table, rulebook: Rulebook) -> list[str]:
    """The names that the rulebook has a list of."""
    if table == enterprise.DESIGN:
        return list(rulebook.designers.series) if rulebook.designers else []
    codes = rulebook.codes
    if table == personnel.TITLE:
        return list(codes.people.listed_majors)
    return list(codes.machines if table == enterprise.EQUIPMENT else codes.works)


def _told(rows: pl.LazyFrame, table: Table, link: str, fault: str, **more: pl.Expr) -> pl.LazyFrame:
    names = rows.collect_schema().names()
    return rows.select(
        "value",
        *(pl.col(n) if n in names else pl.lit(None, pl.String()).alias(n) for n in _TOLD),
        link=pl.lit(link),
        target=pl.lit(table.name),
        fault=pl.lit(fault),
        **more,
    )


def joined(keys: Iterable[pl.Expr]) -> pl.Expr:
    """A key of several columns as one text; what could not be read of it is empty."""
    return pl.concat_str(*(key.cast(pl.String).fill_null("") for key in keys), separator="|")


def _apart(facts: Facts, table: Table, link: str, wanted: pl.Series) -> pl.LazyFrame:
    """Rows set apart that no sound row has cleared; one without a readable person stands alone."""
    value = {
        "person_key": pl.coalesce("person_key", told(link), worded("?{}", _PLACE)),
        "usc_code": pl.coalesce("usc_code", told(link)),
    }.get(link, told(link))
    rows = _rows_apart(facts, table).with_columns(value=value)
    return _told(rows.filter(pl.col("value").is_in(wanted)), table, link, "quarantined")


_MONTH = told("month").str.to_date("%Y-%m-%d", strict=False)
_PLACE = worded("{}:{}", "delivery_id", "row_no")


def _rows_apart(facts: Facts, table: Table) -> pl.LazyFrame:
    """Rows set apart, of whose they are or may be by their number, with `row_key` and `cause`.

    Named by their key, or by their place where it cannot be read: the same for whoever asks.
    """
    rows = open_quarantine(facts.raw(intake.QUARANTINE), facts.raw(table), table)
    is_named = pl.col("key_json").is_not_null()
    if table.name in NUMBERS and not facts.lost.is_empty():
        is_named &= pl.col("is_named")
        given = facts.collect(rows).with_columns(is_named=pl.col("usc_code").is_not_null())
        rows = with_bearers(given, facts.tables, facts.collect).lazy()
    keys = [pl.col("key_json").str.json_path_match(f"$.{name}") for name in table.key]
    return rows.with_columns(
        row_key=pl.when(is_named).then(joined(keys)).otherwise(_PLACE),
        cause=pl.col("reasons").list.join(";"),
        detail=told(NUMBER),
    )


def adrift(facts: Facts, table: Table, codes: pl.Series) -> pl.LazyFrame:
    """Rows set apart that may be about any of their enterprise's (`decisions.facts.unread`).

    `value`: whose.
    """
    lost = _rows_apart(facts, table).filter(
        pl.any_horizontal(told(name).is_null() for name in ABOUT[table.name]),
        pl.col("usc_code").is_in(codes),
    )
    return _told(lost.with_columns(value="usc_code"), table, "usc_code", "quarantined")


def nameless(facts: Facts, table: Table, whose: pl.Expr) -> pl.LazyFrame:
    """Rows set apart that name no enterprise (`decisions.facts.astray`); `value`: `whose`, else."""
    rows = _rows_apart(facts, table).filter(pl.col("usc_code").is_null())
    return _told(rows.with_columns(value=whose, row_key=_PLACE), table, "", "quarantined")


def without_person(facts: Facts, table: Table, codes: pl.Series) -> pl.LazyFrame:
    """Months of insurance set apart that name no person, with `period`; `value`: who paid."""
    rows = _rows_apart(facts, table).filter(
        pl.col("person_key").is_null() & told("person_key").is_null(),
        pl.col("usc_code").is_in(codes.unique().implode()),
    )
    named = rows.with_columns(value="usc_code", row_key=_PLACE)
    return _told(named, table, "usc_code", "quarantined", period=_MONTH)


def _doubted(doubts: pl.LazyFrame, table: Table, link: str, wanted: pl.Series) -> pl.LazyFrame:
    """What a cross-check does not trust; what the law does not count (LAW) is no doubt."""
    # One about a month of insurance names the person first.
    named = pl.col("row_key").str.split("|").list.first()
    told = doubts.filter(pl.col("target") == table.name).with_columns(
        value="usc_code" if link == "usc_code" else named,
        cause="check_id",
        person_key=named if link == "person_key" else pl.lit(None, pl.String()),
    )
    return _told(told.filter(pl.col("value").is_in(wanted)), table, link, "doubted")


def _empty(facts: Facts, table: Table, link: str, wanted: pl.Series) -> pl.LazyFrame:
    empty = pl.concat_list(
        pl.when(pl.col(name).is_null()).then(pl.lit(name)) for name in DECIDING[table]
    )
    told = (
        facts.table(table)
        .filter("is_trusted", pl.col(link).is_in(wanted))
        .with_columns(
            value=pl.col(link),
            row_key=joined(pl.col(name) for name in table.key),
            cause=empty.list.drop_nulls(),
        )
        .filter(pl.col("cause").list.len() > 0)
        .explode("cause")
    )
    return _told(told, table, link, "empty")
