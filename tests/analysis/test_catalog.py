"""The catalog says what the loader declares, and Athena can take it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlglot
import yaml
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from claude_admin_lake.catalog import ROOT, hive
from claude_admin_lake.catalog.__main__ import generated
from claude_admin_lake.catalog.docs import tables_page
from claude_admin_lake.catalog.prices import PRICES_VIEW
from claude_admin_lake.catalog.resources import resources
from claude_admin_lake.catalog.tables import BY_NAME, CATALOG
from claude_admin_lake.catalog.template import (
    CATALOG_TEMPLATE,
    PARAMETERS,
    catalog_template,
    catalog_yaml,
)
from claude_admin_lake.catalog.views import queries, read, views
from claude_admin_lake.own import OWN_TABLES
from claude_admin_lake.tables import LOAD_RUNS, TABLES

VIEWS = {view.name: view for view in views()}


def test_every_prefix_of_the_lake_is_a_table():
    expected = {table.name for table in TABLES}
    expected |= {f"{table.name}_history" for table in TABLES if not table.days} | {"load_runs"}
    expected |= {f"{table.name}_seen" for table in TABLES if table.remembered}
    expected |= {own.name for own in OWN_TABLES}
    assert set(BY_NAME) == expected
    assert len(CATALOG) == len(expected)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns_are_the_declared_ones(table):
    assert BY_NAME[table.name].columns == table.columns
    assert BY_NAME["load_runs"].columns == LOAD_RUNS


@pytest.mark.parametrize("table", CATALOG, ids=lambda table: table.name)
def test_glue_takes_the_names_types_and_comments(table):
    for column in table.columns:
        assert column.name == column.name.lower()
        assert not column.name.startswith("_col")
        assert len(column.comment) <= 255
        kind = exp.DataType.build(hive.trino(column.type.hive), dialect="athena")
        assert kind.this != exp.DataType.Type.UNKNOWN


def test_three_languages_of_a_type():
    nested = "map<string,struct<a:array<decimal(38,12)>,b:boolean>>"
    assert hive.trino(nested) == "map(varchar, row(a array(decimal(38,12)), b boolean))"
    assert hive.duckdb(nested) == 'MAP(VARCHAR, STRUCT("a" DECIMAL(38,12)[], "b" BOOLEAN))'
    for wrong in ("array<int", "map<int,string>", "varchar; drop"):
        with pytest.raises(ValueError):
            hive.parse(wrong)


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_a_view_declares_what_its_outermost_casts_say(view):
    tree = sqlglot.parse_one(view.sql, read="athena")
    columns = [
        (one.alias.lower(), one.this.to.sql("athena").lower().replace(" ", ""))
        for one in tree.selects
    ]
    assert columns == [
        (one.name, hive.trino(one.hive).replace("timestamp(3)", "timestamp").replace(" ", ""))
        for one in view.columns
    ]
    assert all(isinstance(one.this, exp.Cast) for one in tree.selects)


def schema():
    """Every table and view with its columns, for sqlglot."""
    made = {
        table.name: {
            one.name: hive.trino(one.type.hive) for one in (*table.columns, *table.partitions)
        }
        for table in CATALOG
    }
    return made | {
        view.name: {one.name: hive.trino(one.hive) for one in view.columns}
        for view in VIEWS.values()
    }


@pytest.mark.parametrize("script", [*VIEWS.values(), *queries()], ids=lambda one: one.name)
def test_sql_names_only_columns_that_are_there(script):
    tree = sqlglot.parse_one(script.sql, read="athena")
    qualified = qualify(tree, schema=schema(), dialect="athena", validate_qualify_columns=True)
    annotated = annotate_types(qualified, schema=schema(), dialect="athena")
    assert all(one.type for one in annotated.selects)


def test_what_is_generated_is_fresh():
    pages = {ROOT / "docs" / "tables.md", ROOT / "docs" / "operations.md"}
    assert set(generated()) == {ROOT / "template.yaml", CATALOG_TEMPLATE, PRICES_VIEW, *pages}
    for file, text in generated().items():
        assert file.read_text("utf-8") == text, f"{file} is stale: run make catalog"


class _WithFunctions(yaml.SafeLoader):
    """Reads the short tags as CloudFormation does."""


for _tag in ("Ref", "Sub", "GetAtt"):
    _WithFunctions.add_constructor(
        f"!{_tag}",
        lambda loader, node, name=_tag: {
            name if name == "Ref" else f"Fn::{name}": loader.construct_scalar(node)
        },
    )


def test_the_yaml_reads_back_as_the_template_it_was_written_from():
    assert yaml.load(catalog_yaml(), _WithFunctions) == catalog_template()


def test_the_catalog_uses_the_main_stacks_name_and_every_parameter():
    body = json.dumps({**catalog_template(), "Parameters": {}})
    assert "AWS::StackName" not in body  # in a nested stack that is another name
    for name in PARAMETERS:
        assert f'{{"Ref": "{name}"}}' in body or f"${{{name}}}" in body, name


def test_the_sql_of_views_and_queries_reads_as_sql():
    text = catalog_yaml()
    assert max(map(len, text.splitlines())) < 400
    for script in (*VIEWS.values(), *queries()):
        for line in script.sql.splitlines():
            written = (line, line.replace('"', '\\"'), line.replace('"', '\\"').replace("'", "''"))
            assert any(one in text for one in written), line


def test_the_catalog_stays_far_below_the_limits():
    assert len(catalog_yaml()) < 600_000  # CloudFormation takes 1 MB
    assert len(resources()) < 150  # and 500


def test_every_table_and_view_is_in_the_reference():
    for name in (*(table.name for table in TABLES), "load_runs", *VIEWS):
        assert f"### {name}\n" in tables_page()


@pytest.mark.parametrize("text", ["SELECT 1", "-- other: x\nSELECT 1", "-- v: x\nSELECT 1;"])
def test_a_file_of_sql_must_say_what_it_is(tmp_path: Path, text):
    (tmp_path / "v.sql").write_text(text)
    with pytest.raises(ValueError):
        read(tmp_path / "v.sql")


def test_a_view_column_without_a_cast_is_refused(tmp_path: Path):
    (tmp_path / "v.sql").write_text("-- v: x\nSELECT\n    a AS b  -- c\nFROM t")
    with pytest.raises(ValueError, match="a AS b"):
        _ = read(tmp_path / "v.sql").columns


def test_the_command_says_what_is_stale():
    done = subprocess.run(
        [sys.executable, "-m", "claude_admin_lake.catalog", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1)
    assert (done.returncode == 0) == (done.stderr == "")
