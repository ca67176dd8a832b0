"""Whether the registration has changed, and whether a mere change is the matter (B4).

Belongs here: what the registration says now against what the certificate shows. Does not: the
grounds of re-verification (`reverification`), what is printed anew (`certificates`).
"""

from __future__ import annotations

import polars as pl

from assets.tables import certificate, enterprise
from assets.wording import worded
from decisions import kleene
from decisions.facts.model import Facts
from decisions.plans import as_written
from decisions.switches.model import Desk, Switch
from decisions.switches.reverification import IN_DOUBT, since_verified

ENTRIES = (
    ("name", "printed_name", "名称 name", "rename"),
    ("address", "printed_address", "地址 address", "address"),
    (
        "legal_representative",
        "printed_legal_representative",
        "法定代表人 legal representative",
        "legal_representative",
    ),
    ("registered_capital_yuan", "printed_capital_yuan", "注册资本 registered capital", "capital"),
)
"""What a certificate shows (令22 Art. 19): column of the registration, of the certificate, words,
and the event that changes it."""


def printed_on_certificates(facts: Facts) -> pl.LazyFrame:
    """What stands on each certificate now: `certificate_no` and the `printed_` columns.

    Of one that Miaoban has issued anew, what Miaoban printed last.
    """
    columns = [printed for _, printed, _, _ in ENTRIES]
    base = (
        facts.table(enterprise.CERTIFICATE).filter("is_trusted").select("certificate_no", *columns)
    )
    own = (
        facts.raw(certificate.CERTIFICATE)
        .sort("version", descending=True)
        .unique("certificate_no", keep="first", maintain_order=True)
        .select(
            "certificate_no",
            printed_name="enterprise_name",
            printed_address="address",
            printed_legal_representative="legal_representative",
            printed_capital_yuan="registered_capital_yuan",
        )
    )
    return pl.concat(
        [base.join(own.select("certificate_no"), on="certificate_no", how="anti"), own]
    ).pipe(facts.read)


def differences(desk: Desk, cases: pl.DataFrame) -> pl.DataFrame:
    """Old and new values side by side: `application_id`, `usc_code`, `filed_on`, `ENTRIES`."""
    # On which certificate a qualification stands is not known of a row that is not trusted.
    of_case = desk.concerned.lazy().filter("is_held").select("application_id", "certificate_no")
    printed = printed_on_certificates(desk.facts).join(of_case, on="certificate_no")
    now = (
        desk.registry.lazy().filter("is_trusted").select("usc_code", *(new for new, *_ in ENTRIES))
    )
    return (
        cases.lazy()
        .select("application_id", "usc_code", "filed_on")
        .join(printed, on="application_id", how="left")
        .join(now, on="usc_code", how="left")
        .pipe(as_written)
    )


def _last_day(desk: Desk, rows: pl.DataFrame) -> pl.LazyFrame:
    """The last day to apply in time: one month after the change in the registration."""
    changed = pl.concat(
        [
            rows.lazy()
            .filter(pl.col(new) != pl.col(old))
            .select("application_id", "usc_code", "filed_on", event_code=pl.lit(event))
            for new, old, _, event in ENTRIES
        ]
    )
    events = desk.facts.table(enterprise.EVENT).filter("is_trusted")
    return (
        changed.join(
            events.select("usc_code", "event_code", "happened_on"), on=["usc_code", "event_code"]
        )
        .filter(pl.col("happened_on") <= pl.col("filed_on"))
        .group_by("application_id", "event_code")
        .agg(pl.col("happened_on").max())
        .group_by("application_id")
        .agg(last_day=pl.col("happened_on").min().dt.offset_by("1mo"))
        .pipe(desk.facts.read)
    )


def judge(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """Something the certificate shows has changed, and not by a merger or the like."""
    compared = differences(desk, cases)
    rows = (
        compared.lazy()
        # What is printed is what the registration says by now, whatever came since the filing.
        .join(since_verified(desk, cases, until="decided_on"), on="application_id", how="left")
        .join(_last_day(desk, compared), on="application_id", how="left")
        .pipe(desk.complete, enterprise.REGISTRY, name="is_up_to_date")
        .pipe(desk.complete, enterprise.EVENT)
    )
    differs = pl.when("is_up_to_date").then(
        kleene.any_of(*(pl.col(new) != pl.col(old) for new, old, *_ in ENTRIES))
    )
    changed = pl.concat_str(
        [pl.when(pl.col(new) != pl.col(old)).then(pl.lit(told)) for new, old, told, _ in ENTRIES],
        separator="、",
        ignore_nulls=True,
    )
    is_on_record = pl.col("is_doubtful").is_not_null()
    has_event = pl.col("has_event") | pl.col("is_since")
    is_none_due = (
        pl.when(has_event).then(False).when(pl.col("is_closed") & ~is_on_record).then(True)
    )
    return rows.select(
        "application_id",
        truth=kleene.all_of(differs, is_none_due),
        actual=pl.when(changed.str.len_chars() > 0)
        .then(changed)
        .otherwise(pl.lit("无变化 unchanged")),
        note=pl.when(has_event)
        .then(
            worded(
                "变更源于 it comes from：{}；应申请重新核定 apply for re-verification instead",
                "events",
            )
        )
        .when(~differs)
        .then(pl.lit("证书与登记一致，无需变更 they agree: nothing to change"))
        .when(~pl.col("is_up_to_date") | ~pl.col("is_closed"))
        .then(pl.lit("登记数据未到或过期 the registration is not delivered or stale"))
        .when(is_on_record)
        .then(IN_DOUBT)
        .when(pl.col("last_day") < pl.col("filed_on"))
        .then(
            worded(
                "逾期提出，应于 {} 前，令22 第三十八条 filed after {}: Order 22, Art. 38",
                "last_day",
                "last_day",
            )
        ),
    )


CHANGE_GROUND = Switch(
    name="change_ground",
    zh="登记信息已变更且不属于重新核定情形",
    en="the registration has changed, and not by a ground of re-verification",
    required="有变更 changed",
    clause="令22 第十九条、第二十条",
    basis="recalled",
    judge=judge,
)
