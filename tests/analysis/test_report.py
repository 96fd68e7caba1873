"""The report: its numbers are SQL's, it stands alone, and odd lakes do not break it."""

import re
from collections import Counter
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from claude_admin_lake.analysis.report.words import change, percent, short, usd
from claude_admin_lake.cli import main

from .hand import TODAY, HandMade, coding, cost, usage, user, workspace

DAY = "2026-11-19"
VOID = {"meta", "link", "br", "img", "path", "use", "rect"}


class Page(HTMLParser):
    """What a browser would find: elements, numbers, ids, links, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.ids, self.open = Counter(), Counter(), []
        self.numbers, self.links, self.labels, self.text = {}, [], [], ""
        self.feed(text)
        self.close()
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags[tag] += 1
        self.ids.update([found["id"]] if "id" in found else [])
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href")]
        self.labels += (found.get("aria-labelledby") or "").split()
        if "data-key" in found:
            self.numbers[found["data-key"]] = found["value"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def write(folder, out, *more):
    assert (
        main(["report", "--lake", str(folder), "--out", str(out), "--today", str(TODAY), *more])
        == 0
    )
    return out.read_text("utf-8")


@pytest.fixture(scope="module")
def html(loaded, tmp_path_factory):
    return write(loaded.folder, tmp_path_factory.mktemp("report") / "new" / "report.html")


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_it_needs_nothing_else_and_runs_nothing(html, page):
    assert all(link.startswith(("#", "data:")) for link in page.links)
    assert not page.tags["script"]
    outside = set(re.findall(r"https?://[^\"' <)]+", html))
    assert outside <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"@import|url\((?!#)", html)
    assert "default-src 'none'" in html
    assert len(html) < 1_500_000


def test_it_is_well_formed_and_accessible(page, html):
    assert page.open == []
    assert max(page.ids.values()) == 1
    assert set(page.labels) <= set(page.ids)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert page.tags["h1"] == page.tags["main"] == 1
    assert html.count('role="img"') == page.tags["svg"] == 2 * page.tags["figure"] == 14
    assert page.tags["desc"] == page.tags["svg"]
    assert page.tags["caption"] == page.tags["table"]
    assert 'lang="en"' in html


def test_it_says_what_the_numbers_exclude_and_their_units(page):
    for words in (
        "Priority Tier",
        "not the invoice",
        "Days are UTC",
        "US dollars",
        "of input tokens",
    ):
        assert words in page.text


def period(column="day"):
    return f"{column} BETWEEN DATE '2026-10-21' AND DATE '2026-11-19'"


def people():
    return "actor_type = 'user_actor'"


@pytest.mark.parametrize(
    ("key", "sql"),
    [
        ("spend", f"SELECT sum(cost_usd) FROM cost_daily WHERE {period()}"),
        ("spend:week", "SELECT sum(cost_usd) FROM cost_daily WHERE day >= DATE '2026-11-13'"),
        ("tokens", f"SELECT sum(input_tokens) FROM usage_daily WHERE {period()}"),
        ("tokens:output", f"SELECT sum(output_tokens) FROM usage_daily WHERE {period()}"),
        (
            "people",
            f"SELECT count(DISTINCT actor) FROM claude_code_daily WHERE {people()} AND {period()}",
        ),
        ("code:commits", f"SELECT sum(commits) FROM claude_code_daily WHERE {period()}"),
        (
            "code:estimated",
            f"SELECT sum(estimated_cost_usd) FROM claude_code_daily WHERE {period()}",
        ),
        (
            "key:unallocated",
            "SELECT sum(cost_usd) FROM cost_by_api_key WHERE allocation = 'unallocated' AND "
            + period(),
        ),
        ("lag:users", "SELECT lag_days FROM freshness WHERE table_name = 'users'"),
        (
            "finding:organization admin",
            "SELECT count(*) FROM access_review WHERE finding = 'organization admin'",
        ),
    ],
)
def test_numbers_are_sqls(page, loaded_oracle, key, sql):
    (expected,) = loaded_oracle.query(sql).fetchone()
    assert Decimal(page.numbers[key]) == expected


def test_keys_and_models_add_up_to_the_spend(page):
    for kind in ("key:", "model:", "workspace:"):
        parts = [Decimal(value) for key, value in page.numbers.items() if key.startswith(kind)]
        assert sum(parts) == Decimal(page.numbers["spend"])


def test_it_is_the_same_every_time(loaded, html, tmp_path):
    assert write(loaded.folder, tmp_path / "again.html") == html


def test_the_range_can_be_chosen(loaded, loaded_oracle, tmp_path):
    days = ("--start-date", "2026-11-02", "--end-date", "2026-11-08")
    page = Page(write(loaded.folder, tmp_path / "r.html", *days))
    week = "DATE '2026-11-02' AND DATE '2026-11-08'"
    sql = f"SELECT sum(cost_usd) FROM cost_daily WHERE day BETWEEN {week}"
    assert Decimal(page.numbers["spend"]) == loaded_oracle.query(sql).fetchone()[0]
    assert "November 2, 2026 to November 8, 2026, 7 days" in page.text


def test_a_long_range_is_drawn_by_week(loaded, tmp_path):
    page = Page(write(loaded.folder, tmp_path / "r.html", "--start-date", "2026-01-01"))
    assert "Spend by week and workspace" in page.text


def test_a_range_the_wrong_way_round_is_refused(loaded, tmp_path, capsys):
    arguments = ["report", "--lake", str(loaded.folder), "--out", str(tmp_path / "r.html")]
    assert main([*arguments, "--start-date", "2026-11-09", "--end-date", "2026-11-08"]) == 1
    assert "after its end" in capsys.readouterr().err
    assert main([*arguments[:-1], str(tmp_path)]) == 1
    assert "cannot write" in capsys.readouterr().err


def test_an_empty_lake(hand: HandMade, tmp_path, capsys):
    page = Page(write(hand.folder, tmp_path / "r.html"))
    assert page.tags["svg"] == 0
    assert page.text.count("nothing in this period") > 5
    assert "Not current" in page.text


def test_one_day(hand: HandMade, tmp_path):
    hand.day("cost_report", DAY, [cost("150")])
    hand.day("usage_report", DAY, [usage(7)])
    hand.day("claude_code_usage", DAY, [coding()])
    page = Page(write(hand.folder, tmp_path / "r.html"))
    assert "November 19, 2026 to November 19, 2026, 1 day" in page.text
    assert "no previous week" in page.text
    assert Decimal(page.numbers["key:k1"]) == Decimal("1.5")


def test_odd_names_amounts_and_currencies(hand: HandMade, tmp_path):
    odd = "<script>alert('&')</script>$x_1^2$"
    hand.snapshot("workspaces", DAY, [workspace(odd, id="w1"), workspace(None, id="w2")])
    hand.day("cost_report", DAY, [
        cost("-999", workspace_id="w1"), cost("0", workspace_id="w2"), cost("500"),
        cost("1", currency="EUR"), cost("2", currency="EUR", model="n"),
    ])  # fmt: skip
    text = write(hand.folder, tmp_path / "r.html")
    page = Page(text)
    assert not page.tags["script"]
    assert odd in page.text
    assert "2 rows of the cost report in EUR" in page.text
    assert "−$9.99" in page.text
    assert Decimal(page.numbers["spend"]) == Decimal("-4.99")


def test_ten_thousand_users_and_many_workspaces(hand: HandMade, tmp_path):
    hand.snapshot("users", DAY, [user(f"u{n}", "admin") for n in range(10_000)])
    hand.day("claude_code_usage", DAY, [coding(f"u{n}@example.com") for n in range(10_000)])
    hand.day("cost_report", DAY, [cost(str(n + 1), workspace_id=f"w{n:03}") for n in range(200)])
    text = write(hand.folder, tmp_path / "r.html")
    page = Page(text)
    assert page.numbers["people"] == "10000"
    assert "185 more are in cost_daily" in page.text
    assert "9,975 more are in access_review" in page.text
    assert len(text) < 500_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (usd(Decimal("1234.5")), "$1,234.50"),
        (usd(Decimal("-0.005")), "$0.00"),
        (usd(Decimal(-3)), "−$3.00"),
        (short(1_234_567), "1.23M"),
        (short(12), "12"),
        (percent(0.0312), "3.1%"),
        (percent(0.5), "50%"),
        (percent(None), "–"),
        (change(Decimal(150), Decimal(100)), "▲ 50%"),
        (change(Decimal(50), Decimal(100)), "▼ 50%"),
        (change(Decimal(1), Decimal(0)), "new"),
        (change(Decimal(1), None), "no previous week"),
        (change(Decimal(100), Decimal(100)), "unchanged"),
    ],
)
def test_numbers_in_words(text, expected):
    assert text == expected


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colors."""

    def light(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_contrast_is_enough(html, scheme):
    blocks = re.findall(r":root \{(.*?)\}", html, re.DOTALL)
    colors = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", blocks[scheme]))
    for name in ("ink", "muted", "link"):
        assert contrast(colors[name], colors["paper"]) >= 4.5
    assert contrast(colors["warn"], colors["warn-wash"]) >= 4.5
    for n in range(1, 7):
        assert contrast(colors[f"series-{n}"], colors["paper"]) >= 3
