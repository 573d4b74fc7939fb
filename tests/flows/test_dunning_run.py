"""The dunning run as Prefect runs it: its state, names, tags and artifacts, its refusals, its counts."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State

from dunning.reasons import HoldKind
from flows.desk import hold_claim, resolve_uncertain
from flows.dunning_run import dunning_run
from flows.escalation import escalate_invoice
from tasks.forms import (
    HoldForm,
    ResolveForm,
    RunApprovalForm,
)
from tasks.settings import POLICY
from tasks.store.lock import only_one
from tests.support.fake_sendgrid import KEY, FakeSendGrid
from tests.support.faulty_server import FaultyServer
from tests.support.flow_runs import artifact, books, mails, result, run_of, runs_tagged, shop, ticking
from tests.support.ladder import DUE_ON
from tests.support.world import MONDAY, add_invoice, claim, effects_of, know_payments, move_to, pay, run_day

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

KIM = {"person": "Kim Clerk", "reason": "looked at it"}


@pytest.fixture
def house_rules(place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Changes one line of the house rules that we ship."""

    def change(line: str, to: str) -> None:
        rules = POLICY.read_text()
        assert line in rules
        (place / "policy.yaml").write_text(rules.replace(line, to))
        monkeypatch.setenv("MAHNLAUF_POLICY", str(place / "policy.yaml"))

    return change


async def assert_adds_up(state: State[Any], report: str) -> None:
    """The counts of a run are the claims it looked at, in its result and on paper."""
    said = await result(state)
    assert sum(said["answers"].values()) == said["looked_at"] == len(said["claims"])
    counts = re.search(r"\| answer \| claims \|\n\|[- |]+\|\n((?:\|.*\|\n?)+)", report)
    assert counts
    *rows, total = [row.strip("| ").split(" | ") for row in counts[1].splitlines()]
    assert total == ["**claims looked at**", f"**{said['looked_at']}**"]
    assert {word.replace(" ", "_"): int(count) for word, count in rows} == said["answers"]


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
        answers = {row["invoice"]: row["why"] for row in json.loads(await artifact("dunning-run-answers"))}
        assert answers["MIX-1"] == "the payment reminder is due today"
        assert answers["MIX-2"] == "the customer disputes the claim"
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
