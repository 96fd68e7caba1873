from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.tables.money import dollars, plain_dollars
from claude_admin_lake.tables.types import DECIMAL


def usd(amount: object) -> str | None:
    return dollars(amount, "USD")


@pytest.mark.parametrize(
    ("cents", "expected"),
    [
        ("12378.912", "123.78912"),
        ("0", "0.00"),
        ("1", "0.01"),
        ("-250", "-2.50"),
        ("0.000001", "0.00000001"),
        ("100.00", "1.0000"),
        ("1e2", "1"),
        ("1E-10", "0.000000000001"),
        ("9" * 60, "9" * 58 + ".99"),
        (12378, "123.78"),
        (Decimal("1.10"), "0.0110"),
    ],
)
def test_cents_become_dollars_exactly(cents, expected):
    assert usd(cents) == expected


NO_AMOUNTS = [
    None, "", "free", "NaN", "sNaN", "Infinity", "-Infinity", "1,5", "1_000", " 1", "1e400",
    "1e-400", "1e99999999", "1e-99999999", Decimal("1e99999999"), "9" * 300,
    "0." + "9" * 300, True, 1.5, [], {},
]  # fmt: skip


@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=lambda x: repr(x)[:30])
def test_what_is_no_amount_gives_no_dollars_and_no_error(amount):
    assert usd(amount) is None


NO_DOLLARS = [
    (None, None), (None, "USD"), ("5", None), ("5", "EUR"), ("5", "usd"), ("5", ""), ("5", ["USD"]),
]  # fmt: skip


@pytest.mark.parametrize(("amount", "currency"), NO_DOLLARS)
def test_only_us_dollars_give_dollars(amount, currency):
    assert dollars(amount, currency) is None


@given(st.integers(-(10**40), 10**40), st.integers(0, 25))
def test_no_digit_is_lost_or_gained(digits, places):
    """Against whole numbers: the cents are digits / 10^places."""
    text = f"{abs(digits):0{places + 1}d}"
    whole, fraction = text[: len(text) - places], text[len(text) - places :]
    sign = "-" if digits < 0 else ""
    found = usd(f"{sign}{whole}.{fraction}" if places else f"{sign}{whole}")
    assert found is not None
    assert "e" not in found.lower()
    integer, _, decimals = found.partition(".")
    assert int(integer + decimals) * 10 ** (places + 2) == digits * 10 ** len(decimals)


@given(st.integers(0, 10**12).map(lambda n: Decimal(n).scaleb(-6)))
def test_a_text_and_a_number_are_the_same_money(cents):
    assert usd(str(cents)) == usd(cents)


AMOUNTS = st.from_regex(r"-?[0-9]{1,28}(\.[0-9]{1,12})?", fullmatch=True)
ODD_AMOUNTS = st.sampled_from(
    [
        "",
        "+5",
        "1e2",
        " 5",
        "5 ",
        "5.",
        ".5",
        "5\n6",
        "5\nx",
        "5\n",
        "\n",
        "\u0665",
        "-",
        5,
        None,
        [],
    ]
)


@given(st.lists(AMOUNTS | ODD_AMOUNTS, min_size=1, max_size=5))
def test_columns_of_plain_amounts_are_the_same_money(cents):
    found = plain_dollars(cents, ["USD"] * len(cents))
    if found is not None:
        assert found == [usd(one) for one in cents]
        assert all(map(DECIMAL.fits, found))


PLAIN_AMOUNTS = [
    "0", "5", "98", "98.9", "100", "12378.912", "-0.5", "-7.25", "-250", "05", "0.0000000001",
    "9" * 26 + ".9999999999",
]  # fmt: skip


@pytest.mark.parametrize("amount", PLAIN_AMOUNTS)
def test_plain_amounts_need_no_other_way(amount):
    assert plain_dollars([amount, "7"], ("USD", "USD")) == [usd(amount), "0.07"]


@pytest.mark.parametrize(
    "amount",
    ["", "+5", "007", "1e2", " 5", "5.", ".5", "5\n6", "5\nx", "5\n", "\u0665", 5, None, [],
     "9" * 27, "0.00000000001"],
)  # fmt: skip
def test_a_column_with_anything_else_is_left_to_the_other_way(amount):
    assert plain_dollars([amount], ["USD"]) is None
    assert plain_dollars(["7", amount], ["USD", "USD"]) is None


@pytest.mark.parametrize("currency", ["EUR", "usd", None, 5])
def test_a_column_with_another_currency_is_left_to_the_other_way(currency):
    assert plain_dollars(["7", "5"], ["USD", currency]) is None
