"""How far a snapshot has been read, so that a later invocation can continue there. Pure."""

from msgspec import Struct


class Place(Struct, frozen=True):
    """Parents whose listings are read or not needed, and the next page of the one begun, if any.

    A snapshot without parents is one listing, that of the parent "".
    """

    done: frozenset[str] = frozenset()
    parent: str = ""
    next: tuple[str, str] | None = None
