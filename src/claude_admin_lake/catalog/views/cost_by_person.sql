-- cost_by_person: Cost by day and person, service account or key, with separate columns for Claude Code and API
WITH costs AS (
    SELECT
        organization,
        "date",
        actor_type,
        coalesce(actor_user_id, actor_service_account_id, actor_api_key_id, actor_subject) AS actor_id,
        max(actor_email_address) AS email,
        max(actor_name) AS name,
        sum(CASE WHEN product = 'claude_code' THEN amount_usd END) AS claude_code_usd,
        sum(CASE WHEN product IN ('messages_api', 'message_batches_api', 'managed_agents_api') THEN amount_usd END) AS api_usd,
        sum(amount_usd) AS cost_usd,
        sum(list_amount_usd) AS list_cost_usd,
        sum(requests) AS requests,
        count(*) - count(amount_usd) AS rows_without_usd
    FROM analytics_cost_by_actor
    GROUP BY
        organization, "date", actor_type,
        coalesce(actor_user_id, actor_service_account_id, actor_api_key_id, actor_subject)
)
SELECT
    CAST(c.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(c."date" AS date) AS day,  -- UTC day
    CAST(coalesce(c.actor_type, 'not shown') AS varchar) AS actor_type,  -- user_actor, service_account_actor, federated_actor, api_actor (a key), or not shown
    CAST(c.actor_id AS varchar) AS actor_id,  -- User, service account, key or subject; null for all identities that the API does not show
    CAST(coalesce(u.user_name, c.name, k.api_key_name, c.actor_id, 'Not shown') AS varchar) AS actor_name,  -- Current name, or the id
    CAST(coalesce(u.email, c.email) AS varchar) AS email,  -- Current e-mail address, for user_actor
    CAST(coalesce(c.claude_code_usd, 0) AS decimal(38,12)) AS claude_code_usd,  -- US dollars for Claude Code
    CAST(coalesce(c.api_usd, 0) AS decimal(38,12)) AS api_usd,  -- US dollars for the API: messages, batches, managed agents
    CAST(c.cost_usd AS decimal(38,12)) AS cost_usd,  -- US dollars for all products, after discounts
    CAST(c.list_cost_usd AS decimal(38,12)) AS list_cost_usd,  -- US dollars at list price
    CAST(c.requests AS bigint) AS requests,  -- Requests; for code execution, execution spans
    CAST(c.rows_without_usd AS bigint) AS rows_without_usd  -- Number of rows in other currencies
FROM costs AS c
LEFT JOIN known_users AS u ON c.organization = u.organization AND c.actor_type = 'user_actor' AND c.actor_id = u.user_id
LEFT JOIN known_api_keys AS k ON c.organization = k.organization AND c.actor_type = 'api_actor' AND c.actor_id = k.api_key_id
