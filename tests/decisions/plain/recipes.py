"""Random portfolios near every threshold, each from a recipe that can be drawn, shrunk and read.

Belongs here: the recipe of one case (what is applied for, what the channels have declared, what
is changed in an enterprise that meets everything exactly) and how it is carried out. Does not:
the single changes (`changes`), deciding.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import cycle

from exact import Exact, at_once
from hypothesis import strategies as st
from portfolio import CITY, MONTHLY, PROVINCE, STATE, Portfolio
from sheets import Rank, authority_of, ranks
from unit_plans import Served, served_lines

from assets.calendar import add_months, add_years, full_months_before
from assets.tables import RELEASED_TABLES, intake
from plain.changes import CHANGES, Change
from plain.law import is_direct

KINDS = ("first", "addition", "upgrade", "renewal", "change", "replacement", "reverification")
CODES = tuple([f"G{n:02}" for n in range(1, 13)] + [f"S{n:02}" for n in range(1, 37)])
DAYS = (
    date(2016, 10, 31),
    date(2016, 11, 1),
    date(2017, 3, 1),
    date(2018, 2, 28),
    date(2018, 11, 5),
    date(2020, 2, 29),
    date(2023, 9, 15),
    date(2024, 1, 2),
    date(2021, 1, 1),
    date(2022, 10, 28),
    date(2020, 7, 31),
    date(2021, 7, 1),
    date(2022, 12, 31),
    date(2023, 12, 31),
    date(2015, 11, 8),
    date(2015, 11, 9),
)
"""Days of filing: the last of the text of 2014, the days the notices began to apply, leap days,
the days to which the validity of certificates was extended."""
STATED = tuple(
    table.name
    for table in RELEASED_TABLES
    if table.name not in (intake.COVERAGE.name, "intake__quarantine", "check__finding", MONTHLY)
)
"""Tables whose channels declare a state complete."""
WORDS = ("whole", "of the city", "missing", "stale", "incomplete")
"""What a channel may have said of a table."""


@dataclass(frozen=True)
class Word:
    """What the channels have declared: complete for the province, save for one table."""

    table: str = ""
    said: str = "whole"

    def __str__(self) -> str:
        return f"{self.table} {self.said}" if self.table else "everything declared complete"


@dataclass(frozen=True)
class Recipe:
    """One random case.

    Attributes:
        rank: number of the level among all 127.
        kind: kind of application.
        day: day of filing, as a place in `DAYS`.
        wait: days from the filing to the decision.
        served: which line of the performance the works serve, as a number.
        word: what the channels have declared.
        changes: name and seed of every change, in order.
        by_what_was_seen: whether in the office what is only recalled decides nothing.
    """

    rank: int
    kind: str
    day: int
    wait: int
    served: int
    word: Word
    changes: tuple[tuple[str, int], ...]
    by_what_was_seen: bool = False

    def __str__(self) -> str:
        rank = LEVELS[self.rank]
        told = [f"{name} #{seed}" for name, seed in self.changes]
        return (
            f"{rank} {self.kind}, filed {DAYS[self.day]}, decided {self.wait} days later, "
            f"line {self.served}; {self.word}; {'by what was seen; ' * self.by_what_was_seen}"
            f"then: {'; '.join(told) or 'nothing changed'}"
        )

    def without(self, place: int) -> Recipe:
        """The same without one of its changes."""
        return self.with_only(self.changes[:place] + self.changes[place + 1 :])

    def with_only(self, changes: tuple[tuple[str, int], ...]) -> Recipe:
        """The same with other changes."""
        return replace(self, changes=changes)


LEVELS: tuple[Rank, ...] = tuple(rank for code in CODES for rank in ranks(code))


@cache
def _lines(rank: Rank, on: date) -> list[Served]:
    return served_lines(rank, on)


def carried_out(recipe: Recipe, nth: int) -> Portfolio:
    """The portfolio of a recipe, as enterprise number `nth`."""
    rank, on = LEVELS[recipe.rank], DAYS[recipe.day]
    lines = _lines(rank, on)
    served = lines[recipe.served % len(lines)] if lines else None
    if is_direct(recipe.kind, rank.code, rank.subcategory, rank.level, on):
        portfolio = at_once(rank, on, nth)
    else:
        portfolio = Exact(rank, on, nth, served=served).build()
    _turn_into(portfolio, recipe.kind, rank)
    if recipe.kind == "reverification":
        GROUNDS[recipe.served % len(GROUNDS)](portfolio, rank)
    portfolio.decided_on = on + timedelta(days=recipe.wait)
    portfolio.recalled_may_grant = not recipe.by_what_was_seen
    _declare(portfolio, recipe.word)
    for name, seed in recipe.changes:
        CHANGES[name](portfolio, random.Random(seed))
    return portfolio


def _turn_into(p: Portfolio, kind: str, rank: Rank) -> None:
    """An enterprise that meets the level, as an applicant of another kind."""
    built = p.kind
    p.kind = kind
    _insure_longer(p)
    wan = rank.asked(p.filed_on).get("net_assets_wan") or 1
    if kind != "upgrade" or built != "upgrade":
        for table in ("base_enterprise__qualification", "base_enterprise__certificate"):
            p.rows[table] = []
    wan = _hold_for(p, kind, rank, wan, built)
    if kind in ("addition", "upgrade", "renewal", "reverification"):
        p.state_net_assets(wan)
    if kind in ("first", "reverification"):
        p.capital(wan)
    if kind == "change":
        p.change("base_enterprise__registry", {"usc_code": p.usc_code}, name="浙江新名建设有限公司")
        p.event(
            "rename", p.filed_on - timedelta(days=10), before=p.name, after="浙江新名建设有限公司"
        )


def _insure_longer(p: Portfolio) -> None:
    """Everybody insured in the latest month is so in all the months that any kind asks."""
    latest, *earlier = full_months_before(p.filed_on, 3)
    insured = {(row["person_key"], row["month"]) for row in p.of(MONTHLY)}
    for row in p.of(MONTHLY, month=latest):
        for month in earlier:
            if (row["person_key"], month) not in insured:
                insured.add((row["person_key"], month))
                same = {name: row[name] for name in ("person_key", "usc_code", "is_paid")}
                p.add(MONTHLY, **same, month=month)


def _was_split(p: Portfolio, rank: Rank) -> None:
    """The enterprise of old, which shows its insurance for longer."""
    p.event("split", p.filed_on - timedelta(days=30))


def _has_merged(p: Portfolio, rank: Rank) -> None:
    """A case that 79号 handles in the simplified way."""
    p.event("merger_absorption", p.filed_on - timedelta(days=30), case="absorbed_cancelled")


def _carries_on(p: Portfolio, rank: Rank) -> None:
    """A new enterprise: what it applies for was another's, which gave it up."""
    day = p.filed_on - timedelta(days=30)
    other = p.company(1)
    p.event("split", day, counterpart=other)
    for row in p.of("base_enterprise__registry", usc_code=p.usc_code):
        row.update(established_on=day)
    for row in p.rows["base_enterprise__qualification"]:
        row.update(usc_code=other, status_code="cancelled", valid_to=day)
    for row in p.rows["base_enterprise__certificate"]:
        row.update(usc_code=other, status_code="cancelled")


