"""MT940: statements kept apart, days, signs and purposes as German banks write them, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dunning.errors import InputRejected
from dunning.facts import BankEntry, BankStatement
from tasks.intake.mt940_details import Details, details_of
from tasks.intake.reading import ReadOptions, read_bytes
from tests.effects.intake.shared_data import SAMPLES, zipped

SAMPLE = (SAMPLES / "umsaetze.sta").read_text("utf-8")
ENTRY = ":61:2603020302CR10,00NTRFNONREF//1\n:86:166?00GUTSCHRIFT?20SVWZ+RE-1\n"


def _file(
    entries: str = ENTRY, *, opening: str = "0,00", closing: str = "10,00", account: str = "12030000/202051"
) -> str:
    return (
        f":20:STARTUMSE\n:25:{account}\n:28C:1/1\n:60F:C260301EUR{opening}\n{entries}:62F:C260302EUR{closing}\n-\n"
    )  # fmt: skip


def _read(content: str | bytes, **options: Any) -> tuple[BankStatement, ...]:
    raw = content.encode() if isinstance(content, str) else content
    read = read_bytes(raw, ReadOptions(**options))
    assert read.kind == "mt940"
    return read.statements


def _entry(entries: str) -> BankEntry:
    ((entry,),) = (one.entries for one in _read(_file(entries), check_balances=False))
    return entry


def test_the_pages_of_a_statement_are_not_merged() -> None:
    first, second = _read(SAMPLE)
    assert [(one.account, one.currency, one.number) for one in (first, second)] == [
        ("12030000/0000202051", "EUR", "00001/001"),
        ("12030000/0000202051", "EUR", "00001/002"),
    ]
    assert (first.opening_cents, first.closing_cents) == (150000, 166450)
    assert (second.opening_cents, second.closing_cents) == (166450, 158350)
    assert (first.from_on, first.until_on) == (date(2025, 12, 30), date(2025, 12, 31))
    assert [entry.amount_cents for entry in first.entries] == [11900, 4550]
    assert [entry.amount_cents for entry in second.entries] == [-5250, 1000, -4550, 700]


def test_a_payment_in_full() -> None:
    assert _read(SAMPLE)[0].entries == (
        BankEntry(
            booked_on=date(2025, 12, 31),
            value_on=date(2025, 12, 31),
            amount_cents=11900,
            currency="EUR",
            reference="Rechnung RE-2026-1042 Kundennr. K-1001 vielen Dank",
            counterparty="Jo Beispiel",
            counterparty_iban="DE91100000000123456789",
            bank_reference="7365001",
        ),
        BankEntry(
            booked_on=date(2025, 12, 31),
            value_on=date(2026, 1, 2),
            amount_cents=4550,
            currency="EUR",
            reference="RE-2026-1043",
            end_to_end_id="RE-2026-1043-A",
            counterparty="Nordlicht Handelsgesellschaft mbH",
            counterparty_iban="DE89370400440532013000",
            bank_reference="7365002",
        ),
    )


def test_returns_and_reversals() -> None:
    returned, undone, taken_back, plain = _read(SAMPLE)[1].entries
    assert (returned.return_reason, returned.end_to_end_id, returned.reversal) == ("MD06", "RE-2026-1001", False)
    assert (returned.reference, returned.counterparty) == ("Widerspruch Entgelt 2,50 EUR", "Kim Muster")
    assert (undone.amount_cents, undone.reversal, undone.return_reason) == (1000, True, "")
    assert (taken_back.amount_cents, taken_back.reversal) == (-4550, True)
    assert (plain.amount_cents, plain.reversal, plain.reference) == (700, False, "RE-2026-1044")


@pytest.mark.parametrize(
    ("written", "booked_on", "value_on"),
    [
        ("2603020302", date(2026, 3, 2), date(2026, 3, 2)),
        ("260302", date(2026, 3, 2), date(2026, 3, 2)),
        ("260302    ", date(2026, 3, 2), date(2026, 3, 2)),
        ("2512300102", date(2026, 1, 2), date(2025, 12, 30)),
        ("2512010131", date(2026, 1, 31), date(2025, 12, 1)),
        ("2601021230", date(2025, 12, 30), date(2026, 1, 2)),
        ("2601010630", date(2026, 6, 30), date(2026, 1, 1)),
        ("2402290301", date(2024, 3, 1), date(2024, 2, 29)),
        ("2602300302", date(2026, 3, 2), date(2026, 2, 28)),  # the banks' February
        ("0001030103", date(2000, 1, 3), date(2000, 1, 3)),
    ],
)
def test_days(written: str, booked_on: date, value_on: date) -> None:
    entry = _entry(f":61:{written}CR1,00NTRFNONREF\n")
    assert (entry.booked_on, entry.value_on) == (booked_on, value_on)


@given(st.dates(date(2000, 1, 1), date(2099, 6, 1)), st.integers(-150, 150))
@example(date(2027, 12, 31), 60)
def test_a_booking_day_near_the_value_date_keeps_its_year(value_on: date, days: int) -> None:
    booked_on = max(value_on + timedelta(days), date(2000, 1, 1))
    entry = _entry(f":61:{value_on:%y%m%d}{booked_on:%m%d}CR1,00NTRFNONREF\n")
    assert (entry.booked_on, entry.value_on) == (booked_on, value_on)


@pytest.mark.parametrize(
    ("mark", "cents", "reversal"),
    [
        ("C", 1205, False), ("D", -1205, False), ("RC", -1205, True), ("RD", 1205, True),
        ("CR", 1205, False), ("DR", -1205, False), ("RCR", -1205, True), ("RDR", 1205, True), ("d", -1205, False),
    ],
)  # fmt: skip
def test_marks(mark: str, cents: int, reversal: bool) -> None:
    """Behind the mark may stand the currency's third letter; a reversed credit goes out."""
    entry = _entry(f":61:2603020302{mark}12,05NTRFNONREF\n")
    assert (entry.amount_cents, entry.reversal) == (cents, reversal)


