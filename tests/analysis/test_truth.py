"""The views against the double's own ledger, which neither the loader nor SQL has seen."""

from collections import Counter, defaultdict
from decimal import Decimal

import pytest
import sqlglot

from claude_admin_lake.analysis.dialect import SETTINGS
from claude_admin_lake.analysis.engine import VIEWS
from claude_admin_lake.settings import Settings
from claude_admin_lake.tables import TABLES
from hand_made import TODAY

KINDS = (
    "uncached_input_tokens", "output_tokens", "cache_read_input_tokens",
    "cache_creation.ephemeral_5m_input_tokens", "cache_creation.ephemeral_1h_input_tokens",
)  # fmt: skip


@pytest.fixture(scope="module")
def ledger(loaded):
    return [
        line for day in loaded.days for line in loaded.organization.ledger(day, loaded.age(day))
    ]


@pytest.fixture(scope="module")
def usages(loaded):
    return [
        (day, used)
        for day in loaded.days
        for used in loaded.organization.usages(day, loaded.age(day))
    ]


@pytest.fixture(scope="module")
def sessions(loaded):
    return [
        (day, session.record)
        for day in loaded.days
        for session in loaded.organization.sessions(day, loaded.age(day))
    ]


@pytest.fixture(scope="module")
def ask(loaded_oracle):
    return lambda sql: loaded_oracle.query(sql).fetchall()


def summed(pairs):
    sums = defaultdict(Decimal)
    for key, value in pairs:
        sums[key] += value
    return dict(sums)


def dollars(line):
    return line.cents / 100


def test_cost_daily_is_the_ledger(ask, ledger):
    told = ask(
        "SELECT day, workspace_id, model, cost_type, token_type, service_tier, context_window, "
        "sum(cost_usd) FROM cost_daily GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )
    assert {row[:-1]: row[-1] for row in told} == summed(
        (
            (
                line.day, line.workspace_id, line.model, line.cost_type, line.token_type,
                line.service_tier, line.context_window,
            ),
            dollars(line),
        )
        for line in ledger
    )  # fmt: skip


ATTRIBUTED = ("tokens", "web_search")


def test_every_key_is_charged_what_its_own_tokens_and_searches_cost(ask, ledger):
    told = ask(
        "SELECT day, workspace_id, api_key_id, sum(cost_usd) FROM cost_by_api_key "
        "WHERE allocation <> 'unallocated' GROUP BY 1, 2, 3"
    )
    assert {row[:-1]: row[-1] for row in told} == summed(
        ((line.day, line.workspace_id, line.api_key_id), dollars(line))
        for line in ledger
        if line.api_key_id and line.cost_type in ATTRIBUTED
    )


def test_what_no_key_can_be_named_for_is_unallocated_and_says_why(ask, ledger):
    told = ask(
        "SELECT day, reason, sum(cost_usd) FROM cost_by_api_key "
        "WHERE allocation = 'unallocated' GROUP BY 1, 2"
    )
    assert {row[:-1]: row[-1] for row in told} == summed(
        ((line.day, "console" if line.cost_type in ATTRIBUTED else line.cost_type), dollars(line))
        for line in ledger
        if not line.api_key_id or line.cost_type not in ATTRIBUTED
    )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT day, sum(cost_usd) FROM cost_daily GROUP BY day",
        "SELECT day, sum(cost_usd) FROM cost_by_api_key GROUP BY day",
        "SELECT CAST(ChargePeriodStart AS date), sum(BilledCost) FROM focus_cost GROUP BY 1",
    ],
)
def test_every_day_ties_to_the_last_fraction_of_a_cent(ask, ledger, sql):
    assert dict(ask(sql)) == summed((line.day, dollars(line)) for line in ledger)


def test_direct_is_said_only_of_a_cell_with_one_user(ask, usages):
    cells = defaultdict(set)
    for day, used in usages:
        cell = (day, used.workspace_id, used.model, used.service_tier, used.context_window)
        cells[cell].add(used.api_key_id)
    told = ask(
        "SELECT DISTINCT day, workspace_id, model, service_tier, context_window, api_key_id, "
        "allocation FROM cost_by_api_key WHERE api_key_id IS NOT NULL AND cost_type = 'tokens'"
    )
    assert told
    assert all((len(cells[row[:5]]) == 1) == (row[6] == "direct") for row in told)
    assert {row[6] for row in told} == {"direct", "allocated"}


def test_usage_daily_is_what_was_used(ask, usages):
    told = ask(
        "SELECT day, workspace_id, api_key_id, model, service_tier, context_window, "
        "uncached_input_tokens, output_tokens, cache_read_tokens, cache_write_5m_tokens, "
        "cache_write_1h_tokens, web_search_requests, cache_hit_share FROM usage_daily"
    )
    expected = defaultdict(lambda: [0] * 6)
    for day, u in usages:
        group = (day, u.workspace_id, u.api_key_id, u.model, u.service_tier, u.context_window)
        for place, amount in enumerate((*u.tokens, u.web_search_requests)):
            expected[group][place] += amount
    assert {row[:6]: list(row[6:12]) for row in told} == expected
    for row in told:
        uncached, _, read, five, hour = row[6:11]
        assert row[12] == pytest.approx(read / (uncached + read + five + hour))


def test_usage_daily_names_keys_creators_and_workspaces(ask, loaded):
    keys = {one["id"]: one for one in loaded.organization.api_key_records()}
    users = {one["id"]: one for one in loaded.organization.user_records()}
    told = ask("SELECT DISTINCT api_key_id, api_key_name, creator_name FROM usage_daily")
    assert told
    for key, name, creator in told:
        if key is None:
            assert (name, creator) == ("Console (no key)", None)
            continue
        assert name == keys[key]["name"]
        by = keys[key]["created_by"]
        assert creator == (users[by["id"]]["name"] if by else None)


