"""Mail through SendGrid: what is built, what is posted, and what every answer and every failure means."""

import json
import socket
import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.errors import InputRejected, RuleViolation, SettingsInvalid
from tasks.outbox.exchange import Answer
from tasks.outbox.frozen import frozen_text, sha256_of
from tasks.outbox.mail import Mailbox, SendGridMailer, outcome_of_answer, sendable_address
from tasks.outbox.outcome import (
    LONGEST_WAIT_SECONDS,
    Forbidden,
    NotSent,
    Refused,
    Sent,
    Uncertain,
    outcome_of_failure,
    outcome_of_status,
    retry_after_seconds,
)
from tests.support.fake_sendgrid import KEY, FakeSendGrid
from tests.support.faults import FaultPlan
from tests.support.faulty_server import FaultyServer
from tests.support.mails import EFFECT_ID, payload
from tests.support.sendgrid_rules import OPENAPI, errors_in

HASTY = httpx.Timeout(connect=10.0, read=0.4, write=10.0, pool=10.0)
"""For servers that hang: they are left after 0.4 seconds."""


# What is built


def test_a_notice_as_sendgrid_takes_it() -> None:
    assert payload() == {
        "from": {"email": "rechnung@shop.example", "name": "Blumen & Söhne GmbH"},
        "reply_to": {"email": "fragen@shop.example", "name": "Kundendienst"},
        "personalizations": [{"to": [{"email": "kundin@example.org", "name": "Erika Beispiel"}]}],
        "subject": "Zahlungserinnerung zur Rechnung RE-2026-1042",
        "content": [
            {"type": "text/plain", "value": "Guten Tag,\n\nes fehlen noch 12,34 €.\n"},
            {"type": "text/html", "value": "<p>Es fehlen noch 12,34&nbsp;€.</p>"},
        ],
        "headers": {"Message-ID": f"<{EFFECT_ID}@shop.example>"},
        "custom_args": {"effect_id": EFFECT_ID},
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
            "ganalytics": {"enable": False},
        },
    }


def test_what_sendgrid_keeps_for_long_is_the_effect_id_alone() -> None:
    built = payload()
    assert built["custom_args"] == {"effect_id": EFFECT_ID}
    assert "categories" not in built
    assert "custom_args" not in built["personalizations"][0]


def test_equal_notices_freeze_to_equal_texts() -> None:
    assert frozen_text(payload()) == frozen_text(payload())
    assert sha256_of(frozen_text(payload())) != sha256_of(frozen_text(payload(text="Anders")))
    assert frozen_text({"b": 1, "a": "ä"}) == '{"a":"ä","b":1}'


@pytest.mark.skipif(not OPENAPI.exists(), reason="SendGrid's description (../shared/data/sendgrid) is not at hand")
def test_the_description_of_sendgrid_has_nothing_against_it() -> None:
    assert errors_in(payload(), openapi=OPENAPI) == []
    assert errors_in(payload(recipient=Mailbox("kundin@example.org")), openapi=OPENAPI) == []


@pytest.mark.parametrize(
    ("address", "as_sent"),
    [
        ("kundin@example.org", "kundin@example.org"),
        ("Erika.Beispiel+rechnung@EXAMPLE.org", "Erika.Beispiel+rechnung@example.org"),
        ("kundin@blümen.example", "kundin@xn--blmen-lva.example"),
    ],
)
def test_addresses_that_mail_can_be_sent_to(address: str, as_sent: str) -> None:
    assert sendable_address(address) == as_sent


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "kundin",
        "kundin@",
        "@example.org",
        "jörg@example.org",
        "a@b@example.org",
        "kundin@example.org, zweite@example.org",
        "Erika <kundin@example.org>",
        "kundin@example.org\r\nBcc: alle@example.org",
        "kundin @example.org",
        f"{'a' * 65}@example.org",
    ],
)
def test_an_address_that_mail_cannot_be_sent_to_is_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(InputRejected) as caught:
        payload(recipient=Mailbox(address, "Erika Beispiel"))
    assert caught.value.reason == "address_missing"
    if address.strip():
        assert address not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize("character", ["\r", "\n", "\x00", "\x85", "\u2028", "\u202e", "\u2066", "\ud800"])
