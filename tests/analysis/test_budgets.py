"""Budgets: how they get into a lake, in a folder or a bucket, and what SQL sees of them."""

from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from claude_admin_lake.analysis.bucket import BucketLake
from claude_admin_lake.analysis.engine import Engine
from claude_admin_lake.analysis.lake import FolderLake
from claude_admin_lake.cli import main
from hand_made import TODAY, HandMade, cost

FILE = """\
organization,scope,id,amount_usd,start_month,end_month
main,organization,,1000.10,,
main,workspace,wrkspc_1,250.5,2026-11,
research,organization,,7,,2026-12
"""
SQL = (
    "SELECT organization, scope, id, amount_usd, start_month, end_month FROM budgets ORDER BY 1, 2"
)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    for name in ("main", "research"):
        HandMade(folder, name).day("cost_report", "2026-11-19", [cost("100")])
    (tmp_path / "budgets.csv").write_text(FILE)
    return folder


def set_budgets(lake: Path | str, file: Path) -> int:
    return main(["budgets", "set", str(file), "--lake", str(lake)])


def test_without_a_file_there_are_no_budgets(lake, hand, oracle):
    assert Engine(FolderLake(lake), TODAY).query(SQL).rows == []
    assert oracle.query(SQL).fetchall() == []


def test_what_is_set_is_what_athena_and_the_laptop_read(lake, tmp_path, hand, oracle, capsys):
    assert set_budgets(lake, tmp_path / "budgets.csv") == 0
    assert capsys.readouterr().out == f"set 3 budgets in {lake}\n"
    mine = Engine(FolderLake(lake), TODAY).query(SQL).rows
    hand.raw("budgets/budgets.jsonl", (lake / "budgets" / "budgets.jsonl").read_bytes())
    assert [tuple(map(str, row)) for row in mine] == [
        ("main", "organization", "None", "1000.100000000000", "None", "None"),
        ("main", "workspace", "wrkspc_1", "250.500000000000", "2026-11", "None"),
        ("research", "organization", "None", "7.000000000000", "None", "2026-12"),
    ]
    assert oracle.query(SQL).fetchall() == mine
    assert main(["budgets", "show", "--lake", str(lake), "--organization", "research"]) == 0
    shown = capsys.readouterr().out.splitlines()[2:]
    assert [line.split() for line in shown] == [
        ["research", "organization", "null", "7", "null", "2026-12"], ["(1", "row)"],
    ]  # fmt: skip


def test_a_header_without_lines_removes_them(lake, tmp_path):
    set_budgets(lake, tmp_path / "budgets.csv")
    (tmp_path / "none.csv").write_text(FILE.splitlines()[0])
    assert set_budgets(lake, tmp_path / "none.csv") == 0
    assert Engine(FolderLake(lake), TODAY).query(SQL).rows == []


def test_a_mistake_leaves_what_was_set(lake, tmp_path, capsys):
    set_budgets(lake, tmp_path / "budgets.csv")
    before = (lake / "budgets" / "budgets.jsonl").read_bytes()
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(FILE + "main,team,,1,,\n")
    assert set_budgets(lake, wrong) == 2
    assert f"error: {wrong}: line 5: scope is 'team'; must be" in capsys.readouterr().err
    assert (lake / "budgets" / "budgets.jsonl").read_bytes() == before


def test_a_killed_write_leaves_what_was_set(lake, tmp_path, monkeypatch):
    set_budgets(lake, tmp_path / "budgets.csv")
    before = (lake / "budgets" / "budgets.jsonl").read_bytes()

    def killed(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    (tmp_path / "none.csv").write_text(FILE.splitlines()[0])
    assert set_budgets(lake, tmp_path / "none.csv") == 1
    assert [one.name for one in (lake / "budgets").iterdir()] == ["budgets.jsonl"]
    assert (lake / "budgets" / "budgets.jsonl").read_bytes() == before


@pytest.mark.parametrize("file", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_is_refused(lake, tmp_path, file, capsys):
    assert set_budgets(lake, tmp_path / file) == 2
    assert "cannot read" in capsys.readouterr().err


def test_a_folder_that_is_no_lake_is_refused(lake, tmp_path, capsys):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("x")
    assert set_budgets(tmp_path / "other", tmp_path / "budgets.csv") == 2
    assert "is not a lake" in capsys.readouterr().err
    assert not (tmp_path / "other" / "budgets").exists()


def test_a_lake_that_cannot_be_written_is_told(lake, tmp_path, capsys):
    (lake / "budgets").write_text("a file where the folder should be")
    assert set_budgets(lake, tmp_path / "budgets.csv") == 2
    assert "error: cannot write" in capsys.readouterr().err


def test_budgets_of_a_bucket(lake, tmp_path, monkeypatch, capsys):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="a-lake")
        for file in lake.rglob("*.gz"):
            s3.upload_file(str(file), "a-lake", f"lake/{file.relative_to(lake)}")
        place = "s3://a-lake/lake/"
        assert set_budgets(place, tmp_path / "budgets.csv") == 0
        assert set_budgets(lake, tmp_path / "budgets.csv") == 0
        stored = s3.get_object(Bucket="a-lake", Key="lake/budgets/budgets.jsonl")["Body"].read()
        assert stored == (lake / "budgets" / "budgets.jsonl").read_bytes()
        copies = BucketLake("a-lake", "lake/", tmp_path / "copies", "research")
        assert [row[0] for row in Engine(copies, TODAY).query(SQL).rows] == ["research"]
        assert set_budgets("s3://nowhere/lake", tmp_path / "budgets.csv") == 2
        assert "error: cannot read s3://nowhere/lake/" in capsys.readouterr().err
