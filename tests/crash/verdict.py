"""What the other side saw, held against what our database says."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from dunning.effects import PENDING, EffectKind, EffectStatus
from dunning.ledger import LineKind
from tasks.outbox.recovery import unresolved
from tasks.store import audit
from tasks.store.engine import Store
from tasks.store.tables import ClaimRow, EffectRow, HandOverRow, LedgerEntryRow

MAY_HAVE_HAPPENED = (EffectStatus.SENT, EffectStatus.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Figures, and everything that must not be."""

    accepted: int
    sent: int
    listed: int
    """In the list of staff: uncertain or refused."""
    listed_but_accepted: int
    by_look_up: int
    anew: int
    """Sent by a second or later decision, the earlier one having certainly not left."""
    twice: tuple[str, ...]
    lost: tuple[str, ...]
    """Neither accepted nor listed."""
    faults: tuple[str, ...]
    """Anything else in which the database contradicts the other side or itself."""

    def __str__(self) -> str:
        told = f"{self.accepted} accepted, {self.sent} sent, {self.listed} for staff"
        if self.listed_but_accepted:
            told += f" ({self.listed_but_accepted} of them accepted)"
        if self.by_look_up:
            told += f", {self.by_look_up} by look-up"
        if self.anew:
            told += f", {self.anew} decided anew"
        return f"{told}; {len(self.twice)} twice, {len(self.lost)} lost"

    def hold(self) -> None:
        """Never two, never none, and books that are in order."""
        assert not self.twice, f"sent twice: {self.twice}"
        assert not self.lost, f"neither sent nor listed: {self.lost}"
        assert not self.faults, self.faults


def verdict_on_notices(store: Store, journal: list[dict[str, Any]], level: int = 1) -> Verdict:
    """Every claim was due for the notice of this level: it was accepted once, or staff has it on its list."""
    accepted = Counter(line["name"] for line in journal if line["event"] == "accepted")
    with store.read() as session:
        rows = session.exec(select(EffectRow).where(EffectRow.kind == EffectKind.NOTICE_MAIL)).all()
        claims = session.exec(select(ClaimRow)).all()
        listed = {row.id for row in unresolved(session)}
        faults = [*_faults_of_books(session, claims, rows), *_faults_of_database(store, session)]
    by_step: defaultdict[tuple[int, int], list[EffectRow]] = defaultdict(list)
    for row in rows:
        by_step[row.claim_id, row.level].append(row)
    faults += _contradictions(rows, accepted)
    faults += [f"accepted, but not ours: {name}" for name in accepted.keys() - {row.id for row in rows}]
    sent = [row for row in rows if row.status == EffectStatus.SENT]
    return Verdict(
        accepted=accepted.total(),
        sent=len(sent),
        listed=len(listed),
        listed_but_accepted=len(listed & accepted.keys()),
        by_look_up=0,
        anew=sum(row.occurrence > 0 for row in sent),
        twice=tuple(
            f"{claim_id}/{level}"
            for (claim_id, level), each in by_step.items()
            if sum(accepted[row.id] for row in each) > 1
        ),
        lost=tuple(
            claim.number
            for claim in claims
            if not any(accepted[row.id] or row.id in listed for row in by_step[claim.id or 0, level])
        ),
        faults=tuple(faults),
    )


def verdict_on_cases(store: Store, casebook: Path) -> Verdict:
    """Every claim was handed over: the agency has one case of it, and every payment to us once."""
    book = sqlite3.connect(casebook)
    cases = dict(book.execute("SELECT reference, number FROM collection_case"))
    case_counts = Counter(reference for (reference,) in book.execute("SELECT reference FROM collection_case"))
    payments = book.execute("SELECT case_number, count(*), sum(amount_cents) FROM payment GROUP BY 1").fetchall()
    book.close()
    told = {number: (count, cents) for number, count, cents in payments}
    with store.read() as session:
        claims = session.exec(select(ClaimRow)).all()
        rows = session.exec(select(EffectRow)).all()
        hand_overs = {
            row.claim_id: row for row in session.exec(select(HandOverRow).where(HandOverRow.status == "transferred"))
        }
        listed = len(unresolved(session))
        faults = [*_faults_of_books(session, claims, rows), *_faults_of_database(store, session)]
        booked = _payments(session)
    twice = [reference for reference, count in case_counts.items() if count > 1]
    lost = []
    for claim in claims:
        ours, theirs = hand_overs.get(claim.id or 0), cases.get(claim.number)
        if ours is None or theirs is None or claim.state != "at_agency":
            lost.append(claim.number)
            continue
        if ours.case_number != str(theirs):
            faults.append(f"{claim.number}: case {theirs} is {ours.case_number} with us")
        count, cents = told.get(theirs, (0, 0))
        if (count, cents) != booked.get(claim.id or 0, (0, 0)):
            (twice if cents > booked.get(claim.id or 0, (0, 0))[1] else lost).append(f"payment of {claim.number}")
    of_agency = [row for row in rows if row.kind != EffectKind.NOTICE_MAIL]
    return Verdict(
        accepted=len(cases) + sum(count for count, _ in told.values()),
        sent=sum(row.status == EffectStatus.SENT for row in of_agency),
        listed=listed,
        listed_but_accepted=0,
        by_look_up=sum(row.evidence == "look-up" for row in of_agency),
        anew=0,
        twice=tuple(twice),
        lost=tuple(lost),
        faults=tuple(faults),
    )


def _contradictions(rows: list[EffectRow] | Any, accepted: Counter[str]) -> Iterator[str]:
    for row in rows:
        if row.status in PENDING:
            yield f"{row.id} is still {row.status}"
        if row.status == EffectStatus.SENT and not accepted[row.id]:
            yield f"{row.id} is sent, but nobody accepted it"
        if accepted[row.id] and row.status not in MAY_HAVE_HAPPENED:
            yield f"{row.id} was accepted, but is {row.status}"


def _faults_of_books(session: Session, claims: Any, rows: Any) -> Iterator[str]:
    """Levels, balances and fees against the messages that left."""
    ledger = dict(
        session.exec(
            select(LedgerEntryRow.claim_id, func.sum(LedgerEntryRow.cents)).group_by(col(LedgerEntryRow.claim_id))
        ).all()
    )
    sent = Counter(
        row.claim_id for row in rows if row.kind == EffectKind.NOTICE_MAIL and row.status == EffectStatus.SENT
    )
    for claim in claims:
        if claim.level != sent[claim.id]:
            yield f"{claim.number} has level {claim.level} after {sent[claim.id]} notices"
        if claim.open_cents != ledger[claim.id]:
            yield f"{claim.number}: {claim.open_cents} open, but {ledger[claim.id]} in the ledger"


def _faults_of_database(store: Store, session: Session) -> Iterator[str]:
    if (broken := audit.verify(session)) is not None:
        yield broken
    if not store.is_postgres and (answer := session.connection().scalar(text("PRAGMA integrity_check"))) != "ok":
        yield f"integrity_check: {answer}"


def _payments(session: Session) -> dict[int, tuple[int, int]]:
    """Number and sum of the payments on each claim."""
    found = session.exec(
        select(LedgerEntryRow.claim_id, func.count(), func.sum(LedgerEntryRow.cents))
        .where(LedgerEntryRow.kind == LineKind.PAYMENT)
        .group_by(col(LedgerEntryRow.claim_id))
    )
    return {claim_id: (count, -cents) for claim_id, count, cents in found}
