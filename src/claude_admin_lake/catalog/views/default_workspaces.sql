-- default_workspaces: The id of each organization's default workspace, which the older reports leave out
-- The analytics have its id, the older reports null. It is the workspace that the older reports
-- never name; if there are several, API keys, the list of workspaces and the days decide.
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
shown AS (
    SELECT organization, workspace_id, "date" FROM analytics_cost WHERE workspace_id IS NOT NULL
    UNION ALL
    SELECT organization, workspace_id, CAST(NULL AS varchar) AS "date"
    FROM known_workspaces
    WHERE workspace_name = 'Default'
),
candidates AS (
    SELECT s.organization, s.workspace_id, count(DISTINCT s."date") AS days
    FROM shown AS s
    LEFT JOIN named AS n ON s.organization = n.organization AND s.workspace_id = n.workspace_id
    WHERE n.workspace_id IS NULL
    GROUP BY s.organization, s.workspace_id
),
ranked AS (
    SELECT
        c.organization,
        c.workspace_id,
        row_number() OVER (
            PARTITION BY c.organization
            ORDER BY
                coalesce(k.keys, 0) DESC,
                CASE WHEN w.workspace_name = 'Default' THEN 0 WHEN w.workspace_id IS NULL THEN 1 ELSE 2 END,
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
