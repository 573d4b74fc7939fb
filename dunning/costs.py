"""Side costs of dunning (Mahnkosten, §§ 280, 286, 288 (5) BGB): what was really spent, and the lump sum of businesses.

Recoverable is the letter itself, never anybody's time; nothing before default, nothing for the notice that creates it.
All of it is damages, outside VAT: no amount here has a net or a tax.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dunning.debtor import DebtorKind
from dunning.default import Channel
from dunning.ledger import Line, LineKind
from dunning.notice import Template

CONSUMER_CAP_CENTS = 250
"""House rule: courts have taken up to 2.50 EUR a letter for granted; above it every cent would have to be proven."""
LUMP_SUM_CENTS = 4_000
"""§ 288 (5) sentence 1 BGB: 40 EUR, for each claim to payment (CJEU C-585/20, C-370/21)."""


@dataclass(frozen=True, slots=True)
class CostRecord:
    """What one letter really cost, without anybody's time. ValueError for a negative cost or without a provider."""

    provider: str
    """Who charged it."""
    postage_cents: int
    print_cents: int
    """Paper, print, envelope and dispatch."""

    def __post_init__(self) -> None:
        if not self.provider.strip() or min(self.postage_cents, self.print_cents) < 0:
            raise ValueError("a cost record names its provider and has no negative cost")

    @property
    def total_cents(self) -> int:
        """The letter's whole cost (BGH VIII ZR 95/18: print, envelope, postage and dispatch)."""
        return self.postage_cents + self.print_cents


def notice_fee_cents(
    record: CostRecord | None,
    *,
    template: Template,
    channel: Channel,
    debtor: DebtorKind,
    in_default: bool,
    cap_cents: int = CONSUMER_CAP_CENTS,
) -> int:
    """What one notice may cost the debtor: what its letter cost us, for consumers `cap_cents` at most.

    `in_default` as of its dispatch: the notice that creates default costs nothing (§§ 280 (2), 286 BGB). Nor does a
    reminder, a notice without a record, or what needs no letter.
    """
    if record is None or not in_default or template is Template.REMINDER or channel is not Channel.LETTER:
        return 0
    if debtor.treated_as is DebtorKind.BUSINESS:
        return record.total_cents
    return min(record.total_cents, cap_cents)


def new_cost_lines(
    lines: Sequence[Line],
    on: date,
    *,
    fee_cents: int,
    fee_note: str,
    debtor: DebtorKind,
    in_default: bool,
    for_payment: bool,
    demands_lump_sum: bool,
) -> tuple[Line, ...]:
    """The lines that a notice of day `on` adds to a ledger: its cost, and what changes of the lump sum. None is zero.

    Every FEE line is a real cost, so their sum is the own costs, and LUMP_SUM is only what these leave of the 40.00:
    together `b2b_costs_cents` (§ 288 (5) sentence 3 BGB). A later cost is credited by a negative LUMP_SUM line for as
    long as something of the lump sum is left. Waivers are not looked at: what was waived comes back in no other name.
    """
    if not in_default:
        return ()
    business = debtor.treated_as is DebtorKind.BUSINESS
    lump_sum_cents = _lump_sum_change(lines, fee_cents, demanded=demands_lump_sum) if business and for_payment else 0
    new = (Line(LineKind.FEE, on, fee_cents, fee_note), Line(LineKind.LUMP_SUM, on, lump_sum_cents))
    return tuple(line for line in new if line.cents)


def _lump_sum_change(lines: Sequence[Line], fee_cents: int, *, demanded: bool) -> int:
    """Signed cents: demanded once, then only credited; one that was taken back was never demanded."""
    own_cents = fee_cents + sum(line.cents for line in lines if line.kind is LineKind.FEE)
    left_cents = b2b_costs_cents(own_cents, 0) - own_cents
    if booked_cents := sum(line.cents for line in lines if line.kind is LineKind.LUMP_SUM):
        return min(0, left_cents - booked_cents)
    return left_cents if demanded else 0


HIGHEST_BANK_FEE_CENTS = 5_00
"""House rule: more than a bank takes for a returned payment; a lump sum of 10 EUR is void (BGH X ZR 97/08)."""


def bank_fee_cents(charged_by_bank_cents: int, *, debtor_responsible: bool) -> int:
    """What a returned payment costs the debtor: what the bank took from us, if the debtor is to blame (§ 280 (1))."""
    return charged_by_bank_cents if debtor_responsible else 0


def b2b_costs_cents(own_cents: int, agency_cents: int) -> int:
    """Own and agency's costs of a business claim: the lump sum is inside, not on top (CJEU C-131/18, C-287/17)."""
    return max(LUMP_SUM_CENTS, own_cents + agency_cents)
