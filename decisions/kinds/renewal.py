"""延续: the same level for another term (B3).

Belongs here: what the kind states. Does not: figures (`standards/kinds.yaml`), the deemed
renewal of a case not decided in time (B3.1).
"""

from __future__ import annotations

from decisions.kinds.model import FILED, Grant, Kind, Term
from decisions.switches.bar import BAR
from decisions.switches.closed_level import LEVEL_OPEN
from decisions.switches.held import FILING_WINDOW, THIS_LEVEL_HELD, VALIDITY
from decisions.switches.jurisdiction import JURISDICTION
from decisions.switches.registration import REGISTRATION_STATE
from decisions.switches.reverification_due import NO_EXCHANGE_DUE

RENEWAL = Kind(
    code="renewal",
    filed_as="renewal",
    zh="延续",
    en="renewal",
    who="持有该等级、在有效期内的企业 the holder of the level, until the day it expires",
    about="same",
    switches=(
        JURISDICTION,
        REGISTRATION_STATE,
        LEVEL_OPEN,
        THIS_LEVEL_HELD,
        VALIDITY,
        FILING_WINDOW,
        NO_EXCHANGE_DUE,
        BAR,
    ),
    snapshot=FILED,
    grant=Grant(
        effect="renew",
        level="kept",
        term=Term.RESTARTED,
        draws_number=False,
        clause="令22 第十八条; 20号",
        basis="seen",
    ),
    clause="令22 第十八条",
    basis="seen",
)
