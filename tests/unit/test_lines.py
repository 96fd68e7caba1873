"""A record gives the same line, to the byte, whatever was read before it or is read with it."""

import json
from copy import deepcopy
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from admin_double.organization import Organization
from admin_double.reports import cost_results, usage_results
from admin_double.wire import encode as encode_like_the_api
from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.records.layout import Layout, Odd
from claude_admin_lake.records.lines import MOST_VALUES, LineMaker
from claude_admin_lake.records.split import fields_of
from claude_admin_lake.settings import Settings
from claude_admin_lake.tables import STANDARD, TABLES, Column, Derived
from claude_admin_lake.tables.types import BIGINT, DECIMAL, STRING
from tests.selection import only_in_check

from .fakes import BY_NAME, day, names, share
from .json_texts import ODD_VALUES, STYLES, TEXTS, Obj, Style, holds, lists_in, objects_in, of_type

DAY = day("2026-11-01")
STAMPS = ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")
BUCKET_FIELDS = ("starting_at", "ending_at")
BUCKET = dict(zip(BUCKET_FIELDS, STAMPS, strict=True))
every_table = pytest.mark.parametrize("table", TABLES, ids=names(TABLES))
# Random records take long to draw: `make check` draws those of the standard tables.
_standard = [one for one in TABLES if one.group == STANDARD]
at_random = pytest.mark.parametrize("table", only_in_check(_standard, TABLES), ids=names(TABLES))
either_way = pytest.mark.parametrize("more", ["", ',"zzz":1'], ids=["fast path", "slow path"])


def raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode("utf-8", "surrogatepass"))


def bucket_of(table) -> dict:
    """The fields that records get besides their own: of their bucket, or of their parent."""
    if table.days:
        return BUCKET if table.common else {}
    return dict.fromkeys(table.common, "parent_1")


def as_raw(common: dict) -> dict[str, msgspec.Raw]:
    return {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in common.items()}


def day_of(table):
    return DAY if table.days else None


def lines_of(maker: LineMaker, table, texts, common: dict | None = None) -> bytes:
    common = bucket_of(table) if common is None else common
    return maker.lines(list(map(raw, texts)), as_raw(common), day_of(table))


warm = cache(LineMaker)  # it knows the fields of all records that came before


def line(table, text: str, common: dict | None = None) -> bytes:
    """The line made by a maker that has seen nothing else."""
    return ended(lines_of(LineMaker(table), table, [text], common))


def ended(lines: bytes) -> bytes:
    """Without the last line end."""
    assert lines.endswith(b"\n")
    return lines[:-1]


layout = cache(Layout)


def is_fast(table, *texts: str) -> bool:
    """Whether the declaration alone is enough to read and write the records as a whole."""
    try:
        columns = layout(table).columns(list(map(raw, texts)))
        layout(table).lines(columns, layout(table).derived(columns), [None] * len(table.common))
    except Odd:
        return False
    return True


def read(made: bytes):
    """The object in a line: of fractions the digits, so that even a last zero counts."""
    assert b"\n" not in made
    return json.loads(made, parse_float=str, parse_int=str)


def outcome(make, *args):
    try:
        return make(*args)
    except BadAnswer:
        return BadAnswer


def assert_same(table, text: str, common: dict | None = None) -> None:
    """A maker that has seen much makes the line that a fresh one makes."""
    expected = outcome(line, table, text, common)
    found = outcome(lines_of, warm(table), table, [text], common)
    if expected is BadAnswer or found is BadAnswer:
        assert found is expected
        return
    assert ended(found) == expected
    row = read(expected)
    assert tuple(row)[: len(table.columns)] == table.column_names
    others = list(row)[len(table.columns) :]
    assert others == sorted(others)
    assert not {name.lower() for name in others} & set(table.column_names)
    values = msgspec.json.decode(expected, type=dict[str, msgspec.Raw])
    assert all(holds(one.type, bytes(values[one.name])) for one in table.columns)


# Records as declared, and records with a difference.

