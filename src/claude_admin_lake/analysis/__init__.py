"""Answers from a lake on a laptop: the catalog's tables and views in DuckDB, and a report."""
