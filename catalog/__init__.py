"""The Glue catalog and the column reference, generated from the loader's declarations."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

sys.path.insert(0, str(ROOT / "src"))  # the declarations are the loader's own
