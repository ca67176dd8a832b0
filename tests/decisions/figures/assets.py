"""What an enterprise owns: net assets and other assets.

Belongs here: which change crosses which of these figures, and the answer. Does not: the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from exact import DAY
from portfolio import Portfolio
from unit_plans import least
from where import CENT

from figures.level import (
    GRANTED,
    MACHINE,
    MET,
    NO_DATA,
    NOT_MET,
    REFUSED,
    STATEMENT,
    WAITS,
    Case,
    Figures,
    Spoil,
)


def net_assets(figures: Figures) -> Iterator[Case]:
    figure = figures.rank.asked(DAY).get("net_assets_wan")
    is_first = figures.rank.is_lowest

    def state(wan: Decimal) -> Spoil:
        return lambda p: p.capital(wan) if is_first else p.state_net_assets(wan)

    def missing(p: Portfolio) -> None:
        if is_first:
            p.capital(None)
        elif STATEMENT in p.rows:
            p.remove(STATEMENT)

    if figure is None:
        yield figures.case(
            "however much it has, nobody knows the net assets asked",
            DAY,
            state(Decimal(10**7)),
            GRANTED,
            {"net_assets": MET},
        )
        return
    for label, wan, outcome, result in (
        ("net assets are one cent below", figure - CENT, REFUSED, NOT_MET),
        ("net assets are one 万元 below", Decimal(figure - 1), REFUSED, NOT_MET),
        ("net assets are one 万元 above", Decimal(figure + 1), GRANTED, MET),
    ):
        yield figures.case(label, DAY, state(wan), outcome, {"net_assets": result})
    yield figures.case("net assets are not known", DAY, missing, WAITS, {"net_assets": NO_DATA})


def assets_other(figures: Figures) -> Iterator[Case]:
    for row in figures.rank.asked(DAY).get("assets_other") or []:
        what, figure = row["what"], Decimal(row["value"])

        def one(label: str, spoil: Spoil, outcome: str, result: str, what: str = what) -> Case:
            name = f"the {what} is {label}"
            return figures.case(name, DAY, spoil, outcome, {"assets_other": result})

        def measured(value: Decimal | None, what: str = what) -> Spoil:
            return lambda p: p.change(MACHINE, {"metric": what}, value=value)

        step = least(what)
        yield one("a little short", measured(figure - step), REFUSED, NOT_MET)
        yield one("a little over", measured(figure + step), GRANTED, MET)
        yield one("not known", measured(None), WAITS, NO_DATA)
        yield one("none at all", lambda p, w=what: p.remove(MACHINE, metric=w), REFUSED, NOT_MET)
