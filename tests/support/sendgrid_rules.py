"""What SendGrid answers with 400: by its mail/send description, and by rules that the description misses."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

OPENAPI = Path(__file__).parents[2].parent / "shared" / "data" / "sendgrid"
"""Where the mail/send part of SendGrid's OpenAPI description lies, if it is at hand."""

Error = tuple[str, str]
"""The field at fault, and what is wrong with it."""

_BASE = "http://openapi.invalid/"
_FIELDS = {
    *("personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments"),
    *("template_id", "headers", "categories", "custom_args", "send_at", "batch_id", "asm"),
    *("ip_pool_name", "mail_settings", "tracking_settings"),
}
_ENVELOPE_FIELDS = {
    *("from", "to", "cc", "bcc", "subject", "headers"),
    *("substitutions", "dynamic_template_data", "custom_args", "send_at"),
}
_RESERVED_HEADERS = {
    *("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"),
    *("to", "from", "subject", "reply-to", "cc", "bcc"),
}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_CONTENT_ORDER = ["text/plain", "text/html"]
_LARGEST_CUSTOM_ARGS = 10_000
_LARGEST_COUNT = 1_000


def errors_in(message: Any, *, openapi: Path | None = None) -> list[Error]:
    """Everything that is wrong with a message; `openapi` adds the rules of the description in that folder."""
    if not isinstance(message, dict):
        return [("", "Bad Request")]
    found = list(_own_errors(message))
    if openapi is not None:
        found += [(_path(error.absolute_path), error.message) for error in _validator(openapi).iter_errors(message)]
    return found


def _own_errors(message: dict[str, Any]) -> Iterator[Error]:
    for name in sorted(message.keys() - _FIELDS):
        yield name, "Additional property is not allowed"
    yield from _mailbox_errors("from", message.get("from"))
    if "reply_to" in message:
        yield from _mailbox_errors("reply_to", message["reply_to"])
    if not message.get("template_id"):
        yield from _text_errors("subject", message.get("subject"))
        yield from _content_errors(message.get("content"))
    yield from _header_errors("headers", message.get("headers", {}))
    yield from _custom_arg_errors("custom_args", message.get("custom_args", {}))
    envelopes = message.get("personalizations")
    if not isinstance(envelopes, list) or not 1 <= len(envelopes) <= _LARGEST_COUNT:
        yield "personalizations", "must be an array of 1 to 1000 objects"
        return
    for index, envelope in enumerate(envelopes):
        yield from _envelope_errors(f"personalizations.{index}", envelope)


def _envelope_errors(path: str, envelope: Any) -> Iterator[Error]:
    if not isinstance(envelope, dict):
        yield path, "must be an object"
        return
    for name in sorted(envelope.keys() - _ENVELOPE_FIELDS):
        yield f"{path}.{name}", "Additional property is not allowed"
    to = envelope.get("to")
    if not isinstance(to, list) or not 1 <= len(to) <= _LARGEST_COUNT:
        yield f"{path}.to", "must be an array of 1 to 1000 recipients"
        return
    for index, mailbox in enumerate(to):
        yield from _mailbox_errors(f"{path}.to.{index}", mailbox)
    yield from _custom_arg_errors(f"{path}.custom_args", envelope.get("custom_args", {}))


def _mailbox_errors(path: str, mailbox: Any) -> Iterator[Error]:
    if not isinstance(mailbox, dict) or not isinstance(mailbox.get("email"), str):
        yield f"{path}.email", "The email is required"
        return
    if mailbox.keys() - {"email", "name"}:
        yield path, "Additional property is not allowed"
    if not _ADDRESS.fullmatch(mailbox["email"]):
        yield f"{path}.email", "Does not contain a valid address."
    if "name" in mailbox and (not isinstance(mailbox["name"], str) or not mailbox["name"].isprintable()):
        yield f"{path}.name", "Is not a valid name"


def _text_errors(path: str, text: Any) -> Iterator[Error]:
    if not isinstance(text, str) or not text:
        yield path, "is required and must not be empty"
    elif "\r" in text or "\n" in text:
        yield path, "must be one line"


def _content_errors(content: Any) -> Iterator[Error]:
    if not isinstance(content, list) or not content:
        yield "content", "must be an array with at least one object"
        return
    for index, part in enumerate(content):
        if not isinstance(part, dict) or not part.get("type") or not part.get("value"):
            yield f"content.{index}.value", "must be a string at least one character in length"
    types = [part.get("type") for part in content if isinstance(part, dict)]
    known = [mime_type for mime_type in types if mime_type in _CONTENT_ORDER]
    if known != [mime_type for mime_type in _CONTENT_ORDER if mime_type in known] or types[: len(known)] != known:
        yield "content", "text/plain comes first, then text/html, each once, then the others"


def _header_errors(path: str, headers: Any) -> Iterator[Error]:
    if not isinstance(headers, dict):
        yield path, "must be an object"
        return
    for name, value in headers.items():
        if name.lower() in _RESERVED_HEADERS:
            yield f"{path}.{name.lower()}", "is a reserved header"
        if not isinstance(value, str) or not value.isprintable() or not value.isascii():
            yield f"{path}.{name.lower()}", "must be one line of ASCII"


def _custom_arg_errors(path: str, arguments: Any) -> Iterator[Error]:
    if not isinstance(arguments, dict):
        yield path, "must be an object"
        return
    if not all(isinstance(value, str) for value in arguments.values()):
        yield path, "values must be strings"
    if len(json.dumps(arguments).encode()) > _LARGEST_CUSTOM_ARGS:
        yield path, "may not exceed 10,000 bytes"


@cache
def _validator(folder: Path) -> Draft202012Validator:
    """The description's schema of a message, with its two known faults mended."""
    described = json.loads((folder / "paths/mail_send/mail_send.json").read_text(encoding="utf-8"))
    schema = deepcopy(described["mail_send"]["post"]["requestBody"]["content"]["application/json"]["schema"])
    schema["properties"]["custom_args"]["type"] = "object"
    schema["required"] = [name for name in schema["required"] if name not in ("subject", "content")]
    parts = json.loads((folder / "components/schemas.json").read_text(encoding="utf-8"))
    resources = [(f"{_BASE}components/schemas.json", Resource.opaque(parts))]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator({"$id": f"{_BASE}paths/mail_send/mail_send.json", **schema}, registry=registry)


def _path(parts: Any) -> str:
    return ".".join(str(part) for part in parts)
