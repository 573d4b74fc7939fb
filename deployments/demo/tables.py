"""The shop's own export as CSV: German headings, `;`, amounts as 1.234,56, days as 31.12.2026, UTF-8."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

from deployments.demo.goods import Paper
from deployments.demo.people import Customer


def customers_csv(customers: Iterable[Customer]) -> bytes:
    """All customers, one a row."""
    return _csv([_customer(customer) for customer in customers])


def invoices_csv(papers: Iterable[Paper]) -> bytes:
    """Invoices and credit notes, one a row. A credit note names its invoice; its amount is positive."""
    return _csv([_invoice(paper) for paper in papers])


def _customer(customer: Customer) -> dict[str, str]:
    return {
        "Kundennummer": customer.number,
        "Kundenart": "Unternehmen" if customer.business else "Verbraucher",
        "Vorname": "" if customer.business else customer.first_name,
        "Nachname": "" if customer.business else customer.last_name,
        "Firma": customer.company,
        "Straße": customer.street,
        "Adresszusatz": customer.street_2,
        "PLZ": customer.postal_code,
        "Ort": customer.city,
        "Land": customer.country,
        "Bundesland": customer.state,
        "E-Mail": customer.email,
        "Sprache": customer.language,
        "Kunde seit": _day(customer.since),
    }


def _invoice(paper: Paper) -> dict[str, str]:
    return {
        "Rechnungsnummer": paper.number,
        "Kundennummer": paper.customer.number,
        "Bestellnummer": paper.order_number,
        "Bestelldatum": _day(paper.ordered_on),
        "Rechnungsdatum": _day(paper.issued_on),
        "Fällig am": _day(paper.due_on) if paper.states_due_day and not paper.credit_note else "",
        "Geliefert am": _day(paper.delivered_on),
        "Bruttobetrag": german_amount(paper.gross_cents),
        "Währung": "EUR",
        "Zahlungsart": "Lastschrift" if paper.direct_debit else "Rechnung",
        "Betreff": paper.positions[0].item.name,
        "Belegart": "Gutschrift" if paper.credit_note else "Rechnung",
        "zu Rechnung": paper.corrects,
    }


def _day(on: date) -> str:
    return f"{on:%d.%m.%Y}"


def german_amount(cents: int) -> str:
    """Whole cents as a German amount: 123456 is `1.234,56`."""
    whole = f"{cents // 100:,}".replace(",", ".")
    return f"{whole},{cents % 100:02d}"


def _csv(rows: Sequence[dict[str, str]]) -> bytes:
    """The rows under the headings of the first; there is at least one."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
