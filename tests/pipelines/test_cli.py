"""The command line on a tiny province that the chain has run on."""

from __future__ import annotations

import errno
import json
import re
import shutil
import socket
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from command_line import miaoban
from typer.testing import CliRunner

from assets.channels import load_channels
from assets.tables import archive, certificate, decision, enterprise, intake
from decisions.filing.intake import Filed
from pipelines import definitions
from pipelines.chain import ChainReport
from pipelines.cli import app
from pipelines.office import Office
from pipelines.settings import load
from pipelines.terminal.console import OUTCOME_EXITS, Exit

Town = tuple[Path, ChainReport]


def document(result: Result) -> dict[str, object]:
    found: dict[str, object] = json.loads(result.stdout)
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def a_row_in_doubt(home: Path) -> str:
    """The first of `base_personnel__registration` whose identity number is in doubt."""
    listed = json.loads(miaoban(home, "quarantine", "list", "--json").stdout)
    row = next(
        row
        for row in listed
        if row["target"] == "base_personnel__registration"
        and row["reasons"][0].startswith("person_key:")
    )
    return f"{row['delivery_id']}:{row['row_no']}"


def a_case(home: Path, outcome: str) -> dict[str, object]:
    rows = Office(load(home)).store.read(decision.DECISION).filter(pl.col("outcome") == outcome)
    return rows.sort("application_id").row(0, named=True)


# -- without data ------------------------------------------------------------------------


def test_help_names_every_command_and_the_exit_codes(tmp_path: Path) -> None:
    told = miaoban(tmp_path, "--help").stdout
    for word in ("sample", "run", "apply", "decide", "show", "verify", "rules", "up", "status"):
        assert word in told
    for code in Exit:
        assert str(code.value) in told


def test_explain_tells_of_a_table_a_key_and_a_part_of_a_key_that_do_not_exist(
    tmp_path: Path,
) -> None:
    registry, registration = enterprise.REGISTRY.name, "base_personnel__registration"
    for arguments, word in (
        (("base_nothing", "x"), "no base table"),
        ((registry, "91330199MA2A00018R"), "没有此键.*没有数据 the table has no rows"),
        ((registration, "colour=red"), "没有此键"),
        (("base_project__alias", "contract_no", "HT-1"), "没有此键"),
    ):
        result = miaoban(tmp_path, "explain", *arguments)
        assert result.exit_code == Exit.NOT_FOUND, result.output
        assert re.search(word, result.stderr)
    too_many = miaoban(tmp_path, "explain", registry, "a", "b")
    assert too_many.exit_code == 2


def test_a_part_of_a_key_that_cannot_be_read_is_told_with_its_column_and_form(
    tmp_path: Path,
) -> None:
    for table, key, word in (
        ("base_enterprise__statement", "year=x", "year: “x”应为整数 write a whole number"),
        ("base_personnel__insurance_month", "month=2016-13", "month: “2016-13”应写作YYYY-MM-DD"),
    ):
        result = miaoban(tmp_path, "explain", table, key)
        assert result.exit_code == 2
        assert word in result.stderr


def test_explain_shows_the_delivered_row_of_a_base_value(town: Town) -> None:
    home, _ = town
    code = Office(load(home)).store.read(enterprise.REGISTRY)["usc_code"].sort()[0]
    result = miaoban(home, "explain", enterprise.REGISTRY.name, code)
    assert result.exit_code == 0, result.output
    for word in ("版本", "market_registry.registration", "sha256", code, "企业名称 name="):
        assert word in result.stdout
    told = document(miaoban(home, "explain", enterprise.REGISTRY.name, code, "--json"))
    assert told["key"] == {"usc_code": code}


