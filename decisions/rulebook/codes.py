"""The code lists of the standard: metrics, works, people, machines; and the procedure's data.

Belongs here: reading `standards/codes/`, `jurisdiction.yaml` and `kinds.yaml` into types.
Does not: the categories themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from assets.calendar import full_months_before
from decisions.rulebook.conditions import Metric
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.model import Basis, LevelName, PartName, Strict

UNLISTED = "?"
"""In place of majors whose list the standard has and nobody found; matches no major."""
SEVERAL_MUNICIPAL = "两类以上市政工程"
"""What works of a contract for municipal works of several kinds are, too (reading 100)."""
UNLISTED_KIND = "?"
"""In place of a name of works, machines or labels that no list has; it may be any (reading 92)."""


class MetricEntry(Strict):
    """One line of `metrics.yaml`."""

    unit: str = ""
    accepts: Mapping[str, Decimal] = {}
    number: bool = False
    labels: bool | tuple[str, ...] = False
    """Names of a list; true: of none."""
    several: bool = False
    """Whether works may have several of the names."""
    order: tuple[str, ...] = ()
    coarse: Mapping[str, tuple[str, ...]] = {}
    from_contract: bool = False

    @model_validator(mode="after")
    def _one_scale(self) -> MetricEntry:
        scales = [bool(self.unit) or self.number, bool(self.labels), bool(self.order)]
        if sum(scales) != 1:
            raise ValueError("write exactly one of unit, number, labels and order")
        strangers = {name for coarse in self.coarse.items() for name in (coarse[0], *coarse[1])}
        if not strangers <= set(self.order):
            raise ValueError(f"coarse names labels that are not in the order: {strangers}")
        return self

    def metric(self, name: str) -> Metric:
        """As a metric of conditions."""
        factors = dict(self.accepts)
        if self.unit:
            factors[self.unit] = Decimal(1)
        # A range writes its unit once, at the end; a plain number has none.
        if self.number or not self.unit:
            factors[""] = Decimal(1)
        return Metric(
            name,
            self.unit,
            {} if self.labels or self.order else factors,
            self.order,
            self.from_contract,
            self.coarse,
            self.labels if isinstance(self.labels, tuple) else (),
            self.several,
        )


class KindEntry(Strict):
    """One line of `works.yaml` or `machines.yaml`."""

    is_a: tuple[str, ...] = ()
    same_as: str | None = None
    municipal: str | None = None
    """Which kind of municipal works it is, where it is any."""


class Majors(Strict):
    """A name for several majors; of basis `unknown` where nobody found the list."""

    covers: tuple[str, ...]
    basis: Basis

    @model_validator(mode="after")
    def _unknown_is_empty(self) -> Majors:
        if (self.basis == "unknown") != (not self.covers):
            raise ValueError("covers is empty if and only if the basis is unknown")
        return self


class People(Strict):
    """`people.yaml`."""

    constructor_specialties: tuple[str, ...]
    any_specialty: str
    roles: tuple[str, ...]
    trades: tuple[str, ...]
    untold_trades: tuple[str, ...] = ()
    """Trades of which no channel tells; rulebooks kept before name none."""
    one_trade: Mapping[str, str] = Field(default_factory=dict)
    """Trades to another name of the same; rulebooks kept before do not name them."""
    one_of_trades: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """What is certified as one trade, to those of the text that it may be; the same of these."""
    registrations: Mapping[str, tuple[str, ...]]
    constructor_grades: Mapping[str, int]
    asked_constructor_grades: Mapping[str, int]
    title_ranks: Mapping[str, int]
    skill_ranks: Mapping[str, int]
    asked_skill_grades: Mapping[str, int]
    skill_qualifications: Mapping[str, tuple[str, ...]]
    title_series: str
    any_major: str
    any_practice: tuple[str, ...] = ("工程施工技术管理", "施工技术管理")
    """Fields of practice that are no special one; rulebooks kept before do not name them."""
    majors: Mapping[str, Majors]
    plain_majors: tuple[str, ...]

    @property
    def listed_majors(self) -> tuple[str, ...]:
        """Every major that some list has; a source's own word that none has may be any of them."""
        covered = (name for one in self.majors.values() for name in one.covers)
        return tuple(dict.fromkeys((*self.plain_majors, *self.majors, *covered)))


class AuthorityName(Strict):
    """An authority, as printed."""

    zh: str
    en: str


Authority = Literal["ministry", "province", "city"]


class Power(Strict):
    """Who decides these pairs."""

    codes: tuple[str, ...]
    levels: tuple[str, ...]
    authority: Authority
    clause: str
    basis: Basis
    doubt: str = ""
    """Why an authority may settle it otherwise; empty where the text leaves no doubt."""


class Trial(Strict):
    """A trial that moved powers for a time; told, not applied: its pairs are not known."""

    title_zh: str
    valid_from: date
    valid_to: date
    text: str
    basis: Basis
    sources: tuple[str, ...]


