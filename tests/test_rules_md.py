"""`dunning/RULES.md` speaks of code and tests that exist, and leaves no statement out."""

import ast
import re
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
RULES = ROOT / "dunning" / "RULES.md"
STATEMENTS = 78
CODE = re.compile(r"`([^`]+)`")


class Row(NamedTuple):
    """One statement."""

    number: str
    statement: str
    law: str
    code: str
    tests: str

    @property
    def nodes(self) -> list[str]:
        return CODE.findall(self.tests)

    @property
    def paths(self) -> list[str]:
        return CODE.findall(self.code)

    @property
    def words(self) -> str:
        """What it says beside its tests."""
        return CODE.sub("", self.tests).strip()


ROWS = [
    Row(*(cell.strip() for cell in line.strip("|").split("|")))
    for line in RULES.read_text().splitlines()
    if re.match(r"\| *\d", line)
]


@cache
def functions_of(path: Path) -> set[str]:
    """Names of the test functions of a file."""
    body = ast.parse(path.read_bytes()).body
    functions = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {name for name in functions if name.startswith("test_")}


def test_every_statement_is_there_once_and_in_order() -> None:
    assert [row.number for row in ROWS] == [str(n) for n in range(1, STATEMENTS + 1)]
    assert len({row.statement for row in ROWS}) == STATEMENTS
    assert all(row.statement.endswith(".") and len(row.statement) > 30 for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_a_statement_has_its_ground_and_is_kept_or_says_why_not(row: Row) -> None:
    assert re.search(r"§|Art\.|\*House\*", row.law)
    if row.nodes:
        assert row.paths, "tests of which code?"
    else:
        assert row.paths == []
        assert len(row.words) > 40
    assert re.search(r"#\d|issue", row.tests) is None


@pytest.mark.parametrize("row", [row for row in ROWS if row.paths], ids=lambda row: row.number)
def test_the_code_is_where_the_table_says(row: Row) -> None:
    for path in row.paths:
        assert "." in path
        assert resolve_name(path) is not None


@pytest.mark.parametrize("row", [row for row in ROWS if row.nodes], ids=lambda row: row.number)
def test_the_tests_are_where_the_table_says(row: Row) -> None:
    for node in row.nodes:
        file, _, name = node.partition("::")
        assert name in functions_of(ROOT / file), node
