-- focus_cost: cost_report in the columns of FOCUS 1.2 (FinOps Open Cost and Usage Specification)
-- Each row is a line of the report. Its quantity is known only if no other line shares its usage.
WITH lines AS (
    SELECT
        organization,
        "date",
        workspace_id,
        description,
        currency,
        cost_type,
        model,
        token_type,
        service_tier,
        context_window,
        inference_geo,
        sum(coalesce(amount_usd, try_cast(amount AS decimal(38,12)) * DECIMAL '0.01')) AS cost
    FROM cost_report
    GROUP BY
        organization, "date", workspace_id, description, currency, cost_type, model, token_type,
        service_tier, context_window, inference_geo
),
counted AS (
    SELECT
        *,
        CAST("date" AS date) AS day,
        CAST(date_trunc('month', CAST("date" AS date)) AS date) AS month_start,
        count(*) OVER (
            PARTITION BY
                organization, "date", workspace_id, cost_type, model, token_type, service_tier,
                context_window
        ) AS lines_in_cell
    FROM lines
),
used AS (
    SELECT
        organization,
        day,
        workspace_id,
        model,
        service_tier,
        context_window,
        sum(uncached_input_tokens) AS uncached_input_tokens,
        sum(output_tokens) AS output_tokens,
        sum(cache_read_tokens) AS cache_read_tokens,
        sum(cache_write_5m_tokens) AS cache_write_5m_tokens,
        sum(cache_write_1h_tokens) AS cache_write_1h_tokens
    FROM usage_daily
    GROUP BY organization, day, workspace_id, model, service_tier, context_window
),
searched AS (
    SELECT organization, day, workspace_id, sum(web_search_requests) AS searches
    FROM usage_daily
    GROUP BY organization, day, workspace_id
),
measured AS (
    SELECT
        c.*,
        CASE
            WHEN c.lines_in_cell > 1 THEN NULL
            WHEN c.cost_type = 'web_search' THEN s.searches
            WHEN c.cost_type <> 'tokens' THEN NULL
            WHEN c.token_type = 'uncached_input_tokens' THEN u.uncached_input_tokens
            WHEN c.token_type = 'output_tokens' THEN u.output_tokens
            WHEN c.token_type = 'cache_read_input_tokens' THEN u.cache_read_tokens
            WHEN c.token_type = 'cache_creation.ephemeral_5m_input_tokens' THEN u.cache_write_5m_tokens
            WHEN c.token_type = 'cache_creation.ephemeral_1h_input_tokens' THEN u.cache_write_1h_tokens
        END AS quantity,
        CASE c.cost_type WHEN 'tokens' THEN 'Tokens' WHEN 'web_search' THEN 'Searches' END AS unit
    FROM counted AS c
    LEFT JOIN used AS u
        ON c.organization = u.organization
        AND c.day = u.day
        AND coalesce(c.workspace_id, '') = coalesce(u.workspace_id, '')
        AND coalesce(c.model, '') = coalesce(u.model, '')
        AND coalesce(c.service_tier, '') = coalesce(u.service_tier, '')
        AND coalesce(c.context_window, '') = coalesce(u.context_window, '')
    LEFT JOIN searched AS s
        ON c.organization = s.organization
        AND c.day = s.day
        AND coalesce(c.workspace_id, '') = coalesce(s.workspace_id, '')
),
account AS (
    SELECT organization, max(id) AS id, max(name) AS name FROM organization GROUP BY organization
)
SELECT
    CAST(m.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(m.cost AS decimal(38,12)) AS BilledCost,  -- Cost in the report; excludes Priority Tier and invoice adjustments
    CAST(coalesce(a.id, m.organization) AS varchar) AS BillingAccountId,  -- Id of the organization; its name in this lake if the id is not loaded
    CAST(coalesce(a.name, m.organization) AS varchar) AS BillingAccountName,  -- Name of the organization; its name in this lake if that is not loaded
    CAST('Organization' AS varchar) AS BillingAccountType,  -- Always Organization
    CAST(m.currency AS varchar) AS BillingCurrency,  -- ISO 4217
    CAST(m.month_start + INTERVAL '1' MONTH AS timestamp) AS BillingPeriodEnd,  -- First instant of the next month, UTC (exclusive)
    CAST(m.month_start AS timestamp) AS BillingPeriodStart,  -- First instant of the month, UTC
    CAST(CASE WHEN m.cost < 0 THEN 'Credit' ELSE 'Usage' END AS varchar) AS ChargeCategory,  -- Usage; Credit for a negative amount
    CAST(NULL AS varchar) AS ChargeClass,  -- Null: the report restates a day instead of correcting it
    CAST(m.description AS varchar) AS ChargeDescription,  -- Description in the report
    CAST('Usage-Based' AS varchar) AS ChargeFrequency,  -- Always Usage-Based
    CAST(m.day + INTERVAL '1' DAY AS timestamp) AS ChargePeriodEnd,  -- End of the day, UTC (exclusive)
    CAST(m.day AS timestamp) AS ChargePeriodStart,  -- Start of the day, UTC
    CAST(NULL AS varchar) AS CommitmentDiscountStatus,  -- Null: there are no commitment discounts
    CAST(CASE WHEN m.cost >= 0 THEN m.quantity END AS decimal(38,12)) AS ConsumedQuantity,  -- Number of tokens or searches; null if usage_report cannot tell
    CAST(CASE WHEN m.cost >= 0 AND m.quantity IS NOT NULL THEN m.unit END AS varchar) AS ConsumedUnit,  -- Tokens or Searches; null without a quantity
    CAST(m.cost AS decimal(38,12)) AS ContractedCost,  -- Same as BilledCost
    CAST(NULL AS decimal(38,12)) AS ContractedUnitPrice,  -- Null: the API reports no prices
    CAST(m.cost AS decimal(38,12)) AS EffectiveCost,  -- Same as BilledCost
    CAST(NULL AS varchar) AS InvoiceId,  -- Null: the API names no invoices
    CAST('Anthropic' AS varchar) AS InvoiceIssuerName,  -- Always Anthropic
    CAST(m.cost AS decimal(38,12)) AS ListCost,  -- Same as BilledCost: the API reports no list prices
    CAST(NULL AS decimal(38,12)) AS ListUnitPrice,  -- Null: the API reports no prices
    CAST('Standard' AS varchar) AS PricingCategory,  -- Always Standard: prices are fixed in advance
    CAST(CASE WHEN m.cost >= 0 THEN m.quantity END AS decimal(38,12)) AS PricingQuantity,  -- Number of tokens or searches; null if usage_report cannot tell
    CAST(CASE WHEN m.cost >= 0 AND m.quantity IS NOT NULL THEN m.unit END AS varchar) AS PricingUnit,  -- Tokens or Searches; null without a quantity
    CAST('Anthropic' AS varchar) AS ProviderName,  -- Always Anthropic
    CAST('Anthropic' AS varchar) AS PublisherName,  -- Always Anthropic
    CAST(CASE WHEN m.inference_geo NOT IN ('global', 'not_available') THEN m.inference_geo END AS varchar) AS RegionId,  -- Region of inference, if limited to one
    CAST(CASE WHEN m.inference_geo NOT IN ('global', 'not_available') THEN upper(m.inference_geo) END AS varchar) AS RegionName,  -- Name of the region
    CAST('AI and Machine Learning' AS varchar) AS ServiceCategory,  -- Always AI and Machine Learning
    CAST('Claude API' AS varchar) AS ServiceName,  -- Always Claude API
    CAST('Generative AI' AS varchar) AS ServiceSubcategory,  -- Always Generative AI
    CAST(m.description AS varchar) AS SkuId,  -- Description in the report: the API has no other id
    CAST(coalesce(m.token_type, m.cost_type) AS varchar) AS SkuMeter,  -- What is measured
    CAST(m.description AS varchar) AS SkuPriceId,  -- Same as SkuId
    CAST(m.workspace_id AS varchar) AS SubAccountId,  -- Workspace; null is the default workspace
    CAST(coalesce(w.workspace_name, m.workspace_id) AS varchar) AS SubAccountName,  -- Name of the workspace, or its id
    CAST(CASE WHEN m.workspace_id IS NOT NULL THEN 'Workspace' END AS varchar) AS SubAccountType,  -- Workspace; null for the default workspace
    CAST(json_format(CAST(t.tags AS json)) AS varchar) AS Tags,  -- Tags of the workspace, as a JSON object
    CAST(m.context_window AS varchar) AS x_ContextWindow,  -- Context window
    CAST(m.cost_type AS varchar) AS x_CostType,  -- tokens, web_search, code_execution or session_usage
    CAST(m.model AS varchar) AS x_Model,  -- Model
    CAST(m.service_tier AS varchar) AS x_ServiceTier  -- standard or batch
FROM measured AS m
LEFT JOIN account AS a ON m.organization = a.organization
LEFT JOIN known_workspaces AS w ON m.organization = w.organization AND m.workspace_id = w.workspace_id
LEFT JOIN workspaces AS t ON m.organization = t.organization AND m.workspace_id = t.id