def _carries_on_for_a_year(p: Portfolio, rank: Rank) -> None:
    """What it applies for is another's still, whose cancellation is under way."""
    _carries_on(p, rank)
    for row in p.rows["base_enterprise__event"]:
        row.update(
            event_code="merger_absorption",
            handling_code="simplified",
            case_code="cancellation_pending",
        )
    for row in p.rows["base_enterprise__qualification"]:
        row.update(status_code="valid", valid_to=None)
    for row in p.rows["base_enterprise__certificate"]:
        row.update(status_code="valid")


def _exchanges(p: Portfolio, rank: Rank) -> None:
    """Verified for one year a year ago, and the other enterprise is struck off by now."""
    other = p.company(1)
    day = p.filed_on - timedelta(days=300)
    p.event("merger_absorption", day, case="cancellation_pending", counterpart=other)
    p.decided("reverification", "granted", day + timedelta(days=60), level=rank.level)
    row = p.rows["decision__decision"][-1]
    row.update(subcategory=rank.subcategory, predecessor_usc_code=other)
    p.event(
        "merger_absorption",
        p.filed_on - timedelta(days=30),
        case="absorbed_cancelled",
        counterpart=other,
    )


def _was_withdrawn(p: Portfolio, rank: Rank) -> None:
    """A higher level was withdrawn three months ago, if there is one."""
    if _hold_higher(p, rank):
        row = p.rows["base_enterprise__qualification"][-1]
        row.update(status_code="withdrawn", valid_to=add_months(p.filed_on, -3))


def _was_not_renewed(p: Portfolio, rank: Rank) -> None:
    """The renewal of a higher level was refused three months ago, if there is one."""
    if _hold_higher(p, rank):
        level = p.rows["base_enterprise__qualification"][-1]["level"]
        p.decided("renewal", "refused", add_months(p.filed_on, -3), level=level)


def _hold_higher(p: Portfolio, rank: Rank) -> bool:
    """Only the next higher level is on record, instead of the one applied for."""
    ladder = [r for r in ranks(rank.code) if r.subcategory == rank.subcategory]
    place = ladder.index(rank)
    if place == 0:
        return False
    p.rows["base_enterprise__qualification"] = []
    p.rows["base_enterprise__certificate"] = []
    ends = p.filed_on + timedelta(days=40)
    p.hold(rank.code, ladder[place - 1].level, subcategory=rank.subcategory, expires_on=ends)
    return True


