"""An HTTP/1.1 server on loopback that keeps connections alive, and breaks them on request."""

import socket
import struct
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Self

from admin_double.faults import Transport
from admin_double.service import Response

LOOPBACK = "127.0.0.1"
ABORT = struct.pack("ii", 1, 0)
PHRASES = {code.value: code.phrase for code in HTTPStatus}
Answering = Callable[[str, str, Mapping[str, str], bytes], Response]


class Server(ThreadingHTTPServer):
    """One thread per connection; closing the server closes all connections."""

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
        """Close without a shutdown, which would turn a planned reset into a normal close."""
        assert isinstance(request, socket.socket)
        self._connections.discard(request)
        self.close_request(request)

    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Ignore clients that closed the connection; tests of timeouts do."""
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
        body = self.rfile.read(int(headers.get("content-length", 0)))
        response = self.server.answer(self.command, self.path, headers, body)
        SENDERS[response.transport](self, response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Write nothing; the journal has every request."""

    def head(self, response: Response) -> bytes:
        phrase = PHRASES.get(response.status, "Unknown")
        fields = (*response.headers, ("content-length", str(len(response.body))))
        lines = (
            f"HTTP/1.1 {response.status} {phrase}",
            *(f"{name}: {value}" for name, value in fields),
            "",
            "",
        )
        return "\r\n".join(lines).encode("latin-1")

    def whole(self, response: Response) -> None:
        self.wfile.write(self.head(response) + response.body)

    def abort(self, _: Response) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self.close_connection = True

    def cut_off(self, response: Response) -> None:
        self.wfile.write(self.head(response))
        self.abort(response)

    def truncate(self, response: Response) -> None:
        self.wfile.write(self.head(response) + response.body[: len(response.body) // 2])
        self.close_connection = True

    def hang(self, _: Response) -> None:
        self.server.closing.wait()
        self.close_connection = True


SENDERS: Mapping[Transport, Callable[[_Handler, Response], None]] = {
    Transport.WHOLE: _Handler.whole,
    Transport.RESET: _Handler.abort,
    Transport.CUT_OFF: _Handler.cut_off,
    Transport.TRUNCATED: _Handler.truncate,
    Transport.HANGING: _Handler.hang,
}
