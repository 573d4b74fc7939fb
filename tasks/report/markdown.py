"""Markdown and amounts as staff read them."""

from collections.abc import Iterable, Sequence

from dunning.money import plain


def euros(cents: int) -> str:
    """An amount for staff: 1234567 -> 12,345.67 EUR."""
    sign = "-" if cents < 0 else ""
    whole, fraction = plain(abs(cents)).split(".")
    return f"{sign}{int(whole):,}.{fraction} EUR"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; what stands in a cell cannot leave it."""
    lines = ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    text = " ".join(str(value).split())
    for sign in "\\|[]`":
        text = text.replace(sign, "\\" + sign)
    return text.replace("<", "&lt;")
