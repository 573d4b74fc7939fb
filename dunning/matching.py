"""Which open invoices does a bank entry pay? Booked is only what is written: numbers or references.

Likeness never books. Everything that leaves a doubt is a proposal for a person, with a reason and with candidates.

- **One invoice**, in a spelling that leaves no doubt (`dunning.spelling`), books whatever the amount. A part payment
  does, and so does too much: the payer has said which invoice is meant (§ 366 (1) BGB), and the rest stands on it as
  a negative balance for a person to pay back or move.
- Unless something **speaks for another invoice**, since a slip of the finger often writes one that is open too: a
  payer who owes invoices himself, but not this one; or a wrong amount together with a stranger as payer, with a
  number one digit away or another invoice of the customer that has just this amount, with a second number, or with
  so much over that it may pay another one.
- **Several invoices** of one customer book if the amount is their sum to the cent, and no other choice of those named
  adds up to it. So does one that is written in full with others of which only the last digits are.
- **Doubtful** spellings ("RE-2026-10 42"), and parts of a number ("1042", or one that the bank cut off), book only
  where the amount fits to the cent and the payer is the customer; a digit that is wrong never books.
- A number of digits only needs five of them and a word such as "Rechnung" before it or nothing beside it;
  with six, blanks around it will do. In the end-to-end id, where payers count their own payments, it needs
  the word.
- Closed invoices named beside the open one do not matter where the amount is exact, unless the open one is named by
  its reference alone, which a shop may give to all invoices of a customer.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from dunning.candidates import MOST_CANDIDATES, Candidate, alike, named, ranked
from dunning.facts import BankEntry
from dunning.known_invoices import By, KnownInvoice, KnownInvoices, is_payer
from dunning.ledger import Designation
from dunning.mentions import Mention, another_is_written, mentions_in, passages_of, written_in_part
from dunning.spelling import Passage, key_of, one_digit_off

_ONLY_PRINCIPAL = re.compile(
    r"\b(?:nur|ausschlie(?:ß|ss)lich|allein|only)\b\W+(?:(?:auf|die|den|für|the)\W+){0,2}"
    r"(?:hauptforderung|hauptsumme|hauptbetrag|rechnungsbetrag|principal)\b",
    re.IGNORECASE,
)


class ProposalReason(StrEnum):
    """Why an entry was not booked."""

    UNKNOWN_ACCOUNT = "unknown_account"
    """The statement is of an account that is not the creditor's."""
    RETURNED_PAYMENT = "returned_payment"
    """Money that came back or was taken back: the bank gives a reason, or marks the booking as a reversal."""
    OUTGOING_PAYMENT = "outgoing_payment"
    ZERO_AMOUNT = "zero_amount"
    NO_REFERENCE_FOUND = "no_reference_found"
    SEVERAL_INVOICES_NAMED = "several_invoices_named"
    """And the amount is not their sum, or not all are one customer's."""
    MAY_MEAN_ANOTHER = "may_mean_another"
    """One open invoice is named, but payer or amount speak for another one, or for more than one."""
    INVOICE_NOT_OPEN = "invoice_not_open"
    """The invoice named is known, and closed."""
    FOREIGN_CURRENCY = "foreign_currency"
    """The entry's currency is not the invoice's."""


@dataclass(frozen=True, slots=True)
class Books:
    """The entry pays these invoices."""

    shares: tuple[tuple[str, int], ...]
    """Numbers in their order, each with its cents; these add up to the entry's amount."""
    by: By


@dataclass(frozen=True, slots=True)
class Proposal:
    """A person decides."""

    reason: ProposalReason
    candidates: tuple[Candidate, ...] = ()


Match = Books | Proposal


def match(entry: BankEntry, known: KnownInvoices, *, account: str) -> Match:
    """Decide one entry of a statement of `account` (IBAN, or bank code and account number).

    Booking changes what is open: `known.put` the invoices before the next entry is asked.
    """
    passages = passages_of(entry, known)
    mentions = list(mentions_in(passages, known))
    if not_ours := _not_a_payment_to_us(entry, own_account=known.owns(account)):
        return Proposal(not_ours, ranked(named(mentions)))
    verdict = _Reading(entry, known, passages, mentions).verdict()
    if isinstance(verdict, Books):
        return verdict
    return Proposal(verdict, ranked(alike(mentions, entry, passages, known)))


def _not_a_payment_to_us(entry: BankEntry, *, own_account: bool) -> ProposalReason | None:
    if not own_account:
        return ProposalReason.UNKNOWN_ACCOUNT
    if entry.return_reason or entry.reversal:
        return ProposalReason.RETURNED_PAYMENT
    if entry.amount_cents < 0:
        return ProposalReason.OUTGOING_PAYMENT
    return None if entry.amount_cents else ProposalReason.ZERO_AMOUNT


