# ruff: noqa: E501  one line, one fact: read as tables
# fmt: off
"""What an enterprise of a category and level usually has: the generator's own portrait.

What belongs here: figures that make the sample plausible and let it stand exactly at a
threshold of 建市[2014]159号 for the four categories it shows in full. What does not: the
law (the rulebook is read by the engine alone; these figures decide nothing). The other 44
categories get a common profile.
"""

from __future__ import annotations

from dataclasses import dataclass

GENERAL_ROLES = ("施工员", "质量员", "安全员", "机械员", "造价员", "劳务员")
_DECORATION_ROLES = ("施工员", "质量员", "安全员", "材料员", "造价员", "劳务员", "资料员")
_ELECTRONIC_ROLES = ("施工员", "质量员", "安全员", "造价员", "材料员", "资料员")
_DECORATION_TRADES = ("木工", "砌筑工", "镶贴工", "油漆工", "石作业工", "水电工")
GENERAL_TRADES = ("木工", "钢筋工", "混凝土工", "砌筑工", "抹灰工", "电工", "焊工", "架子工", "防水工", "管道工")
_BUILDING_MAJORS = ("结构", "给排水", "暖通", "电气")
_MUNICIPAL_MAJORS = ("道路与桥梁", "给排水", "结构", "机电", "燃气")
_ELECTRONIC_MAJORS = ("计算机", "电子", "通信", "自动化", "电气")
_DECORATION_MAJORS = ("建筑美术设计", "结构", "暖通", "给排水", "电气")


@dataclass(frozen=True, slots=True)
class Need:
    """People and assets at the threshold of one level.

    Attributes:
        constructors: (specialty, grade, heads), the fewest that satisfy the level.
        majors: of the titled staff; one of each is present.
    """

    net_assets_wan: int
    constructors: tuple[tuple[str, str, int], ...]
    lead_years: int
    lead_title: str
    lead_registration: tuple[str, str] | None
    titled: int
    majors: tuple[str, ...]
    managers: int
    roles: tuple[str, ...]
    workers: int
    trades: tuple[str, ...]
    worker_grade: str = "中级工"


FOCUS: dict[tuple[str, str], Need] = {
    ("G01", "一级"): Need(10_000, (("建筑工程", "一级", 9), ("机电工程", "一级", 3)), 10, "高级", None, 30, _BUILDING_MAJORS, 50, GENERAL_ROLES, 150, GENERAL_TRADES),
    ("G01", "二级"): Need(4_000, (("建筑工程", "二级", 9), ("机电工程", "二级", 3)), 8, "中级", ("一级", "建筑工程"), 15, _BUILDING_MAJORS, 30, GENERAL_ROLES, 75, GENERAL_TRADES),
    ("G01", "三级"): Need(800, (("建筑工程", "二级", 4), ("机电工程", "二级", 1)), 5, "中级", ("二级", "建筑工程"), 6, ("结构", "给排水", "电气"), 15, GENERAL_ROLES, 30, GENERAL_TRADES),
    ("G10", "一级"): Need(10_000, (("市政公用工程", "一级", 12),), 10, "高级", None, 30, _MUNICIPAL_MAJORS, 50, GENERAL_ROLES, 150, GENERAL_TRADES),
    ("G10", "二级"): Need(4_000, (("市政公用工程", "二级", 12),), 8, "中级", ("一级", "市政公用工程"), 15, _MUNICIPAL_MAJORS, 30, GENERAL_ROLES, 75, GENERAL_TRADES),
    ("G10", "三级"): Need(1_000, (("市政公用工程", "二级", 5),), 5, "中级", ("二级", "市政公用工程"), 8, _MUNICIPAL_MAJORS, 15, GENERAL_ROLES, 30, GENERAL_TRADES),
    ("S04", "一级"): Need(2_000, (("机电工程", "一级", 4), ("通信与广电工程", "一级", 2)), 10, "高级", None, 15, _ELECTRONIC_MAJORS, 20, _ELECTRONIC_ROLES, 30, ("电工", "焊工")),
    ("S04", "二级"): Need(800, (("机电工程", "一级", 2), ("通信与广电工程", "一级", 1), ("机电工程", "二级", 1)), 8, "中级", ("一级", "机电工程"), 5, _ELECTRONIC_MAJORS, 15, _ELECTRONIC_ROLES, 10, ("电工", "焊工")),
    ("S11", "一级"): Need(1_500, (("建筑工程", "一级", 5),), 10, "高级", ("一级", "建筑工程"), 10, _DECORATION_MAJORS, 30, _DECORATION_ROLES, 30, _DECORATION_TRADES),
    ("S11", "二级"): Need(200, (("建筑工程", "二级", 3),), 8, "中级", None, 5, _DECORATION_MAJORS, 10, _DECORATION_ROLES, 15, _DECORATION_TRADES, "初级工"),
}

