"""One notice as a mail, to be changed in one place at a time."""

from typing import Any

from tasks.outbox.mail import Mailbox, build_payload

EFFECT_ID = "0f8fad5b-d9cb-569f-a165-70867728950e"


def payload(**changes: Any) -> dict[str, Any]:
    """A sound payload; `changes` are arguments of `build_payload`."""
    words: dict[str, Any] = {
        "effect_id": EFFECT_ID,
        "sender": Mailbox("rechnung@shop.example", "Blumen & Söhne GmbH"),
        "recipient": Mailbox("kundin@example.org", "Erika Beispiel"),
        "reply_to": Mailbox("fragen@shop.example", "Kundendienst"),
        "subject": "Zahlungserinnerung zur Rechnung RE-2026-1042",
        "text": "Guten Tag,\n\nes fehlen noch 12,34 €.\n",
        "html": "<p>Es fehlen noch 12,34&nbsp;€.</p>",
    }
    return build_payload(**(words | changes))
