"""What a collection agency may cost the debtor (§ 13e (1) RDG: at most what a lawyer could charge under the RVG).

An estimate for the final warning; the agency reports what it really charges. Net: a creditor who deducts input
tax has no VAT to pass on.
"""

from fractions import Fraction

STEPS: tuple[tuple[int, int, int], ...] = (
    (200_000, 50_000, 4_150),
    (1_000_000, 100_000, 5_950),
    (2_500_000, 300_000, 5_500),
    (5_000_000, 500_000, 8_600),
)
"""Up to this value, each begun step of this width adds this much (§ 13 (1) RVG since 2025-06-01), all in cents."""
BASE_CENTS = 5_150
"""Fee up to a value of 500 EUR."""
SMALL_CLAIM_CENTS = 5_000
SMALL_CLAIM_FEE_CENTS = 3_150
"""VV 2300 note 2 RVG: claims up to 50 EUR."""
MINIMUM_FEE_CENTS = 1_500
"""§ 13 (3) RVG."""
UNDISPUTED_RATE = Fraction(9, 10)
"""VV 2300 note 2 RVG: at most 0.9 for an undisputed claim."""
EXPENSES_RATE = Fraction(1, 5)
EXPENSES_CAP_CENTS = 2_000
"""VV 7002 RVG: flat expenses 20 %, at most 20 EUR."""


def base_fee_cents(value_cents: int) -> int:
    """The 1.0 fee for a claim value (principal without interest and costs), up to 50,000 EUR; ValueError above."""
    if value_cents <= SMALL_CLAIM_CENTS:
        return SMALL_CLAIM_FEE_CENTS
    fee, reached = BASE_CENTS, 50_000
    for limit, width, more in STEPS:
        if value_cents <= reached:
            return fee
        top = min(value_cents, limit)
        fee += -(-(top - reached) // width) * more
        reached = limit
    if value_cents > reached:
        raise ValueError("the table ends at 50,000 EUR")
    return fee


def highest_agency_cost_cents(principal_cents: int) -> int | None:
    """The most an undisputed claim may cost at the agency, fee and expenses; None above 50,000 EUR."""
    if principal_cents > STEPS[-1][0]:
        return None
    fee = max(_half_up(UNDISPUTED_RATE * base_fee_cents(principal_cents)), MINIMUM_FEE_CENTS)
    return fee + min(_half_up(EXPENSES_RATE * fee), EXPENSES_CAP_CENTS)


def _half_up(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))
