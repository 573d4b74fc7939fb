"""What books, what is only proposed, and why: spellings as payers type them, and decoys."""

import random
import re
import string
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.candidates import MOST_CANDIDATES, Candidate, Why
from dunning.errors import RuleViolation
from dunning.facts import BankEntry
from dunning.known_invoices import By, KnownInvoice, KnownInvoices
from dunning.ledger import Designation
from dunning.matching import Books, Match, Proposal, ProposalReason, designation_of, match
from dunning.spelling import key_of

OWN = "DE02 1203 0000 0000 2020 51"
RF = "RF18539007547034"


def invoice(number: str, **changes: object) -> KnownInvoice:
    return replace(KnownInvoice(number, open_cents=11900, currency="EUR"), **changes)  # type: ignore[arg-type]


def known(*invoices: KnownInvoice | str) -> KnownInvoices:
    whole = (each if isinstance(each, KnownInvoice) else invoice(each) for each in invoices)
    return KnownInvoices(whole, own_accounts=[OWN])


def entry(reference: str = "", **changes: object) -> BankEntry:
    on = date(2026, 10, 15)
    return replace(BankEntry(on, on, 11900, "EUR", reference), **changes)  # type: ignore[arg-type]


def matched(reference: str, *invoices: KnownInvoice | str, **changes: object) -> Match:
    return match(entry(reference, **changes), known(*invoices), account=OWN)


def booked(*numbers: str, by: By = By.INVOICE_NUMBER) -> Books:
    """Each of these with 119.00, as invoices and entries here have it."""
    return Books(tuple((number, 11900) for number in numbers), by)


def reason_of(answer: Match) -> ProposalReason:
    assert isinstance(answer, Proposal), answer
    return answer.reason


@pytest.mark.parametrize(
    "reference",
    [
        "RE-2026-1042",
        "re-2026-1042",
        "RE 2026/1042",
        "re20261042",
        "RE2026 1042",
        "RE.2026.1042",
        "RE–2026–1042",
        "RE: 2026 - 1042",
        "RE-2026- 1042",
        "Rechnung RE-2026-1042 vom 1.10.",
        "RE 2026 1042 15.10.2026",
        "RE 2026 1042 2026-10-15",
        "RE-2026-1042/15.10.2026",
        "Rg.Nr.: RE-2026-1042, Kd.Nr. 10001",
        "RE-2026-1042/KD-10001",
        "KD 10001/RE-2026-1042",
        "SVWZ+RE-2026-1042+KD 10001",
        "RE-2026-1042 RE-2026-1042",
        "(RE-2026-1042)",
        "Rechnung RE20261042vom 1.10.2026",
        "RE-2026-1042 119,00 EUR",
        "RE-2026-1042, 50,00 EUR",
        "RE-2026-1042 12345 Berlin",
        "ＲＥ-２０２６-１０４２",
    ],
)
def test_spellings_that_book(reference: str) -> None:
    others = (
        "RE-2026-1043",
        "RE-2026-104",
        "RE-2026-104215",
        "RE-2026-1042-15",
        "RE-2025-1042",
        "R-2026-1042",
    )
    books = booked("RE-2026-1042")
    assert matched(reference, "RE-2026-1042", *others) == books
    assert matched("", "RE-2026-1042", *others, end_to_end_id=reference) == books
    assert matched("danke", "RE-2026-1042", *others, structured_reference=reference) == books


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "Danke!",
        "RE-2026-10421",
        "RE-2026-104",
        "RE-2026-11042",
        "1RE-2026-1042-1",
        "XRE-2026-1042",
        "S-RE-2026-1042",
        "RE-2026-1042-1",
        "RE-2026-1042/2",
        "RE-2026-1042,50",
        "RE-2026-1042a",
        "RE-2026-1042-B",
        "RE-2026-1042٣",
        "RE-2026-10 42",
        "RE-20 26-1042",
        "R E-2026-1042",
        "RE-2026 und 1042",
        "RE,2026,1042",
        "RE 2026 (1042)",
        "RE-2026-......1042",
        "RG-2026-1042",
        "1042",
        "2026-1042",
        "RechnungRE-2026-1042",
        "RE 2026 1042 15",
    ],
)
def test_decoys_that_never_book(reference: str) -> None:
    """The last one books where no RE-2026-104215 is open: see below."""
    invoices = ["RE-2026-1042"] if reference != "RE 2026 1042 15" else ["RE-2026-1042", "RE-2026-104215"]
    assert isinstance(matched(reference, *invoices), Proposal)
    assert isinstance(matched("", *invoices, structured_reference=reference), Proposal)
    assert isinstance(matched("", *invoices, end_to_end_id=reference), Proposal)


def test_two_lines_joined_by_a_blank_never_book_the_wrong_one() -> None:
    """ "RE-2026-10 42" may be RE-2026-1042 cut by a line's end, or RE-2026-10 and a house number."""
    short, long = invoice("RE-2026-10"), invoice("RE-2026-1042")
    assert reason_of(matched("RE-2026-10 42", long)) is ProposalReason.NO_REFERENCE_FOUND
    assert reason_of(matched("RE-2026-10 42", short, long)) is ProposalReason.SEVERAL_INVOICES_NAMED
    assert matched("RE-2026-10 42", short) == booked("RE-2026-10")
    assert matched("RE-2026-10 42", short, replace(long, is_open=False)) == booked("RE-2026-10")