@dataclass(frozen=True, slots=True)
class _Reading:
    """An entry that brings us money, and what is written in it."""

    entry: BankEntry
    known: KnownInvoices
    passages: list[Passage]
    mentions: list[Mention]

    def verdict(self) -> Books | ProposalReason:
        certain = {mention.number for mention in self.mentions if mention.certain and mention.is_open}
        if not certain and any(mention.certain for mention in self.mentions):
            return ProposalReason.INVOICE_NOT_OPEN
        doubtful = {mention.number for mention in self.mentions if mention.is_open} - certain
        meant = self._adding_up(certain, doubtful)
        if len(certain) == 1 and (meant == certain or not (meant or doubtful)):
            return self._one(*certain)
        if meant and self._is_beyond_doubt(meant, certain):
            return self._books(meant)
        return ProposalReason.SEVERAL_INVOICES_NAMED if certain else ProposalReason.NO_REFERENCE_FOUND

    def _one(self, number: str) -> Books | ProposalReason:
        """What becomes of an entry that names one open invoice."""
        if self.known.invoice(number).currency != self.entry.currency:
            return ProposalReason.FOREIGN_CURRENCY
        return ProposalReason.MAY_MEAN_ANOTHER if self._speaks_for_another(number) else self._books({number})

    def _books(self, meant: Collection[str]) -> Books:
        """Each gets what is open of it; a single one gets all."""
        named_by = {mention.by for mention in self.mentions if mention.number in meant}
        by = By.STRUCTURED_REFERENCE if named_by == {By.STRUCTURED_REFERENCE} else By.INVOICE_NUMBER
        if len(meant) == 1:
            return Books(tuple((number, self.entry.amount_cents) for number in meant), by)
        return Books(tuple((number, self.known.invoice(number).open_cents) for number in sorted(meant)), by)

    def _adding_up(self, certain: set[str], doubtful: set[str]) -> set[str]:
        """The invoices named, with those of which a part is written if need be, whose sum is the amount."""
        return self._only_sum(certain, doubtful) or self._only_sum(certain, doubtful | self._in_part(certain) - certain)

    def _only_sum(self, certain: set[str], doubtful: set[str]) -> set[str]:
        """All that are certain and some of the others; empty where none or another choice adds up to the amount too."""
        if not doubtful:
            return certain if self._is_sum(certain) else set()
        named_open = certain | doubtful
        if len(named_open) > MOST_CANDIDATES:
            return set()
        choices = (set(each) for size in range(len(named_open)) for each in combinations(named_open, size + 1))
        found = [choice for choice in choices if self._is_sum(choice)]
        return found[0] if len(found) == 1 and certain <= found[0] else set()

    def _is_sum(self, numbers: Collection[str]) -> bool:
        invoices = [self.known.invoice(number) for number in numbers]
        if any(invoice.currency != self.entry.currency or invoice.open_cents <= 0 for invoice in invoices):
            return False
        return sum(invoice.open_cents for invoice in invoices) == self.entry.amount_cents

    def _in_part(self, certain: set[str]) -> set[str]:
        """The open invoices of the customer who is named by one, else of the payer, of which a part is written."""
        if not certain:
            return written_in_part(self.known.open_of_payer(self.entry), self.passages)
        return written_in_part(self.known.open_of_customer(self.known.invoice(min(certain))), self.passages)

    def _is_beyond_doubt(self, meant: set[str], certain: set[str]) -> bool:
        """Whether all are one customer's; and where none is certain, he pays and no other number is written."""
        invoices = [self.known.invoice(number) for number in meant]
        customers = {invoice.customer_number for invoice in invoices}
        if len(customers) > 1 or (len(invoices) > 1 and "" in customers) or self._names_others(meant):
            return False
        if certain:
            return True
        return bool(self._is_payer(invoices[0])) and not another_is_written(invoices, self.passages)

    def _speaks_for_another(self, number: str) -> bool:
        """Whether payer, amount or text say that not this invoice is meant, or not only this one."""
        invoice, cents = self.known.invoice(number), self.entry.amount_cents
        stranger = self._is_payer(invoice) is False
        slips = self._one_slip_away(invoice)
        if self._names_others({number}):
            return True
        if cents == invoice.open_cents:
            return stranger and bool(slips or self.known.open_of_payer(self.entry))
        others = [other.open_cents for other in self.known.open_of_customer(invoice)]
        over = cents - invoice.open_cents
        return (
            stranger
            or bool(slips)
            or cents in others
            or any(2 * over >= other for other in others)
            or another_is_written([invoice], self.passages)
        )

    def _names_others(self, meant: set[str]) -> bool:
        """Whether numbers are named, but none of these: their reference alone was written."""
        by_number = {mention.number for mention in self.mentions if mention.certain and mention.by is By.INVOICE_NUMBER}
        return bool(by_number) and not by_number & meant

    def _is_payer(self, invoice: KnownInvoice) -> bool | None:
        """Whether the invoice's own customer pays, by name or account, or is named; None where names are missing."""
        customer = key_of(invoice.customer_number)
        written = any(passage.key == customer and passage.is_customer_number for passage in self.passages)
        return written or is_payer(self.entry, invoice)

    def _one_slip_away(self, invoice: KnownInvoice) -> list[KnownInvoice]:
        """The open invoices of just this amount, or of the payer, whose number differs by one digit."""
        spelled = (each for key in one_digit_off(key_of(invoice.number)) for each in self.known.spelled(key))
        found = (self.known.invoice(each.number) for each in spelled if each.number != invoice.number)
        cents = self.entry.amount_cents
        return [other for other in found if other.is_open and (other.open_cents == cents or self._is_payer(other))]


def designation_of(entry: BankEntry) -> Designation:
    """What the payer of an entry that names its invoice said the money is for (§ 366 (1) BGB)."""
    return Designation.PRINCIPAL if _ONLY_PRINCIPAL.search(entry.reference) else Designation.CLAIM
