"""House rules: the shipped file is the published procedure, and each mistake names file, line and rule."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dunning.calendar import GermanCalendar, PlainCalendar
from dunning.costs import CostRecord
from dunning.debtor import DebtorKind
from dunning.default import Channel
from dunning.errors import SettingsInvalid
from dunning.guards import RunGuards
from dunning.notice import Template
from dunning.procedure import AgreedTerm, HandOverRule, Level, Policy, Procedure, Timing
from tasks.policy import ProcedureRules, load_policy, read_yaml, validated
from tests.support.claims import CONSUMER

SHIPPED = Path(__file__).parents[2] / "deployments" / "policy.yaml"
SMALL = """\
currency: EUR
run:
  factor: 3
procedures:
  - name: consumers
    country: DE
    debtor: consumer
    calendar: plain
    tolerance: "0.10"
    minimum_gap_days: 7
    levels:
      - template: reminder
        after_due_days: 5
        pay_within_days: 10
      - template: second_notice
        after_deadline_days: 1
        min_open: "10.00"
        interest: true
        pay_within_days: 14
    hand_over:
      after_previous_days: 9
      approval: person
      min_open: "20.00"
"""
LEVEL_2 = SMALL[SMALL.index("      - template: second_notice") : SMALL.index("    hand_over:")]
MORE = """\
    agreed_term: {days: 14, from: invoice}
    invoice_channel: letter
    after_delivery_days: 17
    after_return_days: 3
    after_answer_days: 14
    fee_cap: "2.00"
    waived_costs: "5.00"
    promise_days: 13
    promises: 1
"""
FULL = SMALL.replace("    minimum_gap_days: 7\n", f"    minimum_gap_days: 7\n{MORE}")
"""With every word that a ladder has; the first of the new ones stands in line 11."""
LETTERS = """\
calendar: plain
fee_cap: "2.50"
levels:
  - template: reminder
    after_due_days: 5
    pay_within_days: 10
  - template: second_notice
    after_deadline_days: 1
    pay_within_days: 10
    channel: letter
    cost:
      provider: Briefdienst
      postage: "0.95"
      print: "0.25"
  - template: final_warning
    after_deadline_days: 1
    pay_within_days: 10
    channel: portal
    interest: true
    lump_sum: true
"""
"""A ladder by itself, as scenarios have it: a shop sends no letters yet."""
Load = Callable[[str], Policy]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a policy's text from a file `house.yaml`."""

    def of_text(text: str) -> Policy:
        path = tmp_path / "house.yaml"
        path.write_text(text)
        return load_policy(path, "BE")

    return of_text


def refusal(load: Callable[[str], object], text: str) -> tuple[int, str]:
    """The line and the rule of the refusal; its message must name the file and say what to do."""
    with pytest.raises(SettingsInvalid) as refused:
        load(text)
    assert refused.value.todo
    where, _, rule = refused.value.what.partition(": ")
    path, _, line = where.rpartition(":")
    assert Path(path).name == "house.yaml"
    return int(line), rule


def test_the_shipped_consumer_procedure_is_the_published_one() -> None:
    """Reminder due + 5, free, 10 days; then 3 bank days and 14 days twice; hand-over after 5 bank days, from 20 EUR."""
    assert load_policy(SHIPPED, "BE").procedures["DE", DebtorKind.CONSUMER] == CONSUMER


def test_the_shipped_policy_has_a_ladder_for_businesses_and_the_usual_guards() -> None:
    policy = load_policy(SHIPPED, "NW")
    assert set(policy.procedures) == {("DE", DebtorKind.CONSUMER), ("DE", DebtorKind.BUSINESS)}
    business = policy.procedures["DE", DebtorKind.BUSINESS]
    assert [level.template for level in business.levels] == list(Template)
    assert [level.pay_within_days for level in business.levels] == [10, 10, 10]
    assert (business.minimum_gap_days, business.bank_data_max_age_bank_days) == (7, 1)
    assert (business.after_delivery_days, business.after_return_days, business.after_answer_days) == (0, 3, 14)
    assert (business.invoice_channel, business.waived_costs_cents) == (Channel.EMAIL, 0)
    assert (business.promise_grace_bank_days, business.promise_days, business.promises) == (3, 14, 2)
    assert business.calendar == GermanCalendar("NW")
    assert policy.currency == "EUR"
    assert policy.guards == RunGuards()