PLAIN = st.sampled_from(["12378.912", "0", "-250", "98.9", "7.5", "0.000001", "9" * 26, "-0.0"])
ODD = st.sampled_from(
    ["1e2", "free", "1e40", "1E-11", "+5", "007", "5\n6", "5\nx", "5\n", "9" * 29]
)
TELLING = {"amount": PLAIN | ODD | TEXTS, "currency": st.sampled_from(["USD", "USD", "EUR"])}
USUAL = {"amount": PLAIN, "currency": st.just("USD")}


def sent_columns(table) -> list[Column]:
    computed = {*bucket_of(table), *(one.column for one in table.derived)}
    return [column for column in table.columns if column.name not in computed]


def values_of(table, telling: dict) -> dict[str, st.SearchStrategy]:
    values = {
        one.path: telling.get(one.path, of_type(one.type.hive)) for one in sent_columns(table)
    }
    if table.partition_field:
        values[table.partition_field] = st.sampled_from([STAMPS[0], "2026-11-01"])
    return values


@cache
def usual(table) -> st.SearchStrategy[Obj]:
    """Records that have all columns, money in plain dollars."""
    return st.fixed_dictionaries(values_of(table, USUAL)).map(Obj.nested)


@cache
def declared(table) -> st.SearchStrategy[Obj]:
    """Records of declared columns only; each absent, null or of its type, parents empty or not."""
    sent = sent_columns(table)
    values = values_of(table, TELLING)
    some = {path: st.none() | value for path, value in values.items()}
    parents = [one.path.split(".")[0] for one in sent if "." in one.path]

    def record(made: dict, empty: set[str]) -> Obj:
        tree = Obj.nested(made)
        present = {name for name, _ in tree.pairs}
        tree.pairs += [(name, Obj()) for name in sorted(empty - present)]
        return tree

    empty = st.sets(st.sampled_from(parents)) if parents else st.just(set())
    whole = st.fixed_dictionaries(values)
    return st.builds(record, whole | st.fixed_dictionaries({}, optional=some), empty)


@cache
def names_for(table) -> st.SearchStrategy[str]:
    """Names that a record may gain, most of them too near to the declared ones."""
    pieces = {part for one in table.columns for part in (one.name, *one.path.split("."))}
    cased = {name.title() for name in pieces}
    ours = {"zzz", "date", "tokens", "amount", "Amount", "amount_usd__raw", "id__raw", "__raw", ""}
    return st.sampled_from(sorted(pieces | cased | ours | set(BUCKET_FIELDS)))


@st.composite
def spoilt(draw, table) -> Obj:
    """Records that differ from the declaration in one or two places."""
    record = deepcopy(draw(declared(table)))
    for _ in range(draw(st.sampled_from([1, 1, 2]))):
        spoil(draw, table, record)
    return record


def spoil(draw, table, record: Obj) -> None:
    value = deepcopy(draw(ODD_VALUES))
    place = draw(st.sampled_from(range(len(objects_in(record)))))
    pairs = objects_in(record)[place].pairs
    lists = [one for one in lists_in(record) if one]
    ways = ["add", *(["replace", "twice"] if pairs else []), *(["item"] if lists else [])]
    match draw(st.sampled_from(ways)):
        case "add":
            at = draw(st.integers(0, len(pairs)))
            pairs.insert(at, (draw(names_for(table)), value))
        case "replace":
            at = draw(st.integers(0, len(pairs) - 1))
            pairs[at] = (pairs[at][0], value)
        case "twice":
            at = draw(st.integers(0, len(pairs)))
            pairs.insert(at, (draw(st.sampled_from(pairs))[0], value))
        case "item":
            items = draw(st.sampled_from(lists))
            items[draw(st.integers(0, len(items) - 1))] = value


COMMONS = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "starting_at": st.sampled_from([STAMPS[0], None, 20261101, {}, {"at": 1}, ["x"]]),
            "ending_at": st.sampled_from([STAMPS[1], None, 5, True, {}, {"at": {"day": 1}}]),
        },
    ),
    st.dictionaries(
        st.sampled_from([*BUCKET_FIELDS, "width", "Starting_at", "amount", "amount_usd", "model"]),
        st.sampled_from([*STAMPS, None, 5, "5", {"a": 1}]),
    ),
)


