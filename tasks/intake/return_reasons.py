"""Why a payment came back, where a bank says so in words: the codes of ISO 20022 that banks write into texts."""

import re

NARRATIVE = "NARR"
"""ISO 20022's code where the reason is in the text, if anywhere."""

_CODE = re.compile(
    r"\b(AC0[146]|AC13|AG0[12]|AM0[459]|BE0[145]|CNOR|DNOR|ED05|FF0[15]|MD0[1267]|MS0[23]|RC01|RR0[1-4]|SL01|TM01)\b"
)


def named_reason(text: str) -> str:
    """The one code that stands in a text; empty if there is none, or if there are several."""
    named = set(_CODE.findall(text))
    return str(named.pop()) if len(named) == 1 else ""
