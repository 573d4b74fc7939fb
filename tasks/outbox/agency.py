"""The collection agency's interface, after mediaFinanz v2.2, and the client that speaks it.

An agency opens one case per reference of ours, and answers a repeated key with the first answer. Whatever
remains uncertain is looked up by our reference before it is tried again.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import quote

import httpx

from dunning.errors import InputRejected, SettingsInvalid
from dunning.money import cents
from tasks.outbox.agency_case import json_number
from tasks.outbox.exchange import DEADLINE_SECONDS, TIMEOUTS, Answer, Line
from tasks.outbox.outcome import Forbidden, NotSent, Outcome, Refused, Sent, Uncertain, outcome_of_status

_MISREAD = (KeyError, TypeError, ValueError, ArithmeticError, InputRejected)
_FIELD_PATH = re.compile(r"[A-Za-z]+(\.[A-Za-z0-9]+){0,6}")


@dataclass(frozen=True, slots=True)
class Valid:
    """The agency would take the case; nothing was stored."""


@dataclass(frozen=True, slots=True)
class CaseFound:
    """The agency has a case under our reference."""

    case_number: str
    """The agency's number (Aktenzeichen), 11 digits."""
    amount_cents: int
    """The amount it was opened with."""
    status: str


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """Where a case stands at the agency."""

    case_number: str
    status: str
    amount_cents: int
    paid_cents: int


@dataclass(frozen=True, slots=True)
class CaseNotFound:
    """The agency has no such case."""


Unanswered = NotSent | Refused | Forbidden
"""A question that got no answer changes nothing: there is no uncertainty about a look-up."""


class Agency(Protocol):
    """What the outbox asks of an agency: `AgencyClient`, or a double in a replay."""

    async def validate(self, case: str) -> Valid | Unanswered:
        """Ask whether the agency would take the case."""
        ...

    async def find(self, reference: str, *, by: float | None = None) -> CaseFound | CaseNotFound | Unanswered:
        """Look a case up by our reference."""
        ...

    async def open_case(self, case: str, idempotency_key: str, *, by: float | None = None) -> Outcome:
        """Hand a case over; `Sent` carries the agency's case number."""
        ...

    async def report_payment(
        self, case_number: str, amount_cents: int, value_on: date, idempotency_key: str, *, by: float | None = None
    ) -> Outcome:
        """Tell the agency of a payment that came to us."""
        ...


