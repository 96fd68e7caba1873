"""Several organizations behind one address, told apart by their keys, as on the real API."""

from collections.abc import Mapping
from typing import Self

from admin_double.api import AdminDouble
from admin_double.server import Server
from admin_double.service import Response


class Neighbours:
    """Use as `with Neighbours(api, other) as url:`; each keeps its own faults, keys and journal.

    A request with a key of none of them, and no federation rule of theirs, goes to the first,
    which refuses it.
    """

    def __init__(self, *apis: AdminDouble, port: int = 0) -> None:
        self.apis = apis
        self._port = port

    def __enter__(self) -> Self:
        self._server = Server(self._port, self._answer).start()
        for api in self.apis:
            api.answer_through(self._server)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        return self._server.url

    def _answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        given = headers.get("x-api-key") or headers.get("authorization", "").partition(" ")[2]
        asked = next((api for api in self.apis if api.knows(given, body)), self.apis[0])
        return asked.answer(method, target, headers, body)
