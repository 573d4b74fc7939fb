"""Lists that staff work through: unmatched payments, unresolved effects, the hand-over that waits, files taken in."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session, col, select

from dunning.money import plain
from tasks.hand_over.lists import HandOverList
from tasks.intake.taking import Taken
from tasks.outbox.recovery import unresolved
from tasks.report.markdown import euros, table
from tasks.report.names import file_label
from tasks.store.tables import ClaimRow, PaymentProposalRow

LONGEST_TABLE = 500


def files_report(taken: Sequence[Taken]) -> str:
    """What became of the files of one intake, in Markdown."""
    rows = [
        (
            file_label(each.file),
            each.kind,
            each.status,
            each.invoices,
            each.credit_notes,
            each.payments,
            each.proposals,
            each.known,
            len(each.rejected),
        )
        for each in taken
    ]
    headings = ("file", "kind", "status", "invoices", "credit notes", "booked", "to match", "known", "parked rows")
    notes = [
        f"* `{file_label(each.file)}`: **{each.reason}** - {each.what}; {each.todo}" for each in taken if each.reason
    ]
    notes += [
        f"* `{file_label(each.file)}`, row {row.row}: **{row.reason}** - {row.what}"
        for each in taken
        for row in each.rejected
    ]
    return "# Intake\n\n" + table(headings, rows) + ("\n\n## Parked\n\n" + "\n".join(notes) if notes else "")


def unmatched_payments(session: Session) -> list[dict[str, Any]]:
    """Bank entries that a person books or dismisses, newest first: no payer, no reference text."""
    return [
        {
            "id": row.id,
            "booked on": row.booked_on.isoformat(),
            "amount": f"{euros(row.cents).removesuffix(' EUR')} {row.currency}",
            "reason": row.reason,
            "candidates": ", ".join(f"{each['number']} ({', '.join(each['why'])})" for each in row.candidates),
        }
        for row in _open_proposals(session)
    ]


def payment_details(session: Session) -> list[dict[str, Any]]:
    """The same for the terminal of the machine itself, with what the payer wrote; never for Prefect."""
    return [
        {
            "id": row.id,
            "booked_on": row.booked_on.isoformat(),
            "amount": plain(row.cents),
            "currency": row.currency,
            "reason": row.reason,
            "candidates": ", ".join(each["number"] for each in row.candidates),
            "counterparty": row.counterparty,
            "reference": row.reference or row.structured_reference,
        }
        for row in _open_proposals(session)
    ]


def _open_proposals(session: Session) -> Iterable[PaymentProposalRow]:
    """Newest first."""
    return session.exec(
        select(PaymentProposalRow)
        .where(PaymentProposalRow.status == "open")
        .order_by(col(PaymentProposalRow.booked_on).desc(), col(PaymentProposalRow.id))
    )


def unresolved_effects(session: Session) -> list[dict[str, Any]]:
    """Effects that only evidence or a person moves on."""
    numbers = {row.id: row.number for row in session.exec(select(ClaimRow))} if (rows := unresolved(session)) else {}
    return [
        {
            "effect": row.id,
            "invoice": numbers[row.claim_id],
            "kind": row.kind,
            "level": row.level,
            "state": row.status,
            "cause": row.last_error,
            "decided": row.decided_at.isoformat(timespec="minutes"),
        }
        for row in rows
    ]


def _agency(asked: HandOverList) -> str:
    """The agency as staff must see it: its name, and whether it is only a rehearsal."""
    return f"{asked.agency} (sandbox on this machine: nothing leaves the house)" if asked.rehearsal else asked.agency


def hand_over_question(asked: HandOverList) -> str:
    """The list as the narrow form of the waiting run shows it; the artifact `hand-over` has the whole."""
    rows = [(each.number, euros(each.open_cents), ", ".join(each.obstacles) or "ready") for each in asked.candidates]
    total = euros(sum(each.open_cents for each in asked.ready))
    return (
        f"**List {asked.list_id}: {len(asked.ready)} claims, {total}** to {_agency(asked)}? Answer until "
        f"{asked.expires_on}; "
        f"dates and gates stand in the artifact `hand-over`.\n\n{table(('invoice', 'open', 'gates'), rows)}"
    )


def hand_over_report(asked: HandOverList) -> str:
    """The list that a person is asked about, in Markdown."""
    rows = [
        (
            each.number,
            each.customer_number,
            euros(each.open_cents),
            each.due_on,
            each.final_warning_on or "-",
            each.pay_until or "-",
            each.limitation_ends_on,
            ", ".join(each.obstacles) or "ready",
        )
        for each in asked.candidates
    ]
    headings = ("invoice", "customer", "open", "due", "final warning", "to pay until", "limitation", "gates")
    total = euros(sum(each.open_cents for each in asked.ready))
    return (
        f"# Hand-over list {asked.list_id}\n\n**{len(asked.ready)} claims, {total}** to {_agency(asked)}, "
        f"proposed on {asked.proposed_on}, "
        f"to be answered until {asked.expires_on}.\n\n{table(headings, rows)}\n\n"
        "Every claim of the list: final warning sent, its deadline and the bank days after it passed, no hold, not "
        "disputed, owned by the shop, bank data current. The answer counts for exactly this list; it lapses when a "
        f"claim changes.\n\nHash of the list: `{asked.list_sha256}`"
    )
