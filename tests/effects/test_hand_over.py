"""A person's answer counts for exactly one list; what goes over goes once, and every later payment is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from dunning.effects import EffectKind
from dunning.errors import EffectForbidden, RunRefused
from dunning.ledger import LineKind
from dunning.lifecycle import Event, State
from dunning.reasons import HoldKind
from tasks import desk
from tasks.hand_over.answers import Verdict, answer_list
from tasks.hand_over.lists import propose_list, waiting_list
from tasks.hand_over.transfers import catch_up, transfer
from tasks.intake.taking import take_in
from tasks.outbox.frozen import sha256_of
from tasks.outbox.outcome import Forbidden, NotSent, Outcome, Refused, Sent, Uncertain
from tasks.outbox.recovery import recover, resolve_by_person
from tasks.store.tables import ApprovalRow, AuditRow, CustomerRow, EffectRow, HandOverRow
from tasks.world import World
from tests.support.ladder import DUE_ON, NO, YES, approved, climb, proposed
from tests.support.papers import camt
from tests.support.papers import transfer as bank_transfer
from tests.support.world import FakeAgency, add_invoice, book, claim, effects_of, know_payments, move_to, pay, run_day


def _agency(world: World) -> FakeAgency:
    assert isinstance(world.agency, FakeAgency)
    return world.agency


def _row(world: World, number: str = "RE-1") -> HandOverRow:
    with world.store.read() as session:
        rows = select(HandOverRow).where(HandOverRow.claim_id == claim(world, number).claim_id)
        return session.exec(rows.order_by(col(HandOverRow.id).desc()).limit(1)).one()


def _approval(world: World, list_id: int) -> ApprovalRow:
    with world.store.read() as session:
        return session.exec(select(ApprovalRow).where(ApprovalRow.id == list_id)).one()


def _cases(world: World, number: str = "RE-1") -> list[EffectRow]:
    return [each for each in effects_of(world, number) if each.kind == EffectKind.AGENCY_CASE]


def _reports(world: World, number: str = "RE-1") -> list[EffectRow]:
    return [each for each in effects_of(world, number) if each.kind == EffectKind.AGENCY_PAYMENT]


async def test_the_list_says_what_a_person_must_know(world: World) -> None:
    asked, day = await proposed(world, ["RE-2", "RE-1"])
    first = asked.candidates[0]
    assert (first.number, first.customer_number, first.open_cents, first.obstacles) == ("RE-1", "K-1", 10_000, ())
    assert (first.due_on, first.limitation_ends_on) == (DUE_ON, date(2029, 12, 31))
    assert first.pay_until is not None
    assert first.final_warning_on is not None
    assert DUE_ON < first.final_warning_on < first.pay_until < day == asked.proposed_on
    assert asked.expires_on == day + timedelta(5)
    assert asked.ready == asked.candidates
    assert waiting_list(world, asked.list_id, day) == asked


async def test_the_same_proposals_are_the_same_list(world: World) -> None:
    asked, day = await proposed(world)
    assert propose_list(world, day, "run-1") == asked
    assert propose_list(world, day + timedelta(1)) == asked
    assert (_approval(world, asked.list_id).flow_run_id, asked.list_sha256) == (
        "run-1", _approval(world, asked.list_id).list_sha256,
    )  # fmt: skip


def test_no_proposal_no_list(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    assert propose_list(world, DUE_ON) is None
    with world.store.read() as session:
        assert session.exec(select(ApprovalRow)).all() == []


async def test_a_yes_transfers_exactly_that_list(world: World) -> None:
    asked, day = await proposed(world, ["RE-1", "RE-2"])
    ids = answer_list(world, asked.list_id, YES, day)
    assert len(ids) == 2
    assert claim(world).claim.state is State.TRANSFER_UNDER_WAY
    assert [(each.number, each.status) for each in await transfer(world, ids, day)] == [
        ("RE-1", "sent"), ("RE-2", "sent"),
    ]  # fmt: skip
    assert set(_agency(world).cases) == {"RE-1", "RE-2"}
    assert claim(world).claim.state is State.AT_AGENCY
    row, (effect,) = _row(world), _cases(world)
    assert (row.status, row.case_number, row.open_cents) == ("transferred", effect.provider_id, 10_000)
    assert row.agency == world.settings.agency_name
    approval = _approval(world, asked.list_id)
    assert (approval.status, approval.person, approval.reason) == ("approved", "Maren", "looked at it")
    assert approval.decided_at == world.clock.now()
    with world.store.read() as session:
        acts = session.exec(select(AuditRow).where(AuditRow.event == Event.HAND_OVER_APPROVED)).all()
    assert {(act.actor, act.reason) for act in acts} == {("Maren", "looked at it")}
    assert {act.effect_id for act in acts} == set(ids)


async def test_the_dossier_is_kept_with_its_hash(world: World) -> None:
    ids, day = await approved(world)
    row = _row(world)
    assert row.dossier_sha256 == sha256_of(row.dossier)
    dossier = json.loads(row.dossier)
    assert (dossier["reference"], dossier["total"], dossier["debtor"]["name"]) == ("RE-1", "100.00", "Jürgen Groß")
    assert [each["level"] for each in dossier["notices"]] == [1, 2, 3]
    await transfer(world, ids, day)
    case = _agency(world).cases["RE-1"]
    assert (case["Claim"]["Amount"], case["Debtor"]["LastName"], case["ClientCustomerRefNo"]) == (100.0, "Groß", "RE-1")
    (effect,) = _cases(world)
    assert (effect.payload_sha256, effect.expires_at) == (sha256_of(effect.payload), None)


async def test_exceptions_stay_proposed(world: World) -> None:
    asked, day = await proposed(world, ["RE-1", "RE-2"])
    ids = answer_list(world, asked.list_id, replace(YES, exceptions=("RE-2",)), day)
    assert [each.number for each in await transfer(world, ids, day)] == ["RE-1"]
    assert (claim(world, "RE-2").claim.state, _row(world, "RE-2").status) == (State.HAND_OVER_PROPOSED, "proposed")
    assert _approval(world, asked.list_id).exceptions == ["RE-2"]
    again = propose_list(world, day + timedelta(1))
    assert again is not None
    assert ([each.number for each in again.candidates], again.list_id > asked.list_id) == (["RE-2"], True)


async def test_an_exception_that_is_not_on_the_list_is_a_mistake(world: World) -> None:
    asked, day = await proposed(world)
    with pytest.raises(RunRefused) as refused:
        answer_list(world, asked.list_id, replace(YES, exceptions=("RE-7",)), day)
    assert (refused.value.reason, _approval(world, asked.list_id).status) == ("not_on_the_list", "waiting")


async def test_a_no_puts_the_claims_into_manual_hands(world: World) -> None:
    asked, day = await proposed(world, ["RE-1", "RE-2"])
    assert answer_list(world, asked.list_id, replace(NO, exceptions=("RE-2",)), day) == []
    assert [claim(world, number).claim.state for number in ("RE-1", "RE-2")] == [
        State.IN_MANUAL_HANDS, State.HAND_OVER_PROPOSED,
    ]  # fmt: skip
    assert (_row(world).status, _approval(world, asked.list_id).status) == ("rejected", "rejected")
    await catch_up(world, day)
    assert _agency(world).cases == {}


@pytest.mark.parametrize("second", [YES, NO], ids=["yes", "no"])
@pytest.mark.parametrize("first", [YES, NO], ids=["yes", "no"])
async def test_a_list_is_answered_once(world: World, first: Verdict, second: Verdict) -> None:
    asked, day = await proposed(world)
    answer_list(world, asked.list_id, first, day)
    before = claim(world)
    with pytest.raises(RunRefused) as refused:
        answer_list(world, asked.list_id, second, day)
    assert (refused.value.reason, claim(world)) == ("list_answered", before)
    assert "by Maren" in refused.value.what
    assert len(_cases(world)) == first.approve


def _part_payment(world: World, day: date) -> None:
    pay(world, "RE-1", 1, day)


def _payment(world: World, day: date) -> None:
    pay(world, "RE-1", 10_000, day)


def _dispute(world: World, day: date) -> None:
    desk.hold_claim(world, "RE-1", HoldKind.DISPUTE, desk.Act("Tjark", "letter"), day)


@pytest.mark.parametrize("change", [_part_payment, _payment, _dispute])
async def test_an_answer_to_a_list_that_changed_counts_for_nothing(
    world: World, change: Callable[[World, date], None]
) -> None:
    asked, day = await proposed(world, ["RE-1", "RE-2"])
    change(world, day)
    for verdict in (YES, NO, replace(YES, exceptions=("RE-1",))):
        with pytest.raises(RunRefused) as refused:
            answer_list(world, asked.list_id, verdict, day)
        assert refused.value.reason == "list_changed"
    assert await catch_up(world, day) == []
    assert (_agency(world).cases, _row(world, "RE-2").status) == ({}, "proposed")
    again = propose_list(world, day)
    assert again is not None
    assert [each.number for each in again.candidates] == ["RE-2"]
    assert (_approval(world, asked.list_id).status, _row(world).status) == ("lapsed", "lapsed")
    assert claim(world).claim.state is (State.SETTLED if change is _payment else State.OPEN)
    with pytest.raises(RunRefused, match="lapsed"):
        answer_list(world, asked.list_id, YES, day)
    assert len(answer_list(world, again.list_id, YES, day)) == 1


async def test_a_lapsed_proposal_comes_again(world: World) -> None:
    _, day = await proposed(world)
    pay(world, "RE-1", 1, day)
    assert propose_list(world, day) is None
    await run_day(world, day + timedelta(1))
    again = propose_list(world, day + timedelta(1))
    assert again is not None
    assert [each.open_cents for each in again.candidates] == [9_999]


async def test_a_payment_that_came_back_before_anybody_answered_makes_a_new_proposal(world: World) -> None:
    asked, day = await proposed(world)
    pay(world, "RE-1", 10_000, day)
    book(world, "RE-1", LineKind.RETURNED_PAYMENT, 10_000, day)
    assert claim(world).claim.state is State.OPEN
    late = date(2026, 5, 2)  # three days later is the first of May, on which nothing is done
    assert (day, claim(world).dunnable_from) == (date(2026, 4, 28), late)
    await run_day(world, late - timedelta(1))
    assert propose_list(world, late - timedelta(1)) is None
    await run_day(world, late)
    again = propose_list(world, late)
    assert again is not None
    assert (len(again.candidates), again.list_sha256 != asked.list_sha256) == (1, True)
    with world.store.read() as session:
        assert sorted(session.exec(select(HandOverRow.status))) == ["lapsed", "proposed"]


@pytest.mark.parametrize(("days", "counts"), [(5, True), (6, False)], ids=["last day", "day after"])
async def test_a_list_lapses_after_five_days(world: World, days: int, counts: bool) -> None:
    asked, day = await proposed(world)
    late = day + timedelta(days)
    if counts:
        move_to(world, late)
        know_payments(world, late)
        assert len(answer_list(world, asked.list_id, YES, late)) == 1
        return
    with pytest.raises(RunRefused) as refused:
        answer_list(world, asked.list_id, YES, late)
    assert (refused.value.reason, claim(world).claim.state) == ("list_expired", State.HAND_OVER_PROPOSED)
    again = propose_list(world, late)
    assert again is not None
    assert (again.list_id > asked.list_id, again.expires_on) == (True, late + timedelta(5))
    assert _approval(world, asked.list_id).status == "lapsed"


def test_a_list_that_never_was(world: World) -> None:
    with pytest.raises(RunRefused) as refused:
        answer_list(world, 7, YES, DUE_ON)
    assert refused.value.reason == "unknown_list"


async def test_who_may_have_paid_is_not_handed_over(world: World) -> None:
    asked, day = await proposed(world)
    late = day + timedelta(4)
    with pytest.raises(RunRefused) as refused:
        answer_list(world, asked.list_id, YES, late)
    assert (refused.value.reason, claim(world).claim.state) == ("bank_data_stale", State.HAND_OVER_PROPOSED)
    assert _approval(world, asked.list_id).status == "waiting"


async def test_what_the_dossier_lacks_stands_in_the_way(world: World) -> None:
    add_invoice(world, "RE-2", due_on=DUE_ON, customer="K-2")
    with world.store.write() as session:
        customer = session.exec(select(CustomerRow).where(CustomerRow.number == "K-2")).one()
        customer.street = customer.city = ""
    add_invoice(world, "RE-1", due_on=DUE_ON)
    day = await climb(world)
    asked = propose_list(world, day)
    assert asked is not None
    assert [each.obstacles for each in asked.candidates] == [(), ("missing:debtor_street", "missing:debtor_city")]
    assert [each.number for each in asked.ready] == ["RE-1"]
    assert len(answer_list(world, asked.list_id, YES, day)) == 1
    assert (claim(world, "RE-2").claim.state, _row(world, "RE-2").status) == (State.HAND_OVER_PROPOSED, "proposed")


class _Refusing(FakeAgency):
    """Says no in its validate mode, where nothing is stored."""

    async def validate(self, case: str) -> Refused:  # type: ignore[override]  # never Valid
        return Refused("Debtor.PostalAddress.PostalCode", 200)


async def test_a_case_that_the_agency_does_not_want_goes_into_manual_hands(world: World) -> None:
    ids, day = await approved(world)
    world = replace(world, agency=_Refusing())
    (said,) = await transfer(world, ids, day)
    assert (said.status, said.reason) == ("failed", "Debtor.PostalAddress.PostalCode")
    assert claim(world).claim.state is State.IN_MANUAL_HANDS
    assert (_row(world).status, _row(world).last_error) == ("refused", "Debtor.PostalAddress.PostalCode")
    assert _agency(world).cases == {}
    resolve_by_person(world, ids[0], was_sent=False, person="Maren", reason="address corrected")
    desk.release_claim(world, "RE-1", desk.Act("Maren", "address corrected"))
    await run_day(world, day + timedelta(1))
    again = propose_list(world, day + timedelta(1))
    assert again is not None
    (new,) = answer_list(world, again.list_id, YES, day + timedelta(1))
    assert new != ids[0]


async def test_an_agency_that_is_down_gets_the_case_another_day(world: World) -> None:
    ids, day = await approved(world)
    _agency(world).script.extend([NotSent("connect_failed")] * 20)
    (said,) = await transfer(world, ids, day)
    assert (said.status, said.reason, claim(world).claim.state) == ("ready", "connect_failed", State.TRANSFER_UNDER_WAY)
    _agency(world).script.clear()
    next_day = day + timedelta(1)
    await run_day(world, next_day)
    assert [(each.effect_id, each.status) for each in await catch_up(world, next_day)] == [(ids[0], "sent")]
    assert claim(world).claim.state is State.AT_AGENCY


async def test_without_an_agency_the_case_waits(world: World) -> None:
    ids, day = await approved(world)
    (said,) = await transfer(replace(world, agency=None), ids, day)
    assert (said.status, said.reason) == ("ready", "agency_not_configured")


class _LosingAnswers(FakeAgency):
    """Opens the case, and the answer is lost on its way, once; keeps every key it was asked with."""

    def __init__(self, *, opens: bool) -> None:
        super().__init__([Uncertain("read_timeout")])
        self.opens = opens
        self.keys: list[str] = []

    async def open_case(self, case: str, idempotency_key: str, *, by: float | None = None) -> Outcome:
        self.keys.append(idempotency_key)
        if self.opens and len(self.keys) == 1:
            self.script.appendleft(Sent("10000000001"))
            await super().open_case(case, idempotency_key, by=by)
        return await super().open_case(case, idempotency_key, by=by)


@pytest.mark.parametrize("opens", [True, False], ids=["it had happened", "it had not"])
async def test_an_uncertain_transfer_is_looked_up_before_anything_else(world: World, opens: bool) -> None:
    ids, day = await approved(world)
    agency = _LosingAnswers(opens=opens)
    world = replace(world, agency=agency)
    (said,) = await transfer(world, ids, day)
    assert (said.status, claim(world).claim.state) == ("sent", State.AT_AGENCY)
    assert agency.keys == ids * (1 if opens else 2)
    (effect,) = _cases(world)
    assert (effect.evidence, effect.attempts) == (("look-up", 1) if opens else ("answer", 2))
    assert _row(world).case_number == agency.cases["RE-1"]["Az"] == effect.provider_id


async def test_a_payment_before_the_transfer_stops_it(world: World) -> None:
    ids, day = await approved(world)
    pay(world, "RE-1", 4_000, day)
    (said,) = await transfer(world, ids, day)
    assert (said.status, said.reason, _agency(world).cases) == ("cancelled", "claim_changed", {})
    assert (claim(world).claim.state, _row(world).status) == (State.OPEN, "lapsed")


async def test_a_payment_after_the_transfer_is_reported_once(world: World) -> None:
    ids, day = await approved(world)
    await transfer(world, ids, day)
    case = _row(world).case_number
    pay(world, "RE-1", 4_000, day + timedelta(2), "bank|a")
    pay(world, "RE-1", 4_000, day + timedelta(2), "bank|a")
    (report,) = _reports(world)
    assert (report.status, report.amount_cents, claim(world).claim.state) == ("ready", 4_000, State.AT_AGENCY)
    await catch_up(world, day + timedelta(3))
    await catch_up(world, day + timedelta(3))
    assert _agency(world).payments == {report.id: (case, 4_000, day + timedelta(2))}
    assert _row(world).open_cents == 6_000
    pay(world, "RE-1", 6_000, day + timedelta(4), "bank|b")
    await catch_up(world, day + timedelta(4))
    assert [each[1] for each in _agency(world).payments.values()] == [4_000, 6_000]
    assert (_row(world).open_cents, claim(world).claim.state) == (0, State.AT_AGENCY)


async def test_two_payments_before_the_first_report_left(world: World) -> None:
    ids, day = await approved(world)
    await transfer(world, ids, day)
    for name in ("a", "b"):
        pay(world, "RE-1", 1_000, day, name)
    assert [each.amount_cents for each in _reports(world)] == [1_000, 1_000]
    await catch_up(world, day)
    assert [each[1] for each in _agency(world).payments.values()] == [1_000, 1_000]
    assert _row(world).open_cents == 8_000


@pytest.mark.parametrize("kind", [LineKind.CREDIT_NOTE, LineKind.PAYMENT])
async def test_what_lowers_a_claim_at_the_agency_is_reported_whatever_it_is(world: World, kind: LineKind) -> None:
    ids, day = await approved(world)
    await transfer(world, ids, day)
    book(world, "RE-1", kind, -2_500, day)
    assert [each.amount_cents for each in _reports(world)] == [2_500]


async def test_a_payment_while_the_case_was_on_its_way_is_reported_after_it(world: World) -> None:
    """Paid between the last look and the answer: the case is there, so the agency must learn of the payment."""
    ids, day = await approved(world)

    class PaidMeanwhile(FakeAgency):
        async def open_case(self, case: str, idempotency_key: str, *, by: float | None = None) -> Outcome:
            pay(world, "RE-1", 10_000, day)
            return await super().open_case(case, idempotency_key, by=by)

    now = replace(world, agency=PaidMeanwhile())
    await transfer(now, ids, day)
    assert (claim(world).claim.state, _row(world).status) == (State.AT_AGENCY, "transferred")
    assert [(each.status, each.amount_cents) for each in _reports(world)] == [("ready", 10_000)]
    await catch_up(now, day)
    assert [each[1] for each in _agency(now).payments.values()] == [10_000]


async def test_a_payment_report_is_repeated_with_its_key_until_it_is_certain(world: World) -> None:
    ids, day = await approved(world)
    await transfer(world, ids, day)
    pay(world, "RE-1", 4_000, day)
    _agency(world).script.append(Uncertain("read_timeout"))
    await catch_up(world, day)
    (report,) = _reports(world)
    assert (report.status, report.attempts, list(_agency(world).payments)) == ("sent", 2, [report.id])


async def test_refused_credentials_stop_and_leave_everything_for_another_day(world: World) -> None:
    ids, day = await approved(world, ["RE-1", "RE-2"])
    _agency(world).script.append(Forbidden("http_401", 401))
    with pytest.raises(EffectForbidden):
        await transfer(world, ids, day)
    assert [each.status for number in ("RE-1", "RE-2") for each in _cases(world, number)] == ["ready", "ready"]
    await recover(world, day + timedelta(1))
    assert {each.status for each in await catch_up(world, day + timedelta(1))} == {"sent"}


async def test_money_from_the_bank_for_a_claim_at_the_agency_books_and_is_reported(
    world: World, tmp_path: Path
) -> None:
    ids, day = await approved(world)
    await transfer(world, ids, day)
    (taken,) = take_in(world, [camt(tmp_path, "bank.xml", bank_transfer(10_000, "RE-1", day))])
    assert (taken.payments, taken.proposals) == (1, 0)
    assert [each.amount_cents for each in _reports(world)] == [10_000]
