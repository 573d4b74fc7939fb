"""Rows of payments: a shop's own list, the CSV exports of German banks, PayPal's activity report.

Only what is booked is read: announced bookings and the lines of balances that banks write among them are left
out without a word, rows that cannot be read are parked.
"""

import re
from dataclasses import replace
from functools import partial

from dunning.facts import BankEntry, BankStatement
from tasks.intake.cells import Cell, CellError
from tasks.intake.columns import PAYMENTS, PAYPAL, positions
from tasks.intake.return_reasons import NARRATIVE, named_reason
from tasks.intake.sheets import Sheet
from tasks.intake.tables import RejectedRow, Row, read_rows

_BALANCES = frozenset(
    {"kontostand", "alter kontostand", "neuer kontostand", "anfangssaldo", "endsaldo", "alter saldo", "neuer saldo"}
)
_ANNOUNCED = re.compile(r"vorgemerkt|vormerk|nicht gebucht|pending", re.IGNORECASE)
_RETURNED = re.compile(r"r(ü|ue)ck(last|bel|gabe|(ü|ue)berw)|retour", re.IGNORECASE)
"""Booking texts of what came back; a return is never taken for a payment."""
_CENTS = re.compile(r"\d([.,])\d{1,2}(?!\d)[^\d.,]*$")
_SIGNS = {"h": 1, "haben": 1, "c": 1, "credit": 1, "+": 1, "s": -1, "soll": -1, "d": -1, "debit": -1, "-": -1}
_NO_REFERENCE = frozenset({"NOTPROVIDED", "NONREF"})
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![A-Z0-9])", re.ASCII)

_DONE = frozenset({"abgeschlossen", "completed"})
_PAID = re.compile(r"zahlung|payment", re.IGNORECASE)
_NOT_PAID = re.compile(
    r"r(ü|ue)ck|einbehalt|freigabe|auszahl|anforder|aufforder|storn|geb(ü|ue)hr|refund|hold|release|revers|payout"
    r"|request|cancel|fee",
    re.IGNORECASE,
)
_OWN_MONEY = re.compile(
    r"gutschrift|abbuchung|umrechnung|autorisier|reservier|geb(ü|ue)hr|deposit|withdrawal|conversion|authori[sz]|fee",
    re.IGNORECASE,
)


def read_payments(
    sheet: Sheet, kind: str, decimal: str | None, currency: str
) -> tuple[tuple[BankStatement, ...], tuple[RejectedRow, ...]]:
    """The bookings of a table as one statement an account and currency; `kind` is `payments` or `paypal`.

    A report of PayPal says nothing of the days on the bank account, so it has no last day.
    """
    if kind == PAYPAL:
        payments, rejected = read_rows(sheet, PAYPAL, decimal, partial(_paypal_row, default=currency))
        return tuple(replace(one, from_on=None, until_on=None) for one in _by_account(payments)), rejected
    account = _account_in(sheet.preamble)
    bookings = replace(sheet, rows=tuple(row for row in sheet.rows if not _is_balance(row[1])))
    decimal = decimal or _decimal_sign(bookings)
    payments, rejected = read_rows(bookings, PAYMENTS, decimal, partial(_payment_row, default=currency))
    return _by_account(tuple((named or account, entry) for named, entry in payments)), rejected


def _payment_row(row: Row, default: str) -> tuple[str, BankEntry] | None:
    """A booking, with the account it stands on; None if it is only announced."""
    if _ANNOUNCED.search(row.word("status")):
        return None
    booked_on = row.day("booked_on", short_years=True)
    if booked_on is None:
        raise CellError("field_missing", "Column booked_on: empty.")
    amount_cents = _signed_amount(row)
    text, end_to_end = row.word("booking_text"), row.word("end_to_end_id")
    reference = row.word("reference") or text
    parties = ("counterparty", "payee") if amount_cents >= 0 else ("payee", "counterparty")
    return row.word("account").replace(" ", ""), BankEntry(
        booked_on=booked_on,
        value_on=row.day("value_on", short_years=True) or booked_on,
        amount_cents=amount_cents,
        currency=row.currency(default),
        reference=reference,
        end_to_end_id="" if end_to_end in _NO_REFERENCE else end_to_end,
        counterparty=next(filter(None, map(row.word, parties)), ""),
        counterparty_iban=row.word("iban").replace(" ", "").upper(),
        return_reason=(named_reason(reference) or NARRATIVE) if _RETURNED.search(text) else "",
    )


