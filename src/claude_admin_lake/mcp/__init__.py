"""The lake for language models: a Model Context Protocol server over tables and views.

A statement is parsed and checked (`statements`), rewritten if people are hidden (`people`), and
run by a backend: DuckDB in a locked process of its own (`local`, `worker`), or Athena.
"""
