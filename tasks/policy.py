"""House rules from a YAML file to frozen `dunning` values, with messages that name file, line and rule."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import YAMLError

from dunning.calendar import Calendar, GermanCalendar, PlainCalendar
from dunning.costs import CONSUMER_CAP_CENTS, CostRecord
from dunning.debtor import DebtorKind
from dunning.default import Channel
from dunning.errors import InputRejected, SettingsInvalid
from dunning.guards import RunGuards
from dunning.holds import STOPS
from dunning.money import cents
from dunning.notice import Template
from dunning.procedure import AgreedTerm, Approval, HandOverRule, Level, Policy, Procedure, Timing
from dunning.reasons import HoldKind


class Rules(BaseModel):
    """Base of all house rules: unknown words are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _cents(value: Any) -> int:
    """A quoted amount such as "20.00" in whole cents."""
    if not isinstance(value, str):
        raise ValueError('write amounts as quoted text with two decimals, such as "20.00"')
    try:
        return cents(value)
    except InputRejected as error:
        raise ValueError(error.what) from error


Amount = Annotated[int, BeforeValidator(_cents)]
"""Whole cents, written as quoted text."""


class RuleBroken(ValueError):
    """A broken rule, and its place below the rules that check it, so that its line is found."""

    def __init__(self, rule: str, place: tuple[str | int, ...]) -> None:
        super().__init__(rule)
        self.place = place


@contextmanager
def _at(*place: str | int) -> Iterator[None]:
    """Gives a rule that is broken within its place."""
    try:
        yield
    except ValueError as error:
        raise RuleBroken(str(error), place) from error


class StepRules(Rules):
    """When a step may be taken, and from which open amount."""

    after_due_days: int | None = Field(None, ge=0)
    after_previous_days: int | None = Field(None, ge=0)
    after_deadline_days: int | None = Field(None, ge=0)
    after_deadline_bank_days: int | None = Field(None, ge=0)
    min_open: Amount = Field(0, ge=0)

    @property
    def timing(self) -> Timing:
        """The conditions as a value."""
        return Timing(
            self.after_due_days,
            self.after_previous_days,
            self.after_deadline_days,
            self.after_deadline_bank_days,
        )


class CostRules(Rules):
    """What one letter really costs, by the provider's bill; nobody's time."""

    provider: str = Field(min_length=1)
    postage: Amount = Field(ge=0)
    print: Amount = Field(ge=0)

    def record(self) -> CostRecord:
        """The cost as a value."""
        return CostRecord(self.provider, self.postage, self.print)


class TermRules(Rules):
    """A period to pay that customers accept at the checkout."""

    days: int = Field(ge=0)
    from_: Literal["delivery", "invoice"] = Field("delivery", alias="from")

    def term(self) -> AgreedTerm:
        """The term as a value."""
        return AgreedTerm(self.days, from_delivery=self.from_ == "delivery")


class LevelRules(StepRules):
    """One notice."""

    template: Template = Template.REMINDER
    pay_within_days: int | None = Field(None, ge=1)
    channel: Channel = Channel.EMAIL
    cost: CostRules | None = None
    interest: bool = False
    lump_sum: bool = False

    @model_validator(mode="after")
    def _only_a_letter_costs(self) -> "LevelRules":
        with _at("cost"):
            if self.cost and self.channel is not Channel.LETTER:
                raise ValueError("only a letter costs something; an e-mail is free")
            if self.cost and self.template is Template.REMINDER:
                raise ValueError("a payment reminder is free of charge")
        return self

    def level(self) -> Level:
        """The step as a value."""
        return Level(
            self.timing,
            self.template,
            self.pay_within_days,
            self.min_open,
            self.channel,
            self.cost.record() if self.cost else None,
            self.interest,
            self.lump_sum,
        )


class HandOverRules(StepRules):
    """The last step."""

    approval: Approval = Approval.PERSON
    limitation_days: int = Field(60, ge=0)

    def rule(self) -> HandOverRule:
        """The step as a value."""
        return HandOverRule(self.timing, self.min_open, self.approval, self.limitation_days)


