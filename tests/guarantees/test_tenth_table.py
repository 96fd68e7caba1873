"""A tenth table is one declaration and its columns. (Here it reads a path the double knows.)"""

import json

from msgspec.structs import replace

from claude_admin_lake.plan.request import Request
from claude_admin_lake.run.run import execute
from claude_admin_lake.tables import Column, Paging, Table
from claude_admin_lake.tables.types import STRING
from tests.guarantees.world import NOW, TODAY, World

TENTH = Table(
    name="people",
    about="Members of the organization, by another name",
    path="/v1/organizations/users",
    columns=(
        Column("id", STRING, "User"),
        Column("email", STRING, "E-mail address"),
        Column("role", STRING, "Role"),
    ),
    paging=Paging.ID_CURSOR,
    page_limit=1000,
)


def test_a_tenth_table_needs_its_declaration_and_nothing_else(world: World) -> None:
    equipment = world.equipment()
    equipment = replace(equipment, tables={**equipment.tables, TENTH.name: TENTH})
    result = execute("run", Request(now=NOW, tables=(TENTH.name,)), equipment)
    rows = world.rows("people/people.jsonl.gz")
    assert [row["id"] for row in rows] == [user["id"] for user in world.api.truth("users")]
    assert list(rows[0])[:3] == ["id", "email", "role"]
    assert "name: new" in result.outcomes[0].drift
    assert world.rows(f"people_history/snapshot_date={TODAY}/people.jsonl.gz") == rows
    (report,) = world.rows(f"load_runs/date={TODAY}/run.jsonl.gz")
    assert report["table_name"] == "people"
    assert json.dumps(result.as_dict())