def test_quarantine_lists_shows_and_reads_again_what_is_in_doubt(town: Town) -> None:
    home, _ = town
    listed = json.loads(miaoban(home, "quarantine", "list", "--json").stdout)
    assert listed
    one = next(row for row in listed if row["target"] == "base_personnel__registration")
    name = f"{one['delivery_id']}:{one['row_no']}"
    page = CliRunner().invoke(
        app,
        ["--home", str(home), "quarantine", "list", "--table", one["target"]],
        env={"COLUMNS": "60"},
    )
    for word in (name, one["usc_code"] or "", f"[{one['reasons'][0]}]"):
        assert word in page.stdout, "what `show` asks for is told whole in a narrow terminal"
    shown = miaoban(home, "quarantine", "show", name)
    assert shown.exit_code == 0, shown.output
    assert one["reasons"][0] in shown.stdout
    [told] = json.loads(miaoban(home, "quarantine", "show", name, "--json").stdout)
    assert "*" in told["came"]["IDCard18"]
    told_why = miaoban(home, "quarantine", "retry", name, "--by", "王五", "--why", "再读").stdout
    assert name in told_why and one["reasons"][0] in told_why, "why it is still in doubt is told"
    slip = miaoban(home, "quarantine", "retry", name, "x.y.0:7", "--by", "王五", "--why", "再读")
    assert slip.exit_code == Exit.NOT_FOUND
    assert "no such row in doubt: x.y.0:7；" in slip.stderr, "and it is not passed over"
    # The rules are what they were: nothing is cleared, and nothing is written.
    again = ("quarantine", "retry", name, "--by", "王五", "--why", "再读", "--json")
    assert document(miaoban(home, *again)) == {"read": 1, "cleared": 0}
    assert json.loads(miaoban(home, "quarantine", "list", "--json").stdout) == listed


@pytest.mark.parametrize(
    ("by", "why", "corrections", "told"),
    [
        (" ", "来函", '{"IDCard18": "x"}', "'--by'.*不能为空"),
        ("王五", "", '{"IDCard18": "x"}', "'--why'.*不能为空"),
        ("王五", "来函", "{}", "至少一列"),
        ("王五", "来函", "[]", "应为列名到文本的对象"),
        ("王五", "来函", '{"IDCard18": 1}', "应为列名到文本的对象"),
        ("王五", "来函", "{", "不是JSON"),
    ],
)
def test_a_correction_without_its_grounds_or_values_is_a_wrong_use(
    town: Town, tmp_path: Path, by: str, why: str, corrections: str, told: str
) -> None:
    name, file = a_row_in_doubt(town[0]), tmp_path / "right.json"
    file.write_text(corrections, encoding="utf-8")
    result = miaoban(
        town[0], *("quarantine", "retry", name, "--by", by, "--why", why, "--with", str(file))
    )
    assert result.exit_code == 2, result.output
    assert re.search(told, result.stderr)


def test_a_correction_that_is_no_better_says_so_each_time(office: Office, tmp_path: Path) -> None:
    home, file = office.settings.folder, tmp_path / "right.json"
    file.write_text('{"IDCard18": "330106198001010000"}', encoding="utf-8")
    grounds = ("--by", "王五", "--why", "来函", "--with", str(file))
    for _ in range(2):
        result = miaoban(home, "quarantine", "retry", a_row_in_doubt(home), *grounds)
        assert result.exit_code == 0, result.output
        assert "cleared: 0\n" in result.stdout
        assert "仍存疑 Still in doubt" in result.stdout and "[person_key:" in result.stdout


def test_a_row_that_is_not_in_quarantine_is_not_found(tmp_path: Path) -> None:
    result = miaoban(tmp_path, "quarantine", "show", "credit.finding.0:1")
    assert result.exit_code == Exit.NOT_FOUND
    assert "没有此待解除行" in result.stderr


def test_a_channel_that_there_is_none_of_has_no_list_of_rows(tmp_path: Path) -> None:
    for command in (("list",), ("retry", "--by", "张三", "--why", "更正")):
        result = miaoban(tmp_path, "quarantine", *command, "--channel", "nobody")
        assert result.exit_code == Exit.NOT_FOUND
        assert "no channel nobody" in result.stderr