class AgencyClient:
    """Speaks to one agency over kept-alive connections. For one event loop, by `async with`."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeouts: httpx.Timeout = TIMEOUTS,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        headers = {"Accept": "application/json", "Content-Type": "application/json", **credentials(key)}
        self._line = Line(url, headers, timeouts=timeouts, deadline_seconds=deadline_seconds)

    async def validate(self, case: str) -> Valid | Unanswered:
        """Ask whether the agency would take the case; a refusal names the fields at fault."""
        answer = await self._line.exchange(
            "PUT", "/collect/claim/new/", content=case.encode("utf-8"), headers={"validate": "1"}
        )
        if not isinstance(answer, Answer) or answer.status != 200:
            return _unanswered(answer)
        result = _read(answer).get("aValidationResult")
        if not isinstance(result, dict):
            return NotSent("answer_unreadable", None, answer.status)
        return Valid() if result.get("bValid") is True else Refused(_faults(answer), answer.status)

    async def find(self, reference: str, *, by: float | None = None) -> CaseFound | CaseNotFound | Unanswered:
        """Look a case up by our reference."""
        answer = await self._line.exchange("GET", "/collect/claim/", params={"ClientCustomerRefNo": reference}, by=by)
        if not isinstance(answer, Answer) or answer.status != 200:
            return _unanswered(answer)
        try:
            cases = _read(answer)["aClaim"]
            return _found(next(case for case in cases if case["ClientCustomerRefNo"] == reference))
        except StopIteration:
            return CaseNotFound()
        except _MISREAD:
            return NotSent("answer_unreadable", None, answer.status)

    async def open_case(self, case: str, idempotency_key: str, *, by: float | None = None) -> Outcome:
        """Hand a case over, exactly as it was frozen. `Sent` carries the agency's case number.

        A conflict is resolved at once by a look-up: the same amount under our reference is our earlier try.
        After `Uncertain`, `find` comes before any further try, and the key stays the same.
        """
        answer = await self._line.exchange(
            "PUT",
            "/collect/claim/new/",
            content=case.encode("utf-8"),
            headers={"Idempotency-Key": idempotency_key},
            by=by,
        )
        if isinstance(answer, Answer) and answer.status == 409:
            return await self._resolve_conflict(case, by)
        return _outcome(answer, "Az")

    async def _resolve_conflict(self, case: str, by: float | None) -> Outcome:
        ours = json.loads(case, parse_float=Decimal)
        found = await self.find(ours["ClientCustomerRefNo"], by=by)
        if not isinstance(found, CaseFound):
            return Uncertain("conflict_unresolved", 409)
        if found.amount_cents != cents(Decimal(ours["Claim"]["Amount"])):
            return Refused("other_case_under_reference", 409)
        return Sent(found.case_number, 409)

    async def report_payment(
        self,
        case_number: str,
        amount_cents: int,
        value_on: date,
        idempotency_key: str,
        *,
        by: float | None = None,
    ) -> Outcome:
        """Tell the agency of a payment that came to us; to be repeated with the same key until `Sent`."""
        payment = {"Amount": json_number(amount_cents), "ValueDate": value_on.isoformat()}
        answer = await self._line.exchange(
            "PUT",
            f"/collect/claim/{quote(case_number, safe='')}/payment/",
            content=json.dumps(payment, sort_keys=True).encode("utf-8"),
            headers={"Idempotency-Key": idempotency_key},
            by=by,
        )
        return _outcome(answer, "PaymentNo")

    async def status(self, case_number: str) -> CaseStatus | CaseNotFound | Unanswered:
        """Ask where a case stands."""
        answer = await self._line.exchange("GET", f"/collect/claim/{quote(case_number, safe='')}/status/")
        if isinstance(answer, Answer) and answer.status == 404:
            return CaseNotFound()
        if not isinstance(answer, Answer) or answer.status != 200:
            return _unanswered(answer)
        try:
            case = _read(answer)
            return CaseStatus(
                str(case["Az"]),
                str(case["Status"]),
                cents(Decimal(case["Amount"])),
                cents(Decimal(case["Paid"])),
            )
        except _MISREAD:
            return NotSent("answer_unreadable", None, answer.status)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._line.aclose()


def credentials(key: str) -> dict[str, str]:
    """The three headers of a key `uuid:user:password`; SettingsInvalid where it is none."""
    parts = key.split(":", 2)
    if len(parts) != 3 or not all(parts) or not (key.isascii() and key.isprintable()):
        raise SettingsInvalid("the agency's key is not of the form uuid:user:password", "check MAHNLAUF_AGENCY_KEY")
    return dict(zip(("uuid", "user", "password"), parts, strict=True))


def _outcome(answer: Answer | NotSent | Uncertain, number_field: str) -> Outcome:
    if not isinstance(answer, Answer):
        return answer
    if answer.status == 422:
        return Refused("idempotency_key_reused", 422)
    outcome = outcome_of_status(answer.status, answer.headers)
    if isinstance(outcome, Refused):
        return Refused(f"{outcome.reason} {_faults(answer)}".strip(), answer.status)
    if not isinstance(outcome, Sent):
        return outcome
    number = _read(answer).get(number_field)
    return Sent(str(number), answer.status) if number else Uncertain("answer_unreadable", answer.status)


def _unanswered(answer: Answer | NotSent | Uncertain) -> Unanswered:
    outcome = outcome_of_status(answer.status, answer.headers) if isinstance(answer, Answer) else answer
    if isinstance(outcome, Sent | Uncertain):
        reason = outcome.reason if isinstance(outcome, Uncertain) else "answer_unreadable"
        return NotSent(reason, None, outcome.http_status)
    return outcome


def _read(answer: Answer) -> dict[str, Any]:
    """The answer as JSON object with exact numbers; empty where it is none."""
    try:
        body = json.loads(answer.body, parse_float=Decimal)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _faults(answer: Answer) -> str:
    """The fields that the agency's validation complains of, as one word; never what stands in them."""
    try:
        fields = [message["field"] for message in _read(answer)["aValidationResult"]["aMessage"]]
    except (KeyError, TypeError):
        return ""
    return ",".join(field for field in fields if _FIELD_PATH.fullmatch(str(field)))[:200]


def _found(case: dict[str, Any]) -> CaseFound:
    return CaseFound(str(case["Az"]), cents(Decimal(case["Amount"])), str(case["Status"]))
