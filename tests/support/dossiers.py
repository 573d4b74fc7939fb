"""One claim's dossier, to be changed in one place at a time."""

from dataclasses import replace
from datetime import date
from typing import Any

from dunning.allocation import standing
from dunning.claim import SentNotice
from dunning.debtor import DebtorKind
from dunning.dossier import Debtor, Dossier
from dunning.facts import DueBasis
from dunning.ledger import Line, LineKind

ERIKA = Debtor(
    name="Erika Maria Beispiel",
    kind=DebtorKind.CONSUMER,
    street="Lindenallee 12",
    postal_code="10115",
    city="Berlin",
    country="DE",
    email="erika@example.org",
    customer_number="K-77",
)
LADDER = Debtor(
    name="Leiter & Sohn GmbH",
    kind=DebtorKind.BUSINESS,
    street="Hafenstraße 3",
    street_2="Hinterhaus",
    postal_code="20457",
    city="Hamburg",
    country="DE",
)
LINES = (
    Line(LineKind.INVOICE, date(2026, 1, 10), 11_900),
    Line(LineKind.PAYMENT, date(2026, 2, 2), -2_000),
    Line(LineKind.FEE, date(2026, 2, 20), 250, "second notice"),
)
DOSSIER = Dossier(
    reference="RE-2026-1042",
    creditor_name="Blumen & Söhne GmbH",
    debtor=ERIKA,
    invoice_number="RE-2026-1042",
    invoiced_on=date(2026, 1, 10),
    subject="Rosenstöcke",
    due_on=date(2026, 1, 24),
    due_basis=DueBasis.DOCUMENT,
    lines=LINES,
    account=standing(LINES),
    notices=(
        SentNotice(1, date(2026, 1, 29), date(2026, 2, 9)),
        SentNotice(2, date(2026, 2, 20), date(2026, 3, 6)),
        SentNotice(3, date(2026, 3, 12), date(2026, 3, 26)),
    ),
    ordered_on=date(2026, 1, 8),
    delivered_on=date(2026, 1, 12),
)


def dossier(**changes: Any) -> Dossier:
    """A complete dossier; `changes` are fields of it."""
    return replace(DOSSIER, **changes)
