"""Every reason has its words, and every hold is a reason."""

from dunning.reasons import WORDS, HoldKind, Reason


def test_every_reason_has_its_own_sentence() -> None:
    assert set(WORDS) == set(Reason)
    assert len(set(WORDS.values())) == len(Reason)
    assert all(words == words.strip(" .") and words for words in WORDS.values())


def test_every_hold_is_a_reason_of_the_same_name() -> None:
    for kind in HoldKind:
        assert Reason(kind).name == kind.name
        assert Reason(kind) == kind.value


def test_codes_are_stored_and_reported_as_they_are_named() -> None:
    assert all(reason.value == reason.name.lower() for reason in Reason)
