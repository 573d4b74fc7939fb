"""Machine texts of money to whole cents and back, exactly. Binary floats never occur.

"1234.56" is how documents, JSON, logs and dossiers write an amount; what people read is made elsewhere.
"""

import re
from decimal import Context, Decimal, Inexact, InvalidOperation

from dunning.errors import InputRejected

LARGEST_CENTS = 2**53
"""The largest amount, either sign: above it JSON readers that hold numbers as doubles lose cents."""

_CENT = Decimal("0.01")
_EXACT = Context(prec=18, traps=[Inexact, InvalidOperation])
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
"""The lexical form of XML Schema's decimal: no exponent, no grouping, no blanks."""


def cents(amount: str | Decimal) -> int:
    """Signed whole cents of a machine decimal: "1234.56" -> 123456, "-5" -> -500, "7.5000" -> 750.

    Raises InputRejected: `amount_not_a_number`, `amount_too_precise` (a part of a cent), `amount_too_large`.
    The refused text is not repeated: a wrong column may hold an IBAN.
    """
    value = amount if isinstance(amount, Decimal) else _decimal(amount)
    if not value.is_finite():
        raise InputRejected("amount_not_a_number", "an amount is not a finite number")
    try:
        whole = int(value.quantize(_CENT, context=_EXACT).scaleb(2, context=_EXACT))
    except Inexact as error:
        raise InputRejected("amount_too_precise", "an amount has a part of a cent") from error
    except InvalidOperation as error:
        raise _too_large() from error
    if abs(whole) > LARGEST_CENTS:
        raise _too_large()
    return whole


def plain(cents: int) -> str:
    """The machine text of signed cents: 123456 -> "1234.56", -5 -> "-0.05"."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"


def _decimal(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise InputRejected("amount_not_a_number", "an amount is not a plain decimal such as 1234.56")
    return Decimal(text)


def _too_large() -> InputRejected:
    return InputRejected("amount_too_large", f"an amount is beyond {plain(LARGEST_CENTS)}")
