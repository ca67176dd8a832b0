"""The texts that a document cites, with their full titles.

Belongs here: number, title and English of each text that a clause may name. Does not: what any of
them says (`decisions/standards/`), which clause a criterion rests on (the engine).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from decisions.words import Words

_TITLES = {
    "行政许可法": Words("中华人民共和国行政许可法", "Administrative Licensing Law"),
    "令22": Words(
        "建筑业企业资质管理规定（住房和城乡建设部令第22号）",
        "Provisions on the Qualifications of Construction Enterprises (Order 22)",
    ),
    "建市[2014]159号": Words("建筑业企业资质标准", "Standards of Construction Qualifications"),
    "20号": Words(
        "建筑业企业资质管理规定和资质标准实施意见（建市[2015]20号）",
        "Opinions on carrying out the Provisions and the Standards",
    ),
    "建市[2014]79号": Words(
        "关于建设工程企业发生重组、合并、分立等情况资质核定有关问题的通知",
        "Notice on qualifications after restructurings, mergers and splits",
    ),
    "建市[2011]200号": Words(
        "建设工程企业资质申报弄虚作假行为处理办法",
        "Measures on false declarations in applications for qualifications",
    ),
    "建市[2015]154号": Words(
        "关于建筑业企业资质管理有关问题的通知",
        "Notice on the administration of construction qualifications",
    ),
    "建市[2015]177号": Words(
        "关于调整建筑业企业资质标准中净资产指标考核有关问题的通知",
        "Notice on how net assets are assessed",
    ),
    "建市[2016]226号": Words(
        "关于简化建筑业企业资质标准部分指标的通知",
        "Notice simplifying some criteria of the Standards",
    ),
    "建办市[2018]53号": Words(
        "关于取消建筑业企业最低等级资质标准现场管理人员指标考核的通知",
        "Notice ending the assessment of site managers at the lowest levels",
    ),
    "建办市[2021]30号": Words(
        "关于做好建筑业“证照分离”改革衔接有关工作的通知",
        "Notice on the reform separating permits from licences",
    ),
    "建市规[2023]3号": Words(
        "关于进一步加强建设工程企业资质审批管理工作的通知",
        "Notice on stricter approval of qualifications",
    ),
}
"""By the words of a clause; of notices with square brackets, however a clause writes them."""


def cited(clauses: Iterable[str]) -> Iterator[tuple[str, Words]]:
    """Number and full title of each text that any of the clauses names.

    Args:
        clauses: `decision__criterion.clause`: texts apart by `; `, each with its article behind.
    """
    named = {
        one.split(" ")[0].replace("〔", "[").replace("〕", "]")
        for clause in clauses
        for one in clause.split("; ")
    }
    for number, title in _TITLES.items():
        if number in named:
            yield number, title
