"""The express way: one application filed, decided, certified and archived in this process.

Belongs here: the order of the stages for a case that cannot wait, and telling Dagster
afterwards. Does not: any stage; they are the functions that the assets call. Dagster is not
in the path of a decision: it is imported, and told, when the outcome is out.

Exactly once as everywhere: each stage works on what its log lacks. If this process dies on
the way, the sweep finds the case where it was left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from assets.lake.declaration import Table
from assets.tables import archive, certificate, decision, intake
from assets.tables.office import CURRENT
from certificates import current
from certificates.archiving.archive import archive_pending
from certificates.issuing.issue import issue_pending
from checks import release
from decisions.filing import intake as desk
from decisions.stage import decide_pending
from pipelines.completeness import COMPLETE, loose_ends
from pipelines.office import Office
from pipelines.turns import in_turn
from pipelines.views.casefile import find_case, item_of
from pipelines.views.pictures import OUTCOME_NAMES

T = TypeVar("T")


class NoRelease(RuntimeError):
    """No data has been released yet: there is nothing to decide on."""


class NotNow(RuntimeError):
    """The case has to wait for another of the same enterprise; it stays pending."""


@dataclass(slots=True)
class Handled:
    """A case handled at once; times in milliseconds by stage."""

    application_id: str
    usc_code: str
    enterprise_name: str | None
    item: str
    kind: str
    outcome: str
    reason_zh: str
    reason_en: str
    release_id: str
    certificate_no: str | None
    certificate_file: Path | None
    archive_file: Path | None
    milliseconds: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def apply(office: Office, enterprise: str, item: str, kind: str | None = None) -> Handled:
    """File an application and take it through every stage.

    Args:
        office: the store, rulebook, seal and clock.
        enterprise: unified social credit code or registered name.
        item: category, sub-category where there is one, and level: `S11-二级`.
        kind: kind of application; None = first, addition or upgrade, whichever fits.

    Raises:
        FilingRejected: it can be no case; the answer is recorded.
        NoRelease: nothing has been released yet.
    """
    if release.latest(office.store) is None:
        raise NoRelease(
            "没有可用的数据发布 no data has been released yet；请先执行 `miaoban run` first"
        )
    times: dict[str, float] = {}
    filed = _timed(
        times,
        "filed",
        lambda: desk.file(
            office.store,
            office.rulebook,
            enterprise,
            item,
            kind,
            now=office.now(),
            filed_via="command_line",
        ),
    )
    try:
        return handle(office, filed.application_id, times)
    except BaseException as error:
        error.add_note(
            f"已登记，勿再申请 filed, apply no more: {filed.application_id}；"
            "`miaoban decide` 接着办 goes on with it"
        )
        raise


def handle(office: Office, application_id: str, times: dict[str, float] | None = None) -> Handled:
    """Take a filed application through what is left of its stages.

    Raises:
        NotNow: another case of the enterprise has to end first and could not.
    """
    times = {} if times is None else times
    _timed(times, "decided", lambda: _decide(office, application_id))
    _timed(times, "issued", lambda: _issue(office, [application_id]))
    _timed(
        times,
        "archived",
        lambda: archive_pending(
            office.store,
            office.rulebook,
            office.settings.certificates,
            office.settings.archive,
            office.now(),
            application_ids=[application_id],
            authority=office.authority,
        ),
    )
    return _handled(office, application_id, times)


def _decide(office: Office, application_id: str) -> None:
    for _ in range(2):
        decide_pending(
            office.store,
            office.rulebook,
            office.now(),
            way="express",
            application_ids=[application_id],
            recalled_may_grant=office.settings.may_grant_on_recalled_rules,
            supplement_days=office.settings.supplement_days,
        )
        if _is_decided(office, application_id):
            return
        # A grant of the same enterprise is not on its certificate yet: a process died there.
        _issue(office, None)
    raise NotNow(
        f"{application_id}: 该企业另有许可尚未制证 another grant of this enterprise has no "
        "certificate yet and could not be given one；原因见 `miaoban decide` says why"
    )


def _is_decided(office: Office, application_id: str) -> bool:
    decided = office.store.scan(decision.DECISION).filter(
        pl.col("application_id") == application_id
    )
    return not decided.head(1).collect().is_empty()


def _issue(office: Office, application_ids: list[str] | None) -> None:
    issue_pending(
        office.store,
        office.seal,
        office.settings.certificates,
        office.now(),
        application_ids=application_ids,
        authority=office.authority,
    )


def _timed(times: dict[str, float], stage: str, work: Callable[[], T]) -> T:
    began = time.perf_counter()
    done = in_turn(work)
    times[stage] = (time.perf_counter() - began) * 1000
    return done


def _handled(office: Office, application_id: str, times: dict[str, float]) -> Handled:
    found = find_case(office, application_id)
    assert found is not None and found.decision is not None, application_id
    made = found.decision
    return Handled(
        application_id=application_id,
        usc_code=made["usc_code"],
        enterprise_name=made["enterprise_name"],
        item=item_of(made),
        kind=made["kind"],
        outcome=made["outcome"],
        reason_zh=made["reason_zh"],
        reason_en=made["reason_en"],
        release_id=made["release_id"],
        certificate_no=found.certificate_no,
        certificate_file=found.certificate_file,
        archive_file=found.archive_file,
        milliseconds=times,
    )


def tell_dagster(office: Office, batch: Sequence[Handled]) -> None:
    """Bring the office's view up to what was done, and report it: one event per stage.

    Nothing of this is in the path of a decision, and it is no run of Dagster's.

    Upstream first, so that automation sees what is downstream as newer than its source and
    starts no run for work that is done.
    """
    import dagster as dg

    from pipelines.orchestration.instance import open_instance

    ids = [one.application_id for one in batch]
    in_turn(lambda: current.bring_up(office.store, ids))
    counts = {name: sum(one.outcome == name for one in batch) for name in OUTCOME_NAMES}
    cases = ", ".join(one.application_id for one in batch)
    told: list[tuple[tuple[Table, ...], dict[str, Any]]] = [
        ((intake.APPLICATION,), {"filed": len(batch)}),
        (decision.TABLES, {f"outcome_{name}": count for name, count in counts.items()}),
    ]
    issued = sum(one.certificate_file is not None for one in batch)
    if issued:
        told.append((certificate.TABLES, {"issued_now": issued}))
    closed = sum(one.archive_file is not None for one in batch)
    if closed:
        told.append((archive.TABLES, {"archived_now": closed}))
    told.append(((CURRENT,), {"brought_up": len(batch)}))
    ends = loose_ends(office.store).filter(pl.col("application_id").is_in(ids))
    unfinished = ends["application_id"].unique().sort().to_list()
    with open_instance(office.settings.dagster_home) as instance:
        for tables, metadata in told:
            for table in tables:
                instance.report_runless_asset_event(
                    dg.AssetMaterialization(
                        asset_key=table.name,
                        metadata={"way": "express", "cases": cases, **metadata},
                        tags={"miaoban/way": "express"},
                    )
                )
        instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey(archive.RECORD.name),
                check_name=COMPLETE,
                passed=not unfinished,
                metadata={"unfinished": ", ".join(unfinished) or "–"},
            )
        )
