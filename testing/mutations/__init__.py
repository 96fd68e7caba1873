"""Faults that the fast tests must detect, and the command that verifies it."""
