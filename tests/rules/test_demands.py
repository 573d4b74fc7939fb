"""What a notice demands: the ledger's rest, its own letter, lump sum and interest, each where the law lets it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dunning.claim import Claim, Hold
from dunning.costs import CostRecord
from dunning.debtor import DebtorKind
from dunning.decision import SendNotice, decide
from dunning.default import Channel, Default, Route
from dunning.ledger import Designation, Line, LineKind
from dunning.notice import NoticeAmounts, Template
from dunning.procedure import Level, Procedure, Timing
from dunning.reasons import HoldKind
from tests.support.claims import DUE, FRESH, RATES, STAMP, claim_of, dunned, invoiced, paid, plain, policy_of

DAY = timedelta(days=1)
SENT = date(2026, 6, 10)
LETTER = Level(Timing(after_previous_days=0), Template.SECOND_NOTICE, channel=Channel.LETTER, cost=STAMP)
MAIL = Level(Timing(after_previous_days=0), Template.SECOND_NOTICE)
ASKING = replace(LETTER, template=Template.FINAL_WARNING, pay_within_days=14, demands_lump_sum=True)
CHARGING = replace(MAIL, template=Template.FINAL_WARNING, pay_within_days=14, demands_interest=True)
BUSINESS, CONSUMER, UNKNOWN = DebtorKind.BUSINESS, DebtorKind.CONSUMER, DebtorKind.UNKNOWN


def ladder(level: Level, **rules: Any) -> Procedure:
    """A friendly reminder, then the level."""
    return plain(Level(Timing(after_due_days=0)), level, **rules)


def demanded(level: Level, claim: Claim, as_of: date = SENT, **rules: Any) -> SendNotice:
    """The level's notice, after a reminder on the due day."""
    return sent_to(dunned(claim, 1, DUE, None, Template.REMINDER), ladder(level, **rules), as_of)


def sent_to(claim: Claim, procedure: Procedure, as_of: date) -> SendNotice:
    decision = decide(claim, policy_of(procedure), as_of, FRESH)
    assert isinstance(decision, SendNotice), decision
    return decision


def in_default(from_on: date | None) -> Default | None:
    return Default(from_on, Route.AGREED_DATE, "") if from_on else None


def new_lines(notice: SendNotice, claim: Claim) -> tuple[Line, ...]:
    """What the notice adds to the ledger."""
    known = len(claim.lines)
    assert notice.amounts.lines[:known] == claim.lines
    return notice.amounts.lines[known:]


# Costs


@pytest.mark.parametrize(
    ("from_on", "charged"),
    [(SENT - DAY, True), (SENT, True), (SENT + DAY, False), (None, False)],
    ids=["in default since yesterday", "since today", "from tomorrow on", "never"],
)
def test_a_letter_costs_only_in_default(from_on: date | None, charged: bool) -> None:
    """§§ 280 (2), 286 BGB: the notice that creates default is free."""
    for debtor in DebtorKind:
        claim = claim_of(default=in_default(from_on), debtor=debtor)
        notice = demanded(LETTER, claim)
        assert new_lines(notice, claim) == ((Line(LineKind.FEE, SENT, 1_20, "Briefdienst"),) if charged else ())
        assert notice.cost == (STAMP if charged else None)
        assert notice.channel is Channel.LETTER


def test_an_email_is_free_and_says_its_channel() -> None:
    for channel in (Channel.EMAIL, Channel.PORTAL):
        notice = demanded(replace(LETTER, channel=channel), claim_of())
        assert (notice.channel, notice.cost, notice.amounts) == (channel, None, NoticeAmounts((invoiced(10_000),)))


def test_a_letter_without_a_record_is_free() -> None:
    notice = demanded(replace(LETTER, cost=None), claim_of())
    assert (notice.cost, notice.amounts.total_cents) == (None, 10_000)


def test_a_reminder_is_free_in_default_too() -> None:
    notice = demanded(replace(LETTER, template=Template.REMINDER), claim_of())
    assert (notice.cost, notice.amounts.total_cents) == (None, 10_000)


@pytest.mark.parametrize(("debtor", "cents"), [(CONSUMER, 2_50), (UNKNOWN, 2_50), (BUSINESS, 2_95)])
def test_the_usual_cap_of_consumers(debtor: DebtorKind, cents: int) -> None:
    dear = replace(LETTER, cost=CostRecord("Briefdienst", 95, 2_00))
    assert demanded(dear, claim_of(debtor=debtor)).amounts.fees_cents == cents


@pytest.mark.parametrize(("debtor", "cents"), [(CONSUMER, 1_00), (UNKNOWN, 1_00), (BUSINESS, 1_20)])
def test_the_cap_of_the_house(debtor: DebtorKind, cents: int) -> None:
    notice = demanded(LETTER, claim_of(debtor=debtor), fee_cap_cents=1_00)
    assert (notice.amounts.fees_cents, notice.cost) == (cents, STAMP)


