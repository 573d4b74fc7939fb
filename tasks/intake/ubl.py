"""E-invoices and credit notes in UBL 2.1 as EN 16931 and XRechnung use it."""

from lxml import etree

from dunning.facts import InvoiceDocument, Party
from tasks.intake.einvoice import Written, compact, invoice_document
from tasks.intake.xml import Names, each, lines, local_name, namespace, text, texts

_COMMON = "urn:oasis:names:specification:ubl:schema:xsd:"
ROOTS = {f"{_COMMON}Invoice-2": "Invoice", f"{_COMMON}CreditNote-2": "CreditNote"}
_NAMES: Names = {"cac": f"{_COMMON}CommonAggregateComponents-2", "cbc": f"{_COMMON}CommonBasicComponents-2"}


def is_ubl(root: etree._Element) -> bool:
    return ROOTS.get(namespace(root)) == local_name(root)


def read_ubl(root: etree._Element, payment_term_days: int) -> InvoiceDocument:
    """Read an `Invoice` or `CreditNote`.

    Refuses what lacks a number, an issue date, a currency or an amount.
    """
    order = _one(root, "cac:OrderReference")
    line = _one(root, "cac:InvoiceLine", "cac:CreditNoteLine")
    written = Written(
        kind="ubl",
        number=_text(root, "cbc:ID"),
        issued_on=_text(root, "cbc:IssueDate"),
        type_code=_text(root, "cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode"),
        due_on=_text(root, "cbc:DueDate", "cac:PaymentMeans/cbc:PaymentDueDate", "cac:PaymentTerms/cbc:PaymentDueDate"),
        terms=lines(root, "cac:PaymentTerms/cbc:Note", _NAMES),
        notes=lines(root, "cbc:Note", _NAMES),
        currency=_text(root, "cbc:DocumentCurrencyCode"),
        payable=_text(root, "cac:LegalMonetaryTotal/cbc:PayableAmount"),
        gross=_text(root, "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"),
        seller=_party(_one(root, "cac:AccountingSupplierParty/cac:Party")),
        buyer=_party(_one(root, "cac:AccountingCustomerParty/cac:Party")),
        ibans=tuple(map(compact, texts(root, "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID", _NAMES))),
        payment_means=_text(root, "cac:PaymentMeans/cbc:PaymentMeansCode"),
        payment_reference=_text(root, "cac:PaymentMeans/cbc:PaymentID"),
        order_number=_text(order, "cbc:ID"),
        order_on=_text(order, "cbc:IssueDate"),
        sales_order_number=_text(order, "cbc:SalesOrderID"),
        delivered_on=_text(root, "cac:Delivery/cbc:ActualDeliveryDate"),
        preceding_invoices=texts(root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID", _NAMES),
        subject=_text(line, "cac:Item/cbc:Name"),
        is_credit_note=local_name(root) == "CreditNote",
    )
    return invoice_document(written, payment_term_days)


def _party(node: etree._Element | None) -> Party:
    if node is None:
        return Party()
    registrations = [
        (_text(scheme, "cac:TaxScheme/cbc:ID"), _text(scheme, "cbc:CompanyID"))
        for scheme in each(node, "cac:PartyTaxScheme", _NAMES)
    ]
    further = _text(node, "cac:PostalAddress/cbc:AdditionalStreetName")
    third = _text(node, "cac:PostalAddress/cac:AddressLine/cbc:Line")
    return Party(
        name=_text(node, "cac:PartyLegalEntity/cbc:RegistrationName", "cac:PartyName/cbc:Name"),
        number=_text(node, "cac:PartyIdentification/cbc:ID"),
        vat_id=next((compact(number) for scheme, number in registrations if scheme == "VAT"), ""),
        tax_number=next((number for scheme, number in registrations if scheme != "VAT"), ""),
        street=_text(node, "cac:PostalAddress/cbc:StreetName"),
        street_2=", ".join(filter(None, (further, third))),
        postal_code=_text(node, "cac:PostalAddress/cbc:PostalZone"),
        city=_text(node, "cac:PostalAddress/cbc:CityName"),
        country=_text(node, "cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
        email=_text(node, "cac:Contact/cbc:ElectronicMail", "cbc:EndpointID[@schemeID='EM']"),
    )


def _one(node: etree._Element, *paths: str) -> etree._Element | None:
    return next((found for path in paths for found in each(node, path, _NAMES)), None)


def _text(node: etree._Element | None, *paths: str) -> str:
    """The first path that says something."""
    if node is None:
        return ""
    return next((found for path in paths if (found := text(node, path, _NAMES))), "")
