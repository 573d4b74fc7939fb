"""A ready world for tests, and the shop's daily life in one call each: customers, invoices, payments, days.

Everything goes through the doors that the product itself uses; only mail and agency are fakes.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from dunning.effects import EffectKind
from dunning.facts import BankEntry, BankStatement, DueBasis, InvoiceDocument, Party
from dunning.ledger import Designation, LineKind
from tasks import booking
from tasks.clock import FixedClock
from tasks.intake.tables import CustomerRow
from tasks.intake.take_customers import take_customers
from tasks.intake.take_invoices import take_invoices
from tasks.intake.take_statements import take_statements
from tasks.ladder import runs
from tasks.outbox import effects
from tasks.outbox.agency import CaseFound, CaseNotFound, Valid
from tasks.outbox.dispatch import dispatch
from tasks.outbox.mail_files import effect_id_of
from tasks.outbox.outcome import Outcome, Sent
from tasks.outbox.recovery import recover
from tasks.policy import load_policy
from tasks.settings import Settings
from tasks.store import facts
from tasks.store.engine import Store
from tasks.store.facts import ClaimFacts
from tasks.store.tables import ClaimRow, CostRow, EffectRow, ImportFileRow, LedgerEntryRow, PaymentProposalRow
from tasks.store.tables import CustomerRow as StoredCustomer
from tasks.world import World
from tests.effects.render.examples import AGENCY, lindgruen

MONDAY = date(2026, 3, 2)
"""The day on which the clock of a new world stands, 9 o'clock in Berlin."""


class FakeMailer:
    """Takes every mail, unless the script says otherwise; keeps a journal."""

    def __init__(self, script: Iterable[Outcome | BaseException] = ()) -> None:
        self.script: deque[Outcome | BaseException] = deque(script)
        """What the next tries bring, in order; an exception is raised. Empty: `Sent`."""
        self.tried: list[str] = []
        """Effect ids of all tries, in order."""
        self.sent: list[dict[str, Any]] = []
        """Payloads of the mails that were taken."""
        self.before_send: Callable[[dict[str, Any]], None] | None = None
        """Called with each payload before its outcome: for what happens while a mail is in flight."""

    async def send(self, payload: str, *, by: float | None = None) -> Outcome:
        message = json.loads(payload)
        self.tried.append(effect_id_of(message))
        if self.before_send is not None:
            self.before_send(message)
        outcome = self.script.popleft() if self.script else Sent(f"mail-{len(self.tried)}", 202)
        if isinstance(outcome, BaseException):
            raise outcome
        if isinstance(outcome, Sent):
            self.sent.append(message)
        return outcome


class FakeAgency:
    """Opens every case, unless the script says otherwise; remembers cases and reported payments."""

    def __init__(self, script: Iterable[Outcome] = ()) -> None:
        self.script: deque[Outcome] = deque(script)
        """What the next cases and payments bring, in order; empty: `Sent`."""
        self.cases: dict[str, dict[str, Any]] = {}
        """By our reference."""
        self.payments: dict[str, tuple[str, int, date]] = {}
        """By idempotency key: case number, cents, value date."""

    async def validate(self, case: str) -> Valid:
        return Valid()

    async def find(self, reference: str, *, by: float | None = None) -> CaseFound | CaseNotFound:
        case = self.cases.get(reference)
        return CaseFound(case["Az"], round(case["Claim"]["Amount"] * 100), "open") if case else CaseNotFound()

    async def open_case(self, case: str, idempotency_key: str, *, by: float | None = None) -> Outcome:
        outcome = self.script.popleft() if self.script else Sent(f"{10_000_000_001 + len(self.cases)}", 201)
        if isinstance(outcome, Sent):
            opened = json.loads(case)
            self.cases[opened["ClientCustomerRefNo"]] = opened | {"Az": outcome.provider_id}
        return outcome

    async def report_payment(
        self, case_number: str, amount_cents: int, value_on: date, idempotency_key: str, *, by: float | None = None
    ) -> Outcome:
        outcome = self.script.popleft() if self.script else Sent(f"payment-{len(self.payments) + 1}", 201)
        if isinstance(outcome, Sent):
            self.payments[idempotency_key] = (case_number, amount_cents, value_on)
        return outcome


def settings_in(home: Path, **changed: Any) -> Settings:
    """A place where every setting that a notice needs is made."""
    return Settings.model_validate({"home": home, "creditor": lindgruen(), "agency_name": AGENCY} | changed)


def world_over(store: Store, home: Path, mailer: FakeMailer | None = None, agency: FakeAgency | None = None) -> World:
    """A world over a migrated database, with the house rules that we ship, on `MONDAY`."""
    settings = settings_in(home)
    policy = load_policy(settings.policy, settings.creditor.state)
    return World(settings, policy, store, FixedClock.on(MONDAY), mailer or FakeMailer(), agency or FakeAgency())


def add_customer(world: World, number: str = "K-1", **changed: Any) -> None:
    """Take in a customer, a consumer in Berlin; `changed` are fields of the table's row."""
    row = CustomerRow(
        row=2, number=number, kind="consumer", company="", first_name="Jürgen", last_name="Groß", name="Jürgen Groß",
        street="Am Mühlbach 7", street_2="", postal_code="10115", city="Berlin", country="DE", state="BE",
        email=f"{number.lower()}@gross.example", language="de", account_since=None,
    )  # fmt: skip
    with world.store.write() as session:
        take_customers(session, world, [replace(row, **changed)])


