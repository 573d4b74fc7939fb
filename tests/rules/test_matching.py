"""What books, what is only proposed, and why: spellings as payers type them, and decoys."""

import random
import re
import string
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.errors import RuleViolation
from dunning.facts import BankEntry
from dunning.known_invoices import By, KnownInvoice, KnownInvoices
from dunning.matching import MOST_CANDIDATES, Books, Candidate, Match, Proposal, ProposalReason, Why, match
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
    booked = Books("RE-2026-1042", By.INVOICE_NUMBER)
    assert matched(reference, "RE-2026-1042", *others) == booked
    assert matched("", "RE-2026-1042", *others, end_to_end_id=reference) == booked
    assert matched("danke", "RE-2026-1042", *others, structured_reference=reference) == booked


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
    assert matched("RE-2026-10 42", short) == Books("RE-2026-10", By.INVOICE_NUMBER)
    assert matched("RE-2026-10 42", short, replace(long, is_open=False)) == Books("RE-2026-10", By.INVOICE_NUMBER)


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
    assert matched("RE-2026-10423", *both) == Books("RE-2026-10423", By.INVOICE_NUMBER)
    assert matched("Rechnung 2026-10423", *both) == Books("2026-10423", By.INVOICE_NUMBER)
    assert matched("Rechnung 10423", *both) == Books("10423", By.INVOICE_NUMBER)


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
    answer = matched(reference, "RE-2026-1042", "RE-2026-1043", "RE-2026-1044")
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED
    assert isinstance(answer, Proposal)
    assert {candidate.number for candidate in answer.candidates} == {"RE-2026-1042", "RE-2026-1043"}
    assert answer.candidates[0].why == (Why.NAMED,)


def test_several_invoices_named_in_different_fields() -> None:
    answer = matched("RE-2026-1042", "RE-2026-1042", "RE-2026-1043", end_to_end_id="RE-2026-1043")
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED


@pytest.mark.parametrize(
    "reference",
    ["RE-2026-1042 Kd 1043", "RE-2026-1042, 3 Stück", "RE-2026-1042, 43,00 EUR", "RE-2026-1042 Danke, 1043"],
)
def test_digits_that_are_no_further_number(reference: str) -> None:
    assert isinstance(matched(reference, "RE-2026-1042", "RE-2026-1043"), Books)


def test_a_number_that_begins_a_longer_one() -> None:
    both = ("RE-2026-10", "RE-2026-10-42")
    assert matched("RE-2026-10-42", *both) == Books("RE-2026-10-42", By.INVOICE_NUMBER)
    assert matched("RE-2026-10", *both) == Books("RE-2026-10", By.INVOICE_NUMBER)
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
    assert matched("RE-2026-1041 RE-2026-1042", closed, "RE-2026-1042") == Books("RE-2026-1042", By.INVOICE_NUMBER)


@pytest.mark.parametrize("amount_cents", [1, 11899, 11900, 11901, 5_000_000])
def test_the_amount_does_not_matter(amount_cents: int) -> None:
    assert isinstance(matched("RE-2026-1042", "RE-2026-1042", amount_cents=amount_cents), Books)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_cents": -11900}, ProposalReason.OUTGOING_PAYMENT),
        ({"amount_cents": -11900, "return_reason": "MD06"}, ProposalReason.RETURNED_PAYMENT),
        ({"amount_cents": 11900, "return_reason": "AC04"}, ProposalReason.RETURNED_PAYMENT),
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
        assert answer == Books("RE-2026-1042", By.INVOICE_NUMBER)
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
    assert answer == Books("A-1042", By.STRUCTURED_REFERENCE)


@pytest.mark.parametrize("wrong", ["RF19 5390 0754 7034", "RF18 5390 0754 7043", "RF18 5390 0754 703"])
def test_a_damaged_structured_reference_books_nothing(wrong: str) -> None:
    reference = key_of(wrong)
    assert isinstance(matched(wrong, invoice("A-1042", reference=reference)), Proposal)
    assert isinstance(matched(wrong, invoice("A-1042", reference=RF)), Proposal)


def test_number_and_reference_must_agree() -> None:
    one, other = invoice("RE-2026-1042", reference=RF), invoice("RE-2026-1043")
    assert matched("RE-2026-1042", one, other, structured_reference=RF) == Books("RE-2026-1042", By.INVOICE_NUMBER)
    answer = matched("RE-2026-1043", one, other, structured_reference=RF)
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED


def test_a_customers_reference_does_not_turn_a_payment_of_an_old_invoice_to_the_new_one() -> None:
    old = invoice("RE-2026-1042", reference="KD-10001-7", is_open=False)
    new = invoice("RE-2026-1043", reference="KD-10001-7")
    answer = matched("RE-2026-1042", old, new, structured_reference="KD-10001-7")
    assert reason_of(answer) is ProposalReason.SEVERAL_INVOICES_NAMED
    assert matched("KD-10001-7", old, new) == Books("RE-2026-1043", By.STRUCTURED_REFERENCE)


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
    assert len(answer.candidates) == MOST_CANDIDATES
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
    assert answer == Books(number, By.INVOICE_NUMBER)


@given(number_sets, words, words, numbers)
def test_only_what_is_written_books(open_numbers: list[str], before: str, after: str, named: str) -> None:
    text = f"{before} {named} {after}"
    answer = matched(text, *open_numbers)
    if isinstance(answer, Books):
        assert is_written(answer.number, text)


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
        assert is_written(answer.number, damaged)
        assert answer.number == number or stroke == " " or key_of(answer.number) == key_of(damaged)


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
