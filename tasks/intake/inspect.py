"""What a file says, shown without taking it in."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from dunning.facts import BankEntry, BankStatement, InvoiceDocument
from tasks.intake.columns import CUSTOMERS, INVOICES, PAYMENTS
from tasks.intake.reading import DEFAULTS, Content, ReadOptions, read_file
from tasks.intake.tables import CustomerRow


def inspect_file(path: Path, options: ReadOptions = DEFAULTS) -> dict[str, Any]:
    """One JSON-ready object a file: days as ISO text, amounts as text with two decimals. Refused files raise.

    Balances are shown as the file has them, whether or not the entries add up to them; only taking in
    insists on it.
    """
    return _shown(read_file(path, replace(options, check_balances=False)))


def _shown(content: Content) -> dict[str, Any]:
    if content.kind == CUSTOMERS:
        return _table(content, "customers", [_customer(one) for one in content.customers])
    if content.kind == INVOICES:
        return _table(content, "invoices", [_invoice_row(one) for one in content.invoices])
    if content.kind == PAYMENTS:
        return _table(content, "statements", [_statement(one) for one in content.statements])
    if content.invoices:
        return {"kind": content.kind, **_invoice(content.invoices[0])}
    return {"kind": content.kind, "statements": [_statement(one) for one in content.statements]}


def _table(content: Content, name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": content.kind, name: rows, "rejected": [asdict(row) for row in content.rejected]}


def _invoice_row(document: InvoiceDocument) -> dict[str, Any]:
    """A table knows its customers by number only."""
    return {"row": document.row, **_invoice(document), "buyer": document.buyer.number}


def _invoice(document: InvoiceDocument) -> dict[str, Any]:
    return {
        "number": document.number,
        "issued_on": document.issued_on.isoformat(),
        "due_on": document.due_on.isoformat(),
        "due_basis": document.due_basis.value,
        "currency": document.currency,
        "payable": money(document.payable_cents),
        "credit_note": document.credit_note,
        "seller": document.seller.name,
        "buyer": document.buyer.name,
    }


def _statement(statement: BankStatement) -> dict[str, Any]:
    return {
        "account": statement.account,
        "opening": None if statement.opening_cents is None else money(statement.opening_cents),
        "closing": None if statement.closing_cents is None else money(statement.closing_cents),
        "entries": [_entry(entry) for entry in statement.entries],
    }


def _entry(entry: BankEntry) -> dict[str, Any]:
    return {
        "booked_on": entry.booked_on.isoformat(),
        "amount": money(entry.amount_cents),
        "currency": entry.currency,
        "reference": entry.reference or entry.structured_reference,
        "counterparty": entry.counterparty or None,
        "return_reason": entry.return_reason or None,
    }


def _customer(customer: CustomerRow) -> dict[str, Any]:
    since = customer.account_since
    return {**asdict(customer), "account_since": since.isoformat() if since else None}


def money(cents: int) -> str:
    """Cents as text with a point and two decimals: -50 is `-0.50`."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
