"""What no notice may say: bureaus, bailiffs, courts, criminal law, advertising, VAT on damages; in our words only."""

from dataclasses import replace
from datetime import date

import pytest

from dunning.errors import RuleViolation
from dunning.ledger import Line, LineKind
from dunning.notice import Addressee, Notice, NoticeAmounts, Template
from tasks.notice_check import check_notice
from tasks.render import render_notice
from tests.effects.render.examples import AGENCY, invoice_line, lindgruen, notice_at, owing_since_june, somebody

PLANTED = [
    ("de", "Sonst melden wir das der Schufa.", "schufa"),
    ("de", "Wir informieren eine Auskunftei.", "auskunftei"),
    ("de", "Ihre Bonität leidet.", "bonität"),
    ("de", "Es droht die Pfändung Ihres Lohns.", "pfänd"),
    ("de", "Wir werden pfänden.", "pfänd"),
    ("de", "Die Vollstreckung folgt.", "vollstreck"),
    ("de", "Wir ergreifen Zwangsmaßnahmen.", "zwangs"),
    ("de", "Der Gerichtsvollzieher kommt.", "gerichtsvollzieher"),
    ("de", "Wir beantragen einen Mahnbescheid.", "mahnbescheid"),
    ("de", "Wir erheben Klage.", "klage"),
    ("de", "Wir werden Sie verklagen.", "klage"),
    ("de", "Es folgt das gerichtliche Verfahren.", "gerichtlich"),
    ("de", "Wir gehen vor Gericht.", "gericht"),
    ("de", "Wir erstatten Strafanzeige.", "strafanzeige"),
    ("de", "Wir stellen Strafantrag.", "strafantrag"),
    ("de", "Das ist strafbar.", "strafbar"),
    ("de", "Wir rufen die Polizei.", "polizei"),
    ("de", "Unser Anwalt klagt.", "klagt"),
    ("de", "10 % Rabatt auf alles!", "rabatt"),
    ("de", "Unser Angebot der Woche.", "angebot"),
    ("de", "Abonnieren Sie unseren Newsletter.", "newsletter"),
    ("de", "Ein Gutschein liegt bei.", "gutschein"),
    ("de", "zzgl. 19 % MwSt.", "mwst"),
    ("de", "inkl. Umsatzsteuer", "umsatzsteuer"),
    ("de", "zzgl. Mehrwertsteuer", "mehrwertsteuer"),
    ("de", "zzgl. USt", "ust"),
    ("en", "We will tell a credit agency.", "credit agency"),
    ("en", "This harms your credit rating.", "credit rating"),
    ("en", "We will inform a credit bureau.", "credit bureau"),
    ("en", "It will be in your credit report.", "credit report"),
    ("en", "It lowers your credit score.", "credit score"),
    ("en", "The bailiff will come.", "bailiff"),
    ("en", "A seizure of your goods follows.", "seizure"),
    ("en", "We will seek enforcement.", "enforce"),
    ("en", "We will take you to court.", "court"),
    ("en", "We will file a lawsuit.", "lawsuit"),
    ("en", "We will sue.", "sue"),
    ("en", "We will file a criminal complaint.", "criminal"),
    ("en", "We will call the police.", "police"),
    ("en", "Get a discount now.", "discount"),
    ("en", "A coupon is enclosed.", "coupon"),
    ("en", "Subscribe to our newsletter.", "newsletter"),
    ("en", "A voucher is enclosed.", "voucher"),
    ("en", "Our offer of the week.", "offer"),
    ("en", "plus 19% VAT", "vat"),
]


@pytest.mark.parametrize(("language", "planted", "word"), PLANTED, ids=[planted for _, planted, _ in PLANTED])
def test_a_planted_word_is_refused_wherever_it_stands(language: str, planted: str, word: str) -> None:
    notice = owing_since_june(Template.FINAL_WARNING, language=language, business=True)
    whole = render_notice(notice, lindgruen(), AGENCY)
    anchor = "Freundliche Grüße" if language == "de" else "Kind regards"
    for broken in (
        replace(whole, text=whole.text.replace(anchor, f"{planted}\n{anchor}")),
        replace(whole, html=whole.html.replace(anchor, f"<b>{planted.upper()}</b> {anchor}")),
        replace(whole, subject=f"{planted} {whole.subject}"),
    ):
        found = check_notice(broken, notice, lindgruen(), AGENCY)
        assert found[0] == f"forbidden:{word}"


CREDIT = Line(LineKind.CREDIT_NOTE, date(2026, 10, 6), -1000)


