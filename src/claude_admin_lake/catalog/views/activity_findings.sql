-- activity_findings: Events to review: keys created by people who have left, re-created workspaces, raised roles, logging off
WITH events AS (
    SELECT
        *,
        json_extract_scalar(details, '$.api_key_id') AS api_key_id,
        json_extract_scalar(details, '$.workspace_id') AS event_workspace_id,
        json_extract_scalar(details, '$.role') AS role,
        json_extract_scalar(details, '$.target_id') AS target_id
    FROM compliance_activities
    WHERE type IN (
        'api_key_created', 'platform_api_key_created', 'admin_api_key_created', 'scoped_api_key_created',
        'platform_workspace_created', 'role_assignment_granted', 'org_compliance_api_settings_updated'
    )
),
members AS (
    SELECT organization, count(*) AS members FROM users GROUP BY organization
),
findings AS (
    -- Without a list of members, nobody counts as having left.
    SELECT
        e.organization, 'key made by someone who has left' AS finding, 'api_key' AS subject_type,
        e.api_key_id AS subject_id, coalesce(k.api_key_name, e.api_key_id) AS subject, k.workspace_id,
        concat('key is ', coalesce(k.status, 'not listed')) AS detail, e.id, e.type, e.created_at, e.actor_user_id,
        e.actor_email_address
    FROM events AS e
    INNER JOIN members AS m ON e.organization = m.organization
    LEFT JOIN known_users AS u ON e.organization = u.organization AND e.actor_user_id = u.user_id
    LEFT JOIN known_api_keys AS k ON e.organization = k.organization AND e.api_key_id = k.api_key_id
    WHERE e.type LIKE '%api_key_created' AND e.actor_type = 'user_actor'
        AND coalesce(u.is_current, false) = false
        AND coalesce(k.status, 'active') IN ('active', 'inactive')
    UNION ALL
    SELECT
        e.organization, 'workspace re-created', 'workspace', e.event_workspace_id, w.workspace_name, e.event_workspace_id,
        concat('the name was that of ', max(o.workspace_id)), e.id, e.type, e.created_at, e.actor_user_id,
        e.actor_email_address
    FROM events AS e
    INNER JOIN known_workspaces AS w ON e.organization = w.organization AND e.event_workspace_id = w.workspace_id
    INNER JOIN known_workspaces AS o
        ON w.organization = o.organization AND lower(trim(w.workspace_name)) = lower(trim(o.workspace_name))
        AND w.workspace_id <> o.workspace_id AND (o.is_archived OR o.is_current = false) AND o.created_at < w.created_at
    WHERE e.type = 'platform_workspace_created'
    GROUP BY
        e.organization, e.event_workspace_id, w.workspace_name, e.id, e.type, e.created_at, e.actor_user_id,
        e.actor_email_address
    UNION ALL
    SELECT
        e.organization, 'role raised', coalesce(json_extract_scalar(e.details, '$.target_type'), 'user'), e.target_id,
        coalesce(u.user_name, e.target_id), CAST(NULL AS varchar), concat('granted ', e.role), e.id, e.type, e.created_at,
        e.actor_user_id, e.actor_email_address
    FROM events AS e
    LEFT JOIN known_users AS u ON e.organization = u.organization AND e.target_id = u.user_id
    WHERE e.type = 'role_assignment_granted' AND regexp_like(lower(e.role), '^[a-z _]*(admin|owner)')
    UNION ALL
    SELECT
        organization, 'logging switched off', 'organization', organization_id, organization_id, CAST(NULL AS varchar),
        concat(
            'compliance_api_enabled is ', coalesce(json_extract_scalar(details, '$.compliance_api_enabled'), 'not stated'),
            ', compliance_api_logging_enabled is ',
            coalesce(json_extract_scalar(details, '$.compliance_api_logging_enabled'), 'not stated')
        ),
        id, type, created_at, actor_user_id, actor_email_address
    FROM events
    WHERE type = 'org_compliance_api_settings_updated'
        AND 'false' IN (
            coalesce(json_extract_scalar(details, '$.compliance_api_enabled'), 'true'),
            coalesce(json_extract_scalar(details, '$.compliance_api_logging_enabled'), 'true')
        )
)
SELECT
    CAST(f.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(f.finding AS varchar) AS finding,  -- key made by someone who has left, workspace re-created, role raised, logging switched off
    CAST(try(from_iso8601_timestamp(f.created_at)) AT TIME ZONE 'UTC' AS timestamp) AS at,  -- Time of the event, UTC
    CAST(f.subject_type AS varchar) AS subject_type,  -- api_key, workspace, user (or another kind of target) or organization
    CAST(f.subject_id AS varchar) AS subject_id,  -- Id of the key, workspace, target or organization
    CAST(f.subject AS varchar) AS subject,  -- Its name, or id
    CAST(f.workspace_id AS varchar) AS workspace_id,  -- Workspace of the finding, if any
    CAST(coalesce(u.user_name, f.actor_email_address, f.actor_user_id) AS varchar) AS actor,  -- Person who did it; null if it was not a person
    CAST(f.detail AS varchar) AS detail,  -- Description of the finding
    CAST(f.type AS varchar) AS activity_type,  -- Type of the event in compliance_activities
    CAST(f.id AS varchar) AS activity_id  -- Event in compliance_activities
FROM findings AS f
LEFT JOIN known_users AS u ON f.organization = u.organization AND f.actor_user_id = u.user_id
