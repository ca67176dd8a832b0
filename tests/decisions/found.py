"""Lays beside portfolios what the checks across channels find in their rows, as a release has it.

Belongs here: running checks on portfolios. Does not: what follows from a finding.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from portfolio import Portfolio, Row, frames_of

from assets.persons import ONE_EACH, Numbers
from assets.tables import check
from checks.cross import CHECKS as EVERY
from checks.cross import READ, examine

LAWFUL = (
    *("P-06", "P-15", "P-18", "P-31", "P-32"),
    *("J-14", "J-16", "J-17", "J-29"),
    *("E-09", "Q-01", "Q-02", "C-08"),
)
"""Those by which the law takes people, works, machines and levels away, and an act told twice."""
CHECKS = tuple(one for one in EVERY if one.id in LAWFUL)


def with_findings(portfolios: list[Portfolio], numbers: Numbers = ONE_EACH) -> list[Portfolio]:
    """The portfolios, each with the findings about any enterprise that its rows name.

    Args:
        portfolios: each on its own day.
        numbers: what is stated about identity numbers of any of them.
    """
    by_day: dict[date, list[Portfolio]] = defaultdict(list)
    for one in portfolios:
        by_day[one.decided_on].append(one)
    for day, group in by_day.items():
        tables = {table.name: table.empty() for table in READ} | frames_of(group)
        lazy = {name: rows.lazy() for name, rows in tables.items()}
        report = examine(lazy, day, CHECKS, numbers=numbers)
        assert all(one.status != "error" for one in report.outcomes)
        found: dict[str, list[Row]] = defaultdict(list)
        for row in report.findings.iter_rows(named=True):
            found[row["usc_code"]].append(row)
        for one in group:
            named = {row.get("usc_code") for rows in one.rows.values() for row in rows}
            theirs = [row for code in sorted(named - {None}) for row in found[code]]
            one.rows[check.FINDING.name] = [*one.of(check.FINDING.name), *theirs]
    return portfolios
