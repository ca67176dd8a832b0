"""A channel of a known kind is one file of YAML: the one that the README shows."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from deliveries import KEY, LI, NOW, ZHANG, Province

from assets.channels import load_channels
from assets.collection import collect
from assets.tables.personnel import PERSON

README = Path(__file__).parents[2] / "README.md"


def test_the_channel_of_the_readme_is_collected_into_the_base(
    province: Province, tmp_path: Path
) -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(text.splitlines()) <= 10
    folder = tmp_path / "channels"
    folder.mkdir()
    (folder / "civil_affairs.yaml").write_text(text, "utf-8")
    channels = load_channels(folder)
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
