"""`make load`, `make sql` and `make report` pass their arguments to the command unchanged."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NASTY = """it's "quoted", $HOME $(x) `y` \\n; a|b & 100% # é"""
STATEMENT = f"-- {NASTY}\nSELECT '$1', \"a  b\"\nFROM t WHERE x <> 'it''s';"


@pytest.fixture
def make(tmp_path):
    """Run a target with a stand-in for Python that prints its arguments as JSON."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements-dev.txt").touch()
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!{sys.executable}\nimport json, sys; print(json.dumps(sys.argv[1:]))\n")
    python.chmod(0o755)
    (tmp_path / ".venv" / ".ready").touch()

    def run(*arguments, **environment):
        done = subprocess.run(
            ["make", *arguments],
            cwd=tmp_path, env={"PATH": "/usr/bin:/bin", **environment},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        module, name, *rest = json.loads(done.stdout)[1:]
        assert (module, name) == ("claude_admin_lake", arguments[0])
        return rest

    return run


def test_sql_passes_a_statement_unchanged(make):
    found = make("sql", f"LAKE={NASTY}", f"Q={STATEMENT}", "ARGS=--csv --rows '5'")
    assert found == ["--lake", NASTY, "--csv", "--rows", "5", "--", STATEMENT]


def test_variables_may_come_from_the_environment(make):
    assert make("sql", Q=STATEMENT, LAKE="a b") == ["--lake", "a b", "--", STATEMENT]


def test_sql_without_a_statement_opens_the_prompt(make):
    assert make("sql") == ["--lake", "build/demo/lake"]


def test_report_passes_names_unchanged(make):
    assert make("report", f"LAKE={NASTY}", f"OUT={NASTY}.html") == [
        "--lake", NASTY, "--out", f"{NASTY}.html",
    ]  # fmt: skip


def test_load_passes_words_as_the_shell_reads_them(make):
    found = make("load", f"LAKE={NASTY}", "ARGS=--event 'my $event.json' --tables \"a,b\"")
    assert found == ["--lake", NASTY, "--event", "my $event.json", "--tables", "a,b"]


def test_without_the_developers_tools_a_smaller_environment_is_enough(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements-dev.txt", "requirements-demo.txt"):
        (tmp_path / name).touch()
    done = subprocess.run(
        ["make", "--dry-run", "demo", "sql"],
        cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ".venv-demo/bin/python -m demo" in done.stdout
    assert ".venv-demo/bin/python -m claude_admin_lake sql" in done.stdout
    assert "requirements-dev.txt" not in done.stdout
