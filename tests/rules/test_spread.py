"""One payment for several claims (§ 366 BGB): each question of the statute by itself, and what always holds."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.errors import RuleViolation
from dunning.spread import OpenClaim, spread
from tests.support.naive_allocation import naive_spread

DAY = timedelta(days=1)
ON = date(2026, 11, 23)
A = OpenClaim("A", 100_00, date(2026, 10, 1), date(2026, 9, 15), date(2029, 12, 31), 652)
"""Every other claim of a table differs from this one in what its row says."""


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"due_on": ON}, {"due_on": ON + DAY, "limitation_ends_on": date(2026, 12, 31)}),  # due before not due
        ({"due_on": ON + DAY}, {"due_on": ON + 2 * DAY}),  # of two that are not due, the older
        ({"limitation_ends_on": date(2029, 12, 30)}, {"rate_bps": 1_052}),  # less secure before more onerous
        ({"rate_bps": 653}, {"due_on": date(2026, 9, 30)}),  # more onerous before older
        ({"due_on": date(2026, 9, 30)}, {"issued_on": date(2026, 9, 14)}),  # older by the due date ...
        ({"issued_on": date(2026, 9, 14)}, {"number": "0"}),  # ... then by the invoice's
    ],
    ids=["due", "older though not due", "less secure", "more onerous", "older", "older invoice"],
)
def test_the_statutes_order(better: dict[str, object], worse: dict[str, object]) -> None:
    first = replace(A, number="first", **better)  # type: ignore[arg-type]
    second = replace(A, **({"number": "second"} | worse))  # type: ignore[arg-type]
    for claims in ([first, second], [second, first]):
        assert spread(60_00, claims, ON) == {"first": 60_00}
        assert spread(150_00, claims, ON) == {"first": 100_00, second.number: 50_00}
        assert spread(200_00, claims, ON) == {"first": 100_00, second.number: 100_00}
        assert spread(200_01, claims, ON) == {"first": 100_00, second.number: 100_00, "": 1}


OLD = replace(A, number="OLD", due_on=date(2026, 1, 1))
NEW = replace(A, number="NEW", open_cents=70_00, due_on=date(2026, 12, 24))


@pytest.mark.parametrize(
    ("cents", "designated", "expected"),
    [
        (50_00, (), {"OLD": 50_00}),
        (50_00, ("NEW",), {"NEW": 50_00}),  # though others are older, and it is not due
        (70_00, ("NEW",), {"NEW": 70_00}),
        (120_00, ("NEW",), {"NEW": 70_00, "OLD": 50_00}),  # the rest has no designation
        (120_00, ("NEW", "A"), {"NEW": 70_00, "A": 50_00}),
        (120_00, ("A", "NEW"), {"A": 100_00, "NEW": 20_00}),
        (120_00, ("A", "A"), {"A": 100_00, "OLD": 20_00}),
        (100_00, ("NEW",), {"NEW": 70_00, "OLD": 30_00}),
        (50_00, ("paid long ago",), {"OLD": 50_00}),
        (70_00, ("paid long ago",), {"NEW": 70_00}),
        (70_00, ("A",), {"A": 70_00}),  # the designation goes before the exact amount
        (140_00, ("NEW",), {"NEW": 70_00, "OLD": 70_00}),  # what is left is not "exact" of anything
        (300_00, ("NEW",), {"NEW": 70_00, "OLD": 100_00, "A": 100_00, "": 30_00}),
        # an amount that is exactly what is open of one claim
        (69_99, (), {"OLD": 69_99}),
        (70_00, (), {"NEW": 70_00}),
        (70_01, (), {"OLD": 70_01}),
        (100_00, (), {"OLD": 100_00}),  # of two claims: it names neither
        (170_00, (), {"OLD": 100_00, "A": 70_00}),
        (0, (), {}),
    ],
)
def test_the_debtors_designation_and_the_exact_amount(
    cents: int, designated: tuple[str, ...], expected: dict[str, int]
) -> None:
    assert spread(cents, [NEW, A, OLD], ON, designated=designated) == expected


def test_an_exact_amount_goes_to_the_claim_though_equals_wait() -> None:
    """100.00 is what is open of A alone: nothing of it goes to OLD or NEW."""
    claims = [replace(OLD, open_cents=99_99), A, NEW]
    assert spread(100_00, claims, ON) == {"A": 100_00}
    assert spread(100_00, claims, ON, designated=["NEW"]) == {"NEW": 70_00, "OLD": 30_00}, "NEW is meant, not A"


@pytest.mark.parametrize(
    ("open_cents", "cents", "expected"),
    [
        ((100, 100), 99, {"0": 50, "1": 49}),  # 49.5 each: the lower number gets the cent
        ((100, 200), 50, {"0": 17, "1": 33}),  # 16.67, 33.33
        ((100, 100, 100), 100, {"0": 34, "1": 33, "2": 33}),  # exactly what is open of each: of none in particular
        ((100, 100, 100), 101, {"0": 34, "1": 34, "2": 33}),  # 33.67 each: two cents
        ((10, 20, 70), 33, {"0": 3, "1": 7, "2": 23}),  # 3.3, 6.6, 23.1
        ((1, 1, 1), 2, {"0": 1, "1": 1}),  # 0.67 each
        ((7, 3), 9, {"0": 6, "1": 3}),  # 6.3, 2.7
        ((30, 70), 101, {"0": 30, "1": 70, "": 1}),
        ((30, 70), 99, {"0": 30, "1": 69}),  # 29.7, 69.3
    ],
)
def test_equals_share_in_proportion(open_cents: tuple[int, ...], cents: int, expected: dict[str, int]) -> None:
    claims = [replace(A, number=str(n), open_cents=each) for n, each in enumerate(open_cents)]
    assert spread(cents, claims, ON) == expected
    assert spread(cents, claims[::-1], ON) == expected


def test_what_is_left_over_is_a_credit_balance() -> None:
    assert spread(5_00, [], ON) == {"": 5_00}
    assert spread(5_00, [replace(A, open_cents=0), replace(A, number="B", open_cents=-5_00)], ON) == {"": 5_00}
    assert spread(5_00, [replace(A, open_cents=0)], ON, designated=["A"]) == {"": 5_00}
    assert spread(5_00, [replace(A, open_cents=1)], ON) == {"A": 1, "": 4_99}


def test_less_than_nothing_is_no_payment() -> None:
    with pytest.raises(RuleViolation) as refused:
        spread(-1, [A], ON)
    assert refused.value.what == "a payment of less than nothing was to be spread"
    assert refused.value.todo == "book it as a returned payment"
    assert spread(0, [A], ON) == {}


# What always holds


near = st.integers(-2, 1).map(lambda n: ON + n * DAY)
open_claims = st.builds(
    OpenClaim,
    st.sampled_from("ABCDEF"),
    st.sampled_from([0, 1, 7_00, 10_00]) | st.integers(-100, 2_000),
    near,
    near,
    st.sampled_from([date(2028, 12, 31), date(2029, 12, 31)]),
    st.sampled_from([652, 1_052]),
)
several = st.lists(open_claims, max_size=6, unique_by=lambda claim: claim.number)
payments = st.sampled_from([1, 7_00, 10_00, 17_00]) | st.integers(0, 5_000)
named = st.lists(st.sampled_from("ABCDEFX"), max_size=3)


@given(payments, several, named)
def test_it_is_what_a_clerk_finds(cents: int, claims: list[OpenClaim], designated: list[str]) -> None:
    owing = [claim for claim in claims if claim.open_cents > 0]
    assert spread(cents, claims, ON, designated=designated) == naive_spread(cents, owing, ON, designated)


@given(payments, several, named, st.data())
def test_cents_are_never_lost_or_made(
    cents: int, claims: list[OpenClaim], designated: list[str], data: st.DataObject
) -> None:
    shares = spread(cents, claims, ON, designated=designated)
    assert sum(shares.values()) == cents
    owed = {claim.number: claim.open_cents for claim in claims}
    for number, share in shares.items():
        assert share > 0
        assert not number or share <= owed[number]
    if "" in shares:
        assert all(shares.get(claim.number, 0) == max(0, claim.open_cents) for claim in claims)
    shuffled = data.draw(st.permutations(claims))
    assert spread(cents, shuffled, ON, designated=designated) == shares
