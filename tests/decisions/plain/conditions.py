"""Conditions of the fact sheets (`metric op value unit`), asked of values that may be missing.

Belongs here: reading a condition, units, ordered grades, kinds of works and machines. Does not:
where the values come from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from plain.doubt import Truth, every, some
from plain.law import codes

Value: TypeAlias = Decimal | str | None
Values: TypeAlias = Mapping[str, Sequence[Value]]
"""What is known of a metric: several values where there are several, None for one not believed."""
OPS = (">=", "<=", ">", "<", "==", "!=")
_TOKENS = re.compile(r"not in \[[^\]]*\]|in \[[^\]]*\]|includes \[[^\]]*\]|\S+")


@dataclass(frozen=True)
class Atom:
    """One comparison; a range is two of them."""

    metric: str
    op: str
    operand: Any
    """A number in the metric's own unit, a name, or a list of names."""


Tree: TypeAlias = Atom | tuple[str, tuple["Tree", ...]]


@cache
def parsed(where: str) -> Tree:
    """The tree of a condition: atoms under `and` and `or`; an empty one asks nothing."""
    if not where:
        return ("and", ())
    tokens = _without_brackets(_TOKENS.findall(where))
    tree, rest = _or(tokens)
    assert not rest, (where, rest)
    return tree


def _without_brackets(words: list[str]) -> list[str]:
    """Brackets as tokens of their own; those inside a name, as in 大(1)型, stay."""
    tokens: list[str] = []
    for word in words:
        opening = len(word) - len(word.lstrip("("))
        bare = word.lstrip("(")
        closing = max(bare.count(")") - bare.count("("), 0)
        bare = bare[: len(bare) - closing]
        tokens += ["("] * opening + [bare] * bool(bare) + [")"] * closing
    return tokens


def _or(tokens: list[str]) -> tuple[Tree, list[str]]:
    return _joined(tokens, "or", _and)


def _and(tokens: list[str]) -> tuple[Tree, list[str]]:
    return _joined(tokens, "and", _factor)


def _joined(tokens: list[str], word: str, inner: Any) -> tuple[Tree, list[str]]:
    one, rest = inner(tokens)
    parts = [one]
    while rest and rest[0] == word:
        one, rest = inner(rest[1:])
        parts.append(one)
    return (parts[0] if len(parts) == 1 else (word, tuple(parts))), rest


def _factor(tokens: list[str]) -> tuple[Tree, list[str]]:
    if tokens[0] == "(":
        tree, rest = _or(tokens[1:])
        assert rest[0] == ")", tokens
        return tree, rest[1:]
    if _number(tokens[0]) is not None:
        low, op, metric, upper, high, *rest = tokens
        unit, rest = _unit(metric, rest)
        mirrored = {"<=": ">=", "<": ">"}[op]
        low_end = Atom(metric, mirrored, in_own_unit(metric, Decimal(low), unit))
        high_end = Atom(metric, upper, in_own_unit(metric, Decimal(high), unit))
        return Atom(metric, "between", (low_end, high_end)), rest
    metric, op, *rest = tokens
    for word in ("not in", "in", "includes"):
        if op.startswith(f"{word} ["):
            names = [n.strip() for n in op[len(word) + 2 : -1].split(",")]
            return Atom(metric, word, tuple(names)), rest
    assert op in OPS, tokens
    operand, *rest = rest
    number = _number(operand)
    if (
        number is None
        or "order" in codes("metrics")[metric]
        or "labels" in codes("metrics")[metric]
    ):
        return Atom(metric, op, operand), rest
    unit, rest = _unit(metric, rest)
    return Atom(metric, op, in_own_unit(metric, number, unit)), rest


def _number(word: str) -> Decimal | None:
    return Decimal(word) if re.fullmatch(r"\d+(\.\d+)?", word) else None


def _unit(metric: str, rest: list[str]) -> tuple[str | None, list[str]]:
    if rest and rest[0] not in ("and", "or", ")"):
        return rest[0], rest[1:]
    return None, rest


def in_own_unit(metric: str, number: Decimal, unit: str | None) -> Decimal:
    """A number in the one unit the metric's values are stored in."""
    known = codes("metrics")[metric]
    if unit is None or unit == known.get("unit"):
        return number
    return number * Decimal(str(known["accepts"][unit]))


