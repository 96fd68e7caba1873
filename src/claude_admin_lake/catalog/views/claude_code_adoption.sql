-- claude_code_adoption: Claude Code users by day and by week, and the output per user
-- Days without activity are included if load_runs shows that they were loaded.
WITH loaded AS (
    SELECT
        organization,
        min(try_cast(first_day AS date)) AS first_day,
        max(try_cast(cursor_after AS date)) AS last_day
    FROM load_runs
    WHERE table_name = 'claude_code_usage' AND cursor_after IS NOT NULL
    GROUP BY organization
),
activity AS (
    SELECT
        organization,
        CAST("date" AS date) AS day,
        actor_type,
        coalesce(lower(actor_email_address), actor_api_key_name) AS actor,
        core_metrics_num_sessions AS sessions,
        core_metrics_lines_of_code_added AS lines_added,
        core_metrics_lines_of_code_removed AS lines_removed,
        core_metrics_commits_by_claude_code AS commits,
        core_metrics_pull_requests_by_claude_code AS pull_requests
    FROM claude_code_usage
    UNION ALL
    SELECT
        l.organization, CAST(c.day AS date), CAST(NULL AS varchar), CAST(NULL AS varchar), 0, 0, 0, 0, 0
    FROM loaded AS l
    CROSS JOIN UNNEST(sequence(least(l.first_day, l.last_day), l.last_day, INTERVAL '1' DAY)) AS c (day)
),
periods AS (
    SELECT 'day' AS period, a.day AS first_day, a.day AS last_day, a.*
    FROM activity AS a
    UNION ALL
    SELECT
        'week' AS period,
        CAST(date_trunc('week', a.day) AS date) AS first_day,
        CAST(date_trunc('week', a.day) + INTERVAL '6' DAY AS date) AS last_day,
        a.*
    FROM activity AS a
),
actors AS (
    SELECT
        organization,
        period,
        first_day,
        last_day,
        actor_type,
        actor,
        sum(coalesce(sessions, 0)) AS sessions,
        sum(coalesce(lines_added, 0)) AS lines_added,
        sum(coalesce(lines_removed, 0)) AS lines_removed,
        sum(coalesce(commits, 0)) AS commits,
        sum(coalesce(pull_requests, 0)) AS pull_requests
    FROM periods
    GROUP BY organization, period, first_day, last_day, actor_type, actor
),
members AS (
    -- Membership lasts from the joining day to the last snapshot that contains the user.
    SELECT
        organization,
        coalesce(lower(email), user_id) AS person,
        coalesce(CAST(added_at AS date), DATE '1970-01-01') AS first_day,
        CASE WHEN is_current THEN DATE '9999-12-31' ELSE last_seen_on END AS last_day
    FROM known_users
),
placed AS (
    -- A person who joined twice has two user records.
    SELECT
        a.organization,
        a.period,
        a.first_day,
        a.last_day,
        a.actor_type,
        a.actor,
        a.sessions,
        a.lines_added,
        a.lines_removed,
        a.commits,
        a.pull_requests,
        max(CASE WHEN m.person IS NULL THEN 0 ELSE 1 END) AS is_member
    FROM actors AS a
    LEFT JOIN members AS m
        ON a.organization = m.organization AND a.actor = m.person AND a.actor_type = 'user_actor'
        AND m.first_day <= a.last_day AND m.last_day >= a.first_day
    GROUP BY
        a.organization, a.period, a.first_day, a.last_day, a.actor_type, a.actor, a.sessions, a.lines_added,
        a.lines_removed, a.commits, a.pull_requests
),
totals AS (
    SELECT
        organization,
        period,
        first_day,
        last_day,
        count(CASE WHEN actor_type = 'user_actor' THEN actor END) AS active_users,
        count(CASE WHEN actor_type <> 'user_actor' THEN actor END) AS active_keys,
        sum(is_member) AS active_members,
        sum(sessions) AS sessions,
        sum(lines_added) AS lines_added,
        sum(lines_removed) AS lines_removed,
        sum(commits) AS commits,
        sum(pull_requests) AS pull_requests,
        sum(CASE WHEN actor_type = 'user_actor' THEN sessions ELSE 0 END) AS user_sessions,
        sum(CASE WHEN actor_type = 'user_actor' THEN lines_added ELSE 0 END) AS user_lines_added,
        sum(CASE WHEN actor_type = 'user_actor' THEN commits ELSE 0 END) AS user_commits,
        sum(CASE WHEN actor_type = 'user_actor' THEN pull_requests ELSE 0 END) AS user_pull_requests
    FROM placed
    GROUP BY organization, period, first_day, last_day
),
sized AS (
    SELECT
        t.organization,
        t.period,
        t.first_day,
        t.last_day,
        t.active_users,
        t.active_keys,
        t.active_members,
        t.sessions,
        t.lines_added,
        t.lines_removed,
        t.commits,
        t.pull_requests,
        t.user_sessions,
        t.user_lines_added,
        t.user_commits,
        t.user_pull_requests,
        count(DISTINCT m.person) AS organization_users
    FROM totals AS t
    LEFT JOIN members AS m
        ON t.organization = m.organization AND m.first_day <= t.last_day AND m.last_day >= t.first_day
    GROUP BY
        t.organization, t.period, t.first_day, t.last_day, t.active_users, t.active_keys, t.active_members,
        t.sessions, t.lines_added, t.lines_removed, t.commits, t.pull_requests, t.user_sessions,
        t.user_lines_added, t.user_commits, t.user_pull_requests
)
SELECT
    CAST(t.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(t.period AS varchar) AS period,  -- day or week (Monday to Sunday)
    CAST(t.first_day AS date) AS first_day,  -- First UTC day of the period
    CAST(t.last_day AS date) AS last_day,  -- Last UTC day of the period
    CAST(t.first_day >= coalesce(l.first_day, t.first_day) AND t.last_day <= coalesce(l.last_day, CAST(current_date - INTERVAL '1' DAY AS date)) AS boolean) AS is_complete,  -- False for a period that is not over, or not loaded from its first to its last day
    CAST(t.active_users AS bigint) AS active_users,  -- People with at least one record
    CAST(t.active_members AS bigint) AS active_members,  -- Those of them who were members of the organization in the period
    CAST(t.active_users - t.active_members AS bigint) AS active_others,  -- The others: never seen as members, or members at other times only
    CAST(t.active_keys AS bigint) AS active_keys,  -- API keys with at least one record
    CAST(nullif(t.organization_users, 0) AS bigint) AS organization_users,  -- Members of the organization in the period; null if none are known
    CAST(CAST(t.active_members AS double) / nullif(t.organization_users, 0) AS double) AS active_share,  -- Active members as a share of all members, 0 to 1
    CAST(t.sessions AS bigint) AS sessions,  -- Sessions, including those of API keys
    CAST(t.lines_added AS bigint) AS lines_added,  -- Lines of code added
    CAST(t.lines_removed AS bigint) AS lines_removed,  -- Lines of code removed
    CAST(t.commits AS bigint) AS commits,  -- Commits made by Claude Code
    CAST(t.pull_requests AS bigint) AS pull_requests,  -- Pull requests opened
    CAST(CAST(t.user_sessions AS double) / nullif(t.active_users, 0) AS double) AS sessions_per_user,  -- People's sessions per active user
    CAST(CAST(t.user_lines_added AS double) / nullif(t.active_users, 0) AS double) AS lines_added_per_user,  -- Lines added by people, per active user
    CAST(CAST(t.user_commits AS double) / nullif(t.active_users, 0) AS double) AS commits_per_user,  -- People's commits per active user
    CAST(CAST(t.user_pull_requests AS double) / nullif(t.active_users, 0) AS double) AS pull_requests_per_user  -- People's pull requests per active user
FROM sized AS t
LEFT JOIN loaded AS l ON t.organization = l.organization
