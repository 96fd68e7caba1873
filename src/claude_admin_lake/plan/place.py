"""How far the reading of a snapshot has come, so that a later invocation can go on there. Pure."""

from msgspec import Struct


class Place(Struct, frozen=True):
    """The parents whose listings are read or not needed, and the next page of one, if it was begun.

    A snapshot without parents is one listing, that of the parent "".
    """

    done: frozenset[str] = frozenset()
    parent: str = ""
    next: tuple[str, str] | None = None
