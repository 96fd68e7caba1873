-- does_it_tie_out: Do the views add up to cost_report on every one of the last 60 days? No rows means yes
WITH report AS (
    SELECT organization, CAST("date" AS date) AS day, sum(amount_usd) AS usd
    FROM cost_report
    WHERE "date" >= CAST(CAST(current_date - INTERVAL '60' DAY AS date) AS varchar)
    GROUP BY organization, "date"
),
by_key AS (
    SELECT organization, day, sum(cost_usd) AS usd
    FROM cost_by_api_key
    WHERE day >= current_date - INTERVAL '60' DAY
    GROUP BY organization, day
),
by_day AS (
    SELECT organization, day, sum(cost_usd) AS usd
    FROM cost_daily
    WHERE day >= current_date - INTERVAL '60' DAY
    GROUP BY organization, day
)
SELECT r.organization, r.day, r.usd AS cost_report, k.usd AS cost_by_api_key, d.usd AS cost_daily
FROM report AS r
LEFT JOIN by_key AS k ON r.organization = k.organization AND r.day = k.day
LEFT JOIN by_day AS d ON r.organization = d.organization AND r.day = d.day
WHERE r.usd IS DISTINCT FROM k.usd OR r.usd IS DISTINCT FROM d.usd
ORDER BY r.organization, r.day
