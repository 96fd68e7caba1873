"""Bucketed reports: a bucket for every interval, paged by bucket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from admin_double.cache import Rendered
from admin_double.contents import Contents
from admin_double.endpoint import Call, PartedBy, Truth
from admin_double.errors import ApiError
from admin_double.kinds.chain import TokenChain
from admin_double.paging import ResponsePage
from admin_double.reports import BucketReport, BucketWidth
from admin_double.rhythm import report_version
from admin_double.wire import DAY, encode, floor, midnight, stamp

LAG = timedelta(minutes=5)
RANGE_PARAMETERS = ("starting_at", "ending_at", "bucket_width", "limit", "page", "group_by[]")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """One bucket, and how to filter and sum its rows."""

    start: datetime
    width: BucketWidth
    group_by: tuple[str, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def end(self) -> datetime:
        """The end of the bucket, exclusive."""
        return self.start + self.width.length

    def includes(self, row: object) -> bool:
        """True if every filter accepts the row."""
        return all(getattr(row, name) in values for name, values in self.filters)


@dataclass(frozen=True, kw_only=True)
class Buckets:
    """A bucketed report.

    `width` names the bucket width of the table: a part is a day's results if that is a day, and
    the buckets of a day otherwise. Requests may ask for any width of the report.
    """

    report: BucketReport
    width: str = "1d"
    parted_by: PartedBy = PartedBy.DAY

    def respond(self, call: Call) -> ResponsePage:
        """The page that the request asks for: oldest bucket first, empty ones included."""
        request, report = call.request, self.report
        request.refuse_unknown((*RANGE_PARAMETERS, *report.filters))
        width = report.widths[request.choice("bucket_width", report.widths, "1d")]
        group_by, filters = self._group_by(call), self._filters(call)
        starts = _starts(call, width)

        def bucket(start: datetime) -> bytes:
            wanted = Selection(start=start, width=width, group_by=group_by, filters=filters)
            return self._bucket(call.contents, call.table, wanted)

        return TokenChain(
            call=call,
            limit=request.limit(width.limit),
            count=len(starts),
            items=lambda first, end: [bucket(start) for start in starts[first:end]],
            days=lambda first, end: [start.date() for start in starts[first:end]],
        ).page()

    def truth(self, truth: Truth) -> Rendered:
        """A day's results; for a table of narrower buckets, the day's buckets."""
        group_by = self.report.usual_group_by if truth.group_by is None else truth.group_by
        width, start = self.report.widths[self.width], midnight(truth.day)
        buckets = [
            Selection(start=start + n * width.length, width=width, group_by=tuple(group_by))
            for n in range(DAY // width.length)
        ]
        if width.length == DAY:
            return self._results(truth.contents, truth.table, buckets[0])
        return [self._bucket(truth.contents, truth.table, wanted) for wanted in buckets]

    def _bucket(self, contents: Contents, table: str, wanted: Selection) -> bytes:
        replaced = contents.replaced(table, wanted.start.date())
        if replaced is not None and self._is_ours(wanted) and wanted.width.length < DAY:
            return replaced[(wanted.start - midnight(wanted.start.date())) // wanted.width.length]
        start, end = encode(stamp(wanted.start)), encode(stamp(wanted.end))
        results = b",".join(self._results(contents, table, wanted))
        return b'{"starting_at":%b,"ending_at":%b,"results":[%b]}' % (start, end, results)

    def _is_ours(self, wanted: Selection) -> bool:
        return wanted.width == self.report.widths[self.width]

    def _results(self, contents: Contents, table: str, wanted: Selection) -> Rendered:
        day = wanted.start.date()
        age = contents.age(day)
        part = day if wanted.width.length == DAY and self._is_ours(wanted) else None
        if age < 0 and contents.replaced(table, part) is None:
            return []
        end = min(wanted.end, contents.now() - LAG)
        rows = self.report.rows

        def results() -> Sequence[dict[str, object]]:
            found = contents.rows(rows, day, age)
            kept = [r for r in found if wanted.start <= r.at < end and wanted.includes(r)]
            return self.report.results(kept, wanted.group_by)

        version = report_version(contents.organization.seed, day, age)
        key = (wanted, version, end, contents.movements.revision)
        return contents.rendered(table, part, results, key)

    def _group_by(self, call: Call) -> tuple[str, ...]:
        report = self.report
        group_by = tuple(dict.fromkeys(call.request.chosen("group_by[]", report.dimensions)))
        if len(group_by) > report.most_dimensions:
            most = report.most_dimensions
            raise ApiError(400, f"Cannot specify more than {most} group_by[] dimensions.")
        for dimension in group_by:
            needed = report.beta.get(dimension)
            if needed is not None and needed not in call.request.betas:
                raise ApiError(400, f"group_by[]: {dimension} requires anthropic-beta: {needed}")
        return group_by

    def _filters(self, call: Call) -> tuple[tuple[str, tuple[str, ...]], ...]:
        asked = (
            (field, call.request.chosen(name, self.report.choices.get(name)))
            for name, field in self.report.filters.items()
        )
        return tuple((field, tuple(values)) for field, values in asked if values)


def _starts(call: Call, width: BucketWidth) -> list[datetime]:
    """The requested buckets that have begun."""
    asked = call.request.moment("starting_at")
    ending, now = call.request.moment("ending_at"), call.contents.now().astimezone(UTC)
    if asked is None:
        raise ApiError(400, "starting_at: Field required")
    start = floor(asked, width.length)
    end = now if ending is None else floor(ending, width.length)
    if ending is not None and end <= start:
        message = "Invalid date range: ending date must be after starting date"
        raise ApiError(400, message, (("x-should-retry", "false"),))
    count = -(-(min(end, now) - start) // width.length)
    return [start + place * width.length for place in range(max(0, count))]
