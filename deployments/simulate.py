"""`mahnlauf simulate`: replay scenario files, print what was done, and hold it against what they expect."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dunning.errors import SettingsInvalid
from dunning.money import plain
from tasks.scenario.difference import action_text, differences
from tasks.scenario.replay import Answered, Replay, replay
from tasks.scenario.story import Action, load_scenario

MET, NOT_MET, BROKEN = 0, 1, 2
"""Exit codes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    path: Path
    name: str
    replay: Replay
    differences: tuple[str, ...] = ()
    broken: str = ""
    """Why the file cannot be replayed; empty: it was."""

    @property
    def exit_code(self) -> int:
        """What this file alone would make the command answer."""
        return BROKEN if self.broken else NOT_MET if self.differences else MET


def simulate(paths: Sequence[Path], as_json: bool) -> int:
    """Replay files, and all `*.yaml` of folders; the worst exit code: 0 met, 1 a difference, 2 a broken file.

    Of more than one file (or of a folder) the last line says how many passed and failed. JSON of one file is
    `{"actions": [...], "decisions": [...]}`, of several a list of these under `scenarios`.
    """
    files = [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    if not files:
        print(
            f"there is no *.yaml in {', '.join(map(str, paths))}\nname a scenario or a folder of them", file=sys.stderr
        )
        return BROKEN
    many = len(files) > 1 or any(path.is_dir() for path in paths)
    outcomes = []
    for file in files:
        outcomes.append(outcome := _outcome(file))
        if outcome.broken:
            print(outcome.broken, file=sys.stderr)
        if not as_json:
            _print(outcome)
        for difference in outcome.differences:
            print(f"  {difference}", file=sys.stderr if as_json else sys.stdout)
    passed = sum(outcome.exit_code == MET for outcome in outcomes)
    if as_json:
        print(json.dumps(_many(outcomes) if many else _json(outcomes[0]), ensure_ascii=False, indent=2))
    elif many:
        print(f"{passed} passed, {len(outcomes) - passed} failed")
    return max(outcome.exit_code for outcome in outcomes)


def _outcome(path: Path) -> Outcome:
    try:
        scenario = load_scenario(path)
    except SettingsInvalid as error:
        return Outcome(path, path.stem, Replay(), broken=str(error))
    done = asyncio.run(replay(scenario))
    return Outcome(path, scenario.scenario, done, differences(scenario, done))


def _print(outcome: Outcome) -> None:
    word = "broken" if outcome.broken else "FAILED" if outcome.differences else "passed"
    print(f"{outcome.name}: {word}")
    for action in outcome.replay.actions:
        print(f"  {action_text(action)}")
    if outcome.replay.refused:
        print(f"  refused: {outcome.replay.refused}")


def _many(outcomes: Sequence[Outcome]) -> dict[str, object]:
    scenarios = [
        {
            "scenario": each.name,
            "passed": each.exit_code == MET,
            "differences": [*each.differences, *([each.broken] if each.broken else [])],
            **_json(each),
        }
        for each in outcomes
    ]
    passed = sum(outcome.exit_code == MET for outcome in outcomes)
    return {"scenarios": scenarios, "passed": passed, "failed": len(outcomes) - passed}


def _json(outcome: Outcome) -> dict[str, object]:
    return {
        "actions": [_action(each) for each in outcome.replay.actions],
        "decisions": [_decision(each) for each in outcome.replay.decisions],
    }


def _action(action: Action) -> dict[str, object]:
    """In the words of `expect`."""
    step = {"hand_over": True} if action.level is None else {"notice": action.level}
    return {"day": action.day.isoformat(), "invoice": action.invoice, **step, "open": plain(action.open_cents)}


def _decision(answer: Answered) -> dict[str, object]:
    """In the words of `expect_decisions`; `reason` is the first of all `reasons`."""
    found: dict[str, object] = {
        "day": answer.day.isoformat(),
        "invoice": answer.invoice,
        "decision": answer.decision,
    }
    if answer.level is not None:
        found["notice"] = answer.level
    if answer.until is not None:
        found["until"] = answer.until.isoformat()
    if answer.reasons:
        found |= {"reason": answer.reasons[0], "reasons": list(answer.reasons)}
    return found
