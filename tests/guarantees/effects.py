"""The effects of a run on everything outside it: recorded in order, and cut off at any of them.

The recorder sits where every run must pass, whatever the loader's own parts are called: requests'
sessions, botocore's clients and `os.replace`. It patches all three for the time of `watched()`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore.client import BaseClient
from requests import Response, Session

from tests.guarantees.world import World

_PUBLICATIONS = {"PutObject", "CompleteMultipartUpload"}
_READS = ("Get", "Head", "List", "Scan")


class Killed(BaseException):
    """The process is gone: no `except` catches it, and no clean-up has an effect any more."""


class Published(NamedTuple):
    """An object is in the lake."""

    key: str


class Moved(NamedTuple):
    """The cursor of a table has a new date."""

    table: str
    day: date


class Effects:
    """Records a world's effects. The run dies before or after effect number `dies_at`, if any.

    On AWS, every call that changes something is an effect, so dying after one is the same as dying
    before the next.
    """

    def __init__(self, world: World, dies_at: int = 0, *, before: bool = False) -> None:
        self._world, self._dies_at, self._before = world, dies_at, before
        self._cursors = world.store.cursors()
        self.seen: list[Published | Moved] = []
        self.count = 0
        self.dead = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Record what happens inside, API requests included in the count."""
        with pytest.MonkeyPatch.context() as patch:
            self._watch_requests(patch)
            self._watch_aws(patch)
            self._watch_files(patch)
            yield

    def _watch_requests(self, patch: pytest.MonkeyPatch) -> None:
        send = Session.send
        patch.setattr(Session, "send", lambda *a, **k: self._effect(lambda: send(*a, **k)))

    def _watch_aws(self, patch: pytest.MonkeyPatch) -> None:
        call = BaseClient._make_api_call

        def make_api_call(client: Any, name: str, arguments: Any) -> Any:
            if name.startswith(_READS):
                self._check_alive()
                return call(client, name, arguments)
            done = self._effect(lambda: call(client, name, arguments))
            if name in _PUBLICATIONS:
                self._note_object(arguments["Key"])
            elif name == "UpdateItem":
                self._note_cursors()
            return done

        patch.setattr(BaseClient, "_make_api_call", make_api_call)

    def _watch_files(self, patch: pytest.MonkeyPatch) -> None:
        replace, unlink = os.replace, os.unlink

        def replace_file(source: Path, target: Path) -> None:
            self._effect(lambda: replace(source, target))
            self._note_object(str(target))
            self._note_cursors()

        def unlink_file(*arguments: Any, **options: Any) -> None:
            self._check_alive()
            unlink(*arguments, **options)

        patch.setattr(os, "replace", replace_file)
        patch.setattr(os, "unlink", unlink_file)

    def _check_alive(self) -> None:
        if self.dead:
            raise Killed

    def _effect(self, act: Callable[[], Any]) -> Any:
        self._check_alive()
        self.count += 1
        self.dead = self.count == self._dies_at
        if self.dead and self._before:
            raise Killed
        done = act()
        if self.dead:
            if isinstance(done, Response):
                done.close()  # a dead process has no open sockets
            raise Killed
        return done

    def _note_object(self, key: str) -> None:
        if key.endswith(".jsonl.gz"):
            self.seen.append(Published(key))

    def _note_cursors(self) -> None:
        if self._dies_at:
            return  # nobody asks what such a run has done
        before, self._cursors = self._cursors, self._world.store.cursors()
        for table, texts in self._cursors.items():
            if texts.get("date") != before.get(table, {}).get("date"):
                self.seen.append(Moved(table, date.fromisoformat(texts["date"])))


def assert_published_before_moved(seen: list[Published | Moved], first: date) -> int:
    """Every cursor moved only when it and all days from `first` on were published; how often."""
    moves = [(at, one) for at, one in enumerate(seen) if isinstance(one, Moved)]
    for at, (table, day) in moves:
        published = [one.key for one in seen[:at] if isinstance(one, Published)]
        for n in range((day - first).days + 1):
            due = {table, f"date={first + timedelta(days=n)}"}
            assert any(due <= {*key.split("/")} for key in published), (
                f"the cursor of {table} moved to {day} before {sorted(due)} was published"
            )
    return len(moves)
