"""Faults that the fast tests must notice, and the command that checks that they do."""
