"""From pages to days: which records of a page belong to which day of a read. Pure.

Checks what the API promises: of a bucketed report one bucket for each day, oldest first, each
whole in one page; of a daily endpoint only records of the day asked for.
"""

from datetime import date

import msgspec

from claude_admin_lake.days import ONE_DAY, DayRange
from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.records.rows import Record, decode_value, stated_day

_raw_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_raw_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


class _Bucket(msgspec.Struct, forbid_unknown_fields=True):
    """A bucket as declared: taken apart in one pass over its many records."""

    starting_at: str
    ending_at: str
    results: list[msgspec.Raw]


_as_declared = msgspec.json.Decoder(_Bucket).decode


class BucketOrder:
    """Follows the buckets of one read, so that none is missed, repeated or out of range."""

    def __init__(self, asked: DayRange) -> None:
        self._asked = asked
        self.next = asked.first

    def take(self, raw: msgspec.Raw) -> tuple[date, Record, list[msgspec.Raw]]:
        """A bucket's day, its own fields, which belong to each of its records, and these.

        Raises BadAnswer unless it is the bucket of the next day asked for.
        """
        common, results = _bucket(raw)
        day = stated_day(common.get("starting_at"))
        if day != self.next or day > self._asked.last:
            raise BadAnswer(f"the API sent the bucket of {day} where {self.next} was due")
        self.next += ONE_DAY
        return day, common, results

    def finish(self, required_through: date) -> None:
        """Raise BadAnswer if a bucket of a day up to `required_through` has not come."""
        if self.next <= min(self._asked.last, required_through):
            raise BadAnswer(f"the API sent no bucket for {self.next}")


def _bucket(raw: msgspec.Raw) -> tuple[Record, list[msgspec.Raw]]:
    try:
        bucket = _as_declared(raw)
    except msgspec.DecodeError:
        return _any_bucket(raw)
    return {"starting_at": bucket.starting_at, "ending_at": bucket.ending_at}, bucket.results


def _any_bucket(raw: msgspec.Raw) -> tuple[Record, list[msgspec.Raw]]:
    try:
        bucket = _raw_fields(raw)
    except msgspec.DecodeError as error:
        raise BadAnswer(f"a bucket is not a JSON object: {error}") from error
    results = _results(bucket.pop("results", msgspec.Raw(b"null")))
    return {name: decode_value(value) for name, value in bucket.items()}, results


def _results(raw: msgspec.Raw) -> list[msgspec.Raw]:
    try:
        return _raw_list(raw)
    except msgspec.DecodeError as error:
        raise BadAnswer(f"a bucket has no list of results: {error}") from error
