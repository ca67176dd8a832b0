"""Every rule and every vector of the identifiers in use, by the section of its standard.

All numbers of persons are made up; regions 33NN99 were never assigned.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from assets import identifiers as ids
from assets import numbers
from assets.channels import Field
from assets.explain import masked
from assets.normalise import interpret
from assets.regions import load_regions
from assets.row_checks import row_checks
from assets.tables import enterprise, personnel, project

TODAY = date(2017, 3, 1)

USC, ID, ORG = "社会信用代码 GB 32100", "身份证号 GB 11643", "组织机构代码 GB 11714"
STAGE, PRJ, PERMIT = "环节编号", "项目编号", "施工许可证编号"
POSTS, REG, CERT, LICENCE = "人员证书", "建造师注册编号", "企业证书", "安全生产许可证"
OTHERS, FOLD = "其他", "清洗"


def read(kind: str, text: str | None, on: date = TODAY, **more: Any) -> tuple[Any, str | None]:
    """(value, fault) of one text, as a channel's field is read."""
    field = Field(source="s", read=kind, **more)  # type: ignore[arg-type]
    meaning = interpret(pl.Series([text], dtype=pl.String), field, pl.String(), on)
    return meaning["value"].item(), meaning["fault"].item()


def ask(rule: Any, text: str) -> Any:
    """What an expression over numbers says of one."""
    return pl.select(rule(pl.lit(text, pl.String))).item()


# -- 统一社会信用代码 --------------------------------------------------------------------

SOUND_CODES = [
    "91330100MA2800A1X1",
    "91330100MA28TX903L",
    "9133010014304000X8",
    "91330100720000017K",
    "91330100100000008D",
    "9133000014304000X3",
    "91330000MA2800A1XU",
    "9133020014304000XD",
    "91330200MA2800A1X6",
    "9133030014304000XJ",
    "91330300MA2800A1XB",
    "9133048314304000XY",
    "91330483MA2800A1XP",
    "9133078214304000X0",
    "91330782MA2800A1XQ",
    "9133068314304000X9",
    "91330683MA2800A1X2",
    "91330199MA2A00018R",
    "91330199MA2A00026L",
    "91330199MA2A00034F",
    "91330199MACC00018W",
    "91330299MA2A00018Y",
    "91330299MA2A00026R",
    "91330299MA2A00034L",
    "91330299MACC000182",
    "11330000002900870L",
    "12330000470000013F",
    "52330000500000015E",
    "A1330100500000015H",
    "N23301005000000152",
    "Y1330100500000015W",
    "91110000600037341L",
    "91340000711771143J",
]
"""Of enterprises, organs, institutions, civil bodies; of letters first, of regions never given."""

# -- 公民身份号码 ------------------------------------------------------------------------

SOUND_NUMBERS = [
    "330199198503120013",
    "330199198503120021",
    "330199196307010037",
    "330399200001010114",
    "330799195812310055",
    "330199197006150049",
    "330699199009090084",
    "331019199912310991",
    "330102198001010018",
    "330102198001010026",
    "330106197512311235",
    "330203198802290453",
    "330381200510153187",
    "330783195506309979",
    "33010219850615018X",
    "33010219850615026X",
    "330621197008171107",
]
"""With a leap day, with a county that is no more, with regions never given."""

# -- 组织机构代码 ------------------------------------------------------------------------

ORGANISATIONS = [
    "MA2800A1-X",
    "MA28TX90-3",
    "14304000-X",
    "72000001-7",
    "10000000-8",
    "MAC0AAAA-6",
    "60003734-1",
    "71177114-3",
    "MA2A0001-8",
]

