"""A scenario file: what it may say, and whether its story holds together.

Keys: `scenario`, `source`, `procedure` (the words of a shop's policy, without country and debtor), `runs` (`from` and
`until`, or a list of days in the order of the runs), `events` (`events.py`), `expect` (every notice and hand-over),
`expect_decisions`, `expect_error`. Further ones of our own: `business_procedure`, the ladder of business debtors
(left out: `procedure` is everybody's), and `creditor_state` for the calendar `de` (left out: BE). In `hand_over`
an `approval` other than `never` is a person who says yes on the day of the proposal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from dunning.errors import SettingsInvalid
from dunning.reasons import Reason
from tasks.policy import Amount, ProcedureRules, Rules, line_of, read_yaml, validated
from tasks.scenario.events import (
    BankDataKnown,
    ClaimHeld,
    ClaimReleased,
    CreditNoteIssued,
    CustomerHeld,
    Dated,
    Day,
    Event,
    InvoiceIssued,
    MailDown,
    Number,
    PaymentBooked,
    PaymentPromised,
    PaymentReturned,
    StateCode,
)


@dataclass(frozen=True, slots=True)
class Action:
    """A notice that was sent, or a hand-over."""

    day: date
    invoice: str
    level: int | None
    """None: the hand-over."""
    open_cents: int
    """The open principal at that moment."""


class ExpectedAction(Rules):
    """One thing that must be done."""

    day: Day
    invoice: Number
    notice: int | None = Field(None, ge=1)
    hand_over: Literal[True] | None = None
    open: Amount

    @model_validator(mode="after")
    def _one_step(self) -> "ExpectedAction":
        if (self.notice is None) is (self.hand_over is None):
            raise ValueError("expect either a notice or a hand_over")
        return self

    @property
    def action(self) -> Action:
        """As a value."""
        return Action(self.day, self.invoice, self.notice, self.open)


class ExpectedDecision(Rules):
    """What a day's run must answer for one invoice; `reason` is one of its reasons."""

    day: Day
    invoice: Number
    decision: Literal["send_notice", "propose_hand_over", "wait", "blocked", "nothing"]
    reason: Reason | None = None
    until: Day | None = None


class DailyRuns(Rules):
    """A run every day, both days included."""

    from_: Day = Field(alias="from")
    until: Day

    @model_validator(mode="after")
    def _in_order(self) -> "DailyRuns":
        if self.until < self.from_:
            raise ValueError("until lies before from")
        return self


def _shape(runs: Any) -> str:
    return "days" if isinstance(runs, list | tuple) else "daily"


Runs = Annotated[
    Annotated[DailyRuns, Tag("daily")] | Annotated[tuple[Day, ...], Tag("days"), Field(min_length=1)],
    Discriminator(_shape),
]


class Scenario(Rules):
    """The whole file."""

    scenario: str
    source: str = ""
    procedure: ProcedureRules
    business_procedure: ProcedureRules | None = None
    creditor_state: StateCode = "BE"
    runs: Runs
    events: tuple[Event, ...] = ()
    expect: tuple[ExpectedAction, ...] = ()
    expect_decisions: tuple[ExpectedDecision, ...] = ()
    expect_error: str = ""

    @property
    def run_days(self) -> Iterator[date]:
        """The days of the runs, in the order in which they happen."""
        if not isinstance(self.runs, DailyRuns):
            yield from self.runs
            return
        for n in range((self.runs.until - self.runs.from_).days + 1):
            yield self.runs.from_ + timedelta(n)

    @property
    def dated_events(self) -> list[tuple[int, Dated]]:
        """The events with their places in the file, by day; those of one day in the order of the file."""
        dated = [(place, event) for place, event in enumerate(self.events) if isinstance(event, Dated)]
        return sorted(dated, key=lambda each: each[1].day)

    def mail_is_down(self, day: date) -> bool:
        """Whether the mail provider refuses on that day."""
        return any(isinstance(each, MailDown) and each.from_ <= day <= each.until for each in self.events)


def load_scenario(path: Path) -> Scenario:
    """The scenario of a file; SettingsInvalid with file, line and rule where it is broken."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsInvalid(f"{path}: the scenario cannot be read", "name a file that exists") from error
    document = read_yaml(content, path)
    scenario = validated(Scenario, document, path)
    told = _Told()
    for place, event in scenario.dated_events:
        if objection := told.objection(event):
            raise SettingsInvalid(
                f"{path}:{line_of(document, ('events', place))}: events.{place + 1}: {objection}",
                "mend the event, or its day",
            )
    return scenario


class _Told:
    """What the story has told so far, by day: an event can speak only of what has happened."""

    def __init__(self) -> None:
        self._invoices: set[str] = set()
        self._customers: dict[str, tuple[object, ...]] = {}
        self._payments: set[str] = set()
        self._all_payments: set[str] = set()

    def objection(self, event: Dated) -> str:
        """Why the event does not fit into the story; empty: it does."""
        match event:
            case InvoiceIssued():
                return self._invoice(event)
            case PaymentBooked(payment=number, id=name):
                return self._named(number) or (self._payment(name) if name else "")
            case PaymentReturned(returned_payment=name):
                known = name in self._payments
                self._payments.discard(name)
                return "" if known else f"no payment {name} is there to be returned"
            case CreditNoteIssued(credit_note=number) | ClaimReleased(release=number) | PaymentPromised(promise=number):
                return self._named(number)
            case ClaimHeld(hold=number):
                return self._named(number) or _ends_early(event.day, event.until)
            case CustomerHeld(hold_customer=number):
                known = number in self._customers
                return _ends_early(event.day, event.until) if known else f"no customer {number} by that day"
            case BankDataKnown():
                return ""
        raise AssertionError("an event without a rule")

    def _invoice(self, event: InvoiceIssued) -> str:
        if event.invoice in self._invoices:
            return f"a second invoice {event.invoice}"
        self._invoices.add(event.invoice)
        who = (event.kind, event.country, event.state)
        if self._customers.setdefault(event.customer, who) != who:
            return f"customer {event.customer} had another kind, country or state before"
        return ""

    def _payment(self, name: str) -> str:
        if name in self._all_payments:
            return f"a second payment {name}"
        self._all_payments.add(name)
        self._payments.add(name)
        return ""

    def _named(self, number: str) -> str:
        return "" if number in self._invoices else f"no invoice {number} by that day"


def _ends_early(day: date, until: date | None) -> str:
    return "the hold ends before it begins" if until is not None and until < day else ""
