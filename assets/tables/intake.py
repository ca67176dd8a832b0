"""What came in: deliveries, what they cover, what was set apart, and the applications."""

from __future__ import annotations

import enum

import polars as pl

from assets.lake.declaration import INSTANT, Column, Layer, Mode, Sensitivity, Table
from assets.tables import common


class Failure(enum.StrEnum):
    """Why a delivery failed as a whole; the ids of the catalogue of cross-checks where it has one."""

    MANIFEST = "manifest"
    """What the sender states about it is missing or malformed."""
    COUNT = "F-01"
    """It does not have the rows its sender counts."""
    CLIFF = "F-03"
    """It is a full refresh with far fewer rows than those before it."""
    ENCODING = "F-04"
    DELETIONS = "F-11"
    """It would delete much of what is live."""
    COLUMNS = "columns"
    """A column is missing, renamed, added or there twice."""
    UNREADABLE = "unreadable"
    """Cut off or broken."""
    TYPES = "types"
    """A column has a type that loses what it says."""
    SHEETS = "sheets"
    FORMULA = "formula"
    UNSAFE = "unsafe"
    """Entities in XML, a path out of an archive."""
    ARCHIVE = "archive"
    """An archive that does not hold exactly one plain file."""
    BOMB = "bomb"
    TOO_LARGE = "too_large"
    LINE_TOO_LONG = "line_too_long"
    CONNECTION = "connection"
    """What it takes to fetch it is not set."""
    UNREACHABLE = "unreachable"
    """An interface or a database that cannot be reached, breaks off or errs by itself."""
    TIMEOUT = "timeout"
    RATE = "rate_limited"
    LOGIN = "login"
    """A token or password that is not accepted."""
    REFUSED = "refused"
    """A call that the interface, or a query that the database, does not accept."""
    ANSWER = "answer"
    """An answer that is not of the agreed shape."""
    PAGES = "pages"
    """Pages that repeat, do not add up or change while they are read."""


DELIVERY = Table(
    name="intake__delivery", layer=Layer.INTAKE, mode=Mode.LOG,
    zh="交换批次", en="Every file taken in, once; again if it had failed, or if its sender states more about the same bytes",
    key=("delivery_id", "received_at"),
    columns=(
        Column(name="delivery_id", dtype=pl.String(), zh="交换批次", en="channel, feed and digest of the bytes; of a refresh, and of bytes that came before, with what is stated", nullable=False),
        Column(name="channel", dtype=pl.String(), zh="渠道", en="channel", nullable=False),
        Column(name="feed", dtype=pl.String(), zh="数据项", en="feed of the channel", nullable=False),
        Column(name="file_name", dtype=pl.String(), zh="文件名", en="name of the file", nullable=False),
        Column(name="file_version", dtype=pl.String(), zh="文件版本", en="how the store lists the file and its manifest or marker: while it stays, the file is not read again"),
        Column(name="read_by", dtype=pl.String(), zh="读取方式", en="digest of what read it: our code, its libraries and the feed as declared; while it and the file stay, a file that could not be read is not read again", pattern=r"^[0-9a-f]{16}$"),
        Column(name="file_sha256", dtype=pl.String(), zh="文件摘要", en="digest of its bytes; of one refused before its end, of what was read and its version", nullable=False, pattern=r"^[0-9a-f]{64}$"),
        Column(name="received_at", dtype=INSTANT, zh="接收时间", en="when it was taken in", nullable=False),
        Column(name="manifest_json", dtype=pl.String(), zh="交换清单", en="what the sender states about it: rows, region, periods, completeness"),
        Column(name="status", dtype=pl.String(), zh="状态", en="accepted; failed as a whole; or repeated: its bytes were accepted before under another name, or as the store listed them then", nullable=False, codes=("accepted", "failed", "repeated")),
        Column(name="reason_code", dtype=pl.String(), zh="错误代码", en="why it failed, as a code", codes=tuple(Failure)),
        Column(name="error", dtype=pl.String(), zh="错误", en="why it failed, where, and the remedy"),
        Column(name="row_count", dtype=pl.Int64(), zh="行数", en="rows read", nullable=False, minimum=0),
        Column(name="repeated_count", dtype=pl.Int64(), zh="重复行数", en="rows already known, byte for byte", nullable=False, minimum=0),
        Column(name="quarantined_count", dtype=pl.Int64(), zh="隔离行数", en="lines that could not even be split into columns; others are counted at the digest", nullable=False, minimum=0),
    ),
)

