"""Write-offs: what the shop gives up of a claim, side costs first. The debtor is told nothing."""

from datetime import date

from dunning.errors import RunRefused
from dunning.ledger import LineKind
from tasks import booking
from tasks.desk import Act, find_claim
from tasks.store import facts
from tasks.world import World


def write_off(world: World, number: str, act: Act, cents: int | None = None) -> int:
    """Give up `cents` of what is open, side costs before the invoice; without an amount all of it. Returns the cents.

    The same amount is written off once a day, however often somebody clicks. RunRefused where less is open.
    """
    today = world.clock.today()
    with world.store.write() as session:
        (found,) = facts.load_locked(session, [find_claim(session, number).claim_id])
        given_up = found.claim.open_cents if cents is None else cents
        if not 0 < given_up <= found.claim.open_cents:
            raise RunRefused("less_is_open", f"of {number} less is open than that", "look at the claim's file")
        waived = min(given_up, found.claim.account.costs_cents)
        parts = {LineKind.WAIVER: waived, LineKind.WRITE_OFF: given_up - waived}
        new = booking.book(
            session,
            [_booking(found.claim_id, kind, part, today, number) for kind, part in parts.items() if part],
            world.policy,
            actor=act.person,
            reason=f"written off: {act.reason}",
            at=world.clock.now(),
        )
        if not new:
            raise RunRefused("written_off_already", f"{number} was written off so today", "nothing is left to do")
        return given_up


def _booking(claim_id: int, kind: LineKind, cents: int, on: date, number: str) -> booking.Booking:
    return booking.Booking(claim_id, kind, -cents, on, f"{kind}|{number}|{on}|{cents}|by hand")
