"""The harness: what it compares is the same work, and every table of the page is measured."""

import json
import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from admin_double.api import AdminDouble
from admin_double.organization import Organization
from bench.__main__ import DOCUMENT, PARTS
from bench.children import plain_environment, run
from bench.double import ABSENT, MISTYPED, NESTED, prepare
from bench.loads import Load, result_of
from bench.race import IMPOSSIBLE, ODDITIES
from bench.text import amount, dollars, fill, table, verdict

TABLES = ("claude_code_usage", "usage_report", "cost_report")
DAY = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("load", "pages"),
    [(Load("claude_code_usage", 2, 1_001), 4), (Load("usage_report", 33, 3), 2),
     (Load("cost_report", 33, 80), 2)],
)  # fmt: skip
def test_loader_and_floor_ask_for_the_same_pages(load: Load, pages: int, tmp_path: Path) -> None:
    with load.double() as api:
        ours, floor = load.by_loader(api, tmp_path), load.by_floor(api, tmp_path)
    assert int(floor.output) == pages
    assert result_of(ours)["tables"][load.table]["requests"] == pages
    assert ours.cpu > 0
    assert ours.peak_mb > 0


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("oddity", ODDITIES)
def test_odd_records_differ_from_the_usual_ones_as_their_title_says(name: str, oddity: str) -> None:
    if (name, oddity) in IMPOSSIBLE:
        return
    organization = Organization(claude_code_records_per_day=300, report_rows_per_day=300)
    api = AdminDouble(organization, now=datetime(2026, 11, 20, tzinfo=UTC))
    usual = api.truth_text(name, DAY)
    prepare(api, name, DAY, oddity)
    odd = api.truth_text(name, DAY)
    changed = [number for number, text in enumerate(odd) if text != usual[number]]
    fine = re.compile(r"'amount': '?[0-9]+[.][0-9]{15}\b")
    signs = {
        "unknown": lambda record: "new_field" in record,
        "nested": lambda record: "new_field" in record[NESTED[name]],
        "absent": lambda record: ABSENT[name] not in record,
        "mistyped": lambda record: MISTYPED[name].items() <= record.items(),
        "decimals": lambda record: fine.search(str(record)),
    }
    assert len(odd) == len(usual) == 300
    assert changed == list(range(0, 300, 100 if oddity == "mistyped" else 1))
    assert all(signs[oddity](json.loads(odd[number], parse_float=str)) for number in changed)


@pytest.mark.slow
def test_the_quick_form_prints_the_table_of_every_part(tmp_path: Path) -> None:
    parts = [part for part, module in PARTS.items() if module != "function"]
    command = [sys.executable, "-m", "bench", "--quick"]
    # The shell is a small parent: peak memory begins with the parent's, and pytest is large.
    command = ["sh", "-c", '"$0" "$@"; exit $?', *command]
    before = DOCUMENT.read_text()
    output = run(command, plain_environment(), tmp_path).output
    assert re.findall(r"^## (\w+)\n\n\| ", output, re.MULTILINE) == parts
    assert DOCUMENT.read_text() == before


def test_the_document_has_marks_for_every_part_and_no_others() -> None:
    assert re.findall(r"<!-- bench: (\S+) -->", DOCUMENT.read_text()) == ["machine", *PARTS]


def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="because"):
        run([sys.executable, "-c", "raise SystemExit('because')"], plain_environment(), tmp_path)


def test_a_table_is_put_below_its_mark_only() -> None:
    before = "a\n<!-- bench: x -->\nold\n\nb\n\n<!-- bench: y -->\n"
    after = fill(before, "x", table(["n"], [["1"]]))
    assert after == before.replace("old", "| n |\n| --- |\n| 1 |")
    assert fill(after, "x", "old") == before
    with pytest.raises(KeyError):
        fill(before, "z", "")


def test_words_for_numbers() -> None:
    assert [amount(n) for n in (0, 999, 1_000, 123_456, 5e15)] == [
        "0 B", "999 B", "1.0 kB", "123 kB", "5000 TB",
    ]  # fmt: skip
    assert [dollars(n) for n in (12, 0.1, 0.0123, 0.00005)] == ["12.00", "0.10", "0.012", "0.00005"]
    assert verdict(1.3, 1.3, "times").endswith(": met")
    assert "not met" in verdict(1.31, 1.3, "times")
