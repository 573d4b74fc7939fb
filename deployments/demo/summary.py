"""The demo's end: what happened to the shop's claims, and where to look."""

from collections import Counter
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.table import Table
from sqlalchemy import func
from sqlmodel import Session, col, select

from deployments.demo.story import Story
from dunning.effects import EffectKind, EffectStatus
from dunning.ledger import LineKind
from dunning.notice import step_name
from tasks.report.markdown import euros
from tasks.settings import load_settings
from tasks.store.engine import Store
from tasks.store.tables import (
    ClaimRow,
    EffectRow,
    HandOverRow,
    HoldRow,
    ImportFileRow,
    LedgerEntryRow,
    PaymentProposalRow,
)


def show_summary(out: Console, story: Story) -> None:
    """Print what happened as a table."""
    store = Store(load_settings(story.settings).database_url)
    with store.read() as session:
        out.print(_happened(session, story))
    store.close()


def show_where(out: Console, ui_url: str, waiting: UUID, home: Path) -> None:
    """Print where to look."""
    with_home = f"MAHNLAUF_HOME={home.relative_to(Path.cwd()) if home.is_relative_to(Path.cwd()) else home}"
    places = {
        "Runs": f"{ui_url}/runs",
        "Claim files, reports": f"{ui_url}/artifacts",
        "[bold]Waits for your yes[/bold]": f"{ui_url}/runs/flow-run/{waiting}   (Resume)",
        "Mails": f"{home / 'outbox'}   (.eml, byte for byte what would be sent)",
        "Database": str(home / "mahnlauf.db"),
        "One claim": f"{with_home} .venv/bin/mahnlauf claim RE-2026-1042",
    }
    for name, place in places.items():
        out.print(f"{name}: {place}", soft_wrap=True, highlight=False)


def _happened(session: Session, story: Story) -> Table:
    table = Table("", "count", "amount", title=f"{len(story.days)} working days of the sample shop")
    files = Counter(session.exec(select(ImportFileRow.status)))
    table.add_row("files taken in", str(files["taken"]), "")
    table.add_row("files parked or refused, with reason", str(files["parked"] + files["refused"]), "")
    _add(table, session, "invoices", LineKind.INVOICE)
    _add(table, session, "credit notes", LineKind.CREDIT_NOTE)
    _add(table, session, "payments booked for certain", LineKind.PAYMENT)
    proposals = session.exec(
        select(func.count(), func.sum(PaymentProposalRow.cents)).where(
            PaymentProposalRow.status == "open", col(PaymentProposalRow.cents) > 0
        )
    ).one()
    table.add_row("payments that wait for a clerk", str(proposals[0]), euros(int(proposals[1] or 0)))
    table.add_row("holds placed", str(session.exec(select(func.count(col(HoldRow.id)))).one()), "")
    table.add_section()
    sent = session.exec(
        select(EffectRow.level, func.count(), func.sum(EffectRow.amount_cents))
        .where(EffectRow.kind == EffectKind.NOTICE_MAIL, EffectRow.status == EffectStatus.SENT)
        .group_by(col(EffectRow.level))
        .order_by(col(EffectRow.level))
    )
    for level, count, cents in sent:
        table.add_row(f"{step_name(level)} sent", str(count), euros(int(cents)))
    table.add_section()
    for status, words in (("transferred", "handed over to the agency"), ("proposed", "[bold]wait for your yes[/bold]")):
        row = session.exec(
            select(func.count(), func.sum(HandOverRow.open_cents)).where(HandOverRow.status == status)
        ).one()
        table.add_row(words, str(row[0]), euros(int(row[1] or 0)))
    left = session.exec(select(func.count(), func.sum(ClaimRow.open_cents)).where(col(ClaimRow.open_cents) > 0)).one()
    table.add_row("claims still open", str(left[0]), euros(int(left[1] or 0)))
    return table


def _add(table: Table, session: Session, words: str, kind: LineKind) -> None:
    count, cents = session.exec(
        select(func.count(), func.sum(LedgerEntryRow.cents)).where(LedgerEntryRow.kind == kind)
    ).one()
    table.add_row(words, str(count), euros(abs(int(cents or 0))))
