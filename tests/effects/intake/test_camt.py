"""Bank statements of our own making: splitting, signs, returns, balances, archives, speed."""

import time
from datetime import date

import pytest

from dunning.errors import InputRejected
from dunning.facts import BankEntry, BankStatement
from tasks.intake.reading import Content, ReadOptions, read_bytes
from tests.effects.intake.shared_data import SAMPLES, zipped

CAMT = (SAMPLES / "camt053.xml").read_text("utf-8")


def _statement(raw: str) -> BankStatement:
    (statement,) = read_bytes(raw.encode(), ReadOptions(check_balances=False)).statements
    return statement


def _reason(raw: str | bytes) -> str:
    with pytest.raises(InputRejected) as refused:
        read_bytes(raw.encode() if isinstance(raw, str) else raw)
    return refused.value.reason


def test_a_whole_statement() -> None:
    (statement,) = read_bytes(CAMT.encode()).statements
    assert statement == BankStatement(
        account="DE02120300000000202051",
        currency="EUR",
        opening_cents=-5000,
        closing_cents=17150,
        from_on=date(2026, 2, 1),
        until_on=date(2026, 2, 2),
        number="17",
        entries=(
            BankEntry(
                booked_on=date(2026, 2, 2),
                value_on=date(2026, 2, 3),
                amount_cents=10000,
                currency="EUR",
                reference="Rechnung RE-2026-1042 danke",
                counterparty="Jo Beispiel",
                counterparty_iban="DE91100000000123456789",
                bank_reference="T-1",
            ),
            BankEntry(
                booked_on=date(2026, 2, 2),
                value_on=date(2026, 2, 3),
                amount_cents=15000,
                currency="EUR",
                reference="",
                structured_reference="RF18539007547034",
                end_to_end_id="E2E-9",
                counterparty="Nordlicht UG",
                bank_reference="BATCH-1",
            ),
            BankEntry(
                booked_on=date(2026, 2, 2),
                value_on=date(2026, 2, 2),
                amount_cents=-2850,
                currency="EUR",
                reference="RE-2026-0999",
                end_to_end_id="DD-4",
                counterparty="Kim Muster",
                counterparty_iban="DE02500105170137075030",
                return_reason="AC04",
                reversal=True,
            ),
        ),
    )


@pytest.mark.parametrize("version", [f"{number:02d}" for number in range(2, 10)])
@pytest.mark.parametrize("flat", [False, True], ids=["Pty", "flat parties"])
def test_every_version(version: str, flat: bool) -> None:
    raw = CAMT.replace("053.001.08", f"053.001.{version}")
    if flat:
        raw = (
            raw.replace("<Pty>", "")
            .replace("</Pty>", "")
            .replace("<Cd>BOOK</Cd>", "BOOK")
            .replace("<Cd>PDNG</Cd>", "PDNG")
        )
    assert _statement(raw) == _statement(CAMT)


@pytest.mark.parametrize(("kind", "container", "one"), [
    ("camt.052", "BkToCstmrAcctRpt", "Rpt"), ("camt.054", "BkToCstmrDbtCdtNtfctn", "Ntfctn")])  # fmt: skip
def test_reports_and_notices_are_read_alike_and_named(kind: str, container: str, one: str) -> None:
    raw = CAMT.replace("camt.053", kind).replace("BkToCstmrStmt", container).replace("Stmt>", f"{one}>")
    content = read_bytes(raw.replace("171.50", "0.00").encode())
    assert content.kind == kind
    assert content.statements[0].entries == _statement(CAMT).entries


@pytest.mark.parametrize(
    ("change", "amounts", "reference"),
    [
        (("", ""), [10000, 15000, -2850], "Rechnung RE-2026-1042 danke"),
        ((">150.00<", ">149.99<"), [25000, -2850], "Rechnung RE-2026-1042 danke"),
        (('<Amt Ccy="EUR">150.00<', '<Amt Ccy="USD">150.00<'), [25000, -2850], "Rechnung RE-2026-1042 danke"),
        (('<Amt Ccy="EUR">150.00</Amt>', '<AmtDtls><TxAmt><Amt Ccy="EUR">150.00</Amt></TxAmt></AmtDtls>'),
         [10000, 15000, -2850], "Rechnung RE-2026-1042 danke"),
        (("150.00</Amt><CdtDbtInd>CRDT", "150.00</Amt><CdtDbtInd>DBIT"), [10000, 15000, -2850],
         "Rechnung RE-2026-1042 danke"),
    ],
    ids=["adds up", "a cent short: kept whole", "other currency: kept whole", "amount inside", "original's sign"],
)  # fmt: skip
def test_a_batch_is_split_only_without_losing_a_cent(
    change: tuple[str, str], amounts: list[int], reference: str
) -> None:
    entries = _statement(CAMT.replace(*change) if change[0] else CAMT).entries
    assert [entry.amount_cents for entry in entries] == amounts
    assert entries[0].reference == reference


