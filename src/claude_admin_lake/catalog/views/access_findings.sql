-- access_findings: Access to review from the access lists: service accounts, federation, rate and spend limits
WITH hours AS (
    -- Batch and Priority Tier have their own limits.
    SELECT
        organization,
        workspace_id,
        model,
        starting_at,
        sum(coalesce(uncached_input_tokens, 0) + coalesce(cache_creation_ephemeral_5m_input_tokens, 0)
            + coalesce(cache_creation_ephemeral_1h_input_tokens, 0)) AS input_tokens,
        sum(coalesce(output_tokens, 0)) AS output_tokens
    FROM usage_report_hourly
    WHERE "date" >= CAST(CAST(current_date - INTERVAL '30' DAY AS date) AS varchar)
        AND coalesce(service_tier, 'standard') NOT IN ('batch', 'priority')
    GROUP BY organization, workspace_id, model, starting_at
),
limits_listed AS (
    SELECT
        l.organization, CAST(NULL AS varchar) AS workspace_id, coalesce(l.id, l.group_id) AS limit_id,
        coalesce(l.group_display_name, l.group_id, l.group_type) AS name, l.models, t.kind, l.limits[t.place].value AS most
    FROM rate_limits AS l
    CROSS JOIN UNNEST(transform(l.limits, one -> one."type")) WITH ORDINALITY AS t (kind, place)
    UNION ALL
    SELECT
        l.organization, l.workspace_id, l.rate_limit_id,
        coalesce(l.group_display_name, l.group_id, l.group_type), l.models, t.kind, l.limits[t.place].value
    FROM workspace_rate_limits AS l
    CROSS JOIN UNNEST(transform(l.limits, one -> one."type")) WITH ORDINALITY AS t (kind, place)
),
limited AS (
    SELECT l.organization, l.workspace_id, l.limit_id, l.name, l.kind, l.most, m.model
    FROM limits_listed AS l
    CROSS JOIN UNNEST(l.models) AS m (model)
    WHERE l.most > 0 AND l.kind IN ('input_tokens_per_minute', 'output_tokens_per_minute')
),
used AS (
    SELECT
        l.organization, l.workspace_id, l.limit_id, l.name, l.kind, l.most, h.starting_at,
        CAST(sum(CASE l.kind WHEN 'input_tokens_per_minute' THEN h.input_tokens ELSE h.output_tokens END) AS double)
            / 60 / l.most AS share
    FROM limited AS l
    INNER JOIN hours AS h
        ON l.organization = h.organization AND l.model = h.model
        AND (l.workspace_id IS NULL OR l.workspace_id = h.workspace_id)
    GROUP BY l.organization, l.workspace_id, l.limit_id, l.name, l.kind, l.most, h.starting_at
),
busiest AS (
    SELECT
        organization, workspace_id, limit_id, name, kind, most,
        max(share) AS share, max_by(starting_at, share) AS starting_at
    FROM used
    GROUP BY organization, workspace_id, limit_id, name, kind, most
),
rules AS (
    SELECT
        *,
        nullif(regexp_replace(coalesce(match_subject_prefix, ''), '[* ]', ''), '') IS NULL
            AND coalesce(cardinality(map_keys(match_claims)), 0) = 0
            AND nullif(trim(coalesce(match_condition, '')), '') IS NULL AS matches_everything
    FROM federation_rules
    WHERE archived_at IS NULL
),
findings AS (
    SELECT
        organization, 'admin service account' AS finding, 'service_account' AS subject_type, id AS subject_id,
        name AS subject, CAST(NULL AS varchar) AS workspace_id, 'role is admin' AS detail,
        try_cast(substr(created_at, 1, 10) AS date) AS on_day
    FROM service_accounts
    WHERE organization_role = 'admin' AND archived_at IS NULL
    UNION ALL
    SELECT
        organization, 'rule matches everything', 'federation_rule', id, name, CAST(NULL AS varchar),
        concat('every token of ', coalesce(issuer_name, issuer_id), ' is granted ', oauth_scope),
        try_cast(substr(created_at, 1, 10) AS date)
    FROM rules
    WHERE matches_everything
    UNION ALL
    SELECT
        organization, 'rule grants org:admin', 'federation_rule', id, name, CAST(NULL AS varchar),
        concat('to ', coalesce(target_service_account_name, target_service_account_id)),
        try_cast(substr(created_at, 1, 10) AS date)
    FROM rules
    WHERE regexp_like(oauth_scope, '(^| )org:admin( |$)')
    UNION ALL
    SELECT
        organization, 'issuer keys not fetched', 'federation_issuer', id, name, CAST(NULL AS varchar),
        concat(CAST(coalesce(poll_status_consecutive_failures, 0) AS varchar), ' failures in a row'),
        try_cast(substr(coalesce(jwks_polling_disabled_at, poll_status_last_fetched_at), 1, 10) AS date)
    FROM federation_issuers
    WHERE archived_at IS NULL
        AND (jwks_polling_disabled_at IS NOT NULL OR poll_status_consecutive_failures > 0)
    UNION ALL
    -- An average over an hour hides peaks, so half of the limit counts as near.
    SELECT
        organization, 'rate limit near', 'rate_limit', limit_id, concat(name, ' ', kind), workspace_id,
        concat('the hour of ', starting_at, ' used ', CAST(CAST(round(100 * share) AS bigint) AS varchar), ' % on average'),
        try_cast(substr(starting_at, 1, 10) AS date)
    FROM busiest
    WHERE share >= 0.5
    UNION ALL
    SELECT
        organization, 'spend limit off', 'spend_limit', id, concat(period, ' limit of ', scope_type), scope_workspace_id,
        concat('would be ', coalesce(amount_text, 'unlimited')), try_cast(substr(updated_at, 1, 10) AS date)
    FROM (
        SELECT *, concat(CAST(CAST(amount_usd AS decimal(38,2)) AS varchar), ' USD') AS amount_text
        FROM spend_limits
    ) AS amounts
    WHERE is_enabled = false
)
SELECT
    CAST(f.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(f.finding AS varchar) AS finding,  -- admin service account, rule matches everything, rule grants org:admin, issuer keys not fetched, rate limit near, spend limit off
    CAST(f.subject_type AS varchar) AS subject_type,  -- service_account, federation_rule, federation_issuer, rate_limit or spend_limit
    CAST(f.subject_id AS varchar) AS subject_id,  -- Its id
    CAST(f.subject AS varchar) AS subject,  -- Its name
    CAST(f.workspace_id AS varchar) AS workspace_id,  -- Workspace of the finding, if any
    CAST(coalesce(w.workspace_name, f.workspace_id) AS varchar) AS workspace_name,  -- Name of the workspace
    CAST(f.detail AS varchar) AS detail,  -- Description of the finding
    CAST(f.on_day AS date) AS on_day  -- Relevant day: of creation, of the last fetch, of the busiest hour or of the last update
FROM findings AS f
LEFT JOIN known_workspaces AS w ON f.organization = w.organization AND f.workspace_id = w.workspace_id
