-- claude_code_weeks: How is the adoption of Claude Code developing, week by week?
SELECT organization, first_day, is_complete, active_users, active_others, organization_users, active_share, sessions_per_user, lines_added_per_user, commits_per_user, pull_requests_per_user
FROM claude_code_adoption
WHERE period = 'week' AND first_day >= current_date - INTERVAL '182' DAY
ORDER BY first_day DESC, organization