def test_rules_lists_categories_and_levels(tmp_path: Path) -> None:
    result = miaoban(tmp_path, "rules")
    assert result.exit_code == 0
    assert "S11" in result.stdout and "二级" in result.stdout


def test_rules_show_gives_what_a_level_asks_with_its_clauses(tmp_path: Path) -> None:
    result = miaoban(tmp_path, "rules", "show", "S11", "二级", "--on", "2016-01-01")
    assert result.exit_code == 0, result.output
    assert "净资产" in result.stdout and "200" in result.stdout


def test_rules_of_a_day_before_the_standard_are_not_found(tmp_path: Path) -> None:
    result = miaoban(tmp_path, "rules", "show", "S11", "二级", "--on", "2010-01-01")
    assert result.exit_code == Exit.NOT_FOUND


def test_a_fault_in_a_channel_file_is_told_and_no_fault_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "courts.yaml").write_text("colour: 1\n")
    monkeypatch.setattr(definitions, "load_channels", lambda: load_channels(tmp_path))
    result = miaoban(tmp_path / "home", "run")
    assert result.exit_code == Exit.SETTINGS
    assert "渠道文件有误" in result.output and "courts.yaml: colour" in result.output


def test_a_bad_setting_is_an_error_with_its_own_exit_code(tmp_path: Path) -> None:
    (tmp_path / "miaoban.toml").write_text("colour = 1\n")
    result = miaoban(tmp_path, "status")
    assert result.exit_code == Exit.SETTINGS
    assert "colour" in result.stderr


def test_an_unknown_case_is_not_found(tmp_path: Path) -> None:
    assert miaoban(tmp_path, "show", "SB-none").exit_code == Exit.NOT_FOUND


@pytest.mark.parametrize(
    "asked",
    [
        ("status",),
        ("apply", "某企业", "S11-二级"),
        ("show", "SB-none"),
        ("document", "SB-none"),
        ("worklist",),
        ("quarantine", "list"),
        ("explain", "base_enterprise__registry", "x"),
        ("precheck", "某企业"),
        ("recheck",),
        ("portfolio", "某企业"),
        ("replay", "--all"),
    ],
)
def test_a_home_that_nobody_made_is_told_and_not_made_by_looking(
    asked: tuple[str, ...], tmp_path: Path
) -> None:
    result = miaoban(tmp_path / "hmoe", *asked)
    assert result.exit_code == Exit.NOT_FOUND
    assert "没有此数据目录" in result.stderr and "--home" in result.stderr
    assert not (tmp_path / "hmoe").exists()


@pytest.mark.parametrize("asked", [("precheck", "某企业"), ("recheck",), ("portfolio", "某企业")])
def test_asking_before_anything_was_released_says_so(
    asked: tuple[str, ...], tmp_path: Path
) -> None:
    result = miaoban(tmp_path, *asked)
    assert result.exit_code == Exit.NO_RELEASE
    assert "尚无已发布数据" in result.stderr


@pytest.mark.parametrize("command", ["precheck", "evaluate"])
def test_a_kind_that_there_is_none_of_is_answered_with_those_there_are(
    command: str, tmp_path: Path
) -> None:
    portfolio = tmp_path / "p.json"
    portfolio.write_text("{}")
    arguments = {
        "precheck": ("某企业", "S11-二级"),
        "evaluate": (str(portfolio), "--item", "S11-二级", "--on", "2017-03-01"),
    }[command]
    result = miaoban(tmp_path, command, *arguments, "--kind", "second")
    assert result.exit_code == Exit.NOT_FOUND
    assert "first（首次申请）" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("item", "told"),
    [("S99-二级", "the standard has no S99-二级"), ("S11-特级", "there are S11-一级、S11-二级")],
)
def test_a_portfolio_is_not_evaluated_for_what_the_standard_does_not_have(
    item: str, told: str, tmp_path: Path
) -> None:
    portfolio = tmp_path / "p.json"
    portfolio.write_text("{}")
    arguments = ("--item", item, "--kind", "first", "--on", "2017-03-01")
    result = miaoban(tmp_path, "evaluate", str(portfolio), *arguments)
    assert result.exit_code == Exit.NOT_FOUND
    assert told in result.stderr


