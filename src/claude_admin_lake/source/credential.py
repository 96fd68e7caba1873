"""The Admin credential: where it comes from, what it may look like, how it is sent."""

import json
import re
from collections.abc import Callable

from msgspec import Struct

from claude_admin_lake.errors import CredentialError

ADVICE = (
    "an organization admin creates an Admin API key (sk-ant-admin...) in the Claude Console "
    "under Settings > Admin keys"
)
_SHAPE = re.compile(r"sk-ant-[\w.~+/=-]{4,}", re.ASCII)
_PLACEHOLDER = re.compile(
    r"placeholder|replace[-_]?me|change[-_]?me|your[-_]|\.\.\.", re.IGNORECASE
)
_OAUTH = "sk-ant-oat"


class Credential(Struct, frozen=True):
    """A key or token. It is never part of a representation."""

    secret: str

    def __repr__(self) -> str:
        return "Credential()"

    @property
    def headers(self) -> dict[str, str]:
        """The header that carries it: OAuth tokens as Bearer, keys as x-api-key."""
        if self.secret.startswith(_OAUTH):
            return {"Authorization": f"Bearer {self.secret}"}
        return {"x-api-key": self.secret}


class CredentialSource:
    """Reads the credential once, and again when the API has refused it.

    `read` returns the stored text, or raises CredentialError; `name` says where that is, and
    `remedy` how to put another one there.
    """

    def __init__(self, name: str, read: Callable[[], str], remedy: str = "") -> None:
        self.name = name
        self.advice = f"{ADVICE}; {remedy}" if remedy else ADVICE
        self._read = read
        self._current: Credential | None = None

    def current(self) -> Credential:
        """The credential; raises CredentialError if there is none that could be one."""
        if self._current is None:
            self._current = parse_credential(self.name, self._read(), self.advice)
        return self._current

    def keep(self, text: str) -> None:
        """Begin with a text that was read some minutes ago, if it holds a credential."""
        try:
            self._current = parse_credential(self.name, text, self.advice)
        except CredentialError:
            self._current = None

    def reread(self) -> Credential:
        """The credential as it is stored now: it may have been rotated."""
        self._current = None
        return self.current()


def parse_credential(name: str, text: str, advice: str = ADVICE) -> Credential:
    """The credential in a stored text: the bare key, or JSON with `api_key`.

    Raises CredentialError, without the text, if it cannot be an admin credential.
    """
    key = text.strip()
    if key.startswith("{"):
        key = _from_json(name, key, advice)
    if not key:
        raise CredentialError(f"{name} is empty; {advice}")
    if not _SHAPE.fullmatch(key) or _PLACEHOLDER.search(key):
        raise CredentialError(f"{name} holds a placeholder, not an Admin API key; {advice}")
    return Credential(key)


def _from_json(name: str, text: str, advice: str) -> str:
    try:
        key = json.loads(text).get("api_key")
    except ValueError:
        raise CredentialError(f"{name} is neither a key nor JSON with api_key; {advice}") from None
    if not isinstance(key, str):
        raise CredentialError(f"{name} is JSON without a text api_key; {advice}")
    return key.strip()
