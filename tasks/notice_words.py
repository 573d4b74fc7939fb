"""What the templates see of a notice: flat, finished strings with the creditor's particulars beside them.

No amount, date or name is formatted anywhere else. Text of customers loses its control and bidi characters.
"""

import re
import textwrap
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency

from dunning.errors import RuleViolation
from dunning.ledger import LineKind
from dunning.notice import Notice
from tasks.creditor import Creditor, form_key

LANGUAGES = ("de", "en")
_DAY = {"de": "dd.MM.yyyy", "en": "d MMMM yyyy"}
_WEEKDAY = {"de": "EEEE, dd.MM.yyyy", "en": "EEEE, d MMMM yyyy"}
_GOODS_LENGTH = 120

_MONEY_IN = frozenset({LineKind.PAYMENT, LineKind.RETURNED_PAYMENT})

Row = tuple[str, str, str, str]
"""One line of the statement: kind, day, amount, note."""
Fact = str | bool | tuple[Row, ...]


def language_of(notice: Notice) -> str:
    """The addressee's language, or German where we have no words in it."""
    return notice.addressee.language if notice.addressee.language in LANGUAGES else "de"


@lru_cache(maxsize=4096)
def amount_text(cents: int, currency: str, language: str) -> str:
    """Exact: `1.234,56 €` in German, `€1,234.56` in English; with a plain blank, as people search for it."""
    shown = format_currency(Decimal(cents).scaleb(-2), currency, locale=language)
    return shown.replace("\N{NO-BREAK SPACE}", " ")


@lru_cache(maxsize=4096)
def day_text(day: date | None, language: str) -> str:
    """`23.11.2026` or `23 November 2026`; empty where there is no day."""
    return format_date(day, _DAY[language], locale=language) if day else ""


@lru_cache(maxsize=4096)
def weekday_text(day: date | None, language: str) -> str:
    """`Montag, 23.11.2026` or `Monday, 23 November 2026`; empty where there is no day."""
    return format_date(day, _WEEKDAY[language], locale=language) if day else ""


def one_line(text: str) -> str:
    """Customers' text without control and bidi characters; runs of blanks and line breaks are one blank."""
    return " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())


def notice_words(notice: Notice, creditor: Creditor, agency_name: str) -> dict[str, Fact]:
    """Every variable of the templates. Raises RuleViolation where a reference number is not plain text."""
    language = language_of(notice)
    return {
        "language": language,
        "agency_name": one_line(agency_name),
        **_claim_words(notice, language),
        **_addressee_words(notice, creditor, language),
        **_creditor_words(notice, creditor, language),
    }


def _claim_words(notice: Notice, language: str) -> dict[str, Fact]:
    cost = notice.agency_cost_cents
    return {
        "written_on": day_text(notice.written_on, language),
        "pay_until": weekday_text(notice.pay_until, language),
        "payments_until": day_text(notice.payments_until, language),
        "invoice_number": _number(notice.invoice_number),
        "issued_on": day_text(notice.issued_on, language),
        "due_on": day_text(notice.due_on, language),
        "order_number": one_line(notice.order_number),
        "order_on": day_text(notice.order_on, language),
        "delivered_on": day_text(notice.delivered_on, language),
        "goods": textwrap.shorten(one_line(notice.subject), _GOODS_LENGTH, placeholder=" …"),
        "lines": _rows(notice, language),
        "part_paid": sum(line.cents for line in notice.amounts.lines if line.kind in _MONEY_IN) < 0,
        "total": amount_text(notice.amounts.total_cents, notice.currency, language),
        "agency_cost": amount_text(cost, notice.currency, language) if cost else "",
    }


def _rows(notice: Notice, language: str) -> tuple[Row, ...]:
    return tuple(
        (
            line.kind.value,
            day_text(line.on, language),
            amount_text(line.cents, notice.currency, language),
            one_line(line.note),
        )
        for line in notice.amounts.lines
    )


def _addressee_words(notice: Notice, creditor: Creditor, language: str) -> dict[str, Fact]:
    to = notice.addressee
    abroad = to.country not in {"", creditor.country}
    return {
        "name": one_line(to.name),
        "business": to.business,
        "customer_number": one_line(to.customer_number),
        "street": one_line(to.street),
        "street_2": one_line(to.street_2),
        "city": one_line(f"{to.postal_code} {to.city}"),
        "country": _country(to.country, language) if abroad else "",
    }


def _creditor_words(notice: Notice, creditor: Creditor, language: str) -> dict[str, Fact]:
    abroad = notice.addressee.country not in {"", creditor.country}
    city = f"{creditor.postal_code} {creditor.city}"
    return {
        "sender": creditor.full_name,
        "sender_street": creditor.street,
        "sender_city": f"{city}, {_country(creditor.country, language)}" if abroad else city,
        "legal_form": creditor.legal_form,
        "legal_form_key": form_key(creditor.legal_form),
        "in_liquidation": bool(re.search(r"\bi\.\s?l\.?$", creditor.legal_form.casefold())),
        "seat": creditor.city,
        "register_court": creditor.register_court,
        "register_number": creditor.register_number,
        "directors": creditor.managing_directors,
        "vat_id": creditor.vat_id,
        "account_holder": creditor.account_holder,
        "iban": " ".join(textwrap.wrap(creditor.iban, 4)),
        "bic": creditor.bic,
        "bank_name": creditor.bank_name,
        "email": creditor.email,
        "phone": creditor.phone,
        "phone_digits": re.sub(r"\(0\)|[^+0-9]", "", creditor.phone),
        "hours": creditor.hours,
        "website": creditor.website,
        "privacy_url": creditor.privacy_url,
    }


def _country(code: str, language: str) -> str:
    return str(Locale(language).territories.get(code, one_line(code)))


def _number(number: str) -> str:
    """Refused, not mended: it is the payment reference, and stands in the subject."""
    if not number.strip() or not number.isprintable():
        raise RuleViolation("An invoice number is empty or has a control character.")
    return one_line(number)
