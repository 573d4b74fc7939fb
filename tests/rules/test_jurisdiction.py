"""Other countries' rules as values: which rate a debt bears, and a refusal where there is none."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.base_rates import BaseRate, BaseRates, half_year_of
from dunning.debtor import DebtorKind
from dunning.errors import BaseRateUnknown, InputRejected
from dunning.interest import Debt, default_interest
from dunning.jurisdiction import (
    Credited,
    DefaultRate,
    DunningFee,
    FixedRate,
    Jurisdiction,
    Jurisdictions,
    PublishedRates,
)
from dunning.ledger import Line, LineKind
from dunning.limitation import LimitationRule

DAY = timedelta(days=1)
FIRST = date(2002, 1, 1)
FOUR = DefaultRate(400, FixedRate("§ 1000 (1) ABGB", FIRST))
TWO = DefaultRate(200, FixedRate("made up", FIRST))
TABLE = BaseRates((BaseRate(date(2026, 1, 1), 153, "made up"), BaseRate(date(2026, 7, 1), 253, "made up")))
ABOVE = DefaultRate(920, PublishedRates("OeNB base rate", TABLE))
OWED = [Line(LineKind.INVOICE, FIRST, 1_000_00)]


def country_of(**rules: Any) -> Jurisdiction:
    """A country like Austria."""
    usual: dict[str, Any] = {
        "country": "AT",
        "name": "Austria",
        "currency": "EUR",
        "as_of": date(2026, 11, 23),
        "consumer": FOUR,
        "business": ABOVE,
        "damages": TWO,
        "lump_sum_cents": 40_00,
        "limitation": LimitationRule(3, from_year_end=False),
        "crediting": (Credited.INTEREST, Credited.PRINCIPAL),
        "retention_years": 7,
        "dunning_fee": DunningFee.NECESSARY_AND_PROPORTIONATE,
    }
    return Jurisdiction(**(usual | rules))


@pytest.mark.parametrize(
    ("debt", "expected"),
    [
        (Debt(DebtorKind.CONSUMER), FOUR),
        (Debt(DebtorKind.UNKNOWN), FOUR),
        (Debt(DebtorKind.CONSUMER, for_payment=False), FOUR),
        (Debt(DebtorKind.BUSINESS), ABOVE),
        (Debt(DebtorKind.BUSINESS, for_payment=False), TWO),
    ],
)
def test_the_debtor_and_what_is_owed_decide_the_rate(debt: Debt, expected: DefaultRate) -> None:
    assert country_of().default_rate(debt) == expected


@pytest.mark.parametrize(
    ("debt", "said"),
    [
        (Debt(DebtorKind.CONSUMER), "Austria: no rule for consumers"),
        (Debt(DebtorKind.UNKNOWN, for_payment=False), "Austria: no rule for consumers"),
        (Debt(DebtorKind.BUSINESS, for_payment=False), "Austria: no rule for damages"),
    ],
)
def test_where_there_is_no_rule_there_is_no_interest(debt: Debt, said: str) -> None:
    with pytest.raises(InputRejected) as refused:
        country_of(consumer=None, damages=None).default_rate(debt)
    assert refused.value.reason == "no_rule_for_debtor"
    assert refused.value.what == said
    assert refused.value.todo == "no interest and no fees: collect by hand, by the law of the debtor's country"


def test_a_country_without_policy_is_refused() -> None:
    countries = Jurisdictions({"AT": country_of(), "CH": country_of(country="CH")})
    assert countries.of("AT") == country_of()
    for country in ("FR", "DE", "", "at"):
        with pytest.raises(InputRejected) as refused:
            countries.of(country)
        assert refused.value.reason == "country_without_policy"
        assert refused.value.what == f"there are no rules for the country {country!r}: no interest and no fees"
        assert refused.value.todo.endswith("write it into deployments/jurisdictions.yaml (there: AT, CH)")


@given(st.dates(FIRST, date(2100, 1, 1)), st.integers(1, 1_000))
def test_a_fixed_rate_is_fixed(start: date, days: int) -> None:
    statement = default_interest(OWED, start, start + days * DAY, FOUR, rates=FOUR.rates)
    assert {(row.rate_bps, row.base.bps, row.base.source) for row in statement.segments} == {
        (400, 0, "§ 1000 (1) ABGB")
    }
    assert all(row.base.from_on == half_year_of(row.from_on) for row in statement.segments)
    assert statement.daily_exact_cents is not None


def test_a_fixed_rate_has_a_first_day() -> None:
    rates = FixedRate("made up", date(2013, 3, 16))
    assert rates.get(date(2013, 3, 15)) is None
    assert rates.on(date(2013, 3, 16)).bps == 0
    with pytest.raises(BaseRateUnknown) as refused:
        rates.on(date(2013, 3, 15))
    assert refused.value.what == "2013-03-15 has no rate"
    assert refused.value.todo == "interest is computed from 2013-03-16 on"


def test_points_stand_above_the_published_rate_of_each_half_year() -> None:
    statement = default_interest(OWED, date(2026, 6, 30), date(2026, 7, 2), ABOVE, rates=ABOVE.rates)
    assert [(row.from_on, row.rate_bps) for row in statement.segments] == [
        (date(2026, 6, 30), 1_073), (date(2026, 7, 1), 1_173),
    ]  # fmt: skip
    assert statement.margin_bps == 920


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
def test_a_half_year_without_a_row_is_refused(day: date) -> None:
    with pytest.raises(BaseRateUnknown) as refused:
        default_interest(OWED, day, day + DAY, ABOVE, rates=ABOVE.rates)
    assert refused.value.what == f"the OeNB base rate of the half-year from {half_year_of(day)} is not known"
    assert refused.value.todo == "write its row with its source into deployments/jurisdictions.yaml"
    last = default_interest(OWED, date(2026, 12, 31), date(2027, 1, 1), ABOVE, rates=ABOVE.rates)
    assert last.daily_cents is None


def test_words_are_those_of_the_file() -> None:
    assert [*Credited] == ["costs", "interest", "principal"]
    assert [*DunningFee] == ["necessary_and_proportionate", "agreed_amount", "reasonable_beyond_lump_sum"]