@pytest.mark.parametrize(
    ("number", "reference", "books"),
    [
        pytest.param("700423", "Rechnung 700423", True, id="word before"),
        pytest.param("700423", "Rechnungs-Nr. 700423", True, id="word and Nr. before"),
        pytest.param("700423", "Rg. 700423, 12 Flaschen", True, id="word before, digits after"),
        pytest.param("700423", "RE700423", True, id="word tied to it"),
        pytest.param("700423", "700423", True, id="alone"),
        pytest.param("700423", "700423 Danke", True, id="six digits between blanks"),
        pytest.param("700423", "Danke (700423)", True, id="six digits in brackets"),
        pytest.param("700423", "700423 vom 01.10.2026", True, id="a date after it"),
        pytest.param("2026-1042", "Rechnung 2026 1042", True, id="its own gap, word before"),
        pytest.param("2026-1042", "Max 2026/1042", True, id="its own gap tied"),
        pytest.param("10423", "Rechnung 10423", True, id="five digits, word before"),
        pytest.param("10423", "10423", True, id="five digits alone"),
        pytest.param("2026-1042", "Oktober 2026 1042 Danke", False, id="its own gap is a blank between words"),
        pytest.param("10423", "Rechnung, 10423 Berlin", False, id="postal code after a word and a comma"),
        pytest.param("10423", "Max Muster 10423 Berlin", False, id="postal code"),
        pytest.param("1042", "Rechnung 1042", False, id="four digits"),
        pytest.param("1042", "1042", False, id="four digits alone"),
        pytest.param("700423", "Tel 030 700423", False, id="phone number"),
        pytest.param("700423", "030/700423", False, id="phone number with a slash"),
        pytest.param("700423", "+49 700423", False, id="phone number with a plus"),
        pytest.param("700423", "Mobil 700423", False, id="a phone's word before"),
        pytest.param("700423", "Kunden-Nr. 700423", False, id="customer number"),
        pytest.param("700423", "Konto 700423 Danke", False, id="account number"),
        pytest.param("700423", "Bestellung 700423", False, id="order number"),
        pytest.param("700423", "EREF+700423", False, id="tied to another word"),
        pytest.param("700423", "700423,50 EUR", False, id="amount"),
        pytest.param("700423", "Rechnung 700423,50 EUR", False, id="amount after the word"),
        pytest.param("700423", "Rechnung 1700423", False, id="end of a longer number"),
        pytest.param("700423", "Rechnung 7004231", False, id="beginning of a longer number"),
        pytest.param("700423", "Rechnung 700423-2", False, id="goes on"),
        pytest.param("20261015", "Einkauf 20261015", False, id="date"),
        pytest.param("15102026", "Einkauf 15102026 Danke", False, id="date, day first"),
        pytest.param("151026", "Einkauf 151026 Danke", False, id="short date"),
        pytest.param("20261515", "Einkauf 20261515 Danke", True, id="no date"),
        pytest.param("15102026", "15.10.2026", False, id="date with dots"),
        pytest.param("370400440532", "DE89370400440532013000", False, id="inside an IBAN"),
        pytest.param("0532013000", "DE89 37040044 0532013000", False, id="part of an IBAN with blanks"),
        pytest.param("37040044", "BLZ 37040044 Kto 532013000", False, id="bank code"),
    ],
)
def test_numbers_of_digits_only(number: str, reference: str, books: bool) -> None:
    assert isinstance(matched(reference, number), Books) is books


def test_in_the_payers_own_id_bare_digits_need_the_word() -> None:
    assert isinstance(matched("", "700423", end_to_end_id="700423"), Proposal)
    assert isinstance(matched("", "700423", end_to_end_id="RE700423"), Books)
    assert isinstance(matched("", "RE-700423", end_to_end_id="RE-700423"), Books)


@pytest.mark.parametrize(
    ("number", "reference", "books"),
    [
        ("R-1", "Rechnung R-1", True),
        ("R-1", "R 1", True),
        ("R-1", "Quadrat R 1, Mannheim", False),
        ("R-1", "R-12", False),
        ("GF-100", "Danke GF 100 Muster", True),
        ("GF-10", "Danke GF 10 Muster", False),
        ("2026/A", "Rg 2026/A", True),
        ("2026-RE-17", "2026-RE-17", True),
        ("2026-RE-17", "12026-RE-17", False),
        ("2026-RE-17", "1/2026-RE-17", False),
        ("2026-RE-17", "X2026-RE-17", False),
        ("DANKE", "DANKE", False),
        ("Ω-100", "Ω-100", False),
    ],
)
def test_short_and_odd_numbers(number: str, reference: str, books: bool) -> None:
    assert isinstance(matched(reference, number), Books) is books


def test_an_alphabetic_and_a_numeric_scheme_beside_each_other() -> None:
    """The longer number holds the shorter one: only the longer one is named."""
    both = ("RE-2026-10423", "2026-10423", "10423")
    assert matched("RE-2026-10423", *both) == booked("RE-2026-10423")
    assert matched("Rechnung 2026-10423", *both) == booked("2026-10423")
    assert matched("Rechnung 10423", *both) == booked("10423")


@pytest.mark.parametrize(
    "reference",
    [
        "RE-2026-1042 RE-2026-1043",
        "RE-2026-1042/RE-2026-1043",
        "RE-2026-1042,RE-2026-1043",
        "RE-2026-1042 und 1043",
        "RE-2026-1042+1043",
        "RE-2026-1042, 43",
        "RE-2026-1042 u.1043",
        "RE-2026-1042 2026-1043",
        "RE-2026-1042 1043",
        "RE-2026-1042 RE-2026-10 43",
        "RE-2026-1042 RE-2026-1043a",
    ],
)
def test_several_invoices_named(reference: str) -> None:
    answer = matched(reference, "RE-2026-1042", "RE-2026-1043", "RE-2026-1044", amount_cents=12000)
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED
    assert isinstance(answer, Proposal)
    assert {candidate.number for candidate in answer.candidates} == {"RE-2026-1042", "RE-2026-1043"}
    assert answer.candidates[0].why == (Why.NAMED,)


def test_several_invoices_named_in_different_fields() -> None:
    answer = matched("RE-2026-1042", "RE-2026-1042", "RE-2026-1043", end_to_end_id="RE-2026-1043")
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED


def his(number: str, **changes: object) -> KnownInvoice:
    return invoice(number, customer_number="10001", customer_name="Max Muster", **changes)


def hers(number: str, **changes: object) -> KnownInvoice:
    return invoice(number, customer_number="10002", customer_name="Änne Möller", **changes)


