"""E-invoices of our own making: every field, credit notes, and what is refused."""

import io
import zlib
from datetime import date

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from dunning.errors import InputRejected
from dunning.facts import DueBasis, InvoiceDocument, Party
from tasks.intake.reading import ReadOptions, read_bytes
from tasks.intake.xml import MAX_BYTES
from tests.effects.intake.shared_data import SAMPLES

UBL = (SAMPLES / "ubl_invoice.xml").read_text("utf-8")
CREDIT = (SAMPLES / "ubl_credit_note.xml").read_text("utf-8")
CII = (SAMPLES / "cii_invoice.xml").read_text("utf-8")


def _read(raw: str | bytes, payment_term_days: int = 14) -> InvoiceDocument:
    content = raw.encode() if isinstance(raw, str) else raw
    (document,) = read_bytes(content, ReadOptions(payment_term_days=payment_term_days)).invoices
    return document


def _reason(raw: str | bytes) -> str:
    with pytest.raises(InputRejected) as refused:
        _read(raw)
    assert refused.value.what
    return refused.value.reason


def _pdf(name: str, content: bytes) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_attachment(name, content)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_every_field_of_a_ubl_invoice() -> None:
    assert _read(UBL) == InvoiceDocument(
        kind="ubl",
        number="RE-2026-1042",
        issued_on=date(2026, 1, 12),
        due_on=date(2026, 2, 2),
        due_basis=DueBasis.TERMS,
        currency="EUR",
        payable_cents=10000,
        gross_cents=11900,
        credit_note=False,
        seller=Party(
            name="Lindenhof Versand GmbH",
            vat_id="DE111222333",
            tax_number="026 111 22222",
            street="Werkstraße 4",
            postal_code="34117",
            city="Kassel",
            country="DE",
        ),
        buyer=Party(
            name="Jo Beispiel",
            number="K-1001",
            street="Am Anger 1",
            street_2="Hinterhaus, 2. Stock",
            postal_code="07743",
            city="Jena",
            country="DE",
            email="jo@example.org",
        ),
        seller_ibans=("DE02120300000000202051",),
        payment_reference="RE-2026-1042 / K-1001",
        order_number="B-77001",
        delivered_on=date(2026, 1, 10),
        payment_means="58",
        subject="Wanderschuhe Gr. 43",
        notice_286_3=True,
    )


def test_a_ubl_credit_note() -> None:
    document = _read(CREDIT)
    assert (document.credit_note, document.payable_cents) == (True, 3000)
    assert (document.due_on, document.due_basis) == (date(2026, 2, 16), DueBasis.DOCUMENT)
    assert document.preceding_invoices == ("RE-2026-1042",)
    assert (document.buyer.name, document.subject) == ("Jo Beispiel", "Rücksendung Einlegesohlen")


def test_every_field_of_a_cii_invoice() -> None:
    document = _read(CII)
    assert (document.kind, document.number) == ("cii", "RE-2026-1043")
    assert (document.due_on, document.due_basis) == (date(2026, 2, 28), DueBasis.DOCUMENT)
    assert (document.payable_cents, document.gross_cents) == (20000, 20000)
    assert document.seller == Party(name="Lindenhof Versand GmbH", vat_id="DE111222333", tax_number="026 111 22222")
    assert document.buyer == Party(
        name="Nordlicht UG",
        number="4000001000005",
        street="Speicher 9",
        street_2="Aufgang B",
        postal_code="20095",
        city="Hamburg",
        country="DE",
        email="buch@example.org",
    )
    assert (document.order_number, document.order_on) == ("PO-5", date(2026, 1, 10))
    assert (document.delivered_on, document.subject) == (date(2026, 1, 14), "Regenjacke")
    assert document.preceding_invoices == ("RE-2025-0001",)
    assert (document.payment_means, document.payment_reference) == ("58", "RE-2026-1043")
    assert document.seller_ibans == ("DE02120300000000202051",)


