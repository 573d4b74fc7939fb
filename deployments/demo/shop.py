"""The shop's life: who ordered what, what was invoiced and credited, who paid when."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from deployments.demo.bank import Transfer, household, next_bank_day
from deployments.demo.fates import Course, Move, allot, course
from deployments.demo.goods import Form, Paper, basket, small_basket
from deployments.demo.people import ABROAD, ENGLISH, SPECIAL, WITHOUT_EMAIL, Customer, by_number, people
from deployments.demo.seller import PAYMENT_TERM_DAYS
from deployments.demo.story import Act, Fate, StaffAct
from dunning.reasons import HoldKind

INVOICES = 300
FIRST_INVOICE = 1001
FIRST_ORDER = 50012
FIRST_CREDIT_NOTE = 201
HISTORY_DAYS = 49
"""The shop has sold for this long when the story begins."""
LAST_ISSUE_BEFORE_END = 4
PDF_INVOICES = 15
XML_INVOICES = 200
"""Half of them UBL, half CII."""
CLERKS = ("Maren Siebels", "Tjark Behrens")
UNCLEAR_PAYMENT = "Zahlung ohne klaren Verwendungszweck passt zu dieser Rechnung; wird geklärt"

SMALL_ORDER_TURN = 3
"""Which of the invoices that are never paid stays below the usual minimum of a hand-over."""


@dataclass(frozen=True, slots=True)
class Sale:
    """One invoice and its fate."""

    invoice: Paper
    fate: Fate
    course: Course


@dataclass(frozen=True, slots=True)
class Shop:
    """Everything that happens, by day."""

    start: date
    end: date
    customers: tuple[Customer, ...]
    sales: tuple[Sale, ...]
    credit_notes: tuple[Paper, ...]
    transfers: tuple[Transfer, ...]
    """All that moves on the bank account, by booking day."""
    acts: tuple[tuple[date, StaffAct], ...]


def open_shop(start: date, weeks: int, seed: int) -> Shop:
    """The whole story from the first day (a Monday) to the Monday `weeks` weeks later."""
    end = start + timedelta(weeks=weeks)
    customers = people(dice(seed, "people"), start)
    sales = _sales(dice(seed, "sales"), customers, start, end)
    credit_notes = _credit_notes(sales)
    transfers = [
        transfer
        for place, sale in enumerate(sales)
        for transfer in _transfers(dice(seed, f"payer {place}"), sale, credit_notes)
    ]
    others = household(dice(seed, "household"), start - timedelta(HISTORY_DAYS), end - timedelta(1))
    return Shop(
        start=start,
        end=end,
        customers=customers,
        sales=sales,
        credit_notes=credit_notes,
        transfers=tuple(
            sorted([*transfers, *others], key=lambda transfer: (transfer.booked_on, transfer.end_to_end_id))
        ),
        acts=_acts(sales, start),
    )


def dice(seed: int, subject: str) -> Random:
    """Random numbers of one subject, so that a change in one leaves the others as they were."""
    return Random(f"{seed} {subject}")  # noqa: S311 - a story, not a secret


def working_day(on: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return on + timedelta(days=7 - on.weekday()) if on.weekday() > 4 else on


def next_working_day(on: date) -> date:
    """The working day after a day: a day's bank statement arrives then."""
    return working_day(on + timedelta(days=1))


def _issue_days(rng: Random, start: date, end: date) -> list[date]:
    """A working day for each invoice, in order."""
    first, last = start - timedelta(HISTORY_DAYS), end - timedelta(LAST_ISSUE_BEFORE_END)
    days = [on for n in range((last - first).days + 1) if (on := first + timedelta(n)).weekday() < 5]
    return sorted(rng.choice(days) for _ in range(INVOICES))


