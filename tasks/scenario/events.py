"""What happens in a scenario: one class an event, named by the word that only it has."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from dunning.debtor import DebtorKind
from dunning.holidays_de import STATES
from dunning.reasons import HoldKind
from tasks.policy import Amount, Rules


def _written_day(value: Any) -> Any:
    """Days are written, never counted: a bare number would be read as seconds since 1970."""
    if not isinstance(value, str | date):
        raise ValueError("write days such as 2026-01-31")
    return value


def _known_state(code: str) -> str:
    if code not in STATES:
        raise ValueError(f"no federal state; one of {', '.join(sorted(STATES))}")
    return code


Day = Annotated[date, BeforeValidator(_written_day)]
Number = Annotated[str, Field(min_length=1, max_length=40)]
StateCode = Annotated[str, AfterValidator(_known_state)]
Sum = Annotated[Amount, Field(gt=0)]


class Dated(Rules):
    """What happens on one day, before its run."""

    day: Day


class InvoiceIssued(Dated):
    """A claim comes into being. A customer's kind, country and state are the same in all his invoices."""

    invoice: Number
    customer: Number
    amount: Sum
    due_on: Day
    kind: DebtorKind = DebtorKind.CONSUMER
    country: str = Field("DE", pattern=r"^[A-Z]{2}$")
    state: StateCode | None = None
    delivered_on: Day | None = None


class PaymentBooked(Dated):
    """Money came; `id` is what a returned payment names."""

    payment: Number
    amount: Sum
    id: str = ""


class PaymentReturned(Dated):
    """The whole payment of that id went back."""

    returned_payment: str = Field(min_length=1)


class CreditNoteIssued(Dated):
    """A credit note lowers the invoice."""

    credit_note: Number
    amount: Sum


class ClaimHeld(Dated):
    """A hold through its last day; without `until` open-ended."""

    hold: Number
    reason: HoldKind
    until: Day | None = None


class CustomerHeld(Dated):
    """A hold on every claim of a customer, those to come included."""

    hold_customer: Number
    reason: HoldKind
    until: Day | None = None


class ClaimReleased(Dated):
    """A person releases the claim's own holds, or puts it back on the ladder."""

    release: Number


class PaymentPromised(Dated):
    """The customer promises to have paid by that day."""

    promise: Number
    pay_until: Day


class BankDataKnown(Dated):
    """A statement without entries came in: payments are known up to that day."""

    bank_data_until: Day


class MailDown(Rules):
    """The mail provider refuses everything on these days, both included."""

    from_: Day = Field(alias="from")
    until: Day
    mail_down: Literal[True]


BY_WORD = {
    "invoice": InvoiceIssued,
    "payment": PaymentBooked,
    "returned_payment": PaymentReturned,
    "credit_note": CreditNoteIssued,
    "hold": ClaimHeld,
    "hold_customer": CustomerHeld,
    "release": ClaimReleased,
    "promise": PaymentPromised,
    "bank_data_until": BankDataKnown,
    "mail_down": MailDown,
}


def _word(event: Any) -> str | None:
    """The word that says what happened."""
    words = BY_WORD.keys() if isinstance(event, dict) else ()
    return next((word for word in words if word in event), None)


Event = Annotated[
    Annotated[InvoiceIssued, Tag("invoice")]
    | Annotated[PaymentBooked, Tag("payment")]
    | Annotated[PaymentReturned, Tag("returned_payment")]
    | Annotated[CreditNoteIssued, Tag("credit_note")]
    | Annotated[ClaimHeld, Tag("hold")]
    | Annotated[CustomerHeld, Tag("hold_customer")]
    | Annotated[ClaimReleased, Tag("release")]
    | Annotated[PaymentPromised, Tag("promise")]
    | Annotated[BankDataKnown, Tag("bank_data_until")]
    | Annotated[MailDown, Tag("mail_down")],
    Discriminator(
        _word,
        custom_error_type="unknown_event",
        custom_error_message=f"says nothing that happened; one of {', '.join(BY_WORD)}",
    ),
]
