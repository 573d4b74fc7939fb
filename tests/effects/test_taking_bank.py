"""Bank files: what is certain is booked once, everything else waits for a person, a cut file leaves nothing."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, col, select

from deployments.demo.bank import Booking, Statement, Transfer
from deployments.demo.camt import camt_file
from dunning.lifecycle import State
from tasks.intake.inbox import files_in, put_away
from tasks.intake.reading import ReadOptions, read_file
from tasks.intake.taking import take_in
from tasks.ladder.survey import circumstances
from tasks.store.tables import (
    AuditRow,
    BankStatementRow,
    ClaimRow,
    CustomerRow,
    ImportFileRow,
    InvoiceRow,
    LedgerEntryRow,
    PaymentProposalRow,
)
from tasks.world import World
from tests.effects.intake.shared_data import bank, e_invoices
from tests.effects.render.examples import lindgruen
from tests.support.papers import ISSUED, camt, paper, table, transfer, ubl
from tests.support.world import MONDAY, claim, settings_in

ON = ISSUED + timedelta(20)
ELSEWHERE = "DE12500105170648489890"
AS_SHOWN = ReadOptions(check_balances=False)
PAYMENTS = "Buchungstag;Betrag;Verwendungszweck;Auftraggeber"


def _count(world: World, table_: type[SQLModel]) -> int:
    with world.store.read() as session:
        return session.exec(select(func.count()).select_from(table_)).one()


def _proposals(world: World) -> list[PaymentProposalRow]:
    with world.store.read() as session:
        return list(session.exec(select(PaymentProposalRow).order_by(col(PaymentProposalRow.id))))


def _paid(world: World, number: str = "RE-1") -> list[tuple[int, date]]:
    return [(line.cents, line.on) for line in claim(world, number).claim.lines if line.kind == "payment"]


def test_what_names_an_invoice_is_booked_and_the_rest_waits(world: World, tmp_path: Path) -> None:
    file = camt(
        tmp_path, "bank.xml",
        transfer(4_000, "Rechnung RE-1", ON),
        transfer(6_000, "danke", ON),
        transfer(-700, "RE-1", ON),
    )  # fmt: skip
    (_, taken) = take_in(world, [ubl(tmp_path, paper()), file])
    assert (taken.status, taken.payments, taken.proposals, taken.known) == ("taken", 1, 2, 0)
    assert (_paid(world), claim(world).claim.open_cents) == ([(-4_000, ON)], 6_000)
    assert [(row.cents, row.reason, row.status, row.candidates) for row in _proposals(world)] == [
        (6_000, "no_reference_found", "open", [{"number": "RE-1", "why": ["same_name", "same_amount"]}]),
        (-700, "outgoing_payment", "open", [{"number": "RE-1", "why": ["named"]}]),
    ]
    with world.store.read() as session:
        stored = session.exec(select(ImportFileRow).where(ImportFileRow.name == "bank.xml")).one()
    assert (stored.payments, stored.proposals, stored.known) == (1, 2, 0)
    (row,) = _statements(world)
    assert (row.own, row.opening_cents, row.closing_cents, row.until_on, row.entries) == (
        True, 100_000, 109_300, ON, 3,
    )  # fmt: skip


def _statements(world: World) -> list[BankStatementRow]:
    with world.store.read() as session:
        return list(session.exec(select(BankStatementRow)))


def test_the_same_statement_twice_books_once(world: World, tmp_path: Path) -> None:
    take_in(world, [ubl(tmp_path, paper())])
    for name in ("a.xml", "b.xml"):  # the file's own message id differs, hence its content
        take_in(world, [camt(tmp_path, name, transfer(4_000, "RE-1", ON), transfer(1, "?", ON))])
    assert (_paid(world), len(_proposals(world)), _count(world, ImportFileRow)) == ([(-4_000, ON)], 1, 3)


def test_overlapping_files_bring_the_new_entries_only_real_twins_included(world: World, tmp_path: Path) -> None:
    """A customer pays 10 EUR three times on one day; the first file was fetched after two of them."""
    take_in(world, [ubl(tmp_path, paper())])
    twin = transfer(1_000, "RE-1", ON)
    (morning,) = take_in(world, [camt(tmp_path, "a.xml", twin, twin)])
    (evening,) = take_in(world, [camt(tmp_path, "b.xml", twin, twin, twin, transfer(500, "RE-1", ON))])
    assert (morning.payments, morning.known) == (2, 0)
    assert (evening.payments, evening.known) == (2, 2)
    assert claim(world).claim.open_cents == 10_000 - 3_500


def test_two_entries_of_one_file_on_the_last_cent(world: World, tmp_path: Path) -> None:
    """The first closes the claim, so that the second finds it closed and waits for a person."""
    file = camt(tmp_path, "a.xml", transfer(10_000, "RE-1", ON), transfer(2_000, "RE-1", ON))
    (_, taken) = take_in(world, [ubl(tmp_path, paper()), file])
    assert (taken.payments, taken.proposals, claim(world).claim.state) == (1, 1, State.SETTLED)
    assert [(row.reason, row.cents) for row in _proposals(world)] == [("invoice_not_open", 2_000)]


@pytest.mark.parametrize(
    "payment", [transfer(10_000, "RE-1", ON), transfer(4_000, "Rg. RE-1", ON)], ids=["all", "a part"]
)
def test_a_payment_that_came_before_its_invoice_is_booked_with_it(
    world: World, tmp_path: Path, payment: Transfer
) -> None:
    take_in(world, [camt(tmp_path, "a.xml", payment, transfer(1, "kein Bezug", ON))])
    first, _ = _proposals(world)
    (taken,) = take_in(world, [ubl(tmp_path, paper())])
    assert (taken.payments, _paid(world)) == (1, [(-payment.cents, ON)])
    rows = [(row.status, row.decided_by, row.decided_at) for row in _proposals(world)]
    assert rows == [("booked", "intake", world.clock.now()), ("open", "", None)]
    (again,) = take_in(world, [camt(tmp_path, "b.xml", payment, transfer(2, "neu", ON))])
    assert (again.payments, again.known, claim(world).claim.open_cents) == (0, 1, 10_000 - payment.cents)
    with world.store.read() as session:
        booked = session.exec(select(LedgerEntryRow).where(LedgerEntryRow.fingerprint == first.fingerprint)).one()
    assert booked.import_file_id == first.import_file_id


def test_one_payment_of_several_invoices_is_booked_once_on_each(world: World, tmp_path: Path) -> None:
    """It comes again in an overlapping file, beside a twin that finds both of them closed."""
    take_in(world, [ubl(tmp_path, paper(number)) for number in ("RE-101", "RE-102", "RE-103")])
    both, rest = transfer(20_000, "RE-101, RE-102", ON), transfer(10_000, "RE-103", ON)
    (first,) = take_in(world, [camt(tmp_path, "a.xml", both)])
    (again,) = take_in(world, [camt(tmp_path, "b.xml", both, rest, both)])
    assert (first.payments, first.proposals, first.known) == (1, 0, 0)
    assert (again.payments, again.proposals, again.known) == (1, 1, 1)
    for number in ("RE-101", "RE-102", "RE-103"):
        assert (_paid(world, number), claim(world, number).claim.state) == ([(-10_000, ON)], State.SETTLED)
    assert [(row.reason, row.cents) for row in _proposals(world)] == [("invoice_not_open", 20_000)]


def test_several_invoices_and_another_amount_wait(world: World, tmp_path: Path) -> None:
    take_in(world, [ubl(tmp_path, paper(number)) for number in ("RE-101", "RE-102")])
    take_in(world, [camt(tmp_path, "a.xml", transfer(19_600, "RE-101, RE-102", ON))])
    (row,) = _proposals(world)
    assert (row.reason, [each["number"] for each in row.candidates]) == ("several_invoices_named", ["RE-101", "RE-102"])
    assert _paid(world, "RE-101") == _paid(world, "RE-102") == []


def test_a_payment_of_several_that_came_before_its_invoices_is_booked_with_the_last(
    world: World, tmp_path: Path
) -> None:
    both = transfer(20_000, "RE-101, RE-102", ON)
    take_in(world, [camt(tmp_path, "a.xml", both)])
    taken = take_in(world, [ubl(tmp_path, paper(number)) for number in ("RE-101", "RE-102")])
    assert [each.payments for each in taken] == [0, 1]
    assert [_paid(world, number) for number in ("RE-101", "RE-102")] == [[(-10_000, ON)]] * 2
    (again,) = take_in(world, [camt(tmp_path, "b.xml", both, transfer(1, "neu", ON))])
    assert (again.payments, again.known, [row.status for row in _proposals(world)]) == (0, 1, ["booked", "open"])


def test_a_part_payment_by_a_stranger_waits_unless_it_names_the_customer(world: World, tmp_path: Path) -> None:
    """A slip of the finger writes another customer's invoice as easily as this one."""
    take_in(world, [ubl(tmp_path, paper("RE-101"))])
    silent = transfer(4_000, "RE-101", ON, name="Eva Fremd")
    file = camt(tmp_path, "a.xml", silent, replace(silent, text="RE-101 für Jürgen Groß"))
    (taken,) = take_in(world, [file])
    assert (taken.payments, taken.proposals, _paid(world, "RE-101")) == (1, 1, [(-4_000, ON)])
    assert [row.reason for row in _proposals(world)] == ["may_mean_another"]


