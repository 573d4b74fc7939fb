"""The one place that decides the next step of a claim. Pure: the day is an argument, every "no" has its reasons.

Counts from the claim's own dates, never from the day this runs: a late run delays a notice and skips none.
"""

from dataclasses import dataclass
from datetime import date

from dunning.claim import Claim
from dunning.costs import CostRecord, new_cost_lines, notice_fee_cents
from dunning.default import Channel
from dunning.errors import BaseRateUnknown
from dunning.interest import InterestStatement
from dunning.ledger import Line, LineKind
from dunning.lifecycle import State
from dunning.notice import NoticeAmounts, Template
from dunning.procedure import HandOverRule, Level, Policy, Procedure, Step
from dunning.reasons import Reason


@dataclass(frozen=True, slots=True)
class SendNotice:
    """Send this notice today."""

    level: int
    template: Template
    pay_until: date | None
    amounts: NoticeAmounts
    channel: Channel = Channel.EMAIL
    cost: CostRecord | None = None
    """What the letter costs, where the notice charges it."""
    interest: InterestStatement | None = None
    """How the interest among the amounts was computed."""


@dataclass(frozen=True, slots=True)
class ProposeHandOver:
    """Ask a person whether the claim goes to the agency."""

    open_cents: int


@dataclass(frozen=True, slots=True)
class Wait:
    """The day of the next step has not come."""

    until: date


@dataclass(frozen=True, slots=True)
class Blocked:
    """The day may have come, but something stands in the way: every reason, not the first."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to do."""

    reason: Reason


Decision = SendNotice | ProposeHandOver | Wait | Blocked | Nothing


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision needs to know beyond the claim."""

    bank_data_until: date | None = None
    """The day up to which payments are known; None: never imported."""
    sender_complete: bool = True
    """Whether the creditor's own data that a letter must show are all there."""


RESTING: dict[State, Reason] = {
    State.NOTICE_UNDER_WAY: Reason.STEP_UNDER_WAY,
    State.HAND_OVER_PROPOSED: Reason.HAND_OVER_PROPOSED,
    State.TRANSFER_UNDER_WAY: Reason.STEP_UNDER_WAY,
    State.AT_AGENCY: Reason.ALREADY_AT_AGENCY,
    State.IN_MANUAL_HANDS: Reason.IN_MANUAL_HANDS,
}
"""States in which the ladder does not move."""


def decide(claim: Claim, policy: Policy, as_of: date, circumstances: Circumstances) -> Decision:
    """Decide the next step of one claim on one day."""
    procedure = policy.procedure_for(claim)
    if claim.state is State.SETTLED or claim.open_principal_cents <= (procedure.tolerance_cents if procedure else 0):
        return Nothing(Reason.SETTLED)
    blocks = _standing_blocks(claim, policy, as_of)
    if procedure is None:
        return Blocked((*blocks, Reason.COUNTRY_WITHOUT_POLICY))
    following, day = procedure.next_step(claim), procedure.dunnable_from(claim)
    if following is None or day is None:
        return Blocked(blocks) if blocks else Nothing(Reason.LADDER_FINISHED)
    number, step = following
    if as_of < (day := procedure.calendar.first_loud_day(max(day, as_of))):
        return Blocked(blocks) if blocks else Wait(until=day)
    if blocks := (*blocks, *_step_blocks(claim, procedure, step, as_of, circumstances)):
        return Blocked(blocks)
    if isinstance(step, HandOverRule):
        return ProposeHandOver(claim.open_cents)
    return _notice(claim, procedure, number, step, as_of)


def next_look(claim: Claim, policy: Policy) -> date | None:
    """The day from which a run must look at the claim; None: not before something changes.

    Never later than the first day on which `decide` would act.
    """
    procedure = policy.procedure_for(claim)
    if procedure is None or claim.state is not State.OPEN:
        return None
    return None if claim.open_principal_cents <= procedure.tolerance_cents else procedure.dunnable_from(claim)


def _standing_blocks(claim: Claim, policy: Policy, as_of: date) -> tuple[Reason, ...]:
    """What stands in the way of any step, whatever its day."""
    blocks = list(claim.holds_on(as_of))
    if at_rest := claim.effect_block or RESTING.get(claim.state):
        blocks.append(at_rest)  # an open claim too: its payment may come back before its message's fate is known
    if not claim.owned:
        blocks.append(Reason.NOT_OWNED)
    if claim.prepayment:
        blocks.append(Reason.PREPAYMENT)
    if claim.delivered_on is not None and as_of < claim.delivered_on:
        blocks.append(Reason.NOT_DELIVERED)
    if claim.currency != policy.currency:
        blocks.append(Reason.CURRENCY_WITHOUT_POLICY)
    if as_of > claim.limitation_ends_on:
        blocks.append(Reason.LIMITATION_PASSED)
    return tuple(blocks)