def test_mixed_signs_in_a_batch() -> None:
    raw = CAMT.replace(">250.00<", ">50.00<").replace("100.00</Amt><CdtDbtInd>CRDT", "100.00</Amt><CdtDbtInd>DBIT")
    assert [entry.amount_cents for entry in _statement(raw).entries] == [-10000, 15000, -2850]


def test_a_batch_kept_whole_says_what_its_details_have_in_common() -> None:
    entry = _statement(CAMT.replace(">150.00<", ">149.99<")).entries[0]
    assert (entry.counterparty, entry.structured_reference) == ("", "RF18539007547034")
    assert (entry.bank_reference, entry.end_to_end_id) == ("T-1", "")


@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR"])
def test_announced_entries_are_no_bookings(status: str) -> None:
    assert len(_statement(CAMT.replace("<Cd>PDNG</Cd>", f"<Cd>{status}</Cd>")).entries) == 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("171.50", "171.51"), "balance_mismatch"),
        ((">28.50</Amt><CdtDbtInd>DBIT", ">28.50</Amt><CdtDbtInd>CRDT"), "balance_mismatch"),
        ((">50.00</Amt><CdtDbtInd>DBIT", ">50.00</Amt><CdtDbtInd>CRDT"), "balance_mismatch"),
        ((">28.50<", ">28.505<"), "too_many_decimals"),
        ((">28.50<", "><"), "bad_amount"),
        (("<Amt Ccy=\"EUR\">28.50</Amt>", ""), "field_missing"),
        (("<Dt>2026-02-03</Dt></ValDt>", "<Dt>2026-13-03</Dt></ValDt>"), "bad_date"),
    ],
)  # fmt: skip
def test_a_statement_is_refused_whole(change: tuple[str, str], reason: str) -> None:
    assert change[0] in CAMT
    assert _reason(CAMT.replace(*change)) == reason


def test_noughts_behind_the_cents_are_no_decimals() -> None:
    assert _statement(CAMT.replace(">28.50<", ">28.50000<")) == _statement(CAMT)


@pytest.mark.parametrize(
    "page", ["<PgNb>1</PgNb><LastPgInd>false</LastPgInd>", "<PgNb>2</PgNb><LastPgInd>true</LastPgInd>"]
)
def test_a_page_of_a_statement_is_not_reconciled_alone(page: str) -> None:
    raw = CAMT.replace("<ElctrncSeqNb>", f"<StmtPgntn>{page}</StmtPgntn><ElctrncSeqNb>").replace("171.50", "9.99")
    assert read_bytes(raw.encode()).statements


def test_a_balance_in_another_currency_is_no_balance_of_the_account() -> None:
    raw = CAMT.replace('<Amt Ccy="EUR">171.50</Amt>', '<Amt Ccy="SEK">1.00</Amt>')
    assert read_bytes(raw.encode()).statements[0].closing_cents is None


def test_an_archive_of_statements() -> None:
    other = CAMT.replace("DE02120300000000202051", "DE91100000000123456789")
    content: Content = read_bytes(zipped({"b.xml": other, "a.xml": CAMT}))
    assert content.kind == "camt.053"
    assert [one.account for one in content.statements] == ["DE02120300000000202051", "DE91100000000123456789"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "empty"),
        ({"a.xml": CAMT, "b.xml": CAMT.replace("171.50", "1.00")}, "balance_mismatch"),
        ({"a.xml": CAMT, "b.xml": CAMT[:500]}, "not_readable"),
        ({"a.xml": CAMT, "b.txt": "hello"}, "unknown_format"),
        ({"a.xml": CAMT, "b.xml": CAMT.replace("camt.053", "camt.054")}, "unknown_format"),
        ({f"{number}.xml": "<a/>" for number in range(201)}, "zip_bomb"),
        ({"a.xml": "<a>" + " " * 40_000_000 + "</a>"}, "zip_bomb"),
        ({f"{number}.xml": "<a>" + " " * 30_000_000 + "</a>" for number in range(2)}, "zip_bomb"),
    ],
    ids=["empty", "one unbalanced", "one cut", "a stranger", "two kinds", "many", "ratio", "total"],
)
def test_an_archive_is_taken_all_or_none(files: dict[str, str], reason: str) -> None:
    assert _reason(zipped(files)) == reason


def test_ten_thousand_entries_take_about_a_second() -> None:
    start, end = CAMT.index("<Ntry>"), CAMT.index("</Ntry>") + len("</Ntry>")
    raw = (CAMT[:start] + CAMT[start:end] * 5000 + CAMT[end:]).encode()
    began = time.process_time()
    content = read_bytes(raw, ReadOptions(check_balances=False))
    assert len(content.statements[0].entries) == 10_001
    assert time.process_time() - began < 5, "measured about 1 s on one idle core"
