"""Tables as files (CSV and XLSX) read to plain rows, with limits on everything."""

import csv
import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from openpyxl import load_workbook

from dunning.errors import InputRejected
from tasks.intake.archive import members
from tasks.intake.cells import Cell

MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_FIELD = 100_000
MAX_PREAMBLE = 50
"""Lines above the heading that are looked through for it."""

IsHeading = Callable[[tuple[str, ...]], bool]
"""Whether a row is a heading that is known."""

_ENCODINGS = ("utf-8-sig", "cp1252")
_SEPARATORS = (";", ",", "\t")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A heading and the rows below it, each with its number in the file (the first line is 1)."""

    heading: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    cut_off: bool
    """The file does not end with a line end: a short last row is then a cut one."""
    preamble: tuple[str, ...] = ()
    """What stands above the heading: banks print account, period and balance there."""


def read_csv(raw: bytes, is_heading: IsHeading) -> Sheet:
    """Read a CSV file: UTF-8 or Windows-1252, `;`, `,` or tab as the heading has it, quotes doubled.

    The heading is the first row that is known as one; if none is, the first that is not empty.
    """
    if b"\x00" in raw:
        raise InputRejected("nul_bytes", "The file holds NUL bytes; it is no text.", "Export it as CSV in UTF-8.")
    content = _decoded(raw)
    csv.field_size_limit(MAX_FIELD)
    above, separator = _above_heading(content, is_heading)
    below = io.StringIO(content[sum(map(len, above)) :], newline="")
    lines = csv.reader(below, delimiter=separator, strict=True)
    try:
        numbered = [
            (len(above) + lines.line_num, cells) for cells in _limited(lines) if any(str(one).strip() for one in cells)
        ]
    except csv.Error as error:
        reason, what = _fault(error)
        raise InputRejected(reason, what, "Export the file again.") from error
    return _sheet(numbered, tuple(above), cut_off=not content.endswith(("\n", "\r")))


def read_xlsx(raw: bytes, is_heading: IsHeading) -> Sheet:
    """Read the first sheet of a workbook, values only; its heading as in `read_csv`.

    A second sheet with content is refused: `several_sheets`.
    """
    for name, content in members(raw).items():
        if b"<!DOCTYPE" in content[:1000] and name.endswith((".xml", ".rels")):
            raise InputRejected("dtd_refused", "The workbook brings a document type (DTD).", "Do not open it.")
    try:
        with warnings.catch_warnings(action="ignore"):  # about styles and extensions, which we do not read
            workbook = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
            first, *others = [list(_rows(sheet)) for sheet in workbook.worksheets] or [[]]
            workbook.close()
    except InputRejected:
        raise
    except Exception as error:  # a foreign parser on foreign bytes: whatever it throws means the same to us
        raise InputRejected(
            "not_readable", "The workbook is broken or cut off.", "Fetch or export the file again."
        ) from error
    if any(others):
        raise InputRejected("several_sheets", "The workbook has several sheets with content.", "Save each by itself.")
    known = (place for place, (_, cells) in enumerate(first[:MAX_PREAMBLE]) if is_heading(_titles(cells)))
    start = next(known, 0)
    preamble = tuple(" ".join(_titles(cells)) for _, cells in first[:start])
    width = len(first[start][1]) if first else 0
    filled = [(number, cells + (None,) * (width - len(cells))) for number, cells in first[start:]]
    return _sheet(filled, preamble, cut_off=False)


def is_workbook(names: set[str]) -> bool:
    """Whether the members of an archive make a workbook."""
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def _rows(sheet: object) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """The rows that hold something. The sheet's own idea of its size is not believed."""
    sheet.reset_dimensions()  # type: ignore[attr-defined]
    rows = sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True)  # type: ignore[attr-defined]
    for number, cells in enumerate(_limited(rows), start=1):
        kept = list(cells)
        while kept and kept[-1] in (None, ""):
            kept.pop()
        if kept:
            yield number, tuple(kept)


def _limited(rows: Iterator[tuple[Cell, ...]] | Iterator[list[str]]) -> Iterator[tuple[Cell, ...]]:
    for count, cells in enumerate(rows):
        if count > MAX_ROWS:
            raise InputRejected("too_large", f"The table has more than {MAX_ROWS:,} rows.", "Split the file.")
        if len(cells) > MAX_COLUMNS and any(cell not in (None, "") for cell in cells[MAX_COLUMNS:]):
            raise InputRejected("too_large", f"The table has more than {MAX_COLUMNS} columns.", "Drop the others.")
        yield tuple(cells[:MAX_COLUMNS])


def _above_heading(content: str, is_heading: IsHeading) -> tuple[list[str], str]:
    """The lines above the heading, and the sign that separates its cells."""
    above: list[str] = []
    for line in islice(io.StringIO(content, newline=""), MAX_PREAMBLE):
        for separator in _SEPARATORS:
            if is_heading(_cells(line, separator)):
                return above, separator
        above.append(line)
    first = next((line for line in above if line.strip()), "")
    return [], max(_SEPARATORS, key=first.count)


def _cells(line: str, separator: str) -> tuple[str, ...]:
    try:
        return _titles(tuple(next(csv.reader([line], delimiter=separator), ())))
    except csv.Error:
        return ()


def _titles(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    return tuple(str(cell or "").strip() for cell in cells)


def _sheet(numbered: list[tuple[int, tuple[Cell, ...]]], preamble: tuple[str, ...], cut_off: bool) -> Sheet:
    if not numbered:
        raise InputRejected("empty", "The file is empty.", "Export it again.")
    return Sheet(_titles(numbered[0][1]), tuple(numbered[1:]), cut_off, preamble)


def _decoded(raw: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputRejected("not_readable", "The text is neither UTF-8 nor Windows-1252.", "Export it as CSV in UTF-8.")


def _fault(error: csv.Error) -> tuple[str, str]:
    if "field larger" in str(error):
        return "field_too_long", f"A field holds more than {MAX_FIELD:,} characters."
    return "not_readable", "The CSV file is cut off or its quotes do not close."
