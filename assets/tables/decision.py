"""What was decided, by which criteria, on which evidence. The contract with the approval office."""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import INSTANT, Column, Layer, Mode, Sensitivity, Table
from assets.tables import common

EFFECTS = ("none", "new_certificate", "add_to_certificate", "replace_level", "renew", "change_content", "reissue", "reverify")

NOTE = "note."
"""Of the criterion under which a warning of the checks stands in the evidence, e.g. `note.E-12`."""

DECISION = Table(
    name="decision__decision", layer=Layer.DECISION, mode=Mode.LOG,
    zh="审批决定", en="One row per case and evaluation; a case is closed by its first final outcome",
    legal_basis="行政许可法 Arts. 38-44; regulations B", retention_years=None,
    key=("application_id", "evaluation_no"), sort_by=("decided_at",),
    columns=(
        Column(name="application_id", dtype=pl.String(), zh="申请编号", en="case", nullable=False),
        Column(name="evaluation_no", dtype=pl.Int32(), zh="评审次数", en="1, and +1 each time an awaiting case is evaluated again", nullable=False, minimum=1),
        common.usc_code(),
        Column(name="enterprise_name", dtype=pl.String(), zh="企业名称", en="registered name at the decision", sensitivity=Sensitivity.PUBLIC),
        Column(name="kind", dtype=pl.String(), zh="申请类型", en="kind", nullable=False, codes=common.KINDS),
        common.category_code(), common.subcategory(), common.level(),
        Column(name="filed_at", dtype=INSTANT, zh="申请时间", en="filed", nullable=False),
        Column(name="decided_at", dtype=INSTANT, zh="决定时间", en="decided", nullable=False),
        Column(name="outcome", dtype=pl.String(), zh="结论", en="outcome", nullable=False, codes=common.OUTCOMES),
        Column(name="is_final", dtype=pl.Boolean(), zh="是否终局", en="closes the case; awaiting_data does not", nullable=False),
        Column(name="reason_zh", dtype=pl.String(), zh="理由", en="reasons in one paragraph, Chinese", nullable=False),
        Column(name="reason_en", dtype=pl.String(), zh="理由（英文）", en="the same in English", nullable=False),
        Column(name="effect", dtype=pl.String(), zh="许可效果", en="what the grant does to the certificate set", nullable=False, codes=EFFECTS),
        Column(name="certificate_no", dtype=pl.String(), zh="证书编号", en="certificate the grant acts on; null where a number is still to be drawn"),
        Column(name="valid_until", dtype=pl.Date(), zh="有效期至", en="expiry of the certificate set after the grant"),
        common.usc_code("承继自企业代码", "enterprise whose qualification a re-verification carries on; null where none is", name="predecessor_usc_code", nullable=True),
        Column(name="release_id", dtype=pl.String(), zh="数据发布", en="release the evidence was read at", nullable=False),
        Column(name="certificates_version", dtype=pl.Int64(), zh="证照登记簿版本", en="Delta version of certificate__register at which our own grants were read; null = none issued yet", minimum=0),
        Column(name="rule_digest", dtype=pl.String(), zh="规则摘要", en="digest of the rule set applied; empty where no rule set was reached", nullable=False),
        Column(name="rulebook_digest", dtype=pl.String(), zh="规则库摘要", en="digest of the whole rulebook the case was decided by, kept in decision__rulebook; null on rows from before it was kept", pattern=r"^[0-9a-f]{64}$"),
        Column(name="recalled_may_grant", dtype=pl.Boolean(), zh="未核对原文的指标可否作准", en="whether figures that were recalled but not seen count", nullable=False),
        Column(name="supplement_days", dtype=pl.Int32(), zh="补正期限", en="working days after filing at whose end a case that still waits for data is returned; null = none is", unit="working day", minimum=1),
        Column(name="lapsed_on", dtype=pl.Date(), zh="视为准予之日", en="day of expiry by which a renewal filed in time was not decided: deemed granted on it, without assessment; null = decided by assessment"),
        Column(name="engine_version", dtype=pl.String(), zh="引擎版本", en="version of the engine", nullable=False),
        Column(name="way", dtype=pl.String(), zh="办理方式", en="express (at once) or sweep (by the pipeline)", nullable=False, codes=("express", "sweep")),
        Column(name="elapsed_ms", dtype=pl.Float64(), zh="用时", en="evaluation time of the case: its batch's time over the cases in it", unit="ms", minimum=0),
    ),
)