def test_nothing_shipped_charges_early_or_hands_over_without_a_person() -> None:
    """Every notice is a free e-mail, and interest and lump sum come with the final warning at the earliest."""
    for (_, debtor), procedure in load_policy(SHIPPED, "BE").procedures.items():
        assert all((level.channel, level.cost) == (Channel.EMAIL, None) for level in procedure.levels)
        assert [level.demands_interest for level in procedure.levels] == [False, False, True]
        assert [level.demands_lump_sum for level in procedure.levels] == [False, False, debtor is DebtorKind.BUSINESS]
        assert procedure.agreed_term is None
        assert procedure.fee_cap_cents == 250
        assert procedure.hand_over is not None
        assert (procedure.hand_over.approval, procedure.hand_over.limitation_days) == ("person", 60)
        assert procedure.levels[-1].template is Template.FINAL_WARNING


def test_every_word_of_a_file_arrives(load: Load) -> None:
    policy = load(SMALL)
    assert policy.procedures == {
        ("DE", DebtorKind.CONSUMER): Procedure(
            name="consumers",
            calendar=PlainCalendar(),
            levels=(
                Level(Timing(after_due_days=5), Template.REMINDER, 10),
                Level(Timing(after_deadline_days=1), Template.SECOND_NOTICE, 14, 1_000, demands_interest=True),
            ),
            hand_over=HandOverRule(Timing(after_previous_days=9), 2_000),
            tolerance_cents=10,
            minimum_gap_days=7,
        )
    }


def test_every_word_of_law_arrives(load: Load) -> None:
    small, full = load(SMALL).procedures, load(FULL).procedures
    key = ("DE", DebtorKind.CONSUMER)
    assert full == {
        key: replace(
            small[key],
            agreed_term=AgreedTerm(14, from_delivery=False),
            invoice_channel=Channel.LETTER,
            after_delivery_days=17,
            after_return_days=3,
            after_answer_days=14,
            fee_cap_cents=200,
            waived_costs_cents=500,
            promise_days=13,
            promises=1,
        )
    }


@pytest.mark.parametrize(
    ("term", "agreed"),
    [
        ("{days: 14, from: invoice}", AgreedTerm(14, from_delivery=False)),
        ("{days: 7, from: delivery}", AgreedTerm(7, from_delivery=True)),
        ("{days: 0}", AgreedTerm(0, from_delivery=True)),
    ],
)
def test_an_agreed_term_counts_from_delivery_unless_it_says_from_the_invoice(
    load: Load, term: str, agreed: AgreedTerm
) -> None:
    (procedure,) = load(FULL.replace("{days: 14, from: invoice}", term)).procedures.values()
    assert procedure.agreed_term == agreed


def test_businesses_may_be_asked_for_the_lump_sum(load: Load) -> None:
    (procedure,) = load(of_business(SMALL.replace("interest: true", "lump_sum: true"))).procedures.values()
    assert [(level.demands_interest, level.demands_lump_sum) for level in procedure.levels] == [
        (False, False),
        (False, True),
    ]


@pytest.fixture
def ladder(tmp_path: Path) -> Callable[[str], Procedure]:
    """Loads a ladder's text by itself, from a file `house.yaml`."""
    path = tmp_path / "house.yaml"
    return lambda text: validated(ProcedureRules, read_yaml(text.encode(), path), path).in_state("BE")


def test_every_word_of_a_letter_arrives(ladder: Callable[[str], Procedure]) -> None:
    _, second, final = ladder(LETTERS).levels
    assert second == Level(
        Timing(after_deadline_days=1),
        Template.SECOND_NOTICE,
        10,
        channel=Channel.LETTER,
        cost=CostRecord("Briefdienst", postage_cents=95, print_cents=25),
    )
    assert final == Level(
        Timing(after_deadline_days=1),
        Template.FINAL_WARNING,
        10,
        channel=Channel.PORTAL,
        demands_interest=True,
        demands_lump_sum=True,
    )


