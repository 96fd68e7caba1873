"""What must hold for every table, so that a new one is checked from the start."""

import re

import pytest

from claude_admin_lake.shapes.buckets import Buckets
from claude_admin_lake.tables import LOAD_RUNS, TABLES, Table
from claude_admin_lake.tables.paging import SINGLE, UNSTATED
from claude_admin_lake.tables.types import STRING

from .fakes import BY_NAME, names

every_table = pytest.mark.parametrize("table", TABLES, ids=names(TABLES))
all_columns = pytest.mark.parametrize(
    "columns", [*(table.columns for table in TABLES), LOAD_RUNS], ids=[*names(TABLES), "load_runs"]
)

LARGEST_PAGES = {
    "organization": None, "workspaces": 1000, "workspace_members": 1000, "api_keys": 1000,
    "invites": 1000, "users": 1000, "usage_report": 31, "cost_report": 31,
    "claude_code_usage": 1000, "usage_report_hourly": 168, "analytics_usage": 1000,
    "analytics_cost": 1000, "analytics_usage_by_actor": 1000, "analytics_cost_by_actor": 1000,
    "service_accounts": 100, "federation_issuers": 100, "federation_rules": 100,
    "rate_limits": 1000, "workspace_rate_limits": 1000, "spend_limits": UNSTATED,
    "external_keys": UNSTATED, "rbac_groups": 1000, "rbac_group_members": 1000,
    "rbac_roles": 1000, "rbac_role_permissions": 1000,
    "enterprise_users": 1000, "enterprise_summaries": 1000, "enterprise_projects": 1000,
    "enterprise_skills": 1000, "enterprise_connectors": 1000, "enterprise_plugins": 1000,
    "enterprise_artifacts": 1000, "compliance_activities": 5000,
}  # fmt: skip
UNSTATED_LIMITS = {"spend_limits", "external_keys"}


def test_a_declaration_is_no_language():
    assert len(Table.__struct_fields__) <= 12


def test_names_are_unique_and_of_the_contract():
    assert len(BY_NAME) == len(TABLES)
    assert set(BY_NAME) == set(LARGEST_PAGES)


@every_table
def test_a_page_is_the_largest_that_the_api_gives(table):
    assert table.paging.limit == LARGEST_PAGES[table.name]


@every_table
def test_a_table_s_name_is_one_word_for_every_layer(table):
    assert re.fullmatch(r"[a-z][a-z_]*[a-z]", table.name)
    assert not table.name.endswith("_history")
    assert table.name != "load_runs"


@every_table
def test_a_group_is_no_table(table):
    assert re.fullmatch(r"[a-z]+", table.group)
    assert table.group not in BY_NAME


@every_table
def test_a_table_says_what_it_is_about(table):
    assert 10 <= len(table.about) <= 100
    assert table.about == table.about.strip()


@every_table
def test_a_path_is_one_of_the_organization(table):
    paths = r"/v1/organizations(/[a-z_]+|/\{parent_id\})+|/v1/compliance/activities"
    assert re.fullmatch(paths, table.path)
    assert ("{parent_id}" in table.path) == (table.parent is not None)


@every_table
def test_a_parent_is_loaded_before_and_has_the_field_that_marks_what_is_gone(table):
    if table.parent:
        parent = BY_NAME[table.parent.table]
        assert TABLES.index(parent) < TABLES.index(table)
        assert {"id", table.parent.gone_field or "id"} <= set(parent.column_names)
        assert not parent.days


@every_table
def test_a_listing_names_its_parent_in_each_row(table):
    """By the API itself, or by a column that the loader adds."""
    if table.parent:
        named = f"{table.parent.table.removesuffix('s')}_id"
        assert named in table.column_names
        assert table.parent.column in ("", named)


@every_table
def test_what_has_pages_has_a_limit(table):
    unlimited = table.paging is SINGLE or table.name in UNSTATED_LIMITS
    assert (table.paging.limit is None) == unlimited


@every_table
def test_bucketed_tables_carry_their_bucket(table):
    if table.days and isinstance(table.days.shape, Buckets):
        assert table.column_names[:2] == ("starting_at", "ending_at")


@every_table
def test_a_page_of_buckets_holds_whole_days(table):
    if table.days and isinstance(table.days.shape, Buckets):
        shape, limit = table.days.shape, table.paging.limit
        assert shape.days_per_request(limit) * shape.per_day == limit


