-- cost_anomalies: Days on which a workspace cost much more or less than its weekday and trend allow, in the last 180 days
-- The logarithm of a day's cost is compared with the median of the seven days before (the trend),
-- and the difference with that of the same weekday in the six weeks before. A day is an anomaly if
-- the rest is four times larger than usual in the six weeks before, at least half as much again,
-- and at least five dollars. A workspace needs about ten weeks of costs before its days are judged.
WITH loaded AS (
    SELECT organization, max(try_cast(cursor_after AS date)) AS last_day
    FROM load_runs
    WHERE table_name = 'cost_report' AND "date" >= CAST(CAST(current_date - INTERVAL '180' DAY AS date) AS varchar)
    GROUP BY organization
),
costs AS (
    -- Days after the cursor may be incomplete, or follow a day that is missing.
    SELECT c.organization, c.day, c.workspace_id, sum(c.cost_usd) AS cost_usd
    FROM cost_daily AS c
    LEFT JOIN loaded AS l ON c.organization = l.organization
    WHERE c.day >= current_date - INTERVAL '180' DAY AND c.day < current_date AND c.cost_usd IS NOT NULL
        AND c.day <= coalesce(l.last_day, c.day)
    GROUP BY c.organization, c.day, c.workspace_id
),
spans AS (
    SELECT organization, workspace_id, min(day) AS first_day, max(max(day)) OVER (PARTITION BY organization) AS last_day
    FROM costs
    GROUP BY organization, workspace_id
),
dense AS (
    SELECT organization, day, workspace_id, cost_usd FROM costs
    UNION ALL
    SELECT s.organization, CAST(d.day AS date), s.workspace_id, CAST(0 AS decimal(38,12))
    FROM spans AS s
    CROSS JOIN UNNEST(sequence(s.first_day, s.last_day, INTERVAL '1' DAY)) AS d (day)
),
daily AS (
    SELECT
        organization, workspace_id, day, sum(cost_usd) AS cost_usd,
        ln(1 + CAST(CASE WHEN sum(cost_usd) > 0 THEN sum(cost_usd) ELSE 0 END AS double)) AS size
    FROM dense
    GROUP BY organization, workspace_id, day
),
trailing AS (
    SELECT
        *,
        array_agg(size) OVER (
            PARTITION BY organization, workspace_id ORDER BY day ROWS BETWEEN 7 PRECEDING AND 1 PRECEDING
        ) AS week_before
    FROM daily
),
levelled AS (
    SELECT *, array_sort(week_before)[4] AS level
    FROM trailing
    WHERE cardinality(week_before) = 7
),
weekly AS (
    SELECT
        *,
        array_agg(size - level) OVER (
            PARTITION BY organization, workspace_id, date_diff('day', DATE '1970-01-05', day) % 7
            ORDER BY day ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING
        ) AS weekdays_before
    FROM levelled
),
expected AS (
    SELECT *, level + array_sort(weekdays_before)[(cardinality(weekdays_before) + 1) / 2] AS expected
    FROM weekly
    WHERE cardinality(weekdays_before) >= 4
),
spread AS (
    SELECT
        *,
        array_agg(abs(size - expected)) OVER (
            PARTITION BY organization, workspace_id ORDER BY day ROWS BETWEEN 42 PRECEDING AND 1 PRECEDING
        ) AS errors_before
    FROM expected
),
judged AS (
    SELECT
        *,
        exp(expected) - 1 AS expected_usd,
        (size - expected) / greatest(1.4826 * array_sort(errors_before)[(cardinality(errors_before) + 1) / 2], 0.101) AS score
    FROM spread
    WHERE cardinality(errors_before) >= 28
)
SELECT
    CAST(j.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(j.day AS date) AS day,  -- UTC day
    CAST(j.workspace_id AS varchar) AS workspace_id,  -- Workspace; null is the default workspace
    CAST(coalesce(w.workspace_name, j.workspace_id, 'Default workspace') AS varchar) AS workspace_name,  -- Name of the workspace, or its id
    CAST(j.cost_usd AS decimal(38,12)) AS cost_usd,  -- US dollars of the day
    CAST(j.expected_usd AS decimal(38,2)) AS expected_usd,  -- US dollars expected from the weekday and trend
    CAST(CASE WHEN j.score > 0 THEN 'high' ELSE 'low' END AS varchar) AS direction,  -- high or low
    CAST(j.score AS double) AS score  -- How many times larger than the usual deviation; at least 4 or at most -4
FROM judged AS j
LEFT JOIN known_workspaces AS w ON j.organization = w.organization AND j.workspace_id = w.workspace_id
WHERE abs(j.score) >= 4 AND abs(CAST(j.cost_usd AS double) - j.expected_usd) >= 5
