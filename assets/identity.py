"""What a steward states about identity numbers: two are one person's, or one is several persons'.

Belongs here: taking a statement in, and telling those there are. Does not: what they come to
(`assets.persons`), statements that a channel delivers, the commands (`pipelines.commands.persons`).

A statement is never taken back by an edit: a later one about the same numbers holds. The log knows
a number only by its pseudonym; what is shown of it is masked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Literal

import polars as pl

from assets.calendar import legal_day
from assets.explain import masked
from assets.identifiers import id18, id_fault, person_key
from assets.intake.raw import next_instant
from assets.lake.store import SnapshotConflict, Store
from assets.normalise import folded_code
from assets.persons import Numbers, numbers_of
from assets.tables import personnel

Statement = Literal["same", "different", "shared", "sole"]
_TABLE = personnel.IDENTITY
_STAGE = "steward"
_TURNS = 8


class StatementError(ValueError):
    """A statement that cannot be taken in: which number, why, and the remedy."""


class UnknownNumber(StatementError):
    """No channel has ever delivered the number."""


class Contradiction(StatementError):
    """It contradicts what is stated already."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What became of a statement."""

    statement_no: str
    is_new: bool
    """False: the last statement about these numbers says so already; nothing was added."""
    numbers: tuple[str, ...]
    """The pseudonyms of all numbers that are now one person's, the one borne now first; else of
    those that were named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a statement rests on."""

    stated_by: str
    because: str
    document: str
    stated_on: date


def state(
    store: Store,
    what: Statement,
    numbers: Sequence[str],
    grounds: Grounds,
    pseudonym_key: bytes,
    now: datetime,
) -> Stated:
    """Takes in what is stated about one number, or about two.

    Args:
        store: the lakehouse.
        what: the statement.
        numbers: identity numbers: two of `same` (first the one that is borne now, then the one
            borne before or by mistake) and of `different`, one of `shared` and of `sole`.
        grounds: who states it, on what.
        pseudonym_key: secret from which the keys of persons are made.
        now: the present instant, UTC.

    Raises:
        StatementError: a number is unsound, both are one, grounds are empty or of a day to come.
        UnknownNumber: no channel has delivered a number.
        Contradiction: it contradicts other statements.
    """
    keys = tuple(_known(store, one, pseudonym_key, now) for one in numbers)
    if len({*keys}) < len(keys):
        raise StatementError(
            f"{masked(numbers[0])}: 两个号码相同，无从认定 "
            "both numbers are the same: there is nothing to state"
        )
    _check(grounds, now)
    for _ in range(_TURNS):
        turn = store.turn(_TABLE, _STAGE)
        log = turn.scan().collect()
        row = _row(what, keys, grounds, log, next_instant(log.lazy(), now))
        before, after = numbers_of(log), numbers_of(pl.concat([log, row]))
        last = _last_of(log, keys)
        if last is not None and _says(last, what, keys) and _come_to(before) == _come_to(after):
            return Stated(last["statement_no"], False, _together(before, keys))
        doubts = {key: after.in_doubt[key] for key in keys if key in after.in_doubt}
        if torn := sorted(key for key, one in doubts.items() if one.kind == "contradicted"):
            raise Contradiction(_contradiction(store, log, keys, torn))
        try:
            turn.append(row)
        except SnapshotConflict:
            continue
        return Stated(row["statement_no"].item(), True, _together(after, keys))
    raise SnapshotConflict(f"{_TABLE.name}: others kept writing; state it again")


def _says(last: Mapping[str, str], what: Statement, keys: tuple[str, ...]) -> bool:
    """Whether a statement about the same numbers says the same; which is borne now matters."""
    is_turned = last["person_key"] != keys[0]
    return last["statement"] == what and (what == "different" or not is_turned)


def _come_to(numbers: Numbers) -> tuple[object, ...]:
    """What statements come to, whichever statement it rests on."""
    return (
        numbers.present,
        numbers.different,
        {key: one.kind for key, one in numbers.in_doubt.items()},
    )


def _known(store: Store, number: str, pseudonym_key: bytes, now: datetime) -> str:
    """The pseudonym of a number that some row of the base bears."""
    folded = id18(pl.select(folded_code(pl.lit(number))).item() or "")
    fault = pl.select(id_fault(pl.lit(folded), legal_day(now))).item()
    if fault is not None:
        raise StatementError(
            f"{masked(number)}: 不是有效的公民身份号码 no sound identity number ({fault})；"
            "请核对18位号码 compare its 18 digits"
        )
    key = person_key(folded, pseudonym_key)
    found = store.scan(personnel.PERSON).filter(pl.col("person_key") == key).head(1)
    if found.collect().is_empty():
        raise UnknownNumber(
            f"{masked(folded)}: 各渠道数据中没有此号码 no channel has ever delivered this number；"
            "请核对号码，或待其数据到达后再认定 compare it, or state it once its data have come"
        )
    return key


