"""A run killed at any moment, then repeated, gives the same lake and cursors as if undisturbed.

The run dies, in turn, before and after each of its effects: every request to the API and every
write to the lake and the cursors. From then on nothing it tries has an effect, not even its
clean-up. In a folder, a real process also gets a real SIGKILL before every file operation.
"""

import gc
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from moto.s3 import models as moto_s3

from admin_double.api import KEY, AdminDouble
from claude_admin_lake.lake import s3
from tests.guarantees.effects import Effects, Killed
from tests.guarantees.world import NOW, OnAws, OnLaptop, World, ago

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "START_DATE": str(ago(3)),
    "LOOKBACK_DAYS": "1",
    "TABLES": "workspaces,cost_report,claude_code_usage",
}
NO_LOOKBACK = {"LOOKBACK_DAYS": "0", "REPORT_LOOKBACK_DAYS": "0"}
STORIES = {
    "lookback": {},
    "no lookback": NO_LOOKBACK,
    "no lookback, today too": {**NO_LOOKBACK, "INCLUDE_TODAY": "true"},
}


@pytest.fixture(params=[*STORIES, "in parts"])
def story(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings. "In parts" uploads parts of 2,000 bytes (S3's own minimum is 5 MiB)."""
    if request.param == "in parts":
        monkeypatch.setattr(s3, "PART_BYTES", 2000)
        monkeypatch.setattr(moto_s3, "S3_UPLOAD_PART_MIN_SIZE", 1)
    return {**SETTINGS, **STORIES.get(request.param, {})}


def die(world: World, moment: int, *, before: bool) -> None:
    """Run until effect number `moment`, then let the lease of the dead run expire."""
    effects = Effects(world, moment, before=before)
    with effects.watched(), pytest.raises(Killed):
        world.run()
    world.clock.passed += timedelta(minutes=16).total_seconds()


def assert_next_run_repairs(world: World, undisturbed: World, moment: int) -> None:
    assert world.run(run_id="again").status == "complete"
    assert world.lake() == undisturbed.lake(), f"killed at effect {moment}"
    assert world.store.cursors() == undisturbed.store.cursors()
    assert world.store.leftovers() == []


def count_effects(undisturbed: World) -> int:
    effects = Effects(undisturbed)
    with effects.watched():
        assert undisturbed.run().status == "complete"
    return effects.count


@pytest.mark.slow
@pytest.mark.usefixtures("aws_account")
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_run_killed_at_any_effect_is_made_good_by_the_next(
    api: AdminDouble, story: dict[str, str], before: bool
) -> None:
    def fresh(name: str) -> World:
        store = OnAws(bucket=name, table=name, secret=name)
        store.create()
        return World(api, store, dict(story))

    undisturbed = fresh("undisturbed")
    count = count_effects(undisturbed)
    assert count >= 20
    for moment in range(1, count + 1):
        world = fresh(f"killed-at-{moment}")
        die(world, moment, before=before)
        assert_next_run_repairs(world, undisturbed, moment)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # a dead process closes none
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("settings", STORIES.values(), ids=STORIES)
def test_a_daily_run_killed_at_any_effect_is_made_good_by_the_next(
    api: AdminDouble, tmp_path: Path, settings: dict[str, str], before: bool
) -> None:
    """Into a folder that already holds days, some of them restated since."""
    places = folders(tmp_path)
    loaded = next(places)
    World(api, OnLaptop(loaded), {**SETTINGS, **settings}).run()
    for table in ("cost_report", "claude_code_usage"):
        api.put(table, ago(1), api.truth(table, ago(1))[1:])

    def next_morning() -> World:
        folder = next(places)
        shutil.copytree(loaded, folder, dirs_exist_ok=True)
        world = World(api, OnLaptop(folder), {**SETTINGS, **settings})
        world.at(NOW + timedelta(days=2))
        return world

    undisturbed = next_morning()
    count = count_effects(undisturbed)
    assert count >= 10
    for moment in range(1, count + 1):
        world = next_morning()
        die(world, moment, before=before)
        assert_next_run_repairs(world, undisturbed, moment)
    gc.collect()


KILLED_AT = """
import os, signal, sys
countdown = [int(sys.argv.pop(1))]
EVENTS = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "socket.connect"}
def kill_at(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and "w" in arguments[1]
    if event in EVENTS or writes:
        countdown[0] -= 1
        if countdown[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(kill_at)
from claude_admin_lake.cli import main
sys.exit(main())
"""


def killed(world: World, moment: int) -> int:
    """Run the command in a process that kills itself before its file operation number `moment`."""
    event = world.store.folder.parent / "event.json"
    event.write_text(f'{{"scheduled_time": "{NOW:%Y-%m-%dT%H:%M:%SZ}"}}')
    environment = {
        **os.environ,
        **world.environment,
        "ANTHROPIC_ADMIN_KEY": KEY,
        "PYTHONPATH": str(ROOT / "src"),
    }
    load = ["load", "--lake", str(world.store.folder)]
    command = [sys.executable, "-c", KILLED_AT, str(moment), *load]
    return subprocess.run(
        [*command, "--event", str(event)], env=environment, capture_output=True, check=False
    ).returncode


def folders(tmp_path: Path) -> Iterator[Path]:
    number = 0
    while True:
        number += 1
        folder = tmp_path / str(number) / "lake"
        folder.mkdir(parents=True)
        yield folder


@pytest.mark.slow
def test_a_process_killed_at_any_file_operation_is_made_good_by_the_next(
    api: AdminDouble, tmp_path: Path
) -> None:
    settings = {**SETTINGS, "START_DATE": str(ago(2)), "TABLES": "organization,claude_code_usage"}
    places = folders(tmp_path)
    undisturbed = World(api, OnLaptop(next(places)), dict(settings))
    undisturbed.run()
    moments = 0
    for moment, folder in enumerate(places, 1):
        world = World(api, OnLaptop(folder), dict(settings))
        status = killed(world, moment)
        if status == 0:
            break
        moments += 1
        assert status == -signal.SIGKILL
        assert world.run().status == "complete"
        assert world.lake() == undisturbed.lake(), f"killed at operation {moment}"
        assert world.store.cursors() == undisturbed.store.cursors()
        assert world.store.leftovers() == []
    assert moments > 20