def _step_blocks(
    claim: Claim, procedure: Procedure, step: Step, as_of: date, circumstances: Circumstances
) -> tuple[Reason, ...]:
    """What stands in the way of this step although its day has come."""
    blocks = []
    if claim.open_principal_cents < step.min_open_cents:
        blocks.append(Reason.BELOW_MINIMUM)
    if not is_fresh(procedure, as_of, circumstances.bank_data_until):
        blocks.append(Reason.BANK_DATA_STALE)
    if isinstance(step, Level) and not claim.has_email:
        blocks.append(Reason.ADDRESS_MISSING)
    if isinstance(step, Level) and not circumstances.sender_complete:
        blocks.append(Reason.SENDER_INCOMPLETE)
    if isinstance(step, HandOverRule) and not _was_warned(claim, procedure):
        blocks.append(Reason.FINAL_WARNING_MISSING)
    if isinstance(step, HandOverRule) and 0 <= (claim.limitation_ends_on - as_of).days < step.limitation_days:
        blocks.append(Reason.LIMITATION_NEAR)
    if isinstance(step, HandOverRule) and not claim.in_default_on(as_of):
        blocks.append(Reason.NOT_IN_DEFAULT)  # without default the agency's cost is nobody's damage
    if _demands_interest(claim, step) and not _interest_is_known(claim, as_of):
        blocks.append(Reason.BASE_RATE_UNKNOWN)
    return tuple(blocks)


def _demands_interest(claim: Claim, step: Step) -> bool:
    """Whether the step names a sum of interest: one that demands it, or must show what was paid or waived of it."""
    if isinstance(step, HandOverRule) or step.demands_interest:
        return True
    paid_cents = sum(each.interest_cents for each in claim.account.credited)
    return paid_cents + claim.account.waived_interest_cents > 0


def _interest_is_known(claim: Claim, as_of: date) -> bool:
    try:
        claim.interest_statement(as_of)
    except BaseRateUnknown:
        return False
    return True


def _was_warned(claim: Claim, procedure: Procedure) -> bool:
    """Whether the last notice was the ladder's last letter: house rules may have changed since it left."""
    last = claim.last_notice
    return last is not None and last.template in (None, procedure.levels[-1].template)


def is_fresh(procedure: Procedure, as_of: date, bank_data_until: date | None) -> bool:
    """Whether payments are known up to the bank day that the procedure demands (the last one, by default)."""
    if procedure.bank_data_max_age_bank_days is None:
        return True
    needed = as_of
    for _ in range(procedure.bank_data_max_age_bank_days):
        needed = procedure.calendar.previous_bank_day(needed)
    return bank_data_until is not None and bank_data_until >= needed


def _notice(claim: Claim, procedure: Procedure, number: int, level: Level, as_of: date) -> SendNotice:
    """The notice of a level, dated today, with today's amounts."""
    costs = _new_costs(claim, procedure, level, as_of)
    interest = claim.interest_statement(as_of) if _demands_interest(claim, level) else None
    owed = (Line(LineKind.INTEREST, as_of, interest.cents),) if interest is not None and interest.cents else ()
    pay_until = None
    if level.pay_within_days is not None:
        pay_until = procedure.calendar.end_of_period(as_of, level.pay_within_days, claim.federal_state)
    return SendNotice(
        number,
        level.template,
        pay_until,
        _amounts(claim, (*claim.lines, *costs, *owed)),
        level.channel,
        level.cost if any(line.kind is LineKind.FEE for line in costs) else None,
        interest if owed else None,
    )


def _new_costs(claim: Claim, procedure: Procedure, level: Level, as_of: date) -> tuple[Line, ...]:
    """What this notice adds to the side costs: nothing before default, nothing for repeating what was sent before."""
    if claim.notice_was_overtaken:
        return ()
    in_default = claim.in_default_on(as_of)
    fee_cents = notice_fee_cents(
        level.cost,
        template=level.template,
        channel=level.channel,
        debtor=claim.debtor,
        in_default=in_default,
        cap_cents=procedure.fee_cap_cents,
    )
    return new_cost_lines(
        claim.lines,
        as_of,
        fee_cents=fee_cents,
        fee_note=level.cost.provider if level.cost else "",
        debtor=claim.debtor,
        in_default=in_default,
        for_payment=True,
        demands_lump_sum=level.demands_lump_sum,
    )


def _amounts(claim: Claim, lines: tuple[Line, ...]) -> NoticeAmounts:
    """The lines, with what earlier payments were credited to (§ 367 BGB)."""
    account = claim.account
    return NoticeAmounts(
        lines,
        paid_to_costs_cents=sum(each.costs_cents for each in account.credited),
        paid_to_interest_cents=sum(each.interest_cents for each in account.credited),
        waived_interest_cents=account.waived_interest_cents,
    )