@pytest.mark.parametrize("field", ["subject", "recipient", "sender", "reply_to"])
def test_a_head_with_control_characters_is_refused(field: str, character: str) -> None:
    crafted = f"Erika{character}Bcc: alle@example.org"
    with pytest.raises(InputRejected) as caught:
        payload(**{field: crafted if field == "subject" else Mailbox("kundin@example.org", crafted)})
    assert caught.value.reason == "unsendable_text"
    assert "Erika" not in str(caught.value)


def test_bodies_keep_their_line_ends_and_refuse_other_controls() -> None:
    assert payload(text="a\r\n\tb\n")["content"][0]["value"] == "a\r\n\tb\n"
    with pytest.raises(InputRejected):
        payload(html="<p>\x00</p>")
    with pytest.raises(RuleViolation):
        payload(text=" \n")


def test_lengths_at_their_edge() -> None:
    assert payload(subject="x" * 150)["subject"] == "x" * 150
    with pytest.raises(InputRejected):
        payload(subject="x" * 151)


@pytest.mark.parametrize("field", ["sender", "reply_to"])
def test_a_wrong_address_of_our_own_is_a_wrong_setting(field: str) -> None:
    with pytest.raises(SettingsInvalid, match="MAHNLAUF_CREDITOR_EMAIL"):
        payload(**{field: Mailbox("rechnung")})


# What is posted, and what comes of it


@pytest.fixture
def fake() -> FakeSendGrid:
    return FakeSendGrid(openapi=OPENAPI if OPENAPI.exists() else None)


@pytest.fixture
def server(fake: FakeSendGrid) -> Iterator[FaultyServer]:
    with FaultyServer(fake, late_seconds=5.0, drip_seconds=0.1) as running:
        yield running


def mailer_to(server: FaultyServer, **options: Any) -> SendGridMailer:
    return SendGridMailer(options.pop("key", KEY), host=server.url, **options)


async def test_the_payload_is_posted_byte_for_byte_as_it_was_frozen(fake: FakeSendGrid, server: FaultyServer) -> None:
    frozen = json.dumps(payload(), ensure_ascii=False, indent=3)  # not how we would write it today
    async with mailer_to(server) as mailer:
        outcome = await mailer.send(frozen)
    assert fake.accepted[0]["sha256"] == sha256_of(frozen)
    assert outcome == Sent(fake.accepted[0]["message_id"], 202)


async def test_many_mails_go_over_one_connection(server: FaultyServer, fake: FakeSendGrid) -> None:
    async with mailer_to(server) as mailer:
        for _ in range(20):
            await mailer.send(frozen_text(payload()))
    assert len(fake.accepted) == 20
    assert server.connections == 1


@pytest.mark.parametrize(
    ("fault", "outcome", "accepted"),
    [
        ("400", Refused("http_400", 400), 0),
        ("404", Refused("http_404", 404), 0),
        ("413", Refused("http_413", 413), 0),
        ("422", Refused("http_422", 422), 0),
        ("401", Forbidden("http_401", 401), 0),
        ("403", Forbidden("http_403", 403), 0),
        ("429", NotSent("throttled", 7, 429), 0),
        ("429_retry_after", NotSent("throttled", 7, 429), 0),
        ("429_bare", NotSent("throttled", None, 429), 0),
        ("302", Uncertain("http_302", 302), 0),
        ("307", Uncertain("http_307", 307), 0),
        ("500", Uncertain("http_500", 500), 0),
        ("500_page", Uncertain("http_500", 500), 0),
        ("503", Uncertain("http_503", 503), 0),
        ("500_after", Uncertain("http_500", 500), 1),
        ("503_after", Uncertain("http_503", 503), 1),
        ("200_page", Uncertain("answer_not_the_providers", 200), 0),
        ("drop_before", Uncertain("answer_broken"), 0),
        ("drop_after", Uncertain("answer_broken"), 1),
        ("hang_before", Uncertain("read_timeout"), 0),
        ("hang_after", Uncertain("read_timeout"), 1),
        ("late", Uncertain("read_timeout"), 1),
        ("cut", Uncertain("answer_broken", None), 1),
        ("garbage", Uncertain("answer_broken"), 0),
        ("garbage_after", Uncertain("answer_broken"), 1),
    ],
)
async def test_what_each_fault_means(
    fake: FakeSendGrid, server: FaultyServer, fault: str, outcome: object, accepted: int
) -> None:
    server.plan.script([fault])
    patience = {"timeouts": HASTY} if outcome == Uncertain("read_timeout") else {}
    async with mailer_to(server, **patience) as mailer:
        assert await mailer.send(frozen_text(payload())) == outcome
    server.wait_until_idle()
    assert len(fake.accepted) == accepted
    assert server.requests == 1, "no retry, no redirect"


