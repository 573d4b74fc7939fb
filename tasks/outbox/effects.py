"""The effect table: every move of an effect, each one short transaction or a part of one.

ready -> claimed (lease) -> sending (last look passed, committed before the call) -> sent, ready, failed or uncertain.
A crashed worker's `claimed` rows go back to ready (never tried), its `sending` rows become uncertain (maybe tried).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, or_, update
from sqlmodel import Session, col, select

from dunning.costs import CostRecord
from dunning.default import Channel
from dunning.effects import EffectKind, EffectStatus, check_move, effect_id
from tasks.outbox.frozen import sha256_of
from tasks.store.tables import AttemptRow, EffectRow

LEASE = timedelta(seconds=120)
"""How long a worker may keep an effect; longer than the longest call."""
EXPIRES_AFTER = timedelta(hours=20)
"""A notice that has not left by then is decided anew."""


@dataclass(frozen=True, slots=True)
class NewEffect:
    """An effect to be recorded in the transaction that decides it."""

    kind: EffectKind
    claim_id: int
    claim_number: str
    claim_version: int
    """The version that the claim has after the deciding transaction."""
    level: int
    occurrence: int
    payload: str
    amount_cents: int
    business_date: date
    pay_until: date | None = None
    template: str = ""
    channel: Channel = Channel.EMAIL
    fee_cents: int = 0
    lump_sum_cents: int = 0
    interest_cents: int = 0
    cost: CostRecord | None = None
    run_id: int | None = None
    hand_over_id: int | None = None
    expires: bool = True

    @property
    def demanded_cents(self) -> int:
        """What a notice asks for: the balance, what it adds to the side costs, and the interest of its day."""
        return self.amount_cents + self.fee_cents + self.lump_sum_cents + self.interest_cents

    @property
    def id(self) -> str:
        """The derived id."""
        return str(effect_id(self.kind, self.claim_number, self.level, self.occurrence))


def occurrences(session: Session, kind: EffectKind, claim_ids: Sequence[int]) -> Counter[tuple[int, int]]:
    """How many effects of this kind each (claim, level) has had: the next one's occurrence."""
    rows = session.exec(
        select(EffectRow.claim_id, EffectRow.level, func.count())
        .where(EffectRow.kind == kind, col(EffectRow.claim_id).in_(claim_ids))
        .group_by(col(EffectRow.claim_id), col(EffectRow.level))
    )
    return Counter({(claim_id, level): count for claim_id, level, count in rows})


def record(session: Session, new: Sequence[NewEffect], at: datetime) -> list[str]:
    """Insert effects as ready; a second one of the same name is refused by the database. Returns their ids."""
    rows = [
        {
            "id": effect.id,
            "kind": effect.kind,
            "claim_id": effect.claim_id,
            "level": effect.level,
            "occurrence": effect.occurrence,
            "payload": effect.payload,
            "payload_sha256": sha256_of(effect.payload),
            "amount_cents": effect.amount_cents,
            "claim_version": effect.claim_version,
            "business_date": effect.business_date,
            "pay_until": effect.pay_until,
            "template": effect.template,
            "channel": effect.channel,
            "fee_cents": effect.fee_cents,
            "lump_sum_cents": effect.lump_sum_cents,
            "interest_cents": effect.interest_cents,
            "cost": asdict(effect.cost) if effect.cost else {},
            "run_id": effect.run_id,
            "hand_over_id": effect.hand_over_id,
            "decided_at": at,
            "expires_at": at + EXPIRES_AFTER if effect.expires else None,
        }
        for effect in new
    ]
    if rows:
        session.connection().execute(insert(EffectRow), rows)
    return [effect.id for effect in new]


def waiting(session: Session, kinds: Sequence[EffectKind], business_date: date | None = None) -> list[str]:
    """Ids of the effects that are ready, by id; only those of one business date where one is given."""
    query = select(EffectRow.id).where(EffectRow.status == EffectStatus.READY, col(EffectRow.kind).in_(kinds))
    if business_date is not None:
        query = query.where(EffectRow.business_date == business_date)
    return list(session.exec(query.order_by(col(EffectRow.id))))


