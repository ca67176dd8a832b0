"""The rulebook as a whole, and the rule set of a level on a day.

Belongs here: putting together what the files say, with what an office has settled. Does not: a
file (`decisions.rulebook.reading`), a level over time (`decisions.rulebook.stretches`), the form
rules are evaluated in (`decisions.rulebook.tables`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import TypeAdapter

from decisions.rulebook.amendments import Amendment
from decisions.rulebook.codes import (
    Authority,
    Codes,
    Contracting,
    Designers,
    Jurisdiction,
    KindEntry,
    Kinds,
    KnownException,
    MetricEntry,
    People,
    Power,
)
from decisions.rulebook.direct import direct_sets
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.extensions import Extension
from decisions.rulebook.model import Category
from decisions.rulebook.reading import checked, parse_file, read_files
from decisions.rulebook.rule_set import RuleSet, canonical_json
from decisions.rulebook.stretches import rule_sets_of

DESIGNERS, EXTENSIONS = "designers.yaml", "extensions.yaml"


@dataclass(frozen=True, eq=False)
class Rulebook:
    """The whole standard, as read; two readings are two books.

    Attributes:
        designers: None in a rulebook that was kept before the exception was encoded.
        extensions: notices on the validity of certificates, in order; none in a rulebook kept
            before they were encoded.
        direct_sets: the rule sets for 二级 applied for at once, beside those of `rule_sets`.
        files: the parsed files it was built from, by path.
        decided_by: the pairs that a setting has settled; see `load`.
    """

    categories: Mapping[str, Category]
    amendments: tuple[Amendment, ...]
    codes: Codes
    jurisdiction: Jurisdiction
    kinds: Kinds
    designers: Designers | None
    extensions: tuple[Extension, ...]
    known_exceptions: tuple[KnownException, ...]
    rule_sets: tuple[RuleSet, ...]
    direct_sets: tuple[RuleSet, ...]
    files: Mapping[str, Any]
    decided_by: Mapping[str, Authority]

    @cached_property
    def document(self) -> str:
        """The whole rulebook as canonical JSON: what `from_document` makes it from again."""
        return canonical_json({"decided_by": self.decided_by, "files": self.files})

    @cached_property
    def digest(self) -> str:
        """SHA-256 of `document`, hexadecimal; every decision records it."""
        return hashlib.sha256(self.document.encode()).hexdigest()

    @cached_property
    def _of_level(self) -> dict[tuple[str, str, str], list[RuleSet]]:
        found: dict[tuple[str, str, str], list[RuleSet]] = {}
        for one in self.rule_sets:
            found.setdefault((one.code, one.subcategory, one.level.level), []).append(one)
        return found

    @cached_property
    def _by_digest(self) -> dict[str, RuleSet]:
        return {one.digest: one for one in (*self.rule_sets, *self.direct_sets)}

    def category(self, code: str) -> Category:
        """A category by code; raises `RulebookError` if the rulebook has none such."""
        if code not in self.categories:
            raise RulebookError(
                f"category {code} is not in the rulebook; it has {sorted(self.categories)}"
            )
        return self.categories[code]

    def rule_set(self, code: str, subcategory: str, level: str, on: date) -> RuleSet:
        """The one rule set of a level on a filing day; raises `RulebookError` if there is none."""
        for rule_set in self._of_level.get((code, subcategory, level), ()):
            if rule_set.valid_from <= on and (rule_set.valid_to is None or on <= rule_set.valid_to):
                return rule_set
        named = " ".join(filter(None, (code, subcategory, level)))
        raise RulebookError(f"{on} 标准中无此等级 no rule set for {named} on that day")

    def canonical_json_by_digest(self, digest: str) -> str:
        """The rules a decision recorded; raises `RulebookError` if this rulebook lacks them."""
        if digest not in self._by_digest:
            raise RulebookError(f"no rule set with digest {digest}; the rulebook has changed since")
        return self._by_digest[digest].canonical_json

    def power(self, code: str, level: str) -> Power | None:
        """Who decides the pair, or None if the data do not say."""
        for power in self.jurisdiction.powers:
            if code in power.codes and level in power.levels:
                return power
        return None


def load(
    root: Traversable | None = None, *, decided_by: Mapping[str, Authority] | None = None
) -> Rulebook:
    """Read and check the rulebook under `root` (default: the one shipped in this package).

    Args:
        root: the folder of the rulebook.
        decided_by: pairs like `S07 一级` whose authority the data mark as doubtful, with
            the authority that decides them here.

    Raises:
        RulebookError: names the file, the path in it, what is wrong and what is allowed.
    """
    parsed = {name: parse_file(name, text) for name, text in read_files(root).items()}
    return build(parsed, decided_by=decided_by)


def from_document(document: str | bytes) -> Rulebook:
    """The rulebook of which `Rulebook.document` is this.

    Raises:
        RulebookError: this program cannot read it, or it is no such document.
    """
    try:
        content = json.loads(document)
        return build(content["files"], decided_by=content["decided_by"])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise RulebookError(f"not the document of a rulebook: {error}") from error


def build(
    parsed: Mapping[str, Any], *, decided_by: Mapping[str, Authority] | None = None
) -> Rulebook:
    """The rulebook from its parsed files; see `load`."""
    codes = _codes(parsed)
    codes_digest = hashlib.sha256(
        canonical_json(codes.model_dump(mode="json")).encode()
    ).hexdigest()
    categories: dict[str, Category] = {}
    file_of: dict[str, str] = {}
    for name in parsed:
        if name.startswith(("general/", "specialty/")):
            category = checked(parsed, name, TypeAdapter(Category))
            if category.code in categories:
                raise RulebookError(f"{name}: code: {category.code} has another file already")
            categories[category.code] = category
            file_of[category.code] = name
    amendments = tuple(checked(parsed, "amendments.yaml", TypeAdapter(list[Amendment])))
    jurisdiction = checked(parsed, "jurisdiction.yaml", TypeAdapter(Jurisdiction))
    kinds = checked(parsed, "kinds.yaml", TypeAdapter(Kinds))
    rule_sets = tuple(
        rule_set
        for code, category in categories.items()
        for rule_set in rule_sets_of(category, amendments, codes_digest, file_of[code])
    )
    return Rulebook(
        categories=categories,
        amendments=amendments,
        codes=codes,
        jurisdiction=_settled(jurisdiction, decided_by or {}),
        kinds=kinds,
        # A rulebook kept before the file was there decides again as it did then: it knew none.
        designers=checked(parsed, DESIGNERS, TypeAdapter(Designers))
        if DESIGNERS in parsed
        else None,
        extensions=tuple(
            checked(parsed, EXTENSIONS, TypeAdapter(list[Extension]))
            if EXTENSIONS in parsed
            else ()
        ),
        known_exceptions=tuple(
            checked(parsed, "known_exceptions.yaml", TypeAdapter(list[KnownException]))
        ),
        rule_sets=rule_sets,
        direct_sets=direct_sets(rule_sets, kinds, amendments),
        files=parsed,
        decided_by=decided_by or {},
    )


def _settled(given: Jurisdiction, decided_by: Mapping[str, Authority]) -> Jurisdiction:
    """The jurisdiction with doubtful pairs settled as an authority has set them."""
    powers = given.powers
    for pair, authority in decided_by.items():
        code, _, level = pair.partition(" ")
        if not any(code in p.codes and level in p.levels and p.doubt for p in powers):
            allowed = sorted(
                f"{c} {v}" for p in given.powers if p.doubt for c in p.codes for v in p.levels
            )
            raise RulebookError(
                f"jurisdiction.yaml: {pair!r} is not in doubt, so no setting may change who "
                f"decides it; in doubt are {allowed}"
            )
        powers = tuple(part for p in powers for part in _split(p, code, level, authority))
    return given.model_copy(update={"powers": powers})


def _split(power: Power, code: str, level: str, authority: Authority) -> Iterator[Power]:
    """A power without one of its pairs, and that pair as somebody else's."""
    if code not in power.codes or level not in power.levels:
        yield power
        return
    yield power.model_copy(
        update={"codes": (code,), "levels": (level,), "authority": authority, "doubt": ""}
    )
    other_codes = tuple(one for one in power.codes if one != code)
    other_levels = tuple(one for one in power.levels if one != level)
    if other_codes:
        yield power.model_copy(update={"codes": other_codes})
    if other_levels:
        yield power.model_copy(update={"codes": (code,), "levels": other_levels})


def _codes(parsed: Mapping[str, Any]) -> Codes:
    kinds = TypeAdapter(dict[str, KindEntry])
    return Codes(
        metric_entries=checked(parsed, "codes/metrics.yaml", TypeAdapter(dict[str, MetricEntry])),
        works=checked(parsed, "codes/works.yaml", kinds),
        people=checked(parsed, "codes/people.yaml", TypeAdapter(People)),
        machines=checked(parsed, "codes/machines.yaml", kinds),
        contracting=checked(parsed, "codes/contracting.yaml", TypeAdapter(Contracting)),
    )
