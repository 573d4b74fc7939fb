"""How the notices of a run are spread over flow runs: one invoice a run, or groups as ranges of effect ids."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from dunning.effects import EffectKind
from dunning.notice import step_name
from tasks.outbox import effects
from tasks.outbox.dispatch import deliveries
from tasks.world import World


@dataclass(frozen=True, slots=True)
class Group:
    """One flow run's share: all effects of the day from `first` to `last`, both included."""

    first: str
    last: str
    title: str
    """Name of the flow run, as a pattern of Prefect's: a brace stands twice."""
    tags: tuple[str, ...] = ()


def groups_of(world: World, ids: Sequence[str], as_of: date, group_size: int) -> list[Group]:
    """These ready notices of the day: each by itself up to the policy's limit, else in groups of this size."""
    if len(ids) > world.policy.guards.individual_runs:
        chunks = [ids[start : start + group_size] for start in range(0, len(ids), group_size)]
        return [
            Group(chunk[0], chunk[-1], f"{as_of} · group {number} of {len(chunks)} · {len(chunk)} notices")
            for number, chunk in enumerate(chunks, start=1)
        ]
    return _single(world, ids)


def groups_for(world: World, as_of: date, invoices: Collection[str]) -> list[Group]:
    """The notices of the day on these invoices that are ready, each by itself."""
    return [
        group
        for group in _single(world, ready_notices(world, as_of))
        if group.tags[0].removeprefix("invoice:") in invoices
    ]


def ready_notices(world: World, as_of: date) -> list[str]:
    """Ids of the notices of the day that wait to be sent, in order."""
    with world.store.read() as session:
        return effects.waiting(session, [EffectKind.NOTICE_MAIL], as_of)


def _single(world: World, ids: Sequence[str]) -> list[Group]:
    return [
        Group(
            each.effect_id,
            each.effect_id,
            f"{each.number} · {step_name(each.level)}".replace("{", "{{").replace("}", "}}"),
            (f"invoice:{each.number}", f"level:{each.level}"),
        )
        for each in deliveries(world, ids)
    ]


def effects_between(world: World, as_of: date, first: str, last: str) -> Sequence[str]:
    """The ready notices of the day within a group's range."""
    return [each for each in ready_notices(world, as_of) if first <= each <= last]
