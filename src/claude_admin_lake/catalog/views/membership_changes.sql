-- membership_changes: Members who joined, left or changed role between consecutive snapshots, in the last 366 days
-- The days come from load_runs, which records snapshots without rows too.
WITH memberships AS (
    SELECT organization, 'organization' AS scope, CAST(NULL AS varchar) AS workspace_id, id AS user_id, role, snapshot_date
    FROM users_history
    WHERE snapshot_date >= CAST(CAST(current_date - INTERVAL '366' DAY AS date) AS varchar)
    UNION ALL
    SELECT organization, 'workspace' AS scope, workspace_id, user_id, workspace_role AS role, snapshot_date
    FROM workspace_members_history
    WHERE snapshot_date >= CAST(CAST(current_date - INTERVAL '366' DAY AS date) AS varchar)
),
days AS (
    SELECT DISTINCT
        organization,
        CASE table_name WHEN 'users' THEN 'organization' ELSE 'workspace' END AS scope,
        -- A run that passes midnight is dated by its end.
        coalesce(snapshot_date, "date") AS snapshot_date
    FROM load_runs
    WHERE table_name IN ('users', 'workspace_members') AND status IN ('loaded', 'drifted')
        AND "date" >= CAST(CAST(current_date - INTERVAL '366' DAY AS date) AS varchar)
),
pairs AS (
    SELECT
        organization,
        scope,
        snapshot_date,
        lag(snapshot_date) OVER (PARTITION BY organization, scope ORDER BY snapshot_date) AS previous_date
    FROM days
),
states AS (
    SELECT
        m.organization, CAST(m.snapshot_date AS date) AS day, p.previous_date AS since, m.scope, m.workspace_id,
        m.user_id, 1 AS is_new, m.role
    FROM memberships AS m
    INNER JOIN pairs AS p
        ON m.organization = p.organization AND m.scope = p.scope AND m.snapshot_date = p.snapshot_date
    WHERE p.previous_date IS NOT NULL
    UNION ALL
    SELECT
        m.organization, CAST(p.snapshot_date AS date), p.previous_date, m.scope, m.workspace_id, m.user_id, 0, m.role
    FROM memberships AS m
    INNER JOIN pairs AS p
        ON m.organization = p.organization AND m.scope = p.scope AND m.snapshot_date = p.previous_date
),
compared AS (
    SELECT
        organization, day, since, scope, workspace_id, user_id,
        min(is_new) AS in_old,
        max(is_new) AS in_new,
        max(CASE WHEN is_new = 0 THEN role END) AS old_role,
        max(CASE WHEN is_new = 1 THEN role END) AS new_role
    FROM states
    GROUP BY organization, day, since, scope, workspace_id, user_id
),
changes AS (
    SELECT
        *,
        CASE WHEN in_old = 1 THEN 'joined' WHEN in_new = 0 THEN 'left' ELSE 'role changed' END AS change
    FROM compared
    WHERE in_old = 1 OR in_new = 0 OR old_role IS DISTINCT FROM new_role
)
SELECT
    CAST(c.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(c.day AS date) AS day,  -- UTC day of the snapshot that shows the change
    CAST(c.since AS date) AS since,  -- UTC day of the previous snapshot: the change happened in between
    CAST(c.scope AS varchar) AS scope,  -- organization or workspace
    CAST(c.workspace_id AS varchar) AS workspace_id,  -- Workspace, for scope workspace
    CAST(w.workspace_name AS varchar) AS workspace_name,  -- Name of the workspace
    CAST(c.user_id AS varchar) AS user_id,  -- User
    CAST(coalesce(u.user_name, c.user_id) AS varchar) AS user_name,  -- Name, as last known
    CAST(u.email AS varchar) AS email,  -- E-mail address, as last known
    CAST(CASE WHEN c.change = 'left' AND c.scope = 'workspace' AND CAST(w.archived_at AS date) BETWEEN CAST(c.since AS date) AND CAST(c.day AS date) THEN 'workspace archived' ELSE c.change END AS varchar) AS change,  -- joined, left, role changed, or workspace archived: its members are no longer listed
    CAST(c.old_role AS varchar) AS old_role,  -- Role before
    CAST(c.new_role AS varchar) AS new_role  -- Role after
FROM changes AS c
LEFT JOIN known_users AS u ON c.organization = u.organization AND c.user_id = u.user_id
LEFT JOIN known_workspaces AS w ON c.organization = w.organization AND c.workspace_id = w.workspace_id
