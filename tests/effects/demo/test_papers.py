"""The sample shop's files one by one: amounts that add up, statements that chain, readers that agree."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject
from schwifty import IBAN

from deployments.demo import Story
from deployments.demo.arrivals import WRITERS
from deployments.demo.goods import GOODS, Form, Paper, Position, VatShare, creditor_reference, euros
from deployments.demo.people import BUSINESSES, CONSUMERS
from deployments.demo.seller import SHOP, STATE, SUPPLIER
from deployments.demo.shop import Shop, open_shop
from deployments.demo.tables import customers_csv, german_amount, invoices_csv
from dunning.calendar import GermanCalendar
from dunning.facts import DueBasis, InvoiceDocument
from dunning.spelling import has_check_digits
from tasks.intake.reading import read_bytes
from tests.effects.demo.conftest import START
from tests.effects.demo.rehearsal import Rehearsal

SOME_INVOICE = open_shop(START, weeks=8, seed=1).sales[0].invoice


@pytest.fixture(scope="module")
def shop() -> Shop:
    return open_shop(START, weeks=8, seed=1)


@pytest.fixture(scope="module")
def papers(shop: Shop) -> list[Paper]:
    return [*(sale.invoice for sale in shop.sales), *shop.credit_notes]


def test_customers_are_of_every_kind(shop: Shop) -> None:
    assert len({customer.number for customer in shop.customers}) == CONSUMERS + BUSINESSES == 120
    assert sum(customer.business for customer in shop.customers) == 25
    assert sum(not customer.email for customer in shop.customers) == 4
    assert sum(customer.language == "en" for customer in shop.customers) == 5
    assert [customer.country for customer in shop.customers].count("AT") == 1


def test_accounts_have_right_check_digits_and_no_real_bank(shop: Shop) -> None:
    for customer in shop.customers:
        assert IBAN(customer.iban).country_code == customer.country
        assert IBAN(customer.iban).bank is None
    assert IBAN(SHOP.iban)
    assert IBAN(SUPPLIER.iban).bank is None


def test_forms_are_as_many_as_planned(papers: list[Paper]) -> None:
    invoices = [paper.form for paper in papers if not paper.credit_note]
    assert {form: invoices.count(form) for form in Form} == {
        Form.UBL: 100,
        Form.CII: 100,
        Form.PDF: 15,
        Form.TABLE: 85,
    }
    assert {paper.form for paper in papers if paper.credit_note} == {Form.UBL, Form.TABLE}


def test_totals_add_up(papers: list[Paper]) -> None:
    for paper in papers:
        assert sum(share.net_cents for share in paper.vat) == paper.net_cents
        assert paper.gross_cents == paper.net_cents + paper.tax_cents
        assert paper.gross_cents > 0


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from([7, 19]))
def test_vat_is_rounded_half_up_to_the_cent(net_cents: int, percent: int) -> None:
    tax_cents = VatShare(percent, net_cents).tax_cents
    assert -50 < tax_cents * 100 - net_cents * percent <= 50


@pytest.mark.parametrize(
    ("cents", "point", "comma"),
    [
        (0, "0.00", "0,00"),
        (5, "0.05", "0,05"),
        (100_050, "1000.50", "1.000,50"),
        (123_456_789, "1234567.89", "1.234.567,89"),
    ],
)
def test_amounts_as_text(cents: int, point: str, comma: str) -> None:
    assert (euros(cents), euros(-cents), german_amount(cents)) == (point, f"-{point}" if cents else point, comma)


def test_creditor_references_have_right_check_digits() -> None:
    assert creditor_reference("RE-2026-1042").endswith("RE20261042")
    assert has_check_digits(creditor_reference("RE-2026-1042"))


def test_the_readers_read_what_was_meant(papers: list[Paper]) -> None:
    for paper in papers:
        document = _read(paper)
        assert document.number == paper.number
        assert document.credit_note == paper.credit_note
        assert document.payable_cents == document.gross_cents == paper.gross_cents
        assert document.currency == "EUR"
        assert document.issued_on == paper.issued_on
        assert document.delivered_on == paper.delivered_on
        assert document.order_number == paper.order_number
        assert document.buyer.number == paper.customer.number
        assert document.preceding_invoices == ((paper.corrects,) if paper.corrects else ())
        assert document.subject == paper.positions[0].item.name


def test_due_days_come_from_the_document_its_terms_or_the_setting(papers: list[Paper]) -> None:
    seen = set()
    for paper in papers:
        if paper.credit_note:
            continue
        document = _read(paper)
        assert document.due_on == paper.due_on
        unstated = DueBasis.SETTING if paper.form is Form.TABLE else DueBasis.TERMS
        assert document.due_basis is (DueBasis.DOCUMENT if paper.states_due_day else unstated)
        seen.add(document.due_basis)
    assert seen == set(DueBasis)


def test_e_invoices_carry_seller_buyer_and_payment(papers: list[Paper]) -> None:
    means = set()
    for paper in papers:
        if paper.form is Form.TABLE:
            continue
        document = _read(paper)
        assert document.seller.vat_id == SHOP.vat_id
        assert document.buyer.name == paper.customer.name
        assert document.buyer.email == paper.customer.email
        assert document.buyer.street_2 == paper.customer.street_2
        assert document.payment_reference == paper.reference
        assert document.seller_ibans == (() if paper.direct_debit else (SHOP.iban,))
        assert document.notice_286_3 == (not paper.customer.business and not paper.credit_note)
        means.add(document.payment_means)
    assert means == {"58", "59"}


@pytest.mark.parametrize("form", [Form.UBL, Form.CII])
def test_xrechnung_has_what_germany_demands(papers: list[Paper], form: Form) -> None:
    """BR-DE rules: buyer reference, seller's contact, electronic addresses, city and postal code of both."""
    paths = {
        Form.UBL: (
            "//*[local-name()='BuyerReference']",
            "//*[local-name()='AccountingSupplierParty']//*[local-name()='Contact']/*[local-name()='Telephone']",
            "//*[local-name()='AccountingCustomerParty']//*[local-name()='EndpointID'][@schemeID='EM']",
            "//*[local-name()='AccountingSupplierParty']//*[local-name()='EndpointID'][@schemeID='EM']",
            "//*[local-name()='PaymentTerms']/*[local-name()='Note']",
        ),
        Form.CII: (
            "//*[local-name()='BuyerReference']",
            "//*[local-name()='SellerTradeParty']//*[local-name()='CompleteNumber']",
            "//*[local-name()='BuyerTradeParty']/*[local-name()='URIUniversalCommunication']/*[@schemeID='EM']",
            "//*[local-name()='SellerTradeParty']/*[local-name()='URIUniversalCommunication']/*[@schemeID='EM']",
            "//*[local-name()='SpecifiedTradePaymentTerms']/*[local-name()='Description']",
        ),
    }
    for paper in (paper for paper in papers if paper.form is form):
        root = etree.fromstring(WRITERS[form](paper, SHOP))
        for path in paths[form]:
            assert root.xpath(f"string({path})"), path


