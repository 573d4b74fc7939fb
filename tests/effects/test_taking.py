"""Invoices and credit notes come in once, whole, and only if they are ours; what cannot be used says why."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, col, select

from deployments.demo.goods import Position
from deployments.demo.seller import SHOP, SUPPLIER, Seller
from dunning.decision import Blocked, Circumstances, decide
from dunning.lifecycle import State
from dunning.reasons import HoldKind, Reason
from tasks import desk
from tasks.intake.reading import ReadOptions
from tasks.intake.taking import Taken, take_in
from tasks.store.tables import ClaimRow, CustomerRow, ImportFileRow, InvoiceRow, LedgerEntryRow
from tasks.world import World
from tests.effects.render.examples import lindgruen
from tests.support.papers import TEA, camt, cii, paper, table, transfer, ubl
from tests.support.world import add_invoice, claim, settings_in

CREDIT = "Rechnungsnummer;Kundennummer;Rechnungsdatum;Fällig am;Bruttobetrag;Belegart;zu Rechnung"
CUSTOMER_TABLE = (
    "Kundennummer;Vorname;Nachname;Straße;PLZ;Ort;E-Mail",
    "K-1;Jürgen;Groß;Am Mühlbach 7;10115;Berlin;k-1@gross.example",
)


def _count(world: World, table_: type[SQLModel]) -> int:
    with world.store.read() as session:
        return session.exec(select(func.count()).select_from(table_)).one()


def _short(taken: list[Taken]) -> list[tuple[str, str]]:
    return [(each.status, each.reason) for each in taken]


def _lines(world: World, number: str = "RE-1") -> list[tuple[str, int, date, str]]:
    with world.store.read() as session:
        rows = session.exec(
            select(LedgerEntryRow).join(ClaimRow).where(ClaimRow.number == number).order_by(col(LedgerEntryRow.id))
        )
        return [(row.kind, row.cents, row.value_on, row.note) for row in rows]


def _invoice(world: World, number: str = "RE-1") -> InvoiceRow:
    with world.store.read() as session:
        return session.exec(select(InvoiceRow).where(InvoiceRow.number == number)).one()


@pytest.mark.parametrize("ubl_first", [True, False])
def test_an_invoice_counts_once_though_it_comes_in_both_syntaxes(world: World, tmp_path: Path, ubl_first: bool) -> None:
    files = [ubl(tmp_path, paper()), cii(tmp_path, paper())]
    first, second = take_in(world, files if ubl_first else files[::-1])
    taken = {first.kind: first, second.kind: second}
    assert sorted((each.invoices, each.known) for each in taken.values()) == [(0, 1), (1, 0)]
    found = claim(world)
    assert (found.claim.open_cents, found.claim.state, found.claim.due_on) == (10_000, State.OPEN, date(2026, 2, 16))
    assert _lines(world) == [("invoice", 10_000, date(2026, 2, 2), "")]
    assert (found.customer.number, found.customer.name, found.customer.city) == ("K-1", "Jürgen Groß", "Berlin")


@pytest.mark.parametrize(
    "changed",
    [
        {"positions": (Position(TEA, 2),)},
        {"issued_on": date(2026, 2, 3)},
        {"due_on": date(2026, 3, 1)},
        {"customer": replace(paper().customer, number="K-2")},
    ],
    ids=["amount", "day", "due day", "buyer"],
)
def test_a_known_number_with_another_content_is_parked(world: World, tmp_path: Path, changed: dict[str, Any]) -> None:
    take_in(world, [ubl(tmp_path, paper())])
    before = claim(world)
    (second,) = take_in(world, [ubl(tmp_path, paper(**changed), name="again.xml")])
    assert (second.status, second.reason, second.invoices) == ("parked", "number_conflict", 0)
    assert "RE-1" in second.what
    assert claim(world) == before
    assert _count(world, CustomerRow) == 1


@pytest.mark.parametrize(
    ("ours", "seller", "status"),
    [
        ({}, SHOP, "taken"),
        ({}, SUPPLIER, "parked"),
        ({}, replace(SHOP, vat_id="DE 304-159.268"), "taken"),
        ({}, replace(SUPPLIER, vat_id=SHOP.vat_id), "taken"),
        ({}, replace(SHOP, vat_id="DE998877660"), "parked"),
        ({"vat_id": "", "tax_number": "1"}, SHOP, "taken"),
        ({"vat_id": "", "tax_number": "1"}, replace(SHOP, name="LINDGRÜN-Versand GmbH"), "taken"),
        ({"vat_id": "", "tax_number": "1", "name": "Lindgrün Versand"}, SHOP, "taken"),
        ({"vat_id": "", "tax_number": "1"}, replace(SHOP, name=SUPPLIER.name), "parked"),
        ({"vat_id": "", "tax_number": "1"}, replace(SHOP, iban=SUPPLIER.iban), "parked"),
    ],
    ids=["vat id", "another's", "other spelling", "name does not matter", "other vat id", "name and iban",
         "name in other spelling", "legal form beside the name", "iban alone", "name alone"],
)  # fmt: skip
def test_whose_invoice_it_is(world: World, tmp_path: Path, ours: dict[str, str], seller: Seller, status: str) -> None:
    world = replace(world, settings=settings_in(tmp_path, creditor=lindgruen(**ours)))
    (taken,) = take_in(world, [ubl(tmp_path, paper(), seller)])
    assert _short([taken]) == [(status, "" if status == "taken" else "not_our_invoice")]
    assert _count(world, ClaimRow) == _count(world, CustomerRow) == (status == "taken")
    with world.store.read() as session:
        assert session.exec(select(ImportFileRow.status, ImportFileRow.reason)).all() == [(taken.status, taken.reason)]


@pytest.mark.parametrize("number", ["TI-1", "RE-9"])
def test_a_parked_file_is_taken_once_its_cause_is_gone(world: World, tmp_path: Path, number: str) -> None:
    file = ubl(tmp_path, paper(number), SUPPLIER)
    assert _short(take_in(world, [file])) == [("parked", "not_our_invoice")]
    ours = replace(world, settings=settings_in(tmp_path, creditor=lindgruen(vat_id=SUPPLIER.vat_id)))
    assert _short(take_in(ours, [file])) == [("taken", "")]
    assert _short(take_in(ours, [file])) == [("known", "known_file")]
    assert _count(world, ImportFileRow) == 1


@pytest.mark.parametrize(
    ("changed", "basis"),
    [({}, "document"), ({"states_due_day": False}, "terms")],
)
def test_where_the_due_day_comes_from_is_stored(
    world: World, tmp_path: Path, changed: dict[str, Any], basis: str
) -> None:
    take_in(world, [ubl(tmp_path, paper(**changed))])
    assert (_invoice(world).due_basis, _invoice(world).due_on) == (basis, date(2026, 2, 16))


def test_a_table_without_due_days_takes_the_shops_term(world: World, tmp_path: Path) -> None:
    world = replace(world, settings=settings_in(tmp_path, payment_term_days=10))
    take_in(world, [table(tmp_path, "a.csv", "Rechnungsnummer;Kundennummer;Rechnungsdatum;Bruttobetrag",
                          "RE-1;K-1;02.02.2026;100,00")])  # fmt: skip
    assert (_invoice(world).due_basis, _invoice(world).due_on) == ("setting", date(2026, 2, 12))


@pytest.mark.parametrize(
    ("payable", "lines", "state"),
    [
        (10_000, [("invoice", 10_000)], State.OPEN),
        (7_500, [("invoice", 10_000), ("payment", -2_500)], State.OPEN),
        (0, [("invoice", 10_000), ("payment", -10_000)], State.SETTLED),
        (12_000, [("invoice", 12_000)], State.OPEN),
    ],
    ids=["nothing", "a part", "all", "an older debt on top"],
)
def test_what_was_paid_before_the_invoice(
    world: World, payable: int, lines: list[tuple[str, int]], state: State
) -> None:
    add_invoice(world, due_on=date(2026, 2, 16), payable_cents=payable)
    assert [(kind, cents) for kind, cents, _, _ in _lines(world)] == lines
    assert (claim(world).claim.state, claim(world).claim.open_cents) == (state, payable)


def test_an_invoice_over_nothing_is_settled(world: World) -> None:
    add_invoice(world, cents=0, due_on=date(2026, 2, 16))
    assert (claim(world).claim.state, _lines(world)) == (State.SETTLED, [])


@pytest.mark.parametrize(
    ("row", "open_cents", "state"),
    [
        ("GS-1;K-1;10.02.2026;;25,00;Gutschrift;RE-1", 7_500, State.OPEN),
        ("GS-1;K-1;10.02.2026;;100,00;Gutschrift;RE-1", 0, State.SETTLED),
        ("GS-1;K-1;10.02.2026;;120,00;Gutschrift;RE-1", -2_000, State.SETTLED),
        ("GS-1;K-1;10.02.2026;;-25,00;Gutschrift;RE-1", 7_500, State.OPEN),
        ("GS-1;K-1;10.02.2026;;-25,00;Rechnung;RE-1", 7_500, State.OPEN),
    ],
    ids=["a part", "all", "more than all", "with its sign", "a negative invoice"],
)
def test_a_credit_note_lowers_or_closes_its_claim(
    world: World, tmp_path: Path, row: str, open_cents: int, state: State
) -> None:
    take_in(world, [ubl(tmp_path, paper())])
    (taken,) = take_in(world, [table(tmp_path, "credit.csv", CREDIT, row)])
    assert (taken.status, taken.credit_notes, taken.invoices, taken.rejected) == ("taken", 1, 0, [])
    assert (claim(world).claim.open_cents, claim(world).claim.state) == (open_cents, state)
    assert _lines(world)[1] == ("credit_note", open_cents - 10_000, date(2026, 2, 10), "GS-1")
    assert (_invoice(world, "GS-1").kind, _invoice(world, "GS-1").corrects) == ("credit_note", "RE-1")
    assert _count(world, ClaimRow) == 1
    (again,) = take_in(world, [table(tmp_path, "credit2.csv", CREDIT, row, "")])
    assert (again.known, claim(world).claim.open_cents) == (1, open_cents)


@pytest.mark.parametrize(
    ("corrects", "reason"),
    [("", "credit_note_names_no_invoice"), ("RE-404", "credit_note_of_unknown_invoice")],
)
def test_a_credit_note_without_its_invoice_is_a_parked_row(
    world: World, tmp_path: Path, corrects: str, reason: str
) -> None:
    take_in(world, [ubl(tmp_path, paper())])
    row = f"GS-1;K-1;10.02.2026;;25,00;Gutschrift;{corrects}"
    (taken,) = take_in(world, [table(tmp_path, "credit.csv", CREDIT, row)])
    assert [(each.row, each.reason) for each in taken.rejected] == [(2, reason)]
    assert (taken.credit_notes, claim(world).claim.open_cents, _count(world, InvoiceRow)) == (0, 10_000, 1)


def test_a_credit_note_that_came_first_is_taken_once_its_invoice_is_there(world: World, tmp_path: Path) -> None:
    note = ubl(tmp_path, paper("GS-1", corrects="RE-1"))
    assert _short(take_in(world, [note])) == [("parked", "credit_note_of_unknown_invoice")]
    assert _count(world, InvoiceRow) == _count(world, CustomerRow) == 0
    assert _short(take_in(world, [note, ubl(tmp_path, paper())])) == [("taken", ""), ("taken", "")]
    assert claim(world).claim.state is State.SETTLED


def test_a_credit_note_in_another_currency_lowers_nothing(world: World, tmp_path: Path) -> None:
    take_in(world, [ubl(tmp_path, paper())])
    note = ubl(tmp_path, paper("GS-1", corrects="RE-1"))
    note.write_bytes(note.read_bytes().replace(b"EUR", b"CHF"))
    assert _short(take_in(world, [note])) == [("parked", "credit_note_in_other_currency")]
    assert claim(world).claim.open_cents == 10_000


def test_a_bad_row_is_parked_with_its_reason_and_the_rest_comes_in(world: World, tmp_path: Path) -> None:
    file = table(
        tmp_path, "invoices.csv", CREDIT,
        "RE-1;K-1;02.02.2026;16.02.2026;100,00;;",
        "RE-2;K-1;31.02.2026;16.03.2026;100,00;;",
        ";K-1;02.02.2026;16.02.2026;100,00;;",
        "RE-4;K-1;02.02.2026;16.02.2026;viel;;",
        "RE-1;K-1;02.02.2026;16.02.2026;99,00;;",
        "RE-6;K-1;02.02.2026;16.02.2026;60,00;;",
    )  # fmt: skip
    (taken,) = take_in(world, [file])
    assert (taken.status, taken.invoices) == ("taken", 2)
    assert sorted(each.row for each in taken.rejected) == [3, 4, 5, 6]
    assert {each.row: each.reason for each in taken.rejected}[6] == "number_conflict"
    assert all(each.reason and each.what for each in taken.rejected)
    assert (claim(world, "RE-1").claim.open_cents, claim(world, "RE-6").claim.open_cents) == (10_000, 6_000)
    with world.store.read() as session:
        row = session.exec(select(ImportFileRow)).one()
    assert (row.status, row.kind, row.invoices) == ("taken", "invoices", 2)
    assert [each["row"] for each in row.rejected] == [each.row for each in taken.rejected]


def test_the_same_file_twice_comes_in_once_under_whatever_name(world: World, tmp_path: Path) -> None:
    file = ubl(tmp_path, paper())
    copy = tmp_path / "copy.xml"
    copy.write_bytes(file.read_bytes())
    assert _short(take_in(world, [file, file, copy])) == [("taken", ""), ("known", "known_file")]
    assert (_count(world, ImportFileRow), _count(world, LedgerEntryRow)) == (1, 1)


def test_a_credit_note_that_came_before_its_invoice_comes_in_when_its_table_is_offered_again(
    world: World, tmp_path: Path
) -> None:
    file = table(tmp_path, "a.csv", CREDIT,
                 "RE-2;K-1;02.02.2026;16.02.2026;80,00;;", "GS-1;K-1;05.02.2026;;30,00;Gutschrift;RE-1")  # fmt: skip
    (first,) = take_in(world, [file])
    assert [each.reason for each in first.rejected] == ["credit_note_of_unknown_invoice"]
    take_in(world, [ubl(tmp_path, paper())])
    (second,) = take_in(world, [file])
    assert (second.status, second.credit_notes, second.known, second.rejected) == ("taken", 1, 1, [])
    assert claim(world, "RE-1").claim.open_cents == 7_000
    assert _short(take_in(world, [file])) == [("known", "known_file")]
    with world.store.read() as session:
        row = session.exec(select(ImportFileRow).where(ImportFileRow.name == "a.csv")).one()
    assert (row.invoices, row.credit_notes, row.rejected) == (1, 1, [])


def test_a_folder_comes_in_in_the_order_that_makes_sense(world: World, tmp_path: Path) -> None:
    """Named so that the alphabet is wrong: the payment first, then the credit note, the customers last."""
    files = [
        camt(tmp_path, "1-bank.xml", transfer(2_500, "RE-1")),
        ubl(tmp_path, paper("GS-1", corrects="RE-1", positions=(Position(TEA, 1),)), name="2-credit.xml"),
        ubl(tmp_path, paper(positions=(Position(TEA, 2),)), name="3-invoice.xml"),
        table(tmp_path, "4-customers.csv", *CUSTOMER_TABLE),
    ]
    taken = take_in(world, files)
    assert [(each.file, each.status) for each in taken] == [(file.name, "taken") for file in files]
    assert [each.payments for each in taken] == [1, 0, 0, 0]
    assert claim(world).claim.open_cents == 19_999 - 10_000 - 2_500
    assert claim(world).customer.first_name == "Jürgen"


def test_hostile_files_leave_nothing_and_stop_nothing(world: World, tmp_path: Path) -> None:
    whole = ubl(tmp_path, paper("RE-9")).read_bytes()
    hostile = {
        "dtd.xml": whole.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b "c">]>', 1),
        "cut.xml": whole[: len(whole) // 2],
        "empty.xml": b"",
        "noise.bin": bytes(range(256)) * 40,
        "broken.zip": b"PK\x03\x04" + b"\x00" * 60,
    }
    files = []
    for name, content in hostile.items():
        (tmp_path / name).write_bytes(content)
        files.append(tmp_path / name)
    taken = take_in(world, [*files, tmp_path / "missing.xml", ubl(tmp_path, paper())])
    assert [each.status for each in taken] == ["refused"] * 6 + ["taken"]
    assert all(each.reason and each.what for each in taken[:-1])
    assert (_count(world, ClaimRow), _count(world, ImportFileRow)) == (1, 6)


def test_the_wrong_kind_is_refused(world: World, tmp_path: Path) -> None:
    assert _short(take_in(world, [ubl(tmp_path, paper())], ReadOptions(kind="camt.053"))) == [("refused", "wrong_kind")]
    assert _count(world, ClaimRow) == 0


def test_customers_are_updated_and_their_claims_learn_of_it(world: World, tmp_path: Path) -> None:
    take_in(world, [ubl(tmp_path, paper())])
    before = claim(world)
    heading, row = CUSTOMER_TABLE
    (taken,) = take_in(world, [table(tmp_path, "a.csv", heading, row.replace("k-1@", "neu@"))])
    assert (taken.customers, claim(world).customer.email) == (1, "neu@gross.example")
    assert claim(world).version == before.version + 1
    (again,) = take_in(world, [table(tmp_path, "b.csv", heading, row.replace("k-1@", "neu@"), "")])
    assert (again.customers, claim(world).version) == (0, before.version + 1)


def test_a_customer_comes_in_with_every_column(world: World, tmp_path: Path) -> None:
    heading = "Kundennummer;Kundenart;Firma;Straße;Adresszusatz;PLZ;Ort;Land;Bundesland;E-Mail;Sprache;Kunde seit"
    row = "K-1;Unternehmen;Teestube GmbH;Deich 1;Hof;26122;Oldenburg;DE;NI;hof@teestube.example;en;03.02.2021"
    take_in(world, [table(tmp_path, "a.csv", heading, row)])
    with world.store.read() as session:
        stored = session.exec(select(CustomerRow)).one().model_dump(exclude={"id", "first_name", "last_name"})
    assert stored == {
        "number": "K-1", "kind": "business", "name": "Teestube GmbH", "company": "Teestube GmbH", "street": "Deich 1",
        "street_2": "Hof", "postal_code": "26122", "city": "Oldenburg", "country": "DE", "federal_state": "NI",
        "email": "hof@teestube.example", "language": "en", "account_since": date(2021, 2, 3),
    }  # fmt: skip


def test_a_document_fills_gaps_of_a_customer_and_overwrites_nothing(world: World, tmp_path: Path) -> None:
    heading, row = CUSTOMER_TABLE
    take_in(world, [table(tmp_path, "a.csv", heading, row.replace("k-1@gross.example", "").replace("Groß", "Klein"))])
    take_in(world, [ubl(tmp_path, paper())])
    assert (claim(world).customer.name, claim(world).customer.email) == ("Jürgen Klein", "k-1@gross.example")


def test_a_buyer_without_a_number_is_known_by_name_and_address(world: World, tmp_path: Path) -> None:
    nobody = replace(paper().customer, number="")
    elsewhere = replace(nobody, street="Am Anger 1")
    take_in(world, [ubl(tmp_path, paper(f"RE-{n}", customer=who)) for n, who in enumerate([nobody, nobody, elsewhere])])
    first, second, third = (claim(world, f"RE-{n}").customer for n in range(3))
    assert first.number == second.number != third.number
    assert (first.number, third.number) == ("E-10001", "E-10002")


def test_a_buyer_of_whom_nothing_is_known_is_no_other_nameless_customer(world: World, tmp_path: Path) -> None:
    head = "Rechnungsnummer;Kundennummer;Rechnungsdatum;Bruttobetrag"
    take_in(world, [table(tmp_path, "a.csv", head, "RE-1;K-9;02.02.2026;10,00", "RE-2;;02.02.2026;20,00",
                          "RE-3;;02.02.2026;30,00")])  # fmt: skip
    assert len({claim(world, number).customer.number for number in ("RE-1", "RE-2", "RE-3")}) == 3
    assert claim(world, "RE-1").customer.number == "K-9"


def test_two_of_one_name_without_an_address_are_two_customers(world: World, tmp_path: Path) -> None:
    bare = replace(paper().customer, number="", street="", postal_code="")
    take_in(world, [ubl(tmp_path, paper(number, customer=bare)) for number in ("RE-1", "RE-2")])
    first, second = claim(world, "RE-1").customer, claim(world, "RE-2").customer
    assert (first.name, second.name) == ("Jürgen Groß", "Jürgen Groß")
    assert first.number != second.number


def test_an_invoice_names_the_customer_whom_a_table_only_numbered(world: World, tmp_path: Path) -> None:
    head = "Rechnungsnummer;Kundennummer;Rechnungsdatum;Bruttobetrag"
    take_in(world, [table(tmp_path, "a.csv", head, "RE-2;K-1;02.02.2026;10,00")])
    assert claim(world, "RE-2").customer.name == ""
    take_in(world, [ubl(tmp_path, paper())])
    known = claim(world, "RE-2").customer
    assert (known.name, known.street, known.city) == ("Jürgen Groß", "Am Mühlbach 7", "Berlin")


def test_a_hold_on_the_customer_counts_for_invoices_to_come(world: World, tmp_path: Path) -> None:
    take_in(world, [ubl(tmp_path, paper())])
    desk.hold_customer(world, "K-1", HoldKind.INSOLVENCY, desk.Act("Maren", "court"), date(2026, 2, 2))
    take_in(world, [ubl(tmp_path, paper("RE-2"))])
    assert [hold.kind for hold in claim(world, "RE-2").claim.holds] == [HoldKind.INSOLVENCY]


def test_a_credit_note_comes_after_its_invoice_whatever_their_syntax(world: World, tmp_path: Path) -> None:
    files = [ubl(tmp_path, paper("GS-1", corrects="RE-1")), cii(tmp_path, paper())]
    assert _short(take_in(world, files)) == [("taken", ""), ("taken", "")]
    assert claim(world).claim.state is State.SETTLED


@pytest.mark.parametrize("word", ["Vorkasse", "prepayment"])
def test_an_unpaid_prepayment_order_is_never_dunned(world: World, tmp_path: Path, word: str) -> None:
    heading = "Rechnungsnummer;Kundennummer;Rechnungsdatum;Fällig am;Bruttobetrag;Zahlungsart"
    take_in(world, [table(tmp_path, "invoices.csv", heading, f"RE-1;K-1;02.01.2026;16.01.2026;25,00;{word}")])
    decision = decide(claim(world).claim, world.policy, world.clock.today(), Circumstances(world.clock.today()))
    assert isinstance(decision, Blocked)
    assert Reason.PREPAYMENT in decision.reasons


def test_a_corrected_invoice_makes_no_second_claim(world: World, tmp_path: Path) -> None:
    second = ubl(tmp_path, paper("RE-2"), name="corrected.xml")
    said = second.read_bytes().replace(b">380<", b">384<")
    document = b"<cac:InvoiceDocumentReference><cbc:ID>RE-1</cbc:ID></cac:InvoiceDocumentReference>"
    reference = b"<cac:BillingReference>" + document + b"</cac:BillingReference>"
    second.write_bytes(said.replace(b"<cac:AccountingSupplierParty>", reference + b"<cac:AccountingSupplierParty>", 1))
    assert _short(take_in(world, [ubl(tmp_path, paper()), second])) == [
        ("taken", ""),
        ("parked", "replaces_open_invoice"),
    ]
    assert _count(world, ClaimRow) == 1
    note = ubl(tmp_path, paper("GS-1", corrects="RE-1"), name="note.xml")
    assert _short(take_in(world, [note])) == _short(take_in(world, [second])) == [("taken", "")]
    assert (claim(world).claim.state, claim(world, "RE-2").claim.open_cents) == (State.SETTLED, 10_000)
