"""Errors to show to the user as a message."""


class AnalysisError(Exception):
    """An error shown as a message, without a traceback."""


class NoLake(AnalysisError):
    """The folder or bucket does not exist, cannot be read, or is not a lake."""


class BadQuery(AnalysisError):
    """The statement cannot be run."""
