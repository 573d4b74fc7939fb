"""A claim's dossier out of its rows."""

from sqlmodel import Session, col, select

from dunning.claim import SentNotice
from dunning.debtor import DebtorKind
from dunning.dossier import Debtor, Dossier
from dunning.effects import EffectKind, EffectStatus
from dunning.facts import DueBasis
from tasks.settings import Settings
from tasks.store.facts import ClaimFacts
from tasks.store.tables import EffectRow


def dossier_of(session: Session, found: ClaimFacts, settings: Settings) -> Dossier:
    """What the agency is told of a claim."""
    invoice, customer = found.invoice, found.customer
    return Dossier(
        reference=invoice.number,
        creditor_name=settings.creditor.full_name,
        debtor=Debtor(
            name=customer.name,
            kind=DebtorKind(customer.kind).treated_as,
            street=customer.street,
            street_2=customer.street_2,
            postal_code=customer.postal_code,
            city=customer.city,
            country=customer.country,
            email=customer.email,
            customer_number=customer.number,
            first_name=customer.first_name,
            last_name=customer.last_name,
        ),
        invoice_number=invoice.number,
        invoiced_on=invoice.issued_on,
        subject=invoice.subject or "Warenlieferung",
        due_on=invoice.due_on,
        due_basis=DueBasis(invoice.due_basis),
        lines=found.claim.lines,
        notices=sent_notices(session, found.claim_id),
        currency=invoice.currency,
        order_number=invoice.order_number,
        ordered_on=invoice.ordered_on,
        delivered_on=invoice.delivered_on,
    )


def sent_notices(session: Session, claim_id: int) -> tuple[SentNotice, ...]:
    """Every notice on a claim that left, lowest level first."""
    rows = session.exec(
        select(EffectRow)
        .where(
            EffectRow.claim_id == claim_id,
            EffectRow.kind == EffectKind.NOTICE_MAIL,
            EffectRow.status == EffectStatus.SENT,
        )
        .order_by(col(EffectRow.level))
    )
    return tuple(SentNotice(row.level, row.business_date, row.pay_until) for row in rows)
