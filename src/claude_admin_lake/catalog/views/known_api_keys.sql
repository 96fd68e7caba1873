-- known_api_keys: Every API key ever seen, in its last known state, with its creator
WITH sightings AS (
    SELECT organization, id, name, status, created_at, expires_at, created_by_id, created_by_type, workspace_id, last_seen_on AS seen
    FROM api_keys_seen
    UNION ALL
    -- 'now' sorts after every date.
    SELECT organization, id, name, status, created_at, expires_at, created_by_id, created_by_type, workspace_id, 'now' AS seen
    FROM api_keys
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY organization, id ORDER BY seen DESC) AS place
    FROM sightings
)
SELECT
    CAST(k.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(k.id AS varchar) AS api_key_id,  -- API key
    CAST(coalesce(nullif(trim(k.name), ''), k.id) AS varchar) AS api_key_name,  -- Name, or id if it has none
    CAST(CASE WHEN k.seen = 'now' THEN k.status ELSE 'deleted' END AS varchar) AS status,  -- active, inactive, archived, expired, or deleted
    CAST(k.workspace_id AS varchar) AS workspace_id,  -- Workspace; null is the default workspace or the organization
    CAST(try(from_iso8601_timestamp(k.created_at)) AT TIME ZONE 'UTC' AS timestamp) AS created_at,  -- Time of creation, UTC
    CAST(try(from_iso8601_timestamp(k.expires_at)) AT TIME ZONE 'UTC' AS timestamp) AS expires_at,  -- Time of expiry, UTC; null if the key never expires
    CAST(k.created_by_id AS varchar) AS creator_id,  -- Id of the creator
    CAST(k.created_by_type AS varchar) AS creator_type,  -- user or service_account
    CAST(coalesce(u.user_name, k.created_by_id) AS varchar) AS creator_name,  -- Name of the creator, or id
    CAST(u.email AS varchar) AS creator_email,  -- E-mail address of the creator
    CAST(u.is_current AS boolean) AS creator_is_member  -- True if the creator is a member now; null if never seen as one
FROM ranked AS k
LEFT JOIN known_users AS u ON k.organization = u.organization AND k.created_by_id = u.user_id
WHERE k.place = 1
