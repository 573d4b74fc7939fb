"""Default (Verzug, § 286 BGB): from which day a debtor owes interest and costs, by which route, and how we know.

Every route needs a claim that is due, and starts on the day after the due date and after what creates it, at the
earliest. A last day to pay is moved off weekends and holidays (§ 193 BGB), a day from which a period is counted is not.
What is not known never helps the creditor.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from dunning.calendar import Calendar
from dunning.debtor import DebtorKind
from dunning.interest import FreeDays

_DAY = timedelta(days=1)
_DAYS_TO_PAY = 30
"""§ 286 (3) BGB."""
_LETTER_DAYS = 4
"""Days of delivery until a letter is taken as received; longer than the post takes for nearly all of them."""


class Agreement(StrEnum):
    """What the contract says of the due date. A day that only the invoice names is the creditor's word alone."""

    NONE = "none"
    DATE = "date"
    """The day itself was agreed (§ 286 (2) no. 1 BGB)."""
    PERIOD = "period"
    """A period counted from an event was agreed (no. 2); the due date is its end."""


class Channel(StrEnum):
    """How a declaration reaches the debtor."""

    EMAIL = "email"
    LETTER = "letter"
    PORTAL = "portal"


class Route(StrEnum):
    """How default came about. If several lead to the same day, the first of them is named."""

    AGREED_DATE = "agreed_date"
    AGREED_PERIOD = "agreed_period"
    NOTICE = "notice"
    THIRTY_DAYS = "thirty_days"
    REFUSAL = "refusal"
    COURT = "court"


@dataclass(frozen=True, slots=True)
class Default:
    """The debtor is in default."""

    from_on: date
    """The first day of default, which is the first day of interest."""
    route: Route
    evidence: str
    """What proves it, for an auditor: days, an effect's id, or who confirmed it. Names nobody but our own staff."""


@dataclass(frozen=True, slots=True)
class NoticeServed:
    """A notice (Mahnung) that left."""

    evidence: str
    """Id of the effect."""
    sent_on: date
    """Of an e-mail that left after business hours: the day after."""
    channel: Channel
    pay_until: date | None
    """The last day it names for paying."""
    counts: bool
    """False for a friendly reminder: it never helps the creditor."""
    came_back: bool = False
    """Bounced or returned: without any effect."""


@dataclass(frozen=True, slots=True)
class DefaultFacts:
    """All that default depends on; a day that is None has not come or is not known."""

    debtor: DebtorKind
    due_on: date
    debtor_state: str | None = None
    """Two-letter code of the federal state."""
    agreed: Agreement = Agreement.NONE
    period_event_on: date | None = None
    """Of an agreed period: the day of the event it is counted from."""
    period_days: int | None = None
    """Its days after the event; None: `due_on` itself is its end."""
    invoice_received_on: date | None = None
    performed_on: date | None = None
    """Goods or service received."""
    notice_286_3: bool = False
    """The invoice itself points to § 286 (3) BGB."""
    for_payment: bool = True
    """The price of goods or services is owed (Entgeltforderung)."""
    notices: tuple[NoticeServed, ...] = ()
    """Oldest first."""
    refused_on: date | None = None
    """The debtor refused, seriously and finally; a person entered it."""
    served_by_court_on: date | None = None
    """An action or a court order to pay (Mahnbescheid) was served."""
    free: tuple[FreeDays, ...] = ()
    """Days without default: the debtor may refuse (§ 320 BGB) or was granted time."""


@dataclass(frozen=True, slots=True)
class _LastDay:
    """A last day to pay, as it was said and as it counts."""

    said_on: date
    on: date

    def __str__(self) -> str:
        return f"{self.said_on}" if self.on == self.said_on else f"{self.said_on}, moved to {self.on} (§ 193 BGB)"


def default_of(facts: DefaultFacts, calendar: Calendar) -> Default | None:
    """The earliest default by any route; None: not in default, hence no interest, no costs, no hand-over.

    Of an agreed period whose event is not known there is no end, so nothing is due.
    """
    due_on = _due_on(facts)
    if due_on is None:
        return None
    earliest = min(_by_every_route(facts, due_on, calendar), key=lambda default: default.from_on, default=None)
    return None if earliest is None else _outside_free_days(earliest, facts.free)


def assumed_receipt(
    channel: Channel, sent_on: date, debtor: DebtorKind, calendar: Calendar, debtor_state: str | None
) -> date:
    """The day on which a declaration is taken as received (§ 130 (1) BGB), if it does not come back; never proof.

    Businesses read their mail on the working day it arrives (BGH VII ZR 895/21), everybody else a working day later.
    """
    if channel is Channel.LETTER:
        return calendar.add_delivery_days(sent_on, _LETTER_DAYS, debtor_state)
    if channel is Channel.EMAIL and debtor.treated_as is DebtorKind.BUSINESS:
        return calendar.shift(sent_on, debtor_state)
    return calendar.shift(sent_on + _DAY, debtor_state)


