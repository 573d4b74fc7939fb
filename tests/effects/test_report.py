"""What people look at says what happened and why, in numbers, dates and codes; never who the debtor is."""

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dunning.errors import RuleViolation, RunRefused
from dunning.lifecycle import State
from dunning.reasons import WORDS, HoldKind, Reason
from tasks import desk
from tasks.clock import FixedClock
from tasks.hand_over.answers import answer_list
from tasks.hand_over.lists import propose_list
from tasks.hand_over.transfers import catch_up, transfer
from tasks.intake.taking import take_in
from tasks.ladder.survey import Answer
from tasks.outbox.dispatch import deliveries
from tasks.outbox.outcome import NotSent, Refused, Uncertain
from tasks.outbox.recovery import Recovered
from tasks.report.artifacts import key_of
from tasks.report.claim_file import claim_file
from tasks.report.lists import (
    files_report,
    hand_over_question,
    hand_over_report,
    payment_details,
    unmatched_payments,
    unresolved_effects,
)
from tasks.report.markdown import euros, table
from tasks.report.run_report import answers_table, run_json, run_report, summary
from tasks.world import World
from tests.support.ladder import DUE_ON, YES, climb, guarded, mailer_of, run
from tests.support.papers import camt, paper, ubl
from tests.support.papers import table as csv
from tests.support.papers import transfer as bank_transfer
from tests.support.world import MONDAY, add_customer, add_invoice, claim, effects_of, know_payments, pay, run_day

CANARIES = {
    "last_name": "Kanarienvogel",
    "first_name": "Zeisigliese",
    "name": "Zeisigliese Kanarienvogel",
    "street": "Volierenpfad",
    "postal_code": "98765",
    "city": "Vogelsbergen",
    "email": "piep@canary.example",
}
CANARY_IBAN = "DE12500105170648489890"


def _singing(said: str) -> list[str]:
    """The canaries that can be heard in a text."""
    words = {word for value in CANARIES.values() for word in value.split()} | {CANARY_IBAN, "piep"}
    return sorted(word for word in words if word.casefold() in said.casefold())


@pytest.fixture
def shop(world: World) -> World:
    """A claim of a debtor who must not be named."""
    add_customer(world, "K-1", **CANARIES)
    add_invoice(world, due_on=DUE_ON, issued_on=DUE_ON - timedelta(14), gross_cents=12_345, payable_cents=10_000)
    return world


def _found(world: World, day: date = MONDAY) -> list[tuple[str, str, str, str | None]]:
    history = claim_file(world, "RE-1", day).as_json()["history"]
    return [(each["on"], each["what"], each["detail"], each["amount"]) for each in history]


