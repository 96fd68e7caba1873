-- membership_changes: Members who joined, left or changed role between consecutive snapshots
-- Only load_runs records snapshots without rows, so the days come from both.
WITH memberships AS (
    SELECT organization, 'organization' AS scope, CAST(NULL AS varchar) AS workspace_id, id AS user_id, role, snapshot_date
    FROM users_history
    UNION ALL
    SELECT organization, 'workspace' AS scope, workspace_id, user_id, workspace_role AS role, snapshot_date
    FROM workspace_members_history
),
snapshots AS (
    SELECT
        organization,
        scope,
        snapshot_date,
        lag(snapshot_date) OVER (PARTITION BY organization, scope ORDER BY snapshot_date) AS previous_date,
        lead(snapshot_date) OVER (PARTITION BY organization, scope ORDER BY snapshot_date) AS next_date
    FROM (
        SELECT DISTINCT organization, scope, snapshot_date FROM memberships
        UNION
        SELECT
            organization,
            CASE table_name WHEN 'users' THEN 'organization' ELSE 'workspace' END AS scope,
            "date" AS snapshot_date
        FROM load_runs
        WHERE table_name IN ('users', 'workspace_members') AND status = 'loaded'
    ) AS days
),
neighbours AS (
    SELECT
        m.*,
        s.previous_date,
        s.next_date,
        lag(m.snapshot_date) OVER same AS seen_before,
        lead(m.snapshot_date) OVER same AS seen_after,
        lag(m.role) OVER same AS role_before
    FROM memberships AS m
    INNER JOIN snapshots AS s ON m.organization = s.organization AND m.scope = s.scope AND m.snapshot_date = s.snapshot_date
    WINDOW same AS (PARTITION BY m.organization, m.scope, m.workspace_id, m.user_id ORDER BY m.snapshot_date)
),
changes AS (
    SELECT organization, snapshot_date AS day, previous_date AS since, scope, workspace_id, user_id, 'joined' AS change, CAST(NULL AS varchar) AS old_role, role AS new_role
    FROM neighbours
    WHERE previous_date IS NOT NULL AND (seen_before IS NULL OR seen_before <> previous_date)
    UNION ALL
    SELECT organization, next_date AS day, snapshot_date AS since, scope, workspace_id, user_id, 'left' AS change, role AS old_role, CAST(NULL AS varchar) AS new_role
    FROM neighbours
    WHERE next_date IS NOT NULL AND (seen_after IS NULL OR seen_after <> next_date)
    UNION ALL
    SELECT organization, snapshot_date AS day, previous_date AS since, scope, workspace_id, user_id, 'role changed' AS change, role_before AS old_role, role AS new_role
    FROM neighbours
    WHERE seen_before = previous_date AND role_before IS DISTINCT FROM role
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
