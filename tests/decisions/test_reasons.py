"""The paragraph of reasons: what decided, and the parts inside by which it failed."""

from __future__ import annotations

import polars as pl

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
        zh=pl.format("指标{}", "criterion"),
        en=pl.format("criterion {}", "criterion"),
        required=pl.lit("≥ 3人"),
        actual=pl.lit("2人"),
        clause=pl.lit("159号"),
    )
    outcomes = pl.DataFrame({"application_id": ["A"], "outcome": [outcome]})
    return reasons(outcomes, criteria).select("reason_zh", "reason_en").row(0)


def test_a_refusal_names_the_whole_and_the_failing_row_inside_it_in_both_languages() -> None:
    zh, en = told(
        "refused",
        ("staff", None, False, "缺1人 short by 1"),
        ("staff.1", "staff", True, None),
        ("staff.2", "staff", False, "缺1人 short by 1"),
    )
    assert zh == (
        "下列指标不符合标准，不予许可：指标staff（要求≥ 3人，实际2人；159号），"
        "其中指标staff.2（要求≥ 3人，实际2人，缺1人 short by 1）。"
        "如不服本决定，可依法申请行政复议或者提起行政诉讼。"
    )
    assert en == (
        "Refused, since these criteria are not met: "
        "criterion staff (required ≥ 3人, actual 2人; 159号), namely "
        "criterion staff.2 (required ≥ 3人, actual 2人, 缺1人 short by 1). "
        "You may apply for administrative review or bring a suit."
    )


def test_a_whole_that_fails_by_no_single_part_keeps_its_own_note() -> None:
    zh, en = told(
        "refused", ("staff", None, False, "缺1人 short by 1"), ("staff.1", "staff", True, None)
    )
    assert "实际2人，缺1人 short by 1；159号" in zh
    assert "actual 2人, 缺1人 short by 1; 159号" in en
    assert "其中" not in zh


def test_a_waiting_case_names_the_parts_without_data_and_not_those_not_met() -> None:
    zh, _ = told(
        "awaiting_data",
        ("staff", None, None, None),
        ("staff.1", "staff", None, "人员待核 not known"),
        ("staff.2", "staff", True, None),
    )
    assert "其中指标staff.1（要求≥ 3人，实际2人，人员待核 not known）" in zh
    assert "staff.2" not in zh


def test_what_a_refusal_could_not_answer_is_told_beside() -> None:
    zh, en = told("refused", ("a", None, False, None), ("b", None, None, None))
    assert "另缺数据：指标b。" in zh
    assert "Without data besides: criterion b. You may" in en
