"""The statement of account adds up, and a claim's balance is the same account."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.ledger import PRINCIPAL_KINDS, Line, LineKind
from dunning.notice import NoticeAmounts, Template
from tests.support.claims import claim_of

ON = date(2026, 6, 1)
lines = st.lists(st.builds(Line, st.sampled_from(LineKind), st.just(ON), st.integers(-(10**9), 10**9))).map(tuple)


@pytest.mark.parametrize(
    ("kind", "principal", "fees", "interest"),
    [
        (LineKind.INVOICE, 7, 0, 0),
        (LineKind.CREDIT_NOTE, 7, 0, 0),
        (LineKind.PAYMENT, 7, 0, 0),
        (LineKind.RETURNED_PAYMENT, 7, 0, 0),
        (LineKind.WRITE_OFF, 7, 0, 0),
        (LineKind.FEE, 0, 7, 0),
        (LineKind.INTEREST, 0, 0, 7),
    ],
)
def test_each_kind_of_line_counts_in_one_place(kind: LineKind, principal: int, fees: int, interest: int) -> None:
    amounts = NoticeAmounts((Line(kind, ON, 7),))
    assert (amounts.principal_cents, amounts.fees_cents, amounts.interest_cents) == (principal, fees, interest)
    assert amounts.total_cents == 7


def test_a_worked_account() -> None:
    amounts = NoticeAmounts(
        (
            Line(LineKind.INVOICE, ON, 119_00),
            Line(LineKind.PAYMENT, ON, -50_00),
            Line(LineKind.RETURNED_PAYMENT, ON, 50_00),
            Line(LineKind.CREDIT_NOTE, ON, -19_00),
            Line(LineKind.WRITE_OFF, ON, -1_00),
            Line(LineKind.FEE, ON, 2_50),
            Line(LineKind.INTEREST, ON, 37),
        )
    )
    assert amounts.principal_cents == 99_00
    assert amounts.fees_cents == 2_50
    assert amounts.interest_cents == 37
    assert amounts.total_cents == 101_87


@given(lines)
def test_the_parts_add_up_to_the_demand(account: tuple[Line, ...]) -> None:
    amounts = NoticeAmounts(account)
    assert amounts.total_cents == amounts.principal_cents + amounts.fees_cents + amounts.interest_cents
    assert amounts.total_cents == sum(line.cents for line in account)


@given(lines)
def test_claim_and_notice_keep_one_account(account: tuple[Line, ...]) -> None:
    claim, amounts = claim_of(lines=account), NoticeAmounts(account)
    assert claim.open_cents == amounts.total_cents
    assert claim.open_principal_cents == amounts.principal_cents


@given(lines, st.randoms())
def test_the_order_of_bookings_changes_nothing(account: tuple[Line, ...], random: Random) -> None:
    shuffled = list(account)
    random.shuffle(shuffled)
    assert NoticeAmounts(tuple(shuffled)).total_cents == NoticeAmounts(account).total_cents


def test_every_kind_is_principal_or_a_side_cost() -> None:
    assert PRINCIPAL_KINDS | {LineKind.FEE, LineKind.INTEREST} == set(LineKind)


def test_the_three_letters_of_the_ladder() -> None:
    assert [str(template) for template in Template] == ["reminder", "second_notice", "final_warning"]