_SPECIALTY_OF = {
    "G02": "公路工程", "G03": "铁路工程", "G04": "港口与航道工程", "G05": "水利水电工程", "G06": "机电工程",
    "G07": "矿业工程", "G08": "机电工程", "G09": "机电工程", "G11": "通信与广电工程", "G12": "机电工程",
}
WORKS_OF = {
    "G02": "公路", "G03": "铁路综合工程", "G04": "码头工程", "G05": "堤防", "G06": "送电线路工程", "G07": "石灰石矿等建材矿山工程",
    "G08": "炼钢工程", "G09": "石油化工工程", "G11": "通信管道", "G12": "机电工程",
    "S01": "桩基础工程", "S02": "塔式起重机安装拆卸", "S03": "预拌混凝土", "S05": "消防设施工程", "S06": "建筑防水工程", "S07": "桥梁工程",
    "S08": "隧道工程", "S09": "钢结构工程", "S10": "模板脚手架", "S12": "建筑机电安装工程", "S13": "建筑幕墙工程", "S14": "古建筑修缮工程",
    "S15": "道路照明工程", "S16": "公路路面", "S17": "公路路基", "S18": "公路安全设施", "S19": "铁路电务工程", "S20": "铁路铺轨架梁工程",
    "S21": "铁路电气化工程", "S22": "机场场道工程", "S23": "民航空管工程", "S24": "机场目视助航工程", "S25": "码头工程", "S26": "航道工程",
    "S27": "通航建筑物工程", "S28": "港区堆场工程", "S29": "水工金属结构制作安装工程", "S30": "水电站机电安装工程", "S31": "河湖整治工程",
    "S32": "送电线路工程", "S33": "核工程（核反应堆除外）", "S34": "海洋石油工程", "S35": "环保工程", "S36": "特种专业工程",
}
"""Kind of works of each category that is not shown in full."""

THREE_LEVELS = {
    *(f"G{n:02d}" for n in range(1, 13)), "S01", "S02", "S07", "S08", "S09", "S12", "S14", "S15", "S16", "S17", "S19",
    "S21", "S25", "S26", "S27", "S29", "S30", "S31", "S32", "S35",
}
NO_LEVELS = {"S03", "S10", "S36"}
GENERAL = tuple(f"G{n:02d}" for n in range(1, 13))
GENERAL_WEIGHTS = (55.0, 5.0, 0.5, 1.0, 5.0, 2.0, 0.4, 0.4, 0.7, 22.0, 2.0, 6.0)
SPECIALTIES = tuple(f"S{n:02d}" for n in range(1, 37))
SPECIALTY_WEIGHTS = tuple(
    {"S11": 26.0, "S04": 10.0, "S05": 8.0, "S01": 7.0, "S12": 7.0, "S09": 6.0, "S13": 6.0, "S35": 5.0}.get(code, 1.2)
    for code in SPECIALTIES
)
"""How often a category is somebody's main one (assumed)."""
_PRACTICE_IN = {
    "S05": "消防设施工程施工技术管理",
    **dict.fromkeys(("G03", "S19", "S20", "S21"), "铁路工程施工技术管理"),
}
_PROVINCE_THIRD = {"G03", "G11", "S19", "S21"}
_MINISTRY_FIRST = {"S07", "S08", *(f"S{n}" for n in range(16, 32))}
_MINISTRY_SECOND = {"G03", "S19", "S20", "S21", "S22", "S23", "S24"}


def levels(category: str) -> tuple[str, ...]:
    """The levels of a category, lowest first (特级 left out)."""
    if category in NO_LEVELS:
        return ("不分等级",)
    return ("三级", "二级", "一级") if category in THREE_LEVELS else ("二级", "一级")


def authority(category: str, level: str) -> str:
    """Who issued it: `ministry`, `province` or `city` (regulations A1 to A4)."""
    if level == "特级":
        return "ministry"
    if level == "一级":
        return "ministry" if category.startswith("G") or category in _MINISTRY_FIRST else "province"
    if level == "二级":
        return "ministry" if category in _MINISTRY_SECOND else "province"
    if level == "三级":
        return "province" if category in _PROVINCE_THIRD else "city"
    return "province" if category == "S36" else "city"


def practice_field(category: str) -> str:
    """What the years of the technical leader must have been in."""
    return _PRACTICE_IN.get(category, "工程施工技术管理")


def need(category: str, level: str) -> Need:
    """The portrait of a level; a common one for categories not shown in full."""
    if level == "特级":
        return need(category, "一级")
    if (category, level) in FOCUS:
        return FOCUS[category, level]
    specialty = _SPECIALTY_OF.get(category, "机电工程")
    if category.startswith("G"):
        model = FOCUS["G10", level]
    else:
        model = FOCUS["S11", "一级" if level == "一级" else "二级"]
    grade = "一级" if level == "一级" else "二级"
    heads = sum(count for _, _, count in model.constructors)
    return Need(
        model.net_assets_wan, ((specialty, grade, heads),), model.lead_years, model.lead_title, (grade, specialty),
        model.titled, ("结构", "机械", "电气"), model.managers, GENERAL_ROLES, model.workers, GENERAL_TRADES,
    )
