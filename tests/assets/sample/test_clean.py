"""The clean province: prefixes, thresholds, histories."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from provinces import AS_OF, ENTERPRISES, clean_frames
from shipped import BOOK

from assets.sample import geography, needs, scenarios
from assets.tables import BY_NAME


@pytest.mark.parametrize(
    "table",
    ["registry", "statement", "insurance", "registration", "skill", "unit", "party", "application"],
)
def test_a_smaller_province_is_a_prefix_of_a_larger_one(
    table: str, frames: dict[str, pl.DataFrame]
) -> None:
    small = clean_frames(60)[table]
    prefix = frames[table].filter(pl.col("owner") < 60).select(small.columns)
    assert_frame_equal(small, prefix)


def test_the_size_of_a_block_changes_nothing(frames: dict[str, pl.DataFrame]) -> None:
    for name, frame in clean_frames(ENTERPRISES, size=37).items():
        assert_frame_equal(
            frame.select(sorted(frame.columns)), frames[name].select(sorted(frame.columns))
        )


def test_the_keys_of_every_table_are_unique(frames: dict[str, pl.DataFrame]) -> None:
    keys = {
        "registry": "base_enterprise__registry",
        "certificate": "base_enterprise__certificate",
        "qualification": "base_enterprise__qualification",
        "statement": "base_enterprise__statement",
        "registration": "base_personnel__registration",
        "title": "base_personnel__title",
        "post": "base_personnel__post_certificate",
        "skill": "base_personnel__skill_certificate",
        "insurance": "base_personnel__insurance_month",
        "contract": "base_project__contract",
        "permit": "base_project__permit",
        "unit": "base_project__unit",
        "project": "base_project__project",
        "party": "base_project__party",
        "finding": "base_credit__finding",
    }
    for frame, table in keys.items():
        key = ["id_number" if column == "person_key" else column for column in BY_NAME[table].key]
        assert not frames[frame].select(key).is_duplicated().any(), frame


def test_every_kind_of_works_and_machine_has_a_name_of_the_rulebook(
    frames: dict[str, pl.DataFrame],
) -> None:
    """Of any other it would not be known what it is (reading 92)."""
    assert set(needs.WORKS_OF.values()) <= set(BOOK.codes.works)
    measured = {name.partition("|")[0] for name in frames["unit"].columns if "|" in name}
    assert measured | set(frames["unit"]["works_type"]) <= set(BOOK.codes.works)
    assert set(frames["equipment"]["equipment_kind"]) <= set(BOOK.codes.machines)


def test_the_cities_have_their_shares() -> None:
    cities = [geography.city_of(index).code for index in range(1_000)]
    assert {city.code: city.share * 10 for city in geography.CITIES} == {
        code: cities.count(code) for code in set(cities)
    }


def test_an_exact_applicant_stands_exactly_at_every_figure(frames: dict[str, pl.DataFrame]) -> None:
    owners = _owners(frames, "first_exact")
    want = needs.FOCUS["S11", "二级"]
    for owner in owners:
        counts = {
            name: _counted(frames, name, owner)
            for name in ("registration", "title", "post", "skill")
        }
        assert counts == {
            "registration": 3,
            "title": want.titled,
            "post": want.managers,
            "skill": want.workers,
        }
        registry = frames["registry"].filter(
            pl.col("owner") == owner, pl.col("entity_code") == "enterprise"
        )
        assert registry["registered_capital_yuan"].to_list() == [want.net_assets_wan * 10_000.0]
        assert set(frames["post"].filter(pl.col("owner") == owner)["role"]) == set(want.roles)


@pytest.mark.parametrize(
    ("scenario", "table", "missing"),
    [
        ("first_worker_short", "skill", 1),
        ("first_manager_short", "post", 1),
        ("first_constructor_short", "registration", 1),
    ],
)
def test_an_applicant_that_is_to_be_refused_is_one_short(
    frames: dict[str, pl.DataFrame], scenario: str, table: str, missing: int
) -> None:
    figures = {"skill": 15, "post": 10, "registration": 3}
    for owner in _owners(frames, scenario):
        assert _counted(frames, table, owner) == figures[table] - missing


def test_the_roads_of_a_municipal_upgrade_add_up_to_the_metre(
    frames: dict[str, pl.DataFrame],
) -> None:
    lengths = {
        scenario: frames["unit"]
        .filter(pl.col("owner").is_in(_owners(frames, scenario)))["城市道路|长度"]
        .sum()
        for scenario in ("upgrade_g10_exact", "upgrade_g10_one_metre_short")
    }
    assert lengths["upgrade_g10_exact"] % 10_000 == 0
    assert lengths["upgrade_g10_one_metre_short"] % 10_000 == 9_999


def test_works_are_signed_while_a_level_is_held(frames: dict[str, pl.DataFrame]) -> None:
    held = frames["qualification"].group_by("usc_code").agg(pl.col("valid_from").min())
    signed = frames["contract"].join(held, on="usc_code", how="left")
    assert (signed["signed_on"] >= signed["valid_from"]).all()


def test_a_constructor_leads_one_project_at_a_time(frames: dict[str, pl.DataFrame]) -> None:
    projects = (
        _led(frames)
        .group_by("id_number", "project_no")
        .agg(pl.col("started_on").min(), pl.col("accepted_on").max())
        .sort("id_number", "started_on")
        .with_columns(following=pl.col("started_on").shift(-1).over("id_number"))
    )
    overlapping = projects.filter(pl.col("following") < pl.col("accepted_on"))
    assert overlapping.rows() == []


def test_every_manager_is_registered_with_the_contractor_throughout(
    frames: dict[str, pl.DataFrame],
) -> None:
    spells = frames["registration"].select("id_number", "usc_code", "valid_from", "valid_until")
    throughout = (
        _led(frames)
        .join(spells, on=["id_number", "usc_code"])
        .filter(
            pl.col("valid_from") <= pl.col("started_on"),
            pl.col("valid_until") >= pl.col("accepted_on"),
        )
    )
    assert _led(frames).join(throughout, on="contract_no", how="anti").rows() == []


def test_nearly_every_works_of_an_enterprise_with_constructors_has_its_manager(
    frames: dict[str, pl.DataFrame],
) -> None:
    staffed = frames["contract"].join(frames["registration"], on="usc_code", how="semi")
    led = staffed.join(_led(frames, accepted=False), on="contract_no", how="semi")
    assert led.height > 0.98 * staffed.height


def test_histories_of_levels_have_no_gap_and_no_overlap(frames: dict[str, pl.DataFrame]) -> None:
    spells = (
        frames["qualification"]
        .sort("usc_code", "category_code", "valid_from")
        .with_columns(following=pl.col("valid_from").shift(-1).over("usc_code", "category_code"))
        .drop_nulls(["following", "valid_to"])
    )
    assert spells.height
    assert (spells["following"] == spells["valid_to"].dt.offset_by("1d")).all()


def test_insured_months_are_the_full_months_before_the_day(frames: dict[str, pl.DataFrame]) -> None:
    months = frames["insurance"]["month"]
    assert months.max() == date(2017, 2, 1)
    assert months.n_unique() == 24


def test_people_move_between_enterprises(frames: dict[str, pl.DataFrame]) -> None:
    payers = frames["insurance"].group_by("id_number").agg(pl.col("usc_code").n_unique())
    assert (payers["usc_code"] > 1).mean() > 0.05


def test_everybody_is_of_working_age_but_for_the_planned(frames: dict[str, pl.DataFrame]) -> None:
    born = frames["identity"]["id_number"].str.slice(6, 4).cast(pl.Int32)
    ages = AS_OF.year - born
    assert ages.min() >= 20
    regular = frames["identity"].filter(pl.col("plan") != "over_60")["id_number"]
    assert (AS_OF.year - regular.str.slice(6, 4).cast(pl.Int32)).max() <= 61


def test_three_enterprises_of_five_apply_and_every_kind_and_outcome_is_among_them(
    frames: dict[str, pl.DataFrame],
) -> None:
    filed = frames["application"]
    assert filed.height == ENTERPRISES * 3 // 5
    assert set(filed["kind"]) == {
        "first",
        "addition",
        "upgrade",
        "renewal",
        "change",
        "replacement",
        "reverification",
    }
    assert set(filed["outcome"]) == {"granted", "refused", "not_accepted", "awaiting_data"}


def test_applications_are_filed_in_working_hours_before_the_day_ends(
    frames: dict[str, pl.DataFrame],
) -> None:
    filed = frames["application"]["filed_at"].str.to_datetime(time_zone="Asia/Shanghai")
    assert filed.dt.hour().is_between(8, 9).all()
    assert (filed.dt.weekday() <= 5).all()
    assert (filed.dt.date() <= AS_OF).all()


def test_every_plan_has_a_reason_if_and_only_if_it_is_not_granted() -> None:
    for plan in (*scenarios.PLAN, *scenarios.INCOMPLETE):
        assert bool(plan.because) == (plan.outcome != "granted"), plan.key
    assert len({plan.key for plan in scenarios.PLAN}) == len(scenarios.PLAN)


def _led(frames: dict[str, pl.DataFrame], *, accepted: bool = True) -> pl.DataFrame:
    """Contracts with their managers; with the days of the works, where they were accepted."""
    managers = frames["party"].filter(pl.col("duty") == "项目经理")
    rows = managers.select("contract_no", "project_no", "usc_code", "id_number")
    if not accepted:
        return rows
    days = frames["acceptance"].filter(pl.col("plan") != "before_start")
    return rows.join(days.select("contract_no", "started_on", "accepted_on"), on="contract_no")


def _owners(frames: dict[str, pl.DataFrame], scenario: str) -> list[int]:
    owners = frames["application"].filter(pl.col("scenario") == scenario)["owner"].to_list()
    assert owners, scenario
    return owners


def _counted(frames: dict[str, pl.DataFrame], table: str, owner: int) -> int:
    """People of an enterprise with such a certificate whom it insured last month."""
    last = frames["insurance"].filter(pl.col("back") == 0, pl.col("owner") == owner)
    rows = (
        frames[table]
        .filter(pl.col("owner") == owner)
        .join(last.select("id_number"), on="id_number", how="semi")
    )
    return rows["id_number"].n_unique()
