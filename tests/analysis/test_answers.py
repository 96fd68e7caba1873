"""The views that answer questions: seats, prices per unit, and what changed."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from hand_made import TODAY, HandMade, api_key, coding, cost, usage, user, workspace

ZERO = Decimal(0)


def day(ago: int) -> str:
    return str(TODAY - timedelta(days=ago))


def test_seats_tell_who_is_new_who_is_lost_and_who_never_came(hand: HandMade, oracle):
    people = ("old", "new", "lost", "idle")
    hand.snapshot("users", day(0), [user(one) for one in people])
    api = {"customer_type": "api"}
    hand.day("claude_code_usage", day(40), [
        coding("old@example.com"), coding("LOST@example.com"), coding("guest@example.com"),
    ])  # fmt: skip
    hand.day("claude_code_usage", day(3), [
        coding("old@example.com"), coding("old@example.com", **api),
        coding("new@example.com", **api),
    ])  # fmt: skip
    hand.day("claude_code_usage", day(57), [coding("idle@example.com")])
    found = oracle.query(
        "SELECT user_name, is_member, state, subscription_days, api_days, last_used_on FROM seats "
        "ORDER BY user_name"
    ).fetchall()
    recent, before = TODAY - timedelta(days=3), TODAY - timedelta(days=40)
    assert found == [
        ("guest@example.com", False, "lost", 0, 0, before),
        ("idle", True, "unused", 0, 0, None),
        ("lost", True, "lost", 0, 0, before),
        ("new", True, "newly active", 0, 1, recent),
        ("old", True, "active", 1, 1, recent),
    ]


def test_nobody_is_new_if_the_days_before_are_not_loaded(hand: HandMade, oracle):
    hand.day("claude_code_usage", day(3), [coding()])
    assert oracle.query("SELECT state FROM seats").fetchall() == [("active",)]


def test_unit_cost_is_the_price_list(loaded, loaded_oracle):
    """The ledger's own prices, which neither the loader nor SQL has seen."""
    charged: dict[tuple[object, ...], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for when in loaded.days:
        for line in loaded.organization.ledger(when, loaded.age(when)):
            if line.cost_type == "tokens":
                cell = (line.model, line.token_type, line.service_tier, line.context_window)
                charged[cell][0] += line.cents / 100
                charged[cell][1] += line.tokens
    found = loaded_oracle.query(
        "SELECT model, token_type, service_tier, context_window, sum(cost_usd), sum(tokens), "
        "min(usd_per_million), max(usd_per_million) FROM unit_cost GROUP BY 1, 2, 3, 4"
    ).fetchall()
    assert {row[:4]: [row[4], Decimal(row[5])] for row in found} == charged
    assert found
    for row in found:
        mean = row[4] * 1_000_000 / row[5]
        assert row[6] - Decimal("1e-6") <= mean <= row[7] + Decimal("1e-6")


def test_savings_follow_the_discounts(hand: HandMade, oracle):
    kind = {"token_type": "uncached_input_tokens"}
    hand.day("cost_report", day(1), [cost("1000", **kind), cost("100", service_tier="batch")])
    hand.day("usage_report", day(1), [
        usage(0, uncached_input_tokens=2_000_000), usage(10, service_tier="batch"),
    ])  # fmt: skip
    found = oracle.query(
        "SELECT service_tier, usd_per_million, batch_saving_usd, cache_miss_usd FROM unit_cost "
        "ORDER BY 1"
    ).fetchall()
    assert found == [("batch", 100_000, 0, 0), ("standard", 5, 5, 9)]


def week(hand: HandMade, monday: date, rows: list[tuple[str, int, str]]) -> None:
    """Every day of a week has these costs and tokens of a model of a workspace."""
    for n in range(7):
        when = str(monday + timedelta(days=n))
        hand.day("cost_report", when, [
            cost(cents, model=model, workspace_id="w1") for cents, _, model in rows
        ])  # fmt: skip
        hand.day("usage_report", when, [
            usage(tokens, model=model, workspace_id="w1") for _, tokens, model in rows
        ])  # fmt: skip


MONDAYS = [date(2026, 11, 2), date(2026, 11, 9)]
CHANGES = "SELECT change_usd, volume_usd, price_usd, mix_usd FROM cost_changes WHERE period = "


@pytest.mark.parametrize(
    ("before", "after", "split"),
    [
        ([("100", 10, "m")], [("200", 20, "m")], (7, 7, 0, 0)),
        ([("100", 10, "m")], [("150", 10, "m")], (Decimal("3.5"), 0, Decimal("3.5"), 0)),
        ([("100", 10, "m")], [("50", 10, "n")], (Decimal("-3.5"), 0, 0, Decimal("-3.5"))),
        ([("100", 10, "m")], [], (-7, -7, 0, 0)),
        ([("100", 10, "m"), ("900", 10, "n")], [("200", 20, "m")], (-56, 0, 0, -56)),
    ],
    ids=["volume", "price", "another model", "gone", "mix"],
)
def test_a_change_is_split_into_volume_price_and_mix(hand: HandMade, oracle, before, after, split):
    hand.snapshot("workspaces", day(0), [workspace("W", id="w1")])
    week(hand, MONDAYS[0], before)
    week(hand, MONDAYS[1], after)
    assert oracle.query(f"{CHANGES} 'week'").fetchall() == [split]
    assert oracle.query(f"{CHANGES} 'month'").fetchall() == []


def test_changes_add_up_and_only_whole_weeks_are_compared(loaded, loaded_oracle):
    found = loaded_oracle.query(
        "SELECT first_day, sum(previous_usd), sum(cost_usd), sum(change_usd), "
        "sum(volume_usd + price_usd + mix_usd) FROM cost_changes WHERE period = 'week' "
        "GROUP BY 1 ORDER BY 1"
    ).fetchall()
    costs = dict.fromkeys(loaded.days, ZERO)
    for when in loaded.days:
        costs[when] = sum(
            (line.cents / 100 for line in loaded.organization.ledger(when, loaded.age(when))), ZERO
        )
    weeks = [date(2026, 10, 19), date(2026, 10, 26), date(2026, 11, 2), date(2026, 11, 9)]
    assert [row[0] for row in found] == weeks
    for monday, before, now, change, parts in found:
        assert now == sum(costs[monday + timedelta(days=n)] for n in range(7))
        assert before == sum(costs[monday - timedelta(days=n)] for n in range(1, 8))
        assert change == parts == now - before


def test_each_dimension_of_teams_has_the_whole_cost(hand: HandMade, oracle):
    hand.snapshot("users", day(0), [user("ada"), user("bob")])
    hand.snapshot("workspaces", day(0), [
        workspace("A", id="w1", tags={"team": "search", "stage": "prod"}),
        workspace("B", id="w2", tags={"team": "ads"}), workspace("C", id="w3"),
    ])  # fmt: skip
    hand.snapshot("api_keys", day(0), [
        api_key("k1"), api_key("k2", created_by={"id": "user_bob", "type": "user"}),
    ])  # fmt: skip
    hand.snapshot("rbac_groups", day(0), [{"id": "g1", "name": "One"}, {"id": "g2", "name": "Two"}])
    hand.snapshot("rbac_group_members", day(0), [
        {"rbac_group_id": one, "user_id": "user_ada"} for one in ("g1", "g2")
    ])  # fmt: skip
    places = ["w1", "w2", "w3", None]
    hand.day("cost_report", day(1), [cost("100", workspace_id=one) for one in places])
    hand.day("usage_report", day(1), [
        usage(1, "k1", workspace_id="w1"), usage(1, "k2", workspace_id="w2"),
    ])  # fmt: skip
    found = oracle.query("SELECT dimension, tag, team, cost_usd FROM cost_by_team").fetchall()
    assert sorted(map(str, found)) == sorted(map(str, [
        (*row[:-1], Decimal(row[-1]).quantize(Decimal("1e-12"))) for row in [
            ("workspace tag", "team", "search", "1"), ("workspace tag", "team", "ads", "1"),
            ("workspace tag", "team", "untagged", "2"), ("workspace tag", "stage", "prod", "1"),
            ("workspace tag", "stage", "untagged", "3"), ("key creator", None, "ada", "1"),
            ("key creator", None, "bob", "1"), ("key creator", None, "no key", "2"),
            ("group", None, "One", "0.5"), ("group", None, "Two", "0.5"),
            ("group", None, "no group", "3"),
        ]
    ]))  # fmt: skip
