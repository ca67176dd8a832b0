"""Who led the works: their projects, project managers and technical leaders.

What belongs here: which contracts are sections of one project, and who answers for it. What
does not: the contracts themselves (`works`) or the people and their registrations (`people`).

A constructor leads one project at a time, and only while registered with the contractor
(E14). So an enterprise that has nobody free takes a further contract only as a section of a
project that one of its constructors leads already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.sample.portraits import usc_of

PLANNED_FROM = 110
"""Ordinal of an enterprise's first planned work; the ordinary ones stand below it."""
_CONTRACTS_PER_PROJECT = 1.5


@dataclass(slots=True)
class _Project:
    number: int
    begins: date
    ends: date
    is_planned: bool = False
    sections: int = 1


@dataclass(slots=True)
class _Constructor:
    slot: int
    registered_from: date
    registered_until: date
    projects: list[_Project]

    def is_registered(self, begins: date, ends: date) -> bool:
        return self.registered_from <= begins and ends <= self.registered_until

    def led_between(self, begins: date, ends: date) -> list[_Project]:
        return [p for p in self.projects if p.begins < ends and begins < p.ends]


def with_projects(
    contracts: pl.DataFrame, people: pl.DataFrame, registrations: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """The contracts with `project`, a number within the enterprise, and `manager`, a slot.

    A planned work is a project of its own and has a constructor of its own, the first ones in
    turn. `manager` is null where another enterprise is the contractor, or nobody was there.
    """
    crews = _constructors(people, registrations)
    own = contracts.filter(pl.col("contractor") == "own")
    is_planned = pl.col("seq") >= PLANNED_FROM
    led = [
        *_planned(own.filter(is_planned), crews),
        *_ordinary(own.filter(~is_planned), crews, as_of),
    ]
    schema = {"owner": pl.Int64, "seq": pl.Int64, "project": pl.Int64, "manager": pl.Int64}
    return contracts.join(
        pl.DataFrame(led, schema=schema, orient="row"),
        on=["owner", "seq"],
        how="left",
        maintain_order="left",
    ).with_columns(pl.col("project").fill_null(pl.col("seq")))


def _constructors(
    people: pl.DataFrame, registrations: pl.DataFrame
) -> dict[int, list[_Constructor]]:
    """By enterprise: its constructors but the technical leader, while alive, by slot."""
    alive = people.filter(pl.col("slot") > 0).select("owner", "slot", "deceased_on")
    owners = registrations["owner"].unique().to_list()
    codes = {owner: usc_of(owner) for owner in owners}
    code = pl.col("owner").replace_strict(codes, return_dtype=pl.String)
    rows = (
        registrations.filter(pl.col("usc_code") == code)
        .join(alive, on=["owner", "slot"])
        .select("owner", "slot", "valid_from", pl.min_horizontal("valid_until", "deceased_on"))
        .unique()
        .sort("owner", "slot")
    )
    found: dict[int, list[_Constructor]] = {}
    for owner, slot, begins, ends in rows.iter_rows():
        found.setdefault(owner, []).append(_Constructor(slot, begins, ends, []))
    return found


_Led = tuple[int, int, int, int | None]
"""Enterprise, ordinal of a contract, its project, the slot of the manager."""


def _planned(works: pl.DataFrame, crews: Mapping[int, list[_Constructor]]) -> Iterator[_Led]:
    rows = works.select("owner", "seq", "started_on", "accepted_on")
    for owner, seq, begins, ends in rows.iter_rows():
        crew = crews.get(owner)
        if not crew:
            yield owner, seq, seq, None
            continue
        leader = crew[(seq - PLANNED_FROM) % len(crew)]
        leader.projects.append(_Project(seq, begins, ends or date.max, is_planned=True))
        yield owner, seq, seq, leader.slot


def _ordinary(
    works: pl.DataFrame, crews: Mapping[int, list[_Constructor]], as_of: date
) -> Iterator[_Led]:
    """Contracts next to each other are let together, one and a half to a project."""
    let = (
        works.group_by("owner", (pl.col("seq") / _CONTRACTS_PER_PROJECT).floor().alias("turn"))
        .agg(
            pl.col("seq").sort(),
            begins=pl.col("started_on").min(),
            ends=pl.max_horizontal("started_on", "accepted_on").max(),
        )
        .sort("owner", "begins", "turn")
    )
    for owner, seqs, begins, ends in let.select("owner", "seq", "begins", "ends").iter_rows():
        project, slot = _taken_on(seqs[0], begins, ends, crews.get(owner, []), as_of)
        for seq in seqs:
            yield owner, seq, project, slot


def _taken_on(
    number: int, begins: date, ends: date, crew: Sequence[_Constructor], as_of: date
) -> tuple[int, int | None]:
    """The project that contracts become or join, and who leads it."""
    there = [one for one in crew if one.is_registered(begins, min(ends, as_of))]
    for one in sorted(there, key=lambda one: len(one.projects)):
        if not one.led_between(begins, ends):
            one.projects.append(_Project(number, begins, ends))
            return number, one.slot
    running = [(led[0], one) for one in there if len(led := one.led_between(begins, ends)) == 1]
    for project, one in sorted(running, key=lambda pair: pair[0].sections):
        if not project.is_planned:
            project.ends = max(project.ends, ends)
            project.sections += 1
            return project.number, one.slot
    return number, None


# -- rows ---------------------------------------------------------------------------------


def parties(contracts: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """The project managers, and the technical leaders of the works.

    Args:
        contracts: with `project`, `manager`, and the numbers of contract and project.
        people: from `people.persons`.
    """
    named = people.select("owner", "slot", "id_number", "person_name")
    managers = contracts.drop_nulls("manager").join(
        named, left_on=["owner", "manager"], right_on=["owner", "slot"], maintain_order="left"
    )
    titled = people.filter(pl.col("title_level").is_not_null()).select(
        "owner",
        "id_number",
        "person_name",
        place=pl.int_range(pl.len(), dtype=pl.Int64).over("owner"),
        available=pl.len().over("owner").cast(pl.Int64),
    )
    turn = (pl.col("seq") / _CONTRACTS_PER_PROJECT).floor().cast(pl.Int64)
    technical = (
        contracts.filter((pl.col("contractor") == "own") | pl.col("leads"))
        .join(titled.group_by("owner").agg(pl.col("available").first()), on="owner")
        .with_columns(
            place=pl.when("leads")
            .then(0)
            .otherwise(1 + turn % pl.max_horizontal(pl.col("available") - 1, 1))
        )
        .filter(pl.col("place") < pl.col("available"))
    )
    leaders = technical.join(titled.drop("available"), on=["owner", "place"], maintain_order="left")
    columns = ("owner", "project_no", "contract_no", "usc_code", "id_number", "person_name")
    return pl.concat(
        [
            managers.select(*columns, duty=pl.lit("项目经理")),
            leaders.select(*columns, duty=pl.lit("技术负责人")),
        ]
    ).sort("owner", "contract_no", "duty", descending=[False, False, True])
