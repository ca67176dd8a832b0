"""The published statement of a base table's quality: one Great Expectations suite per table.

Belongs here: running a suite, comparing its counts with those of the row checks. Does not: what it
states (`checks.quality.statements`), in which form it is handed rows (`checks.quality.handed`), its
pages (`checks.quality.data_docs`), deciding which row goes to quarantine (`assets.row_checks`:
faster, and returns every key), the release (`checks.gate`).

Great Expectations takes seconds to import, so every import of it is inside a function, and no
decision ever waits for one. Its batches are handed to its engine
directly: the fluent data source would first fingerprint every cell, in Python, which at a
million rows takes longer than the suite.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import polars as pl

from assets.lake.ahead import ahead
from assets.lake.declaration import Table
from assets.lake.keys import shared
from assets.row_checks import KEY_CHECK, RowCheck, is_complete, row_checks
from checks.outcome import KEYS_SHOWN, STATUSES, Outcome
from checks.quality.configured import configured_once
from checks.quality.handed import Handed, handed, rows_with
from checks.quality.statements import Statement, statements

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )
    from great_expectations.expectations.expectation import Expectation

    _Results: TypeAlias = dict[str, ExpectationValidationResult]


_ABOUT_COLUMNS = ("schema:", "agreement")
"""Checks that count columns or counts, not rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteReport:
    """What became of a suite on one frame: each expectation, then the agreement with Polars."""

    table: str
    row_count: int
    outcomes: tuple[Outcome, ...]

    @property
    def blocks(self) -> bool:
        """Whether any outcome stops the release."""
        return any(outcome.blocks for outcome in self.outcomes)

    def with_status(self, status: str) -> tuple[Outcome, ...]:
        """The outcomes that `passed`, `failed` or are an `error`."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)


# -- running it ----------------------------------------------------------------------


def count_failures(table: Table, frame: pl.DataFrame) -> dict[str, int]:
    """Rows that fail each row check, by check id: Polars' side of the agreement.

    A check on a column that the frame lacks is left out: the suite reports it as an error.
    """
    return _counts(_failing(table, frame, {}))


def _failing(table: Table, frame: pl.DataFrame, told: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Whether each row fails each row check, by check id.

    What is asked of texts is asked of those `told`, by check id, where the check is among them.
    """

    def failed(check: RowCheck) -> pl.Expr:
        if check.id not in told:
            return check.failed.fill_null(False)
        bad = told[check.id].filter(check.failed)[check.column]
        return pl.lit(False) if bad.is_empty() else pl.col(check.column).is_in(bad.implode())

    failing = frame.select(
        failed(check).alias(check.id)
        for check in row_checks(table)
        if check.id != KEY_CHECK and set(check.failed.meta.root_names()) <= set(frame.columns)
    )
    key = ("delivery_id", *table.key)
    if not set(key) <= set(frame.columns):
        return failing
    # The same as its row check says, in a third of the time.
    complete = frame.select(is_complete(key)).to_series()
    return failing.with_columns((shared(frame, key) & complete).alias(KEY_CHECK))


def _counts(failing: pl.DataFrame) -> dict[str, int]:
    return {name: int(failing[name].sum()) for name in failing.columns}


