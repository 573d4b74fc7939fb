"""Default (§ 286 BGB) through the shop's own doors: each route with its evidence, and what moves or ends it later."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from dunning.debtor import DebtorKind
from dunning.default import Agreement
from dunning.errors import RunRefused
from dunning.evidence import EvidenceKind
from dunning.ledger import LineKind
from dunning.lifecycle import State
from dunning.notice import Template
from dunning.procedure import AgreedTerm, HandOverRule, Level, Timing
from dunning.reasons import HoldKind
from tasks import desk
from tasks.desk import Act
from tasks.evidence import note_evidence, notice_came_back
from tasks.intake.taking import take_in
from tasks.ladder import runs
from tasks.outbox.outcome import Uncertain
from tasks.outbox.recovery import resolve_by_person
from tasks.store.tables import AuditRow, ClaimRow
from tasks.world import World
from tests.support.ladder import DUE_ON, answers, climb, housed, mailer_of
from tests.support.papers import paper, table, ubl
from tests.support.world import MONDAY, add_customer, add_invoice, book, claim, effects_of, move_to, pay, run_day

MAREN = Act("Maren", "told on the phone")
SECOND = date(2026, 3, 17)
"""The reminder of `MONDAY` may be paid until 12 March; three bank days later the second notice leaves."""
DEADLINE = date(2026, 3, 31)
"""The second notice's, 14 days later, a Tuesday."""
HEADINGS = "Rechnungsnummer;Kundennummer;Rechnungsdatum;Fällig am;Bruttobetrag;vereinbart;Zugang;Verzugshinweis"

Known = tuple[date | None, str, str, date | None]
NOT_IN_DEFAULT: Known = (None, "", "", None)


def stored(world: World, number: str = "RE-1") -> Known:
    """First day of default, route, evidence and first day of interest, as the claim's row has them."""
    with world.store.read() as session:
        row = session.exec(select(ClaimRow).where(ClaimRow.number == number)).one()
    return row.default_from, row.default_route, row.default_evidence, row.interest_from


def since(day: date, route: str, evidence: str) -> Known:
    """In default, with interest from its first day on."""
    return day, route, evidence, day


async def _dunned(world: World) -> str:
    """A consumer's claim with neither agreement nor printed notice, whose second notice has left; its effect's id."""
    add_invoice(world, due_on=DUE_ON)
    for day in (MONDAY, SECOND):
        await run_day(world, day)
    return effects_of(world)[-1].id


def _by_notice(effect_id: str) -> Known:
    evidence = f"notice {effect_id}, received 2026-03-18, payable until {DEADLINE}"
    return since(DEADLINE + timedelta(1), "notice", evidence)


# By which route


@pytest.mark.parametrize(
    ("kind", "cells", "known"),
    [
        ("consumer", "16.02.2026;100,00;ja;;", since(date(2026, 2, 17), "agreed_date", "agreed day 2026-02-16")),
        (
            "consumer", "14.02.2026;100,00;ja;;",
            since(date(2026, 2, 17), "agreed_date", "agreed day 2026-02-14, moved to 2026-02-16 (§ 193 BGB)"),
        ),
        (
            "consumer", "16.02.2026;100,00;Frist;;",
            since(date(2026, 2, 17), "agreed_period", "agreed period, payable until 2026-02-16"),
        ),
        (
            "consumer", "16.02.2026;100,00;nein;20.02.2026;ja",
            since(
                date(2026, 3, 24), "thirty_days",
                "due 2026-02-16, invoice received 2026-02-20, "
                "30 days until 2026-03-22, moved to 2026-03-23 (§ 193 BGB)",
            ),
        ),
        (
            "business", "16.02.2026;100,00;;;",
            since(
                date(2026, 3, 19), "thirty_days",
                "due 2026-02-16, invoice received 2026-02-02, 30 days until 2026-03-18",
            ),
        ),
        ("consumer", "16.02.2026;100,00;;;", NOT_IN_DEFAULT),
        ("unknown", "16.02.2026;100,00;;;", NOT_IN_DEFAULT),
    ],
    ids=["agreed day", "a Saturday", "agreed period", "printed notice", "business", "nothing", "who knows"],
)  # fmt: skip
def test_the_shops_table_says_what_was_agreed(
    world: World, tmp_path: Path, kind: str, cells: str, known: Known
) -> None:
    add_customer(world, kind=kind)
    (taken,) = take_in(world, [table(tmp_path, "i.csv", HEADINGS, f"RE-1;K-1;02.02.2026;{cells}")])
    assert (taken.invoices, stored(world)) == (1, known)


