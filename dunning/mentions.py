"""Where a bank entry writes the number or the reference of an invoice: whole, doubtful, or only a part of it."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from dunning.facts import BankEntry
from dunning.known_invoices import By, KnownInvoice, KnownInvoices
from dunning.spelling import Passage, PaymentText, breaks_of, key_of, last_digits_of

_AND = re.compile(r"\s*([,;+&]|UND|U\.?|AND|BIS|SOWIE)?\s*-?")
"""What stands between a number and the last digits of the next one: "RE-2026-1042, 1043"."""
_YEAR = re.compile(r"(19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Mention:
    """A passage that writes an invoice's number or reference; doubtful ones may mean something else."""

    number: str
    by: By
    certain: bool
    is_open: bool
    passage: Passage


def passages_of(entry: BankEntry, known: KnownInvoices) -> list[Passage]:
    """Every passage of an entry that may write a number."""
    texts = (
        PaymentText.of(entry.reference),
        PaymentText.of(entry.structured_reference),
        PaymentText.of(entry.end_to_end_id, by_payer=True),
    )
    return [passage for text in texts for passage in text.passages(known.longest_key + 1)]


def mentions_in(passages: Iterable[Passage], known: KnownInvoices) -> Iterator[Mention]:
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


def _mentions_by(key: str, passage: Passage, known: KnownInvoices) -> Iterator[Mention]:
    for spelling in known.spelled(key):
        is_open = known.invoice(spelling.number).is_open
        certain = passage.key == key and passage.spells(spelling.breaks)
        yield Mention(spelling.number, spelling.by, certain, is_open, passage)


def _abbreviated(passage: Passage, known: KnownInvoices) -> Iterator[Mention]:
    """The next number where only its last digits are written: doubtful always."""
    for digits in passage.digits_after(_AND):
        yield from _mentions_by(passage.key[: -len(digits.key)] + digits.key, digits, known)


def written_in_part(invoices: Iterable[KnownInvoice], passages: Collection[Passage]) -> set[str]:
    """Those of which the end is written, or all but one or two characters where a text is cut off.

    The end is the last run of digits at least, its zeros apart: 2026-0417, 0417 or 417 of RE-2026-0417. Three digits
    say something, a year does not; of a number that is cut off five characters must be left.
    """
    ends = {passage.key for passage in passages if len(passage.key) >= 3 and not _YEAR.fullmatch(passage.key)}
    cut_off = {passage.key for passage in passages if passage.ends_text and len(passage.key) >= 5}
    found = set()
    for invoice in invoices:
        key, least = key_of(invoice.number), len(last_digits_of(invoice.number).lstrip("0"))
        last = {key[start:] for start in range(len(key) - least + 1)}
        if last & ends or {key[:-1], key[:-2]} & cut_off:
            found.add(invoice.number)
    return found


def another_is_written(invoices: Collection[KnownInvoice], passages: Collection[Passage]) -> bool:
    """Whether a number is written that looks like one of these invoices', and is of none of them."""
    keys = {key_of(invoice.number) for invoice in invoices}
    shapes = {_shape(key_of(invoice.number)): breaks_of(invoice.number) for invoice in invoices}
    others = [passage for passage in passages if passage.key not in keys]
    return any(passage.spells(shapes[shape]) for passage in others if (shape := _shape(passage.key)) in shapes)


def _shape(key: str) -> str:
    return re.sub(r"[0-9]", "0", key)
