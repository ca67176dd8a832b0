"""Channel files: strict, complete, and true to the declared tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assets.channels import TARGETS, ChannelError, load_channels
from assets.tables import BASE_TABLES, DERIVED, intake

GOOD = """
channel: test
owner_zh: 试
owner_en: test
cadence: daily
freshness_days: 2
feeds:
  pension:
    zh: 试
    en: test
    target: base_personnel__person
    adapter: csv
    encoding: utf-8
    fields:
      - {source: A, to: person_key, read: id_number}
      - {source: B, to: retired_on, read: date}
"""

FAULTS = {
    "an unknown key": (
        "    zh: 试\n    en",
        "    zh: 试\n    colour: red\n    en",
        r"feeds\.pension\.colour: 没有此项 unknown key；可用的 allowed: .*'adapter'",
    ),
    "an unknown key of a field": (
        "read: date}",
        "read: date, unit: m}",
        r"feeds\.pension\.fields\.1\.unit: 没有此项 unknown key；可用的 allowed: .*'factor'",
    ),
    "an unknown target": (
        "target: base_personnel__person",
        "target: base_x",
        r"target: 没有此目标表 base_x is no declared target；可用的 allowed: .*base_credit__bar",
    ),
    "an unknown column": (
        "to: retired_on",
        "to: retired",
        r"fields\.1 \(B\): 没有此列 base_personnel__person has no column retired；可用的 allowed: .*retired_on",
    ),
    "an unknown kind of reading": ("read: date", "read: day", r"fields\.1\.read: .*'date'"),
    "an unknown adapter": ("adapter: csv", "adapter: dbf", r"adapter: .*'xlsx'"),
    "a reading that does not give the column its type": (
        "read: date",
        "read: flag",
        r"read: flag 与列的类型不符 does not give retired_on its type Date",
    ),
    "an identity number carried on": (
        "{source: B, to: retired_on, read: date}",
        "{source: B, to: name, read: id_number}",
        r"only as person_key",
    ),
    "codes without a reading of codes": (
        "read: date}",
        "read: date, codes: {a: b}}",
        r"read: code needs codes",
    ),
    "codes of other rows without a reading of codes": (
        "read: date}",
        "read: date, others: [a]}",
        r"others: 只用于read: code only read: code has them",
    ),
    "a code of other rows that has a meaning": (
        "{source: B, to: retired_on, read: date}",
        "{source: B, read: code, codes: {a: b}, others: [a]}",
        r"others: \['a'\] 在codes中已有含义 have a meaning in codes",
    ),
    "a factor on something that is no number": (
        "read: date}",
        "read: date, factor: 10}",
        r"only read: number has a factor",
    ),
    "a source column named twice": (
        "source: B",
        "source: A",
        r"source columns named twice: \['A'\]",
    ),
    "a column filled twice": (
        "{source: B, to: retired_on, read: date}",
        "{source: B, to: person_key, read: id_number}",
        r"columns filled twice: \['person_key'\]",
    ),
    "a key nothing fills": (
        "{source: A, to: person_key, read: id_number}",
        "{source: A, read: id_number}",
        r"nothing fills the key columns \['person_key'\]",
    ),
    "a csv without encoding": ("    encoding: utf-8\n", "", r"csv names one of \['gbk', 'utf-8'\]"),
    "measures without a target of their own": (
        "    fields:",
        "    measures:\n      - {source: M, metric: m, read: number}\n    fields:",
        r"if and only if it has a measures_target",
    ),
    "a measure that is no number and no code": (
        "    fields:",
        "    measures_target: base_project__measure\n    measures:\n      - {source: M, metric: m, read: date}\n    fields:",
        r"number \(value\) or code \(label\)",
    ),
    "a key of YAML named twice": (
        "    zh: 试\n    en: test\n",
        "    zh: 试\n    zh: 试\n    en: test\n",
        r"key 'zh' is named twice",
    ),
    "a code that YAML takes for a number": ("read: date}", "read: code, codes: {01: a}}", r"codes"),
    "an unknown key of an interface": (
        "    fields:",
        "    api: {path: /x, records: r, total: t, colour: red}\n    fields:",
        r"feeds\.pension\.api\.colour: 没有此项 unknown key；可用的 allowed: .*'per_minute'",
    ),
    "a secret of an interface": (
        "    fields:",
        "    api: {path: /x, records: r, total: t, token: abc}\n    fields:",
        r"feeds\.pension\.api\.token: 没有此项 unknown key",
    ),
    "an interface that is kept as something else": (
        "    fields:",
        "    api: {path: /x, records: r, total: t}\n    fields:",
        r"adapter: .*what is fetched by api is kept as jsonl；请写 say adapter: jsonl",
    ),
    "a view that is kept as something else": (
        "    fields:",
        "    view: {name: v}\n    fields:",
        r"what is fetched by view is kept as parquet",
    ),
    "the name of a view that is more than a name": (
        "    fields:",
        "    view: {name: 'v; DROP TABLE x'}\n    fields:",
        r"feeds\.pension\.view\.name: 写法不符 String should match pattern",
    ),
    "no manifest and nothing stated": (
        "    fields:",
        "    complete_when: {marker: .ok}\n    fields:",
        r"states: .*a feed without manifests .* says region_code and is_complete here",
    ),
    "a manifest and something stated": (
        "    fields:",
        "    states: {region_code: '330000', is_complete: true}\n    fields:",
        r"states: .*a feed without manifests .* and no other feed does",
    ),
    "a way to be complete that is none": (
        "    fields:",
        "    complete_when: soon\n    fields:",
        r"feeds\.pension\.complete_when.*: 不在允许的值之中 Input should be 'manifest'",
    ),
    "months without a manifest that names them": (
        "{source: B, to: retired_on, read: date}",
        "{source: B, read: month}\n    complete_when: {unchanged_seconds: 9}\n    states: {region_code: '330000', is_complete: true}",
        r"a monthly feed needs manifests, which name its months",
    ),
    "a file of another name": (
        "channel: test",
        "channel: other",
        r"channel: other 应与文件同名 must be the name of its file",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_channel_file_does_not_load_with(fault: str, tmp_path: Path) -> None:
    before, after, message = FAULTS[fault]
    assert before in GOOD
    (tmp_path / "test.yaml").write_text(GOOD.replace(before, after))
    with pytest.raises(ChannelError, match=message) as told:
        load_channels(tmp_path)
    assert str(told.value).startswith("test.yaml: ")
    assert re.search("[\u4e00-\u9fff]", str(told.value).partition("allowed:")[0]), "and in Chinese"


def test_a_good_channel_file_loads(tmp_path: Path) -> None:
    (tmp_path / "test.yaml").write_text(GOOD)
    assert load_channels(tmp_path)["test"].feeds["pension"].columns == ("A", "B")


def test_a_value_of_a_code_must_be_one_of_the_column(tmp_path: Path) -> None:
    wrong = GOOD.replace("base_personnel__person", "base_credit__bar").replace(
        "{source: B, to: retired_on, read: date}",
        "{source: B, to: ground, read: code, codes: {x: 天气}}",
    )
    (tmp_path / "test.yaml").write_text(wrong)
    with pytest.raises(
        ChannelError,
        match=r"\['天气'\] 不是该列的值 are no values of ground；可用的 allowed: .*资质异常",
    ):
        load_channels(tmp_path)


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("channel: one\n")
    (tmp_path / "two.yaml").write_text("- not a channel\n")
    with pytest.raises(ChannelError) as told:
        load_channels(tmp_path)
    assert "one.yaml: owner_zh" in str(told.value)
    assert "two.yaml: " in str(told.value)


def test_every_base_table_has_a_channel_that_fills_it() -> None:
    filled = {
        name
        for channel in load_channels().values()
        for feed in channel.feeds.values()
        for name in feed.targets
    }
    derived = {table.name for table in DERIVED}
    assert filled | derived == {table.name for table in BASE_TABLES} | {intake.APPLICATION.name}
    assert not derived & TARGETS.keys(), "no feed writes what collection derives"
    assert filled <= TARGETS.keys()


def test_every_feed_about_persons_makes_them_known() -> None:
    channels = load_channels()
    assert channels["social_security"].feeds["insurance"].targets == (
        "base_personnel__insurance_month",
        "base_personnel__person",
    )
    assert channels["finance"].feeds["statement"].targets == ("base_enterprise__statement",)


def test_the_skill_grade_rises_as_its_number_falls() -> None:
    grade = next(
        f for f in load_channels()["skills"].feeds["certificate"].fields if f.to == "grade"
    )
    assert grade.codes == {
        "5": "初级工",
        "4": "中级工",
        "3": "高级工",
        "2": "技师",
        "1": "高级技师",
    }


def test_km_and_ten_thousand_tonnes_a_day_become_metres_and_tonnes() -> None:
    factors = {
        m.source: m.factor for m in load_channels()["project_platform"].feeds["unit"].measures
    }
    assert factors["UrbanRoadLength"] == 1000
    assert factors["SewageTreatPlant"] == 10_000
    assert factors["DomesticWasteTreat"] == factors["BuildHeight"] == 1
