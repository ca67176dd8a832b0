"""Which unit projects count for a case, whatever they measure (regulations E14, E15, E23).

Belongs here: "this unit project counts", with the reason if not, and its acceptance. Does not: the
scope it must lie within (`decisions.performance.scope`), who managed it (`managers`), the national
platform (`national_platform`), how many of which class are asked for
(`decisions.performance.judge`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from assets.tables import project
from decisions import kleene
from decisions.facts.bodies import OF, all_closed, is_its_own, not_its_own
from decisions.facts.model import Facts
from decisions.performance.managers import managed
from decisions.performance.national_platform import shown
from decisions.performance.scope import in_scope
from decisions.performance.works import Works
from decisions.plans import as_written
from decisions.rulebook.codes import Codes
from decisions.rulebook.extensions import Extension
from decisions.rulebook.frames import RuleTables


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
        .join(managed(timely, bodies, facts, rules, codes), on=["track", "contract_no"], how="left")
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
