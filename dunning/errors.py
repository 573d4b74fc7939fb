"""The error tree. What decides is what must happen next; expected answers are values, not exceptions.

No message carries a debtor's name, address, e-mail address or IBAN: messages end in logs and in Prefect.
"""


class MahnlaufError(Exception):
    """Base of all our errors. `what` says what happened, `todo` what a person does about it."""

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(f"{what}\n{todo}" if todo else what)
        self.what = what
        self.todo = todo


class RuleViolation(MahnlaufError):
    """Our own bug: an invariant does not hold. Stop this claim, go on with the others, end Failed."""


class InputRejected(MahnlaufError):
    """Bad input from outside: park it with its reason, go on with the rest."""

    def __init__(self, reason: str, what: str, todo: str = "") -> None:
        super().__init__(what, todo)
        self.reason = reason
        """A short code, such as `not_our_invoice`, that is stored and counted."""


class RunRefused(MahnlaufError):
    """A run, an approval or a staff action that must not happen now; nothing was written."""

    def __init__(self, reason: str, what: str, todo: str = "") -> None:
        super().__init__(what, todo)
        self.reason = reason


class BaseRateUnknown(MahnlaufError):
    """A day has no confirmed base rate (§ 247 BGB): no interest is computed until a person confirms one."""


class SettingsInvalid(MahnlaufError):
    """A setting or a house rule is wrong; says file, line and rule."""


class EffectUnavailable(MahnlaufError):
    """It certainly did nothing: may be tried again."""


class EffectForbidden(MahnlaufError):
    """Our credentials were refused: stop the whole run."""
