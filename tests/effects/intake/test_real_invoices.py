"""The public e-invoices, every one pinned: the expected values were read from the XML by eye, not by our reader."""

import io
from datetime import date
from pathlib import Path

import pytest
from lxml import etree
from pypdf import PdfReader

from dunning.facts import InvoiceDocument
from tasks.intake.reading import ReadOptions, read_file
from tests.effects.intake.shared_data import e_invoices

# file, number, issued_on, due_on, due_basis, payable, gross, credit_note, seller's name, buyer's number
XRECHNUNG = [
    ("01.01a", "123456XX", "2016-04-04", "2016-04-04", "terms", 33690, 33690, "[Buyer identifier]"),
    ("01.02a", "123456", "2016-06-21", "2016-07-05", "terms", 1260, 1260, "BI12345678"),
    ("01.03a", "RR123456", "2016-06-24", "2016-06-24", "terms", 18220, 18220, "BI123456"),
    ("01.04a", "1234/78/901", "2016-06-16", "2016-06-30", "terms", 12000, 12000, ""),
    ("01.05a", "PRG1502112", "2015-04-24", "2015-05-08", "terms", 1055530, 1055530, "BI123456"),
    ("01.06a", "R123456789", "2016-07-06", "2016-07-20", "setting", 2170170, 2170170, "B123456789"),
    ("01.07a", "R1234567", "2016-06-30", "2016-08-14", "document", 4522, 4522, "B123456789"),
    ("01.08a", "R123456789", "2016-01-18", "2016-02-01", "document", 282587, 282587, ""),
    ("01.09a", "R123456", "2016-04-06", "2016-04-20", "document", 719712, 719712, ""),
    ("01.10a", "Rechnungsnummer", "2016-06-27", "2016-07-27", "terms", 259420, 259420, ""),
    ("02.01a", "1234567", "2018-04-13", "2018-04-13", "document", 1282969, 1282969, "138"),
    ("02.02a", "1234567", "2018-04-13", "2018-04-13", "document", 1078125, 1078125, "138"),
    ("03.01a", "123456789", "2019-02-28", "2019-03-14", "document", -22514, 80486, "BI123456"),
    ("03.02a", "0000123456", "2017-12-11", "2018-01-10", "document", 1068620, 1068620, ""),
]
ZUGFERD = [
    ("1_Teilrechnung", "471102", "2018-06-05", "2018-07-04", "terms", 14765, 19765, False, "Lieferant GmbH"),
    ("Einfach_DueDate", "471102", "2018-03-05", "2019-03-05", "document", 52987, 52987, False, "Lieferant GmbH"),
    ("Einfach_negativePaymentDue", "471102", "2018-03-05", "2018-03-19", "setting", -52987, 52987, False,
     "Lieferant GmbH"),
    ("Elektron", "181301674", "2018-04-25", "2018-04-25", "terms", 30000, 30000, False,
     "ELEKTRON Industrieservice GmbH"),
    ("Gutschrift", "471102", "2018-03-05", "2018-03-19", "setting", 52987, 52987, True, "Lieferant GmbH"),
    ("SEPA_Prenotification", "471102", "2018-03-05", "2018-03-20", "terms", 52987, 52987, False,
     "Lieferant GmbH"),
]  # fmt: skip


def _only(path: Path) -> InvoiceDocument:
    (document,) = read_file(path, ReadOptions(payment_term_days=14)).invoices
    return document


@pytest.mark.parametrize("syntax", ["ubl", "uncefact"])
@pytest.mark.parametrize("expected", XRECHNUNG, ids=[row[0] for row in XRECHNUNG])
def test_xrechnung(expected: tuple[str, str, str, str, str, int, int, str], syntax: str) -> None:
    case, number, issued_on, due_on, due_basis, payable, gross, buyer_number = expected
    path = e_invoices() / "xrechnung" / f"{case}-INVOICE_{syntax}.xml"
    document = _only(path)
    assert document.kind == {"ubl": "ubl", "uncefact": "cii"}[syntax]
    assert document.number == number
    assert (document.issued_on, document.due_on) == (date.fromisoformat(issued_on), date.fromisoformat(due_on))
    assert document.due_basis == due_basis
    assert (document.payable_cents, document.gross_cents, document.currency) == (payable, gross, "EUR")
    assert document.credit_note is False
    assert (document.seller.name, document.buyer.name) == ("[Seller name]", "[Buyer name]")
    assert document.buyer.number == buyer_number
    assert set(document.seller_ibans) == _ibans_by_eye(path)


