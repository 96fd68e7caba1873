-- claude_code_by_tool: Claude Code proposals accepted and rejected, by day, person or key, and tool
WITH proposed AS (
    SELECT
        c.organization,
        c."date",
        c.actor_type,
        coalesce(lower(c.actor_email_address), c.actor_api_key_name) AS actor,
        c.customer_type,
        c.subscription_type,
        c.terminal_type,
        t.tool,
        c.tool_actions[t.tool].accepted AS accepted,
        c.tool_actions[t.tool].rejected AS rejected
    FROM claude_code_usage AS c
    CROSS JOIN UNNEST(map_keys(c.tool_actions)) AS t (tool)
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
        tool,
        sum(coalesce(accepted, 0)) AS accepted,
        sum(coalesce(rejected, 0)) AS rejected
    FROM proposed
    GROUP BY organization, "date", actor_type, actor, customer_type, subscription_type, terminal_type, tool
)
SELECT
    CAST(organization AS varchar) AS organization,  -- Organization in this lake
    CAST("date" AS date) AS day,  -- UTC day
    CAST(actor_type AS varchar) AS actor_type,  -- user_actor (a person) or api_actor (an API key)
    CAST(actor AS varchar) AS actor,  -- E-mail address of the person in lower case, or name of the key
    CAST(customer_type AS varchar) AS customer_type,  -- api (billed by use) or subscription
    CAST(subscription_type AS varchar) AS subscription_type,  -- team or enterprise, for subscriptions
    CAST(terminal_type AS varchar) AS terminal_type,  -- Terminal or editor
    CAST(tool AS varchar) AS tool,  -- Tool, such as edit_tool
    CAST(accepted AS bigint) AS accepted,  -- Proposals accepted
    CAST(rejected AS bigint) AS rejected,  -- Proposals rejected
    CAST(CAST(accepted AS double) / nullif(accepted + rejected, 0) AS double) AS acceptance_rate  -- Accepted share of all proposals, 0 to 1; null without proposals
FROM totals
