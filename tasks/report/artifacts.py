"""Artifacts in Prefect: the reports and lists, under keys that staff find again."""

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from tasks.findings import Finding
from tasks.hand_over.lists import HandOverList
from tasks.intake.taking import Taken
from tasks.ladder.runs import Plan
from tasks.outbox.dispatch import Delivery
from tasks.outbox.recovery import Recovered
from tasks.report.claim_file import claim_file
from tasks.report.lists import (
    files_report,
    hand_over_question,
    hand_over_report,
    unmatched_payments,
    unresolved_effects,
)
from tasks.report.markdown import table
from tasks.report.run_report import answers_table, run_report, summary
from tasks.world import World


def key_of(number: str) -> str:
    """An invoice number as part of an artifact's key, which takes lower case, digits and dashes only.

    RE-2026-1042 is `re-2026-1042`. A number that is written otherwise gets the start of its hash behind, so that no
    two claims share a file: RE/1 is not RE-1.
    """
    key = re.sub(r"[^a-z0-9]+", "-", number.lower()).strip("-")
    if key.upper() == number:
        return key
    return f"{key}-{hashlib.sha256(number.encode()).hexdigest()[:8]}".strip("-")


async def publish_claim(world: World, number: str, as_of: date) -> None:
    """The file of a claim, `claim-<number>`; its versions are the claim's timeline."""
    file = claim_file(world, number, as_of)
    await acreate_markdown_artifact(file.as_markdown(), key=f"claim-{key_of(number)}", description=file.why)


async def publish_run(plan: Plan, deliveries: Sequence[Delivery], recovered: Recovered | None) -> str:
    """The run's report and its table of answers; returns the one-line summary."""
    said = summary(plan, deliveries)
    await acreate_markdown_artifact(run_report(plan, deliveries, recovered), key="dunning-run", description=said)
    await _table(answers_table(plan), "dunning-run-answers", f"Answers of {plan.as_of}")
    return said


async def publish_intake(world: World, taken: Sequence[Taken]) -> None:
    """What became of the files, and every payment that waits for a person."""
    await acreate_markdown_artifact(files_report(taken), key="intake", description=f"{len(taken)} files")
    await publish_unmatched(world)


async def publish_unmatched(world: World) -> None:
    """Every payment that waits for a person."""
    with world.store.read() as session:
        rows = unmatched_payments(session)
    await _table(rows, "unmatched-payments", f"{len(rows)} payments wait for a person")


async def publish_hand_over(asked: HandOverList) -> str:
    """The list that a person is asked about; returns the question for the waiting run's form."""
    said = f"List {asked.list_id} waits for an answer"
    await acreate_markdown_artifact(hand_over_report(asked), key="hand-over", description=said)
    return hand_over_question(asked)


async def publish_unresolved(world: World) -> int:
    """The effects that only a person moves on; returns how many."""
    with world.store.read() as session:
        rows = unresolved_effects(session)
    await _table(rows, "unresolved-effects", f"{len(rows)} messages need a person")
    return len(rows)


async def publish_watch(findings: Sequence[Finding], recovered: Recovered) -> None:
    """What the watch found, and what it put in order."""
    rows = [("**broken**" if each.broken else "look", each.what, each.todo) for each in findings]
    report = (
        f"# Watch\n\n{table(('', 'what', 'what to do'), rows) if rows else 'All is well.'}\n\n"
        f"Put in order: {recovered.freed} leases freed, {recovered.became_uncertain} became uncertain, "
        f"{recovered.proved_sent} proved sent, {recovered.proved_unsent} proved unsent, {recovered.expired} expired."
    )
    await acreate_markdown_artifact(report, key="watch", description=f"{len(findings)} things to look at")


async def _table(rows: Sequence[dict[str, Any]], key: str, description: str) -> None:
    """A table artifact; Prefect keeps no empty one, so an empty list says so."""
    await acreate_table_artifact(list(rows) or [{"": "nothing"}], key=key, description=description)
