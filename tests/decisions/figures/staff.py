"""Titled staff, site managers, workers and other staff.

Belongs here: which change crosses which of these figures, and the answer. Does not: the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from exact import COMMON_SPECIALTY, skill_grade, slots_of
from portfolio import Portfolio, Row
from sheets import related_majors

from figures.constructors import registered
from figures.level import (
    GRANTED,
    MET,
    NO_DATA,
    NOT_MET,
    REFUSED,
    REGISTRATION,
    TITLE,
    TITLES,
    UNTOLD_TRADES,
    UNTOLD_WORKERS,
    WAITS,
    Case,
    Figures,
    Spoil,
    _other_major,
    nothing,
    of_major,
)

ROLES = (
    "施工员",
    "质量员",
    "安全员",
    "机械员",
    "造价员",
    "劳务员",
    "材料员",
    "资料员",
    "标准员",
    "测量员",
)

POST, SKILL = "base_personnel__post_certificate", "base_personnel__skill_certificate"


def titled_staff(figures: Figures) -> Iterator[Case]:
    on = figures.day_of("titled_staff")
    rows: list[Row] = figures.rank.asked(on).get("titled_staff") or []
    for index, row in enumerate(rows):
        yield from _titled_row(figures, on, index, row)


def _titled_row(figures: Figures, on: date, index: int, row: Row) -> Iterator[Case]:
    part, name = "titled_staff", f"titled_staff.{index + 1}"
    counted = related_majors(figures.rank.code, row["majors"])
    is_any = "工程序列" in row["majors"]
    where = f"row {index + 1} of the titled staff"

    def members(p: Portfolio) -> list[dict[str, Any]]:
        lead = p.people.get("lead")
        return [
            t for t in p.of(TITLE) if t["person_key"] != lead and (is_any or t["major"] in counted)
        ]

    def spare(p: Portfolio) -> dict[str, Any]:
        """A title whose major another one has too; else any but the leader's."""
        held = [t["major"] for t in p.of(TITLE)]
        mine = members(p)
        return next((t for t in mine if held.count(t["major"]) > 1), mine[-1])

    def change(**values: object) -> Spoil:
        return lambda p: spare(p).update(values)

    failed: dict[str, str | tuple[str, ...]] = {part: NOT_MET, name: NOT_MET}

    def one(
        label: str, spoil: Spoil, results: dict[str, str | tuple[str, ...]], **more: Any
    ) -> Case:
        return figures.case(f"{where}: {label}", on, spoil, None, results, **{"alone": part} | more)

    yield figures.case(
        f"{where}: one short",
        on,
        lambda p: p.remove(TITLE, title_no=spare(p)["title_no"]),
        REFUSED,
        failed,
    )
    lower = TITLES[TITLES.index(row["title"]) - 1]
    yield one("one title is of a lower level", change(title_level=lower), failed)
    yield one("one title is of a higher level", change(title_level="正高级"), {part: MET})
    yield one("one title's level is not known", change(title_level=None), {part: NO_DATA})
    yield one("one title is of another series", change(series="教学"), failed)
    if not is_any:
        yield one(
            "one title is in another major", change(**of_major(_other_major(counted))), failed
        )
    major = slots_of(row)[0].split("|")[0] if slots_of(row) else counted[0]
    major = "结构" if major == "工程序列" else major
    yield one("one over", lambda p: p.add_titled(row["title"], major), {part: MET})
    for slot in slots_of(row):
        yield from _slot(one, row, slot, index)


def _slot(one: Callable[..., Case], row: Row, slot: str, index: int) -> Iterator[Case]:
    """One major of 专业齐全: nobody of it, and each alternative of it."""
    names = slot.split("|")
    other = next(s for s in slots_of(row) if s != slot).split("|")[0]

    def becomes(major: str) -> Spoil:
        def spoil(p: Portfolio) -> None:
            for title in p.of(TITLE):
                if title["major"] in names:
                    title.update(of_major(major))

        return spoil

    yield one(
        f"nobody of {slot}",
        becomes(other),
        {"titled_staff": NOT_MET, f"titled_staff.{index + 1}.{slot}": NOT_MET},
    )
    for name in names[1:]:
        yield one(f"{name} instead of {names[0]}", becomes(name), {"titled_staff": MET})


