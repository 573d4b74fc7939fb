"""Side costs: what a letter may cost, the lump sum of businesses, what a bank took; and never a tax on any of it."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning import agency_cost, costs
from dunning.agency_cost import highest_agency_cost_cents
from dunning.costs import (
    CONSUMER_CAP_CENTS,
    HIGHEST_BANK_FEE_CENTS,
    LUMP_SUM_CENTS,
    CostRecord,
    b2b_costs_cents,
    bank_fee_cents,
    new_cost_lines,
    notice_fee_cents,
)
from dunning.debtor import DebtorKind
from dunning.default import Channel
from dunning.ledger import Line, LineKind
from dunning.notice import Template

ON = date(2026, 11, 23)
DEAR = CostRecord("Briefdienst", postage_cents=95, print_cents=200)
CHEAP = CostRecord("Briefdienst", postage_cents=95, print_cents=25)
CONSUMER, BUSINESS, UNKNOWN = DebtorKind.CONSUMER, DebtorKind.BUSINESS, DebtorKind.UNKNOWN
INVOICE = Line(LineKind.INVOICE, date(2026, 10, 1), 119_00)

records = st.builds(CostRecord, st.just("Briefdienst"), st.integers(0, 9_99), st.integers(0, 9_99))
fees = st.lists(st.integers(0, 30_00), max_size=8)


def test_a_record_adds_postage_and_print() -> None:
    """BGH VIII ZR 95/18 accepted print, envelope, postage and dispatch, and nothing else."""
    assert CHEAP.total_cents == 1_20
    assert DEAR.total_cents == 2_95


@pytest.mark.parametrize(
    ("provider", "postage", "print_"), [("", 95, 25), (" ", 95, 25), ("Briefdienst", -1, 25), ("Briefdienst", 95, -1)]
)
def test_a_record_without_provider_or_below_nothing_is_none(provider: str, postage: int, print_: int) -> None:
    with pytest.raises(ValueError, match=r"^a cost record names its provider and has no negative cost$"):
        CostRecord(provider, postage, print_)
    assert CostRecord("Briefdienst", 0, 0).total_cents == 0


@pytest.mark.parametrize(
    ("template", "channel", "in_default", "consumer_cents", "business_cents"),
    [
        # § 280 (2) BGB: only the debtor in default owes costs; the creating notice is dispatched before it.
        (Template.SECOND_NOTICE, Channel.LETTER, False, 0, 0),
        (Template.SECOND_NOTICE, Channel.LETTER, True, 2_50, 2_95),
        (Template.FINAL_WARNING, Channel.LETTER, False, 0, 0),
        (Template.FINAL_WARNING, Channel.LETTER, True, 2_50, 2_95),
        # House rule: the friendly reminder is always free, also where default came without a notice.
        (Template.REMINDER, Channel.LETTER, True, 0, 0),
        (Template.REMINDER, Channel.LETTER, False, 0, 0),
        # Nothing was spent on paper, print, envelope or postage.
        (Template.FINAL_WARNING, Channel.EMAIL, True, 0, 0),
        (Template.FINAL_WARNING, Channel.PORTAL, True, 0, 0),
    ],
)
def test_what_a_notice_costs(
    template: Template, channel: Channel, in_default: bool, consumer_cents: int, business_cents: int
) -> None:
    for debtor, expected in ((CONSUMER, consumer_cents), (UNKNOWN, consumer_cents), (BUSINESS, business_cents)):
        fee = notice_fee_cents(DEAR, template=template, channel=channel, debtor=debtor, in_default=in_default)
        assert fee == expected


@pytest.mark.parametrize(("print_", "fee"), [(154, 2_49), (155, 2_50), (156, 2_50)], ids=["below", "at", "above"])
def test_the_cap_of_consumers(print_: int, fee: int) -> None:
    record = CostRecord("Briefdienst", 95, print_)
    final = {"template": Template.FINAL_WARNING, "channel": Channel.LETTER, "in_default": True}
    assert CONSUMER_CAP_CENTS == 2_50
    assert notice_fee_cents(record, debtor=CONSUMER, **final) == fee  # type: ignore[arg-type]
    assert notice_fee_cents(record, debtor=BUSINESS, **final) == record.total_cents  # type: ignore[arg-type]
    assert notice_fee_cents(record, debtor=CONSUMER, cap_cents=1_00, **final) == 1_00  # type: ignore[arg-type]
    assert notice_fee_cents(record, debtor=BUSINESS, cap_cents=1_00, **final) > 1_00  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("template", "channel", "debtor", "in_default"), list(product(Template, Channel, DebtorKind, (False, True)))
)
def test_without_a_record_there_is_no_fee(
    template: Template, channel: Channel, debtor: DebtorKind, in_default: bool
) -> None:
    assert notice_fee_cents(None, template=template, channel=channel, debtor=debtor, in_default=in_default) == 0


@given(
    records,
    st.sampled_from(Template),
    st.sampled_from(Channel),
    st.sampled_from(DebtorKind),
    st.booleans(),
    st.integers(0, 9_99),
)
def test_a_fee_is_never_above_the_record_nor_the_cap(
    record: CostRecord, template: Template, channel: Channel, debtor: DebtorKind, in_default: bool, cap: int
) -> None:
    fee = notice_fee_cents(
        record, template=template, channel=channel, debtor=debtor, in_default=in_default, cap_cents=cap
    )
    assert 0 <= fee <= record.total_cents
    assert debtor is BUSINESS or fee <= cap
    assert fee == 0 or (in_default and channel is Channel.LETTER and template is not Template.REMINDER)


def added(
    lines: tuple[Line, ...] = (INVOICE,),
    fee: int = 1_20,
    *,
    debtor: DebtorKind = BUSINESS,
    in_default: bool = True,
    for_payment: bool = True,
    demands: bool = True,
) -> tuple[Line, ...]:
    """What a notice of 1.20 adds, changed where a test needs it."""
    return new_cost_lines(
        lines,
        ON,
        fee_cents=fee,
        fee_note="Brief",
        debtor=debtor,
        in_default=in_default,
        for_payment=for_payment,
        demands_lump_sum=demands,
    )


def fee_line(cents: int = 1_20) -> Line:
    return Line(LineKind.FEE, ON, cents, "Brief")


def lump_sum(cents: int) -> Line:
    return Line(LineKind.LUMP_SUM, ON, cents)


@pytest.mark.parametrize(
    ("before", "fee", "new"),
    [
        ((), 0, (lump_sum(40_00),)),
        ((), 1_20, (fee_line(), lump_sum(38_80))),
        ((fee_line(),), 1_20, (fee_line(), lump_sum(37_60))),
        ((fee_line(1_20), fee_line(1_20)), 1_20, (fee_line(), lump_sum(36_40))),  # own costs 3.60: 40.00 in all
        ((fee_line(38_79),), 1_20, (fee_line(), lump_sum(1))),
        ((fee_line(38_80),), 1_20, (fee_line(),)),
        ((fee_line(38_81),), 1_20, (fee_line(),)),
        ((fee_line(), Line(LineKind.WAIVER, ON, -1_20)), 1_20, (fee_line(), lump_sum(37_60))),
        ((Line(LineKind.BANK_FEE, ON, 3_00),), 1_20, (fee_line(), lump_sum(38_80))),
    ],
)
def test_the_lump_sum_is_what_the_own_costs_leave_of_it(
    before: tuple[Line, ...], fee: int, new: tuple[Line, ...]
) -> None:
    """§ 288 (5) sentences 1 and 3 BGB; what a bank took is no cost of legal pursuit and stays beside it."""
    assert added((INVOICE, *before), fee) == new


@pytest.mark.parametrize(
    ("before", "fee", "new"),
    [
        ((lump_sum(40_00),), 0, ()),
        ((lump_sum(40_00),), 1_20, (fee_line(), lump_sum(-1_20))),
        ((fee_line(), lump_sum(38_80)), 1_20, (fee_line(), lump_sum(-1_20))),
        ((fee_line(38_80), lump_sum(1_20)), 1_20, (fee_line(), lump_sum(-1_20))),
        ((fee_line(39_00), lump_sum(1_00)), 1_20, (fee_line(), lump_sum(-1_00))),
        ((fee_line(39_00), lump_sum(1_00), fee_line(), lump_sum(-1_00)), 1_20, (fee_line(),)),
        ((lump_sum(40_00), Line(LineKind.WAIVER, ON, -40_00)), 1_20, (fee_line(), lump_sum(-1_20))),
        ((lump_sum(10_00),), 0, ()),
    ],
)
@pytest.mark.parametrize("demands", [False, True])
def test_a_later_cost_adds_only_what_exceeds_the_lump_sum(
    before: tuple[Line, ...], fee: int, new: tuple[Line, ...], demands: bool
) -> None:
    """CJEU C-287/17: own dunning costs are inside the 40.00; and it is demanded once."""
    assert added((INVOICE, *before), fee, demands=demands) == new


@pytest.mark.parametrize(
    ("changed", "new"),
    [
        ({"debtor": CONSUMER}, (fee_line(),)),
        ({"debtor": UNKNOWN}, (fee_line(),)),
        ({"for_payment": False}, (fee_line(),)),
        ({"demands": False}, (fee_line(),)),
        ({"in_default": False}, ()),
        ({"debtor": CONSUMER, "fee": 0}, ()),
    ],
)
def test_when_there_is_no_lump_sum(changed: dict[str, object], new: tuple[Line, ...]) -> None:
    assert added(**changed) == new  # type: ignore[arg-type]


def test_a_lump_sum_that_was_taken_back_may_be_demanded_again() -> None:
    """The notice that demanded it came back, so it was never demanded."""
    booked, taken_back = Line(LineKind.LUMP_SUM, ON, 40_00), Line(LineKind.LUMP_SUM, ON, -40_00)
    assert added((INVOICE, booked), fee=0) == ()
    assert added((INVOICE, booked, taken_back), fee=0) == (booked,)


@given(fees, st.integers(0, 8))
def test_fees_and_lump_sum_are_together_the_dearer_of_both(costs_of_letters: list[int], demanded_at: int) -> None:
    """Told once more as a story: pay attention to nothing but what was spent so far, letter by letter."""
    ledger: tuple[Line, ...] = (INVOICE,)
    spent = 0
    for place, fee in enumerate(costs_of_letters):
        ledger += added(ledger, fee, demands=place == demanded_at)
        spent += fee
        side_costs = sum(line.cents for line in ledger) - 119_00
        assert side_costs == (max(40_00, spent) if place >= demanded_at else spent)
        assert sum(line.cents for line in ledger if line.kind is LineKind.FEE) == spent
        assert sum(line.cents for line in ledger if line.kind is LineKind.LUMP_SUM) >= 0


@given(fees, st.sampled_from([CONSUMER, UNKNOWN]), st.booleans(), st.booleans())
def test_a_consumer_pays_the_letters_at_most(
    costs_of_letters: list[int], debtor: DebtorKind, in_default: bool, for_payment: bool
) -> None:
    ledger: tuple[Line, ...] = (INVOICE,)
    for fee in costs_of_letters:
        ledger += added(ledger, fee, debtor=debtor, in_default=in_default, for_payment=for_payment)
    assert {line.kind for line in ledger} <= {LineKind.INVOICE, LineKind.FEE}
    assert sum(line.cents for line in ledger) - 119_00 == (sum(costs_of_letters) if in_default else 0)


@given(fees, st.sampled_from(DebtorKind))
def test_no_new_line_is_zero_and_every_fee_says_why(costs_of_letters: list[int], debtor: DebtorKind) -> None:
    ledger: tuple[Line, ...] = ()
    for days, fee in enumerate(costs_of_letters):
        new = added(ledger, fee, debtor=debtor)
        assert all(line.cents and line.on == ON for line in new)
        assert [line.note for line in new if line.kind is LineKind.FEE] == (["Brief"] if fee else [])
        ledger += tuple(replace(line, on=ON + timedelta(days)) for line in new)


@pytest.mark.parametrize(
    ("own", "agency", "together"),
    [
        (3_60, 0, 40_00),
        (3_60, 55_62, 59_22),  # the 40.00 are inside already
        (0, 0, 40_00),
        (1_20, 38_79, 40_00),
        (1_20, 38_80, 40_00),
        (1_20, 38_81, 40_01),
    ],
)
def test_costs_of_a_business_claim(own: int, agency: int, together: int) -> None:
    assert LUMP_SUM_CENTS == 40_00
    assert b2b_costs_cents(own, agency) == together


@given(st.integers(0, 100_00), st.integers(0, 1_000_00))
def test_the_lump_sum_is_never_on_top(own: int, agency: int) -> None:
    assert b2b_costs_cents(own, agency) in {40_00, own + agency}
    assert b2b_costs_cents(own, agency) < own + agency + 40_00 or own + agency == 0


@pytest.mark.parametrize("charged", [0, 1, 3_00, 8_50])
def test_a_returned_payment_costs_what_the_bank_took(charged: int) -> None:
    """§ 280 (1) sentence 2 BGB: nothing where the debtor is not to blame."""
    assert bank_fee_cents(charged, debtor_responsible=True) == charged
    assert bank_fee_cents(charged, debtor_responsible=False) == 0


@pytest.mark.parametrize(
    ("value", "most"), [(50_00, 34_02), (500_00, 55_62), (1_000_00, 100_44), (2_400_00, 231_95), (10_000_00, 606_80)]
)
def test_a_consumers_agency_costs_the_table_at_most(value: int, most: int) -> None:
    """§ 13e (1) RDG with § 13 (1) RVG: the estimate is the table's 0.9 fee, net."""
    assert highest_agency_cost_cents(value) == most


def test_no_side_cost_knows_a_tax() -> None:
    """Damages are outside VAT (UStAE 1.3): no function takes a rate, no line has a second amount."""
    names = {name for module in (costs, agency_cost) for name in dir(module)}
    names |= {*Line.__slots__, *CostRecord.__slots__}
    assert not [name for name in names if re.search(r"vat|tax|net_|gross", name, re.IGNORECASE)]


def test_no_bank_takes_more_than_five_euros_for_a_return() -> None:
    """Law courts have called 10 EUR void; banks take 3 to 5."""
    assert HIGHEST_BANK_FEE_CENTS == 5_00
