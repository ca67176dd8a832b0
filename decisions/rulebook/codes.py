"""The code lists of the standard: metrics, works, people, machines; and the procedure's data.

Belongs here: reading `standards/codes/`, `jurisdiction.yaml` and `kinds.yaml` into types.
Does not: the categories themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

from decisions.rulebook.conditions import Metric
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.model import Basis, Strict


class MetricEntry(Strict):
    """One line of `metrics.yaml`."""

    unit: str = ""
    accepts: Mapping[str, Decimal] = {}
    number: bool = False
    labels: bool = False
    order: tuple[str, ...] = ()
    from_contract: bool = False

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
        )


class WorksEntry(Strict):
    """One line of `works.yaml`."""

    is_a: tuple[str, ...] = ()
    same_as: str | None = None


class Majors(Strict):
    """A name for several majors."""

    covers: tuple[str, ...]
    basis: Basis


class People(Strict):
    """`people.yaml`."""

    constructor_specialties: tuple[str, ...]
    any_specialty: str
    roles: tuple[str, ...]
    trades: tuple[str, ...]
    registrations: Mapping[str, tuple[str, ...]]
    constructor_grades: Mapping[str, int]
    asked_constructor_grades: Mapping[str, int]
    title_ranks: Mapping[str, int]
    skill_ranks: Mapping[str, int]
    asked_skill_grades: Mapping[str, int]
    title_series: str
    any_major: str
    majors: Mapping[str, Majors]
    plain_majors: tuple[str, ...]


class AuthorityName(Strict):
    """An authority, as printed."""

    zh: str
    en: str


class Power(Strict):
    """Who decides these pairs."""

    codes: tuple[str, ...]
    levels: tuple[str, ...]
    authority: Literal["ministry", "province", "city"]
    clause: str
    basis: Basis


class Jurisdiction(Strict):
    """`jurisdiction.yaml`."""

    document: str
    in_force_from: date
    authorities: Mapping[str, AuthorityName]
    province_regions: tuple[str, ...]
    powers: tuple[Power, ...]


class HeldFigure(Strict):
    """The net assets of a level that the rulebook does not hold in full."""

    code: str
    subcategory: str = ""
    level: str
    at_least: str
    basis: Basis


class HeldNetAssets(Strict):
    """`held_net_assets.yaml`."""

    document: str
    in_force_from: date
    levels: tuple[HeldFigure, ...]


class Kinds(Strict):
    """`kinds.yaml`."""

    in_force_from: date
    social_insurance_months: Mapping[str, int]
    net_assets_from: Mapping[str, Literal["registered_capital", "statement"]]
    parts: Mapping[str, Mapping[Literal["lowest", "higher"], tuple[str, ...]]]
    article_23: tuple[str, ...]
    direct_second_level_from: date


class ContractingForm(Strict):
    """A form of contracting the text asks for."""

    types: tuple[str, ...]
    alone: bool = False


class Contracting(Strict):
    """`contracting.yaml`."""

    forms: Mapping[str, ContractingForm]
    unnamed: Mapping[Literal["G", "S"], tuple[str, ...]]

    def accepted(self, code: str, asked: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
        """The contract types that count for a category, and whether only undertaken alone."""
        forms = [self.forms[name] for name in asked or self.unnamed["G" if code[0] == "G" else "S"]]
        types = tuple(dict.fromkeys(kind for form in forms for kind in form.types))
        return types, any(form.alone for form in forms)


class Codes(Strict):
    """All code lists."""

    metric_entries: Mapping[str, MetricEntry]
    works: Mapping[str, WorksEntry]
    people: People
    machines: tuple[str, ...]
    contracting: Contracting

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Metrics by name."""
        return {name: entry.metric(name) for name, entry in self.metric_entries.items()}

    @cached_property
    def works_below(self) -> dict[str, tuple[str, ...]]:
        """For every name of works: the names whose works fulfil it, itself among them."""
        own = {name: entry.same_as or name for name, entry in self.works.items()}
        below: dict[str, set[str]] = {name: set() for name in self.works}
        for name in self.works:
            for above in self._above(own[name]):
                below[above].add(name)
        return {name: tuple(sorted(below[own[name]])) for name in self.works}

    def _above(self, name: str) -> set[str]:
        if name not in self.works:
            raise RulebookError(
                f"codes/works.yaml: {name!r} is named but not listed; add a line for it"
            )
        above = {name}
        for parent in self.works[name].is_a:
            above |= self._above(self.works[parent].same_as or parent) | {parent}
        return above

    def majors_of(self, names: tuple[str, ...], at: str) -> tuple[str, ...]:
        """The plain majors that count under the names; `('*',)` for any engineering title."""
        if self.people.any_major in names:
            return ("*",)
        found: list[str] = []
        for name in names:
            if name in self.people.majors:
                found.extend(self.people.majors[name].covers)
            elif name in self.people.plain_majors:
                found.append(name)
            else:
                raise RulebookError(f"{at}: major {name!r} is not in codes/people.yaml")
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
