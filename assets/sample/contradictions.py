"""Rows that are sound by themselves and contradict others: what cross-channel checks must find.

What belongs here: for each check of the catalogue that compares rows, cases of newcomers to the
province who violate it and no other. What does not: faults of writing (`faults`), and files
(`second_night`). A newcomer has codes and numbers that the province of any size leaves free, so
that the rows there are stay as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from assets.sample.identifiers import certificate_no, id_numbers, usc_check, usc_code
from assets.sample.insurance import months_of
from assets.tables import credit, enterprise, personnel, project

CASES = 10
"""Of each check."""
_ENTITY = 6
"""Codes of enterprises that the province gives to nobody (`identifiers.usc_code`)."""
_FIRST_CERTIFICATE = 80_000
_SERIAL = 1
"""Of identity numbers; those of the province begin at 20."""
_MALE_BORN = date(1975, 1, 1)
_YUAN_PER_M2 = 2_500
_CIVIL = "民用建筑工程"
_AREA, _HEIGHT, _STOREYS = (f"{_CIVIL}|{name}" for name in ("单体建筑面积", "建筑高度", "地上层数"))

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding that a check must make; `row_key` of a person is his identity number."""

    check_id: str
    target: str
    usc_code: str
    row_key: str
    is_person: bool = False


@dataclass(slots=True)
class Contradictions:
    """The rows of the newcomers by the keys of `clean.FEED_OF`, and what must be found of them."""

    rows: dict[str, pl.DataFrame]
    expected: list[Expected]


