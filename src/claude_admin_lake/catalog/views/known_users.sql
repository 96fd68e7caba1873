-- known_users: Every user ever seen in the organization, in the last known state
WITH sightings AS (
    SELECT organization, id, email, name, role, added_at, last_seen_on AS seen FROM users_seen
    UNION ALL
    -- 'now' sorts after every date.
    SELECT organization, id, email, name, role, added_at, 'now' AS seen FROM users
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY organization, id ORDER BY seen DESC) AS place,
        max(CASE WHEN seen <> 'now' THEN seen END) OVER (PARTITION BY organization, id) AS last_day
    FROM sightings
)
SELECT
    CAST(organization AS varchar) AS organization,  -- Organization in this lake
    CAST(id AS varchar) AS user_id,  -- User
    CAST(coalesce(nullif(trim(name), ''), email, id) AS varchar) AS user_name,  -- Name, or e-mail address, or id
    CAST(email AS varchar) AS email,  -- E-mail address
    CAST(role AS varchar) AS role,  -- Role in the organization, as last known
    CAST(try(from_iso8601_timestamp(added_at)) AT TIME ZONE 'UTC' AS timestamp) AS added_at,  -- Time the user joined, UTC
    CAST(seen = 'now' AS boolean) AS is_current,  -- True if the user is in the organization now
    CAST(try_cast(last_day AS date) AS date) AS last_seen_on  -- Day of the last snapshot that contains the user
FROM ranked
WHERE place = 1
