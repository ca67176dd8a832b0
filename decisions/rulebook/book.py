"""Reading the rulebook, and the rule set of a level on a day.

Belongs here: files to typed rule sets, each with its digest. Does not: the form rules are
evaluated in (`decisions.rulebook.tables`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from decisions.rulebook.amendments import Amendment, Notice, lay_over
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
from decisions.rulebook.model import Category, Level

DESIGNERS, EXTENSIONS = "designers.yaml", "extensions.yaml"
LEVEL_RANK: Mapping[str, int] = {"特级": 4, "一级": 3, "二级": 2, "三级": 1, "不分等级": 1}
"""Higher is more; 特级 is outside the standard."""

_Checked = TypeVar("_Checked")


@dataclass(frozen=True)
class RuleSet:
    """The rules of one level of one category over one interval of filing days.

    Attributes:
        valid_from, valid_to: first and last filing day; `valid_to` None = still in force.
        amendments: ids of the notices laid over the text of 2014, in order.
        notices: their document numbers.
        cited: the level whose thresholds the leader's own projects must reach, as it
            stood in the same interval; None where the text cites none.
        above: the levels over the cited one: who reaches theirs has done no less.
        is_direct: whether it is the mixed standard by which 二级 is applied for at once (B1.6).
        recalled_days: numbers of the notices laid over it whose first day is only recalled and
            that may not have been in force yet.
        file: where the level stands.
        digest: SHA-256 of `canonical_json`; every decision records it.
    """

    category: Category
    level: Level
    is_lowest: bool
    valid_from: date
    valid_to: date | None
    amendments: tuple[str, ...]
    notices: tuple[str, ...]
    codes_digest: str
    file: str
    cited: Level | None = None
    above: tuple[Level, ...] = ()
    is_direct: bool = False
    recalled_days: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """Category code."""
        return self.category.code

    @property
    def subcategory(self) -> str:
        """Sub-category, or empty."""
        return self.level.subcategory

    @property
    def name(self) -> str:
        """For errors and texts: `S11 二级`."""
        return " ".join(filter(None, (self.code, self.subcategory, self.level.level)))

    @property
    def at(self) -> str:
        """For errors: the file and the level in it."""
        return f"{self.file}: {' '.join(filter(None, (self.subcategory, self.level.level)))}"

    @cached_property
    def canonical_json(self) -> str:
        """The rules as canonical JSON: sorted keys, no blanks, UTF-8."""
        content: dict[str, Any] = {
            "code": self.code,
            "name_zh": self.category.name_zh,
            "document": self.category.document,
            "section": self.category.section,
            "valid_from": self.valid_from.isoformat(),
            "amendments": self.amendments,
            "codes": self.codes_digest,
            "level": self.level.model_dump(mode="json", exclude={"sources"}),
            "cited": self.cited.model_dump(mode="json", include={"level", "requirements"})
            if self.cited
            else None,
        }
        if self.is_direct:
            content["is_direct"] = True
        if self.recalled_days:
            content["recalled_days"] = self.recalled_days
        if self.above:
            content["above"] = [
                one.model_dump(mode="json", include={"level", "requirements"}) for one in self.above
            ]
        return canonical_json(content)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, hexadecimal."""
        return hashlib.sha256(self.canonical_json.encode()).hexdigest()


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


def canonical_json(content: Any) -> str:
    """JSON with sorted keys, no blanks, real characters; days as ISO text."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=date.isoformat
    )


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


def read_files(root: Traversable | None = None) -> dict[str, bytes]:
    """Every file of the rulebook by its path below the folder, in order of the paths."""
    base = root if root is not None else files("decisions") / "standards"
    return {
        name: path.read_bytes()
        for prefix in ("", "codes/", "general/", "specialty/")
        for path in sorted((base / prefix).iterdir(), key=lambda entry: entry.name)
        if path.name.endswith(".yaml")
        for name in [prefix + path.name]
    }


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
            category = _read(parsed, name, TypeAdapter(Category))
            if category.code in categories:
                raise RulebookError(f"{name}: code: {category.code} has another file already")
            categories[category.code] = category
            file_of[category.code] = name
    amendments = tuple(_read(parsed, "amendments.yaml", TypeAdapter(list[Amendment])))
    jurisdiction = _read(parsed, "jurisdiction.yaml", TypeAdapter(Jurisdiction))
    kinds = _read(parsed, "kinds.yaml", TypeAdapter(Kinds))
    rule_sets = tuple(
        rule_set
        for code, category in categories.items()
        for rule_set in _rule_sets(category, amendments, codes_digest, file_of[code])
    )
    return Rulebook(
        categories=categories,
        amendments=amendments,
        codes=codes,
        jurisdiction=_settled(jurisdiction, decided_by or {}),
        kinds=kinds,
        # A rulebook kept before the file was there decides again as it did then: it knew none.
        designers=_read(parsed, DESIGNERS, TypeAdapter(Designers)) if DESIGNERS in parsed else None,
        extensions=tuple(
            _read(parsed, EXTENSIONS, TypeAdapter(list[Extension])) if EXTENSIONS in parsed else ()
        ),
        known_exceptions=tuple(
            _read(parsed, "known_exceptions.yaml", TypeAdapter(list[KnownException]))
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


@dataclass(frozen=True)
class _Stretch:
    """A level's text over an interval of days."""

    level: Level
    start: date
    amendments: tuple[str, ...]
    recalled_days: tuple[str, ...] = ()


