"""Query a lake on a laptop: the catalog's tables and views in DuckDB, and an HTML report."""
