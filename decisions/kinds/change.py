"""变更: what the certificate shows follows the business registration (B4).

The applicant states no new value: name, address, legal representative and capital come from
the registration base. Belongs here: what the kind states. Does not: the comparison
(`decisions.switches.change`).
"""

from __future__ import annotations

from decisions.kinds.model import FILED, Grant, Kind, Term
from decisions.switches.bar import BAR
from decisions.switches.change import CHANGE_GROUND
from decisions.switches.held import THIS_LEVEL_HELD, VALIDITY
from decisions.switches.jurisdiction import JURISDICTION
from decisions.switches.registration import REGISTRATION_STATE

CHANGE = Kind(
    code="change",
    filed_as="change",
    zh="变更",
    en="change",
    who="持有有效资质、登记信息已变更的企业 the holder whose registration has changed",
    about="same",
    switches=(
        JURISDICTION,
        REGISTRATION_STATE,
        THIS_LEVEL_HELD,
        VALIDITY,
        BAR,
        CHANGE_GROUND,
    ),
    snapshot=FILED,
    grant=Grant(
        effect="change_content",
        level="kept",
        term=Term.KEPT,
        draws_number=False,
        clause="令22 第十九条、第二十条",
        basis="recalled",
    ),
    clause="令22 第十九条",
    basis="seen",
)
