"""Whatever the API sends: nothing of it is lost, and no column holds what Athena cannot read."""

import json
from collections import Counter
from decimal import Decimal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_admin_lake.records.lines import LineMaker
from claude_admin_lake.tables import TABLES

from .fakes import BY_NAME
from .json_texts import holds

FRACTIONS = st.decimals(allow_nan=False, allow_infinity=False).filter(
    lambda number: number.as_tuple().exponent != 0  # JSON without a point is an integer
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    FRACTIONS,
    st.text(max_size=5),
)


def records(table):
    """Objects whose names are, as often as not, parts of the table's own."""
    words = {part for name in table.column_names for part in pieces(name)}
    known = st.sampled_from(sorted(words - {table.partition_field}))
    name = st.one_of(known, known, known.map(str.title), st.text("abAB_", max_size=4))
    values = st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(name, inner, max_size=3),
        max_leaves=8,
    )
    return st.dictionaries(name, values, max_size=6).filter(
        lambda record: not set(record) & derived_of(table)
    )


ENCODER = msgspec.json.Encoder(decimal_format="number")


def row_of(name: str, record: dict) -> dict:
    line = LineMaker(BY_NAME[name]).lines([msgspec.Raw(ENCODER.encode(record))], {}, None)
    assert line.count(b"\n") == 1
    return json.loads(line, parse_float=Decimal)


def derived_of(table) -> set[str]:
    return {one.column for one in table.derived}


def pieces(name: str) -> set[str]:
    """Every run of words in a name: a, b, c, a_b, b_c and a_b_c of a_b_c."""
    words = name.split("_")
    ends = range(1, len(words) + 1)
    return {"_".join(words[first:last]) for last in ends for first in range(last)}


SENT = st.one_of(st.tuples(st.just(table.name), records(table)) for table in TABLES)


def leaves(value, path: str | None = None):
    """Every scalar and empty list with the names that lead to it. Null and {} say nothing."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, key if path is None else f"{path}_{key}")
    elif isinstance(value, list) and value:
        for inner in value:
            yield from leaves(inner, path)
    elif value is not None:
        yield path, (kind(value), str(value))


def kind(value) -> str:
    return "number" if type(value) in (int, Decimal) else type(value).__name__


def stored(row):
    """The leaves of a row, with texts that were put aside read again."""
    for name, value in row.items():
        column, aside, _ = name.partition("__raw")
        yield from leaves(json.loads(value, parse_float=Decimal) if aside else value, column)


@settings(max_examples=60)
@given(SENT)
def test_every_value_sent_is_in_the_row(sent):
    name, record = sent
    row = row_of(name, record)
    ours = derived_of(BY_NAME[name])
    theirs = {column: row[column] for column in row if column.partition("__raw")[0] not in ours}
    kept = Counter(stored(theirs))
    missing = Counter(leaves(record)) - kept
    assert not [leaf for leaf in missing if leaf not in kept or leaf[0] not in nested_of(name)]


def nested_of(name: str) -> set[str]:
    """Columns whose value a record can have twice: in an object, and under the flat name. If both
    are equal, the row has them once."""
    return {column.name for column in BY_NAME[name].columns if "." in column.path}


@settings(max_examples=60)
@given(SENT)
def test_every_declared_column_holds_null_or_its_type(sent):
    name, record = sent
    row = row_of(name, record)
    for column in BY_NAME[name].columns:
        assert holds(column.type, ENCODER.encode(row[column.name]))


@settings(max_examples=60)
@given(SENT)
def test_no_further_field_is_read_by_athena_as_a_declared_column(sent):
    """Names are matched without case."""
    name, record = sent
    columns = BY_NAME[name].column_names
    row = row_of(name, record)
    assert not {one.lower() for one in list(row)[len(columns) :]} & set(columns)


@settings(max_examples=60)
@given(SENT)
def test_fields_besides_the_columns_are_sorted_by_name(sent):
    name, record = sent
    others = list(row_of(name, record))[len(BY_NAME[name].columns) :]
    assert others == sorted(others)