def _due_on(facts: DefaultFacts) -> date | None:
    """The due date, not moved; never before the one that was stated."""
    if facts.agreed is not Agreement.PERIOD or facts.period_days is None:
        return facts.due_on
    if facts.period_event_on is None:
        return None
    return max(facts.due_on, facts.period_event_on + timedelta(days=facts.period_days))


def _by_every_route(facts: DefaultFacts, due_on: date, calendar: Calendar) -> Iterator[Default]:
    """In the order of `Route`."""
    due = _LastDay(due_on, calendar.shift(due_on, facts.debtor_state))
    yield from _by_agreement(facts, due)
    yield from _by_notice(facts, due, calendar)
    yield from _by_thirty_days(facts, due_on, calendar)
    if facts.refused_on is not None:  # § 286 (2) no. 3 BGB
        evidence = f"refusal of {facts.refused_on}, due {due}"
        yield Default(max(facts.refused_on, due.on) + _DAY, Route.REFUSAL, evidence)
    # § 286 (1) sentence 2 BGB: as good as a notice, so not before the due date either
    if facts.served_by_court_on is not None and _may_demand_on(facts.served_by_court_on, facts, due):
        evidence = f"served by the court on {facts.served_by_court_on}"
        yield Default(facts.served_by_court_on + _DAY, Route.COURT, evidence)


def _may_demand_on(day: date, facts: DefaultFacts, due: _LastDay) -> bool:
    """Whether a demand of that day counts: one before the due date, or while the debtor need not pay, is nothing."""
    return day > due.on and not any(each.holds_on(day) for each in facts.free)


def _by_agreement(facts: DefaultFacts, due: _LastDay) -> Iterator[Default]:
    """§ 286 (2) nos. 1 and 2 BGB: no notice is needed where the day or the period was agreed."""
    if facts.agreed is Agreement.DATE:
        yield Default(due.on + _DAY, Route.AGREED_DATE, f"agreed day {due}")
    elif facts.agreed is Agreement.PERIOD:
        counted = "" if facts.period_days is None else f" of {facts.period_days} days from {facts.period_event_on}"
        yield Default(due.on + _DAY, Route.AGREED_PERIOD, f"agreed period{counted}, payable until {due}")


def _by_notice(facts: DefaultFacts, due: _LastDay, calendar: Calendar) -> Iterator[Default]:
    """§ 286 (1) sentence 1 BGB: a notice after the due date, from its receipt; time that it grants is waited for."""
    for notice in facts.notices:
        if not notice.counts or notice.came_back or not _may_demand_on(notice.sent_on, facts, due):
            continue
        received_on = assumed_receipt(notice.channel, notice.sent_on, facts.debtor, calendar, facts.debtor_state)
        last_day, evidence = received_on, f"notice {notice.evidence}, received {received_on}"
        if notice.pay_until is not None:
            pay_until = _LastDay(notice.pay_until, calendar.shift(notice.pay_until, facts.debtor_state))
            last_day, evidence = max(received_on, pay_until.on), f"{evidence}, payable until {pay_until}"
        yield Default(last_day + _DAY, Route.NOTICE, evidence)


def _by_thirty_days(facts: DefaultFacts, due_on: date, calendar: Calendar) -> Iterator[Default]:
    """§ 286 (3) BGB: 30 days after due date and receipt of the invoice; of a consumer, only if it says so.

    Sentence 2: where a business's receipt of the invoice is uncertain, the receipt of goods or service counts.
    """
    business = facts.debtor.treated_as is DebtorKind.BUSINESS
    if not facts.for_payment or not (business or facts.notice_286_3):
        return
    received_on, what = facts.invoice_received_on, "invoice"
    if received_on is None and business:
        received_on, what = facts.performed_on, "goods or service"
    if received_on is None:
        return
    said_on = max(due_on, received_on) + timedelta(days=_DAYS_TO_PAY)
    end = _LastDay(said_on, calendar.shift(said_on, facts.debtor_state))
    evidence = f"due {due_on}, {what} received {received_on}, {_DAYS_TO_PAY} days until {end}"
    yield Default(end.on + _DAY, Route.THIRTY_DAYS, evidence)


def _outside_free_days(default: Default, free: tuple[FreeDays, ...]) -> Default | None:
    """The same default from the first day on that is not free; None where none ever comes."""
    while holding := next((each for each in free if each.holds_on(default.from_on)), None):
        if holding.until_on is None:
            return None
        evidence = f"{default.evidence}, no default before {holding.until_on}"
        default = replace(default, from_on=holding.until_on, evidence=evidence)
    return default
