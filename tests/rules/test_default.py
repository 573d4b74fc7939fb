"""Default: worked examples to the day, every route and its edges, and what always holds, against a day-by-day model."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from dunning.calendar import GermanCalendar, PlainCalendar
from dunning.debtor import DebtorKind
from dunning.default import (
    Agreement,
    Channel,
    Default,
    DefaultFacts,
    NoticeServed,
    Route,
    assumed_receipt,
    default_of,
)
from dunning.interest import FreeDays
from tests.support.naive_default import STATES, naive_default

DAY = timedelta(days=1)
BERLIN = GermanCalendar("BE")
CONSUMER, BUSINESS, UNKNOWN = DebtorKind.CONSUMER, DebtorKind.BUSINESS, DebtorKind.UNKNOWN
EMAIL, LETTER, PORTAL = Channel.EMAIL, Channel.LETTER, Channel.PORTAL
DATE, PERIOD = Agreement.DATE, Agreement.PERIOD


def owed(due_on: date, debtor: DebtorKind = CONSUMER, state: str | None = "BE") -> DefaultFacts:
    """A claim of which nothing is known but when it is due."""
    return DefaultFacts(debtor, due_on, state)


def sent(
    sent_on: date, pay_until: date | None = None, channel: Channel = EMAIL, *, evidence: str = "E1"
) -> NoticeServed:
    """A notice that counts and did not come back."""
    return NoticeServed(evidence, sent_on, channel, pay_until, counts=True)


def begins(facts: DefaultFacts) -> date | None:
    """First day of default of a creditor in Berlin."""
    default = default_of(facts, BERLIN)
    return default.from_on if default else None


def agreed(day: date, state: str = "BE") -> DefaultFacts:
    return replace(owed(day, state=state), agreed=DATE)


def invoiced(due_on: date, received_on: date | None, debtor: DebtorKind = BUSINESS) -> DefaultFacts:
    """An invoice with the notice of § 286 (3)."""
    return replace(owed(due_on, debtor), invoice_received_on=received_on, notice_286_3=True)


# Worked examples (statement 7)


@pytest.mark.parametrize(
    ("facts", "route", "from_on"),
    [
        pytest.param(agreed(date(2026, 8, 15)), Route.AGREED_DATE, date(2026, 8, 18), id="D1 Saturday"),
        pytest.param(agreed(date(2026, 12, 25)), Route.AGREED_DATE, date(2026, 12, 29), id="D2 Christmas"),
        pytest.param(agreed(date(2026, 11, 18), "SN"), Route.AGREED_DATE, date(2026, 11, 20), id="D3 Saxony"),
        pytest.param(agreed(date(2026, 11, 18), "NW"), Route.AGREED_DATE, date(2026, 11, 19), id="D3 NRW"),
        pytest.param(
            invoiced(date(2026, 9, 1), date(2026, 9, 3)), Route.THIRTY_DAYS, date(2026, 10, 6), id="D4 received later"
        ),
        pytest.param(
            invoiced(date(2026, 9, 1), date(2026, 8, 20)), Route.THIRTY_DAYS, date(2026, 10, 2), id="D5 due later"
        ),
        pytest.param(
            invoiced(date(2026, 1, 31), date(2026, 1, 31)), Route.THIRTY_DAYS, date(2026, 3, 3), id="D6 over February"
        ),
        pytest.param(
            replace(owed(date(2026, 10, 31)), agreed=PERIOD, period_event_on=date(2026, 10, 17), period_days=14),
            Route.AGREED_PERIOD,
            date(2026, 11, 3),
            id="D7 fourteen days after delivery",
        ),
        pytest.param(agreed(date(2026, 5, 14)), Route.AGREED_DATE, date(2026, 5, 16), id="D8 Ascension"),
        pytest.param(agreed(date(2026, 6, 4), "NW"), Route.AGREED_DATE, date(2026, 6, 6), id="D9 NRW"),
        pytest.param(agreed(date(2026, 6, 4), "HH"), Route.AGREED_DATE, date(2026, 6, 5), id="D9 Hamburg"),
        pytest.param(agreed(date(2027, 3, 26)), Route.AGREED_DATE, date(2027, 3, 31), id="D10 Good Friday"),
        pytest.param(agreed(date(2027, 10, 31), "NW"), Route.AGREED_DATE, date(2027, 11, 3), id="D11 NRW"),
        pytest.param(agreed(date(2027, 10, 31), "HH"), Route.AGREED_DATE, date(2027, 11, 2), id="D11 Hamburg"),
        pytest.param(
            replace(owed(date(2026, 7, 31)), notices=(sent(date(2026, 8, 7)),)),
            Route.NOTICE,
            date(2026, 8, 11),
            id="D12 notice received on 10 August",
        ),
    ],
)
def test_the_worked_examples_to_the_day(facts: DefaultFacts, route: Route, from_on: date) -> None:
    default = default_of(facts, BERLIN)
    assert default is not None
    assert (default.route, default.from_on) == (route, from_on)


# Each route alone, and what proves it


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            agreed(date(2026, 8, 15)),
            Default(date(2026, 8, 18), Route.AGREED_DATE, "agreed day 2026-08-15, moved to 2026-08-17 (§ 193 BGB)"),
            id="agreed day, moved",
        ),
        pytest.param(
            agreed(date(2026, 8, 12)),
            Default(date(2026, 8, 13), Route.AGREED_DATE, "agreed day 2026-08-12"),
            id="agreed day",
        ),
        pytest.param(
            replace(owed(date(2026, 8, 12)), agreed=PERIOD),
            Default(date(2026, 8, 13), Route.AGREED_PERIOD, "agreed period, payable until 2026-08-12"),
            id="end of the agreed period",
        ),
        pytest.param(
            replace(owed(date(2026, 8, 12)), agreed=PERIOD, period_event_on=date(2026, 8, 8), period_days=14),
            Default(
                date(2026, 8, 25),
                Route.AGREED_PERIOD,
                "agreed period of 14 days from 2026-08-08, payable until 2026-08-22, moved to 2026-08-24 (§ 193 BGB)",
            ),
            id="period ends after the stated day",
        ),
        pytest.param(
            replace(owed(date(2026, 8, 28)), agreed=PERIOD, period_event_on=date(2026, 8, 8), period_days=14),
            Default(
                date(2026, 8, 29),
                Route.AGREED_PERIOD,
                "agreed period of 14 days from 2026-08-08, payable until 2026-08-28",
            ),
            id="stated day after the period's end",
        ),
        pytest.param(
            replace(owed(date(2026, 8, 3)), notices=(sent(date(2026, 8, 7)),)),
            Default(date(2026, 8, 11), Route.NOTICE, "notice E1, received 2026-08-10"),
            id="notice",
        ),
        pytest.param(
            replace(owed(date(2026, 8, 3)), notices=(sent(date(2026, 8, 7), date(2026, 8, 22)),)),
            Default(
                date(2026, 8, 25),
                Route.NOTICE,
                "notice E1, received 2026-08-10, payable until 2026-08-22, moved to 2026-08-24 (§ 193 BGB)",
            ),
            id="notice that grants time",
        ),
        pytest.param(
            replace(owed(date(2026, 8, 3)), notices=(sent(date(2026, 8, 7), date(2026, 8, 7)),)),
            Default(date(2026, 8, 11), Route.NOTICE, "notice E1, received 2026-08-10, payable until 2026-08-07"),
            id="notice received after its own day",
        ),
        pytest.param(
            invoiced(date(2026, 9, 1), date(2026, 9, 3)),
            Default(
                date(2026, 10, 6),
                Route.THIRTY_DAYS,
                "due 2026-09-01, invoice received 2026-09-03, 30 days until 2026-10-03, "
                "moved to 2026-10-05 (§ 193 BGB)",
            ),
            id="thirty days",
        ),
        pytest.param(
            replace(owed(date(2026, 9, 1), BUSINESS), performed_on=date(2026, 9, 2)),
            Default(
                date(2026, 10, 3),
                Route.THIRTY_DAYS,
                "due 2026-09-01, goods or service received 2026-09-02, 30 days until 2026-10-02",
            ),
            id="thirty days from the goods",
        ),
        pytest.param(
            replace(owed(date(2026, 8, 15)), refused_on=date(2026, 8, 20)),
            Default(
                date(2026, 8, 21),
                Route.REFUSAL,
                "refusal of 2026-08-20, due 2026-08-15, moved to 2026-08-17 (§ 193 BGB)",
            ),
            id="refusal",
        ),
        pytest.param(
            replace(owed(date(2026, 8, 12)), served_by_court_on=date(2026, 8, 20)),
            Default(date(2026, 8, 21), Route.COURT, "served by the court on 2026-08-20"),
            id="court",
        ),
        pytest.param(
            replace(agreed(date(2026, 8, 12)), free=(FreeDays(date(2026, 8, 1), date(2026, 9, 1)),)),
            Default(date(2026, 9, 1), Route.AGREED_DATE, "agreed day 2026-08-12, no default before 2026-09-01"),
            id="deferred",
        ),
    ],
)
def test_what_proves_it(facts: DefaultFacts, expected: Default) -> None:
    assert default_of(facts, BERLIN) == expected


def test_no_route_no_default() -> None:
    """Statements 1 and 2: a day that only the invoice names, the invoice's receipt, the goods."""
    for debtor in (CONSUMER, UNKNOWN):
        facts = DefaultFacts(
            debtor, date(2026, 1, 15), "BE", invoice_received_on=date(2026, 1, 2), performed_on=date(2026, 1, 2)
        )
        assert default_of(facts, BERLIN) is None
    assert default_of(DefaultFacts(BUSINESS, date(2026, 1, 15), "BE"), BERLIN) is None


