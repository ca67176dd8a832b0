"""The paragraph of reasons: what decided, and the parts inside by which it failed."""

from __future__ import annotations

import polars as pl
import pytest

from assets.wording import worded
from decisions.reasons import reasons

SCHEMA = {
    "application_id": pl.String(),
    "criterion": pl.String(),
    "parent": pl.String(),
    "truth": pl.Boolean(),
    "note": pl.String(),
}


def told(outcome: str, *rows: tuple[str, str | None, bool | None, str | None]) -> tuple[str, str]:
    criteria = pl.DataFrame(
        [("A", *row) for row in rows], schema=SCHEMA, orient="row"
    ).with_columns(
        zh=worded("指标{}", "criterion"),
        en=worded("criterion {}", "criterion"),
        required=pl.lit("≥ 3人"),
        actual=pl.lit("2人"),
        clause=pl.lit("159号"),
    )
    outcomes = pl.DataFrame({"application_id": ["A"], "outcome": [outcome]})
    paragraph = reasons(outcomes, criteria).select("reason_zh", "reason_en")
    return paragraph.collect().row(0)


def test_a_refusal_names_the_whole_and_the_failing_row_inside_it_in_both_languages() -> None:
    zh, en = told(
        "refused",
        ("staff", None, False, "缺1人 short by 1"),
        ("staff.1", "staff", True, None),
        ("staff.2", "staff", False, "缺1人 short by 1"),
    )
    assert zh == (
        "下列指标不符合标准，不予许可：指标staff（要求≥ 3人，实际2人；159号），"
        "其中指标staff.2（要求≥ 3人，实际2人，缺1人）。"
        "如不服本决定，可依法申请行政复议或者提起行政诉讼。"
    )
    assert en == (
        "Refused, since these criteria are not met: "
        "criterion staff (required ≥ 3 people, actual 2 people; 159号), namely "
        "criterion staff.2 (required ≥ 3 people, actual 2 people, short by 1). "
        "You may apply for administrative review or bring a suit."
    )


def test_a_whole_that_fails_by_no_single_part_keeps_its_own_note() -> None:
    zh, en = told(
        "refused", ("staff", None, False, "缺1人 short by 1"), ("staff.1", "staff", True, None)
    )
    assert "实际2人，缺1人；159号" in zh
    assert "actual 2 people, short by 1; 159号" in en
    assert "其中" not in zh


def test_a_waiting_case_names_the_parts_without_data_and_not_those_not_met() -> None:
    zh, _ = told(
        "awaiting_data",
        ("staff", None, None, None),
        ("staff.1", "staff", None, "人员待核 not known"),
        ("staff.2", "staff", True, None),
    )
    assert "其中指标staff.1（要求≥ 3人，实际2人，人员待核）" in zh
    assert "staff.2" not in zh


def test_what_a_refusal_could_not_answer_is_told_beside() -> None:
    zh, en = told("refused", ("a", None, False, None), ("b", None, None, None))
    assert "另缺数据：指标b。" in zh
    assert "Without data besides: criterion b. You may" in en


@pytest.mark.parametrize(
    ("stated", "zh", "en"),
    [
        ("存续 active", "存续", "active"),
        (
            "有效 valid，至 2018-06-15 until 2018-06-15",
            "有效，至 2018-06-15",
            "valid, until 2018-06-15",
        ),
        ("2人（至多3人 possibly 3）", "2人（至多3人）", "2 people (possibly 3)"),
        (
            "136.5 万元（财务报表 statement）",
            "136.5 万元（财务报表）",
            "1,365,000 yuan (statement)",
        ),
        (
            "应先申请最低等级 S04-二级 apply for the lowest level first",
            "应先申请最低等级 S04-二级",
            "apply for the lowest level first",
        ),
        (
            "2人待核 not known（社会保险数据未到 insurance not delivered：b6、e8）",
            "2人待核（社会保险数据未到：b6、e8）",
            "not known (insurance not delivered: b6, e8)",
        ),
        (
            "须持有本类别三级有效资质，逐级申请 the next lower level must be held and valid",
            "须持有本类别三级有效资质，逐级申请",
            "the next lower level must be held and valid",
        ),
        (
            "变更源于 it comes from：分立 split；应申请重新核定 apply for re-verification",
            "变更源于：分立；应申请重新核定",
            "it comes from: split; apply for re-verification",
        ),
        (
            "建筑工程一级注册建造师、结构中级",
            "建筑工程一级注册建造师、结构中级",
            "building works registered constructor of grade 1, structures (intermediate)",
        ),
        (
            "7类中至少4类，须含第1类 at least 4 of 7 classes, class 1 among them",
            "7类中至少4类，须含第1类",
            "at least 4 of 7 classes, class 1 among them",
        ),
        (
            "供水、中水管道（直径 ≥ 1 米） 累计长度 ≥ 2.5 万米 / 城市隧道 ≥ 1座",
            "供水、中水管道（直径 ≥ 1 米） 累计长度 ≥ 2.5 万米 / 城市隧道 ≥ 1座",
            "water-supply and reclaimed-water pipelines (diameter ≥ 1 m) total length ≥ 25,000 m / "
            "urban tunnels ≥ 1 structures",
        ),
        (
            "转包或违法分包（温州市住房和城乡建设局 温建罚字(2016)第1号，2016-05-03）",
            "转包或违法分包（温州市住房和城乡建设局 温建罚字(2016)第1号，2016-05-03）",
            "illegal subcontracting (温州市住房和城乡建设局 温建罚字(2016)第1号, 2016-05-03)",
        ),
    ],
)
def test_each_reason_takes_its_own_language_and_nothing_else(stated: str, zh: str, en: str) -> None:
    told_zh, told_en = told("refused", ("staff", None, False, stated))
    assert f"实际2人，{zh}；159号" in told_zh
    assert f"actual 2 people, {en}; 159号" in told_en
