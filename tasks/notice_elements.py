"""What must be read in a notice of each level, element by element, to be looked for in its text and its page.

A sentence is recognised by words of its own: who rewords a template keeps them.
"""

from dunning.ledger import LineKind
from dunning.notice import Notice, Template
from tasks.figures import amount_text
from tasks.notice_words import Fact, language_of

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
_NOT_IN = {
    "instalments": frozenset({Template.REMINDER}),
    "agency": frozenset({Template.REMINDER, Template.SECOND_NOTICE}),
}
_SUMS = {
    "de": {"principal": "Hauptforderung", "interest": "Verzugszinsen", "side_costs": "Mahnkosten und Nebenkosten"},
    "en": {"principal": "Principal", "interest": "Default interest", "side_costs": "Dunning and side costs"},
}
_UP_TO = {"de": "bis zu", "en": "up to"}
_GROUNDS = {
    "de": {
        LineKind.FEE: "Papier, Druck und Porto",
        LineKind.LUMP_SUM: "§ 288 Abs. 5 BGB",
        LineKind.BANK_FEE: "Bankkosten",
    },
    "en": {
        LineKind.FEE: "paper, print and postage",
        LineKind.LUMP_SUM: "§ 288 (5) BGB",
        LineKind.BANK_FEE: "Bank charge",
    },
}
"""What a side cost is for."""
_INTEREST = {
    "de": ("So berechnen sich die Verzugszinsen", "Bankverbindung"),
    "en": ("How the default interest is worked out", "Bank details"),
}
_INTEREST_WORDS = {
    "de": {"days": "Tag", "base": "Basiszinssatz", "points": "Prozentpunkte"},
    "en": {"days": "day", "base": "base rate", "points": "percentage points"},
}
_REASONS = {
    "de": {
        "agreed_date": "vereinbarte Zahlungstermin",
        "agreed_period": "vereinbarte Zahlungsfrist",
        "notice": "nach unserer Mahnung",
        "thirty_days": "30 Tage",
        "refusal": "abgelehnt",
        "court": "zugestellt",
    },
    "en": {
        "agreed_date": "agreed payment date",
        "agreed_period": "agreed period",
        "notice": "after our notice",
        "thirty_days": "30 days",
        "refusal": "refused",
        "court": "served",
    },
}
"""Why there is default, by its route."""


def required_elements(notice: Notice, words: dict[str, Fact]) -> dict[str, str]:
    """Element -> what must be read of it.

    An amount counts from its first sign on: `19,00 €` is not found in `119,00 €`.
    """
    language, level = language_of(notice), notice.template
    needed = {name: str(words[name]) for name in _ALWAYS}
    needed |= {name: str(words[name]) for name in _WHERE_GIVEN if words[name]}
    needed |= {"total": f" {words['total']}"}
    for place, line in enumerate(notice.amounts.lines, start=1):
        needed[f"line_{place}"] = f" {amount_text(line.cents, notice.currency, language)}"
        if line.kind in _GROUNDS[language]:
            needed[f"{line.kind}_ground"] = _GROUNDS[language][line.kind]
    sentences = _SENTENCES[language]
    needed |= {name: said for name, said in sentences.items() if level not in _NOT_IN.get(name, ())}
    if level is Template.FINAL_WARNING:
        needed |= {name: str(words[name]) for name in ("agency_name", "pay_until")}
        if notice.agency_cost_cents:
            needed["agency_cost"] = f" {_UP_TO[language]} {words['agency_cost']}"
    return needed


def sum_elements(notice: Notice, words: dict[str, Fact]) -> dict[str, str]:
    """Element -> what must be read of it, its label and its amount; nothing where the principal is all there is."""
    labels = _SUMS[language_of(notice)]
    return {f"sum_{name}": f" {label} {words[name]}" for name, label in labels.items() if words[name]}


def interest_elements(notice: Notice, words: dict[str, Fact]) -> dict[str, str]:
    """Element -> what must be read of it between the headings of `interest_headings`, as often as it is listed.

    Nothing where no interest is stated. After § 13a (1) no. 3 RDG: what was owed, at which rate, for which days.
    """
    if notice.interest is None or not notice.interest.segments:
        return {}
    language, route, rows = language_of(notice), words["default_route"], words["interest_rows"]
    assert isinstance(route, str)
    assert isinstance(rows, tuple)
    unit = _INTEREST_WORDS[language]
    needed = {
        "default_from": f" {words['default_from']}",
        "default_reason": _REASONS[language][route],
        "interest_total": f" {words['interest_total']}",
    }
    for place, (first, last, days, owed, rate, base, amount) in enumerate(rows, start=1):
        row = {
            "first_day": f" {first}",
            "last_day": f" {last}",
            "days": f" {days} {unit['days']}",
            "principal": f" {owed}",
            "rate": f" {rate}",
            "base_rate": f"{unit['base']} {base}",
            "points": f"+ {words['points']} {unit['points']}",
            "amount": f" {amount}",
        }
        needed |= {f"interest_{place}_{name}": said for name, said in row.items()}
    if words["daily"]:
        needed |= {"daily": f" {words['daily']}", "daily_from": f" {words['daily_from']}"}
    return needed


def interest_headings(language: str) -> tuple[str, str]:
    """The heading of the statement of interest, and the one after it."""
    return _INTEREST[language]
