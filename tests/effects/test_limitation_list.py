"""Claims close to limitation: every one that is owed, soonest first, in the command and to the day."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from dunning.debtor import DebtorKind
from dunning.evidence import EvidenceKind
from dunning.ledger import LineKind
from dunning.lifecycle import State
from tasks.report.limitation_list import near_limitation
from tasks.store.engine import Store
from tasks.store.migrate import migrate
from tasks.store.tables import ClaimRow, EvidenceRow
from tasks.world import World
from tests.support.shell import Shell
from tests.support.world import add_customer, add_invoice, book, pay, world_over

DAY = timedelta(days=1)
LAST_DAY = date(2026, 12, 31)
"""Of all that fell due in 2023."""
IN_2023 = date(2023, 4, 1)


def _listed(world: World, as_of: date) -> list[str]:
    with world.store.read() as session:
        return [each.number for each in near_limitation(session, as_of)]


def confirm(world: World, number: str, kind: EvidenceKind, on: date, until_on: date | None = None) -> None:
    """Note what a person confirmed of a claim."""
    with world.store.write() as session:
        claim_id = session.exec(select(ClaimRow.id).where(ClaimRow.number == number)).one()
        assert claim_id is not None
        row = EvidenceRow(
            claim_id=claim_id, kind=kind, happened_on=on, until_on=until_on, person="Maren Holt", reason="letter",
            at=world.clock.now(),
        )  # fmt: skip
        session.add(row)


def _move(world: World, number: str, state: State) -> None:
    """Put a claim into a state by hand."""
    with world.store.write() as session:
        session.connection().execute(
            text("UPDATE claim SET state = :state, dunnable_from = NULL WHERE number = :number"),
            {"state": state, "number": number},
        )


@pytest.mark.parametrize(
    ("as_of", "threshold", "left", "this_year"),
    [
        ("2026-07-03", None, 181, False),
        ("2026-07-04", 180, 180, False),
        ("2026-09-30", 180, 92, False),
        ("2026-10-01", 180, 91, True),
        ("2026-10-02", 90, 90, True),
        ("2026-11-23", 60, 38, True),
        ("2026-12-31", 14, 0, True),
        ("2027-01-01", None, -1, False),
    ],
)
def test_a_claim_is_listed_from_180_days_before_until_its_last_day(
    world: World, as_of: str, threshold: int | None, left: int, this_year: bool
) -> None:
    add_invoice(world, "RE-1", 12_34, due_on=IN_2023)
    with world.store.read() as session:
        found = near_limitation(session, date.fromisoformat(as_of))
    if threshold is None:
        assert found == []
        return
    (claim,) = found
    assert (claim.number, claim.customer_number, claim.open_cents, claim.currency) == ("RE-1", "K-1", 12_34, "EUR")
    assert (claim.due_on, claim.ends_on) == (IN_2023, LAST_DAY)
    assert (claim.days_left, claim.threshold, claim.this_year) == (left, threshold, this_year)


def test_the_first_and_the_last_due_day_of_the_year_end_together(world: World) -> None:
    for number, due_on in (("A", "2022-12-31"), ("B", "2023-01-01"), ("C", "2023-12-31"), ("D", "2024-01-01")):
        add_invoice(world, number, due_on=date.fromisoformat(due_on))
    assert _listed(world, date(2026, 11, 23)) == ["B", "C"]


def test_the_soonest_stands_first_then_the_oldest(world: World) -> None:
    for number, due_on in (("C", "2023-05-01"), ("A", "2024-02-01"), ("B", "2023-05-01"), ("D", "2023-04-30")):
        add_invoice(world, number, due_on=date.fromisoformat(due_on))
    assert _listed(world, date(2026, 11, 23)) == ["D", "B", "C"]
    assert _listed(world, date(2027, 11, 23)) == ["A"]


@pytest.mark.parametrize("state", [state for state in State if state is not State.SETTLED])
def test_whoever_has_a_claim_it_is_listed(world: World, state: State) -> None:
    add_invoice(world, due_on=IN_2023)
    _move(world, "RE-1", state)
    assert _listed(world, date(2026, 11, 23)) == ["RE-1"]


@pytest.mark.parametrize(
    ("arrange", "expected"),
    [
        (lambda world: pay(world, "RE-1", 100_00, IN_2023), []),
        (lambda world: pay(world, "RE-1", 100_01, IN_2023), []),
        (lambda world: pay(world, "RE-1", 99_99, IN_2023), ["RE-1"]),
        (lambda world: book(world, "RE-1", LineKind.WRITE_OFF, -100_00, date(2024, 1, 1)), []),
    ],
    ids=["paid", "paid too much", "a cent is open", "written off"],
)
def test_only_what_is_owed_is_listed(world: World, arrange: Callable[[World], None], expected: list[str]) -> None:
    add_invoice(world, due_on=IN_2023)
    arrange(world)
    assert _listed(world, date(2026, 11, 23)) == expected


@pytest.mark.parametrize(
    ("kind", "on", "until_on", "ends_on"),
    [
        (EvidenceKind.ACKNOWLEDGED, date(2024, 3, 1), None, date(2027, 3, 1)),
        (EvidenceKind.SUSPENDED, date(2024, 3, 1), date(2024, 4, 30), date(2027, 3, 1)),
    ],
    ids=["acknowledged", "suspended"],
)
def test_what_a_person_confirmed_moves_the_day(
    world: World, kind: EvidenceKind, on: date, until_on: date | None, ends_on: date
) -> None:
    """Statement 63; an old claim stays on the list for as long as it is not barred."""
    add_invoice(world, due_on=IN_2023)
    confirm(world, "RE-1", kind, on, until_on)
    for as_of, listed in ((ends_on - 181 * DAY, []), (ends_on - 180 * DAY, ["RE-1"]), (ends_on, ["RE-1"])):
        assert _listed(world, as_of) == listed
    assert _listed(world, ends_on + DAY) == []


# The command


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    return Shell(capsys, monkeypatch, tmp_path)


@pytest.fixture
def shop(shell: Shell) -> None:
    """Three claims in the folder's database: one ends in 2026, one in 2027, one is paid."""
    store = Store(f"sqlite:///{shell.home}/var/mahnlauf.db")
    migrate(store)
    world = world_over(store, shell.home)
    add_customer(world, "K-2", kind=DebtorKind.BUSINESS)
    add_invoice(world, "RE-1", 12_34, due_on=IN_2023)
    add_invoice(world, "RE-2", 56_78, due_on=date(2024, 5, 6), customer="K-2")
    add_invoice(world, "RE-3", 90_12, due_on=IN_2023)
    pay(world, "RE-3", 90_12, IN_2023)
    store.close()


