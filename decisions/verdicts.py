"""The form in which every judging module answers: criteria with truths, and their evidence.

Belongs here: the two frames and how answers are put together. Does not: judging.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

CRITERIA = pl.Schema(
    {
        "application_id": pl.String(),
        "criterion": pl.String(),
        "truth": pl.Boolean(),
        "actual": pl.String(),
        "note": pl.String(),
        "short_by": pl.Float64(),
    }
)
"""`short_by`: what surely counts is so much less than what is asked, in the unit of the
criterion's `required`; null where nothing is counted or measured, or nothing is short."""
EVIDENCE = pl.Schema(
    {
        "application_id": pl.String(),
        "criterion": pl.String(),
        "target": pl.String(),
        "row_key": pl.String(),
        "counted": pl.Boolean(),
        "reason": pl.String(),
        "content_json": pl.String(),
    }
)


@dataclass(frozen=True)
class Verdicts:
    """Answers to criteria (`CRITERIA`) and the rows they rest on (`EVIDENCE`).

    The rows are only worked out where somebody wants them: most of the time goes into them.
    """

    criteria: pl.DataFrame
    evidence: pl.LazyFrame

    @classmethod
    def none(cls) -> Verdicts:
        """No answers."""
        return cls(CRITERIA.to_frame(), EVIDENCE.to_frame().lazy())

    @classmethod
    def of(cls, criteria: pl.DataFrame, evidence: pl.LazyFrame | None = None) -> Verdicts:
        """Answers with exactly the columns of the form; `evidence` has all of `EVIDENCE`."""
        proof = EVIDENCE.to_frame().lazy() if evidence is None else evidence
        return cls(
            criteria.select(
                (pl.col(name) if name in criteria.columns else pl.lit(None)).cast(dtype).alias(name)
                for name, dtype in CRITERIA.items()
            ),
            proof.select(pl.col(name).cast(dtype) for name, dtype in EVIDENCE.items()),
        )

    @classmethod
    def together(cls, answers: Iterable[Verdicts]) -> Verdicts:
        """All answers in one."""
        every = list(answers)
        return cls(
            pl.concat([CRITERIA.to_frame(), *(one.criteria for one in every)]),
            pl.concat([EVIDENCE.to_frame().lazy(), *(one.evidence for one in every)]),
        )
