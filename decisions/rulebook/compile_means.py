"""Compiles what the standard asks of means: net assets, other assets, equipment.

Belongs here: figures with their units, machines with their conditions. Does not: judging them
(`decisions.means.net_assets`, `decisions.means.equipment`).
"""

from __future__ import annotations

from decimal import Decimal

from decisions.rulebook.compile_rows import Rows
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.frames import FOREVER
from decisions.rulebook.model import Equipment, NetAssets, OtherAssets
from decisions.rulebook.rule_set import RuleSet
from decisions.rulebook.works_texts import MACHINES


def write_net_assets(out: Rows, rules: RuleSet, asked: NetAssets) -> None:
    """What the level asks for, and what it asks of who holds it and applies for more (E25)."""
    least = amount(asked.at_least)
    out.rows["net_assets"].append((rules.digest, least))
    if rules.is_direct:  # what a level held asks is no matter of how it was applied for
        return
    out.rows["held_net_assets"].append(
        (
            rules.code,
            rules.subcategory,
            rules.level.level,
            rules.valid_from,
            rules.valid_to or FOREVER,
            least,
            asked.basis != "seen",
        )
    )


def amount(text: str) -> Decimal:
    """`1500 万元` in yuan."""
    number, _, unit = text.partition(" ")
    return Decimal(number) * {"万元": Decimal(10_000), "元": Decimal(1)}[unit]


def write_other_assets(out: Rows, rules: RuleSet, asked: OtherAssets) -> None:
    """Figures of a metric, such as 厂房面积."""
    for n, row in enumerate(asked.rows, 1):
        least = out.quantity(row.what, row.at_least, rules.at)
        out.rows["other_assets"].append(
            (rules.digest, f"assets_other.{n}", row.what, row.what, least)
        )


def write_equipment(out: Rows, rules: RuleSet, asked: Equipment) -> None:
    """How many items are needed, and the machines that make each."""
    need = len(asked.items) if asked.need == "all" else asked.need
    out.rows["equipment"].append((rules.digest, need))
    for item_n, item in enumerate(asked.items, 1):
        for option_n, machine in enumerate(item.any_of):
            least = (
                Decimal(machine.count)
                if machine.count is not None
                else out.quantity(machine.sum or "", machine.at_least or "", rules.at)
            )
            unit = out.unit(machine.sum, machine.counted_in or MACHINES)
            out.rows["demands"].append(
                (rules.digest, -item_n, option_n, 0, machine.sum, least, False, None, unit)
            )
            names = out.book.codes.machines_below.get(machine.machine)
            if names is None:
                raise RulebookError(
                    f"{rules.at}: machine {machine.machine!r} is not in "
                    "codes/machines.yaml; add a line"
                )
            wider = out.book.codes.machines_above[machine.machine]
            out.atoms(rules, machine.where, "equipment", -item_n, option_n, 0, names, wider)
