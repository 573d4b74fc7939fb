"""Rows to frozen values: the claims as the decision sees them, loaded set by set."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy
from sqlalchemy.orm import defer
from sqlmodel import Session, col, or_, select

from dunning.base_rates import BaseRates
from dunning.claim import Claim, Hold, SentNotice
from dunning.debtor import DebtorKind
from dunning.default import Agreement, Channel, Default, Route
from dunning.effects import PENDING, UNRESOLVED, EffectKind, EffectStatus
from dunning.evidence import Evidence, EvidenceKind
from dunning.ledger import Designation, Line, LineKind
from dunning.lifecycle import State
from dunning.notice import Template
from dunning.reasons import HoldKind, Reason
from tasks.clock import berlin_day
from tasks.jurisdictions import limitation_rule
from tasks.store import base_rates
from tasks.store.tables import (
    BankStatementRow,
    ClaimRow,
    CustomerRow,
    EffectRow,
    EvidenceRow,
    HoldRow,
    InvoiceRow,
    LedgerEntryRow,
)

CHUNK = 500
"""Claims per query: below SQLite's limit of bound values, and small enough to hold in memory."""

EFFECT_REASONS = {EffectStatus.UNCERTAIN: Reason.UNCERTAIN_EFFECT, EffectStatus.FAILED: Reason.REFUSED_EFFECT}


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """A claim, its version, and the rows that a notice or a dossier is made of."""

    claim_id: int
    version: int
    answer: str
    dunnable_from: date | None
    policy_version: str
    claim: Claim
    invoice: InvoiceRow
    customer: CustomerRow


def load(session: Session, claim_ids: Sequence[int]) -> list[ClaimFacts]:
    """The facts of these claims; within each `CHUNK` of them in the order of their ids."""
    facts: list[ClaimFacts] = []
    for start in range(0, len(claim_ids), CHUNK):
        facts += _chunk(session, claim_ids[start : start + CHUNK])
    return facts


def load_locked(session: Session, claim_ids: Sequence[int]) -> list[ClaimFacts]:
    """The same, of claims that are locked first and so stay what they are until the transaction ends."""
    lock(session, claim_ids)
    return load(session, claim_ids)


def bank_data_until(session: Session) -> date | None:
    """The day up to which payments on our own account are known; None: no statement came in yet."""
    query = sqlalchemy.select(sqlalchemy.func.max(BankStatementRow.until_on)).where(col(BankStatementRow.own))
    until: date | None = session.connection().scalar(query)
    return until


def by_number(session: Session, number: str) -> ClaimFacts | None:
    """The facts of the claim with this invoice number."""
    claim_id = session.exec(select(ClaimRow.id).where(ClaimRow.number == number)).first()
    return load(session, [claim_id])[0] if claim_id is not None else None


def lock(session: Session, claim_ids: Sequence[int]) -> None:
    """Lock these claims until the transaction ends, lowest id first, so that two writers never wait for each other.

    FOR NO KEY UPDATE: rows that others add meanwhile, and that refer to a claim, do not wait and are not waited for.
    """
    ordered = sorted(claim_ids)
    for start in range(0, len(ordered), CHUNK):
        query = select(ClaimRow.id).where(col(ClaimRow.id).in_(ordered[start : start + CHUNK]))
        session.exec(query.order_by(col(ClaimRow.id)).with_for_update(key_share=True)).all()


def _chunk(session: Session, claim_ids: Sequence[int]) -> list[ClaimFacts]:
    rows = session.exec(
        select(ClaimRow, InvoiceRow, CustomerRow)
        .join(InvoiceRow, col(InvoiceRow.id) == ClaimRow.invoice_id)
        .join(CustomerRow, col(CustomerRow.id) == ClaimRow.customer_id)
        .where(col(ClaimRow.id).in_(claim_ids))
        .order_by(col(ClaimRow.id))
        .execution_options(populate_existing=True)
    ).all()
    found = _Beside(
        base_rates.known(session),
        _lines(session, claim_ids),
        _holds(session, [claim for claim, _, _ in rows]),
        *_messages(session, claim_ids),
        _evidence(session, claim_ids),
    )
    return [
        ClaimFacts(
            claim_id=row.id or 0,
            version=row.version,
            answer=row.answer,
            dunnable_from=row.dunnable_from,
            policy_version=row.policy_version,
            claim=_claim(row, invoice, customer, found),
            invoice=invoice,
            customer=customer,
        )
        for row, invoice, customer in rows
    ]


@dataclass(frozen=True, slots=True)
class _Beside:
    """What lies beside the claims' own rows, by claim."""

    rates: BaseRates
    lines: defaultdict[int, list[Line]]
    holds: defaultdict[int, list[Hold]]
    notices: defaultdict[int, list[SentNotice]]
    blocks: dict[int, Reason]
    evidence: defaultdict[int, list[Evidence]]


