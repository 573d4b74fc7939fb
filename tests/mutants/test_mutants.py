"""What counts as a small change, and that the list of survivors speaks of code that is there."""

import subprocess
import sys
from enum import Enum
from functools import cache
from types import ModuleType

import pytest

from tests.mutants.__main__ import ENOUGH, ROOT, justified, looked_at, main, mutants_of, path_of, row
from tests.mutants.changes import Mutant, mutants


class Colour(Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


@cache
def all_of(module: str) -> list[Mutant]:
    return list(mutants_of(module))


def becomes(source: str) -> list[str]:
    """What each mutant of a source has in the place of what was there."""
    module = ModuleType("some.module")
    module.__dict__["Colour"] = Colour
    return [mutant.becomes for mutant in mutants(source, module)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", ["a <= b", "a >= b"]),
        ("a == b", ["a != b"]),
        ("a <= b < c", ["a < b < c", "a > b < c", "a <= b <= c", "a <= b >= c"]),
        ("a and b", ["a or b", "b", "a"]),
        ("not a", ["a"]),
        ("a + b", ["a - b"]),
        ("a += b", ["pass", "a -= b"]),
        ("-a", ["a"]),
        ("x = 5", ["x = 6", "x = 4"]),
        ("x = True", ["x = False"]),
        ("max(a, b)", ["pass", "min(a, b)", "a", "b"]),
        ("x = sorted(a, key=b)", ["x = list(a)", "x = sorted(a)"]),
        ("x = {a, b}", ["x = {b}", "x = {a}"]),
        ("x = {a: b, c: d}", ["x = {c: d}", "x = {a: b}"]),
        ("x = [a for a in b if c]", ["x = [a for a in b if False]", "x = [a for a in b if True]"]),
        ("x = a if b else c", ["x = a", "x = c"]),
        ("if a:\n    b", ["False", "True"]),
        ("while a:\n    break", ["False", "continue"]),
        ("raise a", ["pass"]),
        ("f(a)", ["pass"]),
        ("x = f(a=b)", ["x = f()"]),
        ("x = Colour.RED", ["x = Colour.GREEN"]),
        ("x = Colour.BLUE", ["x = Colour.RED"]),
        ("def f():\n    return x", ["return None"]),
        ("def f():\n    return 'text'", ["return 'text~'"]),
        ("def f(a=0):\n    pass", ["1", "-1"]),
        ("x: tuple[int, str]", []),
        ("'''A docstring.'''", []),
        ("x = 'a name'", []),
        ("@f(x=1)\ndef g():\n    pass", []),
    ],
)
def test_what_counts_as_a_small_change(source: str, expected: list[str]) -> None:
    assert becomes(source) == expected


def test_a_mutant_says_where_it_is() -> None:
    source = "class Shop:\n    def rate(self):\n        return self.base + 5\n"
    assert [mutant.name for mutant in mutants(source, ModuleType("dunning.some"))][1] == (
        "some.Shop.rate",
        "return self.base + 5",
        "return self.base - 5",
    )


@pytest.mark.parametrize("module", looked_at())
def test_every_mutant_has_a_name_of_its_own_and_can_be_imported(module: str) -> None:
    everyone = all_of(module)
    assert len({mutant.name for mutant in everyone}) == len(everyone) > 20
    for mutant in everyone:
        compile(mutant.source, mutant.where, "exec")


def test_every_survivor_is_a_mutant_of_the_code_as_it_is_and_has_its_reason() -> None:
    known = {mutant.name for module in looked_at() for mutant in all_of(module)}
    assert set(justified()) <= known
    assert all(len(reason) > 20 for reason in justified().values())


def test_the_list_alone_never_hides_one_mutant_in_twenty() -> None:
    for module in looked_at():
        listed = [where for where, _, _ in justified() if where.split(".")[0] == module]
        assert len(listed) <= (1 - ENOUGH) * len(all_of(module))


def test_a_row_of_the_list_is_read_as_it_is_printed() -> None:
    mutant = Mutant("interest._cuts", "cuts |= {x}", "cuts &= {x | y}", "")
    assert r"cuts \|= {x}" in row(mutant)
    assert row(mutant).count(" | ") == 3


@pytest.mark.parametrize(
    ("was", "becomes", "unnoticed"),
    [
        pytest.param("", "", True, id="no change"),
        pytest.param('"""Machine texts', '"""Texts', True, id="a change of nothing"),
        pytest.param("abs(cents), 100", "abs(cents), 101", False, id="a wrong number"),
        pytest.param("import re", "import no_such_module", False, id="no module"),
        pytest.param("import re", "while True: pass", False, id="no end"),
    ],
)
def test_a_change_is_noticed_by_the_tests(was: str, becomes: str, unnoticed: bool) -> None:
    source = path_of("money").read_text()
    assert was in source
    asked = "sys.exit(not passes(['tests/rules/test_money.py'], OneModule('money', sys.stdin.read()), 5))"
    program = [sys.executable, "-c", f"import sys; from tests.mutants.__main__ import OneModule, passes; {asked}"]
    answer = subprocess.run(program, input=source.replace(was, becomes), text=True, cwd=ROOT, check=False)
    assert answer.returncode == (0 if unnoticed else 1)


def test_a_module_without_tests_of_its_own_is_refused() -> None:
    with pytest.raises(SystemExit, match="no tests for holidays_de, only for interest"):
        main(["holidays_de"])