CRITERION = Table(
    name="decision__criterion", layer=Layer.DECISION, mode=Mode.LOG,
    zh="评审指标", en="Every criterion of every evaluation: required, actual, result, clause",
    key=("application_id", "evaluation_no", "criterion"), sort_by=("application_id",),
    columns=(
        Column(name="application_id", dtype=pl.String(), zh="申请编号", en="case", nullable=False),
        Column(name="evaluation_no", dtype=pl.Int32(), zh="评审次数", en="evaluation", nullable=False, minimum=1),
        Column(name="criterion", dtype=pl.String(), zh="指标", en="path of the criterion, e.g. `constructors.1`", nullable=False),
        Column(name="parent", dtype=pl.String(), zh="上级指标", en="criterion it is a part of; null where it decides by itself"),
        Column(name="stage", dtype=pl.String(), zh="环节", en="admission (switches) or assessment (the standard)", nullable=False, codes=("admission", "assessment")),
        Column(name="zh", dtype=pl.String(), zh="指标说明", en="what is asked, Chinese", nullable=False),
        Column(name="en", dtype=pl.String(), zh="指标说明（英文）", en="what is asked, English", nullable=False),
        Column(name="required", dtype=pl.String(), zh="要求", en="figure or condition asked for", nullable=False),
        Column(name="actual", dtype=pl.String(), zh="实际", en="what the data show: certain, and possible where it differs", nullable=False),
        Column(name="result", dtype=pl.String(), zh="结果", en="met, not met, no data", nullable=False, codes=common.RESULTS),
        Column(name="note", dtype=pl.String(), zh="说明", en="shortfall, or which table, key and channel lacks data"),
        Column(name="clause", dtype=pl.String(), zh="条款", en="document, section, level, item", nullable=False),
        Column(name="basis", dtype=pl.String(), zh="依据状态", en="whether the text was seen or recalled", nullable=False, codes=("seen", "recalled", "unknown")),
    ),
)

EVIDENCE = Table(
    name="decision__evidence", layer=Layer.DECISION, mode=Mode.LOG,
    zh="评审证据", en="The rows each criterion rests on, frozen; personal data only as pseudonym",
    key=("application_id", "evaluation_no", "criterion", "target", "row_key"), sort_by=("application_id",),
    columns=(
        Column(name="application_id", dtype=pl.String(), zh="申请编号", en="case", nullable=False),
        Column(name="evaluation_no", dtype=pl.Int32(), zh="评审次数", en="evaluation", nullable=False, minimum=1),
        Column(name="criterion", dtype=pl.String(), zh="指标", en="criterion", nullable=False),
        Column(name="target", dtype=pl.String(), zh="数据表", en="base table of the row", nullable=False),
        Column(name="row_key", dtype=pl.String(), zh="行键", en="key of the row", nullable=False),
        Column(name="counted", dtype=pl.String(), zh="计入", en="whether it counts: yes, no, unknown", nullable=False, codes=("yes", "no", "unknown")),
        Column(name="reason", dtype=pl.String(), zh="原因", en="why it does not count or is not known"),
        Column(name="content_json", dtype=pl.String(), zh="内容", en="the facts used, as canonical JSON", nullable=False),
    ),
)

RULEBOOK = Table(
    name="decision__rulebook", layer=Layer.DECISION, mode=Mode.LOG,
    zh="规则库", en="Every rulebook that ever decided a case, whole, so that the case can be derived again when the rules have moved on",
    legal_basis="regulations H5",
    key=("rulebook_digest",),
    columns=(
        Column(name="rulebook_digest", dtype=pl.String(), zh="规则库摘要", en="SHA-256 of the content", nullable=False, pattern=r"^[0-9a-f]{64}$"),
        Column(name="first_used_at", dtype=INSTANT, zh="首次使用时间", en="instant of the first decision by it", nullable=False),
        Column(name="content_json", dtype=pl.String(), zh="内容", en="all files of the rulebook and the settings laid over them, as canonical JSON", nullable=False),
    ),
)

FAULTS = ("missing", "undeclared", "stale", "quarantined", "doubted", "empty", "unlisted", "branch", "identity", "text", "unsettled")
"""No row; source never declared complete; declared so too long ago; row set apart; doubted by a
check; without the value that decides; of a name that no list has; under the code of a branch, or what may be one; nobody knows
whose a number is; the standard's text; several doubts that only together decide."""

_FAULT = (
    Column(name="target", dtype=pl.String(), zh="数据表", en="base table; `standard` where the text of the standard is what is missing", nullable=False),
    Column(name="row_key", dtype=pl.String(), zh="行键", en="key of the row; region (and month) of a source; criterion of a text", nullable=False),
    Column(name="fault", dtype=pl.String(), zh="缺陷", en="missing, undeclared, stale, quarantined, doubted, empty, unlisted (of works or a machine whose name no list of the rulebook has), branch (under the code of a branch, or of what may be one), identity (nobody knows whose a number is), text, unsettled", nullable=False, codes=FAULTS),
    Column(name="cause", dtype=pl.String(), zh="原因代码", en="check that doubts it, rules it broke, column that is empty, name that no list has, last day declared, code of the branch, statement about a number; else empty", nullable=False),
    common.usc_code("企业代码", "enterprise of the row", nullable=True),
    common.person_key(nullable=True, en="person of the row, as pseudonym"),
    Column(name="period", dtype=pl.Date(), zh="所属期", en="month, of monthly sources"),
    Column(name="detail", dtype=pl.String(), zh="说明", en="what the check found, or the clause"),
    Column(name="channel", dtype=pl.String(), zh="渠道", en="channel that owns it; null: the office, for the standard"),
    Column(name="feed", dtype=pl.String(), zh="数据项", en="feed of the channel"),
    Column(name="last_delivered_at", dtype=INSTANT, zh="最近交换", en="when the channel last stated how far the table is complete; null = never"),
)