@pytest.mark.parametrize(
    ("right", "wrong", "line", "rule"),
    [
        pytest.param(
            "channel: letter", "channel: email", 11, "levels.2.cost: only a letter costs something", id="mail"
        ),
        pytest.param("channel: letter", "channel: portal", 11, "levels.2.cost: only a letter costs", id="portal"),
        pytest.param("    channel: letter\n", "", 10, "levels.2.cost: only a letter costs something", id="no channel"),
        pytest.param("second_notice", "reminder", 11, "levels.2.cost: a payment reminder is free of", id="reminder"),
        pytest.param("channel: letter", "channel: pigeon", 10, "levels.2.channel: Input should be", id="channel"),
        pytest.param("Briefdienst", '""', 12, "levels.2.cost.provider: String should have at least", id="provider"),
        pytest.param("Briefdienst", '" "', 7, "levels.2: a cost record names its provider", id="blank provider"),
        pytest.param("      provider: Briefdienst\n", "", 11, "levels.2.cost.provider: Field required", id="nobody"),
        pytest.param('      postage: "0.95"\n', "", 11, "levels.2.cost.postage: Field required", id="no postage"),
        pytest.param('      print: "0.25"\n', "", 11, "levels.2.cost.print: Field required", id="no print"),
        pytest.param('"0.95"', "0.95", 13, "levels.2.cost.postage: write amounts as quoted", id="postage not quoted"),
        pytest.param('"0.95"', '"-0.01"', 13, "levels.2.cost.postage: Input should be greater", id="negative postage"),
        pytest.param('"0.25"', '"-0.01"', 14, "levels.2.cost.print: Input should be greater", id="negative print"),
        pytest.param("print:", "staff:", 11, "levels.2.cost.print: Field required", id="nobody's time"),
        pytest.param('"0.25"', '"0.25"\n      staff: "5.00"', 15, "levels.2.cost.staff: Extra inputs", id="staff"),
        pytest.param('"2.50"', '"2.51"', 2, "fee_cap: Input should be less than or equal to 250", id="above the cap"),
        pytest.param('"2.50"', '"-0.01"', 2, "fee_cap: Input should be greater", id="negative cap"),
        pytest.param("interest: true", "interest: perhaps", 19, "levels.3.interest: Input should be", id="interest"),
    ],
)
def test_a_mistake_in_a_letters_cost_names_its_line(
    ladder: Callable[[str], Procedure], right: str, wrong: str, line: int, rule: str
) -> None:
    assert LETTERS.count(right) == 1
    found, message = refusal(ladder, LETTERS.replace(right, wrong))
    assert (found, message[: len(rule)]) == (line, rule)


def of_business(text: str) -> str:
    return text.replace("debtor: consumer", "debtor: business")


