"""House rules: the shipped file is the published procedure, and each mistake names file, line and rule."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dunning.calendar import GermanCalendar, PlainCalendar
from dunning.debtor import DebtorKind
from dunning.errors import SettingsInvalid
from dunning.guards import RunGuards
from dunning.notice import Template
from dunning.procedure import HandOverRule, Level, Policy, Procedure, Timing
from tasks.policy import load_policy, read_yaml
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
        fee: "2.50"
    hand_over:
      after_previous_days: 9
      approval: person
      min_open: "20.00"
"""
Load = Callable[[str], Policy]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a policy's text from a file `house.yaml`."""

    def of_text(text: str) -> Policy:
        path = tmp_path / "house.yaml"
        path.write_text(text)
        return load_policy(path, "BE")

    return of_text


def refusal(load: Load, text: str) -> tuple[int, str]:
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
    assert business.calendar == GermanCalendar("NW")
    assert policy.currency == "EUR"
    assert policy.guards == RunGuards()


def test_nothing_shipped_charges_or_hands_over_without_a_person() -> None:
    for procedure in load_policy(SHIPPED, "BE").procedures.values():
        assert all(level.fee_cents == 0 for level in procedure.levels)
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
                Level(Timing(after_deadline_days=1), Template.SECOND_NOTICE, None, 1_000, 250),
            ),
            hand_over=HandOverRule(Timing(after_previous_days=9), 2_000),
            tolerance_cents=10,
            minimum_gap_days=7,
        )
    }


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
    policy = load("procedures: [{country: DE, debtor: business, levels: [{after_due_days: 0}]}]")
    assert (policy.currency, policy.guards) == ("EUR", RunGuards())
    assert policy.procedures == {
        ("DE", DebtorKind.BUSINESS): Procedure("", GermanCalendar("BE"), (Level(Timing(after_due_days=0)),))
    }


def test_the_version_is_the_content(load: Load) -> None:
    assert load(SMALL).version == hashlib.sha256(SMALL.encode()).hexdigest()[:12]
    assert load(SMALL).version != load(SMALL + "# a word more\n").version


@pytest.mark.parametrize(
    ("right", "wrong", "line", "rule"),
    [
        pytest.param("  factor: 3", "  facktor: 3", 3, "run.facktor: Extra inputs", id="unknown key in run"),
        pytest.param("    calendar: plain", "    kalender: plain", 8, "procedures.1.kalender: Extra", id="unknown key"),
        pytest.param("        fee:", "        fees:", 18, "procedures.1.levels.2.fees: Extra", id="unknown in level"),
        pytest.param("currency:", "curency:", 1, "curency: Extra inputs", id="unknown key at the top"),
        pytest.param('"20.00"', "20.0", 22, "procedures.1.hand_over.min_open: write amounts as quoted", id="float"),
        pytest.param('"2.50"', "2.50", 18, "procedures.1.levels.2.fee: write amounts as quoted", id="not quoted"),
        pytest.param('"0.10"', "10", 9, "procedures.1.tolerance: write amounts as quoted", id="whole number"),
        pytest.param('"0.10"', '"0,10"', 9, "procedures.1.tolerance: an amount is not a plain", id="comma"),
        pytest.param(
            '"0.10"', '"0.105"', 9, "procedures.1.tolerance: an amount has a part of a cent", id="half a cent"
        ),
        pytest.param(
            '"0.10"', '"-0.01"', 9, "procedures.1.tolerance: Input should be greater", id="negative tolerance"
        ),
        pytest.param('"2.50"', '"-0.01"', 18, "procedures.1.levels.2.fee: Input should be greater", id="negative fee"),
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
        pytest.param("approval: person", "approval: nobody", 21, "procedures.1.hand_over.approval", id="approval"),
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
            "after_previous_days: 9",
            "after_deadline_days: 9",
            19,
            "procedures.1.hand_over: hand_over counts from a deadline that the level before does not set",
            id="no deadline before the hand-over",
        ),
        pytest.param(
            "approval: person",
            "approval: auto",
            21,
            "procedures.1.hand_over.approval: auto is for scenarios",
            id="auto",
        ),
        pytest.param(
            "template: second_notice",
            "template: final_warning",
            15,
            "procedures.1.levels.2: level 2 is a final warning and must set a deadline",
            id="final warning without deadline",
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
    assert refusal(load, SMALL + second) == (23, "procedures.2: two procedures for DE consumer")
    assert len(load(SMALL + second.replace("debtor: consumer", "debtor: business")).procedures) == 2
    assert len(load(SMALL + second.replace("country: DE", "country: AT")).procedures) == 2


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
        (("procedures", 0, "bank_data_max_age_bank_days"), 0),
        (("procedures", 0, "levels", 0, "after_due_days"), 0),
        (("procedures", 0, "levels", 0, "pay_within_days"), 1),
        (("procedures", 0, "levels", 1, "after_previous_days"), 0),
        (("procedures", 0, "levels", 1, "after_deadline_days"), 0),
        (("procedures", 0, "levels", 1, "after_deadline_bank_days"), 0),
        (("procedures", 0, "hand_over", "limitation_days"), 0),
    ],
)
def test_each_number_has_its_lowest(load: Load, place: tuple[str | int, ...], lowest: int) -> None:
    def with_number(number: int) -> str:
        level = {"after_due_days": 3, "pay_within_days": 3}
        hand_over = {"after_previous_days": 3}
        procedure = {"country": "DE", "debtor": "consumer", "levels": [level, dict(level)], "hand_over": hand_over}
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
    text = SMALL.replace('"0.10"', '"0.00"').replace('"2.50"', '"0.00"').replace('"10.00"', '"0"')
    (procedure,) = load(text).procedures.values()
    assert (procedure.tolerance_cents, procedure.levels[1].fee_cents, procedure.levels[1].min_open_cents) == (0, 0, 0)


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
    wrong = SMALL.replace("factor: 3", "factor: 0").replace("country: DE", "country: d").replace('"2.50"', "2.50")
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
