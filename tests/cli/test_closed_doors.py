"""Places and files that cannot be used are reported in one line, without a traceback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from claude_admin_lake import load
from claude_admin_lake.cli import main
from claude_admin_lake.errors import LakeUnavailable

pytestmark = pytest.mark.usefixtures("environment")
ROOT = Path(__file__).parents[2]
NOBODY = 65534


def told(capsys, *arguments) -> list[str]:
    """The lines on standard error of a command that refuses to begin."""
    assert main([*map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err.splitlines()


@contextmanager
def without_privileges() -> Iterator[None]:
    """As a user whom permissions bind, if these tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_with_a_name_that_is_too_long(tmp_path, capsys):
    place = tmp_path / ("a" * 300)
    line, _ = told(capsys, "load", "--lake", place)
    assert line == f"error: --lake is '{place}': File name too long"


def test_a_folder_below_a_closed_one(tmp_path, capsys):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    with without_privileges():
        line, _ = told(capsys, "load", "--lake", closed / "inner" / "lake")
    assert line.endswith("/closed/inner/lake': Permission denied")


@pytest.mark.parametrize("name", ["a" * 300, "closed/lake"])
def test_the_library_tells_it_as_an_error_of_its_own(tmp_path, name):
    (tmp_path / "closed").mkdir(mode=0o000)
    with without_privileges(), pytest.raises(LakeUnavailable, match="cannot use"):
        load(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"tables":' + "[" * 100_000 + "]" * 100_000 + "}"],
    ids=["cut", "whole"],
)
def test_an_event_that_is_nested_too_deeply(tmp_path, capsys, text):
    file = tmp_path / "deep.json"
    file.write_text(text)
    (line,) = told(capsys, "load", "--lake", tmp_path, "--event", file)
    assert line.startswith(f"error: --event {file} is not JSON")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize(
    "command",
    [["load", "--lake", "LAKE", "--tables", "users"], ["load", "--lake", "LAKE", "--dry-run"],
     ["--version"]],
    ids=["load", "dry run", "version"],
)  # fmt: skip
def test_a_full_standard_output(tmp_path, command):
    arguments = [one.replace("LAKE", str(tmp_path)) for one in command]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "claude_admin_lake", *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=120,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr == "error: cannot write to standard output: No space left on device\n"
