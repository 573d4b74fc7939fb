"""What an effect's fate means for its claim, kind by kind, inside the transaction that marks the effect."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from dunning.claim import SentNotice
from dunning.effects import EffectKind, EffectStatus
from dunning.errors import RuleViolation
from dunning.ledger import COST_KINDS, LineKind
from dunning.lifecycle import Event
from dunning.procedure import Policy
from tasks.clock import berlin_day
from tasks.outbox import effects
from tasks.outbox.frozen import frozen_text
from tasks.store import audit, changes, facts
from tasks.store.tables import ClaimRow, CostRow, EffectRow, HandOverRow, LedgerEntryRow


def sent(session: Session, effect: EffectRow, policy: Policy, actor: str, at: datetime) -> None:
    """The effect happened: the level rises, the fee is booked, or the agency has the case."""
    match EffectKind(effect.kind):
        case EffectKind.NOTICE_MAIL:
            _book_costs(session, effect, at)
            _change(session, effect, policy, actor, Event.NOTICE_SENT, at, facts.sent_notice(effect))
        case EffectKind.AGENCY_CASE:
            hand_over = _hand_over(session, effect)
            hand_over.status, hand_over.case_number, hand_over.updated_at = (
                "transferred",
                effect.provider_id,
                at,
            )
            _change(session, effect, policy, actor, Event.TRANSFERRED, at)
            report_to_agency(session, effect.claim_id, at)
        case EffectKind.AGENCY_PAYMENT:
            facts.lock(session, [effect.claim_id])  # a booking counts what was told: before this, or after it
            hand_over = _hand_over(session, effect)
            hand_over.open_cents, hand_over.updated_at = hand_over.open_cents - effect.amount_cents, at
            audit.append(
                session,
                [audit.Entry(actor, f"hand-over {hand_over.id}", "payment_reported", effect_id=effect.id)],
                at,
            )


def dropped(session: Session, effect: EffectRow, policy: Policy, actor: str, reason: str, at: datetime) -> None:
    """The effect certainly did not happen and will not: the claim goes back to where it was decided."""
    effect.last_error = reason
    match EffectKind(effect.kind):
        case EffectKind.NOTICE_MAIL:
            _change(session, effect, policy, actor, Event.NOTICE_DROPPED, at)
        case EffectKind.AGENCY_CASE:
            hand_over = _hand_over(session, effect)
            if hand_over.status == "approved":  # a refused one has gone into manual hands already
                hand_over.status, hand_over.last_error, hand_over.updated_at = "lapsed", reason, at
                _change(session, effect, policy, actor, Event.PROPOSAL_LAPSED, at)
        case EffectKind.AGENCY_PAYMENT:
            audit.append(session, [audit.Entry(actor, f"effect {effect.id}", "dropped", reason=reason)], at)
            report_to_agency(session, effect.claim_id, at)  # the agency must learn of it all the same


def refused(session: Session, effect: EffectRow, policy: Policy, actor: str, reason: str, at: datetime) -> None:
    """The other side said no: a notice blocks its claim for staff, a refused case goes into manual hands."""
    effect.last_error = reason
    if effect.kind == EffectKind.AGENCY_CASE:
        hand_over = _hand_over(session, effect)
        hand_over.status, hand_over.last_error, hand_over.updated_at = "refused", reason, at
        _change(session, effect, policy, actor, Event.TRANSFER_REFUSED, at)


def report_to_agency(session: Session, claim_id: int, at: datetime) -> str | None:
    """Record a report of what was paid since the agency was told the balance; None where there is nothing to tell.

    Counts from balances, not from events: called twice it reports once. The balance is the ledger's own, since the
    agency credits payments to costs and interest itself.
    """
    facts.lock(session, [claim_id])
    hand_over = session.exec(
        select(HandOverRow)
        .where(HandOverRow.claim_id == claim_id, HandOverRow.status == "transferred")
        .execution_options(populate_existing=True)
    ).first()
    if hand_over is None:
        return None
    claim = session.exec(
        select(ClaimRow).where(ClaimRow.id == claim_id).execution_options(populate_existing=True)
    ).one()
    balance_cents = _balance(session, claim_id)
    told = session.exec(
        select(EffectRow).where(
            EffectRow.claim_id == claim_id,
            EffectRow.kind == EffectKind.AGENCY_PAYMENT,
            col(EffectRow.status).not_in([EffectStatus.CANCELLED]),
        )
    ).all()
    pending = sum(effect.amount_cents for effect in told if effect.status != EffectStatus.SENT)
    paid_cents = hand_over.open_cents - pending - balance_cents
    if paid_cents <= 0:
        return None
    occurrence = effects.occurrences(session, EffectKind.AGENCY_PAYMENT, [claim_id])[claim_id, 0]
    value_on = _last_payment_on(session, claim_id)
    effect = effects.NewEffect(
        kind=EffectKind.AGENCY_PAYMENT,
        claim_id=claim_id,
        claim_number=claim.number,
        claim_version=claim.version,
        level=0,
        occurrence=occurrence,
        payload=frozen_text(
            {
                "case_number": hand_over.case_number,
                "amount_cents": paid_cents,
                "value_on": value_on.isoformat(),
            }
        ),
        amount_cents=paid_cents,
        business_date=value_on,
        hand_over_id=hand_over.id,
        expires=False,
    )
    return effects.record(session, [effect], at)[0]


def came_back(session: Session, effect: EffectRow, policy: Policy, actor: str, reason: str, at: datetime) -> None:
    """A notice that had left came back undelivered: no level, no deadline, no default, no costs of it remain.

    Its costs go as of the day they were charged: a payment made since is credited as if they never were. The fee is
    waived, for the letter did cost it; the lump sum is taken back, so that the next notice may demand it.
    """
    effects.move(effect, EffectStatus.CAME_BACK)
    effect.came_back_on, effect.last_error = berlin_day(at), reason
    # what was waived already goes no second time, whether it was paid or not
    left_cents = _balance(session, effect.claim_id, [*COST_KINDS, LineKind.WAIVER])
    for kind, booked_as in ((LineKind.FEE, LineKind.WAIVER), (LineKind.LUMP_SUM, LineKind.LUMP_SUM)):
        if (cents := min(_booked(session, effect, kind), left_cents)) > 0:
            session.add(_entry(effect, booked_as, -cents, effect.business_date, at, "came back"))
            left_cents -= cents
    _change(session, effect, policy, actor, Event.NOTICE_CAME_BACK, at)


def _booked(session: Session, effect: EffectRow, kind: LineKind) -> int:
    """What was booked of a kind when the message was sent, in cents."""
    query = select(LedgerEntryRow.cents).where(LedgerEntryRow.fingerprint == f"{kind}|{effect.id}")
    return session.exec(query).first() or 0


def _book_costs(session: Session, effect: EffectRow, at: datetime) -> None:
    """The fee with the record of what the letter cost, and what the lump sum adds or takes back.

    Nothing where the default that both rested on has gone while the letter's fate was unknown.
    """
    claim = session.exec(
        select(ClaimRow).where(ClaimRow.id == effect.claim_id).execution_options(populate_existing=True)
    ).one()
    if claim.default_from is None or claim.default_from > effect.business_date:
        return
    if effect.fee_cents:
        cost = CostRow(claim_id=effect.claim_id, effect_id=effect.id, **effect.cost)
        session.add(cost)
        session.flush()
        fee = _entry(effect, LineKind.FEE, effect.fee_cents, effect.business_date, at)
        fee.cost_id, fee.note = cost.id, cost.provider
        session.add(fee)
    if effect.lump_sum_cents:
        session.add(_entry(effect, LineKind.LUMP_SUM, effect.lump_sum_cents, effect.business_date, at))


def _entry(effect: EffectRow, kind: LineKind, cents: int, on: date, at: datetime, why: str = "sent") -> LedgerEntryRow:
    """A booking of a message: each kind once when it is sent, and once more when it comes back."""
    return LedgerEntryRow(
        claim_id=effect.claim_id,
        kind=kind,
        value_on=on,
        cents=cents,
        fingerprint=f"{kind}|{effect.id}" if why == "sent" else f"{kind}|{effect.id}|{why}",
        booked_at=at,
    )


def _change(
    session: Session,
    effect: EffectRow,
    policy: Policy,
    actor: str,
    event: Event,
    at: datetime,
    notice: SentNotice | None = None,
) -> None:
    change = changes.Change(
        effect.claim_id, actor, effect.last_error or effect.evidence, event, notice, effect_id=effect.id
    )
    changes.apply(session, [change], policy, at)


def _hand_over(session: Session, effect: EffectRow) -> HandOverRow:
    row = session.get(HandOverRow, effect.hand_over_id)
    if row is None:
        raise RuleViolation(f"effect {effect.id} belongs to no hand-over")
    return row


def _balance(session: Session, claim_id: int, kinds: Sequence[LineKind] = tuple(LineKind)) -> int:
    """The sum of a claim's bookings of these kinds, in cents."""
    total = select(func.coalesce(func.sum(LedgerEntryRow.cents), 0)).where(
        LedgerEntryRow.claim_id == claim_id, col(LedgerEntryRow.kind).in_(kinds)
    )
    return int(session.exec(total).one())


def _last_payment_on(session: Session, claim_id: int) -> date:
    entry = session.exec(
        select(LedgerEntryRow)
        .where(
            LedgerEntryRow.claim_id == claim_id,
            LedgerEntryRow.cents < 0,
        )
        .order_by(col(LedgerEntryRow.id).desc())
        .limit(1)
    ).first()
    if entry is None:
        raise RuleViolation("a balance fell without a booking")
    return entry.value_on
