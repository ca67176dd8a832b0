"""All kinds by their code, in the order of the law.

Belongs here: the list. Does not: any kind.
"""

from __future__ import annotations

from collections.abc import Mapping

from decisions.kinds.addition import ADDITION
from decisions.kinds.change import CHANGE
from decisions.kinds.first import FIRST
from decisions.kinds.lower_level import LOWER_LEVEL
from decisions.kinds.model import Kind
from decisions.kinds.renewal import RENEWAL
from decisions.kinds.replacement import REPLACEMENT
from decisions.kinds.reverification import FULL, SIMPLIFIED
from decisions.kinds.upgrade import UPGRADE

KINDS: Mapping[str, Kind] = {
    one.code: one
    for one in (
        FIRST,
        ADDITION,
        UPGRADE,
        RENEWAL,
        CHANGE,
        REPLACEMENT,
        SIMPLIFIED,
        FULL,
        LOWER_LEVEL,
    )
}