def _sales(rng: Random, customers: tuple[Customer, ...], start: date, end: date) -> tuple[Sale, ...]:
    issued = _issue_days(rng, start, end)
    fates = allot(rng, issued, start, end)
    owners = _owners(rng, customers, fates)
    forms = _forms(rng, owners)
    turns: Counter[Fate] = Counter()
    sales = []
    for index, (on, fate, customer, form) in enumerate(zip(issued, fates, owners, forms, strict=True)):
        invoice = _invoice(rng, index, on, fate=fate, turn=turns[fate], customer=customer, form=form)
        what_follows = course(rng, fate, turns[fate], issued_on=on, due_on=invoice.due_on, start=start)
        sales.append(Sale(invoice, fate, what_follows))
        turns[fate] += 1
    return tuple(sales)


def _owners(rng: Random, customers: tuple[Customer, ...], fates: list[Fate]) -> list[Customer]:
    """The customer of each invoice."""
    chosen = iter(_worst_payers(rng, customers))
    return [(next(chosen, None) if fate is Fate.NEVER_PAID else None) or rng.choice(customers) for fate in fates]


def _worst_payers(rng: Random, customers: tuple[Customer, ...]) -> list[Customer]:
    """Who owns the oldest invoices that are never paid: every reason for not writing is seen once.

    Then a small order, and some of each ladder, few enough that one day's hand-overs alarm nobody.
    """
    known = by_number(customers)
    plain = [each for each in customers if not each.business and each.number not in SPECIAL]
    businesses = [each for each in customers if each.business]
    noted = [known[number] for number in (ABROAD, min(ENGLISH), min(WITHOUT_EMAIL))]
    return [*noted, *rng.sample(plain, 1), *rng.sample(businesses, 4), *rng.sample(plain, 2)]


def _forms(rng: Random, owners: list[Customer]) -> list[Form]:
    """How each invoice reaches the import; without an e-mail address it comes as a table row."""
    forms = [Form.TABLE] * len(owners)
    mailed = [index for index, owner in enumerate(owners) if owner.email]
    chosen = rng.sample(mailed, min(len(mailed), XML_INVOICES + PDF_INVOICES))
    for place, index in enumerate(chosen):
        forms[index] = Form.PDF if place >= XML_INVOICES else (Form.UBL, Form.CII)[place % 2]
    return forms


def _invoice(rng: Random, index: int, on: date, *, fate: Fate, turn: int, customer: Customer, form: Form) -> Paper:
    debit = fate is Fate.PAID_IN_TIME and not customer.business and customer.country == "DE" and rng.random() < 0.15
    patient = fate is Fate.PAID_IN_TIME and customer.business and rng.random() < 0.5
    term = 7 if debit else 30 if patient else rng.choice((10, PAYMENT_TERM_DAYS))
    small = fate is Fate.NEVER_PAID and turn == SMALL_ORDER_TURN
    delivered = on - timedelta(days=rng.randint(0, 2))
    return Paper(
        number=f"RE-{on.year}-{FIRST_INVOICE + index}",
        customer=customer,
        order_number=f"B-{FIRST_ORDER + index}",
        ordered_on=delivered - timedelta(days=rng.randint(2, 5)),
        delivered_on=delivered,
        issued_on=on,
        due_on=on + timedelta(days=term),
        term_days=term,
        states_due_day=debit or term != PAYMENT_TERM_DAYS or rng.random() < 0.8,
        positions=small_basket() if small else basket(rng, customer.business),
        form=form,
        direct_debit=debit,
    )


def _credit_notes(sales: Iterable[Sale]) -> tuple[Paper, ...]:
    """The credit notes of all courses by day; a table row for a table row, else UBL."""
    credited = [(working_day(sale.course.credited_on), sale) for sale in sales if sale.course.credited_on]
    credited.sort(key=lambda pair: (pair[0], pair[1].invoice.number))
    return tuple(
        replace(
            sale.invoice,
            number=f"GS-{on.year}-{FIRST_CREDIT_NOTE + index}",
            issued_on=on,
            due_on=on,
            positions=sale.invoice.positions[:1] if sale.course.credit_is_partial else sale.invoice.positions,
            form=Form.TABLE if sale.invoice.form is Form.TABLE else Form.UBL,
            corrects=sale.invoice.number,
        )
        for index, (on, sale) in enumerate(credited)
    )