def test_a_fee_adds_to_what_is_open_already() -> None:
    claim = claim_of(lines=(invoiced(10_000), paid(3_000), Line(LineKind.FEE, DUE + DAY, 1_00)))
    amounts = demanded(LETTER, claim).amounts
    assert (amounts.principal_cents, amounts.fees_cents, amounts.total_cents) == (7_000, 2_20, 7_220)


@pytest.mark.parametrize(
    ("debtor", "from_on", "lump_sum_cents"),
    [
        pytest.param(BUSINESS, SENT, 38_80, id="business in default: 40.00 with the letter inside"),
        pytest.param(BUSINESS, SENT + DAY, None, id="business before default"),
        pytest.param(BUSINESS, None, None, id="business that never is"),
        pytest.param(CONSUMER, SENT, None, id="consumer"),
        pytest.param(UNKNOWN, SENT, None, id="unknown"),
    ],
)
def test_the_lump_sum_is_for_businesses_in_default(
    debtor: DebtorKind, from_on: date | None, lump_sum_cents: int | None
) -> None:
    """§ 288 (5) BGB."""
    claim = claim_of(debtor=debtor, default=in_default(from_on))
    lump_sums = [line.cents for line in new_lines(demanded(ASKING, claim), claim) if line.kind is LineKind.LUMP_SUM]
    assert lump_sums == ([] if lump_sum_cents is None else [lump_sum_cents])


def test_the_lump_sum_is_demanded_by_its_level_and_once() -> None:
    claim = claim_of(debtor=BUSINESS)
    assert new_lines(demanded(MAIL, claim), claim) == ()
    first = demanded(replace(ASKING, cost=None), claim)
    assert new_lines(first, claim) == (Line(LineKind.LUMP_SUM, SENT, 40_00),)
    later = replace(claim, lines=first.amounts.lines)
    assert new_lines(demanded(replace(ASKING, cost=None), later), later) == ()
    assert new_lines(demanded(replace(LETTER, demands_lump_sum=True), later), later) == (
        Line(LineKind.FEE, SENT, 1_20, "Briefdienst"),
        Line(LineKind.LUMP_SUM, SENT, -1_20),
    )


# Interest

OWED = claim_of(80_000, default=in_default(date(2026, 7, 1)), interest_from=date(2026, 7, 1), rates=RATES)
"""800.00 by a consumer in default since 1 July 2026: 6.52 %."""


@pytest.mark.parametrize(
    ("as_of", "cents"),
    [
        pytest.param(date(2026, 6, 30), 0, id="before default"),
        pytest.param(date(2026, 7, 1), 0, id="first day, not over"),
        pytest.param(date(2026, 7, 2), 14, id="one day: 14.29 cents"),
        pytest.param(date(2026, 8, 31), 8_72, id="61 days: 871.7151 cents"),
        pytest.param(date(2027, 1, 2), 26_44, id="184 days and another year: 2629.43 + 14.29 cents"),
    ],
)
def test_interest_is_demanded_up_to_the_day_before_the_notice(as_of: date, cents: int) -> None:
    """800.00 x 6.52 % x days / 365."""
    notice = demanded(CHARGING, OWED, as_of)
    assert new_lines(notice, OWED) == ((Line(LineKind.INTEREST, as_of, cents),) if cents else ())
    assert notice.amounts == NoticeAmounts(notice.amounts.lines)
    assert notice.amounts.interest_cents == cents
    if cents:
        assert notice.interest is not None
        assert (notice.interest.from_on, notice.interest.until_on) == (date(2026, 7, 1), as_of)
        assert notice.interest.cents == cents
    else:
        assert notice.interest is None


def test_a_level_that_does_not_ask_for_interest_demands_none() -> None:
    notice = demanded(MAIL, OWED, date(2026, 8, 31))
    assert (notice.interest, notice.amounts) == (None, NoticeAmounts((invoiced(80_000),)))


def test_a_claim_that_bears_no_interest_is_asked_for_none() -> None:
    notice = demanded(CHARGING, replace(OWED, interest_from=None), date(2026, 8, 31))
    assert (notice.interest, notice.amounts) == (None, NoticeAmounts((invoiced(80_000),)))


def test_less_than_half_a_cent_is_no_demand() -> None:
    """1 cent x 6.52 % x 61 days."""
    notice = demanded(CHARGING, replace(OWED, lines=(invoiced(1),)), date(2026, 8, 31))
    assert (notice.interest, notice.amounts) == (None, NoticeAmounts((invoiced(1),)))


