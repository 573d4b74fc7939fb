"""The README and what lies beside it say what the code does: diagram, commands, settings, words, columns, links."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel
from ruamel.yaml import YAML

from deployments.cli import app
from dunning.debtor import DebtorKind
from dunning.default import Channel
from dunning.effects import EffectStatus
from dunning.holds import STOPS
from dunning.lifecycle import diagram
from dunning.matching import ProposalReason
from dunning.notice import Template, step_name
from dunning.procedure import HandOverRule, Level, Procedure
from dunning.reasons import HoldKind, Reason
from tasks.intake import columns
from tasks.policy import (
    CostRules,
    GuardRules,
    HandOverRules,
    LevelRules,
    PolicyRules,
    ShopProcedureRules,
    TermRules,
    load_policy,
)
from tasks.settings import setting_names

ROOT = Path(__file__).parents[1]
README, RUNBOOK, TABLES = (ROOT / name for name in ("README.md", "deployments/RUNBOOK.md", "deployments/TABLES.md"))
PAGES = (README, RUNBOOK, TABLES)
TABLE_TITLES = {
    columns.CUSTOMERS: "Customers", columns.INVOICES: "Invoices", columns.PAYMENTS: "Payments", columns.PAYPAL: "PayPal"
}  # fmt: skip
DEPLOYMENTS = YAML(typ="safe").load(ROOT / "deployments" / "prefect.yaml")["deployments"]
CODE = re.compile(r"`([^`\n]+)`")


def section(page: Path, title: str) -> str:
    """The text under a heading, up to the next one of any rank."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", page.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"{page.name} has no section {title!r}"
    return found[1]


def rows(page: Path, title: str) -> list[list[str]]:
    """The cells of the tables of a section, without their headings."""
    lines = [line for line in section(page, title).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row, after in zip(cells, [*cells[1:], [""]], strict=True) if not {row[0], after[0]} & {"---"}]


def words(page: Path, title: str, column: int = 0) -> set[str]:
    """Everything that stands as code in one column of a section's tables."""
    return {word for row in rows(page, title) for word in CODE.findall(row[column])}


def test_the_diagram_is_the_lifecycle() -> None:
    assert f"```mermaid\n{diagram()}\n```" in README.read_text()


def commands() -> dict[str, set[str]]:
    """Every command with its options; `base-rate add` is one."""
    found, waiting = {}, list(typer.main.get_command(app).commands.items())  # type: ignore[attr-defined]
    while waiting:
        name, command = waiting.pop()
        if hasattr(command, "commands"):
            waiting += [(f"{name} {inner}", each) for inner, each in command.commands.items()]
        else:
            found[name] = {option for each in command.params for option in each.opts if option.startswith("--")}
    return found


def command_of(usage: str) -> str:
    """The command that a line calls: its first two words where there is such a one, else the first."""
    words = usage.split()[1:]
    two = " ".join(words[:2])
    return two if two in commands() else words[0]


def test_every_command_is_documented_with_its_options_and_no_other() -> None:
    usages = [usage for usage in words(README, "With your own invoices") if usage.startswith("mahnlauf ")]
    assert {command_of(usage): set(re.findall(r"--[a-z-]+", usage)) for usage in usages} == commands()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_line_that_is_to_be_typed_can_be_typed(page: Path) -> None:
    for usage in re.findall(r"(?:^|`)(mahnlauf [a-z][^`\n#]*)", page.read_text(), re.MULTILINE):
        assert set(re.findall(r"--[a-z-]+", usage)) <= commands()[command_of(usage)]


def test_every_make_target_is_documented_and_no_other() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    documented = set(re.findall(r"(?:^|`)make ([a-z-]+)", README.read_text(), re.MULTILINE))
    assert targets
    assert documented == set(targets[1].split()) - {"help"}