def test_an_invoice_that_points_to_the_thirty_days(world: World, tmp_path: Path) -> None:
    """§ 286 (3) BGB: the notice is printed on the consumer's e-invoice, which is received on the next working day."""
    take_in(world, [ubl(tmp_path, paper())])
    assert claim(world).claim.debtor is DebtorKind.UNKNOWN
    assert stored(world) == since(
        date(2026, 3, 19), "thirty_days", "due 2026-02-16, invoice received 2026-02-03, 30 days until 2026-03-18"
    )


async def test_a_consumer_with_neither_is_in_default_after_the_second_notices_deadline(world: World) -> None:
    """The friendly reminder never helps the creditor; the notice grants its deadline before default begins."""
    add_invoice(world, due_on=DUE_ON)
    await run_day(world, MONDAY)
    assert (claim(world).claim.level, stored(world)) == (1, NOT_IN_DEFAULT)
    await run_day(world, SECOND)
    notice = effects_of(world)[-1]
    assert (notice.level, notice.template, notice.pay_until) == (2, Template.SECOND_NOTICE, DEADLINE)
    assert stored(world) == _by_notice(notice.id)
    await climb(world)
    assert stored(world) == _by_notice(notice.id), "the final warning makes it no later"


@pytest.mark.parametrize("was_sent", [True, False])
async def test_a_notice_of_unknown_fate_creates_no_default(world: World, was_sent: bool) -> None:
    add_invoice(world, due_on=DUE_ON)
    await run_day(world, MONDAY)
    mailer_of(world).script.append(Uncertain("read_timeout"))
    await run_day(world, SECOND)
    assert stored(world) == NOT_IN_DEFAULT
    notice = effects_of(world)[-1].id
    resolve_by_person(world, notice, was_sent=was_sent, person="Maren", reason="asked the provider")
    assert stored(world) == (_by_notice(notice) if was_sent else NOT_IN_DEFAULT)


# What people find out


@pytest.mark.parametrize(
    ("kind", "on", "known"),
    [
        (EvidenceKind.DATE_AGREED, date(2026, 1, 5), since(date(2026, 2, 26), "agreed_date", "agreed day 2026-02-25")),
        (
            EvidenceKind.NOTICE_286_3, date(2026, 2, 25),
            since(
                date(2026, 3, 31), "thirty_days",
                "due 2026-02-25, invoice received 2026-02-26, "
                "30 days until 2026-03-28, moved to 2026-03-30 (§ 193 BGB)",
            ),
        ),
        (
            EvidenceKind.REFUSAL, date(2026, 3, 4),
            since(date(2026, 3, 5), "refusal", "refusal of 2026-03-04, due 2026-02-25"),
        ),
        (
            EvidenceKind.COURT_SERVICE, date(2026, 3, 6),
            since(date(2026, 3, 7), "court", "served by the court on 2026-03-06"),
        ),
    ],
    ids=lambda each: str(each) if isinstance(each, EvidenceKind) else "",
)  # fmt: skip
async def test_what_is_noted_moves_default_and_what_is_taken_back_moves_it_again(
    world: World, kind: EvidenceKind, on: date, known: Known
) -> None:
    notice = await _dunned(world)
    before = claim(world).version
    note_evidence(world, "RE-1", kind, MAREN, on)
    assert (stored(world), claim(world).version) == (known, before + 1)
    note_evidence(world, "RE-1", kind, MAREN, None)
    assert (stored(world), claim(world).version) == (_by_notice(notice), before + 2)
    with world.store.read() as session:
        said = session.exec(select(AuditRow).where(AuditRow.actor == "Maren").order_by(col(AuditRow.seq))).all()
    assert [row.reason for row in said] == [
        f"{kind} on {on}: told on the phone",
        f"{kind} taken back: told on the phone",
    ]