@at_random
@settings(max_examples=share(30))
@given(data=st.data(), style=STYLES)
def test_a_record_as_declared_is_taken_by_the_fast_path(table, data, style):
    text = style.write(data.draw(usual(table) if table.derived else declared(table)))
    maker = LineMaker(table)
    assert is_fast(table, text)
    lines_of(maker, table, [text])
    assert not maker.drift


@at_random
@settings(max_examples=share(20))
@given(data=st.data(), style=STYLES)
def test_whole_batches_are_taken_by_the_fast_path(table, data, style):
    """One call for all of them; a mistake in the order of a column would show here only."""
    texts = [style.write(one) for one in data.draw(st.lists(usual(table), min_size=2, max_size=9))]
    assert is_fast(table, *texts)
    found = ended(lines_of(warm(table), table, texts))
    assert found.split(b"\n") == [line(table, text) for text in texts]


@at_random
@settings(max_examples=share(25))
@given(data=st.data(), style=STYLES)
def test_in_a_batch_a_record_becomes_the_same_line_as_alone(table, data, style):
    some = usual(table) | declared(table) | spoilt(table)
    texts = [style.write(one) for one in data.draw(st.lists(some, min_size=2, max_size=6))]
    alone = [outcome(line, table, text) for text in texts]
    if BadAnswer in alone:
        assert outcome(lines_of, LineMaker(table), table, texts) is BadAnswer
    else:
        assert ended(lines_of(LineMaker(table), table, texts)) == b"\n".join(alone)


@at_random
@settings(max_examples=share(80))
@given(data=st.data(), style=STYLES)
def test_a_record_nearly_as_declared_becomes_the_same_line_whatever_came_before(table, data, style):
    assert_same(table, style.write(data.draw(spoilt(table))))


@at_random
@settings(max_examples=share(30))
@given(data=st.data())
def test_the_fast_path_hides_no_drift(table, data):
    text = data.draw(STYLES).write(data.draw(spoilt(table)))
    if is_fast(table, text):
        maker = LineMaker(table)
        split = maker._splitter.split(fields_of(raw(text)), frozenset())
        assert not maker.drift
        assert not split.added


NEW = {
    "at the top": '{"zzz":%s}',
    "in a new object": '{"new":{"zzz":%s}}',
    "in a declared object": '{"core_metrics":{"zzz":%s}}',
    "in a struct in an array": '{"model_breakdown":[{"model":"m","zzz":%s}]}',
    "in a struct in a struct": '{"model_breakdown":[{"tokens":{"zzz":%s,"input":1}}]}',
    "in a struct in a map": '{"tool_actions":{"t":{"zzz":%s}}}',
}


@pytest.mark.parametrize("text", NEW.values(), ids=NEW)
def test_after_one_record_with_a_new_field_the_next_ones_are_fast(text):
    table = BY_NAME["claude_code_usage"]
    maker = LineMaker(table)
    first, *others = [text % value for value in ("1", '"x"', "null", "1.50", "[1]")]
    lines_of(maker, table, [first])
    learnt = maker._layout
    learnt.columns(list(map(raw, [first, *others, "{}"])))
    found = ended(lines_of(maker, table, others))
    assert maker._layout is learnt
    assert found.split(b"\n") == [line(table, one) for one in others]


def test_a_new_field_is_absent_from_the_lines_of_records_that_lack_it():
    maker = LineMaker(BY_NAME["users"])
    lines = lines_of(maker, BY_NAME["users"], ['{"zzz":1}', '{"id":"a"}', '{"zzz":null}'])
    assert ["zzz" in read(one) for one in ended(lines).split(b"\n")] == [True, False, True]


ORDERS = [
    ['{"a":1}', '{"a":{"b":2}}', '{"a_b":3}', '{"a":{}}', '{"a":null}'],
    ['{"a":{"b":1}}', '{"a":2}', '{"a":{}}', '{"a":null}', '{"a":{"b":{"c":3}}}', '{"a":{"b":{}}}'],
    ['{"a":{"b":1}}', '{"a_b":2}', '{"a_b":3,"a":{"b":4}}', '{"a":{"b":5},"a_b":6}'],
    ['{"name__raw":1}', '{"name":5,"name__raw":2}', '{"Name":3,"name":"x"}'],
    ['{"a":1}', '{"b":[{ "c" : 1 }],"a":2}', '{"b":[\n]}', '{"a": 7}', '{"c":{ }}'],
    ['{"$[5]":1}', '{"x - at `$[5]":2}', '{"a\\"b":3}', '{"a\\\\b":4}', '{"\\n":5}', '{"":6}'],
    ['{"id":"a"}', '{"zzz":[1, 2],"id":"b"}', '{"id":5}', '{"zzz":[1]}', '{"id":"\\u0041"}'],
]


