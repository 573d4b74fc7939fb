"""What people call things."""
# ruff: noqa: SIM905 - a list of words reads better as words

import re

FILE_WORDS = frozenset(
    """
    account auszug bank belege camt cii copy corrected credit csv customers debitoren export facturx files gutschrift
    gutschriften inv invoice invoices kontoauszug korrektur kopie kunden neu new note notes payments pdf rechnung
    rechnungen sepa statement statements stammdaten txt ubl umsaetze umsätze xlsx xml xrechnung zahlungen zip zugferd
    """.split()
)


def file_label(name: str) -> str:
    """A file's name as Prefect may keep it: `Rechnung_RE-1042_Muster.pdf` -> `Rechnung_RE-1042_….pdf`.

    Shops name files after customers, so every word of three letters or more that is none of `FILE_WORDS` is left out.
    """
    return re.sub(r"[^\W\d_]{3,}", lambda word: word[0] if word[0].lower() in FILE_WORDS else "…", name)
