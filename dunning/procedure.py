"""A procedure (Mahnverfahren): the steps of the ladder and their conditions, as house rules in frozen values.

Where a step gives several conditions, the latest day decides.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from dunning.calendar import Calendar
from dunning.claim import Claim
from dunning.debtor import DebtorKind
from dunning.guards import RunGuards
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
    fee_cents: int = 0


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
    bank_data_max_age_bank_days: int | None = None
    """Older bank data block every step; None: not checked."""

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

    def step_after(self, level: int) -> Step | None:
        """The step that follows a level; None where the ladder ends."""
        return self.levels[level] if level < len(self.levels) else self.hand_over

    def dunnable_from(self, claim: Claim) -> date | None:
        """The first day on which the claim's next step may be taken, never a quiet day; None: no step is left."""
        if (step := self.step_after(claim.level)) is None:
            return None
        timing, days = step.timing, []
        if timing.after_due_days is not None:
            last_day = self.calendar.shift(claim.due_on, claim.federal_state)
            days.append(last_day + timedelta(timing.after_due_days))
        if (notice := claim.last_notice) is not None:
            days.append(notice.sent_on + timedelta(max(timing.after_previous_days or 0, self.minimum_gap_days)))
            if notice.pay_until is not None and timing.after_deadline_days is not None:
                days.append(notice.pay_until + timedelta(timing.after_deadline_days))
            if notice.pay_until is not None and timing.after_deadline_bank_days is not None:
                days.append(self.calendar.add_bank_days(notice.pay_until, timing.after_deadline_bank_days))
        return self.calendar.first_loud_day(max(days))


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
