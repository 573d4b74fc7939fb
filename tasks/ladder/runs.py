"""The run of one business day: opened once a day, guarded, planned, recorded."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from dunning.decision import Blocked, Circumstances, ProposeHandOver, SendNotice
from dunning.effects import EffectKind, EffectStatus
from dunning.errors import RuleViolation, RunRefused
from dunning.guards import RunFigures, RunGuards, breaker
from dunning.lifecycle import State
from dunning.reasons import Reason
from tasks.ladder.new_rates import follow_new_rates
from tasks.ladder.record import record_answers, record_steps
from tasks.ladder.survey import Answer, answer_word, circumstances, due_claims, figures, instead, survey
from tasks.store import audit, changes
from tasks.store.tables import ClaimRow, DunningRunRow, EffectRow, HandOverRow
from tasks.world import World


@dataclass(frozen=True, slots=True)
class ListApproval:
    """A person's yes to exactly the list that the circuit breaker stopped."""

    list_sha256: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run decided. Without `run_id` it was a dry run and nothing was written."""

    as_of: date
    answers: tuple[Answer, ...]
    run_id: int | None = None
    effect_ids: tuple[str, ...] = ()
    held_because: tuple[str, ...] = ()
    list_sha256: str = ""
    circumstances: Circumstances = field(default_factory=Circumstances)

    @property
    def counts(self) -> Counter[str]:
        """Claims per answer."""
        return Counter(answer_word(answer.decision) for answer in self.answers)

    def has(self, reason: Reason) -> bool:
        """Whether a claim was blocked for this reason."""
        return any(isinstance(each.decision, Blocked) and reason in each.decision.reasons for each in self.answers)


def open_run(world: World, as_of: date) -> int:
    """Open the day's run, or go on with it. RunRefused for a day before the last run or after today."""
    if as_of > world.clock.today():
        raise RunRefused("run_in_the_future", f"{as_of} has not come", "start the run on its day, or as a dry run")
    with world.store.write() as session:
        last = session.exec(select(func.max(DunningRunRow.business_date))).one()
        if last is not None and as_of < last:
            raise RunRefused(
                "run_before_last_run",
                f"a run of {as_of} would come after that of {last}",
                "leave out the date: a run decides from today's facts and skips no step",
            )
        run = session.exec(select(DunningRunRow).where(DunningRunRow.business_date == as_of)).first()
        if run is None:
            run = DunningRunRow(business_date=as_of, started_at=world.clock.now(), policy_version=world.policy.version)
            session.add(run)
        run.passes += 1
        run.policy_version = world.policy.version
        session.flush()
        assert run.id is not None
        return run.id


def follow_new_policy(world: World) -> int:
    """Compute the next day of every open claim anew where it was computed by other house rules; returns how many.

    Of those that bear interest, first what was credited before a base rate was confirmed.
    """
    done = follow_new_rates(world)
    while True:
        with world.store.write() as session:
            ids = session.exec(
                select(ClaimRow.id)
                .where(ClaimRow.state == State.OPEN, ClaimRow.policy_version != world.policy.version)
                .limit(500)
            ).all()
            changes.recompute(session, [claim_id for claim_id in ids if claim_id is not None], world.policy)
        if not ids:
            return done
        done += len(ids)


def plan(
    world: World,
    as_of: date,
    *,
    run_id: int | None,
    only: Sequence[str] = (),
    approval: ListApproval | None = None,
) -> Plan:
    """Decide for every claim whose day has come, and record it under the run; without a run only look.

    RunRefused `list_changed` where an approval was given for another list than today's.
    """
    with world.store.read() as session:
        seen = circumstances(session, world.settings)
        answers = survey(session, due_claims(session, as_of, only), world.policy, as_of, seen)
        done, history = _done_on(session, as_of), _history(session, as_of)
    answers = _capped(answers, world.policy.guards, done)
    list_sha256 = list_hash(answers)
    held = breaker(_with(figures(answers), done), history, world.policy.guards)
    if approval is not None:
        _check_approval(approval, list_sha256, held)
        held = ()
    if held:
        answers = [instead(each, Reason.RUN_NOT_APPROVED) if each.acts else each for each in answers]
    if run_id is None:
        return Plan(as_of, tuple(answers), held_because=held, list_sha256=list_sha256, circumstances=seen)
    recorded = record_steps(world, [each for each in answers if each.acts], run_id, as_of, seen)
    record_answers(world, [each for each in answers if not each.acts], run_id, as_of)
    result = Plan(
        as_of,
        recorded.answers + tuple(each for each in answers if not each.acts),
        run_id,
        recorded.effect_ids,
        held,
        list_sha256,
        seen,
    )
    _note(world, result, approval)
    return result


