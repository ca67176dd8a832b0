"""Decision documents: what they say follows from the decision tables alone, and always alike."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pypdfium2
import pytest
from shipped import BOOK

from assets.tables import common
from assets.tables.decision import CRITERION, DECISION, EFFECTS, EVIDENCE, MISSING, NOTE
from certificates.documents import paper
from certificates.documents.citations import cited
from certificates.documents.content import TITLES, Document, document
from certificates.documents.rights import rights
from certificates.issuing.titles import category_words
from certificates.layout import ZHEJIANG
from checks.catalogue import BY_ID
from decisions import words
from decisions.admission import switch_words
from decisions.words import Words

DECIDED = datetime(2017, 3, 1, 2, 0, tzinfo=UTC)


def decided(outcome: str, **given: Any) -> dict[str, Any]:
    return {
        "application_id": "SQ20170301-00007",
        "evaluation_no": 1,
        "supplement_days": 60,
        "lapsed_on": None,
        "usc_code": "91330199MA2A00018R",
        "enterprise_name": "杭州新安江建设有限公司",
        "kind": "first",
        "category_code": "S11",
        "subcategory": "",
        "level": "二级",
        "filed_at": datetime(2017, 2, 28, 16, 30, tzinfo=UTC),
        "decided_at": DECIDED,
        "outcome": outcome,
        "is_final": outcome != "awaiting_data",
        "reason_zh": "经核查，各项条件均已满足，准予许可。",
        "reason_en": "All criteria are met: granted.",
        "effect": "none",
        "certificate_no": None,
        "valid_until": None,
        "release_id": "R000012",
        "certificates_version": 41,
        "rule_digest": "5e" * 32,
        "recalled_may_grant": True,
        "engine_version": "1.0",
        "way": "express",
        "elapsed_ms": 3.0,
        **given,
    }


def criterion(name: str, result: str, parent: str | None = None, **given: Any) -> dict[str, Any]:
    return {
        "application_id": "SQ20170301-00007",
        "evaluation_no": 1,
        "criterion": name,
        "parent": parent,
        "stage": "assessment",
        "zh": f"指标{name}",
        "en": f"criterion {name}",
        "required": "≥ 3人",
        "actual": "2人",
        "result": result,
        "note": None,
        "clause": "建市[2014]159号 专业承包序列 11 二级",
        "basis": "seen",
        **given,
    }


REFUSAL = [
    criterion("technical_lead", "met"),
    criterion("constructors.1", "met", "constructors"),
    criterion("constructors.2", "not_met", "constructors", note="缺1人 short by 1"),
    criterion("constructors", "not_met", actual="1/2"),
    criterion("titled_staff", "no_data"),
    criterion("held", "met", stage="admission"),
]


def made(
    row: dict[str, Any],
    criteria: list[dict[str, Any]],
    *missing: dict[str, Any],
    evidence: Sequence[dict[str, Any]] = (),
) -> Document:
    lacking = pl.DataFrame(missing, schema=MISSING.schema)
    category = category_words(BOOK.categories, row)
    return document(row, criteria, lacking, evidence, ZHEJIANG, category)


def noted(check_id: str, target: str, row_key: str) -> dict[str, Any]:
    return {
        "application_id": "SQ20170301-00007",
        "evaluation_no": 1,
        "criterion": f"{NOTE}{check_id}",
        "target": target,
        "row_key": row_key,
        "counted": "yes",
        "reason": "名称：证载 某某公司，登记 杭州新安江建设有限公司",
        "content_json": "{}",
    }


def lacking(**given: Any) -> dict[str, Any]:
    return {
        "application_id": "SQ20170301-00007",
        "evaluation_no": 1,
        "criterion": "titled_staff",
        "usc_code": "91330199MA2A00018R",
        "target": "base_personnel__insurance_month",
        "row_key": "330900|2017-02-01",
        "fault": "undeclared",
        "cause": "",
        "channel": "social_security",
        "feed": "insurance",
        "last_delivered_at": DECIDED,
        **given,
    }


class Text(HTMLParser):
    """The visible text of a page, and the tags it is made of."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.text, self.tags = "", [("", {})]
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags[-1][0] != "style":
            self.text += data


