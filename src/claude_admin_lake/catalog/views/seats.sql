-- seats: Who uses Claude Code, who has stopped, and which members do not: the last 28 days and the 28 before
WITH loaded AS (
    SELECT DISTINCT organization
    FROM load_runs
    WHERE table_name = 'claude_code_usage' AND cursor_after IS NOT NULL
        AND "date" >= CAST(CAST(current_date - INTERVAL '56' DAY AS date) AS varchar)
),
people AS (
    SELECT
        organization,
        lower(email) AS email,
        user_name,
        role,
        added_at,
        CAST(NULL AS varchar) AS used_on,
        CAST(NULL AS varchar) AS customer_type,
        CAST(NULL AS bigint) AS sessions
    FROM known_users
    WHERE is_current AND email IS NOT NULL
    UNION ALL
    SELECT
        organization, lower(actor_email_address), CAST(NULL AS varchar), CAST(NULL AS varchar), CAST(NULL AS timestamp),
        "date", customer_type, core_metrics_num_sessions
    FROM claude_code_usage
    WHERE "date" >= CAST(CAST(current_date - INTERVAL '56' DAY AS date) AS varchar)
        AND "date" < CAST(current_date AS varchar)
        AND actor_type = 'user_actor'
        AND actor_email_address IS NOT NULL
),
counted AS (
    SELECT
        organization,
        email,
        max(user_name) AS user_name,
        max(role) AS role,
        min(added_at) AS added_at,
        count(DISTINCT CASE WHEN used_on >= CAST(CAST(current_date - INTERVAL '28' DAY AS date) AS varchar) THEN used_on END) AS days,
        count(DISTINCT CASE WHEN used_on >= CAST(CAST(current_date - INTERVAL '28' DAY AS date) AS varchar) AND customer_type = 'subscription' THEN used_on END) AS subscription_days,
        count(DISTINCT CASE WHEN used_on >= CAST(CAST(current_date - INTERVAL '28' DAY AS date) AS varchar) AND customer_type = 'api' THEN used_on END) AS api_days,
        count(DISTINCT CASE WHEN used_on < CAST(CAST(current_date - INTERVAL '28' DAY AS date) AS varchar) THEN used_on END) AS days_before,
        sum(CASE WHEN used_on >= CAST(CAST(current_date - INTERVAL '28' DAY AS date) AS varchar) THEN sessions ELSE 0 END) AS sessions,
        max(used_on) AS last_used_on
    FROM people
    GROUP BY organization, email
),
compared AS (
    -- Nobody is new if no use is loaded for the 28 days before.
    SELECT
        *,
        max(days_before) OVER (PARTITION BY organization) > 0 AS has_before,
        max(last_used_on) OVER (PARTITION BY organization) IS NOT NULL AS has_use
    FROM counted
)
SELECT
    CAST(c.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(email AS varchar) AS email,  -- E-mail address in lower case
    CAST(coalesce(user_name, email) AS varchar) AS user_name,  -- Name, or e-mail address of someone who is not a member
    CAST(role IS NOT NULL AS boolean) AS is_member,  -- True if a member of the organization now
    CAST(role AS varchar) AS role,  -- Role in the organization
    CAST(added_at AS timestamp) AS added_at,  -- Time the member joined, UTC
    CAST(CASE WHEN days > 0 AND days_before = 0 AND has_before THEN 'newly active' WHEN days > 0 THEN 'active' WHEN days_before > 0 THEN 'lost' WHEN has_use OR l.organization IS NOT NULL THEN 'unused' END AS varchar) AS state,  -- active; newly active: in the last 28 days, but not in the 28 before; lost: the reverse; unused: in neither; null if not loaded
    CAST(days AS bigint) AS active_days,  -- Days of the last 28 with use of Claude Code
    CAST(subscription_days AS bigint) AS subscription_days,  -- Days of the last 28 with use under a subscription
    CAST(api_days AS bigint) AS api_days,  -- Days of the last 28 with use billed by the API
    CAST(days_before AS bigint) AS active_days_before,  -- Days with use in the 28 days before
    CAST(sessions AS bigint) AS sessions,  -- Sessions in the last 28 days
    CAST(try_cast(last_used_on AS date) AS date) AS last_used_on  -- Last day with use, of the last 56
FROM compared AS c
LEFT JOIN loaded AS l ON c.organization = l.organization
