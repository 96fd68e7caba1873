-- top_api_keys: Which API keys cost most in the last 30 days, and how much is not attributed to a key?
SELECT organization, api_key_name, api_key_id, workspace_name, workspace_id, creator_name, allocation, sum(cost_usd) AS cost_usd
FROM cost_by_api_key
WHERE day >= current_date - INTERVAL '30' DAY
GROUP BY organization, api_key_name, api_key_id, workspace_id, workspace_name, creator_name, allocation
ORDER BY cost_usd DESC
LIMIT 50
