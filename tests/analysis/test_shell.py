"""The SQL shell: what it prints, and what it says when it cannot."""

import io
import json
import sys
import threading
import zipfile
from concurrent.futures import Future
from datetime import date
from decimal import Decimal
from pathlib import Path

import boto3
import duckdb
import pytest
from moto import mock_aws
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from claude_admin_lake.analysis import shell
from claude_admin_lake.analysis.bucket import BucketLake
from claude_admin_lake.analysis.engine import VIEWS, Answer, Engine
from claude_admin_lake.analysis.lake import FolderLake
from claude_admin_lake.analysis.shell import HISTORY
from claude_admin_lake.analysis.text import as_csv, as_table
from claude_admin_lake.catalog.tables import BY_NAME, CATALOG
from claude_admin_lake.cli import main
from hand_made import TODAY, HandMade, cost

DAY = "2026-11-19"


def run(capsys, *arguments):
    status = main([*map(str, arguments)])
    told = capsys.readouterr()
    return status, told.out, told.err


@pytest.fixture
def lake(hand: HandMade) -> Path:
    hand.day("cost_report", DAY, [cost("150", workspace_id="w\n1"), cost("-25.5")])
    return hand.folder


def test_a_statement_prints_a_table(lake, capsys):
    sql = "SELECT workspace_id, cost_usd FROM cost_daily ORDER BY cost_usd"
    status, out, err = run(capsys, "sql", "--lake", lake, sql)
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "workspace_id  cost_usd",
        "------------- --------",
        "null            -0.255",
        "w\\n1               1.5",
        "(2 rows)",
    ]


def test_a_file_and_standard_input_and_csv(lake, capsys, tmp_path, monkeypatch):
    file = tmp_path / "q.sql"
    file.write_text('SELECT "date", amount FROM cost_report ORDER BY amount;\n')
    expected = "date,amount\n2026-11-19,-25.5\n2026-11-19,150\n"
    assert run(capsys, "sql", "--lake", lake, "--csv", "--file", file) == (0, expected, "")
    monkeypatch.setattr(sys, "stdin", io.StringIO(file.read_text()))
    assert run(capsys, "sql", "--lake", lake, "--csv")[1] == expected


def test_today_is_what_current_date_is(lake, capsys):
    told = run(capsys, "sql", "--lake", lake, "--csv", "--today", TODAY, "SELECT current_date AS d")
    assert told[1] == f"d\n{TODAY}\n"


def test_an_empty_folder_is_an_empty_lake(tmp_path, capsys):
    status, out, err = run(capsys, "sql", "--lake", tmp_path, "SELECT count(*) AS n FROM users")
    assert status == 0
    assert "(1 row)" in out
    assert "is empty" in err


def test_a_folder_with_nothing_but_state_is_an_empty_lake(tmp_path, capsys):
    (tmp_path / "_state" / "main").mkdir(parents=True)
    status, _, err = run(capsys, "sql", "--lake", tmp_path, "SELECT count(*) FROM users")
    assert status == 0
    assert "is empty" in err


def test_a_folder_of_version_1_is_refused(hand: HandMade, capsys):
    hand.raw(f"cost_report/date={DAY}/cost_report.jsonl.gz", b"")
    status, _, err = run(capsys, "sql", "--lake", hand.folder, "SELECT count(*) FROM cost_report")
    assert status == 2
    assert f"cost_report/date={DAY} is in the layout of version 1" in err


def test_a_query_covers_all_organizations_or_one(hand: HandMade, capsys):
    hand.day("cost_report", DAY, [cost("1")])
    HandMade(hand.folder, "research").day("cost_report", DAY, [cost("20")])
    sql = "SELECT organization, amount FROM cost_report"
    found = run(capsys, "sql", "--lake", hand.folder, "--csv", f"{sql} ORDER BY 1")
    assert found == (0, "organization,amount\nmain,1\nresearch,20\n", "")
    found = run(capsys, "sql", "--lake", hand.folder, "--csv", f"{sql} WHERE organization = 'main'")
    assert found == (0, "organization,amount\nmain,1\n", "")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("missing", "missing' is missing; must be a folder that was loaded"),
        ("other", "is not a lake: it has none of the tables; it contains x.txt"),
        ("", "did you mean"),
    ],
)
def test_a_wrong_folder_is_explained(tmp_path, lake, capsys, place, said):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.txt").touch()
    status, out, err = run(capsys, "sql", "--lake", tmp_path / place, "SELECT 1")
    assert (status, out) == (2, "")
    assert said in err