@pytest.mark.parametrize("texts", ORDERS, ids=lambda texts: texts[1])
def test_in_every_order_records_become_the_same_lines(texts):
    table = BY_NAME["users"]
    for order in (texts, texts[::-1], [*texts, *texts]):
        found = ended(lines_of(LineMaker(table), table, order))
        assert found.split(b"\n") == [line(table, text) for text in order]


def test_with_however_many_new_names_records_become_the_same_lines():
    table = BY_NAME["claude_code_usage"]
    maker = LineMaker(table)
    lines_of(maker, table, [f'{{"new_{n}":1}}' for n in range(150)])
    for text in NEW.values():
        one = text % 1
        assert ended(lines_of(maker, table, [one])) == line(table, one)
    many = ",".join(f'"n{n}":{n}' for n in range(150))
    for text in (f"{{{many}}}", f'{{"model_breakdown":[{{{many}}}]}}'):
        made = line(table, text)
        assert ended(lines_of(maker, table, [text])) == made
        assert all(f"n{n}" in made.decode() for n in range(150))


def test_of_several_odd_records_the_later_column_s_may_come_first():
    table = BY_NAME["claude_code_usage"]
    odd = '{"model_breakdown":[{"estimated_cost":{"amount":"NaN"}}]}'
    texts = ["{}", '{"zzz":[ 1 ]}', "{}", odd, '{"is_remote":5}', "{}", '{"zzz":[ 2 ]}', odd]
    found = ended(lines_of(LineMaker(table), table, texts))
    assert found.split(b"\n") == [line(table, text) for text in texts]


@pytest.mark.parametrize("name", ["usage_report", "cost_report"])
@settings(max_examples=50)
@given(data=st.data(), common=COMMONS)
def test_whatever_a_bucket_says_it_is_kept_with_its_records(name, data, common):
    table = BY_NAME[name]
    assert_same(table, data.draw(STYLES).write(data.draw(declared(table))), common)


@pytest.mark.parametrize(
    ("common", "stored"),
    [
        ({}, {}),
        ({"ending_at": STAMPS[1]}, {"ending_at": STAMPS[1]}),
        (dict(reversed(BUCKET.items())), BUCKET),
        (BUCKET | {"width": "1d"}, BUCKET | {"width": "1d"}),
        (BUCKET | {"ending_at": None}, {"starting_at": STAMPS[0]}),
        (BUCKET | {"ending_at": 5}, {"starting_at": STAMPS[0], "ending_at__raw": "5"}),
        (
            BUCKET | {"ending_at": {"at": 5}},
            {"starting_at": STAMPS[0], "ending_at__raw": '{"at":5}'},
        ),
    ],
    ids=["none", "one missing", "turned round", "one more", "null", "a number", "an object"],
)
def test_fields_that_a_bucket_lacks_gains_or_changes_lose_nothing(common, stored):
    table = BY_NAME["cost_report"]
    blank = dict.fromkeys(table.column_names)
    assert read(line(table, '{"model":"m"}', common)) == blank | stored | {"model": "m"}


@every_table
@either_way
def test_every_declared_column_comes_first_and_in_order(table, more):
    first = Obj.nested({sent_columns(table)[0].path: None})
    text = f"{Style().write(first)[:-1]}{more}}}"
    assert is_fast(table, text) == (more == "")
    assert tuple(read(line(table, text)))[: len(table.columns)] == table.column_names


