"""How payers write invoice numbers: RE-2026-1042 also comes as "re20261042" or "RE 2026/1042".

A text is cut into runs of letters and runs of digits. Neighbouring runs form a passage; its key (letters and
digits only, upper case) is looked up among the keys of known numbers. A run is never cut, so RE-2026-123 is
not found in RE-2026-1234, although one key begins with the other.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_RUN = re.compile(r"[A-Z]+|[0-9]+|[^\W_]")
"""A run of letters, one of digits, or any other letter or digit, which is part of no number."""
_SEPARATOR = re.compile(r"[\s/._:#\-‐‑‒–—−]{0,4}")
"""What may stand between the runs of one number."""
_GLUE = re.compile(r"[,/._\-‐‑‒–—−]*")
"""What ties a further digit to a number, as in RE-2026-1042/2."""
_GERMAN_DATE = re.compile(r"(?<!\d)(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.((19|20)?\d\d)?(?!\d)")
_INVOICE_WORD = re.compile(
    r"RE|RG|RNR|RENR|RGNR|RECH|RECHN|RECHNUNG(S|EN)?(NR|NUMMER)?|INV|INVOICE|FAKTURA|BELEG(NR|NUMMER)?"
)
_CUSTOMER_WORD = re.compile(r"KD|KDNR|KUNDEN?(NR|NUMMER)?")
_OTHER_WORD = re.compile(
    rf"{_CUSTOMER_WORD.pattern}|KTO|KONTO(NR|NUMMER)?|BLZ|PLZ|D|TEL|TELEFON|FON|MOBIL|HANDY|FAX|ORDER"
    r"|BEST|BESTELL(UNG|NR|NUMMER)?|AUFTRAGS?(NR|NUMMER)?|MANDATS?(REF|REFERENZ)?|VERTRAGS?(NR|NUMMER)?"
)
_TITLES = frozenset({"HERR", "FRAU", "FAMILIE", "DR", "PROF"})
_NUMBER_WORDS = frozenset({"NR", "NO", "NUMMER"})


def fold(text: str) -> str:
    """Upper case without accents; what is not A-Z or 0-9 then stays as it is."""
    decomposed = unicodedata.normalize("NFKD", text.upper())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def key_of(text: str) -> str:
    """Only the letters A-Z and digits of a text, upper case."""
    return re.sub(r"[^A-Z0-9]", "", fold(text))


def breaks_of(number: str) -> frozenset[int]:
    """The places within a number's key where a payer may write or leave out a separator."""
    places, length = set(), 0
    for run in _RUN.findall(fold(number)):
        places.add(length)
        length += len(run) if run.isascii() else 0
    return frozenset(places)


def last_digits_of(number: str) -> str:
    """The last run of digits of a number: 1042 of RE-2026-1042. Empty for none."""
    runs = re.findall(r"[0-9]+", fold(number))
    return runs[-1] if runs else ""


@lru_cache(maxsize=1024)
def words_of(name: str) -> frozenset[str]:
    """The words of a person's or company's name without titles, where Müller, Mueller and Muller are one."""
    return frozenset(re.sub(r"([AOU])E", r"\1", word) for word in re.findall(r"\w+", fold(name))) - _TITLES


def one_digit_off(key: str) -> Iterator[str]:
    """The keys that differ by one digit wrong, missing or too many, or by two neighbours swapped.

    Nothing for keys of fewer than four digits, of which too many differ by one.
    """
    if sum(map(str.isdigit, key)) < 4:
        return
    for place in range(len(key) + 1):
        before, after = key[:place], key[place:]
        yield from (before + digit + after for digit in "0123456789")
        if after[:1].isdigit():
            yield from (before + digit + after[1:] for digit in "0123456789" if digit != after[0])
            yield before + after[1:]
        if len(after) > 1 and after[0] != after[1]:
            yield before + after[1] + after[0] + after[2:]


def has_check_digits(key: str) -> bool:
    """Whether a key is a creditor reference with right check digits (ISO 11649: RF, modulo 97)."""
    if not re.fullmatch(r"RF[0-9]{2}[A-Z0-9]{1,21}", key):
        return False
    return int("".join(str(int(char, 36)) for char in key[4:] + key[:4])) % 97 == 1


@dataclass(frozen=True, slots=True)
class _Run:
    text: str
    start: int
    end: int

    @property
    def is_digits(self) -> bool:
        return self.text.isascii() and self.text.isdigit()

    @property
    def is_lone(self) -> bool:
        """A single letter, or a character of another script: tied to a number, it makes another number."""
        return not self.is_digits and len(self.text) == 1


@dataclass(frozen=True, slots=True)
class PaymentText:
    """One field of a bank entry, cut into runs. German dates (15.10.2026) are blanked out before."""

    text: str
    runs: tuple[_Run, ...]
    by_payer: bool
    """The payer's own system filled it (end-to-end id): its bare digits number the payer's payments."""

    @classmethod
    def of(cls, text: str, *, by_payer: bool = False) -> "PaymentText":
        folded = _GERMAN_DATE.sub(lambda found: " " * len(found[0]), fold(text))
        runs = tuple(_Run(found[0], *found.span()) for found in _RUN.finditer(folded))
        return cls(folded, runs, by_payer)

    def passages(self, longest: int) -> Iterator["Passage"]:
        """Every passage whose key is at most `longest` characters long."""
        for first in range(len(self.runs)):
            yield from self.passages_from(first, longest)

    def passages_from(self, first: int, longest: int) -> Iterator["Passage"]:
        """The passages that begin with the run `first`."""
        key, breaks = "", set[int]()
        for last in range(first, len(self.runs)):
            if last > first and (gap := self.gap(last)):
                if not _SEPARATOR.fullmatch(gap):
                    return
                breaks.add(len(key))
            key += self.runs[last].text
            if len(key) > longest or not key.isascii():
                return
            yield Passage(self, key, frozenset(breaks), first, last)

    def gap(self, run: int) -> str:
        """What stands between a run and the one before it."""
        return self.text[self.runs[run - 1].end : self.runs[run].start]


