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
from claude_admin_lake.lake import s3_object
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


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads parts of 2,000 bytes (S3's own minimum is 5 MiB)."""
    monkeypatch.setattr(s3_object, "PART_BYTES", 2000)
    monkeypatch.setattr(moto_s3, "S3_UPLOAD_PART_MIN_SIZE", 1)


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
@pytest.mark.usefixtures("aws_account", "in_parts")
def test_a_run_killed_at_any_effect_is_made_good_by_the_next(api: AdminDouble) -> None:
    def fresh(name: str) -> World:
        store = OnAws(bucket=name, table=name, secret=name)
        store.create()
        return World(api, store, {**SETTINGS, **NO_LOOKBACK})

    undisturbed = fresh("undisturbed")
    count = count_effects(undisturbed)
    assert count >= 20
    for moment in range(1, count + 2):
        world = fresh(f"killed-at-{moment}")
        die(world, min(moment, count), before=moment <= count)
        assert_next_run_repairs(world, undisturbed, moment)


@pytest.mark.slow
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
from claude_admin_lake.cli import load, main
from claude_admin_lake.lake import folder
from claude_admin_lake.state import file

EVENTS = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "socket.connect"}

def kill_at(moment):
    left = [moment]
    def hook(event, arguments):
        writes = event == "open" and isinstance(arguments[1], str) and "w" in arguments[1]
        if event in EVENTS or writes:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

lake, event = sys.argv.pop(1), sys.argv.pop(1)
moment, status = 0, None
while status != 0:
    moment += 1
    child = os.fork()
    if child == 0:
        kill_at(moment)
        sys.exit(main(["load", "--lake", lake.format(moment), "--event", event]))
    _, status = os.waitpid(child, 0)
    print("status", status, file=sys.stderr)
"""


def killed_at_each(world: World, lakes: str) -> list[int]:
    """Run the command in processes, each of which kills itself before one file operation later than
    the last one, until one has nothing left to do; how each has ended.

    All are forked from one process, because starting Python takes longer than the run.
    """
    event = world.store.folder.parent / "event.json"
    event.write_text(f'{{"scheduled_time": "{NOW:%Y-%m-%dT%H:%M:%SZ}"}}')
    environment = {
        **os.environ,
        **world.environment,
        "ANTHROPIC_ADMIN_KEY": KEY,
        "PYTHONPATH": str(ROOT / "src"),
    }
    command = [sys.executable, "-c", KILLED_AT, lakes, str(event)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    lines = [line.split() for line in ended.stderr.splitlines() if line.startswith("status ")]
    return [os.waitstatus_to_exitcode(int(status)) for _, status in lines]


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
    undisturbed = World(api, OnLaptop(tmp_path / "undisturbed"), dict(settings))
    undisturbed.run()
    *killed, last = killed_at_each(undisturbed, str(tmp_path / "{}"))
    assert len(killed) > 20
    assert {*killed} == {-signal.SIGKILL}
    assert last == 0
    for moment in range(1, len(killed) + 1):
        world = World(api, OnLaptop(tmp_path / str(moment)), dict(settings))
        assert world.run().status == "complete"
        assert world.lake() == undisturbed.lake(), f"killed at operation {moment}"
        assert world.store.cursors() == undisturbed.store.cursors()
        assert world.store.leftovers() == []
