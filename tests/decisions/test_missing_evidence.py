"""A wrong grant is impossible by missing data.

Take a case granted with nothing to spare, take away any one row of what it rests on, or any one
channel's word that its rows are complete: it is no longer granted. Taken away in these ways: the
row is not there; it was set apart as not trusted; each value of it that may be empty is empty; a
cross-channel check does not trust it; a newer copy of it was set apart. Every row of every
portfolio is tried, each as an enterprise of its own, all in one evaluation.

What is no evidence, and why, is written in `NOT_EVIDENCE`; nothing else is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import pytest
from judge import Verdict, judge
from portfolio import MONTHLY, Portfolio
from together import verdict_on

from assets.tables import BY_NAME, intake, personnel

DAY = date(2017, 3, 1)
CASES = {
    "a first application for S11 二级": ("S11", "二级", "first", DAY, "province"),
    "a first application for S04 二级": ("S04", "二级", "first", DAY, "province"),
    "a first application for G01 三级": ("G01", "三级", "first", DAY, "city"),
    "an addition of S11 二级": ("S11", "二级", "addition", DAY, "province"),
    "an upgrade to S11 一级": ("S11", "一级", "upgrade", DAY, "province"),
    "an upgrade to S11 一级 under the text of 2014": (
        "S11",
        "一级",
        "upgrade",
        date(2016, 10, 31),
        "province",
    ),
    "an upgrade to S04 一级": ("S04", "一级", "upgrade", DAY, "province"),
    "an upgrade to G01 二级": ("G01", "二级", "upgrade", DAY, "province"),
    "an upgrade to G10 二级": ("G10", "二级", "upgrade", DAY, "province"),
    "an upgrade to G10 一级": ("G10", "一级", "upgrade", DAY, "ministry"),
    "a renewal of S11 二级": ("S11", "二级", "renewal", DAY, "province"),
    "a renewal of G01 二级": ("G01", "二级", "renewal", DAY, "province"),
    "a change": ("S11", "二级", "change", DAY, "province"),
    "a replacement": ("S11", "二级", "replacement", DAY, "province"),
}
NOT_EVIDENCE = {
    "base_project__project": "name, class and county of the project: no rule before 2019 asks for any of it",
}
"""Tables whose rows prove nothing the law asks."""
UNUSED_VALUES = {
    "base_enterprise__registry": {
        "parent_usc_code",
        "address",
        "legal_representative",
        "paid_in_capital_yuan",
        "economic_type",
        "registration_no",
        "established_on",
    },
    "base_enterprise__certificate": {
        "printed_name",
        "printed_address",
        "printed_legal_representative",
        "printed_capital_yuan",
    },
    "base_enterprise__qualification": {"valid_to"},
    # Net assets are a figure of their own; what they are the difference of is the checks' matter (E-13).
    "base_enterprise__statement": {"total_assets_yuan", "total_liabilities_yuan"},
    "base_enterprise__equipment": {"purchased_on", "disposed_on"},
    "base_enterprise__event": {"before", "after", "handling_code"},
    "base_personnel__person": {"name", "deceased_on", "retired_on"},
    # Employment is proved by insurance; the employer on a certificate is never updated.
    "base_personnel__title": {"usc_code", "awarded_on", "studied_major"},
    "base_personnel__post_certificate": {"usc_code", "issued_on", "valid_until"},
    "base_personnel__skill_certificate": {"usc_code", "issued_on", "grade"},
    # None of these levels names a field of its own (reading 95).
    "base_personnel__technical_lead": {"appointed_on", "practice_field"},
    "base_project__unit": {"name"},
    "base_project__contract": {
        "permit_no",
        "settlement_yuan",
        "is_consortium",
        "contract_type",
        "amount_yuan",
        "signed_on",
    },
    "base_project__measure": {"value", "label"},
}
"""Values that may be empty without harm in some case; the ones that never may are tried."""
EVEN_SO = {
    ("an upgrade to S11 一级", "base_project__contract", "amount_yuan"),
    ("an upgrade to S11 一级", "base_project__contract", "signed_on"),
    ("an upgrade to S11 一级", "base_project__contract", "is_consortium"),
    ("an upgrade to S04 一级", "base_project__contract", "amount_yuan"),
    ("an upgrade to S04 一级", "base_project__contract", "signed_on"),
    ("an upgrade to S04 一级", "base_project__contract", "is_consortium"),
    ("an upgrade to G01 二级", "base_project__contract", "contract_type"),
    ("an upgrade to G01 二级", "base_project__contract", "signed_on"),
    ("an upgrade to G01 二级", "base_project__measure", "value"),
    ("a first application for S04 二级", "base_project__contract", "amount_yuan"),
    ("a first application for S04 二级", "base_project__contract", "is_consortium"),
    ("a first application for G01 三级", "base_personnel__skill_certificate", "grade"),
    ("a first application for G01 三级", "base_project__measure", "value"),
}
"""(case, table, column) of UNUSED_VALUES that this case does rest on."""
PERSONAL_WORKS_ONLY = "lead_work"
"""Works of the leader's own: no window, no scope, so the contract itself matters only for its price."""

