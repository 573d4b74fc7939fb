"""Who owes what: customers, invoices, claims, the ledger and holds."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from dunning.debtor import DebtorKind
from dunning.default import Agreement, Route
from dunning.evidence import EvidenceKind
from dunning.facts import DueBasis
from dunning.ledger import Designation, LineKind
from dunning.lifecycle import State
from dunning.reasons import HoldKind
from tasks.store.tables.columns import cents, instant, one_of


class CustomerRow(SQLModel, table=True):
    """A customer of the shop: a debtor as soon as something is open."""

    __tablename__ = "customer"
    __table_args__ = (one_of("kind", DebtorKind),)

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    kind: str = DebtorKind.UNKNOWN
    name: str = ""
    """First and last name of a person, or the business's name."""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street: str = ""
    street_2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DE"
    federal_state: str | None = None
    email: str = ""
    language: str = "de"
    account_since: date | None = None


class InvoiceRow(SQLModel, table=True):
    """An invoice or a credit note as it was taken in; never changed afterwards. Only an invoice makes a claim."""

    __tablename__ = "invoice"
    __table_args__ = (
        one_of("due_basis", DueBasis),
        one_of("kind", ("invoice", "credit_note")),
        one_of("due_agreed", Agreement),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    kind: str = "invoice"
    corrects: str = ""
    """A credit note: the number of the invoice that it lowers."""
    customer_id: int = Field(foreign_key="customer.id", index=True)
    order_number: str = ""
    ordered_on: date | None = None
    subject: str = ""
    issued_on: date
    delivered_on: date | None = None
    due_on: date
    due_basis: str
    due_agreed: str = Agreement.NONE
    """Whether the contract, not the invoice alone, says when it is due."""
    received_on: date | None = None
    """When the debtor received the invoice, where the shop knows it."""
    notice_286_3: bool = False
    owner: str = "shop"
    """`shop`, or to whom the claim was sold or assigned."""
    payment_method: str = ""
    payment_reference: str = ""
    currency: str = "EUR"
    gross_cents: int = cents()
    content_sha256: str
    """Hash of what the invoice says, whatever its syntax: the same invoice as UBL and as CII has the same one."""
    import_file_id: int | None = Field(default=None, foreign_key="import_file.id")


class ClaimRow(SQLModel, table=True):
    """The claim of one invoice. `version` rises with every fact; a decision counts for one version only."""

    __tablename__ = "claim"
    __table_args__ = (
        one_of("state", State),
        CheckConstraint("level >= 0", name="level"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("(level = 0) = (last_sent_on IS NULL)", name="level_means_sent"),
        CheckConstraint(f"dunnable_from IS NULL OR state = '{State.OPEN}'", name="only_open_is_dunnable"),
        one_of("default_route", ("", *Route)),
        CheckConstraint("(default_from IS NULL) = (default_route = '')", name="default_has_a_route"),
        CheckConstraint("interest_from IS NULL OR default_from IS NOT NULL", name="no_interest_without_default"),
        Index(None, "dunnable_from", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    invoice_id: int = Field(foreign_key="invoice.id", unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    state: str = State.OPEN
    level: int = 0
    version: int = 1
    open_cents: int = cents(default=0)
    open_principal_cents: int = cents(default=0)
    dunnable_from: date | None = None
    """From this day a run looks at the claim; NULL: not before something changes."""
    default_from: date | None = None
    """First day of default (Verzug); NULL: not in default."""
    default_route: str = ""
    default_evidence: str = ""
    interest_from: date | None = None
    """First day of default interest; NULL where the house charges none or there is no default."""
    last_sent_on: date | None = None
    last_pay_until: date | None = None
    last_template: str = ""
    """Which letter the last notice was; a hand-over needs the ladder's last one."""
    answer: str = ""
    """The last decision's answer in short; a decision row is written when it changes."""
    policy_version: str = ""
    """Version of the house rules by which `dunnable_from` was computed."""


class LedgerEntryRow(SQLModel, table=True):
    """Append-only: signed cents on a value date. What the debtor owes more is positive."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        one_of("kind", LineKind),
        CheckConstraint(
            f"CASE WHEN kind IN ('{LineKind.PAYMENT}', '{LineKind.CREDIT_NOTE}', '{LineKind.WRITE_OFF}', "
            f"'{LineKind.WAIVER}') THEN cents < 0 WHEN kind = '{LineKind.LUMP_SUM}' THEN cents <> 0 ELSE cents > 0 END",
            name="sign",
        ),
        one_of("designation", Designation),
        CheckConstraint(f"kind <> '{LineKind.FEE}' OR cost_id IS NOT NULL", name="fee_has_a_cost"),
        CheckConstraint(f"kind <> '{LineKind.INTEREST}'", name="interest_is_never_booked"),
    )

    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    kind: str
    value_on: date
    cents: int = cents()
    fingerprint: str = Field(unique=True)
    """What makes this booking the only one of its kind: a second one is refused."""
    note: str = ""
    designation: str = Designation.NONE
    """What the debtor said a payment is for."""
    cost_id: int | None = Field(default=None, foreign_key="cost.id")
    """A fee: what the letter really cost."""
    import_file_id: int | None = Field(default=None, foreign_key="import_file.id")
    booked_at: datetime = instant()


class HoldRow(SQLModel, table=True):
    """A hold on one claim or on one customer; `until_on` is its last day."""

    __tablename__ = "hold"
    __table_args__ = (
        one_of("kind", HoldKind),
        CheckConstraint("(claim_id IS NULL) <> (customer_id IS NULL)", name="claim_or_customer"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="until_on"),
        CheckConstraint("(released_at IS NULL) = (released_by = '')", name="released"),
    )

    id: int | None = Field(default=None, primary_key=True)
    claim_id: int | None = Field(default=None, foreign_key="claim.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    kind: str
    from_on: date
    until_on: date | None = None
    placed_by: str = ""
    placed_at: datetime = instant()
    note: str = ""
    released_by: str = ""
    released_at: datetime | None = instant(nullable=True)
    release_note: str = ""


class CostRow(SQLModel, table=True):
    """Append-only: what one notice really cost, which a fee never exceeds."""

    __tablename__ = "cost"
    __table_args__ = (
        CheckConstraint("provider <> ''", name="provider"),
        CheckConstraint("postage_cents >= 0 AND print_cents >= 0", name="cents"),
    )

    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    effect_id: str = Field(foreign_key="effect.id", unique=True)
    provider: str
    postage_cents: int = cents()
    print_cents: int = cents()


class EvidenceRow(SQLModel, table=True):
    """Append-only: what a person confirmed of a claim; the last row of a kind counts, one without a day takes back."""

    __tablename__ = "evidence"
    __table_args__ = (
        one_of("kind", EvidenceKind),
        CheckConstraint("person <> ''", name="person"),
        CheckConstraint("until_on IS NULL OR until_on >= happened_on", name="until_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    kind: str
    happened_on: date | None = None
    until_on: date | None = None
    person: str
    reason: str
    at: datetime = instant()
