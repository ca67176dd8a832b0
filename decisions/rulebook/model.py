"""What a file of the standard may say: the typed model of a category and its levels.

Belongs here: the shape of the data, checked strictly (unknown keys are errors). Does not:
reading files (`decisions.rulebook.reading`), dated changes (`decisions.rulebook.amendments`),
evaluating (`decisions.engine`).

Every part carries `basis`: `seen` (read in a public copy of the text), `recalled` (known,
no copy found) or `unknown`. A part that is `unknown` never grants.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Basis = Literal["seen", "recalled", "unknown"]
PartName = Literal[
    "net_assets",
    "assets_other",
    "constructors",
    "technical_lead",
    "titled_staff",
    "site_managers",
    "skilled_workers",
    "other_staff",
    "lead_performance",
    "performance",
    "equipment",
]
LevelName = Literal["一级", "二级", "三级", "不分等级"]
Count = Annotated[int, Field(ge=1)]
CountedIn = Literal["台", "套", "座", "条"]
Names = tuple[str, ...]


class Strict(BaseModel):
    """Frozen; no key that the model does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(Strict):
    """A part of a level's requirements."""

    basis: Basis


class NetAssets(Part):
    """净资产: at least so much; the figure with its unit, e.g. `1500 万元`."""

    at_least: str


class OtherAsset(Strict):
    """A further condition on assets, such as 厂房面积."""

    what: str
    at_least: str


class OtherAssets(Part):
    """Other asset conditions; each must hold."""

    rows: tuple[OtherAsset, ...]


class ConstructorRow(Strict):
    """So many registered constructors of any of the specialties together (合计)."""

    specialties: Names
    """`不限专业` = of any specialty."""
    grade: Literal["一级", "二级", "any"]
    at_least: Count


class Constructors(Part):
    """注册建造师: every row must hold."""

    rows: tuple[ConstructorRow, ...]


class LeadAlternative(Strict):
    """A title with majors, or a registration with specialties."""

    title: Literal["中级", "高级"] | None = None
    majors: Names = ()
    registration: str | None = None
    specialties: Names = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> LeadAlternative:
        if (self.title is None) == (self.registration is None):
            raise ValueError("write either title with majors or registration with specialties")
        if self.title is not None and not self.majors:
            raise ValueError("a title needs majors; 工程序列 means any engineering title")
        return self


class TechnicalLead(Part):
    """技术负责人: one person who meets the years and any one alternative."""

    years: Count
    field: str
    any_of: tuple[LeadAlternative, ...]


class TitledRow(Strict):
    """So many people with the title or a higher one, of any of the majors together."""

    title: Literal["中级", "高级"]
    majors: Names = ()
    """Majors that count; `工程序列` = any engineering title."""
    at_least: Count
    complete: Names | Literal["unknown"] = ()
    """专业齐全: the majors that must each be there; `A|B` = either fills the slot."""


class TitledStaff(Part):
    """中级以上职称人员: every row must hold."""

    rows: tuple[TitledRow, ...]


class SiteManagers(Part):
    """持有岗位证书的施工现场管理人员: a head count, and roles each of which must be present."""

    at_least: Count
    roles: Names = ()


class SkilledWorkers(Part):
    """技术工人: a head count of a grade or higher, and trades that must each be present."""

    grade: str
    at_least: Count
    trades: Names = ()
    kinds: Names = ()
    """Trades named with 等: these count, and whether another does is not known; without 齐全 none
    need be there (reading 21)."""
    crews: bool = False
    """Crews of vessels (施工船员) are counted among them, of whom no channel tells (reading 52)."""


class WorkersOfTrade(Strict):
    """So many of the skilled workers have one of the trades (其中)."""

    kind: Literal["workers_of_trade"]
    what: str
    trades: Names
    at_least: Count


class LicensedWorkers(Strict):
    """So many of the skilled workers hold a licence for an operation (高空作业, 起重作业)."""

    kind: Literal["licensed_workers"]
    what: str
    licence: str
    at_least: Count


class TitledOrRegistered(Strict):
    """So many people who have the title or the registration, counted together (合计)."""

    kind: Literal["titled_or_registered"]
    what: str
    title: Literal["中级", "高级"]
    majors: Names
    registration: Literal["注册建造师"]
    specialties: Names
    at_least: Count
    complete: Names = ()
    """专业齐全: the majors that must each be there; `A|B` = either fills the slot."""


