-- is_the_data_current: Is every table up to date, and has a run failed?
SELECT organization, table_name, last_complete_day, lag_days, last_status, last_run_at, gaps, error
FROM freshness
ORDER BY lag_days DESC, organization, table_name
