"""When an invoice falls due (Fälligkeit), read from the words of its payment terms (BT-20).

Only what is said plainly counts. Two different net periods, working days, a period from some other event:
no day is derived and the shop's setting decides. A discount (Skonto) never shortens the term.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from dunning.facts import DueBasis

MAX_TERM_DAYS = 365
"""A longer period is a misread."""

_NUMBERS = {
    "einer": 1, "zwei": 2, "drei": 3, "vier": 4, "sechs": 6, "sieben": 7, "acht": 8, "zehn": 10,
    "vierzehn": 14, "einundzwanzig": 21, "dreißig": 30, "dreissig": 30, "sechzig": 60,
    "seven": 7, "ten": 10, "fourteen": 14, "thirty": 30, "sixty": 60,
}  # fmt: skip
_MONTHS = {
    "januar": 1, "january": 1, "februar": 2, "february": 2, "märz": 3, "maerz": 3, "march": 3, "april": 4,
    "mai": 5, "may": 5, "juni": 6, "june": 6, "juli": 7, "july": 7, "august": 8, "september": 9,
    "oktober": 10, "october": 10, "november": 11, "dezember": 12, "december": 12,
}  # fmt: skip

_STRUCTURED = re.compile(
    r"^[ \t]*#(SKONTO|VERZUG)#TAGE=(\d{1,3})#PROZENT=(\d{1,3}(?:\.\d+)?)#.*$", re.MULTILINE | re.IGNORECASE
)
_CLAUSES = re.compile(r"[;\n]|,(?!\d)|(?<!\d)\.(?=\s|$)|(?<=\d{4})\.(?=\s|$)|\b(?:oder|or|bzw)\b")
_DISCOUNT = re.compile(r"skonto|rabatt|nachlass|nachlaß|discount|abzüglich|prozent|percent|\d\s*%")
_NO_DISCOUNT = re.compile(
    r"ohne\s+(?:jeden\s+|jeglichen\s+)?(?:abzug|skonto)|kein(?:en)?\s+skonto"
    r"|without\s+(?:any\s+)?(?:discount|deduction)|no\s+discount|zins|\bmwst|\bust\b|umsatzsteuer|\bvat\b"
)
_OTHER_EVENT = re.compile(
    r"nach\s+fälligkeit|verzug|verzinst|mahn|widerruf|rückgabe|umtausch|reklam|beanstand"
    r"|after\s+(?:the\s+)?due|default|remind|complain|return"
)
_CUE = re.compile(
    r"\b(?:innerhalb|innert|binnen|in|zahlbar|zahlungsziel|ziel|zahlung|zahlungen|netto|net|fällig|rein|within"
    r"|due|payable|payment|zahlungsfrist|frist|abzug|zahlen)\b|überweis|begleich"
)
_COUNT = r"(\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_DAYS = re.compile(rf"(?<![\d/.,]){_COUNT}\s*-?\s*(?:kalender|calendar\s)?(tage?n?|days?|wochen?|weeks?)\b")
_NET_DAYS = re.compile(r"\bnet(?:to)?\s+(\d{1,3})\b(?!\s*(?:%|[.,]\d|eur|€))")
_NET = re.compile(r"\bnetto\b|\bnet\b|ohne\s+(?:jeden\s+)?abzug")
_UNTIL = r"(?:bis|spätestens|fällig|zahlbar|zahlungsziel|fälligkeit|due|payable|by|until|before)"
_DAY = (
    r"(?:(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})|(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.?\s*("
    + "|".join(_MONTHS)
    + r")\s+(\d{4}))"
)
_UNTIL_DAY = re.compile(
    rf"\b{_UNTIL}\b(?:\s*:)?(?:\s+(?:zum|am|den|dem|ist|is|on|by|spätestens|einschließlich))*\s+{_DAY}"
)
_DEBIT_DAY = re.compile(rf"\b(?:am|zum|on)\s+{_DAY}.*(?:eingezogen|einziehen|abgebucht|abbuchen|lastschrift|debit)")
_ONLY_DAY = re.compile(rf"\s*{_DAY}\s*")
_AT_ONCE = re.compile(
    r"\bsofort|\bunverzüglich|\bumgehend|\bimmediate|(?:upon|on)\s+receipt"
    r"|nach\s+erhalt\s+(?:der\s+rechnung\s+)?(?:fällig|zahlbar)"
)

_CITES_286_3 = re.compile(r"286\s*(?:abs\.?|absatz|\()\s*3|286\s+iii\b")
_THIRTY_DAYS = re.compile(
    r"(?:30|dreißig|dreissig)\s*tagen?\s+nach\s+(?:fälligkeit\s+und\s+)?(?:zugang|erhalt|fälligkeit)"
)


def due_date(document_on: date | None, terms: str, issued_on: date, payment_term_days: int) -> tuple[date, DueBasis]:
    """The due date and where it comes from.

    The document's day, else its terms, else the shop's payment term.
    """
    if document_on is not None:
        return document_on, DueBasis.DOCUMENT
    if (day := due_from_terms(terms, issued_on)) is not None:
        return day, DueBasis.TERMS
    return issued_on + timedelta(days=payment_term_days), DueBasis.SETTING


def due_from_terms(terms: str, issued_on: date) -> date | None:
    """The one day that the terms name, or None where they name none, several, or one before the invoice."""
    lowered = terms.lower().strip()
    clauses = list(_net_clauses(_STRUCTURED.sub("", lowered)))
    for days in (
        {day for clause in clauses for day in _named_days(clause)},
        {issued_on + timedelta(days=count) for count in _periods(clauses) | _free_of_discount(lowered)},
        {issued_on for clause in clauses if _AT_ONCE.search(clause)},
    ):
        if days:
            return days.pop() if len(days) == 1 and min(days) >= issued_on else None
    return None


def carries_notice_286_3(document_text: str) -> bool:
    """True if the text says that default comes 30 days after due date and receipt, § 286 (3) BGB."""
    lowered = " ".join(document_text.lower().split())
    if _CITES_286_3.search(lowered):
        return True
    return "verzug" in lowered and _THIRTY_DAYS.search(lowered) is not None


def _free_of_discount(lowered: str) -> set[int]:
    """The net period in the structured form of XRechnung: a discount of 0 per cent is the term itself."""
    lines = _STRUCTURED.findall(lowered)
    return {int(days) for kind, days, rate in lines if kind == "skonto" and not rate.strip("0.")}


def _net_clauses(lowered: str) -> Iterator[str]:
    """The clauses that speak of the full amount.

    "2 % Skonto" without a period of its own speaks of the period beside it ("bei Zahlung binnen 14 Tagen, 2 %
    Skonto"), unless that one calls itself net.
    """
    clauses = [clause.strip() for clause in _CLAUSES.split(lowered) if clause.strip()]
    discounts = [bool(_DISCOUNT.search(clause)) and not _NO_DISCOUNT.search(clause) for clause in clauses]
    taken = set()
    for place, clause in enumerate(clauses):
        if not discounts[place] or _DAYS.search(clause) or _UNTIL_DAY.search(clause):
            continue
        beside = [at for at in (place - 1, place + 1) if 0 <= at < len(clauses) and not discounts[at]]
        taken.update([at for at in beside if _DAYS.search(clauses[at]) and not _NET.search(clauses[at])][:1])
    for place, clause in enumerate(clauses):
        if not discounts[place] and place not in taken and not _OTHER_EVENT.search(clause):
            yield clause


def _periods(clauses: list[str]) -> set[int]:
    found = set()
    for clause in clauses:
        for match in _DAYS.finditer(clause):
            if _CUE.search(clause) or match[0] == clause:
                count = _NUMBERS.get(match[1]) or int(match[1])
                found.add(count * 7 if match[2].startswith("w") else count)
        found.update(int(match[1]) for match in _NET_DAYS.finditer(clause))
    return {count for count in found if count <= MAX_TERM_DAYS}


def _named_days(clause: str) -> Iterator[date]:
    for pattern in (_UNTIL_DAY, _DEBIT_DAY, _ONLY_DAY):
        match = pattern.fullmatch(clause) if pattern is _ONLY_DAY else pattern.search(clause)
        if match is not None and (day := _calendar_day(match.groups())) is not None:
            yield day


def _calendar_day(parts: tuple[str | None, ...]) -> date | None:
    day_1, month_1, year_1, year_2, month_2, day_2, day_3, month_3, year_3 = parts
    month = _MONTHS[month_3] if month_3 else int(month_1 or month_2 or 0)
    try:
        return date(int(year_1 or year_2 or year_3 or 0), month, int(day_1 or day_2 or day_3 or 0))
    except ValueError:
        return None
