"""Default (Verzug, § 286 BGB): from which day a debtor owes interest and costs, by which route, and how we know."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Agreement(StrEnum):
    """What the contract says of the due date. A day that only the invoice names is the creditor's word alone."""

    NONE = "none"
    DATE = "date"
    """The day itself was agreed (§ 286 (2) no. 1 BGB)."""
    PERIOD = "period"
    """A period counted from an event was agreed (no. 2); the due date is its end."""


class Channel(StrEnum):
    """How a declaration reaches the debtor."""

    EMAIL = "email"
    LETTER = "letter"
    PORTAL = "portal"


class Route(StrEnum):
    """How default came about."""

    AGREED_DATE = "agreed_date"
    AGREED_PERIOD = "agreed_period"
    NOTICE = "notice"
    THIRTY_DAYS = "thirty_days"
    REFUSAL = "refusal"
    COURT = "court"


@dataclass(frozen=True, slots=True)
class Default:
    """The debtor is in default."""

    from_on: date
    """The first day of default, which is the first day of interest."""
    route: Route
    evidence: str
    """What proves it, for an auditor: days, an effect's id, or who confirmed it. Names nobody but our own staff."""
