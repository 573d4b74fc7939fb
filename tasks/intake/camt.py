"""Bank statements in ISO 20022: camt.053 of every version; camt.052 and camt.054 are read alike.

A message is taken whole or refused whole. How an entry becomes transactions: `transactions.py`.
"""

import re
from datetime import date

from lxml import etree

from dunning.errors import InputRejected
from dunning.facts import BankEntry, BankStatement
from tasks.intake.transactions import booked_transactions, day_in, day_of, first, missing, signed
from tasks.intake.xml import Names, each, local_name, namespace, text

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.05[234])\.001\.(\d{2})")
_STATEMENTS = {
    "camt.052": "BkToCstmrAcctRpt/Rpt",
    "camt.053": "BkToCstmrStmt/Stmt",
    "camt.054": "BkToCstmrDbtCdtNtfctn/Ntfctn",
}


def camt_kind(root: etree._Element) -> str | None:
    """`camt.052`, `camt.053` or `camt.054`; None for any other document."""
    match = _NAMESPACE.fullmatch(namespace(root))
    return match[1] if match and local_name(root) == "Document" else None


def read_camt(root: etree._Element, check_balances: bool = True) -> tuple[BankStatement, ...]:
    """Read every statement of a message.

    Refuses the message whole: `no_statement`, `field_missing`, `bad_amount`, `too_many_decimals`,
    `bad_date`, and, for camt.053 with `check_balances`, `balance_mismatch`.
    """
    kind = camt_kind(root) or ""
    names: Names = {None: namespace(root)}
    nodes = each(root, _STATEMENTS[kind], names)
    if not nodes:
        raise InputRejected("no_statement", "The bank file holds no statement.", "Fetch it from the bank again.")
    statements = tuple(_statement(node, names) for node in nodes)
    if kind == "camt.053" and check_balances:
        for place, (node, statement) in enumerate(zip(nodes, statements, strict=True), start=1):
            if not (_is_page(node, names) or reconciles(statement)):
                raise InputRejected(
                    "balance_mismatch",
                    f"Statement {place}: opening balance and entries do not add up to the closing balance.",
                    "Fetch the statement from the bank again; if it stays so, ask the bank.",
                )
    return statements


def reconciles(statement: BankStatement) -> bool:
    """True if the balances fit the entries, or if there are no two balances in one currency to compare.

    Some banks close by value date: entries valued after the closing day are then not yet in the closing
    balance.
    """
    if statement.opening_cents is None or statement.closing_cents is None:
        return True
    if any(entry.currency != statement.currency for entry in statement.entries):
        return True
    moved = statement.closing_cents - statement.opening_cents
    valued = [entry for entry in statement.entries if not statement.until_on or entry.value_on <= statement.until_on]
    return moved in (_sum(statement.entries), _sum(valued))


def _sum(entries: tuple[BankEntry, ...] | list[BankEntry]) -> int:
    return sum(entry.amount_cents for entry in entries)


def _is_page(node: etree._Element, names: Names) -> bool:
    """A statement sent in pages has its balances on different pages."""
    return text(node, "StmtPgntn/LastPgInd", names) == "false" or text(node, "StmtPgntn/PgNb", names) not in (
        "",
        "1",
    )


def _statement(node: etree._Element, names: Names) -> BankStatement:
    currency = _currency(node, names)
    opening = _balances(node, names, "OPBD", currency) or _balances(node, names, "PRCD", currency)
    closing = _balances(node, names, "CLBD", currency)
    account = text(node, "Acct/Id/IBAN", names) or text(node, "Acct/Id/Othr/Id", names)
    made = text(node, "CreDtTm", names)
    fallback = closing[-1][0] if closing else day_of(made) if made else None
    entries = tuple(
        transaction
        for entry in each(node, "Ntry", names)
        for transaction in booked_transactions(entry, names, account, fallback)
    )
    covered = text(node, "FrToDt/FrDtTm", names) or text(node, "FrToDt/FrDt", names)
    last_booked = max((entry.booked_on for entry in entries), default=None)
    return BankStatement(
        account=account,
        currency=currency,
        opening_cents=opening[0][1] if opening else None,
        closing_cents=closing[-1][1] if closing else None,
        from_on=day_of(covered) if covered else opening[0][0] if opening else None,
        until_on=closing[-1][0] if closing else last_booked,
        entries=entries,
        number=text(node, "ElctrncSeqNb", names) or text(node, "Id", names),
    )


def _currency(node: etree._Element, names: Names) -> str:
    """The account's currency; else that of its first balance, else of its first entry."""
    if declared := text(node, "Acct/Ccy", names):
        return declared
    amounts = each(node, "Bal/Amt", names) or each(node, "Ntry/Amt", names)
    return amounts[0].get("Ccy", "") if amounts else ""


def _balances(node: etree._Element, names: Names, code: str, currency: str) -> list[tuple[date, int]]:
    """The balances of one kind, oldest first.

    One in another currency than the account's is not its balance.
    """
    found = []
    for balance in each(node, "Bal", names):
        amount = first(balance, "Amt", names)
        if text(balance, "Tp/CdOrPrtry/Cd", names) != code or amount.get("Ccy") != currency:
            continue
        on = day_in(balance, "Dt", names)
        if on is None:
            raise missing("The date of a balance")
        found.append((on, signed(balance, names, amount, "A balance")))
    return sorted(found, key=lambda one: one[0])
