"""What the dead left behind, who may still touch it, and what only evidence or a person moves on."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from dunning.effects import EffectKind, EffectStatus
from dunning.errors import RunRefused
from dunning.lifecycle import State
from tasks.outbox import effects
from tasks.outbox.dispatch import dispatch, last_look, mark
from tasks.outbox.mail_files import FileMailer
from tasks.outbox.outcome import NotSent, Outcome, Refused, Sent, Uncertain
from tasks.outbox.recovery import Recovered, recover, resolve_by_person, settle_by_look_up, unresolved
from tasks.store.tables import AuditRow
from tasks.world import World
from tests.support.ladder import DUE_ON, attempts, effect, lease, mailer_of, reminders, statuses, wait
from tests.support.world import MONDAY, add_invoice, claim, effects_of, move_to, run_day

TUESDAY = MONDAY + timedelta(1)
UNCERTAIN, NOT_SENT = Uncertain("read_timeout"), NotSent("connect_failed")


def test_a_lease_is_given_once(world: World) -> None:
    ids = reminders(world, 3)
    assert lease(world, [ids[1]], "a") == [ids[1]]
    assert lease(world, ids[::-1], "b") == [ids[2], ids[0]]
    row = effect(world, ids[1])
    assert (row.status, row.worker, row.attempts) == ("claimed", "a", 1)
    assert row.lease_until == world.clock.now() + effects.LEASE


@pytest.mark.parametrize("after", [119, 120], ids=["in time", "too late"])
def test_a_last_look_needs_a_lease_that_runs(world: World, after: int) -> None:
    (name,) = reminders(world, 1)
    lease(world, [name])
    wait(world, timedelta(seconds=after))
    assert last_look(world, name, "another", MONDAY) is None
    assert (last_look(world, name, "w", MONDAY) is not None) == (after < 120)
    assert statuses(world, [name]) == ["sending" if after < 120 else "claimed"]


def test_a_mark_counts_for_the_holder_only(world: World) -> None:
    (name,) = reminders(world, 1)
    lease(world, [name])
    assert mark(world, name, "w", Sent("m", 202)) is None
    last_look(world, name, "w", MONDAY)
    assert mark(world, name, "another", Sent("m", 202)) is None
    assert statuses(world, [name]) == ["sending"]
    assert mark(world, name, "w", Sent("m", 202)) == EffectStatus.SENT
    assert mark(world, name, "w", Refused("http_400", 400)) is None
    assert (statuses(world, [name]), claim(world).claim.level) == (["sent"], 1)


async def test_an_answer_that_comes_after_the_reaper_changes_nothing(world: World) -> None:
    (name,) = reminders(world, 1)

    def reaped(message: dict[str, Any]) -> None:
        wait(world, timedelta(seconds=121))
        with world.store.write() as session:
            assert effects.reap(session, world.clock.now()) == (0, 1)

    mailer_of(world).before_send = reaped
    (said,) = await dispatch(world, [name], MONDAY)
    assert (said.status, said.reason) == ("uncertain", "worker_lost")
    assert attempts(world, name) == [(1, "started", "", None)]


@pytest.mark.parametrize("after", [120, 121], ids=["lease runs", "lease over"])
async def test_claimed_goes_back_and_sending_becomes_uncertain(world: World, after: int) -> None:
    claimed, sending = reminders(world, 2)
    lease(world, [claimed, sending])
    last_look(world, sending, "w", MONDAY)
    wait(world, timedelta(seconds=after))
    found = await recover(world, MONDAY)
    if after == 120:
        assert (found, statuses(world, [claimed, sending])) == (Recovered(), ["claimed", "sending"])
        return
    assert found == Recovered(freed=1, became_uncertain=1)
    assert statuses(world, [claimed, sending]) == ["ready", "uncertain"]
    assert effect(world, sending).last_error == "worker_lost"
    await dispatch(world, [claimed, sending], MONDAY)
    assert mailer_of(world).tried == [claimed]


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "beside others"])
async def test_who_is_alone_with_a_kind_frees_it_at_once(world: World, alone: bool) -> None:
    claimed, sending = reminders(world, 2)
    lease(world, [claimed, sending])
    last_look(world, sending, "w", MONDAY)
    found = await recover(world, MONDAY, alone_with=[EffectKind.NOTICE_MAIL if alone else EffectKind.AGENCY_CASE])
    assert found == (Recovered(freed=1, became_uncertain=1) if alone else Recovered())
    assert statuses(world, [claimed, sending]) == (["ready", "uncertain"] if alone else ["claimed", "sending"])


async def test_what_did_not_leave_on_its_day_is_decided_anew(world: World) -> None:
    mailer_of(world).script.extend([NOT_SENT] * 3)
    add_invoice(world, due_on=DUE_ON)
    await run_day(world, MONDAY)
    move_to(world, TUESDAY, hour=0)
    assert (await recover(world, TUESDAY)).expired == 1
    await run_day(world, TUESDAY)
    assert [(row.status, row.business_date) for row in effects_of(world)] == [
        ("cancelled", MONDAY), ("sent", TUESDAY),
    ]  # fmt: skip


async def test_nothing_old_nothing_to_do(world: World) -> None:
    reminders(world, 1)
    assert await recover(world, MONDAY) == Recovered()


async def test_a_written_file_proves_itself(world: World, tmp_path: Path) -> None:
    """Two workers died in the call: one after the file was there, one before."""
    mailer = FileMailer(tmp_path / "outbox")
    world = replace(world, mailer=mailer)
    written, _ = ids = reminders(world, 2)
    lease(world, ids)
    for each in ids:
        last_look(world, each, "w", MONDAY)
    await mailer.send(effect(world, written).payload)
    wait(world, timedelta(seconds=121))
    assert await recover(world, MONDAY) == Recovered(became_uncertain=2, proved_sent=1, proved_unsent=1)
    assert statuses(world, ids) == ["sent", "ready"]
    assert (effect(world, written).evidence, effect(world, written).provider_id) == ("look-up", f"{written}.eml")
    await dispatch(world, ids, MONDAY)
    assert statuses(world, ids) == ["sent", "sent"]
    assert len(list((tmp_path / "outbox").iterdir())) == 2


async def test_a_mail_that_cannot_be_looked_up_stays_uncertain(world: World) -> None:
    (name,) = reminders(world, 1)
    mailer_of(world).script.append(UNCERTAIN)
    await dispatch(world, [name], MONDAY)
    assert await settle_by_look_up(world) == (0, 0)
    for day in (TUESDAY, TUESDAY + timedelta(1)):
        await run_day(world, day)
    assert ([row.status for row in effects_of(world)], mailer_of(world).tried) == (["uncertain"], [name])


@pytest.mark.parametrize("outcome", [UNCERTAIN, Refused("http_400", 400)], ids=["uncertain", "refused"])
@pytest.mark.parametrize("was_sent", [True, False], ids=["sent", "not sent"])
async def test_it_settles_what_nobody_knows(world: World, outcome: Outcome, was_sent: bool) -> None:
    (name,) = reminders(world, 1)
    mailer_of(world).script.append(outcome)
    await dispatch(world, [name], MONDAY)
    with world.store.read() as session:
        assert [row.id for row in unresolved(session)] == [name]
    resolve_by_person(world, name, was_sent=was_sent, person="Maren", reason="asked the customer")
    row = effect(world, name)
    assert (row.status, row.evidence) == ("sent" if was_sent else "cancelled", "Maren")
    assert (claim(world).claim.state, claim(world).claim.level) == (State.OPEN, int(was_sent))
    assert claim(world).claim.effect_block is None
    with world.store.read() as session:
        assert list(unresolved(session)) == []
        act = session.exec(select(AuditRow).where(AuditRow.event == "resolved")).one()
    assert (act.actor, act.reason, act.effect_id, act.to_state) == ("Maren", "asked the customer", name, row.status)
    with pytest.raises(RunRefused, match="neither uncertain nor refused"):
        resolve_by_person(world, name, was_sent=not was_sent, person="Tjark", reason="no")
    assert statuses(world, [name]) == [row.status]


async def test_what_is_settled_or_unknown_is_refused(world: World) -> None:
    (name,) = reminders(world, 1)
    for each in (name, "no-such-effect"):
        with pytest.raises(RunRefused) as refused:
            resolve_by_person(world, each, was_sent=True, person="Maren", reason="guess")
        assert refused.value.reason == "not_unresolved"
    assert statuses(world, [name]) == ["ready"]
