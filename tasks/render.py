"""A notice put into words: subject, plain text and HTML from the templates under `templates/`.

Templates are compiled once, in a sandbox, and see finished strings only (`tasks/notice_words.py`). The bank
account comes from the creditor's settings alone. Nothing leaves that `check_notice` finds incomplete.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from css_inline import CSSInliner
from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dunning.errors import RuleViolation, SettingsInvalid
from dunning.notice import Notice
from dunning.notice import Template as Level
from tasks.creditor import Creditor
from tasks.notice_check import RenderedNotice, check_notice
from tasks.notice_words import language_of, notice_words

TEMPLATES = Path(__file__).parents[1] / "templates"
SUBJECT_LENGTH = 150
_INLINER = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True, slots=True)
class _Letter:
    """The compiled templates of one level in one language."""

    subject: Template
    text: Template
    html: Template


def render_notice(notice: Notice, creditor: Creditor, agency_name: str) -> RenderedNotice:
    """Put a notice into its addressee's language where we have it, else into German.

    Raises SettingsInvalid while the creditor (for a final warning also the agency's name) is not set,
    RuleViolation where the invoice number does not fit a subject, where nothing stands behind what is demanded, where
    a required element is missing or where the words have one that no notice may have.
    """
    no_agency = notice.template is Level.FINAL_WARNING and not agency_name
    if lacking := (*creditor.missing(), *(["MAHNLAUF_AGENCY_NAME"] if no_agency else [])):
        raise SettingsInvalid(f"This notice needs {', '.join(lacking)}.", "Set what is missing.")
    if baseless := notice.contradictions():
        raise RuleViolation(f"A notice of level {notice.level} contradicts itself: {', '.join(baseless)}.")
    language, words = language_of(notice), notice_words(notice, creditor, agency_name)
    letter = _letter(language, notice.template)
    subject = letter.subject.render(words).strip()
    if len(subject) > SUBJECT_LENGTH or not subject.isprintable():
        raise RuleViolation("A notice's subject is too long or has a control character.")
    text = re.sub(r"\n{3,}", "\n\n", letter.text.render(words)).strip() + "\n"
    html = _INLINER.inline(letter.html.render(words, subject_line=subject))
    rendered = RenderedNotice(subject, text, html, template_version(language))
    if wrong := check_notice(rendered, notice, creditor, agency_name):
        raise RuleViolation(f"A notice of level {notice.level} lacks, or must not say: {', '.join(wrong)}.")
    return rendered


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
