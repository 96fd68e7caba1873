"""Usage times price against what was billed: to the last digit, with the reason of what differs."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from claude_admin_lake.analysis.report import read_numbers
from claude_admin_lake.catalog.prices import PRICES
from claude_admin_lake.cli import main
from hand_made import DEFAULT, TODAY, HandMade, analytics_cost, cost, usage, workspace

DAY = "2026-11-10"
OPUS, HAIKU, MILLION = "claude-opus-4-6", "claude-haiku-4-5", 1_000_000
WRITE_5M = "cache_creation.ephemeral_5m_input_tokens"
WRITE_1H = "cache_creation.ephemeral_1h_input_tokens"


def rows(oracle, columns: str, rest: str = ""):
    found = oracle.query(f"SELECT {columns} FROM reconciliation {rest}").fetchall()
    return sorted(found, key=str)


def sold(hand: HandMade, cents: str, tokens: int = MILLION, day: str = DAY, **columns: object):
    """A day of output tokens, and what they cost."""
    both = {"model": OPUS, **columns}
    hand.day("usage_report", day, [usage(tokens, **both)])
    hand.day("cost_report", day, [cost(cents, **both)])


def test_the_price_list_is_met_to_the_last_digit(hand: HandMade, oracle):
    sold(hand, "0.0025", tokens=1)
    columns = "expected_usd, billed_usd, difference_usd, status, reason, price_source"
    page = "https://platform.claude.com/docs/en/about-claude/pricing"
    cents = Decimal("0.000025")
    assert rows(oracle, columns) == [(cents, cents, 0, "ok", None, page)]


@pytest.mark.parametrize(
    ("model", "kind", "tier", "window", "day", "usd"),
    [
        ("claude-opus-4-5-20251101", "output_tokens", "standard", "0-200k", DAY, "25"),
        (OPUS, "output_tokens", "batch", "0-200k", DAY, "12.5"),
        (OPUS, "output_tokens", "standard", "200k-1M", "2026-03-12", "37.5"),
        (OPUS, "output_tokens", "standard", "200k-1M", "2026-03-13", "25"),
        ("claude-sonnet-4-5-20250929", "uncached_input_tokens", "batch", "200k-1M", DAY, "3"),
        ("claude-sonnet-5-5", "cache_read_input_tokens", "standard", "0-200k", "2026-10-06", "0.2"),
        ("claude-sonnet-5-5", "cache_read_input_tokens", "standard", "0-200k", "2026-10-07", "0.1"),
        (HAIKU, WRITE_1H, "standard", "0-200k", DAY, "2"),
        (HAIKU, WRITE_5M, "batch", "0-200k", DAY, "0.625"),
    ],
)  # fmt: skip
def test_a_price_is_that_of_its_day_tier_and_window(
    hand, oracle, model, kind, tier, window, day, usd
):
    written = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}
    counts = {"uncached_input_tokens": 0, "cache_read_input_tokens": 0}
    where, _, name = kind.rpartition(".")
    (written if where else counts)[name] = MILLION
    output = counts.pop("output_tokens", 0)
    sold_as = {"model": model, "service_tier": tier, "context_window": window}
    hand.day("usage_report", day, [usage(output, cache_creation=written, **counts, **sold_as)])
    assert rows(oracle, "usd_per_million, expected_usd, status") == [
        (Decimal(usd), Decimal(usd), "not_billed")
    ]


def test_web_searches_cost_a_cent(hand: HandMade, oracle):
    plain = dict.fromkeys(("token_type", "model", "service_tier", "context_window"))
    hand.day("usage_report", DAY, [usage(0, server_tool_use={"web_search_requests": 7})])
    hand.day("cost_report", DAY, [cost("7", cost_type="web_search", **plain)])
    assert rows(oracle, "token_type, model, quantity, expected_usd, status") == [
        ("web_search", None, 7, Decimal("0.07"), "ok")
    ]


def test_inference_in_the_us_costs_a_tenth_more(hand: HandMade, oracle):
    hand.day("usage_report", DAY, [usage(3 * MILLION, model=OPUS)])
    hand.day("cost_report", DAY, [
        cost("2500", model=OPUS, inference_geo="global"),
        cost("5500", model=OPUS, inference_geo="us"),
    ])  # fmt: skip
    assert rows(oracle, "expected_usd, billed_usd, status") == [(80, 80, "ok")]


@pytest.mark.parametrize(
    ("cents", "columns", "status", "reason"),
    [
        ("2512", {}, "ok", None),
        ("2513", {}, "differs", "fast mode"),
        ("2000", {}, "differs", "other price"),
        ("16000", {}, "differs", "other price"),
        ("2500", {"model": "claude-unheard-of-1"}, "no_price", "no list price"),
        ("2500", {"model": "claude-haiku-5-5"}, "no_price", "no list price"),
        ("2500", {"service_tier": "flex"}, "no_price", "no list price"),
        ("2500", {"model": HAIKU, "context_window": "200k-1M"}, "no_price", "no list price"),
        ("2000", {"day": str(TODAY - timedelta(days=1))}, "differs", "late data"),
    ],
)  # fmt: skip
def test_what_differs_has_a_reason(hand: HandMade, oracle, cents, columns, status, reason):
    sold(hand, cents, **columns)
    assert rows(oracle, "status, reason") == [(status, reason)]


def test_a_cost_without_usage_and_usage_without_a_cost_are_told(hand: HandMade, oracle):
    hand.day("cost_report", DAY, [
        cost("1", model=OPUS),
        cost("5", cost_type="code_execution", token_type=None, model=None),
        cost("-9", cost_type=None, token_type=None, model=None),
    ])  # fmt: skip
    hand.day("usage_report", DAY, [usage(MILLION, model="claude-haiku-4-5"), usage(1, model=None)])
    columns = "token_type, model, billed_usd, difference_usd, status, reason"
    assert rows(oracle, columns) == sorted([
        ("code_execution", None, Decimal("0.05"), None, "no_usage", "not sold by tokens"),
        ("other", None, Decimal("-0.09"), None, "no_usage", "not sold by tokens"),
        ("output_tokens", "claude-haiku-4-5", None, -5, "not_billed", "unknown"),
        ("output_tokens", OPUS, Decimal("0.01"), None, "no_usage", "other dimensions"),
        ("output_tokens", None, None, None, "no_price", "other dimensions"),
    ], key=str)  # fmt: skip


def test_the_analytics_tell_a_discount(hand: HandMade, oracle):
    hand.snapshot("workspaces", DAY, [workspace("W", id="w1")])
    for one, name in ((None, DEFAULT), ("w1", "w1")):
        hand.day("cost_report", DAY, [cost("2000", model=OPUS, workspace_id=one)])
        hand.day("analytics_cost", DAY, [
            analytics_cost("2000", "2500", model=OPUS, workspace_id=name)
        ])  # fmt: skip
    hand.day("usage_report", DAY, [usage(MILLION, model=OPUS, workspace_id="w1")])
    assert rows(
        oracle, "analytics_usd, analytics_list_usd, reason", "WHERE workspace_id = 'w1'"
    ) == [(20, 25, "discount")]


def test_own_prices_come_before_the_list(hand: HandMade, oracle, tmp_path: Path, capsys):
    file = tmp_path / "prices.csv"
    file.write_text(
        "model,token_type,service_tier,context_window,usd_per_million,start_date\n"
        f"{OPUS},output_tokens,,,20,\n"
        f"{OPUS},output_tokens,,,22.5,2026-11-10\n"
        f"{OPUS},output_tokens,,200k-1M,30,\n"
        "claude-unheard-of-1,output_tokens,flex,,1.000001,\n"
        ",web_search,,,9000,\n"
    )
    sold(hand, "2000", day="2026-11-09")
    sold(hand, "2250")
    sold(hand, "3000", day="2026-11-11", context_window="200k-1M")
    sold(hand, "100.0001", day="2026-11-12", model="claude-unheard-of-1", service_tier="flex")
    assert main(["prices", "set", str(file), "--lake", str(hand.folder)]) == 0
    assert capsys.readouterr().out == f"set 5 prices in {hand.folder}\n"
    told = rows(oracle, "usd_per_million, day, difference_usd, price_source")
    assert told == [
        (Decimal(usd), date(2026, 11, day), 0, "own price")
        for usd, day in (("1.000001", 12), ("20", 9), ("22.5", 10), ("30", 11))
    ]
    assert main(["prices", "show", "--lake", str(hand.folder), "--csv"]) == 0
    assert "main,,web_search,,,9000," in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("m,tokens,1", "line 2: token_type is 'tokens'; must be one of uncached_input_tokens"),
        ("m,output_tokens,-1", "line 2: usd_per_million is '-1'; must be dollars per million"),
        (",output_tokens,1", "line 2: model is ''; must name the model"),
        ("m,web_search,1", "line 2: model is 'm'; must be empty for web_search"),
        ("m,output_tokens,1\nm,output_tokens,2", "start_date are as in line 2; must differ"),
    ],
)
def test_a_wrong_line_is_refused_and_nothing_is_set(hand: HandMade, tmp_path, capsys, line, said):
    sold(hand, "2500")
    file = tmp_path / "prices.csv"
    file.write_text(f"model,token_type,usd_per_million\n{line}\n")
    assert main(["prices", "set", str(file), "--lake", str(hand.folder)]) == 2
    assert said in capsys.readouterr().err
    assert not (hand.folder / "prices").exists()


def test_every_public_price_has_a_source_and_a_day():
    with PRICES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["source"].startswith(
                ("https://platform.claude.com/", "https://www.anthropic.com/")
            )
            assert date.fromisoformat(row["seen_on"]) <= date(2026, 11, 25)
            assert all(Decimal(row[name]) > 0 for name in row if name.endswith("_usd"))


def test_a_whole_organization_ties_out(loaded, loaded_oracle):
    """The double's own ledger: what was billed is all there, and list prices explain it."""
    billed = sum(
        line.cents
        for day in loaded.days
        for line in loaded.organization.ledger(day, loaded.age(day))
    )
    assert rows(loaded_oracle, "sum(billed_usd)") == [(billed / 100,)]
    told = dict(rows(loaded_oracle, "status, count(*)", "GROUP BY status"))
    assert told.keys() <= {"ok", "no_usage", "differs"}
    differing = rows(
        loaded_oracle,
        "DISTINCT model",
        "WHERE status = 'differs' AND model NOT IN ('claude-opus-4-6', 'claude-sonnet-4-6')",
    )
    assert (
        differing == []
    )  # these two have inference in the US, which the double does not charge more
    assert told["ok"] > 100


def test_a_settled_week_has_what_no_reason_explains(hand: HandMade, engine_over):
    """Wanted by the reporter's alert: nothing late, no discount, and both directions."""
    for ago, cents in ((1, "9900"), (4, "2000"), (10, "5100"), (11, "100")):
        sold(hand, cents, day=str(TODAY - timedelta(days=ago)), model=HAIKU, tokens=5 * MILLION)
    found = read_numbers(engine_over(hand.folder), None, None, TODAY).reconciled.one
    assert (found["first_day"], found["last_day"]) == (
        TODAY - timedelta(days=10), TODAY - timedelta(days=4),
    )  # fmt: skip
    assert (found["expected_usd"], found["unexplained_usd"]) == (50, 5 + 26)
