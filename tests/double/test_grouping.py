"""Grouping and filters of the bucketed reports."""

import pytest

from tests.double.client import HEADERS, ONE_DAY, USAGE_GROUP_BY, Client, results, total

DIMENSIONS = {
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "workspace_id",
}


@pytest.mark.parametrize("dimension", [*sorted(DIMENSIONS), None])
def test_grouping_splits_the_same_total_and_leaves_other_dimensions_null(client, dimension):
    found = results(
        client, "usage_report", ONE_DAY | {"group_by[]": [dimension] if dimension else []}
    )
    ungrouped = results(client, "usage_report", ONE_DAY)
    assert total(found) == total(ungrouped)
    assert len(ungrouped) == 1
    assert all(result[other] is None for result in found for other in DIMENSIONS - {dimension})
    assert len({result.get(dimension) for result in found}) == len(found)


def test_a_group_appears_once_under_the_usual_grouping(client):
    found = results(client, "usage_report", ONE_DAY | {"group_by[]": USAGE_GROUP_BY})
    keys = {tuple(result[name] for name in USAGE_GROUP_BY) for result in found}
    assert len(keys) == len(found) > 10


def test_at_most_five_dimensions(client):
    six = [*USAGE_GROUP_BY, "inference_geo"]
    answer = client.get("usage_report", ONE_DAY | {"group_by[]": six})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Cannot specify more than 5 group_by[] dimensions."


@pytest.mark.parametrize(("table", "name"), [("usage_report", "color"), ("cost_report", "model")])
def test_an_unknown_dimension_is_400(client, table, name):
    assert client.get(table, ONE_DAY | {"group_by[]": name}).status_code == 400


def test_speed_needs_its_beta_header(api, client):
    asked = ONE_DAY | {"group_by[]": "speed"}
    assert client.get("usage_report", asked).status_code == 400
    with (beta := Client(api, HEADERS | {"anthropic-beta": "fast-mode-2026-02-01"})).session:
        assert {r["speed"] for r in results(beta, "usage_report", asked)} == {"fast", "standard"}
    assert "speed" not in results(client, "usage_report", ONE_DAY)[0]


@pytest.mark.parametrize(
    ("parameter", "dimension"),
    [
        ("models[]", "model"),
        ("workspace_ids[]", "workspace_id"),
        ("api_key_ids[]", "api_key_id"),
        ("account_ids[]", "account_id"),
        ("service_account_ids[]", "service_account_id"),
        ("context_window[]", "context_window"),
        ("inference_geos[]", "inference_geo"),
        ("service_tiers[]", "service_tier"),
    ],
)
def test_a_filter_keeps_only_its_groups(client, parameter, dimension):
    grouped = ONE_DAY | {"group_by[]": dimension}
    everything = results(client, "usage_report", grouped)
    wanted = next(result for result in everything if result[dimension] is not None)
    assert results(client, "usage_report", grouped | {parameter: wanted[dimension]}) == [wanted]


def test_a_filter_value_outside_its_set_is_400(client):
    assert client.get("usage_report", ONE_DAY | {"service_tiers[]": "gold"}).status_code == 400


def test_ungrouped_costs_are_one_amount_without_dimensions(client):
    (only,) = results(client, "cost_report", ONE_DAY)
    assert {name for name, value in only.items() if value is not None} == {"amount", "currency"}
