"""Whether the applicant is a legal person, its registration in normal state (B0.1, C8).

Belongs here: state and kind of the registration. Does not: where it is registered
(`jurisdiction`). The state is that of the day of the decision.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from assets.tables import enterprise
from decisions import kleene, words
from decisions.facts.astray import are_registrations_lost
from decisions.switches.model import Desk, Switch

_IS_LEGAL_PERSON = pl.col("entity_code") == "enterprise"
_IS_NORMAL = kleene.all_of(pl.col("state_code") == "active", _IS_LEGAL_PERSON)
_STATE = words.told(pl.col("state_code"), words.REGISTRY_STATES)


@cache
def _answer(are_lost: bool) -> list[pl.Expr]:
    """Truth, what is found and the note; `are_lost`: whether registrations without a code are."""
    return [
        pl.when(~pl.col("is_trusted").fill_null(True))
        .then(None)
        .when(_IS_NORMAL.fill_null(True) & ~pl.col("is_closed"))
        .then(None)
        # It may be the one of which the code cannot be read.
        .when(pl.col("is_trusted").is_null() & are_lost)
        .then(None)
        .when(pl.col("is_trusted").is_null())
        .then(False)
        .otherwise(_IS_NORMAL)
        .alias("truth"),
        pl.when(~_IS_LEGAL_PERSON)
        .then(
            pl.concat_str(
                words.told(pl.col("entity_code"), words.ENTITIES),
                _STATE,
                separator=" ",
                ignore_nulls=True,
            )
        )
        .otherwise(pl.coalesce(_STATE, pl.lit("无登记信息 not on record")))
        .alias("actual"),
        pl.when(~pl.col("is_closed"))
        .then(pl.lit("登记数据未到或过期 the registration is not delivered or stale"))
        .when(~pl.col("is_trusted"))
        .then(pl.lit("登记数据存疑 the registration is in doubt"))
        .when(pl.col("is_trusted").is_null() & are_lost)
        .then(
            pl.lit(
                "未见登记，有登记信息的代码无法识别 "
                "not on record, and the code of a registration cannot be read"
            )
        )
        .when(pl.col("is_trusted").is_null())
        .then(
            pl.lit(
                "登记库中没有该企业，请核对统一社会信用代码 "
                "not in the registration base: check the unified social credit code"
            )
        )
        .when(~_IS_LEGAL_PERSON)
        .then(
            pl.lit("分支机构不得申请，请由所属企业申请 a branch cannot apply: its legal person can")
        )
        .when(pl.col("state_code") != "active")
        .then(
            pl.lit(
                "登记状态恢复正常后可再次申请 apply again when the registration is in normal state"
            )
        )
        .alias("note"),
    ]


def judge(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """A legal person, its registration active."""
    state = desk.registry.lazy().select("usc_code", "state_code", "entity_code", "is_trusted")
    return (
        cases.lazy()
        .join(state, on="usc_code", how="left")
        .pipe(desk.complete, enterprise.REGISTRY, day="decided_on")
        .select("application_id", *_answer(are_registrations_lost(desk.facts)))
    )


REGISTRATION_STATE = Switch(
    name="registration_state",
    zh="具有法人资格且工商登记状态正常",
    en="a legal person with its business registration in normal state",
    required="存续 active",
    clause="令22 第八条",
    basis="recalled",
    judge=judge,
)
