"""The form of a kind of application.

Belongs here: what every kind states. Does not: any kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from decisions.rulebook.codes import Assessment
from decisions.rulebook.model import Basis
from decisions.switches.model import Switch

Holding = Literal["none", "next_lower", "same"]
"""Which holding of the category a case is about: none, the next lower level, the level itself."""


class Term(Enum):
    """The expiry of the qualification after the grant (G4)."""

    KEPT = "有效期不变 the expiry is kept"
    RESTARTED = "自批准之日起5年 five years from the grant"
    BY_CASE = "有效期不变；注销办理中的为1年 kept; one year while a cancellation is under way"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a grant does to the certificate set.

    Attributes:
        effect: as recorded in the decision, where the enterprise has a set to act on.
        level: what becomes of the list of qualifications.
        term: what becomes of the expiry.
        draws_number: whether an enterprise without a set of this authority gets a new one;
            everything else keeps the number.
        clause: where the law says so.
        basis: whether that text was seen or is recalled.
    """

    effect: str
    level: Literal["added", "replaced", "kept"]
    term: Term
    draws_number: bool
    clause: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of application, or one way of handling it.

    Attributes:
        code: its name among the assessments of `standards/kinds.yaml`, where the parts, the
            months of insurance and the source of the net assets stand.
        filed_as: what the applicant files it as (`intake__application.kind`).
        zh, en: its name.
        who: who may file, in words.
        about: the holding it is about.
        switches: what must be answered yes first.
        snapshot: which data count, as of which day, in words.
        grant: what a grant does.
        clause: where the law has the kind.
        basis: whether that text was seen or is recalled.
    """

    code: Assessment
    filed_as: str
    zh: str
    en: str
    who: str
    about: Holding
    switches: tuple[Switch, ...]
    snapshot: str
    grant: Grant
    clause: str
    basis: Basis


FILED = (
    "受理时的数据发布，按申请日 the release at hand, as of the day of filing; "
    "登记状态、限制、整改按决定日 state of registration, bars and orders as of the decision"
)
"""B0.6: nothing is added after the filing; what a channel delivers late is read for that day."""
FILED_AND_ACTS = f"{FILED}；第二十三条自前一年至决定日 Art. 23 from a year before to the decision"
"""And acts are read again at the decision (B2.3)."""
