"""The forms that staff fill in in Prefect's UI: titles and descriptions are what they read there.

They are checked again when the flow starts, since the UI lets staff switch the check off.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from prefect.input import RunInput
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dunning.evidence import WORDS as EVIDENCE_WORDS
from dunning.evidence import EvidenceKind
from dunning.money import cents
from dunning.reasons import WORDS, HoldKind, Reason

InvoiceNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]
Invoices = Annotated[list[InvoiceNumber], Field(min_length=1)]
GroupSize = Annotated[int, Field(ge=1, le=500)]
FileKind = Literal[
    "ubl", "cii", "zugferd", "camt.053", "camt.052", "camt.054", "mt940", "customers", "invoices", "payments"
]
"""What a file can be; the words of `tasks.intake.reading.KINDS`."""
DecimalSign = Literal[",", "."]

PERSON = Field(title="Your name", description="Stands in the audit beside what you do.")
REASON = Field(
    title="Reason",
    description="Why, so that a colleague understands it in a year. No customer's name, address or account: "
    "Prefect keeps it.",
)

ANSWER = Field(
    title="Answer",
    description="Approve hands over exactly this list; reject takes it off the ladder. "
    "The arrow key down opens the list of answers.",
)
KINDS_OF_HOLD = "\n\n".join(f"* `{kind}`: {WORDS[Reason(kind)]}" for kind in HoldKind if kind != "promise_to_pay")
"""One line a kind (Prefect's UI joins lines without a blank one between); a promise has a form of its own."""
KINDS_OF_EVIDENCE = "\n\n".join(f"* `{kind}`: {words}" for kind, words in EVIDENCE_WORDS.items())
EXCEPTIONS: list[str] = Field(
    [], title="Except these invoices", description="They stay proposed and come with the next list."
)


def cents_of(amount: str) -> int | None:
    """Cents of an amount as a form takes it, with a comma or a point; None for an empty field."""
    return cents(amount.replace(",", ".")) if amount else None


class Form(BaseModel):
    """Base of all forms: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class HoldForm(Form):
    """Put a claim, or every claim of a customer, on hold."""

    invoice: InvoiceNumber = Field(title="Invoice number", description="As on the invoice, such as RE-2026-1042.")
    kind: HoldKind = Field(
        title="Kind of hold",
        description="What stands in the way of dunning. The arrow key down opens the list; a promise is noted with "
        f"promise-to-pay.\n\n{KINDS_OF_HOLD}.",
    )
    since: date | None = Field(
        None,
        title="First day",
        description="Empty: today. Else the day from which it is so: insolvency was opened, the deferral begins.",
    )
    until: date | None = Field(
        None,
        title="Last day",
        description="The hold ends after this day. Empty: an announced return holds for 21 days, a manual hold for 30, "
        "every other one until a person releases it.",
    )
    whole_customer: bool = Field(
        False, title="The whole customer", description="Hold every claim of this invoice's customer, new ones included."
    )
    person: Person = PERSON
    reason: Why = REASON


class EvidenceForm(Form):
    """Note a fact on which default or limitation rests."""

    invoice: InvoiceNumber = Field(title="Invoice number", description="As on the invoice, such as RE-2026-1042.")
    kind: EvidenceKind = Field(
        title="What happened",
        description=f"What you know, and can prove.\n\n{KINDS_OF_EVIDENCE}.",
    )
    happened_on: date | None = Field(
        None,
        title="Day",
        description="When it happened. Empty: it is not so, earlier notes of this kind are taken back.",
    )
    until: date | None = Field(
        None, title="Until", description="Only for suspended: the first day that counts again; empty while it lasts."
    )
    person: Person = PERSON
    reason: Why = Field(
        title="Evidence", description="What proves it and where it is kept. No customer's name, address or account."
    )


class CameBackForm(Form):
    """A notice of a claim came back undelivered."""

    invoice: InvoiceNumber = Field(title="Invoice number", description="As on the invoice, such as RE-2026-1042.")
    level: int | None = Field(None, title="Level", description="Which notice; empty: the last one.", ge=1)
    person: Person = PERSON
    reason: Why = Field(
        title="How you know", description="Such as: bounce of 24 November. No customer's name or address."
    )


class ReleaseForm(Form):
    """Release the holds of a claim, and put it back on the ladder if a person had taken it off.

    After a dispute the same notice goes out again, with a new deadline: 14 days after the release at the earliest,
    unless the house rule `after_answer_days` says otherwise. So answer the customer first.
    """

    invoice: InvoiceNumber = Field(title="Invoice number", description="As on the invoice, such as RE-2026-1042.")
    whole_customer: bool = Field(
        False, title="The whole customer", description="Release the holds on its customer, not the invoice's own."
    )
    person: Person = PERSON
    reason: Why = REASON


class PromiseForm(Form):
    """A customer promised to pay."""

    invoice: InvoiceNumber = Field(title="Invoice number", description="As on the invoice, such as RE-2026-1042.")
    pay_until: date = Field(
        title="Promised day",
        description="At most 14 days from today; dunning rests until then, and while money is on its way. "
        "A claim has two promises.",
    )
    person: Person = PERSON
    reason: Why = REASON


PAYMENT: int = Field(title="Payment", description="Its id in the list of unmatched payments.", ge=1)


class BookPaymentForm(Form):
    """Book a payment that named no invoice beyond doubt."""

    payment: int = PAYMENT
    invoices: list[InvoiceNumber] = Field(
        [], title="Invoices", description="What the customer paid, in this order. Empty: by law, see the next field."
    )
    customer: str = Field(
        "",
        title="Customer number",
        description="Where no invoice is named: his open claims, the due, the less secure, the dearer, the older first "
        "(§ 366 (2) BGB).",
        max_length=60,
    )
    person: Person = PERSON
    reason: Why = REASON


class BookReturnForm(Form):
    """Book a payment that went back on the invoice that it had paid."""

    payment: int = PAYMENT
    invoice: InvoiceNumber = Field(title="Invoice number", description="The one that the payment had paid.")
    bank_fee: str = Field(
        "",
        title="Bank's fee",
        description="What the bank took from us for it, such as 3.00; empty: nothing, or not known.",
        pattern=r"^([0-9]([.,][0-9]{1,2})?)?$",
    )
    debtor_responsible: bool = Field(
        False,
        title="The customer is to blame",
        description="Such as an account without money. Only then the bank's fee is charged to him.",
    )
    person: Person = PERSON
    reason: Why = REASON


class DismissPaymentForm(Form):
    """Take a payment off the list that concerns no invoice."""

    payment: int = PAYMENT
    person: Person = PERSON
    reason: Why = REASON


class WriteOffForm(Form):
    """Give up what is open of a claim, or a part of it."""

    invoice: InvoiceNumber = Field(title="Invoice number", description="As on the invoice, such as RE-2026-1042.")
    amount: str = Field(
        "",
        title="Amount",
        description="In the invoice's currency, such as 12.50: side costs first, then the invoice. Empty: all of it.",
        pattern=r"^([0-9]{1,9}([.,][0-9]{1,2})?)?$",
    )
    person: Person = PERSON
    reason: Why = REASON


class ResolveForm(Form):
    """Say what became of a message whose fate is unknown, or that was refused."""

    effect: str = Field(
        title="Effect", description="The id in the list of unresolved effects.", pattern=r"^[0-9a-f-]{36}$"
    )
    was_sent: bool = Field(
        title="It was sent",
        description="Yes: the provider's log or the debtor shows it. No: it did not leave; the step is decided anew.",
    )
    case_number: str = Field(
        "", title="Case number", description="Only for a hand-over that the agency has: its number.", max_length=40
    )
    person: Person = PERSON
    reason: Why = REASON


class RunApprovalForm(Form):
    """Let a run go on that the circuit breaker stopped."""

    list_sha256: str = Field(
        title="Hash of the list", description="From the report of the stopped run.", pattern=r"^[0-9a-f]{64}$"
    )
    person: Person = PERSON
    reason: Why = REASON


class ByHand(Form):
    """Who starts a step by hand, and why."""

    person: Person = PERSON
    reason: Why = REASON


class Answer(StrEnum):
    """A person's answer to a hand-over list."""

    APPROVE = "approve"
    REJECT = "reject"


class HandOverForm(Form):
    """The answer to a hand-over list, given without its waiting run."""

    list_id: int = Field(title="List", description="Its number, from the artifact of the hand-over run.", ge=1)
    answer: Answer = ANSWER
    exceptions: list[InvoiceNumber] = EXCEPTIONS
    person: Person = PERSON
    reason: Why = REASON


class HandOverAnswer(RunInput):
    """The answer to the list in the description, given to the waiting run itself."""

    answer: Literal["approve", "reject"] = ANSWER
    exceptions: list[InvoiceNumber] = EXCEPTIONS
    person: Person = PERSON
    reason: Why = REASON
