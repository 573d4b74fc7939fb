"""Mail: the message as SendGrid's `/v3/mail/send` takes it, and the client that posts it.

The message is built once, when the notice is decided, and frozen as text; what is posted later is that text,
byte for byte. The only thing of ours that SendGrid keeps for long is the effect id in `custom_args`: it says
nothing about anybody.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import httpx
from email_validator import EmailNotValidError, validate_email
from sendgrid.helpers.mail import (
    ClickTracking,
    Content,
    CustomArg,
    From,
    Ganalytics,
    Header,
    Mail,
    MimeType,
    OpenTracking,
    ReplyTo,
    Subject,
    SubscriptionTracking,
    To,
    TrackingSettings,
)

from dunning.errors import InputRejected, RuleViolation, SettingsInvalid
from tasks.outbox.exchange import DEADLINE_SECONDS, TIMEOUTS, Answer, Line
from tasks.outbox.outcome import Outcome, Refused, Sent, Uncertain, outcome_of_status

HOST = "https://api.sendgrid.com"
HOST_EU = "https://api.eu.sendgrid.com"
"""For accounts with EU data residency; such an account has its own key."""

EFFECT_ID_ARG = "effect_id"
"""Name of the custom argument that comes back with every event of SendGrid."""

LONGEST_SUBJECT = 150
LONGEST_NAME = 200
_CONTROLS = frozenset({"Cc", "Cs"})
_LINE_ENDS = frozenset({"Zl", "Zp"})
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FIELD_PATH = re.compile(r"[a-z_]+(\.[a-z_0-9]+){0,6}")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address, never joined: a crafted name must not become a second recipient."""

    address: str
    name: str = ""


class Mailer(Protocol):
    """Whatever sends a frozen payload: SendGrid, or files where no key is set."""

    async def send(self, payload: str, *, by: float | None = None) -> Outcome:
        """Try once. `by` is the instant of `time.monotonic` after which nothing may be written any more."""
        ...


def build_payload(
    *,
    effect_id: str,
    sender: Mailbox,
    recipient: Mailbox,
    reply_to: Mailbox,
    subject: str,
    text: str,
    html: str,
) -> dict[str, Any]:
    """Build one notice as SendGrid's JSON; freeze it with `frozen_text`.

    The same arguments give the same payload, `Message-ID` included. Raises InputRejected where the recipient
    has no usable address (`address_missing`) or a text cannot be sent (`unsendable_text`), SettingsInvalid
    where our own sender or reply address is wrong.
    """
    sender_address = _own_address(sender, "sender")
    mail = Mail(
        from_email=From(sender_address, _one_line(sender.name, "sender's name", LONGEST_NAME)),
        to_emails=To(sendable_address(recipient.address), _one_line(recipient.name, "name", LONGEST_NAME)),
        subject=Subject(_one_line(subject, "subject", LONGEST_SUBJECT)),
    )
    mail.reply_to = ReplyTo(
        _own_address(reply_to, "reply"), _one_line(reply_to.name, "reply name", LONGEST_NAME) or None
    )
    mail.add_content(Content(MimeType.text, _body(text)))
    mail.add_content(Content(MimeType.html, _body(html)))
    mail.add_header(Header("Message-ID", message_id(effect_id, sender_address)))
    mail.add_custom_arg(CustomArg(EFFECT_ID_ARG, effect_id))
    mail.tracking_settings = _no_tracking()
    payload: dict[str, Any] = mail.get()
    return payload


def message_id(effect_id: str, sender_address: str) -> str:
    """The `Message-ID` of a notice: derived, so that two copies of it are one message to a mail client."""
    return f"<{effect_id}@{sender_address.rpartition('@')[2]}>"


