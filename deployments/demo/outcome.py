"""How the story ends: what is left of each invoice when everything is booked where it belongs."""

from collections.abc import Iterator
from datetime import date

from deployments.demo.shop import Shop, next_working_day

CREDIT_NOTE, PAYMENT = range(2)
Event = tuple[date, int, date, str | None, int]
"""Day of arrival, rank within the day, day of the paper, invoice named, cents that come off it."""


def outcome(shop: Shop) -> tuple[dict[str, int], int]:
    """Open cents by invoice number after the last day; and how many incoming payments booked nowhere.

    A payment books on the invoice that it names while something is open there, whatever its amount.
    """
    left = {sale.invoice.number: sale.invoice.gross_cents for sale in shop.sales}
    unmatched = 0
    for _, rank, _, number, cents in sorted(_events(shop), key=lambda event: event[:3]):
        if number and (rank == CREDIT_NOTE or left[number] > 0):
            left[number] -= cents
        else:
            unmatched += 1
    return left, unmatched


def _events(shop: Shop) -> Iterator[Event]:
    """What lowers an invoice, and incoming money that names none, as far as it arrives by the last day."""
    for note in shop.credit_notes:
        if (on := max(shop.start, note.issued_on)) <= shop.end:
            yield on, CREDIT_NOTE, note.issued_on, note.corrects, note.gross_cents
    for transfer in shop.transfers:
        on = max(shop.start, next_working_day(transfer.booked_on))
        if transfer.cents > 0 and on <= shop.end:
            yield on, PAYMENT, transfer.booked_on, transfer.names, transfer.cents
