"""How many of the generated payments are booked rightly; and of the others, whether a person sees the right invoice."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from dunning.known_invoices import KnownInvoices
from dunning.matching import Books, Match, match
from tests.bench.payments import OWN, Payment, Shop


class Outcome(StrEnum):
    """What became of a payment."""

    BOOKED_RIGHT = "booked right"
    BOOKED_WRONG = "booked wrong"
    FIRST = "right first"
    """Proposed; the first candidates are the invoices that are meant."""
    AMONG = "right among"
    """Proposed; those that are meant are among the candidates."""
    WITHOUT = "right missing"


Result = tuple[Payment, Outcome]


def measured(shop: Shop) -> list[Result]:
    """Match the shop's payments one after the other, as the entries of one file."""
    known = shop.known()
    return [(payment, _outcome(payment, _matched(payment, known))) for payment in shop.payments]


def _matched(payment: Payment, known: KnownInvoices) -> Match:
    found = match(payment.entry, known, account=OWN)
    if isinstance(found, Books):
        for number, cents in found.shares:
            invoice = known.invoice(number)
            left = invoice.open_cents - cents
            known.put(replace(invoice, open_cents=left, is_open=left > 0))
    return found


def _outcome(payment: Payment, found: Match) -> Outcome:
    if isinstance(found, Books):
        return Outcome.BOOKED_RIGHT if dict(found.shares) == payment.meant else Outcome.BOOKED_WRONG
    numbers = [candidate.number for candidate in found.candidates]
    if payment.meant.keys() == set(numbers[: len(payment.meant)]):
        return Outcome.FIRST
    return Outcome.AMONG if payment.meant.keys() <= set(numbers) else Outcome.WITHOUT


def share_booked(results: Sequence[Result]) -> float:
    """The share that was booked rightly, without a person."""
    return sum(outcome is Outcome.BOOKED_RIGHT for _, outcome in results) / len(results)
