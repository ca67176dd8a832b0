"""The pictures in Dagster's metadata: outcomes, reasons for refusal, the flow of rows.

Belongs here: frames in, PNG bytes out, and how a PNG is embedded. Does not: reading tables
or Dagster. Drawn without a display and with the CJK font that the certificates use.
"""

from __future__ import annotations

import base64
import io
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Literal

import polars as pl

from decisions.words import KINDS, Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KIND_NAMES = {code: f"{words.zh} {words.en}" for code, words in KINDS.items()}
OUTCOME_NAMES = {
    "granted": "许可 granted",
    "refused": "不予许可 refused",
    "not_accepted": "不予受理 not accepted",
    "awaiting_data": "待补数据 awaiting data",
    "returned": "退回 returned",
}
_COLOURS = {
    "granted": "#2a7f62",
    "refused": "#b23a48",
    "not_accepted": "#8d99ae",
    "awaiting_data": "#e0a030",
    "returned": "#5c677d",
}
_FAULTS = {
    "missing": ("缺行 missing", "#e0a030"),
    "undeclared": ("未声明完整 undeclared", "#f1cf83"),
    "stale": ("过期 stale", "#8d99ae"),
    "quarantined": ("隔离 quarantined", "#b23a48"),
    "doubted": ("存疑 doubted", "#d98a92"),
    "empty": ("缺项 empty", "#457b9d"),
    "unlisted": ("名录外 unlisted", "#c77d3a"),
    "branch": ("分支机构 branch", "#6a994e"),
    "identity": ("号码存疑 identity", "#9a6fb0"),
    "text": ("标准原文 text", "#2a7f62"),
    "unsettled": ("共同所致 unsettled", "#5c677d"),
}
_TICKS = 8
"""Days named below a picture over time."""
_ROOM = 0.12
"""Of the length of bars, beyond the longest, for the number that stands at its end."""
_SHOWN = 12
"""Bars of a ranking; the rest would be unreadable."""


def counted_outcomes(decisions: pl.DataFrame) -> pl.DataFrame:
    """Cases by `kind` and `outcome`, from the newest evaluation of each: `len`."""
    return newest(decisions).group_by("kind", "outcome").len().sort("kind", "outcome")


def outcomes_by_kind(counts: pl.DataFrame) -> bytes:
    """Stacked bars of `counted_outcomes`."""
    kinds = [kind for kind in KIND_NAMES if kind in set(counts["kind"])]
    number = {(row["kind"], row["outcome"]): row["len"] for row in counts.iter_rows(named=True)}
    figure = _figure("各类申请的结论 Outcomes by kind", height=0.5 * len(kinds) + 1.6)
    axes = figure.subplots()
    left = [0] * len(kinds)
    for outcome, name in OUTCOME_NAMES.items():
        widths = [number.get((kind, outcome), 0) for kind in kinds]
        if not any(widths):
            continue
        bars = axes.barh(
            [KIND_NAMES[kind] for kind in kinds],
            widths,
            left=left,
            color=_COLOURS[outcome],
            label=name,
        )
        axes.bar_label(
            bars,
            [str(width) if width else "" for width in widths],
            label_type="center",
            color="white",
        )
        left = [so_far + width for so_far, width in zip(left, widths, strict=True)]
    axes.invert_yaxis()
    axes.set_xlabel("件数 cases")
    if kinds:
        figure.legend(loc="outside lower center", ncols=len(OUTCOME_NAMES), frameon=False)
    return _png(figure)


def ranked_reasons(decisions: pl.DataFrame, criteria: pl.DataFrame) -> pl.DataFrame:
    """Criteria that refused cases failed, the most frequent first: `zh`, `en`, `cases`."""
    refused = newest(decisions).filter(pl.col("outcome") == "refused")
    return (
        criteria.join(refused, on=["application_id", "evaluation_no"], how="semi")
        .filter(pl.col("result") == "not_met")
        .group_by("zh")
        .agg(pl.col("en").min(), pl.col("application_id").n_unique().alias("cases"))
        .sort("cases", "zh", descending=[True, False])
        .head(_SHOWN)
    )