READ = [
    *((USC, "usc_code", code, code, None) for code in SOUND_CODES),
    (USC, "usc_code", "91330100ma2800a1x1", "91330100MA2800A1X1", None),
    (USC, "usc_code", " 91330100MA2800A1X1", "91330100MA2800A1X1", None),
    (USC, "usc_code", "９１３３０１００ＭＡ２８００Ａ１Ｘ１", "91330100MA2800A1X1", None),
    (USC, "usc_code", "91330100MA2800A1X2", None, "check_digit"),
    (USC, "usc_code", "91330100MA2800A1IX", None, "alphabet"),
    (USC, "usc_code", "91330100MA28OOA1X1", None, "alphabet"),
    (USC, "usc_code", "91330100MA2800A1X", None, "length"),
    # The code within is wrong and its own check is right: noted (E-02), not rejected.
    (USC, "usc_code", "9133010014304001X9", "9133010014304001X9", None),
    (USC, "usc_code", "其它", None, "length"),
    *((ID, "id_number", number, number, None) for number in SOUND_NUMBERS),
    (ID, "id_number", "330102800101001", "330102198001010018", None),
    (ID, "id_number", "330203550630997", "33020319550630997X", None),
    (ID, "id_number", "330482199002290018", None, "impossible_date"),
    (ID, "id_number", "33029919910229002X", None, "impossible_date"),
    (ID, "id_number", "330199189001010012", None, "age"),
    (ID, "id_number", "330199203001010010", None, "impossible_date"),
    (ID, "id_number", "330102198001010019", None, "check_digit"),
    (ID, "id_number", "33010219850615018x", "33010219850615018X", None),
    (ID, "id_number", "３３０１０２１９８００１０１００１８", "330102198001010018", None),
    (ID, "id_number", "33010219800101001", None, "length"),
    (ID, "id_number", "3.30102E+17", None, "length"),
    (ID, "id_number", "330227************", None, "alphabet"),
    # A residence permit of Hong Kong, Macao or Taiwan has the form and the check.
    (ID, "id_number", "810000199001010019", "810000199001010019", None),
    (PRJ, "project", "3202911505140103", "3202911505140103", None),
    (PRJ, "project", "3301062304180101", "3301062304180101", None),
    (PRJ, "project", "3302032106300202", "3302032106300202", None),
    (PRJ, "project", "3307831709119901", "3307831709119901", None),
    (PRJ, "project", "330106230418010", None, "form"),
    (PRJ, "project", "33010623041801012", None, "form"),
    (PRJ, "project", "3301062304310101", None, "form"),
    (PRJ, "project", "3301062302290101", None, "form"),
    (PRJ, "project", "3301062402290101", "3301062402290101", None),
    (PRJ, "project", "3301062304180301", None, "form"),
    (PRJ, "project", "2020-330106-47-03-123456", None, "form"),
    *(
        (STAGE, "stage", f"3301062304180101-{letters}-001", f"3301062304180101-{letters}-001", None)
        for letters in numbers.STAGES
    ),
    # A generator pads every number below 100 with two noughts: compared as numbers.
    (STAGE, "stage", "3301062304180101-HZ-0010", "3301062304180101-HZ-010", None),
    (STAGE, "stage", "3301062304180101-HZ-0099", "3301062304180101-HZ-099", None),
    (STAGE, "stage", "3301062304180101-HZ-1234", "3301062304180101-HZ-1234", None),
    (STAGE, "stage", "3301062304180101-HZ-01", None, "form"),
    (STAGE, "stage", "3301062304180101-ZZ-001", None, "form"),
    (STAGE, "performance", "YJ-3301062304180101-001", "YJ-3301062304180101-001", None),
    (STAGE, "performance", "3301062304180101-YJ-001", None, "form"),
    (PERMIT, "permit", "321111201709010201", "321111201709010201", None),
    (PERMIT, "permit", "330106202306150101", "330106202306150101", None),
    (PERMIT, "permit", "330203202107200302", "330203202107200302", None),
    (PERMIT, "permit", "330106202306150101s", "330106202306150101S", None),
    (PERMIT, "permit", "330106202306310101", None, "form"),
    (PERMIT, "permit", "330106202306150120", None, "form"),
    (PERMIT, "permit", "3301062304180101-SX-001", None, "form"),
    (POSTS, "safety_examination", "浙建安B(2018)0012345", "浙建安B(2018)0012345", None),
    (POSTS, "safety_examination", "浙建安Ｂ（2018）0012345", "浙建安B(2018)0012345", None),
    (POSTS, "safety_examination", "浙建安C1〔2015〕0000001", "浙建安C1(2015)0000001", None),
    (POSTS, "safety_examination", "浙建安D(2018)0012345", None, "form"),
    (REG, "constructor", "京111050700001", "京111050700001", None),
    (REG, "constructor", "浙133101200001", "浙133101200001", None),
    (REG, "constructor", "浙233151600123", "浙233151600123", None),
    (REG, "constructor", "浙133081000456", "浙133081000456", None),
    (REG, "constructor", "浙232141500077", "浙232141500077", None),
    (REG, "constructor", "浙２３３151600123", "浙233151600123", None),
    (REG, "constructor", "浙333151600123", None, "form"),
    (REG, "constructor", "浙23315160012", None, "form"),
    (REG, "constructor", "淅233151600123", None, "form"),
    (CERT, "qualification_certificate", "d233061246", "D233061246", None),
    (CERT, "qualification_certificate", "D133000018", "D133000018", None),
    (CERT, "qualification_certificate", "D233012345", "D233012345", None),
    (CERT, "qualification_certificate", "D333054327", "D333054327", None),
    (CERT, "qualification_certificate", "DW233012345", "DW233012345", None),
    (CERT, "qualification_certificate", "D233012345-6/3", "D233012345", None),
    (CERT, "qualification_certificate", "D433012345", None, "form"),
    (LICENCE, "safety_licence", "（浙）JZ安许证字[2005]010123", "(浙)JZ安许证字(2005)010123", None),
    (LICENCE, "safety_licence", "(浙)JZ安许证字〔2005〕010123", "(浙)JZ安许证字(2005)010123", None),
    (LICENCE, "safety_licence", "(浙)JZ安许证字(2005)010123", "(浙)JZ安许证字(2005)010123", None),
    (LICENCE, "safety_licence", "浙JZ安许证字(2005)10123", None, "form"),
    (OTHERS, "identifier", "杭建罚字〔2023〕第12号", "杭建罚字(2023)第12号", None),
    (OTHERS, "identifier", "(2023)浙0102执1234号", "(2023)浙0102执1234号", None),
    (OTHERS, "identifier", "许可-16072-001", "许可-16072-001", None),
    (FOLD, "region", "330203001", "330203", None),
    (FOLD, "person_name", "阿卜杜拉•买 买提", "阿卜杜拉·买买提", None),
    (FOLD, "person_name", "阿卜杜拉．买买提", "阿卜杜拉·买买提", None),
    (FOLD, "person_name", "阿卜杜拉‧买买提", "阿卜杜拉·买买提", None),
    (FOLD, "enterprise_name", "\ufeff浙江 (测试)\u3000有限公司", "浙江（测试）有限公司", None),
    (FOLD, "enterprise_name", "浙江测试有限责任公司", "浙江测试有限责任公司", None),
    (FOLD, "identifier", "'\tab\u00a012 ", "AB12", None),
    *(
        (FOLD, "identifier", nothing, None, None)
        for nothing in ("-1", "0", "无", "/", "null", r"\N", "9999-9-9", "1900-1-1", "\n", "暂无")
    ),
]


