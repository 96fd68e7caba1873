-- known_workspaces: Every workspace ever seen, in its last known state
WITH sightings AS (
    SELECT organization, id, name, created_at, archived_at, last_seen_on AS seen FROM workspaces_seen
    UNION ALL
    -- 'now' sorts after every date.
    SELECT organization, id, name, created_at, archived_at, 'now' AS seen FROM workspaces
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY organization, id ORDER BY seen DESC) AS place
    FROM sightings
)
SELECT
    CAST(organization AS varchar) AS organization,  -- Organization in this lake
    CAST(id AS varchar) AS workspace_id,  -- Workspace
    CAST(coalesce(nullif(trim(name), ''), id) AS varchar) AS workspace_name,  -- Name, or id if it has none
    CAST(try(from_iso8601_timestamp(created_at)) AT TIME ZONE 'UTC' AS timestamp) AS created_at,  -- Time of creation, UTC
    CAST(try(from_iso8601_timestamp(archived_at)) AT TIME ZONE 'UTC' AS timestamp) AS archived_at,  -- Time of archiving, UTC
    CAST(archived_at IS NOT NULL AS boolean) AS is_archived,  -- True if the workspace is archived
    CAST(seen = 'now' AS boolean) AS is_current  -- True if the API still lists the workspace
FROM ranked
WHERE place = 1
