"""The text of an MT940 file as fields, statement by statement.

A field begins with its tag between colons at the start of a line (`:61:`) and goes on over the lines below. Each
`:20:` begins a statement. Envelopes, transport headers and control characters between them belong to nobody.
"""

import io
import re
from collections.abc import Iterator

from dunning.errors import InputRejected
from tasks.intake.xml import MAX_FIELD

Field = tuple[str, list[str]]
"""A tag, such as `60F`, and the lines of the field."""

MAX_FIELDS = 500_000
"""Fields in a file; two an entry."""
MAX_ENTRY = 1_000
"""Characters in a field 61, which by the standard has about a hundred."""

_FIRST = re.compile(rb"^(?:\xef\xbb\xbf)?:(?:2[0158]|60|61|62|86|940)[A-Z]?:", re.MULTILINE)
_TAG = re.compile(r":((?:13|2[0158]|34|6[01245]|86|90)[A-Z]?|NS):")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def is_mt940(raw: bytes) -> bool:
    """Whether one of the first lines begins with a field of MT940."""
    return _FIRST.search(raw[:4096]) is not None


def statements_of(raw: bytes) -> list[list[Field]]:
    """The fields of each statement, without its `:20:`; `nul_bytes`, `too_large`, `field_too_long`.

    Field 86 goes to the entry before it, and goes on where it is repeated. One behind a balance speaks of the
    statement and is left out.
    """
    if b"\x00" in raw:
        raise InputRejected("nul_bytes", "The file holds NUL bytes; it is no text.", "Fetch it from the bank again.")
    found: list[list[Field]] = []
    for count, (tag, lines) in enumerate(_fields(_decoded(raw))):
        if count > MAX_FIELDS:
            raise InputRejected("too_large", f"The file has more than {MAX_FIELDS:,} fields.", "Split the file.")
        if tag == "20":
            found.append([])
        elif found and tag == "86":
            _add_details(found[-1], lines)
        elif found:
            found[-1].append((tag, lines))
    return found


def text_of(field: Field) -> str:
    """What a field says. The blanks at the ends of the lines of 86 stay: they part words and numbers."""
    tag, lines = field
    text = "\n".join(line if tag == "86" else line.rstrip() for line in lines)
    if len(text) > (MAX_ENTRY if tag == "61" else MAX_FIELD):
        raise InputRejected("field_too_long", f"A field {tag} is longer than any bank writes it.", "Ask the bank.")
    return text


def _decoded(raw: bytes) -> str:
    """The text in UTF-8, or in what banks wrote before it."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _add_details(fields: list[Field], lines: list[str]) -> None:
    before = fields[-1][0] if fields else ""
    if before == "86":
        fields[-1][1].extend(lines)
    elif before == "61":
        fields.append(("86", lines))


def _fields(content: str) -> Iterator[Field]:
    tag, lines = "", [""]
    for ended in io.StringIO(_CONTROL.sub("", content), newline=None):
        line = ended.removesuffix("\n")
        found = _TAG.match(line)
        if found or line.strip() == "-" or line.startswith(("-}", "{")):
            if tag:
                yield tag, lines
            tag, lines = (found[1], [line[found.end() :]]) if found else ("", [])
        elif line.strip():
            lines.append(line)
    if tag:
        yield tag, lines
