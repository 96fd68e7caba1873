-- known_workspaces: Every workspace that was ever seen, as last known
WITH sightings AS (
    SELECT id, name, created_at, archived_at, snapshot_date AS seen FROM workspaces_history
    UNION ALL
    -- The current state sorts after every day.
    SELECT id, name, created_at, archived_at, 'now' AS seen FROM workspaces
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY id ORDER BY seen DESC) AS place
    FROM sightings
)
SELECT
    CAST(id AS varchar) AS workspace_id,  -- Workspace
    CAST(coalesce(nullif(trim(name), ''), id) AS varchar) AS workspace_name,  -- Name, else id
    CAST(try(from_iso8601_timestamp(created_at)) AT TIME ZONE 'UTC' AS timestamp) AS created_at,  -- When it was created, UTC
    CAST(try(from_iso8601_timestamp(archived_at)) AT TIME ZONE 'UTC' AS timestamp) AS archived_at,  -- When it was archived, UTC
    CAST(archived_at IS NOT NULL AS boolean) AS is_archived,  -- Whether it is archived
    CAST(seen = 'now' AS boolean) AS is_current  -- Whether the API still lists it
FROM ranked
WHERE place = 1
