-- do_the_cuts_agree: Do both breakdowns of the analytics have the same total on every day? No rows means yes
WITH sums AS (
    SELECT organization, "date", 'cost in USD' AS measure, sum(amount_usd) AS cut, CAST(0 AS decimal(38,12)) AS by_actor
    FROM analytics_cost
    GROUP BY organization, "date"
    UNION ALL
    SELECT organization, "date", 'cost in USD' AS measure, CAST(0 AS decimal(38,12)) AS cut, sum(amount_usd) AS by_actor
    FROM analytics_cost_by_actor
    GROUP BY organization, "date"
    UNION ALL
    SELECT organization, "date", 'tokens' AS measure, CAST(sum(total_tokens) AS decimal(38,12)) AS cut, CAST(0 AS decimal(38,12)) AS by_actor
    FROM analytics_usage
    GROUP BY organization, "date"
    UNION ALL
    SELECT organization, "date", 'tokens' AS measure, CAST(0 AS decimal(38,12)) AS cut, CAST(sum(total_tokens) AS decimal(38,12)) AS by_actor
    FROM analytics_usage_by_actor
    GROUP BY organization, "date"
)
SELECT organization, CAST("date" AS date) AS day, measure, sum(cut) AS cut, sum(by_actor) AS by_actor
FROM sums
WHERE "date" >= CAST(CAST(current_date - INTERVAL '60' DAY AS date) AS varchar)
GROUP BY organization, "date", measure
HAVING sum(cut) <> sum(by_actor)
ORDER BY organization, day, measure
