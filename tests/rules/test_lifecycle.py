"""The life of a claim: the whole product of states and events, and what the table as a whole must be."""

import itertools

import pytest

from dunning.errors import RuleViolation
from dunning.lifecycle import TRANSITIONS, Event, State, after, diagram

S, E = State, Event
LIFE = {
    S.OPEN: {
        E.NOTICE_CAME_BACK: S.OPEN,
        E.NOTICE_DECIDED: S.NOTICE_UNDER_WAY,
        E.NOTICE_SENT: S.OPEN,
        E.NOTICE_DROPPED: S.OPEN,
        E.HAND_OVER_PROPOSED: S.HAND_OVER_PROPOSED,
        E.PROPOSAL_LAPSED: S.OPEN,
        E.TRANSFERRED: S.AT_AGENCY,
        E.TRANSFER_REFUSED: S.IN_MANUAL_HANDS,
        E.PAID_OFF: S.SETTLED,
    },
    S.NOTICE_UNDER_WAY: {
        E.NOTICE_CAME_BACK: S.NOTICE_UNDER_WAY,
        E.NOTICE_SENT: S.OPEN,
        E.NOTICE_DROPPED: S.OPEN,
        E.PAID_OFF: S.SETTLED,
    },
    S.HAND_OVER_PROPOSED: {
        E.NOTICE_CAME_BACK: S.HAND_OVER_PROPOSED,
        E.HAND_OVER_APPROVED: S.TRANSFER_UNDER_WAY,
        E.HAND_OVER_REJECTED: S.IN_MANUAL_HANDS,
        E.PROPOSAL_LAPSED: S.OPEN,
        E.PAID_OFF: S.SETTLED,
    },
    S.TRANSFER_UNDER_WAY: {
        E.NOTICE_CAME_BACK: S.TRANSFER_UNDER_WAY,
        E.PROPOSAL_LAPSED: S.OPEN,
        E.TRANSFERRED: S.AT_AGENCY,
        E.TRANSFER_REFUSED: S.IN_MANUAL_HANDS,
        E.PAID_OFF: S.SETTLED,
    },
    S.AT_AGENCY: {E.NOTICE_CAME_BACK: S.AT_AGENCY, E.PAID_OFF: S.AT_AGENCY, E.REOPENED: S.AT_AGENCY},
    S.IN_MANUAL_HANDS: {
        E.NOTICE_CAME_BACK: S.IN_MANUAL_HANDS,
        E.PAID_OFF: S.SETTLED,
        E.RESUMED: S.OPEN,
        E.TRANSFERRED: S.AT_AGENCY,
    },
    S.SETTLED: {
        E.NOTICE_CAME_BACK: S.SETTLED,
        E.NOTICE_SENT: S.SETTLED,
        E.NOTICE_DROPPED: S.SETTLED,
        E.PROPOSAL_LAPSED: S.SETTLED,
        E.TRANSFERRED: S.AT_AGENCY,
        E.TRANSFER_REFUSED: S.SETTLED,
        E.REOPENED: S.OPEN,
    },
}
"""The table once more, by state: a second person's reading of it. A notice may come back in every state."""
DRAWN_NOT = [(S.SETTLED, E.TRANSFERRED)]
"""A payment that overtook the transfer: left out of the picture, for the sake of the picture."""


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)))
def test_what_is_in_the_table_goes_there_and_the_rest_is_refused(state: State, event: Event) -> None:
    target = LIFE[state].get(event)
    assert TRANSITIONS.get((state, event)) is target
    if target is None:
        with pytest.raises(RuleViolation, match=f"^a claim that is {state} cannot take {event}\n"):
            after(state, event)
    else:
        assert after(state, event) is target


def reachable(start: State) -> set[State]:
    """The states that can be reached from one, itself included."""
    found = {start}
    while more := {target for (state, _), target in TRANSITIONS.items() if state in found} - found:
        found |= more
    return found


def test_every_state_can_be_reached() -> None:
    assert reachable(State.OPEN) == set(State)


def test_nothing_is_a_dead_end_but_the_agency() -> None:
    stuck = [state for state in State if not set(LIFE[state].values()) - {state}]
    assert stuck == [State.AT_AGENCY]
    assert all(State.SETTLED in reachable(state) for state in State if state is not State.AT_AGENCY)


def test_every_event_happens_somewhere() -> None:
    assert {event for _, event in TRANSITIONS} == set(Event)


@pytest.mark.parametrize("state", [state for state in State if state is not State.SETTLED])
def test_a_payment_is_heard_in_every_state(state: State) -> None:
    assert after(state, Event.PAID_OFF) in (State.SETTLED, State.AT_AGENCY)


def test_nobody_hands_over_but_a_person() -> None:
    """Into TRANSFER_UNDER_WAY leads the approval alone."""
    doors = [event for (state, event), target in TRANSITIONS.items() if state is not target is State.TRANSFER_UNDER_WAY]
    assert doors == [Event.HAND_OVER_APPROVED]


def test_what_the_agency_has_never_comes_back_onto_the_ladder_by_itself() -> None:
    assert reachable(State.AT_AGENCY) == {State.AT_AGENCY}


@pytest.mark.parametrize("state", State)
def test_a_notice_that_comes_back_is_recorded_in_every_state_and_moves_nothing(state: State) -> None:
    """Also at the agency: whoever looks next sees what stood on it."""
    assert after(state, Event.NOTICE_CAME_BACK) is state


def test_a_refused_case_goes_into_manual_hands() -> None:
    for event in (Event.HAND_OVER_REJECTED, Event.TRANSFER_REFUSED):
        targets = {after(state, event) for state in State if event in LIFE[state] and state is not State.SETTLED}
        assert targets == {State.IN_MANUAL_HANDS}


def test_the_diagram_shows_every_move_that_changes_something() -> None:
    lines = diagram().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> open"]
    moves = {
        f"    {state} --> {target}: {event.replace('_', ' ')}"
        for state, events in LIFE.items()
        for event, target in events.items()
        if state is not target and (state, event) not in DRAWN_NOT
    }
    assert sorted(lines[2:]) == sorted(moves)
    assert all(any(f" {state}" in line for line in lines) for state in State)
