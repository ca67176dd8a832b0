# ruff: noqa: E501  one line, one fact: read as tables
# fmt: off
"""The planned applications: what each applicant lacks or has, and how its case should end.

What belongs here: the plan as data. What does not: how an enterprise is made to fit it
(`portraits`, `works`). Clauses are those of the regulations and worked cases the case
comes from. `outcome` and `because` are the truth that tests compare decisions with; the
generator itself decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from assets.sample.draws import Ints

Item = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One planned case.

    Attributes:
        key: name of the plan, stands in the truth.
        kind, item: what is applied for; `item` is (category, level).
        holds: (category, level) held on the day of filing.
        outcome: expected outcome of the case.
        because: failed criteria (refused), reason (not_accepted) or criteria without data.
        exact: people and money stand exactly at the figures; otherwise above them.
        short: group of people that is one head short.
        net_wan: money above (+) or below (-) the figure, in 万元.
        lead_days: days of practice beyond the figure (negative: short of it).
        lead_projects: completed works the technical leader led.
        elder_years: age of one counted worker on the day of filing.
        payer: who insures one constructor: own, branch, subsidiary.
        months: insured months of one constructor with the applicant; 0 = all.
        twice: one constructor is also registered with another enterprise.
        spoilt: row a planned fault sends to quarantine (`constructor`, `acceptance`).
        uninsured: rows of the latest insurance month not delivered: heads of `skilled_workers`.
        works: name of the set of planned works (`assets.sample.works`).
        finding_days: days from the effective finding of an act to the filing.
        barred, rectified, no_statement: as they say.
        state: state of the business registration.
        outside: registered in another province.
        expires_days: days from filing to the expiry of the certificate (negative: expired).
        event: registry event behind a change or a re-verification.
        handling: `simplified` or `full` handling of a re-verification.
        withdrawn: the certificate was withdrawn.
        latest_month: filed on the last day, so that the latest insurance month counts.
    """

    key: str
    kind: str
    item: Item
    holds: tuple[Item, ...] = ()
    outcome: str = "granted"
    because: tuple[str, ...] = ()
    exact: bool = True
    short: str = ""
    net_wan: int = 0
    lead_days: int = 0
    lead_projects: int = 2
    elder_years: int = 0
    payer: str = "own"
    months: int = 0
    twice: bool = False
    spoilt: str = ""
    uninsured: int = 0
    works: str = ""
    finding_days: int | None = None
    barred: bool = False
    rectified: bool = False
    no_statement: bool = False
    state: str = "active"
    outside: bool = False
    expires_days: int = 900
    event: str = ""
    handling: str = ""
    withdrawn: bool = False
    latest_month: bool = False
    clause: str = field(default="", compare=False)


