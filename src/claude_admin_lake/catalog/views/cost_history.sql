-- cost_history: Cost of every day from its best source: the analytics, or else the cost report
WITH analytics_days AS (
    SELECT organization, "date" FROM analytics_cost GROUP BY organization, "date"
),
costs AS (
    SELECT
        organization, "date", workspace_id, model, cost_type, token_type, service_tier,
        context_window, inference_geo, currency, amount, list_amount, amount_usd, list_amount_usd,
        'analytics' AS source
    FROM analytics_cost
    UNION ALL
    SELECT
        c.organization, c."date", coalesce(c.workspace_id, d.workspace_id) AS workspace_id, c.model,
        c.cost_type, c.token_type, c.service_tier, c.context_window,
        nullif(c.inference_geo, 'not_available') AS inference_geo, c.currency, c.amount,
        CAST(NULL AS varchar) AS list_amount, c.amount_usd,
        CAST(NULL AS decimal(38,12)) AS list_amount_usd, 'cost_report' AS source
    FROM cost_report AS c
    LEFT JOIN default_workspaces AS d ON c.organization = d.organization
    LEFT JOIN analytics_days AS a ON c.organization = a.organization AND c."date" = a."date"
    WHERE a."date" IS NULL
),
cells AS (
    SELECT
        organization, "date", workspace_id, model, cost_type, token_type, service_tier,
        context_window, inference_geo, currency, source,
        sum(amount_usd) AS cost_usd,
        sum(list_amount_usd) AS list_cost_usd,
        sum(try_cast(amount AS decimal(38,12))) AS amount,
        count(*) - count(amount_usd) AS rows_without_usd
    FROM costs
    GROUP BY
        organization, "date", workspace_id, model, cost_type, token_type, service_tier,
        context_window, inference_geo, currency, source
)
SELECT
    CAST(c.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(c."date" AS date) AS day,  -- UTC day
    CAST(c.source AS varchar) AS source,  -- analytics or cost_report; one for all of a day
    CAST(c.workspace_id AS varchar) AS workspace_id,  -- Workspace; null only if the default workspace's id is unknown
    CAST(CASE WHEN c.workspace_id = d.workspace_id OR c.workspace_id IS NULL THEN 'Default workspace' ELSE coalesce(w.workspace_name, c.workspace_id) END AS varchar) AS workspace_name,  -- Name of the workspace, or its id
    CAST(c.model AS varchar) AS model,  -- Model, for cost_type tokens
    CAST(c.cost_type AS varchar) AS cost_type,  -- tokens, web_search, code_execution or session_usage
    CAST(c.token_type AS varchar) AS token_type,  -- Kind of token, for cost_type tokens
    CAST(c.service_tier AS varchar) AS service_tier,  -- Service tier, for cost_type tokens
    CAST(c.context_window AS varchar) AS context_window,  -- Context window, for cost_type tokens
    CAST(c.inference_geo AS varchar) AS inference_geo,  -- Where inference ran; null if it was not set
    CAST(c.cost_usd AS decimal(38,12)) AS cost_usd,  -- US dollars after discounts, exact; null in other currencies
    CAST(c.list_cost_usd AS decimal(38,12)) AS list_cost_usd,  -- US dollars at list price; null if the source is cost_report
    CAST(c.currency AS varchar) AS currency,  -- Currency of amount
    CAST(c.amount AS decimal(38,12)) AS amount,  -- Hundredths of the currency (cents), as the API reports it
    CAST(c.rows_without_usd AS bigint) AS rows_without_usd  -- Number of rows not included in cost_usd
FROM cells AS c
LEFT JOIN default_workspaces AS d ON c.organization = d.organization
LEFT JOIN known_workspaces AS w ON c.organization = w.organization AND c.workspace_id = w.workspace_id
