"""Rows that are sound by themselves and contradict others: what cross-channel checks must find.

What belongs here: for each check of the catalogue that compares rows, cases of newcomers to the
province who violate it and no other. What does not: faults of writing (`faults`), and files
(`second_night`). A newcomer has codes and numbers that the province of any size leaves free, so
that the rows there are stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from assets.sample.identifiers import certificate_no, usc_check, usc_code
from assets.sample.newcomers import BORN, ENTITY, HEIGHT, STOREYS, Expected, Newcomers
from assets.sample.witnessed import SCHEMAS, VIOLATIONS, peers, renumbered
from assets.tables import credit, enterprise, personnel, project

CASES = 10
"""Of each check."""


@dataclass(slots=True)
class Contradictions:
    """The rows of the newcomers by the keys of `clean.FEED_OF`, and what must be found of them."""

    rows: dict[str, pl.DataFrame]
    expected: list[Expected]


def contradictions(
    clean: Mapping[str, pl.DataFrame],
    as_of: date,
    cases: int = CASES,
    *,
    rested: pl.DataFrame,
) -> Contradictions:
    """Newcomers who violate each check so many times.

    Args:
        clean: a block of the province (`clean.blocks`), for what rows look like.
        as_of: the day the province is seen on.
        cases: of each check.
        rested: titles that a grant rests on and that change: `usc_code` of the grant, `title_no`,
            `id_number`; whose they are leads a newcomer besides.
    """
    theirs = clean["identity"].join(rested, on="id_number", how="semi")
    made = Newcomers(clean, as_of, names=dict(theirs.select("id_number", "name").iter_rows()))
    for _ in range(cases):
        for violate in (*_VIOLATIONS, *VIOLATIONS):
            violate(made)
    _one_address(made, cases)
    peers(made, cases)
    renumbered(made, cases)
    for usc, title, number in rested.select("usc_code", "title_no", "id_number").iter_rows():
        _lent(made, usc, title, number)
    frames = {
        key: pl.DataFrame(
            rows,
            schema_overrides=clean[key].schema if key in clean else SCHEMAS.get(key),
            infer_schema_length=None,
        )
        for key, rows in made.rows.items()
    }
    return Contradictions(frames, made.expected)


# -- enterprises -----------------------------------------------------------------------


def _organisation_code(made: Newcomers) -> None:
    usc = usc_code("330200", made.enterprises + 1, ENTITY)
    body = usc[:16] + ("1" if usc[16] != "1" else "2")
    made.must_find("E-02", enterprise.REGISTRY, code := body + usc_check(body), code)
    made.enterprise(usc_code=code)


def _code_of_an_association(made: Newcomers) -> None:
    body = "52" + usc_code("330200", made.enterprises + 1, ENTITY)[2:17]
    made.must_find("E-01:kind", enterprise.REGISTRY, code := body + usc_check(body), code)
    made.enterprise(usc_code=code)


def _printed(made: Newcomers) -> None:
    usc, number = made.certified(printed_name="杭州旁人建设有限公司")
    made.must_find("E-03", enterprise.CERTIFICATE, usc, number)
    usc, number = made.certified(printed_legal_representative="前任人")
    made.must_find("E-12", enterprise.CERTIFICATE, usc, number)


def _one_name(made: Newcomers) -> None:
    name = f"杭州同名{made.enterprises}建设有限公司"
    for _ in range(2):
        usc = made.enterprise(name=name)
        made.must_find("E-04", enterprise.REGISTRY, usc, usc)


def _levels(made: Newcomers) -> None:
    usc, number = made.certified()
    lower = made.qualification(usc, number, "三级", 2)
    made.must_find("E-09", enterprise.QUALIFICATION, usc, lower)


def _one_without_the_other(made: Newcomers) -> None:
    usc, number = made.certified(is_bare=True)
    made.must_find("E-10", enterprise.CERTIFICATE, usc, number)
    usc = made.enterprise()
    orphan = made.qualification(usc, certificate_no("2", 99_999 - made.enterprises), "二级", 1)
    for check_id in ("E-10", "F-07"):  # and after a week as a row whose parent has not come
        made.must_find(check_id, enterprise.QUALIFICATION, usc, orphan)


def _amounts(made: Newcomers) -> None:
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


def _reorganised(made: Newcomers) -> None:
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


def _file(made: Newcomers, usc: str, minutes: int) -> None:
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


def _filed_twice(made: Newcomers) -> None:
    usc = made.enterprise()
    _file(made, usc, 30)
    _file(made, usc, 45)
    made.must_find("D-05", enterprise.REGISTRY, usc, usc)


def _one_address(made: Newcomers, cases: int) -> None:
    for _ in range(max(cases, 5)):
        usc = made.enterprise(address="浙江省杭州市上城区合用路1号")
        _file(made, usc, 30)
        made.must_find("E-20", enterprise.REGISTRY, usc, usc)
    for _ in range(max(cases, 5)):
        usc = made.enterprise(phone="0571-87000001")
        _file(made, usc, 30)
        made.must_find("E-20", enterprise.REGISTRY, usc, usc)


def _one_penalty(made: Newcomers) -> None:
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


def _two_numbers(made: Newcomers) -> None:
    usc, born = made.enterprise(), BORN - timedelta(days=1 + made.people)
    for _ in range(2):
        number = made.person(born, name="同名人")
        made.insured(number, usc, 1)
        made.must_find_person("P-05", personnel.PERSON, usc, number)


def _ages(made: Newcomers) -> None:
    usc = made.enterprise()
    old = made.person(date(1945, 1, 1) + timedelta(days=made.people))
    made.registered(old, usc)
    made.must_find_person("P-08", personnel.REGISTRATION, usc, old)
    young = made.person(date(2003, 1, 1) + timedelta(days=made.people))
    made.must_find("P-08:young", personnel.TITLE, usc, made.title(young, usc))
    eager = made.person(date(1992, 1, 1) + timedelta(days=made.people))
    number = made.title(eager, usc, title_level="高级", awarded_on=date(2016, 1, 5))
    made.must_find("P-26", personnel.TITLE, usc, number)


def _other_name(made: Newcomers) -> None:
    usc, number = made.enterprise(), made.person()
    made.registered(number, usc, person_name="旁的人")
    made.must_find_person("P-04", personnel.PERSON, usc, number)


def _insured_elsewhere(made: Newcomers) -> None:
    here, there, number = made.enterprise(), made.enterprise(), made.person()
    made.registered(number, here)
    made.insured(number, there, 3)
    made.must_find_person("P-10", personnel.REGISTRATION, here, number)
    made.must_find_person("P-10", personnel.INSURANCE, there, number)


def _certificates(made: Newcomers) -> None:
    usc, number = made.enterprise(), made.person()
    for _ in range(2):
        made.must_find("P-24", personnel.POST, usc, made.post(number, usc))
    first = made.registered(made.person(), usc)
    made.registered(made.person(), usc, registration_no=first, specialty="市政公用工程")
    made.must_find("P-24", personnel.REGISTRATION, usc, first)
    undated = made.title(made.person(), usc, awarded_on=None)
    made.must_find("P-25", personnel.TITLE, usc, undated)


def _upside_down(made: Newcomers) -> None:
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


def _bulk(made: Newcomers) -> None:
    usc, first = made.enterprise(), len(made.rows["post"])
    for number in range(31):
        made.post(
            made.person(),
            usc,
            certificate_no=f"浙建岗338{100 * first + number:09d}",
            issued_on=made.as_of - timedelta(days=20),
        )
    made.must_find("P-29", enterprise.REGISTRY, usc, usc)


def _moved_in(made: Newcomers) -> None:
    usc = made.enterprise()
    for _ in range(12):
        made.insured(made.person(), usc, 1)
    made.must_find("P-30", enterprise.REGISTRY, usc, usc)


def _two_leads(made: Newcomers) -> None:
    number = made.person()
    for _ in range(2):
        usc = made.enterprise()
        made.add("technical_lead", usc_code=usc, category_code="G01", id_number=number)
        made.must_find_person("P-32", personnel.PERSON, usc, number)


def _lent(made: Newcomers, granted: str, title: str, number: str) -> None:
    made.must_find("F-12", personnel.TITLE, granted, title)
    usc = made.enterprise()
    made.add("technical_lead", usc_code=usc, category_code="G01", id_number=number)
    for claiming in (usc, granted):
        made.must_find_person("P-19", personnel.PERSON, claiming, number)


def _safety(made: Newcomers) -> None:
    usc, number = made.enterprise(), made.person()
    made.registered(number, usc)
    expired = made.post(number, usc, role="项目负责人（B类）", valid_until=date(2016, 4, 26))
    made.must_find("P-33", personnel.POST, usc, expired)


# -- works -----------------------------------------------------------------------------


def _managers(made: Newcomers) -> None:
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


def _numbers(made: Newcomers) -> None:
    usc = made.enterprise()
    number, contract, _ = made.works(usc)
    wrong = contract.replace("-HZ-", "-HL-")
    for key in ("contract", "unit", "acceptance"):
        made.rows[key][-1]["contract_no"] = wrong
    made.must_find("J-02", project.CONTRACT, usc, wrong)
    del number


def _registered_again(made: Newcomers) -> None:
    usc = made.enterprise()
    made.works(usc)
    name = made.rows["project"][-1]["name"]
    number, *_ = made.works(usc, project={"name": name})
    for target in (project.CONTRACT, project.UNIT):
        made.must_find("J-03", target, usc, number)


def _days(made: Newcomers) -> None:
    usc, like = made.enterprise(), made.model["acceptance"]
    late = like["accepted_on"] + timedelta(days=5)
    made.must_find("J-04", project.CONTRACT, usc, made.works(usc, contract={"signed_on": late})[1])
    soon = like["started_on"] + timedelta(days=3)
    quick = made.works(usc, acceptance={"accepted_on": soon})
    made.must_find("J-06", project.ACCEPTANCE, usc, quick[1])
    coming = {"accepted_on": made.as_of + timedelta(days=30)}
    made.must_find("J-05:future", project.ACCEPTANCE, usc, made.works(usc, acceptance=coming)[1])
    young = made.enterprise(established_on=like["accepted_on"] + timedelta(days=1))
    made.must_find("J-30", project.ACCEPTANCE, young, made.works(young)[1])


def _contractors(made: Newcomers) -> None:
    usc, other = made.enterprise(), made.enterprise()
    _, contract, unit = made.works(usc, unit={"usc_code": other})
    made.must_find("J-11", project.UNIT, other, unit)
    made.must_find("J-11", project.CONTRACT, usc, contract)


def _amounts_of_works(made: Newcomers) -> None:
    usc, price = made.enterprise(), made.model["contract"]["amount_yuan"]
    doubled = made.works(usc, contract={"settlement_yuan": 2 * price})
    made.must_find("J-18", project.CONTRACT, usc, doubled[1])
    yuan = {"amount_yuan": price * 10_000, "settlement_yuan": price * 10_000}
    made.must_find("J-24", project.CONTRACT, usc, made.works(usc, contract=yuan)[1])


def _sizes(made: Newcomers) -> None:
    usc, storeys = made.enterprise(), made.model["unit"][STOREYS]
    made.must_find("J-22", project.MEASURE, usc, made.works(usc, unit={HEIGHT: storeys * 10})[2])
    road = made.works(usc, unit={"城市道路|长度": 1_000.0})
    made.must_find("J-23", project.MEASURE, usc, road[2])


def _without_parent(made: Newcomers) -> None:
    """Its project is never delivered; found once the contract has waited for a week."""
    usc = made.enterprise()
    _, contract, _ = made.works(usc)
    made.rows["project"].pop()
    made.must_find("F-07", project.CONTRACT, usc, contract)


def _permits(made: Newcomers) -> None:
    usc, other, like = made.enterprise(), made.enterprise(), made.model["acceptance"]
    late = like["accepted_on"] + timedelta(days=1)
    contract, permit = made.permitted(usc, issued_on=late)
    made.must_find("J-04:permit", project.CONTRACT, usc, contract)
    for target, key in ((project.PERMIT, permit), (project.CONTRACT, contract)):
        made.must_find("J-31", target, usc, key)  # its number has the day that is meant
    contract, _ = made.permitted(usc)
    made.rows["permit"][-1]["usc_code"] = other
    made.must_find("J-11:permit", project.CONTRACT, usc, contract)
    contract, permit = made.permitted(usc, supervisor_usc_code=usc)
    for target, key in ((project.PERMIT, permit), (project.CONTRACT, contract)):
        made.must_find("J-27", target, usc, key)
    _, permit = made.permitted(usc)
    made.rows["permit"][-1]["project_no"] = "3301061501010198"
    made.must_find("F-07", project.PERMIT, usc, permit)


_VIOLATIONS: tuple[Callable[[Newcomers], None], ...] = (
    *(
        _organisation_code,
        _code_of_an_association,
        _printed,
        _one_name,
        _levels,
        _one_without_the_other,
        _amounts,
    ),
    *(_reorganised, _filed_twice, _one_penalty),
    *(
        _two_numbers,
        _other_name,
        _ages,
        _insured_elsewhere,
        _certificates,
        _upside_down,
        _bulk,
        _moved_in,
    ),
    *(_two_leads, _safety),
    *(_managers, _numbers, _registered_again, _days, _contractors, _amounts_of_works, _sizes),
    *(_without_parent, _permits),
)