@pytest.mark.parametrize(("section", "kind", "text", "value", "fault"), READ)
def test_a_number_is_read_or_told_what_is_wrong(
    section: str, kind: str, text: str, value: str | None, fault: str | None
) -> None:
    del section
    if kind in numbers.FORMS:
        how = "certificate_no" if kind == "qualification_certificate" else "identifier"
        assert read(how, text, form=kind) == (value, fault)
    else:
        assert read(kind, text) == (value, fault)


# -- what a number says ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "is_sound"),
    [
        *((code, True) for code in ORGANISATIONS),
        *((code.replace("-", ""), True) for code in ORGANISATIONS),
        ("MA2800A1-1", False),
        ("14304001X", False),
        ("1616173", False),
    ],
)
def test_an_organisation_code_holds_its_check_or_not(code: str, is_sound: bool) -> None:
    assert ids.is_organisation_code(code) is is_sound


@pytest.mark.parametrize("code", ["91330100MA2800A1X1", "9133010014304000X8", "91330100720000017K"])
def test_the_organisation_code_is_within_the_social_credit_code(code: str) -> None:
    assert ids.is_organisation_code(code[8:17])
    assert f"{code[8:16]}-{code[16]}" in ORGANISATIONS


@pytest.mark.parametrize("number", SOUND_NUMBERS)
def test_the_birthday_of_a_number_is_in_it_and_its_mask_hides_it(number: str) -> None:
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    assert ask(ids.born_on, number) == born
    assert masked(number) == f"{number[:3]}***********{number[-4:]}"


