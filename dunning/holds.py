"""What each kind of hold stops: letters, interest, hand-over and bureau, how it ends and how the ladder goes on then.

Every kind stops every letter that the ladder would send and every hand-over; the table says what beyond that is so.
Days are `date`s; `until_on` is the hold's last day and None an open end. A hold that a person released ended on the
day before; one that was released on its first day has no day at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dunning.interest import FreeDays
from dunning.reasons import HoldKind

Span = tuple[HoldKind, date, date | None]
"""Kind, first day and last day of a hold."""


class Letters(StrEnum):
    """Whom anybody may write to while it lasts; the ladder writes to nobody."""

    STOPPED = "none until a person releases it"
    PAUSED = "none for a while"
    FOR_GOOD = "none ever again"
    BY_HAND = "only what a person writes"
    ADMINISTRATOR = "only to the insolvency administrator"
    HEIRS = "only to the heirs or the estate, written by a person"
    GUARDIAN = "only to the guardian"
    OTHER_WAY = "none the way that failed; a person may use another"


class InterestEffect(StrEnum):
    """What becomes of default interest and fees while it lasts."""

    ACCRUES = "runs on"
    HELD = "runs on, but is not demanded"
    NONE = "these days bear none"
    CANCELLED = "nothing is owed"


class HandOver(StrEnum):
    """The collection agency. Every word here means no."""

    STOPPED = "stopped"
    RECALLED = "stopped; a case at the agency is called back"
    TRACING = "stopped; a person may have the agency look for the address"


class Bureau(StrEnum):
    """A report to a credit bureau (§ 31 (2) BDSG). Every word here means no."""

    STOPPED = "stopped"
    BARRED = "barred for good, unless a court confirms the claim"
    CORRECTED = "stopped; what was reported is corrected"
    BY_TITLE = "stopped until there is a title"


@dataclass(frozen=True, slots=True)
class Stop:
    """The effects of one kind."""

    letters: Letters
    interest: InterestEffect
    hand_over: HandOver
    bureau: Bureau
    release: str
    """Release it when ... what must have happened before a person does."""
    longest_days: int | None = None
    """How long it may last, the first day not counted (§ 187 (1) BGB): a promise up to the promised day, a manual hold
    where nobody names a last day. None: until a person releases it."""
    same_level_after: bool = True
    """Whether the ladder then repeats the last notice with a new deadline: it had no effect on whoever owes, or while
    its deadline ran the debtor contested the claim, could not pay or need not. Not after a pause of a known claim, nor
    for a notice that came back: that one counts as never sent, so its level comes anew in any case."""
    creates_no_default: bool = False
    """There is no default while it lasts (§ 286 BGB): nothing can be claimed, or not yet, or the debtor may refuse."""


_L, _I, _T, _B = Letters, InterestEffect, HandOver, Bureau

STOPS: dict[HoldKind, Stop] = {
    # § 31 (2) no. 4 d BDSG: contested without reasons is contested, and it stays so for the bureau.
    HoldKind.DISPUTE: Stop(
        _L.STOPPED, _I.HELD, _T.STOPPED, _B.BARRED,
        "the dispute was credited as far as it is right, or rejected in writing",
    ),
    # §§ 320, 273 BGB: who may keep his money back is not in default.
    HoldKind.DEFECT: Stop(
        _L.STOPPED, _I.NONE, _T.STOPPED, _B.STOPPED, "the goods are repaired or replaced, and a new term is set",
        creates_no_default=True,
    ),
    # As a dispute: who takes a payment back contests it.
    HoldKind.CHARGEBACK: Stop(
        _L.STOPPED, _I.HELD, _T.STOPPED, _B.STOPPED, "it is known why the money was taken back, and that it is owed"
    ),
    # §§ 355, 357 BGB: the claim ends; what is owed for wear or return is another sum and needs its own notice.
    HoldKind.WITHDRAWAL: Stop(
        _L.STOPPED, _I.CANCELLED, _T.STOPPED, _B.STOPPED,
        "it is certain that the withdrawal came too late, or which part is owed in spite of it",
        creates_no_default=True,
    ),
    HoldKind.RETURN_ANNOUNCED: Stop(
        _L.PAUSED, _I.HELD, _T.STOPPED, _B.STOPPED, "the goods are booked, or none will come",
        longest_days=21, same_level_after=False,
    ),
    # The last notice named a sum that the credit note changes.
    HoldKind.CREDIT_PENDING: Stop(
        _L.PAUSED, _I.HELD, _T.STOPPED, _B.STOPPED, "the complaint is answered, or the credit note is booked"
    ),
    # A plan puts off what it covers, which ends the default; once it is ended, default begins anew by its own rules.
    HoldKind.INSTALMENT_PLAN: Stop(
        _L.PAUSED, _I.NONE, _T.STOPPED, _B.STOPPED, "an instalment is 7 days late and the plan was ended in writing",
        same_level_after=False, creates_no_default=True,
    ),
    HoldKind.PROMISE_TO_PAY: Stop(
        _L.PAUSED, _I.ACCRUES, _T.STOPPED, _B.STOPPED, "the customer takes the promise back",
        longest_days=14, same_level_after=False,
    ),
    # § 271 (2) BGB: not due, hence no default.
    HoldKind.DEFERRAL: Stop(
        _L.PAUSED, _I.NONE, _T.STOPPED, _B.STOPPED, "the new due date is there", creates_no_default=True
    ),
    # § 21 InsO: the court may forbid the debtor to pay.
    HoldKind.INSOLVENCY_PETITION: Stop(
        _L.BY_HAND, _I.HELD, _T.STOPPED, _B.STOPPED, "the court has refused the petition"
    ),
    # §§ 80, 87, 89, 174 InsO: file the claim; § 39 (1) no. 1: interest from the opening day on ranks last.
    HoldKind.INSOLVENCY: Stop(
        _L.ADMINISTRATOR, _I.NONE, _T.STOPPED, _B.STOPPED, "the proceedings have ended without a discharge"
    ),
    # §§ 286, 300, 301 InsO, also what was never filed: nobody can enforce it.
    HoldKind.DISCHARGE: Stop(
        _L.FOR_GOOD, _I.NONE, _T.STOPPED, _B.STOPPED, "it turns out to be another's discharge, or a court revokes it",
        creates_no_default=True,
    ),
    # § 305 InsO.
    HoldKind.DEBT_COUNSELLING: Stop(
        _L.BY_HAND, _I.HELD, _T.STOPPED, _B.STOPPED, "the counsellor's plan was answered and did not come about"
    ),
    # §§ 1922, 1958, 1967, 2014 BGB: the heirs are asked only when they accepted, and anew.
    HoldKind.DEATH: Stop(
        _L.HEIRS, _I.HELD, _T.STOPPED, _B.STOPPED,
        "an heir is known and has accepted (6 weeks), and the 3 months of § 2014 BGB have passed",
    ),
    # §§ 106-108 BGB: until the parents approve nothing is owed; § 131 (2): a notice to the minor had no effect.
    HoldKind.MINOR: Stop(
        _L.STOPPED, _I.NONE, _T.STOPPED, _B.STOPPED, "the parents approve, or the customer does when of age",
        creates_no_default=True,
    ),
    # §§ 1823, 1825, 131 BGB: what the customer received may have had no effect.
    HoldKind.GUARDIANSHIP: Stop(
        _L.GUARDIAN, _I.HELD, _T.STOPPED, _B.STOPPED, "the guardian has confirmed the claim"
    ),
    # § 241a BGB; dunning somebody who never ordered is unfair competition, fault or not.
    HoldKind.IDENTITY_THEFT: Stop(
        _L.STOPPED, _I.CANCELLED, _T.RECALLED, _B.CORRECTED, "a person holds proof that this customer ordered",
        creates_no_default=True,
    ),
    # § 130 BGB: what was not received has no effect. § 13a (1) no. 7 RDG: an agency says that it had to search.
    HoldKind.ADDRESS_UNKNOWN: Stop(
        _L.OTHER_WAY, _I.ACCRUES, _T.TRACING, _B.STOPPED,
        "a new address is confirmed, to which the notice can go again", same_level_after=False,
    ),
    # The court says which interest is owed.
    HoldKind.AUTHORITY: Stop(
        _L.STOPPED, _I.HELD, _T.STOPPED, _B.BY_TITLE, "the court or authority has ended it and the claim stands"
    ),
    HoldKind.MANUAL: Stop(
        _L.PAUSED, _I.ACCRUES, _T.STOPPED, _B.STOPPED, "what the colleague waited for has happened",
        longest_days=30, same_level_after=False,
    ),
}  # fmt: skip


def hold_after_return(reason_code: str) -> HoldKind | None:
    """What a returned payment says by its ISO reason code: without a mandate (MD01), or asked back by the payer within
    eight weeks (MD06), he contests it; any other return is a payment that failed."""
    return HoldKind.CHARGEBACK if reason_code in {"MD01", "MD06"} else None


def longest_until(kind: HoldKind, from_on: date) -> date | None:
    """The last day of a hold that begins on `from_on` and lasts its longest; None: it has no end of its own."""
    days = STOPS[kind].longest_days
    return None if days is None else from_on + timedelta(days)


def ends_by_itself(kind: HoldKind) -> bool:
    """Whether it is a pause of so many days; all others end when a person says so, or named their last day."""
    return STOPS[kind].longest_days is not None


def free_days(holds: Iterable[Span]) -> tuple[FreeDays, ...]:
    """The days that bear no interest because of these holds, those released included, in their order."""
    bearing_none = [(start, end) for kind, start, end in holds if STOPS[kind].interest is InterestEffect.NONE]
    return tuple(
        FreeDays(start, None if end is None else end + timedelta(1))
        for start, end in bearing_none
        if end is None or start <= end
    )
