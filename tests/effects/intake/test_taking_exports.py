"""MT940 and PayPal's report taken in: they pay invoices as a camt.053 does, and each tells as much as it knows."""

from datetime import date
from pathlib import Path

from sqlmodel import select

from tasks.intake.taking import take_in
from tasks.ladder.survey import circumstances
from tasks.store.tables import PaymentProposalRow
from tasks.world import World
from tests.support.papers import paper, ubl
from tests.support.world import claim

PAYPAL = '"Datum","Name","Typ","Status","Währung","Brutto","Gebühr","Netto","Transaktionscode","Rechnungsnummer"\n'


def _mt940(folder: Path, account: str, name: str = "a.sta", closing: str = "80,00") -> Path:
    file = folder / name
    file.write_text(
        f":20:S\n:25:{account}\n:28C:1/1\n:60F:C260220EUR0,00\n:61:2602220222CR100,00NTRFNONREF//1\n"
        ":86:166?00GUTSCHRIFT?20SVWZ+Rechnung RE-1?32Jo Beispiel\n:61:2602220222DR20,00NTRFNONREF//2\n"
        f":86:109?00RUECKBELASTUNG?20SVWZ+RE-1?34906\n:62F:C260222EUR{closing}\n-\n"
    )
    return file


def _paid(world: World) -> list[tuple[int, date]]:
    return [(line.cents, line.on) for line in claim(world, "RE-1").claim.lines if line.kind == "payment"]


def test_an_mt940_of_our_account_pays_whether_it_is_named_by_iban_or_by_bank_code(world: World, tmp_path: Path) -> None:
    iban = world.settings.creditor.iban
    own = f"{iban[4:12]}/{iban[12:].lstrip('0')}"
    (_, taken) = take_in(world, [ubl(tmp_path, paper()), _mt940(tmp_path, own)])
    assert (taken.status, taken.kind, taken.payments, taken.proposals) == ("taken", "mt940", 1, 1)
    assert _paid(world) == [(-10_000, date(2026, 2, 22))]
    with world.store.read() as session:
        assert circumstances(session, world.settings).bank_data_until == date(2026, 2, 22)
        (waits,) = session.exec(select(PaymentProposalRow)).all()
        assert (waits.cents, waits.return_reason, waits.reason) == (-2_000, "AM04", "returned_payment")


def test_an_mt940_of_our_account_that_does_not_add_up_is_refused(world: World, tmp_path: Path) -> None:
    file = _mt940(tmp_path, world.settings.creditor.iban, closing="80,01")
    assert [(one.status, one.reason) for one in take_in(world, [file])] == [("refused", "balance_mismatch")]


def test_paypal_pays_and_does_not_tell_that_the_bank_is_known(world: World, tmp_path: Path) -> None:
    file = tmp_path / "paypal.csv"
    row = '"22.02.2026","Jo Beispiel","Website-Zahlung","Abgeschlossen","EUR","100,00","-2,84","97,16","T1","RE-1"\n'
    file.write_text(PAYPAL + row)
    (_, taken) = take_in(world, [ubl(tmp_path, paper()), file])
    assert (taken.status, taken.kind, taken.payments) == ("taken", "payments", 1)
    assert _paid(world) == [(-10_000, date(2026, 2, 22))]
    with world.store.read() as session:
        assert circumstances(session, world.settings).bank_data_until is None
