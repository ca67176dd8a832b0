"""重新核定 after a merger, split, restructuring or conversion, simplified or in full (B6.1-B6.6).

The applicant files one kind; the registration base says what happened and whether 79号 lists
the case. Belongs here: what both ways of handling state. Does not: reading the grounds
(`decisions.reverification`).
"""

from __future__ import annotations

from dataclasses import replace

from decisions.kinds.model import FILED, Grant, Kind, Term
from decisions.switches.bar import BAR
from decisions.switches.closed_level import LEVEL_OPEN
from decisions.switches.jurisdiction import JURISDICTION
from decisions.switches.registration import REGISTRATION_STATE
from decisions.switches.reverification import GROUND
from decisions.switches.succession import HELD_OR_CARRIED, VALID_OR_CARRIED

FULL = Kind(
    code="reverification_full",
    filed_as="reverification",
    zh="重新核定（全面）",
    en="re-verification, in full",
    who=(
        "合并、分立、重组、改制后承继资质的企业 "
        "who carries a qualification on after a merger, split, restructuring or conversion"
    ),
    about="same",
    switches=(
        JURISDICTION,
        REGISTRATION_STATE,
        LEVEL_OPEN,
        HELD_OR_CARRIED,
        VALID_OR_CARRIED,
        BAR,
        GROUND,
    ),
    snapshot=f"{FILED}；重组事实取自登记库 the facts of the event from the registration base",
    grant=Grant(
        effect="reverify",
        level="kept",
        term=Term.RESTARTED,
        draws_number=True,
        clause="令22 第二十一条; 20号",
        basis="seen",
    ),
    clause="令22 第二十一条",
    basis="seen",
)
SIMPLIFIED = replace(
    FULL,
    code="reverification_simplified",
    zh="重新核定（简化）",
    en="re-verification, simplified",
    grant=replace(FULL.grant, term=Term.BY_CASE, clause="建市[2014]79号"),
    clause="建市[2014]79号",
)
