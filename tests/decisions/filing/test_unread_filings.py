"""Applications of a channel that could not be read: each is answered with the remedy, once."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from offices import Office, at
from portfolio import Portfolio

from assets.channels import load_channels
from assets.collection import build_base, take_in
from assets.lake.store import Turn
from assets.sources.inbox import Inbox
from assets.stewards import open_rows
from assets.tables import intake
from decisions.filing import rejections
from decisions.filing.rejections import Asked, Fault
from pipelines.office import Office as Home
from pipelines.settings import Settings
from pipelines.views.casefile import find_answer

DAY = date(2017, 3, 1)
PORTAL = load_channels()["portal"]
FIRM = Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY)


def written(number: str = "A1", **other: str | None) -> dict[str, str | None]:
    """An application as the portal writes it, in order but for `other`."""
    return {
        "application_id": number,
        "usc_code": FIRM.usc_code,
        "kind": "首次申请",
        "category_code": "S11",
        "subcategory": None,
        "level": "二级",
        "filed_at": "2017-03-01T09:00:00+08:00",
        **other,
    }


class Portal:
    """The portal's deliveries into an office that knows the firm."""

    def __init__(self, folder: Path) -> None:
        self.office = Office(folder, [FIRM])
        self.office.release(at(DAY, 8))
        self.folder = folder / "inbox" / "portal" / "application"
        self.folder.mkdir(parents=True)
        self.sent = 0

    def deliver(self, *rows: dict[str, str | None]) -> None:
        """A file of its own, taken in and worked into the log of applications."""
        self.sent += 1
        file = self.folder / f"{self.sent}.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        manifest = {
            "rows": len(rows),
            "sent_at": f"2017-03-01T10:{self.sent:02d}:00+08:00",
            "region_code": "330000",
            "is_complete": False,
            "as_of": "2017-03-01",
        }
        file.with_name(f"{file.name}.manifest.json").write_text(json.dumps(manifest))
        inbox, now = Inbox(self.folder.parents[1]), self.now
        take_in(self.office.store, PORTAL, "application", inbox, now)
        build_base(self.office.store, intake.APPLICATION, bytes(32), now, {"portal": PORTAL})

    @property
    def now(self) -> datetime:
        return at(DAY, 11) + timedelta(minutes=self.sent)

    def sweep(self) -> None:
        """Answers and decides what there is."""
        self.office.decide(self.now)

    def answers(self) -> list[dict[str, Any]]:
        """The log of answers, in order."""
        return self.office.store.read(intake.REJECTED_FILING).sort("rejection_no").to_dicts()

    def apart(self) -> pl.DataFrame:
        """Rows of applications that stewards still have before them."""
        return open_rows(self.office.store, intake.APPLICATION)


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return Portal(tmp_path)


FAULTS: tuple[tuple[dict[str, str | None], str, str, str], ...] = (
    ({"level": "四级"}, "unknown_item", "无法识别申请事项 'S11-四级'", "特级、一级、二级"),
    ({"level": None}, "unknown_item", "'S11'", "等级"),
    ({"category_code": "Z99"}, "unknown_item", "'Z99-二级'", "类别（如 S11）"),
    ({"category_code": None, "level": "无"}, "unknown_item", "'无'", "类别"),
    ({"category_code": "", "level": ""}, "unknown_item", "未填写申请事项", "类别"),
    ({"subcategory": "锟斤拷"}, "unknown_item", "'S11-锟斤拷-二级'", "类别"),
    ({"kind": "注销"}, "unknown_kind", "'注销'", "首次申请、增项、升级"),
    ({"kind": None}, "unknown_kind", "未填写申请类型", "遗失补办、重新核定"),
    ({"usc_code": "91330199MA2A00018X"}, "unknown_enterprise", "91330199MA2A00018X", "代码"),
    ({"usc_code": "某建设公司"}, "unknown_enterprise", "'某建设公司'", "统一社会信用代码"),
    ({"usc_code": None}, "unknown_enterprise", "未填写企业代码", "统一社会信用代码"),
    ({"filed_at": "昨天"}, "unreadable_time", "'昨天'", "2017-03-01T09:00:00+08:00"),
    ({"filed_at": "0001-01-01T00:00:00"}, "unreadable_time", "0001-01-01", "日期和时间"),
    ({"filed_at": None}, "unreadable_time", "未填写申请时间", "日期和时间"),
)


def test_what_cannot_be_read_is_answered_with_the_remedy_and_decided_by_nobody(
    portal: Portal,
) -> None:
    rows = [written(f"A{nth:02d}", **fault) for nth, (fault, *_) in enumerate(FAULTS)]
    portal.deliver(*rows, written("B1"))
    portal.sweep()
    answers = portal.answers()
    assert [told["application_id"] for told in answers] == [row["application_id"] for row in rows]
    for told, (_, reason, says, remedy) in zip(answers, FAULTS, strict=True):
        assert told["reason_code"] == reason
        assert says in told["reason_zh"] and remedy in told["remedy_zh"]
        assert told["remedy_zh"].endswith("，然后重新报送"), "重新核定 is a kind, and no adverb"
        assert told["reason_en"] and told["remedy_en"] and told["filed_via"] == "portal"
    assert answers[0]["rejection_no"] == "TH20170301-00001"
    assert portal.office.decisions()["application_id"].to_list() == ["B1"], "the rest goes on"
    assert portal.apart().is_empty(), "stewards have nothing to do about it"


