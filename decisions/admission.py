"""The switches before any assessment: may this authority take this case up at all?

Belongs here: jurisdiction, state of the registration, what is held, bars, rectification,
the grounds of a change and of a re-verification (regulations A, B, C3, C5, C8). Does not:
the standard itself. Article 23 is no switch: it refuses (`decisions.article_23`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from assets.tables import certificate, credit, enterprise
from decisions import kleene
from decisions.coverage import closed
from decisions.facts import Facts
from decisions.held import held_now
from decisions.rulebook.book import Rulebook
from decisions.verdicts import Verdicts

REVERIFICATION_EVENTS = (
    "merger_absorption",
    "merger_new",
    "split",
    "restructuring",
    "conversion",
    "moved_province",
    "capital_nature",
)
"""Grounds of 重新核定 (B6.1); a change because of one of them is none (B4.3)."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch in words: what is asked, with its clause and basis."""

    zh: str
    en: str
    required: str
    clause: str
    basis: str


SWITCHES: dict[str, Switch] = {
    "jurisdiction": Switch(
        "属本机关审批权限",
        "within this authority's powers",
        "本机关 this authority",
        "令22 第九条至第十一条",
        "seen",
    ),
    "registration_state": Switch(
        "工商登记状态正常",
        "business registration in normal state",
        "存续 active",
        "令22 第八条; regulations C8",
        "recalled",
    ),
    "first_level": Switch(
        "首次申请、增项从最低等级申请",
        "a first or added qualification starts at the lowest level",
        "最低等级 lowest level",
        "令22 第八条",
        "seen",
    ),
    "held": Switch(
        "现有资质符合申请类型",
        "what is held fits the kind of application",
        "见说明 see note",
        "令22 第八条、第十八条; regulations B",
        "recalled",
    ),
    "validity": Switch(
        "资质证书有效",
        "the qualification is valid",
        "有效期内 within its term",
        "令22 第十八条; B3.5, B5.3",
        "seen",
    ),
    "filing_window": Switch(
        "有效期届满3个月前申请延续",
        "renewal filed three months before expiry",
        "届满前3个月 three months before",
        "令22 第十八条; B3.1, B3.2",
        "seen",
    ),
    "bar": Switch(
        "不在申请限制期内",
        "no bar on applying is running",
        "无 none",
        "令22 第三十五条、第三十六条; C4-C6",
        "seen",
    ),
    "rectification": Switch(
        "未处于责令整改期",
        "not under an order to correct",
        "无 none",
        "令22 第二十八条; C3",
        "seen",
    ),
    "change_ground": Switch(
        "登记信息已变更且不属于重新核定情形",
        "the registration has changed, and not by a ground of re-verification",
        "有变更 changed",
        "令22 第十九条、第二十条; B4.3",
        "recalled",
    ),
    "reverification_ground": Switch(
        "存在重新核定情形",
        "a ground of re-verification is on record",
        "有 yes",
        "令22 第二十一条; B6.1",
        "seen",
    ),
}
"""Every switch, in the order of its report."""


def judge_admission(
    cases: pl.DataFrame, facts: Facts, book: Rulebook, as_authority: str
) -> Verdicts:
    """The switches that bear on each case's kind.

    Args:
        cases: `application_id`, `usc_code`, `kind`, `category_code`, `subcategory`, `level`,
            `filed_on`, `decided_on`, `rank`, `is_lowest`, `levels` (how many the category has),
            `authority` (who decides it).
        facts: the release.
        book: the rulebook.
        as_authority: whose office this is.
    """
    held = held_now(cases.select("application_id", "usc_code", "filed_on"), facts)
    registry = (
        facts.table(enterprise.REGISTRY)
        .join(cases.lazy().select("usc_code").unique(), on="usc_code", how="semi")
        .collect()
    )
    registry = registry.sort("is_trusted", "received_at", descending=True).unique(
        "usc_code", keep="first", maintain_order=True
    )
    judge = _Judge(cases, facts, book, as_authority, held, registry)
    kinds: tuple[tuple[str, Callable[[], pl.DataFrame], tuple[str, ...]], ...] = (
        ("jurisdiction", judge.jurisdiction, ()),
        ("registration_state", judge.registration_state, ()),
        ("first_level", judge.first_level, ("first", "addition")),
        ("held", judge.held_fits, ()),
        (
            "validity",
            judge.validity,
            ("upgrade", "renewal", "change", "replacement", "reverification"),
        ),
        ("filing_window", judge.filing_window, ("renewal",)),
        ("bar", judge.bar, ()),
        ("rectification", judge.rectification, ("addition", "upgrade")),
        ("change_ground", judge.change_ground, ("change",)),
        ("reverification_ground", judge.reverification_ground, ("reverification",)),
    )
    answers = []
    for criterion, answer, only in kinds:
        rows = answer().with_columns(criterion=pl.lit(criterion))
        if only:
            wanted = cases.filter(pl.col("kind").is_in(only)).select("application_id")
            rows = rows.join(wanted, on="application_id", how="semi")
        answers.append(rows.select("application_id", "criterion", "truth", "actual", "note"))
    return Verdicts.of(pl.concat(answers), judge.evidence())