def site_managers(figures: Figures) -> Iterator[Case]:
    on = figures.day_of("site_managers")
    asked = figures.rank.asked(on).get("site_managers")
    if not asked:
        return
    part, roles = "site_managers", asked.get("roles") or []
    other = next((r for r in ROLES if r not in roles), "试验员")

    def last(p: Portfolio) -> dict[str, Any]:
        """A certificate whose role another one has too, if there is any."""
        held = [c["role"] for c in p.of(POST)]
        return next((c for c in reversed(p.of(POST)) if held.count(c["role"]) > 1), p.of(POST)[-1])

    def one(label: str, spoil: Spoil, *results: str, **children: str) -> Case:
        found: dict[str, str | tuple[str, ...]] = {part: results[0]}
        found |= {f"{part}.{child}": answer for child, answer in children.items()}
        return figures.case(label, on, spoil, None, found, alone=part)

    yield figures.case(
        "the site managers are one short",
        on,
        lambda p: p.remove(POST, certificate_no=last(p)["certificate_no"]),
        REFUSED,
        {part: NOT_MET, f"{part}.count": NOT_MET},
    )
    yield one("the site managers are one over", lambda p: p.add_site_manager(other), MET)
    yield one(
        "one post certificate has been set apart",
        lambda p: p.quarantine(POST, certificate_no=last(p)["certificate_no"]),
        NO_DATA,
    )
    yield one(
        "one post certificate has run out",
        lambda p: last(p).update(valid_until=on - timedelta(days=1)),
        NOT_MET,
    )
    for role in roles:
        yield one(
            f"no site manager is {role}",
            lambda p, r=role: p.change(POST, {"role": r}, role=other),
            NOT_MET,
            **{"count": MET, role: NOT_MET},
        )


def skilled_workers(figures: Figures) -> Iterator[Case]:
    on = figures.day_of("skilled_workers")
    asked = figures.rank.asked(on).get("skilled_workers")
    if not asked:
        return
    part, trades = "skilled_workers", asked.get("trades") or []
    other = next(t for t in ("管道工", "模板工", "抹灰工") if t not in trades)
    is_qualification = asked["grade"] == "核级焊工资格"

    def last(p: Portfolio) -> dict[str, Any]:
        held = [c["trade"] for c in p.of(SKILL)]
        return next(
            (c for c in reversed(p.of(SKILL)) if held.count(c["trade"]) > 1), p.of(SKILL)[-1]
        )

    def one(label: str, spoil: Spoil, result: str, **children: str) -> Case:
        found: dict[str, str | tuple[str, ...]] = {part: result}
        found |= {f"{part}.{child}": answer for child, answer in children.items()}
        return figures.case(label, on, spoil, None, found, alone=part)

    # Of crews, who count among them, or of welders no channel tells (reading 52).
    has_others = figures.rank.code in UNTOLD_WORKERS
    short = NO_DATA if has_others else NOT_MET
    yield figures.case(
        "the workers are one short",
        on,
        lambda p: p.remove(SKILL, certificate_no=last(p)["certificate_no"]),
        WAITS if has_others else REFUSED,
        {part: short, f"{part}.count": short},
    )
    more = "核级焊工" if is_qualification else other
    yield one("the workers are one over", lambda p: p.add_worker(more, "高级技师"), MET)
    yield one(
        "one skill certificate has been set apart",
        lambda p: p.quarantine(SKILL, certificate_no=last(p)["certificate_no"]),
        NO_DATA,
    )
    yield one("one worker is 高级工", lambda p: last(p).update(grade="高级工"), MET)
    if skill_grade(asked["grade"]) == "中级工":
        yield one("one worker is a grade lower", lambda p: last(p).update(grade="初级工"), short)
        yield one("one worker's grade is not known", lambda p: last(p).update(grade=None), NO_DATA)
    if asked.get("all_trades_present") is False:
        # 等, without 齐全 (reading 21): others named do as well, whether any other does is not known.
        for trade, named in zip(trades, (*trades[1:], trades[0]), strict=True):
            yield one(
                f"no worker is {trade} but {named}",
                lambda p, t=trade, n=named: p.change(SKILL, {"trade": t}, trade=n),
                MET,
            )
        yield one(
            f"no worker is {trades[-1]} but {other}",
            lambda p: p.change(SKILL, {"trade": trades[-1]}, trade=other),
            NO_DATA,
            count=MET,
            kinds=NO_DATA,
        )
        return
    for trade in trades:
        none = NO_DATA if trade in UNTOLD_TRADES else NOT_MET
        yield one(
            f"no worker is {trade}",
            lambda p, t=trade: p.change(SKILL, {"trade": t}, trade=other),
            none,
            **{trade: none} | ({} if is_qualification else {"count": MET}),
        )


