-- rbac_access: Who holds which role in Claude Enterprise, through which group
-- While the API cannot tell a group's roles (null), the last known ones are used.
WITH sightings AS (
    SELECT organization, id, role_ids, snapshot_date AS seen FROM rbac_groups_history WHERE role_ids IS NOT NULL
    UNION ALL
    -- 'now' sorts after every date.
    SELECT organization, id, role_ids, 'now' AS seen FROM rbac_groups WHERE role_ids IS NOT NULL
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY organization, id ORDER BY seen DESC) AS place
    FROM sightings
),
held AS (
    SELECT r.organization, r.id AS rbac_group_id, r.seen, t.role_id
    FROM ranked AS r
    CROSS JOIN UNNEST(r.role_ids) AS t (role_id)
    WHERE r.place = 1
)
SELECT
    CAST(m.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(m.user_id AS varchar) AS user_id,  -- User
    CAST(coalesce(u.user_name, m.email, m.user_id) AS varchar) AS user_name,  -- Name, or e-mail address, or id
    CAST(m.email AS varchar) AS email,  -- E-mail address
    CAST(m.rbac_group_id AS varchar) AS rbac_group_id,  -- Group
    CAST(g.name AS varchar) AS rbac_group_name,  -- Name of the group; several groups may have the same
    CAST(g.source_type AS varchar) AS source_type,  -- direct, or scim if the identity provider manages the group
    CAST(h.role_id AS varchar) AS rbac_role_id,  -- Role; null if the group has none, or none was ever known
    CAST(r.display_name AS varchar) AS rbac_role_name,  -- Name of the role
    CAST(r.source_type AS varchar) AS role_source,  -- built_in or custom
    CAST(try_cast(h.seen AS date) AS date) AS known_on  -- Day of the snapshot from which the role is known; null if it is current
FROM rbac_group_members AS m
LEFT JOIN rbac_groups AS g ON m.organization = g.organization AND m.rbac_group_id = g.id
LEFT JOIN held AS h ON m.organization = h.organization AND m.rbac_group_id = h.rbac_group_id
LEFT JOIN rbac_roles AS r ON m.organization = r.organization AND h.role_id = r.id
LEFT JOIN known_users AS u ON m.organization = u.organization AND m.user_id = u.user_id
