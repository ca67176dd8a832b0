"""One enterprise read alone is decided as it is among all others."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from exact import Exact
from polars.testing import assert_frame_equal
from portfolio import Portfolio, applications_of, frames_of, instant
from sheets import ranks
from shipped import BOOK
from ways import WAYS

from assets.tables import enterprise
from decisions import precheck
from decisions.buckets import BUCKETS
from decisions.engine import Decided, decide
from decisions.facts import model as facts
from decisions.facts import resident
from decisions.facts.model import Facts
from decisions.facts.resident import BISECTED_BELOW, SOUGHT_BY_GROUP, Resident, Wanted, find
from decisions.supervision import runs as supervision
from decisions.supervision.runs import Run, Scope

DAY = date(2017, 3, 1)


def province() -> list[Portfolio]:
    """Cases of several kinds side by side; some short, some with doubts that others' rows raise."""
    wanted = [
        ("S11", "二级", "first"),
        ("S04", "二级", "first"),
        ("G01", "二级", "upgrade"),
        ("S11", "一级", "upgrade"),
        ("S11", "二级", "renewal"),
    ]
    cases = [
        Portfolio.meeting(code, level, kind=kind, filed_on=DAY, nth=number)
        for number, (code, level, kind) in enumerate(wanted * 3, 1)
    ]
    for case in cases[5:10]:
        case.state_net_assets(1).capital(1)
    cases[10].register("constructor.1", "二级注册建造师", "建筑工程", usc_code=cases[0].usc_code)
    # A second registration, elsewhere, set apart; and a former employer's contract, doubted.
    cases[11].register("constructor.1", "二级注册建造师", "建筑工程", usc_code=cases[1].usc_code)
    last = cases[11].rows["base_personnel__registration"][-1]
    cases[11].quarantine("base_personnel__registration", registration_no=last["registration_no"])
    for row in cases[1].rows["base_project__contract"]:
        cases[1].doubt(
            "base_project__contract", row["contract_no"], "DATA", usc_code=row["usc_code"]
        )
    # One title of somebody here, doubted where he was when he was awarded it.
    title = cases[12].rows["base_personnel__title"][0]
    cases[12].doubt("base_personnel__title", title["title_no"], "DATA", usc_code=cases[3].usc_code)
    cases[13].doubt("base_enterprise__registry", cases[13].usc_code, "WARN")
    # What the leader led for a former employer, and a duty there of which nobody knows whose.
    leader = Exact(ranks("S21")[-1], DAY, len(cases) + 1).build()
    duties = leader.rows["base_project__party"]
    leader.quarantine(
        "base_project__party",
        contract_no=duties[-1]["contract_no"],
        unread=("usc_code", "person_key"),
    )
    cases.append(leader)
    return [*cases, *reorganised(len(cases))]


def reorganised(count: int) -> list[Portfolio]:
    """After a merger: each carries on what another held, whose row is in doubt for the second.

    The first two were refused something higher, too, so that it is not known which is the ground.
    """
    found = []
    for number in range(count + 1, count + 4):
        case = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=DAY, nth=number)
        other = case.company(1)
        case.event(
            "merger_new", date(2017, 2, 1), case="merged_cancelled", counterpart=other
        ).capital(200)
        for table in ("base_enterprise__qualification", "base_enterprise__certificate"):
            case.change(table, {}, usc_code=other, status_code="cancelled")
        found.append(case)
    for case in found[:2]:
        case.decided("renewal", "refused", date(2017, 1, 5), level="一级")
    found[1].quarantine("base_enterprise__qualification")
    return found


@cache
def decided_together() -> tuple[Facts, Decided]:
    """All that is known of the province, and what is decided of it at once."""
    cases = province()
    everything = Facts.of(frames_of(cases))
    return everything, decide(applications_of(cases), everything, BOOK, instant(DAY, 10))


