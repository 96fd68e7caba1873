"""One exchange, against a server that sends what it likes, as slowly as it likes."""

import gzip
import re
import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread

import pytest

from claude_admin_lake.clock import Deadline, SystemClock
from claude_admin_lake.errors import BadAnswer, Forbidden, OutOfTime, ServerTrouble, TooLarge
from claude_admin_lake.source.api import AdminApi, Meter
from claude_admin_lake.source.credential import CredentialSource
from claude_admin_lake.source.exchange import ERROR_BYTES, Exchange, most_bytes
from claude_admin_lake.source.pace import Pace
from claude_admin_lake.source.pages import read_page
from claude_admin_lake.source.query import Query
from claude_admin_lake.tables.paging import by_id
from tests.selection import only_in_check

MB = 1 << 20
GOOD = b'{"data":[{"id":"a"}],"has_more":false}'


class Server:
    """Answers each request with `head` and `body` at once, or a byte now and then."""

    def __init__(self) -> None:
        self.head, self.body = b"HTTP/1.1 200 OK\r\n", GOOD
        self.drips: str | None = None
        self.closing, self.ended = Event(), Event()
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        self.closing.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while b"\r\n\r\n" in connection.recv(65536):
                head = self.head + f"content-length: {len(self.body)}\r\n\r\n".encode()
                self._send(connection, head)
        self.ended.set()

    def _send(self, connection: socket.socket, head: bytes) -> None:
        if self.drips is None:
            connection.sendall(head + self.body)
            return
        dripping = head + self.body
        if self.drips == "body":
            connection.sendall(head)
            dripping = self.body
        for byte in dripping:
            connection.sendall(bytes([byte]))
            if self.closing.wait(0.02):
                return


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


def api(server: Server, seconds: float | None = None, most: int = 8 * MB) -> AdminApi:
    clock = SystemClock()
    remaining = None if seconds is None else (lambda: seconds)
    return AdminApi(
        server.url,
        CredentialSource("the key", lambda: "sk-ant-admin01-abcdef"),
        Pace(60_000, clock),
        clock,
        Deadline(clock, remaining),
        most_bytes=most,
    )


def ask(server: Server, **how):
    return api(server, **how).get(Query("/v1/x"), lambda body: read_page(by_id(1), body), Meter())


@pytest.mark.parametrize(
    ("drips", "status"),
    [
        ("body", b"200 OK"),
        pytest.param("head", b"200 OK", marks=pytest.mark.slow),
        pytest.param("body", b"500 Trouble", marks=pytest.mark.slow),
    ],
)
def test_a_dripping_answer_ends_with_the_time_left(server: Server, drips: str, status: bytes):
    """With 2.1 s left, two of which are kept for a clean end."""
    server.head, server.body = b"HTTP/1.1 " + status + b"\r\n", b" " * 500
    server.drips = drips
    with pytest.raises(OutOfTime, match="time left"):
        ask(server, seconds=2.1)


def test_a_dripping_answer_is_asked_for_again_where_there_is_time(server: Server, monkeypatch):
    monkeypatch.setattr("claude_admin_lake.source.api.ANSWER_SECONDS", 0.1)
    server.drips, server.body = "body", b" " * 500
    waits = []
    monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: waits.append(seconds))
    with pytest.raises(ServerTrouble, match="no whole answer"):
        ask(server)
    assert len(waits) == server.connections - 1 > 1


def test_after_an_abandoned_answer_the_next_has_its_own_connection(server: Server):
    exchange = Exchange()
    server.drips, server.body = "body", b" " * 500
    with pytest.raises(TimeoutError):
        exchange.request("GET", server.url, seconds=0.1, most_bytes=MB)
    server.drips, server.body = None, GOOD
    for _ in range(2):
        assert exchange.request("GET", server.url, seconds=30, most_bytes=MB).body == GOOD
    assert server.connections == 2
    assert server.ended.wait(30), "the abandoned answer is still being read"


@pytest.mark.parametrize("status", only_in_check([b"200 OK"], [b"200 OK", b"500 Trouble"]))
def test_an_exploding_answer_takes_no_more_memory_than_its_limit(server: Server, status: bytes):
    """64 kB of gzip that would be 64 MB."""
    server.body = gzip.compress(b" " * (64 * MB))
    server.head = b"HTTP/1.1 " + status + b"\r\ncontent-encoding: gzip\r\n"
    assert len(server.body) < 70_000
    tracemalloc.start()
    try:
        if status.startswith(b"200"):
            with pytest.raises(TooLarge, match="MemorySize"):
                ask(server, most=4 * MB)
        else:
            answer = Exchange().request("GET", server.url, seconds=30, most_bytes=4 * MB)
            assert len(answer.body) == ERROR_BYTES + 1
        assert tracemalloc.get_traced_memory()[1] < 12 * MB
    finally:
        tracemalloc.stop()


def test_an_answer_of_just_the_limit_is_taken(server: Server):
    assert ask(server, most=len(GOOD)).records
    with pytest.raises(TooLarge):
        ask(server, most=len(GOOD) - 1)


@pytest.mark.parametrize("value", [b"{}", b"0", b"[]"])
def test_millions_of_empty_records_are_refused_before_they_are_parsed(server: Server, value):
    server.body = b'{"data":[' + b",".join([value] * MB) + b'],"has_more":false}'
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="more than 233,016 values"):
            ask(server, most=4 * MB)
        assert tracemalloc.get_traced_memory()[1] < 12 * MB
    finally:
        tracemalloc.stop()


def test_a_refused_answer_does_not_spoil_the_next(server: Server):
    exchange = Exchange()
    with pytest.raises(TooLarge):
        exchange.request("GET", server.url, seconds=30, most_bytes=5)
    assert exchange.request("GET", server.url, seconds=30, most_bytes=MB).body == GOOD


@pytest.mark.parametrize("charset", ["idna", "punycode", "base64", "utf-7", "nonsense", "\xff"])
def test_an_error_page_may_say_anything_of_its_charset(server: Server, charset: str):
    kind = f"content-type: text/html; charset={charset}\r\n".encode("latin-1")
    server.head = b"HTTP/1.1 403 No\r\n" + kind
    server.body = "<h1>déjà \ud800</h1>".encode("utf-8", "surrogatepass")
    with pytest.raises(Forbidden, match=re.escape("<h1>déjà")):
        ask(server)


@pytest.mark.parametrize("body", [b"[" * 5000 + b"]" * 5000, b'{"data":' + b"[" * 5000])
def test_an_answer_nested_too_deeply_is_a_bad_answer(server: Server, body: bytes):
    server.body = body
    with pytest.raises((BadAnswer, ServerTrouble)):
        ask(server, seconds=20)


@pytest.mark.parametrize(("memory", "most"), [(0, 26), (256, 26), (512, 69), (3008, 485)])
def test_the_limit_follows_the_functions_memory(memory: int, most: int):
    assert most_bytes(memory) == most * MB