class Jurisdiction(Strict):
    """`jurisdiction.yaml`."""

    document: str
    in_force_from: date
    authorities: Mapping[str, AuthorityName]
    province_regions: tuple[str, ...]
    powers: tuple[Power, ...]
    trials: tuple[Trial, ...] = ()


Place = Literal["lowest", "higher"]
"""The level applied for, by its place in its category."""
Assessment = Literal[
    "first",
    "addition",
    "upgrade",
    "renewal",
    "reverification_full",
    "reverification_simplified",
    "reverification_lower",
    "change",
    "replacement",
    "recheck",
]
"""How a case is assessed: by the kind of application, re-verification in three ways (79号,
20号); or in a re-check of what is held, which nobody applies for."""


class AssessedParts(Strict):
    """Which parts an assessment looks at, for filings from a day on."""

    assessment: Assessment
    places: Annotated[tuple[Place, ...], Field(min_length=1)]
    parts: tuple[PartName, ...]
    valid_from: date
    valid_to: date | None = None
    clause: str
    basis: Basis


class Closed(Strict):
    """Levels that some kinds are no longer applied for."""

    levels: tuple[LevelName, ...]
    kinds: tuple[str, ...]
    valid_from: date
    clause: str
    basis: Basis
    """Where the text was not seen, a case waits."""


class Kinds(Strict):
    """`kinds.yaml`."""

    in_force_from: date
    social_insurance_months: Mapping[Assessment, int]
    insurance_months_of_the_divided: int
    """Of the enterprise that was there before a split or restructuring (B0.5)."""
    net_assets_from: Mapping[Assessment, Literal["registered_capital", "statement"]]
    net_assets_by_highest_held: tuple[Assessment, ...]
    assessed: tuple[AssessedParts, ...]
    article_23: tuple[Assessment, ...]
    direct_second_level_from: date
    direct_by_second_level: tuple[PartName, ...] = ()
    """Parts that such an application meets by the standard of 二级; none in a rulebook kept before
    the mixed standard was encoded."""
    closed: tuple[Closed, ...] = ()

    def insured_from(self, filed_on: date) -> date:
        """First day of the earliest month whose insurance any kind asks for (reading 1)."""
        months = max(*self.social_insurance_months.values(), self.insurance_months_of_the_divided)
        return full_months_before(filed_on, months)[-1]

    @property
    def parts(self) -> Mapping[str, Mapping[Place, tuple[str, ...]]]:
        """The matrix now in force: assessment to place to parts; dated rows: `assessed`."""
        found: dict[str, dict[Place, tuple[str, ...]]] = {}
        for row in self.assessed:
            of_assessment = found.setdefault(row.assessment, {})
            if row.valid_to is None:
                of_assessment.update(dict.fromkeys(row.places, row.parts))
        return found


class Designers(Strict):
    """`designers.yaml`."""

    document: str
    in_force_from: date
    basis: Basis
    sources: tuple[str, ...]
    grade: str
    highest_level: LevelName
    comprehensive: str
    """The series that fits every category of general contracting."""
    industries: Mapping[str, tuple[str, ...]]
    """Series of the design standard to the categories they fit."""
    others: tuple[str, ...] = ()
    """Series that fit none."""

    @property
    def series(self) -> tuple[str, ...]:
        """Every series by a name that is known; what another stands for nobody has said."""
        return (self.comprehensive, *self.industries, *self.others)

    def fitting(self, codes: Iterable[str]) -> list[tuple[str, str]]:
        """Pairs of a series and a category of general contracting that it opens."""
        general = [code for code in codes if code.startswith("G")]
        return [(self.comprehensive, code) for code in general] + [
            (series, code) for series, opened in self.industries.items() for code in opened
        ]


class KnownException(Strict):
    """One line of `known_exceptions.yaml`: a higher level that asks less, as the text has it."""

    code: str
    level: str
    part: str
    about: str
    """Words of what the comparison tells, enough to know it by."""
    reason: str


class ContractingForm(Strict):
    """A form of contracting the text asks for."""

    types: tuple[str, ...]
    perhaps: tuple[str, ...] = ()
    """Types of which nobody knows whether a general claim counts them by this form."""
    alone: bool = False


class AcceptedTypes(NamedTuple):
    """Contract types that count, of which nobody knows whether they do, and only if alone."""

    surely: tuple[str, ...]
    perhaps: tuple[str, ...]
    alone: bool


class Contracting(Strict):
    """`contracting.yaml`."""

    forms: Mapping[str, ContractingForm]
    unnamed: Mapping[Literal["G", "S"], tuple[str, ...]]
    perhaps: tuple[str, ...] = ()
    """Contract types of which no text says whether they fulfil a form."""
    separate: tuple[str, ...] = ()
    """Those by which specialty works are contracted separately, all that counts there (E19); none
    in a rulebook kept from before, which does not ask it."""

    def accepted(self, code: str, asked: tuple[str, ...]) -> AcceptedTypes:
        """Which contract types count for a category where a text asks for these forms."""
        unknown = [name for name in asked if name not in self.forms]
        if unknown:
            raise RulebookError(
                f"{code}: forms {unknown} are not in codes/contracting.yaml; it has "
                f"{list(self.forms)}"
            )
        forms = [self.forms[name] for name in asked or self.unnamed["G" if code[0] == "G" else "S"]]
        types = tuple(dict.fromkeys(kind for form in forms for kind in form.types))
        alone = any(form.alone for form in forms)
        if code[0] == "G" or not self.separate:
            unsettled = (kind for form in forms for kind in form.perhaps if kind not in types)
            return AcceptedTypes(types, (*self.perhaps, *unsettled), alone)
        beside = tuple(kind for kind in types if kind not in self.separate)
        return AcceptedTypes(self.separate, (*self.perhaps, *beside), alone)


