-- cost_by_api_key: cost_report allocated to API keys in proportion to usage; daily sums are exact
-- A cell is one day, workspace, model, kind of token, tier and context window. The cost of a cell
-- is divided among the keys that used its tokens, in proportion to their usage. A cost without
-- usage in its cell is matched with usage without cost in the same workspace, of the same kind: of
-- the same model if there is any, else of all models. Web searches are matched in the same way.
-- Shares are rounded to 12 decimals, and the largest share takes the rounding difference. Costs
-- that cannot be attributed to a key remain in `unallocated` rows.
WITH costs AS (
    SELECT
        organization,
        "date",
        workspace_id,
        model,
        service_tier,
        context_window,
        cost_type,
        token_type,
        currency,
        amount_usd IS NOT NULL AS in_usd,
        sum(amount_usd) AS cost_usd
    FROM cost_report
    GROUP BY
        organization, "date", workspace_id, model, service_tier, context_window, cost_type, token_type,
        currency, amount_usd IS NOT NULL
),
kinds AS (
    SELECT kind
    FROM (
        VALUES
            ('uncached_input_tokens'),
            ('output_tokens'),
            ('cache_read_input_tokens'),
            ('cache_creation.ephemeral_5m_input_tokens'),
            ('cache_creation.ephemeral_1h_input_tokens'),
            ('web_search_requests')
    ) AS listed (kind)
),
used AS (
    -- If usage is not grouped by workspace, the workspace is that of the key.
    SELECT
        u.organization,
        u."date",
        coalesce(u.workspace_id, a.workspace_id) AS workspace_id,
        u.model,
        k.kind,
        u.service_tier,
        u.context_window,
        u.api_key_id,
        a.api_key_name,
        a.creator_name,
        CASE k.kind
            WHEN 'uncached_input_tokens' THEN u.uncached_input_tokens
            WHEN 'output_tokens' THEN u.output_tokens
            WHEN 'cache_read_input_tokens' THEN u.cache_read_input_tokens
            WHEN 'cache_creation.ephemeral_5m_input_tokens' THEN u.cache_creation_ephemeral_5m_input_tokens
            WHEN 'cache_creation.ephemeral_1h_input_tokens' THEN u.cache_creation_ephemeral_1h_input_tokens
            ELSE u.server_tool_use_web_search_requests
        END AS quantity
    FROM usage_report AS u
    CROSS JOIN kinds AS k
    LEFT JOIN known_api_keys AS a ON u.organization = a.organization AND u.api_key_id = a.api_key_id
),
facts AS (
    SELECT
        organization, "date", workspace_id, model,
        CASE WHEN in_usd THEN CASE cost_type WHEN 'tokens' THEN token_type WHEN 'web_search' THEN 'web_search_requests' END END AS kind,
        service_tier, context_window, 1 AS is_cost, cost_type, token_type, currency, in_usd, cost_usd, CAST(NULL AS varchar) AS api_key_id,
        CAST(NULL AS varchar) AS api_key_name, CAST(NULL AS varchar) AS creator_name, CAST(NULL AS bigint) AS quantity
    FROM costs
    UNION ALL
    SELECT
        organization, "date", workspace_id, model, kind, service_tier, context_window, 0, CAST(NULL AS varchar),
        CAST(NULL AS varchar), CAST(NULL AS varchar), CAST(NULL AS boolean), CAST(NULL AS decimal(38,12)), api_key_id,
        api_key_name, creator_name, quantity
    FROM used
    WHERE quantity > 0
),
by_cell AS (
    SELECT *, min(is_cost) OVER cell <> max(is_cost) OVER cell AS in_cell
    FROM facts
    WINDOW cell AS (PARTITION BY organization, "date", workspace_id, kind, model, service_tier, context_window)
),
by_model AS (
    SELECT
        *,
        NOT in_cell
        AND min(CASE WHEN NOT in_cell THEN is_cost END) OVER cell
        <> max(CASE WHEN NOT in_cell THEN is_cost END) OVER cell AS in_model
    FROM by_cell
    WINDOW cell AS (PARTITION BY organization, "date", workspace_id, kind, model)
),
matched AS (
    SELECT
        *,
        CASE
            WHEN in_cell THEN 'cell'
            WHEN in_model THEN 'model'
            WHEN min(CASE WHEN NOT in_cell AND NOT in_model THEN is_cost END) OVER cell
                <> max(CASE WHEN NOT in_cell AND NOT in_model THEN is_cost END) OVER cell THEN 'workspace'
        END AS matched_on
    FROM by_model
    WINDOW cell AS (PARTITION BY organization, "date", workspace_id, kind)
),
paired AS (
    -- The columns that a cost and its usage must share, depending on where they matched.
    SELECT
        *,
        coalesce(workspace_id, '') AS workspace,
        CASE WHEN matched_on <> 'workspace' THEN coalesce(model, '') END AS model_of_pair,
        CASE WHEN matched_on = 'cell' THEN coalesce(service_tier, '') END AS tier_of_pair,
        CASE WHEN matched_on = 'cell' THEN coalesce(context_window, '') END AS window_of_pair
    FROM matched
),
users AS (
    SELECT
        organization, "date", workspace, kind, matched_on, model_of_pair, tier_of_pair, window_of_pair, api_key_id,
        max(api_key_name) AS api_key_name,
        max(creator_name) AS creator_name,
        sum(quantity) AS quantity
    FROM paired
    WHERE is_cost = 0 AND matched_on IS NOT NULL
    GROUP BY
        organization, "date", workspace, kind, matched_on, model_of_pair, tier_of_pair, window_of_pair, api_key_id
),
divided AS (
    SELECT
        c.organization,
        c."date",
        c.workspace_id,
        c.model,
        c.cost_type,
        c.token_type,
        c.service_tier,
        c.context_window,
        c.currency,
        c.in_usd,
        c.cost_usd,
        c.matched_on,
        u.api_key_id,
        u.api_key_name,
        u.creator_name,
        u.quantity,
        sum(u.quantity) OVER cell AS cell_quantity,
        count(*) OVER cell AS cell_users,
        row_number() OVER (
            PARTITION BY
                c.organization, c."date", c.workspace_id, c.model, c.cost_type, c.token_type,
                c.service_tier, c.context_window, c.currency, c.in_usd
            ORDER BY u.quantity DESC, u.api_key_id
        ) AS place
    FROM paired AS c
    LEFT JOIN users AS u
        ON c.organization = u.organization
        AND c."date" = u."date"
        AND c.workspace = u.workspace
        AND c.kind = u.kind
        AND c.matched_on = u.matched_on
        AND coalesce(c.model_of_pair, '') = coalesce(u.model_of_pair, '')
        AND coalesce(c.tier_of_pair, '') = coalesce(u.tier_of_pair, '')
        AND coalesce(c.window_of_pair, '') = coalesce(u.window_of_pair, '')
    WHERE c.is_cost = 1
    WINDOW cell AS (
        PARTITION BY
            c.organization, c."date", c.workspace_id, c.model, c.cost_type, c.token_type,
            c.service_tier, c.context_window, c.currency, c.in_usd
    )
),
shared AS (
    SELECT
        *,
        coalesce(
            try(CAST(
                cost_usd * CAST(quantity AS decimal(38,0)) / CAST(cell_quantity AS decimal(38,0))
                AS decimal(38,12)
            )),
            CAST(0 AS decimal(38,12))
        ) AS share_usd
    FROM divided
),
settled AS (
    SELECT
        *,
        CASE
            WHEN place > 1 THEN share_usd
            ELSE share_usd + cost_usd - sum(share_usd) OVER (
                PARTITION BY
                    organization, "date", workspace_id, model, cost_type, token_type,
                    service_tier, context_window, currency, in_usd
            )
        END AS settled_usd
    FROM shared
)
SELECT
    CAST(s.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(s."date" AS date) AS day,  -- UTC day
    CAST(s.workspace_id AS varchar) AS workspace_id,  -- Workspace; null is the default workspace
    CAST(coalesce(w.workspace_name, s.workspace_id, 'Default workspace') AS varchar) AS workspace_name,  -- Name of the workspace, or its id
    CAST(s.api_key_id AS varchar) AS api_key_id,  -- API key; null in unallocated rows
    CAST(coalesce(s.api_key_name, s.api_key_id, 'unallocated') AS varchar) AS api_key_name,  -- Name of the key, or its id; `unallocated` without a key
    CAST(s.creator_name AS varchar) AS creator_name,  -- Name of the key's creator
    CAST(s.model AS varchar) AS model,  -- Model, for cost_type tokens
    CAST(s.cost_type AS varchar) AS cost_type,  -- tokens, web_search, code_execution or session_usage
    CAST(s.token_type AS varchar) AS token_type,  -- Kind of token, for cost_type tokens
    CAST(s.service_tier AS varchar) AS service_tier,  -- standard or batch
    CAST(s.context_window AS varchar) AS context_window,  -- Context window
    CAST(CASE WHEN s.cost_type = 'tokens' AND s.matched_on = 'cell' THEN s.quantity END AS bigint) AS tokens,  -- Tokens that the key (or the Console) used in the cell; null if the cost was matched elsewhere
    CAST(s.settled_usd AS decimal(38,12)) AS cost_usd,  -- US dollars; null in other currencies
    CAST(CASE WHEN s.api_key_id IS NULL THEN 'unallocated' WHEN s.cell_users = 1 AND (s.matched_on = 'cell' OR s.cost_type = 'web_search') THEN 'direct' ELSE 'allocated' END AS varchar) AS allocation,  -- direct: the only key in the cell; allocated: a share of the cell; unallocated: no key
    CAST(s.matched_on AS varchar) AS matched_on,  -- Usage that divides the cost: of the same cell, or of the same model or workspace if the cell has none; null without usage
    CAST(CASE WHEN s.api_key_id IS NOT NULL THEN NULL WHEN NOT s.in_usd THEN 'no USD amount' WHEN s.quantity IS NOT NULL THEN 'console' WHEN s.cost_type IN ('tokens', 'web_search') THEN 'no usage reported' ELSE coalesce(s.cost_type, 'unspecified') END AS varchar) AS reason,  -- Why unallocated, such as console, no usage reported or unspecified (no type)
    CAST(s.currency AS varchar) AS currency  -- Currency of the report
FROM settled AS s
LEFT JOIN known_workspaces AS w ON s.organization = w.organization AND s.workspace_id = w.workspace_id