@pytest.mark.parametrize(
    ("received_on", "default_from"),
    [(date(2026, 2, 16), date(2026, 3, 19)), (date(2026, 2, 17), date(2026, 3, 20)), (MONDAY, date(2026, 4, 2))],
    ids=["on the due day", "a day later", "two weeks later"],
)
def test_when_the_invoice_came_decides_on_the_thirty_days(
    world: World, tmp_path: Path, received_on: date, default_from: date
) -> None:
    take_in(world, [ubl(tmp_path, paper())])
    note_evidence(world, "RE-1", EvidenceKind.INVOICE_RECEIVED, MAREN, received_on)
    assert stored(world)[:2] == (default_from, "thirty_days")


@pytest.mark.parametrize(
    ("placed_on", "known"),
    [(DEADLINE + timedelta(1), "moved"), (DEADLINE + timedelta(2), "kept")],
    ids=["before", "after"],
)
async def test_who_may_keep_his_money_back_comes_into_default_only_afterwards(
    world: World, placed_on: date, known: str
) -> None:
    """§ 320 BGB; a default that has begun before goes on."""
    kept = _by_notice(await _dunned(world))
    desk.hold_claim(world, "RE-1", HoldKind.DEFECT, MAREN, placed_on)
    assert stored(world) == (NOT_IN_DEFAULT if known == "moved" else kept)
    released_on = date(2026, 4, 9)
    move_to(world, released_on)
    desk.release_claim(world, "RE-1", MAREN)
    moved = since(released_on, "notice", f"{kept[2]}, no default before {released_on}")
    assert stored(world) == (moved if known == "moved" else kept)


# A notice that came back


async def test_a_notice_that_came_back_leaves_nothing_and_goes_out_again(world: World) -> None:
    first = await _dunned(world)
    reminded = claim(world).claim.notices[0]
    move_to(world, SECOND + timedelta(1))
    assert notice_came_back(world, "RE-1", MAREN) == 2
    found = claim(world).claim
    assert (found.state, found.level, found.last_notice) == (State.OPEN, 1, replace(reminded, effect_id=""))
    assert stored(world) == NOT_IN_DEFAULT
    row = effects_of(world)[-1]
    assert (row.status, row.came_back_on, row.last_error) == ("came_back", SECOND + timedelta(1), "told on the phone")
    (hold,) = found.holds
    assert (hold.kind, hold.from_on, hold.last_on) == (HoldKind.ADDRESS_UNKNOWN, SECOND + timedelta(1), None)
    plan = await run_day(world, SECOND + timedelta(2))
    assert answers(plan) == {"RE-1": "blocked:address_unknown"}
    desk.release_claim(world, "RE-1", MAREN)
    plan = await run_day(world, SECOND + timedelta(3))
    assert answers(plan) == {"RE-1": "send_notice:2"}
    again = effects_of(world)[-1]
    assert (again.level, again.occurrence, again.status, again.id != first) == (2, 1, "sent", True)
    assert stored(world)[:2] == (date(2026, 4, 8), "notice")  # 3 April is Good Friday, then Easter
    assert again.id in stored(world)[2]
    assert claim(world).claim.level == 2


async def test_of_a_business_the_lump_sum_is_taken_back_too_and_an_agreed_default_stays(world: World) -> None:
    add_customer(world, kind="business")
    add_invoice(world, due_on=DUE_ON, agreed=Agreement.DATE)
    await climb(world)
    before, (_, second, third) = stored(world), claim(world).claim.notices
    assert (third.level, claim(world).claim.open_cents) == (3, 14_000)
    assert notice_came_back(world, "RE-1", MAREN) == 3
    found = claim(world).claim
    assert (found.level, found.open_cents, found.account.costs_cents) == (2, 10_000, 0)
    assert found.last_notice == replace(second, effect_id="")
    assert stored(world) == before == since(date(2026, 2, 26), "agreed_date", "agreed day 2026-02-25")


