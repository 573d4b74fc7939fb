"""What can be wrong in the house, looked for every hour: broken invariants, stale bank data, missed runs,
base rates that nobody confirmed, claims that limitation comes close to."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from dunning.base_rates import next_half_year
from dunning.calendar import Calendar
from dunning.decision import is_fresh
from dunning.effects import EffectKind, EffectStatus
from dunning.errors import BaseRateUnknown, InputRejected
from dunning.lifecycle import State
from tasks.findings import Finding, named
from tasks.ladder.survey import circumstances
from tasks.outbox.frozen import sha256_of
from tasks.report.limitation_list import near_limitation
from tasks.store import audit, base_rates
from tasks.store.tables import (
    ClaimRow,
    CustomerRow,
    DunningRunRow,
    EffectRow,
    HandOverRow,
    InvoiceRow,
)
from tasks.watch_books import in_the_books
from tasks.world import World

HANGING = timedelta(hours=26)
"""How long a message may stay unresolved before it is a finding of its own."""
BEFORE_A_HALF_YEAR = timedelta(days=14)
"""How long before a half-year begins its base rate is asked for."""


def find_faults(world: World) -> list[Finding]:
    """Every finding of this moment, broken invariants first."""
    today = world.clock.today()
    with world.store.read() as session:
        findings = [
            *_chain(session),
            *in_the_books(session),
            *_levels(session),
            *_payloads(session, world.settings.creditor.iban),
            *_double_cases(session),
            *_bank_data(session, world, today),
            *_missed_run(session, world, today),
            *_hanging(session, world),
            *_base_rates(session, today),
            *_limitation(session, today),
            *_without_ladder(session, world),
        ]
    return sorted(findings, key=lambda finding: not finding.broken)


def _chain(session: Session) -> Iterator[Finding]:
    if fault := audit.verify(session):
        yield Finding(fault, "somebody changed the audit by hand: compare with a backup", broken=True)


def _levels(session: Session) -> Iterator[Finding]:
    """A claim's level is the highest level that was sent."""
    highest = func.coalesce(func.max(EffectRow.level), 0)
    sent = and_(
        col(EffectRow.claim_id) == ClaimRow.id,
        col(EffectRow.kind) == EffectKind.NOTICE_MAIL,
        col(EffectRow.status) == EffectStatus.SENT,
    )
    rows = session.exec(
        select(ClaimRow.number)
        .join(EffectRow, sent, isouter=True)
        .group_by(col(ClaimRow.id), col(ClaimRow.number), col(ClaimRow.level))
        .having(highest != col(ClaimRow.level))
    ).all()
    if rows:
        yield Finding(f"the level is not that of the last notice sent: {named(rows)}", "stop, tell us", broken=True)


def _payloads(session: Session, iban: str) -> Iterator[Finding]:
    """What waits to be sent is what was frozen, with our account in it."""
    waiting = session.exec(
        select(EffectRow).where(
            EffectRow.kind == EffectKind.NOTICE_MAIL,
            col(EffectRow.status).in_([EffectStatus.READY, EffectStatus.CLAIMED]),
        )
    )
    changed = [
        row.id
        for row in waiting
        if sha256_of(row.payload) != row.payload_sha256 or iban not in row.payload.replace(" ", "")
    ]
    if changed:
        yield Finding(f"frozen messages were changed: {named(changed)}", "stop, tell us", broken=True)


def _double_cases(session: Session) -> Iterator[Finding]:
    """A claim is at one agency once, and only with a case number."""
    rows = session.exec(
        select(ClaimRow.number)
        .join(HandOverRow, col(HandOverRow.claim_id) == ClaimRow.id)
        .where(ClaimRow.state == State.AT_AGENCY, HandOverRow.status == "transferred", HandOverRow.case_number == "")
    ).all()
    if rows:
        yield Finding(f"at the agency without a case number: {named(rows)}", "ask the agency", broken=True)


def _bank_data(session: Session, world: World, today: date) -> Iterator[Finding]:
    until = circumstances(session, world.settings).bank_data_until
    stale = [each.name for each in world.policy.procedures.values() if not is_fresh(each, today, until)]
    if stale:
        yield Finding(
            f"payments are known up to {until or 'no day'} only; these ladders wait: {', '.join(stale)}",
            "import the newest bank statements",
        )


def _missed_run(session: Session, world: World, today: date) -> Iterator[Finding]:
    """On every bank day before today there was a run, once the first one ran."""
    last = session.exec(select(func.max(DunningRunRow.business_date))).one()
    calendar = _calendar(world)
    if last is not None and calendar is not None and last < calendar.previous_bank_day(today):
        yield Finding(f"the last dunning run was on {last}", "start dunning-run; it skips no step and makes up for it")


def _hanging(session: Session, world: World) -> Iterator[Finding]:
    before = world.clock.now() - HANGING
    rows = session.exec(
        select(ClaimRow.number)
        .join(EffectRow, col(EffectRow.claim_id) == ClaimRow.id)
        .where(
            col(EffectRow.status).in_([EffectStatus.UNCERTAIN, EffectStatus.FAILED]),
            col(EffectRow.decided_at) < before,
        )
    ).all()
    if rows:
        yield Finding(f"unresolved for more than a day: {named(rows)}", "answer them with resolve-uncertain")


def _base_rates(session: Session, today: date) -> Iterator[Finding]:
    """The base rate of today's half-year is confirmed, and the next one's is looked for in time."""
    try:
        rates = base_rates.known(session)
        rates.on(today)
    except (BaseRateUnknown, InputRejected) as error:
        yield Finding(error.what, error.todo)
        return
    coming = next_half_year(today)
    if today >= coming - BEFORE_A_HALF_YEAR and rates.get(coming) is None:
        yield Finding(
            f"the base rate of the half-year from {coming} is not confirmed yet",
            "when the Bundesbank has announced it: `mahnlauf base-rate load --url`, or `base-rate add`",
        )


def _limitation(session: Session, today: date) -> Iterator[Finding]:
    """What limitation comes close to, by the warning that is reached; the tightest first."""
    near = near_limitation(session, today)
    for days in sorted({each.threshold for each in near}):
        numbers = [each.number for each in near if each.threshold == days]
        yield Finding(
            f"barred by limitation within {days} days: {named(numbers)}",
            "a notice or an agency stops nothing; a court order must be applied for before the day: "
            "see `mahnlauf limitation`",
        )


def _without_ladder(session: Session, world: World) -> Iterator[Finding]:
    """Open claims that no run looks at, since their country or currency has no procedure."""
    countries = {country for country, _ in world.policy.procedures}
    rows = session.exec(
        select(ClaimRow.number)
        .join(CustomerRow, col(CustomerRow.id) == ClaimRow.customer_id)
        .join(InvoiceRow, col(InvoiceRow.id) == ClaimRow.invoice_id)
        .where(
            ClaimRow.state == State.OPEN,
            or_(col(CustomerRow.country).not_in(countries), col(InvoiceRow.currency) != world.policy.currency),
        )
    ).all()
    if rows:
        yield Finding(f"no procedure for the country or currency of {named(rows)}", "collect these by hand")


def _calendar(world: World) -> Calendar | None:
    return next((procedure.calendar for procedure in world.policy.procedures.values()), None)
