"""What a clerk sees and does in Prefect's UI: runs, a claim's file, the form of a hold, the answer to a hand-over."""

import asyncio
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.sandbox.agency import SANDBOX_KEY
from deployments.up import Platform
from dunning.calendar import GermanCalendar
from dunning.holds import STOPS
from dunning.lifecycle import State
from dunning.reasons import HoldKind
from flows.dunning_run import dunning_run
from tasks.clock import FixedClock, SystemClock
from tasks.outbox.agency import credentials
from tasks.settings import load_settings
from tasks.store.engine import Store
from tasks.store.migrate import migrate
from tasks.world import open_world
from tests.support.ladder import climb
from tests.support.place import settings_of
from tests.support.world import add_customer, add_invoice, claim, know_payments, move_to

pytestmark = [pytest.mark.browser, pytest.mark.prefect]

PATIENCE_SECONDS = 120.0
REMINDED, HELD, PROPOSED = "RE-2026-7001", "RE-2026-7002", "RE-2026-7003"


def last_working_day(today: date) -> date:
    """The last day up to `today` on which notices leave."""
    calendar = GermanCalendar("HH")
    return next(
        day for back in range(10) if calendar.is_bank_day(day := today - timedelta(back)) and not calendar.is_quiet(day)
    )


async def live(day: date) -> None:
    """Three claims: one whose hand-over is proposed, one that is reminded on `day` in a run of its own, one open."""
    async with open_world(FixedClock.on(day)) as world:
        add_invoice(world, PROPOSED, 24_950, due_on=day - timedelta(80), customer="K-3")
        await climb(world, PROPOSED)
        assert claim(world, PROPOSED).claim.state is State.HAND_OVER_PROPOSED
        assert world.clock.today() <= day
        move_to(world, day)
        know_payments(world, day)
        add_invoice(world, REMINDED, 11_990, due_on=day - timedelta(14), customer="K-1")
        add_customer(world, "K-2", first_name="Tomke", last_name="Harms")
        add_invoice(world, HELD, 8_900, due_on=day, customer="K-2")
        state = await dunning_run(as_of=day, return_state=True)
        assert state.is_completed(), state.message


@pytest.fixture(scope="module", autouse=True)
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The whole product with a tiny shop in it."""
    home = tmp_path_factory.mktemp("ui")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in settings_of(home).items():
            environment.setenv(name, value)
        store = Store(load_settings().database_url)
        migrate(store)
        store.close()
        with Platform(home) as platform:
            with temporary_settings({PREFECT_API_URL: platform.api_url}):
                asyncio.run(live(last_working_day(SystemClock().today())))
            yield platform


def call(platform: Platform, method: str, path: str, body: Any = None) -> Any:
    answer = httpx.request(method, f"{platform.api_url}/{path}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def start_run(platform: Platform, deployment: str, **parameters: object) -> str:
    path = f"deployments/{call(platform, 'GET', f'deployments/name/{deployment}')['id']}/create_flow_run"
    run_id: str = call(platform, "POST", path, {"parameters": parameters})["id"]
    return run_id


def state_of(platform: Platform, run_id: str) -> tuple[str, str]:
    state = call(platform, "GET", f"flow_runs/{run_id}")["state"]
    return state["name"], state["message"] or ""


def await_that(platform: Platform, holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        platform.look()
        assert time.monotonic() < deadline
        time.sleep(0.2)


def await_end(platform: Platform, run_id: str) -> tuple[str, str]:
    """The final state of a run, or that it waits for a person."""
    await_that(
        platform, lambda: state_of(platform, run_id)[0] in {"Completed", "Failed", "Cancelled", "Crashed", "Suspended"}
    )
    return state_of(platform, run_id)


def rows(platform: Platform, question: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(platform.home / "mahnlauf.db") as database:
        return list(database.execute(question))


def field(scope: Locator, label: str) -> Locator:
    """One field of a form; forms lie in each other, so it is the innermost that bears the label."""
    name = scope.page.locator(".schema-form-property__label", has_text=re.compile(rf"^{label}( \(Optional\))?$"))
    return scope.locator(".schema-form-property").filter(has=name).last


def choose(scope: Locator, label: str, option: str) -> list[str]:
    """Choose by keyboard, as its description says: a click alone closes the list again. Returns what it offers."""
    expect(field(scope, label)).to_contain_text("arrow key down opens")
    field(scope, label).locator("button.p-select-button__control").press("ArrowDown")
    options = scope.page.get_by_role("option")
    expect(options.first).to_be_visible()
    offered = options.all_inner_texts()
    options.filter(has_text=re.compile(f"^{option}$")).click()
    return offered


def write(scope: Locator, label: str, text: str) -> None:
    field(scope, label).locator("textarea, input").first.fill(text)


def submit(form: Locator, request: str) -> None:
    """Press *Submit*, and see the request through: nothing leaves the page while this thread looks elsewhere."""
    with form.page.expect_response(re.compile(f"/{request}$")) as answer:
        form.get_by_role("button", name="Submit").click()
    assert answer.value.ok


def look(page: Page, folder: Path, name: str) -> None:
    """Leave a picture for whoever looks into a failed test."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def test_a_claims_run_is_found_by_its_invoice_and_shows_its_file(
    platform: Platform, page: Page, tmp_path: Path
) -> None:
    page.goto(f"{platform.ui_url}/runs")
    page.get_by_placeholder("Search by flow run name").locator("visible=true").last.fill(REMINDED)
    item = page.locator(".state-list-item", has_text=f"{REMINDED} · payment reminder")
    expect(item).to_contain_text("Completed")
    for tag in (f"invoice:{REMINDED}", "level:1"):
        expect(item).to_contain_text(tag)
    look(page, tmp_path, "runs")
    item.get_by_role("link", name=f"{REMINDED} · payment reminder").click()
    page.get_by_role("tab", name="Artifacts").or_(page.get_by_text("Artifacts", exact=True)).last.click()
    page.get_by_role("link", name=f"claim-{REMINDED.lower()}").first.click()
    expect(page.get_by_role("heading", name=REMINDED, exact=True)).to_be_visible()
    table = page.locator("table").last
    expect(table).to_contain_text("payment reminder")
    expect(table).to_contain_text("119.90 EUR")
    look(page, tmp_path, "claim")


