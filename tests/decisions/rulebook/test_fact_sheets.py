"""Nothing of the fact sheets is lost, and nothing is added: every leaf, found in the rulebook.

The sheets in tests/facts are written in their own form. Here a level of the rulebook is told in
that form again, and both are compared leaf by leaf. What stands otherwise in the rulebook is
listed with its reason; an exception that no leaf needs any more fails too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from shipped import BOOK

from decisions.rulebook.model import (
    Equipment,
    Level,
    LicensedWorkers,
    MachineLine,
    MeasureLine,
    MixedCount,
    Option,
    OtherStaff,
    Performance,
    PostHolder,
    SkilledWorkers,
    TitledStaff,
    Together,
    Unmeasured,
    WorkersOfTrade,
    WorksLine,
)

FACTS = Path(__file__).parents[2] / "facts"
SHEETS = sorted(path.stem for path in FACTS.glob("[GS][0-9][0-9].yaml"))
Leaves = dict[str, Any]

RENAMED = {"体积生产率": "生产率", "条长": "长度", "孔长": "长度"}
"""One unit per metric: where the sheets use one name for measures that cannot be compared."""

# A higher class fulfils what the text asks of a lower one (the sheets' own notes).
HIGHER_COUNTS = "a higher class fulfils what the text asks of a lower one"
IS_TYPED = "told by typed fields of the row instead of a phrase"
BEYOND_SECOND = "the footnote: smaller contracts beyond the scope of 二级 are for 一级"
BRANCHES = "branches that count, not all needed: codes/people.yaml, majors"
EXCEPTIONS: dict[tuple[str, str, str], tuple[Any, str]] = {
    ("G01", "一级", "单项合同额 >= 3000 万元"): (
        "单项合同额 >= 3000 万元 or 建筑高度 > 100 米 or 单体建筑面积 > 4 万平方米 or 单跨跨度 > 39 米",
        BEYOND_SECOND,
    ),
    ("G01", "一级", "建筑高度 <= 240 米"): (
        "建筑高度 <= 240 米 and (单项合同额 >= 3000 万元 or 建筑高度 > 120 米 or 单跨跨度 > 39 米)",
        BEYOND_SECOND,
    ),
    ("S18", "一级", "公路等级 == 一级 and 设施种类数 >= 3"): (
        "公路等级 >= 一级 and 设施种类数 >= 3",
        HIGHER_COUNTS,
    ),
    ("S18", "一级", "公路等级 == 一级"): ("公路等级 >= 一级", HIGHER_COUNTS),
    ("S18", "一级", "公路等级 == 一级 and 单个项目里程 >= 100 公里"): (
        "公路等级 >= 一级 and 单个项目里程 >= 100 公里",
        HIGHER_COUNTS,
    ),
    ("G10", "一级", "道路等级 == 主干道"): ("道路等级 >= 主干道", HIGHER_COUNTS),
    ("S31", "一级", "堤防级别 == 2级 and 长度 >= 2000 米"): (
        "堤防级别 >= 2级 and 长度 >= 2000 米",
        HIGHER_COUNTS,
    ),
    ("S14", "二级", "文物保护级别 == 省级 and 主要古建筑 == 是"): (
        "文物保护级别 >= 省级 and 主要古建筑 == 是",
        HIGHER_COUNTS,
    ),
    ("S14", "二级", "文物保护级别 == 国家级 and 建筑面积 <= 200 平方米"): (
        "文物保护级别 < 国家级 or 建筑面积 <= 200 平方米",
        "who may repair the highest rank may repair the lower ones",
    ),
    ("S14", "三级", "文物保护级别 == 省级 and 建筑面积 <= 100 平方米"): (
        "文物保护级别 < 省级 or (文物保护级别 == 省级 and 建筑面积 <= 100 平方米)",
        "who may repair a rank may repair the lower ones",
    ),
    ("S20", "二级", "铁道工程|机械工程|铁路运输"): (None, BRANCHES),
    ("S21", "一级", "供电|变配电|接触网"): (None, BRANCHES),
    ("S21", "二级", "供电|变配电|接触网"): (None, BRANCHES),
    ("S03", "不分等级", "混凝土实验室工作经历2年以上,且工程序列中级以上职称或注册建造师"): (
        None,
        IS_TYPED,
    ),
    ("S06", "一级", "且结构、材料或化工等专业齐全(结构必有;材料、化工有其一)"): (None, IS_TYPED),
    ("S06", "二级", "且结构、材料或化工等专业齐全(结构必有;材料、化工有其一)"): (None, IS_TYPED),
    ("S36", "不分等级", "与所申请的特种专业相应的专业技术人员齐全；标准未给人数"): (None, IS_TYPED),
    ("S36", "不分等级", "other_staff.0.min"): (None, "a placeholder of the sheet for 齐全"),
}
"""(category, level, value or path of the leaf) to what the rulebook says (None = not there), why."""


@cache
def sheet(code: str) -> dict[str, Any]:
    text = (FACTS / f"{code}.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return read


# -- a level of the rulebook, told as the sheets tell it ---------------------------------


def as_sheet(level: Level) -> dict[str, Any]:
    needs = level.requirements
    told: dict[str, Any] = {"level": level.level}
    if level.subcategory:
        told["subcategory"] = level.subcategory
    if needs.net_assets:
        told["net_assets_wan"] = int(needs.net_assets.at_least.removesuffix(" 万元"))
    if needs.assets_other:
        told["assets_other"] = [
            {
                "what": row.what,
                "op": ">=",
                "value": number(row.at_least),
                "unit": unit(row.at_least),
            }
            for row in needs.assets_other.rows
        ]
    if needs.constructors:
        told["constructors"] = [
            {"specialties": list(row.specialties), "grade": row.grade, "min": row.at_least}
            for row in needs.constructors.rows
        ]
    if needs.technical_lead:
        told["technical_lead"] = {
            "years": needs.technical_lead.years,
            "field": needs.technical_lead.field,
            "any_of": [
                {name: value for name, value in one.model_dump(mode="json").items() if value}
                for one in needs.technical_lead.any_of
            ],
        }
    told |= people(level) | works(level)
    told["scope_zh"] = level.scope_zh
    told["scope_limits"] = [works_line(line) for line in level.scope.lines()]
    return told


def people(level: Level) -> dict[str, Any]:
    needs = level.requirements
    told: dict[str, Any] = {}
    if needs.titled_staff:
        told["titled_staff"] = list(titled(needs.titled_staff))
    if needs.site_managers:
        told["site_managers"] = {
            "min": needs.site_managers.at_least,
            "roles": list(needs.site_managers.roles),
        }
    if needs.skilled_workers:
        told["skilled_workers"] = {
            "grade": needs.skilled_workers.grade,
            "min": needs.skilled_workers.at_least,
            "trades": list(needs.skilled_workers.trades or needs.skilled_workers.kinds),
        }
        if needs.skilled_workers.kinds and not needs.skilled_workers.trades:
            told["skilled_workers"]["all_trades_present"] = False
    if needs.other_staff:
        told["other_staff"] = list(other_staff(needs.other_staff, needs.skilled_workers))
    if needs.lead_performance:
        told["lead_performance"] = {
            "level": needs.lead_performance.level,
            "min": needs.lead_performance.at_least,
        }
    return told


def titled(stated: TitledStaff) -> Iterator[dict[str, Any]]:
    for row in stated.rows:
        told = {"title": row.title, "majors": list(row.majors), "min": row.at_least}
        if row.complete == "unknown":
            yield told | {"all_majors_present": "unknown"}
        elif row.complete:
            yield told | {"all_majors_present": True, "majors_detail": list(row.complete)}
        else:
            yield told | {"all_majors_present": False}


def other_staff(stated: OtherStaff, workers: SkilledWorkers | None) -> Iterator[dict[str, Any]]:
    for row in stated.rows:
        match row:
            case WorkersOfTrade():
                assert workers is not None
                detail = f"计入上列{workers.at_least}名工人"
                yield {"what": row.what, "min": row.at_least, "detail": detail}
            case LicensedWorkers():
                yield {"what": "技术工人", "min": row.at_least, "detail": f"具有{row.licence}"}
            case PostHolder(years=None):
                yield {"what": row.what, "min": row.at_least, "detail": ""}
            case Unmeasured():
                yield {"what": row.what}
            case _:
                yield {"what": row.what, "min": row.at_least}


def works(level: Level) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if level.requirements.performance:
        told["performance"] = performance(level.requirements.performance)
    if level.requirements.equipment:
        told["equipment"] = equipment(level.requirements.equipment)
    return told


def performance(stated: Performance) -> dict[str, Any]:
    told: dict[str, Any] = {
        "window_years": stated.window_years,
        "need": stated.need,
        "quality": stated.quality,
        "classes": [],
    }
    if stated.mandatory:
        told["mandatory"] = list(stated.mandatory)
    if stated.min_from:
        told["min_from"] = [
            {"classes": list(one.classes), "min": one.at_least} for one in stated.min_from
        ]
    if stated.one_class_count:
        told["need_alt"] = {"one_class_count": stated.one_class_count}
    if stated.contracting:
        told["contracting"] = list(stated.contracting)
    for one in stated.classes:
        of_class: dict[str, Any] = {"n": one.n, "any_of": [option(each) for each in one.any_of]}
        if one.contracting:
            of_class["contracting"] = list(one.contracting)
        told["classes"].append(of_class)
    return told


def option(stated: Option) -> dict[str, Any]:
    match stated:
        case MixedCount():
            told: dict[str, Any] = {
                "count": stated.count,
                "of": [works_line(line) for line in stated.of],
            }
            return told | ({"unit": stated.counted_in} if stated.counted_in else {})
        case Together():
            return {"all_of": [option(line) for line in stated.all_of]}
        case MeasureLine():
            per = {"per": "年"} if stated.per else {}
            return works_line(stated) | measured(stated) | per


def measured(stated: MeasureLine | MachineLine) -> dict[str, Any]:
    if stated.sum is not None and stated.at_least is not None:
        return {
            "sum": RENAMED.get(stated.sum, stated.sum),
            "min": number(stated.at_least),
            "unit": unit(stated.at_least),
        }
    told: dict[str, Any] = {"count": stated.count}
    return told | ({"unit": stated.counted_in} if stated.counted_in else {})


def works_line(line: WorksLine) -> dict[str, Any]:
    return {"project": line.works} | ({"where": line.where} if line.where else {})


def equipment(stated: Equipment) -> dict[str, Any]:
    items = [[machine(line) for line in item.any_of] for item in stated.items]
    return {
        "need": stated.need,
        "items": [lines[0] if len(lines) == 1 else {"any_of": lines} for lines in items],
    }


def machine(line: MachineLine) -> dict[str, Any]:
    where = line.where
    for ours, theirs in RENAMED.items():
        where = where.replace(ours, theirs)
    return {"what": line.machine} | ({"where": where} if where else {}) | measured(line)


def number(text: str) -> float:
    value = float(text.split(" ", maxsplit=1)[0])
    return int(value) if value.is_integer() else value


def unit(text: str) -> str:
    return text.split(" ")[1]


# -- leaf by leaf ------------------------------------------------------------------------


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its path; a list of names is one leaf, `|` between them."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list) and node and isinstance(node[0], dict):
        for index, value in enumerate(node):
            yield from leaves(value, f"{path}.{index}")
    elif isinstance(node, list):
        yield path, "|".join(map(str, node))
    else:
        yield path, node


ABOUT = ("basis", "source", "recalled_keys", "unknown_keys")
"""Leaves about the reading of the text, not of it; they have tests of their own."""


def figures_of(entry: dict[str, Any]) -> Leaves:
    """The leaves of the text; an empty list and no key at all say the same."""
    told = {key: value for key, value in entry.items() if key not in ABOUT}
    return {path: value for path, value in leaves(told) if value != ""}


def pairs(code: str) -> Iterator[tuple[dict[str, Any], Level]]:
    levels = BOOK.category(code).levels
    entries = sheet(code)["levels"]
    assert [(e["level"], e.get("subcategory", "")) for e in entries] == [
        (one.level, one.subcategory) for one in levels
    ]
    yield from zip(entries, levels, strict=True)


def excepted(code: str, level: str, path: str, value: Any) -> tuple[str, str, str] | None:
    for key in ((code, level, str(value)), (code, level, path)):
        if key in EXCEPTIONS:
            return key
    return None


def test_the_sheets_and_the_rulebook_have_the_same_categories_and_127_levels() -> None:
    assert sorted(BOOK.categories) == SHEETS
    assert len(SHEETS) == 48
    assert sum(len(sheet(code)["levels"]) for code in SHEETS) == 127
    assert sum(len(category.levels) for category in BOOK.categories.values()) == 127


@pytest.mark.parametrize("code", SHEETS)
def test_every_figure_of_the_sheet_stands_in_the_rulebook_and_no_other(code: str) -> None:
    assert sheet(code)["name_zh"] == BOOK.category(code).name_zh
    assert sheet(code)["name_en"] == BOOK.category(code).name_en
    for entry, level in pairs(code):
        asked, encoded = figures_of(entry), figures_of(as_sheet(level))
        lost = {
            path: (value, encoded.get(path))
            for path, value in asked.items()
            if encoded.get(path) != value and not is_listed(code, level, path, value, encoded)
        }
        assert not lost, f"{code} {level.subcategory}{level.level} is not as in the sheet: {lost}"
        added = {path: encoded[path] for path in encoded.keys() - asked.keys()}
        # The sheet says by `unknown_keys` that nobody found whether majors must be complete.
        added = {path: value for path, value in added.items() if value != "unknown"}
        assert not added, (
            f"{code} {level.subcategory}{level.level} has more than the sheet: {added}"
        )


def is_listed(code: str, level: Level, path: str, value: Any, encoded: Leaves) -> bool:
    if path.endswith("all_majors_present") and encoded.get(path) == "unknown":
        # That they must be complete is known, which they are is not.
        return value is True and "titled_staff.majors_detail" in level.unknown
    key = excepted(code, level.level, path, value)
    return key is not None and encoded.get(path) == EXCEPTIONS[key][0]


def test_every_exception_is_still_needed() -> None:
    used = {
        key
        for code in SHEETS
        for entry, level in pairs(code)
        for path, value in figures_of(entry).items()
        if (key := excepted(code, level.level, path, value))
        and figures_of(as_sheet(level)).get(path) != value
    }
    assert used == set(EXCEPTIONS)


@pytest.mark.parametrize("code", SHEETS)
def test_what_nobody_found_is_unknown_in_the_rulebook_too_and_nothing_else(code: str) -> None:
    for entry, level in pairs(code):
        named = [name.replace("net_assets_wan", "net_assets") for name in entry["unknown_keys"]]
        assert list(level.unknown) == named, f"{code} {level.level}"


@pytest.mark.parametrize("code", SHEETS)
def test_every_source_of_the_sheet_is_named_in_the_rulebook(code: str) -> None:
    for entry, level in pairs(code):
        assert list(level.sources) == entry["source"], f"{code} {level.level}"


def basis_of(level: Level, key: str) -> set[str]:
    """The basis of a part, or of the class that a key like `performance.classes.3` names."""
    root, _, detail = key.replace("[n=", ".").replace("]", "").partition(".")
    if root.startswith("scope"):
        return {level.scope.basis}
    part = getattr(level.requirements, root.removesuffix("_wan"))
    number_of_class = detail.removeprefix("classes.")
    if root == "performance" and number_of_class.isdigit():
        return {one.basis or part.basis for one in part.classes if one.n == int(number_of_class)}
    return {part.basis}


@pytest.mark.parametrize("code", SHEETS)
def test_what_the_sheet_recalls_is_recalled_in_the_rulebook_and_the_rest_was_seen(
    code: str,
) -> None:
    for entry, level in pairs(code):
        stated = [
            part
            for name in type(level.requirements).model_fields
            if (part := getattr(level.requirements, name)) is not None
        ]
        bases = {part.basis for part in stated} | {level.scope.basis}
        where = f"{code} {level.subcategory}{level.level}"
        if entry["basis"] != "mixed":
            assert bases == {entry["basis"]}, where
            continue
        for key in entry["recalled_keys"]:
            assert basis_of(level, key) == {"recalled"}, f"{where} {key}"
        roots = {key.partition(".")[0].removesuffix("_wan") for key in entry["recalled_keys"]}
        for name in type(level.requirements).model_fields:
            part = getattr(level.requirements, name)
            assert part is None or name in roots or part.basis == "seen", f"{where} {name}"


@pytest.mark.provision("E10")
@pytest.mark.parametrize("code", SHEETS)
def test_the_lists_of_related_majors_are_those_of_the_sheet(code: str) -> None:
    for name, majors in sheet(code).get("related_majors", {}).items():
        assert list(BOOK.codes.people.majors[name].covers) == majors, name


@pytest.mark.provision("E10")
def test_a_list_that_nobody_found_covers_no_major() -> None:
    unknown = {name for name, one in BOOK.codes.people.majors.items() if one.basis == "unknown"}
    listed = {name for code in SHEETS for name in sheet(code).get("related_majors", {})}
    assert not unknown & listed
    assert all(not BOOK.codes.people.majors[name].covers for name in unknown)


def test_what_rests_on_a_list_of_majors_that_is_recalled_is_recalled() -> None:
    recalled = {name for name, one in BOOK.codes.people.majors.items() if one.basis == "recalled"}
    resting = [
        (category.code, level.level, name, part.basis)
        for category in BOOK.categories.values()
        for level in category.levels
        for name in ("technical_lead", "titled_staff")
        if (part := getattr(level.requirements, name)) is not None
        for row in getattr(part, "rows", ()) or part.any_of
        if recalled.intersection(row.majors)
    ]
    assert len(resting) == 4
    assert {basis for *_, basis in resting} == {"recalled"}, resting
