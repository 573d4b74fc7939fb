"""What an agency may cost the debtor: every row of the table, at its step and one cent above it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.agency_cost import MINIMUM_FEE_CENTS, base_fee_cents, highest_agency_cost_cents

TABLE = [
    (50_00, 31_50, 34_02),
    (500_00, 51_50, 55_62),
    (1_000_00, 93_00, 100_44),
    (1_500_00, 134_50, 141_05),
    (2_000_00, 176_00, 178_40),
    (3_000_00, 235_50, 231_95),
    (4_000_00, 295_00, 285_50),
    (5_000_00, 354_50, 339_05),
    (6_000_00, 414_00, 392_60),
    (7_000_00, 473_50, 446_15),
    (8_000_00, 533_00, 499_70),
    (9_000_00, 592_50, 553_25),
    (10_000_00, 652_00, 606_80),
    (13_000_00, 707_00, 656_30),
    (16_000_00, 762_00, 705_80),
    (19_000_00, 817_00, 755_30),
    (22_000_00, 872_00, 804_80),
    (25_000_00, 927_00, 854_30),
    (30_000_00, 1_013_00, 931_70),
    (35_000_00, 1_099_00, 1_009_10),
    (40_000_00, 1_185_00, 1_086_50),
    (45_000_00, 1_271_00, 1_163_90),
    (50_000_00, 1_357_00, 1_241_30),
]
"""Claim value up to, 1.0 fee, 0.9 fee with expenses; § 13 (1) RVG and VV 2300, 7002 RVG since 2025-06-01, in cents."""
STEPS = list(pairwise(TABLE))


@pytest.mark.parametrize(("value", "base", "cost"), TABLE)
def test_each_row_at_its_upper_end(value: int, base: int, cost: int) -> None:
    assert base_fee_cents(value) == base
    assert highest_agency_cost_cents(value) == cost


@pytest.mark.parametrize(("row", "above"), STEPS, ids=[str(row[0] // 100) for row, _ in STEPS])
def test_one_cent_above_a_row_the_next_one_counts(row: tuple[int, int, int], above: tuple[int, int, int]) -> None:
    assert base_fee_cents(row[0] + 1) == above[1]
    assert highest_agency_cost_cents(row[0] + 1) == above[2]


def test_the_published_case() -> None:
    """2,400 EUR: 211.95 and 20 EUR of expenses."""
    assert highest_agency_cost_cents(240_000) == 23_195


@pytest.mark.parametrize("value", [1, 49_99, 50_00])
def test_a_small_claim_has_a_fee_of_its_own(value: int) -> None:
    assert highest_agency_cost_cents(value) == 34_02


def test_above_the_table_there_is_no_estimate() -> None:
    assert highest_agency_cost_cents(5_000_001) is None
    with pytest.raises(ValueError, match=r"^the table ends at 50,000 EUR$"):
        base_fee_cents(5_000_001)


def test_no_fee_lies_below_the_legal_minimum() -> None:
    """§ 13 (3) RVG: 15 EUR. At 0.9 the smallest fee is above it."""
    assert MINIMUM_FEE_CENTS == 15_00
    assert all(base * 9 // 10 > MINIMUM_FEE_CENTS for _, base, _ in TABLE)


@given(st.integers(1, 5_000_000), st.integers(1, 5_000_000))
def test_a_higher_claim_never_costs_less(one: int, other: int) -> None:
    low, high = sorted((one, other))
    cost_low, cost_high = highest_agency_cost_cents(low), highest_agency_cost_cents(high)
    assert cost_low is not None
    assert cost_high is not None
    assert cost_low <= cost_high


@given(st.integers(1, 5_000_000))
def test_expenses_are_a_fifth_and_at_most_twenty_euros(value: int) -> None:
    cost, base = highest_agency_cost_cents(value), base_fee_cents(value)
    assert cost is not None
    fee = base * 9 // 10
    assert base * 9 % 10 == 0, "no row needs rounding"
    assert cost - fee == min(fee // 5, 20_00)
