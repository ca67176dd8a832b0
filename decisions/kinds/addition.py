"""增项: a further category for an enterprise that holds one (B1.4).

Belongs here: what the kind states. Does not: figures (`standards/kinds.yaml`).
"""

from __future__ import annotations

from decisions.kinds.model import FILED_AND_ACTS, Grant, Kind, Term
from decisions.switches.bar import BAR
from decisions.switches.closed_level import LEVEL_OPEN
from decisions.switches.first_level import FIRST_LEVEL
from decisions.switches.held import OTHERS_HELD
from decisions.switches.jurisdiction import JURISDICTION
from decisions.switches.rectification import RECTIFICATION
from decisions.switches.registration import REGISTRATION_STATE
from decisions.switches.reverification_due import NONE_DUE

ADDITION = Kind(
    code="addition",
    filed_as="addition",
    zh="增项",
    en="addition of a category",
    who="持有其他类别资质的企业法人 a legal person that holds another category",
    about="none",
    switches=(
        JURISDICTION,
        REGISTRATION_STATE,
        LEVEL_OPEN,
        FIRST_LEVEL,
        OTHERS_HELD,
        BAR,
        RECTIFICATION,
        NONE_DUE,
    ),
    snapshot=FILED_AND_ACTS,
    grant=Grant(
        effect="add_to_certificate",
        level="added",
        term=Term.KEPT,
        draws_number=True,
        clause="20号",
        basis="seen",
    ),
    clause="令22 第八条",
    basis="seen",
)
