"""Channels as data: who sends which feed, under which names, codes and units.

Belongs here: the typed model of `<channel>.yaml` and its loading. Does not: reading a file
(`assets.adapters`) or interpreting a value (`assets.normalise`).

Every code is translated through its own channel's dictionary, because the same number means
different things to different senders; every unit is named, because 万元 and 元 look alike. A
channel file with an unknown key, target, column or kind of reading does not load.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import polars as pl
import yaml
from pydantic import BaseModel, ValidationError, model_validator
from pydantic import Field as Bounds

from assets.channels.ways import Api, CompleteWhen, States, View
from assets.channels.ways import Strict as _Strict
from assets.declaration import INSTANT, QUANTITY, YUAN, Column, Layer, Table
from assets.numbers import FORMS
from assets.tables import BY_NAME, DERIVED, enterprise, project
from assets.tables.personnel import PERSON

Read = Literal[
    "text",
    "identifier",
    "enterprise_name",
    "person_name",
    "usc_code",
    "id_number",
    "certificate_no",
    "region",
    "code",
    "date",
    "month",
    "instant",
    "integer",
    "number",
    "yuan",
    "wan_yuan",
    "flag",
]
"""How a source value is interpreted; `wan_yuan` converts 万元 to yuan, `id_number` becomes a
`person_key` and a row of the table of persons, `region` is cut to the six digits of a county,
`identifier` is folded, upper-cased and stripped of blanks, so that equal numbers compare equal."""

Adapter = Literal["csv", "xlsx", "xml", "jsonl", "parquet"]
Encoding = Literal["gbk", "utf-8"]

PROVENANCE = ("delivery_id", "row_no", "received_at")
"""Columns that collection itself fills in."""
MEASURE_COLUMNS = ("works_type", "metric", "value", "label")
"""Columns of a measure that come from the mapping of a wide feed, not from a field."""

_DTYPES: dict[str, tuple[pl.DataType, ...]] = {
    "date": (pl.Date(),),
    "month": (pl.Date(),),
    "instant": (INSTANT,),
    "integer": (pl.Int32(), pl.Int64()),
    "number": (QUANTITY, pl.Float64()),
    "yuan": (YUAN,),
    "wan_yuan": (YUAN,),
    "flag": (pl.Boolean(),),
}
SCHEMES = {
    "usc_code": enterprise.ALIAS_SCHEMES,
    "project_no": project.ALIAS_SCHEMES,
    "contract_no": ("permit_no",),
}
"""Columns that a feed may fill by another identifier (`known_by`), and the schemes of each."""
PERSONAL_READS = ("id_number", "person_name")
"""Readings whose source columns name a person."""
_FOLDER = Path(__file__).parent


class ChannelError(ValueError):
    """A channel file that does not hold to the model; says file, path, fault, remedy."""


class _Reading(_Strict):
    """What is common to a field and a measure: the source column and how to read it."""

    source: str
    """Name of the column, element or member in the delivery."""
    read: Read
    codes: dict[str, str | None] | None = None
    """For `code`: the channel's own dictionary; null = a known code without a meaning here."""
    factor: int = 1
    """For `number`: source unit in units of the target, e.g. 1000 for km into metres."""

    @model_validator(mode="after")
    def _codes_belong_to_code(self) -> _Reading:
        if (self.read == "code") != (self.codes is not None):
            raise ValueError(f"{self.source}: read: code needs codes, and only read: code has them")
        if self.factor != 1 and self.read != "number":
            raise ValueError(f"{self.source}: only read: number has a factor, money has wan_yuan")
        return self