@pytest.mark.parametrize(
    "reference",
    [
        "RE-2026-1042 RE-2026-1043",
        "RE-2026-1043 und RE-2026-1042 danke",
        "re20261042+re20261043",
        "RE-2026-1042, 1043",
        "RE-2026-1042 u. 43",
        "RE-2026-1042 RE-2026-10 43",
        "RE-2026-1042 2026-1043",
        "RE-2026-1042 sowie die 1043",
        "RE-2026-1042 RE-2026-10",
        "RE-2026-1040 RE-2026-1042 RE-2026-1043",
    ],
)
def test_several_invoices_of_one_customer_book_if_the_amount_is_their_sum(reference: str) -> None:
    """Whoever pays; the third is closed."""
    owed = (his("RE-2026-1042"), his("RE-2026-1043", open_cents=5000), his("RE-2026-1040", is_open=False))
    both = Books((("RE-2026-1042", 11900), ("RE-2026-1043", 5000)), By.INVOICE_NUMBER)
    strangers = hers("RE-2025-1043", open_cents=5000)
    assert matched(reference, *owed, strangers, amount_cents=16900, counterparty="Eva Fremd") == both
    for cents in (5000, 11900, 16899, 16901):
        assert isinstance(matched(reference, *owed, strangers, amount_cents=cents), Proposal) or cents == 11900


@pytest.mark.parametrize(
    ("reference", "second", "cents"),
    [
        pytest.param("RE-2026-1042 RE-2026-1043", hers("RE-2026-1043"), 23800, id="another customer's"),
        pytest.param("RE-2026-1042 RE-2026-1043", his("RE-2026-1043", currency="CHF"), 23800, id="other currency"),
        pytest.param("RE-2026-1042 RE-2026-1043", his("RE-2026-1043", open_cents=0), 11900, id="one owes nothing"),
        pytest.param("RE-2026-1042 RE-2026-1043", his("RE-2026-1043", open_cents=1), 11900, id="one of both adds up"),
        pytest.param("RE-2026-1042, 1043", his("RE-2026-1043"), 11900, id="either of both adds up"),
    ],
)
def test_several_invoices_that_leave_a_doubt(reference: str, second: KnownInvoice, cents: int) -> None:
    answer = matched(reference, his("RE-2026-1042"), second, amount_cents=cents)
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED


def test_an_amount_of_the_doubtful_one_alone_leaves_a_doubt() -> None:
    owed = (his("RE-2026-1042"), his("RE-2026-1043", open_cents=5000))
    answer = matched("RE-2026-1042, 1043", *owed, amount_cents=5000, counterparty="Max Muster")
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED


def test_digits_that_happen_to_end_another_number_do_not_stop_an_exact_payment() -> None:
    owed = (his("RE-2026-1042"), his("RE-2026-1043"))
    assert matched("RE-2026-1042 Auftrag 1043", *owed) == booked("RE-2026-1042")


def test_several_invoices_of_nobody_known() -> None:
    answer = matched("RE-2026-1042 RE-2026-1043", "RE-2026-1042", "RE-2026-1043", amount_cents=23800)
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED


def test_the_last_digits_of_two_invoices_that_add_up() -> None:
    three = (his("RE-2026-1042"), his("RE-2026-1043", open_cents=5000), his("RE-2026-1044", open_cents=5000))
    answer = matched("1042/1044", *three, amount_cents=16900, counterparty="Max Muster")
    assert answer == Books((("RE-2026-1042", 11900), ("RE-2026-1044", 5000)), By.INVOICE_NUMBER)


def test_more_doubtful_numbers_than_a_person_reads_are_not_added_up() -> None:
    many = [his(f"RE-2026-{1000 + n}", open_cents=1 << n) for n in range(MOST_CANDIDATES + 1)]
    last_digits = ", ".join(each.number[-4:] for each in many)
    fewer = many[1:]
    total = sum(each.open_cents for each in fewer)
    assert isinstance(matched(last_digits, *many, amount_cents=total + 1, counterparty="Max Muster"), Proposal)
    assert isinstance(matched(last_digits, *fewer, amount_cents=total, counterparty="Max Muster"), Books)
    whole = " ".join(each.number for each in many)
    assert isinstance(matched(whole, *many, amount_cents=total + 1), Books)


def test_a_reference_of_all_invoices_of_a_customer_and_the_sum_of_all() -> None:
    owed = [his("RE-2026-1042", reference="KD-10001-7"), his("RE-2026-1043", reference="KD-10001-7")]
    closed = his("RE-2026-1040", reference="KD-10001-7", is_open=False)
    answer = matched("KD-10001-7", *owed, closed, amount_cents=23800)
    assert answer == booked("RE-2026-1042", "RE-2026-1043", by=By.STRUCTURED_REFERENCE)
    answer = matched("RE-2026-1040", *owed, closed, amount_cents=23800, structured_reference="KD-10001-7")
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED


@pytest.mark.parametrize(
    ("number", "reference"),
    [
        ("RE-2026-1042", "RE-2026-10 42"),
        ("RE-2026-1042", "Rechnung 2026-1042"),
        ("RE-2026-1042", "Rechnung Nr. 20261042 vom 1.10."),
        ("RE-2026-1042", "Rg. 1042"),
        ("RE-2026-1042", "1042"),
        ("RE-2026-1042", "Danke, RE-2026-10"),
        ("RE-2026-1042", "Vielen Dank fuer RE-2026-104"),
        ("RE-2026-0417", "417"),
        ("AB1042", "AB104"),
    ],
)
def test_a_number_that_is_not_whole_books_for_its_customer_and_its_amount_only(number: str, reference: str) -> None:
    mine, other = his(number), hers(number.replace("2026", "2025") + "5" * ("2026" not in number))
    assert matched(reference, mine, other, counterparty="MUSTER, MAX") == booked(number)
    assert isinstance(matched(reference, mine, other), Proposal)
    assert isinstance(matched(reference, mine, other, counterparty="Eva Muster"), Proposal)
    for cents in (1, 11899, 11901):
        assert isinstance(matched(reference, mine, other, counterparty="Max Muster", amount_cents=cents), Proposal)