def _transfers(rng: Random, sale: Sale, credit_notes: Iterable[Paper]) -> list[Transfer]:
    """The payments of one invoice. A first share is whole euros, a second one is the rest."""
    invoice = sale.invoice
    owed = invoice.gross_cents - sum(note.gross_cents for note in credit_notes if note.corrects == invoice.number)
    made, paid_share = [], 0
    for move in sale.course.moves:
        cents = owed
        if move.percent < 100:
            cents = owed - paid_share if paid_share else owed * move.percent // 10_000 * 100
            paid_share = cents
        made.append(_transfer(rng, invoice, move, cents + move.extra_cents))
    return made


def _transfer(rng: Random, invoice: Paper, move: Move, cents: int) -> Transfer:
    debit = invoice.direct_debit
    structured = (
        invoice.customer.business and not move.mangled and invoice.form is not Form.TABLE and rng.random() < 0.6
    )
    return Transfer(
        booked_on=next_bank_day(invoice.due_on if debit else move.on),
        cents=cents,
        name=_payer(rng, invoice.customer),
        iban=invoice.customer.iban,
        text="" if structured else _wording(rng, invoice, mangled=move.mangled),
        structured=invoice.reference if structured else "",
        end_to_end_id=invoice.number if debit else f"E2E{rng.randrange(10**12):012d}",
        direct_debit=debit,
        names=None if move.mangled else invoice.number,
    )


def _payer(rng: Random, customer: Customer) -> str:
    """The name on the account: sometimes the other way round, or of somebody else in the household."""
    if customer.business or rng.random() < 0.7:
        return customer.name
    turned = f"{customer.last_name}, {customer.first_name}"
    return rng.choice((turned, f"{customer.first_name} und Alex {customer.last_name}", customer.name.upper()))


def _wording(rng: Random, invoice: Paper, *, mangled: bool) -> str:
    """What the payer writes, or the shop on its direct debit. A mangled reference names no invoice for certain."""
    number, digits = invoice.number, invoice.number[-4:]
    if invoice.direct_debit:
        return f"Einzug Rechnung {number}"
    if mangled:
        return rng.choice(
            (
                number.replace("1", "I", 1),
                f"Rechnung {digits}",
                f"Kunde {invoice.customer.number}",
                "Tee und Zubehör, vielen Dank",
                f"Bestellung {invoice.order_number}",
            )
        )
    return rng.choice(
        (
            number,
            f"Rechnung {number}",
            f"{number} Kd.-Nr. {invoice.customer.number}",
            number.replace("-", " "),
            number.replace("-", "").lower(),
            f"Rg. {number} vom {invoice.issued_on:%d.%m.%Y}",
            f"Tee {number} Danke!",
        )
    )


def _acts(sales: Iterable[Sale], start: date) -> tuple[tuple[date, StaffAct], ...]:
    """What staff do, by day: hold and release disputes; hold where money came without a clear reference."""
    acts = []
    for place, sale in enumerate(sales):
        person, number = CLERKS[place % len(CLERKS)], sale.invoice.number
        for on, act, reason in sale.course.acts:
            acts.append((working_day(on), StaffAct(act, number, HoldKind.DISPUTE, person, reason)))
        for move in sale.course.moves:
            if move.mangled:
                seen_on = max(start, next_working_day(next_bank_day(move.on)))
                acts.append((seen_on, StaffAct(Act.HOLD, number, HoldKind.MANUAL, person, UNCLEAR_PAYMENT)))
    return tuple(sorted(acts, key=lambda pair: (pair[0], pair[1].act is Act.RELEASE, pair[1].invoice_number)))