async def test_an_earlier_notice_that_came_back_late_takes_its_default_with_it(world: World) -> None:
    """The final warning stands, and default begins only after its deadline."""
    add_invoice(world, due_on=DUE_ON)
    await climb(world)
    before, (_, second, third) = stored(world), claim(world).claim.notices
    assert second.effect_id in before[2]
    assert notice_came_back(world, "RE-1", MAREN, level=2) == 2
    assert claim(world).claim.level == 3
    assert claim(world).claim.last_notice == replace(third, effect_id="")
    assert third.effect_id in stored(world)[2]
    with pytest.raises(RunRefused, match="no notice on this claim has left"):
        notice_came_back(world, "RE-1", MAREN, level=2)


# House rules and the hand-over


def test_new_house_rules_move_default_and_interest(world: World) -> None:
    add_invoice(world, due_on=DUE_ON, issued_on=date(2026, 2, 2), delivered_on=date(2026, 2, 12))
    add_invoice(world, "RE-2", due_on=DUE_ON)
    before = claim(world).version
    agreed = housed(world, agreed_term=AgreedTerm(days=14))
    agreed = replace(agreed, policy=replace(agreed.policy, version="agreed at the checkout"))
    assert runs.follow_new_policy(agreed) == 2
    known = since(
        date(2026, 2, 27), "agreed_period", "agreed period of 14 days from 2026-02-12, payable until 2026-02-26"
    )
    assert (stored(world), stored(world, "RE-2")) == (known, NOT_IN_DEFAULT)
    assert claim(world).version == before
    levels = tuple(replace(each, demands_interest=False) for each in _levels(agreed))
    free = housed(agreed, levels=levels)
    assert runs.follow_new_policy(replace(free, policy=replace(free.policy, version="no interest"))) == 2
    assert stored(world) == (*known[:3], None)


def _levels(world: World) -> tuple[Level, ...]:
    return world.policy.procedures["DE", DebtorKind.CONSUMER].levels


async def test_without_default_nothing_is_proposed_for_the_agency(world: World) -> None:
    """A ladder of friendly reminders leads nowhere, until a person finds out that the day was agreed."""
    gentle = Level(Timing(after_due_days=5), Template.REMINDER, pay_within_days=10)
    world = housed(world, levels=(gentle,), hand_over=HandOverRule(Timing(after_deadline_bank_days=5)))
    add_invoice(world, due_on=DUE_ON)
    await run_day(world, MONDAY)
    for day in (date(2026, 3, 19), date(2026, 6, 19)):
        assert answers(await run_day(world, day)) == {"RE-1": "blocked:not_in_default"}
    assert stored(world) == NOT_IN_DEFAULT
    note_evidence(world, "RE-1", EvidenceKind.DATE_AGREED, MAREN, date(2026, 1, 5))
    assert answers(await run_day(world, date(2026, 6, 22))) == {"RE-1": "propose_hand_over"}


async def test_default_must_have_begun_before_anything_is_proposed(world: World) -> None:
    """§ 193 BGB and a long deadline: the day of the step has come, the first day of default has not."""
    hasty = Level(Timing(after_due_days=5), Template.FINAL_WARNING, pay_within_days=30)
    world = housed(world, levels=(hasty,), hand_over=HandOverRule(Timing(after_previous_days=20)), minimum_gap_days=0)
    add_invoice(world, due_on=DUE_ON)
    await run_day(world, MONDAY)
    assert stored(world)[0] == date(2026, 4, 2)
    for day, answer in ((date(2026, 4, 1), "blocked:not_in_default"), (date(2026, 4, 2), "propose_hand_over")):
        assert answers(await run_day(world, day)) == {"RE-1": answer}


def test_a_claim_that_is_paid_before_its_day_never_was_in_default(world: World) -> None:
    """The payment ends it at once; where the bank takes the money back, default began on its day all the same."""
    add_invoice(world, due_on=DUE_ON, agreed=Agreement.DATE)
    known = since(date(2026, 2, 26), "agreed_date", "agreed day 2026-02-25")
    assert stored(world) == known
    pay(world, "RE-1", 10_000, DUE_ON)
    assert (claim(world).claim.state, stored(world)) == (State.SETTLED, NOT_IN_DEFAULT)
    book(world, "RE-1", LineKind.RETURNED_PAYMENT, 10_000, DUE_ON)
    assert (claim(world).claim.state, stored(world)) == (State.OPEN, known)
