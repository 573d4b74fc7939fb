"""What a person knows of a claim beyond its papers: default, receipt and limitation rest on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class EvidenceKind(StrEnum):
    """What happened, or is so."""

    INVOICE_RECEIVED = "invoice_received"
    """The debtor received the invoice on that day."""
    DELIVERED = "delivered"
    """The debtor received the goods or the service on that day."""
    DATE_AGREED = "date_agreed"
    """The due date was agreed in the contract made on that day (§ 286 (2) no. 1 BGB)."""
    NOTICE_286_3 = "notice_286_3"
    """The invoice received on that day carries the notice of § 286 (3) BGB."""
    REFUSAL = "refusal"
    """The debtor refused to pay, seriously and finally (§ 286 (2) no. 3 BGB)."""
    COURT_SERVICE = "court_service"
    """An action or a court order for payment was served (§ 286 (1) sentence 2 BGB)."""
    ACKNOWLEDGED = "acknowledged"
    """The debtor acknowledged the claim, by a part payment or otherwise (§ 212 BGB): limitation begins anew."""
    SUSPENDED = "suspended"
    """Limitation was suspended from that day (§§ 203, 204 BGB) until the other day named."""


WORDS: dict[EvidenceKind, str] = {
    EvidenceKind.INVOICE_RECEIVED: "the customer received the invoice",
    EvidenceKind.DELIVERED: "the customer received the goods or the service",
    EvidenceKind.DATE_AGREED: "the due date stands in the contract made on that day",
    EvidenceKind.NOTICE_286_3: "the invoice received on that day carries the notice of § 286 (3) BGB",
    EvidenceKind.REFUSAL: "the customer refused to pay, seriously and finally",
    EvidenceKind.COURT_SERVICE: "a lawsuit or a court order to pay was served",
    EvidenceKind.ACKNOWLEDGED: "the customer acknowledged the claim: limitation begins anew",
    EvidenceKind.SUSPENDED: "limitation stood still from that day on",
}
"""What a clerk reads beside each kind."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that a person confirmed. Without a day it takes back what was noted of this kind before."""

    kind: EvidenceKind
    on: date | None
    until_on: date | None = None
    """SUSPENDED: the first day that counts again; None: it still lasts."""
    number: int = 0
    """Its number in the store, by which a default names what it rests on."""


def in_force(noted: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """What still counts of the facts, given in the order in which they were noted."""
    counting: list[Evidence] = []
    for each in noted:
        if each.on is None:
            counting = [earlier for earlier in counting if earlier.kind is not each.kind]
        else:
            counting.append(each)
    return tuple(counting)


def last_of(kind: EvidenceKind, noted: Iterable[Evidence]) -> Evidence | None:
    """The last word on a kind; None where nothing is known of it."""
    return next((each for each in reversed(in_force(noted)) if each.kind is kind), None)