def test_data_docs_that_cannot_be_written_are_a_wrong_use_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / "file" / "docs")
    result = miaoban(tmp_path, "quality", "base_credit__bar", "--folder", folder)
    assert result.exit_code == 2
    assert "不能写入" in result.stderr and "name another" in result.stderr


def test_a_port_that_another_program_has_is_a_wrong_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = miaoban(tmp_path, "up", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 2
    assert "不可用" in result.stderr and "give another" in result.stderr


def test_a_home_that_is_a_file_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = miaoban(tmp_path / "file", "status")
    assert result.exit_code == Exit.NOT_FOUND
    assert "没有此数据目录" in result.stderr


@pytest.mark.parametrize("command", ["run", "status"])
def test_a_disk_that_is_full_is_told_with_what_to_do(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "lake"))

    monkeypatch.setattr("pipelines.terminal.summary.heights", full)
    monkeypatch.setattr("pipelines.terminal.summary.summarise", full)
    result = miaoban(tmp_path, command)
    assert result.exit_code == Exit.UNWRITABLE
    assert f"home: {tmp_path}" in result.stderr
    assert "磁盘已满" in result.stderr and "run the command again" in result.stderr
    assert str(tmp_path / "lake") in result.stderr


def test_a_case_that_a_full_disk_left_half_way_is_named_with_what_goes_on_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "lake"))

    filed = Filed("SQ20170301-00001", "91330199MABJNYECX5", "first")
    monkeypatch.setattr("pipelines.express.release.latest", lambda _: "R000001")
    monkeypatch.setattr("pipelines.express.desk.file", lambda *_, **__: filed)
    monkeypatch.setattr("pipelines.express.handle", full)
    monkeypatch.setattr(Office, "rulebook", None)
    result = miaoban(tmp_path, "apply", "某某公司", "S11-二级")
    assert result.exit_code == Exit.UNWRITABLE
    assert "磁盘已满" in result.stderr
    assert filed.application_id in result.stderr and "`miaoban decide`" in result.stderr


def test_a_ui_whose_home_cannot_be_written_is_told_and_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(**_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(tmp_path / "dagster"))

    monkeypatch.setattr("pipelines.orchestration.instance.TemporaryFile", read_only)
    monkeypatch.setattr("sys.executable", "/bin/false")
    result = miaoban(tmp_path, "up", "--port", str(free_port()))
    assert result.exit_code == Exit.UNWRITABLE
    assert "文件系统只读" in result.stderr


def test_a_workbook_in_a_folder_that_was_not_there_says_that_it_was_made(tmp_path: Path) -> None:
    file = tmp_path / "reports" / "cases.xlsx"
    first, second = (miaoban(tmp_path, "decisions", "--excel", str(file)) for _ in range(2))
    assert f"新建目录 new folder: {file.parent}" in first.stdout
    assert file.exists() and "new folder" not in second.stdout


def test_a_workbook_that_cannot_be_written_is_a_wrong_use_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = miaoban(tmp_path, "decisions", "--excel", str(tmp_path / "file" / "cases.xlsx"))
    assert result.exit_code == 2
    assert "不能写入" in result.stderr


def test_applying_before_anything_was_released_says_to_run_first(tmp_path: Path) -> None:
    (tmp_path / "miaoban.toml").write_text('profile = "demo"\n')
    result = miaoban(tmp_path, "apply", "某企业", "S11-二级")
    assert result.exit_code == Exit.NO_RELEASE
    assert "miaoban run" in result.stderr


