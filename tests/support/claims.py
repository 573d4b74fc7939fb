"""Claims and house rules to decide on: what a test does not name is the usual case."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from dunning.calendar import Calendar, GermanCalendar, PlainCalendar
from dunning.claim import Claim, SentNotice
from dunning.debtor import DebtorKind
from dunning.decision import Circumstances
from dunning.ledger import Line, LineKind
from dunning.lifecycle import State
from dunning.notice import Template
from dunning.procedure import HandOverRule, Level, Policy, Procedure, Timing

DUE = date(2026, 6, 1)
"""A Monday with no holiday near it."""
FRESH = Circumstances(bank_data_until=date.max)
"""Every payment is known and the letterhead is complete."""

CONSUMER = Procedure(
    name="Germany, consumers",
    calendar=GermanCalendar("BE"),
    levels=(
        Level(Timing(after_due_days=5), Template.REMINDER, pay_within_days=10),
        Level(Timing(after_deadline_bank_days=3), Template.SECOND_NOTICE, pay_within_days=14),
        Level(Timing(after_deadline_bank_days=3), Template.FINAL_WARNING, pay_within_days=14),
    ),
    hand_over=HandOverRule(Timing(after_deadline_bank_days=5), min_open_cents=2_000),
    minimum_gap_days=7,
    promise_grace_bank_days=3,
    bank_data_max_age_bank_days=1,
)
"""The German consumer procedure, written down a second time: `deployments/policy.yaml` must say the same."""


def plain(*levels: Level, calendar: Calendar | None = None, **rules: Any) -> Procedure:
    """A procedure in bare days."""
    return Procedure("plain", calendar or PlainCalendar(), levels, **rules)


def policy_of(procedure: Procedure, country: str = "DE") -> Policy:
    """House rules with this procedure for every kind of debtor of one country."""
    kinds = (DebtorKind.CONSUMER, DebtorKind.BUSINESS)
    return Policy("test", {(country, kind): procedure for kind in kinds})


def claim_of(cents: int = 10_000, **facts: Any) -> Claim:
    """An invoice over `cents` that nobody has paid, due on DUE, in Berlin."""
    usual: dict[str, Any] = {
        "number": "R-1",
        "state": State.OPEN,
        "level": 0,
        "due_on": DUE,
        "lines": (invoiced(cents),),
        "federal_state": "BE",
    }
    return Claim(**(usual | facts))


def dunned(claim: Claim, level: int, sent_on: date, pay_until: date | None) -> Claim:
    """The claim after the notice of a level was sent."""
    return replace(claim, level=level, last_notice=SentNotice(level, sent_on, pay_until))


def invoiced(cents: int, on: date = DUE - timedelta(14)) -> Line:
    """The invoice's own line."""
    return Line(LineKind.INVOICE, on, cents)


def paid(cents: int, on: date = DUE) -> Line:
    """A payment of so many cents."""
    return Line(LineKind.PAYMENT, on, -cents)
