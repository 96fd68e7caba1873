"""The command that runs the double."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parent.parent.parent
USUAL = ("--now", "2026-04-15T09:30:00Z", "--first-day", "2026-03-20", "--seed", "7")


@contextmanager
def running(*arguments):
    command = [sys.executable, "-m", "admin_double", *USUAL, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()


def ask(said, path, **query):
    headers = {"x-api-key": said["key"], "anthropic-version": "2023-06-01"}
    return requests.get(said["url"] + path, headers=headers, params=query, timeout=10)


def test_it_prints_its_loopback_address_and_its_key():
    with running("--users", "9") as (_, said):
        assert said["url"].startswith("http://127.0.0.1:")
        assert len(ask(said, "/v1/organizations/users").json()["data"]) == 9


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_on_a_signal(stop):
    with running() as (process, _):
        process.send_signal(stop)
        assert process.wait(timeout=10) == 0


def test_its_options_set_sizes_and_page_cap():
    sizes = (
        "--claude-code-records-per-day",
        "30",
        "--report-rows-per-day",
        "60",
        "--workspaces",
        "4",
    )
    with running(
        *sizes, "--warm", "2026-04-01", "2026-04-02", "--page-cap", "25", "--latency-ms", "1"
    ) as (_, said):
        day = ask(
            said, "/v1/organizations/usage_report/claude_code", starting_at="2026-04-01", limit=1000
        ).json()
        assert (len(day["data"]), day["has_more"]) == (25, True)
        assert (
            len(ask(said, "/v1/organizations/workspaces", include_archived="true").json()["data"])
            == 4
        )


def test_its_rate_limit_is_enforced():
    with running("--rate-limit", "1") as (_, said):
        assert [ask(said, "/v1/organizations/me").status_code for _ in range(2)] == [200, 429]
