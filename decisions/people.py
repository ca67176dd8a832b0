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


def workforce(cases: pl.DataFrame, facts: Facts, codes: People) -> Workforce:
    """The people of the cases.

    Args:
        cases: `application_id`, `usc_code`, `filed_on`, `insurance_months` (0 = none asked).
        facts: the release.
        codes: names and grades of the standard.
    """
    alike = ["usc_code", "filed_on", "insurance_months"]
    staffs = cases.select(alike).unique(maintain_order=True).with_row_index("staff")
    lazy = staffs.lazy()
    payers = _payers(lazy, facts)
    # What several steps below read is computed once.
    paid = _paid(lazy, payers, facts).collect().lazy()
    certified = _certified(lazy, facts, paid, codes).collect()
    everyone = pl.concat(
        [certified.lazy().select("staff", "person_key"), _leaders(lazy, facts)]
    ).unique()
    # That nobody else has registered a person is only known of a complete register.
    complete = closed(staffs, facts, personnel.REGISTRATION, everywhere=True, key="staff").select(
        "staff", is_registry_closed="is_closed"
    )
    persons = _judged(
        everyone.collect().lazy(), lazy, payers, paid, complete.lazy(), facts
    ).collect()
    return Workforce(
        of=cases.join(staffs, on=alike).select("application_id", "staff"),
        persons=persons,
        uses=certified,
    )


