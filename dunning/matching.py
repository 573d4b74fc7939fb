"""Which open invoice does a bank entry pay? Booked is only what is written: its number or its reference.

An entry books when it names exactly one open invoice in a spelling that leaves no doubt (`dunning.spelling`).
Everything else is a proposal for a person, with a reason and with candidates; likeness never books.

- The amount does not matter. A part payment books, and so does too much: the payer has said which invoice is
  meant, and the rest stands on it as a negative balance for a person to pay back or move.
- A doubtful mention books nothing, and one of another open invoice stops the booking: "RE-2026-10 42" (a
  blank within a run of digits), "RE-2026-1042/2", "RE-2026-1042 und 1043", bare digits that may be a date.
- A number of digits only needs five of them and a word such as "Rechnung" before it or nothing beside it;
  with six, blanks around it will do. In the end-to-end id, where payers count their own payments, it needs
  the word.
- Closed invoices named beside the open one do not matter, unless the open one is named by its reference
  alone, which a shop may give to all invoices of a customer.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from dunning.facts import BankEntry
from dunning.known_invoices import By, KnownInvoices, Trait, traits_of_entry
from dunning.ledger import Designation
from dunning.spelling import Passage, PaymentText, one_digit_off

MOST_CANDIDATES = 10
"""A longer list helps nobody; a trait that more invoices share says nothing by itself."""

_AND = re.compile(r"\s*([,;+&]|UND|U\.?|AND|BIS|SOWIE)?\s*-?")
"""What stands between a number and the last digits of the next one: "RE-2026-1042, 1043"."""


_ONLY_PRINCIPAL = re.compile(
    r"\b(?:nur|ausschlie(?:ß|ss)lich|allein|only)\b\W+(?:(?:auf|die|für|the)\W+){0,2}"
    r"(?:hauptforderung|hauptsumme|hauptbetrag|rechnungsbetrag|principal)\b",
    re.IGNORECASE,
)


class ProposalReason(StrEnum):
    """Why an entry was not booked."""

    UNKNOWN_ACCOUNT = "unknown_account"
    """The statement is of an account that is not the creditor's."""
    RETURNED_PAYMENT = "returned_payment"
    """Money that came back or was taken back: a return reason is given."""
    OUTGOING_PAYMENT = "outgoing_payment"
    ZERO_AMOUNT = "zero_amount"
    NO_REFERENCE_FOUND = "no_reference_found"
    SEVERAL_INVOICES_NAMED = "several_invoices_named"
    INVOICE_NOT_OPEN = "invoice_not_open"
    """The invoice named is known, and closed."""
    FOREIGN_CURRENCY = "foreign_currency"
    """The entry's currency is not the invoice's."""


class Why(StrEnum):
    """Why an invoice is a candidate, the strongest first."""

    NAMED = "named"
    NAMED_DOUBTFULLY = "named_doubtfully"
    SIMILAR_NUMBER = "similar_number"
    """One digit is wrong, missing, too many or swapped; or only the last digits are written."""
    SAME_PAYER = "same_payer"
    """The customer paid from this IBAN before."""
    CUSTOMER_NUMBER = "customer_number"
    SAME_NAME = "same_name"
    SAME_AMOUNT = "same_amount"


_STRENGTH = {why: rank for rank, why in enumerate(Why)}
_WHY = {Trait.SAME_LAST_DIGITS: Why.SIMILAR_NUMBER}
_COMMON = frozenset({Trait.SAME_AMOUNT, Trait.SAME_LAST_DIGITS})
"""Traits that strangers' invoices share by chance."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An invoice that may be meant; `why` has the strongest first."""

    number: str
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """The entry pays this invoice."""

    number: str
    by: By


@dataclass(frozen=True, slots=True)
class Proposal:
    """A person decides. Candidates: those named, then those with more reasons, then by number."""

    reason: ProposalReason
    candidates: tuple[Candidate, ...] = ()


Match = Books | Proposal


@dataclass(frozen=True, slots=True)
class _Mention:
    """A passage that writes an invoice's number or reference; doubtful ones may mean something else."""

    number: str
    by: By
    certain: bool
    is_open: bool
    passage: Passage


def match(entry: BankEntry, known: KnownInvoices, *, account: str) -> Match:
    """Decide one entry of a statement of `account` (IBAN, or bank code and account number).

    Booking changes what is open: `known.put` the invoice before the next entry is asked.
    """
    passages = [passage for text in _texts(entry) for passage in text.passages(known.longest_key + 1)]
    mentions = list(_mentions(passages, known))
    if not_ours := _not_a_payment_to_us(entry, own_account=known.owns(account)):
        return Proposal(not_ours, _ranked(_named(mentions)))
    verdict = _verdict(mentions)
    if isinstance(verdict, Books):
        if entry.currency == known.invoice(verdict.number).currency:
            return verdict
        return Proposal(ProposalReason.FOREIGN_CURRENCY, _ranked(_named(mentions)))
    if verdict is ProposalReason.SEVERAL_INVOICES_NAMED:
        return Proposal(verdict, _ranked(_named(mentions)))
    return Proposal(verdict, _ranked(_alike(_named(mentions), entry, passages, known)))


