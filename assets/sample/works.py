"""Projects, contracts, unit projects and acceptances of a block of enterprises.

What belongs here: works as rows, ordinary and planned. What does not: how large they are
(`measures`), which contracts are one project, and who led it (`leaders`). Ordinary works are
signed while the main qualification is held and stay within the scope of the level held that
day, but for a documented share. Measures stand wide, one column `<kind of works>|<metric>` each,
as the national feed has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from assets.sample import leaders, measures, needs, permits
from assets.sample.draws import Draws
from assets.sample.planned_works import planned_works
from assets.sample.portraits import Portrait, donor_of, usc_of
from assets.wording import worded

RATES = {"before_start": 0.002, "over_scope": 0.01, "unverified": 0.05, "backfilled": 0.05}
"""Shares among works of enterprises without a planned case (scale, section 4)."""

_RESIDUES = 32
_LABEL_METRICS = ("道路等级", "压力级别")


def works(
    portraits: Sequence[Portrait],
    people: pl.DataFrame,
    registrations: pl.DataFrame,
    draws: Draws,
    as_of: date,
) -> dict[str, pl.DataFrame]:
    """Frames `project`, `contract`, `permit`, `unit` (wide), `acceptance`, `party`."""
    ordinary = _ordinary(portraits, draws, as_of)
    planned = _planned(portraits)
    contracts = pl.concat([ordinary, planned], how="diagonal_relaxed").sort("owner", "seq")
    contracts = leaders.with_projects(contracts, people, registrations, as_of)
    contracts = permits.permitted(_numbered(contracts, portraits))
    return {
        "project": _projects(contracts, portraits, draws),
        "permit": permits.permits(contracts, draws),
        "contract": contracts.select(
            "owner",
            "contract_no",
            "project_no",
            "usc_code",
            "permit_no",
            "contract_type",
            "amount_yuan",
            settlement_yuan=pl.when("is_accepted").then(
                (pl.col("amount_yuan") * pl.col("settled")).round(0)
            ),
            is_consortium="is_consortium",
            signed_on="signed_on",
            plan="contract_plan",
        ),
        "unit": _units(contracts, draws),
        "acceptance": contracts.filter("is_accepted").select(
            "owner",
            "contract_no",
            "project_no",
            "usc_code",
            acceptance_no=pl.col("project_no") + "-JX-" + pl.col("nnn"),
            started_on="started_on",
            accepted_on="accepted_on",
            quality=pl.lit("合格"),
            plan="acceptance_plan",
        ),
        "party": leaders.parties(contracts, people),
    }


# -- ordinary works ---------------------------------------------------------------------


def _ordinary(portraits: Sequence[Portrait], draws: Draws, as_of: date) -> pl.DataFrame:
    rows = []
    for p in portraits:
        main = p.main
        if main is not None and p.contracts:
            steps = [(h.valid_from, h.level) for h in p.held if h.category == main[0]]
            rows.append((p.index, main[0], p.contracts, min(steps)[0], p.is_small, p.is_protected))
    schema = {
        "owner": pl.Int64,
        "category": pl.String,
        "contracts": pl.Int64,
        "since": pl.Date,
        "is_small": pl.Boolean,
        "is_protected": pl.Boolean,
    }
    book = pl.DataFrame(rows, schema=schema, orient="row")
    frame = book[np.repeat(np.arange(book.height), book["contracts"].to_numpy())].with_columns(
        seq=pl.int_range(pl.len(), dtype=pl.Int64).over("owner")
    )
    owners, seqs = frame["owner"].to_numpy(), frame["seq"].to_numpy()
    earliest = np.datetime64(as_of.replace(year=as_of.year - 10), "D")
    begins = np.maximum(frame["since"].to_numpy().astype("datetime64[D]"), earliest)
    window = (np.datetime64(as_of, "D") - begins).astype(np.int64) - 60
    place = (seqs + draws.uniform("signed", owners, seqs)) / frame["contracts"].to_numpy()
    signed = begins + np.maximum((place * window).astype(np.int64), 0)
    frame = frame.with_columns(signed_on=pl.Series(signed).cast(pl.Date))
    frame = frame.with_columns(level=_level_on(frame, portraits))
    return _with_measures(frame, draws, as_of)


def _level_on(frame: pl.DataFrame, portraits: Sequence[Portrait]) -> pl.Series:
    """The level of the main category held on the day of signing (E14)."""
    held = pl.DataFrame(
        [(p.index, h.category, h.level, h.valid_from) for p in portraits for h in p.held],
        schema={"owner": pl.Int64, "category": pl.String, "level": pl.String, "signed_on": pl.Date},
        orient="row",
    ).sort("signed_on")
    asked = frame.select("owner", "category", "signed_on").with_row_index("row").sort("signed_on")
    found = asked.join_asof(
        held, on="signed_on", by=["owner", "category"], strategy="backward", check_sortedness=False
    )
    return found.sort("row")["level"]


def _with_measures(frame: pl.DataFrame, draws: Draws, as_of: date) -> pl.DataFrame:
    owners, seqs = frame["owner"].to_numpy(), frame["seq"].to_numpy()
    free = ~frame["is_protected"].to_numpy()
    categories, levels = frame["category"].to_numpy(), frame["level"].to_numpy()
    small = frame["is_small"].to_numpy()
    size = draws.uniform("size", owners, seqs) ** 2.2
    kind = draws.uniform("kind", owners, seqs)
    columns: dict[str, Any] = {}
    works_type = (
        frame["category"]
        .replace_strict(needs.WORKS_OF, default="", return_dtype=pl.String)
        .to_numpy()
        .copy()
    )
    amount = np.round(120 + size * 6_000)
    is_over = free & draws.chance("over_scope", RATES["over_scope"], owners, seqs)
    measures.buildings(
        columns, works_type, amount, categories == "G01", levels, size, kind, small, is_over
    )
    measures.municipal(columns, works_type, amount, categories == "G10", size, kind, small)
    measures.specialties(works_type, amount, categories, levels, size, kind, small, is_over)
    started = draws.integers("started", 15, 70, owners, seqs)
    days = np.maximum(120 + size * 450, 10 + measures.least_days(columns)).astype(np.int64)
    signed = frame["signed_on"].to_numpy().astype("datetime64[D]")
    accepted = signed + started + days
    is_accepted = (accepted < np.datetime64(as_of, "D") - 20) & draws.chance(
        "accepted", 0.96, owners, seqs
    )
    breaks = is_accepted & free & draws.chance("before_start", RATES["before_start"], owners, seqs)
    general = frame["category"].str.starts_with("G").to_numpy()
    return frame.select("owner", "seq", "signed_on").with_columns(
        works_type=pl.Series(works_type.tolist(), dtype=pl.String),
        amount_yuan=pl.Series(amount * 10_000.0),
        settled=pl.Series(0.95 + 0.12 * draws.uniform("settled", owners, seqs)),
        contract_type=pl.Series(
            np.where(general, "施工总承包", "专业承包").tolist(), dtype=pl.String
        ),
        is_consortium=pl.Series(draws.chance("consortium", 0.03, owners, seqs) & free),
        started_on=pl.Series(signed + started).cast(pl.Date),
        accepted_on=pl.Series(np.where(breaks, signed + started - 30, accepted)).cast(pl.Date),
        is_accepted=pl.Series(is_accepted),
        contractor=pl.lit("own"),
        leads=pl.lit(value=False),
        acceptance_plan=pl.Series(np.where(breaks, "before_start", "").tolist(), dtype=pl.String),
        contract_plan=pl.Series(
            np.where(
                is_over & np.isin(categories, ("G01", "S11", "S04")), "over_scope", ""
            ).tolist(),
            dtype=pl.String,
        ),
        units=pl.Series(draws.integers("units", 1, 4, owners, seqs)),
        **{name: pl.Series(name, values) for name, values in columns.items()},
    )


# -- planned works ------------------------------------------------------------------------


def _planned(portraits: Sequence[Portrait]) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for p in portraits:
        if p.scenario is None or p.filed_on is None:
            continue
        for turn, work in enumerate(planned_works(p.scenario, p.filed_on)):
            rows.append(
                {
                    "owner": p.index,
                    "seq": leaders.PLANNED_FROM + turn,
                    "signed_on": work.signed_on,
                    "works_type": work.works_type,
                    "amount_yuan": work.amount_wan * 10_000.0,
                    "settled": 1.0,
                    "contract_type": work.contract_type,
                    "is_consortium": work.is_consortium,
                    "started_on": work.signed_on + timedelta(days=30),
                    "accepted_on": work.signed_on + timedelta(days=10)
                    if work.plan == "before_start"
                    else work.accepted_on,
                    "is_accepted": work.accepted_on is not None,
                    "contractor": work.contractor,
                    "leads": work.leads,
                    "acceptance_plan": work.plan,
                    "contract_plan": "",
                    "units": 1,
                    **{
                        f"{kind}|{metric}": value for (kind, metric), value in work.measures.items()
                    },
                }
            )
    schema = {
        "owner": pl.Int64,
        "seq": pl.Int64,
        "signed_on": pl.Date,
        "works_type": pl.String,
        "amount_yuan": pl.Float64,
        "started_on": pl.Date,
        "accepted_on": pl.Date,
        "is_accepted": pl.Boolean,
        "contractor": pl.String,
        "leads": pl.Boolean,
        "acceptance_plan": pl.String,
        "contract_plan": pl.String,
        "units": pl.Int64,
        "contract_type": pl.String,
        "is_consortium": pl.Boolean,
        "settled": pl.Float64,
    }
    return (
        pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)
        if rows
        else pl.DataFrame(schema=schema)
    )


# -- numbers and rows ---------------------------------------------------------------------


def _numbered(contracts: pl.DataFrame, portraits: Sequence[Portrait]) -> pl.DataFrame:
    """Project and contract numbers that never repeat, whatever the number of enterprises.

    A project number is county, day, class and a serial of two digits (identifiers, 5.1).
    The serial is the enterprise's, enterprises that share county and serial register on
    days that differ modulo 32; contracts of one project differ in their running number.
    """
    places = {
        p.index: (_project_county(p), p.index // (100 * len(p.city.counties)) % _RESIDUES)
        for p in portraits
    }
    frame = contracts.with_columns(
        county=pl.col("owner").replace_strict(
            {k: v[0] for k, v in places.items()}, return_dtype=pl.String
        ),
        residue=pl.col("owner").replace_strict(
            {k: v[1] for k, v in places.items()}, return_dtype=pl.Int64
        ),
        usc_code=pl.when(pl.col("contractor") == "donor")
        .then(
            pl.col("owner").replace_strict(
                {p.index: usc_of(donor_of(p.index)) for p in portraits}, return_dtype=pl.String
            )
        )
        .otherwise(
            pl.col("owner").replace_strict(
                {p.index: p.usc_code for p in portraits}, return_dtype=pl.String
            )
        ),
        class_code=pl.when(
            pl.col("works_type").is_in(
                [
                    "民用建筑工程",
                    "工业建筑工程",
                    "构筑物工程",
                    "建筑装修装饰工程",
                    *measures.ELECTRONIC,
                ]
            )
        )
        .then(pl.lit("01"))
        .when(pl.col("works_type").is_in([*measures.MUNICIPAL]))
        .then(pl.lit("02"))
        .otherwise(pl.lit("99")),
    )
    day = pl.col("signed_on").min().over("owner", "project").dt.epoch("d") - 20
    day = day - (day - pl.col("residue")) % _RESIDUES
    frame = frame.with_columns(registered_on=day.cast(pl.Int32).cast(pl.Date))
    return frame.with_columns(
        project_no=worded(
            "{}{}{}{}",
            "county",
            pl.col("registered_on").dt.strftime("%y%m%d"),
            "class_code",
            (pl.col("owner") % 100).cast(pl.String).str.zfill(2),
        ),
        nnn=pl.col("seq").add(1).cast(pl.String).str.zfill(3),
    ).with_columns(
        contract_no=worded(
            "{}-{}-{}",
            "project_no",
            pl.when(pl.col("contract_type") == "施工总承包")
            .then(pl.lit("HZ"))
            .otherwise(pl.lit("HF")),
            "nnn",
        )
    )


def _project_county(p: Portrait) -> str:
    """The county; beyond 16,000 enterprises a development zone of the city."""
    era = p.index // 16_000
    counties = list(p.city.counties)
    return (
        counties[(p.index // 100) % len(counties)] if era == 0 else f"{p.city.code[:4]}{91 - era}"
    )


def _projects(contracts: pl.DataFrame, portraits: Sequence[Portrait], draws: Draws) -> pl.DataFrame:
    rows = contracts.unique("project_no", keep="first", maintain_order=True)
    owners, seqs = rows["owner"].to_numpy(), rows["seq"].to_numpy()
    protected = rows["owner"].is_in([p.index for p in portraits if p.is_protected])
    level = pl.Series(
        draws.pick("data_level", ("A", "B", "C", "D"), (30, 40, 25, 5), owners, seqs).tolist(),
        dtype=pl.String,
    )
    source = pl.Series(
        draws.pick(
            "data_source",
            ("业务办理", "信息登记", "历史业绩补录", "共享交换"),
            (80, 8, 5, 7),
            owners,
            seqs,
        ).tolist(),
        dtype=pl.String,
    )
    names = {p.index: p.city.name for p in portraits}
    return rows.select(
        "owner",
        "project_no",
        # The parcel tells projects of one contractor apart, as their names do in life.
        name=worded(
            "{}{}号地块{}项目",
            pl.col("owner").replace_strict(names, return_dtype=pl.String),
            pl.col("owner") * 100 + pl.col("seq"),
            "works_type",
        ),
        project_type=pl.col("class_code").replace_strict(
            {"01": "房屋建筑", "02": "市政基础设施", "99": "其他"}
        ),
        region_code="county",
        data_level=pl.when(protected).then(pl.lit("B")).otherwise(level),
        data_source=pl.when(protected).then(pl.lit("业务办理")).otherwise(source),
    )


def _units(contracts: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """One to three unit projects per contract; the later ones a little smaller than the first."""
    frame = contracts[
        np.repeat(np.arange(contracts.height), contracts["units"].to_numpy())
    ].with_columns(unit=pl.int_range(pl.len(), dtype=pl.Int64).over("contract_no"))
    shrink = (
        pl.when(pl.col("unit") == 0)
        .then(1.0)
        .otherwise(
            pl.Series(
                0.55
                + 0.4
                * draws.uniform(
                    "shrink",
                    frame["owner"].to_numpy(),
                    frame["seq"].to_numpy(),
                    frame["unit"].to_numpy(),
                )
            )
        )
    )
    measures = [name for name in contracts.columns if "|" in name]
    numbers = [name for name in measures if name.partition("|")[2] not in _LABEL_METRICS]
    return frame.with_columns(
        *(
            (pl.col(name).fill_nan(None) * shrink).round(2)
            for name in numbers
            if not name.endswith("地上层数")
        ),
        *(
            (pl.col(name).fill_nan(None) * shrink).floor()
            for name in numbers
            if name.endswith("地上层数")
        ),
    ).select(
        "owner",
        "project_no",
        "contract_no",
        "usc_code",
        "works_type",
        *measures,
        unit_code=worded(
            "{}-{}", "contract_no", pl.col("unit").add(1).cast(pl.String).str.zfill(2)
        ),
        name=worded("{}{}号单体", "works_type", pl.col("unit").add(1)),
    )
