"""The one call of an effect, kind by kind, and the question whether an uncertain one happened."""

import json
from datetime import date

from dunning.effects import EffectKind
from tasks.outbox.agency import Agency, CaseFound, CaseNotFound, Valid
from tasks.outbox.exchange import DEADLINE_SECONDS
from tasks.outbox.mail_files import FileMailer
from tasks.outbox.outcome import NotSent, Outcome, Refused, Sent
from tasks.store.tables import EffectRow
from tasks.world import World

NO_AGENCY = NotSent("agency_not_configured")


def deadline(world: World) -> float:
    """The instant of the monotonic clock after which a call that is prepared now may write nothing any more."""
    return world.clock.monotonic() + DEADLINE_SECONDS


async def call(world: World, effect: EffectRow, by: float) -> Outcome:
    """Do it, once, and write nothing after `by`."""
    if effect.kind == EffectKind.NOTICE_MAIL:
        return await world.mailer.send(effect.payload, by=by)
    if world.agency is None:
        return NO_AGENCY
    if effect.kind == EffectKind.AGENCY_CASE:
        return await _open_case(world.agency, effect, by)
    payment = json.loads(effect.payload)
    return await world.agency.report_payment(
        payment["case_number"],
        payment["amount_cents"],
        date.fromisoformat(payment["value_on"]),
        effect.id,
        by=by,
    )


async def look_up(world: World, effect: EffectRow) -> Sent | NotSent | None:
    """What the other side knows of an uncertain effect; None where it cannot be asked or does not answer.

    `NotSent` means: it certainly did not happen, or it may be repeated with the same key without harm.
    """
    if effect.kind == EffectKind.NOTICE_MAIL:
        return world.mailer.proof(effect.id) if isinstance(world.mailer, FileMailer) else None
    if world.agency is None:
        return None
    if effect.kind == EffectKind.AGENCY_PAYMENT:
        return NotSent("repeatable")
    match await world.agency.find(json.loads(effect.payload)["ClientCustomerRefNo"]):
        case CaseFound(case_number=case_number, amount_cents=amount) if amount == effect.amount_cents:
            return Sent(case_number)
        case CaseNotFound():
            return NotSent("not_found")
        case _:
            return None


async def _open_case(agency: Agency, effect: EffectRow, by: float) -> Outcome:
    """Validate, then open. Before any try after the first the case is looked up by our reference."""
    if effect.attempts > 1:
        found = await agency.find(json.loads(effect.payload)["ClientCustomerRefNo"], by=by)
        if isinstance(found, CaseFound):
            same = found.amount_cents == effect.amount_cents
            return Sent(found.case_number) if same else Refused("other_case_under_reference")
        if not isinstance(found, CaseNotFound):
            return found
    verdict = await agency.validate(effect.payload)
    if not isinstance(verdict, Valid):
        return verdict
    return await agency.open_case(effect.payload, effect.id, by=by)