def _claim(row: ClaimRow, invoice: InvoiceRow, customer: CustomerRow, found: _Beside) -> Claim:
    claim_id = row.id or 0
    last = None
    if row.last_sent_on:
        template = Template(row.last_template) if row.last_template else None
        last = SentNotice(row.level, row.last_sent_on, row.last_pay_until, template)
    return Claim(
        number=row.number,
        state=State(row.state),
        level=row.level,
        due_on=invoice.due_on,
        lines=tuple(found.lines[claim_id]),
        debtor=DebtorKind(customer.kind),
        country=customer.country,
        federal_state=customer.federal_state,
        currency=invoice.currency,
        holds=tuple(found.holds[claim_id]),
        last_notice=last,
        notices=tuple(found.notices[claim_id]),
        owned=invoice.owner == "shop",
        issued_on=invoice.issued_on,
        received_on=invoice.received_on,
        agreed=Agreement(invoice.due_agreed),
        notice_286_3=invoice.notice_286_3,
        delivered_on=invoice.delivered_on,
        evidence=tuple(found.evidence[claim_id]),
        prepayment=invoice.payment_method == "prepayment",
        has_email=bool(customer.email),
        effect_block=found.blocks.get(claim_id),
        default=_default(row),
        interest_from=row.interest_from,
        rates=found.rates,
        limitation_rule=limitation_rule(customer.country),
    )


def _default(row: ClaimRow) -> Default | None:
    if row.default_from is None:
        return None
    return Default(row.default_from, Route(row.default_route), row.default_evidence)


def _lines(session: Session, claim_ids: Sequence[int]) -> defaultdict[int, list[Line]]:
    entries = session.connection().execute(
        sqlalchemy.select(
            col(LedgerEntryRow.claim_id),
            col(LedgerEntryRow.kind),
            col(LedgerEntryRow.value_on),
            col(LedgerEntryRow.cents),
            col(LedgerEntryRow.note),
            col(LedgerEntryRow.designation),
        )
        .where(col(LedgerEntryRow.claim_id).in_(claim_ids))
        .order_by(col(LedgerEntryRow.id))
    )
    lines: defaultdict[int, list[Line]] = defaultdict(list)
    for claim_id, kind, value_on, cents, note, designation in entries:
        lines[claim_id].append(Line(LineKind(kind), value_on, cents, note, Designation(designation)))
    return lines


def _holds(session: Session, claims: Iterable[ClaimRow]) -> defaultdict[int, list[Hold]]:
    """Holds on the claims themselves and on their customers, those that ended included."""
    claims = list(claims)
    rows = session.exec(
        select(HoldRow)
        .where(
            or_(
                col(HoldRow.claim_id).in_([claim.id for claim in claims]),
                col(HoldRow.customer_id).in_([claim.customer_id for claim in claims]),
            ),
        )
        .order_by(col(HoldRow.id))
    ).all()
    holds: defaultdict[int, list[Hold]] = defaultdict(list)
    for row in rows:
        released_on = berlin_day(row.released_at) if row.released_at is not None else None
        hold = Hold(HoldKind(row.kind), row.from_on, row.until_on, released_on)
        for claim in claims:
            if row.claim_id == claim.id or (row.customer_id is not None and row.customer_id == claim.customer_id):
                holds[claim.id or 0].append(hold)
    return holds


def _messages(
    session: Session, claim_ids: Sequence[int]
) -> tuple[defaultdict[int, list[SentNotice]], dict[int, Reason]]:
    """Of each claim, the notices that left, oldest first, and the worst of the messages whose fate is open."""
    rows = session.exec(
        select(EffectRow)
        .options(defer(EffectRow.payload))  # type: ignore[arg-type]
        .where(col(EffectRow.claim_id).in_(claim_ids), EffectRow.status != EffectStatus.CANCELLED)
        .order_by(col(EffectRow.business_date), col(EffectRow.level), col(EffectRow.occurrence))
    )
    notices: defaultdict[int, list[SentNotice]] = defaultdict(list)
    blocks: dict[int, Reason] = {}
    for row in rows:
        status = EffectStatus(row.status)
        if status in (*PENDING, *UNRESOLVED):
            reason = EFFECT_REASONS.get(status, Reason.STEP_UNDER_WAY)
            if blocks.get(row.claim_id) in (None, Reason.STEP_UNDER_WAY):
                blocks[row.claim_id] = reason
        elif row.kind == EffectKind.NOTICE_MAIL:
            notices[row.claim_id].append(sent_notice(row))
    return notices, blocks


def sent_notice(row: EffectRow) -> SentNotice:
    """A notice that has left, as the claim knows it."""
    return SentNotice(
        row.level,
        row.business_date,
        row.pay_until,
        Template(row.template) if row.template else None,
        row.id,
        Channel(row.channel),
        came_back=row.status == EffectStatus.CAME_BACK,
    )


def _evidence(session: Session, claim_ids: Sequence[int]) -> defaultdict[int, list[Evidence]]:
    """What persons confirmed, in the order in which they noted it."""
    rows = session.exec(
        select(EvidenceRow).where(col(EvidenceRow.claim_id).in_(claim_ids)).order_by(col(EvidenceRow.id))
    )
    evidence: defaultdict[int, list[Evidence]] = defaultdict(list)
    for row in rows:
        evidence[row.claim_id].append(Evidence(EvidenceKind(row.kind), row.happened_on, row.until_on, row.id or 0))
    return evidence
