-- cost_daily: Cost by day, workspace, model and kind; adds up to cost_report exactly
WITH costs AS (
    SELECT
        organization,
        "date",
        workspace_id,
        model,
        cost_type,
        token_type,
        service_tier,
        context_window,
        currency,
        sum(amount_usd) AS cost_usd,
        sum(try_cast(amount AS decimal(38,12))) AS amount,
        count(*) - count(amount_usd) AS rows_without_usd
    FROM cost_report
    GROUP BY organization, "date", workspace_id, model, cost_type, token_type, service_tier, context_window, currency
)
SELECT
    CAST(c.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(c."date" AS date) AS day,  -- UTC day
    CAST(c.workspace_id AS varchar) AS workspace_id,  -- Workspace; null is the default workspace
    CAST(coalesce(w.workspace_name, c.workspace_id, 'Default workspace') AS varchar) AS workspace_name,  -- Name of the workspace, or its id
    CAST(c.model AS varchar) AS model,  -- Model, for cost_type tokens
    CAST(c.cost_type AS varchar) AS cost_type,  -- tokens, web_search, code_execution or session_usage
    CAST(c.token_type AS varchar) AS token_type,  -- Kind of token, for cost_type tokens
    CAST(c.service_tier AS varchar) AS service_tier,  -- standard or batch; Priority Tier is never in the report
    CAST(c.context_window AS varchar) AS context_window,  -- Context window, for cost_type tokens
    CAST(c.cost_usd AS decimal(38,12)) AS cost_usd,  -- US dollars, exact; null in other currencies
    CAST(c.currency AS varchar) AS currency,  -- Currency of amount
    CAST(c.amount AS decimal(38,12)) AS amount,  -- Hundredths of the currency (cents), as the API reports it
    CAST(c.rows_without_usd AS bigint) AS rows_without_usd  -- Number of report rows not included in cost_usd
FROM costs AS c
LEFT JOIN known_workspaces AS w ON c.organization = w.organization AND c.workspace_id = w.workspace_id
