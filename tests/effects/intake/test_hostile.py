"""Hostile files: each is refused with a reason, quickly, and nothing of it comes in."""

import io
import random
import zipfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dunning.errors import InputRejected
from tasks.intake.reading import Content, ReadOptions, read_bytes, read_file
from tasks.intake.xml import MAX_BYTES
from tests.effects.intake.shared_data import SAMPLES, bank, e_invoices

UBL = (SAMPLES / "ubl_invoice.xml").read_text("utf-8")
CAMT = (SAMPLES / "camt053.xml").read_text("utf-8")
MT940 = (SAMPLES / "umsaetze.sta").read_text("utf-8")
_XXE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def _with_dtd(dtd: str, word: str) -> str:
    return UBL.replace(_HEAD, f"{_HEAD}<!DOCTYPE Invoice {dtd}>\n").replace("Jo Beispiel", word)


def _workbook(extra: dict[str, bytes]) -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.append(["Kundennr", "Name", "PLZ"])
    book.active.append(["1", "Jo", "07743"])
    plain = io.BytesIO()
    book.save(plain)
    out = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, extra.get(entry.filename, source.read(entry)))
        for name in set(extra) - set(source.namelist()):
            target.writestr(name, extra[name])
    return out.getvalue()


def _sheet(rows: bytes) -> dict[str, bytes]:
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return {
        "xl/worksheets/sheet1.xml": b'<worksheet xmlns="'
        + space
        + b'"><sheetData>'
        + rows
        + b"</sheetData></worksheet>"
    }


