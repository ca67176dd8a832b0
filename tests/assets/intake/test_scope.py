"""What a delivery speaks of: all cities or one, one enterprise, real rows and tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from deliveries import FIRM, NOW, OTHER_FIRM, ZHANG, Province, Row, finding, registered

from assets.channels import Feed
from assets.intake.raw import row_hashes
from assets.lake.history import history_table
from assets.sources.manifest import Manifest
from assets.tables import enterprise as ent
from assets.tables import intake, personnel, project

HOUR = timedelta(hours=1)
LEAD = personnel.TECHNICAL_LEAD


def lead(code: str, trade: str = "1040A010") -> Row:
    return {
        "CorpCode": code,
        "TradeBoundNum": trade,
        "TechMan": "张三",
        "TechManIDCard": ZHANG,
        "PracticeDate": "2001-07-01",
        "AppointDate": "2015-01-01",
    }


def works(county: str, many: int) -> list[Row]:
    return [
        {
            "PrjNum": f"{county}16041801{number:02d}",
            "PrjName": f"{number}号楼",
            "PrjTypeNum": "01",
            "CountyNum": county,
        }
        for number in range(many)
    ]


class TestSilentCity:
    def delivered(self, province: Province, *rows: Row, name: str, **manifest: Any) -> list[str]:
        stated = {"is_refresh": True} | manifest
        province.deliver("project_platform", "project", list(rows), name=name, manifest=stated)
        found = province.collect(NOW + int(name) * HOUR).deliveries
        return [f"{one.status} {one.error or ''}" for one in found]

    def test_a_refresh_without_any_row_of_a_city_is_refused_until_it_is_confirmed(
        self, province: Province
    ) -> None:
        hangzhou, ningbo = works("330106", 60), works("330203", 20)
        assert self.delivered(province, *hangzhou, *ningbo, name="1") == ["accepted "]
        [refused] = self.delivered(province, *hangzhou, name="2")
        assert refused.startswith("failed [F-03]")
        for word in ("330200", "count_confirmed", "请重送完整文件", "send the complete file"):
            assert word in refused
        assert province.read(project.PROJECT).height == 80
        assert self.delivered(province, *hangzhou, name="3", count_confirmed=True)[-1] == (
            "accepted "
        )

    def test_a_city_that_never_had_many_rows_one_row_left_and_a_mere_change_say_nothing(
        self, province: Province
    ) -> None:
        hangzhou, ningbo = works("330106", 99), works("330203", 19)
        self.delivered(province, *hangzhou, *ningbo, name="1")
        assert self.delivered(province, *hangzhou, name="2") == ["accepted "]
        wenzhou = works("330302", 20)
        self.delivered(province, *hangzhou, *wenzhou, name="3")
        assert self.delivered(province, *hangzhou, wenzhou[0], name="4") == ["accepted "]
        assert self.delivered(province, *hangzhou, name="5", is_refresh=False) == ["accepted "]
        city = self.delivered(province, *hangzhou[:98], name="6", region_code="330100")
        assert city == ["accepted "]


class TestOneEnterprise:
    def test_a_refresh_of_one_enterprise_ends_what_it_lacks_and_nothing_of_another(
        self, province: Province
    ) -> None:
        both = [lead(FIRM), lead(FIRM, "1040A100"), lead(OTHER_FIRM)]
        province.deliver("construction", "technical_lead", both, name="1")
        province.collect(NOW)
        told = {"is_refresh": True, "usc_code": FIRM}
        province.deliver("construction", "technical_lead", both[:1], name="2", manifest=told)
        province.collect(NOW + HOUR)
        held = province.read(LEAD).select("usc_code", "category_code").sort(pl.all()).rows()
        assert held == [(FIRM, "G01"), (OTHER_FIRM, "G01")]
        [past] = province.read(history_table(LEAD)).iter_rows(named=True)
        assert (past["category_code"], past["ended_by"]) == ("G10", "absent")

    def test_it_says_nothing_of_the_completeness_of_a_region(self, province: Province) -> None:
        stated = {"is_refresh": True, "usc_code": FIRM, "is_complete": True}
        province.deliver("construction", "technical_lead", [lead(FIRM)], manifest=stated)
        province.collect()
        assert province.read(intake.COVERAGE).is_empty()

    def test_a_feed_whose_rows_name_no_enterprise_refuses_it(self, province: Province) -> None:
        stated = {"is_refresh": True, "usc_code": FIRM}
        province.deliver("project_platform", "project", works("330106", 1), manifest=stated)
        [report] = province.collect().deliveries
        assert (report.status, report.reason_code) == ("failed", "manifest")
        assert "usc_code" in (report.error or "")


class TestMarks:
    def statement(self, **more: str) -> Row:
        return {
            "uni_social_crd_cd": FIRM,
            "comp_nm": "浙江测试建设有限公司",
            "annual_year": "2016",
            "report_type": "年报",
            "report_end_dt": "2016-12-31",
            "asset_zmt": "3000",
            "debt_amt": "1000",
            "owner_equity_toatal": "2000",
        } | more

    def test_a_row_that_its_sender_marks_as_a_test_is_set_apart_with_that_reason(
        self, province: Province
    ) -> None:
        rows = [
            self.statement(env_flag="1"),
            self.statement(env_flag="0", annual_year="2015"),
            self.statement(annual_year="2014"),
            self.statement(env_flag="?", annual_year="2013"),
        ]
        province.deliver("finance", "statement", rows)
        province.collect()
        assert sorted(province.read(ent.STATEMENT)["year"]) == [2014, 2016]
        assert province.reasons(ent.STATEMENT) == [["env_flag:test_row"], ["env_flag:unknown_code"]]

    def test_a_row_marked_as_deleted_ends_and_one_without_a_mark_is_kept(
        self, province: Province
    ) -> None:
        rows = [registered(), registered(CertNum="浙233151600124")]
        province.deliver("constructor_registry", "registration", rows, name="1")
        province.collect(NOW)
        gone = [rows[0] | {"DELFLAG": "1"}]
        province.deliver("constructor_registry", "registration", gone, name="2")
        province.collect(NOW + HOUR)
        held = province.read(personnel.REGISTRATION)["registration_no"].to_list()
        assert held == ["浙233151600124"]

    @pytest.mark.parametrize("marked", [True, False])
    def test_a_file_may_lack_the_columns_of_marks(self, province: Province, marked: bool) -> None:
        feed = province.channels["finance"].feeds["statement"]
        columns = [c for c in feed.columns if marked or c not in ("opt_type", "env_flag")]
        line = ",".join(self.statement().get(c, "") for c in columns)
        province.deliver(
            "finance", "statement", [{}], content=f"{','.join(columns)}\n{line}\n".encode()
        )
        [report] = province.collect().deliveries
        assert (report.status, report.error) == ("accepted", None)
        assert province.read(ent.STATEMENT).height == 1


def test_rows_without_a_key_that_are_sent_again_are_not_kept_again(province: Province) -> None:
    rows = [lead("") | {"TechMan": name} for name in ("张三", "李四", "王五")]
    for number in range(3):
        province.deliver("construction", "technical_lead", rows, name=str(number))
        [report] = province.collect(NOW + number * HOUR).deliveries or [None]
        assert report is None or report.repeated_count == (0 if number == 0 else 3)
        rows = [*rows[1:], rows[0]]
    assert len(province.reasons(LEAD)) == 3


def test_the_text_of_a_statement_is_what_it_was_before_it_could_name_an_enterprise() -> None:
    told = {
        "rows": 1,
        "sent_at": "2017-02-28T10:00:00+08:00",
        "region_code": "330000",
        "is_complete": True,
        "as_of": "2017-02-28",
    }
    assert "usc_code" not in Manifest.model_validate(told).text
    assert FIRM in Manifest.model_validate(told | {"usc_code": FIRM}).text


def test_a_row_is_no_news_because_its_feed_has_a_column_more(province: Province) -> None:
    feed: Feed = province.channels["credit"].feeds["finding"]
    assert {"OrganCode", "LicenseNum"} <= feed.optional
    row = {name: finding().get(name) for name in feed.columns}
    [before] = row_hashes(pl.DataFrame([row], schema=dict.fromkeys(feed.columns, pl.String)), feed)
    fields = tuple(one for one in feed.fields if one.source != "LicenseNum")
    older = feed.model_copy(update={"fields": fields})
    held = pl.DataFrame([row], schema=dict.fromkeys(feed.columns, pl.String)).select(older.columns)
    assert row_hashes(held, older).to_list() == [before]
    told = pl.DataFrame([row | {"LicenseNum": "330100000001190"}])
    assert row_hashes(told, feed).to_list() != [before]
