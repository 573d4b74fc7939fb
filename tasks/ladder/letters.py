"""From a decision to the frozen mail: the notice's facts out of the rows, rendered, as SendGrid's payload."""

from datetime import date

from dunning.agency_cost import highest_agency_cost_cents
from dunning.decision import SendNotice
from dunning.notice import Addressee, Notice, Template
from tasks.outbox.frozen import frozen_text
from tasks.outbox.mail import Mailbox, build_payload
from tasks.render import render_notice
from tasks.settings import Settings
from tasks.store.facts import ClaimFacts
from tasks.store.tables import CustomerRow


def notice_of(facts: ClaimFacts, decision: SendNotice, as_of: date, payments_until: date | None) -> Notice:
    """What the notice says. `payments_until`: the day up to which payments are known (default: today)."""
    invoice = facts.invoice
    announces_agency = decision.template is Template.FINAL_WARNING
    return Notice(
        template=decision.template,
        level=decision.level,
        written_on=as_of,
        pay_until=decision.pay_until,
        addressee=addressee_of(facts.customer),
        invoice_number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        order_number=invoice.order_number,
        order_on=invoice.ordered_on,
        delivered_on=invoice.delivered_on,
        subject=invoice.subject,
        currency=invoice.currency,
        amounts=decision.amounts,
        payments_until=payments_until or as_of,
        default=facts.claim.default if facts.claim.in_default_on(as_of) else None,
        interest=decision.interest,
        agency_cost_cents=highest_agency_cost_cents(decision.amounts.principal_cents) if announces_agency else None,
    )


def addressee_of(customer: CustomerRow) -> Addressee:
    """Whom the notice goes to."""
    return Addressee(
        name=customer.name,
        customer_number=customer.number,
        street=customer.street,
        street_2=customer.street_2,
        postal_code=customer.postal_code,
        city=customer.city,
        country=customer.country,
        email=customer.email,
        language=customer.language,
        business=customer.kind == "business",
    )


def frozen_mail(notice: Notice, effect_id: str, settings: Settings) -> str:
    """The payload as it will be sent, as text. InputRejected `address_missing` where the address takes no mail."""
    creditor = settings.creditor
    rendered = render_notice(notice, creditor, settings.agency_name)
    ours = Mailbox(creditor.email, creditor.name)
    return frozen_text(
        build_payload(
            effect_id=effect_id,
            sender=ours,
            recipient=Mailbox(notice.addressee.email, notice.addressee.name),
            reply_to=ours,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
        )
    )
