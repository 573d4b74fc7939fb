"""A claim's dossier out of its rows."""

from datetime import date

from dunning.debtor import DebtorKind
from dunning.dossier import Debtor, Dossier
from dunning.facts import DueBasis
from tasks.settings import Settings
from tasks.store.facts import ClaimFacts


def dossier_of(found: ClaimFacts, settings: Settings, as_of: date) -> Dossier:
    """What the agency is told of a claim; interest for the days before `as_of`. Raises BaseRateUnknown."""
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
        account=found.claim.account_on(as_of),
        notices=tuple(notice for notice in found.claim.notices if not notice.came_back),
        currency=invoice.currency,
        order_number=invoice.order_number,
        ordered_on=invoice.ordered_on,
        delivered_on=invoice.delivered_on,
        default=found.claim.default,
        interest=found.claim.interest_statement(as_of),
    )
