"""Machine texts of money: exact both ways, and everything else refused."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.errors import InputRejected
from dunning.money import LARGEST_CENTS, cents, plain

amounts = st.integers(-LARGEST_CENTS, LARGEST_CENTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234.56", 123456),
        ("-5.00", -500),
        ("0.01", 1),
        ("-0.01", -1),
        ("0", 0),
        ("-0.00", 0),
        ("7", 700),
        ("7.5", 750),
        ("7.", 700),
        (".5", 50),
        ("+7.50", 750),
        ("007.50", 750),
        ("7.5000000000000000000000000000000000", 750),
        ("0." + "0" * 5000, 0),
        ("0" * 5000 + "7.50", 750),
        ("90071992547409.92", LARGEST_CENTS),
        ("-90071992547409.92", -LARGEST_CENTS),
    ],
)
def test_cents_of_a_machine_decimal(text: str, expected: int) -> None:
    assert cents(text) == expected
    assert cents(Decimal(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            " 1.00",
            "1.00 ",
            "1.00\n",
            "1,00",
            "1.234,56",
            "1,234.56",
            "1_000",
            "1e5",
            "1E-2",
            "--1",
            "1-",
        ),
        *(".", "-", "NaN", "Infinity", "-inf", "0x10", "١.٠٠", "²", "1.00 EUR", "DE02120300000000202051"),
    ],
)
def test_a_text_that_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(InputRejected) as refusal:
        cents(text)
    assert refusal.value.reason == "amount_not_a_number"
    assert len(text) < 3 or text not in str(refusal.value)


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("0.001", "amount_too_precise"),
        ("1.005", "amount_too_precise"),
        ("1." + "0" * 5000 + "1", "amount_too_precise"),
        ("-12345678901234.5678", "amount_too_precise"),
        (Decimal("1E-999999"), "amount_too_precise"),
        ("90071992547409.93", "amount_too_large"),
        ("-90071992547409.93", "amount_too_large"),
        ("1" * 5000, "amount_too_large"),
        (Decimal("1E+999999"), "amount_too_large"),
        (Decimal("NaN"), "amount_not_a_number"),
        (Decimal("sNaN"), "amount_not_a_number"),
        (Decimal("-Infinity"), "amount_not_a_number"),
    ],
)
def test_an_amount_that_is_not_whole_cents_is_refused(amount: str | Decimal, reason: str) -> None:
    with pytest.raises(InputRejected) as refusal:
        cents(amount)
    assert refusal.value.reason == reason


def test_a_float_is_no_amount() -> None:
    with pytest.raises(TypeError):
        cents(1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount_cents", "text"),
    [
        (123456, "1234.56"),
        (-5, "-0.05"),
        (0, "0.00"),
        (7, "0.07"),
        (-100, "-1.00"),
        (100000000, "1000000.00"),
    ],
)
def test_plain(amount_cents: int, text: str) -> None:
    assert plain(amount_cents) == text


@given(amounts)
def test_there_and_back(amount_cents: int) -> None:
    assert cents(plain(amount_cents)) == amount_cents
    assert cents(Decimal(amount_cents).scaleb(-2)) == amount_cents


@given(amounts, st.text("0", max_size=30), st.text("0", max_size=30))
def test_zeros_at_the_ends_change_nothing(amount_cents: int, before: str, after: str) -> None:
    text = plain(abs(amount_cents))
    assert cents(f"{before}{text}{after}") == abs(amount_cents)


@given(amounts)
def test_the_surrounding_decimal_context_does_not_matter(amount_cents: int) -> None:
    with localcontext(prec=3):
        assert cents(plain(amount_cents)) == amount_cents


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**13), max_value=10**13))
def test_never_rounded(amount: Decimal) -> None:
    if amount == amount.quantize(Decimal("0.01")):
        assert cents(amount) == amount * 100
    else:
        with pytest.raises(InputRejected, match="part of a cent"):
            cents(amount)
