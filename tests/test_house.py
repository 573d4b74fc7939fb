"""The rules of the house that no linter knows: who imports whom, what files are called, what is installed."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
ROOMS = ("dunning", "tasks", "flows", "deployments")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = [Requirement(text) for text in PROJECT["dependencies"]]
DEVELOPMENT = [Requirement(text) for text in PROJECT["optional-dependencies"]["dev"]]
SAY_NOTHING = re.compile(
    r"(^|_)(base(?!_rate)|common|core|handle|handler|helpers?|manage|manager|misc|process|processor|services?|utils?)(_|$)"
)
"""Names that could stand over any file, so that they help nobody find anything; a base rate is a thing of its own."""
PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)(\[[a-z0-9, -]+\])?==(?P<version>[0-9][0-9a-z.]*)( ; [^/:\\]+)? \\\n"
    r"(    --hash=sha256:[0-9a-f]{64} \\\n)*    --hash=sha256:[0-9a-f]{64}\n"
)
"""One package of the lock: exact, hashed, and without an address."""


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def test_imports_go_one_way_and_the_rules_need_the_standard_library_only() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True) == 0


def test_every_module_has_a_name_that_says_something() -> None:
    nameless = [path for path in modules(*ROOMS, "tests") if SAY_NOTHING.search(path.stem)]
    assert nameless == []


@pytest.mark.parametrize("room", ["flows", "tasks"])
def test_no_module_hides_a_package(room: str) -> None:
    """Prefect puts the folder of a flow's file first on the path."""
    packages = {*ROOMS, "tests", *sys.stdlib_module_names, *packages_distributions()}
    own = {path.stem for path in (ROOT / room).iterdir() if path.suffix == ".py" or path.is_dir()}
    assert own & packages <= {"__init__"}


@pytest.mark.parametrize(
    ("folders", "declared"), [(ROOMS, RUNTIME), (("tests",), RUNTIME + DEVELOPMENT)], ids=["rooms", "tests"]
)
def test_what_is_imported_is_a_declared_dependency(folders: tuple[str, ...], declared: list[Requirement]) -> None:
    names = {canonicalize_name(requirement.name) for requirement in declared}
    belongs_to = packages_distributions()
    undeclared = {
        f"{path.relative_to(ROOT)} imports {package}"
        for path in modules(*folders)
        for package in imported_packages(path)
        if not names & {canonicalize_name(name) for name in belongs_to.get(package, [])}
    }
    assert undeclared == set()


def imported_packages(path: Path) -> set[str]:
    """Top-level names of the packages of others that a module imports, wherever in it."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    return imported - set(sys.stdlib_module_names) - {*ROOMS, "tests"}


def test_the_lock_holds_exact_hashed_packages_and_nothing_else() -> None:
    assert PIN.sub("", (ROOT / "requirements.lock").read_text()) == ""


@pytest.mark.parametrize("requirement", RUNTIME + DEVELOPMENT, ids=str)
def test_the_lock_satisfies_what_the_project_asks_for(requirement: Requirement) -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = [pin["version"] for pin in PIN.finditer(lock) if pin["name"] == canonicalize_name(requirement.name)]
    assert pinned
    assert all(version in requirement.specifier for version in pinned)
