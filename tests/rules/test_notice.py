"""The statement of account adds up, its sums are what is open of each, and no demand stands without its ground."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.debtor import DebtorKind
from dunning.default import Default, Route
from dunning.interest import Debt, default_interest
from dunning.ledger import COST_KINDS, PRINCIPAL_KINDS, Line, LineKind
from dunning.notice import Addressee, Notice, NoticeAmounts, Template

ON = date(2026, 6, 1)
CENTS = st.integers(-(10**9), 10**9)
lines = st.lists(st.builds(Line, st.sampled_from(LineKind), st.just(ON), CENTS)).map(tuple)


@pytest.mark.parametrize(
    ("kind", "principal", "fees", "interest"),
    [
        (LineKind.INVOICE, 7, 0, 0),
        (LineKind.CREDIT_NOTE, 7, 0, 0),
        (LineKind.PAYMENT, 7, 0, 0),
        (LineKind.RETURNED_PAYMENT, 7, 0, 0),
        (LineKind.WRITE_OFF, 7, 0, 0),
        (LineKind.FEE, 0, 7, 0),
        (LineKind.LUMP_SUM, 0, 7, 0),
        (LineKind.BANK_FEE, 0, 7, 0),
        (LineKind.WAIVER, 0, 7, 0),
        (LineKind.INTEREST, 0, 0, 7),
    ],
)
def test_each_kind_of_line_counts_in_one_place(kind: LineKind, principal: int, fees: int, interest: int) -> None:
    amounts = NoticeAmounts((Line(kind, ON, 7),))
    assert (amounts.principal_cents, amounts.fees_cents, amounts.interest_cents) == (principal, fees, interest)
    assert amounts.total_cents == 7
    assert amounts.accrued_interest_cents == interest


WORKED = (
    Line(LineKind.INVOICE, ON, 119_00),
    Line(LineKind.PAYMENT, ON, -50_00),
    Line(LineKind.RETURNED_PAYMENT, ON, 50_00),
    Line(LineKind.BANK_FEE, ON, 3_00),
    Line(LineKind.CREDIT_NOTE, ON, -19_00),
    Line(LineKind.WRITE_OFF, ON, -1_00),
    Line(LineKind.FEE, ON, 2_50),
    Line(LineKind.LUMP_SUM, ON, 37_50),
    Line(LineKind.WAIVER, ON, -10_00),
    Line(LineKind.INTEREST, ON, 37),
)


def test_a_worked_account() -> None:
    amounts = NoticeAmounts(WORKED)
    assert amounts.principal_cents == 99_00
    assert amounts.fees_cents == 33_00
    assert amounts.interest_cents == 37
    assert amounts.total_cents == 132_37


def test_a_worked_account_with_a_payment_that_went_to_costs_and_interest_first() -> None:
    """§ 367 (1) BGB: 20.00 were paid, 2.50 of them on costs and 0.30 on interest; 0.05 of the waiver is interest."""
    amounts = NoticeAmounts((*WORKED, Line(LineKind.PAYMENT, ON, -20_00)), 2_50, 30, 5)
    assert amounts.principal_cents == 81_80
    assert amounts.fees_cents == 30_55
    assert amounts.interest_cents == 2
    assert amounts.accrued_interest_cents == 37
    assert amounts.total_cents == 112_37


@given(lines, CENTS, CENTS, CENTS)
def test_the_parts_add_up_to_the_demand(
    account: tuple[Line, ...], to_costs: int, to_interest: int, waived_interest: int
) -> None:
    amounts = NoticeAmounts(account, to_costs, to_interest, waived_interest)
    assert amounts.total_cents == amounts.principal_cents + amounts.fees_cents + amounts.interest_cents
    assert amounts.total_cents == sum(line.cents for line in account)


@given(lines, st.randoms())
def test_the_order_of_bookings_changes_nothing(account: tuple[Line, ...], random: Random) -> None:
    shuffled = list(account)
    random.shuffle(shuffled)
    assert NoticeAmounts(tuple(shuffled)).total_cents == NoticeAmounts(account).total_cents


def test_every_kind_is_principal_or_a_side_cost() -> None:
    assert PRINCIPAL_KINDS | COST_KINDS | {LineKind.WAIVER, LineKind.INTEREST} == set(LineKind)


def test_the_three_letters_of_the_ladder() -> None:
    assert [str(template) for template in Template] == ["reminder", "second_notice", "final_warning"]


INVOICE = Line(LineKind.INVOICE, date(2026, 5, 1), 119_00)
FROM, UNTIL = date(2026, 6, 1), date(2026, 7, 20)
STATED = default_interest((INVOICE,), FROM, UNTIL, Debt(DebtorKind.CONSUMER))
SOMEBODY = Addressee("Erika Beispiel", "K-1", "Weg 1", "", "10115", "Berlin", "DE", "e@beispiel.example", "de", False)
FINAL_WARNING = Notice(
    template=Template.FINAL_WARNING,
    level=3,
    written_on=UNTIL,
    pay_until=date(2026, 8, 3),
    addressee=SOMEBODY,
    invoice_number="RE-1",
    issued_on=INVOICE.on,
    due_on=date(2026, 5, 15),
    order_number="",
    order_on=None,
    delivered_on=None,
    subject="",
    currency="EUR",
    amounts=NoticeAmounts((INVOICE, Line(LineKind.INTEREST, UNTIL, STATED.cents))),
    payments_until=UNTIL,
    default=Default(FROM, Route.NOTICE, "effect 1"),
    interest=STATED,
)
FIRM = replace(SOMEBODY, business=True)


def with_lines(*more: Line) -> NoticeAmounts:
    return NoticeAmounts((*FINAL_WARNING.amounts.lines, *more))


def test_a_demand_with_its_grounds_has_no_contradiction() -> None:
    assert STATED.cents > 0
    assert FINAL_WARNING.contradictions() == ()
    without = replace(FINAL_WARNING, amounts=NoticeAmounts((INVOICE,)), interest=None, default=None)
    assert without.contradictions() == ()


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"default": None}, ("interest_without_default",)),
        (
            {"default": None, "amounts": NoticeAmounts((INVOICE,)), "interest": replace(STATED, segments=())},
            ("interest_without_default",),
        ),
        ({"interest": None}, ("interest_without_statement",)),
        ({"amounts": NoticeAmounts((INVOICE,))}, ("interest_not_as_stated",)),
        ({"amounts": with_lines(Line(LineKind.INTEREST, UNTIL, 1))}, ("interest_not_as_stated",)),
        ({"amounts": with_lines(Line(LineKind.INTEREST, UNTIL, -1))}, ("interest_not_as_stated",)),
        ({"amounts": replace(FINAL_WARNING.amounts, paid_to_interest_cents=1)}, ()),
        ({"interest": replace(STATED, segments=STATED.segments[:1])}, ("interest_not_as_stated",)),
        (
            {"interest": replace(STATED, segments=(replace(STATED.segments[0], cents=1), *STATED.segments[1:]))},
            ("interest_rows",),
        ),
        ({"default": Default(date(2026, 6, 2), Route.NOTICE, "")}, ("interest_before_default",)),
        ({"default": Default(date(2026, 5, 31), Route.NOTICE, "")}, ()),
        ({"amounts": with_lines(Line(LineKind.LUMP_SUM, UNTIL, 40_00))}, ("lump_sum_of_consumer",)),
        ({"amounts": with_lines(Line(LineKind.LUMP_SUM, UNTIL, 40_00)), "addressee": FIRM}, ()),
        ({"amounts": with_lines(Line(LineKind.FEE, UNTIL, 1_20))}, ()),
        ({"pay_until": UNTIL}, ("deadline_passed",)),
        ({"pay_until": UNTIL + timedelta(1)}, ()),
        ({"pay_until": None}, ()),
        ({"interest": None, "default": None}, ("interest_without_default", "interest_without_statement")),
    ],
)
def test_a_demand_without_its_ground_is_named(changed: dict[str, object], names: tuple[str, ...]) -> None:
    assert replace(FINAL_WARNING, **changed).contradictions() == names  # type: ignore[arg-type]