@pytest.mark.parametrize("reference", ["1042", "Rg. 1042 danke"])
def test_a_part_of_two_numbers_of_one_customer_books_neither(reference: str) -> None:
    twins = his("RE-2026-1042"), his("RE-2025-1042")
    assert isinstance(matched(reference, *twins, counterparty="Max Muster"), Proposal)
    assert isinstance(matched(f"{reference} RE-2026-9999", twins[0], counterparty="Max Muster"), Proposal)


@pytest.mark.parametrize(
    ("number", "reference"),
    [
        ("RE-2026-1042", "RE-2026-1043"),
        ("RE-2026-1042", "RE-2026-142"),
        ("RE-2026-1042", "RE-2026-1"),
        ("RE-2026-1042", "RE-2026-10 danke"),
        ("RE-2026-1042", "RE-2026-10 v. 1.10.2026"),
        ("RE-2026-1042", "RE-2025-1042"),
        ("RE-2026-1042", "042"),
        ("RE-2026-0042", "42"),
        ("A-1042", "A-104"),
        ("AB1042", "AB10"),
        ("RE-1042-2026", "Bestellung im Herbst 2026"),
        ("RE-2026-2040", "2040"),
        ("RE-2026-1042", "Max Muster"),
    ],
)
def test_a_wrong_digit_or_too_little_of_a_number_never_books(number: str, reference: str) -> None:
    answer = matched(reference, his(number), counterparty="Max Muster")
    assert reason_of(answer) is ProposalReason.NO_REFERENCE_FOUND
    assert isinstance(answer, Proposal)
    assert answer.candidates[0].number == number


OTHERS = {
    "nothing else": (),
    "stranger's": (hers("RE-2026-9000", open_cents=4000),),
    "stranger's, one digit off": (hers("RE-2026-1043"),),
    "stranger's, one digit off, 40.00": (hers("RE-2026-1043", open_cents=4000),),
    "stranger's, one digit off, 40.00, closed": (hers("RE-2026-1043", open_cents=4000, is_open=False),),
    "his": (his("RE-2026-9000", open_cents=5000),),
    "his, 40.00": (his("RE-2026-9000", open_cents=4000),),
    "his, one digit off": (his("RE-2026-1043", open_cents=5000),),
}


@pytest.mark.parametrize(
    ("payer", "cents", "others", "books"),
    [
        ("Max Muster", 11900, "his, one digit off", True),
        ("Max Muster", 4000, "nothing else", True),
        ("Max Muster", 20000, "nothing else", True),
        ("Max Muster", 20000, "stranger's", True),
        ("Max Muster", 4000, "his", True),
        ("Max Muster", 4000, "his, 40.00", False),
        ("Max Muster", 4000, "his, one digit off", False),
        ("Max Muster", 4000, "stranger's, one digit off, 40.00", False),
        ("Max Muster", 4000, "stranger's, one digit off, 40.00, closed", True),
        ("Max Muster", 4000, "stranger's, one digit off", True),
        ("Max Muster", 11900 + 2499, "his", True),
        ("Max Muster", 11900 + 2500, "his", False),
        ("", 4000, "nothing else", True),
        ("", 4000, "stranger's, one digit off, 40.00", False),
        ("", 11900, "stranger's, one digit off", True),
        ("Eva Fremd", 11900, "nothing else", True),
        ("Eva Fremd", 11900, "his", True),
        ("Eva Fremd", 11900, "stranger's, one digit off, 40.00", True),
        ("Eva Fremd", 11900, "stranger's, one digit off", False),
        ("Eva Fremd", 4000, "nothing else", False),
        ("Eva Fremd", 12000, "nothing else", False),
        ("Aenne Moeller", 11900, "stranger's", False),
        ("Aenne Moeller", 11900, "his", True),
    ],
)
def test_what_speaks_for_another_invoice_than_the_one_named(payer: str, cents: int, others: str, books: bool) -> None:
    """RE-2026-1042 over 119.00 is named, and his."""
    answer = matched("RE-2026-1042", his("RE-2026-1042"), *OTHERS[others], counterparty=payer, amount_cents=cents)
    if books:
        assert answer == Books((("RE-2026-1042", cents),), By.INVOICE_NUMBER)
    else:
        assert reason_of(answer) is ProposalReason.MAY_MEAN_ANOTHER


@pytest.mark.parametrize("second", ["RE-2026-2077", "RE-2026-1040"], ids=["unknown", "closed"])
def test_a_second_number_leaves_a_doubt_unless_the_amount_is_exact(second: str) -> None:
    owed = (his("RE-2026-1042"), his("RE-2026-1040", is_open=False))
    text = f"RE-2026-1042 {second}"
    assert matched(text, *owed, counterparty="Max Muster") == booked("RE-2026-1042")
    answer = matched(text, *owed, counterparty="Max Muster", amount_cents=4000)
    assert reason_of(answer) is ProposalReason.MAY_MEAN_ANOTHER


@pytest.mark.parametrize(
    ("changes", "is_his"),
    [
        ({"counterparty": "MUSTER, MAX"}, True),
        ({"counterparty": "Dr. Max und Eva Muster"}, True),
        ({"counterparty": "Eva Muster"}, False),
        ({"counterparty": "Max Mustermann"}, False),
        ({"counterparty_iban": "DE89 3704 0044 0532 0130 00"}, True),
        ({"reference": "RE-2026-1042 fuer Max Muster"}, True),
        ({"reference": "RE-2026-1042 fuer Muster"}, False),
        ({"reference": "Max Muster", "structured_reference": "RE-2026-1042"}, True),
        ({"reference": "RE-2026-1042, Kd.Nr. 10001"}, True),
        ({"reference": "RE-2026-1042 Kunde 10001 Danke"}, True),
        ({"reference": "RE-2026-1042 Bestellung 10001"}, False),
    ],
)
def test_who_counts_as_the_customer(changes: dict[str, object], is_his: bool) -> None:
    """A part payment that a stranger makes does not book."""
    mine = his("RE-2026-1042", payer_ibans=frozenset({"DE89370400440532013000"}))
    said = {"reference": "RE-2026-1042", "counterparty": "Eva Fremd", "amount_cents": 4000, **changes}
    assert isinstance(match(entry(**said), known(mine), account=OWN), Books) is is_his  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["Jürgen Groß", "JUERGEN GROSS", "Jurgen Gross", "Gross, Ju\u0308rgen"])
