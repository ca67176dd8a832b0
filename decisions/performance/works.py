"""Which unit projects count for a case, and what they measure (regulations E14-E20, E23).

Belongs here: from the project base to "this unit project counts", with the reason if not.
Does not: the scope they must lie within (`decisions.performance.scope`), how many of which class
are asked for (`decisions.performance.judge`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from assets.lake.declaration import QUANTITY
from assets.tables import personnel, project
from decisions import kleene
from decisions.facts.astray import with_astray
from decisions.facts.bodies import OF, all_closed, is_its_own, not_its_own
from decisions.facts.coverage import with_closed
from decisions.facts.model import Facts
from decisions.performance.measures import CONTRACT, as_listed
from decisions.performance.scope import in_scope
from decisions.plans import among, as_written
from decisions.rulebook.codes import UNLISTED_KIND, Codes
from decisions.rulebook.extensions import Extension
from decisions.rulebook.frames import RuleTables


@dataclass(frozen=True)
class Works:
    """The unit projects of the applicants and what is known of them.

    Attributes:
        units: `thing` (0, 1, 2 ... by unit code), `unit_code`, `usc_code`, `contract_no`,
            `project_no`, `contract_type`, `is_consortium`, `signed_on`, `started_on`,
            `accepted_on`, `quality`; of the unit, its contract and its acceptance whether the row
            is trusted and lawful: `is_trusted`, `is_contract_trusted`, `is_acceptance_trusted`
            (null = no such row), `is_lawful` and so on.
        names: `thing`, `name`: the kinds of works a unit is of; `UNLISTED_KIND` for a name that no
            list has, here and in the measures.
        measures: `thing`, `name`, `metric`, `value`, `label`; the contract's price under
            the name `*`.
    """

    units: pl.DataFrame
    names: pl.DataFrame
    measures: pl.DataFrame


def works_of(contracts: pl.LazyFrame, facts: Facts, codes: Codes) -> Works:
    """Everything about the unit projects built under the contracts (`contract_no`, unique).

    What a contract or an acceptance says that is not trusted is not known.
    """
    contract = facts.table(project.CONTRACT).select(
        "contract_no",
        _told("contract_type", "is_consortium", "signed_on"),
        price=pl.coalesce(_figure("amount_yuan"), _figure("settlement_yuan")),
        is_contract_trusted="is_trusted",
        is_contract_lawful="is_lawful",
    )
    acceptance = facts.table(project.ACCEPTANCE).select(
        "contract_no",
        _told("started_on", "accepted_on", "quality"),
        is_acceptance_trusted="is_trusted",
        is_acceptance_lawful="is_lawful",
    )
    units = (
        facts.table(project.UNIT)
        .select(
            "unit_code",
            "usc_code",
            "contract_no",
            "project_no",
            "works_type",
            "is_trusted",
            "is_lawful",
        )
        .join(contracts, on="contract_no", how="semi")
        .join(contract, on="contract_no", how="left")
        .join(acceptance, on="contract_no", how="left")
    )
    measured = facts.table(project.MEASURE).select(
        "is_trusted", "value", "label", "metric", "unit_code", name="works_type"
    )
    found, measures = facts.collect_all(
        [units, measured.join(units.select("unit_code"), on="unit_code", how="semi")]
    )
    found, measures = _by_lists(found, measures, codes)
    built = as_written(
        found.lazy()
        .unique("unit_code", keep="first", maintain_order=True)
        .sort("unit_code")
        .with_row_index("thing")
    )
    things = built.lazy()
    lines = measures.lazy().join(things.select("unit_code", "thing"), on="unit_code")
    names = pl.concat([things.select("thing", name="works_type"), lines.select("thing", "name")])
    own = lines.select(
        "thing",
        "name",
        "metric",
        value=pl.when("is_trusted").then(_figure("value")),
        label=pl.when(pl.col("is_trusted") & _is_graded(codes)).then("label"),
    )
    priced = [
        things.select("thing", *_as_measure(metric.name))
        for metric in codes.metrics.values()
        if metric.from_contract
    ]
    return Works(
        units=built.drop("works_type", "price"),
        names=as_written(names.unique().drop_nulls("name")),
        measures=as_written(pl.concat([own, *priced])),
    )


def _by_lists(
    units: pl.DataFrame, measures: pl.DataFrame, codes: Codes
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Unit projects and measures by the names of the list (`as_listed`).

    Of a unit with several names that no list has, no figure under these is known: nobody can say
    for which of them, and so for which kind of works, it was told.
    """
    listed = as_listed(units, "works_type", codes.works), as_listed(measures, "name", codes.works)
    if listed[0] is units and listed[1] is measures:
        return listed
    told = pl.concat(
        [units.select("unit_code", name="works_type"), measures.select("unit_code", "name")]
    )
    several = (
        told.filter(~pl.col("name").is_in(list(codes.works)))
        .unique()
        .filter(pl.len().over("unit_code") > 1)
    )
    is_open = (pl.col("name") == UNLISTED_KIND) & among("unit_code", several["unit_code"])
    return listed[0], listed[1].with_columns(pl.when(~is_open).then(pl.col("value", "label")))


