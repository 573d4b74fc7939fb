"""Amounts: exact from cents to text, and the same in text and HTML for any statement of account."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.default import Route
from dunning.ledger import PRINCIPAL_KINDS, Line, LineKind
from dunning.notice import NoticeAmounts, Template
from tasks.figures import amount_text, day_text, points_text, rate_text, weekday_text
from tasks.notice_check import visible_text
from tasks.render import render_notice
from tests.effects.render.examples import (
    AGENCY,
    found,
    in_default,
    lindgruen,
    notice_at,
    owing_since_june,
    somebody,
)

CENTS = st.integers(min_value=-99_999_999, max_value=99_999_999)
LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(sorted(set(LineKind) - {LineKind.INTEREST})),
        st.dates(date(2020, 1, 1), date(2030, 12, 31)),
        CENTS,
    ),
    min_size=1,
    max_size=8,
)


def cents_of(shown: str) -> int:
    """Read an amount back: every digit counts, the sign stands in front."""
    digits = int(re.sub(r"[^0-9]", "", shown))
    return -digits if shown.startswith("-") else digits


@pytest.mark.parametrize(
    ("cents", "german", "english"),
    [
        (123456, "1.234,56 €", "€1,234.56"),
        (5, "0,05 €", "€0.05"),
        (0, "0,00 €", "€0.00"),
        (-2000, "-20,00 €", "-€20.00"),
        (100000000, "1.000.000,00 €", "€1,000,000.00"),
        (9007199254740993, "90.071.992.547.409,93 €", "€90,071,992,547,409.93"),
    ],
)
def test_amounts_as_text(cents: int, german: str, english: str) -> None:
    assert amount_text(cents, "EUR", "de") == german
    assert amount_text(cents, "EUR", "en") == english


def test_days_as_text() -> None:
    assert day_text(date(2026, 11, 23), "de") == "23.11.2026"
    assert day_text(date(2026, 11, 3), "en") == "3 November 2026"
    assert weekday_text(date(2026, 11, 23), "de") == "Montag, 23.11.2026"
    assert weekday_text(date(2026, 11, 23), "en") == "Monday, 23 November 2026"
    assert day_text(None, "de") == ""


@given(cents=CENTS, language=st.sampled_from(["de", "en"]))
def test_an_amount_reads_back_to_the_cent(cents: int, language: str) -> None:
    assert cents_of(amount_text(cents, "EUR", language)) == cents


@pytest.mark.parametrize(
    ("bps", "german", "english"),
    [(652, "6,52 %", "6.52%"), (1052, "10,52 %", "10.52%"), (0, "0,00 %", "0.00%"), (-88, "-0,88 %", "-0.88%")],
)
def test_rates_as_text(bps: int, german: str, english: str) -> None:
    assert rate_text(bps, "de") == german
    assert rate_text(bps, "en") == english


@pytest.mark.parametrize(("bps", "german", "english"), [(500, "5", "5"), (900, "9", "9"), (920, "9,2", "9.2")])
def test_percentage_points_as_text(bps: int, german: str, english: str) -> None:
    assert points_text(bps, "de") == german
    assert points_text(bps, "en") == english


def account_in(text: str) -> list[list[str]]:
    """Amounts of the plain letter, as it lists them: lines, sums with the total, rows of interest with their sum."""
    account = re.split(r"^(?:Bankverbindung|Bank details):$", text, flags=re.MULTILINE)[0]
    heading = r"^(?:So berechnen sich die Verzugszinsen|How the default interest is worked out):$"
    statement, interest, *_ = [*re.split(heading, account, flags=re.MULTILINE), ""]
    sums = r"^(?:Hauptforderung|Verzugszinsen|Mahnkosten und Nebenkosten|Offener Betrag"
    sums += r"|Principal|Default interest|Dunning and side costs|Amount open): (.*)$"
    rows = r"^(?:- .*|Verzugszinsen zusammen|Default interest altogether): (.*)$"
    return [
        [line.rpartition(": ")[2] for line in statement.splitlines() if line.startswith("- ")],
        re.findall(sums, statement, re.MULTILINE),
        re.findall(rows, interest, re.MULTILINE),
    ]


def account_on(page: str) -> list[list[str]]:
    """The same amounts on the page."""
    places = (
        "//table[@class='statement']/tbody//td[@class='amount']",
        "//table[@class='statement']/tfoot//td[@class='amount']",
        "//table[@class='statement interest']//td[@class='amount']",
    )
    return [[cell.text_content() for cell in found(page, place)] for place in places]


@given(
    lines=LINES,
    template=st.sampled_from(Template),
    language=st.sampled_from(["de", "en"]),
    default_from=st.dates(date(2020, 1, 1), date(2026, 11, 22)),
    route=st.sampled_from(Route),
)
def test_text_page_and_ledger_agree(
    lines: list[Line], template: Template, language: str, default_from: date, route: Route
) -> None:
    firm = somebody(language=language, business=True)
    notice = in_default(notice_at(template, amounts=NoticeAmounts(tuple(lines)), addressee=firm), default_from, route)
    rendered, amounts = render_notice(notice, lindgruen(), AGENCY), notice.amounts
    in_text = account_in(rendered.text)
    assert in_text == account_on(rendered.html)
    shown, sums, interest = ([cents_of(each) for each in amounts_said] for amounts_said in in_text)
    assert shown == [line.cents for line in amounts.lines]
    assert sums[-1] == amounts.total_cents == sum(shown)
    if any(line.kind not in PRINCIPAL_KINDS for line in amounts.lines):
        assert sums[:-1] == [amounts.principal_cents, amounts.interest_cents, amounts.fees_cents]
        assert sums[-1] == sum(sums[:-1])
    else:
        assert len(sums) == 1
    assert sum(interest[:-1]) == amounts.interest_cents
    assert interest[-1:] == ([amounts.interest_cents] if notice.interest else [])


@given(st.integers(1, 50_00), st.integers(0, 50_00), st.sampled_from(["de", "en"]))
def test_payments_that_went_to_costs_and_interest_are_told(to_costs: int, to_interest: int, language: str) -> None:
    """§ 367 (1) BGB: the sums are what is open of each; the lines are what was booked."""
    plain = owing_since_june(Template.FINAL_WARNING, language=language)
    notice = replace(plain, amounts=NoticeAmounts(plain.amounts.lines, to_costs, to_interest))
    rendered = render_notice(notice, lindgruen(), AGENCY)
    _, sums, interest = account_in(rendered.text)
    assert [cents_of(each) for each in sums] == [
        119_00 + to_costs + to_interest,
        notice.amounts.interest_cents,
        1_20 - to_costs,
        plain.amounts.total_cents,
    ]
    assert cents_of(interest[-1]) == plain.amounts.interest_cents
    for said in (rendered.text, visible_text(rendered.html)):
        assert f"({amount_text(to_costs, 'EUR', language)})" in said
        assert f"({amount_text(to_interest, 'EUR', language)})" in said
    assert "§ 367" not in render_notice(plain, lindgruen(), AGENCY).text
