"""Single changes to an enterprise that meets everything: each puts one fact at, over or under a line.

Belongs here: small functions on a portfolio and a random source, by the part of the law they try.
Does not: which of them a case gets (`recipes`).
"""

from plain.changes import means, people, switches, unbelieved, works
from plain.changes.drawing import Change

__all__ = ["CHANGES", "Change"]

CHANGES: dict[str, Change] = {
    **people.CHANGES,
    **works.CHANGES,
    **means.CHANGES,
    **switches.CHANGES,
    **unbelieved.CHANGES,
}
"""By name, in the order that a seed draws from."""