def test_umlauts_as_banks_write_them(written: str) -> None:
    mine = invoice("RE-2026-1042", customer_name="Jürgen Groß")
    assert isinstance(matched("RE-2026-1042", mine, counterparty=written, amount_cents=4000), Books)


@pytest.mark.parametrize(
    ("payer", "customer", "books_a_part", "books_whole"),
    [
        ("TEEHAUS", "Teehaus", True, True),
        ("Muster", "Max Muster", True, False),
        ("Teehaus Groß", "Teehaus", True, False),
        ("", "Teehaus", True, False),
        ("Teehaus", "", True, False),
        ("", "", True, False),
        ("Café", "Teehaus", False, False),
        ("Max", "Max Muster & Söhne", True, False),
        ("Max Muster", "Max Muster & Söhne", True, True),
    ],
)
def test_one_word_of_a_name_says_neither_yes_nor_no(
    payer: str, customer: str, books_a_part: bool, books_whole: bool
) -> None:
    mine = invoice("RE-2026-1042", customer_name=customer)
    part = matched("RE-2026-1042 Teehaus", mine, counterparty=payer, amount_cents=4000)
    assert isinstance(part, Books) is books_a_part
    assert isinstance(matched("RE-2026-10 42", mine, counterparty=payer), Books) is books_whole


def test_the_last_digits_from_an_account_that_paid_before() -> None:
    mine = his("RE-2026-1042", payer_ibans=frozenset({"DE89370400440532013000"}))
    assert isinstance(matched("Rg. 1042", mine, counterparty_iban="DE89370400440532013000"), Books)


def test_a_payer_whose_name_is_only_like_that_of_one_who_owes_pays_for_another() -> None:
    debtor = replace(his("RE-2026-9000"), customer_name="Muster und Söhne GmbH")
    answer = matched("RE-2026-1042", hers("RE-2026-1042"), debtor, counterparty="Muster & Söhne Handel")
    assert answer == booked("RE-2026-1042")


def test_a_doubtful_number_beside_the_reference_of_the_one_that_the_amount_is_of() -> None:
    mine, other = his("A-1042", reference=RF), his("RE-2026-1043", open_cents=5000)
    books = booked("A-1042", by=By.STRUCTURED_REFERENCE)
    assert matched(f"{RF} RE-2026-10 43", mine, other) == books
    assert matched(f"{RF} RE-2026-10 43", mine, replace(other, is_open=False)) == books
    assert reason_of(matched(f"{RF} RE-2026-10 43", mine, other, amount_cents=4000)) is (
        ProposalReason.SEVERAL_INVOICES_NAMED
    )


def test_a_reference_one_digit_from_its_own_number_is_no_other_invoice() -> None:
    mine = his("RE-2026-1042", reference="RE-2026-10425")
    assert isinstance(matched("RE-2026-1042", mine, amount_cents=4000, counterparty="Max Muster"), Books)


def test_named_outdoes_similar_and_certain_outdoes_doubtful() -> None:
    owed = ("RE-2026-1042", "RE-2026-1043", "RE-2026-1100")
    answer = matched("RE-2026-10 43 RE-2026-1043 RE-2026-1099 RE-2026-10 42", *owed, amount_cents=1)
    assert isinstance(answer, Proposal)
    assert answer.candidates == (
        Candidate("RE-2026-1043", (Why.NAMED,)),
        Candidate("RE-2026-1042", (Why.NAMED_DOUBTFULLY,)),
    )


def test_a_closed_invoice_of_a_similar_number_is_no_candidate() -> None:
    closed, owed = invoice("RE-2026-1042", is_open=False), invoice("RE-2026-1052")
    answer = matched("RE-2026-1032", closed, owed, amount_cents=1)
    assert answer == Proposal(ProposalReason.NO_REFERENCE_FOUND, (Candidate("RE-2026-1052", (Why.SIMILAR_NUMBER,)),))


@pytest.mark.parametrize(
    ("reference", "designation"),
    [
        ("RE-2026-1042", Designation.CLAIM),
        ("RE-2026-1042 nur Hauptforderung", Designation.PRINCIPAL),
        ("RE-2026-1042, ausschließlich auf die Hauptsumme", Designation.PRINCIPAL),
        ("Nur für den Rechnungsbetrag RE-2026-1042", Designation.PRINCIPAL),
        ("RE-2026-1042 Hauptforderung und Zinsen", Designation.CLAIM),
        ("", Designation.CLAIM),
    ],
)
def test_what_the_payer_said_the_money_is_for(reference: str, designation: Designation) -> None:
    assert designation_of(entry(reference)) is designation


def test_what_fits_better_than_the_one_named_is_the_first_candidate() -> None:
    answer = matched(
        "RE-2026-1024", hers("RE-2026-1024", open_cents=5000), his("RE-2026-1042"), counterparty="Max Muster"
    )
    assert answer == Proposal(
        ProposalReason.MAY_MEAN_ANOTHER,
        (
            Candidate("RE-2026-1042", (Why.SIMILAR_NUMBER, Why.SAME_NAME, Why.SAME_AMOUNT)),
            Candidate("RE-2026-1024", (Why.NAMED,)),
        ),
    )


@pytest.mark.parametrize(
    "reference",
    ["RE-2026-1042 Kd 1043", "RE-2026-1042, 3 Stück", "RE-2026-1042, 43,00 EUR", "RE-2026-1042 Danke, 1043"],
)
def test_digits_that_are_no_further_number(reference: str) -> None:
    assert isinstance(matched(reference, "RE-2026-1042", "RE-2026-1043"), Books)


