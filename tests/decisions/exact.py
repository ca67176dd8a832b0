"""One enterprise that meets any level of the 48 categories exactly, from its fact sheet alone.

Belongs here: which people, machines and works a level asks for on a day, put as rows of a
`Portfolio`. Does not: conditions and works (`where`, `unit_plans`), changing single things
(`portfolio`), what the law says of the result (`figures`).

The applicant held the highest level when its contracts were signed and was lowered since, so that
no limit of scope is in play; the scope has cases of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from portfolio import Portfolio, Row, usc_code
from portfolio.rows import NTH
from sheets import Rank, UnitPlan, authority_of, figures, levels, ranks, related_majors, unknown
from unit_plans import (
    KINDS,
    Served,
    asked_sum,
    choice,
    filled,
    served_lines,
    summed,
    units_of_choice,
    with_value,
)
from where import STEP, comparisons, edge_of, ways

from assets.calendar import add_months, add_years

TEXT_OF_2014 = date(2016, 10, 31)
"""The last day on which every level asked for people."""
DAY = date(2017, 3, 1)
PEOPLE = ("constructors", "titled_staff", "site_managers", "skilled_workers")
LEAD_DUTIES = ("项目经理", "技术负责人")
COMMON_TRADE, COMMON_MAJOR, COMMON_SPECIALTY = "模板工", "结构", "机电工程"
WIDER_MACHINES = {
    "沥青混凝土压实设备": "压路机",
    "大型土方振动压实设备": "压路机",
    "绞吸式挖泥船": "挖泥船",
    "耙吸式挖泥船": "挖泥船",
    "自航耙吸式挖泥船": "挖泥船",
}
"""Kinds of machines to the wider kind that a line of the same text may name."""
NO_EVIDENCE = {"other_staff": ("S03", "S15", "S36")}
"""No base table tells posts outside the register, or licences of workers."""
WORKSHOP = "厂房"
WORKS_OF_NO_LINE = {"S10": "模板脚手架工程", "S36": "特种专业工程"}
"""Works of the categories whose text names none."""


def at_once(rank: Rank, on: date, nth: int | None = None) -> Portfolio:
    """Meets 二级 as applied for at once, with nothing to spare (B1.6).

    Assets and technical leader by 二级, everything else by 三级.
    """
    made = Exact(rank.lower, on, nth).build()
    made.level, made.authority = rank.level, authority_of(rank.code, rank.level)
    asked = rank.asked(on)
    made.capital(asked.get("net_assets_wan", 1))
    lead = asked.get("technical_lead")
    if lead is None or "lead" not in made.people:  # the text is missing
        return made
    leader = {"person_key": made.people["lead"]}
    made.change("base_personnel__title", leader, title_level=lead["any_of"][0]["title"])
    return made.practised_since(add_years(on, -lead["years"]))


class Exact:
    """Makes portfolios of one level, as the text of one day asks.

    Args:
        rank: the level applied for.
        on: day of filing and of the decision.
        nth: number of the enterprise; that of the test if None.
        people: groups of staff to hire; all that are asked for if None.
        served: line of the performance to serve; the first classes if None.
        item: number (from 0) and alternative of the machine to own among the needed ones.
    """

    def __init__(
        self,
        rank: Rank,
        on: date,
        nth: int | None = None,
        *,
        people: Collection[str] | None = None,
        served: Served | Iterable[Served] | None = None,
        item: tuple[int, int] = (0, 0),
    ) -> None:
        self.rank, self.on, self.item = rank, on, item
        self.asked = rank.asked(on)
        self.people = PEOPLE if people is None else people
        self.chosen: list[Served] | None = None
        if served is not None and not isinstance(served, Served):
            self.chosen = list(served)
        self.served = served if isinstance(served, Served) else None
        self.units: dict[Served, list[str]] = {}
        self.made = Portfolio(
            rank.code,
            rank.level,
            "first" if rank.is_lowest else "upgrade",
            on,
            on,
            authority_of(rank.code, rank.level),
            NTH.get() if nth is None else nth,
            rank.subcategory,
        )

    def build(self) -> Portfolio:
        """The enterprise."""
        p = self.made
        self._hold()
        wan = self.asked.get("net_assets_wan")
        p.register_enterprise(Decimal(wan if wan is not None else 1))
        if not self.rank.is_lowest and wan is not None:
            p.state_net_assets(wan)
        self._lead()
        if "titled_staff" in self.people:
            self._titled_staff()
        if "constructors" in self.people:
            self._constructors()
        if "site_managers" in self.people:
            self._site_managers()
        if "skilled_workers" in self.people:
            self._workers()
        self._other_staff()
        self._lead_works()
        self._performance()
        self._other_assets()
        self._machines()
        p.cover_everything()
        return p

    # -- what was held ---------------------------------------------------------------

    def _hold(self) -> None:
        if self.rank.is_lowest:
            return
        lowered = add_months(self.on, -1)
        top, lower = self.rank.top, self.rank.lower
        self.made.hold(
            lower.code,
            lower.level,
            since=lowered + timedelta(days=1),
            subcategory=lower.subcategory,
        )
        self.made.hold(
            top.code,
            top.level,
            since=date(2000, 1, 1),
            until=lowered,
            subcategory=top.subcategory,
        )

    # -- people ----------------------------------------------------------------------

    def _titled_rows(self) -> list[Row]:
        return self.asked.get("titled_staff") or []

    def _lead(self) -> None:
        """The leader, by a title; one of the titled staff too, if his major counts there."""
        lead = self.asked.get("technical_lead")
        if lead is None:
            return
        way = lead["any_of"][0]
        counted = [major for row in self._titled_rows() for major in self._order(row)]
        majors = related_majors(self.rank.code, way["majors"])
        if majors == ["工程序列"]:
            major = (counted or [COMMON_MAJOR])[0]
        else:
            major = next((one for one in majors if one in counted), majors[0])
        p = self.made
        p.hire("lead", "titled.1")
        p.entitle("lead", way["title"], major)
        p.appoint("lead", add_years(self.on, -lead["years"]), lead["field"])

    def _order(self, row: Row) -> list[str]:
        """Majors of a row's people, the slots of 专业齐全 first."""
        slots = [slot.split("|")[0] for slot in slots_of(row)]
        counted = [m for m in related_majors(self.rank.code, row["majors"]) if m != "工程序列"]
        return slots or counted or [COMMON_MAJOR]

    def _titled_staff(self) -> None:
        p = self.made
        lead_majors = [t["major"] for t in p.of("base_personnel__title")]
        for row in self._titled_rows():
            order = self._order(row)
            has_lead = bool(lead_majors) and (
                lead_majors[0] in related_majors(self.rank.code, row["majors"])
                or "工程序列" in row["majors"]
            )
            filled_slots = [
                s.split("|")[0] for s in slots_of(row) if set(s.split("|")) & set(lead_majors)
            ]
            rest = [one for one in order if one not in filled_slots] if has_lead else order
            wanted = rest + order * row["min"]
            for major in wanted[: row["min"] - has_lead]:
                p.add_titled(row["title"], major)
            lead_majors = [] if has_lead else lead_majors

    def _constructors(self) -> None:
        """The fewest people: narrow rows first, their holders count in the wide rows too."""
        chosen: list[tuple[str, str]] = []
        rows = self.asked.get("constructors") or []
        for row in sorted(rows, key=lambda r: (len(r["specialties"]), r["grade"] != "一级")):
            fits = sum(fits_constructor(row, f"{grade}注册建造师", s) for s, grade in chosen)
            grade = "一级" if row["grade"] == "一级" else "二级"
            last = row["specialties"][-1]
            specialty = COMMON_SPECIALTY if last == "不限专业" else last
            chosen += [(specialty, grade)] * (row["min"] - fits)
        p = self.made
        for number, (specialty, grade) in enumerate(chosen, start=1):
            label, titled = f"constructor.{number}", f"titled.{number + 1}"
            if titled in p.people:
                p.people[label] = p.people[titled]
            else:
                p.hire(label)
            p.register(label, f"{grade}注册建造师", specialty)

    def _site_managers(self) -> None:
        asked = self.asked.get("site_managers") or {"min": 0}
        roles = asked.get("roles") or ["施工员"]
        for number in range(asked["min"]):
            self.made.add_site_manager(roles[number] if number < len(roles) else roles[0])

    def _workers(self) -> None:
        asked = self.asked.get("skilled_workers") or {"min": 0, "grade": "any"}
        grade = skill_grade(asked["grade"])
        trades = [
            *asked.get("trades", []),
            *(r["what"] for r in self._workers_of_trade() for _ in range(r["min"] - 1)),
        ]
        # Where each trade has a number of its own, one more of it would be one to spare.
        common = (
            COMMON_TRADE
            if self._workers_of_trade()
            else [*asked.get("trades", []), COMMON_TRADE][0]
        )
        for number in range(asked["min"]):
            self.made.add_worker(trades[number] if number < len(trades) else common, grade)

    def _workers_of_trade(self) -> list[Row]:
        rows: list[Row] = self.asked.get("other_staff") or []
        return [row for row in rows if "计入" in row["detail"]]

    def _other_staff(self) -> None:
        p = self.made
        for row in self.asked.get("other_staff") or []:
            if "合计" in row["what"]:
                # The leader is one of them, in 结构; 材料 or 化工 must be there too.
                p.add_titled("中级", "材料")
                for _ in range(row["min"] - 2):
                    p.add_constructor("二级注册建造师", COMMON_SPECIALTY)

    # -- works -----------------------------------------------------------------------

    def _lead_works(self) -> None:
        asked = self.asked.get("lead_performance")
        plan = lead_plan(self.rank, self.on) if asked else None
        if asked is None or plan is None or "lead" not in self.made.people:
            return
        year = self.on.year
        for number in range(asked["min"]):
            self.made.build(
                plan,
                f"lead_work.{number + 1}",
                contractor=usc_code(500_000_000 + self.made.nth),
                duty=LEAD_DUTIES[number % 2],
                leader="lead",
                signed_on=date(year - 7 + number * 2, 3, 1),
                started_on=date(year - 7 + number * 2, 4, 1),
                accepted_on=date(year - 6 + number * 2, 6, 1),
            )

    def _performance(self) -> None:
        if "performance" not in self.asked:
            return
        chosen = self.chosen
        if chosen is None:
            chosen = choice(self.rank, self.on, self.served)
        for served, units in units_of_choice(chosen, self.rank, self.on):
            self.units[served] = [self.add_work(unit, served.contracting) for unit in units]

    def add_work(self, unit: UnitPlan, contracting: tuple[str, ...]) -> str:
        """A finished work of the enterprise, with a manager of its own; its label."""
        p = self.made
        leader = p.new_label("project_manager")
        p.name_person(leader)
        rows = figures(self.rank.code, self.rank.level, TEXT_OF_2014, self.rank.subcategory)
        specialty = (rows.get("constructors") or [{"specialties": [COMMON_SPECIALTY]}])[0]
        first = specialty["specialties"][0]
        # No person row and no insurance: he leads works, he is not counted as staff.
        p.register(leader, "一级注册建造师", COMMON_SPECIALTY if first == "不限专业" else first)
        signed = add_months(self.on, -12)
        return p.build(
            unit,
            f"project.{leader.partition('.')[2]}",
            contractor=p.usc_code,
            duty="项目经理",
            leader=leader,
            signed_on=signed,
            started_on=add_months(signed, 1),
            accepted_on=add_months(self.on, -2),
            contracting=list(contracting),
        )

    # -- machines --------------------------------------------------------------------

    def _other_assets(self) -> None:
        for row in self.asked.get("assets_other") or []:
            self.made.own_machine(WORKSHOP, row["what"], Decimal(row["value"]))

    def _machines(self) -> None:
        lines = machines_of(self.asked.get("equipment"), self.item)
        for line in sorted(lines, key=lambda one: one["what"] in WIDER_MACHINES.values()):
            self.own(line)

    def own(self, line: Row) -> None:
        """The machines of one line, exactly; narrower ones owned already count in a wider line."""
        if "sum" in line:
            metric, total = summed(line), asked_sum(line)
            for part in (total / 2, total - total / 2):
                self.made.own_machine(line["what"], metric, part)
            return
        measures = edge_of(ways(line.get("where", ""))[0])
        metric, value = next(iter(measures.items()), ("", None))
        narrower = [kind for kind, wide in WIDER_MACHINES.items() if wide == line["what"]]
        owned = {
            m["equipment_no"]
            for m in self.made.of("base_enterprise__equipment")
            if m["equipment_kind"] in narrower
        }
        others = dict.fromkeys(self._other_metrics(line["what"]) - {metric}, STEP)
        for _ in range(line["count"] - (0 if metric else len(owned))):
            assert value is None or isinstance(value, Decimal), line
            self.made.own_machine(line["what"], metric, value, **others)

    def _other_metrics(self, kind: str) -> set[str]:
        """What other lines of the level look at in machines that are, or may be, of a kind."""
        narrower = (one for one, wide in WIDER_MACHINES.items() if wide == kind)
        kinds = (kind, WIDER_MACHINES.get(kind, ""), *narrower)
        return {
            atom.metric
            for item in self.asked["equipment"]["items"]
            for line in item.get("any_of", [item])
            if line["what"] in kinds
            for atom in comparisons(line.get("where", ""))
        }