def text_of(pdf: bytes) -> list[str]:
    """The text of every page, without blanks and breaks."""
    read = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [re.sub(r"\s", "", page.get_textpage().get_text_bounded()) for page in read]


def test_the_rows_of_these_tests_have_the_columns_of_the_tables() -> None:
    assert set(decided("granted")) <= set(DECISION.schema)
    assert set(criterion("a", "met")) == set(CRITERION.schema)
    assert set(noted("E-03", "", "")) == set(EVIDENCE.schema)


@pytest.mark.provision("B0.4")
def test_who_waits_is_told_each_row_that_lacks_whose_it_is_and_the_remedy() -> None:
    paper_of = made(
        decided("awaiting_data"),
        REFUSAL,
        lacking(),
        lacking(
            target="base_personnel__person",
            fault="doubted",
            cause="P-18",
            row_key="3ad2c13a456f8e8a1784",
            last_delivered_at=None,
        ),
        lacking(target="standard", fault="text", cause="recalled", channel=None, feed=None),
    )
    page = Text(paper.html(paper_of)).text
    pdf = "".join(text_of(paper.pdf(paper_of, DECIDED)))
    for told in (
        "社会保险缴费",
        "舟山市 · 2017-02",
        "Zhoushan · 2017-02",
        "省人力资源和社会保障厅",
        "2017-03-01",
        "从未",
        "本企业人员（编号末四位1784）",
        "报送该地区、所属期数据并声明完整",
        "deliver this region and period, and declare them complete",
        BY_ID["P-18"].zh,
        "标准文本",
        "审批机关",
    ):
        assert told in page, told
        assert re.sub(r"\s", "", told) in pdf, told


def test_what_the_checks_noted_is_told_beside_and_decides_nothing() -> None:
    person = "3ad2c13a456f8e8a1784"
    notes = [
        noted("E-03:printed", "base_enterprise__certificate", "D233000083"),
        noted("P-20", "base_personnel__registration", person),
        *(noted("P-26", "base_personnel__title", f"ZC{number:03}") for number in range(7)),
        # Evidence that is no note is not told here.
        {**noted("", "base_personnel__title", "ZC777"), "criterion": "titled_staff"},
    ]
    one = made(decided("granted"), REFUSAL, evidence=notes)
    assert one.verdict == made(decided("granted"), REFUSAL).verdict
    page = Text(paper.html(one)).text
    pdf = "".join(text_of(paper.pdf(one, DECIDED)))
    for told in (
        "核对提示（不影响本决定）",
        "Notes of the checks, which decided nothing",
        BY_ID["E-03"].zh,
        BY_ID["E-03"].en,
        "D233000083",
        "本企业人员（编号末四位1784）",
        "a person (key ends in 1784)",
        "ZC004",
        "另2项",
        "and 2 more",
    ):
        assert told in page, told
        assert re.sub(r"\s", "", told) in pdf, told
    for kept in (person, "某某公司", "ZC005", "ZC777"):
        assert kept not in page + pdf, kept


def test_where_nothing_was_noted_nothing_is_said_of_it() -> None:
    assert "核对提示" not in Text(paper.html(made(decided("granted"), REFUSAL))).text


def test_no_code_of_a_channel_and_no_key_of_a_person_or_row_is_told_to_an_applicant() -> None:
    person, row = "3ad2c13a456f8e8a1784", "?registry.registration.296acbad609a2081:179"
    note = (
        f"3人待核 not known（证书数据存疑 certificate not trusted：{row}、{person}；"
        f"社会保险数据未到 insurance not delivered：{person}）"
    )
    paper_of = made(
        decided("awaiting_data"),
        [criterion("titled_staff", "no_data", note=note)],
        lacking(fault="missing", row_key=f"{person}|2017-02-01|91330199MA2A00018R"),
        lacking(
            target="base_enterprise__statement",
            fault="missing",
            row_key="91330199MA2A00018R|2016|annual",
            channel="finance",
            feed="statement",
        ),
        lacking(target="base_personnel__registration", fault="quarantined", cause="", row_key=row),
    )
    page = Text(paper.html(paper_of)).text
    for code in ("social_security", "finance.statement", "annual", "330900", row, person):
        assert code not in page
    assert "3人待核（证书数据存疑；社会保险数据未到）" in page
    assert "2016 · 年度" in page and "2016 · of the year" in page
    assert "本企业人员（编号末四位1784） · 2017-02 a person" in page, "its own code is not repeated"


