-- reconciliation: Usage at list prices, or your own, compared with cost_report and the analytics, by day and cell, with the likely reason
-- A cell is one day, workspace, model, kind of token, tier and context window; for web searches, a day and a workspace.
WITH kinds AS (
    SELECT kind
    FROM (
        VALUES
            ('uncached_input_tokens'),
            ('cache_creation.ephemeral_5m_input_tokens'),
            ('cache_creation.ephemeral_1h_input_tokens'),
            ('cache_read_input_tokens'),
            ('output_tokens'),
            ('web_search')
    ) AS named (kind)
),
facts AS (
    SELECT
        organization, "date", workspace_id, model, service_tier, context_window,
        CASE cost_type WHEN 'tokens' THEN token_type ELSE coalesce(cost_type, 'other') END AS kind,
        CAST(NULL AS bigint) AS quantity,
        amount_usd AS billed_usd,
        CASE WHEN inference_geo = 'us' THEN amount_usd END AS us_usd,
        CAST(NULL AS decimal(38,12)) AS analytics_usd,
        CAST(NULL AS decimal(38,12)) AS analytics_list_usd
    FROM cost_report
    WHERE amount_usd IS NOT NULL
    UNION ALL
    -- If usage is not grouped by workspace, the workspace is that of the key.
    SELECT
        u.organization, u."date", coalesce(u.workspace_id, n.workspace_id), u.model, u.service_tier, u.context_window, k.kind,
        CASE k.kind
            WHEN 'uncached_input_tokens' THEN u.uncached_input_tokens
            WHEN 'cache_creation.ephemeral_5m_input_tokens' THEN u.cache_creation_ephemeral_5m_input_tokens
            WHEN 'cache_creation.ephemeral_1h_input_tokens' THEN u.cache_creation_ephemeral_1h_input_tokens
            WHEN 'cache_read_input_tokens' THEN u.cache_read_input_tokens
            WHEN 'output_tokens' THEN u.output_tokens
            ELSE u.server_tool_use_web_search_requests
        END,
        CAST(NULL AS decimal(38,12)), CAST(NULL AS decimal(38,12)), CAST(NULL AS decimal(38,12)), CAST(NULL AS decimal(38,12))
    FROM usage_report AS u
    CROSS JOIN kinds AS k
    LEFT JOIN known_api_keys AS n ON u.organization = n.organization AND u.api_key_id = n.api_key_id
    UNION ALL
    SELECT
        a.organization, a."date", CASE WHEN a.workspace_id = d.workspace_id THEN NULL ELSE a.workspace_id END, a.model,
        a.service_tier, a.context_window,
        CASE a.cost_type WHEN 'tokens' THEN a.token_type ELSE coalesce(a.cost_type, 'other') END,
        CAST(NULL AS bigint), CAST(NULL AS decimal(38,12)), CAST(NULL AS decimal(38,12)), a.amount_usd, a.list_amount_usd
    FROM analytics_cost AS a
    LEFT JOIN default_workspaces AS d ON a.organization = d.organization
),
cells AS (
    SELECT
        organization, "date", workspace_id, kind,
        CASE WHEN kind LIKE '%tokens' THEN model END AS model,
        CASE WHEN kind LIKE '%tokens' THEN service_tier END AS service_tier,
        CASE WHEN kind LIKE '%tokens' THEN context_window END AS context_window,
        sum(coalesce(quantity, 0)) AS quantity,
        sum(billed_usd) AS billed_usd,
        sum(us_usd) AS us_usd,
        sum(analytics_usd) AS analytics_usd,
        sum(analytics_list_usd) AS analytics_list_usd
    FROM facts
    GROUP BY
        organization, "date", workspace_id, kind,
        CASE WHEN kind LIKE '%tokens' THEN model END,
        CASE WHEN kind LIKE '%tokens' THEN service_tier END,
        CASE WHEN kind LIKE '%tokens' THEN context_window END
    HAVING sum(coalesce(quantity, 0)) > 0 OR sum(billed_usd) IS NOT NULL
),
-- Public list prices: generated from prices.csv, which also has the day each was seen.
listed AS (
    SELECT *
    FROM (
        VALUES
            -- prices.csv
            ('claude-fable-5-1', '', '10', '12.50', '20', '0.25', '50', '1', '1', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-mythos-5-1', '', '10', '12.50', '20', '0.25', '50', '1', '1', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-fable-5', '', '10', '12.50', '20', '1', '50', '1', '1', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-mythos-5', '', '10', '12.50', '20', '1', '50', '1', '1', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-opus-5-5', '', '4', '5', '8', '0.20', '20', '1', '1', '2', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-opus-5', '', '5', '6.25', '10', '0.50', '25', '1', '1', '2', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-opus-4-8', '', '5', '6.25', '10', '0.50', '25', '1', '1', '2', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-opus-4-7', '', '5', '6.25', '10', '0.50', '25', '1', '1', '6', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-opus-4-6', '', '5', '6.25', '10', '0.50', '25', '2', '1.5', '6', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-opus-4-6', '2026-03-13', '5', '6.25', '10', '0.50', '25', '1', '1', '6', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-opus-4-5', '', '5', '6.25', '10', '0.50', '25', '', '', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-opus-4-1', '', '15', '18.75', '30', '1.50', '75', '', '', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-opus-4', '', '15', '18.75', '30', '1.50', '75', '', '', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-sonnet-5-5', '', '2', '2.50', '4', '0.20', '10', '1', '1', '', 'https://www.anthropic.com/claude-sonnet-5-5'),
            ('claude-sonnet-5-5', '2026-10-07', '2', '2.50', '4', '0.10', '10', '1', '1', '', 'https://www.anthropic.com/claude-haiku-5-5'),
            ('claude-sonnet-5', '', '2', '2.50', '4', '0.20', '10', '1', '1', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-sonnet-4-6', '', '3', '3.75', '6', '0.30', '15', '2', '1.5', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-sonnet-4-6', '2026-03-13', '3', '3.75', '6', '0.30', '15', '1', '1', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-sonnet-4-5', '', '3', '3.75', '6', '0.30', '15', '2', '1.5', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-sonnet-4', '', '3', '3.75', '6', '0.30', '15', '2', '1.5', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-haiku-4-5', '', '1', '1.25', '2', '0.10', '5', '', '', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-3-7-sonnet', '', '3', '3.75', '6', '0.30', '15', '', '', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-3-5-haiku', '', '0.80', '1', '1.60', '0.08', '4', '', '', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-3-haiku', '', '0.25', '0.30', '0.50', '0.03', '1.25', '', '', '', 'https://platform.claude.com/docs/en/about-claude/pricing'),
            ('claude-3-opus', '', '15', '18.75', '30', '1.50', '75', '', '', '', 'https://platform.claude.com/docs/en/about-claude/pricing')
            -- end of prices.csv
    ) AS model_prices (
        model, valid_from, input_usd, write_5m_usd, write_1h_usd, read_usd, output_usd, long_input_factor,
        long_output_factor, fast_factor, source
    )
),
tiers AS (
    -- Batches cost half for every kind of token.
    SELECT service_tier, context_window, tier_factor
    FROM (
        VALUES
            ('standard', '0-200k', '1'),
            ('standard', '200k-1M', '1'),
            ('batch', '0-200k', '0.5'),
            ('batch', '200k-1M', '0.5')
    ) AS named (service_tier, context_window, tier_factor)
),
public_prices AS (
    SELECT
        l.model,
        k.kind,
        o.service_tier,
        o.context_window,
        l.valid_from,
        CAST(
            CASE k.kind
                WHEN 'uncached_input_tokens' THEN l.input_usd
                WHEN 'cache_creation.ephemeral_5m_input_tokens' THEN l.write_5m_usd
                WHEN 'cache_creation.ephemeral_1h_input_tokens' THEN l.write_1h_usd
                WHEN 'cache_read_input_tokens' THEN l.read_usd
                ELSE l.output_usd
            END AS decimal(12,6)
        ) AS base_usd,
        CAST(o.tier_factor AS decimal(4,2)) AS tier_factor,
        CAST(
            CASE
                WHEN o.context_window = '0-200k' THEN '1'
                WHEN k.kind = 'output_tokens' THEN nullif(l.long_output_factor, '')
                ELSE nullif(l.long_input_factor, '')
            END AS decimal(4,2)
        ) AS window_factor,
        CAST(nullif(l.fast_factor, '') AS decimal(4,2)) AS fast_factor,
        l.source
    FROM listed AS l
    CROSS JOIN kinds AS k
    CROSS JOIN tiers AS o
    WHERE k.kind <> 'web_search'
    UNION ALL
    SELECT
        CAST(NULL AS varchar), 'web_search', 'standard', CAST(NULL AS varchar), CAST(NULL AS varchar),
        CAST('10000' AS decimal(12,6)), CAST('1' AS decimal(4,2)), CAST('1' AS decimal(4,2)), CAST(NULL AS decimal(4,2)),
        'https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool'
),
offers AS (
    SELECT
        organization, model, token_type AS kind, coalesce(service_tier, 'standard') AS tier, context_window,
        start_date AS valid_from, usd_per_million, CAST(NULL AS decimal(38,12)) AS fast_factor, 'own price' AS source
    FROM prices
    UNION ALL
    SELECT
        CAST(NULL AS varchar), model, kind, service_tier, context_window, valid_from,
        CAST(base_usd * tier_factor * window_factor AS decimal(38,12)), CAST(fast_factor AS decimal(38,12)), source
    FROM public_prices
    WHERE window_factor IS NOT NULL
),
matched AS (
    -- The user's prices override public ones, and later prices earlier ones.
    SELECT
        c.*,
        o.usd_per_million,
        o.fast_factor,
        o.source,
        row_number() OVER (
            PARTITION BY
                c.organization, c."date", c.workspace_id, c.kind, c.model, c.service_tier, c.context_window
            ORDER BY
                CASE WHEN o.organization IS NULL THEN 1 ELSE 0 END,
                CASE WHEN o.model = c.model THEN 0 ELSE 1 END,
                CASE WHEN o.context_window IS NULL THEN 1 ELSE 0 END,
                coalesce(o.valid_from, '') DESC
        ) AS place
    FROM cells AS c
    LEFT JOIN offers AS o
        ON c.kind = o.kind
        AND coalesce(c.service_tier, 'standard') = o.tier
        AND (o.organization IS NULL OR c.organization = o.organization)
        AND (o.context_window IS NULL OR c.context_window = o.context_window)
        AND coalesce(o.model, '') IN (coalesce(c.model, ''), regexp_replace(coalesce(c.model, ''), '-[0-9]{8}$', ''))
        AND coalesce(o.valid_from, '') <= c."date"
),
priced AS (
    -- Inference restricted to the US costs a tenth more. Usage does not show it, but the bill does.
    SELECT
        *,
        CAST(CAST(quantity AS decimal(38,0)) * CAST(usd_per_million / CAST(1000000 AS decimal(38,0)) AS decimal(38,12)) AS decimal(38,12))
        + coalesce(CAST(CASE WHEN kind <> 'web_search' THEN us_usd END AS decimal(38,12)) / CAST(11 AS decimal(38,0)), 0) AS expected_usd
    FROM matched
    WHERE place = 1
),
compared AS (
    -- Half a percent or a cent, whichever is larger, is tolerated.
    SELECT
        *,
        coalesce(billed_usd, 0) - expected_usd AS difference_usd,
        greatest(CAST(expected_usd * CAST('0.005' AS decimal(4,3)) AS decimal(38,12)), CAST('0.01' AS decimal(38,12))) AS tolerance_usd
    FROM priced
),
judged AS (
    SELECT
        *,
        CASE
            WHEN quantity = 0 THEN 'no_usage'
            WHEN expected_usd IS NULL THEN 'no_price'
            WHEN abs(difference_usd) <= tolerance_usd THEN 'ok'
            WHEN billed_usd IS NULL THEN 'not_billed'
            ELSE 'differs'
        END AS status
    FROM compared
),
explained AS (
    SELECT
        *,
        CASE
            WHEN status = 'ok' THEN NULL
            WHEN status = 'no_usage' AND (kind LIKE '%tokens' OR kind = 'web_search') THEN 'other dimensions'
            WHEN status = 'no_usage' THEN 'not sold by tokens'
            WHEN status = 'no_price' AND model IS NULL THEN 'other dimensions'
            WHEN status = 'no_price' THEN 'no list price'
            WHEN abs(analytics_list_usd - expected_usd) <= tolerance_usd AND difference_usd < 0 THEN 'discount'
            WHEN CAST("date" AS date) >= current_date - INTERVAL '3' DAY THEN 'late data'
            WHEN difference_usd > 0 AND billed_usd <= expected_usd * fast_factor THEN 'fast mode'
            WHEN status = 'not_billed' THEN 'unknown'
            ELSE 'other price'
        END AS reason
    FROM judged
)
SELECT
    CAST(j.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(j."date" AS date) AS day,  -- UTC day
    CAST(j.workspace_id AS varchar) AS workspace_id,  -- Workspace; null is the default workspace
    CAST(coalesce(w.workspace_name, j.workspace_id, 'Default workspace') AS varchar) AS workspace_name,  -- Name of the workspace, or its id
    CAST(j.model AS varchar) AS model,  -- Model; null for costs not billed by tokens
    CAST(j.kind AS varchar) AS token_type,  -- Kind of token, or web_search, code_execution, session_usage, other
    CAST(j.service_tier AS varchar) AS service_tier,  -- Service tier
    CAST(j.context_window AS varchar) AS context_window,  -- Context window
    CAST(j.quantity AS bigint) AS quantity,  -- Tokens or searches in usage_report
    CAST(j.usd_per_million AS decimal(38,12)) AS usd_per_million,  -- Price in US dollars per million tokens or searches
    CAST(j.source AS varchar) AS price_source,  -- Where the price is published, or `own price`
    CAST(CASE WHEN j.quantity > 0 THEN j.expected_usd END AS decimal(38,12)) AS expected_usd,  -- Quantity times price, plus the surcharge for the part billed as inference in the US
    CAST(j.billed_usd AS decimal(38,12)) AS billed_usd,  -- US dollars in cost_report
    CAST(CASE WHEN j.quantity > 0 THEN j.difference_usd END AS decimal(38,12)) AS difference_usd,  -- Billed minus expected
    CAST(j.analytics_usd AS decimal(38,12)) AS analytics_usd,  -- US dollars in analytics_cost, after discounts; null if not loaded
    CAST(j.analytics_list_usd AS decimal(38,12)) AS analytics_list_usd,  -- US dollars in analytics_cost, at list price; null if not loaded
    CAST(j.status AS varchar) AS status,  -- ok, differs, no_price, no_usage (a cost without usage in its cell) or not_billed
    CAST(j.reason AS varchar) AS reason  -- discount, late data, fast mode, other price, other dimensions, not sold by tokens, no list price or unknown; null if ok
FROM explained AS j
LEFT JOIN known_workspaces AS w ON j.organization = w.organization AND j.workspace_id = w.workspace_id