def _stretches(
    category: Category, original: Level, amendments: tuple[Amendment, ...]
) -> list[_Stretch]:
    """The level over time: a new stretch whenever an amendment in force touches it."""
    is_lowest = _is_lowest(category, original)
    found = [_Stretch(original, category.in_force_from, ())]
    in_force = [one for one in amendments if one.status == "in_force" and one.effective_from]
    for amendment in sorted(in_force, key=lambda one: one.effective_from or date.min):
        level = found[-1].level
        for change in amendment.changes:
            if isinstance(change, Notice) or not change.touches(
                category.code, original.level, is_lowest
            ):
                continue
            at = f"amendments.yaml: {amendment.id} on {category.code} {original.level}"
            level = lay_over(level, original, change, at)
        if level != found[-1].level:
            assert amendment.effective_from is not None
            found.append(
                _Stretch(level, amendment.effective_from, (*found[-1].amendments, amendment.id))
            )
    return list(_by_certainty(found, in_force))


def _by_certainty(stretches: list[_Stretch], amendments: list[Amendment]) -> Iterator[_Stretch]:
    """The stretches, each cut where a notice laid over it is certainly in force."""
    ends = [*(one.start for one in stretches[1:]), date.max]
    for stretch, end in zip(stretches, ends, strict=True):
        doubtful = {
            one.number: one.certain_from
            for one in amendments
            if one.id in stretch.amendments and one.certain_from
        }
        cuts = {day for day in doubtful.values() if stretch.start < day < end}
        for start in sorted({stretch.start, *cuts}):
            recalled = tuple(number for number, certain in doubtful.items() if start < certain)
            yield replace(stretch, start=start, recalled_days=recalled)


def _is_lowest(category: Category, level: Level) -> bool:
    siblings = [one for one in category.levels if one.subcategory == level.subcategory]
    return LEVEL_RANK[level.level] == min(LEVEL_RANK[one.level] for one in siblings)


def _rule_sets(
    category: Category, amendments: tuple[Amendment, ...], codes_digest: str, file: str
) -> list[RuleSet]:
    """Every rule set of a category, in order of level and day."""
    numbers = {one.id: one.number for one in amendments}
    stretches: dict[tuple[str, str], list[_Stretch]] = {
        (level.subcategory, level.level): _stretches(category, level, amendments)
        for level in category.levels
    }
    found = []
    for level in category.levels:
        own = stretches[level.subcategory, level.level]
        asked = level.requirements.lead_performance
        cited = stretches.get((level.subcategory, asked.level), []) if asked else []
        above = [
            stretches[name, rank]
            for name, rank in stretches
            if cited and asked and name == level.subcategory
            if LEVEL_RANK[rank] > LEVEL_RANK[asked.level]
        ]
        starts = sorted({stretch.start for stretch in (*own, *cited, *chain.from_iterable(above))})
        for start, following in zip(starts, (*starts[1:], None), strict=True):
            text = _on(own, start)
            found.append(
                RuleSet(
                    category=category,
                    level=text.level,
                    is_lowest=_is_lowest(category, level),
                    valid_from=start,
                    valid_to=following - timedelta(days=1) if following else None,
                    amendments=text.amendments,
                    notices=tuple(dict.fromkeys(numbers[name] for name in text.amendments)),
                    recalled_days=text.recalled_days,
                    codes_digest=codes_digest,
                    file=file,
                    cited=_on(cited, start).level if cited else None,
                    above=tuple(_on(one, start).level for one in above),
                )
            )
    return found


def _on(stretches: list[_Stretch], day: date) -> _Stretch:
    return [stretch for stretch in stretches if stretch.start <= day][-1]


def _codes(parsed: Mapping[str, Any]) -> Codes:
    kinds = TypeAdapter(dict[str, KindEntry])
    return Codes(
        metric_entries=_read(parsed, "codes/metrics.yaml", TypeAdapter(dict[str, MetricEntry])),
        works=_read(parsed, "codes/works.yaml", kinds),
        people=_read(parsed, "codes/people.yaml", TypeAdapter(People)),
        machines=_read(parsed, "codes/machines.yaml", kinds),
        contracting=_read(parsed, "codes/contracting.yaml", TypeAdapter(Contracting)),
    )


class _OneValuePerKey(yaml.CSafeLoader):
    """YAML in which a key that stands twice in one mapping is an error, not the last value."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """As the safe loader, refusing double keys; merges (`<<`) may be overridden."""
        named = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(named) > len(set(named)):
            double = {name for name, times in Counter(named).items() if times > 1}
            raise yaml.constructor.ConstructorError(
                None, None, f"{sorted(double)} stand twice in one mapping", node.start_mark
            )
        return super().construct_mapping(node, deep)


def parse_file(name: str, text: bytes) -> Any:
    """The content of one file.

    Raises:
        RulebookError: it is not YAML, or a key stands twice in one mapping.
    """
    try:
        return yaml.load(text.decode(), Loader=_OneValuePerKey)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise RulebookError(f"{name}: not YAML: {error}") from error


def _read(parsed: Mapping[str, Any], name: str, adapter: TypeAdapter[_Checked]) -> _Checked:
    if name not in parsed:
        raise RulebookError(f"{name}: the rulebook has no such file")
    try:
        return adapter.validate_python(parsed[name])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise RulebookError(
            f"{name}: {where}: {first['msg']} (found {first.get('input')!r:.80}); "
            f"{error.error_count()} error(s) in all"
        ) from error