@given(st.integers(0, 10**12), st.booleans(), st.booleans())
def test_an_amount_reads_back_and_adds_up(cents: int, debit: bool, short: bool) -> None:
    amount = f"{cents // 100},{cents % 100:02d}"
    amount = amount.rstrip("0") if short else amount
    after = Decimal(10**10) + (-1 if debit else 1) * Decimal(cents) / 100
    mark = "D" if after < 0 else "C"
    content = _file(f":61:2603020302{'D' if debit else 'C'}{amount}NTRFNONREF\n", opening="10000000000,00")
    content = content.replace("C260302EUR10,00", f"{mark}260302EUR{abs(after):.2f}".replace(".", ","))
    assert [entry.amount_cents for entry in _read(content)[0].entries] == [-cents if debit else cents]


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ("12030000/0000202051", "12030000/0000202051"),
        ("12030000/202051EUR", "12030000/202051"),
        ("DE02120300000000202051", "DE02120300000000202051"),
        ("DE02 1203 0000 0000 2020 51", "DE02120300000000202051"),
        ("DE02120300000000202051EUR", "DE02120300000000202051"),
        ("BYLADEM1001/DE02120300000000202051/EUR", "DE02120300000000202051"),
        ("0001234567", "0001234567"),
    ],
)
def test_accounts(written: str, account: str) -> None:
    assert _read(_file(account=written))[0].account == account


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, line_end: str) -> None:
    content = SAMPLE.replace("Jo Beispiel", "Jö Groß").replace("\n", line_end)
    assert _read(content.encode(encoding))[0].entries[0].counterparty == "Jö Groß"


def test_a_byte_that_windows_does_not_know_is_no_obstacle() -> None:
    assert _read(SAMPLE.encode().replace(b"Jo Beispiel", b"J\xe4 \x9dx"))[0].entries[0].counterparty == "Jä x"


def test_envelopes_and_headers_between_statements_belong_to_none() -> None:
    inside = _file().replace(":20:", "{1:F01BANKDEFFXXXX}{2:O940}{4:\n:20:").replace("\n-\n", "\n-}{5:}\n")
    first, second = _read("BANKDEFF\n940\n" + inside + inside)
    assert first.entries == second.entries
    assert first.entries[0].reference == "RE-1"