LICENCES = [
    ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U", True, True, 1),
    ("1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0", True, True, 2),
    ("1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9", True, True, 1),
    ("1.2.156.3005.2.11100000000013338W001.11330000002482429A.2024000001.001.H", True, False, 1),
    ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.V", False, True, 1),
]


@pytest.mark.provision("G9")
@pytest.mark.parametrize(("identifier", "check", "issuer", "version"), LICENCES)
def test_an_electronic_licence_tells_its_version_and_is_checked_twice(
    identifier: str, check: bool, issuer: bool, version: int
) -> None:
    told = numbers.licence(identifier)
    assert told is not None
    assert (told.is_check_sound, told.is_issuer_sound, told.version) == (check, issuer, version)
    # A foreign one is not rejected for its check: a published one fails it.
    assert read("identifier", identifier, form="electronic_licence") == (identifier, None)


@pytest.mark.provision("G9")
@pytest.mark.parametrize(
    "text",
    [
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001",
        "1.2.156.3005.3.11100000000013338W011.11430000006122244L.20230000403.001.U",
        "11100000000013338W01111430000006122244L20230000403001U",
    ],
)
def test_what_lacks_a_part_is_no_electronic_licence(text: str) -> None:
    assert numbers.licence(text) is None
    assert read("identifier", text, form="electronic_licence") == (None, "form")


@pytest.mark.parametrize(
    ("number", "project_no", "letters"),
    [
        ("3301062304180101-BD-001", "3301062304180101", "BD"),
        ("3301062304180101-HZ-0010", "3301062304180101", "HZ"),
        ("HT-2014-7", None, None),
    ],
)
def test_a_stage_number_holds_its_project_and_its_stage(
    number: str, project_no: str | None, letters: str | None
) -> None:
    assert ask(numbers.stage_project, number) == project_no
    assert ask(numbers.stage_letters, number) == letters


def test_a_permit_tells_its_day_and_is_one_with_its_re_issue() -> None:
    assert ask(numbers.permit_day, "330106202306150101") == date(2023, 6, 15)
    assert ask(numbers.permit_day, "HZ-2014-7") is None
    assert ask(numbers.permit_number, "330106202306150101S") == "330106202306150101"


def test_a_constructor_who_moved_keeps_his_digits() -> None:
    assert ask(numbers.constructor_digits, "苏232141500077") == "232141500077"
    assert ask(numbers.constructor_digits, "浙232141500077") == "232141500077"
    assert ask(numbers.constructor_digits, "9999999-999") is None


# -- what a row says of its number -------------------------------------------------------


def fails(table: Any, check_id: str, **row: Any) -> bool:
    frame = pl.DataFrame([row], schema_overrides=table.schema)
    [check] = [one for one in row_checks(table) if one.id == check_id]
    return bool(frame.select(check.failed.fill_null(False)).item())