def test_interest_stands_beside_the_letters_cost() -> None:
    """Interest bears on the principal alone (§ 289 BGB)."""
    level = replace(ASKING, demands_interest=True)
    assert new_lines(demanded(level, OWED, date(2026, 8, 31)), OWED) == (
        Line(LineKind.FEE, date(2026, 8, 31), 1_20, "Briefdienst"),
        Line(LineKind.INTEREST, date(2026, 8, 31), 8_72),
    )


FEE = Line(LineKind.FEE, date(2026, 7, 15), 5_00, "Briefdienst")
PART = paid(300_00, date(2026, 8, 31))
LATE = date(2026, 11, 23)


@pytest.mark.parametrize("level", [CHARGING, MAIL], ids=["asks for interest", "must show what was paid of it"])
def test_what_was_paid_went_to_costs_interest_and_principal(level: Level) -> None:
    """§ 367 (1) BGB: 300.00 pay 5.00 of costs and 8.72 of interest; 84 days on the rest of 513.72 cost 7.71."""
    claim = replace(OWED, lines=(invoiced(80_000), FEE, PART))
    notice = demanded(level, claim, LATE)
    assert notice.amounts == NoticeAmounts(
        (*claim.lines, Line(LineKind.INTEREST, LATE, 16_43)), paid_to_costs_cents=5_00, paid_to_interest_cents=8_72
    )
    amounts = notice.amounts
    assert (amounts.principal_cents, amounts.fees_cents, amounts.interest_cents) == (513_72, 0, 7_71)
    assert amounts.total_cents == 521_43
    assert notice.interest is not None
    assert notice.interest.cents == 16_43


def test_a_single_cent_of_interest_that_was_paid_is_shown() -> None:
    claim = replace(OWED, lines=(invoiced(80_000), paid(1, date(2026, 8, 31))))
    amounts = demanded(MAIL, claim, date(2026, 8, 31)).amounts
    assert (amounts.principal_cents, amounts.interest_cents, amounts.paid_to_interest_cents) == (800_00, 8_71, 1)


def test_what_was_paid_and_came_back_is_shown_nowhere() -> None:
    returned = Line(LineKind.RETURNED_PAYMENT, date(2026, 9, 3), 300_00)
    claim = replace(OWED, lines=(invoiced(80_000), FEE, PART, returned))
    notice = demanded(MAIL, claim, LATE)
    assert (notice.interest, notice.amounts) == (None, NoticeAmounts(claim.lines))
    assert notice.amounts.total_cents == 805_00


def test_waived_interest_is_shown_and_lowers_no_principal() -> None:
    """8.00 are waived on a day on which 5.00 of costs and 8.72 of interest are open."""
    claim = replace(OWED, lines=(invoiced(80_000), FEE, Line(LineKind.WAIVER, date(2026, 8, 31), -8_00)))
    notice = demanded(MAIL, claim, date(2026, 8, 31))
    assert notice.amounts == NoticeAmounts(
        (*claim.lines, Line(LineKind.INTEREST, date(2026, 8, 31), 8_72)), waived_interest_cents=3_00
    )
    amounts = notice.amounts
    assert (amounts.principal_cents, amounts.fees_cents, amounts.interest_cents) == (800_00, 0, 5_72)


# Repeated notices


@pytest.mark.parametrize(("released_on", "charged"), [(SENT + DAY, False), (SENT, True)], ids=["overtaken", "before"])
def test_what_is_repeated_costs_nothing_again_and_interest_runs_on(released_on: date, charged: bool) -> None:
    """The dispute was answered: the same letter, but only its first copy was the debtor's doing."""
    procedure = ladder(replace(ASKING, demands_interest=True))
    asked = dunned(replace(OWED, debtor=BUSINESS), 2, SENT, SENT + 14 * DAY, Template.FINAL_WARNING)
    disputed = replace(asked, holds=(Hold(HoldKind.DISPUTE, SENT - 9 * DAY, None, released_on),))
    again = plain(*procedure.levels, replace(ASKING, timing=Timing(after_previous_days=1), demands_interest=True))
    notice = sent_to(disputed, again, date(2026, 8, 31))
    assert notice.level == (3 if charged else 2)
    kinds = [line.kind for line in new_lines(notice, disputed)]
    assert kinds == [*([LineKind.FEE, LineKind.LUMP_SUM] if charged else []), LineKind.INTEREST]
    assert notice.cost == (STAMP if charged else None)
    assert notice.channel is Channel.LETTER
    assert notice.amounts.interest_cents == 14_07  # 800.00 x 10.52 % x 61 / 365 = 1406.51 cents


# Properties

