"""What the sample shop sells, and its papers: invoices and credit notes with VAT that adds up to the cent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from random import Random

from deployments.demo.people import Customer, check_digits


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the shelf; price per piece without VAT."""

    code: str
    name: str
    net_cents: int
    vat_percent: int


GOODS = (
    Item("T-101", "Ostfriesenmischung 500 g", 1290, 7),
    Item("T-102", "Darjeeling First Flush 250 g", 1890, 7),
    Item("T-103", "Kamillenblüten 200 g", 790, 7),
    Item("T-104", "Rooibos Vanille 1 kg", 2450, 7),
    Item("T-105", "Sencha Yame 200 g", 2160, 7),
    Item("T-106", "Kräutertee Wiesenglück 300 g", 995, 7),
    Item("T-107", "Assam TGFOP 1 kg", 3275, 7),
    Item("P-201", "Lavendel im Topf", 649, 7),
    Item("P-202", "Teestrauch Camellia sinensis", 2990, 7),
    Item("P-203", "Kräutersamen, Set mit 12 Sorten", 1785, 7),
    Item("G-301", "Gießkanne Zink 9 l", 3445, 19),
    Item("G-302", "Handspaten mit Eschengriff", 2149, 19),
    Item("G-303", "Gartenschere geschmiedet", 4195, 19),
    Item("G-304", "Hochbeet Lärche 120 x 80", 15950, 19),
    Item("G-305", "Rankgitter Weide", 2735, 19),
    Item("K-401", "Teekanne Gusseisen 1,2 l", 5875, 19),
    Item("K-402", "Teetassen, 4 Stück", 3125, 19),
    Item("K-403", "Stövchen Messing", 2685, 19),
    Item("K-404", "Teedose Blech grün", 899, 19),
)
SHIPPING = Item("V-001", "Versandkosten", 412, 19)
SMALL_ORDER = Item("T-103", "Kamillenblüten 200 g", 790, 7)
"""One packet and its postage stay under the usual minimum of a hand-over."""


class Form(StrEnum):
    """How a paper reaches the import."""

    UBL = "ubl"
    CII = "cii"
    PDF = "pdf"
    """ZUGFeRD: a page to read with the CII file inside."""
    TABLE = "table"
    """A row of the shop's CSV export."""


@dataclass(frozen=True, slots=True)
class Position:
    """One line of an invoice."""

    item: Item
    quantity: int

    @property
    def net_cents(self) -> int:
        """Line total without VAT (BT-131)."""
        return self.item.net_cents * self.quantity


@dataclass(frozen=True, slots=True)
class VatShare:
    """One row of the VAT breakdown (BG-23)."""

    percent: int
    net_cents: int

    @property
    def tax_cents(self) -> int:
        """Tax of this rate, rounded half up once on the sum of its lines (BT-117)."""
        return (self.net_cents * self.percent + 50) // 100


@dataclass(frozen=True, slots=True)
class Paper:
    """An invoice, or a credit note where `corrects` names an invoice. Its amounts are positive in both."""

    number: str
    customer: Customer
    order_number: str
    ordered_on: date
    delivered_on: date
    issued_on: date
    due_on: date
    term_days: int
    states_due_day: bool
    """False: the paper gives the term in words only."""
    positions: tuple[Position, ...]
    form: Form
    direct_debit: bool = False
    corrects: str = ""

    @property
    def credit_note(self) -> bool:
        """Whether this is a credit note (type 381)."""
        return bool(self.corrects)

    @property
    def vat(self) -> tuple[VatShare, ...]:
        """The VAT breakdown, lower rate first."""
        rates = sorted({position.item.vat_percent for position in self.positions})
        return tuple(VatShare(rate, _net(p for p in self.positions if p.item.vat_percent == rate)) for rate in rates)

    @property
    def net_cents(self) -> int:
        """Sum of the lines without VAT (BT-106, BT-109)."""
        return _net(self.positions)

    @property
    def tax_cents(self) -> int:
        """Sum of VAT (BT-110)."""
        return sum(share.tax_cents for share in self.vat)

    @property
    def gross_cents(self) -> int:
        """Total with VAT (BT-112); nothing is prepaid, so this is due too (BT-115)."""
        return self.net_cents + self.tax_cents

    @property
    def reference(self) -> str:
        """What the payer is asked to state (BT-83): for a business a creditor reference (ISO 11649)."""
        return creditor_reference(self.number) if self.customer.business else self.number

    @property
    def terms(self) -> str:
        """Payment terms in words (BT-20)."""
        if self.credit_note:
            return "Der Betrag wird mit der Rechnung verrechnet."
        if self.direct_debit:
            return f"Wir ziehen den Betrag am {self.due_on:%d.%m.%Y} von Ihrem Konto ein."
        return f"Zahlbar innerhalb von {self.term_days} Tagen ohne Abzug."


def creditor_reference(number: str) -> str:
    """A creditor reference (RF, ISO 11649) made from an invoice number."""
    body = "".join(letter for letter in number if letter.isalnum())
    return f"RF{check_digits('RF', body)}{body}"


def basket(rng: Random, business: bool) -> tuple[Position, ...]:
    """A random order: one to four items, businesses take more of each; postage comes on top."""
    items = rng.sample(GOODS, rng.choice((1, 2, 2, 3, 4)))
    most = 6 if business else 2
    return (*(Position(item, rng.randint(1, most)) for item in items), Position(SHIPPING, 1))


def small_basket() -> tuple[Position, ...]:
    """An order of less than 20 EUR."""
    return (Position(SMALL_ORDER, 1), Position(SHIPPING, 1))


def _net(positions: Iterable[Position]) -> int:
    return sum(position.net_cents for position in positions)


def euros(cents: int) -> str:
    """Whole cents as an amount with a decimal point, as XML files write it: 123456 is `1234.56`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
