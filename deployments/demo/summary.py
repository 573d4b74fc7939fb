"""The demo's end: what happened to the shop's claims, and where to look."""

from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import func
from sqlmodel import Session, col, select

from deployments.demo.story import Story
from dunning.effects import EffectKind, EffectStatus
from dunning.notice import LineKind
from tasks.report.markdown import euros
from tasks.report.names import step_name
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


def show_summary(out: Console, story: Story, ui_url: str, home: Path) -> None:
    """Print what happened as a table, and the addresses."""
    settings = load_settings(story.settings)
    store = Store(settings.database_url)
    with store.read() as session:
        out.print(_happened(session, story))
    store.close()
    number = next(iter(story.fates))
    out.print(f"UI        {ui_url}   (Flow Runs: hand-over waits for your answer: Resume; Artifacts: claim files)")
    out.print(f"Mails     {settings.outbox_dir}   (.eml, byte for byte what would be sent)")
    out.print(f"Database  {store.url.database}")
    out.print(f"A claim   MAHNLAUF_HOME={home} .venv/bin/mahnlauf claim {number}")


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