ABSENCE_PROVES = {
    "base_credit__bar": {"first", "addition", "upgrade", "renewal"},
    "base_credit__finding": {"addition", "upgrade"},
    "base_credit__rectification": {"addition", "upgrade"},
    # That a first applicant holds nothing (B1), and that nothing held asks more net assets (E25).
    "base_enterprise__qualification": {"first", "addition", "upgrade", "renewal"},
    # That the new name is not the outcome of a merger or the like (B4.3), and that who applies first
    # has not moved here from another province (reading 101).
    "base_enterprise__event": {"change", "first"},
    # That a constructor is registered nowhere else (E4), where there are constructors to count.
    "base_personnel__registration": {"first", "addition", "upgrade", "renewal"},
}
"""Tables whose missing rows the grant rests on: the kinds that need the channel's word."""


COPIES = {
    "has a newer copy set apart": timedelta(hours=6),
    "has an older copy set apart": -timedelta(days=30),
}
"""How much later the copy came than the sound row; only a later sound row clears a doubt."""
HARMLESS = "has an older copy set apart"


def row_key_column(table: str) -> str:
    """What a finding of a check names a row by, as closely as it can (check__finding.row_key)."""
    names = BY_NAME[table].schema
    if BY_NAME[table] in personnel.NUMBERS:
        return personnel.NUMBERS[BY_NAME[table]]
    if table == "base_enterprise__statement":
        return "year"
    return (
        "person_key"
        if table.startswith("base_personnel__")
        else next(
            (n for n in ("unit_code", "contract_no") if n in names and n in BY_NAME[table].key),
            BY_NAME[table].key[0],
        )
    )


@dataclass(frozen=True)
class Loss:
    """One thing taken away from a portfolio."""

    case: str
    how: str
    table: str
    index: int
    column: str = ""

    @property
    def name(self) -> str:
        """For the report."""
        return f"{self.case}: {self.table}[{self.index}]{'.' + self.column if self.column else ''} {self.how}"

    def apply(self, portfolio: Portfolio) -> Portfolio:
        """Take it away."""
        if self.how == "is not there":
            return portfolio.remove_at(self.table, self.index)
        row = portfolio.rows[self.table][self.index]
        if self.how == "is set apart":
            return portfolio.quarantine(
                self.table, **{name: row[name] for name in BY_NAME[self.table].key}
            )
        if self.how == "is doubted":
            key = str(row[row_key_column(self.table)])
            return portfolio.doubt(self.table, key, "DATA", usc_code=row.get("usc_code"))
        if self.how in COPIES:
            copy = {
                **row,
                "delivery_id": "test.copy",
                "received_at": row["received_at"] + COPIES[self.how],
            }
            sound, portfolio.rows[self.table] = portfolio.rows[self.table], [copy]
            portfolio.quarantine(self.table, delivery_id="test.copy")
            portfolio.rows[self.table] = sound
            return portfolio
        row[self.column] = None
        return portfolio