def figure(metric: str, text: str) -> Decimal:
    """`30 公里` as a number in the metric's own unit."""
    number, _, unit = text.partition(" ")
    return in_own_unit(metric, Decimal(number), unit or None)


def metrics_of(tree: Tree) -> set[str]:
    """The metrics a condition asks."""
    if isinstance(tree, Atom):
        return {tree.metric}
    return set().union(*(metrics_of(part) for part in tree[1])) if tree[1] else set()


def holds(tree: Tree, values: Values, *, is_limit: bool = False) -> Truth:
    """Whether a condition holds: a missing value is no data, never zero.

    Args:
        tree: the condition.
        values: what is known.
        is_limit: where a metric has several values, a limit binds them all; of what is asked
            for, one that fits is enough.
    """
    if isinstance(tree, Atom):
        truths = [_compare(tree, one) for one in values.get(tree.metric, ())] or [None]
        return (every if is_limit else some)(truths)
    word, parts = tree
    return (every if word == "and" else some)(
        holds(part, values, is_limit=is_limit) for part in parts
    )


def _compare(atom: Atom, value: Value) -> Truth:
    if value is None:
        return None
    if atom.op == "between":
        return every(_compare(end, value) for end in atom.operand)
    known = codes("metrics")[atom.metric]
    if "order" in known:
        return _ranked(atom, str(value), known)
    if isinstance(atom.operand, Decimal):
        if not isinstance(value, Decimal):
            return None
        return {
            ">=": value >= atom.operand,
            "<=": value <= atom.operand,
            ">": value > atom.operand,
            "<": value < atom.operand,
            "==": value == atom.operand,
            "!=": value != atom.operand,
        }[atom.op]
    # What a name stands for that the list of the metric does not have, nobody has said (92).
    told = known.get("labels")
    listed = told if isinstance(told, list) else None
    if atom.op == "includes":
        named = set(str(value).split("、"))
        is_any_strange = listed is not None and not named <= set(listed)
        return named >= set(atom.operand) or (None if is_any_strange else False)
    if listed is not None and value not in listed:
        return None
    asked = (atom.operand,) if isinstance(atom.operand, str) else atom.operand
    return (value in asked) == (atom.op in ("in", "=="))


def _ranked(atom: Atom, value: str, known: Mapping[str, Any]) -> Truth:
    """Grades compared by rank; on the coarse scale where either side is coarse (reading 19)."""
    asked = [atom.operand] if isinstance(atom.operand, str) else list(atom.operand)
    if value not in known["order"]:
        return None

    def rank(label: str, other: str) -> int:
        for coarse, fine in known.get("coarse", {}).items():
            if label in fine and other == coarse:
                return int(known["order"].index(coarse))
        return int(known["order"].index(label))

    if atom.op in ("in", "not in"):
        found = any(rank(value, one) == rank(one, value) for one in asked)
        return found == (atom.op == "in")
    # A smaller place in the order is a higher grade. Fine against coarse of another grade
    # keeps its place, since the coarse grades stand beside their own fine ones.
    mine, theirs = rank(value, asked[0]), rank(asked[0], value)
    return {
        ">=": mine <= theirs,
        "<=": mine >= theirs,
        ">": mine < theirs,
        "<": mine > theirs,
        "==": mine == theirs,
        "!=": mine != theirs,
    }[atom.op]


# -- kinds ---------------------------------------------------------------------------


@cache
def is_kind_of(book: str, kind: str, asked: str) -> bool:
    """Whether works or machines of a kind are what is asked: the same, or a kind below it."""
    names = codes(book)
    kind, asked = _folded(names, kind), _folded(names, asked)
    if kind == asked:
        return True
    return any(is_kind_of(book, wider, asked) for wider in names.get(kind, {}).get("is_a", []))


@cache
def shares_kind(book: str, kind: str, asked: str) -> bool:
    """Whether some of what a name takes in is what is asked: a wider name, or one that overlaps."""
    return any(is_kind_of(book, one, kind) and is_kind_of(book, one, asked) for one in codes(book))


def may_be_kind_of(book: str, kind: str, asked: str) -> Truth:
    """Whether a thing of that name is what is asked; a name that no list has may be anything."""
    if kind == str(None):
        return False  # a row that could not be read has no name at all
    if kind not in codes(book):
        return None
    return is_kind_of(book, kind, asked)


def _folded(names: Mapping[str, Any], kind: str) -> str:
    return str(names.get(kind, {}).get("same_as", kind))
