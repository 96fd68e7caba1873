"""Chance that repeats: the same words always throw the same dice."""

from random import Random

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def dice(*words: object) -> Random:
    """Repeatable randomness for these words."""
    return Random("/".join(map(str, words)))


def identifier(prefix: str, *words: object) -> str:
    """An id that looks like the API's."""
    return f"{prefix}_01" + "".join(dice(prefix, *words).choices(BASE58, k=22))
