"""A claim with its facts: what holds it, what is owed of it, since when, and until when it can be demanded."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.allocation import account
from dunning.base_rates import BUILT_IN
from dunning.claim import CONTESTS, Claim, Hold, SentNotice
from dunning.debtor import DebtorKind
from dunning.default import Agreement, Channel, Default, Route
from dunning.errors import BaseRateUnknown
from dunning.evidence import Evidence, EvidenceKind
from dunning.interest import Debt, FreeDays
from dunning.ledger import Designation, Line, LineKind
from dunning.lifecycle import State
from dunning.limitation import LimitationRule
from dunning.reasons import HoldKind, Reason
from tests.support.claims import DUE, RATES, claim_of, dunned, invoiced, paid

DAY = timedelta(days=1)
JULY_1 = date(2026, 7, 1)
FROM = date(2026, 6, 10)


def ago(n: int) -> date:
    """So many days after FROM."""
    return FROM + n * DAY


# Holds


@pytest.mark.parametrize(
    ("until_on", "released_on", "last_on"),
    [
        pytest.param(None, None, None, id="open end"),
        pytest.param(ago(5), None, ago(5), id="by its date"),
        pytest.param(None, ago(5), ago(4), id="released: the day before"),
        pytest.param(ago(9), ago(5), ago(4), id="released before its date"),
        pytest.param(ago(3), ago(5), ago(3), id="released when it was over"),
        pytest.param(None, ago(1), ago(0), id="one day"),
        pytest.param(None, ago(0), ago(-1), id="released on its first day: no day at all"),
    ],
)
def test_a_hold_holds_from_its_first_through_its_last_day(
    until_on: date | None, released_on: date | None, last_on: date | None
) -> None:
    hold = Hold(HoldKind.DISPUTE, FROM, until_on, released_on)
    assert hold.last_on == last_on
    assert hold.span == (HoldKind.DISPUTE, FROM, last_on)
    holding = [day for day in map(ago, range(-3, 15)) if hold.holds_on(day)]
    assert holding == [day for day in map(ago, range(15)) if last_on is None or day <= last_on]


def test_the_holds_of_a_day_are_named_once_each_in_their_order() -> None:
    manual, dispute = Hold(HoldKind.MANUAL, FROM, ago(3)), Hold(HoldKind.DISPUTE, ago(2))
    claim = claim_of(holds=(manual, dispute, Hold(HoldKind.MANUAL, FROM)))
    assert claim.holds_on(ago(-1)) == ()
    assert claim.holds_on(ago(0)) == (Reason.MANUAL,)
    assert claim.holds_on(ago(3)) == (Reason.MANUAL, Reason.DISPUTE)


@pytest.mark.parametrize("kind", HoldKind)
def test_side_costs_are_cancelled_by_withdrawal_and_identity_theft_while_they_last(kind: HoldKind) -> None:
    cancelled = kind in {HoldKind.WITHDRAWAL, HoldKind.IDENTITY_THEFT}
    assert claim_of(holds=(Hold(HoldKind.MANUAL, DUE), Hold(kind, FROM))).owes_no_costs is cancelled
    assert not claim_of(holds=(Hold(kind, FROM, None, ago(2)),)).owes_no_costs


def test_without_a_hold_nothing_is_cancelled() -> None:
    assert not claim_of().owes_no_costs


@pytest.mark.parametrize("kind", HoldKind)
def test_days_without_default_and_days_without_interest_are_the_holds_days(kind: HoldKind) -> None:
    """§§ 271, 320 BGB, § 39 (1) no. 1 InsO; a cancelled claim bears none at all and needs no free days."""
    of_no_day, of_one_day = Hold(kind, ago(30), None, ago(30)), Hold(kind, ago(40), ago(40))
    claim = claim_of(holds=(Hold(kind, FROM, ago(9), ago(3)), Hold(kind, ago(20)), of_no_day, of_one_day))
    days = (FreeDays(FROM, ago(3)), FreeDays(ago(20)), FreeDays(ago(40), ago(41)))
    without_default = {"defect", "instalment_plan", "deferral", "withdrawal", "identity_theft", "minor", "discharge"}
    without_interest = {"defect", "instalment_plan", "deferral", "insolvency", "discharge", "minor"}
    assert claim.default_free == (days if kind in without_default else ())
    assert claim.interest_free == (days if kind in without_interest else ())


# What nobody said


def test_a_claim_of_which_nobody_said_more() -> None:
    """Ours, not paid in advance, of a consumer who agreed to no day and can be written to."""
    claim = Claim("R-1", State.OPEN, 0, DUE, (invoiced(100_00),))
    assert (claim.debtor, claim.agreed, claim.notice_286_3) == (DebtorKind.CONSUMER, Agreement.NONE, False)
    assert (claim.owned, claim.prepayment, claim.has_email) == (True, False, True)
    assert (claim.default, claim.interest_terms, claim.federal_state) == (None, None, None)
    notice = SentNotice(1, DUE, None)
    assert (notice.channel, notice.came_back, notice.template) == (Channel.EMAIL, False, None)


# The last notice

SENT = ago(0)
NOTIFIED = dunned(claim_of(), 2, SENT, ago(14))


@pytest.mark.parametrize(
    ("holds", "overtaken"),
    [
        pytest.param([], False, id="no hold"),
        pytest.param([Hold(HoldKind.DISPUTE, ago(-9), ago(-1))], False, id="over the day before"),
        pytest.param([Hold(HoldKind.DISPUTE, ago(-9), ago(0))], True, id="held on the day it left"),
        pytest.param([Hold(HoldKind.DISPUTE, ago(-9), None, ago(0))], False, id="released on the day it left"),
        pytest.param([Hold(HoldKind.DISPUTE, ago(-9), None, ago(1))], True, id="released the day after"),
        pytest.param([Hold(HoldKind.DISPUTE, ago(0))], True, id="came on the day it left"),
        pytest.param([Hold(HoldKind.DISPUTE, ago(40), ago(50))], True, id="came later"),
        pytest.param([Hold(HoldKind.DISPUTE, ago(40))], True, id="still lasts"),
        pytest.param([Hold(HoldKind.DISPUTE, ago(3), None, ago(3))], False, id="held on no day"),
        pytest.param([Hold(HoldKind.DISPUTE, ago(3), ago(3))], True, id="held on one day"),
        pytest.param([Hold(HoldKind.PROMISE_TO_PAY, ago(0), ago(9))], False, id="a promise"),
        pytest.param(
            [Hold(HoldKind.MANUAL, ago(0)), Hold(HoldKind.DISPUTE, ago(-9), ago(-1))], False, id="each by itself"
        ),
        pytest.param([Hold(HoldKind.MANUAL, ago(0)), Hold(HoldKind.DEATH, ago(1))], True, id="one is enough"),
    ],
)
def test_a_notice_is_overtaken_by_what_held_on_or_after_its_day(holds: list[Hold], overtaken: bool) -> None:
    assert replace(NOTIFIED, holds=tuple(holds)).notice_was_overtaken is overtaken
    assert not claim_of(holds=tuple(holds)).notice_was_overtaken


@pytest.mark.parametrize(
    ("holds", "answered_on"),
    [
        ([], None),
        ([Hold(HoldKind.DISPUTE, FROM)], None),
        ([Hold(HoldKind.DISPUTE, FROM, ago(5))], None),
        ([Hold(HoldKind.DISPUTE, FROM, None, ago(5))], ago(5)),
        ([Hold(HoldKind.DISPUTE, FROM, None, ago(5)), Hold(HoldKind.DEFECT, FROM, None, ago(4))], ago(5)),
        ([Hold(HoldKind.DISPUTE, FROM, None, ago(5)), Hold(HoldKind.MANUAL, FROM, None, ago(9))], ago(5)),
        ([Hold(HoldKind.PROMISE_TO_PAY, FROM, None, ago(5))], None),
        ([Hold(HoldKind.DISPUTE, FROM, None, ago(5)), Hold(HoldKind.DEFECT, FROM)], ago(5)),
    ],
    ids=[
        "no hold",
        "lasts",
        "ended by its date",
        "answered",
        "the last of two",
        "a pause counts not",
        "nor a promise",
        "one answered, one not",
    ],
)
def test_the_last_answer_is_the_last_release_of_what_stopped_the_ladder(
    holds: list[Hold], answered_on: date | None
) -> None:
    assert claim_of(holds=tuple(holds)).last_answered_on == answered_on


# What is owed

FEE = Line(LineKind.FEE, DUE, 5_00)
BEARING = claim_of(80_000, default=Default(JULY_1, Route.NOTICE, ""), interest_from=JULY_1, rates=RATES)


def test_the_sums_of_a_claim() -> None:
    claim = claim_of(lines=(invoiced(10_000), FEE, paid(2_000)))
    assert claim.open_principal_cents == 8_500
    assert claim.open_cents == 8_500
    assert claim.balance_cents == 8_500
    unpaid = claim_of(lines=(invoiced(10_000), FEE))
    assert (unpaid.open_principal_cents, unpaid.open_cents, unpaid.balance_cents) == (10_000, 10_500, 10_500)


def test_what_was_credited_to_interest_is_still_open_of_the_principal() -> None:
    """§ 367 (1) BGB: of 300.00 on 31 August 8.72 are interest, which nobody ever booked."""
    claim = replace(BEARING, lines=(invoiced(80_000), paid(300_00, date(2026, 8, 31))))
    assert (claim.open_principal_cents, claim.open_cents, claim.balance_cents) == (508_72, 508_72, 500_00)


def test_the_account_is_computed_once_and_anew_for_other_facts() -> None:
    claim = claim_of(10_000)
    assert claim.account is claim.account
    more = replace(claim, lines=(*claim.lines, paid(10)))
    assert (more.open_cents, claim.open_cents) == (9_990, 10_000)


def test_the_account_of_a_day_has_the_interest_up_to_the_day_before() -> None:
    on_the_day = BEARING.account_on(date(2026, 8, 31))
    assert (on_the_day.as_of, on_the_day.interest_cents) == (date(2026, 8, 31), 8_72)
    assert BEARING.account.interest_cents == 0


def test_a_booking_of_a_later_value_date_counts_at_once() -> None:
    claim = replace(BEARING, lines=(invoiced(80_000), paid(300_00, date(2026, 8, 31))))
    assert claim.account_on(date(2026, 7, 2)) == claim.account
    assert claim.account_on(date(2026, 7, 2)).as_of == date(2026, 8, 31)


@pytest.mark.parametrize(
    ("debtor", "kinds", "principal_cents"),
    [
        pytest.param(DebtorKind.CONSUMER, (), 8_000, id="consumer"),
        pytest.param(DebtorKind.UNKNOWN, (), 8_000, id="unknown"),
        pytest.param(DebtorKind.BUSINESS, (), 8_500, id="business: costs first"),
        pytest.param(
            DebtorKind.BUSINESS, (HoldKind.MANUAL, HoldKind.DEATH), 8_500, id="business that contests nothing"
        ),
        *(pytest.param(DebtorKind.BUSINESS, (HoldKind.MANUAL, kind), 8_000, id=f"{kind}") for kind in sorted(CONTESTS)),
    ],
)
def test_contested_costs_eat_no_payment_that_names_the_invoice(
    debtor: DebtorKind, kinds: Iterable[HoldKind], principal_cents: int
) -> None:
    named = replace(paid(2_000), designation=Designation.CLAIM)
    holds = tuple(Hold(kind, FROM) for kind in kinds)
    claim = claim_of(lines=(invoiced(10_000), FEE, named), debtor=debtor, holds=holds)
    assert claim.open_principal_cents == principal_cents
    assert claim.account_on(DUE + 90 * DAY).principal_cents == principal_cents


def test_what_contests_a_claim() -> None:
    assert {HoldKind.DISPUTE, HoldKind.DEFECT, HoldKind.CHARGEBACK} == CONTESTS


# Interest


def test_a_claim_without_interest_has_no_terms_and_no_statement() -> None:
    claim = claim_of()
    assert claim.interest_terms is None
    assert claim.interest_statement(DUE + 90 * DAY) is None


def test_the_terms_are_the_claims_own() -> None:
    deferred = Hold(HoldKind.DEFERRAL, ago(30), ago(39))
    claim = replace(BEARING, debtor=DebtorKind.BUSINESS, issued_on=date(2014, 7, 28), holds=(deferred,))
    terms = claim.interest_terms
    assert terms is not None
    assert (terms.from_on, terms.rates, terms.free) == (JULY_1, RATES, (FreeDays(ago(30), ago(40)),))
    assert terms.debt == claim.debt == Debt(DebtorKind.BUSINESS, arisen_on=date(2014, 7, 28))
    assert claim_of().debt == Debt(DebtorKind.CONSUMER)


@pytest.mark.parametrize(("as_of", "cents"), [(date(2026, 6, 30), None), (JULY_1, None), (date(2026, 7, 2), 14)])
def test_interest_begins_with_the_first_day_of_default(as_of: date, cents: int | None) -> None:
    statement = BEARING.interest_statement(as_of)
    assert (statement and statement.cents) == cents


def test_the_statement_has_the_whole_interest_credited_or_not() -> None:
    """8.72 until the payment, and 7.71 on the 513.72 left, of which 8.72 are paid."""
    claim = replace(BEARING, lines=(invoiced(80_000), FEE, paid(300_00, date(2026, 8, 31))))
    statement = claim.interest_statement(date(2026, 11, 23))
    assert statement is not None
    assert [(row.principal_cents, row.cents) for row in statement.segments] == [(800_00, 8_72), (513_72, 7_71)]
    assert claim.account_on(date(2026, 11, 23)).interest_cents == 7_71


def test_the_statement_goes_by_the_rates_that_were_confirmed() -> None:
    assert replace(BEARING, rates=BUILT_IN).interest_statement(date(2027, 1, 1)) is not None
    with pytest.raises(BaseRateUnknown):
        replace(BEARING, rates=BUILT_IN).interest_statement(date(2027, 1, 2))
    statement = BEARING.interest_statement(date(2027, 1, 2))
    assert statement is not None
    assert [(row.days, row.rate_bps) for row in statement.segments] == [(184, 652), (1, 652)]


@pytest.mark.parametrize("kind", HoldKind)
def test_a_hold_that_cancels_cancels_the_interest_while_it_stands(kind: HoldKind) -> None:
    """A withdrawal ends the claim, and whoever never ordered owes nothing; if either proves wrong all of it is owed."""
    day = date(2026, 8, 31)
    cancelled = kind in {HoldKind.WITHDRAWAL, HoldKind.IDENTITY_THEFT}
    standing = replace(BEARING, holds=(Hold(kind, day - 9 * DAY),))
    assert (standing.interest_terms is None) is cancelled
    assert (standing.interest_statement(day) is None) is cancelled
    assert (standing.account_on(day).interest_cents == 0) is cancelled
    if cancelled:
        refused = replace(BEARING, holds=(Hold(kind, day - 9 * DAY, None, day),))
        assert refused.account_on(day).interest_cents == 8_72


def test_no_interest_for_days_of_an_instalment_plan() -> None:
    plan = Hold(HoldKind.INSTALMENT_PLAN, date(2026, 7, 11), date(2026, 8, 30))
    statement = replace(BEARING, holds=(plan,)).interest_statement(date(2026, 9, 1))
    assert statement is not None
    assert [(row.from_on, row.days) for row in statement.segments] == [(JULY_1, 10), (date(2026, 8, 31), 1)]


def test_without_a_rate_a_claim_stands_but_its_interest_is_not_computed() -> None:
    """The account bears nothing for such days, in the debtor's favour; a demand must wait."""
    late = paid(100_00, date(2027, 3, 1))
    claim = replace(BEARING, lines=(invoiced(80_000), late), rates=BUILT_IN)
    assert claim.account.credited[0].interest_cents == 26_29  # 800.00 x 6.52 % x 184 / 365, up to New Year
    with pytest.raises(BaseRateUnknown):
        claim.interest_statement(date(2027, 3, 1))
    with pytest.raises(BaseRateUnknown):
        claim.account_on(date(2027, 3, 1))


