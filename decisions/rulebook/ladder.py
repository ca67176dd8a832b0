"""Whether a higher level is anywhere easier than the lower one: figures set side by side.

Belongs here: comparing two levels of a category, part by part. Does not: which differences
are known to stand so in the text (`standards/known_exceptions.yaml`, `decisions.rulebook.proof`).

A part is not easier if whoever meets it at the higher level also meets it at the lower one.
Only what both levels ask is compared: 226号 took parts away from the higher levels alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from decisions.rulebook.codes import UNLISTED, Codes
from decisions.rulebook.conditions import Alternatives, Atom, parse
from decisions.rulebook.model import (
    Constructors,
    Equipment,
    LeadAlternative,
    Level,
    MachineLine,
    MeasureLine,
    MixedCount,
    NetAssets,
    Option,
    OtherAssets,
    OtherStaff,
    Performance,
    Scope,
    ScopeChoice,
    SiteManagers,
    SkilledWorkers,
    TechnicalLead,
    TitledRow,
    TitledStaff,
    Together,
    Unmeasured,
    WorksLine,
)


def easier(higher: Level, lower: Level, codes: Codes) -> Iterator[tuple[str, str]]:
    """Every place where the higher level asks less: part, and what was compared."""
    ladder = _Ladder(codes)
    for part in type(higher.requirements).model_fields:
        above, below = getattr(higher.requirements, part), getattr(lower.requirements, part)
        if above is not None and below is not None:
            for told in ladder.compared(above, below):
                yield part, told
    for told in ladder.scopes(higher.scope, lower.scope):
        yield "scope", told


@dataclass(frozen=True)
class _Ask:
    """Works or machines that a line asks for: kinds, condition, how many or how much."""

    names: tuple[str, ...]
    where: Alternatives
    metric: str | None
    amount: Decimal
    told: str


@dataclass(frozen=True)
class _Ladder:
    codes: Codes

    def compared(self, above: Any, below: Any) -> Iterable[str]:
        """Where one part asks less than its counterpart."""
        comparisons: dict[type, Callable[..., Iterable[str]]] = {
            NetAssets: self._net_assets,
            OtherAssets: self._assets,
            Constructors: self._constructors,
            TechnicalLead: self._lead,
            TitledStaff: self._titled,
            SiteManagers: self._sites,
            SkilledWorkers: self._workers,
            OtherStaff: self._others,
            Performance: self._performance,
            Equipment: self._equipment,
        }
        compare = comparisons.get(type(above))
        return compare(above, below) if compare else ()

    def scopes(self, above: Scope, below: Scope) -> Iterator[str]:
        """Limits of the higher level that forbid what the lower one allows."""
        allowed_below = self._limits(below)
        for works, limits in self._limits(above).items():
            if works not in allowed_below:
                continue
            # Below, every limit on the works must hold.
            together = tuple(
                tuple(atom for conjunction in choice for atom in conjunction)
                for choice in product(*allowed_below[works])
            )
            if not all(self._implies(together, limit) for limit in limits):
                told = " and ".join(line.where for line in above.lines() if line.works == works)
                yield f"{works} [{told}] forbids what the level below allows"

    def _limits(self, scope: Scope) -> dict[str, list[Alternatives]]:
        """Limits by works; of a choice, the lines on one works are alternatives."""
        found: dict[str, list[Alternatives]] = {}
        for limit in scope.limits:
            of_works: dict[str, Alternatives] = {}
            for line in limit.any_of if isinstance(limit, ScopeChoice) else (limit,):
                of_works[line.works] = of_works.get(line.works, ()) + self._where(line)
            for works, alternatives in of_works.items():
                found.setdefault(works, []).append(alternatives)
        return found

    # -- people ----------------------------------------------------------------------

    def _constructors(self, above: Constructors, below: Constructors) -> Iterator[str]:
        ranks = self.codes.people.asked_constructor_grades
        for row in below.rows:
            if not any(
                self._within(one.specialties, row.specialties)
                and ranks[one.grade] >= ranks[row.grade]
                and one.at_least >= row.at_least
                for one in above.rows
            ):
                names = "、".join(row.specialties)
                yield f"{names} {row.grade} ≥ {row.at_least}人 is asked below only"

    def _lead(self, above: TechnicalLead, below: TechnicalLead) -> Iterator[str]:
        if above.years < below.years:
            yield f"{above.years} years, {below.years} below"
        for one in above.any_of:
            if not any(self._covers(other, one) for other in below.any_of):
                yield f"{one.title or one.registration} would not do below"

    def _covers(self, below: LeadAlternative, above: LeadAlternative) -> bool:
        """Whether whoever has the alternative above has the one below."""
        if above.title and below.title:
            ranks = self.codes.people.title_ranks
            return ranks[above.title] >= ranks[below.title] and self._majors_within(
                above.majors, below.majors
            )
        if above.registration and below.registration:
            known = self.codes.people.registrations
            return set(known[above.registration]) <= set(known[below.registration]) and (
                self._within(above.specialties, below.specialties)
            )
        return False

    def _titled(self, above: TitledStaff, below: TitledStaff) -> Iterator[str]:
        for row in below.rows:
            comparable = [one for one in above.rows if self._is_known(one) and self._is_known(row)]
            if comparable and not any(self._titled_row(one, row) for one in comparable):
                yield f"{'、'.join(row.majors)} {row.title} ≥ {row.at_least}人 is asked below only"

    def _is_known(self, row: TitledRow) -> bool:
        return row.complete != "unknown" and UNLISTED not in self._majors(row.majors)

    def _titled_row(self, above: TitledRow, below: TitledRow) -> bool:
        ranks = self.codes.people.title_ranks
        return (
            ranks[above.title] >= ranks[below.title]
            and above.at_least >= below.at_least
            and self._majors_within(above.majors, below.majors)
            and set(below.complete) <= set(above.complete)
        )

    def _sites(self, above: SiteManagers, below: SiteManagers) -> Iterator[str]:
        yield from self._heads(above, below, above.roles, below.roles)

    def _heads(
        self,
        above: SiteManagers | SkilledWorkers,
        below: SiteManagers | SkilledWorkers,
        named: tuple[str, ...],
        named_below: tuple[str, ...],
    ) -> Iterator[str]:
        if above.at_least < below.at_least:
            yield f"≥ {above.at_least}人, {below.at_least} below"
        if missing := set(named_below) - set(named):
            yield f"{'、'.join(sorted(missing))} must be there below only"

    def _workers(self, above: SkilledWorkers, below: SkilledWorkers) -> Iterator[str]:
        ranks = self.codes.people.asked_skill_grades
        yield from self._heads(above, below, above.trades, below.trades)
        if ranks.get(above.grade, 0) < ranks.get(below.grade, 0):
            yield f"grade {above.grade}, {below.grade} below"

    def _others(self, above: OtherStaff, below: OtherStaff) -> Iterator[str]:
        known = {one.what: one for one in above.rows}
        for row in below.rows:
            one = known.get(row.what)
            if one is None:
                yield f"{row.what} is asked below only"
            elif (
                not isinstance(row, Unmeasured)
                and not isinstance(one, Unmeasured)
                and one.at_least < row.at_least
            ):
                yield f"{row.what} ≥ {one.at_least}, {row.at_least} below"

    def _within(self, names: tuple[str, ...], of: tuple[str, ...]) -> bool:
        anyone = self.codes.people.any_specialty
        return not of or anyone in of or bool(names and set(names) <= set(of))

    def _majors(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return self.codes.majors_of(names, "ladder") if names else ("*",)

    def _majors_within(self, names: tuple[str, ...], of: tuple[str, ...]) -> bool:
        mine, theirs = self._majors(names), self._majors(of)
        return names == of or theirs == ("*",) or set(mine) <= set(theirs)

    # -- assets, works, machines -----------------------------------------------------

    def _net_assets(self, above: NetAssets, below: NetAssets) -> Iterator[str]:
        yield from self._less("net assets", above.at_least, below.at_least)

    def _equipment(self, above: Equipment, below: Equipment) -> Iterator[str]:
        yield from self._asks(list(self._machines(above)), list(self._machines(below)))

    def _assets(self, above: OtherAssets, below: OtherAssets) -> Iterator[str]:
        known = {one.what: one for one in above.rows}
        for row in below.rows:
            if row.what not in known:
                yield f"{row.what} is asked below only"
            else:
                yield from self._less(row.what, known[row.what].at_least, row.at_least)

    def _less(self, what: str, above: str, below: str) -> Iterator[str]:
        if Decimal(above.partition(" ")[0]) < Decimal(below.partition(" ")[0]):
            yield f"{what} ≥ {above}, {below} below"

    def _performance(self, above: Performance, below: Performance) -> Iterator[str]:
        if above.window_years > below.window_years:
            yield f"works of {above.window_years} years, {below.window_years} below"
        yield from self._asks(list(self._works(above)), list(self._works(below)))

    def _asks(self, above: list[_Ask], below: list[_Ask]) -> Iterator[str]:
        for one in above:
            same = [
                other
                for other in below
                if set(one.names) <= set(other.names) and one.metric == other.metric
            ]
            if same and not any(
                one.amount >= other.amount and self._implies(one.where, other.where)
                for other in same
            ):
                yield f"{one.told} is less than {' / '.join(other.told for other in same)}"

    def _works(self, stated: Performance) -> Iterator[_Ask]:
        for one in stated.classes:
            for option in one.any_of:
                yield from self._option(option)

    def _option(self, option: Option) -> Iterator[_Ask]:
        match option:
            case Together():
                for line in option.all_of:
                    yield from self._option(line)
            case MixedCount():
                for works in option.of:
                    yield self._ask(works, None, Decimal(option.count))
            case MeasureLine(sum=str() as metric, at_least=str() as least):
                yield self._ask(option, metric, self._amount(metric, least))
            case MeasureLine():
                yield self._ask(option, None, Decimal(option.count or 0))

    def _ask(self, line: WorksLine, metric: str | None, amount: Decimal) -> _Ask:
        return _Ask(
            self.codes.works_below[line.works],
            self._where(line),
            metric,
            amount,
            f"{line.works} [{line.where}] {metric or 'count'} ≥ {amount.normalize():f}",
        )

    def _machines(self, stated: Equipment) -> Iterator[_Ask]:
        for item in stated.items:
            for line in item.any_of:
                amount = (
                    Decimal(line.count or 0)
                    if line.sum is None
                    else self._amount(line.sum, line.at_least or "")
                )
                yield _Ask(
                    self.codes.machines_below[line.machine],
                    self._where(line),
                    line.sum,
                    amount,
                    f"{line.machine} [{line.where}] ×{amount.normalize():f}",
                )

    def _amount(self, metric: str, text: str) -> Decimal:
        digits, _, unit = text.partition(" ")
        return Decimal(digits) * self.codes.metrics[metric].factors[unit]

    def _where(self, line: WorksLine | MachineLine) -> Alternatives:
        return parse(line.where, self.codes.metrics, "ladder")

    def _implies(self, above: Alternatives, below: Alternatives) -> bool:
        """Whether everything that meets the condition above meets the one below."""
        return all(
            any(
                all(any(_at_least_as_strict(mine, atom) for mine in strict) for atom in loose)
                for loose in below
            )
            for strict in above
        )


def _at_least_as_strict(above: Atom, below: Atom) -> bool:
    if above.metric != below.metric:
        return False
    if below.labels:
        if above.is_negated != below.is_negated or above.must_include != below.must_include:
            return False
        wider = above.is_negated or above.must_include
        mine, theirs = set(above.labels), set(below.labels)
        return theirs <= mine if wider else bool(mine) and mine <= theirs
    return (
        not above.labels
        and _reaches(above.low, below.low, above.is_low_open, below.is_low_open, sign=1)
        and _reaches(above.high, below.high, above.is_high_open, below.is_high_open, sign=-1)
    )


def _reaches(
    bound: Decimal | None, asked: Decimal | None, is_open: bool, asked_open: bool, *, sign: int
) -> bool:
    """Whether one bound is at least as narrow as another; `sign` -1 for upper bounds."""
    if asked is None:
        return True
    if bound is None:
        return False
    return sign * bound > sign * asked or (bound == asked and (is_open or not asked_open))
