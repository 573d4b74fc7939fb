"""A dossier as the agency takes it: the body of `PUT /collect/claim/new/`, after mediaFinanz v2.2."""

from typing import Any

from dunning.debtor import DebtorKind
from dunning.dossier import Debtor, Dossier
from dunning.errors import InputRejected

STAGE_OUT_OF_COURT = "V"
PERSON_NATURAL, PERSON_LEGAL = 1, 2
MEANS_EMAIL = 1
TYPE_PRIVATE, TYPE_BUSINESS = 1, 2
VALID = 1
CATALOGUE_GOODS_DELIVERED = "43"
"""Warenlieferung in the courts' catalogue of principal claims (Hauptforderungskatalog)."""
CONDITION_PERFORMED = 1
"""The claim does not hang on a counter-performance, or that was rendered."""
LONGEST_MEMO = 200
LONGEST_REASON = 200


def build_case(dossier: Dossier) -> dict[str, Any]:
    """The dossier as the agency's JSON; freeze it with `frozen_text`.

    Raises InputRejected `dossier_incomplete` where a fact is missing that the interface needs.
    """
    if missing := dossier.missing():
        raise InputRejected(
            "dossier_incomplete",
            f"the agency needs {', '.join(missing)}",
            "add it to the customer or the invoice",
        )
    claim: dict[str, Any] = {
        "Amount": json_number(dossier.total_cents),
        "ContractDate": dossier.contract_on.isoformat(),
        "ContractualItemCatalogueNo": CATALOGUE_GOODS_DELIVERED,
        "ContractualCondition": CONDITION_PERFORMED,
        "OriginalCreatorName": _line(dossier.creditor_name),
        "Reason": _line(dossier.subject)[:LONGEST_REASON],
        "PrincipalClaim": {
            "Number": dossier.invoice_number,
            "Value": json_number(dossier.principal_cents),
            "Date": dossier.invoiced_on.isoformat(),
            "Remark": f"fällig am {dossier.due_on.isoformat()}",
        },
    }
    if dossier.fees_cents:
        claim["DunningCosts"] = {
            "Number": dossier.invoice_number,
            "Value": json_number(dossier.fees_cents),
            "Date": dossier.notices[-1].sent_on.isoformat(),
            "Remark": "Mahnkosten",
        }
    return {
        "ClientCustomerRefNo": dossier.reference,
        "Stage": STAGE_OUT_OF_COURT,
        "Debtor": _debtor(dossier.debtor),
        "Claim": claim,
        "Memo": _memo(dossier),
    }


def json_number(amount_cents: int) -> float:
    """Cents as the JSON number that the interface wants: 1234 -> 12.34.

    The nearest double is written with the fewest digits that name it, which are these two decimals for any
    amount below a trillion; nothing is computed with it.
    """
    return amount_cents / 100


def _debtor(debtor: Debtor) -> dict[str, Any]:
    business = debtor.kind is DebtorKind.BUSINESS
    first_name, last_name = _person(debtor)
    channels = [
        {
            "Means": MEANS_EMAIL,
            "Type": TYPE_BUSINESS if business else TYPE_PRIVATE,
            "Value": debtor.email,
            "Validity": VALID,
        }
    ]
    return {
        "LegalForm": "Sonstige",
        "PersonType": PERSON_LEGAL if business else PERSON_NATURAL,
        "Company": _line(debtor.name) if business else "",
        "LastName": "" if business else last_name,
        "FirstName": "" if business else first_name,
        "PostalAddress": {
            "Annex": _line(debtor.street_2),
            "Street": _line(debtor.street),
            "PostalCode": _line(debtor.postal_code),
            "City": _line(debtor.city),
            "CountryCode": debtor.country,
            "Validity": VALID,
        },
        "Communications": channels if debtor.email else [],
    }


def _person(debtor: Debtor) -> tuple[str, str]:
    """First and last name; of a name that is known only as a whole the last word is the last name."""
    if debtor.last_name:
        return _line(debtor.first_name), _line(debtor.last_name)
    first_name, _, last_name = _line(debtor.name).rpartition(" ")
    return first_name, last_name


def _line(text: str) -> str:
    """A text of an invoice or an address as one line."""
    return " ".join(text.split())


def _memo(dossier: Dossier) -> str:
    notices = ", ".join(f"Stufe {sent.level} am {sent.sent_on.isoformat()}" for sent in dossier.notices)
    contract = "" if dossier.ordered_on else " Vertragsdatum = Rechnungsdatum."
    customer = f"Kunde {dossier.debtor.customer_number}. " if dossier.debtor.customer_number else ""
    default = f" Verzug seit {dossier.default.from_on.isoformat()}." if dossier.default else ""
    return f"{customer}Gemahnt: {notices}.{default}{contract}"[:LONGEST_MEMO]
