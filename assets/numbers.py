"""The numbers of projects, their stages, permits and certificates: forms and what they say.

Belongs here: the form of each number, as a regular expression that Polars, pandas and Python
read alike, and the parts of one. Does not: numbers of organisations and persons
(`assets.identifiers`), clean-up of what a channel sends (`assets.normalise`): all forms are of
normalised numbers, upper-case, half-width, brackets round.

A form that is not met says that a number was mis-keyed or follows another scheme; which of them,
and what follows, is for the check that asks. No number here has a public check character but
that of an electronic licence.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import polars as pl

from assets.identifiers import mod_37_36, usc_fault
from assets.regions import load_regions

# -- days within numbers ---------------------------------------------------------------

_MONTH_DAY = (
    "(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)"
    "|02(?:0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP = "(?:[02468][048]|[13579][26])"
_DAY6 = f"(?:[0-9]{{2}}{_MONTH_DAY}|{_LEAP}0229)"
"""yymmdd of this century, a day of the calendar."""
_DAY8 = f"(?:20[0-9]{{2}}{_MONTH_DAY}|20{_LEAP}0229)"
"""yyyymmdd of this century, a day of the calendar."""

# -- projects and their stages ---------------------------------------------------------

PROJECT = f"^[0-9]{{6}}{_DAY6}(?:01|02|99)[0-9]{{2}}$"
"""项目编号: region, day of the first registration, class (01 房屋 02 市政 99 其他), serial."""

STAGES = {
    "BA": "设计招标", "BB": "勘察招标", "BC": "设计施工一体化招标", "BD": "施工招标",
    "BE": "监理招标", "BG": "工程总承包招标", "BM": "项目管理招标",
    "TX": "施工图审查",
    "HA": "设计合同", "HB": "勘察合同", "HC": "设计施工一体化合同", "HE": "监理合同",
    "HF": "施工分包合同", "HG": "工程总承包合同", "HL": "劳务合同", "HM": "项目管理合同",
    "HZ": "施工总包合同",
    "SX": "施工许可", "JX": "竣工验收", "QU": "质量监督", "SA": "安全监督",
}  # fmt: skip
"""Letters of the stages of a project on the national platform."""
CONTRACT_STAGES = {
    "HZ": ("施工总承包", "主体工程承包"),
    "HG": ("工程总承包",),
    "HF": ("专业分包", "专业承包"),
    "HL": ("劳务分包",),
    "HA": ("设计",),
    "HB": ("勘察",),
    "HE": ("监理",),
    "HM": ("项目管理",),
}
"""Letters of a contract's number and the classes of contract they stand for."""
ACCEPTANCE_STAGE = "JX"

STAGE = "^[0-9]{16}-[A-Z]{2}-[0-9]{3,4}$"
"""Number of a stage: its project's, letters, serial of three digits; of four where a generator
padded every number below 100 with two noughts. Other schemes occur and prove nothing."""
KNOWN_STAGE = f"^[0-9]{{16}}-(?:{'|'.join(STAGES)})-[0-9]{{3,4}}$"
PERFORMANCE = "^YJ-[0-9]{16}-[0-9]{3}$"
"""企业业绩编号: the stage that is a prefix."""


def stage_project(numbers: pl.Expr) -> pl.Expr:
    """The project number within each stage number; null for other schemes."""
    return pl.when(numbers.str.contains(STAGE)).then(numbers.str.slice(0, 16))


def stage_letters(numbers: pl.Expr) -> pl.Expr:
    """The letters of each stage number; null for other schemes."""
    return pl.when(numbers.str.contains(STAGE)).then(numbers.str.slice(17, 2))


def one_spelling(numbers: pl.Expr) -> pl.Expr:
    """Numbers, those of stages with a serial of three digits: -0010 and -010 are one."""
    return numbers.str.replace(r"^([0-9]{16}-[A-Z]{2}-)0([0-9]{3})$", "${1}${2}")


@functools.cache
def region_regex() -> str:
    """Of a project's region followed by its county's code: which pairs may be one place.

    The county or the whole city (NN00, NN01), or a code that succeeded the other.
    """
    regions = load_regions()
    cities = [f"{city}0[01]{city}[0-9]{{2}}" for city in regions.in_force]
    known = sorted(regions.known)
    pairs = [
        f"{one}{other}"
        for one in known
        for other in known
        if one != other and regions.may_be_one_place(one, other)
    ]
    return f"^(?:330000[0-9]{{6}}|{'|'.join(cities)}|{'|'.join(pairs)})$"


def known_region_regex() -> str:
    """The regions of the province that were ever given, at the beginning of a number."""
    return f"^(?:{'|'.join(sorted(load_regions().known))})"


def outlived_region_regex() -> str:
    """Numbers of a region that was no more in the year within them."""
    regions = load_regions()
    ended = {code: regions.last_year(code) for code in sorted(regions.known)}
    outlived = [code + _years_after(last) for code, last in ended.items() if last is not None]
    return f"^(?:{'|'.join(outlived)})"


