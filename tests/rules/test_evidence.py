"""What persons confirmed: what still counts, and what the last word on a kind is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.evidence import WORDS, Evidence, EvidenceKind, in_force, last_of

RECEIVED, DELIVERED, SUSPENDED = EvidenceKind.INVOICE_RECEIVED, EvidenceKind.DELIVERED, EvidenceKind.SUSPENDED
MAY_4 = date(2026, 5, 4)
MAY_5 = date(2026, 5, 5)

FIRST = Evidence(RECEIVED, MAY_4, number=1)
SECOND = Evidence(RECEIVED, MAY_5, number=2)
TAKEN_BACK = Evidence(RECEIVED, None, number=3)
OTHER = Evidence(DELIVERED, MAY_4, number=4)


@pytest.mark.parametrize(
    ("noted", "counting", "last"),
    [
        pytest.param((), (), None, id="nothing noted"),
        pytest.param((FIRST,), (FIRST,), FIRST, id="one fact"),
        pytest.param((FIRST, SECOND), (FIRST, SECOND), SECOND, id="the later word"),
        pytest.param((SECOND, FIRST), (SECOND, FIRST), FIRST, id="the later word, not the later day"),
        pytest.param((FIRST, TAKEN_BACK), (), None, id="taken back"),
        pytest.param((FIRST, SECOND, TAKEN_BACK), (), None, id="all of the kind are taken back"),
        pytest.param((FIRST, TAKEN_BACK, SECOND), (SECOND,), SECOND, id="noted anew"),
        pytest.param((TAKEN_BACK, FIRST), (FIRST,), FIRST, id="taken back before it was noted"),
        pytest.param((FIRST, OTHER, TAKEN_BACK), (OTHER,), None, id="another kind stays"),
        pytest.param((FIRST, Evidence(DELIVERED, None)), (FIRST,), FIRST, id="another kind is taken back"),
        pytest.param((OTHER,), (OTHER,), None, id="only another kind is known"),
    ],
)
def test_what_counts_and_the_last_word(
    noted: tuple[Evidence, ...], counting: tuple[Evidence, ...], last: Evidence | None
) -> None:
    assert in_force(noted) == counting
    assert last_of(RECEIVED, noted) == last


def test_a_suspension_without_an_end_is_a_fact_and_takes_nothing_back() -> None:
    """It lasts until somebody notes when it ended."""
    lasting = Evidence(SUSPENDED, MAY_4)
    assert lasting.until_on is None
    assert in_force([lasting, Evidence(SUSPENDED, MAY_5, MAY_5 + timedelta(9))])[0] is lasting


facts = st.builds(
    Evidence,
    st.sampled_from(EvidenceKind),
    st.none() | st.dates(MAY_4, MAY_5 + timedelta(9)),
    number=st.integers(0, 99),
)


@given(st.lists(facts, max_size=9))
def test_a_fact_counts_unless_its_kind_was_taken_back_later(noted: list[Evidence]) -> None:
    counting = [
        each
        for place, each in enumerate(noted)
        if each.on is not None and not any(later.kind is each.kind and later.on is None for later in noted[place:])
    ]
    assert in_force(noted) == tuple(counting)
    for kind in EvidenceKind:
        of_kind = [each for each in counting if each.kind is kind]
        assert last_of(kind, noted) == (of_kind[-1] if of_kind else None)


def test_a_clerk_reads_what_each_kind_means() -> None:
    assert list(WORDS) == list(EvidenceKind)
    assert len(set(WORDS.values())) == len(EvidenceKind)