def test_a_sample_is_not_mixed_into_deliveries_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "inbox" / "portal").mkdir(parents=True)
    result = miaoban(tmp_path, "sample", "--enterprises", "5")
    assert result.exit_code == Exit.INBOX_IN_USE
    assert "--home" in result.stderr


# -- with data ---------------------------------------------------------------------------


@pytest.mark.slow
def test_status_counts_what_the_chain_made(town: Town) -> None:
    told = document(miaoban(town[0], "status", "--json"))
    store = Office(load(town[0])).store
    assert told["release_id"] == "R000001"
    assert told["applications"] == store.read(intake.APPLICATION).height
    assert told["certificates"] == store.read(certificate.CERTIFICATE).height
    assert told["archive_records"] == store.read(archive.RECORD).height


def test_status_tells_why_a_delivery_failed_and_what_to_do(town: Town) -> None:
    failed = document(miaoban(town[0], "status", "--json"))["failed_deliveries"]
    assert failed
    page = "".join(miaoban(town[0], "status").stdout.split())
    assert failed[0]["file_name"] in page
    assert "".join(failed[0]["error"].split()) in page, "in full, wherever the lines end"


@pytest.mark.slow
def test_show_gives_every_criterion_with_result_and_clause(town: Town) -> None:
    case = a_case(town[0], "refused")
    result = miaoban(town[0], "show", str(case["application_id"]), "--json")
    told = document(result)
    criteria = told["criteria"]
    assert isinstance(criteria, list)
    assert any(row["result"] == "not_met" for row in criteria)
    assert all(row["clause"] for row in criteria)
    page = miaoban(town[0], "show", str(case["application_id"]))
    assert "不符合" in page.stdout and "不予许可" in page.stdout


@pytest.mark.slow
def test_show_tells_what_the_checks_noted_beside_the_evidence(office: Office) -> None:
    case = a_case(office.settings.folder, "granted")
    note = {
        "application_id": case["application_id"],
        "evaluation_no": case["evaluation_no"],
        "criterion": "note.J-31",
        "target": "base_project__contract",
        "row_key": "3301061501010101-HZ-001",
        "counted": "yes",
        "reason": "another day",
        "content_json": "{}",
    }
    office.store.append(decision.EVIDENCE, pl.DataFrame([note], schema=decision.EVIDENCE.schema))
    asked = ("show", str(case["application_id"]))
    page = miaoban(office.settings.folder, *asked).stdout
    for word in ("核对提示", "施工许可证编号与日期地区不符", "3301061501010101-HZ-001"):
        assert word in page
    notes = document(miaoban(office.settings.folder, *asked, "--json"))["notes"]
    assert isinstance(notes, list)
    assert note in notes


@pytest.mark.slow
def test_verify_says_valid_of_a_certificate_and_altered_of_one_changed_by_a_byte(
    town: Town, tmp_path: Path
) -> None:
    office = Office(load(town[0]))
    register = office.store.read(certificate.CERTIFICATE).sort("version", descending=True)
    file = office.settings.certificates / register["file_name"][0]
    valid = miaoban(town[0], "verify", str(file), "--json")
    assert valid.exit_code == 0 and document(valid)["status"] == "valid"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(content)
    altered = miaoban(town[0], "verify", str(changed))
    assert altered.exit_code == Exit.ALTERED


@pytest.mark.slow
def test_apply_decides_certifies_and_archives_at_once_and_its_exit_code_is_the_outcome(
    office: Office,
) -> None:
    home = office.settings.folder
    case = a_case(home, "refused")
    item = "-".join(
        filter(None, map(str, (case["category_code"], case["subcategory"], case["level"])))
    )
    result = miaoban(home, "apply", str(case["usc_code"]), item, "--json")
    told = document(result)
    assert result.exit_code == OUTCOME_EXITS[str(told["outcome"])]
    assert set(told["milliseconds"]) == {"filed", "decided", "issued", "archived"}  # type: ignore[arg-type]
    made = office.store.read(decision.DECISION).filter(
        pl.col("application_id") == told["application_id"]
    )
    assert made["way"].to_list() == ["express"]
    record = office.store.read(archive.RECORD).filter(
        pl.col("application_id") == told["application_id"]
    )
    assert record.height == 1
    assert Path(str(told["archive_file"])).is_file()


