"""The field's words for the codes of the decision tables, Chinese and English.

Belongs here: fixed words, one pair per code. Does not: sentences (`decisions.reasons`,
`certificates.document`) or the meaning of a column (`assets.tables`).
"""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """The same in Chinese and English."""

    zh: str
    en: str


KINDS = {
    "first": Words("首次申请", "first"),
    "addition": Words("增项", "addition"),
    "upgrade": Words("升级", "upgrade"),
    "renewal": Words("延续", "renewal"),
    "change": Words("变更", "change"),
    "replacement": Words("遗失补办", "replacement"),
    "reverification": Words("重新核定", "re-verification"),
}
RESULTS = {
    "met": Words("符合", "met"),
    "not_met": Words("不符合", "not met"),
    "no_data": Words("缺少数据", "no data"),
}
STAGES = {
    "admission": Words("受理条件", "Conditions of acceptance"),
    "assessment": Words("资质标准", "The standard"),
}
BASES = {
    "seen": Words("已核对原文", "seen in the text"),
    "recalled": Words("未核对原文", "recalled, not seen"),
    "unknown": Words("原文缺失", "text missing"),
}
WAYS = {
    "express": Words("即时办理", "at once"),
    "sweep": Words("批量办理", "by the pipeline"),
}
EFFECTS = {
    "none": Words("证书不作变动", "the certificates stay as they are"),
    "new_certificate": Words("核发资质证书", "a certificate is issued"),
    "add_to_certificate": Words("列入现有证书", "added to the certificate held"),
    "replace_level": Words("证书上原等级由新等级替换", "replaces the level held"),
    "renew": Words("证书有效期延续", "the term of the certificate is renewed"),
    "change_content": Words("证书记载内容变更", "the content of the certificate is changed"),
    "reissue": Words("补发证书", "the certificate is issued again"),
    "reverify": Words("按重新核定结果换发证书", "a certificate is issued on the re-verified facts"),
}