@pytest.mark.parametrize("way", ["alone", "by its package"])
def test_reading_only_what_concerns_a_case_changes_no_decision(way: str) -> None:
    cases = province()
    everything, together = decided_together()
    carried = together.criteria.filter(criterion="held", application_id=cases[-1].application_id)
    assert "持有 held by" in carried["actual"].item(), "what another held decides the last one"
    led = together.criteria.filter(
        criterion="lead_performance", application_id=cases[15].application_id
    )
    assert led["result"].item() == "no_data", "what may have been led elsewhere decides it"
    for case in cases:
        alone = decide(applications_of([case]), WAYS[way](everything, case), BOOK, instant(DAY, 10))
        mine = together.decisions.filter(application_id=case.application_id)
        assert alone.decisions.drop("elapsed_ms").equals(mine.drop("elapsed_ms"))
        order = ["criterion"]
        assert alone.criteria.sort(order).equals(
            together.criteria.filter(application_id=case.application_id).sort(order)
        )
        assert alone.evidence.equals(together.evidence.filter(application_id=case.application_id))


def test_rows_are_found_in_memory_as_in_the_lakehouse() -> None:
    cases = province()
    insured_from = BOOK.kinds.insured_from(DAY)
    everything = Facts.of(frames_of(cases))
    held = everything.held(insured_from)
    # One alone is found by bisection, many by a look at every row.
    for some in (cases[:1], cases[12:13], cases[-2:], cases):
        codes = [case.usc_code for case in some]
        read = everything.of_enterprises(codes, insured_from)
        found = held.of_enterprises(codes)
        for name, rows in read.tables.items():
            assert found.tables[name].collect().equals(rows.collect()), name


def test_of_a_country_only_what_concerns_a_share_of_it_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases = province()
    insured_from = BOOK.kinds.insured_from(DAY)
    everything = Facts.of(frames_of(cases))
    monkeypatch.setattr(facts, "PROVINCE", 5)
    for many in (0, resident.MANY):  # found by joins, and by lists
        monkeypatch.setattr(resident, "MANY", many)
        for share in (cases[:5], cases[-5:]):
            held = everything.held(insured_from, [case.usc_code for case in share])
            people = held.residents["base_personnel__person"].rows
            assert people.height < everything.tables["base_personnel__person"].collect().height
            for some in (share[:1], share):
                codes = [case.usc_code for case in some]
                read, found = (
                    one.of_enterprises(codes, insured_from) for one in (everything, held)
                )
                for name, rows in read.tables.items():
                    assert_frame_equal(
                        found.tables[name].collect(), rows.collect(), check_row_order=False
                    )


def test_bisection_finds_what_a_look_at_every_row_finds() -> None:
    numbers = [*range(3 * BISECTED_BELOW), None]
    rows = pl.DataFrame({"key": numbers, "n": numbers}).sample(fraction=1, shuffle=True, seed=1)
    few = Wanted("t", {"key": pl.Series([7, 7, None, -1])}, {"n": pl.Series([7])})
    many = Wanted("t", {"key": pl.Series([7, *range(-9, 0)])})
    for wanted in (few, many):
        (found,) = find({}, {"t": Resident(rows)}, [wanted])
        assert found.equals(rows.filter(pl.col("key") == 7))


@pytest.mark.parametrize("height", [0, 1, 2, 40, 3 * BISECTED_BELOW])
def test_memory_finds_what_delta_finds_whatever_is_looked_for(height: int) -> None:
    keys, name = [None, "a", "b", "c"], enterprise.REGISTRY.name
    rows = pl.DataFrame(
        {"usc_code": [keys[n * n % 7 % 4] for n in range(height)], "city": ["k"] * height},
        schema={"usc_code": pl.String(), "city": pl.String()},
    )
    many = ["a", *map(str, range(SOUGHT_BY_GROUP))]
    for values in ([], ["a"], ["a", None, "z"], [None], ["z"], many):
        codes = pl.Series(values, dtype=pl.String())
        for wanted in (
            Wanted(name, {"usc_code": codes}),
            Wanted(name, {"usc_code": codes, "city": pl.Series(["k"])}),
            Wanted(name, {"usc_code": codes}, {"city": pl.Series(["m"])}),
        ):
            (held,) = find({}, {name: Resident(rows)}, [wanted])
            (read,) = find({name: rows.lazy()}, {}, [wanted])
            assert held.equals(read)


