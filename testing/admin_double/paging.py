"""Pages, and the opaque cursors that lead from one to the next."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from admin_double.errors import ApiError
from admin_double.wire import encode


class Cursor(NamedTuple):
    """Where a page starts, and which page of its chain it is."""

    position: int = 0
    page: int = 1

    def seal(self, prefix: str, bound: str) -> str:
        sealed = encode((self.position, self.page, _digest(bound)))
        return prefix + urlsafe_b64encode(sealed).decode().rstrip("=")

    @classmethod
    def unseal(cls, token: str, prefix: str, bound: str) -> "Cursor | None":
        """None where the token isn't one of ours for this very query."""
        try:
            text = token.removeprefix(prefix)
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            position, page, digest = msgspec.json.decode(raw, type=tuple[int, int, str])
        except ValueError:
            return None
        return (
            cls(position, page) if digest == _digest(bound) and token.startswith(prefix) else None
        )


def _digest(bound: str) -> str:
    return blake2b(bound.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Page:
    """One answer, with what is needed to spoil it on order."""

    items: Sequence[bytes]
    number: int = 1
    days: frozenset[date] = frozenset()
    has_more: bool = False
    token: str | None = None
    first: str | None = None
    used: str | None = None
    again: str | None = None
    following: Callable[[], "Page"] | None = None
    envelope: Callable[["Page"], bytes]


def alone(page: Page) -> bytes:
    """The object itself."""
    return page.items[0]


def by_id(page: Page) -> bytes:
    """The envelope of the endpoints that page by id."""
    return b"".join(
        (
            b'{"data":[',
            b",".join(page.items),
            b'],"has_more":',
            encode(page.has_more),
            b',"first_id":',
            encode(page.first),
            b',"last_id":',
            encode(page.token),
            b"}",
        )
    )


def by_token(page: Page) -> bytes:
    """The envelope of the endpoints that page by token."""
    return b"".join(
        (
            b'{"data":[',
            b",".join(page.items),
            b'],"has_more":',
            encode(page.has_more),
            b',"next_page":',
            encode(page.token),
            b"}",
        )
    )


def bad_token(name: str) -> ApiError:
    """The refusal of a token from elsewhere."""
    return ApiError(400, f"{name}: invalid, or not for this query")
