"""The header that carries a key: the official clients changed it in October 2026."""

from msgspec.structs import replace

from .accounts import Credential


class KeyHeaders:
    """Sends each key as x-api-key until that is refused, then tries Bearer once, and so on.

    It is not documented which header the API accepts for which key, so what worked is remembered.
    One instance should live as long as the process.
    """

    def __init__(self) -> None:
        self._bearer: dict[tuple[str, str], bool] = {}
        self._doubted: set[tuple[str, str]] = set()
        """Keys refused in one header since they last worked."""

    def choose(self, place: str, key: Credential) -> Credential:
        """The key with the header that `place` is known to accept, or the default one."""
        return replace(key, as_bearer=self._bearer.get((place, key.secret), False))

    def switch(self, place: str, refused: Credential) -> bool:
        """Use the other header for a refused key from now on. Returns False if it has been refused
        in both since it last worked."""
        key = (place, refused.secret)
        if refused.is_token:
            return False
        if key in self._doubted:
            self._doubted.discard(key)
            self._bearer.pop(key, None)
            return False
        self._doubted.add(key)
        self._bearer[key] = not self._bearer.get(key, False)
        return True

    def worked(self, place: str, key: Credential) -> None:
        """Note that a key was accepted in its header."""
        self._doubted.discard((place, key.secret))
