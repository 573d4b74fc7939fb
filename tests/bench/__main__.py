"""`make bench-matching`: match 2,000 generated payments and print what became of them, by kind and by damage."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.bench.measure import Outcome, Result, measured, share_booked
from tests.bench.payments import Kind, Shop
from tests.bench.writing import Damage

COUNT, SEED = 2_000, 1


def report(results: Sequence[Result]) -> Iterator[str]:
    """A table: a line for each kind and each damage, and one for all."""
    yield " " * 20 + "".join(f"{title:>15}" for title in ["payments", *Outcome])
    for name in [*Kind, *Damage]:
        yield _line(name, [outcome for payment, outcome in results if name in {payment.kind, payment.damage}])
    yield _line("all", [outcome for _, outcome in results])
    yield f"booked without a person: {share_booked(results):.1%}"


def _line(name: str, outcomes: Sequence[Outcome]) -> str:
    counts = Counter(outcomes)
    return f"{name:<20}" + "".join(f"{number:>15}" for number in [len(outcomes), *(counts[each] for each in Outcome)])


if __name__ == "__main__":
    everything = measured(Shop(COUNT, SEED))
    sys.stdout.writelines(f"{line}\n" for line in report(everything))
    sys.exit(any(outcome is Outcome.BOOKED_WRONG for _, outcome in everything))