class TestClaimFile:
    """The file of a claim."""

    def test_a_program_finds_these_keys(self, shop: World) -> None:
        desk.hold_claim(shop, "RE-1", HoldKind.DISPUTE, desk.Act("Maren", "letter"), MONDAY)
        said = claim_file(shop, "RE-1", MONDAY).as_json()
        assert json.loads(json.dumps(said)) == said
        assert said["customer"] == {"number": "K-1", "name": CANARIES["name"], "kind": "consumer"}
        assert {key: said[key] for key in said if key not in ("customer", "history")} == {
            "number": "RE-1",
            "issued_on": "2026-02-11",
            "due_on": "2026-02-25",
            "due_basis": "document",
            "currency": "EUR",
            "gross": "123.45",
            "open": "100.00",
            "open_principal": "100.00",
            "state": "open",
            "level": 0,
            "dunnable_from": "2026-03-02",
            "holds": [{"kind": "dispute", "from": "2026-03-02", "until": None, "released_on": None}],
            "default": None,
            "costs": "0.00",
            "interest": None,
            "limitation_ends_on": "2029-12-31",
            "decision": "blocked:dispute,bank_data_stale",
            "why": f"{WORDS[Reason.DISPUTE]}; {WORDS[Reason.BANK_DATA_STALE]}",
        }

    def test_it_says_what_is_next_and_why(self, shop: World) -> None:
        know_payments(shop, MONDAY)
        days = {
            MONDAY - timedelta(1): "the next step waits for 2026-03-02",
            MONDAY: "the payment reminder is due today",
            MONDAY + timedelta(9): WORDS[Reason.BANK_DATA_STALE],
        }
        assert {day: claim_file(shop, "RE-1", day).why for day in days} == days
        pay(shop, "RE-1", 10_000, MONDAY)
        assert claim_file(shop, "RE-1", MONDAY).why == WORDS[Reason.SETTLED]

    def test_it_says_of_each_hold_how_long_it_holds_and_what_ends_it(self, shop: World) -> None:
        maren = desk.Act("Maren", "letter")
        desk.hold_claim(shop, "RE-1", HoldKind.DISPUTE, maren, MONDAY)
        desk.release_claim(shop, "RE-1", maren)
        desk.hold_claim(shop, "RE-1", HoldKind.MANUAL, maren, MONDAY, MONDAY + timedelta(3))
        desk.hold_customer(shop, "K-1", HoldKind.GUARDIANSHIP, maren, MONDAY)
        held = claim_file(shop, "RE-1", MONDAY)
        assert [(each["kind"], each["until"], each["released_on"]) for each in held.as_json()["holds"]] == [
            ("dispute", None, "2026-03-02"),
            ("manual", "2026-03-05", None),
            ("guardianship", None, None),
        ]
        for line in (
            "| hold: dispute | 2026-03-02, released on 2026-03-02 |",
            "| hold: manual | 2026-03-02 until 2026-03-05 |",
            "| hold: guardianship | 2026-03-02 until a person releases it: when the guardian has confirmed the claim |",
        ):
            assert line in held.as_markdown()

    async def test_the_history_tells_the_whole_way(self, shop: World) -> None:
        act = desk.Act("Maren", "asked for time")
        desk.hold_claim(shop, "RE-1", HoldKind.MANUAL, act, MONDAY, MONDAY)
        await run_day(shop, MONDAY)
        day = await climb(shop)
        asked = propose_list(shop, day)
        assert asked is not None
        await transfer(shop, answer_list(shop, asked.list_id, YES, day), day)
        pay(shop, "RE-1", 2_000, day)
        await catch_up(shop, day)
        happened = _found(shop, day)
        case = claim_file(shop, "RE-1", day).as_json()
        assert happened[:4] == [
            ("2026-02-11", "invoice", "", "123.45"),
            ("2026-02-11", "payment", "prepaid, says the invoice", "-23.45"),
            ("2026-03-02", "not dunned", "manual", None),
            ("2026-03-02", "changed by hand", "Maren: hold manual: asked for time", None),
        ]
        sent = [(each.business_date.isoformat(), f"sent, to pay until {each.pay_until}") for each in effects_of(shop)]
        assert [each[:3] for each in happened[4:7]] == [
            (sent[0][0], "payment reminder", sent[0][1]),
            (sent[1][0], "second notice", sent[1][1]),
            (sent[2][0], "final warning", sent[2][1]),
        ]
        assert {(what, detail) for on, what, detail, _ in happened[7:]} == {
            ("payment", ""),
            ("hand-over", "sent"),
            ("payment reported to the agency", "sent"),
            ("hand-over proposed", "transferred, case 10000000001"),
            ("changed by hand", "test: payment booked"),
        }
        assert [each[0] for each in happened] == sorted(each[0] for each in happened)
        assert (case["state"], case["level"], case["open"]) == ("at_agency", 3, "80.00")

    def test_an_act_after_midnight_stands_under_berlins_day(self, shop: World) -> None:
        late = replace(shop, clock=FixedClock(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)))
        desk.hold_claim(late, "RE-1", HoldKind.MANUAL, desk.Act("Maren", "late call"), date(2026, 7, 2))
        assert ("2026-07-02", "changed by hand", "Maren: hold manual: late call", None) in _found(shop)

    async def test_the_markdown_names_nobody(self, shop: World) -> None:
        desk.hold_claim(shop, "RE-1", HoldKind.DISPUTE, desk.Act("Maren", "letter"), MONDAY - timedelta(3), MONDAY)
        await climb(shop)
        said = claim_file(shop, "RE-1", MONDAY).as_markdown()
        assert said.startswith("# RE-1\n")
        for part in ("hand over proposed", "level 3", "100.00 EUR", "123.45 EUR", "K-1", "2026-02-25", "final warning",
                     "hold: dispute"):  # fmt: skip
            assert part in said
        assert _singing(said) == []
        assert _singing(json.dumps(claim_file(shop, "RE-1", MONDAY).as_json())) == ["Kanarienvogel", "Zeisigliese"]

    def test_an_unknown_number(self, world: World) -> None:
        with pytest.raises(RunRefused) as refused:
            claim_file(world, "RE-404", MONDAY)
        assert refused.value.reason == "unknown_invoice"


