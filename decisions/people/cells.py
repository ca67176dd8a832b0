"""People in cells: how many of each staff fit whom the text may count, once for all cases.

Belongs here: from people with their certificates to counts by cell. Does not: who counts at
all (`decisions.people.workforce`), how many are asked for (`decisions.people.headcount`).

A cell is whom a count may count, whoever asks for how many (`rules.cells`); levels that ask
the same share it. People whose certificates are alike fit the same cells: they share a
`profile`, which is judged once, and are then only counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from decisions import kleene
from decisions.facts.unread import BEARER, HEAD_OF
from decisions.people.personal_certificates import OR
from decisions.people.workforce import Workforce
from decisions.plans import as_written

GROUPS = {
    "constructor": "staff",
    "titled": "staff",
    "site": "site",
    "worker": "worker",
}
"""One person serves in one group; registration and title share theirs (E5)."""
_CERTIFICATE = ["use", "value", "other", "rank", "is_sound"]
"""What decides which cells a certificate fits; equal ones are of one `type`."""


@dataclass(frozen=True)
class Cells:
    """A workforce sorted into cells.

    Attributes:
        counts: `staff`, `cell`, `certain`, `possible`, and `alone`: the certain ones whose
            certificates are all of one group, so that nobody else can want them. A pair that
            nobody may fit is missing.
        certificates: the rows of `Workforce.uses` with `is_sound` (the certificate holds and
            the person counts), `why` and `type`.
        fits: `type`, `cell`, `is_ranked`, `is_read`: what may fit, and how far it does.
    """

    counts: pl.DataFrame
    certificates: pl.DataFrame
    fits: pl.DataFrame

    def members(self, pairs: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
        """Everybody who fits, or may fit, the given pairs of `staff` and `cell`.

        Returns:
            `staff`, `cell`, `use`, `person_key`, `truth`, `why`, `target`, `row_key`,
            `value`, `other`: one row per certificate that bears on the cell.
        """
        return (
            self.certificates.lazy()
            .join(self.fits.lazy().drop("is_sound"), on="type", maintain_order="left_right")
            .join(pairs.lazy(), on=["staff", "cell"], how="semi")
            .select(
                "staff",
                "cell",
                "use",
                "person_key",
                _TRUTH.alias("truth"),
                _WHY.alias("why"),
                "target",
                "row_key",
                "value",
                "other",
            )
        )


def sort_into_cells(people: Workforce, cells: pl.DataFrame) -> Cells:
    """Count a workforce.

    Args:
        people: who counts, with the certificates.
        cells: the cells wanted, rows of `rules.cells`.
    """
    held = as_written(
        people.uses.lazy()
        .join(people.persons.lazy(), on=["staff", "person_key"], how="left")
        .with_columns(_IS_SOUND, _HEAD)
    )
    types = as_written(
        held.lazy().select(_CERTIFICATE).unique(maintain_order=True).with_row_index("type")
    )
    certificates = as_written(held.lazy().join(types.lazy(), on=_CERTIFICATE, nulls_equal=True))
    fits = as_written(_fits(types.lazy(), cells.lazy()))
    counts = _counts(certificates.lazy(), types.lazy(), fits.lazy())
    return Cells(as_written(counts), certificates, fits)


def _fits(types: pl.LazyFrame, cells: pl.LazyFrame) -> pl.LazyFrame:
    """Which certificates bear on which cell; one whose value is not readable may be any."""
    asked = cells.rename({"rank": "asked_rank", "value": "asked_value"})
    return (
        types.join(asked, on="use")
        .filter(_MAY_FIT)
        .select("type", "cell", "is_sound", *_FITS)
        .unique(maintain_order=True)
    )


_HEAD = (
    pl.when(pl.col("person_key").str.contains(BEARER))
    .then(pl.concat_str("person_key", "row_key", separator=HEAD_OF))
    .otherwise("person_key")
    .alias("person_key")
)
"""Who counts: under a number that several persons bear each certificate may be another's."""
_IS_SOUND = kleene.all_of(pl.col("holds"), pl.col("is_counted")).alias("is_sound")
_IS_ASKED = (pl.col("asked_value") == "*") | pl.any_horizontal(
    pl.col("value", "other") == pl.col("asked_value")
)
_MAY_BE_ASKED = pl.col("other").str.split(OR).list.contains(pl.col("asked_value"))
_MAY_FIT = _IS_ASKED | _MAY_BE_ASKED | pl.col("value").is_null() | pl.col("other").is_null()
_FITS = [
    # A grade that is not readable is no matter where the text asks for none.
    pl.when(pl.col("asked_rank") <= 1)
    .then(pl.col("rank").is_null() | (pl.col("rank") >= pl.col("asked_rank")))
    .otherwise(pl.col("rank") >= pl.col("asked_rank"))
    .alias("is_ranked"),
    pl.when(_IS_ASKED).then(True).alias("is_read"),
]
_TRUTH = kleene.all_of(pl.col("is_sound"), pl.col("is_ranked"), pl.col("is_read"))