def sendable_address(address: str) -> str:
    """The address as SendGrid takes it (ASCII, domain in punycode), else InputRejected `address_missing`.

    Nothing is asked of the network: a domain that does not exist shows as a bounce.
    """
    try:
        valid = validate_email(address, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        valid = None
    if valid is None or valid.ascii_email is None:
        # Not chained: the library's message quotes the address.
        raise InputRejected(
            "address_missing", "no e-mail address that mail can be sent to", "correct the customer's address"
        )
    return valid.ascii_email


def _own_address(mailbox: Mailbox, which: str) -> str:
    try:
        return sendable_address(mailbox.address)
    except InputRejected as rejected:
        raise SettingsInvalid(
            f"the creditor's {which} address cannot be used for mail", "check MAHNLAUF_CREDITOR_EMAIL"
        ) from rejected


def _one_line(text: str, what: str, longest: int) -> str:
    """Refuse, never mend, what could add a header or turn the reading direction; lengths in characters."""
    if any(_unsendable(character) for character in text):
        raise InputRejected("unsendable_text", f"the {what} of a mail holds control characters")
    if len(text) > longest:
        raise InputRejected("unsendable_text", f"the {what} of a mail is longer than {longest} characters")
    return text.strip()


def _unsendable(character: str) -> bool:
    return unicodedata.category(character) in _CONTROLS | _LINE_ENDS or character in _BIDI_CONTROLS


def _body(text: str) -> str:
    if not text.strip():
        raise RuleViolation("a mail without a body")
    if any(character not in "\n\r\t" and unicodedata.category(character) in _CONTROLS for character in set(text)):
        raise InputRejected("unsendable_text", "the body of a mail holds control characters")
    return text


def _no_tracking() -> TrackingSettings:
    """Rewritten links look like phishing, and tracking a consumer's reading needs consent."""
    settings = TrackingSettings()
    settings.click_tracking = ClickTracking(enable=False, enable_text=False)
    settings.open_tracking = OpenTracking(enable=False)
    settings.subscription_tracking = SubscriptionTracking(enable=False)
    settings.ganalytics = Ganalytics(enable=False)
    return settings


class SendGridMailer:
    """Posts frozen payloads to SendGrid over kept-alive connections. For one event loop, by `async with`."""

    def __init__(
        self,
        key: str,
        *,
        host: str = HOST,
        timeouts: httpx.Timeout = TIMEOUTS,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        if not key or not (key.isascii() and key.isprintable()) or " " in key:
            raise SettingsInvalid(
                "the SendGrid key is empty or holds blanks or control characters", "check MAHNLAUF_SENDGRID_API_KEY"
            )
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._line = Line(host, headers, timeouts=timeouts, deadline_seconds=deadline_seconds)

    async def send(self, payload: str, *, by: float | None = None) -> Outcome:
        """Post the payload exactly as it was frozen, once."""
        answer = await self._line.exchange("POST", "/v3/mail/send", content=payload.encode("utf-8"), by=by)
        return outcome_of_answer(answer) if isinstance(answer, Answer) else answer

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._line.aclose()


def outcome_of_answer(answer: Answer) -> Outcome:
    """Say what SendGrid's answer means; a refusal names the field it is about, never its content."""
    provider_id = answer.headers.get("x-message-id", "")
    outcome = outcome_of_status(answer.status, answer.headers, provider_id=provider_id)
    if isinstance(outcome, Refused) and (path := _field_at_fault(answer.body)):
        return Refused(f"{outcome.reason} {path}", answer.status)
    if isinstance(outcome, Sent) and not provider_id and "html" in answer.headers.get("content-type", ""):
        # A page is not SendGrid's answer, whatever its status: a gateway stands between.
        return Uncertain("answer_not_the_providers", answer.status)
    return outcome


def _field_at_fault(body: bytes) -> str:
    """The path of the first field that an error names, such as `personalizations.0.to`; empty if none."""
    try:
        field = json.loads(body)["errors"][0]["field"]
    except (ValueError, LookupError, TypeError):
        return ""
    return field if isinstance(field, str) and _FIELD_PATH.fullmatch(field) else ""
