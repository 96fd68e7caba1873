"""The pure plan of a run: its request, the cursors, and the days to read."""