def test_an_agreed_period_that_has_not_begun_has_no_end() -> None:
    facts = replace(
        invoiced(date(2026, 1, 15), date(2026, 1, 2)),
        agreed=PERIOD,
        period_days=14,
        notices=(sent(date(2026, 3, 2)),),
        refused_on=date(2026, 3, 2),
        served_by_court_on=date(2026, 3, 2),
    )
    assert default_of(facts, BERLIN) is None
    assert begins(replace(facts, period_event_on=date(2026, 1, 2))) == date(2026, 1, 17)
    assert begins(replace(facts, agreed=Agreement.NONE)) == date(2026, 2, 17)


def test_an_event_without_a_period_and_a_period_without_agreement_do_not_matter() -> None:
    assert begins(replace(owed(date(2026, 8, 12)), agreed=PERIOD, period_event_on=date(2026, 9, 1))) == date(
        2026, 8, 13
    )
    assert begins(replace(agreed(date(2026, 8, 12)), period_event_on=date(2026, 9, 1), period_days=14)) == date(
        2026, 8, 13
    )


# Notices (statements 4, 8, 9, 10)


@pytest.mark.parametrize(
    ("sent_on", "from_on"),
    [
        pytest.param(date(2026, 8, 14), None, id="day before the Saturday"),
        pytest.param(date(2026, 8, 15), None, id="due on this Saturday"),
        pytest.param(date(2026, 8, 16), None, id="received on the last day to pay"),
        pytest.param(date(2026, 8, 17), None, id="last day to pay"),
        pytest.param(date(2026, 8, 18), date(2026, 8, 20), id="day after"),
    ],
)
def test_a_notice_counts_from_the_day_after_the_last_day_to_pay(sent_on: date, from_on: date | None) -> None:
    assert begins(replace(owed(date(2026, 8, 15)), notices=(sent(sent_on),))) == from_on


