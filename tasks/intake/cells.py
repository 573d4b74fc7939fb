"""What stands in one cell of a table: amounts, days and words, read without guessing.

A cell that cannot be read plainly raises `CellError` with a reason and one line, never with its content.
"""

import re
from datetime import date, datetime
from decimal import Decimal

Cell = str | int | float | Decimal | date | datetime | bool | None
"""CSV gives text only; a workbook gives its own types too."""

MAX_TEXT = 1_000
"""Characters in a cell that we keep."""

_NOISE = re.compile(r"[\s\u00a0\u202f']|€|EUR", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]{1,15}")
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_SHORT_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{2})", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class CellError(Exception):
    """A cell that cannot be read: the reason code and one plain line."""

    def __init__(self, reason: str, what: str) -> None:
        super().__init__(what)
        self.reason = reason
        self.what = what


def word(cell: Cell, column: str) -> str:
    """The cell as one line of text; control characters and bidirectional marks are refused, not dropped."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    written = "" if cell is None else str(cell)
    if _CONTROL.search(written):
        raise CellError("bad_text", f"Column {column}: control characters in the text.")
    if len(written) > MAX_TEXT:
        raise CellError("field_too_long", f"Column {column}: more than {MAX_TEXT:,} characters.")
    return " ".join(written.split())


def amount_cents(cell: Cell, column: str, decimal: str | None) -> int:
    """An amount in signed cents.

    `decimal` is the declared decimal sign ("," or "."). Undeclared, a value passes if it can be read in one
    way only: both signs used (`1.234,56`), one or two digits after a single sign (`12,5`), a sign used
    twice (`1.234.567`). `1.234` and `1,234` are either a thousand or one and a bit: `ambiguous_amount`.
    """
    if isinstance(cell, bool | date):
        raise CellError("bad_amount", f"Column {column}: not an amount.")
    if isinstance(cell, int | float | Decimal):
        return _from_number(Decimal(str(cell)), column)
    written = _NOISE.sub("", str(cell or "")).replace("−", "-")
    sign = -1 if written.startswith("-") or written.endswith("-") else 1
    digits = written.removeprefix("+").removeprefix("-").removesuffix("-")
    whole, fraction = _parts(digits, column, decimal)
    if not _DIGITS.fullmatch(whole) or not re.fullmatch(r"[0-9]{0,2}0*", fraction):
        raise CellError("bad_amount", f"Column {column}: not an amount in whole cents.")
    return sign * (int(whole) * 100 + int(fraction[:2].ljust(2, "0")))


def day(cell: Cell, column: str, short_years: bool = False) -> date:
    """A day, as `2026-01-31`, as `31.01.2026` or as a workbook's own date; with `short_years` also `31.01.26`."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    written = str(cell or "").strip()
    try:
        if match := _GERMAN_DAY.fullmatch(written):
            found = date(int(match[3]), int(match[2]), int(match[1]))
        elif match := _ISO_DAY.fullmatch(written):
            found = date(int(match[1]), int(match[2]), int(match[3]))
        elif short_years and (match := _SHORT_DAY.fullmatch(written)):
            found = date(2000 + int(match[3]), int(match[2]), int(match[1]))
        else:
            found = None
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 2100:
        raise CellError("bad_date", f"Column {column}: not a day as 2026-01-31 or 31.01.2026.")
    return found


def _from_number(number: Decimal, column: str) -> int:
    """A workbook keeps amounts as binary fractions of 15 digits.

    Read to a millionth, then to the exact cent.
    """
    if not number.is_finite() or abs(number) >= 10**15:
        raise CellError("bad_amount", f"Column {column}: not an amount.")
    hundredths = round(number, 6) * 100
    if hundredths != hundredths.to_integral_value():
        raise CellError("bad_amount", f"Column {column}: not an amount in whole cents.")
    return int(hundredths)


def _parts(digits: str, column: str, decimal: str | None) -> tuple[str, str]:
    """Digits before and after the decimal sign; the grouping sign must stand where it belongs."""
    decimal = decimal or _only_reading(digits, column)
    grouping = "." if decimal == "," else ","
    whole, _, fraction = digits.partition(decimal)
    if grouping in whole:
        groups = whole.split(grouping)
        if not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:]):
            raise CellError("bad_amount", f"Column {column}: thousands and decimals do not fit together.")
        whole = "".join(groups)
    return whole or "0" * bool(fraction), fraction


def _only_reading(digits: str, column: str) -> str:
    """The decimal sign of a value that has only one reading."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "," if digits.rfind(",") > digits.rfind(".") else "."
    sign = "." if points else ","
    if points + commas > 1:
        return "," if sign == "." else "."
    before, _, after = digits.partition(sign)
    if len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0"):
        raise CellError(
            "ambiguous_amount",
            f"Column {column}: {sign} may mean thousands or decimals; declare the decimal sign.",
        )
    return sign
