"""Files that a person keeps in the lake: every mistake is told, and what is stored is sound."""

import json
from decimal import Decimal

import pytest

from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.lake.keys import Keys, is_table
from claude_admin_lake.own import OWN_TABLES
from claude_admin_lake.own.budgets import BUDGETS
from claude_admin_lake.own.reading import checked, stored

HEAD = "organization,scope,id,amount_usd,start_month,end_month\n"
ONE = {"main"}
SCOPE = "must be one of organization, workspace, api_key, person, model"
DOLLARS = "must be dollars above 0, such as 2500 or 2500.50"


def rows(text, organizations=ONE):
    return [
        json.loads(line)
        for line in stored(BUDGETS, checked(BUDGETS, text, organizations)).splitlines()
    ]


def told(text, organizations=ONE):
    with pytest.raises(InvalidInput) as raised:
        checked(BUDGETS, text, organizations)
    return str(raised.value)


def test_csv_and_json_lines_say_the_same():
    csv = (
        "scope,amount_usd,id,start_month\norganization,1000.10,,\n\n"
        "workspace, 5 ,wrkspc_1,2026-11\n"
    )
    lines = (
        '{"scope": "organization", "amount_usd": 1000.10}\n\n'
        '{"scope": "workspace", "id": "wrkspc_1", "amount_usd": "5", '
        '"start_month": "2026-11", "end_month": null}\n'
    )
    assert rows(csv) == rows(lines) == [
        {"organization": "main", "scope": "organization", "id": None, "amount_usd": "1000.10",
         "start_month": None, "end_month": None},
        {"organization": "main", "scope": "workspace", "id": "wrkspc_1", "amount_usd": "5",
         "start_month": "2026-11", "end_month": None},
    ]  # fmt: skip


def test_no_digit_of_an_amount_is_lost():
    (row,) = rows('{"scope": "organization", "amount_usd": 123456789012345.10}')
    assert row["amount_usd"] == "123456789012345.10"


def test_a_header_without_lines_is_no_budget_and_an_empty_file_is_a_mistake():
    assert rows(HEAD) == []
    for empty in (" \n", ",,\n", '""'):
        assert told(empty) == "it is empty; must be CSV with a header, or JSON lines"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("x,organization,,1,,", "organization is 'x'; must be one in this lake: main"),
        (",team,,1,,", f"scope is 'team'; {SCOPE}"),
        (",,,1,,", "scope is missing; every line must have it"),
        (",organization,,,,", "amount_usd is missing; every line must have it"),
        (",organization,,0.00,,", f"amount_usd is '0.00'; {DOLLARS}"),
        (",organization,,1.001,,", f"amount_usd is '1.001'; {DOLLARS}"),
        (",organization,,-5,,", f"amount_usd is '-5'; {DOLLARS}"),
        (",organization,,1e3,,", f"amount_usd is '1e3'; {DOLLARS}"),
        (',organization,,"1,000",,', f"amount_usd is '1,000'; {DOLLARS}"),
        (",organization,,1,2026-13,", "start_month is '2026-13'; must be a month as YYYY-MM"),
        (",organization,,1,,2026-1", "end_month is '2026-1'; must be a month as YYYY-MM"),
        (
            ",organization,,1,2026-02,2026-01",
            "end_month is '2026-01'; must not be before start_month, 2026-02",
        ),
        (",organization,x,1,,", "id is 'x'; must be empty for organization"),
        (",model,,1,,", "id is ''; must say which model"),
    ],
)
def test_a_mistake_names_line_field_value_and_what_it_must_be(line, problem):
    assert told(HEAD + line) == f"line 2: {problem}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("scope,budget\n", "line 1 has the field 'budget'; must be one of "),
        ("scope,scope\n", "line 1 has scope twice; give it once"),
        ("scope;id\n", "line 1 has the field 'scope;id'; must be one of "),
        ("scope,id\na\n", "line 2 has 1 cells; must have 2, like the header"),
        ('scope,id\n"a,b\n', "line 2 is not CSV: "),
        ('{"scope": "x"\n', "line 1 must be one JSON object"),
        ('{"scope": "x"}\n["scope"]\n', "line 2 must be one JSON object"),
        ("{" + '"a":[' * 100_000, "line 1 must be one JSON object"),
        ('{"scope": true}', "line 1: scope must be text or a number"),
        ('{"scope": {"a": 1}}', "line 1: scope must be text or a number"),
        ('{"scope": "a", "scope": "b"}', "line 1 has scope twice; give it once"),
        ('{"Scope": "a"}', "line 1 has the field 'Scope'; must be one of "),
    ],
)
def test_a_line_that_cannot_be_split_is_named(text, problem):
    assert told(text).startswith(problem)


def test_every_bad_line_is_told_up_to_twenty():
    assert told(HEAD + ",team,,1,,\n,organization,,1,,\n,model,m,0,x,\n").splitlines() == [
        f"line 2: scope is 'team'; {SCOPE}",
        f"line 4: amount_usd is '0'; {DOLLARS}",
        "line 4: start_month is 'x'; must be a month as YYYY-MM",
    ]
    assert told(HEAD + ",team,,1,,\n" * 23).splitlines()[-1] == "and 3 more"


@pytest.mark.parametrize(
    ("months", "overlap"),
    [
        ([",", ","], True),
        (["2026-01,2026-06", "2026-06,"], True),
        ([",2026-05", "2026-06,"], False),
        (["2026-01,2026-01", "2026-02,2026-02"], False),
    ],
)
def test_a_thing_has_one_budget_for_each_month(months, overlap):
    text = HEAD + "".join(
        f",person,{who},1,{each}\n" for who, each in zip(("A@x", "a@X"), months, strict=True)
    )
    if overlap:
        assert told(text) == (
            "line 3: the person has a budget for the same month in line 2; "
            "must have at most one budget in each month"
        )
    else:
        assert len(rows(text)) == 2


def test_the_organization_may_be_left_out_only_if_there_is_one():
    line = '{"scope": "organization", "amount_usd": 1}'
    assert rows(line, set())[0]["organization"] == "main"
    assert rows(line, {"research"})[0]["organization"] == "research"
    assert (
        told(line, {"main", "research"})
        == "line 1: organization is missing; every line must have it"
    )


@pytest.mark.parametrize("table", OWN_TABLES, ids=lambda table: table.name)
def test_what_is_stored_has_every_column(table):
    assert len({one.name for one in table.fields}) == len(table.fields)
    assert table.key == f"{table.name}/{table.name}.jsonl"
    assert stored(table, []) == b""


@pytest.mark.parametrize("table", OWN_TABLES, ids=lambda table: table.name)
def test_the_loader_neither_writes_nor_sweeps_what_a_person_keeps(table):
    assert not is_table(table.name)
    assert not Keys("main").owns(table.key)
    assert not Keys(table.name).owns(table.key)


def test_amounts_add_up_exactly():
    text = HEAD + "".join(f",model,m{n},0.10,,\n" for n in range(30))
    assert sum(Decimal(row["amount_usd"]) for row in rows(text)) == Decimal("3.00")