@pytest.mark.parametrize(
    ("pay_until", "from_on"),
    [
        pytest.param(None, date(2026, 8, 20), id="no day"),
        pytest.param(date(2026, 8, 18), date(2026, 8, 20), id="before receipt"),
        pytest.param(date(2026, 8, 19), date(2026, 8, 20), id="on receipt"),
        pytest.param(date(2026, 8, 20), date(2026, 8, 21), id="after receipt"),
        pytest.param(date(2026, 8, 28), date(2026, 8, 29), id="Friday"),
        pytest.param(date(2026, 8, 29), date(2026, 9, 1), id="Saturday"),
    ],
)
def test_time_that_a_notice_grants_is_waited_for(pay_until: date | None, from_on: date) -> None:
    assert begins(replace(owed(date(2026, 8, 12)), notices=(sent(date(2026, 8, 18), pay_until),))) == from_on


def test_a_friendly_reminder_and_a_notice_that_came_back_are_nothing() -> None:
    notice = sent(date(2026, 8, 18))
    for without_effect in (replace(notice, counts=False), replace(notice, came_back=True)):
        assert default_of(replace(owed(date(2026, 8, 12)), notices=(without_effect,)), BERLIN) is None
        later = replace(sent(date(2026, 9, 1)), evidence="E2")
        facts = replace(owed(date(2026, 8, 12)), notices=(without_effect, later))
        assert default_of(facts, BERLIN) == Default(date(2026, 9, 3), Route.NOTICE, "notice E2, received 2026-09-02")


