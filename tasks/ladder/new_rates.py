"""After a base rate was confirmed: what payments paid of interest and principal is credited anew."""

from sqlmodel import Session, col, select

from tasks.store import changes, facts
from tasks.store.base_rates import TO_BE_COMPUTED
from tasks.store.tables import ClaimRow
from tasks.world import World


def follow_new_rates(world: World) -> int:
    """Compute anew the amounts of every claim that a new base rate may concern; returns how many."""
    done = 0
    while True:
        with world.store.write() as session:
            query = select(ClaimRow.id).where(ClaimRow.policy_version == TO_BE_COMPUTED).order_by(col(ClaimRow.id))
            ids = [claim_id for claim_id in session.exec(query.limit(facts.CHUNK)) if claim_id is not None]
            credited = _credited_otherwise(session, ids)
            reason = "a base rate was confirmed"
            moves = [changes.Change(claim_id, "base rates", reason) for claim_id in credited]
            changes.apply(session, moves, world.policy, world.clock.now())
            changes.recompute(session, [claim_id for claim_id in ids if claim_id not in credited], world.policy)
        if not ids:
            return done
        done += len(ids)


def _credited_otherwise(session: Session, claim_ids: list[int]) -> set[int]:
    """The claims of which something else is open now than was written down: their facts changed."""
    found = facts.load_locked(session, claim_ids)
    columns = select(ClaimRow.id, ClaimRow.open_cents, ClaimRow.open_principal_cents)
    rows = session.exec(columns.where(col(ClaimRow.id).in_(claim_ids)))
    stored = {claim_id: (open_cents, principal_cents) for claim_id, open_cents, principal_cents in rows}
    return {
        each.claim_id
        for each in found
        if stored[each.claim_id] != (each.claim.open_cents, each.claim.open_principal_cents)
    }
