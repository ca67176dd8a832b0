"""Machines.

Belongs here: which change crosses which of these figures, and the answer. Does not: the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from exact import DAY, machines_of
from portfolio import Portfolio, Row
from unit_plans import least, summed
from where import ways

from figures.level import (
    GRANTED,
    MACHINE,
    MET,
    NO_DATA,
    NOT_MET,
    REFUSED,
    WAITS,
    Case,
    Figures,
    Spoil,
    nothing,
)


def equipment(figures: Figures) -> Iterator[Case]:
    asked = figures.rank.asked(DAY).get("equipment")
    if not asked:
        return
    for n, item in enumerate(asked["items"]):
        for alternative in range(len(item.get("any_of", [item]))):
            line = next(iter(machines_of(asked, (n, alternative))))
            yield from _machine(figures, n, alternative, line)


def _machine(figures: Figures, n: int, alternative: int, line: Row) -> Iterator[Case]:
    kind = line["what"]
    child = f"equipment.{n + 1}"

    def mine(p: Portfolio) -> list[dict[str, Any]]:
        found = p.of(MACHINE, equipment_kind=kind)
        narrow = [m for m in p.of(MACHINE) if m["equipment_kind"] != kind]
        return found or [m for m in narrow if m["metric"] == ""]

    def one(text: str, spoil: Spoil, outcome: str | None, result: str) -> Case:
        results: dict[str, str | tuple[str, ...]] = {child: result, "equipment": result}
        name = f"item {n + 1} of the equipment, {kind}: {text}"
        return figures.case(name, DAY, spoil, outcome, results, item=(n, alternative))

    def number(p: Portfolio) -> str:
        found: str = mine(p)[0]["equipment_no"]
        return found

    yield one("exactly enough", nothing, GRANTED, MET)
    yield one("one less", lambda p: p.remove(MACHINE, equipment_no=number(p)), REFUSED, NOT_MET)
    yield one(
        "one is leased",
        lambda p: p.change(MACHINE, {"equipment_no": number(p)}, is_owned=False),
        REFUSED,
        NOT_MET,
    )
    yield one(
        "nobody knows whose one is",
        lambda p: p.change(MACHINE, {"equipment_no": number(p)}, is_owned=None),
        WAITS,
        NO_DATA,
    )
    if "sum" in line:
        metric, step = summed(line), least(summed(line))
        told: tuple[tuple[str, Callable[[Row], Row], str, str], ...] = (
            (
                "all added up, a little short",
                lambda m: {"value": m["value"] - step},
                REFUSED,
                NOT_MET,
            ),
            ("all added up, a little over", lambda m: {"value": m["value"] + step}, GRANTED, MET),
            ("one is not told", lambda m: {"value": None}, WAITS, NO_DATA),
            ("of one only something else is told", lambda m: {"metric": ""}, WAITS, NO_DATA),
        )
        for text, told_of, outcome, result in told:
            yield one(
                f"the {metric}, {text}",
                lambda p, of=told_of: mine(p)[0].update(of(mine(p)[0])),
                outcome,
                result,
            )
        return
    for atom in ways(line.get("where", ""))[0]:
        for text, value, outcome, result in (
            ("short of", atom.short(), REFUSED, NOT_MET),
            ("over", atom.beyond(), GRANTED, MET),
        ):
            if isinstance(value, Decimal):
                yield one(
                    f"one {text} its {atom.metric}",
                    lambda p, m=atom.metric, v=value: p.change(
                        MACHINE, {"equipment_no": number(p), "metric": m}, value=v
                    ),
                    outcome,
                    result,
                )
        if atom.number is not None:
            yield one(
                f"one without its {atom.metric}",
                lambda p, m=atom.metric: p.change(
                    MACHINE, {"equipment_no": number(p), "metric": m}, value=None
                ),
                WAITS,
                NO_DATA,
            )
