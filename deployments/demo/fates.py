"""Which fate an invoice has, and what follows from it: payments, credit notes, what staff do.

Payers react to the calendar: the days on which the default ladder would write to them are reckoned roughly
(reminder 5 days after the due day, second notice about 15 days later), never looked up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from deployments.demo.story import Act, Fate

REMINDER_AFTER_DUE = 5
SECOND_AFTER_REMINDER = 15
BACKLOG_DAYS = 21
"""An invoice issued this long before the first day is ripe for its reminder on the first day."""


@dataclass(frozen=True, slots=True)
class Window:
    """How many invoices share a fate, and when they were issued."""

    fate: Fate
    count: int
    from_days: int
    """Issued at the earliest this many days after the first day (negative: before)."""
    before_end: int
    """Issued at the latest this many days before the last day, so that the fate can be lived through."""


BACKLOG = (Window(Fate.NEVER_PAID, 10, -100, 0), Window(Fate.PART_PAID, 1, -100, 0))
"""Overdue when the story begins: those never paid are ripe for the hand-over at its end."""
WINDOWS = (
    Window(Fate.PAID_AFTER_SECOND_NOTICE, 18, -18, 47),
    Window(Fate.DISPUTED, 12, -18, 45),
    Window(Fate.PART_PAID, 17, -18, 28),
    Window(Fate.PAID_AFTER_REMINDER, 36, -18, 32),
    Window(Fate.NEVER_PAID, 14, -18, 20),
    Window(Fate.CREDITED, 15, -18, 28),
    Window(Fate.WRONG_REFERENCE, 9, -30, 21),
    Window(Fate.OVERPAID, 3, -30, 21),
)
"""The others; the rest of the 300 invoices is paid in time. Those with the fewest fitting days come first."""


def allot(rng: Random, issued: Sequence[date], start: date, end: date) -> list[Fate]:
    """A fate for every invoice, in the order of `issued`, as many of each as the windows say."""
    fates = [Fate.PAID_IN_TIME] * len(issued)
    ripe = start - timedelta(days=BACKLOG_DAYS)
    for window in BACKLOG:
        _deal(rng, fates, window, [i for i, on in enumerate(issued) if on <= ripe])
    for window in WINDOWS:
        first, last = start + timedelta(window.from_days), end - timedelta(window.before_end)
        _deal(rng, fates, window, [i for i, on in enumerate(issued) if first <= on <= last])
    return fates


def _deal(rng: Random, fates: list[Fate], window: Window, fitting: Sequence[int]) -> None:
    """Give the window's fate to as many of the invoices that fit and have none yet."""
    free = [index for index in fitting if fates[index] is Fate.PAID_IN_TIME]
    for index in rng.sample(free, min(len(free), window.count)):
        fates[index] = window.fate


@dataclass(frozen=True, slots=True)
class Move:
    """One payment of a course: the earliest day to book it, and its share of the amount."""

    on: date
    percent: int = 100
    extra_cents: int = 0
    mangled: bool = False
    """The reference names no invoice."""


@dataclass(frozen=True, slots=True)
class Course:
    """What happens to one invoice after it is issued."""

    moves: tuple[Move, ...] = ()
    credited_on: date | None = None
    credit_is_partial: bool = False
    acts: tuple[tuple[date, Act, str], ...] = ()
    """Day, act, reason."""


DISPUTES = (
    "Kanne kam zerbrochen an, Fotos liegen vor",
    "Kundin sagt, das Paket sei nie angekommen; Nachforschung läuft",
    "Falsche Sorte geliefert, Umtausch zugesagt",
    "Kunde bestreitet die Menge: zwei statt drei Packungen erhalten",
)


def course(rng: Random, fate: Fate, turn: int, *, issued_on: date, due_on: date, start: date) -> Course:
    """The course of an invoice. `turn` counts the invoices of one fate and chooses among its variants."""
    in_time = _between(rng, issued_on + timedelta(5), due_on)
    if fate is Fate.DISPUTED:
        return _disputed(rng, turn, due_on, start)
    if fate is Fate.CREDITED:
        back, partial = _between(rng, issued_on + timedelta(7), due_on + timedelta(12)), turn % 4 == 1
        return Course((Move(in_time),) if partial else (), credited_on=back, credit_is_partial=partial)
    return Course(_moves(rng, fate, in_time, max(due_on + timedelta(REMINDER_AFTER_DUE), start), rare=turn % 3 == 0))


def _moves(rng: Random, fate: Fate, in_time: date, reminder: date, *, rare: bool) -> tuple[Move, ...]:
    """The payments of an invoice that nobody disputes or sends back. `rare` chooses the rarer variant."""
    reminded = _between(rng, reminder + timedelta(2), reminder + timedelta(9))
    pressed = reminded + timedelta(SECOND_AFTER_REMINDER)
    share = rng.choice((30, 40, 50, 60))
    part, once = Move(in_time, percent=share), Move(in_time)
    return {
        Fate.PAID_IN_TIME: (once,),
        Fate.PAID_AFTER_REMINDER: (Move(reminded),),
        Fate.PAID_AFTER_SECOND_NOTICE: (Move(pressed),),
        Fate.PART_PAID: (part, Move(pressed, percent=100 - share)) if rare else (part,),
        Fate.WRONG_REFERENCE: (Move(in_time, mangled=True),),
        Fate.OVERPAID: (once, Move(in_time + timedelta(2))) if rare else (Move(in_time, extra_cents=500),),
        Fate.NEVER_PAID: (),
    }[fate]


def _disputed(rng: Random, turn: int, due_on: date, start: date) -> Course:
    """Held a few days after the due day; two or three weeks later found right or wrong."""
    held = max(due_on + timedelta(rng.randint(1, 8)), start)
    released = held + timedelta(rng.randint(12, 20))
    asked = (held, Act.HOLD, DISPUTES[turn % len(DISPUTES)])
    if turn % 3 == 1:
        right = (released, Act.RELEASE, "Einwand berechtigt, Gutschrift erteilt")
        return Course(credited_on=released, acts=(asked, right))
    wrong = (released, Act.RELEASE, "Geklärt: Ware ist in Ordnung, Forderung besteht")
    paid = (Move(released + timedelta(rng.randint(3, 7))),) if turn % 3 == 0 else ()
    return Course(paid, acts=(asked, wrong))


def _between(rng: Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randint(0, max(0, (last - first).days)))