def test_a_number_that_begins_a_longer_one() -> None:
    both = ("RE-2026-10", "RE-2026-10-42")
    assert matched("RE-2026-10-42", *both) == booked("RE-2026-10-42")
    assert matched("RE-2026-10", *both) == booked("RE-2026-10")
    assert isinstance(matched("RE-2026-10-42", "RE-2026-10"), Proposal)


def test_two_numbers_that_differ_in_separators_only_are_never_told_apart() -> None:
    answer = matched("RE-10-423", "RE-10-423", "RE-1-0423")
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED


def test_a_closed_invoice_is_proposed() -> None:
    closed = invoice("RE-2026-1042", is_open=False, open_cents=0)
    answer = matched("RE-2026-1042", closed, "RE-2026-1100")
    assert answer == Proposal(
        ProposalReason.INVOICE_NOT_OPEN,
        (Candidate("RE-2026-1042", (Why.NAMED,)), Candidate("RE-2026-1100", (Why.SAME_AMOUNT,))),
    )


def test_a_closed_invoice_beside_the_open_one_does_not_matter() -> None:
    closed = invoice("RE-2026-1041", is_open=False)
    assert matched("RE-2026-1041 RE-2026-1042", closed, "RE-2026-1042") == booked("RE-2026-1042")


@pytest.mark.parametrize("amount_cents", [1, 11899, 11900, 11901, 5_000_000])
def test_the_amount_does_not_matter(amount_cents: int) -> None:
    assert isinstance(matched("RE-2026-1042", "RE-2026-1042", amount_cents=amount_cents), Books)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_cents": -11900}, ProposalReason.OUTGOING_PAYMENT),
        ({"amount_cents": -1}, ProposalReason.OUTGOING_PAYMENT),
        ({"amount_cents": -11900, "return_reason": "MD06"}, ProposalReason.RETURNED_PAYMENT),
        ({"amount_cents": 11900, "return_reason": "AC04"}, ProposalReason.RETURNED_PAYMENT),
        ({"amount_cents": 11900, "reversal": True}, ProposalReason.RETURNED_PAYMENT),
        ({"amount_cents": 0}, ProposalReason.ZERO_AMOUNT),
        ({"currency": "CHF"}, ProposalReason.FOREIGN_CURRENCY),
    ],
)
def test_what_is_no_payment_of_the_invoice_it_names(changes: dict[str, object], reason: ProposalReason) -> None:
    answer = matched("RE-2026-1042", "RE-2026-1042", "RE-2026-1043", **changes)
    assert answer == Proposal(reason, (Candidate("RE-2026-1042", (Why.NAMED,)),))


@pytest.mark.parametrize(
    ("account", "own"),
    [
        ("DE02120300000000202051", True),
        ("de02 1203 0000 0000 2020 51", True),
        ("12030000/0000202051", True),
        ("12030000/202051", True),
        ("202051", False),
        ("DE02500105170137075030", False),
        ("", False),
    ],
)
def test_only_the_creditors_own_accounts_book(account: str, own: bool) -> None:
    answer = match(entry("RE-2026-1042"), known("RE-2026-1042"), account=account)
    if own:
        assert answer == booked("RE-2026-1042")
    else:
        assert reason_of(answer) is ProposalReason.UNKNOWN_ACCOUNT


def test_an_account_abroad_has_one_form() -> None:
    abroad = KnownInvoices([invoice("RE-2026-1042")], own_accounts=["AT611904300234573201"])
    assert abroad.owns("AT61 1904 3002 3457 3201")
    assert not abroad.owns("1904300234573201")


@pytest.mark.parametrize(
    "changes",
    [
        {"structured_reference": RF},
        {"reference": "RF18 5390 0754 7034"},
        {"reference": f"Danke {RF} 15.10.2026"},
        {"end_to_end_id": RF},
    ],
)
def test_the_structured_reference_books(changes: dict[str, object]) -> None:
    """Check digits make up for the blanks of the printed form."""
    answer = match(entry(**changes), known(invoice("A-1042", reference=RF), "RE-2026-1043"), account=OWN)  # type: ignore[arg-type]
    assert answer == booked("A-1042", by=By.STRUCTURED_REFERENCE)


@pytest.mark.parametrize("wrong", ["RF19 5390 0754 7034", "RF18 5390 0754 7043", "RF18 5390 0754 703"])
def test_a_damaged_structured_reference_books_nothing(wrong: str) -> None:
    reference = key_of(wrong)
    assert isinstance(matched(wrong, invoice("A-1042", reference=reference)), Proposal)
    assert isinstance(matched(wrong, invoice("A-1042", reference=RF)), Proposal)


def test_number_and_reference_must_agree() -> None:
    one, other = invoice("RE-2026-1042", reference=RF), invoice("RE-2026-1043")
    assert matched("RE-2026-1042", one, other, structured_reference=RF) == booked("RE-2026-1042")
    answer = matched("RE-2026-1043", one, other, structured_reference=RF)
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED


def test_a_customers_reference_does_not_turn_a_payment_of_an_old_invoice_to_the_new_one() -> None:
    old = invoice("RE-2026-1042", reference="KD-10001-7", is_open=False)
    new = invoice("RE-2026-1043", reference="KD-10001-7")
    answer = matched("RE-2026-1042", old, new, structured_reference="KD-10001-7")
    assert reason_of(answer) is ProposalReason.MAY_MEAN_ANOTHER
    assert matched("KD-10001-7", old, new) == booked("RE-2026-1043", by=By.STRUCTURED_REFERENCE)


def test_a_reference_of_words_names_nothing() -> None:
    shy = invoice("RE-2026-1042", reference="Bitte angeben")
    assert reason_of(matched("Bitte angeben", shy)) is ProposalReason.NO_REFERENCE_FOUND


