"""The sandbox agency that ships: strict about fields and keys, and with a memory that survives being killed."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.sandbox.agency import SANDBOX_KEY, create_app
from deployments.sandbox.case_rules import faults_of_case, faults_of_payment
from tasks.outbox.agency import AgencyClient, CaseFound, credentials
from tasks.outbox.agency_case import build_case
from tasks.outbox.frozen import frozen_text
from tasks.outbox.outcome import NotSent, Outcome, Sent, Uncertain
from tests.support.dossiers import dossier
from tests.support.sandbox_agency import SandboxAgency

NEW = "/collect/claim/new/"


def case(**changes: Any) -> dict[str, Any]:
    built: dict[str, Any] = json.loads(frozen_text(build_case(dossier(**changes))), parse_float=Decimal)
    return built


# Fields

Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (lambda c: None, []),
        (lambda c: c.pop("Memo"), []),
        (lambda c: c["Claim"].pop("DunningCosts"), []),
        (lambda c: c["Claim"]["DunningCosts"].pop("Value"), ["Claim.DunningCosts.Value"]),
        (lambda c: c.pop("ClientCustomerRefNo"), ["ClientCustomerRefNo"]),
        (lambda c: c.update(ClientCustomerRefNo="x" * 41), ["ClientCustomerRefNo"]),
        (lambda c: c.update(Memo="x" * 201), ["Memo"]),
        (lambda c: c.update(Stage="Z"), ["Stage"]),
        (lambda c: c["Claim"].update(Amount=0), ["Claim.Amount"]),
        (lambda c: c["Claim"].update(Amount=-5), ["Claim.Amount"]),
        (lambda c: c["Claim"].update(Amount="10.00"), ["Claim.Amount"]),
        (lambda c: c["Claim"].update(Amount=True), ["Claim.Amount"]),
        (lambda c: c["Claim"].update(ContractDate="08.01.2026"), ["Claim.ContractDate"]),
        (lambda c: c["Claim"].update(ContractDate="2026-02-30"), ["Claim.ContractDate"]),
        (lambda c: c["Claim"].update(Reason="two\nlines"), ["Claim.Reason"]),
        (lambda c: c["Debtor"].update(LastName=" "), ["Debtor.LastName"]),
        (lambda c: c["Debtor"].update(PersonType=2), ["Debtor.Company"]),
        (lambda c: c["Debtor"].update(PersonType=3), ["Debtor.PersonType"]),
        (lambda c: c["Debtor"]["PostalAddress"].update(CountryCode="de"), ["Debtor.PostalAddress.CountryCode"]),
    ],
)
def test_faults_are_named_by_field(change: Change, faults: list[str]) -> None:
    changed = case()
    change(changed)
    assert [fault["field"] for fault in faults_of_case(changed)] == faults


@pytest.mark.parametrize("nonsense", [None, [], "x", 1, {"Debtor": [], "Claim": "x"}])
def test_nonsense_has_every_fault_and_no_accident(nonsense: Any) -> None:
    assert len(faults_of_case(nonsense)) > 10
    assert [fault["field"] for fault in faults_of_payment(nonsense)] == ["Amount", "ValueDate"]


# The interface


@pytest.fixture
async def agency(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(tmp_path)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://agency", headers=credentials(SANDBOX_KEY)
        ) as client,
    ):
        yield client


def put(agency: httpx.AsyncClient, body: str, key: str = "key-1", **headers: str) -> Any:
    return agency.put(NEW, content=body, headers={"Idempotency-Key": key, **headers})


CASE = frozen_text(build_case(dossier()))


async def test_a_new_case_gets_a_number_of_eleven_digits(agency: httpx.AsyncClient) -> None:
    answer = await put(agency, CASE)
    assert answer.status_code == 201
    assert answer.json() == {"Az": "70000000001", "ClientCustomerRefNo": "RE-2026-1042"}


async def test_validation_answers_and_stores_nothing(agency: httpx.AsyncClient) -> None:
    valid = await agency.put(NEW, content=CASE, headers={"validate": "1"})
    assert (valid.status_code, valid.json()) == (200, {"aValidationResult": {"bValid": True, "aMessage": []}})
    invalid = await agency.put(NEW, content=b"{}", headers={"validate": "1"})
    assert invalid.status_code == 200
    assert invalid.json()["aValidationResult"]["bValid"] is False
    assert {"field": "Claim.Amount", "message": "must be a number"} in invalid.json()["aValidationResult"]["aMessage"]
    found = await agency.get("/collect/claim/", params={"ClientCustomerRefNo": "RE-2026-1042"})
    assert found.json() == {"aClaim": []}


async def test_the_same_key_and_body_get_the_same_answer_and_one_case(agency: httpx.AsyncClient) -> None:
    first, second = await put(agency, CASE), await put(agency, CASE)
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert (await put(agency, frozen_text(build_case(dossier(reference="other"))), "key-2")).json()[
        "Az"
    ] == "70000000002"


async def test_a_key_for_another_body_is_refused(agency: httpx.AsyncClient) -> None:
    await put(agency, CASE)
    assert (await put(agency, CASE + " ")).status_code == 422


async def test_a_reference_under_another_key_conflicts(agency: httpx.AsyncClient) -> None:
    await put(agency, CASE)
    conflict = await put(agency, CASE, "key-2")
    assert (conflict.status_code, conflict.json()["Az"]) == (409, "70000000001")


async def test_a_refused_case_leaves_its_key_free(agency: httpx.AsyncClient) -> None:
    assert (await put(agency, "{}")).status_code == 400
    assert (await put(agency, CASE)).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_is_needed(agency: httpx.AsyncClient, key: str) -> None:
    answer = await put(agency, CASE, key)
    assert answer.status_code == 400
    assert answer.json()["aValidationResult"]["aMessage"][0]["field"] == "IdempotencyKey"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"x" * 300_000, b'{"Memo": "\\ud800"}'])
async def test_no_body_upsets_it(agency: httpx.AsyncClient, body: bytes) -> None:
    assert (await agency.put(NEW, content=body, headers={"Idempotency-Key": "key"})).status_code == 400


@pytest.mark.parametrize("name", ["uuid", "user", "password"])
@pytest.mark.parametrize("path", [NEW, "/collect/claim/", "/collect/claim/70000000001/status/", "/nowhere"])
async def test_every_door_asks_for_credentials(agency: httpx.AsyncClient, path: str, name: str) -> None:
    assert (await agency.get(path, headers={name: "wrong"})).status_code == 401


async def test_payments_add_up(agency: httpx.AsyncClient) -> None:
    await put(agency, CASE)
    door = "/collect/claim/70000000001/payment/"
    for key, amount in (("a", "60.00"), ("a", "60.00"), ("b", "41.50")):
        body = f'{{"Amount": {amount}, "ValueDate": "2026-04-02"}}'
        assert (await agency.put(door, content=body, headers={"Idempotency-Key": key})).status_code == 201
    status = await agency.get("/collect/claim/70000000001/status/")
    assert status.json() == {
        "Az": "70000000001",
        "ClientCustomerRefNo": "RE-2026-1042",
        "Status": "paid",
        "Amount": 101.5,
        "Paid": 101.5,
    }
    wrong = await agency.put(door, content='{"Amount": 1.005}', headers={"Idempotency-Key": "c"})
    assert [fault["field"] for fault in wrong.json()["aValidationResult"]["aMessage"]] == ["Amount", "ValueDate"]


# The memory


async def test_it_remembers_after_a_restart(tmp_path: Path) -> None:
    sandbox = SandboxAgency(tmp_path)
    with sandbox:
        async with AgencyClient(sandbox.url, SANDBOX_KEY) as client:
            first = await client.open_case(CASE, "key-1")
    assert isinstance(first, Sent)
    with sandbox:
        async with AgencyClient(sandbox.url, SANDBOX_KEY) as client:
            assert await client.open_case(CASE, "key-1") == first
            assert await client.find("RE-2026-1042") == CaseFound(first.provider_id, 10_150, "accepted")


async def test_killed_in_the_middle_it_forgets_nothing_that_it_answered(tmp_path: Path) -> None:
    """Three kills with a request under way: what was answered is there, what is repeated is one case."""
    cases = {f"R-{n}": frozen_text(build_case(dossier(reference=f"R-{n}"))) for n in range(60)}
    numbers: dict[str, str] = {}
    sandbox = SandboxAgency(tmp_path)
    for kill_at in (5, 20, 35):
        with sandbox:
            outcome = await _open_all(sandbox, cases, numbers, kill_at=kill_at)
        assert isinstance(outcome, NotSent | Uncertain), "the kill hit nothing"
    answered = dict(numbers)
    with sandbox:
        assert isinstance(await _open_all(sandbox, cases, numbers), Sent)
        async with AgencyClient(sandbox.url, SANDBOX_KEY) as client:
            for reference, number in numbers.items():
                assert await client.find(reference) == CaseFound(number, 10_150, "accepted")
    assert answered.items() <= numbers.items()
    assert len(set(numbers.values())) == len(cases)


async def _open_all(
    sandbox: SandboxAgency, cases: dict[str, str], numbers: dict[str, str], *, kill_at: int | None = None
) -> Outcome | None:
    """Open what is not known to be open, each under its own key, until it fails; returns the last outcome."""
    outcome: Outcome | None = None
    async with AgencyClient(sandbox.url, SANDBOX_KEY) as client:
        for reference in [reference for reference in cases if reference not in numbers]:
            trying = asyncio.create_task(client.open_case(cases[reference], f"key-{reference}"))
            if len(numbers) == kill_at:
                await asyncio.sleep(0)  # lets the try begin
                sandbox.interrupt()
            outcome = await trying
            if not isinstance(outcome, Sent):
                return outcome
            numbers[reference] = outcome.provider_id
    return outcome
