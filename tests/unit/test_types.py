from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.tables.types import BIGINT, BOOLEAN, DECIMAL, STRING, array, map_of, struct

PAIR = struct(accepted=BIGINT, rejected=BIGINT)

CASES = [
    (STRING, "", True),
    (STRING, "null", True),
    (STRING, 5, False),
    (STRING, True, False),
    (STRING, Decimal("1.5"), False),
    (STRING, ["a"], False),
    (STRING, {}, False),
    (BIGINT, 0, True),
    (BIGINT, 2**53 + 1, True),
    (BIGINT, 2**63 - 1, True),
    (BIGINT, -(2**63), True),
    (BIGINT, 2**63, False),
    (BIGINT, -(2**63) - 1, False),
    (BIGINT, 10**30, False),
    (BIGINT, True, False),
    (BIGINT, Decimal("1.5"), False),
    (BIGINT, Decimal("1.0"), False),
    (BIGINT, "1", False),
    (BIGINT, [], False),
    (BOOLEAN, True, True),
    (BOOLEAN, False, True),
    (BOOLEAN, "true", False),
    (BOOLEAN, 1, False),
    (BOOLEAN, {}, False),
    (DECIMAL, 5, True),
    (DECIMAL, -5, True),
    (DECIMAL, Decimal("12378.912"), True),
    (DECIMAL, "12378.912", True),
    (DECIMAL, "0", True),
    (DECIMAL, "1.000000000001", True),
    (DECIMAL, "1.0000000000010000", True),
    (DECIMAL, "1.0000000000001", True),
    (DECIMAL, "9" * 26 + "." + "9" * 12, True),
    (DECIMAL, "-" + "9" * 26 + "." + "9" * 12, True),
    (DECIMAL, "1" + "0" * 26, False),
    (DECIMAL, "9" * 26 + "." + "9" * 13, False),
    (DECIMAL, "1." + "0" * 40 + "1", True),
    (DECIMAL, Decimal("1E+25"), True),
    (DECIMAL, Decimal("1E+26"), False),
    (DECIMAL, Decimal("1E-12"), True),
    (DECIMAL, Decimal("1E-13"), True),
    (DECIMAL, Decimal("1E+9999999"), False),
    (DECIMAL, Decimal("1E-9999999"), True),
    (DECIMAL, "1E+9999999", False),
    (DECIMAL, "NaN", False),
    (DECIMAL, "Infinity", False),
    (DECIMAL, "", False),
    (DECIMAL, "twelve", False),
    (DECIMAL, "1_000", False),
    (DECIMAL, " 1", False),
    (DECIMAL, True, False),
    (DECIMAL, 1.5, False),
    (DECIMAL, [], False),
    (array(STRING), [], True),
    (array(STRING), ["a", None], True),
    (array(STRING), ["a", 5], False),
    (array(STRING), "a", False),
    (array(STRING), {"a": "b"}, False),
    (map_of(STRING), {}, True),
    (map_of(STRING), {"a": None, "b": "c"}, True),
    (map_of(STRING), {"a": 5}, False),
    (map_of(STRING), [], False),
    (map_of(PAIR), {"edit_tool": {"accepted": 1, "rejected": 0}}, True),
    (map_of(PAIR), {"edit_tool": {"accepted": 1.5, "rejected": 0}}, False),
    (map_of(PAIR), {"edit_tool": 5}, False),
    (PAIR, {}, True),
    (PAIR, {"accepted": None}, True),
    (PAIR, {"accepted": 1, "asked": "what nobody declared"}, True),
    (PAIR, {"accepted": "1"}, False),
    (PAIR, {"Accepted": 1}, True),
    (PAIR, {"Accepted": "1"}, False),
    (PAIR, {"accepted": 1, "ACCEPTED": "1"}, False),
    (PAIR, [1, 2], False),
    (array(struct(tokens=PAIR)), [{"tokens": {"accepted": 2**63}}], False),
    (array(struct(tokens=PAIR)), [{"tokens": {"accepted": 2**62}}, None], True),
]


@pytest.mark.parametrize(("kind", "value", "fits"), CASES, ids=lambda x: getattr(x, "hive", None))
def test_a_value_fits_only_if_athena_reads_it_whole(kind, value, fits):
    assert kind.fits(value) is fits


@given(st.integers())
def test_a_bigint_is_any_integer_of_64_bits_and_no_other(number):
    assert BIGINT.fits(number) is (-(2**63) <= number < 2**63)


@given(st.integers(), st.integers(-30, 30))
def test_a_decimal_is_what_26_digits_before_the_point_hold_once_it_is_rounded(digits, exponent):
    exact = abs(digits) * 10 ** (exponent + 42)
    held = (exact + 5 * 10**29) // 10**30 < 10**38
    value = Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), exponent))
    assert DECIMAL.fits(value) is held
    assert DECIMAL.fits(str(value)) is held


@pytest.mark.parametrize(
    ("kind", "hive"),
    [
        (DECIMAL, "decimal(38,12)"),
        (array(STRING), "array<string>"),
        (map_of(PAIR), "map<string,struct<accepted:bigint,rejected:bigint>>"),
        (array(struct(a=STRING, b=struct(c=DECIMAL))),
         "array<struct<a:string,b:struct<c:decimal(38,12)>>>"),
    ],
)  # fmt: skip
def test_a_type_is_written_as_in_hive(kind, hive):
    assert kind.hive == hive
