"""A claim (Forderung) with all the facts that a decision needs, frozen at one moment."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from dunning import allocation, limitation
from dunning.allocation import Account, InterestTerms
from dunning.base_rates import BUILT_IN, BaseRates
from dunning.debtor import DebtorKind
from dunning.default import Agreement, Channel, Default
from dunning.evidence import Evidence, EvidenceKind, in_force
from dunning.holds import STOPS, InterestEffect, Span, free_days
from dunning.interest import Debt, FreeDays, InterestStatement, default_interest
from dunning.ledger import Line
from dunning.lifecycle import State
from dunning.limitation import LimitationRule, Restart, Suspension
from dunning.notice import Template
from dunning.reasons import HoldKind, Reason

CONTESTS = frozenset({HoldKind.DISPUTE, HoldKind.DEFECT, HoldKind.CHARGEBACK})
"""Holds by which the debtor contests the claim; its side costs then eat no payment that names the invoice."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold on a claim or on its customer; `until_on` is its last day, None an open end."""

    kind: HoldKind
    from_on: date
    until_on: date | None = None
    released_on: date | None = None
    """The day on which a person released it; it holds no more from that day on."""

    def holds_on(self, day: date) -> bool:
        """Whether it stops dunning on that day."""
        return self.from_on <= day and (self.last_on is None or day <= self.last_on)

    @property
    def last_on(self) -> date | None:
        """The last day on which it held, by its date or by its release; None: it still holds."""
        released = self.released_on - timedelta(1) if self.released_on is not None else None
        return min((day for day in (self.until_on, released) if day is not None), default=None)

    @property
    def span(self) -> Span:
        """Kind, first and last day."""
        return self.kind, self.from_on, self.last_on


@dataclass(frozen=True, slots=True)
class SentNotice:
    """A notice that has left: the next step counts from it."""

    level: int
    sent_on: date
    pay_until: date | None
    template: Template | None = None
    """Which of the letters it was; None where that is not known."""
    effect_id: str = ""
    channel: Channel = Channel.EMAIL
    came_back: bool = False
    """It came back undelivered: without any effect."""


