"""What `inspect` shows of a file: exactly these keys, ready for JSON."""

import json
from pathlib import Path

import pytest

from dunning.errors import InputRejected
from tasks.intake.inspect import inspect_file, money
from tests.effects.intake.shared_data import SAMPLES, bank


def test_an_invoice() -> None:
    shown = inspect_file(SAMPLES / "ubl_invoice.xml")
    assert json.loads(json.dumps(shown)) == {
        "kind": "ubl",
        "number": "RE-2026-1042",
        "issued_on": "2026-01-12",
        "due_on": "2026-02-02",
        "due_basis": "terms",
        "currency": "EUR",
        "payable": "100.00",
        "credit_note": False,
        "seller": "Lindenhof Versand GmbH",
        "buyer": "Jo Beispiel",
    }


def test_a_bank_file() -> None:
    shown = inspect_file(SAMPLES / "camt053.xml")
    assert json.loads(json.dumps(shown)) == {
        "kind": "camt.053",
        "statements": [
            {
                "account": "DE02120300000000202051",
                "opening": "-50.00",
                "closing": "171.50",
                "entries": [
                    {
                        "booked_on": "2026-02-02",
                        "amount": "100.00",
                        "currency": "EUR",
                        "reference": "Rechnung RE-2026-1042 danke",
                        "counterparty": "Jo Beispiel",
                        "return_reason": None,
                    },
                    {
                        "booked_on": "2026-02-02",
                        "amount": "150.00",
                        "currency": "EUR",
                        "reference": "RF18539007547034",
                        "counterparty": "Nordlicht UG",
                        "return_reason": None,
                    },
                    {
                        "booked_on": "2026-02-02",
                        "amount": "-28.50",
                        "currency": "EUR",
                        "reference": "RE-2026-0999",
                        "counterparty": "Kim Muster",
                        "return_reason": "AC04",
                    },
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("name", "holds", "taken", "parked"),
    [
        ("kunden.csv", "customers", 2, 3),
        ("rechnungen.csv", "invoices", 3, 3),
        ("umsaetze.csv", "statements", 1, 1),
    ],
)
def test_a_table(name: str, holds: str, taken: int, parked: int) -> None:
    shown = json.loads(json.dumps(inspect_file(SAMPLES / name)))
    assert set(shown) == {"kind", holds, "rejected"}
    assert (len(shown[holds]), len(shown["rejected"])) == (taken, parked)
    assert all(set(row) == {"row", "reason", "what"} for row in shown["rejected"])


def test_balances_that_do_not_add_up_are_shown_as_they_stand() -> None:
    (statement,) = inspect_file(bank() / "genkgo/camt053.v2.five.decimals.xml")["statements"]
    assert (statement["opening"], statement["closing"]) == ("18.15", "27.05")
    assert [(entry["amount"], entry["reference"]) for entry in statement["entries"]] == [
        ("8.85", "Transaction Description")
    ]


def test_missing_balances_are_null() -> None:
    (statement,) = inspect_file(bank() / "genkgo/camt53.only-Dt-with-DtTm.xml")["statements"]
    assert (statement["opening"], statement["closing"], statement["entries"]) == ("5442.09", None, [])


def test_a_refused_file_raises(tmp_path: Path) -> None:
    path = tmp_path / "half.xml"
    path.write_bytes((SAMPLES / "camt053.xml").read_bytes()[:700])
    with pytest.raises(InputRejected) as refused:
        inspect_file(path)
    assert (refused.value.reason, bool(refused.value.what), bool(refused.value.todo)) == ("not_readable", True, True)


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (-5, "-0.05"), (123456, "1234.56"), (-22514, "-225.14")])
def test_money_as_text(cents: int, text: str) -> None:
    assert money(cents) == text
