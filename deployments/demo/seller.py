"""The sample shop itself, as its papers and its settings name it; and one of its suppliers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seller:
    """Who writes an invoice (BG-4) and where it is to be paid (BG-17)."""

    name: str
    street: str
    postal_code: str
    city: str
    register_number: str
    vat_id: str
    tax_number: str
    contact: str
    phone: str
    email: str
    iban: str
    bic: str
    country: str = "DE"


SHOP = Seller(
    name="Lindgrün Versand GmbH",
    street="Speicherweg 4",
    postal_code="20457",
    city="Hamburg",
    register_number="HRB 998877",
    vat_id="DE304159268",
    tax_number="47/123/45678",
    contact="Maren Siebels",
    phone="+49 40 66969 123",
    email="rechnung@lindgruen.example",
    iban="DE89370400440532013000",
    bic="COBADEFFXXX",
)
SUPPLIER = Seller(
    name="Teeimport Speicherstadt GmbH",
    street="Kontorgasse 11",
    postal_code="20457",
    city="Hamburg",
    register_number="HRB 998811",
    vat_id="DE998877660",
    tax_number="47/321/87654",
    contact="Kontor Rechnungswesen",
    phone="+49 40 66969 456",
    email="kontor@teeimport.example",
    iban="DE06910000000123456789",
    bic="",
)
"""Sells tea to the shop; its invoice is none of the shop's claims."""

STATE = "HH"
CREDITOR_ID = "DE98ZZZ09999999999"
"""Creditor identifier for direct debits; the number is the one reserved for tests."""
PAYMENT_TERM_DAYS = 14


def settings_env() -> str:
    """The shop's settings as an env file; the names are the product's fixed ones."""
    values = {
        "CREDITOR_NAME": SHOP.name,
        "CREDITOR_LEGAL_FORM": "GmbH",
        "CREDITOR_STREET": SHOP.street,
        "CREDITOR_POSTAL_CODE": SHOP.postal_code,
        "CREDITOR_CITY": SHOP.city,
        "CREDITOR_COUNTRY": SHOP.country,
        "CREDITOR_STATE": STATE,
        "CREDITOR_REGISTER_COURT": "Amtsgericht Hamburg",
        "CREDITOR_REGISTER_NUMBER": SHOP.register_number,
        "CREDITOR_MANAGING_DIRECTORS": "Wencke Lindgrün",
        "CREDITOR_VAT_ID": SHOP.vat_id,
        "CREDITOR_TAX_NUMBER": SHOP.tax_number,
        "CREDITOR_ACCOUNT_HOLDER": SHOP.name,
        "CREDITOR_IBAN": SHOP.iban,
        "CREDITOR_BIC": SHOP.bic,
        "CREDITOR_BANK_NAME": "Commerzbank Köln",
        "CREDITOR_EMAIL": SHOP.email,
        "CREDITOR_PHONE": SHOP.phone,
        "CREDITOR_HOURS": "Mo-Fr 9-17 Uhr",
        "CREDITOR_WEBSITE": "https://www.lindgruen.example",
        "CREDITOR_PRIVACY_URL": "https://www.lindgruen.example/datenschutz",
        "AGENCY_NAME": "Inkasso Nordwind GmbH",
        "PAYMENT_TERM_DAYS": str(PAYMENT_TERM_DAYS),
    }
    return "".join(f'MAHNLAUF_{name}="{value}"\n' for name, value in values.items())
