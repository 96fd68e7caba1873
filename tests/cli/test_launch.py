"""The modules that can be run say what they lack: another Python, or a dependency."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from claude_admin_lake.launch import launch

SOURCE = Path(__file__).parents[2] / "src"
STARTERS = ("handler/__init__.py", "handler/__main__.py", "claude_admin_lake/__init__.py",
            "claude_admin_lake/__main__.py", "claude_admin_lake/launch.py")  # fmt: skip


def test_an_old_python_is_told_which_one_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    assert launch("main", ["--version"]) == 2
    assert capsys.readouterr().err == (
        "error: this is Python 3.10; must be 3.11 or newer. Run the command with another Python,"
        " for example: python3.11 -m claude_admin_lake\n"
    )


@pytest.mark.parametrize("file", STARTERS)
def test_an_old_python_can_read_what_tells_it(file):
    ast.parse((SOURCE / file).read_text(), feature_version=(3, 8))


@pytest.mark.parametrize("missing", ["click", "msgspec", "requests"])
@pytest.mark.parametrize("module", ["handler", "claude_admin_lake"])
def test_a_missing_dependency_is_one_line(missing, module, tmp_path):
    code = (
        f"import runpy, sys; sys.path.insert(0, {str(SOURCE)!r}); sys.modules[{missing!r}] = None\n"
        "sys.argv = ['x', 'load', '--lake', 'lake']\n"
        f"runpy.run_module({module!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {missing} is not installed. ")
    assert "pip install" in line