def test_a_clerk_places_a_hold_with_the_form(platform: Platform, page: Page, tmp_path: Path) -> None:
    deployment = call(platform, "GET", "deployments/name/hold-claim/hold-claim")["id"]
    page.goto(f"{platform.ui_url}/deployments/deployment/{deployment}/run")
    form = page.locator("form").first
    for label, said in (
        ("Invoice number", "As on the invoice, such as RE-2026-1042."),
        ("Kind of hold", "What stands in the way of dunning"),
        ("Kind of hold", "the customer announced a return"),
        ("First day", "Empty: today"),
        ("Last day", "The hold ends after this day"),
        ("The whole customer", "Hold every claim of this invoice's customer"),
        ("Your name", "Stands in the audit"),
        ("Reason", "so that a colleague understands it in a year"),
    ):
        expect(field(form, label)).to_contain_text(said)
    look(page, tmp_path, "form")
    write(form, "Invoice number", HELD)
    assert choose(form, "Kind of hold", "return_announced") == [str(kind) for kind in HoldKind]
    write(form, "Your name", "Kim Clerk")
    write(form, "Reason", "sends the second lamp back")
    look(page, tmp_path, "filled")
    submit(form, "create_flow_run")
    await_that(platform, lambda: rows(platform, "SELECT * FROM hold"))
    assert rows(platform, "SELECT kind, placed_by, note, until_on = date(from_on, '+21 days') FROM hold") == [
        ("return_announced", "Kim Clerk", "sends the second lamp back", 1)
    ]
    ((until,),) = rows(platform, "SELECT until_on FROM hold")
    (run,) = call(platform, "POST", "flow_runs/filter", {"flows": {"name": {"any_": ["hold-claim"]}}})
    assert await_end(platform, run["id"]) == (
        "Completed",
        f"{HELD} is on hold (return_announced) until {until} or a person releases it: "
        f"when {STOPS[HoldKind.RETURN_ANNOUNCED].release}",
    )
    page.goto(f"{platform.ui_url}/artifacts/key/claim-{HELD.lower()}")
    expect(page.get_by_text("the customer announced a return").first).to_be_visible()


def test_a_person_hands_over_in_the_ui_and_only_once(platform: Platform, page: Page, tmp_path: Path) -> None:
    run = start_run(platform, "hand-over/hand-over")
    assert await_end(platform, run)[0] == "Suspended"
    page.goto(f"{platform.ui_url}/runs/flow-run/{run}")
    page.get_by_role("button", name="Resume").click()
    form = page.locator(".p-modal__card")
    expect(form.locator("table")).to_contain_text(PROPOSED)
    expect(form.locator("table")).to_contain_text("249.50 EUR")
    assert choose(form, "Answer", "approve") == ["approve", "reject"]
    write(form, "Your name", "Kim Clerk")
    write(form, "Reason", "all letters came back unanswered")
    look(page, tmp_path, "answer")
    submit(form, "resume")
    await_that(platform, lambda: state_of(platform, run)[0] in {"Completed", "Failed", "Crashed"})
    assert state_of(platform, run) == ("Completed", "1 of 1 claims transferred")
    look(page, tmp_path, "answered")

    ((number, status),) = rows(platform, "SELECT case_number, status FROM hand_over")
    assert status == "transferred"
    reply = httpx.get(
        f"{platform.agency_url}/collect/claim/?ClientCustomerRefNo={PROPOSED}", headers=credentials(SANDBOX_KEY)
    )
    assert [str(case["Az"]) for case in reply.json()["aClaim"]] == [number]

    ((list_id,),) = rows(platform, "SELECT id FROM approval")
    answer = {"list_id": list_id, "answer": "approve", "person": "Tjark Behrens", "reason": "did not see it was done"}
    second = start_run(platform, "approve-hand-over/approve-hand-over", form=answer)
    state, message = await_end(platform, second)
    assert state == "Failed"
    assert message.startswith(f"list {list_id} is approved by Kim Clerk")
    assert rows(platform, "SELECT count(*) FROM hand_over") == [(1,)]