MISSING = Table(
    name="decision__missing", layer=Layer.DECISION, mode=Mode.LOG,
    zh="缺失数据", en="Why a criterion has no data: each row or source that is missing or proves nothing, with its owner",
    legal_basis="行政许可法 Art. 32 (补正); reading 3",
    key=("application_id", "evaluation_no", "criterion", "target", "row_key", "fault", "cause"), sort_by=("application_id",),
    columns=(
        Column(name="application_id", dtype=pl.String(), zh="申请编号", en="case", nullable=False),
        Column(name="evaluation_no", dtype=pl.Int32(), zh="评审次数", en="evaluation", nullable=False, minimum=1),
        Column(name="criterion", dtype=pl.String(), zh="指标", en="criterion without data that decides by itself", nullable=False),
        *_FAULT,
    ),
)

WORKLIST = Table(
    name="decision__worklist", layer=Layer.DECISION, mode=Mode.VIEW,
    zh="数据补正清单", en="What data stewards are to mend: each row or source that open cases wait for, and each row of an enterprise that names none, with owner and remedy",
    key=("target", "row_key", "fault", "cause"), sort_by=("channel",),
    columns=(
        *_FAULT,
        Column(name="owner_zh", dtype=pl.String(), zh="责任单位", en="owner of the channel, Chinese", nullable=False),
        Column(name="owner_en", dtype=pl.String(), zh="责任单位（英文）", en="owner of the channel, English", nullable=False),
        Column(name="case_count", dtype=pl.Int64(), zh="待办案件数", en="open cases that wait for it; 0: a row set apart that names no enterprise, for which none can wait (reading 56)", nullable=False, minimum=0),
        Column(name="waiting_since", dtype=INSTANT, zh="等待起始", en="when the first of them was found to wait for it; where none waits, when the row came", nullable=False),
        Column(name="criteria", dtype=pl.List(pl.String()), zh="涉及指标", en="criteria it holds open", nullable=False),
        Column(name="remedy_zh", dtype=pl.String(), zh="补正办法", en="what to do, Chinese", nullable=False),
        Column(name="remedy_en", dtype=pl.String(), zh="补正办法（英文）", en="what to do, English", nullable=False),
    ),
)

LIMITS = ("notice", "decision", "supplement", "expiry", "certificate")

DEADLINE = Table(
    name="decision__deadline", layer=Layer.DECISION, mode=Mode.VIEW,
    zh="期限", en="Every term that runs in an open case: its last day, and how many are left",
    legal_basis="行政许可法 Arts. 32, 42, 44, 50, 82; regulations B0.4, B3.1, B4.2, B5.1",
    key=("application_id", "limit"), sort_by=("last_day",),
    columns=(
        Column(name="application_id", dtype=pl.String(), zh="申请编号", en="case", nullable=False),
        Column(name="limit", dtype=pl.String(), zh="期限类型", en="notice: first answer; decision; supplement: data missing, then returned; expiry: of what is to be renewed; certificate: issue of a grant", nullable=False, codes=LIMITS),
        common.usc_code(),
        Column(name="kind", dtype=pl.String(), zh="申请类型", en="kind", nullable=False, codes=common.KINDS),
        common.category_code(), common.subcategory(), common.level(),
        Column(name="begins_on", dtype=pl.Date(), zh="起算日", en="day the term begins with, not counted; of an expiry the day of filing", nullable=False),
        Column(name="last_day", dtype=pl.Date(), zh="届满日", en="last day of the term; null where it is not known for certain"),
        Column(name="days_left", dtype=pl.Int32(), zh="剩余天数", en="days after today up to the last one; negative: so many are over it"),
        Column(name="unit", dtype=pl.String(), zh="计算单位", en="working days by the statutory calendar, or days", nullable=False, codes=("working day", "day")),
        Column(name="is_overdue", dtype=pl.Boolean(), zh="是否逾期", en="the last day is past; null where it is not known"),
        Column(name="lapses", dtype=pl.Boolean(), zh="届满是否视为准予", en="whether the renewal was filed in time, so that it is deemed granted at the end; null: not known, or no renewal"),
        Column(name="clause", dtype=pl.String(), zh="条款", en="where the term stands", nullable=False),
        Column(name="basis", dtype=pl.String(), zh="依据状态", en="whether the text was seen, recalled, or is a setting of the office", nullable=False, codes=("seen", "recalled", "reading")),
    ),
)

TABLES = (RULEBOOK, DECISION, CRITERION, EVIDENCE, MISSING)
"""What an evaluation writes, in its order; a rulebook only the first time."""
VIEWS = (WORKLIST, DEADLINE)
"""What is derived from the logs for those who watch them."""