def core(record):
    metrics = record["core_metrics"]
    lines = metrics["lines_of_code"]
    return (
        metrics["num_sessions"], lines["added"], lines["removed"],
        metrics["commits_by_claude_code"], metrics["pull_requests_by_claude_code"],
    )  # fmt: skip


def actor(record):
    return record["actor"].get("email_address") or record["actor"]["api_key_name"]


def test_claude_code_daily_is_what_was_done(ask, sessions):
    told = ask(
        "SELECT day, actor, terminal_type, customer_type, sum(sessions), sum(lines_added), "
        "sum(lines_removed), sum(commits), sum(pull_requests), sum(accepted), sum(rejected), "
        "sum(tokens), sum(estimated_cost_usd) FROM claude_code_daily GROUP BY 1, 2, 3, 4"
    )
    expected = defaultdict(lambda: [Decimal(0)] * 9)
    for day, record in sessions:
        group = (day, actor(record), record["terminal_type"], record["customer_type"])
        tools = record["tool_actions"].values()
        models = record["model_breakdown"]
        for place, amount in enumerate((
            *core(record),
            sum(one["accepted"] for one in tools),
            sum(one["rejected"] for one in tools),
            sum(sum(one["tokens"].values()) for one in models),
            sum(Decimal(str(one["estimated_cost"]["amount"])) for one in models) / 100,
        )):  # fmt: skip
            expected[group][place] += amount
    assert {row[:4]: [Decimal(one or 0) for one in row[4:]] for row in told} == expected


def test_claude_code_by_tool_and_model_add_up(ask, sessions):
    tools, models = Counter(), Counter()
    for _, record in sessions:
        for tool, counts in record["tool_actions"].items():
            tools[tool, "accepted"] += counts["accepted"]
            tools[tool, "rejected"] += counts["rejected"]
        for one in record["model_breakdown"]:
            models[one["model"]] += sum(one["tokens"].values())
    for tool, accepted, rejected in ask(
        "SELECT tool, sum(accepted), sum(rejected) FROM claude_code_by_tool GROUP BY 1"
    ):
        assert (accepted, rejected) == (tools[tool, "accepted"], tools[tool, "rejected"])
    assert dict(
        ask(
            "SELECT model, sum(input_tokens + output_tokens + cache_read_tokens + "
            "cache_creation_tokens) FROM claude_code_by_model GROUP BY 1"
        )
    ) == dict(models)


@pytest.mark.parametrize("period", ["day", "week"])
def test_adoption_counts_people_once_a_period(ask, sessions, period, loaded):
    people, done = defaultdict(set), defaultdict(lambda: [0] * 5)
    for day, record in sessions:
        start = day if period == "day" else day.fromordinal(day.toordinal() - day.weekday())
        if "email_address" in record["actor"]:
            people[start].add(actor(record))
            done[start] = [a + b for a, b in zip(done[start], core(record), strict=True)]
    told = ask(
        "SELECT first_day, active_users, organization_users, active_share, sessions_per_user, "
        f"commits_per_user FROM claude_code_adoption WHERE period = '{period}'"
    )
    assert {row[0]: row[1] for row in told} == {day: len(who) for day, who in people.items()}
    for day, active, members, share, by_sessions, by_commits in told:
        assert members == loaded.organization.users
        assert share == pytest.approx(active / members)
        assert by_sessions == pytest.approx(done[day][0] / active)
        assert by_commits == pytest.approx(done[day][3] / active)


def test_focus_quantities_are_the_tokens_sold(ask, ledger):
    told = ask(
        "SELECT CAST(ChargePeriodStart AS date), x_Model, SubAccountId, SkuMeter, x_ServiceTier, "
        "x_ContextWindow, RegionId, PricingQuantity FROM focus_cost "
        "WHERE PricingUnit = 'Tokens'"
    )
    sold = summed(
        (
            (
                line.day, line.model, line.workspace_id, line.token_type, line.service_tier,
                line.context_window, "us" if line.inference_geo == "us" else None,
            ),
            Decimal(line.tokens),
        )
        for line in ledger
    )  # fmt: skip
    assert told
    assert all(sold[row[:-1]] == row[-1] for row in told)


def test_freshness_is_what_the_run_said(ask, loaded):
    told = {row[0]: row[1:] for row in ask(
        "SELECT table_name, last_complete_day, lag_days, last_status, gaps FROM freshness"
    )}  # fmt: skip
    assert set(told) == {*Settings().tables, "usage_report_hourly"}
    dated = {table.name for table in TABLES if table.days}
    for table, (day, lag, status, gaps) in told.items():
        assert day == (loaded.days[-1] if table in dated else TODAY)
        assert (lag, status, gaps) == (0, "loaded", "")


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_runs_on_plain_sqlglot_too(view, loaded_oracle):
    """Nothing of ours is needed but two settings: the division is settled either way."""
    loaded_oracle.query(f"SELECT 1 FROM {view} LIMIT 1")
    for setting in SETTINGS:
        loaded_oracle.database.execute(setting)
    (plain,) = sqlglot.transpile(VIEWS[view].sql, read="athena", write="duckdb")
    loaded_oracle.database.execute(plain).fetchall()


def test_without_exact_division_days_still_tie(loaded_oracle, ledger):
    loaded_oracle.query("SELECT 1 FROM cost_by_api_key LIMIT 1")
    (plain,) = sqlglot.transpile(VIEWS["cost_by_api_key"].sql, read="athena", write="duckdb")
    told = loaded_oracle.database.execute(
        f"SELECT day, sum(cost_usd) FROM ({plain}) GROUP BY day"
    ).fetchall()
    assert dict(told) == summed((line.day, dollars(line)) for line in ledger)