def validate(
    table: Table, frame: pl.DataFrame, polars_counts: Mapping[str, int] | None = None
) -> SuiteReport:
    """Run the suite of `table` on rows in its columns, good and bad, and compare the counts.

    Args:
        table: a declared base table.
        frame: the rows that changed, typed, before any were set apart; or a whole table.
        polars_counts: failing rows by id of row check (default: counted here).

    Returns:
        One outcome per expectation; one `agreement`, and one `agreement:<check id>` for each
        count on which the two differ. An expectation that raised is an `error`.
    """
    return _judged(table, _prepared(table, frame), polars_counts)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Some rows, what Great Expectations is handed of them, and which of them Polars fails."""

    frame: pl.DataFrame
    given: Handed
    told: dict[str, pl.DataFrame]
    """By id of statement: the distinct values that it is asked of."""
    failing: pl.DataFrame


def _prepared(table: Table, frame: pl.DataFrame) -> _Prepared:
    given = handed(table, frame)
    told = {one.id: texts for one in statements(table) if (texts := given.told(one)) is not None}
    return _Prepared(frame, given, told, _failing(table, frame, told))


def _judged(
    table: Table, rows: _Prepared, polars_counts: Mapping[str, int] | None = None
) -> SuiteReport:
    suite, frame = statements(table), rows.frame
    results = _asked(suite, rows.given)
    counts = _counts(rows.failing) if polars_counts is None else polars_counts
    outcomes = [
        _outcome(
            table,
            frame,
            statement,
            results[statement.id],
            rows.failing,
            rows.told.get(statement.id),
        )
        for statement in suite
    ]
    return SuiteReport(
        table=table.name,
        row_count=frame.height,
        outcomes=(
            _types(table, frame),
            *outcomes,
            *_agreement(table, frame.height, outcomes, counts),
        ),
    )


def validate_in_parts(table: Table, parts: Iterable[pl.DataFrame]) -> SuiteReport:
    """`validate` on rows that come in parts, counted together.

    No key may be in two parts: it is unique within a delivery. While one part is judged, which
    keeps one core busy, the next is read and prepared by Polars.
    """
    reports = [_judged(table, one) for one in ahead(_prepared(table, part) for part in parts)]
    by_id: dict[str, list[Outcome]] = {}
    for report in reports:
        for outcome in report.outcomes:
            by_id.setdefault(outcome.check_id, []).append(outcome)
    return SuiteReport(
        table=table.name,
        row_count=sum(report.row_count for report in reports),
        outcomes=tuple(_together(outcomes) for outcomes in by_id.values()),
    )


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcomes of one check on several parts as one."""
    counts = [outcome.failed_count for outcome in outcomes]
    is_about_rows = not outcomes[0].check_id.startswith(_ABOUT_COLUMNS)
    return replace(
        max(outcomes, key=lambda outcome: STATUSES.index(outcome.status)),
        row_count=sum(outcome.row_count for outcome in outcomes),
        failed_count=sum(counts) if is_about_rows else max(counts),
        is_blocking=any(outcome.is_blocking for outcome in outcomes),
        keys=tuple(key for outcome in outcomes for key in outcome.keys)[:KEYS_SHOWN],
    )


def _types(table: Table, frame: pl.DataFrame) -> Outcome:
    """Types, from Polars: Great Expectations has no name for an Arrow date or decimal."""
    wrong = [
        f"{c.name} is {frame.schema[c.name]}, declared {c.dtype}"
        for c in table
        if c.name in frame.columns and frame.schema[c.name] != c.dtype
    ]
    return Outcome(
        place="suite",
        check_id="schema:types",
        target=table.name,
        column="",
        zh="列类型符合声明",
        en="every column is of its declared type",
        status="failed" if wrong else "passed",
        row_count=frame.height,
        failed_count=len(wrong),
        is_blocking=True,
        note="; ".join(wrong) or None,
    )


def _agreement(
    table: Table, row_count: int, outcomes: list[Outcome], counts: Mapping[str, int]
) -> Iterable[Outcome]:
    stated = {o.check_id: o.failed_count for o in outcomes if o.status != "error"}
    shared = [name for name in counts if name in stated]
    differing = [name for name in shared if counts[name] != stated[name]]
    yield Outcome(
        place="suite",
        check_id="agreement",
        target=table.name,
        column="",
        zh="两种引擎计数一致",
        en="Great Expectations and Polars count alike",
        status="failed" if differing else "passed",
        row_count=row_count,
        failed_count=len(differing),
        is_blocking=True,
        note=f"{len(shared)} counts compared",
    )
    for name in differing:
        yield Outcome(
            place="suite",
            check_id=f"agreement:{name}",
            target=table.name,
            column="",
            zh=f"{name} 计数一致",
            en=f"the counts of {name} agree",
            status="failed",
            row_count=row_count,
            failed_count=abs(counts[name] - stated[name]),
            is_blocking=True,
            note=f"Polars {counts[name]}, Great Expectations {stated[name]}: the declaration is "
            "read in two ways; mend assets/row_checks.py or checks/quality/statements.py",
        )


