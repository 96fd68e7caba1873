"""The errors of a run, as a tree: the branch decides what the run does next.

LoaderError
├── InvalidInput    refuse to start: a setting or an event field is wrong
├── RunError        give up on the run: every other table would fail too
├── TableError      give up on the table: its other days would fail too
├── SliceError      retry these days later in smaller ranges; continue with others
└── OutOfTime       stop here and leave the rest to a later invocation
"""

import json
import re
from datetime import date
from traceback import format_exception

MOST_CHARACTERS = 30_000
"""Limit of an error's message as JSON, so that Lambda can deliver the raised error."""

_SHORT = 2_400
"""Characters kept of a message that is too long; JSON may escape one as twelve."""

# Anthropic's keys and tokens (but not the prefixes that messages mention), JSON Web Tokens, and
# Bedrock's keys.
_KEY = re.compile(
    r"sk-ant-(?!(?:admin|api03)\.\.\.)[\w.~+/=-]{4,}"
    r"|\beyJ[\w-]+\.eyJ[\w-]+(?:\.[\w-]*)?"
    r"|\b(?:ABSK|bedrock-api-key-)[\w.~+/=-]{20,}",
    re.ASCII,
)


def scrub(text: str) -> str:
    """The text with everything that looks like a key replaced, for errors, logs and reports."""
    return _KEY.sub("[secret]", text)


def _clipped(text: str) -> str:
    return text if len(json.dumps(text)) <= MOST_CHARACTERS else f"{text[:_SHORT]} …"


def stack_of(error: Exception) -> str:
    """An error's stack trace for the log, with keys removed."""
    return scrub("".join(format_exception(error)))


class LoaderError(Exception):
    """Base of every error this package raises.

    Keys are removed from its message, and a very long one is cut.
    """

    def __init__(self, message: str) -> None:
        super().__init__(_clipped(scrub(message)))


class Unexpected(LoaderError):
    """An error that the code does not expect: a bug. It ends only the part that it affects."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"unexpected {type(error).__name__}: {error}")


class InvalidInput(LoaderError):
    """A setting or an event field is wrong; the message says what it must be."""


class RunError(LoaderError):
    """The run cannot continue."""


class CredentialError(RunError):
    """The Admin credential is missing or malformed, or the API refused it."""


class WrongOrganization(RunError):
    """The credential belongs to another organization than the lake's."""


class StateError(RunError):
    """The cursor table cannot be read or written."""


class LakeUnavailable(RunError):
    """The lake's bucket or folder is missing or not accessible."""


class Superseded(RunError):
    """A newer run has taken over; this one must not write anymore."""


class RunFailed(RunError):
    """Raised by the handler after all tables were tried and some failed."""


class TableError(LoaderError):
    """The table cannot be read at all."""


class Forbidden(TableError):
    """HTTP 403: the credential may not read this endpoint."""


class NotOffered(TableError):
    """The organization or its credentials do not have this endpoint."""


class KeyRefused(TableError):
    """HTTP 401 on the Enterprise key; tables that need another credential are not affected."""


class NotYet(TableError):
    """HTTP 400: the API does not have these days yet. `newest` is the last day that it has."""

    def __init__(self, message: str, newest: date) -> None:
        super().__init__(message)
        self.newest = newest


class SliceError(LoaderError):
    """One read could not be completed; its days are left unchanged.

    They are retried in smaller ranges or, if `alone`, immediately day by day.
    """

    alone = False


class RequestRefused(SliceError):
    """An HTTP status that repeating the request cannot change, such as 400 or 404."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ServerTrouble(SliceError):
    """Rate limits, server errors or transport faults outlasted the retries."""


class Unreachable(ServerTrouble):
    """No connection to the API can be made."""


class BadAnswer(SliceError):
    """The API answered 200 with a body that violates its documented format."""


class DataMoved(BadAnswer):
    """The data changed between two pages of a read; reading again gives a consistent answer."""

    alone = True


class TooLarge(SliceError):
    """The response exceeds the size limit; ask for fewer days."""


class LakeTrouble(SliceError):
    """An object could not be stored."""


class OutOfTime(LoaderError):
    """Not enough time left for the next request or wait."""
