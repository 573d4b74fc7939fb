"""A creditor and notices to render: one plain case, changed where a test needs it; and a look into a page."""

from dataclasses import replace
from datetime import date
from typing import Any, cast

from lxml import html

from dunning.debtor import DebtorKind
from dunning.default import Default, Route
from dunning.interest import Debt, default_interest
from dunning.ledger import Line, LineKind
from dunning.notice import Addressee, Notice, NoticeAmounts, Template
from tasks.creditor import Creditor

AGENCY = "Muster Inkasso GmbH"
LEVELS = {Template.REMINDER: 1, Template.SECOND_NOTICE: 2, Template.FINAL_WARNING: 3}


def lindgruen(**changed: str) -> Creditor:
    """A GmbH with everything set."""
    facts = {
        "name": "Lindgrün Versand GmbH",
        "legal_form": "GmbH",
        "street": "Lindenweg 4",
        "postal_code": "10115",
        "city": "Berlin",
        "state": "BE",
        "register_court": "Amtsgericht Charlottenburg",
        "register_number": "HRB 123456 B",
        "managing_directors": "Anna Lindgrün, Jörg Weiß",
        "vat_id": "DE304159268",
        "account_holder": "Lindgrün Versand GmbH",
        "iban": "DE89370400440532013000",
        "bank_name": "Commerzbank",
        "email": "rechnung@lindgruen.example",
        "phone": "+49 (0)30 1234567",
        "hours": "Mo-Fr 9-17 Uhr",
        "website": "https://www.lindgruen.example",
        "privacy_url": "https://www.lindgruen.example/datenschutz",
    }
    return Creditor.model_validate(facts | changed)


def somebody(**changed: Any) -> Addressee:
    """A consumer with a postal address."""
    person = Addressee(
        name="Jürgen Groß",
        customer_number="K-10042",
        street="Am Mühlbach 7",
        street_2="",
        postal_code="50667",
        city="Köln",
        country="DE",
        email="juergen@gross.example",
        language="de",
        business=False,
    )
    return replace(person, **changed)


def invoice_line(cents: int = 11900) -> Line:
    """The invoice itself."""
    return Line(LineKind.INVOICE, date(2026, 10, 1), cents)


PART_PAID = NoticeAmounts(
    (
        invoice_line(),
        Line(LineKind.PAYMENT, date(2026, 11, 5), -2000),
    )
)
EVERY_KIND = NoticeAmounts(
    (
        invoice_line(123456),
        Line(LineKind.CREDIT_NOTE, date(2026, 10, 6), -1000),
        Line(LineKind.PAYMENT, date(2026, 11, 5), -2000),
        Line(LineKind.RETURNED_PAYMENT, date(2026, 11, 9), 2000),
        Line(LineKind.BANK_FEE, date(2026, 11, 9), 300),
        Line(LineKind.WRITE_OFF, date(2026, 11, 10), -56),
        Line(LineKind.FEE, date(2026, 11, 16), 250, "Briefdienst Nord"),
        Line(LineKind.WAIVER, date(2026, 11, 17), -100, "Kulanz"),
    )
)
"""Every kind of line that a consumer's ledger can have."""
BUSINESS_COSTS = NoticeAmounts(
    (
        invoice_line(),
        Line(LineKind.FEE, date(2026, 11, 23), 120, "Briefdienst Nord"),
        Line(LineKind.LUMP_SUM, date(2026, 11, 23), 3880),
    )
)
"""A letter of 1.20 and what it leaves of the lump sum."""


def notice_at(template: Template, **changed: Any) -> Notice:
    """A notice of that level over 119.00 EUR; a final warning with an estimate of the agency's cost."""
    facts = Notice(
        template=template,
        level=LEVELS[template],
        written_on=date(2026, 11, 23),
        pay_until=date(2026, 12, 8),
        addressee=somebody(),
        invoice_number="RE-2026-1042",
        issued_on=date(2026, 10, 1),
        due_on=date(2026, 10, 15),
        order_number="B-77001",
        order_on=date(2026, 9, 28),
        delivered_on=date(2026, 9, 30),
        subject="Gartenbank Eiche",
        currency="EUR",
        amounts=NoticeAmounts((invoice_line(),)),
        payments_until=date(2026, 11, 20),
        agency_cost_cents=5562 if template is Template.FINAL_WARNING else None,
    )
    return replace(facts, **changed)


def in_default(notice: Notice, from_on: date = date(2026, 6, 16), route: Route = Route.NOTICE) -> Notice:
    """The same notice to somebody in default since then, with the interest up to the day before it was written."""
    debt = Debt(DebtorKind.BUSINESS if notice.addressee.business else DebtorKind.CONSUMER)
    lines = notice.amounts.lines
    stated = default_interest(lines, from_on, notice.written_on, debt)
    owed = (Line(LineKind.INTEREST, notice.written_on, stated.cents),) if stated.cents else ()
    return replace(
        notice,
        amounts=replace(notice.amounts, lines=(*lines, *owed)),
        default=Default(from_on, route, "effect 17"),
        interest=stated if owed else None,
    )


def owing_since_june(template: Template, *, language: str = "de", business: bool = False) -> Notice:
    """An invoice of 2 May, in default since 16 June, so over a change of the base rate; a business with a lump sum."""
    invoice = Line(LineKind.INVOICE, date(2026, 5, 2), 119_00)
    costs = BUSINESS_COSTS.lines[1:] if business else BUSINESS_COSTS.lines[1:2]
    firm = {"name": "Möbelhaus Süd GmbH", "business": True} if business else {}
    notice = notice_at(
        template,
        addressee=somebody(language=language, **firm),
        issued_on=invoice.on,
        due_on=date(2026, 5, 16),
        order_on=date(2026, 4, 29),
        delivered_on=date(2026, 4, 30),
        amounts=NoticeAmounts((invoice, *costs)),
    )
    return in_default(notice)


def found(page: str, path: str) -> list[Any]:
    """The elements or attributes of a page at an XPath."""
    return cast(list[Any], html.fromstring(page).xpath(path))
