"""Which invoices a person is shown for an entry that was not booked, and why each of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from dunning.facts import BankEntry
from dunning.known_invoices import KnownInvoices, Trait, traits_of_entry
from dunning.mentions import Mention
from dunning.spelling import Passage, one_digit_off

MOST_CANDIDATES = 10
"""A longer list helps nobody; a trait that more invoices share says nothing by itself."""


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


def named(mentions: Iterable[Mention]) -> dict[str, set[Why]]:
    """The invoices that are named, open or not."""
    found: dict[str, set[Why]] = {}
    for mention in sorted(mentions, key=lambda mention: mention.certain, reverse=True):
        found.setdefault(mention.number, {Why.NAMED if mention.certain else Why.NAMED_DOUBTFULLY})
    return found


def alike(
    mentions: Collection[Mention], entry: BankEntry, passages: Collection[Passage], known: KnownInvoices
) -> dict[str, set[Why]]:
    """The named ones, and the open invoices that have something in common with the entry.

    What many share by chance counts only beside something else, and so does likeness to the number of a named one.
    """
    found = named(mentions)
    written = {mention.passage.key for mention in mentions}
    crowds = []
    for key in {passage.key for passage in passages}:
        similar = _one_digit_off(key, known)
        if key in written:
            crowds.append((Why.SIMILAR_NUMBER, similar))
            continue
        for number in similar:
            found.setdefault(number, set()).add(Why.SIMILAR_NUMBER)
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


def _one_digit_off(key: str, known: KnownInvoices) -> set[str]:
    spelled = (each.number for near in one_digit_off(key) for each in known.spelled(near))
    return {number for number in spelled if known.invoice(number).is_open}


def ranked(found: dict[str, set[Why]]) -> tuple[Candidate, ...]:
    """Those with more reasons first, of as many the one that is named, then by number."""
    candidates = [Candidate(number, tuple(sorted(why, key=_STRENGTH.__getitem__))) for number, why in found.items()]
    return tuple(sorted(candidates, key=_rank)[:MOST_CANDIDATES])


def _rank(candidate: Candidate) -> tuple[int, int, str]:
    return -len(candidate.why), _STRENGTH[candidate.why[0]], candidate.number
