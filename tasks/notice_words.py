"""What the templates see of a notice: flat, finished strings with the creditor's particulars beside them.

No amount, date or name is formatted anywhere else. Text of customers loses its control and bidi characters.
"""

import re
import textwrap

from babel import Locale

from dunning.costs import LUMP_SUM_CENTS
from dunning.errors import RuleViolation
from dunning.ledger import PRINCIPAL_KINDS, Line, LineKind
from dunning.notice import Notice
from tasks.creditor import Creditor, form_key
from tasks.figures import LANGUAGES, amount_text, day_text, weekday_text
from tasks.interest_words import interest_words

_GOODS_LENGTH = 120

_MONEY_IN = frozenset({LineKind.PAYMENT, LineKind.RETURNED_PAYMENT})

Row = tuple[str, str, str, str]
"""One line of the statement: kind, day, amount, note."""
Fact = str | bool | tuple[tuple[str, ...], ...]
CREDITED_LUMP_SUM = "lump_sum_credited"
"""Kind of a line that lowers the lump sum: a later letter's cost is inside it (§ 288 (5) sentence 3 BGB)."""


def language_of(notice: Notice) -> str:
    """The addressee's language, or German where we have no words in it."""
    return notice.addressee.language if notice.addressee.language in LANGUAGES else "de"


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
        **_sum_words(notice, language),
        **interest_words(notice, language),
        **_addressee_words(notice, creditor, language),
        **_creditor_words(notice, creditor, language),
    }


def words_of_others(notice: Notice, creditor: Creditor, agency_name: str) -> frozenset[str]:
    """What a notice repeats and nobody of ours worded: names, addresses, numbers, goods, texts of papers."""
    language = language_of(notice)
    claim = _claim_words(notice, language)
    facts = (
        *_addressee_words(notice, creditor, language).values(),
        *_creditor_words(notice, creditor, language).values(),
        *(claim[name] for name in ("invoice_number", "order_number", "goods")),
        *(one_line(line.note) for line in notice.amounts.lines if line.kind in PRINCIPAL_KINDS),
        one_line(agency_name),
    )
    return frozenset(fact for fact in facts if isinstance(fact, str) and fact)


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


def _sum_words(notice: Notice, language: str) -> dict[str, Fact]:
    """The three sums, empty where the principal is all there is; and what of the payments went elsewhere."""
    amounts, currency = notice.amounts, notice.currency
    has_side_costs = any(line.kind not in PRINCIPAL_KINDS for line in amounts.lines)
    sums = {
        "principal": amounts.principal_cents,
        "interest": amounts.interest_cents,
        "side_costs": amounts.fees_cents,
    }
    paid = {"paid_side_costs": amounts.paid_to_costs_cents, "paid_interest": amounts.paid_to_interest_cents}
    has_lump_sum = any(line.kind is LineKind.LUMP_SUM for line in amounts.lines)
    return {
        **{name: amount_text(cents, currency, language) if has_side_costs else "" for name, cents in sums.items()},
        **{name: amount_text(cents, currency, language) if any(paid.values()) else "" for name, cents in paid.items()},
        "lump_sum": amount_text(LUMP_SUM_CENTS, currency, language) if has_lump_sum else "",
    }


def _rows(notice: Notice, language: str) -> tuple[Row, ...]:
    return tuple(
        (
            _kind(line),
            day_text(line.on, language),
            amount_text(line.cents, notice.currency, language),
            one_line(line.note),
        )
        for line in notice.amounts.lines
    )


def _kind(line: Line) -> str:
    return CREDITED_LUMP_SUM if line.kind is LineKind.LUMP_SUM and line.cents < 0 else line.kind.value


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