async def test_a_connection_reset_while_writing_is_uncertain(server: FaultyServer, fake: FakeSendGrid) -> None:
    server.plan.script(["drop_unread"])
    async with mailer_to(server) as mailer:
        outcome = await mailer.send(frozen_text(payload(text="x" * 4_000_000)))
    assert isinstance(outcome, Uncertain)
    assert fake.accepted == []


async def test_an_answer_that_drips_ends_at_our_own_deadline(server: FaultyServer, fake: FakeSendGrid) -> None:
    server.plan.script(["drip"])
    async with mailer_to(server, deadline_seconds=2.0) as mailer:
        assert await mailer.send(frozen_text(payload())) == Uncertain("deadline")
    server.wait_until_idle()
    assert len(fake.accepted) == 1


async def test_a_refusal_names_the_field_and_nothing_else(server: FaultyServer) -> None:
    broken = payload() | {"subject": "Zahlungserinnerung\nBcc: erika@example.org"}
    async with mailer_to(server) as mailer:
        assert await mailer.send(frozen_text(broken)) == Refused("http_400 subject", 400)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"errors": []}', b'{"errors": [{"field": "kundin@example.org"}]}'])
def test_an_error_without_a_field_path_stays_a_bare_code(body: bytes) -> None:
    assert outcome_of_answer(Answer(400, httpx.Headers(), body)) == Refused("http_400", 400)


async def test_a_wrong_key_is_forbidden(server: FaultyServer) -> None:
    async with mailer_to(server, key="SG.other") as mailer:
        assert await mailer.send(frozen_text(payload())) == Forbidden("http_401", 401)


@pytest.mark.parametrize("key", ["", "SG.a\n", "SG.ä", "SG.a b"])
def test_a_key_that_no_header_can_carry_is_a_wrong_setting(key: str) -> None:
    with pytest.raises(SettingsInvalid, match="MAHNLAUF_SENDGRID_API_KEY"):
        SendGridMailer(key)


async def test_nobody_listening_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    async with SendGridMailer(KEY, host=f"http://127.0.0.1:{port}") as mailer:
        assert await mailer.send(frozen_text(payload())) == NotSent("connect_failed")


async def test_a_name_that_does_not_resolve_is_not_sent() -> None:
    async with SendGridMailer(KEY, host="http://no-such-host.invalid") as mailer:
        assert await mailer.send(frozen_text(payload())) == NotSent("connect_failed")


async def test_a_failed_tls_handshake_is_not_sent(server: FaultyServer) -> None:
    async with SendGridMailer(KEY, host=server.url.replace("http:", "https:")) as mailer:
        assert await mailer.send(frozen_text(payload())) == NotSent("connect_failed")


async def test_a_deadline_that_passed_before_anything_was_written_is_not_sent(
    server: FaultyServer, fake: FakeSendGrid
) -> None:
    async with mailer_to(server) as mailer:
        assert await mailer.send(frozen_text(payload()), by=time.monotonic() - 1.0) == NotSent("deadline")
    assert fake.accepted == []


