-- cost_by_api_key: cost_report allocated to API keys in proportion to usage; daily sums are exact
-- A cell is one day, workspace, model, kind of token, tier and context window. The cost of a cell
-- is divided among the keys that used its tokens, in proportion to their usage. Shares are rounded
-- to 12 decimals, and the largest share takes the rounding difference. Costs that cannot be
-- attributed to a key remain in `unallocated` rows.
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
        amount_usd IS NOT NULL AS in_usd,
        sum(amount_usd) AS cost_usd
    FROM cost_report
    GROUP BY
        organization, "date", workspace_id, model, cost_type, token_type, service_tier, context_window,
        currency, amount_usd IS NOT NULL
),
kinds AS (
    SELECT token_type
    FROM (
        VALUES
            ('uncached_input_tokens'),
            ('output_tokens'),
            ('cache_read_input_tokens'),
            ('cache_creation.ephemeral_5m_input_tokens'),
            ('cache_creation.ephemeral_1h_input_tokens')
    ) AS listed (token_type)
),
kinds_used AS (
    SELECT
        u.organization,
        u."date",
        u.workspace_id,
        u.api_key_id,
        u.model,
        u.service_tier,
        u.context_window,
        k.token_type,
        CASE k.token_type
            WHEN 'uncached_input_tokens' THEN u.uncached_input_tokens
            WHEN 'output_tokens' THEN u.output_tokens
            WHEN 'cache_read_input_tokens' THEN u.cache_read_input_tokens
            WHEN 'cache_creation.ephemeral_5m_input_tokens' THEN u.cache_creation_ephemeral_5m_input_tokens
            ELSE u.cache_creation_ephemeral_1h_input_tokens
        END AS tokens
    FROM usage_report AS u
    CROSS JOIN kinds AS k
),
used AS (
    SELECT
        organization, "date", workspace_id, api_key_id, model, service_tier, context_window, token_type,
        sum(tokens) AS tokens
    FROM kinds_used
    WHERE tokens > 0
    GROUP BY organization, "date", workspace_id, api_key_id, model, service_tier, context_window, token_type
),
matched AS (
    SELECT
        c.*,
        u.api_key_id,
        u.tokens,
        sum(u.tokens) OVER cell AS cell_tokens,
        count(*) OVER cell AS cell_users,
        row_number() OVER (
            PARTITION BY
                c.organization, c."date", c.workspace_id, c.model, c.cost_type, c.token_type,
                c.service_tier, c.context_window, c.currency, c.in_usd
            ORDER BY u.tokens DESC, u.api_key_id
        ) AS place
    FROM costs AS c
    LEFT JOIN used AS u
        ON c.organization = u.organization
        AND c."date" = u."date"
        AND c.token_type = u.token_type
        AND coalesce(c.workspace_id, '') = coalesce(u.workspace_id, '')
        AND coalesce(c.model, '') = coalesce(u.model, '')
        AND coalesce(c.service_tier, '') = coalesce(u.service_tier, '')
        AND coalesce(c.context_window, '') = coalesce(u.context_window, '')
        AND c.cost_type = 'tokens'
        AND c.in_usd
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
                cost_usd * CAST(tokens AS decimal(38,0)) / CAST(cell_tokens AS decimal(38,0))
                AS decimal(38,12)
            )),
            CAST(0 AS decimal(38,12))
        ) AS share_usd
    FROM matched
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
    CAST(coalesce(k.api_key_name, s.api_key_id, 'unallocated') AS varchar) AS api_key_name,  -- Name of the key, or its id; `unallocated` without a key
    CAST(k.creator_name AS varchar) AS creator_name,  -- Name of the key's creator
    CAST(s.model AS varchar) AS model,  -- Model, for cost_type tokens
    CAST(s.cost_type AS varchar) AS cost_type,  -- tokens, web_search, code_execution or session_usage
    CAST(s.token_type AS varchar) AS token_type,  -- Kind of token, for cost_type tokens
    CAST(s.service_tier AS varchar) AS service_tier,  -- standard or batch
    CAST(s.context_window AS varchar) AS context_window,  -- Context window
    CAST(s.tokens AS bigint) AS tokens,  -- Tokens that the key (or the Console) used in the cell
    CAST(s.settled_usd AS decimal(38,12)) AS cost_usd,  -- US dollars; null in other currencies
    CAST(CASE WHEN s.api_key_id IS NULL THEN 'unallocated' WHEN s.cell_users = 1 THEN 'direct' ELSE 'allocated' END AS varchar) AS allocation,  -- direct: the only key in the cell; allocated: a share of the cell; unallocated: no key
    CAST(CASE WHEN s.api_key_id IS NOT NULL THEN NULL WHEN NOT s.in_usd THEN 'no USD amount' WHEN s.tokens IS NOT NULL THEN 'console' WHEN s.cost_type = 'tokens' THEN 'no usage reported' ELSE s.cost_type END AS varchar) AS reason,  -- Why unallocated: console, web_search, code_execution, session_usage, no usage reported, no USD amount
    CAST(s.currency AS varchar) AS currency  -- Currency of the report
FROM settled AS s
LEFT JOIN known_workspaces AS w ON s.organization = w.organization AND s.workspace_id = w.workspace_id
LEFT JOIN known_api_keys AS k ON s.organization = k.organization AND s.api_key_id = k.api_key_id