@pytest.mark.parametrize(
    ("outcome", "kind", "told"),
    [
        ("awaiting_data", "first", "自申请之日起60个工作日，至2017年5月26日届满；届满仍缺少数据的"),
        ("returned", "first", "自申请之日起60个工作日，已于2017年5月26日届满。"),
        ("awaiting_data", "renewal", ""),
        ("refused", "first", ""),
    ],
)
def test_whoever_waits_and_may_be_returned_is_told_until_when(
    outcome: str, kind: str, told: str
) -> None:
    page = Text(paper.html(made(decided(outcome, kind=kind), REFUSAL))).text
    assert told in page
    assert bool(told) == ("个工作日" in page)


@pytest.mark.provision("B3.4")
def test_only_whoever_is_refused_a_renewal_is_told_of_the_lower_level() -> None:
    def page(outcome: str, kind: str) -> str:
        return Text(paper.html(made(decided(outcome, kind=kind), REFUSAL))).text

    told = "自本决定公布之日起三个月内申请重新核定同类别的较低等级"
    assert told in page("refused", "renewal")
    assert told not in page("refused", "first") + page("not_accepted", "renewal")


@pytest.mark.parametrize("outcome", ["granted", "refused", "not_accepted"])
def test_who_has_a_decision_is_told_of_nothing_that_is_waited_for(outcome: str) -> None:
    assert made(decided(outcome), REFUSAL, lacking()).lacks == ()


@pytest.mark.parametrize("outcome", common.OUTCOMES)
def test_every_outcome_has_its_document_in_both_languages(outcome: str) -> None:
    page = Text(paper.html(made(decided(outcome), REFUSAL))).text
    pdf = "".join(text_of(paper.pdf(made(decided(outcome), REFUSAL), DECIDED)))
    for told in (
        *TITLES[outcome],
        "杭州新安江建设有限公司",
        "SQ20170301-00007",
        "R000012",
        "5e" * 32,
    ):
        assert told in page
        assert re.sub(r"\s", "", told) in pdf


def test_every_code_of_the_tables_has_its_words() -> None:
    assert set(words.KINDS) == set(common.KINDS)
    assert set(words.RESULTS) == set(common.RESULTS)
    assert set(words.EFFECTS) == set(EFFECTS)
    assert set(words.STAGES) == set(CRITERION["stage"].codes)
    assert set(words.BASES) == set(CRITERION["basis"].codes)
    assert set(words.WAYS) == set(DECISION["way"].codes)
    assert set(TITLES) == set(common.OUTCOMES)


@pytest.mark.provision("B0.4")
def test_a_refusal_names_the_failing_row_inside_the_whole_and_the_right_to_review_and_suit() -> (
    None
):
    one = made(decided("refused"), REFUSAL)
    assert [line.name.zh for line in one.causes] == ["指标constructors", "指标constructors.2"]
    assert [line.note for line in one.causes] == [None, Words("缺1人", "short by 1")]
    assert [name.zh for name in one.beside] == ["指标titled_staff"]
    page = Text(paper.html(one)).text
    assert "六十日内向浙江省人民政府或者住房和城乡建设部申请行政复议" in page
    assert "within sixty days" in page


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("refused", ("本项要求“不少于3人”，现有数据为“2人”，缺1人。", "short by 1.")),
        ("returned", ("本项要求“不少于3人”，现有数据为“2人”。", "the data show “2 people”.")),
    ],
)
def test_what_decided_is_told_in_a_sentence(outcome: str, told: tuple[str, str]) -> None:
    one = made(decided(outcome), REFUSAL)
    page, pdf = Text(paper.html(one)).text, "".join(text_of(paper.pdf(one, DECIDED)))
    for one_told in told:
        assert one_told in page
        assert re.sub(r"\s", "", one_told) in pdf


