"""The sample shop as a whole: always the same, every fate in it, and the product's rules agree with it."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from deployments.demo import Act, Fate, Mishap, Story, write_shop
from dunning.reasons import Reason
from tasks.settings import load_settings
from tests.effects.demo.conftest import START, contents
from tests.effects.demo.rehearsal import POLICY, Rehearsal


def test_the_same_seed_and_day_make_the_same_bytes(tmp_path: Path, story: Story) -> None:
    write_shop(tmp_path / "again", start=START)
    assert contents(tmp_path / "again") == contents(story.folder)


def test_another_seed_makes_another_shop(tmp_path: Path, story: Story) -> None:
    assert write_shop(tmp_path / "other", start=START, seed=2).open_cents != story.open_cents


@pytest.mark.parametrize(("start", "weeks"), [(date(2026, 9, 29), 8), (START, 5)], ids=["a Tuesday", "five weeks"])
def test_a_story_that_cannot_be_told_is_refused(tmp_path: Path, start: date, weeks: int) -> None:
    with pytest.raises(ValueError, match="Monday"):
        write_shop(tmp_path, start=start, weeks=weeks)


def test_every_fate_has_its_share(story: Story) -> None:
    assert Counter(story.fates.values()) == {
        Fate.PAID_IN_TIME: 165,
        Fate.PAID_AFTER_REMINDER: 36,
        Fate.NEVER_PAID: 24,
        Fate.PAID_AFTER_SECOND_NOTICE: 18,
        Fate.PART_PAID: 18,
        Fate.CREDITED: 15,
        Fate.DISPUTED: 12,
        Fate.WRONG_REFERENCE: 9,
        Fate.OVERPAID: 3,
    }


def test_the_days_are_the_working_days_of_eight_weeks(story: Story) -> None:
    days = [day.on for day in story.days]
    assert days == [on for n in range(57) if (on := START + timedelta(n)).weekday() < 5]


def test_every_file_belongs_to_a_day_and_none_arrives_twice(story: Story) -> None:
    listed = [path for day in story.days for path in day.files]
    on_disk = {path for path in story.folder.rglob("*") if path.is_file()}
    assert len(listed) == len(set(listed))
    assert set(listed) | {story.settings} == on_disk


def test_settings_are_whole(story: Story) -> None:
    settings = load_settings(story.settings)
    assert settings.missing() == ()
    assert settings.agency_name == "Inkasso Nordwind GmbH"
    assert settings.creditor.name == "Lindgrün Versand GmbH"
    assert settings.creditor.iban == "DE89370400440532013000"


def test_the_strange_files_are_noticed_and_no_others(story: Story, lived: Rehearsal) -> None:
    assert lived.set_aside == {
        story.mishaps[Mishap.SAME_INVOICE_TWICE]: "known",
        story.mishaps[Mishap.NOT_OUR_INVOICE]: "not_our_invoice",
        story.mishaps[Mishap.NUMBER_CONFLICT]: "number_conflict",
        story.mishaps[Mishap.BROKEN_FILE]: "not_readable",
    }


def test_everything_comes_in(story: Story, lived: Rehearsal) -> None:
    assert set(lived.claims) == set(story.fates)
    assert len(lived.customers) == story.customers == 120
    assert len(lived.documents) - len(lived.claims) == story.credit_notes


def test_the_books_end_as_the_story_says(story: Story, lived: Rehearsal) -> None:
    assert {number: claim.open_principal_cents for number, claim in lived.claims.items()} == story.open_cents
    assert lived.unmatched == story.unmatched


def test_fates_end_as_they_should(story: Story) -> None:
    overdue = {number for number, cents in story.open_cents.items() if cents > 0}
    too_much = {number for number, cents in story.open_cents.items() if cents < 0}
    unpaid = {number for number, fate in story.fates.items() if fate is Fate.NEVER_PAID}
    unclear = {number for number, fate in story.fates.items() if fate is Fate.WRONG_REFERENCE}
    assert unpaid | unclear <= overdue
    assert too_much
    assert {story.fates[number] for number in too_much} == {Fate.OVERPAID}


def test_disputes_are_held_then_released(story: Story) -> None:
    acts = Counter((act.invoice_number, act.act) for day in story.days for act in day.staff if act.hold == "dispute")
    disputed = {number for number, fate in story.fates.items() if fate is Fate.DISPUTED}
    assert acts == {(number, act): 1 for number in disputed for act in (Act.HOLD, Act.RELEASE)}


def test_the_ladder_is_climbed_to_its_end(lived: Rehearsal) -> None:
    assert sum(len(numbers) for numbers in lived.hand_overs.values()) >= 5
    assert {level for notices in lived.notices.values() for _, level in notices} == {1, 2, 3}


def test_every_reason_for_not_writing_is_seen(lived: Rehearsal) -> None:
    assert lived.blocks >= {
        Reason.COUNTRY_WITHOUT_POLICY,
        Reason.ADDRESS_MISSING,
        Reason.BELOW_MINIMUM,
        Reason.DISPUTE,
        Reason.MANUAL,
    }
    assert Reason.BANK_DATA_STALE not in lived.blocks


def test_no_day_alarms_the_circuit_breaker(lived: Rehearsal) -> None:
    assert max(len(notices) for notices in lived.notices.values()) <= POLICY.guards.free_notices
    assert max(len(numbers) for numbers in lived.hand_overs.values()) <= POLICY.guards.free_hand_overs


@pytest.mark.parametrize("start", [date(2026, 2, 9), date(2026, 3, 23), date(2026, 11, 9)], ids=str)
def test_holidays_leave_enough_hand_overs(tmp_path: Path, start: date) -> None:
    """Easter, the holidays of May, Christmas: deadlines move, and five claims still climb to the end."""
    told = write_shop(tmp_path, start=start)
    rehearsal = Rehearsal()
    rehearsal.live(told)
    assert sum(len(numbers) for numbers in rehearsal.hand_overs.values()) >= 5
    assert {number: claim.open_principal_cents for number, claim in rehearsal.claims.items()} == told.open_cents
