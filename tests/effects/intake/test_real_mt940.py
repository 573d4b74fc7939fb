"""The public MT940 files: each as its own balances say, found a second time without our reader, or refused by name."""

import re
from decimal import Decimal

import pytest

from dunning.errors import InputRejected
from dunning.facts import BankStatement
from tasks.intake.reading import ReadOptions, read_file
from tests.effects.intake.shared_data import bank

AS_SHOWN = ReadOptions(check_balances=False)
FOLDER = "mt-940"

# file: statements, entries, sum of all entries in cents
READ = {
    "betterplace/sepa_mt9401.sta": (26, 97, -926913590),
    "betterplace/with_binary_character.sta": (2, 4, -17906675),
    "cmxl/mt940.sta": (3, 16, 1232730),
    "jejik/generic.sta": (2, 2, -2000),
    "jejik/rabobank-iban.sta": (2, 4, -7000),
    "jejik/sns.sta": (2, 2, -2500),
    "mBank/mt940.sta": (1, 3, 3),
    "sberbank/171011_01234945.sta": (1, 3, -943700),
    "self-provided/february_30.sta": (1, 1, -600),
    "self-provided/transaction_details_wrapped.sta": (1, 1, -600),
    "self-provided/wrapped_timestamp.sta": (1, 1, -600),
}

# files that their makers shortened or changed: the first statement that does not add up, counted from 1, and the
# cents by which its balances move further than its entries
UNBALANCED = {
    "betterplace/sepa_snippet.sta": (2, 30008),
    "jejik/abnamro.sta": (1, -203800),
    "jejik/ing.sta": (1, 4906),
    "jejik/knab.sta": (2, 450000),
    "jejik/postfinance.sta": (2, 20),
    "jejik/rabobank.sta": (1, 113593),
    "jejik/triodos.sta": (1, 11140),
    "mBank/with_newline_in_tnr.sta": (1, 77071),
    "self-provided/details_60-63.sta": (1, 23401),
    "self-provided/malformed_details.sta": (1, 23401),
    "self-provided/overly_long_details.sta": (1, 23401),
    "self-provided/raiffeisen-cmi.sta": (1, 112326400),
    "self-provided/whitespace.sta": (1, 23401),
}

# fragments of one field, and files that are no statement: reason
REFUSED = {
    "betterplace/amount_formats.sta": "no_statement",
    "betterplace/currency_in_25.sta": "no_statement",
    "betterplace/empty_86.sta": "no_statement",
    "betterplace/empty_entry_date.sta": "no_statement",
    "betterplace/empty_line.sta": "cut_off",
    "betterplace/missing_crlf_at_end.sta": "no_statement",
    "betterplace/sepa_snippet_broken.sta": "several_accounts",  # its field 86 is tagged 25
    "cmxl/account_balance_credit.sta": "no_statement",
    "cmxl/account_balance_debit.sta": "no_statement",
    "cmxl/account_identification_iban.sta": "no_statement",
    "cmxl/account_identification_legacy.sta": "no_statement",
    "cmxl/available_balance.sta": "unknown_format",
    "cmxl/closing_balance.sta": "no_statement",
    "cmxl/reference.sta": "cut_off",
    "cmxl/statement_details.sta": "no_statement",
    "cmxl/statement_line.sta": "no_statement",
    "cmxl/statement_number.sta": "no_statement",
    "mBank/mt942.sta": "not_a_statement",
    "self-provided/empty_non_swift.sta": "unknown_format",
    "self-provided/gv_codes.sta": "cut_off",
    "self-provided/invalid_statement.sta": "unknown_format",
    "self-provided/long_statement_number.sta": "bad_amount",  # balances of 18 digits
    "self-provided/mt942.sta": "not_a_statement",
    "self-provided/raphaelm.sta": "bad_amount",  # a closing balance without its currency
    "self-provided/sparkassen.sta": "no_statement",
}


def _read(name: str, options: ReadOptions) -> tuple[BankStatement, ...]:
    return read_file(bank() / FOLDER / name, options).statements


@pytest.mark.parametrize("name", READ)
def test_every_statement_adds_up(name: str) -> None:
    statements = _read(name, ReadOptions())
    entries = [entry for one in statements for entry in one.entries]
    assert (len(statements), len(entries), sum(entry.amount_cents for entry in entries)) == READ[name]
    moved = sum((one.closing_cents or 0) - (one.opening_cents or 0) for one in statements)
    assert moved == READ[name][2]


def _second_reading(text: str) -> tuple[int, int, int]:
    """Statements, entries and their sum by three patterns and by what the standard says of the marks."""
    found = re.findall(r"^:61:\d{6}(?:\d{4})?(R?[CD])[A-Z]?(\d+),?(\d*)", text, re.MULTILINE)
    signs = {"C": 1, "RD": 1, "D": -1, "RC": -1}
    total = sum(signs[mark] * Decimal(f"{whole}.{part or 0}") for mark, whole, part in found)
    return len(re.findall(r"^:62[FM]:", text, re.MULTILINE)), len(found), int(total * 100)


@pytest.mark.parametrize("name", [*READ, *UNBALANCED])
def test_a_plain_count_over_the_file_finds_the_same(name: str) -> None:
    statements = _read(name, AS_SHOWN)
    entries = [entry for one in statements for entry in one.entries]
    text = (bank() / FOLDER / name).read_text("latin-1")
    assert _second_reading(text) == (len(statements), len(entries), sum(entry.amount_cents for entry in entries))


@pytest.mark.parametrize("name", UNBALANCED)
def test_what_does_not_add_up_is_refused_and_says_where(name: str) -> None:
    with pytest.raises(InputRejected) as refused:
        _read(name, ReadOptions())
    place, missing_cents = UNBALANCED[name]
    assert refused.value.reason == "balance_mismatch"
    assert refused.value.what.startswith(f"Statement {place}:")
    shown = _read(name, AS_SHOWN)[place - 1]
    moved = (shown.closing_cents or 0) - (shown.opening_cents or 0)
    assert moved - sum(entry.amount_cents for entry in shown.entries) == missing_cents


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_statement_is_refused(name: str) -> None:
    with pytest.raises(InputRejected) as refused:
        _read(name, AS_SHOWN)
    assert refused.value.reason == REFUSED[name]


def test_all_files_are_in_a_table() -> None:
    here = {str(path.relative_to(bank() / FOLDER)) for path in (bank() / FOLDER).rglob("*.sta")}
    assert here == {*READ, *UNBALANCED, *REFUSED}


def test_a_german_bank_in_full() -> None:
    statements = _read("betterplace/sepa_mt9401.sta", ReadOptions())
    assert [one.number for one in statements if one.account == "50880050/0194785000888"] == [
        "00004/00001", "00004/00002", "00004/00003"
    ]  # fmt: skip
    returned, reversed_ = statements[0].entries[4:6]
    assert (returned.return_reason, returned.end_to_end_id) == ("AC06", "TFNR 44003 00002")
    assert (reversed_.amount_cents, reversed_.reversal, reversed_.return_reason) == (-20488, True, "NARR")
    paid = statements[1].entries[0]
    assert (paid.counterparty_iban, paid.end_to_end_id) == ("DE42100100100043921105", "EndToEndIdTFNR2000400001")
    assert paid.counterparty == "Richter Renate 70 Zeichen Beginn Fuellzeichen xxxxxxxx"


def test_february_has_30_days_at_the_bank() -> None:
    (entry,) = _read("self-provided/february_30.sta", ReadOptions())[0].entries
    assert (entry.value_on.isoformat(), entry.booked_on.isoformat()) == ("2016-02-29", "2016-03-01")
