"""Papers of the tests' own shop as files: invoices in both syntaxes, tables, statements of account."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from deployments.demo.bank import Booking, Statement, Transfer
from deployments.demo.camt import camt_period
from deployments.demo.cii import cii_file
from deployments.demo.goods import Form, Item, Paper, Position
from deployments.demo.people import Customer
from deployments.demo.seller import SHOP, Seller
from deployments.demo.ubl import ubl_file

ISSUED = date(2026, 2, 2)
BUYER = Customer(
    "K-1", "Jürgen", "Groß", "", "Am Mühlbach 7", "", "10115", "Berlin", "DE", "BE", "k-1@gross.example", "de",
    date(2024, 1, 1), "DE02120300000000202051",
)  # fmt: skip
TEA = Item("T-1", "Tee", 8_403, 19)
"""99.9957 EUR with VAT, rounded to 100.00."""


def paper(number: str = "RE-1", **changed: Any) -> Paper:
    """An invoice over 100.00 EUR, due on 16 February 2026."""
    usual = Paper(
        number=number, customer=BUYER, order_number="B-1", ordered_on=ISSUED - timedelta(3), delivered_on=ISSUED,
        issued_on=ISSUED, due_on=ISSUED + timedelta(14), term_days=14, states_due_day=True,
        positions=(Position(TEA, 1),), form=Form.UBL,
    )  # fmt: skip
    return replace(usual, **changed)


def ubl(folder: Path, made: Paper, seller: Seller = SHOP, name: str = "") -> Path:
    """The paper as XRechnung in UBL."""
    return _write(folder / (name or f"{made.number}.xml"), ubl_file(made, seller))


def cii(folder: Path, made: Paper, seller: Seller = SHOP) -> Path:
    """The paper as XRechnung in CII."""
    return _write(folder / f"{made.number}-cii.xml", cii_file(made, seller))


def table(folder: Path, name: str, *lines: str) -> Path:
    """A table with `;`, its heading first."""
    return _write(folder / name, "\n".join(lines).encode())


def camt(folder: Path, name: str, *transfers: Transfer, opening_cents: int = 100_000, iban: str = SHOP.iban) -> Path:
    """A camt.053 with one statement of these transfers."""
    on = max((each.booked_on for each in transfers), default=ISSUED)
    day = Statement(on, 1, opening_cents, tuple(_booking(transfers)))
    return _write(folder / name, camt_period([day], name=name).replace(SHOP.iban.encode(), iban.encode()))


def transfer(cents: int, text: str, booked_on: date = ISSUED + timedelta(20), **changed: Any) -> Transfer:
    """Money that came in."""
    usual = Transfer(booked_on=booked_on, cents=cents, name="Groß, Jürgen", iban=BUYER.iban, text=text)
    return replace(usual, **changed)


def _booking(transfers: Sequence[Transfer]) -> list[Booking]:
    return [Booking((each,), "") for each in transfers]


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