class Field(_Reading):
    """One column of a delivery."""

    to: str | None = None
    """Column of the target; none = checked, kept raw and not carried on."""
    rank: Annotated[int, Bounds(ge=1)] | None = None
    """Where several feeds tell a column, the one of the lowest rank that has a value is believed.
    None: 1 for a feed that is about the table; one that only `tells` is compared and never
    believed. No two feeds of a column share a rank."""
    tells: str | None = None
    """`table.column` of another table that the value is also heard about, e.g. the name of
    a person or of an enterprise; the feed must have the key of that table."""
    blank: str | None = None
    """Value of an empty source cell, where the sender defines one; otherwise it is missing."""
    form: str | None = None
    """For `identifier` and `certificate_no`: the form a number must have, by its name in
    `assets.numbers`; where senders mix schemes in one column, none."""
    known_by: Mapping[str, str] = Bounds(default_factory=dict)
    """Other fields of the feed that say who or what is meant where this one is empty, each with
    its scheme, e.g. `{OrganCode: organisation_code, CorpName: name}`; looked up in the aliases of
    the base (`assets.aliases`), never guessed."""
    is_optional: bool = False
    """A delivery may lack the column: older senders do not have it."""
    is_zero_missing: bool = False
    """The sender writes 0 where it has no figure (如无此项则填0)."""

    @model_validator(mode="after")
    def _rank_is_of_a_column(self) -> Field:
        if self.rank is not None and self.to is None and self.tells is None:
            raise ValueError(f"{self.source}: rank: only what fills or tells a column has one")
        return self

    @model_validator(mode="after")
    def _form_is_of_a_number(self) -> Field:
        if self.form is not None and self.form not in FORMS:
            raise ValueError(f"{self.source}: form: {self.form} is none of {sorted(FORMS)}")
        if self.form is not None and self.read not in ("identifier", "certificate_no"):
            raise ValueError(f"{self.source}: only numbers (read: identifier) have a form")
        return self


class Measure(_Reading):
    """One column of a wide feed that becomes a row of measures; empty or 0 = no such measure."""

    metric: str
    works_type: str | None = None
    """Kind of works the measure belongs to; none = the row's own."""

    @model_validator(mode="after")
    def _number_or_label(self) -> Measure:
        if self.read not in ("number", "code"):
            raise ValueError(f"{self.source}: a measure is read: number (value) or code (label)")
        return self


class Deletion(_Strict):
    """A column in which a feed tells that a row is no more; an empty cell keeps the row."""

    source: str
    codes: dict[str, Literal["kept", "deleted"]]
    """The channel's own marks, e.g. `{U: kept, D: deleted}`."""
    is_optional: bool = False
    """A delivery may lack the column: then it deletes nothing."""


class Trial(_Strict):
    """A column in which a feed tells that a row is no real one; an empty cell is a real row."""

    source: str
    codes: dict[str, Literal["live", "test"]]
    is_optional: bool = False
    """A delivery may lack the column: then all its rows are real."""


