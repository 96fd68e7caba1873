"""Every metric of a run and its alarms: the list that code, template and docs follow. Pure."""

from __future__ import annotations

from claude_admin_lake.run.outcome import Status

from . import measures
from .metric import ANY_LAG, NO_REPORT, Alarm, Graph, Metric, Unit

LAG = Metric(
    name="CursorLagDays",
    meaning="days that the worst table is behind yesterday; also per table",
    total=measures.worst_lag,
    graph=Graph.LAG,
    over_runs="Maximum",
    by_table=measures.table_lag,
    alarms=(
        Alarm(
            name="StalenessAlarm",
            means="A table is more than MaxLagDays days behind",
            action="load_runs and the log say why; fix that, and the next run catches up",
            watch=ANY_LAG,
        ),
        Alarm(
            name="SilenceAlarm",
            means="No run has finished for MaxSilenceHours hours, or none ever has",
            action="check that the schedule is enabled, and the log of the last run",
            watch=NO_REPORT,
        ),
    ),
)
FAILED = Metric(
    name="Failed",
    meaning="tables that failed; 1 for a run that could not begin",
    total=measures.work(lambda one: one.status is Status.FAILED),
    graph=Graph.PROBLEMS,
)
REFUSED_EVENTS = Metric(
    name="EventsRefused",
    meaning="`Lake Loaded` events that the event bus rejected",
    total=lambda _, __: 0,
    graph=Graph.PROBLEMS,
)
METRICS = (
    LAG,
    FAILED,
    Metric(
        name="Forbidden",
        meaning="tables that the key may not read",
        total=measures.with_status(Status.FORBIDDEN),
        graph=Graph.PROBLEMS,
        over_runs="Maximum",
        alarms=(
            Alarm(
                name="ForbiddenAlarm",
                means="The API denies the key access to a table",
                action="load_runs names it: grant the key access, or remove it from Tables",
            ),
        ),
    ),
    Metric(
        name="Gaps",
        meaning="days up to the cursor that are missing from the lake",
        total=measures.GAPS,
        graph=Graph.PROBLEMS,
        over_runs="Maximum",
        alarms=(
            Alarm(
                name="GapsAlarm",
                means="Days are missing from the lake, although the cursor has passed them",
                action='load_runs names them: start a run with {"repair": true}',
            ),
        ),
    ),
    Metric(
        name="Drift",
        meaning="differences between the API's records and the declared columns",
        total=measures.DRIFT,
        graph=Graph.PROBLEMS,
        over_runs="Maximum",
        alarms=(
            Alarm(
                name="DriftAlarm",
                means="The API sends fields or types that differ from the declared columns",
                action="nothing is lost; load_runs names them: look for a newer loader",
            ),
        ),
    ),
    Metric(
        name="Drifted",
        meaning="tables that lack values in an essential column: an amount, a token count, an id",
        total=measures.DRIFTED,
        graph=Graph.PROBLEMS,
        over_runs="Maximum",
        alarms=(
            Alarm(
                name="DriftedAlarm",
                means="Amounts, token counts or ids are missing: the API has changed their field",
                action="nothing is lost, but queries lack it; load_runs names the column: update",
            ),
        ),
    ),
    Metric(
        name="Unfinished",
        meaning="tables that a continuation must finish",
        total=measures.work(lambda one: one.status is Status.UNFINISHED),
        graph=Graph.PROBLEMS,
    ),
    REFUSED_EVENTS,
    Metric(
        name="Rows",
        meaning="rows read",
        total=measures.work(lambda one: one.rows),
        graph=Graph.REQUESTS,
    ),
    Metric(
        name="Requests",
        meaning="requests sent to the API",
        total=measures.work(lambda one: one.meter.requests),
        graph=Graph.REQUESTS,
    ),
    Metric(
        name="Retries",
        meaning="requests that had to be repeated",
        total=measures.work(lambda one: one.meter.retries),
        graph=Graph.REQUESTS,
    ),
    Metric(
        name="WaitSeconds",
        meaning="time spent waiting, to limit the request rate and before retries",
        total=measures.work(lambda one: one.meter.wait_seconds),
        unit=Unit.SECONDS,
        graph=Graph.REQUESTS,
    ),
    Metric(
        name="ObjectsWritten",
        meaning="objects written because they are new or have changed",
        total=measures.work(lambda one: one.objects_written),
        graph=Graph.OBJECTS,
    ),
    Metric(
        name="ObjectsUnchanged",
        meaning="objects not rewritten because nothing has changed",
        total=measures.work(lambda one: one.objects_unchanged),
        graph=Graph.OBJECTS,
    ),
    Metric(
        name="RestatedDays",
        meaning="stored days that the API has restated",
        total=measures.work(lambda one: len(one.restated)),
        graph=Graph.OBJECTS,
    ),
    Metric(
        name="BytesWritten",
        meaning="bytes of the objects written",
        total=measures.work(lambda one: one.bytes),
        unit=Unit.BYTES,
        graph=Graph.OBJECTS,
    ),
    Metric(
        name="DurationSeconds",
        meaning="time spent on the tables",
        total=measures.work(lambda one: one.seconds),
        unit=Unit.SECONDS,
        graph=Graph.DURATION,
        over_runs="Maximum",
    ),
)
"""Listed on the dashboard and in the docs in this order."""
