-- freshness: How current each table is: last complete day, last run, status, gaps
WITH standard AS (
    SELECT table_name, dated
    FROM (
        VALUES
            ('organization', false),
            ('workspaces', false),
            ('workspace_members', false),
            ('api_keys', false),
            ('invites', false),
            ('users', false),
            ('usage_report', true),
            ('cost_report', true),
            ('claude_code_usage', true)
    ) AS listed (table_name, dated)
),
runs AS (
    -- A table without a run for a year counts as never run.
    SELECT
        *,
        row_number() OVER (PARTITION BY organization, table_name ORDER BY finished_at DESC, run_id DESC) AS place,
        max(cursor_after) OVER (PARTITION BY organization, table_name) IS NOT NULL AS dated,
        max(CASE WHEN status IN ('loaded', 'drifted') THEN finished_at END) OVER (PARTITION BY organization, table_name) AS last_loaded_at,
        max(CASE WHEN status IN ('loaded', 'drifted') THEN coalesce(snapshot_date, "date") END) OVER (PARTITION BY organization, table_name) AS last_snapshot_day,
        -- A backfill does not look for gaps, so they come from the last run that did.
        max_by(gaps, CASE WHEN gaps IS NOT NULL THEN finished_at END) OVER (PARTITION BY organization, table_name) AS last_gaps
    FROM load_runs
    WHERE "date" >= CAST(CAST(current_date - INTERVAL '365' DAY AS date) AS varchar)
),
organizations AS (
    SELECT DISTINCT organization FROM runs
),
expected AS (
    -- The standard tables, and those of other groups that a run has tried to load.
    SELECT o.organization, s.table_name, s.dated
    FROM standard AS s
    LEFT JOIN organizations AS o ON true
    UNION ALL
    SELECT organization, table_name, dated
    FROM runs
    WHERE place = 1 AND table_name NOT IN (SELECT table_name FROM standard)
),
latest AS (
    SELECT
        e.organization,
        e.table_name,
        e.dated,
        r.run_id,
        r.mode,
        r.status,
        r.finished_at,
        r.last_loaded_at,
        r.error,
        r.last_gaps AS gaps,
        r.accepted,
        r.days_failed,
        try_cast(CASE WHEN e.dated THEN r.cursor_after ELSE r.last_snapshot_day END AS date) AS last_day
    FROM expected AS e
    LEFT JOIN runs AS r ON e.organization = r.organization AND e.table_name = r.table_name AND r.place = 1
)
SELECT
    CAST(organization AS varchar) AS organization,  -- Organization in this lake
    CAST(table_name AS varchar) AS table_name,  -- Table
    CAST(last_day AS date) AS last_complete_day,  -- Last complete UTC day; for snapshots, the day of the last snapshot
    CAST(date_diff('day', last_day, current_date) - CASE WHEN dated THEN 1 ELSE 0 END AS bigint) AS lag_days,  -- Days behind yesterday (snapshots: behind today); null if never loaded
    CAST(coalesce(status, 'never run') AS varchar) AS last_status,  -- loaded, not_offered, forbidden, drifted, failed, unfinished, or never run
    CAST(try(from_iso8601_timestamp(finished_at)) AT TIME ZONE 'UTC' AS timestamp) AS last_run_at,  -- End of the last run, UTC
    CAST(try(from_iso8601_timestamp(last_loaded_at)) AT TIME ZONE 'UTC' AS timestamp) AS last_loaded_at,  -- End of the last run that loaded the table, UTC
    CAST(run_id AS varchar) AS last_run_id,  -- Id of the last run
    CAST(mode AS varchar) AS last_mode,  -- incremental, backfill or repair
    CAST(array_join(gaps, ', ') AS varchar) AS gaps,  -- Days missing up to the last complete day, as intervals, by the last run that looked
    CAST(array_join(accepted, ', ') AS varchar) AS accepted,  -- Days given up by the operator, as intervals
    CAST(array_join(days_failed, ', ') AS varchar) AS days_failed,  -- Days that failed in the last run, as intervals
    CAST(error AS varchar) AS error  -- Why the last run failed
FROM latest