FROM_MANY = "FROM UNNEST(SEQUENCE(1, 600000)) AS t (n)"
"""So many rows that a failure comes after some of them have been fetched."""


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELEC 1", "not Athena SQL"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("", "one statement"),
        ("SELECT nothing FROM users", "nothing"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELECT CAST('x' AS bigint)", "x"),
        ("SELECT '\udcff'", "the statement is not UTF-8"),
        (f"SELECT CAST(if(n = 500000, 'x', '1') AS bigint) {FROM_MANY}", "'x'"),
    ],
)
def test_a_wrong_statement_is_explained(lake, capsys, sql, said):
    status, out, err = run(capsys, "sql", "--lake", lake, "--csv", "--", sql or ";")
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert said in err


def test_json_has_each_column_once_and_no_number_that_json_lacks(lake, capsys):
    status, _, err = run(capsys, "sql", "--lake", lake, "--json", "SELECT 1 AS x, 2 AS x")
    assert (status, err) == (2, "error: several columns are named x; name them with AS\n")
    sql = "SELECT CAST('NaN' AS double) AS x, CAST('inf' AS double) AS y, 0.5 AS z"
    _, out, _ = run(capsys, "sql", "--lake", lake, "--json", sql)
    assert json.loads(out) == [{"x": None, "y": None, "z": "0.5"}]


def test_standard_input_that_is_no_text_is_explained(lake, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"SELECT '\xff'"), "utf-8"))
    status, _, err = run(capsys, "sql", "--lake", lake)
    assert status == 2
    assert "standard input is not UTF-8" in err


def test_a_damaged_object_is_named(hand, lake, capsys):
    hand.raw(f"usage_report/organization=main/date={DAY}/usage_report.jsonl.gz", b"no gzip")
    status, _, err = run(capsys, "sql", "--lake", lake, "SELECT * FROM usage_report")
    assert status == 2
    assert "cannot read usage_report" in err


@pytest.fixture
def bucket(lake, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="mine")
        s3.create_bucket(Bucket="bare")
        for file in (one for one in lake.rglob("*") if one.is_file()):
            s3.upload_file(str(file), "mine", f"some/lake/{file.relative_to(lake)}")
        yield "mine"


def test_a_bucket_is_read_like_a_folder(bucket, capsys):
    sql = "SELECT sum(cost_usd) AS usd FROM cost_by_api_key"
    for place in ("s3://mine/some/lake", "s3://mine/some/lake/"):
        assert run(capsys, "sql", "--lake", place, "--csv", sql) == (0, "usd\n1.245\n", "")


def test_files_of_a_bucket_are_those_since_a_day(bucket, hand, tmp_path):
    table = BY_NAME["cost_report"]
    hand.day("cost_report", "2026-10-01", [cost("1")])
    old = next(hand.folder.glob("cost_report/*/date=2026-10-01/*"))
    boto3.client("s3").upload_file(str(old), bucket, f"some/lake/{old.relative_to(hand.folder)}")
    lake = BucketLake(bucket, "some/lake", tmp_path / "copies")
    every = lake.files(table)
    assert len(every) > 1
    newer = [one for one in every if "2026-10-01" not in str(one)]
    assert lake.files(table, date(2026, 10, 2)) == newer


def test_only_the_chosen_organization_is_copied_from_a_bucket(bucket, capsys, lake, monkeypatch):
    s3, file = boto3.client("s3"), next(lake.glob("cost_report/*/*/*"))
    other = str(file.relative_to(lake)).replace("=main/", "=other/")
    s3.put_object(Bucket=bucket, Key=f"some/lake/{other}", Body=b"not gzip")
    sql = "SELECT sum(cost_usd) AS usd FROM cost_by_api_key"
    place = ("--lake", "s3://mine/some/lake", "--organization")
    assert run(capsys, "sql", *place, "main", "--csv", sql) == (0, "usd\n1.245\n", "")
    status, _, err = run(capsys, "sql", *place, "another", sql)
    assert status == 2
    assert "'another'; must be one in this lake: main, other" in err


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("s3://mine/som", "nothing is under s3://mine/som/; the bucket contains some"),
        ("s3://mine/some/", "did you mean s3://mine/some/lake/?"),
        ("s3://nobodys/lake", "cannot read s3://nobodys/lake/"),
    ],
)
def test_a_wrong_bucket_is_explained(bucket, capsys, place, said):
    status, out, err = run(capsys, "sql", "--lake", place, "SELECT 1")
    assert (status, out) == (2, "")
    assert said in err


