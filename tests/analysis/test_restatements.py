"""What a day's numbers were when first seen, and each time they changed."""

from datetime import date, datetime
from decimal import Decimal

from hand_made import HandMade

TABLE = "cost_report"


def change(day: str, before: str | None, after: str, **tokens: int | None) -> dict[str, object]:
    return {
        "date": day, "rows_before": before and 2, "rows_after": 3, "usd_before": before,
        "usd_after": after, "tokens_before": None, "tokens_after": None, **tokens,
    }  # fmt: skip


def nov(of_month: int):
    return date(2026, 11, of_month)


def versions(oracle, columns: str):
    return oracle.query(
        f"SELECT {columns} FROM restatements ORDER BY table_name, day, version"
    ).fetchall()


def test_each_version_of_a_day_is_told_in_order(hand: HandMade, oracle):
    hand.run("2026-11-16", TABLE, changed=[change("2026-11-15", "1.5", "1.500000000000001")])
    hand.run("2026-11-15", TABLE, changed=[])
    hand.run("2026-11-14", TABLE, changed=[change("2026-11-13", None, "7")])
    hand.run("2026-11-18", TABLE, changed=[
        change("2026-11-13", "7", "9.25"), change("2026-11-15", "1.5", "0"),
    ])  # fmt: skip
    hand.run("2026-11-17", "usage_report", changed=None)
    assert versions(oracle, "day, version, is_latest, reason, seen_at, cost_usd") == [
        (day, version, is_latest, reason, seen and datetime.fromisoformat(seen), Decimal(usd))
        for day, version, is_latest, reason, seen, usd in (
            (nov(13), 1, False, "first seen", "2026-11-14T05:00:00.500", "7"),
            (nov(13), 2, True, "restated", "2026-11-18T05:00:00.500", "9.25"),
            (nov(15), 1, False, "first seen", None, "1.5"),
            (nov(15), 2, False, "restated", "2026-11-16T05:00:00.500", "1.5"),
            (nov(15), 3, True, "restated", "2026-11-18T05:00:00.500", "0"),
        )
    ]
    assert versions(oracle, "rows_change, cost_change_usd") == [
        (None, None), (1, Decimal("2.25")), (None, None), (1, Decimal(0)), (1, Decimal("-1.5")),
    ]  # fmt: skip


def test_a_day_that_went_on_and_another_query_are_no_restatements(hand: HandMade, oracle):
    tokens = {"tokens_before": 5, "tokens_after": 8}
    hand.run("2026-11-15", "usage_report", changed=[change("2026-11-15", None, "1")])
    hand.run("2026-11-16", "usage_report", changed=[change("2026-11-15", "1", "2", **tokens)])
    hand.run("2026-11-17", "usage_report", changed=[change("2026-11-15", "2", "2")], reloaded=True)
    assert versions(oracle, "reason, tokens_change") == [
        ("first seen", None), ("day went on", 3), ("reloaded", None),
    ]  # fmt: skip


def test_organizations_and_tables_are_apart(hand: HandMade, oracle):
    for organization in ("main", "research"):
        for table in (TABLE, "analytics_cost"):
            HandMade(hand.folder, organization).run(
                "2026-11-16", table, changed=[change("2026-11-15", None, "1")]
            )
    assert oracle.query(
        "SELECT count(*), count(DISTINCT organization), max(version) FROM restatements"
    ).fetchone() == (4, 2, 1)