def slots_of(row: Row) -> list[str]:
    """The majors of 专业齐全, each of which must be there; `A|B` = either."""
    detail: list[str] = row.get("majors_detail") or []
    return detail if row.get("all_majors_present") else []


def fits_constructor(row: Row, registration: str, specialty: str) -> bool:
    """Whether a constructor counts in a row of the sheet."""
    return row["grade"] in ("any", registration[:2]) and (
        specialty in row["specialties"] or row["specialties"] == ["不限专业"]
    )


def skill_grade(asked: str) -> str:
    """The lowest grade that counts."""
    return {"any": "初级工", "核级焊工资格": "初级工"}.get(asked, asked)


def machines_of(equipment: Row | None, chosen: tuple[int, int] = (0, 0)) -> Iterator[Row]:
    """Just enough lines of the text, the chosen item among them by the chosen alternative."""
    if equipment is None:
        return
    items = equipment["items"]
    need = len(items) if equipment["need"] == "all" else equipment["need"]
    order = [chosen[0], *(n for n in range(len(items)) if n != chosen[0])]
    for n in order[:need]:
        lines = items[n].get("any_of", [items[n]])
        yield lines[chosen[1] if n == chosen[0] else 0]


def alone(line: Served, rank: Rank, on: date) -> UnitPlan:
    """One unit that reaches a line by itself, a sum too (E11)."""
    rule, way = line.parts[0]
    unit = UnitPlan(KINDS.get(rule["project"], rule["project"]), (), Decimal(1))
    for metric, value in edge_of(way).items():
        unit = with_value(unit, metric, value)
    for part, _ in line.parts:
        if "sum" in part and part["project"] == rule["project"]:
            unit = with_value(unit, summed(part), asked_sum(part))
    return filled(unit, rank, on)