@dataclass(frozen=True)
class _Judge:
    """Each method answers one switch: `application_id`, `truth`, `actual`, `note`."""

    cases: pl.DataFrame
    facts: Facts
    book: Rulebook
    as_authority: str
    held: pl.DataFrame
    registry: pl.DataFrame

    def jurisdiction(self) -> pl.DataFrame:
        law = self.book.jurisdiction
        names = pl.DataFrame(
            [(name, one.zh, one.en) for name, one in law.authorities.items()],
            schema=["authority", "authority_zh", "authority_en"],
            orient="row",
        )
        region = self.registry.select(
            "usc_code", region_code=pl.when("is_trusted").then("region_code")
        )
        rows = self.cases.join(names, on="authority", how="left").join(
            region, on="usc_code", how="left"
        )
        is_here = pl.col("region_code").str.slice(0, 2).is_in(list(law.province_regions))
        return rows.select(
            "application_id",
            truth=kleene.all_of(pl.col("authority") == self.as_authority, is_here),
            actual=pl.coalesce(
                pl.concat_str(["authority_zh", "authority_en"], separator=" "),
                pl.lit("无数据 no data"),
            ),
            note=pl.when(pl.col("authority").is_null())
            .then(pl.lit("审批权限数据缺失 the rulebook does not say who decides this"))
            .when(pl.col("authority") != self.as_authority)
            .then(pl.format("请向{}申请 apply to the {}", "authority_zh", "authority_en"))
            .when(~is_here)
            .then(pl.lit("请向工商注册所在地主管部门申请 apply where the business is registered"))
            .when(is_here.is_null())
            .then(
                pl.lit(
                    "base_enterprise__registry: 注册地数据缺失 region of registration not delivered"
                )
            ),
        )

    def registration_state(self) -> pl.DataFrame:
        state = self.registry.select("usc_code", "state_code", "entity_code", "is_trusted")
        complete = closed(
            self.cases.lazy(), self.facts, enterprise.REGISTRY, day="decided_on"
        ).collect()
        rows = self.cases.join(state, on="usc_code", how="left").join(complete, on="application_id")
        is_normal = kleene.all_of(
            pl.col("state_code") == "active", pl.col("entity_code") == "enterprise"
        )
        return rows.select(
            "application_id",
            truth=pl.when(~pl.col("is_trusted").fill_null(True))
            .then(None)
            .when(is_normal.fill_null(True) & ~pl.col("is_closed"))
            .then(None)
            .when(pl.col("is_trusted").is_null())
            .then(False)
            .otherwise(is_normal),
            actual=pl.coalesce("state_code", pl.lit("无登记信息 not on record")),
            note=pl.when(~pl.col("is_closed")).then(
                pl.lit("base_enterprise__registry: 登记数据未到或过期 not delivered or stale")
            ),
        )

    def first_level(self) -> pl.DataFrame:
        is_direct = (
            (pl.col("filed_on") >= self.book.kinds.direct_second_level_from)
            & (pl.col("levels") == 3)
            & (pl.col("rank") == 2)
        )
        return self.cases.select(
            "application_id",
            truth=pl.when(is_direct).then(None).otherwise(pl.col("is_lowest")),
            actual="level",
            note=pl.when(is_direct)
            .then(
                pl.lit(
                    "直接申请二级的标准尚未编入 the rule on direct application is not encoded yet"
                )
            )
            .when(~pl.col("is_lowest"))
            .then(pl.lit("应从最低等级申请 apply for the lowest level first")),
        )

    def held_fits(self) -> pl.DataFrame:
        same = self.held.join(
            self.cases.select(
                "application_id",
                "category_code",
                "subcategory",
                asked_rank="rank",
            ),
            on=["application_id", "category_code", "subcategory"],
        )
        is_valid, rank, asked = pl.col("is_valid"), pl.col("rank"), pl.col("asked_rank")
        here = same.group_by("application_id").agg(
            has_category=kleene.some(is_valid),
            has_lower=kleene.some(kleene.all_of(is_valid, rank == asked - 1)),
            has_higher=kleene.some(kleene.all_of(is_valid, rank >= asked)),
            has_level=kleene.some(kleene.all_of(pl.col("is_held"), rank == asked)),
            has_same=pl.lit(True).first(),
            levels=pl.col("level").filter(is_valid).unique().sort().str.join("、"),
        )
        some = self.held.group_by("application_id").agg(
            has_any=kleene.some(is_valid),
            has_some=pl.lit(True).first(),
            is_readable=pl.all_horizontal(pl.col("category_code", "level").is_not_null()).all(),
        )
        complete = closed(
            self.cases.lazy(), self.facts, enterprise.QUALIFICATION, enterprise.CERTIFICATE
        ).collect()
        # A row whose category cannot be read may be of any.
        is_known = pl.col("is_closed") & pl.col("is_readable").fill_null(True)
        rows = (
            self.cases.join(here, on="application_id", how="left")
            .join(some, on="application_id", how="left")
            .join(complete, on="application_id")
            .with_columns(
                kleene.proven(
                    pl.when(pl.col(on_record).is_not_null()).then(pl.col(name)).otherwise(False),
                    is_known,
                ).alias(name)
                for name, on_record in (
                    ("has_category", "has_same"),
                    ("has_lower", "has_same"),
                    ("has_higher", "has_same"),
                    ("has_level", "has_same"),
                    ("has_any", "has_some"),
                )
            )
        )
        kind = pl.col("kind")
        fits = (
            pl.when(kind == "first")
            .then(~pl.col("has_any"))
            .when(kind == "addition")
            .then(kleene.all_of(pl.col("has_any"), ~pl.col("has_category")))
            .when(kind == "upgrade")
            .then(kleene.all_of(pl.col("has_lower"), ~pl.col("has_higher")))
            .otherwise(pl.col("has_level"))
        )
        return rows.select(
            "application_id",
            truth=fits,
            actual=pl.coalesce(
                "levels",
                pl.when(pl.col("has_any"))
                .then(pl.lit("持有其他资质 holds others"))
                .otherwise(pl.lit("无 none")),
            ),
            note=pl.when(fits.is_null())
            .then(
                pl.lit(
                    "base_enterprise__qualification: 资质数据未到、过期或存疑 "
                    "not delivered, stale or not trusted"
                )
            )
            .when(fits)
            .then(None)
            .when(kind == "first")
            .then(
                pl.lit(
                    "已持有资质，应申请增项或升级 holds one already: file an addition or upgrade"
                )
            )
            .when(kind == "addition")
            .then(pl.lit("应首次申请，或已持有该类别 file a first one, or the category is held"))
            .when(kind == "upgrade")
            .then(pl.lit("应持有本类别低一等级有效资质 the next lower level must be held"))
            .otherwise(pl.lit("未持有该资质 the qualification is not held")),
        )

    def _asked_for(self) -> pl.DataFrame:
        """The held row a case is about: its level, or for an upgrade the next lower one."""
        wanted = self.cases.select(
            "application_id",
            "category_code",
            "subcategory",
            "kind",
            wanted_rank=pl.when(pl.col("kind") == "upgrade")
            .then(pl.col("rank") - 1)
            .otherwise(pl.col("rank")),
        )
        return (
            self.held.join(wanted, on=["application_id", "category_code", "subcategory"])
            .filter(pl.col("rank") == pl.col("wanted_rank"))
            .sort("is_valid", "valid_until", descending=True, nulls_last=True)
            .unique("application_id", keep="first", maintain_order=True)
        )

    def validity(self) -> pl.DataFrame:
        mine = self._asked_for().select("application_id", "status_code", "valid_until", "is_valid")
        return self.cases.join(mine, on="application_id", how="left").select(
            "application_id",
            truth="is_valid",
            actual=pl.when(pl.col("valid_until").is_null())
            .then(pl.lit("无数据 no data"))
            .otherwise(pl.format("{} 至 until {}", "status_code", "valid_until")),
            note=pl.when(~pl.col("is_valid")).then(
                pl.lit("证书已失效 the qualification is no longer valid")
            ),
        )

    def filing_window(self) -> pl.DataFrame:
        mine = self._asked_for().select("application_id", "valid_until")
        due = pl.col("valid_until").dt.offset_by("-3mo")
        return self.cases.join(mine, on="application_id", how="left").select(
            "application_id",
            truth=pl.lit(True),
            actual=pl.col("filed_on").cast(pl.String),
            note=pl.when(pl.col("filed_on") > due).then(
                pl.format(
                    "逾期提出，届满至批准前不得承接新工程 filed after {}: "
                    "no new works between expiry and renewal",
                    due,
                )
            ),
        )

    def bar(self) -> pl.DataFrame:
        bars = (
            self.facts.table(credit.BAR)
            .select(
                "usc_code", "starts_on", "ends_on", "ground", "is_trusted", barred="category_code"
            )
            .collect()
        )
        running = self.cases.join(bars, on="usc_code").filter(
            (pl.col("barred").is_null() | (pl.col("barred") == pl.col("category_code")))
            & (pl.col("starts_on") <= pl.col("decided_on")).fill_null(True)
            & (pl.col("ends_on").is_null() | (pl.col("ends_on") >= pl.col("filed_on")))
        )
        return self._none_running(
            running,
            credit.BAR.name,
            pl.col("ground").fill_null("?"),
            closed(self.cases.lazy(), self.facts, credit.BAR, day="decided_on").collect(),
        )

    def rectification(self) -> pl.DataFrame:
        orders = (
            self.facts.table(credit.RECTIFICATION)
            .select("usc_code", "order_no", "ordered_on", "closed_on", "is_trusted")
            .collect()
        )
        running = self.cases.join(orders, on="usc_code").filter(
            (pl.col("ordered_on") <= pl.col("decided_on")).fill_null(True)
            & (pl.col("closed_on").is_null() | (pl.col("closed_on") > pl.col("filed_on")))
        )
        return self._none_running(
            running,
            credit.RECTIFICATION.name,
            pl.col("order_no").fill_null("?"),
            closed(self.cases.lazy(), self.facts, credit.RECTIFICATION, day="decided_on").collect(),
        )

    def _none_running(
        self, running: pl.DataFrame, table: str, name: pl.Expr, complete: pl.DataFrame
    ) -> pl.DataFrame:
        found = running.group_by("application_id").agg(
            is_sure=pl.col("is_trusted").any(), names=name.sort().str.join("、")
        )
        return (
            self.cases.join(found, on="application_id", how="left")
            .join(complete, on="application_id")
            .select(
                "application_id",
                truth=pl.when(pl.col("is_sure").fill_null(False))
                .then(False)
                .when(pl.col("is_sure").is_not_null() | ~pl.col("is_closed"))
                .then(None)
                .otherwise(True),
                actual=pl.coalesce("names", pl.lit("无 none")),
                note=pl.when(~pl.col("is_closed")).then(
                    pl.lit(f"{table}: 信用数据未到或过期 not delivered or stale")
                ),
            )
        )

    def _events(self) -> pl.DataFrame:
        """Grounds of re-verification since the certificate was issued, up to the filing."""
        mine = self._asked_for().select("application_id", "certificate_no", "held_from")
        issued = (
            self.facts.table(enterprise.CERTIFICATE).select("certificate_no", "issued_on").collect()
        )
        # A row that is not trusted may be of any kind.
        events = (
            self.facts.table(enterprise.EVENT)
            .filter(pl.col("event_code").is_in(REVERIFICATION_EVENTS) | ~pl.col("is_trusted"))
            .collect()
        )
        return (
            self.cases.select("application_id", "usc_code", "filed_on")
            .join(mine, on="application_id", how="left")
            .join(issued, on="certificate_no", how="left")
            .join(events, on="usc_code")
            .filter(
                (pl.col("happened_on") <= pl.col("filed_on")).fill_null(True)
                & (pl.col("happened_on") >= pl.coalesce("issued_on", "held_from")).fill_null(True)
            )
            .group_by("application_id")
            .agg(
                has_event=kleene.some(pl.when("is_trusted").then(True)),
                is_on_record=pl.lit(True).first(),
                events=pl.col("event_code").unique().sort().str.join("、"),
            )
        )

    def change_ground(self) -> pl.DataFrame:
        printed = printed_on_certificates(self.facts).join(
            self._asked_for().select("application_id", "certificate_no"), on="certificate_no"
        )
        now = self.registry.filter("is_trusted").select(
            "usc_code", "name", "address", "legal_representative", "registered_capital_yuan"
        )
        pairs = (
            ("name", "printed_name", "名称"),
            ("address", "printed_address", "地址"),
            ("legal_representative", "printed_legal_representative", "法定代表人"),
            ("registered_capital_yuan", "printed_capital_yuan", "注册资本"),
        )
        complete = closed(
            self.cases.lazy(), self.facts, enterprise.REGISTRY, enterprise.EVENT
        ).collect()
        rows = (
            self.cases.join(printed, on="application_id", how="left")
            .join(now, on="usc_code", how="left")
            .join(self._events(), on="application_id", how="left")
            .join(complete, on="application_id")
        )
        differs = kleene.any_of(*(pl.col(new) != pl.col(old) for new, old, _ in pairs))
        changed = pl.concat_str(
            [pl.when(pl.col(new) != pl.col(old)).then(pl.lit(f"{zh} ")) for new, old, zh in pairs],
            ignore_nulls=True,
        )
        return rows.select(
            "application_id",
            truth=pl.when(pl.col("has_event"))
            .then(False)
            .when(~pl.col("is_closed") | pl.col("is_on_record").fill_null(False))
            .then(None)
            .otherwise(differs),
            actual=pl.when(changed.str.len_chars() > 0)
            .then(changed.str.strip_chars())
            .otherwise(pl.lit("无变化 unchanged")),
            note=pl.when(pl.col("has_event"))
            .then(
                pl.format(
                    "因{}变更，应申请重新核定 the change follows {}: apply for re-verification",
                    "events",
                    "events",
                )
            )
            .when(~pl.col("is_closed"))
            .then(pl.lit("base_enterprise__registry: 登记数据未到或过期 not delivered or stale"))
            .when(~differs)
            .then(pl.lit("证书与登记一致，无需变更 they agree: nothing to change")),
        )

    def reverification_ground(self) -> pl.DataFrame:
        complete = closed(self.cases.lazy(), self.facts, enterprise.EVENT).collect()
        rows = self.cases.join(self._events(), on="application_id", how="left").join(
            complete, on="application_id"
        )
        return rows.select(
            "application_id",
            truth=pl.when(pl.col("has_event"))
            .then(True)
            .when(pl.col("is_on_record").is_null() & pl.col("is_closed"))
            .then(False),
            actual=pl.coalesce("events", pl.lit("无 none")),
            note=pl.when(pl.col("has_event").is_null() & ~pl.col("is_closed")).then(
                pl.lit("base_enterprise__event: 登记变更数据未到或过期 not delivered or stale")
            ),
        )

    def evidence(self) -> pl.DataFrame:
        """The registration and the qualifications held, as they stood."""
        registered = (
            self.cases.select("application_id", "usc_code")
            .join(self.registry, on="usc_code")
            .select(
                "application_id",
                criterion=pl.lit("registration_state"),
                target=pl.lit(enterprise.REGISTRY.name),
                row_key="usc_code",
                counted=pl.col("state_code") == "active",
                reason=pl.lit(None, pl.String()),
                content_json=pl.struct(
                    "name",
                    "entity_code",
                    "region_code",
                    "state_code",
                    pl.col("registered_capital_yuan").cast(pl.String),
                ).struct.json_encode(),
            )
        )
        holdings = self.held.select(
            "application_id",
            criterion=pl.lit("held"),
            target=pl.lit(enterprise.QUALIFICATION.name),
            row_key=pl.format(
                "{}|{}|{}|{}", "certificate_no", "category_code", "subcategory", "level"
            ),
            counted="is_valid",
            reason=pl.when(~pl.col("is_valid")).then(pl.lit("已失效 not valid")),
            content_json=pl.struct(
                "status_code",
                pl.col("held_from").cast(pl.String),
                pl.col("valid_until").cast(pl.String),
            ).struct.json_encode(),
        ).unique(["application_id", "row_key"], keep="first", maintain_order=True)
        return pl.concat(
            [
                registered.unique(["application_id", "row_key"], keep="first", maintain_order=True),
                holdings,
            ]
        )


def printed_on_certificates(facts: Facts) -> pl.DataFrame:
    """What stands on each certificate now: `certificate_no` and the `printed_` columns.

    Of one that Miaoban has issued anew, what Miaoban printed last.
    """
    columns = [
        "printed_name",
        "printed_address",
        "printed_legal_representative",
        "printed_capital_yuan",
    ]
    base = (
        facts.table(enterprise.CERTIFICATE).filter("is_trusted").select("certificate_no", *columns)
    )
    own = (
        facts.raw(certificate.CERTIFICATE)
        .sort("version", descending=True)
        .unique("certificate_no", keep="first", maintain_order=True)
        .select(
            "certificate_no",
            printed_name="enterprise_name",
            printed_address="address",
            printed_legal_representative="legal_representative",
            printed_capital_yuan="registered_capital_yuan",
        )
    )
    return pl.concat(
        [base.join(own.select("certificate_no"), on="certificate_no", how="anti"), own]
    ).collect()