def _years_after(year: int) -> str:
    """Two digits of a year of this century after another one."""
    if year < 2000:
        return "[0-9]{2}"
    tens, ones = divmod(year % 100, 10)
    same = f"{tens}[{ones + 1}-9]|" if ones < 9 else ""
    return f"(?:{same}[{tens + 1}-9][0-9])"


# -- permits ---------------------------------------------------------------------------

PERMIT = f"^[0-9]{{6}}{_DAY8}[0-9]{{2}}(?:0[1-9]|1[0-9])[SJZA]*$"
"""施工许可证编号: region, day of issue, serial of the day, class (01 to 19), and the letters
of re-issues."""


def permit_number(numbers: pl.Expr) -> pl.Expr:
    """Permit numbers without the letters that a re-issue adds, to compare by."""
    return numbers.str.replace(r"^([0-9]{18})[SJZA]+$", "$1")


def permit_day(numbers: pl.Expr) -> pl.Expr:
    """The day of issue within each permit number; null where it is of another scheme."""
    day = numbers.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    return pl.when(numbers.str.contains(PERMIT)).then(day)


# -- certificates ----------------------------------------------------------------------

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
CONSTRUCTOR = f"^[{PROVINCES}][12][0-9]{{11}}$"
"""注册建造师注册编号: present province, level, province and years of qualification and first
registration, serial. The twelve digits stay for life; the character follows the person."""
SAFETY_EXAMINATION = f"^[{PROVINCES}]建安(?:A|B|C[123]?)\\([0-9]{{4}}\\)[0-9]{{7}}$"
"""安管人员考核合格证: class A, B or C (C1 机械 C2 土建 C3 综合), year, serial."""
QUALIFICATION_CERTIFICATE = "^D[W]?[123][0-9]{7}[0-9A-Z]$"
"""建筑业企业资质证书: W for foreign-invested, authority, province and serial, which stay for
life, and a check character whose rule is not public: it never rejects a number."""
OUR_PROVINCE = "33"
"""The province in the numbers of certificates that authorities of this one issue."""
SAFETY_LICENCE = f"^\\([{PROVINCES}]\\)JZ安许证字\\([0-9]{{4}}\\)[0-9]{{6}}$"
"""安全生产许可证: province, year, serial of which the first two digits are the city's."""


def names_another_province(numbers: pl.Expr) -> pl.Expr:
    """Whether a certificate of a province or city has the number of another one; false of none."""
    is_local = numbers.str.contains("^DW?[23]")
    is_ours = numbers.str.contains(f"^DW?[23]{OUR_PROVINCE}")
    return (is_local & ~is_ours).fill_null(False)


def constructor_digits(numbers: pl.Expr) -> pl.Expr:
    """The digits of a constructor's number, which stay the same when he moves."""
    return pl.when(numbers.str.contains(CONSTRUCTOR)).then(numbers.str.slice(1))


# -- electronic licences (GB/T 36904-2018) ---------------------------------------------

_LICENCE = re.compile(
    r"^1\.2\.156\.3005\.2\."
    r"(?P<kind>[0-9A-Z]{18}[0-9]{3})\.(?P<issuer>[0-9A-Z]{18}|[0-9]{6})\."
    r"(?P<serial>[0-9A-Z]{1,32})\.(?P<version>[0-9]{3})\.(?P<check>[0-9A-Z])$"
)


@dataclass(frozen=True, slots=True)
class Licence:
    """An electronic licence's identifier in its parts."""

    kind: str
    """18 characters of the ministry and 3 digits."""
    issuer: str
    """Social credit code; on older ones a region."""
    serial: str
    version: int
    """1 at first, one more with every re-issue."""
    is_check_sound: bool
    """A foreign one whose check fails is noted, not rejected: one published identifier does."""
    is_issuer_sound: bool


def licence(identifier: str) -> Licence | None:
    """The parts of an electronic licence's identifier; None if it is none."""
    found = _LICENCE.match(identifier)
    if found is None:
        return None
    issuer = found["issuer"]
    is_code = len(issuer) == 18
    unsound = pl.select(usc_fault(pl.lit(issuer))).item() if is_code else None
    body = found["kind"] + issuer + found["serial"] + found["version"]
    return Licence(
        kind=found["kind"],
        issuer=issuer,
        serial=found["serial"],
        version=int(found["version"]),
        is_check_sound=mod_37_36(body) == found["check"],
        is_issuer_sound=unsound is None,
    )


# -- forms that a channel file may ask for ---------------------------------------------

FORMS = {
    "project": PROJECT,
    "stage": KNOWN_STAGE,
    "performance": PERFORMANCE,
    "permit": PERMIT,
    "constructor": CONSTRUCTOR,
    "safety_examination": SAFETY_EXAMINATION,
    "qualification_certificate": QUALIFICATION_CERTIFICATE,
    "safety_licence": SAFETY_LICENCE,
    "electronic_licence": _LICENCE.pattern,
}
"""Forms by name: a field of a channel file that says `form` sets other numbers apart."""
