"""Who counts: the people of each applicant, employed by it, of age, insured (regulations E1-E9).

Belongs here: from the personnel base to "this person counts for this case, as this". Does
not: the months of insurance (`decisions.people.insurance`), what certificates say
(`decisions.people.personal_certificates`), how many are asked for (`decisions.people.headcount`).

Who counts follows from the enterprise, the day and the months of insurance asked: cases that
agree in these share one `staff`, judged once. Truths are three-valued (null = no data).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from assets.calendar import full_years_expr
from assets.tables import personnel
from decisions import kleene
from decisions.facts.astray import astray, tied
from decisions.facts.bodies import OF
from decisions.facts.coverage import with_declared
from decisions.facts.model import Facts
from decisions.facts.payers import payers_of, with_all_known
from decisions.people.insurance import PERSON, Insured, insured_by, is_insured
from decisions.people.personal_certificates import certified, trusted
from decisions.plans import as_written
from decisions.rulebook.codes import People

AGE_LIMIT = 60
"""60 full years or under on the day of filing (20号 (38)5; E2)."""


_PAID_BY_NOBODY_KNOWS_WHOM = "社会保险缴费单位无法识别 insured by an employer that cannot be read"
_COLLECTED_LATER = (
    "社会保险费在申请月之后收缴，申请时是否已缴不明 "
    "collected after the month of filing: whether it was paid by then is not known"
)


@dataclass(frozen=True)
class Workforce:
    """Everybody who may count for each case.

    Attributes:
        of: `application_id`, `staff`.
        persons: `staff`, `person_key`, `is_counted`, `why` (text: first thing that
            speaks against the person or is not known; null if none).
        uses: `staff`, `person_key`, `use` (constructor, titled, site, worker),
            `value` (specialty, major, role, trade; null = not readable), `other` (the major of a
            titled person's degree, which counts as well; null = not told, empty of all others),
            `rank` (null = not readable), `holds` (the certificate itself), `target`, `row_key`.
        perhaps_lead: `staff`, `person_key`: people known here who were appointed technical
            leader of nobody knows which enterprise (reading 56).
        bodies: the applicants, their branches and who may be one
            (`decisions.facts.bodies.bodies_of`).
    """

    of: pl.DataFrame
    persons: pl.DataFrame
    uses: pl.DataFrame
    perhaps_lead: pl.DataFrame
    bodies: pl.DataFrame


def workforce(cases: pl.DataFrame, bodies: pl.DataFrame, facts: Facts, codes: People) -> Workforce:
    """The people of the cases.

    Args:
        cases: `application_id`, `usc_code`, `filed_on`, `insurance_months` (0 = none asked).
        bodies: from `decisions.facts.bodies.bodies_of`: whom a certificate or appointment by one of
            them ties to the applicant, too.
        facts: the release.
        codes: names and grades of the standard.
    """
    alike = ["usc_code", "filed_on", "insurance_months"]
    staffs = (
        cases.lazy()
        .select(alike)
        .unique(maintain_order=True)
        .with_row_index("staff")
        .pipe(with_all_known, facts)
        .pipe(as_written)
    )
    payers = payers_of(staffs, facts)
    insured = insured_by(staffs, payers, facts)
    members = as_written(staffs.lazy().join(bodies.lazy().select(*OF, "body"), on=OF))
    uses = certified(members, insured, facts, codes)
    leads = facts.table(personnel.TECHNICAL_LEAD).select("person_key", body="usc_code")
    leaders = facts.read(members.lazy().join(leads, on="body").select(PERSON))
    perhaps = _perhaps_leading(staffs, payers, facts)
    everyone = as_written(pl.concat([uses.lazy().select(PERSON), leaders, perhaps.lazy()]).unique())
    return Workforce(
        of=as_written(cases.lazy().join(staffs.lazy(), on=alike).select("application_id", "staff")),
        persons=_judged(everyone, as_written(leaders), staffs, payers, insured, facts),
        uses=uses,
        perhaps_lead=perhaps,
        bodies=bodies,
    )


def _perhaps_leading(staffs: pl.DataFrame, payers: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    lost = astray(facts, personnel.TECHNICAL_LEAD)
    if lost is None:
        return pl.DataFrame(schema={"staff": staffs.schema["staff"], "person_key": pl.String()})
    return tied(lost["person_key"], staffs, payers, facts)


def _judged(
    everyone: pl.DataFrame,
    leaders: pl.DataFrame,
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
        .agg(_ON_RECORD)
        .pipe(facts.read)
    )
    # That nobody else has registered a person is only known of a complete register.
    dated = with_declared(
        staffs.lazy(), facts, personnel.REGISTRATION, everywhere=True, name="is_registry_closed"
    )
    rows = (
        everyone.lazy()
        .join(dated, on="staff")
        .join(person, on="person_key", how="left")
        .join(_registered_elsewhere(everyone, staffs, payers, facts), on=PERSON, how="left")
        .join(_leading_elsewhere(leaders, staffs, payers, facts), on=PERSON, how="left")
        .join(insured.asked.lazy(), on="staff", how="left")
        .join(insured.told.lazy(), on=PERSON, how="left")
    )
    return rows.with_columns(_TRUTHS).select("staff", "person_key", *_WHOLE).pipe(as_written)


_ON_RECORD = [
    pl.col("is_lawful").all(),
    trusted(pl.col("born_on", "deceased_on", "retired_on")).first(),
    trusted(pl.lit(True)).first().alias("is_known"),
]
_FILED_ON = pl.col("filed_on")
_TRUTHS = [
    is_insured().alias("is_insured"),
    pl.when(pl.col("months") > 0)
    .then(pl.when(pl.col("told").is_null()).then(True).otherwise("is_sole_payer"))
    .alias("is_sole_payer"),
    # What is not on record yet may be a branch of the applicant.
    pl.when(pl.col("is_registered"))
    .then(pl.when("is_register_closed").then(~pl.col("is_elsewhere")))
    .when(pl.col("is_registry_closed"))
    .then(True)
    .alias("is_here_only"),
    pl.when(pl.col("is_named_by_two").is_null())
    .then(True)
    .when("is_register_closed")
    .then(~pl.col("is_of_two"))
    .alias("is_leader_here_only"),
    (full_years_expr(pl.col("born_on"), _FILED_ON) <= AGE_LIMIT).alias("is_of_age"),
    pl.when(pl.col("is_known"))
    .then((pl.col("deceased_on") > _FILED_ON).fill_null(True))
    .alias("is_alive"),
    pl.when(pl.col("is_known"))
    .then((pl.col("retired_on") > _FILED_ON).fill_null(True))
    .alias("is_in_work"),
]
_REASONS = (
    (
        "is_insured",
        "近期社会保险非本单位缴纳 not insured here",
        "社会保险数据未到或存疑 insurance not delivered or not trusted",
    ),
    ("is_of_age", "超过60周岁 over 60", "出生日期不明 date of birth not known"),
    ("is_alive", "已死亡 deceased", "人员信息缺失 person not in the base"),
    ("is_in_work", "已退休 retired", "人员信息缺失 person not in the base"),
    (
        "is_here_only",
        "同时注册于其他单位 registered with another enterprise",
        "注册信息未到或存疑 registrations not delivered or not trusted",
    ),
    (
        "is_leader_here_only",
        "同时任其他单位技术负责人 leads another enterprise's technique",
        "任命信息存疑 appointments not trusted",
    ),
    ("is_lawful", "跨渠道核对不予计入 excluded by a cross-check", "数据存疑 not trusted"),
    (
        "is_sole_payer",
        "多个单位缴纳社会保险 insured by several employers",
        _PAID_BY_NOBODY_KNOWS_WHOM,
    ),
)
_WHOLE = [
    kleene.all_of(*(pl.col(name) for name, _, _ in _REASONS)).alias("is_counted"),
    pl.coalesce(
        *(pl.when(~pl.col(name)).then(pl.lit(no)) for name, no, _ in _REASONS),
        pl.when(pl.col("told").is_not_null() & pl.col("is_sole_payer").is_null()).then(
            pl.lit(_PAID_BY_NOBODY_KNOWS_WHOM)
        ),
        pl.when(pl.col("is_late") & pl.col("is_insured").is_null()).then(pl.lit(_COLLECTED_LATER)),
        *(pl.when(pl.col(name).is_null()).then(pl.lit(lost)) for name, _, lost in _REASONS),
    ).alias("why"),
]


def _registered_elsewhere(
    everyone: pl.DataFrame, staffs: pl.DataFrame, payers: pl.DataFrame, facts: Facts
) -> pl.LazyFrame:
    """Live registrations with anybody but the applicant and its branches.

    Registered or employed in two enterprises counts for neither (E4).
    """
    registered = facts.table(personnel.REGISTRATION).select(
        "person_key", "valid_from", "valid_until", "is_trusted", payer="usc_code"
    )
    mine = payers.lazy().select("staff", "payer", "is_sure")
    return (
        everyone.lazy()
        .join(registered, on="person_key")
        .pipe(facts.read)
        .join(mine.unique(), on=["staff", "payer"], how="left")
        .filter(_IS_NOT_MINE)
        .join(staffs.lazy().select("staff", "filed_on"), on="staff")
        .filter(_MAY_BE_LIVE)
        .group_by(PERSON)
        .agg(_ELSEWHERE)
    )


def _leading_elsewhere(
    leaders: pl.DataFrame, staffs: pl.DataFrame, payers: pl.DataFrame, facts: Facts
) -> pl.LazyFrame:
    """Appointments of who leads here by anybody but the applicant and its branches.

    Technical leader of two enterprises counts for neither (E4), by the day of filing: one whom
    another appointed only later was not its leader then.
    """
    appointed = facts.table(personnel.TECHNICAL_LEAD).select(
        "person_key", "appointed_on", "is_trusted", payer="usc_code"
    )
    mine = payers.lazy().select("staff", "payer", "is_sure").unique()
    leads = (
        leaders.lazy()
        .unique()
        .join(appointed, on="person_key")
        .pipe(facts.read)
        .join(mine, on=["staff", "payer"], how="left")
        .join(staffs.lazy().select("staff", "filed_on"), on="staff")
        .cache()
    )
    here = leads.drop_nulls("is_sure").group_by(PERSON).agg(_LEADS_HERE)
    elsewhere = leads.filter(_IS_NOT_MINE, _MAY_BE_APPOINTED).group_by(PERSON).agg(_LEADS_ELSEWHERE)
    return here.join(elsewhere, on=PERSON).select(
        *PERSON,
        is_of_two=kleene.all_of(pl.col("leads_here"), pl.col("leads_elsewhere")),
        is_named_by_two=pl.lit(True),
    )


_LEADS_HERE = kleene.some(trusted(pl.when("is_sure").then(True))).alias("leads_here")
_LEADS_ELSEWHERE = kleene.some(
    trusted(pl.when(pl.col("is_sure").is_null() & pl.col("appointed_on").is_not_null()).then(True))
).alias("leads_elsewhere")
# The days of a row that is not trusted may be wrong, too.
_MAY_BE_APPOINTED = (pl.col("appointed_on") <= _FILED_ON).fill_null(True) | ~pl.col("is_trusted")
_IS_NOT_MINE = ~pl.col("is_sure").fill_null(False)
# The days of a row that is not trusted may be wrong, too.
_MAY_BE_LIVE = _FILED_ON.is_between("valid_from", "valid_until").fill_null(True) | ~pl.col(
    "is_trusted"
)
_ELSEWHERE = [
    # With what may be a branch of the applicant: elsewhere or not, nobody knows.
    kleene.some(trusted(pl.when(pl.col("is_sure").is_null()).then(True))).alias("is_elsewhere"),
    pl.lit(True).first().alias("is_registered"),
]
