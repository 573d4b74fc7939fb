"""Other countries' law: the shipped file is the published one, and each mistake names file, line and rule."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from dunning.base_rates import next_half_year
from dunning.debtor import DebtorKind
from dunning.errors import SettingsInvalid
from dunning.interest import Debt, default_interest
from dunning.jurisdiction import DefaultRate, FixedRate, Jurisdictions, PublishedRates
from dunning.ledger import Line, LineKind
from dunning.limitation import LimitationRule
from tasks.jurisdictions import JURISDICTIONS, load_jurisdictions
from tests.support.day_by_day import published_base

CONSUMER, BUSINESS = Debt(DebtorKind.CONSUMER), Debt(DebtorKind.BUSINESS)
DAMAGES = Debt(DebtorKind.BUSINESS, for_payment=False)
AUSTRIAN = [
    ("2013-07-01", "2016-01-01", "-0.12"),
    ("2016-07-01", "2022-07-01", "-0.62"),
    ("2023-01-01", "2023-01-01", "1.88"),
    ("2023-07-01", "2023-07-01", "3.38"),
    ("2024-01-01", "2024-07-01", "3.88"),
    ("2025-01-01", "2025-01-01", "2.53"),
    ("2025-07-01", "2026-07-01", "1.53"),
]
"""First and last half-year, and the OeNB's base rate in them."""
BEFORE_THE_IDENTITY = {"2013-07-01": 50, "2014-01-01": 25, "2014-07-01": 15} | dict.fromkeys(
    ("2015-01-01", "2015-07-01", "2016-01-01"), 5
)
"""The ECB's rate before the German base rate was that less 0.88."""
SMALL = """\
as_of: 2026-11-23
sources:
  - &law {mark: confirmed, text: the law}
countries:
  - country: AT
    name: Austria
    currency: EUR
    consumer: {points: "4.00", from: 2002-01-01, source: *law}
    business:
      points: "9.20"
      source: *law
      base: OeNB base rate
      rates:
        - {from: 2026-01-01, rate: "1.53", source: *law}
        - {from: 2026-07-01, rate: "-1.53", source: {mark: secondary, text: a paper}}
    dunning_fee: {rule: agreed_amount, source: *law}
"""
Load = Callable[[str], Jurisdictions]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads the text of a file `countries.yaml`."""

    def of_text(text: str) -> Jurisdictions:
        path = tmp_path / "countries.yaml"
        path.write_text(text)
        return load_jurisdictions(path)

    return of_text


@pytest.mark.parametrize(
    ("country", "debt", "cents"),
    [
        ("AT", CONSUMER, 3_29),
        ("AT", BUSINESS, 8_82),
        ("AT", DAMAGES, 3_29),
        ("CH", CONSUMER, 4_11),
        ("CH", BUSINESS, 4_11),
        ("CH", DAMAGES, 4_11),
        ("EU", BUSINESS, 8_55),  # 10.40 %
    ],
)
def test_the_worked_examples_1000_for_30_days_in_2026(country: str, debt: Debt, cents: int) -> None:
    first, end = date(2026, 8, 2), date(2026, 9, 1)
    rule = load_jurisdictions().of(country).default_rate(debt)
    owed = [Line(LineKind.INVOICE, first, 1_000_00)]
    assert default_interest(owed, first, end, rule, rates=rule.rates).cents == cents


def test_the_numbers_of_the_three() -> None:
    found = {
        each.country: (
            each.currency,
            each.lump_sum_cents,
            each.limitation,
            " ".join(each.crediting),
            each.retention_years,
            str(each.dunning_fee),
        )
        for each in load_jurisdictions().by_country.values()
    }
    assert found == {
        "AT": (
            "EUR", 40_00, LimitationRule(3, from_year_end=False), "interest principal", 7,
            "necessary_and_proportionate",
        ),
        "CH": ("CHF", 0, LimitationRule(5, from_year_end=False), "interest costs principal", 10, "agreed_amount"),
        "EU": ("EUR", 40_00, None, "", None, "reasonable_beyond_lump_sum"),
    }  # fmt: skip


def published(country: str) -> dict[str, int]:
    """The basis points of each half-year of a country that has a base rate."""
    rates = load_jurisdictions().of(country).business.rates
    assert isinstance(rates, PublishedRates)
    return {str(row.from_on): row.bps for row in rates.table.rows}


def test_the_austrian_base_rates_are_the_published_ones() -> None:
    expected = {}
    for first, last, rate in AUSTRIAN:
        start = date.fromisoformat(first)
        while start <= date.fromisoformat(last):
            expected[str(start)] = int(Fraction(rate) * 100)
            start = next_half_year(start)
    assert published("AT") == expected


def test_the_rate_of_the_ecb_is_the_german_base_rate_and_88_points_since_july_2016() -> None:
    found = published("EU")
    assert {first: bps for first, bps in found.items() if first < "2016-07-01"} == BEFORE_THE_IDENTITY
    for first, bps in found.items():
        if first >= "2016-07-01":
            assert Fraction(bps, 100) == published_base(date.fromisoformat(first)) + Fraction("0.88"), first
    assert max(found) == "2026-07-01"


def test_every_number_has_its_source_and_the_doubtful_ones_say_so() -> None:
    for country in load_jurisdictions().by_country.values():
        for rate in filter(None, (country.consumer, country.business, country.damages)):
            row = rate.rates.on(date(2026, 7, 1))
            assert row.source.startswith("secondary: ") is (country.country != "CH")
    assert not load_jurisdictions().of("AT").business.rates.on(date(2024, 1, 1)).source.startswith("secondary")


def test_germany_is_no_setting() -> None:
    assert "DE" not in load_jurisdictions().by_country
    assert "country: DE" not in JURISDICTIONS.read_text()


def test_every_word_of_a_file_arrives(load: Load) -> None:
    austria = load(SMALL).of("AT")
    assert austria.consumer == DefaultRate(400, FixedRate("the law", date(2002, 1, 1)))
    assert austria.business.points_bps == 920
    rates = austria.business.rates
    assert isinstance(rates, PublishedRates)
    assert (rates.name, rates.on(date(2026, 12, 31)).bps) == ("OeNB base rate", -153)
    assert [row.source for row in rates.table.rows] == ["the law", "secondary: a paper"]
    assert (austria.name, austria.as_of) == ("Austria", date(2026, 11, 23))
    assert (austria.damages, austria.limitation, austria.retention_years) == (None, None, None)


def refusal(load: Load, text: str) -> tuple[int, str]:
    """The line and the rule of the refusal; its message must name the file and say what to do."""
    with pytest.raises(SettingsInvalid) as refused:
        load(text)
    assert refused.value.todo
    where, _, rule = refused.value.what.partition(": ")
    path, _, line = where.rpartition(":")
    assert Path(path).name == "countries.yaml"
    return int(line), rule


@pytest.mark.parametrize(
    ("old", "new", "line", "rule"),
    [
        ('points: "4.00"', "points: 4.00", 8, "countries.1.consumer.points: write rates as quoted text"),
        ('points: "4.00"', 'points: "much"', 8, "countries.1.consumer.points: a base rate is not a number"),
        ('points: "4.00"', 'points: "-4.00"', 8, "countries.1.consumer.points: Input should be greater"),
        ("from: 2002-01-01, ", "", 8, "countries.1.consumer: give either `from`, or `base` and its `rates`"),
        ("      base: OeNB base rate\n", "", 9, "countries.1.business: give either"),
        ("      base:", "      from: 2002-01-01\n      base:", 9, "countries.1.business: give either"),
        ("from: 2026-07-01", "from: 2026-07-02", 15, "countries.1.business.rates.2: no base rate begins on 2026-07-02"),
        ("from: 2026-07-01", "from: 2027-01-01", 15, "countries.1.business.rates.2: after 2026-01-01 comes 2026-07-01"),
        ("from: 2026-07-01", "from: 2026-01-01", 15, "countries.1.business.rates.2: after 2026-01-01 comes 2026-07-01"),
        ('rate: "-1.53"', 'rate: "99"', 15, "countries.1.business.rates.2: a base rate of 99.00 % cannot be"),
        ("mark: secondary", "mark: hearsay", 15, "countries.1.business.rates.2.source.mark: Input should be"),
        (", source: {mark: secondary, text: a paper}", "", 15, "countries.1.business.rates.2.source: Field required"),
        ("text: a paper", 'text: ""', 15, "countries.1.business.rates.2.source.text: String should have"),
        ("agreed_amount", "whatever", 16, "countries.1.dunning_fee.rule: Input should be"),
        ("country: AT", "country: DE", 5, "countries.1.country: Germany's law is no setting"),
        ("country: AT", "country: Austria", 5, "countries.1.country: String should match"),
        ("currency: EUR", "curency: EUR", 5, "countries.1.currency: Field required"),
        ("&law", "&laws", 8, "this is not YAML"),
        ("as_of: 2026-11-23", "as_of: 2026-02-30", 1, "as_of: Input should be a valid date"),
    ],
)
def test_a_mistake_names_its_line_and_its_rule(load: Load, old: str, new: str, line: int, rule: str) -> None:
    assert old in SMALL
    found = refusal(load, SMALL.replace(old, new, 1))
    assert found[0] == line
    assert found[1].startswith(rule)


def test_a_country_stands_there_once(load: Load) -> None:
    text = SMALL + SMALL[SMALL.index("  - country") :]
    assert refusal(load, text) == (17, "countries.2.country: AT stands here twice")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load_jurisdictions(tmp_path / "nowhere.yaml")
    assert refused.value.what.endswith("nowhere.yaml: the countries cannot be read")
    assert refused.value.todo == "put the file back that ships"