def test_candidates_say_why_the_best_first() -> None:
    mine = invoice(
        "RE-2026-1042",
        customer_number="K-10001",
        customer_name="Jürgen Müller",
        payer_ibans=frozenset({"DE89 3704 0044 0532 0130 00"}),
    )
    hers = invoice("RE-2026-2077", open_cents=5000, customer_name="Juergen Mueller")
    answer = matched(
        "Kunde K 10001 RE-2026-1024",
        mine,
        hers,
        "RE-2026-3000",
        counterparty="MUELLER, JUERGEN",
        counterparty_iban="DE89370400440532013000",
    )
    assert answer == Proposal(
        ProposalReason.NO_REFERENCE_FOUND,
        (
            Candidate(
                "RE-2026-1042",
                (Why.SIMILAR_NUMBER, Why.SAME_PAYER, Why.CUSTOMER_NUMBER, Why.SAME_NAME, Why.SAME_AMOUNT),
            ),
            Candidate("RE-2026-2077", (Why.SAME_NAME,)),
            Candidate("RE-2026-3000", (Why.SAME_AMOUNT,)),
        ),
    )


@pytest.mark.parametrize(
    "reference",
    [
        "RE-2026-1142",
        "RE-2026-142",
        "RE-2026-10442",
        "RE-2026-1024",
        "RE-2026-0142",
        "RE-2026-104",
        "EG-2026-1042",
        "Nr. 1042",
        "R.1042",
    ],
)
def test_similar_numbers_are_candidates(reference: str) -> None:
    answer = matched(reference, "RE-2026-1042", "RE-2026-9999", amount_cents=1)
    assert answer == Proposal(ProposalReason.NO_REFERENCE_FOUND, (Candidate("RE-2026-1042", (Why.SIMILAR_NUMBER,)),))


@pytest.mark.parametrize(
    ("number", "reference"), [("A-1042", "A-1043"), ("RE-2026-104", "Nr. 104"), ("RE-2026-1042", "K17")]
)
def test_the_shortest_things_in_common(number: str, reference: str) -> None:
    answer = matched(reference, invoice(number, customer_number="K-17"), amount_cents=1)
    assert isinstance(answer, Proposal)
    assert [candidate.number for candidate in answer.candidates] == [number]


@pytest.mark.parametrize(("number", "reference"), [("A-104", "A-105"), ("RE-2026-10", "Nr. 10"), ("A-1042", "K7")])
def test_too_short_to_be_something_in_common(number: str, reference: str) -> None:
    answer = matched(reference, invoice(number, customer_number="K-7"), amount_cents=1)
    assert answer == Proposal(ProposalReason.NO_REFERENCE_FOUND)


def test_a_broken_number_is_the_first_candidate() -> None:
    answer = matched("RE-2026-10 42", "RE-2026-1042", "RE-2026-1043", amount_cents=1)
    assert isinstance(answer, Proposal)
    assert answer.candidates[0] == Candidate("RE-2026-1042", (Why.NAMED_DOUBTFULLY,))


def test_an_amount_that_many_share_counts_only_beside_something_else() -> None:
    crowd = [invoice(f"RE-2026-{1000 + n}") for n in range(MOST_CANDIDATES + 1)]
    mine = replace(crowd[-1], customer_name="Max Muster")
    answer = matched("Danke", *crowd[:-1], mine, counterparty="Max Muster")
    assert answer == Proposal(
        ProposalReason.NO_REFERENCE_FOUND, (Candidate(mine.number, (Why.SAME_NAME, Why.SAME_AMOUNT)),)
    )
    assert matched("Danke", *crowd) == Proposal(ProposalReason.NO_REFERENCE_FOUND)
    few = matched("Danke", *crowd[1:])
    assert isinstance(few, Proposal)
    assert [candidate.number for candidate in few.candidates] == [each.number for each in crowd[1:]]


def test_no_longer_list_than_a_person_reads() -> None:
    family = [invoice(f"RE-2026-{1000 + n}", open_cents=n + 1, customer_name="Max Muster") for n in range(30)]
    answer = matched("Danke", *family, counterparty="Max Muster", amount_cents=30)
    assert isinstance(answer, Proposal)
    assert len(answer.candidates) == MOST_CANDIDATES == 10
    assert answer.candidates[0] == Candidate("RE-2026-1029", (Why.SAME_NAME, Why.SAME_AMOUNT))


def test_empty_fields_have_nothing_in_common() -> None:
    nameless = invoice("RE-2026-1042", open_cents=1)
    assert matched("", nameless) == Proposal(ProposalReason.NO_REFERENCE_FOUND)


def test_after_a_booking_the_next_entry_sees_the_invoice_closed() -> None:
    books = known(invoice("RE-2026-1042", reference=RF), "RE-2026-1043")
    assert isinstance(match(entry("RE-2026-1042"), books, account=OWN), Books)
    books.put(invoice("RE-2026-1042", reference=RF, open_cents=0, is_open=False))
    assert reason_of(match(entry("RE-2026-1042"), books, account=OWN)) is ProposalReason.INVOICE_NOT_OPEN
    assert match(entry("Danke"), books, account=OWN) == Proposal(
        ProposalReason.NO_REFERENCE_FOUND, (Candidate("RE-2026-1043", (Why.SAME_AMOUNT,)),)
    )
    books.put(invoice("RE-2026-1042"))
    assert isinstance(match(entry("RE-2026-1042"), books, account=OWN), Books)
    assert isinstance(match(entry(RF), books, account=OWN), Proposal)


def test_a_reference_that_two_share_is_still_the_second_ones_after_the_first_was_paid() -> None:
    first, second = his("RE-2026-1042", reference="KD-10001-7"), his("RE-2026-1043", reference="KD-10001-7")
    books = known(first, second)
    books.put(replace(first, open_cents=0, is_open=False))
    assert match(entry("KD-10001-7"), books, account=OWN) == booked("RE-2026-1043", by=By.STRUCTURED_REFERENCE)


