"""The first day of each step, kind of timing by kind of timing, and ladders that contradict themselves."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from dunning.calendar import GermanCalendar, PlainCalendar
from dunning.claim import Claim, Hold
from dunning.debtor import DebtorKind
from dunning.default import Agreement, Channel, Route
from dunning.evidence import Evidence, EvidenceKind
from dunning.holds import STOPS
from dunning.ledger import Line, LineKind
from dunning.notice import Template
from dunning.procedure import AgreedTerm, Approval, HandOverRule, Level, Policy, Procedure, Timing
from dunning.reasons import HoldKind
from tests.support.claims import CONSUMER, DUE, claim_of, dunned, paid, plain, policy_of

DAY = timedelta(days=1)
SENT = date(2026, 6, 10)
UNTIL = date(2026, 6, 24)
REMINDED = dunned(claim_of(), 1, SENT, UNTIL)
"""Level 1 sent on a Wednesday, to be paid by a Wednesday."""
FIRST = Level(Timing(after_due_days=0), pay_within_days=14)
BERLIN = GermanCalendar("BE")


@pytest.mark.parametrize(
    ("timing", "gap", "first_day"),
    [
        pytest.param(Timing(after_due_days=40), 0, DUE + 40 * DAY, id="from due"),
        pytest.param(Timing(after_due_days=0), 0, SENT, id="never before the previous notice"),
        pytest.param(Timing(after_previous_days=10), 0, SENT + 10 * DAY, id="from previous"),
        pytest.param(Timing(after_deadline_days=1), 0, UNTIL + DAY, id="from deadline"),
        pytest.param(Timing(after_deadline_days=0), 0, UNTIL, id="on the deadline"),
        pytest.param(Timing(after_deadline_bank_days=3), 0, UNTIL + 3 * DAY, id="bank days from deadline"),
        pytest.param(Timing(after_deadline_bank_days=0), 0, UNTIL, id="no bank day from deadline"),
        pytest.param(Timing(after_previous_days=6), 7, SENT + 7 * DAY, id="gap wins by a day"),
        pytest.param(Timing(after_previous_days=7), 7, SENT + 7 * DAY, id="gap is reached"),
        pytest.param(Timing(after_previous_days=8), 7, SENT + 8 * DAY, id="gap is passed"),
        pytest.param(Timing(after_due_days=0), 7, SENT + 7 * DAY, id="gap without a condition on previous"),
        pytest.param(Timing(after_deadline_days=1), 16, SENT + 16 * DAY, id="gap after the deadline"),
        pytest.param(Timing(40, 10, 1, 1), 0, DUE + 40 * DAY, id="latest decides: due"),
        pytest.param(Timing(0, 30, 1, 1), 0, SENT + 30 * DAY, id="latest decides: previous"),
        pytest.param(Timing(0, 0, 30, 1), 0, UNTIL + 30 * DAY, id="latest decides: deadline"),
        pytest.param(Timing(0, 0, 1, 30), 0, UNTIL + 30 * DAY, id="latest decides: bank days"),
    ],
)
@pytest.mark.parametrize("last_step", [False, True], ids=["level", "hand-over"])
def test_the_latest_condition_decides(timing: Timing, gap: int, first_day: date, last_step: bool) -> None:
    levels = (FIRST,) if last_step else (FIRST, Level(timing))
    hand_over = HandOverRule(timing) if last_step else None
    procedure = plain(*levels, hand_over=hand_over, minimum_gap_days=gap)
    assert procedure.dunnable_from(REMINDED) == first_day


@pytest.mark.parametrize(
    ("claim", "timing", "first_day"),
    [
        pytest.param(claim_of(due_on=date(2026, 6, 5)), Timing(5), date(2026, 6, 10), id="due on a working day"),
        pytest.param(claim_of(due_on=date(2026, 6, 6)), Timing(5), date(2026, 6, 13), id="due on Saturday is Monday"),
        pytest.param(claim_of(due_on=date(2026, 12, 25)), Timing(0), date(2026, 12, 28), id="due at Christmas"),
        pytest.param(
            claim_of(due_on=date(2026, 6, 4), federal_state="NW"), Timing(1), date(2026, 6, 6), id="debtor's holiday"
        ),
        pytest.param(claim_of(due_on=date(2026, 6, 4)), Timing(1), date(2026, 6, 5), id="no holiday in Berlin"),
        pytest.param(claim_of(due_on=date(2026, 6, 2)), Timing(5), date(2026, 6, 8), id="off a quiet Sunday"),
        pytest.param(REMINDED, Timing(after_previous_days=4), date(2026, 6, 15), id="off Sunday after a notice"),
        pytest.param(REMINDED, Timing(after_deadline_bank_days=3), date(2026, 6, 29), id="bank days over a weekend"),
        pytest.param(
            dunned(claim_of(), 1, date(2026, 3, 18), date(2026, 4, 1)),
            Timing(after_deadline_bank_days=3),
            date(2026, 4, 8),
            id="bank days over Easter",
        ),
        pytest.param(
            dunned(claim_of(), 1, date(2026, 3, 18), date(2026, 4, 1)),
            Timing(after_deadline_days=2),
            date(2026, 4, 4),
            id="off Good Friday",
        ),
    ],
)
def test_days_in_germany(claim: Claim, timing: Timing, first_day: date) -> None:
    levels = (Level(timing),) if claim.level == 0 else (FIRST, Level(timing))
    procedure = plain(*levels, calendar=BERLIN)
    assert procedure.dunnable_from(claim) == first_day


def test_a_notice_that_set_no_deadline_leaves_the_other_conditions() -> None:
    """House rules may have changed since it was sent."""
    without = dunned(claim_of(), 1, SENT, None)
    for timing in (Timing(after_previous_days=9, after_deadline_days=5), Timing(None, 9, None, 5)):
        assert plain(FIRST, Level(timing)).dunnable_from(without) == SENT + 9 * DAY


def test_steps_follow_each_other_to_the_end() -> None:
    second, rule = Level(Timing(after_previous_days=1)), HandOverRule(Timing(after_previous_days=1))
    procedure = plain(FIRST, second, hand_over=rule)
    steps = [procedure.next_step(claim_of(level=level)) for level in range(4)]
    assert steps == [(1, FIRST), (2, second), (3, rule), (4, rule)]
    assert plain(FIRST).next_step(REMINDED) is None
    assert plain(FIRST).dunnable_from(REMINDED) is None


# What stood in a notice's way

SECOND = Level(Timing(after_previous_days=1), Template.SECOND_NOTICE, pay_within_days=14)
THREE = plain(FIRST, SECOND, hand_over=HandOverRule(Timing(after_previous_days=1)), minimum_gap_days=7)
REPEATING = {kind for kind, stop in STOPS.items() if stop.same_level_after}


def objected(claim: Claim, kind: HoldKind = HoldKind.DISPUTE, **days: Any) -> Claim:
    return replace(claim, holds=(Hold(kind, **days),))


@pytest.mark.parametrize("kind", HoldKind)
@pytest.mark.parametrize(
    ("last_day", "overtaken"), [(SENT - DAY, False), (SENT, True), (SENT + DAY, True), (None, True)]
)
def test_a_notice_that_was_overtaken_is_the_next_step_again(
    kind: HoldKind, last_day: date | None, overtaken: bool
) -> None:
    again = overtaken and kind in REPEATING
    for level, step in ((1, FIRST), (2, SECOND)):
        claim = objected(dunned(claim_of(), level, SENT, UNTIL), kind, from_on=DUE, until_on=last_day)
        following = THREE.next_step(claim)
        assert following is not None
        assert following == ((level, step) if again else THREE.next_step(dunned(claim_of(), level, SENT, UNTIL)))


def test_what_overtook_nothing_is_forgotten() -> None:
    before_any = objected(claim_of(), from_on=DUE, released_on=DUE + 3 * DAY)
    assert THREE.next_step(before_any) == (1, FIRST)
    never_held = objected(REMINDED, from_on=SENT, released_on=SENT)
    assert THREE.next_step(never_held) == (2, SECOND)


def test_of_a_level_that_the_ladder_no_longer_has_the_last_one_is_repeated() -> None:
    """House rules were shortened since; that brings nobody to the agency who objected."""
    high = dunned(claim_of(), 3, SENT, UNTIL)
    assert THREE.next_step(high) == (4, THREE.hand_over)
    disputed = objected(high, from_on=SENT, released_on=SENT + DAY)
    assert THREE.next_step(disputed) == (2, SECOND)
    assert THREE.dunnable_from(disputed) == SENT + 7 * DAY
    assert plain(FIRST).next_step(disputed) == (1, FIRST)


def test_a_claim_without_a_level_repeats_none() -> None:
    """Its only notice came back."""
    claim = objected(dunned(claim_of(), 0, SENT, UNTIL), from_on=SENT)
    assert THREE.next_step(claim) == (1, FIRST)


@pytest.mark.parametrize(
    ("gap", "answer_days", "released_on", "first_day"),
    [
        pytest.param(7, 0, SENT + DAY, SENT + 7 * DAY, id="a week after the last notice"),
        pytest.param(7, 0, SENT + 9 * DAY, SENT + 9 * DAY, id="the day of the answer"),
        pytest.param(7, 14, SENT + DAY, SENT + 15 * DAY, id="14 days after the answer"),
        pytest.param(16, 14, SENT + DAY, SENT + 16 * DAY, id="the gap is longer"),
    ],
)
def test_the_repeated_notice_waits_for_gap_and_answer_and_for_no_condition_of_its_level(
    gap: int, answer_days: int, released_on: date, first_day: date
) -> None:
    never = Level(Timing(after_previous_days=300, after_due_days=300), Template.SECOND_NOTICE)
    procedure = plain(FIRST, never, minimum_gap_days=gap, after_answer_days=answer_days)
    claim = objected(dunned(claim_of(), 2, SENT, UNTIL), from_on=DUE, released_on=released_on)
    assert procedure.next_step(claim) == (2, never)
    assert procedure.dunnable_from(claim) == first_day


def test_the_repeated_notice_goes_out_on_no_quiet_day() -> None:
    claim = objected(REMINDED, from_on=SENT, released_on=date(2026, 6, 21))
    assert plain(FIRST, calendar=BERLIN).dunnable_from(claim) == date(2026, 6, 22)


# What happened to the claim

RETURNED = Line(LineKind.RETURNED_PAYMENT, DUE + 20 * DAY, 5_000)
LATER_RETURNED = Line(LineKind.RETURNED_PAYMENT, DUE + 30 * DAY, 5_000)


@pytest.mark.parametrize(
    ("rules", "facts", "first_day"),
    [
        pytest.param({"after_delivery_days": 17}, {}, DUE, id="no day of delivery is known"),
        pytest.param({"after_delivery_days": 17}, {"delivered_on": DUE}, DUE + 17 * DAY, id="withdrawal period"),
        pytest.param({"after_delivery_days": 17}, {"delivered_on": DUE - 17 * DAY}, DUE, id="it is over on the day"),
        pytest.param({"after_delivery_days": 17}, {"delivered_on": DUE - 16 * DAY}, DUE + DAY, id="a day later"),
        pytest.param({}, {"delivered_on": DUE + 9 * DAY}, DUE + 9 * DAY, id="never before delivery"),
        pytest.param({"after_return_days": 3}, {"lines": (RETURNED,)}, DUE + 23 * DAY, id="returned payment"),
        pytest.param({"after_return_days": 3}, {"lines": (LATER_RETURNED, RETURNED)}, DUE + 33 * DAY, id="every one"),
        pytest.param({"after_return_days": 3}, {"lines": (paid(5_000, DUE + 50 * DAY),)}, DUE, id="a payment is none"),
        pytest.param({}, {"lines": (RETURNED,)}, DUE + 20 * DAY, id="never before it returned"),
        pytest.param(
            {"after_answer_days": 14},
            {"holds": (Hold(HoldKind.DEFECT, DUE - DAY, None, DUE + 5 * DAY),)},
            DUE + 19 * DAY,
            id="answer",
        ),
        pytest.param(
            {"after_answer_days": 14},
            {
                "holds": (
                    Hold(HoldKind.DISPUTE, DUE, None, DUE + 5 * DAY),
                    Hold(HoldKind.DISPUTE, DUE, None, DUE + 4 * DAY),
                )
            },
            DUE + 19 * DAY,
            id="the last answer",
        ),
        pytest.param(
            {"after_answer_days": 14},
            {"holds": (Hold(HoldKind.MANUAL, DUE - DAY, None, DUE + 5 * DAY),)},
            DUE,
            id="a colleague's pause needs no answer",
        ),
        pytest.param(
            {"after_answer_days": 14},
            {"holds": (Hold(HoldKind.DEFERRAL, DUE - 30 * DAY, DUE - 10 * DAY),)},
            DUE,
            id="by its date",
        ),
        pytest.param(
            {"after_delivery_days": 2, "after_return_days": 2},
            {"delivered_on": DUE, "lines": (RETURNED,)},
            DUE + 22 * DAY,
            id="the latest decides",
        ),
    ],
)
def test_what_happened_to_the_claim_puts_every_step_off(
    rules: dict[str, Any], facts: dict[str, Any], first_day: date
) -> None:
    later = Level(Timing(after_due_days=0), pay_within_days=14)
    assert plain(FIRST, **rules).dunnable_from(claim_of(**facts)) == first_day
    climbed = dunned(claim_of(**facts), 1, DUE - 9 * DAY, None)
    assert plain(FIRST, later, **rules).dunnable_from(climbed) == first_day
    hand_over = HandOverRule(Timing(after_due_days=0))
    assert plain(FIRST, hand_over=hand_over, **rules).dunnable_from(climbed) == first_day


def test_days_of_facts_are_counted_and_then_moved_off_a_quiet_day() -> None:
    """Delivered on a Sunday: 14 days later it is Sunday again."""
    procedure = plain(FIRST, calendar=BERLIN, after_delivery_days=14)
    assert procedure.dunnable_from(claim_of(delivered_on=date(2026, 6, 7))) == date(2026, 6, 22)


@pytest.mark.parametrize(
    ("levels", "hand_over", "rule"),
    [
        pytest.param((), None, "a procedure needs at least one level", id="no level"),
        pytest.param((Level(Timing()),), None, "level 1 does not say when it may be taken", id="level without timing"),
        pytest.param(
            (FIRST, Level(Timing())), None, "level 2 does not say when it may be taken", id="second without timing"
        ),
        pytest.param(
            (FIRST,), HandOverRule(Timing()), "hand_over does not say when it may be taken", id="hand-over without"
        ),
        pytest.param(
            (Level(Timing(after_previous_days=1)),),
            None,
            "level 1 is the first step and cannot count from a previous notice",
            id="first counts from previous",
        ),
        pytest.param(
            (Level(Timing(after_deadline_days=1)),),
            None,
            "level 1 is the first step and cannot count from a previous notice",
            id="first counts from a deadline",
        ),
        pytest.param(
            (Level(Timing(after_due_days=1, after_deadline_bank_days=0)),),
            None,
            "level 1 is the first step and cannot count from a previous notice",
            id="first counts from a deadline too",
        ),
        pytest.param(
            (Level(Timing(after_due_days=0)), Level(Timing(after_deadline_days=0))),
            None,
            "level 2 counts from a deadline that the level before does not set",
            id="no deadline before",
        ),
        pytest.param(
            (FIRST, Level(Timing(after_previous_days=9)), Level(Timing(after_deadline_bank_days=0))),
            None,
            "level 3 counts from a deadline that the level before does not set",
            id="no deadline right before",
        ),
        pytest.param(
            (FIRST, Level(Timing(after_previous_days=9))),
            HandOverRule(Timing(after_deadline_days=1)),
            "hand_over counts from a deadline that the level before does not set",
            id="no deadline before the hand-over",
        ),
        pytest.param(
            (FIRST, Level(Timing(after_previous_days=9), Template.FINAL_WARNING)),
            None,
            r"level 2 is a final warning and must set a deadline \(pay_within_days\)",
            id="final warning without a deadline",
        ),
    ],
)
def test_contradictions_are_refused(levels: tuple[Level, ...], hand_over: HandOverRule | None, rule: str) -> None:
    with pytest.raises(ValueError, match=f"^{rule}$"):
        Procedure("any", PlainCalendar(), levels, hand_over)


@pytest.mark.parametrize(
    "levels",
    [
        (FIRST, Level(Timing(after_due_days=9)), Level(Timing(after_previous_days=0))),
        (FIRST, Level(Timing(after_deadline_days=0), pay_within_days=1), Level(Timing(after_deadline_bank_days=0))),
        (Level(Timing(after_due_days=0), Template.FINAL_WARNING, pay_within_days=1),),
    ],
)
def test_ladders_that_fit_are_taken(levels: tuple[Level, ...]) -> None:
    assert Procedure("any", PlainCalendar(), levels, HandOverRule(Timing(after_previous_days=0))).levels == levels


@pytest.mark.parametrize(
    ("timing", "empty", "from_previous", "from_deadline"),
    [
        (Timing(), True, False, False),
        (Timing(after_due_days=0), False, False, False),
        (Timing(after_previous_days=0), False, True, False),
        (Timing(after_deadline_days=0), False, True, True),
        (Timing(after_deadline_bank_days=0), False, True, True),
    ],
)
def test_nought_days_are_a_condition_too(timing: Timing, empty: bool, from_previous: bool, from_deadline: bool) -> None:
    assert (timing.is_empty, timing.counts_from_previous, timing.counts_from_deadline) == (
        empty,
        from_previous,
        from_deadline,
    )


def test_left_out_rules_are_the_cautious_ones() -> None:
    assert HandOverRule(Timing(1)) == HandOverRule(Timing(1), 0, Approval.PERSON, 60)
    left_out = Level(Timing(1), Template.REMINDER, None, 0, Channel.EMAIL, None)
    assert Level(Timing(1)) == replace(left_out, demands_interest=False, demands_lump_sum=False)
    bare = plain(FIRST)
    assert (bare.tolerance_cents, bare.minimum_gap_days, bare.promise_grace_bank_days) == (0, 0, 0)
    assert (bare.after_delivery_days, bare.after_return_days, bare.after_answer_days) == (0, 0, 0)
    assert (bare.fee_cap_cents, bare.waived_costs_cents) == (250, 0)
    assert (bare.agreed_term, bare.invoice_channel) == (None, Channel.EMAIL)
    assert (bare.promise_days, bare.promises) == (None, None)
    assert AgreedTerm(14) == AgreedTerm(14, from_delivery=True)
    assert bare.bank_data_max_age_bank_days is None
    assert policy_of(bare).currency == "EUR"


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"country": "DE", "debtor": DebtorKind.CONSUMER}, "consumers"),
        ({"country": "DE", "debtor": DebtorKind.UNKNOWN}, "consumers"),
        ({"country": "DE", "debtor": DebtorKind.BUSINESS}, "businesses"),
        ({"country": "AT", "debtor": DebtorKind.BUSINESS}, "Austrian businesses"),
        ({"country": "AT", "debtor": DebtorKind.CONSUMER}, None),
        ({"country": "FR", "debtor": DebtorKind.CONSUMER}, None),
    ],
)
def test_a_claim_has_the_procedure_of_its_country_and_debtor(facts: dict[str, Any], found: str | None) -> None:
    def named(name: str) -> Procedure:
        return Procedure(name, PlainCalendar(), (FIRST,))

    policy = Policy(
        "test",
        {
            ("DE", DebtorKind.CONSUMER): named("consumers"),
            ("DE", DebtorKind.BUSINESS): named("businesses"),
            ("AT", DebtorKind.BUSINESS): named("Austrian businesses"),
        },
    )
    procedure = policy.procedure_for(claim_of(**facts))
    assert (procedure.name if procedure else None) == found


def test_a_whole_climb_takes_the_days_of_the_consumer_procedure() -> None:
    first = CONSUMER.dunnable_from(claim_of())
    assert first == date(2026, 6, 6)
    second = CONSUMER.dunnable_from(dunned(claim_of(), 1, first, date(2026, 6, 16)))
    assert second == date(2026, 6, 19)
    third = CONSUMER.dunnable_from(dunned(claim_of(), 2, second, date(2026, 7, 3)))
    assert third == date(2026, 7, 8)
    assert CONSUMER.dunnable_from(dunned(claim_of(), 3, third, date(2026, 7, 22))) == date(2026, 7, 29)


@pytest.mark.parametrize(
    ("levels", "charges"),
    [
        ((FIRST,), False),
        ((FIRST, replace(SECOND, demands_interest=True)), True),
        ((replace(FIRST, demands_interest=True), SECOND), True),
    ],
)
def test_interest_is_charged_where_some_notice_demands_it(levels: tuple[Level, ...], charges: bool) -> None:
    assert plain(*levels).charges_interest is charges


# Default

ISSUED = date(2026, 5, 18)
"""A Monday two weeks before DUE."""
WEEKS = plain(FIRST, SECOND, calendar=BERLIN, agreed_term=AgreedTerm(14))
FROM_INVOICE = plain(FIRST, SECOND, calendar=BERLIN, agreed_term=AgreedTerm(14, from_delivery=False))
SILENT = plain(FIRST, SECOND, calendar=BERLIN)
BY_POST = plain(FIRST, SECOND, calendar=BERLIN, agreed_term=AgreedTerm(14, False), invoice_channel=Channel.LETTER)


def known(kind: EvidenceKind, on: date | None = DUE) -> Evidence:
    return Evidence(kind, on)


NOTICED = known(EvidenceKind.NOTICE_286_3)
AGREED = known(EvidenceKind.DATE_AGREED, ISSUED)


@pytest.mark.parametrize(
    ("procedure", "facts", "expected"),
    [
        # § 286 (2) no. 1 BGB
        pytest.param(SILENT, {}, None, id="a day that only the invoice names"),
        pytest.param(SILENT, {"agreed": Agreement.DATE}, (date(2026, 6, 2), Route.AGREED_DATE), id="agreed day"),
        pytest.param(SILENT, {"evidence": (AGREED,)}, (date(2026, 6, 2), Route.AGREED_DATE), id="a person's word"),
        pytest.param(SILENT, {"evidence": (AGREED, known(EvidenceKind.DATE_AGREED, None))}, None, id="taken back"),
        pytest.param(
            WEEKS, {"evidence": (AGREED,)}, (date(2026, 6, 2), Route.AGREED_DATE), id="the word before the house's term"
        ),
        # § 286 (2) no. 2 BGB
        pytest.param(SILENT, {"agreed": Agreement.PERIOD}, (date(2026, 6, 2), Route.AGREED_PERIOD), id="agreed period"),
        pytest.param(
            WEEKS,
            {"delivered_on": date(2026, 5, 21)},
            (date(2026, 6, 5), Route.AGREED_PERIOD),
            id="14 days from delivery on Thursday",
        ),
        pytest.param(
            WEEKS,
            {"delivered_on": date(2026, 5, 22)},
            (date(2026, 6, 6), Route.AGREED_PERIOD),
            id="from Friday, and default begins on Saturday",
        ),
        pytest.param(
            WEEKS,
            {"delivered_on": date(2026, 5, 21), "evidence": (known(EvidenceKind.DELIVERED, date(2026, 5, 25)),)},
            (date(2026, 6, 9), Route.AGREED_PERIOD),
            id="a person knows better when it was delivered",
        ),
        pytest.param(WEEKS, {}, None, id="nobody knows when it was delivered"),
        pytest.param(WEEKS, {"received_on": DUE}, None, id="nor does the invoice tell"),
        pytest.param(
            WEEKS,
            {"agreed": Agreement.DATE, "delivered_on": DUE},
            (date(2026, 6, 2), Route.AGREED_DATE),
            id="the shop's word before the house's term",
        ),
        pytest.param(
            FROM_INVOICE,
            {"received_on": date(2026, 5, 21)},
            (date(2026, 6, 5), Route.AGREED_PERIOD),
            id="14 days from receipt of the invoice",
        ),
        pytest.param(
            FROM_INVOICE,
            {
                "received_on": date(2026, 5, 21),
                "evidence": (known(EvidenceKind.INVOICE_RECEIVED, date(2026, 5, 26)),),
            },
            (date(2026, 6, 10), Route.AGREED_PERIOD),
            id="a person knows better when it came",
        ),
        pytest.param(
            FROM_INVOICE,
            {"issued_on": date(2026, 5, 20)},
            (date(2026, 6, 5), Route.AGREED_PERIOD),
            id="mailed on Wednesday, taken as received on Thursday",
        ),
        pytest.param(
            BY_POST,
            {"issued_on": date(2026, 5, 20)},
            (date(2026, 6, 10), Route.AGREED_PERIOD),
            id="posted on Wednesday, the fourth day of mail is Tuesday after Whitsun",
        ),
        pytest.param(
            BY_POST,
            {"issued_on": date(2026, 5, 20), "received_on": date(2026, 5, 21)},
            (date(2026, 6, 5), Route.AGREED_PERIOD),
            id="known receipt before an assumed one",
        ),
        pytest.param(FROM_INVOICE, {"delivered_on": DUE}, None, id="nothing known of the invoice"),
        # § 286 (3) BGB: a consumer only where the invoice says so
        pytest.param(SILENT, {"received_on": ISSUED}, None, id="a consumer's 30 days"),
        pytest.param(
            SILENT,
            {"received_on": ISSUED, "notice_286_3": True},
            (date(2026, 7, 2), Route.THIRTY_DAYS),
            id="the invoice says so",
        ),
        pytest.param(
            SILENT,
            {"received_on": ISSUED, "evidence": (NOTICED,)},
            (date(2026, 7, 2), Route.THIRTY_DAYS),
            id="a person read it there",
        ),
        pytest.param(
            SILENT, {"notice_286_3": True, "delivered_on": ISSUED}, None, id="a consumer's receipt must be known"
        ),
        pytest.param(
            SILENT,
            {"received_on": ISSUED, "debtor": DebtorKind.BUSINESS},
            (date(2026, 7, 2), Route.THIRTY_DAYS),
            id="a business's 30 days",
        ),
        pytest.param(
            SILENT,
            {"delivered_on": date(2026, 6, 3), "debtor": DebtorKind.BUSINESS},
            (date(2026, 7, 4), Route.THIRTY_DAYS),
            id="sentence 2: from delivery",
        ),
        # § 286 (2) no. 3 and (1) sentence 2 BGB
        pytest.param(
            SILENT,
            {"evidence": (known(EvidenceKind.REFUSAL, date(2026, 6, 3)),)},
            (date(2026, 6, 4), Route.REFUSAL),
            id="refusal",
        ),
        pytest.param(
            SILENT,
            {"evidence": (known(EvidenceKind.COURT_SERVICE, date(2026, 6, 9)),)},
            (date(2026, 6, 10), Route.COURT),
            id="served by the court",
        ),
        # § 320 BGB
        pytest.param(
            SILENT,
            {"agreed": Agreement.DATE, "holds": (Hold(HoldKind.DEFECT, DUE, None, DUE + 9 * DAY),)},
            (DUE + 9 * DAY, Route.AGREED_DATE),
            id="no default while the goods are defective",
        ),
        pytest.param(
            SILENT,
            {"agreed": Agreement.DATE, "holds": (Hold(HoldKind.DEFECT, DUE),)},
            None,
            id="nor before they are repaired",
        ),
        pytest.param(
            SILENT,
            {"agreed": Agreement.DATE, "holds": (Hold(HoldKind.DISPUTE, DUE),)},
            (date(2026, 6, 2), Route.AGREED_DATE),
            id="a dispute alone ends no default",
        ),
        pytest.param(
            SILENT,
            {"agreed": Agreement.DATE, "due_on": date(2026, 6, 4), "federal_state": "NW"},
            (date(2026, 6, 6), Route.AGREED_DATE),
            id="a holiday of the debtor's state moves the last day",
        ),
    ],
)
def test_default_by_the_claims_facts(
    procedure: Procedure, facts: dict[str, Any], expected: tuple[date, Route] | None
) -> None:
    default = procedure.default_of(claim_of(**({"agreed": Agreement.NONE} | facts)))
    assert (default and (default.from_on, default.route)) == expected


@pytest.mark.parametrize(
    ("template", "how", "from_on"),
    [
        pytest.param(Template.SECOND_NOTICE, {}, date(2026, 6, 25), id="second notice, after its deadline"),
        pytest.param(Template.FINAL_WARNING, {}, date(2026, 6, 25), id="final warning"),
        pytest.param(Template.REMINDER, {}, None, id="a friendly reminder never counts"),
        pytest.param(None, {}, None, id="nor a letter that nobody knows"),
        pytest.param(Template.SECOND_NOTICE, {"came_back": True}, None, id="nor one that came back"),
    ],
)
def test_default_by_a_notice(template: Template | None, how: dict[str, Any], from_on: date | None) -> None:
    """§ 286 (1) BGB."""
    claim = dunned(claim_of(agreed=Agreement.NONE), 2, SENT, UNTIL, template, effect_id="effect 7", **how)
    default = SILENT.default_of(claim)
    assert (default and default.from_on) == from_on
    if default is not None:
        assert default.route is Route.NOTICE
        assert default.evidence == "notice effect 7, received 2026-06-11, payable until 2026-06-24"


@pytest.mark.parametrize(
    ("channel", "from_on"), [(Channel.EMAIL, date(2026, 6, 12)), (Channel.LETTER, date(2026, 6, 16))]
)
def test_default_by_a_notice_without_a_deadline_waits_for_its_receipt(channel: Channel, from_on: date) -> None:
    claim = dunned(claim_of(agreed=Agreement.NONE), 2, SENT, None, Template.SECOND_NOTICE, channel=channel)
    assert (default := SILENT.default_of(claim)) is not None
    assert default.from_on == from_on


def test_a_period_whose_event_nobody_knows_keeps_no_notice_from_its_effect() -> None:
    """The due date is the invoice's then, and a notice after it creates default."""
    claim = dunned(claim_of(agreed=Agreement.NONE), 2, SENT, UNTIL, Template.SECOND_NOTICE)
    assert SILENT.default_of(claim) is not None
    assert WEEKS.default_of(claim) == SILENT.default_of(claim)


def test_every_notice_is_looked_at_and_not_the_last_alone() -> None:
    claim = dunned(claim_of(agreed=Agreement.NONE), 2, SENT, UNTIL, Template.SECOND_NOTICE)
    climbed = dunned(claim, 3, date(2026, 6, 29), date(2026, 7, 13), Template.FINAL_WARNING)
    assert SILENT.default_of(climbed) == SILENT.default_of(claim)
