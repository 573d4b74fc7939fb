"""The templates themselves: complete in both languages, no mistyped names, safe, readable for everybody."""

import re
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError, meta
from jinja2.exceptions import SecurityError

from dunning.ledger import LineKind
from dunning.notice import Template
from tasks.figures import LANGUAGES
from tasks.notice_words import CREDITED_LUMP_SUM, notice_words
from tasks.render import TEMPLATES, render_notice, sandbox, template_version
from tests.effects.render.examples import AGENCY, EVERY_KIND, found, lindgruen, notice_at, somebody

FILES = sorted(TEMPLATES.rglob("*.j2"))
WORDS = notice_words(notice_at(Template.FINAL_WARNING, amounts=EVERY_KIND), lindgruen(), AGENCY)
PAGES = {
    (template, language): render_notice(
        notice_at(template, amounts=EVERY_KIND, addressee=somebody(language=language)), lindgruen(), AGENCY
    ).html
    for template in Template
    for language in LANGUAGES
}
each_page = pytest.mark.parametrize("page", PAGES.values(), ids=["-".join(key) for key in PAGES])


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(TEMPLATES)) for file in FILES])
def test_a_template_uses_known_names_only(file: Path) -> None:
    parsed = sandbox(escape=True).parse(file.read_text(encoding="utf-8"))
    assert meta.find_undeclared_variables(parsed) <= {*WORDS, "subject_line"}
    for other in meta.find_referenced_templates(parsed):
        assert other is not None
        assert sandbox(escape=True).get_template(other)


def test_every_word_we_give_is_used() -> None:
    used: set[str] = set()
    for file in FILES:
        used |= meta.find_undeclared_variables(sandbox(escape=True).parse(file.read_text(encoding="utf-8")))
    assert used == {*WORDS, "subject_line"}


def test_both_languages_have_the_same_files() -> None:
    folders = [TEMPLATES / language for language in LANGUAGES]
    german, english = ({file.relative_to(folder) for file in folder.rglob("*.j2")} for folder in folders)
    assert german == english


def test_english_files_lean_on_no_german_part() -> None:
    for file in (TEMPLATES / "en").rglob("*.j2"):
        assert '"de/' not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_line_has_its_word(language: str) -> None:
    words = sandbox(escape=False).get_template(f"{language}/parts/words.j2").module
    assert set(words.lines) == {*(kind.value for kind in LineKind), CREDITED_LUMP_SUM}  # type: ignore[attr-defined]


@pytest.mark.parametrize("escape", [True, False])
def test_a_mistyped_name_is_an_error(escape: bool) -> None:
    with pytest.raises(UndefinedError):
        sandbox(escape=escape).from_string("{{ invoice_nummer }}").render(WORDS)


@pytest.mark.parametrize(
    "source",
    [
        "{{ sender.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ sender.format.__globals__ }}",
        "{{ cycler }}",
        "{{ lipsum }}",
        "{{ joiner }}",
        "{{ namespace }}",
        "{{ range(9) }}",
        "{{ dict() }}",
    ],
)
def test_the_sandbox_gives_nothing_away(source: str) -> None:
    with pytest.raises((SecurityError, UndefinedError)):
        sandbox(escape=False).from_string(source).render(WORDS)


def test_templates_are_found_in_their_folder_only() -> None:
    with pytest.raises(TemplateNotFound):
        sandbox(escape=False).get_template("../pyproject.toml")


def test_the_version_names_the_words_of_its_language() -> None:
    german, english = template_version("de"), template_version("en")
    assert german != english
    assert re.fullmatch(r"[0-9a-f]{12}", german)
    assert render_notice(notice_at(Template.REMINDER), lindgruen(), AGENCY).template_version == german


@each_page
def test_a_page_loads_nothing_and_runs_nothing(page: str) -> None:
    assert not found(page, "//script | //img | //link | //iframe | //form | //object | //@src")
    assert "url(" not in page
    assert "@import" not in page
    assert sorted(found(page, "//@href")) == [
        "https://www.lindgruen.example/datenschutz",
        "mailto:rechnung@lindgruen.example",
        "tel:+49301234567",
    ]


@each_page
def test_a_page_is_readable_on_a_phone(page: str) -> None:
    assert found(page, "//meta[@name='viewport'][contains(@content, 'width=device-width')]")
    assert not re.search(r"(?<![-\w])width: ?\d+px", page)
    assert not found(page, "//@width")
    assert found(page, "//div[@class='sheet'][contains(@style, 'max-width')]")
    assert len(page.encode()) < 60_000


@each_page
def test_styles_are_in_the_elements(page: str) -> None:
    assert not found(page, "//th[not(@style)] | //td[not(@style)] | //h1[not(@style)] | //p[not(@style)]")
    assert all(style.text.startswith("@media") for style in found(page, "//style"))


@pytest.mark.parametrize(("template", "language"), PAGES, ids=["-".join(key) for key in PAGES])
def test_a_page_speaks_to_a_screen_reader(template: Template, language: str) -> None:
    page = PAGES[template, language]
    assert found(page, "/html/@lang") == [language]
    assert len(found(page, "//h1")) == 1
    assert not found(page, "//th[not(@scope)]")
    assert not found(page, "//table[not(.//th)]")
    assert found(page, "//title[normalize-space()]")
