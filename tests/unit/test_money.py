from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.tables.money import dollars
from claude_admin_lake.tables.types import DECIMAL


def usd(amount: object) -> str | None:
    """An amount's dollars without the fast way, which takes columns of dollars only."""
    found, other = dollars([amount, "7"], ["USD", "EUR"])
    assert other is None
    return found


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
    assert dollars([cents], ["USD"]) == [expected]


NO_AMOUNTS = [
    None, "", "free", "NaN", "sNaN", "Infinity", "-Infinity", "1,5", "1_000", " 1", "1e400",
    "1e-400", "1e99999999", "1e-99999999", Decimal("1e99999999"), "9" * 300,
    "0." + "9" * 300, True, 1.5, [], {},
]  # fmt: skip


@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=lambda x: repr(x)[:30])
def test_what_is_no_amount_gives_no_dollars_and_no_error(amount):
    assert usd(amount) is None
    assert dollars([amount, "7"], ["USD", "USD"]) == [None, "0.07"]


NO_DOLLARS = [
    (None, None), (None, "USD"), ("5", None), ("5", "EUR"), ("5", "usd"), ("5", ""), ("5", ["USD"]),
]  # fmt: skip


@pytest.mark.parametrize(("amount", "currency"), NO_DOLLARS)
def test_only_us_dollars_give_dollars(amount, currency):
    assert dollars([amount], [currency]) == [None]
    assert dollars([amount, "5"], [currency, "USD"]) == [None, "0.05"]


def test_no_records_have_no_dollars():
    assert dollars([], []) == []


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


AMOUNTS = st.from_regex(r"-?[0-9]{1,25}(\.[0-9]{1,60})?", fullmatch=True)
ODD = [
    "", "+5", "007", "1e2", " 5", "5 ", "5.", ".5", "5\n6", "5\nx", "5\n", "\n", "\u0665", "-", 5,
    None, [], "9" * 27, "0." + "1" * 61,
]  # fmt: skip


@given(st.lists(AMOUNTS | st.sampled_from(ODD), max_size=5))
def test_a_column_of_amounts_is_the_same_money_as_each_alone(cents):
    assert dollars(cents, ["USD"] * len(cents)) == [usd(one) for one in cents]


@given(st.lists(AMOUNTS, max_size=5))
def test_dollars_of_plain_amounts_fit_their_column(cents):
    for amount in dollars(cents, ["USD"] * len(cents)):
        assert DECIMAL.fits(f'"{amount}"'.encode())


PLAIN_AMOUNTS = [
    "0", "5", "98", "98.9", "100", "12378.912", "-0.5", "-7.25", "-250", "05", "0.0000000001",
    "0." + "1" * 60, "9" * 25 + "." + "9" * 60,
]  # fmt: skip


@pytest.mark.parametrize("amount", PLAIN_AMOUNTS)
def test_plain_amounts_need_no_other_way(amount, monkeypatch):
    expected = [usd(amount), "0.07"]
    monkeypatch.setattr("claude_admin_lake.tables.money._dollars", None)
    assert dollars([amount, "7"], ("USD", "USD")) == expected


@pytest.mark.parametrize("amount", ODD)
def test_an_amount_that_is_not_plain_changes_no_other(amount):
    assert dollars(["7", amount, "8"], ["USD"] * 3) == ["0.07", usd(amount), "0.08"]


@pytest.mark.parametrize("currency", ["EUR", "usd", None, 5])
def test_a_record_in_another_currency_changes_no_other(currency):
    assert dollars(["7", "5", "8"], ["USD", currency, "USD"]) == ["0.07", None, "0.08"]