def close_run(world: World, run_id: int) -> None:
    """Note the end of a run."""
    with world.store.write() as session:
        run = session.get(DunningRunRow, run_id)
        assert run is not None
        run.finished_at = world.clock.now()


def list_hash(answers: Sequence[Answer]) -> str:
    """The hash of a list of steps: which claim, which step, which amount, on which facts."""
    lines = sorted([each.number, each.text, each.open_cents, each.version] for each in answers if each.acts)
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def _capped(answers: Sequence[Answer], guards: RunGuards, done: RunFigures) -> list[Answer]:
    """The answers with the steps above the day's caps left for the next day; the oldest come first."""
    left = {
        SendNotice: guards.notices_a_day - done.notices,
        ProposeHandOver: guards.hand_overs_a_day - done.hand_overs,
    }
    capped = []
    for answer in answers:
        kind = type(answer.decision)
        if kind in left:
            left[kind] -= 1
            answer = instead(answer, Reason.DAILY_CAP) if left[kind] < 0 else answer  # noqa: PLW2901
        capped.append(answer)
    return capped


def _done_on(session: Session, as_of: date) -> RunFigures:
    """What was decided on this day already; cancelled notices count no more."""
    costs_cents = col(EffectRow.fee_cents) + col(EffectRow.lump_sum_cents)
    demanded_cents = col(EffectRow.amount_cents) + costs_cents + col(EffectRow.interest_cents)
    count, cents = session.exec(
        select(func.count(), func.coalesce(func.sum(demanded_cents), 0)).where(
            EffectRow.business_date == as_of,
            EffectRow.kind == EffectKind.NOTICE_MAIL,
            EffectRow.status != EffectStatus.CANCELLED,
        )
    ).one()
    hand_overs = session.exec(select(func.count()).select_from(HandOverRow).where(HandOverRow.proposed_on == as_of))
    return RunFigures(count, hand_overs.one(), int(cents))


def _history(session: Session, as_of: date) -> tuple[RunFigures, ...]:
    """The last runs that planned anything, newest first."""
    rows = session.exec(
        select(DunningRunRow)
        .where(
            col(DunningRunRow.business_date) < as_of,
            or_(col(DunningRunRow.notices) > 0, col(DunningRunRow.hand_overs) > 0),
        )
        .order_by(col(DunningRunRow.business_date).desc())
        .limit(100)
    )
    return tuple(RunFigures(row.notices, row.hand_overs, row.cents) for row in rows)


def _with(planned: RunFigures, done: RunFigures) -> RunFigures:
    """A day's figures with what it did before, so that many small passes trip the breaker as one large one does."""
    if not planned.notices and not planned.hand_overs:
        return planned
    return RunFigures(planned.notices + done.notices, planned.hand_overs + done.hand_overs, planned.cents + done.cents)


def _check_approval(approval: ListApproval, list_sha256: str, held: tuple[str, ...]) -> None:
    if not held:
        raise RunRefused("nothing_to_approve", "this run needs no approval", "start it without one")
    if approval.list_sha256 != list_sha256:
        raise RunRefused(
            "list_changed",
            "the list has changed since it was shown",
            "look at the new list, then approve that one",
        )


def _note(world: World, made: Plan, approval: ListApproval | None) -> None:
    """Write the run's figures, and a person's approval into the audit."""
    looked_at = len(made.answers)
    if sum(made.counts.values()) != looked_at:
        raise RuleViolation("the counts of the run do not add up to the claims looked at")
    planned = figures(made.answers)
    with world.store.write() as session:
        run = session.get(DunningRunRow, made.run_id)
        assert run is not None
        run.looked_at, run.answers = looked_at, dict(made.counts)
        run.notices += planned.notices
        run.hand_overs += planned.hand_overs
        run.cents += planned.cents
        run.held_because, run.list_sha256 = (
            list(made.held_because),
            made.list_sha256 if made.held_because else "",
        )
        if approval is not None:
            run.list_sha256, run.approved_by, run.approval_reason = (
                made.list_sha256,
                approval.person,
                approval.reason,
            )
            subject = f"run {made.as_of.isoformat()}"
            entry = audit.Entry(approval.person, subject, "run_approved", reason=approval.reason)
            audit.append(session, [entry], world.clock.now())
