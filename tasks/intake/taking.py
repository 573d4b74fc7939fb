"""Take files in: each content once, each file whole or not at all, what cannot be used parked with its reason."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from sqlmodel import Session, select

from dunning.errors import InputRejected
from dunning.known_invoices import KnownInvoices
from tasks.intake.camt import reconciles
from tasks.intake.reading import Content, ReadOptions, read_file
from tasks.intake.tables import RejectedRow
from tasks.intake.take_customers import take_customers
from tasks.intake.take_invoices import CREDIT_WAITS, take_invoices
from tasks.intake.take_statements import rematch, take_statements
from tasks.store.lock import INTAKE, only_one
from tasks.store.tables import ImportFileRow
from tasks.world import World

REPORTS = ("camt.052", "camt.054")
"""Kinds that show an account between its statements. Of our own account they are left to the statement that follows,
since an entry must not count twice; others' book nothing anyway and come in like their statements.
"""


@dataclass(slots=True)
class Taken:
    """What became of one file."""

    file: str
    status: str
    """`taken`, `known` (this content was taken before), `parked` (for a person) or `refused`."""
    kind: str = ""
    reason: str = ""
    what: str = ""
    todo: str = ""
    customers: int = 0
    invoices: int = 0
    credit_notes: int = 0
    payments: int = 0
    """Entries that were booked."""
    proposals: int = 0
    """Entries that wait for a person."""
    known: int = 0
    """Invoices or entries that an earlier file had brought."""
    rejected: list[RejectedRow] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The result as JSON-ready values."""
        return asdict(self)


def options_of(world: World, *, kind: str | None = None, decimal: str | None = None) -> ReadOptions:
    """How files are read at this place."""
    return ReadOptions(
        kind=kind,
        decimal=decimal,
        payment_term_days=world.settings.payment_term_days,
        currency=world.policy.currency,
    )


def take_in(world: World, paths: Sequence[Path], options: ReadOptions | None = None) -> list[Taken]:
    """Take files in, in the order that makes sense of them; one result a file, in the order given."""
    options = options or options_of(world)
    accounts = _own_accounts(world)
    results: dict[Path, Taken] = {}
    contents: list[tuple[Path, Content]] = []
    for path in dict.fromkeys(paths):
        try:
            content = read_file(path, replace(options, check_balances=False))
            _require_balance(content, accounts)
            contents.append((path, content))
        except InputRejected as error:
            results[path] = _refused(world, path, error)
    contents.sort(key=lambda each: _rank(each[1]))
    with only_one(world.store, INTAKE):
        for path, content in contents:
            results[path] = _take(world, path, content)
    return [results[path] for path in dict.fromkeys(paths)]


def _own_accounts(world: World) -> KnownInvoices:
    """Knows which accounts are ours, and no invoice."""
    return KnownInvoices((), own_accounts=[world.settings.creditor.iban])


def _require_balance(content: Content, accounts: KnownInvoices) -> None:
    """A statement of our own account whose entries do not add up is refused: something of it is missing.

    Other accounts' statements book nothing; they come in as they are, for a person to look at.
    """
    for statement in content.statements:
        if content.kind not in REPORTS and accounts.owns(statement.account) and not reconciles(statement):
            raise InputRejected(
                "balance_mismatch",
                f"statement {statement.number or statement.until_on}: opening balance and entries do not give its end",
                "fetch the file from the bank again; nothing of it was taken in",
            )


def _rank(content: Content) -> int:
    """Customers before their invoices, invoices before what lowers them, and the bank last."""
    if content.customers:
        return 0
    if content.invoices:
        return 2 if all(document.credit_note for document in content.invoices) else 1
    return 3


def _take(world: World, path: Path, content: Content) -> Taken:
    """One file in one transaction."""
    taken = Taken(path.name, "taken", content.kind, rejected=list(content.rejected))
    try:
        with world.store.write() as session:
            row = _row(session, content.sha256, path.name, content.kind)
            if row.status == "taken" and not _waits(row):
                return Taken(path.name, "known", content.kind, "known_file", "this content was taken in before")
            row.status, row.at = "taken", world.clock.now()
            session.add(row)
            session.flush()
            assert row.id is not None
            _record(session, world, content, taken, row.id)
            _fill(row, taken)
    except Exception as error:  # one file's trouble, ours included, stops no other file
        taken = _parked(path, content, error)
        with world.store.write() as session:
            row = _row(session, content.sha256, path.name, content.kind)
            row.at = world.clock.now()
            _fill(row, taken)
            session.add(row)
    return taken


def _parked(path: Path, content: Content, error: Exception) -> Taken:
    """A file that was read and cannot be used: for its own reason, or because of a bug of ours."""
    if isinstance(error, InputRejected):
        return Taken(path.name, "parked", content.kind, error.reason, error.what, error.todo)
    what = f"the program failed on this file ({type(error).__name__}); nothing of it was taken in"
    return Taken(path.name, "parked", content.kind, "program_error", what, "keep the file and tell the engineer")


def _record(session: Session, world: World, content: Content, taken: Taken, file_id: int) -> None:
    """Record a content by its kind; InputRejected parks the whole file."""
    if content.kind in REPORTS and any(_own_accounts(world).owns(each.account) for each in content.statements):
        raise InputRejected(
            "not_a_statement",
            f"{content.kind} of our own account reports no booked statement",
            "import the camt.053 of the same days",
        )
    if content.customers:
        taken.customers = take_customers(session, world, content.customers)
    if content.invoices:
        took = take_invoices(session, world, content.invoices, file_id)
        taken.invoices, taken.credit_notes, taken.known = took.invoices, took.credit_notes, took.known
        taken.rejected += took.rejected
        taken.payments = rematch(session, world) if took.invoices else 0
    if content.statements:
        booked = take_statements(session, world, content.statements, file_id)
        taken.payments, taken.proposals, taken.known = booked.payments, booked.proposals, booked.known


def _refused(world: World, path: Path, error: InputRejected) -> Taken:
    """Note a file that could not be read; nothing of it came in."""
    taken = Taken(path.name, "refused", "", error.reason, error.what, error.todo)
    if path.is_file():
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        with world.store.write() as session:
            row = _row(session, sha256, path.name, "")
            row.at = world.clock.now()
            _fill(row, taken)
            session.add(row)
    return taken


def _row(session: Session, sha256: str, name: str, kind: str) -> ImportFileRow:
    """The row of this content, a new one where it was never offered."""
    found = session.exec(select(ImportFileRow).where(ImportFileRow.sha256 == sha256)).first()
    return found or ImportFileRow(sha256=sha256, name=name, kind=kind, status="")


def _waits(row: ImportFileRow) -> bool:
    """Whether a row of the file was parked for an invoice that may have come meanwhile; the others are known."""
    return any(rejected["reason"] == CREDIT_WAITS for rejected in row.rejected)


def _fill(row: ImportFileRow, taken: Taken) -> None:
    """Note what became of the file; what a second try brought adds to what the first one did."""
    row.status, row.kind, row.reason, row.what = taken.status, taken.kind, taken.reason, taken.what
    row.customers += taken.customers
    row.invoices += taken.invoices
    row.credit_notes += taken.credit_notes
    row.payments += taken.payments
    row.proposals += taken.proposals
    row.known = taken.known
    row.rejected = [asdict(rejected) for rejected in taken.rejected]
