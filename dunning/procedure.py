"""A procedure (Mahnverfahren): the steps of the ladder and their conditions, as house rules in frozen values.

Where a step gives several conditions, the latest day decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from dunning.calendar import Calendar
from dunning.claim import Claim, SentNotice
from dunning.costs import CONSUMER_CAP_CENTS, CostRecord
from dunning.debtor import DebtorKind
from dunning.default import Agreement, Channel, Default, DefaultFacts, NoticeServed, assumed_receipt, default_of
from dunning.evidence import Evidence, EvidenceKind, last_of
from dunning.guards import RunGuards
from dunning.ledger import LineKind
from dunning.notice import Template


class Approval(StrEnum):
    """Who says yes to a hand-over."""

    PERSON = "person"
    AUTO = "auto"
    """Without a person: for replaying scenarios only; a shop's policy cannot choose it."""
    NEVER = "never"
    """Proposed and never transferred."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When a step may be taken. Days are calendar days, bank days are TARGET days."""

    after_due_days: int | None = None
    """due_on + n; the day itself counts."""
    after_previous_days: int | None = None
    """Day the previous notice was sent + n."""
    after_deadline_days: int | None = None
    """pay_until of the previous notice + n."""
    after_deadline_bank_days: int | None = None
    """pay_until of the previous notice + n bank days."""

    @property
    def is_empty(self) -> bool:
        """True where no condition is given."""
        return self == Timing()

    @property
    def counts_from_deadline(self) -> bool:
        """True where the previous notice must have set a deadline."""
        return self.after_deadline_days is not None or self.after_deadline_bank_days is not None

    @property
    def counts_from_previous(self) -> bool:
        """True where there must be a previous notice."""
        return self.counts_from_deadline or self.after_previous_days is not None


@dataclass(frozen=True, slots=True)
class Level:
    """One notice of the ladder."""

    timing: Timing
    template: Template = Template.REMINDER
    pay_within_days: int | None = None
    """pay_until = day sent + n, moved to a working day (§ 193 BGB); None: the notice sets no deadline."""
    min_open_cents: int = 0
    """Sent only where the open principal is at least this; below it the claim waits and skips nothing."""
    channel: Channel = Channel.EMAIL
    cost: CostRecord | None = None
    """What the letter costs; charged only where the law lets it, see `costs.notice_fee_cents`."""
    demands_interest: bool = False
    demands_lump_sum: bool = False
    """§ 288 (5) BGB: of businesses only."""


@dataclass(frozen=True, slots=True)
class HandOverRule:
    """The last step: the collection agency."""

    timing: Timing
    min_open_cents: int = 0
    approval: Approval = Approval.PERSON
    limitation_days: int = 60
    """Closer than this to limitation only a person hands over."""


Step = Level | HandOverRule