DIGEST = Table(
    name="intake__digest", layer=Layer.INTAKE, mode=Mode.LOG,
    zh="入库记录", en="Which delivery has been worked into which base table: the rest is still to do",
    key=("target", "delivery_id", "received_at"),
    columns=(
        Column(name="target", dtype=pl.String(), zh="目标表", en="base table", nullable=False),
        Column(name="delivery_id", dtype=pl.String(), zh="交换批次", en="delivery", nullable=False),
        Column(name="received_at", dtype=INSTANT, zh="接收时间", en="when it was taken in, or stated anew", nullable=False),
        Column(name="digested_at", dtype=INSTANT, zh="入库时间", en="when", nullable=False),
        Column(name="row_count", dtype=pl.Int64(), zh="行数", en="rows it gave the target, good and bad", nullable=False, minimum=0),
        Column(name="quarantined_count", dtype=pl.Int64(), zh="隔离行数", en="of these, set apart", nullable=False, minimum=0),
    ),
)

COVERAGE = Table(
    name="base_channel__coverage", layer=Layer.BASE, mode=Mode.VIEW,
    zh="数据完整性声明", en="What a channel says it has delivered completely: without it, an absent row proves nothing",
    legal_basis="worked case W9; reading 3",
    key=("target", "region_code", "period"), sort_by=("target",),
    columns=(
        Column(name="target", dtype=pl.String(), zh="目标表", en="base table the statement is about", nullable=False),
        Column(name="region_code", dtype=pl.String(), zh="地区", en="city the statement covers, or 330000 for the province", nullable=False, pattern=r"^\d{6}$"),
        Column(name="period", dtype=pl.Date(), zh="所属期", en="month for monthly feeds; 0001-01-01 for feeds of a state", nullable=False),
        Column(name="is_complete", dtype=pl.Boolean(), zh="是否完整", en="the owner declares the rows complete", nullable=False),
        Column(name="as_of", dtype=pl.Date(), zh="数据截至", en="day up to which the rows are complete", nullable=False),
        Column(name="channel", dtype=pl.String(), zh="渠道", en="channel that owns the feed", nullable=False),
        *common.provenance(),
    ),
)

ABSENCE = Table(
    name="intake__absence", layer=Layer.INTAKE, mode=Mode.LOG,
    zh="全量缺失记录", en="Raw rows that a full refresh of their feed no longer has: the sender's way to delete by silence",
    key=("delivery_id", "received_at", "gone_delivery_id", "gone_row_no"),
    columns=(
        Column(name="channel", dtype=pl.String(), zh="渠道", en="channel", nullable=False),
        Column(name="feed", dtype=pl.String(), zh="数据项", en="feed of the channel", nullable=False),
        Column(name="delivery_id", dtype=pl.String(), zh="全量批次", en="the full refresh", nullable=False),
        Column(name="received_at", dtype=INSTANT, zh="接收时间", en="when the refresh was taken in", nullable=False),
        Column(name="gone_delivery_id", dtype=pl.String(), zh="原批次", en="delivery of the row that is missing", nullable=False),
        Column(name="gone_row_no", dtype=pl.Int64(), zh="原行号", en="its row", nullable=False, minimum=1),
    ),
)

QUARANTINE = Table(
    name="intake__quarantine", layer=Layer.INTAKE, mode=Mode.LOG,
    zh="隔离数据", en="Rows set apart, with the reason; kept, never dropped. A later row of the log says that a doubt is cleared, by whom and why",
    key=("delivery_id", "row_no", "target", "key_json", "cleared_at"), sort_by=("usc_code",),
    columns=(
        Column(name="delivery_id", dtype=pl.String(), zh="交换批次", en="delivery", nullable=False),
        Column(name="row_no", dtype=pl.Int64(), zh="行号", en="row within the delivery, from 1", nullable=False, minimum=1),
        Column(name="target", dtype=pl.String(), zh="目标表", en="base table the row was meant for", nullable=False),
        Column(name="received_at", dtype=INSTANT, zh="接收时间", en="when it came", nullable=False),
        common.usc_code("企业代码", "enterprise, where the row names a sound one", nullable=True),
        common.person_key("人员键", "person, where the row names one that can be read", nullable=True),
        Column(name="reasons", dtype=pl.List(pl.String()), zh="原因代码", en="every rule it broke, e.g. `id_number:check_digit`", nullable=False),
        Column(name="typed_json", dtype=pl.String(), zh="可读内容", en="the columns that could be read, as JSON in the types of the target; personal data as pseudonym", nullable=False),
        Column(name="raw_json", dtype=pl.String(), zh="原始内容", en="the row as it came", nullable=False, sensitivity=Sensitivity.PERSONAL),
        Column(name="key_json", dtype=pl.String(), zh="键", en="key of the target as JSON, where it could be read: a later sound row with it clears the doubt"),
        Column(name="cleared_at", dtype=INSTANT, zh="解除时间", en="null where the row was set apart; when its doubt was cleared, in the later row that says so"),
        Column(name="cleared_by", dtype=pl.String(), zh="解除人", en="steward, or the delivery that deleted the row"),
        Column(name="cleared_why", dtype=pl.String(), zh="解除原因", en="why, and by which delivery a corrected row came"),
    ),
)