GERMAN_ONLY = "procedures.1.levels.2: interest and lump sum are computed by German law only"
FRIENDLY = "procedures.1.levels.1: a payment reminder demands neither interest nor a lump sum"


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        pytest.param(
            SMALL.replace("interest: true", "channel: letter"),
            18,
            "procedures.1.levels.2.channel: notices go out by e-mail; there is no other way yet",
            id="letter",
        ),
        pytest.param(
            SMALL.replace("interest: true", "channel: portal"),
            18,
            "procedures.1.levels.2.channel: notices go out by e-mail; there is no other way yet",
            id="portal",
        ),
        pytest.param(
            SMALL.replace("interest: true", 'cost: {provider: P, postage: "0.95", print: "0.25"}'),
            18,
            "procedures.1.levels.2.cost: only a letter costs something; an e-mail is free",
            id="cost of an e-mail",
        ),
        pytest.param(
            SMALL.replace("interest: true", "lump_sum: true"),
            18,
            "procedures.1.levels.2.lump_sum: the lump sum of § 288 (5) BGB is owed by businesses only",
            id="lump sum of consumers",
        ),
        pytest.param(
            SMALL.replace("pay_within_days: 10", "pay_within_days: 10\n        interest: true"),
            12,
            FRIENDLY,
            id="reminder with interest",
        ),
        pytest.param(
            of_business(SMALL.replace("pay_within_days: 10", "pay_within_days: 10\n        lump_sum: true")),
            12,
            FRIENDLY,
            id="reminder with lump sum",
        ),
        pytest.param(SMALL.replace("country: DE", "country: AT"), 15, GERMAN_ONLY, id="interest in Austria"),
        pytest.param(
            of_business(SMALL).replace("country: DE", "country: AT").replace("interest: true", "lump_sum: true"),
            15,
            GERMAN_ONLY,
            id="lump sum in Austria",
        ),
        pytest.param(FULL.replace("days: 14, from", "from"), 11, "procedures.1.agreed_term.days: Field", id="no days"),
        pytest.param(
            FULL.replace("from: invoice", "from: order"),
            11,
            "procedures.1.agreed_term.from: Input should be 'delivery' or 'invoice'",
            id="from another event",
        ),
        pytest.param(
            FULL.replace("from: invoice", "from_: invoice"),
            11,
            "procedures.1.agreed_term.from_: Extra inputs",
            id="the word of the code",
        ),
        pytest.param(
            FULL.replace("invoice_channel: letter", "invoice_channel: fax"),
            12,
            "procedures.1.invoice_channel: Input should be",
            id="unknown channel of invoices",
        ),
        pytest.param(FULL.replace('"2.00"', '"2.51"'), 16, "procedures.1.fee_cap: Input should be less", id="fee cap"),
        pytest.param(FULL.replace('"2.00"', "2.00"), 16, "procedures.1.fee_cap: write amounts as", id="cap not quoted"),
        pytest.param(
            FULL.replace('"5.00"', '"-0.01"'), 17, "procedures.1.waived_costs: Input should be greater", id="waived"
        ),
        pytest.param(
            FULL.replace("promise_days: 13", "promise_days: 15"),
            18,
            "procedures.1.promise_days: Input should be less than or equal to 14",
            id="a promise too long",
        ),
    ],
)
def test_a_demand_without_its_law_names_its_line(load: Load, text: str, line: int, rule: str) -> None:
    found, message = refusal(load, text)
    assert (found, message[: len(rule)]) == (line, rule)


def test_another_country_may_have_a_ladder_without_interest(load: Load) -> None:
    text = SMALL.replace("country: DE", "country: AT").replace("interest: true", "interest: false")
    assert set(load(text).procedures) == {("AT", DebtorKind.CONSUMER)}


def test_the_guards_of_a_file_arrive(load: Load) -> None:
    text = SMALL.replace(
        "  factor: 3\n",
        "  factor: 4\n  free_notices: 1\n  free_hand_overs: 2\n  history_runs: 9\n  history_minimum: 8\n"
        "  notices_a_day: 6\n  hand_overs_a_day: 7\n  individual_runs: 3\n",
    )
    assert load(text).guards == RunGuards(
        history_runs=9,
        history_minimum=8,
        factor=4,
        free_notices=1,
        free_hand_overs=2,
        notices_a_day=6,
        hand_overs_a_day=7,
        individual_runs=3,
    )


def test_what_a_file_leaves_out_is_the_usual(load: Load) -> None:
    policy = load("procedures: [{country: DE, debtor: business, levels: [{after_due_days: 0, pay_within_days: 10}]}]")
    assert (policy.currency, policy.guards) == ("EUR", RunGuards())
    assert policy.procedures == {
        ("DE", DebtorKind.BUSINESS): Procedure(
            "", GermanCalendar("BE"), (Level(Timing(after_due_days=0), pay_within_days=10),)
        )
    }


def test_a_consumers_time_to_pay_is_no_credit(load: Load) -> None:
    """50 days at most; a business may have more."""
    term = '    tolerance: "0.10"\n    agreed_term: {{days: {}}}\n'
    longest, longer = (SMALL.replace('    tolerance: "0.10"\n', term.format(days)) for days in (50, 51))
    load(longest)
    assert refusal(load, longer) == (10, "procedures.1.agreed_term.days: more than 50 days are consumer credit")
    load(longer.replace("debtor: consumer", "debtor: business"))


