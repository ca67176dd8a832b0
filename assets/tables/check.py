"""What the checks found, and the releases that decisions may read."""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import INSTANT, Column, Layer, Mode, Table
from assets.tables import common

PLACES = ("suite", "cross", "whole")

RESULT = Table(
    name="check__result", layer=Layer.CHECK, mode=Mode.LOG,
    zh="核对结果", en="One row per check and run",
    key=("run_id", "place", "check_id", "target"),
    columns=(
        Column(name="run_id", dtype=pl.String(), zh="核对批次", en="run of the checks", nullable=False),
        Column(name="place", dtype=pl.String(), zh="核对方式", en="by the suite of the table, across tables, on tables as a whole", nullable=False, codes=PLACES),
        Column(name="check_id", dtype=pl.String(), zh="核对项", en="check", nullable=False),
        Column(name="target", dtype=pl.String(), zh="对象表", en="table", nullable=False),
        Column(name="checked_at", dtype=INSTANT, zh="核对时间", en="when", nullable=False),
        Column(name="status", dtype=pl.String(), zh="结论", en="passed, failed, or the check itself broke", nullable=False, codes=("passed", "failed", "error")),
        Column(name="is_blocking", dtype=pl.Boolean(), zh="是否阻断", en="a failure stops the release", nullable=False),
        Column(name="row_count", dtype=pl.Int64(), zh="核对行数", en="rows looked at", nullable=False, minimum=0),
        Column(name="failed_count", dtype=pl.Int64(), zh="不合格行数", en="rows that failed", nullable=False, minimum=0),
        Column(name="note", dtype=pl.String(), zh="说明", en="what was compared, or the error"),
    ),
)

FAILURE = Table(
    name="check__failure", layer=Layer.CHECK, mode=Mode.LOG,
    zh="核对未过数据", en="Failing rows of each check and run, the first twenty; quarantine and check__finding hold every one",
    key=("run_id", "place", "check_id", "target", "number"),
    columns=(
        Column(name="run_id", dtype=pl.String(), zh="核对批次", en="run of the checks", nullable=False),
        Column(name="place", dtype=pl.String(), zh="核对方式", en="as in check__result", nullable=False, codes=PLACES),
        Column(name="check_id", dtype=pl.String(), zh="核对项", en="check", nullable=False),
        Column(name="target", dtype=pl.String(), zh="对象表", en="table", nullable=False),
        Column(name="number", dtype=pl.Int32(), zh="序号", en="from 1, at most 20", nullable=False, minimum=1),
        Column(name="row_json", dtype=pl.String(), zh="数据键", en="key of the row, or what was counted, as JSON; persons by pseudonym", nullable=False),
    ),
)

FINDING = Table(
    name="check__finding", layer=Layer.CHECK, mode=Mode.VIEW,
    zh="核对发现", en="Rows that a cross-channel check says may not count; decisions read only these",
    legal_basis="cross-checks.md, How the checks should run",
    key=("check_id", "target", "usc_code", "row_key"), sort_by=("usc_code",),
    columns=(
        Column(name="check_id", dtype=pl.String(), zh="核对项", en="id in the catalogue, e.g. P-18", nullable=False),
        Column(name="target", dtype=pl.String(), zh="对象表", en="base table of the row", nullable=False),
        common.usc_code(),
        Column(name="row_key", dtype=pl.String(), zh="行键", en="key of the row: a person_key (with the month of a month of insurance, as `person_key|2017-01-01`), a contract_no or another first key column", nullable=False),
        Column(name="severity", dtype=pl.String(), zh="性质", en="LAW: true but does not count; DATA: not trusted, proves nothing; WARN: counts, noted", nullable=False, codes=("LAW", "DATA", "WARN")),
        Column(name="detail", dtype=pl.String(), zh="说明", en="what was found, for the evidence", nullable=False),
    ),
)

HEALTH = Table(
    name="check__source_health", layer=Layer.CHECK, mode=Mode.VIEW,
    zh="渠道健康", en="How each feed delivers: what came last, how bad, how late, and what is missing",
    legal_basis="cross-checks.md, F-09",
    key=("channel", "feed"),
    columns=(
        Column(name="channel", dtype=pl.String(), zh="渠道", en="channel", nullable=False),
        Column(name="feed", dtype=pl.String(), zh="数据项", en="feed of the channel", nullable=False),
        Column(name="status", dtype=pl.String(), zh="状态", en="on time; late: the next delivery is due; stale: too old to prove absence; never: nothing has come", nullable=False, codes=("on_time", "late", "stale", "never")),
        Column(name="accepted_count", dtype=pl.Int64(), zh="接收批次", en="deliveries accepted", unit="delivery", nullable=False, minimum=0),
        Column(name="failed_count", dtype=pl.Int64(), zh="失败批次", en="deliveries that failed as a whole", unit="delivery", nullable=False, minimum=0),
        Column(name="row_count", dtype=pl.Int64(), zh="末批行数", en="rows of the last delivery accepted", minimum=0),
        Column(name="bad_share", dtype=pl.Float64(), zh="末批隔离比例", en="of these rows, the share set apart", minimum=0),
        Column(name="as_of", dtype=pl.Date(), zh="数据截至", en="latest day up to which the feed has told"),
        Column(name="received_at", dtype=INSTANT, zh="末批接收时间", en="when the last delivery was taken in"),
        Column(name="delay_days", dtype=pl.Int64(), zh="迟延", en="days from what the last delivery tells of to its receipt", unit="day"),
        Column(name="due_on", dtype=pl.Date(), zh="下批应到", en="day by which the next delivery is expected, by the cadence of the channel"),
    ),
)

RELEASE = Table(
    name="check__release", layer=Layer.CHECK, mode=Mode.LOG,
    zh="数据发布", en="The table versions that passed: the only ones decisions read",
    key=("release_id",),
    columns=(
        Column(name="release_id", dtype=pl.String(), zh="发布编号", en="R and a running number", nullable=False),
        Column(name="released_at", dtype=INSTANT, zh="发布时间", en="when", nullable=False),
        Column(name="run_id", dtype=pl.String(), zh="核对批次", en="run of the checks that passed", nullable=False),
        Column(name="versions_json", dtype=pl.String(), zh="表版本", en="JSON object: table name to Delta version", nullable=False),
        Column(name="checks_passed", dtype=pl.Int64(), zh="通过项数", en="checks passed", nullable=False, minimum=0),
        Column(name="checks_failed", dtype=pl.Int64(), zh="未通过项数", en="checks failed without blocking", nullable=False, minimum=0),
    ),
)

BASIS = Table(
    name="check__basis", layer=Layer.CHECK, mode=Mode.LOG,
    zh="核对依据", en="On what a version of check__finding rests: a night looks only at what has changed since",
    key=("findings_version", "as_of", "checks_digest", "versions_json"),
    columns=(
        Column(name="findings_version", dtype=pl.Int64(), zh="发现版本", en="Delta version of check__finding", nullable=False, minimum=0),
        Column(name="as_of", dtype=pl.Date(), zh="核对日", en="day that the checks asked about", nullable=False),
        Column(name="checks_digest", dtype=pl.String(), zh="核对程序摘要", en="digest of the checks and of what they are written with", nullable=False),
        Column(name="versions_json", dtype=pl.String(), zh="表版本", en="JSON object: name of each table read to its Delta version, null where it was never written", nullable=False),
    ),
)

TABLES = (RESULT, FAILURE, FINDING, RELEASE, BASIS, HEALTH)