@every_table
def test_a_derived_column_is_declared_and_the_partition_s_is_not(table):
    assert {one.column for one in table.derived} <= set(table.column_names)
    assert not {"date", "snapshot_date"} & set(table.column_names)


@every_table
def test_common_columns_come_first_and_derived_ones_last(table):
    """Lines are written in this order without looking at names."""
    assert table.column_names[: len(table.common)] == table.common
    assert all(column.type is STRING for column in table.columns[: len(table.common)])
    derived = tuple(one.column for one in table.derived)
    assert table.column_names[len(table.columns) - len(derived) :] == derived


@every_table
def test_what_a_derived_column_is_made_from_is_sent_in_each_record(table):
    computed = {*table.common, *(one.column for one in table.derived)}
    for one in table.derived:
        assert set(one.fields) <= set(table.column_names) - computed


@every_table
def test_common_and_derived_columns_and_the_partition_s_are_not_nested(table):
    computed = {*table.common, *(one.column for one in table.derived)}
    assert all("." not in column.path for column in table.columns if column.name in computed)
    assert "." not in (table.partition_field or "")


@every_table
def test_a_lifted_column_is_in_a_wrapper_and_nothing_else_is(table):
    for column in table.columns:
        for path in filter(None, (column.path, column.otherwise)):
            assert column.lifted == (path.split(".")[0] in table.wrappers)


@all_columns
def test_a_column_s_path_ends_where_no_other_goes_on(columns):
    paths = [path for column in columns for path in (column.path, column.otherwise) if path]
    assert len(set(paths)) == len(paths)
    assert not [(a, b) for a in paths for b in paths if b.startswith(f"{a}.")]


@all_columns
def test_a_column_s_name_is_its_path_joined(columns):
    for column in columns:
        parts = column.path.split(".")
        assert all(part.isidentifier() for part in parts)
        assert column.name == "_".join(parts[1:] if column.lifted else parts)


@all_columns
def test_a_column_is_declared_once(columns):
    found = [column.name for column in columns]
    assert len(set(found)) == len(found)


@all_columns
def test_a_column_s_name_is_safe_in_athena(columns):
    for column in columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert "__" not in column.name
        assert not re.match(r"col\d", column.name)


@all_columns
def test_a_column_says_what_it_means(columns):
    for column in columns:
        assert column.comment.strip() == column.comment
        assert 2 < len(column.comment) <= 255


@all_columns
def test_a_column_s_type_is_one_that_hive_reads(columns):
    for column in columns:
        assert hive_type(column.type.hive) == ""


@all_columns
def test_a_type_that_holds_others_is_marked_so_that_it_is_not_flattened(columns):
    for column in columns:
        assert column.type.nested == ("<" in column.type.hive)
        assert not column.type.wraps_scalar or column.type.hive.startswith("array<")


def hive_type(text: str) -> str:
    """What is left of a text after the Hive type at its beginning."""
    scalar = re.match(r"(string|bigint|boolean|decimal\(38,12\))", text)
    if scalar:
        return text[scalar.end() :]
    for start in ("array<", "map<string,"):
        if text.startswith(start):
            return after(">", hive_type(text.removeprefix(start)))
    return struct_fields(after("struct<", text))


def struct_fields(text: str) -> str:
    name = re.match(r"[a-z][a-z0-9_]*:", text)
    assert name, text
    rest = hive_type(text[name.end() :])
    return struct_fields(rest[1:]) if rest.startswith(",") else after(">", rest)


def after(start: str, text: str) -> str:
    assert text.startswith(start), text
    return text.removeprefix(start)


MAY_BE_MISSING = {
    "rate_limits": {"id"},  # the oldest answers have none
    "spend_limits": {"amount"},  # null is unlimited
}


@every_table
def test_every_table_has_a_column_without_which_it_says_nothing(table):
    young = table.group in ("access", "enterprise", "activity")
    assert any(column.essential for column in table.columns) or not young


@every_table
def test_amounts_tokens_and_ids_are_essential_and_sent_by_the_api(table):
    essential = {column.name for column in table.columns if column.essential}
    meant = {"amount", "uncached_input_tokens", "output_tokens", "id"}
    assert meant & set(table.column_names) - MAY_BE_MISSING.get(table.name, set()) <= essential
    assert not essential & {*table.common, *(one.column for one in table.derived)}
