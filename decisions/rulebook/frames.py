"""The frames that the compiled rulebook consists of: their columns, and what these mean.

Belongs here: the shape that the engine joins cases and facts with, and the level and the day by
which it does. Does not: filling the frames (`decisions.rulebook.tables`).

Every frame is keyed by `digest` (a rule set) and, where it states something to be judged, by
`criterion`, the path under which decisions report it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.lake.declaration import QUANTITY, YUAN
from decisions.lookup import looked_up
from decisions.rulebook.rule_set import LEVEL_RANK

FOREVER = date(9999, 12, 31)
JOINT = "constructor or titled"
"""Count of constructors and titled staff together (S06: 合计)."""

RANK = looked_up(pl.col("level"), LEVEL_RANK, pl.Int64())
"""The rank of a level, as `sets` has it; null of what is no level."""
IS_IN_FORCE = pl.col("filed_on").is_between("valid_from", "valid_to")
"""Whether what is stated for a while is so for who filed on that day."""

_TEXT, _INT, _FLAG = pl.String(), pl.Int64(), pl.Boolean()

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "sets": {
        "digest": _TEXT,
        "category_code": _TEXT,
        "subcategory": _TEXT,
        "level": _TEXT,
        "rank": _INT,
        "is_lowest": _FLAG,
        "valid_from": pl.Date(),
        "valid_to": pl.Date(),
    },
    "direct_sets": {
        "digest": _TEXT,
        "category_code": _TEXT,
        "subcategory": _TEXT,
        "level": _TEXT,
        "valid_from": pl.Date(),
        "valid_to": pl.Date(),
    },
    "recalled_days": {"digest": _TEXT, "notice": _TEXT},
    "recalled_scopes": {"digest": _TEXT, "sure_digest": _TEXT, "detail": _TEXT, "source": _TEXT},
    "criteria": {
        "digest": _TEXT,
        "part": _TEXT,
        "criterion": _TEXT,
        "parent": _TEXT,
        "zh": _TEXT,
        "en": _TEXT,
        "required": _TEXT,
        "clause": _TEXT,
        "basis": _TEXT,
        "shape": _TEXT,
        "evidence": pl.List(pl.String()),
        "verified_on": pl.Date(),
    },
    "unknown": {
        "digest": _TEXT,
        "part": _TEXT,
        "detail": _TEXT,
        "bearing": _TEXT,
        "is_certain": _FLAG,
    },
    "kind_parts": {
        "assessment": _TEXT,
        "is_lowest": _FLAG,
        "part": _TEXT,
        "valid_from": pl.Date(),
        "valid_to": pl.Date(),
    },
    "platform": {
        "digest": _TEXT,
        "before": _TEXT,
        "must_be_on_platform": _FLAG,
        "enterprise_grades": pl.List(pl.String()),
        "personal_grades": pl.List(pl.String()),
    },
    "net_assets": {"digest": _TEXT, "net_assets_yuan": YUAN},
    "held_net_assets": {
        "category_code": _TEXT,
        "subcategory": _TEXT,
        "level": _TEXT,
        "valid_from": pl.Date(),
        "valid_to": pl.Date(),
        "held_yuan": YUAN,
        "is_held_recalled": _FLAG,
    },
    "head_counts": {
        "digest": _TEXT,
        "part": _TEXT,
        "criterion": _TEXT,
        "counted": _TEXT,
        "asked": _INT,
        "cell": _INT,
    },
    "cells": {"cell": _INT, "use": _TEXT, "rank": _INT, "value": _TEXT},
    "other_assets": {
        "digest": _TEXT,
        "criterion": _TEXT,
        "what": _TEXT,
        "metric": _TEXT,
        "asked": QUANTITY,
    },
    "leads": {"digest": _TEXT, "years": _INT, "field": _TEXT},
    "lead_titles": {"digest": _TEXT, "rank": _INT, "value": _TEXT},
    "lead_registrations": {"digest": _TEXT, "registration": _TEXT, "value": _TEXT},
    "lead_projects": {"digest": _TEXT, "asked": _INT, "by_lead": _FLAG, "by_constructor": _FLAG},
    "performances": {
        "digest": _TEXT,
        "window_years": _INT,
        "need": _INT,
        "one_class_count": _INT,
        "sums_share_works": _FLAG,
    },
    "classes": {
        "digest": _TEXT,
        "class_n": _INT,
        "contract_types": pl.List(pl.String()),
        "unsettled_types": pl.List(pl.String()),
        "is_alone": _FLAG,
        "is_mandatory": _FLAG,
        "basis": _TEXT,
    },
    "class_groups": {"digest": _TEXT, "group_n": _INT, "class_n": _INT, "asked": _INT},
    "demands": {
        "digest": _TEXT,
        "class_n": _INT,
        "option_n": _INT,
        "demand_n": _INT,
        "metric": _TEXT,
        "asked": QUANTITY,
        "is_per_year": _FLAG,
        "counted_in": _TEXT,
        "unit": _TEXT,
    },
    "lines": {
        "digest": _TEXT,
        "purpose": _TEXT,
        "class_n": _INT,
        "option_n": _INT,
        "demand_n": _INT,
        "line_id": _INT,
    },
    "line_names": {"line_id": _INT, "name": _TEXT},
    "line_wider_names": {"line_id": _INT, "name": _TEXT},
    "atoms": {
        "line_id": _INT,
        "conjunction": _INT,
        "atom": _INT,
        "metric": _TEXT,
        "low": QUANTITY,
        "high": QUANTITY,
        "is_low_open": _FLAG,
        "is_high_open": _FLAG,
        "labels": pl.List(pl.String()),
        "is_negated": _FLAG,
        "must_include": _FLAG,
    },
    "equipment": {"digest": _TEXT, "need": _INT},
    "disciplines": {"category_code": _TEXT, "subcategory": _TEXT, "specialty": _TEXT},
}
"""Columns of every rule table.

