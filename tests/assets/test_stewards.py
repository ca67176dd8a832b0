"""Out of quarantine: by reading again, or by a correction that somebody answers for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from deliveries import FIRM, KEY, NOW, Province, enterprise, finding

from assets.channels import Channel
from assets.explain import explain
from assets.lake.history import as_known
from assets.stewards import StewardError, correct, open_rows, retry
from assets.tables import credit, intake
from assets.tables import enterprise as ent

HOUR = timedelta(hours=1)
LATER = NOW + 5 * HOUR


def knowing(channels: dict[str, Channel], state: str) -> dict[str, Channel]:
    """The channels with another state of the registry known."""
    return with_state(channels, lambda codes: {"codes": {**codes, state: "suspended"}})


def with_state(
    channels: dict[str, Channel], told: Callable[[dict[str, str | None]], dict[str, Any]]
) -> dict[str, Channel]:
    """The channels with the state of the registry read in another way, by its codes of today."""
    registry = channels["market_registry"]
    feed = registry.feeds["registration"]
    fields = tuple(
        field.model_copy(update=told(field.codes or {})) if field.to == "state_code" else field
        for field in feed.fields
    )
    changed = feed.model_copy(update={"fields": fields})
    feeds = {**registry.feeds, "registration": changed}
    return {**channels, "market_registry": registry.model_copy(update={"feeds": feeds})}


def apart(province: Province, state: str = "经营异常") -> None:
    province.deliver("market_registry", "registration", [enterprise(reg_state=state)])
    province.collect(NOW)


def reread(province: Province, channels: Any) -> tuple[int, int]:
    rows = open_rows(province.store)
    done = retry(province.store, rows, KEY, LATER, "王五", "代码表已更新", channels)
    return done.read, done.cleared


def test_a_row_read_again_by_a_mended_channel_file_is_known_from_then_on(
    province: Province,
) -> None:
    apart(province)
    assert reread(province, province.channels) == (1, 0)
    assert open_rows(province.store).height == 1
    assert reread(province, knowing(dict(province.channels), "经营异常")) == (1, 1)
    assert open_rows(province.store).is_empty()
    row = province.read(ent.REGISTRY).row(0, named=True)
    assert (row["state_code"], row["received_at"]) == ("suspended", LATER)
    assert as_known(province.store, ent.REGISTRY, NOW + HOUR).collect().is_empty()


def test_a_row_that_is_found_to_be_none_of_the_table_leaves_no_doubt(province: Province) -> None:
    apart(province)
    others = with_state(dict(province.channels), lambda _: {"others": ("经营异常",)})
    assert reread(province, others) == (1, 1)
    assert open_rows(province.store).is_empty()
    assert province.read(ent.REGISTRY).is_empty()


def test_the_log_says_who_cleared_a_row_and_why_and_keeps_the_row(province: Province) -> None:
    apart(province)
    before = province.read(intake.QUARANTINE)
    reread(province, knowing(dict(province.channels), "经营异常"))
    log = province.read(intake.QUARANTINE)
    assert log.filter(pl.col("cleared_at").is_null()).equals(before)
    cleared = log.filter(pl.col("cleared_at").is_not_null()).row(0, named=True)
    assert (cleared["cleared_by"], cleared["cleared_why"]) == ("王五", "代码表已更新")


def test_a_row_that_another_of_its_delivery_contradicts_stays_apart_alone(
    province: Province,
) -> None:
    province.deliver("credit", "finding", [finding(), finding(PunishDate="2016-03-02")])
    province.collect(NOW)
    first = open_rows(province.store).head(1)
    done = retry(province.store, first, KEY, LATER, "王五", "再读", province.channels)
    assert done.cleared == 0
    assert province.read(credit.FINDING).is_empty()


def mend(province: Province, values: dict[str, str]) -> bool:
    row = open_rows(province.store).row(0, named=True)
    return correct(
        province.store, row, values, KEY, LATER, "王五", "市监局函〔2017〕3号", province.channels
    )


def test_a_corrected_row_comes_as_a_delivery_beside_the_one_it_corrects(
    province: Province,
) -> None:
    apart(province, "?")
    raw = province.store.scan
    assert mend(province, {"reg_state": "存续"})
    assert province.read(ent.REGISTRY)["state_code"].to_list() == ["active"]
    assert open_rows(province.store).is_empty()
    told = explain(province.store, ent.REGISTRY, {"usc_code": FIRM}, province.channels)
    assert told.versions[0].source is not None
    assert told.versions[0].source.row["reg_state"] == "存续"
    assert told.versions[0].source.file_name.startswith("更正 correction of market_registry")
    assert told.apart[0].cleared_by == "王五"
    assert raw(intake.DELIVERY).select(pl.len()).collect().item() == 2


def test_a_correction_made_twice_is_made_once(province: Province) -> None:
    apart(province, "?")
    row = open_rows(province.store).row(0, named=True)
    for hour in (1, 2):
        correct(
            province.store,
            row,
            {"reg_state": "存续"},
            KEY,
            NOW + hour * HOUR,
            "王五",
            "函",
            province.channels,
        )
    assert province.read(intake.DELIVERY).height == 2
    cleared = province.read(intake.QUARANTINE).filter(pl.col("cleared_at").is_not_null())
    assert cleared.height == 1


def test_a_correction_states_nothing_about_completeness(province: Province) -> None:
    apart(province, "?")
    before = province.read(intake.COVERAGE)
    mend(province, {"reg_state": "存续"})
    assert province.read(intake.COVERAGE).equals(before)


def test_the_same_bad_row_sent_again_does_not_undo_its_correction(province: Province) -> None:
    apart(province, "?")
    mend(province, {"reg_state": "存续"})
    other = enterprise(uni_social_crd_cd="91330199MA2A00026L", comp_nm="另一公司")
    province.deliver(
        "market_registry", "registration", [enterprise(reg_state="?"), other], name="2"
    )
    province.collect(LATER + HOUR)
    assert open_rows(province.store).is_empty()


@pytest.mark.parametrize(
    ("told", "held", "doubts"), [("注销", ["cancelled"], 0), ("??", ["active"], 1)]
)
def test_a_correction_does_not_outlive_what_its_source_tells_later(
    province: Province, told: str, held: list[str], doubts: int
) -> None:
    apart(province, "?")
    mend(province, {"reg_state": "存续"})
    province.deliver("market_registry", "registration", [enterprise(reg_state=told)], name="2")
    province.collect(LATER + HOUR)
    assert province.read(ent.REGISTRY)["state_code"].to_list() == held
    assert open_rows(province.store).height == doubts


def test_a_correction_that_is_no_better_leaves_the_row_in_doubt(province: Province) -> None:
    apart(province, "?")
    assert not mend(province, {"reg_state": "??"})
    assert province.read(ent.REGISTRY).is_empty()


def test_a_correction_that_is_right_clears_what_an_earlier_one_said_amiss(
    province: Province,
) -> None:
    province.deliver("credit", "finding", [finding(CorpCode="91330199MADGFK2475")])
    province.collect(NOW)
    row = open_rows(province.store).row(0, named=True)
    amiss, right = {"CorpCode": "91330199MADGFK2474"}, {"CorpCode": FIRM}
    given = (KEY, LATER, "王五", "来函更正", province.channels)
    assert not correct(province.store, row, amiss, *given)
    assert open_rows(province.store).height == 2
    assert correct(province.store, row, right, *given)
    assert open_rows(province.store).is_empty()


@pytest.mark.parametrize("values", [{}, {"colour": "red"}])
def test_a_correction_of_nothing_or_of_no_column_is_refused(
    province: Province, values: dict[str, str]
) -> None:
    apart(province, "?")
    with pytest.raises(StewardError, match="no columns"):
        mend(province, values)
