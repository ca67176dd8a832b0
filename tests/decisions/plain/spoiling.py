"""Takes knowledge away from a portfolio: a cell emptied, a row doubted, a row not delivered.

Belongs here: what may be taken away, and where an empty cell says something. Does not: what must
follow from it (`test_less_known`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from portfolio import Portfolio

from assets.lake.declaration import Table
from assets.tables import RELEASED_TABLES, check, intake

NOT_FACTS = ("delivery_id", "row_no", "received_at")
"""How a row came, which no rule reads."""
FACTS: tuple[Table, ...] = tuple(
    table
    for table in RELEASED_TABLES
    if table not in (intake.COVERAGE, intake.QUARANTINE, check.FINDING)
)
EMPTY_SAYS: Mapping[tuple[str, str], str] = {
    ("base_enterprise__qualification", "valid_to"): "it is held still",
    (
        "base_enterprise__registry",
        "parent_usc_code",
    ): "a legal person; a branch without is set apart",
    ("base_enterprise__equipment", "disposed_on"): "it was neither sold nor struck off",
    ("base_personnel__person", "deceased_on"): "alive",
    ("base_personnel__person", "retired_on"): "in work",
    ("base_personnel__post_certificate", "valid_until"): "without term",
    ("base_credit__finding", "revoked_on"): "in force",
    ("base_credit__bar", "ends_on"): "until it is lifted",
    ("base_credit__bar", "category_code"): "all categories",
    ("base_credit__rectification", "closed_on"): "it runs still",
    ("base_project__contract", "amount_yuan"): "it names no price: the settlement counts (E20)",
}
"""Columns in which an empty cell is knowledge, and what it says."""

How = Literal["emptied", "doubted", "not delivered"]


@dataclass(frozen=True)
class Loss:
    """One piece of knowledge less: a row by its place, and for `emptied` a column."""

    how: How
    table: str
    row: int
    column: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.table, f"row {self.row}", self.column, self.how)))


def losses(portfolio: Portfolio) -> Iterator[Loss]:
    """Everything that can be taken away from it."""
    for table in FACTS:
        for number, row in enumerate(portfolio.of(table.name)):
            yield Loss("doubted", table.name, number)
            yield Loss("not delivered", table.name, number)
            for column in table.columns:
                if (
                    column.nullable
                    and column.name not in (*NOT_FACTS, *table.key)
                    and row.get(column.name) is not None
                    and (table.name, column.name) not in EMPTY_SAYS
                ):
                    yield Loss("emptied", table.name, number, column.name)


def without(portfolio: Portfolio, loss: Loss) -> Portfolio:
    """The portfolio after the loss; of what is not delivered nothing is declared complete."""
    row = portfolio.of(loss.table)[loss.row]
    if loss.how == "emptied":
        row[loss.column] = None
        return portfolio
    rest = [one for one in portfolio.rows[loss.table] if one is not row]
    if loss.how == "doubted":
        portfolio.rows[loss.table] = [row]
        portfolio.quarantine(loss.table)
    else:
        for said in portfolio.of(intake.COVERAGE.name, target=loss.table):
            said["is_complete"] = False
    portfolio.rows[loss.table] = rest
    return portfolio
