"""What the sandbox agency demands of a new case and of a payment, field by field."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from dunning.dossier import LONGEST_REFERENCE
from dunning.errors import InputRejected
from dunning.money import cents
from tasks.outbox.agency_case import LONGEST_MEMO, PERSON_LEGAL, PERSON_NATURAL, STAGE_OUT_OF_COURT

Fault = dict[str, str]
"""`field` is a path such as `Debtor.PostalAddress.City`, `message` is for people."""
Check = Callable[[Any], str]
"""Says what is wrong with a value; empty where nothing is."""


def faults_of_case(case: Any) -> list[Fault]:
    """Every fault of a case, in the order of the fields; empty where it can be taken."""
    return _faults(case, _CASE) + _name_faults(case)


def faults_of_payment(payment: Any) -> list[Fault]:
    """Every fault of a payment report."""
    return _faults(payment, _PAYMENT)


def _text(longest: int, *, needed: bool = True) -> Check:
    def check(value: Any) -> str:
        if value is None and not needed:
            return ""
        if not isinstance(value, str):
            return "must be a text"
        if needed and not value.strip():
            return "must not be empty"
        if not value.isprintable():
            return "must be one line without control characters"
        return f"must have at most {longest} characters" if len(value) > longest else ""

    return check


def _one_of(*allowed: object) -> Check:
    return lambda value: "" if value in allowed else f"must be one of {', '.join(map(str, allowed))}"


def _shape(pattern: str, example: str) -> Check:
    def check(value: Any) -> str:
        return "" if isinstance(value, str) and re.fullmatch(pattern, value) else f"must look like {example}"

    return check


def _day(value: Any) -> str:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return "must be a date such as 2026-01-31"
    return ""


def _amount(value: Any) -> str:
    """A positive JSON number of whole cents; numbers with a point arrive as exact decimals."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return "must be a number"
    try:
        return "" if cents(Decimal(value)) > 0 else "must be positive"
    except InputRejected as rejected:
        return rejected.what


def _optional_group(group: str, fields: dict[str, Check]) -> dict[str, Check]:
    """Checks that hold only where the group is given: their path marks the group's end with `?`."""
    return {f"{group}?.{name}": check for name, check in fields.items()}


_COSTS: dict[str, Check] = {
    "Number": _text(50),
    "Value": _amount,
    "Date": _day,
    "Remark": _text(200, needed=False),
}
_CASE: dict[str, Check] = {
    "ClientCustomerRefNo": _text(LONGEST_REFERENCE),
    "Stage": _one_of(STAGE_OUT_OF_COURT),
    "Debtor.PersonType": _one_of(PERSON_NATURAL, PERSON_LEGAL),
    "Debtor.PostalAddress.Street": _text(100),
    "Debtor.PostalAddress.PostalCode": _text(12),
    "Debtor.PostalAddress.City": _text(100),
    "Debtor.PostalAddress.CountryCode": _shape("[A-Z]{2}", "DE"),
    "Claim.Amount": _amount,
    "Claim.ContractDate": _day,
    "Claim.ContractualItemCatalogueNo": _shape("[0-9]{2}", "43"),
    "Claim.OriginalCreatorName": _text(100),
    "Claim.Reason": _text(255),
    **{f"Claim.PrincipalClaim.{name}": check for name, check in _COSTS.items()},
    **_optional_group("Claim.DunningCosts", _COSTS),
    "Memo": _text(LONGEST_MEMO, needed=False),
}
_PAYMENT: dict[str, Check] = {"Amount": _amount, "ValueDate": _day}


def _faults(body: Any, checks: dict[str, Check]) -> list[Fault]:
    faults = []
    for path, check in checks.items():
        group, optional, _ = path.partition("?")
        if optional and value_at(body, group) is None:
            continue
        if message := check(value_at(body, path.replace("?", ""))):
            faults.append({"field": path.replace("?", ""), "message": message})
    return faults


def _name_faults(case: Any) -> list[Fault]:
    """A business has a company name, a person a last name."""
    field = "Company" if value_at(case, "Debtor.PersonType") == PERSON_LEGAL else "LastName"
    message = _text(100)(value_at(case, f"Debtor.{field}"))
    return [{"field": f"Debtor.{field}", "message": message}] if message else []


def value_at(body: Any, path: str) -> Any:
    """What stands at a dotted path; None where the way ends before."""
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body
