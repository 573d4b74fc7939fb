"""The flows as Prefect runs them: their states, names, tags and artifacts, and what they leave in the books."""

import json
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactCollectionFilter,
    ArtifactCollectionFilterKey,
    FlowRunFilter,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State

from deployments.sandbox.agency import SANDBOX_KEY
from dunning.lifecycle import State as ClaimState
from dunning.reasons import HoldKind
from flows.desk import hold_claim, promise_to_pay, release_claim, resolve_uncertain
from flows.dunning_run import dunning_run
from flows.escalation import escalate_invoice
from flows.hand_over import approve_hand_over, hand_over
from flows.intake import intake
from flows.watch import watch
from tasks.clock import Clock, FixedClock, ShiftedClock
from tasks.forms import (
    Answer,
    ByHand,
    HandOverForm,
    HoldForm,
    PromiseForm,
    ReleaseForm,
    ResolveForm,
    RunApprovalForm,
)
from tasks.settings import POLICY
from tasks.store import audit
from tasks.store.lock import only_one
from tasks.world import World, open_world
from tests.support.fake_sendgrid import KEY, FakeSendGrid
from tests.support.faulty_server import FaultyServer
from tests.support.ladder import DUE_ON, proposed
from tests.support.papers import paper, table, ubl
from tests.support.sandbox_agency import SandboxAgency
from tests.support.world import MONDAY, add_invoice, claim, effects_of, know_payments, move_to, pay, run_day

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

KIM = {"person": "Kim Clerk", "reason": "looked at it"}


@asynccontextmanager
async def shop(clock: Clock | None = None) -> AsyncIterator[World]:
    """The place's world on `MONDAY`, its payments known; the flows inside take it as theirs."""
    async with open_world(clock or FixedClock.on(MONDAY)) as world:
        know_payments(world, MONDAY)
        yield world


def ticking() -> ShiftedClock:
    """A clock on `MONDAY` whose seconds pass, as calls with a deadline need it."""
    clock = ShiftedClock()
    clock.move_to(MONDAY)
    return clock


