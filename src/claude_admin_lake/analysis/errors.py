"""What can be wrong with what was asked; the message is for the person who asked."""


class AnalysisError(Exception):
    """Anything that is explained rather than traced."""


class NoLake(AnalysisError):
    """The folder or bucket is not there, cannot be read, or holds something else."""


class BadQuery(AnalysisError):
    """The statement is not one that can be run."""
