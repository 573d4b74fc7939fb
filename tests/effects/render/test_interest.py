"""The statement of interest in a letter: since when and why, every row, what each further day costs."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from dunning.default import Default, Route
from dunning.errors import RuleViolation
from dunning.ledger import Line, LineKind
from dunning.notice import Notice, NoticeAmounts, Template
from tasks.notice_check import check_notice, visible_text
from tasks.render import render_notice
from tests.effects.render.examples import (
    AGENCY,
    PART_PAID,
    in_default,
    lindgruen,
    notice_at,
    owing_since_june,
    somebody,
)

HEADINGS = ("So berechnen sich die Verzugszinsen", "How the default interest is worked out")
LETTERS = {
    "de-consumer": owing_since_june(Template.FINAL_WARNING),
    "de-business": owing_since_june(Template.FINAL_WARNING, business=True),
    "en-consumer": owing_since_june(Template.FINAL_WARNING, language="en"),
    "en-business": owing_since_june(Template.FINAL_WARNING, language="en", business=True),
}
SAYS = {
    "de-consumer": (
        "Bitte überweisen Sie 123,59 € bis Dienstag, 08.12.2026.",
        "- Mahnkosten für Papier, Druck und Porto (Briefdienst Nord), 23.11.2026: 1,20 €",
        "\nHauptforderung: 119,00 €\nVerzugszinsen: 3,39 €\nMahnkosten und Nebenkosten: 1,20 €\nOffener Betrag: 123",
        "Sie sind seit dem 16.06.2026 in Verzug, weil der Betrag auch nach unserer Mahnung offen geblieben ist.",
        "- 16.06.2026 bis 30.06.2026, 15 Tage auf 119,00 € zu 6,27 % (Basiszinssatz 1,27 % + 5 Prozentpunkte): 0,31 €",
        "- 01.07.2026 bis 22.11.2026, 145 Tage auf 119,00 € zu 6,52 % (Basiszinssatz 1,52 % + 5 Prozentpunkte): 3,08 €",
        "Verzugszinsen zusammen: 3,39 €",
        "Ab dem 23.11.2026 kommen täglich 0,02 € hinzu, bis Ihre Zahlung bei uns eingeht.",
        "nach unserer Schätzung bis zu 55,62 €. Das möchten",
    ),
    "de-business": (
        "- Verzugspauschale (§ 288 Abs. 5 BGB), 23.11.2026: 38,80 €",
        "\nHauptforderung: 119,00 €\nVerzugszinsen: 5,48 €\nMahnkosten und Nebenkosten: 40,00 €\n",
        "Pauschale von 40,00 € vor. Unsere Mahnkosten rechnen wir darauf an.",
        "145 Tage auf 119,00 € zu 10,52 % (Basiszinssatz 1,52 % + 9 Prozentpunkte): 4,98 €",
        "bis zu 55,62 €. Die Verzugspauschale wird darauf angerechnet.",
    ),
    "en-consumer": (
        "- Dunning cost for paper, print and postage (Briefdienst Nord), 23 November 2026: €1.20",
        "\nPrincipal: €119.00\nDefault interest: €3.39\nDunning and side costs: €1.20\nAmount open: €123.59",
        "You have been in default since 16 June 2026 because the amount stayed open after our notice.",
        "- 16 June 2026 to 30 June 2026, 15 days on €119.00 at 6.27% (base rate 1.27% + 5 percentage points): €0.31",
        "Default interest altogether: €3.39",
        "From 23 November 2026 on, €0.02 is added every day until your payment reaches us.",
        "by our estimate up to €55.62. We would",
    ),
    "en-business": (
        "- Lump sum for default (§ 288 (5) BGB), 23 November 2026: €38.80",
        "a lump sum of €40.00 in case of default",
        "by our estimate up to €55.62. The lump sum for default is counted towards it.",
    ),
}


@pytest.mark.parametrize("name", LETTERS)
def test_the_statement_says_how_the_interest_adds_up(name: str) -> None:
    text = render_notice(LETTERS[name], lindgruen(), AGENCY).text
    assert [said for said in SAYS[name] if said not in text] == []
    assert "effect 17" not in text


def test_consumers_hear_of_no_lump_sum_and_nobody_without_interest_of_interest() -> None:
    assert "auschale" not in render_notice(LETTERS["de-consumer"], lindgruen(), AGENCY).text
    plain = render_notice(notice_at(Template.FINAL_WARNING), lindgruen(), AGENCY).text
    assert "insen" not in plain
    assert "Hauptforderung" not in plain


@pytest.mark.parametrize("template", Template)
def test_interest_that_is_demanded_is_explained_at_every_level(template: Template) -> None:
    rendered = render_notice(owing_since_june(template), lindgruen(), AGENCY)
    assert HEADINGS[0] in rendered.text
    assert HEADINGS[0] in visible_text(rendered.html)


@pytest.mark.parametrize("language", ["de", "en"])
def test_each_way_into_default_has_words_of_its_own(language: str) -> None:
    given = [notice_at(Template.FINAL_WARNING, addressee=somebody(language=language)) for _ in Route]
    texts = [
        render_notice(in_default(notice, route=route), lindgruen(), AGENCY).text
        for notice, route in zip(given, Route, strict=True)
    ]
    sentences = {text.partition("seit dem 16.06" if language == "de" else "since 16 June")[2][:120] for text in texts}
    assert len(sentences) == len(Route)


def test_a_payment_makes_a_row_of_its_own_and_a_single_day_is_one_day() -> None:
    paid_late = replace(PART_PAID.lines[1], on=date(2026, 11, 22))
    notice = notice_at(Template.FINAL_WARNING, amounts=NoticeAmounts((PART_PAID.lines[0], paid_late)))
    text = render_notice(in_default(notice, date(2026, 11, 1)), lindgruen(), AGENCY).text
    assert "- 01.11.2026 bis 21.11.2026, 21 Tage auf 119,00 € zu 6,52 %" in text
    assert "- 22.11.2026 bis 22.11.2026, 1 Tag auf 99,00 € zu 6,52 %" in text


def test_a_negative_base_rate_is_shown_as_it_is() -> None:
    invoice = Line(LineKind.INVOICE, date(2021, 1, 4), 1_000_00)
    notice = notice_at(Template.FINAL_WARNING, written_on=date(2021, 4, 1), amounts=NoticeAmounts((invoice,)))
    text = render_notice(in_default(notice, date(2021, 3, 1)), lindgruen(), AGENCY).text
    assert "31 Tage auf 1.000,00 € zu 4,12 % (Basiszinssatz -0,88 % + 5 Prozentpunkte): 3,50 €" in text


@pytest.mark.parametrize("daily", [None, Fraction(0), Fraction(49, 100)])
def test_a_day_that_costs_nothing_or_is_not_known_is_left_out(daily: Fraction | None) -> None:
    notice = LETTERS["de-consumer"]
    assert notice.interest is not None
    quiet = replace(notice, interest=replace(notice.interest, daily_exact_cents=daily))
    rendered = render_notice(quiet, lindgruen(), AGENCY)
    assert "täglich" not in rendered.text
    assert "täglich" not in rendered.html


def test_a_later_letters_cost_is_credited_to_the_lump_sum() -> None:
    credited = (Line(LineKind.FEE, date(2026, 11, 23), 120), Line(LineKind.LUMP_SUM, date(2026, 11, 23), -120))
    notice = owing_since_june(Template.FINAL_WARNING, business=True)
    lines = (*notice.amounts.lines[:-1], *credited, notice.amounts.lines[-1])
    text = render_notice(replace(notice, amounts=NoticeAmounts(lines)), lindgruen(), AGENCY).text
    assert "- Anrechnung auf die Verzugspauschale (§ 288 Abs. 5 BGB), 23.11.2026: -1,20 €" in text
    assert "Mahnkosten und Nebenkosten: 40,00 €" in text


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"interest": None}, "interest_without_statement"),
        ({"default": None}, "interest_without_default"),
        ({"default": Default(date(2026, 6, 17), Route.NOTICE, "")}, "interest_before_default"),
        ({"amounts": NoticeAmounts(LETTERS["de-consumer"].amounts.lines[:-1])}, "interest_not_as_stated"),
        ({"amounts": LETTERS["de-business"].amounts}, "lump_sum_of_consumer"),
    ],
)
def test_a_demand_without_its_ground_is_never_rendered(changed: dict[str, object], named: str) -> None:
    notice: Notice = replace(LETTERS["de-consumer"], **changed)  # type: ignore[arg-type]
    with pytest.raises(RuleViolation, match=named):
        render_notice(notice, lindgruen(), AGENCY)


@pytest.mark.parametrize(
    ("name", "said", "element"),
    [
        ("de-business", "16.06.2026", "default_from"),
        ("de-business", "nach unserer Mahnung", "default_reason"),
        ("de-business", "16.06.2026 bis", "interest_1_first_day"),
        ("de-business", "30.06.2026", "interest_1_last_day"),
        ("de-business", "15 Tage", "interest_1_days"),
        ("de-business", "auf 119,00 €", "interest_1_principal"),
        ("de-business", "10,27 %", "interest_1_rate"),
        ("de-business", "1,27 % +", "interest_1_base_rate"),
        ("de-business", "9 Prozentpunkte)", "interest_1_points"),
        ("de-business", "0,50 €", "interest_1_amount"),
        ("de-business", "01.07.2026", "interest_2_first_day"),
        ("de-business", "22.11.2026", "interest_2_last_day"),
        ("de-business", "145 Tage", "interest_2_days"),
        ("de-business", "10,52 %", "interest_2_rate"),
        ("de-business", "1,52 % +", "interest_2_base_rate"),
        ("de-business", "4,98 €", "interest_2_amount"),
        ("de-business", "5,48 €", "interest_total"),
        ("de-business", "0,03 €", "daily"),
        ("de-business", "dem 23.11.2026", "daily_from"),
        ("de-business", "So berechnen sich die Verzugszinsen", "interest_total"),
        ("de-business", "Hauptforderung", "sum_principal"),
        ("de-business", "Verzugszinsen", "sum_interest"),
        ("de-business", "Mahnkosten und Nebenkosten", "sum_side_costs"),
        ("de-business", "5,48 €", "sum_interest"),
        ("de-business", "40,00 €", "sum_side_costs"),
        ("de-business", "Papier, Druck und Porto", "fee_ground"),
        ("de-business", "§ 288 Abs. 5 BGB", "lump_sum_ground"),
        ("de-business", "1,20 €", "line_2"),
        ("de-business", "38,80 €", "line_3"),
        ("de-business", "bis zu 55,62 €", "agency_cost"),
        ("de-business", "bis zu", "agency_cost"),
        ("en-business", "16 June 2026", "default_from"),
        ("en-business", "after our notice", "default_reason"),
        ("en-business", "1 July 2026", "interest_2_first_day"),
        ("en-business", "15 days", "interest_1_days"),
        ("en-business", "on €119.00", "interest_2_principal"),
        ("en-business", "10.27%", "interest_1_rate"),
        ("en-business", "1.52% +", "interest_2_base_rate"),
        ("en-business", "percentage points)", "interest_1_points"),
        ("en-business", "€4.98", "interest_2_amount"),
        ("en-business", "€5.48", "interest_total"),
        ("en-business", "€0.03", "daily"),
        ("en-business", "Principal", "sum_principal"),
        ("en-business", "Default interest", "sum_interest"),
        ("en-business", "Dunning and side costs", "sum_side_costs"),
        ("en-business", "paper, print and postage", "fee_ground"),
        ("en-business", "§ 288 (5) BGB", "lump_sum_ground"),
        ("en-business", "up to €55.62", "agency_cost"),
        ("en-business", "up to", "agency_cost"),
    ],
)
def test_a_missing_element_is_named(name: str, said: str, element: str) -> None:
    notice = LETTERS[name]
    whole = render_notice(notice, lindgruen(), AGENCY)
    assert said in whole.text
    for broken in (
        replace(whole, text=whole.text.replace(said, " ")),
        replace(whole, html=whole.html.replace(said, " ")),
    ):
        assert element in check_notice(broken, notice, lindgruen(), AGENCY)


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_row_stands_once_even_where_two_are_equal(language: str) -> None:
    """Rows may have the same principal; it must be read in both."""
    notice = owing_since_june(Template.FINAL_WARNING, language=language)
    whole = render_notice(notice, lindgruen(), AGENCY)
    row = next(line for line in whole.text.splitlines() if line.startswith(("- 01.07.", "- 1 July")))
    wrong = check_notice(replace(whole, text=whole.text.replace(row, "")), notice, lindgruen(), AGENCY)
    assert {"interest_2_principal", "interest_2_amount", "interest_2_rate", "interest_2_points"} <= set(wrong)


def test_the_statement_is_read_between_its_headings() -> None:
    notice = LETTERS["de-business"]
    whole = render_notice(notice, lindgruen(), AGENCY)
    daily = "Ab dem 23.11.2026 kommen täglich 0,03 € hinzu, bis Ihre Zahlung bei uns eingeht.\n"
    elsewhere = replace(whole, text=whole.text.replace(daily, "") + daily)
    assert check_notice(elsewhere, notice, lindgruen(), AGENCY) == ("daily", "daily_from")


def test_no_day_with_interest_needs_no_statement() -> None:
    notice = LETTERS["de-consumer"]
    assert notice.interest is not None
    amounts = NoticeAmounts(notice.amounts.lines[:-1])
    free = replace(notice, amounts=amounts, interest=replace(notice.interest, segments=()))
    assert "So berechnen" not in render_notice(free, lindgruen(), AGENCY).text


def test_what_a_bank_took_says_so() -> None:
    bank_fee = Line(LineKind.BANK_FEE, date(2026, 11, 9), 300)
    for language, said in (("de", "Bankkosten"), ("en", "Bank charge")):
        amounts = NoticeAmounts((*PART_PAID.lines, bank_fee))
        notice = notice_at(Template.SECOND_NOTICE, amounts=amounts, addressee=somebody(language=language))
        whole = render_notice(notice, lindgruen(), AGENCY)
        broken = replace(whole, text=whole.text.replace(said, ""))
        assert check_notice(broken, notice, lindgruen(), AGENCY) == ("bank_fee_ground",)
