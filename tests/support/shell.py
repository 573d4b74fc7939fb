"""Commands as they are typed, in a folder of their own."""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deployments.cli import main


class Done(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> list[Any]:
        """One object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Shell:
    """A folder without any setting, in which commands are typed."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        self.capsys, self.monkeypatch, self.home = capsys, monkeypatch, home
        monkeypatch.chdir(home)
        monkeypatch.setenv("COLUMNS", "200")

    def __call__(self, command: str | list[str]) -> Done:
        words = command.split() if isinstance(command, str) else command
        self.monkeypatch.setattr(sys, "argv", ["mahnlauf", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self.capsys.readouterr()
        return Done(int(ended.value.code or 0), out, err)
