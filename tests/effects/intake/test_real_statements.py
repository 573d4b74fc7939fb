"""The public bank files: what stands in them, found a second time without our reader, and pinned where it is odd."""

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dunning.errors import InputRejected
from dunning.facts import BankStatement
from tasks.intake.reading import ReadOptions, read_file
from tests.effects.intake.shared_data import bank

AS_SHOWN = ReadOptions(check_balances=False)

# file, kind, and a statement each: account, currency, opening, closing, entries, sum
FILES = [
    ("camt-to-coda/2024-03-19.xml", "camt.053", [
        ("LT625883379695428516", "EUR", 2070198141, 1939478885, 11, -130719256),
        ("LT414319056143772570", "EUR", 480155, 480155, 0, 0)]),
    ("camt-to-coda/2024-04-11.xml", "camt.053", [
        ("LT625883379695428516", "EUR", 2146383035, 1719465059, 15, -426917976),
        ("LT414319056143772570", "EUR", 280155, 280155, 0, 0)]),
    ("camt-to-coda/2024-05-06.xml", "camt.053", [
        ("LT625883379695428516", "EUR", 1751819597, 1915813375, 13, 163993778),
        ("LT414319056143772570", "EUR", 80155, 80155, 0, 0)]),
    ("camt-to-coda/2024-05-13.xml", "camt.053", [
        ("LT625883379695428516", "EUR", 1653656279, 1854515125, 10, 200858846),
        ("LT414319056143772570", "EUR", 80155, 80155, 0, 0)]),
    ("camt-to-coda/2024-05-28.xml", "camt.053", [
        ("LT625883379695428516", "EUR", 2061923425, 1748855453, 12, -313067972),
        ("LT414319056143772570", "EUR", 80155, 80155, 0, 0)]),
    ("camt-to-coda/2024-08-22.xml", "camt.053", [
        ("LT414319056143772570", "EUR", 80155, 80155, 0, 0),
        ("LT625883379695428516", "EUR", 1598749033, 1523572078, 11, -75176955)]),
    ("camt-to-coda/2024-10-09.xml", "camt.053", [
        ("LT625883379695428516", "EUR", 1995380826, 1855073156, 12, -140307670)]),
    ("camt-to-coda/account_statement.xml", "camt.053", [("BE86463768548050", "EUR", 0, 0, 3, 0)]),
    ("genkgo/camt052.v8.xml", "camt.052", [("CH2801234000123456789", "SEK", None, None, 1, -20000000)]),
    ("genkgo/camt053.v2.five.decimals.xml", "camt.053", [("NL26VAYB8060476890", "EUR", 1815, 2705, 1, 885)]),
    # the closing balance of these three is in another currency than the account's, hence no balance of it
    ("genkgo/camt053.v2.minimal.xml", "camt.053", [("NL26VAYB8060476890", "EUR", 1815, None, 1, 885)]),
    ("genkgo/camt053.v4.xml", "camt.053", [("NL26VAYB8060476890", "EUR", 1815, None, 1, 885)]),
    ("genkgo/camt053.v8.xml", "camt.053", [("NL26VAYB8060476890", "EUR", 1815, None, 1, 885)]),
    ("genkgo/camt053.v2.multi.statement.xml", "camt.053", [
        ("NL26VAYB8060476890", "EUR", 1815, 2700, 1, 885), ("NL26VAYB8060476890", "EUR", 2700, 2000, 1, -700)]),
    ("genkgo/camt53.only-Dt-with-DtTm.xml", "camt.053", [("GB33BUKB20201555555555", "RON", 544209, None, 0, 0)]),
    ("genkgo/camt054.v8.xml", "camt.054", [("CH2801234000123456789", "SEK", None, None, 1, -20000000)]),
    ("moov/FI_camt_053_sample.xml.xml", "camt.053", [("FI7433010001222090", "EUR", 1000000, 2364483, 13, 1364483)]),
    ("moov/camt.053_P_CH2909000000250094239_1110092698_0_2020112503071366.xml", "camt.053", [
        ("CH2909000000250094239", "CHF", 21199319, 21511221, 5, 465602)]),
    ("moov/200519_camt.054-Credit_P_CH2909000000250094239_1110092691_0_2019042421291293.xml", "camt.054", [
        ("CH2909000000250094239", "CHF", None, None, 1, 150000)]),
    ("moov/200519_camt054-returns_p_ch2909000000250094239_1109800798_0_2019052023472022.xml", "camt.054", [
        ("CH2909000000250094239", "CHF", None, None, 1, 40000)]),
    ("steinwedel/sample-camt052.xml", "camt.052", [("DE89370400440532013000", "EUR", 500000, 425050, 6, 249950)]),
]  # fmt: skip


