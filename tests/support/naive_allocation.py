"""Crediting payments once more, day by day, from §§ 366, 367 and 497 BGB and as simple as can be, not from our code.

Each day first takes its bookings, then costs its interest. Nothing is clever: pots are emptied one after the other.
"""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from dunning.allocation import Order
from dunning.ledger import Designation, Line, LineKind
from dunning.spread import OpenClaim
from tests.support.day_by_day import published_base

OWED = ("invoice",)
SIDE_COSTS = ("fee", "lump_sum", "bank_fee")
LESS = ("credit_note", "write_off")
TURNS: list[tuple[str, ...]] = [OWED, SIDE_COSTS, LESS, ("waiver",), ("payment",), ("returned_payment",)]


@dataclass
class Paid:
    """A payment, what of it went where, and whether the bank took it back."""

    amount: int
    shares: dict[str, int]
    back: bool = False


@dataclass
class Sheet:
    """The clerk's sheet of paper."""

    principal: int = 0
    costs: int = 0
    interest_so_far: Fraction = Fraction(0)
    interest_settled: int = 0
    payments: list[Paid] = field(default_factory=list)

    @property
    def interest(self) -> int:
        """Open interest: the whole of it, rounded, less what was settled."""
        whole, rest = divmod(self.interest_so_far.numerator, self.interest_so_far.denominator)
        return whole + (2 * rest >= self.interest_so_far.denominator) - self.interest_settled


def naive_account(
    lines: Sequence[Line],
    first: date,
    end: date,
    points: int,
    bears: Callable[[date], bool],
    order: Order = Order.STATUTE,
    *,
    protect: bool = True,
) -> Sheet:
    """The sheet on the day `end`; interest for the days from `first` on for which `bears` says so, before `end`."""
    sheet = Sheet()
    day = min([line.on for line in lines] + [first, end])
    while day <= end:
        for turn in TURNS:
            today = [line for line in lines if line.on == day and line.kind in turn]
            for said in ("", "claim", "principal"):
                for line in sorted((line for line in today if line.designation == said), key=lambda line: line.cents):
                    _write(sheet, line, order, protect=protect)
        if first <= day < end and bears(day) and sheet.principal > 0:
            year = 366 if calendar.isleap(day.year) else 365
            sheet.interest_so_far += sheet.principal * (published_base(day) + points) / 100 / year
        day += timedelta(days=1)
    return sheet


def _write(sheet: Sheet, line: Line, order: Order, *, protect: bool) -> None:
    if line.kind in OWED + LESS:
        sheet.principal += line.cents
    elif line.kind in SIDE_COSTS:
        sheet.costs += line.cents
    elif line.kind == LineKind.WAIVER:
        for _ in range(-line.cents):
            if sheet.costs > 0:
                sheet.costs -= 1
            elif sheet.interest > 0:
                sheet.interest_settled += 1
    elif line.kind == LineKind.PAYMENT:
        _take(sheet, line, order, protect=protect)
    else:
        _give_back(sheet, line.cents)


def _take(sheet: Sheet, line: Line, order: Order, *, protect: bool) -> None:
    """Fill the pots one after the other; what is too much is a credit balance of the principal."""
    left = -line.cents
    pots = ["costs", "interest", "principal"]
    if order == Order.CONSUMER_CREDIT:
        pots = ["costs", "principal", "interest"]
    if line.designation == Designation.CLAIM and protect:
        pots = ["principal", "costs", "interest"]
    if line.designation == Designation.PRINCIPAL:
        pots = ["principal", "costs", "interest"]
    if left == sheet.principal:
        pots = ["principal"]
    wanted = {"costs": sheet.costs, "interest": sheet.interest, "principal": sheet.principal}
    shares = {"costs": 0, "interest": 0, "principal": 0}
    for pot in pots:
        if wanted[pot] > 0:
            shares[pot] = wanted[pot] if wanted[pot] < left else left
            left -= shares[pot]
    shares["principal"] += left
    sheet.costs -= shares["costs"]
    sheet.interest_settled += shares["interest"]
    sheet.principal -= shares["principal"]
    sheet.payments.append(Paid(-line.cents, shares))


def _give_back(sheet: Sheet, amount: int) -> None:
    for paid in reversed(sheet.payments):
        if paid.amount == amount and not paid.back:
            paid.back = True
            sheet.costs += paid.shares["costs"]
            sheet.interest_settled -= paid.shares["interest"]
            sheet.principal += paid.shares["principal"]
            return
    sheet.principal += amount


def naive_spread(cents: int, claims: Sequence[OpenClaim], on: date, designated: Sequence[str]) -> dict[str, int]:
    """§ 366 BGB: each claim's share, and what nobody gets under ""."""
    got = {"": 0} | {claim.number: 0 for claim in claims}
    left = cents
    waiting = list(claims)
    named = [claim for number in designated for claim in claims if claim.number == number and claim.open_cents > 0]
    same = [claim for claim in claims if claim.open_cents == cents]
    if not named and len(same) == 1:
        named = same
    for claim in named:
        if claim in waiting:
            waiting.remove(claim)
            got[claim.number] = min(left, claim.open_cents)
            left -= got[claim.number]
    while left and (group := _first(waiting, on)):
        waiting = [claim for claim in waiting if claim not in group]
        whole = sum(claim.open_cents for claim in group)
        now = min(left, whole)
        quotas = {claim.number: Fraction(now * claim.open_cents, whole or 1) for claim in group}
        for number, quota in quotas.items():
            got[number] = quota.numerator // quota.denominator
        for number in sorted(quotas, key=lambda number: (got[number] - quotas[number], number)):
            if sum(got[claim.number] for claim in group) < now:
                got[number] += 1
        left -= now
    got[""] = left
    return {number: share for number, share in got.items() if share}


def _first(claims: list[OpenClaim], on: date) -> list[OpenClaim]:
    """Of these claims those that are paid first: each question of § 366 (2) BGB keeps only the best."""
    best = [claim for claim in claims if claim.due_on <= on] or claims
    if best:
        soonest = min(claim.limitation_ends_on for claim in best)
        best = [claim for claim in best if claim.limitation_ends_on == soonest]
        dearest = max(claim.rate_bps for claim in best)
        best = [claim for claim in best if claim.rate_bps == dearest]
        due = min(claim.due_on for claim in best)
        best = [claim for claim in best if claim.due_on == due]
        issued = min(claim.issued_on for claim in best)
        best = [claim for claim in best if claim.issued_on == issued]
    return best
