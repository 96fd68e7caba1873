-- spend_by_model: What did each model cost in the last 30 days, and for which kinds of tokens?
SELECT organization, coalesce(model, cost_type, 'unspecified') AS model, token_type, sum(cost_usd) AS cost_usd
FROM cost_daily
WHERE day >= current_date - INTERVAL '30' DAY
GROUP BY organization, coalesce(model, cost_type, 'unspecified'), token_type
ORDER BY cost_usd DESC
