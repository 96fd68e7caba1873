"""The commands and the Python in the documents do what the documents say."""

import re
import shlex
from pathlib import Path

import pytest

from claude_admin_lake.cli import main

ROOT = Path(__file__).parents[2]
RUN = {"check", "load", "sql", "report"}


@pytest.fixture
def place(environment, tmp_path, monkeypatch):
    """An empty working directory, with the files that the documents mention."""
    monkeypatch.delenv("START_DATE")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("builtins.print", lambda *_, **__: None)
    (tmp_path / "spend.sql").write_text("SELECT sum(cost_usd) AS usd FROM cost_daily")
    return tmp_path


def commands_of(document):
    text = (ROOT / document).read_text()
    for line in re.findall(r"^    claude-admin-lake (.+)$", text, re.MULTILINE):
        words = shlex.split(line)
        if words[0] in RUN and "s3://" not in line and "[" not in line and "DIR" not in line:
            yield words


@pytest.mark.parametrize("document", ["README.md", "docs/laptop.md"])
def test_the_commands_of_a_guide_run_in_its_order(document, place, capsys):
    ran = 0
    for words in commands_of(document):
        status = main(words)
        assert (status, words, capsys.readouterr().err) == (0, words, "")
        ran += 1
    assert ran >= 3
    assert (place / "report.html").stat().st_size > 10_000


def test_the_python_of_the_readme_runs(place):
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"(?:^    .+\n)+", text, re.MULTILINE)
    python = [one for one in blocks if one.startswith("    import claude_admin_lake")]
    assert len(python) == 2
    for block in python:
        assert block.count("\n") == 3
        exec(re.sub("^    ", "", block, flags=re.MULTILINE), {})
