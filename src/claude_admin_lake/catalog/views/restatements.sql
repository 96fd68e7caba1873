-- restatements: What a day's cost and tokens were when first seen, and each time they changed
WITH changes AS (
    SELECT
        r.organization,
        r.table_name,
        r.run_id,
        r.reloaded,
        try(from_iso8601_timestamp(r.finished_at)) AS seen_at,
        c.changed_day,
        r.changed[c.place].rows_before AS rows_before,
        r.changed[c.place].rows_after AS rows_after,
        r.changed[c.place].usd_before AS usd_before,
        r.changed[c.place].usd_after AS usd_after,
        r.changed[c.place].tokens_before AS tokens_before,
        r.changed[c.place].tokens_after AS tokens_after
    FROM load_runs AS r
    CROSS JOIN UNNEST(transform(r.changed, one -> one."date")) WITH ORDINALITY AS c (changed_day, place)
    WHERE r."date" >= CAST(CAST(current_date - INTERVAL '365' DAY AS date) AS varchar)
),
placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY organization, table_name, changed_day ORDER BY seen_at, run_id) AS place
    FROM changes
),
versions AS (
    SELECT
        organization, table_name, changed_day, place, run_id, reloaded, seen_at,
        rows_after AS row_count, usd_after AS usd, tokens_after AS tokens,
        rows_before, usd_before, tokens_before
    FROM placed
    UNION ALL
    -- For a day stored by a first load, the first change has the replaced totals.
    SELECT
        organization, table_name, changed_day, 0 AS place, CAST(NULL AS varchar) AS run_id,
        false AS reloaded, CAST(NULL AS timestamp with time zone) AS seen_at,
        rows_before AS row_count, usd_before AS usd, tokens_before AS tokens,
        CAST(NULL AS bigint) AS rows_before, CAST(NULL AS decimal(38,12)) AS usd_before,
        CAST(NULL AS bigint) AS tokens_before
    FROM placed
    WHERE place = 1 AND rows_before IS NOT NULL
),
numbered AS (
    SELECT
        *,
        try_cast(changed_day AS date) AS day,
        row_number() OVER (PARTITION BY organization, table_name, changed_day ORDER BY place) AS version,
        count(*) OVER (PARTITION BY organization, table_name, changed_day) AS versions,
        lag(seen_at) OVER (PARTITION BY organization, table_name, changed_day ORDER BY place) AS previous_at
    FROM versions
)
SELECT
    CAST(organization AS varchar) AS organization,  -- Organization in this lake
    CAST(day AS date) AS day,  -- UTC day of the numbers
    CAST(table_name AS varchar) AS table_name,  -- Table
    CAST(version AS bigint) AS version,  -- 1 is the first version seen
    CAST(version = versions AS boolean) AS is_latest,  -- True for the last known version
    CAST(CASE WHEN version = 1 THEN 'first seen' WHEN reloaded THEN 'reloaded' WHEN CAST(previous_at AT TIME ZONE 'UTC' AS date) <= day THEN 'day went on' ELSE 'restated' END AS varchar) AS reason,  -- first seen, restated by the API, day went on (it was not over before) or reloaded (after a changed query)
    CAST(seen_at AT TIME ZONE 'UTC' AS timestamp) AS seen_at,  -- End of the run that stored it, UTC; null if a first load stored it
    CAST(run_id AS varchar) AS run_id,  -- Id of that run
    CAST(row_count AS bigint) AS row_count,  -- Rows of the day
    CAST(row_count - rows_before AS bigint) AS rows_change,  -- Against the version before
    CAST(usd AS decimal(38,12)) AS cost_usd,  -- US dollars of the day, exact; for claude_code_usage the estimated cost; null for tables without cost
    CAST(usd - usd_before AS decimal(38,12)) AS cost_change_usd,  -- Against the version before
    CAST(tokens AS bigint) AS tokens,  -- Tokens of the day, including cached ones; null for tables without tokens
    CAST(tokens - tokens_before AS bigint) AS tokens_change  -- Against the version before
FROM numbered