def _check(grounds: Grounds, now: datetime) -> None:
    told = {
        "经办人 who states it (--by)": grounds.stated_by,
        "原因 why (--because)": grounds.because,
        "依据文书 document (--document)": grounds.document,
    }
    for name, text in told.items():
        if not text.strip():
            raise StatementError(f"{name}: 不能为空 must not be empty")
    if grounds.stated_on > legal_day(now):
        raise StatementError(
            f"{grounds.stated_on}: 认定日期在将来 the day of the act is to come (--on)"
        )


def _last_of(log: pl.DataFrame, keys: tuple[str, ...]) -> dict[str, str] | None:
    """The last statement about these very numbers."""
    other = pl.col("other_key")
    are_these = pl.col("person_key").is_in(keys) & (
        other.is_null() if len(keys) == 1 else other.is_in(keys)
    )
    found = log.filter(are_these).sort("received_at", "row_no")
    return found.row(-1, named=True) if found.height else None


def _row(
    what: Statement, keys: tuple[str, ...], grounds: Grounds, log: pl.DataFrame, at: datetime
) -> pl.DataFrame:
    told = {
        "statement": what,
        "person_key": keys[0],
        "other_key": keys[1] if len(keys) > 1 else None,
        "stated_on": grounds.stated_on,
        "stated_by": grounds.stated_by.strip(),
        "because": grounds.because.strip(),
        "document": grounds.document.strip(),
    }
    # Said again after another said otherwise it is another statement.
    content = json.dumps([*told.values(), log.height], default=str, ensure_ascii=False)
    number = f"RD{sha256(content.encode()).hexdigest()[:16].upper()}"
    came = {"delivery_id": f"command_line.persons.{number}", "row_no": 1, "received_at": at}
    return pl.DataFrame([{"statement_no": number, **told, **came}], schema=_TABLE.schema)


def _together(numbers: Numbers, keys: tuple[str, ...]) -> tuple[str, ...]:
    borne = numbers.present.get(keys[0], keys[0])
    theirs = [one for one, present in numbers.present.items() if present == borne]
    return (borne, *sorted(theirs)) if {*keys} <= {borne, *theirs} else keys


def _contradiction(store: Store, log: pl.DataFrame, keys: tuple[str, ...], torn: list[str]) -> str:
    """Which statements it contradicts: all about persons of whom these numbers are."""
    near = {*keys}
    while True:
        met = log.filter(pl.col("person_key").is_in(near) | pl.col("other_key").is_in(near))
        grown = near | {*met["person_key"], *met["other_key"].drop_nulls()}
        if grown == near:
            break
        near = grown
    shown = _masked(store, near)
    told = "；".join(
        " ".join(
            (
                row["statement_no"],
                row["statement"],
                *(shown[row[name]] for name in ("person_key", "other_key") if row[name]),
            )
        )
        for row in met.sort("received_at", "row_no").iter_rows(named=True)
    )
    return (
        f"{'、'.join(shown[one] for one in torn)}: 与已有认定矛盾 contradicts what is stated: "
        f"{told}；请先就其中有误的一项作出相反认定 "
        "first state the opposite of the one that is wrong"
    )


def _masked(store: Store, keys: set[str]) -> dict[str, str]:
    """Numbers as they are shown, by pseudonym."""
    people = store.scan(personnel.PERSON).filter(pl.col("person_key").is_in(sorted(keys)))
    known = dict(people.select("person_key", "id_number").collect().iter_rows())
    return {key: masked(known[key]) if key in known else key for key in keys}


def statements(store: Store) -> list[dict[str, object]]:
    """All statements, the oldest first: what, masked numbers, grounds, whether it still holds."""
    log = store.scan(_TABLE).collect().sort("received_at", "row_no")
    shown = _masked(store, {*log["person_key"], *log["other_key"].drop_nulls()})
    last = {
        frozenset((row["person_key"], row["other_key"])): row["statement_no"]
        for row in log.iter_rows(named=True)
    }
    return [
        {
            **{name: row[name] for name in _TOLD},
            "number": shown[row["person_key"]],
            "other_number": shown.get(row["other_key"]),
            "holds": last[frozenset((row["person_key"], row["other_key"]))] == row["statement_no"],
        }
        for row in log.iter_rows(named=True)
    ]


_TOLD = (
    "statement_no", "statement", "person_key", "other_key", "stated_on", "stated_by", "because",
    "document", "received_at",
)  # fmt: skip