class ProcedureRules(Rules):
    """One ladder."""

    name: str = ""
    calendar: Literal["plain", "de"] = "de"
    tolerance: Amount = Field(0, ge=0)
    minimum_gap_days: int = Field(0, ge=0)
    promise_grace_bank_days: int = Field(0, ge=0)
    promise_days: int | None = Field(None, ge=0, le=STOPS[HoldKind.PROMISE_TO_PAY].longest_days)
    promises: int | None = Field(None, ge=0)
    bank_data_max_age_bank_days: int | None = Field(None, ge=0)
    agreed_term: TermRules | None = None
    invoice_channel: Channel = Channel.EMAIL
    after_delivery_days: int = Field(0, ge=0)
    after_return_days: int = Field(0, ge=0)
    after_answer_days: int = Field(0, ge=0)
    fee_cap: Amount = Field(CONSUMER_CAP_CENTS, ge=0, le=CONSUMER_CAP_CENTS)
    waived_costs: Amount = Field(0, ge=0)
    levels: tuple[LevelRules, ...]
    hand_over: HandOverRules | None = None

    @model_validator(mode="after")
    def _steps_fit(self) -> "ProcedureRules":
        """The value checks how its steps follow each other: step by step, so that a mistake has its line."""
        for count in range(len(self.levels)):
            climb = self.model_copy(update={"levels": self.levels[: count + 1], "hand_over": None})
            with _at("levels", count):
                climb.procedure(PlainCalendar())
        with _at("hand_over" if self.levels else "levels"):
            self.procedure(PlainCalendar())
        return self

    def procedure(self, calendar: Calendar) -> Procedure:
        """The ladder as a value."""
        return Procedure(
            name=self.name,
            calendar=calendar,
            levels=tuple(rules.level() for rules in self.levels),
            hand_over=self.hand_over.rule() if self.hand_over else None,
            tolerance_cents=self.tolerance,
            minimum_gap_days=self.minimum_gap_days,
            promise_grace_bank_days=self.promise_grace_bank_days,
            promise_days=self.promise_days,
            promises=self.promises,
            bank_data_max_age_bank_days=self.bank_data_max_age_bank_days,
            agreed_term=self.agreed_term.term() if self.agreed_term else None,
            invoice_channel=self.invoice_channel,
            after_delivery_days=self.after_delivery_days,
            after_return_days=self.after_return_days,
            after_answer_days=self.after_answer_days,
            fee_cap_cents=self.fee_cap,
            waived_costs_cents=self.waived_costs,
        )

    def in_state(self, creditor_state: str) -> Procedure:
        """The ladder with the calendar that it names."""
        return self.procedure(PlainCalendar() if self.calendar == "plain" else GermanCalendar(creditor_state))


SHORTEST_DEADLINE = 7
"""Days: over Easter an e-mail may be taken as received on the fifth day."""
LONGEST_CONSUMER_TERM = 50
"""Days after delivery: a longer term is consumer credit (Directive (EU) 2023/2225, in force since 2026-11-20)."""


class ShopProcedureRules(ProcedureRules):
    """A ladder of the shop's policy: for one country and kind of debtor, never handed over without a person."""

    country: str = Field(pattern=r"^[A-Z]{2}$")
    debtor: Literal["consumer", "business"]

    @model_validator(mode="after")
    def _a_person_approves(self) -> "ShopProcedureRules":
        if self.hand_over and self.hand_over.approval is Approval.AUTO:
            with _at("hand_over", "approval"):
                raise ValueError("auto is for scenarios; a hand-over needs a person")
        return self

    @model_validator(mode="after")
    def _no_credit_is_granted(self) -> "ShopProcedureRules":
        if self.agreed_term and self.debtor == "consumer" and self.agreed_term.days > LONGEST_CONSUMER_TERM:
            with _at("agreed_term", "days"):
                raise ValueError(f"more than {LONGEST_CONSUMER_TERM} days are consumer credit")
        return self

    @model_validator(mode="after")
    def _lawful_demands(self) -> "ShopProcedureRules":
        for count, level in enumerate(self.levels):
            if level.pay_within_days is None:
                with _at("levels", count):
                    raise ValueError("a notice sets a deadline (pay_within_days)")
            if level.pay_within_days < SHORTEST_DEADLINE:
                with _at("levels", count, "pay_within_days"):
                    raise ValueError(f"less than {SHORTEST_DEADLINE} days may be over before the notice is received")
            if level.channel is not Channel.EMAIL:
                with _at("levels", count, "channel"):
                    raise ValueError("notices go out by e-mail; there is no other way yet")
            if level.lump_sum and self.debtor != "business":
                with _at("levels", count, "lump_sum"):
                    raise ValueError("the lump sum of § 288 (5) BGB is owed by businesses only")
            if level.template is Template.REMINDER and (level.interest or level.lump_sum):
                with _at("levels", count):
                    raise ValueError("a payment reminder demands neither interest nor a lump sum")
            if (level.interest or level.lump_sum) and self.country != "DE":
                with _at("levels", count):
                    raise ValueError("interest and lump sum are computed by German law only; leave them out")
        return self


