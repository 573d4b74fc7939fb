"""One entry of an ISO 20022 statement and the transactions in it.

The details (`TxDtls`) are taken one by one if their amounts, in the entry's currency, add up to the entry
to the cent; else the entry stays whole, so that no cent is lost, with what its details say in common.
Direction comes from the credit/debit indicator alone: a reversal carries the indicator of its own booking.
"""

from dataclasses import dataclass
from datetime import date

from lxml import etree

from dunning.errors import InputRejected
from dunning.facts import BankEntry
from tasks.intake.xml import Names, cents, day, each, text, texts

_NOT_BOOKED = frozenset({"PDNG", "INFO", "FUTR"})
"""Announced, not booked: no money has moved."""
_TX_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One `Ntry` and the statement it stands in."""

    node: etree._Element
    names: Names
    account: str
    amount_cents: int
    currency: str
    booked_on: date
    value_on: date


def booked_transactions(node: etree._Element, names: Names, account: str, fallback: date | None) -> list[BankEntry]:
    """The transactions of one `Ntry`; none if it is only announced. `fallback` is the statement's own day."""
    if (text(node, "Sts/Cd", names) or text(node, "Sts", names)) in _NOT_BOOKED:
        return []
    return _transactions(_entry(node, names, account, fallback))


def _entry(node: etree._Element, names: Names, account: str, fallback: date | None) -> _Entry:
    amount = first(node, "Amt", names)
    booked_on = day_in(node, "BookgDt", names)
    value_on = day_in(node, "ValDt", names)
    booked_on = booked_on or value_on or fallback
    if booked_on is None:
        raise missing("The booking date of an entry")
    return _Entry(
        node=node,
        names=names,
        account=account,
        amount_cents=signed(node, names, amount, "The amount of an entry"),
        currency=amount.get("Ccy", ""),
        booked_on=booked_on,
        value_on=value_on or booked_on,
    )


def _transactions(entry: _Entry) -> list[BankEntry]:
    details = each(entry.node, "NtryDtls/TxDtls", entry.names)
    amounts = _split(entry, details) if len(details) > 1 else None
    if amounts is None:
        return [_bank_entry(entry, details, entry.amount_cents)]
    return [_bank_entry(entry, [node], amount) for node, amount in zip(details, amounts, strict=True)]


def _split(entry: _Entry, details: list[etree._Element]) -> list[int] | None:
    """The details' signed amounts if they add up to the entry.

    Some banks print the indicator of the original transaction on the details of a reversal; the entry's
    sign then holds for all of them.
    """
    found = [_detail_amount(entry, node) for node in details]
    amounts = [amount for amount in found if amount is not None]
    if len(amounts) < len(details):
        return None
    sign = -1 if entry.amount_cents < 0 else 1
    for reading in (amounts, [sign * abs(amount) for amount in amounts]):
        if sum(reading) == entry.amount_cents:
            return reading
    return None


def _detail_amount(entry: _Entry, node: etree._Element) -> int | None:
    for path in _TX_AMOUNTS:
        for amount in each(node, path, entry.names):
            if amount.get("Ccy") == entry.currency:
                magnitude = cents((amount.text or "").strip(), "The amount of a transaction")
                indicator = text(node, "CdtDbtInd", entry.names)
                debit = indicator == "DBIT" if indicator else entry.amount_cents < 0
                return -magnitude if debit else magnitude
    return None


def _bank_entry(entry: _Entry, details: list[etree._Element], amount_cents: int) -> BankEntry:
    """One transaction; of an entry kept whole over several details, what they say together or in common."""
    names = entry.names
    reasons = _all(details, "RtrInf/Rsn/Cd", names) or _all(details, "RtrInf/Rsn/Prtry", names)
    parties = {_counterparty(entry, node, bool(reasons), amount_cents) for node in details}
    name, iban = parties.pop() if len(parties) == 1 else ("", "")
    end_to_end = _common(_all(details, "Refs/EndToEndId", names))
    structured = _all(details, "RmtInf/Strd/CdtrRefInf/Ref", names) or _all(details, "RmtInf/Strd/RfrdDocInf/Nb", names)
    return BankEntry(
        booked_on=entry.booked_on,
        value_on=entry.value_on,
        amount_cents=amount_cents,
        currency=entry.currency,
        reference=" ".join(_all(details, "RmtInf/Ustrd", names)),
        structured_reference=" ".join(structured),
        end_to_end_id="" if end_to_end == "NOTPROVIDED" else end_to_end,
        counterparty=name,
        counterparty_iban=iban,
        bank_reference=_common(_all(details, "Refs/AcctSvcrRef", names)) or text(entry.node, "AcctSvcrRef", names),
        return_reason=_common(reasons),
        reversal=text(entry.node, "RvslInd", names) in ("true", "1"),
    )


def _counterparty(entry: _Entry, node: etree._Element, returned: bool, amount_cents: int) -> tuple[str, str]:
    """Name and IBAN of the other side: who pays what comes in, who gets what goes out.

    A returned payment keeps the roles of the payment it returns, so there the other role is asked first.
    """
    returned = returned or text(entry.node, "RvslInd", entry.names) in ("true", "1")
    payer_first = (amount_cents >= 0) != returned
    roles = ("Dbtr", "Cdtr") if payer_first else ("Cdtr", "Dbtr")
    for role in roles if returned else roles[:1]:
        name, iban = _party(node, role, entry.names)
        if (name or iban) and not (returned and iban == entry.account):
            return name, iban
    return "", ""


def _party(node: etree._Element, role: str, names: Names) -> tuple[str, str]:
    """The party's name (versions 1 to 7 write it flat, later ones inside `Pty` or as a bank) and IBAN."""
    paths = (
        f"{role}/Nm",
        f"{role}/Pty/Nm",
        f"{role}/Agt/FinInstnId/Nm",
        f"Ultmt{role}/Nm",
        f"Ultmt{role}/Pty/Nm",
    )
    name = next((found for path in paths if (found := text(node, f"RltdPties/{path}", names))), "")
    return name, text(node, f"RltdPties/{role}Acct/Id/IBAN", names).replace(" ", "")


def _all(nodes: list[etree._Element], path: str, names: Names) -> list[str]:
    return [found for node in nodes for found in texts(node, path, names)]


def _common(values: list[str]) -> str:
    return values[0] if len(set(values)) == 1 else ""


def first(node: etree._Element, path: str, names: Names) -> etree._Element:
    found = next(iter(each(node, path, names)), None)
    if found is None:
        raise missing("An amount")
    return found


def signed(node: etree._Element, names: Names, amount: etree._Element, field: str) -> int:
    magnitude = cents((amount.text or "").strip(), field)
    return -magnitude if text(node, "CdtDbtInd", names) == "DBIT" else magnitude


def day_in(node: etree._Element, path: str, names: Names) -> date | None:
    written = text(node, f"{path}/Dt", names) or text(node, f"{path}/DtTm", names)
    return day_of(written) if written else None


def day_of(written: str) -> date:
    return day(written, "A date in the statement")


def missing(field: str) -> InputRejected:
    return InputRejected("field_missing", f"{field} is missing.", "Fetch the statement from the bank again.")
