"""The words of each criterion: what is asked, in Chinese and English, with its clause.

Belongs here: texts generated from the rules, none invented. Does not: what a case's data
show (the `judge_` modules), the words of works (`decisions.rulebook.works_texts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from decisions.english import english
from decisions.rulebook.model import (
    PARTS,
    Basis,
    Constructors,
    Equipment,
    LeadAlternative,
    LeadPerformance,
    LicensedWorkers,
    NetAssets,
    OtherAssets,
    OtherStaff,
    OtherStaffRow,
    Part,
    Performance,
    PostHolder,
    SiteManagers,
    SkilledWorkers,
    TechnicalLead,
    TitledOrRegistered,
    TitledStaff,
    Unmeasured,
    WorkersOfTrade,
)
from decisions.rulebook.rule_set import RuleSet
from decisions.rulebook.works_texts import class_text, classes_needed, item_text, items_needed

PART_TEXTS: dict[str, tuple[str, str, str]] = {
    "net_assets": ("净资产", "net assets", "企业资产"),
    "assets_other": ("其他资产条件", "other assets", "企业资产"),
    "constructors": ("注册建造师", "registered constructors", "企业主要人员"),
    "technical_lead": ("技术负责人", "technical leader", "企业主要人员"),
    "titled_staff": (
        "中级以上职称人员",
        "staff with intermediate or higher titles",
        "企业主要人员",
    ),
    "site_managers": (
        "持有岗位证书的施工现场管理人员",
        "site managers with post certificates",
        "企业主要人员",
    ),
    "skilled_workers": ("技术工人", "skilled workers", "企业主要人员"),
    "other_staff": ("其他人员", "other staff", "企业主要人员"),
    "lead_performance": (
        "技术负责人（或注册建造师）主持完成的业绩",
        "projects led by the technical leader or a constructor",
        "企业主要人员",
    ),
    "performance": ("企业工程业绩", "performance of the enterprise", "企业工程业绩"),
    "equipment": ("技术装备", "equipment", "技术装备"),
}
"""Part: Chinese, English, section of the text it stands in."""


@dataclass(frozen=True, slots=True)
class CriterionText:
    """One criterion in words."""

    part: str
    criterion: str
    parent: str | None
    zh: str
    en: str
    required: str
    clause: str
    basis: str
    shape: str
    """How it is judged: a key of `SHAPES`."""
    evidence: tuple[str, ...]
    """Tables whose rows show it; none = no channel delivers it yet."""


SHAPES: dict[str, str] = {
    "net_assets": "net assets or registered capital against one figure",
    "assets_other": "another asset (a workshop) against one figure",
    "heads": "so many different people of one register, or one for each name",
    "joint_heads": "so many different people of several registers together",
    "licensed_workers": "workers with a licence for an operation",
    "post_holder": "people in a post, with years and a title or registration",
    "unmeasured": "nothing a machine could measure: always without data",
    "lead": "the one designated leader",
    "lead_projects": "works led by the leader or a constructor, each up to a threshold",
    "lead_projects_of_kind": "works led, of the kind of special works applied for",
    "performance": "enough different classes of works",
    "equipment": "enough items of machines",
    "missing": "the rule's text is missing: always without data",
}
"""What a criterion may be. One that no evaluator answers has no data: it never grants."""
_WORKS = (
    "base_project__contract",
    "base_project__unit",
    "base_project__measure",
    "base_project__acceptance",
    "base_project__party",
)
_PEOPLE = ("base_personnel__person", "base_personnel__insurance_month")
EVIDENCE: dict[str, tuple[str, ...]] = {
    "net_assets": ("base_enterprise__statement", "base_enterprise__registry"),
    "constructors": ("base_personnel__registration", *_PEOPLE),
    "technical_lead": (
        "base_personnel__technical_lead",
        "base_personnel__title",
        "base_personnel__registration",
        *_PEOPLE,
    ),
    "titled_staff": ("base_personnel__title", *_PEOPLE),
    "site_managers": ("base_personnel__post_certificate", *_PEOPLE),
    "skilled_workers": ("base_personnel__skill_certificate", *_PEOPLE),
    "lead_performance": _WORKS,
    "performance": _WORKS,
    "equipment": ("base_enterprise__equipment",),
    "heads": ("base_personnel__skill_certificate", *_PEOPLE),
    "joint_heads": ("base_personnel__title", "base_personnel__registration", *_PEOPLE),
}
"""By part, or by shape for other staff, the tables that show it."""
_SHAPE_OF_PART = {
    "constructors": "heads",
    "technical_lead": "lead",
    "titled_staff": "heads",
    "site_managers": "heads",
    "skilled_workers": "heads",
    "lead_performance": "lead_projects",
}
_SHAPE_OF_ROW = {"workers_of_trade": "heads", "titled_or_registered": "joint_heads"}
_STRENGTH: tuple[Basis, ...] = ("unknown", "recalled", "seen")


def describe(rules: RuleSet) -> Iterator[CriterionText]:
    """Every criterion of a rule set, parts first, then what they consist of."""
    needs = rules.level.requirements
    unknown = {
        name.rstrip("?"): name for name in rules.level.unknown if "." not in name.rstrip("?")
    }
    for part in PARTS:
        stated = getattr(needs, part)
        if stated is None and part not in unknown:
            continue
        zh, en, _ = PART_TEXTS[part]
        basis = _basis(rules, stated)
        children = [] if stated is None else list(_children(stated))
        if stated is None:
            required = _MAY_BE_MISSING if unknown[part].endswith("?") else _MISSING
        elif len(children) == 1 and children[0][0] == part:
            required = children[0][3]
        else:
            required = _required(stated)
        shape = _shape(stated, part)
        yield CriterionText(
            part,
            part,
            None,
            zh,
            en,
            required,
            clause(rules, part),
            basis,
            shape,
            _evidence(part, shape),
        )
        for path, child_zh, child_en, child_required, child_basis in children:
            if path != part:
                yield CriterionText(
                    part,
                    path,
                    part,
                    child_zh,
                    child_en,
                    child_required,
                    clause(rules, part, path),
                    child_basis or basis,
                    _shape(stated, path),
                    _evidence(part, _shape(stated, path)),
                )


ALL = "各项均符合 every one of them"
"""Every detail of the part must hold."""
_MISSING = "标准文本缺失 text of the rule missing"
_MAY_BE_MISSING = "标准可能有此项，文本缺失 the standard may ask this; its text is missing"


def _basis(rules: RuleSet, stated: Part | None) -> Basis:
    """The basis of a part; works that follow another level's text are no surer than that.

    The scope that works of the enterprise must lie within (E14) bears its own (`recalled_scopes`).
    """
    if stated is None:
        return "unknown"
    if not isinstance(stated, LeadPerformance) or rules.cited is None:
        return stated.basis
    cited = rules.cited.requirements.performance
    if cited is None:
        return "unknown"
    bases = (stated.basis, cited.basis, *(one.basis or cited.basis for one in cited.classes))
    return min(bases, key=_STRENGTH.index)


def _evidence(part: str, shape: str) -> tuple[str, ...]:
    return EVIDENCE.get(part) or EVIDENCE.get(shape, ())


def _shape(stated: Part | None, path: str) -> str:
    part, _, rest = path.partition(".")
    if stated is None:
        return "missing"
    if isinstance(stated, LeadPerformance) and stated.level == "相应专业":
        return "lead_projects_of_kind"
    if isinstance(stated, OtherStaff):
        shapes = [_SHAPE_OF_ROW.get(row.kind, row.kind) for row in stated.rows]
        if rest:
            return shapes[int(rest.split(".")[0]) - 1]
        return shapes[0] if len(set(shapes)) == 1 else "unmeasured"
    return _SHAPE_OF_PART.get(part, part)


def clause(rules: RuleSet, part: str, item: str = "") -> str:
    """Document, section, level, part and item, with the notices in force laid over it."""
    level = f"{rules.subcategory}{rules.level.level} {PART_TEXTS[part][2]}"
    base = f"{rules.category.document} {rules.category.section} {level}"
    place = _place(item.removeprefix(f"{part}."))
    notices = "".join(f"; {name}" for name in rules.notices)
    return f"{base}{f'（{place}）' if place else ''}{notices}"


def _place(item: str) -> str:
    """Where in a part its item stands: a class, a row, a name; nothing where it has none."""
    step, _, rest = item.partition(".")
    if step == "class":
        return f"第{rest}类"
    if step.isdigit():
        return f"第{step}项{rest}"
    return "" if item.isascii() else item


_Child = tuple[str, str, str, str, str | None]
"""Path, Chinese, English, required, own basis."""


@singledispatch
def _children(stated: Part) -> Iterator[_Child]:
    """What a part consists of; the part itself where it is one figure."""
    yield from ()


@_children.register
def _net_assets(stated: NetAssets) -> Iterator[_Child]:
    yield "net_assets", "", "", f"≥ {stated.at_least}", None


@_children.register
def _lead_projects(stated: LeadPerformance) -> Iterator[_Child]:
    yield "lead_performance", "", "", f"{stated.level}标准业绩 ≥ {stated.at_least}项", None


@_children.register
def _other_assets(stated: OtherAssets) -> Iterator[_Child]:
    for n, row in enumerate(stated.rows, 1):
        yield f"assets_other.{n}", row.what, "other asset", f"≥ {row.at_least}", None


@_children.register
def _classes(stated: Performance) -> Iterator[_Child]:
    for one in stated.classes:
        path = f"performance.class.{one.n}"
        yield path, f"第{one.n}类工程业绩", f"class {one.n}", class_text(one), one.basis


@_children.register
def _items(stated: Equipment) -> Iterator[_Child]:
    for n, item in enumerate(stated.items, 1):
        yield f"equipment.{n}", f"第{n}项装备", f"item {n}", item_text(item), None


def _required(stated: Part) -> str:
    match stated:
        case Performance():
            return classes_needed(stated)
        case Equipment(need="all"):
            return ALL
        case Equipment(need=int() as need):
            return items_needed(need, stated.items)
        case _:
            return ALL


@_children.register
def _constructors(stated: Constructors) -> Iterator[_Child]:
    for n, row in enumerate(stated.rows, 1):
        constructor = f"{'' if row.grade == 'any' else row.grade}注册建造师"
        names = "、".join(row.specialties)
        yield (
            f"constructors.{n}",
            f"{constructor}（不限专业）" if names == "不限专业" else f"{names}专业{constructor}",
            f"{english(constructor)}: {english(names)}",
            f"≥ {row.at_least}人",
            None,
        )


@_children.register
def _lead(stated: TechnicalLead) -> Iterator[_Child]:
    yield (
        "technical_lead.employed",
        "技术负责人为本企业在职人员",
        "the leader is employed here",
        "是 yes",
        None,
    )
    yield (
        "technical_lead.years",
        f"从事{stated.field}经历",
        "years of practice",
        f"≥ {stated.years}年",
        None,
    )
    alternatives = " / ".join(_alternative(one) for one in stated.any_of)
    yield (
        "technical_lead.qualification",
        "职称或注册资格",
        "title or registration, any one",
        alternatives,
        None,
    )


def _alternative(one: LeadAlternative) -> str:
    if one.title:
        return f"{'、'.join(one.majors)}{one.title}以上职称"
    return f"{'、'.join(one.specialties)}{one.registration}"


@_children.register
def _titled(stated: TitledStaff) -> Iterator[_Child]:
    for n, row in enumerate(stated.rows, 1):
        names = "、".join(row.majors)
        yield (
            f"titled_staff.{n}",
            f"{names}{row.title}以上职称人员",
            english(f"{names}{row.title}以上职称"),
            f"≥ {row.at_least}人",
            None,
        )
        for slot in () if row.complete == "unknown" else row.complete:
            yield (
                f"titled_staff.{n}.{slot}",
                *_slot(slot),
            )


@_children.register
def _site(stated: SiteManagers) -> Iterator[_Child]:
    yield (
        "site_managers.count",
        "施工现场管理人员人数",
        "head count",
        f"≥ {stated.at_least}人",
        None,
    )
    for role in stated.roles:
        present = f"every post is filled: {english(role)}"
        yield f"site_managers.{role}", f"岗位齐全：{role}", present, "≥ 1人", None


@_children.register
def _workers(stated: SkilledWorkers) -> Iterator[_Child]:
    match stated.grade:
        case "any":
            grade = grade_en = ""
        case str() as asked if asked.endswith("资格"):
            grade, grade_en = f"具有{asked}的", f" with a {english(asked)}"
        case asked:
            grade, grade_en = f"{asked}以上", f", {english(asked)} or higher"
    yield (
        "skilled_workers.count",
        f"{grade}技术工人人数{'（含施工船员）' if stated.crews else ''}",
        f"head count{grade_en}{', crews of vessels among them' if stated.crews else ''}",
        f"≥ {stated.at_least}人",
        None,
    )
    if stated.kinds:
        yield (
            "skilled_workers.kinds",
            f"其中{'、'.join(stated.kinds)}等工种人数",
            f"of the trades named or such: {', '.join(map(english, stated.kinds))}",
            f"≥ {stated.at_least}人",
            None,
        )
    for trade in stated.trades:
        yield (
            f"skilled_workers.{trade}",
            f"工种齐全：{trade}",
            f"every trade is present: {english(trade)}",
            "≥ 1人",
            None,
        )


@_children.register
def _other_staff(stated: OtherStaff) -> Iterator[_Child]:
    for n, row in enumerate(stated.rows, 1):
        path = f"other_staff.{n}"
        yield path, row.what, _other_staff_en(row), other_staff_text(row), None
        for slot in row.complete if isinstance(row, TitledOrRegistered) else ():
            yield (
                f"{path}.{slot}",
                *_slot(slot),
            )


def _other_staff_en(row: OtherStaffRow) -> str:
    match row:
        case WorkersOfTrade():
            return f"of the workers: {english('、'.join(row.trades))}"
        case LicensedWorkers():
            return f"of the workers: {english(row.licence)}"
        case TitledOrRegistered():
            return "people with the title or the registration, together"
        case PostHolder():
            return f"people in the post: {english(row.post)}"
        case Unmeasured():
            return "not measurable by machine"


def other_staff_text(row: OtherStaffRow) -> str:
    """What a row of other staff asks, on one line."""
    match row:
        case Unmeasured():
            return f"{row.why}"
        case PostHolder(years=int() as years):
            alternatives = " / ".join(_alternative(one) for one in row.any_of)
            return f"≥ {row.at_least}人，{row.years_in} {years}年 以上，{alternatives}"
        case _:
            return f"≥ {row.at_least}人"


def _slot(slot: str) -> tuple[str, str, str, None]:
    """Somebody of one major, or of any of several, must be there."""
    majors = slot.split("|")
    zh, en = "、".join(majors), ", ".join(english(major) for major in majors)
    if len(majors) > 1:
        zh, en = f"{zh}之一", f"any of {en}"
    return f"专业齐全：{zh}", f"every major is present: {en}", "≥ 1人", None