def test_a_week_is_long_enough_for_a_deadline(load: Load) -> None:
    policy = load(SMALL.replace("pay_within_days: 10", "pay_within_days: 7"))
    assert policy.procedures["DE", DebtorKind.CONSUMER].levels[0].pay_within_days == 7


def test_the_version_is_the_content(load: Load) -> None:
    assert load(SMALL).version == hashlib.sha256(SMALL.encode()).hexdigest()[:12]
    assert load(SMALL).version != load(SMALL + "# a word more\n").version


@pytest.mark.parametrize(
    ("right", "wrong", "line", "rule"),
    [
        pytest.param("  factor: 3", "  facktor: 3", 3, "run.facktor: Extra inputs", id="unknown key in run"),
        pytest.param("    calendar: plain", "    kalender: plain", 8, "procedures.1.kalender: Extra", id="unknown key"),
        pytest.param("interest:", "fee:", 18, "procedures.1.levels.2.fee: Extra", id="unknown in level"),
        pytest.param("currency:", "curency:", 1, "curency: Extra inputs", id="unknown key at the top"),
        pytest.param('"20.00"', "20.0", 23, "procedures.1.hand_over.min_open: write amounts as quoted", id="float"),
        pytest.param('"10.00"', "10.00", 17, "procedures.1.levels.2.min_open: write amounts as", id="not quoted"),
        pytest.param('"0.10"', "10", 9, "procedures.1.tolerance: write amounts as quoted", id="whole number"),
        pytest.param('"0.10"', '"0,10"', 9, "procedures.1.tolerance: an amount is not a plain", id="comma"),
        pytest.param(
            '"0.10"', '"0.105"', 9, "procedures.1.tolerance: an amount has a part of a cent", id="half a cent"
        ),
        pytest.param(
            '"0.10"', '"-0.01"', 9, "procedures.1.tolerance: Input should be greater", id="negative tolerance"
        ),
        pytest.param(
            '"10.00"', '"-0.01"', 17, "procedures.1.levels.2.min_open: Input should be greater", id="negative minimum"
        ),
        pytest.param(
            "after_due_days: 5",
            "after_due_days: -1",
            13,
            "procedures.1.levels.1.after_due_days: Input",
            id="negative day",
        ),
        pytest.param(
            "pay_within_days: 10", "pay_within_days: 0", 14, "procedures.1.levels.1.pay_within_days", id="no day to pay"
        ),
        pytest.param("gap_days: 7", "gap_days: 7.5", 10, "procedures.1.minimum_gap_days: Input", id="half a day"),
        pytest.param("gap_days: 7", "gap_days: week", 10, "procedures.1.minimum_gap_days: Input", id="a word for days"),
        pytest.param(
            "reminder", "remindre", 12, "procedures.1.levels.1.template: Input should be", id="unknown template"
        ),
        pytest.param("debtor: consumer", "debtor: unknown", 7, "procedures.1.debtor: Input should be", id="debtor"),
        pytest.param("country: DE", "country: Germany", 6, "procedures.1.country: String should match", id="country"),
        pytest.param("currency: EUR", "currency: euro", 1, "currency: String should match", id="currency"),
        pytest.param("calendar: plain", "calendar: at", 8, "procedures.1.calendar: Input should be", id="calendar"),
        pytest.param("approval: person", "approval: nobody", 22, "procedures.1.hand_over.approval", id="approval"),
        pytest.param("  factor: 3", "  factor: 0", 3, "run.factor: Input should be greater", id="factor nought"),
        pytest.param("    debtor: consumer\n", "", 5, "procedures.1.debtor: Field required", id="left out"),
        pytest.param(
            "  factor: 3", "  history_runs: 4", 2, "run: the breaker needs 5 runs and looks at 4", id="blind breaker"
        ),
        pytest.param(
            "after_due_days: 5",
            "after_previous_days: 5",
            12,
            "procedures.1.levels.1: level 1 is the first step and cannot count from a previous notice",
            id="level 1 counts from previous",
        ),
        pytest.param(
            "        pay_within_days: 10\n",
            "",
            14,
            "procedures.1.levels.2: level 2 counts from a deadline that the level before does not set",
            id="no deadline before",
        ),
        pytest.param(
            "        after_deadline_days: 1\n",
            "",
            15,
            "procedures.1.levels.2: level 2 does not say when it may be taken",
            id="level without timing",
        ),
        pytest.param(
            "        pay_within_days: 14\n    hand_over:\n      after_previous_days: 9",
            "    hand_over:\n      after_deadline_days: 9",
            19,
            "procedures.1.hand_over: hand_over counts from a deadline that the level before does not set",
            id="no deadline before the hand-over",
        ),
        pytest.param(
            "approval: person",
            "approval: auto",
            22,
            "procedures.1.hand_over.approval: auto is for scenarios",
            id="auto",
        ),
        pytest.param(
            "pay_within_days: 10",
            "pay_within_days: 6",
            14,
            "procedures.1.levels.1.pay_within_days: less than 7 days may be over before the notice is received",
            id="a deadline too short",
        ),
        pytest.param(
            LEVEL_2,
            LEVEL_2.replace("second_notice", "final_warning").replace("        pay_within_days: 14\n", ""),
            15,
            "procedures.1.levels.2: level 2 is a final warning and must set a deadline",
            id="final warning without deadline",
        ),
        pytest.param(
            "        pay_within_days: 14\n",
            "",
            15,
            "procedures.1.levels.2: a notice sets a deadline (pay_within_days)",
            id="no deadline",
        ),
        pytest.param("  factor: 3", "  factor: 3\n bad: [", 4, "this is not YAML", id="not YAML"),
        pytest.param("  factor: 3", "  factor: 3\n  factor: 4", 4, "this is not YAML", id="a key twice"),
        pytest.param("  factor: 3", "\tfactor: 3", 3, "this is not YAML", id="tab"),
    ],
)
def test_a_mistake_names_file_line_and_rule(load: Load, right: str, wrong: str, line: int, rule: str) -> None:
    assert SMALL.count(right) >= 1
    found, message = refusal(load, SMALL.replace(right, wrong, 1))
    assert (found, message[: len(rule)]) == (line, rule)


