"""SendGrid as our mails meet it: `POST /v3/mail/send` on loopback, with faults by script or by chance.

Like the real one it has no idea of duplicates: what comes twice is accepted twice, and a test counts it.
Tests serve it by `FaultyServer(FakeSendGrid())`; from other processes they read `/control/accepted` and the
journal, and script faults by a JSON list of their names to `/control/faults`.

    python -m tests.support.fake_sendgrid --port 0 --journal mails.jsonl --seed 1
"""

import argparse
import hashlib
import json
import threading
import uuid
from pathlib import Path
from typing import Any

from tests.support.faults import Reply
from tests.support.faulty_server import Journal, Received, add_options, run
from tests.support.sendgrid_rules import OPENAPI, Error, errors_in

KEY = "SG.fake.key"
LARGEST_BYTES = 30 * 1024 * 1024


class FakeSendGrid:
    """The application: checks key and message, accepts, forgets nothing."""

    def __init__(self, *, key: str = KEY, openapi: Path | None = None) -> None:
        self._key = key
        self._openapi = openapi
        self._lock = threading.Lock()
        self.accepted: list[dict[str, Any]] = []
        """Every accepted message in its order: `effect_id, to, subject, sha256, message_id, payload`."""

    @property
    def accepted_ids(self) -> list[str]:
        """The effect ids of all accepted messages, duplicates included."""
        with self._lock:
            return [message["effect_id"] for message in self.accepted]

    def name_of(self, request: Received) -> str:
        try:
            return str(json.loads(request.body)["custom_args"]["effect_id"])
        except (ValueError, LookupError, TypeError):
            return ""

    def serve(self, request: Received, journal: Journal) -> Reply:
        if refusal := self._refusal(request):
            status, errors = refusal
            journal.write("not_accepted", request, self.name_of(request), why=status, fields=[e[0] for e in errors])
            return _refused(status, errors)
        payload = json.loads(request.body)
        message = {
            "effect_id": self.name_of(request),
            "to": payload["personalizations"][0]["to"][0]["email"],
            "subject": payload.get("subject", ""),
            "sha256": hashlib.sha256(request.body).hexdigest(),
            "message_id": uuid.uuid4().hex[:22],
        }
        journal.write("accepted", request, message["effect_id"], **message)
        with self._lock:
            self.accepted.append(message | {"payload": payload})
        return Reply(202, {"X-Message-Id": message["message_id"]})

    def _refusal(self, request: Received) -> tuple[int, list[Error]] | None:
        if (request.method, request.path) != ("POST", "/v3/mail/send"):
            return 404, [("", "not found")]
        if request.headers.get("authorization") != f"Bearer {self._key}":
            return 401, [("", "The provided authorization grant is invalid, expired, or revoked")]
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return 415, [("", "Content-Type should be application/json.")]
        if len(request.body) > LARGEST_BYTES:
            return 413, [("", "The JSON payload you have included in your request is too large.")]
        try:
            message = json.loads(request.body.decode("utf-8"))
        except ValueError:
            return 400, [("", "Bad Request")]
        errors = errors_in(message, openapi=self._openapi)
        return (400, errors) if errors else None


def _refused(status: int, errors: list[Error]) -> Reply:
    shaped = [{"message": message, "field": field or None, "help": None} for field, message in errors]
    return Reply(status, {"Content-Type": "application/json"}, json.dumps({"errors": shaped}).encode())


def main() -> None:
    parser = argparse.ArgumentParser(description="a fake SendGrid on loopback")
    parser.add_argument("--key", default=KEY)
    parser.add_argument("--openapi", action="store_true", help="hold every message against the description too")
    add_options(parser)
    options = parser.parse_args()
    run(FakeSendGrid(key=options.key, openapi=OPENAPI if options.openapi else None), options)


if __name__ == "__main__":
    main()
