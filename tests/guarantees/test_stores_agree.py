"""S3 with DynamoDB and a folder behave alike, so that what is tested on one holds for the other.

Each seed is a random sequence of all that a run does with a lake and its state, done to both.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from claude_admin_lake.errors import Superseded
from claude_admin_lake.lake import Watch
from claude_admin_lake.lake.keys import Keys
from claude_admin_lake.lake.packing import Packer
from claude_admin_lake.plan.cursor import Cursor
from claude_admin_lake.plan.start import Start
from claude_admin_lake.run.services import Services
from claude_admin_lake.state import Identity, Lease
from claude_admin_lake.tables import TABLES, Table

from .world import NOW, FakeClock, OnAws, OnLaptop, ago

DATED = [one for one in TABLES if one.name in ("cost_report", "analytics_usage_by_actor")]
SNAPSHOTS = [one for one in TABLES if one.name in ("users", "workspaces")]
KEYS = Keys("main")
Step = Callable[[Services, Lease], Any]


class Steps:
    """Chooses what to do next; a step is then done to each store."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def __iter__(self) -> Iterator[Step]:
        kinds = [self._publish] * 3 + [
            self._discard, self._read, self._listed, self._moved, self._cursor, self._kept,
        ]  # fmt: skip
        for _ in range(60):
            yield self._random.choice(kinds)()

    def _table(self) -> Table:
        return self._random.choice(DATED)

    def _day(self) -> Any:
        return ago(self._random.randint(1, 4))

    def _key(self) -> tuple[Table, str]:
        if self._random.random() < 0.7:
            table = self._table()
            return table, KEYS.dated(table, self._day())
        table = self._random.choice(SNAPSHOTS)
        return table, KEYS.history(table) + f"snapshot_date={self._day()}/{table.name}.jsonl.gz"

    def _lines(self) -> bytes:
        numbers = [self._random.randint(1, 3) for _ in range(self._random.randint(0, 3))]
        names = [self._random.choice("ab") for _ in numbers]
        return b"".join(
            b'{"amount_usd":"%d.5","output_tokens":%d,"actor_name":"%s"}\n' % (n, n, name.encode())
            for n, name in zip(numbers, names, strict=True)
        )

    def _publish(self) -> Step:
        (table, key), lines, first = self._key(), self._lines(), self._random.random() < 0.5

        def publish(services: Services, lease: Lease) -> Any:
            upload = services.lake.upload(key, lease.fence, Watch(table, first=first))
            packer = Packer([upload], table.labels)
            packer.add(lines)
            return packer.publish({})

        return publish

    def _discard(self) -> Step:
        (table, key), lines = self._key(), self._lines()

        def discard(services: Services, lease: Lease) -> None:
            upload = services.lake.upload(key, lease.fence, Watch(table))
            upload.write(lines)
            upload.discard()

        return discard

    def _read(self) -> Step:
        _, key = self._key()

        def read(services: Services, _: Lease) -> bytes | None:
            stored = services.lake.read(key)
            if stored is None:
                return None
            with stored:
                return stored.read()

        return read

    def _listed(self) -> Step:
        dated, snapshot = self._table(), self._random.choice(SNAPSHOTS)
        return lambda services, _: (
            services.lake.days(dated),
            services.lake.snapshots(snapshot),
            services.lake.holds(dated),
        )

    def _moved(self) -> Step:
        table, back = self._table().name, self._random.random() < 0.2
        reload = self._random.choice([None, ago(3)])
        cursor = Cursor(
            date=self._random.choice([None, self._day(), self._day()]),
            query=self._random.choice([None, "1d"]),
            reload_query="1d:model" if reload else None,
            reload_through=reload,
            accepted=frozenset(self._random.sample([ago(9), ago(8), ago(6)], 2)),
        )

        def move(services: Services, lease: Lease) -> Any:
            try:
                services.state.move(table, cursor, lease, back=back)
            except Superseded:
                return Superseded

        return move

    def _cursor(self) -> Step:
        table = self._table().name
        return lambda services, _: services.state.cursor(table)

    def _kept(self) -> Step:
        identity = Identity("id", self._random.choice([None, "Example Labs"]))
        start = Start(day=self._day(), chosen=self._random.random() < 0.5)
        day, table = self._day(), self._table().name
        what = self._random.randrange(3)

        def keep(services: Services, lease: Lease) -> Any:
            state = services.state
            if what == 0:
                state.record(identity, lease)
            elif what == 1:
                state.keep_start(start, lease)
            else:
                state.keep_read_day(table, day, lease)
            return state.identity(), state.start(), state.read_day(table)

        return keep


@pytest.fixture
def both(aws_account: None, tmp_path: Path) -> tuple[Services, Services]:
    on_aws = OnAws()
    on_aws.create()
    clock = FakeClock(NOW)
    stores = (on_aws, OnLaptop(tmp_path))
    return tuple(store.services(store.environment, clock, None) for store in stores)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_done_to_both_stores_has_the_same_effect(
    both: tuple[Services, Services], seed: int
) -> None:
    expires = NOW + timedelta(minutes=16)
    leases = [one.state.acquire("run", NOW, expires) for one in both]
    assert all(leases)
    assert [one.state.acquire("other", NOW, expires) for one in both] == [None, None]
    for number, step in enumerate(Steps(seed)):
        on_aws, in_folder = map(step, both, leases)
        assert on_aws == in_folder, f"step {number}"
    for one, lease in zip(both, leases, strict=True):
        one.state.release(lease)
    acquire = partial(map, lambda one: one.state.acquire("other", NOW, expires))
    assert all(acquire(both))
