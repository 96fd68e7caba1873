"""`claude-admin-lake check`: what it prints, its exit status, and that it leaves nothing behind."""

import json

import pytest

from admin_double import faults
from claude_admin_lake.cli import main
from claude_admin_lake.cli.check_text import lines

pytestmark = pytest.mark.usefixtures("environment")


def run(capsys, *arguments):
    status = main(["check", *map(str, arguments)])
    told = capsys.readouterr()
    return status, told.out, told.err


def test_a_good_key_is_status_0_and_json_where_no_terminal_is(api, tmp_path, capsys):
    status, out, err = run(capsys, "--lake", tmp_path / "lake")
    assert (status, json.loads(out)["status"], err) == (0, "complete", "")
    assert list(tmp_path.iterdir()) == []


def test_a_forbidden_table_is_status_1(api, tmp_path, capsys):
    api.forbid("users")
    status, out, _ = run(capsys, "--lake", tmp_path, "--tables", "users,invites")
    assert status == 1
    assert json.loads(out)["tables"]["users"]["status"] == "forbidden"


def test_a_wrong_key_is_status_2(api, tmp_path, capsys):
    api.keys.clear()
    assert run(capsys, "--lake", tmp_path)[0] == 2


def test_people_read_sentences(api, tmp_path, capsys):
    api.forbid("users")
    api.page_cap = 1
    tables = "organization,users,invites,cost_report,access"
    _, out, _ = run(capsys, "--lake", tmp_path, "--tables", tables)
    text = "\n".join(lines(json.loads(out)))
    for part in (
        "The key belongs to", "api_key is an Admin API key", "users",
        "is forbidden:", "What to do: use a key that may read it", "Not offered: service_accounts,",
        "OAuth token", "at least", "newest day with data", "A first load takes", "dollars",
        "Lake, cursors, credential and clock are fine.",
    ):  # fmt: skip
        assert part in text
    assert "Next:" not in text


def test_a_failed_check_says_why_in_one_line(api, tmp_path, capsys):
    api.keys.clear()
    _, out, _ = run(capsys, "--lake", tmp_path)
    (line,) = lines(json.loads(out))
    assert line.startswith("A load could not begin: the API refuses the key")


def test_since_changes_the_estimate(tmp_path, capsys):
    first = json.loads(run(capsys, "--lake", tmp_path)[1])["first_load"]["requests"]
    longer = json.loads(run(capsys, "--lake", tmp_path, "--since", "2026-01-01")[1])
    assert longer["first_load"]["requests"] > first


def test_shapes_are_json_or_a_list_of_fields(tmp_path, capsys):
    status, out, _ = run(capsys, "--lake", tmp_path, "--shapes", "--tables", "users,cost_report")
    assert status == 0
    told = list(lines(json.loads(out)))
    assert "users (/v1/organizations/users): loaded" in told
    assert "  email: string (declared string)" in told
    assert not any("@" in line for line in told)


def test_shapes_of_a_table_with_trouble_have_no_words_of_the_api(api, tmp_path, capsys):
    api.fail("users", faults.status(400, body=b"ada@example.com"), times=faults.ALWAYS)
    _, out, _ = run(capsys, "--lake", tmp_path, "--shapes", "--tables", "users")
    assert json.loads(out)["shapes"]["users"]["status"] == "failed"
    assert "ada" not in out
