"""The titles of the 48 categories, as certificates print them.

Belongs here: names only, because a certificate may list any category, also one whose
rules are not in the rulebook. Does not: anything about their requirements
(`decisions.rulebook`; a test holds both to the same names). Source: 建市[2014]159号,
general contracting 1-12 and specialty contracting 1-36.
"""

from __future__ import annotations

_GENERAL = {
    "G01": ("建筑工程", "Building works"),
    "G02": ("公路工程", "Highway works"),
    "G03": ("铁路工程", "Railway works"),
    "G04": ("港口与航道工程", "Port and waterway works"),
    "G05": ("水利水电工程", "Water conservancy and hydropower works"),
    "G06": ("电力工程", "Electric power works"),
    "G07": ("矿山工程", "Mining works"),
    "G08": ("冶金工程", "Metallurgical works"),
    "G09": ("石油化工工程", "Petrochemical works"),
    "G10": ("市政公用工程", "Municipal public works"),
    "G11": ("通信工程", "Telecommunication works"),
    "G12": ("机电工程", "Mechanical and electrical works"),
}
_SPECIALTY = {
    "S01": ("地基基础工程", "Ground and foundation works"),
    "S02": ("起重设备安装工程", "Lifting equipment installation"),
    "S03": ("预拌混凝土", "Ready-mixed concrete"),
    "S04": ("电子与智能化工程", "Electronic and intelligent systems"),
    "S05": ("消防设施工程", "Fire protection systems"),
    "S06": ("防水防腐保温工程", "Waterproofing, anticorrosion and insulation"),
    "S07": ("桥梁工程", "Bridge works"),
    "S08": ("隧道工程", "Tunnel works"),
    "S09": ("钢结构工程", "Steel structures"),
    "S10": ("模板脚手架", "Formwork and scaffolding"),
    "S11": ("建筑装修装饰工程", "Building decoration and fit-out"),
    "S12": ("建筑机电安装工程", "Building services installation"),
    "S13": ("建筑幕墙工程", "Curtain walls"),
    "S14": ("古建筑工程", "Historic buildings"),
    "S15": ("城市及道路照明工程", "City and road lighting"),
    "S16": ("公路路面工程", "Highway pavements"),
    "S17": ("公路路基工程", "Highway subgrades"),
    "S18": ("公路交通工程", "Highway traffic facilities"),
    "S19": ("铁路电务工程", "Railway signalling and communications"),
    "S20": ("铁路铺轨架梁工程", "Railway track laying and girder erection"),
    "S21": ("铁路电气化工程", "Railway electrification"),
    "S22": ("机场场道工程", "Airfield pavements"),
    "S23": (
        "民航空管工程及机场弱电系统工程",
        "Air traffic control and airport low-voltage systems",
    ),
    "S24": ("机场目视助航工程", "Airfield visual aids"),
    "S25": ("港口与海岸工程", "Port and coastal works"),
    "S26": ("航道工程", "Waterway works"),
    "S27": ("通航建筑物工程", "Navigation structures"),
    "S28": ("港航设备安装及水上交管工程", "Port equipment and vessel traffic systems"),
    "S29": ("水工金属结构制作与安装工程", "Hydraulic steel structures"),
    "S30": ("水利水电机电安装工程", "Hydropower plant installation"),
    "S31": ("河湖整治工程", "River and lake regulation"),
    "S32": ("输变电工程", "Power transmission and transformation"),
    "S33": ("核工程", "Nuclear works"),
    "S34": ("海洋石油工程", "Offshore petroleum works"),
    "S35": ("环保工程", "Environmental protection works"),
    "S36": ("特种工程", "Special works"),
}
CODES: tuple[str, ...] = (*_GENERAL, *_SPECIALTY)


def category_title(code: str, subcategory: str = "") -> tuple[str, str]:
    """Chinese and English title with the series; a 分项 or special kind stands in brackets.

    Raises `KeyError` for a code that is none of the 48.
    """
    if code in _GENERAL:
        name_zh, name_en = _GENERAL[code]
        series_zh, series_en = "施工总承包", "general contracting"
    else:
        name_zh, name_en = _SPECIALTY[code]
        series_zh, series_en = "专业承包", "specialty contracting"
    branch = f"（{subcategory}）" if subcategory else ""
    return f"{name_zh}{branch}{series_zh}", f"{name_en}, {series_en}"
