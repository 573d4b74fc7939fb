"""Where the public sample files are, if this copy of the repository has them beside it."""

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
