"""A shop's invoices, and payments of them drawn from a seed; each payment knows what it is meant to pay.

60 % of the payments pay one invoice, 20 % a part of one, 20 % several at once. Three quarters have one damage. Every
second number of the shop is open, so that a slip of the finger often writes another open invoice.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from dunning.facts import BankEntry
from dunning.known_invoices import KnownInvoice, KnownInvoices
from tests.bench.writing import Damage, damaged, drafted, person, surname

OWN = "DE02120300000000202051"
ON = date(2026, 10, 15)
PRICES = (1_990, 2_490, 2_990, 3_980, 4_980, 4_990, 5_980, 7_990, 9_900, 11_900)
"""Every second invoice is over one of these, and two of the smaller make one of the larger ones."""


class Kind(StrEnum):
    """How payments and invoices belong together."""

    ONE_TO_ONE = "one to one"
    MANY_TO_ONE = "many to one"
    """One of several payments of an invoice."""
    ONE_TO_MANY = "one to many"
    """Several invoices at once."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A bank entry with the truth about it."""

    entry: BankEntry
    meant: dict[str, int]
    """Cents for each invoice; they add up to more than the entry where a discount was taken off several."""
    kind: Kind
    damage: Damage


class Shop:
    """A shop with two customers for five payments: its invoices of two years, half of them open, and its payments."""

    def __init__(self, count: int, seed: int) -> None:
        self._rng = random.Random(seed)
        self._customers = [self._customer(number) for number in range(10_001, 10_001 + count * 2 // 5)]
        self._numbers = self._free_numbers(count)
        self._invoices: list[KnownInvoice] = []
        self.payments = [
            *(each for _ in range(count * 3 // 5) for each in self._pay(Kind.ONE_TO_ONE, 1)),
            *(each for _ in range(count // 10) for each in self._pay(Kind.MANY_TO_ONE, 1)),
            *(
                each
                for _ in range(count // 5)
                for each in self._pay(Kind.ONE_TO_MANY, self._rng.choice([2, 2, 2, 3, 4]))
            ),
        ]
        self._rng.shuffle(self.payments)
        for _ in range(count // 10):
            self._bill(self._rng.choice(self._customers))
        for _ in range(len(self._invoices)):
            self._bill(self._rng.choice(self._customers), is_open=False)

    def known(self) -> KnownInvoices:
        """The invoices as they are before the first payment."""
        return KnownInvoices(self._invoices, own_accounts=[OWN])

    def _customer(self, number: int) -> tuple[str, str]:
        """Number and name; a few have the same name."""
        rng = self._rng
        shop = f"{rng.choice(['Teehaus', 'Café', 'Hotel'])} {surname(rng)} GmbH"
        return str(number), shop if rng.random() < 0.2 else person(rng)

    def _free_numbers(self, count: int) -> Iterator[str]:
        """RE-2025-0001 and so on in any order, neighbours side by side now and then."""
        every = [f"RE-{year}-{place:04}" for year in (2025, 2026) for place in range(1, 5 * count // 2)]
        cuts = sorted({0, *self._rng.sample(range(1, len(every)), len(every) * 2 // 3)})
        runs = [every[start:end] for start, end in zip(cuts, [*cuts[1:], len(every)], strict=True)]
        self._rng.shuffle(runs)
        return (number for run in runs for number in run)

    def _bill(self, customer: tuple[str, str], *, is_open: bool = True) -> KnownInvoice:
        rng = self._rng
        cents = rng.choice(PRICES) if rng.random() < 0.5 else rng.randrange(600, 25_000)
        number, name = customer
        invoice = KnownInvoice(next(self._numbers), cents if is_open else 0, "EUR", number, name, is_open=is_open)
        self._invoices.append(invoice)
        return invoice

    def _pay(self, kind: Kind, invoices: int) -> Iterator[Payment]:
        """Bill a customer, and let him pay: in two parts where many payments are for one invoice."""
        rng, customer = self._rng, self._rng.choice(self._customers)
        bills = [self._bill(customer) for _ in range(invoices)]
        total = sum(bill.open_cents for bill in bills)
        first = rng.choice([total // 2, rng.randrange(1, total)])
        for cents in [first, total - first] if kind is Kind.MANY_TO_ONE else [total]:
            damage = rng.choice(list(Damage)[1:]) if rng.random() < 0.75 else Damage.NONE
            draft, text = damaged(rng, drafted(rng, bills, cents), damage)
            entry = BankEntry(ON, ON, draft.cents, "EUR", text, counterparty=draft.payer)
            meant = {bill.number: bill.open_cents for bill in bills} if invoices > 1 else {bills[0].number: draft.cents}
            yield Payment(self._in_another_field(entry), meant, kind, damage)

    def _in_another_field(self, entry: BankEntry) -> BankEntry:
        """Now and then the payer's bank has a field of its own for the reference."""
        chance, text = self._rng.random(), entry.reference
        if chance < 0.9:
            return entry
        empty = replace(entry, reference="")
        return replace(empty, structured_reference=text) if chance < 0.95 else replace(empty, end_to_end_id=text)
