"""The CSV exports of German banks and of PayPal as they come: every line above, between and below the bookings."""

from datetime import date
from typing import Any

import pytest

from dunning.errors import InputRejected
from dunning.facts import BankEntry
from tasks.intake.reading import Content, ReadOptions, read_bytes
from tests.effects.intake.shared_data import SAMPLES

OWN = "DE02120300000000202051"
PAYER = "DE91100000000123456789"
DAY, NEXT = date(2026, 11, 23), date(2026, 11, 24)


def _read(name: str) -> Content:
    return read_bytes((SAMPLES / name).read_bytes())


def _text(written: str, **options: Any) -> Content:
    return read_bytes(written.encode(), ReadOptions(**options))


def _amounts(written: str, **options: Any) -> list[int]:
    content = _text(written, **options)
    assert content.rejected == ()
    return [entry.amount_cents for one in content.statements for entry in one.entries]


def _paid(**other: Any) -> BankEntry:
    said = {
        "booked_on": DAY,
        "value_on": NEXT,
        "amount_cents": 111900,
        "currency": "EUR",
        "reference": "RE-2026-1042",
        "counterparty": "Jo Beispiel",
        "counterparty_iban": PAYER,
    }
    return BankEntry(**{**said, **other})


# file, account, its payment, the sums of all entries
EXPORTS = [
    ("bank_sparkasse.csv", OWN, _paid(
        value_on=DAY, reference="Rechnung RE-2026-1042 vielen Dank", counterparty="Jö Beispiel"), [111900, -5300]),
    ("bank_dkb.csv", OWN, _paid(end_to_end_id="E-1"), [111900, -2850]),
    ("bank_deutsche.csv", "", _paid(end_to_end_id="E-1"), [111900, -2850, -5000]),
    ("bank_postbank.csv", OWN, _paid(), [111900, -2850]),
    ("bank_commerzbank.csv", OWN, _paid(
        reference="Jo Beispiel RE-2026-1042 End-to-End-Ref.: NOTPROVIDED", counterparty="", counterparty_iban=""),
        [111900, -2850]),
    ("bank_vr.csv", OWN, _paid(), [111900, -2850]),
    ("bank_vr_old.csv", "", _paid(reference="Überweisungsgutschr. RE-2026-1042 vielen Dank"), [111900, -2850]),
    ("bank_ing.csv", OWN, _paid(counterparty_iban=""), [111900, -2850]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "account", "payment", "amounts"), EXPORTS, ids=[row[0] for row in EXPORTS])
def test_the_export_of_a_bank(name: str, account: str, payment: BankEntry, amounts: list[int]) -> None:
    """What is announced only, and the balances below, are no bookings; nothing is parked."""
    content = _read(name)
    assert (content.kind, content.rejected) == ("payments", ())
    (statement,) = content.statements
    assert statement.account == account
    assert statement.entries[0] == payment
    assert [entry.amount_cents for entry in statement.entries] == amounts
    assert statement.until_on == DAY


def test_every_sample_of_a_bank_is_in_the_table() -> None:
    here = {path.name for path in SAMPLES.glob("bank_*.csv")}
    assert here == {row[0] for row in EXPORTS} | {"bank_paypal.csv", "bank_paypal_statement.csv"}


def test_who_is_meant_depends_on_the_direction() -> None:
    assert [entry.counterparty for entry in _read("bank_dkb.csv").statements[0].entries] == [
        "Jo Beispiel", "Stadtwerke Jena"
    ]  # fmt: skip


def test_what_came_back_says_so_and_why_where_the_bank_does() -> None:
    assert [entry.return_reason for entry in _read("bank_sparkasse.csv").statements[0].entries] == ["", "AC04"]
    assert [entry.return_reason for entry in _read("bank_deutsche.csv").statements[0].entries] == ["", "", "NARR"]


