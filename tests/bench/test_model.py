"""The model's arithmetic, and that it agrees with runs of two sizes."""

import json
import sys
from pathlib import Path

import pytest

from bench import paper
from bench.checking import predicted
from bench.children import plain_environment, run
from bench.model import daily_run, first_load, least_requests, organization, pages
from bench.scans import scans
from claude_admin_lake.lake.s3 import PART_BYTES
from claude_admin_lake.tables import TABLES


@pytest.mark.parametrize("size", ["3 5 80 9", "60 1100 90 3"])
def test_the_model_counts_what_runs_do(size: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.counted", *size.split()]
    said = run(command, plain_environment(), tmp_path).output
    seen = json.loads(said.splitlines()[-1])
    for kind in ("first", "daily"):
        work = predicted(seen, kind)
        assert work.requests == seen[kind]["requests"]
        if kind == "first":
            assert work.objects == seen[kind]["objects"]
        known = {name: seen[kind]["calls"].get(name, 0) for name in work.s3}
        assert {**work.s3, "PutObject": 0} == {**known, "PutObject": 0}


def test_every_table_is_modelled() -> None:
    one = organization(10)
    assert set(one.rows) == {table.name for table in TABLES}
    assert set(least_requests(one, dict.fromkeys(one.rows, 1))) == set(one.rows)


def test_a_page_more_begins_with_the_record_after_a_full_one() -> None:
    assert [pages(count) for count in (0, 1, 1000, 1001)] == [1, 1, 1, 2]


def test_a_large_day_goes_up_in_parts() -> None:
    huge = organization(200_000)
    assert huge.size("claude_code_usage") > PART_BYTES
    calls = first_load(huge, 2).s3
    assert calls["CreateMultipartUpload"] == calls["CompleteMultipartUpload"] == 2
    assert calls["UploadPart"] == 6
    assert daily_run(huge, 20).s3["AbortMultipartUpload"] == 2


def test_what_costs_more_is_more() -> None:
    small, large = (sum(paper.month(users).values()) for users in (10, 50_000))
    assert 0 < small < large
    assert first_load(organization(50_000), 730).invocations() > 1


def test_a_small_organization_costs_at_most_what_is_promised() -> None:
    assert sum(paper.month(10).values()) <= 1.80


def test_a_with_clause_used_twice_is_read_twice() -> None:
    daily, adoption = scans("claude_code_daily"), scans("claude_code_adoption")
    assert daily["claude_code_usage"] == 3
    assert adoption["claude_code_usage"] % daily["claude_code_usage"] == 0
    assert adoption["claude_code_usage"] >= 2 * daily["claude_code_usage"]


def test_only_the_history_escapes_a_bound() -> None:
    one = organization(1_000)
    bounded, history = paper.scanned("cost_daily", one, 30)
    everything, same = paper.scanned("cost_daily", one, 730)
    assert history == same
    assert everything - history > 20 * (bounded - history - one.size("workspaces"))
