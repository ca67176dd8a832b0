"""What was held on the day of a contract, where the base tells it in more rows than one (E14).

A level that Miaoban has granted itself is in `test_spells`.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from judge import Verdict
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from together import verdict_on

pytestmark = pytest.mark.provision("E14")

DAY = date(2017, 3, 1)
SIGNED = date(2015, 12, 1)
ONE = timedelta(days=1)
CERTIFICATE, QUALIFICATION = "base_enterprise__certificate", "base_enterprise__qualification"
CONTRACT, ACCEPTANCE = "base_project__contract", "base_project__acceptance"
OLD = "D233999990"


def begun_anew(**old: object) -> Portfolio:
    """Meets S11 一级, but its 二级 is of 2016, after the contracts; an older certificate is `old`."""
    firm = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY, signed_on=SIGNED)
    now, line = firm.of(CERTIFICATE)[0], firm.of(QUALIFICATION)[0]
    firm.change(QUALIFICATION, {}, valid_from=date(2016, 1, 1))
    row = {k: old.pop(k) for k in ("valid_from", "valid_to", "line_status") if k in old}
    firm.add(CERTIFICATE, **{**now, "certificate_no": OLD, "issued_on": SIGNED - 2000 * ONE, **old})
    return firm.add(
        QUALIFICATION,
        **{
            **line,
            "qualification_no": "OLD",
            "certificate_no": OLD,
            "valid_from": row.get("valid_from", date(2010, 1, 1)),
            "valid_to": row.get("valid_to"),
            "status_code": row.get("line_status", "valid"),
        },
    )


async def verdict(firm: Portfolio) -> Verdict:
    answer = await verdict_on(firm, with_evidence=False)
    assert not disagreements(answer, plainly(firm)), answer.summary()
    return answer


@pytest.mark.parametrize(
    ("valid_until", "outcome"), [(SIGNED, "granted"), (SIGNED - ONE, "refused")]
)
async def test_a_qualification_of_which_no_end_is_told_was_held_until_its_certificate_expired(
    valid_until: date, outcome: str
) -> None:
    """B3.5: expired without an application it is void by itself, whatever its state says."""
    assert (await verdict(begun_anew(valid_until=valid_until))).outcome == outcome


@pytest.mark.parametrize(("valid_to", "outcome"), [(SIGNED, "granted"), (SIGNED - ONE, "refused")])
async def test_one_of_which_an_end_is_told_was_held_until_then(
    valid_to: date, outcome: str
) -> None:
    told = {"line_status": "replaced", "valid_to": valid_to}
    assert (await verdict(begun_anew(valid_until=SIGNED + 900 * ONE, **told))).outcome == outcome


async def test_a_certificate_that_another_superseded_went_on() -> None:
    firm = begun_anew(valid_until=SIGNED + ONE, status_code="superseded")
    assert (await verdict(firm)).outcome == "granted"


@pytest.mark.parametrize(
    "old",
    [{"status_code": "withdrawn"}, {"line_status": "withdrawn"}],
    ids=["the certificate", "the qualification"],
)
@pytest.mark.parametrize(
    ("valid_until", "outcome"), [(SIGNED, "awaiting_data"), (SIGNED - ONE, "refused")]
)
async def test_what_ended_nobody_knows_when_may_have_been_held(
    old: dict[str, object], valid_until: date, outcome: str
) -> None:
    assert (await verdict(begun_anew(valid_until=valid_until, **old))).outcome == outcome


async def test_how_long_one_was_held_whose_certificate_nobody_tells_is_not_known() -> None:
    firm = begun_anew(valid_until=SIGNED).remove(CERTIFICATE, certificate_no=OLD)
    assert (await verdict(firm)).outcome == "awaiting_data"


async def test_a_certificate_that_a_notice_may_have_extended_may_have_been_valid() -> None:
    """F9: one of the city's that ran out in the spring of 2020, a contract of that summer."""
    day, signed = date(2022, 3, 1), date(2020, 6, 1)
    firm = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=day, signed_on=signed)
    now, line = firm.of(CERTIFICATE)[0], firm.of(QUALIFICATION)[0]
    firm.change(QUALIFICATION, {}, valid_from=date(2021, 1, 1))
    until = {"issued_on": date(2015, 5, 1), "valid_until": date(2020, 4, 30)}
    firm.add(CERTIFICATE, **{**now, "certificate_no": OLD, **until})
    firm.add(QUALIFICATION, **{**line, "certificate_no": OLD, "qualification_no": "OLD"})
    firm.change(QUALIFICATION, {"qualification_no": "OLD"}, valid_from=date(2010, 1, 1))
    assert (await verdict(firm)).outcome == "awaiting_data"


async def test_what_does_not_count_beside_a_higher_level_of_today_was_held_before_that() -> None:
    """E-09 leaves the lower of two levels out: of those held on the day of the contract."""
    firm = begun_anew(valid_until=SIGNED).doubt(QUALIFICATION, "OLD", "LAW")
    assert (await verdict(firm)).outcome == "granted"
