"""Cross-channel checks of tenders and approvals (catalogue J-04, J-25).

Belongs here: the award and the approval of works against the contract. Does not: permits, starts
and acceptances (`checks.across.permits`, `checks.across.project`).

A contract's award is the one that its permit names: works may be awarded in several parts, and
nothing else says which. Works may also be commissioned without a tender; then nothing is found.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.numbers import permit_number
from assets.tables import project
from assets.wording import worded
from checks.across.common import CrossCheck, Tables, findings, with_head

APART = 0.10
_GENERAL = ("施工总承包", "工程总承包")


def _awarded(tables: Tables) -> pl.LazyFrame:
    """General contracts with the award that their permit names; `winner`, `award_yuan`."""
    tenders = tables[project.TENDER.name].select(
        "tender_no", "awarded_on", winner="usc_code", award_yuan="amount_yuan"
    )
    permits = (
        tables[project.PERMIT.name]
        .drop_nulls("tender_no")
        .select("tender_no", _permit=permit_number(pl.col("permit_no")))
        .unique("_permit", keep="none")
    )
    return (
        tables[project.CONTRACT.name]
        .filter(pl.col("contract_type").is_in(_GENERAL))
        .with_columns(_permit=permit_number(pl.col("permit_no")))
        .join(permits, on="_permit")
        .join(tenders, on="tender_no")
    )


def award_differs(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-25: another contractor than the winner is doubted; a price over 10 % apart is noted.

    Not whose name it is in a consortium, whose leader may sign for all; a branch is its parent.
    """
    del as_of
    awarded = _awarded(tables)
    price, award = (pl.col(name).cast(pl.Float64) for name in ("amount_yuan", "award_yuan"))
    by_price = awarded.filter(award > 0, (price - award).abs() > award * APART)
    ours = with_head(tables, awarded).rename({"head": "_ours"}).drop("is_known")
    theirs = with_head(tables, ours.rename({"usc_code": "_usc_code", "winner": "usc_code"}))
    by_winner = theirs.filter(
        ~pl.col("is_consortium").fill_null(False), pl.col("_ours") != pl.col("head")
    ).select("contract_no", "tender_no", winner="usc_code", usc_code="_usc_code")
    return pl.concat(
        [
            findings(
                by_price,
                project.CONTRACT,
                "contract_no",
                "WARN",
                worded(
                    "合同价{}元，中标{}元 / price and award differ", "amount_yuan", "award_yuan"
                ),
            ),
            findings(
                by_winner,
                project.CONTRACT,
                "contract_no",
                "DATA",
                worded("中标通知书 {} 中标单位 {} / another won", "tender_no", "winner"),
            ),
        ]
    )


def award_out_of_order(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-04: signed before the award, or awarded before the project was approved."""
    del as_of
    approved = tables[project.PROJECT.name].select("project_no", "approved_on")
    awarded = _awarded(tables).select("contract_no", "awarded_on")
    rows = (
        tables[project.CONTRACT.name]
        .join(approved, on="project_no", how="left")
        .join(awarded, on="contract_no", how="left")
        .filter(
            (pl.col("awarded_on") > pl.col("signed_on"))
            | (pl.col("approved_on") > pl.coalesce("awarded_on", "signed_on"))
        )
    )
    detail = worded(
        "立项 {}，中标 {}，签订 {} / approved, awarded, signed out of order",
        *(
            pl.col(name).cast(pl.String).fill_null("–")
            for name in ("approved_on", "awarded_on", "signed_on")
        ),
    )
    return findings(rows, project.CONTRACT, "contract_no", "WARN", detail)


_CONTRACT = (project.CONTRACT,)
CHECKS = (
    CrossCheck(id="J-25", targets=_CONTRACT, find=award_differs, asks_day=False),
    CrossCheck(id="J-04:award", targets=_CONTRACT, find=award_out_of_order, asks_day=False),
)
