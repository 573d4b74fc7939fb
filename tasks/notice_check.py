"""Whether a rendered notice may leave: it says all that its level must say, and nothing that no notice may say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape

from dunning.notice import Notice
from tasks.creditor import Creditor
from tasks.notice_elements import interest_elements, interest_headings, required_elements, sum_elements
from tasks.notice_words import Fact, language_of, notice_words, words_of_others

_FORBIDDEN = re.compile(
    r"schufa|auskunftei|bonität|credit (?:agency|bureau|rating|report|score)"
    r"|pfänd|vollstreck|gerichtsvollzieher|zwangs|bailiff|enforce|seizure"
    r"|mahnbescheid|klage|klagt|gerichtlich|\bgericht\b|(?<!register )court|lawsuit|\bsue\b"
    r"|strafanzeige|strafantrag|strafbar|polizei|criminal|police"
    r"|rabatt|angebot|newsletter|gutschein|discount|voucher|coupon|\boffer"
    r"|mwst|mehrwertsteuer|umsatzsteuer|\bust\b(?!-id)|\bvat\b(?! id)"
)
"""Small letters. Bureaus and criminal law are no means of pressure (§ 4a UWG, BGH I ZR 157/13), bailiffs and courts
need a title or a plan of that kind, advertising has no place in dunning (§ 7 UWG), and damages bear no VAT."""


@dataclass(frozen=True, slots=True)
class RenderedNotice:
    """What is sent. `template_version` tells which words it was made of."""

    subject: str
    text: str
    html: str
    template_version: str


def check_notice(rendered: RenderedNotice, notice: Notice, creditor: Creditor, agency_name: str) -> tuple[str, ...]:
    """What is wrong with it, in text or HTML: names of the required elements that it lacks, and `forbidden:` words.

    Empty when it may leave. The words of others, such as the name of the goods, are never forbidden.
    """
    words = notice_words(notice, creditor, agency_name)
    readings = (_flat(rendered.text), visible_text(rendered.html))
    needed = required_elements(notice, words)
    wrong = [name for name, said in needed.items() if not all(said.strip() and said in text for text in readings)]
    sums = sum_elements(notice, words)
    wrong += [name for name, said in sums.items() if not all(said in _without_colons(text) for text in readings)]
    if str(words["invoice_number"]) not in rendered.subject:
        wrong.append("subject")
    wrong += _interest_missing(notice, words, readings)
    wrong += _forbidden(rendered, words_of_others(notice, creditor, agency_name))
    return tuple(wrong)


def _interest_missing(notice: Notice, words: dict[str, Fact], readings: Iterable[str]) -> list[str]:
    """Elements that the statement of interest lacks; an amount that is listed twice must stand there twice."""
    start, end = interest_headings(language_of(notice))
    sections = [text.partition(start)[2].partition(end)[0] for text in readings]
    needed = interest_elements(notice, words)
    says = list(needed.values())
    return [name for name, said in needed.items() if any(text.count(said) < says.count(said) for text in sections)]


def _forbidden(rendered: RenderedNotice, others: frozenset[str]) -> list[str]:
    """Forbidden words of ours, each once."""
    known = sorted((re.escape(_flat(words).strip()) for words in others if words.strip()), key=len, reverse=True)
    theirs = re.compile(rf"(?<!\w)(?:{'|'.join(known)})(?!\w)")
    readings = (_flat(rendered.subject), _flat(rendered.text), visible_text(rendered.html))
    ours = " | ".join(theirs.sub("|", text) for text in readings).casefold()
    return list(dict.fromkeys(f"forbidden:{word}" for word in _FORBIDDEN.findall(ours)))


def visible_text(html: str) -> str:
    """What a reader sees of a page of ours, with single blanks."""
    body = html.partition("<body")[2].partition(">")[2]
    return _flat(unescape(re.sub(r"<[^>]*>", " ", body)))


def _flat(text: str) -> str:
    return f" {' '.join(text.split())} "


def _without_colons(text: str) -> str:
    """Plain text writes `label: value` where a table has two cells."""
    return text.replace(": ", " ")
