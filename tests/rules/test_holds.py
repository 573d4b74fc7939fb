"""Every kind of hold has the effects that the law asks for, and none lets a hand-over through."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.debtor import DebtorKind
from dunning.holds import (
    STOPS,
    Bureau,
    HandOver,
    InterestEffect,
    Letters,
    Span,
    ends_by_itself,
    free_days,
    hold_after_return,
    longest_until,
)
from dunning.interest import Debt, FreeDays, default_interest
from dunning.ledger import Line, LineKind
from dunning.reasons import HoldKind

DAY = timedelta(days=1)
MARCH_2 = date(2026, 3, 2)

BY_LAW = """
    dispute              stopped        held       stopped   barred
    defect               stopped        none       stopped   stopped
    chargeback           stopped        held       stopped   stopped
    withdrawal           stopped        cancelled  stopped   stopped
    return_announced     paused         held       stopped   stopped
    credit_pending       paused         held       stopped   stopped
    instalment_plan      paused         none       stopped   stopped
    promise_to_pay       paused         accrues    stopped   stopped
    deferral             paused         none       stopped   stopped
    insolvency_petition  by_hand        held       stopped   stopped
    insolvency           administrator  none       stopped   stopped
    discharge            for_good       none       stopped   stopped
    debt_counselling     by_hand        held       stopped   stopped
    death                heirs          held       stopped   stopped
    minor                stopped        none       stopped   stopped
    guardianship         guardian       held       stopped   stopped
    identity_theft       stopped        cancelled  recalled  corrected
    address_unknown      other_way      accrues    tracing   stopped
    authority            stopped        held       stopped   by_title
    manual               paused         accrues    stopped   stopped
