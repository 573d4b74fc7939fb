"""The claims that are about to be barred by limitation, whoever has them: ourselves, a person or the agency."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from dunning.lifecycle import State
from dunning.limitation import GERMAN, WARNING_DAYS, ends_this_year, warning_due
from dunning.money import plain
from tasks.store import facts
from tasks.store.tables import ClaimRow, InvoiceRow


@dataclass(frozen=True, slots=True)
class NearLimitation:
    """A claim that somebody has to go to court for, or give up."""

    number: str
    customer_number: str
    open_cents: int
    currency: str
    due_on: date
    ends_on: date
    """The last day on which a court order can be applied for."""
    days_left: int
    threshold: int
    """The tightest warning that is reached, in days."""
    this_year: bool
    """Belongs on the list of the year's end."""


def near_limitation(session: Session, as_of: date) -> list[NearLimitation]:
    """Every claim still owed that is barred within the first warning's days, soonest first; none that is barred."""
    found = (_near(each, as_of) for each in facts.load(session, _old_enough(session, as_of)))
    return sorted((each for each in found if each), key=lambda each: (each.ends_on, each.due_on, each.number))


def limitation_rows(session: Session, as_of: date) -> list[dict[str, Any]]:
    """The same in plain values, without a debtor's name."""
    return [
        {
            "number": each.number,
            "customer": each.customer_number,
            "open": plain(each.open_cents),
            "currency": each.currency,
            "due_on": each.due_on,
            "ends_on": each.ends_on,
            "days_left": each.days_left,
            "threshold": each.threshold,
            "this_year": each.this_year,
        }
        for each in near_limitation(session, as_of)
    ]


def _old_enough(session: Session, as_of: date) -> list[int]:
    """Ids of the claims whose period could end so soon: what happened to one makes its end later, never earlier."""
    last_year = (as_of + timedelta(max(WARNING_DAYS))).year - GERMAN.years
    query = (
        select(ClaimRow.id)
        .join(InvoiceRow, col(InvoiceRow.id) == ClaimRow.invoice_id)
        .where(
            col(ClaimRow.open_cents) > 0,
            ClaimRow.state != State.SETTLED,
            col(InvoiceRow.due_on) <= date(last_year, 12, 31),
        )
        .order_by(col(ClaimRow.id))
    )
    return [claim_id for claim_id in session.exec(query) if claim_id is not None]


def _near(each: facts.ClaimFacts, as_of: date) -> NearLimitation | None:
    claim, ends_on = each.claim, each.claim.limitation_ends_on
    threshold = warning_due(ends_on, as_of)
    if threshold is None:
        return None
    return NearLimitation(
        number=claim.number,
        customer_number=each.customer.number,
        open_cents=claim.open_cents,
        currency=claim.currency,
        due_on=claim.due_on,
        ends_on=ends_on,
        days_left=(ends_on - as_of).days,
        threshold=threshold,
        this_year=ends_this_year(ends_on, as_of),
    )
