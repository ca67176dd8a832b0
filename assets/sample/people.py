"""The people of a block of enterprises, and the certificates they hold.

What belongs here: persons, registrations, titles, posts, skills, technical leaders. What
does not: who pays their insurance (`insurance`) or which works they led (`works`). Frames
have the columns of the declared tables with `id_number` in place of `person_key`, and
`owner`, the index of the enterprise a row is generated for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from assets import calendar
from assets.sample import identifiers, names, needs, scenarios
from assets.sample.draws import Draws
from assets.sample.portraits import Crew, Portrait, donor_of, usc_of
from assets.sample.scenarios import bystander_at_or_below
from assets.wording import worded

REGISTRATION_SLOTS = 128
"""Registration numbers kept for each enterprise."""
RATES = {
    "past_date": 0.395,
    "over_60": 0.095,
    "deceased": 0.0005,
    "two_enterprises": 0.005,
    "retired": 0.004,
}
"""Shares among people of enterprises without a planned case (scale, section 4)."""


def persons(portraits: Sequence[Portrait], draws: Draws, as_of: date) -> pl.DataFrame:
    """One row per person, with everything planned for them; slot 0 leads the technique."""
    crews = [(p.index, p.is_protected, crew) for p in portraits for crew in p.crews]
    heads = np.array([crew.heads for _, _, crew in crews], np.int64)
    frame = _crew_frame(crews, heads).with_columns(
        slot=pl.int_range(pl.len(), dtype=pl.Int64).over("owner"),
        people=pl.len().over("owner").cast(pl.Int64),
    )
    owners, slots = frame["owner"].to_numpy(), frame["slot"].to_numpy()
    male = draws.chance("male", 0.72, owners, slots)
    regions, serials, residues = identifiers.id_places(owners, male)
    place = _places_by_age(frame, draws)
    step = _age_steps(draws, owners, slots, place, frame["people"].to_numpy())
    is_old = _over_60(frame, draws)
    step = np.where(is_old, _old_steps(frame, is_old), step)
    born = _birthdays(step, residues, as_of)
    planned = frame["born_on"].to_numpy().astype("datetime64[D]")
    is_planned = ~np.isnat(planned)
    born = np.where(is_planned, planned, born)
    cycle = owners // scenarios.CYCLE
    regions = np.where(is_planned, 330_199 + 100 * (cycle % 11), regions)
    serials = np.where(is_planned, 980 + 2 * (cycle // 11 % 10) + owners % 2, serials)
    frame = frame.with_columns(
        id_number=pl.Series(identifiers.id_numbers(regions, born, serials), dtype=pl.String),
        person_name=pl.Series(names.person_names(draws, owners, slots, male), dtype=pl.String),
        born_on=pl.Series(born).cast(pl.Date),
        is_over_60=pl.Series(is_old),
    )
    return _with_oddities(frame, draws, as_of)


def _crew_frame(
    crews: list[tuple[int, bool, Crew]], heads: np.ndarray[Any, np.dtype[np.int64]]
) -> pl.DataFrame:
    columns = {
        "owner": pl.Series([owner for owner, _, _ in crews], dtype=pl.Int64),
        "is_protected": [protected for _, protected, _ in crews],
        "grade": pl.Series(
            [c.registration[0] if c.registration else None for _, _, c in crews], dtype=pl.String
        ),
        "specialty": pl.Series(
            [c.registration[1] if c.registration else None for _, _, c in crews], dtype=pl.String
        ),
        "title_level": pl.Series(
            [c.title[0] if c.title else None for _, _, c in crews], dtype=pl.String
        ),
        "major": pl.Series([c.title[1] if c.title else None for _, _, c in crews], dtype=pl.String),
        "post": [c.post for _, _, c in crews],
        "trade": pl.Series([c.trade[0] if c.trade else None for _, _, c in crews], dtype=pl.String),
        "skill_grade": pl.Series(
            [c.trade[1] if c.trade else None for _, _, c in crews], dtype=pl.String
        ),
        "payer": [c.payer for _, _, c in crews],
        "months": pl.Series([c.months for _, _, c in crews], dtype=pl.Int64),
        "born_on": pl.Series([c.born_on for _, _, c in crews], dtype=pl.Date),
        "mark": [c.mark for _, _, c in crews],
    }
    return pl.DataFrame(columns)[np.repeat(np.arange(len(crews)), heads)]


def _places_by_age(frame: pl.DataFrame, draws: Draws) -> Any:
    """Each person's place in the order of age within the enterprise, youngest 0.

    Constructors and the titled are seldom the youngest, the technical leader never.
    """
    drawn = pl.Series(draws.uniform("age", frame["owner"].to_numpy(), frame["slot"].to_numpy()))
    is_qualified = pl.col("grade").is_not_null() | pl.col("title_level").is_not_null()
    score = (
        pl.col("drawn")
        + 0.35 * is_qualified.cast(pl.Float64)
        + 0.3 * (pl.col("slot") == 0).cast(pl.Float64)
    )
    scored = frame.with_columns(drawn=drawn).with_columns(score=score)
    return scored.select(place=(pl.col("score").rank("ordinal").over("owner") - 1).cast(pl.Int64))[
        "place"
    ].to_numpy()


def _age_steps(draws: Draws, owners: Any, slots: Any, place: Any, people: Any) -> Any:
    """Steps of 32 days from age 21 up to 59, all different within an enterprise.

    The span is cut into as many strata as there are people, one for each place by age.
    """
    steps = identifiers.PEOPLE_LIMIT - 1
    first, after = -(-place * steps // people), -(-(place + 1) * steps // people)
    drawn = draws.uniform("birthday", owners, slots)
    return first + np.floor(drawn * (after - first)).astype(np.int64)


def _over_60(frame: pl.DataFrame, draws: Draws) -> Any:
    """Constructors whom the register has not let go."""
    owners, slots = frame["owner"].to_numpy(), frame["slot"].to_numpy()
    drawn = draws.chance("over_60", RATES["over_60"], owners, slots)
    constructor = frame["grade"].is_not_null().to_numpy() & (slots > 0)
    return drawn & constructor & ~frame["is_protected"].to_numpy()


def _old_steps(frame: pl.DataFrame, is_old: Any) -> Any:
    """Steps beyond every regular one: from 60 years on, half a year between any two."""
    marked = frame.select("owner", is_old=pl.Series(is_old))
    rank = marked.select(n=pl.col("is_old").cum_sum().over("owner").cast(pl.Int64))["n"]
    return identifiers.PEOPLE_LIMIT + 8 + 6 * rank.to_numpy()


def _birthdays(step: Any, residues: Any, as_of: date) -> Any:
    """The day `step` times 32 days before the age of 21, in the enterprise's residue."""
    adult = np.datetime64(calendar.add_years(as_of, -21), "D").astype(np.int64)
    days = (adult // identifiers.SIBLINGS - 1 - step) * identifiers.SIBLINGS + residues
    return days.astype("datetime64[D]")


def _with_oddities(frame: pl.DataFrame, draws: Draws, as_of: date) -> pl.DataFrame:
    """Ages over 60, deaths, pensions and second registrations among unprotected people."""
    owners, slots = frame["owner"].to_numpy(), frame["slot"].to_numpy()
    free = ~frame["is_protected"].to_numpy()
    constructor = free & frame["grade"].is_not_null().to_numpy() & (slots > 0)
    dies = free & draws.chance("deceased", RATES["deceased"], owners, slots)
    died_on = np.datetime64(as_of, "D") - draws.integers("died", 30, 600, owners, slots)
    retires = free & draws.chance("retired", RATES["retired"], owners, slots)
    retired_on = np.datetime64(as_of, "D") - draws.integers("retires", 40, 900, owners, slots)
    twice = constructor & draws.chance("twice", RATES["two_enterprises"], owners, slots)
    elsewhere = constructor & draws.chance("payer", 0.03, owners, slots)
    branch = free & draws.chance("branch", 0.2, owners, slots)
    return frame.with_columns(
        deceased_on=pl.when(pl.Series(dies)).then(pl.Series(died_on).cast(pl.Date)),
        retired_on=pl.when(pl.Series(retires)).then(pl.Series(retired_on).cast(pl.Date)),
        mark=pl.when(pl.Series(twice)).then(pl.lit("twice")).otherwise("mark"),
        payer=pl.when(pl.Series(elsewhere))
        .then(pl.lit("other"))
        .when(pl.Series(branch))
        .then(pl.lit("branch"))
        .otherwise("payer"),
    )


# -- certificates ---------------------------------------------------------------------


def _days(
    draws: Draws, stream: str, low: int, high: int, frame: pl.DataFrame, as_of: date
) -> pl.Series:
    """Days between `low` and `high` before `as_of` (negative: after it)."""
    back = draws.integers(stream, low, high, frame["owner"].to_numpy(), frame["slot"].to_numpy())
    return pl.Series(np.datetime64(as_of, "D") - back).cast(pl.Date)


def registrations(
    people: pl.DataFrame, portraits: Sequence[Portrait], draws: Draws, as_of: date
) -> pl.DataFrame:
    """One per constructor, some earlier ones, some with a second enterprise."""
    rows = people.filter(pl.col("grade").is_not_null()).with_columns(
        rank=pl.int_range(pl.len(), dtype=pl.Int64).over("owner")
    )
    since = {p.index: p.registered_since for p in portraits if p.registered_since}
    owners, slots = rows["owner"].to_numpy(), rows["slot"].to_numpy()
    is_past = (
        pl.Series(draws.chance("past_date", RATES["past_date"], owners, slots))
        & ~rows["is_protected"]
    )
    sound = _days(draws, "valid_until", -1000, -60, rows, as_of)
    past = _days(draws, "valid_until", 20, 900, rows, as_of)
    begun = _days(draws, "registered", 1500, 5200, rows, as_of)
    current = rows.select(
        "owner",
        "slot",
        "id_number",
        "person_name",
        "mark",
        "is_protected",
        registration_no=_registration_no(rows, pl.col("rank")),
        usc_code=_owner_code(rows),
        registration=pl.col("grade") + "注册建造师",
        specialty="specialty",
        valid_from=pl.col("owner")
        .replace_strict(since, default=None, return_dtype=pl.Date)
        .fill_null(begun),
        valid_until=pl.when(is_past).then(past).otherwise(sound),
        plan=pl.when(is_past).then(pl.lit("past_date")).otherwise(pl.lit("")),
    )
    twice = current.filter(pl.col("mark") == "twice").with_columns(
        usc_code=pl.Series(
            [
                usc_of(donor_of(owner))
                for owner in current.filter(pl.col("mark") == "twice")["owner"]
            ],
            dtype=pl.String,
        ),
        plan=pl.when(pl.col("valid_until") >= pl.lit(as_of))
        .then(pl.lit("two_enterprises"))
        .otherwise(pl.lit("past_date")),
    )
    moved = (
        draws.chance("earlier", 0.1, owners, slots)
        & (owners > 0)
        & ~rows["is_protected"].to_numpy()
    )
    earlier = current.filter(pl.Series(moved)).with_columns(
        usc_code=pl.Series(
            [
                usc_of(int(j))
                for j in bystander_at_or_below(
                    draws.integers("earlier_at", 0, np.maximum(owners, 1), owners, slots)
                )[moved]
            ],
            dtype=pl.String,
        ),
        valid_until=pl.col("valid_from").dt.offset_by("-1d"),
        valid_from=pl.col("valid_from").dt.offset_by("-3y"),
        plan=pl.lit(""),
    )
    return (
        pl.concat([current, twice, earlier])
        .sort("owner", maintain_order=True)
        .with_columns(
            plan=pl.when((pl.col("mark") == "spoilt") & pl.col("is_protected"))
            .then(pl.lit("id_check"))
            .otherwise("plan")
        )
        .drop("mark", "is_protected")
    )


def _registration_no(rows: pl.DataFrame, rank: pl.Expr) -> pl.Series:
    """浙, level, province, years of qualification and registration, serial (identifiers, 8)."""
    number = pl.col("owner") * REGISTRATION_SLOTS + rank
    block = number // 100_000
    qualified = 4 + block % 11
    registered = qualified + block // 11 % 80
    text = worded(
        "浙{}33{}{}{}",
        pl.when(pl.col("grade") == "一级").then(pl.lit("1")).otherwise(pl.lit("2")),
        qualified.cast(pl.String).str.zfill(2),
        registered.cast(pl.String).str.zfill(2),
        (number % 100_000).cast(pl.String).str.zfill(5),
    )
    return rows.select(text.alias("n"))["n"]


def _owner_code(rows: pl.DataFrame) -> pl.Series:
    codes = {owner: usc_of(owner) for owner in rows["owner"].unique().to_list()}
    return rows.select(pl.col("owner").replace_strict(codes, return_dtype=pl.String).alias("c"))[
        "c"
    ]


def _numbered(prefix: str, width: int = 7) -> pl.Expr:
    """A certificate number of owner and slot, never repeated."""
    return worded(
        prefix + "{}{}",
        pl.col("owner").cast(pl.String).str.zfill(width),
        pl.col("slot").cast(pl.String).str.zfill(3),
    )


def titles(people: pl.DataFrame, draws: Draws, as_of: date) -> pl.DataFrame:
    """Titles of the engineering series, one major each, which their holders studied."""
    rows = people.filter(pl.col("title_level").is_not_null())
    return rows.select(
        "owner",
        "slot",
        "id_number",
        "person_name",
        title_no=_numbered("Z"),
        usc_code=_owner_code(rows),
        title_level="title_level",
        series=pl.lit("工程"),
        major="major",
        studied_major="major",
        awarded_on=pl.max_horizontal(
            _days(draws, "awarded", 200, 4000, rows, as_of), pl.col("born_on").dt.offset_by("29y")
        ).clip(upper_bound=pl.lit(as_of).dt.offset_by("-90d")),
    )


def posts(people: pl.DataFrame, draws: Draws, as_of: date) -> pl.DataFrame:
    """Post certificates of site managers."""
    rows = people.filter(pl.col("post") != "")
    return rows.select(
        "owner",
        "slot",
        "id_number",
        "person_name",
        certificate_no=_numbered("浙建岗33"),
        usc_code=_owner_code(rows),
        role="post",
        issued_on=_days(draws, "post_issued", 100, 1000, rows, as_of),
        valid_until=_days(draws, "post_until", -1200, -120, rows, as_of),
    )


def skills(people: pl.DataFrame, draws: Draws, as_of: date) -> pl.DataFrame:
    """Skill certificates of workers; a crew's grade is the lowest in it."""
    rows = people.filter(pl.col("trade").is_not_null())
    better = pl.Series(
        draws.chance("better", 0.25, rows["owner"].to_numpy(), rows["slot"].to_numpy())
    )
    return rows.select(
        "owner",
        "slot",
        "id_number",
        "person_name",
        certificate_no=_numbered("33", 8),
        usc_code=_owner_code(rows),
        trade="trade",
        grade=pl.when(better)
        .then(pl.col("skill_grade").replace({"初级工": "中级工", "中级工": "高级工"}))
        .otherwise("skill_grade"),
        issued_on=_days(draws, "skill_issued", 100, 3000, rows, as_of),
    )


def technical_leads(people: pl.DataFrame, portraits: Sequence[Portrait]) -> pl.DataFrame:
    """The technical leader of each category held or applied for: the enterprise's first person."""
    rows = []
    for p in portraits:
        categories = {h.category for h in p.held if h.valid_to is None}
        if p.scenario is not None:
            categories.add(p.scenario.item[0])
        rows += [
            (
                *(p.index, p.usc_code, code, p.practice_from),
                needs.practice_field(code),
                max(p.established_on, p.practice_from),
            )
            for code in sorted(categories)
        ]
    schema = {
        "owner": pl.Int64,
        "usc_code": pl.String,
        "category_code": pl.String,
        "practice_from": pl.Date,
        "practice_field": pl.String,
        "appointed_on": pl.Date,
    }
    leads = pl.DataFrame(rows, schema=schema, orient="row")
    first = people.filter(pl.col("slot") == 0).select("owner", "slot", "id_number", "person_name")
    return leads.join(first, on="owner", how="inner", maintain_order="left")