class Feed(_Strict):
    """One kind of delivery of a channel."""

    zh: str
    en: str
    target: str
    """Declared table the rows become."""
    measures_target: str | None = None
    """Declared table the measures of a wide feed become."""
    declares_coverage: bool = True
    """Whether its statement of completeness speaks for the target."""
    adapter: Adapter
    encoding: Encoding | None = None
    complete_when: CompleteWhen = "manifest"
    """What tells that a file in the inbox is complete; until then it is left alone."""
    states: States | None = None
    """What its sender has stated once, where no manifest states it."""
    api: Api | None = None
    """The interface that its deliveries are fetched from."""
    view: View | None = None
    """The database view that its deliveries are read from."""
    constants: Mapping[str, str] = {}
    """Target columns that are the same for every row of the feed."""
    fields: tuple[Field, ...]
    measures: tuple[Measure, ...] = ()
    max_bad_share: Annotated[float, Bounds(gt=0, le=1)] = 0.20
    """Of a delivery's rows, the share in quarantine beyond which nothing is built on it
    (cross-check F-05); a starting value, to be tuned for each feed."""
    deletion: Deletion | Literal["absence"] | None = None
    """How a row is told to be no more: by a mark, or by its absence from a full refresh (a
    delivery whose manifest states `is_refresh`); none = nothing is ever deleted."""
    trial: Trial | None = None
    """How a row is told to be a test of the sender's system: it is set apart."""

    @model_validator(mode="before")
    @classmethod
    def _lists_are_tuples(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
        return data

    @model_validator(mode="after")
    def _fits_its_target(self) -> Feed:
        problems = [*self._shape_problems(), *self._way_problems(), *self._column_problems()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _shape_problems(self) -> Iterator[str]:
        if (self.adapter == "csv") != (self.encoding is not None):
            yield f"encoding: csv names one of {list(get_args(Encoding))}, other adapters none"
        for key, name in (("target", self.target), ("measures_target", self.measures_target)):
            if name is not None and name not in TARGETS:
                yield f"{key}: {name} is no declared target; allowed: {sorted(TARGETS)}"
        if bool(self.measures) != (self.measures_target is not None):
            yield "measures: a feed has measures if and only if it has a measures_target"
        if self.deletion is not None and self.target in (PERSON.name, "intake__application"):
            yield f"deletion: {self.target} forgets nobody; what ends there has its own date"
        sources = self.columns
        doubled = sorted({name for name in sources if sources.count(name) > 1})
        if doubled:
            yield f"fields: source columns named twice: {doubled}"

    def _way_problems(self) -> Iterator[str]:
        is_told = self.complete_when == "manifest" and not self.is_fetched
        if is_told == (self.states is not None):
            yield (
                "states: a feed without manifests (complete_when, api or view) says region_code "
                "and is_complete here, and no other feed does"
            )
        if self.is_monthly and not is_told:
            yield "fields: a monthly feed needs manifests, which name its months; remove its month"
        for way, form in (("api", "jsonl"), ("view", "parquet")):
            if getattr(self, way) is not None and self.adapter != form:
                yield f"adapter: what is fetched by {way} is kept as {form}; say adapter: {form}"
        if self.api is not None and self.view is not None:
            yield "api, view: a feed comes by one of them"
        if self.is_fetched and self.complete_when != "manifest":
            yield "complete_when: is for files that a sender drops; remove it"
        if self.api is not None and (self.api.since is None) != (self.api.begins_on is None):
            yield "api: since (the parameter) and begins_on (the first day) belong together"

    def _column_problems(self) -> Iterator[str]:
        table = TARGETS.get(self.target)
        if table is None:
            return
        names = [name for name in table.schema if name not in PROVENANCE]
        for index, field in enumerate(self.fields):
            if field.to is None:
                continue
            where = f"fields.{index} ({field.source})"
            if field.to not in names:
                yield f"{where}: {table.name} has no column {field.to}; allowed: {names}"
            else:
                yield from (f"{where}: {p}" for p in _misfits(field, table[field.to]))
        yield from self._telling_problems()
        yield from self._alias_problems()
        for name in self.constants:
            if name not in names:
                yield f"constants: {table.name} has no column {name}; allowed: {names}"
        filled = [field.to for field in self.fields if field.to is not None] + list(self.constants)
        doubled = sorted({name for name in filled if filled.count(name) > 1})
        if doubled:
            yield f"fields: columns filled twice: {doubled}"
        mandatory = [c.name for c in table if c.name in names and not c.nullable]
        missing = [name for name in mandatory if name not in filled]
        if missing and table is not PERSON:
            yield f"fields: nothing fills the mandatory columns {missing} of {table.name}"
        unset = [name for name in table.key if name not in filled and name not in PROVENANCE]
        if unset:
            yield f"fields: nothing fills the key columns {unset} of {table.name}"

    def _alias_problems(self) -> Iterator[str]:
        known = {field.source for field in self.fields}
        for index, field in enumerate(self.fields):
            if not field.known_by:
                continue
            where = f"fields.{index} ({field.source}): known_by"
            schemes = SCHEMES.get(field.to or "", ())
            odd = sorted(set(field.known_by.values()) - set(schemes))
            if odd:
                yield f"{where}: {field.to} is not known by {odd}; allowed: {list(schemes)}"
            missing = sorted(set(field.known_by) - (known - {field.source}))
            if missing:
                yield f"{where}: {missing} are no other fields of the feed"

    def _telling_problems(self) -> Iterator[str]:
        for index, field in enumerate(self.fields):
            if field.tells is None:
                continue
            where = f"fields.{index} ({field.source}): tells"
            name, _, column = field.tells.partition(".")
            table = TARGETS.get(name)
            if table is None or column not in table.schema or column in (*table.key, *PROVENANCE):
                yield f"{where}: {field.tells} is no column of a declared table that may be told"
                continue
            if name == self.target:
                yield f"{where}: the feed is about {name}; map the field with to"
            keyed = {one.to for one in self.fields} >= set(table.key)
            if not keyed and (table is not PERSON or self.person_source is None):
                yield f"{where}: no field has the key {list(table.key)} of {name}"
            yield from (f"{where}: {p}" for p in _misfits(field, table[column]))

    def told_of(self, table: Table) -> dict[str, int | None]:
        """Columns of a table, other than its key, that the feed tells, each with its rank.

        None: it is compared and never believed.
        """
        if self.target != table.name:
            return {column: field.rank for field, column in self.heard_of(table)}
        filled = {field.to: field.rank or 1 for field in self.fields if field.to is not None}
        told = {**filled, **dict.fromkeys(self.constants, 1)}
        return {name: rank for name, rank in told.items() if name not in table.key}

    def heard_of(self, table: Table) -> list[tuple[Field, str]]:
        """Fields that tell of a table the feed is not about, each with the column told."""
        told = [(field, field.tells.partition(".")) for field in self.fields if field.tells]
        return [(field, column) for field, (name, _, column) in told if name == table.name]

    @property
    def is_fetched(self) -> bool:
        """Whether we go and get its deliveries, instead of waiting for files."""
        return self.api is not None or self.view is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """Source columns in the order of the file."""
        read = (*self.fields, *self.measures, *self.marks)
        return tuple(one.source for one in read)

    @property
    def marks(self) -> tuple[Deletion | Trial, ...]:
        """Columns that say something of the row itself."""
        told = (self.deletion, self.trial)
        return tuple(one for one in told if isinstance(one, Deletion | Trial))

    @property
    def optional(self) -> frozenset[str]:
        """Source columns that a delivery may lack."""
        return frozenset(one.source for one in (*self.fields, *self.marks) if one.is_optional)

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the declared tables the feed fills; persons too, if it names any."""
        person = None if self.person_source is None else PERSON.name
        heard = [field.tells.split(".", 1)[0] for field in self.fields if field.tells]
        names = (self.target, self.measures_target, person, *heard)
        return tuple(dict.fromkeys(name for name in names if name is not None))

    @property
    def key_sources(self) -> tuple[str, ...]:
        """Source columns that make the target's key."""
        key = TARGETS[self.target].key
        return tuple(field.source for field in self.fields if field.to in key)

    @property
    def enterprise_source(self) -> str | None:
        """Source column of the social credit code of whom a row is about, if it has one."""
        return next((field.source for field in self.fields if field.to == "usc_code"), None)

    @property
    def person_source(self) -> str | None:
        """Source column of the identity number, if the feed is about persons."""
        return next((field.source for field in self.fields if field.read == "id_number"), None)

    @property
    def is_monthly(self) -> bool:
        """Whether completeness is stated by month."""
        return any(field.read == "month" for field in self.fields)


class Channel(_Strict):
    """A sender and its feeds."""

    channel: str
    owner_zh: str
    owner_en: str
    cadence: Literal["daily", "weekly", "monthly", "yearly"]
    freshness_days: int
    """Greatest age of the last good delivery at which its rows still bind (cross-check F-09)."""
    feeds: dict[str, Feed]


TARGETS: dict[str, Table] = {
    name: table
    for name, table in BY_NAME.items()
    if (table.layer is Layer.BASE and table not in DERIVED) or name == "intake__application"
}


def _misfits(field: Field, column: Column) -> Iterator[str]:
    if field.read == "id_number" and column.name != "person_key":
        yield f"an identity number is carried on only as person_key, not as {column.name}"
    allowed = _DTYPES.get(field.read, (pl.String(),))
    if column.dtype not in allowed:
        yield f"read: {field.read} does not give {column.name} its type {column.dtype}"
    if column.codes and field.codes is not None:
        odd = sorted({v for v in field.codes.values() if v is not None and v not in column.codes})
        if odd:
            yield f"codes: {odd} are no values of {column.name}; allowed: {list(column.codes)}"
    if field.blank is not None and column.dtype != pl.String():
        yield f"blank: only text has a value for an empty cell, {column.name} is {column.dtype}"


@functools.cache
def load_channels(folder: Path = _FOLDER) -> dict[str, Channel]:
    """All channels of a folder of `<channel>.yaml`, by name, in alphabetical order.

    Read once in a process; reading takes half a second.

    Raises:
        ChannelError: a file does not hold to the model; names file, path, fault and what is
            allowed, for every fault of every file.
    """
    channels: dict[str, Channel] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            loaded = Channel.model_validate(_read_yaml(path))
        except (ValidationError, yaml.YAMLError) as error:
            faults.extend(f"{path.name}: {fault}" for fault in _faults(error))
            continue
        if loaded.channel != path.stem:
            faults.append(f"{path.name}: channel: {loaded.channel} must be the name of its file")
        channels[loaded.channel] = loaded
    faults.extend(_undecided(channels))
    if faults:
        raise ChannelError("\n".join(faults))
    return channels


def _undecided(channels: Mapping[str, Channel]) -> Iterator[str]:
    """Columns that several feeds fill and no rank says which of them is believed."""
    for table in TARGETS.values():
        feeds = {
            f"{channel.channel}.{name}": channel.feeds[name]
            for channel, name in feeds_into(channels, table)
        }
        measuring = [name for name, feed in feeds.items() if feed.measures_target == table.name]
        if len(measuring) > 1:
            yield f"measures_target: {measuring} both fill {table.name}; only one feed may"
        told = {name: feed.told_of(table) for name, feed in feeds.items()}
        for column in table:
            alike: dict[int, list[str]] = {}
            for name, ranks in told.items():
                if (rank := ranks.get(column.name)) is not None:
                    alike.setdefault(rank, []).append(name)
            for rank, names in alike.items():
                if len(names) > 1:
                    yield (
                        f"{table.name}.{column.name}: {names} all have rank {rank} (the rank of a "
                        "feed that states none); give each its own rank in its channel file"
                    )


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key named twice is an error, not a silent overwrite."""


def _unique_mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {key!r} is named twice; keep one", key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)


def _read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=_UniqueKeys)  # noqa: S506  a SafeLoader


def _faults(error: ValidationError | yaml.YAMLError) -> Iterator[str]:
    if isinstance(error, yaml.YAMLError):
        yield str(error).replace("\n", " ")
        return
    for fault in error.errors():
        path = ".".join(str(part) for part in fault["loc"]) or "(file)"
        message = fault["msg"]
        if fault["type"] == "extra_forbidden":
            message = f"unknown key; allowed: {_allowed_keys(fault['loc'])}"
        yield f"{path}: {message}"


_WAYS: dict[str, type[BaseModel]] = {"api": Api, "view": View, "states": States}


def _allowed_keys(loc: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Channel
    if len(loc) > 2 and loc[0] == "feeds":
        model = Feed
        if len(loc) > 3 and loc[2] in _WAYS:
            model = _WAYS[str(loc[2])]
        elif len(loc) > 4 and loc[2] in ("fields", "measures"):
            model = Field if loc[2] == "fields" else Measure
    return list(model.model_fields)


def feeds_into(channels: Mapping[str, Channel], table: Table) -> list[tuple[Channel, str]]:
    """Every feed that fills a table, in a fixed order."""
    return [
        (channel, name)
        for channel in channels.values()
        for name, feed in channel.feeds.items()
        if table.name in feed.targets
    ]
