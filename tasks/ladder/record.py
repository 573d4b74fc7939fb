"""Record decisions, effects and steps: one transaction a chunk, each claim compared and swapped on its version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, col, select

from dunning.decision import Blocked, Circumstances, Decision, Nothing, ProposeHandOver, SendNotice, Wait
from dunning.effects import EffectKind, effect_id
from dunning.errors import InputRejected, RuleViolation, SettingsInvalid
from dunning.ledger import LineKind
from dunning.lifecycle import Event
from dunning.reasons import Reason
from tasks.ladder.letters import frozen_mail, notice_of
from tasks.ladder.survey import Answer, answer_word, instead
from tasks.outbox import effects
from tasks.store import changes, facts
from tasks.store.tables import ClaimRow, DecisionRow, HandOverRow
from tasks.world import World

CHUNK = 200
"""Steps per transaction."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded: effect ids in order, and the answers as they were recorded."""

    effect_ids: tuple[str, ...]
    answers: tuple[Answer, ...]


def record_steps(world: World, answers: Sequence[Answer], run_id: int, as_of: date, seen: Circumstances) -> Recorded:
    """Record the answers that act. Claims that changed since they were looked at are left for the next run."""
    effect_ids: list[str] = []
    recorded: list[Answer] = []
    for start in range(0, len(answers), CHUNK):
        chunk, frozen = _freeze(world, answers[start : start + CHUNK], run_id, as_of, seen)
        with world.store.write() as session:
            current = _unchanged(session, chunk)
            effect_ids += _write(session, world, current, frozen, run_id, as_of)
        recorded += current
    return Recorded(tuple(effect_ids), tuple(recorded))


def record_answers(world: World, answers: Sequence[Answer], run_id: int | None, as_of: date) -> None:
    """Record the answers that do nothing, where they differ from what was answered before."""
    for start in range(0, len(answers), CHUNK):
        with world.store.write() as session:
            _write_decisions(session, world, answers[start : start + CHUNK], run_id, as_of)


def _freeze(
    world: World, answers: Sequence[Answer], run_id: int, as_of: date, seen: Circumstances
) -> tuple[list[Answer], dict[int, effects.NewEffect]]:
    """Render and freeze the notices outside of any write transaction."""
    ids = [answer.claim_id for answer in answers]
    with world.store.read() as session:
        loaded = {found.claim_id: found for found in facts.load(session, ids)}
        counts = effects.occurrences(session, EffectKind.NOTICE_MAIL, ids)
    chunk, frozen = [], {}
    for answer in answers:
        found = loaded[answer.claim_id]
        if isinstance(answer.decision, SendNotice) and found.version == answer.version:
            try:
                occurrence = counts[found.claim_id, answer.decision.level]
                frozen[answer.claim_id] = _mail(world, found, answer.decision, occurrence, run_id, as_of, seen)
            except SettingsInvalid:
                raise
            except Exception as error:  # one claim's trouble, ours included, stops no other claim
                chunk.append(instead(answer, _why_not(error)))
                continue
        chunk.append(answer)
    return chunk, frozen


def _why_not(error: Exception) -> Reason:
    missing = isinstance(error, InputRejected) and error.reason == Reason.ADDRESS_MISSING
    return Reason.ADDRESS_MISSING if missing else Reason.NOTICE_FAULTY


def _mail(
    world: World,
    found: facts.ClaimFacts,
    decision: SendNotice,
    occurrence: int,
    run_id: int,
    as_of: date,
    seen: Circumstances,
) -> effects.NewEffect:
    """The notice as an effect. RuleViolation where it would demand another sum than the ledger and the new costs."""
    number, level = found.claim.number, decision.level
    name = str(effect_id(EffectKind.NOTICE_MAIL, number, level, occurrence))
    effect = effects.NewEffect(
        kind=EffectKind.NOTICE_MAIL,
        claim_id=found.claim_id,
        claim_number=number,
        claim_version=found.version + 1,
        level=level,
        occurrence=occurrence,
        payload=frozen_mail(notice_of(found, decision, as_of, seen.bank_data_until), name, world.settings),
        amount_cents=found.claim.open_cents,
        business_date=as_of,
        pay_until=decision.pay_until,
        template=decision.template,
        channel=decision.channel,
        fee_cents=_new_cents(found, decision, LineKind.FEE),
        lump_sum_cents=_new_cents(found, decision, LineKind.LUMP_SUM),
        interest_cents=decision.amounts.interest_cents,
        cost=decision.cost,
        run_id=run_id,
    )
    if effect.demanded_cents != decision.amounts.total_cents:
        raise RuleViolation(f"the notice of {number} demands another sum than its ledger")
    return effect


