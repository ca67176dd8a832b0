"""The form in which every judging module answers: criteria with truths, and their evidence.

Belongs here: the two frames and how answers are put together. Does not: judging.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import polars as pl

CRITERIA = pl.Schema(
    {
        "criterion": pl.String(),
        "truth": pl.Boolean(),
        "actual": pl.String(),
        "note": pl.String(),
        "short_by": pl.Float64(),
    }
)
"""Beside `application_id`, the key of the case: text of those filed, a number where the engine
numbers them. `short_by`: what surely counts is so much less than what is asked, in the unit of the
criterion's `actual`; null where nothing is counted or measured, or nothing is short."""
EVIDENCE = pl.Schema(
    {
        "criterion": pl.String(),
        "target": pl.String(),
        "row_key": pl.String(),
        "counted": pl.Boolean(),
        "reason": pl.String(),
        "content_json": pl.String(),
    }
)
# Written out once: making an expression costs as much as running it on one case.
_TOLD = {name: pl.col(name).cast(dtype) for name, dtype in CRITERIA.items()}
_UNTOLD = {name: pl.lit(None, dtype).alias(name) for name, dtype in CRITERIA.items()}
_PROOF = [pl.col(name).cast(dtype) for name, dtype in EVIDENCE.items()]


@dataclass(frozen=True)
class Verdicts:
    """Answers to criteria (`CRITERIA`) and the rows they rest on (`EVIDENCE`).

    The rows are only worked out where somebody wants them: most of the time goes into them.
    """

    criteria: pl.DataFrame
    evidence: pl.LazyFrame

    @classmethod
    def none(cls, key: pl.DataType | None = None) -> Verdicts:
        """No answers; `key`: the type of the key of the cases, text if not given."""
        return _nothing(key or pl.String())

    @classmethod
    def of(cls, criteria: pl.DataFrame, evidence: pl.LazyFrame | None = None) -> Verdicts:
        """Answers with exactly the columns of the form; `evidence` has all of `EVIDENCE`."""
        key = criteria.schema["application_id"]
        proof = cls.none(key).evidence if evidence is None else evidence
        given = criteria.schema
        if given != {"application_id": key, **CRITERIA}:
            criteria = criteria.select(
                "application_id",
                *(told if name in given else _UNTOLD[name] for name, told in _TOLD.items()),
            )
        return cls(criteria, proof.select("application_id", *_PROOF))

    @classmethod
    def together(cls, answers: Iterable[Verdicts], cases: pl.DataFrame) -> Verdicts:
        """All answers to the cases in one."""
        nothing = cls.none(cases.schema["application_id"])
        every = [nothing, *(one for one in answers if not one.criteria.is_empty())]
        return cls(
            # In one piece: each answer is looked up by its number, of several more slowly.
            pl.concat([one.criteria for one in every], rechunk=True),
            pl.concat([one.evidence for one in every]),
        )


@cache
def _nothing(key: pl.DataType) -> Verdicts:
    keyed = {"application_id": key}
    return Verdicts(
        pl.DataFrame(schema={**keyed, **CRITERIA}),
        pl.LazyFrame(schema={**keyed, **EVIDENCE}),
    )
