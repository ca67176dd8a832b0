"""What to do about each thing a case lacks: whose it is, what is wrong with it, in words.

Belongs here: from rows of `decision__missing` to owner, fault, cause and remedy, Chinese and
English. Does not: why a case lacks it (`decisions.waiting.missing`), which open cases wait for it
(`decisions.waiting.worklist`), how it is printed (`certificates`, `pipelines`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from assets.channels import Channel, load_channels
from assets.lake.declaration import Table
from assets.tables import BY_NAME
from checks.catalogue import BY_ID
from decisions.words import Words

OFFICE = Words("审批机关", "the approval office")
"""Owner of what no channel owns: the text of the standard."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of lack: its name, and what to do about it; `{}` stands for the cause."""

    name: Words
    remedy: Words


FAULTS = {
    "missing": Fault(
        Words("没有该行", "no such row"),
        Words(
            "补报该行；确无此项的，声明该数据项完整",
            "deliver the row; if there is none, declare the feed complete",
        ),
    ),
    "undeclared": Fault(
        Words("未声明完整", "never declared complete"),
        Words(
            "报送该地区、所属期数据并声明完整",
            "deliver this region and period, and declare them complete",
        ),
    ),
    "stale": Fault(
        Words("数据已过期", "too old"),
        Words(
            "更新数据并重新声明完整（上次截至{}）",
            "deliver what is new and declare the feed complete again (last up to {})",
        ),
    ),
    "quarantined": Fault(
        Words("该行已隔离", "set apart"),
        Words(
            "更正后重新报送，隔离原因：{}",
            "correct it and deliver it again; set apart for: {}",
        ),
    ),
    "doubted": Fault(
        Words("该行存疑", "doubted"),
        Words(
            "与相关渠道核实，由有误一方更正后重新报送：{}",
            "settle it with the other channel; who is wrong corrects and delivers again: {}",
        ),
    ),
    "empty": Fault(
        Words("字段为空", "a field is empty"),
        Words("补齐字段后重新报送：{}", "fill in the field and deliver the row again: {}"),
    ),
    "unlisted": Fault(
        Words("名称不在规则库名录内", "its name is in no list of the rulebook"),
        Words(
            "名称有误的，更正后重新报送；为该渠道自用名称的，在渠道文件中对应到名录内名称；"
            "名录确无此类的，由审批机关补入名录：{}",
            "correct the name and deliver the row again; or, if it is the channel's own word,"
            " have it mapped in the channel file; else the approval office adds it to the list: {}",
        ),
    ),
    "branch": Fault(
        Words("登记在分支机构代码下", "under a branch's code"),
        Words(
            "核实是否属该企业本身所有：属于的，以企业代码重新报送（现登记于{}）",
            "find out whether it is the enterprise's own; if so, deliver it under the "
            "enterprise's code (now under {})",
        ),
    ),
    "identity": Fault(
        Words("号码归属存疑", "nobody knows whose the number is"),
        Words("{}", "{}"),
    ),
    "text": Fault(
        Words("标准原文缺失", "text of the standard missing"),
        Words("查证标准原文并录入规则库（{}）", "find the text and enter it in the rulebook ({})"),
    ),
    "unsettled": Fault(
        Words("多项数据共同所致", "several facts together"),
        Words(
            "查看该案各项指标：多项数据共同所致",
            "look at the case's criteria: several facts leave it open together",
        ),
    ),
}
"""Of each code of `decision__missing.fault`."""
_DOUBTS = {
    "shared": Words(
        "号码经认定{}由多人使用：公安机关为其中的人重新赋码，各渠道将其记录更正到新号码后，"
        "认定原号码由一人使用（miaoban persons sole）；此前该号码下的记录不作数",
        "statement {} says that several persons bear the number: public security gives new numbers,"
        " the channels correct the records to these, then it is stated to be one person's"
        " (miaoban persons sole); until then what is told under it proves nothing",
    ),
    "contradicted": Words(
        "身份认定相互矛盾（认定{}）：对其中有误的一项重新作出认定"
        "（miaoban persons same|different）；此前有关号码下的记录不作数",
        "statements contradict each other (statement {}): state anew what is wrong of them"
        " (miaoban persons same|different); until then what is told under these numbers"
        " proves nothing",
    ),
}
"""Of each kind of `assets.persons.Doubt`; `{}` stands for the statement."""
_READINGS = {
    "required": Words("缺失或不可读", "missing or unreadable"),
    "unreadable": Words("不可读", "unreadable"),
    "undecodable": Words("乱码", "undecodable"),
    "ragged": Words("列数与约定不符", "with another number of columns than agreed"),
    "codes": Words("不在代码表内", "none of its codes"),
    "unknown_code": Words("不在该渠道字典内", "not in the channel's dictionary"),
    "pattern": Words("格式不符", "of another form"),
    "range": Words("超出范围", "out of range"),
    "length": Words("位数不符", "of the wrong length"),
    "alphabet": Words("含不允许的字符", "with characters that may not occur"),
    "check_digit": Words("校验位不符", "with a wrong check digit"),
    "impossible_date": Words("日期不存在", "with an impossible date"),
    "age": Words("年龄不合理", "of an impossible age"),
    "test_row": Words("标明为测试数据", "marks a test row"),
    "organisation_code": Words("为旧组织机构代码", "an organisation code of the old scheme"),
}
"""What may be wrong with one field: the second half of a reason of quarantine."""
_NUMBER = Words("身份证件号码", "the identity number")
"""What was delivered where the bases hold a pseudonym."""
_LINE = Words("该行", "the line")
"""What could not even be split into columns."""
_KEYS = {
    "key:unique": Words("同一键内容不一", "one key told in several ways"),
    "key:conflict": Words("同键同时间内容不同", "one key with different content at one time"),
}