def other_staff(figures: Figures) -> Iterator[Case]:
    part = "other_staff"
    on = figures.day_of(part)
    for index, row in enumerate(figures.rank.asked(on).get(part) or []):
        name = f"{part}.{index + 1}"
        if "计入" in row["detail"]:
            trade = row["what"]

            def mine(p: Portfolio, trade: str = trade) -> list[dict[str, Any]]:
                return p.of(SKILL, trade=trade)

            yield figures.case(
                f"one worker less is {trade}",
                on,
                lambda p, m=mine: m(p)[-1].update(trade="管道工"),
                REFUSED,
                {part: NOT_MET, name: NOT_MET},
            )
            yield figures.case(
                f"one worker more is {trade}",
                on,
                lambda p, t=trade: p.add_worker(t, "初级工"),
                GRANTED,
                {part: MET},
            )
            yield figures.case(
                f"one certificate of {trade} has been set apart",
                on,
                lambda p, m=mine: p.quarantine(SKILL, certificate_no=m(p)[-1]["certificate_no"]),
                WAITS,
                {part: NO_DATA},
            )
        elif "合计" in row["what"]:
            yield from _counted_together(figures, on, part, name)
        else:
            yield figures.case(
                f"nothing tells whether {row['what']} ({row['detail']}) are there",
                on,
                nothing,
                GRANTED,
                {part: MET},
            )


def _counted_together(figures: Figures, on: date, part: str, name: str) -> Iterator[Case]:
    """Titled people and constructors in one number, with 结构 and 材料 or 化工 (S06)."""
    failed: dict[str, str | tuple[str, ...]] = {part: NOT_MET, name: NOT_MET}
    yield figures.case(
        "one registration less of those counted together",
        on,
        lambda p: p.remove(REGISTRATION, registration_no=registered(p)[-1]["registration_no"]),
        REFUSED,
        failed,
    )
    for grade, add in (
        ("title", lambda p: p.add_titled("中级", "结构")),
        ("registration", lambda p: p.add_constructor("二级注册建造师", COMMON_SPECIALTY)),
    ):
        yield figures.case(
            f"one {grade} more of those counted together", on, add, GRANTED, {part: MET}
        )
    yield figures.case(
        "化工 instead of 材料 among those counted together",
        on,
        lambda p: p.change(TITLE, {"major": "材料"}, **of_major("化工")),
        GRANTED,
        {part: MET},
    )
    for major in ("材料", "结构"):
        yield figures.case(
            f"nobody of {major} among those counted together",
            on,
            lambda p, m=major: p.change(TITLE, {"major": m}, **of_major("电气")),
            None,
            {part: NOT_MET},
        )
