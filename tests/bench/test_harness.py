"""The harness: what it measures is the same work on both sides."""

import json
import re
import sys
from pathlib import Path

import pytest

from bench.__main__ import DOCUMENT, PARTS
from bench.children import plain_environment, run
from bench.compressors import CANDIDATES, compare
from bench.loads import Load
from bench.text import amount, fill, table, verdict


@pytest.mark.parametrize(
    ("load", "pages"),
    [(Load("claude_code_usage", 2, 1_001), 4), (Load("usage_report", 33, 3), 2),
     (Load("cost_report", 33, 80), 2)],
)  # fmt: skip
def test_loader_and_floor_ask_for_the_same_pages(load: Load, pages: int, tmp_path: Path) -> None:
    with load.double() as double:
        ours, floor = load.by_loader(double, tmp_path), load.by_floor(double, tmp_path)
    assert int(floor.output) == pages
    assert json.loads(ours.output)["tables"][load.table]["requests"] == pages
    assert ours.cpu > 0
    assert ours.peak_mb > 0
    if load.table == "cost_report":
        measured = compare(list(tmp_path.glob("lake/*/*/*.gz"))[:2])
        assert [one["name"] for one in measured] == list(CANDIDATES)
        assert all(0 < one["size"] < one["raw"] for one in measured)


def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="because"):
        run([sys.executable, "-c", "raise SystemExit('because')"], plain_environment(), tmp_path)


def test_the_document_has_a_place_for_every_part() -> None:
    names = set(re.findall(r"<!-- bench: (\S+) -->", DOCUMENT.read_text()))
    assert {f"{part}-machine" for part in PARTS} <= names


def test_a_table_is_put_between_its_markers_only() -> None:
    before = "a\n<!-- bench: x -->\nold\n<!-- end -->\nb\n<!-- bench: y -->\n<!-- end -->\n"
    after = fill(before, "x", table(["n"], [["1"]]))
    assert after == before.replace("old", "| n |\n| --- |\n| 1 |")
    assert fill(after, "x", "old") == before
    with pytest.raises(KeyError):
        fill(before, "z", "")


def test_words_for_numbers() -> None:
    assert [amount(n) for n in (0, 999, 1_000, 123_456, 5e15)] == [
        "0 B", "999 B", "1.0 kB", "123 kB", "5000 TB",
    ]  # fmt: skip
    assert verdict(1.3, 1.3, "times").endswith(": met")
    assert "not met" in verdict(1.31, 1.3, "times")
