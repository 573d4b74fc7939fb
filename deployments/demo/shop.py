"""The shop's life: who ordered what, what was invoiced and credited, who paid when."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from deployments.demo.bank import Transfer, next_bank_day
from deployments.demo.fates import TERM_DAYS, Course, Move, allot, course
from deployments.demo.goods import Form, Paper, basket, small_basket
from deployments.demo.people import ABROAD, ENGLISH, WITHOUT_EMAIL, Customer, by_number, people
from deployments.demo.story import Act, Fate, StaffAct

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

BACKLOG_CUSTOMERS = (ABROAD, min(ENGLISH), min(WITHOUT_EMAIL))
"""They own the first invoices that are never paid, so that every reason for not writing is seen once."""


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
    """Payments of customers, by booking day."""
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
    return Shop(
        start=start,
        end=end,
        customers=customers,
        sales=sales,
        credit_notes=credit_notes,
        transfers=tuple(sorted(transfers, key=lambda transfer: (transfer.booked_on, transfer.end_to_end_id))),
        acts=_acts(sales),
    )


def dice(seed: int, subject: str) -> Random:
    """Random numbers of one subject, so that a change in one leaves the others as they were."""
    return Random(f"{seed} {subject}")  # noqa: S311 - a story, not a secret


def working_day(on: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return on + timedelta(days=7 - on.weekday()) if on.weekday() > 4 else on


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
    known = by_number(customers)
    chosen = iter(BACKLOG_CUSTOMERS)
    owners = []
    for fate in fates:
        number = next(chosen, None) if fate is Fate.NEVER_PAID else None
        owners.append(known[number] if number else rng.choice(customers))
    return owners


def _forms(rng: Random, owners: list[Customer]) -> list[Form]:
    """How each invoice reaches the import; without an e-mail address it comes as a table row."""
    forms = [Form.TABLE] * len(owners)
    mailed = [index for index, owner in enumerate(owners) if owner.email]
    chosen = rng.sample(mailed, min(len(mailed), XML_INVOICES + PDF_INVOICES))
    for place, index in enumerate(chosen):
        forms[index] = Form.PDF if place >= XML_INVOICES else (Form.UBL, Form.CII)[place % 2]
    return forms


def _invoice(
    rng: Random, index: int, on: date, *, fate: Fate, turn: int, customer: Customer, form: Form
) -> Paper:
    debit = (
        fate is Fate.PAID_IN_TIME
        and not customer.business
        and customer.country == "DE"
        and rng.random() < 0.15
    )
    patient = fate is Fate.PAID_IN_TIME and customer.business and rng.random() < 0.5
    term = 7 if debit else (30 if patient else TERM_DAYS)
    small = fate is Fate.NEVER_PAID and turn == len(BACKLOG_CUSTOMERS)
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
        states_due_day=debit or term != TERM_DAYS or rng.random() < 0.8,
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
    owed = invoice.gross_cents - sum(
        note.gross_cents for note in credit_notes if note.corrects == invoice.number
    )
    share = 0
    made = []
    for place, move in enumerate(sale.course.moves):
        if move.percent == 100:
            cents = owed
        else:
            cents = share = owed - share if share else owed * move.percent // 10_000 * 100
        made.append(_transfer(rng, invoice, move, cents + move.extra_cents, place))
    return made


def _transfer(rng: Random, invoice: Paper, move: Move, cents: int, place: int) -> Transfer:
    debit = invoice.direct_debit
    structured = (
        invoice.customer.business
        and not move.mangled
        and invoice.form is not Form.TABLE
        and rng.random() < 0.6
    )
    return Transfer(
        booked_on=next_bank_day(invoice.due_on if debit else move.on),
        cents=cents,
        name=_payer(rng, invoice.customer),
        iban=invoice.customer.iban,
        text="" if structured else _wording(rng, invoice, mangled=move.mangled),
        structured=invoice.reference if structured else "",
        end_to_end_id=f"{invoice.number}-{place + 1}" if debit else f"E2E{rng.randrange(10**12):012d}",
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
    """What the payer writes. A mangled reference names no invoice of the shop, only something like one."""
    number, digits = invoice.number, invoice.number[-4:]
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


def _acts(sales: Iterable[Sale]) -> tuple[tuple[date, StaffAct], ...]:
    acts = []
    for index, sale in enumerate(sales):
        for on, act, reason in sale.course.acts:
            person = CLERKS[index % len(CLERKS)]
            acts.append((working_day(on), StaffAct(act, sale.invoice.number, "dispute", person, reason)))
    return tuple(sorted(acts, key=lambda pair: (pair[0], pair[1].act is Act.RELEASE, pair[1].invoice_number)))