def test_the_page_can_be_read_and_carries_its_data(papers: list[Paper]) -> None:
    paper = next(paper for paper in papers if paper.form is Form.PDF and not paper.direct_debit)
    reader = PdfReader(BytesIO(WRITERS[Form.PDF](paper, SHOP)))
    assert len(reader.pages) == 1
    words = reader.pages[0].extract_text()
    for expected in (paper.number, paper.customer.name, german_amount(paper.gross_cents), SHOP.iban):
        assert expected in words
    associated = cast(ArrayObject, reader.root_object["/AF"])[0].get_object()
    assert isinstance(associated, DictionaryObject)
    assert [str(associated[key]) for key in ("/AFRelationship", "/UF")] == ["/Data", "factur-x.xml"]


@given(st.lists(st.builds(Position, st.sampled_from(GOODS), st.integers(1, 9)), min_size=1, max_size=9))
def test_any_basket_is_read_back_to_the_cent(positions: list[Position]) -> None:
    for form in Form:
        document = _read(replace(SOME_INVOICE, positions=tuple(positions), form=form))
        assert document.payable_cents == sum(
            VatShare(rate, sum(p.net_cents for p in positions if p.item.vat_percent == rate)).tax_cents
            for rate in (7, 19)
        ) + sum(p.net_cents for p in positions)


def test_the_customer_list_is_read_back(shop: Shop) -> None:
    content = read_bytes(customers_csv(shop.customers))
    assert content.rejected == ()
    for row, customer in zip(content.customers, shop.customers, strict=True):
        assert (row.number, row.name, row.email) == (customer.number, customer.name, customer.email)
        assert row.kind == ("business" if customer.business else "consumer")
        assert (row.street, row.street_2, row.city) == (customer.street, customer.street_2, customer.city)
        assert (row.postal_code, row.state, row.country) == (customer.postal_code, customer.state, customer.country)
        assert (row.language, row.account_since) == (customer.language, customer.since)


def test_statements_reconcile_and_chain(lived: Rehearsal) -> None:
    """One for every bank day, each opening where the last closed; the overlapping one repeats nothing wrong."""
    daily = [statement for statement in lived.statements if statement.from_on == statement.until_on]
    (period,) = [statement for statement in lived.statements if statement.from_on != statement.until_on]
    for statement in (*daily, period):
        assert statement.opening_cents is not None
        assert statement.opening_cents + sum(e.amount_cents for e in statement.entries) == statement.closing_cents
    days = sorted(daily, key=lambda statement: statement.until_on or date.min)
    for before, after in pairwise(days):
        assert before.until_on
        assert after.until_on
        last_on = GermanCalendar(STATE).previous_bank_day(after.until_on)
        assert last_on in (before.until_on, period.until_on)
        assert after.opening_cents == (period if last_on == period.until_on else before).closing_cents
    assert period.from_on in {statement.from_on for statement in days}


def test_bank_files_show_all_sorts_of_entries(story: Story, lived: Rehearsal) -> None:
    entries = [entry for statement in lived.statements for entry in statement.entries]
    assert any(entry.structured_reference.startswith("RF") for entry in entries)
    assert any(entry.amount_cents < 0 for entry in entries)
    assert any(entry.end_to_end_id in story.fates for entry in entries), "a direct debit"
    batched = [path for day in story.days for path in day.files if b"<Btch>" in path.read_bytes()]
    assert batched


def _read(paper: Paper) -> InvoiceDocument:
    raw = invoices_csv([paper]) if paper.form is Form.TABLE else WRITERS[paper.form](paper, SHOP)
    (document,) = read_bytes(raw).invoices
    return document
