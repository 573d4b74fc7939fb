"""Hostile customers' text: never markup, template or a line of its own; and the account stays ours."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dunning.errors import RuleViolation
from dunning.ledger import Line, LineKind
from dunning.notice import NoticeAmounts, Template
from tasks.notice_check import visible_text
from tasks.notice_words import one_line
from tasks.render import render_notice
from tests.effects.render.examples import AGENCY, found, invoice_line, lindgruen, notice_at, somebody

ELEMENTS = {
    "html",
    "head",
    "style",
    "meta",
    "title",
    "body",
    "div",
    "p",
    "address",
    "br",
    "h1",
    "h2",
    "a",
    "span",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "th",
    "td",
}
PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=http://evil.example/x.png onerror=alert(1)>",
    '"><a href="https://evil.example">Hier zahlen</a>',
    "</style>",
    "</table><table>",
    "<!-- -->",
    "]]>",
    "&lt;b&gt;",
    "a' onmouseover='x",
    "{{7*7}}",
    "{% raw %}",
    "{# x #}",
    "{{ lipsum.__globals__ }}",
    "{{ ''.__class__ }}",
    "%s %(x)s",
    "${7*7}",
    "#{7*7}",
)


def hostile(text: str) -> tuple[str, str]:
    """Text and HTML of a notice with `text` wherever a customer's or a document's text goes."""
    notice = notice_at(
        Template.FINAL_WARNING,
        addressee=somebody(name=text, street=text, street_2=text, city=text, customer_number=text),
        order_number=text,
        subject=text,
        amounts=NoticeAmounts((invoice_line(), Line(LineKind.FEE, invoice_line().on, 250, text))),
    )
    rendered = render_notice(notice, lindgruen(), AGENCY)
    return rendered.text, rendered.html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_markup_and_templates_in_names_stay_text(payload: str) -> None:
    text, page = hostile(payload)
    assert f"Guten Tag {payload}," in text
    assert f" {payload} " in visible_text(page)
    assert "49" not in text.replace("+49", "")
    assert {element.tag for element in found(page, "//*")} <= ELEMENTS
    assert not found(page, "//@*[starts-with(name(), 'on')] | //comment()")
    assert sorted(found(page, "//@href")) == [
        "https://www.lindgruen.example/datenschutz",
        "mailto:rechnung@lindgruen.example",
        "tel:+49301234567",
    ]


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("Jürgen\r\nBcc: x@evil.example", "Jürgen Bcc: x@evil.example"),
        ("Jürgen\u202e ßorG", "Jürgen ßorG"),
        ("Jür\u00adgen\u200b Groß\ufeff", "Jürgen Groß"),
        ("Jürgen\u2028Groß\x00", "Jürgen Groß"),
        ("  Jürgen \u200b  Groß\t", "Jürgen Groß"),
        ("Jürgen\u00a0Groß", "Jürgen Groß"),
        ("Łukasz Ørsted 小林", "Łukasz Ørsted 小林"),
    ],
)
def test_control_and_bidi_characters_leave_names(given_name: str, shown: str) -> None:
    assert one_line(given_name) == shown
    assert f"\nGuten Tag {shown},\n" in hostile(given_name)[0]


@pytest.mark.parametrize(
    "number",
    [
        "RE-1\r\nBcc: x@evil.example",
        "RE-1\n",
        "RE-\u202e1",
        "RE-\u20661",
        "RE-1\x00",
        "RE\u20281",
        "RE-1\x7f",
        "",
        " ",
    ],
)
def test_an_invoice_number_with_control_characters_is_refused(number: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        render_notice(notice_at(Template.REMINDER, invoice_number=number), lindgruen(), AGENCY)
    assert "evil" not in str(refused.value)


def test_a_subject_longer_than_150_signs_is_refused() -> None:
    longest = "R" * (150 - len("Ihre Rechnung "))
    notice = notice_at(Template.REMINDER, invoice_number=longest)
    assert len(render_notice(notice, lindgruen(), AGENCY).subject) == 150
    with pytest.raises(RuleViolation, match="too long"):
        render_notice(notice_at(Template.REMINDER, invoice_number=longest + "R"), lindgruen(), AGENCY)


@given(text=st.text(min_size=1, max_size=60).filter(one_line))
@example(":")
@example("Bankverbindung")
def test_any_text_in_any_place_renders_whole_and_in_one_line(text: str) -> None:
    shown, page = hostile(text)
    assert f"\nGuten Tag {one_line(text)},\n" in shown
    assert {element.tag for element in found(page, "//*")} <= ELEMENTS
    assert all(sign.isprintable() or sign == "\n" for sign in shown)


@pytest.mark.parametrize("template", Template)
def test_the_creditors_account_is_the_only_one(template: Template) -> None:
    rendered = render_notice(notice_at(template), lindgruen(iban="DE02 1203 0000 0000 2020 51"), AGENCY)
    for said in (rendered.text, visible_text(rendered.html)):
        assert set(re.findall(r"\bDE\d\d(?: \d{4}){4} \d\d\b", said)) == {"DE02 1203 0000 0000 2020 51"}
        assert "BYLADEM1001" in said
