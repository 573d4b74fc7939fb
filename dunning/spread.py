"""One payment for several claims (§ 366 BGB): what of it goes to each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from dunning.errors import RuleViolation


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """One of several claims on a debtor, as § 366 BGB looks at it."""

    number: str
    open_cents: int
    due_on: date
    issued_on: date
    limitation_ends_on: date
    rate_bps: int
    """What it costs the debtor a year."""


def spread(cents: int, claims: Sequence[OpenClaim], on: date, *, designated: Sequence[str] = ()) -> dict[str, int]:
    """What each claim gets of a payment of `cents` on a day; under "" what is left over, a credit balance.

    First the claims that the debtor named, in that order (§ 366 (1) BGB). Where none was named, an amount that is
    exactly what is open of one claim, and of that one only, names it. Then § 366 (2): due before not due, the less
    secure (limitation comes sooner), the more onerous (higher rate), the older; equals in proportion to what is open,
    single cents by the largest remainder, then by number. The values add up to `cents`; none is 0.
    """
    if cents < 0:
        raise RuleViolation("a payment of less than nothing was to be spread", "book it as a returned payment")
    shares: dict[str, int] = {}
    left = cents
    for group in _turns(cents, claims, on, designated):
        now = min(left, sum(claim.open_cents for claim in group))
        shares |= _pro_rata(now, group)
        left -= now
    return {number: share for number, share in (shares | {"": left}).items() if share}


def _turns(cents: int, claims: Sequence[OpenClaim], on: date, designated: Sequence[str]) -> Iterator[list[OpenClaim]]:
    """Groups of equals, in the order in which they are paid."""

    def turn(claim: OpenClaim) -> tuple[bool, date, int, date, date]:
        return claim.due_on > on, claim.limitation_ends_on, -claim.rate_bps, claim.due_on, claim.issued_on

    unnamed = {claim.number: claim for claim in claims if claim.open_cents > 0}
    named = [unnamed.pop(number) for number in designated if number in unnamed]
    exact = [number for number, claim in unnamed.items() if claim.open_cents == cents]
    if not named and len(exact) == 1:
        named = [unnamed.pop(number) for number in exact]
    yield from ([claim] for claim in named)
    for _, equals in groupby(sorted(unnamed.values(), key=turn), key=turn):
        yield list(equals)


def _pro_rata(cents: int, claims: Sequence[OpenClaim]) -> dict[str, int]:
    """Shares of `cents`, which is no more than is open of these claims together."""
    total = sum(claim.open_cents for claim in claims)
    shares = {claim.number: cents * claim.open_cents // total for claim in claims}
    by_remainder = sorted(claims, key=lambda claim: (-(cents * claim.open_cents % total), claim.number))
    for claim in by_remainder[: cents - sum(shares.values())]:
        shares[claim.number] += 1
    return shares