def _counts(certificates: pl.LazyFrame, types: pl.LazyFrame, fits: pl.LazyFrame) -> pl.LazyFrame:
    people = (
        certificates.group_by("staff", "person_key")
        .agg(pl.col("type").unique().sort())
        .with_columns(_ALIKE)
        .cache()
    )
    profiles = (
        people.select("alike", "type")
        .unique("alike")
        .with_row_index("profile")
        .explode("type")
        .cache()
    )
    twofold = (
        profiles.join(types, on="type")
        .filter(pl.col("is_sound").fill_null(True))
        .group_by("profile")
        .agg(_IS_TWOFOLD)
    )
    fitting = (
        profiles.select("profile", "type")
        .join(fits, on="type")
        .group_by("profile", "cell")
        .agg(kleene.some(_TRUTH).alias("truth"))
        .filter(pl.col("truth").fill_null(True))
        .join(twofold, on="profile", how="left")
    )
    heads = (
        people.select("staff", "alike")
        .join(profiles.select("profile", "alike").unique(), on="alike")
        .group_by("staff", "profile")
        .agg(heads=pl.len().cast(pl.Int64))
    )
    return heads.join(fitting, on="profile").group_by("staff", "cell").agg(_COUNTED)


_ALIKE = pl.col("type").cast(pl.List(pl.String)).list.join("-").alias("alike")
_IS_TWOFOLD = (pl.col("use").replace_strict(GROUPS).n_unique() > 1).alias("is_twofold")
_SURELY = pl.col("truth").fill_null(False)
_COUNTED = [
    pl.col("heads").filter(_SURELY).sum().alias("certain"),
    pl.col("heads").sum().alias("possible"),
    pl.col("heads").filter(_SURELY & ~pl.col("is_twofold")).sum().alias("alone"),
]
_WHY = pl.coalesce(
    pl.when(~pl.col("holds")).then(pl.lit("证书失效或不予计入 certificate not valid or excluded")),
    pl.when(~pl.col("is_ranked")).then(pl.lit("等级不足 grade too low")),
    pl.when(pl.col("holds").is_null()).then(
        pl.lit("证书数据存疑或登记在分支机构 certificate not trusted, or with a branch")
    ),
    pl.when(pl.col("is_ranked").is_null()).then(pl.lit("等级数据缺失 grade not delivered")),
    "why",
    pl.when((pl.col("use") == "titled") & pl.col("is_read").is_null()).then(
        pl.lit(
            "专业或所学专业未载，或不在规则库名录内 "
            "its major, or that of the degree, is not told or in no list of the rulebook"
        )
    ),
    pl.when((pl.col("use") == "worker") & pl.col("is_read").is_null()).then(
        pl.lit(
            "国家工种目录并为一个工种，属其中哪一个不明 "
            "certified as one trade with others: of which he is, nobody tells"
        )
    ),
)
"""The first thing that speaks against a certificate, or is not known of it."""