`lines.purpose` is `performance`, `lead` (what the leader's own projects must reach), `scope`
(what the level may take) or `equipment`; for equipment `class_n` is minus the item. Scope
lines of one `class_n` are alternatives by kind or water: of those that fit, one is enough;
every `class_n` that fits must hold.
`demands.metric` null = a count of unit projects, or of `counted_in` (台, 套, 座, 条).
`demands.unit`: what the figures of a demand are in, as printed beside them.
`atoms.must_include`: the value is a list that must hold every label; written as one atom each.
`head_counts.counted` is the use whose people a row counts (constructor, titled, site, worker), or
`JOINT`. A cell is whom a count may count, whoever asks for how many: certificates of a `use`, of a
`rank` or above, for one of its values (`*` = any). Equal cells of different levels are one.
`recalled_days`: notices laid over a rule set that may not have been in force yet.
`recalled_scopes`: rule sets whose scope is only recalled, or by a notice that may not have been in
force yet; then `sure_digest` has the scope that was until then. `source`: what text to look up.
`unknown.bearing`: what a missing text leaves open: the `part`, further `classes`, a list of
`majors` (people count under `UNLISTED` there), whether majors must be `complete`, further
`roles`, the table of `sizes`, limits of the `scope`, or (lead_performance) a `cited` text.
`line_wider_names`: wider kinds; what is known only by one may or may not be of the line's
kind. Of every line one is `UNLISTED_KIND`, in place of a name that no list has.
"""


@dataclass(frozen=True, eq=False)
class RuleTables:
    """The compiled rulebook; see `SCHEMAS` for the columns.

    One is equal to itself alone, so that what follows from it may be kept by it (`lru_cache`).
    """

    sets: pl.DataFrame
    direct_sets: pl.DataFrame
    recalled_days: pl.DataFrame
    recalled_scopes: pl.DataFrame
    criteria: pl.DataFrame
    unknown: pl.DataFrame
    kind_parts: pl.DataFrame
    platform: pl.DataFrame
    net_assets: pl.DataFrame
    held_net_assets: pl.DataFrame
    head_counts: pl.DataFrame
    cells: pl.DataFrame
    other_assets: pl.DataFrame
    leads: pl.DataFrame
    lead_titles: pl.DataFrame
    lead_registrations: pl.DataFrame
    lead_projects: pl.DataFrame
    performances: pl.DataFrame
    classes: pl.DataFrame
    class_groups: pl.DataFrame
    demands: pl.DataFrame
    lines: pl.DataFrame
    line_names: pl.DataFrame
    line_wider_names: pl.DataFrame
    atoms: pl.DataFrame
    equipment: pl.DataFrame
    disciplines: pl.DataFrame
