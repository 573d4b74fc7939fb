"""The agency's client, over real HTTP: against the sandbox as it ships, and through a relay that fails."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.sandbox.agency import SANDBOX_KEY
from dunning.allocation import standing
from dunning.errors import InputRejected, SettingsInvalid
from tasks.outbox.agency import AgencyClient, CaseFound, CaseNotFound, CaseStatus, Valid
from tasks.outbox.agency_case import build_case, json_number
from tasks.outbox.exchange import TIMEOUTS
from tasks.outbox.frozen import frozen_text
from tasks.outbox.outcome import Forbidden, NotSent, Refused, Sent, Uncertain
from tests.support.dossiers import DOSSIER, ERIKA, LADDER, dossier
from tests.support.faults import FaultPlan, Reply
from tests.support.faulty_server import FaultyServer, Journal, Received, Relay
from tests.support.sandbox_agency import SandboxAgency

HASTY = httpx.Timeout(connect=10.0, read=0.4, write=10.0, pool=10.0)
WITHOUT_FEE: dict[str, Any] = {"lines": DOSSIER.lines[:2], "account": standing(DOSSIER.lines[:2])}


# What is told


def test_a_consumers_case_as_the_agency_takes_it() -> None:
    assert build_case(DOSSIER) == {
        "ClientCustomerRefNo": "RE-2026-1042",
        "Stage": "V",
        "Debtor": {
            "LegalForm": "Sonstige",
            "PersonType": 1,
            "Company": "",
            "LastName": "Beispiel",
            "FirstName": "Erika Maria",
            "PostalAddress": {
                "Annex": "",
                "Street": "Lindenallee 12",
                "PostalCode": "10115",
                "City": "Berlin",
                "CountryCode": "DE",
                "Validity": 1,
            },
            "Communications": [{"Means": 1, "Type": 1, "Value": "erika@example.org", "Validity": 1}],
        },
        "Claim": {
            "Amount": 101.5,
            "ContractDate": "2026-01-08",
            "ContractualItemCatalogueNo": "43",
            "ContractualCondition": 1,
            "OriginalCreatorName": "Blumen & Söhne GmbH",
            "Reason": "Rosenstöcke",
            "PrincipalClaim": {
                "Number": "RE-2026-1042",
                "Value": 99.0,
                "Date": "2026-01-10",
                "Remark": "fällig am 2026-01-24",
            },
            "DunningCosts": {
                "Number": "RE-2026-1042",
                "Value": 2.5,
                "Date": "2026-03-12",
                "Remark": "Mahnkosten",
            },
        },
        "Memo": "Kunde K-77. Gemahnt: Stufe 1 am 2026-01-29, Stufe 2 am 2026-02-20, Stufe 3 am 2026-03-12.",
    }


def test_a_business_is_named_as_a_company() -> None:
    debtor = build_case(dossier(debtor=LADDER))["Debtor"]
    assert (debtor["PersonType"], debtor["Company"]) == (2, "Leiter & Sohn GmbH")
    assert (debtor["LastName"], debtor["FirstName"], debtor["Communications"]) == ("", "", [])
    assert debtor["PostalAddress"]["Annex"] == "Hinterhaus"


@pytest.mark.parametrize(
    ("debtor", "first_name", "last_name"),
    [
        (replace(ERIKA, name="Erika Beispiel"), "Erika", "Beispiel"),
        (replace(ERIKA, name="  Erika   Maria\nBeispiel "), "Erika Maria", "Beispiel"),
        (replace(ERIKA, name="Beispiel"), "", "Beispiel"),
        (
            replace(ERIKA, name="Erika von der Heide", first_name="Erika", last_name="von der Heide"),
            "Erika",
            "von der Heide",
        ),
    ],
)
def test_names_of_a_person(debtor: Any, first_name: str, last_name: str) -> None:
    told = build_case(dossier(debtor=debtor))["Debtor"]
    assert (told["FirstName"], told["LastName"]) == (first_name, last_name)


def test_without_fees_no_dunning_costs_are_claimed() -> None:
    assert "DunningCosts" not in build_case(dossier(**WITHOUT_FEE))["Claim"]


def test_long_texts_are_cut_to_the_interfaces_lengths() -> None:
    case = build_case(dossier(subject="Rose " * 100, notices=DOSSIER.notices * 5))
    assert (len(case["Claim"]["Reason"]), len(case["Memo"])) == (200, 200)


def test_an_incomplete_dossier_is_refused_by_the_names_of_its_gaps() -> None:
    with pytest.raises(InputRejected, match="debtor_street") as caught:
        build_case(dossier(debtor=replace(ERIKA, street="")))
    assert caught.value.reason == "dossier_incomplete"
    assert "Erika" not in str(caught.value)


@given(st.integers(1, 10**14))
def test_an_amount_is_written_to_the_cent(cents: int) -> None:
    assert Decimal(json.dumps(json_number(cents))) == Decimal(cents) / 100


@pytest.mark.parametrize("key", ["", "uuid", "uuid:user", "uuid:user:", ":user:password", "ü:user:pw", "a:b:c\n"])
def test_a_key_of_another_form_is_a_wrong_setting(key: str) -> None:
    with pytest.raises(SettingsInvalid, match="MAHNLAUF_AGENCY_KEY") as caught:
        AgencyClient("http://127.0.0.1:1", key)
    assert "password" not in caught.value.what.replace("uuid:user:password", "")


# Against the sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxAgency]:
    with SandboxAgency(tmp_path_factory.mktemp("agency")) as running:
        yield running


def a_case(**changes: Any) -> tuple[str, str]:
    """A fresh reference and the frozen case under it."""
    reference = str(uuid4())
    return reference, frozen_text(build_case(dossier(reference=reference, **changes)))


async def test_a_claim_goes_over_and_is_found_again(sandbox: SandboxAgency) -> None:
    reference, case = a_case()
    async with AgencyClient(sandbox.url, SANDBOX_KEY) as agency:
        assert await agency.validate(case) == Valid()
        assert await agency.find(reference) == CaseNotFound(), "validation stores nothing"

        opened = await agency.open_case(case, "key-" + reference)

        assert isinstance(opened, Sent)
        assert len(opened.provider_id) == 11
        assert await agency.find(reference) == CaseFound(opened.provider_id, 10_150, "accepted")
        assert await agency.status(opened.provider_id) == CaseStatus(opened.provider_id, "accepted", 10_150, 0)


async def test_the_same_key_again_is_the_same_case(sandbox: SandboxAgency) -> None:
    reference, case = a_case()
    async with AgencyClient(sandbox.url, SANDBOX_KEY) as agency:
        first = await agency.open_case(case, "key-" + reference)
        assert await agency.open_case(case, "key-" + reference) == first


async def test_a_key_that_was_used_for_something_else_is_refused(sandbox: SandboxAgency) -> None:
    reference, case = a_case()
    async with AgencyClient(sandbox.url, SANDBOX_KEY) as agency:
        await agency.open_case(case, "key-" + reference)
        other = await agency.open_case(a_case()[1], "key-" + reference)
    assert other == Refused("idempotency_key_reused", 422)


async def test_the_same_amount_under_our_reference_is_our_own_case(sandbox: SandboxAgency) -> None:
    reference, case = a_case()
    async with AgencyClient(sandbox.url, SANDBOX_KEY) as agency:
        first = await agency.open_case(case, "a-" + reference)
        assert isinstance(first, Sent)
        assert await agency.open_case(case, "b-" + reference) == Sent(first.provider_id, 409)


async def test_another_amount_under_our_reference_goes_to_staff(sandbox: SandboxAgency) -> None:
    reference, case = a_case()
    less = frozen_text(build_case(dossier(reference=reference, **WITHOUT_FEE)))
    async with AgencyClient(sandbox.url, SANDBOX_KEY) as agency:
        await agency.open_case(case, "a-" + reference)
        assert await agency.open_case(less, "b-" + reference) == Refused("other_case_under_reference", 409)


async def test_a_case_that_the_agency_does_not_take_is_refused_by_its_fields(sandbox: SandboxAgency) -> None:
    reference, case = a_case()
    broken = json.loads(case)
    broken["Debtor"]["PostalAddress"]["City"] = ""
    del broken["Claim"]["Reason"]
    async with AgencyClient(sandbox.url, SANDBOX_KEY) as agency:
        refused = Refused("Debtor.PostalAddress.City,Claim.Reason", 200)
        assert await agency.validate(json.dumps(broken)) == refused
        outcome = await agency.open_case(json.dumps(broken), "key-" + reference)
        assert outcome == Refused("http_400 Debtor.PostalAddress.City,Claim.Reason", 400)
        assert await agency.find(reference) == CaseNotFound()


async def test_a_payment_is_reported_once_per_key(sandbox: SandboxAgency) -> None:
    reference, case = a_case()
    async with AgencyClient(sandbox.url, SANDBOX_KEY) as agency:
        opened = await agency.open_case(case, "key-" + reference)
        assert isinstance(opened, Sent)
        number = opened.provider_id
        first = await agency.report_payment(number, 5_000, date(2026, 4, 2), "pay-1-" + reference)
        assert await agency.report_payment(number, 5_000, date(2026, 4, 2), "pay-1-" + reference) == first
        assert await agency.status(number) == CaseStatus(number, "accepted", 10_150, 5_000)
        await agency.report_payment(number, 5_150, date(2026, 4, 9), "pay-2-" + reference)
        assert await agency.status(number) == CaseStatus(number, "paid", 10_150, 10_150)


async def test_an_unknown_case_is_not_found(sandbox: SandboxAgency) -> None:
    async with AgencyClient(sandbox.url, SANDBOX_KEY) as agency:
        assert await agency.status("79999999999") == CaseNotFound()
        assert await agency.status("../../x") == CaseNotFound()
        paid = await agency.report_payment("79999999999", 100, date(2026, 4, 2), str(uuid4()))
        assert paid == Refused("http_404", 404)


async def test_wrong_credentials_stop_everything(sandbox: SandboxAgency) -> None:
    reference, case = a_case()
    async with AgencyClient(sandbox.url, "uuid:user:wrong") as agency:
        assert await agency.validate(case) == Forbidden("http_401", 401)
        assert await agency.find(reference) == Forbidden("http_401", 401)
        assert await agency.open_case(case, reference) == Forbidden("http_401", 401)
        assert await agency.status("70000000001") == Forbidden("http_401", 401)


# Through a relay that fails


@pytest.fixture
def relay(sandbox: SandboxAgency) -> Iterator[FaultyServer]:
    with FaultyServer(Relay(sandbox.url)) as running:
        yield running


@pytest.mark.parametrize(
    ("fault", "outcome", "opened"),
    [
        ("400", Refused("http_400", 400), False),
        ("401", Forbidden("http_401", 401), False),
        ("403", Forbidden("http_403", 403), False),
        ("429", NotSent("throttled", 7, 429), False),
        ("302", Uncertain("http_302", 302), False),
        ("500", Uncertain("http_500", 500), False),
        ("500_after", Uncertain("http_500", 500), True),
        ("200_page", Uncertain("answer_unreadable", 200), False),
        ("drop_before", Uncertain("answer_broken"), False),
        ("drop_after", Uncertain("answer_broken"), True),
        ("hang_before", Uncertain("read_timeout"), False),
        ("hang_after", Uncertain("read_timeout"), True),
        ("cut", Uncertain("answer_broken"), True),
        ("garbage_after", Uncertain("answer_broken"), True),
        ("409", Uncertain("conflict_unresolved", 409), False),
    ],
)
async def test_what_each_fault_means_and_that_a_look_up_then_knows(
    sandbox: SandboxAgency, relay: FaultyServer, fault: str, outcome: object, opened: bool
) -> None:
    reference, case = a_case()
    relay.plan.script([fault])
    timeouts = HASTY if outcome == Uncertain("read_timeout") else TIMEOUTS
    async with AgencyClient(relay.url, SANDBOX_KEY, timeouts=timeouts) as agency:
        assert await agency.open_case(case, reference) == outcome
    relay.wait_until_idle()
    async with AgencyClient(sandbox.url, SANDBOX_KEY) as agency:
        assert isinstance(await agency.find(reference), CaseFound if opened else CaseNotFound)


@pytest.mark.parametrize("fault", ["500", "500_after", "drop_after", "200_page", "302", "cut", "garbage", "429"])
async def test_a_question_without_an_answer_is_asked_again_later(relay: FaultyServer, fault: str) -> None:
    reference, case = a_case()
    relay.plan.script([fault] * 3)
    async with AgencyClient(relay.url, SANDBOX_KEY) as agency:
        for unanswered in (
            await agency.validate(case),
            await agency.find(reference),
            await agency.status("70000000001"),
        ):
            assert isinstance(unanswered, NotSent)


async def test_nobody_listening_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    async with AgencyClient(f"http://127.0.0.1:{port}", SANDBOX_KEY) as agency:
        assert await agency.open_case(a_case()[1], "key") == NotSent("connect_failed")


async def test_on_a_bad_day_look_up_and_same_key_make_one_case_each(sandbox: SandboxAgency) -> None:
    cases = dict(a_case() for _ in range(150))
    numbers: dict[str, str] = {}
    with FaultyServer(Relay(sandbox.url), plan=FaultPlan(seed=3)) as relay:
        async with AgencyClient(relay.url, SANDBOX_KEY, timeouts=HASTY) as agency:
            for reference, case in cases.items():
                while reference not in numbers:
                    found = await agency.find(reference)
                    if isinstance(found, CaseFound):
                        numbers[reference] = found.case_number
                    elif isinstance(found, CaseNotFound):
                        outcome = await agency.open_case(case, reference)
                        if isinstance(outcome, Sent):
                            numbers[reference] = outcome.provider_id
        opened = [line for line in relay.journal.lines if line["event"] == "accepted" and line["status"] == 201]
    assert len(set(numbers.values())) == 150
    assert {line["name"] for line in opened} == set(cases)


class Says:
    """An agency that gives one answer to everything."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self._reply = Reply(status, {"Content-Type": "application/json"}, body)

    def name_of(self, request: Received) -> str:
        return ""

    def serve(self, request: Received, journal: Journal) -> Reply:
        return self._reply


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"aClaim": 1, "aValidationResult": []}',
        b'{"aClaim": [{"ClientCustomerRefNo": "R"}], "aValidationResult": {"aMessage": "no"}}',
        b'{"aClaim": [{"ClientCustomerRefNo": "R", "Az": "1", "Status": "x", "Amount": "many"}], "Az": "1"}',
        b'{"aClaim": [{"ClientCustomerRefNo": "R", "Az": "1", "Status": "x", "Amount": NaN}], "Amount": {}}',
        b"\xff\xfe",
    ],
)
async def test_an_answer_that_says_nothing_we_understand_decides_nothing(body: bytes) -> None:
    with FaultyServer(Says(body)) as server:
        async with AgencyClient(server.url, SANDBOX_KEY) as agency:
            found, status = await agency.find("R"), await agency.status("70000000001")
            valid = await agency.validate("{}")
    assert isinstance(found, NotSent)
    assert isinstance(status, NotSent)
    assert isinstance(valid, NotSent | Refused)


async def test_an_answer_without_end_is_broken() -> None:
    with FaultyServer(Says(b"x" * 1_000_000)) as server:
        async with AgencyClient(server.url, SANDBOX_KEY) as agency:
            assert await agency.open_case("{}", "key") == Uncertain("answer_broken")