def _outcome(
    table: Table,
    frame: pl.DataFrame,
    statement: Statement,
    result: ExpectationValidationResult,
    failing: pl.DataFrame,
    told: pl.DataFrame | None,
) -> Outcome:
    raised = _raised(result)
    details: dict[str, Any] = result.result or {}
    observed = details.get("observed_value")
    failed = int(details.get("unexpected_count") or 0)
    if statement.only_rows:  # the rows counted are those that fail
        failed, observed = int(observed or 0), None
    elif told is not None and failed:
        failed = rows_with(told, details["unexpected_list"])
    return Outcome(
        place="suite",
        check_id=statement.id,
        target=table.name,
        column=statement.column,
        zh=statement.zh,
        en=statement.en,
        status="error" if raised else "passed" if result.success else "failed",
        row_count=frame.height,
        failed_count=failed,
        is_blocking=statement.is_blocking or raised is not None,
        keys=_keys(table, frame, failing[statement.id])
        if failed and statement.id in failing.columns
        else (),
        note=raised
        or (f"observed {observed}" if observed is not None and not result.success else None),
    )


def _keys(table: Table, frame: pl.DataFrame, fails: pl.Series) -> tuple[dict[str, Any], ...]:
    """Keys of failing rows, from Polars: Great Expectations walks them one by one, in Python."""
    shown = frame[fails.arg_true().head(KEYS_SHOWN)].select(table.key)
    return tuple(shown.iter_rows(named=True))


def _raised(result: ExpectationValidationResult) -> str | None:
    """The message of an expectation that broke, else None.

    `exception_info` is one entry, or one per metric that raised.
    """
    info: Any = result.exception_info or {}
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = {
        str(entry.get("exception_message")) for entry in entries if entry.get("raised_exception")
    }
    return "; ".join(sorted(messages)) or None


def _asked(suite: Sequence[Statement], given: Handed) -> _Results:
    """Results by statement id: whether each holds, and of those that do not, how much fails.

    What fails is told of texts one by one, of rows by count. Keys are counted at once, since to
    compare them again takes longer than to count.
    """
    is_counted = {one.id: one.id == KEY_CHECK for one in suite}
    held = _results(
        [(one, "BASIC" if is_counted[one.id] else "BOOLEAN_ONLY") for one in suite], given
    )
    in_detail = [
        (one, "BASIC" if given.told(one) is None else "COMPLETE")
        for one in suite
        if not (held[one.id].success or is_counted[one.id] or _raised(held[one.id]))
    ]
    return {**held, **_results(in_detail, given)}


def _results(asked: Sequence[tuple[Statement, str]], given: Handed) -> _Results:
    """Results by statement id, each of its batch and in its format; those that raised first."""
    if not asked:
        return {}
    context = _context()
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
    from great_expectations.validator.validator import Validator

    configurations = []
    for statement, result_format in asked:
        configurations.append(expectation(statement).configuration)
        configurations[-1].kwargs["batch_id"] = given.batch_of(statement)
        configurations[-1].kwargs["result_format"] = {
            "result_format": result_format,
            "partial_unexpected_count": 0,
        }
    engine = PandasExecutionEngine(batch_data_dict=given.batches)
    validator = Validator(execution_engine=engine, data_context=context)
    with configured_once():
        results = validator.graph_validate(configurations=configurations)
    return {
        config.meta["check_id"]: result
        for result in results
        if (config := result.expectation_config) is not None
    }


def expectation(statement: Statement) -> Expectation:
    """A statement as Great Expectations knows it."""
    from great_expectations import expectations
    from great_expectations.expectations.row_conditions import PassThroughCondition

    narrowed = (
        {"row_condition": PassThroughCondition(pass_through_filter=statement.only_rows)}
        if statement.only_rows
        else {}
    )
    made: Expectation = getattr(expectations, statement.expectation)(
        **statement.arguments,
        **narrowed,
        meta={"check_id": statement.id},
        description=f"{statement.zh} / {statement.en}",
    )
    return made


@functools.cache
def _context() -> EphemeralDataContext:
    """The process's one context for suites."""
    return new_context()


def new_context() -> EphemeralDataContext:
    """A context with nothing on disk, no progress bars, nothing sent anywhere."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context
