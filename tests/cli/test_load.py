"""`claude-admin-lake load`: what it prints, and its exit status."""

import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from admin_double import faults
from claude_admin_lake.cli import main, main_or_load
from claude_admin_lake.cli.progress import bars
from claude_admin_lake.cli.summary import show
from claude_admin_lake.cli.tracker import Tracker, words
from claude_admin_lake.laptop import run_event
from claude_admin_lake.settings import read_settings

from .conftest import NOW

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("environment")


def run(capsys, *arguments, command=main):
    status = command([*map(str, arguments)])
    told = capsys.readouterr()
    return status, told.out, told.err


def test_a_complete_load_is_json_and_status_0(tmp_path, capsys):
    status, out, err = run(capsys, "load", "--lake", tmp_path / "my lake", "--tables", "users")
    result = json.loads(out)
    assert (status, result["status"], err) == (0, "complete", "")
    assert result["tables"]["users"]["rows"] > 0
    assert (tmp_path / "my lake" / "users" / "organization=main" / "users.jsonl.gz").exists()


def test_a_failed_table_is_status_1(api, tmp_path, capsys):
    api.fail("users", faults.status(400), times=faults.ALWAYS)
    status, out, _ = run(capsys, "load", "--lake", tmp_path, "--tables", "users,invites")
    assert status == 1
    assert json.loads(out)["tables"]["invites"]["status"] == "loaded"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tables", "nothing"], "nothing"),
        (["--start-date", "yesterday"], "yesterday"),
        (["--event", "missing.json"], "missing.json"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_a_load_that_cannot_begin_is_status_2(tmp_path, capsys, arguments, said):
    status, out, err = run(capsys, "load", "--lake", tmp_path, *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_wrong_key_is_status_2(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", "")
    status, _, err = run(capsys, "load", "--lake", tmp_path)
    assert status == 2
    assert "ANTHROPIC_ADMIN_KEY" in err


def test_options_override_the_event_file(tmp_path, capsys):
    event = tmp_path / "event.json"
    event.write_text('{"tables": ["users"], "dry_run": true}')
    arguments = ["--lake", tmp_path / "lake", "--event", event, "--tables", "invites, users"]
    status, out, _ = run(capsys, "load", *arguments)
    assert status == 0
    assert list(json.loads(out)["tables"]) == ["invites", "users"]
    assert not (tmp_path / "lake").exists()


def test_the_handler_module_loads_by_default(tmp_path, capsys):
    for command in (["load"], []):
        arguments = [*command, "--lake", tmp_path, "--tables", "users"]
        status, out, _ = run(capsys, *arguments, command=main_or_load)
        assert (status, json.loads(out)["status"]) == (0, "complete")
    assert run(capsys, "--version", command=main_or_load)[1].startswith("claude-admin-lake, ")


@pytest.mark.parametrize("module", ["handler", "claude_admin_lake"])
def test_both_modules_can_be_run(module):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-m", module, "load", "--help"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "--start-date" in done.stdout


def test_a_terminal_gets_a_summary(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    status, out, _ = run(capsys, "load", "--lake", tmp_path, "--tables", "users")
    assert status == 0
    assert "loaded" in out
    assert f"claude-admin-lake sql --lake {tmp_path}" in out
    assert run(capsys, "load", "--lake", tmp_path, "--tables", "users", "--quiet")[1] == ""
    assert json.loads(run(capsys, "load", "--lake", tmp_path, "--tables", "users", "--json")[1])


def shown(result, lake, **options):
    text = io.StringIO()
    show(result, lake, Console(file=text, width=200, force_terminal=True, **options))
    return text.getvalue()


def test_a_summary_says_what_is_missing_and_what_to_do(api, tmp_path):
    api.fail("users", faults.status(400), times=faults.ALWAYS)
    text = shown(run_event({"tables": ["users", "cost_report"]}, tmp_path), tmp_path)
    assert "failed" in text
    assert "users: " in text
    assert "Run the same command again to retry" in text
    plan = shown(run_event({"dry_run": True}, tmp_path), tmp_path)
    assert "without --dry-run" in plan


def test_no_color_means_no_color(tmp_path, monkeypatch):
    result = run_event({"tables": ["users"]}, tmp_path)
    assert "\x1b[32m" in shown(result, tmp_path, color_system="standard")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in shown(result, tmp_path, color_system="standard")


def test_progress_shows_a_bar_for_each_table(tmp_path):
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=120, color_system=None)
    with bars(console) as tracker:
        run_event(
            {"tables": ["cost_report", "users"]}, tmp_path,
            planned=tracker.planned, progress=tracker.progress,
        )  # fmt: skip
    assert tracker.slices == (5, 5)
    assert "cost_report" in text.getvalue()
    assert "4/4" in text.getvalue()
    assert "1/1" in text.getvalue()
    assert "under a minute left" in text.getvalue()


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(0.4, "under a minute left"), (7.4, "about 7 min left"), (300, "about 5 h left")],
)
def test_the_time_left_in_words(minutes, told):
    assert words(minutes) == told


def test_the_time_left_is_that_of_the_requests_left_at_the_paced_rate(environment, tmp_path):
    environment |= {"START_DATE": str(NOW.date() - timedelta(days=91))}
    settings = read_settings({**environment, "REQUESTS_PER_MINUTE": "10"})
    tracker, seen = Tracker(), []

    def planned(organization, plan, _):
        tracker.planned(organization, plan, settings)
        seen.append(tracker.minutes_left())

    def progress(organization, outcome):
        tracker.progress(organization, outcome)
        seen.append(tracker.minutes_left())

    run_event({"tables": ["users", "claude_code_usage"]}, tmp_path, environment=environment,
              planned=planned, progress=progress)  # fmt: skip
    assert seen[0] == (1 + tracker.slices[1] - 1) / 10
    assert seen[1] == seen[0] - 0.1
    assert seen[-1] == 0
    assert seen == sorted(seen, reverse=True)
