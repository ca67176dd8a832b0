"""A channel of a known kind is one file of YAML: the one that the README shows, and another."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from deliveries import FIRM, KEY, LI, NOW, OTHER_FIRM, WANG, ZHANG, Province

from assets import channels as declared
from assets.bases.claims import claim_table, conflict_counts, conflicts
from assets.channels import Channel, ChannelError, load_channels
from assets.collection import collect
from assets.tables.enterprise import STATEMENT
from assets.tables.personnel import PERSON

README = Path(__file__).parents[2] / "README.md"
OURS = Path(declared.__file__).parent


def beside_ours(folder: Path, name: str, text: str) -> Mapping[str, Channel]:
    """Our channels and one more."""
    shutil.copytree(OURS, folder, ignore=lambda _, names: [n for n in names if "yaml" not in n])
    (folder / f"{name}.yaml").write_text(text, "utf-8")
    return load_channels(folder)


def as_printed() -> str:
    [text] = re.findall(r"```yaml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(text.splitlines()) <= 10
    return text


def test_the_channel_of_the_readme_is_collected_beside_ours(
    province: Province, tmp_path: Path
) -> None:
    channels = beside_ours(tmp_path / "channels", "civil_affairs", as_printed())
    inbox = province.inbox / "civil_affairs" / "cremation"
    inbox.mkdir(parents=True)
    lines = ["身份证号,火化日期", f"{ZHANG},2016-11-03", f"{LI},=2016-11-04", "123,2016-11-05"]
    (inbox / "1.csv").write_bytes("\n".join(lines).encode("gbk"))
    assert collect(province.store, province.inbox, KEY, NOW, channels).deliveries == ()
    (inbox / "1.csv.ok").write_text("3")
    [report] = collect(province.store, province.inbox, KEY, NOW, channels).deliveries
    assert (report.status, report.row_count) == ("accepted", 3)
    assert province.read(PERSON)["deceased_on"].to_list() == [date(2016, 11, 3)]
    reasons = [told[0] for told in province.reasons(PERSON)]
    assert reasons[0] == "deceased_on:unreadable"
    assert reasons[1].startswith("person_key:")


@pytest.mark.parametrize("is_second_later", [True, False])
def test_of_two_channels_that_tell_one_day_the_rank_decides_and_the_other_is_counted(
    province: Province, tmp_path: Path, is_second_later: bool
) -> None:
    channels = beside_ours(tmp_path / "channels", "civil_affairs", as_printed())
    inbox = province.inbox / "civil_affairs" / "cremation"
    inbox.mkdir(parents=True)
    lines = ["身份证号,火化日期", f"{ZHANG},2016-11-03", f"{LI},2016-11-04", f"{WANG},2016-11-05"]
    identities = [
        {"GMSFHM": ZHANG, "XM": "张三", "SWRQ": "20161101"},
        {"GMSFHM": LI, "XM": "李四"},
    ]

    def cremations() -> None:
        (inbox / "1.csv").write_bytes("\n".join(lines).encode("gbk"))
        (inbox / "1.csv.ok").write_text("3")
        collect(province.store, province.inbox, KEY, NOW, channels)

    if not is_second_later:
        cremations()
    province.deliver("public_security", "identity", identities)
    collect(province.store, province.inbox, KEY, NOW, channels)
    if is_second_later:
        cremations()
    days = dict(province.read(PERSON).select("id_number", "deceased_on").iter_rows())
    assert days == {ZHANG: date(2016, 11, 1), LI: date(2016, 11, 4), WANG: date(2016, 11, 5)}
    assert conflict_counts(province.store, PERSON).rows() == [
        ("deceased_on", "civil_affairs.cremation", 1)
    ]
    [lost] = conflicts(province.store, PERSON).collect().to_dicts()
    assert (lost["told"], lost["held"]) == ("2016-11-03", "2016-11-01")
    kept = province.store.read(claim_table(PERSON)).filter(feed="civil_affairs.cremation")
    assert kept.height == 3, "what is not believed is kept"


ANNUAL = """
channel: annual_reports
owner_zh: 省市场监督管理局
owner_en: Provincial market regulator
cadence: yearly
freshness_days: 400
feeds:
  report:
    {zh: 企业年报, en: Annual reports, target: base_enterprise__statement, declares_coverage: false,
     adapter: jsonl, constants: {report_code: annual}, fields: [
      {source: code, to: usc_code, read: usc_code}, {source: year, to: year, read: integer},
      {source: day, to: period_end_on, read: date, rank: 2},
      {source: equity, to: net_assets_yuan, read: wan_yuan, rank: 2}]}
"""


def balance(firm: str, net: str) -> dict[str, str]:
    return {
        "uni_social_crd_cd": firm,
        "annual_year": "2015",
        "report_type": "年报",
        "report_end_dt": "2015-12-31",
        "owner_equity_toatal": net,
    }


def test_a_second_channel_over_a_column_that_one_filled_needs_no_python(
    province: Province, tmp_path: Path
) -> None:
    province.deliver("finance", "statement", [balance(FIRM, "100")])
    province.collect()  # before anybody thought of a second channel
    channels = beside_ours(tmp_path / "channels", "annual_reports", ANNUAL)
    province.channels = channels
    reports = [
        {"code": FIRM, "year": "2015", "day": "2015-12-31", "equity": "900"},
        {"code": OTHER_FIRM, "year": "2015", "day": "2015-12-31", "equity": "80"},
    ]
    province.deliver("annual_reports", "report", reports)
    collect(province.store, province.inbox, KEY, NOW, channels)
    held = dict(province.read(STATEMENT).select("usc_code", "net_assets_yuan").iter_rows())
    assert held == {FIRM: Decimal("1000000.00"), OTHER_FIRM: Decimal("800000.00")}
    assert conflict_counts(province.store, STATEMENT).rows() == [
        ("net_assets_yuan", "annual_reports.report", 1)
    ]


def test_two_channels_of_one_rank_do_not_load(tmp_path: Path) -> None:
    text = ANNUAL.replace("read: wan_yuan, rank: 2", "read: wan_yuan")
    with pytest.raises(ChannelError) as told:
        beside_ours(tmp_path / "channels", "annual_reports", text)
    assert "base_enterprise__statement.net_assets_yuan" in str(told.value)
    assert "annual_reports.report" in str(told.value) and "finance.statement" in str(told.value)
    assert "give each its own rank" in str(told.value)
