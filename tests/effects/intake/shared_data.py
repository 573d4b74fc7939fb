"""Where the public sample files are, if this copy of the repository has them beside it, and how files are packed."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

_DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"
SAMPLES = Path(__file__).parent / "samples"


def _folder(name: str) -> Path:
    if not (folder := _DATA / name).is_dir():
        pytest.skip(f"the public sample files are not here ({folder})")
    return folder


def e_invoices() -> Path:
    return _folder("e-invoices")


def bank() -> Path:
    return _folder("bank")


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Files packed as a bank sends them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
