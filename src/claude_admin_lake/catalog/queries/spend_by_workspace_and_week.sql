-- spend_by_workspace_and_week: What did we spend, by workspace, in the last eight weeks?
SELECT
    organization,
    CAST(date_trunc('week', day) AS date) AS week,
    workspace_name,
    sum(cost_usd) AS cost_usd
FROM cost_daily
WHERE day >= current_date - INTERVAL '56' DAY
GROUP BY organization, date_trunc('week', day), workspace_name
ORDER BY week DESC, cost_usd DESC
