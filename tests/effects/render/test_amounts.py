"""Amounts: exact from cents to text, and the same in text and HTML for any statement of account."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.ledger import Line, LineKind
from dunning.notice import NoticeAmounts, Template
from tasks.notice_words import amount_text, day_text, weekday_text
from tasks.render import render_notice
from tests.effects.render.examples import AGENCY, found, lindgruen, notice_at, somebody

CENTS = st.integers(min_value=-99_999_999, max_value=99_999_999)
LINES = st.lists(
    st.builds(Line, st.sampled_from(LineKind), st.dates(date(2020, 1, 1), date(2030, 12, 31)), CENTS),
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


@given(lines=LINES, template=st.sampled_from(Template), language=st.sampled_from(["de", "en"]))
def test_text_html_and_statement_agree(lines: list[Line], template: Template, language: str) -> None:
    amounts = NoticeAmounts(tuple(lines))
    notice = notice_at(template, amounts=amounts, addressee=somebody(language=language))
    rendered = render_notice(notice, lindgruen(), AGENCY)
    in_text = [line.rpartition(": ")[2] for line in rendered.text.splitlines() if line.startswith("- ")]
    total = re.search(r"^(?:Offener Betrag|Amount open): (.*)$", rendered.text, re.MULTILINE)
    cells = found(rendered.html, "//table[@class='statement']//td[@class='amount']")
    in_page = [cell.text_content() for cell in cells]
    assert total is not None
    assert [*in_text, total.group(1)] == in_page
    assert [cents_of(shown) for shown in in_text] == [line.cents for line in lines]
    assert cents_of(total.group(1)) == amounts.total_cents == sum(cents_of(shown) for shown in in_text)
