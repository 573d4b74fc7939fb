"""Other countries' law from a dated file to frozen `dunning` values, with messages that name file, line and rule."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from dunning.base_rates import BaseRate, BaseRates, Rates, bps_of, next_half_year
from dunning.errors import InputRejected, SettingsInvalid
from dunning.jurisdiction import (
    Credited,
    DefaultRate,
    DunningFee,
    FixedRate,
    Jurisdiction,
    Jurisdictions,
    PublishedRates,
)
from dunning.limitation import GERMAN, LimitationRule
from tasks.policy import Amount, RuleBroken, Rules, read_yaml, validated

JURISDICTIONS = Path(__file__).parents[1] / "deployments" / "jurisdictions.yaml"


def _bps(value: Any) -> int:
    """Quoted per cent such as "9.20" in basis points."""
    if not isinstance(value, str):
        raise ValueError('write rates as quoted text, such as "9.20"')
    try:
        return bps_of(value)
    except InputRejected as error:
        raise ValueError(error.what) from error


Percent = Annotated[int, BeforeValidator(_bps)]
"""Basis points, written as quoted per cent."""


class SourceRules(Rules):
    """Where a number stands: `confirmed` was read in the statute or at its publisher, `secondary` elsewhere."""

    mark: Literal["confirmed", "secondary"]
    text: str = Field(min_length=1)

    @property
    def said(self) -> str:
        """As a statement of interest names it."""
        return self.text if self.mark == "confirmed" else f"secondary: {self.text}"


class Sourced(Rules):
    """Base of all that has its source."""

    source: SourceRules


class RowRules(Sourced):
    """The base rate of one half-year."""

    from_on: date = Field(alias="from")
    rate: Percent

    @model_validator(mode="after")
    def _a_half_year(self) -> "RowRules":
        try:
            self.row()
        except InputRejected as error:
            raise ValueError(f"{error.what}: {error.todo}") from error
        return self

    def row(self) -> BaseRate:
        """The row as a value."""
        return BaseRate(self.from_on, self.rate, self.source.said)


class DefaultRateRules(Sourced):
    """Default interest: a whole rate from a day on, or points above the published rates of `base`."""

    points: Percent = Field(ge=0)
    from_on: date | None = Field(None, alias="from")
    base: str = ""
    rates: tuple[RowRules, ...] = ()

    @model_validator(mode="after")
    def _fixed_or_published(self) -> "DefaultRateRules":
        fixed = self.from_on is not None
        if fixed is bool(self.base) or fixed is bool(self.rates):
            raise ValueError("give either `from`, or `base` and its `rates`")
        for count, (row, before) in enumerate(zip(self.rates[1:], self.rates, strict=False), start=1):
            if row.from_on != next_half_year(before.from_on):
                raise RuleBroken(f"after {before.from_on} comes {next_half_year(before.from_on)}", ("rates", count))
        return self

    def value(self) -> DefaultRate:
        """The rate as a value."""
        rates: Rates = PublishedRates(self.base, BaseRates(tuple(each.row() for each in self.rates)))
        return DefaultRate(self.points, FixedRate(self.source.said, self.from_on) if self.from_on else rates)


class LumpSumRules(Sourced):
    """What a business owes for being late."""

    amount: Amount = Field(gt=0)


class LimitationRules(Sourced):
    """The shortest limitation that may apply."""

    years: int = Field(ge=1)
    from_year_end: bool


class CreditingRules(Sourced):
    """In which order a payment is credited."""

    order: tuple[Credited, ...] = Field(min_length=1)


class RetentionRules(Sourced):
    """How long books are kept."""

    years: int = Field(ge=1)


class DunningFeeRules(Sourced):
    """On which ground a notice may cost something."""

    rule: DunningFee


class CountryRules(Rules):
    """One country; what is left out, the country's own law decides and a person looks up."""

    country: str = Field(pattern=r"^[A-Z]{2}$")
    name: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    consumer: DefaultRateRules | None = None
    business: DefaultRateRules
    damages: DefaultRateRules | None = None
    lump_sum: LumpSumRules | None = None
    limitation: LimitationRules | None = None
    crediting: CreditingRules | None = None
    retention: RetentionRules | None = None
    dunning_fee: DunningFeeRules

    def value(self, as_of: date) -> Jurisdiction:
        """The country as a value."""
        return Jurisdiction(
            country=self.country,
            name=self.name,
            currency=self.currency,
            as_of=as_of,
            consumer=self.consumer.value() if self.consumer else None,
            business=self.business.value(),
            damages=self.damages.value() if self.damages else None,
            lump_sum_cents=self.lump_sum.amount if self.lump_sum else 0,
            limitation=LimitationRule(self.limitation.years, self.limitation.from_year_end)
            if self.limitation
            else None,
            crediting=self.crediting.order if self.crediting else (),
            retention_years=self.retention.years if self.retention else None,
            dunning_fee=self.dunning_fee.rule,
        )


class JurisdictionsRules(Rules):
    """The whole file; `sources` are named once and referred to by YAML's anchors."""

    as_of: date
    sources: tuple[SourceRules, ...] = ()
    countries: tuple[CountryRules, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_country_once_and_not_germany(self) -> "JurisdictionsRules":
        seen = {"DE"}
        for count, rules in enumerate(self.countries):
            if rules.country in seen:
                what = "Germany's law is no setting" if rules.country == "DE" else f"{rules.country} stands here twice"
                raise RuleBroken(what, ("countries", count, "country"))
            seen.add(rules.country)
        return self


@cache
def limitation_rule(country: str) -> LimitationRule:
    """The rule that warns in time for a debtor's country; Germany's where there is no other."""
    found = load_jurisdictions().by_country.get(country)
    return GERMAN if found is None or found.limitation is None else found.limitation


def load_jurisdictions(path: Path = JURISDICTIONS) -> Jurisdictions:
    """The countries of a file; SettingsInvalid with file, line and rule where it is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsInvalid(f"{path}: the countries cannot be read", "put the file back that ships") from error
    rules = validated(JurisdictionsRules, read_yaml(content, path), path)
    return Jurisdictions({each.country: each.value(rules.as_of) for each in rules.countries})
