"""How dated endpoints are asked for days, and how their pages become days."""