@pytest.mark.parametrize(
    ("type_code", "credit_note"),
    [("380", False), ("381", True), ("384", False), ("326", False), ("389", True), ("261", True), ("875", False)],
)
@pytest.mark.parametrize("sample", [UBL, CII], ids=["ubl", "cii"])
def test_the_type_code_tells_credit_notes(sample: str, type_code: str, credit_note: bool) -> None:
    assert _read(sample.replace(">380<", f">{type_code}<")).credit_note is credit_note


def test_the_setting_is_the_last_resort() -> None:
    silent = UBL.replace("Zahlbar innerhalb von 21 Tagen ohne Abzug.", "")
    assert (_read(silent, 10).due_on, _read(silent, 10).due_basis) == (date(2026, 1, 22), DueBasis.SETTING)


def test_a_negative_amount_stays_negative() -> None:
    assert _read(CII.replace("<ram:DuePayableAmount>200.00", "<ram:DuePayableAmount>-12.5")).payable_cents == -1250


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (UBL.replace("<cbc:ID>RE-2026-1042</cbc:ID>\n  <cbc:Issue", "<cbc:Issue"), "field_missing"),
        (CII.replace("<ram:DuePayableAmount>200.00</ram:DuePayableAmount>", ""), "field_missing"),
        (UBL.replace("2026-01-12", "2026-02-30"), "bad_date"),
        (CII.replace("20260115", "21260115"), "bad_date"),
        (UBL.replace(">100.0000<", ">100.001<"), "too_many_decimals"),
        (UBL.replace(">100.0000<", ">1e2<"), "bad_amount"),
        (UBL.replace(">100.0000<", ">1,00<"), "bad_amount"),
        (UBL.replace(">100.0000<", ">.<"), "bad_amount"),
        (UBL.replace(">EUR<", ">Euro<"), "bad_currency"),
        ("<rsm:CrossIndustryDocument xmlns:rsm='urn:ferd:CrossIndustryDocument:invoice:1p0'/>", "unsupported_version"),
        ("<Invoice xmlns='urn:example:other'/>", "unknown_format"),
        ("<html/>", "unknown_format"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_refused(raw: str, reason: str) -> None:
    assert _reason(raw) == reason


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "Factur-X.XML"])
def test_the_invoice_inside_a_pdf(name: str) -> None:
    document = _read(_pdf(name, CII.encode()))
    assert (document.kind, document.number) == ("zugferd", "RE-2026-1043")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (_pdf("rechnung.xml", CII.encode()), "pdf_without_invoice"),
        (_pdf("factur-x.xml.exe", CII.encode()), "pdf_without_invoice"),
        (_pdf("factur-x.xml", UBL.encode()), "unknown_format"),
        (_pdf("factur-x.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "dtd_refused"),
        (b"%PDF-1.7\n garbage", "not_readable"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "not_readable"),
    ],
)
def test_pdfs_that_are_refused(raw: bytes, reason: str) -> None:
    assert _reason(raw) == reason


def test_an_encrypted_pdf_is_refused() -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_attachment("factur-x.xml", CII.encode())
    writer.encrypt("", "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert _reason(out.getvalue()) == "pdf_encrypted"


@pytest.mark.parametrize(
    ("packed", "filters", "reason"),
    [
        (zlib.compress(b" " * (MAX_BYTES + 1)), "/FlateDecode", "too_large"),
        (zlib.compress(CII.encode())[:-40], "/FlateDecode", "not_readable"),
        (b"junk", "/LZWDecode", "not_readable"),
    ],
    ids=["bomb", "cut", "unusual filter"],
)
def test_the_attachment_is_unpacked_with_care(packed: bytes, filters: str, reason: str) -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    attachment = writer.add_attachment("factur-x.xml", b"")
    embedded = attachment.pdf_object["/EF"]
    assert isinstance(embedded, DictionaryObject)
    stream = embedded["/F"]
    assert isinstance(stream, StreamObject)
    stream._data = packed
    stream[NameObject("/Filter")] = NameObject(filters)
    out = io.BytesIO()
    writer.write(out)
    assert _reason(out.getvalue()) == reason
