"""The command line: what people and programs read, and one line what, one line what to do where it cannot."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deployments.cli import main
from deployments.demo.seller import SUPPLIER
from tasks.clock import SystemClock
from tasks.settings import POLICY
from tests.support.papers import ISSUED, camt, paper, transfer, ubl

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "tests" / "scenarios"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """One JSON object a line, and nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def refusal(self) -> tuple[str, str]:
        """What happened, and what to do."""
        assert (self.code, self.out) == (2, "")
        what, todo = self.err.splitlines()
        return what, todo


Mahnlauf = Callable[..., Said]


@pytest.fixture
def mahnlauf(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Mahnlauf:
    """The command in a complete place with an empty database."""
    monkeypatch.setenv("COLUMNS", "220")

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["mahnlauf", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


def papers(folder: Path) -> list[Path]:
    """An invoice of ours, one of a supplier, a statement with a payment for each of two kinds, and a broken file."""
    folder.mkdir()
    ours, theirs = ubl(folder, paper("RE-1")), ubl(folder, paper("TI-9"), SUPPLIER)
    bank = camt(folder, "bank.xml", transfer(4_000, "RE-1"), transfer(5_000, "danke"))
    cut = folder / "cut.xml"
    cut.write_bytes(ours.read_bytes()[:700])
    return [ours, theirs, bank, cut]


def test_inspect_says_what_each_file_says_and_takes_nothing_in(mahnlauf: Mahnlauf, place: Path) -> None:
    files = papers(place / "papers")
    said = mahnlauf("inspect", *files, "--json")
    invoice, theirs, bank, cut = said.objects
    assert said.code == 2  # one of them cannot be read
    assert (invoice["file"], invoice["kind"], invoice["number"], invoice["payable"]) == (
        "RE-1.xml", "ubl", "RE-1", "100.00",
    )  # fmt: skip
    wanted = "kind number issued_on due_on due_basis currency payable credit_note seller buyer"
    assert set(wanted.split()) <= invoice.keys()
    assert theirs["number"] == "TI-9"
    (statement,) = bank["statements"]
    assert {"account", "opening", "closing", "entries"} <= statement.keys()
    entry = statement["entries"][0]
    assert {"booked_on", "amount", "currency", "reference", "counterparty", "return_reason"} <= entry.keys()
    assert [each["amount"] for each in statement["entries"]] == ["40.00", "50.00"]
    assert set(cut) == {"file", "error", "what", "todo"}
    assert mahnlauf("inspect", files[0]).code == 0
    assert mahnlauf("payments", "--json").out == ""


def test_import_takes_a_folder_in_and_says_what_became_of_each_file(mahnlauf: Mahnlauf, place: Path) -> None:
    papers(place / "papers")
    said = mahnlauf("import", place / "papers", "--json")
    found = {each["file"]: each for each in said.objects}
    assert said.code == 2
    assert {name: each["status"] for name, each in found.items()} == {
        "RE-1.xml": "taken", "TI-9.xml": "parked", "bank.xml": "taken", "cut.xml": "refused",
    }  # fmt: skip
    assert found["RE-1.xml"]["invoices"] == 1
    assert (found["bank.xml"]["payments"], found["bank.xml"]["proposals"]) == (1, 1)
    assert (found["TI-9.xml"]["reason"], found["cut.xml"]["reason"]) == ("not_our_invoice", "not_readable")
    again = mahnlauf("import", place / "papers" / "RE-1.xml")
    assert again.code == 0
    assert "known" in again.out


def test_claim_and_payments_show_what_was_taken_in(mahnlauf: Mahnlauf, place: Path) -> None:
    mahnlauf("import", *papers(place / "papers"))
    (file,) = mahnlauf("claim", "RE-1", "--json").objects
    wanted = (
        "number customer issued_on due_on due_basis currency gross open state level dunnable_from holds why history"
    )
    assert set(wanted.split()) <= file.keys()
    assert (file["gross"], file["open"], file["issued_on"]) == ("100.00", "60.00", ISSUED.isoformat())
    assert [each["what"] for each in file["history"]] == ["invoice", "payment"]
    shown = mahnlauf("claim", "RE-1")
    assert (shown.code, "60.00" in shown.out) == (0, True)
    (payment,) = mahnlauf("payments", "--json").objects
    assert (payment["amount"], payment["reference"], payment["counterparty"]) == ("50.00", "danke", "Groß, Jürgen")
    assert "danke" in mahnlauf("payments").out
    assert mahnlauf("unresolved", "--json").out == ""
    assert "none" in mahnlauf("unresolved").out


@pytest.mark.parametrize(
    ("arguments", "what", "todo"),
    [
        (("claim", "RE-404"), "there is no invoice RE-404", "check the invoice number"),
        (("inspect", "nowhere.xml"), "nowhere.xml: there is no such file", "check the path"),
        (("import", "nowhere.xml", "--json"), "nowhere.xml: there is no such file", "check the path"),
    ],
)
def test_what_cannot_be_is_two_lines(mahnlauf: Mahnlauf, arguments: tuple[str, ...], what: str, todo: str) -> None:
    assert mahnlauf(*arguments).refusal == (what, todo)


@pytest.mark.parametrize("command", [["payments"], ["audit"], ["migrate"], ["claim", "RE-1"], ["run"]])
def test_an_unknown_setting_is_refused_with_the_one_that_was_meant(
    mahnlauf: Mahnlauf, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("MAHNLAUF_CREDITOR_IBANN", "DE00")
    what, todo = mahnlauf(*command).refusal
    assert what == "MAHNLAUF_CREDITOR_IBANN is no setting."
    assert todo.startswith("Did you mean MAHNLAUF_CREDITOR_IBAN?")


def test_a_wrong_house_rule_is_named_with_file_line_and_rule(
    mahnlauf: Mahnlauf, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = place / "policy.yaml"
    rules.write_text(POLICY.read_text().replace("pay_within_days: 10", "pay_within_days: -10", 1))
    line = next(number for number, text in enumerate(rules.read_text().splitlines(), 1) if "-10" in text)
    monkeypatch.setenv("MAHNLAUF_POLICY", str(rules))
    what, _ = mahnlauf("claim", "RE-1").refusal
    assert what.startswith(f"{rules}:{line}: ")
    assert "pay_within_days" in what
    doctor = mahnlauf("doctor")
    assert doctor.code == 1
    assert f"policy.yaml:{line}: " in doctor.out.replace("\n", "")


def test_the_doctor_says_what_is_missing_and_what_to_do(
    mahnlauf: Mahnlauf, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick = mahnlauf("doctor")
    assert sick.code == 1
    assert "import bank statements" in sick.out
    camt(place, "today.xml", transfer(1_000, "danke", SystemClock().today()))
    mahnlauf("import", place / "today.xml")
    healthy = mahnlauf("doctor")
    assert healthy.code == 0, healthy.out
    monkeypatch.delenv("MAHNLAUF_CREDITOR_IBAN")
    without = mahnlauf("doctor")
    assert without.code == 1
    assert "MAHNLAUF_CREDITOR_IBAN" in without.out
    monkeypatch.setenv("MAHNLAUF_CREDITOR_IBAN", "DE00 nonsense")
    wrong = mahnlauf("doctor")
    assert wrong.code == 1
    assert "nonsense" not in wrong.out + wrong.err


def test_the_audit_notices_a_hand_in_the_database(mahnlauf: Mahnlauf, place: Path) -> None:
    mahnlauf("import", *papers(place / "papers"))
    assert mahnlauf("audit").out == "the audit's chain holds\n"
    with sqlite3.connect(place / "mahnlauf.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"):
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE audit SET reason = 'nothing to see' WHERE seq = 1")
    _, todo = mahnlauf("audit").refusal
    assert todo == "somebody changed the database by hand: compare it with a backup"


def test_migrate_makes_the_database_and_leaves_a_new_one_alone(
    mahnlauf: Mahnlauf, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAHNLAUF_HOME", str(place / "elsewhere"))
    first = mahnlauf("migrate")
    assert first.out.startswith("the database is at revision ")
    assert (place / "elsewhere" / "mahnlauf.db").exists()
    assert mahnlauf("migrate") == first


def test_simulate_answers_in_words_and_in_json(mahnlauf: Mahnlauf, place: Path) -> None:
    scenario = sorted(SCENARIOS.glob("*.yaml"))[0]
    assert mahnlauf("simulate", scenario).out.splitlines()[0].endswith(": passed")
    assert json.loads(mahnlauf("simulate", scenario, "--json").out).keys() == {"actions", "decisions"}
    all_of_them = mahnlauf("simulate", SCENARIOS)
    assert all_of_them.out.splitlines()[-1] == f"{len(list(SCENARIOS.glob('*.yaml')))} passed, 0 failed"
    (place / "none").mkdir()
    assert mahnlauf("simulate", place / "none").code == 2


def test_a_wrong_word_on_the_command_line_is_explained(mahnlauf: Mahnlauf) -> None:
    said = mahnlauf("duun")
    assert said.code == 2
    assert "duun" in said.err
    assert all(word in mahnlauf("--help").out for word in ("up", "demo", "import", "run", "claim", "doctor"))


@pytest.mark.prefect
def test_a_run_needs_no_server(mahnlauf: Mahnlauf, place: Path) -> None:
    today = SystemClock().today()
    camt(place, "today.xml", transfer(4_711, "danke", today))
    ubl(place, paper("RE-1"))
    mahnlauf("import", place / "RE-1.xml", place / "today.xml")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deployments.cli", "run", *arguments]
        environment = {name: value for name, value in os.environ.items() if name != "PREFECT_HOME"}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
        )

    dry = run("--dry-run", "--json")
    assert dry.returncode == 0, dry.stderr
    (said,) = [json.loads(line) for line in dry.stdout.splitlines()]
    assert {"as_of", "dry_run", "looked_at", "answers", "claims", "deliveries"} <= said.keys()
    assert (said["as_of"], said["dry_run"], said["looked_at"]) == (today.isoformat(), True, 1)
    assert (place / "prefect").is_dir()

    future = run("--as-of", "2999-01-01")
    assert (future.returncode, future.stdout) == (2, "")
    assert future.stderr.splitlines()[-2:] == [
        "2999-01-01 has not come", "start the run on its day, or as a dry run",
    ]  # fmt: skip
