"""Certificates per second, beside what bounds them: the bare signature and the bare typesetting.

Run: `python -m benchmarks.certificates [--count N]`. Everything is measured in this one run,
on this machine, with one process; the table names both.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from assets.lake.store import Store
from assets.tables import decision, enterprise, intake
from benchmarks.machine import describe
from certificates.archiving.archive import archive_pending
from certificates.issuing.issue import issue_pending
from certificates.issuing.titles import category_title
from certificates.layout import ZHEJIANG, Face, Listed, typeset
from certificates.seal import Seal, development_seal
from certificates.verifying.verify import verify
from decisions.rulebook import load

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "certificates"))
from town import BASE, PROVENANCE, Town, rule_set

NOW = datetime(2017, 3, 1, 2, 0, tzinfo=UTC)


def a_face(index: int, rows: int = 1) -> Face:
    """A face that differs from every other, as real ones do."""
    title = category_title("S11")
    return Face(
        certificate_no=f"D2330{index:04d}8",
        version=1,
        usc_code="91330199MA2A00018R",
        enterprise_name=f"杭州{chr(0x5000 + index)}江建设有限公司",
        address=f"杭州市西湖区文三路{index}号",
        legal_representative="甲某",
        registered_capital_yuan=None,
        economic_type="有限责任公司",
        qualifications=tuple(
            Listed(*title, "二级", date(2017, 3, 1), date(2022, 2, 28)) for _ in range(rows)
        ),
        valid_until=date(2022, 2, 28),
        issued_on=date(2017, 3, 1),
        effect="new_certificate",
        application_id=f"A{index:06d}",
        authority=ZHEJIANG,
        is_sample=True,
    )


def timed(act: Callable[[int], object], count: int) -> list[float]:
    """Seconds of each call, after a warm-up."""
    for index in range(3):
        act(9_000 + index)
    taken = []
    for index in range(count):
        begun = time.perf_counter()
        act(index)
        taken.append(time.perf_counter() - begun)
    return taken


def fill(store: Store, count: int) -> None:
    """As many first grants to as many enterprises, none issued."""
    town = Town(store)
    codes = [f"9133019{index:011d}"[:18] for index in range(count)]
    registry = enterprise.REGISTRY
    store.upsert(
        registry,
        registry.conform(
            pl.DataFrame({"usc_code": codes}).with_columns(
                pl.lit("杭州新安江建设有限公司").alias("name"),
                pl.lit("enterprise").alias("entity_code"),
                pl.lit("330106").alias("region_code"),
                pl.lit("active").alias("state_code"),
                **{
                    name: pl.lit(value, registry.schema[name]) for name, value in PROVENANCE.items()
                },
            )
        ),
    )
    release_id = town.release()
    cases = pl.DataFrame(
        {
            "application_id": [f"A{index:06d}" for index in range(count)],
            "usc_code": codes,
        }
    ).with_columns(
        pl.lit("first").alias("kind"),
        pl.lit("S11").alias("category_code"),
        pl.lit("").alias("subcategory"),
        pl.lit("二级").alias("level"),
        pl.lit(BASE, pl.Datetime("us", "UTC")).alias("filed_at"),
    )
    store.append(
        intake.APPLICATION,
        intake.APPLICATION.conform(
            cases.with_columns(received_at=pl.col("filed_at"), filed_via=pl.lit("portal"))
        ),
    )
    store.append(
        decision.DECISION,
        decision.DECISION.conform(
            cases.with_columns(
                evaluation_no=pl.lit(1, pl.Int32),
                decided_at=pl.col("filed_at"),
                outcome=pl.lit("granted"),
                is_final=pl.lit(True),
                reason_zh=pl.lit("符合"),
                reason_en=pl.lit("met"),
                effect=pl.lit("new_certificate"),
                valid_until=pl.lit(date(2022, 2, 28)),
                release_id=pl.lit(release_id),
                rule_digest=pl.lit(rule_set().digest),
                recalled_may_grant=pl.lit(True),
                engine_version=pl.lit("1"),
                way=pl.lit("sweep"),
            )
        ),
    )


def measure(count: int, folder: Path) -> list[tuple[str, float, float]]:
    """(what, median milliseconds, per second) of every step."""
    seal = development_seal(folder / "keys")
    typeset_once = typeset(a_face(0), b"{}", NOW)
    store = Store(folder / "lake")
    fill(store, count)
    rows = [
        row(
            "bare ECDSA P-256 signature of the same key",
            timed(lambda _: seal.signer.sign_raw(b"x" * 64), 500),
        ),
        row(
            "typeset only, 1 qualification",
            timed(lambda index: typeset(a_face(index), b"{}", NOW), count),
        ),
        row(
            "typeset only, 30 qualifications",
            timed(lambda index: typeset(a_face(index, 30), b"{}", NOW), 30),
        ),
        row("seal only (PAdES B-B)", timed(lambda _: seal.seal(typeset_once, NOW), count)),
    ]
    begun = time.perf_counter()
    issued = issue_pending(store, seal, folder / "certificates", NOW).issued
    rows.append(
        whole(
            "issued: typeset, sealed, filed, registered", time.perf_counter() - begun, len(issued)
        )
    )
    begun = time.perf_counter()
    archived = archive_pending(
        store, load(), folder / "certificates", folder / "archive", NOW
    ).archived
    rows.append(
        whole("archived: packed, filed, recorded", time.perf_counter() - begun, len(archived))
    )
    rows.append(
        row(
            "verified",
            timed(
                lambda index: verify(issued[index % len(issued)].path, store, seal.roots, NOW), 50
            ),
        )
    )
    rows.append(one_more(store, seal, folder))
    return rows


def one_more(store: Store, seal: Seal, folder: Path) -> tuple[str, float, float]:
    """The express way: one case at a time, on a register that is full."""
    town = Town(store)
    town.released, town.decided = 1, 100_000
    taken = []
    for index in range(10):
        case = town.decide(f"9133019{index:011d}"[:18], "reissue", kind="replacement")
        begun = time.perf_counter()
        issue_pending(store, seal, folder / "certificates", NOW, application_ids=[case])
        taken.append(time.perf_counter() - begun)
    return row("one certificate by itself (express)", taken)


def row(what: str, taken: list[float]) -> tuple[str, float, float]:
    """The median, and what it would make in a second."""
    median = statistics.median(taken)
    return what, median * 1000, 1 / median


def whole(what: str, seconds: float, count: int) -> tuple[str, float, float]:
    """A run over many, divided."""
    return f"{what} ({count})", seconds / count * 1000, count / seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(count, Path(folder))
    print(describe())
    print(f"{'step, one process':<58}{'ms':>10}{'per second':>13}")
    for what, milliseconds, rate in rows:
        print(f"{what:<58}{milliseconds:>10.3f}{rate:>13,.1f}")


if __name__ == "__main__":
    main()
