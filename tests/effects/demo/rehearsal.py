"""Plays the sample shop through the real readers, matching and rules, with books kept in memory."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from deployments.demo import Act, Day, StaffAct, Story
from deployments.demo.seller import SHOP, STATE
from dunning.claim import Claim, Hold, SentNotice
from dunning.debtor import DebtorKind
from dunning.decision import Blocked, Circumstances, ProposeHandOver, SendNotice, decide
from dunning.effects import EffectKind, effect_id
from dunning.errors import InputRejected
from dunning.facts import BankEntry, BankStatement, InvoiceDocument
from dunning.holds import longest_until
from dunning.known_invoices import KnownInvoice, KnownInvoices
from dunning.ledger import COST_KINDS, Designation, Line, LineKind
from dunning.lifecycle import State
from dunning.matching import Books, designation_of, match
from dunning.reasons import Reason
from tasks.intake.reading import read_file
from tasks.intake.tables import CustomerRow
from tasks.policy import load_policy
from tasks.store.changes import with_default

POLICY = load_policy(Path(__file__).parents[3] / "deployments" / "policy.yaml", STATE)


@dataclass
class Rehearsal:
    """The books while the story goes on, and what happened."""

    customers: dict[str, CustomerRow] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    documents: dict[str, InvoiceDocument] = field(default_factory=dict)
    known: KnownInvoices = field(default_factory=lambda: KnownInvoices((), own_accounts=[SHOP.iban]))
    seen: set[str] = field(default_factory=set)
    bank_data_until: date | None = None
    statements: list[BankStatement] = field(default_factory=list)
    set_aside: dict[Path, str] = field(default_factory=dict)
    """Files not taken in, and why."""
    unmatched: int = 0
    notices: dict[date, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    hand_overs: dict[date, list[str]] = field(default_factory=lambda: defaultdict(list))
    blocks: set[Reason] = field(default_factory=set)

    def live(self, story: Story) -> None:
        """Every day: files, staff, the dunning run."""
        for day in story.days:
            for path in day.files:
                self._take(path)
            for act in day.staff:
                self._staff(act, day)
            self._run(day.on)

    def _take(self, path: Path) -> None:
        try:
            content = read_file(path)
        except InputRejected as error:
            self.set_aside[path] = error.reason
            return
        assert not content.rejected
        self.customers.update({customer.number: customer for customer in content.customers})
        for document in content.invoices:
            if reason := self._take_invoice(document):
                self.set_aside[path] = reason
        for statement in content.statements:
            self._take_statement(statement)

    def _take_invoice(self, document: InvoiceDocument) -> str | None:
        if document.seller.vat_id not in ("", SHOP.vat_id):
            return "not_our_invoice"
        if known := self.documents.get(document.number):
            same = known.payable_cents == document.payable_cents and known.due_on == document.due_on
            return "known" if same else "number_conflict"
        self.documents[document.number] = document
        if document.credit_note:
            (number,) = document.preceding_invoices
            self._book(number, LineKind.CREDIT_NOTE, document.issued_on, -document.payable_cents)
            return None
        customer = self.customers[document.buyer.number]
        claim = Claim(
            number=document.number,
            state=State.OPEN,
            level=0,
            due_on=document.due_on,
            lines=(Line(LineKind.INVOICE, document.issued_on, document.payable_cents),),
            debtor=DebtorKind(customer.kind),
            country=customer.country,
            federal_state=customer.state or None,
            issued_on=document.issued_on,
            received_on=document.received_on,
            agreed=document.agreed,
            notice_286_3=document.notice_286_3,
            delivered_on=document.delivered_on,
            has_email=bool(customer.email),
        )
        self._put(claim)
        self._know(document.number)
        return None

    def _take_statement(self, statement: BankStatement) -> None:
        self.statements.append(statement)
        assert statement.until_on
        self.bank_data_until = max(self.bank_data_until or statement.until_on, statement.until_on)
        for entry in statement.entries:
            if entry.bank_reference not in self.seen:
                self.seen.add(entry.bank_reference)
                self._take_entry(entry, statement.account)

    def _take_entry(self, entry: BankEntry, account: str) -> None:
        found = match(entry, self.known, account=account)
        if isinstance(found, Books):
            for number, cents in found.shares:
                self._book(number, LineKind.PAYMENT, entry.value_on, -cents, designation_of(entry))
        elif entry.amount_cents > 0:
            self.unmatched += 1

    def _book(
        self, number: str, kind: LineKind, on: date, cents: int, designation: Designation = Designation.NONE
    ) -> None:
        claim = self.claims[number]
        self._put(replace(claim, lines=(*claim.lines, Line(kind, on, cents, designation=designation))))
        self._know(number)

    def _put(self, claim: Claim) -> None:
        """Keep the claim as it is now, with the default that follows from its facts."""
        self.claims[claim.number] = with_default(claim, POLICY)

    def _know(self, number: str) -> None:
        claim, document = self.claims[number], self.documents[number]
        left = claim.open_principal_cents
        buyer, asked_for = document.buyer, document.payment_reference
        self.known.put(KnownInvoice(number, left, "EUR", buyer.number, buyer.name, asked_for, is_open=left > 0))

    def _staff(self, act: StaffAct, day: Day) -> None:
        claim = self.claims[act.invoice_number]
        if act.act is Act.HOLD:
            holds = (*claim.holds, Hold(act.hold, day.on, longest_until(act.hold, day.on)))
        else:
            holds = tuple(replace(hold, released_on=hold.released_on or day.on) for hold in claim.holds)
            assert holds != claim.holds, "released what was held"
        self._put(replace(claim, holds=holds))

    def _run(self, as_of: date) -> None:
        for number, claim in list(self.claims.items()):
            decision = decide(claim, POLICY, as_of, Circumstances(self.bank_data_until))
            if isinstance(decision, SendNotice):
                self._send(claim, decision, as_of)
            elif isinstance(decision, ProposeHandOver):
                self.hand_overs[as_of].append(number)
                self._put(replace(claim, state=State.HAND_OVER_PROPOSED))
            elif isinstance(decision, Blocked):
                self.blocks.update(decision.reasons)

    def _send(self, claim: Claim, decision: SendNotice, as_of: date) -> None:
        """The notice leaves at once and arrives; the costs that it charges are booked, as the outbox does it."""
        self.notices[as_of].append((claim.number, decision.level))
        occurrence = sum(notice.level == decision.level for notice in claim.notices)
        name = str(effect_id(EffectKind.NOTICE_MAIL, claim.number, decision.level, occurrence))
        sent = SentNotice(decision.level, as_of, decision.pay_until, decision.template, name, decision.channel)
        costs = tuple(each for each in decision.amounts.lines[len(claim.lines) :] if each.kind in COST_KINDS)
        self._put(
            replace(
                claim,
                level=decision.level,
                last_notice=sent,
                notices=(*claim.notices, sent),
                lines=(*claim.lines, *costs),
            )
        )