class Codes(Strict):
    """All code lists."""

    metric_entries: Mapping[str, MetricEntry]
    works: Mapping[str, KindEntry]
    people: People
    machines: Mapping[str, KindEntry]
    contracting: Contracting

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Metrics by name."""
        return {name: entry.metric(name) for name, entry in self.metric_entries.items()}

    @cached_property
    def works_below(self) -> dict[str, tuple[str, ...]]:
        """For every name of works: the names whose works fulfil it, itself among them."""
        return _below(self.works, "codes/works.yaml")

    @cached_property
    def works_above(self) -> dict[str, tuple[str, ...]]:
        """For every name of works: the names that take in some of it, and other works besides."""
        return _wider(self.works_below)

    @cached_property
    def municipal(self) -> dict[str, str]:
        """The names of municipal works, each with the kind that it is."""
        return {name: one.municipal for name, one in self.works.items() if one.municipal}

    @cached_property
    def machines_below(self) -> dict[str, tuple[str, ...]]:
        """For every kind of machine: the kinds that fulfil it, itself among them."""
        return _below(self.machines, "codes/machines.yaml")

    @cached_property
    def machines_above(self) -> dict[str, tuple[str, ...]]:
        """For every kind of machine: the wider kinds, of which it is one among others."""
        return _wider(self.machines_below)

    def majors_of(self, names: tuple[str, ...], at: str) -> tuple[str, ...]:
        """The plain majors that count under the names; `('*',)` for any engineering title.

        `UNLISTED` stands for a list that the standard has and nobody found.
        """
        if self.people.any_major in names:
            return ("*",)
        found: list[str] = []
        for name in names:
            if name in self.people.majors:
                found.extend(self.people.majors[name].covers or (UNLISTED,))
            elif name in self.people.plain_majors:
                found.append(name)
            else:
                raise RulebookError(
                    f"{at}: major {name!r} is not in codes/people.yaml; add it to plain_majors, "
                    "or to majors with what it covers"
                )
        return tuple(dict.fromkeys(found))

    def registrations_of(self, name: str, at: str) -> tuple[str, ...]:
        """The registrations of the register that fulfil a name of the text."""
        if name not in self.people.registrations:
            raise RulebookError(f"{at}: registration {name!r} is not in codes/people.yaml")
        return self.people.registrations[name]

    def specialties_of(self, names: tuple[str, ...], at: str) -> tuple[str, ...]:
        """The constructor specialties; `('*',)` where the text names none."""
        if not names or self.people.any_specialty in names:
            return ("*",)
        unknown = [name for name in names if name not in self.people.constructor_specialties]
        if unknown:
            raise RulebookError(f"{at}: specialties {unknown} are not in codes/people.yaml")
        return names

    def known(self, kind: Literal["roles", "trades"], names: tuple[str, ...], at: str) -> None:
        """Refuse roles or trades that are not in the code list."""
        allowed: tuple[str, ...] = getattr(self.people, kind)
        unknown = [name for name in names if name not in allowed]
        if unknown:
            raise RulebookError(
                f"{at}: {kind} {unknown} are not in codes/people.yaml; it has {list(allowed)}"
            )


def _below(entries: Mapping[str, KindEntry], file: str) -> dict[str, tuple[str, ...]]:
    own = {name: entry.same_as or name for name, entry in entries.items()}
    below: dict[str, set[str]] = {name: set() for name in entries}
    for name in entries:
        for above in _above(entries, own[name], file, ()):
            below[above].add(name)
    return {name: tuple(sorted(below[own[name]])) for name in entries}


def _wider(below: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    kinds = {name: set(names) for name, names in below.items()}
    return {
        name: tuple(sorted(one for one in kinds if one not in mine and kinds[one] & mine))
        for name, mine in kinds.items()
    }


def _above(
    entries: Mapping[str, KindEntry], name: str, file: str, seen: tuple[str, ...]
) -> set[str]:
    if name not in entries:
        raise RulebookError(f"{file}: {name!r} is named but not listed; add a line for it")
    if name in seen:
        raise RulebookError(f"{file}: {name!r} is a kind of itself: {' > '.join((*seen, name))}")
    above = {name}
    for parent in entries[name].is_a:
        entry = entries.get(parent)
        above |= _above(entries, entry.same_as or parent if entry else parent, file, (*seen, name))
        above.add(parent)
    return above