def _texts(entry: BankEntry) -> Iterator[PaymentText]:
    yield PaymentText.of(entry.reference)
    yield PaymentText.of(entry.structured_reference)
    yield PaymentText.of(entry.end_to_end_id, by_payer=True)


def _not_a_payment_to_us(entry: BankEntry, *, own_account: bool) -> ProposalReason | None:
    if not own_account:
        return ProposalReason.UNKNOWN_ACCOUNT
    if entry.return_reason:
        return ProposalReason.RETURNED_PAYMENT
    if entry.amount_cents < 0:
        return ProposalReason.OUTGOING_PAYMENT
    return None if entry.amount_cents else ProposalReason.ZERO_AMOUNT


def _verdict(mentions: list[_Mention]) -> Books | ProposalReason:
    """The one open invoice that is certainly named, or why there is none."""
    certain = [mention for mention in mentions if mention.certain]
    certainly_open = {mention.number for mention in certain if mention.is_open}
    if not certainly_open:
        return ProposalReason.INVOICE_NOT_OPEN if certain else ProposalReason.NO_REFERENCE_FOUND
    if len({mention.number for mention in mentions if mention.is_open}) > 1:
        return ProposalReason.SEVERAL_INVOICES_NAMED
    by_number = {mention.number for mention in certain if mention.by is By.INVOICE_NUMBER}
    (number,) = certainly_open
    if number in by_number:
        return Books(number, By.INVOICE_NUMBER)
    return ProposalReason.SEVERAL_INVOICES_NAMED if by_number else Books(number, By.STRUCTURED_REFERENCE)


def _mentions(passages: list[Passage], known: KnownInvoices) -> Iterator[_Mention]:
    """Every mention of a known invoice; not those inside a longer number that is certain."""
    found = [
        mention
        for passage in passages
        if not passage.is_small_number
        for mention in _mentions_by(passage.key, passage, known)
    ]
    certain = [mention.passage for mention in found if mention.certain]
    for mention in found:
        if not any(mention.passage.is_inside(passage) for passage in certain):
            yield mention
    for passage in certain:
        yield from _abbreviated(passage, known)


def _mentions_by(key: str, passage: Passage, known: KnownInvoices) -> Iterator[_Mention]:
    for spelling in known.spelled(key):
        is_open = known.invoice(spelling.number).is_open
        certain = passage.key == key and passage.spells(spelling.breaks)
        yield _Mention(spelling.number, spelling.by, certain, is_open, passage)


def _abbreviated(passage: Passage, known: KnownInvoices) -> Iterator[_Mention]:
    """The next number where only its last digits are written: doubtful always."""
    for digits in passage.digits_after(_AND):
        yield from _mentions_by(passage.key[: -len(digits.key)] + digits.key, digits, known)


def _named(mentions: Iterable[_Mention]) -> dict[str, set[Why]]:
    found: dict[str, set[Why]] = {}
    for mention in sorted(mentions, key=lambda mention: mention.certain, reverse=True):
        found.setdefault(mention.number, {Why.NAMED if mention.certain else Why.NAMED_DOUBTFULLY})
    return found


def _alike(
    found: dict[str, set[Why]], entry: BankEntry, passages: list[Passage], known: KnownInvoices
) -> dict[str, set[Why]]:
    """The named ones, and the open invoices that have something in common with the entry."""
    for passage in passages:
        for key in one_digit_off(passage.key):
            for spelling in known.spelled(key):
                if known.invoice(spelling.number).is_open:
                    found.setdefault(spelling.number, set()).add(Why.SIMILAR_NUMBER)
    crowds = []
    for trait, value in traits_of_entry(entry, passages):
        why, numbers = _WHY.get(trait) or Why(trait), known.open_with(trait, value)
        if trait in _COMMON and len(numbers) > MOST_CANDIDATES:
            crowds.append((why, set(numbers)))
            continue
        for number in numbers:
            found.setdefault(number, set()).add(why)
    for why, crowd in crowds:
        for number in found.keys() & crowd:
            found[number].add(why)
    for whys in found.values():
        if whys & {Why.NAMED, Why.NAMED_DOUBTFULLY}:
            whys.discard(Why.SIMILAR_NUMBER)
    return found


def _ranked(found: dict[str, set[Why]]) -> tuple[Candidate, ...]:
    candidates = [Candidate(number, tuple(sorted(why, key=_STRENGTH.__getitem__))) for number, why in found.items()]
    return tuple(sorted(candidates, key=_rank)[:MOST_CANDIDATES])


def _rank(candidate: Candidate) -> tuple[int, int, int, str]:
    best = _STRENGTH[candidate.why[0]]
    return min(best, _STRENGTH[Why.SIMILAR_NUMBER]), -len(candidate.why), best, candidate.number


def designation_of(entry: BankEntry) -> Designation:
    """What the payer of an entry that names its invoice said the money is for (§ 366 (1) BGB)."""
    return Designation.PRINCIPAL if _ONLY_PRINCIPAL.search(entry.reference) else Designation.CLAIM
