"""Invoices as XRechnung 3.0 or ZUGFeRD (EN 16931) in UN/CEFACT CII D16B."""

from datetime import date

from deployments.demo.goods import Paper, Position, VatShare, euros
from deployments.demo.markup import Node, document, node
from deployments.demo.people import Customer
from deployments.demo.seller import CREDITOR_ID, Seller
from deployments.demo.ubl import BILLING, XRECHNUNG
from deployments.demo.wording import notes

EN_16931 = "urn:cen.eu:en16931:2017"


def cii_file(paper: Paper, seller: Seller, guideline: str = XRECHNUNG) -> bytes:
    """The invoice as a CrossIndustryInvoice (type 380)."""
    root = node(
        "rsm:CrossIndustryInvoice",
        node(
            "rsm:ExchangedDocumentContext",
            node("ram:BusinessProcessSpecifiedDocumentContextParameter", node("ram:ID", BILLING)),
            node("ram:GuidelineSpecifiedDocumentContextParameter", node("ram:ID", guideline)),
        ),
        node(
            "rsm:ExchangedDocument",
            node("ram:ID", paper.number),
            node("ram:TypeCode", "380"),
            node("ram:IssueDateTime", _day(paper.issued_on)),
            *(node("ram:IncludedNote", node("ram:Content", text)) for text in notes(paper)),
        ),
        node(
            "rsm:SupplyChainTradeTransaction",
            *(_line(position, place) for place, position in enumerate(paper.positions, start=1)),
            node(
                "ram:ApplicableHeaderTradeAgreement",
                node("ram:BuyerReference", paper.customer.number),
                _seller(seller),
                _buyer(paper.customer),
                node("ram:BuyerOrderReferencedDocument", node("ram:IssuerAssignedID", paper.order_number)),
            ),
            node(
                "ram:ApplicableHeaderTradeDelivery",
                node(
                    "ram:ActualDeliverySupplyChainEvent",
                    node("ram:OccurrenceDateTime", _day(paper.delivered_on)),
                ),
            ),
            _settlement(paper, seller),
        ),
    )
    return document(root, "rsm", "ram", "udt")


def _day(on: date) -> Node:
    return node("udt:DateTimeString", f"{on:%Y%m%d}", format="102")


def _amount(name: str, cents: int) -> Node:
    return node(f"ram:{name}", euros(cents))


def _line(position: Position, place: int) -> Node:
    price = node("ram:NetPriceProductTradePrice", _amount("ChargeAmount", position.item.net_cents))
    return node(
        "ram:IncludedSupplyChainTradeLineItem",
        node("ram:AssociatedDocumentLineDocument", node("ram:LineID", str(place))),
        node(
            "ram:SpecifiedTradeProduct",
            node("ram:SellerAssignedID", position.item.code),
            node("ram:Name", position.item.name),
        ),
        node("ram:SpecifiedLineTradeAgreement", price),
        node(
            "ram:SpecifiedLineTradeDelivery",
            node("ram:BilledQuantity", str(position.quantity), unitCode="H87"),
        ),
        node(
            "ram:SpecifiedLineTradeSettlement",
            node(
                "ram:ApplicableTradeTax",
                node("ram:TypeCode", "VAT"),
                node("ram:CategoryCode", "S"),
                node("ram:RateApplicablePercent", str(position.item.vat_percent)),
            ),
            node(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                _amount("LineTotalAmount", position.net_cents),
            ),
        ),
    )


def _seller(seller: Seller) -> Node:
    return node(
        "ram:SellerTradeParty",
        node("ram:Name", seller.name),
        node("ram:SpecifiedLegalOrganization", node("ram:ID", seller.register_number)),
        node(
            "ram:DefinedTradeContact",
            node("ram:PersonName", seller.contact),
            node("ram:TelephoneUniversalCommunication", node("ram:CompleteNumber", seller.phone)),
            node("ram:EmailURIUniversalCommunication", node("ram:URIID", seller.email)),
        ),
        _address(seller.street, "", seller.city, seller.postal_code, seller.country),
        node("ram:URIUniversalCommunication", node("ram:URIID", seller.email, schemeID="EM")),
        node("ram:SpecifiedTaxRegistration", node("ram:ID", seller.vat_id, schemeID="VA")),
        node("ram:SpecifiedTaxRegistration", node("ram:ID", seller.tax_number, schemeID="FC")),
    )


def _buyer(customer: Customer) -> Node:
    return node(
        "ram:BuyerTradeParty",
        node("ram:ID", customer.number),
        node("ram:Name", customer.name),
        node(
            "ram:DefinedTradeContact",
            node("ram:EmailURIUniversalCommunication", node("ram:URIID", customer.email)),
        ),
        _address(customer.street, customer.street_2, customer.city, customer.postal_code, customer.country),
        node("ram:URIUniversalCommunication", node("ram:URIID", customer.email, schemeID="EM")),
    )


def _address(street: str, street_2: str, city: str, postal_code: str, country: str) -> Node:
    return node(
        "ram:PostalTradeAddress",
        node("ram:PostcodeCode", postal_code),
        node("ram:LineOne", street),
        node("ram:LineTwo", street_2) if street_2 else None,
        node("ram:CityName", city),
        node("ram:CountryID", country),
    )


def _settlement(paper: Paper, seller: Seller) -> Node:
    return node(
        "ram:ApplicableHeaderTradeSettlement",
        node("ram:CreditorReferenceID", CREDITOR_ID) if paper.direct_debit else None,
        node("ram:PaymentReference", paper.reference),
        node("ram:InvoiceCurrencyCode", "EUR"),
        _payment(paper, seller),
        *(_vat(share) for share in paper.vat),
        node(
            "ram:SpecifiedTradePaymentTerms",
            node("ram:Description", paper.terms),
            node("ram:DueDateDateTime", _day(paper.due_on)) if paper.states_due_day else None,
            node("ram:DirectDebitMandateID", f"M-{paper.customer.number}") if paper.direct_debit else None,
        ),
        node(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            _amount("LineTotalAmount", paper.net_cents),
            _amount("TaxBasisTotalAmount", paper.net_cents),
            node("ram:TaxTotalAmount", euros(paper.tax_cents), currencyID="EUR"),
            _amount("GrandTotalAmount", paper.gross_cents),
            _amount("DuePayableAmount", paper.gross_cents),
        ),
    )


def _payment(paper: Paper, seller: Seller) -> Node:
    """BG-16: SEPA transfer to the seller (58), or the direct debit that was agreed (59)."""
    if paper.direct_debit:
        means, side, account = "59", "ram:PayerPartyDebtorFinancialAccount", paper.customer.iban
    else:
        means, side, account = "58", "ram:PayeePartyCreditorFinancialAccount", seller.iban
    return node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        node("ram:TypeCode", means),
        node(side, node("ram:IBANID", account)),
    )


def _vat(share: VatShare) -> Node:
    return node(
        "ram:ApplicableTradeTax",
        _amount("CalculatedAmount", share.tax_cents),
        node("ram:TypeCode", "VAT"),
        _amount("BasisAmount", share.net_cents),
        node("ram:CategoryCode", "S"),
        node("ram:RateApplicablePercent", str(share.percent)),
    )
