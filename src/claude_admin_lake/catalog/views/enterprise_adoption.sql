-- enterprise_adoption: Claude Enterprise by day and product: active users, share of the seats, messages and sessions
-- Null means not tracked, not 0.
WITH products AS (
    SELECT
        organization, "date", 'all' AS product,
        daily_active_user_count AS daily, weekly_active_user_count AS weekly, monthly_active_user_count AS monthly
    FROM enterprise_summaries
    UNION ALL
    SELECT
        organization, "date", 'chat',
        chat_daily_active_user_count, chat_weekly_active_user_count, chat_monthly_active_user_count
    FROM enterprise_summaries
    UNION ALL
    SELECT
        organization, "date", 'claude_code',
        claude_code_daily_active_user_count, claude_code_weekly_active_user_count, claude_code_monthly_active_user_count
    FROM enterprise_summaries
    UNION ALL
    SELECT
        organization, "date", 'cowork',
        cowork_daily_active_user_count, cowork_weekly_active_user_count, cowork_monthly_active_user_count
    FROM enterprise_summaries
    UNION ALL
    SELECT
        organization, "date", 'chat_cowork_unified',
        chat_cowork_unified_daily_active_user_count, chat_cowork_unified_weekly_active_user_count,
        chat_cowork_unified_monthly_active_user_count
    FROM enterprise_summaries
    UNION ALL
    SELECT
        organization, "date", 'office_agent',
        office_agent_daily_active_user_count, office_agent_weekly_active_user_count, office_agent_monthly_active_user_count
    FROM enterprise_summaries
    UNION ALL
    SELECT
        organization, "date", 'claude_design',
        claude_design_daily_active_user_count, claude_design_weekly_active_user_count,
        claude_design_monthly_active_user_count
    FROM enterprise_summaries
    UNION ALL
    SELECT
        organization, "date", 'science',
        science_daily_active_user_count, science_weekly_active_user_count, science_monthly_active_user_count
    FROM enterprise_summaries
    UNION ALL
    SELECT
        organization, "date", 'claude_tag',
        claude_tag_daily_active_user_count, claude_tag_weekly_active_user_count, claude_tag_monthly_active_user_count
    FROM enterprise_summaries
),
seats AS (
    SELECT organization, "date", assigned_seat_count, pending_invite_count
    FROM enterprise_summaries
),
people AS (
    SELECT
        *,
        CASE
            WHEN coalesce(office_metrics_excel_message_count, office_metrics_outlook_message_count, office_metrics_powerpoint_message_count, office_metrics_word_message_count) IS NOT NULL
                THEN coalesce(office_metrics_excel_message_count, 0) + coalesce(office_metrics_outlook_message_count, 0)
                    + coalesce(office_metrics_powerpoint_message_count, 0) + coalesce(office_metrics_word_message_count, 0)
        END AS office_messages,
        CASE
            WHEN coalesce(office_metrics_excel_distinct_session_count, office_metrics_outlook_distinct_session_count, office_metrics_powerpoint_distinct_session_count, office_metrics_word_distinct_session_count) IS NOT NULL
                THEN coalesce(office_metrics_excel_distinct_session_count, 0) + coalesce(office_metrics_outlook_distinct_session_count, 0)
                    + coalesce(office_metrics_powerpoint_distinct_session_count, 0) + coalesce(office_metrics_word_distinct_session_count, 0)
        END AS office_sessions
    FROM enterprise_users
),
-- A session belongs to one person, so sessions of different people can be added.
activity AS (
    SELECT
        organization, "date", 'chat' AS product,
        sum(chat_metrics_message_count) AS messages, sum(chat_metrics_distinct_conversation_count) AS sessions
    FROM people
    GROUP BY organization, "date"
    UNION ALL
    SELECT
        organization, "date", 'claude_code',
        CAST(NULL AS bigint), sum(claude_code_metrics_core_metrics_distinct_session_count)
    FROM people
    GROUP BY organization, "date"
    UNION ALL
    SELECT
        organization, "date", 'cowork',
        sum(cowork_metrics_message_count), sum(cowork_metrics_distinct_session_count)
    FROM people
    GROUP BY organization, "date"
    UNION ALL
    SELECT organization, "date", 'office_agent', sum(office_messages), sum(office_sessions)
    FROM people
    GROUP BY organization, "date"
    UNION ALL
    SELECT
        organization, "date", 'claude_design',
        sum(design_metrics_message_count), sum(design_metrics_distinct_session_count)
    FROM people
    GROUP BY organization, "date"
    UNION ALL
    SELECT
        organization, "date", 'science',
        sum(science_metrics_message_count), sum(science_metrics_distinct_session_count)
    FROM people
    GROUP BY organization, "date"
    UNION ALL
    SELECT organization, "date", 'claude_tag', sum(claude_tag_metrics_active_message_count), CAST(NULL AS bigint)
    FROM people
    GROUP BY organization, "date"
)
SELECT
    CAST(p.organization AS varchar) AS organization,  -- Organization in this lake
    CAST(p."date" AS date) AS day,  -- UTC day
    CAST(p.product AS varchar) AS product,  -- all, chat, claude_code, cowork, chat_cowork_unified, office_agent, claude_design, science or claude_tag
    CAST(s.assigned_seat_count AS bigint) AS seats,  -- Assigned seats
    CAST(s.pending_invite_count AS bigint) AS pending_invites,  -- Pending invitations
    CAST(p.daily AS bigint) AS daily_active_users,  -- Users active on the day
    CAST(p.weekly AS bigint) AS weekly_active_users,  -- Users active in the week that ends with the day; not a sum of days
    CAST(p.monthly AS bigint) AS monthly_active_users,  -- Users active in the month that ends with the day; not a sum of days
    CAST(CAST(p.daily AS double) / nullif(s.assigned_seat_count, 0) AS double) AS daily_share,  -- Users active on the day per seat; Slack users without a seat can make it exceed 1
    CAST(CAST(p.weekly AS double) / nullif(s.assigned_seat_count, 0) AS double) AS weekly_share,  -- Users active in the week per seat
    CAST(CAST(p.monthly AS double) / nullif(s.assigned_seat_count, 0) AS double) AS monthly_share,  -- Users active in the month per seat
    CAST(a.messages AS bigint) AS messages,  -- Messages of all people on the day
    CAST(a.sessions AS bigint) AS sessions  -- Sessions or conversations of all people on the day
FROM products AS p
INNER JOIN seats AS s ON p.organization = s.organization AND p."date" = s."date"
LEFT JOIN activity AS a ON p.organization = a.organization AND p."date" = a."date" AND p.product = a.product