def remedied(rows: pl.DataFrame, channels: Mapping[str, Channel] | None = None) -> pl.DataFrame:
    """Rows with owner and remedy beside.

    Args:
        rows: `channel`, `target`, `fault`, `cause`, as in `decision__missing`.
        channels: the senders (default: those declared).

    Returns:
        The rows, in their order, and `owner_zh`, `owner_en`, `remedy_zh`, `remedy_en`.
    """
    keys = ["target", "fault", "cause"]
    told = pl.DataFrame(
        [
            (*key, *_remedy(*key))
            for key in rows.select(keys).unique(maintain_order=True).iter_rows()
        ],
        schema={name: pl.String() for name in (*keys, "remedy_zh", "remedy_en")},
        orient="row",
    )
    owners = _owners(load_channels() if channels is None else channels)
    return (
        rows.join(owners, on="channel", how="left", maintain_order="left")
        .join(told, on=keys, how="left", maintain_order="left")
        .with_columns(
            pl.col("owner_zh").fill_null(OFFICE.zh), pl.col("owner_en").fill_null(OFFICE.en)
        )
    )


def thing(target: str) -> Words:
    """The name of a base table, or of the standard."""
    table = BY_NAME.get(target)
    return Words("标准文本", "the standard") if table is None else Words(table.zh, table.en)


def cause(target: str, fault: str, code: str) -> Words:
    """The words of a cause; a code that has none stands for itself."""
    if fault == "quarantined":
        reasons = [_reason(BY_NAME[target], one) for one in code.split(";")]
        return Words("；".join(one.zh for one in reasons), "; ".join(one.en for one in reasons))
    if fault == "identity":
        return _doubt(code)
    if fault == "doubted":
        return _checked(code, code.partition(":")[0])
    if fault == "empty":
        return _field(BY_NAME[target], code)
    return Words(code, code)


def _remedy(target: str, fault: str, code: str) -> Words:
    words, remedy = cause(target, fault, code), FAULTS[fault].remedy
    return Words(remedy.zh.replace("{}", words.zh), remedy.en.replace("{}", words.en))


def _doubt(code: str) -> Words:
    """Why nobody knows whose a number is."""
    kind, _, statement_no = code.partition(":")
    words = _DOUBTS[kind]
    return Words(words.zh.replace("{}", statement_no), words.en.replace("{}", statement_no))


def _reason(table: Table, code: str) -> Words:
    """Of a row set apart: the rule it broke, or the field and what is wrong with it."""
    if code in _KEYS:
        return _KEYS[code]
    if code.partition(":")[0] in _DOUBTS:
        return _doubt(code)
    rule = next((one for one in table.rules if one.check_id == code), None)
    if rule is not None:
        return Words(f"{rule.zh}（{code}）", f"{rule.en} ({code})")
    field, _, wrong = code.partition(":")
    if wrong not in _READINGS:
        return _checked(code, code)
    name, words = _field(table, field), _READINGS[wrong]
    return Words(f"{name.zh}{words.zh}", f"{name.en} {words.en}")


def _checked(code: str, check_id: str) -> Words:
    entry = BY_ID.get(check_id)
    if entry is None:
        return Words(code, code)
    return Words(f"{entry.zh}（{code}）", f"{entry.en} ({code})")


def _field(table: Table, name: str) -> Words:
    if name == "person_key":
        return _NUMBER
    if name == "row":
        return _LINE
    column = next((one for one in table if one.name == name), None)
    if column is None:
        return Words(name, name)
    # What stands behind a semicolon is for who reads the column, and no part of its name.
    return Words(column.zh, column.en.partition(";")[0])


def _owners(channels: Mapping[str, Channel]) -> pl.DataFrame:
    return pl.DataFrame(
        [(one.channel, one.owner_zh, one.owner_en) for one in channels.values()],
        schema={name: pl.String() for name in ("channel", "owner_zh", "owner_en")},
        orient="row",
    )
