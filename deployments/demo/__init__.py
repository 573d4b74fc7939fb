"""The sample shop: an invented tea and garden shop with customers, invoices and bank statements.

Made from a seed and a first day; the same seed and day make the same bytes. Nobody and nothing in it is real:
mail domains end in `.example`, bank codes of payers begin with 9 (no bank has such a code), telephone numbers
are from a block that is never connected.
"""

from deployments.demo.papers import write_shop
from deployments.demo.story import Act, Day, Fate, Mishap, StaffAct, Story

__all__ = ["Act", "Day", "Fate", "Mishap", "StaffAct", "Story", "write_shop"]
