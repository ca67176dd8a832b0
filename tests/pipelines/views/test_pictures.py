"""The pictures of Dagster's metadata are drawn, with Chinese, also of nothing."""

from __future__ import annotations

import base64
import warnings

import polars as pl
import pytest
from matplotlib.figure import Figure

from assets.tables import decision, intake
from pipelines.views import pictures

PNG = b"\x89PNG\r\n\x1a\n"


def decisions(*outcomes: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"application_id": f"A{n}", "evaluation_no": 1, "kind": kind, "outcome": outcome}
            for n, (kind, outcome) in enumerate(outcomes)
        ]
    )


def test_outcomes_are_drawn_without_a_missing_glyph() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a glyph its font lacks
        cases = decisions(("first", "granted"), ("upgrade", "refused"))
        png = pictures.outcomes_by_kind(pictures.counted_outcomes(cases))
    assert png.startswith(PNG)


def test_reasons_count_only_refused_cases_and_only_what_was_not_met() -> None:
    cases = decisions(("first", "refused"), ("first", "granted"))
    criteria = pl.DataFrame(
        {
            "application_id": ["A0", "A0", "A1"],
            "evaluation_no": [1, 1, 1],
            "zh": ["净资产", "技术工人", "注册建造师"],
            "en": ["net assets", "skilled workers", "registered constructors"],
            "result": ["not_met", "met", "not_met"],
        }
    )
    ranking = pictures.ranked_reasons(cases, criteria)
    assert ranking.rows() == [("净资产", "net assets", 1)]
    png = pictures.reasons_for_refusal(ranking, pictures.counted_outcomes(cases))
    assert png.startswith(PNG)


@pytest.mark.parametrize("longest", [3, 12_345])
def test_the_number_at_the_end_of_the_longest_bar_stands_clear_of_the_frame(
    longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[Figure] = []
    draw = pictures._png
    monkeypatch.setattr(pictures, "_png", lambda figure: figures.append(figure) or draw(figure))
    names = {"zh": ["净资产", "技术工人"], "en": ["net assets", "skilled workers"]}
    pictures.findings_by_criterion(pl.DataFrame({**names, "len": [longest, 1]}))
    pictures.reasons_for_refusal(
        pl.DataFrame({**names, "cases": [longest, 1]}),
        pl.DataFrame({"kind": ["first"], "outcome": ["refused"], "len": [longest]}),
    )
    for figure in figures:
        (axes,) = figure.axes
        (label,) = [text for text in axes.texts if text.get_text() == str(longest)]
        assert label.get_window_extent().x1 + 4 < axes.get_window_extent().x1
    assert len(figures) == 2


def test_pictures_of_an_empty_lakehouse_are_drawn_too() -> None:
    none = decision.DECISION.empty()
    counts = pictures.counted_outcomes(none)
    assert pictures.outcomes_by_kind(counts).startswith(PNG)
    ranking = pictures.ranked_reasons(none, decision.CRITERION.empty())
    assert pictures.reasons_for_refusal(ranking, counts).startswith(PNG)
    flow = pictures.counted_flow(intake.DELIVERY.empty(), intake.QUARANTINE.empty())
    assert pictures.flow_of_rows(flow, {}).startswith(PNG)


def test_the_flow_shows_each_row_set_apart_once_with_the_channel_it_came_by() -> None:
    deliveries = pl.DataFrame(
        {
            "delivery_id": ["titles.1", "titles.1", "skills.1"],
            "channel": ["titles", "titles", "skills"],
            "status": ["accepted", "repeated", "failed"],
            "row_count": [9, 0, 0],
            "repeated_count": [1, 0, 0],
            "quarantined_count": [0, 0, 0],
        }
    )
    # Of two tables, then cleared: three lines of the log, one row.
    quarantine = pl.DataFrame({"delivery_id": ["titles.1"] * 3, "row_no": [4, 4, 4]})
    assert pictures.counted_flow(deliveries, quarantine).rows(named=True) == [
        {
            "channel": "titles",
            "row_count": 9,
            "repeated_count": 1,
            "failed_files": 0,
            "set_apart": 1,
        },
        {
            "channel": "skills",
            "row_count": 0,
            "repeated_count": 0,
            "failed_files": 1,
            "set_apart": 0,
        },
    ]


def test_of_a_case_evaluated_twice_the_newest_evaluation_counts() -> None:
    twice = pl.DataFrame(
        {
            "application_id": ["A", "A", "B"],
            "evaluation_no": [1, 2, 1],
            "outcome": ["awaiting_data", "granted", "refused"],
        }
    )
    assert pictures.newest(twice)["outcome"].to_list() == ["granted", "refused"]


def test_a_picture_carries_its_own_bytes() -> None:
    text = pictures.as_markdown(PNG, "流 flow")
    assert text.startswith("![流 flow](data:image/png;base64,")
    assert base64.b64decode(text.rpartition(",")[2].rstrip(")")) == PNG


def test_every_declared_kind_and_outcome_has_a_name() -> None:
    assert set(pictures.KIND_NAMES) == set(intake.APPLICATION["kind"].codes)
    assert set(pictures.OUTCOME_NAMES) == set(decision.DECISION["outcome"].codes)
