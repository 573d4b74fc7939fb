"""A collection agency for trying out: the interface of a real one on loopback, with a memory.

    python -m deployments.sandbox.agency --folder var/agency --port 8765

It checks credentials and fields, opens one case per reference, answers a repeated key with the first answer,
and takes payments. Nothing is collected from anybody.
"""

import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from deployments.sandbox.case_rules import Fault, faults_of_case, faults_of_payment, value_at
from deployments.sandbox.casebook import Casebook, KeyReused, ReferenceTaken, Repeated
from dunning.money import cents
from tasks.outbox.agency import credentials

LOOPBACK = "127.0.0.1"
SANDBOX_KEY = "00000000-0000-0000-0000-000000000000:sandbox:sandbox"
"""Not a secret: the sandbox listens on loopback only."""
LARGEST_BODY_BYTES = 256 * 1024


def create_app(folder: Path, *, key: str = SANDBOX_KEY) -> FastAPI:
    """The agency with its memory in `folder`; opens for those who name this key."""
    casebook = Casebook(folder)

    @asynccontextmanager
    async def closing(_app: FastAPI) -> AsyncIterator[None]:
        yield
        casebook.close()

    app = FastAPI(title="Sandbox collection agency", lifespan=closing, docs_url=None, redoc_url=None, openapi_url=None)
    expected = credentials(key)

    @app.middleware("http")
    async def check_credentials(request: Request, go_on: Any) -> Any:
        named = [request.headers.get(name, "") for name in expected]
        if not hmac.compare_digest("\0".join(named).encode(), "\0".join(expected.values()).encode()):
            return _answer(401, {"message": "unknown uuid, user or password"})
        return await go_on(request)

    @app.put("/collect/claim/new/")
    async def new_case(request: Request) -> JSONResponse:
        body = await _body(request)
        case = _json(body)
        faults = faults_of_case(case)
        if request.headers.get("validate") == "1":
            return _answer(200, _validation(faults))
        key = request.headers.get("idempotency-key", "")
        if (before := _before(casebook, request, key, body)) is not None:
            return before
        if faults:
            return _answer(400, _validation(faults))
        opened = casebook.open_case(
            key,
            _fingerprint(request, body),
            reference=case["ClientCustomerRefNo"],
            amount_cents=cents(Decimal(value_at(case, "Claim.Amount"))),
            body=body.decode("utf-8"),
        )
        if isinstance(opened, ReferenceTaken):
            return _answer(409, {"message": "a case under this reference exists", "Az": opened.case_number})
        return _answer(201, opened)

    @app.get("/collect/claim/")
    async def look_up(request: Request) -> JSONResponse:
        return _answer(200, {"aClaim": casebook.by_reference(request.query_params.get("ClientCustomerRefNo", ""))})

    @app.get("/collect/claim/{case_number}/status/")
    async def status(case_number: str) -> JSONResponse:
        case = casebook.by_number(case_number)
        return _answer(200, case) if case else _answer(404, {"message": "no such case"})

    @app.put("/collect/claim/{case_number}/payment/")
    async def payment(request: Request, case_number: str) -> JSONResponse:
        body = await _body(request)
        key = request.headers.get("idempotency-key", "")
        if casebook.by_number(case_number) is None:
            return _answer(404, {"message": "no such case"})
        if (before := _before(casebook, request, key, body)) is not None:
            return before
        paid = _json(body)
        if faults := faults_of_payment(paid):
            return _answer(400, _validation(faults))
        booked = casebook.book_payment(
            key,
            _fingerprint(request, body),
            case_number=case_number,
            amount_cents=cents(Decimal(paid["Amount"])),
            value_on=paid["ValueDate"],
        )
        return _answer(201, booked)

    return app


def _before(casebook: Casebook, request: Request, key: str, body: bytes) -> JSONResponse | None:
    """The answer that this key got before, or why the key cannot be used; None where the key is fresh."""
    if not key or len(key) > 255:
        return _answer(400, _validation([{"field": "IdempotencyKey", "message": "must be named, once per effect"}]))
    match casebook.answered(key, _fingerprint(request, body)):
        case Repeated(answer):
            return _answer(201, answer)
        case KeyReused():
            return _answer(422, {"message": "this idempotency key belongs to another request"})
        case None:
            return None


def _fingerprint(request: Request, body: bytes) -> str:
    return hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            return b""  # is no case, and is answered so
    return bytes(body)


def _json(body: bytes) -> Any:
    """The body with exact numbers; None where it is no JSON."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None


def _validation(faults: list[Fault]) -> dict[str, Any]:
    return {"aValidationResult": {"bValid": not faults, "aMessage": faults}}


def _answer(status: int, body: dict[str, Any]) -> JSONResponse:
    return JSONResponse(body, status_code=status)


def main(
    folder: Annotated[Path, typer.Option(help="Where the cases are kept.")],
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes a free one.")] = 0,
    key: Annotated[str, typer.Option(help="uuid:user:password", envvar="MAHNLAUF_AGENCY_KEY")] = SANDBOX_KEY,
) -> None:
    """Run the sandbox agency until it is stopped; prints its address when it is ready to listen."""
    listener = socket.create_server((LOOPBACK, port))
    print(f"http://{LOOPBACK}:{listener.getsockname()[1]}", flush=True)
    server = uvicorn.Server(uvicorn.Config(create_app(folder, key=key), log_level="warning", access_log=False))
    server.run(sockets=[listener])


if __name__ == "__main__":
    typer.run(main)
