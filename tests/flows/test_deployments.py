"""The deployments: each loads as Prefect loads it, its form explains itself and refuses what is wrong."""

import asyncio
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ParameterTypeError
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.server.schemas.schedules import CronSchedule as ServersCronSchedule
from prefect.utilities.callables import parameter_schema
from ruamel.yaml import YAML

from tasks.forms import FileKind, HandOverAnswer
from tasks.intake.reading import KINDS

ROOT = Path(__file__).parents[2]
PREFECT_FILE = ROOT / "deployments" / "prefect.yaml"
ENTRIES: list[dict[str, Any]] = YAML(typ="safe").load(PREFECT_FILE)["deployments"]
BERLIN = ZoneInfo("Europe/Berlin")
KIM = {"person": "Kim Clerk", "reason": "called us, says the parcel is lost"}
EFFECT = "0a1b2c3d-0000-5000-8000-000000000001"
SAMPLES: dict[str, list[dict[str, Any]]] = {
    "intake": [{}, {"folder": "var/inbox"}, {"files": ["a.xml"], "kind": "camt.053"}, {"decimal": ","}],
    "dunning-run": [
        {},
        {"as_of": "2026-03-02", "dry_run": True, "only": ["RE-2026-1042"], "group_size": 500},
        {"approval": {"list_sha256": "0" * 64, **KIM}},
    ],
    "escalate-invoice": [{"invoices": ["RE-2026-1042"], "by": KIM}, {"invoices": ["RE-1"], "dry_run": True}],
    "hand-over": [{}, {"as_of": "2026-03-02"}],
    "approve-hand-over": [
        {"form": {"list_id": 7, "answer": "approve", **KIM}},
        {"form": {"list_id": 7, "answer": "reject", "exceptions": ["RE-1"], **KIM}},
    ],
    "hold-claim": [
        {"form": {"invoice": " RE-1 ", "kind": "dispute", **KIM}},
        {"form": {"invoice": "RE-1", "kind": "manual", "until": "2026-04-01", "whole_customer": True, **KIM}},
    ],
    "release-claim": [
        {"form": {"invoice": "RE-1", **KIM}},
        {"form": {"invoice": "RE-1", "whole_customer": True, **KIM}},
    ],
    "book-payment": [
        {"form": {"payment": 3, "invoices": ["RE-1", "RE-2"], **KIM}},
        {"form": {"payment": 3, "customer": "K-1", **KIM}},
    ],
    "book-return": [
        {"form": {"payment": 3, "invoice": "RE-1", **KIM}},
        {"form": {"payment": 3, "invoice": "RE-1", "bank_fee": "3,20", "debtor_responsible": True, **KIM}},
    ],
    "dismiss-payment": [{"form": {"payment": 3, **KIM}}],
    "write-off": [
        {"form": {"invoice": "RE-1", **KIM}},
        {"form": {"invoice": "RE-1", "amount": "12,50", **KIM}},
        {"form": {"invoice": "RE-1", "amount": "12", **KIM}},
    ],
    "note-evidence": [
        {"form": {"invoice": "RE-1", "kind": "refusal", "happened_on": "2026-03-01", **KIM}},
        {"form": {"invoice": "RE-1", "kind": "refusal", **KIM}},
    ],
    "notice-came-back": [{"form": {"invoice": "RE-1", **KIM}}],
    "promise-to-pay": [{"form": {"invoice": "RE-1", "pay_until": "2026-04-01", **KIM}}],
    "resolve-uncertain": [{"form": {"effect": EFFECT, "was_sent": False, **KIM}}],
    "watch": [{}],
}
NOBODY = {"reason": "no name is given"}
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("hold-claim", {"form": {"invoice": "RE-1", "kind": "dispute", **NOBODY}}),
    ("hold-claim", {"form": {"invoice": "RE-1", "kind": "dispute", "person": "  K  ", "reason": "why not"}}),
    ("hold-claim", {"form": {"invoice": "RE-1", "kind": "dispute", "person": "Kim Clerk", "reason": "  "}}),
    ("hold-claim", {"form": {"invoice": "RE-1", "kind": "bad_mood", **KIM}}),
    ("hold-claim", {"form": {"invoice": "   ", "kind": "dispute", **KIM}}),
    ("hold-claim", {"form": {"invoice": "RE-1", "kind": "dispute", "colour": "red", **KIM}}),
    ("hold-claim", {"form": {"invoice": "RE-1", "kind": "dispute", "until": "soon", **KIM}}),
    ("hold-claim", {}),
    ("release-claim", {"form": {"invoice": "RE-1", **NOBODY}}),
    ("release-claim", {"form": {"invoice": "RE-1", **KIM}, "also": 1}),
    ("book-payment", {"form": {"payment": 0, "invoices": ["RE-1"], **KIM}}),
    ("book-payment", {"form": {"payment": 3, "invoices": ["RE-1"], **NOBODY}}),
    ("book-return", {"form": {"payment": 3, "invoice": "RE-1", "bank_fee": "-1", **KIM}}),
    ("book-return", {"form": {"payment": 3, "invoice": "RE-1", **NOBODY}}),
    ("dismiss-payment", {"form": {"payment": 3, **NOBODY}}),
    ("write-off", {"form": {"invoice": "RE-1", "amount": "-1", **KIM}}),
    ("write-off", {"form": {"invoice": "RE-1", "amount": "1.000,00", **KIM}}),
    ("write-off", {"form": {"invoice": "RE-1", **NOBODY}}),
    ("note-evidence", {"form": {"invoice": "RE-1", "kind": "rumour", **KIM}}),
    ("note-evidence", {"form": {"invoice": "RE-1", "kind": "refusal", **NOBODY}}),
    ("notice-came-back", {"form": {"invoice": "RE-1", **NOBODY}}),
    ("promise-to-pay", {"form": {"invoice": "RE-1", **KIM}}),
    ("promise-to-pay", {"form": {"invoice": "RE-1", "pay_until": "2026-04-01", **NOBODY}}),
    ("resolve-uncertain", {"form": {"effect": "the last one", "was_sent": True, **KIM}}),
    ("resolve-uncertain", {"form": {"effect": EFFECT, "was_sent": "perhaps", **KIM}}),
    ("resolve-uncertain", {"form": {"effect": EFFECT, "was_sent": True, **NOBODY}}),
    ("approve-hand-over", {"form": {"list_id": 0, "answer": "approve", **KIM}}),
    ("approve-hand-over", {"form": {"list_id": 7, "answer": "later", **KIM}}),
    ("approve-hand-over", {"form": {"list_id": 7, "answer": "approve", **NOBODY}}),
    ("dunning-run", {"approval": {"list_sha256": "0" * 12, **KIM}}),
    ("dunning-run", {"approval": {"list_sha256": "Z" * 64, **KIM}}),
    ("dunning-run", {"approval": {"list_sha256": "0" * 64, **NOBODY}}),
    ("dunning-run", {"as_of": "tomorrow"}),
    ("dunning-run", {"only": [""]}),
    ("dunning-run", {"group_size": 0}),
    ("escalate-invoice", {"invoices": ["RE-1"], "by": NOBODY}),
    ("escalate-invoice", {"by": KIM}),
    ("escalate-invoice", {"invoices": [], "by": KIM}),
    ("intake", {"kind": "a letter"}),
    ("intake", {"decimal": ";"}),
]


