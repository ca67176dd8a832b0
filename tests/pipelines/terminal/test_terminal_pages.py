"""What a terminal shows of one thing reads as its reader would say it."""

from __future__ import annotations

from rich.console import Console

from pipelines.express import Handled
from pipelines.terminal import pages


def test_reasons_tell_of_one_thing_in_the_singular() -> None:
    handled = Handled(
        application_id="SQ20170301-00001",
        usc_code="91330199MABJNYECX5",
        enterprise_name=None,
        item="S11-二级",
        kind="first",
        outcome="refused",
        reason_zh="岗位齐全（要求≥ 1人，实际0人）",
        reason_en="every post is filled (required ≥ 1 people, actual 0 people)",
        release_id="R000001",
        certificate_no=None,
        certificate_file=None,
        archive_file=None,
    )
    console = Console(width=200)
    with console.capture() as shown:
        console.print(pages.handled(handled))
    assert "(required ≥ 1 person, actual 0 people)" in shown.get()