def reasons_for_refusal(ranking: pl.DataFrame, counts: pl.DataFrame) -> bytes:
    """Bars of `ranked_reasons`; how many were refused, from `counted_outcomes`."""
    refused = counts.filter(outcome="refused")["len"].sum()
    figure = _figure(
        "不予许可的原因 Reasons for refusal", height=0.48 * max(ranking.height, 1) + 1.4
    )
    axes = figure.subplots()
    bars = axes.barh(
        _in_both(ranking),
        ranking["cases"].to_list(),
        color=_COLOURS["refused"],
    )
    axes.bar_label(bars, padding=3)
    axes.margins(x=_ROOM)
    axes.invert_yaxis()
    axes.set_xlabel(f"件数 cases, of {refused} refused")
    return _png(figure)


def counted_flow(deliveries: pl.DataFrame, quarantine: pl.DataFrame) -> pl.DataFrame:
    """What came of each channel, the most rows first.

    Args:
        deliveries: rows of `intake__delivery`, whose own count of quarantine is of lines alone that
            could not be split.
        quarantine: `delivery_id` and `row_no` of `intake__quarantine`.

    Returns:
        `channel`, `row_count`, `repeated_count`, `set_apart` (rows that ever were), `failed_files`.
    """
    apart = (
        quarantine.select("delivery_id", "row_no")
        .unique()
        .join(deliveries.select("delivery_id", "channel").unique(), on="delivery_id")
        .group_by("channel")
        .agg(set_apart=pl.len())
    )
    return (
        deliveries.group_by("channel")
        .agg(
            pl.col("row_count", "repeated_count").sum(),
            failed_files=(pl.col("status") == "failed").sum(),
        )
        .join(apart, on="channel", how="left")
        .with_columns(pl.col("set_apart").fill_null(0))
        .sort("row_count", "channel", descending=[True, False])
    )


def flow_of_rows(by_channel: pl.DataFrame, in_base: dict[str, int]) -> bytes:
    """Two panels: rows read, repeated and set apart by channel; rows in the base tables.

    Args:
        by_channel: from `counted_flow`.
        in_base: base table to its row count.
    """
    figure = _figure("数据流 Flow of rows", height=0.32 * max(len(in_base), 6) + 1.6, width=11)
    left, right = figure.subplots(1, 2)
    names = [
        f"{row['channel']}（{row['failed_files']} 份失败 failed）"
        if row["failed_files"]
        else row["channel"]
        for row in by_channel.iter_rows(named=True)
    ]
    for column, colour, label in (
        ("row_count", "#457b9d", "读入 read"),
        ("repeated_count", "#a8bfcf", "重复 repeated"),
        ("set_apart", "#b23a48", "隔离 set apart"),
    ):
        left.plot(by_channel[column].to_list(), names, "o", color=colour, label=label)
    left.set_xscale("symlog")
    left.invert_yaxis()
    left.set_xlabel("行 rows (log)")
    left.legend(frameon=False)
    left.grid(axis="x", alpha=0.3)
    ordered = sorted(in_base.items(), key=lambda item: -item[1])
    bars = right.barh(
        [name.removeprefix("base_") for name, _ in ordered],
        [count for _, count in ordered],
        color="#2a7f62",
    )
    right.bar_label(bars, [f"{count:,}" for _, count in ordered], padding=3, fontsize=7)
    right.set_xscale("symlog")
    right.invert_yaxis()
    right.set_xlabel("基础库行数 rows in base (log)")
    right.margins(x=0.15)
    return _png(figure)


def counted_work(work: pl.DataFrame) -> pl.DataFrame:
    """What each channel is to mend (rows of `decision__worklist`): `owner`, `fault`, `len`."""
    owner = pl.col("channel").fill_null("office").alias("owner")
    return work.group_by(owner, "fault").len().sort("owner", "fault")


