"""An activity feed: each read covers one day, newest event first; events may be repeated."""

from collections.abc import Iterator
from datetime import date
from hashlib import blake2b

from msgspec import DecodeError, Raw, Struct
from msgspec.json import Decoder, Encoder
from msgspec.json import format as compact

from claude_admin_lake.days import ONE_DAY, DayRange
from claude_admin_lake.errors import BadAnswer

from . import DayRecords, batches
from .stamps import check_day, moment

Fields = dict[str, Raw]

_fields = Decoder(Fields).decode
_text = Decoder(str).decode
_encode = Encoder().encode
_sorted = Encoder(order="deterministic").encode


class Events(Struct, frozen=True):
    """Days are found by `created_at`, and an event is known by its `id`.

    An event has the fields `common_to_all`, and others that only its type has. There are hundreds
    of types, so those others become one JSON text in the field `details`.
    """

    common_to_all: frozenset[str]
    details: str = "details"
    width: str = "1d"
    common: tuple[str, ...] = ()
    wrappers: tuple[str, ...] = ()

    def days_per_request(self, limit: int | None) -> int:  # noqa: ARG002 - events, not days
        return 1

    def parameters(self, days: DayRange) -> list[tuple[str, str]]:
        return [
            ("created_at.gte", f"{days.first}T00:00:00Z"),
            ("created_at.lt", f"{days.last + ONE_DAY}T00:00:00Z"),
        ]

    def days(
        self,
        asked: DayRange,
        pages: Iterator[list[Raw]],
        required_through: date,  # noqa: ARG002 - a day without events is an empty answer
    ) -> Iterator[DayRecords]:
        yield DayRecords(asked.first, batches({}, self._events(asked.first, pages)))

    def _events(self, day: date, pages: Iterator[list[Raw]]) -> Iterator[list[Raw]]:
        seen: set[bytes] = set()
        for page in pages:
            found = list[Raw]()
            for raw in page:
                fields = _event(raw)
                _check_day(fields, day)
                if _is_new(fields, seen):
                    found.append(self._folded(fields))
            yield found

    def _folded(self, fields: Fields) -> Raw:
        """The event, with the fields that belong to its type in one object."""
        kept = {name: fields[name] for name in fields if name in self.common_to_all}
        others = {name: fields[name] for name in fields if name not in self.common_to_all}
        if others:
            kept[self.details] = Raw(_encode(compact(_sorted(others), indent=-1).decode()))
        return Raw(_encode(kept))


def _event(raw: Raw) -> Fields:
    try:
        str(raw, "utf-8")  # the parser does not look into texts that it leaves as they are
        return _fields(raw)
    except (DecodeError, ValueError, RecursionError) as error:
        raise BadAnswer(f"the API sent an invalid event: {error}") from error


def _check_day(fields: Fields, day: date) -> None:
    """Raise BadAnswer if an event states another day. It may state none."""
    stated = fields.get("created_at")
    if stated is not None and bytes(stated)[:1] == b'"':
        check_day(moment(stated).date(), day)


def _is_new(fields: Fields, seen: set[bytes]) -> bool:
    """True for an event without an id, or whose id was not in `seen`; adds the id.

    `seen` holds digests, because a day may have a million ids.
    """
    try:
        name = _text(fields["id"]).encode()
    except (KeyError, DecodeError):
        return True
    digest, known = blake2b(name, digest_size=16).digest(), len(seen)
    seen.add(digest)
    return len(seen) > known
