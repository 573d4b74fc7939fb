"""Bank statements in SWIFT MT940, as banks and cash programs still write them.

The fields are read by the library `mt-940`. What it would pass over in silence is looked at first: a statement
without its end, several accounts in one, balances and amounts that it would read by halves. A file is taken
whole or refused whole. The text cut into fields: `mt940_fields.py`; what field 86 says: `mt940_details.py`.
"""

import logging
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import mt940
from mt940.processors import date_fixup_pre_processor
from mt940.tags import StatementGLS

from dunning.errors import InputRejected
from dunning.facts import BankEntry, BankStatement
from tasks.intake.camt import reconciles
from tasks.intake.mt940_details import details_of
from tasks.intake.mt940_fields import Field, statements_of, text_of

_OPENING, _CLOSING = ("60F", "60M", "60"), ("62F", "62M", "62")
_READ = frozenset({"25", "61", "86", *_OPENING, *_CLOSING})
_REPORT = frozenset({"13D", "34F", "90C", "90D"})
"""Fields of MT942, which shows an account between its statements."""
_BALANCE = re.compile(r"[CD]\d{6}[A-Z]{3}\d{1,15}(,\d*)?", re.ASCII)
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}[A-Z0-9]{11,30}(?![A-Z0-9])", re.ASCII)
_NO_REFERENCE = frozenset({"NONREF", "KREF+", "EREF+"})
"""Stands in a reference of field 61 if there is none, or if it stands in field 86."""

logging.getLogger("mt940").setLevel(logging.CRITICAL)  # it logs what it cannot read: names and accounts


class _Reader(mt940.models.Transactions):
    """The library's reader of one statement, given lines that are clean already."""

    @staticmethod
    def strip(lines: list[str]) -> list[str]:
        return lines


@dataclass(frozen=True, slots=True)
class _Balance:
    on: date
    currency: str
    cents: int


def read_mt940(raw: bytes, check_balances: bool = True) -> tuple[BankStatement, ...]:
    """Read every statement of a file; no two are merged.

    Refuses the file whole: `nul_bytes`, `too_large`, `field_too_long`, `no_statement`, `not_a_statement`,
    `cut_off`, `field_missing`, `several_accounts`, `bad_amount`, `bad_currency`, `bad_date`,
    `too_many_decimals`, `not_readable`, and, with `check_balances`, `balance_mismatch`.
    """
    found = statements_of(raw)
    if not found:
        raise _refused("no_statement", "The bank file holds no statement.")
    statements = tuple(_statement(fields) for fields in found)
    for place, statement in enumerate(statements, start=1):
        if check_balances and not reconciles(statement):
            what = f"Statement {place}: opening balance and entries do not add up to the closing balance."
            raise _refused("balance_mismatch", what)
    return statements


def _statement(fields: list[Field]) -> BankStatement:
    _require_whole(Counter(tag for tag, _ in fields))
    read = _read([(tag, text_of((tag, lines))) for tag, lines in fields if tag in _READ])
    opening, closing = _balance(read.data, "opening"), _balance(read.data, "closing")
    if opening.currency != closing.currency:
        raise _refused("bad_currency", "A statement opens in one currency and closes in another.")
    return BankStatement(
        account=_account(read.data["account_identification"], opening.currency),
        currency=opening.currency,
        opening_cents=opening.cents,
        closing_cents=closing.cents,
        from_on=opening.on,
        until_on=closing.on,
        entries=tuple(_entry(transaction.data) for transaction in read.transactions),
        number=next((lines[0].strip()[:35] for tag, lines in fields if tag in ("28", "28C")), ""),
    )


def _require_whole(tags: Counter[str]) -> None:
    """A statement has one account, an opening balance and, at its end, a closing one."""
    closes = any(tags[tag] for tag in _CLOSING)
    if not closes and any(tags[tag] for tag in _REPORT):
        raise InputRejected(
            "not_a_statement",
            "The file is a report within the day (MT942): the statement of the day brings its entries again.",
            "Import the statement (MT940 or camt.053) of the same days.",
        )
    if not closes:
        raise _refused("cut_off", "A statement has no closing balance (62): it is cut off.")
    if tags["25"] > 1:
        raise _refused("several_accounts", "One statement names several accounts.")
    if not tags["25"] or not any(tags[tag] for tag in _OPENING):
        raise _refused("field_missing", "A statement lacks its account (25) or its opening balance (60).")


