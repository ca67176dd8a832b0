"""Every figure of a level as cases: just below, at, above and missing, with what the law says.

Belongs here: which single change of an exact portfolio (`exact`) crosses which figure, and the
answer the fact sheet gives. Does not: the engine (`judge`), and nothing of the rulebook.

A case about one group of people above the lowest level, where the text of 2014 asks for hundreds,
hires that group only and looks at its criterion; the whole enterprise is put forward once per
part with one figure missed, and once with none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from exact import (
    COMMON_SPECIALTY,
    DAY,
    PEOPLE,
    TEXT_OF_2014,
    Exact,
    fits_constructor,
    higher_ranks,
    lead_line,
    machines_of,
    open_parts,
    skill_grade,
    slots_of,
    unevidenced,
)
from portfolio import Portfolio, Row
from sheets import Rank, days_that_matter, related_majors, unknown
from unit_plans import (
    KINDS,
    MACHINES,
    PIECES,
    WIDER,
    Served,
    added_up,
    asked_sum,
    choice,
    fits,
    least,
    lines_of,
    served_lines,
    shown,
    summed,
    units_for,
    units_of_choice,
    with_value,
    within,
)
from where import CENT, MONEY, Atom, Value, comparisons, truth, ways

from assets.calendar import add_months, add_years

MET, NOT_MET, NO_DATA = "met", "not_met", "no_data"
GRANTED, REFUSED, WAITS = "granted", "refused", "awaiting_data"
Spoil = Callable[[Portfolio], object]
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
TITLES = ("初级", "中级", "高级", "正高级")
POST, SKILL = "base_personnel__post_certificate", "base_personnel__skill_certificate"
TITLE, REGISTRATION = "base_personnel__title", "base_personnel__registration"
MACHINE, STATEMENT = "base_enterprise__equipment", "base_enterprise__statement"
ACCEPTANCE, CONTRACT = "base_project__acceptance", "base_project__contract"
FLOOR_ON_THE_SCOPE_OF_2014 = frozenset({"G01", "S09"})
"""Whose 一级 had a lower limit of scope until 2015-10-09: not for contracts of long ago."""


@dataclass(frozen=True)
class Case:
    """One enterprise, and what the law says of it."""

    name: str
    make: Callable[[int], Portfolio]
    outcome: str | None
    """None: other parts of the portfolio are left out; only the results are looked at."""
    results: dict[str, tuple[str, ...]]
    absent: frozenset[str] = field(default=frozenset())
    """Parts that are not assessed."""

    def __str__(self) -> str:
        return self.name


def nothing(_: Portfolio) -> None:
    """Leave the portfolio as it is."""


@dataclass(frozen=True)
class Figures:
    """The cases of one level."""

    rank: Rank

    def cases(self) -> Iterator[Case]:
        """All of them."""
        yield from self.at_every_figure()
        yield from self.net_assets()
        yield from self.assets_other()
        yield from self.constructors()
        yield from self.technical_lead()
        yield from self.titled_staff()
        yield from self.site_managers()
        yield from self.skilled_workers()
        yield from self.other_staff()
        yield from self.lead_performance()
        yield from self.performance()
        yield from self.scope()
        yield from self.equipment()
        yield from self.days_of_notices()
        yield from self.days_of_other_figures()
        yield from self.days_of_the_scope()

    # -- helpers ---------------------------------------------------------------------

    def day_of(self, part: str) -> date:
        """A day whose text asks for a part."""
        known = part in self.rank.asked(DAY) or part in self._unknown(DAY)
        return DAY if known else TEXT_OF_2014

    def _unknown(self, on: date) -> dict[str, list[str]]:
        return unknown(self.rank.code, self.rank.level, on, self.rank.subcategory)

    @cached_property
    def _open(self) -> dict[date, set[str]]:
        return {}

    def open_on(self, on: date) -> set[str]:
        """Parts nobody can show to be met."""
        if on not in self._open:
            self._open[on] = open_parts(self.rank, on)
        return self._open[on]

    def _has_lost_classes(self, part: str, on: date) -> bool:
        """Whether a class nobody found could be the one that is met."""
        if part == "performance":
            return part in self._unknown(on)
        if part != "lead_performance":
            return False
        found = lead_line(self.rank, on)
        return found is not None and "performance" in Figures(found[0])._unknown(on)

    def case(
        self,
        name: str,
        on: date,
        spoil: Spoil,
        outcome: str | None,
        results: dict[str, str | tuple[str, ...]],
        *,
        alone: str = "",
        make: Callable[[int], Portfolio] | None = None,
        despite: str = "",
        **exact: Any,
    ) -> Case:
        """An exact portfolio, changed by `spoil`, and its answer.

        Args:
            name: what is changed, for the name of the test.
            on: day of filing and of the decision.
            spoil: the change.
            outcome: of the case, as if every text were known.
            results: criterion to the answers allowed, as if every text were known.
            alone: the only group of people to hire; every group if empty.
            make: another way to make the portfolio.
            despite: a part whose answer is known although some of its text is not.
            exact: how to build (`Exact`).
        """
        if alone:
            exact["people"] = {alone}
            outcome = None

        def built(nth: int) -> Portfolio:
            portfolio = make(nth) if make else Exact(self.rank, on, nth, **exact).build()
            spoil(portfolio)
            return portfolio

        answers: dict[str, tuple[str, ...]] = {}
        # Without an evidence base nothing shows that a part is met; that it is not may still show.
        bare = unevidenced(self.rank, on)
        lost = self.open_on(on) - bare - {despite}
        for criterion, allowed in results.items():
            part, _, child = criterion.partition(".")
            if part in lost:
                answers[part] = (NO_DATA,)
                continue
            answers[criterion] = (allowed,) if isinstance(allowed, str) else allowed
            if part in bare and not child and MET in answers[criterion]:
                answers[part] = (NO_DATA,)
            if not child and NOT_MET in answers[criterion] and self._has_lost_classes(part, on):
                answers[part] = (NO_DATA,)
        if outcome is not None:
            failing = any(found == (NOT_MET,) and "." not in c for c, found in answers.items())
            if outcome == GRANTED and (lost or bare):
                outcome = WAITS
            if outcome == REFUSED and not failing:
                outcome = WAITS
        label = f"{self.rank} on {on}: {name}"
        return Case(label, built, outcome, answers)

    # -- all together ----------------------------------------------------------------

    def at_every_figure(self) -> Iterator[Case]:
        for on in (DAY, TEXT_OF_2014):
            asked = {
                {"net_assets_wan": "net_assets"}.get(part, part)
                for part in self.rank.asked(on)
                if part in ("net_assets_wan", "technical_lead", "performance", "equipment", *PEOPLE)
                or part in ("lead_performance", "other_staff", "assets_other")
            }
            asked = {p for p in asked if p == "net_assets" or self.rank.asked(on)[p]}
            results: dict[str, str | tuple[str, ...]] = dict.fromkeys(sorted(asked), MET)
            results |= dict.fromkeys(sorted(self.open_on(on)), NO_DATA)
            yield self.case("every figure is reached exactly", on, nothing, GRANTED, results)

    # -- assets ----------------------------------------------------------------------

    def net_assets(self) -> Iterator[Case]:
        figure = self.rank.asked(DAY).get("net_assets_wan")
        is_first = self.rank.is_lowest

        def state(wan: Decimal) -> Spoil:
            return lambda p: p.capital(wan) if is_first else p.state_net_assets(wan)

        def missing(p: Portfolio) -> None:
            if is_first:
                p.capital(None)
            elif STATEMENT in p.rows:
                p.remove(STATEMENT)

        if figure is None:
            yield self.case(
                "however much it has, nobody knows the net assets asked",
                DAY,
                state(Decimal(10**7)),
                GRANTED,
                {"net_assets": MET},
            )
            return
        for label, wan, outcome, result in (
            ("net assets are one cent below", figure - CENT, REFUSED, NOT_MET),
            ("net assets are one 万元 below", Decimal(figure - 1), REFUSED, NOT_MET),
            ("net assets are one 万元 above", Decimal(figure + 1), GRANTED, MET),
        ):
            yield self.case(label, DAY, state(wan), outcome, {"net_assets": result})
        yield self.case("net assets are not known", DAY, missing, WAITS, {"net_assets": NO_DATA})

    def assets_other(self) -> Iterator[Case]:
        for row in self.rank.asked(DAY).get("assets_other") or []:
            what, figure = row["what"], Decimal(row["value"])

            def one(label: str, spoil: Spoil, outcome: str, result: str, what: str = what) -> Case:
                name = f"the {what} is {label}"
                return self.case(name, DAY, spoil, outcome, {"assets_other": result})

            def measured(value: Decimal | None, what: str = what) -> Spoil:
                return lambda p: p.change(MACHINE, {"metric": what}, value=value)

            step = least(what)
            yield one("a little short", measured(figure - step), REFUSED, NOT_MET)
            yield one("a little over", measured(figure + step), GRANTED, MET)
            yield one("not known", measured(None), WAITS, NO_DATA)
            yield one(
                "none at all", lambda p, w=what: p.remove(MACHINE, metric=w), REFUSED, NOT_MET
            )

    # -- constructors ----------------------------------------------------------------

    def constructors(self) -> Iterator[Case]:
        on = self.day_of("constructors")
        rows: list[Row] = self.rank.asked(on).get("constructors") or []
        part = "constructors"

        for index, row in enumerate(rows):
            expected: dict[str, str | tuple[str, ...]] = {part: NOT_MET}
            for n in range(len(rows)):
                expected[f"{part}.{n + 1}"] = NOT_MET if n == index else MET
            where = f"row {index + 1} of the constructors is"
            yield self.case(f"{where} one short", on, self._short(rows, index), REFUSED, expected)
            grade = "一级" if row["grade"] == "一级" else "二级"
            for specialty in row["specialties"]:
                name = COMMON_SPECIALTY if specialty == "不限专业" else specialty
                yield self.case(
                    f"{where} one over, in {name}",
                    on,
                    lambda p, g=grade, s=name: p.add_constructor(f"{g}注册建造师", s),
                    GRANTED,
                    {part: MET},
                    alone=part,
                )
            if row["grade"] == "一级":
                yield self.case(
                    f"one constructor of row {index + 1} is of a lower grade",
                    on,
                    lambda p, n=index: [r for r in self._staff(p) if n in _rows_met(rows, r)][
                        -1
                    ].update(registration="二级注册建造师"),
                    None,
                    {part: NOT_MET, f"{part}.{index + 1}": NOT_MET},
                    alone=part,
                )
        if rows:
            yield self.case(
                "one registration has been set apart",
                on,
                lambda p: p.quarantine(
                    REGISTRATION, registration_no=self._staff(p)[-1]["registration_no"]
                ),
                None,
                {part: NO_DATA},
                alone=part,
            )
            yield self.case(
                "one registration has run out",
                on,
                lambda p: self._staff(p)[-1].update(valid_until=on - timedelta(days=1)),
                None,
                {part: NOT_MET},
                alone=part,
            )

    def _short(self, rows: list[Row], index: int) -> Spoil:
        """One constructor less in one row, and in no other."""

        def spoil(p: Portfolio) -> None:
            held = [r for r in self._staff(p) if index in _rows_met(rows, r)]
            only_here = [r for r in held if _rows_met(rows, r) == [index]]
            if only_here:
                p.remove(REGISTRATION, registration_no=only_here[-1]["registration_no"])
                return
            row = held[-1]
            kept = [n for n in _rows_met(rows, row) if n != index]
            row.update(
                next(
                    tried
                    for grade in ("一级", "二级")
                    for one in rows
                    for specialty in one["specialties"]
                    if _rows_met(
                        rows,
                        tried := {
                            "registration": f"{grade}注册建造师",
                            "specialty": specialty,
                        },
                    )
                    == kept
                )
            )

        return spoil

    def _staff(self, p: Portfolio) -> list[dict[str, Any]]:
        """Registrations of the staff, without the managers of works."""
        hired = {row["person_key"] for row in p.of("base_personnel__person")}
        return [row for row in p.of(REGISTRATION) if row["person_key"] in hired]

    # -- the technical leader ----------------------------------------------------------

    def technical_lead(self) -> Iterator[Case]:
        lead = self.rank.asked(DAY).get("technical_lead")
        if lead is None:
            return
        part = "technical_lead"
        exact = add_years(DAY, -lead["years"])
        way = lead["any_of"][0]
        asked = TITLES.index(way["title"])
        majors = related_majors(self.rank.code, way["majors"])

        def one(label: str, spoil: Spoil, outcome: str | None, result: str, **more: str) -> Case:
            children = {f"{part}.{name}": answer for name, answer in more.items()}
            return self.case(
                label,
                DAY,
                spoil,
                outcome,
                {part: result, **children},
                alone="" if outcome == REFUSED else "nobody",
            )

        def title(**values: object) -> Spoil:
            return lambda p: p.change(TITLE, {"person_key": p.people["lead"]}, **values)

        day = timedelta(days=1)
        since = exact + day
        yield one(
            "the leader is a day short of the years",
            lambda p: p.practised_since(since),
            REFUSED,
            NOT_MET,
            years=NOT_MET,
            qualification=MET,
        )
        yield one(
            "the leader is a day over", lambda p: p.practised_since(exact - day), GRANTED, MET
        )
        yield one(
            "the leader's practice is not known",
            lambda p: p.practised_since(None),
            WAITS,
            NO_DATA,
            years=NO_DATA,
        )
        yield one(
            "the leader's title is one level lower",
            title(title_level=TITLES[asked - 1]),
            None,
            NOT_MET,
            years=MET,
            qualification=NOT_MET,
        )
        yield one(
            "the leader's title is one level higher",
            title(title_level=TITLES[asked + 1]),
            GRANTED,
            MET,
        )
        yield one("the leader's title is not known", title(title_level=None), WAITS, NO_DATA)
        if majors != ["工程序列"]:
            yield one(
                "the leader's title is in another major",
                title(major=_other_major(majors)),
                None,
                NOT_MET,
                qualification=NOT_MET,
            )
            for major in majors:
                yield one(f"the leader's major is {major}", title(major=major), None, MET)
        else:
            yield one(
                "the leader's title is of another series", title(series="教学"), None, NOT_MET
            )
        yield one(
            "the leader is sixty-one",
            lambda p: p.born("lead", date(DAY.year - 61, DAY.month, DAY.day)),
            None,
            NOT_MET,
        )
        for other in lead["any_of"][1:]:
            yield from self._lead_registrations(other)

    def _lead_registrations(self, way: Row) -> Iterator[Case]:
        """Another way to be qualified: a registration instead of the title."""
        name = way["registration"]
        if not name.endswith("建造师"):
            fitting = [name if name.startswith(("一级", "注册岩土")) else f"二级{name}"]
        else:
            fitting = (
                ["一级注册建造师"]
                if name.startswith("一级")
                else [f"{g}{name}" for g in ("一级", "二级")]
            )

        def instead(registration: str, specialty: str) -> Spoil:
            def spoil(p: Portfolio) -> None:
                p.change(TITLE, {"person_key": p.people["lead"]}, title_level="初级")
                p.register("lead", registration, specialty)

            return spoil

        for asked in way.get("specialties", ["不限专业"]):
            specialty = COMMON_SPECIALTY if asked == "不限专业" else asked
            for registration in fitting:
                yield self.case(
                    f"the leader is {registration} in {specialty} instead of titled",
                    DAY,
                    instead(registration, specialty),
                    None,
                    {"technical_lead": MET},
                    # One alternative is enough, whatever is unknown beside it (W10).
                    despite="technical_lead",
                    alone="nobody",
                )
            if fitting == ["一级注册建造师"]:
                yield self.case(
                    f"the leader is only 二级注册建造师 in {specialty}",
                    DAY,
                    instead("二级注册建造师", specialty),
                    None,
                    {"technical_lead": NOT_MET},
                    alone="nobody",
                )
        if way.get("specialties", ["不限专业"]) != ["不限专业"]:
            other = next(
                s for s in ("民航机场工程", "矿业工程", "铁路工程") if s not in way["specialties"]
            )
            yield self.case(
                f"the leader is {fitting[0]} in {other}, which is not asked, under {name}",
                DAY,
                instead(fitting[0], other),
                None,
                {"technical_lead": NOT_MET},
                alone="nobody",
            )

    # -- titled staff, site managers, workers -------------------------------------------

    def titled_staff(self) -> Iterator[Case]:
        on = self.day_of("titled_staff")
        rows: list[Row] = self.rank.asked(on).get("titled_staff") or []
        for index, row in enumerate(rows):
            yield from self._titled_row(on, index, row)

    def _titled_row(self, on: date, index: int, row: Row) -> Iterator[Case]:
        part, name = "titled_staff", f"titled_staff.{index + 1}"
        counted = related_majors(self.rank.code, row["majors"])
        is_any = "工程序列" in row["majors"]
        where = f"row {index + 1} of the titled staff"

        def members(p: Portfolio) -> list[dict[str, Any]]:
            lead = p.people.get("lead")
            return [
                t
                for t in p.of(TITLE)
                if t["person_key"] != lead and (is_any or t["major"] in counted)
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
            return self.case(
                f"{where}: {label}", on, spoil, None, results, **{"alone": part} | more
            )

        yield self.case(
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
            yield one("one title is in another major", change(major=_other_major(counted)), failed)
        major = slots_of(row)[0].split("|")[0] if slots_of(row) else counted[0]
        major = "结构" if major == "工程序列" else major
        yield one("one over", lambda p: p.add_titled(row["title"], major), {part: MET})
        for slot in slots_of(row):
            yield from self._slot(one, row, slot, index)

    def _slot(self, one: Callable[..., Case], row: Row, slot: str, index: int) -> Iterator[Case]:
        """One major of 专业齐全: nobody of it, and each alternative of it."""
        names = slot.split("|")
        other = next(s for s in slots_of(row) if s != slot).split("|")[0]

        def becomes(major: str) -> Spoil:
            def spoil(p: Portfolio) -> None:
                for title in p.of(TITLE):
                    if title["major"] in names:
                        title["major"] = major

            return spoil

        yield one(
            f"nobody of {slot}",
            becomes(other),
            {"titled_staff": NOT_MET, f"titled_staff.{index + 1}.{slot}": NOT_MET},
        )
        for name in names[1:]:
            yield one(f"{name} instead of {names[0]}", becomes(name), {"titled_staff": MET})

    def site_managers(self) -> Iterator[Case]:
        on = self.day_of("site_managers")
        asked = self.rank.asked(on).get("site_managers")
        if not asked:
            return
        part, roles = "site_managers", asked.get("roles") or []
        other = next((r for r in ROLES if r not in roles), "试验员")

        def last(p: Portfolio) -> dict[str, Any]:
            """A certificate whose role another one has too, if there is any."""
            held = [c["role"] for c in p.of(POST)]
            return next(
                (c for c in reversed(p.of(POST)) if held.count(c["role"]) > 1), p.of(POST)[-1]
            )

        def one(label: str, spoil: Spoil, *results: str, **children: str) -> Case:
            found: dict[str, str | tuple[str, ...]] = {part: results[0]}
            found |= {f"{part}.{child}": answer for child, answer in children.items()}
            return self.case(label, on, spoil, None, found, alone=part)

        yield self.case(
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

    def skilled_workers(self) -> Iterator[Case]:
        on = self.day_of("skilled_workers")
        asked = self.rank.asked(on).get("skilled_workers")
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
            return self.case(label, on, spoil, None, found, alone=part)

        yield self.case(
            "the workers are one short",
            on,
            lambda p: p.remove(SKILL, certificate_no=last(p)["certificate_no"]),
            REFUSED,
            {part: NOT_MET, f"{part}.count": NOT_MET},
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
            yield one(
                "one worker is a grade lower", lambda p: last(p).update(grade="初级工"), NOT_MET
            )
            yield one(
                "one worker's grade is not known", lambda p: last(p).update(grade=None), NO_DATA
            )
        for trade in trades:
            yield one(
                f"no worker is {trade}",
                lambda p, t=trade: p.change(SKILL, {"trade": t}, trade=other),
                NOT_MET,
                **{trade: NOT_MET} | ({} if is_qualification else {"count": MET}),
            )

    def other_staff(self) -> Iterator[Case]:
        part = "other_staff"
        for index, row in enumerate(self.rank.asked(DAY).get(part) or []):
            name = f"{part}.{index + 1}"
            if "计入" in row["detail"]:
                trade = row["what"]

                def mine(p: Portfolio, trade: str = trade) -> list[dict[str, Any]]:
                    return p.of(SKILL, trade=trade)

                yield self.case(
                    f"one worker less is {trade}",
                    DAY,
                    lambda p, m=mine: m(p)[-1].update(trade="管道工"),
                    REFUSED,
                    {part: NOT_MET, name: NOT_MET},
                )
                yield self.case(
                    f"one worker more is {trade}",
                    DAY,
                    lambda p, t=trade: p.add_worker(t, "初级工"),
                    GRANTED,
                    {part: MET},
                )
                yield self.case(
                    f"one certificate of {trade} has been set apart",
                    DAY,
                    lambda p, m=mine: p.quarantine(
                        SKILL, certificate_no=m(p)[-1]["certificate_no"]
                    ),
                    WAITS,
                    {part: NO_DATA},
                )
            elif "合计" in row["what"]:
                yield from self._counted_together(part, name)
            else:
                yield self.case(
                    f"nothing tells whether {row['what']} ({row['detail']}) are there",
                    DAY,
                    nothing,
                    GRANTED,
                    {part: MET},
                )

    def _counted_together(self, part: str, name: str) -> Iterator[Case]:
        """Titled people and constructors in one number, with 结构 and 材料 or 化工 (S06)."""
        failed: dict[str, str | tuple[str, ...]] = {part: NOT_MET, name: NOT_MET}
        yield self.case(
            "one registration less of those counted together",
            DAY,
            lambda p: p.remove(REGISTRATION, registration_no=self._staff(p)[-1]["registration_no"]),
            REFUSED,
            failed,
        )
        for grade, add in (
            ("title", lambda p: p.add_titled("中级", "结构")),
            ("registration", lambda p: p.add_constructor("二级注册建造师", COMMON_SPECIALTY)),
        ):
            yield self.case(
                f"one {grade} more of those counted together", DAY, add, GRANTED, {part: MET}
            )
        yield self.case(
            "化工 instead of 材料 among those counted together",
            DAY,
            lambda p: p.change(TITLE, {"major": "材料"}, major="化工"),
            GRANTED,
            {part: MET},
        )
        for major in ("材料", "结构"):
            yield self.case(
                f"nobody of {major} among those counted together",
                DAY,
                lambda p, m=major: p.change(TITLE, {"major": m}, major="电气"),
                None,
                {part: NOT_MET},
            )

    # -- works -------------------------------------------------------------------------

    def lead_performance(self) -> Iterator[Case]:
        asked = self.rank.asked(DAY).get("lead_performance")
        if not asked:
            return
        part = "lead_performance"

        def of(p: Portfolio) -> dict[str, object]:
            return {"contract_no": p.contract_no("lead_work.1")}

        def one(label: str, spoil: Spoil, outcome: str | None, result: str) -> Case:
            def checked(p: Portfolio) -> None:
                if p.of(CONTRACT, **of(p)):
                    spoil(p)

            alone = "" if outcome == REFUSED else "nobody"
            return self.case(label, DAY, checked, outcome, {part: result}, alone=alone)

        # Works by a figure of a higher level do as well: nobody is refused while one is not known.
        is_open = any(_is_partly_known(rank) for rank in higher_ranks(self.rank, asked["level"]))
        refused, missed = (WAITS, NO_DATA) if is_open else (REFUSED, NOT_MET)
        yield one(
            "the leader led one work less", lambda p: p.tear_down("lead_work.1"), refused, missed
        )
        yield one(
            "a stranger led one of the leader's works",
            lambda p: (
                p.name_person("stranger"),
                p.change("base_project__party", of(p), person_key=p.people["stranger"]),
            ),
            None,
            missed,
        )
        yield one(
            "one of the leader's works was not sound",
            lambda p: p.change(ACCEPTANCE, of(p), quality="不合格"),
            None,
            missed,
        )
        yield one(
            "one of the leader's works is not accepted",
            lambda p: p.change(ACCEPTANCE, of(p), accepted_on=DAY + timedelta(days=1)),
            None,
            missed,
        )
        yield one(
            "the leader led both works as technical leader",
            lambda p: p.change("base_project__party", of(p), duty="技术负责人"),
            None,
            MET,
        )
        found = lead_line(self.rank, DAY)
        if found is None:
            return
        of_level, line = found
        for metric, edge, short in self._lead_figures(of_level, line):
            for label, value, result in (
                ("short of", short, missed),
                ("exactly at", edge, MET),
                ("without", None, NO_DATA),
            ):
                if value is None and label != "without":
                    continue
                yield one(
                    f"one of the leader's works is {label} the {metric} of {of_level}",
                    lambda p, m=metric, v=value: p.show("lead_work.1", m, v),
                    None,
                    result,
                )

    def _lead_figures(self, rank: Rank, line: Served) -> Iterator[tuple[str, Value, Value | None]]:
        """Metrics of the works led: metric, what is enough, what misses every line."""
        rules = [
            rule
            for one in (rank, *higher_ranks(rank, rank.level))
            for rule in lines_of(one, DAY, line.parts[0][0]["project"])
        ]
        for rule, way in line.parts:
            atoms = {atom.metric: atom for atom in reversed(way)}
            for metric, atom in atoms.items():
                edge = atom.edge()
                yield metric, edge, _misses_all(rules, metric) if atom.number is not None else None
            if "sum" in rule:
                yield summed(rule), asked_sum(rule), _misses_all(rules, summed(rule))

    def performance(self) -> Iterator[Case]:
        asked = self.rank.asked(DAY).get("performance")
        if not asked:
            return
        for served in served_lines(self.rank, DAY):
            yield from self._line(served)
        yield from self._need(asked)
        first = choice(self.rank, DAY)[0]
        yield from self._window(asked, first)
        yield from self._form(first)

    def _units(self, served: Served) -> list[Any]:
        chosen = choice(self.rank, DAY, served)
        return dict(units_of_choice(chosen, self.rank, DAY))[served]

    def _label(self, served: Served) -> str:
        """Label of the first work of a line: the lines are built sums last."""
        number = 1
        for one, units in units_of_choice(choice(self.rank, DAY, served), self.rank, DAY):
            if one is served:
                return f"project.{number}"
            number += len(units)
        raise AssertionError(served)

    def _line(self, served: Served) -> Iterator[Case]:
        child = f"performance.class.{served.n}"
        units = self._units(served)
        first = int(self._label(served).partition(".")[2])

        def one(label: str, spoil: Spoil, outcome: str | None, result: str) -> Case:
            results: dict[str, str | tuple[str, ...]] = {child: result, "performance": result}
            return self.case(f"{served}: {label}", DAY, spoil, outcome, results, served=served)

        yield one("exactly reached", nothing, GRANTED, MET)
        yield one("one work less", lambda p: p.tear_down(f"project.{first}"), REFUSED, NOT_MET)
        if "of" in served.rule:
            yield from self._mixed(served, first)
        if served.rule.get("unit") in MACHINES and len(units) > 1:

            def two_in_one(p: Portfolio) -> None:
                p.tear_down(f"project.{first}")
                p.show(f"project.{first + 1}", PIECES, Decimal(2))

            yield one("two pieces in one work", two_in_one, GRANTED, MET)
        seen: set[tuple[str, str]] = set()
        for rule, way in served.parts:
            mine = [n for n, unit in enumerate(units) if fits(rule, unit)]
            label = f"project.{first + mine[0]}"
            kind = rule["project"]
            fresh = {a.metric: a for a in reversed(way) if (kind, a.metric) not in seen}
            seen |= {(kind, metric) for metric in fresh}
            for atom in reversed(fresh.values()):
                yield from self._comparison(one, kind, atom, label)
            if "sum" in rule:
                yield from self._sum(one, rule, units[mine[0]], label, len(mine))

    def _comparison(
        self, one: Callable[..., Case], kind: str, atom: Atom, label: str
    ) -> Iterator[Case]:
        """One measure of one work: short, over, not known."""
        metric = atom.metric
        for text, value, outcome, result in (
            ("short of", atom.short(), REFUSED, NOT_MET),
            ("over", atom.beyond(), GRANTED, MET),
        ):
            if value is not None:
                yield one(
                    f"one {kind} {text} its {metric}",
                    lambda p, v=value: p.show(label, metric, v),
                    outcome,
                    result,
                )
        yield one(
            f"one {kind} without its {metric}",
            lambda p: p.show(label, metric, None),
            WAITS,
            NO_DATA,
        )

    def _mixed(self, served: Served, first: int) -> Iterator[Case]:
        """One of the works is of another kind that the same count allows."""
        alike = [
            one
            for one in served_lines(self.rank, DAY)
            if (one.n, one.number) == (served.n, served.number) and one.label != served.label
        ]
        for other in alike:

            def make(nth: int, other: Served = other) -> Portfolio:
                builder = Exact(self.rank, DAY, nth, served=served)
                portfolio = builder.build()
                portfolio.tear_down(f"project.{first}")
                builder.add_work(units_for(other, self.rank, DAY)[0], served.contracting)
                return portfolio

            yield self.case(
                f"{served}: one work instead of {other}",
                DAY,
                nothing,
                GRANTED,
                {f"performance.class.{served.n}": MET, "performance": MET},
                make=make,
            )

    def _sum(
        self, one: Callable[..., Case], rule: Row, unit: Any, label: str, works: int
    ) -> Iterator[Case]:
        metric = summed(rule)
        value = shown(unit)[metric]
        assert isinstance(value, Decimal)
        step = least(metric)
        for text, amount, outcome, result in (
            ("a little short", value - step, REFUSED, NOT_MET),
            ("a little over", value + step, GRANTED, MET),
            ("one amount missing", None, WAITS, NO_DATA),
        ):
            yield one(
                f"the {metric} added up, {text}",
                lambda p, v=amount: p.show(label, metric, v),
                outcome,
                result,
            )
        if rule.get("per") and works > 1:
            yield one(
                f"the {metric} spread over two years",
                lambda p: p.change(
                    ACCEPTANCE,
                    {"contract_no": p.contract_no(label)},
                    accepted_on=date(DAY.year - 1, 12, 31),
                ),
                REFUSED,
                NOT_MET,
            )

    def _need(self, asked: Row) -> Iterator[Case]:
        """How many classes, and which."""
        chosen = choice(self.rank, DAY)
        failed: dict[str, str | tuple[str, ...]] = {"performance": NOT_MET}
        if len(chosen) == asked["need"]:
            yield self.case("one class less", DAY, nothing, REFUSED, failed, served=chosen[:-1])
        per_class = {one.n: one for one in reversed(served_lines(self.rank, DAY))}
        for group in [{"classes": [n], "min": 1} for n in asked.get("mandatory", [])] + list(
            asked.get("min_from", [])
        ):
            others = [one for n, one in per_class.items() if n not in group["classes"]]
            if len(others) >= asked["need"]:
                yield self.case(
                    f"classes enough, but none of {group['classes']}",
                    DAY,
                    nothing,
                    REFUSED,
                    failed,
                    served=others[: asked["need"]],
                )
        count = asked.get("need_alt", {}).get("one_class_count")
        for n, one in per_class.items() if count else ():
            for number, outcome, result in ((count, GRANTED, MET), (count - 1, REFUSED, NOT_MET)):
                several = [_copy(one) for _ in range(number)]
                yield self.case(
                    f"{number} works of class {n} and of no other",
                    DAY,
                    nothing,
                    outcome,
                    {"performance": result},
                    served=several,
                )

    def _window(self, asked: Row, first: Served) -> Iterator[Case]:
        label = self._label(first)
        opens = date(DAY.year - asked["window_years"], 1, 1)

        def accepted(on: date) -> Spoil:
            def spoil(p: Portfolio) -> None:
                contract = {"contract_no": p.contract_no(label)}
                p.change(CONTRACT, contract, signed_on=add_months(on, -24))
                p.change(ACCEPTANCE, contract, started_on=add_months(on, -23), accepted_on=on)
                manager = p.of("base_project__party", **contract)[0]["person_key"]
                p.change(REGISTRATION, {"person_key": manager}, valid_from=date(1998, 1, 1))

            return spoil

        per_year = any(rule.get("per") for rule, _ in first.parts)
        if (
            not per_year
            and self.rank.top.level == "一级"
            and self.rank.code not in FLOOR_ON_THE_SCOPE_OF_2014
        ):
            for on, outcome, result in (
                (opens, GRANTED, MET),
                (opens - timedelta(days=1), REFUSED, NOT_MET),
            ):
                yield self.case(
                    f"one work was accepted on {on}",
                    DAY,
                    accepted(on),
                    outcome,
                    {"performance": result},
                )
        for text, values, outcome, result in (
            ("was not sound", {"quality": "不合格"}, REFUSED, NOT_MET),
            (
                "was accepted after filing",
                {"accepted_on": DAY + timedelta(days=1)},
                REFUSED,
                NOT_MET,
            ),
        ):
            yield self.case(
                f"one work {text}",
                DAY,
                lambda p, v=values: p.change(
                    ACCEPTANCE, {"contract_no": p.contract_no(label)}, **v
                ),
                outcome,
                {"performance": result},
            )

    def _form(self, first: Served) -> Iterator[Case]:
        """Under which form the works were contracted (E19)."""
        label = self._label(first)
        forms = first.contracting
        refused, granted = [], []
        if "独立承担" in forms:
            for alone, outcome, result in ((True, REFUSED, NOT_MET), (None, WAITS, NO_DATA)):
                yield self.case(
                    "one work was undertaken with others"
                    if alone
                    else "nobody knows if one work was",
                    DAY,
                    lambda p, a=alone: p.change(
                        CONTRACT, {"contract_no": p.contract_no(label)}, is_consortium=a
                    ),
                    outcome,
                    {"performance": result},
                )
        elif "施工总承包" in forms:
            refused = ["专业承包"]
            granted = ["主体工程承包"] if "主体工程承包" in forms else []
        elif forms == ("专业承包",) or (not forms and self.rank.code[0] == "S"):
            refused = ["施工总承包"]
        for form, outcome, result in [(f, REFUSED, NOT_MET) for f in refused] + [
            (f, GRANTED, MET) for f in granted
        ]:
            yield self.case(
                f"one work was contracted as {form}",
                DAY,
                lambda p, f=form: p.change(
                    CONTRACT, {"contract_no": p.contract_no(label)}, contract_type=f
                ),
                outcome,
                {"performance": result},
            )
        yield self.case(
            "one work was contracted in a form nobody knows",
            DAY,
            lambda p: p.change(CONTRACT, {"contract_no": p.contract_no(label)}, contract_type=None),
            WAITS,
            {"performance": NO_DATA},
        )

    # -- scope -------------------------------------------------------------------------

    def scope(self) -> Iterator[Case]:
        """At and beyond each limit of the level held when one contract was signed (E14)."""
        if self.rank.is_lowest or not self.rank.asked(DAY).get("performance"):
            return
        lower = self.rank.lower
        keys = lower.asked(DAY).get("unknown_keys", [])
        is_lost = any(key.startswith("scope_limits") for key in keys)
        seen: set[tuple[str, ...]] = set()
        for limit in lower.asked(DAY).get("scope_limits") or []:
            for served in served_lines(self.rank, DAY):
                rule, _ = served.parts[0]
                kind = KINDS.get(rule["project"], rule["project"])
                kinds = (kind, *WIDER.get(kind, ()))
                if limit["project"] not in kinds or "all_of" in served.rule or "of" in served.rule:
                    continue
                yield from self._limit(limit, served, lower, is_lost, seen)

    def _limit(
        self,
        limit: Row,
        served: Served,
        lower: Rank,
        is_lost: bool,
        seen: set[tuple[str, ...]],
    ) -> Iterator[Case]:
        rule, _ = served.parts[0]
        label = self._label(served)
        unit = self._units(served)[0]
        for conjunction in ways(limit.get("where", "")):
            for atom in conjunction:
                key = (rule["project"], limit["project"], limit["where"], atom.metric)
                if key in seen or atom.op not in ("<=", "<"):
                    continue
                placed = unit
                for other in conjunction:
                    if other.metric not in shown(placed):
                        placed = with_value(placed, other.metric, other.edge())
                placed = within(placed, lower, DAY)
                at = with_value(placed, atom.metric, atom.edge())
                short = atom.short()
                if short is None or not self._counts(rule, at, limit, lower):
                    continue
                seen.add(key)
                beyond = with_value(placed, atom.metric, short)
                for text, shape, outcome, result in (
                    ("at", at, GRANTED, MET),
                    ("beyond", beyond, REFUSED, NOT_MET),
                ):
                    if text == "beyond" and truth(rule.get("where", ""), shown(beyond)) is not True:
                        continue
                    allowed = (MET, NO_DATA) if is_lost and result == MET else result
                    yield self.case(
                        f"a {rule['project']} {text} the limit of its {atom.metric} in {lower} ({limit['where']})",
                        DAY,
                        _signed_low(label, unit, shape),
                        None if is_lost and result == MET else outcome,
                        {"performance": allowed},
                        served=served,
                    )

    def _counts(self, rule: Row, unit: Any, limit: Row, lower: Rank) -> bool:
        """Whether a unit at one limit still serves its line, and keeps within every other limit."""
        if truth(rule.get("where", ""), shown(unit)) is not True:
            return False
        if "sum" in rule and added_up(rule, [unit]) == 0:
            return False
        same = [
            one
            for one in lower.asked(DAY)["scope_limits"]
            if one["project"] in (unit.works_type, *WIDER.get(unit.works_type, ()))
        ]
        return all(
            truth(one.get("where", ""), shown(unit)) is not False
            for one in same
            if _is_of_one_kind(one, limit)
        )

    # -- machines ------------------------------------------------------------------------

    def equipment(self) -> Iterator[Case]:
        asked = self.rank.asked(DAY).get("equipment")
        if not asked:
            return
        for n, item in enumerate(asked["items"]):
            for alternative in range(len(item.get("any_of", [item]))):
                line = next(iter(machines_of(asked, (n, alternative))))
                yield from self._machine(n, alternative, line)

    def _machine(self, n: int, alternative: int, line: Row) -> Iterator[Case]:
        kind = line["what"]
        child = f"equipment.{n + 1}"

        def mine(p: Portfolio) -> list[dict[str, Any]]:
            found = p.of(MACHINE, equipment_kind=kind)
            narrow = [m for m in p.of(MACHINE) if m["equipment_kind"] != kind]
            return found or [m for m in narrow if m["metric"] == ""]

        is_label = any(atom.number is None for atom in comparisons(line.get("where", "")))

        def one(text: str, spoil: Spoil, outcome: str | None, result: str) -> Case:
            # Types of machines have no column: the item itself is not known then.
            of_item = NO_DATA if is_label and result == MET else result
            results: dict[str, str | tuple[str, ...]] = {child: of_item, "equipment": result}
            name = f"item {n + 1} of the equipment, {kind}: {text}"
            return self.case(name, DAY, spoil, outcome, results, item=(n, alternative))

        def number(p: Portfolio) -> str:
            found: str = mine(p)[0]["equipment_no"]
            return found

        yield one("exactly enough", nothing, GRANTED, MET)
        yield one("one less", lambda p: p.remove(MACHINE, equipment_no=number(p)), REFUSED, NOT_MET)
        yield one(
            "one is leased",
            lambda p: p.change(MACHINE, {"equipment_no": number(p)}, is_owned=False),
            REFUSED,
            NOT_MET,
        )
        yield one(
            "nobody knows whose one is",
            lambda p: p.change(MACHINE, {"equipment_no": number(p)}, is_owned=None),
            WAITS,
            NO_DATA,
        )
        if "sum" in line:
            metric, step = summed(line), least(summed(line))
            moves = [
                ("a little short", -step, REFUSED, NOT_MET),
                ("a little over", step, GRANTED, MET),
            ]
            for text, by, outcome, result in moves:
                yield one(
                    f"the {metric} added up, {text}",
                    lambda p, d=by: mine(p)[0].update(value=mine(p)[0]["value"] + d),
                    outcome,
                    result,
                )
            return
        for atom in ways(line.get("where", ""))[0]:
            for text, value, outcome, result in (
                ("short of", atom.short(), REFUSED, NOT_MET),
                ("over", atom.beyond(), GRANTED, MET),
            ):
                if isinstance(value, Decimal):
                    yield one(
                        f"one {text} its {atom.metric}",
                        lambda p, m=atom.metric, v=value: p.change(
                            MACHINE, {"equipment_no": number(p), "metric": m}, value=v
                        ),
                        outcome,
                        result,
                    )
            if atom.number is not None:
                yield one(
                    f"one without its {atom.metric}",
                    lambda p, m=atom.metric: p.change(
                        MACHINE, {"equipment_no": number(p), "metric": m}, value=None
                    ),
                    WAITS,
                    NO_DATA,
                )

    # -- days a text takes effect ----------------------------------------------------------

    def days_of_notices(self) -> Iterator[Case]:
        """Without the people a notice took away, or brought back: the day before, and the day."""
        changed: dict[date, set[str]] = {}
        for day, part in days_that_matter(self.rank.code, self.rank.level):
            if part in PEOPLE:
                changed.setdefault(day, set()).add(part)
        for day, parts in changed.items():
            for on in (day - timedelta(days=1), day):
                lost = self._unknown(on)
                stated = {p for p in parts if self.rank.asked(on).get(p)}
                results: dict[str, str | tuple[str, ...]] = dict.fromkeys(sorted(stated), NOT_MET)
                known = self.case(
                    f"without {'、'.join(sorted(parts))}",
                    on,
                    nothing,
                    REFUSED if stated else GRANTED,
                    results,
                    people=set(PEOPLE) - parts,
                )
                gone = frozenset(parts - stated - set(lost))
                yield Case(known.name, known.make, known.outcome, known.results, gone)

    def days_of_other_figures(self) -> Iterator[Case]:
        """A class whose figures a notice changed: works of the old and of the new text, on both days."""
        for day, part in days_that_matter(self.rank.code, self.rank.level):
            if not part.startswith("performance.classes."):
                continue
            n = int(part.rpartition(".")[2])
            before = day - timedelta(days=1)
            for text in (before, day):
                for line in (one for one in served_lines(self.rank, text) if one.n == n):
                    for on in (before, day):
                        yield self.case(
                            f"works of {line} as the text of {text} asks them",
                            on,
                            nothing,
                            None,
                            {f"performance.class.{n}": MET if on == text else NOT_MET},
                            served=choice(self.rank, text, line),
                            alone="nobody",
                        )

    def days_of_the_scope(self) -> Iterator[Case]:
        """The lower limit of the scope of 一级 that 154号 took away, by the day of the contract."""
        if self.rank.code not in FLOOR_ON_THE_SCOPE_OF_2014 or self.rank.level != "二级":
            return
        for signed, outcome, result in (
            (date(2015, 10, 8), REFUSED, NOT_MET),
            (date(2015, 10, 9), GRANTED, MET),
        ):
            yield self.case(
                f"small works were contracted on {signed}, when {self.rank.top} was held",
                DAY,
                _signed_on(signed),
                outcome,
                {"performance": result},
            )


def _signed_on(day: date) -> Spoil:
    """Every work of the enterprise was contracted on a day."""

    def spoil(p: Portfolio) -> None:
        for contract in p.of(CONTRACT, usc_code=p.usc_code):
            contract["signed_on"] = day

    return spoil


def _is_partly_known(rank: Rank) -> bool:
    """Whether the works a level asks for are not all surely known."""
    asked = rank.asked(DAY)
    doubtful = [*asked.get("unknown_keys", []), *asked.get("recalled_keys", [])]
    return "performance" not in asked or any(key.startswith("performance") for key in doubtful)


def _misses_all(rules: list[Row], metric: str) -> Decimal:
    """What serves no line at all: less than the least that any of them asks."""
    alike = MONEY if metric in MONEY else {metric}
    lows = [
        value
        for rule in rules
        for atom in comparisons(rule.get("where", ""))
        if atom.metric in alike and atom.op in (">=", ">", "==")
        if isinstance(value := atom.short(), Decimal)
    ]
    sums = [asked_sum(r) - least(metric) for r in rules if "sum" in r and summed(r) in alike]
    return min(lows + sums)


def _other_major(counted: list[str]) -> str:
    return next(one for one in ("船舶机械", "风景园林") if one not in counted)


def _rows_met(rows: list[Row], held: dict[str, Any]) -> list[int]:
    """Rows of the sheet in which a registration counts."""
    fit = (held["registration"], held["specialty"])
    return [n for n, asked in enumerate(rows) if fits_constructor(asked, *fit)]


def _copy(one: Served) -> Served:
    return Served(one.n, one.number, one.rule, one.parts, one.contracting, one.label)


def _is_of_one_kind(one: Row, other: Row) -> bool:
    """Whether two limits bind together: those on different waters or grades are alternatives."""
    labels = {a.metric: a.labels for a in comparisons(one.get("where", "")) if a.op == "=="}
    return all(
        labels.get(a.metric, a.labels) == a.labels
        for a in comparisons(other.get("where", ""))
        if a.op == "=="
    )


def _signed_low(label: str, unit: Any, shape: Any) -> Spoil:
    """One work of another shape, contracted when only the lower level was held."""

    def spoil(p: Portfolio) -> None:
        lowered = add_months(p.filed_on, -9)
        p.change("base_enterprise__qualification", {"status_code": "replaced"}, valid_to=lowered)
        p.change(
            "base_enterprise__qualification",
            {"status_code": "valid"},
            valid_from=lowered + timedelta(days=1),
        )
        contract = {"contract_no": p.contract_no(label)}
        p.change(CONTRACT, contract, signed_on=add_months(p.filed_on, -8))
        p.change(ACCEPTANCE, contract, started_on=add_months(p.filed_on, -7))
        for metric, value in shown(shape).items():
            if metric not in MONEY and shown(unit).get(metric) != value:
                p.show(label, metric, value)
        if shape.amount_wan != unit.amount_wan:
            p.show(label, "单项合同额", shape.amount_wan)

    return spoil


def cases_of(ranks: Collection[Rank]) -> list[Case]:
    """The cases of several levels."""
    return [case for rank in ranks for case in Figures(rank).cases()]
