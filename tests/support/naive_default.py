"""Default once more, day by day and as simple as can be, from the statute and not from our code.

For every single day the questions of § 286 BGB: has the debtor's time run out, has a demand been received, need the
debtor not pay today? Holidays come from an independent table, for claims that are due in 2026 or 2027.
"""

from collections.abc import Callable
from datetime import date, timedelta

import holidays

from dunning.debtor import DebtorKind
from dunning.default import Agreement, Channel, DefaultFacts, NoticeServed

STATES = ("BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH")
HOLIDAYS = {
    state: frozenset(
        holidays.country_holidays(
            "DE",
            subdiv=state,
            years=range(2026, 2030),
            categories=("public", "catholic") if state == "BY" else "public",
        )
    )
    for state in STATES
}
"""Mariä Himmelfahrt counts for the whole of Bavaria."""
DAY = timedelta(days=1)
HORIZON = 500
"""Days after the due date on which we look."""


def naive_default(facts: DefaultFacts, creditor_state: str) -> tuple[date, str] | None:
    """The first day of default, and the first of the routes that led to it."""
    place = Place(creditor_state, facts.debtor_state)
    due = due_day(facts)
    if due is None:
        return None
    route = ""
    for day in (due + n * DAY for n in range(HORIZON)):
        route = route or next((name for name, leads in ROUTES.items() if leads(facts, due, day, place)), "")
        if route and not is_free(facts, day):
            return day, route
    return None


class Place:
    """Where people do not work: the states of both, or any state if the debtor's is not known."""

    def __init__(self, creditor_state: str, debtor_state: str | None) -> None:
        self.states = (creditor_state, debtor_state) if debtor_state else STATES

    def is_holiday(self, day: date) -> bool:
        return any(day in HOLIDAYS[state] for state in self.states)

    def works(self, day: date) -> bool:
        """No day of § 193 BGB."""
        return day.weekday() not in (5, 6) and not self.is_holiday(day)

    def delivers(self, day: date) -> bool:
        return day.weekday() != 6 and not self.is_holiday(day)

    def ran_out(self, last: date, day: date) -> bool:
        """On `day`, time to pay until `last` is over: the last day or the next working day for it has passed."""
        return any(self.works(last + n * DAY) for n in range((day - last).days))


def due_day(facts: DefaultFacts) -> date | None:
    """As it was stated or agreed; None where the agreed period has not begun."""
    if facts.agreed is Agreement.PERIOD and facts.period_days is not None:
        event = facts.period_event_on
        return None if event is None else max(facts.due_on, event + facts.period_days * DAY)
    return facts.due_on


def is_consumer(facts: DefaultFacts) -> bool:
    return facts.debtor in (DebtorKind.CONSUMER, DebtorKind.UNKNOWN)


def is_free(facts: DefaultFacts, day: date) -> bool:
    return any(each.from_on <= day < (each.until_on or date.max) for each in facts.free)


def is_demand(facts: DefaultFacts, due: date, day: date, place: Place) -> bool:
    """Only what is due and enforceable can be demanded."""
    return place.ran_out(due, day) and not is_free(facts, day)


def is_received(notice: NoticeServed, facts: DefaultFacts, day: date, place: Place) -> bool:
    """Received before `day`, as far as one may assume."""
    before = [notice.sent_on + n * DAY for n in range(min(30, (day - notice.sent_on).days))]
    if notice.channel is Channel.LETTER:
        return sum(place.delivers(each) for each in before[1:]) >= 4
    if notice.channel is Channel.EMAIL and not is_consumer(facts):
        return any(place.works(each) for each in before)
    return any(place.works(each) for each in before[1:])


def by_agreed_date(facts: DefaultFacts, due: date, day: date, place: Place) -> bool:
    return facts.agreed is Agreement.DATE and place.ran_out(due, day)


def by_agreed_period(facts: DefaultFacts, due: date, day: date, place: Place) -> bool:
    return facts.agreed is Agreement.PERIOD and place.ran_out(due, day)


def by_notice(facts: DefaultFacts, due: date, day: date, place: Place) -> bool:
    return any(
        is_demand(facts, due, notice.sent_on, place)
        and is_received(notice, facts, day, place)
        and (notice.pay_until is None or place.ran_out(notice.pay_until, day))
        for notice in facts.notices
        if notice.counts and not notice.came_back
    )


def by_thirty_days(facts: DefaultFacts, due: date, day: date, place: Place) -> bool:
    begun = facts.invoice_received_on
    if is_consumer(facts):
        if not facts.notice_286_3:
            return False
    elif begun is None:
        begun = facts.performed_on
    if begun is None or not facts.for_payment:
        return False
    return place.ran_out(due + 30 * DAY, day) and place.ran_out(begun + 30 * DAY, day)


def by_refusal(facts: DefaultFacts, due: date, day: date, place: Place) -> bool:
    return facts.refused_on is not None and facts.refused_on < day and place.ran_out(due, day)


def by_court(facts: DefaultFacts, due: date, day: date, place: Place) -> bool:
    served = facts.served_by_court_on
    return served is not None and served < day and is_demand(facts, due, served, place)


ROUTES: dict[str, Callable[[DefaultFacts, date, date, Place], bool]] = {
    "agreed_date": by_agreed_date,
    "agreed_period": by_agreed_period,
    "notice": by_notice,
    "thirty_days": by_thirty_days,
    "refusal": by_refusal,
    "court": by_court,
}
