"""Adapters: the bytes of one delivery into a frame of text, or a fault that says what to do.

Belongs here: the forms a delivery may have, one module each, and the choice among them. Does
not: how bytes come (`assets.sources`), what a value means (`assets.normalise`) or where the
rows go (`assets.intake.taking`).

A file that cannot be trusted as a whole (wrong encoding, columns that are not the declared
ones, a container that cannot be opened, an XML with entities, an archive that is a bomb) is
one `DeliveryError`. One bad line among good ones is set apart and the rest is read.
Deliveries come from outside: nothing in one is followed, run or unpacked to a disk.
"""

from __future__ import annotations

from collections.abc import Callable

from assets.adapters import columnar, delimited, json_lines, markup, packed, workbook
from assets.adapters.delivered import BadLine, Delivered, DeliveryError
from assets.adapters.limits import LIMITS, Limits
from assets.channels import Feed

__all__ = ["LIMITS", "BadLine", "Delivered", "DeliveryError", "Limits", "read_delivery"]

_FORMS: dict[str, Callable[[bytes, Feed, Limits], Delivered]] = {
    "csv": delimited.read,
    "xlsx": workbook.read,
    "xml": markup.read,
    "jsonl": json_lines.read,
    "parquet": columnar.read,
}


def read_delivery(content: bytes, feed: Feed, limits: Limits = LIMITS) -> Delivered:
    """Reads one delivery in the form its channel declares, packed or not.

    Raises:
        DeliveryError: the file cannot be used as a whole.
    """
    plain = packed.unwrap(content, feed.adapter, limits)
    return _FORMS[feed.adapter](plain, feed, limits)
