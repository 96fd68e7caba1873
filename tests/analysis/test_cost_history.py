"""One history of cost over two sources, and the views of the analytics."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from claude_admin_lake.analysis.engine import Engine
from claude_admin_lake.catalog.views import queries
from hand_made import DEFAULT, HandMade, api_key, cost, workspace
from hand_made import analytics_cost as row

from .oracle import Oracle

OLD, BOTH = "2025-12-31", "2026-11-01"
QUERIES = {query.name: query.sql for query in queries()}
Ask = Callable[[str], list[Any]]


@pytest.fixture(scope="module")
def ask(loaded_oracle: Oracle) -> Ask:
    return lambda sql: loaded_oracle.query(sql).fetchall()


def summed(pairs: Iterator[tuple[Any, Decimal]]) -> dict[Any, Decimal]:
    sums = defaultdict[Any, Decimal](Decimal)
    for key, value in pairs:
        sums[key] += value
    return {key: value for key, value in sums.items() if value}


def test_every_day_of_the_history_is_the_ledger_in_its_cells(ask: Ask, loaded: Any) -> None:
    default = loaded.organization.default_workspace_id
    assert ask("SELECT workspace_id FROM default_workspaces") == [(default,)]
    told = ask(
        "SELECT day, workspace_id, model, cost_type, token_type, service_tier, context_window,"
        " sum(cost_usd) FROM cost_history WHERE source = 'analytics' GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )
    assert {row[:-1]: row[-1] for row in told} == summed(
        (
            (
                day, line.workspace_id or default, line.model, line.cost_type, line.token_type,
                line.service_tier, line.context_window,
            ),
            line.cents / 100,
        )
        for day in loaded.days
        for line in loaded.organization.ledger(day, loaded.age(day))
    )  # fmt: skip


def test_the_two_sources_do_not_differ_without_a_discount(ask: Ask) -> None:
    assert ask("SELECT * FROM reconcile_sources") == []


@pytest.mark.parametrize("query", ["do_the_cuts_agree", "do_the_hours_add_up"])
def test_what_must_agree_agrees(ask: Ask, query: str) -> None:
    assert ask(QUERIES[query]) == []


def test_every_person_is_charged_what_the_api_says(ask: Ask, loaded: Any) -> None:
    told = ask(
        "SELECT day, actor_type, actor_id, sum(claude_code_usd), sum(api_usd), sum(cost_usd)"
        " FROM cost_by_person GROUP BY 1, 2, 3"
    )
    rows = [
        (day, row["group"]["actor"] or {}, row["group"]["product"], Decimal(row["cost"]["amount"]))
        for day in loaded.days
        for row in loaded.api.truth("analytics_cost_by_actor", day)
    ]
    ids = ("user_id", "service_account_id", "api_key_id", "subject")

    def by_person(products: set[str] | None) -> dict[Any, Decimal]:
        return summed(
            (
                (
                    day,
                    actor.get("type", "not shown"),
                    next((actor[name] for name in ids if name in actor), None),
                ),
                cents / 100,
            )
            for day, actor, product, cents in rows
            if products is None or product in products
        )

    api = {"messages_api", "message_batches_api", "managed_agents_api"}
    for at, products in ((3, {"claude_code"}), (4, api), (5, None)):
        assert {row[:3]: row[at] for row in told if row[at]} == by_person(products)


def test_products_and_discounts_add_up_to_the_history(ask: Ask) -> None:
    (history,) = ask("SELECT sum(cost_usd), sum(list_cost_usd) FROM cost_history")
    assert ask("SELECT sum(cost_usd), sum(list_cost_usd) FROM cost_by_product") == [history]
    assert ask("SELECT sum(cost_usd), sum(list_cost_usd) FROM discounts") == [history]
    assert ask("SELECT DISTINCT discount_usd FROM discounts") == [(Decimal(0),)]


def test_each_day_is_taken_from_the_best_source_which_is_named(
    hand: HandMade, oracle: Oracle
) -> None:
    hand.day("cost_report", OLD, [cost("500", inference_geo="not_available"), cost("1")])
    hand.day("cost_report", BOTH, [cost("700")])
    hand.day("analytics_cost", BOTH, [row("600", "700")])
    hand.snapshot("workspaces", BOTH, [workspace("other")])
    told = oracle.query(
        "SELECT day, source, workspace_id, workspace_name, inference_geo, cost_usd, list_cost_usd"
        " FROM cost_history ORDER BY day"
    ).fetchall()
    name, five, six, seven = "Default workspace", Decimal("5.01"), Decimal(6), Decimal(7)
    assert told == [
        (date(2025, 12, 31), "cost_report", DEFAULT, name, None, five, None),
        (date(2026, 11, 1), "analytics", DEFAULT, name, None, six, seven),
    ]


def test_the_reasons_why_the_sources_differ_are_told(hand: HandMade, oracle: Oracle) -> None:
    priority, executed = {"service_tier": "priority"}, {"cost_type": "code_execution"}
    hand.day("cost_report", BOTH, [cost("700"), cost("5", model="n"), cost("9", model="same")])
    hand.day(
        "analytics_cost",
        BOTH,
        [row("600", "700"), row("6", model="n"), row("3", **priority), row("4", **executed),
         row("9", model="same")],
    )  # fmt: skip
    hand.day("cost_report", "2026-02-01", [cost("700")])
    hand.day("analytics_cost", "2026-02-01", [row("600")])
    told = oracle.query(
        "SELECT day, model, reason, difference_usd FROM reconcile_sources ORDER BY 1, 3, 2"
    ).fetchall()
    old, new = date(2026, 2, 1), date(2026, 11, 1)
    assert told == [
        (old, "m", "unknown", Decimal(-1)),
        (new, "m", "code_execution", Decimal("0.04")),
        (new, "m", "discount", Decimal(-1)),
        (new, "n", "late_data", Decimal("0.01")),
        (new, "m", "priority", Decimal("0.03")),
    ]


def test_the_default_workspace_is_told_from_one_that_only_the_newer_source_names(
    hand: HandMade, oracle: Oracle
) -> None:
    hand.day("cost_report", BOTH, [cost("1")])
    hand.day("analytics_cost", BOTH, [row("1"), row("1", workspace_id="wrkspc_a")])
    hand.day("analytics_cost", "2026-11-02", [row("1", workspace_id="wrkspc_a")])
    scope = {"type": "workspace", "workspace_id": DEFAULT}
    hand.snapshot("api_keys", BOTH, [api_key("k1", scope=scope)])
    assert oracle.query("SELECT workspace_id FROM default_workspaces").fetchall() == [(DEFAULT,)]


def test_one_organization_does_not_lend_its_default_workspace_to_another(
    hand: HandMade, engine_over: Callable[[Path], Engine]
) -> None:
    other = HandMade(hand.folder, "other")
    hand.day("cost_report", OLD, [cost("1")])
    other.day("cost_report", OLD, [cost("1")])
    other.day("analytics_cost", BOTH, [row("1")])
    told = engine_over(hand.folder).query(
        "SELECT organization, source, workspace_id FROM cost_history ORDER BY 1, 2"
    )
    assert told.rows == [
        ("main", "cost_report", None),
        ("other", "analytics", DEFAULT),
        ("other", "cost_report", DEFAULT),
    ]


def test_people_have_their_current_names_and_the_hidden_are_not_a_person(
    hand: HandMade, oracle: Oracle
) -> None:
    ada = {"type": "user_actor", "user_id": "u", "email_address": "a@x", "name": "Ada"}
    key = {"type": "api_actor", "api_key_id": "k1"}
    hand.day(
        "analytics_cost_by_actor",
        BOTH,
        [row("100", actor=ada, product="claude_code"), row("50", actor=ada, product="chat"),
         row("2", actor=key, product="messages_api"), row("3"), row("4")],
    )  # fmt: skip
    hand.snapshot("api_keys", BOTH, [api_key("k1")])
    told = oracle.query(
        "SELECT actor_name, email, claude_code_usd, api_usd, cost_usd FROM cost_by_person"
        " ORDER BY cost_usd"
    ).fetchall()
    nothing, cents = Decimal(0), Decimal("0.01")
    assert told == [
        ("name of k1", None, nothing, 2 * cents, 2 * cents),
        ("Not shown", None, nothing, nothing, 7 * cents),
        ("Ada", "a@x", Decimal(1), nothing, Decimal("1.5")),
    ]
