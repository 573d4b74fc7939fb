"""The world of a replay: a database in memory, a clock that is moved, mail and agency that only keep a journal."""

import hashlib
from datetime import date
from pathlib import Path

from dunning.debtor import DebtorKind
from dunning.guards import RunGuards
from dunning.procedure import Policy
from tasks.clock import FixedClock
from tasks.outbox.agency import CaseFound, CaseNotFound, Valid
from tasks.outbox.outcome import NotSent, Outcome, Sent
from tasks.scenario.story import Scenario
from tasks.settings import Creditor, Settings
from tasks.store.engine import Store
from tasks.store.migrate import migrate
from tasks.world import World

CREDITOR = Creditor(
    name="Musterladen GmbH",
    legal_form="GmbH",
    street="Musterstraße 1",
    postal_code="10115",
    city="Berlin",
    register_court="Amtsgericht Charlottenburg",
    register_number="HRB 1",
    managing_directors="Erika Muster",
    account_holder="Musterladen GmbH",
    iban="DE89370400440532013000",
    email="rechnung@musterladen.example",
    phone="030 1234567",
    hours="Mo-Fr 9-17 Uhr",
    website="https://musterladen.example",
    privacy_url="https://musterladen.example/datenschutz",
)
"""Nobody; complete, so that every notice may leave."""
UNLIMITED = 10**9
NO_GUARDS = RunGuards(
    free_notices=UNLIMITED,
    free_hand_overs=UNLIMITED,
    notices_a_day=UNLIMITED,
    hand_overs_a_day=UNLIMITED,
)
"""A scenario of few claims knows no usual figures."""


class ReplayMailer:
    """Takes every mail, or refuses every mail while `down`."""

    def __init__(self) -> None:
        self.down = False
        self.taken: list[str] = []
        """Payloads, in order."""

    async def send(self, payload: str, *, by: float | None = None) -> Outcome:
        """Try once."""
        if self.down:
            return NotSent("mail_down")
        self.taken.append(payload)
        return Sent(f"replay-{len(self.taken)}")


class ReplayAgency:
    """Accepts every case and every report of a payment at once."""

    def __init__(self) -> None:
        self.cases = 0

    async def validate(self, case: str) -> Valid:
        """Every case is valid."""
        return Valid()

    async def find(self, reference: str, *, by: float | None = None) -> CaseFound | CaseNotFound:
        """No try fails here, so nothing is looked up that was opened before."""
        return CaseNotFound()

    async def open_case(self, case: str, idempotency_key: str, *, by: float | None = None) -> Outcome:
        """Open a case under the next number."""
        self.cases += 1
        return Sent(f"{self.cases:011}")

    async def report_payment(
        self, case_number: str, amount_cents: int, value_on: date, idempotency_key: str, *, by: float | None = None
    ) -> Outcome:
        """Take note."""
        return Sent(idempotency_key)


def replay_world(scenario: Scenario, mailer: ReplayMailer) -> World:
    """An empty world on the scenario's first day."""
    store = Store("sqlite://")
    migrate(store)
    settings = Settings(
        home=Path("replay"),  # nothing is written there
        creditor=CREDITOR.model_copy(update={"state": scenario.creditor_state}),
        agency_name="Muster Inkasso GmbH",
    )
    first_day = min([*scenario.run_days, *(event.day for _, event in scenario.dated_events)])
    return World(settings, _policy(scenario), store, FixedClock.on(first_day, hour=0), mailer, ReplayAgency())


def _policy(scenario: Scenario) -> Policy:
    consumers = scenario.procedure
    businesses = scenario.business_procedure or consumers
    return Policy(
        version=hashlib.sha256(repr(scenario).encode()).hexdigest()[:12],
        procedures={
            ("DE", DebtorKind.CONSUMER): consumers.in_state(scenario.creditor_state),
            ("DE", DebtorKind.BUSINESS): businesses.in_state(scenario.creditor_state),
        },
        guards=NO_GUARDS,
    )
