"""Nothing that names a debtor, and no key, reaches Prefect, whatever goes well or wrong."""

import base64
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.logging.handlers import APILogHandler

from deployments.demo.bank import Transfer
from deployments.demo.goods import Item, Position
from deployments.demo.seller import SHOP, SUPPLIER
from deployments.sandbox.agency import SANDBOX_KEY
from dunning.lifecycle import State as ClaimState
from dunning.reasons import HoldKind
from flows.desk import hold_claim, release_claim, resolve_uncertain
from flows.dunning_run import dunning_run
from flows.escalation import escalate_invoice
from flows.hand_over import approve_hand_over, hand_over
from flows.intake import intake
from flows.watch import watch
from tasks.clock import ShiftedClock
from tasks.forms import Answer, HandOverForm, HoldForm, ReleaseForm, ResolveForm
from tasks.hand_over.lists import propose_list
from tasks.report.names import file_label
from tasks.world import World, open_world
from tests.support.fake_sendgrid import FakeSendGrid
from tests.support.faulty_server import FaultyServer, Relay
from tests.support.papers import BUYER, camt, cii, paper, table, transfer, ubl
from tests.support.sandbox_agency import SandboxAgency
from tests.support.world import MONDAY, claim, effects_of, know_payments

SENDGRID_KEY = "SG.canary-key.that-opens-the-post"
DEBTOR = replace(
    BUYER, number="K-7", first_name="Wilhelmine", last_name="Zwitscherling", street="Papageienallee 77",
    city="Kanarienhausen", email="w.zwitscher@voliere.example", iban="DE21301204000000015228",
)  # fmt: skip
GOODS = Item("T-7", "Sittichschaukel", 8_403, 19)
PHONE = "040 55501777"
CANARIES = (
    "zwitscher", "wilhelmine", "papageienallee", "kanarienhausen", "voliere", "sittichschaukel",
    DEBTOR.iban.lower(), "de21 3012 0400", PHONE, SENDGRID_KEY.lower(), SANDBOX_KEY.lower(),
)  # fmt: skip
KIM = {"person": "Kim Clerk", "reason": "looked at it"}
DUE_ON = MONDAY - timedelta(5)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Rechnung_RE-2026-1042_Zwitscherling.pdf", "Rechnung_RE-2026-1042_….pdf"),
        ("RE-2026-1042.xml", "RE-2026-1042.xml"),
        ("2026-03-02 Kontoauszug camt.053.zip", "2026-03-02 Kontoauszug camt.053.zip"),
        ("Jürgen Groß, Ali.csv", "… …, ….csv"),
    ],
)
def test_a_files_name_is_shown_without_words_that_may_be_a_name(name: str, label: str) -> None:
    assert file_label(name) == label


@contextmanager
def broken(place: Path, table_name: str) -> Iterator[None]:
    """A database that refuses every new row of a table: the exception nobody thought of."""
    for statement in (
        f"CREATE TRIGGER broken BEFORE INSERT ON {table_name} BEGIN SELECT RAISE(ABORT, 'broken'); END",
        "DROP TRIGGER broken",
    ):
        with sqlite3.connect(place / "mahnlauf.db") as database:
            database.execute(statement)
        if statement.startswith("CREATE"):
            yield


@flow(name="mark")
async def mark(text: str) -> None:
    """Say it in a log, after everything else that was logged."""
    get_run_logger().error(text)


def everything(database: Path) -> Iterator[tuple[str, str]]:
    """Where and what: every row of Prefect's database, its bare bytes with those deleted, and all stored results."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as opened:
        tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in tables:
            for row in opened.execute(f'SELECT * FROM "{name}"'):
                yield name, " ".join(map(str, row)).lower()
    for file in (*database.parent.glob(f"{database.name}*"), *Path(os.environ["PREFECT_HOME"]).rglob("*")):
        if file.is_file():
            raw = file.read_bytes()
            yield file.name, raw.decode("utf-8", "replace").lower()
            lines = raw.replace(rb"\n", b"").replace(b"\n", b"") if "storage" in file.parts else b""
            for packed in re.findall(rb"[A-Za-z0-9+/]{40,}", lines):
                whole = packed[: len(packed) // 4 * 4]
                yield "storage", base64.b64decode(whole).decode("utf-8", "replace").lower()


async def inbox_of_one_debtor(place: Path) -> None:
    """All that comes in about her: good and broken papers, with her name in file names too."""
    inbox = place / "inbox"
    inbox.mkdir()
    mine = {"customer": DEBTOR, "positions": (Position(GOODS, 1),), "due_on": DUE_ON}
    ubl(inbox, paper("CANARY-1", **mine), name="Rechnung Zwitscherling.xml")
    cii(inbox, paper("CANARY-2", **mine))
    other = {**mine, "customer": replace(DEBTOR, number="K-8")}
    ubl(inbox, paper("CANARY-1", **other), name="Zwitscherling nochmal.xml")
    ubl(inbox, paper("CANARY-9", **mine), seller=SUPPLIER)
    whole = ubl(place, paper("CANARY-3", **mine)).read_bytes()
    (inbox / "Zwitscherling cut.xml").write_bytes(whole[: len(whole) * 2 // 3])
    (inbox / "Zwitscherling odd.xml").write_bytes(b"<Zwitscherling>Wilhelmine</Zwitscherling>")
    person = f"{DEBTOR.first_name};{DEBTOR.last_name};{DEBTOR.street};10115;{DEBTOR.city}"
    table(
        inbox, "kunden.csv", "Kundennummer;Vorname;Nachname;Straße;PLZ;Ort;Land;E-Mail;Telefon;Kunde seit",
        f"K-7;{person};DE;{DEBTOR.email};{PHONE};",
        f"K-8;{person};Kanarienhausen;{DEBTOR.email};{PHONE};",
        f"K-9;{person};DE;{DEBTOR.email}@voliere;{PHONE};",
        f"K-10;{person};DE;{DEBTOR.email};{PHONE};Wilhelmine",
        f"K-11;{person};DE",
    )  # fmt: skip
    table(
        inbox, "rechnungen.csv", "Rechnungsnummer;Kundennummer;Rechnungsdatum;Bruttobetrag;Betreff",
        "CANARY-5;K-7;02.02.2026;Zwitscherling;Sittichschaukel", "CANARY-6;K-7;Wilhelmine;10,00;Sittichschaukel",
    )  # fmt: skip
    table(inbox, "Zwitscherling.csv", f"Zwitscherling;Wilhelmine;{DEBTOR.email}", "1;2;3")
    payer: dict[str, Any] = {"name": "Zwitscherling, Wilhelmine", "iban": DEBTOR.iban}
    text = "von Wilhelmine Zwitscherling fuer die Sittichschaukel"
    moved: list[Transfer] = [
        transfer(4_711, text, MONDAY, **payer),
        transfer(1_000, f"CANARY-1 {text}", MONDAY, **payer),
    ]
    camt(inbox, "bank.xml", *moved)
    camt(inbox, "cut bank.xml", *moved, iban=SHOP.iban)
    (inbox / "cut bank.xml").write_bytes((inbox / "bank.xml").read_bytes()[:-200])


async def climb(world: World, clock: ShiftedClock, number: str) -> date:
    """Live through the ladder's days with the daily run; the day of the proposal."""
    for _ in range(8):
        day = claim(world, number).dunnable_from
        if claim(world, number).claim.state is ClaimState.HAND_OVER_PROPOSED:
            return clock.today()
        assert day is not None
        clock.move_to(max(day, clock.today()))
        know_payments(world, clock.today())
        await dunning_run(return_state=True)
    raise AssertionError(f"{number} is at level {claim(world, number).claim.level} still")


