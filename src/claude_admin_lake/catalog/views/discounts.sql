-- discounts: List price, cost and discount by day, workspace, model and kind of cost
WITH costs AS (
    SELECT
        organization,
        "date",
        workspace_id,
        model,
        cost_type,
        service_tier,
        sum(list_amount_usd) AS list_cost_usd,
        sum(amount_usd) AS cost_usd
    FROM analytics_cost
    WHERE amount_usd IS NOT NULL AND list_amount_usd IS NOT NULL
    GROUP BY organization, "date", workspace_id, model, cost_type, service_tier
)
SELECT
    CAST(c.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(c."date" AS date) AS day,  -- UTC day
    CAST(c.workspace_id AS varchar) AS workspace_id,  -- Workspace; null for Claude Enterprise
    CAST(CASE WHEN c.workspace_id = d.workspace_id THEN 'Default workspace' ELSE coalesce(w.workspace_name, c.workspace_id) END AS varchar) AS workspace_name,  -- Name of the workspace, or its id
    CAST(c.model AS varchar) AS model,  -- Model, for cost_type tokens
    CAST(c.cost_type AS varchar) AS cost_type,  -- tokens, web_search, code_execution or session_usage
    CAST(c.service_tier AS varchar) AS service_tier,  -- Service tier, for cost_type tokens
    CAST(c.list_cost_usd AS decimal(38,12)) AS list_cost_usd,  -- US dollars at list price
    CAST(c.cost_usd AS decimal(38,12)) AS cost_usd,  -- US dollars after discounts, before credits
    CAST(c.list_cost_usd - c.cost_usd AS decimal(38,12)) AS discount_usd,  -- US dollars that discounts saved
    CAST(CAST(c.list_cost_usd - c.cost_usd AS double) / nullif(CAST(c.list_cost_usd AS double), 0) AS double) AS discount_share  -- Share of the list price, 0 to 1; for groups, divide the sums
FROM costs AS c
LEFT JOIN default_workspaces AS d ON c.organization = d.organization
LEFT JOIN known_workspaces AS w ON c.organization = w.organization AND c.workspace_id = w.workspace_id