def test_the_notice_that_leads_to_default_first_counts() -> None:
    """A letter, an e-mail after it with a longer term, another one that is received first of all."""
    facts = replace(
        owed(date(2026, 8, 12)),
        notices=(
            sent(date(2026, 8, 18), channel=LETTER, evidence="E1"),
            sent(date(2026, 8, 18), date(2026, 8, 27), evidence="E2"),
            sent(date(2026, 8, 19), evidence="E3"),
            sent(date(2026, 8, 19), channel=PORTAL, evidence="E4"),
        ),
    )
    assert default_of(facts, BERLIN) == Default(date(2026, 8, 21), Route.NOTICE, "notice E3, received 2026-08-20")


# Receipt


@pytest.mark.parametrize(
    ("channel", "sent_on", "consumer", "business"),
    [
        pytest.param(EMAIL, date(2026, 8, 11), date(2026, 8, 12), date(2026, 8, 11), id="e-mail, Tuesday"),
        pytest.param(EMAIL, date(2026, 8, 14), date(2026, 8, 17), date(2026, 8, 14), id="e-mail, Friday"),
        pytest.param(EMAIL, date(2026, 8, 15), date(2026, 8, 17), date(2026, 8, 17), id="e-mail, Saturday"),
        pytest.param(EMAIL, date(2026, 8, 16), date(2026, 8, 17), date(2026, 8, 17), id="e-mail, Sunday"),
        pytest.param(EMAIL, date(2026, 12, 24), date(2026, 12, 28), date(2026, 12, 24), id="e-mail, Christmas Eve"),
        pytest.param(PORTAL, date(2026, 8, 11), date(2026, 8, 12), date(2026, 8, 12), id="portal, Tuesday"),
        pytest.param(PORTAL, date(2026, 8, 14), date(2026, 8, 17), date(2026, 8, 17), id="portal, Friday"),
        pytest.param(LETTER, date(2026, 8, 10), date(2026, 8, 14), date(2026, 8, 14), id="letter, Monday"),
        pytest.param(LETTER, date(2026, 8, 11), date(2026, 8, 15), date(2026, 8, 15), id="letter, comes on Saturday"),
        pytest.param(LETTER, date(2026, 8, 12), date(2026, 8, 17), date(2026, 8, 17), id="letter, Wednesday"),
        pytest.param(LETTER, date(2026, 12, 23), date(2026, 12, 30), date(2026, 12, 30), id="letter, Christmas"),
    ],
)
def test_assumed_receipt(channel: Channel, sent_on: date, consumer: date, business: date) -> None:
    for debtor, received_on in ((CONSUMER, consumer), (UNKNOWN, consumer), (BUSINESS, business)):
        assert assumed_receipt(channel, sent_on, debtor, BERLIN, "BE") == received_on