def test_paypal_counts_what_was_paid_before_its_fee_and_nothing_else() -> None:
    """Pending, refunded, withheld and released money, own money and payouts are no payments of customers."""
    content = _read("bank_paypal.csv")
    (statement,) = content.statements
    assert (content.kind, statement.account, statement.until_on) == ("payments", "", None)
    assert statement.entries == (
        BankEntry(
            booked_on=DAY,
            value_on=DAY,
            amount_cents=111900,
            currency="EUR",
            reference="Schuhe danke",
            structured_reference="RE-2026-1042",
            counterparty="Jo Beispiel",
            bank_reference="0PE15874WY2156812",
        ),
        BankEntry(
            booked_on=DAY,
            value_on=DAY,
            amount_cents=2000,
            currency="EUR",
            reference="Rechnung RE-2026-1044",
            counterparty="Kim Muster",
            bank_reference="0PE15874WY2156814",
        ),
    )
    assert [(row.row, row.reason) for row in content.rejected] == [(9, "unknown_kind")]


def test_paypals_statement_without_a_status_holds_what_is_done() -> None:
    content = _read("bank_paypal_statement.csv")
    ((entry,),) = (one.entries for one in content.statements)
    assert (entry.amount_cents, entry.structured_reference, content.rejected) == (11900, "RE-2026-1042", ())


def test_a_report_of_paypal_is_no_list_of_invoices_even_when_told_so_by_its_numbers() -> None:
    raw = (SAMPLES / "bank_paypal.csv").read_bytes()
    assert read_bytes(raw, ReadOptions(kind="payments")).statements[0].entries[0].amount_cents == 111900


@pytest.mark.parametrize("kind", [
    "Rückzahlung", "Rückbuchung", "Einbehaltung für offene Autorisierung", "Allgemeine Währungsumrechnung",
    "Zahlungsanforderung", "Reversal of General Account Hold", "Payment Refund", "Mass Payment Payout",
    "Zahlung storniert", "Bankgutschrift auf PayPal-Konto", "Gebühr für Zahlung",
])  # fmt: skip
def test_what_paypal_calls_otherwise_is_no_payment(kind: str) -> None:
    written = f"Datum,Typ,Brutto,Gebühr,Transaktionscode,Name\n23.11.2026,{kind},5.00,0.00,T1,Jo\n"
    content = _text(written, decimal=".")
    assert (content.statements, content.rejected) == ((), ())


@pytest.mark.parametrize(
    ("columns", "row", "cents"),
    [
        ("Soll;Haben", "10,00;", -1000), ("Soll;Haben", "-10,00;", -1000), ("Soll;Haben", ";10,00", 1000),
        ("Soll;Haben", "0,00;10,00", 1000), ("Soll;Haben", "0,00;0,00", 0), ("Belastung;Gutschrift", "7;", -700),
        ("Betrag;Soll;Haben", "10,00;10,00;", -1000), ("Betrag;Soll;Haben", "-3,00;;", -300),
        ("Betrag;Soll/Haben", "10,00;S", -1000), ("Betrag;Soll/Haben", "10,00;H", 1000),
        ("Umsatz;", "10,00;S", -1000), ("Umsatz;", "10,00;H", 1000), ("Umsatz;", "-10,00;", -1000),
        ("Betrag;S/H", "10,00;Haben", 1000), ("Betrag;SH", "-10,00;s", -1000), ("Betrag (€)", "-10,5", -1050),
    ],
)  # fmt: skip
def test_the_direction_of_an_amount(columns: str, row: str, cents: int) -> None:
    assert _amounts(f"Buchungstag;{columns};Verwendungszweck\n23.11.2026;{row};x\n") == [cents]


@pytest.mark.parametrize(
    ("columns", "row", "reason"),
    [
        ("Soll;Haben", "10,00;5,00", "bad_amount"), ("Soll;Haben", ";", "field_missing"),
        ("Betrag;Soll/Haben", "10,00;X", "bad_sign"), ("Soll;Haben", "zehn;", "bad_amount"),
    ],
)  # fmt: skip
def test_an_amount_that_says_two_things_is_parked(columns: str, row: str, reason: str) -> None:
    content = _text(f"Buchungstag;{columns};Verwendungszweck\n23.11.2026;{row};x\n")
    assert [(one.row, one.reason) for one in content.rejected] == [(2, reason)]


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["1.119", "-28,5"], [111900, -2850]), (["1,119", "28.5"], [111900, 2850]), (["1.119", "7"], None),
        (["1.119", "2,5", "2.5"], None), (["1.119", "1.000,00"], [111900, 100000]), (["1.119", "2,500"], None),
        (["1.119", "5,00 €"], [111900, 500]),
    ],
)  # fmt: skip
def test_the_tables_own_amounts_prove_its_decimal_sign(amounts: list[str], expected: list[int] | None) -> None:
    content = _text("Buchungstag;Betrag\n" + "".join(f"23.11.26;{amount}\n" for amount in amounts))
    if expected is None:
        assert (content.rejected[0].row, content.rejected[0].reason) == (2, "ambiguous_amount")
    else:
        assert [entry.amount_cents for entry in content.statements[0].entries] == expected


