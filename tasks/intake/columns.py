"""The columns of the tables we read, with the headings they are known by in German and English.

A heading is compared without case, blanks, punctuation and umlauts' dots: "Rechnungs-Nr." is `rechnungsnr`.
Columns with other headings are left alone.
"""

import re
from collections import defaultdict

from dunning.errors import InputRejected

CUSTOMERS = "customers"
INVOICES = "invoices"
PAYMENTS = "payments"
PAYPAL = "paypal"
"""PayPal's activity report: payments too, but each row says what it is."""

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
        "value_on": "valueon valuedate wertstellung wert valuta valutadatum wertstellungsdatum wertstellungvaluta",
        "amount": "amount betrag umsatz betrageur umsatzineur",
        "debit": "debit soll belastung",
        "credit": "credit haben gutschrift",
        "sign": "sign debitcredit sollhaben sollhabenkennzeichen sh shkennzeichen",
        "currency": "currency waehrung",
        "reference": "reference purpose remittance description verwendungszweck zweck vorgangverwendungszweck"
        " buchungsdetails",
        "booking_text": "bookingtext buchungstext umsatzart umsatztyp vorgang",
        "end_to_end_id": "endtoendid endtoendreference kundenreferenz kundenreferenzendtoend endtoendreferenz",
        "counterparty": "counterparty payer name auftraggeber zahler zahlungspflichtiger"
        " beguenstigterzahlungspflichtiger auftraggeberbeguenstigter beguenstigterauftraggeber"
        " auftraggeberempfaenger empfaengerzahlungspflichtiger nameszahlungsbeteiligten namezahlungsbeteiligter",
        "payee": "payee zahlungsempfaengerin zahlungsempfaenger empfaenger auftraggeberzahlungsempfaenger",
        "iban": "iban counterpartyiban payeriban ibanzahlungsbeteiligter kontonummeriban ibankontonummer gegenkonto",
        "account": "account ownaccount owniban auftragskonto konto eigenkonto ibanauftragskonto auftraggeberkonto"
        " ibanauftraggeberkonto ibankontoinhaber",
        "status": "status info",
    },
    PAYPAL: {
        "booked_on": "date datum",
        "kind": "type description typ beschreibung",
        "status": "status",
        "effect": "balanceimpact auswirkungaufguthaben",
        "gross": "gross brutto",
        "fee": "fee gebuehr entgelt",
        "currency": "currency waehrung",
        "name": "name",
        "transaction": "transactionid transaktionscode",
        "invoice": "invoicenumber rechnungsnummer",
        "subject": "subject betreff",
        "note": "note hinweis",
        "item": "itemtitle artikelbezeichnung",
    },
}
_REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    CUSTOMERS: (("number",), ("name", "company", "last_name"), ("street", "email", "postal_code")),
    INVOICES: (("number",), ("issued_on",), ("gross",)),
    PAYMENTS: (("booked_on",), ("amount", "debit", "credit")),
    PAYPAL: (("booked_on",), ("kind",), ("gross",), ("fee",), ("transaction",)),
}
"""At least one of each group must be there."""
_YIELDING = {
    PAYMENTS: frozenset({"umsatzart", "umsatztyp", "vorgang", "konto", "auftraggeberkonto", "info", "kundenreferenz"})
}
"""Headings that give way where a more telling one of the same column stands beside them."""

_KNOWN = {
    kind: {heading: column for column, headings in columns.items() for heading in headings.split()}
    for kind, columns in _HEADINGS.items()
}
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def table_kind(heading: tuple[str, ...]) -> str | None:
    """Which table a heading belongs to.

    The one it satisfies with the most columns; None if none or two alike.
    """
    counts = {kind: len(found) for kind in _HEADINGS if _suffices(kind, found := _places(kind, heading))}
    best = [kind for kind, count in counts.items() if count == max(counts.values())]
    return best[0] if len(best) == 1 else None


def positions(kind: str, heading: tuple[str, ...]) -> dict[str, int]:
    """Where each known column of a table stands; `missing_columns` or `duplicate_column` otherwise."""
    places = _places(kind, heading)
    found = {column: _only(kind, column, places, heading) for column in places}
    for group in _REQUIRED[kind]:
        if not any(column in found for column in group):
            raise InputRejected(
                "missing_columns",
                f"The table ({kind}) has no column {' or '.join(group)}.",
                "See the README for the columns.",
            )
    behind = found["amount"] + 1 if kind == PAYMENTS and "amount" in found else len(heading)
    if "sign" not in found and behind < len(heading) and not heading[behind].strip():
        found["sign"] = behind  # cooperative banks write S and H under no heading
    return found


def _only(kind: str, column: str, places: dict[str, list[int]], heading: tuple[str, ...]) -> int:
    """The one place of a column: not a yielding heading's beside another; the currency is that of the amount."""
    several = places[column]
    if len(several) > 1:
        several = [place for place in several if _folded(heading[place]) not in _YIELDING.get(kind, ())] or several
    if len(several) > 1 and column == "currency":
        several = [place for place in several if place - 1 in places.get("amount", ())]
    if len(several) != 1:
        raise InputRejected("duplicate_column", f"Two columns of the table mean {column}.", "Rename one of them.")
    return several[0]


def _suffices(kind: str, places: dict[str, list[int]]) -> bool:
    return all(places.keys() & set(group) for group in _REQUIRED[kind])


def _places(kind: str, heading: tuple[str, ...]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, title in enumerate(map(_folded, heading)):
        if title in _KNOWN[kind]:
            places[_KNOWN[kind][title]].append(place)
    return places


def _folded(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.lower().translate(_FOLD))