@pytest.mark.parametrize("channel", Channel)
def test_holidays_of_the_debtors_state_delay_receipt(channel: Channel) -> None:
    """Buß- und Bettag, Wednesday 18 November 2026."""
    eve = date(2026, 11, 14) if channel is LETTER else date(2026, 11, 17)
    for state, late in (("SN", 1), (None, 1), ("BE", 0)):
        ordinary = date(2026, 11, 19) if channel is LETTER else date(2026, 11, 18)
        assert assumed_receipt(channel, eve, CONSUMER, BERLIN, state) == ordinary + late * DAY
    assert assumed_receipt(EMAIL, date(2026, 11, 18), BUSINESS, BERLIN, "SN") == date(2026, 11, 19)


def test_stories_in_bare_days_know_no_weekend() -> None:
    saturday = date(2026, 8, 15)
    for channel, debtor, later in (
        (EMAIL, CONSUMER, 1), (EMAIL, BUSINESS, 0), (PORTAL, BUSINESS, 1), (LETTER, CONSUMER, 4),
    ):  # fmt: skip
        assert assumed_receipt(channel, saturday, debtor, PlainCalendar(), None) == saturday + later * DAY
    default = default_of(agreed(saturday), PlainCalendar())
    assert default == Default(date(2026, 8, 16), Route.AGREED_DATE, "agreed day 2026-08-15")


# Thirty days (statements 3, 11)


@pytest.mark.parametrize(
    ("debtor", "says_so", "for_payment", "received_on", "performed_on", "applies"),
    [
        pytest.param(BUSINESS, False, True, date(2026, 9, 1), None, True, id="business"),
        pytest.param(CONSUMER, True, True, date(2026, 9, 1), None, True, id="consumer, the invoice says so"),
        pytest.param(UNKNOWN, True, True, date(2026, 9, 1), None, True, id="unknown, the invoice says so"),
        pytest.param(CONSUMER, False, True, date(2026, 9, 1), None, False, id="consumer"),
        pytest.param(UNKNOWN, False, True, date(2026, 9, 1), None, False, id="unknown"),
        pytest.param(BUSINESS, True, False, date(2026, 9, 1), None, False, id="damages"),
        pytest.param(CONSUMER, True, False, date(2026, 9, 1), None, False, id="a consumer's damages"),
        pytest.param(BUSINESS, False, True, None, date(2026, 9, 1), True, id="business, goods instead of the invoice"),
        pytest.param(BUSINESS, False, True, None, None, False, id="business, nothing received"),
        pytest.param(CONSUMER, True, True, None, date(2026, 9, 1), False, id="a consumer's goods do not count"),
        pytest.param(UNKNOWN, True, True, None, date(2026, 9, 1), False, id="nor do an unknown one's"),
    ],
)
def test_to_whom_the_thirty_days_apply(
    debtor: DebtorKind,
    says_so: bool,
    for_payment: bool,
    received_on: date | None,
    performed_on: date | None,
    applies: bool,
) -> None:
    facts = DefaultFacts(
        debtor,
        date(2026, 9, 1),
        "BE",
        invoice_received_on=received_on,
        performed_on=performed_on,
        notice_286_3=says_so,
        for_payment=for_payment,
    )
    assert begins(facts) == (date(2026, 10, 2) if applies else None)


