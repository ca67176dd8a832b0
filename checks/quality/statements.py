"""What the suite of a base table states: its declaration in Great Expectations' words.

Belongs here: which expectations follow from a declaration, and the named extra ones. Does
not: running them (`checks.quality.suites`), or the row checks of the same meaning
(`assets.row_checks`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assets.lake.declaration import Column, RowRule, Table
from assets.tables import enterprise, personnel, project


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One expectation of a suite, in words and as Great Expectations' class and arguments.

    `id` is that of the row check with the same meaning, where there is one.
    """

    id: str
    column: str
    zh: str
    en: str
    expectation: str
    arguments: Mapping[str, Any]
    only_rows: str = ""
    """In the syntax of `DataFrame.query`: the rows that it counts; empty = all."""
    is_blocking: bool = False
    is_of_texts: bool = False
    """Whether it is about a text by itself, wherever it stands: then each distinct one is asked."""


def statements(table: Table) -> tuple[Statement, ...]:
    """The suite of a table: what its declaration says, then its named extra expectations."""
    return (
        Statement(
            id="schema:columns",
            column="",
            zh="列名与顺序符合声明",
            en="exactly the declared columns, in order",
            is_blocking=True,
            expectation="ExpectTableColumnsToMatchOrderedList",
            arguments={"column_list": list(table.schema)},
        ),
        *(statement for column in table for statement in _of_column(column)),
        _key(table),
        *(_of_rule(table, rule) for rule in table.rules),
        *EXTRA.get(table.name, ()),
    )


def _of_column(column: Column) -> Iterable[Statement]:
    def statement(rule: str, zh: str, en: str, expectation: str, **arguments: Any) -> Statement:
        return Statement(
            is_of_texts=rule in ("codes", "pattern"),
            id=f"{column.name}:{rule}",
            column=column.name,
            zh=f"{column.zh}{zh}",
            en=f"{column.name} {en}",
            expectation=expectation,
            arguments={"column": column.name, **arguments},
        )

    if not column.nullable:
        yield statement("required", "必填", "is present", "ExpectColumnValuesToNotBeNull")
    if column.codes:
        yield statement(
            "codes",
            "为规定代码",
            "is one of its codes",
            "ExpectColumnValuesToBeInSet",
            value_set=list(column.codes),
        )
    if column.pattern:
        yield statement(
            "pattern",
            "格式正确",
            "has its form",
            "ExpectColumnValuesToMatchRegex",
            regex=_to_the_very_end(column.pattern),
        )
    if column.is_bounded:
        yield statement(
            "range",
            "在规定范围内",
            "is within its bounds",
            "ExpectColumnValuesToBeBetween",
            min_value=column.minimum,
            max_value=column.maximum,
        )


def _to_the_very_end(pattern: str) -> str:
    r"""Python's `$` also matches before a final line break; `\Z`, as Polars' `$`, does not."""
    return f"{pattern.removesuffix('$')}\\Z" if pattern.endswith("$") else pattern


def _key(table: Table) -> Statement:
    return Statement(
        id="key:unique",
        column=", ".join(table.key),
        zh="同一批次内键不重复",
        en="the key occurs once in a delivery",
        expectation="ExpectCompoundColumnsToBeUnique",
        arguments={
            "column_list": ["delivery_id", *table.key],
            "ignore_row_if": "any_value_is_missing",
        },
    )


def _of_rule(table: Table, rule: RowRule) -> Statement:
    """A rule over several columns: no row may break it."""
    columns = ", ".join(rule.holds.meta.root_names())
    return _none_where(rule.check_id, columns, rule.zh, rule.en, f"not ({rule.pandas_query})")


def _none_where(check_id: str, column: str, zh: str, en: str, query: str) -> Statement:
    """No row may meet a condition: the rows that do are counted, and must be none.

    Great Expectations' pandas engine has no expectation for any condition on a row, but a
    count of rows can be narrowed to some. A column's expectation so narrowed would miss the
    rows in which that column is null, whichever column it is.
    """
    return Statement(
        id=check_id,
        column=column,
        zh=zh,
        en=en,
        expectation="ExpectTableRowCountToEqual",
        arguments={"value": 0},
        only_rows=query,
    )


EXTRA: dict[str, tuple[Statement, ...]] = {
    enterprise.REGISTRY.name: (
        Statement(
            id="registry:not_empty",
            column="",
            zh="登记库不为空",
            en="the registry is not empty",
            expectation="ExpectTableRowCountToBeBetween",
            arguments={"min_value": 1},
        ),
        _none_where(
            "registry:branch_parent",
            "parent_usc_code",
            "分支机构有所属企业",
            "a branch names its parent",
            'entity_code == "branch" and parent_usc_code.isnull()',
        ),
    ),
    personnel.INSURANCE.name: (
        _none_where(
            "insurance:first_of_month",
            "month",
            "所属期为当月首日",
            "the month is given by its first day",
            "month.dt.day != 1",
        ),
    ),
    project.MEASURE.name: (
        _none_where(
            "measure:value_or_label",
            "value, label",
            "数值与名称值二者居一",
            "a measure has a number or a label, not both and not neither",
            "value.isnull() == label.isnull()",
        ),
    ),
}
"""What no declaration can say of a column, and quarantine does not ask: noted, never blocking."""
