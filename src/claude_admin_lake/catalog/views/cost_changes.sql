-- cost_changes: What changed from week to week and month to month in each workspace: volume, price and mix, which add up
-- Volume: more or fewer tokens at the earlier average price; also costs that are not for tokens.
-- Price: the same tokens of the same model, kind, tier and window at another price. Mix: the rest,
-- such as another model or fewer tokens from the cache. Only completely loaded periods of the last
-- thirteen months are compared.
WITH cells AS (
    SELECT
        organization, day, workspace_id, workspace_name, model, cost_type, token_type, service_tier, context_window,
        sum(CASE WHEN matched_on = 'cell' THEN tokens END) AS tokens,
        sum(cost_usd) AS cost_usd
    FROM cost_by_api_key
    WHERE cost_usd IS NOT NULL AND day >= date_trunc('month', current_date) - INTERVAL '13' MONTH
    GROUP BY
        organization, day, workspace_id, workspace_name, model, cost_type, token_type, service_tier, context_window
),
loaded AS (
    SELECT organization, max(try_cast(cursor_after AS date)) AS last_day
    FROM load_runs
    WHERE
        table_name = 'cost_report'
        AND "date" >= CAST(CAST(date_trunc('month', current_date) - INTERVAL '13' MONTH AS date) AS varchar)
    GROUP BY organization
),
known AS (
    SELECT *, min(day) OVER (PARTITION BY organization) AS start_day
    FROM cells
),
periods AS (
    SELECT
        c.*,
        'week' AS period,
        CAST(date_trunc('week', day) AS date) AS first_day,
        CAST(date_trunc('week', day) + INTERVAL '7' DAY AS date) AS next_day
    FROM known AS c
    UNION ALL
    SELECT
        c.*,
        'month' AS period,
        CAST(date_trunc('month', day) AS date) AS first_day,
        CAST(date_trunc('month', day) + INTERVAL '1' MONTH AS date) AS next_day
    FROM known AS c
),
states AS (
    SELECT
        organization, period, first_day, start_day, workspace_id, workspace_name, model, cost_type, token_type,
        service_tier, context_window, 1 AS is_new, tokens, cost_usd
    FROM periods
    UNION ALL
    SELECT
        organization, period, next_day, start_day, workspace_id, workspace_name, model, cost_type, token_type,
        service_tier, context_window, 0, tokens, cost_usd
    FROM periods
),
items AS (
    SELECT
        organization, period, first_day, start_day, workspace_id, workspace_name, model, cost_type, token_type,
        service_tier, context_window,
        coalesce(sum(CASE WHEN is_new = 0 THEN tokens END), 0) AS old_tokens,
        coalesce(sum(CASE WHEN is_new = 1 THEN tokens END), 0) AS new_tokens,
        coalesce(sum(CASE WHEN is_new = 0 THEN cost_usd END), CAST(0 AS decimal(38,12))) AS old_usd,
        coalesce(sum(CASE WHEN is_new = 1 THEN cost_usd END), CAST(0 AS decimal(38,12))) AS new_usd
    FROM states
    GROUP BY
        organization, period, first_day, start_day, workspace_id, workspace_name, model, cost_type, token_type,
        service_tier, context_window
),
priced AS (
    SELECT
        *,
        CASE WHEN old_tokens > 0 OR new_tokens > 0 THEN old_usd ELSE CAST(0 AS decimal(38,12)) END AS old_token_usd,
        CASE WHEN old_tokens > 0 OR new_tokens > 0 THEN CAST(0 AS decimal(38,12)) ELSE new_usd - old_usd END AS other_usd,
        CASE
            WHEN old_tokens > 0 AND new_tokens > 0
                THEN new_usd - CAST(old_usd * CAST(new_tokens AS decimal(38,0)) / CAST(old_tokens AS decimal(38,0)) AS decimal(38,12))
            ELSE CAST(0 AS decimal(38,12))
        END AS price_usd
    FROM items
),
sums AS (
    SELECT
        organization,
        period,
        first_day,
        start_day,
        workspace_id,
        workspace_name,
        sum(old_tokens) AS old_tokens,
        sum(new_tokens) AS new_tokens,
        sum(old_usd) AS old_usd,
        sum(new_usd) AS new_usd,
        sum(old_token_usd) AS old_token_usd,
        sum(other_usd) AS other_usd,
        sum(price_usd) AS price_usd
    FROM priced
    GROUP BY organization, period, first_day, start_day, workspace_id, workspace_name
),
split AS (
    SELECT
        *,
        CASE period WHEN 'week' THEN first_day - INTERVAL '7' DAY ELSE first_day - INTERVAL '1' MONTH END AS previous_day,
        CASE period WHEN 'week' THEN first_day + INTERVAL '7' DAY ELSE first_day + INTERVAL '1' MONTH END AS next_day,
        CASE
            WHEN old_tokens > 0 AND new_tokens > 0
                THEN other_usd + CAST(old_token_usd * CAST(new_tokens - old_tokens AS decimal(38,0)) / CAST(old_tokens AS decimal(38,0)) AS decimal(38,12))
            ELSE new_usd - old_usd
        END AS volume_usd,
        CASE WHEN old_tokens > 0 AND new_tokens > 0 THEN price_usd ELSE CAST(0 AS decimal(38,12)) END AS effect_of_price
    FROM sums
)
SELECT
    CAST(s.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(period AS varchar) AS period,  -- week (Monday to Sunday) or month
    CAST(first_day AS date) AS first_day,  -- First UTC day of the later period
    CAST(workspace_id AS varchar) AS workspace_id,  -- Workspace; null is the default workspace
    CAST(workspace_name AS varchar) AS workspace_name,  -- Name of the workspace, or its id
    CAST(old_usd AS decimal(38,12)) AS previous_usd,  -- US dollars in the period before
    CAST(new_usd AS decimal(38,12)) AS cost_usd,  -- US dollars in the period
    CAST(new_usd - old_usd AS decimal(38,12)) AS change_usd,  -- Difference; the sum of the next three columns
    CAST(volume_usd AS decimal(38,12)) AS volume_usd,  -- Change because of more or fewer tokens, and of costs not billed by tokens
    CAST(effect_of_price AS decimal(38,12)) AS price_usd,  -- Change because of other prices for the same tokens
    CAST(new_usd - old_usd - volume_usd - effect_of_price AS decimal(38,12)) AS mix_usd,  -- Change because of other models, kinds, tiers or windows
    CAST(old_tokens AS bigint) AS previous_tokens,  -- Tokens in the period before
    CAST(new_tokens AS bigint) AS tokens  -- Tokens in the period
FROM split AS s
LEFT JOIN loaded AS l ON s.organization = l.organization
WHERE previous_day >= start_day AND next_day <= least(current_date, coalesce(l.last_day, current_date) + INTERVAL '1' DAY)
