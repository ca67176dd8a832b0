"""Certificate numbers: their form, their check character, and drawing one that is free.

Belongs here: the arithmetic of numbers. Does not: who gets one (`effects`).

A number is `D`, authority digit (2 province), two digits of the province (33), five
digits of serial and a check character; characters 3 to 9 are the code of the enterprise
and stay for its life (regulations G5, G6). The official rule of the check character is
not public, so **ours is our own**: ISO 7064 MOD 37,36 over the nine characters before
it, the rule e-certificate identifiers use. A foreign check character is never rejected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from assets.identifiers import mod_37_36
from assets.numbers import OUR_PROVINCE

PREFIX = "D2"
PROVINCE = OUR_PROVINCE
_SERIALS = 99_999


class NumbersExhausted(RuntimeError):
    """Every serial of the province has been used."""


def number_of(enterprise_code: str) -> str:
    """The provincial number of an enterprise code ("3300001": characters 3 to 9)."""
    body = PREFIX + enterprise_code
    return body + mod_37_36(body)


def enterprise_code(number: str) -> str:
    """Characters 3 to 9 of a number; the W of foreign-invested enterprises is skipped."""
    return number.replace("W", "", 1)[2:9] if number[1:2] == "W" else number[2:9]


@dataclass
class Numbers:
    """Every number and enterprise code in use, and the next free ones.

    Args:
        taken: (number, owner's unified social credit code) of every certificate known,
            of whatever authority and state.
    """

    taken: Iterable[tuple[str, str]]
    _numbers: set[str] = field(init=False, default_factory=set)
    _owners: dict[str, set[str]] = field(init=False, default_factory=dict)
    _codes: dict[str, list[str]] = field(init=False, default_factory=dict)
    _last: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        for number, owner in sorted(self.taken):
            self._enter(number, owner)

    def draw(self, usc_code: str) -> str:
        """A number for an enterprise: on its own code if it has one, else on the next free serial.

        Its code is kept only if no other enterprise is found under it and the number it
        gives was never used.

        Raises:
            NumbersExhausted: no serial is left.
        """
        for code in self._codes.get(usc_code, ()):
            number = number_of(code)
            if (
                code.startswith(PROVINCE)
                and self._owners[code] == {usc_code}
                and number not in self._numbers
            ):
                self._enter(number, usc_code)
                return number
        for serial in range(self._last + 1, _SERIALS + 1):
            code = f"{PROVINCE}{serial:05d}"
            if code not in self._owners:
                self._last = serial
                number = number_of(code)
                self._enter(number, usc_code)
                return number
        raise NumbersExhausted(
            f"all {_SERIALS} serials of province {PROVINCE} are used; the number needs another form"
        )

    def _enter(self, number: str, owner: str) -> None:
        code = enterprise_code(number)
        self._numbers.add(number)
        self._owners.setdefault(code, set()).add(owner)
        codes = self._codes.setdefault(owner, [])
        if code not in codes:
            codes.append(code)
