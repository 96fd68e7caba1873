"""The oracle follows Athena's rules, and finds the deployed tables readable."""

from decimal import Decimal

import pytest

from claude_admin_lake.analysis.engine import VIEWS
from claude_admin_lake.catalog import hive
from claude_admin_lake.catalog.tables import BY_NAME
from hand_made import HandMade, cost

from .oracle import HiveError, Oracle, read

DECIMAL = "decimal(38,12)"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", '"a"', "a"),
        ("string", "1.50", "1.50"),
        ("string", "true", "true"),
        ("bigint", "9223372036854775807", 9223372036854775807),
        ("bigint", "1.9", 1),
        ("boolean", '"TRUE"', True),
        ("boolean", "1", False),
        (DECIMAL, '"1.5"', "1.500000000000"),
        (DECIMAL, "0.0000000000005", "0.000000000001"),
        (DECIMAL, '"many"', None),
        (DECIMAL, "1e30", None),
        ("array<bigint>", "[1,null]", [1, None]),
        ("map<string,struct<a:bigint>>", '{"x":{"A":1,"b":2}}', {"x": {"a": 1}}),
        ("struct<a:bigint,b:string>", '{"a":1}', {"a": 1, "b": None}),
        ("bigint", "null", None),
    ],
)
def test_what_a_type_accepts(kind, text, value):
    assert read(b'{"C":%s,"other":[]}' % text.encode(), {"c": hive.parse(kind)}) == {"c": value}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("string", "{}"),
        ("bigint", '"1"'),
        ("bigint", "9223372036854775808"),
        ("boolean", "[]"),
        ("array<string>", '"a"'),
        ("map<string,bigint>", "[]"),
        ("struct<a:bigint>", '{"a":"x"}'),
    ],
)
def test_what_fails_the_whole_query(kind, text):
    with pytest.raises(HiveError):
        read(b'{"c":%s}' % text.encode(), {"c": hive.parse(kind)})


@pytest.mark.parametrize("line", [b"[1]", b'{"a":', b"", b'{"a":1}{"a":2}'])
def test_a_line_is_one_object(line):
    with pytest.raises(HiveError):
        read(line, {"a": hive.parse("bigint")})


def test_a_bad_object_fails_the_query(hand: HandMade, oracle: Oracle):
    hand.raw(
        "usage_report/organization=main/date=2026-11-19/usage_report.jsonl",
        b'{"output_tokens":"12"}\n',
    )
    with pytest.raises(HiveError):
        oracle.query("SELECT count(*) FROM usage_report")


def test_days_outside_the_projection_are_not_seen(hand: HandMade, oracle: Oracle):
    for day in ("2022-12-31", "2023-01-01", "2026-11-20", "2026-11-21"):
        hand.day("cost_report", day, [cost("1")])
    found = oracle.query('SELECT "date" FROM cost_report ORDER BY 1').fetchall()
    assert found == [("2023-01-01",), ("2026-11-20",)]


@pytest.mark.parametrize("table", BY_NAME)
def test_the_laptop_reads_what_athena_reads(table, loaded, loaded_oracle: Oracle, engine_over):
    columns = [*BY_NAME[table].columns, *BY_NAME[table].partitions]
    names = ", ".join(f'"{one.name}"' for one in columns)
    sql = f"SELECT {names} FROM {table} ORDER BY ALL"
    theirs = loaded_oracle.database.execute
    loaded_oracle.query(f"SELECT 1 FROM {table}")
    engine = engine_over(loaded.folder)
    engine.need(table)
    mine = engine._database.execute(sql)
    assert mine.fetchall() == theirs(sql).fetchall()


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_yields_the_types_it_declares(view, loaded_oracle: Oracle):
    declared = loaded_oracle.tables[view]["StorageDescriptor"]["Columns"]
    assert loaded_oracle.types(view) == {one["Name"]: hive.duckdb(one["Type"]) for one in declared}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_says_the_same_on_the_laptop(view, loaded, loaded_oracle: Oracle, engine_over):
    mine = engine_over(loaded.folder).query(f"SELECT * FROM {view}").rows
    theirs = loaded_oracle.query(f"SELECT * FROM {view}").fetchall()
    assert sorted(map(_text, mine)) == sorted(map(_text, theirs))


def _text(row):
    """Floats to twelve digits: sums of them depend on their order."""
    return str([f"{one:.12g}" if isinstance(one, float) else one for one in row])


def test_decimals_are_divided_as_trino_does(oracle: Oracle):
    sql = (
        "SELECT CAST('99999999999.123456789012' AS decimal(38,12)) * CAST(7 AS decimal(38,0)) "
        "/ CAST(9 AS decimal(38,0)), 7 / 2"
    )
    exact = Decimal("99999999999.123456789012") * 7 / 9
    assert oracle.query(sql).fetchone() == (exact.quantize(Decimal("1e-12")), 3)
