-- do_the_hours_add_up: Do the hours of usage_report_hourly add up to usage_report? No rows means yes
WITH tokens AS (
    SELECT
        organization, "date", model, workspace_id, api_key_id, service_tier, context_window,
        uncached_input_tokens, cache_creation_ephemeral_5m_input_tokens,
        cache_creation_ephemeral_1h_input_tokens, cache_read_input_tokens, output_tokens,
        server_tool_use_web_search_requests, 1 AS sign
    FROM usage_report
    UNION ALL
    SELECT
        organization, "date", model, workspace_id, api_key_id, service_tier, context_window,
        uncached_input_tokens, cache_creation_ephemeral_5m_input_tokens,
        cache_creation_ephemeral_1h_input_tokens, cache_read_input_tokens, output_tokens,
        server_tool_use_web_search_requests, -1 AS sign
    FROM usage_report_hourly
),
hourly AS (
    SELECT organization, "date" FROM usage_report_hourly GROUP BY organization, "date"
),
differences AS (
    SELECT
        t.organization, t."date", t.model, t.workspace_id, t.api_key_id, t.service_tier, t.context_window,
        sum(t.sign * coalesce(t.uncached_input_tokens, 0)) AS uncached_input_tokens,
        sum(t.sign * coalesce(t.cache_creation_ephemeral_5m_input_tokens, 0)) AS cache_write_5m_tokens,
        sum(t.sign * coalesce(t.cache_creation_ephemeral_1h_input_tokens, 0)) AS cache_write_1h_tokens,
        sum(t.sign * coalesce(t.cache_read_input_tokens, 0)) AS cache_read_tokens,
        sum(t.sign * coalesce(t.output_tokens, 0)) AS output_tokens,
        sum(t.sign * coalesce(t.server_tool_use_web_search_requests, 0)) AS web_search_requests
    FROM tokens AS t
    INNER JOIN hourly AS h ON t.organization = h.organization AND t."date" = h."date"
    WHERE t."date" >= CAST(CAST(current_date - INTERVAL '60' DAY AS date) AS varchar)
    GROUP BY
        t.organization, t."date", t.model, t.workspace_id, t.api_key_id, t.service_tier, t.context_window
)
SELECT *
FROM differences
WHERE
    uncached_input_tokens <> 0 OR cache_write_5m_tokens <> 0 OR cache_write_1h_tokens <> 0
    OR cache_read_tokens <> 0 OR output_tokens <> 0 OR web_search_requests <> 0