"""
"""Written from the statutes: kind, letters, interest, hand-over, bureau."""

ROWS = [row.split() for row in BY_LAW.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_kind_stops_what_the_law_says(row: list[str]) -> None:
    kind, letters, interest, hand_over, bureau = row
    stop = STOPS[HoldKind(kind)]
    assert stop.letters is Letters[letters.upper()]
    assert stop.interest is InterestEffect[interest.upper()]
    assert stop.hand_over is HandOver[hand_over.upper()]
    assert stop.bureau is Bureau[bureau.upper()]


def test_the_table_has_every_kind_and_no_other() -> None:
    assert set(STOPS) == set(HoldKind)
    assert sorted(row[0] for row in ROWS) == sorted(HoldKind)


def test_every_word_of_the_table_is_used() -> None:
    assert {stop.letters for stop in STOPS.values()} == set(Letters)
    assert {stop.interest for stop in STOPS.values()} == set(InterestEffect)
    assert {stop.hand_over for stop in STOPS.values()} == set(HandOver)
    assert {stop.bureau for stop in STOPS.values()} == set(Bureau)


@pytest.mark.parametrize("kind", HoldKind)
def test_no_kind_lets_a_hand_over_or_a_report_to_the_bureau_through(kind: HoldKind) -> None:
    assert STOPS[kind].hand_over.startswith("stopped")
    assert STOPS[kind].bureau.startswith(("stopped", "barred"))


def test_every_kind_says_in_its_own_words_when_it_may_be_released() -> None:
    sentences = [stop.release for stop in STOPS.values()]
    assert len(set(sentences)) == len(HoldKind)
    assert all(sentence == sentence.strip(" .") and len(sentence) > 20 for sentence in sentences)


@pytest.mark.parametrize(
    ("kind", "days", "source"),
    [
        (HoldKind.RETURN_ANNOUNCED, 21, "house rule: a parcel takes three weeks at most"),
        (HoldKind.PROMISE_TO_PAY, 14, "house rule: a promise is for two weeks at most"),
        (HoldKind.MANUAL, 30, "house rule: a colleague's hold without a last day"),
        *((kind, None, "until a person releases it") for kind in HoldKind if kind not in
          {HoldKind.RETURN_ANNOUNCED, HoldKind.PROMISE_TO_PAY, HoldKind.MANUAL}),
    ],
)  # fmt: skip
def test_pauses_end_by_themselves_and_stops_do_not(kind: HoldKind, days: int | None, source: str) -> None:
    assert ends_by_itself(kind) == (days is not None), source
    assert longest_until(kind, MARCH_2) == (None if days is None else MARCH_2 + days * DAY)


@pytest.mark.parametrize(
    ("kind", "same_level", "why"),
    [
        (HoldKind.DISPUTE, True, "the same notice at the earliest 14 days after the answer, never a higher one"),
        (HoldKind.DEFECT, True, "repaired or replaced and a new term: before that there was no default (§ 320 BGB)"),
        (HoldKind.CHARGEBACK, True, "it counts as a dispute"),
        (HoldKind.WITHDRAWAL, True, "an objection; what is still owed is another sum"),
        (HoldKind.CREDIT_PENDING, True, "the last notice named another sum"),
        (HoldKind.INSTALMENT_PLAN, False, "known and agreed; from when on there is default again, default itself says"),
        (HoldKind.DEFERRAL, True, "a new due date: the notices before it were for another one"),
        (HoldKind.INSOLVENCY_PETITION, True, "the court may have forbidden to pay (§ 21 InsO)"),
        (HoldKind.INSOLVENCY, True, "the debtor could not dispose of the money (§ 80 InsO)"),
        (HoldKind.DISCHARGE, True, "entered for the wrong customer: it was not to be paid meanwhile"),
        (HoldKind.DEBT_COUNSELLING, True, "nobody keeps a deadline while a plan is negotiated"),
        (HoldKind.DEATH, True, "the heirs have had no notice"),
        (HoldKind.MINOR, True, "a notice to a minor had no effect (§ 131 (2) BGB)"),
        (HoldKind.GUARDIANSHIP, True, "nor one to a customer under reservation of consent (§ 131 (2) BGB)"),
        (HoldKind.IDENTITY_THEFT, True, "an objection, and the notice reached somebody else"),
        (HoldKind.ADDRESS_UNKNOWN, False, "not received, no effect (§ 130 BGB): the letter itself is taken back"),
        (HoldKind.AUTHORITY, True, "the court or authority had it meanwhile"),
        (HoldKind.RETURN_ANNOUNCED, False, "a pause that the debtor asked for; what came back is credited"),
        (HoldKind.PROMISE_TO_PAY, False, "the debtor named the day"),
        (HoldKind.MANUAL, False, "a colleague's pause says nothing of the claim"),
    ],
)
def test_after_an_objection_the_same_notice_is_repeated(kind: HoldKind, same_level: bool, why: str) -> None:
    assert STOPS[kind].same_level_after is same_level, why


NO_DEFAULT = {
    HoldKind.DEFECT: "§ 320 BGB: whoever may refuse is not in default",
    HoldKind.DEFERRAL: "§ 271 (2) BGB: not due",
    HoldKind.INSTALMENT_PLAN: "a plan that is kept puts off what it covers",
    HoldKind.WITHDRAWAL: "§ 355 (1) BGB: nobody is bound any more",
    HoldKind.IDENTITY_THEFT: "no contract",
    HoldKind.MINOR: "§ 108 (1) BGB: no effect until approved",
    HoldKind.DISCHARGE: "§ 301 InsO: cannot be enforced",
}


@pytest.mark.parametrize("kind", HoldKind)
def test_there_is_no_default_where_nothing_can_be_claimed(kind: HoldKind) -> None:
    assert STOPS[kind].creates_no_default == (kind in NO_DEFAULT)
    if kind in NO_DEFAULT:
        assert STOPS[kind].interest in {InterestEffect.NONE, InterestEffect.CANCELLED}


@pytest.mark.parametrize(
    ("hold", "free"),
    [
        ((HoldKind.DEFERRAL, MARCH_2, MARCH_2 + 9 * DAY), FreeDays(MARCH_2, date(2026, 3, 12))),
        ((HoldKind.DEFERRAL, MARCH_2, MARCH_2), FreeDays(MARCH_2, date(2026, 3, 3))),
        ((HoldKind.DEFERRAL, MARCH_2, MARCH_2 - DAY), None),
        ((HoldKind.INSOLVENCY, MARCH_2, None), FreeDays(MARCH_2)),
        ((HoldKind.DISPUTE, MARCH_2, None), None),
        ((HoldKind.PROMISE_TO_PAY, MARCH_2, MARCH_2 + DAY), None),
        ((HoldKind.WITHDRAWAL, MARCH_2, None), None),
    ],
    ids=["ten days", "one day", "released on its first day", "open end", "held", "runs on", "cancelled"],
)
def test_free_days_are_the_holds_days_with_its_last_one(hold: Span, free: FreeDays | None) -> None:
    assert free_days([hold]) == ((free,) if free else ())


def test_in_insolvency_no_interest_is_demanded_for_the_opening_day_or_later() -> None:
    lines = [Line(LineKind.INVOICE, date(2026, 2, 1), 100_000)]
    opened = free_days([(HoldKind.INSOLVENCY, MARCH_2, None)])
    statement = default_interest(lines, date(2026, 2, 20), date(2026, 6, 1), Debt(DebtorKind.CONSUMER), free=opened)
    assert [(row.from_on, row.until_on) for row in statement.segments] == [(date(2026, 2, 20), MARCH_2)]


days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
spans = st.lists(st.tuples(st.sampled_from(HoldKind), days, st.none() | days), max_size=6)


@given(spans, days)
def test_a_day_is_free_where_a_hold_without_interest_covers_it(holds: list[Span], day: date) -> None:
    bears_none = {"defect", "instalment_plan", "deferral", "insolvency", "discharge", "minor"}
    covered = [kind for kind, first, last in holds if first <= day <= (last or date.max)]
    assert any(each.holds_on(day) for each in free_days(holds)) == bool(bears_none & set(covered))


@pytest.mark.parametrize(
    ("code", "kind"),
    [("MD01", HoldKind.CHARGEBACK), ("MD06", HoldKind.CHARGEBACK), ("AC04", None), ("AM04", None), ("", None)],
)
def test_a_return_that_contests_the_payment_is_a_chargeback(code: str, kind: HoldKind | None) -> None:
    assert hold_after_return(code) is kind
