"""ZUGFeRD 2 / Factur-X: the invoice's XML out of its PDF.

The attachment is taken by its fixed names only; nothing else of the PDF is opened, and nothing is written
anywhere.
"""

import io
import logging
import zlib
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.generic import DictionaryObject, EmbeddedFile, StreamObject

from dunning.errors import InputRejected
from dunning.facts import InvoiceDocument
from tasks.intake.cii import is_cii, read_cii
from tasks.intake.xml import MAX_BYTES, parse_xml

NAMES = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml")
"""The names of the standard in the order of preference, compared without regard to case."""

MAX_PDF_BYTES = MAX_BYTES
MAX_ATTACHMENTS = 200
_END = b"%%EOF"
"""Ends every PDF; a reader that mends files without it would take a cut one for whole."""

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it grumbles about a file, the refusal says in one line


def read_zugferd(raw: bytes, payment_term_days: int) -> InvoiceDocument:
    """Read the e-invoice inside a PDF.

    Refuses encrypted, broken and oversized ones and those without an invoice.
    """
    root = parse_xml(embedded_xml(raw))
    if not is_cii(root):
        raise InputRejected("unknown_format", "The XML inside the PDF is no CII invoice.", "Export it as ZUGFeRD 2.")
    return read_cii(root, payment_term_days, kind="zugferd")


def embedded_xml(raw: bytes) -> bytes:
    """The attachment's bytes.

    `too_large`, `pdf_encrypted`, `not_readable` or `pdf_without_invoice` otherwise.
    """
    if len(raw) > MAX_PDF_BYTES:
        raise InputRejected("too_large", f"The PDF is larger than {MAX_PDF_BYTES // 2**20} MB.", "Export it smaller.")
    try:
        if _END not in raw[-1024:]:
            raise ValueError("no end of file")
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted:
            raise InputRejected("pdf_encrypted", "The PDF is encrypted.", "Export it without a password.")
        found = dict(_named_streams(reader))
        for name in NAMES:
            if name in found:
                return _inflated(found[name])
    except InputRejected:
        raise
    except Exception as error:  # a foreign parser on foreign bytes: whatever it throws means the same to us
        raise InputRejected(
            "not_readable", "The PDF is broken or cut off.", "Fetch or export the file again."
        ) from error
    raise InputRejected(
        "pdf_without_invoice",
        "The PDF holds no e-invoice (ZUGFeRD / Factur-X).",
        "Export it as ZUGFeRD 2 or XRechnung.",
    )


def _named_streams(reader: PdfReader) -> Iterator[tuple[str, StreamObject]]:
    for count, attachment in enumerate(reader.attachment_list):
        if count >= MAX_ATTACHMENTS:
            raise InputRejected("too_large", f"The PDF holds more than {MAX_ATTACHMENTS} attachments.", "")
        name = _name(attachment)
        if name in NAMES:
            embedded = attachment.pdf_object["/EF"]
            if isinstance(embedded, DictionaryObject):
                stream = (embedded.get("/F") or embedded["/UF"]).get_object()
                if isinstance(stream, StreamObject):
                    yield name, stream


def _name(attachment: EmbeddedFile) -> str:
    """The file specification's name decides; the name tree's key where it has none."""
    return str(attachment.alternative_name or attachment.name).strip().lower()


def _inflated(stream: StreamObject) -> bytes:
    """The stream's content, plain or deflated once; never more than `MAX_BYTES` of it is made."""
    filters = stream.get("/Filter")
    names = [str(one) for one in filters] if isinstance(filters, list) else [str(filters)] if filters else []
    packed: bytes = stream._data
    if not names:
        return packed
    if names != ["/FlateDecode"]:
        raise InputRejected("not_readable", "The PDF packs its e-invoice in an unusual way.", "Export it again.")
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(packed, MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise InputRejected("too_large", "The e-invoice in the PDF unpacks to too much.", "Do not open it.")
    if not unpacker.eof:
        raise InputRejected("not_readable", "The e-invoice in the PDF is cut off.", "Export it again.")
    return content
