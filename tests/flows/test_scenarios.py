"""Dated stories through the code of the real run: ours, those of the conformance set, and how differences are told."""

import json
from pathlib import Path
from typing import Any

import pytest

from deployments.simulate import simulate
from dunning.errors import SettingsInvalid
from dunning.procedure import Approval
from tasks.scenario.difference import differences
from tasks.scenario.replay import replay
from tasks.scenario.story import Scenario, load_scenario

REPOSITORY = Path(__file__).parents[2]
OWN = sorted((REPOSITORY / "tests" / "scenarios").glob("*.yaml"))
CONFORMANCE_FOLDER = REPOSITORY.parent / "shared" / "conformance" / "cases"
CONFORMANCE: list[Any] = sorted(CONFORMANCE_FOLDER.glob("*.yaml"))
NO_CONFORMANCE = pytest.mark.skip(reason=f"no conformance cases in {CONFORMANCE_FOLDER}")
STORIES: list[Any] = [*OWN, *(CONFORMANCE or [pytest.param(CONFORMANCE_FOLDER, marks=NO_CONFORMANCE)])]
STORY = """\
scenario: a-story
procedure:
  calendar: plain
  levels: [{after_due_days: 5}, {after_previous_days: 10}]
  hand_over: {after_previous_days: 3, approval: auto}
runs: [2026-01-05, 2026-01-06, 2026-01-16, 2026-01-19]
events:
  - {day: 2026-01-01, invoice: R-1, customer: C-1, amount: "30.00", due_on: 2026-01-01}
  - {day: 2026-01-10, payment: R-1, amount: "9.50", id: P-1}
expect:
  - {day: 2026-01-06, invoice: R-1, notice: 1, open: "30.00"}
  - {day: 2026-01-16, invoice: R-1, notice: 2, open: "20.50"}
  - {day: 2026-01-19, invoice: R-1, hand_over: true, open: "20.50"}
expect_decisions:
  - {day: 2026-01-05, invoice: R-1, decision: wait, until: 2026-01-06}
"""
DAYS = "[2026-01-05, 2026-01-06, 2026-01-16, 2026-01-19]"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A file whose expectations are met."""
    return write(tmp_path, STORY)


def write(folder: Path, text: str, name: str = "story.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def changed(old: str, new: str) -> str:
    assert STORY.count(old) == 1, old
    return STORY.replace(old, new)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
async def test_the_story_goes_as_expected(path: Path) -> None:
    scenario = load_scenario(path)
    assert scenario.scenario == path.stem
    done = await replay(scenario)
    assert differences(scenario, done) == ()
    notices = [each for each in done.actions if each.level is not None]
    assert len(done.mails) == len(notices), "a mail left that is no notice, or twice"
    assert {(each.day, each.invoice, each.level) for each in notices} == {
        (each.day, each.invoice, each.level)
        for each in done.decisions
        if each.decision == "send_notice" and not scenario.mail_is_down(each.day)
    }, "the day stored with a claim hides it from a run, or shows it too early"
    assert {(each.day, each.invoice) for each in done.actions if each.level is None} == {
        (each.day, each.invoice)
        for each in done.decisions
        if each.decision == "propose_hand_over" and hands_over(scenario)
    }


def hands_over(scenario: Scenario) -> bool:
    last = scenario.procedure.hand_over
    return last is not None and last.approval is not Approval.NEVER


def test_our_own_scenarios_are_there() -> None:
    assert len(OWN) >= 20


def test_a_story_prints_what_was_done(story: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate([story], as_json=False) == 0
    assert capsys.readouterr() == (
        "a-story: passed\n"
        "  2026-01-06 R-1 notice 1, open 30.00\n"
        "  2026-01-16 R-1 notice 2, open 20.50\n"
        "  2026-01-19 R-1 hand-over, open 20.50\n",
        "",
    )


ALL_OF_IT = {
    "actions": [
        {"day": "2026-01-06", "invoice": "R-1", "notice": 1, "open": "30.00"},
        {"day": "2026-01-16", "invoice": "R-1", "notice": 2, "open": "20.50"},
        {"day": "2026-01-19", "invoice": "R-1", "hand_over": True, "open": "20.50"},
    ],
    "decisions": [
        {"day": "2026-01-05", "invoice": "R-1", "decision": "wait", "until": "2026-01-06"},
        {"day": "2026-01-06", "invoice": "R-1", "decision": "send_notice", "notice": 1},
        {"day": "2026-01-16", "invoice": "R-1", "decision": "send_notice", "notice": 2},
        {"day": "2026-01-19", "invoice": "R-1", "decision": "propose_hand_over"},
    ],
}


def test_json_speaks_the_words_of_the_file(story: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate([story], as_json=True) == 0
    first = capsys.readouterr().out
    assert json.loads(first) == ALL_OF_IT
    simulate([story], as_json=True)
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(("text", "said"), [
    (
        changed("{day: 2026-01-06, invoice: R-1, notice: 1,", "{day: 2026-01-07, invoice: R-1, notice: 1,"),
        ["done, but not expected: 2026-01-06 R-1 notice 1, open 30.00",
         "expected, but not done: 2026-01-07 R-1 notice 1, open 30.00"],
    ),
    (
        changed('notice: 2, open: "20.50"', 'notice: 2, open: "30.00"'),
        ["done, but not expected: 2026-01-16 R-1 notice 2, open 20.50",
         "expected, but not done: 2026-01-16 R-1 notice 2, open 30.00"],
    ),
    (
        changed('  - {day: 2026-01-19, invoice: R-1, hand_over: true, open: "20.50"}\n', ""),
        ["done, but not expected: 2026-01-19 R-1 hand-over, open 20.50"],
    ),
    (
        changed("until: 2026-01-06}", "until: 2026-01-07}"),
        ["expected 2026-01-05 R-1 wait until 2026-01-07, answered wait until 2026-01-06"],
    ),
    (
        changed("decision: wait, until: 2026-01-06", "decision: blocked, reason: dispute"),
        ["expected 2026-01-05 R-1 blocked (dispute), answered wait until 2026-01-06"],
    ),
    (
        changed("{day: 2026-01-05, invoice: R-1, decision", "{day: 2026-01-07, invoice: R-1, decision"),
        ["expected 2026-01-07 R-1 wait until 2026-01-06, answered nothing: no run of that day knew the invoice"],
    ),
    (STORY + "expect_error: run_before_last_run\n", ["expected run_before_last_run refusal, got none"]),
    (
        changed("2026-01-19]", "2026-01-19, 2026-01-18]"),
        ["expected no refusal, got run_before_last_run"],
    ),
], ids=["day", "amount", "too much", "until", "reason", "no run", "no refusal", "refusal"])  # fmt: skip
def test_a_wrong_expectation_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: list[str]
) -> None:
    path = write(tmp_path, text)
    assert simulate([path], as_json=False) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "a-story: FAILED"
    assert [line.strip() for line in out if "expected" in line] == said
    assert simulate([path], as_json=True) == 1
    told = capsys.readouterr()
    assert json.loads(told.out).keys() == {"actions", "decisions"}
    assert [line.strip() for line in told.err.splitlines()] == said


def test_a_folder_ends_with_its_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, STORY)
    write(tmp_path, changed("notice: 2", "notice: 3"), "wrong.yaml")
    write(tmp_path, "scenario: [", "broken.yaml")
    write(tmp_path, "scenario: [", "other.txt")
    assert simulate([tmp_path], as_json=False) == 2
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == "1 passed, 2 failed"
    assert told.err.startswith(f"{tmp_path / 'broken.yaml'}:1: this is not YAML")
    assert simulate([tmp_path], as_json=True) == 2
    whole = json.loads(capsys.readouterr().out)
    assert (whole["passed"], whole["failed"]) == (1, 2)
    assert [(each["scenario"], each["passed"]) for each in whole["scenarios"]] == [
        ("broken", False), ("a-story", True), ("a-story", False),
    ]  # fmt: skip
    assert {name: whole["scenarios"][1][name] for name in ALL_OF_IT} == ALL_OF_IT


def test_a_folder_of_one_counts_too(story: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate([story.parent], as_json=False) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 0 failed"


def test_a_folder_without_scenarios_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate([tmp_path], as_json=False) == 2
    assert "there is no *.yaml" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "line", "rule"), [
    (changed("after_due_days: 5", "after_due_day: 5"), 4, "procedure.levels.1.after_due_day"),
    (changed("{after_due_days: 5}", "{after_previous_days: 5}"), 4, "first step"),
    (changed("{after_due_days: 5}", "{after_due_days: 5, template: final_warning}"), 4, "must set a deadline"),
    (changed("calendar: plain", "calendar: none"), 3, "procedure.calendar"),
    (changed("runs: [2026-01-05,", "runs: [2026-01-32,"), 6, "runs.days.1"),
    (changed(DAYS, "{from: 2026-01-02, until: 2026-01-01}"), 6, "until lies"),
    (changed(DAYS, "[]"), 6, "runs.days"),
    (changed('amount: "30.00"', "amount: 30.00"), 8, "quoted text"),
    (changed('amount: "30.00"', 'amount: "30.005"'), 8, "part of a cent"),
    (changed('amount: "9.50"', 'amount: "-9.50"'), 9, "greater than 0"),
    (changed("day: 2026-01-10", "day: 20260110"), 9, "write days such as"),
    (changed("payment: R-1", "paid: R-1"), 9, "says nothing that happened"),
    (changed("payment: R-1", "payment: R-2"), 9, "no invoice R-2 by that day"),
    (changed("day: 2026-01-10", "day: 2025-12-31"), 9, "no invoice R-1 by that day"),
    (changed("notice: 1, open", "open"), 11, "either a notice or a hand_over"),
    (changed("decision: wait", "decision: perhaps"), 15, "expect_decisions.1.decision"),
    (STORY + "scenarios: x\n", 16, "scenarios"),
    ("- 1\n", 1, "the file"),
], ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "")  # fmt: skip
def test_a_broken_file_is_refused_with_line_and_rule(tmp_path: Path, text: str, line: int, rule: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsInvalid) as refused:
        load_scenario(path)
    assert refused.value.what.startswith(f"{path}:{line}: ")
    assert rule in refused.value.what


ONE_MORE = changed("expect:\n", "  - {EVENT}\nexpect:\n")


@pytest.mark.parametrize(("event", "objection"), [
    ('day: 2026-01-02, invoice: R-1, customer: C-1, amount: "1.00", due_on: 2026-01-02', "a second invoice R-1"),
    (
        'day: 2026-01-02, invoice: R-2, customer: C-1, amount: "1.00", due_on: 2026-01-02, kind: business',
        "customer C-1 had another kind",
    ),
    ('day: 2026-01-12, payment: R-1, amount: "1.00", id: P-1', "a second payment P-1"),
    ("day: 2026-01-09, returned_payment: P-1", "no payment P-1 is there to be returned"),
    ("day: 2026-01-12, returned_payment: P-2", "no payment P-2 is there to be returned"),
    ("day: 2026-01-12, hold_customer: C-2, reason: manual", "no customer C-2 by that day"),
    ("day: 2026-01-12, hold: R-1, reason: manual, until: 2026-01-11", "the hold ends before it begins"),
    ("day: 2025-12-12, release: R-1", "no invoice R-1 by that day"),
    ("day: 2026-01-12, promise: R-7, pay_until: 2026-01-20", "no invoice R-7 by that day"),
    ('day: 2026-01-12, credit_note: R-7, amount: "1.00"', "no invoice R-7 by that day"),
])  # fmt: skip
def test_an_event_speaks_only_of_what_has_happened(tmp_path: Path, event: str, objection: str) -> None:
    path = write(tmp_path, ONE_MORE.replace("EVENT", event))
    with pytest.raises(SettingsInvalid) as refused:
        load_scenario(path)
    assert refused.value.what.startswith(f"{path}:10: events.3: {objection}")


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate([tmp_path / "missing.yaml"], as_json=False) == 2
    assert "cannot be read" in capsys.readouterr().err