@pytest.mark.parametrize(
    "text",
    ['{"zzz":null}', '{"actor":{"zzz":1}}', '{"actor_type":"x"}',
     '{"core_metrics":{"num_sessions":1.0}}', '{"core_metrics":{"num_sessions":"1"}}',
     '{"core_metrics":{"num_sessions":true}}', '{"core_metrics":{"num_sessions":1e3}}',
     '{"core_metrics":{"num_sessions":9223372036854775808}}', '{"is_remote":1}',
     '{"tool_actions":{"t":{"Accepted":1}}}', '{"tool_actions":[]}',
     '{"model_breakdown":[{"tokens":{"zzz":1}}]}',
     '{"model_breakdown":[{"estimated_cost":{"amount":"NaN"}}]}',
     '{"model_breakdown":[{"estimated_cost":{"amount":"1_000"}}]}',
     '{"model_breakdown":[{"estimated_cost":{"amount":1e26}}]}',
     '{"model_breakdown":[{"estimated_cost":{"amount":1e999}}]}',
     '{"model_breakdown":[{"estimated_cost":{"amount":%s}}]}' % ("9" * 27),
     '{"model_breakdown":[{"estimated_cost":{"amount":-%s.5}}]}' % ("9" * 27)],
)  # fmt: skip
def test_what_is_not_as_declared_is_not_taken_by_the_fast_path(text):
    table = BY_NAME["claude_code_usage"]
    assert not is_fast(table, text)
    assert_same(table, text)


@pytest.mark.parametrize(
    "text", ['{"actor":null}', '{"actor":{}}', "{}", '{"core_metrics":{"lines_of_code":null}}']
)
def test_an_object_that_is_null_or_empty_or_absent_is_as_declared(text):
    table = BY_NAME["claude_code_usage"]
    assert is_fast(table, text)
    assert_same(table, text)
    many = '{"actor":{"type":"a"},"core_metrics":{"lines_of_code":{"added":1}}}'
    lines = LineMaker(table).lines([raw(many), raw(text), raw(many)], {}, None)
    assert read(lines.splitlines()[1]) == dict.fromkeys(table.column_names)
    assert read(lines.splitlines()[2])["actor_type"] == "a"


@pytest.mark.parametrize("amount", ["1e40", "9" * 29, "-1" + "0" * 28])
def test_dollars_that_the_column_cannot_hold_are_put_aside(amount):
    table = BY_NAME["cost_report"]
    row = read(line(table, f'{{"amount":"{amount}","currency":"USD"}}'))
    assert row["amount_usd"] is None
    assert "amount_usd__raw" in row


@pytest.mark.parametrize(
    "amount",
    ["5", "1.10", "-0.0", "9" * 26 + "." + "9" * 12, "null", '"1.10"', '"5"', "1E+2",
     "0.1234567890123"],
)  # fmt: skip
def test_a_nested_amount_is_fast_and_stored_as_it_came(amount):
    table = BY_NAME["claude_code_usage"]
    text = f'{{"model_breakdown":[{{"estimated_cost":{{"amount":{amount}}}}}]}}'
    assert is_fast(table, text)
    assert f'"amount":{amount}}}' in line(table, text).decode()


@either_way
@pytest.mark.parametrize(
    "stated", ['"2026-11-01T00:00:00Z"', '"2026-11-01"', '"2026-11-01T00:00:00+00:00"', "null"]
)
def test_records_of_the_day_are_taken_in_either_spelling(stated, more):
    table = BY_NAME["claude_code_usage"]
    text = f'{{"date":{stated},"organization_id":"o"{more}}}'
    assert is_fast(table, text) is (more == "")
    row = read(line(table, text))
    assert row["organization_id"] == "o"
    assert "date" not in row


@either_way
def test_a_record_that_states_no_day_is_taken(more):
    row = read(line(BY_NAME["claude_code_usage"], f'{{"organization_id":"o"{more}}}'))
    assert row["organization_id"] == "o"


@either_way
@pytest.mark.parametrize(
    "stated",
    ['"2026-11-02T00:00:00Z"', '"2026-10-31"', '"soon"', '""', "5", "20261101", "true", "[]", "{}",
     '{"day":"2026-11-01"}', '["2026-11-01"]', "1.5"],
)  # fmt: skip
def test_a_record_of_another_day_is_refused(stated, more):
    with pytest.raises(BadAnswer, match="2026-11-01 was asked for"):
        line(BY_NAME["claude_code_usage"], f'{{"date":{stated}{more}}}')


