"""Who counts: the people of each applicant, employed by it, of age, insured (regulations E1-E9).

Belongs here: from the personnel base to "this person counts for this case, as this". Does
not: how many are asked for (`decisions.headcount`).

Who counts follows from the enterprise, the day and the months of insurance asked: cases that
agree in these share one `staff`, judged once. Truths are three-valued (null = no data).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from assets.calendar import full_years_expr
from assets.declaration import Table
from assets.tables import enterprise, personnel
from decisions import kleene
from decisions.coverage import closed, closed_months
from decisions.facts import Facts
from decisions.rulebook.codes import People

AGE_LIMIT = 60
"""60 full years or under on the day of filing (20号 (38)5; E2)."""

STRANGER = "?"
"""First character of the key of a person whose identity number could not be read."""


@dataclass(frozen=True)
class Workforce:
    """Everybody who may count for each case.

    Attributes:
        of: `application_id`, `staff`.
        persons: `staff`, `person_key`, `is_counted`, `why` (text: first thing that
            speaks against the person or is not known; null if none).
        uses: `staff`, `person_key`, `use` (constructor, titled, site, worker),
            `value` (specialty, major, role, trade; null = not readable), `rank` (null = not
            readable), `holds` (the certificate itself), `target`, `row_key`.
    """

    of: pl.DataFrame
    persons: pl.DataFrame
    uses: pl.DataFrame


@dataclass(frozen=True)
class Insured:
    """What the sources say of the insurance of everybody.

    Attributes:
        asked: `staff`, `months` (that must be insured), `months_closed` (of them declared
            complete); nothing of a staff of which no month is asked.
        told: `staff`, `person_key`, `told` (months with a row), `told_closed`, `is_paid` (in
            all of these; three-valued), `is_sole_payer`.
    """

    asked: pl.DataFrame
    told: pl.DataFrame


_EACH = ["staff", "person_key"]


def workforce(cases: pl.DataFrame, facts: Facts, codes: People) -> Workforce:
    """The people of the cases.

    Args:
        cases: `application_id`, `usc_code`, `filed_on`, `insurance_months` (0 = none asked).
        facts: the release.
        codes: names and grades of the standard.
    """
    alike = ["usc_code", "filed_on", "insurance_months"]
    staffs = cases.select(alike).unique(maintain_order=True).with_row_index("staff")
    payers = _payers(staffs, facts)
    months = _months(staffs)
    paid = _paid(months, payers, facts)
    insured = _insured(months, payers, paid, facts)
    certified = _certified(staffs, facts, paid, insured, codes)
    everyone = pl.concat(
        [certified.select("staff", "person_key"), _leaders(staffs, facts)]
    ).unique()
    return Workforce(
        of=cases.join(staffs, on=alike).select("application_id", "staff"),
        persons=_judged(everyone, staffs, payers, insured, facts),
        uses=certified,
    )


def _payers(staffs: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The applicant and its branches, which alone may pay (E3), with their cities.

    `staff`, `payer`, `region_code`, `is_sure`: that it is one of them at all.
    """
    own = staffs.select("staff", payer="usc_code", is_sure=pl.lit(True)).join(
        facts.cities, left_on="payer", right_on="usc_code", how="left"
    )
    branches = (
        facts.table(enterprise.REGISTRY)
        .filter(pl.col("entity_code") == "branch")
        .select(
            "parent_usc_code",
            payer="usc_code",
            region_code=pl.col("region_code").str.slice(0, 4) + "00",
            is_sure=pl.col("is_trusted").all().over("usc_code"),
            is_lawful=pl.col("is_lawful").all().over("usc_code"),
        )
        .filter("is_lawful")
        .pipe(facts.collect)
    )
    theirs = staffs.select("staff", parent_usc_code="usc_code").join(branches, on="parent_usc_code")
    return pl.concat([own, theirs.select(own.columns)])


def _months(staffs: pl.DataFrame) -> pl.DataFrame:
    """The full months before the month of filing that must be insured (reading 1)."""
    first = pl.col("filed_on").dt.month_start()
    return (
        staffs.select(
            "staff",
            first.alias("first"),
            pl.int_ranges(1, pl.col("insurance_months") + 1).alias("back"),
        )
        .explode("back")
        .drop_nulls("back")
        .select("staff", month=pl.col("first").dt.offset_by(pl.format("-{}mo", "back")))
    )


