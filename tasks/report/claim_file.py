"""The file of a claim: what happened, what is next, and why. The same for the artifact, the terminal and programs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from dunning.claim import Hold
from dunning.decision import Decision, decide
from dunning.default import Default
from dunning.effects import EffectKind
from dunning.errors import BaseRateUnknown, RunRefused
from dunning.holds import STOPS
from dunning.ledger import PRINCIPAL_KINDS
from dunning.money import plain
from dunning.notice import step_name
from tasks.clock import berlin_day
from tasks.ladder.survey import answer_text, circumstances
from tasks.report.markdown import euros, table
from tasks.report.wording import in_words
from tasks.store import facts
from tasks.store.tables import AuditRow, DecisionRow, EffectRow, HandOverRow
from tasks.world import World


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the history."""

    on: date
    what: str
    detail: str = ""
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """Everything a clerk asks about one claim."""

    facts: facts.ClaimFacts
    as_of: date
    decision: Decision
    history: tuple[Happening, ...]

    @property
    def interest_cents(self) -> int | None:
        """Open default interest for the days before today; None: none is charged, or a base rate is not confirmed."""
        claim = self.facts.claim
        if claim.interest_from is None:
            return None
        try:
            return claim.account_on(self.as_of).interest_cents
        except BaseRateUnknown:
            return None

    @property
    def why(self) -> str:
        """What is next, and why, in words."""
        return in_words(self.decision)

    def as_json(self) -> dict[str, Any]:
        """The file for programs; amounts as text with two decimals, days as ISO text."""
        claim, invoice, customer = self.facts.claim, self.facts.invoice, self.facts.customer
        return {
            "number": claim.number,
            "customer": {"number": customer.number, "name": customer.name, "kind": customer.kind},
            "issued_on": invoice.issued_on.isoformat(),
            "due_on": invoice.due_on.isoformat(),
            "due_basis": str(invoice.due_basis),
            "currency": invoice.currency,
            "gross": plain(invoice.gross_cents),
            "open": plain(claim.open_cents),
            "open_principal": plain(claim.open_principal_cents),
            "state": str(claim.state),
            "level": claim.level,
            "dunnable_from": _day(self.facts.dunnable_from),
            "holds": [
                {
                    "kind": str(hold.kind),
                    "from": hold.from_on.isoformat(),
                    "until": _day(hold.until_on),
                    "released_on": _day(hold.released_on),
                }
                for hold in claim.holds
            ],
            "default": None
            if claim.default is None
            else {
                "from": claim.default.from_on.isoformat(),
                "route": str(claim.default.route),
                "evidence": claim.default.evidence,
            },
            "costs": plain(claim.account.costs_cents),
            "interest": None if self.interest_cents is None else plain(self.interest_cents),
            "limitation_ends_on": claim.limitation_ends_on.isoformat(),
            "decision": answer_text(self.decision),
            "why": self.why,
            "history": [
                {
                    "on": each.on.isoformat(),
                    "what": each.what,
                    "detail": each.detail,
                    "amount": None if each.cents is None else plain(each.cents),
                }
                for each in self.history
            ],
        }

    def as_markdown(self) -> str:
        """The file as an artifact: numbers and dates only, nothing that names the debtor."""
        claim, invoice = self.facts.claim, self.facts.invoice
        state = str(claim.state).replace("_", " ")
        head = [
            ("state", f"**{state}**, level {claim.level}"),
            ("open", f"**{euros(claim.open_cents)}** of {euros(invoice.gross_cents)}"),
            ("customer", self.facts.customer.number),
            ("issued, due", f"{invoice.issued_on}, {invoice.due_on} (by {invoice.due_basis})"),
            ("default", _default(claim.default)),
            ("interest until today", "none" if self.interest_cents is None else euros(self.interest_cents)),
            ("limitation ends", str(claim.limitation_ends_on)),
            ("next look", _day(self.facts.dunnable_from) or "when something changes"),
            ("why", self.why),
        ]
        head += [(f"hold: {hold.kind}", _when(hold)) for hold in claim.holds]
        rows = [
            (each.on, each.what, each.detail, "" if each.cents is None else euros(each.cents)) for each in self.history
        ]
        return (
            f"# {claim.number}\n\n{table(('', ''), head)}\n\n"
            f"## What happened\n\n{table(('day', 'what', 'detail', 'amount'), rows)}\n"
        )


def _default(default: Default | None) -> str:
    if default is None:
        return "by no route that can be proven"
    return f"from {default.from_on}, {str(default.route).replace('_', ' ')}: {default.evidence}"


def claim_file(world: World, number: str, as_of: date) -> ClaimFile:
    """The file of one claim; RunRefused where there is no such invoice."""
    with world.store.read() as session:
        found = facts.by_number(session, number)
        if found is None:
            raise RunRefused("unknown_invoice", f"there is no invoice {number}", "check the invoice number")
        decision = decide(found.claim, world.policy, as_of, circumstances(session, world.settings))
        return ClaimFile(found, as_of, decision, tuple(sorted(_history(session, found), key=lambda each: each.on)))


def _when(hold: Hold) -> str:
    """First and last day of a hold; of an open one, what a person waits for before releasing it."""
    if hold.released_on is not None:
        return f"{hold.from_on}, released on {hold.released_on}"
    if hold.until_on is not None:
        return f"{hold.from_on} until {hold.until_on}"
    return f"{hold.from_on} until a person releases it: when {STOPS[hold.kind].release}"


def _history(session: Session, found: facts.ClaimFacts) -> Iterable[Happening]:
    for line in found.claim.lines:
        part = "" if line.kind in PRINCIPAL_KINDS else "side cost"
        yield Happening(line.on, str(line.kind).replace("_", " "), line.note or part, line.cents)
    effects = session.exec(
        select(EffectRow).where(EffectRow.claim_id == found.claim_id).order_by(col(EffectRow.decided_at))
    )
    for effect in effects:
        deadline = f", to pay until {effect.pay_until}" if effect.pay_until else ""
        detail = f"{effect.status.replace('_', ' ')}{deadline}"
        yield Happening(effect.business_date, _effect_name(effect), detail, demanded_cents(effect))
    for decision in session.exec(select(DecisionRow).where(DecisionRow.claim_id == found.claim_id)):
        if decision.answer == "blocked":
            yield Happening(decision.decided_on, "not dunned", ", ".join(decision.reasons))
    for row in session.exec(select(HandOverRow).where(HandOverRow.claim_id == found.claim_id)):
        number = f", case {row.case_number}" if row.case_number else ""
        yield Happening(row.proposed_on, "hand-over proposed", f"{row.status}{number}", row.open_cents)
    acts = session.exec(
        select(AuditRow)
        .where(AuditRow.subject == f"claim {found.claim.number}", AuditRow.event == "facts_changed")
        .order_by(col(AuditRow.seq))
    )
    for act in acts:
        if act.actor not in ("intake", "outbox"):
            yield Happening(berlin_day(act.at), "changed by hand", f"{act.actor}: {act.reason}")


def demanded_cents(effect: EffectRow) -> int:
    """What a message asks for: the balance, what it adds to the side costs, and the interest of its day."""
    return effect.amount_cents + effect.fee_cents + effect.lump_sum_cents + effect.interest_cents


def _effect_name(effect: EffectRow) -> str:
    if effect.kind == EffectKind.NOTICE_MAIL:
        return step_name(effect.level)
    return "hand-over" if effect.kind == EffectKind.AGENCY_CASE else "payment reported to the agency"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