@pytest.mark.parametrize(
    ("number", "county", "is_sound"),
    [
        ("3301062304180101", "330106", True),
        ("3301002304180101", "330106", True),  # numbered by the city
        ("3302911505140103", "330206", True),  # a development zone, in no list
        ("3301212304180101", "330109", False),  # 萧山县 was no more since 1987
        ("3306210904180101", "330603", True),  # 绍兴县, retired in 2013, is 柯桥
        ("3306211404180101", "330603", False),
        ("3301032104180101", "330105", True),  # 下城, shared out in 2021
        ("3301102104180101", "330113", True),  # 临平 was part of 余杭
        ("3301132104180101", "330110", True),
        ("3301062304180101", "330105", False),  # another county of the city
        ("3302032304180101", "330106", False),
        ("3202911505140103", "330106", False),
        ("3301062304310101", "330106", False),
        ("3301062304180301", "330106", False),
    ],
)
def test_a_project_is_numbered_in_its_county_on_a_day_and_in_a_class(
    number: str, county: str, is_sound: bool
) -> None:
    is_bad = fails(project.PROJECT, "J-01", project_no=number, region_code=county)
    assert is_bad is not is_sound


@pytest.mark.parametrize(
    ("number", "registration", "is_sound"),
    [
        ("浙133101200001", "一级注册建造师", True),
        ("浙233151600123", "一级注册建造师", False),
        ("浙233151600123", "二级注册建造师", True),
        ("浙333151600123", "二级注册建造师", False),
        ("浙333151600123", "一级注册建造师", False),
        ("9999999-999", "一级注册建筑师", True),
    ],
)
def test_the_level_digit_of_a_constructor_is_his_level(
    number: str, registration: str, is_sound: bool
) -> None:
    is_bad = fails(
        personnel.REGISTRATION, "P-22", registration_no=number, registration=registration
    )
    assert is_bad is not is_sound


@pytest.mark.provision("G5")
@pytest.mark.parametrize(
    ("number", "authority", "is_sound"),
    [
        ("D133000018", "ministry", True),
        ("D233012345", "province", True),
        ("D333054327", "city", True),
        ("D333054327", "province", False),
        ("DW133000018", "province", False),
    ],
)
def test_the_authority_digit_of_a_certificate_is_its_authority(
    number: str, authority: str, is_sound: bool
) -> None:
    is_bad = fails(enterprise.CERTIFICATE, "E-11", certificate_no=number, authority_code=authority)
    assert is_bad is not is_sound


# -- regions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("330103", {"330102", "330105", "330114"}),
        ("330104", {"330102", "330105", "330114"}),
        ("330121", {"330181", "330109"}),
        ("330125", {"330184", "330110", "330113"}),
        ("330110", {"330113"}),
        ("330123", {"330183", "330111"}),
        ("330124", {"330185", "330112"}),
        ("330126", {"330182"}),
        ("330204", {"330212"}),
        ("330227", {"330212"}),
        ("330224", {"330283", "330213"}),
        ("330321", {"330304"}),
        ("330322", {"330305"}),
        ("330327", {"330383"}),
        ("330621", {"330603"}),
        ("330622", {"330682", "330604"}),
        ("330721", {"330702", "330703"}),
        ("330821", {"330803"}),
        ("331021", {"331083"}),
    ],
)
def test_a_region_is_succeeded_by_those_that_took_its_area(old: str, new: set[str]) -> None:
    assert load_regions().successors(old) == new


def test_the_counties_in_force_are_90_of_11_cities_and_none_is_retired() -> None:
    regions = load_regions()
    present = [str(code) for codes in regions.in_force.values() for code in codes]
    assert (len(regions.in_force), len(present), len(set(present))) == (11, 90, 90)
    assert all(code[:4] in regions.in_force for code in present)
    assert not set(present) & {str(one.code) for one in regions.retired}
    assert {code for code in present if regions.last_year(code)} == set()
