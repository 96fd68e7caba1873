import json
from decimal import Decimal

import msgspec
import pytest

from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.records.lines import LineMaker
from claude_admin_lake.tables import TABLES

from .fakes import BY_NAME, names

ENCODER = msgspec.json.Encoder(decimal_format="number")


def texts_of(record: dict) -> list[msgspec.Raw]:
    return [msgspec.Raw(ENCODER.encode(record))]


def row_of(name: str, record: dict) -> dict:
    line = LineMaker(BY_NAME[name]).lines(texts_of(record), {}, None)
    return json.loads(line, parse_float=Decimal)


def sent(row: dict) -> dict:
    """What a row holds besides nulls."""
    return {name: value for name, value in row.items() if value is not None}


def drift_of(name: str, record: dict) -> set[str]:
    maker = LineMaker(BY_NAME[name])
    maker.lines(texts_of(record), {}, None)
    return maker.drift


def line_of(name: str, text: str) -> bytes:
    return LineMaker(BY_NAME[name]).lines([msgspec.Raw(text.encode())], {}, None)[:-1]


@pytest.mark.parametrize("table", TABLES, ids=names(TABLES))
@pytest.mark.parametrize("record", [{}, {"zzz": 1}, {"type": "x"}], ids=["none", "new", "one"])
def test_every_declared_column_is_in_every_row_first_and_in_order(table, record):
    row = row_of(table.name, record)
    assert tuple(row)[: len(table.columns)] == table.column_names


def test_nested_objects_are_flattened_and_open_ones_kept():
    record = {
        "actor": {"type": "user_actor", "email_address": "a@example.com"},
        "core_metrics": {"lines_of_code": {"added": 5, "removed": 2}, "num_sessions": 1},
        "tool_actions": {"edit_tool": {"accepted": 3, "rejected": 0}},
        "model_breakdown": [{"model": "m", "estimated_cost": {"amount": Decimal("1.10")}}],
    }
    assert sent(row_of("claude_code_usage", record)) == {
        "actor_type": "user_actor",
        "actor_email_address": "a@example.com",
        "core_metrics_num_sessions": 1,
        "core_metrics_lines_of_code_added": 5,
        "core_metrics_lines_of_code_removed": 2,
        "tool_actions": {"edit_tool": {"accepted": 3, "rejected": 0}},
        "model_breakdown": [{"model": "m", "estimated_cost": {"amount": Decimal("1.10")}}],
    }


def test_a_known_record_has_no_drift():
    record = {"id": "u", "type": "user", "email": None, "role": "admin"}
    assert drift_of("users", record) == set()


@pytest.mark.parametrize(
    ("new", "columns"),
    [
        ({"nickname": "x"}, {"nickname": "x"}),
        ({"nickname": 5}, {"nickname": 5}),
        ({"nickname": ["x"]}, {"nickname": ["x"]}),
        ({"nickname": {}}, {"nickname": {}}),
        ({"profile": {"color": {"hair": "red"}}}, {"profile_color_hair": "red"}),
    ],
)
def test_an_unknown_field_is_kept_by_the_same_rule_and_reported(new, columns):
    assert sent(row_of("users", new)) == columns
    assert drift_of("users", new) == {f"{name}: new" for name in columns}


def test_an_unknown_null_is_kept_and_reported():
    assert "nickname" in row_of("users", {"nickname": None})
    assert drift_of("users", {"nickname": None}) == {"nickname: new"}


@pytest.mark.parametrize("parent", [None, {}])
def test_an_absent_nested_object_is_null_columns_and_no_drift(parent):
    assert sent(row_of("api_keys", {"principal": parent})) == {}
    assert drift_of("api_keys", {"principal": parent}) == set()


@pytest.mark.parametrize("value", ["x", 5, True, [1], "", 0, False, []])
def test_a_scalar_or_list_where_an_object_was_flattened_is_kept_and_reported(value):
    row = row_of("workspaces", {"archived": value, "created_at": "now"})
    assert row["archived"] == value
    assert type(row["archived"]) is type(value)
    assert drift_of("workspaces", {"archived": value}) == {"archived: new"}


