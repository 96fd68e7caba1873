-- claude_code_daily: Claude Code activity and estimated cost by day, person or key, and terminal
WITH facts AS (
    -- A record's tools and models are summed inside the record: a row for each would take six times as long.
    SELECT
        organization,
        CAST("date" AS date) AS day,
        actor_type,
        coalesce(lower(actor_email_address), actor_api_key_name) AS actor,
        customer_type,
        subscription_type,
        terminal_type,
        core_metrics_num_sessions AS sessions,
        core_metrics_lines_of_code_added AS lines_added,
        core_metrics_lines_of_code_removed AS lines_removed,
        core_metrics_commits_by_claude_code AS commits,
        core_metrics_pull_requests_by_claude_code AS pull_requests,
        reduce(
            transform(map_values(tool_actions), tool -> tool.accepted),
            CAST(NULL AS bigint), (total, one) -> coalesce(total + one, total, one), total -> total
        ) AS accepted,
        reduce(
            transform(map_values(tool_actions), tool -> tool.rejected),
            CAST(NULL AS bigint), (total, one) -> coalesce(total + one, total, one), total -> total
        ) AS rejected,
        reduce(
            transform(model_breakdown, used -> coalesce(used.tokens."input", 0) + coalesce(used.tokens."output", 0)
                + coalesce(used.tokens.cache_read, 0) + coalesce(used.tokens.cache_creation, 0)),
            CAST(NULL AS bigint), (total, one) -> coalesce(total + one, total, one), total -> total
        ) AS tokens,
        reduce(
            transform(model_breakdown, used -> CASE WHEN used.estimated_cost.currency = 'USD' THEN used.estimated_cost.amount END),
            CAST(NULL AS decimal(38,12)), (total, one) -> coalesce(total + one, total, one), total -> total
        ) AS cents
    FROM claude_code_usage
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
        sum(coalesce(accepted, 0)) AS accepted,
        sum(coalesce(rejected, 0)) AS rejected,
        sum(coalesce(tokens, 0)) AS tokens,
        sum(cents) * DECIMAL '0.01' AS estimated_cost_usd
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
