"""升级: the next level of a category held (B2).

Belongs here: what the kind states. Does not: figures (`standards/kinds.yaml`).
"""

from __future__ import annotations

from decisions.kinds.model import FILED_AND_ACTS, Grant, Kind, Term
from decisions.switches.bar import BAR
from decisions.switches.held import NEXT_LOWER_HELD, VALIDITY
from decisions.switches.jurisdiction import JURISDICTION
from decisions.switches.rectification import RECTIFICATION
from decisions.switches.registration import REGISTRATION_STATE
from decisions.switches.reverification_due import NONE_DUE

UPGRADE = Kind(
    code="upgrade",
    filed_as="upgrade",
    zh="升级",
    en="upgrade",
    who="持有本类别低一等级有效资质的企业 the holder of the next lower level, valid",
    about="next_lower",
    switches=(
        JURISDICTION,
        REGISTRATION_STATE,
        NEXT_LOWER_HELD,
        VALIDITY,
        BAR,
        RECTIFICATION,
        NONE_DUE,
    ),
    snapshot=FILED_AND_ACTS,
    grant=Grant(
        effect="replace_level",
        level="replaced",
        term=Term.KEPT,
        draws_number=True,
        clause="20号",
        basis="seen",
    ),
    clause="令22 第八条; 20号",
    basis="recalled",
)
