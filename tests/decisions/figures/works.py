"""Works of the enterprise: each line, how many classes, the window, the form of contracting.

Belongs here: which change crosses which of these figures, and the answer. Does not: the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from exact import DAY, Exact
from portfolio import Portfolio, Row
from unit_plans import (
    MACHINES,
    PIECES,
    Served,
    choice,
    fits,
    least,
    served_lines,
    shown,
    summed,
    units_for,
    units_of_choice,
)
from where import Atom

from assets.calendar import add_months
from figures.level import (
    ACCEPTANCE,
    CONTRACT,
    FLOOR_ON_THE_SCOPE_OF_2014,
    GRANTED,
    MET,
    NO_DATA,
    NOT_MET,
    REFUSED,
    REGISTRATION,
    WAITS,
    Case,
    Figures,
    Spoil,
    nothing,
)


def performance(figures: Figures) -> Iterator[Case]:
    asked = figures.rank.asked(DAY).get("performance")
    if not asked:
        return
    for served in served_lines(figures.rank, DAY):
        yield from _line(figures, served)
    yield from _need(figures, asked)
    first = choice(figures.rank, DAY)[0]
    yield from _window(figures, asked, first)
    yield from _form(figures, first)


def units_of(figures: Figures, served: Served) -> list[Any]:
    chosen = choice(figures.rank, DAY, served)
    return dict(units_of_choice(chosen, figures.rank, DAY))[served]


def label_of(figures: Figures, served: Served) -> str:
    """Label of the first work of a line: the lines are built sums last."""
    number = 1
    for one, units in units_of_choice(choice(figures.rank, DAY, served), figures.rank, DAY):
        if one is served:
            return f"project.{number}"
        number += len(units)
    raise AssertionError(served)


def _line(figures: Figures, served: Served) -> Iterator[Case]:
    child = f"performance.class.{served.n}"
    units = units_of(figures, served)
    first = int(label_of(figures, served).partition(".")[2])

    def one(label: str, spoil: Spoil, outcome: str | None, result: str) -> Case:
        results: dict[str, str | tuple[str, ...]] = {child: result, "performance": result}
        return figures.case(f"{served}: {label}", DAY, spoil, outcome, results, served=served)

    yield one("exactly reached", nothing, GRANTED, MET)
    yield one("one work less", lambda p: p.tear_down(f"project.{first}"), REFUSED, NOT_MET)
    if "of" in served.rule:
        yield from _mixed(figures, served, first)
    if served.rule.get("unit") in MACHINES and len(units) > 1:

        def two_in_one(p: Portfolio) -> None:
            p.tear_down(f"project.{first}")
            p.show(f"project.{first + 1}", PIECES, Decimal(2))

        yield one("two pieces in one work", two_in_one, GRANTED, MET)
    seen: set[tuple[str, str]] = set()
    for rule, way in served.parts:
        mine = [n for n, unit in enumerate(units) if fits(rule, unit)]
        label = f"project.{first + mine[0]}"
        kind = rule["project"]
        fresh = {a.metric: a for a in reversed(way) if (kind, a.metric) not in seen}
        seen |= {(kind, metric) for metric in fresh}
        for atom in reversed(fresh.values()):
            yield from _comparison(one, kind, atom, label)
        if "sum" in rule:
            yield from _sum(one, rule, units[mine[0]], label, len(mine))


def _comparison(one: Callable[..., Case], kind: str, atom: Atom, label: str) -> Iterator[Case]:
    """One measure of one work: short, over, not known."""
    metric = atom.metric
    for text, value, outcome, result in (
        ("short of", atom.short(), REFUSED, NOT_MET),
        ("over", atom.beyond(), GRANTED, MET),
    ):
        if value is not None:
            yield one(
                f"one {kind} {text} its {metric}",
                lambda p, v=value: p.show(label, metric, v),
                outcome,
                result,
            )
    yield one(
        f"one {kind} without its {metric}",
        lambda p: p.show(label, metric, None),
        WAITS,
        NO_DATA,
    )


def _mixed(figures: Figures, served: Served, first: int) -> Iterator[Case]:
    """One of the works is of another kind that the same count allows."""
    alike = [
        one
        for one in served_lines(figures.rank, DAY)
        if (one.n, one.number) == (served.n, served.number) and one.label != served.label
    ]
    for other in alike:

        def make(nth: int, other: Served = other) -> Portfolio:
            builder = Exact(figures.rank, DAY, nth, served=served)
            portfolio = builder.build()
            portfolio.tear_down(f"project.{first}")
            builder.add_work(units_for(other, figures.rank, DAY)[0], served.contracting)
            return portfolio

        yield figures.case(
            f"{served}: one work instead of {other}",
            DAY,
            nothing,
            GRANTED,
            {f"performance.class.{served.n}": MET, "performance": MET},
            make=make,
        )


def _sum(one: Callable[..., Case], rule: Row, unit: Any, label: str, works: int) -> Iterator[Case]:
    metric = summed(rule)
    value = shown(unit)[metric]
    assert isinstance(value, Decimal)
    step = least(metric)
    for text, amount, outcome, result in (
        ("a little short", value - step, REFUSED, NOT_MET),
        ("a little over", value + step, GRANTED, MET),
        ("one amount missing", None, WAITS, NO_DATA),
    ):
        if amount == 0:
            continue  # no amount but the mark of none (reading 85)
        yield one(
            f"the {metric} added up, {text}",
            lambda p, v=amount: p.show(label, metric, v),
            outcome,
            result,
        )
    if rule.get("per") and works > 1:
        yield one(
            f"the {metric} spread over two years",
            lambda p: p.change(
                ACCEPTANCE,
                {"contract_no": p.contract_no(label)},
                accepted_on=date(DAY.year - 1, 12, 31),
            ),
            REFUSED,
            NOT_MET,
        )


def _need(figures: Figures, asked: Row) -> Iterator[Case]:
    """How many classes, and which."""
    chosen = choice(figures.rank, DAY)
    failed: dict[str, str | tuple[str, ...]] = {"performance": NOT_MET}
    if len(chosen) == asked["need"]:
        yield figures.case("one class less", DAY, nothing, REFUSED, failed, served=chosen[:-1])
    per_class = {one.n: one for one in reversed(served_lines(figures.rank, DAY))}
    for group in [{"classes": [n], "min": 1} for n in asked.get("mandatory", [])] + list(
        asked.get("min_from", [])
    ):
        others = [one for n, one in per_class.items() if n not in group["classes"]]
        if len(others) >= asked["need"]:
            yield figures.case(
                f"classes enough, but none of {group['classes']}",
                DAY,
                nothing,
                REFUSED,
                failed,
                served=others[: asked["need"]],
            )
    count = asked.get("need_alt", {}).get("one_class_count")
    for n, one in per_class.items() if count else ():
        for number, outcome, result in ((count, GRANTED, MET), (count - 1, REFUSED, NOT_MET)):
            several = [_copy(one) for _ in range(number)]
            yield figures.case(
                f"{number} works of class {n} and of no other",
                DAY,
                nothing,
                outcome,
                {"performance": result},
                served=several,
            )


def _window(figures: Figures, asked: Row, first: Served) -> Iterator[Case]:
    label = label_of(figures, first)
    opens = date(DAY.year - asked["window_years"], 1, 1)

    def accepted(on: date) -> Spoil:
        def spoil(p: Portfolio) -> None:
            contract = {"contract_no": p.contract_no(label)}
            p.change(CONTRACT, contract, signed_on=add_months(on, -24))
            p.change(ACCEPTANCE, contract, started_on=add_months(on, -23), accepted_on=on)
            manager = p.of("base_project__party", **contract)[0]["person_key"]
            p.change(REGISTRATION, {"person_key": manager}, valid_from=date(1998, 1, 1))

        return spoil

    per_year = any(rule.get("per") for rule, _ in first.parts)
    if (
        not per_year
        and figures.rank.top.level == "一级"
        and figures.rank.code not in FLOOR_ON_THE_SCOPE_OF_2014
    ):
        for on, outcome, result in (
            (opens, GRANTED, MET),
            (opens - timedelta(days=1), REFUSED, NOT_MET),
        ):
            yield figures.case(
                f"one work was accepted on {on}",
                DAY,
                accepted(on),
                outcome,
                {"performance": result},
            )
    for text, values, outcome, result in (
        ("was not sound", {"quality": "不合格"}, REFUSED, NOT_MET),
        (
            "was accepted after filing",
            {"accepted_on": DAY + timedelta(days=1)},
            REFUSED,
            NOT_MET,
        ),
    ):
        yield figures.case(
            f"one work {text}",
            DAY,
            lambda p, v=values: p.change(ACCEPTANCE, {"contract_no": p.contract_no(label)}, **v),
            outcome,
            {"performance": result},
        )


def _form(figures: Figures, first: Served) -> Iterator[Case]:
    """Under which form the works were contracted (E19)."""
    label = label_of(figures, first)
    forms = first.contracting
    refused, granted = [], []
    if "独立承担" in forms:
        for alone, outcome, result in ((True, REFUSED, NOT_MET), (None, WAITS, NO_DATA)):
            yield figures.case(
                "one work was undertaken with others" if alone else "nobody knows if one work was",
                DAY,
                lambda p, a=alone: p.change(
                    CONTRACT, {"contract_no": p.contract_no(label)}, is_consortium=a
                ),
                outcome,
                {"performance": result},
            )
    elif "施工总承包" in forms:
        refused = ["专业承包"]
        granted = ["主体工程承包"] if "主体工程承包" in forms else []
    elif forms == ("专业承包",) or (not forms and figures.rank.code[0] == "S"):
        refused, granted = ["施工总承包"], ["专业分包"]
    for form, outcome, result in [(f, REFUSED, NOT_MET) for f in refused] + [
        (f, GRANTED, MET) for f in granted
    ]:
        yield figures.case(
            f"one work was contracted as {form}",
            DAY,
            lambda p, f=form: p.change(
                CONTRACT, {"contract_no": p.contract_no(label)}, contract_type=f
            ),
            outcome,
            {"performance": result},
        )
    yield figures.case(
        "one work was contracted in a form nobody knows",
        DAY,
        lambda p: p.change(CONTRACT, {"contract_no": p.contract_no(label)}, contract_type=None),
        WAITS,
        {"performance": NO_DATA},
    )


def _copy(one: Served) -> Served:
    return Served(one.n, one.number, one.rule, one.parts, one.contracting, one.label)
