"""The dossier says everything that the agency needs, once, and says what is missing."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dunning.ledger import Line, LineKind
from tests.support.dossiers import DOSSIER, ERIKA, dossier


def test_amounts_are_the_ledgers_sums() -> None:
    assert (DOSSIER.principal_cents, DOSSIER.fees_cents, DOSSIER.total_cents) == (9_900, 250, 10_150)


def test_a_complete_dossier_misses_nothing() -> None:
    assert DOSSIER.missing() == ()


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"debtor": replace(ERIKA, street="")}, ("debtor_street",)),
        ({"debtor": replace(ERIKA, postal_code="", city=" ")}, ("debtor_postal_code", "debtor_city")),
        ({"debtor": replace(ERIKA, name="")}, ("debtor_name",)),
        ({"debtor": replace(ERIKA, email="", customer_number="")}, ()),
        ({"subject": ""}, ("subject",)),
        ({"reference": ""}, ("reference",)),
        ({"reference": "x" * 40}, ()),
        ({"reference": "x" * 41}, ("reference",)),
        ({"lines": ()}, ("principal",)),
        ({"lines": (Line(LineKind.FEE, date(2026, 2, 20), 250),)}, ("principal",)),
        ({"notices": ()}, ("notices",)),
        ({"ordered_on": None, "delivered_on": None}, ()),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, Any], missing: tuple[str, ...]) -> None:
    assert dossier(**changes).missing() == missing


def test_the_contract_is_dated_by_the_order_else_by_the_invoice() -> None:
    assert DOSSIER.contract_on == date(2026, 1, 8)
    without = dossier(ordered_on=None)
    assert without.contract_on == date(2026, 1, 10)
    assert json.loads(without.to_json())["contract"] == {"on": "2026-01-10", "basis": "invoice"}


def test_the_text_holds_every_fact_in_machine_form() -> None:
    assert json.loads(DOSSIER.to_json()) == {
        "reference": "RE-2026-1042",
        "creditor": {"name": "Blumen & Söhne GmbH"},
        "debtor": {
            "name": "Erika Maria Beispiel",
            "first_name": "",
            "last_name": "",
            "kind": "consumer",
            "street": "Lindenallee 12",
            "street_2": "",
            "postal_code": "10115",
            "city": "Berlin",
            "country": "DE",
            "email": "erika@example.org",
            "customer_number": "K-77",
        },
        "invoice": {
            "number": "RE-2026-1042",
            "issued_on": "2026-01-10",
            "subject": "Rosenstöcke",
            "order_number": "",
            "delivered_on": "2026-01-12",
        },
        "contract": {"on": "2026-01-08", "basis": "order"},
        "due": {"on": "2026-01-24", "basis": "document"},
        "default_from": None,
        "currency": "EUR",
        "principal": "99.00",
        "fees": "2.50",
        "total": "101.50",
        "ledger": [
            {"kind": "invoice", "on": "2026-01-10", "amount": "119.00", "note": ""},
            {"kind": "payment", "on": "2026-02-02", "amount": "-20.00", "note": ""},
            {"kind": "fee", "on": "2026-02-20", "amount": "2.50", "note": "second notice"},
        ],
        "notices": [
            {"level": 1, "sent_on": "2026-01-29", "pay_until": "2026-02-09"},
            {"level": 2, "sent_on": "2026-02-20", "pay_until": "2026-03-06"},
            {"level": 3, "sent_on": "2026-03-12", "pay_until": "2026-03-26"},
        ],
    }


def test_equal_dossiers_are_equal_texts_and_any_change_shows() -> None:
    assert dossier().to_json() == DOSSIER.to_json()
    assert dossier(delivered_on=date(2026, 1, 13)).to_json() != DOSSIER.to_json()
    assert "Söhne" in DOSSIER.to_json()
