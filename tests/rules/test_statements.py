"""Statements of `dunning/RULES.md` that hold across modules: what the rules do together, from the first letter on."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.claim import Claim, Hold
from dunning.debtor import DebtorKind
from dunning.decision import Blocked, Nothing, ProposeHandOver, SendNotice, decide
from dunning.default import Agreement, Channel, Route, assumed_receipt
from dunning.evidence import Evidence, EvidenceKind
from dunning.holidays_de import STATES, is_holiday
from dunning.ledger import Line, LineKind
from dunning.lifecycle import State
from dunning.notice import Template
from dunning.procedure import AgreedTerm, HandOverRule, Level, Procedure, Timing
from dunning.reasons import HoldKind, Reason
from tasks.policy import load_policy
from tests.support.claims import (
    CONSUMER,
    DUE,
    FRESH,
    RATES,
    STAMP,
    claim_of,
    dunned,
    in_default_by,
    paid,
    policy_of,
)

ROOT = Path(__file__).parents[2]
DAY = timedelta(days=1)
LETTERS = replace(
    CONSUMER,
    levels=(
        Level(Timing(after_due_days=5), Template.REMINDER, 10, channel=Channel.LETTER),
        Level(
            Timing(after_deadline_bank_days=3),
            Template.SECOND_NOTICE,
            14,
            channel=Channel.LETTER,
            cost=STAMP,
            demands_interest=True,
            demands_lump_sum=True,
        ),
        Level(
            Timing(after_deadline_bank_days=3),
            Template.FINAL_WARNING,
            14,
            channel=Channel.LETTER,
            cost=STAMP,
            demands_interest=True,
            demands_lump_sum=True,
        ),
    ),
)
"""Letters that charge whatever the law lets them."""
NO_TERM = claim_of(agreed=Agreement.NONE, default=None, rates=RATES)
"""A day to pay that only the invoice names."""
DISPUTED_ON = date(2026, 6, 22)
NOTIFIED = dunned(claim_of(), 2, date(2026, 6, 19), date(2026, 7, 3), Template.SECOND_NOTICE)


def climb(claim: Claim, procedure: Procedure, days: int = 200) -> Iterator[tuple[date, SendNotice, Claim]]:
    """Every notice that a run on each day would send, with the claim as it then stands, in default by its facts."""
    policy = policy_of(procedure)
    for n in range(days):
        as_of = claim.due_on + n * DAY
        claim = in_default_by(procedure, claim)
        decision = decide(claim, policy, as_of, FRESH)
        if isinstance(decision, SendNotice):
            yield as_of, decision, claim
            channel = {"channel": decision.channel, "effect_id": f"E{decision.level}"}
            claim = dunned(claim, decision.level, as_of, decision.pay_until, decision.template, **channel)


# 1, 2, 10, 25: nothing before default, and nothing for what creates it


@pytest.mark.parametrize("debtor", DebtorKind)
def test_without_default_a_notice_demands_the_invoice_and_nothing_else(debtor: DebtorKind) -> None:
    for level in (1, 2, 3):
        claim = replace(dunned(NO_TERM, level - 1, DUE, DUE, LETTERS.levels[level - 2].template), debtor=debtor)
        if level == 1:
            claim = replace(NO_TERM, debtor=debtor)
        notice = decide(claim, policy_of(LETTERS), date(2026, 8, 3), FRESH)
        assert isinstance(notice, SendNotice)
        assert {line.kind for line in notice.amounts.lines} == {LineKind.INVOICE}
        assert (notice.interest, notice.cost) == (None, None)


def test_without_default_nothing_goes_to_an_agency() -> None:
    warned = dunned(NO_TERM, 3, date(2026, 7, 6), date(2026, 7, 20), Template.FINAL_WARNING)
    assert decide(warned, policy_of(LETTERS), date(2026, 8, 3), FRESH) == Blocked((Reason.NOT_IN_DEFAULT,))
    in_default = replace(warned, default=claim_of().default)
    assert decide(in_default, policy_of(LETTERS), date(2026, 8, 3), FRESH) == ProposeHandOver(10_000)


def test_the_notice_that_creates_default_is_free_and_the_next_one_costs() -> None:
    """The reminder helps the shop in nothing; the second notice creates default, the final warning may charge."""
    (_, first, at_first), (_, second, at_second), (third_on, third, at_third) = climb(NO_TERM, LETTERS)
    assert [first.level, second.level, third.level] == [1, 2, 3]
    assert at_first.default is None
    assert at_second.default is None
    assert at_third.default is not None
    assert at_third.default.route is Route.NOTICE
    assert at_third.default.from_on == second.pay_until + DAY <= third_on  # type: ignore[operator]
    assert [notice.amounts.fees_cents for notice in (first, second, third)] == [0, 0, 120]
    assert [notice.cost for notice in (first, second, third)] == [None, None, STAMP]
    assert first.amounts.interest_cents == second.amounts.interest_cents == 0 < third.amounts.interest_cents


def test_a_reminder_alone_never_leads_to_default() -> None:
    only_reminders = replace(LETTERS, levels=LETTERS.levels[:1])
    assert [claim.default for _, _, claim in climb(NO_TERM, only_reminders)] == [None]
    reminded = dunned(NO_TERM, 1, date(2026, 6, 6), date(2026, 6, 16), Template.REMINDER)
    assert in_default_by(LETTERS, reminded).default is None


def test_a_default_from_the_shops_own_word_needs_a_persons_evidence() -> None:
    """3, 5: what is known of a claim decides, the earliest day first; without a day it is taken back."""
    received = Evidence(EvidenceKind.NOTICE_286_3, date(2026, 6, 1))
    known = in_default_by(LETTERS, replace(NO_TERM, received_on=date(2026, 6, 1), evidence=(received,))).default
    assert known is not None
    assert (known.route, known.from_on) == (Route.THIRTY_DAYS, date(2026, 7, 2))
    refusal = Evidence(EvidenceKind.REFUSAL, date(2026, 6, 10))
    sooner = in_default_by(LETTERS, replace(NO_TERM, evidence=(received, refusal))).default
    assert sooner is not None
    assert (sooner.route, sooner.from_on) == (Route.REFUSAL, date(2026, 6, 11))
    taken_back = Evidence(EvidenceKind.REFUSAL, None)
    assert in_default_by(LETTERS, replace(NO_TERM, evidence=(refusal, taken_back))).default is None


def test_an_agreed_term_counts_from_delivery_and_helps_nobody_where_that_is_unknown() -> None:
    procedure = replace(LETTERS, agreed_term=AgreedTerm(14))
    delivered = in_default_by(procedure, replace(NO_TERM, delivered_on=date(2026, 6, 1))).default
    assert delivered is not None
    assert (delivered.route, delivered.from_on) == (Route.AGREED_PERIOD, date(2026, 6, 16))
    assert in_default_by(procedure, NO_TERM).default is None
    notified = dunned(NO_TERM, 2, date(2026, 6, 24), None, Template.SECOND_NOTICE)
    assert in_default_by(procedure, notified).default == in_default_by(LETTERS, notified).default is not None


def test_a_notice_that_came_back_counts_for_nothing() -> None:
    """8: no default, and its level is free for the same notice again."""
    notified = dunned(NO_TERM, 2, date(2026, 6, 24), date(2026, 7, 8), Template.SECOND_NOTICE, effect_id="E2")
    assert in_default_by(LETTERS, notified).default is not None
    returned = replace(notified, notices=tuple(replace(each, came_back=True) for each in notified.notices))
    assert in_default_by(LETTERS, returned).default is None


# 38: a payment and a letter that cross


@given(st.integers(1, 30), st.integers(0, 120))
def test_a_letter_that_crossed_a_payment_is_followed_by_no_further_step(before: int, later: int) -> None:
    crossed = replace(NOTIFIED, lines=(*NOTIFIED.lines, paid(10_000, date(2026, 6, 19) - before * DAY)))
    as_of = date(2026, 6, 20) + later * DAY
    assert decide(crossed, policy_of(CONSUMER), as_of, FRESH) == Nothing(Reason.SETTLED)


# 45, 46, 48: pauses and what comes after them


def test_after_a_dispute_the_same_notice_goes_out_again_with_a_new_deadline() -> None:
    """Not before 14 days after the answer, and never a higher one; the next level then counts from the new deadline."""
    disputed = replace(NOTIFIED, holds=(Hold(HoldKind.DISPUTE, DISPUTED_ON, None, date(2026, 9, 1)),))
    notices = []
    for n in range(150):
        as_of = DISPUTED_ON + n * DAY
        decision = decide(disputed, policy_of(CONSUMER), as_of, FRESH)
        if isinstance(decision, SendNotice):
            notices.append((as_of, decision.level, decision.pay_until))
            disputed = dunned(disputed, decision.level, as_of, decision.pay_until, decision.template)
    assert notices == [
        (date(2026, 9, 15), 2, date(2026, 9, 29)),
        (date(2026, 10, 2), 3, date(2026, 10, 16)),
    ]


def test_a_pause_that_contests_nothing_goes_on_where_it_was() -> None:
    """An instalment plan holds until a person ends it; the next level comes then, and no level comes twice."""
    kept = replace(NOTIFIED, holds=(Hold(HoldKind.INSTALMENT_PLAN, DISPUTED_ON),))
    assert all(
        decide(kept, policy_of(CONSUMER), DISPUTED_ON + n * DAY, FRESH) == Blocked((Reason.INSTALMENT_PLAN,))
        for n in range(200)
    )
    ended = replace(kept, holds=(replace(kept.holds[0], released_on=date(2026, 9, 1)),))
    assert decide(ended, policy_of(CONSUMER), date(2026, 8, 31), FRESH) == Blocked((Reason.INSTALMENT_PLAN,))
    following = decide(ended, policy_of(CONSUMER), date(2026, 9, 1), FRESH)
    assert isinstance(following, SendNotice)
    assert following.level == 3


def test_nobody_places_or_releases_a_hold_but_a_person_at_the_desk() -> None:
    """49: what makes a hold or sets the day of its release takes who does it and why."""
    placing, releasing = set(), set()
    for path in (path for room in ("tasks", "flows", "deployments") for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "HoldRow":
                placing.add(path.relative_to(ROOT).as_posix())
            if isinstance(node, ast.Attribute) and node.attr == "released_at" and isinstance(node.ctx, ast.Store):
                releasing.add(path.relative_to(ROOT).as_posix())
    assert placing == {"tasks/desk.py", "tasks/evidence.py", "tasks/payments.py"}
    assert releasing == {"tasks/desk.py"}


# 42: a withdrawal


def test_a_withdrawal_ends_everything_on_the_day_it_is_known() -> None:
    """No step while it stands, no cost is owed; the credit note then settles the claim, whatever interest had run."""
    withdrawn = replace(
        in_default_by(LETTERS, NOTIFIED), rates=RATES, holds=(Hold(HoldKind.WITHDRAWAL, date(2026, 6, 3)),)
    )
    for n in range(0, 300, 5):
        decision = decide(withdrawn, policy_of(LETTERS), date(2026, 7, 1) + n * DAY, FRESH)
        assert decision == Blocked((Reason.WITHDRAWAL,))
    assert withdrawn.owes_no_costs
    credited = replace(withdrawn, lines=(*withdrawn.lines, Line(LineKind.CREDIT_NOTE, date(2026, 8, 3), -10_000)))
    assert decide(credited, policy_of(LETTERS), date(2026, 8, 4), FRESH) == Nothing(Reason.SETTLED)
    in_time = in_default_by(LETTERS, replace(withdrawn, holds=(Hold(HoldKind.WITHDRAWAL, DUE),)))
    assert (in_time.default, in_time.interest_terms) == (None, None)
    released = replace(withdrawn, holds=(replace(withdrawn.holds[0], released_on=date(2026, 8, 3)),))
    assert not released.owes_no_costs


# 47, 53, 55: what is not the ladder's


@pytest.mark.parametrize("state", [state for state in State if state not in (State.OPEN, State.SETTLED)])
def test_the_ladder_takes_no_step_where_a_person_or_the_agency_has_the_claim(state: State) -> None:
    for level in range(4):
        claim = dunned(claim_of(state=state), level, DUE, DUE) if level else claim_of(state=state)
        for n in range(0, 400, 7):
            assert isinstance(decide(claim, policy_of(CONSUMER), DUE + n * DAY, FRESH), Blocked)


# 68, 70: deadlines and days in the rules that ship


@pytest.mark.parametrize("debtor", [DebtorKind.CONSUMER, DebtorKind.BUSINESS])
@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.sampled_from(sorted(STATES)))
def test_deadlines_that_ship_are_working_days_after_the_letter_is_received(
    debtor: DebtorKind, written_on: date, state: str
) -> None:
    procedure = load_policy(ROOT / "deployments" / "policy.yaml", "BE").procedures["DE", debtor]
    for level in procedure.levels:
        assert level.pay_within_days is not None
        pay_until = procedure.calendar.end_of_period(written_on, level.pay_within_days, state)
        for channel in Channel:
            assert pay_until > assumed_receipt(channel, written_on, debtor, procedure.calendar, state)
        assert pay_until.weekday() < 5
        assert not is_holiday(pay_until, state)


@given(st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_between_two_messages_on_a_claim_are_seven_days(first: int, later: int, disputed: bool) -> None:
    """However tight the steps: house rules keep the gap, also where a notice is repeated."""
    hurried = replace(
        CONSUMER,
        levels=(
            Level(Timing(after_due_days=first), Template.REMINDER, 1),
            Level(Timing(after_previous_days=later), Template.SECOND_NOTICE, 1),
            Level(Timing(after_previous_days=later), Template.FINAL_WARNING, 1),
        ),
        hand_over=HandOverRule(Timing(after_previous_days=later)),
        after_answer_days=0,
    )
    holds = (Hold(HoldKind.DISPUTE, DUE + 9 * DAY, None, DUE + 10 * DAY),) if disputed else ()
    days = [as_of for as_of, _, _ in climb(claim_of(holds=holds, agreed=Agreement.DATE), hurried)]
    assert len(days) >= 3
    assert all(next_on - last_on >= 7 * DAY for last_on, next_on in pairwise(days))
    assert not any(hurried.calendar.is_quiet(day) for day in days)


# 77: a plan costs nothing


def test_an_instalment_plan_bears_no_interest_and_has_no_fee() -> None:
    claim = in_default_by(LETTERS, claim_of(agreed=Agreement.DATE))
    before = claim.interest_statement(date(2026, 8, 1))
    plan = replace(claim, holds=(Hold(HoldKind.INSTALMENT_PLAN, date(2026, 8, 1), date(2027, 1, 31)),), rates=RATES)
    after = plan.interest_statement(date(2027, 2, 1))
    assert before is not None
    assert after is not None
    assert before.cents == after.cents > 0
    assert after.daily_cents == before.daily_cents
    assert [line.kind for line in plan.lines] == [LineKind.INVOICE]