@pytest.mark.slow
def test_apply_finds_an_enterprise_by_name_and_refuses_one_it_does_not_know(
    office: Office,
) -> None:
    home = office.settings.folder
    registry = office.store.read(enterprise.REGISTRY).filter(pl.col("entity_code") == "enterprise")
    name = registry.filter(pl.col("name").is_unique())["name"][0]
    assert miaoban(home, "apply", name, "S11-二级").exit_code in OUTCOME_EXITS.values()
    unknown = miaoban(home, "apply", "没有这家企业", "S11-二级")
    assert unknown.exit_code == Exit.NOT_FOUND
    wrong = miaoban(home, "apply", name, "S11")
    assert wrong.exit_code == Exit.NOT_FOUND and "S11-二级" in wrong.stderr
    filed = office.store.version(intake.APPLICATION)
    for item in ("S99-二级", "S11-三级"):
        none_such = miaoban(home, "apply", name, item)
        assert none_such.exit_code == Exit.NOT_FOUND and "miaoban rules" in none_such.stderr
    assert office.store.version(intake.APPLICATION) == filed
    answers = office.store.read(intake.REJECTED_FILING).sort("rejection_no")
    assert answers["reason_code"].to_list() == ["unknown_enterprise", *["unknown_item"] * 3]
    assert answers["filed_via"].unique().to_list() == ["command_line"]
    assert answers["rejection_no"][0] in unknown.stderr


@pytest.mark.slow
def test_a_filing_that_became_no_case_is_shown_by_the_number_of_its_answer(office: Office) -> None:
    home = office.settings.folder
    case = a_case(home, "refused")
    answer = miaoban(home, "apply", str(case["usc_code"]), "S11-三级", "--json")
    number = str(document(answer)["rejection_no"])
    page = miaoban(home, "show", number)
    assert page.exit_code == 0 and "未登记" in page.stdout and "S11-二级" in page.stdout
    assert document(miaoban(home, "show", number, "--json"))["reason_code"] == "unknown_item"


@pytest.mark.slow
def test_decide_takes_up_an_application_that_an_express_process_left_behind(
    office: Office,
) -> None:
    from decisions.filing import intake as desk

    usc_code = str(a_case(office.settings.folder, "refused")["usc_code"])
    filed = desk.file(office.store, office.rulebook, usc_code, "S11-二级", now=office.now())
    again = miaoban(office.settings.folder, "apply", usc_code, "S11-二级", "--json")
    assert again.exit_code == Exit.NOT_FILED, "one case for one item at a time"
    told = document(again)
    assert told["standing_id"] == filed.application_id
    assert "Traceback" not in again.output
    answers = office.store.read(intake.REJECTED_FILING)
    assert answers["rejection_no"].to_list() == [told["rejection_no"]]
    assert miaoban(office.settings.folder, "status", "--json").exit_code == 0
    result = miaoban(office.settings.folder, "decide", "--json")
    assert result.exit_code == 0, result.stderr
    case = document(miaoban(office.settings.folder, "show", filed.application_id, "--json"))
    assert case["decision"]["way"] == "sweep"  # type: ignore[index]


@pytest.mark.slow
def test_the_data_docs_of_a_table_are_written_on_demand(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    tables = ("base_credit__finding", "base_credit__bar")
    for table in tables:
        result = miaoban(town[0], "quality", table, "--folder", str(folder))
        assert result.exit_code == 0
        assert str(folder / table / "index.html") in result.stdout
    for table in tables:  # the second has not replaced the first
        assert table in (folder / table / "index.html").read_text()
    shutil.rmtree(folder)
