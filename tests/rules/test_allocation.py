"""Crediting payments within a claim: the published examples, edges, and what always holds, against a naive clerk."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dunning.allocation import Account, Credited, InterestTerms, Order, account, standing
from dunning.base_rates import BUILT_IN, BaseRate, BaseRates
from dunning.debtor import DebtorKind
from dunning.errors import BaseRateUnknown, RuleViolation
from dunning.interest import Debt, FreeDays, default_interest, principal_on
from dunning.ledger import COST_KINDS, Designation, Line, LineKind
from tests.support.naive_allocation import naive_account

DAY = timedelta(days=1)
CONSUMER, BUSINESS = Debt(DebtorKind.CONSUMER), Debt(DebtorKind.BUSINESS)
JULY = InterestTerms(date(2026, 7, 1), CONSUMER)
AUGUST_31, LETTER_ON = date(2026, 8, 31), date(2026, 11, 23)
END = date(2027, 1, 1)
"""The first day without a confirmed base rate."""
CLAIM, PRINCIPAL = Designation.CLAIM, Designation.PRINCIPAL


def invoice(cents: int, on: date = date(2026, 6, 1)) -> Line:
    return Line(LineKind.INVOICE, on, cents)


def fee(cents: int, on: date = date(2026, 8, 10)) -> Line:
    return Line(LineKind.FEE, on, cents, "printed and posted")


def paid(cents: int, on: date = AUGUST_31, designation: Designation = Designation.NONE) -> Line:
    return Line(LineKind.PAYMENT, on, -cents, designation=designation)


def returned(cents: int, on: date) -> Line:
    return Line(LineKind.RETURNED_PAYMENT, on, cents)


def waived(cents: int, on: date) -> Line:
    return Line(LineKind.WAIVER, on, -cents)


def shares(found: Account) -> list[tuple[int, int, int]]:
    """Costs, interest and principal of each payment and returned payment."""
    return [(each.costs_cents, each.interest_cents, each.principal_cents) for each in found.credited]


def owed(found: Account) -> tuple[int, int, int]:
    return found.costs_cents, found.interest_cents, found.principal_cents


# The published examples: 800.00 of a consumer in default since 2026-07-01, costs of 5.00, 300.00 paid on 2026-08-31


def test_p1_without_designation_costs_then_interest_then_principal() -> None:
    """Interest 61 days @ 6.52 = 8.717151; 300.00 = 5.00 + 8.72 + 286.28; then 84 days on 513.72 = 7.708333."""
    lines = [invoice(800_00), fee(5_00), paid(300_00)]
    on_the_day = account(lines, AUGUST_31, JULY)
    assert shares(on_the_day) == [(5_00, 8_72, 286_28)]
    assert owed(on_the_day) == (0, 0, 513_72)
    later = account(lines, LETTER_ON, JULY)
    assert owed(later) == (0, 7_71, 513_72)
    assert later.total_cents == 521_43
    rows = default_interest(later.principal_lines, JULY.from_on, LETTER_ON, CONSUMER).segments
    assert [(row.days, row.rate_bps, row.principal_cents) for row in rows] == [(61, 652, 800_00), (84, 652, 513_72)]
    assert [f"{float(row.exact_cents / 100):.6f}" for row in rows] == ["8.717151", "7.708333"]
    assert [row.cents for row in rows] == [8_72, 7_71]


def test_p2_designated_for_the_principal() -> None:
    """Interest 8.717151 + 84 days @ 6.52 on 500.00 = 7.502466, together 16.22; 500.00 + 16.22 + 5.00 = 521.22."""
    lines = [invoice(800_00), fee(5_00), paid(300_00, designation=PRINCIPAL)]
    later = account(lines, LETTER_ON, JULY)
    assert shares(later) == [(0, 0, 300_00)]
    assert owed(later) == (5_00, 16_22, 500_00)
    assert later.total_cents == 521_22
    rows = default_interest(later.principal_lines, JULY.from_on, LETTER_ON, CONSUMER).segments
    assert [(row.days, row.rate_bps, row.principal_cents) for row in rows] == [(61, 652, 800_00), (84, 652, 500_00)]
    assert [f"{float(row.exact_cents / 100):.6f}" for row in rows] == ["8.717151", "7.502466"]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2026, 5, 31), (0, 0, 0)),  # before the invoice
        (date(2026, 6, 1), (0, 0, 800_00)),
        (date(2026, 7, 1), (0, 0, 800_00)),  # the first day of default has not passed
        (date(2026, 7, 2), (0, 14, 800_00)),  # 80,000 x 6.52 % / 365 = 14.29
        (date(2026, 8, 9), (0, 5_57, 800_00)),  # 39 days: 557.33
        (date(2026, 8, 10), (5_00, 5_72, 800_00)),  # 40 days: 571.62; the fee of the day counts
        (date(2026, 8, 30), (5_00, 8_57, 800_00)),  # 60 days: 857.42
        (date(2026, 8, 31), (0, 0, 513_72)),  # 61 days: 871.72, paid
        (date(2026, 9, 1), (0, 9, 513_72)),  # 871.72 + 51,372 x 6.52 % / 365 = 880.89, less 872
    ],
)
def test_what_is_owed_from_day_to_day(as_of: date, expected: tuple[int, int, int]) -> None:
    found = account([invoice(800_00), fee(5_00), paid(300_00)], as_of, JULY)
    assert (found.as_of, owed(found)) == (as_of, expected)
    assert found.total_cents == sum(expected)


# Who is paid first


LEDGER = [invoice(800_00), fee(5_00)]
STATUTE, CREDIT = Order.STATUTE, Order.CONSUMER_CREDIT
NONE = Designation.NONE


@pytest.mark.parametrize(
    ("order", "designation", "protect", "cents", "expected"),
    [
        # § 367 (1): costs 5.00, interest 8.72, principal
        (STATUTE, NONE, True, 4_99, (4_99, 0, 0)),
        (STATUTE, NONE, True, 5_00, (5_00, 0, 0)),
        (STATUTE, NONE, True, 5_01, (5_00, 1, 0)),
        (STATUTE, NONE, True, 13_72, (5_00, 8_72, 0)),
        (STATUTE, NONE, True, 13_73, (5_00, 8_72, 1)),
        (STATUTE, NONE, True, 813_71, (5_00, 8_72, 799_99)),
        (STATUTE, NONE, True, 813_72, (5_00, 8_72, 800_00)),
        (STATUTE, NONE, True, 813_73, (5_00, 8_72, 800_01)),  # a credit balance
        # an amount that is exactly the open principal designates it
        (STATUTE, NONE, True, 799_99, (5_00, 8_72, 786_27)),
        (STATUTE, NONE, True, 800_00, (0, 0, 800_00)),
        (STATUTE, NONE, True, 800_01, (5_00, 8_72, 786_29)),
        (STATUTE, NONE, False, 800_00, (0, 0, 800_00)),
        (STATUTE, CLAIM, False, 800_00, (0, 0, 800_00)),
        (CREDIT, NONE, True, 800_00, (0, 0, 800_00)),
        # § 497 (3): costs, principal, interest
        (CREDIT, NONE, True, 300_00, (5_00, 0, 295_00)),
        (CREDIT, NONE, True, 805_00, (5_00, 0, 800_00)),
        (CREDIT, NONE, True, 805_01, (5_00, 1, 800_00)),
        (CREDIT, NONE, True, 813_73, (5_00, 8_72, 800_01)),
        # marked with the invoice's number: contested side costs do not eat it, others do
        (STATUTE, CLAIM, True, 300_00, (0, 0, 300_00)),
        (STATUTE, CLAIM, False, 300_00, (5_00, 8_72, 286_28)),
        (CREDIT, CLAIM, False, 300_00, (5_00, 0, 295_00)),
        (CREDIT, CLAIM, True, 300_00, (0, 0, 300_00)),
        (STATUTE, CLAIM, True, 803_00, (3_00, 0, 800_00)),
        # § 367 (2): the debtor says "only the principal"
        (STATUTE, PRINCIPAL, False, 300_00, (0, 0, 300_00)),
        (STATUTE, PRINCIPAL, True, 803_00, (3_00, 0, 800_00)),
        (STATUTE, PRINCIPAL, True, 806_00, (5_00, 1_00, 800_00)),
        (CREDIT, PRINCIPAL, True, 300_00, (0, 0, 300_00)),
    ],
)
def test_what_a_payment_pays(
    order: Order, designation: Designation, protect: bool, cents: int, expected: tuple[int, int, int]
) -> None:
    payment = paid(cents, designation=designation)
    found = account([*LEDGER, payment], AUGUST_31, JULY, order=order, protect_designated=protect)
    assert found.credited == (Credited(payment, *expected),)
    assert owed(found) == (5_00 - expected[0], 8_72 - expected[1], 800_00 - expected[2])
    assert standing([*LEDGER, payment], JULY, order=order, protect_designated=protect) == found


def test_the_debtor_is_protected_unless_said_otherwise() -> None:
    for found in (account, standing):
        lines = [*LEDGER, paid(300_00, designation=CLAIM)]
        answer = found(lines, AUGUST_31, JULY) if found is account else standing(lines, JULY)
        assert shares(answer) == [(0, 0, 300_00)]
        lines = [*LEDGER, paid(300_00)]
        answer = found(lines, AUGUST_31, JULY) if found is account else standing(lines, JULY)
        assert shares(answer) == [(5_00, 8_72, 286_28)]


def test_orders_are_known_by_their_names() -> None:
    assert [*Order] == ["statute", "consumer_credit"]


def test_every_kind_of_side_cost_is_paid_before_interest() -> None:
    """3.00 bank fee + 40.00 lump sum + 1.20 fee = 44.20; 10.52 % on 1,000.00 for 61 days = 17.58137 -> 17.58."""
    lines = [
        invoice(1_000_00),
        fee(1_20),
        Line(LineKind.LUMP_SUM, date(2026, 8, 1), 40_00),
        Line(LineKind.BANK_FEE, date(2026, 8, 2), 3_00),
        paid(100_00),
    ]
    found = account(lines, AUGUST_31, InterestTerms(date(2026, 7, 1), BUSINESS))
    assert shares(found) == [(44_20, 17_58, 38_22)]
    assert owed(found) == (0, 0, 961_78)


# Interest, over half-years, deferrals and years


def test_several_payments_over_a_change_of_the_rate() -> None:
    """10,000.00 of a business from 2026-06-01; 1,000.00 on 2026-06-21, 2,000.00 on 2026-07-11.

    20 days @ 10.27 = 56.273973 -> 56.27, principal 943.73 -> 9,056.27.
    10 days @ 10.27 = 25.481477, 10 days @ 10.52 = 26.101775: 107.857225 -> 107.86 - 56.27 = 51.59,
    principal 1,948.41 -> 7,107.86. Until 2026-08-01 21 days @ 10.52 = 43.020591: 150.877816 -> 150.88 - 107.86 = 43.02.
    """
    lines = [invoice(10_000_00), paid(1_000_00, date(2026, 6, 21)), paid(2_000_00, date(2026, 7, 11))]
    found = account(lines, date(2026, 8, 1), InterestTerms(date(2026, 6, 1), BUSINESS))
    assert shares(found) == [(0, 56_27, 943_73), (0, 51_59, 1_948_41)]
    assert owed(found) == (0, 43_02, 7_107_86)


def test_a_leap_day_and_a_change_of_the_year() -> None:
    """2,500.00 of a business from 2023-12-15, paid 100.00 on 2024-01-16.

    17 days @ 12.12 / 365 = 14.112329, 15 days @ 12.62 / 366 = 12.930328: 27.04, principal 72.96 -> 2,427.04.
    Until 2024-03-01 45 days @ 12.62 / 366 = 37.658988: 64.701645 -> 64.70 - 27.04 = 37.66.
    """
    lines = [invoice(2_500_00, date(2023, 11, 1)), paid(100_00, date(2024, 1, 16))]
    found = account(lines, date(2024, 3, 1), InterestTerms(date(2023, 12, 15), BUSINESS))
    assert shares(found) == [(0, 27_04, 72_96)]
    assert owed(found) == (0, 37_66, 2_427_04)


HALF_A_CENT = InterestTerms(
    date(2026, 7, 1), CONSUMER, BaseRates((BaseRate(date(2026, 7, 1), 500, "made up: 10 % on 18.25 is 0.5 a day"),))
)


def test_no_cent_is_lost_or_made_by_rounding_at_each_payment() -> None:
    """Half a cent a day: 1 on the first day, which is paid; nothing on the second, 1 on the third."""
    lines = [invoice(18_25), paid(1, date(2026, 7, 2))]
    assert [account(lines, date(2026, 7, 1) + n * DAY, HALF_A_CENT).interest_cents for n in range(6)] == [
        0,
        0,
        0,
        1,
        1,
        2,
    ]
    twice = [*lines, paid(1, date(2026, 7, 4)), paid(1, date(2026, 7, 6))]
    assert shares(account(twice, date(2026, 7, 6), HALF_A_CENT)) == [(0, 1, 0)] * 3
    assert owed(account(twice, date(2026, 7, 7), HALF_A_CENT)) == (0, 0, 18_25)


def test_days_of_a_deferral_bear_nothing() -> None:
    """800.00 @ 6.52 from 2026-07-01, deferred 2026-07-11 to 2026-08-20: 10 + 11 days = 3.001 -> 3.00."""
    terms = replace(JULY, free=(FreeDays(date(2026, 7, 11), date(2026, 8, 20)),))
    assert shares(account([invoice(800_00), paid(10_00)], AUGUST_31, terms)) == [(0, 3_00, 7_00)]


def test_an_old_obligation_keeps_its_margin_after_a_payment() -> None:
    """In default since 2014-07-01, so it arose before 2014-07-29: base -0.73 + 8, for all days; day unknown or not."""
    lines = [invoice(10_000_00, date(2014, 6, 1)), paid(1_000_00, date(2014, 8, 1))]
    terms = InterestTerms(date(2014, 7, 1), BUSINESS)
    found = account(lines, date(2014, 9, 1), terms)
    # 31 days @ 7.27 on 10,000.00 = 61.745205; 938.25 of principal; 31 days on 9,061.75 = 55.952;
    assert shares(found) == [(0, 61_75, 938_25)]
    assert found.interest_cents == 55_95
    known = replace(terms, debt=Debt(DebtorKind.BUSINESS, arisen_on=date(2014, 7, 29)))
    # 31 days @ 8.27 = 70.238356
    assert shares(account(lines, date(2014, 9, 1), known)) == [(0, 70_24, 929_76)]


def test_a_claim_without_terms_bears_no_interest() -> None:
    found = account([*LEDGER, paid(300_00)], date.max)
    assert shares(found) == [(5_00, 0, 295_00)]
    assert owed(found) == (0, 0, 505_00)


def test_nothing_accrues_before_default() -> None:
    lines = [invoice(800_00), paid(100_00, date(2026, 6, 15)), paid(100_00, date(2026, 7, 1))]
    found = account(lines, date(2026, 7, 1), JULY)
    assert shares(found) == [(0, 0, 100_00)] * 2
    assert owed(found) == (0, 0, 600_00)
    assert owed(account(lines, date(2026, 6, 20), JULY)) == (0, 0, 700_00), "a day before default is a day"


def test_what_was_paid_from_the_value_date_on_bears_no_interest() -> None:
    lines = [invoice(800_00), paid(800_00)]
    assert owed(account(lines, LETTER_ON, JULY)) == (0, 8_72, 0)


# Returned payments, credit notes, write-offs, waivers, overpayments


def test_a_returned_payment_restores_what_it_had_paid() -> None:
    """P1, returned on 2026-09-10: 10 days on 513.72 = 0.917663; then 800.00 again, interest 8.72 + 0.91 open.

    Whole interest 8.717151 + 0.917663 = 9.634814 -> 9.63. A month later 30 days on 800.00 = 4.287123: 13.921937.
    """
    lines = [invoice(800_00), fee(5_00), paid(300_00), returned(300_00, date(2026, 9, 10))]
    found = account(lines, date(2026, 9, 10), JULY)
    assert shares(found) == [(5_00, 8_72, 286_28), (-5_00, -8_72, -286_28)]
    assert owed(found) == (5_00, 9_63, 800_00)
    assert owed(account(lines, date(2026, 10, 10), JULY)) == (5_00, 13_92, 800_00)
    assert owed(account(lines, date(2026, 9, 9), JULY)) == (0, 82, 513_72)  # 9 days: 0.825896; 9.543 - 8.72
    assert [line.cents for line in found.principal_lines] == [800_00, -286_28, 286_28]
    assert [line.kind for line in found.principal_lines] == ["invoice", "payment", "returned_payment"]


def test_a_direct_debit_that_returns_on_its_own_value_date_leaves_nothing() -> None:
    lines = [returned(300_00, AUGUST_31), *LEDGER, paid(300_00)]
    assert owed(account(lines, LETTER_ON, JULY)) == owed(account(LEDGER, LETTER_ON, JULY))


def test_the_latest_payment_of_the_amount_that_is_not_returned_yet_is_undone() -> None:
    first, second, third = date(2026, 8, 15), AUGUST_31, date(2026, 9, 5)
    lines = [*LEDGER, paid(20_00, first), paid(20_00, second), paid(21_00, third)]
    # to 2026-08-15 45 days = 6.430685: 5.00 + 6.43 + 8.57; to 08-31 16 days on 791.43 = 2.261974: 8.692658 -> 2.26
    assert shares(account(lines, second, JULY)) == [(5_00, 6_43, 8_57), (0, 2_26, 17_74)]
    lines.append(returned(20_00, date(2026, 9, 6)))
    assert shares(account(lines, date(2026, 9, 6), JULY))[3] == (0, -2_26, -17_74)
    lines.append(returned(20_00, date(2026, 9, 7)))
    assert shares(account(lines, date(2026, 9, 7), JULY))[4] == (-5_00, -6_43, -8_57)
    lines.append(returned(20_00, date(2026, 9, 8)))
    assert shares(account(lines, date(2026, 9, 8), JULY))[5] == (0, 0, -20_00), "a payment that we do not know of"


def test_a_returned_payment_that_we_do_not_know_of_is_owed_as_principal() -> None:
    line = returned(50_00, AUGUST_31)
    found = account([*LEDGER, line, paid(50_00, date(2026, 9, 1))], AUGUST_31, JULY)
    assert owed(found) == (5_00, 8_72, 850_00)
    assert found.credited == (Credited(line, 0, 0, -50_00),)
    assert found.principal_lines == (LEDGER[0], line)


def test_a_payment_that_came_again_is_credited_again() -> None:
    """The second one is of the same amount; returned is the first, by its value date.

    45 days on 800.00 = 6.430685, 5 on 791.43 = 0.706867, 11 on 800.00 = 1.571945: 8.709497.
    """
    lines = [*LEDGER, paid(20_00, date(2026, 8, 15)), returned(20_00, date(2026, 8, 20)), paid(20_00)]
    assert shares(account(lines, AUGUST_31, JULY)) == [(5_00, 6_43, 8_57), (-5_00, -6_43, -8_57), (5_00, 8_71, 6_29)]


@pytest.mark.parametrize("kind", [LineKind.CREDIT_NOTE, LineKind.WRITE_OFF])
def test_credit_notes_and_write_offs_lower_the_principal_from_their_date(kind: LineKind) -> None:
    """61 days on 800.00 = 8.717151; 84 days on 700.00 = 10.503452: 19.220603."""
    line = Line(kind, AUGUST_31, -100_00)
    found = account([*LEDGER, line], LETTER_ON, JULY)
    assert owed(found) == (5_00, 19_22, 700_00)
    assert found.credited == ()
    assert found.principal_lines == (LEDGER[0], line)
    more = account([*LEDGER, replace(line, cents=-801_00)], LETTER_ON, JULY)
    assert owed(more) == (5_00, 8_72, -1_00), "a credit balance; costs stay costs"
    assert more.total_cents == 12_72


@pytest.mark.parametrize(
    ("cents", "expected"),
    [
        (1, (4_99, 8_72, 800_00)),
        (5_00, (0, 8_72, 800_00)),
        (5_01, (0, 8_71, 800_00)),
        (13_72, (0, 0, 800_00)),
        (13_73, (0, 0, 800_00)),  # never principal, never below nought
    ],
)
def test_a_waiver_lowers_costs_then_interest(cents: int, expected: tuple[int, int, int]) -> None:
    found = account([*LEDGER, waived(cents, AUGUST_31)], AUGUST_31, JULY)
    assert owed(found) == expected
    assert found.waived_interest_cents == 8_72 - expected[1]
    assert (found.credited, found.principal_lines) == ((), (LEDGER[0],))


def test_what_was_waived_stays_waived() -> None:
    """Interest 8.72 waived on 2026-08-31; on 09-10 10 days more: 10.146 -> 10.15, of which 1.43 is owed."""
    lines = [*LEDGER, waived(20_00, AUGUST_31), fee(1_20, date(2026, 9, 5))]
    assert owed(account(lines, date(2026, 9, 10), JULY)) == (1_20, 1_43, 800_00)
    again = [*lines, waived(1_30, date(2026, 9, 10))]
    found = account(again, date(2026, 9, 10), JULY)
    assert (owed(found), found.waived_interest_cents) == ((0, 1_33, 800_00), 8_82)


def test_a_waiver_without_interest_only_lowers_costs() -> None:
    assert owed(account([*LEDGER, waived(7_00, AUGUST_31)], AUGUST_31)) == (0, 0, 800_00)


def test_an_overpayment_is_a_credit_balance_that_later_principal_uses_up() -> None:
    lines = [*LEDGER, paid(900_00)]
    found = account(lines, AUGUST_31, JULY)
    assert (shares(found), owed(found)) == ([(5_00, 8_72, 886_28)], (0, 0, -86_28))
    assert owed(account(lines, LETTER_ON, JULY)) == (0, 0, -86_28), "a credit balance bears nothing"
    lines.append(invoice(100_00, date(2026, 9, 10)))
    # 10 days on 13.72 = 0.024508: 8.741659 -> 8.74 - 8.72
    assert owed(account(lines, date(2026, 9, 20), JULY)) == (0, 2, 13_72)


def test_costs_against_a_credit_balance_stay_costs_and_bear_nothing() -> None:
    lines = [invoice(800_00), paid(900_00, date(2026, 6, 20)), fee(5_00)]
    found = account(lines, LETTER_ON, JULY)
    assert (owed(found), found.total_cents) == ((5_00, 0, -100_00), -95_00)
    lines.append(paid(10_00, LETTER_ON))
    assert owed(account(lines, LETTER_ON, JULY)) == (0, 0, -105_00)


def test_a_payment_of_a_credit_balances_amount_is_no_designation() -> None:
    lines = [invoice(100_00), fee(5_00), paid(10_00, designation=CLAIM), Line(LineKind.CREDIT_NOTE, AUGUST_31, -95_00)]
    found = account(lines, AUGUST_31, protect_designated=False)
    assert shares(found) == [(5_00, 0, 5_00)]


@pytest.mark.parametrize("designation", [CLAIM, PRINCIPAL])
@pytest.mark.parametrize("already", [800_00, 801_00], ids=["settled", "overpaid"])
def test_where_no_principal_is_open_a_designated_payment_pays_costs_and_interest(
    already: int, designation: Designation
) -> None:
    settled = [*LEDGER, Line(LineKind.CREDIT_NOTE, AUGUST_31, -already)]
    found = account([*settled, paid(6_00, designation=designation)], AUGUST_31, JULY)
    assert shares(found) == [(5_00, 1_00, 0)]
    assert owed(found) == (0, 7_72, 800_00 - already)


# Bookings of one day


def test_debits_and_credits_of_a_day_take_turns() -> None:
    """All on one day: 5.00 fee, 4.00 waived, 1.00 of costs left; 800.00 - 300.00 credit note - 100.00 written off.

    61 days on 800.00 = 8.72. The largest payment without designation first: 50.00 = 1.00 + 8.72 + 40.28; then 20.00,
    then the one for the claim, of which there is 339.72 left: exactly that.
    """
    day = [
        fee(5_00, AUGUST_31),
        waived(4_00, AUGUST_31),
        Line(LineKind.CREDIT_NOTE, AUGUST_31, -300_00),
        Line(LineKind.WRITE_OFF, AUGUST_31, -100_00),
        paid(50_00),
        paid(20_00),
        paid(339_72, designation=CLAIM),
        returned(20_00, AUGUST_31),
    ]
    expected = account([invoice(800_00), *day], AUGUST_31, JULY, protect_designated=False)
    assert shares(expected) == [(1_00, 8_72, 40_28), (0, 0, 20_00), (0, 0, 339_72), (0, 0, -20_00)]
    assert owed(expected) == (0, 0, 20_00)
    for pair in permutations(range(len(day)), 2):
        moved = [day[n] for n in pair] + [line for n, line in enumerate(day) if n not in pair]
        assert account([*moved, invoice(800_00)], AUGUST_31, JULY, protect_designated=False) == expected


def test_equal_payments_of_a_day_are_told_apart_by_their_notes() -> None:
    one, other, larger = (replace(paid(cents), note=note) for cents, note in ((10_00, "a"), (10_00, "b"), (11_00, "c")))
    found = account([other, invoice(15_00), one, larger], AUGUST_31)
    assert [each.line for each in found.credited] == [larger, one, other]


def test_the_invoice_comes_before_its_prepayment_of_the_same_day() -> None:
    lines = [paid(30_00, date(2026, 6, 1)), invoice(100_00), fee(5_00, date(2026, 6, 1))]
    assert shares(account(lines, date(2026, 6, 1))) == [(5_00, 0, 25_00)]


# Base rates that nobody has confirmed


def test_days_without_a_confirmed_rate_are_refused_but_do_not_stop_crediting() -> None:
    """Until 2026-12-31 184 days on 800.00 @ 6.52 = 26.294356 -> 26.29; January bears nothing until it is confirmed."""
    lines = [*LEDGER, paid(300_00, date(2027, 1, 20))]
    assert owed(account(lines, END, JULY)) == (5_00, 26_29, 800_00)
    with pytest.raises(BaseRateUnknown):
        account(lines, END + DAY, JULY)
    with pytest.raises(BaseRateUnknown):
        account(lines, date(2027, 1, 20), JULY)
    found = standing(lines, JULY)
    assert (found.as_of, shares(found)) == (date(2027, 1, 20), [(5_00, 26_29, 268_71)])
    confirmed = replace(JULY, rates=BUILT_IN.extended([BaseRate(END, 152, "Bundesanzeiger")]))
    # 19 days more @ 6.52 = 2.715178: 29.009534
    assert shares(standing(lines, confirmed)) == [(5_00, 29_01, 265_99)]
    assert standing(lines, confirmed) == account(lines, date(2027, 1, 20), confirmed)


def test_a_gap_among_the_rates_bears_nothing_and_the_days_after_it_do() -> None:
    """500 basis points and 5 points are 10 %: 36.50 bears one cent a day. Confirmed: 2026-07 and 2027-07 only."""
    rates = BaseRates(tuple(BaseRate(date(year, 7, 1), 500, "made up") for year in (2026, 2027)))
    lines = [invoice(36_50), paid(1_00, date(2027, 7, 4))]
    terms = InterestTerms(date(2026, 5, 1), CONSUMER, rates)
    # 2026-05 and -06: nothing; 184 days of 2026; 2027-01 to -06: nothing; 3 days of July
    assert shares(standing(lines, terms)) == [(0, 1_00, 0)]
    assert standing(lines, terms).interest_cents == 184 + 3 - 100
    agreed = replace(terms, free=(FreeDays(date(2026, 7, 1), date(2026, 8, 1)),))
    assert standing(lines, agreed).interest_cents == 184 - 31 + 3 - 100


def test_a_settled_claim_needs_no_rate() -> None:
    lines = [invoice(800_00), paid(800_00)]
    assert owed(account(lines, date(2030, 1, 1), JULY)) == (0, 8_72, 0)


def test_standing_counts_every_booking_as_of_the_last() -> None:
    lines = [paid(300_00), invoice(800_00), fee(5_00, date(2026, 9, 10))]
    assert standing(lines, JULY) == account(lines, date(2026, 9, 10), JULY)
    assert standing(lines).as_of == date(2026, 9, 10)
    assert owed(standing(lines)) == (5_00, 0, 500_00)
    assert standing(()) == standing((), JULY) == Account(date.min, 0, 0, 0, (), ())


def test_interest_is_never_booked() -> None:
    booked = Line(LineKind.INTEREST, END, 1)
    with pytest.raises(RuleViolation) as refused:
        account([invoice(100_00), booked], AUGUST_31)
    assert (refused.value.what, refused.value.todo) == (
        "a ledger has a line of interest",
        "interest is computed for a day, never booked",
    )


# What always holds


FIRST_DAYS = st.sampled_from([date(2013, 6, 10), date(2014, 7, 20), date(2023, 12, 1), date(2026, 6, 1)])
some_cents = st.one_of(st.sampled_from([1, 5_00, 40_00, 50_00, 100_00]), st.integers(1, 30_000))
DEBIT_KINDS = [LineKind.INVOICE, *COST_KINDS, LineKind.RETURNED_PAYMENT]
CREDIT_KINDS = [LineKind.CREDIT_NOTE, LineKind.WRITE_OFF, LineKind.WAIVER]


@st.composite
def ledgers(draw: st.DrawFn, *, start: date, most: int = 9) -> list[Line]:
    """An invoice, then anything within some four months; few different days and amounts, so that they meet."""
    days = st.integers(0, 120).map(lambda n: start + n * DAY) | st.sampled_from([start + n * DAY for n in (0, 40, 41)])
    later = st.one_of(
        st.builds(
            Line,
            st.just(LineKind.PAYMENT),
            days,
            some_cents.map(int.__neg__),
            st.just(""),
            st.sampled_from(Designation),
        ),
        st.builds(Line, st.sampled_from(sorted(DEBIT_KINDS)), days, some_cents),
        st.builds(Line, st.sampled_from(CREDIT_KINDS), days, some_cents.map(int.__neg__)),
    )
    return [invoice(draw(st.integers(1, 90_000)), start), *draw(st.lists(later, max_size=most))]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Line], date, InterestTerms]:
    """A ledger, a day and how it bears interest."""
    start = draw(FIRST_DAYS)
    first = start + draw(st.integers(0, 40)) * DAY
    free = draw(st.sampled_from([(), (FreeDays(start + 50 * DAY, start + 70 * DAY),), (FreeDays(start + 90 * DAY),)]))
    terms = InterestTerms(first, draw(st.sampled_from([CONSUMER, BUSINESS])), free=free)
    return draw(ledgers(start=start)), start + draw(st.integers(0, 140)) * DAY, terms


orders = st.sampled_from(Order)


def points_of(terms: InterestTerms) -> int:
    """5 for consumers; 9 for businesses, 8 for what arose up to 2014-07-28."""
    if terms.debt.debtor is DebtorKind.CONSUMER:
        return 5
    return 9 if terms.from_on > date(2014, 7, 28) else 8


@given(cases(), orders, st.booleans())
def test_it_is_what_a_clerk_finds_day_by_day(
    case: tuple[list[Line], date, InterestTerms], order: Order, protect: bool
) -> None:
    lines, as_of, terms = case
    found = account(lines, as_of, terms, order=order, protect_designated=protect)

    def bears(day: date) -> bool:
        return not any(each.holds_on(day) for each in terms.free)

    clerk = naive_account(lines, terms.from_on, as_of, points_of(terms), bears, order, protect=protect)
    assert owed(found) == (clerk.costs, clerk.interest, clerk.principal)
    payments = [each for each in found.credited if each.line.kind is LineKind.PAYMENT]
    assert shares(replace(found, credited=tuple(payments))) == [tuple(each.shares.values()) for each in clerk.payments]


@given(cases(), orders, st.booleans())
def test_cents_are_never_lost_or_made(
    case: tuple[list[Line], date, InterestTerms], order: Order, protect: bool
) -> None:
    lines, as_of, terms = case
    found = account(lines, as_of, terms, order=order, protect_designated=protect)
    booked = [line for line in lines if line.on <= as_of]
    for each in found.credited:
        assert each.costs_cents + each.interest_cents + each.principal_cents == -each.line.cents
    assert len(found.credited) == sum(line.kind in (LineKind.PAYMENT, LineKind.RETURNED_PAYMENT) for line in booked)
    credited_costs = sum(each.costs_cents for each in found.credited)
    credited_interest = sum(each.interest_cents for each in found.credited)
    assert found.costs_cents >= 0
    assert found.interest_cents >= 0
    assert found.principal_cents == principal_on(found.principal_lines, as_of)
    waived_costs = sum(line.cents for line in booked if line.kind in COST_KINDS) - credited_costs - found.costs_cents
    whole = 0
    if as_of >= terms.from_on:
        statement = default_interest(found.principal_lines, terms.from_on, as_of, terms.debt, free=terms.free)
        whole = statement.cents
        assert found.interest_cents == whole - credited_interest - found.waived_interest_cents
    waivers = -sum(line.cents for line in booked if line.kind is LineKind.WAIVER)
    assert 0 <= waived_costs + found.waived_interest_cents <= waivers
    without_waivers = sum(line.cents for line in booked if line.kind is not LineKind.WAIVER)
    assert found.total_cents == without_waivers + whole - waived_costs - found.waived_interest_cents


@given(cases(), orders, st.data())
def test_the_order_of_import_does_not_matter(
    case: tuple[list[Line], date, InterestTerms], order: Order, data: st.DataObject
) -> None:
    lines, as_of, terms = case
    shuffled = data.draw(st.permutations(lines))
    assert account(shuffled, as_of, terms, order=order) == account(lines, as_of, terms, order=order)
    assert standing(shuffled, terms, order=order) == standing(lines, terms, order=order)


@given(cases(), orders, st.booleans(), st.data())
def test_two_payments_of_a_day_are_one_payment_of_their_sum(
    case: tuple[list[Line], date, InterestTerms], order: Order, protect: bool, data: st.DataObject
) -> None:
    """Unless an amount is exactly the open principal, which says something, or one of them returns."""
    lines, as_of, terms = case
    lines = [line for line in lines if line.kind not in (LineKind.PAYMENT, LineKind.RETURNED_PAYMENT)]
    said = data.draw(st.sampled_from(Designation))
    cents, on = data.draw(st.integers(2, 30_000)), data.draw(st.sampled_from(lines)).on
    part = data.draw(st.integers(1, cents - 1))
    before = principal_on(lines, on)
    assume(before not in (cents, part, cents - part))
    whole = account([*lines, paid(cents, on, said)], as_of, terms, order=order, protect_designated=protect)
    parts = [paid(part, on, said), paid(cents - part, on, said)]
    halves = account([*lines, *parts], as_of, terms, order=order, protect_designated=protect)
    assume(all(principal_on(halves.principal_lines[:-1], on) != -each.cents for each in parts))
    assert owed(halves) == owed(whole)
    assert tuple(sum(column) for column in zip(*shares(halves), strict=True)) == tuple(
        sum(column) for column in zip(*shares(whole), strict=True)
    )


@given(cases(), orders, some_cents, st.sampled_from(Designation))
def test_a_payment_lowers_what_is_owed_by_what_was_paid(
    case: tuple[list[Line], date, InterestTerms], order: Order, cents: int, said: Designation
) -> None:
    lines, as_of, terms = case
    lines = [line for line in lines if line.kind is not LineKind.RETURNED_PAYMENT or line.on < as_of]
    before = account(lines, as_of, terms, order=order)
    after = account([*lines, paid(cents, as_of, said)], as_of, terms, order=order)
    assert after.total_cents == before.total_cents - cents
    assert after.costs_cents <= before.costs_cents
    assert after.interest_cents <= before.interest_cents
    assert after.principal_cents <= before.principal_cents


@given(cases(), st.integers(0, 60))
def test_without_bookings_only_interest_grows(case: tuple[list[Line], date, InterestTerms], more: int) -> None:
    lines, as_of, terms = case
    lines = [line for line in lines if line.on <= as_of]
    now, later = (account(lines, day, terms) for day in (as_of, as_of + more * DAY))
    assert (later.costs_cents, later.principal_cents) == (now.costs_cents, now.principal_cents)
    assert later.interest_cents >= now.interest_cents
    assert (later.credited, later.principal_lines) == (now.credited, now.principal_lines)


@given(cases(), orders)
def test_what_is_booked_later_changes_nothing_of_before(
    case: tuple[list[Line], date, InterestTerms], order: Order
) -> None:
    lines, as_of, terms = case
    early = [line for line in lines if line.on <= as_of]
    assert account(lines, as_of, terms, order=order) == account(early, as_of, terms, order=order)


@given(ledgers(start=date(2026, 6, 1)))
def test_without_interest_and_side_costs_it_is_a_plain_sum(lines: list[Line]) -> None:
    principal = [line for line in lines if line.kind not in COST_KINDS and line.kind is not LineKind.WAIVER]
    found = standing(principal)
    assert found.principal_cents == found.total_cents == sum(line.cents for line in principal)
    assert sorted(found.principal_lines, key=str) == sorted(principal, key=str)


@given(cases())
def test_a_returned_payment_leaves_the_account_as_if_it_had_never_come(
    case: tuple[list[Line], date, InterestTerms],
) -> None:
    """On the same day, if no other payment was credited meanwhile; later, the days between were not owed."""
    lines, as_of, terms = case
    lines = [line for line in lines if line.on < as_of or (line.on == as_of and line.kind is not LineKind.PAYMENT)]
    both = [paid(99_999_99, as_of), returned(99_999_99, as_of)]
    assert owed(account([*lines, *both], as_of, terms)) == owed(account(lines, as_of, terms))
