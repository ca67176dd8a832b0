"""When what Miaoban has issued was held: what counts for the scope of works (E14)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from offices import DECORATED_ON, Office, at, decorated
from portfolio import Portfolio, instant

from assets.lake.declaration import Table
from assets.tables import certificate, decision, enterprise, intake
from decisions.facts.model import Facts
from decisions.holdings.spells import spells

FIRM, NUMBER = "913301000000001MAK", "D23300001O"
GRANTED, EXPIRES = date(2017, 3, 1), date(2022, 2, 28)
ONE = timedelta(days=1)


@pytest.mark.provision("E14")
@pytest.mark.parametrize(
    ("signed_on", "outcome"),
    [(DECORATED_ON, "granted"), (DECORATED_ON - ONE, "refused")],
)
def test_works_taken_under_a_level_that_miaoban_granted_are_within_its_scope(
    signed_on: date,
    outcome: str,
    tmp_path: Path,
    made_once: Callable[[str, Callable[[Path], None]], Path],
) -> None:
    """No channel hands it back: nobody waits for one (`decisions.holdings.ours`)."""
    day = date(2018, 3, 1)
    firm = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=day, signed_on=signed_on)
    firm.remove("base_enterprise__certificate").remove("base_enterprise__qualification")
    office = Office(Path(shutil.copytree(made_once("decorated", decorated), tmp_path / "office")))
    office.portfolios, office.released = [firm], 1
    row = firm.application() | {"application_id": "UP"}
    office.store.append(intake.APPLICATION, pl.DataFrame([row], schema=intake.APPLICATION.schema))
    office.release(at(day, 8))
    assert office.decide(at(day, 11)).decisions["outcome"].item() == outcome


class Register:
    """Versions of one certificate of Miaoban's, the decisions behind them, and a channel's rows."""

    def __init__(self) -> None:
        self.rows: dict[Table, list[dict[str, Any]]] = {}

    def add(self, table: Table, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def version(
        self, on: date, effect: str, *lines: tuple[str, date, date], lapsed_on: date | None = None
    ) -> Register:
        """One issued two days after its decision, with lines of S01: level, since, until."""
        number = len(self.rows.get(certificate.CERTIFICATE, [])) + 1
        named = {"certificate_no": NUMBER, "version": number, "usc_code": FIRM}
        issued = {**named, "issued_on": on + 2 * ONE, "file_sha256": f"{number:064d}"}
        self.add(
            certificate.CERTIFICATE,
            **issued,
            application_id=f"A{number}",
            issued_at=instant(on + 2 * ONE),
            effect=effect,
        )
        for level, since, until in lines:
            self.add(
                certificate.QUALIFICATION,
                **issued,
                category_code="S01",
                subcategory="",
                level=level,
                held_from=since,
                valid_until=until,
            )
        self.add(
            decision.DECISION,
            application_id=f"A{number}",
            usc_code=FIRM,
            kind="renewal",
            decided_at=instant(on),
            lapsed_on=lapsed_on,
        )
        return self

    def told(
        self,
        level: str,
        since: date,
        status: str = "valid",
        valid_to: date | None = None,
        certificate_status: str = "valid",
    ) -> Register:
        """The channel tells a qualification on the number, on a certificate printed to 2018."""
        row = {"usc_code": FIRM, "certificate_no": NUMBER, "received_at": instant(EXPIRES)}
        if enterprise.CERTIFICATE not in self.rows:
            self.add(
                enterprise.CERTIFICATE,
                **row,
                authority_code="province",
                issued_on=date(2013, 7, 1),
                valid_until=date(2018, 6, 30),
                status_code=certificate_status,
            )
        self.add(
            enterprise.QUALIFICATION,
            **row,
            qualification_no=f"Q{len(self.rows.get(enterprise.QUALIFICATION, []))}",
            category_code="S01",
            subcategory="",
            level=level,
            valid_from=since,
            valid_to=valid_to,
            status_code=status,
        )
        return self

    def held_on(self, *days: date) -> list[str]:
        """The levels surely held on each day, lowest first; `?` where it may be another."""
        frames = {
            table.name: pl.DataFrame(
                {name: [row.get(name) for row in rows] for name in table.schema},
                schema=table.schema,
            )
            for table, rows in self.rows.items()
        }
        known = spells(Facts.of(frames)).collect()
        answers = []
        for day in days:
            of_day = known.filter(
                pl.col("held_from") <= day,
                (pl.min_horizontal("valid_until", "ended_on") >= day).fill_null(True),
            )
            levels = of_day.filter("is_known").drop_nulls("valid_until")["level"].unique().sort()
            answers.append("".join(levels) or ("?" if of_day.height else ""))
        return answers


@pytest.mark.provision("D11")
def test_a_grant_is_held_from_its_decision_to_its_last_day() -> None:
    register = Register().version(GRANTED, "new_certificate", ("二级", GRANTED, EXPIRES))
    assert register.held_on(GRANTED - ONE, GRANTED, EXPIRES, EXPIRES + ONE) == [
        "",
        "二级",
        "二级",
        "",
    ]


@pytest.mark.provision("B3.2", "D12")
@pytest.mark.parametrize(("lapsed_on", "begins"), [(None, 0), (date(2022, 4, 20), -11)])
def test_between_the_expiry_and_a_renewal_that_came_late_nothing_was_held(
    lapsed_on: date | None, begins: int
) -> None:
    """B3.2; one deemed granted holds from the day of expiry, whenever that is put on record."""
    decided, until = date(2022, 5, 1), date(2027, 4, 30)
    register = Register().version(GRANTED, "new_certificate", ("二级", GRANTED, EXPIRES))
    register.version(decided, "renew", ("二级", GRANTED, until), lapsed_on=lapsed_on)
    first = decided + begins * ONE
    days = (EXPIRES, EXPIRES + ONE, first - ONE, first, until, until + ONE)
    assert register.held_on(*days) == ["二级", "", "", "二级", "二级", ""]


@pytest.mark.provision("B6.7")
def test_a_level_that_a_later_version_lowered_is_held_no_more_from_then_on() -> None:
    lowered = date(2019, 7, 1)
    register = Register().version(GRANTED, "new_certificate", ("一级", GRANTED, EXPIRES))
    register.version(lowered, "reverify", ("二级", lowered, date(2024, 6, 30)))
    assert register.held_on(lowered - ONE, lowered) == ["一级", "二级"]


def test_what_stood_on_the_paper_is_held_by_that_until_miaobans_first_version() -> None:
    """Whatever the channel goes on telling of the level that was raised or lowered by then."""
    since, lowered = date(2014, 1, 1), date(2017, 9, 1)
    register = Register().told("一级", since)
    register.version(lowered, "reverify", ("二级", lowered, date(2022, 8, 31)))
    days = (since - ONE, since, lowered - ONE, lowered, date(2018, 6, 30))
    assert register.held_on(*days) == ["", "一级", "一级", "二级", "二级"]


def test_what_a_channel_has_entered_since_stands_beside_it() -> None:
    entered = GRANTED + 100 * ONE
    register = Register().version(GRANTED, "new_certificate", ("二级", GRANTED, EXPIRES))
    register.told("一级", entered)
    assert register.held_on(entered - ONE, entered) == ["二级", "一级二级"]


@pytest.mark.provision("D5", "D6")
def test_what_an_authority_has_ended_was_held_until_then() -> None:
    ended, again = date(2018, 5, 1), date(2018, 7, 1)
    register = Register().version(GRANTED, "new_certificate", ("一级", GRANTED, EXPIRES))
    register.told("一级", GRANTED, "withdrawn", ended)
    assert register.held_on(ended, ended + ONE) == ["一级", ""]
    register.version(again, "reverify", ("二级", again, date(2023, 6, 30)))
    assert register.held_on(ended, ended + ONE, again - ONE, again) == ["一级", "", "", "二级"]


@pytest.mark.parametrize(
    "told",
    [{"status": "withdrawn"}, {"certificate_status": "withdrawn"}],
    ids=["the qualification", "the certificate"],
)
def test_how_long_something_was_held_that_ended_nobody_knows_when_is_not_known(
    told: dict[str, str],
) -> None:
    register = Register().version(GRANTED, "new_certificate", ("二级", GRANTED, EXPIRES))
    register.told("二级", GRANTED, **told)
    assert register.held_on(GRANTED - ONE, GRANTED, EXPIRES, EXPIRES + ONE) == ["", "?", "?", ""]
