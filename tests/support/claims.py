"""Claims and house rules to decide on: what a test does not name is the usual case."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from dunning.base_rates import BUILT_IN, BaseRate
from dunning.calendar import Calendar, GermanCalendar, PlainCalendar
from dunning.claim import Claim, SentNotice
from dunning.costs import CostRecord
from dunning.debtor import DebtorKind
from dunning.decision import Circumstances
from dunning.default import Agreement, Default, Route
from dunning.ledger import Line, LineKind
from dunning.lifecycle import State
from dunning.notice import Template
from dunning.procedure import HandOverRule, Level, Policy, Procedure, Timing

DUE = date(2026, 6, 1)
"""A Monday with no holiday near it."""
FRESH = Circumstances(bank_data_until=date.max)
"""Every payment is known and the letterhead is complete."""
RATES = BUILT_IN.extended(
    BaseRate(date(year, month, 1), 152, "made up") for year in range(2027, 2031) for month in (1, 7)
)
"""Base rates for claims that are due long after this program was made."""
STAMP = CostRecord("Briefdienst", postage_cents=95, print_cents=25)
"""What a letter costs: 1.20 EUR."""

CONSUMER = Procedure(
    name="Germany, consumers",
    calendar=GermanCalendar("BE"),
    levels=(
        Level(Timing(after_due_days=5), Template.REMINDER, pay_within_days=10),
        Level(Timing(after_deadline_bank_days=3), Template.SECOND_NOTICE, pay_within_days=14),
        Level(Timing(after_deadline_bank_days=3), Template.FINAL_WARNING, pay_within_days=14, demands_interest=True),
    ),
    hand_over=HandOverRule(Timing(after_deadline_bank_days=5), min_open_cents=2_000),
    minimum_gap_days=7,
    promise_grace_bank_days=3,
    promise_days=14,
    promises=2,
    bank_data_max_age_bank_days=1,
    after_delivery_days=17,
    after_return_days=3,
    after_answer_days=14,
    waived_costs_cents=500,
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
    """An invoice over `cents` that nobody has paid, due on DUE as agreed, in Berlin: in default from the day after.

    It bears no interest unless `interest_from` says so.
    """
    due_on: date = facts.get("due_on", DUE)
    usual: dict[str, Any] = {
        "number": "R-1",
        "state": State.OPEN,
        "level": 0,
        "due_on": DUE,
        "lines": (invoiced(cents),),
        "federal_state": "BE",
        "agreed": Agreement.DATE,
        "default": Default(due_on + timedelta(1), Route.AGREED_DATE, f"agreed day {due_on}"),
    }
    return Claim(**(usual | facts))


def dunned(
    claim: Claim, level: int, sent_on: date, pay_until: date | None, template: Template | None = None, **how: Any
) -> Claim:
    """The claim after the notice of a level was sent."""
    notice = SentNotice(level, sent_on, pay_until, template, **how)
    return replace(claim, level=level, last_notice=notice, notices=(*claim.notices, notice))


def in_default_by(procedure: Procedure, claim: Claim) -> Claim:
    """The claim with the default that follows from its facts, and interest from it where a level demands any."""
    default = procedure.default_of(claim)
    charged = default is not None and procedure.charges_interest
    return replace(claim, default=default, interest_from=default.from_on if default and charged else None)


def invoiced(cents: int, on: date = DUE - timedelta(14)) -> Line:
    """The invoice's own line."""
    return Line(LineKind.INVOICE, on, cents)


def paid(cents: int, on: date = DUE) -> Line:
    """A payment of so many cents."""
    return Line(LineKind.PAYMENT, on, -cents)
