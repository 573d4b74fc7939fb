"""The dossier: what a collection agency is told of one claim, frozen when the hand-over is proposed.

Only what is needed to collect this claim: no other purchases, no scores, no notes about the debtor.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from dunning.allocation import Account
from dunning.base_rates import percent
from dunning.claim import SentNotice
from dunning.debtor import DebtorKind
from dunning.default import Default
from dunning.facts import DueBasis
from dunning.interest import InterestStatement
from dunning.ledger import Line
from dunning.money import plain

LONGEST_REFERENCE = 40
"""Characters that the agency's interface takes as our reference."""


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who owes, as the shop knows them; `first_name` and `last_name` are empty where only `name` is known."""

    name: str
    kind: DebtorKind
    street: str
    postal_code: str
    city: str
    country: str
    """ISO 3166-1 alpha-2."""
    street_2: str = ""
    email: str = ""
    customer_number: str = ""
    first_name: str = ""
    last_name: str = ""
    address_source: str = "given by the debtor"
    """Where the address comes from: an agency must tell a consumer of one that was researched (§ 13a (1) no. 7 RDG)."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One claim as it goes to the agency. The ledger's lines add up to what is demanded."""

    reference: str
    """Our name for the case, at most 40 characters; asked for before anything is repeated."""
    creditor_name: str
    debtor: Debtor
    invoice_number: str
    invoiced_on: date
    subject: str
    """What was sold: the ground of the claim, which the agency must tell a consumer (§ 13a (1) no. 2 RDG)."""
    due_on: date
    due_basis: DueBasis
    lines: tuple[Line, ...]
    """The claim's ledger, in the order of booking."""
    account: Account
    """What is owed on the day of the dossier."""
    notices: tuple[SentNotice, ...]
    """Every notice that left, lowest level first."""
    currency: str = "EUR"
    order_number: str = ""
    ordered_on: date | None = None
    delivered_on: date | None = None
    default: Default | None = None
    """Since when and why the debtor is in default."""
    interest: InterestStatement | None = None
    """Default interest up to the day of the dossier, row by row (§ 13a (1) no. 3 RDG); None: none is charged."""

    @property
    def principal_cents(self) -> int:
        """What is still open of the invoice itself."""
        return self.account.principal_cents

    @property
    def fees_cents(self) -> int:
        """Side costs that are still open."""
        return self.account.costs_cents

    @property
    def total_cents(self) -> int:
        """What the agency is asked to collect beside the interest, which it computes itself."""
        return self.account.principal_cents + self.account.costs_cents

    @property
    def contract_on(self) -> date:
        """The day of the contract: the order's, else the invoice's, which names no earlier one."""
        return self.ordered_on or self.invoiced_on

    def missing(self) -> tuple[str, ...]:
        """Names of the facts that the agency's interface needs and that we do not have, in reading order."""
        needed = {
            "reference": self.reference and len(self.reference) <= LONGEST_REFERENCE,
            "creditor_name": self.creditor_name,
            "debtor_name": self.debtor.name,
            "debtor_street": self.debtor.street,
            "debtor_postal_code": self.debtor.postal_code,
            "debtor_city": self.debtor.city,
            "debtor_country": self.debtor.country,
            "invoice_number": self.invoice_number,
            "subject": self.subject,
            "principal": self.principal_cents > 0,
            "notices": self.notices,
        }
        return tuple(name for name, fact in needed.items() if not (fact.strip() if isinstance(fact, str) else fact))

    def to_json(self) -> str:
        """The dossier as JSON: equal dossiers are equal texts; amounts such as "1234.56", ISO dates."""
        return json.dumps(self._facts(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def _facts(self) -> dict[str, Any]:
        return {
            "reference": self.reference,
            "creditor": {"name": self.creditor_name},
            "debtor": {name: getattr(self.debtor, name) for name in Debtor.__slots__},
            "invoice": {
                "number": self.invoice_number,
                "issued_on": self.invoiced_on.isoformat(),
                "subject": self.subject,
                "order_number": self.order_number,
                "delivered_on": _day(self.delivered_on),
            },
            "contract": {
                "on": self.contract_on.isoformat(),
                "basis": "order" if self.ordered_on else "invoice",
            },
            "due": {"on": self.due_on.isoformat(), "basis": self.due_basis},
            "default": self._default(),
            "interest": self._interest(),
            "currency": self.currency,
            "principal": plain(self.principal_cents),
            "fees": plain(self.fees_cents),
            "total": plain(self.total_cents),
            "ledger": [
                {"kind": line.kind, "on": line.on.isoformat(), "amount": plain(line.cents), "note": line.note}
                for line in self.lines
            ],
            "notices": [
                {"level": sent.level, "sent_on": sent.sent_on.isoformat(), "pay_until": _day(sent.pay_until)}
                for sent in self.notices
            ],
        }

    def _default(self) -> dict[str, str] | None:
        if self.default is None:
            return None
        from_on, route = self.default.from_on.isoformat(), str(self.default.route)
        return {"from": from_on, "route": route, "evidence": self.default.evidence}

    def _interest(self) -> dict[str, Any] | None:
        """Principal, rate and period of each row, the sum that is open, and what each further day costs."""
        if self.interest is None:
            return None
        daily = self.interest.daily_cents
        return {
            "points_above_base": percent(self.interest.margin_bps),
            "until": self.interest.until_on.isoformat(),
            "open": plain(self.account.interest_cents),
            "daily": None if daily is None else plain(daily),
            "rows": [
                {
                    "from": row.from_on.isoformat(),
                    "until": row.until_on.isoformat(),
                    "days": row.days,
                    "principal": plain(row.principal_cents),
                    "rate": percent(row.rate_bps),
                    "amount": plain(row.cents),
                }
                for row in self.interest.segments
            ],
        }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
