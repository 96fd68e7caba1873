-- access_review: Access to review: idle, orphaned and expiring keys, admins, stray members
WITH usage_days AS (
    SELECT organization, api_key_id, max("date") AS last_day, min("date") AS first_day
    FROM usage_report
    WHERE "date" >= CAST(CAST(current_date - INTERVAL '365' DAY AS date) AS varchar)
    GROUP BY organization, api_key_id
),
loaded AS (
    SELECT organization, max(cursor_after) AS last_day
    FROM load_runs
    WHERE table_name = 'usage_report' AND "date" >= CAST(CAST(current_date - INTERVAL '7' DAY AS date) AS varchar)
    GROUP BY organization
),
coverage AS (
    -- No key can be called unused if usage does not name keys, or is no longer loaded.
    SELECT
        d.organization,
        CASE
            WHEN greatest(max(d.last_day), coalesce(max(l.last_day), '')) >= CAST(CAST(current_date - INTERVAL '7' DAY AS date) AS varchar)
                THEN date_diff('day', CAST(min(CASE WHEN d.api_key_id IS NOT NULL THEN d.first_day END) AS date), current_date)
        END AS days
    FROM usage_days AS d
    LEFT JOIN loaded AS l ON d.organization = l.organization
    GROUP BY d.organization
),
members AS (
    SELECT organization, count(*) AS members FROM users GROUP BY organization
),
keys AS (
    SELECT k.*, try_cast(d.last_day AS date) AS last_used_on, c.days, m.members
    FROM known_api_keys AS k
    LEFT JOIN usage_days AS d ON k.organization = d.organization AND k.api_key_id = d.api_key_id
    LEFT JOIN coverage AS c ON k.organization = c.organization
    LEFT JOIN members AS m ON k.organization = m.organization
    WHERE k.status IN ('active', 'inactive')
),
findings AS (
    -- Keys younger than 90 days are skipped, and all keys if usage by key of fewer days is loaded.
    SELECT
        organization, 'key unused' AS finding, 'api_key' AS subject_type, api_key_id AS subject_id,
        api_key_name AS subject, workspace_id, creator_name AS person,
        CASE
            WHEN last_used_on IS NOT NULL THEN concat('last used on ', CAST(last_used_on AS varchar))
            ELSE concat('no use in the ', CAST(days AS varchar), ' days looked at')
        END AS detail,
        last_used_on AS on_day
    FROM keys
    WHERE status = 'active'
        AND days >= 90
        AND (created_at IS NULL OR created_at < current_date - INTERVAL '90' DAY)
        AND (last_used_on IS NULL OR last_used_on < current_date - INTERVAL '90' DAY)
    UNION ALL
    SELECT
        organization, 'key creator has left', 'api_key', api_key_id, api_key_name, workspace_id, creator_name,
        concat('key is ', status), CAST(created_at AS date)
    FROM keys
    WHERE creator_type = 'user' AND coalesce(creator_is_member, false) = false AND members > 0
    UNION ALL
    SELECT
        organization, 'key expires soon', 'api_key', api_key_id, api_key_name, workspace_id, creator_name,
        concat('expires on ', CAST(CAST(expires_at AS date) AS varchar)), CAST(expires_at AS date)
    FROM keys
    WHERE status = 'active' AND expires_at >= current_date AND expires_at < current_date + INTERVAL '31' DAY
    UNION ALL
    SELECT
        organization, 'admin invite pending', 'invite', id, email, CAST(NULL AS varchar), email,
        concat('invited as ', role), try_cast(substr(invited_at, 1, 10) AS date)
    FROM invites
    WHERE status = 'pending' AND role IN ('admin', 'owner', 'primary_owner', 'membership_admin')
    UNION ALL
    SELECT
        organization, 'organization admin', 'user', user_id, user_name, CAST(NULL AS varchar), user_name,
        concat('role is ', role), CAST(added_at AS date)
    FROM known_users
    WHERE is_current AND role IN ('admin', 'owner', 'primary_owner', 'membership_admin')
    UNION ALL
    SELECT
        m.organization, CASE WHEN w.is_archived THEN 'member of archived workspace' ELSE 'workspace admin' END,
        'user', m.user_id, coalesce(u.user_name, m.user_id), m.workspace_id, coalesce(u.user_name, m.user_id),
        concat('role is ', m.workspace_role), CAST(w.archived_at AS date)
    FROM workspace_members AS m
    LEFT JOIN known_workspaces AS w ON m.organization = w.organization AND m.workspace_id = w.workspace_id
    LEFT JOIN known_users AS u ON m.organization = u.organization AND m.user_id = u.user_id
    WHERE w.is_archived OR m.workspace_role = 'workspace_admin'
    UNION ALL
    SELECT
        w.organization, 'workspace member who has left', 'user', w.user_id, coalesce(u.user_name, w.user_id),
        w.workspace_id, coalesce(u.user_name, w.user_id), concat('role is ', w.workspace_role), u.last_seen_on
    FROM workspace_members AS w
    INNER JOIN members AS m ON w.organization = m.organization
    LEFT JOIN known_users AS u ON w.organization = u.organization AND w.user_id = u.user_id
    WHERE coalesce(u.is_current, false) = false
)
SELECT
    CAST(f.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(f.finding AS varchar) AS finding,  -- key unused, key creator has left, key expires soon, admin invite pending, organization admin, workspace admin, member of archived workspace, workspace member who has left
    CAST(f.subject_type AS varchar) AS subject_type,  -- api_key, invite or user
    CAST(f.subject_id AS varchar) AS subject_id,  -- Id of the key, invite or user
    CAST(f.subject AS varchar) AS subject,  -- Name of the key, invite or user
    CAST(f.workspace_id AS varchar) AS workspace_id,  -- Workspace of the finding, if any
    CAST(coalesce(w.workspace_name, f.workspace_id) AS varchar) AS workspace_name,  -- Name of the workspace
    CAST(f.person AS varchar) AS person,  -- Person concerned: the creator, invitee, admin or member
    CAST(f.detail AS varchar) AS detail,  -- Description of the finding
    CAST(f.on_day AS date) AS on_day  -- Relevant day: of last use, creation, expiry, invitation, joining, archiving, or last seen as a member
FROM findings AS f
LEFT JOIN known_workspaces AS w ON f.organization = w.organization AND f.workspace_id = w.workspace_id
