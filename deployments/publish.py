"""Bring the deployments of a `prefect.yaml` onto a Prefect server, and keep what staff switched there.

`prefect deploy` sets everything back to the file: schedules that staff switched off run again, those they
added are gone, a paused deployment goes on. So it is called only when something changed that it would carry
over, and what staff had switched is put back afterwards. Our schedules have a slug; one without is staff's.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import prefect
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import DeploymentSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from prefect.workers.process import ProcessWorker
from ruamel.yaml import YAML

WORK_POOL = "mahnlauf"


@dataclass(frozen=True)
class Plan:
    """What a prefect.yaml asks for."""

    names: tuple[str, ...]
    """`flow/deployment`, in the file's order."""
    digest: str
    """Changes when a deployment, a form or the place of the flows changes; not with a flow's body."""


@dataclass(frozen=True)
class Switches:
    """What staff may have changed on one deployment."""

    name: str
    paused: bool
    schedules: tuple[DeploymentSchedule, ...]


def read_plan(prefect_file: Path) -> Plan:
    """Load every flow the file names, from the current folder. Raises what a flow's import raises."""
    entries = YAML(typ="safe").load(prefect_file)["deployments"]
    flows: list[Flow[..., Any]] = [
        load_flow_from_entrypoint(entry["entrypoint"], use_placeholder_flow=False) for entry in entries
    ]
    names = tuple(f"{flow.name}/{entry['name']}" for flow, entry in zip(flows, entries, strict=True))
    basis = [prefect.__version__, str(Path.cwd()), prefect_file.read_text(), *map(_form, flows)]
    return Plan(names, hashlib.sha256(json.dumps(basis, sort_keys=True).encode()).hexdigest())


def _form(flow: Flow[..., Any]) -> list[object]:
    return [flow.name, flow.description, parameter_schema(flow).model_dump_for_openapi()]


def publish(prefect_file: Path, stamp: Path, client: SyncPrefectClient) -> bool:
    """Deploy if anything changed since `stamp` was written or a deployment is missing; whether it did."""
    plan = read_plan(prefect_file)
    _await_server(client)
    _ensure_work_pool(client)
    before = [switches for name in plan.names if (switches := read_switches(client, name))]
    stamped = stamp.read_text() if stamp.exists() else ""
    if stamped == plan.digest and len(before) == len(plan.names):
        return False
    subprocess.run(  # noqa: S603 - our own words
        [
            sys.executable,
            "-m",
            "prefect",
            "--no-prompt",
            "deploy",
            "--all",
            "--prefect-file",
            str(prefect_file),
        ],
        check=True,
    )
    for switches in before:
        restore(client, switches)
    stamp.write_text(plan.digest)
    return True


def read_switches(client: SyncPrefectClient, name: str) -> Switches | None:
    """The present state of one deployment; None if there is none of this name."""
    try:
        deployment = client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None
    return Switches(name, deployment.paused, tuple(deployment.schedules))


def restore(client: SyncPrefectClient, before: Switches) -> None:
    """Put back what staff had switched: paused stays paused, off stays off, what they added comes again."""
    now = client.read_deployment_by_name(before.name)
    if before.paused:
        client.set_deployment_paused_state(now.id, paused=True)
    switched_off = {schedule.slug for schedule in before.schedules if schedule.slug and not schedule.active}
    for schedule in now.schedules:
        if schedule.active and schedule.slug in switched_off:
            client.update_deployment_schedule(now.id, schedule.id, active=False)
    present = {schedule.id for schedule in now.schedules}
    added = [schedule for schedule in before.schedules if not schedule.slug and schedule.id not in present]
    if added:
        client.create_deployment_schedules(now.id, [_anew(schedule) for schedule in added])


def _anew(schedule: DeploymentSchedule) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(schedule=schedule.schedule, active=schedule.active, parameters=schedule.parameters)


def _ensure_work_pool(client: SyncPrefectClient) -> None:
    template = ProcessWorker.get_default_base_job_template()
    pool = WorkPoolCreate(name=WORK_POOL, type=ProcessWorker.type, base_job_template=template)
    try:
        client.create_work_pool(pool)
    except ObjectAlreadyExists:
        return


def _await_server(client: SyncPrefectClient) -> None:
    """Whoever started the server watches it and ends us if it does not come."""
    while client.api_healthcheck() is not None:
        time.sleep(0.1)


def main() -> None:
    """Publish to the server of PREFECT_API_URL from the current folder."""
    parser = argparse.ArgumentParser(prog="python -m deployments.publish")
    parser.add_argument("prefect_file", type=Path)
    parser.add_argument("stamp", type=Path)
    arguments = parser.parse_args()
    with get_client(sync_client=True) as client:
        publish(arguments.prefect_file, arguments.stamp, client)


if __name__ == "__main__":
    main()
