"""Small tables that a person keeps in the lake, each one file, such as budgets.

`load` never touches them. The command that sets one checks every line and replaces the whole file,
because one bad line would break every query.
"""

from .budgets import BUDGETS
from .prices import PRICES
from .table import OwnTable

OWN_TABLES: tuple[OwnTable, ...] = (BUDGETS, PRICES)
"""Every such table."""
