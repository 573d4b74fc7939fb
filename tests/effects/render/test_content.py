"""What each level must say, in text and HTML, in German and English; and that nothing leaves without it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from dunning.errors import RuleViolation, SettingsInvalid
from dunning.ledger import LineKind
from dunning.notice import Notice, Template
from tasks.notice_check import check_notice, visible_text
from tasks.render import render_notice
from tests.effects.render.examples import (
    AGENCY,
    EVERY_KIND,
    PART_PAID,
    lindgruen,
    notice_at,
    owing_since_june,
    somebody,
)

DEBT_WORDS = (
    "mahn",
    "inkasso",
    "zahl",
    "schuld",
    "offen",
    "fällig",
    "frist",
    "€",
    "final",
    "warning",
    "due",
    "debt",
    "pay",
    "open",
    "overdue",
)
FORBIDDEN = (
    "schufa",
    "auskunftei",
    "pfänd",
    "vollstreck",
    "gerichtsvollzieher",
    "strafanzeige",
    "mahnbescheid",
    "anwalt",
    "betrug",
    "rabatt",
    "gutschein",
    "newsletter",
    "angebot",
    "sofort",
    "credit bureau",
    "bailiff",
    "seizure",
    "enforcement",
    "lawsuit",
    "criminal",
    "lawyer",
    "discount",
)


def notices() -> Iterator[tuple[str, Notice]]:
    """All levels, both languages, persons and firms, part paid, with and without the optional facts."""
    for template in Template:
        for language in ("de", "en"):
            for business in (False, True):
                to = somebody(language=language, business=business)
                name = f"{template}-{language}-{'firm' if business else 'person'}"
                yield name, notice_at(template, addressee=to)
                yield f"{name}-part", notice_at(template, addressee=to, amounts=PART_PAID)
                yield f"{name}-every-line", notice_at(template, addressee=to, amounts=EVERY_KIND)
                yield f"{name}-in-default", owing_since_june(template, language=language, business=business)
                yield (
                    f"{name}-bare",
                    notice_at(
                        template,
                        addressee=replace(to, customer_number="", street="", postal_code="", city="", country=""),
                        order_number="",
                        order_on=None,
                        delivered_on=None,
                        subject="",
                        agency_cost_cents=None,
                    ),
                )


ALL = dict(notices())
each_notice = pytest.mark.parametrize("notice", ALL.values(), ids=ALL.keys())


@each_notice
def test_every_notice_is_complete_and_says_the_same_twice(notice: Notice) -> None:
    rendered = render_notice(notice, lindgruen(), AGENCY)
    page = visible_text(rendered.html)
    assert check_notice(rendered, notice, lindgruen(), AGENCY) == ()
    for sentence in rendered.text.splitlines():
        if len(sentence) > 60 and not sentence.startswith("- "):
            assert sentence in page


@each_notice
def test_no_notice_threatens_or_advertises(notice: Notice) -> None:
    rendered = render_notice(notice, lindgruen(), AGENCY)
    said = f"{rendered.subject} {rendered.text} {visible_text(rendered.html)}".casefold()
    assert [word for word in FORBIDDEN if word in said] == []


@each_notice
def test_subject_shows_no_debt_and_no_customer(notice: Notice) -> None:
    subject = render_notice(notice, lindgruen(), AGENCY).subject
    assert notice.invoice_number in subject
    assert len(subject) <= 150
    assert [word for word in DEBT_WORDS if word in subject.casefold()] == []
    assert notice.addressee.name not in subject


@each_notice
def test_text_has_no_gaps_and_no_unfilled_places(notice: Notice) -> None:
    text = render_notice(notice, lindgruen(), AGENCY).text
    assert "\n\n\n" not in text
    assert not set("{}<>") & set(text)
    assert "None" not in text
    for line in text.splitlines():
        assert line == line.strip()
        assert "  " not in line
        assert len(line.encode()) < 998


def test_german_reminder_is_friendly_and_complete() -> None:
    rendered = render_notice(notice_at(Template.REMINDER), lindgruen(), AGENCY)
    assert rendered.subject == "Ihre Rechnung RE-2026-1042"
    for said in (
        "Guten Tag Jürgen Groß,",
        "Zahlungserinnerung",
        "Datum: 23.11.2026",
        "Kundennummer: K-10042",
        "Rechnungsdatum: 01.10.2026",
        "Bestellung: B-77001 vom 28.09.2026",
        "Gegenstand: Gartenbank Eiche",
        "Fällig am: 15.10.2026",
        "Bitte überweisen Sie 119,00 € bis Dienstag, 08.12.2026.",
        "IBAN: DE89 3704 0044 0532 0130 00",
        "BIC: COBADEFFXXX",
        "Verwendungszweck: RE-2026-1042",
        "Wir ändern unsere Bankverbindung nie per E-Mail",
        "Zahlungseingänge bis 20.11.2026 sind berücksichtigt.",
        "Telefon: +49 (0)30 1234567 (Mo-Fr 9-17 Uhr)",
        "HRB 123456 B",
        "Geschäftsführung: Anna Lindgrün, Jörg Weiß",
    ):
        assert said in rendered.text
    assert "Inkasso" not in rendered.text
    assert AGENCY not in rendered.text


def test_english_notice_writes_english_dates_and_amounts() -> None:
    notice = notice_at(Template.SECOND_NOTICE, addressee=somebody(language="en"), amounts=EVERY_KIND)
    text = render_notice(notice, lindgruen(), AGENCY).text
    assert "Please transfer €1,228.50 by Tuesday, 8 December 2026." in text
    assert "Your payment, 5 November 2026: -€20.00" in text
    assert "Hello Jürgen Groß," in text


def test_final_warning_names_agency_and_estimate() -> None:
    told = render_notice(notice_at(Template.FINAL_WARNING), lindgruen(), AGENCY).text
    assert f"das Inkassounternehmen {AGENCY} mit dem Einzug zu beauftragen" in told
    assert "nach unserer Schätzung bis zu 55,62 €" in told
    without = notice_at(Template.FINAL_WARNING, agency_cost_cents=None)
    assert "Schätzung" not in render_notice(without, lindgruen(), AGENCY).text


@pytest.mark.parametrize("language", ["fr", "", "DE", "../en"])
def test_an_unknown_language_gets_german(language: str) -> None:
    notice = notice_at(Template.REMINDER, addressee=somebody(language=language))
    assert "Guten Tag" in render_notice(notice, lindgruen(), AGENCY).text


def test_a_firm_is_greeted_without_its_name() -> None:
    notice = notice_at(Template.REMINDER, addressee=somebody(name="Müller & Söhne GmbH", business=True))
    assert "\nGuten Tag,\n" in render_notice(notice, lindgruen(), AGENCY).text


def test_only_a_payment_that_stayed_is_thanked_for() -> None:
    paid = render_notice(notice_at(Template.REMINDER, amounts=PART_PAID), lindgruen(), AGENCY).text
    assert "vielen Dank für Ihre Zahlung" in paid
    assert any(line.kind is LineKind.RETURNED_PAYMENT for line in EVERY_KIND.lines)
    returned = render_notice(notice_at(Template.REMINDER, amounts=EVERY_KIND), lindgruen(), AGENCY).text
    assert "vielen Dank" not in returned


def test_a_foreign_addressee_sees_both_countries() -> None:
    notice = notice_at(Template.REMINDER, addressee=somebody(postal_code="1010", city="Wien", country="AT"))
    text = render_notice(notice, lindgruen(), AGENCY).text
    assert "1010 Wien\nÖsterreich" in text
    assert "10115 Berlin, Deutschland" in text


@pytest.mark.parametrize(
    ("form", "court", "says"),
    [
        ("AG", "Amtsgericht Köln", "Vorstand und Aufsichtsrat: Anna Lindgrün"),
        ("GmbH & Co. KG", "Amtsgericht Köln", "Persönlich haftende Gesellschafterin: Anna Lindgrün"),
        ("GmbH i. L.", "Amtsgericht Köln", "In Liquidation, Liquidatoren: Anna Lindgrün"),
        ("e.K.", "Amtsgericht Köln", "Registergericht: Amtsgericht Köln, HRB 123456 B."),
    ],
)
def test_sender_data_follow_the_legal_form(form: str, court: str, says: str) -> None:
    creditor = lindgruen(legal_form=form, register_court=court)
    assert says in render_notice(notice_at(Template.REMINDER), creditor, AGENCY).text


def test_a_sender_without_register_shows_none() -> None:
    creditor = lindgruen(
        name="Anna Lindgrün",
        legal_form="Einzelunternehmen",
        register_court="",
        register_number="",
        managing_directors="",
    )
    text = render_notice(notice_at(Template.REMINDER), creditor, AGENCY).text
    assert "Registergericht" not in text
    assert "Anna Lindgrün, Lindenweg 4, 10115 Berlin" in text


@pytest.mark.parametrize(
    "setting",
    [
        "register_court",
        "register_number",
        "managing_directors",
        "street",
        "account_holder",
        "iban",
        "email",
        "phone",
    ],
)
def test_nothing_is_rendered_for_an_incomplete_creditor(setting: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"MAHNLAUF_CREDITOR_{setting.upper()}"):
        render_notice(notice_at(Template.REMINDER), lindgruen(**{setting: ""}), AGENCY)


def test_a_final_warning_needs_the_agencys_name() -> None:
    with pytest.raises(SettingsInvalid, match="MAHNLAUF_AGENCY_NAME"):
        render_notice(notice_at(Template.FINAL_WARNING), lindgruen(), "")
    assert render_notice(notice_at(Template.SECOND_NOTICE), lindgruen(), "")


@pytest.mark.parametrize(("language", "request_said"), [("de", "119,00 € umgehend."), ("en", "119.00 without delay.")])
def test_only_a_final_warning_must_set_a_deadline(language: str, request_said: str) -> None:
    notice = notice_at(Template.REMINDER, pay_until=None, addressee=somebody(language=language))
    assert request_said in render_notice(notice, lindgruen(), AGENCY).text.replace("\N{NO-BREAK SPACE}", " ")
    with pytest.raises(RuleViolation, match="pay_until"):
        render_notice(notice_at(Template.FINAL_WARNING, pay_until=None), lindgruen(), AGENCY)


def test_a_notice_needs_a_name() -> None:
    with pytest.raises(RuleViolation, match="name"):
        render_notice(notice_at(Template.REMINDER, addressee=somebody(name="")), lindgruen(), AGENCY)


@pytest.mark.parametrize(
    ("said", "element"),
    [
        ("08.12.2026", "pay_until"),
        ("15.10.2026", "due_on"),
        ("01.10.2026", "issued_on"),
        ("23.11.2026", "written_on"),
        ("20.11.2026", "payments_until"),
        ("28.09.2026", "order_on"),
        ("B-77001", "order_number"),
        ("Gartenbank Eiche", "goods"),
        ("K-10042", "customer_number"),
        ("Am Mühlbach 7", "street"),
        ("50667 Köln", "city"),
        ("RE-2026-1042", "invoice_number"),
        ("DE89 3704 0044 0532 0130 00", "iban"),
        ("COBADEFFXXX", "bic"),
        ("Lindgrün Versand GmbH", "account_holder"),
        ("rechnung@lindgruen.example", "email"),
        ("+49 (0)30 1234567", "phone"),
        ("Mo-Fr 9-17 Uhr", "hours"),
        ("HRB 123456 B", "register_number"),
        ("Amtsgericht Charlottenburg", "register_court"),
        ("Anna Lindgrün, Jörg Weiß", "directors"),
        ("Einwendung", "objection"),
        ("ruht das Mahnverfahren", "objection_stops"),
        ("überschnitten", "crossed"),
        ("nie per E-Mail", "account_never_changed_by_mail"),
        ("vergleichen Sie diese Bankverbindung", "account_to_compare"),
        ("Raten", "instalments"),
        ("Datenschutz", "data_protection"),
        ("Inkassounternehmen", "agency"),
        (AGENCY, "agency_name"),
        ("55,62 €", "agency_cost"),
        ("119,00 €", "total"),
        ("119,00 €", "line_1"),
        ("https://www.lindgruen.example/datenschutz", "privacy_url"),
    ],
)
def test_a_missing_element_is_named_wherever_it_is_missing(said: str, element: str) -> None:
    notice = notice_at(Template.FINAL_WARNING)
    whole = render_notice(notice, lindgruen(), AGENCY)
    for broken in (
        replace(whole, text=whole.text.replace(said, " ")),
        replace(whole, html=whole.html.replace(said, " ")),
    ):
        assert element in check_notice(broken, notice, lindgruen(), AGENCY)
    assert "subject" in check_notice(replace(whole, subject="Hallo"), notice, lindgruen(), AGENCY)


def test_a_wrong_amount_date_or_account_is_found() -> None:
    notice = notice_at(Template.SECOND_NOTICE)
    whole = render_notice(notice, lindgruen(), AGENCY)
    assert "total" in check_notice(whole, replace(notice, amounts=PART_PAID), lindgruen(), AGENCY)
    later = replace(notice, pay_until=date(2026, 12, 9))
    assert check_notice(whole, later, lindgruen(), AGENCY) == ("pay_until",)
    other = lindgruen(iban="DE02120300000000202051")
    assert check_notice(whole, notice, other, AGENCY) == ("iban", "bic")
    longer = replace(whole, text=whole.text.replace("119,00 €", "1.119,00 €"))
    assert "total" in check_notice(longer, notice, lindgruen(), AGENCY)
