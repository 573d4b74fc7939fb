"""The shop's bank account: what moves on it beside the customers' payments, and statements that chain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from random import Random

from deployments.demo.people import iban
from deployments.demo.seller import STATE
from dunning.calendar import GermanCalendar

CALENDAR = GermanCalendar(STATE)
OPENING_CENTS = 4_218_355
"""Balance before the first statement."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transaction of the account. Positive cents came in."""

    booked_on: date
    cents: int
    name: str
    iban: str
    text: str
    structured: str = ""
    """Creditor reference (RF)."""
    end_to_end_id: str = ""
    direct_debit: bool = False
    """Collected by the shop; all of a day are booked as one batch."""
    names: str | None = None
    """The invoice that the reference names for certain, if any; the story's own knowledge."""


@dataclass(frozen=True, slots=True)
class Booking:
    """One entry of a statement: a single transaction, or a batch of direct debits."""

    transfers: tuple[Transfer, ...]
    reference: str
    """The bank's own reference of the entry."""

    @property
    def cents(self) -> int:
        """Amount of the entry."""
        return sum(transfer.cents for transfer in self.transfers)


@dataclass(frozen=True, slots=True)
class Statement:
    """One bank day of the account."""

    on: date
    number: int
    opening_cents: int
    bookings: tuple[Booking, ...]

    @property
    def closing_cents(self) -> int:
        """Balance at the end of the day."""
        return self.opening_cents + sum(booking.cents for booking in self.bookings)


def next_bank_day(on: date) -> date:
    """The day itself, or the next one on which banks book."""
    while not CALENDAR.is_bank_day(on):
        on += timedelta(days=1)
    return on


def bank_days(first: date, last: date) -> list[date]:
    """All bank days from first to last, both included."""
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return [on for on in days if CALENDAR.is_bank_day(on)]


def household(rng: Random, first: date, last: date) -> list[Transfer]:
    """What any shop's account shows: rent, wages, parcels, fees; card takings, refunds."""
    accounts = {name: iban(rng) for name in ("rent", "wages", "parcels", "cards", "tax", "supplier")}

    def book(on: date, cents: int, name: str, account: str, text: str) -> None:
        made.append(Transfer(booked_on=on, cents=cents, name=name, iban=accounts.get(account, ""), text=text))

    made: list[Transfer] = []
    days = bank_days(first, last)
    for previous, on in pairwise([first - timedelta(1), *days]):
        if on.month != previous.month:
            book(on, -285_000, "Speicherhof Vermietung KG", "rent", f"Miete {on:%m/%Y} Speicherweg 4")
            book(on, -1_490, "Hausbank", "", f"Kontoführung {previous:%m/%Y}")
        if previous.day < 27 and (on.day >= 27 or on.month != previous.month):
            book(on, -731_240, "Lohnbüro Elbe", "wages", f"Gehälter {on:%m/%Y}")
        if on.weekday() < previous.weekday():
            book(
                on,
                -rng.randint(18_000, 42_000),
                "Paketdienst Hansa GmbH",
                "parcels",
                f"Versand PH-{on:%Y%m%d}",
            )
            takings = f"Kartenumsätze KW {on.isocalendar().week}"
            book(on, rng.randint(210_000, 390_000), "Kartenkontor AG", "cards", takings)
    book(days[len(days) // 3], 31_877, "Finanzamt Hamburg", "tax", "Erstattung Umsatzsteuer 47/123/45678")
    book(days[-8], 12_940, "Teeimport Speicherstadt GmbH", "supplier", "Gutschrift zu Lieferung 88213")
    return made


def statements(transfers: Iterable[Transfer], first: date, last: date) -> list[Statement]:
    """A statement for every bank day from first to last, also an empty one; each opens as the last closed."""
    by_day = {on: list(day) for on, day in groupby(sorted(transfers, key=_booked_on), key=_booked_on)}
    made, balance = [], OPENING_CENTS
    for number, on in enumerate(bank_days(first, last), start=1):
        made.append(Statement(on, number, balance, tuple(_bookings(on, by_day.get(on, [])))))
        balance = made[-1].closing_cents
    return made


def _booked_on(transfer: Transfer) -> date:
    return transfer.booked_on


def _bookings(on: date, transfers: Sequence[Transfer]) -> Iterable[Booking]:
    """The entries of a day: the direct debits as one batch, everything else one by one."""
    debits = tuple(transfer for transfer in transfers if transfer.direct_debit)
    singles = [(transfer,) for transfer in transfers if not transfer.direct_debit]
    for place, group in enumerate([*singles, *([debits] if debits else [])], start=1):
        yield Booking(group, f"{on:%Y%m%d}{place:05d}")