def test_every_setting_is_explained() -> None:
    explained = README.read_text() + (ROOT / "deployments" / "settings.example.env").read_text()
    assert [name for name in setting_names() if not re.search(rf"\b{name}\b", explained)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_named_exists(page: Path) -> None:
    named = set(re.findall(r"\bMAHNLAUF_[A-Z0-9_]*[A-Z0-9]\b(?!_)", page.read_text()))
    assert named - set(setting_names()) == set()


def test_the_day_has_every_deployment_and_knows_which_run_by_themselves() -> None:
    documented = {name: row[0] != "by hand" for row in rows(README, "The day") for name in CODE.findall(row[1])}
    assert documented == {each["name"]: bool(each.get("schedules")) for each in DEPLOYMENTS}


def test_every_house_rule_is_explained_and_no_other() -> None:
    models: tuple[type[BaseModel], ...] = (
        PolicyRules,
        GuardRules,
        ShopProcedureRules,
        LevelRules,
        HandOverRules,
        CostRules,
        TermRules,
    )
    rules = {field.alias or name for model in models for name, field in model.model_fields.items()}
    explained = words(README, "House rules") | words(README, "House rules", 1)
    values = {*Template, *DebtorKind, *Channel, "person", "never", "de", "plain", "delivery", "invoice"}
    assert rules <= explained
    assert words(README, "House rules") <= rules
    assert explained <= rules | values


def test_the_default_ladder_is_the_one_of_the_policy_that_ships() -> None:
    procedures = load_policy(ROOT / "deployments" / "policy.yaml", "BE").procedures
    consumer, business = procedures["DE", DebtorKind.CONSUMER], procedures["DE", DebtorKind.BUSINESS]
    expected = zip(ladder(consumer), ladder(business), strict=True)
    assert rows(README, "The life of a claim") == [[*ours, *theirs[1:]] for ours, theirs in expected]


def ladder(procedure: Procedure) -> Iterator[list[str]]:
    """The steps of a procedure as the README's table has them: name, when, to pay within."""
    for number, level in enumerate(procedure.levels, start=1):
        yield [step_name(number), when(level), f"{level.pay_within_days} days"]
    assert procedure.hand_over
    least = f"{procedure.hand_over.min_open_cents // 100}.{procedure.hand_over.min_open_cents % 100:02}"
    yield [f"hand-over, from {least} EUR", when(procedure.hand_over), ""]


def when(step: Level | HandOverRule) -> str:
    timing = step.timing
    if timing.after_due_days is not None:
        return f"{timing.after_due_days} days after due"
    return f"{timing.after_deadline_bank_days} bank days after that deadline"


def test_every_setting_of_prefect_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    ours = [name for name, _ in flat(project["tool"]["prefect"])]
    documented = [name.split(" = ")[0] for name in words(README, "Prefect's settings")]
    assert [name for name in ours if not any(name.startswith(each) for each in documented)] == []
    assert [each for each in documented if not any(name.startswith(each) for name in ours)] == []


def flat(settings: dict[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def test_the_glossary_has_the_words_of_the_code() -> None:
    glossary = section(README, "Words")
    assert {*HoldKind} <= words(README, "Words", 2)
    assert {*Template} <= words(README, "Words", 2)
    assert [status for status in EffectStatus if status not in glossary] == []


def test_the_runbook_says_of_every_hold_when_to_release_it() -> None:
    said = {word: row[1] for row in rows(RUNBOOK, "A claim is not dunned") for word in CODE.findall(row[0])}
    assert {kind: said[kind] for kind in HoldKind} == {kind: f"release when {STOPS[kind].release}" for kind in HoldKind}


def test_the_runbook_answers_every_reason_and_no_other() -> None:
    assert words(RUNBOOK, "A claim is not dunned") == {*Reason}
    assert words(RUNBOOK, "A payment was not booked") == {*ProposalReason}


@pytest.mark.parametrize("kind", TABLE_TITLES)
def test_the_tables_have_the_columns_and_headings_that_are_read(kind: str) -> None:
    documented = {row[0]: headings(row[2]) | headings(row[3]) for row in rows(TABLES, TABLE_TITLES[kind])}
    assert documented == {column: set(known.split()) for column, known in columns._HEADINGS[kind].items()}


@pytest.mark.parametrize("kind", TABLE_TITLES)
@pytest.mark.parametrize("language", [2, 3], ids=["German", "English"])
def test_a_table_with_the_first_heading_of_each_column_is_understood(kind: str, language: int) -> None:
    titles = {row[0]: row[language].split(",")[0].strip() for row in rows(TABLES, TABLE_TITLES[kind])}
    found = columns.positions(kind, tuple(titles.values()))
    assert list(found) == list(titles)
    assert columns.table_kind(tuple(titles.values())) == kind


def headings(cell: str) -> set[str]:
    """The headings of a cell as `columns.py` compares them."""
    umlauts = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
    return {re.sub(r"[^a-z0-9]", "", title.lower().translate(umlauts)) for title in cell.split(",")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_path_leads_somewhere(page: Path) -> None:
    text = page.read_text()
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    for link in links:
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link
    inside = re.compile(r"(dunning|tasks|flows|templates|deployments|tests|docs)/[\w./-]*")
    named = [each for each in CODE.findall(text) if inside.fullmatch(each)]
    assert [path for path in named if not (ROOT / path).exists()] == []


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