def _new_cents(found: facts.ClaimFacts, decision: SendNotice, kind: LineKind) -> int:
    """What the notice adds to the claim's side costs of one kind."""
    before = sum(line.cents for line in found.claim.lines if line.kind is kind)
    return sum(line.cents for line in decision.amounts.lines if line.kind is kind) - before


def _unchanged(session: Session, answers: Sequence[Answer]) -> list[Answer]:
    """The answers whose claims, now locked, still have the version that was decided on."""
    ids = [answer.claim_id for answer in answers]
    facts.lock(session, ids)
    versions = dict(session.exec(select(ClaimRow.id, ClaimRow.version).where(col(ClaimRow.id).in_(ids))).all())
    return [answer for answer in answers if versions.get(answer.claim_id) == answer.version]


def _write(
    session: Session,
    world: World,
    answers: Sequence[Answer],
    frozen: dict[int, effects.NewEffect],
    run_id: int,
    as_of: date,
) -> list[str]:
    at = world.clock.now()
    notices = [frozen[answer.claim_id] for answer in answers if isinstance(answer.decision, SendNotice)]
    effect_ids = effects.record(session, notices, at)
    proposals = [answer for answer in answers if isinstance(answer.decision, ProposeHandOver)]
    _lapse_earlier(session, [answer.claim_id for answer in proposals], at)
    for answer in proposals:
        session.add(
            HandOverRow(
                claim_id=answer.claim_id,
                agency=world.settings.agency_name,
                proposed_on=as_of,
                claim_version=answer.version + 1,
                open_cents=answer.open_cents,
                updated_at=at,
            )
        )
    actor, reason = "dunning run", f"run of {as_of.isoformat()}"
    moves = [
        changes.Change(effect.claim_id, actor, reason, Event.NOTICE_DECIDED, effect_id=effect.id) for effect in notices
    ] + [changes.Change(answer.claim_id, actor, reason, Event.HAND_OVER_PROPOSED) for answer in proposals]
    changes.apply(session, moves, world.policy, at)
    _write_decisions(session, world, answers, run_id, as_of)
    return effect_ids


def _lapse_earlier(session: Session, claim_ids: Sequence[int], at: datetime) -> None:
    """Where the claim was paid, and the payment came back, before anybody answered, the old proposal makes way."""
    session.connection().execute(
        update(HandOverRow)
        .where(col(HandOverRow.claim_id).in_(claim_ids), HandOverRow.status == "proposed")  # type: ignore[arg-type]
        .values(status="lapsed", last_error="the claim was proposed anew", updated_at=at)
    )


def _write_decisions(
    session: Session, world: World, answers: Sequence[Answer], run_id: int | None, as_of: date
) -> None:
    answers = [answer for answer in answers if answer.acts or answer.text != answer.answered_before]
    if not answers:
        return
    at = world.clock.now()
    rows = [
        {
            "run_id": run_id,
            "claim_id": answer.claim_id,
            "decided_on": as_of,
            "claim_version": answer.version,
            "policy_version": world.policy.version,
            "decided_at": at,
            "answer": answer_word(answer.decision),
        }
        | _details(answer.decision)
        for answer in answers
    ]
    session.connection().execute(insert(DecisionRow), rows)
    session.connection().execute(_ANSWER, [{"b_id": each.claim_id, "b_answer": each.text} for each in answers])


def _details(decision: Decision) -> dict[str, object]:
    match decision:
        case SendNotice(level=level, pay_until=pay_until):
            return {"level": level, "reasons": [], "until_on": pay_until}
        case Wait(until=until):
            return {"level": 0, "reasons": [], "until_on": until}
        case Blocked(reasons=reasons):
            return {"level": 0, "reasons": [str(reason) for reason in reasons], "until_on": None}
        case Nothing(reason=reason):
            return {"level": 0, "reasons": [str(reason)], "until_on": None}
        case ProposeHandOver():
            return {"level": 0, "reasons": [], "until_on": None}


_TABLE = ClaimRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at class creation
_ANSWER = update(_TABLE).where(_TABLE.c.id == bindparam("b_id")).values(answer=bindparam("b_answer"))