def notice_saying(place: str, text: str, language: str) -> Notice:
    """A notice where customers' or papers' text stands in one place."""
    to = somebody(language=language)
    if place == "note":
        amounts = NoticeAmounts((invoice_line(), replace(CREDIT, note=text)))
        return notice_at(Template.FINAL_WARNING, addressee=to, amounts=amounts)
    if place in Addressee.__slots__:
        return notice_at(Template.FINAL_WARNING, addressee=somebody(language=language, **{place: text}))
    return notice_at(Template.FINAL_WARNING, addressee=to, **{place: text})


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("text", ["Gutschein 20 €", "Rabatt", "Voucher, court shoes & VAT", "Pfändung (Roman)"])
@pytest.mark.parametrize(
    "place",
    ["name", "street", "street_2", "city", "customer_number", "subject", "order_number", "invoice_number", "note"],
)
def test_words_of_customers_and_papers_trip_nothing(place: str, text: str, language: str) -> None:
    assert text in render_notice(notice_saying(place, text, language), lindgruen(), AGENCY).text


def test_the_shops_and_the_agencys_own_names_trip_nothing() -> None:
    creditor = lindgruen(
        name="Rabatt & Angebot GmbH",
        account_holder="Gutschein GmbH",
        managing_directors="Anna Klage",
        website="https://newsletter.example",
        privacy_url="https://discount.example/vat",
        register_court="Gericht Musterstadt",
    )
    assert render_notice(notice_at(Template.FINAL_WARNING), creditor, "Auskunftei und Inkasso GmbH")


def test_a_customers_word_does_not_let_ours_through() -> None:
    notice = notice_at(Template.REMINDER, subject="Gutschein 20 €", addressee=somebody(name="Erika Klage"))
    whole = render_notice(notice, lindgruen(), AGENCY)
    for planted, word in (("Ein Gutschein für Sie.", "gutschein"), ("Wir erheben Klage.", "klage")):
        broken = replace(whole, text=f"{whole.text}{planted}")
        assert check_notice(broken, notice, lindgruen(), AGENCY) == (f"forbidden:{word}",)


def test_a_short_name_does_not_tear_our_words_apart() -> None:
    """Only whole words of customers are taken out, so that `An` hides no `Angebot`."""
    notice = notice_at(Template.REMINDER, addressee=somebody(name="An", street="gebot", city="bot"))
    whole = render_notice(notice, lindgruen(), AGENCY)
    broken = replace(whole, text=f"{whole.text}Unser Angebot.")
    assert check_notice(broken, notice, lindgruen(), AGENCY) == ("forbidden:angebot",)


def test_a_name_inside_the_goods_leaves_nothing_of_them() -> None:
    notice = notice_at(Template.REMINDER, subject="Rabatt Gutschein 20 €", addressee=somebody(name="Rabatt"))
    assert render_notice(notice, lindgruen(), AGENCY)


def test_a_word_is_named_once() -> None:
    notice = notice_at(Template.REMINDER)
    whole = render_notice(notice, lindgruen(), AGENCY)
    broken = replace(whole, text=f"{whole.text}Rabatt! Noch mehr Rabatt und ein Gutschein!")
    assert check_notice(broken, notice, lindgruen(), AGENCY) == ("forbidden:rabatt", "forbidden:gutschein")


@pytest.mark.parametrize("kind", [LineKind.FEE, LineKind.BANK_FEE, LineKind.WAIVER])
@pytest.mark.parametrize("note", ["Vollstreckungskosten", "zzgl. 19 % MwSt"])
def test_what_we_charge_for_is_our_own_word(kind: LineKind, note: str) -> None:
    notice: Notice = notice_at(
        Template.SECOND_NOTICE, amounts=NoticeAmounts((invoice_line(), Line(kind, date(2026, 11, 23), 120, note)))
    )
    with pytest.raises(RuleViolation, match="forbidden:"):
        render_notice(notice, lindgruen(), AGENCY)


def test_a_refusal_names_nobody() -> None:
    notice = notice_at(
        Template.SECOND_NOTICE,
        amounts=NoticeAmounts((invoice_line(), Line(LineKind.FEE, date(2026, 11, 23), 120, "Klage gegen Jürgen Groß"))),
    )
    with pytest.raises(RuleViolation) as refused:
        render_notice(notice, lindgruen(), AGENCY)
    assert "forbidden:klage" in str(refused.value)
    assert "Groß" not in str(refused.value)
