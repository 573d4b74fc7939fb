"""Invoices and credit notes as XRechnung 3.0 in UBL 2.1."""

from deployments.demo.goods import Paper, Position, VatShare, euros
from deployments.demo.markup import Node, document, node
from deployments.demo.people import Customer
from deployments.demo.seller import CREDITOR_ID, Seller
from deployments.demo.wording import notes

XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"


def ubl_file(paper: Paper, seller: Seller) -> bytes:
    """The paper as a UBL Invoice (type 380) or CreditNote (type 381)."""
    kind, name = ("cn", "CreditNote") if paper.credit_note else ("inv", "Invoice")
    stated = not paper.credit_note and paper.states_due_day
    root = node(
        f"{kind}:{name}",
        node("cbc:CustomizationID", XRECHNUNG),
        node("cbc:ProfileID", BILLING),
        node("cbc:ID", paper.number),
        node("cbc:IssueDate", paper.issued_on.isoformat()),
        node("cbc:DueDate", paper.due_on.isoformat()) if stated else None,
        node(f"cbc:{name}TypeCode", "381" if paper.credit_note else "380"),
        *(node("cbc:Note", text) for text in notes(paper)),
        node("cbc:DocumentCurrencyCode", "EUR"),
        node("cbc:BuyerReference", paper.customer.number),
        node("cac:OrderReference", node("cbc:ID", paper.order_number)),
        _corrected(paper),
        node("cac:AccountingSupplierParty", _seller(seller, direct_debit=paper.direct_debit)),
        node("cac:AccountingCustomerParty", _buyer(paper.customer)),
        node("cac:Delivery", node("cbc:ActualDeliveryDate", paper.delivered_on.isoformat())),
        _payment(paper, seller),
        node("cac:PaymentTerms", node("cbc:Note", paper.terms)),
        node("cac:TaxTotal", _amount("TaxAmount", paper.tax_cents), *(_vat(share) for share in paper.vat)),
        node(
            "cac:LegalMonetaryTotal",
            _amount("LineExtensionAmount", paper.net_cents),
            _amount("TaxExclusiveAmount", paper.net_cents),
            _amount("TaxInclusiveAmount", paper.gross_cents),
            _amount("PayableAmount", paper.gross_cents),
        ),
        *(_line(position, place, paper) for place, position in enumerate(paper.positions, start=1)),
    )
    return document(root, "cac", "cbc", default=kind)


def _amount(name: str, cents: int) -> Node:
    return node(f"cbc:{name}", euros(cents), currencyID="EUR")


def _corrected(paper: Paper) -> Node | None:
    """BG-3: the invoice that a credit note corrects."""
    if not paper.corrects:
        return None
    return node("cac:BillingReference", node("cac:InvoiceDocumentReference", node("cbc:ID", paper.corrects)))


def _seller(seller: Seller, *, direct_debit: bool) -> Node:
    collects = node("cac:PartyIdentification", node("cbc:ID", CREDITOR_ID, schemeID="SEPA")) if direct_debit else None
    return node(
        "cac:Party",
        node("cbc:EndpointID", seller.email, schemeID="EM"),
        collects,
        node("cac:PartyName", node("cbc:Name", seller.name)),
        _address(seller.street, "", seller.city, seller.postal_code, seller.country),
        node("cac:PartyTaxScheme", node("cbc:CompanyID", seller.vat_id), _scheme("VAT")),
        node("cac:PartyTaxScheme", node("cbc:CompanyID", seller.tax_number), _scheme("FC")),
        node(
            "cac:PartyLegalEntity",
            node("cbc:RegistrationName", seller.name),
            node("cbc:CompanyID", seller.register_number),
        ),
        node(
            "cac:Contact",
            node("cbc:Name", seller.contact),
            node("cbc:Telephone", seller.phone),
            node("cbc:ElectronicMail", seller.email),
        ),
    )


def _buyer(customer: Customer) -> Node:
    return node(
        "cac:Party",
        node("cbc:EndpointID", customer.email, schemeID="EM"),
        node("cac:PartyIdentification", node("cbc:ID", customer.number)),
        _address(customer.street, customer.street_2, customer.city, customer.postal_code, customer.country),
        node("cac:PartyLegalEntity", node("cbc:RegistrationName", customer.name)),
        node("cac:Contact", node("cbc:ElectronicMail", customer.email)),
    )


def _address(street: str, street_2: str, city: str, postal_code: str, country: str) -> Node:
    return node(
        "cac:PostalAddress",
        node("cbc:StreetName", street),
        node("cbc:AdditionalStreetName", street_2) if street_2 else None,
        node("cbc:CityName", city),
        node("cbc:PostalZone", postal_code),
        node("cac:Country", node("cbc:IdentificationCode", country)),
    )


def _scheme(name: str) -> Node:
    return node("cac:TaxScheme", node("cbc:ID", name))


def _payment(paper: Paper, seller: Seller) -> Node:
    """BG-16: SEPA transfer to the seller (58), or the direct debit that was agreed (59)."""
    reference = node("cbc:PaymentID", paper.reference)
    if paper.direct_debit:
        debited = node("cac:PayerFinancialAccount", node("cbc:ID", paper.customer.iban))
        mandate = node("cac:PaymentMandate", node("cbc:ID", f"M-{paper.customer.number}"), debited)
        return node("cac:PaymentMeans", node("cbc:PaymentMeansCode", "59"), reference, mandate)
    account = node("cac:PayeeFinancialAccount", node("cbc:ID", seller.iban), node("cbc:Name", seller.name))
    return node("cac:PaymentMeans", node("cbc:PaymentMeansCode", "58"), reference, account)


def _vat(share: VatShare) -> Node:
    return node(
        "cac:TaxSubtotal",
        _amount("TaxableAmount", share.net_cents),
        _amount("TaxAmount", share.tax_cents),
        node("cac:TaxCategory", node("cbc:ID", "S"), node("cbc:Percent", str(share.percent)), _scheme("VAT")),
    )


def _line(position: Position, place: int, paper: Paper) -> Node:
    name, quantity = (
        ("CreditNoteLine", "CreditedQuantity") if paper.credit_note else ("InvoiceLine", "InvoicedQuantity")
    )
    category = node(
        "cac:ClassifiedTaxCategory",
        node("cbc:ID", "S"),
        node("cbc:Percent", str(position.item.vat_percent)),
        _scheme("VAT"),
    )
    return node(
        f"cac:{name}",
        node("cbc:ID", str(place)),
        node(f"cbc:{quantity}", str(position.quantity), unitCode="H87"),
        _amount("LineExtensionAmount", position.net_cents),
        node(
            "cac:Item",
            node("cbc:Name", position.item.name),
            node("cac:SellersItemIdentification", node("cbc:ID", position.item.code)),
            category,
        ),
        node("cac:Price", _amount("PriceAmount", position.item.net_cents)),
    )