def test_a_bucket_without_objects_is_an_empty_lake(bucket, capsys):
    status, _, err = run(capsys, "sql", "--lake", "s3://bare", "SELECT count(*) FROM users")
    assert status == 0
    assert "is empty" in err


@pytest.fixture
def typing(capsys, monkeypatch, tmp_path):
    """Type text at the prompt; what is printed."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)

    def typing(lake, text):
        with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
            typed.send_text(text)
            status, out, _ = run(capsys, "sql", "--lake", lake)
        assert status == 0
        return out

    return typing


def test_a_conversation(lake, typing):
    out = typing(lake, "SELECT 1 AS a,\r2 AS b;\rSELEC;\r\\d\rSELECT 3 AS gone\x03\r\x04")
    assert "1  2\n(1 row)" in out
    assert "error: not Athena SQL" in out
    assert "gone" not in out
    assert all(name in out for name in (*VIEWS, *(table.name for table in CATALOG)))


@pytest.mark.parametrize("asked", ["\\d cost_daily", "describe cost_daily;", "DESC COST_DAILY"])
def test_the_prompt_describes_a_table(lake, typing, asked):
    out = typing(lake, f"{asked}\r\x04")
    assert "cost_usd" in out
    assert "decimal(" in out


@pytest.mark.parametrize("leave", ["exit\r", "quit;\r", "\\q\r", "\x04"])
def test_the_prompt_helps_and_is_left(lake, typing, leave):
    out = typing(lake, f"help\r{leave}")
    assert "lists the columns of one" in out


def test_the_prompt_keeps_what_was_typed(lake, typing, tmp_path):
    typing(lake, "SELECT 41 + 1;\r\x04")
    file = tmp_path / HISTORY
    assert "SELECT 41 + 1;" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_a_home_that_keeps_nothing_is_no_obstacle(lake, typing, monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "missing")
    assert "(1 row)" in typing(lake, "SELECT 1;\r\x04")


def test_ctrl_c_leaves_a_running_statement_only(lake, typing, monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(shell, "ask", interrupted)
    out = typing(lake, "SELECT 1;\rhelp\r\x04")
    assert "cancelled" in out
    assert "lists the columns" in out


def test_ctrl_c_ends_a_running_statement(lake, monkeypatch):
    begun, interrupted = threading.Event(), threading.Event()

    class Busy:
        """A database that is busy until it is interrupted."""

        def execute(self, _statement):
            begun.set()
            assert interrupted.wait(60)
            raise duckdb.InterruptException("interrupted")

        def interrupt(self):
            interrupted.set()

    def pressed(_future):
        assert begun.wait(60)
        raise KeyboardInterrupt

    engine = Engine(FolderLake(lake), TODAY)
    monkeypatch.setattr(engine, "_database", Busy())
    monkeypatch.setattr(Future, "result", pressed)
    with pytest.raises(KeyboardInterrupt):
        engine.query("SELECT 1")
    assert interrupted.is_set()


def test_show_and_describe_work_without_a_prompt(lake, capsys):
    found = run(capsys, "sql", "--lake", lake, "--csv", "SHOW TABLES")
    assert found[1].startswith("name,about\n")
    assert {"freshness", "users"} <= {line.partition(",")[0] for line in found[1].splitlines()}
    found = run(capsys, "sql", "--lake", lake, "--csv", "DESCRIBE freshness")
    assert found[1].startswith("column,type,about\n")
    status, _, err = run(capsys, "sql", "--lake", lake, "DESCRIBE freshnes")
    assert status == 2
    assert err == "error: there is no table or view 'freshnes'; did you mean freshness?\n"


EXACT = """SELECT CAST('12345678901234567.25' AS decimal(38,2)) AS big,
    CAST('0.10' AS decimal(18,2)) AS small, '=1+1' AS text, 9007199254740993 AS whole,
    CAST(NULL AS varchar) AS nothing"""


def test_a_csv_file_has_a_byte_order_mark_and_exact_decimals(lake, capsys, tmp_path):
    file = tmp_path / "new" / "spend.csv"
    status, out, _ = run(capsys, "sql", "--lake", lake, "--out", file, EXACT)
    assert (status, out) == (0, f"wrote {file} (1 row)\n")
    assert file.read_bytes() == (
        b"\xef\xbb\xbfbig,small,text,whole,nothing\n"
        b"12345678901234567.25,0.1,'=1+1,9007199254740993,\n"
    )


def test_rows_as_json_are_exact(lake, capsys):
    status, out, _ = run(capsys, "sql", "--lake", lake, "--json", EXACT)
    assert status == 0
    assert json.loads(out) == [
        {
            "big": "12345678901234567.25", "small": "0.1", "text": "=1+1",
            "whole": 9007199254740993, "nothing": None,
        }
    ]  # fmt: skip
    assert run(capsys, "sql", "--lake", lake, "--json", "--csv", "SELECT 1")[0] == 2


def test_quiet_says_nothing_of_a_written_file(lake, capsys, tmp_path):
    out = tmp_path / "spend.csv"
    assert run(capsys, "sql", "--lake", lake, "--quiet", "--out", out, "SELECT 1") == (0, "", "")
    page = tmp_path / "page.html"
    assert run(capsys, "report", "--lake", lake, "--quiet", "--out", page) == (0, "", "")
    told = json.loads(run(capsys, "report", "--lake", lake, "--json", "--out", page)[1])
    assert told == {"file": str(page), "bytes": page.stat().st_size}


def test_a_sheet_has_numbers_where_a_spreadsheet_keeps_all_digits(lake, capsys, tmp_path):
    file = tmp_path / "spend.xlsx"
    assert run(capsys, "sql", "--lake", lake, "--out", file, EXACT)[0] == 0
    with zipfile.ZipFile(file) as parts:
        cells = parts.read("xl/worksheets/sheet1.xml").decode()
        texts = parts.read("xl/sharedStrings.xml").decode()
    assert "<v>0.10</v>" in cells
    assert "<f>" not in cells  # no text becomes a formula
    for text in ("12345678901234567.25", "=1+1", "9007199254740993"):
        assert f"<t>{text}</t>" in texts


@pytest.mark.parametrize("text", ["x" * 32_768, "\U0001f600" * 16_384])
def test_a_text_longer_than_a_cell_is_not_cut(lake, capsys, tmp_path, text):
    file = tmp_path / "long.xlsx"
    status, _, err = run(
        capsys, "sql", "--lake", lake, "--out", file, f"SELECT '{text}' AS details"
    )
    assert status == 2
    assert "details has a text of 32,768 characters; a cell can have 32,767: use .csv" in err
    assert not file.exists()


def test_a_cell_can_be_full_and_a_number_can_be_none(lake, capsys, tmp_path):
    file = tmp_path / "odd.xlsx"
    sql = f"SELECT '{'x' * 32_767}' AS a, CAST('NaN' AS double) AS b, CAST('inf' AS double) AS c"
    assert run(capsys, "sql", "--lake", lake, "--out", file, sql)[0] == 0
    with zipfile.ZipFile(file) as parts:
        texts = parts.read("xl/sharedStrings.xml").decode()
    for text in ("x" * 32_767, "nan", "inf"):
        assert f"<t>{text}</t>" in texts


def test_a_parquet_file_has_the_types_of_the_columns(lake, capsys, tmp_path):
    file = tmp_path / "it's.parquet"
    status, out, _ = run(capsys, "sql", "--lake", lake, "--out", file, EXACT)
    assert (status, out) == (0, f"wrote {file} (1 row)\n")
    with duckdb.connect() as database:
        ((big, small),) = database.execute(
            "SELECT big, small FROM read_parquet(?)", [str(file)]
        ).fetchall()
    assert (big, small) == (Decimal("12345678901234567.25"), Decimal("0.10"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "spend.ods", "SELECT 1"], "must end with .csv, .xlsx, .parquet"),
        (["--out", "/proc/no/spend.csv", "SELECT 1"], "cannot write /proc/no/spend.csv"),
        (["--out", "/proc/spend.xlsx", "SELECT 1"], "cannot write /proc/spend.xlsx"),
        (["--out", "/proc/spend.parquet", "SELECT 1"], "/proc/spend.parquet"),
        (["--out", "tables.parquet", "SHOW TABLES"], "must be .csv or .xlsx"),
    ],
)
def test_a_file_that_cannot_be_written_is_explained(lake, capsys, arguments, said):
    status, _, err = run(capsys, "sql", "--lake", lake, *arguments)
    assert status == 2
    assert said in err
    assert "Traceback" not in err


def test_wide_letters_and_long_tables():
    answer = Answer(
        ("name", "n"), ("VARCHAR", "BIGINT"), [("李雷", 1), ("x" * 99, 22), (None, None)]
    )
    first, _, second, third, last = as_table(answer, 2).splitlines()
    assert first.startswith("name")
    assert second == "李雷" + " " * 56 + "   1"
    assert third == "x" * 59 + "…" + "  22"
    assert last == "(3 rows, first 2 shown)"
    assert as_csv(answer).splitlines()[1:] == ["李雷,1", "x" * 99 + ",22", ","]