def _payers(cases: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    """The applicant and its branches, which alone may pay (E3), with their cities."""
    registry = facts.table(enterprise.REGISTRY)
    city = pl.col("region_code").str.slice(0, 4) + "00"
    own = cases.select("staff", payer="usc_code").join(
        registry.select(payer="usc_code", region_code=city).unique("payer"), on="payer", how="left"
    )
    branches = (
        cases.select("staff", parent_usc_code="usc_code")
        .join(
            registry.filter(pl.col("entity_code") == "branch").select(
                "parent_usc_code", payer="usc_code", region_code=city
            ),
            on="parent_usc_code",
        )
        .select("staff", "payer", "region_code")
    )
    return pl.concat([own, branches])


def _months(cases: pl.LazyFrame) -> pl.LazyFrame:
    """The full months before the month of filing that must be insured (reading 1)."""
    first = pl.col("filed_on").dt.month_start()
    return (
        cases.select(
            "staff",
            first.alias("first"),
            pl.int_ranges(1, pl.col("insurance_months") + 1).alias("back"),
        )
        .explode("back")
        .drop_nulls("back")
        .select("staff", month=pl.col("first").dt.offset_by(pl.format("-{}mo", "back")))
    )


def _paid(cases: pl.LazyFrame, payers: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    """Months paid for a person by the applicant or a branch: `is_paid` three-valued."""
    insurance = facts.table(personnel.INSURANCE).select(
        "person_key", "month", "is_trusted", "is_lawful", "is_paid", payer="usc_code"
    )
    return (
        _months(cases)
        .join(payers.select("staff", "payer"), on="staff")
        .join(insurance, on=["payer", "month"])
        .group_by("staff", "person_key", "month")
        .agg(
            is_paid=kleene.some(_trusted(pl.col("is_paid"))),
            is_sole_payer=pl.col("is_lawful").all(),
        )
    )


def _trusted(truth: pl.Expr) -> pl.Expr:
    """A truth read from a row; unknown if the row is not trusted."""
    return pl.when(pl.col("is_trusted")).then(truth)


def _certified(
    cases: pl.LazyFrame, facts: Facts, paid: pl.LazyFrame, codes: People
) -> pl.LazyFrame:
    """Every certificate of the applicant's people, and of people it insures."""
    return pl.concat(
        [
            _constructors(cases, facts, codes),
            *(
                _of_staff(cases, facts, paid, table, use, value, rank, holds)
                for table, use, value, rank, holds in (
                    (
                        personnel.TITLE,
                        "titled",
                        "major",
                        pl.col("title_level").replace_strict(
                            codes.title_ranks, default=None, return_dtype=pl.Int64
                        ),
                        (pl.col("series") == codes.title_series)
                        & (pl.col("awarded_on") <= pl.col("filed_on")).fill_null(True),
                    ),
                    (
                        personnel.POST,
                        "site",
                        "role",
                        pl.lit(0, pl.Int64),
                        (pl.col("issued_on") <= pl.col("filed_on")).fill_null(True)
                        & (pl.col("valid_until") >= pl.col("filed_on")).fill_null(True),
                    ),
                    (
                        personnel.SKILL,
                        "worker",
                        "trade",
                        pl.col("grade").replace_strict(
                            codes.skill_ranks, default=None, return_dtype=pl.Int64
                        ),
                        (pl.col("issued_on") <= pl.col("filed_on")).fill_null(True),
                    ),
                )
            ),
        ]
    )


def _constructors(cases: pl.LazyFrame, facts: Facts, codes: People) -> pl.LazyFrame:
    """Registrations with the applicant, valid on the day of filing.

    Temporary ones fulfil nothing (P-23).
    """
    rows = cases.select("staff", "usc_code", "filed_on").join(
        facts.table(personnel.REGISTRATION).filter(
            pl.col("registration").is_in(list(codes.constructor_grades))
            | pl.col("registration").is_null()
        ),
        on="usc_code",
    )
    found = rows.with_columns(
        rank=pl.col("registration").replace_strict(
            codes.constructor_grades, default=None, return_dtype=pl.Int64
        ),
        holds=kleene.all_of(
            _trusted(pl.col("valid_from") <= pl.col("filed_on")),
            _trusted(pl.col("valid_until") >= pl.col("filed_on")),
            pl.col("is_lawful"),
        ),
    )
    return found.select(
        "staff",
        "person_key",
        use=pl.lit("constructor"),
        value="specialty",
        rank="rank",
        holds="holds",
        target=pl.lit(personnel.REGISTRATION.name),
        row_key=pl.format("{}|{}", "registration_no", "specialty"),
    )


def _of_staff(
    cases: pl.LazyFrame,
    facts: Facts,
    paid: pl.LazyFrame,
    table: Table,
    use: str,
    value: str,
    rank: pl.Expr,
    holds: pl.Expr,
) -> pl.LazyFrame:
    """Certificates that name the applicant, or of people it insures.

    Employment is shown by insurance, never by the certificate: the employer on it is the one
    at the award, and never updated.
    """
    named = cases.select("staff", "usc_code", "filed_on").join(facts.table(table), on="usc_code")
    insured = (
        paid.select("staff", "person_key")
        .unique()
        .join(cases.select("staff", "filed_on"), on="staff")
        .join(facts.table(table), on="person_key")
    )
    key = table.key[0]
    rows = pl.concat([named, insured], how="diagonal").unique(["staff", *table.key], keep="any")
    return rows.select(
        "staff",
        "person_key",
        use=pl.lit(use),
        value=value,
        rank=rank,
        holds=kleene.all_of(_trusted(holds), pl.col("is_lawful")),
        target=pl.lit(table.name),
        row_key=pl.format("{}|{}", key, value) if len(table.key) > 1 else pl.col(key),
    )


def _leaders(cases: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    return (
        cases.select("staff", "usc_code")
        .join(facts.table(personnel.TECHNICAL_LEAD), on="usc_code")
        .select("staff", "person_key")
    )


def _judged(
    everyone: pl.LazyFrame,
    cases: pl.LazyFrame,
    payers: pl.LazyFrame,
    paid: pl.LazyFrame,
    complete: pl.LazyFrame,
    facts: Facts,
) -> pl.LazyFrame:
    """Whether each person counts at all: insured, of age, alive, in work, not two people's."""
    insured = _insured(everyone, cases, payers, paid, facts)
    person = (
        facts.table(personnel.PERSON)
        .join(everyone.select("person_key").unique(), on="person_key", how="semi")
        .group_by("person_key")
        .agg(
            pl.col("is_lawful").all(),
            _trusted(pl.col("born_on", "deceased_on", "retired_on")).first(),
            is_known=_trusted(pl.lit(True)).first(),
        )
    )
    rows = (
        everyone.join(cases.select("staff", "usc_code", "filed_on"), on="staff")
        .join(person, on="person_key", how="left")
        .join(insured, on=["staff", "person_key"], how="left")
    )
    elsewhere = _registered_elsewhere(everyone, cases, payers, facts)
    rows = rows.join(elsewhere, on=["staff", "person_key"], how="left").join(
        complete, on="staff", how="left"
    )
    filed = pl.col("filed_on")
    judged = rows.with_columns(
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
    everyone: pl.LazyFrame, cases: pl.LazyFrame, payers: pl.LazyFrame, facts: Facts
) -> pl.LazyFrame:
    """Live registrations with anybody but the applicant and its branches.

    Registered or employed in two enterprises counts for neither (E4).
    """
    registered = facts.table(personnel.REGISTRATION).select(
        "person_key", "valid_from", "valid_until", "is_trusted", registered_with="usc_code"
    )
    own = payers.select("staff", registered_with="payer").unique()
    return (
        everyone.join(registered, on="person_key")
        .join(own, on=["staff", "registered_with"], how="anti")
        .join(cases.select("staff", "filed_on"), on="staff")
        # The days of a row that is not trusted may be wrong, too.
        .filter(
            pl.col("filed_on").is_between("valid_from", "valid_until").fill_null(True)
            | ~pl.col("is_trusted")
        )
        .group_by("staff", "person_key")
        .agg(is_elsewhere=kleene.some(_trusted(pl.lit(True))), is_registered=pl.lit(True).first())
    )


def _insured(
    everyone: pl.LazyFrame,
    cases: pl.LazyFrame,
    payers: pl.LazyFrame,
    paid: pl.LazyFrame,
    facts: Facts,
) -> pl.LazyFrame:
    """Insured by the applicant in every month asked.

    An absent month is only "no" where the channel has declared the month complete (W9).
    """
    months = _months(cases)
    several = (
        payers.group_by("staff")
        .agg(pl.col("payer").n_unique())
        .filter(pl.col("payer") > 1)
        .select("staff", is_several=pl.lit(True))
    )
    complete = closed_months(
        months.join(payers.select("staff", "region_code").unique(), on="staff"),
        facts,
        personnel.INSURANCE,
        key="staff",
    )
    return (
        everyone.join(months, on="staff")
        .join(paid, on=["staff", "person_key", "month"], how="left")
        .join(complete, on=["staff", "month"], how="left")
        .join(
            paid.select("staff", "person_key", "month", is_delivered=pl.lit(True)),
            on=["staff", "person_key", "month"],
            how="left",
        )
        .join(several, on="staff", how="left")
        .with_columns(
            # What another payer has not delivered may be the payment that counts.
            is_paid=pl.when(
                pl.col("is_delivered")
                & (pl.col("is_paid") | pl.col("is_closed") | pl.col("is_several").is_null())
            )
            .then(pl.col("is_paid"))
            .when(pl.col("is_closed") & ~pl.col("person_key").str.starts_with(STRANGER))
            .then(False)
        )
        .group_by("staff", "person_key")
        .agg(
            is_insured=kleene.every(pl.col("is_paid")),
            is_sole_payer=pl.col("is_sole_payer").fill_null(True).all(),
        )
    )
