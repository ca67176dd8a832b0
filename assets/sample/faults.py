# ruff: noqa: E501  the table of faults, one fault a line
"""Faults of writing, at the documented rates, and the truth about each.

What belongs here: what is done to text that was right. What does not: contradictions that
are in the clean rows on purpose (`plan` columns name them) and files that are bad as a
whole (`delivery`).

| fault | rate | where | treatment | basis |
|---|---|---|---|---|
| id_15 (15-digit identity number) | 18 % constructor registry, 1 % else | every feed of people | normalised | measured 2016; assumed |
| id_check (check character wrong) | 0.14 % | every feed of people | quarantined | measured |
| code_blank (employer code empty) | 0.65 % | feeds of people | quarantined; normalised where it may be missing or the payer's name tells it | measured |
| code_check (credit code fails its check) | 2.5 % | constructor registry | quarantined | measured |
| code_organisation (organisation code for the credit code), code_elsewhere (it alone, in its own column) | 0.5 %; 5 % of findings | every credit code but the registry's | normalised where the registry has it | seen; rate assumed |
| code_lower | 5 % registry, 1 % else | every credit code | normalised | seen; rate assumed |
| id_masked, id_eaten (******198001010018, 3.3019919800101E+17) | 0.05 % each | every feed of people | quarantined | seen; rate assumed |
| garbled (锟斤拷 in the name) | 0.02 % | every enterprise name | quarantined | seen; rate assumed |
| level_digit (of a registration number) | 0.5 % | constructor registry | quarantined | assumed |
| county_elsewhere (county of another city) | 0.5 % | projects | quarantined | assumed |
| measure_blank (no measure of a machine) | 2 % | machines | quarantined | assumed |
| authority_digit (of a certificate number) | 2 % | certificates | quarantined | assumed |
| number_blank (registration number empty) | 3 % | constructor registry | quarantined | measured |
| name_blanks (full-width blanks in the name) | 0.8 % | every enterprise name | normalised | measured |
| date_odd | 1 % | every date | normalised | seen; rate assumed |
| sentinel (暂无, -1, 9999-9-9 for nothing) | 5 % of empty cells | nullable texts and dates | normalised | seen; rate assumed |
| equity_mismatch, yuan_for_wan | 0.2 %, 0.3 % | statements | quarantined | assumed |
| equity_rounding | 1 % | statements | accepted | seen; rate assumed |
| before_start (accepted before begun) | 0.2 % | acceptances | quarantined | assumed |
| past_date (valid though past its date) | 39.5 % | registrations | finding | measured |
| two_enterprises | 0.5 % | registrations | finding | assumed |
| insured_twice | 0.1 % | insurance | finding | assumed |
| over_60 (a constructor past the age that counts) | 9.5 % | identities | accepted: the law does not count him | measured |
| deceased | 0.05 % | identities | finding | assumed |
| twice_claimed (one number, two owners) | 0.5 % | machines | both quarantined | assumed |
| over_scope | 1 % | contracts of G01, S04, S11 | finding | assumed |
| resent, overlap | 5 % of files; 2 % of rows | every feed | repeated | measured; seen |
| wrong_encoding, truncated, wrong_count, broken_xlsx | one file each | four feeds | failed_delivery | assumed |

Rates are of the rows of enterprises without a planned case. Rows a planned case rests on
get only faults that collection mends (normalised), and those their plan names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from assets.aliases import may_use_aliases
from assets.channels import Feed, Field
from assets.sample.draws import Draws
from assets.tables import BY_NAME

REGISTRY_OF_CONSTRUCTORS = "constructor_registry"
RATES = {
    "id_15": 0.01,
    "id_15_constructors": 0.18,
    "id_check": 0.0014,
    "code_blank": 0.0065,
    "code_check": 0.025,
    "code_organisation": 0.005,
    "code_elsewhere": 0.05,
    "code_lower": 0.01,
    "code_lower_registry": 0.05,
    "number_blank": 0.03,
    "name_blanks": 0.008,
    "date_odd": 0.01,
    "sentinel": 0.05,
    "id_masked": 0.0005,
    "id_eaten": 0.0005,
    "garbled": 0.0002,
}
EXPECTED = {
    "equity_mismatch": "quarantined",
    "yuan_for_wan": "quarantined",
    "equity_rounding": "accepted",
    "before_start": "quarantined",
    "id_check": "quarantined",
    "past_date": "finding",
    "two_enterprises": "finding",
    "insured_twice": "finding",
    "deceased": "finding",
    "twice_claimed": "quarantined",
    "over_scope": "finding",
    "over_60": "accepted",
}
"""Treatment of what the clean rows plan; a planned `id_check` is written here."""
_MISKEYED: dict[tuple[str, str], tuple[str, str, float, pl.Expr]] = {
    ("constructor_registry", "registration"): (
        "CertNum",
        "level_digit",
        0.005,
        pl.col("CertNum").str.slice(0, 1)
        + pl.col("CertNum").str.slice(1, 1).replace({"1": "2", "2": "1"})
        + pl.col("CertNum").str.slice(2),
    ),
    ("project_platform", "project"): (
        "CountyNum",
        "county_elsewhere",
        0.005,
        pl.when(pl.col("CountyNum").str.starts_with("3301"))
        .then(pl.lit("330203"))
        .otherwise(pl.lit("330106")),
    ),
    ("construction", "equipment"): (
        "ParamValue",
        "measure_blank",
        0.02,
        pl.lit(None, pl.String),
    ),
    ("construction", "certificate"): (
        "CertID",
        "authority_digit",
        0.02,
        pl.lit("D")
        + pl.col("CertID").str.slice(1, 1).replace({"1": "2", "2": "3", "3": "1"})
        + pl.col("CertID").str.slice(2),
    ),
}
"""Feed to the column that is keyed wrongly, the fault, its rate and what is written instead."""
_SENTINELS = ("暂无", "-1", "9999-9-9", "无")

Mask = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Spoilt:
    """Rendered rows with their faults, and the truth: (position in the frame, fault, treatment)."""

    rows: pl.DataFrame
    truth: list[pl.DataFrame] = field(default_factory=list)

    @property
    def faults(self) -> pl.DataFrame:
        """`position`, `fault`, `expected`."""
        empty = pl.DataFrame(
            schema={"position": pl.Int64, "fault": pl.String, "expected": pl.String}
        )
        return pl.concat([empty, *self.truth]).sort("position", "fault")

    def note(self, hit: Mask, fault: str, expected: str) -> None:
        """Add a fault of the rows of `hit`."""
        self.truth.append(
            pl.DataFrame({"position": np.flatnonzero(hit).astype(np.int64)}).with_columns(
                fault=pl.lit(fault), expected=pl.lit(expected)
            )
        )


def spoil(
    rendered: pl.DataFrame,
    clean: pl.DataFrame,
    channel: str,
    name: str,
    feed: Feed,
    protected: set[int],
    draws: Draws,
    registered: set[str],
) -> Spoilt:
    """`rendered` with faults; equal keys give equal faults whatever the size of the province.

    `registered` are the credit codes that the registry delivers soundly.
    """
    spoilt = Spoilt(rendered)
    if not rendered.height:
        return spoilt
    spoiler = _Spoiler(spoilt, clean, f"{channel}.{name}", feed, protected, draws)
    if "usc_code" in clean.columns:
        spoiler.known = clean["usc_code"].is_in(registered).to_numpy()
    _planned(spoiler, clean)
    for column in feed.fields:
        if column.read == "id_number":
            _identity(spoiler, column, channel)
        elif column.read == "usc_code" and column.to == "usc_code":
            _code(spoiler, column, channel)
        elif column.read == "enterprise_name":
            _name(spoiler, column)
        elif column.read == "date":
            _date(spoiler, column)
        if column.to is not None and column.read in ("text", "date") and column.blank is None:
            _sentinel(spoiler, column)
    _miskeyed(spoiler, channel, name)
    return spoilt


class _Spoiler:
    """Draws which rows a fault hits and rewrites their cells."""

    def __init__(
        self,
        spoilt: Spoilt,
        clean: pl.DataFrame,
        stream: str,
        feed: Feed,
        protected: set[int],
        draws: Draws,
    ) -> None:
        self.spoilt, self.stream, self.feed, self.draws = spoilt, stream, feed, draws
        self.owners = clean["owner"].to_numpy()
        self.ordinals = clean.select(n=pl.int_range(pl.len(), dtype=pl.Int64).over("owner"))[
            "n"
        ].to_numpy()
        is_planned = np.isin(self.owners, np.fromiter(protected, np.int64, len(protected)))
        if "usc_code" in clean.columns:
            # Nor those of whom a planned leader built for: whose duty is unreadable may be his.
            theirs = clean["usc_code"].filter(pl.Series(is_planned)).unique().implode()
            is_planned |= clean["usc_code"].is_in(theirs).fill_null(False).to_numpy()
        self.free = ~is_planned
        self.taken = np.zeros(len(self.owners), np.bool_)
        """Rows that already go to quarantine: one reason is enough to count by."""
        self.known = np.zeros(len(self.owners), np.bool_)
        """Rows whose enterprise the registry makes known by other identifiers."""

    def hit(self, fault: str, rate: float, *, everyone: bool) -> Mask:
        """Rows the fault hits; `everyone` also those that planned cases rest on."""
        drawn = self.draws.chance(f"{self.stream}/{fault}", rate, self.owners, self.ordinals)
        return drawn & ~self.taken & (True if everyone else self.free)

    def write(self, source: str, hit: Mask, value: pl.Expr, fault: str, expected: str) -> None:
        """Put `value` into the cells of `hit` and note it."""
        if not hit.any():
            return
        self.put(source, hit, value)
        self.spoilt.note(hit, fault, expected)
        if expected == "quarantined":
            self.taken |= hit

    def put(self, source: str, hit: Mask, value: pl.Expr) -> None:
        """Put `value` into the cells of `hit`."""
        mask = pl.Series(hit)
        self.spoilt.rows = self.spoilt.rows.with_columns(
            pl.when(mask).then(value).otherwise(pl.col(source)).alias(source)
        )

    def blank(self, source: str, fault: str, rate: float, expected: str) -> None:
        """Empty the cells of a source column."""
        self.write(
            source, self.hit(fault, rate, everyone=False), pl.lit(None, pl.String), fault, expected
        )

    def filled(self, source: str) -> Mask:
        """Cells that are not empty."""
        return self.spoilt.rows[source].is_not_null().to_numpy()


def _miskeyed(spoiler: _Spoiler, channel: str, name: str) -> None:
    if channel == REGISTRY_OF_CONSTRUCTORS:
        spoiler.blank("CertNum", "number_blank", RATES["number_blank"], "quarantined")
    if (channel, name) in _MISKEYED:
        source, fault, rate, value = _MISKEYED[channel, name]
        hit = spoiler.hit(fault, rate, everyone=False) & spoiler.filled(source)
        spoiler.write(source, hit, value, fault, "quarantined")


def _planned(spoiler: _Spoiler, clean: pl.DataFrame) -> None:
    if "plan" not in clean.columns:
        return
    plans = clean["plan"].fill_null("")
    for plan in sorted(set(plans.unique().to_list()) - {""}):
        hit = (plans == plan).to_numpy()
        expected = EXPECTED[plan]
        if plan == "id_check":
            source = spoiler.feed.person_source
            assert source is not None
            spoiler.write(source, hit, _wrong_check(source), plan, expected)
        else:
            spoiler.spoilt.note(hit, plan, expected)
            if expected == "quarantined":
                spoiler.taken |= hit


def _wrong_check(source: str) -> pl.Expr:
    """The last character moved on by one."""
    following = dict(zip("0123456789X", "1234567890" + "0", strict=True))
    head, last = pl.col(source).str.slice(0, 17), pl.col(source).str.slice(17, 1)
    return head + last.replace_strict(following, default="0", return_dtype=pl.String)


def _identity(spoiler: _Spoiler, column: Field, channel: str) -> None:
    source = column.source
    spoiler.write(
        source,
        spoiler.hit("id_check", RATES["id_check"], everyone=False),
        _wrong_check(source),
        "id_check",
        "quarantined",
    )
    for fault, value in (
        ("id_masked", pl.lit("*" * 6) + pl.col(source).str.slice(6)),
        ("id_eaten", pl.lit("3.") + pl.col(source).str.slice(1, 14) + "E+17"),
    ):
        hit = spoiler.hit(fault, RATES[fault], everyone=False)
        spoiler.write(source, hit, value, fault, "quarantined")
    rate = RATES["id_15_constructors" if channel == REGISTRY_OF_CONSTRUCTORS else "id_15"]
    old = spoiler.spoilt.rows[source].str.slice(6, 2) == "19"
    spoiler.write(
        source,
        spoiler.hit("id_15", rate, everyone=True) & old.fill_null(value=False).to_numpy(),
        pl.col(source).str.slice(0, 6) + pl.col(source).str.slice(8, 9),
        "id_15",
        "normalised",
    )


def _code(spoiler: _Spoiler, column: Field, channel: str) -> None:
    source = column.source
    if spoiler.feed.person_source is not None:
        nullable = BY_NAME[spoiler.feed.target]["usc_code"].nullable
        hit = spoiler.hit("code_blank", RATES["code_blank"], everyone=False)
        by_name = [source for source, scheme in column.known_by.items() if scheme == "name"]
        mended = np.full(len(hit), nullable)
        if by_name:
            mended |= spoiler.known & spoiler.filled(by_name[0])
        nothing = pl.lit(None, pl.String)
        spoiler.write(source, hit & mended, nothing, "code_blank", "normalised")
        spoiler.write(source, hit & ~mended, nothing, "code_blank", "quarantined")
    if channel == REGISTRY_OF_CONSTRUCTORS:
        last = pl.col(source).str.slice(17, 1)
        wrong = pl.col(source).str.slice(0, 17) + pl.when(last == "A").then(pl.lit("B")).otherwise(
            pl.lit("A")
        )
        hit = spoiler.hit("code_check", RATES["code_check"], everyone=False) & spoiler.filled(
            source
        )
        spoiler.write(source, hit, wrong, "code_check", "quarantined")
    if may_use_aliases(BY_NAME[spoiler.feed.target]):
        _other_codes(spoiler, column)
    rate = RATES["code_lower_registry" if channel == "market_registry" else "code_lower"]
    hit = spoiler.hit("code_lower", rate, everyone=True) & spoiler.filled(source)
    spoiler.write(source, hit, pl.col(source).str.to_lowercase(), "code_lower", "normalised")


def _other_codes(spoiler: _Spoiler, column: Field) -> None:
    """The organisation code, in place of the credit code or beside its empty cell."""
    source = column.source
    code = pl.col(source).str.slice(8, 8) + "-" + pl.col(source).str.slice(16, 1)
    hit = spoiler.hit("code_organisation", RATES["code_organisation"], everyone=True)
    hit &= spoiler.known & spoiler.filled(source)
    spoiler.write(source, hit, code, "code_organisation", "normalised")
    for other, scheme in column.known_by.items():
        if scheme == "organisation_code":
            moved = spoiler.hit("code_elsewhere", RATES["code_elsewhere"], everyone=True)
            moved &= spoiler.known & spoiler.filled(source) & ~hit
            spoiler.write(other, moved, code, "code_elsewhere", "normalised")
            spoiler.put(source, moved, pl.lit(None, pl.String))


def _name(spoiler: _Spoiler, column: Field) -> None:
    source = column.source
    hit = spoiler.hit(
        f"name_blanks/{source}", RATES["name_blanks"], everyone=True
    ) & spoiler.filled(source)
    lost = spoiler.hit(f"garbled/{source}", RATES["garbled"], everyone=False)
    spoiler.write(
        source, lost & spoiler.filled(source), pl.lit("锟斤拷锟斤拷"), "garbled", "quarantined"
    )
    hit &= ~lost
    spaced = pl.col(source).str.slice(0, 2) + "\u3000" + pl.col(source).str.slice(2)
    spoiler.write(source, hit, spaced, "name_blanks", "normalised")


def _date(spoiler: _Spoiler, column: Field) -> None:
    source = column.source
    hit = spoiler.hit(f"date_odd/{source}", RATES["date_odd"], everyone=True) & spoiler.filled(
        source
    )
    if not hit.any():
        return
    day = pl.col(source).str.to_date("%Y-%m-%d", strict=False)
    form = pl.Series(
        spoiler.draws.integers(
            f"{spoiler.stream}/form/{source}", 0, 4, spoiler.owners, spoiler.ordinals
        )
    )
    odd = (
        pl.when(form == 0)
        .then(day.dt.strftime("%Y%m%d"))
        .when(form == 1)
        .then(day.dt.strftime("%Y年%-m月%-d日"))
        .when(form == 2)
        .then(day.dt.strftime("%Y-%-m-%-d 0:00:00"))
        .otherwise(day.dt.strftime("%Y/%-m/%-d"))
    )
    spoiler.write(source, hit, odd, "date_odd", "normalised")


def _sentinel(spoiler: _Spoiler, column: Field) -> None:
    assert column.to is not None
    target = BY_NAME[spoiler.feed.target]
    if column.to not in target.schema or not target[column.to].nullable:
        return
    source = column.source
    hit = spoiler.hit(f"sentinel/{source}", RATES["sentinel"], everyone=True) & ~spoiler.filled(
        source
    )
    chosen: Any = spoiler.draws.pick(
        f"{spoiler.stream}/{source}", _SENTINELS, (1, 1, 1, 1), spoiler.owners, spoiler.ordinals
    )
    spoiler.write(
        source, hit, pl.lit(pl.Series(chosen.tolist(), dtype=pl.String)), "sentinel", "normalised"
    )
