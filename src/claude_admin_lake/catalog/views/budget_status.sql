-- budget_status: Month to date, forecast and budget of each organization, and of each workspace, key, person and model that has a budget
-- The month is that of the last known day, through_day. The forecast for the remaining days is the
-- average of the last two weeks, adjusted for the weekday and for the weekly growth of up to eight
-- weeks; uncertain growth counts less. About four of five months end within the interval, which
-- widens with the remaining days and with how much past weeks differed.
WITH wanted AS (
    SELECT
        organization, scope, CASE scope WHEN 'person' THEN lower(id) ELSE id END AS id, id AS given_id, amount_usd,
        coalesce(start_month, '0000-00') AS start_month, coalesce(end_month, '9999-99') AS end_month
    FROM budgets
),
subjects AS (
    SELECT DISTINCT organization, scope, id FROM wanted
),
scopes AS (
    SELECT scope FROM (VALUES ('organization'), ('workspace'), ('model')) AS listed (scope)
),
ways AS (
    SELECT way FROM (VALUES ('id'), ('email')) AS listed (way)
),
costs AS (
    SELECT
        c.organization,
        c."date",
        s.scope,
        CASE s.scope WHEN 'workspace' THEN coalesce(c.workspace_id, 'default') WHEN 'model' THEN c.model END AS id,
        sum(c.amount_usd) AS cost_usd
    FROM cost_report AS c
    CROSS JOIN scopes AS s
    WHERE
        c."date" >= CAST(CAST(date_trunc('month', current_date - INTERVAL '57' DAY) AS date) AS varchar)
        AND c."date" < CAST(current_date AS varchar)
    GROUP BY
        c.organization, c."date", s.scope,
        CASE s.scope WHEN 'workspace' THEN coalesce(c.workspace_id, 'default') WHEN 'model' THEN c.model END
),
facts AS (
    SELECT
        c.organization, 'cost_report' AS source, c.scope, c.id, CAST(NULL AS varchar) AS given_id, CAST(c."date" AS date) AS day,
        coalesce(c.cost_usd, CAST(0 AS decimal(38,12))) AS cost_usd, CAST(NULL AS decimal(38,12)) AS amount_usd,
        CAST(NULL AS varchar) AS start_month, CAST(NULL AS varchar) AS end_month
    FROM costs AS c
    LEFT JOIN subjects AS s ON c.organization = s.organization AND c.scope = s.scope AND c.id = s.id
    WHERE c.scope = 'organization' OR s.id IS NOT NULL
    UNION ALL
    SELECT
        c.organization, 'cost_report', s.scope, s.id, CAST(NULL AS varchar), c.day, c.cost_usd, CAST(NULL AS decimal(38,12)),
        CAST(NULL AS varchar), CAST(NULL AS varchar)
    FROM cost_by_api_key AS c
    INNER JOIN subjects AS s ON c.organization = s.organization AND s.scope = 'api_key' AND c.api_key_id = s.id
    WHERE
        c.day >= CAST(date_trunc('month', current_date - INTERVAL '57' DAY) AS date) AND c.day < current_date
        AND c.cost_usd IS NOT NULL
    UNION ALL
    SELECT
        p.organization, 'analytics_cost_by_actor', s.scope, s.id, CAST(NULL AS varchar), p.day, p.cost_usd,
        CAST(NULL AS decimal(38,12)), CAST(NULL AS varchar), CAST(NULL AS varchar)
    FROM cost_by_person AS p
    CROSS JOIN ways AS w
    INNER JOIN subjects AS s
        ON p.organization = s.organization
        AND s.scope = 'person'
        AND s.id = CASE w.way WHEN 'id' THEN lower(p.actor_id) ELSE lower(p.email) END
    WHERE
        p.day >= CAST(date_trunc('month', current_date - INTERVAL '57' DAY) AS date) AND p.day < current_date
        AND p.actor_type = 'user_actor' AND p.cost_usd IS NOT NULL
    UNION ALL
    -- Days count as known up to the cursor, if there is one: later ones may be incomplete.
    SELECT
        organization, table_name, CAST(NULL AS varchar), CAST(NULL AS varchar), CAST(NULL AS varchar),
        least(try_cast(cursor_after AS date), CAST(current_date - INTERVAL '1' DAY AS date)), CAST(0 AS decimal(38,12)),
        CAST(NULL AS decimal(38,12)), CAST(NULL AS varchar), CAST(NULL AS varchar)
    FROM load_runs
    WHERE
        "date" >= CAST(CAST(date_trunc('month', current_date - INTERVAL '57' DAY) AS date) AS varchar)
        AND table_name IN ('cost_report', 'analytics_cost_by_actor')
        AND cursor_after >= CAST(CAST(date_trunc('month', current_date - INTERVAL '57' DAY) AS date) AS varchar)
    UNION ALL
    SELECT
        organization, CASE scope WHEN 'person' THEN 'analytics_cost_by_actor' ELSE 'cost_report' END, scope, id, given_id,
        CAST(NULL AS date), CAST(0 AS decimal(38,12)), amount_usd, start_month, end_month
    FROM wanted
),
placed AS (
    SELECT
        *,
        coalesce(
            max(CASE WHEN scope IS NULL THEN day END) OVER (PARTITION BY organization, source),
            max(day) OVER (PARTITION BY organization, source)
        ) AS through_day,
        min(CASE WHEN cost_usd <> 0 THEN day END) OVER (PARTITION BY organization, scope, id) AS first_day
    FROM facts
),
aged AS (
    SELECT
        *,
        CAST(date_trunc('month', coalesce(through_day, CAST(current_date - INTERVAL '1' DAY AS date))) AS date) AS month_start,
        date_diff('day', day, through_day) AS ago,
        coalesce(least(8, (date_diff('day', first_day, through_day) + 1) / 7), 0) AS weeks_known
    FROM placed
    WHERE scope IS NOT NULL AND (day IS NULL OR day <= through_day)
),
cells AS (
    -- Whole weeks, counted back from the last known day.
    SELECT
        *,
        CASE WHEN ago < 7 * weeks_known THEN ago / 7 END AS week,
        CASE WHEN ago < 7 * weeks_known THEN ago % 7 END AS place,
        CASE
            WHEN substr(CAST(month_start AS varchar), 1, 7) BETWEEN start_month AND end_month THEN amount_usd
        END AS budget_usd
    FROM aged
),
sums AS (
    SELECT
        organization, scope, id, month_start, through_day, weeks_known,
        max(given_id) AS given_id,
        max(first_day) AS first_day,
        max(budget_usd) AS budget_usd,
        date_diff('day', through_day, CAST(month_start + INTERVAL '1' MONTH AS date)) - 1 AS days_left,
        sum(CASE WHEN day >= month_start THEN cost_usd ELSE CAST(0 AS decimal(38,12)) END) AS actual_usd,
        CAST(sum(CASE WHEN week IS NOT NULL THEN cost_usd END) AS double) AS known_usd,
        CAST(sum(CASE WHEN week < 2 THEN cost_usd END) AS double) AS recent_usd,
        ARRAY[
            sum(CASE WHEN week = 0 THEN cost_usd END), sum(CASE WHEN week = 1 THEN cost_usd END),
            sum(CASE WHEN week = 2 THEN cost_usd END), sum(CASE WHEN week = 3 THEN cost_usd END),
            sum(CASE WHEN week = 4 THEN cost_usd END), sum(CASE WHEN week = 5 THEN cost_usd END),
            sum(CASE WHEN week = 6 THEN cost_usd END), sum(CASE WHEN week = 7 THEN cost_usd END)
        ] AS weeks,
        ARRAY[
            sum(CASE WHEN place = 0 THEN cost_usd END), sum(CASE WHEN place = 1 THEN cost_usd END),
            sum(CASE WHEN place = 2 THEN cost_usd END), sum(CASE WHEN place = 3 THEN cost_usd END),
            sum(CASE WHEN place = 4 THEN cost_usd END), sum(CASE WHEN place = 5 THEN cost_usd END),
            sum(CASE WHEN place = 6 THEN cost_usd END)
        ] AS weekdays
    FROM cells
    GROUP BY organization, scope, id, month_start, through_day, weeks_known
    HAVING scope = 'organization' OR max(budget_usd) IS NOT NULL
),
changes AS (
    -- How a week differs from the one before, on a scale where doubling and halving are equal.
    -- Credits and empty weeks have no logarithm, so a twentieth of a usual week is added to all.
    SELECT
        s.*,
        n.week,
        s.weeks_known >= 3 AND s.recent_usd > 0 AND s.known_usd > 0 AND s.days_left > 0 AS can_tell,
        CASE
            WHEN s.weeks_known >= 3 AND s.recent_usd > 0 AND s.known_usd > 0 THEN ln(
                (greatest(coalesce(CAST(s.weeks[n.week] AS double), 0), 0) + 5E-2 * s.known_usd / s.weeks_known)
                / (greatest(coalesce(CAST(s.weeks[n.week + 1] AS double), 0), 0) + 5E-2 * s.known_usd / s.weeks_known)
            )
        END AS change
    FROM sums AS s
    CROSS JOIN UNNEST(sequence(1, 7)) AS n (week)
    WHERE n.week < greatest(s.weeks_known, 2)
),
paces AS (
    SELECT
        *,
        avg(change) OVER (PARTITION BY organization, scope, id) AS growth,
        var_samp(change) OVER (PARTITION BY organization, scope, id) AS variance
    FROM changes
),
clear AS (
    SELECT
        *,
        least(0.25, greatest(-0.25, coalesce(
            growth * growth * growth / nullif(growth * growth + variance / (weeks_known - 1), 0), 0
        ))) AS clear_growth,
        -- Days differ from what is expected, and the expectation changes from week to week. The
        -- factors are from Student's t-distribution for 80 %. Doubles, because dividing decimals
        -- would round the result to their scale.
        CASE weeks_known WHEN 3 THEN 3.078 WHEN 4 THEN 1.886 WHEN 5 THEN 1.638 WHEN 6 THEN 1.533 WHEN 7 THEN 1.476 ELSE 1.440 END
        * sqrt(variance * (5E-1 * (days_left + 14) / 14 + 35E-1 / nullif(days_left, 0))) AS width
    FROM paces
    WHERE week = 1
),
days AS (
    SELECT
        c.*,
        d.ahead,
        sum(
            CASE
                WHEN c.can_tell AND d.ahead <= c.days_left
                    THEN c.recent_usd / 14
                        * coalesce(CAST(c.weekdays[(7 - d.ahead % 7) % 7 + 1] AS double), 0) / (c.known_usd / 7)
                        * exp(c.clear_growth * (d.ahead + 65E-1) / 7)
            END
        ) OVER (PARTITION BY c.organization, c.scope, c.id) AS expected_usd
    FROM clear AS c
    CROSS JOIN UNNEST(sequence(1, 30)) AS d (ahead)
),
ends AS (
    SELECT
        *,
        CASE WHEN through_day IS NOT NULL THEN actual_usd END AS known_actual_usd,
        CASE
            WHEN days_left = 0 THEN CAST(actual_usd AS decimal(38,2))
            ELSE CAST(CAST(actual_usd AS double) + greatest(expected_usd, 0) AS decimal(38,2))
        END AS forecast_usd,
        CASE
            WHEN days_left = 0 THEN CAST(actual_usd AS decimal(38,2))
            WHEN width <= 1.6 THEN CAST(CAST(actual_usd AS double) + greatest(expected_usd, 0) * exp(-width) AS decimal(38,2))
        END AS low_usd,
        CASE
            WHEN days_left = 0 THEN CAST(actual_usd AS decimal(38,2))
            WHEN width <= 1.6 THEN CAST(CAST(actual_usd AS double) + greatest(expected_usd, 0) * exp(width) AS decimal(38,2))
        END AS high_usd
    FROM days
    WHERE ahead = 1
),
told AS (
    SELECT
        e.*,
        CASE e.scope
            WHEN 'organization' THEN e.organization
            WHEN 'workspace'
                THEN coalesce(w.workspace_name, CASE e.id WHEN 'default' THEN 'Default workspace' ELSE e.id END)
            WHEN 'api_key' THEN coalesce(k.api_key_name, e.id)
            ELSE e.given_id
        END AS name,
        CASE
            WHEN e.budget_usd IS NULL THEN 'no budget'
            WHEN e.known_actual_usd > e.budget_usd THEN 'over'
            WHEN e.days_left = 0 THEN 'kept'
            WHEN e.forecast_usd IS NULL THEN 'no forecast'
            WHEN e.forecast_usd > e.budget_usd THEN 'over by forecast'
            WHEN e.high_usd <= e.budget_usd THEN 'on track'
            ELSE 'at risk'
        END AS status,
        CASE
            WHEN e.through_day IS NULL THEN 'nothing is loaded'
            WHEN e.days_left = 0 THEN NULL
            WHEN e.first_day IS NULL OR (e.weeks_known >= 3 AND NOT e.can_tell) THEN 'no costs in the last two weeks'
            WHEN e.weeks_known < 3 THEN 'less than three weeks of costs'
            WHEN e.width > 1.6 THEN 'past weeks differ too much for an interval'
        END AS reason
    FROM ends AS e
    LEFT JOIN known_workspaces AS w
        ON e.organization = w.organization AND e.scope = 'workspace' AND e.id = w.workspace_id
    LEFT JOIN known_api_keys AS k
        ON e.organization = k.organization AND e.scope = 'api_key' AND e.id = k.api_key_id
)
SELECT
    CAST(organization AS varchar) AS organization,  -- Organization in this lake
    CAST(month_start AS date) AS month,  -- First day of the month
    CAST(scope AS varchar) AS scope,  -- organization, workspace, api_key, person or model
    CAST(given_id AS varchar) AS id,  -- Id in the budget; null for the organization
    CAST(name AS varchar) AS name,  -- Name of the workspace or key, or the id
    CAST(budget_usd AS decimal(38,12)) AS budget_usd,  -- US dollars for the month; null without a budget
    CAST(known_actual_usd AS decimal(38,12)) AS actual_usd,  -- US dollars from the first of the month to through_day, exact
    CAST(forecast_usd AS decimal(38,2)) AS forecast_usd,  -- US dollars expected for the whole month; null if `reason` says so
    CAST(low_usd AS decimal(38,2)) AS forecast_low_usd,  -- Low end of the interval in which four of five months end
    CAST(high_usd AS decimal(38,2)) AS forecast_high_usd,  -- High end of that interval
    CAST(CAST(known_actual_usd AS double) / CAST(budget_usd AS double) AS double) AS used_share,  -- Share of the budget that has been used
    CAST(status AS varchar) AS status,  -- no budget, over, over by forecast, at risk (the budget is within the interval), on track, kept (the month is over), no forecast
    CAST(through_day AS date) AS through_day,  -- Last known UTC day; the API may still restate the last 30 days
    CAST(days_left AS bigint) AS days_left,  -- Days of the month after through_day
    CAST(reason AS varchar) AS reason  -- Why there is no forecast or interval
FROM told