def test_every_column_that_a_sender_fills_is_among_these() -> None:
    filled = {field.to for field in PORTAL.feeds["application"].fields}
    assert filled - {"application_id"} == {name for fault, *_ in FAULTS for name in fault}


def test_one_answer_names_all_that_is_wrong(portal: Portal) -> None:
    portal.deliver(written("A1", usc_code="?", level="四级", kind="注销", filed_at="?"))
    portal.sweep()
    (told,) = portal.answers()
    assert told["reason_code"] == "unknown_enterprise"
    for part in ("企业代码", "申请事项", "申请类型", "申请时间"):
        assert part in told["reason_zh"]
    assert (told["asked_enterprise"], told["asked_item"], told["asked_kind"]) == (
        "?", "S11-四级", "注销",
    )  # fmt: skip
    assert told["filed_at"] == portal.office.store.read(intake.QUARANTINE)["received_at"][0]


def test_a_row_without_a_number_is_no_application_and_stays_with_the_stewards(
    portal: Portal,
) -> None:
    portal.deliver(written(None, level="四级"), written("锟斤拷"))  # type: ignore[arg-type]
    portal.sweep()
    assert portal.answers() == []
    assert portal.apart().height == 2


def test_sent_again_it_is_not_answered_again(portal: Portal) -> None:
    portal.deliver(written("A1", level="四级"))
    portal.sweep()
    portal.deliver(written("A1", level="四级"), written("A2"))
    portal.deliver(written("A1", level=" 四级 "), written("A3", kind="?"))
    portal.sweep()
    assert [told["application_id"] for told in portal.answers()] == ["A1", "A3"]
    assert portal.apart().is_empty()


def test_sent_again_in_order_under_its_number_it_is_a_case(portal: Portal) -> None:
    portal.deliver(written("A1", level="四级"))
    portal.sweep()
    portal.deliver(written("A1"))
    portal.sweep()
    portal.sweep()
    assert len(portal.answers()) == 1
    assert portal.office.outcomes() == ["granted"]


def test_sent_again_with_another_fault_it_is_answered_again(portal: Portal) -> None:
    for fault in ("四级", "五级"):
        portal.deliver(written("A1", level=fault))
        portal.sweep()
    assert [told["asked_item"] for told in portal.answers()] == ["S11-四级", "S11-五级"]


@pytest.mark.parametrize("other", [{"level": "一级"}, {"level": "四级"}])
def test_a_number_that_is_anothers_is_answered_and_that_other_is_decided(
    portal: Portal, other: dict[str, str | None]
) -> None:
    portal.deliver(written("A1"))
    portal.deliver(written("A1", **other))
    portal.sweep()
    (told,) = portal.answers()
    assert (told["reason_code"], told["standing_id"]) == ("number_taken", "A1")
    assert "新编号" in told["remedy_zh"]
    assert portal.office.outcomes() == ["granted"]


def test_two_that_share_a_number_are_both_answered_and_neither_is_decided(portal: Portal) -> None:
    portal.deliver(written("A1"), written("A1", level="一级"))
    portal.sweep()
    told = portal.answers()
    assert [one["asked_item"] for one in told] == ["S11-二级", "S11-一级"]
    assert {one["reason_code"] for one in told} == {"number_taken"}
    assert portal.office.outcomes() == []


@pytest.mark.parametrize("after", [False, True])
def test_killed_before_or_after_the_answer_the_next_run_leaves_one(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    class Killed(BaseException):
        pass

    write = rejections.append

    def die(turn: Turn, faulty: list[tuple[Asked, Fault]], now: datetime) -> list[str]:
        if after:
            write(turn, faulty, now)
        raise Killed

    portal.deliver(written("A1", level="四级"), written("A2"))
    with monkeypatch.context() as patched:
        patched.setattr(rejections, "append", die)
        with pytest.raises(Killed):
            portal.sweep()
    for _ in range(2):
        portal.sweep()
    assert [told["application_id"] for told in portal.answers()] == ["A1"]
    assert portal.office.outcomes() == ["granted"]


def test_a_later_sweep_writes_nothing(portal: Portal) -> None:
    portal.deliver(written("A1", level="四级"))
    portal.sweep()
    store = portal.office.store
    before = {table: store.version(table) for table in intake.TABLES}
    portal.sweep()
    assert {table: store.version(table) for table in intake.TABLES} == before


def test_it_is_found_by_the_number_of_the_filing_and_of_the_answer(
    portal: Portal, tmp_path: Path
) -> None:
    portal.deliver(written("A1", level="四级"))
    portal.sweep()
    home = Home(Settings(home=tmp_path))
    (told,) = portal.answers()
    for number in ("A1", told["rejection_no"]):
        assert find_answer(home, number) == told
    assert find_answer(home, "A2") is None
