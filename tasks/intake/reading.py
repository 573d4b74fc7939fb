"""A file in, its facts out: what it is, is decided by its content, never by its name.

Everything that comes in from outside passes here. A file is read whole or refused whole with
`InputRejected`; only single rows of a table are parked while the rest comes in. Nothing is written
anywhere.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lxml import etree

from dunning.errors import InputRejected
from dunning.facts import BankStatement, InvoiceDocument
from tasks.intake.archive import members
from tasks.intake.camt import camt_kind, read_camt
from tasks.intake.cii import is_cii, read_cii
from tasks.intake.columns import CUSTOMERS, INVOICES, PAYMENTS, PAYPAL, table_kind
from tasks.intake.mt940 import read_mt940
from tasks.intake.mt940_fields import is_mt940
from tasks.intake.payments import read_payments
from tasks.intake.sheets import Sheet, is_workbook, read_csv, read_xlsx
from tasks.intake.tables import CustomerRow, RejectedRow, customer_row, invoice_row, read_rows
from tasks.intake.ubl import is_ubl, read_ubl
from tasks.intake.xml import MAX_BYTES, parse_xml
from tasks.intake.zugferd import read_zugferd

MT940 = "mt940"
KINDS = ("ubl", "cii", "zugferd", "camt.053", "camt.052", "camt.054", MT940, CUSTOMERS, INVOICES, PAYMENTS)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a file does not say itself."""

    kind: str | None = None
    """One of `KINDS` if the file must be of that kind; None: as its content says."""
    decimal: str | None = None
    """The decimal sign of a table's amounts, "," or "."; None: not declared."""
    payment_term_days: int = 14
    """The shop's payment term, for invoices that name no due date."""
    currency: str = "EUR"
    """The currency of a table's rows that name none."""
    check_balances: bool = True
    """Refuse a camt.053 or MT940 whose entries do not add up to its balances."""


DEFAULTS = ReadOptions()


@dataclass(frozen=True, slots=True)
class Content:
    """What one file says."""

    kind: str
    sha256: str
    invoices: tuple[InvoiceDocument, ...] = ()
    customers: tuple[CustomerRow, ...] = ()
    statements: tuple[BankStatement, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()


def read_file(path: Path, options: ReadOptions = DEFAULTS) -> Content:
    """Read one file, or refuse it.

    `not_readable`, `too_large`, `unknown_format`, `wrong_kind` and the readers' own.
    """
    try:
        if not path.is_file():
            raise InputRejected("not_readable", "There is no such file, or it is no plain file.", "Check the path.")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputRejected("not_readable", "The file cannot be opened.", "Check its permissions.") from error
    return read_bytes(raw, options)


def read_bytes(raw: bytes, options: ReadOptions = DEFAULTS) -> Content:
    """Read a file's content; see `read_file`."""
    if len(raw) > MAX_BYTES:
        raise InputRejected("too_large", f"The file is larger than {MAX_BYTES // 2**20} MB.", "Split the file.")
    content = _content(raw, hashlib.sha256(raw).hexdigest(), options)
    if options.kind not in (None, content.kind):
        raise InputRejected(
            "wrong_kind",
            f"The file is {content.kind}, not {options.kind}.",
            "Leave the kind open, or correct it.",
        )
    return content


def _content(raw: bytes, sha256: str, options: ReadOptions) -> Content:
    if b"%PDF-" in raw[:1024]:
        return Content("zugferd", sha256, invoices=(read_zugferd(raw, options.payment_term_days),))
    if raw.startswith(b"PK"):
        found = members(raw)
        if is_workbook(set(found)):
            return _table(read_xlsx(raw, _is_heading), sha256, options)
        return _archive(found, sha256, options)
    if _looks_like_xml(raw):
        return _xml(parse_xml(raw), sha256, options)
    if is_mt940(raw):
        return Content(MT940, sha256, statements=read_mt940(raw, options.check_balances))
    return _table(read_csv(raw, _is_heading), sha256, options)


def _looks_like_xml(raw: bytes) -> bool:
    start = raw[:200].replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe")
    return start.removeprefix(b"\xfe\xff").lstrip().startswith(b"<")


def _xml(root: etree._Element, sha256: str, options: ReadOptions) -> Content:
    if kind := camt_kind(root):
        return Content(kind, sha256, statements=read_camt(root, options.check_balances))
    if is_ubl(root):
        return Content("ubl", sha256, invoices=(read_ubl(root, options.payment_term_days),))
    if is_cii(root):
        return Content("cii", sha256, invoices=(read_cii(root, options.payment_term_days),))
    raise _unknown("The XML is neither an e-invoice (UBL, CII) nor a bank statement (camt) of a version known here.")


def _archive(found: dict[str, bytes], sha256: str, options: ReadOptions) -> Content:
    """A ZIP of bank statements, as German banks deliver them; its files are taken all or none."""
    if not found:
        raise InputRejected("empty", "The ZIP file is empty.", "Fetch it again.")
    files = [_bank_file(content, options) for _, content in sorted(found.items())]
    kinds = {kind for kind, _ in files}
    if len(kinds) > 1:
        raise _no_bank_files()
    return Content(kinds.pop(), sha256, statements=tuple(one for _, read in files for one in read()))


def _bank_file(raw: bytes, options: ReadOptions) -> tuple[str, Callable[[], tuple[BankStatement, ...]]]:
    """The kind of a bank file in an archive, and how to read it; no other file is taken from there."""
    if _looks_like_xml(raw):
        root = parse_xml(raw)
        if kind := camt_kind(root):
            return kind, partial(read_camt, root, options.check_balances)
    elif is_mt940(raw):
        return MT940, partial(read_mt940, raw, options.check_balances)
    raise _no_bank_files()


def _is_heading(titles: tuple[str, ...]) -> bool:
    return table_kind(titles) is not None


def _table(sheet: Sheet, sha256: str, options: ReadOptions) -> Content:
    found = table_kind(sheet.heading)
    kind = options.kind if options.kind in (CUSTOMERS, INVOICES, PAYMENTS) else found
    if kind == CUSTOMERS:
        customers, rejected = read_rows(sheet, kind, options.decimal, customer_row)
        return Content(kind, sha256, customers=customers, rejected=rejected)
    if kind == INVOICES:
        read = partial(invoice_row, payment_term_days=options.payment_term_days, currency=options.currency)
        invoices, rejected = read_rows(sheet, kind, options.decimal, read)
        return Content(kind, sha256, invoices=invoices, rejected=rejected)
    if kind in (PAYMENTS, PAYPAL):
        report = PAYPAL if found == PAYPAL else PAYMENTS
        statements, rejected = read_payments(sheet, report, options.decimal, options.currency)
        return Content(PAYMENTS, sha256, statements=statements, rejected=rejected)
    raise _unknown("The file is no e-invoice, no bank statement, and no table with headings known here.")


def _no_bank_files() -> InputRejected:
    return _unknown("The ZIP file holds something else than bank statements (camt or MT940) of one kind.")


def _unknown(what: str) -> InputRejected:
    return InputRejected("unknown_format", what, "See the README for the formats that are read.")
