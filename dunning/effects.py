"""Effects on the outside world: derived ids and the table of their states.

An effect is recorded before it is tried. Its id is derived, never drawn, so that the same step has the same id
however often it is decided; "may have happened" is a state of its own.
"""

from enum import StrEnum
from uuid import UUID, uuid5

from dunning.errors import RuleViolation

NAMESPACE = UUID("6f0d5c0e-6a0b-5a52-9a58-3c7a4f1f2d11")
"""Root of all effect ids; never changes."""


class EffectKind(StrEnum):
    """What is done outside."""

    NOTICE_MAIL = "notice_mail"
    AGENCY_CASE = "agency_case"
    AGENCY_PAYMENT = "agency_payment"
    """The report of a payment that came after the hand-over."""


class EffectStatus(StrEnum):
    """How far an effect is."""

    READY = "ready"
    CLAIMED = "claimed"
    """A worker has it on lease; nothing was tried."""
    SENDING = "sending"
    """The call may be on its way."""
    SENT = "sent"
    UNCERTAIN = "uncertain"
    """It may have happened: left by evidence only."""
    FAILED = "failed"
    """The other side refused it: for staff."""
    CANCELLED = "cancelled"
    """It certainly did not happen and will not."""
    CAME_BACK = "came_back"
    """It was sent and came back undelivered: without any effect."""


PENDING = (EffectStatus.READY, EffectStatus.CLAIMED, EffectStatus.SENDING)
UNRESOLVED = (EffectStatus.UNCERTAIN, EffectStatus.FAILED)

MOVES: frozenset[tuple[EffectStatus, EffectStatus]] = frozenset(
    {
        (EffectStatus.READY, EffectStatus.CLAIMED),
        (EffectStatus.READY, EffectStatus.CANCELLED),
        (EffectStatus.CLAIMED, EffectStatus.READY),
        (EffectStatus.CLAIMED, EffectStatus.SENDING),
        (EffectStatus.CLAIMED, EffectStatus.CANCELLED),
        (EffectStatus.SENDING, EffectStatus.SENT),
        (EffectStatus.SENDING, EffectStatus.READY),
        (EffectStatus.SENDING, EffectStatus.FAILED),
        (EffectStatus.SENDING, EffectStatus.UNCERTAIN),
        (EffectStatus.UNCERTAIN, EffectStatus.SENT),
        (EffectStatus.UNCERTAIN, EffectStatus.READY),  # proved by a look-up not to have happened
        (EffectStatus.UNCERTAIN, EffectStatus.FAILED),
        (EffectStatus.UNCERTAIN, EffectStatus.CANCELLED),
        (EffectStatus.FAILED, EffectStatus.CANCELLED),
        (EffectStatus.FAILED, EffectStatus.SENT),
        (EffectStatus.SENT, EffectStatus.CAME_BACK),
    }
)


def check_move(source: EffectStatus, target: EffectStatus) -> None:
    """RuleViolation where an effect may not go from source to target."""
    if (source, target) not in MOVES:
        raise RuleViolation(f"an effect that is {source} cannot become {target}")


def effect_id(kind: EffectKind, claim_number: str, level: int, occurrence: int) -> UUID:
    """The id of an effect: the only name of it that leaves the house.

    `occurrence` counts the earlier ones of the same step that certainly did not happen, or that a person orders anew.
    """
    return uuid5(NAMESPACE, f"{kind}|{claim_number}|{level}|{occurrence}")
