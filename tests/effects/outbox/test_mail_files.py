"""Mail as files: the same message as would be posted, written whole, once."""

import json
import os
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.errors import RuleViolation
from tasks.outbox.frozen import frozen_text
from tasks.outbox.mail import Mailbox
from tasks.outbox.mail_files import FileMailer, eml
from tasks.outbox.outcome import NotSent, Refused, Sent
from tests.support.mails import EFFECT_ID, payload


def parsed(content: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(content)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    decoded = part.get_payload(decode=True)
    assert isinstance(decoded, bytes)
    return decoded.decode("utf-8")


async def test_the_file_says_what_the_payload_says(tmp_path: Path) -> None:
    outcome = await FileMailer(tmp_path / "outbox").send(frozen_text(payload()))

    assert outcome == Sent(f"{EFFECT_ID}.eml")
    message = parsed((tmp_path / "outbox" / f"{EFFECT_ID}.eml").read_bytes())
    assert message["From"].addresses[0].display_name == "Blumen & Söhne GmbH"
    assert [address.addr_spec for address in message["To"].addresses] == ["kundin@example.org"]
    assert message["Reply-To"].addresses[0].addr_spec == "fragen@shop.example"
    assert message["Subject"] == "Zahlungserinnerung zur Rechnung RE-2026-1042"
    assert message["Message-ID"] == f"<{EFFECT_ID}@shop.example>"
    assert message["Date"] is None
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert body(message, "plain") == "Guten Tag,\n\nes fehlen noch 12,34 €.\n"
    assert body(message, "html") == "<p>Es fehlen noch 12,34&nbsp;€.</p>"


letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
bodies = st.text(letters | st.sampled_from("\n\r\t =.-"))
one_liners = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Zs"])
    | st.sampled_from(' ",;<>@=?_\\()'),
    min_size=1,
    max_size=120,
)


@given(text=bodies.filter(str.strip), html=bodies.filter(str.strip))
def test_any_body_comes_back_letter_by_letter(text: str, html: str) -> None:
    message = parsed(eml(payload(text=text, html=html)))
    assert (body(message, "plain"), body(message, "html")) == (text, html)


@given(subject=one_liners.filter(str.strip), name=one_liners.filter(str.strip))
def test_any_subject_and_name_come_back_and_add_no_header_and_no_recipient(subject: str, name: str) -> None:
    built = payload(subject=subject, recipient=Mailbox("kundin@example.org", name))
    message = parsed(eml(built))
    assert message["Subject"] == built["subject"]
    assert [address.addr_spec for address in message["To"].addresses] == ["kundin@example.org"]
    # Read by the older parser: the newer one puts a space between the two encoded words of a long name.
    to = BytesParser(policy=policy.compat32).parsebytes(eml(built))["To"]
    assert (
        str(make_header(decode_header(to))) == f"{built['personalizations'][0]['to'][0]['name']} <kundin@example.org>"
    )
    assert set(message.keys()) == {
        "From", "To", "Reply-To", "Subject", "Message-ID", "MIME-Version", "Content-Type",
    }  # fmt: skip


async def test_the_same_payload_again_is_sent_and_changes_nothing(tmp_path: Path) -> None:
    mailer = FileMailer(tmp_path)
    await mailer.send(frozen_text(payload()))
    before = (tmp_path / f"{EFFECT_ID}.eml").stat()

    assert await mailer.send(frozen_text(payload())) == Sent(f"{EFFECT_ID}.eml")

    after = (tmp_path / f"{EFFECT_ID}.eml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list(tmp_path.iterdir()) == [tmp_path / f"{EFFECT_ID}.eml"]


async def test_another_message_under_the_same_id_is_refused_and_the_first_stays(tmp_path: Path) -> None:
    mailer = FileMailer(tmp_path)
    await mailer.send(frozen_text(payload()))
    first = (tmp_path / f"{EFFECT_ID}.eml").read_bytes()

    assert await mailer.send(frozen_text(payload(text="Anders"))) == Refused("other_file_under_this_id")
    assert (tmp_path / f"{EFFECT_ID}.eml").read_bytes() == first


async def test_a_folder_that_cannot_be_written_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file, not a folder")
    mailer = FileMailer(tmp_path / "outbox")
    assert await mailer.send(frozen_text(payload())) == NotSent("outbox_not_writable")


async def test_what_a_killed_writer_left_behind_does_not_matter(tmp_path: Path) -> None:
    half = tmp_path / f".{EFFECT_ID}.eml.{os.getpid()}"
    half.write_bytes(b"From: half a mess")
    assert await FileMailer(tmp_path).send(frozen_text(payload())) == Sent(f"{EFFECT_ID}.eml")
    assert (tmp_path / f"{EFFECT_ID}.eml").read_bytes() == eml(payload())


async def test_the_file_is_the_proof(tmp_path: Path) -> None:
    mailer = FileMailer(tmp_path / "outbox")
    assert isinstance(mailer.proof(EFFECT_ID), NotSent)
    await mailer.send(frozen_text(payload()))
    assert mailer.proof(EFFECT_ID) == Sent(f"{EFFECT_ID}.eml")


async def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    await FileMailer(tmp_path / "outbox").send(frozen_text(payload()))
    assert (tmp_path / "outbox" / f"{EFFECT_ID}.eml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("effect_id", ["", "../../etc/passwd", "0f8fad5b", EFFECT_ID.upper()])
async def test_an_id_that_is_none_never_becomes_a_file_name(tmp_path: Path, effect_id: str) -> None:
    strange = json.dumps(payload() | {"custom_args": {"effect_id": effect_id}})
    with pytest.raises(RuleViolation):
        await FileMailer(tmp_path).send(strange)
    assert list(tmp_path.iterdir()) == []
