"""What the tests here hand to the code in place of the outside world."""

from datetime import UTC, date, datetime, timedelta

from claude_admin_lake.clock import Deadline, countdown
from claude_admin_lake.days import DayRange
from claude_admin_lake.lake import Published
from claude_admin_lake.plan.span import Span
from claude_admin_lake.tables import TABLES, Table

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BY_NAME = {table.name: table for table in TABLES}
DATED = tuple(table for table in TABLES if table.days)
SNAPSHOTS = tuple(table for table in TABLES if not table.days)


def names(tables: tuple[Table, ...]) -> list[str]:
    return [table.name for table in tables]


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(first: str, last: str) -> DayRange:
    return DayRange(day(first), day(last))


def spans(*ranges: str) -> tuple[Span, ...]:
    """Ranges that were not read yet."""
    return tuple(Span(days(*one.split("/"))) for one in ranges)


class FakeClock:
    """A clock that only moves when somebody waits."""

    def __init__(self, now: datetime = NOON) -> None:
        self._start = now
        self._elapsed = 0.0
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def elapsed(self) -> float:
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        self._elapsed += seconds


class MemoryUpload:
    """An object that is kept where a test can look at it."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.published: list[tuple[str, dict[str, str]]] = []
        self.discarded = False

    @property
    def content(self) -> bytes:
        return b"".join(self.chunks)

    def write(self, chunk: bytes) -> None:
        self.chunks.append(chunk)

    def publish(self, digest: str, facts: dict[str, str]) -> Published:
        self.published.append((digest, dict(facts)))
        return Published(changed=True)

    def discard(self) -> None:
        self.discarded = True


def limited(clock: FakeClock, seconds: float | None) -> Deadline:
    """The deadline of an invocation that has so many seconds left; None is no limit."""
    return Deadline(clock, None if seconds is None else countdown(clock, seconds))


def share(examples: int) -> int:
    """Examples for each table, so that a further table does not make the tests slower."""
    return max(3, 3 * examples // len(TABLES))
