"""The invoices a payment may mean, indexed so that an entry costs the same among ten and among 100,000."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from dunning.errors import RuleViolation
from dunning.facts import BankEntry
from dunning.spelling import Passage, breaks_of, key_of, last_digits_of, words_of


class By(StrEnum):
    """What named an invoice."""

    INVOICE_NUMBER = "invoice_number"
    STRUCTURED_REFERENCE = "structured_reference"


class Trait(StrEnum):
    """What an entry and an open invoice may have in common without the invoice being named."""

    SAME_PAYER = "same_payer"
    """The customer paid from this IBAN before."""
    CUSTOMER_NUMBER = "customer_number"
    SAME_NAME = "same_name"
    SAME_LAST_DIGITS = "same_last_digits"
    SAME_AMOUNT = "same_amount"


@dataclass(frozen=True, slots=True)
class KnownInvoice:
    """One of the creditor's invoices, as far as finding its payment goes."""

    number: str
    open_cents: int
    currency: str
    customer_number: str = ""
    customer_name: str = ""
    reference: str = ""
    """The reference the invoice asks payers to state (BT-83), if it is not the number."""
    is_open: bool = True
    """False once it is settled, cancelled or otherwise closed: named, it books nothing."""
    payer_ibans: frozenset[str] = frozenset()
    """Accounts from which its customer paid before."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """One key under which an invoice is found."""

    number: str
    by: By
    breaks: frozenset[int]


class KnownInvoices:
    """The creditor's invoices and accounts. Answers do not depend on the order in which invoices came."""

    def __init__(self, invoices: Iterable[KnownInvoice], *, own_accounts: Iterable[str]) -> None:
        """`own_accounts` are IBANs. No number may come twice."""
        self._own = {form for iban in own_accounts for form in _forms_of(key_of(iban))}
        self._invoices: dict[str, KnownInvoice] = {}
        self._spellings: dict[str, tuple[Spelling, ...]] = {}
        self._open_by: dict[Trait, dict[str, list[str]]] = {trait: {} for trait in Trait}
        self.longest_key = 0
        """The length of the longest key of any invoice."""
        for invoice in invoices:
            if invoice.number in self._invoices:
                raise RuleViolation(f"invoice {invoice.number} is known twice")
            self.put(invoice)

    def put(self, invoice: KnownInvoice) -> None:
        """Add an invoice, or replace it, as when a payment changed what is open."""
        if old := self._invoices.get(invoice.number):
            self._forget(old)
        self._invoices[invoice.number] = invoice
        for key, spelling in _spellings_of(invoice):
            self._spellings[key] = (*self._spellings.get(key, ()), spelling)
            self.longest_key = max(self.longest_key, len(key))
        for trait, value in _traits_of(invoice):
            self._open_by[trait].setdefault(value, []).append(invoice.number)

    def _forget(self, invoice: KnownInvoice) -> None:
        for key, spelling in _spellings_of(invoice):
            self._spellings[key] = tuple(each for each in self._spellings[key] if each != spelling)
        for trait, value in _traits_of(invoice):
            self._open_by[trait][value].remove(invoice.number)

    def owns(self, account: str) -> bool:
        """Whether an account (IBAN, or German bank code and account number) is the creditor's."""
        return key_of(account) in self._own

    def invoice(self, number: str) -> KnownInvoice:
        """The invoice of this very number."""
        return self._invoices[number]

    def spelled(self, key: str) -> tuple[Spelling, ...]:
        """The invoices, open and closed, whose number or reference has this key."""
        return self._spellings.get(key, ())

    def open_of_customer(self, invoice: KnownInvoice) -> list[KnownInvoice]:
        """The open invoices of an invoice's customer but for itself."""
        same = self.open_with(Trait.CUSTOMER_NUMBER, key_of(invoice.customer_number))
        return [self._invoices[number] for number in same if number != invoice.number]

    def open_of_payer(self, entry: BankEntry) -> list[KnownInvoice]:
        """The open invoices of the customers who paid from the entry's IBAN before, or have the payer's name."""
        traits = (each for each in traits_of_entry(entry, ()) if each[0] in {Trait.SAME_PAYER, Trait.SAME_NAME})
        numbers = sorted({number for trait, value in traits for number in self.open_with(trait, value)})
        return [self._invoices[number] for number in numbers if is_payer(entry, self._invoices[number])]

    def open_with(self, trait: Trait, value: str) -> Collection[str]:
        """The numbers of the open invoices that have a trait."""
        return self._open_by[trait].get(value, ())


