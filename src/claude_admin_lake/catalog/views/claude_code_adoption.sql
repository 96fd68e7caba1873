-- claude_code_adoption: Claude Code users by day and by week, and the output per user
WITH periods AS (
    SELECT 'day' AS period, day AS first_day, day AS last_day, d.*
    FROM claude_code_daily AS d
    UNION ALL
    SELECT
        'week' AS period,
        CAST(date_trunc('week', day) AS date) AS first_day,
        CAST(date_trunc('week', day) + INTERVAL '6' DAY AS date) AS last_day,
        d.*
    FROM claude_code_daily AS d
),
totals AS (
    SELECT
        organization,
        period,
        first_day,
        last_day,
        count(DISTINCT CASE WHEN actor_type = 'user_actor' THEN lower(actor) END) AS active_users,
        count(DISTINCT CASE WHEN actor_type <> 'user_actor' THEN actor END) AS active_keys,
        sum(sessions) AS sessions,
        sum(lines_added) AS lines_added,
        sum(lines_removed) AS lines_removed,
        sum(commits) AS commits,
        sum(pull_requests) AS pull_requests,
        sum(CASE WHEN actor_type = 'user_actor' THEN sessions ELSE 0 END) AS user_sessions,
        sum(CASE WHEN actor_type = 'user_actor' THEN lines_added ELSE 0 END) AS user_lines_added,
        sum(CASE WHEN actor_type = 'user_actor' THEN commits ELSE 0 END) AS user_commits,
        sum(CASE WHEN actor_type = 'user_actor' THEN pull_requests ELSE 0 END) AS user_pull_requests
    FROM periods
    GROUP BY organization, period, first_day, last_day
),
members AS (
    -- Membership lasts from the joining day to the last snapshot that contains the user.
    SELECT
        organization,
        coalesce(CAST(added_at AS date), DATE '1970-01-01') AS first_day,
        CASE WHEN is_current THEN DATE '9999-12-31' ELSE last_seen_on END AS last_day
    FROM known_users
),
sizes AS (
    SELECT t.organization, t.period, t.first_day, count(*) AS organization_users
    FROM totals AS t
    INNER JOIN members AS m ON t.organization = m.organization AND m.first_day <= t.last_day AND m.last_day >= t.first_day
    GROUP BY t.organization, t.period, t.first_day
)
SELECT
    CAST(t.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(t.period AS varchar) AS period,  -- day or week (Monday to Sunday)
    CAST(t.first_day AS date) AS first_day,  -- First UTC day of the period
    CAST(t.last_day AS date) AS last_day,  -- Last UTC day of the period
    CAST(t.active_users AS bigint) AS active_users,  -- People with at least one record
    CAST(t.active_keys AS bigint) AS active_keys,  -- API keys with at least one record
    CAST(s.organization_users AS bigint) AS organization_users,  -- Members of the organization in the period
    CAST(CAST(t.active_users AS double) / s.organization_users AS double) AS active_share,  -- Active share of all members, 0 to 1
    CAST(t.sessions AS bigint) AS sessions,  -- Sessions, including those of API keys
    CAST(t.lines_added AS bigint) AS lines_added,  -- Lines of code added
    CAST(t.lines_removed AS bigint) AS lines_removed,  -- Lines of code removed
    CAST(t.commits AS bigint) AS commits,  -- Commits made by Claude Code
    CAST(t.pull_requests AS bigint) AS pull_requests,  -- Pull requests opened
    CAST(CAST(t.user_sessions AS double) / nullif(t.active_users, 0) AS double) AS sessions_per_user,  -- People's sessions per active user
    CAST(CAST(t.user_lines_added AS double) / nullif(t.active_users, 0) AS double) AS lines_added_per_user,  -- Lines added by people, per active user
    CAST(CAST(t.user_commits AS double) / nullif(t.active_users, 0) AS double) AS commits_per_user,  -- People's commits per active user
    CAST(CAST(t.user_pull_requests AS double) / nullif(t.active_users, 0) AS double) AS pull_requests_per_user  -- People's pull requests per active user
FROM totals AS t
LEFT JOIN sizes AS s ON t.organization = s.organization AND t.period = s.period AND t.first_day = s.first_day
