-- does_it_tie_out: Do the views add up to cost_report on every day? No rows means yes
WITH report AS (
    SELECT CAST("date" AS date) AS day, sum(amount_usd) AS usd
    FROM cost_report
    WHERE "date" >= CAST(CAST(current_date - INTERVAL '60' DAY AS date) AS varchar)
    GROUP BY "date"
),
by_key AS (
    SELECT day, sum(cost_usd) AS usd FROM cost_by_api_key GROUP BY day
),
by_day AS (
    SELECT day, sum(cost_usd) AS usd FROM cost_daily GROUP BY day
)
SELECT r.day, r.usd AS cost_report, k.usd AS cost_by_api_key, d.usd AS cost_daily
FROM report AS r
LEFT JOIN by_key AS k ON r.day = k.day
LEFT JOIN by_day AS d ON r.day = d.day
WHERE r.usd IS DISTINCT FROM k.usd OR r.usd IS DISTINCT FROM d.usd
ORDER BY r.day