days = st.dates(DUE, DUE + 300 * DAY)
part_payments = st.lists(st.builds(paid, st.integers(1, 300_00), days), max_size=4)


@given(part_payments, days)
def test_the_account_is_that_of_its_lines_and_terms(more: list[Line], as_of: date) -> None:
    claim = replace(BEARING, lines=(invoiced(80_000), FEE, *more))
    day = max([as_of, *(line.on for line in claim.lines)])
    assert claim.account_on(as_of) == account(claim.lines, day, claim.interest_terms, protect_designated=True)
    booked_cents = sum(line.cents for line in claim.lines)
    assert claim.open_cents == booked_cents + sum(each.interest_cents for each in claim.account.credited)


@pytest.mark.parametrize(
    ("from_on", "there"),
    [(ago(-1), True), (ago(0), True), (ago(1), False), (None, False)],
    ids=["day after", "first day", "day before", "never"],
)
def test_in_default_from_the_first_day_on(from_on: date | None, there: bool) -> None:
    claim = claim_of(default=Default(from_on, Route.NOTICE, "") if from_on else None)
    assert claim.in_default_on(FROM) is there


# Limitation


def known(kind: EvidenceKind, on: date | None, until_on: date | None = None) -> Evidence:
    return Evidence(kind, on, until_on)