@pytest.mark.parametrize(
    ("written", "found"), [("23.11.26", DAY), ("3.1.27", date(2027, 1, 3)), ("01.01.00", date(2000, 1, 1))]
)
def test_years_of_two_digits_are_of_this_century_in_payments_only(written: str, found: date) -> None:
    (statement,) = _text(f"Buchungstag;Betrag\n{written};1,00\n").statements
    assert statement.entries[0].booked_on == found
    content = _text(f"Rechnungsnr;Datum;Betrag;Kundennr\nR1;{written};1,00;K\n", kind="invoices")
    assert [row.reason for row in content.rejected] == ["bad_date"]


def test_the_purpose_goes_before_the_booking_text_which_stands_in_for_it() -> None:
    (statement,) = _text(
        "Buchungstag;Buchungstext;Verwendungszweck;Betrag\n23.11.26;GUTSCHRIFT;RE-1;1,00\n23.11.26;ABSCHLUSS;;-1,00\n"
    ).statements
    assert [entry.reference for entry in statement.entries] == ["RE-1", "ABSCHLUSS"]


@pytest.mark.parametrize(
    "heading",
    [
        "Buchungstag;Datum;Betrag", "Buchungstag;Betrag;Umsatz", "Buchungstag;Betrag;Verwendungszweck;Zweck",
        "Buchungstag;Betrag;Saldo;Währung;Konto;Währung", "Buchungstag;Betrag;Soll;Soll",
        "Buchungstag;Betrag;IBAN;Gegenkonto",
    ],
)  # fmt: skip
def test_two_columns_that_mean_the_same_and_none_the_better_refuse_the_file(heading: str) -> None:
    with pytest.raises(InputRejected) as refused:
        _text(f"{heading}\n{';'.join('1' for _ in heading.split(';'))}\n")
    assert refused.value.reason == "duplicate_column"


def test_lines_above_the_heading_may_be_anything_but_not_endless() -> None:
    table = "Buchungstag;Betrag\n23.11.26;1,00\n23.11.26;x\n"
    above = 'eine "Zeile, mit allem;\n\n"offen\n' + ";;;\n" * 40
    content = _text(above + table)
    assert [entry.amount_cents for one in content.statements for entry in one.entries] == [100]
    assert [row.row for row in content.rejected] == [46]
    with pytest.raises(InputRejected) as refused:
        _text("x;y\n" * 51 + table)
    assert refused.value.reason == "unknown_format"


def test_the_account_above_counts_where_the_rows_name_none() -> None:
    above = "Kontoauszug;DE91 1000 0000 0123 4567 89\n"
    rows = "23.11.26;1,00;\n23.11.26;2,00;DE02120300000000202051\n"
    content = _text(f"{above}Buchungstag;Betrag;Auftragskonto\n{rows}")
    assert [one.account for one in content.statements] == [PAYER, OWN]
    both = f"{above}Gegenkonto {OWN}\n"
    assert _text(f"{both}Buchungstag;Betrag\n23.11.26;1,00\n").statements[0].account == ""


def test_a_purpose_that_speaks_of_a_balance_is_a_booking() -> None:
    rows = "23.11.26;Kontostand ausgleichen;1,00;Jo\n23.11.26;Endsaldo RE-1;2,00;Jo\n"
    assert _amounts(f"Buchungstag;Verwendungszweck;Betrag;Name\n{rows}") == [100, 200]


def test_a_table_of_invoices_below_a_title_is_read_too() -> None:
    content = _text("Offene Posten 2026;;\n\nRechnungsnr;Datum;Betrag\nR1;2026-01-01;5,00\n")
    assert [(one.number, one.row) for one in content.invoices] == [("R1", 4)]