class PostHolder(Strict):
    """So many people in a post that no register of post certificates names."""

    kind: Literal["post_holder"]
    what: str
    post: str
    at_least: Count
    years: Count | None = None
    years_in: str = ""
    any_of: tuple[LeadAlternative, ...] = ()


class Unmeasured(Strict):
    """People the text asks for without a number that a machine could check."""

    kind: Literal["unmeasured"]
    what: str
    why: str


OtherStaffRow = Annotated[
    WorkersOfTrade | LicensedWorkers | TitledOrRegistered | PostHolder | Unmeasured,
    Field(discriminator="kind"),
]


class OtherStaff(Part):
    """Other people; each row must hold."""

    rows: tuple[OtherStaffRow, ...]


class LeadPerformance(Part):
    """技术负责人(或注册建造师)主持完成过…业绩: so many projects led by one person."""

    level: Literal["一级", "二级", "本类别", "相应专业"]
    """Whose thresholds each project must reach; 本类别 = any project of the category."""
    at_least: Count
    led_by: tuple[Literal["technical_lead", "constructor"], ...]


class WorksLine(Strict):
    """Works of a kind that meet a condition."""

    works: str
    where: str = ""


class CountOrSum(Strict):
    """How much is asked: so many of a thing, or a metric of it added up to at least so much."""

    count: Count | None = None
    counted_in: CountedIn | None = None
    """What is counted where it is not unit projects: machines, stations, roads."""
    sum: str | None = None
    at_least: str | None = None

    @model_validator(mode="after")
    def _count_or_sum(self) -> Self:
        if (self.count is None) == (self.sum is None):
            raise ValueError("write either count or sum")
        if (self.sum is None) != (self.at_least is None):
            raise ValueError("a sum needs at_least, and nothing else does")
        return self


class MeasureLine(WorksLine, CountOrSum):
    """Works counted, or a metric of them added up."""

    per: Literal["year"] | None = None


class MixedCount(Strict):
    """So many works in all, each matching any one line."""

    count: Count
    counted_in: CountedIn | None = None
    of: Annotated[tuple[WorksLine, ...], Field(min_length=2)]


class Together(Strict):
    """Every line must hold."""

    all_of: tuple[MeasureLine, ...]


Option = MeasureLine | MixedCount | Together


class PerformanceClass(Strict):
    """One class of works; any one option is enough."""

    n: Annotated[int, Field(ge=1)]
    basis: Basis | None = None
    """Where it differs from that of the performance."""
    contracting: Names | None = None
    any_of: tuple[Option, ...]


class MinFrom(Strict):
    """Of the classes needed, at least so many from this list."""

    classes: tuple[int, ...]
    at_least: Count


class Performance(Part):
    """企业工程业绩: works accepted within the window, in so many different classes."""

    window_years: Count
    need: Count
    mandatory: tuple[int, ...] = ()
    min_from: tuple[MinFrom, ...] = ()
    one_class_count: Count | None = None
    """Another way to meet `need`: so many works of one and the same class."""
    sums_share_works: bool = True
    """Whether works counted singly may serve a sum too (E17: everywhere but in railways)."""
    quality: Literal["合格"] = "合格"
    contracting: Names = ()
    classes: tuple[PerformanceClass, ...]

    @model_validator(mode="after")
    def _sums_of_a_year_are_shared(self) -> Performance:
        options = [option for one in self.classes for option in one.any_of]
        lines = [line for one in options if isinstance(one, Together) for line in one.all_of]
        lines += [one for one in options if isinstance(one, MeasureLine)]
        if not self.sums_share_works and any(line.per for line in lines):
            raise ValueError("works assigned to a sum of one year are not supported")
        return self


class MachineLine(CountOrSum):
    """Machines of a kind that meet a condition: so many, or a metric added up."""

    machine: str
    where: str = ""


class EquipmentItem(Strict):
    """One item of the text, met by any one of the machines."""

    any_of: tuple[MachineLine, ...]


class Equipment(Part):
    """技术装备: so many of the items, or all."""

    need: Count | Literal["all"]
    items: tuple[EquipmentItem, ...]


class ScopeChoice(Strict):
    """Limits for different waters, grades or kinds of one works: one line that holds is enough."""

    any_of: Annotated[tuple[WorksLine, ...], Field(min_length=2)]


class Scope(Part):
    """承包工程范围: the limits that a machine can check; each one that fits must hold."""

    limits: tuple[WorksLine | ScopeChoice, ...] = ()

    def lines(self) -> tuple[WorksLine, ...]:
        """Every line, choices opened."""
        return tuple(
            line
            for limit in self.limits
            for line in (limit.any_of if isinstance(limit, ScopeChoice) else (limit,))
        )