@cache
def flow_of(name: str) -> Flow[..., Any]:
    """The flow of a deployment, loaded from its entrypoint as a worker loads it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return load_flow_from_entrypoint(entry_of(name)["entrypoint"], use_placeholder_flow=False)


def entry_of(name: str) -> dict[str, Any]:
    return next(entry for entry in ENTRIES if entry["name"] == name)


SCHEDULES = [
    pytest.param(schedule, id=f"{entry['name']}-{schedule.get('slug')}")
    for entry in ENTRIES
    for schedule in entry.get("schedules", [])
]


def runs_from(schedule: dict[str, Any], start: datetime, count: int) -> list[datetime]:
    """The next runs as the server would plan them, in Berlin's time."""
    plan = ServersCronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
    return [run.astimezone(BERLIN) for run in asyncio.run(plan.get_dates(count, start=start))]


def test_every_deployment_has_a_sample() -> None:
    assert {entry["name"] for entry in ENTRIES} == SAMPLES.keys()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry["name"]))
def test_an_entrypoint_loads_and_its_parameters_validate(entry: dict[str, Any]) -> None:
    flow = flow_of(entry["name"])
    assert flow.name == entry["name"]
    assert entry["description"].endswith(".")
    assert entry["tags"]
    assert entry["work_pool"] == {"name": "mahnlauf"}
    flow.validate_parameters(entry.get("parameters", {}) | SAMPLES[entry["name"]][0])
    for sample in SAMPLES[entry["name"]]:
        flow.validate_parameters(sample)


@pytest.mark.parametrize("name", [entry["name"] for entry in ENTRIES if "schedules" in entry])
def test_a_scheduled_run_needs_no_parameter(name: str) -> None:
    flow_of(name).validate_parameters({})


