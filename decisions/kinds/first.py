"""首次申请: a first qualification, at the lowest level of its category (B1).

Belongs here: what the kind states. Does not: figures (`standards/kinds.yaml`).
"""

from __future__ import annotations

from decisions.kinds.model import FILED, Grant, Kind, Term
from decisions.switches.bar import BAR
from decisions.switches.closed_level import LEVEL_OPEN
from decisions.switches.first_level import FIRST_LEVEL
from decisions.switches.held import NOTHING_HELD
from decisions.switches.jurisdiction import JURISDICTION
from decisions.switches.registration import REGISTRATION_STATE

FIRST = Kind(
    code="first",
    filed_as="first",
    zh="首次申请",
    en="first application",
    who="尚无资质的企业法人 a legal person that holds no qualification",
    about="none",
    switches=(JURISDICTION, REGISTRATION_STATE, LEVEL_OPEN, FIRST_LEVEL, NOTHING_HELD, BAR),
    snapshot=FILED,
    grant=Grant(
        effect="new_certificate",
        level="added",
        term=Term.RESTARTED,
        draws_number=True,
        clause="令22 第十七条; 20号",
        basis="seen",
    ),
    clause="令22 第八条",
    basis="seen",
)
