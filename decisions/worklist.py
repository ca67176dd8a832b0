"""The worklist of data stewards: each thing that open cases wait for, once, with its remedy.

Belongs here: from what cases lack to what somebody is to do. Does not: why a case lacks it
(`decisions.missing`), how the list looks (`pipelines`).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from assets.channels import Channel, load_channels
from assets.store import Store
from assets.tables import decision as tables

OFFICE = ("审批机关", "the approval office")
"""Owner of what no channel owns: the text of the standard."""

_REMEDIES = {
    "missing": (
        "补报该行；确无此项的，声明该数据项完整",
        "deliver the row; if there is none, declare the feed complete",
    ),
    "undeclared": (
        "报送该地区、所属期数据并声明完整",
        "deliver this region and period, and declare them complete",
    ),
    "stale": (
        "更新数据并重新声明完整（上次截至{}）",
        "deliver what is new and declare the feed complete again (last up to {})",
    ),
    "quarantined": (
        "按隔离原因更正后重新报送：{}",
        "correct what it broke and deliver it again: {}",
    ),
    "doubted": (
        "与相关渠道核实，由有误一方更正后重新报送：{}",
        "settle it with the other channel; who is wrong corrects and delivers again: {}",
    ),
    "empty": ("补齐字段后重新报送：{}", "fill in the column and deliver the row again: {}"),
    "text": (
        "查证标准原文并录入规则库（{}）",
        "find the text and enter it in the rulebook ({})",
    ),
    "unsettled": (
        "查看该案各项指标：多项数据共同所致",
        "look at the case's criteria: several facts leave it open together",
    ),
}
"""What to do about each fault; `{}` is its cause."""
_THING = list(tables.WORKLIST.key)
_CASE = ["application_id", "evaluation_no"]


def worklist(store: Store, channels: Mapping[str, Channel] | None = None) -> pl.DataFrame:
    """Rows of `decision__worklist`: what the newest evaluation of each open case lacks.

    Args:
        store: the lakehouse.
        channels: the senders (default: those declared).
    """
    decisions = store.scan(tables.DECISION)
    open_ = (
        decisions.group_by("application_id")
        .agg(pl.col("evaluation_no").max(), is_closed=pl.col("is_final").any())
        .filter(~pl.col("is_closed"))
    )
    lacking = store.scan(tables.MISSING).join(
        open_.select("application_id"), on="application_id", how="semi"
    )
    now = lacking.join(open_, on=_CASE, how="semi")
    since = (
        lacking.join(
            now.select("application_id", *_THING).unique(),
            on=["application_id", *_THING],
            how="semi",
        )
        .join(decisions.select(*_CASE, "decided_at"), on=_CASE)
        .group_by(_THING)
        .agg(waiting_since=pl.col("decided_at").min())
    )
    told = [name for name in tables.WORKLIST.schema if name in tables.MISSING.schema]
    things = (
        now.sort("application_id", "criterion")
        .group_by(_THING, maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in told if name not in _THING),
            case_count=pl.col("application_id").n_unique().cast(pl.Int64),
            criteria=pl.col("criterion").unique().sort(),
        )
        .join(since, on=_THING)
        .collect()
    )
    senders = load_channels() if channels is None else channels
    return tables.WORKLIST.conform(
        _remedied(things.join(_owners(senders), on="channel", how="left")).sort(
            "case_count", *_THING, descending=[True, *(False for _ in _THING)]
        )
    )


def _owners(channels: Mapping[str, Channel]) -> pl.DataFrame:
    return pl.DataFrame(
        [(one.channel, one.owner_zh, one.owner_en) for one in channels.values()],
        schema={name: pl.String() for name in ("channel", "owner_zh", "owner_en")},
        orient="row",
    )


def _remedied(things: pl.DataFrame) -> pl.DataFrame:
    remedies = pl.DataFrame(
        [(fault, zh, en) for fault, (zh, en) in _REMEDIES.items()],
        schema={name: pl.String() for name in ("fault", "remedy_zh", "remedy_en")},
        orient="row",
    )
    return things.join(remedies, on="fault", how="left").with_columns(
        pl.col("owner_zh").fill_null(OFFICE[0]),
        pl.col("owner_en").fill_null(OFFICE[1]),
        *(
            pl.col(name).str.replace("{}", pl.col("cause"), literal=True)
            for name in ("remedy_zh", "remedy_en")
        ),
    )