WAYS_OF_FILING = ("portal", "command_line")

APPLICATION = Table(
    name="intake__application", layer=Layer.INTAKE, mode=Mode.LOG,
    zh="申请", en="Applications: the enterprise and the matter, nothing else",
    legal_basis="pilot plan 建办市函[2016]979号 (申报零资料); regulations B",
    key=("application_id",), sort_by=("filed_at",), retention_years=30,
    columns=(
        Column(name="application_id", dtype=pl.String(), zh="申请编号", en="number of the case", nullable=False, sensitivity=Sensitivity.PUBLIC),
        common.usc_code(),
        Column(name="kind", dtype=pl.String(), zh="申请类型", en="kind of application", nullable=False, codes=common.KINDS),
        common.category_code(), common.subcategory(), common.level(),
        Column(name="filed_at", dtype=INSTANT, zh="申请时间", en="instant of filing", nullable=False),
        Column(name="received_at", dtype=INSTANT, zh="接收时间", en="when the log took it in", nullable=False),
        Column(name="filed_via", dtype=pl.String(), zh="来源", en="where it was filed", nullable=False, codes=WAYS_OF_FILING),
    ),
)

REASONS_OF_REJECTION = (
    "unknown_enterprise", "ambiguous_enterprise", "branch", "unknown_item", "unknown_kind",
    "future_filing", "unreadable_time", "number_taken", "duplicate", "item_open",
)
"""Why a filing became no case; whether a case may be taken up is a decision (不予受理)."""

REJECTED_FILING = Table(
    name="intake__rejected_filing", layer=Layer.INTAKE, mode=Mode.LOG,
    zh="未登记的申请", en="Filings that became no case: what was asked, what is wrong with it, and the remedy",
    legal_basis="行政许可法 Art. 32",
    key=("rejection_no",), sort_by=("rejected_at",), retention_years=30,
    columns=(
        Column(name="rejection_no", dtype=pl.String(), zh="退回编号", en="number of the answer", nullable=False, sensitivity=Sensitivity.PUBLIC),
        Column(name="asked_enterprise", dtype=pl.String(), zh="所填企业", en="enterprise, as it was written; empty if it was left open", nullable=False),
        Column(name="asked_item", dtype=pl.String(), zh="所填事项", en="item, as it was written; empty if it was left open", nullable=False),
        Column(name="asked_kind", dtype=pl.String(), zh="所填类型", en="kind of application, as it was written; null if left open"),
        common.usc_code("企业代码", "enterprise, where one was found", nullable=True),
        Column(name="application_id", dtype=pl.String(), zh="申请编号", en="number the filing came with through a channel; where it could be read it stays on the log of applications, and is no case"),
        Column(name="delivery_id", dtype=pl.String(), zh="交换批次", en="delivery of a filing that could not be read and was set apart; null of one at the desk or on the log of applications"),
        Column(name="row_no", dtype=pl.Int64(), zh="行号", en="its row within the delivery, from 1", minimum=1),
        Column(name="standing_id", dtype=pl.String(), zh="在办案件", en="application that stands in the way"),
        Column(name="reason_code", dtype=pl.String(), zh="原因", en="what is wrong with it", nullable=False, codes=REASONS_OF_REJECTION),
        Column(name="reason_zh", dtype=pl.String(), zh="说明", en="the same in words, Chinese", nullable=False),
        Column(name="reason_en", dtype=pl.String(), zh="说明（英文）", en="the same, English", nullable=False),
        Column(name="remedy_zh", dtype=pl.String(), zh="补救办法", en="what to do, Chinese", nullable=False),
        Column(name="remedy_en", dtype=pl.String(), zh="补救办法（英文）", en="what to do, English", nullable=False),
        Column(name="filed_at", dtype=INSTANT, zh="申请时间", en="instant of filing, as stated; when it came in, where that cannot be read", nullable=False),
        Column(name="rejected_at", dtype=INSTANT, zh="退回时间", en="instant of the answer", nullable=False),
        Column(name="filed_via", dtype=pl.String(), zh="来源", en="where it was filed", nullable=False, codes=WAYS_OF_FILING),
    ),
)

TABLES = (DELIVERY, DIGEST, ABSENCE, COVERAGE, QUARANTINE, APPLICATION, REJECTED_FILING)