def test_a_cut_file_leaves_nothing(world: World, tmp_path: Path) -> None:
    """Cut at every tenth of it, and where only the last entry is missing."""
    take_in(world, [ubl(tmp_path, paper())])
    whole = camt(tmp_path, "a.xml", transfer(4_000, "RE-1", ON), transfer(6_000, "RE-1", ON)).read_bytes()
    last = whole.rindex(b"<Ntry>"), whole.rindex(b"</Ntry>") + len(b"</Ntry>")
    cuts = [whole[: len(whole) * tenth // 10] for tenth in range(1, 10)] + [whole[: last[0]] + whole[last[1] :]]
    files = []
    for number, cut in enumerate(cuts):
        (path := tmp_path / f"cut-{number}.xml").write_bytes(cut)
        files.append(path)
    taken = take_in(world, files)
    assert {each.status for each in taken} == {"refused"}
    assert taken[-1].reason == "balance_mismatch"
    assert (_paid(world), _proposals(world), _statements(world)) == ([], [], [])


def test_one_statement_that_does_not_add_up_refuses_its_whole_file(world: World, tmp_path: Path) -> None:
    days = [
        Statement(ON, 1, 0, (Booking((transfer(4_000, "RE-1", ON),), ""),)),
        Statement(ON + timedelta(1), 2, 4_000, ()),
    ]
    (path := tmp_path / "a.xml").write_bytes(camt_file(days, name="M").replace(b">40.00<", b">41.00<", 1))
    take_in(world, [ubl(tmp_path, paper())])
    (taken,) = take_in(world, [path])
    assert (taken.status, taken.reason, _paid(world), _statements(world)) == ("refused", "balance_mismatch", [], [])


def test_another_account_books_nothing_and_tells_nothing_about_freshness(world: World, tmp_path: Path) -> None:
    take_in(world, [ubl(tmp_path, paper())])
    file = camt(tmp_path, "a.xml", transfer(10_000, "RE-1", ON), iban=ELSEWHERE)
    unbalanced = tmp_path / "b.xml"
    unbalanced.write_bytes(file.read_bytes().replace(b"RE-1", b"RE-1 x").replace(b">1100.00<", b">1.00<"))
    taken = take_in(world, [file, unbalanced])
    assert [(each.status, each.payments, each.proposals) for each in taken] == [("taken", 0, 1)] * 2
    assert [(row.reason, row.account) for row in _proposals(world)] == [("unknown_account", ELSEWHERE)] * 2
    assert (_paid(world), [row.own for row in _statements(world)]) == ([], [False, False])
    with world.store.read() as session:
        assert circumstances(session, world.settings).bank_data_until is None


def test_a_proposal_of_another_account_is_never_rematched(world: World, tmp_path: Path) -> None:
    take_in(world, [camt(tmp_path, "a.xml", transfer(10_000, "RE-1", ON), iban=ELSEWHERE)])
    take_in(world, [ubl(tmp_path, paper())])
    assert (_paid(world), [row.status for row in _proposals(world)]) == ([], ["open"])


def test_a_payment_table_books_too_and_parks_its_bad_rows(world: World, tmp_path: Path) -> None:
    own = world.settings.creditor.iban
    file = table(
        tmp_path, "payments.csv", PAYMENTS + ";Auftragskonto",
        f"22.02.2026;40,00;RE-1;Groß;{own}",
        f"22.02.2026;viel;RE-1;Groß;{own}",
        f"22.02.2026;1,00;;Groß;{own}",
    )  # fmt: skip
    (_, taken) = take_in(world, [ubl(tmp_path, paper()), file])
    assert (taken.status, taken.payments, taken.proposals) == ("taken", 1, 1)
    assert [each.row for each in taken.rejected] == [3]
    assert _paid(world) == [(-4_000, ON)]


def test_a_payment_table_that_names_no_account_is_of_our_own(world: World, tmp_path: Path) -> None:
    file = table(tmp_path, "payments.csv", PAYMENTS, "22.02.2026;40,00;RE-1;Groß")
    take_in(world, [ubl(tmp_path, paper()), file])
    assert (_paid(world), [row.own for row in _statements(world)]) == ([(-4_000, ON)], [True])


def test_no_statement_knows_tomorrows_payments(world: World, tmp_path: Path) -> None:
    take_in(world, [camt(tmp_path, "a.xml", transfer(1, "?", MONDAY + timedelta(30)))])
    with world.store.read() as session:
        assert circumstances(session, world.settings).bank_data_until == MONDAY


def test_a_report_between_our_statements_comes_in_as_nothing(world: World, tmp_path: Path) -> None:
    report = camt(tmp_path, "a.xml", transfer(4_000, "RE-1", ON))
    said = report.read_bytes().replace(b"camt.053", b"camt.052").replace(b"BkToCstmrStmt", b"BkToCstmrAcctRpt")
    report.write_bytes(said.replace(b"<Stmt>", b"<Rpt>").replace(b"</Stmt>", b"</Rpt>").replace(b">40.00<", b">41.00<"))
    (_, taken) = take_in(world, [ubl(tmp_path, paper()), report])
    assert (taken.status, taken.kind, taken.reason) == ("parked", "camt.052", "not_a_statement")
    assert (_paid(world), _proposals(world), _statements(world)) == ([], [], [])


def test_no_payer_stands_in_the_audit(world: World, tmp_path: Path) -> None:
    take_in(world, [ubl(tmp_path, paper()), camt(tmp_path, "a.xml", transfer(4_000, "RE-1", ON, name="Jürgen Groß"))])
    with world.store.read() as session:
        said = " ".join(f"{row.actor} {row.subject} {row.reason}" for row in session.exec(select(AuditRow)))
    assert "payment booked" in said
    assert not any(word in said for word in ("Groß", "Jürgen", "DE02120300000000202051", "gross.example"))


def test_every_public_invoice_is_parked_as_anothers(world: World, tmp_path: Path) -> None:
    """One of them has the VAT id that examples like to use; ours is another one here."""
    world = replace(world, settings=settings_in(tmp_path, creditor=lindgruen(vat_id="DE999999999")))
    files = sorted(path for path in e_invoices().rglob("*") if path.suffix in (".xml", ".pdf"))
    taken = take_in(world, files)
    assert {(each.status, each.reason) for each in taken} == {("parked", "not_our_invoice")}
    assert _count(world, InvoiceRow) == _count(world, ClaimRow) == _count(world, CustomerRow) == 0


def test_every_public_statement_comes_in_whole_and_books_nothing(world: World, tmp_path: Path) -> None:
    """One of them is of the account that examples like to use; ours is another one here."""
    other = lindgruen(iban="DE02120300000000202051", bic="BYLADEM1001")
    world = replace(world, settings=settings_in(tmp_path, creditor=other))
    files = sorted(bank().glob("*/*.xml"))
    taken = {each.file: each for each in take_in(world, files)}
    wrong = taken.pop("camt053.v2.wrong.xml")
    assert (wrong.status, wrong.reason) == ("refused", "no_statement")
    for path in files:
        if path.name not in taken:
            continue
        content, said = read_file(path, AS_SHOWN), taken[path.name]
        entries = sum(len(statement.entries) for statement in content.statements)
        assert (said.status, said.payments, said.proposals) == ("taken", 0, entries), path.name
    assert _count(world, LedgerEntryRow) == 0
    assert {row.reason for row in _proposals(world)} == {"unknown_account"}


def test_the_inbox_is_emptied_by_what_became_of_its_files(world: World, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "taken").mkdir()
    ubl(inbox, paper())
    ubl(inbox / "taken", paper("RE-7"), name="RE-1.xml")
    table(inbox, "notes.txt", "hello")
    table(inbox, ".hidden", "hello")
    elsewhere = ubl(tmp_path, paper("RE-2"))
    offered = [*files_in(inbox), elsewhere]
    assert [path.name for path in offered] == ["RE-1.xml", "notes.txt", "RE-2.xml"]
    put_away(inbox, offered, take_in(world, offered))
    assert sorted(str(path.relative_to(inbox)) for path in inbox.rglob("*") if path.is_file()) == [
        ".hidden", "parked/notes.txt", "taken/RE-1-2.xml", "taken/RE-1.xml",
    ]  # fmt: skip
    assert elsewhere.exists()
    assert files_in(inbox) == files_in(tmp_path / "none") == []
