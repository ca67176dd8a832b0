"""The field's words for the codes of the decision tables, Chinese and English.

Belongs here: fixed words, one pair per code. Does not: sentences (`decisions.reasons`,
`certificates.documents.content`), the names of the standard (`decisions.english`) or the meaning of
a column (`assets.tables`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from assets.wording import worded
from decisions.lookup import looked_up


class Words(NamedTuple):
    """The same in Chinese and English."""

    zh: str
    en: str


def alike(text: str) -> Words:
    """What is written alike in both languages."""
    return Words(text, "")


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
ENTITIES = {
    "enterprise": Words("企业法人", "legal person"),
    "branch": Words("分支机构", "branch"),
}
REGISTRY_STATES = {
    "active": Words("存续", "active"),
    "suspended": Words("停业", "suspended"),
    "revoked": Words("吊销", "licence revoked"),
    "cancelled": Words("注销", "struck off"),
    "moved_out": Words("迁出", "moved away"),
}
HELD_STATES = {
    "valid": Words("有效", "valid"),
    "replaced": Words("已被新等级取代", "replaced by another level"),
    "superseded": Words("已换发", "superseded"),
    "withdrawn": Words("撤回", "withdrawn"),
    "revoked": Words("撤销", "revoked"),
    "struck": Words("吊销", "struck"),
    "cancelled": Words("注销", "cancelled"),
}
"""Of a qualification or the certificate it stands on: four ways to end, four words (D14)."""
RUN_OUT = "有效期届满 expired"
EVENTS = {
    "rename": Words("名称变更", "change of name"),
    "address": Words("住所变更", "change of address"),
    "legal_representative": Words("法定代表人变更", "change of legal representative"),
    "capital": Words("注册资本变更", "change of registered capital"),
    "merger_absorption": Words("吸收合并", "merger by absorption"),
    "merger_new": Words("新设合并", "merger into a new enterprise"),
    "split": Words("分立", "split"),
    "restructuring": Words("重组", "restructuring"),
    "conversion": Words("改制", "conversion"),
    "moved_province": Words("跨省迁移", "move from another province"),
    "capital_nature": Words("内外资性质变更", "change between domestic and foreign capital"),
}
BAR_GROUNDS = {
    "申请弄虚作假": Words("申请弄虚作假", "false facts in an application"),
    "骗取资质": Words("骗取资质", "qualification obtained by fraud"),
    "资质异常": Words("资质异常", "marked as abnormal"),
    "涉嫌造假核查": Words("涉嫌造假核查", "suspected falsification under inquiry"),
}
LOSSES = {
    "renewal_refused": Words("不予延续", "renewal refused"),
    "withdrawn": Words("撤回", "withdrawn"),
}
NO_DATA = "无数据 no data"
NONE = "无 none"
NONE_SEEN = "未见 none seen"
"""Of a source that is not complete: missing is never zero, in words either."""


def told(code: pl.Expr, words: Mapping[str, Words]) -> pl.Expr:
    """The words for a code, Chinese with English beside; a code without is shown as it is.

    Not for use within a group (`decisions.lookup.looked_up`).
    """
    both = {one: f"{word.zh} {word.en}" for one, word in words.items()}
    return pl.coalesce(looked_up(code, both, pl.String()), code)


def none(is_complete: pl.Expr) -> pl.Expr:
    """That there is nothing, or, of a source that is not complete, that nothing was seen."""
    return pl.when(is_complete).then(pl.lit(NONE)).otherwise(pl.lit(NONE_SEEN))


def state_until(state: pl.Expr, day: pl.Expr, *, is_over: pl.Expr) -> pl.Expr:
    """The state of a qualification, its last day: `有效 valid，至 2018-06-15 until 2018-06-15`.

    What is `valid` on record and over is past its term: nobody writes that down on the day.
    """
    has_run_out = ((state == "valid") & is_over).fill_null(False)
    said = pl.when(has_run_out).then(pl.lit(RUN_OUT)).otherwise(told(state, HELD_STATES))
    return pl.concat_str(said, until(day), separator="，", ignore_nulls=True)


def until(day: pl.Expr) -> pl.Expr:
    """`至 2017-03-31 until 2017-03-31`, or that no end is set."""
    return (
        pl.when(day.is_null())
        .then(pl.lit("未定期限 no end set"))
        .otherwise(worded("至 {} until {}", day, day))
    )