class TestRunReport:
    """The report of a run."""

    async def test_its_counts_add_up(self, shop: World) -> None:
        for number in range(2, 8):
            add_invoice(shop, f"RE-{number}", due_on=DUE_ON)
        desk.hold_claim(shop, "RE-2", HoldKind.DISPUTE, desk.Act("Maren", "letter"), MONDAY)
        desk.hold_claim(shop, "RE-2", HoldKind.MANUAL, desk.Act("Maren", "letter"), MONDAY)
        desk.hold_claim(shop, "RE-3", HoldKind.DISPUTE, desk.Act("Maren", "letter"), MONDAY)
        mailer_of(shop).script.extend([NotSent("connect_failed")] * 20)
        mailer_of(shop).script.extendleft([Uncertain("read_timeout"), Refused("http_400")])
        plan = await run_day(shop, MONDAY)
        delivered = deliveries(shop, plan.effect_ids)
        said = run_report(plan, delivered, Recovered(freed=1, proved_unsent=2))
        for line in (
            "# Dunning run of Monday, 2026-03-02",
            "**7 claims looked at: 1 failed, 3 ready, 1 uncertain, 0 hand-overs proposed.** "
            "Payments are known up to 2026-03-02.",
            "| blocked | 2 |\n| send notice | 5 |\n| **claims looked at** | **7** |",
            "| payment reminder | 5 | 500.00 EUR |",
            f"| 2 | dispute | {WORDS[Reason.DISPUTE]} |\n| 1 | manual | {WORDS[Reason.MANUAL]} |",
            "1 leases freed, 0 became uncertain, 0 proved sent, 2 proved unsent, 0 expired",
        ):
            assert line in said
        problems = said.partition("## For staff")[2]
        assert (problems.count("| ready | connect_failed |"), problems.count("| uncertain | read_timeout |")) == (3, 1)
        assert summary(plan, delivered) in said
        assert _singing(said + json.dumps(answers_table(plan)) + json.dumps(run_json(plan, delivered))) == []
        bars = base64.b64decode(said.partition("base64,")[2].partition(")")[0]).decode()
        assert (">5</text>" in bars, ">2</text>" in bars) == (True, True)

    async def test_what_left_is_not_for_staff(self, shop: World) -> None:
        plan = await run_day(shop, MONDAY)
        said = run_report(plan, deliveries(shop, plan.effect_ids), Recovered())
        assert "1 claim looked at: 1 sent, 0 hand-overs proposed" in said
        assert not any(part in said for part in ("For staff", "Put in order", "circuit breaker", "Why not"))

    def test_the_table_has_what_acts_first(self, shop: World) -> None:
        add_invoice(shop, "RE-0", due_on=DUE_ON)
        desk.hold_claim(shop, "RE-0", HoldKind.DISPUTE, desk.Act("Maren", "letter"), MONDAY)
        assert answers_table(run(shop)) == [
            {
                "invoice": "RE-1",
                "answer": "send notice",
                "why": "the payment reminder is due today",
                "open": "100.00 EUR",
            },
            {"invoice": "RE-0", "answer": "blocked", "why": "the customer disputes the claim", "open": "100.00 EUR"},
        ]

    def test_a_dry_run_and_a_held_run_say_so(self, shop: World) -> None:
        plan = replace(run(guarded(shop)), run_id=None, held_because=("9 notices where 1 are usual",), list_sha256="ab")
        said = run_report(plan, [])
        assert said.startswith("# Dry run of ")
        assert "* 9 notices where 1 are usual" in said
        assert "list `ab`" in said
        assert run_json(plan, [])["dry_run"] is True

    def test_a_run_without_claims(self, world: World) -> None:
        said = run_report(run(world), [])
        assert "**0 claims looked at: nothing to send, 0 hand-overs proposed.**" in said
        assert "| **claims looked at** | **0** |" in said

    def test_counts_that_do_not_add_up_are_our_bug(self, shop: World) -> None:
        class Lost(tuple[Answer, ...]):
            def __len__(self) -> int:
                return 7

        plan = run(shop)
        with pytest.raises(RuleViolation, match="do not add up"):
            run_report(replace(plan, answers=Lost(plan.answers)), [])


