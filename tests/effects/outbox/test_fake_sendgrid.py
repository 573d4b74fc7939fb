"""The fake is as strict as SendGrid, or our tests prove nothing."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.fake_sendgrid import KEY, FakeSendGrid
from tests.support.faults import FAULTS, FAULTY, FaultPlan
from tests.support.faulty_server import FaultyServer, read_journal
from tests.support.mails import EFFECT_ID, payload
from tests.support.sendgrid_rules import OPENAPI, errors_in

Change = Callable[[dict[str, Any]], object]

FAULTY_MESSAGES: list[tuple[str, Change, str]] = [
    ("no personalizations", lambda m: m.pop("personalizations"), "personalizations"),
    ("empty personalizations", lambda m: m.update(personalizations=[]), "personalizations"),
    ("too many", lambda m: m.update(personalizations=m["personalizations"] * 1001), "personalizations"),
    ("no recipient", lambda m: m["personalizations"][0].update(to=[]), "personalizations.0.to"),
    ("bad address", lambda m: m["personalizations"][0]["to"][0].update(email="x"), "personalizations.0.to.0.email"),
    ("unicode address", lambda m: m["from"].update(email="jörg@shop.example"), "from.email"),
    ("no sender", lambda m: m.pop("from"), "from.email"),
    ("name with line end", lambda m: m["from"].update(name="a\nb"), "from.name"),
    ("empty subject", lambda m: m.update(subject=""), "subject"),
    ("subject of two lines", lambda m: m.update(subject="a\r\nBcc: b"), "subject"),
    ("no content", lambda m: m.pop("content"), "content"),
    ("empty content", lambda m: m["content"][0].update(value=""), "content.0.value"),
    ("html before plain", lambda m: m["content"].reverse(), "content"),
    ("unknown field", lambda m: m.update(colour="red"), "colour"),
    ("unknown field inside", lambda m: m["personalizations"][0].update(colour="red"), "personalizations.0.colour"),
    ("number as argument", lambda m: m["custom_args"].update(level=2), "custom_args"),
    ("arguments too long", lambda m: m["custom_args"].update(more="x" * 10_000), "custom_args"),
    ("reserved header", lambda m: m["headers"].update(Subject="x"), "headers.subject"),
    ("header of two lines", lambda m: m["headers"].update({"X-Ref": "a\r\nb"}), "headers.x-ref"),
]


@pytest.mark.parametrize(
    ("change", "field"), [row[1:] for row in FAULTY_MESSAGES], ids=[row[0] for row in FAULTY_MESSAGES]
)
def test_a_faulty_message_is_refused_by_field(change: Change, field: str) -> None:
    message = deepcopy(payload())
    change(message)
    assert field in [path for path, _ in errors_in(message)]


def test_a_good_message_has_no_fault() -> None:
    assert errors_in(payload()) == []
    assert errors_in([]) != []


@pytest.mark.skipif(not OPENAPI.exists(), reason="SendGrid's description (../shared/data/sendgrid) is not at hand")
def test_the_description_is_used_with_its_two_faults_mended() -> None:
    assert errors_in(payload(), openapi=OPENAPI) == []
    templated = payload() | {"template_id": "d-1"}
    del templated["subject"], templated["content"]
    assert errors_in(templated, openapi=OPENAPI) == []
    wrong = payload() | {"send_at": "tomorrow"}  # only the description knows
    assert [path for path, _ in errors_in(wrong, openapi=OPENAPI)] == ["send_at"]


@pytest.fixture
def fake() -> FakeSendGrid:
    return FakeSendGrid()


@pytest.fixture
def server(fake: FakeSendGrid, tmp_path: Path) -> Iterator[FaultyServer]:
    with FaultyServer(fake, journal=tmp_path / "journal.jsonl") as running:
        yield running


@pytest.fixture
def client(server: FaultyServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False) as client:
        yield client


def test_an_accepted_message_gets_202_an_id_and_no_body(client: httpx.Client, fake: FakeSendGrid) -> None:
    answer = client.post("/v3/mail/send", json=payload())
    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["X-Message-Id"] == fake.accepted[0]["message_id"]
    assert [(message["effect_id"], message["to"]) for message in fake.accepted] == [(EFFECT_ID, "kundin@example.org")]


def test_duplicates_are_accepted_as_the_real_one_does(client: httpx.Client, fake: FakeSendGrid) -> None:
    client.post("/v3/mail/send", json=payload())
    client.post("/v3/mail/send", json=payload())
    assert fake.accepted_ids == [EFFECT_ID, EFFECT_ID]


def test_refusals_have_sendgrids_shape(client: httpx.Client, fake: FakeSendGrid) -> None:
    answer = client.post("/v3/mail/send", json=payload() | {"subject": ""})
    assert answer.status_code == 400
    assert answer.json() == {
        "errors": [{"message": "is required and must not be empty", "field": "subject", "help": None}]
    }
    assert client.post("/v3/mail/send", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert client.post("/v3/mail/send", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.post("/v3/mail/send", json=payload(), headers={"Authorization": ""}).status_code == 401
    assert client.get("/v3/mail/send").status_code == 404
    assert fake.accepted == []


def test_the_journal_tells_what_arrived_what_was_accepted_and_what_was_answered(
    client: httpx.Client, server: FaultyServer, tmp_path: Path
) -> None:
    server.plan.script(["ok", "429", "500_after", "drop_after"])
    for _ in range(3):
        client.post("/v3/mail/send", json=payload())
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/v3/mail/send", json=payload())
    server.wait_until_idle()

    told = [(line["event"], line["request"]) for line in read_journal(tmp_path / "journal.jsonl")]
    assert told == [
        *[("received", 1), ("accepted", 1), ("answered", 1)],
        *[("received", 2), ("not_accepted", 2), ("answered", 2)],
        *[("received", 3), ("accepted", 3), ("answered", 3)],
        *[("received", 4), ("accepted", 4), ("unanswered", 4)],
    ]


def test_a_cut_last_line_of_a_journal_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text('{"event": "received"}\n{"event": "acc')
    assert read_journal(tmp_path / "journal.jsonl") == [{"event": "received"}]


def test_chance_is_reproducible_and_as_frequent_as_planned() -> None:
    def draw(seed: int) -> list[str]:
        plan = FaultPlan(seed=seed)
        return [plan.next() for _ in range(20_000)]

    drawn = draw(1)
    assert drawn == draw(1) != draw(2)
    for name, share in FAULTY:
        assert 0.7 * share < drawn.count(name) / len(drawn) < 1.3 * share, name


def test_the_script_comes_before_chance_and_knows_its_words() -> None:
    plan = FaultPlan(["429", "ok"])
    assert [plan.next() for _ in range(3)] == ["429", "ok", "ok"]
    with pytest.raises(ValueError, match="no such fault"):
        plan.script(["sunshine"])
    assert {name for name, _ in FAULTY} <= FAULTS.keys()


def test_as_a_process_of_its_own_it_outlives_its_client_and_knows_what_was_under_way(tmp_path: Path) -> None:
    """The way the crash tests use it: a client is killed between acceptance and answer."""
    journal = tmp_path / "journal.jsonl"
    fake = subprocess.Popen(
        [sys.executable, "-m", "tests.support.fake_sendgrid", "--journal", str(journal)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    try:
        assert fake.stdout is not None
        url = fake.stdout.readline().strip()
        httpx.post(f"{url}/control/faults", json=["hang_after"], trust_env=False).raise_for_status()
        client = subprocess.Popen(
            [sys.executable, "-c", _CLIENT, url, KEY, json.dumps(payload())], stdout=subprocess.PIPE, text=True
        )
        assert client.stdout is not None
        while not _accepted(url):
            assert client.poll() is None
        os.kill(client.pid, signal.SIGKILL)
        client.wait()
        client.stdout.close()
        while httpx.get(f"{url}/control/in-flight", trust_env=False).json():
            pass
        events = [line["event"] for line in read_journal(journal)]
        assert events == ["received", "accepted", "unanswered"]
        assert [line["effect_id"] for line in _accepted(url)] == [EFFECT_ID]
    finally:
        fake.kill()
        fake.wait()
        assert fake.stdout is not None
        fake.stdout.close()


_CLIENT = """
import sys, httpx
url, key, message = sys.argv[1:]
headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
httpx.post(f"{url}/v3/mail/send", content=message, headers=headers, trust_env=False, timeout=60)
"""


def _accepted(url: str) -> list[dict[str, Any]]:
    accepted: list[dict[str, Any]] = httpx.get(f"{url}/control/accepted", trust_env=False).json()
    return accepted
