"""What the newest release tells of a certificate since it was issued: whether it has been ended.

Belongs here: the channel's word on what stands on the latest version (reading 60). Does not: by
which rule a row ends something (`decisions.holdings.ours`), the file and its place in the register
(`certificates.verifying.verify`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from assets.lake.store import Store
from checks import release
from decisions.facts.model import Facts
from decisions.holdings import ours
from decisions.words import HELD_STATES, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A row of the channel by which something ended, or is not known to stand."""

    target: str
    row_key: str
    status_code: str | None
    ended_on: date | None
    is_trusted: bool
    delivery_id: str
    row_no: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class End:
    """How one of the qualifications ended, and on which day where any row tells it."""

    item: str
    status_code: str
    ended_on: date | None

    @property
    def words(self) -> Words:
        """`S11-二级已于2017-04-30撤回`."""
        how = HELD_STATES[self.status_code]
        if self.ended_on is None:
            return Words(f"{self.item}已{how.zh}", f"{self.item} {how.en}")
        day = self.ended_on.isoformat()
        return Words(f"{self.item}已于{day}{how.zh}", f"{self.item} {how.en} on {day}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What has become of the qualifications on the latest version of a certificate.

    Attributes:
        release_id: the newest release; None: there is none, nothing could be looked up.
        released_at: when it was made.
        ended: what has surely ended.
        in_doubt: what is not known to stand.
        told: the rows that say so.
    """

    release_id: str | None = None
    released_at: datetime | None = None
    ended: tuple[End, ...] = ()
    in_doubt: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()


def standing(store: Store, certificate_no: str, usc_code: str) -> Standing:
    """What the newest release tells of a certificate of the register.

    Args:
        store: the lakehouse.
        certificate_no: its number.
        usc_code: whose it is.
    """
    newest = release.latest(store)
    if newest is None:
        return Standing()
    facts = Facts.at(store, newest.release_id, newest.versions, [usc_code])
    of_it = pl.col("certificate_no") == certificate_no
    lines = facts.collect(ours.own_grants(facts).filter(of_it).sort(ours.LINE))
    told = facts.collect(ours.what_ended(facts).filter(of_it))
    ended = lines.filter(pl.col("is_held") & (pl.col("status_code") != "valid"))
    in_doubt = lines.filter(pl.col("is_held").is_null())
    of_rows = told.select(*Told.__annotations__).unique().sort("target", "row_key", "row_no")
    return Standing(
        release_id=newest.release_id,
        released_at=newest.released_at,
        ended=tuple(_how(line, told) for line in ended.iter_rows(named=True)),
        in_doubt=tuple(_item(line) for line in in_doubt.iter_rows(named=True)),
        told=tuple(Told(**row) for row in of_rows.iter_rows(named=True)),
    )


def _item(line: dict[str, Any]) -> str:
    return "-".join(filter(None, (line["category_code"], line["subcategory"], line["level"])))


def _how(line: dict[str, Any], told: pl.DataFrame) -> End:
    """How a line ended, and on which day, where any row tells one."""
    days = told.filter(
        [pl.col(name) == line[name] for name in ours.LINE],
        pl.col("is_trusted") & (pl.col("status_code") == line["status_code"]),
    ).get_column("ended_on")
    return End(_item(line), line["status_code"], max(days.drop_nulls(), default=None))
