"""The header that carries a key: the official clients changed it in October 2026."""

from msgspec.structs import replace

from .accounts import Credential


class KeyHeaders:
    """Sends each key as x-api-key until that is refused, then tries Bearer once.

    It is not documented which header the API accepts for which key, so what worked is remembered.
    One instance should live as long as the process.
    """

    def __init__(self) -> None:
        self._bearer: dict[tuple[str, str], bool] = {}

    def choose(self, place: str, key: Credential) -> Credential:
        """The key with the header that `place` is known to accept, or the default one."""
        return replace(key, as_bearer=self._bearer.get((place, key.secret), False))

    def switch(self, place: str, refused: Credential) -> bool:
        """Use the other header for a refused key from now on. Returns False if both were tried."""
        if refused.is_token:
            return False
        tried = (place, refused.secret) in self._bearer
        self._bearer[place, refused.secret] = not tried
        return not tried
