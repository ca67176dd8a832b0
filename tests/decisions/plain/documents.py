"""From a builder's portfolio to the document that the plain evaluator reads.

Belongs here: rows as JSON text, as docs/portfolio.schema.json has them. Does not: deciding.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from portfolio import Portfolio, instant

from plain.evaluate import Answer, evaluate

NOT_TOLD = {
    "base_personnel__person": ("id_number", "name"),
    "intake__quarantine": ("raw_json",),
}
"""What names a person stays behind; a registered name of an enterprise does not."""

AS_IT_IS = (str, int, list)
"""What JSON says as Python does, yes and no among the numbers."""


def document_of(portfolio: Portfolio) -> dict[str, Any]:
    """All that the four bases know of one enterprise, days and decimals as text."""
    tables = {
        table: [
            {
                name: _plain(value)
                for name, value in row.items()
                if value is not None and name not in NOT_TOLD.get(table, ())
            }
            for row in rows
        ]
        for table, rows in portfolio.rows.items()
        if rows
    }
    return {
        "schema": "miaoban.portfolio/1",
        "usc_code": portfolio.usc_code,
        "release_id": "",
        "certificates_version": None,
        "tables": tables,
    }


def application_of(portfolio: Portfolio) -> dict[str, Any]:
    """Its application."""
    return {name: _plain(value) for name, value in portfolio.application().items()}


def plainly(portfolio: Portfolio) -> Answer:
    """The plain evaluator's answer."""
    return evaluate(
        document_of(portfolio),
        application_of(portfolio),
        instant(portfolio.decided_on, 10),
        portfolio.authority,
        recalled_may_grant=portfolio.recalled_may_grant,
    )


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, AS_IT_IS):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
