"""Effects: the same step has the same id, other steps have others, and no move is made that is not in the table."""

import itertools
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.effects import MOVES, PENDING, UNRESOLVED, EffectKind, EffectStatus, check_move, effect_id
from dunning.errors import RuleViolation

S = EffectStatus
MAY_BECOME = {
    S.READY: {S.CLAIMED, S.CANCELLED},
    S.CLAIMED: {S.READY, S.SENDING, S.CANCELLED},
    S.SENDING: {S.SENT, S.READY, S.FAILED, S.UNCERTAIN},
    S.SENT: {S.CAME_BACK},
    S.UNCERTAIN: {S.SENT, S.READY, S.FAILED, S.CANCELLED},
    S.FAILED: {S.CANCELLED, S.SENT},
    S.CANCELLED: set[S](),
    S.CAME_BACK: set[S](),
}
numbers = st.text(min_size=1, max_size=30)
steps = st.tuples(st.sampled_from(EffectKind), numbers, st.integers(0, 9), st.integers(0, 9))


@pytest.mark.parametrize(("source", "target"), list(itertools.product(S, S)))
def test_only_moves_of_the_table_are_made(source: S, target: S) -> None:
    assert ((source, target) in MOVES) == (target in MAY_BECOME[source])
    if target in MAY_BECOME[source]:
        check_move(source, target)
    else:
        with pytest.raises(RuleViolation, match=f"^an effect that is {source} cannot become {target}$"):
            check_move(source, target)


def test_what_is_cancelled_or_came_back_stays_so_and_what_is_sent_only_comes_back() -> None:
    assert set(S) - {source for source, _ in MOVES} == {S.CANCELLED, S.CAME_BACK}
    assert {target for source, target in MOVES if source is S.SENT} == {S.CAME_BACK}


def test_only_what_left_for_certain_comes_back() -> None:
    """A bounce of a message that may have left proves first that it did."""
    assert {source for source, target in MOVES if target is S.CAME_BACK} == {S.SENT}


def test_nothing_is_called_again_without_a_lease_of_its_own() -> None:
    """SENDING is entered from CLAIMED alone, and what may have happened never goes there by itself."""
    assert {source for source, target in MOVES if target is S.SENDING} == {S.CLAIMED}
    assert {source for source, target in MOVES if target is S.CLAIMED} == {S.READY}


def test_every_status_is_under_way_unresolved_or_over() -> None:
    assert PENDING == (S.READY, S.CLAIMED, S.SENDING)
    assert UNRESOLVED == (S.UNCERTAIN, S.FAILED)
    assert {*PENDING, *UNRESOLVED, S.SENT, S.CANCELLED, S.CAME_BACK} == set(S)


@given(steps, steps)
def test_one_step_one_id(one: tuple[EffectKind, str, int, int], other: tuple[EffectKind, str, int, int]) -> None:
    assert (effect_id(*one) == effect_id(*other)) == (one == other)


@given(steps)
def test_each_part_of_the_step_counts(step: tuple[EffectKind, str, int, int]) -> None:
    kind, number, level, occurrence = step
    others = [effect_id(each, number, level, occurrence) for each in EffectKind if each is not kind]
    others += [effect_id(kind, number + "x", level, occurrence), effect_id(kind, number, level + 1, occurrence)]
    others += [effect_id(kind, number, level, occurrence + 1), effect_id(kind, number, occurrence, level + 10)]
    assert len({effect_id(*step), *others}) == len(others) + 1


def test_ids_never_change() -> None:
    """They stand in databases, mail headers and at the agency: another release must derive the same."""
    assert effect_id(EffectKind.NOTICE_MAIL, "RE-2026-1042", 2, 0) == UUID("d45db618-340c-5fe7-9d0a-5e10f4af5ed9")
    assert effect_id(EffectKind.AGENCY_CASE, "RE-2026-1042", 0, 1) == UUID("bbe2b668-5fd6-5def-a182-4a45c4e03818")