def _subfields(text: str) -> str:
    """A purpose as a bank writes it: `SVWZ+`, pieces of 27 characters with the blanks at their ends cut off."""
    said = f"SVWZ+{text}"
    return "".join(
        f"?2{place}{said[27 * place : 27 * place + 27].rstrip()}" for place in range(1 + (len(said) - 1) // 27)
    )


_PLAIN = st.text(st.sampled_from("ABCXYZabc0123456789 -/.,+"), min_size=1, max_size=200)


@given(_PLAIN)
@example("a" * 21 + " b")
@example("a" * 22 + "b")
def test_a_purpose_reads_back_with_its_blanks(text: str) -> None:
    """Whatever stood at the end of a subfield: a number is neither cut in two nor joined with the next word."""
    details = f"166?00GUTSCHRIFT?109310{_subfields(' '.join(text.split()))}?32Jo Beispiel"
    lines = "\n".join(details[start : start + 65] for start in range(0, len(details), 65))
    assert details_of(lines) == Details(reference=" ".join(text.split()), counterparty="Jo Beispiel")
    assert _entry(f":61:2603020302C1,00NTRFNONREF\n:86:{lines}\n").reference == " ".join(text.split())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("166?20RE-1042 ?21vom 2.3.", Details("RE-1042 vom 2.3.")),
        ("166?20EREF+E-1?21MREF+M-1?22CRED+DE98ZZZ1?23SVWZ+RE-1", Details("RE-1", "E-1")),
        ("166?20EREF+NOTPROVIDED?21SVWZ+RE-1", Details("RE-1")),
        ("166?20KREF+K-1?21SVWZ+RE-1", Details("RE-1", "K-1")),
        ("166?20EREF+E-1?21KREF+K-1", Details("", "E-1")),
        ("835?20Ihr Einkauf EREF+ 12 MREF+ 3 SVWZ+ RE-1", Details("RE-1", "12")),
        ("835?20SEPA-LASTSCHRIFT EREF+ 12", Details("SEPA-LASTSCHRIFT", "12")),
        ("166?20SVWZ+Frage? Nein?21", Details("Frage? Nein")),
        ("166?20SVWZ+A+B 1+1 PREF+2", Details("A+B 1+1 PREF+2")),
        ("166?20SVWZ+RE-1?60ABWA+Kim Muster", Details("RE-1", counterparty="Kim Muster")),
        ("166?20SVWZ+RE-1?31990437808?32A", Details("RE-1", counterparty="A")),
        ("166?20IBAN+DE02 1203?2100000000202051", Details(counterparty_iban="DE02120300000000202051")),
        ("166?20IBAN+DE02120300000000202051?21SVWZ+X", Details("X", counterparty_iban="DE02120300000000202051")),
        ("166?31?38DE02120300000000202051", Details(counterparty_iban="DE02120300000000202051")),
        ("166>20RE-1>32Jo", Details("RE-1", counterparty="Jo")),
        (" 166?20RE-1", Details("RE-1")),
        ("GIRO 428428 RE-1", Details("GIRO 428428 RE-1")),
        ("RE-1  \nvielen Dank", Details("RE-1 vielen Dank")),
        ("x" * 64 + "1\n2", Details("x" * 64 + "12")),
        ("", Details()),
        ("166", Details("166")),
        ("166?", Details("166?")),
    ],
)  # fmt: skip
def test_field_86(written: str, expected: Details) -> None:
    assert details_of(written) == expected


@pytest.mark.parametrize(
    ("written", "code", "reason"),
    [
        ("109?20SVWZ+Rueckgabe?34901", "NMSC", "AC01"), ("109?20SVWZ+x?34902", "NMSC", "AC04"),
        ("109?20SVWZ+x?34906", "NMSC", "AM04"), ("109?20SVWZ+x?34909", "NMSC", "MD01"),
        ("108?20SVWZ+x?34914", "NMSC", "MS03"), ("159?20MTLG:x?34903", "NTRF", "AC06"),
        ("109?20SVWZ+Grund AC04 Konto?34914", "NMSC", "AC04"), ("109?20SVWZ+AC04 MD06?34912", "NMSC", "MD06"),
        ("109?20SVWZ+x?34911", "NMSC", "911"), ("109?20SVWZ+x", "NMSC", "NARR"), ("RETOUR AC01", "NRTI", "AC01"),
        ("079?20x", "NRTI", "NARR"), ("166?20SVWZ+AC04?34912", "NTRF", ""), ("105?20SVWZ+x?34992", "NDDT", ""),
    ],
)  # fmt: skip
def test_why_a_payment_came_back(written: str, code: str, reason: str) -> None:
    """A code of ISO 20022 in the text is the bank's own word; else the number; what came back is always marked."""
    assert details_of(written, code).return_reason == reason


