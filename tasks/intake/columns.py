"""The columns of the three tables we read, with the headings they are known by in German and English.

A heading is compared without case, blanks, punctuation and umlauts' dots: "Rechnungs-Nr." is `rechnungsnr`.
Columns with other headings are left alone.
"""

import re

from dunning.errors import InputRejected

CUSTOMERS = "customers"
INVOICES = "invoices"
PAYMENTS = "payments"

_HEADINGS: dict[str, dict[str, str]] = {
    CUSTOMERS: {
        "number": "number customernumber customerno customerid kundennummer kundennr kdnr nummer debitorennummer",
        "kind": "kind customerkind customertype type art kundenart kundentyp typ",
        "company": "company companyname organisation organization firma firmenname unternehmen",
        "first_name": "firstname givenname vorname",
        "last_name": "lastname surname familyname nachname familienname",
        "name": "name fullname customername kundenname kunde",
        "street": "street street1 address address1 addressline1 strasse strassehausnr strasseundhausnummer anschrift",
        "street_2": "street2 address2 addressline2 addition adresszusatz zusatz strasse2",
        "postal_code": "postalcode postcode zip zipcode plz postleitzahl",
        "city": "city town ort stadt wohnort",
        "country": "country countrycode land laendercode landescode",
        "state": "state statecode region bundesland",
        "email": "email emailaddress mail emailadresse",
        "language": "language lang locale sprache",
        "account_since": "accountsince customersince since createdon kundeseit angelegtam registriertam",
    },
    INVOICES: {
        "number": "number invoicenumber invoiceno invoiceid rechnungsnummer rechnungsnr rgnr belegnummer"
        " belegnr nummer",
        "customer_number": "customernumber customerno customerid customer kundennummer kundennr kdnr debitorennummer",
        "order_number": "ordernumber orderno orderid order bestellnummer bestellnr auftragsnummer auftragsnr",
        "ordered_on": "orderedon orderdate ordered bestelldatum bestelltam auftragsdatum",
        "issued_on": "issuedon invoicedate issuedate date rechnungsdatum belegdatum ausgestelltam datum",
        "due_on": "dueon duedate due faelligam faelligkeit faelligkeitsdatum faelligkeitstag zahlbarbis",
        "due_agreed": "dueagreed agreed agreedterm vereinbart faelligkeitvereinbart zahlungszielvereinbart",
        "received_on": "receivedon invoicereceived receiptdate zugang zugangam rechnungszugang rechnungerhaltenam",
        "notice_286_3": "notice2863 defaultnotice verzugshinweis hinweis2863",
        "delivered_on": "deliveredon deliverydate delivered lieferdatum geliefertam leistungsdatum",
        "gross": "gross grossamount amount total totalgross brutto bruttobetrag betrag rechnungsbetrag"
        " gesamtbetrag summe",
        "currency": "currency waehrung",
        "payment_method": "paymentmethod payment zahlungsart zahlart zahlungsmethode zahlungsweise",
        "subject": "subject description betreff bezeichnung beschreibung gegenstand",
        "kind": "kind type documenttype art belegart typ",
        "corrects": "corrects correctsinvoice originalinvoice korrigiert zurechnung ursprungsrechnung bezugsrechnung",
        "owner": "owner claimowner inhaber eigentuemer forderungsinhaber",
    },
    PAYMENTS: {
        "booked_on": "bookedon bookingdate booked date buchungstag buchungsdatum buchung gebuchtam datum",
        "value_on": "valueon valuedate wertstellung valuta valutadatum wertstellungsdatum",
        "amount": "amount betrag umsatz betrageur umsatzineur",
        "currency": "currency waehrung",
        "reference": "reference purpose remittance description verwendungszweck zweck buchungstext",
        "counterparty": "counterparty payer name auftraggeber zahler zahlungspflichtiger"
        " beguenstigterzahlungspflichtiger auftraggeberbeguenstigter nameszahlungsbeteiligten"
        " namezahlungsbeteiligter",
        "iban": "iban counterpartyiban payeriban ibanzahlungsbeteiligter kontonummeriban gegenkonto",
        "account": "account ownaccount owniban auftragskonto konto eigenkonto ibanauftragskonto",
    },
}
_REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    CUSTOMERS: (("number",), ("name", "company", "last_name"), ("street", "email", "postal_code")),
    INVOICES: (("number",), ("issued_on",), ("gross",)),
    PAYMENTS: (("booked_on",), ("amount",)),
}
"""At least one of each group must be there."""

_KNOWN = {
    kind: {heading: column for column, headings in columns.items() for heading in headings.split()}
    for kind, columns in _HEADINGS.items()
}
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def table_kind(heading: tuple[str, ...]) -> str | None:
    """Which table a heading belongs to.

    The one it satisfies with the most columns; None if none or two alike.
    """
    counts = {kind: len(found) for kind in _HEADINGS if _suffices(kind, found := _known_columns(kind, heading))}
    best = [kind for kind, count in counts.items() if count == max(counts.values())]
    return best[0] if len(best) == 1 else None


def positions(kind: str, heading: tuple[str, ...]) -> dict[str, int]:
    """Where each known column of a table stands; `missing_columns` or `duplicate_column` otherwise."""
    found: dict[str, int] = {}
    for place, column in _known_columns(kind, heading):
        if column in found:
            raise InputRejected("duplicate_column", f"Two columns of the table mean {column}.", "Rename one of them.")
        found[column] = place
    for group in _REQUIRED[kind]:
        if not any(column in found for column in group):
            raise InputRejected(
                "missing_columns",
                f"The table ({kind}) has no column {' or '.join(group)}.",
                "See the README for the columns.",
            )
    return found


def _suffices(kind: str, found: list[tuple[int, str]]) -> bool:
    columns = {column for _, column in found}
    return all(columns.intersection(group) for group in _REQUIRED[kind])


def _known_columns(kind: str, heading: tuple[str, ...]) -> list[tuple[int, str]]:
    folded = (re.sub(r"[^a-z0-9]", "", title.lower().translate(_FOLD)) for title in heading)
    return [(place, _KNOWN[kind][title]) for place, title in enumerate(folded) if title in _KNOWN[kind]]
