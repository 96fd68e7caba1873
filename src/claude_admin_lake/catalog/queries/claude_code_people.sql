-- claude_code_people: Who used Claude Code in the last 30 days, and what was their output?
SELECT
    organization,
    actor_name,
    actor,
    count(DISTINCT day) AS active_days,
    sum(sessions) AS sessions,
    sum(lines_added) AS lines_added,
    sum(commits) AS commits,
    sum(pull_requests) AS pull_requests,
    CAST(sum(accepted) AS double) / nullif(sum(accepted + rejected), 0) AS acceptance_rate,
    sum(estimated_cost_usd) AS estimated_cost_usd
FROM claude_code_daily
WHERE day >= current_date - INTERVAL '30' DAY
GROUP BY organization, actor_type, actor, actor_name
ORDER BY sessions DESC
LIMIT 100