ACKNOWLEDGED = known(EvidenceKind.ACKNOWLEDGED, date(2027, 3, 1))
SUSPENDED = known(EvidenceKind.SUSPENDED, date(2027, 3, 1), date(2027, 3, 11))


@pytest.mark.parametrize(
    ("facts", "ends_on"),
    [
        pytest.param({}, date(2029, 12, 31), id="three years from the end of 2026"),
        pytest.param({"evidence": (ACKNOWLEDGED,)}, date(2030, 3, 1), id="begins anew"),
        pytest.param({"evidence": (SUSPENDED,)}, date(2030, 1, 10), id="ten days not counted"),
        pytest.param({"evidence": (ACKNOWLEDGED, known(EvidenceKind.ACKNOWLEDGED, None))}, date(2029, 12, 31), id="no"),
        pytest.param(
            {"evidence": (SUSPENDED, known(EvidenceKind.SUSPENDED, date(2028, 3, 1)))},
            date(2030, 1, 10),
            id="without an end it makes nothing later yet",
        ),
        pytest.param({"evidence": (known(EvidenceKind.REFUSAL, date(2027, 3, 1)),)}, date(2029, 12, 31), id="refusal"),
        pytest.param(
            {"evidence": (known(EvidenceKind.DELIVERED, date(2027, 3, 1), date(2027, 9, 1)),)},
            date(2029, 12, 31),
            id="another kind with two days",
        ),
        pytest.param({"limitation_rule": LimitationRule(10, from_year_end=False)}, date(2036, 6, 1), id="another rule"),
        pytest.param(
            {"lines": (invoiced(10_000), paid(10, date(2027, 3, 1)))}, date(2029, 12, 31), id="a payment alone"
        ),
    ],
)
def test_limitation_ends_later_only_by_what_a_person_confirmed(facts: dict[str, Any], ends_on: date) -> None:
    """§§ 195, 199 (1), 203, 209, 212 BGB."""
    claim: Claim = claim_of(**facts)
    assert claim.limitation_ends_on == ends_on
