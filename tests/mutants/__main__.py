"""`make mutants`: change the rules of law one by one and see whether their own tests notice.

Each mutant lives in a process of its own that imports the changed module instead of the one on the disk, where nothing
is ever written, and runs the module's tests without anything random. Ends with 1 if fewer than 95 % of a module's
mutants are killed, or if one survives that SURVIVORS.md does not justify.
"""

import os
import re
import resource
import signal
import sys
import tomllib
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

import holidays  # noqa: F401  # as hypothesis: what tests import is imported once, and not again for every mutant
import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.mutants.changes import Mutant, mutants

ROOT = Path(__file__).parents[2]
SURVIVORS = Path(__file__).with_name("SURVIVORS.md")
ENOUGH = 0.95
LONGEST = 300
PYTEST = [
    "-x",
    "-q",
    "-p",
    "no:cacheprovider",
    "--noconftest",
    "--assert=plain",
    "--tb=no",
    f"--rootdir={ROOT}",
    "-c",
    os.devnull,
]
"""Nothing of the project's own setting: these tests need no database, no browser and no Prefect."""


class OneModule(SourceFileLoader):
    """Imports one module from another source than its file has."""

    def __init__(self, module: str, source: str) -> None:
        super().__init__(f"dunning.{module}", str(path_of(module)))
        self.source = source

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.source, self.path)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == self.name else None
        if spec is not None:
            spec.loader = self
        return spec


def main(names: list[str]) -> int:
    """Look at these modules, or at all that pyproject.toml names; the exit code."""
    tests = looked_at()
    if unknown := set(names) - set(tests):
        sys.exit(f"pyproject.toml names no tests for {', '.join(unknown)}, only for {', '.join(tests)}")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")
    return max([judged(name, tests[name]) for name in names or tests])


def looked_at() -> dict[str, list[str]]:
    """Each module of `dunning/` that is looked at, and the test files that must notice its mutants."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    return {module: [f"{ROOT}/tests/rules/{name}.py" for name in names] for module, names in tool["mutants"].items()}


def path_of(module: str) -> Path:
    return ROOT / "dunning" / f"{module}.py"


def mutants_of(module: str) -> Iterator[Mutant]:
    return mutants(path_of(module).read_text(), import_module(f"dunning.{module}"))


def judged(module: str, tests: list[str]) -> int:
    """Run a module's mutants and say how they ended; 0 is well, 1 is not."""
    so_far = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    if not passes(tests, OneModule(module, path_of(module).read_text()), LONGEST):
        sys.exit(f"{module}: without any mutant the tests fail or need more than {LONGEST} seconds")
    seconds = 1 + 2 * (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - so_far)
    everyone = list(mutants_of(module))
    survivors = [each for each in everyone if passes(tests, OneModule(module, each.source), seconds)]
    killed = len(everyone) - len(survivors)
    print(f"{module}: {len(everyone)} mutants, {killed} killed, {killed / len(everyone):.1%}", flush=True)
    unknown = [each for each in survivors if each.name not in justified()]
    for each in unknown:
        print(f"survives, and SURVIVORS.md does not say why:\n{row(each)}")
    return int(bool(unknown) or killed < ENOUGH * len(everyone))


def passes(tests: list[str], module: OneModule, seconds: float) -> bool:
    """Whether tests pass on a module from another source, in a process of its own, within seconds of computing."""
    child = os.fork()
    if child == 0:
        os._exit(_run(tests, module, seconds))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED}:
        sys.exit(f"pytest itself failed, with {status}: {' '.join(tests)}")
    return status == 0


def _run(tests: list[str], module: OneModule, seconds: float) -> int:
    """In the child; an endless loop is ended by the alarm, which nothing catches."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    for name in [name for name in sys.modules if name.partition(".")[0] == "dunning"]:
        del sys.modules[name]
    sys.meta_path.insert(0, module)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    return pytest.main([*PYTEST, *tests])


def justified() -> dict[tuple[str, str, str], str]:
    """The survivors that SURVIVORS.md justifies, each with its reason."""
    rows = re.findall(r"^\| `(.+)` \| `(.+)` \| `(.+)` \| (.+) \|$", SURVIVORS.read_text(), re.MULTILINE)
    return {(where, was.replace(r"\|", "|"), becomes.replace(r"\|", "|")): why for where, was, becomes, why in rows}


def row(mutant: Mutant) -> str:
    """A survivor as a row of SURVIVORS.md, without its reason."""
    where, was, becomes = (cell.replace("|", r"\|") for cell in mutant.name)
    return f"| `{where}` | `{was}` | `{becomes}` | |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
