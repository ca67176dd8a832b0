"""Dynamic re-check: does every live qualification go on meeting its standard (令22 Art. 28; D1)?

Belongs here: what is live on a day, and what the evaluation finds against it. Does not: the runs
and their logs (`decisions.supervision.runs`), orders, deadlines, withdrawal: a finding is no act.

What is not known is told as not known and is never a failure. A qualification of which it is not
known whether it is live is not evaluated: its one finding says so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.tables import certificate, enterprise, supervision
from assets.wording import worded
from decisions import kleene
from decisions.buckets import with_bucket
from decisions.cases import cases_of
from decisions.engine import evaluate
from decisions.facts.bodies import bodies_of
from decisions.facts.model import Facts
from decisions.holdings.held import held_now
from decisions.rulebook.book import Rulebook
from decisions.switches.held import VALIDITY

ASSESSMENT = "recheck"


@dataclass(frozen=True)
class Rechecked:
    """What a re-check found.

    Attributes:
        results: `supervision__recheck_result` without `run_id`.
        findings: `supervision__recheck_finding` without `run_id`.
        unreadable: by `bucket`, the number (`rows`) whose category or level cannot be read.
    """

    results: pl.DataFrame
    findings: pl.DataFrame
    unreadable: pl.DataFrame


def holders(facts: Facts, region_code: str | None = None) -> list[str]:
    """Every enterprise with a qualification on record, in order.

    Args:
        facts: the release, with Miaoban's own grants.
        region_code: only those registered in this county, city (`330100`) or province (`330000`).
    """
    codes = pl.concat(
        [
            facts.table(enterprise.QUALIFICATION).select("usc_code"),
            facts.raw(certificate.QUALIFICATION).select("usc_code"),
        ]
    ).filter(pl.col("usc_code").is_not_null())
    if region_code is not None:
        within = region_code[:2] if region_code.endswith("0000") else region_code.removesuffix("00")
        here = facts.table(enterprise.REGISTRY).filter(
            pl.col("is_trusted") & pl.col("region_code").str.starts_with(within)
        )
        codes = codes.join(here.select("usc_code"), on="usc_code", how="semi")
    return codes.unique().sort("usc_code").collect()["usc_code"].to_list()


def recheck(
    facts: Facts,
    rulebook: Rulebook,
    as_of: date,
    usc_codes: Collection[str],
    *,
    category_code: str | None = None,
    recalled_may_grant: bool = True,
) -> Rechecked:
    """Evaluate the live qualifications of some enterprises on a day.

    Args:
        facts: the release, with Miaoban's own grants.
        rulebook: the standard.
        as_of: the day.
        usc_codes: the enterprises.
        category_code: only qualifications of this category.
        recalled_may_grant: see `decisions.engine.decide`.
    """
    live, unreadable = _live(facts, rulebook, as_of, usc_codes, category_code)
    known = live.filter("is_valid")
    cases = cases_of(
        known.select(
            "application_id",
            "usc_code",
            "category_code",
            "subcategory",
            "level",
            assessment=pl.lit(ASSESSMENT),
            filed_on=pl.lit(as_of),
            case_decided_on=pl.lit(as_of),
        ),
        rulebook,
    )
    bodies = bodies_of(cases, facts)
    evaluated = evaluate(cases, bodies, facts, rulebook, recalled_may_grant=recalled_may_grant)
    standing = (
        evaluated.criteria.filter(pl.col("parent").is_null())
        .group_by("application_id")
        .agg(truth=kleene.every(pl.col("truth")))
    )
    results = (
        live.join(standing, on="application_id", how="left")
        .join(cases.select("application_id", "digest"), on="application_id", how="left")
        .join(_regions(facts), on="usc_code", how="left")
        .with_columns(
            result=kleene.result(pl.col("truth")), rule_digest=pl.col("digest").fill_null("")
        )
    )
    findings = pl.concat(
        [
            _findings(evaluated.criteria, facts.collect(evaluated.evidence)),
            _not_known_to_be_live(live),
        ]
    ).join(live.select("application_id", *supervision.QUALIFICATION), on="application_id")
    return Rechecked(
        _rows(results, supervision.RECHECK_RESULT.schema),
        _rows(findings, supervision.RECHECK_FINDING.schema),
        unreadable,
    )


def _rows(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    columns = [name for name in schema if name != "run_id"]
    order = [name for name in (*supervision.QUALIFICATION, "criterion") if name in columns]
    return with_bucket(frame).select(columns).sort(order)


def _live(
    facts: Facts,
    rulebook: Rulebook,
    as_of: date,
    usc_codes: Collection[str],
    category_code: str | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is, or may be, held and valid; and how many rows of a bucket cannot be read."""
    enterprises = pl.DataFrame(
        {"usc_code": sorted(usc_codes)}, schema={"usc_code": pl.String()}
    ).with_columns(application_id="usc_code", filed_on=pl.lit(as_of), decided_on=pl.lit(as_of))
    held = held_now(enterprises, facts, rulebook.extensions).filter(
        pl.col("is_valid").fill_null(True)
    )
    if category_code is not None:
        # What cannot be read may be of any category.
        held = held.filter((pl.col("category_code") == category_code).fill_null(True))
    is_readable = pl.all_horizontal(pl.col("category_code", "level").is_not_null())
    live = (
        held.filter(is_readable)
        .with_columns(pl.col("subcategory", "certificate_no").fill_null(""))
        .sort("is_valid", descending=True, nulls_last=True)
        .unique(supervision.QUALIFICATION, keep="first")
        .sort(supervision.QUALIFICATION)
        .drop("application_id")
        .with_row_index("n")
        .with_columns(application_id=pl.col("n").cast(pl.String))
    )
    lost = with_bucket(held.filter(~is_readable)).group_by("bucket").agg(rows=pl.len())
    return live, lost


