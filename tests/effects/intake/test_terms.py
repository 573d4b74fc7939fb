"""When payment terms name a due date, and when they rightly name none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.facts import DueBasis
from tasks.intake.terms import MAX_TERM_DAYS, carries_notice_286_3, due_date, due_from_terms

ISSUED = date(2018, 6, 5)


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        # periods
        ("Zahlbar innerhalb von 14 Tagen.", date(2018, 6, 19)),
        ("14 Tage netto", date(2018, 6, 19)),
        ("netto 14 Tage", date(2018, 6, 19)),
        ("14 Tage", date(2018, 6, 19)),
        ("Zahlungsziel: 30 Tage", date(2018, 7, 5)),
        ("Bitte überweisen Sie binnen vierzehn Tagen auf unser Konto.", date(2018, 6, 19)),
        ("zahlbar in 2 Wochen ohne Abzug", date(2018, 6, 19)),
        ("Den Betrag iHv. 120,00 € innerhalb von 14 Tagen überweisen, Rechnung 1234/78/901.", date(2018, 6, 19)),
        ("Payment within 30 days", date(2018, 7, 5)),
        ("Net 30", date(2018, 7, 5)),
        ("2/10 net 30", date(2018, 7, 5)),
        ("14 Tage nach Erhalt der Rechnung zahlbar", date(2018, 6, 19)),
        # at once
        ("Zahlbar sofort ohne Abzug.", ISSUED),
        ("Fällig sofort, ohne Abzug", ISSUED),
        ("Zahlbar sofort rein netto", ISSUED),
        ("Payable immediately", ISSUED),
        ("Due on receipt", ISSUED),
        # days
        ("Bitte überweisen Sie bis zum 24.12.2018 auf das unten aufgeführte Konto.", date(2018, 12, 24)),
        ("zahlbar bis 2018-12-24", date(2018, 12, 24)),
        ("Fällig am 24. Dezember 2018", date(2018, 12, 24)),
        ("Due by 24 December 2018", date(2018, 12, 24)),
        ("Zahlungsziel: 24.12.2018", date(2018, 12, 24)),
        ("24.12.2018", date(2018, 12, 24)),
        ("EUR 529,87 wird am 20.06.2018 von Ihrem Konto per SEPA-Lastschrift eingezogen.", date(2018, 6, 20)),
        # a discount does not shorten the term
        ("Zahlbar innerhalb 30 Tagen netto bis 04.07.2018, 3% Skonto innerhalb 10 Tagen bis 15.06.2018",
         date(2018, 7, 4)),
        ("10 Tage 2 % Skonto, 30 Tage netto", date(2018, 7, 5)),
        ("Zahlbar innerhalb von 30 Tagen, bei Zahlung innerhalb von 10 Tagen 2% Skonto", date(2018, 7, 5)),
        ("#SKONTO#TAGE=7#PROZENT=2.00#\nZahlbar innerhalb von 21 Tagen", date(2018, 6, 26)),
        ("#SKONTO#TAGE=7#PROZENT=2.00#\n#SKONTO#TAGE=30#PROZENT=0.00#\n", date(2018, 7, 5)),
        ("zahlbar in 14 Tagen, alle Preise inkl. 19 % MwSt.", date(2018, 6, 19)),
        # a period that runs from something else
        ("Zahlbar sofort. Verzug tritt 30 Tage nach Fälligkeit und Zugang ein.", ISSUED),
        ("Zahlbar in 14 Tagen. Rückgabe innerhalb von 30 Tagen.", date(2018, 6, 19)),
        # nothing usable
        ("", None),
        ("Zahlbar innerhalb von […] Tagen", None),
        ("#SKONTO#TAGE=7#PROZENT=2.00#", None),
        ("Bei Zahlungen binnen 14 Tagen, 2% Skonto", None),
        ("2 % Skonto bei Zahlung innerhalb von 10 Tagen", None),
        ("Zahlbar innerhalb von 10 Bankarbeitstagen", None),
        ("14 Tage netto oder 30 Tage netto", None),
        ("zahlbar bis 31.02.2018", None),
        ("Bitte überweisen Sie bis zum 24.01.2015", None),
        ("zahlbar bis 01.07.2018, spätestens 15.07.2018", None),
        ("Der Betrag wird mit der nächsten Rechnung verrechnet.", None),
        ("Rechnung vom 01.06.2018", None),
        ("zahlbar in 999 Tagen", None),
    ],
)  # fmt: skip
def test_terms_name_the_day(terms: str, due: date | None) -> None:
    assert due_from_terms(terms, ISSUED) == due


@pytest.mark.parametrize(
    ("document_on", "terms", "expected"),
    [
        (date(2018, 8, 1), "14 Tage netto", (date(2018, 8, 1), DueBasis.DOCUMENT)),
        (date(2018, 6, 1), "", (date(2018, 6, 1), DueBasis.DOCUMENT)),
        (None, "7 Tage netto", (date(2018, 6, 12), DueBasis.TERMS)),
        (None, "nach Vereinbarung", (date(2018, 6, 15), DueBasis.SETTING)),
    ],
    ids=["document before terms", "the document's word, even before the invoice", "terms", "setting"],
)
def test_where_the_due_date_comes_from(document_on: date | None, terms: str, expected: tuple[date, DueBasis]) -> None:
    assert due_date(document_on, terms, ISSUED, payment_term_days=10) == expected


@pytest.mark.parametrize(
    ("words", "carried"),
    [
        ("Auf § 286 Abs. 3 BGB weisen wir hin.", True),
        ("Verzug gemäß § 286 (3) BGB", True),
        ("Sie geraten 30 Tage nach Fälligkeit und Zugang\n dieser Rechnung in Verzug.", True),
        ("Zahlbar innerhalb von 30 Tagen.", False),
        ("§ 286 Abs. 2 BGB", False),
        ("", False),
    ],
)
def test_notice_of_286_3(words: str, carried: bool) -> None:
    assert carries_notice_286_3(words) is carried


@given(st.text(max_size=200))
def test_any_text_gives_a_day_not_before_the_invoice_or_none(terms: str) -> None:
    day = due_from_terms(terms, ISSUED)
    assert day is None or day >= ISSUED


@given(st.integers(min_value=0, max_value=MAX_TERM_DAYS))
def test_every_plain_period_is_counted_from_the_invoice(days: int) -> None:
    due = due_from_terms(f"Zahlbar innerhalb von {days} Tagen ohne Abzug", ISSUED)
    assert due is not None
    assert (due - ISSUED).days == days