def test_two_ladders_for_the_same_debtors_are_refused_at_the_second(load: Load) -> None:
    second = SMALL[SMALL.index("  - name") :].replace("name: consumers", "name: consumers again")
    assert refusal(load, SMALL + second) == (24, "procedures.2: two procedures for DE consumer")
    assert len(load(SMALL + second.replace("debtor: consumer", "debtor: business")).procedures) == 2
    austrian = second.replace("country: DE", "country: AT").replace("interest: true", "interest: false")
    assert len(load(SMALL + austrian).procedures) == 2


@pytest.mark.parametrize(
    ("place", "lowest"),
    [
        (("run", "free_notices"), 0),
        (("run", "free_hand_overs"), 0),
        (("run", "factor"), 1),
        (("run", "history_minimum"), 1),
        (("run", "notices_a_day"), 0),
        (("run", "hand_overs_a_day"), 0),
        (("run", "individual_runs"), 0),
        (("procedures", 0, "minimum_gap_days"), 0),
        (("procedures", 0, "promise_grace_bank_days"), 0),
        (("procedures", 0, "promise_days"), 0),
        (("procedures", 0, "promises"), 0),
        (("procedures", 0, "bank_data_max_age_bank_days"), 0),
        (("procedures", 0, "after_delivery_days"), 0),
        (("procedures", 0, "after_return_days"), 0),
        (("procedures", 0, "after_answer_days"), 0),
        (("procedures", 0, "agreed_term", "days"), 0),
        (("procedures", 0, "levels", 0, "after_due_days"), 0),
        (("procedures", 0, "levels", 1, "after_previous_days"), 0),
        (("procedures", 0, "levels", 1, "after_deadline_days"), 0),
        (("procedures", 0, "levels", 1, "after_deadline_bank_days"), 0),
        (("procedures", 0, "hand_over", "limitation_days"), 0),
    ],
)
def test_each_number_has_its_lowest(load: Load, place: tuple[str | int, ...], lowest: int) -> None:
    def with_number(number: int) -> str:
        level = {"after_due_days": 3, "pay_within_days": 10}
        hand_over = {"after_previous_days": 3}
        procedure = {
            "country": "DE",
            "debtor": "consumer",
            "agreed_term": {"days": 3},
            "levels": [level, dict(level)],
            "hand_over": hand_over,
        }
        document: Any = {"run": {}, "procedures": [procedure]}
        inner = document
        for part in place[:-1]:
            inner = inner[part]
        inner[place[-1]] = number
        return json.dumps(document)

    load(with_number(lowest))
    _, rule = refusal(load, with_number(lowest - 1))
    assert rule.partition(": ")[0].endswith(f".{place[-1]}")
    assert rule.endswith(f"greater than or equal to {lowest}")