def _signed_amount(row: Row) -> int:
    """What moved: a column for each direction, or one amount with its sign in it or in a column beside it."""
    sides = [side for side in ("debit", "credit") if row.word(side) and row.amount(side)]
    if len(sides) > 1:
        raise CellError("bad_amount", "Columns debit and credit: both filled.")
    if sides:
        return abs(row.amount(sides[0])) * (1 if sides[0] == "credit" else -1)
    sign = row.word("sign").casefold()
    if sign and sign not in _SIGNS:
        raise CellError("bad_sign", "Column sign: neither S nor H.")
    if "amount" not in row.places and row.word("debit") + row.word("credit"):
        return 0
    amount = row.amount("amount")
    return abs(amount) * _SIGNS[sign] if sign else amount


def _paypal_row(row: Row, default: str) -> tuple[str, BankEntry] | None:
    """What a customer paid, before PayPal's fee; None for what is no completed payment to us.

    A positive row that is neither a payment nor known as our own money is parked: a person looks at it.
    """
    done = row.word("status").casefold() in _DONE if "status" in row.places else True
    gross_cents, kind = row.amount("gross"), row.needed("kind")
    if not done or gross_cents <= 0 or row.word("effect").casefold() == "memo" or _NOT_PAID.search(kind):
        return None
    if not _PAID.search(kind):
        if _OWN_MONEY.search(kind):
            return None
        raise CellError("unknown_kind", "Column kind: not known whether this is a payment.")
    on = row.day("booked_on")
    if on is None:
        raise CellError("field_missing", "Column booked_on: empty.")
    said = dict.fromkeys(filter(None, map(row.word, ("subject", "note", "item"))))
    return "", BankEntry(
        booked_on=on,
        value_on=on,
        amount_cents=gross_cents,
        currency=row.currency(default),
        reference=" ".join(said),
        structured_reference=row.word("invoice"),
        counterparty=row.word("name"),
        bank_reference=row.needed("transaction"),
    )


def _is_balance(cells: tuple[Cell, ...]) -> bool:
    """A line of a balance among the bookings: it begins so, or says so and nothing else but a day and a sum."""
    words = [str(cell or "").strip().casefold().rstrip(":") for cell in cells]
    return bool(words) and (words[0] in _BALANCES or (sum(map(bool, words)) <= 5 and not _BALANCES.isdisjoint(words)))


def _decimal_sign(sheet: Sheet) -> str | None:
    """The decimal sign that the table's own amounts prove: where one reads `-28,5`, `1.119` is a thousand."""
    places = positions(PAYMENTS, sheet.heading)
    columns = [places[column] for column in ("amount", "debit", "credit") if column in places]
    written = (cells[place] for _, cells in sheet.rows for place in columns if place < len(cells))
    signs = {proof[1] for amount in written if isinstance(amount, str) and (proof := _CENTS.search(amount))}
    return signs.pop() if len(signs) == 1 else None


def _account_in(preamble: tuple[str, ...]) -> str:
    """The account that the lines above the heading name, if it is one IBAN."""
    found = {match.replace(" ", "") for line in preamble for match in _IBAN.findall(line)}
    return found.pop() if len(found) == 1 else ""


def _by_account(payments: tuple[tuple[str, BankEntry], ...]) -> tuple[BankStatement, ...]:
    """A list has no balances to check."""
    grouped: dict[tuple[str, str], list[BankEntry]] = {}
    for account, entry in payments:
        grouped.setdefault((account, entry.currency), []).append(entry)
    return tuple(
        BankStatement(
            account=account,
            currency=currency,
            opening_cents=None,
            closing_cents=None,
            from_on=min(entry.booked_on for entry in entries),
            until_on=max(entry.booked_on for entry in entries),
            entries=tuple(entries),
        )
        for (account, currency), entries in grouped.items()
    )
