"""XML from outside: parsed hard, read plainly.

No DTD in any form, no entities, no network, no recovery of broken text; a file is read whole or refused
whole. Everything that goes wrong leaves as `InputRejected`; no message carries text out of the file.
"""

import re
from collections.abc import Mapping
from datetime import date

from lxml import etree

from dunning.errors import InputRejected

MAX_BYTES = 20 * 1024 * 1024
"""No invoice and no bank statement of a shop is larger; the parser keeps several times this in memory."""

MAX_FIELD = 100_000
"""Characters in one field. Attachments (base64) are exempt: they are never read."""

_LONG_FIELD = etree.XPath(
    "boolean(//text()[string-length(.) > $limit][not(local-name(..) = 'EmbeddedDocumentBinaryObject'"
    " or local-name(..) = 'AttachmentBinaryObject')] | //@*[string-length(.) > $limit])"
)
_AMOUNT = re.compile(r"([+-]?)(\d{0,15})(?:\.(\d{0,20}))?", re.ASCII)
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:T.*|Z|[+-]\d{2}:\d{2})?", re.DOTALL | re.ASCII)

Names = Mapping[str | None, str]
"""Prefixes of a path; the key None is the namespace of steps without a prefix."""


def parse_xml(raw: bytes) -> etree._Element:
    """Return the root element, or refuse the file.

    `too_large`, `dtd_refused`, `not_readable`, `field_too_long`.
    """
    if len(raw) > MAX_BYTES:
        raise InputRejected("too_large", f"The XML is larger than {MAX_BYTES // 2**20} MB.", "Split the file.")
    if b"<!DOCTYPE" in raw[: _end_of_prolog(raw)]:
        raise _dtd()
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.LxmlError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f", broken at line {line}" if line else ""
        raise InputRejected(
            "not_readable",
            f"The file is not whole, well-formed XML{where}.",
            "Fetch or export the file again.",
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _dtd()
    if _LONG_FIELD(root, limit=MAX_FIELD):
        raise InputRejected(
            "field_too_long",
            f"A field holds more than {MAX_FIELD:,} characters.",
            "Ask the sender what it is.",
        )
    return root


def local_name(node: etree._Element) -> str:
    return etree.QName(node).localname


def namespace(node: etree._Element) -> str:
    return etree.QName(node).namespace or ""


def text(node: etree._Element, path: str, names: Names) -> str:
    """The text at the first match of a path, blanks folded to one; empty where there is none."""
    return " ".join(node.findtext(path, "", names).split())  # type: ignore[arg-type]


def texts(node: etree._Element, path: str, names: Names) -> tuple[str, ...]:
    """The texts at all matches that are not empty, blanks folded."""
    folded = (" ".join((found.text or "").split()) for found in each(node, path, names))
    return tuple(one for one in folded if one)


def lines(node: etree._Element, path: str, names: Names) -> str:
    """Like `texts`, with the line breaks inside and between them kept."""
    return "\n".join((found.text or "").strip() for found in each(node, path, names))


def each(node: etree._Element, path: str, names: Names) -> list[etree._Element]:
    return node.findall(path, names)  # type: ignore[arg-type]


def cents(written: str, field: str) -> int:
    """An amount as XML writes it (point, no grouping) in whole cents.

    More than two decimals are refused (`too_many_decimals`) unless the rest are noughts: nobody rounds
    money on the way in. Currencies count in hundredths throughout: 2700 yen are 270000.
    """
    match = _AMOUNT.fullmatch(written)
    if match is None or not (match[2] or match[3]):
        raise InputRejected("bad_amount", f"{field} is not an amount.", "Ask the sender for a corrected file.")
    decimals = (match[3] or "").rstrip("0")
    if len(decimals) > 2:
        raise InputRejected(
            "too_many_decimals",
            f"{field} has more than two decimals and cannot be counted in cents.",
            "Ask the sender for a corrected file.",
        )
    amount = int(match[2] or "0") * 100 + int(decimals.ljust(2, "0"))
    return -amount if match[1] == "-" else amount


def day(written: str, field: str) -> date:
    """A day as written.

    `2018-04-13`, `20180413`, with or without a time or zone, which are not counted over.
    """
    match = _DAY.fullmatch(written)
    try:
        found = date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 2100:
        raise InputRejected("bad_date", f"{field} is not a date.", "Ask the sender for a corrected file.")
    return found


def _end_of_prolog(raw: bytes) -> int:
    """Where the root element may begin: a DOCTYPE inside a text field is only text."""
    root = re.search(rb"<[A-Za-z_]", raw)
    return root.start() if root else len(raw)


def _dtd() -> InputRejected:
    return InputRejected(
        "dtd_refused",
        "The XML brings a document type (DTD), which no invoice or statement needs.",
        "Do not open it.",
    )
