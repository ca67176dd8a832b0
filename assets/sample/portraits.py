"""Who each enterprise is: its place, money, qualifications, crews and planned case.

What belongs here: everything decided once per enterprise, as plain objects. What does not:
the rows (`people`, `works`, `enterprises` make them from portraits, vectorised). An
enterprise is drawn from its own generator, so it does not depend on how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from assets import calendar
from assets.sample import geography, identifiers, names, needs, scenarios
from assets.sample.draws import Draws
from assets.sample.needs import Need
from assets.sample.scenarios import Item, Scenario

DONOR_EVERY = 20
"""Each twentieth enterprise is a large one that holds the highest levels; technical leaders
of new enterprises did their earlier works there."""
_UNASSESSED = 1.9
"""Crews of applicants whose people are not assessed, in times the figures."""
_BYSTANDER_RATIO = (1.1, 2.2)
"""Crews of the others; with these an enterprise has some 85 people on average (scale)."""


@dataclass(slots=True, kw_only=True)
class Crew:
    """People who are alike.

    Attributes:
        registration: (grade, specialty) of a constructor.
        title: (level, major).
        post: role of a site manager; trade: (trade, grade) of a worker.
        payer: own, branch, subsidiary or other.
        months: insured months with the payer; 0 = all of them.
        born_on: a planned birthday.
        mark: what is planned with them: twice, spoilt, uninsured.
    """

    heads: int
    registration: tuple[str, str] | None = None
    title: tuple[str, str] | None = None
    post: str = ""
    trade: tuple[str, str] | None = None
    payer: str = "own"
    months: int = 0
    born_on: date | None = None
    mark: str = ""


@dataclass(slots=True, kw_only=True)
class Held:
    """A qualification held over an interval; `valid_to` None while it is held."""

    category: str
    level: str
    valid_from: date
    valid_to: date | None = None
    status: str = "valid"


@dataclass(slots=True, kw_only=True)
class Portrait:
    """One enterprise, before it becomes rows. Money in 万元."""

    index: int
    usc_code: str
    name: str
    city: geography.City
    region_code: str
    address: str
    established_on: date
    capital_wan: int
    net_assets_wan: int
    state: str = "active"
    branches: int = 0
    has_subsidiary: bool = False
    held: list[Held] = field(default_factory=list)
    expires_on: date
    crews: list[Crew] = field(default_factory=list)
    practice_from: date
    contracts: int = 0
    is_small: bool = False
    """Background works stay far below any figure of performance."""
    registered_since: date | None = None
    scenario: Scenario | None = None
    filed_on: date | None = None

    @property
    def main(self) -> Item | None:
        """The category and level its works are of: the first held."""
        live = [h for h in self.held if h.valid_to is None or h.status == "withdrawn"]
        return (live[0].category, live[0].level) if live else None

    @property
    def is_protected(self) -> bool:
        """A planned case rests on its rows: no unplanned fault may touch them."""
        return self.scenario is not None


def portrait(index: int, draws: Draws, as_of: date) -> Portrait:
    """The portrait of an enterprise."""
    rng = draws.enterprise(index)
    city = geography.city_of(index)
    scenario = scenarios.scenario_of(
        index, in_incomplete_city=city.code == geography.INCOMPLETE_CITY
    )
    if scenario is not None:
        return _applicant(index, city, scenario, rng, as_of)
    return _bystander(index, city, rng, as_of)


def usc_of(index: int, entity: int = 0) -> str:
    """The credit code of an enterprise or of an entity of its."""
    return identifiers.usc_code(geography.city_of(index).code, index, entity)


def donor_of(index: int) -> int:
    """The large enterprise at or below `index`."""
    return index // DONOR_EVERY * DONOR_EVERY


def filing_day(scenario: Scenario, index: int, as_of: date) -> date:
    """The day of filing: the last day, or one of the four working days before it."""
    rank = scenarios.applicant_rank(index) or 0
    back = 0 if scenario.latest_month or rank % 5 < 2 else rank % 5 - 1
    day = as_of
    while back or day.weekday() > 4:
        day -= timedelta(days=1)
        if day.weekday() <= 4 and back:
            back -= 1
    return day


# -- enterprises that apply -----------------------------------------------------------


def _applicant(
    index: int, city: geography.City, scenario: Scenario, rng: np.random.Generator, as_of: date
) -> Portrait:
    filed_on = filing_day(scenario, index, as_of)
    want = needs.need(*scenario.item)
    figure = max(
        [want.net_assets_wan, *(needs.need(*item).net_assets_wan for item in scenario.holds)]
    )
    above = 1.0 if scenario.exact else float(rng.uniform(1.15, 1.6))
    net = round(figure * above) + scenario.net_wan
    capital = net if scenario.kind in ("first", "reverification") else max(200, net // 2)
    has_history = bool(scenario.holds)
    made = _base(
        index,
        city,
        scenario.holds[0][0] if scenario.holds else scenario.item[0],
        rng,
        established_on=date(
            as_of.year - (13 if has_history else 5),
            int(rng.integers(1, 13)),
            int(rng.integers(1, 28)),
        ),
        expires_on=filed_on + timedelta(days=scenario.expires_days),
    )
    made.scenario, made.filed_on = scenario, filed_on
    made.state = scenario.state
    made.capital_wan = capital
    made.net_assets_wan = net if scenario.kind != "first" else round(net * 0.75)
    made.branches = int(scenario.payer == "branch")
    made.has_subsidiary = scenario.payer == "subsidiary"
    made.is_small = True
    if scenario.outside:
        made.region_code, place = geography.OUTSIDE
        made.address = f"{place}张江路{index % 900 + 1}号"
    for category, level in scenario.holds:
        made.held.append(
            Held(category=category, level=level, valid_from=date(as_of.year - 11, 3, 1))
        )
    if scenario.withdrawn:
        for held in made.held:
            held.status, held.valid_to = "withdrawn", filed_on - timedelta(days=30)
    made.contracts = int(rng.integers(12, 36)) if has_history else 0
    made.practice_from = calendar.add_years(filed_on, -want.lead_years) - timedelta(
        days=scenario.lead_days if scenario.exact else scenario.lead_days + 400
    )
    made.registered_since = date(as_of.year - 12, 5, 4) if scenario.works else None
    made.crews = _planned_crews(scenario, want, filed_on, index, above)
    return made


def _planned_crews(
    scenario: Scenario, want: Need, filed_on: date, index: int, above: float
) -> list[Crew]:
    """Crews at the figures of what is applied for; above the lowest level of what is held.

    From 2016-11-01 people are assessed at the lowest level only (226号), so an applicant
    for a higher one keeps the crews of the level it holds.
    """
    lowest = needs.levels(scenario.item[0])[0]
    staffed = want if scenario.item[1] == lowest else needs.need(scenario.item[0], lowest)
    if (
        scenario.outcome == "not_accepted"
        or scenario.kind in ("change", "replacement")
        or staffed is not want
    ):
        above = _UNASSESSED * above
    crews = crews_of(staffed, above, lead=want, short=scenario.short)
    if scenario.key == "renewal_g01_no_people":
        return [crew for crew in crews if crew.registration is not None]
    plain = next(c for c in crews if c.registration and not c.title)
    if (
        scenario.payer != "own"
        or scenario.months
        or scenario.twice
        or scenario.spoilt == "constructor"
    ):
        mark = "twice" if scenario.twice else "spoilt" if scenario.spoilt == "constructor" else ""
        plain.heads -= 1
        crews.append(
            replace(plain, heads=1, payer=scenario.payer, months=scenario.months, mark=mark)
        )
    worker = next(c for c in reversed(crews) if c.trade)
    if scenario.elder_years:
        worker.heads -= 1
        crews.append(replace(worker, heads=1, born_on=_birthday(scenario.elder_years, filed_on)))
    if scenario.uninsured:
        others = [c for c in crews if c.trade and c.heads >= scenario.uninsured]
        others[0].heads -= scenario.uninsured
        crews.append(replace(others[0], heads=scenario.uninsured, mark="uninsured"))
    return [crew for crew in crews if crew.heads]


def _birthday(years: int, filed_on: date) -> date:
    """`years` full on the day of filing: 60 to the last day, 61 from the first."""
    return (
        calendar.add_years(filed_on, -years)
        if years > 60
        else calendar.add_years(filed_on, -years - 1) + timedelta(days=1)
    )


# -- crews ----------------------------------------------------------------------------


def crews_of(want: Need, ratio: float, *, lead: Need, short: str = "") -> list[Crew]:
    """Crews that stand at `ratio` times the figures; the technical leader comes first.

    The leader is one of the titled (and, if registered, of the constructors); two
    constructors hold titles as well, which the law counts twice (E5).
    """

    def heads(figure: int, group: str) -> int:
        return int(np.ceil(figure * ratio)) - (short == group)

    leader = Crew(
        heads=1, title=(lead.lead_title, lead.majors[0]), registration=lead.lead_registration
    )
    kinds = [(grade, specialty) for specialty, grade, _ in want.constructors]
    counts = [count for _, _, count in want.constructors]
    counts[0] = heads(counts[0], "constructors")
    _count_leader(leader, kinds, counts)
    titled = heads(want.titled, "titled_staff") - 1
    majors = [want.majors[(place + 1) % len(want.majors)] for place in range(titled)]
    shared = min(2, titled, counts[0] - 1)
    counts[0] -= shared
    managers = _in_turn(want.roles, heads(want.managers, "site_managers"))
    workers = _in_turn(want.trades, heads(want.workers, "skilled_workers"))
    return [
        leader,
        *(Crew(heads=1, registration=kinds[0], title=("中级", major)) for major in majors[:shared]),
        *(Crew(heads=n, registration=kind) for kind, n in zip(kinds, counts, strict=True) if n),
        *(Crew(heads=n, title=("中级", major)) for major, n in _tally(majors[shared:])),
        *(Crew(heads=n, post=role) for role, n in _tally(managers)),
        *(Crew(heads=n, trade=(trade, want.worker_grade)) for trade, n in _tally(workers)),
    ]


def _count_leader(leader: Crew, kinds: list[tuple[str, str]], counts: list[int]) -> None:
    """Count a registered leader among the constructors of his specialty who are asked for."""
    if leader.registration is None:
        return
    grade, specialty = leader.registration
    for place, kind in enumerate(kinds):
        if kind[1] == specialty and counts[place] > 1 and grade in (kind[0], "一级"):
            counts[place] -= 1
            return


def _in_turn(values: tuple[str, ...], count: int) -> list[str]:
    return [values[place % len(values)] for place in range(count)]


def _tally(values: list[str]) -> list[tuple[str, int]]:
    return [(value, values.count(value)) for value in dict.fromkeys(values)]


# -- enterprises that do not apply ----------------------------------------------------


def _bystander(index: int, city: geography.City, rng: np.random.Generator, as_of: date) -> Portrait:
    items = _held_items(index, rng)
    main = items[0]
    want = needs.need(*main)
    since = date(
        as_of.year - int(rng.integers(4, 12)), int(rng.integers(1, 13)), int(rng.integers(1, 28))
    )
    is_donor = donor_of(index) == index
    if is_donor:
        since = date(as_of.year - 20, 6, 1)
    made = _base(
        index,
        city,
        main[0],
        rng,
        established_on=since - timedelta(days=int(rng.integers(200, 2000))),
        expires_on=as_of + timedelta(days=int(rng.integers(60, 1700))),
    )
    figures = want.titled + want.managers + want.workers + sum(row[2] for row in want.constructors)
    ratio = min(float(rng.uniform(*_BYSTANDER_RATIO)), (identifiers.PEOPLE_LIMIT - 30) / figures)
    made.net_assets_wan = round(want.net_assets_wan * float(rng.lognormal(0.3, 0.4)))
    made.capital_wan = max(100, round(made.net_assets_wan * float(rng.uniform(0.4, 1.0))))
    made.branches = int(rng.choice([0, 0, 0, 0, 1, 2]))
    made.has_subsidiary = bool(rng.random() < 0.05)
    made.state = str(
        rng.choice(
            ["active", "suspended", "revoked", "cancelled", "moved_out"],
            p=[0.965, 0.01, 0.01, 0.01, 0.005],
        )
    )
    for category, level in items:
        made.held += _history(category, level, since, as_of, rng, is_donor=is_donor)
    made.held.sort(key=lambda h: (h.valid_to is not None, (h.category, h.level) != main))
    made.practice_from = calendar.add_years(as_of, -want.lead_years) - timedelta(
        days=int(rng.integers(-200, 3000))
    )
    made.crews = crews_of(want, ratio, lead=want)
    size = {"特级": 120, "一级": 80, "二级": 62, "三级": 46, "不分等级": 20}[main[1]]
    years = min(10, as_of.year - since.year)
    made.contracts = min(100, int(rng.gamma(4.0, size / 4.0) * years / 10) + 1)
    return made


def _held_items(index: int, rng: np.random.Generator) -> list[Item]:
    """Main item and further ones, by the mix of the province."""
    if donor_of(index) == index:
        return [("S11", "一级"), ("S04", "一级"), ("G01", "一级")]
    if rng.random() < 0.75:
        main = str(
            rng.choice(
                needs.GENERAL, p=np.array(needs.GENERAL_WEIGHTS) / sum(needs.GENERAL_WEIGHTS)
            )
        )
        level = str(rng.choice(["特级", "一级", "二级", "三级"], p=[0.01, 0.09, 0.17, 0.73]))
        if level == "特级" and main in ("G11", "G12"):
            level = "一级"
        more = int(rng.poisson(1.2))
    else:
        main = str(
            rng.choice(
                needs.SPECIALTIES,
                p=np.array(needs.SPECIALTY_WEIGHTS) / sum(needs.SPECIALTY_WEIGHTS),
            )
        )
        level = _specialty_level(main, rng)
        more = int(rng.poisson(0.6))
    items = {main: level}
    for code in rng.choice(needs.SPECIALTIES + needs.GENERAL, size=more, replace=False):
        items.setdefault(str(code), needs.levels(str(code))[0])
    return list(items.items())


def _specialty_level(category: str, rng: np.random.Generator) -> str:
    drawn = str(rng.choice(["一级", "二级", "三级"], p=[0.22, 0.58, 0.20]))
    return drawn if drawn in needs.levels(category) else needs.levels(category)[0]


def _history(
    category: str, level: str, since: date, as_of: date, rng: np.random.Generator, *, is_donor: bool
) -> list[Held]:
    """The level held and, before it, the levels it was reached by."""
    ladder = needs.levels(category)
    steps = [*ladder[: ladder.index(level)], level] if level in ladder else [*ladder, level]
    if is_donor:
        steps = [level]
    span = (as_of - since).days // (len(steps) + 1)
    held, begins = [], since
    for place, step in enumerate(steps):
        is_last = place == len(steps) - 1
        ends = begins + timedelta(days=max(1, span - int(rng.integers(0, 60))))
        held.append(
            Held(
                category=category,
                level=step,
                valid_from=begins,
                valid_to=None if is_last else ends,
                status="valid" if is_last else "replaced",
            )
        )
        begins = ends + timedelta(days=1)
    return held


def _base(
    index: int,
    city: geography.City,
    category: str,
    rng: np.random.Generator,
    *,
    established_on: date,
    expires_on: date,
) -> Portrait:
    counties = list(city.counties)
    county = counties[(index // 100) % len(counties)]
    return Portrait(
        index=index,
        usc_code=usc_of(index),
        name=names.enterprise_name(index, city.name, category),
        city=city,
        region_code=county,
        address=names.address(city.counties[county], city.name, rng),
        established_on=established_on,
        capital_wan=0,
        net_assets_wan=0,
        expires_on=expires_on,
        practice_from=established_on,
    )