@dataclass(frozen=True, slots=True)
class Passage:
    """Some neighbouring runs of a text, which may spell an invoice number."""

    within: PaymentText
    key: str
    breaks: frozenset[int]
    """Where in the key the text has a separator."""
    first: int
    last: int

    @property
    def is_small_number(self) -> bool:
        """Up to four digits and nothing else: a day, a year, a quantity, a part of anything."""
        return len(self.key) < 5 and self.key.isdigit()

    @property
    def ends_text(self) -> bool:
        """Whether nothing comes after it; a date does, though it was blanked out."""
        return len(self.within.text) - self.within.runs[self.last].end < 3 and self.last + 1 == len(self.within.runs)

    @property
    def is_customer_number(self) -> bool:
        """Whether the word before says so: "Kd.Nr. 10417"."""
        return bool(_CUSTOMER_WORD.fullmatch(self._word_before()))

    @property
    def is_fraction(self) -> bool:
        """Whether digits follow after a comma: an amount."""
        return bool(re.match(r",\d", self.within.text[self.within.runs[self.last].end :]))

    def is_inside(self, other: "Passage") -> bool:
        """Whether it is a true part of a longer passage of the same text."""
        return (
            self.within is other.within
            and (self.first, self.last) != (other.first, other.last)
            and other.first <= self.first
            and self.last <= other.last
        )

    def digits_after(self, connector: re.Pattern[str]) -> Iterator["Passage"]:
        """Shorter passages of digits only, after this one and a connector; no amounts."""
        text, runs = self.within.text, self.within.runs
        found = connector.match(text, runs[self.last].end)
        for first in range(self.last + 1, len(runs)):
            if found and runs[first].start == found.end():
                for passage in self.within.passages_from(first, len(self.key) - 1):
                    if len(passage.key) > 1 and passage.key.isdigit() and not passage.is_fraction:
                        yield passage

    def spells(self, breaks: frozenset[int]) -> bool:
        """Whether it certainly writes the number that has its key and these breaks, and no longer one.

        A blank within a run ("RE-2026-10 42") may be a line's end or the gap before the next word: a doubt,
        but for check digits.
        """
        if has_check_digits(self.key):
            return True
        return self.breaks <= breaks and not self._goes_on() and self._is_unmistakable()

    def _goes_on(self) -> bool:
        """Whether a digit or a lone letter is tied to either end: RE-2026-1042/2, S-RE-2026-1042."""
        runs = self.within.runs
        if self.last + 1 < len(runs) and _GLUE.fullmatch(self.within.gap(self.last + 1)):
            after = runs[self.last + 1]
            if after.is_digits or after.is_lone:
                return True
        if self.first == 0 or not _GLUE.fullmatch(self.within.gap(self.first)):
            return False
        before = runs[self.first - 1]
        return before.is_lone or (before.is_digits and runs[self.first].is_digits)

    def _is_unmistakable(self) -> bool:
        """Whether the key can hardly be a phone number, postal code, date, account, amount or plain word."""
        only_digits = self.key.isdigit()
        if not only_digits and len(self.key) >= 5:
            return True
        if self.is_small_number:
            return False
        word = self._word_before()
        if _INVOICE_WORD.fullmatch(word):
            return True
        if self.within.by_payer:
            return False
        if self.first == 0 and self.last == len(self.within.runs) - 1:
            return True
        return only_digits and not _OTHER_WORD.fullmatch(word) and self._stands_alone()

    def _word_before(self) -> str:
        """The word that says what the passage is; "Nr." and the like are passed over. Empty for none."""
        for run in range(self.first, 0, -1):
            word = self.within.runs[run - 1].text
            if not word.isalpha() or not _SEPARATOR.fullmatch(self.within.gap(run)):
                return ""
            if word not in _NUMBER_WORDS:
                return word
        return ""

    def _stands_alone(self) -> bool:
        """Whether bare digits stand between blanks, no digits near, and are no postal code and no date."""
        text, runs = self.within.text, self.within.runs
        start, end = runs[self.first].start, runs[self.last].end
        if len(self.key) < 6 or _reads_as_date(self.key) or re.search(r"\s", text[start:end]):
            return False
        before, after = text[:start], text[end:]
        return not (re.search(r"\d\s{1,3}$|[^\s(]$", before) or re.match(r"\s{1,3}\d|[^\s,;.)]", after))


def _reads_as_date(digits: str) -> bool:
    """Whether digits can be 20261015, 15102026 or 151026."""
    if len(digits) == 8:
        return _is_date(digits[:4], digits[4:6], digits[6:]) or _is_date(digits[4:], digits[2:4], digits[:2])
    return len(digits) == 6 and _is_date("20" + digits[4:], digits[2:4], digits[:2])


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        return 1900 <= date(int(year), int(month), int(day)).year < 2100
    except ValueError:
        return False
