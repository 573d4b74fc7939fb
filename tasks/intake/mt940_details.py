"""What field 86 of MT940 says of an entry: purpose, references, the other side, why a payment came back.

German banks write it as the banks' agreement on data formats (Anlage 3 DFÜ-Abkommen, 8.2.4) has it: a business code
of three digits, then subfields behind a sign, as a rule `?`. Purposes stand in `?20` to `?29` and go on in `?60` to
`?63`, 27 characters each, with the blank cut off that stood at the end of one; SEPA's parts begin with a word and a
plus sign (`EREF+`, `SVWZ+`). Any other field 86 is a purpose as it stands.
"""

import re
from dataclasses import dataclass

from tasks.intake.return_reasons import NARRATIVE, named_reason

WIDTH = 27
"""Characters in a subfield. A shorter one ended in a blank, or at the end of its part."""
LINE = 65
"""Characters in a line of field 86."""

_STRUCTURED = re.compile(r"\s*(\d{3})(\W)(?=\d\d)", re.ASCII)
_KEYS = r"(0\d|1\d|2\d|3\d|6\d|7\d)"
_WORDS = "EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|MDAT|DDAT|SQTP|ORCR|ORMR|BREF|RREF"
_WORD = re.compile(rf"(?:(?P<word>{_WORDS})\+|(?P<note>MTLG):) ?")
_PART = re.compile(rf"(?:^|(?<=[\n ]))(?:({_WORDS})\+|(MTLG):)")
_NONE = frozenset({"", "NOTPROVIDED", "NONREF"})
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)

_RETURNED = frozenset({"108", "109", "159", "181", "184"})
"""Business codes of returned direct debits, of a transfer that came back, and of debits given back to us."""
_RETURNED_ITEM = "RTI"
"""SWIFT's code in field 61 for a returned item."""
_REASONS = {
    "901": "AC01", "902": "AC04", "903": "AC06", "904": "AG01", "906": "AM04", "909": "MD01", "910": "MD02",
    "912": "MD06", "913": "MD07", "914": "MS03", "915": "RC01",
}  # fmt: skip
"""`?34` of a return as ISO 20022 names it. Another number stays as the bank wrote it."""


@dataclass(frozen=True, slots=True)
class Details:
    """What is said of an entry; empty strings where nothing is."""

    reference: str = ""
    end_to_end_id: str = ""
    counterparty: str = ""
    counterparty_iban: str = ""
    return_reason: str = ""
    """ISO code, the bank's own number, or `NARR`; empty if nothing came back."""


def details_of(written: str, code: str = "") -> Details:
    """Read a field 86 of any bank; `code` is that of field 61 (`NTRF`, `NRTI`)."""
    returned = code[1:] == _RETURNED_ITEM
    structured = _STRUCTURED.match(written)
    if structured is None:
        reason = _return_reason(written, "") if returned else ""
        return Details(reference=_folded(_unwrapped(written)), return_reason=reason)
    subfields = _subfields(written.replace("\n", ""), structured[2])
    parts = _parts([text for key, text in subfields if key[0] in "26"])
    reason = _return_reason(" ".join(parts.values()), _joined(subfields, "34"))
    names = (_joined(subfields, "32", "33"), parts.get("ABWA", ""))
    accounts = (_joined(subfields, "31"), _joined(subfields, "38"), parts.get("IBAN", ""))
    references = (parts.get("EREF", ""), parts.get("KREF", ""))
    return Details(
        reference=next(filter(None, (parts.get(word, "") for word in ("SVWZ", "", "MTLG"))), ""),
        end_to_end_id=next((one for one in references if one not in _NONE), ""),
        counterparty=next(filter(None, names), ""),
        counterparty_iban=next((iban for one in accounts if _IBAN.fullmatch(iban := one.replace(" ", ""))), ""),
        return_reason=reason if returned or structured[1] in _RETURNED else "",
    )


def _unwrapped(written: str) -> str:
    """Lines of a text that is not structured: a full one goes on in the next, a shorter one has ended."""
    return "".join(line + " " * (len(line) < LINE) for line in written.split("\n"))


def _subfields(text: str, sign: str) -> list[tuple[str, str]]:
    """Key and content of each subfield, in the order written; a key may come twice."""
    pieces = re.split(re.escape(sign) + _KEYS, text)
    return list(zip(pieces[1::2], pieces[2::2], strict=True))


def _joined(subfields: list[tuple[str, str]], *keys: str) -> str:
    return _folded(_stream([text for key, text in subfields if key in keys]))


def _stream(pieces: list[str]) -> str:
    """Subfields as the one text they were; a part that begins with a subfield begins on a new line."""
    begun = ("\n" + piece if _WORD.match(piece) else piece for piece in pieces)
    return "".join(piece + " " * (len(piece.lstrip("\n")) < WIDTH) for piece in begun)


def _parts(pieces: list[str]) -> dict[str, str]:
    """The purpose by SEPA's words; what stands before the first of them under the empty one."""
    text = _stream(pieces)
    found = _PART.split(text)
    parts = {"": _folded(found[0])}
    for word, note, said in zip(found[1::3], found[2::3], found[3::3], strict=True):
        name = word or note
        parts[name] = _folded(f"{parts.get(name, '')} {said}")
    return parts


def _return_reason(text: str, number: str) -> str:
    return named_reason(text) or _REASONS.get(number[:3], number[:3]) or NARRATIVE


def _folded(text: str) -> str:
    return " ".join(text.split())
