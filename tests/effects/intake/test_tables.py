"""Customers, invoices and payments from CSV and XLSX: what comes in, what is parked, what is refused."""

import io
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from dunning.errors import InputRejected
from dunning.facts import BankEntry, DueBasis
from tasks.intake.cells import CellError, amount_cents
from tasks.intake.reading import Content, ReadOptions, read_bytes
from tasks.intake.tables import CustomerRow
from tests.effects.intake.shared_data import SAMPLES


def _read(name: str, **options: Any) -> Content:
    return read_bytes((SAMPLES / name).read_bytes(), ReadOptions(**options))


def _text(written: str, **options: Any) -> Content:
    return read_bytes(written.encode(), ReadOptions(**options))


def _workbook(*sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    for place, rows in enumerate(sheets):
        sheet = book.active if place == 0 else book.create_sheet()
        assert sheet is not None
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_customers() -> None:
    content = _read("kunden.csv")
    assert content.kind == "customers"
    assert content.customers[0] == CustomerRow(
        row=2,
        number="K-1001",
        kind="consumer",
        company="",
        first_name="Jo",
        last_name="Beispiel",
        name="Jo Beispiel",
        street="Am Anger 1",
        street_2="",
        postal_code="07743",
        city="Jena",
        country="DE",
        state="TH",
        email="jo@example.org",
        language="de",
        account_since=date(2021, 3, 1),
    )
    assert [(one.number, one.kind, one.name, one.state) for one in content.customers[1:]] == [
        ("K-1002", "business", "Nordlicht UG", "HH")
    ]
    assert [(row.row, row.reason) for row in content.rejected] == [
        (4, "bad_kind"),
        (5, "field_missing"),
        (6, "bad_email"),
    ]


def test_invoices_with_german_headings() -> None:
    content = _read("rechnungen.csv", payment_term_days=10)
    assert content.kind == "invoices"
    first, second, credit = content.invoices
    assert (first.kind, first.number, first.row, first.buyer.number) == ("table", "RE-1", 2, "K-1001")
    assert (first.issued_on, first.due_on, first.due_basis) == (
        date(2026, 1, 12),
        date(2026, 1, 26),
        DueBasis.DOCUMENT,
    )
    assert (first.payable_cents, first.gross_cents, first.currency) == (123456, 123456, "EUR")
    assert (first.order_number, first.order_on, first.delivered_on) == (
        "B-1",
        date(2026, 1, 10),
        date(2026, 1, 13),
    )
    assert (first.subject, first.payment_means, first.credit_note) == ("Schuhe; Größe 43", "58", False)
    assert (second.payable_cents, second.currency, second.payment_means) == (1250, "EUR", "59")
    assert (second.due_on, second.due_basis, second.owner) == (
        date(2026, 1, 22),
        DueBasis.SETTING,
        "Factor AG",
    )
    assert (credit.credit_note, credit.payable_cents, credit.preceding_invoices) == (True, 3000, ("RE-1",))
    assert [(row.row, row.reason) for row in content.rejected] == [
        (5, "ambiguous_amount"),
        (6, "bad_date"),
        (7, "wrong_columns"),
    ]


def test_invoices_with_english_headings_and_commas() -> None:
    content = _read("invoices.csv")
    assert [(one.number, one.payable_cents, one.credit_note) for one in content.invoices] == [
        ("RE-1", 123456, False),
        ("RE-2", -500, False),
    ]
    assert not content.rejected


def test_a_declared_decimal_sign_settles_it() -> None:
    assert [one.payable_cents for one in _read("rechnungen.csv", decimal=",").invoices] == [
        123456, 1250, 3000, 123400
    ]  # fmt: skip


def test_payments_become_a_statement_an_account() -> None:
    content = _read("umsaetze.csv")
    (statement,) = content.statements
    assert (content.kind, statement.account, statement.opening_cents) == (
        "payments",
        "DE02120300000000202051",
        None,
    )
    assert statement.entries[0] == BankEntry(
        booked_on=date(2026, 2, 2),
        value_on=date(2026, 2, 3),
        amount_cents=10000,
        currency="EUR",
        reference="RE-2026-1042",
        counterparty="Jo Beispiel",
        counterparty_iban="DE91100000000123456789",
    )
    assert (statement.entries[1].amount_cents, statement.entries[1].value_on) == (-2850, date(2026, 2, 2))
    assert [(row.row, row.reason) for row in content.rejected] == [(4, "bad_amount")]


def test_windows_encoding_and_line_ends() -> None:
    raw = (SAMPLES / "rechnungen.csv").read_text("utf-8").replace("\n", "\r\n")
    expected = _read("rechnungen.csv")
    for encoding in ("cp1252", "utf-8-sig"):
        content = read_bytes(raw.encode(encoding))
        assert (content.invoices, content.rejected) == (expected.invoices, expected.rejected)


def test_a_workbook_is_read_by_its_types() -> None:
    raw = _workbook(
        [
            ["Rechnungsnr", "Kundennr", "Rechnungsdatum", "Brutto", "Bemerkung"],
            [1042, 7, datetime.fromisoformat("2026-01-12"), 0.1 + 0.2, "="],
            [],
            ["RE-2", "K-2", "12.01.2026", "1.234,50"],
            ["RE-3", "K-2", date(2026, 1, 12), 12.345],
            ["RE-4", "K-2", date(2026, 1, 12), True],
        ]
    )
    content = read_bytes(raw)
    assert [(one.number, one.buyer.number, one.payable_cents, one.row) for one in content.invoices] == [
        ("1042", "7", 30, 2),
        ("RE-2", "K-2", 123450, 4),
    ]
    assert [(row.row, row.reason) for row in content.rejected] == [(5, "bad_amount"), (6, "bad_amount")]


def test_a_workbook_with_two_filled_sheets_is_refused_an_empty_one_does_no_harm() -> None:
    rows: list[list[Any]] = [["Kundennr", "Name", "PLZ"], ["1", "Jo", 7743]]
    assert read_bytes(_workbook(rows, [])).customers[0].postal_code == "07743"
    with pytest.raises(InputRejected) as refused:
        read_bytes(_workbook(rows, rows))
    assert refused.value.reason == "several_sheets"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("a;b\n1;2\n", "unknown_format"),
        ("Rechnungsnr;Datum;Betrag;Brutto\n1;2;3;4\n", "duplicate_column"),
        ('Rechnungsnr;Datum;Betrag\nR1;"2026-01-01;5,00\n', "not_readable"),
        ("Rechnungsnr;Datum;Betrag\nR1;2026-01-01;5,00\nR2;2026", "cut_off"),
        ("Rechnungsnr;Datum;Betrag\nR1;2026-01-01;5\x00\n", "nul_bytes"),
        ("Rechnungsnr;Datum;Betrag\nR1;2026-01-01;" + "5" * 100_001 + "\n", "field_too_long"),
        ("Rechnungsnr;Datum;Betrag" + ";x" * 300 + "\n", "too_large"),
    ],
)
def test_tables_that_are_refused_whole(written: str, reason: str) -> None:
    with pytest.raises(InputRejected) as refused:
        _text(written)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (";2026-01-01;5,00;", "field_missing"),
        ("R1;;5,00;", "field_missing"),
        ("R1;2026-01-01;;", "field_missing"),
        ("R1;01/02/2026;5,00;", "bad_date"),
        ("R1;1.2.26;5,00;", "bad_date"),
        ("R1;2026-01-01;fünf;", "bad_amount"),
        ("R1;2026-01-01;5,001;", "ambiguous_amount"),
        ("R1;2026-01-01;5,00;Euro", "bad_currency"),
        ("R\x1b1;2026-01-01;5,00;", "bad_text"),
        ("R\u202e1;2026-01-01;5,00;", "bad_text"),
        ("R1;2026-01-01;5,00;EUR;x", "wrong_columns"),
    ],
)
def test_a_bad_row_is_parked_and_the_rest_comes_in(cells: str, reason: str) -> None:
    content = _text(f"Rechnungsnr;Datum;Betrag;Währung\n{cells}\nR9;2026-01-01;9,99;CHF\n", kind="invoices")
    assert [(row.row, row.reason) for row in content.rejected] == [(2, reason)]
    assert [(one.number, one.payable_cents, one.currency) for one in content.invoices] == [("R9", 999, "CHF")]


