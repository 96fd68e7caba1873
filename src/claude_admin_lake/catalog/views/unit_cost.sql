-- unit_cost: Dollars per million tokens by day, workspace, key, model, kind and tier, and what caching and batches could save
-- Only costs with usage in the same cell: for others the price is unknown.
WITH priced AS (
    SELECT
        organization,
        day,
        workspace_id,
        workspace_name,
        api_key_id,
        api_key_name,
        model,
        token_type,
        service_tier,
        context_window,
        sum(tokens) AS tokens,
        sum(cost_usd) AS cost_usd
    FROM cost_by_api_key
    WHERE cost_type = 'tokens' AND matched_on = 'cell'
    GROUP BY
        organization, day, workspace_id, workspace_name, api_key_id, api_key_name, model, token_type, service_tier,
        context_window
)
SELECT
    CAST(organization AS varchar) AS organization,  -- Organization in this lake
    CAST(day AS date) AS day,  -- UTC day
    CAST(workspace_id AS varchar) AS workspace_id,  -- Workspace; null is the default workspace
    CAST(workspace_name AS varchar) AS workspace_name,  -- Name of the workspace, or its id
    CAST(api_key_id AS varchar) AS api_key_id,  -- API key; null for the Console
    CAST(CASE WHEN api_key_id IS NULL THEN 'Console (no key)' ELSE api_key_name END AS varchar) AS api_key_name,  -- Name of the key, or its id
    CAST(model AS varchar) AS model,  -- Model
    CAST(token_type AS varchar) AS token_type,  -- Kind of token
    CAST(service_tier AS varchar) AS service_tier,  -- standard or batch
    CAST(context_window AS varchar) AS context_window,  -- Context window
    CAST(tokens AS bigint) AS tokens,  -- Tokens
    CAST(cost_usd AS decimal(38,12)) AS cost_usd,  -- US dollars
    CAST(try(CAST(cost_usd * DECIMAL '1000000' AS decimal(38,12)) / CAST(tokens AS decimal(38,0))) AS decimal(38,12)) AS usd_per_million,  -- US dollars per million tokens; for groups, divide the sums
    CAST(CASE WHEN service_tier = 'standard' THEN cost_usd * DECIMAL '0.5' ELSE 0 END AS decimal(38,12)) AS batch_saving_usd,  -- Saving if batches, at half the price, had been used
    CAST(CASE WHEN token_type = 'uncached_input_tokens' THEN cost_usd * DECIMAL '0.9' ELSE 0 END AS decimal(38,12)) AS cache_miss_usd  -- Nine tenths of the cost of uncached input: what reading all of it from the cache would save at a tenth of the price (newer models: less than a tenth)
FROM priced
