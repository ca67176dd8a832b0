"""Re-check and what-if on a town that the chain has run over: jobs, commands, nothing doubled."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from assets.lake.store import Store
from assets.tables import certificate, enterprise, intake, supervision, whatif
from decisions.buckets import BUCKETS
from pipelines.assets.drawn import SHOWN
from pipelines.assets.supervising import STEP, RecheckConfig, WhatIfConfig
from pipelines.chain import ChainReport, run_chain
from pipelines.cli import app
from pipelines.definitions import build_defs
from pipelines.office import Office
from pipelines.orchestration.jobs import EVERY_BUCKET
from pipelines.settings import load
from pipelines.terminal.console import Exit
from pipelines.terminal.usage import WRONG_USE

LOGS = (
    supervision.RECHECK,
    supervision.RECHECK_BUCKET,
    supervision.RECHECK_RESULT,
    supervision.RECHECK_FINDING,
)


MadeOnce = Callable[[str, Callable[[Path], None]], Path]


def miaoban(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *arguments], env={"COLUMNS": "200"})


def office_of(home: Path) -> Office:
    return Office(load(home))


def rechecked(
    office: Office, tags: dict[str, str] | None = EVERY_BUCKET, **config: str
) -> ChainReport:
    report = run_chain(office, "recheck", config={STEP: config}, tags=tags)
    assert report.is_success, report.failures
    return report


def versions(store: Store) -> list[int | None]:
    return [store.version(table) for table in supervision.TABLES]


@pytest.fixture(scope="session")
def looked_over(town: tuple[Path, ChainReport], made_once: MadeOnce) -> Path:
    """A home of the town on which one re-check of everything has run. Not to be written."""

    def look(folder: Path) -> None:
        rechecked(office_of(Path(shutil.copytree(town[0], folder / "home"))))

    return made_once("looked-over", look) / "home"


@pytest.fixture
def seen(looked_over: Path) -> Office:
    """The office after the re-check; not to be written."""
    return office_of(looked_over)


def test_every_live_qualification_is_looked_at_once_and_the_same_night_adds_nothing(
    looked_over: Path, tmp_path: Path
) -> None:
    office = office_of(Path(shutil.copytree(looked_over, tmp_path / "home")))
    results = office.store.read(supervision.RECHECK_RESULT)
    key = ["usc_code", "category_code", "subcategory", "level"]
    own = office.store.read(certificate.QUALIFICATION).select(key).unique()
    assert own.height > 0
    assert own.join(results, on=key, how="anti").is_empty()
    live = office.store.read(enterprise.QUALIFICATION).filter(pl.col("status_code") == "valid")
    assert results["usc_code"].n_unique() >= 0.9 * live["usc_code"].n_unique()
    assert set(results["result"]) == {"met", "not_met", "no_data"}
    buckets = office.store.read(supervision.RECHECK_BUCKET)
    assert buckets["bucket"].sort().to_list() == list(BUCKETS)
    assert buckets["qualifications"].sum() == results.height
    before = versions(office.store)
    rechecked(Office(office.settings))
    assert versions(Office(office.settings).store) == before


def test_findings_are_of_what_was_looked_at_and_whole_criteria_carry_evidence(
    seen: Office,
) -> None:
    results = seen.store.read(supervision.RECHECK_RESULT)
    findings = seen.store.read(supervision.RECHECK_FINDING)
    key = ["run_id", "usc_code", "category_code", "subcategory", "level", "certificate_no"]
    whole = findings.filter(pl.col("parent").is_null())
    failing = whole.filter(result="not_met").select(key).unique()
    assert failing.height == results.filter(result="not_met").height
    assert findings.join(results, on=key, how="anti").is_empty()
    assert not whole["criterion"].str.contains("performance|art23").any()
    short = whole.filter(criterion="skilled_workers", result="not_met")
    assert all(json.loads(text) for text in short["evidence_json"])
    names = seen.store.read(supervision.RECHECK_CURRENT)
    assert names.height == findings.height and set(names["change"]) == {"first"}


def test_a_scope_looks_at_no_more_and_is_a_run_of_its_own(office: Office) -> None:
    registry = office.store.read(enterprise.REGISTRY)
    rechecked(office, category="S11")
    rechecked(office, region="330100")
    runs = office.store.read(supervision.RECHECK)
    results = office.store.read(supervision.RECHECK_RESULT)
    of_category = runs.filter(pl.col("category_code").is_not_null())["run_id"].item()
    of_region = runs.filter(pl.col("region_code").is_not_null())["run_id"].item()
    assert set(results.filter(run_id=of_category)["category_code"]) == {"S11"}
    here = registry.filter(pl.col("region_code").str.starts_with("3301"))["usc_code"]
    assert set(results.filter(run_id=of_region)["usc_code"]) <= set(here)
    assert results.filter(run_id=of_region).height > 0


def test_launched_without_a_bucket_it_looks_at_them_all(office: Office) -> None:
    rechecked(office, tags=None, category="S11")
    done = office.store.read(supervision.RECHECK_BUCKET)
    assert done["bucket"].sort().to_list() == list(BUCKETS)
    version = office.store.version(supervision.RECHECK_BUCKET)
    rechecked(office, category="S11")
    assert office.store.version(supervision.RECHECK_BUCKET) == version


def test_the_launchpad_opens_with_every_field_to_be_filled_in(office: Office) -> None:
    job = build_defs({"office": office}).resolve_job_def("recheck")
    fields = job.run_config_schema.config_type.fields["ops"].default_value[STEP]["config"]
    assert fields == {"enterprise": "", "category": "", "region": "", "as_of": ""}


@pytest.mark.parametrize("asked", [RecheckConfig, WhatIfConfig])
def test_every_field_of_a_launchpad_says_in_both_languages_what_belongs_there(
    asked: type[dg.Config],
) -> None:
    for name, field in asked.model_fields.items():
        told = field.description or ""
        assert re.search("[\u4e00-\u9fff]{4}", told), name
        assert re.search("[A-Za-z]+ [a-z]+ [a-z]+", told), name


def test_what_the_ui_shows_has_tables_and_pictures(office: Office) -> None:
    job = build_defs({"office": office}).resolve_job_def("recheck")
    ran = job.execute_in_process(tags=EVERY_BUCKET, instance=dg.DagsterInstance.ephemeral())
    (current,) = [
        event.materialization
        for event in ran.get_asset_materialization_events()
        if event.materialization.asset_key.path == [supervision.RECHECK_CURRENT.name]
    ]
    told = current.metadata
    for picture in ("by_category", "by_region", "by_criterion", "changes"):
        assert isinstance(told[picture], dg.MarkdownMetadataValue)
        assert picture in told[SHOWN].value, "so that it is drawn again only when it changes"
    assert isinstance(told["table_by_category"], dg.TableMetadataValue)
    partitions = {
        event.partition
        for event in ran.get_asset_materialization_events()
        if event.materialization.asset_key.path == [supervision.RECHECK_BUCKET.name]
    }
    assert partitions == set(BUCKETS)


def test_the_command_tells_what_it_found_of_one_enterprise(office: Office) -> None:
    code = office.store.read(enterprise.QUALIFICATION)["usc_code"][0]
    home = office.settings.folder
    result = miaoban(home, "recheck", "--enterprise", code, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert {row["usc_code"] for row in told["results"]} <= {code}
    assert told["run"]["scope"]["usc_code"] == code
    assert miaoban(home, "recheck", "--enterprise", code).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("--enterprise", "nobody"), "no enterprise nobody", Exit.NOT_FOUND),
        (("--category", "S99"), "没有此资质类别“S99”", Exit.NOT_FOUND),
        (("--region", "Hangzhou"), "six digits", Exit.NOT_FOUND),
        (("--as-of", "2013-01-01"), "尚无标准", Exit.NOT_FOUND),
        (("--as-of", "2099-01-01"), "尚未到来", WRONG_USE),
        (("--as-of", "yesterday"), "'--as-of' 的值无效", WRONG_USE),
    ],
)
def test_what_cannot_be_rechecked_is_told_and_opens_no_run(
    town: tuple[Path, ChainReport], arguments: tuple[str, ...], said: str, code: int
) -> None:
    result = miaoban(town[0], "recheck", *arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert not (town[0] / "lake" / supervision.RECHECK.name).exists()


def test_a_precheck_tells_every_level_and_writes_nothing(town: tuple[Path, ChainReport]) -> None:
    home = town[0]
    files = sorted(home.joinpath("lake").rglob("*"))
    case = office_of(home).store.read(intake.APPLICATION).row(0, named=True)
    result = miaoban(home, "precheck", case["usc_code"], "--json")
    assert result.exit_code == 0, result.output
    levels = json.loads(result.stdout)["levels"]
    assert len(levels) == 127
    page = miaoban(home, "precheck", case["usc_code"])
    assert page.exit_code == 0 and "What it would get" in page.stdout
    _, short = page.stdout.split("还缺什么")
    for level in levels:
        name = "-".join(
            filter(None, (level["category_code"], level["subcategory"], level["level"]))
        )
        is_short = level["outcome"] in ("refused", "awaiting_data")
        assert (f" {name} " in short) == is_short, name
    item = f"{case['category_code']}-{case['level']}"
    one = miaoban(home, "precheck", case["usc_code"], item, "--kind", case["kind"])
    assert one.exit_code in {Exit.DONE, Exit.REFUSED, Exit.NOT_ACCEPTED, Exit.AWAITING_DATA}
    assert sorted(home.joinpath("lake").rglob("*")) == files


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody",), "no enterprise nobody"),
        (("{code}", "S11"), "S11 names no level"),
        (("{code}", "装修"), "cannot read the item"),
        (("{code}", "S11-三级"), "the standard has no S11-三级；请改填 S11-一级、S11-二级"),
        (("{code}", "S11-二级", "--kind", "wish"), "not a kind of application"),
        (("{code}", "--on", "2013-01-01"), "no standard on that day"),
    ],
)
def test_what_cannot_be_prechecked_is_told(
    town: tuple[Path, ChainReport], arguments: tuple[str, ...], said: str
) -> None:
    code = office_of(town[0]).store.read(intake.APPLICATION)["usc_code"][0]
    result = miaoban(town[0], "precheck", *(one.format(code=code) for one in arguments))
    assert result.exit_code == Exit.NOT_FOUND
    assert said in result.stderr


def test_the_whatif_of_everyone_has_every_level_of_every_enterprise_and_criteria_where_asked(
    office: Office,
) -> None:
    asked = {"ask_every_enterprise": {"with_criteria": True}}
    report = run_chain(office, "whatif", config=asked, tags=EVERY_BUCKET)
    assert report.is_success, report.failures
    levels = office.store.read(whatif.LEVEL)
    registry = office.store.read(enterprise.REGISTRY).filter(entity_code="enterprise")
    assert registry.join(levels, on="usc_code", how="anti").is_empty()
    assert set(levels.group_by("usc_code").len()["len"]) == {127}
    code = levels.filter(outcome="granted")["usc_code"][0]
    alone = json.loads(miaoban(office.settings.folder, "precheck", code, "--json").stdout)
    keys = ("category_code", "subcategory", "level", "outcome", "may_apply", "meets_standard")
    mine = levels.filter(usc_code=code).select(keys).rows()
    assert sorted(mine) == sorted(tuple(row[key] for key in keys) for row in alone["levels"])
    of = ("category_code", "subcategory", "level", "criterion", "parent", "result", "short_by")
    criteria = office.store.read(whatif.CRITERION)
    behind = criteria.filter(usc_code=code).select(of).rows()
    assert set(behind) == {tuple(row[name] for name in of) for row in alone["criteria"]}
    assert len(behind) == len(alone["criteria"])
    assert set(criteria["release_id"]) == {"R000001"}
    version = office.store.version(whatif.LEVEL)
    assert run_chain(Office(office.settings), "whatif", tags=EVERY_BUCKET).is_success
    assert Office(office.settings).store.version(whatif.LEVEL) == version
    assert office.store.read(whatif.CRITERION).is_empty(), "nobody asked for them this time"
