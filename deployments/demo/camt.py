"""Bank statements as camt.053.001.08, as a German bank delivers them."""

from collections.abc import Sequence
from datetime import date

from deployments.demo.bank import Booking, Statement, Transfer
from deployments.demo.goods import euros
from deployments.demo.markup import Node, document, node
from deployments.demo.seller import SHOP


def camt_file(days: Sequence[Statement], *, name: str) -> bytes:
    """A file with one statement for each bank day given. `name` is the file's own message id."""
    return _file(name, days[-1].on, [_statement((day,)) for day in days])


def camt_period(days: Sequence[Statement], *, name: str) -> bytes:
    """A file with a single statement over several bank days, as a clerk fetches it by hand."""
    return _file(name, days[-1].on, [_statement(days)])


def _file(name: str, on: date, made: list[Node]) -> bytes:
    header = node("camt:GrpHdr", node("camt:MsgId", name), node("camt:CreDtTm", _evening(on)))
    return document(node("camt:Document", node("camt:BkToCstmrStmt", header, *made)), default="camt")


def _evening(on: date) -> str:
    return f"{on.isoformat()}T19:30:00"


def _statement(days: Sequence[Statement]) -> Node:
    first, last = days[0], days[-1]
    span = f"-{last.number:05d}" if len(days) > 1 else ""
    return node(
        "camt:Stmt",
        node("camt:Id", f"LGV-{first.on.year}-{first.number:05d}{span}"),
        node("camt:ElctrncSeqNb", str(last.number)),
        node("camt:CreDtTm", _evening(last.on)),
        node(
            "camt:FrToDt",
            node("camt:FrDtTm", f"{first.on.isoformat()}T00:00:00"),
            node("camt:ToDtTm", f"{last.on.isoformat()}T23:59:59"),
        ),
        node(
            "camt:Acct",
            node("camt:Id", node("camt:IBAN", SHOP.iban)),
            node("camt:Ccy", "EUR"),
            node("camt:Ownr", node("camt:Nm", SHOP.name)),
            node("camt:Svcr", node("camt:FinInstnId", node("camt:BICFI", SHOP.bic))),
        ),
        _balance("OPBD", first.opening_cents, first.on),
        _balance("CLBD", last.closing_cents, last.on),
        *(_entry(day.on, booking) for day in days for booking in day.bookings),
    )


def _balance(code: str, cents: int, on: date) -> Node:
    return node(
        "camt:Bal",
        node("camt:Tp", node("camt:CdOrPrtry", node("camt:Cd", code))),
        *_amount(cents),
        node("camt:Dt", node("camt:Dt", on.isoformat())),
    )


def _amount(cents: int) -> tuple[Node, Node]:
    """Amounts are written without a sign; the indicator says which way the money went."""
    amount = node("camt:Amt", euros(abs(cents)), Ccy="EUR")
    return amount, node("camt:CdtDbtInd", "CRDT" if cents >= 0 else "DBIT")


def _entry(on: date, booking: Booking) -> Node:
    batch = None
    if booking.transfers[0].direct_debit:
        batch = node(
            "camt:Btch",
            node("camt:PmtInfId", f"SDD-{booking.reference}"),
            node("camt:NbOfTxs", str(len(booking.transfers))),
        )
    return node(
        "camt:Ntry",
        *_amount(booking.cents),
        node("camt:Sts", node("camt:Cd", "BOOK")),
        node("camt:BookgDt", node("camt:Dt", on.isoformat())),
        node("camt:ValDt", node("camt:Dt", on.isoformat())),
        node("camt:AcctSvcrRef", booking.reference),
        _bank_code(booking),
        node("camt:NtryDtls", batch, *(_details(booking, place) for place in range(len(booking.transfers)))),
        node("camt:AddtlNtryInf", _title(booking)),
    )


def _bank_code(booking: Booking) -> Node:
    """ISO bank transaction code: domain, family, sub-family."""
    if booking.transfers[0].direct_debit:
        family, kind = "IDDT", "ESDD"
    else:
        family, kind = ("RCDT", "ESCT") if booking.cents >= 0 else ("ICDT", "ESCT")
    codes = node("camt:Fmly", node("camt:Cd", family), node("camt:SubFmlyCd", kind))
    return node("camt:BkTxCd", node("camt:Domn", node("camt:Cd", "PMNT"), codes))


def _title(booking: Booking) -> str:
    if booking.transfers[0].direct_debit:
        return "SEPA-Lastschrifteinzug"
    return "SEPA-Gutschrift" if booking.cents >= 0 else "SEPA-Überweisung"


def _details(booking: Booking, place: int) -> Node:
    transfer = booking.transfers[place]
    own = f"{booking.reference}-{place + 1}" if len(booking.transfers) > 1 else booking.reference
    return node(
        "camt:TxDtls",
        node(
            "camt:Refs",
            node("camt:AcctSvcrRef", own),
            node("camt:EndToEndId", transfer.end_to_end_id or "NOTPROVIDED"),
        ),
        *_amount(transfer.cents),
        _parties(transfer),
        _remittance(transfer),
    )


def _parties(transfer: Transfer) -> Node:
    """Who paid whom; the other side's account is left out where the bank itself is the other side."""
    theirs = node("camt:Pty", node("camt:Nm", transfer.name))
    ours = node("camt:Pty", node("camt:Nm", SHOP.name))
    our_account = node("camt:Id", node("camt:IBAN", SHOP.iban))
    their_account = node("camt:Id", node("camt:IBAN", transfer.iban)) if transfer.iban else None
    debtor, creditor = ((theirs, their_account), (ours, our_account))
    if transfer.cents < 0:
        debtor, creditor = creditor, debtor
    return node(
        "camt:RltdPties",
        node("camt:Dbtr", debtor[0]),
        node("camt:DbtrAcct", debtor[1]) if debtor[1] is not None else None,
        node("camt:Cdtr", creditor[0]),
        node("camt:CdtrAcct", creditor[1]) if creditor[1] is not None else None,
    )


def _remittance(transfer: Transfer) -> Node:
    if not transfer.structured:
        return node("camt:RmtInf", node("camt:Ustrd", transfer.text))
    scor = node("camt:Tp", node("camt:CdOrPrtry", node("camt:Cd", "SCOR")), node("camt:Issr", "ISO"))
    return node("camt:RmtInf", node("camt:Strd", node("camt:CdtrRefInf", scor, node("camt:Ref", transfer.structured))))