def test_repeated_details_go_on_and_those_of_the_statement_belong_to_no_entry() -> None:
    content = _file(":61:2603020302C10,00NTRFNONREF\n:86:RE-1\n:86:und RE-2\n")
    content = content.replace("-\n", ":86:Werbung RE-3\n-\n")
    assert _read(content)[0].entries[0].reference == "RE-1 und RE-2"


def test_a_currency_account_keeps_its_currency() -> None:
    (statement,) = _read(_file().replace("EUR", "CHF"))
    assert (statement.currency, statement.entries[0].currency) == ("CHF", "CHF")


def test_a_zip_of_statements_is_one_file() -> None:
    content = read_bytes(zipped({"a.sta": _file().encode(), "b.sta": SAMPLE.encode()}))
    assert (content.kind, len(content.statements)) == ("mt940", 3)
    camt = (SAMPLES / "camt053.xml").read_bytes()
    with pytest.raises(InputRejected) as refused:
        read_bytes(zipped({"a.sta": _file().encode(), "b.xml": camt}))
    assert refused.value.reason == "unknown_format"


REFUSED = {
    "an entry is missing": (_file(closing="10,01"), "balance_mismatch"),
    "in the second statement": (_file() + _file(closing="9,99"), "balance_mismatch"),
    "no end": (_file().split(":62F:")[0], "cut_off"),
    "the second has no end": (_file() + _file().split(":62F:")[0], "cut_off"),
    "no beginning": (_file().replace(":60F:", ":64:"), "field_missing"),
    "no account": (_file().replace(":25:", ":21:"), "field_missing"),
    "two accounts": (_file().replace(":28C:", ":25:1\n:28C:"), "several_accounts"),
    "two currencies": (_file().replace("C260302EUR", "C260302USD"), "bad_currency"),
    "fields without a statement": (ENTRY, "no_statement"),
    "MT942": (_file().replace(":60F:C260301EUR0,00", ":34F:EUR0,").split(":62F:")[0], "not_a_statement"),
    "a grouped balance": (_file(closing="1.010,00"), "bad_amount"),
    "a balance of 16 digits": (_file(opening="1234567890123456,00"), "bad_amount"),
    "a balance without currency": (_file().replace("EUR10,00", "10,00"), "bad_amount"),
    "a grouped amount": (_file(":61:2603020302C1.010,00NTRFNONREF\n"), "bad_amount"),
    "an amount of 16 digits": (_file(":61:2603020302C1234567890123456,00NTRFNONREF\n"), "bad_amount"),
    "a point for a comma": (_file(":61:2603020302C10.00NTRFNONREF\n"), "bad_amount"),
    "two commas": (_file(":61:2603020302C1,0,0NTRFNONREF\n"), "not_readable"),
    "three decimals": (_file(":61:2603020302C10,001NTRFNONREF\n"), "too_many_decimals"),
    "no mark": (_file(":61:260302030210,00NTRFNONREF\n"), "not_readable"),
    "an expected credit": (_file(":61:2603020302EC10,00NTRFNONREF\n"), "not_readable"),
    "no such value date": (_file(":61:2604310302C10,00NTRFNONREF\n"), "not_readable"),
    "no such booking day": (_file(":61:2603020431C10,00NTRFNONREF\n"), "bad_date"),
    "half a booking day": (_file(":61:26030203  C10,00NTRFNONREF\n"), "bad_date"),
    "no such day of a balance": (_file().replace("C260302", "C261302"), "not_readable"),
    "a long entry": (_file(f":61:2603020302C10,00NTRF{'x' * 2000}\n"), "field_too_long"),
    "a long purpose": (_file(ENTRY + "x" * 100_001 + "\n"), "field_too_long"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_whole(content: str, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(InputRejected) as refused:
        _read(content)
    assert refused.value.reason == reason
    assert refused.value.__cause__ is None
    assert caplog.records == []  # what a library cannot read it must not tell: names and accounts


def test_balances_that_do_not_add_up_are_shown_where_nobody_insists() -> None:
    (statement,) = _read(_file(closing="9,99"), check_balances=False)
    assert (statement.closing_cents, len(statement.entries)) == (999, 1)


def test_what_is_valued_after_the_closing_day_may_be_missing_in_its_balance() -> None:
    late = ":61:2603030302C5,00NTRFNONREF\n:86:166?20SVWZ+RE-2\n"
    assert len(_read(_file(ENTRY + late))[0].entries) == 2
