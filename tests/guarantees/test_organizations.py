"""Several organizations in one lake: each has its own part of it, and only its own key's data."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from admin_double import ALWAYS, KEY, AdminDouble, faults
from claude_admin_lake.errors import (
    CredentialError,
    InvalidInput,
    LakeUnavailable,
    WrongOrganization,
)
from claude_admin_lake.plan.event import read_event
from claude_admin_lake.run.result import Result
from claude_admin_lake.run.run import plan_all
from claude_admin_lake.settings import read_settings
from tests.guarantees.organizations import document, documented, key_of, neighbours
from tests.guarantees.world import DATED, OnAws, OnLaptop, World, ago, client
from tests.selection import only_in_check

NAMES = ("main", "other")


@pytest.fixture
def apis() -> Iterator[dict[str, AdminDouble]]:
    with neighbours(*NAMES) as made:
        yield made


@pytest.fixture(params=["on_aws", "on_laptop"])
def two(request: pytest.FixtureRequest, apis: dict[str, AdminDouble], tmp_path: Path) -> World:
    """A world of two organizations, on AWS and on a laptop."""
    text = documented(*NAMES)
    if request.param == "on_aws":
        request.getfixturevalue("aws_account")
        store: Any = OnAws(key=text)
        store.create()
    else:
        store = OnLaptop(tmp_path / "lake", key=text)
    return World(apis["main"], store, {"ORGANIZATIONS": ",".join(NAMES)})


def run(world: World, organization: str, **event: object) -> Result:
    services = world.store.services(world.environment, world.clock, None, organization)
    return world.run({"organization": organization, **event}, services=services)


def test_each_organization_has_its_own_objects_and_cursors(two: World) -> None:
    world = two
    assert run(world, "main").as_dict()["organization"] == "main"
    mine, cursors = world.store.objects(), world.store.cursors()
    assert run(world, "other").status == "complete"
    theirs = {key: body for key, body in world.store.objects().items() if key not in mine}
    assert {key.split("/")[1] for key in mine} == {"organization=main"}
    assert {key.split("/")[1] for key in theirs} == {"organization=other"}
    after = world.store.objects()
    assert {key: after[key] for key in mine} == mine
    assert world.store.cursors() == cursors
    assert set(world.store.cursors("other")) == {*DATED}


def test_a_gap_of_one_organization_is_not_filled_by_another(two: World) -> None:
    world = two
    run(world, "other")
    run(world, "main")
    world.store.delete(f"cost_report/organization=main/date={ago(5)}/cost_report.jsonl.gz")
    result = run(world, "main", tables=["cost_report"])
    assert result.outcomes[0].gaps == [ago(5)]


def test_one_organization_neither_blocks_nor_sweeps_another(two: World) -> None:
    world = two
    busy = world.services()
    assert busy.state.acquire("main's run", world.clock.now(), world.clock.now())
    upload = busy.lake.upload("users/organization=main/users.jsonl.gz", 1)
    upload.write(b"x" * 9_000_000)
    assert run(world, "other", tables=["organization"]).status == "complete"
    assert upload.publish("digest", {}).changed


@pytest.mark.parametrize(
    "key",
    [
        "cost_report/date=2026-11-05/cost_report.jsonl.gz",
        "users/users.jsonl.gz",
        "load_runs/date=2026-11-05/run.jsonl.gz",
    ],
)
def test_a_lake_of_version_1_is_refused_and_left_alone(world: World, key: str) -> None:
    world.store.put(key, b"old")
    with pytest.raises(LakeUnavailable, match=r"version 1.*another LAKE_PREFIX"):
        world.run()
    assert world.store.objects() == {key: b"old"}
    assert world.api.requests == []


def test_a_folder_with_cursors_of_version_1_is_refused(on_laptop: World) -> None:
    on_laptop.store.folder.mkdir(exist_ok=True)
    (on_laptop.store.folder / "cursors.json").write_text("{}")
    with pytest.raises(LakeUnavailable, match=r"cursors\.json is in the layout of version 1"):
        on_laptop.run()


def test_what_remains_names_the_organization(world: World) -> None:
    result = world.run({"tables": ["cost_report"]}, seconds=0.0)
    assert result.remaining is not None
    assert result.remaining["organization"] == "main"
    assert world.run(result.remaining).status == "complete"


class TestWhoseLakeItIs:
    """The organization that the API names is kept at the first load, and compared ever after."""

    def test_a_key_of_another_organization_writes_nothing_and_says_whose_it_is(
        self, two: World, apis: dict[str, AdminDouble]
    ) -> None:
        run(two, "main", tables=["users"])
        before = two.store.objects()
        self.swap(two, apis)
        with pytest.raises(WrongOrganization) as caught:
            run(two, "main")
        told = str(caught.value)
        for api in apis.values():
            assert api.organization.id in told
            assert repr(api.organization.record()["name"]) in told
        assert '{"organization": "main", "adopt": true}' in told
        assert two.store.objects() == before
        assert two.store.cursors() == {}

    def test_after_it_was_confirmed_the_lake_goes_on_with_it(
        self, two: World, apis: dict[str, AdminDouble]
    ) -> None:
        run(two, "main", tables=["users"])
        self.swap(two, apis)
        assert run(two, "main", adopt=True).status == "complete"
        assert run(two, "main").status == "complete"
        self.swap(two, apis)
        with pytest.raises(WrongOrganization):
            run(two, "main")

    def test_a_new_name_is_no_other_organization(
        self, two: World, apis: dict[str, AdminDouble]
    ) -> None:
        run(two, "main", tables=["users"])
        renamed = {**apis["main"].organization.record(), "name": "New name"}
        apis["main"].put("organization", None, [renamed])
        assert run(two, "main", tables=["users"]).status == "complete"

    @pytest.mark.parametrize("status", only_in_check([403], [403, 404, 500]))
    def test_the_run_goes_on_if_the_api_does_not_say(
        self, two: World, apis: dict[str, AdminDouble], status: int
    ) -> None:
        apis["main"].fail("organization", faults.status(status), times=ALWAYS)
        result = run(two, "main")
        statuses = {one.table: one.status.value for one in result.outcomes}
        assert statuses.pop("organization") == ("forbidden" if status == 403 else "failed")
        assert set(statuses.values()) == {"loaded"}
        apis["main"].heal()
        assert run(two, "main").status == "complete"

    def test_the_answer_is_the_organizations_snapshot_too(
        self, two: World, apis: dict[str, AdminDouble]
    ) -> None:
        result = run(two, "main", tables=["organization"])
        assert apis["main"].count("organization") == 1
        assert result.outcomes[0].meter.requests == 1
        (row,) = two.rows("organization/organization=main/organization.jsonl.gz")
        assert row["id"] == apis["main"].organization.id

    def test_a_dry_run_does_not_ask(self, two: World, apis: dict[str, AdminDouble]) -> None:
        settings = read_settings(two.environment)
        event = {"organization": "main", "dry_run": True, "adopt": True}
        plan_all(read_event(event, settings, two.clock.now()), two.services())
        assert apis["main"].requests == []
        assert two.services().state.identity() is None

    def test_a_move_is_confirmed_by_name(self, two: World) -> None:
        with pytest.raises(InvalidInput, match="organization is missing"):
            two.run({"adopt": True})

    def swap(self, world: World, apis: dict[str, AdminDouble]) -> None:
        """The organizations change keys, as after a mix-up."""
        main, other = apis["main"].keys.copy(), apis["other"].keys.copy()
        for api, keys in ((apis["main"], other), (apis["other"], main)):
            api.keys.clear()
            api.keys.update(keys)
        world.api.reset_log()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (KEY, "is for one organization, but ORGANIZATIONS is main,other"),
        (document(other=key_of("other")), "no credentials for the organization 'main'"),
        (document(main=KEY, other=KEY), "same key for 'main' and 'other'"),
        (document(main=KEY, elsewhere=KEY), "same key for 'main' and 'elsewhere'"),
        ('{"organizations": ["main"]}', "not a JSON object of names"),
    ],
)
def test_a_secret_that_does_not_say_whose_key_is_whose_is_refused(
    two: World, text: str, why: str
) -> None:
    two.store.key = text
    if isinstance(two.store, OnAws):
        client("secretsmanager").put_secret_value(SecretId="key", SecretString=text)
    with pytest.raises(CredentialError) as caught:
        run(two, "main")
    assert why in str(caught.value)
    assert KEY not in str(caught.value)
    assert two.store.objects() == {}


@pytest.mark.parametrize("name", ["elsewhere", "MAIN", "", 5, ["main"]])
def test_an_unknown_organization_is_refused(two: World, name: object) -> None:
    with pytest.raises(InvalidInput, match=r"organization is .*; must be one of main, other"):
        two.run({"organization": name})
