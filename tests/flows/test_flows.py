"""The other flows as Prefect runs them: intake, steps by hand, the desk, hand-overs, the watch."""

import json
import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from deployments.sandbox.agency import SANDBOX_KEY
from dunning.default import Route
from dunning.evidence import EvidenceKind
from dunning.lifecycle import State as ClaimState
from dunning.reasons import HoldKind
from flows.desk import (
    book_payment,
    book_return,
    dismiss_payment,
    hold_claim,
    note_evidence,
    notice_came_back,
    promise_to_pay,
    release_claim,
    write_off,
)
from flows.dunning_run import dunning_run
from flows.escalation import escalate_invoice
from flows.hand_over import approve_hand_over, hand_over
from flows.intake import intake
from flows.watch import watch
from tasks.forms import (
    Answer,
    BookPaymentForm,
    BookReturnForm,
    ByHand,
    CameBackForm,
    DismissPaymentForm,
    EvidenceForm,
    HandOverForm,
    HoldForm,
    PromiseForm,
    ReleaseForm,
    WriteOffForm,
)
from tasks.store import audit
from tests.support.flow_runs import artifact, result, run_of, runs_tagged, shop
from tests.support.ladder import DUE_ON, proposed
from tests.support.papers import paper, table, ubl
from tests.support.sandbox_agency import SandboxAgency
from tests.support.world import MONDAY, add_invoice, came_in, claim, run_day

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

KIM = {"person": "Kim Clerk", "reason": "looked at it"}


async def test_intake_takes_the_inbox_and_says_what_became_of_each_file(place: Path) -> None:
    inbox = place / "inbox"
    inbox.mkdir()
    ubl(inbox, paper("IN-1"))
    table(inbox, "kunden.csv", "Kundennummer;Vorname;Nachname;E-Mail", "K-1;Jo;Beispiel;jo@example.org", "K-2;;;")
    (inbox / "IN-1 neu.xml").write_bytes((inbox / "IN-1.xml").read_bytes()[:900])
    async with shop() as world:
        state = await intake(return_state=True)
        assert state.is_completed()
        assert state.message == "3 files, 1 parked, 1 invoice, 0 payments booked, 0 to match by hand"
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
        assert state.message.startswith("1 file, 0 parked, 1 invoice,")
        assert file.exists()
        state = await intake(folder=file, return_state=True)
        assert state.is_failed()
        assert state.message
        assert "is no folder" in state.message


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
        assert held.message == (
            "DESK-1 is on hold (return_announced) until 2026-03-12 or a person releases it: "
            "when the goods are booked, or none will come"
        )
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
            (
                await hold_claim(
                    form=HoldForm(invoice="DESK-1", kind=HoldKind.PROMISE_TO_PAY, **KIM), return_state=True
                ),
                "note it with promise-to-pay",
            ),
            (
                await promise_to_pay(
                    form=PromiseForm(invoice="DESK-1", pay_until=MONDAY + timedelta(15), **KIM), return_state=True
                ),
                "counts up to 2026-03-16",
            ),
        ):
            assert refused.is_failed()
            assert refused.message
            assert said in refused.message


async def test_a_hold_counts_from_the_day_the_form_says(place: Path) -> None:
    async with shop() as world:
        add_invoice(world, "DESK-3", due_on=DUE_ON)
        opened = MONDAY - timedelta(5)
        held = await hold_claim(
            form=HoldForm(invoice="DESK-3", kind=HoldKind.INSOLVENCY, since=opened, **KIM), return_state=True
        )
        assert held.message == (
            "DESK-3 is on hold (insolvency) until a person releases it: "
            "when the proceedings have ended without a discharge"
        )
        assert [(hold.from_on, hold.until_on) for hold in claim(world, "DESK-3").claim.holds] == [(opened, None)]


async def test_the_desk_notes_evidence_and_takes_a_returned_notice_back(place: Path) -> None:
    async with shop() as world:
        add_invoice(world, "EV-1", due_on=DUE_ON)
        form = EvidenceForm(invoice="EV-1", kind=EvidenceKind.REFUSAL, happened_on=MONDAY - timedelta(1), **KIM)
        noted = await note_evidence(form=form, return_state=True)
        assert (noted.message, (await run_of(noted)).name) == ("EV-1: refusal 2026-03-01", "EV-1 · refusal")
        default = claim(world, "EV-1").claim.default
        assert default is not None
        assert default.route is Route.REFUSAL
        assert f"from {default.from_on}, refusal" in await artifact("claim-ev-1")
        back = await note_evidence(form=form.model_copy(update={"happened_on": None}), return_state=True)
        assert back.message == "EV-1: refusal taken back"
        assert claim(world, "EV-1").claim.default is None
        too_early = await notice_came_back(form=CameBackForm(invoice="EV-1", **KIM), return_state=True)
        assert (too_early.is_failed(), too_early.message) == (
            True,
            "no notice on this claim has left\nlook at the claim's file",
        )
        assert (await result(await dunning_run(return_state=True)))["answers"] == {"send_notice": 1}
        returned = await notice_came_back(form=CameBackForm(invoice="EV-1", **KIM), return_state=True)
        assert returned.message == "EV-1: notice 1 taken back, on hold until there is a new address"
        assert (claim(world, "EV-1").claim.level, claim(world, "EV-1").claim.last_notice) == (0, None)
        assert "address_unknown" in await artifact("claim-ev-1")


async def test_the_desk_books_a_payment_once_and_dismisses_another(place: Path) -> None:
    async with shop() as world:
        add_invoice(world, "PAY-1", due_on=DUE_ON)
        first, second = came_in(world, 4_000, text="danke"), came_in(world, 5_000, text="merci")
        form = BookPaymentForm(payment=first, invoices=["PAY-1"], **KIM)
        booked = await book_payment(form=form, return_state=True)
        assert (booked.message, (await run_of(booked)).name) == (
            f"payment {first}: 40.00 on PAY-1",
            f"payment {first} · book",
        )
        assert "40.00" in await artifact("claim-pay-1")
        assert (await book_payment(form=form, return_state=True)).is_failed()
        assert claim(world, "PAY-1").claim.open_cents == 6_000
        assert [row["id"] for row in json.loads(await artifact("unmatched-payments"))] == [second]
        dismissed = await dismiss_payment(form=DismissPaymentForm(payment=second, **KIM), return_state=True)
        assert dismissed.message == f"payment {second}: dismissed"
        assert json.loads(await artifact("unmatched-payments")) == [{"": "nothing"}]
        back = came_in(world, -4_000, return_reason="AC04")
        form_back = BookReturnForm(payment=back, invoice="PAY-1", bank_fee="3,20", **KIM)
        assert (await book_return(form=form_back, return_state=True)).message == "PAY-1: 40.00 open again"
        given_up = await write_off(form=WriteOffForm(invoice="PAY-1", amount="0,50", **KIM), return_state=True)
        assert given_up.message == "PAY-1: 0.50 written off"
        assert claim(world, "PAY-1").claim.open_cents == 9_950


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
