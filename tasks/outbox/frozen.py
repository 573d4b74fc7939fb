"""What is frozen at the decision: a payload as text, and its SHA-256.

The text is what is stored and what is sent.
"""

import hashlib
import json


def frozen_text(payload: object) -> str:
    """Write a payload so that equal payloads are equal texts: sorted keys, no spaces, readable umlauts."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256_of(text: str) -> str:
    """The SHA-256 of the text's UTF-8 bytes, 64 hexadecimal digits in lower case."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
