"""What users see when they make a mistake: the table in messages.toml, word for word."""

import fcntl
import json
import os
import re
import socket
import tomllib
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from admin_double import faults
from claude_admin_lake.cli import main
from claude_admin_lake.tables import TABLES

from .conftest import NOW

CASES = tomllib.loads(Path(__file__).with_name("messages.toml").read_text())["case"]
DAYS = {"today": 0, "yesterday": 1, "two_days_ago": 2, "tomorrow": -1}
ALL = tuple(table.name for table in TABLES)


def all_tables(api, fault):
    for table in ALL:
        api.fail(table, fault, times=faults.ALWAYS)


def test_the_table_has_forty_different_mistakes():
    assert len(CASES) >= 40
    assert len({case["what"] for case in CASES}) == len(CASES)


@pytest.fixture
def closed_port():
    """A port of loopback that nothing listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield str(taken.getsockname()[1])


@pytest.fixture
def place(tmp_path, monkeypatch, environment):
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    return tmp_path


def prepared(case, api, place, monkeypatch, names):
    """Set up what the case says; its arguments with names filled in."""
    for name, value in case.get("env", {}).items():
        if value:
            monkeypatch.setenv(name, value.format(**names))
        else:
            monkeypatch.delenv(name)
    for name, text in case.get("files", {}).items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for table, status in case.get("refuse", {}).items():
        fault = faults.status(status)
        all_tables(api, fault) if table == "all" else api.fail(table, fault, times=faults.ALWAYS)
    for arguments in case.get("before", []):
        assert main([one.format(**names) for one in arguments]) == 0
    if case.get("moved"):
        here = api.truth("organization")[0]
        api.put("organization", None, [{**here, "id": "org-2", "name": "Another"}])
    return [one.format(**names) for one in case["run"]]


@contextmanager
def locked(folder):
    """Like a load that is running."""
    if folder is None:
        yield
        return
    Path(folder).mkdir(parents=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_a_mistake_is_told_in_these_words(case, api, place, closed_port, monkeypatch, capsys):
    names = {name: str((NOW - timedelta(days=n)).date()) for name, n in DAYS.items()}
    names |= {"port": closed_port, "cwd": str(place), "api": api.url.removeprefix("http://")}
    arguments = prepared(case, api, place, monkeypatch, names)
    capsys.readouterr()
    with locked(case.get("locked")):
        status = main(arguments)
    told = capsys.readouterr()
    err = re.sub(r"req_\w+", "req_1", told.err)
    err = re.sub(r"\w{8}(-\w{4}){3}-\w{12}", "{id}", err)
    for name, value in names.items():
        err = err.replace(value, f"{{{name}}}")
    err = re.sub(r"(?<=must be )(among|one of) (\w+, ){7,}\w+", r"\1 …", err)
    assert (status, err.splitlines()) == (case["exit"], case["says"])
    assert "Traceback" not in told.err
    if status == 2 and "out" not in case:
        assert told.out == "" or json.loads(told.out)["status"] in ("incomplete", "failed")