async def test_proxies_of_the_environment_are_ignored(
    server: FaultyServer, fake: FakeSendGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with mailer_to(server) as mailer:
        assert isinstance(await mailer.send(frozen_text(payload())), Sent)


async def test_a_host_may_end_in_a_slash(server: FaultyServer) -> None:
    async with SendGridMailer(KEY, host=f"{server.url}/") as mailer:
        assert isinstance(await mailer.send(frozen_text(payload())), Sent)


async def test_a_bad_day_leaves_no_doubt_unnamed(fake: FakeSendGrid) -> None:
    """Whatever chance does: `Sent` was accepted once, `NotSent` never, the rest says that it does not know."""
    plan = FaultPlan(seed=7)
    ids = [f"00000000-0000-5000-8000-{number:012d}" for number in range(300)]
    with FaultyServer(fake, plan=plan) as server:
        async with mailer_to(server, timeouts=HASTY) as mailer:
            outcomes = {one: await mailer.send(frozen_text(payload(effect_id=one))) for one in ids}
        server.wait_until_idle()
    accepted = fake.accepted_ids
    assert len(accepted) == len(set(accepted))
    for one, outcome in outcomes.items():
        if not isinstance(outcome, Uncertain):
            assert isinstance(outcome, Sent) == (one in accepted), (one, outcome)
    kinds = {type(outcome) for outcome in outcomes.values()}
    assert kinds == {Sent, NotSent, Uncertain}


# What an answer means, whatever it is


@given(status=st.integers(100, 999))
def test_every_status_has_one_meaning(status: int) -> None:
    outcome = outcome_of_status(status, {})
    match outcome:
        case Sent():
            assert 200 <= status <= 299
        case NotSent():
            assert status == 429
        case Forbidden():
            assert status in (401, 403)
        case Refused():
            assert 400 <= status <= 499
            assert status not in (401, 403, 429)
        case Uncertain():
            assert not 200 <= status <= 299
            assert not 400 <= status <= 499
    assert outcome.http_status == status


@pytest.mark.parametrize(
    ("failure", "begun", "outcome"),
    [
        (httpx.ConnectError(""), False, NotSent("connect_failed")),
        (httpx.ConnectTimeout(""), False, NotSent("connect_timeout")),
        (httpx.PoolTimeout(""), False, NotSent("pool_timeout")),
        (httpx.ConnectError(""), True, NotSent("connect_failed")),
        (httpx.WriteTimeout(""), True, Uncertain("write_timeout")),
        (httpx.WriteError(""), True, Uncertain("connection_lost")),
        (httpx.ReadTimeout(""), True, Uncertain("read_timeout")),
        (httpx.ReadError(""), True, Uncertain("connection_lost")),
        (httpx.RemoteProtocolError(""), True, Uncertain("answer_broken")),
        (httpx.CloseError(""), True, Uncertain("exchange_failed")),
        (OSError(), True, Uncertain("exchange_failed")),
        (TimeoutError(), True, Uncertain("deadline")),
        (TimeoutError(), False, NotSent("deadline")),
    ],
)
def test_what_a_failure_means(failure: Exception, begun: bool, outcome: object) -> None:
    assert outcome_of_failure(failure, begun=begun) == outcome


ANSWERED_AT = 1_790_000_000
AT = formatdate(ANSWERED_AT, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 120 "}, 120),
        ({"retry-after": "0"}, None),
        ({"retry-after": "999999"}, LONGEST_WAIT_SECONDS),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": formatdate(ANSWERED_AT + 60, usegmt=True), "date": AT}, 60),
        ({"retry-after": formatdate(ANSWERED_AT - 60, usegmt=True), "date": AT}, None),
        ({"retry-after": formatdate(ANSWERED_AT + 60, usegmt=True)}, None),
        ({"x-ratelimit-reset": str(ANSWERED_AT + 42), "date": AT}, 42),
        ({"x-ratelimit-reset": str(ANSWERED_AT), "date": AT}, None),
        ({"x-ratelimit-reset": str(ANSWERED_AT + 42)}, None),
        ({"x-ratelimit-reset": "١٢", "date": AT}, None),
        ({"retry-after": "5", "x-ratelimit-reset": str(ANSWERED_AT + 42), "date": AT}, 5),
        ({}, None),
    ],
)
def test_how_long_the_other_side_asks_us_to_wait(headers: dict[str, str], seconds: int | None) -> None:
    assert retry_after_seconds(headers) == seconds


@given(st.dictionaries(st.sampled_from(["retry-after", "x-ratelimit-reset", "date"]), st.text(max_size=40)))
def test_no_header_upsets_us(headers: dict[str, str]) -> None:
    assert (wait := retry_after_seconds(headers)) is None or 0 < wait <= LONGEST_WAIT_SECONDS
