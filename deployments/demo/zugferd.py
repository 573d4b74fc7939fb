"""Invoices as ZUGFeRD 2: one page that a person reads, with the same invoice as `factur-x.xml` inside.

The page uses Helvetica, which every reader has and no file carries: a PDF with an attachment, not PDF/A.
"""

import io
from collections.abc import Iterator

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from deployments.demo.cii import EN_16931, cii_file
from deployments.demo.goods import Paper
from deployments.demo.seller import Seller
from deployments.demo.tables import german_amount
from deployments.demo.wording import notes

A4 = (595, 842)
LEFT, RIGHT = 60, 535
Text = tuple[int, int, int, str]
"""x and y in points from the lower left corner, size, words."""


def zugferd_file(paper: Paper, seller: Seller) -> bytes:
    """The invoice as a PDF with its CII file inside (AFRelationship Data)."""
    writer = PdfWriter()
    page = writer.add_blank_page(*A4)
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): _fonts()})
    content = StreamObject()
    content.set_data(_drawing(paper, seller))
    page[NameObject("/Contents")] = writer._add_object(content)
    _embed(writer, cii_file(paper, seller, EN_16931))
    writer.add_metadata({"/Title": f"Rechnung {paper.number}", "/Author": seller.name, "/Producer": seller.name})
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _embed(writer: PdfWriter, xml: bytes) -> None:
    """Attach the XML as Factur-X asks: name, type, relationship, and the catalogue's associated files."""
    attached = writer.add_attachment("factur-x.xml", xml)
    attached.associated_file_relationship = NameObject("/Data")
    attached.subtype = NameObject("/text/xml")
    attached.alternative_name = TextStringObject("factur-x.xml")
    attached.description = TextStringObject("Rechnung als Daten (EN 16931)")
    writer.root_object[NameObject("/AF")] = ArrayObject([attached.pdf_object.indirect_reference])


def _fonts() -> DictionaryObject:
    return DictionaryObject(
        {NameObject(f"/{key}"): _font(name) for key, name in (("F1", "Helvetica"), ("F2", "Helvetica-Bold"))}
    )


def _font(name: str) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject(f"/{name}"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )


def _drawing(paper: Paper, seller: Seller) -> bytes:
    """The page's content stream: one text operation a line."""
    lines = [_show(*text) for text in (*_head(paper, seller), *_body(paper), *_foot(paper, seller))]
    return b"\n".join(lines)


def _show(x: int, y: int, size: int, words: str) -> bytes:
    escaped = words.encode("cp1252", "replace")
    for sign in (b"\\", b"(", b")"):
        escaped = escaped.replace(sign, b"\\" + sign)
    font = "F2" if size > 10 else "F1"
    return f"BT /{font} {size} Tf {x} {y} Td (".encode() + escaped + b") Tj ET"


def _head(paper: Paper, seller: Seller) -> Iterator[Text]:
    customer = paper.customer
    yield LEFT, 780, 16, seller.name
    yield (
        LEFT,
        764,
        8,
        f"{seller.street} · {seller.postal_code} {seller.city} · {seller.email} · {seller.phone}",
    )
    address = (
        customer.name,
        customer.street,
        customer.street_2,
        f"{customer.postal_code} {customer.city}",
        customer.country,
    )
    for place, line in enumerate(line for line in address if line):
        yield LEFT, 710 - 14 * place, 10, line
    facts = (
        f"Rechnungsdatum: {paper.issued_on:%d.%m.%Y}",
        f"Lieferdatum: {paper.delivered_on:%d.%m.%Y}",
        f"Kundennummer: {customer.number}",
        f"Bestellung: {paper.order_number}",
    )
    for place, line in enumerate(facts):
        yield 390, 710 - 14 * place, 10, line
    yield LEFT, 600, 13, f"Rechnung {paper.number}"


def _body(paper: Paper) -> Iterator[Text]:
    y = 570
    yield from _row(y, "Artikel", "Menge", "Einzelpreis", "USt.", "Netto EUR")
    for position in paper.positions:
        y -= 16
        item = position.item
        price, net = german_amount(item.net_cents), german_amount(position.net_cents)
        yield from _row(y, item.name, str(position.quantity), price, f"{item.vat_percent} %", net)
    y -= 10
    for share in paper.vat:
        y -= 16
        words = f"USt. {share.percent} % auf {german_amount(share.net_cents)}"
        yield from _row(y, "", "", words, "", german_amount(share.tax_cents))
    yield 330, y - 22, 11, "Rechnungsbetrag EUR"
    yield 485, y - 22, 11, german_amount(paper.gross_cents)


def _row(y: int, *cells: str) -> Iterator[Text]:
    for x, words in zip((LEFT, 290, 330, 435, 485), cells, strict=True):
        if words:
            yield x, y, 10, words


def _foot(paper: Paper, seller: Seller) -> Iterator[Text]:
    stated = f" Fällig am {paper.due_on:%d.%m.%Y}." if paper.states_due_day and not paper.direct_debit else ""
    account = f"Bitte überweisen Sie auf {seller.iban} ({seller.name}), Verwendungszweck {paper.reference}."
    lines = [
        paper.terms + stated,
        *([] if paper.direct_debit else [account]),
        *_folded(notes(paper)),
        f"{seller.name} · {seller.register_number} · USt-IdNr. {seller.vat_id} · St.-Nr. {seller.tax_number}",
    ]
    for place, line in enumerate(lines):
        yield LEFT, 190 - 14 * place, 9, line


def _folded(texts: tuple[str, ...], width: int = 100) -> Iterator[str]:
    """Sentences broken into lines that fit the page."""
    for text in texts:
        line = ""
        for word in text.split():
            if line and len(line) + len(word) >= width:
                yield line
                line = ""
            line = f"{line} {word}".strip()
        yield line