days = st.dates(DUE - 20 * DAY, DUE + 400 * DAY)
cents = st.integers(1, 200_00)
bookings = st.one_of(
    st.builds(paid, cents, days),
    st.builds(lambda c, on: replace(paid(c, on), designation=Designation.CLAIM), cents, days),
    st.builds(lambda c, on: Line(LineKind.RETURNED_PAYMENT, on, c), cents, days),
    st.builds(lambda c, on: Line(LineKind.CREDIT_NOTE, on, -c), cents, days),
    st.builds(lambda c, on: Line(LineKind.FEE, on, c), st.integers(1, 5_00), days),
    st.builds(lambda c, on: Line(LineKind.BANK_FEE, on, c), st.integers(1, 5_00), days),
)
levels = st.builds(
    Level,
    st.just(Timing(after_previous_days=0)),
    st.sampled_from(Template),
    st.just(14),
    channel=st.sampled_from(Channel),
    cost=st.none() | st.just(STAMP) | st.just(CostRecord("Briefdienst", 95, 2_95)),
    demands_interest=st.booleans(),
    demands_lump_sum=st.booleans(),
)
claims = st.builds(
    lambda c, more, debtor, from_on, bears: claim_of(
        lines=(invoiced(c), *more),
        debtor=debtor,
        default=in_default(from_on),
        interest_from=from_on if bears else None,
        rates=RATES,
    ),
    st.integers(1, 5_000_00),
    st.lists(bookings, max_size=5),
    st.sampled_from(DebtorKind),
    st.none() | days,
    st.booleans(),
)


def notice_or_none(claim: Claim, level: Level, as_of: date) -> SendNotice | None:
    """None where nothing is open."""
    decision = decide(dunned(claim, 1, DUE, None), policy_of(ladder(level)), as_of, FRESH)
    return decision if isinstance(decision, SendNotice) else None


def sum_of(lines: Sequence[Line], *kinds: LineKind) -> int:
    return sum(line.cents for line in lines if line.kind in kinds)


@given(claims, levels, days)
def test_a_demand_is_the_ledger_its_new_costs_and_interest(claim: Claim, level: Level, as_of: date) -> None:
    assume((notice := notice_or_none(claim, level, as_of)) is not None)
    assert notice is not None
    amounts, added = notice.amounts, new_lines(notice, claim)
    assert all(line.on == as_of for line in added)
    costs_cents = sum_of(added, LineKind.FEE, LineKind.LUMP_SUM)
    interest_cents = notice.interest.cents if notice.interest else 0
    assert amounts.total_cents == claim.balance_cents + costs_cents + interest_cents
    assert amounts.principal_cents == claim.open_principal_cents
    assert amounts.fees_cents == claim.account.costs_cents + costs_cents


@given(claims, levels, days)
def test_the_interest_demanded_is_what_the_account_says_is_open(claim: Claim, level: Level, as_of: date) -> None:
    """The account computes it booking by booking, the statement row by row."""
    assume(as_of >= claim.account.as_of)
    assume((notice := notice_or_none(claim, level, as_of)) is not None)
    assert notice is not None
    shown = level.demands_interest or sum(each.interest_cents for each in claim.account.credited) > 0
    assert notice.amounts.interest_cents == (claim.account_on(as_of).interest_cents if shown else 0)


@given(claims, levels, days)
def test_without_default_a_notice_adds_nothing(claim: Claim, level: Level, as_of: date) -> None:
    assume((notice := notice_or_none(claim, level, as_of)) is not None)
    assert notice is not None
    if not claim.in_default_on(as_of):
        assert new_lines(notice, claim) == ()
        assert (notice.cost, notice.interest) == (None, None)


@given(claims, levels, days)
def test_of_a_consumer_a_letter_is_asked_for_at_most(claim: Claim, level: Level, as_of: date) -> None:
    assume((notice := notice_or_none(claim, level, as_of)) is not None)
    assert notice is not None
    added = new_lines(notice, claim)
    fee_cents, lump_sum_cents = sum_of(added, LineKind.FEE), sum_of(added, LineKind.LUMP_SUM)
    assert fee_cents <= (level.cost.total_cents if level.cost else 0)
    if claim.debtor is not BUSINESS:
        assert fee_cents <= 2_50
        assert lump_sum_cents == 0
    if lump_sum_cents > 0:
        assert fee_cents + lump_sum_cents + sum_of(claim.lines, LineKind.FEE) == 40_00
    assert (notice.cost is not None) == (fee_cents > 0)


@given(claims, levels, st.integers(0, 20), st.booleans())
def test_what_is_repeated_adds_no_costs(claim: Claim, level: Level, late: int, answered: bool) -> None:
    asked = dunned(dunned(claim, 1, DUE, None), 2, SENT, SENT + 14 * DAY)
    held = replace(asked, holds=(Hold(HoldKind.CHARGEBACK, DUE, SENT + 3 * DAY, SENT + DAY if answered else None),))
    decision = decide(held, policy_of(ladder(level)), SENT + (4 + late) * DAY, FRESH)
    if isinstance(decision, SendNotice):
        assert decision.level == 2
        assert {line.kind for line in new_lines(decision, held)} <= {LineKind.INTEREST}