def test_no_message_repeats_what_a_customer_wrote() -> None:
    content = _text("Kundennr;Name;E-Mail;Land\n1;Geheim;geheim@@example.org;DE\n2;Geheim;;Geheimland\n")
    assert len(content.rejected) == 2
    assert not any("geheim" in row.what.lower() for row in content.rejected)


def test_the_kind_can_be_forced_and_is_checked() -> None:
    ambiguous = "Nummer;Datum;Betrag\n1;2026-01-01;5,00\n"
    assert _text(ambiguous, kind="payments").kind == "payments"
    with pytest.raises(InputRejected) as refused:
        _text(ambiguous, kind="customers")
    assert refused.value.reason == "missing_columns"
    with pytest.raises(InputRejected) as refused:
        _text(ambiguous, kind="ubl")
    assert refused.value.reason == "wrong_kind"


@pytest.mark.parametrize(
    ("written", "decimal", "cents"),
    [
        ("1234", None, 123400), ("1.234,56", None, 123456), ("1,234.56", None, 123456), ("1234.56", None, 123456),
        ("12,50", None, 1250), ("12,5", None, 1250), ("12.5", None, 1250), ("1.234.567", None, 123456700),
        ("1,234,567", None, 123456700), ("1234,567", None, "bad_amount"), ("0,123", None, "bad_amount"),
        ("1.234", None, "ambiguous_amount"), ("1,234", None, "ambiguous_amount"), ("-1.234", None, "ambiguous_amount"),
        ("1.234", ",", 123400), ("1,234", ",", "bad_amount"), ("1.234", ".", "bad_amount"), ("1,234", ".", 123400),
        ("1,230", ",", 123), ("1234.56", ",", "bad_amount"), ("12.34,56", None, "bad_amount"),
        ("1.2345,67", None, "bad_amount"), ("1,234,56", None, "bad_amount"), ("1.234,5.6", None, "bad_amount"),
        ("-12,50", None, -1250), ("12,50-", None, -1250), ("−12,50", None, -1250), ("+5", None, 500),
        ("€ 12,50", None, 1250), ("12,50 EUR", None, 1250), ("1 234,56", None, 123456), ("1'234.56", None, 123456),
        (",50", None, 50), (".5", None, 50), ("--5", None, "bad_amount"), ("-5-", None, 500 * -1),
        ("5e3", None, "bad_amount"), ("١٢", None, "bad_amount"), ("", None, "bad_amount"), ("-", None, "bad_amount"),
        ("1" * 16, None, "bad_amount"), (".", None, "bad_amount"),
    ],
)  # fmt: skip
def test_amounts(written: str, decimal: str | None, cents: int | str) -> None:
    if isinstance(cents, str):
        with pytest.raises(CellError) as refused:
            amount_cents(written, "gross", decimal)
        assert refused.value.reason == cents
    else:
        assert amount_cents(written, "gross", decimal) == cents


@given(st.integers(min_value=-(10**12), max_value=10**12), st.sampled_from([",", "."]), st.booleans())
def test_a_written_amount_reads_back_whatever_the_country(cents: int, decimal: str, declared: bool) -> None:
    grouping = "." if decimal == "," else ","
    written = f"{abs(cents) // 100:,}".replace(",", grouping) + f"{decimal}{abs(cents) % 100:02d}"
    sign = "-" if cents < 0 else ""
    assert amount_cents(sign + written, "gross", decimal if declared else None) == cents