def lead_line(rank: Rank, on: date) -> tuple[Rank, Served] | None:
    """The level and line whose works the leader led; None where no text says what works."""
    asked = rank.asked(on)["lead_performance"]["level"]
    if asked not in ("一级", "二级"):
        return None
    of = Rank(rank.code, asked, rank.subcategory)
    known = [
        line
        for line in served_lines(of, on)
        if len({rule["project"] for rule, _ in line.parts}) == 1
        and not any("工程规模" in rule.get("where", "") for rule, _ in line.parts)
    ]
    return (of, known[0]) if known else None


def higher_ranks(rank: Rank, level: str) -> list[Rank]:
    """The levels over one that a text cites: works by their figures do as well (reading 9)."""
    names = levels(rank.code)
    if level not in names:
        return []
    return [
        one
        for one in ranks(rank.code)
        if one.subcategory == rank.subcategory and names.index(one.level) < names.index(level)
    ]


def lead_plan(rank: Rank, on: date) -> UnitPlan | None:
    """One work of the leader that is just enough."""
    level = rank.asked(on)["lead_performance"]["level"]
    found = lead_line(rank, on)
    if level in ("本类别", "相应专业"):
        # Any work of the category will do, however small.
        lines = [line for one in ranks(rank.code) for line in served_lines(one, on)]
        name = lines[0].parts[0][0]["project"] if lines else WORKS_OF_NO_LINE[rank.code]
        return UnitPlan(name, (), Decimal(1))
    if not found:
        return None
    plan = alone(found[1], found[0], on)
    for higher in higher_ranks(rank, level):
        plan = filled(plan, higher, on)
    return plan


def open_parts(rank: Rank, on: date) -> set[str]:
    """Parts that nobody can show to be met on a day: text nobody found, or no evidence base.

    A class nobody found does no harm where the known ones are enough.
    """
    lost = dict(unknown(rank.code, rank.level, on, rank.subcategory))
    performance = rank.asked(on).get("performance")
    only_classes = all(one.startswith("classes.") for one in lost.get("performance", [""]))
    if performance and only_classes and len(choice(rank, on)) == performance["need"]:
        lost.pop("performance", None)
    found = set(lost)
    lead = rank.asked(on).get("lead_performance", {}).get("level")
    if lead == "相应专业" or (lead in ("一级", "二级") and lead_line(rank, on) is None):
        found.add("lead_performance")
    return found | unevidenced(rank, on)


def unevidenced(rank: Rank, on: date) -> set[str]:
    """Parts whose text is known, but of which no base table tells everything."""
    return {
        part
        for part, codes in NO_EVIDENCE.items()
        if rank.code in codes and rank.asked(on).get(part)
    }