def _regions(facts: Facts) -> pl.DataFrame:
    return (
        facts.table(enterprise.REGISTRY)
        .filter("is_trusted")
        .select("usc_code", "region_code")
        .unique("usc_code", keep="first")
        .collect()
    )


_FINDING = [
    name
    for name in supervision.RECHECK_FINDING.schema
    if name not in ("run_id", "bucket", *supervision.QUALIFICATION)
]


def _findings(criteria: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Criteria that are not met or not known, each whole with the rows it rests on."""
    found = criteria.filter(~pl.col("truth").fill_null(False)).with_columns(
        result=kleene.result(pl.col("truth"))
    )
    proof = (
        evidence.join(
            found.filter(pl.col("parent").is_null()).select("application_id", "criterion"),
            on=["application_id", "criterion"],
        )
        .sort("target", "row_key", "content_json")
        .with_columns(counted=kleene.counted(pl.col("counted")))
        .with_columns(
            line=pl.concat_str(
                pl.struct("target", "row_key", "counted", "reason")
                .struct.json_encode()
                .str.strip_suffix("}"),
                pl.lit(',"content":'),
                "content_json",
                pl.lit("}"),
            )
        )
        .group_by("application_id", "criterion")
        .agg(evidence_json=worded("[{}]", pl.col("line").str.join(",")).first())
    )
    return (
        found.join(proof, on=["application_id", "criterion"], how="left")
        .with_columns(pl.col("evidence_json").fill_null("[]"))
        .select("application_id", *_FINDING)
    )


def _not_known_to_be_live(live: pl.DataFrame) -> pl.DataFrame:
    """The one finding of a qualification of which it is not known whether it is live."""
    asked = VALIDITY
    return live.filter(pl.col("is_valid").is_null()).select(
        "application_id",
        criterion=pl.lit("validity"),
        parent=pl.lit(None, pl.String()),
        result=pl.lit(kleene.NO_DATA),
        zh=pl.lit(asked.zh),
        en=pl.lit(asked.en),
        required=pl.lit(asked.required),
        actual=pl.lit("无数据 no data"),
        short_by=pl.lit(None, pl.Float64()),
        note=pl.lit(
            "资质、证书或其有效期存疑，未作核查 "
            "not trusted, or the certificate or its term is not known: not looked at"
        ),
        clause=pl.lit(asked.clause),
        basis=pl.lit(asked.basis),
        evidence_json=pl.lit("[]"),
    )
