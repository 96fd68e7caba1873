"""The list of planted faults fits today's code, and the command tells caught from survived.

Not part of `make check`: in a copy with a planted fault, the first test here would always fail.
"""

import sys
from pathlib import Path

import pytest

from mutations import __main__ as command
from mutations.__main__ import CAUGHT, PACKAGE, ROOT, STALE, SURVIVED, Mutation, mutations

LIST = mutations()


@pytest.mark.parametrize("mutation", LIST, ids=[f"{one.file}: {one.wrong}" for one in LIST])
def test_every_fault_can_be_planted(mutation: Mutation) -> None:
    text = (ROOT / PACKAGE / mutation.file).read_text("utf-8")
    assert text.count(mutation.old) == 1
    assert mutation.old != mutation.new


def test_there_are_many_faults_and_each_is_listed_once() -> None:
    assert len(LIST) >= 20
    assert len({(one.file, one.old, one.new) for one in LIST}) == len(LIST)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one function and one test."""
    code = tmp_path / PACKAGE / "sums.py"
    code.parent.mkdir(parents=True)
    code.write_text("def add(a, b):\n    return a + b  # or b + a\n")
    test = "from claude_admin_lake.sums import add\n\ndef test_add():\n    assert add(2, 3) == 5\n"
    (tmp_path / "test_sums.py").write_text(test)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("return a + b", "return a - b", CAUGHT),
        ("return a + b", "return b + a", SURVIVED),
        ("return a * b", "return a", STALE),
        (" a", " b", STALE),
        ("return a + b", "return (a +", "pytest exited with 2"),
    ],
    ids=["noticed", "not noticed", "absent", "there twice", "not even Python"],
)
def test_the_verdict_says_what_became_of_a_fault(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    old: str, new: str, verdict: str,
) -> None:  # fmt: skip
    mutation = Mutation("sums.py", old, new, "Sums are wrong.")
    monkeypatch.setattr(command, "mutations", lambda _: [mutation])
    monkeypatch.setattr(sys, "argv", ["mutations", "--", "test_sums.py"])
    status = command.main()
    assert f"{verdict:14}  sums.py: Sums are wrong." in capsys.readouterr().out
    assert (status == 0) == (verdict == CAUGHT)
    assert "a + b" in (project / PACKAGE / "sums.py").read_text()


def test_tests_that_fail_without_a_fault_catch_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "test_sums.py").write_text("def test_add():\n    assert False\n")
    monkeypatch.setattr(sys, "argv", ["mutations", "--", "test_sums.py"])
    assert command.main() == 1
    assert "fail without any mutation" in capsys.readouterr().out


def test_a_fault_that_makes_the_tests_run_for_ever_is_noticed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Mutation("sums.py", "return a + b", "\n    while True: pass", "It never ends.")
    monkeypatch.setattr(command, "LONGEST_SECONDS", 2)
    verdict, failed = command.try_one(fault, ["test_sums.py"])
    assert (verdict, failed) == (CAUGHT, "no end within 2 s")
