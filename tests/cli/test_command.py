"""The command as a whole: help, version, what it imports, what it says of a missing extra."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from claude_admin_lake import VERSION
from claude_admin_lake.cli import _EXTRAS, COMMANDS, commands, main

ROOT = Path(__file__).parents[2]
HEAVY = {*_EXTRAS, "rich", "claude_admin_lake.analysis"}


def imported_by(statement: str) -> set[str]:
    """The modules that a statement loads into a new interpreter."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\n{statement}\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_version(capsys):
    assert main(["--version"]) == 0
    assert VERSION in capsys.readouterr().out


def test_help_lists_every_command(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(name in out and about in out for name, about in COMMANDS.items())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_sentence_and_an_example(name, capsys):
    assert main([name, "--help"]) == 0
    assert name in capsys.readouterr().out
    command = commands.get_command(click.Context(commands), name)
    each = command.commands.values() if isinstance(command, click.Group) else [command]
    options = [one for some in each for one in some.params if isinstance(one, click.Option)]
    assert [one.name for one in options if "Example: " not in (one.help or "")] == []


def test_an_unknown_command_is_status_2(capsys):
    assert main(["nonsense"]) == 2
    assert "No such command 'nonsense'" in capsys.readouterr().err


def test_load_and_help_import_nothing_heavy():
    load = "from claude_admin_lake.cli import main\nmain(['load', '--help'])"
    assert imported_by(load) & HEAVY == set()
    assert "requests" not in imported_by("from claude_admin_lake.cli import main\nmain(['--help'])")


def test_the_package_imports_nothing_by_itself():
    assert not {name for name in imported_by("import claude_admin_lake") if "." in name} & {
        "claude_admin_lake.library",
        "claude_admin_lake.run",
    }


@pytest.mark.parametrize(
    ("missing", "extra", "arguments"),
    [
        ("duckdb", "sql", ["sql", "--lake", ".", "SELECT 1"]),
        ("sqlglot", "sql", ["sql", "--lake", ".", "SELECT 1"]),
        ("jinja2", "report", ["report", "--lake", ".", "--out", "x.html"]),
        ("boto3", "s3", ["sql", "--lake", "s3://bucket/lake", "SELECT 1"]),
    ],
)
def test_a_missing_extra_is_one_clear_line(tmp_path, missing, extra, arguments):
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); sys.modules[{missing!r}] = None\n"
        f"from claude_admin_lake.cli import main; sys.exit(main({arguments!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()[-1:]
    assert (
        line == f"error: {missing} is not installed. Run: pip install 'claude-admin-lake[{extra}]'"
    )
    assert "Traceback" not in done.stderr
