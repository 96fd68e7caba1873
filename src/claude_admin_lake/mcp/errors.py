"""Errors that are reported to the client's model."""

from claude_admin_lake.analysis.errors import AnalysisError


class Refused(AnalysisError):
    """The statement is not one that this server runs."""


class Stopped(AnalysisError):
    """The statement needed too much time or memory, and was stopped."""
