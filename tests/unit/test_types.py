import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.tables.types import (
    ANY,
    BIGINT,
    BOOLEAN,
    DECIMAL,
    STRING,
    array,
    compact,
    map_of,
    struct,
)

to_json = msgspec.json.Encoder(decimal_format="number").encode
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
    (DECIMAL, "null", False),
    (DECIMAL, "\u0665", False),
    (DECIMAL, "1_000", False),
    (DECIMAL, " 1", False),
    (DECIMAL, True, False),
    (DECIMAL, 1.5, True),
    (DECIMAL, {}, False),
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
    (PAIR, {"accepted": 1, "asked": "what nobody declared"}, False),
    (PAIR, {"accepted": "1"}, False),
    (PAIR, {"Accepted": 1}, False),
    (PAIR, {"Accepted": "1"}, False),
    (PAIR, {"accepted": 1, "ACCEPTED": "1"}, False),
    (PAIR, [1, 2], False),
    (array(struct(tokens=PAIR)), [{"tokens": {"accepted": 2**63}}], False),
    (array(struct(tokens=PAIR)), [{"tokens": {"accepted": 2**62}}, None], True),
]


@pytest.mark.parametrize(("kind", "value", "fits"), CASES, ids=lambda x: getattr(x, "hive", None))
def test_a_value_fits_only_if_athena_reads_it_whole(kind, value, fits):
    assert kind.fits(to_json(value)) is fits


@pytest.mark.parametrize("kind", {kind.hive: kind for kind, _, _ in CASES}.values(),
                         ids=lambda kind: kind.hive)  # fmt: skip
def test_null_fits_every_type(kind):
    assert kind.fits(b"null")


@pytest.mark.parametrize("text", [b"", b"{", b"[1", b'"a', b"nul", b"5 5", b"[" * 10**5])
@pytest.mark.parametrize("kind", [STRING, BIGINT, DECIMAL, ANY, array(PAIR)])
def test_what_is_no_json_fits_no_type_and_is_no_error(kind, text):
    assert not kind.fits(text)


@given(st.integers())
def test_a_bigint_is_any_integer_of_64_bits_and_no_other(number):
    assert BIGINT.fits(str(number).encode()) is (-(2**63) <= number < 2**63)


@given(st.integers(), st.integers(-30, 30))
def test_a_decimal_is_what_26_digits_before_the_point_hold_once_it_is_rounded(digits, exponent):
    exact = abs(digits) * 10 ** (exponent + 42)
    held = (exact + 5 * 10**29) // 10**30 < 10**38
    value = Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), exponent))
    assert DECIMAL.fits(to_json(value)) is held
    assert DECIMAL.fits(to_json(str(value))) is held


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


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False)
DECIMALS = NUMBERS | NUMBERS.map(str) | st.sampled_from([None, "", "null", "NaN", "9" * 27, True])


@given(st.lists(DECIMALS, max_size=4))
def test_decimals_fit_together_if_each_fits_alone(values):
    each = all(DECIMAL.fits(to_json(value)) for value in values)
    assert array(DECIMAL).fits(to_json(values)) is each
    assert map_of(DECIMAL).fits(to_json(dict(enumerate(values)))) is each
    fields = {f"f{n}": value for n, value in enumerate(values)}
    assert struct(**dict.fromkeys(fields, DECIMAL)).fits(to_json(fields)) is each


UNKNOWN = [
    (PAIR, {"accepted": 1}, []),
    (PAIR, {"accepted": 1, "asked": {"by": 2}}, [("asked",)]),
    (PAIR, {"ACCEPTED": 1}, []),
    (PAIR, [1], []),
    (array(PAIR), [None, {}, {"a": 1}, {"a": 1, "b": 2}], [("a",), ("a",), ("b",)]),
    (map_of(PAIR), {"edit_tool": {"asked": 1}}, [("asked",)]),
    (array(struct(tokens=PAIR)), [{"tokens": {"asked": 1}, "n": 2}], [("tokens", "asked"), ("n",)]),
    (STRING, {"a": 1}, []),
]


@pytest.mark.parametrize(("kind", "value", "paths"), UNKNOWN)
def test_fields_that_no_struct_declares_are_found_wherever_they_are(kind, value, paths):
    assert list(kind.unknown(value)) == paths


@pytest.mark.parametrize(("kind", "value"), [(k, v) for k, v, paths in UNKNOWN if paths])
def test_a_type_that_knows_its_unknown_fields_accepts_them_whatever_they_hold(kind, value):
    assert not kind.fits(to_json(value))
    wider = kind
    for path in kind.unknown(value):
        wider = wider.with_unknown(path)
    assert wider.fits(to_json(value))
    assert list(wider.unknown(value)) == []


def test_a_wider_type_is_as_strict_about_the_fields_that_it_knew():
    wider = array(PAIR, wraps_scalar=True).with_unknown(("asked",))
    assert wider.wraps_scalar
    assert wider.fits(b'[{"accepted":1,"asked":[]}]')
    assert not wider.fits(b'[{"accepted":"1","asked":[]}]')
    assert not wider.fits(b'[{"asked":1,"more":1}]')


SCALARS = st.none() | st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(SCALARS, lambda x: st.lists(x) | st.dictionaries(st.text(), x))


@given(VALUES, st.sampled_from([None, 1, "\n \t"]))
def test_a_text_is_compacted_to_the_same_tokens_on_one_line(value, indent):
    tight = json.dumps(value, separators=(",", ":")).encode()
    assert compact(json.dumps(value, indent=indent).encode()) == tight
    assert ANY.fits(tight)


@pytest.mark.parametrize(
    "text", [b"1.10", b'{"a":1E+400}', b'["\\u00e9",-0.0]', b"12345678901234567890"]
)
def test_compacting_leaves_every_token_as_it_is(text):
    assert compact(text) == compact(msgspec.Raw(text)) == text


@pytest.mark.parametrize("text", [b'{"a": 1}', b"[1,\n2]", b'{"a":[{ }]}'])
def test_a_text_that_could_break_a_line_must_be_compacted_first(text):
    assert not ANY.fits(text)
    assert ANY.fits(compact(text))
