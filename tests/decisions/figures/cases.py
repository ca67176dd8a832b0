"""All cases of a level: nothing missed, and each figure missed, part by part."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from exact import DAY, PEOPLE, TEXT_OF_2014
from sheets import Rank

from figures.assets import assets_other, net_assets
from figures.constructors import constructors
from figures.days import (
    days_of_notices,
    days_of_other_figures,
    days_of_other_staff,
    days_of_the_scope,
)
from figures.lead_works import lead_performance
from figures.leader import technical_lead
from figures.level import GRANTED, MET, NO_DATA, Case, Figures, nothing
from figures.machines import equipment
from figures.scope import scope
from figures.staff import other_staff, site_managers, skilled_workers, titled_staff
from figures.works import performance


def at_every_figure(figures: Figures) -> Iterator[Case]:
    for on in (DAY, TEXT_OF_2014):
        asked = {
            {"net_assets_wan": "net_assets"}.get(part, part)
            for part in figures.rank.asked(on)
            if part in ("net_assets_wan", "technical_lead", "performance", "equipment", *PEOPLE)
            or part in ("lead_performance", "other_staff", "assets_other")
        }
        asked = {p for p in asked if p == "net_assets" or figures.rank.asked(on)[p]}
        results: dict[str, str | tuple[str, ...]] = dict.fromkeys(sorted(asked), MET)
        results |= dict.fromkeys(sorted(figures.open_on(on)), NO_DATA)
        yield figures.case("every figure is reached exactly", on, nothing, GRANTED, results)


PARTS = (
    at_every_figure,
    net_assets,
    assets_other,
    constructors,
    technical_lead,
    titled_staff,
    site_managers,
    skilled_workers,
    other_staff,
    lead_performance,
    performance,
    scope,
    equipment,
    days_of_notices,
    days_of_other_figures,
    days_of_other_staff,
    days_of_the_scope,
)


def cases_of(ranks: Collection[Rank]) -> list[Case]:
    """The cases of several levels."""
    return [case for rank in ranks for part in PARTS for case in part(Figures(rank))]
