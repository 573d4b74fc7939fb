"""A claim (Forderung) with all the facts that a decision needs, frozen at one moment."""

from dataclasses import dataclass
from datetime import date

from dunning.debtor import DebtorKind
from dunning.ledger import PRINCIPAL_KINDS, Line
from dunning.lifecycle import State
from dunning.notice import Template
from dunning.reasons import HoldKind, Reason


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold on a claim or on its customer; `until_on` is its last day, None an open end."""

    kind: HoldKind
    from_on: date
    until_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it stops dunning on that day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class SentNotice:
    """A notice that has left: the next step counts from it."""

    level: int
    sent_on: date
    pay_until: date | None
    template: Template | None = None
    """Which of the letters it was; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim as the decision sees it. `level` is the highest level sent (0: none)."""

    number: str
    """The invoice's number; a claim has no other name."""
    state: State
    level: int
    due_on: date
    lines: tuple[Line, ...]
    """The ledger, oldest first."""
    debtor: DebtorKind = DebtorKind.CONSUMER
    country: str = "DE"
    federal_state: str | None = None
    """The debtor's federal state, two letters; None where unknown."""
    currency: str = "EUR"
    holds: tuple[Hold, ...] = ()
    last_notice: SentNotice | None = None
    owned: bool = True
    delivered_on: date | None = None
    """None: delivered with the invoice, as far as we know."""
    prepayment: bool = False
    has_email: bool = True
    effect_block: Reason | None = None
    """Set while a message of this claim is under way, uncertain or refused."""

    @property
    def open_principal_cents(self) -> int:
        """What is still open of the invoice itself, without fees and interest."""
        return sum(line.cents for line in self.lines if line.kind in PRINCIPAL_KINDS)

    @property
    def open_cents(self) -> int:
        """The whole balance, side costs included."""
        return sum(line.cents for line in self.lines)

    def holds_on(self, day: date) -> tuple[Reason, ...]:
        """Every hold that stops dunning on that day, as reasons, each once."""
        return tuple(dict.fromkeys(Reason(hold.kind) for hold in self.holds if hold.holds_on(day)))

    @property
    def limitation_ends_on(self) -> date:
        """Last day before limitation (§§ 195, 199 (1) BGB): 31 December of the third year after the due year."""
        return date(self.due_on.year + 3, 12, 31)
