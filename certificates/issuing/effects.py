"""What a grant does to a certificate set: pure functions from set and grant to set.

Belongs here: the results of each kind of application (regulations B1.5, B2.5, B3.3,
B4.4, B5.2, B6.5, G4). Does not: where the sets come from (`register`), or how they are
printed (`certificates.layout`).

One set per enterprise and authority (G1). Each qualification carries its own last valid
day, because a renewal is granted per qualification: what was not renewed ends when it
would have ended, though it stands on the same paper. The set's day is its latest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from decisions.holdings.validity import bounds
from decisions.rulebook.extensions import Extension


class GrantNotFitting(ValueError):
    """A grant that the certificates at hand do not fit; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The part of a granting decision that acts on certificates."""

    application_id: str
    usc_code: str
    effect: str
    category_code: str
    subcategory: str
    level: str
    certificate_no: str | None
    valid_until: date | None
    decided_on: date


@dataclass(frozen=True, slots=True)
class Holder:
    """The enterprise, as printed."""

    name: str
    address: str | None
    legal_representative: str | None
    registered_capital_yuan: Decimal | None
    economic_type: str | None


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """One qualification on a set."""

    category_code: str
    subcategory: str
    level: str
    held_from: date
    valid_until: date

    @property
    def key(self) -> tuple[str, str]:
        """What a set holds at most once."""
        return self.category_code, self.subcategory


@dataclass(frozen=True, slots=True)
class CertificateSet:
    """A certificate: number, newest version (0: only on paper so far), holder, qualifications."""

    certificate_no: str
    version: int
    usc_code: str
    holder: Holder
    valid_until: date
    held: tuple[Held, ...]


def apply(
    grant: Grant,
    current: CertificateSet | None,
    registered: Holder | None,
    draw: Callable[[str], str],
    notices: Sequence[Extension] = (),
    awaited: Collection[tuple[str, str]] = (),
) -> tuple[CertificateSet, str]:
    """The set after the grant, one version up, and the effect it had.

    Args:
        grant: the decision.
        current: the set it acts on; None if the enterprise has none in force.
        registered: the enterprise as the business registration had it at the decision's
            release; needed for a new set and for new content.
        draw: gives the number of a new set, by the code of the enterprise.
        notices: what extended certificates as a whole (F9).
        awaited: of the enterprise, category and sub-category of what it has asked to have renewed
            or verified anew, as long as that is not decided.

    Returns:
        The set, and the effect: a first grant that finds a set already (two first
        applications decided before either was issued) is an addition to it (G1).

    Raises:
        GrantNotFitting: no set to act on, nobody registered, or no day of expiry.
    """
    if grant.effect in ("new_certificate", "reverify") and current is None:
        return _new(grant, registered, draw), grant.effect
    if current is None:
        raise GrantNotFitting(
            f"{grant.application_id}: {grant.effect} acts on certificate {grant.certificate_no}, "
            f"but {grant.usc_code} has none in force; deliver the certificate through its channel"
        )
    effect = "add_to_certificate" if grant.effect == "new_certificate" else grant.effect
    base = _without_ended(current, grant, notices, awaited)
    changed = _EFFECTS[effect](grant, base, registered)
    if not changed.held:
        raise GrantNotFitting(
            f"{grant.application_id}: {effect} leaves {current.certificate_no} without a "
            "qualification; what it held has ended"
        )
    return changed, effect


def _new(grant: Grant, registered: Holder | None, draw: Callable[[str], str]) -> CertificateSet:
    expiry = _expiry(grant)
    entry = Held(grant.category_code, grant.subcategory, grant.level, grant.decided_on, expiry)
    return CertificateSet(
        draw(grant.usc_code), 1, grant.usc_code, _registered(grant, registered), expiry, (entry,)
    )


def _enter(grant: Grant, current: CertificateSet, registered: Holder | None) -> CertificateSet:
    """Addition: the expiry of the set does not move (G4)."""
    return _entered(grant, current, current.valid_until)


def _replace_level(
    grant: Grant, current: CertificateSet, registered: Holder | None
) -> CertificateSet:
    """Upgrade: the new level ends when the one that it replaces would have ended (B2.5, G4)."""
    before = _of_item(current, grant)
    return _entered(grant, current, before.valid_until if before else current.valid_until)


def _entered(grant: Grant, current: CertificateSet, until: date) -> CertificateSet:
    entry = Held(grant.category_code, grant.subcategory, grant.level, grant.decided_on, until)
    return replace(current, held=_with(current.held, entry))


def _renew(grant: Grant, current: CertificateSet, registered: Holder | None) -> CertificateSet:
    """Renewal: 5 years from the day it is approved (B3.3), for what was renewed."""
    expiry = _expiry(grant)
    before = _of_item(current, grant)
    since = before.held_from if before and before.level == grant.level else grant.decided_on
    entry = Held(grant.category_code, grant.subcategory, grant.level, since, expiry)
    held = _with(current.held, entry)
    return replace(current, held=held, valid_until=max(h.valid_until for h in held))


def _reverify(grant: Grant, current: CertificateSet, registered: Holder | None) -> CertificateSet:
    """Re-verification: the decision's expiry (full restarts, simplified keeps: B6.5)."""
    return replace(_renew(grant, current, registered), holder=_registered(grant, registered))


