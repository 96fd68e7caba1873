-- claude_code_daily: Claude Code activity and estimated cost by day, person or key, and terminal
WITH parts AS (
    -- One scan: part 0 of a record has its counts; then come its models, then its tools.
    SELECT c.*, coalesce(cardinality(c.model_breakdown), 0) AS models, n.part
    FROM claude_code_usage AS c
    CROSS JOIN UNNEST(
        sequence(0, coalesce(cardinality(c.model_breakdown), 0) + coalesce(cardinality(map_keys(c.tool_actions)), 0))
    ) AS n (part)
),
facts AS (
    SELECT
        organization,
        CAST("date" AS date) AS day,
        actor_type,
        coalesce(lower(actor_email_address), actor_api_key_name) AS actor,
        customer_type,
        subscription_type,
        terminal_type,
        CASE WHEN part = 0 THEN core_metrics_num_sessions END AS sessions,
        CASE WHEN part = 0 THEN core_metrics_lines_of_code_added END AS lines_added,
        CASE WHEN part = 0 THEN core_metrics_lines_of_code_removed END AS lines_removed,
        CASE WHEN part = 0 THEN core_metrics_commits_by_claude_code END AS commits,
        CASE WHEN part = 0 THEN core_metrics_pull_requests_by_claude_code END AS pull_requests,
        CASE WHEN part > models THEN tool_actions[map_keys(tool_actions)[part - models]] END AS tool,
        CASE WHEN part BETWEEN 1 AND models THEN model_breakdown[part].tokens END AS tokens,
        CASE WHEN part BETWEEN 1 AND models THEN model_breakdown[part].estimated_cost END AS cost
    FROM parts
),
totals AS (
    SELECT
        organization,
        day,
        actor_type,
        actor,
        customer_type,
        subscription_type,
        terminal_type,
        sum(coalesce(sessions, 0)) AS sessions,
        sum(coalesce(lines_added, 0)) AS lines_added,
        sum(coalesce(lines_removed, 0)) AS lines_removed,
        sum(coalesce(commits, 0)) AS commits,
        sum(coalesce(pull_requests, 0)) AS pull_requests,
        sum(coalesce(tool.accepted, 0)) AS accepted,
        sum(coalesce(tool.rejected, 0)) AS rejected,
        sum(
            coalesce(tokens."input", 0) + coalesce(tokens."output", 0)
            + coalesce(tokens.cache_read, 0) + coalesce(tokens.cache_creation, 0)
        ) AS tokens,
        sum(CASE WHEN cost.currency = 'USD' THEN cost.amount END) * DECIMAL '0.01' AS estimated_cost_usd
    FROM facts
    GROUP BY organization, day, actor_type, actor, customer_type, subscription_type, terminal_type
),
people AS (
    -- One name per address: a person who joined twice has two user records.
    SELECT organization, lower(email) AS email, max(user_name) AS user_name
    FROM known_users
    GROUP BY organization, lower(email)
)
SELECT
    CAST(t.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(t.day AS date) AS day,  -- UTC day
    CAST(t.actor_type AS varchar) AS actor_type,  -- user_actor (a person) or api_actor (an API key)
    CAST(t.actor AS varchar) AS actor,  -- E-mail address of the person in lower case, or name of the key
    CAST(coalesce(p.user_name, t.actor) AS varchar) AS actor_name,  -- Name of the person, even after leaving; otherwise the actor
    CAST(t.customer_type AS varchar) AS customer_type,  -- api (billed by use) or subscription
    CAST(t.subscription_type AS varchar) AS subscription_type,  -- team or enterprise, for subscriptions
    CAST(t.terminal_type AS varchar) AS terminal_type,  -- Terminal or editor
    CAST(t.sessions AS bigint) AS sessions,  -- Sessions started
    CAST(t.lines_added AS bigint) AS lines_added,  -- Lines of code added
    CAST(t.lines_removed AS bigint) AS lines_removed,  -- Lines of code removed
    CAST(t.commits AS bigint) AS commits,  -- Commits made by Claude Code
    CAST(t.pull_requests AS bigint) AS pull_requests,  -- Pull requests opened
    CAST(t.accepted AS bigint) AS accepted,  -- Proposals accepted, all tools
    CAST(t.rejected AS bigint) AS rejected,  -- Proposals rejected, all tools
    CAST(CAST(t.accepted AS double) / nullif(t.accepted + t.rejected, 0) AS double) AS acceptance_rate,  -- Accepted share of all proposals, 0 to 1; null without proposals
    CAST(t.tokens AS bigint) AS tokens,  -- Tokens of every kind
    CAST(t.estimated_cost_usd AS decimal(38,12)) AS estimated_cost_usd  -- Estimated cost in US dollars; a subscription does not pay it
FROM totals AS t
LEFT JOIN people AS p ON t.organization = p.organization AND t.actor_type = 'user_actor' AND t.actor = p.email