@cache
def _as_measure(metric: str) -> list[pl.Expr]:
    """The price of its contract as a measure of a unit."""
    price = pl.when("is_contract_trusted").then(pl.col("price").cast(QUANTITY))
    return [
        pl.lit(CONTRACT).alias("name"),
        pl.lit(metric).alias("metric"),
        price.alias("value"),
        pl.lit(None, pl.String()).alias("label"),
    ]


def _is_graded(codes: Codes) -> pl.Expr:
    """Whether a label is one of the grades of its metric, where it has any.

    Any other is no lower grade but none that anybody knows (工程规模 = 内河).
    """
    grades = {m.name: m.order for m in codes.metrics.values() if m.order}
    known = [f"{metric}|{label}" for metric, order in grades.items() for label in order]
    metric, label = pl.col("metric"), pl.col("label")
    is_known = pl.concat_str(metric, label, separator="|").is_in(known)
    return ~metric.is_in(list(grades)) | is_known


def _figure(name: str) -> pl.Expr:
    """A price or measure as told; 0 stands where there is none, as senders have it (reading 85)."""
    return pl.when(pl.col(name) != 0).then(name)


def _told(*names: str) -> pl.Expr:
    """What a row says, if it is trusted: bad data never refuses."""
    return pl.when("is_trusted").then(pl.col(*names))


def countable(
    rows: pl.DataFrame,
    bodies: pl.DataFrame,
    works: Works,
    facts: Facts,
    rules: RuleTables,
    codes: Codes,
    notices: Sequence[Extension],
    recalled_may_grant: bool = True,
) -> pl.DataFrame:
    """Whether each unit project counts on its track, apart from what it measures.

    Args:
        rows: `track` (cases that agree in all that follows), `usc_code`, `category_code`,
            `subcategory`, `filed_on`, `case_decided_on` (the day of the decision), `window_from`
            (first day of acceptance that counts),
            `authority` (who decides: some rules bind only the ministry's cases),
            `platform_digest` (the rule set, if it asks for the platform), `body` (under whose
            code the works are), `is_theirs`, and the other columns of `works.units`.
        bodies: from `decisions.facts.bodies.bodies_of`, of all cases.
        works: the unit projects.
        facts: the release.
        rules: the compiled rulebook.
        codes: the code lists.
        notices: what extended certificates as a whole.
        recalled_may_grant: see `decisions.engine.decide`.

    Returns:
        The rows with `is_countable` (three-valued) and `why`.
    """
    if rows.is_empty():
        return rows.with_columns(
            is_countable=pl.lit(None, pl.Boolean()), why=pl.lit(None, pl.String())
        )
    rows = _accepted(rows, bodies, facts)
    # Works of another time count for nothing, whatever else is true of them.
    timely = rows.filter(pl.col("is_accepted").fill_null(True))
    rows = (
        rows.join(
            in_scope(
                timely, works.names, works.measures, facts, rules, notices, recalled_may_grant
            ),
            on=["track", "thing"],
            how="left",
        )
        .join(
            _managed(timely, bodies, facts, rules, codes), on=["track", "contract_no"], how="left"
        )
        .join(shown(timely, facts, rules), on=["track", "thing"], how="left")
    )
    reasons = (
        ("is_true", "", "数据存疑 row not trusted"),
        (
            "is_accepted",
            "未经验收合格或不在考核期 not accepted within the period",
            "竣工验收数据缺失 acceptance not delivered",
        ),
        (
            "is_in_scope",
            "超出当时资质承包范围或当时无资质 beyond the scope held on the day of contract",
            "承包范围无法核对 scope cannot be checked",
        ),
        (
            "is_managed",
            "项目经理非本单位相应专业注册建造师 manager not registered here as asked",
            "项目经理数据缺失、存疑、不止一人或注册于分支机构 "
            "manager not delivered, in doubt, several, or registered with a branch",
        ),
        ("is_clear", "跨渠道核对不予计入 excluded by a cross-check", ""),
        (
            "is_shown",
            "未录入全国平台 not on the national platform",
            "全国平台数据等级不明 its grade on the national platform is not known",
        ),
    )
    against = pl.coalesce(*(pl.when(~pl.col(name)).then(pl.lit(no)) for name, no, _ in reasons))
    unknown = pl.coalesce(
        *(pl.when(pl.col(name).is_null()).then(pl.lit(lost)) for name, _, lost in reasons)
    )
    return (
        rows.with_columns(
            is_true=pl.when(pl.col("is_trusted") & pl.col("is_contract_trusted")).then(True),
            is_clear=pl.all_horizontal(
                pl.col("is_lawful", "is_contract_lawful", "is_acceptance_lawful").fill_null(True)
            ),
        )
        .with_columns(
            # What hangs on a unit that is not trusted may be another's: its contract that is
            # excluded, too (reading 31).
            is_countable=pl.when(pl.col("is_trusted") | ~pl.col("is_lawful")).then(
                kleene.all_of(is_its_own(), *(pl.col(name) for name, _, _ in reasons))
            ),
        )
        .with_columns(
            # Of what is open, what leaves it open: what speaks against it may be of another's.
            why=pl.coalesce(
                pl.when(pl.col("is_countable").is_not_null()).then(against), not_its_own(), unknown
            ),
        )
    )