@pytest.mark.parametrize(
    ("received_on", "performed_on", "from_on"),
    [
        pytest.param(date(2026, 8, 31), None, date(2026, 10, 2), id="invoice before it is due"),
        pytest.param(date(2026, 9, 2), None, date(2026, 10, 3), id="invoice after, a Friday"),
        pytest.param(date(2026, 9, 2), date(2026, 9, 20), date(2026, 10, 3), id="a known receipt counts alone"),
        pytest.param(None, date(2026, 8, 20), date(2026, 10, 2), id="goods before it is due"),
        pytest.param(None, date(2026, 9, 5), date(2026, 10, 6), id="goods after"),
    ],
)
def test_thirty_days_from_the_later_day(received_on: date | None, performed_on: date | None, from_on: date) -> None:
    facts = replace(owed(date(2026, 9, 1), BUSINESS), invoice_received_on=received_on, performed_on=performed_on)
    assert begins(facts) == from_on


# Refusal and court (statement 4)


@pytest.mark.parametrize(
    ("day", "refused", "served"),
    [
        pytest.param(date(2026, 8, 3), date(2026, 8, 18), None, id="before the due date"),
        pytest.param(date(2026, 8, 17), date(2026, 8, 18), None, id="last day to pay"),
        pytest.param(date(2026, 8, 18), date(2026, 8, 19), date(2026, 8, 19), id="day after"),
        pytest.param(date(2026, 8, 22), date(2026, 8, 23), date(2026, 8, 23), id="a Saturday, which moves nothing"),
    ],
)
def test_refusal_and_court_need_a_claim_that_is_due(day: date, refused: date, served: date | None) -> None:
    """A refusal makes a notice needless; an action only stands for one, and before the due date is as little."""
    assert begins(replace(owed(date(2026, 8, 15)), refused_on=day)) == refused
    assert begins(replace(owed(date(2026, 8, 15)), served_by_court_on=day)) == served


# The earliest route (statement 5)


@pytest.mark.parametrize(
    ("facts", "route"),
    [
        pytest.param({"agreed": DATE}, Route.AGREED_DATE, id="agreed day first"),
        pytest.param({"agreed": PERIOD}, Route.AGREED_PERIOD, id="agreed period first"),
        pytest.param({}, Route.NOTICE, id="then the notice"),
        pytest.param({"notices": ()}, Route.THIRTY_DAYS, id="then the thirty days"),
        pytest.param({"notices": (), "for_payment": False}, Route.REFUSAL, id="then the refusal"),
        pytest.param({"notices": (), "for_payment": False, "refused_on": None}, Route.COURT, id="then the court"),
    ],
)
def test_on_a_tie_the_first_route_is_named(facts: dict[str, object], route: Route) -> None:
    """Everything on 1 October: thirty days after 1 September, in a calendar where nothing moves."""
    tie = date(2026, 10, 1)
    stated = DefaultFacts(
        BUSINESS,
        date(2026, 9, 1),
        invoice_received_on=date(2026, 9, 1),
        notices=(sent(tie),),
        refused_on=tie,
        served_by_court_on=tie,
    )
    due_later = {"due_on": tie} if "agreed" in facts else {}
    default = default_of(replace(stated, **facts, **due_later), PlainCalendar())  # type: ignore[arg-type]
    assert default is not None
    assert (default.route, default.from_on) == (route, tie + DAY)


@pytest.mark.parametrize("late", [0, 1])
def test_the_earliest_route_wins_whatever_its_kind(late: int) -> None:
    facts = replace(
        owed(date(2026, 8, 12)),
        notices=(sent(date(2026, 8, 19)),),
        refused_on=date(2026, 8, 18) + 2 * late * DAY,
        served_by_court_on=date(2026, 8, 21),
    )
    default = default_of(facts, BERLIN)
    assert default is not None
    assert default.route is (Route.NOTICE if late else Route.REFUSAL)
    assert default_of(replace(facts, served_by_court_on=date(2026, 8, 17)), BERLIN) == Default(
        date(2026, 8, 18), Route.COURT, "served by the court on 2026-08-17"
    )


# Free days