def test_what_waits_for_a_text_says_so() -> None:
    lost = criterion("equipment", "no_data", basis="unknown", required="标准文本缺失")
    (line,) = made(decided("awaiting_data"), [lost]).causes
    assert line.sentence is not None and line.sentence.zh.startswith("本项的标准文本缺失")


@pytest.mark.parametrize("outcome", ["granted", "awaiting_data", "returned"])
def test_what_goes_against_nobody_tells_of_no_review(outcome: str) -> None:
    assert "行政复议" not in Text(paper.html(made(decided(outcome), REFUSAL))).text


@pytest.mark.provision("B0.4")
def test_who_is_not_accepted_is_told_of_review_beside_what_to_do() -> None:
    review, suit = "申请行政复议", "提起行政诉讼"
    _, last = made(decided("not_accepted"), REFUSAL).notices
    assert review in last.zh and suit in last.zh


@pytest.mark.provision("B0.4")
@pytest.mark.parametrize(
    ("decided_on", "review", "suit"),
    [
        (date(2015, 4, 30), "浙江省人民政府或者住房和城乡建设部申请", "三个月内"),
        (date(2015, 5, 1), "浙江省人民政府或者住房和城乡建设部申请", "六个月内"),
        (date(2023, 12, 31), "浙江省人民政府或者住房和城乡建设部申请", "（行政复议法第九条"),
        (date(2024, 1, 1), "向浙江省人民政府申请", "（行政复议法第二十条"),
    ],
)
def test_organ_and_term_of_review_and_suit_are_those_of_the_day(
    decided_on: date, review: str, suit: str
) -> None:
    told = rights(ZHEJIANG, decided_on).zh
    assert review in told and suit in told


def test_each_text_a_clause_names_is_cited_in_full_once_however_its_number_is_written() -> None:
    rows = [
        criterion("a", "met", clause="令22 第八条; 20号"),
        criterion("b", "met", clause="建市[2014]159号 专业承包序列 11 二级; 建市规〔2023〕3号"),
        criterion("c", "met", clause="建市规[2023]3号; 令22 第九条"),
    ]
    assert [number for number, _ in made(decided("granted"), rows).texts] == [
        "令22",
        "建市[2014]159号",
        "20号",
        "建市规[2023]3号",
    ]


def test_every_text_that_a_rule_or_a_switch_names_has_its_full_title() -> None:
    written = {
        number for rules in BOOK.rule_sets for number in (rules.category.document, *rules.notices)
    } | {
        one.split(" ")[0]
        for clause in switch_words()["clause"].unique()
        for one in clause.split("; ")
    }
    named = {number.replace("〔", "[").replace("〕", "]") for number in written}
    assert named == {number for number, _ in cited(written)}


@pytest.mark.parametrize("outcome", ["awaiting_data", "returned"])
def test_a_case_that_waits_or_is_returned_names_what_has_no_data(outcome: str) -> None:
    one = made(decided(outcome), REFUSAL)
    assert [line.name.zh for line in one.causes] == ["指标titled_staff"]


def test_every_criterion_stands_in_it_with_required_actual_result_and_clause() -> None:
    one = made(decided("refused"), REFUSAL)
    assert [section.name.zh for section in one.sections] == ["受理条件", "资质标准"]
    assert [line.name.zh for line in one.sections[1].lines] == [
        "指标constructors",
        "指标constructors.1",
        "指标constructors.2",
        "指标technical_lead",
        "指标titled_staff",
    ]
    parts = [line.is_part for line in one.sections[1].lines]
    assert parts == [False, True, True, False, False]


def test_class_ten_comes_after_class_two() -> None:
    rows = [criterion("performance", "met")] + [
        criterion(f"performance.class.{number}", "met", "performance") for number in (10, 2, 1)
    ]
    one = made(decided("granted"), rows)
    assert [line.name.zh[-2:] for line in one.sections[0].lines[1:]] == [".1", ".2", "10"]


