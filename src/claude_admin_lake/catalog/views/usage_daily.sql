-- usage_daily: Tokens by day, workspace, key and model, including names of deleted items
WITH used AS (
    -- If usage is not grouped by workspace, the workspace is that of the key.
    SELECT
        u.organization,
        u."date",
        coalesce(u.workspace_id, a.workspace_id) AS workspace_id,
        u.api_key_id,
        u.model,
        u.service_tier,
        u.context_window,
        sum(coalesce(u.uncached_input_tokens, 0)) AS uncached_input_tokens,
        sum(coalesce(u.cache_creation_ephemeral_5m_input_tokens, 0)) AS cache_write_5m_tokens,
        sum(coalesce(u.cache_creation_ephemeral_1h_input_tokens, 0)) AS cache_write_1h_tokens,
        sum(coalesce(u.cache_read_input_tokens, 0)) AS cache_read_tokens,
        sum(coalesce(u.output_tokens, 0)) AS output_tokens,
        sum(coalesce(u.server_tool_use_web_search_requests, 0)) AS web_search_requests
    FROM usage_report AS u
    LEFT JOIN known_api_keys AS a ON u.organization = a.organization AND u.api_key_id = a.api_key_id
    GROUP BY
        u.organization, u."date", coalesce(u.workspace_id, a.workspace_id), u.api_key_id, u.model, u.service_tier,
        u.context_window
),
totals AS (
    SELECT
        *,
        uncached_input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens AS input_tokens
    FROM used
)
SELECT
    CAST(t.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(t."date" AS date) AS day,  -- UTC day
    CAST(t.workspace_id AS varchar) AS workspace_id,  -- Workspace; null is the default workspace
    CAST(coalesce(w.workspace_name, t.workspace_id, 'Default workspace') AS varchar) AS workspace_name,  -- Name of the workspace, or its id
    CAST(t.api_key_id AS varchar) AS api_key_id,  -- API key; null for usage without a key, such as in the Console
    CAST(coalesce(k.api_key_name, t.api_key_id, 'Console (no key)') AS varchar) AS api_key_name,  -- Name of the key, or its id
    CAST(CASE WHEN t.api_key_id IS NOT NULL THEN coalesce(k.status, 'unknown') END AS varchar) AS api_key_status,  -- Current status; `deleted`, or `unknown` if never listed
    CAST(k.creator_id AS varchar) AS creator_id,  -- Id of the key's creator
    CAST(k.creator_name AS varchar) AS creator_name,  -- Name of the creator, even after leaving
    CAST(k.creator_email AS varchar) AS creator_email,  -- E-mail address of the creator
    CAST(t.model AS varchar) AS model,  -- Model
    CAST(t.service_tier AS varchar) AS service_tier,  -- Service tier
    CAST(t.context_window AS varchar) AS context_window,  -- Context window
    CAST(t.uncached_input_tokens AS bigint) AS uncached_input_tokens,  -- Input tokens neither read from nor written to the cache
    CAST(t.cache_write_5m_tokens AS bigint) AS cache_write_5m_tokens,  -- Input tokens cached for 5 minutes
    CAST(t.cache_write_1h_tokens AS bigint) AS cache_write_1h_tokens,  -- Input tokens cached for an hour
    CAST(t.cache_read_tokens AS bigint) AS cache_read_tokens,  -- Input tokens read from the cache
    CAST(t.input_tokens AS bigint) AS input_tokens,  -- All input tokens
    CAST(t.output_tokens AS bigint) AS output_tokens,  -- Output tokens
    CAST(CAST(t.cache_read_tokens AS double) / nullif(t.input_tokens, 0) AS double) AS cache_hit_share,  -- Share of input tokens read from the cache, 0 to 1; for groups, divide the sums
    CAST(t.web_search_requests AS bigint) AS web_search_requests  -- Web searches made by the server
FROM totals AS t
LEFT JOIN known_workspaces AS w ON t.organization = w.organization AND t.workspace_id = w.workspace_id
LEFT JOIN known_api_keys AS k ON t.organization = k.organization AND t.api_key_id = k.api_key_id
