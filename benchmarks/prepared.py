"""Facts settled for the peers: who and what counts for each case, in memory, nothing to find out.

Belongs here: from the engine's own findings about people and works, and from the base tables, to
what the peers ask their conditions of. Does not: rules.

Only what surely counts is given, so that a peer's two values stand for met and not surely met; or,
of the same cases, all that may count, for a peer that has to tell apart what is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from assets.tables import enterprise, personnel, project
from benchmarks.plain_rules import SCALE
from decisions import kleene
from decisions.facts.model import Facts
from decisions.holdings.held import held_now
from decisions.means.net_assets import CAPITAL
from decisions.people.leaders import with_leader
from decisions.people.workforce import Workforce
from decisions.performance.countable import countable
from decisions.performance.judge import TRACK
from decisions.performance.measures import of_kind
from decisions.performance.works import works_of
from decisions.rulebook.book import Rulebook
from decisions.rulebook.frames import RuleTables

_EITHER_MAJOR = pl.concat_list("value", pl.coalesce("other", pl.lit(""))).alias("value")
"""What a certificate is of, and the major of a degree beside that of a title."""
_ANY = 10**15
"""Stands for a grade or a figure that is not known, where it may be any."""


@dataclass(frozen=True)
class Counted:
    """Works, or machines.

    Attributes:
        units: `thing` (0, 1, 2 ...), `usc_code`, `contract_type`, `is_consortium`.
        names: `thing`, `name`: the kinds it is of.
        measures: `thing`, `name`, `metric`, `value` (whole ten thousandths), `label`.
        counts: `application_id`, `thing`: what surely counts for whom.
    """

    units: pl.DataFrame
    names: pl.DataFrame
    measures: pl.DataFrame
    counts: pl.DataFrame


@dataclass(frozen=True)
class Prepared:
    """The facts of the cases.

    Figures are whole ten thousandths (`benchmarks.plain_rules.SCALE`).

    Attributes:
        facts: the release, of these enterprises.
        book: the standard.
        rules: the compiled rulebook.
        cases: the cases (`decisions.cases`), `application_id` = 0, 1, 2 ...
        people: who counts for each case.
        is_sure: whether only what surely counts is given.
    """

    facts: Facts
    book: Rulebook
    rules: RuleTables
    cases: pl.DataFrame
    people: Workforce
    is_sure: bool = True

    @cached_property
    def certificates(self) -> pl.DataFrame:
        """`staff`, `person`, `use`, `value`, `rank` of everybody who surely counts, or may."""
        counts = kleene.all_of(pl.col("holds"), pl.col("is_counted"))
        rank = pl.col("rank") if self.is_sure else pl.col("rank").fill_null(_ANY)
        return (
            self.people.uses.join(self.people.persons, on=["staff", "person_key"])
            .filter(counts.fill_null(not self.is_sure))
            .select("staff", "use", _EITHER_MAJOR, rank, person="person_key")
            .explode("value")
            .unique(maintain_order=True)
        )

    @cached_property
    def figures(self) -> pl.DataFrame:
        """`application_id`, `net_assets`, `highest_held`, `leader_counts`, `leader_years`."""
        figures = (
            self.cases.select("application_id")
            .join(self._amounts(), on="application_id", how="left")
            .join(self._highest_held(), on="application_id", how="left")
            .join(self._leaders, on="application_id", how="left")
        )
        names = ["net_assets", "highest_held", "leader_counts", "leader_years"]
        return figures.select(
            "application_id",
            *(
                (pl.col(name) * SCALE)
                .cast(pl.Int64)
                .fill_null(0 if self.is_sure or name != "net_assets" else _ANY)
                for name in names
            ),
        )

    def _amounts(self) -> pl.DataFrame:
        """Capital or the lawful statement (E24), as the assessment asks."""
        asked = self.cases.select("application_id", "usc_code", "filed_on", "net_assets_from")
        registry = self.facts.table(enterprise.REGISTRY).filter("is_trusted").collect()
        is_paid_in = pl.col("net_assets_from") == "paid_in_capital"
        capital = asked.filter(pl.col("net_assets_from").is_in(CAPITAL)).join(
            registry, on="usc_code"
        )
        year = pl.col("filed_on").dt.year()
        is_of_now = (pl.col("report_code") == "current") & (pl.col("year") == year)
        statements = (
            asked.filter(pl.col("net_assets_from") == "statement")
            .join(
                self.facts.table(enterprise.STATEMENT).filter("is_trusted").collect(),
                on="usc_code",
            )
            .filter(
                ((pl.col("report_code") == "annual") & (pl.col("year") == year - 1))
                | (is_of_now & (pl.col("period_end_on") <= pl.col("filed_on")))
            )
        )
        paid_in, registered = pl.col("paid_in_capital_yuan"), pl.col("registered_capital_yuan")
        return (
            pl.concat(
                [
                    capital.select(
                        "application_id",
                        net_assets=pl.when(is_paid_in).then(paid_in).otherwise(registered),
                    ),
                    statements.select("application_id", net_assets="net_assets_yuan"),
                ]
            )
            .group_by("application_id")
            .max()
        )

    def _highest_held(self) -> pl.DataFrame:
        """The highest figure among what is held beside the item (E25)."""
        asked = self.cases.filter("is_highest_asked").select(
            "application_id",
            "usc_code",
            "filed_on",
            decided_on="case_decided_on",
            asked_category="category_code",
            asked_subcategory="subcategory",
        )
        is_another = (pl.col("category_code") != pl.col("asked_category")) | (
            pl.col("subcategory") != pl.col("asked_subcategory")
        )
        item = ["category_code", "subcategory", "level"]
        return (
            held_now(asked, self.facts, self.book.extensions)
            .filter(is_another & pl.col("is_valid"))
            .join(self.rules.held_net_assets.drop("valid_from"), on=item)
            .group_by("application_id")
            .agg(highest_held=pl.col("held_yuan").max())
        )

    @cached_property
    def _leaders(self) -> pl.DataFrame:
        """The leader on record, sure and in time: `person_key`, whether he counts, his years."""
        asked = self.cases.lazy().select("application_id", "usc_code", "category_code", "filed_on")
        practised = (
            pl.col("filed_on").dt.year()
            - pl.col("practice_from").dt.year()
            - (
                pl.col("filed_on").dt.strftime("%m%d") < pl.col("practice_from").dt.strftime("%m%d")
            ).cast(pl.Int32)
        )
        return (
            with_leader(asked, self.people, self.facts)
            .filter(pl.col("is_trusted") & pl.col("is_appointable"))
            .join(self.people.of.lazy(), on="application_id")
            .join(self.people.persons.lazy(), on=["staff", "person_key"], how="left")
            .select(
                "application_id",
                "person_key",
                leader_counts=pl.col("is_counted").fill_null(not self.is_sure).cast(pl.Int64),
                leader_years=practised.cast(pl.Int64),
            )
            .collect()
        )

    @cached_property
    def leader_certificates(self) -> pl.DataFrame:
        """`application_id`, `use` (`title`, or the name of a registration), `value`, `rank`."""
        ranks = self.book.codes.people.title_ranks
        is_sure = pl.col("is_trusted") & pl.col("is_lawful")
        led = self._leaders.join(
            self.cases.select("application_id", "usc_code", "filed_on"), on="application_id"
        ).lazy()
        titles = (
            led.drop("usc_code")
            .join(self.facts.table(personnel.TITLE).filter(is_sure), on="person_key")
            .filter(
                (pl.col("series") == self.book.codes.people.title_series)
                & (pl.col("awarded_on") <= pl.col("filed_on"))
            )
            .select(
                "application_id",
                use=pl.lit("title"),
                value=pl.concat_list("major", "studied_major"),
                rank=pl.col("title_level").replace_strict(
                    ranks, default=None, return_dtype=pl.Int64
                ),
            )
            .explode("value")
            .drop_nulls("value")
        )
        registrations = (
            led.join(
                self.facts.table(personnel.REGISTRATION).filter(is_sure),
                on=["person_key", "usc_code"],
            )
            .filter(pl.col("filed_on").is_between("valid_from", "valid_until"))
            .select(
                "application_id",
                use="registration",
                value="specialty",
                rank=pl.lit(0, pl.Int64),
            )
        )
        return pl.concat([titles, registrations]).unique(maintain_order=True).collect()

    # -- works and machines ----------------------------------------------------------

    @cached_property
    def works(self) -> Counted:
        """The unit projects of the enterprises, and for which cases each surely counts."""
        performances = self.rules.performances.select("digest", "window_years")
        bound = self.rules.platform.select("digest", platform_digest="digest").unique()
        mine = (
            self.cases.join(performances, on="digest")
            .join(bound, on="digest", how="left")
            .with_columns(
                window_from=pl.date(pl.col("filed_on").dt.year() - pl.col("window_years"), 1, 1)
            )
        )
        tracks = mine.select(TRACK).unique(maintain_order=True).with_row_index("track")
        mine = mine.join(tracks, on=TRACK, nulls_equal=True)
        codes = self.cases.lazy().select("usc_code").unique()
        contracts = self.facts.table(project.UNIT).join(codes, on="usc_code", how="semi")
        works = works_of(contracts.select("contract_no").unique(), self.facts, self.book.codes)
        lines = self.rules.lines.filter(pl.col("purpose") == "performance")
        asked = lines.join(mine.select("digest").unique(), on="digest", how="semi")
        of_cases = mine.select("application_id", "digest", "usc_code", "track")
        built = works.units.lazy().select("thing", "usc_code")
        judged_by = of_cases.lazy().select("digest", "usc_code").join(built, on="usc_code")
        candidates = (
            of_kind(asked, works.names, judged_by.select("digest", "thing"), self.rules)
            .join(works.units.select("thing", "usc_code"), on="thing")
            .join(of_cases, on=["digest", "usc_code"])
            .select("application_id", "track", "thing")
            .unique()
        )
        rows = candidates.select("track", "thing").unique().join(tracks, on="track")
        counted = countable(
            rows.join(works.units.rename({"usc_code": "body"}), on="thing")
            .filter(pl.col("body") == pl.col("usc_code"))
            .with_columns(is_theirs=pl.lit(True)),
            self.people.bodies,
            works,
            self.facts,
            self.rules,
            self.book.codes,
            self.book.extensions,
        )
        is_counted = pl.col("is_countable").fill_null(not self.is_sure)
        these = counted.filter(is_counted).select("track", "thing")
        return Counted(
            units=works.units.select("thing", "usc_code", "contract_type", "is_consortium"),
            names=works.names,
            measures=_scaled(works.measures),
            counts=candidates.join(these, on=["track", "thing"]).select("application_id", "thing"),
        )

    @cached_property
    def machines(self) -> Counted:
        """What the enterprises surely own of equipment."""
        filed = pl.lit(self.cases["filed_on"].max())
        is_owned = pl.col("is_owned") & (pl.col("purchased_on") <= filed)
        rows = (
            self.facts.table(enterprise.EQUIPMENT)
            .filter("is_trusted", "is_lawful")
            .filter(is_owned & (pl.col("disposed_on") > filed).fill_null(True))
            .collect()
        )
        units = rows.select("usc_code", "equipment_no").unique(maintain_order=True)
        units = units.with_row_index("thing")
        told = rows.join(units, on=["usc_code", "equipment_no"])
        of_cases = self.cases.select("application_id", "usc_code")
        return Counted(
            units=units.select(
                "thing",
                "usc_code",
                contract_type=pl.lit(None, pl.String()),
                is_consortium=pl.lit(False),
            ),
            names=told.select("thing", name="equipment_kind").unique(),
            measures=_scaled(
                told.select(
                    "thing",
                    "metric",
                    "value",
                    name="equipment_kind",
                    label=pl.lit(None, pl.String()),
                )
            ),
            counts=of_cases.join(units.select("usc_code", "thing"), on="usc_code").select(
                "application_id", "thing"
            ),
        )


def _scaled(measures: pl.DataFrame) -> pl.DataFrame:
    told = measures.filter(pl.any_horizontal(pl.col("value", "label").is_not_null()))
    value = (pl.col("value") * SCALE).cast(pl.Int64)
    return told.select("thing", "name", "metric", value, "label").unique(maintain_order=True)