def _read(name: str) -> tuple[BankStatement, ...]:
    return read_file(bank() / name, AS_SHOWN).statements


@pytest.mark.parametrize(("name", "kind", "expected"), FILES, ids=[row[0][:40] for row in FILES])
def test_every_bank_file(
    name: str, kind: str, expected: list[tuple[str, str, int | None, int | None, int, int]]
) -> None:
    content = read_file(bank() / name, AS_SHOWN)
    assert content.kind == kind
    assert [
        (
            one.account,
            one.currency,
            one.opening_cents,
            one.closing_cents,
            len(one.entries),
            sum(entry.amount_cents for entry in one.entries),
        )
        for one in content.statements
    ] == expected


@pytest.mark.parametrize("name", [row[0] for row in FILES])
def test_the_entries_add_up_to_a_plain_sum_over_the_file(name: str) -> None:
    """A second reading that shares nothing with ours: the standard library's parser, amounts of `Ntry` by sign."""
    root = ElementTree.parse(bank() / name).getroot()
    space = re.match(r"\{.*\}", root.tag)
    assert space is not None
    total = 0
    for entry in root.iter(f"{space[0]}Ntry"):
        amount = round(float(entry.findtext(f"{space[0]}Amt", "")) * 100)
        total += -amount if entry.findtext(f"{space[0]}CdtDbtInd") == "DBIT" else amount
    assert sum(entry.amount_cents for one in _read(name) for entry in one.entries) == total


@pytest.mark.parametrize("name", [row[0] for row in FILES if row[1] == "camt.053" and "five" not in row[0]])
def test_every_statement_of_account_reconciles(name: str) -> None:
    assert read_file(bank() / name).statements


def test_five_decimals_are_read_but_do_not_add_up() -> None:
    """18.150 + 8.850 is 27.000, the file says 27.050: shown as it stands, refused when it is to be taken in."""
    with pytest.raises(InputRejected) as refused:
        read_file(bank() / "genkgo/camt053.v2.five.decimals.xml")
    assert refused.value.reason == "balance_mismatch"


def test_the_wrong_one_holds_no_statement() -> None:
    with pytest.raises(InputRejected) as refused:
        read_file(bank() / "genkgo/camt053.v2.wrong.xml", AS_SHOWN)
    assert refused.value.reason == "no_statement"


def test_a_bank_that_closes_by_value_date_reconciles() -> None:
    """1,537.00 CHF are booked on the closing day but valued the day after, and not in the closing balance."""
    (statement,) = read_file(
        bank() / "moov/camt.053_P_CH2909000000250094239_1110092698_0_2020112503071366.xml"
    ).statements
    late = [entry for entry in statement.entries if statement.until_on and entry.value_on > statement.until_on]
    assert [entry.amount_cents for entry in late] == [153700]


def test_the_finnish_batch_is_split() -> None:
    entries = _read("moov/FI_camt_053_sample.xml.xml")[0].entries
    batch = [entry for entry in entries if entry.bank_reference.startswith("091029ARCH03")]
    assert [(entry.amount_cents, entry.reference or entry.structured_reference) for entry in batch] == [
        (-200002, "3900"),
        (-100001, "Invoices 123 and 321"),
        (-123002, "217827182718"),
    ]
    assert {entry.counterparty for entry in batch} == {"Creditor Company"}


def test_the_swiss_return_says_why() -> None:
    name = "moov/200519_camt054-returns_p_ch2909000000250094239_1109800798_0_2019052023472022.xml"
    (entry,) = _read(name)[0].entries
    assert (entry.return_reason, entry.reference, entry.amount_cents) == ("AC01", "Kontouebertrag", 40000)
    assert (entry.counterparty, entry.counterparty_iban) == ("Robert Schneider SA", "CH8709000000929471495")


def test_the_german_report_in_full() -> None:
    entry = _read("steinwedel/sample-camt052.xml")[0].entries[3]
    assert (entry.booked_on, entry.value_on) == (date(2024, 1, 12), date(2024, 1, 12))
    assert (entry.amount_cents, entry.currency) == (250000, "EUR")
    assert entry.reference == "Rechnung RE-2024-001 - Beratungsleistung"
    assert (entry.counterparty, entry.counterparty_iban) == ("Kunde XYZ AG", "DE75512108001245126199")
    assert entry.end_to_end_id == "E2E-REF-004"


def test_all_files_are_in_the_table() -> None:
    here = {str(path.relative_to(bank())) for path in Path(bank()).glob("*/*.xml")}
    assert here == {row[0] for row in FILES} | {"genkgo/camt053.v2.wrong.xml"}