def test_times_are_those_of_china() -> None:
    page = Text(paper.html(made(decided("granted"), []))).text
    assert "2017-03-01 00:30:00" in page
    assert "2017-03-01 10:00:00" in page


def test_a_grant_says_what_becomes_of_the_certificate() -> None:
    row = decided(
        "granted",
        effect="replace_level",
        certificate_no="D233000083",
        valid_until=date(2020, 5, 31),
    )
    effect = made(row, []).effect
    assert effect == Words(
        "证书上原等级由新等级替换，证书编号D233000083，有效期至2020年5月31日。",
        "Effect: replaces the level held, certificate D233000083, valid until 2020-05-31.",
    )


@pytest.mark.provision("D12")
def test_a_renewal_that_lapsed_into_its_grant_is_not_said_to_meet_the_standard() -> None:
    row = decided("granted", kind="renewal", effect="renew", lapsed_on=date(2017, 2, 28))
    one = made(row, [criterion("net_assets", "no_data")])
    assert "视为准予延续" in one.verdict.zh
    assert "符合法定条件" not in Text(paper.html(one)).text


def test_a_figure_that_was_not_seen_is_marked() -> None:
    one = made(decided("granted"), [criterion("a", "met", basis="recalled")])
    assert one.sections[0].lines[0].basis == Words("未核对原文", "recalled, not seen")


def test_an_item_that_the_rulebook_does_not_have_is_named_by_its_code() -> None:
    row = decided("not_accepted", category_code="S99")
    assert "S99 二级" in Text(paper.html(made(row, []))).text


def test_the_same_rows_give_the_same_bytes_in_any_order() -> None:
    one = made(decided("refused"), REFUSAL)
    other = made(decided("refused"), REFUSAL[::-1])
    assert paper.html(one) == paper.html(other)
    assert paper.pdf(one, DECIDED) == paper.pdf(other, DECIDED)


HOSTILE = '<script>alert("1")</script>#panic("x") $x$ *b* {{ 7*7 }}'


def test_what_an_enterprise_is_called_is_text_and_never_markup() -> None:
    one = made(decided("refused", enterprise_name=HOSTILE), REFUSAL)
    page = Text(paper.html(one))
    assert HOSTILE in page.text
    assert "script" not in {tag for tag, _ in page.tags}
    assert re.sub(r"\s", "", HOSTILE) in "".join(text_of(paper.pdf(one, DECIDED)))


def test_the_page_is_whole_by_itself_and_can_be_read_aloud() -> None:
    page = Text(paper.html(made(decided("refused"), REFUSAL)))
    tags = dict(page.tags)
    assert tags["html"] == {"lang": "zh-CN"}
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert "http" not in page.text
    heads = [attrs for tag, attrs in page.tags if tag == "th"]
    assert heads and all(attrs["scope"] in ("row", "col") for attrs in heads)
    assert any(attrs.get("lang") == "en" for tag, attrs in page.tags if tag == "span")


def test_a_long_refusal_runs_over_pages_with_its_head_on_each_and_loses_no_row() -> None:
    rows = [criterion("constructors", "not_met")] + [
        criterion(f"constructors.{number}", "not_met", "constructors", note="说明" * 60)
        for number in range(120)
    ]
    pages = text_of(paper.pdf(made(decided("refused"), rows), DECIDED))
    assert len(pages) > 10
    assert all("SQ20170301-00007" in page for page in pages)
    assert all(f"{number}/{len(pages)}" in page for number, page in enumerate(pages, 1))
    assert sum("指标Criterion" in page for page in pages) >= len(pages) - 1
    assert "".join(pages).count("说明" * 10) >= 240


def test_the_pdf_is_archivable_and_its_text_can_be_taken_out(tmp_path: Path) -> None:
    pdf = paper.pdf(made(decided("refused"), REFUSAL), DECIDED)
    assert b"pdfaid:part" in pdf
    assert "不予行政许可决定书" in "".join(text_of(pdf))
