"""Mail without a SendGrid key: each message becomes a file in the outbox folder, for any mail program.

The file is made from the very payload that would be posted: subject, text and HTML decode to exactly its
strings. It carries no `Date`: the payload has none (SendGrid adds it), and equal payloads give equal bytes.
"""

import binascii
import json
import os
import re
from email.header import Header
from pathlib import Path
from typing import Any

from dunning.errors import RuleViolation
from tasks.outbox.mail import EFFECT_ID_ARG
from tasks.outbox.outcome import NotSent, Outcome, Refused, Sent

_EFFECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLAIN = re.compile(r"[A-Za-z0-9 ]*")


class FileMailer:
    """Writes `<effect id>.eml` instead of sending: whole or not at all, once however often it is asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, payload: str, *, by: float | None = None) -> Outcome:
        """Write the message. A file with these bytes is as good as written; one with others is left alone.

        A write is over at once, so `by` changes nothing. Asking again is safe, so a full disk is `NotSent`.
        """
        message = json.loads(payload)
        name = f"{effect_id_of(message)}.eml"
        content = eml(message)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if (path := self._folder / name).exists():
                return Sent(name) if path.read_bytes() == content else Refused("other_file_under_this_id")
            _write_whole(path, content)
        except OSError:
            return NotSent("outbox_not_writable")
        return Sent(name)

    def proof(self, effect_id: str) -> Sent | NotSent:
        """Whether this message was written; files appear whole or not at all, so the answer is certain."""
        name = f"{effect_id}.eml"
        return Sent(name) if (self._folder / name).exists() else NotSent("not_in_outbox")


def effect_id_of(payload: dict[str, Any]) -> str:
    """The effect id that the payload carries; RuleViolation where it carries none."""
    effect_id = payload.get("custom_args", {}).get(EFFECT_ID_ARG, "")
    if not _EFFECT_ID.fullmatch(effect_id):
        raise RuleViolation("a mail payload without an effect id")
    return str(effect_id)


def eml(payload: dict[str, Any]) -> bytes:
    """The payload as an RFC 5322 message with both bodies, as `multipart/alternative`.

    Written line by line, so that the bytes do not depend on the Python that wrote them.
    """
    # Cannot occur in a body: there "=" is followed by two hexadecimal digits or the end of the line.
    boundary = f"=_{effect_id_of(payload)}"
    lines = [
        f"From: {_mailbox(payload['from'])}",
        f"To: {_mailbox(payload['personalizations'][0]['to'][0])}",
        f"Reply-To: {_mailbox(payload['reply_to'])}",
        f"Subject: {_encoded(payload['subject'])}",
        *(f"{name}: {_bare(value)}" for name, value in payload["headers"].items()),
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "",
    ]
    for content in payload["content"]:
        lines += [f"--{boundary}", *_part(content["type"], content["value"])]
    lines += [f"--{boundary}--", ""]
    return "\n".join(lines).encode("ascii")


def _mailbox(mailbox: dict[str, str]) -> str:
    address = f"<{_bare(mailbox['email'])}>"
    return f"{_encoded(mailbox['name'])} {address}" if mailbox.get("name") else address


def _encoded(text: str) -> str:
    """A text as it may stand in a header: encoded words (RFC 2047) unless it is letters and digits only."""
    return text if _PLAIN.fullmatch(text) else Header(text, "utf-8").encode()


def _bare(value: str) -> str:
    """A value that goes into a header as it is; RuleViolation where it could add a line."""
    if not value.isascii() or not value.isprintable():
        raise RuleViolation("a mail payload with a header that is more than one line")
    return value


def _part(mime_type: str, text: str) -> list[str]:
    """One body in quoted-printable, line by line, so that its line ends survive as they are."""
    encoded = (binascii.b2a_qp(line.encode("utf-8"), istext=False) for line in text.split("\n"))
    return [
        f'Content-Type: {_bare(mime_type)}; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        "",
        *(line.decode("ascii") for line in encoded),
    ]


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside, force to disk, rename: after a crash the file is whole or not there."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.touch(mode=0o600)
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
