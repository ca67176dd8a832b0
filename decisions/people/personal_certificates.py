"""The registrations, titles and certificates of each applicant's people (regulations E2-E9).

Belongs here: whose certificates are looked at, what each says, and whether it holds on the day of
filing. Does not: whether the person counts (`decisions.people.workforce`), what is asked for
(`decisions.people.headcount`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polars as pl

from assets.calendar import legal_date
from assets.lake.declaration import Table
from assets.tables import personnel
from decisions import kleene
from decisions.facts.astray import with_astray
from decisions.facts.bodies import is_its_own
from decisions.facts.doubtful import LINKED
from decisions.facts.model import Facts
from decisions.lookup import looked_up
from decisions.people.insurance import Insured
from decisions.plans import as_written
from decisions.rulebook.codes import People

OR = "、"
"""Between the other names of a certificate of which only one holds, and nobody tells which."""
_REGISTERED = ("registration_no", "registration", "specialty", "valid_from", "valid_until")


def certified(members: pl.DataFrame, insured: Insured, facts: Facts, codes: People) -> pl.DataFrame:
    """Every certificate of the applicant's people, and of people it insures, or may insure.

    Args:
        members: `staff`, `usc_code`, `filed_on`, `is_register_closed`, `body`: once for each body
            that is the applicant's, or may be (`decisions.facts.bodies`), itself among them.
        insured: whom it insures.
        facts: the release.
        codes: names and grades of the standard.

    Returns:
        The columns of `decisions.people.workforce.Workforce.uses`.
    """
    named = as_written(
        members.lazy()
        .filter(pl.col("body") == pl.col("usc_code"))
        .select("staff", "filed_on", "usc_code")
    )
    known = [insured.told.lazy().select("staff", "person_key")]
    partly = as_written(
        members.lazy().join(insured.asked.lazy(), on="staff").filter(_IS_PERHAPS_UNTOLD)
    )
    if not partly.is_empty():
        tied = (table for table in LINKED if not facts.has_none(table))
        known += [_perhaps_insured(partly, table, facts) for table in tied]
    own = named.lazy().rename({"usc_code": "own"})
    theirs = as_written(pl.concat(known).unique().join(own, on="staff"))
    of_staff = (
        (
            personnel.TITLE,
            "titled",
            read_major("major", codes),
            # Read as that of the title (E7); one that is not told may be any.
            read_major("studied_major", codes),
            _rank("title_level", codes.title_ranks),
            is_of_series(codes) & (pl.col("awarded_on") <= pl.col("filed_on")),
        ),
        (personnel.POST, "site", pl.col("role"), _NO_OTHER, pl.lit(0, pl.Int64), _HOLDS_POST),
        (
            personnel.SKILL,
            "worker",
            pl.col("trade"),
            _other_trades(codes),
            _rank("grade", codes.skill_ranks),
            _WAS_ISSUED,
        ),
    )
    return as_written(
        pl.concat(
            [
                _constructors(members, theirs, facts, codes),
                *(_of_staff(named, theirs, facts, *one) for one in of_staff),
            ]
        )
    )


_NO_OTHER = pl.lit("")
_IS_PERHAPS_UNTOLD = (pl.col("months_closed") < pl.col("months")) | ~pl.col("is_register_closed")
_WAS_ISSUED = pl.col("issued_on") <= pl.col("filed_on")
_STATE = pl.col("status_code").fill_null("valid")
# A state has no day: it was so by the day on which it was told, and before that nobody knows.
_IS_IN_FORCE = (
    pl.when(_STATE == "valid")
    .then(True)
    .when(
        ~_STATE.is_in(["transferring", "other"])
        & (legal_date(pl.col("received_at")) <= pl.col("filed_on"))
    )
    .then(False)
)
_HOLDS_POST = kleene.all_of(
    _WAS_ISSUED,
    (pl.col("valid_until") >= pl.col("filed_on")).fill_null(True),
    _IS_IN_FORCE,
)


def is_of_series(codes: People) -> pl.Expr:
    """Whether a title is of the engineering series (E8).

    Its source names series in its own words: one that only has that name in it may be (reading 90).
    """
    name = pl.col("series").str.strip_suffix("系列")
    return (
        pl.when(name == codes.title_series)
        .then(True)
        .when(~name.str.contains(codes.title_series, literal=True))
        .then(False)
    )


def read_major(column: str, codes: People) -> pl.Expr:
    """A major by its name; null where no list has that: it may be any of them (reading 97)."""
    return pl.when(pl.col(column).is_in(codes.listed_majors)).then(column)


def _other_trades(codes: People) -> pl.Expr:
    """By which other name a trade goes, or of which of several it may be (reading 99)."""
    others = dict(codes.one_trade) | {
        name: OR.join(several) for name, several in codes.one_of_trades.items()
    }
    return looked_up(pl.col("trade"), others, pl.String()).fill_null("")


def _rank(level: str, ranks: Mapping[str, int]) -> pl.Expr:
    return looked_up(pl.col(level), ranks, pl.Int64())


def trusted(truth: pl.Expr) -> pl.Expr:
    """A truth read from a row; unknown if the row is not trusted."""
    return pl.when(pl.col("is_trusted")).then(truth)


@cache
def _row_key(*names: str) -> pl.Expr:
    """By which columns evidence names a certificate; what could not be read of them is empty."""
    return pl.concat_str(pl.col(names).fill_null(""), separator="|").alias("row_key")


def _perhaps_insured(partly: pl.DataFrame, table: Table, facts: Facts) -> pl.LazyFrame:
    """Whom only a registration, a certificate or a post ties to the applicant, or to a branch.

    Where a month, or a branch, is not delivered they may be insured here, whomever their other
    certificates name: `staff`, `person_key`.
    """
    rows = facts.table(table).select("person_key", body="usc_code")
    return facts.read(partly.lazy().join(rows, on="body").select("staff", "person_key"))


def _constructors(
    members: pl.DataFrame, theirs: pl.DataFrame, facts: Facts, codes: People
) -> pl.LazyFrame:
    """Registrations with the applicant, valid on the day of filing, or perhaps with it.

    One with a branch may count as the applicant's: no text says it (reading 66). Temporary ones
    fulfil nothing (P-23).
    """
    people = theirs.lazy().select("person_key", usc_code="own")
    registrations = (
        with_astray(facts, personnel.REGISTRATION, people)
        .filter(
            pl.col("registration").is_in(list(codes.constructor_grades))
            | pl.col("registration").is_null()
            | ~pl.col("is_trusted")
        )
        .select("person_key", "is_trusted", "is_lawful", *_REGISTERED, body="usc_code")
    )
    return (
        members.lazy()
        .join(registrations, on="body")
        .pipe(facts.read)
        .select(
            "staff",
            "person_key",
            use=pl.lit("constructor"),
            # What a row in doubt says of kind and discipline is not known (reading 31).
            value=_SPECIALTY,
            other=_NO_OTHER,
            rank=trusted(_rank("registration", codes.constructor_grades)),
            holds=_IS_REGISTERED,
            target=pl.lit(personnel.REGISTRATION.name),
            row_key=_row_key("registration_no", "specialty"),
        )
    )


_SPECIALTY = trusted(pl.col("specialty"))
_IS_REGISTERED = kleene.all_of(
    is_its_own(),
    trusted(pl.col("valid_from") <= pl.col("filed_on")),
    trusted(pl.col("valid_until") >= pl.col("filed_on")),
    pl.col("is_lawful"),
)
_IS_OTHERS = pl.col("usc_code").ne_missing(pl.col("own"))


def _of_staff(
    named: pl.DataFrame,
    theirs: pl.DataFrame,
    facts: Facts,
    table: Table,
    use: str,
    value: pl.Expr,
    other: pl.Expr,
    rank: pl.Expr,
    holds: pl.Expr,
) -> pl.LazyFrame:
    """Certificates that name the applicant, or of people it insures.

    Employment is shown by insurance, never by the certificate: the employer on it is the one
    at the award, and never updated.
    """
    told = [
        pl.col("staff", "person_key", "is_trusted", *table.key),
        # What a row in doubt says may be of any kind and grade (reading 31).
        trusted(value).alias("value"),
        trusted(other).alias("other"),
        trusted(rank).alias("rank"),
        kleene.all_of(trusted(holds), pl.col("is_lawful")).alias("holds"),
    ]
    certificates = facts.table(table)
    rows = facts.read(
        pl.concat(
            [
                named.lazy().join(certificates, on="usc_code").select(told),
                theirs.lazy().join(certificates, on="person_key").filter(_IS_OTHERS).select(told),
            ]
        )
    )
    if not facts.is_sound(table):
        # Only what is not trusted may stand there in several copies.
        rows = rows.cache()
        doubtful = rows.filter(~pl.col("is_trusted")).unique(maintain_order=True)
        rows = pl.concat([rows.filter("is_trusted"), doubtful])
    return rows.select(
        "staff",
        "person_key",
        pl.lit(use).alias("use"),
        "value",
        "other",
        "rank",
        "holds",
        target=pl.lit(table.name),
        row_key=_row_key(*table.key),
    )
