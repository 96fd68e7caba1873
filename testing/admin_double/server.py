"""HTTP/1.1 on loopback: keeps connections alive, and breaks them on order."""

import socket
import struct
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Self

from admin_double.faults import Wire
from admin_double.service import Outcome

LOOPBACK = "127.0.0.1"
ABORT = struct.pack("ii", 1, 0)
PHRASES = {code.value: code.phrase for code in HTTPStatus}
Answering = Callable[[str, str, Mapping[str, str]], Outcome]


class Server(ThreadingHTTPServer):
    """One thread for each connection; closing it ends them all."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, answer: Answering) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.answer = answer
        self.closing = Event()
        self._connections: set[socket.socket] = set()
        self._thread = Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        for connection in list(self._connections):
            _hang_up(connection)
        self.server_close()

    def process_request(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        assert isinstance(request, socket.socket)
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close at once: a polite shutdown would turn an ordered reset into an orderly end."""
        assert isinstance(request, socket.socket)
        self._connections.discard(request)
        self.close_request(request)

    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """A client that hung up, because its patience was tested, is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._discard_body(headers)
        outcome = self.server.answer(self.command, self.path, headers)
        SENDERS[outcome.wire](self, outcome)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - names given by http.server

    def _discard_body(self, headers: Mapping[str, str]) -> None:
        self.rfile.read(int(headers.get("content-length", 0)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name given by http.server
        """Keep quiet: the journal has it all."""

    def head(self, outcome: Outcome) -> bytes:
        phrase = PHRASES.get(outcome.status, "Unknown")
        fields = (*outcome.headers, ("content-length", str(len(outcome.body))))
        lines = (
            f"HTTP/1.1 {outcome.status} {phrase}",
            *(f"{name}: {value}" for name, value in fields),
            "",
            "",
        )
        return "\r\n".join(lines).encode("latin-1")

    def whole(self, outcome: Outcome) -> None:
        self.wfile.write(self.head(outcome) + outcome.body)

    def abort(self, _: Outcome) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self.close_connection = True

    def cut_off(self, outcome: Outcome) -> None:
        self.wfile.write(self.head(outcome))
        self.abort(outcome)

    def truncate(self, outcome: Outcome) -> None:
        self.wfile.write(self.head(outcome) + outcome.body[: len(outcome.body) // 2])
        self.close_connection = True

    def hang(self, _: Outcome) -> None:
        self.server.closing.wait()
        self.close_connection = True


SENDERS: Mapping[Wire, Callable[[_Handler, Outcome], None]] = {
    Wire.WHOLE: _Handler.whole,
    Wire.RESET: _Handler.abort,
    Wire.CUT_OFF: _Handler.cut_off,
    Wire.TRUNCATED: _Handler.truncate,
    Wire.HANGING: _Handler.hang,
}