DEFAULT_GUARDS = RunGuards()


class GuardRules(Rules):
    """Guards of a whole run."""

    free_notices: int = Field(DEFAULT_GUARDS.free_notices, ge=0)
    free_hand_overs: int = Field(DEFAULT_GUARDS.free_hand_overs, ge=0)
    factor: int = Field(DEFAULT_GUARDS.factor, ge=1)
    history_runs: int = Field(DEFAULT_GUARDS.history_runs, ge=1)
    history_minimum: int = Field(DEFAULT_GUARDS.history_minimum, ge=1)
    notices_a_day: int = Field(DEFAULT_GUARDS.notices_a_day, ge=0)
    hand_overs_a_day: int = Field(DEFAULT_GUARDS.hand_overs_a_day, ge=0)
    individual_runs: int = Field(DEFAULT_GUARDS.individual_runs, ge=0)

    @model_validator(mode="after")
    def _the_breaker_sees_enough(self) -> "GuardRules":
        if self.history_runs < self.history_minimum:
            raise ValueError(f"the breaker needs {self.history_minimum} runs and looks at {self.history_runs}")
        return self


class PolicyRules(Rules):
    """The whole file."""

    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$")
    run: GuardRules = GuardRules()
    procedures: tuple[ShopProcedureRules, ...]

    @model_validator(mode="after")
    def _one_ladder_each(self) -> "PolicyRules":
        seen = set()
        for count, rules in enumerate(self.procedures):
            with _at("procedures", count):
                if (rules.country, rules.debtor) in seen:
                    raise ValueError(f"two procedures for {rules.country} {rules.debtor}")
            seen.add((rules.country, rules.debtor))
        with _at("procedures"):
            if not seen:
                raise ValueError("there must be at least one procedure")
        return self


class _DaysAsText(RoundTripConstructor):
    """Leaves days to the rules, which name the line of one that does not exist."""


_DaysAsText.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)

R = TypeVar("R", bound=Rules)


def load_policy(path: Path, creditor_state: str) -> Policy:
    """The policy of a file; SettingsInvalid with file, line and rule where it is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsInvalid(f"{path}: the policy cannot be read", "set MAHNLAUF_POLICY to a policy file") from error
    rules = validated(PolicyRules, read_yaml(content, path), path)
    return Policy(
        version=hashlib.sha256(content).hexdigest()[:12],
        procedures={
            (each.country, DebtorKind(each.debtor)): each.in_state(creditor_state) for each in rules.procedures
        },
        currency=rules.currency,
        guards=RunGuards(**rules.run.model_dump()),
    )


def read_yaml(content: bytes, path: Path) -> Any:
    """The YAML document with the line of every key, days as text; SettingsInvalid where it is no YAML."""
    yaml = YAML(typ="rt")
    yaml.Constructor = _DaysAsText
    try:
        return yaml.load(content)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise SettingsInvalid(
            f"{path}:{line}: this is not YAML", "mend the line, or the indentation before it"
        ) from error


def validated(rules: type[R], document: Any, path: Path) -> R:
    """The rules of a document; SettingsInvalid that names file, line and rule of the first mistake."""
    try:
        return rules.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = (*first["loc"], *getattr(first.get("ctx", {}).get("error"), "place", ()))
        rule = ".".join(str(part + 1 if isinstance(part, int) else part) for part in place) or "the file"
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsInvalid(
            f"{path}:{line_of(document, place)}: {rule}: {message}",
            f"{error.error_count()} mistake(s) in this file; mend this one first",
        ) from error


def line_of(document: Any, location: tuple[int | str, ...]) -> int:
    """The line of the deepest key of a location that the document has, counted from 1."""
    line = 1
    for part in location:
        try:
            where = document.lc.key(part) if isinstance(part, str) else document.lc.item(part)
            document = document[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
        line = int(where[0]) + 1
    return line
