"""A replay held against what its scenario expects: every difference in a line that a clerk understands."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from dunning.money import plain
from tasks.scenario.replay import Answered, Replay
from tasks.scenario.story import Action, ExpectedDecision, Scenario


def differences(scenario: Scenario, replay: Replay) -> tuple[str, ...]:
    """One line a difference, in the order of days; empty where everything is as expected and nothing else came."""
    expected = [each.action for each in scenario.expect]
    lines = [
        *_of_actions(Counter(expected), Counter(replay.actions)),
        *(line for each in scenario.expect_decisions if (line := _of_decision(each, replay.decisions))),
    ]
    return tuple(text for _, text in sorted(lines)) + _of_refusal(scenario.expect_error, replay.refused)


def action_text(action: Action) -> str:
    """Such as `2026-01-20 R-1 notice 1, open 100.00`."""
    step = "hand-over" if action.level is None else f"notice {action.level}"
    return f"{action.day} {action.invoice} {step}, open {plain(action.open_cents)}"


def answer_text(answer: Answered) -> str:
    """Such as `blocked (dispute)`, `wait until 2026-01-20` or `send_notice 1`."""
    level = f" {answer.level}" if answer.level is not None else ""
    until = f" until {answer.until}" if answer.until else ""
    reasons = f" ({', '.join(answer.reasons)})" if answer.reasons else ""
    return f"{answer.decision}{level}{until}{reasons}"


def _of_actions(expected: Counter[Action], done: Counter[Action]) -> list[tuple[date, str]]:
    missing, unexpected = expected - done, done - expected
    return [(each.day, f"expected, but not done: {action_text(each)}") for each in missing.elements()] + [
        (each.day, f"done, but not expected: {action_text(each)}") for each in unexpected.elements()
    ]


def _of_decision(expected: ExpectedDecision, answers: Sequence[Answered]) -> tuple[date, str] | None:
    """None where a run of that day answered so."""
    given = [each for each in answers if (each.day, each.invoice) == (expected.day, expected.invoice)]
    if any(_fits(expected, each) for each in given):
        return None
    until = f" until {expected.until}" if expected.until else ""
    reason = f" ({expected.reason})" if expected.reason else ""
    said = ", then ".join(map(answer_text, given)) or "nothing: no run of that day knew the invoice"
    where = f"{expected.day} {expected.invoice}"
    return expected.day, f"expected {where} {expected.decision}{until}{reason}, answered {said}"


def _fits(expected: ExpectedDecision, answer: Answered) -> bool:
    return (
        expected.decision == answer.decision
        and expected.reason in (None, *answer.reasons)
        and expected.until in (None, answer.until)
    )


def _of_refusal(expected: str, refused: str) -> tuple[str, ...]:
    if expected == refused:
        return ()
    return (f"expected {expected or 'no'} refusal, got {refused or 'none'}",)
