-- cost_by_team: Cost by workspace tag, by creator of the API key and by group of the creator; each dimension adds up to cost_report
-- Use one dimension, and one tag, at a time: each of them has the whole cost.
WITH tags AS (
    SELECT DISTINCT w.organization, t.tag
    FROM workspaces AS w
    CROSS JOIN UNNEST(map_keys(w.tags)) AS t (tag)
),
by_workspace AS (
    SELECT organization, day, workspace_id, sum(cost_usd) AS cost_usd
    FROM cost_daily
    WHERE cost_usd IS NOT NULL
    GROUP BY organization, day, workspace_id
),
by_creator AS (
    SELECT
        c.organization,
        c.day,
        k.creator_id,
        CASE WHEN c.api_key_id IS NULL THEN 'no key' ELSE coalesce(k.creator_name, 'unknown creator') END AS creator,
        sum(c.cost_usd) AS cost_usd
    FROM cost_by_api_key AS c
    LEFT JOIN known_api_keys AS k ON c.organization = k.organization AND c.api_key_id = k.api_key_id
    WHERE c.cost_usd IS NOT NULL
    GROUP BY
        c.organization, c.day, k.creator_id,
        CASE WHEN c.api_key_id IS NULL THEN 'no key' ELSE coalesce(k.creator_name, 'unknown creator') END
),
grouped AS (
    SELECT DISTINCT organization, user_id, rbac_group_id FROM rbac_group_members
),
memberships AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY organization, user_id ORDER BY rbac_group_id) AS place,
        count(*) OVER (PARTITION BY organization, user_id) AS number
    FROM grouped
),
with_groups AS (
    SELECT DISTINCT organization FROM rbac_group_members
),
shared AS (
    -- A person in several groups is divided equally; the first takes the rounding difference.
    SELECT
        c.organization,
        c.day,
        m.rbac_group_id,
        m.place,
        m.number,
        c.cost_usd,
        CAST(c.cost_usd / CAST(m.number AS decimal(38,0)) AS decimal(38,12)) AS share_usd
    FROM by_creator AS c
    INNER JOIN with_groups AS g ON c.organization = g.organization
    LEFT JOIN memberships AS m ON c.organization = m.organization AND c.creator_id = m.user_id
),
teams AS (
    SELECT
        c.organization, c.day, 'workspace tag' AS dimension, t.tag,
        coalesce(element_at(w.tags, t.tag), 'untagged') AS team_id,
        coalesce(element_at(w.tags, t.tag), 'untagged') AS team, c.cost_usd
    FROM by_workspace AS c
    INNER JOIN tags AS t ON c.organization = t.organization
    LEFT JOIN workspaces AS w ON c.organization = w.organization AND c.workspace_id = w.id
    UNION ALL
    SELECT organization, day, 'key creator', CAST(NULL AS varchar), creator_id, creator, cost_usd
    FROM by_creator
    UNION ALL
    SELECT
        s.organization, s.day, 'group', CAST(NULL AS varchar), s.rbac_group_id,
        CASE WHEN s.rbac_group_id IS NULL THEN 'no group' ELSE coalesce(g.name, s.rbac_group_id) END,
        CASE
            WHEN s.number IS NULL THEN s.cost_usd
            WHEN s.place > 1 THEN s.share_usd
            ELSE s.cost_usd - s.share_usd * CAST(s.number - 1 AS decimal(18,0))
        END
    FROM shared AS s
    LEFT JOIN rbac_groups AS g ON s.organization = g.organization AND s.rbac_group_id = g.id
)
SELECT
    CAST(organization AS varchar) AS organization,  -- Organization in this lake
    CAST(day AS date) AS day,  -- UTC day
    CAST(dimension AS varchar) AS dimension,  -- workspace tag, key creator, or group (of Claude Enterprise, if loaded)
    CAST(tag AS varchar) AS tag,  -- Name of the tag, for workspace tag
    CAST(team_id AS varchar) AS team_id,  -- Value of the tag, or id of the creator or group; null without one
    CAST(team AS varchar) AS team,  -- Value of the tag, or name of the creator or group; untagged, no key, unknown creator or no group
    CAST(sum(cost_usd) AS decimal(38,12)) AS cost_usd  -- US dollars
FROM teams
GROUP BY organization, day, dimension, tag, team_id, team
