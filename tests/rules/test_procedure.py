"""The first day of each step, kind of timing by kind of timing, and ladders that contradict themselves."""

from datetime import date, timedelta
from typing import Any

import pytest

from dunning.calendar import GermanCalendar, PlainCalendar
from dunning.claim import Claim
from dunning.debtor import DebtorKind
from dunning.notice import Template
from dunning.procedure import Approval, HandOverRule, Level, Policy, Procedure, Timing
from tests.support.claims import CONSUMER, DUE, claim_of, dunned, plain, policy_of

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
    assert [procedure.step_after(level) for level in range(4)] == [FIRST, second, rule, rule]
    assert plain(FIRST).step_after(1) is None
    assert plain(FIRST).dunnable_from(REMINDED) is None


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
    assert Level(Timing(1)).fee_cents == 0
    assert Level(Timing(1)).min_open_cents == 0
    bare = plain(FIRST)
    assert (bare.tolerance_cents, bare.minimum_gap_days, bare.promise_grace_bank_days) == (0, 0, 0)
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