GROUNDS: tuple[Callable[[Portfolio, Rank], object], ...] = (
    _was_split,
    _has_merged,
    _carries_on,
    _carries_on_for_a_year,
    _exchanges,
    _was_withdrawn,
    _was_not_renewed,
)
"""Why a re-verification may be asked for; a case gets one of them by its number."""


def _hold_for(p: Portfolio, kind: str, rank: Rank, wan: int, built: str) -> int:
    """What a kind needs to be held; returns the net assets that then are asked, in 万元."""
    if kind == "addition":
        other = next(
            r for r in LEVELS if r.code == ("S11" if rank.code != "S11" else "S04") and r.is_lowest
        )
        p.hold(other.code, other.level)
        wan = max(wan, other.asked(p.filed_on)["net_assets_wan"])
    elif kind == "upgrade" and built != "upgrade":
        p.hold(rank.code, rank.level, subcategory=rank.subcategory)
    elif kind in ("renewal", "change", "replacement", "reverification"):
        p.hold(
            rank.code, rank.level, subcategory=rank.subcategory, expires_on=add_years(p.filed_on, 1)
        )
    return wan


def _declare(p: Portfolio, word: Word) -> None:
    p.rows[intake.COVERAGE.name] = []
    for month in full_months_before(p.filed_on, 3):
        p.cover(MONTHLY, CITY, month)
    for table in STATED:
        said = word.said if table == word.table else "whole"
        if said == "missing":
            continue
        p.cover(table, CITY if said == "of the city" else PROVINCE, STATE)
        if said in ("stale", "incomplete"):
            row = p.rows[intake.COVERAGE.name][-1]
            row["as_of"] = p.decided_on - timedelta(days=60 if said == "stale" else 0)
            row["is_complete"] = said == "stale"


# -- drawing -------------------------------------------------------------------------


def sampled(seed: int, count: int, *, together: int = 100) -> Iterator[Recipe]:
    """Recipes from one seed: always the same ones.

    Every level and kind comes round; so many in a row share what the channels declared, the
    authority and the days, so that they go into one evaluation.
    """
    rng = random.Random(seed)
    by_authority: dict[str, list[int]] = {}
    for number, rank in enumerate(LEVELS):
        by_authority.setdefault(authority_of(rank.code, rank.level), []).append(number)
    names = list(CHANGES)
    places = dict.fromkeys(by_authority, 0)
    offices = cycle(("province", "ministry", "province", "city"))
    drawn = 0
    while drawn < count:
        authority = next(offices)
        day = rng.choices(range(len(DAYS)), [2, 3, 6, 3, 2, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1])[0]
        wait = rng.choice((0, 0, 0, 7))
        word = Word()
        if rng.random() < 0.4:
            word = Word(rng.choice(STATED), rng.choice(WORDS[1:]))
        by_what_was_seen = rng.random() < 0.4
        for _ in range(min(together, count - drawn)):
            places[authority] += 1
            place = by_authority[authority][places[authority] % len(by_authority[authority])]
            yield Recipe(
                place,
                _kind(rng, LEVELS[place]),
                day,
                wait,
                rng.randrange(40),
                word,
                tuple(
                    (rng.choice(names), rng.randrange(10_000))
                    for _ in range(rng.choices((0, 1, 2, 3, 5), (1, 6, 5, 3, 2))[0])
                ),
                by_what_was_seen,
            )
            drawn += 1


def _kind(rng: random.Random, rank: Rank) -> str:
    likely = ("first", "addition") if rank.is_lowest else ("upgrade",)
    return rng.choice(likely) if rng.random() < 0.6 else rng.choice(KINDS)


def recipes() -> st.SearchStrategy[Recipe]:
    """Any recipe; shrinks to an early level, little said, nothing changed."""
    return st.builds(
        Recipe,
        rank=st.integers(0, len(LEVELS) - 1),
        kind=st.sampled_from(KINDS),
        day=st.integers(0, len(DAYS) - 1),
        wait=st.sampled_from((0, 7)),
        served=st.integers(0, 39),
        word=st.one_of(
            st.just(Word()),
            st.builds(Word, st.sampled_from(STATED), st.sampled_from(WORDS[1:])),
        ),
        changes=st.lists(changes(), max_size=5).map(tuple),
        by_what_was_seen=st.booleans(),
    )


def changes() -> st.SearchStrategy[tuple[str, int]]:
    """One change and its seed."""
    return st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 9_999))


def parts_of(recipe: Recipe) -> st.SearchStrategy[Recipe]:
    """The recipe with some of its changes only: what a disagreement is shrunk over."""

    def kept(mask: list[bool]) -> Recipe:
        return recipe.with_only(
            tuple(c for c, keep in zip(recipe.changes, mask, strict=True) if keep)
        )

    size = len(recipe.changes)
    return st.lists(st.booleans(), min_size=size, max_size=size).map(kept)


__all__ = ["Change", "Recipe", "Word", "carried_out", "parts_of", "recipes", "sampled"]
