"""The default workspace is in the list of workspaces wherever the API allows it."""

import pytest

from admin_double import faults
from claude_admin_lake.run.outcome import Status
from tests.guarantees.loading import current
from tests.guarantees.world import World

LISTS = "workspaces,workspace_members"


def statuses(world: World) -> set[Status]:
    return {one.status for one in world.run({"tables": LISTS.split(",")}).outcomes}


def listed(world: World) -> set[str]:
    return {row["id"] for row in current(world, "workspaces")}


@pytest.fixture
def default(on_laptop: World) -> str:
    return on_laptop.api.organization.default_workspace_id


def test_the_default_workspace_is_listed_at_no_extra_request(
    on_laptop: World, default: str
) -> None:
    assert statuses(on_laptop) == {Status.LOADED}
    assert default in listed(on_laptop)
    assert on_laptop.api.count("workspaces") == 1


def test_an_api_that_ignores_the_parameter_lists_the_others_in_as_many_requests(
    on_laptop: World, default: str
) -> None:
    on_laptop.api.switches.default_workspace = "ignored"
    assert statuses(on_laptop) == {Status.LOADED}
    assert listed(on_laptop)
    assert default not in listed(on_laptop)
    assert on_laptop.api.count("workspaces") == 1


def test_an_api_that_refuses_the_parameter_is_asked_without_it_from_then_on(
    on_laptop: World, default: str
) -> None:
    on_laptop.api.switches.default_workspace = "refused"
    on_laptop.api.page_cap = 2
    truth = {one["id"] for one in on_laptop.api.truth("workspaces")}
    assert statuses(on_laptop) == {Status.LOADED}
    assert listed(on_laptop) == truth - {default}
    assert on_laptop.api.count("workspaces") == 2 + -(-len(truth - {default}) // 2)


@pytest.mark.parametrize("page", [1, 2])
def test_one_bad_request_does_not_cost_the_default_workspace(
    on_laptop: World, default: str, page: int
) -> None:
    on_laptop.api.page_cap = 2
    on_laptop.api.fail("workspaces", faults.status(400), nth=page, times=1)
    assert statuses(on_laptop) == {Status.LOADED}
    assert default in listed(on_laptop)


def test_a_default_workspace_without_a_list_of_members_costs_no_table(on_laptop: World) -> None:
    on_laptop.api.switches.default_has_members = False
    assert statuses(on_laptop) == {Status.LOADED}
    assert current(on_laptop, "workspace_members")


def test_any_other_refusal_still_fails_the_table(on_laptop: World) -> None:
    on_laptop.api.fail("workspaces", faults.status(400), times=None)
    assert Status.FAILED in statuses(on_laptop)
