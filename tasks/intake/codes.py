"""The words that tables use for kinds, countries, states and ways to pay, and the codes we keep.

Words are compared casefolded.
"""

from babel import Locale


def _by_word(words_by_code: dict[str, str]) -> dict[str, str]:
    """`{"58": "rechnung, invoice"}` turned round: each word to its code, and each code to itself."""
    by_word = {word.strip(): code for code, words in words_by_code.items() for word in words.split(",")}
    return {**by_word, **{code.casefold(): code for code in words_by_code}}


CUSTOMER_KINDS = _by_word(
    {
        "consumer": "b2c, private, person, privat, privatkunde, privatkundin, privatperson, verbraucher",
        "business": "b2b, company, firma, geschäftskunde, gewerblich, gewerbe, unternehmen, unternehmer",
        "unknown": "unbekannt",
    }
)

INVOICE = "invoice"
CREDIT_NOTE = "credit_note"
INVOICE_KINDS = _by_word(
    {
        INVOICE: "rechnung, 380, 384",
        CREDIT_NOTE: "credit note, creditnote, gutschrift, rechnungskorrektur, storno, stornorechnung, refund, 381",
    }
)

AGREEMENTS = _by_word(
    {
        "none": "nein, no, n, 0, false, falsch",
        "date": "datum, tag, termin, day, ja, yes, j, y, x, 1, true, wahr",
        "period": "frist, zeitraum, tage, days, term",
    }
)
"""What the contract says of the due date: the day itself, a period that ends on it, or nothing."""

YES_OR_NO = _by_word({"yes": "ja, j, y, x, 1, true, wahr", "no": "nein, n, 0, false, falsch"})

PAYMENT_MEANS = _by_word(
    {
        "10": "bar, cash, nachnahme",
        "54": "kreditkarte, credit card",
        "55": "debit card, girocard",
        "58": "rechnung, kauf auf rechnung, auf rechnung, invoice, überweisung, bank transfer, transfer,"
        " sepa credit transfer",
        "prepayment": "vorkasse, vorauskasse, prepayment, payment in advance",
        "59": "lastschrift, sepa-lastschrift, bankeinzug, direct debit, sepa direct debit",
        "68": "paypal",
    }
)
"""UNTDID 4461 codes. A word that is not here is kept as it stands."""

COUNTRIES = {
    written.casefold(): code
    for language in ("de", "en")
    for code, name in Locale(language).territories.items()
    if len(code) == 2 and code.isalpha()
    for written in (code, name)
}
"""ISO 3166-1 codes and the countries' names in German and English."""

STATES = _by_word(
    {
        "BB": "de-bb, brandenburg",
        "BE": "de-be, berlin",
        "BW": "de-bw, baden-württemberg, baden-wuerttemberg",
        "BY": "de-by, bayern, bavaria",
        "HB": "de-hb, bremen",
        "HE": "de-he, hessen, hesse",
        "HH": "de-hh, hamburg",
        "MV": "de-mv, mecklenburg-vorpommern",
        "NI": "de-ni, niedersachsen, lower saxony",
        "NW": "de-nw, nrw, nordrhein-westfalen",
        "RP": "de-rp, rheinland-pfalz",
        "SH": "de-sh, schleswig-holstein",
        "SL": "de-sl, saarland",
        "SN": "de-sn, sachsen, saxony",
        "ST": "de-st, sachsen-anhalt",
        "TH": "de-th, thüringen, thueringen, thuringia",
    }
)
"""The Bundesländer, ISO 3166-2 without `DE-`."""
