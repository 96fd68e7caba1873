-- default_workspaces: The id of each organization's default workspace, which the older reports leave out
-- The newer API names it, the older reports have null. It is the workspace that the older reports
-- never name; if there are several, the API keys, the list of workspaces and the days tell.
WITH named AS (
    SELECT organization, workspace_id FROM cost_report GROUP BY organization, workspace_id
),
known AS (
    SELECT
        organization,
        scope_workspace_id AS workspace_id,
        count(*) AS keys
    FROM api_keys
    WHERE scope_type = 'workspace' AND workspace_id IS NULL AND scope_workspace_id IS NOT NULL
    GROUP BY organization, scope_workspace_id
),
candidates AS (
    SELECT a.organization, a.workspace_id, count(DISTINCT a."date") AS days
    FROM analytics_cost AS a
    LEFT JOIN named AS n ON a.organization = n.organization AND a.workspace_id = n.workspace_id
    WHERE a.workspace_id IS NOT NULL AND n.workspace_id IS NULL
    GROUP BY a.organization, a.workspace_id
),
ranked AS (
    SELECT
        c.organization,
        c.workspace_id,
        row_number() OVER (
            PARTITION BY c.organization
            ORDER BY
                coalesce(k.keys, 0) DESC,
                CASE WHEN w.workspace_id IS NULL OR w.workspace_name = 'Default' THEN 0 ELSE 1 END,
                c.days DESC,
                c.workspace_id
        ) AS place
    FROM candidates AS c
    INNER JOIN named AS n ON c.organization = n.organization AND n.workspace_id IS NULL
    LEFT JOIN known AS k ON c.organization = k.organization AND c.workspace_id = k.workspace_id
    LEFT JOIN known_workspaces AS w
        ON c.organization = w.organization AND c.workspace_id = w.workspace_id
)
SELECT
    CAST(organization AS varchar) AS organization,  -- Organization in this lake
    CAST(workspace_id AS varchar) AS workspace_id  -- Default workspace
FROM ranked
WHERE place = 1
