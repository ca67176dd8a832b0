"""The whole chain in this process, through Dagster, on the home's persistent instance.

Belongs here: running a job and saying what became of it. Does not: what the chain consists of
(`pipelines.orchestration.jobs`) or what its tables hold afterwards (`pipelines.terminal.summary`).
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import dagster as dg

from pipelines.definitions import build_defs
from pipelines.office import Office
from pipelines.orchestration.instance import IN_PROCESS_TAG, sole_runner
from pipelines.settings import Settings
from pipelines.terminal.progress import progress
from pipelines.terminal.unwritable import unwritable

JOBS = ("chain", "collect", "decide")
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Dagster's own console log would drown the progress; the UI has it all."""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What became of a run of the chain.

    `seconds` is wall time, `stages` the seconds of each asset group; `failures` are the steps
    that raised, with their error; `failed_checks` the checks that would stop a release.
    """

    run_id: str
    is_success: bool
    seconds: float
    stages: dict[str, float]
    failures: dict[str, str] = field(default_factory=dict)
    failed_checks: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def run_chain(
    office: Office,
    job: str = "chain",
    *,
    definitions: dg.Definitions | None = None,
    config: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
) -> ChainReport:
    """Run a job to its end and report; never raises for a stage that failed.

    Args:
        office: where it runs.
        job: its name.
        definitions: of this office, where somebody has built them already.
        config: configuration by the name of the step.
        tags: of the run, e.g. its partitions.

    Raises:
        Busy: another process runs the chain on the same home.
    """
    definitions = definitions or build_defs({"office": office})
    started = time.perf_counter()
    with sole_runner(office.settings.dagster_home) as instance:
        result = definitions.resolve_job_def(job).execute_in_process(
            instance=instance,
            run_config={
                **QUIET,
                "ops": {step: {"config": given} for step, given in (config or {}).items()},
            },
            raise_on_error=False,
            tags={**(tags or {}), IN_PROCESS_TAG: "true"},
        )
    return ChainReport(
        run_id=result.run_id,
        is_success=result.success,
        seconds=time.perf_counter() - started,
        stages=_seconds_by_group(definitions, result),
        failures={
            event.step_key or "run": _cause(event)
            for event in result.all_events
            if event.is_step_failure
        },
        failed_checks=[
            f"{check.asset_key.to_user_string()}: {check.check_name}"
            for check in result.get_asset_check_evaluations()
            if not check.passed and check.severity is dg.AssetCheckSeverity.ERROR
        ],
    )


def run_with_progress(settings: Settings, job: str = "chain") -> tuple[ChainReport, Office]:
    """`run_chain` with a bar on standard error; returns the report and the office it ran in."""
    office = Office(settings)
    definitions = build_defs({"office": office})
    steps = len(definitions.resolve_job_def(job).nodes)
    with progress(steps) as tell:
        office.tell = tell
        return run_chain(office, job, definitions=definitions), office


def _seconds_by_group(
    definitions: dg.Definitions, result: dg.ExecuteInProcessResult
) -> dict[str, float]:
    graph = definitions.resolve_asset_graph()
    groups_of: defaultdict[str, set[str]] = defaultdict(set)
    seconds: defaultdict[str, float] = defaultdict(float)
    for event in result.all_events:
        step = event.step_key
        if step is None:
            continue
        if event.is_step_materialization:
            made = graph.get(event.step_materialization_data.materialization.asset_key)
            if made.is_materializable:  # and no channel, which has only told that it delivered
                groups_of[step].add(made.group_name)
        elif event.is_step_success:
            groups = " + ".join(sorted(groups_of[step], reverse=True)) or "checks"
            seconds[groups] += event.step_success_data.duration_ms / 1000
    return dict(seconds)


def _cause(event: dg.DagsterEvent) -> str:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    if error is not None and error.cls_name == dg.DagsterExecutionInterruptedError.__name__:
        return "已中断，已办的保留，再次运行即继续 interrupted: what is done stays; run it again"
    if error is None:
        return "no error was recorded"
    said = error.message.strip()
    return unwritable(said) or said
