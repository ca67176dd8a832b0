"""遗失补办: the same certificate once more (B5).

An electronic certificate is lost as a file: it is issued as a new version of the same number,
which makes the old file void; no notice of loss is asked for. Belongs here: what the kind
states.
"""

from __future__ import annotations

from decisions.kinds.model import FILED, Grant, Kind, Term
from decisions.switches.bar import BAR
from decisions.switches.held import THIS_LEVEL_HELD, VALIDITY
from decisions.switches.jurisdiction import JURISDICTION
from decisions.switches.registration import REGISTRATION_STATE

REPLACEMENT = Kind(
    code="replacement",
    filed_as="replacement",
    zh="遗失补办",
    en="replacement of a lost certificate",
    who="持有有效资质的企业 the holder of the level, valid",
    about="same",
    switches=(JURISDICTION, REGISTRATION_STATE, THIS_LEVEL_HELD, VALIDITY, BAR),
    snapshot=FILED,
    grant=Grant(
        effect="reissue",
        level="kept",
        term=Term.KEPT,
        draws_number=False,
        clause="令22 第二十二条",
        basis="seen",
    ),
    clause="令22 第二十二条",
    basis="seen",
)
