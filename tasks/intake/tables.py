"""Rows of customers and invoices from CSV and XLSX, each read by itself; those of payments: `payments.py`.

A row that cannot be read is parked with its number, a reason code and one line; the rest comes in. The
columns and their headings: `columns.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from dunning.default import Agreement
from dunning.errors import InputRejected
from dunning.facts import DueBasis, InvoiceDocument, Party
from tasks.intake.cells import Cell, CellError, amount_cents, day, word
from tasks.intake.codes import (
    AGREEMENTS,
    COUNTRIES,
    CREDIT_NOTE,
    CUSTOMER_KINDS,
    INVOICE_KINDS,
    PAYMENT_MEANS,
    STATES,
    YES_OR_NO,
)
from tasks.intake.columns import positions
from tasks.intake.sheets import Sheet

_Fact = TypeVar("_Fact")


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was not taken in."""

    row: int
    reason: str
    what: str


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer as the shop's table has it. Empty strings where the table is silent."""

    row: int
    number: str
    kind: str
    """`consumer`, `business`, or `unknown`, which is treated as consumer."""
    company: str
    first_name: str
    last_name: str
    name: str
    """The name in one piece; made of the parts where the table has no such column."""
    street: str
    street_2: str
    postal_code: str
    city: str
    country: str
    """ISO 3166-1 alpha-2; DE where the table is silent."""
    state: str
    """Bundesland as in ISO 3166-2 without `DE-`."""
    email: str
    language: str
    account_since: date | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row under known columns, asked by column name."""

    number: int
    cells: tuple[Cell, ...]
    places: dict[str, int]
    decimal: str | None

    def cell(self, column: str) -> Cell:
        return self.cells[self.places[column]] if column in self.places else None

    def word(self, column: str) -> str:
        return word(self.cell(column), column)

    def needed(self, column: str) -> str:
        if not (found := self.word(column)):
            raise CellError("field_missing", f"Column {column}: empty.")
        return found

    def day(self, column: str, short_years: bool = False) -> date | None:
        return day(self.cell(column), column, short_years) if self.word(column) else None

    def amount(self, column: str) -> int:
        self.needed(column)
        return amount_cents(self.cell(column), column, self.decimal)

    def currency(self, default: str) -> str:
        found = self.word("currency").upper().replace("€", "EUR") or default
        if not (len(found) == 3 and found.isascii() and found.isalpha()):
            raise CellError("bad_currency", "Column currency: no ISO 4217 code.")
        return found

    def coded(self, column: str, codes: dict[str, str], default: str) -> str:
        """The code of a word in a fixed list; `bad_<column>` for a word that is not in it."""
        if not (found := self.word(column)):
            return default
        if found.casefold() not in codes:
            raise CellError(f"bad_{column}", f"Column {column}: not one of the words or codes known here.")
        return codes[found.casefold()]


def read_rows(
    sheet: Sheet, kind: str, decimal: str | None, read: Callable[[Row], _Fact | None]
) -> tuple[tuple[_Fact, ...], tuple[RejectedRow, ...]]:
    """Read every row, without those that `read` answers with None.

    Refuses the table whole for its heading, or when its last row is cut off.
    """
    places = positions(kind, sheet.heading)
    facts: list[_Fact] = []
    rejected: list[RejectedRow] = []
    for number, cells in sheet.rows:
        try:
            fact = read(Row(number, _fitted(cells, len(sheet.heading)), places, decimal))
            facts += [] if fact is None else [fact]
        except CellError as error:
            if sheet.cut_off and error.reason == "wrong_columns" and number == sheet.rows[-1][0]:
                raise InputRejected(
                    "cut_off", "The table's last row is cut off.", "Fetch or export the file again."
                ) from error
            rejected.append(RejectedRow(number, error.reason, error.what))
    return tuple(facts), tuple(rejected)


def customer_row(row: Row) -> CustomerRow:
    first, last, company = row.word("first_name"), row.word("last_name"), row.word("company")
    name = row.word("name") or company or " ".join(filter(None, (first, last)))
    if not name:
        raise CellError("field_missing", "No name: neither name nor company nor last_name is filled.")
    country = row.coded("country", COUNTRIES, "DE")
    email = row.word("email")
    if email and (email.count("@") != 1 or " " in email or not all(email.partition("@")[::2])):
        raise CellError("bad_email", "Column email: not one e-mail address.")
    postal_code = row.word("postal_code")
    return CustomerRow(
        row=row.number,
        number=row.needed("number"),
        kind=row.coded("kind", CUSTOMER_KINDS, "unknown"),
        company=company,
        first_name=first,
        last_name=last,
        name=name,
        street=row.word("street"),
        street_2=row.word("street_2"),
        # spreadsheets drop the nought that eastern German postal codes begin with
        postal_code=postal_code.zfill(5) if country == "DE" and postal_code.isdigit() else postal_code,
        city=row.word("city"),
        country=country,
        state=row.coded("state", STATES, ""),
        email=email,
        language=row.word("language").lower()[:2],
        account_since=row.day("account_since"),
    )


def invoice_row(row: Row, payment_term_days: int, currency: str) -> InvoiceDocument:
    """An invoice or credit note.

    A credit note's amount counts without its sign: tables write it either way.
    """
    issued_on = row.day("issued_on")
    if issued_on is None:
        raise CellError("field_missing", "Column issued_on: empty.")
    named_on = row.day("due_on")
    credit_note = row.coded("kind", INVOICE_KINDS, "invoice") == CREDIT_NOTE
    gross_cents = row.amount("gross")
    gross_cents = abs(gross_cents) if credit_note else gross_cents
    corrects, method = row.word("corrects"), row.word("payment_method")
    return InvoiceDocument(
        kind="table",
        number=row.needed("number"),
        issued_on=issued_on,
        due_on=named_on or issued_on + timedelta(days=payment_term_days),
        due_basis=DueBasis.DOCUMENT if named_on else DueBasis.SETTING,
        currency=row.currency(currency),
        payable_cents=gross_cents,
        gross_cents=gross_cents,
        credit_note=credit_note,
        seller=Party(),
        buyer=Party(number=row.word("customer_number")),
        order_number=row.word("order_number"),
        order_on=row.day("ordered_on"),
        delivered_on=row.day("delivered_on"),
        agreed=Agreement(row.coded("due_agreed", AGREEMENTS, Agreement.NONE)),
        received_on=row.day("received_on"),
        notice_286_3=row.coded("notice_286_3", YES_OR_NO, "no") == "yes",
        preceding_invoices=(corrects,) if corrects else (),
        payment_means=PAYMENT_MEANS.get(method.casefold(), method),
        subject=row.word("subject"),
        row=row.number,
        owner=row.word("owner"),
    )


def _fitted(cells: tuple[Cell, ...], width: int) -> tuple[Cell, ...]:
    """The row's cells if they are as many as headings; empty ones at the end are let go."""
    if len(cells) < width or any(cell not in (None, "") for cell in cells[width:]):
        raise CellError("wrong_columns", f"The row has {len(cells)} columns, the heading {width}.")
    return cells[:width]