class PlatformEvidence(Part):
    """Which works count by how the national platform shows them (226号 item 4; 3号/2023)."""

    before: Literal["ministry"] | None = None
    """Only for cases of this authority; None = of every one."""
    must_be_on_platform: bool
    enterprise_grades: Names = ()
    """Grades of the platform's data that count for the enterprise; none = any."""
    personal_grades: Names = ()


class Requirements(Strict):
    """The parts of a level. A part that is absent is not required, unless named `unknown`."""

    net_assets: NetAssets | None = None
    assets_other: OtherAssets | None = None
    constructors: Constructors | None = None
    technical_lead: TechnicalLead | None = None
    titled_staff: TitledStaff | None = None
    site_managers: SiteManagers | None = None
    skilled_workers: SkilledWorkers | None = None
    other_staff: OtherStaff | None = None
    lead_performance: LeadPerformance | None = None
    performance: Performance | None = None
    equipment: Equipment | None = None


PARTS: tuple[str, ...] = tuple(Requirements.model_fields)
"""Names of the parts, in the order of the text."""
DETAILS: Mapping[str, re.Pattern[str]] = {
    "technical_lead": re.compile("majors_detail"),
    "titled_staff": re.compile("majors_detail|all_majors_present"),
    "site_managers": re.compile("roles"),
    "performance": re.compile(r"classes\.(\d+|rest)|工程规模"),
    "scope_limits": re.compile(r"rest|工程规模|\w+工程"),
}
"""What may be unknown of a part that is otherwise known.

`classes.N` = class N, `classes.rest` = further classes; `工程规模` = the table that says what
is 大型, 中型 and 小型; of a scope, the limit on one kind of works, or further limits.
"""


class Level(Strict):
    """One level of a category, or of one of its sub-categories."""

    level: LevelName
    subcategory: str = ""
    sources: tuple[str, ...]
    scope_zh: str = ""
    scope: Scope
    requirements: Requirements
    unknown: tuple[str, ...] = ()
    """Parts (`equipment`), or details of parts (`performance.classes.8`), that the standard
    has and nobody found; with a trailing `?`, that it may have."""
    platform: tuple[PlatformEvidence, ...] = ()
    """Only later notices write it; the text of 2014 knows no platform."""

    @model_validator(mode="after")
    def _unknown_is_of_this_level(self) -> Level:
        for name in self.unknown:
            part, _, detail = name.rstrip("?").partition(".")
            if part not in (*PARTS, "scope_limits"):
                raise ValueError(f"unknown: {name!r} is no part; parts are {PARTS}")
            stated = getattr(self.requirements, part, None)
            if detail and not (part in DETAILS and DETAILS[part].fullmatch(detail)):
                raise ValueError(f"unknown: {name!r} is no detail of {part}")
            if part in PARTS and bool(detail) != (stated is not None):
                raise ValueError(
                    f"unknown: {name!r}: a part that is stated has unknown details, "
                    "one that is not stated is unknown as a whole"
                )
        return self

    @model_validator(mode="after")
    def _unknown_majors_are_named(self) -> Level:
        titled = self.requirements.titled_staff
        is_lost = titled is not None and any(row.complete == "unknown" for row in titled.rows)
        if is_lost and not any(name.startswith("titled_staff.") for name in self.unknown):
            raise ValueError("complete: unknown needs titled_staff.majors_detail among `unknown`")
        return self


SERIES = ("施工总承包", "专业承包")
"""General and specialty contracting: how titles of categories end."""


class Category(Strict):
    """One category of the standard: a file of the rulebook."""

    code: Annotated[str, Field(pattern=r"^[GS]\d{2}$")]
    name_zh: str
    name_en: str
    document: str
    section: str
    in_force_from: date
    verified_on: date
    """The day its figures were last compared with the sources named."""
    works: Names = ()
    """Works of the category (本类别工程) where no line of the text names any."""
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _levels_differ(self) -> Category:
        named = [(level.subcategory, level.level) for level in self.levels]
        if len(named) > len(set(named)):
            raise ValueError("levels: one level stands twice")
        return self

    def title(self, subcategory: str = "") -> tuple[str, str]:
        """Chinese and English title as certificates print it; a 分项 stands in brackets."""
        series = next((one for one in SERIES if self.name_zh.endswith(one)), "")
        of_it = f"（{subcategory}）" if subcategory else ""
        return f"{self.name_zh.removesuffix(series)}{of_it}{series}", self.name_en