HOSTILE: list[tuple[str, bytes, set[str]]] = [
    ("a DTD", _with_dtd("", "Jo").encode(), {"dtd_refused"}),
    ("an internal entity", _with_dtd('[<!ENTITY a "b">]', "&a;").encode(), {"dtd_refused"}),
    ("a local file", _with_dtd('[<!ENTITY a SYSTEM "file:///etc/passwd">]', "&a;").encode(), {"dtd_refused"}),
    ("the network", _with_dtd('SYSTEM "http://127.0.0.1:9/x.dtd"', "Jo").encode(), {"dtd_refused"}),
    ("parameter entities", _with_dtd('[<!ENTITY % a SYSTEM "file:///etc/passwd">%a;]', "Jo").encode(), {"dtd_refused"}),
    ("billion laughs", _with_dtd(f'[<!ENTITY l0 "ha">{_LAUGHS}]', "&l9;").encode(), {"dtd_refused"}),
    ("a DTD behind a comment", UBL.replace(_HEAD, _HEAD + "<!-- <a> --><!DOCTYPE Invoice>").encode(), {"dtd_refused"}),
    ("a DTD in UTF-16", _with_dtd("", "Jo").replace("UTF-8", "UTF-16").encode("utf-16"), {"dtd_refused"}),
    ("deep nesting", b"<a>" * 200_000 + b"</a>" * 200_000, {"not_readable"}),
    ("NUL bytes", UBL.replace("Jo ", "Jo\x00").encode(), {"not_readable"}),
    ("NUL bytes in a table", b"Kundennr;Name;PLZ\n1;J\x00o;07743\n", {"nul_bytes"}),
    ("an unknown encoding", UBL.replace("UTF-8", "x-none").encode(), {"not_readable"}),
    ("a wrong encoding", UBL.encode("cp1252"), {"not_readable"}),
    ("a huge field", UBL.replace("Jo Beispiel", "x" * 100_001).encode(), {"field_too_long"}),
    ("a huge attribute", UBL.replace('"EM"', f'"{"x" * 100_001}"').encode(), {"field_too_long"}),
    ("a huge reference", CAMT.replace("danke", "x" * 100_001).encode(), {"field_too_long"}),
    ("eleven MB in one field", UBL.replace("Jo Beispiel", "x" * 11_000_000).encode(), {"not_readable"}),
    ("too many bytes", b"<a>" + b" " * MAX_BYTES + b"</a>", {"too_large"}),
    ("a second root", UBL.encode() + b"<a/>", {"not_readable"}),
    ("an endless amount", UBL.replace(">100.0000<", f">{'9' * 5000}<").encode(), {"bad_amount"}),
    ("an XXE in a workbook", _workbook({"xl/workbook.xml": _XXE}), {"dtd_refused"}),
    ("a workbook that unpacks to 300 MB", _workbook(_sheet(b"<row/>" * 9_000_000)), {"zip_bomb"}),
    ("a workbook without its sheet", _workbook({"xl/worksheets/sheet1.xml": b""}), {"not_readable"}),
    ("a workbook 16,384 columns wide", _workbook(_sheet(b'<row r="1"><c r="XFD1"><v>1</v></c></row>' * 2)), {"empty"}),
    ("a cut archive", _workbook({})[:-30], {"not_readable"}),
    ("a PDF of garbage", b"%PDF-1.7\n" + random.Random(1).randbytes(50_000), {"not_readable"}),
    ("random bytes", random.Random(2).randbytes(50_000), {"nul_bytes", "not_readable"}),
    ("no bytes at all", b"", {"empty"}),
    ("20 MB of colons", b":\n" * (MAX_BYTES // 2), {"too_large"}),
    ("colons behind a field", b":20:X\n" + b":\n" * 2_000_000, {"cut_off"}),
    ("four million statements", b":20:X\n" * (MAX_BYTES // 6), {"too_large"}),
    ("20 MB of details", f"{MT940[:200]}{':86:x' * (MAX_BYTES // 5 - 40)}".encode(), {"field_too_long", "cut_off"}),
    ("a million fields of details", (MT940[:160] + ":86:x\n" * 1_000_000).encode(), {"too_large"}),
    ("random bytes behind a field", b":20:X\n:25:" + random.Random(3).randbytes(50_000), {"nul_bytes"}),
    ("garbage behind a field", b":20:X\n" + random.Random(4).randbytes(50_000).replace(b"\0", b"0"), {"cut_off"}),
    ("half an MT940", MT940[: len(MT940) // 2].encode(), {"cut_off"}),
    ("an MT940 without its last digits", MT940[: MT940.index("1583,50")].encode() + b"15", {"balance_mismatch"}),
    ("a huge amount in MT940", MT940.replace("CR119,00", f"CR{'9' * 5000},00").encode(), {"field_too_long"}),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "reasons"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_hostile_files_are_refused(raw: bytes, reasons: set[str]) -> None:
    with pytest.raises(InputRejected) as refused:
        read_bytes(raw)
    assert refused.value.reason in reasons
    assert "root:" not in str(refused.value)


def test_an_attachment_may_be_long() -> None:
    """The base64 of an attached document is no field: it is never read."""
    attachment = "".join(
        (
            "<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment>",
            f"<cbc:EmbeddedDocumentBinaryObject>{'QUJD' * 50_000}</cbc:EmbeddedDocumentBinaryObject>",
            "</cac:Attachment></cac:AdditionalDocumentReference><cac:AccountingSupplierParty>",
        )
    )
    raw = UBL.replace("<cac:AccountingSupplierParty>", attachment)
    assert read_bytes(raw.encode()).invoices[0].number == "RE-2026-1042"


def test_doctype_in_a_text_is_only_text() -> None:
    raw = UBL.replace("Jo Beispiel", "<![CDATA[<!DOCTYPE x>]]>")
    assert read_bytes(raw.encode()).invoices[0].buyer.name == "<!DOCTYPE x>"


@pytest.mark.parametrize("name", ["missing.xml", "."])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputRejected) as refused:
        read_file(tmp_path / name)
    assert refused.value.reason == "not_readable"


def test_the_name_decides_nothing(tmp_path: Path) -> None:
    disguised = tmp_path / "statement.csv"
    disguised.write_text(UBL, "utf-8")
    assert read_file(disguised).kind == "ubl"


def _content_or_none(raw: bytes, check_balances: bool = False) -> Content | None:
    """Anything but `InputRejected` is a failure of the test by itself."""
    try:
        return read_bytes(raw, ReadOptions(check_balances=check_balances))
    except InputRejected as refused:
        return None if refused.reason and refused.what else pytest.fail("refused without a reason")


@cache
def _originals() -> list[bytes]:
    return [path.read_bytes() for path in sorted(SAMPLES.iterdir())] + [_workbook({})]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
@given(st.data())
def test_a_file_cut_anywhere_gives_nothing_or_whole_rows(data: st.DataObject) -> None:
    """XML, PDF and XLSX: nothing at all. A table, where a cut between rows cannot be seen: whole rows only, and
    of MT940 whole statements."""
    raw = data.draw(st.sampled_from(_originals()))
    cut = raw[: data.draw(st.integers(min_value=0, max_value=len(raw.rstrip()) - 1))]
    content, whole = _content_or_none(cut, check_balances=True), read_bytes(raw)
    if content is None:
        return
    assert content.kind in ("customers", "invoices", "payments", "mt940")
    if content.kind == "mt940":
        assert content.statements == whole.statements[: len(content.statements)]
    assert len(content.customers) <= len(whole.customers)
    assert {one.row for one in content.invoices} <= {one.row for one in whole.invoices} | {
        row.row for row in whole.rejected
    }


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_flipped_bytes_never_break_the_reader(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(_originals())))
    for _ in range(data.draw(st.integers(min_value=1, max_value=8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    _content_or_none(bytes(raw))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"<", b"%PDF-1.7\n", b"PK\x03\x04", b"Kundennr;Name;PLZ\n"]))
def test_arbitrary_bytes_never_break_the_reader(raw: bytes, start: bytes) -> None:
    _content_or_none(start + raw)


@cache
def _public_files() -> list[bytes]:
    return [path.read_bytes() for folder in (e_invoices(), bank()) for path in sorted(folder.glob("*/*.*ml"))]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_public_xml_cut_anywhere_gives_nothing(data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from(_public_files()))
    assert _content_or_none(raw[: data.draw(st.integers(0, len(raw.rstrip()) - 1))]) is None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_public_pdf_cut_anywhere_gives_nothing(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(e_invoices().glob("zugferd/*.pdf"))))
    raw = path.read_bytes()
    assert _content_or_none(raw[: data.draw(st.integers(0, raw.rindex(b"%%EOF") + 4))]) is None
