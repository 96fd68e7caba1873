"""Repeatable randomness: the same words always give the same results."""

from random import Random

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def dice(*words: object) -> Random:
    """A random generator that these words determine."""
    return Random("/".join(map(str, words)))


def identifier(prefix: str, *words: object) -> str:
    """An id in the API's format."""
    return f"{prefix}_01" + "".join(dice(prefix, *words).choices(BASE58, k=22))
