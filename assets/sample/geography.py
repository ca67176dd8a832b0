# ruff: noqa: E501  one line, one fact: read as tables
# fmt: off
"""The eleven cities of Zhejiang: their share of the enterprises and their counties.

What belongs here: places. Codes are GB/T 2260 as in force in 2016-2017 (district changes
after that are not applied). Shares: Hangzhou derived from published counts, the others
assumed.
"""

from __future__ import annotations

from typing import NamedTuple


class City(NamedTuple):
    """A city: code, name, share in per cent, counties by code."""

    code: str
    name: str
    share: int
    counties: dict[str, str]


CITIES: tuple[City, ...] = (
    City("330100", "杭州", 22, {"330102": "上城区", "330105": "拱墅区", "330106": "西湖区", "330108": "滨江区", "330109": "萧山区", "330110": "余杭区", "330111": "富阳区", "330122": "桐庐县", "330127": "淳安县", "330182": "建德市"}),
    City("330200", "宁波", 15, {"330203": "海曙区", "330205": "江北区", "330206": "北仑区", "330211": "镇海区", "330212": "鄞州区", "330225": "象山县", "330226": "宁海县", "330281": "余姚市", "330282": "慈溪市"}),
    City("330300", "温州", 11, {"330302": "鹿城区", "330303": "龙湾区", "330304": "瓯海区", "330326": "平阳县", "330327": "苍南县", "330381": "瑞安市", "330382": "乐清市"}),
    City("330400", "嘉兴", 8, {"330402": "南湖区", "330411": "秀洲区", "330421": "嘉善县", "330424": "海盐县", "330481": "海宁市", "330482": "平湖市", "330483": "桐乡市"}),
    City("330500", "湖州", 5, {"330502": "吴兴区", "330503": "南浔区", "330521": "德清县", "330522": "长兴县", "330523": "安吉县"}),
    City("330600", "绍兴", 10, {"330602": "越城区", "330603": "柯桥区", "330604": "上虞区", "330624": "新昌县", "330681": "诸暨市", "330683": "嵊州市"}),
    City("330700", "金华", 10, {"330702": "婺城区", "330703": "金东区", "330723": "武义县", "330726": "浦江县", "330781": "兰溪市", "330782": "义乌市", "330783": "东阳市", "330784": "永康市"}),
    City("330800", "衢州", 4, {"330802": "柯城区", "330803": "衢江区", "330822": "常山县", "330824": "开化县", "330825": "龙游县", "330881": "江山市"}),
    City("330900", "舟山", 3, {"330902": "定海区", "330903": "普陀区", "330921": "岱山县", "330922": "嵊泗县"}),
    City("331000", "台州", 9, {"331002": "椒江区", "331003": "黄岩区", "331004": "路桥区", "331022": "三门县", "331081": "温岭市", "331082": "临海市"}),
    City("331100", "丽水", 3, {"331102": "莲都区", "331121": "青田县", "331122": "缙云县", "331123": "遂昌县", "331181": "龙泉市"}),
)
"""Shares add up to 100."""

INCOMPLETE_CITY = "330900"
"""Zhoushan: the city whose insurance of the latest month is declared incomplete."""
OUTSIDE = ("310115", "上海市浦东新区")
"""Where the enterprises registered outside the province sit."""

_BY_HUNDRED = tuple(city for city in CITIES for _ in range(city.share))


def city_of(index: int) -> City:
    """The city of an enterprise: exact shares in every hundred, spread by a stride."""
    return _BY_HUNDRED[(index * 37 + 9) % 100]