NAMES = [pytest.param(name, marks=[pytest.mark.slow] if "2014" in name else []) for name in CASES]
"""Under the text of 2014 an upgrade rests on 70 people and 210 insurance months: over 1,000 losses."""


def portfolio_of(name: str, nth: int | None = None) -> Portfolio:
    code, level, kind, filed_on, authority = CASES[name]
    portfolio = Portfolio.meeting(
        code,
        level,
        kind=kind,
        filed_on=filed_on,
        authority=authority,
        nth=nth,
        expires_on=date(2017, 6, 15) if kind == "renewal" else None,
    )
    if kind == "change":
        portfolio.change(
            "base_enterprise__registry",
            {"usc_code": portfolio.usc_code},
            name="浙江新名建设有限公司",
        )
        portfolio.event(
            "rename", date(2017, 2, 20), before=portfolio.name, after="浙江新名建设有限公司"
        )
    return portfolio


def losses(name: str) -> Iterator[Loss]:
    portfolio = portfolio_of(name, 1)
    tried: set[str] = set()
    for table, rows in portfolio.rows.items():
        if table in NOT_EVIDENCE or table == intake.COVERAGE.name:
            continue
        for index, row in enumerate(rows):
            if not _is_needed(name, portfolio, table, row):
                continue
            if table != "base_enterprise__event":
                # The registry has the new name; an event could only show that it has another ground.
                yield Loss(name, "is not there", table, index)
            yield Loss(name, "is set apart", table, index)
            if table not in tried:
                # The rows of a table are alike in this respect: the first is enough.
                tried.add(table)
                yield from (Loss(name, how, table, index) for how in ("is doubted", *COPIES))
            for column in BY_NAME[table]:
                if (
                    column.nullable
                    and row.get(column.name) is not None
                    and _rests_on(name, portfolio, table, row, column.name)
                ):
                    yield Loss(name, "is empty", table, index, column.name)


def _is_needed(name: str, portfolio: Portfolio, table: str, row: dict[str, object]) -> bool:
    """Whether the grant rests on the row at all."""
    if PERSONAL_WORKS_ONLY not in str(row.get("contract_no", "")) + str(row.get("unit_code", "")):
        return not (
            portfolio.kind in ("change", "replacement") and table == "base_enterprise__statement"
        )
    if portfolio.kind == "renewal":
        # Whether the leader's own works are looked at again is open (B3.6): left out either way.
        return False
    # A decoration work of any size: nothing of the contract itself is asked.
    return table != "base_project__contract" or portfolio.code == "S04"


def _rests_on(
    name: str, portfolio: Portfolio, table: str, row: dict[str, object], column: str
) -> bool:
    if (name, table, column) in EVEN_SO:
        own_work = PERSONAL_WORKS_ONLY in str(row.get("contract_no", ""))
        return not own_work or column == "amount_yuan"
    if column in UNUSED_VALUES.get(table, set()):
        return False
    if table == "base_enterprise__registry" and column == "registered_capital_yuan":
        return portfolio.kind == "first"
    if table == "base_project__acceptance" and column in ("started_on", "accepted_on"):
        # Of the leader's own works only that they were finished and sound counts. An unknown start
        # is not before the contract, and the manager was registered long before that.
        return column == "accepted_on" and PERSONAL_WORKS_ONLY not in str(row["contract_no"])
    return True