@dataclass(frozen=True)  # no slots: the account is computed once
class Claim:
    """One claim as the decision sees it. `level` is the highest level sent (0: none)."""

    number: str
    """The invoice's number; a claim has no other name."""
    state: State
    level: int
    due_on: date
    lines: tuple[Line, ...]
    """The ledger, in the order of booking."""
    debtor: DebtorKind = DebtorKind.CONSUMER
    country: str = "DE"
    federal_state: str | None = None
    """The debtor's federal state, two letters; None where unknown."""
    currency: str = "EUR"
    holds: tuple[Hold, ...] = ()
    """All of them, those that have ended included."""
    last_notice: SentNotice | None = None
    notices: tuple[SentNotice, ...] = ()
    """Every notice that left, oldest first, those that came back included."""
    owned: bool = True
    issued_on: date | None = None
    received_on: date | None = None
    """When the debtor received the invoice, where the shop knows it."""
    agreed: Agreement = Agreement.NONE
    notice_286_3: bool = False
    """The invoice carries the notice of § 286 (3) BGB."""
    delivered_on: date | None = None
    """None: delivered with the invoice, as far as we know."""
    evidence: tuple[Evidence, ...] = ()
    """What persons confirmed, in the order in which they noted it."""
    prepayment: bool = False
    has_email: bool = True
    effect_block: Reason | None = None
    """Set while a message of this claim is under way, uncertain or refused."""
    default: Default | None = None
    """The debtor's default; None: not in default, or not by any route that we can prove."""
    interest_from: date | None = None
    """First day of default interest; None where the house charges none."""
    rates: BaseRates = BUILT_IN
    limitation_rule: LimitationRule = limitation.GERMAN

    @cached_property
    def account(self) -> Account:
        """What is owed once every booking is credited, as of the last booking's day."""
        return allocation.standing(self.lines, self.interest_terms, protect_designated=self._protects_designated)

    def account_on(self, as_of: date) -> Account:
        """What is owed on a day, interest through the day before it; bookings of later value dates count at once.

        Raises BaseRateUnknown.
        """
        day = max(as_of, self.account.as_of)
        return allocation.account(self.lines, day, self.interest_terms, protect_designated=self._protects_designated)

    @property
    def open_principal_cents(self) -> int:
        """What is still open of the invoice itself; negative: paid too much."""
        return self.account.principal_cents

    @property
    def open_cents(self) -> int:
        """Principal and side costs; interest is computed for the day on which it is demanded."""
        return self.account.principal_cents + self.account.costs_cents

    @property
    def balance_cents(self) -> int:
        """The sum of the bookings: what is open, less what was credited to interest, which is never booked."""
        return sum(line.cents for line in self.lines)

    @property
    def interest_terms(self) -> InterestTerms | None:
        """How the claim bears interest; None: it bears none, or a hold in force cancels it."""
        if self.interest_from is None or self.owes_no_costs:
            return None
        return InterestTerms(self.interest_from, self.debt, self.rates, self.interest_free)

    @property
    def debt(self) -> Debt:
        """What decides the points above the base rate."""
        return Debt(self.debtor, arisen_on=self.issued_on)

    @property
    def interest_free(self) -> tuple[FreeDays, ...]:
        """Days that bear no interest: a defence of the debtor, a deferral, open insolvency."""
        return free_days(hold.span for hold in self.holds)

    @property
    def default_free(self) -> tuple[FreeDays, ...]:
        """Days on which there is no default."""
        return tuple(
            FreeDays(hold.from_on, None if hold.last_on is None else hold.last_on + timedelta(1))
            for hold in self.holds
            if STOPS[hold.kind].creates_no_default and (hold.last_on is None or hold.from_on <= hold.last_on)
        )

    def interest_statement(self, as_of: date) -> InterestStatement | None:
        """The whole interest for the days before `as_of`, credited or not, row by row; None: it bears none.

        Raises BaseRateUnknown.
        """
        if (terms := self.interest_terms) is None or as_of <= terms.from_on:
            return None
        lines = self.account_on(as_of).principal_lines
        return default_interest(lines, terms.from_on, as_of, terms.debt, rates=terms.rates, free=terms.free)

    def in_default_on(self, day: date) -> bool:
        """Whether the debtor is in default on that day."""
        return self.default is not None and self.default.from_on <= day

    def holds_on(self, day: date) -> tuple[Reason, ...]:
        """Every hold that stops dunning on that day, as reasons, each once."""
        return tuple(dict.fromkeys(Reason(hold.kind) for hold in self.holds if hold.holds_on(day)))

    @property
    def owes_no_costs(self) -> bool:
        """Whether a hold in force cancels interest and side costs altogether."""
        return any(STOPS[hold.kind].interest is InterestEffect.CANCELLED for hold in self.holds if hold.last_on is None)

    @property
    def notice_was_overtaken(self) -> bool:
        """Whether the last notice is to be repeated: something stood in its way after it left (`holds.STOPS`)."""
        notice = self.last_notice
        return notice is not None and any(
            STOPS[hold.kind].same_level_after and (hold.last_on is None or hold.last_on >= notice.sent_on)
            for hold in self.holds
            if hold.last_on is None or hold.from_on <= hold.last_on
        )

    @property
    def last_answered_on(self) -> date | None:
        """The day on which a person last released a hold that had contested or stopped the claim; None: never."""
        released = [hold.released_on for hold in self.holds if STOPS[hold.kind].same_level_after]
        return max((day for day in released if day is not None), default=None)

    @property
    def limitation_ends_on(self) -> date:
        """Last day before limitation; only what a person confirmed makes it later."""
        restarts, suspensions = [], []
        for each in in_force(self.evidence):
            if each.on is not None and each.kind is EvidenceKind.ACKNOWLEDGED:
                restarts.append(Restart(each.on))
            if each.on is not None and each.until_on is not None and each.kind is EvidenceKind.SUSPENDED:
                suspensions.append(Suspension(each.on, each.until_on))
        return limitation.ends_on(self.due_on, self.limitation_rule, restarts, suspensions)

    @property
    def _protects_designated(self) -> bool:
        """Consumers' side costs never eat a payment that names the invoice; businesses' not while they contest."""
        return self.debtor.treated_as is DebtorKind.CONSUMER or any(hold.kind in CONTESTS for hold in self.holds)
