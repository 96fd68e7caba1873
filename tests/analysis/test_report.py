"""The report: its numbers are SQL's, it is self-contained, and odd lakes do not break it."""

import base64
import hashlib
import json
import re
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from claude_admin_lake.analysis.report.charts import COLORS, Chart, Series, colors, spark
from claude_admin_lake.analysis.report.period import Period, ticks
from claude_admin_lake.analysis.report.words import change, percent, plain_name, short, usd
from claude_admin_lake.cli import main
from hand_made import TODAY, HandMade, api_key, coding, cost, usage, user, workspace

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
        if self.open and self.open[-1] not in ("script", "style"):
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


def hashed(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def inline(html, tag):
    """The content of the elements without attributes; the page has one style and one script."""
    return re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)


def test_it_needs_nothing_else_and_runs_only_its_own_script(html, page):
    assert all(link.startswith(("#", "data:")) for link in page.links)
    (style,), (script,) = inline(html, "style"), inline(html, "script")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy.split("; ") == [
        "default-src 'none'", f"style-src {hashed(style)}", f"script-src {hashed(script)}",
        "img-src data:", "base-uri 'none'", "form-action 'none'",
    ]  # fmt: skip
    assert not re.search(r"<[^>]+ (style|on[a-z]+)=", html)
    outside = set(re.findall(r"https?://[^\"' <)]+", html))
    assert outside == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\(", html)
    assert len(html) < 300_000


def test_it_is_well_formed_and_accessible(page, html):
    assert page.open == []
    assert max(page.ids.values()) == 1
    assert set(page.labels) <= set(page.ids)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert page.tags["h1"] == page.tags["main"] == 1
    assert html.count('role="img"') == page.tags["figure"] == 6
    assert page.tags["caption"] == page.tags["table"]
    assert 'lang="en"' in html


def test_every_chart_is_drawn_once_and_has_its_numbers_and_sql(html):
    for figure in re.findall(r"<figure.*?</figure>", html, re.DOTALL):
        (name,) = re.findall(r'data-table="(.+?)"', figure)
        assert figure.count('class="area"') == 1
        assert f'<table id="{name}"' in figure
        assert "<pre><code>SELECT" in figure


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
        (
            "month",
            "SELECT sum(cost_usd) FROM cost_daily WHERE day >= DATE '2026-11-01'",
        ),
        ("spend:day", "SELECT sum(cost_usd) FROM cost_daily WHERE day = DATE '2026-11-19'"),
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


def cells(html):
    (text,) = re.findall(r'<script type="application/json" id="cells">(.*?)</script>', html)
    return json.loads(text)


def rows_of(html, name):
    (table,) = re.findall(rf'<table id="t-{name}".*?</table>', html, re.DOTALL)
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]
    return [[plain(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


def plain(cell):
    return " ".join(re.sub(r"<[^>]+>", "", cell).split())


def test_what_the_page_filters_adds_up_to_what_it_shows(html, page):
    found = cells(html)
    by_workspace, total = Counter(), 0
    for workspace_at, _, _, first, amounts in found["series"]:
        assert 0 <= first < first + len(amounts) <= found["days"] == 30
        by_workspace[workspace_at] += sum(amounts)
        total += sum(amounts)
    assert abs(Decimal(total) / 1_000_000 - Decimal(page.numbers["spend"])) < Decimal("0.01")
    shown = [Decimal(row[2].strip("$").replace(",", "")) for row in rows_of(html, "w")]
    for at, amount in enumerate(shown):
        assert abs(Decimal(by_workspace[at]) / 1_000_000 - amount) < Decimal("0.01")


def without_time(html):
    return re.sub(r'<time datetime="[^"]+Z">[^<]+</time>', "", html)


def test_it_is_the_same_every_time_except_for_the_time(loaded, html, tmp_path):
    again = write(loaded.folder, tmp_path / "again.html")
    assert without_time(again) == without_time(html) != html


def test_the_range_can_be_chosen(loaded, loaded_oracle, tmp_path):
    days = ("--start-date", "2026-11-02", "--end-date", "2026-11-08")
    page = Page(write(loaded.folder, tmp_path / "r.html", *days))
    week = "DATE '2026-11-02' AND DATE '2026-11-08'"
    sql = f"SELECT sum(cost_usd) FROM cost_daily WHERE day BETWEEN {week}"
    assert Decimal(page.numbers["spend"]) == loaded_oracle.query(sql).fetchone()[0]
    assert "November 2, 2026 to November 8, 2026, 7 days in UTC" in page.text


def test_a_long_range_is_drawn_by_week(loaded, tmp_path):
    text = write(loaded.folder, tmp_path / "r.html", "--start-date", "2026-01-01")
    assert "Spend by week and model" in Page(text).text
    heads = re.findall(r"<th[^>]*>(Day|Week of)</th>", text)
    assert set(heads) == {"Week of"}  # in the table of each chart


def test_a_range_the_wrong_way_round_is_refused(loaded, tmp_path, capsys):
    arguments = ["report", "--lake", str(loaded.folder), "--out", str(tmp_path / "r.html")]
    assert main([*arguments, "--start-date", "2026-11-09", "--end-date", "2026-11-08"]) == 2
    assert "after its end" in capsys.readouterr().err
    assert main([*arguments[:-1], str(tmp_path)]) == 2
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
    assert "No unusual days" not in page.text
    assert "Unusual days are found once the lake has ten weeks of costs." in page.text
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
    assert page.tags["script"] == 2
    assert odd in page.text
    assert "2 rows of the cost report in EUR" in page.text
    assert "−$9.99" in page.text
    assert Decimal(page.numbers["spend"]) == Decimal("-4.99")


def test_a_large_organization_shows_everybody_and_stays_small(hand: HandMade, tmp_path):
    hand.snapshot("users", DAY, [user(f"u{n}", "admin") for n in range(10_000)])
    hand.snapshot("api_keys", DAY, [api_key(f"k{n:03}") for n in range(800)])
    hand.day("claude_code_usage", DAY, [coding(f"u{n}@example.com") for n in range(10_000)])
    hand.day(
        "cost_report",
        DAY,
        [cost(str(n + 1), workspace_id=f"w{n % 150:03}", model=f"m-{n % 9}") for n in range(800)],
    )
    hand.day(
        "usage_report",
        DAY,
        [
            usage(7, f"k{n:03}", workspace_id=f"w{n % 150:03}", model=f"m-{n % 9}")
            for n in range(800)
        ],
    )
    text = write(hand.folder, tmp_path / "r.html")
    page = Page(text)
    assert page.numbers["people"] == "10000"
    assert len(rows_of(text, "w")) == 150
    assert len(rows_of(text, "k")) == 800
    assert "9,900 more are in access_review" in page.text
    assert len(text) < 500_000


def test_things_of_one_name_are_told_apart(hand: HandMade, tmp_path):
    twins = [workspace("Twin", id="wrkspc_000001"), workspace("Twin", id="wrkspc_000002")]
    hand.snapshot("workspaces", DAY, twins)
    hand.day("cost_report", DAY, [
        cost("100", workspace_id="wrkspc_000001"), cost("300", workspace_id="wrkspc_000002"),
    ])  # fmt: skip
    found = rows_of(write(hand.folder, tmp_path / "r.html"), "w")
    assert [row[0] for row in found] == ["Twin (wrkspc_000002)", "Twin (wrkspc_000001)"]


def test_a_cost_without_model_and_kind_is_shown(hand: HandMade, tmp_path):
    hand.day("cost_report", DAY, [cost("-100", model=None, cost_type=None, token_type=None)])
    found = rows_of(write(hand.folder, tmp_path / "r.html"), "m")
    assert [row[0] for row in found] == ["Unspecified"]


def test_weeks_that_are_not_whole_are_marked(loaded, tmp_path):
    text = write(loaded.folder, tmp_path / "r.html", "--start-date", "2026-11-04")
    first = [row[0] for row in rows_of(text, "weeks")]
    assert first == ["Nov 2 (partly)", "Nov 9", "Nov 16 (partly)"]
    (figure,) = re.findall(r'<figure id="c-active".*?</figure>', text, re.DOTALL)
    assert figure.count('class="faint"') == 2
    assert "active in the last whole week" in figure


def test_a_mover_says_why(hand: HandMade, tmp_path):
    for day in range(2, 16):
        amount = "700" if day > 8 else "100"
        tokens = 70 if day > 8 else 10
        hand.day("cost_report", f"2026-11-{day:02}", [cost(amount)])
        hand.day("usage_report", f"2026-11-{day:02}", [usage(tokens)])
    page = Page(write(hand.folder, tmp_path / "r.html"))
    assert "week of Nov 9 against the week before" in page.text
    assert "Default workspace +$42.00 from $7.00 to $49.00, mostly more tokens" in page.text


def test_days_that_may_still_grow_are_marked(hand: HandMade, tmp_path):
    for day in (18, 19):
        hand.day("cost_report", f"2026-11-{day}", [cost("100")])
    for table in ("cost_report", "usage_report"):
        hand.run("2026-11-19", table, cursor_after="2026-11-18")
    text = write(hand.folder, tmp_path / "r.html")
    (figure,) = re.findall(r'<figure id="c-spend".*?</figure>', text, re.DOTALL)
    assert re.findall(r'class="faint" x="(\d+)"', figure) == ["10"]
    assert "day not complete yet" in figure


def test_it_opens_with_what_matters(html):
    order = [html.index(f'<section id="{name}"') for name in ("now", "totals", "spend", "tokens")]
    assert order == sorted(order)
    now = html[order[0] : order[1]]
    assert "Month to date" in now
    assert "Biggest movers" in now
    assert now.count('<ol class="movers"><li>') == 1


def chart(values, **more):
    names = [str(n) for n in range(len(values[0]))]
    series = [Series(f"s{n}", one) for n, one in enumerate(values)]
    return Chart("n", "t", "s", names, series, str, str, **more).drawing()


def test_bars_stack_up_and_down_from_zero():
    drawn = chart([[10, -10], [10, None]])
    assert [y for _, y in drawn.marks][-1] == 0
    assert drawn.paths[0][1] == "M1 667h8V333h-8zM11 667h8V1000h-8z"
    assert drawn.paths[1][1] == "M1 333h8V0h-8z"


def test_a_line_has_gaps_and_dots():
    drawn = chart([[1, None, 0.5, 0.25]], line=True)
    assert drawn.paths[0][1] == "M5 0h0M25 500h0L35 750"
    assert [show for show, _ in drawn.marks] == ["0.0", "0.25", "0.5", "0.75", "1.0"]


def test_series_are_named_at_their_ends_from_the_bottom_up():
    drawn = chart([[1, 60], [99, 0], [0, 40]])
    assert drawn.ends == [("s0", 1, 0.7), ("s2", 1, 0.2)]
    assert chart([[1, 2]]).ends == []


def test_the_names_of_thin_series_do_not_overlap():
    heights = [y for _, _, y in chart([[3], [3], [94]]).ends]
    assert heights[0] == 0.985
    assert min(low - high for low, high in pairwise(heights)) > 0.089


def test_the_names_of_lines_stand_beside_their_last_points():
    assert chart([[0.5, 0.25], [0.5, 1.0]], line=True).ends == [("s0", 1, 0.75), ("s1", 1, 0)]


def test_a_chart_of_nothing_has_a_scale():
    assert chart([[0, 0]]).paths[0][1] == ""
    assert spark([0, 0, -1]) == ""


def test_colors_belong_to_names():
    few, many = colors(["b", "a"]), colors(["c", "a", "b", "d"])
    assert few.items() <= many.items()
    assert len(set(colors(map(str, range(COLORS))).values())) == COLORS


def test_ticks_are_mondays_and_few():
    days = Period(date(2026, 10, 21), date(2026, 11, 19), None).days
    assert [days[at].day for at in ticks(days)] == [26, 2, 9, 16]
    assert len(ticks(Period(date(2026, 8, 1), date(2026, 10, 31), None).days)) <= 6
    assert ticks([date(2026, 11, 19)]) == [0]


def test_days_are_judged_once_there_are_nine_weeks_before():
    last = date(2026, 11, 19)
    assert not Period(last, last, last - timedelta(days=62)).can_be_unusual
    assert Period(last, last, last - timedelta(days=63)).can_be_unusual


def test_months_are_compared_day_by_day():
    period = Period(date(2026, 3, 1), date(2026, 3, 31), date(2026, 1, 1))
    assert period.month_before == (date(2026, 2, 1), date(2026, 2, 28))
    assert Period(period.start, period.end, date(2026, 2, 2)).month_before is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (usd(Decimal("1234.5")), "$1,234.50"),
        (usd(Decimal("-0.005")), "$0.00"),
        (usd(Decimal(-3)), "−$3.00"),
        (short(1_234_567), "1.23M"),
        (short(12), "12"),
        (short(999_600), "1M"),
        (short(999.6), "1k"),
        (short(999.4), "999"),
        (short(0.25), "0.25"),
        (percent(0.0312), "3.1%"),
        (percent(0.5), "50%"),
        (percent(None), "–"),
        (plain_name("multi_edit_tool"), "Multi edit"),
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
    found = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", blocks[scheme]))
    for name in ("ink", "muted", "link", "good"):
        assert contrast(found[name], found["paper"]) >= 4.5
    assert contrast(found["warn"], found["warn-wash"]) >= 4.5
    for n in range(1, 9):
        assert contrast(found[f"series-{n}"], found["paper"]) >= 3
