"""A day whose listing shifts while it is read is stored without doubled rows, and it is said."""

from dataclasses import replace
from datetime import date

from admin_double.faults import Fault
from tests.guarantees.world import World, ago


def people(names: str) -> list[dict[str, object]]:
    return [{"terminal_type": name, "core_metrics": {"num_sessions": 1}} for name in names]


def begins_with(extra: int) -> Fault:
    """Send the page with the last records of the page before once more."""

    def spoil(page):
        earlier = [
            b'{"terminal_type":"%s","core_metrics":{"num_sessions":1}}' % bytes([letter])
            for letter in b"abcdefghij"
        ]
        at = 4 * (page.number - 1)
        return replace(page, items=(*earlier[at - extra : at], *page.items))

    return Fault(name="overlap", spoil=spoil)


def stored(world: World, day: date) -> str:
    return "".join(row["terminal_type"] for row in world.day("claude_code_usage", day) or ())


def test_records_that_come_again_on_the_next_page_are_stored_once(world: World) -> None:
    world.api.page_cap = 4
    world.api.put("claude_code_usage", ago(1), people("abcdefghij"))
    world.api.fail("claude_code_usage", begins_with(2), day=ago(1), nth=2)
    event = {"tables": ["claude_code_usage"], "start_date": str(ago(1))}
    told = world.run(event).as_dict()["tables"]["claude_code_usage"]
    assert stored(world, ago(1)) == "abcdefghij"
    assert told["records_repeated"] == 2
    assert told["drift"] == ["a page repeats records of the one before; left out"]
    assert told["status"] == "loaded"


def test_true_twins_are_stored_twice(world: World) -> None:
    world.api.page_cap = 4
    world.api.put("claude_code_usage", ago(1), people("aabbccddaa"))
    event = {"tables": ["claude_code_usage"], "start_date": str(ago(1))}
    told = world.run(event).as_dict()["tables"]["claude_code_usage"]
    assert stored(world, ago(1)) == "aabbccddaa"
    assert "records_repeated" not in told