def is_payer(entry: BankEntry, invoice: KnownInvoice) -> bool | None:
    """Whether the invoice's own customer pays, or is named in the text; None where the names say too little.

    One name has all words of the other, and they are two at least: "MUSTER, MAX" is "Dr. Max und Eva Muster".
    """
    payer, customer = words_of(entry.counterparty), words_of(invoice.customer_name)
    if key_of(entry.counterparty_iban) in map(key_of, invoice.payer_ibans):
        return True
    if len(customer) > 1 and customer <= words_of(entry.reference):
        return True
    few, many = sorted((payer, customer), key=len)
    if not few <= many:
        return False
    return True if len(few) > 1 or (few and few == many) else None


def amount_of(cents: int, currency: str) -> str:
    """The value of `Trait.SAME_AMOUNT`."""
    return f"{cents} {currency}"


def traits_of_entry(entry: BankEntry, passages: Iterable[Passage]) -> Iterator[tuple[Trait, str]]:
    """What an entry may have in common with its invoice."""
    yield Trait.SAME_AMOUNT, amount_of(entry.amount_cents, entry.currency)
    yield Trait.SAME_PAYER, key_of(entry.counterparty_iban)
    for name in _name_keys_of(entry.counterparty):
        yield Trait.SAME_NAME, name
    for passage in passages:
        if len(passage.key) >= 3:
            yield Trait.CUSTOMER_NUMBER, passage.key
        if passage.key.isdigit():
            yield Trait.SAME_LAST_DIGITS, passage.key


def _traits_of(invoice: KnownInvoice) -> Iterator[tuple[Trait, str]]:
    """The traits under which an open invoice is listed; a closed one has none."""
    if not invoice.is_open:
        return
    yield Trait.SAME_AMOUNT, amount_of(invoice.open_cents, invoice.currency)
    for iban in invoice.payer_ibans:
        yield Trait.SAME_PAYER, key_of(iban)
    if words := words_of(invoice.customer_name):
        yield Trait.SAME_NAME, " ".join(sorted(sorted(words, key=lambda word: (-len(word), word))[:2]))
    if customer := key_of(invoice.customer_number):
        yield Trait.CUSTOMER_NUMBER, customer
    if len(digits := last_digits_of(invoice.number)) >= 3:
        yield Trait.SAME_LAST_DIGITS, digits


def _name_keys_of(name: str) -> Iterator[str]:
    """Each two words of a payer's name: the customer's two longest, under which he is listed, may be among them."""
    words = sorted(words_of(name))
    yield from words if len(words) == 1 else map(" ".join, combinations(words, 2))


def _spellings_of(invoice: KnownInvoice) -> Iterator[tuple[str, Spelling]]:
    """Its number, and its reference where that is a number of its own; words alone name nothing."""
    number, reference = key_of(invoice.number), key_of(invoice.reference)
    if any(map(str.isdigit, number)):
        yield number, Spelling(invoice.number, By.INVOICE_NUMBER, breaks_of(invoice.number))
    if reference != number and any(map(str.isdigit, reference)):
        yield reference, Spelling(invoice.number, By.STRUCTURED_REFERENCE, breaks_of(invoice.reference))


def _forms_of(iban: str) -> Iterator[str]:
    """How banks write one account: IBAN; in Germany also bank code and number, with zeros or without."""
    yield iban
    if iban.startswith("DE"):
        yield iban[4:]
        yield iban[4:12] + iban[12:].lstrip("0")
