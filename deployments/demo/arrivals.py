"""Which file arrives on which day. A day's files stand in the order in which they must be taken in."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from deployments.demo.bank import Statement, statements
from deployments.demo.camt import camt_file, camt_period
from deployments.demo.cii import cii_file
from deployments.demo.goods import Form, Paper, Position
from deployments.demo.seller import SHOP, SUPPLIER, Seller
from deployments.demo.shop import HISTORY_DAYS, Shop, next_working_day, working_day
from deployments.demo.story import Mishap
from deployments.demo.tables import customers_csv, invoices_csv
from deployments.demo.ubl import ubl_file
from deployments.demo.zugferd import zugferd_file

CUSTOMERS, INVOICES, CREDIT_NOTES, BANK = range(4)
"""Order within a day."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file on its day."""

    on: date
    rank: int
    name: str
    content: bytes
    mishap: Mishap | None = None


WRITERS: dict[Form, Callable[[Paper, Seller], bytes]] = {
    Form.UBL: ubl_file,
    Form.CII: cii_file,
    Form.PDF: zugferd_file,
}


def arrivals(shop: Shop) -> list[Arrival]:
    """All files of the story, by day and rank."""
    papers = [sale.invoice for sale in shop.sales]
    documents = [*papers, *shop.credit_notes]
    broken = _first(papers, (Form.UBL, Form.CII), shop.start + timedelta(21))
    made = [
        Arrival(shop.start, CUSTOMERS, "customers.csv", customers_csv(shop.customers)),
        *_tables("invoices", (paper for paper in papers if paper.form is Form.TABLE), shop, _friday),
        *_tables(
            "credit-notes",
            (paper for paper in shop.credit_notes if paper.form is Form.TABLE),
            shop,
            working_day,
        ),
        *(_document(paper, shop, late=paper is broken) for paper in documents if paper.form is not Form.TABLE),
        *_bank(shop),
        *_strange_documents(shop, papers, broken),
    ]
    return sorted((file for file in made if file.on <= shop.end), key=lambda file: (file.on, file.rank, file.name))


def _friday(on: date) -> date:
    """The shop exports its table once a week."""
    return on + timedelta(days=4 - on.weekday())


def _tables(name: str, papers: Iterable[Paper], shop: Shop, delivered: Callable[[date], date]) -> Iterator[Arrival]:
    by_day: defaultdict[date, list[Paper]] = defaultdict(list)
    for paper in papers:
        by_day[max(shop.start, delivered(paper.issued_on))].append(paper)
    for on, rows in by_day.items():
        rank = CREDIT_NOTES if rows[0].credit_note else INVOICES
        yield Arrival(on, rank, f"{name}-{on.isoformat()}.csv", invoices_csv(rows))


def _document(paper: Paper, shop: Shop, *, late: bool = False) -> Arrival:
    on = next_working_day(paper.issued_on) if late else max(shop.start, paper.issued_on)
    suffix = "pdf" if paper.form is Form.PDF else "xml"
    rank = CREDIT_NOTES if paper.credit_note else INVOICES
    return Arrival(on, rank, f"{paper.number}.{suffix}", WRITERS[paper.form](paper, SHOP))


def _first(papers: Iterable[Paper], forms: tuple[Form, ...], from_on: date) -> Paper:
    """The first invoice of one of these forms issued on a day or later."""
    return next(paper for paper in papers if paper.form in forms and paper.issued_on >= from_on)


def _strange_documents(shop: Shop, papers: Sequence[Paper], broken: Paper) -> Iterator[Arrival]:
    """Invoices that an import takes once, parks or refuses."""
    twice = _first(papers, (Form.UBL,), shop.start + timedelta(7))
    yield Arrival(
        next_working_day(twice.issued_on), INVOICES, f"{twice.number}-cii.xml", cii_file(twice, SHOP),
        Mishap.SAME_INVOICE_TWICE,
    )  # fmt: skip
    changed = _first(papers, (Form.UBL,), shop.start + timedelta(14))
    more = Position(changed.positions[0].item, changed.positions[0].quantity + 1)
    yield Arrival(
        next_working_day(changed.issued_on), INVOICES, f"{changed.number}-neu.xml",
        ubl_file(replace(changed, positions=(more, *changed.positions[1:])), SHOP), Mishap.NUMBER_CONFLICT,
    )  # fmt: skip
    theirs = replace(_first(papers, (Form.CII,), shop.start + timedelta(10)), number="TI-88213")
    yield Arrival(theirs.issued_on, INVOICES, "TI-88213.xml", cii_file(theirs, SUPPLIER), Mishap.NOT_OUR_INVOICE)
    whole = WRITERS[broken.form](broken, SHOP)
    yield Arrival(broken.issued_on, INVOICES, f"{broken.number}.xml", whole[: len(whole) // 2], Mishap.BROKEN_FILE)


def _bank(shop: Shop) -> Iterator[Arrival]:
    """The backlog in one file on the first day; then every bank day's statement on the next working morning.

    One Friday's statement is missing: a clerk fetches Wednesday to Friday by hand instead.
    """
    days = statements(shop.transfers, shop.start - timedelta(HISTORY_DAYS), shop.end - timedelta(1))
    backlog = [day for day in days if day.on < shop.start]
    yield _statement_file(shop.start, backlog)
    recent = days[len(backlog) :]
    by_hand = next(place for place in range(7, len(recent)) if recent[place].on.weekday() == 4)
    for place, day in enumerate(recent):
        if place != by_hand:
            yield _statement_file(next_working_day(day.on), [day])
            continue
        three = recent[place - 2 : place + 1]
        name = f"bank-{three[0].on.isoformat()}-{day.on.isoformat()}"
        content = camt_period(three, name=name)
        yield Arrival(next_working_day(day.on), BANK, f"{name}.xml", content, Mishap.OVERLAPPING_STATEMENT)


def _statement_file(on: date, days: Sequence[Statement]) -> Arrival:
    name = f"bank-{days[-1].on.isoformat()}"
    return Arrival(on, BANK, f"{name}.xml", camt_file(days, name=name))
