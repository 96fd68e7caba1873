"""Killed at any moment, then run again: the same lake and cursors as if undisturbed.

On AWS the run dies, in turn, before and after every single request to the API and every write to
S3 and DynamoDB: from then on nothing it tries has an effect, not even its cleaning up. On a laptop
a real process gets a real SIGKILL before every file operation.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.s3 import models as moto_s3
from requests import Response

from admin_double.api import KEY, AdminApi
from claude_admin_lake.lake import s3
from tests.guarantees.world import NOW, OnAws, OnLaptop, World, ago

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "START_DATE": str(ago(3)),
    "LOOKBACK_DAYS": "1",
    "TABLES": "workspaces,cost_report,claude_code_usage",
}
WRITES = (
    "PutObject",
    "CreateMultipartUpload",
    "UploadPart",
    "CompleteMultipartUpload",
    "UpdateItem",
)


class Killed(BaseException):
    """No `except` may catch it, and no clean-up may help: the process is gone."""


class Mortal:
    """Counts a run's effects, and ends the run at one of them."""

    def __init__(self, dies_at: int, *, before: bool) -> None:
        self.count, self._dies_at, self._before = 0, dies_at, before
        self.dead = False

    def effect(self, act: Callable[[], Any]) -> Any:
        """The effect, unless the run dies at it or is dead."""
        if self.dead:
            raise Killed
        self.count += 1
        self.dead = self.count == self._dies_at
        if self.dead and self._before:
            raise Killed
        done = act()
        if self.dead:
            if isinstance(done, Response):
                done.close()  # a process that is gone has no open sockets
            raise Killed
        return done

    def possess(self, equipment: Any) -> Any:
        """Let every effect of this equipment's run pass through here."""
        send = equipment.api._session.get
        equipment.api._session.get = lambda *a, **k: self.effect(lambda: send(*a, **k))
        for client in (equipment.lake._client, equipment.state._client):
            self._possess_client(client)
        return equipment

    def _possess_client(self, client: Any) -> None:
        call = client._make_api_call

        def make_api_call(name: str, arguments: Any) -> Any:
            if name in WRITES:
                return self.effect(lambda: call(name, arguments))
            if self.dead:
                raise Killed
            return call(name, arguments)

        client._make_api_call = make_api_call


def fresh(api: AdminApi, name: str) -> World:
    store = OnAws(bucket=name, table=name, secret=name)
    store.create()
    return World(api, store, dict(SETTINGS))


@pytest.fixture(params=["one put", "in parts"])
def upload(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time objects go up in parts of 2,000 bytes (S3's own least size is 5 MiB)."""
    if request.param == "in parts":
        monkeypatch.setattr(s3, "PART_BYTES", 2000)
        monkeypatch.setattr(moto_s3, "S3_UPLOAD_PART_MIN_SIZE", 1)


@pytest.mark.usefixtures("aws_account", "upload")
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_run_killed_at_any_effect_is_made_good_by_the_next(api: AdminApi, before: bool) -> None:
    undisturbed = fresh(api, "undisturbed")
    mortal = Mortal(0, before=before)
    undisturbed.run(equipment=mortal.possess(undisturbed.equipment()))
    assert mortal.count >= 20
    for moment in range(1, mortal.count + 1):
        world = fresh(api, f"killed-at-{moment}")
        with pytest.raises(Killed):
            world.run(equipment=Mortal(moment, before=before).possess(world.equipment()))
        world.clock.passed += timedelta(minutes=16).total_seconds()
        assert world.run(run_id="again").status == "complete"
        assert world.lake() == undisturbed.lake(), f"killed at effect {moment}"
        assert world.store.cursors() == undisturbed.store.cursors()
        assert world.store.leftovers() == []


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


def test_a_process_killed_at_any_file_operation_is_made_good_by_the_next(
    api: AdminApi, tmp_path: Path
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
