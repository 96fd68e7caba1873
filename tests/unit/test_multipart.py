"""Objects sent in parts, on the wire: a server that is as strict about checksums as S3."""

import re
import zlib
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import botocore.config
import botocore.session
import pytest

from claude_admin_lake.errors import LakeTrouble
from claude_admin_lake.lake.s3 import S3Lake
from claude_admin_lake.lake.s3_object import PART_BYTES

CHECKSUM = "x-amz-checksum-crc32"
REFUSAL = (
    b"<Error><Code>InvalidRequest</Code><Message>The complete request must include the checksum for"
    b" each part.</Message></Error>"
)


def crc32(body: bytes) -> str:
    return b64encode(zlib.crc32(body).to_bytes(4)).decode()


class StrictS3(ThreadingHTTPServer):
    """Keeps one object. An upload that declares checksums must send and repeat them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.declared: str | None = None
        self.parts: dict[int, bytes] = {}
        self.stored: bytes | None = None
        self.wire: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StrictS3

    def do_HEAD(self) -> None:
        self._answer(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        if "uploads" in asked:
            self.server.declared = self.headers.get("x-amz-checksum-algorithm")
            self.server.wire.append(f"begin {self.server.declared}")
            self._answer(200, b"<R><UploadId>u</UploadId></R>")
            return
        given = re.findall(rb"<ChecksumCRC32>(.*?)</ChecksumCRC32>", body)
        self.server.wire.append(f"complete {b' '.join(given).decode()}")
        wanted = [crc32(part).encode() for part in self.server.parts.values()]
        if self.server.declared and sorted(given) != sorted(wanted):
            self._answer(400, REFUSAL)
            return
        self.server.stored = b"".join(part for _, part in sorted(self.server.parts.items()))
        self._answer(200, b"<R><ETag>whole</ETag></R>")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        number = int(parse_qs(urlsplit(self.path).query)["partNumber"][0])
        sent = self.headers.get(CHECKSUM)
        self.server.wire.append(f"part {sent}")
        if sent != crc32(body):
            self._answer(400, b"<Error><Code>BadDigest</Code></Error>")
            return
        self.server.parts[number] = body
        self._answer(200, b"", ETag=f"part-{number}", **{CHECKSUM: sent})

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def s3() -> Iterator[StrictS3]:
    with StrictS3() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(s3: StrictS3):
    return botocore.session.get_session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{s3.server_port}",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )


def test_an_object_in_parts_declares_its_checksums_and_repeats_them_at_the_end(s3, client):
    first, second = b"a" * PART_BYTES, b"b" * 1000
    upload = S3Lake(client, "bucket", "", "main").upload("users/organization=main/x", 1)
    upload.write(first + second)
    assert upload.publish("digest", {}).changed
    assert s3.stored == first + second
    sums = [crc32(first), crc32(second)]
    assert s3.wire == [
        "begin CRC32", *(f"part {one}" for one in sums), f"complete {' '.join(sums)}",
    ]  # fmt: skip


def test_the_server_here_refuses_what_s3_refuses(s3, client, monkeypatch):
    """So that the test above could fail."""
    monkeypatch.setattr("claude_admin_lake.lake.s3_object._PART_CHECKSUM", "Nothing")
    upload = S3Lake(client, "bucket", "", "main").upload("users/organization=main/x", 1)
    upload.write(b"a" * (PART_BYTES + 1))
    with pytest.raises(LakeTrouble, match="must include the checksum"):
        upload.publish("digest", {})
