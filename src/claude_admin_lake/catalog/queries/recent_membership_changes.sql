-- recent_membership_changes: Who joined, left or changed role in the last 90 days?
SELECT organization, day, scope, workspace_name, user_name, email, change, old_role, new_role
FROM membership_changes
WHERE day >= current_date - INTERVAL '90' DAY
ORDER BY day DESC, organization, scope, user_name