def test_a_share_of_a_country_holds_all_that_its_enterprises_can_touch() -> None:
    cases = province()
    # Somebody of one led works that another measured; titles of his were set apart there, and
    # at a third.
    somebody = cases[0].rows["base_personnel__registration"][0]["person_key"]
    led = cases[2].of("base_project__party")[0]
    cases[2].add("base_project__party", **{**led, "person_key": somebody})
    title = {**cases[1].rows["base_personnel__title"][0], "person_key": somebody}
    for case, number in ((cases[2], "T8"), (cases[5], "T9")):
        there = {**title, "title_no": number, "usc_code": case.usc_code}
        case.add("base_personnel__title", **there)
        case.quarantine("base_personnel__title", title_no=number)
    # A branch; and bodies that may be somebody's branch, one of which insures his people.
    cases[1].insure("worker.1", cases[1].company(1, branch=True))
    body = cases[5].company(2, branch=True)
    cases[5].quarantine("base_enterprise__registry", usc_code=body)
    cases[10].insure("worker.1", body)
    # Of a project nobody is told but by its number.
    cases[12].quarantine("base_project__project")
    insured_from = BOOK.kinds.insured_from(DAY)
    everything = Facts.of(frames_of(cases))
    people = everything.tables["base_personnel__person"].collect()
    # Each is in another share than most of those that its people are known to; some in none.
    shares = [[case.usc_code for case in cases[n::4]] for n in range(3)]
    for codes, hold in zip(shares, everything.in_shares(insured_from, shares), strict=True):
        held = hold()
        assert 0 < held.residents["base_personnel__person"].rows.height < people.height / 2
        for some in (codes[:1], codes[-1:], codes):
            read = everything.of_enterprises(some, insured_from)
            found = held.of_enterprises(some)
            for name, rows in read.tables.items():
                assert found.tables[name].collect().equals(rows.collect()), name


def test_nothing_of_a_country_is_left_behind_where_a_share_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    cases = province()[:4]
    everything = Facts.of(frames_of(cases))
    shares = everything.in_shares(DAY, [[case.usc_code] for case in cases])
    next(shares)()
    assert list(tmp_path.iterdir())
    shares.close()
    assert not list(tmp_path.iterdir())


def test_a_country_is_answered_share_by_share_as_it_is_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything = Facts.of(frames_of(province()))
    run = Run("FC1", DAY, Scope(), "R0", None, True)

    def answers() -> list[pl.DataFrame]:
        asked = precheck.whole_question(everything, BOOK, BUCKETS, instant(DAY, 10))
        found = [one for _, one in asked]
        rechecked = [
            one.found for one in supervision.evaluations(everything, BOOK, run, list(BUCKETS))
        ]
        frames = (
            pl.concat([one.levels for one in found]),
            pl.concat([one.criteria for one in found]),
            pl.concat([one.results for one in rechecked]),
            pl.concat([one.findings for one in rechecked]),
        )
        return [rows.sort(rows.columns[:6]) for rows in frames]

    at_once = answers()
    held: list[int] = []
    in_memory = Facts._in_memory
    monkeypatch.setattr(Facts, "_in_memory", lambda *given: held.append(1) or in_memory(*given))
    for module in (precheck, supervision):
        monkeypatch.setattr(module, "PROVINCE", 5)
    by_share = answers()
    assert len(held) > 4
    for one, other in zip(at_once, by_share, strict=True):
        assert one.height and one.equals(other)
