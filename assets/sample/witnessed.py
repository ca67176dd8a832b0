"""Rows that are sound by themselves and that a list, a licence or another's record contradicts.

What belongs here: for each check that compares the base with what only later feeds and columns
tell, a case of newcomers who violate it and no other. What does not: what the feeds of every
night contradict among themselves (`contradictions`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from assets.sample.newcomers import AREA, STOREYS, Newcomers
from assets.tables import enterprise, personnel, project

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "listing": {"removed_on": pl.Date()},
    "person_record": {"ends_on": pl.Date()},
}
"""Columns of rows of which none may have a value."""
_YEAR = 2014
_PEERS = 20
_NET = 10_000_000.0


def _statement(made: Newcomers, usc: str, year: int, net: float = _NET, **more: float) -> None:
    made.add(
        "statement",
        usc_code=usc,
        year=year,
        report_code="annual",
        period_end_on=date(year, 12, 31),
        total_assets_yuan=net * 3,
        total_liabilities_yuan=net * 2,
        net_assets_yuan=net,
        **more,
    )


def _report(made: Newcomers, usc: str, year: int, **told: float) -> None:
    unseen = {"net_assets_yuan": None, "net_profit_yuan": None, "employees": None}
    made.add("annual_report", **({"usc_code": usc, "year": year} | unseen | told))


# -- enterprises -----------------------------------------------------------------------


def _listed(made: Newcomers) -> None:
    for check_id, name in (("E-06", "经营异常名录"), ("C-06", "失信被执行人")):
        usc = made.enterprise()
        made.add(
            "listing",
            listing_no=f"MD9-{usc}",
            usc_code=usc,
            list=name,
            listed_on=date(2016, 5, 4),
            removed_on=None,
        )
        made.must_find(check_id, enterprise.REGISTRY, usc, usc)


def _unlicensed(made: Newcomers) -> None:
    usc, _ = made.certified()
    made.add(
        "safety_licence",
        licence_no=f"(浙)JZ安许证字(2015){900_000 + made.enterprises}",
        usc_code=usc,
        issued_on=date(2015, 3, 2),
        valid_until=date(2018, 3, 1),
        status_code="withheld",
    )
    made.must_find("E-18", enterprise.REGISTRY, usc, usc)


def _printed(made: Newcomers) -> None:
    usc, number = made.certified(highest_level="一级")
    made.must_find("E-10", enterprise.CERTIFICATE, usc, number)
    usc, number = made.certified(printed_region_code="330203")
    made.must_find("E-21", enterprise.CERTIFICATE, usc, number)
    usc = made.enterprise(organisation_code="100000000")
    made.must_find("E-02", enterprise.REGISTRY, usc, usc)


def _declared(made: Newcomers) -> None:
    usc = made.enterprise()
    _statement(made, usc, _YEAR)
    _report(made, usc, _YEAR, net_assets_yuan=_NET * 1.2)
    made.must_find("E-16", enterprise.STATEMENT, usc, str(_YEAR))
    usc = made.enterprise(paid_in_capital_yuan=0.0)
    _statement(made, usc, _YEAR)
    _report(made, usc, _YEAR - 1, net_profit_yuan=-1_000_000.0)
    made.must_find("E-17", enterprise.STATEMENT, usc, str(_YEAR))
    usc = made.enterprise()
    _statement(made, usc, _YEAR, fixed_assets_yuan=200_000.0)
    made.add("equipment", **_machine(made, usc), price_yuan=900_000.0)
    made.must_find("Q-05", enterprise.STATEMENT, usc, str(_YEAR))


def peers(made: Newcomers, cases: int) -> None:
    """E-15: so many enterprises with a thousand times the net assets a head of the others."""
    for number in range(_PEERS + 2 * cases):
        usc = made.enterprise()
        is_apart = number < cases
        _statement(made, usc, _YEAR, _NET * (2_000 if is_apart else 1))
        _report(made, usc, _YEAR, employees=50)
        if is_apart:
            made.must_find("E-15:peers", enterprise.STATEMENT, usc, str(_YEAR))


def _machine(made: Newcomers, usc: str) -> dict[str, object]:
    return {
        "equipment_no": f"浙SB9{len(made.rows['equipment']):08d}",
        "usc_code": usc,
        "is_owned": True,
        "disposed_on": None,
    }


def _machines(made: Newcomers) -> None:
    usc, buyer = made.enterprise(), made.enterprise()
    row = made.add("equipment", **_machine(made, usc), invoice_buyer_code=buyer)
    made.must_find("Q-02", enterprise.EQUIPMENT, usc, row["equipment_no"])
    row = made.add("equipment", **_machine(made, usc), usable_until=date(2016, 12, 31))
    made.must_find("Q-04", enterprise.EQUIPMENT, usc, row["equipment_no"])


# -- people ----------------------------------------------------------------------------


def _people(made: Newcomers) -> None:
    usc = made.enterprise()
    number = made.person()
    row = made.add(
        "skill",
        id_number=number,
        usc_code=usc,
        certificate_no=f"338{100 * len(made.rows['skill']):010d}",
        grade="高级工",
        issued_on=date(2012, 5, 31),
        told_born_on=date(1970, 1, 1),
    )
    made.must_find("P-03", personnel.SKILL, usc, row["certificate_no"])
    number = made.person()
    made.insured(number, usc, 3)
    owed = made.rows["insurance"][-1]["month"]
    made.rows["insurance"][-1]["paid_month"] = date(
        owed.year + (owed.month + 1) // 12, (owed.month + 1) % 12 + 1, 1
    )
    made.must_find_person("P-14", personnel.INSURANCE, usc, number)
    early = made.title(made.person(), usc, graduated_on=date(2011, 6, 30))
    made.must_find("P-26", personnel.TITLE, usc, early)
    number = made.person()
    made.registered(number, usc)
    state = {"status_code": "withheld", "valid_until": date(2018, 4, 26)}
    withheld = made.post(number, usc, role="项目负责人（B类）", **state)
    made.must_find("P-33", personnel.POST, usc, withheld)
    number = made.person()
    made.registered(number, usc)
    made.add(
        "person_record",
        record_no=f"GR9-{usc}",
        id_number=number,
        person_name="新任人",
        measure="撤销注册",
        decided_on=date(2016, 6, 1),
        ends_on=None,
    )
    made.must_find_person("P-34", personnel.REGISTRATION, usc, number)


# -- works -----------------------------------------------------------------------------


def _sizes(made: Newcomers) -> None:
    usc, like = made.enterprise(), made.model["unit"]
    _, _, unit = made.works(usc, project={"all_area_m2": like[AREA] / 2})
    made.must_find("J-19", project.UNIT, usc, unit)
    _, _, unit = made.works(usc, unit={"storeys_below": like[STOREYS] + 1})
    made.must_find("J-22:below", project.MEASURE, usc, unit)
    text = f"地上{like[STOREYS]:.0f}层，建筑面积约{like[AREA] / 2:.2f}平方米"
    _, _, unit = made.works(usc, acceptance={"size_text": text})
    made.must_find("J-32", project.UNIT, usc, unit)
    contract, _ = made.permitted(usc, area_m2=like[AREA])
    made.rows["acceptance"][-1]["area_m2"] = like[AREA] * 1.2
    made.must_find("J-18:area", project.CONTRACT, usc, contract)
    _, contract, _ = made.works(usc, acceptance={"tester_code": usc})
    made.must_find("J-27:tester", project.ACCEPTANCE, usc, contract)


def _awarded(made: Newcomers, usc: str, winner: str, after: int) -> str:
    """Works under a permit that names its award, so many days after the signing."""
    award = f"TX9-{len(made.rows['tender']):04d}"
    contract, _ = made.permitted(usc, tender_no=award)
    signed = made.rows["contract"][-1]
    made.add(
        "tender",
        tender_no=award,
        project_no=signed["project_no"],
        usc_code=winner,
        amount_yuan=signed["amount_yuan"],
        awarded_on=signed["signed_on"] + timedelta(days=after),
    )
    return contract


def _tenders(made: Newcomers) -> None:
    usc, other = made.enterprise(), made.enterprise()
    made.must_find("J-25", project.CONTRACT, usc, _awarded(made, usc, other, -9))
    made.must_find("J-04:award", project.CONTRACT, usc, _awarded(made, usc, usc, 3))


def _recorded(made: Newcomers) -> None:
    usc = made.enterprise()
    number, contract, _ = made.works(usc)
    made.add(
        "qualification_use",
        project_no=number,
        usc_code=usc,
        applied_on=date(2015, 4, 1),
        conclusion="弄虚作假",
    )
    made.must_find("J-17", project.CONTRACT, usc, contract)
    entered = {"entered_on": made.as_of - timedelta(days=20)}
    _, contract, _ = made.works(usc, project={"data_source": "历史业绩补录"}, contract=entered)
    made.must_find("J-21", project.CONTRACT, usc, contract)
    number, contract, _ = made.works(usc)
    made.add(
        "quality_record",
        quality_no=f"{number}-ZX-001",
        project_no=number,
        accepted_on=date(2012, 2, 1),
        result="不合格",
    )
    made.must_find("J-28", project.ACCEPTANCE, usc, contract)
    number, contract, _ = made.works(usc)
    made.add(
        "finding",
        finding_no=f"CF7-{usc}",
        usc_code=usc,
        act="违反强制性标准",
        decided_on=date(2013, 7, 1),
        document_no=f"杭建罚字〔2013〕第{usc[10:]}号",
        revoked_on=None,
        project_no=number,
        sanction="降低资质等级",
    )
    made.must_find("J-29", project.CONTRACT, usc, contract)


def renumbered(made: Newcomers, cases: int) -> None:
    """So many people whom one enterprise insures under the number that they bore before (P-15).

    And as many who are said to be one person and two (P-05).
    """
    for _ in range(cases):
        here, there = made.enterprise(), made.enterprise()
        former, present = made.person(), made.person()
        made.insured(former, here, 3)
        made.insured(present, there, 3)
        _identified(made, "same", present, former)
        for usc in (here, there):
            for month in made.months[:3]:
                made.must_find_person("P-15", personnel.INSURANCE, usc, f"{present}|{month}")
        numbers = [made.person() for _ in range(3)]
        for number in numbers:
            made.insured(number, here, 3)
            made.must_find_person("P-05:stated", personnel.INSURANCE, here, number)
        first, second, third = numbers
        _identified(made, "same", first, second)
        _identified(made, "same", second, third)
        _identified(made, "different", first, third)


def _identified(made: Newcomers, statement: str, number: str, other: str) -> None:
    turn = len(made.rows["identity_statement"]) + 1
    made.add(
        "identity_statement",
        statement_no=f"330199{made.as_of:%Y%m%d}{turn:04d}",
        statement=statement,
        id_number=number,
        other_number=other,
        stated_on=made.as_of - timedelta(days=40),
        because="号码更正" if statement == "same" else "非同一人",
        document=f"杭公户证〔2017〕{turn}号",
    )


VIOLATIONS: tuple[Callable[[Newcomers], None], ...] = (
    *(_listed, _unlicensed, _printed, _declared, _machines),
    *(_people, _sizes, _tenders, _recorded),
)
