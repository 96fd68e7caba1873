"""The report of fields and types: whatever the API sends, no value gets into it."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_admin_lake.check.fields import OTHER_NAME, fields_of

from .fakes import BY_NAME

CANARY = "Canary-7f3a"
"""In every value, and in every name where a name may be a value."""

names = st.sampled_from(["id", "email", "tags", "created_by", "type", "model_breakdown", "date",
                         "tool_actions", "actor", "new_field"])  # fmt: skip
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5).map(lambda text: f"{CANARY}{text}"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            names | st.text(max_size=9).map(lambda t: f"{CANARY} {t}"), inner, max_size=3
        )
    ),
    max_leaves=12,
)
records = st.lists(st.dictionaries(names | st.just(f"{CANARY} x"), values, max_size=5), max_size=3)


def shown(table, given_records):
    raws = [
        {name: msgspec.Raw(json.dumps(value).encode()) for name, value in record.items()}
        for record in given_records
    ]
    return fields_of(BY_NAME[table], raws)


@pytest.mark.parametrize("table", ["workspaces", "api_keys", "claude_code_usage"])
@settings(max_examples=40)
@given(records)
def test_no_value_and_no_name_that_may_be_one_gets_out(table, given_records):
    for field in shown(table, given_records):
        assert CANARY not in f"{field.path} {field.declared} {field.seen} {field.note}"
        assert set(field.seen) <= {
            "string", "boolean", "integer", "number", "object", "array", "null",
        }  # fmt: skip


def seen(table, record) -> dict[str, tuple[str, ...]]:
    return {one.path: one.seen for one in shown(table, [record]) if one.seen}


def test_keys_of_open_maps_are_values():
    record = {"tags": {"secret-project": "x", "other": 5}}
    assert seen("workspaces", record) == {"tags": ("object",), "tags.*": ("integer", "string")}


def test_inside_a_field_that_is_not_declared_nothing_is_shown():
    record = {"people": {"ada@example.com": {"role": "admin"}}, "list": [{"ada@example.com": 1}]}
    assert seen("workspaces", record) == {
        "list": ("array",), "list.[]": ("object",), "people": ("object",),
    }  # fmt: skip


def test_a_new_field_of_a_declared_object_is_shown_if_it_is_a_name():
    record = {"data_residency": {"new_geo": "eu", "Ada Okafor": 1}}
    assert seen("workspaces", record) == {
        "data_residency.new_geo": ("string",), f"data_residency.{OTHER_NAME}": ("integer",),
    }  # fmt: skip


def test_a_null_object_and_other_types_are_told():
    fields = {one.path: one for one in shown("api_keys", [{"created_by": None, "name": 5}])}
    assert fields["created_by"].seen == ("null",)
    assert (fields["name"].declared, fields["name"].seen) == ("string", ("integer",))
    assert (fields["status"].seen, fields["status"].note) == ((), "not sent")


def test_computed_columns_are_not_the_apis():
    assert "amount_usd" not in {one.path for one in shown("cost_report", [])}


def test_a_path_that_a_column_falls_back_to_is_declared():
    record = {"group": {"actor_type": "user_actor", "actor": {"email": "ada@example.com"}}}
    notes = {one.path: one.note for one in shown("analytics_usage", [record]) if one.seen}
    assert notes == {"group.actor_type": "", "group.actor.email": ""}