def test_the_breaker_may_look_at_just_as_many_runs_as_it_needs(load: Load) -> None:
    guards = load(SMALL.replace("  factor: 3", "  history_runs: 1\n  history_minimum: 1")).guards
    assert (guards.history_runs, guards.history_minimum) == (1, 1)
    assert refusal(load, SMALL.replace("factor: 3", "history_runs: 0"))[0] == 3


def test_amounts_may_be_nought(load: Load) -> None:
    text = FULL
    for amount in ('"0.10"', '"2.00"', '"5.00"', '"10.00"'):
        text = text.replace(amount, '"0.00"')
    (procedure,) = load(text).procedures.values()
    assert (procedure.tolerance_cents, procedure.fee_cap_cents, procedure.waived_costs_cents) == (0, 0, 0)
    assert procedure.levels[1].min_open_cents == 0


def test_a_promise_may_be_as_long_as_such_a_hold(load: Load) -> None:
    (procedure,) = load(FULL.replace("promise_days: 13", "promise_days: 14")).procedures.values()
    assert procedure.promise_days == 14


def test_the_cap_of_fees_is_at_most_the_highest_that_courts_took_for_granted(load: Load) -> None:
    (procedure,) = load(FULL.replace('"2.00"', '"2.50"')).procedures.values()
    assert procedure.fee_cap_cents == 250


def test_a_day_stays_text_for_the_rule_that_knows_it() -> None:
    assert read_yaml(b"on: 2026-02-30", Path("any.yaml")) == {"on": "2026-02-30"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "the file: Input should be"),
        ("- a list", "the file: Input should be"),
        ("just words", "the file: Input should be"),
        ("procedures: []", "procedures: there must be at least one procedure"),
        (
            "procedures: [{country: DE, debtor: consumer, levels: []}]",
            "procedures.1.levels: a procedure needs at least one level",
        ),
        ("currency: EUR", "procedures: Field required"),
        ("a: \x07", "this is not YAML"),
    ],
    ids=["empty", "list", "words", "no procedure", "no level", "procedures left out", "control character"],
)
def test_what_is_no_policy_at_all_is_refused(load: Load, text: str, rule: str) -> None:
    line, message = refusal(load, text)
    assert (line, message[: len(rule)]) == (1, rule)


def test_the_first_of_several_mistakes_is_shown_and_all_are_counted(load: Load) -> None:
    wrong = SMALL.replace("factor: 3", "factor: 0").replace("country: DE", "country: d").replace('"10.00"', "10.00")
    with pytest.raises(SettingsInvalid) as refused:
        load(wrong)
    assert ":3: run.factor" in refused.value.what
    assert refused.value.todo == "3 mistake(s) in this file; mend this one first"


@pytest.mark.parametrize("name", ["missing.yaml", "."], ids=["missing", "a folder"])
def test_a_file_that_cannot_be_read_is_named_with_its_setting(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load_policy(tmp_path / name, "BE")
    assert refused.value.what == f"{tmp_path / name}: the policy cannot be read"
    assert "MAHNLAUF_POLICY" in refused.value.todo


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "house.yaml"
    path.write_bytes(b"currency: \xff\xfe\x00")
    with pytest.raises(SettingsInvalid, match=r"house\.yaml:1: this is not YAML"):
        load_policy(path, "BE")