def lease(session: Session, effect_ids: Sequence[str], worker: str, at: datetime) -> list[str]:
    """Take those of the effects that are ready and whose time has come; nobody else can have them meanwhile."""
    free = session.exec(
        select(EffectRow.id)
        .where(
            col(EffectRow.id).in_(effect_ids),
            EffectRow.status == EffectStatus.READY,
            or_(col(EffectRow.not_before).is_(None), col(EffectRow.not_before) <= at),
        )
        .with_for_update(skip_locked=True)
    ).all()
    session.connection().execute(
        update(EffectRow)
        .where(col(EffectRow.id).in_(free))
        .values(
            status=EffectStatus.CLAIMED,
            worker=worker,
            lease_until=at + LEASE,
            attempts=col(EffectRow.attempts) + 1,
        )
    )
    taken = set(free)
    return [each for each in effect_ids if each in taken]


def still(session: Session, effect_id: str, *statuses: EffectStatus) -> EffectRow | None:
    """The locked row where the effect is in one of these statuses, whoever had it; None: it moved on."""
    return session.exec(
        select(EffectRow)
        .where(EffectRow.id == effect_id, col(EffectRow.status).in_(statuses))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def held(session: Session, effect_id: str, worker: str, status: EffectStatus) -> EffectRow | None:
    """The locked row where this worker still holds the effect in this status; None: somebody else resolved it."""
    return session.exec(
        select(EffectRow)
        .where(EffectRow.id == effect_id, EffectRow.worker == worker, EffectRow.status == status)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def move(row: EffectRow, target: EffectStatus) -> None:
    """Change the status where the table of moves allows it; a lease ends with every state that needs none."""
    check_move(EffectStatus(row.status), target)
    row.status = target
    if target not in (EffectStatus.CLAIMED, EffectStatus.SENDING):
        row.lease_until = None


def note_attempt(
    session: Session,
    row: EffectRow,
    outcome: str,
    at: datetime,
    reason: str = "",
    http_status: int | None = None,
) -> None:
    """Add a line to the effect's attempts; `started` before the call, the outcome after it."""
    session.add(
        AttemptRow(
            effect_id=row.id,
            n=row.attempts,
            at=at,
            worker=row.worker,
            outcome=outcome,
            reason=reason,
            http_status=http_status,
        )
    )


def reap(session: Session, before: datetime, kinds: Sequence[EffectKind] = tuple(EffectKind)) -> tuple[int, int]:
    """Free what crashed workers left behind: effects of these kinds whose lease ends before that instant.

    Returns how many went back to ready and how many became uncertain.
    """
    lost = (col(EffectRow.lease_until) < before, col(EffectRow.kind).in_(kinds))
    again = session.connection().execute(
        update(EffectRow)
        .where(EffectRow.status == EffectStatus.CLAIMED, *lost)  # type: ignore[arg-type]
        .values(status=EffectStatus.READY, lease_until=None)
    )
    uncertain = session.connection().execute(
        update(EffectRow)
        .where(EffectRow.status == EffectStatus.SENDING, *lost)  # type: ignore[arg-type]
        .values(status=EffectStatus.UNCERTAIN, lease_until=None, last_error="worker_lost")
    )
    return again.rowcount, uncertain.rowcount


def stale(session: Session, as_of: date, at: datetime) -> list[str]:
    """Ids of the ready effects that expired or belong to an earlier business day: they are to be decided anew."""
    query = select(EffectRow.id).where(
        EffectRow.status == EffectStatus.READY,
        col(EffectRow.expires_at).is_not(None),
        or_(col(EffectRow.expires_at) <= at, col(EffectRow.business_date) < as_of),
    )
    return list(session.exec(query.order_by(col(EffectRow.id))))
