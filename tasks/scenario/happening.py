"""The events of a scenario happen: through the doors by which the shop's files and its staff come in."""

from datetime import date

from sqlmodel import Session, select

from dunning.default import Agreement
from dunning.errors import RuleViolation
from dunning.facts import BankStatement, DueBasis, InvoiceDocument, Party
from dunning.ledger import Designation, LineKind
from tasks import booking, desk
from tasks.intake.tables import CustomerRow
from tasks.intake.take_customers import take_customers
from tasks.intake.take_invoices import take_invoices
from tasks.intake.take_statements import take_statements
from tasks.scenario.events import (
    BankDataKnown,
    ClaimHeld,
    ClaimReleased,
    CreditNoteIssued,
    CustomerHeld,
    Dated,
    InvoiceIssued,
    PaymentBooked,
    PaymentPromised,
    PaymentReturned,
)
from tasks.store.tables import ClaimRow, ImportFileRow
from tasks.world import World

PERSON = "scenario"
ACT = desk.Act(PERSON, "told by the scenario")


class Happenings:
    """Lets one event after the other happen in a world."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        self._payments: dict[str, tuple[str, int]] = {}
        """Invoice and cents of each payment that has an id."""
        with world.store.write() as session:
            row = ImportFileRow(sha256=world.policy.version, name=name, status="taken", at=world.clock.now())
            session.add(row)
            session.flush()
            self._file_id = row.id or 0

    def happen(self, place: int, event: Dated) -> None:
        """Take one event in; `place` in the file tells equal events apart. RunRefused where the desk refuses."""
        match event:
            case InvoiceIssued():
                self._take_invoice(event)
            case CreditNoteIssued(day=day, credit_note=number, amount=cents):
                self._take(_document(f"G-{place + 1}", cents, day, day, preceding_invoices=(number,)))
            case PaymentBooked(day=day, payment=number, amount=cents, id=name):
                self._payments[name] = (number, cents)
                self._book(number, LineKind.PAYMENT, -cents, day, f"payment|{place}", Designation.CLAIM)
            case PaymentReturned(day=day, returned_payment=name):
                number, cents = self._payments[name]
                self._book(number, LineKind.RETURNED_PAYMENT, cents, day, f"returned_payment|{place}")
            case ClaimHeld(day=day, hold=number, reason=kind, until=until):
                desk.hold_claim(self._world, number, kind, ACT, day, until)
            case CustomerHeld(day=day, hold_customer=number, reason=kind, until=until):
                desk.hold_customer(self._world, number, kind, ACT, day, until)
            case ClaimReleased(release=number):
                desk.release_claim(self._world, number, ACT)
            case PaymentPromised(day=day, promise=number, pay_until=pay_until):
                desk.promise_to_pay(self._world, number, pay_until, ACT, day)
            case BankDataKnown(bank_data_until=until_on):
                self._know_payments(until_on)

    def _take_invoice(self, event: InvoiceIssued) -> None:
        customer = CustomerRow(
            row=0,
            number=event.customer,
            kind=event.kind,
            company="",
            first_name="Erika",
            last_name="Muster",
            name="Erika Muster",
            street="Musterweg 1",
            street_2="",
            postal_code="10115",
            city="Musterstadt",
            country=event.country,
            state=event.state or "",
            email="kundschaft@musterstadt.example",
            language="de",
            account_since=None,
        )
        with self._world.store.write() as session:
            take_customers(session, self._world, [customer])
        issued_on = min(event.day, event.due_on)
        self._take(
            _document(
                event.invoice,
                event.amount,
                issued_on,
                event.due_on,
                buyer=Party(number=event.customer),
                delivered_on=event.delivered_on,
            )
        )

    def _take(self, document: InvoiceDocument) -> None:
        with self._world.store.write() as session:
            took = take_invoices(session, self._world, [document], self._file_id)
        if took.rejected:
            raise RuleViolation(f"the intake rejected {document.number}: {took.rejected[0].what}")

    def _book(
        self,
        number: str,
        kind: LineKind,
        cents: int,
        day: date,
        fingerprint: str,
        designation: Designation = Designation.NONE,
    ) -> None:
        with self._world.store.write() as session:
            claim_id = _claim_id(session, number)
            entry = booking.Booking(claim_id, kind, cents, day, fingerprint, designation=designation)
            now = self._world.clock.now()
            booking.book(session, [entry], self._world.policy, actor=PERSON, reason=f"{kind} booked", at=now)

    def _know_payments(self, until_on: date) -> None:
        statement = BankStatement(self._world.settings.creditor.iban, "EUR", 0, 0, until_on, until_on)
        with self._world.store.write() as session:
            take_statements(session, self._world, [statement], self._file_id)


def _document(
    number: str,
    cents: int,
    issued_on: date,
    due_on: date,
    *,
    buyer: Party | None = None,
    delivered_on: date | None = None,
    preceding_invoices: tuple[str, ...] = (),
) -> InvoiceDocument:
    """A row of the shop's own table, its due date agreed; one that names an invoice is a credit note."""
    return InvoiceDocument(
        kind="table",
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        due_basis=DueBasis.DOCUMENT,
        currency="EUR",
        payable_cents=cents,
        gross_cents=cents,
        credit_note=bool(preceding_invoices),
        seller=Party(),
        buyer=buyer or Party(),
        delivered_on=delivered_on,
        preceding_invoices=preceding_invoices,
        agreed=Agreement.DATE,
    )


def _claim_id(session: Session, number: str) -> int:
    claim_id = session.exec(select(ClaimRow.id).where(ClaimRow.number == number)).one()
    assert claim_id is not None
    return claim_id