@pytest.mark.parametrize(
    ("free", "from_on"),
    [
        pytest.param([FreeDays(date(2026, 8, 1), date(2026, 8, 13))], date(2026, 8, 13), id="end as default starts"),
        pytest.param([FreeDays(date(2026, 8, 1), date(2026, 8, 14))], date(2026, 8, 14), id="its first day"),
        pytest.param([FreeDays(date(2026, 8, 13), date(2026, 9, 1))], date(2026, 9, 1), id="begin as default starts"),
        pytest.param([FreeDays(date(2026, 8, 14), date(2026, 9, 1))], date(2026, 8, 13), id="begin a day later"),
        pytest.param([FreeDays(date(2026, 8, 13))], None, id="never end"),
        pytest.param([FreeDays(date(2026, 8, 14))], date(2026, 8, 13), id="begin later and never end"),
        pytest.param([FreeDays(date(2026, 8, 13), date(2026, 8, 13))], date(2026, 8, 13), id="empty"),
        pytest.param(
            [FreeDays(date(2026, 9, 1), date(2026, 9, 15)), FreeDays(date(2026, 8, 10), date(2026, 9, 1))],
            date(2026, 9, 15),
            id="one after the other",
        ),
        pytest.param(
            [FreeDays(date(2026, 8, 10), date(2026, 9, 1)), FreeDays(date(2026, 8, 20))], None, id="then for ever"
        ),
    ],
)
def test_default_waits_for_the_end_of_free_days(free: list[FreeDays], from_on: date | None) -> None:
    assert begins(replace(agreed(date(2026, 8, 12)), free=tuple(free))) == from_on


@pytest.mark.parametrize(
    ("free", "notice", "served"),
    [
        pytest.param(FreeDays(date(2026, 8, 13), date(2026, 8, 18)), date(2026, 8, 20), date(2026, 8, 19), id="over"),
        pytest.param(FreeDays(date(2026, 8, 13), date(2026, 8, 19)), None, None, id="a demand on the last of them"),
        pytest.param(FreeDays(date(2026, 8, 18), date(2026, 8, 19)), None, None, id="on the only one"),
        pytest.param(
            FreeDays(date(2026, 8, 19), date(2026, 8, 25)), date(2026, 8, 25), date(2026, 8, 25), id="a day after it"
        ),
    ],
)
def test_a_demand_while_the_debtor_need_not_pay_is_nothing(
    free: FreeDays, notice: date | None, served: date | None
) -> None:
    facts = replace(owed(date(2026, 8, 12)), free=(free,))
    assert begins(replace(facts, notices=(sent(date(2026, 8, 18)),))) == notice
    assert begins(replace(facts, served_by_court_on=date(2026, 8, 18))) == served


# What always holds

some_days = st.dates(date(2026, 10, 1), date(2027, 1, 15))
maybe = st.none() | some_days
rarely = st.sampled_from([False, False, False, True]).flatmap(lambda known: some_days if known else st.none())
notices = st.builds(
    NoticeServed,
    evidence=st.sampled_from(["E1", "E2", "E3"]),
    sent_on=some_days,
    channel=st.sampled_from(Channel),
    pay_until=maybe,
    counts=st.sampled_from([True, True, True, False]),
    came_back=st.sampled_from([False, False, False, True]),
)
free_days = st.builds(FreeDays, some_days, maybe)
claims = st.builds(
    DefaultFacts,
    debtor=st.sampled_from(DebtorKind),
    due_on=st.dates(date(2026, 10, 1), date(2026, 12, 15)),
    debtor_state=st.none() | st.sampled_from(STATES),
    agreed=st.sampled_from([Agreement.NONE, Agreement.NONE, Agreement.NONE, Agreement.NONE, DATE, PERIOD]),
    period_event_on=maybe,
    period_days=st.none() | st.integers(0, 30),
    invoice_received_on=maybe,
    performed_on=maybe,
    notice_286_3=st.booleans(),
    for_payment=st.booleans(),
    notices=st.lists(notices, max_size=3).map(tuple),
    refused_on=rarely,
    served_by_court_on=rarely,
    free=st.lists(free_days, max_size=2).map(tuple),
)
calendars = st.sampled_from(STATES).map(GermanCalendar)