def work_by_channel(counts: pl.DataFrame) -> bytes:
    """Bars of `counted_work`, by what is wrong."""
    number = {(owner, fault): count for owner, fault, count in counts.iter_rows()}
    totals = counts.group_by("owner").agg(pl.col("len").sum())
    owners = totals.sort("len", "owner", descending=[True, False])["owner"].to_list()
    figure = _figure("补正清单 What is missing, by channel", height=0.4 * max(len(owners), 1) + 1.6)
    axes = figure.subplots()
    left = [0] * len(owners)
    for fault, (name, colour) in _FAULTS.items():
        widths = [number.get((owner, fault), 0) for owner in owners]
        if any(widths):
            axes.barh(owners, widths, left=left, color=colour, label=name)
            left = [so_far + width for so_far, width in zip(left, widths, strict=True)]
    axes.invert_yaxis()
    axes.set_xlabel("项 things that open cases wait for")
    if owners:
        figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return _png(figure)


def health_of_channel(name: str, told: pl.DataFrame) -> bytes:
    """Three panels by day of receipt: rows delivered, share set apart, days of delay of the newest.

    Args:
        name: the channel.
        told: its deliveries, from `checks.health.deliveries_told`.
    """
    daily = (
        told.group_by("feed", "received_on", maintain_order=True)
        .agg(
            pl.col("row_count").sum(),
            bad_share=pl.col("bad_count").sum() / pl.col("row_count").sum(),
            delay_days=pl.col("delay_days").min(),
        )
        .sort("received_on")
    )
    # Fixed margins: to find them by drawing twice takes longer than the picture, of every channel.
    figure = _figure(f"{name} 交换批次 deliveries", height=4.2, width=7, layout=None)
    panels = figure.subplots(3, 1, sharex=True)
    figure.subplots_adjust(left=0.12, right=0.8, top=0.91, bottom=0.17, hspace=0.15)
    for axes, column, label, colour in (
        (panels[0], "row_count", "行 rows", "#457b9d"),
        (panels[1], "bad_share", "隔离 set apart", "#b23a48"),
        (panels[2], "delay_days", "迟延 days", "#e0a030"),
    ):
        for feed, rows in daily.partition_by("feed", as_dict=True, maintain_order=True).items():
            came, values = rows["received_on"].to_list(), rows[column].to_list()
            axes.plot(came, values, "o-", label=str(feed[0]), alpha=0.7, clip_on=False)
        axes.set_ylabel(label, color=colour)
        axes.grid(alpha=0.3)
    panels[0].set_yscale("symlog")
    for axes in panels:
        axes.set_ylim(bottom=0)
    days: list[date] = daily["received_on"].to_list()
    margin = timedelta(days=1)  # what came on one day only is seen too
    panels[2].set_xlim(days[0] - margin, days[-1] + margin)
    every = max(1, (days[-1] - days[0]).days // _TICKS + 1)
    ticks = [day for day in sorted(set(days)) if (day - days[0]).days % every == 0]
    panels[2].set_xticks(ticks, [day.isoformat() for day in ticks])
    figure.legend(
        *panels[0].get_legend_handles_labels(),
        loc="upper left",
        bbox_to_anchor=(0.81, 0.92),
        fontsize=7,
    )
    for label in panels[2].get_xticklabels():
        label.set(rotation=30, ha="right")
    return _png(figure)


RESULT_NAMES = {
    "not_met": "不达标 not met",
    "no_data": "缺数据 no data",
    "met": "达标 met",
}
_RESULT_COLOURS = {"not_met": "#b23a48", "no_data": "#e0a030", "met": "#2a7f62"}
CHANGE_NAMES = {
    "newly_not_met": Words("新不达标", "newly not met"),
    "newly_no_data": Words("新缺数据", "newly no data"),
    "recovered": Words("已恢复", "recovered"),
}


def counted_standing(results: pl.DataFrame, by: str) -> pl.DataFrame:
    """Re-checked qualifications by a column and result, most not met first.

    Args:
        results: the newest results (`supervision__recheck_result`) with the column `by`.
        by: the column.

    Returns:
        `by`, `qualifications`, and how many of them have each result (`RESULT_NAMES`).
    """
    counts = results.group_by(by).agg(
        pl.len().alias("qualifications"),
        *((pl.col("result") == name).sum().alias(name) for name in RESULT_NAMES),
    )
    return counts.sort("not_met", by, descending=[True, False])


def standing_by(counts: pl.DataFrame, by: str, title: str) -> bytes:
    """Stacked bars of the first of `counted_standing`."""
    ranking = counts.head(_SHOWN)
    names = [str(name) for name in ranking[by]]
    figure = _figure(title, height=0.36 * max(ranking.height, 1) + 1.6)
    axes = figure.subplots()
    left = [0] * ranking.height
    for result, label in RESULT_NAMES.items():
        widths = ranking[result].to_list()
        axes.barh(names, widths, left=left, color=_RESULT_COLOURS[result], label=label)
        left = [so_far + width for so_far, width in zip(left, widths, strict=True)]
    axes.invert_yaxis()
    axes.set_xlabel(f"资质 qualifications, of {counts['qualifications'].sum()}")
    figure.legend(loc="outside lower center", ncols=len(RESULT_NAMES), frameon=False)
    return _png(figure)


def ranked_findings(findings: pl.DataFrame) -> pl.DataFrame:
    """Criteria that live qualifications do not meet, the most frequent first: `zh`, `en`, `len`."""
    return (
        findings.filter(pl.col("result") == "not_met")
        .group_by("zh")
        .agg(pl.col("en").min(), pl.len())
        .sort("len", "zh", descending=[True, False])
        .head(_SHOWN)
    )


def findings_by_criterion(ranking: pl.DataFrame) -> bytes:
    """Bars of `ranked_findings`."""
    return _bars("不达标的指标 Criteria not met", ranking, "资质 qualifications", "#b23a48")


def counted_changes(findings: pl.DataFrame) -> pl.DataFrame:
    """Criteria by their change since the re-check before, each change told: `zh`, `en`, `len`."""
    counts = dict(findings.group_by("change").len().iter_rows())
    return pl.DataFrame(
        {
            "zh": [name.zh for name in CHANGE_NAMES.values()],
            "en": [name.en for name in CHANGE_NAMES.values()],
            "len": [counts.get(name, 0) for name in CHANGE_NAMES],
        }
    )


def changes_of_findings(ranking: pl.DataFrame) -> bytes:
    """Bars of `counted_changes`."""
    return _bars("较前次的变化 Since the last re-check", ranking, "指标 criteria", "#457b9d")


def _bars(title: str, ranking: pl.DataFrame, unit: str, colour: str) -> bytes:
    figure = _figure(title, height=0.48 * max(ranking.height, 1) + 1.4)
    axes = figure.subplots()
    bars = axes.barh(_in_both(ranking), ranking["len"].to_list(), color=colour)
    axes.bar_label(bars, padding=3)
    axes.margins(x=_ROOM)
    axes.invert_yaxis()
    if not ranking["len"].sum():
        axes.set_xlim(0, 1)
    axes.set_xlabel(unit)
    return _png(figure)


def newest(decisions: pl.DataFrame) -> pl.DataFrame:
    """The newest evaluation of each case."""
    return decisions.filter(
        pl.col("evaluation_no") == pl.col("evaluation_no").max().over("application_id")
    )


def as_markdown(png: bytes, alt: str) -> str:
    """A Markdown image that carries its own bytes, so that the UI needs no file."""
    return f"![{alt}](data:image/png;base64,{base64.b64encode(png).decode('ascii')})"


def _in_both(named: pl.DataFrame) -> list[str]:
    """Labels of bars: the Chinese name, the English one below it (`zh`, `en`)."""
    return [f"{_short(zh)}\n{_short(en, 40)}" for zh, en in named.select("zh", "en").iter_rows()]


def _short(text: str, limit: int = 28) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _figure(
    title: str,
    *,
    height: float,
    width: float = 8,
    layout: Literal["constrained"] | None = "constrained",
) -> Figure:
    from matplotlib.figure import Figure

    _know_the_font()
    figure = Figure(figsize=(width, height), dpi=96, layout=layout)
    figure.suptitle(title)
    return figure


@cache
def _know_the_font() -> None:
    import matplotlib as mpl
    from matplotlib import font_manager
    from noto_cjk import otc_path

    font_manager.fontManager.addfont(str(otc_path("sans")))
    mpl.rcParams["font.family"] = ["Noto Sans CJK SC"]
    mpl.rcParams["font.size"] = 9
    mpl.rcParams["axes.unicode_minus"] = False


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