@pytest.mark.prefect
async def test_prefect_learns_of_no_debtor_and_no_key(
    prefect_server: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ShiftedClock()
    clock.move_to(MONDAY)
    states: dict[str, State[Any]] = {}
    with (
        FaultyServer(FakeSendGrid(key=SENDGRID_KEY)) as post,
        SandboxAgency(place / "agency") as agency,
        FaultyServer(Relay(agency.url)) as collector,
    ):
        monkeypatch.setenv("MAHNLAUF_SENDGRID_API_KEY", SENDGRID_KEY)
        monkeypatch.setenv("MAHNLAUF_SENDGRID_HOST", post.url)
        monkeypatch.setenv("MAHNLAUF_AGENCY_URL", collector.url)
        monkeypatch.setenv("MAHNLAUF_AGENCY_KEY", SANDBOX_KEY)
        async with open_world(clock) as world:
            await inbox_of_one_debtor(place)
            with broken(place, "customer"):
                states["intake broken"] = await intake(return_state=True)
            assert " 0 invoices" in str(states["intake broken"].message)
            for file in (place / "inbox" / "parked").iterdir():
                file.rename(place / "inbox" / file.name)
            states["intake"] = await intake(return_state=True)
            states["not a file"] = await intake(files=[place / "inbox" / "no.xml"], return_state=True)
            know_payments(world, MONDAY)
            states["dry"] = await dunning_run(dry_run=True, return_state=True)
            with broken(place, "effect"):
                states["run broken"] = await dunning_run(return_state=True)
            post.plan.script(["400", "drop_after"])
            states["run"] = await dunning_run(return_state=True)
            for number in ("CANARY-1", "CANARY-2"):
                said = ResolveForm(effect=effects_of(world, number)[0].id, was_sent=True, **KIM)
                states[f"resolve {number}"] = await resolve_uncertain(form=said, return_state=True)
            hold = HoldForm(invoice="CANARY-1", kind=HoldKind.DISPUTE, **KIM)
            states["hold"] = await hold_claim(form=hold, return_state=True)
            states["by hand"] = await escalate_invoice(["CANARY-1"], dry_run=True, return_state=True)
            states["release"] = await release_claim(form=ReleaseForm(invoice="CANARY-1", **KIM), return_state=True)
            day = await climb(world, clock, "CANARY-1")
            states["asked"] = await hand_over(return_state=True)  # fails: only a deployment's run can be suspended
            asked = propose_list(world, day)
            assert asked is not None
            assert [each.number for each in asked.ready] == ["CANARY-1", "CANARY-2"]
            collector.plan.script(["ok", "ok", "400"])
            approve = HandOverForm(list_id=asked.list_id, answer=Answer.APPROVE, **KIM)
            states["approve"] = await approve_hand_over(form=approve, return_state=True)
            with sqlite3.connect(place / "mahnlauf.db") as database:
                database.execute("UPDATE claim SET open_cents = open_cents - 1")
            states["watch"] = await watch(return_state=True)
    await mark("the last word")
    await APILogHandler.aflush()
    failed = {name for name, state in states.items() if state.is_failed()}
    assert failed == {"run broken", "asked", "approve", "watch"}, states

    kept = list(everything(prefect_server))
    assert any("the last word" in text for place_, text in kept if place_ == "log")
    assert {"flow_run", "flow_run_state", "task_run", "log", "events", "artifact", "storage"} <= {
        where for where, _ in kept
    }
    assert any("cannot be suspended" in text for where, text in kept if where == "storage")  # as it was packed
    found = {(where, canary) for where, text in kept for canary in CANARIES if canary in text}
    assert found == set()