class TestLists:
    """What staff work through."""

    async def test_the_hand_over_shows_amounts_and_gates(self, shop: World) -> None:
        add_customer(shop, "K-2", street="", city="")
        add_invoice(shop, "RE-2", due_on=DUE_ON, customer="K-2")
        day = await climb(shop)
        asked = propose_list(shop, day)
        assert asked is not None
        said = hand_over_report(asked)
        assert f"# Hand-over list {asked.list_id}\n\n**1 claims, 100.00 EUR**" in said
        first = asked.candidates[0]
        assert f"| RE-1 | K-1 | 100.00 EUR | 2026-02-25 | {first.final_warning_on} | {first.pay_until} |" in said
        assert "missing:debtor_street, missing:debtor_city" in said
        assert f"Hash of the list: `{asked.list_sha256}`" in said
        assert str(asked.expires_on) in said
        assert _singing(said + hand_over_question(asked)) == []
        assert "100.00 EUR" in hand_over_question(asked)

    def test_unmatched_payments_name_no_payer_but_at_the_machine_itself(self, shop: World, tmp_path: Path) -> None:
        songs = {"name": CANARIES["name"], "iban": CANARY_IBAN}
        take_in(
            shop,
            [camt(tmp_path, "a.xml", bank_transfer(4_000, "von Zeisigliese", MONDAY, **songs),
                  bank_transfer(-10, "Gebühr", MONDAY))],
        )  # fmt: skip
        with shop.store.read() as session:
            rows, details = unmatched_payments(session), payment_details(session)
        assert [(row["booked on"], row["amount"], row["reason"]) for row in rows] == [
            ("2026-03-02", "40.00 EUR", "no_reference_found"), ("2026-03-02", "-0.10 EUR", "outgoing_payment"),
        ]  # fmt: skip
        assert rows[0]["candidates"] == "RE-1 (same_name)"
        assert _singing(json.dumps(rows)) == []
        assert details[0]["counterparty"] == CANARIES["name"]

    async def test_unresolved_messages_are_listed(self, shop: World) -> None:
        mailer_of(shop).script.append(Uncertain("read_timeout"))
        plan = await run_day(shop, MONDAY)
        with shop.store.read() as session:
            assert unresolved_effects(session) == [
                {
                    "effect": plan.effect_ids[0],
                    "invoice": "RE-1",
                    "kind": "notice_mail",
                    "level": 1,
                    "state": "uncertain",
                    "cause": "read_timeout",
                    "decided": "2026-03-02T08:00+00:00",
                }
            ]

    def test_files_are_told_with_their_parked_rows(self, world: World, tmp_path: Path) -> None:
        rows = ("Rechnungsnummer;Rechnungsdatum;Bruttobetrag", "RE-1;02.02.2026;100,00", "RE-2;02.02.2026;viel")
        (broken := tmp_path / "Rechnung-7-Kanarienvogel.xml").write_bytes(b"<a")
        files = [csv(tmp_path, "i.csv", *rows), ubl(tmp_path, paper("RE-3")), broken]
        said = files_report(take_in(world, files))
        assert "| i.csv | invoices | taken | 1 | 0 | 0 | 0 | 0 | 1 |" in said
        assert "| RE-3.xml | ubl | taken | 1 | 0 | 0 | 0 | 0 | 0 |" in said
        assert "* `i.csv`, row 3: **" in said
        assert "* `Rechnung-7-….xml`: **" in said
        assert claim(world, "RE-3").claim.state is State.OPEN


@pytest.mark.parametrize(
    ("cents", "said"),
    [
        (0, "0.00 EUR"),
        (5, "0.05 EUR"),
        (-5, "-0.05 EUR"),
        (123_456_789, "1,234,567.89 EUR"),
        (-100_000, "-1,000.00 EUR"),
    ],
)
def test_amounts_for_staff(cents: int, said: str) -> None:
    assert euros(cents) == said


def test_nothing_leaves_a_tables_cell() -> None:
    said = table(("a", "b"), [("x | y", "<b>\n\n# z"), ("\\|", None)])
    assert said.splitlines() == ["| a | b |", "| --- | --- |", "| x \\| y | &lt;b> # z |", "| \\\\\\| | None |"]


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("RE-2026-1042", "re-2026-1042"),
        ("RE-2026/1042", "re-2026-1042-"),
        ("Rg. 7 (Kopie)", "rg-7-kopie-"),
        ("Ä1_2", "1-2-"),
    ],
)
def test_an_artifacts_key_takes_any_number(number: str, key: str) -> None:
    made = key_of(number)
    assert made == key or (made.startswith(key) and len(made) == len(key) + 8)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
