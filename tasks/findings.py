"""What the watch finds: a fault or something to look at, with what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_NAMED = 10
"""Claims that one finding names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at; `broken` where an invariant does not hold, which is our own bug or somebody's hand."""

    what: str
    todo: str
    broken: bool = False


def named(names: Sequence[str]) -> str:
    """The first of these names, and how many more there are."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
