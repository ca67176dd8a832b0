"""重新核定 of a lower level, within three months of a renewal refused or a withdrawal (B3.4, D6).

Belongs here: what this other meaning of 重新核定 states (B6.7). It is assessed in full: 79号
does not list it among the simplified cases. Does not: reading what was lost
(`decisions.reverification.losses`).
"""

from __future__ import annotations

from decisions.kinds.model import FILED, Grant, Kind, Term
from decisions.switches.bar import BAR
from decisions.switches.closed_level import LEVEL_OPEN
from decisions.switches.jurisdiction import JURISDICTION
from decisions.switches.lower_level import LOST_IN_TIME
from decisions.switches.registration import REGISTRATION_STATE

LOWER_LEVEL = Kind(
    code="reverification_lower",
    filed_as="reverification",
    zh="重新核定（低等级）",
    en="re-verification of a lower level",
    who=(
        "三个月内被不予延续或撤回更高等级的企业 "
        "whose higher level of the category was refused renewal or withdrawn within three months"
    ),
    about="none",
    switches=(JURISDICTION, REGISTRATION_STATE, LEVEL_OPEN, BAR, LOST_IN_TIME),
    snapshot=f"{FILED}；不予延续取自本机关决定，撤回取自企业库 refusals from our own decisions",
    grant=Grant(
        effect="reverify",
        level="replaced",
        term=Term.RESTARTED,
        draws_number=True,
        clause="令22 第二十八条; 20号",
        basis="seen",
    ),
    clause="令22 第十八条、第二十八条; 20号",
    basis="seen",
)
