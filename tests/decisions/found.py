"""Lays beside portfolios what the checks across channels find in their rows, as a release has it.

Belongs here: running checks on portfolios. Does not: what follows from a finding.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from portfolio import Portfolio, Row, frames_of

from assets.tables import check
from checks import twofold
from checks.cross import READ, examine
from checks.project import CHECKS as OF_WORKS

CHECKS = (*twofold.CHECKS, *(one for one in OF_WORKS if one.id in ("J-14", "J-16")))
"""Those that take people and works away because of what they are elsewhere."""


def with_findings(portfolios: list[Portfolio]) -> list[Portfolio]:
    """The portfolios, each with the findings about any enterprise that its rows name."""
    by_day: dict[date, list[Portfolio]] = defaultdict(list)
    for one in portfolios:
        by_day[one.decided_on].append(one)
    for day, group in by_day.items():
        tables = {table.name: table.empty() for table in READ} | frames_of(group)
        report = examine({name: rows.lazy() for name, rows in tables.items()}, day, CHECKS)
        assert all(one.status != "error" for one in report.outcomes)
        found: dict[str, list[Row]] = defaultdict(list)
        for row in report.findings.iter_rows(named=True):
            found[row["usc_code"]].append(row)
        for one in group:
            named = {row.get("usc_code") for rows in one.rows.values() for row in rows}
            theirs = [row for code in sorted(named - {None}) for row in found[code]]
            one.rows[check.FINDING.name] = [*one.of(check.FINDING.name), *theirs]
    return portfolios