@pytest.mark.parametrize("case", [row[0] for row in XRECHNUNG])
def test_both_syntaxes_say_the_same(case: str) -> None:
    folder = e_invoices() / "xrechnung"
    ubl, cii = (_only(folder / f"{case}-INVOICE_{syntax}.xml") for syntax in ("ubl", "uncefact"))
    assert ubl.number == cii.number
    assert (ubl.seller.vat_id, ubl.seller.name) == (cii.seller.vat_id, cii.seller.name)
    assert (ubl.seller_ibans, ubl.payment_reference) == (cii.seller_ibans, cii.payment_reference)
    assert (ubl.delivered_on, ubl.order_number) == (cii.delivered_on, cii.order_number)
    assert (ubl.buyer.postal_code, ubl.buyer.city, ubl.buyer.street, ubl.buyer.email) == (
        cii.buyer.postal_code, cii.buyer.city, cii.buyer.street, cii.buyer.email
    )  # fmt: skip


@pytest.mark.parametrize("expected", ZUGFERD, ids=[row[0] for row in ZUGFERD])
def test_zugferd(expected: tuple[str, str, str, str, str, int, int, bool, str]) -> None:
    name, number, issued_on, due_on, due_basis, payable, gross, credit_note, seller = expected
    document = _only(e_invoices() / "zugferd" / f"zugferd_2p1_EN16931_{name}.pdf")
    assert (document.kind, document.number, document.due_basis) == ("zugferd", number, due_basis)
    assert (document.issued_on, document.due_on) == (date.fromisoformat(issued_on), date.fromisoformat(due_on))
    assert (document.payable_cents, document.gross_cents, document.currency) == (payable, gross, "EUR")
    assert (document.credit_note, document.seller.name) == (credit_note, seller)


def test_all_files_are_in_the_tables() -> None:
    folder = e_invoices()
    assert len(list((folder / "xrechnung").glob("*.xml"))) == 2 * len(XRECHNUNG)
    assert len(list((folder / "zugferd").glob("*.pdf"))) == len(ZUGFERD)


def test_amounts_and_days_agree_with_a_plain_look_at_the_xml() -> None:
    """A second reading that shares nothing with ours: element names without namespaces, wherever they stand."""
    for path in sorted(e_invoices().glob("*/*.*")):
        if path.suffix not in (".xml", ".pdf"):
            continue
        root = etree.fromstring(_xml_of(path))
        document = _only(path)
        assert (
            f"{document.payable_cents / 100:.2f}" == f"{float(_plain(root, 'PayableAmount', 'DuePayableAmount')):.2f}"
        )
        assert document.issued_on.isoformat().replace("-", "") == _plain(root, "IssueDate", "IssueDateTime").replace(
            "-", ""
        )
        if named := _plain(root, "DueDate", "DueDateDateTime"):
            assert document.due_on.isoformat().replace("-", "") == named.replace("-", "")


def _xml_of(path: Path) -> bytes:
    raw = path.read_bytes()
    return next(iter(PdfReader(io.BytesIO(raw)).attachments["factur-x.xml"])) if path.suffix == ".pdf" else raw


def _plain(root: etree._Element, *names: str) -> str:
    test = " or ".join(f"local-name()='{name}'" for name in names)
    return str(root.xpath(f"normalize-space(string((//*[{test}])[1]))"))


def _ibans_by_eye(path: Path) -> set[str]:
    root = etree.fromstring(path.read_bytes())
    found = root.xpath("//*[local-name()='PayeeFinancialAccount']/*[local-name()='ID'] | //*[local-name()='IBANID']"
                       "[local-name(..)='PayeePartyCreditorFinancialAccount']")  # fmt: skip
    assert isinstance(found, list)
    return {str(node.text) for node in found if isinstance(node, etree._Element)}
