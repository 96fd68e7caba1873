"""The Glue catalog and the column reference, generated from the loader's declarations."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
"""The checkout. The catalog's files are generated there, never in an installed package."""
