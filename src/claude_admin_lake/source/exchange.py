"""One HTTP exchange, limited in time and size whatever the server sends."""

from __future__ import annotations

from concurrent.futures import Future, wait
from contextvars import copy_context
from io import BytesIO
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import requests
from msgspec import Struct

from claude_admin_lake.errors import TooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
"""The longest pause of a server."""
ANSWER_SECONDS = 300.0
"""The longest that one whole answer may take, because a server that sends a byte now and then never
pauses for long."""
ERROR_BYTES = 64 << 10
"""How much of an error's body is read."""
_PIECE = 1 << 20
_BYTES_A_VALUE = 72
"""Memory that the parser needs for each unparsed value."""
_DENSEST = 4
"""Memory that an answer's values may need, in multiples of its size limit. Real answers need three
times."""

_MEMORY_WITHOUT_ANSWERS = 96
_LEAST_MEMORY, MOST_ON_A_LAPTOP = 256, 256 << 20


def most_bytes(memory_mb: int) -> int:
    """The largest answer, decompressed, that a function of this memory can take.

    Two are in memory at once, and a record that does not match its table is copied several times.
    """
    return (max(memory_mb, _LEAST_MEMORY) - _MEMORY_WITHOUT_ANSWERS) // 6 << 20


class Answer(Struct, frozen=True):
    """What the server sent. The body of an error may be cut."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Exchange:
    """Sends requests and reads their answers, one at a time."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def request(
        self, method: str, url: str, *, seconds: float, most_bytes: int, **options: Any
    ) -> Answer:
        """The answer to a request.

        It is read in another thread, which can be abandoned: a socket's timeout starts again with
        each byte. Raises TimeoutError after `seconds`, TooLarge if the
        answer has more than `most_bytes` when decompressed, and what requests and urllib3 raise.
        """
        answer: Future[Answer] = Future()
        abandoned, session = Event(), self._session
        silence = (CONNECT_SECONDS, max(1.0, min(READ_SECONDS, seconds)))

        def work() -> None:
            try:
                response = session.request(
                    method, url, timeout=silence, allow_redirects=False, stream=True, **options
                )
                answer.set_result(_read(response, most_bytes, abandoned))
            except BaseException as error:  # noqa: BLE001 - raised where the answer is awaited
                answer.set_exception(error)

        Thread(target=copy_context().run, args=(work,), name="exchange", daemon=True).start()
        wait([answer], timeout=seconds)
        if not answer.done():
            abandoned.set()
            self._session = requests.Session()
            raise TimeoutError
        return answer.result()


def _read(response: requests.Response, most: int, abandoned: Event) -> Answer:
    """Read the whole answer. Closes the connection if the answer is not read to its end."""
    fine = response.status_code == 200
    most = most if fine else ERROR_BYTES
    with BytesIO() as body:  # closed also if an error keeps this frame alive
        while body.tell() <= most and not abandoned.is_set():
            piece = response.raw.read1(min(_PIECE, most + 1 - body.tell()), decode_content=True)
            if not piece:
                break
            body.write(piece)
        else:
            response.close()
            if fine:
                raise TooLarge(f"the answer has more than {most} bytes")
        # Unlike joined pieces, this is no second copy of the bytes.
        answer = Answer(response.status_code, response.headers, body.getvalue())
    # Millions of empty records are a small body that needs a lot of memory once it is parsed.
    most_values = _DENSEST * most // _BYTES_A_VALUE
    if fine and len(answer.body) > most_values and answer.body.count(b",") > most_values:
        raise TooLarge(f"the answer has more than {most_values:,} values")
    return answer