@pytest.mark.parametrize(
    ("table", "record", "column", "text"),
    [
        ("users", {"id": 5}, "id", "5"),
        ("users", {"id": True}, "id", "true"),
        ("users", {"name": ["a", "ü"]}, "name", '["a","ü"]'),
        ("usage_report", {"output_tokens": "5"}, "output_tokens", '"5"'),
        ("usage_report", {"output_tokens": Decimal("1.5")}, "output_tokens", "1.5"),
        ("usage_report", {"output_tokens": 2**63}, "output_tokens", "9223372036854775808"),
        ("usage_report", {"output_tokens": True}, "output_tokens", "true"),
        ("claude_code_usage", {"is_remote": "true"}, "is_remote", '"true"'),
        ("claude_code_usage", {"tool_actions": [1]}, "tool_actions", "[1]"),
        ("claude_code_usage", {"tool_actions": {"a": {"accepted": "1"}}}, "tool_actions",
         '{"a":{"accepted":"1"}}'),
        ("cost_report", {"amount": Decimal("1.10")}, "amount", "1.10"),
        ("workspaces", {"tags": {"a": 1}}, "tags", '{"a":1}'),
        ("workspaces", {"data_residency": {"allowed_inference_geos": 5}},
         "data_residency_allowed_inference_geos", "5"),
        ("workspaces", {"data_residency": {"allowed_inference_geos": ["us", 5]}},
         "data_residency_allowed_inference_geos", '["us",5]'),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_kept_as_json_text_and_reported(table, record, column, text):
    row = row_of(table, record)
    assert row[column] is None
    assert row[f"{column}__raw"] == text
    assert any(one.startswith(f"{column}: not ") for one in drift_of(table, record))


def test_an_object_where_a_scalar_was_is_kept_as_json_text_beside_the_null_column():
    row = row_of("users", {"name": {"first": "A"}})
    assert (row["name"], row["name__raw"]) == (None, '{"first":"A"}')


@pytest.mark.parametrize("name", ["Email", "EMAIL"])
def test_a_name_that_differs_in_its_case_only_does_not_take_the_column_s_place(name):
    row = row_of("users", {name: "b", "email": "a"})
    assert (row["email"], row[f"{name}__raw"]) == ("a", '"b"')
    assert name not in row
    assert drift_of("users", {name: "b"}) == {f"{name}: new"}


FLAT, NESTED = {"scope_type": "organization"}, {"scope": {"type": "workspace"}}


@pytest.mark.parametrize("record", [FLAT | NESTED, NESTED | FLAT], ids=["flat first", "last"])
def test_of_a_name_that_comes_flat_and_nested_the_nested_value_takes_the_column(record):
    row = row_of("api_keys", record)
    assert (row["scope_type"], row["scope_type__raw"]) == ("workspace", '"organization"')
    assert drift_of("api_keys", record) == {"scope_type: twice"}


def test_a_column_s_value_may_come_flat():
    assert row_of("api_keys", FLAT)["scope_type"] == "organization"


def test_of_a_name_that_comes_in_three_ways_all_values_are_kept():
    record = {"a_b_c": 1, "a_b": {"c": 2}, "a": {"b_c": 3, "b": {"c": 4}}}
    assert sent(row_of("users", record)) == {"a_b_c": 1, "a_b_c_2": 2, "a_b_c_3": 3, "a_b_c_4": 4}


def test_of_a_name_that_comes_twice_with_a_wrong_type_both_values_are_kept():
    record = {"core_metrics_num_sessions": "many", "core_metrics": {"num_sessions": 5}}
    texts = " ".join(str(v) for v in sent(row_of("claude_code_usage", record)).values())
    assert "many" in texts
    assert "5" in texts


def test_a_field_of_the_api_s_own_that_ends_like_ours_is_kept():
    row = row_of("users", {"id__raw": "theirs", "id": 5})
    texts = " ".join(str(value) for value in sent(row).values())
    assert "theirs" in texts
    assert "5" in texts


@pytest.mark.parametrize("day", ["2026-11-01T00:00:00Z", "2026-11-01"])
def test_the_day_is_not_repeated_in_the_row(day):
    assert "date" not in row_of("claude_code_usage", {"date": day})


def test_the_day_is_a_field_like_any_other_where_it_is_no_partition_s():
    assert row_of("users", {"date": "2026-11-01"})["date"] == "2026-11-01"


@pytest.mark.parametrize(
    ("geos", "stored"),
    [("unrestricted", ["unrestricted"]), (["us", "eu"], ["us", "eu"]), ([], []), (None, None)],
)
def test_the_allowed_geos_are_always_an_array(geos, stored):
    row = row_of("workspaces", {"data_residency": {"allowed_inference_geos": geos}})
    assert row["data_residency_allowed_inference_geos"] == stored


class TestDollars:
    def test_they_are_added_exactly_and_the_amount_stays(self):
        row = row_of("cost_report", {"amount": "12378.912", "currency": "USD"})
        assert (row["amount"], row["amount_usd"]) == ("12378.912", "123.78912")

    @pytest.mark.parametrize("record", [{}, {"amount": "x", "currency": "USD"},
                                        {"amount": "5", "currency": "EUR"}])  # fmt: skip
    def test_they_are_null_where_there_are_none(self, record):
        row = row_of("cost_report", record)
        assert row["amount_usd"] is None
        assert "amount_usd__raw" not in row

    def test_what_no_column_can_hold_is_kept_as_text(self):
        row = row_of("cost_report", {"amount": "1e40", "currency": "USD"})
        assert row["amount_usd"] is None
        assert row["amount_usd__raw"] == f'"1{"0" * 38}"'

    def test_the_api_s_own_field_of_that_name_is_kept_beside_ours(self):
        row = row_of("cost_report", {"amount": "5", "currency": "USD", "amount_usd": "7"})
        assert (row["amount_usd"], row["amount_usd__raw"]) == ("0.05", '"7"')


@pytest.mark.parametrize(
    "number",
    ["1.10", "0.1", "12345678901234567890123", "9007199254740993", "1E+400", "-0.0",
     "1e99999999999999999999", "1e-99999999999999999999", "9" * 5000, "-0",
     "0.30000000000000004", "1.0", "123456789.123456789123456789123456789", "-7"],
)  # fmt: skip
def test_a_number_is_stored_digit_for_digit(number):
    line = line_of("users", f'{{"n":{number}}}').decode()
    assert line.endswith(f'"n":{number}}}')


@pytest.mark.parametrize(
    "text", ["plain", "ünïcödé 🦆", 'a "quote"', "back\\slash", "two\nlines\r\n", "\u2028\x00\x1f"]
)
def test_a_text_is_stored_as_it_came_and_on_one_line(text):
    line = line_of("users", json.dumps({"name": text}))
    assert b"\n" not in line
    assert json.loads(line)["name"] == text


def test_a_line_is_one_json_object_that_begins_with_the_declared_columns():
    line = line_of("organization", '{"new":1,"id":"o","type":"organization"}')
    assert line == b'{"id":"o","type":"organization","name":null,"new":1}'


@pytest.mark.parametrize(
    "text",
    [b"[]", b"5", b"null", b'"a"', b"{", b"", b'{"a":"\\ud800"}', b'{"name":"\xff"}',
     b'{"a":"\xff"}', b'{"a":["\xff"]}', b'{"tags":{"a":"\xff"}}', b'{"a":"x\ny"}', b'{"a":01}',
     b'{"a":NaN}', b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
     b'{"a":' * 5000 + b"1" + b"}" * 5000],
    ids=lambda text: text[:20].decode("latin-1"),
)  # fmt: skip
def test_a_record_that_cannot_be_read_is_a_bad_answer_and_no_crash(text):
    with pytest.raises(BadAnswer):
        LineMaker(BY_NAME["users"]).lines([msgspec.Raw(text)], {}, None)


@pytest.mark.parametrize("depth", [2, 29, 30, 31, 200, 400])
def test_however_deep_an_unknown_value_lies_it_is_kept(depth):
    line = line_of("users", '{"a":' * depth + '"here"' + "}" * depth)
    assert b'"here"' in line
    assert line.startswith(b'{"id":null')


def test_open_names_do_not_make_endless_reports():
    maker = LineMaker(BY_NAME["users"])
    for n in range(300):
        maker.lines(texts_of({f"field_{n}": n}), {}, None)
    assert len(maker.drift) <= 100