@pytest.fixture
def house_rules(place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Changes one line of the house rules that we ship."""

    def change(line: str, to: str) -> None:
        rules = POLICY.read_text()
        assert line in rules
        (place / "policy.yaml").write_text(rules.replace(line, to))
        monkeypatch.setenv("MAHNLAUF_POLICY", str(place / "policy.yaml"))

    return change


async def runs_tagged(*tags: str) -> list[FlowRun]:
    async with get_client() as client:
        return await client.read_flow_runs(flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=list(tags))))


async def run_of(state: State[Any]) -> FlowRun:
    assert state.state_details.flow_run_id is not None
    async with get_client() as client:
        return await client.read_flow_run(state.state_details.flow_run_id)


async def artifact(key: str) -> str:
    """The newest artifact of a key, as text."""
    async with get_client() as client:
        found = await client.read_latest_artifacts(
            artifact_filter=ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[key]))
        )
    (newest,) = found
    return newest.data if isinstance(newest.data, str) else json.dumps(newest.data)


def mails(place: Path) -> list[str]:
    return [path.name for path in (place / "outbox").glob("*.eml")]


def books(place: Path) -> list[str]:
    """All that the database holds."""
    with sqlite3.connect(place / "mahnlauf.db") as database:
        return list(database.iterdump())


async def result(state: Any) -> dict[str, Any]:
    """What a run returned for programs."""
    found: dict[str, Any] = await state.aresult()
    return found


async def assert_adds_up(state: State[Any], report: str) -> None:
    """The counts of a run are the claims it looked at, in its result and on paper."""
    said = await result(state)
    assert sum(said["answers"].values()) == said["looked_at"] == len(said["claims"])
    counts = re.search(r"\| answer \| claims \|\n\|[- |]+\|\n((?:\|.*\|\n?)+)", report)
    assert counts
    *rows, total = [row.strip("| ").split(" | ") for row in counts[1].splitlines()]
    assert total == ["**claims looked at**", f"**{said['looked_at']}**"]
    assert {word.replace(" ", "_"): int(count) for word, count in rows} == said["answers"]


async def test_intake_takes_the_inbox_and_says_what_became_of_each_file(place: Path) -> None:
    inbox = place / "inbox"
    inbox.mkdir()
    ubl(inbox, paper("IN-1"))
    table(inbox, "kunden.csv", "Kundennummer;Vorname;Nachname;E-Mail", "K-1;Jo;Beispiel;jo@example.org", "K-2;;;")
    (inbox / "IN-1 neu.xml").write_bytes((inbox / "IN-1.xml").read_bytes()[:900])
    async with shop() as world:
        state = await intake(return_state=True)
        assert state.is_completed()
        assert state.message == "3 files, 1 parked, 1 invoices, 0 payments booked, 0 to match by hand"
        assert (await run_of(state)).name == "intake"
        assert claim(world, "IN-1").claim.open_cents == 10_000
        report = await artifact("intake")
        assert "| IN-1.xml | ubl | taken | 1 |" in report
        assert "`IN-1 neu.xml`: **" in report
        assert "`kunden.csv`, row 3: **field_missing**" in report
        assert json.loads(await artifact("unmatched-payments")) == [{"": "nothing"}]
        lying = sorted(str(path.relative_to(inbox)) for path in inbox.rglob("*") if path.is_file())
        assert lying == ["parked/IN-1 neu.xml", "taken/IN-1.xml", "taken/kunden.csv"]
        assert (await intake(return_state=True)).message == "no files"


async def test_intake_takes_a_file_once_though_it_is_named_twice(place: Path) -> None:
    file = ubl(place, paper("IN-2"))
    async with shop():
        state = await intake(files=[file, file], return_state=True)
        assert state.message
        assert state.message.startswith("1 files, 0 parked, 1 invoices")
        assert file.exists()
        state = await intake(folder=file, return_state=True)
        assert state.is_failed()
        assert state.message
        assert "is no folder" in state.message


async def test_a_run_over_no_claims_says_so(place: Path) -> None:
    async with shop():
        state = await dunning_run(return_state=True)
        assert (state.name, state.message) == (
            "Completed", "0 claims looked at: nothing to send, 0 hand-overs proposed",
        )  # fmt: skip
        await assert_adds_up(state, await artifact("dunning-run"))
        assert json.loads(await artifact("dunning-run-answers")) == [{"": "nothing"}]
        assert mails(place) == []


async def test_a_reminder_is_a_run_of_its_own_that_staff_find(place: Path) -> None:
    async with shop() as world:
        add_invoice(world, "ONE-1", due_on=DUE_ON)
        state = await dunning_run(return_state=True)
        assert state.message == "1 claims looked at: 1 sent, 0 hand-overs proposed"
        await assert_adds_up(state, await artifact("dunning-run"))
        # its name is the real day's: the flow run does not know that the clock of its world is shifted
        assert re.fullmatch(r"dunning run \d{4}-\d\d-\d\d", (await run_of(state)).name)
        (run,) = await runs_tagged("invoice:ONE-1", "level:1")
        assert run.name == "ONE-1 · payment reminder"
        assert run.state is not None
        assert (run.state.name, run.state.message) == ("Completed", "ONE-1 sent")
        assert mails(place) == [f"{effects_of(world, 'ONE-1')[0].id}.eml"]
        assert claim(world, "ONE-1").claim.level == 1
        file = await artifact("claim-one-1")
        assert "# ONE-1" in file
        assert "payment reminder" in file

        again = await dunning_run(as_of=MONDAY, return_state=True)
        assert again.message == "0 claims looked at: nothing to send, 0 hand-overs proposed"
        assert (await run_of(again)).name == f"dunning run {MONDAY}"
        assert len(await runs_tagged("invoice:ONE-1")) == len(mails(place)) == 1


async def test_a_dry_run_says_what_it_would_do_and_writes_nothing(place: Path) -> None:
    async with shop() as world:
        add_invoice(world, "DRY-1", due_on=DUE_ON)
        before = books(place)
        state = await dunning_run(dry_run=True, return_state=True)
        assert (await result(state))["claims"] == [{"invoice": "DRY-1", "answer": "send_notice:1", "open": "100.00"}]
        assert (await artifact("dunning-run")).startswith("# Dry run of Monday, 2026-03-02")
        by_hand = await escalate_invoice(["DRY-1"], dry_run=True, return_state=True)
        assert by_hand.is_completed()
        assert books(place) == before
        assert mails(place) == []
        assert await runs_tagged("invoice:DRY-1") == []


async def test_every_answer_is_counted(place: Path) -> None:
    async with shop() as world:
        for number in ("MIX-1", "MIX-2", "MIX-3", "MIX-4"):
            add_invoice(world, number, due_on=DUE_ON)
        add_invoice(world, "MIX-5", due_on=MONDAY)
        hold = HoldForm(invoice="MIX-2", kind=HoldKind.DISPUTE, **KIM)
        assert (await hold_claim(form=hold, return_state=True)).is_completed()
        pay(world, "MIX-3", 10_000, MONDAY)
        state = await dunning_run(only=[f"MIX-{n}" for n in range(1, 6)], return_state=True)
        said = await result(state)
        assert said["answers"] == {"send_notice": 2, "blocked": 1, "nothing": 1, "wait": 1}
        report = await artifact("dunning-run")
        await assert_adds_up(state, report)
        assert "| 1 | dispute | the customer disputes the claim |" in report
        assert "| payment reminder | 2 | 200.00 EUR |" in report
        answers = {row["invoice"]: row["answer"] for row in json.loads(await artifact("dunning-run-answers"))}
        assert answers["MIX-2"] == "blocked:dispute"
        assert len(answers) == 5


async def test_the_breaker_holds_a_run_until_a_person_approves_its_list(
    place: Path, house_rules: Callable[[str, str], None]
) -> None:
    house_rules("free_notices: 20", "free_notices: 0")
    async with shop() as world:
        for count in range(5):
            day = MONDAY - timedelta(weeks=5 - count)
            add_invoice(world, f"USUAL-{count}", due_on=day - timedelta(5))
            await run_day(world, day)
            pay(world, f"USUAL-{count}", 10_000, day)
        for count in range(4):
            add_invoice(world, f"BURST-{count}", due_on=DUE_ON)
        move_to(world, MONDAY)
        know_payments(world, MONDAY)
        sent = len(mails(place))

        held = await dunning_run(return_state=True)
        assert held.name == "Held", held.message
        assert held.is_completed()
        list_sha256 = (await result(held))["list_sha256"]
        assert held.message
        assert held.message.startswith("held: 4 notices where 1 are usual")
        assert list_sha256 in await artifact("dunning-run")
        assert len(mails(place)) == sent

        wrong = RunApprovalForm(list_sha256="0" * 64, **KIM)
        refused = await dunning_run(approval=wrong, return_state=True)
        assert refused.is_failed()
        assert refused.message
        assert "the list has changed since it was shown" in refused.message
        assert len(mails(place)) == sent

        approved = await dunning_run(approval=RunApprovalForm(list_sha256=list_sha256, **KIM), return_state=True)
        assert approved.message
        assert "4 sent" in approved.message
        assert len(mails(place)) == sent + 4


async def test_a_run_that_must_not_be_is_refused_with_a_reason(place: Path) -> None:
    async with shop() as world:
        await dunning_run(return_state=True)
        early = await dunning_run(as_of=MONDAY - timedelta(1), return_state=True)
        assert early.is_failed()
        assert early.message == (
            "a run of 2026-03-01 would come after that of 2026-03-02\n"
            "leave out the date: a run decides from today's facts and skips no step"
        )
        future = await dunning_run(as_of=MONDAY + timedelta(1), return_state=True)
        assert future.is_failed()
        assert future.message
        assert "2026-03-03 has not come" in future.message
        with only_one(world.store, "dunning-run"):
            beside = await dunning_run(return_state=True)
        assert beside.is_cancelled()
        assert beside.message
        assert "another dunning-run is at work" in beside.message


async def test_many_notices_run_in_groups(place: Path, house_rules: Callable[[str, str], None]) -> None:
    house_rules("individual_runs: 200", "individual_runs: 2")
    async with shop() as world:
        for count in range(3):
            add_invoice(world, f"GROUP-{count}", due_on=DUE_ON)
        state = await dunning_run(group_size=2, return_state=True)
        assert state.message == "3 claims looked at: 3 sent, 0 hand-overs proposed"
        parent = await run_of(state)
        async with get_client() as client:
            runs = await client.read_flow_runs(limit=200)
        names = {
            run.name for run in runs if run.start_time and parent.start_time and run.start_time > parent.start_time
        }
        assert names == {"2026-03-02 · group 1 of 2 · 2 notices", "2026-03-02 · group 2 of 2 · 1 notices"}
        assert len(mails(place)) == 3
        assert await runs_tagged("invoice:GROUP-0") == []


async def test_a_refused_mail_fails_its_own_run_and_waits_for_a_person(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultyServer(FakeSendGrid()) as provider:
        monkeypatch.setenv("MAHNLAUF_SENDGRID_API_KEY", KEY)
        monkeypatch.setenv("MAHNLAUF_SENDGRID_HOST", provider.url)
        provider.plan.script(["400", "drop_after"])
        async with shop(ticking()) as world:
            for number in ("BAD-1", "BAD-2", "BAD-3"):
                add_invoice(world, number, due_on=DUE_ON)
            state = await dunning_run(return_state=True)
            assert state.message == "3 claims looked at: 1 failed, 1 sent, 1 uncertain, 0 hand-overs proposed"
            assert "## For staff" in await artifact("dunning-run")
            states = {}
            for number in ("BAD-1", "BAD-2", "BAD-3"):
                (run,) = await runs_tagged(f"invoice:{number}")
                assert run.state is not None
                states[str(run.state.message).removeprefix(number)] = (number, run.state.name)
            assert {said: name for said, (_, name) in states.items()} == {
                " failed: http_400": "Failed", " uncertain: answer_broken": "Failed", " sent": "Completed",
            }  # fmt: skip
            (refused, _), (lost, _) = states[" failed: http_400"], states[" uncertain: answer_broken"]
            assert {row["invoice"] for row in json.loads(await artifact("unresolved-effects"))} == {refused, lost}

            uncertain = effects_of(world, lost)[0].id
            said = ResolveForm(effect=uncertain, was_sent=True, **KIM)
            resolved = await resolve_uncertain(form=said, return_state=True)
            assert (resolved.name, resolved.message) == ("Completed", f"{uncertain}: sent")
            assert claim(world, lost).claim.level == 1
            assert [row["invoice"] for row in json.loads(await artifact("unresolved-effects"))] == [refused]
            twice = await resolve_uncertain(form=said, return_state=True)
            assert twice.is_failed()
            assert twice.message
            assert "neither uncertain nor refused" in twice.message


async def test_refused_credentials_stop_the_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultyServer(FakeSendGrid(key="another")) as provider:
        monkeypatch.setenv("MAHNLAUF_SENDGRID_API_KEY", KEY)
        monkeypatch.setenv("MAHNLAUF_SENDGRID_HOST", provider.url)
        async with shop(ticking()) as world:
            add_invoice(world, "KEY-1", due_on=DUE_ON)
            add_invoice(world, "KEY-2", due_on=DUE_ON)
            state = await dunning_run(return_state=True)
            assert state.is_failed()
            assert state.message
            assert "the provider refused our credentials" in state.message
            assert "2 ready" in state.message
            assert provider.requests == 1
            assert {each.status for number in ("KEY-1", "KEY-2") for each in effects_of(world, number)} == {"ready"}


async def test_a_step_by_hand_needs_a_person_and_follows_the_same_rules(place: Path) -> None:
    by = ByHand(person="Kim Clerk", reason="customer asked for it")
    async with shop() as world:
        add_invoice(world, "HAND-1", due_on=DUE_ON)
        add_invoice(world, "HAND-2", due_on=DUE_ON)
        add_invoice(world, "HAND-3", due_on=MONDAY)
        for numbers, person, said in (
            (["HAND-9"], by, "there is no invoice HAND-9"),
            (["HAND-1"], None, "nobody is named who starts this step"),
        ):
            refused = await escalate_invoice(numbers, person, return_state=True)
            assert refused.is_cancelled()
            assert refused.message
            assert refused.message.startswith(said)
        state = await escalate_invoice(["HAND-1", "HAND-3"], by, return_state=True)
        assert state.is_completed()
        assert (await run_of(state)).name == "by hand · HAND-1, HAND-3"
        assert [run.name for run in await runs_tagged("invoice:HAND-1")] == ["HAND-1 · payment reminder"]
        assert [claim(world, f"HAND-{n}").claim.level for n in (1, 2, 3)] == [1, 0, 0]
        with sqlite3.connect(place / "mahnlauf.db") as database:
            noted = database.execute("SELECT subject, actor, reason FROM audit WHERE event = 'step_by_hand'")
            assert set(noted) == {(f"claim HAND-{n}", "Kim Clerk", "customer asked for it") for n in (1, 3)}


async def test_the_desk_holds_releases_and_notes_a_promise(place: Path) -> None:
    async with shop() as world:
        for number in ("DESK-1", "DESK-2"):
            add_invoice(world, number, due_on=DUE_ON)
        until = MONDAY + timedelta(10)
        hold = HoldForm(invoice="DESK-1", kind=HoldKind.RETURN_ANNOUNCED, until=until, whole_customer=True, **KIM)
        held = await hold_claim(form=hold, return_state=True)
        assert held.message == "DESK-1 is on hold (return_announced) until 2026-03-12"
        assert (await run_of(held)).name == "DESK-1 · hold return_announced"
        assert "hold: return_announced" in await artifact("claim-desk-1")
        assert claim(world, "DESK-2").claim.holds  # the whole customer
        promised = PromiseForm(invoice="DESK-2", pay_until=MONDAY + timedelta(3), **KIM)
        assert (await promise_to_pay(form=promised, return_state=True)).message == "DESK-2: promised until 2026-03-05"
        assert (await result(await dunning_run(return_state=True)))["answers"] == {"blocked": 2}
        released = await release_claim(form=ReleaseForm(invoice="DESK-2", **KIM), return_state=True)
        assert released.message == "DESK-2: 1 holds released"
        for refused, said in (
            (await release_claim(form=ReleaseForm(invoice="DESK-2", **KIM), return_state=True), "no hold of its own"),
            (await release_claim(form=ReleaseForm(invoice="DESK-9", **KIM), return_state=True), "no invoice DESK-9"),
            (
                await hold_claim(
                    form=HoldForm(invoice="DESK-1", kind=HoldKind.MANUAL, until=DUE_ON, **KIM), return_state=True
                ),
                "before its first",
            ),
        ):
            assert refused.is_failed()
            assert refused.message
            assert said in refused.message


async def test_an_approved_list_is_transferred_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SandboxAgency(place / "agency") as agency:
        monkeypatch.setenv("MAHNLAUF_AGENCY_URL", agency.url)
        monkeypatch.setenv("MAHNLAUF_AGENCY_KEY", SANDBOX_KEY)
        async with shop() as world:
            assert (await hand_over(return_state=True)).message == "nothing is proposed for hand-over"
            asked, _ = await proposed(world, ["CASE-1", "CASE-2"])
            approve = HandOverForm(list_id=asked.list_id, answer=Answer.APPROVE, exceptions=["CASE-9"], **KIM)
            unknown = await approve_hand_over(form=approve, return_state=True)
            assert unknown.is_failed()
            assert unknown.message
            assert "not on list" in unknown.message

            approve.exceptions = ["CASE-2"]
            state = await approve_hand_over(form=approve, return_state=True)
            assert state.message == "1 of 1 claims transferred"
            assert (await run_of(state)).name == f"answer to list {asked.list_id}"
            assert claim(world, "CASE-1").claim.state is ClaimState.AT_AGENCY
            assert claim(world, "CASE-2").claim.state is ClaimState.HAND_OVER_PROPOSED
            with sqlite3.connect(place / "mahnlauf.db") as database:
                ((number,),) = database.execute("SELECT case_number FROM hand_over WHERE status = 'transferred'")
            assert re.fullmatch(r"\d{11}", number)
            assert f"transferred, case {number}" in await artifact("claim-case-1")

            twice = await approve_hand_over(form=approve, return_state=True)
            assert twice.is_failed()
            assert twice.message == (f"list {asked.list_id} is approved by Kim Clerk\nlook at the newest hand-over run")


async def test_a_rejected_list_leaves_the_ladder(place: Path) -> None:
    async with shop() as world:
        asked, _ = await proposed(world, ["NO-1"])
        reject = HandOverForm(list_id=asked.list_id, answer=Answer.REJECT, **KIM)
        state = await approve_hand_over(form=reject, return_state=True)
        assert state.message == f"list {asked.list_id} rejected by Kim Clerk"
        assert claim(world, "NO-1").claim.state is ClaimState.IN_MANUAL_HANDS


async def test_the_watch_is_content_with_a_house_in_order(place: Path) -> None:
    async with shop() as world:
        add_invoice(world, "WATCH-1", due_on=DUE_ON)
        await dunning_run(return_state=True)
        state = await watch(return_state=True)
        assert (state.name, state.message) == ("Completed", "0 messages need a person, 0 things to look at")
        assert "All is well." in await artifact("watch")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE claim SET open_cents = open_cents - 1", "the ledger does not add up to the open amount: WATCH-1"),
        ("UPDATE claim SET level = 2", "the level is not that of the last notice sent: WATCH-1"),
    ],
)
async def test_the_watch_fails_over_a_broken_invariant(place: Path, statement: str, said: str) -> None:
    async with shop() as world:
        add_invoice(world, "WATCH-1", due_on=DUE_ON)
        await run_day(world, MONDAY)
        with sqlite3.connect(place / "mahnlauf.db") as database:
            database.execute(statement)
        state = await watch(return_state=True)
        assert state.is_failed()
        assert state.message == said
        assert f"| **broken** | {said} |" in await artifact("watch")


async def test_the_audit_holds_after_all_flows(place: Path) -> None:
    async with shop() as world:
        asked, _ = await proposed(world, ["CHAIN-1"])
        await approve_hand_over(form=HandOverForm(list_id=asked.list_id, answer=Answer.REJECT, **KIM))
        await release_claim(form=ReleaseForm(invoice="CHAIN-1", **KIM))
        with world.store.read() as session:
            assert audit.verify(session) is None
