"""Ctrl-C: what is kept, what is printed, and how the next run continues."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from claude_admin_lake.laptop import run_event

from .conftest import FIRST as START
from .conftest import NOW

ROOT = Path(__file__).parents[2]
FIRST, LAST = NOW.date() - timedelta(days=6), NOW.date() - timedelta(days=1)
pytestmark = pytest.mark.usefixtures("environment")

PRESS = """
import signal, sys
from claude_admin_lake.cli import main, tracker
follow = tracker.Tracker.progress
def progress(self, organization, outcome):
    follow(self, organization, outcome)
    if outcome.table == "claude_code_usage" and outcome.slices == 2:
        signal.raise_signal(signal.SIGINT)
tracker.Tracker.progress = progress
sys.exit(main(sys.argv[1:]))
"""


def interrupted(folder, *arguments):
    """A load that gets Ctrl-C after the second day."""
    return subprocess.run(
        [sys.executable, "-c", PRESS, "load", "--lake", folder, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def days_asked(api):
    return [
        dict(one.query)["starting_at"] for one in api.requests if one.table == "claude_code_usage"
    ]


def test_ctrl_c_says_what_is_kept_and_the_next_run_goes_on(api, tmp_path):
    done = interrupted(tmp_path, "--tables", "users,claude_code_usage")
    assert done.returncode == -signal.SIGINT
    assert done.stdout == ""
    assert re.fullmatch(
        r"\nInterrupted\. What was loaded is kept: 3 of [45] days and snapshots, each whole\.\n"
        r"The same command continues where it stopped\.\n",
        done.stderr,
    )  # yesterday is complete from one in the morning on
    api.reset_log()
    result = run_event({"tables": ["claude_code_usage"]}, tmp_path, environment=lookback(0))
    assert result["status"] == "complete"
    # The second day was stored, but its cursor had not moved yet.
    assert days_asked(api)[0] == str(START + timedelta(days=1))


def test_quiet_is_quiet_even_then(tmp_path):
    assert interrupted(tmp_path, "--tables", "claude_code_usage", "--quiet").stderr == ""


def lookback(days):
    return {**os.environ, "LOOKBACK_DAYS": str(days)}


def backfill(folder, stop_after=None, **more):
    """A backfill that may be killed after some days."""

    def progress(_organization, outcome):
        if outcome.slices == stop_after:
            raise KeyboardInterrupt

    event = {"start_date": str(FIRST), "tables": ["claude_code_usage"], **more}
    return run_event(event, folder, progress=progress)


def test_an_interrupted_backfill_goes_on_where_it_stopped(api, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        backfill(tmp_path, stop_after=2)
    api.reset_log()
    result = backfill(tmp_path)
    assert days_asked(api) == [str(FIRST + timedelta(days=n)) for n in range(2, 6)]
    assert result["status"] == "complete"
    assert "had been interrupted" in " ".join(result["notes"])
    assert len(list(tmp_path.glob("claude_code_usage/*/date=*"))) == 6


def test_a_finished_or_another_backfill_begins_at_its_beginning(api, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        backfill(tmp_path, stop_after=2)
    api.reset_log()
    backfill(tmp_path, end_date=str(LAST - timedelta(days=1)))
    assert len(days_asked(api)) == 5
    backfill(tmp_path)
    api.reset_log()
    assert "interrupted" not in " ".join(backfill(tmp_path).get("notes", []))
    assert len(days_asked(api)) == 6


def test_a_backfill_interrupted_more_than_a_day_ago_begins_again(api, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        backfill(tmp_path, stop_after=2)
    file = tmp_path / "_state" / "main" / "backfill.json"
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, "at": str(NOW - timedelta(days=2))}))
    api.reset_log()
    backfill(tmp_path)
    assert len(days_asked(api)) == 6


def test_a_damaged_progress_file_costs_nothing_but_time(api, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        backfill(tmp_path, stop_after=2)
    (tmp_path / "_state" / "main" / "backfill.json").write_text("{")
    api.reset_log()
    assert backfill(tmp_path)["status"] == "complete"
    assert len(days_asked(api)) == 6