@pytest.mark.parametrize(
    ("customer", "payer", "alike"),
    [
        ("Prof. Dr. Max Mustermann", "Mustermann, Max", True),
        ("Max Mustermann", "Dr. Max und Eva Mustermann", True),
        ("Teehaus Schäfer GmbH", "TEEHAUS SCHAEFER GMBH & CO. KG", True),
        ("Teehaus Schäfer GmbH", "TEEHAUS MOELLER GMBH", False),
        ("Teehaus", "TEEHAUS", True),
        ("Teehaus", "TEEHAUS MOELLER", False),
        ("Max Mustermann", "Eva Mustermann", False),
    ],
)
def test_which_names_are_shown_as_the_same(customer: str, payer: str, alike: bool) -> None:
    mine = invoice("RE-2026-1042", customer_name=customer)
    shown = (Candidate("RE-2026-1042", (Why.SAME_NAME,)),) if alike else ()
    answer = matched("Danke", mine, counterparty=payer, amount_cents=1)
    assert answer == Proposal(ProposalReason.NO_REFERENCE_FOUND, shown)


def test_a_number_known_twice_is_refused() -> None:
    with pytest.raises(RuleViolation, match="RE-2026-1042"):
        known("RE-2026-1042", "RE-2026-1042")


numbers = st.builds("RE-{}-{}".format, st.integers(2024, 2026), st.integers(1, 3000))
"""As many near each other as a shop has, and of different lengths: some are the beginning of others."""
number_sets = st.lists(numbers, min_size=1, max_size=30, unique=True)
words = st.lists(
    st.sampled_from(["Danke", "vom", "1.10.", "15.10.2026", "Kd", "4711", "119,00", "EUR", "u.", "-", "DE89"])
    | st.text(string.ascii_letters + string.digits + " /-.", max_size=8),
    max_size=5,
).map(" ".join)


def is_written(number: str, text: str) -> bool:
    """A plain reading to check against: the runs in their order, no digit at either end."""
    runs = r"[^A-Za-z0-9]{0,4}".join(re.findall(r"[A-Z]+|\d+", number))
    return re.search(rf"(?<![A-Za-z]){runs}(?!\d)", text, re.IGNORECASE) is not None


@given(number_sets, st.data())
def test_every_spelling_of_an_open_number_books_it(open_numbers: list[str], data: st.DataObject) -> None:
    number = data.draw(st.sampled_from(open_numbers))
    separators = [
        data.draw(st.sampled_from(["", " ", "-", "/", ".", " - "])),
        data.draw(st.sampled_from(" -/.")),
    ]
    letters, year, count = number.split("-")
    spelled = f"{letters}{separators[0]}{year}{separators[1]}{count}"
    answer = matched(f"Rechnung {data.draw(st.sampled_from([spelled, spelled.lower()]))} vom 1.10.", *open_numbers)
    assert answer == booked(number)


@given(number_sets, words, words, numbers)
def test_only_what_is_written_books(open_numbers: list[str], before: str, after: str, named: str) -> None:
    text = f"{before} {named} {after}"
    answer = matched(text, *open_numbers)
    if isinstance(answer, Books):
        assert all(is_written(number, text) for number, _ in answer.shares)


@given(number_sets, numbers)
def test_a_number_that_is_not_ours_never_books(open_numbers: list[str], decoy: str) -> None:
    others = [number for number in open_numbers if number != decoy]
    assert isinstance(matched(f"Rechnung {decoy} vom 1.10.2026", *others), Proposal)


@given(number_sets, st.data())
def test_a_damaged_number_books_only_what_it_then_says(open_numbers: list[str], data: st.DataObject) -> None:
    number = data.draw(st.sampled_from(open_numbers))
    place = data.draw(st.integers(0, len(number) - 1))
    length = data.draw(st.integers(0, 1))
    stroke = data.draw(st.sampled_from(["", *string.ascii_uppercase, *string.digits, *" -/.,"]))
    damaged = number[:place] + stroke + number[place + length :]
    answer = matched(damaged, *open_numbers)
    if isinstance(answer, Books):
        ((books, _),) = answer.shares
        assert is_written(books, damaged)
        assert books == number or stroke == " " or key_of(books) == key_of(damaged)


@given(number_sets, words, st.randoms(use_true_random=False))
def test_the_order_of_the_invoices_does_not_matter(open_numbers: list[str], text: str, shuffler: random.Random) -> None:
    invoices = [
        invoice(number, open_cents=11900 + n % 3, customer_name=f"Kunde {n % 4}", is_open=n % 5 > 0)
        for n, number in enumerate(open_numbers)
    ]
    shuffled = shuffler.sample(invoices, len(invoices))
    reference = f"{open_numbers[0]} {text}" if len(text) % 2 else text
    assert matched(reference, *invoices, counterparty="Kunde 1") == matched(
        reference, *shuffled, counterparty="Kunde 1"
    )


@given(number_sets, words)
def test_replacing_an_invoice_by_itself_changes_nothing(open_numbers: list[str], text: str) -> None:
    books = known(*open_numbers)
    before = match(entry(text), books, account=OWN)
    for number in open_numbers:
        books.put(invoice(number))
    assert match(entry(text), books, account=OWN) == before


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    answer = matched(text, "RE-2026-1042", "700423", end_to_end_id=text, counterparty=text)
    assert isinstance(answer, Books | Proposal)


@given(st.lists(numbers, min_size=2, max_size=6, unique=True), st.data())
def test_the_shares_are_what_is_open_of_each_and_add_up(theirs: list[str], data: st.DataObject) -> None:
    """Any sum of some of a customer's invoices, written with blanks between: booked if it is the sum of those named."""
    owed = {number: data.draw(st.integers(1, 40)) for number in theirs}
    named = data.draw(st.lists(st.sampled_from(theirs), min_size=2, unique=True))
    cents = data.draw(st.sampled_from([sum(owed[number] for number in named), sum(owed.values()), owed[named[0]]]))
    answer = matched(" ".join(named), *(his(number, open_cents=owed[number]) for number in theirs), amount_cents=cents)
    assert isinstance(answer, Books) is (cents == sum(owed[number] for number in named))
    if isinstance(answer, Books):
        assert answer.shares == tuple(sorted((number, owed[number]) for number in named))
