"""Benchmarks: `python -m bench` measures and writes the tables of docs/performance.md."""