def add_invoice(
    world: World, number: str = "RE-1", cents: int = 10_000, *, due_on: date, customer: str = "K-1", **changed: Any
) -> None:
    """Take in an invoice of an own table (`changed`: fields of the document), and its customer if there is none yet."""
    document = InvoiceDocument(
        kind="table", number=number, issued_on=due_on, due_on=due_on, due_basis=DueBasis.DOCUMENT, currency="EUR",
        payable_cents=cents, gross_cents=cents, credit_note=False, seller=Party(), buyer=Party(number=customer),
        subject="Tee", row=2,
    )  # fmt: skip
    with world.store.read() as session:
        is_new = session.exec(select(StoredCustomer.id).where(StoredCustomer.number == customer)).first() is None
    if is_new:
        add_customer(world, customer)
    with world.store.write() as session:
        took = take_invoices(session, world, [replace(document, **changed)], _file(session, world))
    assert not took.rejected, took.rejected


def book(
    world: World,
    number: str,
    kind: LineKind,
    cents: int,
    on: date,
    name: str = "",
    designation: Designation = Designation.NONE,
) -> None:
    """Book signed cents on a claim; a second booking of the same `name` is left out."""
    with world.store.write() as session:
        claim_id = session.exec(select(ClaimRow.id).where(ClaimRow.number == number)).one()
        assert claim_id is not None
        fingerprint = name or f"{kind}|{number}|{on}|{cents}"
        entry = booking.Booking(claim_id, kind, cents, on, fingerprint, designation=designation)
        booking.book(session, [entry], world.policy, actor="test", reason=f"{kind} booked", at=world.clock.now())


def pay(world: World, number: str, cents: int, on: date, name: str = "") -> None:
    """Book a payment of so many cents that names the invoice, as every payment from the bank does."""
    book(world, number, LineKind.PAYMENT, -cents, on, name, Designation.CLAIM)


def know_payments(world: World, until_on: date) -> None:
    """Take in a statement of the creditor's account without entries: payments are known up to this day."""
    statement = BankStatement(world.settings.creditor.iban, "EUR", 0, 0, until_on, until_on)
    with world.store.write() as session:
        take_statements(session, world, [statement], _file(session, world))


def move_to(world: World, day: date, hour: int = 9) -> None:
    """Set the clock of a `world_over` to that Berlin hour."""
    assert isinstance(world.clock, FixedClock)
    world.clock.move_to(FixedClock.on(day, hour).now())


def claim(world: World, number: str = "RE-1") -> ClaimFacts:
    """The claim as it is stored now."""
    with world.store.read() as session:
        found = facts.by_number(session, number)
    assert found is not None, f"there is no claim {number}"
    return found


def effects_of(world: World, number: str = "RE-1") -> list[EffectRow]:
    """All effects of a claim, oldest first."""
    with world.store.read() as session:
        rows = select(EffectRow).join(ClaimRow).where(ClaimRow.number == number).order_by(col(EffectRow.decided_at))
        return list(session.exec(rows.order_by(col(EffectRow.occurrence))))


def costs_of(world: World, number: str = "RE-1") -> list[tuple[LedgerEntryRow, CostRow]]:
    """The fees of a claim, oldest first, each with what its letter really cost."""
    with world.store.read() as session:
        rows = (
            select(LedgerEntryRow, CostRow)
            .join(CostRow, col(CostRow.id) == LedgerEntryRow.cost_id)
            .join(ClaimRow, col(ClaimRow.id) == LedgerEntryRow.claim_id)
            .where(ClaimRow.number == number)
        )
        return list(session.exec(rows.order_by(col(LedgerEntryRow.id))).all())


async def run_day(world: World, day: date, *, know_bank: bool = True) -> runs.Plan:
    """One whole business day at 9 o'clock: put in order, decide, send; with payments known unless told otherwise."""
    move_to(world, day)
    if know_bank:
        know_payments(world, day)
    await recover(world, day)
    run_id = runs.open_run(world, day)
    plan = runs.plan(world, day, run_id=run_id)
    with world.store.read() as session:
        ready = effects.waiting(session, [EffectKind.NOTICE_MAIL], day)
    await dispatch(world, ready, day)
    runs.close_run(world, run_id)
    return plan


def _file(session: Session, world: World) -> int:
    """A new file's row, under which facts come in."""
    count = session.exec(select(func.count()).select_from(ImportFileRow)).one()
    row = ImportFileRow(sha256=f"{count:064x}", name="test.csv", status="taken", at=world.clock.now())
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def came_in(world: World, cents: int, *, currency: str = "EUR", text: str = "thanks", return_reason: str = "") -> int:
    """Money that names no invoice, or went back; returns the payment's id."""
    iban = world.settings.creditor.iban
    entry = BankEntry(MONDAY, MONDAY, cents, currency, text, return_reason=return_reason)
    with world.store.write() as session:
        file = ImportFileRow(
            sha256=f"{cents}{text}{currency}{return_reason}", name="a", status="taken", at=world.clock.now()
        )
        session.add(file)
        session.flush()
        statement = BankStatement(iban, currency, None, None, MONDAY, MONDAY, (entry,))
        took = take_statements(session, world, [statement], file.id or 0)
        assert (took.payments, took.proposals) == (0, 1)
        return session.exec(select(PaymentProposalRow.id).order_by(col(PaymentProposalRow.id).desc())).first() or 0
