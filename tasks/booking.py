"""Bookings: append to a claim's ledger, and let the claim and, where it has the case, the agency know at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from dunning.ledger import Designation, LineKind
from dunning.procedure import Policy
from tasks.outbox.consequences import report_to_agency
from tasks.store import changes
from tasks.store.facts import CHUNK
from tasks.store.tables import HandOverRow, LedgerEntryRow


@dataclass(frozen=True, slots=True)
class Booking:
    """One ledger entry to be. Signed cents: a payment or a credit note is negative."""

    claim_id: int
    kind: LineKind
    cents: int
    value_on: date
    fingerprint: str
    note: str = ""
    designation: Designation = Designation.NONE
    """Of a payment: what the debtor said it is for."""


def book(
    session: Session,
    bookings: Sequence[Booking],
    policy: Policy,
    *,
    actor: str,
    reason: str,
    at: datetime,
    import_file_id: int | None = None,
) -> list[Booking]:
    """Book what was not booked before, and move the claims; returns what was new.

    The fingerprint decides: a booking that is there already is left out, whoever brought it.
    """
    known = _known(session, [booking.fingerprint for booking in bookings])
    new = [booking for booking in bookings if booking.fingerprint not in known]
    session.add_all(
        LedgerEntryRow(
            claim_id=booking.claim_id,
            kind=booking.kind,
            value_on=booking.value_on,
            cents=booking.cents,
            fingerprint=booking.fingerprint,
            note=booking.note,
            designation=booking.designation,
            import_file_id=import_file_id,
            booked_at=at,
        )
        for booking in new
    )
    claim_ids = sorted({booking.claim_id for booking in new})
    changes.apply(session, [changes.Change(claim_id, actor, reason) for claim_id in claim_ids], policy, at)
    for claim_id in _at_agency(session, claim_ids):
        report_to_agency(session, claim_id, at)
    return new


def _known(session: Session, fingerprints: Sequence[str]) -> set[str]:
    """Those of these fingerprints that were booked before."""
    known: set[str] = set()
    for start in range(0, len(fingerprints), CHUNK):
        chunk = fingerprints[start : start + CHUNK]
        known.update(session.exec(select(LedgerEntryRow.fingerprint).where(col(LedgerEntryRow.fingerprint).in_(chunk))))
    return known


def _at_agency(session: Session, claim_ids: Sequence[int]) -> list[int]:
    """Those of these claims whose case the agency has."""
    handed_over: list[int] = []
    for start in range(0, len(claim_ids), CHUNK):
        chunk = col(HandOverRow.claim_id).in_(claim_ids[start : start + CHUNK])
        handed_over += session.exec(select(HandOverRow.claim_id).where(chunk, HandOverRow.status == "transferred"))
    return handed_over
