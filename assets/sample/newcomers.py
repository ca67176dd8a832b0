"""Newcomers to the sample province: enterprises, people and works that are sound.

What belongs here: making one more, with codes and numbers that the province of any size leaves
free. What does not: what is wrong with them (`contradictions`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from assets.sample.identifiers import certificate_no, id_numbers, usc_code
from assets.sample.insurance import months_of

ENTITY = 6
"""Codes of enterprises that the province gives to nobody (`identifiers.usc_code`)."""
_FIRST_CERTIFICATE = 80_000
_SERIAL = 1
"""Of identity numbers; those of the province begin at 20."""
BORN = date(1975, 1, 1)
_PERMIT_CLASS = "18"
"""A class of works that the province permits none of."""
_YUAN_PER_M2 = 2_500
_CIVIL = "民用建筑工程"
AREA, HEIGHT, STOREYS = (f"{_CIVIL}|{name}" for name in ("单体建筑面积", "建筑高度", "地上层数"))

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding that a check must make; `row_key` of a person is his identity number.

    Of one month of his insurance the month comes after it, as in a finding.
    """

    check_id: str
    target: str
    usc_code: str
    row_key: str
    is_person: bool = False


@dataclass
class Newcomers:
    """Makes enterprises, people and works, one after another, and keeps their rows."""

    templates: Mapping[str, pl.DataFrame]
    as_of: date
    rows: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    expected: list[Expected] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    """Of people, by identity number."""
    enterprises: int = 0
    people: int = 0
    _works: int = 0

    def __post_init__(self) -> None:
        self.model = _sound_works(self.templates)
        self.months = months_of(self.as_of)

    def add(self, key: str, **changed: Any) -> Row:
        """A row like the first of its kind, if the province has any, but for what is named."""
        like = self.templates[key].row(0, named=True) if key in self.templates else {}
        row = like | {"owner": -1} | ({"plan": ""} if "plan" in like else {}) | changed
        if "person_name" in row and "person_name" not in changed:
            row["person_name"] = self.names[row["id_number"]]
        self.rows[key].append(row)
        return row

    def must_find(self, check_id: str, target: Any, usc: str, row_key: str) -> None:
        """A finding about a row."""
        self.expected.append(Expected(check_id, target.name, usc, row_key))

    def must_find_person(self, check_id: str, target: Any, usc: str, id_number: str) -> None:
        """A finding about a person."""
        self.expected.append(Expected(check_id, target.name, usc, id_number, is_person=True))

    # -- who and what ---------------------------------------------------------------

    def enterprise(self, **changed: Any) -> str:
        """A new enterprise in the registry; its code."""
        self.enterprises += 1
        number = self.enterprises
        told = {
            "usc_code": usc_code("330100", number, ENTITY),
            "name": f"杭州新{number}建设有限公司",
            "entity_code": "enterprise",
            "parent_usc_code": None,
            "region_code": "330102",
            "address": f"浙江省杭州市上城区新设路{number}号",
            "registration_no": f"33019{number:010d}",
            "established_on": date(1995, 1, 1),
            "state_code": "active",
        }
        usc: str = self.add("registry", **(told | changed))["usc_code"]
        return usc

    def certified(self, *, is_bare: bool = False, **printed: Any) -> tuple[str, str]:
        """A new enterprise with a valid certificate as it is registered; code and number."""
        usc = self.enterprise()
        registered = self.rows["registry"][-1]
        number = certificate_no("2", _FIRST_CERTIFICATE + self.enterprises)
        told = {
            "certificate_no": number,
            "usc_code": usc,
            "authority_code": "province",
            "printed_name": registered["name"],
            "printed_address": registered["address"],
            "printed_legal_representative": registered["legal_representative"],
            "printed_capital_yuan": registered["registered_capital_yuan"],
            "issued_on": date(2014, 5, 6),
            "valid_until": date(2019, 5, 5),
            "status_code": "valid",
        }
        self.add("certificate", **(told | printed))
        if not is_bare:
            self.qualification(usc, number, "二级", 1)
        return usc, number

    def qualification(self, usc: str, certificate: str, level: str, number: int) -> str:
        """A qualification in force; its number."""
        row = self.add(
            "qualification",
            qualification_no=f"{usc}-{number:02d}",
            usc_code=usc,
            certificate_no=certificate,
            category_code="G01",
            subcategory="",
            level=level,
            valid_from=date(2014, 5, 6),
            valid_to=None,
            status_code="valid",
        )
        return str(row["qualification_no"])

    def person(self, born: date | None = None, name: str = "新任人") -> str:
        """A new person; his number. Without `born`, everybody has a birthday of his own."""
        self.people += 1
        day = born or BORN + timedelta(days=self.people)
        turn = self.people if born else 0
        [number] = id_numbers(
            np.array([330_199 + 100 * (turn % 10)]),
            np.array([day], "datetime64[D]"),
            np.array([_SERIAL + 2 * (turn // 10 % 9)]),
        )
        self.names[str(number)] = name
        self.add("identity", id_number=number, name=name, deceased_on=None, slot=0)
        return str(number)

    def insured(self, id_number: str, usc: str, months: int) -> None:
        """Paid for by an enterprise in the last months."""
        for back, month in enumerate(self.months[:months]):
            self.add(
                "insurance",
                id_number=id_number,
                usc_code=usc,
                city="330100",
                month=month,
                back=back,
                is_paid=True,
            )

    def registered(self, id_number: str, usc: str, **changed: Any) -> str:
        """A constructor of an enterprise; his registration number."""
        told = {
            "id_number": id_number,
            "usc_code": usc,
            "registration_no": f"浙2331005{len(self.rows['registration']):06d}",
            "registration": "二级注册建造师",
            "specialty": "建筑工程",
            "valid_from": date(2005, 1, 1),
            "valid_until": date(2019, 1, 1),
        }
        return str(self.add("registration", **(told | changed))["registration_no"])

    def title(self, id_number: str, usc: str, **changed: Any) -> str:
        """A title; its number."""
        told = {
            "id_number": id_number,
            "usc_code": usc,
            "title_no": f"Z9{len(self.rows['title']):09d}",
            "title_level": "初级",
            "series": "工程",
            "awarded_on": date(2010, 1, 29),
        }
        return str(self.add("title", **(told | changed))["title_no"])

    def post(self, id_number: str, usc: str, **changed: Any) -> str:
        """A post certificate; its number. Those made one after another are far apart."""
        told = {
            "id_number": id_number,
            "usc_code": usc,
            "certificate_no": f"浙建岗339{100 * len(self.rows['post']):09d}",
            "role": "施工员",
            "issued_on": date(2014, 4, 27),
            "valid_until": date(2018, 4, 26),
        }
        return str(self.add("post", **(told | changed))["certificate_no"])

    def works(self, usc: str, **changed: Row) -> tuple[str, str, str]:
        """A project with its contract, unit and acceptance, like a sound one of the province.

        Args:
            usc: who built it.
            changed: columns by table; an empty table `{}` is as it is, None is left out.

        Returns:
            The numbers of project, contract and unit.
        """
        self._works += 1
        day = date(2008, 1, 1) + timedelta(days=self._works)
        old = self.model["project"]["project_no"]
        new = f"{old[:6]}{day:%y%m%d}0199"
        for key, like in self.model.items():
            own = {
                name: value.replace(old, new)
                for name, value in like.items()
                if isinstance(value, str)
            }
            named = {"name": f"杭州新{self._works}号地块工程"} if key == "project" else {}
            told = {} if key == "project" else {"usc_code": usc}
            self.rows[key].append(like | own | named | told | {"owner": -1} | changed.get(key, {}))
        contract = self.rows["contract"][-1]["contract_no"]
        return self.rows["project"][-1]["project_no"], contract, self.rows["unit"][-1]["unit_code"]

    def permitted(self, usc: str, contract: Row | None = None, **changed: Any) -> tuple[str, str]:
        """Works under a permit that fits them, but for what is named of contract or permit.

        Returns:
            The numbers of contract and permit.
        """
        days, serial = divmod(len(self.rows["permit"]), 90)
        issued = self.model["acceptance"]["started_on"] - timedelta(days=10 + days)
        county = self.model["project"]["project_no"][:6]
        permit = f"{county}{issued:%Y%m%d}{10 + serial}{_PERMIT_CLASS}"
        project, number, _ = self.works(usc, contract={"permit_no": permit} | (contract or {}))
        told = {"permit_no": permit, "project_no": project, "usc_code": usc, "issued_on": issued}
        self.add("permit", **(told | changed))
        return number, permit

    def led(self, usc: str, works: tuple[str, str, str], id_number: str) -> None:
        """Names the manager of works."""
        self.add(
            "party",
            project_no=works[0],
            contract_no=works[1],
            usc_code=usc,
            id_number=id_number,
            duty="项目经理",
        )


def _sound_works(clean: Mapping[str, pl.DataFrame]) -> dict[str, Row]:
    """A building of the province under one contract, by itself such as no check minds."""
    units = clean["unit"].filter(
        pl.col(AREA).is_between(2_000, 20_000),
        pl.col(STOREYS).is_between(2, 12),
        (pl.col(HEIGHT) / pl.col(STOREYS)).is_between(2.5, 5),
    )
    found = (
        clean["acceptance"]
        .filter(
            pl.col("plan") == "",
            (pl.col("accepted_on") - pl.col("started_on")).dt.total_days() > 150,
            pl.col("accepted_on") < date(2016, 1, 1),
        )
        .join(units.select("contract_no", "unit_code"), on="contract_no")
        .join(clean["project"].filter(project_type="房屋建筑"), on="project_no")
        .row(0, named=True)
    )

    def row(key: str, column: str) -> Row:
        return clean[key].row(by_predicate=pl.col(column) == found[column], named=True)

    unit = row("unit", "unit_code")
    price = unit[AREA] * _YUAN_PER_M2
    return {
        "project": row("project", "project_no"),
        "contract": row("contract", "contract_no")
        | {
            "plan": "",
            "permit_no": None,
            "amount_yuan": price,
            "settlement_yuan": price,
            "contract_type": "施工总承包",
            "signed_on": found["started_on"] - timedelta(days=30),
        },
        "unit": unit,
        "acceptance": row("acceptance", "contract_no"),
    }
