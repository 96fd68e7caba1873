-- cost_by_product: Cost by day, product and workspace, before and after discounts
WITH costs AS (
    SELECT
        organization,
        "date",
        product,
        workspace_id,
        sum(amount_usd) AS cost_usd,
        sum(list_amount_usd) AS list_cost_usd,
        sum(requests) AS requests,
        count(*) - count(amount_usd) AS rows_without_usd
    FROM analytics_cost_by_actor
    GROUP BY organization, "date", product, workspace_id
)
SELECT
    CAST(c.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(c."date" AS date) AS day,  -- UTC day
    CAST(coalesce(c.product, 'none') AS varchar) AS product,  -- Product, such as messages_api or claude_code; none for web search and code execution
    CAST(c.workspace_id AS varchar) AS workspace_id,  -- Workspace; null for Claude Enterprise
    CAST(CASE WHEN c.workspace_id = d.workspace_id THEN 'Default workspace' ELSE coalesce(w.workspace_name, c.workspace_id) END AS varchar) AS workspace_name,  -- Name of the workspace, or its id
    CAST(c.cost_usd AS decimal(38,12)) AS cost_usd,  -- US dollars, after discounts
    CAST(c.list_cost_usd AS decimal(38,12)) AS list_cost_usd,  -- US dollars at list price
    CAST(c.list_cost_usd - c.cost_usd AS decimal(38,12)) AS discount_usd,  -- US dollars that discounts saved
    CAST(c.requests AS bigint) AS requests,  -- Requests; for code execution, execution spans
    CAST(c.rows_without_usd AS bigint) AS rows_without_usd  -- Number of rows in other currencies
FROM costs AS c
LEFT JOIN default_workspaces AS d ON c.organization = d.organization
LEFT JOIN known_workspaces AS w ON c.organization = w.organization AND c.workspace_id = w.workspace_id