def _change(grant: Grant, current: CertificateSet, registered: Holder | None) -> CertificateSet:
    """Change: new content, same number, same expiry (B4.4)."""
    return replace(current, holder=_registered(grant, registered))


def _reissue(grant: Grant, current: CertificateSet, registered: Holder | None) -> CertificateSet:
    """Replacement: the same content; the new version makes the lost file void (B5.3)."""
    return current


_EFFECTS: dict[str, Callable[[Grant, CertificateSet, Holder | None], CertificateSet]] = {
    "add_to_certificate": _enter,
    "replace_level": _replace_level,
    "renew": _renew,
    "change_content": _change,
    "reissue": _reissue,
    "reverify": _reverify,
}


def _without_ended(
    current: CertificateSet,
    grant: Grant,
    notices: Sequence[Extension],
    awaited: Collection[tuple[str, str]],
) -> CertificateSet:
    """The next version, without what has ended by itself (B3.5).

    What is granted anew keeps its history, and what is still to be decided stays, to its day: one
    that expires with an application filed has not ended by itself (B3.1, B3.2). The set ends with
    the last of what stands on it.
    """
    keeps = {(grant.category_code, grant.subcategory), *awaited}
    lasting = alive(current.held, notices, grant.decided_on)
    held = tuple(h for h in current.held if h.key in keeps or h in lasting)
    until = max((h.valid_until for h in held), default=current.valid_until)
    return replace(current, version=current.version + 1, held=held, valid_until=until)


def alive(held: Sequence[Held], notices: Sequence[Extension], today: date) -> tuple[Held, ...]:
    """What has not ended by itself: what a notice may have extended has not for certain."""
    return tuple(h for h in held if lasts(h, notices, today)[1] >= today)


def lasts(line: Held, notices: Sequence[Extension], known_on: date) -> tuple[date, date]:
    """The last day a qualification on a set of ours is valid: certainly, and at most."""
    return bounds(
        line.valid_until,
        notices,
        authority="province",
        level=line.level,
        issued_on=None,
        known_on=known_on,
    )


def _of_item(current: CertificateSet, grant: Grant) -> Held | None:
    """What stands on the set of the grant's category."""
    of_item = (h for h in current.held if h.key == (grant.category_code, grant.subcategory))
    return next(of_item, None)


def _with(held: tuple[Held, ...], entry: Held) -> tuple[Held, ...]:
    return tuple(sorted((*(h for h in held if h.key != entry.key), entry)))


def _expiry(grant: Grant) -> date:
    if grant.valid_until is None:
        raise GrantNotFitting(
            f"{grant.application_id}: {grant.effect} names no expiry; decide it again"
        )
    return grant.valid_until


def _registered(grant: Grant, registered: Holder | None) -> Holder:
    if registered is None:
        raise GrantNotFitting(
            f"{grant.application_id}: {grant.usc_code} is not in the business registration of the "
            "decision's release; deliver it through its channel"
        )
    return registered
