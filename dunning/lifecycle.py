"""The life of a claim as a table: (state, event) -> state. What is not in the table is refused.

Level, amounts and holds are data beside the state. The diagram in the README is made from this table.
"""

from enum import StrEnum

from dunning.errors import RuleViolation


class State(StrEnum):
    """Where a claim stands."""

    OPEN = "open"
    """Something is owed and the ladder runs (or waits for its day)."""
    NOTICE_UNDER_WAY = "notice_under_way"
    """A notice is decided and not yet known to be sent."""
    HAND_OVER_PROPOSED = "hand_over_proposed"
    """The ladder is climbed; a person is asked."""
    TRANSFER_UNDER_WAY = "transfer_under_way"
    """A person said yes; the agency has not yet confirmed the case."""
    AT_AGENCY = "at_agency"
    """The agency has the case: no letter, no fee of our own."""
    IN_MANUAL_HANDS = "in_manual_hands"
    """Off the automatic ladder until a person puts it back."""
    SETTLED = "settled"
    """Nothing is open."""


class Event(StrEnum):
    """What happens to a claim."""

    NOTICE_DECIDED = "notice_decided"
    NOTICE_SENT = "notice_sent"
    NOTICE_DROPPED = "notice_dropped"
    """It certainly did not leave: cancelled at the last look, expired, or a person's word."""
    NOTICE_CAME_BACK = "notice_came_back"
    """A notice that had left came back undelivered: its effects are taken back."""
    HAND_OVER_PROPOSED = "hand_over_proposed"
    HAND_OVER_APPROVED = "hand_over_approved"
    HAND_OVER_REJECTED = "hand_over_rejected"
    PROPOSAL_LAPSED = "proposal_lapsed"
    """The claim changed or nobody answered in time: the proposal or approval counts no more."""
    TRANSFERRED = "transferred"
    TRANSFER_REFUSED = "transfer_refused"
    PAID_OFF = "paid_off"
    """The last open cent is paid, credited or written off."""
    REOPENED = "reopened"
    """Something is open again: a returned payment, or a booking taken back."""
    RESUMED = "resumed"
    """A person puts the claim back on the ladder."""


S, E = State, Event
TRANSITIONS: dict[tuple[State, Event], State] = {
    (S.OPEN, E.NOTICE_DECIDED): S.NOTICE_UNDER_WAY,
    (S.OPEN, E.HAND_OVER_PROPOSED): S.HAND_OVER_PROPOSED,
    (S.OPEN, E.PAID_OFF): S.SETTLED,
    (S.NOTICE_UNDER_WAY, E.NOTICE_SENT): S.OPEN,
    (S.NOTICE_UNDER_WAY, E.NOTICE_DROPPED): S.OPEN,
    (S.NOTICE_UNDER_WAY, E.PAID_OFF): S.SETTLED,
    (S.HAND_OVER_PROPOSED, E.HAND_OVER_APPROVED): S.TRANSFER_UNDER_WAY,
    (S.HAND_OVER_PROPOSED, E.HAND_OVER_REJECTED): S.IN_MANUAL_HANDS,
    (S.HAND_OVER_PROPOSED, E.PROPOSAL_LAPSED): S.OPEN,
    (S.HAND_OVER_PROPOSED, E.PAID_OFF): S.SETTLED,
    (S.TRANSFER_UNDER_WAY, E.TRANSFERRED): S.AT_AGENCY,
    (S.TRANSFER_UNDER_WAY, E.TRANSFER_REFUSED): S.IN_MANUAL_HANDS,
    (S.TRANSFER_UNDER_WAY, E.PROPOSAL_LAPSED): S.OPEN,
    (S.TRANSFER_UNDER_WAY, E.PAID_OFF): S.SETTLED,
    (S.AT_AGENCY, E.PAID_OFF): S.AT_AGENCY,  # the agency closes the case once it knows of the payment
    (S.AT_AGENCY, E.REOPENED): S.AT_AGENCY,
    (S.IN_MANUAL_HANDS, E.PAID_OFF): S.SETTLED,
    (S.IN_MANUAL_HANDS, E.RESUMED): S.OPEN,
    (S.IN_MANUAL_HANDS, E.TRANSFERRED): S.AT_AGENCY,  # a person found out that the agency has it after all
    (S.SETTLED, E.REOPENED): S.OPEN,
    # A payment overtook a message in flight; what the message did is still recorded.
    (S.SETTLED, E.NOTICE_SENT): S.SETTLED,
    (S.SETTLED, E.NOTICE_DROPPED): S.SETTLED,
    (S.SETTLED, E.PROPOSAL_LAPSED): S.SETTLED,
    (S.SETTLED, E.TRANSFERRED): S.AT_AGENCY,
    (S.SETTLED, E.TRANSFER_REFUSED): S.SETTLED,
    # ... and the payment came back before the message's fate was known.
    (S.OPEN, E.NOTICE_SENT): S.OPEN,
    (S.OPEN, E.NOTICE_DROPPED): S.OPEN,
    (S.OPEN, E.PROPOSAL_LAPSED): S.OPEN,
    (S.OPEN, E.TRANSFERRED): S.AT_AGENCY,
    (S.OPEN, E.TRANSFER_REFUSED): S.IN_MANUAL_HANDS,
    # A notice may come back at any time; what stands on it is seen by whoever looks next.
    **{(state, E.NOTICE_CAME_BACK): state for state in S},
}
"""Every move there is."""


def after(state: State, event: Event) -> State:
    """The state after an event; RuleViolation for a move that is not in the table."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise RuleViolation(
            f"a claim that is {state} cannot take {event}", "this is a bug: the claim is left as it is"
        ) from None


def diagram() -> str:
    """The table as a Mermaid state diagram; moves that change nothing are left out."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.OPEN}"]
    for (state, event), target in TRANSITIONS.items():
        if state is not target and not (state is State.SETTLED and event is not Event.REOPENED):
            lines.append(f"    {state} --> {target}: {event.replace('_', ' ')}")
    return "\n".join(lines)
