-- spend_by_workspace_and_week: What did each workspace spend this week so far, and in the eight weeks before?
SELECT
    organization,
    CAST(date_trunc('week', day) AS date) AS week,
    workspace_name,
    workspace_id,
    sum(cost_usd) AS cost_usd,
    date_trunc('week', day) < date_trunc('week', current_date) AS is_complete
FROM cost_daily
WHERE day >= date_trunc('week', current_date) - INTERVAL '56' DAY
GROUP BY organization, date_trunc('week', day), workspace_id, workspace_name
ORDER BY week DESC, cost_usd DESC
