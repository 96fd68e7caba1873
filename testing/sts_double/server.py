"""STS over HTTP on loopback, with the one call GetWebIdentityToken."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from sts_double.issuer import Issuer

ROLE = "arn:aws:iam::123456789012:role/claude-admin-lake-LoadRole"
NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[a-z0-9-]+)/sts/aws4_request, "
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), Signature=[0-9a-f]{64}"
)


class StsDouble:
    """Use as `with StsDouble() as sts:`; then `sts.url` answers.

    `refusals` are answered first: status, code and message of each. `tokens` are those given.
    """

    def __init__(
        self,
        issuer: Issuer | None = None,
        role: str = ROLE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.issuer, self.role, self.now = issuer or Issuer(), role, now
        self.requests: list[dict[str, str]] = []
        self.tokens: list[str] = []
        self.refusals: list[tuple[int, str, str]] = []

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, authorization: str, body: str) -> tuple[int, str]:
        """The status and body of the answer to a request."""
        given = {name: values[0] for name, values in parse_qs(body).items()}
        self.requests.append(given)
        if self.refusals:
            return _error(*self.refusals.pop(0))
        if not SIGNED.fullmatch(authorization):
            return _error(403, "MissingAuthenticationToken", "Request is missing its signature")
        if given.get("Action") != "GetWebIdentityToken" or given.get("Version") != "2011-06-15":
            return _error(400, "InvalidAction", f"Could not find operation {given.get('Action')}")
        seconds = int(given.get("DurationSeconds", "300"))
        algorithm, audience = given.get("SigningAlgorithm"), given.get("Audience.member.1")
        if not audience or algorithm not in ("RS256", "ES384") or not 60 <= seconds <= 3600:
            return _error(400, "ValidationError", "1 validation error detected")
        token = self.issuer.token(self.role, audience, self.now(), seconds)
        self.tokens.append(token)
        return 200, (
            f'<GetWebIdentityTokenResponse xmlns="{NAMESPACE}"><GetWebIdentityTokenResult>'
            f"<WebIdentityToken>{token}</WebIdentityToken>"
            f"<Expiration>{self.now():%Y-%m-%dT%H:%M:%SZ}</Expiration>"
            "</GetWebIdentityTokenResult></GetWebIdentityTokenResponse>"
        )


def _error(status: int, code: str, message: str) -> tuple[int, str]:
    return status, (
        f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error></ErrorResponse>"
    )


def _handler(sts: StsDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            status, text = sts.answer(self.headers.get("authorization", ""), body)
            self.send_response(status)
            self.send_header("content-type", "text/xml")
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Write nothing."""

    return Handler
