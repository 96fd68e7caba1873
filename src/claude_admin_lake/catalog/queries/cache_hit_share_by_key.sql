-- cache_hit_share_by_key: Who could save by caching? Input tokens and cache-hit share in the last 30 days
SELECT
    organization,
    workspace_name,
    api_key_name,
    api_key_id,
    model,
    sum(input_tokens) AS input_tokens,
    CAST(sum(cache_read_tokens) AS double) / nullif(sum(input_tokens), 0) AS cache_hit_share
FROM usage_daily
WHERE day >= current_date - INTERVAL '30' DAY
GROUP BY organization, workspace_id, workspace_name, api_key_id, api_key_name, model
ORDER BY input_tokens DESC
LIMIT 50