def _accepted(rows: pl.DataFrame, bodies: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Accepted as 合格 within the window, by the day of acceptance itself (E14, E15)."""
    done = kleene.all_of(
        pl.col("quality") == "合格",
        pl.col("accepted_on") >= pl.col("window_from"),
        pl.col("accepted_on") <= pl.col("filed_on"),
    )
    return (
        rows.lazy()
        .join(all_closed(bodies, facts, project.ACCEPTANCE), on=OF, how="left")
        .with_columns(
            is_accepted=pl.when(pl.col("is_acceptance_trusted").is_null())
            .then(pl.when(pl.col("is_closed")).then(False))
            .when(pl.col("is_acceptance_trusted"))
            .then(done)
        )
        .drop("is_closed")
        .pipe(as_written)
    )


def shown(
    rows: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    grades: str = "enterprise_grades",
) -> pl.DataFrame:
    """Shown on the national platform, where a notice asks it (226号 item 4, 3号/2023; E23).

    Args:
        rows: `track`, `usc_code`, `filed_on`, `thing`, `project_no`, `authority`,
            `platform_digest`.
        facts: the release.
        rules: the compiled rulebook.
        grades: which grades of the platform's data count: `enterprise_grades` of the works of
            the enterprise, `personal_grades` of those a person led.

    Returns:
        `track`, `thing`, `is_shown` (three-valued).
    """
    asked = as_written(
        rows.lazy()
        .pipe(with_closed, facts, project.PROJECT)
        .select("track", "thing", "project_no", "authority", "platform_digest", "is_closed")
    )
    binding = (
        asked.join(rules.platform, left_on="platform_digest", right_on="digest")
        .filter(pl.col("before").is_null() | (pl.col("before") == pl.col("authority")))
        .select("track", "thing", "must_be_on_platform", grades=grades)
    )
    asked = asked.join(binding, on=["track", "thing"], how="left")
    on_platform = (
        facts.table(project.PROJECT)
        .join(asked.lazy().select("project_no").unique(), on="project_no", how="semi")
        .group_by("project_no")
        .agg(
            is_there=kleene.some(
                pl.when(~pl.col("is_lawful")).then(False).when("is_trusted").then(True)
            ),
            grade=pl.when("is_trusted").then("data_level").first(),
            is_on_record=pl.lit(True).first(),
        )
        .pipe(facts.collect)
    )
    is_there = pl.when(pl.col("is_on_record")).then("is_there").when("is_closed").then(False)
    is_graded = (pl.col("grades").list.len() == 0) | pl.col("grade").is_in(pl.col("grades"))
    return (
        asked.join(on_platform, on="project_no", how="left")
        .with_columns(
            truth=pl.when(pl.col("must_be_on_platform").is_null())
            .then(True)
            .otherwise(
                kleene.all_of(
                    pl.when("must_be_on_platform").then(is_there).otherwise(True), is_graded
                )
            )
        )
        .group_by("track", "thing")
        .agg(is_shown=kleene.every(pl.col("truth")))
    )


def _managed(
    rows: pl.DataFrame, bodies: pl.DataFrame, facts: Facts, rules: RuleTables, codes: Codes
) -> pl.DataFrame:
    """The manager was the enterprise's registered constructor throughout (E14, J-14).

    Of a fitting discipline, from the start of the works to their acceptance, by one registration or
    by several that follow one another (another grade, a number drawn anew). Where the contract
    names several managers, which of them led when is not known: none of them settles it alone
    (reading 64). Of one who is registered with a branch it is not known whether he was (66).
    """
    contracts = as_written(
        rows.lazy()
        .select(
            "track",
            "usc_code",
            "category_code",
            "subcategory",
            "contract_no",
            "filed_on",
            "accepted_on",
            "started_on",
        )
        .unique(["track", "contract_no"])
        .join(all_closed(bodies, facts, personnel.REGISTRATION), on=OF, how="left")
    )
    managers = (
        facts.table(project.PARTY)
        .filter(pl.col("duty") == "项目经理")
        .select("contract_no", "person_key", "is_lawful", is_named="is_trusted")
        .pipe(facts.collect)
    )
    led = contracts.join(managers, on="contract_no", how="left")
    registered = (
        with_astray(facts, personnel.REGISTRATION, led.lazy())
        .rename({"usc_code": "body"})
        # What one in doubt says of kind and discipline is not known either (reading 31).
        .filter(
            pl.col("registration").is_in(list(codes.people.constructor_grades))
            | ~pl.col("is_trusted")
        )
        .select("body", "person_key", "specialty", "valid_from", "valid_until", "is_trusted")
        .pipe(facts.collect)
    )
    registrations = (
        led.join(bodies.select(*OF, "body"), on=OF)
        .join(registered, on=["body", "person_key"])
        .join(
            rules.disciplines.rename({"specialty": "discipline"}),
            on=["category_code", "subcategory"],
        )
        .filter(
            (pl.col("discipline") == "*")
            | (pl.col("specialty") == pl.col("discipline"))
            | ~pl.col("is_trusted")
        )
        .with_columns(truth=kleene.all_of(is_its_own(), _SPANS))
    )
    fitting = (
        pl.concat([registrations.select(*_LED, "truth"), _one_after_another(registrations)])
        .group_by(_LED)
        .agg(is_registered=kleene.some(pl.col("truth")), is_found=pl.lit(True).first())
    )
    return (
        led.join(fitting, on=_LED, how="left")
        .with_columns(
            truth=pl.when(~pl.col("is_lawful"))
            .then(False)
            .when(~pl.col("is_named").fill_null(False))
            .then(None)
            .when(pl.col("is_registered"))
            .then(True)
            # Another registration may not have been delivered.
            .when(pl.col("is_closed"))
            .then(pl.when("is_found").then("is_registered").otherwise(False))
        )
        .group_by("track", "contract_no")
        .agg(is_managed=pl.when(_ALL_OR_SOLE).then(kleene.every(pl.col("truth"))))
    )


_ALL_OR_SOLE = (pl.len() == 1) | kleene.every(pl.col("truth")).fill_null(False)
_LED = ["track", "contract_no", "person_key"]
_SPANS = pl.when("is_trusted").then(
    (pl.col("valid_from") <= pl.col("started_on"))
    & (pl.col("valid_until") >= pl.col("accepted_on"))
)


def _one_after_another(registrations: pl.DataFrame) -> pl.DataFrame:
    """The unbroken spells that several registrations of a manager make up, without a day between.

    Args:
        registrations: `_LED`, `usc_code`, `body`, `started_on`, `accepted_on`, `valid_from`,
            `valid_until`, `is_trusted`, `truth` (whether that one alone will do).

    Returns:
        `_LED`, `truth` of each spell, null where a branch's registration is part of it; of who has
        only one registration, or one that will do, none.
    """
    several = registrations.filter(
        "is_trusted",
        (pl.len() > 1).over(_LED),
        ~kleene.some(pl.col("truth")).fill_null(False).over(_LED),
    )
    if several.is_empty():
        return several.select(*_LED, "truth")
    own = several.filter(pl.col("body") == pl.col("usc_code"))
    return pl.concat(
        rows.sort("valid_from")
        .with_columns(reached=pl.col("valid_until").cum_max().shift().over(_LED))
        .with_columns(
            begins=(pl.col("valid_from") > pl.col("reached").dt.offset_by("1d")).fill_null(True)
        )
        .with_columns(spell=pl.col("begins").cum_sum().over(_LED))
        .group_by(*_LED, "spell", "started_on", "accepted_on", "is_trusted")
        .agg(pl.col("valid_from").min(), pl.col("valid_until").max())
        .select(*_LED, truth=truth & _SPANS)
        for rows, truth in ((own, pl.lit(True)), (several, pl.lit(None, pl.Boolean())))
    )
