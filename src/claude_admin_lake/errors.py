"""Every error of a run, as a tree whose branches say what the run does next.

LoaderError
├── InvalidInput    refuse to start: a setting or an event field is wrong
├── RunError        give up on the run: no other table could fare better
├── TableError      give up on the table: its other days would answer the same
├── SliceError      give up on these days: the table's other days go on
└── OutOfTime       stop here and hand the rest to a later invocation
"""

import re

_KEY = re.compile(r"sk-ant-(?!admin\.\.\.)[\w.~+/=-]{4,}", re.ASCII)


def scrub(text: str) -> str:
    """The text without anything that looks like a key: for errors, logs and reports."""
    return _KEY.sub("[secret]", text)


class LoaderError(Exception):
    """Base of everything this package raises on purpose. No key gets into its message, wherever
    that was taken from."""

    def __init__(self, message: str) -> None:
        super().__init__(scrub(message))


class InvalidInput(LoaderError):
    """A setting or an event field is wrong; the message names it, its value and what is allowed."""


class RunError(LoaderError):
    """The run cannot go on."""


class CredentialError(RunError):
    """There is no usable Admin credential, or the API refused it."""


class StateError(RunError):
    """The cursor table cannot be read or written."""


class LakeUnavailable(RunError):
    """The bucket or folder of the lake is missing or closed to us."""


class Superseded(RunError):
    """A newer run has taken over; this one must not write any more."""


class RunFailed(RunError):
    """What the handler raises at the end, when all tables were tried and some failed."""


class TableError(LoaderError):
    """The table cannot be read at all."""


class Forbidden(TableError):
    """HTTP 403: the credential may not read this endpoint."""


class SliceError(LoaderError):
    """One read could not be completed; its days stay as they were."""


class RequestRefused(SliceError):
    """An HTTP status that repeating the request cannot change, such as 400 or 404."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ServerTrouble(SliceError):
    """Rate limits, server errors or transport faults outlasted the retries."""


class BadAnswer(SliceError):
    """The API answered 200, but with something that breaks its own rules."""


class TooLarge(SliceError):
    """The answer is larger than was asked for; a shorter range of days has a smaller one."""


class LakeTrouble(SliceError):
    """An object could not be stored."""


class OutOfTime(LoaderError):
    """The time left cannot hold the next request or wait."""
