"""The conditions (`where`) on works and machines: parsed once, to intervals and label sets.

Belongs here: the grammar of a condition and its normal form. Does not: evaluating it
(`decisions.performance.measures`).

Grammar: `metric op value unit`, ranges `18 <= metric < 25 unit`, lists `metric in [a, b]`,
`not in`, `includes` (all of them), joined by `and`, `or` and parentheses; `and` binds closer.
以上, 以下, 不少于, 超过, 不超过 include the number itself, so they are written `>=` and `<=`.
"""

from __future__ import annotations

import operator as operators
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from decisions.rulebook.errors import RulebookError

_NUMBER = r"\d+(?:\.\d+)?"
_RANGE = re.compile(rf"^({_NUMBER})\s*(<=|<)\s*([^\s<>=!]+)\s*(<=|<)\s*({_NUMBER})\s*(\S*)$")
_COMPARISON = re.compile(r"^([^\s<>=!]+)\s*(>=|<=|==|!=|>|<)\s*(\S.*)$")
_LIST = re.compile(r"^([^\s<>=!]+)\s+(not in|in|includes)\s+\[([^\]]*)\]$")
_RANK_COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operators.ge,
    ">": operators.gt,
    "<=": operators.le,
    "<": operators.lt,
    "==": operators.eq,
    "!=": operators.ne,
}
_QUANTITY = re.compile(rf"^({_NUMBER})\s*(\S*)$")


