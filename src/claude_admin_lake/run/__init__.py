"""A run: every table in turn, from its plan to its objects, its cursor and its report."""
