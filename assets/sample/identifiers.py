"""Identifiers of the sample, with valid check characters and regions that never existed.

What belongs here: how a number is formed and checked (GB 32100-2015, GB 11714-1997,
GB 11643-1999). What does not: who gets it. Every code of an enterprise or a person carries
a region 33NN99, which was never assigned, so that no real one can be hit. The last
character of a certificate number is set by a rule of our own: the real one is not public.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from assets.sample.draws import Ints

USC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_USC_WEIGHTS = tuple(3**i % 31 for i in range(17))
_ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], np.int64)
_ID_CHECKS = np.array(list("10X98765432"))

ENTITIES_PER_ENTERPRISE = 8
"""Codes kept for each enterprise: itself (0), branches (1 to 4), a subsidiary (5)."""
_CODE_SPACE = 31**6
_CODE_STEP = 387_420_489
"""Prime to 31 (a power of 3), so that the scrambled numbers never repeat."""

REGULAR_AGE_DAYS = 14_000
"""Days between the youngest (21) and the oldest (59) regular birthday."""
SIBLINGS = 32
"""Enterprises that may share region and serial; they differ in the day of birth modulo 32."""
_SERIALS = 480
PEOPLE_LIMIT = REGULAR_AGE_DAYS // SIBLINGS
"""Most people one enterprise may have, so that all their birthdays differ."""


def usc_code(city: str, index: int, entity: int = 0) -> str:
    """The unified social credit code of an enterprise's `entity`; region `city`[:4] + 99."""
    number = ((index * ENTITIES_PER_ENTERPRISE + entity + 1) * _CODE_STEP) % _CODE_SPACE
    body = ""
    for _ in range(6):
        number, digit = divmod(number, 31)
        body = USC_ALPHABET[digit] + body
    organisation = f"MA{body}"
    organisation += organisation_check(organisation)
    code = f"91{city[:4]}99{organisation}"
    return code + usc_check(code)


def organisation_check(body: str) -> str:
    """The check character of an 8-character organisation code (GB 11714)."""
    total = sum(w * _ORG_ALPHABET.index(c) for w, c in zip(_ORG_WEIGHTS, body, strict=True))
    return "0123456789X0"[11 - total % 11]


def usc_check(body: str) -> str:
    """The check character of the first 17 characters of a credit code (GB 32100)."""
    total = sum(w * USC_ALPHABET.index(c) for w, c in zip(_USC_WEIGHTS, body, strict=True))
    return USC_ALPHABET[-total % 31]


def certificate_no(authority_digit: str, index: int) -> str:
    """A certificate number: D, authority, province and serial of the enterprise, check.

    Positions 3 to 9 are the enterprise's own and equal on all its certificates (G6). The
    check character is the weighted sum modulo 36, an invented rule.
    """
    body = f"{authority_digit}{33 + index // 100_000:02d}{index % 100_000:05d}"
    total = sum((place + 2) * int(digit) for place, digit in enumerate(body))
    return f"D{body}{_ORG_ALPHABET[total % 36]}"


def id_numbers(
    regions: npt.NDArray[Any], born: npt.NDArray[np.datetime64], serials: Ints
) -> npt.NDArray[Any]:
    """18-character identity numbers.

    Args:
        regions: 6-digit regions as whole numbers.
        born: days of birth.
        serials: 0 to 999; odd is male.
    """
    days = born.astype("datetime64[D]")
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    months = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    in_month = (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    whole = ((regions.astype(np.int64) * 10_000 + years) * 10_000 + months * 100 + in_month) * 1000
    whole = whole + serials
    places = np.array([10**p for p in range(16, -1, -1)], np.int64)
    digits = (whole[:, None] // places) % 10
    checks = _ID_CHECKS[(digits @ _ID_WEIGHTS) % 11]
    numbers: npt.NDArray[Any] = np.char.add(whole.astype("U17"), checks).astype(object)
    return numbers


def id_places(owners: Ints, male: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Region, serial and residue of the birthday that keep every identity number unique.

    Enterprises 0, 1, 2 ... take the pairs of region (11) and serial (480) in turn; those
    that meet the same pair again differ in the birthday's day number modulo `SIBLINGS`.
    """
    pair = (owners * 1471) % (11 * _SERIALS)
    regions = 330_099 + 100 * (pair % 11 + 1)
    serials = 2 * (pair // 11 + 10) + male
    residues = (owners // (11 * _SERIALS)) % SIBLINGS
    return regions, serials, residues
