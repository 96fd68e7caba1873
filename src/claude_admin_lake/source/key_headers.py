"""In which header a key goes: the official clients changed it in October 2026."""

from msgspec.structs import replace

from .accounts import Credential


class KeyHeaders:
    """x-api-key for each key until that is refused, then Bearer, which is tried once.

    Which of them the API accepts from whom is not documented, so what worked is kept. To live as
    long as the process.
    """

    def __init__(self) -> None:
        self._bearer: dict[tuple[str, str], bool] = {}

    def choose(self, place: str, key: Credential) -> Credential:
        """The key with the header that is right for it at `place`, as far as is known."""
        return replace(key, as_bearer=self._bearer.get((place, key.secret), False))

    def switch(self, place: str, refused: Credential) -> bool:
        """Use the other header for a refused key from now on; False if there is none to try."""
        if refused.is_token:
            return False
        tried = (place, refused.secret) in self._bearer
        self._bearer[place, refused.secret] = not tried
        return not tried