def _plan() -> tuple[Scenario, ...]:
    s11, s04, g01, g10 = ("S11", "二级"), ("S04", "二级"), ("G01", "二级"), ("G10", "二级")
    s11_top, s04_top = ("S11", "一级"), ("S04", "一级")
    g01_third, g10_third = ("G01", "三级"), ("G10", "三级")
    first = Scenario(key="first_exact", kind="first", item=s11, clause="W1")
    first_s04 = replace(first, key="first_s04_exact", item=s04)
    addition = Scenario(key="addition_exact", kind="addition", item=s11, holds=(g01_third,), clause="B1.4, E25")
    building = Scenario(key="upgrade_g01_assignment", kind="upgrade", item=g01, holds=(g01_third,), works="g01_two_classes", clause="W16")
    municipal = Scenario(key="upgrade_g10_exact", kind="upgrade", item=g10, holds=(g10_third,), works="g10_exact", clause="E17, E18")
    decoration = Scenario(key="upgrade_s11_exact", kind="upgrade", item=s11_top, holds=(s11,), works="s11_exact", clause="W12")
    electronic = Scenario(key="upgrade_s04_exact", kind="upgrade", item=s04_top, holds=(s04,), works="s04_exact")
    renewal = Scenario(key="renewal_s11", kind="renewal", item=s11, holds=(s11,), expires_days=106, works="own_lead_works", clause="W23")
    high_renewal = Scenario(key="renewal_g01", kind="renewal", item=g01, holds=(g01,), expires_days=110, clause="W24, F2")
    change = Scenario(key="change_name", kind="change", item=s11, holds=(s11,), event="rename", exact=False, clause="W26")
    replacement = Scenario(key="replacement", kind="replacement", item=s11, holds=(s11,), exact=False, clause="W27")
    again = Scenario(key="reverification_simplified", kind="reverification", item=s11, holds=(s11,), event="merger_absorption", handling="simplified", works="own_lead_works", clause="B6.2")
    refused: dict[str, Any] = {"outcome": "refused"}
    barred: dict[str, Any] = {"outcome": "not_accepted"}
    waiting: dict[str, Any] = {"outcome": "awaiting_data"}
    return (
        # one of each kind first, so that a small sample shows them all
        first,
        change,
        building,
        renewal,
        addition,
        replacement,
        again,
        replace(first, key="first_worker_short", short="skilled_workers", because=("skilled_workers",), **refused),
        replace(first, key="first_g01_wrong_level", item=g01, because=("first_level",), clause="W19", **barred),
        replace(addition, key="addition_no_statement", no_statement=True, because=("net_assets",), clause="W28", **waiting),
        replace(change, key="change_address", event="address"),
        decoration,
        replace(building, key="upgrade_g01_one_project", works="g01_one_unit", because=("performance",), clause="W15", **refused),
        replace(high_renewal, key="renewal_g01_no_people", exact=True),
        replace(first, key="first_spoilt_constructor", spoilt="constructor", because=("constructors",), clause="W29", **waiting),
        replace(change, key="change_merger", event="merger_absorption", because=("change_ground",), clause="W26", **barred),
        first_s04,
        municipal,
        electronic,
        replace(building, key="upgrade_g01_rectified", rectified=True, because=("rectification",), clause="W30", **barred),
        replace(renewal, key="renewal_expired", expires_days=-1, because=("validity",), clause="W23", **barred),
        # first
        replace(first, key="first_above", exact=False),
        replace(first, key="first_capital_short", net_wan=-1, because=("net_assets",), clause="E24", **refused),
        replace(first, key="first_constructor_short", short="constructors", because=("constructors",), **refused),
        replace(first, key="first_manager_short", short="site_managers", because=("site_managers",), clause="W2", **refused),
        replace(first, key="first_lead_short", lead_days=-1, because=("technical_lead",), clause="E11", **refused),
        replace(first, key="first_lead_one_project", lead_projects=1, because=("lead_performance",), **refused),
        replace(first, key="first_worker_61", elder_years=61, because=("skilled_workers",), clause="W3", **refused),
        replace(first, key="first_worker_60", elder_years=60, clause="W3"),
        replace(first, key="first_subsidiary_pays", payer="subsidiary", because=("constructors",), clause="W4", **refused),
        replace(first, key="first_branch_pays", payer="branch", clause="W4"),
        replace(first, key="first_registered_twice", twice=True, because=("constructors",), clause="W8", **refused),
        replace(first, key="first_recently_insured", months=1, clause="W5, B0.5", latest_month=True),
        replace(first, key="first_finding", finding_days=200, clause="W22"),
        replace(first_s04, key="first_s04_above", exact=False),
        replace(first_s04, key="first_s04_titled_short", short="titled_staff", because=("titled_staff",), **refused),
        replace(first, key="first_g01_third_is_the_citys", item=g01_third, because=("jurisdiction",), clause="A3", **barred),
        replace(first, key="first_g01_first_is_the_ministrys", item=("G01", "一级"), because=("jurisdiction", "first_level"), clause="A1", **barred),
        replace(first, key="first_barred", barred=True, because=("bar",), clause="C5", **barred),
        replace(first, key="first_revoked", state="revoked", because=("registration_state",), clause="C8", **barred),
        replace(first, key="first_outside", outside=True, because=("jurisdiction",), clause="A5", **barred),
        # addition
        replace(addition, key="addition_above", exact=False, holds=(g01,)),
        replace(addition, key="addition_highest_figure", holds=(g01,), clause="W7"),
        replace(addition, key="addition_net_short", holds=(g01,), net_wan=-1, because=("net_assets",), clause="W7", **refused),
        replace(addition, key="addition_two_months", months=2, latest_month=True, because=("constructors",), clause="W5", **refused),
        replace(addition, key="addition_finding", finding_days=300, because=("art23",), clause="C1", **refused),
        replace(addition, key="addition_old_finding", finding_days=367, clause="W21"),
        replace(addition, key="addition_rectified", rectified=True, because=("rectification",), clause="W30", **barred),
        replace(addition, key="addition_s04", item=s04),
        # upgrade
        replace(building, key="upgrade_g01_structures", works="g01_structures"),
        replace(building, key="upgrade_g01_pairs", works="g01_pairs"),
        replace(building, key="upgrade_g01_same_class", works="g01_same_class", because=("performance",), clause="W17", **refused),
        replace(building, key="upgrade_g01_beyond_scope", works="g01_beyond_scope", because=("performance",), clause="W18", **refused),
        replace(building, key="upgrade_g01_window_first_day", works="g01_first_day", clause="E15"),
        replace(building, key="upgrade_g01_window_day_before", works="g01_day_before", because=("performance",), clause="E15", **refused),
        replace(building, key="upgrade_g01_unaccepted", works="g01_unaccepted", because=("performance",), clause="E14", **refused),
        replace(building, key="upgrade_g01_net_short", net_wan=-1, because=("net_assets",), **refused),
        replace(building, key="upgrade_g01_lead_short", lead_days=-1, because=("technical_lead",), **refused),
        replace(building, key="upgrade_g01_spoilt_acceptance", spoilt="acceptance", because=("performance",), **waiting),
        replace(building, key="upgrade_g01_no_statement", no_statement=True, because=("net_assets",), clause="W28", **waiting),
        replace(building, key="upgrade_g01_not_held", holds=(g10_third,), works="", because=("held",), clause="B2.1", **barred),
        replace(building, key="upgrade_g01_to_first", item=("G01", "一级"), holds=(g01,), works="", because=("jurisdiction",), clause="W19", **barred),
        replace(municipal, key="upgrade_g10_one_metre_short", works="g10_one_metre_short", because=("performance",), **refused),
        replace(municipal, key="upgrade_g10_three_classes", works="g10_three_classes", because=("performance",), **refused),
        replace(municipal, key="upgrade_g10_no_roads", works="g10_no_roads", because=("performance",), **refused),
        replace(decoration, key="upgrade_s11_above", works="s11_above", exact=False),
        replace(decoration, key="upgrade_s11_amount_short", works="s11_short", because=("performance",), **refused),
        replace(decoration, key="upgrade_s11_beyond_scope", works="s11_beyond_scope", because=("performance",), clause="W14", **refused),
        replace(decoration, key="upgrade_s11_finding", finding_days=364, because=("art23",), clause="W21", **refused),
        replace(decoration, key="upgrade_s11_old_finding", finding_days=367, clause="W21"),
        replace(electronic, key="upgrade_s04_consortium", works="s04_consortium", because=("performance",), **refused),
        replace(electronic, key="upgrade_s04_net_short", net_wan=-1, because=("net_assets",), **refused),
        # renewal
        replace(renewal, key="renewal_s11_late", expires_days=60, clause="W23, B3.2"),
        replace(renewal, key="renewal_s11_above", exact=False),
        replace(renewal, key="renewal_s11_worker_short", short="skilled_workers", because=("skilled_workers",), **refused),
        replace(renewal, key="renewal_s11_net_short", net_wan=-1, because=("net_assets",), **refused),
        replace(high_renewal, key="renewal_g01_net_short", net_wan=-1, because=("net_assets",), **refused),
        replace(high_renewal, key="renewal_g10", item=g10, holds=(g10,)),
        replace(high_renewal, key="renewal_g10_lead_short", item=g10, holds=(g10,), lead_days=-1, because=("technical_lead",), **refused),
        replace(high_renewal, key="renewal_s04_top", item=s04_top, holds=(s04_top,)),
        replace(high_renewal, key="renewal_s11_top", item=s11_top, holds=(s11_top,)),
        replace(high_renewal, key="renewal_no_statement", no_statement=True, because=("net_assets",), **waiting),
        replace(renewal, key="renewal_not_held", item=s04, because=("held",), clause="C8", **barred),
        # change, replacement: the most frequent kinds
        replace(change, key="change_capital", event="capital"),
        replace(change, key="change_legal_representative", event="legal_representative"),
        replace(change, key="change_g01_name", item=g01, holds=(g01,)),
        replace(change, key="change_g10_address", item=g10, holds=(g10,), event="address"),
        replace(change, key="change_s04_capital", item=s04, holds=(s04,), event="capital"),
        replace(change, key="change_split", event="split", because=("change_ground",), **barred),
        replace(change, key="change_expired", expires_days=-10, because=("validity",), clause="C8", **barred),
        replace(change, key="change_cancelled", state="cancelled", because=("registration_state",), **barred),
        replace(replacement, key="replacement_g01", item=g01, holds=(g01,)),
        replace(replacement, key="replacement_withdrawn", withdrawn=True, because=("validity",), clause="W27", **barred),
        # re-verification
        replace(again, key="reverification_full", event="split", handling="full"),
        replace(again, key="reverification_constructor_short", short="constructors", because=("constructors",), **refused),
        replace(again, key="reverification_no_ground", event="", handling="", because=("reverification_ground",), clause="B6.1", **barred),
    )


