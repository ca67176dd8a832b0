"""Which enterprise is meant: by its code, its registered name, or a name it bore.

Belongs here: finding one legal person in the registration base, and what is told when there
is none or several. Does not: whether it may apply (`decisions.switches.registration`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from assets.lake.store import Store
from assets.normalise import folded_code, folded_enterprise_name
from assets.tables import enterprise
from checks import release
from decisions.facts.model import Facts
from decisions.filing.rejections import Fault, IntakeError

NAMED_AT_MOST = 5
"""So many of several enterprises are listed."""


class NothingReleased(IntakeError):
    """There is no data to look in yet; no fault of the filing, so it is not recorded."""


def resolve(store: Store, name: str) -> str:
    """The unified social credit code of an enterprise, in the latest release.

    A registered name goes before a former one; names and codes are compared as the bases keep
    them, so that brackets, blanks and full-width letters do not matter. A registration that was
    set apart is found too: what is in doubt waits, it is not turned away.

    Raises:
        NothingReleased: there is no release.
        IntakeError: nobody, several, or only a branch.
    """
    latest = release.latest(store)
    if latest is None:
        raise NothingReleased(
            Fault(
                "unknown_enterprise",
                "尚无已发布数据",
                "no data has been released yet",
                "请先采集数据",
                "run the collection first",
            )
        )
    registry = Facts.at(store, latest.release_id, latest.versions).table(enterprise.REGISTRY)
    return find(
        registry, store.scan(enterprise.EVENT, latest.versions[enterprise.EVENT.name]), name
    )


def find(registry: pl.LazyFrame, events: pl.LazyFrame, name: str) -> str:
    """`resolve` in given tables.

    Args:
        registry: rows of `base_enterprise__registry`.
        events: rows of `base_enterprise__event`.
        name: code or name as it was written.
    """
    written = pl.lit(name)
    code, folded = pl.select(code=folded_code(written), folded=folded_enterprise_name(written)).row(
        0
    )
    rows = registry.select("usc_code", "name", "entity_code", "parent_usc_code")
    by_code = rows.filter(pl.col("usc_code") == code).collect()
    found = by_code if by_code.height else _by_name(rows, events, folded)
    # A row that was set apart may stand beside the one that took its place.
    persons = found.filter(pl.col("entity_code").fill_null("enterprise") == "enterprise")
    codes = persons["usc_code"].drop_nulls().unique().sort().to_list()
    if len(codes) == 1:
        return str(codes[0])
    raise IntakeError(_several(name, codes) if codes else _nobody(name, found))


def _by_name(rows: pl.LazyFrame, events: pl.LazyFrame, folded: str) -> pl.DataFrame:
    # The base holds names folded; the history of names has them as the registry wrote them.
    now = rows.filter(pl.col("name") == folded).collect()
    if now.height:
        return now
    renamed = events.filter(
        (pl.col("event_code") == "rename") & (folded_enterprise_name(pl.col("before")) == folded)
    ).select("usc_code")
    return rows.join(renamed.unique(), on="usc_code", how="semi").collect()


def _several(name: str, codes: Sequence[str]) -> Fault:
    listed = "、".join(codes[:NAMED_AT_MOST]) + ("…" if len(codes) > NAMED_AT_MOST else "")
    return Fault(
        "ambiguous_enterprise",
        f"名称“{name}”对应{len(codes)}家企业",
        f"{len(codes)} enterprises bear or bore the name {name}",
        f"请改填统一社会信用代码：{listed}",
        f"give the unified social credit code, one of {listed}",
    )


def _nobody(name: str, found: pl.DataFrame) -> Fault:
    if found.is_empty():
        return Fault(
            "unknown_enterprise",
            f"登记库中没有企业“{name}”",
            f"no enterprise {name} in the registration base",
            "请核对后填写统一社会信用代码或营业执照上的全称",
            "check it, and give the code or the full name of the licence",
        )
    branch = found.row(0, named=True)
    parent = branch["parent_usc_code"] or "?"
    return Fault(
        "branch",
        f"“{name}”是分支机构，不能申请",
        f"{name} is a branch, which cannot apply",
        f"请由所属企业（{parent}）申请",
        f"its legal person ({parent}) can",
        usc_code=branch["usc_code"],
    )