@dataclass
class _Newcomers:
    """Makes enterprises, people and works, one after another, and keeps their rows."""

    templates: Mapping[str, pl.DataFrame]
    as_of: date
    rows: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    expected: list[Expected] = field(default_factory=list)
    _enterprises: int = 0
    _people: int = 0
    _works: int = 0

    def __post_init__(self) -> None:
        self.model = _sound_works(self.templates)
        self.months = months_of(self.as_of)

    def add(self, key: str, **changed: Any) -> Row:
        """A row like the first of its kind, but for what is named."""
        like = self.templates[key].row(0, named=True)
        row = like | {"owner": -1} | ({"plan": ""} if "plan" in like else {}) | changed
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
        self._enterprises += 1
        number = self._enterprises
        told = {
            "usc_code": usc_code("330100", number, _ENTITY),
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
        number = certificate_no("2", _FIRST_CERTIFICATE + self._enterprises)
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
        self._people += 1
        day = born or _MALE_BORN + timedelta(days=self._people)
        turn = self._people if born else 0
        [number] = id_numbers(
            np.array([330_199 + 100 * (turn % 10)]),
            np.array([day], "datetime64[D]"),
            np.array([_SERIAL + 2 * (turn // 10 % 9)]),
        )
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


def contradictions(
    clean: Mapping[str, pl.DataFrame], as_of: date, cases: int = CASES
) -> Contradictions:
    """Newcomers who violate each check so many times.

    Args:
        clean: a block of the province (`clean.blocks`), for what rows look like.
        as_of: the day the province is seen on.
        cases: of each check.
    """
    made = _Newcomers(clean, as_of)
    for _ in range(cases):
        for violate in _VIOLATIONS:
            violate(made)
    _one_address(made, cases)
    frames = {
        key: pl.DataFrame(rows, schema=clean[key].schema, infer_schema_length=None)
        for key, rows in made.rows.items()
    }
    return Contradictions(frames, made.expected)


def _sound_works(clean: Mapping[str, pl.DataFrame]) -> dict[str, Row]:
    """A building of the province under one contract, by itself such as no check minds."""
    units = clean["unit"].filter(
        pl.col(_AREA).is_between(2_000, 20_000),
        pl.col(_STOREYS).is_between(2, 12),
        (pl.col(_HEIGHT) / pl.col(_STOREYS)).is_between(2.5, 5),
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
    price = unit[_AREA] * _YUAN_PER_M2
    return {
        "project": row("project", "project_no"),
        "contract": row("contract", "contract_no")
        | {
            "plan": "",
            "amount_yuan": price,
            "settlement_yuan": price,
            "contract_type": "施工总承包",
            "signed_on": found["started_on"] - timedelta(days=30),
        },
        "unit": unit,
        "acceptance": row("acceptance", "contract_no"),
    }


# -- enterprises -----------------------------------------------------------------------


def _organisation_code(made: _Newcomers) -> None:
    usc = usc_code("330200", made._enterprises + 1, _ENTITY)
    body = usc[:16] + ("1" if usc[16] != "1" else "2")
    made.must_find("E-02", enterprise.REGISTRY, code := body + usc_check(body), code)
    made.enterprise(usc_code=code)


def _printed(made: _Newcomers) -> None:
    usc, number = made.certified(printed_name="杭州旁人建设有限公司")
    made.must_find("E-03", enterprise.CERTIFICATE, usc, number)
    usc, number = made.certified(printed_legal_representative="前任人")
    made.must_find("E-12", enterprise.CERTIFICATE, usc, number)


def _one_name(made: _Newcomers) -> None:
    name = f"杭州同名{made._enterprises}建设有限公司"
    for _ in range(2):
        usc = made.enterprise(name=name)
        made.must_find("E-04", enterprise.REGISTRY, usc, usc)


def _levels(made: _Newcomers) -> None:
    usc, number = made.certified()
    lower = made.qualification(usc, number, "三级", 2)
    made.must_find("E-09", enterprise.QUALIFICATION, usc, lower)


def _one_without_the_other(made: _Newcomers) -> None:
    usc, number = made.certified(is_bare=True)
    made.must_find("E-10", enterprise.CERTIFICATE, usc, number)
    usc = made.enterprise()
    orphan = made.qualification(usc, certificate_no("2", 99_999 - made._enterprises), "二级", 1)
    for check_id in ("E-10", "F-07"):  # and after a week as a row whose parent has not come
        made.must_find(check_id, enterprise.QUALIFICATION, usc, orphan)


def _amounts(made: _Newcomers) -> None:
    usc = made.enterprise()
    for year, times in ((2015, 1), (2016, 1_000)):
        made.add(
            "statement",
            usc_code=usc,
            year=year,
            report_code="annual",
            period_end_on=date(year, 12, 31),
            total_assets_yuan=30_000_000.0 * times,
            total_liabilities_yuan=20_000_000.0 * times,
            net_assets_yuan=10_000_000.0 * times,
        )
    made.must_find("E-15", enterprise.STATEMENT, usc, "2016")


def _reorganised(made: _Newcomers) -> None:
    usc, number = made.certified()
    made.add(
        "event",
        event_no=f"BG9-{usc}",
        usc_code=usc,
        event_code="restructuring",
        happened_on=date(2016, 3, 1),
        before=None,
        after=None,
        handling_code=None,
        case_code=None,
    )
    made.must_find("E-22", enterprise.CERTIFICATE, usc, number)


def _file(made: _Newcomers, usc: str, minutes: int) -> None:
    number = len(made.rows["application"])
    made.add(
        "application",
        application_id=f"SB{made.as_of:%Y%m%d}-9{number:05d}",
        usc_code=usc,
        kind="first",
        category_code="S11",
        subcategory="",
        level="二级",
        filed_at=f"{made.as_of.isoformat()}T08:{minutes:02d}:00+08:00",
    )


def _filed_twice(made: _Newcomers) -> None:
    usc = made.enterprise()
    _file(made, usc, 30)
    _file(made, usc, 45)
    made.must_find("D-05", enterprise.REGISTRY, usc, usc)


def _one_address(made: _Newcomers, cases: int) -> None:
    for _ in range(max(cases, 5)):
        usc = made.enterprise(address="浙江省杭州市上城区合用路1号")
        _file(made, usc, 30)
        made.must_find("E-20", enterprise.REGISTRY, usc, usc)


def _one_penalty(made: _Newcomers) -> None:
    usc = made.enterprise()
    for source in "12":
        made.add(
            "finding",
            finding_no=f"CF9-{usc}-{source}",
            usc_code=usc,
            decided_on=date(2012, 7, 21),
            document_no=f"杭建罚字〔2012〕第{usc[10:]}号",
            revoked_on=None,
        )
    made.must_find("C-08", credit.FINDING, usc, f"CF9-{usc}-2")


# -- people ----------------------------------------------------------------------------


def _two_numbers(made: _Newcomers) -> None:
    usc, born = made.enterprise(), _MALE_BORN - timedelta(days=1 + made._people)
    for _ in range(2):
        number = made.person(born, name="同名人")
        made.insured(number, usc, 1)
        made.must_find_person("P-05", personnel.PERSON, usc, number)


def _ages(made: _Newcomers) -> None:
    usc = made.enterprise()
    old = made.person(date(1945, 1, 1) + timedelta(days=made._people))
    made.registered(old, usc)
    made.must_find_person("P-08", personnel.REGISTRATION, usc, old)
    young = made.person(date(2003, 1, 1) + timedelta(days=made._people))
    made.must_find("P-08:young", personnel.TITLE, usc, made.title(young, usc))
    eager = made.person(date(1992, 1, 1) + timedelta(days=made._people))
    number = made.title(eager, usc, title_level="高级", awarded_on=date(2016, 1, 5))
    made.must_find("P-26", personnel.TITLE, usc, number)


def _insured_elsewhere(made: _Newcomers) -> None:
    here, there, number = made.enterprise(), made.enterprise(), made.person()
    made.registered(number, here)
    made.insured(number, there, 3)
    made.must_find_person("P-10", personnel.REGISTRATION, here, number)
    made.must_find_person("P-10", personnel.INSURANCE, there, number)


def _certificates(made: _Newcomers) -> None:
    usc, number = made.enterprise(), made.person()
    for _ in range(2):
        made.must_find("P-24", personnel.POST, usc, made.post(number, usc))
    first = made.registered(made.person(), usc)
    made.registered(made.person(), usc, registration_no=first, specialty="市政公用工程")
    made.must_find("P-24", personnel.REGISTRATION, usc, first)
    undated = made.title(made.person(), usc, awarded_on=None)
    made.must_find("P-25", personnel.TITLE, usc, undated)


def _upside_down(made: _Newcomers) -> None:
    usc = made.enterprise()
    for _ in range(20):
        made.add(
            "skill",
            id_number=made.person(),
            usc_code=usc,
            certificate_no=f"339{100 * len(made.rows['skill']):010d}",
            grade="高级技师",
            issued_on=date(2009, 5, 31),
        )
    made.must_find("P-28", enterprise.REGISTRY, usc, usc)


def _bulk(made: _Newcomers) -> None:
    usc, first = made.enterprise(), len(made.rows["post"])
    for number in range(31):
        made.post(
            made.person(),
            usc,
            certificate_no=f"浙建岗338{100 * first + number:09d}",
            issued_on=made.as_of - timedelta(days=20),
        )
    made.must_find("P-29", enterprise.REGISTRY, usc, usc)


def _moved_in(made: _Newcomers) -> None:
    usc = made.enterprise()
    for _ in range(12):
        made.insured(made.person(), usc, 1)
    made.must_find("P-30", enterprise.REGISTRY, usc, usc)


def _two_leads(made: _Newcomers) -> None:
    number = made.person()
    for _ in range(2):
        usc = made.enterprise()
        made.add("technical_lead", usc_code=usc, category_code="G01", id_number=number)
        made.must_find_person("P-32", personnel.PERSON, usc, number)


def _safety(made: _Newcomers) -> None:
    usc, number = made.enterprise(), made.person()
    made.registered(number, usc)
    expired = made.post(number, usc, role="项目负责人（B类）", valid_until=date(2016, 4, 26))
    made.must_find("P-33", personnel.POST, usc, expired)


# -- works -----------------------------------------------------------------------------


def _managers(made: _Newcomers) -> None:
    builder, elsewhere, manager = made.enterprise(), made.enterprise(), made.person()
    running = made.works(builder, acceptance={"accepted_on": None, "quality": None})
    made.registered(manager, elsewhere)
    made.led(builder, running, manager)
    made.must_find_person("P-31", personnel.REGISTRATION, elsewhere, manager)
    done = made.works(builder)
    made.led(builder, done, made.person())
    made.must_find("J-14", project.PARTY, builder, done[1])
    busy = made.person()
    made.registered(busy, builder)
    both = made.works(builder), made.works(builder)
    for works in both:
        made.led(builder, works, busy)
    made.must_find("J-16", project.PARTY, builder, both[1][1])


def _numbers(made: _Newcomers) -> None:
    usc = made.enterprise()
    number, contract, _ = made.works(usc)
    wrong = contract.replace("-HZ-", "-HL-")
    for key in ("contract", "unit", "acceptance"):
        made.rows[key][-1]["contract_no"] = wrong
    made.must_find("J-02", project.CONTRACT, usc, wrong)
    del number


def _registered_again(made: _Newcomers) -> None:
    usc = made.enterprise()
    made.works(usc)
    name = made.rows["project"][-1]["name"]
    number, *_ = made.works(usc, project={"name": name})
    for target in (project.CONTRACT, project.UNIT):
        made.must_find("J-03", target, usc, number)


def _days(made: _Newcomers) -> None:
    usc, like = made.enterprise(), made.model["acceptance"]
    late = like["accepted_on"] + timedelta(days=5)
    made.must_find("J-04", project.CONTRACT, usc, made.works(usc, contract={"signed_on": late})[1])
    soon = like["started_on"] + timedelta(days=3)
    quick = made.works(usc, acceptance={"accepted_on": soon})
    made.must_find("J-06", project.ACCEPTANCE, usc, quick[1])
    young = made.enterprise(established_on=like["accepted_on"] + timedelta(days=1))
    made.must_find("J-30", project.ACCEPTANCE, young, made.works(young)[1])


def _contractors(made: _Newcomers) -> None:
    usc, other = made.enterprise(), made.enterprise()
    _, contract, unit = made.works(usc, unit={"usc_code": other})
    made.must_find("J-11", project.UNIT, other, unit)
    made.must_find("J-11", project.CONTRACT, usc, contract)


def _amounts_of_works(made: _Newcomers) -> None:
    usc, price = made.enterprise(), made.model["contract"]["amount_yuan"]
    doubled = made.works(usc, contract={"settlement_yuan": 2 * price})
    made.must_find("J-18", project.CONTRACT, usc, doubled[1])
    yuan = {"amount_yuan": price * 10_000, "settlement_yuan": price * 10_000}
    made.must_find("J-24", project.CONTRACT, usc, made.works(usc, contract=yuan)[1])


def _sizes(made: _Newcomers) -> None:
    usc, storeys = made.enterprise(), made.model["unit"][_STOREYS]
    made.must_find("J-22", project.MEASURE, usc, made.works(usc, unit={_HEIGHT: storeys * 10})[2])
    road = made.works(usc, unit={"城市道路|长度": 1_000.0})
    made.must_find("J-23", project.MEASURE, usc, road[2])


def _without_parent(made: _Newcomers) -> None:
    """Its project is never delivered; found once the contract has waited for a week."""
    usc = made.enterprise()
    _, contract, _ = made.works(usc)
    made.rows["project"].pop()
    made.must_find("F-07", project.CONTRACT, usc, contract)


_VIOLATIONS: tuple[Callable[[_Newcomers], None], ...] = (
    *(_organisation_code, _printed, _one_name, _levels, _one_without_the_other, _amounts),
    *(_reorganised, _filed_twice, _one_penalty),
    *(_two_numbers, _ages, _insured_elsewhere, _certificates, _upside_down, _bulk, _moved_in),
    *(_two_leads, _safety),
    *(_managers, _numbers, _registered_again, _days, _contractors, _amounts_of_works, _sizes),
    _without_parent,
)
