"""FOCUS: names beside ids, tags, quantities, and a month as a file that ties out."""

import csv
import io
import json
from decimal import Decimal

import pytest

from claude_admin_lake.cli import main
from hand_made import TODAY, HandMade, cost, usage, workspace

DAY = "2026-11-19"
NEVER_NULL = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeDescription", "ChargePeriodEnd",
    "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
)  # fmt: skip


def exported(capsys, folder, *more: str) -> list[dict[str, str]]:
    arguments = ["export", "focus", "--lake", str(folder), "--today", str(TODAY)]
    assert main([*arguments, "--month", "2026-11", *more]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_a_workspace_has_a_name_and_its_tags(hand: HandMade, oracle):
    hand.snapshot("workspaces", DAY, [workspace("W", id="w1", tags={"team": "search"})])
    hand.day("cost_report", DAY, [cost("1", workspace_id=one) for one in ("w1", "w2", None)])
    found = oracle.query(
        "SELECT SubAccountId, SubAccountName, Tags FROM focus_cost ORDER BY SubAccountId"
    ).fetchall()
    assert sorted(map(str, found)) == sorted(map(str, [
        (None, None, None), ("w1", "W", '{"team":"search"}'), ("w2", "w2", None),
    ]))  # fmt: skip


def test_searches_have_a_quantity_too(hand: HandMade, oracle):
    searches = {"cost_type": "web_search", "token_type": None, "model": None}
    hand.day("cost_report", DAY, [
        cost("3", **searches, service_tier=None, context_window=None), cost("5"),
    ])  # fmt: skip
    hand.day("usage_report", DAY, [usage(7, server_tool_use={"web_search_requests": 3})])
    found = oracle.query(
        "SELECT x_CostType, ConsumedQuantity, ConsumedUnit, PricingQuantity FROM focus_cost "
        "ORDER BY 1"
    ).fetchall()
    assert found == [("tokens", 7, "Tokens", 7), ("web_search", 3, "Searches", 3)]


def test_a_month_ties_out_to_the_last_digit(loaded, loaded_oracle, capsys):
    rows = exported(capsys, loaded.folder)
    days = [day for day in loaded.days if day.month == 11]
    cents = sum(
        (line.cents for day in days for line in loaded.organization.ledger(day, loaded.age(day))),
        Decimal(0),
    )
    assert sum(Decimal(row["BilledCost"]) for row in rows) == cents / 100
    assert {row["ChargePeriodStart"] for row in rows} == {f"{day}T00:00:00Z" for day in days}
    assert {row["BillingPeriodEnd"] for row in rows} == {"2026-12-01T00:00:00Z"}


def test_what_focus_requires_is_there(loaded, capsys):
    for row in exported(capsys, loaded.folder):
        assert all(row[name] for name in NEVER_NULL)
        assert bool(row["SubAccountId"]) == bool(row["SubAccountName"])
        assert bool(row["ConsumedQuantity"]) == bool(row["ConsumedUnit"])
        assert bool(row["PricingQuantity"]) == bool(row["PricingUnit"])
        assert row["x_Organization"] == "main"
        assert all(name[0].isupper() or name.startswith("x_") for name in row)
        assert isinstance(json.loads(row["Tags"] or "{}"), dict)


def test_letters_outside_ascii_become_escapes_if_asked_and_tags_stay_json(hand: HandMade, capsys):
    tags = {"Équipe": "Δ 😀"}
    hand.snapshot("workspaces", DAY, [workspace("Zoë", id="w1", tags=tags)])
    hand.day("cost_report", DAY, [cost("300", workspace_id="w1")])
    (plain,), (escaped,) = exported(capsys, hand.folder), exported(capsys, hand.folder, "--ascii")
    assert (plain["SubAccountName"], escaped["SubAccountName"]) == ("Zoë", r"Zo\u00eb")
    assert json.loads(plain["Tags"]) == json.loads(escaped["Tags"]) == tags
    assert "".join(escaped.values()).isascii()


def test_decimals_have_a_point_and_all_their_digits(hand: HandMade, capsys):
    hand.day("cost_report", DAY, [cost("-500", description="a"), cost("0.000000001")])
    rows = exported(capsys, hand.folder)
    assert {row["BilledCost"] for row in rows} == {"-5.0", "0.00000000001"}


def test_the_file_is_written_and_said(hand: HandMade, tmp_path, capsys):
    hand.day("cost_report", DAY, [cost("1")])
    out = tmp_path / "focus.csv"
    assert exported(capsys, hand.folder, "--out", str(out), "--quiet") == []
    assert len(out.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--month", "2026-13"], "--month is '2026-13'; must be a month as YYYY-MM"),
        (["--month", "2026-11", "--out", "/nowhere/x.csv"], "cannot write /nowhere/x.csv"),
    ],
)
def test_a_wrong_month_and_place_are_refused(hand: HandMade, capsys, arguments, said):
    assert main(["export", "focus", "--lake", str(hand.folder), *arguments]) == 2
    assert said in capsys.readouterr().err