@dataclass(frozen=True, slots=True)
class AgreedTerm:
    """A period to pay that every customer accepts at the checkout (§ 286 (2) no. 2 BGB)."""

    days: int
    from_delivery: bool = True
    """Counted from delivery; False: from receipt of the invoice."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """The ladder of one country and debtor kind. Raises ValueError where its steps contradict each other."""

    name: str
    calendar: Calendar
    levels: tuple[Level, ...]
    hand_over: HandOverRule | None = None
    tolerance_cents: int = 0
    """An open principal up to this is treated as paid."""
    minimum_gap_days: int = 0
    """At least this many days between two messages on one claim."""
    promise_grace_bank_days: int = 0
    """A promise holds until this many bank days after the promised day, so that the money can arrive."""
    promise_days: int | None = None
    """A promise names a day at most so many days ahead; None: any day."""
    promises: int | None = None
    """So many promises a claim, kept, broken or released; None: any number."""
    bank_data_max_age_bank_days: int | None = None
    """Older bank data block every step; None: not checked."""
    agreed_term: AgreedTerm | None = None
    """None: the day that an invoice names is the shop's word alone."""
    invoice_channel: Channel = Channel.EMAIL
    """How invoices go out: when one is taken as received, where nobody knows better."""
    after_delivery_days: int = 0
    """No notice before so many days after delivery: the customer may still withdraw."""
    after_return_days: int = 0
    """No notice before so many days after the bank took a payment back."""
    after_answer_days: int = 0
    """No notice before so many days after a person answered a dispute or released what had stopped the ladder."""
    fee_cap_cents: int = CONSUMER_CAP_CENTS
    """The most that a notice may cost a consumer."""
    waived_costs_cents: int = 0
    """Side costs up to this that are left when the invoice is paid are waived, not dunned."""

    def __post_init__(self) -> None:
        if not self.levels:
            raise ValueError("a procedure needs at least one level")
        previous: Level | None = None
        steps: list[Step] = [*self.levels, *([self.hand_over] if self.hand_over else [])]
        for number, step in enumerate(steps, start=1):
            name = f"level {number}" if isinstance(step, Level) else "hand_over"
            if step.timing.is_empty:
                raise ValueError(f"{name} does not say when it may be taken")
            if previous is None and step.timing.counts_from_previous:
                raise ValueError(f"{name} is the first step and cannot count from a previous notice")
            if step.timing.counts_from_deadline and previous and previous.pay_within_days is None:
                raise ValueError(f"{name} counts from a deadline that the level before does not set")
            if isinstance(step, Level) and step.template is Template.FINAL_WARNING and step.pay_within_days is None:
                raise ValueError(f"{name} is a final warning and must set a deadline (pay_within_days)")
            previous = step if isinstance(step, Level) else previous

    @property
    def charges_interest(self) -> bool:
        """Whether any notice demands default interest; else claims bear none."""
        return any(level.demands_interest for level in self.levels)

    def next_step(self, claim: Claim) -> tuple[int, Step] | None:
        """The claim's next step and its number, above the levels for the hand-over; None where the ladder ends.

        After a dispute, and whatever else stood in the last notice's way, that notice is repeated, never a higher one.
        """
        if claim.notice_was_overtaken and claim.level > 0:
            number = min(claim.level, len(self.levels))  # house rules may have been shortened since
            return number, self.levels[number - 1]
        step = self.levels[claim.level] if claim.level < len(self.levels) else self.hand_over
        return None if step is None else (claim.level + 1, step)

    def dunnable_from(self, claim: Claim) -> date | None:
        """The first day on which the claim's next step may be taken, never a quiet day; None: no step is left."""
        if (following := self.next_step(claim)) is None:
            return None
        number, step = following
        days = [*self._days_of_facts(claim)]
        if claim.last_notice is not None and number <= claim.level:
            days.append(claim.last_notice.sent_on + timedelta(self.minimum_gap_days))
        else:
            days += self._days_of(step.timing, claim)
        return self.calendar.first_loud_day(max(days))

    def _days_of(self, timing: Timing, claim: Claim) -> Iterator[date]:
        """The days that the step's own conditions name."""
        if timing.after_due_days is not None:
            last_day = self.calendar.shift(claim.due_on, claim.federal_state)
            yield last_day + timedelta(timing.after_due_days)
        if (notice := claim.last_notice) is None:
            return
        yield notice.sent_on + timedelta(max(timing.after_previous_days or 0, self.minimum_gap_days))
        if notice.pay_until is not None and timing.after_deadline_days is not None:
            yield notice.pay_until + timedelta(timing.after_deadline_days)
        if notice.pay_until is not None and timing.after_deadline_bank_days is not None:
            yield self.calendar.add_bank_days(notice.pay_until, timing.after_deadline_bank_days)

    def _days_of_facts(self, claim: Claim) -> Iterator[date]:
        """The days before which what happened to the claim allows no step."""
        if claim.delivered_on is not None:
            yield claim.delivered_on + timedelta(self.after_delivery_days)
        if claim.last_answered_on is not None:
            yield claim.last_answered_on + timedelta(self.after_answer_days)
        for line in claim.lines:
            if line.kind is LineKind.RETURNED_PAYMENT:
                yield line.on + timedelta(self.after_return_days)

    def default_of(self, claim: Claim) -> Default | None:
        """The claim's default, by whatever route comes first (§ 286 BGB)."""
        agreed, event_on, days = self._agreement(claim)
        return default_of(
            DefaultFacts(
                debtor=claim.debtor,
                due_on=claim.due_on,
                debtor_state=claim.federal_state,
                agreed=agreed,
                period_event_on=event_on,
                period_days=days,
                invoice_received_on=self._invoice_received_on(claim),
                performed_on=_performed_on(claim),
                notice_286_3=claim.notice_286_3 or _day(claim, EvidenceKind.NOTICE_286_3) is not None,
                notices=tuple(_served(notice) for notice in claim.notices),
                refused_on=_day(claim, EvidenceKind.REFUSAL),
                served_by_court_on=_day(claim, EvidenceKind.COURT_SERVICE),
                free=claim.default_free,
            ),
            self.calendar,
        )

    def _agreement(self, claim: Claim) -> tuple[Agreement, date | None, int | None]:
        """What was agreed, and of a period its event and its days; a period whose event nobody knows helps nobody."""
        if _day(claim, EvidenceKind.DATE_AGREED) is not None:
            return Agreement.DATE, None, None
        if claim.agreed is not Agreement.NONE or self.agreed_term is None:
            return claim.agreed, None, None
        event_on = _performed_on(claim) if self.agreed_term.from_delivery else self._invoice_received_on(claim)
        if event_on is None:
            return Agreement.NONE, None, None
        return Agreement.PERIOD, event_on, self.agreed_term.days

    def _invoice_received_on(self, claim: Claim) -> date | None:
        """By a person's word, the shop's record, or as the channel has it."""
        if (known := _day(claim, EvidenceKind.INVOICE_RECEIVED) or claim.received_on) is not None:
            return known
        if claim.issued_on is None:
            return None
        return assumed_receipt(self.invoice_channel, claim.issued_on, claim.debtor, self.calendar, claim.federal_state)


def _performed_on(claim: Claim) -> date | None:
    return _day(claim, EvidenceKind.DELIVERED) or claim.delivered_on


def _day(claim: Claim, kind: EvidenceKind) -> date | None:
    evidence: Evidence | None = last_of(kind, claim.evidence)
    return evidence.on if evidence is not None else None


def _served(notice: SentNotice) -> NoticeServed:
    """A friendly reminder, and a letter of which nobody knows what it said, never help the creditor."""
    return NoticeServed(
        evidence=notice.effect_id,
        sent_on=notice.sent_on,
        channel=notice.channel,
        pay_until=notice.pay_until,
        counts=notice.template in (Template.SECOND_NOTICE, Template.FINAL_WARNING),
        came_back=notice.came_back,
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """All procedures of the house, and the guards of a run."""

    version: str
    """Hash of the file; stored with every decision."""
    procedures: dict[tuple[str, DebtorKind], Procedure]
    """By country and debtor kind."""
    currency: str = "EUR"
    guards: RunGuards = field(default_factory=RunGuards)

    def procedure_for(self, claim: Claim) -> Procedure | None:
        """The claim's procedure; None where its country has none."""
        return self.procedures.get((claim.country, claim.debtor.treated_as))