PLAN: tuple[Scenario, ...] = _plan()
INCOMPLETE: tuple[Scenario, ...] = (
    Scenario(key="first_insurance_not_delivered", kind="first", item=("S11", "二级"), uninsured=2, outcome="awaiting_data", because=("skilled_workers",), latest_month=True, clause="W9"),
    Scenario(key="first_insurance_not_needed", kind="first", item=("S11", "二级"), exact=False, uninsured=1, latest_month=True, clause="W32"),
    Scenario(key="addition_insurance_not_delivered", kind="addition", item=("S11", "二级"), holds=(("G01", "三级"),), uninsured=1, outcome="awaiting_data", because=("skilled_workers",), latest_month=True, clause="W9"),
    Scenario(key="first_certain_failure", kind="first", item=("S11", "二级"), short="site_managers", uninsured=1, outcome="refused", because=("site_managers",), latest_month=True, clause="W31"),
)
"""For applicants of the city whose latest insurance month is incomplete."""

APPLICANTS_OF_FIVE = 3
"""Three enterprises of five apply: 0.6 cases per enterprise, a year's load."""


CYCLE = len(PLAN) * 5 // APPLICANTS_OF_FIVE
"""Enterprises after which the plans begin again."""


def applicant_rank(index: int) -> int | None:
    """The running number of an enterprise among the applicants, or None if it is none."""
    place = index % 5
    return None if place < 5 - APPLICANTS_OF_FIVE else index // 5 * APPLICANTS_OF_FIVE + place - 2


def bystander_at_or_below(indexes: Ints) -> Ints:
    """The nearest enterprises without a planned case: others' rows may name these freely."""
    return indexes // 5 * 5 + (indexes % 5 >= 2)


def scenario_of(index: int, *, in_incomplete_city: bool) -> Scenario | None:
    """The plan of an enterprise, by its index alone."""
    rank = applicant_rank(index)
    if rank is None:
        return None
    if in_incomplete_city:
        return INCOMPLETE[index // 50 % len(INCOMPLETE)]
    return PLAN[rank % len(PLAN)]