@dataclass(frozen=True, slots=True)
class Metric:
    """A measure of works or machines: one unit, or an order of labels, or plain labels."""

    name: str
    unit: str
    """The unit its values are stored in; empty for a plain number, an order or labels."""
    factors: Mapping[str, Decimal]
    """Accepted units and what to multiply by to reach `unit`."""
    order: tuple[str, ...]
    """Labels from the highest to the lowest, if the metric has an order."""
    from_contract: bool
    """Read from the contract (its price), not from the measures of the works."""
    coarse: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Labels that stand for several finer ones: 大型 for 大(1)型 and 大(2)型."""
    labels: tuple[str, ...] = ()
    """Labels without an order, if they are listed."""
    is_several: bool = False
    """Whether works may have several of the labels."""

    @property
    def known(self) -> tuple[str, ...]:
        """Every label by a name that is known; empty where any name will do."""
        return self.order or self.labels

    def ranks(self, label: str, other: str) -> tuple[int, int]:
        """The ranks of two labels on one scale, the coarse one where either is coarse."""
        if label in self.coarse or other in self.coarse:
            above = {fine: name for name, several in self.coarse.items() for fine in several}
            label, other = above.get(label, label), above.get(other, other)
        return self.order.index(label), self.order.index(other)


@dataclass(frozen=True, slots=True)
class Atom:
    """One comparison, in the metric's unit: an interval, or a set of labels.

    Bounds are inclusive unless `is_low_open` / `is_high_open`. With `labels`, the value
    must be one of them, or (with `must_include`) the value's list must hold them all.
    """

    metric: str
    low: Decimal | None = None
    high: Decimal | None = None
    is_low_open: bool = False
    is_high_open: bool = False
    labels: tuple[str, ...] = ()
    is_negated: bool = False
    must_include: bool = False


Alternatives = tuple[tuple[Atom, ...], ...]
"""Disjunctive normal form: any of these conjunctions. `((),)` always holds."""

ALWAYS: Alternatives = ((),)


def parse(text: str, metrics: Mapping[str, Metric], at: str) -> Alternatives:
    """The normal form of a condition; an empty text always holds.

    Args:
        text: the condition.
        metrics: the code list of metrics, by name.
        at: where the condition stands, for the error.

    Raises:
        RulebookError: the text cannot be read, or names an unknown metric, unit or label.
    """
    if not text.strip():
        return ALWAYS
    return _expression(_strip(text), metrics, at)


def _expression(text: str, metrics: Mapping[str, Metric], at: str) -> Alternatives:
    ors = _split(text, "or")
    if len(ors) > 1:
        return tuple(alternative for part in ors for alternative in _expression(part, metrics, at))
    ands = _split(text, "and")
    if len(ands) > 1:
        parts = [_expression(part, metrics, at) for part in ands]
        return tuple(
            tuple(atom for conjunction in choice for atom in conjunction)
            for choice in product(*parts)
        )
    bare = _strip(text)
    if bare != text:
        return _expression(bare, metrics, at)
    return ((_atom(text, metrics, at),),)


def _split(text: str, word: str) -> list[str]:
    """Split at `word` outside parentheses and brackets."""
    parts, depth, start, index = [], 0, 0, 0
    separator = f" {word} "
    while index < len(text):
        character = text[index]
        depth += (character in "([") - (character in ")]")
        if depth == 0 and text.startswith(separator, index):
            parts.append(text[start:index].strip())
            index += len(separator)
            start = index
            continue
        index += 1
    parts.append(text[start:].strip())
    return parts


def _strip(text: str) -> str:
    """Without surrounding blanks and one pair of parentheses that encloses all of it."""
    text = text.strip()
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and index < len(text) - 1:
            return text
    return text[1:-1].strip()


def _atom(text: str, metrics: Mapping[str, Metric], at: str) -> Atom:
    if listed := _LIST.match(text):
        metric = _metric(listed[1], metrics, at)
        labels = tuple(label.strip() for label in listed[3].split(","))
        _known_labels(metric, labels, at)
        return Atom(
            metric.name,
            labels=labels,
            is_negated=listed[2] == "not in",
            must_include=listed[2] == "includes",
        )
    if ranged := _RANGE.match(text):
        metric = _metric(ranged[3], metrics, at)
        return Atom(
            metric.name,
            low=_number(ranged[1], ranged[6], metric, at),
            is_low_open=ranged[2] == "<",
            high=_number(ranged[5], ranged[6], metric, at),
            is_high_open=ranged[4] == "<",
        )
    compared = _COMPARISON.match(text)
    if not compared:
        raise RulebookError(
            f"{at}: cannot read the condition {text!r}; write `metric op value unit`"
        )
    metric = _metric(compared[1], metrics, at)
    operator, value = compared[2], compared[3].strip()
    if metric.order:
        return _ranked(metric, operator, value, at)
    quantity = _QUANTITY.match(value)
    if quantity and (metric.unit or metric.factors or operator not in ("==", "!=")):
        return _bounded(metric.name, operator, _number(quantity[1], quantity[2], metric, at), at)
    if operator in ("==", "!="):
        _known_labels(metric, (value,), at)
        return Atom(metric.name, labels=(value,), is_negated=operator == "!=")
    raise RulebookError(
        f"{at}: {metric.name} has no order, so {text!r} means nothing; use == or in"
    )


def _ranked(metric: Metric, operator: str, value: str, at: str) -> Atom:
    """A comparison by rank, written out as the labels it allows."""
    _known_labels(metric, (value,), at)
    holds = _RANK_COMPARISONS[operator]
    # The highest stands first: a higher label has the smaller rank.
    allowed = (label for label in metric.order if holds(*reversed(metric.ranks(label, value))))
    return Atom(metric.name, labels=tuple(allowed))


def _bounded(metric: str, operator: str, number: Decimal, at: str) -> Atom:
    if operator == "!=":
        raise RulebookError(f"{at}: != on a number is not part of the grammar ({metric})")
    return Atom(
        metric,
        low=number if operator in (">=", ">", "==") else None,
        is_low_open=operator == ">",
        high=number if operator in ("<=", "<", "==") else None,
        is_high_open=operator == "<",
    )


def _metric(name: str, metrics: Mapping[str, Metric], at: str) -> Metric:
    if name not in metrics:
        raise RulebookError(
            f"{at}: metric {name!r} is not in codes/metrics.yaml; add it with its unit"
        )
    return metrics[name]


def _number(digits: str, unit: str, metric: Metric, at: str) -> Decimal:
    if unit not in metric.factors:
        raise RulebookError(
            f"{at}: unit {unit!r} is not one of {metric.name}'s: {sorted(metric.factors)}"
        )
    return Decimal(digits) * metric.factors[unit]


def _known_labels(metric: Metric, labels: tuple[str, ...], at: str) -> None:
    unknown = [label for label in labels if metric.known and label not in metric.known]
    if unknown:
        scale = "order" if metric.order else "labels"
        raise RulebookError(
            f"{at}: {unknown} not in the {scale} of {metric.name}: {list(metric.known)}"
        )
