"""The next step of a claim: the day before, the day, the day after, and every "no" with every reason."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dunning.calendar import GermanCalendar, PlainCalendar
from dunning.claim import Claim, Hold, SentNotice
from dunning.debtor import DebtorKind
from dunning.decision import (
    RESTING,
    Blocked,
    Circumstances,
    Decision,
    Nothing,
    ProposeHandOver,
    SendNotice,
    Wait,
    decide,
    is_fresh,
    next_look,
)
from dunning.default import Agreement, Channel, Default, Route
from dunning.ledger import Line, LineKind
from dunning.lifecycle import State
from dunning.notice import NoticeAmounts, Template
from dunning.procedure import HandOverRule, Level, Policy, Procedure, Timing
from dunning.reasons import HoldKind, Reason
from tests.support.claims import (
    CONSUMER,
    DUE,
    FRESH,
    RATES,
    STAMP,
    claim_of,
    dunned,
    in_default_by,
    invoiced,
    paid,
    plain,
    policy_of,
)

POLICY = policy_of(CONSUMER)
DAY = timedelta(days=1)
REMINDED = dunned(claim_of(), 1, date(2026, 6, 6), date(2026, 6, 16))
NOTIFIED = dunned(claim_of(), 2, date(2026, 6, 19), date(2026, 7, 3))
WARNED = dunned(claim_of(), 3, date(2026, 7, 8), date(2026, 7, 22))
BARE = policy_of(plain(Level(Timing(after_due_days=0)), hand_over=HandOverRule(Timing(after_due_days=0))))
"""Everything may be done on the due day, in bare days."""
AT_THE_END = dunned(claim_of(due_on=DUE - DAY), 1, DUE, None)
"""Under BARE the hand-over is next; in default since DUE."""


def reasons(claim: Claim, policy: Policy = BARE, as_of: date = DUE, seen: Circumstances = FRESH) -> tuple[Reason, ...]:
    """The reasons of the block; none where the claim is not blocked."""
    decision = decide(claim, policy, as_of, seen)
    return decision.reasons if isinstance(decision, Blocked) else ()


def notice(decision: Decision) -> SendNotice:
    assert isinstance(decision, SendNotice), decision
    return decision


@pytest.mark.parametrize(
    ("claim", "first_day", "level", "template", "pay_until"),
    [
        pytest.param(claim_of(), date(2026, 6, 6), 1, Template.REMINDER, date(2026, 6, 16), id="due + 5, a Saturday"),
        pytest.param(REMINDED, date(2026, 6, 19), 2, Template.SECOND_NOTICE, date(2026, 7, 3), id="deadline + 3"),
        pytest.param(NOTIFIED, date(2026, 7, 8), 3, Template.FINAL_WARNING, date(2026, 7, 22), id="over a weekend"),
    ],
)
def test_a_notice_goes_out_on_its_day_and_not_before(
    claim: Claim, first_day: date, level: int, template: Template, pay_until: date
) -> None:
    assert decide(claim, POLICY, first_day - DAY, FRESH) == Wait(until=first_day)
    assert decide(claim, POLICY, DUE - 300 * DAY, FRESH) == Wait(until=first_day)
    on_the_day = SendNotice(level, template, pay_until, NoticeAmounts((invoiced(10_000),)))
    assert decide(claim, POLICY, first_day, FRESH) == on_the_day
    assert notice(decide(claim, POLICY, first_day + 5 * DAY, FRESH)).level == level


def test_the_hand_over_is_proposed_five_bank_days_after_the_final_deadline() -> None:
    first_day = date(2026, 7, 29)
    assert decide(WARNED, POLICY, first_day - DAY, FRESH) == Wait(until=first_day)
    assert decide(WARNED, POLICY, first_day, FRESH) == ProposeHandOver(open_cents=10_000)
    assert isinstance(decide(WARNED, POLICY, first_day + DAY, FRESH), ProposeHandOver)


def test_the_hand_over_speaks_of_the_whole_balance() -> None:
    claim = replace(AT_THE_END, lines=(invoiced(10_000), Line(LineKind.FEE, DUE, 250), paid(4_000)))
    assert decide(claim, BARE, DUE, FRESH) == ProposeHandOver(open_cents=6_250)


def test_a_late_run_skips_no_level() -> None:
    late = DUE + 400 * DAY
    assert [notice(decide(claim, POLICY, late, FRESH)).level for claim in (claim_of(), REMINDED, NOTIFIED)] == [1, 2, 3]


def test_the_ladder_ends_where_no_step_is_left() -> None:
    without_hand_over = policy_of(plain(Level(Timing(after_due_days=0))))
    assert decide(AT_THE_END, without_hand_over, DUE + 99 * DAY, FRESH) == Nothing(Reason.LADDER_FINISHED)
    assert next_look(AT_THE_END, without_hand_over) is None


@pytest.mark.parametrize(
    ("as_of", "federal_state", "pay_until"),
    [
        pytest.param(date(2026, 6, 10), "BE", date(2026, 6, 22), id="Saturday, on to Monday"),
        pytest.param(date(2026, 6, 11), "BE", date(2026, 6, 22), id="Sunday, on to Monday"),
        pytest.param(date(2026, 6, 12), "BE", date(2026, 6, 22), id="Monday stays"),
        pytest.param(date(2026, 12, 15), "BE", date(2026, 12, 28), id="Christmas and a weekend"),
        pytest.param(date(2027, 10, 22), "BE", date(2027, 11, 1), id="Allerheiligen, no holiday in Berlin"),
        pytest.param(date(2027, 10, 22), "NW", date(2027, 11, 2), id="and one in the debtor's state"),
        pytest.param(date(2027, 10, 22), None, date(2027, 11, 2), id="and one in some state, hers being unknown"),
    ],
)
def test_pay_until_is_a_day_on_which_one_can_pay(as_of: date, federal_state: str | None, pay_until: date) -> None:
    claim = claim_of(federal_state=federal_state)
    assert notice(decide(claim, POLICY, as_of, FRESH)).pay_until == pay_until


def test_a_level_without_a_deadline_sets_none() -> None:
    assert notice(decide(claim_of(), BARE, DUE, FRESH)).pay_until is None


@pytest.mark.parametrize(
    ("as_of", "until"),
    [
        pytest.param(date(2026, 6, 7), date(2026, 6, 8), id="Sunday"),
        pytest.param(date(2026, 10, 3), date(2026, 10, 5), id="holiday on a Saturday, then Sunday"),
        pytest.param(date(2026, 12, 25), date(2026, 12, 28), id="Christmas"),
        pytest.param(date(2027, 3, 8), date(2027, 3, 9), id="a holiday of the creditor's state alone"),
    ],
)
def test_nobody_is_dunned_on_a_quiet_day(as_of: date, until: date) -> None:
    assert decide(claim_of(), POLICY, as_of, FRESH) == Wait(until=until)
    assert isinstance(decide(claim_of(), POLICY, until, FRESH), SendNotice)


@pytest.mark.parametrize(
    ("cents", "decision"),
    [(0, "nothing"), (-1, "nothing"), (9, "nothing"), (10, "nothing"), (11, "send")],
    ids=["paid", "overpaid", "below tolerance", "at tolerance", "one cent above"],
)
def test_a_rest_up_to_the_tolerance_is_paid(cents: int, decision: str) -> None:
    tolerant = policy_of(plain(Level(Timing(after_due_days=0)), tolerance_cents=10))
    claim = claim_of(lines=(invoiced(10_000), paid(10_000 - cents)))
    answer = decide(claim, tolerant, DUE, FRESH)
    assert isinstance(answer, SendNotice) if decision == "send" else answer == Nothing(Reason.SETTLED)
    assert next_look(claim, tolerant) == (DUE if decision == "send" else None)


def test_side_costs_alone_are_not_dunned() -> None:
    claim = claim_of(lines=(invoiced(10_000), paid(10_000), Line(LineKind.FEE, DUE, 500)))
    assert decide(claim, BARE, DUE, FRESH) == Nothing(Reason.SETTLED)


@pytest.mark.parametrize("claim", [claim_of(), AT_THE_END], ids=["notice", "hand-over"])
@pytest.mark.parametrize(("cents", "blocked"), [(1_999, True), (2_000, False), (2_001, False)])
def test_a_step_waits_below_its_minimum_and_is_not_skipped(claim: Claim, cents: int, blocked: bool) -> None:
    minimum = policy_of(
        plain(
            Level(Timing(after_due_days=0), min_open_cents=2_000),
            hand_over=HandOverRule(Timing(after_due_days=0), min_open_cents=2_000),
        )
    )
    credited = Line(LineKind.CREDIT_NOTE, DUE, cents - 10_000)
    claim = replace(claim, lines=(invoiced(10_000), credited, Line(LineKind.FEE, DUE, 9_999)))
    assert reasons(claim, minimum) == ((Reason.BELOW_MINIMUM,) if blocked else ())


@pytest.mark.parametrize(
    ("as_of", "max_age", "until", "fresh"),
    [
        pytest.param(date(2026, 6, 10), 1, date(2026, 6, 10), True, id="today's"),
        pytest.param(date(2026, 6, 10), 1, date(2026, 6, 9), True, id="one bank day old"),
        pytest.param(date(2026, 6, 10), 1, date(2026, 6, 8), False, id="two bank days old"),
        pytest.param(date(2026, 6, 10), 1, None, False, id="never imported"),
        pytest.param(date(2026, 6, 8), 1, date(2026, 6, 5), True, id="Friday's on Monday"),
        pytest.param(date(2026, 6, 8), 1, date(2026, 6, 4), False, id="Thursday's on Monday"),
        pytest.param(date(2026, 6, 6), 1, date(2026, 6, 5), True, id="Friday's on Saturday"),
        pytest.param(date(2026, 6, 6), 1, date(2026, 6, 4), False, id="Thursday's on Saturday"),
        pytest.param(date(2026, 4, 7), 1, date(2026, 4, 2), True, id="Maundy Thursday's after Easter"),
        pytest.param(date(2026, 4, 7), 1, date(2026, 4, 1), False, id="Wednesday's after Easter"),
        pytest.param(date(2026, 4, 8), 1, date(2026, 4, 2), False, id="a day later Easter excuses nothing"),
        pytest.param(date(2026, 6, 8), 2, date(2026, 6, 4), True, id="two bank days allowed"),
        pytest.param(date(2026, 6, 8), 2, date(2026, 6, 3), False, id="and no third"),
        pytest.param(date(2026, 6, 10), 0, date(2026, 6, 10), True, id="today's demanded and there"),
        pytest.param(date(2026, 6, 10), 0, date(2026, 6, 9), False, id="today's demanded, yesterday's there"),
        pytest.param(date(2026, 6, 10), None, None, True, id="not demanded at all"),
    ],
)
def test_every_step_needs_fresh_bank_data(as_of: date, max_age: int | None, until: date | None, fresh: bool) -> None:
    procedure = plain(
        Level(Timing(after_due_days=0)),
        calendar=GermanCalendar("BE"),
        hand_over=HandOverRule(Timing(after_due_days=0)),
        bank_data_max_age_bank_days=max_age,
    )
    assert is_fresh(procedure, as_of, until) is fresh
    due_on, seen = date(2026, 3, 2), Circumstances(bank_data_until=until)
    for claim in (claim_of(due_on=due_on), dunned(claim_of(due_on=due_on), 1, due_on, None)):
        assert reasons(claim, policy_of(procedure), as_of, seen) == (() if fresh else (Reason.BANK_DATA_STALE,))


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        pytest.param(date(2029, 11, 1), (), id="sixty days left"),
        pytest.param(date(2029, 11, 2), (Reason.LIMITATION_NEAR,), id="fifty-nine days left"),
        pytest.param(date(2029, 12, 31), (Reason.LIMITATION_NEAR,), id="the last day"),
        pytest.param(date(2030, 1, 1), (Reason.LIMITATION_PASSED,), id="barred"),
    ],
)
def test_close_to_limitation_nothing_is_handed_over(as_of: date, expected: tuple[Reason, ...]) -> None:
    assert reasons(AT_THE_END, as_of=as_of) == expected


@pytest.mark.parametrize(("as_of", "barred"), [(date(2029, 12, 31), False), (date(2030, 1, 1), True)])
def test_a_barred_claim_gets_no_notice(as_of: date, barred: bool) -> None:
    """§§ 195, 199 (1) BGB."""
    assert reasons(claim_of(), as_of=as_of) == ((Reason.LIMITATION_PASSED,) if barred else ())


@pytest.mark.parametrize(
    ("due_on", "ends_on"),
    [
        (date(2026, 3, 15), date(2029, 12, 31)),
        (date(2023, 1, 1), date(2026, 12, 31)),
        (date(2023, 12, 31), date(2026, 12, 31)),
        (date(2025, 6, 1), date(2028, 12, 31)),
    ],
)
def test_limitation_ends_with_the_third_year_after_the_due_year(due_on: date, ends_on: date) -> None:
    assert claim_of(due_on=due_on).limitation_ends_on == ends_on


@pytest.mark.parametrize("kind", list(HoldKind))
@pytest.mark.parametrize("claim", [claim_of(), AT_THE_END], ids=["notice", "hand-over"])
@pytest.mark.parametrize(
    ("offset", "held"),
    [(-1, False), (0, True), (5, True), (10, True), (11, False)],
    ids=["day before", "first day", "within", "last day", "day after"],
)
def test_every_kind_of_hold_holds_from_its_first_through_its_last_day(
    claim: Claim, kind: HoldKind, offset: int, held: bool
) -> None:
    from_on = DUE + 10 * DAY
    claim = replace(claim, holds=(Hold(kind, from_on, from_on + 10 * DAY),))
    assert reasons(claim, as_of=from_on + offset * DAY) == ((Reason(kind),) if held else ())


def test_a_hold_with_an_open_end_does_not_end() -> None:
    claim = claim_of(holds=(Hold(HoldKind.INSOLVENCY, DUE),))
    assert reasons(claim, as_of=DUE + 900 * DAY) == (Reason.INSOLVENCY,)
    assert reasons(claim, as_of=DUE - DAY) == ()


def test_holds_of_claim_and_customer_are_all_named_each_once() -> None:
    own, customers = Hold(HoldKind.DISPUTE, DUE), Hold(HoldKind.MANUAL, DUE, DUE + 30 * DAY)
    over = Hold(HoldKind.RETURN_ANNOUNCED, DUE - 9 * DAY, DUE - DAY)
    claim = claim_of(holds=(own, over, customers, Hold(HoldKind.DISPUTE, DUE - DAY)))
    assert reasons(claim) == (Reason.DISPUTE, Reason.MANUAL)


def test_a_held_claim_says_so_before_its_day_has_come() -> None:
    assert reasons(claim_of(holds=(Hold(HoldKind.DISPUTE, DUE - 9 * DAY),)), as_of=DUE - 9 * DAY) == (Reason.DISPUTE,)


def test_a_finished_ladder_still_names_its_hold() -> None:
    without_hand_over = policy_of(plain(Level(Timing(after_due_days=0))))
    claim = replace(AT_THE_END, holds=(Hold(HoldKind.MANUAL, DUE),))
    assert reasons(claim, without_hand_over) == (Reason.MANUAL,)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"owned": False}, Reason.NOT_OWNED),
        ({"prepayment": True}, Reason.PREPAYMENT),
        ({"delivered_on": DUE + DAY}, Reason.NOT_DELIVERED),
        ({"currency": "CHF"}, Reason.CURRENCY_WITHOUT_POLICY),
        ({"country": "AT"}, Reason.COUNTRY_WITHOUT_POLICY),
    ],
)
def test_what_is_never_dunned(facts: dict[str, Any], reason: Reason) -> None:
    assert reasons(claim_of(**facts)) == (reason,)
    assert reasons(replace(AT_THE_END, **facts)) == (reason,)


def test_delivered_today_is_delivered() -> None:
    assert reasons(claim_of(delivered_on=DUE)) == ()


def test_a_country_without_procedure_is_looked_at_by_nobody_and_settled_by_the_last_cent() -> None:
    assert next_look(claim_of(country="AT"), BARE) is None
    assert decide(claim_of(0, country="AT"), BARE, DUE, FRESH) == Nothing(Reason.SETTLED)
    assert reasons(claim_of(1, country="AT")) == (Reason.COUNTRY_WITHOUT_POLICY,)


def test_a_mail_needs_an_address_and_a_complete_letterhead_and_a_hand_over_neither() -> None:
    nameless = Circumstances(bank_data_until=date.max, sender_complete=False)
    assert reasons(claim_of(has_email=False)) == (Reason.ADDRESS_MISSING,)
    assert reasons(claim_of(), seen=nameless) == (Reason.SENDER_INCOMPLETE,)
    assert reasons(replace(AT_THE_END, has_email=False), seen=nameless) == ()


def test_every_reason_is_named_at_once() -> None:
    claim = claim_of(
        500,
        due_on=date(2022, 6, 1),
        holds=(Hold(HoldKind.WITHDRAWAL, DUE), Hold(HoldKind.MINOR, DUE)),
        state=State.IN_MANUAL_HANDS,
        owned=False,
        prepayment=True,
        delivered_on=DUE,
        currency="USD",
        has_email=False,
    )
    strict = policy_of(
        plain(Level(Timing(after_due_days=0), min_open_cents=501), bank_data_max_age_bank_days=1),
    )
    standing = (
        Reason.WITHDRAWAL,
        Reason.MINOR,
        Reason.IN_MANUAL_HANDS,
        Reason.NOT_OWNED,
        Reason.PREPAYMENT,
        Reason.CURRENCY_WITHOUT_POLICY,
        Reason.LIMITATION_PASSED,
    )
    of_the_step = (
        Reason.BELOW_MINIMUM,
        Reason.BANK_DATA_STALE,
        Reason.ADDRESS_MISSING,
        Reason.SENDER_INCOMPLETE,
    )
    nothing_known = Circumstances(bank_data_until=None, sender_complete=False)
    assert reasons(claim, strict, seen=nothing_known) == standing + of_the_step
    abroad = replace(claim, country="AT")
    assert reasons(abroad, strict, seen=nothing_known) == (*standing, Reason.COUNTRY_WITHOUT_POLICY)
    on_its_way = replace(claim, delivered_on=DUE + DAY)
    assert reasons(on_its_way, strict, seen=nothing_known) == (*standing[:5], Reason.NOT_DELIVERED, *standing[5:])


def test_every_reason_against_a_hand_over_is_named_at_once() -> None:
    claim = replace(
        AT_THE_END,
        last_notice=SentNotice(1, DUE, None, Template.SECOND_NOTICE),
        default=None,
        interest_from=date(2026, 12, 1),
    )
    strict = policy_of(
        plain(
            Level(Timing(after_due_days=0)),
            hand_over=HandOverRule(Timing(after_due_days=0), min_open_cents=10_001),
            bank_data_max_age_bank_days=1,
        )
    )
    nothing_known = Circumstances(bank_data_until=None, sender_complete=False)
    assert reasons(claim, strict, as_of=date(2029, 12, 1), seen=nothing_known) == (
        Reason.BELOW_MINIMUM,
        Reason.BANK_DATA_STALE,
        Reason.FINAL_WARNING_MISSING,
        Reason.LIMITATION_NEAR,
        Reason.NOT_IN_DEFAULT,
        Reason.BASE_RATE_UNKNOWN,
    )


@pytest.mark.parametrize(
    ("from_on", "proposed"),
    [(DUE - DAY, True), (DUE, True), (DUE + DAY, False), (None, False)],
    ids=["day after the first", "first day of default", "day before", "never"],
)
def test_without_default_nothing_is_handed_over(from_on: date | None, proposed: bool) -> None:
    """§§ 280 (2), 286 BGB: before default the agency's cost is nobody's damage."""
    claim = replace(AT_THE_END, default=Default(from_on, Route.NOTICE, "") if from_on else None)
    assert reasons(claim) == (() if proposed else (Reason.NOT_IN_DEFAULT,))


def test_a_notice_needs_no_default() -> None:
    assert reasons(claim_of(default=None)) == ()
    assert reasons(replace(REMINDED, default=None), POLICY, as_of=date(2026, 6, 19)) == ()


CHARGED = replace(AT_THE_END, interest_from=DUE)
PAID_IN_PART = replace(claim_of(lines=(invoiced(10_000), paid(5_000, date(2026, 9, 1)))), interest_from=DUE + DAY)
ASKING = policy_of(plain(Level(Timing(after_due_days=0), demands_interest=True)))


@pytest.mark.parametrize(
    ("claim", "policy", "needs_rates"),
    [
        pytest.param(CHARGED, BARE, True, id="hand-over"),
        pytest.param(AT_THE_END, BARE, False, id="hand-over without interest"),
        pytest.param(claim_of(interest_from=DUE + DAY), ASKING, True, id="notice that demands it"),
        pytest.param(claim_of(), ASKING, False, id="demands it of a claim that bears none"),
        pytest.param(claim_of(interest_from=DUE + DAY), BARE, False, id="notice that demands none"),
        pytest.param(PAID_IN_PART, BARE, True, id="notice that shows what was paid of it"),
    ],
)
@pytest.mark.parametrize(
    ("as_of", "known"),
    [(date(2026, 12, 31), True), (date(2027, 1, 1), True), (date(2027, 1, 2), False)],
    ids=["last day with a rate", "interest ends the day before", "a day without a rate"],
)
def test_without_the_base_rate_no_interest_is_demanded(
    claim: Claim, policy: Policy, needs_rates: bool, as_of: date, known: bool
) -> None:
    """§ 247 BGB: the last rate is never used on."""
    assert reasons(claim, policy, as_of) == ((Reason.BASE_RATE_UNKNOWN,) if needs_rates and not known else ())
    assert reasons(replace(claim, rates=RATES), policy, as_of) == ()


WARNED_BY = {None: True, Template.FINAL_WARNING: True, Template.SECOND_NOTICE: False, Template.REMINDER: False}


@pytest.mark.parametrize(("template", "warned"), WARNED_BY.items())
def test_only_who_was_warned_last_is_handed_over(template: Template | None, warned: bool) -> None:
    """House rules may have changed; of an old notice nobody may know which letter it was."""
    ladder = plain(
        Level(Timing(after_due_days=0), Template.FINAL_WARNING, 14), hand_over=HandOverRule(Timing(after_due_days=0))
    )
    claim = dunned(claim_of(due_on=DUE - DAY), 1, DUE, None, template)
    assert reasons(claim, policy_of(ladder)) == (() if warned else (Reason.FINAL_WARNING_MISSING,))


def test_nobody_is_handed_over_without_any_notice() -> None:
    """Of an older ladder a claim may be so high without one on record."""
    claim = replace(AT_THE_END, last_notice=None)
    assert reasons(claim) == (Reason.FINAL_WARNING_MISSING,)


# After an objection


def held(claim: Claim, kind: HoldKind, from_on: date, until_on: date | None, released_on: date | None = None) -> Claim:
    return replace(claim, holds=(Hold(kind, from_on, until_on, released_on),))


ANSWERED = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("claim", "first_day", "level", "pay_until"),
    [
        pytest.param(REMINDED, date(2026, 6, 29), 1, date(2026, 7, 9), id="reminder, 14 days after the answer"),
        pytest.param(
            dunned(claim_of(), 3, date(2026, 6, 13), date(2026, 6, 29)),
            date(2026, 6, 29),
            3,
            date(2026, 7, 13),
            id="final warning and no hand-over",
        ),
    ],
)
def test_after_a_dispute_the_same_notice_goes_out_again_with_a_new_deadline(
    claim: Claim, first_day: date, level: int, pay_until: date
) -> None:
    disputed = held(claim, HoldKind.DISPUTE, date(2026, 6, 8), None, ANSWERED)
    assert decide(disputed, POLICY, ANSWERED - DAY, FRESH) == Blocked((Reason.DISPUTE,))
    assert decide(disputed, POLICY, ANSWERED, FRESH) == Wait(until=first_day)
    assert decide(disputed, POLICY, first_day - DAY, FRESH) == Wait(until=first_day)
    again = notice(decide(disputed, POLICY, first_day, FRESH))
    assert (again.level, again.template, again.pay_until) == (level, CONSUMER.levels[level - 1].template, pay_until)
    climbed = sent(disputed, again, first_day)
    following = decide(climbed, POLICY, first_day + 60 * DAY, FRESH)
    assert following == ProposeHandOver(10_000) if level == 3 else notice(following).level == level + 1


@pytest.mark.parametrize(
    ("last_day", "level"),
    [(date(2026, 6, 5), 2), (date(2026, 6, 6), 1), (date(2026, 6, 7), 1)],
    ids=["over before the notice left", "on the day it left", "after it"],
)
def test_what_was_over_when_the_notice_left_repeats_nothing(last_day: date, level: int) -> None:
    late = DUE + 91 * DAY
    by_date = held(REMINDED, HoldKind.DEFERRAL, DUE, last_day)
    by_release = held(REMINDED, HoldKind.DEFERRAL, DUE, None, last_day + DAY)
    assert [notice(decide(claim, POLICY, late, FRESH)).level for claim in (by_date, by_release)] == [level, level]


def test_after_a_known_pause_the_ladder_goes_on() -> None:
    for kind in (HoldKind.PROMISE_TO_PAY, HoldKind.MANUAL, HoldKind.RETURN_ANNOUNCED, HoldKind.INSTALMENT_PLAN):
        paused = held(REMINDED, kind, date(2026, 6, 8), date(2026, 6, 20))
        assert decide(paused, POLICY, date(2026, 6, 22), FRESH) == notice(
            decide(REMINDED, POLICY, date(2026, 6, 22), FRESH)
        )


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (State.NOTICE_UNDER_WAY, Blocked((Reason.STEP_UNDER_WAY,))),
        (State.HAND_OVER_PROPOSED, Blocked((Reason.HAND_OVER_PROPOSED,))),
        (State.TRANSFER_UNDER_WAY, Blocked((Reason.STEP_UNDER_WAY,))),
        (State.AT_AGENCY, Blocked((Reason.ALREADY_AT_AGENCY,))),
        (State.IN_MANUAL_HANDS, Blocked((Reason.IN_MANUAL_HANDS,))),
        (State.SETTLED, Nothing(Reason.SETTLED)),
        (State.OPEN, ProposeHandOver(10_000)),
    ],
)
def test_only_an_open_claim_climbs(state: State, answer: Decision) -> None:
    claim = replace(AT_THE_END, state=state)
    assert decide(claim, BARE, DUE, FRESH) == answer
    assert next_look(claim, BARE) == (DUE if state is State.OPEN else None)


def test_every_state_rests_climbs_or_is_settled() -> None:
    assert {*RESTING, State.OPEN, State.SETTLED} == set(State)


@pytest.mark.parametrize("state", [state for state in State if state is not State.SETTLED])
@pytest.mark.parametrize("block", [Reason.UNCERTAIN_EFFECT, Reason.REFUSED_EFFECT, Reason.STEP_UNDER_WAY])
def test_a_message_whose_fate_is_open_blocks_in_every_state(state: State, block: Reason) -> None:
    """Open too: the payment that overtook the message may have come back before its fate was known."""
    assert reasons(claim_of(state=state, effect_block=block)) == (block,)


def test_an_unknown_debtor_is_a_consumer() -> None:
    """§ 13 BGB."""
    gentle, strict = plain(Level(Timing(after_due_days=9))), plain(Level(Timing(after_due_days=1)))
    policy = Policy("test", {("DE", DebtorKind.CONSUMER): gentle, ("DE", DebtorKind.BUSINESS): strict})
    days = {kind: decide(claim_of(debtor=kind), policy, DUE, FRESH) for kind in DebtorKind}
    assert days == {
        DebtorKind.CONSUMER: Wait(DUE + 9 * DAY),
        DebtorKind.BUSINESS: Wait(DUE + DAY),
        DebtorKind.UNKNOWN: Wait(DUE + 9 * DAY),
    }


# Properties

german_states = st.sampled_from([None, "BE", "BY", "NW", "SN"])
few_days = st.integers(0, 20)
timings_later = st.builds(
    Timing,
    after_due_days=st.none() | few_days,
    after_previous_days=few_days,
    after_deadline_days=st.none() | few_days,
    after_deadline_bank_days=st.none() | few_days,
)
levels_first = st.builds(Level, st.builds(Timing, few_days), st.just(Template.REMINDER), st.integers(1, 20))
levels_later = st.builds(
    Level,
    timings_later,
    st.just(Template.SECOND_NOTICE),
    st.integers(1, 20),
    channel=st.sampled_from([Channel.EMAIL, Channel.LETTER]),
    cost=st.just(STAMP),
    demands_interest=st.booleans(),
    demands_lump_sum=st.booleans(),
)
procedures = st.builds(
    lambda first, later, hand_over, calendar, gap, waits: Procedure(
        "any",
        calendar,
        (first, *later),
        hand_over,
        minimum_gap_days=gap,
        after_delivery_days=waits[0],
        after_return_days=waits[1],
        after_answer_days=waits[2],
    ),
    levels_first,
    st.lists(levels_later, max_size=2),
    st.none() | st.builds(HandOverRule, timings_later),
    st.sampled_from([PlainCalendar(), GermanCalendar("BE"), GermanCalendar("BY")]),
    st.integers(0, 10),
    st.tuples(few_days, few_days, few_days),
)
due_days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
claims = st.builds(
    lambda cents, due, state, debtor, agreed: claim_of(
        lines=(invoiced(cents, due - 14 * DAY),),
        due_on=due,
        federal_state=state,
        debtor=debtor,
        agreed=agreed,
        default=None,
        rates=RATES,
    ),
    st.integers(1, 10**9),
    due_days,
    german_states,
    st.sampled_from(DebtorKind),
    st.sampled_from([Agreement.NONE, Agreement.DATE]),
)


@st.composite
def claims_on_the_ladder(draw: st.DrawFn, procedure: Procedure) -> Claim:
    """A claim at any level of the procedure, its last notice sent on the day that was right, or later."""
    claim = in_default_by(procedure, draw(claims))
    for _ in range(draw(st.integers(0, len(procedure.levels)))):
        first_day = procedure.dunnable_from(claim)
        assert first_day is not None
        sent_on = procedure.calendar.first_loud_day(first_day + draw(few_days) * DAY)
        claim = sent(claim, notice(decide(claim, policy_of(procedure), sent_on, FRESH)), sent_on)
        claim = in_default_by(procedure, claim)
    return claim


@st.composite
def troubled(draw: st.DrawFn, claim: Claim) -> Claim:
    """What may happen to a claim: holds in force or released, a late delivery, a payment that the bank took back."""
    days = st.integers(-20, 120).map(lambda n: claim.due_on + n * DAY)
    returned = draw(st.none() | days)
    return replace(
        claim,
        holds=tuple(
            draw(st.lists(st.builds(Hold, st.sampled_from(HoldKind), days, days, st.none() | days), max_size=3))
        ),
        delivered_on=draw(st.none() | days),
        lines=claim.lines if returned is None else (*claim.lines, Line(LineKind.RETURNED_PAYMENT, returned, 1)),
    )


def sent(claim: Claim, decided: SendNotice, on: date) -> Claim:
    """The claim once the notice has left; interest is never booked."""
    booked = tuple(line for line in decided.amounts.lines if line.kind is not LineKind.INTEREST)
    claim = replace(claim, lines=booked)
    return dunned(claim, decided.level, on, decided.pay_until, decided.template, channel=decided.channel)


def acts(decision: Decision) -> bool:
    return isinstance(decision, SendNotice | ProposeHandOver)


def walk(start: date, days: int) -> Iterator[date]:
    return (start + day * DAY for day in range(days))


def first_act(claim: Claim, policy: Policy) -> date | None:
    """Found by asking day by day."""
    start = (claim.last_notice.sent_on if claim.last_notice else claim.due_on) - 3 * DAY
    return next((day for day in walk(start, 160) if acts(decide(claim, policy, day, FRESH))), None)


@given(st.data(), procedures)
def test_the_stored_day_is_the_first_day_on_which_something_happens(data: st.DataObject, procedure: Procedure) -> None:
    """But for a hand-over, which waits for default too."""
    policy, claim = policy_of(procedure), data.draw(claims_on_the_ladder(procedure))
    stored = next_look(claim, policy)
    if stored is None or claim.level < len(procedure.levels):
        assert first_act(claim, policy) == stored
    elif claim.default is not None:
        assert first_act(claim, policy) == procedure.calendar.first_loud_day(max(stored, claim.default.from_on))
    else:
        assert first_act(claim, policy) is None


@given(st.data(), procedures)
def test_the_stored_day_is_never_too_late_whatever_stands_in_the_way(data: st.DataObject, procedure: Procedure) -> None:
    policy, claim = policy_of(procedure), data.draw(claims_on_the_ladder(procedure).flatmap(troubled))
    if (first := first_act(claim, policy)) is not None:
        assert (stored := next_look(claim, policy)) is not None
        assert stored <= first


@given(st.data(), procedures, st.integers(-30, 150))
def test_a_notice_is_always_the_next_level_or_the_last_one_again(
    data: st.DataObject, procedure: Procedure, day: int
) -> None:
    claim = data.draw(claims_on_the_ladder(procedure).flatmap(troubled))
    as_of = claim.due_on + day * DAY
    decision = decide(claim, policy_of(procedure), as_of, FRESH)
    if isinstance(decision, SendNotice):
        level = procedure.levels[decision.level - 1]
        assert decision.level == claim.level + (0 if was_objected_to(claim) else 1)
        assert decision.template is level.template
        assert decision.channel is level.channel
        assert decision.pay_until is not None
        assert decision.pay_until > as_of
    elif isinstance(decision, ProposeHandOver):
        assert claim.level == len(procedure.levels)
        assert not was_objected_to(claim)
        assert claim.in_default_on(as_of)


PAUSES = {
    HoldKind.RETURN_ANNOUNCED,
    HoldKind.INSTALMENT_PLAN,
    HoldKind.PROMISE_TO_PAY,
    HoldKind.ADDRESS_UNKNOWN,
    HoldKind.MANUAL,
}
"""After these the ladder goes on; what they stopped was never in doubt, or is taken back itself."""


def was_objected_to(claim: Claim) -> bool:
    """Whether on any day since the last notice left something held that makes it void, asked day by day."""
    return claim.last_notice is not None and any(
        hold.holds_on(day) and hold.kind not in PAUSES
        for hold in claim.holds
        for day in walk(claim.last_notice.sent_on, 250)
    )


@given(st.data(), procedures, st.sampled_from(sorted(set(HoldKind) - PAUSES)), st.integers(0, 200))
def test_after_an_objection_never_a_higher_level(
    data: st.DataObject, procedure: Procedure, kind: HoldKind, later: int
) -> None:
    claim = data.draw(claims_on_the_ladder(procedure))
    assume(claim.last_notice is not None)
    assert claim.last_notice is not None
    objected_on = claim.last_notice.sent_on + data.draw(few_days) * DAY
    answered_on = objected_on + (1 + data.draw(few_days)) * DAY
    objected = held(claim, kind, objected_on, None, answered_on)
    decision = decide(objected, policy_of(procedure), answered_on + later * DAY, FRESH)
    assert not isinstance(decision, ProposeHandOver)
    if isinstance(decision, SendNotice):
        assert later >= procedure.after_answer_days
        assert decision.level == claim.level
        assert decision.amounts.fees_cents == claim.account.costs_cents


@given(st.data(), procedures, due_days, st.sampled_from(HoldKind))
def test_a_hold_always_blocks(data: st.DataObject, procedure: Procedure, as_of: date, kind: HoldKind) -> None:
    claim = data.draw(claims_on_the_ladder(procedure))
    holding = held(claim, kind, as_of - data.draw(few_days) * DAY, as_of + data.draw(few_days) * DAY)
    decision = decide(holding, policy_of(procedure), as_of, FRESH)
    assert isinstance(decision, Blocked)
    assert decision.reasons[0] == Reason(kind)


@given(st.data(), procedures, st.integers(0, 400))
def test_a_day_that_has_come_stays_come(data: st.DataObject, procedure: Procedure, later: int) -> None:
    policy, claim = policy_of(procedure), data.draw(claims_on_the_ladder(procedure))
    assume((first := first_act(claim, policy)) is not None)
    assert first is not None
    day = procedure.calendar.first_loud_day(first + later * DAY)
    now, then = decide(claim, policy, first, FRESH), decide(claim, policy, day, FRESH)
    assert acts(now)
    assert type(now) is type(then)
    if isinstance(now, SendNotice) and isinstance(then, SendNotice):
        assert now.level == then.level
        assert now.amounts.principal_cents == then.amounts.principal_cents
        assert now.amounts.fees_cents <= then.amounts.fees_cents
        assert now.amounts.interest_cents <= then.amounts.interest_cents


@given(st.data(), procedures)
def test_a_wait_names_the_day_on_which_it_ends(data: st.DataObject, procedure: Procedure) -> None:
    policy, claim = policy_of(procedure), data.draw(claims_on_the_ladder(procedure))
    as_of = claim.due_on + data.draw(st.integers(-30, 90)) * DAY
    decision = decide(claim, policy, as_of, FRESH)
    if isinstance(decision, Wait):
        assert decision.until > as_of
        assert not any(acts(decide(claim, policy, day, FRESH)) for day in walk(as_of, (decision.until - as_of).days))
        then = decide(claim, policy, decision.until, FRESH)
        assert acts(then) or then == Blocked((Reason.NOT_IN_DEFAULT,))


@given(st.data(), procedures, st.integers(1, 6))
def test_run_day_by_day_a_claim_climbs_every_level_once_and_in_order(
    data: st.DataObject, procedure: Procedure, run_every: int
) -> None:
    """However rarely runs happen: no level twice, none left out, the gap kept, nothing on a quiet day; and no fee,
    lump sum, interest or hand-over before default."""
    policy, claim = policy_of(procedure), in_default_by(procedure, data.draw(claims))
    levels, proposed, last = [], 0, date.min
    for day in (claim.due_on + n * DAY for n in range(0, 300, run_every)):
        decision = decide(claim, policy, day, FRESH)
        if isinstance(decision, SendNotice):
            assert last == date.min or (day - last).days >= procedure.minimum_gap_days
            assert not procedure.calendar.is_quiet(day)
            if not claim.in_default_on(day):
                assert decision.amounts == NoticeAmounts(claim.lines)
            levels.append(decision.level)
            claim, last = in_default_by(procedure, sent(claim, decision, day)), day
        elif isinstance(decision, ProposeHandOver):
            assert claim.in_default_on(day)
            assert decision.open_cents == claim.open_cents
            proposed += 1
            claim = replace(claim, state=State.HAND_OVER_PROPOSED)
    assert levels == list(range(1, len(procedure.levels) + 1))
    assert proposed == (1 if procedure.hand_over and claim.default is not None else 0)
