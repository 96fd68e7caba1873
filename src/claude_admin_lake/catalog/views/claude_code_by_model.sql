-- claude_code_by_model: Claude Code tokens and estimated cost by day, person or key, and model
WITH used AS (
    SELECT
        c.organization,
        c."date",
        c.actor_type,
        coalesce(lower(c.actor_email_address), c.actor_api_key_name) AS actor,
        c.customer_type,
        c.subscription_type,
        c.terminal_type,
        m.model,
        c.model_breakdown[m.place].tokens AS tokens,
        c.model_breakdown[m.place].estimated_cost AS cost
    FROM claude_code_usage AS c
    CROSS JOIN UNNEST(transform(c.model_breakdown, one -> one.model)) WITH ORDINALITY AS m (model, place)
),
totals AS (
    SELECT
        organization,
        "date",
        actor_type,
        actor,
        customer_type,
        subscription_type,
        terminal_type,
        model,
        sum(coalesce(tokens."input", 0)) AS input_tokens,
        sum(coalesce(tokens."output", 0)) AS output_tokens,
        sum(coalesce(tokens.cache_read, 0)) AS cache_read_tokens,
        sum(coalesce(tokens.cache_creation, 0)) AS cache_creation_tokens,
        sum(CASE WHEN cost.currency = 'USD' THEN cost.amount END) AS cents
    FROM used
    GROUP BY organization, "date", actor_type, actor, customer_type, subscription_type, terminal_type, model
)
SELECT
    CAST(organization AS varchar) AS organization,  -- Organization in this lake
    CAST("date" AS date) AS day,  -- UTC day
    CAST(actor_type AS varchar) AS actor_type,  -- user_actor (a person) or api_actor (an API key)
    CAST(actor AS varchar) AS actor,  -- E-mail address of the person in lower case, or name of the key
    CAST(customer_type AS varchar) AS customer_type,  -- api (billed by use) or subscription
    CAST(subscription_type AS varchar) AS subscription_type,  -- team or enterprise, for subscriptions
    CAST(terminal_type AS varchar) AS terminal_type,  -- Terminal or editor
    CAST(model AS varchar) AS model,  -- Model
    CAST(input_tokens AS bigint) AS input_tokens,  -- Input tokens neither read from nor written to the cache
    CAST(output_tokens AS bigint) AS output_tokens,  -- Output tokens
    CAST(cache_read_tokens AS bigint) AS cache_read_tokens,  -- Input tokens read from the cache
    CAST(cache_creation_tokens AS bigint) AS cache_creation_tokens,  -- Input tokens written to the cache
    CAST(cents * DECIMAL '0.01' AS decimal(38,12)) AS estimated_cost_usd  -- Estimated cost in US dollars; a subscription does not pay it
FROM totals
