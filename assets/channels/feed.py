"""The model of `<channel>.yaml`: a sender and its feeds, each with the table that it fills.

Belongs here: what a feed must have to fit its target, and what follows from its fields. Does not:
one field (`assets.channels.fields`), how deliveries come (`assets.channels.ways`), loading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import Field as Bounds
from pydantic import model_validator

from assets.channels.fields import (
    PROVENANCE,
    SCHEMES,
    TARGETS,
    Deletion,
    Field,
    Measure,
    Trial,
    misfits,
)
from assets.channels.ways import Api, CompleteWhen, States, Strict, View
from assets.lake.declaration import Table
from assets.tables.personnel import PERSON

Adapter = Literal["csv", "xlsx", "xml", "jsonl", "parquet"]
Encoding = Literal["gbk", "utf-8"]


class Feed(Strict):
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
    """Of a CSV; of an XML whose values travel as base64, that of the text in them."""
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
        if self.adapter == "csv" and self.encoding is None:
            yield f"encoding: csv须写明编码 csv names one of {list(get_args(Encoding))}"
        if self.adapter not in ("csv", "xml") and self.encoding is not None:
            yield (
                "encoding: 只有csv和值为base64的xml写明编码，请删去 only csv, and xml whose values "
                "travel as base64, name one; remove it"
            )
        for key, name in (("target", self.target), ("measures_target", self.measures_target)):
            if name is not None and name not in TARGETS:
                yield (
                    f"{key}: 没有此目标表 {name} is no declared target；可用的 allowed: "
                    f"{sorted(TARGETS)}"
                )
        if bool(self.measures) != (self.measures_target is not None):
            yield (
                "measures: 与measures_target须同有或同无 a feed has measures if and only if it has "
                "a measures_target"
            )
        if self.deletion is not None and self.target in (PERSON.name, "intake__application"):
            yield (
                f"deletion: {self.target} 不删除任何行，终止另有日期 forgets nobody; what ends "
                "there has its own date"
            )
        sources = self.columns
        doubled = sorted({name for name in sources if sources.count(name) > 1})
        if doubled:
            yield f"fields: 来源列重复 source columns named twice: {doubled}"

    def _way_problems(self) -> Iterator[str]:
        is_told = self.complete_when == "manifest" and not self.is_fetched
        if is_told == (self.states is not None):
            yield (
                "states: 无清单的数据项（complete_when、api、view）在此写明region_code和"
                "is_complete，其他数据项不写 a feed without manifests (complete_when, api or "
                "view) says region_code and is_complete here, and no other feed does"
            )
        if self.is_monthly and not is_told:
            yield (
                "fields: 按月的数据项须有清单写明月份，请删去月份列 a monthly feed needs "
                "manifests, which name its months; remove its month"
            )
        for way, form in (("api", "jsonl"), ("view", "parquet")):
            if getattr(self, way) is not None and self.adapter != form:
                yield (
                    f"adapter: 经{way}取得的存为{form} what is fetched by {way} is kept as {form}；"
                    f"请写 say adapter: {form}"
                )
        if self.api is not None and self.view is not None:
            yield "api, view: 二者只能取一 a feed comes by one of them"
        if self.is_fetched and self.complete_when != "manifest":
            yield (
                "complete_when: 只用于发送方投放的文件，请删去 is for files that a sender drops; "
                "remove it"
            )
        if self.api is not None and (self.api.since is None) != (self.api.begins_on is None):
            yield (
                "api: since（参数）与begins_on（首日）须同有或同无 since (the parameter) and "
                "begins_on (the first day) belong together"
            )

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
                yield f"{where}: {_no_column(table, field.to, names)}"
            else:
                yield from (f"{where}: {p}" for p in misfits(field, table[field.to]))
        yield from self._telling_problems()
        yield from self._alias_problems()
        for name in self.constants:
            if name not in names:
                yield f"constants: {_no_column(table, name, names)}"
        filled = [field.to for field in self.fields if field.to is not None] + list(self.constants)
        doubled = sorted({name for name in filled if filled.count(name) > 1})
        if doubled:
            yield f"fields: 目标列重复 columns filled twice: {doubled}"
        mandatory = [c.name for c in table if c.name in names and not c.nullable]
        missing = [name for name in mandatory if name not in filled]
        if missing and table is not PERSON:
            yield (
                f"fields: {table.name}的必填列没有来源 nothing fills the mandatory columns "
                f"{missing} of {table.name}"
            )
        unset = [name for name in table.key if name not in filled and name not in PROVENANCE]
        if unset:
            yield (
                f"fields: {table.name}的键列没有来源 nothing fills the key columns {unset} of "
                f"{table.name}"
            )

    def _alias_problems(self) -> Iterator[str]:
        known = {field.source for field in self.fields}
        for index, field in enumerate(self.fields):
            if not field.known_by:
                continue
            where = f"fields.{index} ({field.source}): known_by"
            schemes = SCHEMES.get(field.to or "", ())
            odd = sorted(set(field.known_by.values()) - set(schemes))
            if odd:
                yield (
                    f"{where}: {field.to} 不能以此识别 is not known by {odd}；可用的 allowed: "
                    f"{list(schemes)}"
                )
            missing = sorted(set(field.known_by) - (known - {field.source}))
            if missing:
                yield f"{where}: {missing} 不是本数据项的其他字段 are no other fields of the feed"

    def _telling_problems(self) -> Iterator[str]:
        for index, field in enumerate(self.fields):
            if field.tells is None:
                continue
            where = f"fields.{index} ({field.source}): tells"
            name, _, column = field.tells.partition(".")
            table = TARGETS.get(name)
            if table is None or column not in table.schema or column in (*table.key, *PROVENANCE):
                yield (
                    f"{where}: {field.tells} 不是可告知的列 is no column of a declared table that "
                    "may be told"
                )
                continue
            if name == self.target:
                yield (
                    f"{where}: 本数据项即写入{name}，请改用to the feed is about {name}; map the "
                    "field with to"
                )
            keyed = {one.to for one in self.fields} >= set(table.key)
            if not keyed and (table is not PERSON or self.person_source is None):
                yield (
                    f"{where}: 没有字段给出{name}的键 no field has the key {list(table.key)} of "
                    f"{name}"
                )
            yield from (f"{where}: {p}" for p in misfits(field, table[column]))

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
        numbers = [field for field in self.fields if field.read == "id_number"]
        borne = [field for field in numbers if field.to != "other_key"]
        return borne[0].source if borne else None

    @property
    def is_monthly(self) -> bool:
        """Whether completeness is stated by month."""
        return any(field.read == "month" for field in self.fields)


def _no_column(table: Table, name: str, allowed: list[str]) -> str:
    return f"没有此列 {table.name} has no column {name}；可用的 allowed: {allowed}"


class Channel(Strict):
    """A sender and its feeds."""

    channel: str
    owner_zh: str
    owner_en: str
    cadence: Literal["daily", "weekly", "monthly", "yearly"]
    freshness_days: int
    """Greatest age of the last good delivery at which its rows still bind (cross-check F-09)."""
    feeds: dict[str, Feed]