@cache
def judged(name: str) -> tuple[Verdict, list[tuple[Loss, Verdict]]]:
    """The verdict on the whole portfolio and on each of its losses."""
    lost = list(losses(name))
    cases = [
        portfolio_of(name, 1),
        *(loss.apply(portfolio_of(name, number)) for number, loss in enumerate(lost, start=2)),
    ]
    whole, *rest = judge(cases, with_evidence=False)
    return whole, list(zip(lost, rest, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_with_all_its_evidence_the_case_is_granted(name: str) -> None:
    whole, _ = judged(name)
    assert whole.outcome == "granted", whole.summary()


HOWS = ("is not there", "is set apart", "is empty", "is doubted", "has a newer copy set apart")


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("name", NAMES)
def test_without_any_one_row_or_value_it_is_not_granted(name: str, how: str) -> None:
    _, rest = judged(name)
    tried = [(loss, verdict) for loss, verdict in rest if loss.how == how]
    assert tried or how == "is empty"
    granted = sorted(
        {
            f"{loss.table}{'.' + loss.column if loss.column else ''} ({loss.index})"
            for loss, verdict in tried
            if verdict.outcome == "granted"
        }
    )
    assert not granted, f"{name}: still granted though this {how}: {granted}"


@pytest.mark.parametrize("how", [how for how in HOWS if how != "is not there"])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_trusted_or_not_known_never_refuses(name: str, how: str) -> None:
    _, rest = judged(name)
    wrong = [
        f"{loss.name} -> {verdict.summary()}"
        for loss, verdict in rest
        if loss.how == how and verdict.outcome in ("refused", "not_accepted")
    ]
    assert not wrong, wrong[:3]


@pytest.mark.parametrize("name", NAMES)
def test_a_later_sound_row_clears_the_doubt_of_an_older_copy(name: str) -> None:
    _, rest = judged(name)
    wrong = [
        f"{loss.name} -> {verdict.summary()}"
        for loss, verdict in rest
        if loss.how == HARMLESS and verdict.outcome != "granted"
    ]
    assert not wrong, wrong[:3]


async def test_a_held_row_set_apart_is_not_nothing_held() -> None:
    portfolio = portfolio_of("a first application for S11 二级").hold("S04", "二级")
    portfolio.quarantine("base_enterprise__qualification").quarantine(
        "base_enterprise__certificate"
    )
    verdict = await verdict_on(portfolio)
    assert verdict.outcome == "awaiting_data", verdict.summary()
    assert "held" in verdict.unknown


@pytest.mark.provision("E25")
async def test_a_held_row_set_apart_may_ask_more_net_assets() -> None:
    portfolio = portfolio_of("an addition of S11 二级").hold("G01", "二级")
    portfolio.quarantine("base_enterprise__qualification", category_code="G01")
    verdict = await verdict_on(portfolio)
    assert verdict.outcome == "awaiting_data", verdict.summary()
    assert "net_assets" in verdict.unknown


@pytest.mark.parametrize(
    "table", ["base_credit__finding", "base_credit__bar", "base_credit__rectification"]
)
async def test_an_act_bar_or_order_set_apart_neither_refuses_nor_lets_pass(table: str) -> None:
    portfolio = portfolio_of("an upgrade to S11 一级")
    portfolio.act(date(2016, 6, 1)).bar(date(2017, 2, 1), None).rectify("G01", date(2017, 2, 1))
    for other in ("base_credit__finding", "base_credit__bar", "base_credit__rectification"):
        if other == table:
            portfolio.quarantine(other)
        else:
            portfolio.rows[other] = []
    verdict = await verdict_on(portfolio)
    assert verdict.outcome == "awaiting_data", verdict.summary()


async def test_a_second_registration_set_apart_leaves_the_first_in_doubt() -> None:
    portfolio = portfolio_of("a first application for S11 二级")
    portfolio.register("constructor.1", "二级注册建造师", "建筑工程", usc_code=portfolio.company(1))
    last = portfolio.rows["base_personnel__registration"][-1]
    portfolio.quarantine("base_personnel__registration", registration_no=last["registration_no"])
    verdict = await verdict_on(portfolio)
    assert verdict.outcome == "awaiting_data", verdict.summary()
    assert "constructors" in verdict.unknown


def silenced() -> Iterator[tuple[str, str]]:
    for name, (_, _, kind, _, _) in CASES.items():
        for table, kinds in ABSENCE_PROVES.items():
            has_constructors = "constructor.1" in portfolio_of(name, 1).people
            if kind in kinds and (has_constructors or table != "base_personnel__registration"):
                yield name, table


@pytest.mark.parametrize("table", sorted(ABSENCE_PROVES))
def test_without_the_channels_word_that_nothing_is_left_out_it_awaits_data(table: str) -> None:
    names = [name for name, silent in silenced() if silent == table]
    cases = [portfolio_of(name, nth).uncover(table) for nth, name in enumerate(names, 1)]
    assert cases
    for name, verdict in zip(names, judge(cases, with_evidence=False), strict=True):
        assert verdict.outcome == "awaiting_data", f"{name}: {verdict.summary()}"


@pytest.mark.parametrize("table", sorted(ABSENCE_PROVES))
def test_a_channel_that_says_its_rows_are_incomplete_has_not_given_its_word(table: str) -> None:
    names = [name for name, silent in silenced() if silent == table]
    cases = [portfolio_of(name, nth) for nth, name in enumerate(names, 1)]
    for portfolio in cases:
        portfolio.change(intake.COVERAGE.name, {"target": table}, is_complete=False)
    assert cases
    for name, verdict in zip(names, judge(cases, with_evidence=False), strict=True):
        assert verdict.outcome == "awaiting_data", f"{name}: {verdict.summary()}"


@pytest.mark.parametrize("table", ["base_credit__bar", MONTHLY])
async def test_the_word_for_another_city_says_nothing(table: str) -> None:
    portfolio = portfolio_of("a first application for S11 二级")
    if table == MONTHLY:
        portfolio.not_insured("worker.15")
    portfolio.change(intake.COVERAGE.name, {"target": table}, region_code="330200")
    assert (await verdict_on(portfolio)).outcome == "awaiting_data"


async def test_the_word_for_ones_own_city_does_not_say_that_one_is_registered_in_no_other() -> None:
    portfolio = portfolio_of("a first application for S11 二级")
    portfolio.change(
        intake.COVERAGE.name, {"target": "base_personnel__registration"}, region_code="330100"
    )
    verdict = await verdict_on(portfolio)
    assert verdict.outcome == "awaiting_data", verdict.summary()


async def test_credit_data_that_end_long_before_the_decision_prove_no_clean_record() -> None:
    portfolio = portfolio_of("an upgrade to S11 一级")
    portfolio.change(
        intake.COVERAGE.name, {"target": "base_credit__finding"}, as_of=DAY - timedelta(days=30)
    )
    verdict = await verdict_on(portfolio)
    assert verdict.outcome == "awaiting_data", verdict.summary()
    assert "art23" in verdict.unknown


@pytest.mark.parametrize("name", NAMES)
def test_without_any_channels_word_a_row_not_there_is_awaited(name: str) -> None:
    """With nothing declared complete, a row that is absent is no data: awaited, never held against anyone."""
    lost = [loss for loss in losses(name) if loss.how == "is not there"]
    # One of each table is enough here: the rows of a table are alike in this respect.
    firsts = list({loss.table: loss for loss in lost}.values())
    cases = [loss.apply(portfolio_of(name, number)) for number, loss in enumerate(firsts, start=1)]
    for portfolio in cases:
        portfolio.rows[intake.COVERAGE.name] = []
    wrong = [
        f"{loss.name} -> {v.summary()}"
        for loss, v in zip(firsts, judge(cases), strict=True)
        if v.outcome != "awaiting_data"
    ]
    assert not wrong, wrong[:3]


def test_insurance_is_tried_month_by_month() -> None:
    months = {
        portfolio_of(n, 1).rows[loss.table][loss.index]["month"]
        for n in ["an upgrade to S11 一级"]
        for loss in losses(n)
        if loss.table == MONTHLY
    }
    assert months == {date(2016, 12, 1), date(2017, 1, 1), date(2017, 2, 1)}
