"""The dossier says everything that the agency needs, once, and says what is missing."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dunning.allocation import InterestTerms, account, standing
from dunning.claim import SentNotice
from dunning.debtor import DebtorKind
from dunning.default import Default, Route
from dunning.interest import Debt, default_interest
from dunning.ledger import Line, LineKind
from tests.support.dossiers import DOSSIER, ERIKA, dossier

STARTED = date(2026, 2, 1)
UNTIL = date(2026, 8, 1)
PART = Line(LineKind.PAYMENT, date(2026, 7, 1), -10_000)
CHARGED_LINES = (Line(LineKind.INVOICE, date(2026, 1, 10), 80_000), Line(LineKind.FEE, date(2026, 2, 20), 250), PART)
TERMS = InterestTerms(STARTED, Debt(DebtorKind.CONSUMER))
ACCOUNT = account(CHARGED_LINES, UNTIL, TERMS)
CHARGED = dossier(
    lines=CHARGED_LINES,
    account=ACCOUNT,
    default=Default(STARTED, Route.AGREED_DATE, "agreed day 2026-01-31"),
    interest=default_interest(ACCOUNT.principal_lines, STARTED, UNTIL, TERMS.debt),
)
"""800.00 in default since February; 100.00 of July paid 2.50 of costs, 20.61 of interest and 76.89 of principal."""


def test_amounts_are_the_accounts() -> None:
    assert (DOSSIER.principal_cents, DOSSIER.fees_cents, DOSSIER.total_cents) == (9_900, 250, 10_150)
    assert (CHARGED.principal_cents, CHARGED.fees_cents, CHARGED.total_cents) == (72_311, 0, 72_311)


def test_default_is_told_with_its_route_and_its_proof() -> None:
    told = json.loads(CHARGED.to_json())["default"]
    assert told == {"from": "2026-02-01", "route": "agreed_date", "evidence": "agreed day 2026-01-31"}


def test_interest_is_told_row_by_row_with_what_is_open_of_it() -> None:
    """§ 13a (1) no. 3 RDG. 150 days of 800.00 at 6.27 % cost 20.61, 31 of 723.11 at 6.52 % another 4.01."""
    assert json.loads(CHARGED.to_json())["interest"] == {
        "points_above_base": "5.00",
        "until": "2026-08-01",
        "open": "4.01",
        "daily": "0.13",
        "rows": [
            {
                "from": "2026-02-01",
                "until": "2026-07-01",
                "days": 150,
                "principal": "800.00",
                "rate": "6.27",
                "amount": "20.61",
            },
            {
                "from": "2026-07-01",
                "until": "2026-08-01",
                "days": 31,
                "principal": "723.11",
                "rate": "6.52",
                "amount": "4.01",
            },
        ],
    }


def test_of_a_day_without_a_rate_the_dossier_says_nothing() -> None:
    new_year = date(2027, 1, 1)
    at_the_end = replace(
        CHARGED,
        account=account(CHARGED_LINES, new_year, TERMS),
        interest=default_interest(ACCOUNT.principal_lines, STARTED, new_year, TERMS.debt),
    )
    told = json.loads(at_the_end.to_json())["interest"]
    assert (told["until"], told["daily"]) == ("2027-01-01", None)


def test_the_ledger_adds_up_to_what_is_demanded() -> None:
    for each in (DOSSIER, CHARGED):
        booked_cents = sum(line.cents for line in each.lines)
        to_interest_cents = sum(credited.interest_cents for credited in each.account.credited)
        assert each.total_cents == booked_cents + to_interest_cents


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
        ({"account": replace(DOSSIER.account, principal_cents=1)}, ()),
        ({"account": replace(DOSSIER.account, principal_cents=0)}, ("principal",)),
        ({"account": standing(())}, ("principal",)),
        ({"debtor": replace(ERIKA, country="")}, ("debtor_country",)),
        ({"creditor_name": "", "invoice_number": ""}, ("creditor_name", "invoice_number")),
        ({"default": None, "interest": None}, ()),
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
            "address_source": "given by the debtor",
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
        "default": None,
        "interest": None,
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


def test_an_address_that_was_researched_says_so() -> None:
    """§ 13a (1) no. 7 RDG."""
    moved = dossier(debtor=replace(ERIKA, address_source="register of residents, 2026-03-02"))
    assert json.loads(moved.to_json())["debtor"]["address_source"] == "register of residents, 2026-03-02"
    assert moved.missing() == ()


def test_equal_dossiers_are_equal_texts_and_any_change_shows() -> None:
    assert dossier().to_json() == DOSSIER.to_json()
    assert dossier(delivered_on=date(2026, 1, 13)).to_json() != DOSSIER.to_json()
    assert "Söhne" in DOSSIER.to_json()


def test_the_text_has_its_words_in_order_and_no_space_beside_them() -> None:
    """So that the same facts are the same bytes with every release."""
    text = DOSSIER.to_json()
    assert text.startswith('{"contract":{"basis":"order","on":"2026-01-08"},"creditor":{"name":"Blumen & Söhne GmbH"},')
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_a_notice_without_a_deadline_names_none() -> None:
    told = json.loads(dossier(notices=(SentNotice(1, date(2026, 1, 29), None),)).to_json())["notices"]
    assert told == [{"level": 1, "sent_on": "2026-01-29", "pay_until": None}]