@settings(max_examples=500)
@given(claims, calendars)
def test_it_is_what_a_clerk_finds_day_by_day(facts: DefaultFacts, calendar: GermanCalendar) -> None:
    default = default_of(facts, calendar)
    event(default.route if default else "none")
    found = (default.from_on, default.route) if default else None
    assert found == naive_default(facts, calendar.creditor_state)


@given(claims, calendars)
def test_default_is_after_the_due_date_and_not_on_a_free_day(facts: DefaultFacts, calendar: GermanCalendar) -> None:
    default = default_of(facts, calendar)
    if default is not None:
        assert default.from_on > calendar.shift(facts.due_on, facts.debtor_state)
        assert not any(each.holds_on(default.from_on) for each in facts.free)


@given(claims, calendars)
def test_default_by_an_agreed_day_or_thirty_days_follows_a_working_day(
    facts: DefaultFacts, calendar: GermanCalendar
) -> None:
    """Statement 6: no computed end is a day on which nobody has to pay."""
    default = default_of(replace(facts, free=()), calendar)
    if default is not None and default.route in (Route.AGREED_DATE, Route.AGREED_PERIOD, Route.THIRTY_DAYS):
        last_day = default.from_on - DAY
        assert calendar.shift(last_day, facts.debtor_state) == last_day


def no_later(one: Default | None, other: Default | None) -> bool:
    """Whether `one` starts on the day of `other` or before; none starts never."""
    return other is None or (one is not None and one.from_on <= other.from_on)


@given(claims, calendars, notices, some_days)
def test_no_further_fact_makes_default_later(
    facts: DefaultFacts, calendar: GermanCalendar, notice: NoticeServed, day: date
) -> None:
    before = default_of(facts, calendar)
    further = [
        replace(facts, notices=(*facts.notices, notice)),
        replace(facts, notice_286_3=True),
        replace(facts, for_payment=True),
        replace(facts, refused_on=facts.refused_on or day),
        replace(facts, served_by_court_on=facts.served_by_court_on or day),
        replace(facts, performed_on=facts.performed_on or day),
        replace(facts, period_event_on=facts.period_event_on or day),
        replace(facts, debtor=BUSINESS) if facts.invoice_received_on else facts,
    ]
    assert all(no_later(default_of(each, calendar), before) for each in further)


@given(claims, calendars, free_days)
def test_free_days_and_an_unknown_state_never_make_it_earlier(
    facts: DefaultFacts, calendar: GermanCalendar, free: FreeDays
) -> None:
    found = default_of(facts, calendar)
    assert no_later(found, default_of(replace(facts, free=(*facts.free, free)), calendar))
    assert no_later(default_of(replace(facts, free=()), calendar), found)


@given(claims, calendars)
def test_what_counts_for_nothing_changes_nothing(facts: DefaultFacts, calendar: GermanCalendar) -> None:
    """Statements 8, 9, 10 and 11."""
    early = facts.due_on - timedelta(days=1)
    nothing = [
        NoticeServed("R1", facts.due_on + 20 * DAY, EMAIL, None, counts=False),
        NoticeServed("B1", facts.due_on + 20 * DAY, EMAIL, None, counts=True, came_back=True),
        NoticeServed("N1", early, EMAIL, None, counts=True),
        NoticeServed("N2", facts.due_on, LETTER, None, counts=True),
    ]
    found = default_of(facts, calendar)
    assert default_of(replace(facts, notices=(*nothing, *facts.notices)), calendar) == found
    if facts.debtor is UNKNOWN:
        assert default_of(replace(facts, debtor=CONSUMER), calendar) == found
    if facts.agreed is Agreement.NONE:
        without = replace(facts, notices=(), invoice_received_on=None, performed_on=None)
        assert default_of(replace(without, refused_on=None, served_by_court_on=None), calendar) is None
