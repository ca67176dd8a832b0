"""Names of enterprises, people and places that look real and are made up.

What belongs here: words. What does not: who bears them. Enterprise names never repeat
(the brand counts the enterprises in a scrambled order); people's names do, as in life.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from assets.sample.draws import Draws

_BRAND = (
    "华中恒宏瑞盛通达鼎立信诚德润丰泽安泰康宁远东方正大元亨利贞明珠嘉禾景天龙腾翔宇"
    "博雅致和光辉金城银山海江河川岳峰林森建兴旺昌"
)
_BUSINESS = {
    "G01": "建设",
    "G10": "市政工程",
    "S04": "智能科技",
    "S11": "装饰工程",
}
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖"
    "田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付"
    "方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
_GIVEN_MALE = "伟强磊军勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢阳建国庆海峰志文"
_GIVEN_FEMALE = "芳娜敏静丽艳娟霞秀燕玲桂红梅莉兰洁颖琳雪慧萍婷云莹倩佳瑶璐晶"
_STREETS = ("人民", "解放", "中山", "建设", "文化", "环城", "江滨", "新华", "工业", "体育场")


def enterprise_name(index: int, city: str, category: str) -> str:
    """A legal name, unique for the first 226,981 enterprises (61³)."""
    base = len(_BRAND)
    number = (index * 7_919 + 101) % base**3
    brand = _BRAND[number // base**2] + _BRAND[number // base % base] + _BRAND[number % base]
    return f"{city}{brand}{_BUSINESS.get(category, '建筑工程')}有限公司"


def former_name(name: str) -> str:
    """The name an enterprise had before it was renamed."""
    return name.replace("有限公司", "有限责任公司", 1)


def address(county: str, city: str, rng: np.random.Generator) -> str:
    """A registered address in a county."""
    street = _STREETS[int(rng.integers(len(_STREETS)))]
    return f"浙江省{city}市{county}{street}路{int(rng.integers(1, 999))}号"


def person_names(
    draws: Draws, owners: Any, slots: Any, male: npt.NDArray[np.bool_]
) -> npt.NDArray[Any]:
    """Names of people, two or three characters."""
    surname = np.array(list(_SURNAMES))[draws.integers("surname", 0, len(_SURNAMES), owners, slots)]
    men, women = np.array(list(_GIVEN_MALE)), np.array(list(_GIVEN_FEMALE))

    def given(stream: str) -> npt.NDArray[Any]:
        of_men = men[draws.integers(stream, 0, len(men), owners, slots)]
        of_women = women[draws.integers(stream, 0, len(women), owners, slots)]
        return np.where(male, of_men, of_women)

    second = np.where(draws.chance("short_name", 0.3, owners, slots), "", given("given_2"))
    named: npt.NDArray[Any] = np.char.add(np.char.add(surname, given("given_1")), second)
    return named.astype(object)