def _read(fields: list[tuple[str, str]]) -> _Reader:
    if any(tag in _OPENING + _CLOSING and not _BALANCE.fullmatch(text) for tag, text in fields):
        raise _refused("bad_amount", "A balance is not mark, day, currency and amount.")
    reader = _Reader(
        processors={
            "pre_statement": [date_fixup_pre_processor, _set_aside],  # banks value on the 30th of February
            "post_statement": [],
            "post_transaction_details": [],
        },
        tags={StatementGLS.id: StatementGLS()},
        options=mt940.Options.all(),
    )
    try:
        reader.parse("\n".join(f":{tag}:{text}" for tag, text in fields))
    except Exception:  # a foreign parser on foreign text; what it raises holds that text
        raise _refused("not_readable", "A field of a statement is not as MT940 has it.") from None
    return reader


def _set_aside(_all: object, _tag: object, fields: dict[str, Any], *_: object) -> dict[str, Any]:
    """Keep the booking day from the library, which reads it in the value date's year."""
    fields["booked"] = f"{fields.pop('entry_month') or ''}{fields.pop('entry_day') or ''}".strip()
    return fields


def _balance(data: dict[str, Any], which: str) -> _Balance:
    """The balance of the whole statement; of a page that is none, the page's."""
    keys = (f"final_{which}_balance", f"intermediate_{which}_balance", f"{which}_balance")
    found = next(data[key] for key in keys if key in data)
    return _Balance(_day(found.date), found.amount.currency, _cents(found.amount.amount))


def _entry(data: dict[str, Any]) -> BankEntry:
    if not data.get("id"):  # the fields of 61 are of fixed width: without its code the amount was not read whole
        raise _refused("bad_amount", "An entry is not day, mark, amount and code.")
    value_on, details = _day(data["date"]), data.get("transaction_details", "")
    said = details_of(details, code=data["id"])
    return BankEntry(
        booked_on=_booked_on(value_on, data["booked"]),
        value_on=value_on,
        amount_cents=_cents(data["amount"].amount),
        currency=data["currency"],
        reference=said.reference if details else _short_reference(data),
        end_to_end_id=said.end_to_end_id,
        counterparty=said.counterparty,
        counterparty_iban=said.counterparty_iban,
        bank_reference=_reference(data["bank_reference"]),
        return_reason=said.return_reason,
        reversal=data["status"].upper().startswith("R"),
    )


def _booked_on(value_on: date, written: str) -> date:
    """The booking day, written as month and day: not half a year from the value date."""
    if not written:
        return value_on
    try:
        month, day = int(written[:2]), int(written[2:])
        months = month - value_on.month
        return date(value_on.year + (months < -6) - (months > 6), month, day)
    except ValueError:
        raise _refused("bad_date", "The booking day of an entry is not a day.") from None


def _day(found: date) -> date:
    return date(found.year, found.month, found.day)


def _cents(amount: Decimal) -> int:
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise _refused("too_many_decimals", "An amount has more than two decimals and cannot be counted in cents.")
    return int(cents)


def _account(written: str, currency: str) -> str:
    """IBAN, or bank code and account number as written; some banks write the currency behind."""
    plain = written.replace(" ", "").removesuffix(currency).rstrip("/")
    iban = _IBAN.search(plain)
    return iban[0] if iban else plain


def _short_reference(data: dict[str, Any]) -> str:
    """What an entry without a field 86 says of itself."""
    return " ".join(filter(None, (_reference(data["customer_reference"]), _reference(data["extra_details"]))))


def _reference(written: str | None) -> str:
    plain = " ".join((written or "").split())
    return "" if plain in _NO_REFERENCE else plain


def _refused(reason: str, what: str) -> InputRejected:
    return InputRejected(reason, what, "Fetch the statement from the bank again; if it stays so, ask the bank.")