@every_table
@pytest.mark.parametrize(
    "text", ["5", "[]", "null", '"x"', '{"id":}', '{"id":"\\ud800"}', '{"id":1', "",
             f'{{"zzz":{"[" * 5000}{"]" * 5000}}}'],
    ids=lambda text: text[:10],
)  # fmt: skip
def test_what_is_no_record_is_a_bad_answer_and_no_crash(table, text):
    with pytest.raises(BadAnswer):
        line(table, text)


def test_a_batch_is_its_records_in_order_whichever_way_they_go():
    table = BY_NAME["users"]
    texts = ['{"id":"a"}', '{"id":5}', '{"id":"c","zzz":1}', '{"id":"d"}']
    together = LineMaker(table).lines(list(map(raw, texts)), {}, None)
    assert together == b"".join(line(table, text) + b"\n" for text in texts)
    assert LineMaker(table).lines([], {}, None) == b""


@pytest.mark.parametrize(
    "texts", [['{"id":"a"', '"type":"b"}'], ['{"id":"a"},{"id":"b"}'], ["", '{"id":"a"}']]
)
def test_records_are_not_put_together_from_pieces(texts):
    with pytest.raises(BadAnswer):
        LineMaker(BY_NAME["users"]).lines(list(map(raw, texts)), {}, None)


def test_the_drift_of_odd_records_is_told():
    lines = LineMaker(BY_NAME["users"])
    lines.lines([raw('{"id":"a"}')], {}, None)
    assert lines.drift == set()
    lines.lines([raw('{"id":5,"zzz":1}')], {}, None)
    assert lines.drift == {"id: not string", "zzz: new"}


LABS = Organization(claude_code_records_per_day=100, report_rows_per_day=100)
A_DAY = {
    "claude_code_usage": lambda: [session.record for session in LABS.sessions(DAY)],
    "usage_report": lambda: usage_results(LABS.usages(DAY), Settings().usage_group_by),
    "cost_report": lambda: cost_results(LABS.ledger(DAY), ("workspace_id", "description")),
}


@pytest.mark.parametrize("name", A_DAY)
def test_all_that_the_api_sends_in_bulk_is_taken_by_the_fast_path(name):
    """If not, a run takes several times as long, and nothing else would tell."""
    table, records = BY_NAME[name], A_DAY[name]()
    assert len(records) >= 100
    assert is_fast(table, *(encode_like_the_api(record).decode() for record in records))


class TestATenthTable:
    """What no table of today has: a lone derived field, a decimal of its own, a lone column."""

    def test_a_derived_column_of_one_field(self):
        def doubled(numbers):
            return [None if n is None else n + n for n in numbers]

        twice = Derived("twice", ("n",), doubled)
        columns = (Column("n", BIGINT, "A number"), Column("twice", BIGINT, "Twice the number"))
        table = replace(BY_NAME["users"], columns=columns, derived=(twice,))
        assert is_fast(table, '{"n":2}')
        assert line(table, '{"n":2}') == b'{"n":2,"twice":4}'
        for text in ('{"n":2}', "{}", '{"n":null}', f'{{"n":{2**62}}}', '{"n":2,"twice":5}'):
            assert_same(table, text)

    @settings(max_examples=50)
    @given(data=st.data())
    def test_a_decimal_and_a_lone_nested_column(self, data):
        columns = (Column("a.b.c", DECIMAL, "A decimal"),)
        table = replace(BY_NAME["users"], columns=columns)
        assert_same(table, data.draw(STYLES).write(data.draw(spoilt(table))))

    def test_a_lone_column(self):
        table = replace(BY_NAME["users"], columns=(Column("id", STRING, "An id"),))
        assert is_fast(table, '{"id":"x"}')
        assert line(table, '{"id":"x"}') == b'{"id":"x"}'


def test_a_record_of_too_many_values_is_refused_before_it_is_taken_apart():
    names = ",".join(f'"n{n}":1' for n in range(MOST_VALUES))
    maker = LineMaker(BY_NAME["users"])
    with pytest.raises(BadAnswer, match="a record has more than 100,000 values"):
        maker.lines([msgspec.Raw(f'{{"id":"a","new":{{{names},"last":1}}}}'.encode())], {}, None)
