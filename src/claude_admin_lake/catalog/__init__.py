"""The Glue catalog and the column reference, generated from the loader's declarations."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
"""The checkout: catalog files are generated in it, never in an installed package."""
