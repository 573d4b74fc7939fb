"""A notice put into words: subject, plain text and HTML from the templates under `templates/`.

Templates are compiled once, in a sandbox, and see finished strings only (`tasks/notice_words.py`). The bank
account comes from the creditor's settings alone. Nothing leaves that `check_notice` finds incomplete.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path

from css_inline import CSSInliner
from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dunning.errors import RuleViolation, SettingsInvalid
from dunning.notice import Notice
from dunning.notice import Template as Level
from tasks.creditor import Creditor
from tasks.notice_words import Fact, amount_text, language_of, notice_words

TEMPLATES = Path(__file__).parents[1] / "templates"
SUBJECT_LENGTH = 150
_INLINER = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

_ALWAYS = (
    "sender",
    "sender_street",
    "sender_city",
    "legal_form",
    "seat",
    "email",
    "phone",
    "hours",
    "privacy_url",
    "account_holder",
    "iban",
    "bic",
    "name",
    "written_on",
    "invoice_number",
    "issued_on",
    "due_on",
    "payments_until",
    "total",
)
_WHERE_GIVEN = (
    "register_court",
    "register_number",
    "directors",
    "vat_id",
    "bank_name",
    "customer_number",
    "street",
    "street_2",
    "city",
    "country",
    "order_number",
    "order_on",
    "delivered_on",
    "goods",
    "pay_until",
)
_SENTENCES = {
    "de": {
        "crossed": "überschnitten",
        "objection": "Einwendung",
        "objection_stops": "ruht das Mahnverfahren",
        "account_to_compare": "vergleichen Sie diese Bankverbindung mit der auf Ihrer Rechnung",
        "account_never_changed_by_mail": "nie per E-Mail",
        "data_protection": "Datenschutz",
        "instalments": "Raten",
        "agency": "Inkassounternehmen",
    },
    "en": {
        "crossed": "have crossed",
        "objection": "objection",
        "objection_stops": "dunning procedure is paused",
        "account_to_compare": "compare these bank details with those on your invoice",
        "account_never_changed_by_mail": "never change our bank details by e-mail",
        "data_protection": "Data protection",
        "instalments": "instalments",
        "agency": "collection agency",
    },
}
"""Words by which a sentence that must stand in a notice is recognised; who rewords a template keeps them."""
_NOT_IN = {
    "instalments": frozenset({Level.REMINDER}),
    "agency": frozenset({Level.REMINDER, Level.SECOND_NOTICE}),
}


@dataclass(frozen=True, slots=True)
class RenderedNotice:
    """What is sent. `template_version` tells which words it was made of."""

    subject: str
    text: str
    html: str
    template_version: str


@dataclass(frozen=True, slots=True)
class _Letter:
    """The compiled templates of one level in one language."""

    subject: Template
    text: Template
    html: Template


def render_notice(notice: Notice, creditor: Creditor, agency_name: str) -> RenderedNotice:
    """Put a notice into its addressee's language where we have it, else into German.

    Raises SettingsInvalid while the creditor (for a final warning also the agency's name) is not set,
    RuleViolation where the invoice number does not fit a subject or a required element is missing.
    """
    no_agency = notice.template is Level.FINAL_WARNING and not agency_name
    if lacking := (*creditor.missing(), *(["MAHNLAUF_AGENCY_NAME"] if no_agency else [])):
        raise SettingsInvalid(f"This notice needs {', '.join(lacking)}.", "Set what is missing.")
    language, words = language_of(notice), notice_words(notice, creditor, agency_name)
    letter = _letter(language, notice.template)
    subject = letter.subject.render(words).strip()
    if len(subject) > SUBJECT_LENGTH or not subject.isprintable():
        raise RuleViolation("A notice's subject is too long or has a control character.")
    text = re.sub(r"\n{3,}", "\n\n", letter.text.render(words)).strip() + "\n"
    html = _INLINER.inline(letter.html.render(words, subject_line=subject))
    rendered = RenderedNotice(subject, text, html, template_version(language))
    if missing := check_notice(rendered, notice, creditor, agency_name):
        raise RuleViolation(f"A notice of level {notice.level} lacks {', '.join(missing)}.")
    return rendered


def check_notice(rendered: RenderedNotice, notice: Notice, creditor: Creditor, agency_name: str) -> tuple[str, ...]:
    """Names of the required elements that the text or the HTML lacks; empty when the notice is complete."""
    words = notice_words(notice, creditor, agency_name)
    text, page = _flat(rendered.text), visible_text(rendered.html)
    needed = _required(notice, words)
    lacking = [name for name, said in needed.items() if not (said.strip() and said in text and said in page)]
    if str(words["invoice_number"]) not in rendered.subject:
        lacking.append("subject")
    return tuple(lacking)


def _required(notice: Notice, words: dict[str, Fact]) -> dict[str, str]:
    """Element -> what must be read of it.

    An amount counts from its first sign on: `19,00 €` is not found in `119,00 €`.
    """
    language, level = language_of(notice), notice.template
    needed = {name: str(words[name]) for name in _ALWAYS}
    needed |= {name: str(words[name]) for name in _WHERE_GIVEN if words[name]}
    needed |= {"total": f" {words['total']}"}
    for place, line in enumerate(notice.amounts.lines, start=1):
        needed[f"line_{place}"] = f" {amount_text(line.cents, notice.currency, language)}"
    sentences = _SENTENCES[language]
    needed |= {name: said for name, said in sentences.items() if level not in _NOT_IN.get(name, ())}
    if level is Level.FINAL_WARNING:
        needed |= {name: str(words[name]) for name in ("agency_name", "pay_until")}
        if notice.agency_cost_cents:
            needed["agency_cost"] = f" {words['agency_cost']}"
    return needed


def visible_text(html: str) -> str:
    """What a reader sees of a page of ours, with single blanks."""
    body = html.partition("<body")[2].partition(">")[2]
    return _flat(unescape(re.sub(r"<[^>]*>", " ", body)))


def _flat(text: str) -> str:
    return f" {' '.join(text.split())} "


@cache
def template_version(language: str) -> str:
    """Twelve hex digits that change with any word or layout of that language."""
    files = (TEMPLATES / "base.html.j2", *sorted((TEMPLATES / language).rglob("*.j2")))
    seen = hashlib.sha256()
    for file in files:
        seen.update(f"{file.relative_to(TEMPLATES)}\0".encode() + file.read_bytes() + b"\0")
    return seen.hexdigest()[:12]


@cache
def _letter(language: str, level: Level) -> _Letter:
    folder, plain, page = f"{language}/{level}", sandbox(escape=False), sandbox(escape=True)
    return _Letter(
        subject=plain.get_template(f"{folder}/subject.txt.j2"),
        text=plain.get_template(f"{folder}/body.txt.j2"),
        html=page.get_template(f"{folder}/body.html.j2"),
    )


@cache
def sandbox(*, escape: bool) -> ImmutableSandboxedEnvironment:
    """Where templates live: no globals, nothing to call or change, and a mistyped name is an error."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.globals.clear()
    return environment
