"""E-invoices and credit notes in UN/CEFACT CII.

XRechnung, and ZUGFeRD 2 / Factur-X of any profile that names amounts.
"""

from lxml import etree

from dunning.errors import InputRejected
from dunning.facts import InvoiceDocument, Party
from tasks.intake.einvoice import Written, compact, invoice_document
from tasks.intake.xml import Names, day, each, lines, local_name, namespace, text, texts

_COMMON = "urn:un:unece:uncefact:data:standard:"
_ROOT = f"{_COMMON}CrossIndustryInvoice:100"
ZUGFERD_1 = "urn:ferd:CrossIndustryDocument:invoice:1p0"
_NAMES: Names = {
    "rsm": _ROOT,
    "ram": f"{_COMMON}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_COMMON}UnqualifiedDataType:100",
    "qdt": f"{_COMMON}QualifiedDataType:100",
}
_DOCUMENT = "rsm:ExchangedDocument"
_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_DELIVERY = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery"
_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_TOTALS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_MEANS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans"
_DATE = "udt:DateTimeString"


def is_cii(root: etree._Element) -> bool:
    if namespace(root) == ZUGFERD_1:
        raise InputRejected(
            "unsupported_version",
            "The e-invoice is ZUGFeRD 1, outdated since 2019.",
            "Export it as ZUGFeRD 2.",
        )
    return namespace(root) == _ROOT and local_name(root) == "CrossIndustryInvoice"


def read_cii(root: etree._Element, payment_term_days: int, kind: str = "cii") -> InvoiceDocument:
    """Read a `CrossIndustryInvoice`; refuses what lacks a number, an issue date, a currency or an amount."""
    account = f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount"
    ibans = texts(root, f"{account}/ram:IBANID", _NAMES) or texts(root, f"{account}/ram:ProprietaryID", _NAMES)
    order = f"{_AGREEMENT}/ram:BuyerOrderReferencedDocument"
    currency = _text(root, f"{_SETTLEMENT}/ram:InvoiceCurrencyCode")
    written = Written(
        kind=kind,
        number=_text(root, f"{_DOCUMENT}/ram:ID"),
        issued_on=_text(root, f"{_DOCUMENT}/ram:IssueDateTime/{_DATE}"),
        type_code=_text(root, f"{_DOCUMENT}/ram:TypeCode"),
        due_on=_due_on(root),
        terms=lines(root, f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:Description", _NAMES),
        notes=lines(root, f"{_DOCUMENT}/ram:IncludedNote/ram:Content", _NAMES),
        currency=currency,
        payable=_amount(root, "ram:DuePayableAmount", currency),
        gross=_amount(root, "ram:GrandTotalAmount", currency),
        seller=_party(root, f"{_AGREEMENT}/ram:SellerTradeParty"),
        buyer=_party(root, f"{_AGREEMENT}/ram:BuyerTradeParty"),
        ibans=tuple(map(compact, ibans)),
        payment_means=_text(root, f"{_MEANS}/ram:TypeCode"),
        payment_reference=_text(root, f"{_SETTLEMENT}/ram:PaymentReference"),
        order_number=_text(root, f"{order}/ram:IssuerAssignedID"),
        order_on=_text(root, f"{order}/ram:FormattedIssueDateTime/qdt:DateTimeString"),
        sales_order_number=_text(root, f"{_AGREEMENT}/ram:SellerOrderReferencedDocument/ram:IssuerAssignedID"),
        delivered_on=_text(root, f"{_DELIVERY}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/{_DATE}"),
        preceding_invoices=texts(root, f"{_SETTLEMENT}/ram:InvoiceReferencedDocument/ram:IssuerAssignedID", _NAMES),
        subject=_text(
            root,
            "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedTradeProduct/ram:Name",
        ),
    )
    return invoice_document(written, payment_term_days)


def _due_on(root: etree._Element) -> str:
    """The latest due date where EXTENDED names several terms: nobody is reminded of an instalment to come."""
    path = f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/{_DATE}"
    return max(texts(root, path, _NAMES), key=lambda one: day(one, "The due date (BT-9)"), default="")


def _amount(root: etree._Element, name: str, currency: str) -> str:
    """A total in the invoice's currency; EXTENDED may repeat it in another."""
    found = each(root, f"{_TOTALS}/{name}", _NAMES)
    fitting = (one for one in found if one.get("currencyID", currency) == currency)
    return next(((one.text or "").strip() for one in fitting), "")


def _party(root: etree._Element, path: str) -> Party:
    node = next(iter(each(root, path, _NAMES)), None)
    if node is None:
        return Party()
    address = "ram:PostalTradeAddress"
    further = (_text(node, f"{address}/ram:LineTwo"), _text(node, f"{address}/ram:LineThree"))
    contact = "ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID"
    return Party(
        name=_text(node, "ram:Name"),
        number=_text(node, "ram:ID") or _text(node, "ram:GlobalID"),
        vat_id=compact(_text(node, "ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']")),
        tax_number=_text(node, "ram:SpecifiedTaxRegistration/ram:ID[@schemeID='FC']"),
        street=_text(node, f"{address}/ram:LineOne"),
        street_2=", ".join(filter(None, further)),
        postal_code=_text(node, f"{address}/ram:PostcodeCode"),
        city=_text(node, f"{address}/ram:CityName"),
        country=_text(node, f"{address}/ram:CountryID"),
        email=_text(node, contact) or _text(node, "ram:URIUniversalCommunication/ram:URIID[@schemeID='EM']"),
    )


def _text(node: etree._Element, path: str) -> str:
    return text(node, path, _NAMES)
