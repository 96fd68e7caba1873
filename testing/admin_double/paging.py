"""Pages of a response, and the tokens that lead from one page to the next."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from admin_double.errors import ApiError
from admin_double.wire import encode


class PageToken(NamedTuple):
    """The position at which a page starts, and the number of the page in its chain."""

    position: int = 0
    page: int = 1

    def seal(self, prefix: str, fingerprint: str) -> str:
        """Render the token for one query."""
        sealed = encode((self.position, self.page, _digest(fingerprint)))
        return prefix + urlsafe_b64encode(sealed).decode().rstrip("=")

    @classmethod
    def unseal(cls, text: str, prefix: str, fingerprint: str) -> "PageToken | None":
        """Parse a token; None if it was not issued for this query."""
        try:
            encoded = text.removeprefix(prefix)
            raw = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
            position, page, digest = msgspec.json.decode(raw, type=tuple[int, int, str])
        except ValueError:
            return None
        ours = digest == _digest(fingerprint) and text.startswith(prefix)
        return cls(position, page) if ours else None


def _digest(fingerprint: str) -> str:
    return blake2b(fingerprint.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, kw_only=True)
class ResponsePage:
    """One page, with everything that a fault needs to spoil it."""

    items: Sequence[bytes]
    envelope: "Envelope"
    number: int = 1
    days: frozenset[date] = frozenset()
    has_more: bool = False
    token: str | None = None
    first: str | None = None
    used: str | None = None
    again: str | None = None
    following: Callable[[], "ResponsePage"] | None = None
    extra: Mapping[str, object] = field(default_factory=dict)

    def body(self) -> bytes:
        """The response body."""
        return self.envelope.render(self)


Fields = Callable[[ResponsePage], Mapping[str, object]]


@dataclass(frozen=True)
class Envelope:
    """The object around the records of a page; without fields, the first record itself."""

    fields: Fields | None
    data: str = "data"

    def render(self, page: ResponsePage) -> bytes:
        """The response body of a page."""
        if self.fields is None:
            return page.items[0]
        fields = {**self.fields(page), **page.extra}
        rest = (b",%b:%b" % (encode(name), encode(value)) for name, value in fields.items())
        return b"{%b:[%b]%b}" % (encode(self.data), b",".join(page.items), b"".join(rest))


SINGLE_OBJECT = Envelope(None)
BY_ID = Envelope(
    lambda page: {"has_more": page.has_more, "first_id": page.first, "last_id": page.token}
)
BY_TOKEN = Envelope(lambda page: {"has_more": page.has_more, "next_page": page.token})
BY_TOKEN_ALONE = Envelope(lambda page: {"next_page": page.token})


def bad_token(name: str) -> ApiError:
    """The error for a token that was not issued for this query."""
    return ApiError(400, f"{name}: cursor does not match current query parameters")