@pytest.mark.usefixtures("shop")
def test_programs_get_one_object_a_claim(shell: Shell) -> None:
    done = shell("limitation --as-of 2026-11-23 --json")
    assert (done.code, done.err) == (0, "")
    assert done.json == [
        {
            "number": "RE-1", "customer": "K-1", "open": "12.34", "currency": "EUR", "due_on": "2023-04-01",
            "ends_on": "2026-12-31", "days_left": 38, "threshold": 60, "this_year": True,
        }
    ]  # fmt: skip
    (next_year,) = shell("limitation --as-of 2027-07-04 --json").json
    assert (next_year["number"], next_year["customer"], next_year["this_year"]) == ("RE-2", "K-2", False)
    assert shell("limitation --as-of 2026-07-03 --json").out == ""


@pytest.mark.usefixtures("shop")
def test_people_see_what_to_do_and_no_name(shell: Shell) -> None:
    done = shell("limitation --as-of 2026-11-23")
    assert done.code == 0
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.out.splitlines() if "│" in line]
    assert rows == [["RE-1", "K-1", "12.34 EUR", "2023-04-01", "2026-12-31", "38"]]
    assert "Claims close to limitation on 2026-11-23" in done.out
    assert done.out.splitlines()[-2:] == [
        "1 of them end this year",
        "A notice or an agency stops nothing: apply for a court order before the day, then hold the claim.",
    ]
    assert "Groß" not in done.out
    assert "end this year" not in shell("limitation --as-of 2026-09-30").out


def test_an_empty_place_has_none(shell: Shell) -> None:
    assert shell("limitation --as-of 2026-11-23").out == "Claims close to limitation on 2026-11-23: none\n"
    assert shell("limitation").code == 0
    refused = shell("limitation --as-of yesterday")
    assert (refused.code, refused.out) == (2, "")
