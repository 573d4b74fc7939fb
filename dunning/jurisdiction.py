"""What other countries' law says of late payment, as values; the numbers themselves are dated policy data.

Germany has none of this: its law is code with its paragraph. A country without a jurisdiction here gets no interest and
no fees: a person looks after its claims. The debtor's country decides, until a contract says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dunning.base_rates import BaseRate, BaseRates, Rates, half_year_of
from dunning.debtor import DebtorKind
from dunning.errors import BaseRateUnknown, InputRejected
from dunning.interest import Debt
from dunning.limitation import LimitationRule


class DunningFee(StrEnum):
    """On which ground a notice may cost the debtor something."""

    NECESSARY_AND_PROPORTIONATE = "necessary_and_proportionate"
    """What collecting made necessary, in proportion to the claim."""
    AGREED_AMOUNT = "agreed_amount"
    """Only what was agreed beforehand, with its amount."""
    REASONABLE_BEYOND_LUMP_SUM = "reasonable_beyond_lump_sum"
    """Reasonable cost above the lump sum."""


class Credited(StrEnum):
    """What a payment is credited to."""

    COSTS = "costs"
    INTEREST = "interest"
    PRINCIPAL = "principal"


@dataclass(frozen=True, slots=True)
class FixedRate:
    """No base rate: every half-year's is nought, and the whole rate stands in the margin."""

    source: str
    from_on: date
    """The first day that interest is computed for."""

    def get(self, day: date) -> BaseRate | None:
        return BaseRate(half_year_of(day), 0, self.source) if day >= self.from_on else None

    def on(self, day: date) -> BaseRate:
        if (row := self.get(day)) is not None:
            return row
        raise BaseRateUnknown(f"{day} has no rate", f"interest is computed from {self.from_on} on")


@dataclass(frozen=True, slots=True)
class PublishedRates:
    """A central bank's rates by half-year. One without a row has none: the last is never used on."""

    name: str
    """As people know it, such as "OeNB Basiszinssatz"."""
    table: BaseRates

    def get(self, day: date) -> BaseRate | None:
        return self.table.get(day)

    def on(self, day: date) -> BaseRate:
        if (row := self.get(day)) is not None:
            return row
        raise BaseRateUnknown(
            f"the {self.name} of the half-year from {half_year_of(day)} is not known",
            "write its row with its source into deployments/jurisdictions.yaml",
        )


@dataclass(frozen=True, slots=True)
class DefaultRate:
    """Default interest of one kind of debtor: points above a rate that may be nought."""

    points_bps: int
    rates: Rates

    def margin_bps(self, first_day: date) -> int:
        """The points, whatever the first day charged."""
        return self.points_bps


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """One country's rules, or the minimum that the European Union leaves to none."""

    country: str
    """Two letters; `EU` for the directive's minimum."""
    name: str
    currency: str
    as_of: date
    """The day up to which somebody looked for changes of the law."""
    consumer: DefaultRate | None
    """None: there is no rule for consumers."""
    business: DefaultRate
    damages: DefaultRate | None
    """What is not the price of goods or services, owed by a business; None: there is no rule."""
    lump_sum_cents: int
    """From a business, once a claim; 0: none."""
    limitation: LimitationRule | None
    """The shortest that may apply, for warnings; None: the country's own law."""
    crediting: tuple[Credited, ...]
    """In which order a payment without a designation is credited; empty: the country's own law."""
    retention_years: int | None
    """How long books are kept; None: the country's own law."""
    dunning_fee: DunningFee

    def default_rate(self, debt: Debt) -> DefaultRate:
        """The rate that a debt bears. InputRejected `no_rule_for_debtor`."""
        business = debt.debtor.treated_as is DebtorKind.BUSINESS
        rate = (self.business if debt.for_payment else self.damages) if business else self.consumer
        if rate is None:
            whom = "damages" if business else "consumers"
            raise InputRejected(
                "no_rule_for_debtor",
                f"{self.name}: no rule for {whom}",
                "no interest and no fees: collect by hand, by the law of the debtor's country",
            )
        return rate


@dataclass(frozen=True, slots=True)
class Jurisdictions:
    """The countries that have one, by their two letters."""

    by_country: Mapping[str, Jurisdiction]

    def of(self, country: str) -> Jurisdiction:
        """The country's rules. InputRejected `country_without_policy`: no interest, no fees, a person collects."""
        if (found := self.by_country.get(country)) is not None:
            return found
        raise InputRejected(
            "country_without_policy",
            f"there are no rules for the country {country!r}: no interest and no fees",
            f"collect by hand, or write it into deployments/jurisdictions.yaml (there: {', '.join(self.by_country)})",
        )
