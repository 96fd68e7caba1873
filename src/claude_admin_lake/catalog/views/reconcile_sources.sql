-- reconcile_sources: Where the analytics and the cost report differ, by day and cell, and why
WITH analytics_days AS (
    SELECT organization, "date" FROM analytics_cost GROUP BY organization, "date"
),
report_days AS (
    SELECT organization, "date" FROM cost_report GROUP BY organization, "date"
),
costs AS (
    SELECT
        a.organization, a."date", a.workspace_id, a.model, a.cost_type, a.token_type,
        a.service_tier, a.context_window, a.inference_geo, a.currency,
        CAST(0 AS decimal(38,12)) AS report_usd, a.amount_usd AS analytics_usd,
        a.list_amount_usd AS list_usd
    FROM analytics_cost AS a
    INNER JOIN report_days AS r ON a.organization = r.organization AND a."date" = r."date"
    UNION ALL
    SELECT
        c.organization, c."date", coalesce(c.workspace_id, d.workspace_id) AS workspace_id, c.model,
        c.cost_type, c.token_type, c.service_tier, c.context_window,
        nullif(c.inference_geo, 'not_available') AS inference_geo, c.currency,
        c.amount_usd AS report_usd, CAST(0 AS decimal(38,12)) AS analytics_usd,
        CAST(0 AS decimal(38,12)) AS list_usd
    FROM cost_report AS c
    INNER JOIN analytics_days AS a ON c.organization = a.organization AND c."date" = a."date"
    LEFT JOIN default_workspaces AS d ON c.organization = d.organization
),
cells AS (
    SELECT
        organization, "date", workspace_id, model, cost_type, token_type, service_tier,
        context_window, inference_geo, currency,
        coalesce(sum(report_usd), 0) AS report_usd,
        coalesce(sum(analytics_usd), 0) AS analytics_usd,
        coalesce(sum(list_usd), 0) AS list_usd
    FROM costs
    GROUP BY
        organization, "date", workspace_id, model, cost_type, token_type, service_tier,
        context_window, inference_geo, currency
),
differences AS (
    SELECT
        *,
        CASE
            WHEN service_tier LIKE 'priority%' THEN 'priority'
            WHEN report_usd = list_usd THEN 'discount'
            WHEN cost_type = 'code_execution' THEN 'code_execution'
            WHEN date_diff('day', CAST("date" AS date), current_date) <= 30 THEN 'late_data'
            ELSE 'unknown'
        END AS reason
    FROM cells
    WHERE analytics_usd <> report_usd
)
SELECT
    CAST(organization AS varchar) AS organization,  -- Organization in this lake
    CAST("date" AS date) AS day,  -- UTC day that both sources have
    CAST(workspace_id AS varchar) AS workspace_id,  -- Workspace; null only if the default workspace's id is unknown
    CAST(model AS varchar) AS model,  -- Model, for cost_type tokens
    CAST(cost_type AS varchar) AS cost_type,  -- tokens, web_search, code_execution or session_usage
    CAST(token_type AS varchar) AS token_type,  -- Kind of token, for cost_type tokens
    CAST(service_tier AS varchar) AS service_tier,  -- Service tier, for cost_type tokens
    CAST(context_window AS varchar) AS context_window,  -- Context window, for cost_type tokens
    CAST(inference_geo AS varchar) AS inference_geo,  -- Where inference ran; null if it was not set
    CAST(report_usd AS decimal(38,12)) AS report_usd,  -- US dollars in cost_report
    CAST(analytics_usd AS decimal(38,12)) AS analytics_usd,  -- US dollars in analytics_cost, after discounts
    CAST(list_usd AS decimal(38,12)) AS list_usd,  -- US dollars in analytics_cost, at list price
    CAST(analytics_usd - report_usd AS decimal(38,12)) AS difference_usd,  -- Analytics minus cost report
    CAST(reason AS varchar) AS reason  -- priority (never in cost_report), discount, code_execution, late_data (days may change for 30 days) or unknown
FROM differences