@pytest.mark.parametrize(("name", "parameters"), WRONG, ids=[f"{name}-{n}" for n, (name, _) in enumerate(WRONG)])
def test_a_wrong_form_is_refused(name: str, parameters: dict[str, Any]) -> None:
    with pytest.raises((ParameterTypeError, TypeError)):
        flow_of(name).validate_parameters(parameters)


@pytest.mark.parametrize("name", [entry["name"] for entry in ENTRIES])
def test_a_form_explains_itself(name: str) -> None:
    schema = parameter_schema(flow_of(name)).model_dump_for_openapi()
    assert flow_of(name).description
    for parameter, field in schema.get("properties", {}).items():
        assert field.get("description", "").endswith("."), f"{parameter} says nothing"
    for form in schema["definitions"].values():
        for field_name, field in form.get("properties", {}).items():
            label = field.get("title") or schema["definitions"][field["$ref"].rpartition("/")[2]]["title"]
            assert label[0].isupper(), field_name
            assert "_" not in label, f"{field_name} has no title of its own"
            assert field["description"].endswith((".", "?")), f"{field_name} says nothing"


def test_the_form_of_the_waiting_run_explains_itself() -> None:
    fields = HandOverAnswer.with_initial_data(description="# the list").model_json_schema()["properties"]
    assert {"answer", "exceptions", "person", "reason"} <= fields.keys()
    for name in ("answer", "exceptions", "person", "reason"):
        assert fields[name]["title"]
        assert fields[name]["description"]
    assert fields["answer"]["enum"] == ["approve", "reject"]


def test_the_form_of_intake_offers_every_kind_that_is_read() -> None:
    assert set(get_args(FileKind)) == set(KINDS)


def test_what_staff_do_by_hand_asks_for_a_person_and_a_reason() -> None:
    for entry in ENTRIES:
        if "by-hand" in entry["tags"]:
            definitions = parameter_schema(flow_of(entry["name"])).model_dump_for_openapi()["definitions"]
            forms = [form for form in definitions.values() if "properties" in form]
            assert all({"person", "reason"} <= set(form["required"]) for form in forms)
            assert forms


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_is_valid_and_in_berlins_time(schedule: dict[str, Any]) -> None:
    assert schedule["slug"]
    assert schedule["timezone"] == "Europe/Berlin"
    CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
    assert len(set(runs_from(schedule, datetime(2026, 10, 20, tzinfo=UTC), 60))) == 60


def test_slugs_are_unique_within_a_deployment() -> None:
    for entry in ENTRIES:
        slugs = [schedule["slug"] for schedule in entry.get("schedules", [])]
        assert len(set(slugs)) == len(slugs)


@pytest.mark.parametrize(
    ("name", "friday", "monday", "hour"),
    [
        ("dunning-run", date(2026, 3, 27), date(2026, 3, 30), 9),  # summer time begins on 29 March 2026
        ("dunning-run", date(2026, 10, 23), date(2026, 10, 26), 9),  # and ends on 25 October 2026
        ("hand-over", date(2026, 3, 27), date(2026, 3, 30), 14),
        ("hand-over", date(2026, 10, 23), date(2026, 10, 26), 14),
    ],
)
def test_the_clerks_hour_stays_over_the_change_of_time(name: str, friday: date, monday: date, hour: int) -> None:
    (schedule,) = entry_of(name)["schedules"]
    runs = runs_from(schedule, datetime(friday.year, friday.month, friday.day, tzinfo=UTC), 2)
    assert [(run.date(), run.hour, run.minute) for run in runs] == [(friday, hour, 0), (monday, hour, 0)]
    assert runs[0].utcoffset() != runs[1].utcoffset()


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 10, 24)])
def test_the_watch_rests_two_hours_at_most_when_the_time_changes(day: date) -> None:
    (schedule,) = entry_of("watch")["schedules"]
    start = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    instants = [run.timestamp() for run in runs_from(schedule, start.astimezone(UTC), 48)]
    gaps = [later - earlier for earlier, later in pairwise(instants)]
    assert gaps.count(3600) >= 46  # the hour that comes twice in October has one watch
    assert set(gaps) <= {3600, 7200}


def test_the_daily_run_waits_in_line_and_frequent_ones_are_dropped() -> None:
    limits = {entry["name"]: entry["concurrency_limit"] for entry in ENTRIES if "concurrency_limit" in entry}
    assert {limit["limit"] for limit in limits.values()} == {1}
    strategies = {name: limit["collision_strategy"] for name, limit in limits.items()}
    assert strategies["dunning-run"] == "ENQUEUE"  # a lost day would dun nobody
    assert strategies["intake"] == strategies["watch"] == "CANCEL_NEW"