def _paid(months: pl.DataFrame, payers: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Months told of a person by the applicant or a branch: `is_paid` three-valued."""
    insurance = facts.table(personnel.INSURANCE).select(
        "person_key", "month", "is_trusted", "is_lawful", "is_paid", payer="usc_code"
    )
    asked = months.join(payers.select("staff", "payer", "is_sure").unique(), on="staff")
    return (
        asked.lazy()
        .join(insurance, on=["payer", "month"])
        .group_by("staff", "person_key", "month")
        .agg(
            # What may be another's branch may not pay for this one.
            is_paid=kleene.some(
                kleene.all_of(_trusted(pl.col("is_paid")), pl.when("is_sure").then(True))
            ),
            is_sole_payer=pl.col("is_lawful").all(),
        )
        .pipe(facts.collect)
    )


def _trusted(truth: pl.Expr) -> pl.Expr:
    """A truth read from a row; unknown if the row is not trusted."""
    return pl.when(pl.col("is_trusted")).then(truth)


def _certified(
    staffs: pl.DataFrame, facts: Facts, paid: pl.DataFrame, insured: Insured, codes: People
) -> pl.DataFrame:
    """Every certificate of the applicant's people, and of people it insures, or may insure."""
    named = staffs.select("staff", "filed_on", "usc_code")
    theirs = pl.concat(
        [paid.select("staff", "person_key"), _perhaps_insured(named, insured, facts)]
    ).unique()
    theirs = theirs.join(named.rename({"usc_code": "own"}), on="staff")
    return pl.concat(
        [
            _constructors(named, facts, codes),
            *(
                _of_staff(named, theirs, facts, table, use, value, rank, holds)
                for table, use, value, rank, holds in (
                    (
                        personnel.TITLE,
                        "titled",
                        "major",
                        pl.col("title_level").replace_strict(
                            codes.title_ranks, default=None, return_dtype=pl.Int64
                        ),
                        (pl.col("series") == codes.title_series)
                        & (pl.col("awarded_on") <= pl.col("filed_on")),
                    ),
                    (
                        personnel.POST,
                        "site",
                        "role",
                        pl.lit(0, pl.Int64),
                        (pl.col("issued_on") <= pl.col("filed_on"))
                        & (pl.col("valid_until") >= pl.col("filed_on")).fill_null(True),
                    ),
                    (
                        personnel.SKILL,
                        "worker",
                        "trade",
                        pl.col("grade").replace_strict(
                            codes.skill_ranks, default=None, return_dtype=pl.Int64
                        ),
                        pl.col("issued_on") <= pl.col("filed_on"),
                    ),
                )
            ),
        ]
    )


def _perhaps_insured(named: pl.DataFrame, insured: Insured, facts: Facts) -> pl.DataFrame:
    """Whom only a registration, a certificate or a post ties to the applicant.

    Where a month is not delivered they may be insured here, whomever their other certificates
    name: `staff`, `person_key`.
    """
    is_open = pl.col("months_closed") < pl.col("months")
    mine = named.join(insured.asked.filter(is_open), on="staff", how="semi")
    if mine.is_empty():
        return mine.select("staff", person_key=pl.lit("", pl.String()))
    tables = (
        personnel.REGISTRATION,
        personnel.TITLE,
        personnel.POST,
        personnel.SKILL,
        personnel.TECHNICAL_LEAD,
    )
    return pl.concat(
        facts.collect_all(
            mine.lazy().join(facts.table(table), on="usc_code").select("staff", "person_key")
            for table in tables
        )
    )


def _constructors(named: pl.DataFrame, facts: Facts, codes: People) -> pl.DataFrame:
    """Registrations with the applicant, valid on the day of filing.

    Temporary ones fulfil nothing (P-23).
    """
    registrations = facts.table(personnel.REGISTRATION).filter(
        pl.col("registration").is_in(list(codes.constructor_grades))
        | pl.col("registration").is_null()
        | ~pl.col("is_trusted")
    )
    return (
        named.lazy()
        .join(registrations, on="usc_code")
        .select(
            "staff",
            "person_key",
            use=pl.lit("constructor"),
            # What a row in doubt says of kind and discipline is not known (reading 31).
            value=_trusted(pl.col("specialty")),
            rank=_trusted(
                pl.col("registration").replace_strict(
                    codes.constructor_grades, default=None, return_dtype=pl.Int64
                )
            ),
            holds=kleene.all_of(
                _trusted(pl.col("valid_from") <= pl.col("filed_on")),
                _trusted(pl.col("valid_until") >= pl.col("filed_on")),
                pl.col("is_lawful"),
            ),
            target=pl.lit(personnel.REGISTRATION.name),
            row_key=pl.format("{}|{}", "registration_no", "specialty"),
        )
        .pipe(facts.collect)
    )


def _of_staff(
    named: pl.DataFrame,
    theirs: pl.DataFrame,
    facts: Facts,
    table: Table,
    use: str,
    value: str,
    rank: pl.Expr,
    holds: pl.Expr,
) -> pl.DataFrame:
    """Certificates that name the applicant, or of people it insures.

    Employment is shown by insurance, never by the certificate: the employer on it is the one
    at the award, and never updated.
    """
    key = table.key[0]
    told = [
        pl.col("staff", "person_key", "is_trusted", *table.key),
        # What a row in doubt says may be of any kind and grade (reading 31).
        _trusted(pl.col(value)).alias("value"),
        _trusted(rank).alias("rank"),
        kleene.all_of(_trusted(holds), pl.col("is_lawful")).alias("holds"),
    ]
    certificates = facts.table(table)
    is_others = pl.col("usc_code").ne_missing(pl.col("own"))
    rows = pl.concat(
        facts.collect_all(
            [
                named.lazy().join(certificates, on="usc_code").select(told),
                theirs.lazy().join(certificates, on="person_key").filter(is_others).select(told),
            ]
        )
    )
    # Only what is not trusted may stand there in several copies.
    doubtful = rows.filter(~pl.col("is_trusted")).unique(["staff", *table.key], keep="any")
    return pl.concat([rows.filter("is_trusted"), doubtful]).select(
        "staff",
        "person_key",
        pl.lit(use).alias("use"),
        "value",
        "rank",
        "holds",
        target=pl.lit(table.name),
        row_key=pl.format("{}|{}", *table.key) if len(table.key) > 1 else pl.col(key),
    )


def _leaders(staffs: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    return (
        staffs.lazy()
        .select("staff", "usc_code")
        .join(facts.table(personnel.TECHNICAL_LEAD), on="usc_code")
        .select("staff", "person_key")
        .pipe(facts.collect)
    )


def _judged(
    everyone: pl.DataFrame,
    staffs: pl.DataFrame,
    payers: pl.DataFrame,
    insured: Insured,
    facts: Facts,
) -> pl.DataFrame:
    """Whether each person counts at all: insured, of age, alive, in work, not two people's."""
    person = (
        facts.table(personnel.PERSON)
        .join(everyone.lazy().select("person_key").unique(), on="person_key", how="semi")
        .group_by("person_key")
        .agg(
            pl.col("is_lawful").all(),
            _trusted(pl.col("born_on", "deceased_on", "retired_on")).first(),
            is_known=_trusted(pl.lit(True)).first(),
        )
        .pipe(facts.collect)
    )
    # That nobody else has registered a person is only known of a complete register.
    complete = closed(staffs, facts, personnel.REGISTRATION, everywhere=True, key="staff")
    rows = (
        everyone.join(staffs, on="staff")
        .join(complete.rename({"is_closed": "is_registry_closed"}), on="staff")
        .join(person, on="person_key", how="left")
        .join(_registered_elsewhere(everyone, staffs, payers, facts), on=_EACH, how="left")
        .join(insured.asked, on="staff", how="left")
        .join(insured.told, on=_EACH, how="left")
    )
    filed = pl.col("filed_on")
    judged = rows.with_columns(
        is_insured=_is_insured(),
        is_sole_payer=pl.when(pl.col("months") > 0).then(pl.col("is_sole_payer").fill_null(True)),
        is_here_only=pl.when(pl.col("is_registered"))
        .then(~pl.col("is_elsewhere"))
        .when(pl.col("is_registry_closed"))
        .then(True),
        is_of_age=full_years_expr(pl.col("born_on"), filed) <= AGE_LIMIT,
        is_alive=pl.when(pl.col("is_known")).then((pl.col("deceased_on") > filed).fill_null(True)),
        is_in_work=pl.when(pl.col("is_known")).then((pl.col("retired_on") > filed).fill_null(True)),
    )
    reasons = (
        (
            "is_insured",
            "近期社会保险非本单位缴纳 not insured here",
            "社会保险数据未到 insurance not delivered",
        ),
        ("is_of_age", "超过60周岁 over 60", "出生日期不明 date of birth not known"),
        ("is_alive", "已死亡 deceased", "人员信息缺失 person not in the base"),
        ("is_in_work", "已退休 retired", "人员信息缺失 person not in the base"),
        (
            "is_here_only",
            "同时注册于其他单位 registered with another enterprise",
            "注册信息未到或存疑 registrations not delivered or not trusted",
        ),
        ("is_lawful", "跨渠道核对不予计入 excluded by a cross-check", "数据存疑 not trusted"),
        (
            "is_sole_payer",
            "多个单位缴纳社会保险 insured by several employers",
            "数据存疑 not trusted",
        ),
    )
    against = pl.coalesce(*(pl.when(~pl.col(name)).then(pl.lit(no)) for name, no, _ in reasons))
    unknown = pl.coalesce(
        *(pl.when(pl.col(name).is_null()).then(pl.lit(lost)) for name, _, lost in reasons)
    )
    return judged.select(
        "staff",
        "person_key",
        is_counted=kleene.all_of(*(pl.col(name) for name, _, _ in reasons)),
        why=pl.coalesce(against, unknown),
    )


def _registered_elsewhere(
    everyone: pl.DataFrame, staffs: pl.DataFrame, payers: pl.DataFrame, facts: Facts
) -> pl.DataFrame:
    """Live registrations with anybody but the applicant and its branches.

    Registered or employed in two enterprises counts for neither (E4).
    """
    registered = facts.table(personnel.REGISTRATION).select(
        "person_key", "valid_from", "valid_until", "is_trusted", payer="usc_code"
    )
    return (
        everyone.lazy()
        .join(registered, on="person_key")
        .pipe(facts.collect)
        .join(
            payers.select("staff", "payer", "is_sure").unique(), on=["staff", "payer"], how="left"
        )
        .filter(~pl.col("is_sure").fill_null(False))
        .join(staffs.select("staff", "filed_on"), on="staff")
        # The days of a row that is not trusted may be wrong, too.
        .filter(
            pl.col("filed_on").is_between("valid_from", "valid_until").fill_null(True)
            | ~pl.col("is_trusted")
        )
        .group_by(_EACH)
        .agg(
            # With what may be a branch of the applicant: elsewhere or not, nobody knows.
            is_elsewhere=kleene.some(_trusted(pl.when(pl.col("is_sure").is_null()).then(True))),
            is_registered=pl.lit(True).first(),
        )
    )


def _insured(
    months: pl.DataFrame, payers: pl.DataFrame, paid: pl.DataFrame, facts: Facts
) -> Insured:
    """Whether the months asked are paid here, counted once per person.

    An absent month is only "no" where the channel has declared the month complete (W9).
    """
    complete = closed_months(
        months.join(payers.select("staff", "region_code").unique(), on="staff"),
        facts,
        personnel.INSURANCE,
        key="staff",
    )
    asked = complete.group_by("staff").agg(months=pl.len(), months_closed=pl.col("is_closed").sum())
    several = payers.group_by("staff").agg(is_several=pl.col("payer").n_unique() > 1)
    told = (
        paid.join(complete, on=["staff", "month"])
        .join(several, on="staff")
        .with_columns(
            # What another payer has not delivered may be the payment that counts.
            is_paid=pl.when(pl.col("is_paid") | pl.col("is_closed") | ~pl.col("is_several"))
            .then("is_paid")
            .when(pl.col("is_closed") & ~_is_stranger())
            .then(False)
        )
        .group_by(_EACH)
        .agg(
            pl.col("is_sole_payer").all(),
            is_paid=kleene.every(pl.col("is_paid")),
            told=pl.len(),
            told_closed=pl.col("is_closed").sum(),
        )
    )
    return Insured(asked, told)


def _is_insured() -> pl.Expr:
    """From the columns of `Insured`: paid in every month asked, told or not; null if none is."""
    told, told_closed = pl.col("told").fill_null(0), pl.col("told_closed").fill_null(0)
    untold = (
        pl.when(pl.col("months") == told)
        .then(True)
        .when((pl.col("months_closed") > told_closed) & ~_is_stranger())
        .then(False)
    )
    return pl.when(pl.col("months") > 0).then(
        untold & pl.when(told > 0).then("is_paid").otherwise(True)
    )


def _is_stranger() -> pl.Expr:
    return pl.col("person_key").str.starts_with(STRANGER)
